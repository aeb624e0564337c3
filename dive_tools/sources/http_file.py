"""HTTP APIs that a YAML or JSON file declares: some tools over one base address.

    api: Open-Meteo                     # the prefix of tool names is made from it (or `prefix`)
    base: https://api.open-meteo.com    # `${NAME}` is an environment variable, here and in constants
    attribution: Weather data by Open-Meteo.com
    licence: CC BY 4.0
    rate: 5                             # requests a second of the host, over all processes
    tools:
      - name: elevation
        description: …
        method: GET                     # the default; base, rate, … may differ from the API's
        path: /v1/elevation
        parameters:
          latitude: {type: number, minimum: -90, maximum: 90, required: true, takes: {kind: latitude, unit: degrees}}
        query: {format: json}           # constants; also headers, cookies
        select: "{elevation: elevation[0]}"   # JMESPath of the result
        refuse: "error && reason"       # JMESPath: the words of a refusal, null or false where there is none
        result: {type: object, …}       # JSON Schema of what `select` leaves
        gives: {/elevation: {kind: elevation, unit: metres}}
        examples: [{arguments: {…}, expect: {/elevation: …}, source: "published: …"}]

A parameter is a JSON Schema with `in` (path | query | header | cookie | body; default: path where the path has its
hole, else body where the tool has a `body`, else query), `wire` (its name there, or several names for the same
value), `required`, `style`, `explode` and `takes` (its meaning, as in a pool file).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dive_tools.errors import BadRecord, DiveError
from dive_tools.sources.common import library, manifest, tool_name
from dive_tools.sources.openapi_auth import no_literal_secret
from dive_tools.sources.reading import parse
from dive_tools.sources.wire import HOLE, STYLES
from dive_tools.tools.base import compiled

OBJECT: dict[str, Any] = {"type": "object"}
CONSTANTS = {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}}
TEXT = {"type": "string"}
WORDS = {"type": "string", "minLength": 1}
SHARED: dict[str, Any] = {
    "base": WORDS,
    "attribution": TEXT,
    "licence": TEXT,
    "sensitivity": {"enum": ["public", "internal", "private"]},
    "documentation": TEXT,
    "domain": WORDS,
    "headers": CONSTANTS,
    "cookies": CONSTANTS,
    "query": CONSTANTS,
    "basic": WORDS,
    "rate": {"type": "number", "exclusiveMinimum": 0},
    "limit": {"type": "number", "exclusiveMinimum": 0, "maximum": 3600},
    "size": {"type": "integer", "minimum": 1},
    "reply": {"enum": ["json", "text", "auto"]},
}
OWN: dict[str, Any] = {
    "name": WORDS,
    "description": WORDS,
    "method": {"enum": ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]},
    "path": {"type": "string", "pattern": "^/"},
    "role": {"enum": ["retrieval", "processing"]},
    "parameters": {"type": "object", "additionalProperties": OBJECT},
    "body": {"enum": ["json", "form", "multipart", "text"]},
    "repeatable": {"type": "boolean"},
    "select": WORDS,
    "refuse": WORDS,
    "result": OBJECT,
    "gives": {"type": "object", "additionalProperties": OBJECT},
    "examples": {"type": "array"},
    "distinct": {"type": "array", "items": TEXT},
}
API = {"api": WORDS, "prefix": TEXT, **SHARED, "tools": {"type": "array", "minItems": 1, "items": OBJECT}}
PLACING = {
    "in": {"enum": list(STYLES)},
    "wire": {"type": ["string", "array"], "items": TEXT, "minItems": 1},
    "required": {"type": "boolean"},
    "explode": {"type": "boolean"},
    "style": {"enum": sorted({style for styles in STYLES.values() for style in styles})},
    "takes": OBJECT,
}


def tools(
    path: str | Path,
    *,
    prefix: str | None = None,
    only: Sequence[str] = (),
    domain: str = "user",
    licence: str = "",
    sensitivity: str = "public",
    limit: float = 30.0,
    allow_private: bool = False,
) -> Iterator[dict[str, Any]]:
    """The tools of an API file as manifests; DiveError names the file, the tool and the field that is wrong.

    `only` names tools (as in the file). What the file says of domain, licence, sensitivity and limit goes before these
    options. `allow_private` lets its base, and redirects, lead to private addresses.
    """
    where = str(path)
    try:
        api = parse(Path(path).read_bytes(), where)
    except OSError as error:
        raise DiveError(f"cannot read {where}: {error.strerror}", hint="give the path of an API file") from None
    _held(api, API, ("api", "tools"), where)
    names = [tool.get("name") for tool in api["tools"]]
    for name in only:
        if name not in names:
            raise DiveError(f"{where}: no tool is named {name!r}", hint=f"there are {', '.join(map(str, names))}")
    start = api["api"] if prefix is None and "prefix" not in api else prefix if prefix is not None else api["prefix"]
    shared = {"domain": domain, "licence": licence, "sensitivity": sensitivity, "limit": limit}
    seen: set[str] = set()
    for number, own in enumerate(api["tools"], start=1):
        here = f"{where}: tool {own.get('name') or number}"
        _held(own, {**SHARED, **OWN}, ("name", "description", "path"), here)
        if only and own["name"] not in only:
            continue
        one = shared | {key: api[key] for key in SHARED if key in api} | own
        for constants in ("headers", "query", "cookies"):
            one[constants] = {**api.get(constants, {}), **own.get(constants, {})}
        made = _tool(one, tool_name(start, own["name"]), here, allow_private)
        if made["name"] in seen:
            raise DiveError(f"{here}: a second tool of that name", hint="name it otherwise")
        seen.add(made["name"])
        yield made


def _tool(one: dict[str, Any], name: str, here: str, allow_private: bool) -> dict[str, Any]:
    places, schema, takes = _parameters(one, here)
    for constants in ("headers", "query", "cookies"):
        no_literal_secret(one[constants], f"{here}: {constants}")
    _address(one, here)
    for field in ("select", "refuse"):
        _jmespath(one.get(field), f"{here}: {field}")
    result = one.get("result")
    _compiles(schema, f"{here}: parameters")
    _compiles(result or {}, f"{here}: result")
    via = {"kind": "http", "method": one.get("method", "GET"), "base": one["base"], "path": one["path"]}
    via |= {"parameters": places, **({"allow_private": True} if allow_private else {})}
    kept = ("query", "headers", "cookies", "basic", "body", "reply", "select", "refuse", "rate", "size", "repeatable")
    via |= {key: one[key] for key in kept if one.get(key)}
    more: dict[str, Any] = {key: one[key] for key in ("licence", "sensitivity", "limit")}
    more |= {key: one[key] for key in ("examples", "distinct") if key in one}
    made = manifest(
        name,
        one["description"],
        schema,
        via,
        result=result,
        domain=one["domain"],
        role=one.get("role", "retrieval"),
        takes=takes,
        gives=_gives(one.get("gives", {}), result, here),
        source=one.get("attribution", ""),
        needs=["aiohttp", "jmespath"] if "select" in via or "refuse" in via else ["aiohttp"],
        extra="http",
        hints={"method": via["method"], "documentation": one.get("documentation", "")},
        **more,
    )
    from dive_tools.tools.manifest import tool_of

    try:
        tool_of(made)
    except BadRecord as error:
        raise DiveError(f"{here}: {error.message}", hint="see docs/tools.md for the form of a manifest") from None
    return made


def _parameters(one: Mapping[str, Any], here: str) -> tuple[list[dict[str, Any]], dict[str, Any], dict[str, Any]]:
    """Where each parameter goes, the schema of them all, and what they take."""
    places, properties, required, takes = [], {}, [], {}
    holes = HOLE.findall(one["path"].replace("${", "{$"))
    for name, said in one.get("parameters", {}).items():
        field = f"{here}: parameters.{name}"
        placing = {key: said[key] for key in PLACING if key in said}
        _held(placing, PLACING, (), field)
        wires = placing.get("wire", name)
        for wire in [wires] if isinstance(wires, str) else wires:
            into = placing.get("in") or ("path" if wire in holes else "body" if "body" in one else "query")
            if (into == "path") != (wire in holes):
                raise DiveError(f"{field}: the path {one['path']} {'lacks' if into == 'path' else 'has'} {{{wire}}}")
            if placing.get("style") and placing["style"] not in STYLES[into]:
                raise DiveError(f"{field}: style must be one of {', '.join(STYLES[into])} in a {into}")
            place = {"name": wire, "in": into, **({"as": name} if wire != name else {})}
            places.append(place | {key: placing[key] for key in ("style", "explode") if key in placing})
        properties[name] = {key: value for key, value in said.items() if key not in PLACING}
        if placing.get("required") or any(place.get("as", place["name"]) == name for place in _in_path(places)):
            required.append(name)
        if "takes" in placing:
            takes[name] = placing["takes"]
    filled = {place["name"] for place in _in_path(places)}
    for hole in holes:
        if hole not in filled and not hole.startswith("$"):
            raise DiveError(f"{here}: the path names {{{hole}}}", hint=f"add it under parameters: {hole}: {{…}}")
    schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    return places, schema, takes


def _in_path(places: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The places that stand in the path."""
    return [place for place in places if place["in"] == "path"]


def _gives(gives: Mapping[str, Any], result: Any, here: str) -> dict[str, Any]:
    """The meaning of result fields, each with its shape; DiveError for a field that the result has not."""
    made = {}
    for pointer, said in gives.items():
        node = result
        for part in pointer.split("/")[1:]:
            inner = node.get("items") if part == "*" else node.get("properties", {}).get(part)
            if inner is None:
                there = ", ".join(node.get("properties", {})) or "*"
                raise DiveError(f"{here}: gives.{pointer}: the result has no {part!r}", hint=f"there is {there}")
            node = inner
        kind = (node or {}).get("type")
        shape = {"array": "list", "object": "object"}.get(kind if isinstance(kind, str) else "", "scalar")
        made[pointer] = {"shape": shape, **said}
    return made


def _held(value: Any, properties: Mapping[str, Any], required: Sequence[str], here: str) -> None:
    """Raise DiveError unless the value is an object of this form; a misspelt field is answered by the near one."""
    import jsonschema_rs

    if isinstance(value, dict):
        for key in value:
            if key not in properties:
                near = get_close_matches(str(key), properties, 1) or list(properties)
                raise DiveError(f"{here}: there is no field {key!r}", hint=f"there is {', '.join(near)}")
    form = {"type": "object", "properties": dict(properties), "required": list(required)}
    error = next(jsonschema_rs.validator_for(form).iter_errors(value), None)
    if error is not None:
        field = ".".join(str(token) for token in error.instance_path)
        raise DiveError(f"{here}: {f'{field}: ' if field else ''}{error.message}"[:400], hint="mend the file")


def _address(one: Mapping[str, Any], here: str) -> None:
    base = str(one.get("base", ""))
    parts = urlsplit(base)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise DiveError(f"{here}: base must be an http(s) address without a query, not {base.partition('?')[0]!r}")
    if "@" in parts.netloc:
        raise DiveError(f"{here}: base holds a user name", hint='write basic: "${NAME}" instead')
    if "basic" in one and not one["basic"].startswith("${"):
        raise DiveError(f"{here}: basic is written out", hint='export USER:PASSWORD, and write basic: "${NAME}"')


def _jmespath(expression: str | None, field: str) -> None:
    if expression is None:
        return
    jmespath = library("jmespath", "http")
    try:
        jmespath.compile(expression)
    except jmespath.exceptions.JMESPathError as error:
        raise DiveError(f"{field}: {' '.join(str(error).split())}"[:300], hint="see https://jmespath.org") from None


def _compiles(schema: Any, field: str) -> None:
    try:
        compiled(schema)
    except ValueError as error:
        said = " ".join(str(error).split())
        raise DiveError(f"{field}: no JSON Schema: {said}"[:400], hint="mend the schema") from None
