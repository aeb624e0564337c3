"""dive-eval: attempts of a model, or of the teacher that needs none, at tasks with their own toolsets; each scored.

A task that cannot be attempted, and an attempt that fails, is a line with `error` and no score: nothing is dropped.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dive_tools import rollout
from dive_tools.agent import Budget, Conversation, converse
from dive_tools.clothes import KINDS, Dressed, clothes_for, dressed, runs_code
from dive_tools.errors import BadRecord, StopAll
from dive_tools.grade import Grade, form, grade, sound
from dive_tools.models.base import Message, Model, ModelError
from dive_tools.pool import Pool
from dive_tools.prompted import may_see
from dive_tools.prompted.judge import Judge
from dive_tools.prompts import fill, mark
from dive_tools.records import Record, need, task_id
from dive_tools.reward import lucky, mishap
from dive_tools.support import SupportError, check
from dive_tools.tools.base import Tool
from dive_tools.tools.door import Door
from dive_tools.walk import Walk

PLAN = "plan"  # the name of the teacher that walks the proof
SAMPLING = {"temperature": 1.0, "top_p": 1.0}  # as the paper evaluates
CALLS, TURNS = 30, 32  # of an attempt
ROOM = 12_000  # characters of JSON that a result may take


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How tasks are attempted."""

    attempts: int = 1
    until: int | None = None  # stop once so many attempts were right
    budget: Budget = field(default_factory=lambda: Budget(calls=CALLS, turns=TURNS))
    sampling: Mapping[str, Any] = field(default_factory=dict)
    perturb: Sequence[str] = ()
    seed: int = 0
    tag: str = ""  # the model's part of the ids; found out of its name where it is empty
    full: bool = False  # keep the evidence in every line
    schemas: bool = False  # add the tools that an attempt was given to its line
    room: int = ROOM


class Evaluator:
    """Attempts one task after another, many at once."""

    def __init__(
        self, pool: Pool, door: Door, model: Model | None, settings: Settings, *, judge: Judge | None = None
    ) -> None:
        """Without a model, the proof of each task is walked."""
        self.pool = pool
        self.door = door
        self.model = model
        self.settings = settings
        self.judge = judge
        self.counters: Counter[str] = Counter()
        self.name = model.name if model is not None else PLAN
        self.tag = settings.tag or tag_of(self.name, settings.perturb)

    async def __call__(self, record: Record) -> list[Record]:
        """The attempts at a task, in their order; BadRecord where it is no task."""
        attemptable(record)
        if self.model is None and "evidence" not in record:
            raise BadRecord('lacks "evidence"', hint="--model plan walks the calls of a task's proof")
        settings = self.settings
        try:
            tools = self.pool.named(record["setup"]["tools"])
            clothes = clothes_for(record, settings.perturb, settings.seed, self.pool) if settings.perturb else None
            trial = Trial(self, record, dressed(tools, clothes, self.pool), clothes)
        except BadRecord as fault:
            shown: Mapping[str, Tool] = {}
            made = [self._not_run(record, attempt, fault) for attempt in range(settings.attempts)]
        else:
            shown = trial.dress.tools
            self.door.permit(trial.dress.real.values())
            if self.model is not None:
                may_see(self.model, shown)
            if self.judge is not None and record["task"]["answer"]["type"] == "text":
                may_see(self.judge.model, shown)
            made = await self._attempts(trial)
        for run in made:
            self.counters.update(_counted(run["run"]))
        if settings.schemas:
            told = schemas(shown)
            made = [{**run, "tools": told} for run in made]
        return made

    async def _attempts(self, trial: Trial) -> list[Record]:
        count, until = self.settings.attempts, self.settings.until
        if until is None:
            return await _all([trial.attempt(number) for number in range(count)])
        made: list[Record] = []
        while len(made) < count and sum(run["run"]["score"] == 1 for run in made) < until:
            made.append(await trial.attempt(len(made)))
        return made

    def _not_run(self, record: Record, attempt: int, fault: BadRecord) -> Record:
        said = f"{fault.message} ({fault.hint})" if fault.hint else fault.message
        none: dict[str, Any] = {"ending": "not_run", "detail": said, "outcome": "unscored", "score": None}
        none |= {"error": f"not_run: {said}", "calls": rollout.counts([]), "rests": rollout.rests(record)}
        if self.settings.perturb:
            none["clothes"] = {"kinds": [*self.settings.perturb], "seed": self.settings.seed}
        return self.line(record, attempt, none, [])

    def line(self, record: Record, attempt: int, said: Mapping[str, Any], messages: list[dict[str, Any]]) -> Record:
        """The line of an attempt."""
        settings = self.settings
        usage = {"requests": 0, "tokens_in": 0, "tokens_out": 0, "cached": 0, "seconds": 0.0}
        run = {
            "attempt": attempt,
            "model": self.name,
            "revision": self.model.revision if self.model is not None else "",
            "prompt": mark("attempt"),
            **({"sampling": sampled(settings.sampling)} if self.model is not None else {}),
            "budget": allowed(settings.budget),
            "messages": messages,
            "usage": usage,
            **said,
            **({"until": settings.until} if settings.until is not None else {}),
        }
        kept = record if settings.full else {key: value for key, value in record.items() if key != "evidence"}
        return {**kept, "id": f"{record['id']}.{self.tag}.{attempt}", "run": run}


@dataclass(frozen=True)
class Trial:
    """A task with the toolset that its attempts are given."""

    evaluator: Evaluator
    record: Record
    dress: Dressed
    clothes: dict[str, Any] | None

    async def attempt(self, number: int) -> Record:
        """The line of one attempt."""
        return await self.line(number, await self.talk(number))

    async def talk(self, number: int) -> Conversation:
        """One attempt, not yet scored."""
        evaluator, record = self.evaluator, self.record
        settings = evaluator.settings
        model: Model | Walk = evaluator.model if evaluator.model is not None else self._walk()
        messages = opening(record["task"])
        try:
            with evaluator.door.attempt(f"{record['id']}:eval:{number}"):
                talk = await converse(
                    model,
                    messages,
                    self.dress.tools,
                    model.reach if isinstance(model, Walk) else self._reach,
                    budget=settings.budget,
                    record=record["id"],
                    purpose=self._purpose(),
                    attempt=number,
                    sampling=sampled(settings.sampling),
                    room=settings.room,
                )
        except ModelError as error:  # what no cassette holds: every other kind is an ending
            talk = Conversation([*messages], ending="model_error", detail=f"{error.kind}: {error.message}")
        if talk.ending == "model_error" and talk.detail.startswith("too_long") and talk.requests > 1:
            talk.ending, talk.detail = "budget", f"tokens: the conversation outgrew the context ({talk.detail})"
        return talk

    def _purpose(self) -> str:
        """What replies are recorded under: in other clothes they are others, whatever the clothes came to."""
        if self.clothes is None:
            return "eval"
        return f"eval:{','.join(self.clothes['kinds'])}:{self.clothes['seed']}"

    def _walk(self) -> Walk:
        return Walk(self.record, {name: shown for shown, name in self.dress.real.items()}, self._reach)

    async def _reach(self, shown: str, arguments: dict[str, Any]) -> Any:
        name = self.dress.real[shown]
        outcome = await self.evaluator.door.reach(name, arguments)
        if name == shown or "error" not in outcome:
            return outcome
        error = outcome["error"]
        return {"error": {**error, "message": error["message"].replace(name, shown)}}

    async def line(self, number: int, talk: Conversation) -> Record:
        """The line of an attempt, scored."""
        steps = rollout.steps(talk.messages)
        proof = rollout.rests(self.record, {name: shown for shown, name in self.dress.real.items()})
        said: dict[str, Any] = {"ending": talk.ending}
        if talk.detail:
            said["detail"] = talk.detail
        said |= await self._scored(number, talk, steps, proof)
        said |= {
            "calls": rollout.counts(steps),
            "usage": {
                "requests": talk.requests,
                "tokens_in": talk.usage.tokens_in,
                "tokens_out": talk.usage.tokens_out,
                "cached": talk.usage.cached,
                "seconds": round(talk.seconds, 3),
            },
            "rests": proof,
            **({"clothes": self.clothes} if self.clothes is not None else {}),
        }
        return self.evaluator.line(self.record, number, said, talk.messages)

    async def _scored(
        self, number: int, talk: Conversation, steps: list[rollout.Step], proof: dict[str, Any]
    ) -> dict[str, Any]:
        if talk.ending == "model_error":
            return {"outcome": "unscored", "score": None, "error": f"model_error: {talk.detail}"}
        made = grade(self.record["task"], talk.answer) if talk.ending == "answered" else Grade("no_answer", 0.0)
        if error := mishap(talk.steps, self._runs_code):
            return {**graded(made), "outcome": "unscored", "score": None, "error": error}
        said = await judged(self.evaluator.judge, self.record, number, made)
        return said | luck(self.record, said, proof, steps)

    def _runs_code(self, shown: str) -> bool:
        return runs_code(self.dress.tools[shown])


def opening(task: Mapping[str, Any]) -> list[Message]:
    """The messages that an attempt at a task begins with."""
    return fill("attempt", question=task["question"], form=form(task["answer"], task["question"]))


def schemas(tools: Mapping[str, Tool]) -> list[dict[str, Any]]:
    """The tools as a model is told of them, as OpenAI has it (type, function: name, description, parameters)."""
    return [tool.schema() for tool in tools.values()]


def allowed(budget: Budget) -> dict[str, Any]:
    """What an attempt may spend, as its line says it."""
    return {name: most for name, most in vars(budget).items() if most is not None}


def sampled(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """How replies are drawn: as the paper evaluates, but for what is wanted otherwise."""
    return {**SAMPLING, **wanted}


def graded(made: Grade) -> dict[str, Any]:
    """The grade as an attempt's line has it."""
    told: dict[str, Any] = {"outcome": made.outcome, "score": made.score}
    if made.said is not None:
        told["answer"] = made.said
    if made.parts is not None:
        told["parts"] = round(made.parts, 4)
    return told


async def judged(judge: Judge | None, record: Record, attempt: int, made: Grade) -> dict[str, Any]:
    """The grade; where a program cannot score, the judge's, if there is one. One that fails leaves it unscored."""
    told = graded(made)
    if made.outcome != "unscored" or judge is None:
        return told
    assert made.said is not None
    task = record["task"]
    try:
        found = await judge.judged(
            question=task["question"],
            answer=task["answer"],
            said=made.said,
            record=record["id"],
            purpose="eval:judge",
            attempt=attempt,
        )
    except ModelError as error:  # what no cassette holds
        return {**told, "error": f"unjudged: {error.kind}: {error.message}"}
    by = {"model": judge.model.name, "revision": judge.model.revision, "prompt": judge.mark}
    if found.right is None:
        return {**told, "judged": by, "error": f"unjudged: {found.detail}"}
    return {**told, "outcome": "right" if found.right else "wrong", "score": float(found.right), "judged": by}


def luck(
    record: Record, said: Mapping[str, Any], proof: Mapping[str, Any], steps: Sequence[rollout.Step]
) -> dict[str, Any]:
    """Whether a right answer is one by luck: neither it nor what its proof cites stands in the attempt's results."""
    by_luck = said["score"] == 1 and lucky(record["task"], proof, steps)
    return {"lucky": True} if by_luck else {}


def tag_of(name: str, perturb: Sequence[str] = ()) -> str:
    """A model's name as a part of ids: letters, digits, _ and -, without the path to it; then the clothes."""
    kind, colon, rest = name.partition(":")
    last = (rest if colon else kind).rstrip("/").rpartition("/")[2]
    tag = re.sub(r"[^A-Za-z0-9_-]+", "-", last).strip("-") or "model"
    return "-".join([tag, *(["perturbed"] if [*perturb] == [*KINDS] else perturb)])


def _counted(run: Mapping[str, Any]) -> dict[str, int]:
    """What the closing line counts of an attempt."""
    told = {"attempts": 1, run["outcome"]: 1}
    if "error" in run:
        told["errors"] = 1
    if "lucky" in run:
        told["lucky"] = 1
    return told


async def _all(attempts: Sequence[Any]) -> list[Record]:
    """What became of all attempts, in their order.

    A fault stops the others, which would be asked for nothing; only where it is patient they are waited for, so that
    what they asked is recorded.
    """
    tasks = [asyncio.ensure_future(attempt) for attempt in attempts]
    try:
        done, others = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        fault = next((fault for task in tasks if task in done and (fault := task.exception()) is not None), None)
        if fault is None:
            return [task.result() for task in tasks]
        if others and isinstance(fault, StopAll) and fault.patient:
            await asyncio.wait(others)
        raise fault
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def attemptable(record: Record) -> None:
    """Raise BadRecord for what is no task, or one that nobody could be right at."""
    need(record, "id", "setup", "task", *(key for key in ("evidence", "frontier") if key in record))
    if "run" in record:
        raise BadRecord("is an attempt, not a task", hint="dive-verify --frontier makes tasks of attempts")
    sound(record["task"])
    try:
        if support := record["task"]["support"]:  # {}: a task from elsewhere, without a proof
            check(support)
    except SupportError as error:
        raise BadRecord(f'"task"/support: {error}') from None


# --- again ------------------------------------------------------------------------------------------------------------


class Rescorer:
    """Scores stored attempts again, without asking the model that made them."""

    def __init__(self, pool: Pool | None = None, judge: Judge | None = None) -> None:
        """A judge wants the pool, which says whether it may see what is judged."""
        self.pool = pool
        self.judge = judge
        self.counters: Counter[str] = Counter()

    async def __call__(self, record: Record) -> Record:
        """The attempt with its score as today's scorer has it; one that failed stays as it is."""
        need(record, "id", "setup", "task", "run")
        sound(record["task"])
        run = record["run"]
        if self.judge is not None and self.pool is not None and record["task"]["answer"]["type"] == "text":
            may_see(self.judge.model, self.pool.named(record["setup"]["tools"]))
        if "error" not in run or run["error"].startswith("unjudged"):
            run = await self._scored(record, run)
        self.counters.update({**_counted(run), "changed": int(run["score"] != record["run"]["score"])})
        return {**record, "run": run}

    async def _scored(self, record: Record, run: dict[str, Any]) -> dict[str, Any]:
        steps = rollout.steps(run["messages"])
        last = run["messages"][-1] if run["messages"] else {}
        text = str(last.get("content") or "").strip() if last.get("role") == "assistant" else ""
        made = grade(record["task"], text) if run["ending"] == "answered" else Grade("no_answer", 0.0)
        original = {**record, "id": task_id(record)}
        if made.outcome == "unscored" and self.judge is None and "judged" in run and run.get("answer") == made.said:
            return run  # what a judge said of this answer stands
        said = await judged(self.judge, original, run["attempt"], made)
        said |= luck(record, said, run["rests"], steps)
        made_of = [
            said if key == "outcome" else {key: run[key]} for key in run if key == "outcome" or key not in _SCORES
        ]
        return {key: value for part in made_of for key, value in part.items()}


_SCORES = ("score", "answer", "parts", "judged", "lucky", "error")
