"""Where an argument that a model wrote came from, in the language of support.

A model does not say where it took a value; it is looked for, and only what is equal to the last digit counts. What
stands nowhere is a given. Where a value may have come from several places, the one that means the same goes first (a
country from a field that is a country), then the latest call.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from dive_tools.records import Record, canonical
from dive_tools.screens.sense import telling
from dive_tools.support import Node, SupportError, evaluate, over, walk
from dive_tools.symbolic.facts import Facts
from dive_tools.tools.base import Slot, Tool
from dive_tools.values import VIGNETTES, leaves

Step = dict[str, Any]

PARTS = 100  # an object or list of more single values is not taken apart
DEEP = 4  # nor one that lies deeper than this
WINNERS = ("only", "argmax", "argmin")
_PLAIN = Slot(required=False)


def traced(tool: Tool, arguments: Mapping[str, Any], record: Record, tools: Mapping[str, Tool]) -> dict[str, Node]:
    """For each argument of a call of `tool`, an expression over the record's evidence whose value it is, exactly."""
    return Tracer(record, tools).sources(tool, arguments)


def inferred(sources: Mapping[str, Node]) -> list[str]:
    """The arguments that were found in results, by being equal to what stands there."""
    return [name for name, source in sources.items() if any("call" in node for node in walk(source))]


class Tracer:
    """What the evidence held at one time, searched for the arguments of the calls that came next."""

    def __init__(self, record: Record, tools: Mapping[str, Tool]) -> None:
        self.seed: dict[str, Any] = record["setup"]["seed"]
        self.tools = tools
        self.evidence: list[Step] = list(record.get("evidence", []))
        self.steps = [step for step in self.evidence if "result" in step and step["tool"] in tools]
        self.look = over(self.evidence)

    @cached_property
    def facts(self) -> Facts:
        """The evidence as the explorer reads it."""
        return Facts({"setup": {"seed": self.seed}, "evidence": self.evidence}, self.tools)

    def sources(self, tool: Tool, arguments: Mapping[str, Any]) -> dict[str, Node]:
        """For each argument of a call of `tool`, where it came from."""
        schemas = tool.parameters.get("properties", {})
        return {
            name: self._source(name, value, tool.slots.get(name, _PLAIN), schemas.get(name, {}))
            for name, value in arguments.items()
        }

    def _source(self, name: str, value: Any, slot: Slot, schema: Any, depth: int = 0) -> Node:
        stated = _is_stated(value, slot, schema)
        node = self._seeded(name, value, slot, stated)
        if node is None:
            node = self._before(value, slot, stated)
        if node is None:
            node = self._cited(value, slot, stated) or self._winner(value, slot, stated)
        if node is None and not stated:
            node = self._each(value) or self._parts(value, schema, depth)
        return node if node is not None and self._gives(node, value) else _given(value, slot, stated)

    def _gives(self, node: Node, value: Any) -> bool:
        try:
            return canonical(evaluate(node, self.look)) == canonical(value)
        except SupportError:
            return False

    # --- the seed ---

    def _seeded(self, name: str, value: Any, slot: Slot, stated: bool) -> Node | None:
        kind, whole = self.seed["type"], self.seed["value"]
        if kind in VIGNETTES and isinstance(whole, dict):
            pointer = self._part(f"/{_token(slot.part if slot.vignette == kind else name)}", value, stated)
            return {"given": value, "vignette": kind, "seed": pointer} if pointer else None
        sure = slot.type == kind or (slot.required and not stated)
        if _same(value, whole) and (sure or (_telling(value) and not stated)):
            return {"given": value, "type": kind, "seed": ""}
        pointer = self._part(f"/{_token(name)}", value, stated) if isinstance(whole, dict) else None
        return {"given": value, "seed": pointer, **_typed(slot)} if pointer else None

    def _part(self, own: str, value: Any, stated: bool) -> str | None:
        """Where in the seed a value stands: at its own name, or at one place where that means something."""
        found = [pointer for pointer, part in _places(self.seed["value"]) if pointer and _same(part, value)]
        if own in found:
            return own
        return found[0] if len(found) == 1 and _telling(value) and not stated else None

    # --- results ---

    def _before(self, value: Any, slot: Slot, stated: bool) -> Node | None:
        """Where the same value came from when it was an argument before: a result that repeats it gives nothing new."""
        for step in reversed(self.evidence):
            slots = self.tools[step["tool"]].slots if step["tool"] in self.tools else {}
            for name, source in step["arguments_from"].items():
                if source.keys() & {"choice", "seed"} or source.get("op") == "item":
                    continue
                means = _meaning(slot) and _meaning(slots.get(name, _PLAIN)) == _meaning(slot)
                if _same(step["arguments"].get(name), value) and (means or (_telling(value) and not stated)):
                    return source if "given" not in source else _given(value, slot, stated)
        return None

    def _cited(self, value: Any, slot: Slot, stated: bool) -> Node | None:
        chance = None
        for step in reversed(self.steps):
            if any(_same(value, own) for own in step["arguments"].values()):
                continue
            fields = self.tools[step["tool"]].fields
            for pointer, found in _places(step["result"]):
                if not _same(found, value):
                    continue
                node = {"call": step["call"], "pointer": pointer}
                if _meaning(slot) and pointer in fields and _meaning(fields[pointer]) == _meaning(slot):
                    return node
                chance = chance or node
        return chance if _telling(value) and not stated else None

    def _winner(self, value: Any, slot: Slot, stated: bool) -> Node | None:
        """The one of a whole list, or of things looked up one by one, that what is said of them picks out."""
        if not slot.type or stated:
            return None
        found = [k for k in self.facts.flowing(slot) if k.expr.get("op") in WINNERS and _same(k.value, value)]
        return max(found, key=lambda known: int(known.call[1:])).expr if found else None

    def _each(self, value: Any) -> Node | None:
        """A list that names every item of a list of objects."""
        if not isinstance(value, list) or len(value) < 2 or not _telling(value):
            return None
        for step in reversed(self.steps):
            for pointer, found in _places(step["result"]):
                if isinstance(found, list) and len(found) == len(value) and isinstance(found[0], dict):
                    for take, names in _columns(found):
                        if _same(names, value):
                            return {"op": "each", "of": {"call": step["call"], "pointer": pointer}, "take": take}
        return None

    def _parts(self, value: Any, schema: Any, depth: int) -> Node | None:
        """An object or list part by part, when at least one part came from somewhere."""
        if not isinstance(value, dict | list) or depth >= DEEP or sum(1 for _ in leaves(value)) > PARTS:
            return None
        schema = schema if isinstance(schema, dict) else {}
        if isinstance(value, list):
            below = schema.get("items", {})
            items = [self._source("", part, _PLAIN, below, depth + 1) for part in value]
            return {"op": "list", "items": items} if any(_from_somewhere(item) for item in items) else None
        below = schema.get("properties", {})
        parts = {key: self._source(key, part, _PLAIN, below.get(key, {}), depth + 1) for key, part in value.items()}
        return {"op": "map", "parts": parts} if any(_from_somewhere(part) for part in parts.values()) else None


# --- every item of a list --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Naming:
    """A list of a result that names different things: the place of the call, the names, and the expression of them."""

    place: int
    names: list[Any]
    source: Node


def refanned(evidence: list[Step], fixed: int, tools: Mapping[str, Tool]) -> None:
    """Where every item of a list of a result was looked up with one tool, let the calls say so.

    Their arguments become items of that list, in place; what came from elsewhere stays, and so do the first `fixed`
    steps. Longer lists go first.
    """
    places = {step["call"]: place for place, step in enumerate(evidence)}
    alike = [(name, steps) for name, steps in _alike(evidence, tools) if len(steps) >= 2]
    most = max((len(steps) for _, steps in alike), default=0)
    lists = sorted(_namings(evidence, most), key=lambda found: (-len(found.names), -found.place))
    for name, steps in alike:
        slot = tools[steps[0]["tool"]].slots.get(name, _PLAIN)
        rows = {canonical(step["arguments"][name]): step for step in steps}
        for found in lists:
            whole = [rows.get(canonical(value)) for value in found.names]
            if all(whole) and (slot.type or any(telling(value) for value in found.names)):
                for index, step in enumerate(filter(None, whole)):
                    if places[step["call"]] >= max(found.place + 1, fixed):
                        _as_item(step["arguments_from"], name, found.source, index, slot)


def _as_item(sources: dict[str, Node], name: str, names: Node, index: int, slot: Slot) -> None:
    """Let an argument be an item, if it was only stated or was picked out of the same list."""
    source = sources[name]
    stated = "given" in source and not source.keys() & {"seed", "choice"}
    picked = source.get("op") in WINNERS and source.get("of") == names.get("of", names)
    if stated or picked:
        sources[name] = {"op": "item", "of": names, "index": index, **_typed(slot)}


def _alike(evidence: list[Step], tools: Mapping[str, Tool]) -> list[tuple[str, list[Step]]]:
    """Calls with a result that differ in one parameter alone, with that parameter."""
    found: dict[bytes, tuple[str, list[Step]]] = {}
    for step in evidence:
        if "result" in step and step["tool"] in tools:
            for name in step["arguments"]:
                rest = {key: value for key, value in step["arguments"].items() if key != name}
                found.setdefault(canonical([step["tool"], name, rest]), (name, []))[1].append(step)
    return list(found.values())


def _namings(evidence: list[Step], most: int) -> Iterator[_Naming]:
    """The lists of results that name two to `most` different things."""
    for place, step in enumerate(evidence):
        for pointer, found in _places(step.get("result")):
            if isinstance(found, list) and 2 <= len(found) <= most:
                cite = {"call": step["call"], "pointer": pointer}
                for take, names in _columns(found) if isinstance(found[0], dict) else [("", found)]:
                    if len({canonical(name) for name in names if not isinstance(name, dict | list)}) == len(names):
                        source = {"op": "each", "of": cite, "take": take} if take else cite
                        yield _Naming(place, names, source)


def _columns(items: list[Any]) -> Iterator[tuple[str, list[Any]]]:
    """What every object of a list says in the same place: the pointer into it, and the values."""
    rows = [dict(_places(item)) for item in items]
    for pointer in rows[0]:
        if pointer and all(pointer in row for row in rows):
            yield pointer, [row[pointer] for row in rows]


# --- values ----------------------------------------------------------------------------------------------------------


def _places(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Every part of a JSON value that can be named without a place in a list, with its pointer."""
    yield pointer, value
    if isinstance(value, dict):
        for key, part in value.items():
            if not key.isdigit():  # reads as a place in a list
                yield from _places(part, f"{pointer}/{_token(key)}")


def _token(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _same(one: Any, other: Any) -> bool:
    return bool(one == other) and canonical(one) == canonical(other)


def _telling(value: Any) -> bool:
    """Whether meeting this value twice means something; of an object or list, when a part does or there are three."""
    if not isinstance(value, dict | list):
        return telling(value)
    parts = list(leaves(value))
    return len(parts) >= 3 or any(telling(part) for part in parts)


def _meaning(item: Any) -> str:
    """What a slot takes or a field gives, as a word; empty where it is not said."""
    return str(item.type or (f"{item.kind}/{item.unit}" if item.kind else ""))


def _from_somewhere(node: Node) -> bool:
    return any("call" in inner or "seed" in inner for inner in walk(node))


def _typed(slot: Slot) -> Node:
    return {"type": slot.type} if slot.type else {}


def _given(value: Any, slot: Slot, stated: bool) -> Node:
    return {"given": value, **({"choice": True} if stated else {}), **_typed(slot)}


def _is_stated(value: Any, slot: Slot, schema: Any) -> bool:
    """Whether a single value is one that the tool itself names: a choice, one of an enumeration, the default."""
    if isinstance(value, dict | list):
        return False
    return any(_same(value, named) for named in [*slot.choices, *_named(schema)])


def _named(schema: Any) -> Iterator[Any]:
    if isinstance(schema, dict):
        yield from schema.get("enum", [])
        yield from (schema[key] for key in ("const", "default") if key in schema)
        for key in ("anyOf", "oneOf"):
            for option in schema.get(key, []):
                yield from _named(option)
