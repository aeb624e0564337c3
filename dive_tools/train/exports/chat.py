"""The messages and tools of an attempt, and the opening of a task, in the forms that trainers read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dive_tools.pool import Pool
from dive_tools.records import Record

Message = dict[str, Any]


def messages(run: Mapping[str, Any], *, arguments: str = "object", reasoning: bool = True) -> list[Message]:
    """The messages of an attempt with no key beyond the chat format, and none that is null.

    `arguments` of calls are objects or JSON "text"; a model's thinking is `reasoning_content`, the name that chat
    templates read, or left out.
    """
    return [_message(each, arguments, reasoning) for each in run["messages"]]


def _message(message: Mapping[str, Any], arguments: str, reasoning: bool) -> Message:
    content = message.get("content")
    made: Message = {"role": message["role"], "content": "" if content is None else content}
    thought = message.get("reasoning") or message.get("reasoning_content")
    if reasoning and thought:
        made["reasoning_content"] = thought
    if calls := message.get("tool_calls"):
        made["tool_calls"] = [_call(call, arguments) for call in calls]
    if "tool_call_id" in message:
        made["tool_call_id"] = message["tool_call_id"]
    return made


def _call(call: Mapping[str, Any], arguments: str) -> Message:
    given = call["function"].get("arguments") or {}
    value = as_text(given) if arguments == "text" else given
    return {"id": call["id"], "type": "function", "function": {"name": call["function"]["name"], "arguments": value}}


def as_text(value: Any) -> str:
    """JSON text as chat templates write it: the keys in their order, a space after each comma and colon."""
    return json.dumps(value, ensure_ascii=False)


def opening(record: Record) -> list[Message]:
    """The messages that an attempt at a task begins with: system and user, in the words of dive-eval."""
    from dive_tools.evaluate import opening

    return [dict(each) for each in opening(record["task"])]


def toolset(record: Record, pool: Pool) -> list[dict[str, Any]]:
    """The tools of a task as OpenAI tool objects, in the order of its setup."""
    from dive_tools.models.base import function_of

    return [json.loads(function_of(tool).wire) for tool in pool.named(record["setup"]["tools"]).values()]


def reference(record: Record) -> dict[str, Any]:
    """What a reply to a task is graded against: the question, the typed answer, and how it is scored."""
    task = record["task"]
    return {key: task[key] for key in ("question", "answer", "scorer", "missing") if key in task}
