"""What is done with translated schemas: merging, dropping, and putting small definitions in their place."""

from __future__ import annotations

from functools import cache
from typing import Any

Schema = dict[str, Any]
IN_PLACE = 400  # nodes up to which a schema is written without `$defs`
DROPPED = "x-dropped"


class BadSchema(Exception):
    """A schema that cannot be read."""


def merged(one: Schema, two: Schema) -> Schema | None:
    """A schema that means both; None where it takes an `allOf` to say so."""
    made = {**two, **one}
    for word in one.keys() & two.keys():
        a, b = one[word], two[word]
        if a == b or word in ("description", "default", "examples"):
            continue
        if word == "properties":
            made[word] = {**b, **a}
            for name in a.keys() & b.keys():
                if a[name] != b[name]:
                    made[word][name] = merged(a[name], b[name]) or {"allOf": [a[name], b[name]]}
        elif word in ("required", DROPPED):
            made[word] = list(dict.fromkeys([*b, *a]))
        elif word == "enum":
            made[word] = [value for value in a if value in b]
            if not made[word]:
                return None
        else:
            return None
    if "$ref" in made and len(made) > 1:
        return None
    closed = [s for s in (one, two) if s.get("additionalProperties", True) not in (True, {}) or "allOf" in s]
    if closed and not all(s.keys() <= {"description", "type"} for s in (one, two) if s not in closed):
        return None
    return made


def nullable(made: Schema) -> Schema:
    kind = made.get("type")
    if isinstance(kind, str) and not {"oneOf", "anyOf", "allOf", "const"} & made.keys():
        enum = {"enum": [*made["enum"], None]} if "enum" in made and None not in made["enum"] else {}
        return {**made, "type": [kind, "null"], **enum}
    if not made.keys() - {"description"}:
        return made
    outer = {word: made[word] for word in ("description", DROPPED) if word in made}
    return {"anyOf": [{k: v for k, v in made.items() if k not in outer}, {"type": "null"}], **outer}


def old_bounds(made: Schema) -> None:
    """`exclusiveMinimum: true` beside a minimum, as OpenAPI 3.0 has it."""
    for word, strict in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(made.get(strict), bool) and made.pop(strict) and word in made:
            made[strict] = made.pop(word)


@cache
def compiles(pattern: str) -> bool:
    """Whether our validator can read a regular expression; one that it cannot is left out."""
    import jsonschema_rs

    try:
        jsonschema_rs.validator_for({"pattern": pattern})
    except ValueError:
        return False
    return True


def clean(made: Any) -> Any:
    """Without the notes of which properties were dropped, and without asking for those."""
    if isinstance(made, list):
        return [clean(part) for part in made]
    if not isinstance(made, dict):
        return made
    dropped = made.get(DROPPED, ()) if isinstance(made.get(DROPPED, ()), list) else ()
    found = {key: clean(part) for key, part in made.items() if key != DROPPED}
    if isinstance(made.get("required"), list) and dropped:
        found["required"] = [name for name in made["required"] if name not in dropped]
    return found


def in_place(made: Schema, named: dict[str, Schema]) -> Schema | None:
    """The schema with every reference replaced by what it names; None where that is large or endless."""
    left = IN_PLACE

    def place(node: Any, within: tuple[str, ...]) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            raise BadSchema("large")
        if isinstance(node, list):
            return [place(part, within) for part in node]
        if not isinstance(node, dict):
            return node
        ref = node.get("$ref")
        if not isinstance(ref, str) or ref.removeprefix("#/$defs/") not in named:
            return {key: place(part, within) for key, part in node.items()}
        name = ref.removeprefix("#/$defs/")
        if name in within:
            raise BadSchema("endless")
        beside = {key: part for key, part in node.items() if key != "$ref"}
        inner = place(named[name], (*within, name))
        if beside.keys() <= {"description", "default", "examples"}:
            return {**inner, **beside}
        return {"allOf": [inner], **place(beside, within)}

    try:
        found = place(made, ())
    except BadSchema:
        return None
    return found if isinstance(found, dict) else None
