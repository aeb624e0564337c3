"""The verifier as models help with it: is a tool needed, can it be solved, do solvers agree on something else?

The program's checks come first. Then a model tries the question without tools, and if wanted with them; what it says
is scored by program. Only where the answer is a free text does a judge say whether the reply makes its claims; a judge
that fails leaves the try unscored, which is neither right nor wrong.

A question in a model's own words is held to its proof by programs as far as they can see; solvers are the second look,
so that tasks that a model wrote are tried with tools unless it is said otherwise.

One right try without tools shows that no tool is needed, but where a guesser has a fair chance: yes or no, or one of k
things that the question names, which is a chance of 1/k. There all tries must be right. With tools, what most solvers
who answered agree on stands against the reference first; only then is one right attempt enough.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from inspect import isawaitable
from typing import Any

from dive_tools import score
from dive_tools.agent import Budget, Conversation, converse
from dive_tools.errors import StopAll
from dive_tools.grade import is_nothing
from dive_tools.models.base import Ask, Model, ModelError, Usage
from dive_tools.pool import Pool
from dive_tools.prompted import may_see, noted
from dive_tools.prompted.judge import Judge
from dive_tools.prompts import fill, mark
from dive_tools.records import Drop, Record, asked
from dive_tools.support import calls
from dive_tools.tools.base import Tool
from dive_tools.tools.door import Door

ATTEMPTS = 2  # with tools, at a task that a model wrote, where nothing else is said
PASSED, UNSCORED, FAILED = "passed", "unscored", "failed"
AGREEMENT = 0.5  # more than this share of the solvers who answered must agree for the question to be ambiguous
SPARE = (4, 6)  # calls of an attempt: so many times those that the support rests on, and so many more
MISHAPS = ("not_recorded", "unreachable", "over_time")  # the world's failures, which say nothing against a task
SHOWN = 80  # characters of an answer in the detail of a drop


@dataclass(frozen=True)
class Cost:
    """What requests to one model cost."""

    requests: int = 0
    usage: Usage = field(default_factory=Usage)

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.requests + other.requests, self.usage + other.usage)


@dataclass(frozen=True)
class Try:
    """One try at a question: what it said, whether that is right (None: not scored), and what kept it from a score."""

    said: str | None = None
    right: bool | None = None
    spoilt: tuple[str, str] | None = None  # reason and detail: the model or the world failed, not the task
    cost: Cost = field(default_factory=Cost)
    judged: Cost = field(default_factory=Cost)


class Verifier:
    """Checks one record after another with a program, and then with a model.

    `attempts` are those with tools: as many for every task, or, where it is None, as many as a task that a model wrote
    should have, and none for the others.
    """

    def __init__(
        self,
        pool: Pool,
        door: Door,
        model: Model,
        *,
        program: Callable[[Record], Record | Drop | Awaitable[Record | Drop]],
        closed: int = 2,
        attempts: int | None = None,
        agreement: float = AGREEMENT,
        sampling: Mapping[str, Any] | None = None,
        judge: Model | None = None,
        room: int = 12_000,
    ) -> None:
        self.pool = pool
        self.door = door
        self.model = model
        self.program = program
        self.closed = closed
        self.attempts = attempts
        self.agreement = agreement
        self.sampling = sampling or {}
        self.judge = Judge(judge or model, {key: value for key, value in (sampling or {}).items() if value is None})
        self.room = room

    async def __call__(self, record: Record) -> Record | Drop:
        """The record with its verdict; or a Drop, with the program's reason or one of no_tool_needed, ambiguous,
        unanswerable, model_error, tools_failed and not_recorded."""
        checked = self.program(record)
        if isawaitable(checked):
            checked = await checked
        if isinstance(checked, Drop) or not (self.closed or self.open(record)):
            return checked
        tools = self.pool.named(record["setup"]["tools"])
        for model in (self.model, self.judge.model):
            may_see(model, tools)
        try:
            return await Review(self, record, tools).of(checked)
        except ModelError as error:  # every other kind is what became of one try
            return Drop(record, "not_recorded", error.message)

    def open(self, record: Record) -> int:
        """How many attempts with tools the record's task has."""
        if self.attempts is not None:
            return self.attempts
        task = record["task"]
        return 0 if task["by"] == "symbolic" and "original" not in task else ATTEMPTS


class Review:
    """The tries at one record's question."""

    def __init__(self, verifier: Verifier, record: Record, tools: Mapping[str, Tool]) -> None:
        self.verifier = verifier
        self.record = record
        self.tools = tools
        self.task = record["task"]
        self.answer = self.task["answer"]
        self.tries: list[Try] = []
        self.prompts: list[str] = []

    async def of(self, checked: Record) -> Record | Drop:
        """The checked record with what the tries say of it."""
        checks = dict(checked["verdict"]["checks"])
        verifier = self.verifier
        for count, prompt, attempt, name, view in (
            (verifier.closed, "closed", self._without_tools, "no_tool_needed", self._needs_a_tool),
            (verifier.open(self.record), "solve", self._with_tools, "solvable", self._can_be_solved),
        ):
            if not count:
                continue
            self.prompts.append(prompt)
            tries = await _all(attempt(k) for k in range(count))
            self.tries += tries
            scored = [one for one in tries if one.spoilt is None]
            if not scored:
                assert tries[0].spoilt is not None
                return Drop(self._told(self.record), *tries[0].spoilt)
            outcome = view(scored)
            if isinstance(outcome, tuple):
                verdict = {"checks": {**checks, outcome[0]: FAILED}}
                return Drop(self._told({**checked, "verdict": verdict}), *outcome)
            checks[name] = outcome
        return self._told({**checked, "verdict": {**checked["verdict"], "checks": checks}})

    # --- what the tries say ---

    def _needs_a_tool(self, tries: list[Try]) -> tuple[str, str] | str:
        knew = [one for one in tries if one.right]
        if score.guessable(self.answer, self.task["question"]):
            if any(one.right is False for one in tries):
                return PASSED
            if len(knew) < self.verifier.closed:
                return UNSCORED
        if knew:
            return "no_tool_needed", f"answered without tools: {_short(knew[0].said)}"
        return UNSCORED if any(one.right is None for one in tries) else PASSED

    def _can_be_solved(self, tries: list[Try]) -> tuple[str, str] | str:
        answered = [one.said for one in tries if one.said is not None]
        others = [one.said for one in tries if one.said is not None and one.right is False]
        agreed = max(([other for other in others if self._same(one, other)] for one in others), key=len, default=[])
        if len(agreed) > 1 and len(agreed) > self.verifier.agreement * len(answered):
            return "ambiguous", f"{len(agreed)} of {len(answered)} answered {_short(agreed[0])}"
        if any(one.right for one in tries):
            return PASSED
        if any(one.right is None for one in tries):
            return UNSCORED
        if not answered:
            return "unanswerable", f"none of {len(tries)} attempts came to an answer"
        return "unanswerable", f"{len(answered)} of {len(tries)} answered: {', '.join(map(_short, answered))}"[:300]

    def _same(self, one: str, other: str) -> bool:
        tolerance, unit = self.answer.get("tolerance", 0.0), self.answer.get("unit", "")
        return one == other or score.same(one, other, self.answer["type"], tolerance=tolerance, unit=unit)

    # --- the tries ---

    async def _without_tools(self, attempt: int) -> Try:
        form = score.instruction(self.answer, self.task["question"])
        messages = fill("closed", question=self.task["question"], form=form)
        sampling = _sampling({"temperature": 1.0 if attempt else 0.0}, self.verifier.sampling)
        try:
            reply = await self.verifier.model.reply(
                Ask(
                    messages=messages,
                    record=self.record["id"],
                    purpose="verify:closed",
                    attempt=attempt,
                    sampling=sampling,
                )
            )
        except ModelError as error:
            return Try(spoilt=_spoilt(error), cost=Cost(1, error.usage))
        return await self._scored(reply.text, "closed", attempt, Cost(1, reply.usage))

    async def _with_tools(self, attempt: int) -> Try:
        record, door = self.record, self.verifier.door
        form = score.instruction(self.answer, self.task["question"], tools=True)
        times, more = SPARE
        most = times * len(calls(self.task["support"], record["evidence"])) + more
        with door.attempt(f"{record['id']}:verify:{attempt}"):
            went = await converse(
                self.verifier.model,
                fill("solve", question=self.task["question"], form=form),
                self.tools,
                door.reach,
                budget=Budget(calls=most, turns=most + 2),
                record=record["id"],
                purpose="verify:open",
                attempt=attempt,
                sampling=_sampling({"temperature": 1.0}, self.verifier.sampling),
                room=self.verifier.room,
            )
        cost = Cost(went.requests, went.usage)
        if went.ending == "model_error":
            return Try(spoilt=("model_error", went.detail), cost=cost)
        made = await self._scored(went.answer, "open", attempt, cost)
        mishap = _mishap(went)
        return made if made.right or mishap is None else Try(made.said, None, mishap, cost, made.judged)

    async def _scored(self, text: str, which: str, attempt: int, cost: Cost) -> Try:
        said = score.final(text, whole=self.answer["type"] == "text")
        if said is None or is_nothing(said):
            return Try(None, False, cost=cost)
        if self.answer["type"] != "text":
            return Try(said, bool(score.agrees(said, self.answer, self.task["question"])), cost=cost)
        right, judged = await self._judged(said, f"verify:judge:{which}", attempt)
        return Try(said, right, cost=cost, judged=judged)

    async def _judged(self, said: str, purpose: str, attempt: int) -> tuple[bool | None, Cost]:
        """Whether the judge finds a text right, and what that cost."""
        if "judge" not in self.prompts:
            self.prompts.append("judge")
        found = await self.verifier.judge.judged(
            question=self.task["question"],
            answer=self.answer,
            said=said,
            record=self.record["id"],
            purpose=purpose,
            attempt=attempt,
        )
        return found.right, Cost(found.requests, found.usage)

    # --- what it cost ---

    def _told(self, record: Record) -> Record:
        """The record with an entry for the model, and another for the judge where that is another model."""
        ours = sum((one.cost for one in self.tries), Cost())
        theirs = sum((one.judged for one in self.tries), Cost())
        model, judge = self.verifier.model, self.verifier.judge.model
        if judge is model:
            return asked(record, self._entry(model, ours + theirs, self.prompts))
        record = asked(record, self._entry(model, ours, [name for name in self.prompts if name != "judge"]))
        return asked(record, self._entry(judge, theirs, ["judge"])) if theirs.requests else record

    def _entry(self, model: Model, cost: Cost, prompts: list[str]) -> dict[str, Any]:
        marks = " ".join(mark(name) for name in prompts)
        return noted(model, "verify", self.task["round"], marks, cost.requests, cost.usage)


async def _all(tries: Iterable[Awaitable[Try]]) -> list[Try]:
    """What became of all tries, in their order; where one stops the work, the others are waited for first."""
    done = await asyncio.gather(*tries, return_exceptions=True)
    faults = [one for one in done if isinstance(one, BaseException)]
    if faults:
        raise next((fault for fault in faults if isinstance(fault, StopAll)), faults[0])
    return [one for one in done if isinstance(one, Try)]


def _spoilt(error: ModelError) -> tuple[str, str]:
    """Reason and detail of a failed request; what no cassette holds is no failure of the model, and is raised on."""
    if error.kind == "not_recorded":
        raise error
    return "model_error", f"{error.kind}: {error.message}"


def _mishap(went: Conversation) -> tuple[str, str] | None:
    """What went wrong in the world while a solver was at work."""
    for step in went.steps:
        error = step.outcome.get("error", {})
        if error.get("kind") in MISHAPS:
            reason = "not_recorded" if error["kind"] == "not_recorded" else "tools_failed"
            return reason, f"{step.tool}: {error['message']}"
    return None


def _sampling(usual: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """How to sample; what is wanted as None is left to the server."""
    return {key: value for key, value in {**usual, **wanted}.items() if value is not None}


def _short(said: str | None) -> str:
    said = " ".join((said or "").split())
    return said if len(said) <= SHOWN else f"{said[:SHOWN]}…"
