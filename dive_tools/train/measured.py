"""Figures of a plan from attempts that were made: how long they are, and in how many replies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import orjson

from dive_tools.errors import BadRecord, DiveError
from dive_tools.jsonl import parse, read

Count = Callable[[str], int]


def quarter(text: str) -> int:
    """Tokens of a text where no tokenizer counts them: a quarter of its characters."""
    return round(len(text) / 4)


def counter(path: Path) -> Count:
    """What counts tokens as a tokenizer does: a folder with a tokenizer.json, or the file; DiveError."""
    try:
        from tokenizers import Tokenizer
    except ImportError:
        raise DiveError("--tokenizer needs the library tokenizers", hint="pip install 'dive-tools[tokens]'") from None
    file = path / "tokenizer.json" if path.is_dir() else path
    if not file.is_file():
        raise DiveError(f"no tokenizer at {file}", hint="give a folder with a tokenizer.json")
    tokenizer = Tokenizer.from_file(str(file))
    return lambda text: len(tokenizer.encode(text).ids)


def figures(path: Path, count: Count = quarter) -> tuple[dict[str, float], int]:
    """The means over a file of attempts that figures of a plan are named after, and of how many attempts.

    What a model said is its server's own count, where the attempts have one; all else is counted here. Schemas are
    only in the lines that `dive-eval --schemas` wrote.
    """
    rows = []
    for number, raw in _lines(path):
        try:
            rows.append(_row(parse(raw), count))
        except BadRecord as fault:
            raise BadRecord(f"{path}:{number}: {fault.message}") from None
    if not rows:
        raise DiveError(f"{path} holds no attempts")
    found = {}
    for name in ("said_tokens", "given_tokens", "turns", "schema_tokens"):
        if values := [row[name] for row in rows if name in row]:
            found[name] = sum(values) / len(values)
    return found, len(rows)


def _lines(path: Path) -> list[tuple[int, bytes]]:
    try:
        return list(read(path))
    except OSError as fault:
        raise DiveError(f"cannot read {path}: {fault.strerror}") from None


def _row(record: Mapping[str, Any], count: Count) -> dict[str, float]:
    run = record.get("run")
    if not isinstance(run, dict) or not isinstance(run.get("messages"), list):
        raise BadRecord("it is no attempt", hint="dive-eval writes attempts")
    messages = run["messages"]
    replies = [message for message in messages if message.get("role") == "assistant"]
    said = (run.get("usage") or {}).get("tokens_out") or sum(count(_said(reply)) for reply in replies)
    given = sum(count(message.get("content") or "") for message in messages if message.get("role") != "assistant")
    row: dict[str, float] = {"said_tokens": said, "given_tokens": given, "turns": len(replies)}
    if isinstance(tools := record.get("tools"), list):
        row["schema_tokens"] = count(_text(tools))
    return row


def _said(reply: Mapping[str, Any]) -> str:
    calls = [_text(call.get("function")) for call in reply.get("tool_calls") or ()]
    return "\n".join(filter(None, [reply.get("reasoning"), reply.get("content"), *calls]))


def _text(value: Any) -> str:
    return orjson.dumps(value).decode()
