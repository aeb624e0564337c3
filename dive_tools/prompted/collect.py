"""The collector as a model does it: it chooses the calls, tools answer, a program says what came from where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

import orjson

from dive_tools import agent
from dive_tools.cut import cut
from dive_tools.evidence import Step, judged
from dive_tools.models.base import Message, Model, ModelError
from dive_tools.pool import Pool
from dive_tools.prompted import may_see, noted
from dive_tools.prompted.trace import Tracer, inferred, refanned
from dive_tools.prompts import fill, mark
from dive_tools.records import Drop, Record, asked, canonical, need, round_of
from dive_tools.support import calls
from dive_tools.tools.base import Tool
from dive_tools.tools.door import Door

CALLS_A_ROUND = 6  # the paper's budget
SAMPLING = {"temperature": 0.3}  # the paper's
PROMPT = "collect"
LEAST = 300  # characters that are shown of any earlier result


class Collector:
    """Adds one round of evidence to a record, with calls that a model chose."""

    def __init__(
        self,
        pool: Pool,
        door: Door,
        model: Model,
        *,
        seed: int = 0,
        budget: int = CALLS_A_ROUND,
        sampling: Mapping[str, Any] | None = None,
        room: int = 12_000,
    ) -> None:
        self.pool = pool
        self.door = door
        self.model = model
        self.seed = seed
        self.budget = budget
        self.sampling = {**SAMPLING, **(sampling or {})}
        self.room = room

    async def __call__(self, record: Record) -> Record | Drop:
        """The record with more evidence, or a Drop: too_little, tools_failed, not_recorded, model_error.

        A dropped record is as it came, with what the model was asked: another try asks again, and a cassette answers
        what it answered before.
        """
        need(record, "id", "setup")
        need(record, *(key for key in ("evidence", "task") if key in record))
        tools = self.pool.named(record["setup"]["tools"])
        may_see(self.model, tools)
        try:
            said = await self._converse(record, tools)
        except ModelError as error:
            if error.kind != "not_recorded":
                raise
            return Drop(record, "not_recorded", error.message)
        told = asked(record, self._entry(record, said))
        if said.ending == "model_error":
            return Drop(told, "model_error", said.detail)
        before = record.get("evidence", [])
        evidence = self._evidence(record, said.steps, tools)
        if len(evidence) == len(before):
            return Drop(told, "too_little", self._idle(said))
        kept = judged({**told, "evidence": evidence}, evidence[len(before) :], self.pool.tools)
        return Drop(told, kept.reason, kept.detail) if isinstance(kept, Drop) else kept

    async def _converse(self, record: Record, tools: Mapping[str, Tool]) -> agent.Conversation:
        round_ = round_of(record)
        with self.door.attempt(f"{record['id']}:{round_}"):
            return await agent.converse(
                self.model,
                self._messages(record),
                tools,
                self.door.reach,
                budget=agent.Budget(calls=self.budget),
                record=record["id"],
                purpose=f"collect:{round_}",
                attempt=self.seed,
                sampling=self.sampling,
                last_word=False,
                countdown=True,
                room=self.room,
                done=[(step["tool"], step["arguments"]) for step in record.get("evidence", [])],
            )

    def _entry(self, record: Record, said: agent.Conversation) -> dict[str, Any]:
        """What the record says of this conversation."""
        round_, asking = round_of(record), mark(PROMPT)
        return noted(self.model, "collect", round_, asking, said.requests, said.usage, ending=said.ending)

    @staticmethod
    def _idle(said: agent.Conversation) -> str:
        """Why there is nothing new."""
        if said.steps:
            step = said.steps[0]
            return f"no call could be made: {step.tool}: {step.outcome['error']['message']}"[:300]
        return said.detail or f"the model called no tool: {said.answer or 'it said nothing'}"[:300]

    # --- what is told ---

    def _messages(self, record: Record) -> list[Message]:
        seed = record["setup"]["seed"]
        return fill(
            PROMPT,
            seed=f"{_text(seed['value'])} ({seed['type']})",
            found=self._found(record.get("evidence", [])),
            question=self._question(record.get("task"), record.get("evidence", [])),
            budget=str(self.budget),
        )

    def _found(self, evidence: list[Step]) -> str:
        if not evidence:
            return "Nothing was looked up so far."
        room = max(LEAST, self.room // len(evidence))
        return "\n".join(["These calls were made before:", *(_line(step, room) for step in evidence)])

    @staticmethod
    def _question(task: dict[str, Any] | None, evidence: list[Step]) -> str:
        if task is None:
            return "There is no question yet: open up what one could be about."
        rests = " and ".join(calls(task["support"], evidence))
        return (
            f"The question so far, which rests on {rests}:\n{task['question']}\n"
            f"Its answer: {_text(task['answer']['value'])}\n"
            "Find what a deeper question would need, one whose single answer rests on more: go on with its answer in "
            "another tool, or find what its arguments could be picked out by."
        )

    # --- what is kept ---

    def _evidence(self, record: Record, steps: list[agent.Step], tools: Mapping[str, Tool]) -> list[Step]:
        """The evidence with the calls that were made, turn after turn: a turn knows the results of those before it."""
        evidence = list(record.get("evidence", []))
        round_, before = round_of(record), len(evidence)
        for _, turn in groupby(_made(steps), key=lambda step: step.turn):
            tracer = Tracer({**record, "evidence": evidence}, tools)
            for step in turn:
                new = {"call": f"c{len(evidence) + 1}", "round": round_, "tool": step.tool, "arguments": step.arguments}
                sources = tracer.sources(tools[step.tool], step.arguments)
                evidence.append({**new, "arguments_from": sources, **step.outcome})
            refanned(evidence, before, tools)
        return [*evidence[:before], *(_marked(step) for step in evidence[before:])]


def _made(steps: Iterable[agent.Step]) -> list[agent.Step]:
    """The calls that reached their tool, or would have but for a cassette; of one that was tried again, the last."""
    kinds = [(step, step.outcome.get("error", {}).get("kind")) for step in steps]
    reached = [step for step, kind in kinds if step.made or kind == "not_recorded"]
    last = {canonical([step.tool, step.arguments]): step.call_id for step in reached}
    return [step for step in reached if last[canonical([step.tool, step.arguments])] == step.call_id]


def _marked(step: Step) -> Step:
    """The step, saying which of its arguments were found in results by being equal to what stands there."""
    found = inferred(step["arguments_from"])
    return {**step, "traced": found} if found else step


def _line(step: Step, room: int) -> str:
    call = f"{step['call']} {step['tool']}({_text(step['arguments'])})"
    if "error" in step:
        return f"{call} failed: {step['error']['message']}"[:room]
    result, note = cut(step["result"], room)
    return f"{call} -> {_text(result)}{f' [{note}]' if note else ''}"


def _text(value: Any) -> str:
    return orjson.dumps(value).decode()
