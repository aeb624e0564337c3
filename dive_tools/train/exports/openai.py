"""JSON lines of `messages` and `tools` as OpenAI's fine-tuning takes them, and the services that follow it.

The form is that of a line of a supervised training file: arguments of calls are JSON text, tools are tool objects, and
no key is there that the format does not name (OpenAI API reference, "fine-tune chat request input").
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from dive_tools.jsonl import dump
from dive_tools.records import Record
from dive_tools.train.exports import Context, chat


def write(records: Iterable[Record], out: Path, context: Context) -> dict[str, int]:
    """A line for each attempt. Thinking is no part of the format, and left out unless it is asked for."""
    reasoning = context.options.reasoning == "keep"
    with out.open("wb") as file:
        for record in context.attempts(records):
            file.write(dump(line(record, reasoning=reasoning)))
    return {}


def line(record: Record, *, reasoning: bool = False) -> Record:
    """One attempt as a training example."""
    said = chat.messages(record["run"], arguments="text", reasoning=reasoning)
    for message in said:
        if message.get("tool_calls") and not message["content"]:
            del message["content"]  # where there are calls it may be absent, not empty
    return {"messages": said, **({"tools": record["tools"]} if record["tools"] else {})}
