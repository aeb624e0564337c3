"""Sessions with MCP servers, kept: opened when first wanted, given to one call at a time, replaced when they die.

All of it lives in the event loop of `common.LOOP`; the functions at the end are what other threads call.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Coroutine, Iterator
from contextvars import ContextVar
from typing import Any

from dive_tools.sources.common import LOOP
from dive_tools.sources.mcp_config import Server
from dive_tools.sources.mcp_sessions import Died, Session

ATTEMPT: ContextVar[str] = ContextVar("attempt", default="")


class Pool:
    """The sessions with one server in one scope (the process, or an attempt), each serving one call at a time."""

    def __init__(self, server: Server, house: House, key: str) -> None:
        self.server, self._house, self._key = server, house, key
        self._slots = asyncio.Semaphore(server.instances if server.session == "shared" else 1)
        self._idle: list[Session] = []
        self._open: set[Session] = set()

    async def call(self, tool: str, arguments: dict[str, Any]) -> Any:
        """A tool's answer from a live session, which then is kept, or closed where each call has its own."""
        async with self._slots:
            self._idle = [session for session in self._idle if session.alive]
            session = self._idle.pop() if self._idle else self._house.fresh(self.server, self._key)
            self._open = {other for other in self._open if other.alive} | {session}
            try:
                await session.ready()
                return await session.request(session.call(tool, arguments), self.server.timeout)
            finally:
                if self.server.session == "call":
                    self._house.later(session.close())
                elif session.alive:
                    self._idle.append(session)

    async def close(self) -> None:
        """Close all of them."""
        await asyncio.gather(*(session.close() for session in self._open))


class House:
    """All that one process has open: a pool for each server and scope, and sessions started ahead."""

    def __init__(self) -> None:
        self._pools: dict[tuple[str, str], Pool] = {}
        self._ahead: dict[str, list[Session]] = {}
        self._closing: set[asyncio.Task[None]] = set()  # the loop itself holds tasks weakly

    async def call(
        self, server: Server, key: str, scope: str, tool: str, arguments: dict[str, Any], again: bool
    ) -> Any:
        """A tool's answer; when its session dies under the call, and `again` allows it, it is asked once more."""
        pool = self._pools.get((key, scope))
        if pool is None:
            pool = self._pools[key, scope] = Pool(server, self, key)
        try:
            return await pool.call(tool, arguments)
        except Died:
            if not again:
                raise
            return await pool.call(tool, arguments)

    def fresh(self, server: Server, key: str) -> Session:
        """A new session, or one started ahead where calls or attempts do not share theirs."""
        if server.session == "shared" or server.url:
            return Session(server)
        ahead = [session for session in self._ahead.get(key, []) if session.alive]
        session = ahead.pop(0) if ahead else Session(server)
        self._ahead[key] = ahead + [Session(server) for _ in range(server.instances - len(ahead))]
        return session

    async def end(self, scope: str) -> None:
        """Close what a scope has open, without waiting for it."""
        for key in [at for at in self._pools if at[1] == scope]:
            self.later(self._pools.pop(key).close())

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """Have something closed without waiting for it."""
        task = asyncio.create_task(work)
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """Close everything."""
        _HOUSES.pop(os.getpid(), None)
        ahead = [session.close() for sessions in self._ahead.values() for session in sessions]
        await asyncio.gather(*(pool.close() for pool in self._pools.values()), *ahead, *self._closing)


_HOUSES: dict[int, House] = {}  # by process: a forked child keeps the parent's alive and leaves it alone


def call(server: Server, key: str, tool: str, arguments: dict[str, Any], *, seconds: float, again: bool) -> Any:
    """Call a tool from any thread and wait for its answer (a CallToolResult or InputRequiredResult of the SDK).

    `key` tells servers apart. Raises Refusal and Unreachable; DiveError for a variable that is not set and a
    program that is not there.
    """
    house = _HOUSES.get(os.getpid())
    if house is None:
        logging.getLogger("mcp").addHandler(logging.NullHandler())  # what it logs, we raise
        house = _HOUSES[os.getpid()] = House()
        LOOP.at_close(house.close)
    scope = ATTEMPT.get() if server.session == "attempt" else ""
    return LOOP.run(house.call(server, key, scope, tool, arguments, again), seconds)


def begin(key: str) -> None:
    """From now on, calls of this thread belong to this attempt: servers of `session: attempt` give it its own."""
    ATTEMPT.set(key)


def end(key: str) -> None:
    """An attempt is over: its sessions close (in the background)."""
    if ATTEMPT.get() == key:
        ATTEMPT.set("")
    house = _HOUSES.get(os.getpid())
    if house is not None:
        LOOP.run(house.end(key), 5)


@contextlib.contextmanager
def attempt(key: str) -> Iterator[None]:
    """`begin` and `end` around a block."""
    before = ATTEMPT.get()
    begin(key)
    try:
        yield
    finally:
        end(key)
        ATTEMPT.set(before)
