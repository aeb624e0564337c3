"""Lines through a stage in several processes: streaming, in input order, with little in flight."""

from __future__ import annotations

import ctypes
import multiprocessing
import multiprocessing.util
import os
import pickle
import signal
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any, NamedTuple

from dive_tools.cli.work import Alone, Make, Outcome
from dive_tools.errors import DiveError
from dive_tools.jsonl import Line

_CHUNKS_AHEAD = 4  # per worker: enough to keep it busy, few enough to keep memory flat
_CHUNK_SECONDS = 0.02  # long against the cost of a hand-over (0.2 ms), short against a user's patience
_CHUNK_LINES = 64


class Done(NamedTuple):
    """What a worker sends back for a chunk; `fault` ended it early."""

    outcomes: list[Outcome]
    worker: int
    counters: dict[str, int]
    seconds: float
    fault: Exception | None


class Pool:
    """A stage `record -> Record | Drop`, built and run in each of `jobs` processes."""

    def __init__(self, make: Make, name: str, jobs: int, *, unordered: bool, private: tuple[int, ...]) -> None:
        """Fork and build at once, from the main thread; `private` file descriptors stay with the parent."""
        self.executor = ProcessPoolExecutor(
            jobs, multiprocessing.get_context("fork"), _begin, (make, name, os.getpid(), private)
        )
        self.unordered = unordered
        self.window = threading.Semaphore(_CHUNKS_AHEAD * jobs)
        self.queue: SimpleQueue[Future[Done] | int | BaseException] = SimpleQueue()
        self.stopped = False
        self.chunk = 1
        self.latest: dict[int, dict[str, int]] = {}
        try:
            with _interrupts_held():  # a worker must not meet Ctrl-C before it ignores it
                ready = self.executor.submit(_ready)
            self._result(ready)
        except BaseException:
            self.close(failed=True)
            raise

    def outcomes(self, lines: Iterable[list[Line]]) -> Iterator[Outcome]:
        """The outcomes in input order, or as they come when `unordered`."""
        threading.Thread(target=self._feed, args=(lines,), daemon=True).start()
        got, sent = 0, None
        while sent is None or got < sent:
            item = self.queue.get()
            if isinstance(item, BaseException):
                raise item
            if isinstance(item, int):
                sent = item
                continue
            got += 1
            yield from self._settled(item)

    def _feed(self, lines: Iterable[list[Line]]) -> None:
        """Read and submit (a thread of its own); what it puts last is the number of chunks."""
        sent = 0
        try:
            for chunk in self._chunks(lines):
                self.window.acquire()
                if self.stopped:
                    return
                self._submit(chunk)
                sent += 1
            self.queue.put(sent)
        except BaseException as fault:
            self.queue.put(fault)

    def _submit(self, chunk: list[Line]) -> None:
        future = self.executor.submit(_work, chunk)
        if self.unordered:
            future.add_done_callback(self.queue.put)
        else:
            self.queue.put(future)

    def _chunks(self, lines: Iterable[list[Line]]) -> Iterator[list[Line]]:
        """What one read brought, in pieces of the size that is now right."""
        for batch in lines:
            start = 0
            while start < len(batch):
                stop = start + self.chunk
                yield batch[start:stop]
                start = stop

    def _settled(self, future: Future[Done]) -> Iterator[Outcome]:
        done = self._result(future)
        self.latest[done.worker] = done.counters
        if done.outcomes:
            pace = _CHUNK_SECONDS * len(done.outcomes) / max(done.seconds, 1e-6)
            self.chunk = max(1, min(_CHUNK_LINES, int(pace)))
        yield from done.outcomes
        if done.fault:
            raise done.fault
        self.window.release()

    def _result(self, future: Future[Any]) -> Any:
        try:
            return future.result()
        except BrokenProcessPool:
            raise DiveError(
                "a worker process died (out of memory, or a crash inside a library)", hint="try fewer jobs: -j 1"
            ) from None

    def counters(self) -> dict[str, int]:
        total: Counter[str] = Counter()
        for counters in self.latest.values():
            total.update(counters)
        return dict(total)

    def provenance(self) -> dict[str, Any]:
        return self._result(self.executor.submit(_provenance))

    def close(self, *, failed: bool) -> None:
        """Let the workers finish, or when the run failed end them where they stand."""
        self.stopped = True
        self.window.release()
        if failed:
            for child in multiprocessing.active_children():
                child.kill()
        self.executor.shutdown(cancel_futures=True)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


# What follows runs in the workers.

_worker: Alone
_broken: Exception | None = None


def _begin(make: Make, name: str, parent: int, private: tuple[int, ...]) -> None:
    """Become a worker: die with the parent, leave its files alone, build the stage."""
    global _worker, _broken
    _die_with(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    for fd in private:
        os.close(fd)
    try:
        _worker = Alone(make, name)
    except Exception as fault:
        _broken = _portable(fault)
    else:
        multiprocessing.util.Finalize(None, _worker.close, kwargs={"failed": False}, exitpriority=1)


def _die_with(parent: int) -> None:
    """Have the kernel kill this process when `parent` dies, however that dies."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # 1 is PR_SET_PDEATHSIG
    if os.getppid() != parent:
        os._exit(1)


def _ready() -> None:
    if _broken:
        raise _broken


def _provenance() -> dict[str, Any]:
    return _worker.provenance()


def _work(chunk: list[Line]) -> Done:
    """The outcomes of a chunk; what was done before a fault is sent back with it."""
    _ready()
    start, outcomes, fault = time.perf_counter(), [], None
    try:
        for number, raw in chunk:
            outcomes.append(_worker.outcome(number, raw))
    except Exception as error:
        fault = _portable(error)
    return Done(outcomes, os.getpid(), _worker.counters(), time.perf_counter() - start, fault)


def _portable(fault: Exception) -> Exception:
    """The fault in a form that survives pickling, with its traceback told in a note."""
    told = "".join(traceback.format_exception(fault))
    if not isinstance(fault, DiveError):
        fault.add_note(f"in a worker process:\n{told}")
    try:
        pickle.loads(pickle.dumps(fault))
    except Exception:
        return RuntimeError(told)
    return fault
