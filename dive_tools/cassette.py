"""Recorded calls: one SQLite file that many processes may write, over any number of files that are only read.

A call is keyed by tool, version and canonical arguments. Its outcome, `{"result": …}` or the tool's own refusal
`{"error": {"kind": "refused", …}}`, is stored once by content hash; what failed on the way is never stored.
"""

from __future__ import annotations

import hashlib
import heapq
import sqlite3
import threading
import time
import zlib
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import orjson

from dive_tools.errors import DiveError
from dive_tools.records import canonical

Outcome = dict[str, Any]

_FORMAT = 0x44495645  # "DIVE", in the header of every cassette
_PATIENCE = 60.0  # seconds to wait for another writer
_SQUEEZE = 512  # bytes from which compression is worth its time
_TABLES = """
    CREATE TABLE blobs (hash BLOB PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE calls (
        key BLOB PRIMARY KEY, tool TEXT NOT NULL, version TEXT NOT NULL, arguments BLOB NOT NULL,
        outcome BLOB NOT NULL REFERENCES blobs, refused INTEGER NOT NULL,
        recorded_at REAL NOT NULL, seconds REAL NOT NULL
    ) WITHOUT ROWID;
"""
_COLUMNS = "key, tool, version, arguments, outcome, refused, recorded_at, seconds"


@dataclass(frozen=True, slots=True)
class Entry:
    """One recorded call; `recorded_at` is in seconds since 1970 and `seconds` is how long the call took."""

    key: str
    tool: str
    version: str
    arguments: dict[str, Any]
    outcome: Outcome
    recorded_at: float
    seconds: float


class Cassette:
    """Recorded calls in `path`, which is made if need be (None: record nothing), over read-only files.

    A connection belongs to one process: open the cassette after a fork, not before. Threads may share it.
    """

    def __init__(self, path: Path | None, over: Sequence[Path] = ()) -> None:
        self._lock = threading.Lock()
        self.own = _writable(path) if path else None
        self.layers = [layer for layer in (self.own, *map(_readable, over)) if layer]

    def __enter__(self) -> Cassette:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def get(self, tool: str, version: str, arguments: dict[str, Any]) -> Outcome | None:
        """The recorded outcome of a call, from the first file that has it."""
        key = _key(tool, version, arguments)
        with self._lock:
            return next((found for layer in self.layers if (found := layer.get(key))), None)

    def put(
        self, tool: str, version: str, arguments: dict[str, Any], outcome: Outcome, seconds: float = 0.0
    ) -> Outcome:
        """Record a call and return its outcome: the recorded one, where another process was first.

        The call is committed when this returns. ValueError when the outcome is neither a result nor a refusal.
        """
        refused = _refused(outcome)
        if not self.own:
            return outcome
        key, data = _key(tool, version, arguments), orjson.dumps(outcome)
        row = (key, tool, version, canonical(arguments), hashlib.sha256(data).digest(), refused, time.time(), seconds)
        with self._lock:
            return outcome if self.own.add(row, _squeeze(data)) else self.own.get(key) or outcome

    def entries(self) -> Generator[Entry, None, None]:
        """Every call in any of the files, once, in the order of the keys."""
        rows = heapq.merge(*(layer.rows() for layer in self.layers), key=lambda row: row[0])
        for _, same in groupby(rows, key=lambda row: row[0]):
            yield _entry(next(same))

    def close(self) -> None:
        for layer in self.layers:
            layer.close()


class _File:
    """One SQLite file of calls, open."""

    def __init__(self, path: Path, db: sqlite3.Connection) -> None:
        self.path, self.db = path, db

    def get(self, key: bytes) -> Outcome | None:
        with _blame(self.path):
            query = "SELECT data FROM calls JOIN blobs ON hash = outcome WHERE key = ?"
            row = self.db.execute(query, (key,)).fetchone()
        return _outcome(row[0]) if row else None

    def add(self, row: tuple[Any, ...], data: bytes) -> bool:
        """Add a call unless its key is there; whether it was added."""
        with self.writing():
            added = self.db.execute("INSERT OR IGNORE INTO calls VALUES (?,?,?,?,?,?,?,?)", row).rowcount == 1
            if added:
                self.db.execute("INSERT OR IGNORE INTO blobs VALUES (?, ?)", (row[4], data))
            return added

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """(a call's columns, its data) in the order of the keys."""
        query = f"SELECT {_COLUMNS}, data FROM calls JOIN blobs ON hash = outcome ORDER BY key"
        with _blame(self.path):
            yield from self.db.execute(query)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction, committed when the block ends well."""
        with _blame(self.path):
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.db.execute("COMMIT")
            except BaseException:
                self.db.rollback()
                raise

    def close(self) -> None:
        self.db.close()


@contextmanager
def _blame(path: Path) -> Iterator[None]:
    """Say of SQLite's errors what they mean for the user."""
    try:
        yield
    except sqlite3.DatabaseError as fault:
        raise DiveError(f"cassette {path}: {fault}", hint=_hint(str(fault))) from None


def _hint(fault: str) -> str | None:
    if "locked" in fault:
        return "another program holds it; wait for that to end"
    if "full" in fault:
        return "make room on the disk"
    if "not a database" in fault or "malformed" in fault or "no such table" in fault:
        return "it is damaged, or not a cassette: name another file, and keep this one"
    return "is the folder there, and may you write in it?" if "unable to open" in fault else None


def _writable(path: Path) -> _File:
    """The cassette at `path`, made if it is not there."""
    with _blame(path):
        db = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
        file = _File(path, db)
        if not _empty(db):
            _checked(file)  # before anything is changed
        _patiently(lambda: db.execute("PRAGMA journal_mode = WAL").fetchone())
        db.execute("PRAGMA synchronous = NORMAL")  # survives kill -9; a power cut may cost the last calls
    with file.writing():
        if _empty(db):
            for statement in _TABLES.split(";"):
                db.execute(statement)
            db.execute(f"PRAGMA application_id = {_FORMAT}")
    return _checked(file)


def _readable(path: Path) -> _File:
    """The cassette at `path`, which must exist and is not written to."""
    if not path.is_file():
        raise DiveError(f"no cassette at {path}")
    try:
        return _checked(_connected(path, "mode=ro"))
    except DiveError as fault:
        if "unable to open" not in fault.message and "readonly" not in fault.message:
            raise
        return _checked(_connected(path, "immutable=1"))  # in a folder that cannot be written to, nobody else writes


def _connected(path: Path, mode: str) -> _File:
    uri = f"{path.absolute().as_uri()}?{mode}"
    with _blame(path):
        return _File(path, sqlite3.connect(uri, _PATIENCE, uri=True, check_same_thread=False))


def _checked(file: _File) -> _File:
    with _blame(file.path):
        if _format(file.db) != _FORMAT:
            raise DiveError(f"{file.path} is a database, but not a cassette", hint="name another file")
    return file


def _format(db: sqlite3.Connection) -> int:
    return db.execute("PRAGMA application_id").fetchone()[0]


def _empty(db: sqlite3.Connection) -> bool:
    return not _format(db) and not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]


def _patiently(step: Any) -> None:
    """Try until no other process is in the way (SQLite does not wait by itself where two change the journal)."""
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            return step()
        except sqlite3.OperationalError as fault:
            if "locked" not in str(fault) or time.monotonic() > end:
                raise
            time.sleep(0.01)


def _key(tool: str, version: str, arguments: dict[str, Any]) -> bytes:
    return hashlib.sha256(canonical([tool, version, arguments])).digest()


def _refused(outcome: Outcome) -> bool:
    """Whether the outcome is a refusal; ValueError when it may not be recorded at all."""
    kind = (outcome.get("error") or {}).get("kind")
    if ("result" in outcome) == ("error" in outcome) or kind not in (None, "refused"):
        raise ValueError(f"only a result or a refusal is recorded, not {kind or 'this'}")
    return "error" in outcome


def _squeeze(data: bytes) -> bytes:
    """The bytes of an outcome as stored: JSON, or where that is long, zlib (JSON never starts as zlib does)."""
    return zlib.compress(data) if len(data) > _SQUEEZE else data


def _json(data: bytes) -> bytes:
    return data if data.startswith(b"{") else zlib.decompress(data)


def _outcome(data: bytes) -> Outcome:
    return orjson.loads(_json(data))


def _entry(row: tuple[Any, ...]) -> Entry:
    key, tool, version, arguments, _, _, recorded_at, seconds, data = row
    return Entry(key.hex(), tool, version, orjson.loads(arguments), _outcome(data), recorded_at, seconds)


def merge(target: Path, sources: Sequence[Path]) -> dict[str, int]:
    """Add the calls of `sources` to `target`, which keeps its own where they differ; counts of what came of each."""
    counts = {"added": 0, "same": 0, "differs": 0}
    files = [_readable(source) for source in sources]
    into = _writable(target)
    for row in (row for file in files for row in file.rows()):
        if into.add(row[:8], row[8]):
            counts["added"] += 1
            continue
        kept = into.db.execute("SELECT outcome FROM calls WHERE key = ?", row[:1]).fetchone()
        counts["same" if kept[0] == row[4] else "differs"] += 1
    for file in (*files, into):
        file.close()
    return counts


def stat(path: Path) -> dict[str, Any]:
    """Counts of calls, refusals and stored results, size in bytes, and calls by tool and version."""
    file = _readable(path)
    with _blame(path):
        totals = file.db.execute("SELECT count(*), total(refused), total(seconds) FROM calls").fetchone()
        results, stored = file.db.execute("SELECT count(*), total(length(data)) FROM blobs").fetchone()
        tools = file.db.execute("SELECT tool || '@' || version, count(*) FROM calls GROUP BY 1 ORDER BY 1").fetchall()
    file.close()
    return {
        "calls": totals[0],
        "refused": int(totals[1]),
        "results": results,
        "result_bytes": int(stored),
        "file_bytes": path.stat().st_size,
        "call_seconds": round(totals[2], 3),
        "tools": dict(tools),
    }


def prune(path: Path, keep: set[tuple[str, str]]) -> int:
    """Remove every call whose (tool, version) is not in `keep`, and give the room back; how many were removed."""
    _readable(path).close()
    file = _writable(path)
    with file.writing():
        there = file.db.execute("SELECT DISTINCT tool, version FROM calls").fetchall()
        gone = [pair for pair in there if pair not in keep]
        removed = sum(
            file.db.execute("DELETE FROM calls WHERE tool = ? AND version = ?", pair).rowcount for pair in gone
        )
        file.db.execute("DELETE FROM blobs WHERE hash NOT IN (SELECT outcome FROM calls)")
    with _blame(path):
        file.db.execute("VACUUM")
    file.close()
    return removed


def diff(a: Path, b: Path) -> Iterator[dict[str, Any]]:
    """The calls that are only in `a`, only in `b`, or have another outcome in each, in the order of the keys."""
    files = {"a": _readable(a), "b": _readable(b)}
    rows = heapq.merge(*(_sided(side, file) for side, file in files.items()), key=lambda pair: pair[1][0])
    for _, same in groupby(rows, key=lambda pair: pair[1][0]):
        sides = dict(same)
        if len(sides) == 1 or sides["a"][4] != sides["b"][4]:
            entry = _entry(next(iter(sides.values())))
            outcomes = {side: _outcome(row[8]) for side, row in sides.items()}
            yield {"tool": entry.tool, "version": entry.version, "arguments": entry.arguments, **outcomes}
    for file in files.values():
        file.close()


def _sided(side: str, file: _File) -> Iterator[tuple[str, tuple[Any, ...]]]:
    return ((side, row) for row in file.rows())
