"""Tasks as an environment to train in: an attempt at a task as a whole, or call by call, and what it is worth.

    env = Environment.load("env")                        async                              without an event loop
    episode = env.reset(task_id)                         env.reset(task_id)                 env.reset(task_id)
    episode.messages, episode.tools                      what the model is asked, and with which tools
    content = await episode.call(name, arguments)        a tool message                     episode.call_now(…)
    episode.score(reply)                                 the reward of its final answer
    rollout = await env.run(task_id, model)              all of it, through dive_tools.agent

Both ways go through `agent.Course`, which tells the same of repeated calls, unknown tools, malformed arguments and
spent budgets as dive-eval does, and both are worth the same. Rewards are by programs alone.
"""

from __future__ import annotations

import asyncio
import contextvars
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from dive_tools import pool as pools
from dive_tools import rollout
from dive_tools.agent import Budget, Conversation, Course
from dive_tools.clothes import Dressed, runs_code
from dive_tools.errors import BadRecord, DiveError
from dive_tools.evaluate import CALLS, ROOM, TURNS, Evaluator, Settings, Trial, allowed, attemptable, opening
from dive_tools.models.base import Message, Model, Reply
from dive_tools.pool import Pool
from dive_tools.prompted import may_see
from dive_tools.prompts import mark
from dive_tools.records import Record
from dive_tools.reward import ALPHA, LUCK, Reward, reward
from dive_tools.samples import lines
from dive_tools.tools.base import Tool
from dive_tools.tools.door import Door

BUDGET = Budget(calls=CALLS, turns=TURNS)  # of an attempt, as dive-eval has it
FACTS, TASKS, POOL, TAPE = "env.json", "tasks.jsonl", "pool.jsonl", "cassette.sqlite"  # of an exported environment
FORM = 1  # of its folder


@dataclass(frozen=True)
class Rollout:
    """A whole attempt: its task's record, the conversation, what it is worth, and its line."""

    record: Record
    talk: Conversation
    reward: Reward
    _line: Record

    def line(self) -> Record:
        """The attempt as dive-eval writes it, with its `reward` in the run."""
        return self._line


class Environment:
    """Tasks with their tools, attempted as often as is wanted; attempts do not touch one another."""

    def __init__(
        self,
        tasks: Iterable[Record],
        pool: Pool,
        door: Door,
        *,
        alpha: float = ALPHA,
        budget: Budget = BUDGET,
        luck: str = "count",
        room: int = ROOM,
    ) -> None:
        """`luck` is one of reward.LUCK, `room` how many characters of JSON a result may take.

        BadRecord for what is no task, a task there twice, one whose answer is a text (it wants a judge), and tools that
        the pool lacks or has in another version; DiveError for tools that may not be called.
        """
        if luck not in LUCK:
            raise ValueError(f"luck is one of {', '.join(LUCK)}, not {luck!r}")
        self.pool, self.door = pool, door
        self.alpha, self.budget, self.luck, self.room = alpha, budget, luck, room
        self.counters: Counter[str] = Counter()  # attempts, masked, lucky, and outcomes
        self.records: dict[str, Record] = {}
        for record in tasks:
            self._checked(record)
            if self.records.setdefault(record["id"], record) is not record:
                raise BadRecord(f"task {record['id']} is there twice", hint="dive-dedup keeps one of each")

    @classmethod
    def load(cls, folder: Path | str, *, on_miss: str = "drop", allow: Mapping[str, str] | None = None) -> Environment:
        """The environment that `dive-train export --to env` wrote, with the rewards that it had there.

        What is not pure is played back, whatever its effects, and a call that the cassette does not hold masks the
        attempt. With `on_miss` "live" it is made, where `allow` (pool.read_effects) lets it. DiveError where a file is
        not the one that was written, or this is another version of the prompt or of a tool.
        """
        folder = Path(folder)
        facts = facts_of(folder)
        cassette = None
        if TAPE in facts["files"]:
            from dive_tools.cassette import Cassette

            cassette = Cassette(None, [folder / TAPE])
        pool = pools.read(folder / POOL)
        played = {name: "write" for name, tool in pool.tools.items() if tool.effects != "none" and on_miss == "drop"}
        door = Door(
            pool.tools,
            cassette=cassette,
            on_miss=on_miss,
            allow=played or allow,
            writes=bool(played),
            **pools.attempts(pool),
        )
        how = {key: facts[key] for key in ("alpha", "luck", "room")}
        tasks = lines(folder / TASKS, ("id", "setup", "task"))
        return cls(tasks, pool, door, budget=Budget(**{"turns": TURNS, **facts["budget"]}), **how)

    def facts(self) -> dict[str, Any]:
        """What rewards depend on beside tasks, tools and cassette, as `env.json` has it."""
        return {
            "form": FORM,
            "alpha": self.alpha,
            "luck": self.luck,
            "room": self.room,
            "budget": allowed(self.budget),
            "prompt": mark("attempt"),
        }

    def tools(self, task_id: str) -> dict[str, Tool]:
        """The toolset of a task, by name."""
        return self.pool.named(self._record(task_id)["setup"]["tools"])

    def reset(self, task_id: str, attempt: int = 0) -> Episode:
        """A new attempt at a task, call by call."""
        return Episode(self, self._record(task_id), attempt)

    async def run(
        self, task_id: str, model: Model, *, attempt: int = 0, sampling: Mapping[str, Any] | None = None
    ) -> Rollout:
        """A whole attempt of a model; StopAll where it may not see what the tools tell."""
        record, tools = self._record(task_id), self.tools(task_id)
        may_see(model, tools)
        settings = Settings(budget=self.budget, sampling=sampling or {}, room=self.room)
        trial = Trial(
            Evaluator(self.pool, self.door, model, settings), record, Dressed(tools, {n: n for n in tools}), None
        )
        talk = await trial.talk(attempt)
        found = self.rewarded(record, talk)
        line = await trial.line(attempt, talk)
        return Rollout(record, talk, found, {**line, "run": {**line["run"], "reward": told(found)}})

    def rewarded(self, record: Record, talk: Conversation) -> Reward:
        """What a conversation about a task is worth."""
        found = reward(
            record["task"],
            rollout.steps(talk.messages),
            talk.ending,
            talk.answer,
            alpha=self.alpha,
            runs_code=lambda name: runs_code(self.pool.tools[name]),
            proof=rollout.rests(record),
            luck=self.luck,
            detail=talk.detail,
        )
        self.counters.update(
            {"attempts": 1, found.outcome: 1, "masked": int(bool(found.masked)), "lucky": int(found.lucky)}
        )
        return found

    def close(self) -> None:
        """Close the cassette."""
        if self.door.cassette is not None:
            self.door.cassette.close()

    def _record(self, task_id: str) -> Record:
        if task_id not in self.records:
            raise DiveError(f"no task {task_id} in the environment")
        return self.records[task_id]

    def _checked(self, record: Record) -> None:
        try:
            trainable(record)
            self.door.permit(self.pool.named(record["setup"]["tools"]))
        except BadRecord as fault:
            raise BadRecord(f"task {record.get('id')}: {fault.message}", hint=fault.hint) from None


def trainable(record: Record) -> None:
    """Raise BadRecord for what is no task, and for one that no program can score."""
    attemptable(record)
    task = record["task"]
    if task["answer"]["type"] == "text" and task.get("scorer", "answer") == "answer":
        hint = """leave such tasks out: jq -c 'select(.task.answer.type != "text")'"""
        raise BadRecord("a text wants a judge, and rewards are by programs alone", hint=hint)


class Episode:
    """One attempt, call by call."""

    def __init__(self, env: Environment, record: Record, attempt: int) -> None:
        self.env, self.record, self.attempt = env, record, attempt
        self._tools = env.pool.named(record["setup"]["tools"])
        self._course = Course(opening(record["task"]), self._tools, env.door.reach, env.budget, room=env.room)
        self._reward: Reward | None = None
        self._stack = ExitStack()
        self._context = contextvars.copy_context()  # so that calls of one attempt know one another as such
        self._context.run(self._stack.enter_context, env.door.attempt(f"{record['id']}:env:{attempt}:{id(self)}"))

    @property
    def messages(self) -> list[Message]:
        """The conversation so far: at first what the model is asked."""
        return self._course.talk.messages

    @property
    def tools(self) -> list[dict[str, Any]]:
        """The toolset in OpenAI's form."""
        return [tool.schema() for tool in self._tools.values()]

    @property
    def over(self) -> bool:
        """Whether nothing more is heard: it has its score, or a limit is reached."""
        return self._reward is not None or not self._course.goes_on()

    async def call(self, name: str, arguments: Any) -> str:
        """The content of the tool message for a turn of one call; `arguments`, an object or the text as it came."""
        (message,) = await self.turn({"role": "assistant", "content": "", "tool_calls": [_call(name, arguments)]})
        return str(message["content"])

    def call_now(self, name: str, arguments: Any) -> str:
        """`call` for who cannot await; where an event loop runs in this thread, another thread makes it."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return asyncio.run(self.call(name, arguments))
        with ThreadPoolExecutor(1) as elsewhere:
            return elsewhere.submit(asyncio.run, self.call(name, arguments)).result()

    async def turn(self, message: Message) -> Sequence[Message]:
        """The tool messages that answer the calls of an assistant's message, in their order.

        Where the attempt is over, it is told so for each call, and nothing is called.
        """
        if self.over:
            return [_closed(call) for call in message.get("tool_calls") or ()]
        before = len(self.messages) + 1
        finish = "tool_calls" if message.get("tool_calls") else "stop"
        hearing = self._course.hear(Reply(message=message, finish=finish))
        await asyncio.create_task(hearing, context=self._context)
        return self.messages[before:]

    def score(self, reply: str | Message | None) -> Reward:
        """The reward of the attempt, with its final reply; None for one that never came to it.

        It is given once: whatever else is asked afterwards, it stays.
        """
        if self._reward is None:
            message = {"role": "assistant", "content": reply} if isinstance(reply, str) else reply
            if self._course.goes_on():
                self._course.conclude(None if message is None else Reply(message=message))
            self._reward = self.env.rewarded(self.record, self._course.talk)
            self._context.run(self._stack.close)
        return self._reward


def told(found: Reward) -> dict[str, Any]:
    """A reward as a run's line has it; of a masked attempt only why."""
    if found.masked:
        return {"masked": found.masked}
    return {"format": found.format, "correct": found.correct, "total": found.total}


def _call(name: str, arguments: Any) -> dict[str, Any]:
    return {"id": "", "type": "function", "function": {"name": name, "arguments": arguments}}


def _closed(call: Mapping[str, Any]) -> Message:
    error = {"kind": "over_budget", "message": "the attempt is over: this call was not made"}
    return {"role": "tool", "tool_call_id": call.get("id", ""), "content": orjson.dumps({"error": error}).decode()}


# --- the folder -------------------------------------------------------------------------------------------------------


def facts_of(folder: Path) -> dict[str, Any]:
    """What `env.json` says, held against the files beside it and this version of the prompt."""
    try:
        facts: dict[str, Any] = orjson.loads((folder / FACTS).read_bytes())
        form, files = facts["form"], facts["files"]
    except (OSError, ValueError, KeyError, TypeError):
        raise DiveError(f"{folder} is no environment", hint="dive-train export --to env writes one") from None
    if form != FORM:
        raise DiveError(f"{folder} is of another form ({form}) than this version reads ({FORM})", hint="export it anew")
    for name, wanted in files.items():
        if digest_of(folder / name) != wanted:
            raise DiveError(f"{folder / name} is not the file that was exported", hint="export the folder anew")
    if facts["prompt"] != mark("attempt"):
        hint = f"install dive-tools {facts.get('versions', {}).get('dive-tools', '')} as there, or export it anew"
        raise DiveError(
            f"{folder} was exported with another prompt ({facts['prompt']}, not {mark('attempt')})", hint=hint
        )
    return facts


def digest_of(path: Path) -> str:
    """The SHA-256 of a file in hex; "" where there is none."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
