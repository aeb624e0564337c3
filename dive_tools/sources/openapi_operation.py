"""One operation of OpenAPI: its parameters and body as one schema, its answers as another."""

from __future__ import annotations

import re
from typing import Any

from dive_tools.sources.openapi_schema import Schema, Schemas
from dive_tools.sources.reading import Documents
from dive_tools.sources.wire import HOLE, STYLES

Place = dict[str, Any]
OURS = frozenset({"accept", "content-type", "authorization"})  # headers that a parameter may not describe
BODIES = (
    (re.compile(r"application/json\b|.*[/+]json\b|\*/\*", re.IGNORECASE), "json"),
    (re.compile(r"application/x-www-form-urlencoded", re.IGNORECASE), "form"),
    (re.compile(r"multipart/form-data", re.IGNORECASE), "multipart"),
    (re.compile(r"text/plain", re.IGNORECASE), "text"),
)
JSON = re.compile(r"(?:[\w.+-]+/)?(?:[\w.+-]+\+)?json\b|\*/\*|application/\*", re.IGNORECASE)
TEXT = re.compile(r"text/|application/(?:[\w.+-]+\+)?(?:xml|yaml|x-yaml|javascript|x-ndjson|sql)\b", re.IGNORECASE)


class Unmapped(Exception):
    """Why an operation cannot be a tool: a fixed word, and a sentence."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class Inputs:
    """The schema of what a tool takes, and where each argument goes; names that clash get the place behind them."""

    def __init__(self) -> None:
        self.properties: dict[str, Schema] = {}
        self.required: list[str] = []
        self.definitions: dict[str, Schema] = {}
        self.places: list[Place] = []

    def add(self, place: Place, schema: Schema, required: bool) -> None:
        wire = place["name"] or "body"
        name = plain = re.sub(r"[^A-Za-z0-9_-]+", "_", wire).strip("_")[:60] or "value"
        number = 1
        while name in self.properties:
            name = f"{plain}_{place['in']}" + (f"_{number}" if number > 1 else "")
            number += 1
        schema = {**schema}
        self.definitions.update(schema.pop("$defs", {}))
        self.properties[name] = schema
        self.places.append(place if name == place["name"] else {**place, "as": name})
        if required:
            self.required.append(name)

    def schema(self) -> Schema:
        made: Schema = {"type": "object", "properties": self.properties, "required": self.required}
        made["additionalProperties"] = False
        return {**made, "$defs": self.definitions} if self.definitions else made


def inputs(
    documents: Documents, schemas: Schemas, path: str, nodes: list[tuple[Any, str]], body: Any, base: str
) -> tuple[Inputs, dict[str, Any]]:
    """The inputs of an operation and what `via` says of its body. `nodes` are parameters with their documents."""
    made = Inputs()
    chosen: dict[tuple[str, str], tuple[Any, str]] = {}
    for node, where in nodes:
        found, there = documents.resolved(node, where)
        if not isinstance(found, dict) or found.get("in") not in STYLES or not isinstance(found.get("name"), str):
            raise Unmapped("bad_parameter", f"a parameter without name or place: {found!r:.80}")
        chosen[found["name"], found["in"]] = found, there
    holes = HOLE.findall(path)
    for (name, place), (found, there) in chosen.items():
        if place == "header" and name.lower() in OURS:
            continue
        if place == "path" and name not in holes:
            continue  # of a path item that several paths share
        _parameter(made, schemas, found, there)
    for name in holes:
        if (name, "path") not in chosen:
            raise Unmapped("bad_parameter", f"the path names {{{name}}}, which no parameter describes")
    return made, _body(documents, schemas, made, body, base)


def _parameter(made: Inputs, schemas: Schemas, found: Schema, base: str) -> None:
    place: Place = {"name": found["name"], "in": found["in"]}
    content = found.get("content")
    if isinstance(content, dict) and content:
        media, item = next(iter(content.items()))
        if not JSON.match(media):
            raise Unmapped("bad_parameter", f"the parameter {found['name']} takes {media}")
        place["style"] = "json"
        schema = schemas.alone((item or {}).get("schema", {}), base, "request")
    else:
        schema = schemas.alone(found.get("schema", {}), base, "request")
        if found.get("style"):
            if found["style"] not in STYLES[found["in"]]:
                raise Unmapped("bad_parameter", f"the parameter {found['name']} has the style {found['style']!r}")
            place["style"] = found["style"]
        if isinstance(found.get("explode"), bool):
            place["explode"] = found["explode"]
    if isinstance(found.get("description"), str) and found["description"].strip():
        schema = {**schema, "description": found["description"].strip()}
    shown = _examples(found)
    if shown:
        schema = {**schema, "examples": shown}
    made.add(place, schema, found["in"] == "path" or found.get("required") is True)


def _examples(found: Schema) -> list[Any]:
    if "example" in found:
        return [found["example"]]
    named = found.get("examples")
    items = named.values() if isinstance(named, dict) else ()
    return [item["value"] for item in items if isinstance(item, dict) and "value" in item]


def _body(documents: Documents, schemas: Schemas, made: Inputs, body: Any, base: str) -> dict[str, Any]:
    if body is None:
        return {}
    found, there = documents.resolved(body, base)
    content = found.get("content") if isinstance(found, dict) else None
    if not isinstance(content, dict) or not content:
        return {}
    media, kind = _media(content)
    item = content[media] or {}
    required = found.get("required") is True
    schema = schemas.opened(item.get("schema", {}), there, "request")
    shape = _shape(schema)
    if kind in ("form", "multipart") and shape is None:
        raise Unmapped("body_media_type", f"a body of {media} without named fields")
    if shape is None or kind == "text":
        described = {"description": found["description"]} if found.get("description") else {}
        made.add({"name": "", "in": "body"}, {**described, **schema}, required)
    else:
        encoding: dict[str, Any] = item.get("encoding") or {}
        definitions = schema.get("$defs", {})
        wanted = set(schema.get("required", ()))
        for name, part in shape.items():
            if kind == "multipart" and _binary(part):
                if name in wanted:
                    raise Unmapped("binary_body", f"the field {name} takes a file")
                continue
            how = {k: encoding[name][k] for k in ("style", "explode") if k in (encoding.get(name) or {})}
            place = {"name": name, "in": "body", **how}
            made.add(place, {**part, **({"$defs": definitions} if definitions else {})}, required and name in wanted)
    return {"body": kind} | ({"body_required": True} if required else {})


def _media(content: Schema) -> tuple[str, str]:
    for rule, kind in BODIES:
        for media in content:
            if rule.match(media):
                return media, kind
    raise Unmapped("body_media_type", f"its body takes only {', '.join(content)}")


def _shape(schema: Schema) -> Schema | None:
    """The properties of a body that is an object with these alone; None for any other."""
    others = schema.keys() & {"oneOf", "anyOf", "allOf", "not", "if", "patternProperties", "minProperties"}
    closed = schema.get("additionalProperties", False) in (True, False, {})
    plain = schema.get("type") == "object" and schema.get("properties") and closed and not others
    return schema["properties"] if plain else None


def _binary(part: Schema) -> bool:
    inner = part.get("items", part)
    binary = inner.get("format") == "binary" or "contentMediaType" in inner
    return inner.get("type") in (None, "string") and (binary or inner == {})


def result(documents: Documents, schemas: Schemas, responses: Any, base: str) -> tuple[Schema | None, str, str]:
    """The schema of a good answer (None where none is declared), how it is read, and what to accept."""
    if not isinstance(responses, dict):
        return None, "auto", ""
    good = [code for code in responses if str(code).upper() == "2XX" or re.fullmatch(r"2\d\d", str(code))]
    good = sorted(good, key=str) or [code for code in ("default",) if code in responses]
    found: list[Schema | None] = []
    texts, others, accept = [], [], ""
    for code in good:
        response, there = documents.resolved(responses[code], base)
        content = response.get("content") if isinstance(response, dict) else None
        if not isinstance(content, dict) or not content:
            found.append({"type": "null"})
            continue
        media = next((m for m in content if JSON.match(m)), None)
        if media is not None:
            accept = accept or (media if "*" not in media else "")
            schema = (content[media] or {}).get("schema")
            found.append(schemas.alone(schema, there, "response") if schema is not None else None)
        else:
            texts += [m for m in content if TEXT.match(m)]
            others += [m for m in content if not TEXT.match(m)]
    if texts and not any(s != {"type": "null"} for s in found):
        return {"type": "string"}, "text", texts[0]
    if others and not found:
        raise Unmapped("binary_result", f"it answers with {', '.join(others)}")
    if not any(s != {"type": "null"} for s in found):
        return None, "auto", ""
    return _either(found), "json", accept


def _either(found: list[Schema | None]) -> Schema | None:
    """One schema for several good answers."""
    if any(schema is None for schema in found):
        return None
    distinct = [schema for n, schema in enumerate(found) if schema is not None and schema not in found[:n]]
    if len(distinct) == 1:
        return distinct[0]
    shared: Schema = {}
    for schema in distinct:
        shared |= schema.get("$defs", {})
    choices = [{key: part for key, part in schema.items() if key != "$defs"} for schema in distinct]
    return {"anyOf": choices, **({"$defs": shared} if shared else {})}
