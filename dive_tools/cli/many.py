"""Lines through an asynchronous stage: many records at once in one event loop, in input order, with little in flight.

The event loop has the main thread, where time limits can interrupt a tool. One thread reads lines, another takes the
outcomes in order and writes them: a reader of ours that is slow holds back neither replies nor their time-outs.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, InvalidStateError
from queue import SimpleQueue
from typing import Any

from dive_tools.cli.work import Make, Outcome, bad, settle
from dive_tools.errors import BadRecord, StopAll
from dive_tools.jsonl import Line, parse

_AT_WORK = 2  # records at work for each request in flight: some wait for a tool, or for their next try
_AHEAD = 2  # records read for each at work: what a slow one may hold up


class Many:
    """A stage `await stage(record) -> Record | Drop` with `async open()`, `async idle()` and `async aclose()`."""

    def __init__(self, make: Make, name: str, in_flight: int, each: int, *, unordered: bool) -> None:
        """`in_flight` is how many requests the stage has in flight at once, up to `each` of them for one record."""
        self.make, self.name, self.unordered = make, name, unordered
        self.at_work = max(2, -(-_AT_WORK * in_flight // each))
        self.window = threading.Semaphore(_AHEAD * self.at_work)
        self.done: SimpleQueue[Future[Outcome] | int | BaseException] = SimpleQueue()
        self.owed: set[Future[Outcome]] = set()
        self.tasks: set[asyncio.Task[None]] = set()
        self.stopped = False
        self.fault: StopAll | None = None
        self.runner = asyncio.Runner()
        self.stage: Any = None

    def start(self) -> None:
        """Build the stage and open it: what can never work is told here, before anything is read or written."""
        self.stage = self.make()
        self.runner.run(self.stage.open())

    def drive(self, consume: Callable[[], None]) -> None:
        """Run the loop until `consume`, in a thread of its own, has taken every outcome."""
        self.runner.run(self._drive(consume))

    async def _drive(self, consume: Callable[[], None]) -> None:
        self.loop, self.room = asyncio.get_running_loop(), asyncio.Semaphore(self.at_work)
        ended: asyncio.Future[None] = self.loop.create_future()
        threading.Thread(target=self._consume, args=(consume, ended), daemon=True).start()
        try:
            await ended
        finally:
            self.stopped = True
            self.window.release()
            if self.fault is not None and self.fault.patient:
                await self.stage.idle()  # what was asked is paid for: let it be recorded
            for task in self.tasks:
                task.cancel()
            await asyncio.gather(*self.tasks, return_exceptions=True)

    def _consume(self, consume: Callable[[], None], ended: asyncio.Future[None]) -> None:
        fault: BaseException | None = None
        try:
            consume()
        except BaseException as error:  # raised anew where the loop is waited for
            fault = error

        def end() -> None:
            if not ended.done():
                ended.set_result(None) if fault is None else ended.set_exception(fault)

        self._soon(end)

    def _soon(self, step: Callable[[], Any]) -> None:
        try:
            self.loop.call_soon_threadsafe(step)
        except RuntimeError:  # the loop has ended
            return

    def outcomes(self, lines: Iterable[list[Line]]) -> Iterator[Outcome]:
        """The outcomes in input order, or as they come when `unordered`."""
        threading.Thread(target=self._feed, args=(lines,), daemon=True).start()
        got, sent, spent = 0, None, None
        while sent is None or got < sent:
            item = self.done.get()
            if isinstance(item, BaseException):
                raise item
            if isinstance(item, int):
                sent = item
                continue
            got += 1
            try:
                outcome = item.result()
            except StopAll as fault:
                if not (self.unordered and fault.patient):
                    raise
                spent = fault  # others may still end well
            else:
                yield outcome
            self.window.release()
        if spent is not None:
            raise spent

    def _feed(self, lines: Iterable[list[Line]]) -> None:
        """Read and hand out (a thread of its own); what it puts last is the number of lines."""
        sent = 0
        try:
            for batch in lines:
                for line in batch:
                    self.window.acquire()
                    if self.stopped:
                        return
                    if self.fault is not None:
                        self.done.put(sent)
                        return
                    self._hand(line)
                    sent += 1
            self.done.put(sent)
        except BaseException as fault:
            self.done.put(fault)

    def _hand(self, line: Line) -> None:
        future: Future[Outcome] = Future()
        if self.unordered:
            future.add_done_callback(self.done.put)
        else:
            self.done.put(future)
        self._soon(lambda: self._begin(line, future))

    def _begin(self, line: Line, future: Future[Outcome]) -> None:
        if self.fault is not None:
            future.set_exception(self.fault)
            return
        self.owed.add(future)
        task = self.loop.create_task(self._settle(line, future))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _settle(self, line: Line, future: Future[Outcome]) -> None:
        try:
            async with self.room:
                _give(future, await self._outcome(*line))
        except asyncio.CancelledError:
            raise
        except StopAll as fault:
            self._stop(fault, future)
        except BaseException as fault:
            fault.add_note(f"at input line {line[0]}")
            _give(future, fault)
        finally:
            self.owed.discard(future)

    async def _outcome(self, number: int, raw: bytes) -> Outcome:
        try:
            return settle(self.name, number, raw, await self.stage(parse(raw)))
        except BadRecord as fault:
            return bad(self.name, number, raw, fault)

    def _stop(self, fault: StopAll, future: Future[Outcome]) -> None:
        """Begin nothing new; unless the fault is patient, whoever waits for any outcome is told now."""
        if self.fault is None:
            self.fault = fault
        for each in [future] if fault.patient else list(self.owed):
            _give(each, fault)

    def counters(self) -> dict[str, Any]:
        return dict(self.stage.counters)

    def provenance(self) -> dict[str, Any]:
        return self.stage.provenance()  # type: ignore[no-any-return]

    def close(self, *, failed: bool) -> None:
        """Let go of the model's server and the tools' cassette."""
        try:
            if self.stage is not None:
                self.runner.run(self.stage.aclose())
        finally:
            self.runner.close()


def _give(future: Future[Outcome], result: Outcome | BaseException) -> None:
    try:
        if isinstance(result, BaseException):
            future.set_exception(result)
        else:
            future.set_result(result)
    except InvalidStateError:  # it was told already that all stops
        return
