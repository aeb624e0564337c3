"""A tool as one line of a pool file, and back."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from dive_tools.errors import BadRecord
from dive_tools.tools.base import EFFECTS, ROLES, Example, Field, Slot, Tool
from dive_tools.values import SCALES, Says

_TEXT = {"type": "string"}
_OBJECT = {"type": "object"}
_TEXTS = {"type": "array", "items": _TEXT}
_MEANING = {"type": _TEXT, "kind": _TEXT, "unit": _TEXT}
_WORDS = {"phrases": _TEXTS, "ask": _TEXTS, "ask_count": _TEXTS, "quiet": {"type": "boolean"}} | dict.fromkeys(
    ("noun", "most", "least", "more", "less", "whether", "scope", "plural", "only"), _TEXT
)


_SILENT = Says()


def _of(properties: dict[str, Any], required: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


_CHOICES = {"type": "array", "items": _of({"value": {}, "label": _TEXT}, ("value",))}
_SLOT = _of({**_MEANING, "vignette": _TEXT, "part": _TEXT, "choices": _CHOICES, "required": {"type": "boolean"}})
_FIELD = _of(
    {**_MEANING, **_WORDS, "shape": {"enum": ["scalar", "list", "object"]}, "scale": {"enum": [*SCALES, ""]}}
    | {"additive": {"type": "boolean"}}
)
_EXAMPLE = _of(
    {"arguments": _OBJECT, "expect": _OBJECT, "source": _TEXT, "tolerance": {"type": "number"}}, ("arguments",)
)

MANIFEST: dict[str, Any] = {
    "type": "object",
    "required": ["name", "version", "description", "parameters", "via"],
    "properties": {
        "name": {"type": "string", "pattern": "^[a-zA-Z_][a-zA-Z0-9_]{0,63}$"},
        "version": {"type": "string", "minLength": 1},
        "domain": {"type": "string", "minLength": 1},
        "role": {"enum": list(ROLES)},
        "description": _TEXT,
        "parameters": _OBJECT,
        "result": _OBJECT,
        "takes": {"type": "object", "additionalProperties": _SLOT},
        "gives": {"type": "object", "additionalProperties": _FIELD},
        "examples": {"type": "array", "items": _EXAMPLE},
        "effects": {"enum": list(EFFECTS)},
        "limit": {"type": "number", "exclusiveMinimum": 0},
        "needs": _TEXTS,
        "distinct": _TEXTS,
        "via": {"type": "object", "required": ["kind"], "properties": {"kind": _TEXT}},
        "hints": _OBJECT,
        "checked": _OBJECT,
    },
}


def line(tool: Tool) -> dict[str, Any]:
    """The manifest of a tool: one JSON object, whose `tool_of` is the same tool again."""
    made = {
        "name": tool.name,
        "version": tool.version,
        "domain": tool.domain,
        "module": tool.module,
        "role": tool.role,
        "description": tool.description,
        "parameters": tool.parameters,
        "result": tool.result,
        "takes": {name: _plain(slot) for name, slot in tool.slots.items()},
        "gives": {pointer: _plain(item) for pointer, item in tool.fields.items()},
        "examples": [_plain_example(example) for example in tool.examples],
        "effects": tool.effects,
        "needs": list(tool.needs),
        "source": tool.source,
        "licence": tool.licence,
        "sensitivity": tool.sensitivity,
        "limit": tool.limit,
        "via": tool.via,
    }
    rest = {
        "extra": tool.extra,
        "distinct": list(tool.distinct),
        "converts": tool.converts,
        "hints": tool.hints,
        "checked": tool.checked,
    }
    return made | {name: value for name, value in rest.items() if value}


def tool_of(manifest: dict[str, Any], function: Callable[..., Any] | None = None) -> Tool:
    """The tool that a manifest describes; BadRecord says what is wrong with the line."""
    error = next(_validator().iter_errors(manifest), None)
    if error is not None:
        where = "/".join(str(token) for token in error.instance_path)
        raise BadRecord(f"manifest of {manifest.get('name', 'a tool')!s}: {where}: {error.message}"[:400])
    schemas = manifest["parameters"], manifest.get("result", {})
    return Tool(
        name=manifest["name"],
        description=manifest["description"],
        role=manifest.get("role", "retrieval"),
        domain=manifest.get("domain", "user"),
        version=manifest["version"],
        schemas=lambda: schemas,
        slots=_slots(manifest),
        fields={pointer: _field(pointer, item) for pointer, item in manifest.get("gives", {}).items()},
        examples=[
            Example(e["arguments"], e.get("expect", {}), e.get("source", ""), e.get("tolerance", 1e-6))
            for e in manifest.get("examples", [])
        ],
        effects=manifest.get("effects", "unknown"),
        needs=tuple(manifest.get("needs", ())),
        distinct=tuple(manifest.get("distinct", ())),
        function=function,
        module=manifest.get("module", manifest["name"]),
        **{name: manifest[name] for name in _PLAIN if name in manifest},
    )


_PLAIN = ("extra", "converts", "source", "licence", "sensitivity", "limit", "via", "hints", "checked")


@cache
def _validator() -> Any:
    import jsonschema_rs

    return jsonschema_rs.validator_for(MANIFEST)


def _slots(manifest: dict[str, Any]) -> dict[str, Slot]:
    """What the parameters take; one that `takes` does not name still counts as required where the schema says so."""
    required = manifest["parameters"].get("required", [])
    slots = {}
    for name in manifest["parameters"].get("properties", {}):
        item = manifest.get("takes", {}).get(name, {})
        try:
            choices = {choice["value"]: choice.get("label") for choice in item.get("choices", [])}
        except TypeError:
            text = f"manifest of {manifest['name']}: takes/{name}: a choice is a text, a number or a boolean"
            raise BadRecord(text) from None
        words = {key: item[key] for key in ("type", "kind", "unit", "vignette", "part") if key in item}
        slots[name] = Slot(**words, choices=choices, required=item.get("required", name in required))
    return slots


def _field(pointer: str, item: dict[str, Any]) -> Field:
    said: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in item.items() if key in _WORDS
    }
    rest = {key: value for key, value in item.items() if key not in _WORDS and key != "shape"}
    return Field(pointer, item.get("shape", "scalar"), **rest, says=Says(**said))


def _plain(item: Slot | Field) -> dict[str, Any]:
    """A slot or field without what is empty."""
    found: dict[str, Any] = {}
    for name in item.__slots__:
        value = getattr(item, name)
        if isinstance(value, Says):
            words = {word: getattr(value, word) for word in value.__slots__}
            said = {word: text for word, text in words.items() if text != getattr(_SILENT, word)}
            found.update({word: list(text) if isinstance(text, tuple) else text for word, text in said.items()})
        elif name == "choices" and value:
            found["choices"] = [{"value": key, **({"label": said} if said else {})} for key, said in value.items()]
        elif name == "required" or (value and name != "pointer"):
            found[name] = value
    return found


def _plain_example(example: Example) -> dict[str, Any]:
    made = {"arguments": example.arguments, "expect": example.expect, "source": example.source}
    return made if example.tolerance == 1e-6 else {**made, "tolerance": example.tolerance}
