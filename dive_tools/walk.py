"""The teacher that needs no model: it walks the proof of a task with the real tools and says what that gives.

Calls that need nothing of one another are made in one turn. Every argument is computed anew from the results, in
whatever order the proof has them rest on one another, and so is the answer: a task that cannot be done with its own
toolset, or whose answer is another today, shows.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from dive_tools import score
from dive_tools.errors import DiveError
from dive_tools.models.base import Ask, ModelError, Reply
from dive_tools.records import Record, canonical
from dive_tools.score import missing
from dive_tools.support import SupportError, calls, evaluate, walk
from dive_tools.tools.door import Outcome

Reach = Callable[[str, dict[str, Any]], Awaitable[Outcome]]


class Walk:
    """One record's proof, in the form of a model (models.base.Model) that is asked once a turn."""

    name, revision, inside = "plan", "", True

    def __init__(self, record: Record, shown: Mapping[str, str], reach: Reach) -> None:
        """`shown` gives the tools of the toolset the names by which they are called; `reach` calls them."""
        self.task = record["task"]
        self.shown = shown
        self._reach = reach
        evidence = record.get("evidence", [])
        needed = set(calls(self.task["support"], evidence))
        self.owed = {step["call"]: step for step in evidence if step["call"] in needed}
        self.given: dict[str, Any] = {}  # results by call
        self.asked: dict[bytes, list[str]] = {}  # calls of the proof by tool and arguments
        self.failed = ""
        self.counters: dict[str, Any] = {}

    async def open(self) -> None:
        """There is nothing to open."""

    async def close(self) -> None:
        """There is nothing to close."""

    async def reach(self, name: str, arguments: dict[str, Any]) -> Outcome:
        """Call a tool, and note what it gives whole: a message may hold less."""
        outcome = await self._reach(name, arguments)
        for call in self.asked.get(canonical([name, arguments]), ()):
            if "result" in outcome:
                self.given[call] = outcome["result"]
            else:
                self.failed = f"{call}: {outcome['error']['kind']}: {outcome['error']['message']}"
        return outcome

    async def reply(self, ask: Ask) -> Reply:
        """The calls whose arguments are known by now, all in one turn; behind the last of them, the answer."""
        if self.failed:
            raise ModelError("refused", f"the proof cannot be walked: {self.failed}")
        turn: list[dict[str, Any]] = []
        while not turn and (ready := self._ready()):
            turn = [call for call in map(self._call, ready) if call is not None]
        if turn:
            return Reply(message={"role": "assistant", "content": "", "tool_calls": turn}, finish="tool_calls")
        return Reply(message={"role": "assistant", "content": self._last()})

    def _ready(self) -> list[str]:
        """The calls that can be made now."""
        return [
            name
            for name, step in self.owed.items()
            if step["tool"] in self.shown
            and all(
                node["call"] in self.given
                for source in step["arguments_from"].values()
                for node in walk(source)
                if "call" in node
            )
        ]

    def _call(self, name: str) -> dict[str, Any] | None:
        step = self.owed.pop(name)
        tool = self.shown[step["tool"]]
        arguments = {part: self._value(source) for part, source in step["arguments_from"].items()}
        key = canonical([tool, arguments])
        self.asked.setdefault(key, []).append(name)
        if len(self.asked[key]) > 1:  # the proof makes this call twice; the toolset is asked once
            if (twin := self.asked[key][0]) in self.given:
                self.given[name] = self.given[twin]
            return None
        return {"id": f"call{len(self.asked)}", "type": "function", "function": {"name": tool, "arguments": arguments}}

    def _value(self, node: dict[str, Any]) -> Any:
        try:
            return evaluate(node, self._look)
        except SupportError as error:
            raise ModelError("refused", f"the proof cannot be walked: {error}") from None

    def _look(self, call: str) -> Any:
        if call not in self.given:
            raise SupportError(f"{call} gave no result")
        return self.given[call]

    def _last(self) -> str:
        """The final reply: the answer that the proof has now, or what the toolset lacks for it."""
        if self.task.get("scorer") == "missing":
            return f"Missing: {missing.said(self.task['missing'])}"
        if self.owed:
            lacking = ", ".join(sorted({step["tool"] for step in self.owed.values()} - self.shown.keys()))
            raise ModelError("refused", f"the proof cannot be walked: the toolset lacks {lacking or 'a way to begin'}")
        answer = {**self.task["answer"], "value": self._value(self.task["support"])}
        try:
            return f"Answer: {score.written(answer, self.task['question'])}"
        except (DiveError, TypeError, ValueError):
            said = f"{answer['value']!r:.80}, which is no {answer['type']}"
            raise ModelError("refused", f"the proof gives {said} that can be said") from None
