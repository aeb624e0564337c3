"""Is a tool fit for the pool? Its examples are run, its words are read, its value types are tried out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dive_tools.records import digest
from dive_tools.tools.base import Example, Field, Tool
from dive_tools.tools.door import Door
from dive_tools.values import TYPES, VIGNETTES, at, samples, slots

WORDS = ("phrases", "ask", "ask_count")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with a tool: a fixed word, and a sentence."""

    tool: str
    reason: str
    detail: str


def check(tools: Mapping[str, Tool], lock: Mapping[str, Any]) -> Iterator[Finding]:
    """Every finding on every tool, in the order of the pool."""
    door = Door(tools)
    for tool in tools.values():
        yield from _words(tool)
        yield from _types(tool)
        yield from _examples(tool, door)
        yield from _locked(tool, door, lock)
        yield from _tried(tool, door)


def results_lock(tools: Mapping[str, Tool]) -> dict[str, Any]:
    """What every tool's examples return now: `{name: {version, results}}`, to be held against later."""
    door = Door(tools)
    return {name: {"version": tool.version, "results": _results(tool, door)} for name, tool in tools.items()}


def _results(tool: Tool, door: Door) -> str:
    return digest([door.call(tool.name, example.arguments) for example in tool.examples])


def changed(tools: Mapping[str, Tool], lock: Mapping[str, Any]) -> list[str]:
    """The tools whose examples return something else than recorded for this very version."""
    door = Door(tools)
    return [name for name, tool in tools.items() if any(_locked(tool, door, lock))]


def _locked(tool: Tool, door: Door, lock: Mapping[str, Any]) -> Iterator[Finding]:
    known = lock.get(tool.name)
    if known and known["version"] == tool.version and known["results"] != _results(tool, door):
        yield Finding(tool.name, "changed", f"results of the examples changed, the version is still {tool.version}")


def _examples(tool: Tool, door: Door) -> Iterator[Finding]:
    if not tool.examples:
        yield Finding(tool.name, "no_example", "needs a call with its expected result and where that comes from")
    for example in tool.examples:
        outcome = door.call(tool.name, example.arguments)
        if "error" in outcome and "error" not in example.expect:
            yield Finding(tool.name, "example_fails", f"{example.arguments}: {outcome['error']}")
        else:
            yield from _differs(tool, example, outcome)


def _differs(tool: Tool, example: Example, outcome: dict[str, Any]) -> Iterator[Finding]:
    for pointer, expected in example.expect.items():
        if pointer == "error":
            found = outcome.get("error", {}).get("kind")
        else:
            try:
                found = at(outcome.get("result"), pointer)
            except LookupError:
                found = "nothing"
        if not _close(found, expected, example.tolerance):
            yield Finding(tool.name, "example_differs", f"{example.arguments} {pointer}: {found!r}, not {expected!r}")


def _close(found: Any, expected: Any, tolerance: float) -> bool:
    if isinstance(found, bool) or isinstance(expected, bool):
        return found is expected
    if isinstance(found, int | float) and isinstance(expected, int | float):
        return math.isclose(found, expected, rel_tol=tolerance, abs_tol=1e-12)
    if isinstance(found, list) and isinstance(expected, list):
        return len(found) == len(expected) and all(map(_close, found, expected, [tolerance] * len(found)))
    return bool(found == expected)


def _words(tool: Tool) -> Iterator[Finding]:
    if len(tool.description) < 40:
        yield Finding(tool.name, "thin_description", "say what it does, in which units, from what source")
    for item in tool.fields.values():
        for template in _templates(item):
            unknown = slots(template) - _speakable(tool, item)
            if unknown:
                yield Finding(tool.name, "unknown_slot", f"{item.pointer}: {template!r} names {sorted(unknown)}")
        if item.shape == "list" and item.says.phrases and "complete" not in tool.result.get("properties", {}):
            yield Finding(tool.name, "no_complete", f"{item.pointer} is spoken of, but the result lacks `complete`")
        if item.says.ask and any(text.endswith("?") for text in item.says.ask):
            yield Finding(tool.name, "question_mark", f"{item.pointer}: the question mark is added later")


def _templates(item: Field) -> list[str]:
    return [t for words in WORDS for t in getattr(item.says, words)] + [t for t in (item.says.whether,) if t]


def _speakable(tool: Tool, item: Field) -> set[str]:
    named = set(tool.slots) | {slot.vignette for slot in tool.slots.values() if slot.vignette}
    if item.parent:
        named |= {p.rpartition("/")[2] for p in tool.fields if p.startswith(item.parent + "/*/")}
    return named


def _types(tool: Tool) -> Iterator[Finding]:
    for name, slot in tool.slots.items():
        if slot.type and slot.type not in TYPES:
            yield Finding(tool.name, "unknown_type", f"parameter {name}: no entity type {slot.type}")
        if slot.vignette and slot.part not in _parts(slot.vignette):
            yield Finding(tool.name, "unknown_type", f"parameter {name}: no part {slot.part} in {slot.vignette}")
        if slot.required and not (slot.type or slot.kind or slot.vignette or slot.choices):
            yield Finding(tool.name, "meaningless", f"parameter {name} has no value type, kind, part or choices")
    for item in tool.fields.values():
        if item.type and item.type not in TYPES:
            yield Finding(tool.name, "unknown_type", f"field {item.pointer}: no entity type {item.type}")


def _parts(name: str) -> Iterable[str]:
    found = samples(name) if name in VIGNETTES else ()
    return {key for value in found for key in value}


def _tried(tool: Tool, door: Door) -> Iterator[Finding]:
    """Sample values of its first entity type, or whole vignettes, mostly give a result."""
    tries = list(_tries(tool))
    outcomes = [door.call(tool.name, arguments) for arguments in tries]
    bad = [(a, o["error"]) for a, o in zip(tries, outcomes, strict=True) if "error" in o]
    for arguments, error in bad:
        if error["kind"] in ("crashed", "bad_result", "over_time"):
            yield Finding(tool.name, error["kind"], f"{arguments}: {error['message']}")
            return
    if len(bad) * 2 > len(tries):
        yield Finding(tool.name, "mostly_refuses", f"{bad[0][0]}: {bad[0][1]['message']}")


def _tries(tool: Tool, most: int = 24) -> Iterator[dict[str, Any]]:
    """Arguments made from samples and choices; none where a parameter has neither."""
    required = {name: slot for name, slot in tool.slots.items() if slot.required}
    columns = {name: _column(slot) for name, slot in required.items()}
    if not columns or not all(columns.values()):
        return
    for i in range(most):
        strides = {name: 1 if required[name].vignette else k + 1 for k, name in enumerate(columns)}
        yield {name: values[(i * strides[name]) % len(values)] for name, values in columns.items()}


def _column(slot: Any) -> list[Any]:
    """Values of a parameter; the columns of one vignette are of one length, a whole object in each row."""
    if slot.vignette:
        whole = samples(slot.vignette)
        return [value[slot.part] for value in whole] if all(slot.part in value for value in whole) else []
    spread = samples(slot.type) if slot.type else ()
    return list(spread[:: max(1, len(spread) // 24)]) or list(slot.choices)
