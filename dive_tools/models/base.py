"""What it is to ask a model: the question, the reply, what it cost, and how it may fail.

Messages follow the OpenAI chat format (https://platform.openai.com/docs/api-reference/chat) with two differences inside
the house: `tool_calls[].function.arguments` is an object (or the text as it came, where that is no JSON object), and a
model's thinking is `reasoning`, whatever its server calls it. Absent keys are left out, never null.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import orjson

from dive_tools.errors import StopAll
from dive_tools.tools.base import Tool

Message = dict[str, Any]

FINISHES = ("stop", "tool_calls", "length", "content_filter")
KINDS = ("timeout", "unreachable", "server", "refused", "too_long", "bad_reply", "not_recorded")


class BudgetSpent(StopAll):
    """The spend limit is reached: what is in flight is finished and recorded, and no more is asked."""

    patient = True


@dataclass(frozen=True, eq=False)
class Function:
    """A tool as a model is told of it."""

    name: str
    description: str
    parameters: dict[str, Any]

    @cached_property
    def wire(self) -> bytes:
        """The tool in the form of a chat completions request; parameters stand in the order of the schema."""
        return orjson.dumps(self._shown())

    @cached_property
    def canonical(self) -> bytes:
        """The same with sorted keys, which is the same for any order of them."""
        return orjson.dumps(self._shown(), option=orjson.OPT_SORT_KEYS)

    def _shown(self) -> dict[str, Any]:
        shown = {"name": self.name, "description": self.description, "parameters": self.parameters}
        return {"type": "function", "function": shown}


def function_of(tool: Tool) -> Function:
    """The tool as a model is told of it; made once for each tool."""
    made = tool.__dict__.get("_function")
    if made is None:
        made = tool.__dict__["_function"] = Function(tool.name, tool.description, tool.parameters)
    return made  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Usage:
    """Tokens of one reply or of many; `cached` are those of `tokens_in` that the server had at hand."""

    tokens_in: int = 0
    tokens_out: int = 0
    cached: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(self.tokens_in + other.tokens_in, self.tokens_out + other.tokens_out, self.cached + other.cached)


class ModelError(Exception):
    """One request failed, after all retries: `kind` is one of KINDS. Another record may fare better.

    `usage` is what the tries cost all the same.
    """

    def __init__(self, kind: str, message: str, usage: Usage = Usage()) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.usage = usage


@dataclass(frozen=True, kw_only=True)
class Ask:
    """Everything that is asked, and for whom: together they are the key under which the reply is recorded."""

    messages: Sequence[Message]
    record: str  # the id of the record
    purpose: str  # "collect:1": the stage, its round and, after another colon, which of its questions
    turn: int = 0
    attempt: int = 0
    tools: Sequence[Function] = ()
    form: Mapping[str, Any] | None = None  # the JSON Schema that the reply must have
    sampling: Mapping[str, Any] = field(default_factory=dict)  # temperature, top_p, max_tokens, seed, stop, …


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An assistant's message, how it finished (one of FINISHES), its cost, and the seconds that it took."""

    message: Message
    finish: str = "stop"
    usage: Usage = Usage()
    seconds: float = 0.0

    @property
    def text(self) -> str:
        """The content, empty where there is none."""
        return self.message.get("content") or ""


class Model(Protocol):
    """A model that can be asked, by many tasks of one event loop at once."""

    name: str  # as it was named, "openai:Qwen/Qwen3-8B"
    inside: bool  # whether what it is told stays on this machine or in the network that the user declared

    @property
    def revision(self) -> str:
        """What tells this checkpoint from another of its name; known once open."""

    @property
    def counters(self) -> dict[str, Any]:
        """Counts for the closing line: requests, tokens_in, tokens_out, cached, and what else there is to tell."""

    async def open(self) -> None:
        """Get ready; StopAll with one sentence where it can never work."""

    async def reply(self, ask: Ask) -> Reply:
        """The model's reply; ModelError where this one fails, StopAll where every one would, BudgetSpent."""

    async def close(self) -> None:
        """Let go of connections, processes and memory."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a model is asked; a backend takes what concerns it."""

    endpoints: tuple[str, ...] = ()  # base URLs, as in OPENAI_BASE_URL: http://127.0.0.1:8000/v1
    in_flight: int = 32  # requests at once, of this process
    timeout: float = 300.0  # seconds that one request may take
    tries: int = 5
    extra: Mapping[str, Any] = field(default_factory=dict)  # further members of the request's body
    revision: str = ""  # as the user says it; empty: found out
    inside: tuple[str, ...] = ()  # hosts that private results may be sent to, beside this machine
    tool_parser: str = ""  # of vLLM; empty: the one for the model's architecture
    keys: tuple[str, ...] = ("OPENAI_API_KEY",)  # variables of the environment; the first that is set holds the key
