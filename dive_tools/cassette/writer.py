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

from dive_tools.cassette.files import GROUP, File, Reply, blame, connect
from dive_tools.errors import DiveError

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
    """A thread that records replies, those that wait at once in one transaction, so that no event loop waits.

    The file is opened at once: later, with many connections to a server, there may be no more files to be had.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with blame(path):
            self._file = File(path, connect(path))
            self._file.db.execute("SELECT 1 FROM sqlite_master").fetchall()  # opens its journal too
        self._fault: BaseException | None = None  # what ended the thread
        self._waiting: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def put(self, asked: Asked, data: bytes, tokens: tuple[int, int, int], seconds: float) -> Future[Reply]:
        """The reply that is recorded, once it is committed; DiveError where nothing can be recorded any more."""
        done: Future[Reply] = Future()
        done.set_running_or_notify_cancel()  # what was paid for is recorded, though the one who waits has given up
        hashed = hashlib.sha256(data).digest()
        who = (asked.key, asked.model, asked.revision, asked.record, asked.purpose, asked.attempt, asked.turn)
        with self._lock:
            if self._fault is None and self._thread is None:
                self._start()
            if self._fault is not None:
                raise self._ended()
            self._waiting.put(((*who, hashed, *tokens, time.time(), seconds), data, done))
        return done

    def close(self) -> None:
        """Record what waits, and end."""
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join()
            self._thread = None
        self._file.close()

    def _start(self) -> None:
        thread = threading.Thread(target=self._run, name="replies", daemon=True)
        try:
            thread.start()
        except RuntimeError as fault:  # no more threads are to be had
            self._fault = fault
        else:
            self._thread = thread

    def _run(self) -> None:
        group: list[_Waiting] = []
        try:
            while group := self._group():
                self._record(group)
        except BaseException as fault:  # whoever waits is told, and whoever comes: nobody waits for ever
            with self._lock:
                self._fault = fault
                while not self._waiting.empty():
                    more = self._waiting.get()
                    group += [more] if more is not None else []
            for _, _, done in group:
                if not done.done():
                    done.set_exception(self._ended())

    def _record(self, group: list[_Waiting]) -> None:
        try:
            found = self._file.add_replies([(row, data) for row, data, _ in group])
        except DiveError as fault:
            for _, _, done in group:
                done.set_exception(fault)
            return
        for (_, _, done), data in zip(group, found, strict=True):
            done.set_result(orjson.loads(data))

    def _ended(self) -> DiveError:
        fault = self._fault
        if isinstance(fault, DiveError):
            return DiveError(fault.message, hint=fault.hint)
        return DiveError(f"cassette {self.path}: no reply can be recorded any more ({type(fault).__name__}: {fault})")

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
