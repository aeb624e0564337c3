"""Looking after cassettes: merge, measure, prune and compare them."""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Iterator, Sequence
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from dive_tools.cassette.files import GROUP, blame, entry_of, outcome_of, plain, readable, writable


def merge(target: Path, sources: Sequence[Path]) -> dict[str, int]:
    """Add the calls and replies of `sources` to `target`, which keeps its own; counts of what came of each."""
    counts = {"added": 0, "same": 0, "differs": 0}
    files = [readable(source) for source in sources]
    into = writable(target)
    for row in (row for file in files for row in file.rows()):
        if into.add(row[:8], row[8]):
            counts["added"] += 1
            continue
        kept = into.db.execute("SELECT outcome FROM calls WHERE key = ?", row[:1]).fetchone()
        counts["same" if kept[0] == row[4] else "differs"] += 1
    for group in (group for file in files for group in _groups(file.replies())):
        before = [into.db.execute("SELECT reply FROM replies WHERE key = ?", row[:1]).fetchone() for row in group]
        into.add_replies([(row[:13], plain(row[13])) for row in group])
        for row, kept in zip(group, before, strict=True):
            counts["added" if kept is None else "same" if kept[0] == row[7] else "differs"] += 1
    for seen in (seen for file in files for seen in file.models()):
        into.see(*seen)
    for file in (*files, into):
        file.close()
    return counts


def _groups(rows: Iterator[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    while group := list(islice(rows, GROUP)):
        yield group


def stat(path: Path) -> dict[str, Any]:
    """Counts of calls, refusals and stored results, size in bytes, calls by tool, and replies by model, if any."""
    file = readable(path)
    with blame(path):
        totals = file.db.execute("SELECT count(*), total(refused), total(seconds) FROM calls").fetchone()
        stored = file.db.execute(
            "SELECT count(*), total(length(data)) FROM blobs WHERE hash IN (SELECT outcome FROM calls)"
        ).fetchone()
        tools = file.db.execute("SELECT tool || '@' || version, count(*) FROM calls GROUP BY 1 ORDER BY 1").fetchall()
    replies = file.sums()
    file.close()
    return {
        "calls": totals[0],
        "refused": int(totals[1]),
        "results": stored[0],
        "result_bytes": int(stored[1]),
        "file_bytes": path.stat().st_size,
        "call_seconds": round(totals[2], 3),
        "tools": dict(tools),
        **({"replies": replies} if replies else {}),
    }


def prune(path: Path, keep: set[tuple[str, str]] | None, models: set[str] | None = None) -> int:
    """Remove every call whose (tool, version) is not in `keep` and every reply whose model is not in `models`.

    Models are named as NAME, for all its revisions, or NAME@REVISION; what is None loses nothing. Gives the room back,
    and tells how many were removed.
    """
    readable(path).close()
    file = writable(path)
    removed = 0
    with file.writing():
        if keep is not None:
            there = file.db.execute("SELECT DISTINCT tool, version FROM calls").fetchall()
            gone = [pair for pair in there if pair not in keep]
            removed += _delete(file.db, "calls WHERE tool = ? AND version = ?", gone)
        if models is not None:
            known = file.db.execute("SELECT name, revision FROM models").fetchall()
            gone = [(name, seen) for name, seen in known if not {name, f"{name}@{seen}"} & models]
            removed += _delete(file.db, "replies WHERE model = ? AND revision = ?", gone)
            _delete(file.db, "models WHERE name = ? AND revision = ?", gone)
        file.db.execute(
            "DELETE FROM blobs WHERE hash NOT IN (SELECT outcome FROM calls UNION SELECT reply FROM replies)"
        )
    with blame(path):
        file.db.execute("VACUUM")
    file.close()
    return removed


def _delete(db: sqlite3.Connection, which: str, pairs: Sequence[tuple[str, str]]) -> int:
    return sum(db.execute(f"DELETE FROM {which}", pair).rowcount for pair in pairs)


def diff(a: Path, b: Path) -> Iterator[dict[str, Any]]:
    """The calls, then the replies, only in `a`, only in `b`, or different in each, in the order of the keys."""
    files = {"a": readable(a), "b": readable(b)}
    for sides in _unlike({side: file.rows() for side, file in files.items()}, 4):
        entry = entry_of(next(iter(sides.values())))
        outcomes = {side: outcome_of(row[8]) for side, row in sides.items()}
        yield {"tool": entry.tool, "version": entry.version, "arguments": entry.arguments, **outcomes}
    for sides in _unlike({side: file.replies() for side, file in files.items()}, 7):
        row = next(iter(sides.values()))
        whose = dict(zip(("model", "revision", "record", "purpose", "attempt", "turn"), row[1:7], strict=True))
        yield {**whose, **{side: outcome_of(row[13]) for side, row in sides.items()}}
    for file in files.values():
        file.close()


def _unlike(rows: dict[str, Iterator[tuple[Any, ...]]], content: int) -> Iterator[dict[str, tuple[Any, ...]]]:
    """By side, the rows of each key that is on one side only or has another content hash on each."""
    merged = heapq.merge(*(_sided(side, there) for side, there in rows.items()), key=lambda pair: pair[1][0])
    for _, same in groupby(merged, key=lambda pair: pair[1][0]):
        sides = dict(same)
        if len(sides) == 1 or sides["a"][content] != sides["b"][content]:
            yield sides


def _sided(side: str, rows: Iterator[tuple[Any, ...]]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    return ((side, row) for row in rows)
