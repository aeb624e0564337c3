"""One record's questions to a model: what they cost, and what of a reply can be read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from dive_tools.models.base import Ask, Message, Model, ModelError, Reply, Usage
from dive_tools.prompted import noted
from dive_tools.records import Drop, Record

LONGEST = 100_000  # characters of a reply that are read
STARTS = 50  # places in a reply where an object may begin
ECHOED = 8_000  # characters of its own reply that a model is shown again


@dataclass
class Asking:
    """A model, asked for one record in one round of a stage; it adds up what that costs."""

    model: Model
    record: str
    stage: str
    round: int
    sampling: Mapping[str, Any]
    attempt: int = 0
    usage: Usage = field(default_factory=Usage)
    requests: int = 0
    prompts: list[str] = field(default_factory=list)

    async def say(
        self, messages: Sequence[Message], *, prompt: str, part: str = "", turn: int = 0, form: Any = None
    ) -> Reply:
        """The reply to these messages; ModelError where there is none."""
        purpose = f"{self.stage}:{self.round}" + (f":{part}" if part else "")
        told = {"turn": turn, "attempt": self.attempt, "form": form, "sampling": self.sampling}
        ask = Ask(messages=messages, record=self.record, purpose=purpose, **told)
        self.requests += 1
        self.prompts.append(prompt)
        try:
            reply = await self.model.reply(ask)
        except ModelError as fault:
            self.usage += fault.usage
            raise
        self.usage += reply.usage
        return reply

    def entry(self, ending: str) -> dict[str, Any]:
        """What the record notes of it: who was asked, with which prompts, at what cost, and how it ended."""
        prompts = ",".join(self.prompts)
        return noted(self.model, self.stage, self.round, prompts, self.requests, self.usage, ending=ending)


def failed(record: Record, fault: ModelError) -> Drop:
    """A record for which the model gave no reply."""
    if fault.kind == "not_recorded":
        return Drop(record, "not_recorded", fault.message)
    return Drop(record, "model_error", f"{fault.kind}: {fault.message}")


def echo(reply: Reply) -> Message:
    """A reply as the next message of the same conversation shows it, without thinking."""
    return {"role": "assistant", "content": _spoken(reply.text)[:ECHOED]}


def _spoken(text: str) -> str:
    """A reply without the thinking that some servers leave in it."""
    return re.sub(r"^.*</think>", "", text, count=1, flags=re.DOTALL).strip()


def text_of(reply: Reply) -> str:
    """The text of a reply that is only a text, without thinking, fences and quotation marks around it."""
    text = re.sub(r"^```\w*\n|\n?```$", "", _spoken(reply.text)).strip()
    quoted = re.fullmatch(r'(?s)"([^"]*)"|“([^”]*)”|\*\*([^*]*)\*\*', text)
    return next(group for group in quoted.groups() if group is not None).strip() if quoted else text


def object_of(reply: Reply, key: str) -> dict[str, Any]:
    """The one JSON object with this key in a reply; ValueError says why there is none.

    Thinking, code fences and prose around it are passed over; nothing inside it is mended.
    """
    text = _spoken(reply.text)
    if not text:
        said = "the reply holds no text" + (" (it ended at the limit of tokens)" if reply.finish == "length" else "")
        raise ValueError(reply.message.get("refusal") or said)
    found: dict[bytes, dict[str, Any]] = {}
    for value in _objects(text[:LONGEST]):
        if key in value:
            found.setdefault(orjson.dumps(value), value)
    if len(found) > 1:
        raise ValueError(f"the reply holds {len(found)} different objects with a {key!r}: give one")
    if not found and (reply.finish == "length" or len(text) > LONGEST):
        raise ValueError("the reply was cut off before its JSON object ended: be brief")
    if not found:
        raise ValueError(f"the reply holds no whole JSON object with a {key!r}")
    return next(iter(found.values()))


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """The JSON objects of a text, outermost ones only."""
    decoder = json.JSONDecoder()
    place = text.find("{")
    for _ in range(STARTS):
        if place < 0:
            return
        try:
            _, end = decoder.raw_decode(text, place)
            value = orjson.loads(text[place:end])  # which takes no NaN, no halves of letters, and nothing too deep
        except (ValueError, RecursionError):
            end = place + 1
        else:
            if isinstance(value, dict):
                yield value
        place = text.find("{", end)
