"""Arguments as they go over the wire: the parameter styles of OpenAPI (RFC 6570), and bodies.

A placed parameter is {"name", "in": "path" | "query" | "header" | "cookie" | "body", "as"?: its name in the tool's
schema, "style"?, "explode"?}. In a body the name "" means that the argument is the whole body.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, unquote, urlencode

from dive_tools.tools.base import Refusal

Place = Mapping[str, Any]
Pairs = list[tuple[str, str]]
STYLES = {
    "path": ("simple", "label", "matrix", "json"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject", "json"),
    "header": ("simple", "json"),
    "cookie": ("form", "json"),
    "body": ("form", "spaceDelimited", "pipeDelimited", "deepObject", "json"),
}
HOLE = re.compile(r"\{([^{}]+)\}")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def given(places: Iterable[Place], arguments: Mapping[str, Any], where: str) -> Iterator[tuple[Place, Any]]:
    """The parameters of one place that were given, with their values; null is not given (but in a body)."""
    for place in places:
        name = place.get("as", place["name"])
        if place["in"] == where and name in arguments and (where == "body" or arguments[name] is not None):
            yield place, arguments[name]


def path(template: str, places: Iterable[Place], arguments: Mapping[str, Any]) -> str:
    """The path with its holes filled; a Refusal where a value would lead to another path."""
    values = {place["name"]: _in_path(place, value) for place, value in given(places, arguments, "path")}

    def fill(match: re.Match[str]) -> str:
        if not values.get(match[1]):
            raise Refusal(f"{match[1]} must not be empty")
        return values[match[1]]

    made = HOLE.sub(fill, template)
    if made and not made.startswith("/"):
        made = f"/{made}"  # "@elsewhere.org" behind a base address would lead to another host
    if any(unquote(segment) in (".", "..") for segment in made.split("/")):
        raise Refusal("an argument of the path must not be '.' or '..'")
    return made


def query(places: Iterable[Place], arguments: Mapping[str, Any], constants: Mapping[str, str]) -> str:
    """The query string without its question mark."""
    pairs = [*constants.items()]
    for place, value in given(places, arguments, "query"):
        pairs += _pairs(place["name"], value, place.get("style", "form"), place.get("explode"))
    return urlencode(pairs, quote_via=quote)


def headers(places: Iterable[Place], arguments: Mapping[str, Any], constants: Mapping[str, str]) -> dict[str, str]:
    """Headers; a Refusal for a value that would end its line."""
    found = dict(constants)
    for place, value in given(places, arguments, "header"):
        found[place["name"]] = _simple(value, place)
    for name, text in found.items():
        if CONTROL.search(text):
            raise Refusal(f"the header {name} must not hold control characters")
    return found


def cookies(places: Iterable[Place], arguments: Mapping[str, Any], constants: Mapping[str, str]) -> str:
    """The value of a Cookie header, "" for none."""
    pairs = [*constants.items()]
    for place, value in given(places, arguments, "cookie"):
        pairs += _pairs(place["name"], value, place.get("style", "form"), place.get("explode", False))
    return "; ".join(f"{name}={quote(text, safe='')}" for name, text in pairs)


def body(kind: str, places: Iterable[Place], arguments: Mapping[str, Any], required: bool) -> tuple[bytes, str] | None:
    """The body and its media type; None when there is nothing to send. `kind` is json, form, multipart or text."""
    import orjson

    parts = list(given(places, arguments, "body"))
    if not parts and not required:
        return None
    whole = next((value for place, value in parts if place["name"] == ""), None)
    value = whole if any(place["name"] == "" for place, _ in parts) else {p["name"]: v for p, v in parts}
    if kind == "json":
        return orjson.dumps(value), "application/json"
    if kind == "text":
        return plain(value).encode(), "text/plain; charset=utf-8"
    styles = {place["name"]: place for place, _ in parts}
    pairs: Pairs = []
    for name, item in value.items() if isinstance(value, dict) else ():
        place = styles.get(name, {})
        pairs += _pairs(name, item, place.get("style", "form"), place.get("explode"))
    return _multipart(pairs) if kind == "multipart" else (_urlencoded(pairs), "application/x-www-form-urlencoded")


def plain(value: Any) -> str:
    """A value as text: true, 5 and not 5.0, text as it is, anything nested as JSON."""
    import orjson

    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return orjson.dumps(value).decode()


def _urlencoded(pairs: Pairs) -> bytes:
    return urlencode(pairs).encode()


def _multipart(pairs: Pairs) -> tuple[bytes, str]:
    from dive_tools.records import digest

    line = f"dive-{digest(pairs)}"  # the same fields, the same body
    blocks = [
        f'--{line}\r\nContent-Disposition: form-data; name="{_field(name)}"\r\n\r\n{text}\r\n' for name, text in pairs
    ]
    return ("".join(blocks) + f"--{line}--\r\n").encode(), f"multipart/form-data; boundary={line}"


def _field(name: str) -> str:
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _pairs(name: str, value: Any, style: str, explode: bool | None) -> Pairs:
    """The names and texts that a value becomes in a query or form."""
    if style == "json":
        return [(name, quoted(value))]
    if style == "deepObject":
        return list(_deep(name, value))
    explode = style == "form" if explode is None else explode
    if isinstance(value, dict):
        if explode:
            return [(key, plain(item)) for key, item in value.items() if item is not None]
        return [(name, ",".join(f"{key},{plain(item)}" for key, item in value.items()))]
    if isinstance(value, list):
        if explode:
            return [(name, plain(item)) for item in value]
        mark = {"spaceDelimited": " ", "pipeDelimited": "|"}.get(style, ",")
        return [(name, mark.join(plain(item) for item in value))]
    return [(name, plain(value))]


def quoted(value: Any) -> str:
    """The value as JSON."""
    import orjson

    return orjson.dumps(value).decode()


def _deep(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _deep(f"{name}[{key}]", item)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _deep(f"{name}[{number}]", item)
    elif value is not None:
        yield name, plain(value)


def _simple(value: Any, place: Place) -> str:
    if place.get("style") == "json":
        return quoted(value)
    if isinstance(value, dict):
        mark = "=" if place.get("explode") else ","
        return ",".join(f"{key}{mark}{plain(item)}" for key, item in value.items())
    return ",".join(map(plain, value)) if isinstance(value, list) else plain(value)


def _in_path(place: Place, value: Any) -> str:
    """A value within a path, percent-encoded but for the marks of its style."""
    style, explode, name = place.get("style", "simple"), place.get("explode", False), place["name"]

    def safe(item: Any) -> str:
        return quote(plain(item), safe="")

    if style == "json":
        return quote(quoted(value), safe="")
    if isinstance(value, dict):
        items = [f"{safe(k)}={safe(v)}" if explode else f"{safe(k)},{safe(v)}" for k, v in value.items()]
        named = explode
    else:
        items = [safe(item) for item in value] if isinstance(value, list) else [safe(value)]
        named = False
    if style == "label":
        return "." + ("." if explode else ",").join(items)
    if style == "matrix":
        if explode:
            return "".join(f";{item}" if named else f";{name}={item}" for item in items)
        return f";{name}=" + ",".join(items)
    return ",".join(items)
