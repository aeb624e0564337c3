"""One SQLite file of recorded calls and replies: how it is opened, read and written."""

from __future__ import annotations

import sqlite3
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from dive_tools.errors import DiveError

Outcome = dict[str, Any]
Reply = dict[str, Any]  # as `models/taped.py` writes it

GROUP = 256  # replies that are written together, at most

_FORMAT = 0x44495645  # "DIVE", in the header of every cassette
_PATIENCE = 60.0  # seconds to wait for another writer
_SQUEEZE = 512  # bytes from which compression is worth its time
_TABLES = """
    CREATE TABLE IF NOT EXISTS blobs (hash BLOB PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS calls (
        key BLOB PRIMARY KEY, tool TEXT NOT NULL, version TEXT NOT NULL, arguments BLOB NOT NULL,
        outcome BLOB NOT NULL REFERENCES blobs, refused INTEGER NOT NULL,
        recorded_at REAL NOT NULL, seconds REAL NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS replies (
        key BLOB PRIMARY KEY, model TEXT NOT NULL, revision TEXT NOT NULL, record TEXT NOT NULL, purpose TEXT NOT NULL,
        attempt INTEGER NOT NULL, turn INTEGER NOT NULL, reply BLOB NOT NULL REFERENCES blobs,
        tokens_in INTEGER NOT NULL, tokens_out INTEGER NOT NULL, cached INTEGER NOT NULL,
        recorded_at REAL NOT NULL, seconds REAL NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS models (
        name TEXT NOT NULL, revision TEXT NOT NULL, seen_at REAL NOT NULL, PRIMARY KEY (name, revision)
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


class File:
    """One SQLite file of calls and replies, open."""

    def __init__(self, path: Path, db: sqlite3.Connection) -> None:
        self.path, self.db = path, db

    def get(self, key: bytes) -> Outcome | None:
        with blame(self.path):
            query = "SELECT data FROM calls JOIN blobs ON hash = outcome WHERE key = ?"
            row = self.db.execute(query, (key,)).fetchone()
        return outcome_of(row[0]) if row else None

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
        with blame(self.path):
            yield from self.db.execute(query)

    def get_reply(self, key: bytes) -> Reply | None:
        rows = self._later("SELECT data FROM replies JOIN blobs ON hash = reply WHERE key = ?", (key,))
        return outcome_of(rows[0][0]) if rows else None

    def add_replies(self, rows: Sequence[tuple[tuple[Any, ...], bytes]]) -> list[bytes]:
        """Add replies, rows with their data as JSON, unless their keys are there; the data that is recorded of each."""
        blobs = {row[7]: data for row, data in rows}
        squeezed = [(name, squeeze(data)) for name, data in blobs.items()]  # before others have to wait
        with self.writing():
            kept = [row[7] for row, _ in rows]
            if self._insert("replies", [row for row, _ in rows]) < len(rows):  # others were first
                query = "SELECT reply FROM replies WHERE key = ?"
                kept = [self.db.execute(query, (row[0],)).fetchone()[0] for row, _ in rows]
            if new := [pair for pair in squeezed if pair[0] in kept]:
                self._insert("blobs", new)
            self._insert("models", list({row[1:3]: (*row[1:3], row[11]) for row, _ in rows}.values()))
            return [blobs[name] if name in blobs else self._blob(name) for name in kept]

    def _insert(self, table: str, rows: Sequence[tuple[Any, ...]]) -> int:
        """Insert the rows that are not there; in one statement, as each would wait anew for the threads of Python."""
        marks = ",".join(["(" + ",".join("?" * len(rows[0])) + ")"] * len(rows))
        return self.db.execute(
            f"INSERT OR IGNORE INTO {table} VALUES {marks}", [value for row in rows for value in row]
        ).rowcount

    def _blob(self, name: bytes) -> bytes:
        return plain(self.db.execute("SELECT data FROM blobs WHERE hash = ?", (name,)).fetchone()[0])

    def replies(self) -> Iterator[tuple[Any, ...]]:
        """(a reply's columns, its data) in the order of the keys."""
        with blame(self.path):
            if self._later("SELECT 1 FROM replies LIMIT 1"):
                query = "SELECT replies.*, data FROM replies JOIN blobs ON hash = reply ORDER BY key"
                yield from self.db.execute(query)

    def sums(self) -> dict[str, dict[str, Any]]:
        """Replies, tokens and seconds of each model@revision."""
        names = ("replies", "tokens_in", "tokens_out", "cached", "seconds")
        rows = self._later(
            "SELECT model || '@' || revision, count(*), sum(tokens_in), sum(tokens_out), sum(cached), "
            "round(total(seconds), 3) FROM replies GROUP BY 1 ORDER BY 1"
        )
        return {model: dict(zip(names, counts, strict=True)) for model, *counts in rows}

    def see(self, model: str, revision: str, at: float) -> None:
        """Note when a model's checkpoint was asked, unless it was asked later too."""
        later = "ON CONFLICT DO UPDATE SET seen_at = max(seen_at, excluded.seen_at)"
        with self.writing():
            self.db.execute(f"INSERT INTO models VALUES (?, ?, ?) {later}", (model, revision, at))

    def models(self) -> list[tuple[str, str, float]]:
        """(name, revision, when it was seen) of each model."""
        return self._later("SELECT name, revision, seen_at FROM models")

    def replied(self, model: str, revision: str) -> bool:
        """Whether there is a reply of a model's checkpoint."""
        return bool(self._later("SELECT 1 FROM replies WHERE model = ? AND revision = ? LIMIT 1", (model, revision)))

    def _later(self, query: str, values: tuple[Any, ...] = ()) -> list[Any]:
        """Rows of a table that cassettes have not always had."""
        with blame(self.path):
            try:
                return self.db.execute(query, values).fetchall()
            except sqlite3.OperationalError as fault:
                if "no such table" in str(fault):
                    return []
                raise

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction, committed when the block ends well."""
        with blame(self.path):
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
def blame(path: Path) -> Iterator[None]:
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


def writable(path: Path) -> File:
    """The cassette at `path`, made if it is not there."""
    with blame(path):
        db = connect(path)
        file = File(path, db)
        if not _empty(db):
            _checked(file)  # before anything is changed
        _patiently(lambda: db.execute("PRAGMA journal_mode = WAL").fetchone())
    with file.writing():
        if _empty(db) or _format(db) == _FORMAT:
            for statement in _TABLES.split(";"):
                db.execute(statement)
            db.execute(f"PRAGMA application_id = {_FORMAT}")
    return _checked(file)


def connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA synchronous = NORMAL")  # survives kill -9; a power cut may cost the last calls
    return db


def readable(path: Path) -> File:
    """The cassette at `path`, which must exist and is not written to."""
    if not path.is_file():
        raise DiveError(f"no cassette at {path}")
    try:
        return _checked(_connected(path, "mode=ro"))
    except DiveError as fault:
        if "unable to open" not in fault.message and "readonly" not in fault.message:
            raise
        return _checked(_connected(path, "immutable=1"))  # in a folder that cannot be written to, nobody else writes


def _connected(path: Path, mode: str) -> File:
    uri = f"{path.absolute().as_uri()}?{mode}"
    with blame(path):
        return File(path, sqlite3.connect(uri, _PATIENCE, uri=True, check_same_thread=False))


def _checked(file: File) -> File:
    with blame(file.path):
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


def squeeze(data: bytes) -> bytes:
    """The bytes of an outcome as stored: JSON, or where that is long, zlib (JSON never starts as zlib does)."""
    return zlib.compress(data) if len(data) > _SQUEEZE else data


def plain(data: bytes) -> bytes:
    return data if data.startswith(b"{") else zlib.decompress(data)


def outcome_of(data: bytes) -> Outcome:
    return orjson.loads(plain(data))


def entry_of(row: tuple[Any, ...]) -> Entry:
    key, tool, version, arguments, _, _, recorded_at, seconds, data = row
    return Entry(key.hex(), tool, version, orjson.loads(arguments), outcome_of(data), recorded_at, seconds)
