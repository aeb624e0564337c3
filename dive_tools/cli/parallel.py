"""Lines through a stage in several processes: streaming, in input order, with little in flight.

Each worker has a pipe of its own, and a thread here that waits on it: a worker that dies at any moment, halfway through
an answer too, ends its pipe and is noticed. (ProcessPoolExecutor shares one pipe, and waits for ever in that case.)
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any, NamedTuple

from dive_tools.cli.work import Alone, Make, Outcome
from dive_tools.errors import DiveError
from dive_tools.jsonl import Line

_CHUNKS_AHEAD = 4  # per worker: enough to keep it busy, few enough to keep memory flat
_CHUNK_SECONDS = 0.02  # long against the cost of a hand-over (0.2 ms), short against a user's patience
_CHUNK_LINES = 64
_PROVENANCE = "provenance"


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
        """`private` file descriptors stay with the parent."""
        self.make, self.name, self.jobs, self.private = make, name, jobs, private
        self.stage: Any = None  # each worker has its own
        self.unordered = unordered
        self.todo: SimpleQueue[tuple[Any, Future[Any]] | None] = SimpleQueue()
        self.done: SimpleQueue[Future[Done] | int | BaseException] = SimpleQueue()
        self.window = threading.Semaphore(_CHUNKS_AHEAD * jobs)
        self.chunk, self.stopped = 1, False
        self.latest: dict[int, dict[str, int]] = {}
        self.workers: list[tuple[Any, Connection]] = []
        self.threads: list[threading.Thread] = []

    def start(self) -> None:
        """Fork, from the main thread and before there is another, and have every worker build the stage."""
        with _interrupts_held():  # a worker must not meet Ctrl-C before it ignores it
            for _ in range(self.jobs):
                self.workers.append(_hire(self.make, self.name, self.private))
        for _, pipe in self.workers:
            _answer(pipe)
        for _, pipe in self.workers:
            self._thread(self._drive, pipe)

    def drive(self, consume: Callable[[], None]) -> None:
        """Have `consume` take the outcomes."""
        consume()

    def outcomes(self, lines: Iterable[list[Line]]) -> Iterator[Outcome]:
        """The outcomes in input order, or as they come when `unordered`."""
        self._thread(self._feed, lines)
        got, sent = 0, None
        while sent is None or got < sent:
            item = self.done.get()
            if isinstance(item, BaseException):
                raise item
            if isinstance(item, int):
                sent = item
                continue
            got += 1
            yield from self._settled(item.result())

    def _thread(self, target: Callable[[Any], None], argument: Any) -> None:
        self.threads.append(threading.Thread(target=target, args=(argument,), daemon=True))
        self.threads[-1].start()

    def _feed(self, lines: Iterable[list[Line]]) -> None:
        """Read and hand out (a thread of its own); what it puts last is the number of chunks."""
        sent = 0
        try:
            for chunk in self._chunks(lines):
                self.window.acquire()
                if self.stopped:
                    return
                future = self._ask(chunk)
                if self.unordered:
                    future.add_done_callback(self.done.put)
                else:
                    self.done.put(future)
                sent += 1
            self.done.put(sent)
        except BaseException as fault:
            self.done.put(fault)

    def _chunks(self, lines: Iterable[list[Line]]) -> Iterator[list[Line]]:
        """What one read brought, in pieces of the size that is now right."""
        for batch in lines:
            start = 0
            while start < len(batch):
                stop = start + self.chunk
                yield batch[start:stop]
                start = stop

    def ask(self, chunk: list[Line]) -> Future[Done]:
        """What comes of lines that are handed in one by one, for whoever does not need `outcomes`."""
        future: Future[Done] = self._ask(chunk)
        future.add_done_callback(self._noted)
        return future

    def _noted(self, future: Future[Done]) -> None:
        if not future.cancelled() and future.exception() is None:
            self.latest[future.result().worker] = future.result().counters

    def _ask(self, question: Any) -> Future[Any]:
        """The answer to come, from whichever worker is free first."""
        future: Future[Any] = Future()
        self.todo.put((question, future))
        return future

    def _drive(self, pipe: Connection) -> None:
        """Put one question after the other to one worker (a thread of its own)."""
        while job := self.todo.get():
            question, future = job
            try:
                pipe.send(question)
                future.set_result(_answer(pipe))
            except (EOFError, OSError, pickle.UnpicklingError):  # the pipe ended, maybe halfway through an answer
                future.set_exception(_died())
            except Exception as fault:  # told where the result is asked for, not lost with this thread
                future.set_exception(fault)

    def _settled(self, done: Done) -> Iterator[Outcome]:
        self.latest[done.worker] = done.counters
        if done.outcomes:
            pace = _CHUNK_SECONDS * len(done.outcomes) / max(done.seconds, 1e-6)
            self.chunk = max(1, min(_CHUNK_LINES, int(pace)))
        yield from done.outcomes
        if done.fault:
            raise done.fault
        self.window.release()

    def counters(self) -> dict[str, int]:
        total: Counter[str] = Counter()
        for counters in self.latest.values():
            total.update(counters)
        return dict(total)

    def provenance(self) -> dict[str, Any]:
        return self._ask(_PROVENANCE).result()

    def close(self, *, failed: bool) -> None:
        """Let the workers finish, or when the run failed end them where they stand."""
        self.stopped = True
        self.window.release()
        for process, pipe in self.workers:
            self.todo.put(None)  # the end of its thread
            if failed:
                process.kill()
            else:
                pipe.send(None)
        for process, _ in self.workers:
            process.join()
        for thread in self.threads:
            thread.join(0.1)  # the one that reads may wait for input that never comes


def _hire(make: Make, name: str, private: tuple[int, ...]) -> tuple[Any, Connection]:
    """(process, pipe) of a new worker; its first answer says whether it could build the stage."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, make, name, os.getpid(), (*private, ours.fileno())))
    process.start()
    theirs.close()
    return process, ours


def _answer(pipe: Connection) -> Any:
    """What a worker says next; raised, when it is an error."""
    try:
        answer = pipe.recv()
    except (EOFError, OSError):
        raise _died() from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def _died() -> DiveError:
    return DiveError("a worker process died (out of memory, or a crash inside a library)", hint="try fewer jobs: -j 1")


@contextmanager
def _interrupts_held() -> Iterator[None]:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


# What follows runs in the workers.


def _serve(pipe: Connection, make: Make, name: str, parent: int, private: tuple[int, ...]) -> None:
    """Be a worker: die with the parent, leave its files alone, build the stage, answer until told to end."""
    _die_with(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    for fd in private:
        os.close(fd)
    try:
        worker = Alone(make, name)
        worker.start()
    except Exception as fault:
        pipe.send(_portable(fault))
        return
    pipe.send(None)
    while (question := pipe.recv()) is not None:
        pipe.send(_provenance(worker) if question == _PROVENANCE else _work(worker, question))
    worker.close(failed=False)


def _die_with(parent: int) -> None:
    """Have the kernel kill this process when `parent` dies, however that dies."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # 1 is PR_SET_PDEATHSIG
    if os.getppid() != parent:
        os._exit(1)


def _provenance(worker: Alone) -> dict[str, Any] | Exception:
    try:
        return worker.provenance()
    except Exception as fault:
        return _portable(fault)


def _work(worker: Alone, chunk: list[Line]) -> Done:
    """The outcomes of a chunk; what was done before a fault is sent back with it."""
    start, outcomes, fault = time.perf_counter(), [], None
    try:
        for number, raw in chunk:
            outcomes.append(worker.outcome(number, raw))
    except Exception as error:
        fault = _portable(error)
    return Done(outcomes, os.getpid(), worker.counters(), time.perf_counter() - start, fault)


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
