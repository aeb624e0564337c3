"""Drift: which live tools answer otherwise than recorded, and which tasks that touches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dive_tools.cassette import Entry
from dive_tools.records import Record, canonical
from dive_tools.tools.base import Tool
from dive_tools.tools.door import Door, lasting


def drifted(
    entries: Iterable[Entry],
    tools: Mapping[str, Tool],
    allow: Mapping[str, str],
    limit: int | None,
    counts: Counter[str],
) -> Iterator[dict[str, Any]]:
    """Each recorded call whose live outcome is another one: {tool, version, arguments, recorded, now, key}.

    `counts` gets how many were the same, drifted, unreachable (nothing can be said of them), and skipped (the tool or
    its version is not in the pool, or `limit` calls of it were made).
    """
    door = Door(tools, allow=allow)
    made: Counter[str] = Counter()
    for entry in entries:
        tool = tools.get(entry.tool)
        if tool is None or tool.version != entry.version or (limit and made[entry.tool] >= limit):
            counts["skipped"] += 1
            continue
        made[entry.tool] += 1
        now = door.call(entry.tool, entry.arguments)
        if now == entry.outcome:
            counts["same"] += 1
        elif not lasting(now):
            counts["unreachable"] += 1
        else:
            counts["drifted"] += 1
            yield {
                "tool": entry.tool,
                "version": entry.version,
                "arguments": entry.arguments,
                "recorded": entry.outcome,
                "now": now,
                "key": key(entry.tool, entry.arguments),
            }


def touched(records: Iterable[Record]) -> dict[bytes, list[str]]:
    """The ids of the records whose evidence holds each call, by the key of the call."""
    found: dict[bytes, list[str]] = {}
    for record in records:
        for call in {key(step["tool"], step["arguments"]) for step in record["evidence"]}:
            found.setdefault(call, []).append(record["id"])
    return found


def key(tool: str, arguments: dict[str, Any]) -> bytes:
    """What makes two calls one: the tool and the canonical arguments."""
    return tool.encode() + canonical(arguments)
