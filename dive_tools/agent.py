"""A model asks, tools answer, until it says its final answer or what it may spend is spent.

Whatever goes wrong with a call (a tool that is not there, arguments that are no JSON object or break the schema, a
tool that fails, a call made before, one too many) is told to the model in the tool message, and stands in the steps.
A tool message is one JSON object: `{"result": …}`, with `"cut": what was left out` before it where the result was too
large, or `{"error": {"kind", "message"}}`; the last one before the final answer is wanted has a `"note"`, and with
`countdown` the last of each turn says in it how many calls are left.
"""

from __future__ import annotations

import asyncio
import difflib
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from math import inf
from typing import Any

import orjson

from dive_tools.cut import cut
from dive_tools.models.base import Ask, Message, Model, ModelError, Reply, Usage, function_of
from dive_tools.records import canonical
from dive_tools.tools.base import Tool
from dive_tools.tools.door import Outcome, failed

Reach = Callable[[str, dict[str, Any]], Awaitable[Outcome]]

KINDS = ("unknown_tool", "malformed", "repeated", "over_budget")  # what is told beside the kinds of the door
ENDINGS = ("answered", "budget", "gave_up", "model_error")
PATIENCE = 3  # turns in a row without a call that could be made
LAST = "No call is left: give your final answer now."
# a call in the text of a reply, which nobody read: with tool_choice none, vLLM lets it be written
CALL = re.compile(r"<tool_call|\[TOOL_CALLS\]|<function=|<\|python_tag\|>|<\|tool_call|<｜tool▁call")


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What a conversation may spend; None is no limit. It is looked at before each request."""

    calls: int | None = None  # that were made
    turns: int = 20  # requests
    tokens: int | None = None  # in and out, of all replies
    seconds: float | None = None  # as recorded with the replies, so that a replay ends where the first run did


@dataclass
class Step:
    """One call that the model asked for: `outcome` is the door's, or an error of KINDS; `made` says it was called."""

    call_id: str
    turn: int
    tool: str
    arguments: Any  # an object; where it is none ("malformed"), the text as it came
    outcome: Outcome
    made: bool


@dataclass
class Conversation:
    """How it went: `ending` is one of ENDINGS, `answer` the final text, and `detail` why there is none."""

    messages: list[Message]
    steps: list[Step] = field(default_factory=list)
    ending: str = ""
    detail: str = ""
    answer: str = ""
    usage: Usage = field(default_factory=Usage)
    requests: int = 0
    seconds: float = 0.0


async def converse(
    model: Model,
    messages: Sequence[Message],
    tools: Mapping[str, Tool],
    reach: Reach,
    *,
    budget: Budget,
    record: str,
    purpose: str,
    attempt: int = 0,
    sampling: Mapping[str, Any] | None = None,
    last_word: bool = True,
    room: int = 12_000,
    done: Iterable[tuple[str, dict[str, Any]]] = (),
    countdown: bool = False,
) -> Conversation:
    """The whole conversation that begins with `messages`.

    `reach` calls a tool (Door.reach). When the calls are spent, `last_word` asks once more for the final answer; else
    that is the end. `room` is how many characters of JSON a result may take. The calls in `done` were made earlier
    and are not made again. ModelError is an ending, but for kind not_recorded, which is raised; StopAll is raised.
    """
    course = Course(messages, tools, reach, budget, last_word=last_word, room=room, done=done, countdown=countdown)
    talk = course.talk
    functions = [function_of(tool) for tool in tools.values()]
    sampling = sampling or {}
    while course.goes_on():
        ask = Ask(
            messages=[*talk.messages],
            record=record,
            purpose=purpose,
            turn=talk.requests,
            attempt=attempt,
            tools=functions,
            sampling={**sampling, "tool_choice": "none"} if course.last and functions else sampling,
        )
        reply = await _replied(talk, model, ask)
        if reply is not None:
            await course.hear(reply)
    return talk


class Course:
    """The course of one conversation: what follows from each reply, and where it ends.

    `converse` asks a model for the replies; who has them by other means asks `goes_on` and gives each to `hear`.
    """

    def __init__(
        self,
        messages: Sequence[Message],
        tools: Mapping[str, Tool],
        reach: Reach,
        budget: Budget,
        *,
        last_word: bool = True,
        room: int = 12_000,
        done: Iterable[tuple[str, dict[str, Any]]] = (),
        countdown: bool = False,
    ) -> None:
        """All as in `converse`."""
        self.talk = Conversation([*messages])
        self.budget, self.last_word, self.room, self.countdown = budget, last_word, room, countdown
        self._desk = _Desk(tools, reach, budget.calls, {_key(name, given): "" for name, given in done})
        self._idle = 0  # turns in a row without a call that could be made

    @property
    def last(self) -> bool:
        """Whether all calls are spent, so that only the final answer is wanted."""
        return self._desk.left <= 0

    def goes_on(self) -> bool:
        """Whether another reply is wanted; where a limit is reached, that is the ending."""
        if self.talk.ending:
            return False
        spent = _spent(self.talk, self.budget) or ("calls" if self.last and not self.last_word else "")
        if spent:
            _ended(self.talk, "budget", spent)
        return not spent

    async def hear(self, reply: Reply) -> None:
        """Answer the calls of a reply, or take it as the final one."""
        talk, turn, last = self.talk, self.talk.requests, self.last
        calls = self._noted(reply)
        if not calls:
            self._concluded(reply)
            return
        steps = await self._desk.answer(calls, turn)
        note = LAST if self.last_word and not last and self.last else _left(self._desk.left) if self.countdown else ""
        talk.steps += steps
        talk.messages += [_told(step, self.room, note if step is steps[-1] else "") for step in steps]
        self._idle = 0 if any(step.made for step in steps) else self._idle + 1
        if last:
            _ended(talk, "budget", _CALLS_ON)
        elif self._idle == PATIENCE:
            _ended(talk, "gave_up", f"makes no progress: {PATIENCE} turns without a call that could be made")

    def conclude(self, reply: Reply | None) -> None:
        """Take a reply, whatever it holds, as the last one; without any, or with calls, there is no answer."""
        if reply is None or self._noted(reply):
            _ended(self.talk, "budget", "it was broken off")
        else:
            self._concluded(reply)

    def _noted(self, reply: Reply) -> list[dict[str, Any]]:
        """The calls of a reply, which is counted and put down."""
        talk = self.talk
        calls = _heard(talk, reply, talk.requests)
        talk.requests += 1
        talk.usage += reply.usage
        talk.seconds += reply.seconds
        return calls

    def _concluded(self, reply: Reply) -> None:
        if self.last and CALL.search(reply.text):
            _ended(self.talk, "budget", _CALLS_ON)
        else:
            _final(self.talk, reply)


_CALLS_ON = "calls: it calls on where its final answer is wanted"


async def _replied(talk: Conversation, model: Model, ask: Ask) -> Reply | None:
    """The model's reply; None where there is none, which ends the conversation."""
    try:
        return await model.reply(ask)
    except ModelError as fault:
        if fault.kind == "not_recorded":
            raise
        talk.requests += 1
        talk.usage += fault.usage
        _ended(talk, "model_error", f"{fault.kind}: {fault.message}")
        return None


def _spent(talk: Conversation, budget: Budget) -> str:
    """Which limit is reached, but for that of calls; "" while none is."""
    if talk.requests >= budget.turns:
        return "turns"
    if budget.tokens is not None and talk.usage.tokens_in + talk.usage.tokens_out >= budget.tokens:
        return "tokens"
    return "seconds" if budget.seconds is not None and talk.seconds >= budget.seconds else ""


def _ended(talk: Conversation, ending: str, detail: str) -> Conversation:
    talk.ending, talk.detail = ending, detail
    return talk


def _final(talk: Conversation, reply: Reply) -> Conversation:
    """The ending that a reply without calls makes."""
    refusal, text = reply.message.get("refusal"), reply.text.strip()
    if refusal or reply.finish == "content_filter":
        return _ended(talk, "gave_up", f"refused: {refusal}" if refusal else "refused: the content filter broke it off")
    if reply.finish == "length":
        return _ended(talk, "budget", "tokens: its answer is cut off")
    if not text:
        return _ended(talk, "gave_up", "an empty answer")
    talk.answer = text
    return _ended(talk, "answered", "")


def _heard(talk: Conversation, reply: Reply, turn: int) -> list[dict[str, Any]]:
    """The calls of the assistant's message, which is noted; each has an id of its own, whatever the server gave."""
    taken = {step.call_id for step in talk.steps}
    calls = []
    for n, call in enumerate(reply.message.get("tool_calls") or ()):
        name = call.get("id")
        if not isinstance(name, str) or not name or name in taken:
            call = {**call, "id": f"call{turn:03d}{n:02d}"}  # nine letters and digits, which is what Mistral takes
        taken.add(call["id"])
        calls.append(call)
    talk.messages.append({**reply.message, "tool_calls": calls} if calls else reply.message)
    return calls


def _left(calls: float) -> str:
    return f"{calls:.0f} {'call is' if calls == 1 else 'calls are'} left" if 0 < calls < inf else ""


def _told(step: Step, room: int, note: str) -> Message:
    """The tool message that tells the model of a step."""
    said = step.outcome
    if "result" in said:
        result, gone = cut(said["result"], room)
        said = {"cut": gone, "result": result} if gone else said
    if note:
        said = {**said, "note": note}
    return {"role": "tool", "tool_call_id": step.call_id, "content": orjson.dumps(said).decode()}


# --- calls ------------------------------------------------------------------------------------------------------------


class _Desk:
    """Where the calls of one conversation are answered: by a tool, or by what is wrong with them."""

    def __init__(self, tools: Mapping[str, Tool], reach: Reach, calls: int | None, earlier: dict[bytes, str]) -> None:
        self.tools, self.reach, self.calls = tools, reach, calls
        self.left: float = inf if calls is None else calls
        self.earlier = earlier  # calls that were made: the id, or "" before this conversation

    async def answer(self, calls: Sequence[Mapping[str, Any]], turn: int) -> list[Step]:
        """The steps that the calls of one turn make, in their order; the tools run at the same time."""
        steps = [self._step(call, turn) for call in calls]
        wanted = [step for step in steps if not step.outcome]
        for step, outcome in zip(wanted, await _together([self._reached(step) for step in wanted]), strict=True):
            step.outcome = outcome
            kind = outcome["error"]["kind"] if "error" in outcome else ""
            step.made = kind not in _NOT_MADE
            if kind in _AGAIN:
                self.earlier.pop(_key(step.tool, step.arguments), None)
        return steps

    def _reached(self, step: Step) -> Awaitable[Outcome]:
        return self.reach(step.tool, step.arguments)

    def _step(self, call: Mapping[str, Any], turn: int) -> Step:
        """The step of one call; its outcome stays empty where the tool is to be called, and is told otherwise."""
        function = call.get("function") or {}
        name, arguments = str(function.get("name") or ""), function.get("arguments")
        arguments = {} if arguments in (None, "") else arguments  # a call that gives none
        step = Step(call["id"], turn, name, arguments, {}, False)
        if name not in self.tools:
            step.outcome = failed("unknown_tool", self._unknown(name))
        elif not isinstance(arguments, dict):
            step.outcome = failed("malformed", _malformed(arguments))
        elif not _allowed(self.tools[name], arguments):
            pass  # it costs no call, and the door says what is wrong
        elif (key := _key(name, arguments)) in self.earlier:
            where = f"as {self.earlier[key]}" if self.earlier[key] else "before"
            step.outcome = failed("repeated", f"this call was made {where}: use what it gave, or call otherwise")
        elif self.left <= 0:
            step.outcome = failed("over_budget", f"all {self.calls} calls are spent: this one was not made")
        else:
            self.left -= 1
            self.earlier[key] = step.call_id
        return step

    def _unknown(self, name: str) -> str:
        said = f"there is no tool named {name[:80]!r}"
        if near := difflib.get_close_matches(name, self.tools, n=3, cutoff=0.5):
            return f"{said}; is it {', '.join(near)}?"
        some, more = ", ".join(islice(self.tools, 8)), len(self.tools) - 8
        return (
            f"{said}; there are {some}{f' and {more} more' if more > 0 else ''}" if some else f"{said}, nor any other"
        )


_NOT_MADE = ("bad_arguments", "not_recorded")
_AGAIN = ("unreachable", "over_time")  # another try may be answered: it is no repetition


def _allowed(tool: Tool, arguments: dict[str, Any]) -> bool:
    """Whether the arguments keep to the schema; so do all where there is none to hold them against."""
    try:
        return bool(tool.check_arguments.is_valid(arguments))
    except ValueError:
        return True


async def _together(waits: Sequence[Awaitable[Outcome]]) -> list[Outcome]:
    """What all of them give; where one fails, the others are stopped."""
    if len(waits) < 2:
        return [await wait for wait in waits]
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


def _key(name: str, arguments: Any) -> bytes:
    return canonical([name, arguments])


def _malformed(arguments: Any) -> str:
    """What is wrong with arguments that are no JSON object."""
    try:
        kind = type(orjson.loads(arguments) if isinstance(arguments, str) else arguments)
    except orjson.JSONDecodeError as fault:
        return f"the arguments are not JSON: {fault}"
    known = {dict: "an object in a string", list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
    return f"the arguments must be a JSON object, not {known.get(kind, 'a number')}"
