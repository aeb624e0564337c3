"""Calls that may wait, each in a thread of its own, for one event loop: so many at once, each within its time limit.

A thread cannot be stopped: where a call runs over its limit, its thread is left alone, does not hold up the exit, and
nothing that it still brings is kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import threading
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from dive_tools.records import canonical
from dive_tools.tools.base import Tool
from dive_tools.tools.door import Outcome, failed, over_time

AT_ONCE = 64  # calls
OF_A_SERVER = 4  # calls of one HTTP server, as many as it is sent at once: who waits here is not over time
HANGING = 16  # calls of one tool that ran over their limit and still run: it is called no more
GRACE = 1.0  # seconds beyond the tool's limit, so that its own words come first

Make = Callable[[Tool, dict[str, Any], Callable[[], bool]], Outcome]


class Threads:
    """The calls that one event loop has under way; `make` makes one, in whichever thread it is called.

    `make` asks, before it keeps an outcome, whether that is wanted: not where it was said already to be over time.
    """

    def __init__(self, make: Make) -> None:
        self.loop = asyncio.get_running_loop()
        self._make = make
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._servers: dict[str, asyncio.Semaphore] = {}
        self._first = asyncio.Lock()
        self._opened: set[str] = set()
        self._flying: dict[bytes, asyncio.Task[Outcome]] = {}
        self._late: defaultdict[str, list[threading.Thread]] = defaultdict(list)

    async def made(self, found: Tool, arguments: dict[str, Any], *, shared: bool) -> Outcome:
        """The outcome of a call; where it may be `shared`, that of the same call in flight."""
        if not shared:
            return await self._opening(found, arguments)
        key = canonical([found.name, found.version, arguments])
        task, alone = self._flying.get(key), False
        if task is None:
            task, alone = asyncio.create_task(self._opening(found, arguments)), True
            self._flying[key] = task
            task.add_done_callback(lambda done: self._landed(key, done))
        outcome = await asyncio.shield(task)  # who stops waiting does not stop the others
        return outcome if alone else _copy(outcome)

    def _landed(self, key: bytes, task: asyncio.Task[Outcome]) -> None:
        del self._flying[key]
        if not task.cancelled():
            task.exception()  # whoever waited has it; if nobody did, it is not to be reported as lost

    async def _opening(self, found: Tool, arguments: dict[str, Any]) -> Outcome:
        """A call; the first of a file, server or folder goes alone, since it imports or opens what all then use."""
        source = _source(found)
        if source in self._opened:
            return await self._queued(found, arguments, source)
        async with self._first:
            if source not in self._opened:
                try:
                    return await self._queued(found, arguments, source)
                finally:
                    self._opened.add(source)
        return await self._queued(found, arguments, source)

    async def _queued(self, found: Tool, arguments: dict[str, Any], source: str) -> Outcome:
        """A call when its turn has come; the wait is not the tool's and counts for no limit."""
        async with self._servers.setdefault(source, asyncio.Semaphore(_at_once(found))), self._slots:
            late = self._late[found.name] = [thread for thread in self._late[found.name] if thread.is_alive()]
            if len(late) >= HANGING:
                return failed("over_time", f"{len(late)} earlier calls of {found.name} hang: it is called no more")
            return await self._limited(found, arguments)

    async def _limited(self, found: Tool, arguments: dict[str, Any]) -> Outcome:
        done: asyncio.Future[Outcome] = self.loop.create_future()
        context = contextvars.copy_context()  # so that the thread knows whose attempt it is
        decided = threading.Lock()  # taken by who is first: the thread with its outcome, or the time limit

        def wanted() -> bool:
            return decided.acquire(blocking=False)

        def work() -> None:
            outcome: Outcome = {}
            fault: BaseException | None = None
            try:
                outcome = context.run(self._make, found, arguments, wanted)
            except BaseException as error:  # it belongs to whoever waits
                fault = error
            with contextlib.suppress(RuntimeError):  # the loop may be closed by now
                self.loop.call_soon_threadsafe(_settle, done, outcome, fault)

        thread = threading.Thread(target=work, daemon=True, name=f"tool {found.name}")
        thread.start()
        try:
            await asyncio.wait({done}, timeout=found.limit + GRACE)
            if done.done() or not wanted():
                return await done  # at once, or when it has been recorded
            self._late[found.name].append(thread)
            return over_time(found)
        finally:
            done.cancel()


def _settle(done: asyncio.Future[Outcome], outcome: Outcome, fault: BaseException | None) -> None:
    if done.done():
        return
    if fault is None:
        done.set_result(outcome)
    else:
        done.set_exception(fault)


def _source(found: Tool) -> str:
    """What a tool shares with others of its source: a file or module, a server, a folder; "" for built-in tools."""
    via = found.via
    kind = via.get("kind", "builtin")
    shared = next((via[key] for key in ("base", "server", "folder", "file", "module") if key in via), "")
    return "" if kind == "builtin" else f"{kind}:{canonical(shared).decode()}"


def _at_once(found: Tool) -> int:
    """How many calls of its source may be under way at once."""
    if found.via.get("kind") == "http":
        return OF_A_SERVER
    server = found.via.get("server", {})
    return int(server.get("instances", 1)) if server.get("session", "shared") == "shared" and server else AT_ONCE


def _copy(outcome: Outcome) -> Outcome:
    import orjson

    return orjson.loads(orjson.dumps(outcome))  # type: ignore[no-any-return]
