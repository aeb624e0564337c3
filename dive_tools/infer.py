"""What tools from outside leave unsaid: arguments to try, result schemas and value types, from what they answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any

from dive_tools.tools.base import Tool
from dive_tools.values import TYPES, samples

TRIES = 6  # sets of arguments made for a tool without examples
_FORMATS = {"date": ["2024-02-29", "2023-07-01"], "date-time": ["2024-02-29T12:00:00Z"]}
SHARED = ("country", "currency", "language", "timezone")
MANY = 3  # different values that a validator alone must have seen before its type is believed


# --- arguments -------------------------------------------------------------------------------------------------------


def arguments(tool: Tool, most: int = TRIES) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
    """Sets of arguments to try a tool with, and the entity type guessed for each parameter.

    Its own examples, else values of every required parameter from its schema (const, default, examples, enum,
    bounds, format) and from value types (declared, or guessed by the parameter's name). Nothing where a required
    parameter gives no hint of what it wants: made-up text would tell nothing.
    """
    if tool.examples:
        yield from ((example.arguments, {}) for example in tool.examples[:most])
        return
    required = tool.parameters.get("required", [])
    types = {name: _type_of(tool, name) for name in required}
    columns = {name: _column(tool, name, types[name]) for name in required}
    if not all(columns.values()):
        return
    seen = []
    for i in range(most):
        made = {name: values[(i * (k + 1)) % len(values)] for k, (name, values) in enumerate(columns.items())}
        if made not in seen:
            seen.append(made)
            yield made, {n: kind for n, kind in types.items() if kind and not _declared(tool, n)}


def silent(tool: Tool) -> list[str]:
    """The required parameters for which no value can be made."""
    required = tool.parameters.get("required", [])
    return [name for name in required if not _column(tool, name, _type_of(tool, name))]


def _declared(tool: Tool, name: str) -> bool:
    slot = tool.slots.get(name)
    return slot is not None and bool(slot.type or slot.kind or slot.vignette)


def _type_of(tool: Tool, name: str) -> str:
    """The entity type that a parameter takes: as declared, or where its name is that of a type with known values, which
    the values that its schema offers must be among."""
    if _declared(tool, name):
        return tool.slots[name].type
    schema = _schema(tool, name)
    if schema.get("type") != "string" or set(schema) & {"enum", "const", "format"}:
        return ""
    words = _words(name)
    offered = _values(schema)
    fits = [
        kind
        for kind in tuple(TYPES)
        if _words(kind) == words and _registry(kind) and all(value in samples(kind) for value in offered)
    ]
    return fits[0] if fits else ""


def _words(name: str) -> list[str]:
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return [word for word in re.split(r"[^a-z0-9]+", split.lower()) if word and word != "name"]


def _schema(tool: Tool, name: str) -> dict[str, Any]:
    """The schema of a parameter; one that is just `true` says nothing."""
    found = tool.parameters.get("properties", {}).get(name)
    return found if isinstance(found, dict) else {}


def _column(tool: Tool, name: str, type_: str) -> list[Any]:
    slot = tool.slots.get(name)
    if slot is not None and slot.choices:
        return list(slot.choices)
    offered = _values(_schema(tool, name))
    if offered or not type_:
        return offered
    found = samples(type_)
    return list(found[:: max(1, len(found) // TRIES)])


def _values(schema: Any) -> list[Any]:
    """Values that a schema itself offers."""
    if not isinstance(schema, dict):
        return []
    if "const" in schema:
        return [schema["const"]]
    for word in ("examples", "enum"):
        if isinstance(schema.get(word), list) and schema[word]:
            return list(schema[word])
    for word in ("example", "default"):
        if schema.get(word) is not None:
            return [schema[word]]
    kind = schema.get("type")
    kind = next((k for k in kind if k != "null"), None) if isinstance(kind, list) else kind
    if kind == "boolean":
        return [True, False]
    if kind in ("integer", "number"):
        return _numbers(schema, kind)
    if kind == "string":
        return _FORMATS.get(schema.get("format", ""), [])
    if kind == "array":
        inner = _values(schema.get("items", {}))
        return [inner[: max(1, schema.get("minItems", 1))]] if inner else []
    if kind == "object" and all(_values(schema.get("properties", {}).get(n, {})) for n in schema.get("required", [])):
        return [{n: _values(schema["properties"][n])[0] for n in schema.get("required", [])}]
    return []


def _numbers(schema: dict[str, Any], kind: str) -> list[Any]:
    step: float = 1 if kind == "integer" else 0.5
    low = schema.get("minimum", schema["exclusiveMinimum"] + step if "exclusiveMinimum" in schema else None)
    high = schema.get("maximum", schema["exclusiveMaximum"] - step if "exclusiveMaximum" in schema else None)
    low = (1 if high is None or high >= 1 else high - 1) if low is None else low
    high = low + 10 if high is None else high
    found = sorted({low, low + (high - low) / 2, high})
    return [int(value) for value in found if value == int(value)] if kind == "integer" else list(map(float, found))


# --- results ---------------------------------------------------------------------------------------------------------


def result_schema(results: Sequence[Any]) -> dict[str, Any]:
    """A JSON Schema of the results seen (by genson), loose where a few results prove little: nothing is required,
    any value may be null, a whole number may turn out to be a fraction."""
    from genson import SchemaBuilder

    builder = SchemaBuilder()
    for result in results:
        builder.add_object(result)
    made = builder.to_schema()
    made.pop("$schema", None)
    return _loose(made)  # type: ignore[no-any-return]


def _loose(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_loose(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: _loose(value) for key, value in schema.items() if key not in ("required", "type", "properties")}
    if "properties" in schema:
        made["properties"] = {name: _loose(item) for name, item in schema["properties"].items()}
    if "type" in schema:
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        made["type"] = sorted({"number" if kind == "integer" else kind for kind in kinds} | {"null"})
    return made


def fields(results: Sequence[Any]) -> dict[str, dict[str, Any]]:
    """The lists and the values of a known type in results: `gives` of a manifest."""
    values: dict[str, list[Any]] = {}
    for result in results:
        _gather(result, "", values)
    found = {}
    for pointer, seen in values.items():
        if all(isinstance(value, list) for value in seen):
            found[pointer] = {"shape": "list"}
        elif type_ := value_type(pointer.rpartition("/")[2], seen):
            found[pointer] = {"shape": "scalar", "type": type_}
    return found


def _gather(value: Any, pointer: str, into: dict[str, list[Any]]) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            _gather(item, f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}", into)
        return
    if value is not None:
        into.setdefault(pointer, []).append(value)
    if isinstance(value, list):
        for item in value:
            _gather(item, f"{pointer}/*", into)


def value_type(name: str, values: Iterable[Any]) -> str:
    """The entity type of observed values, "" where none or more than one fits.

    The type whose name the field bears fits when its registry holds every value, or when it has only a validator and
    that accepts several. Else one of the types that domains share (`tools/types.py`, dates) fits on two values or more.
    """
    seen = {value for value in values if isinstance(value, str)}
    if not seen:
        return ""
    for kind in [kind for kind in tuple(TYPES) if _words(kind) == _words(name)]:
        if seen <= _registry(kind) or (not _registry(kind) and len(seen) >= MANY and _valid(kind, seen)):
            return kind
    if len(seen) < 2:
        return ""
    fits = [kind for kind in SHARED if seen <= _registry(kind)]
    if not fits and len(seen) >= MANY and _valid("date", seen):
        return "date"
    return fits[0] if len(fits) == 1 else ""


def _valid(kind: str, values: set[str]) -> bool:
    check = TYPES[kind].valid
    try:
        return check is not None and all(check(value) for value in values)
    except (TypeError, ValueError, LookupError):
        return False


@cache
def _registry(kind: str) -> frozenset[str]:
    return frozenset(value for value in samples(kind) if isinstance(value, str))
