"""Recorded calls and replies: one SQLite file that many processes may write, over any number of files only read.

A call is keyed by tool, version and canonical arguments. Its outcome, `{"result": …}` or the tool's own refusal
`{"error": {"kind": "refused", …}}`, is stored once by content hash; what failed on the way is never stored. A model's
reply is keyed by a digest of everything asked, for whom, and of which checkpoint (`models/taped.py`).
"""

from __future__ import annotations

import hashlib
import heapq
import threading
import time
from collections.abc import Generator, Sequence
from concurrent.futures import Future
from itertools import groupby
from pathlib import Path
from typing import Any

import orjson

from dive_tools.cassette.care import diff, merge, prune, stat
from dive_tools.cassette.files import Entry, Outcome, Reply, entry_of, readable, squeeze, writable
from dive_tools.cassette.writer import Asked, Writer
from dive_tools.records import canonical

__all__ = ["Asked", "Cassette", "Entry", "Outcome", "Reply", "diff", "merge", "prune", "stat"]


class Cassette:
    """Recorded calls and replies in `path`, which is made if need be (None: record nothing), over read-only files.

    A connection belongs to one process: open the cassette after a fork, not before. Threads may share it.
    """

    def __init__(self, path: Path | None, over: Sequence[Path] = ()) -> None:
        self._lock, self._pen_lock = threading.Lock(), threading.Lock()
        self.own = writable(path) if path else None
        self._pen = writable(path) if path else None  # who reads does not wait with who waits to write
        self._writer = Writer(path) if path else None
        self.layers = [layer for layer in (self.own, *map(readable, over)) if layer]

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
        if not self._pen:
            return outcome
        key, data = _key(tool, version, arguments), orjson.dumps(outcome)
        row = (key, tool, version, canonical(arguments), hashlib.sha256(data).digest(), refused, time.time(), seconds)
        with self._pen_lock:
            return outcome if self._pen.add(row, squeeze(data)) else self._pen.get(key) or outcome

    def entries(self) -> Generator[Entry, None, None]:
        """Every call in any of the files, once, in the order of the keys."""
        rows = heapq.merge(*(layer.rows() for layer in self.layers), key=lambda row: row[0])
        for _, same in groupby(rows, key=lambda row: row[0]):
            yield entry_of(next(same))

    def get_reply(self, key: bytes) -> Reply | None:
        """The recorded reply, from the first file that has it."""
        with self._lock:
            return next((found for layer in self.layers if (found := layer.get_reply(key))), None)

    def put_reply(
        self, asked: Asked, reply: Reply, tokens: tuple[int, int, int] = (0, 0, 0), seconds: float = 0.0
    ) -> Future[Reply]:
        """Record a reply and, once that is committed, return it: the recorded one, where another was first.

        `tokens` are those that came in, went out and, of the former, were cached. TypeError where it is not JSON.
        """
        data = orjson.dumps(reply)
        if self._writer is not None:
            return self._writer.put(asked, data, tokens, seconds)
        done: Future[Reply] = Future()
        done.set_result(orjson.loads(data))
        return done

    def seen(self, model: str, revision: str) -> None:
        """Note that a model's checkpoint was asked just now."""
        if self._pen:
            with self._pen_lock:
                self._pen.see(model, revision, time.time())

    def revisions(self, model: str) -> list[str]:
        """The checkpoints of a model that have replies, the one seen last first."""
        with self._lock:
            rows = [row for layer in self.layers for row in layer.models() if row[0] == model]
            seen = dict.fromkeys(revision for _, revision, _ in sorted(rows, key=lambda row: row[2], reverse=True))
            return [revision for revision in seen if self._replied(model, revision)]

    def models(self) -> list[str]:
        """The names of the models that have replies."""
        with self._lock:
            seen = {row[:2] for layer in self.layers for row in layer.models()}
            return sorted({model for model, revision in seen if self._replied(model, revision)})

    def _replied(self, model: str, revision: str) -> bool:
        return any(layer.replied(model, revision) for layer in self.layers)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        for file in (*self.layers, *([self._pen] if self._pen else [])):
            file.close()


def _key(tool: str, version: str, arguments: dict[str, Any]) -> bytes:
    return hashlib.sha256(canonical([tool, version, _plain(arguments)])).digest()


def _plain(value: Any) -> Any:
    """The value with 3.0 as 3: programs such as jq write one for the other, and no tool should tell them apart."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list) else value


def _refused(outcome: Outcome) -> bool:
    """Whether the outcome is a refusal; ValueError when it may not be recorded at all."""
    kind = (outcome.get("error") or {}).get("kind")
    if ("result" in outcome) == ("error" in outcome) or kind not in (None, "refused"):
        raise ValueError(f"only a result or a refusal is recorded, not {kind or 'this'}")
    return "error" in outcome
