"""Recording replies without making an event loop wait."""

from __future__ import annotations

import hashlib
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import orjson

from dive_tools.cassette.files import GROUP, File, Reply, connect

_Waiting = tuple[tuple[Any, ...], bytes, "Future[Reply]"]  # a row, its data as JSON, and who waits for it


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reply was to: the key of everything that was asked, of which checkpoint, and for whom."""

    key: bytes
    model: str
    revision: str
    record: str
    purpose: str
    attempt: int
    turn: int


class Writer:
    """A thread that records replies, those that wait at once in one transaction, so that no event loop waits."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._waiting: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def put(self, asked: Asked, data: bytes, tokens: tuple[int, int, int], seconds: float) -> Future[Reply]:
        """The reply that is recorded, once it is committed."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="replies", daemon=True)
                self._thread.start()
        done: Future[Reply] = Future()
        done.set_running_or_notify_cancel()  # what was paid for is recorded, though the one who waits has given up
        hashed = hashlib.sha256(data).digest()
        who = (asked.key, asked.model, asked.revision, asked.record, asked.purpose, asked.attempt, asked.turn)
        self._waiting.put(((*who, hashed, *tokens, time.time(), seconds), data, done))
        return done

    def close(self) -> None:
        """Record what waits, and end."""
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        file = File(self.path, connect(self.path))
        try:
            while group := self._group():
                try:
                    found = file.add_replies([(row, data) for row, data, _ in group])
                except Exception as fault:
                    for _, _, done in group:
                        done.set_exception(fault)
                    continue
                for (_, _, done), data in zip(group, found, strict=True):
                    done.set_result(orjson.loads(data))
        finally:
            file.close()

    def _group(self) -> list[_Waiting]:
        """Those that wait, after at least one has come; empty at the end."""
        first = self._waiting.get()
        if first is None:
            return []
        group = [first]
        while len(group) < GROUP:
            try:
                more = self._waiting.get_nowait()
            except Empty:
                break
            if more is None:
                self._waiting.put(None)
                break
            group.append(more)
        return group
