"""The evidence as a deriver is shown it: every call with where its arguments came from, results cut to the room."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from dive_tools.cut import cut
from dive_tools.records import Record
from dive_tools.tools.base import Tool

FIELDS = 12  # units of a tool's results that are named
SAID = 400  # characters of a tool's description
LEAST = 200  # characters of a result that are shown however little room there is


class View:
    """The calls with a result as far as they are shown; `evidence` holds them with the cut results."""

    def __init__(self, record: Record, tools: Mapping[str, Tool], room: int) -> None:
        self.record = record
        self.tools = tools
        good = [step for step in record["evidence"] if "result" in step and step["tool"] in tools]
        rooms = shared([len(orjson.dumps(step["result"])) for step in good], room)
        self.evidence: list[dict[str, Any]] = []
        self.notes: dict[str, str] = {}
        for step, size in zip(good, rooms, strict=True):
            result, note = cut(step["result"], size)
            self.evidence.append({**step, "result": result})
            if note:
                self.notes[step["call"]] = note

    def calls(self) -> str:
        """The calls in words."""
        return "\n\n".join(self._call(step) for step in self.evidence)

    def _call(self, step: dict[str, Any]) -> str:
        lines = [f"{step['call']} {step['tool']}({_json(step['arguments'])})"]
        lines += [f"  {name} came from {_source(source)}" for name, source in step["arguments_from"].items()]
        lines.append(f"  -> {_json(step['result'])}")
        if step["call"] in self.notes:
            lines.append(f"  (cut, and only what is shown may be cited: {self.notes[step['call']]})")
        return "\n".join(lines)

    def tools_said(self) -> str:
        """What the called tools do, a line each, with the units of what they return."""
        names = dict.fromkeys(step["tool"] for step in self.evidence)
        return "\n".join(_tool(self.tools[name]) for name in names)

    def seed(self) -> str:
        seed = self.record["setup"]["seed"]
        return f"{_json(seed['value'])} ({seed['type']})"

    def exemplars(self) -> str:
        found = [f"- {exemplar['question']}" for exemplar in self.record["setup"]["exemplars"]]
        return "\n".join(found) or "(none)"


def shared(sizes: list[int], room: int) -> list[int]:
    """The room for each of several results: small ones are whole, and the large ones share what is left evenly."""
    rooms = [0] * len(sizes)
    left = room
    for count, index in enumerate(sorted(range(len(sizes)), key=sizes.__getitem__)):
        fair = left // (len(sizes) - count)
        rooms[index] = min(sizes[index], max(fair, LEAST))
        left = max(left - min(sizes[index], fair), 0)
    return rooms


def _tool(tool: Tool) -> str:
    first = " ".join(tool.description.split())
    first = first if len(first) <= SAID else f"{first[:SAID].rpartition(' ')[0]} …"
    units = [f"{item.pointer} in {item.unit}" for item in tool.fields.values() if item.unit][:FIELDS]
    return f"- {tool.name}: {first}" + (f" ({', '.join(units)})" if units else "")


def _source(source: dict[str, Any]) -> str:
    if "given" in source:
        return "the seed" if "seed" in source else "a value that the question has to state"
    if "call" in source and "quote" not in source:
        return f"{source['call']}{source.get('pointer', '')}"
    return _json(source)


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def called(record: Record, tools: Mapping[str, Tool]) -> Iterable[Tool]:
    """The tools whose results a record holds."""
    return [tools[name] for name in dict.fromkeys(s["tool"] for s in record["evidence"]) if name in tools]
