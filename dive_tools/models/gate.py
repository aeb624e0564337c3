"""The gate that every request passes: so many at once of this process, so many of the whole run, within the budget."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from dive_tools.errors import UsageFault
from dive_tools.models.base import BudgetSpent, Usage

if TYPE_CHECKING:
    from dive_tools.models.ledger import Ledger
    from dive_tools.models.slots import Slots

_KEPT = 4  # times in a row that a shared slot goes to a task of this process before others may have it
_REST = 0.002  # seconds in which a process that gave a slot back leaves it to others
_LOST = 1.0  # seconds between looks for slots that a killed process held


class Gate:
    """`async with gate:` is one request in flight; BudgetSpent where no more may be asked.

    `in_flight` requests at once pass in this process and, where `total` is given, `total` in all processes that name
    the same folder `slots`, which is made. Who has waited longest is served first. For one event loop at a time.
    """

    def __init__(
        self, in_flight: int, *, slots: Path | None = None, total: int = 0, ledger: Ledger | None = None
    ) -> None:
        if in_flight < 1 or total < 0:
            raise UsageFault("at least one request must be allowed in flight")
        if total and slots is None:
            raise ValueError("slots that processes share need a folder")
        self.in_flight = min(in_flight, total or in_flight)  # requests at once, at most
        self.inside = 0  # requests in flight now
        self._ledger = ledger
        self._slots = _opened(slots, total) if slots and total else None
        self._kept = 0
        self._fault: BudgetSpent | None = None
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._idlers: list[asyncio.Future[None]] = []
        self._loop: asyncio.AbstractEventLoop | None = None  # in which the timer runs, and which listens
        self._timer: asyncio.TimerHandle | None = None

    @property
    def spent(self) -> bool:
        """Whether the budget is spent: those in flight finish, and nobody enters any more."""
        return self._fault is not None

    def paid(self, usage: Usage) -> None:
        """Note what a request cost."""
        if self._ledger is not None:
            self._ledger.paid(usage)

    async def idle(self) -> None:
        """Wait until nothing is in flight."""
        while self.inside:
            self._idlers.append(future := asyncio.get_running_loop().create_future())
            await future

    def close(self) -> None:
        """Leave the shared slots to the other processes."""
        self._hush()
        if self._slots is not None:
            self._slots.close()
            self._slots = None

    async def __aenter__(self) -> Gate:
        if self._fault is not None:
            raise _again(self._fault)
        if self._waiting or not self._admitted():
            await self._turn()
        try:
            if self._ledger is not None:
                self._ledger.enter()
        except BaseException as fault:
            if isinstance(fault, BudgetSpent):
                self._stop(fault)
            self._leave()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self._leave()

    def _admitted(self) -> bool:
        if self.inside >= self.in_flight or not (self._slots is None or self._slots.take()):
            return False
        self.inside += 1
        return True

    async def _turn(self) -> None:
        """Wait until this task has been let in."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        self._listen()
        try:
            await future
        except asyncio.CancelledError:
            if future.cancelled():
                self._waiting.remove(future)
                self._listen()
            elif future.exception() is None:  # let in and cancelled at once
                self._leave()
            raise

    def _leave(self) -> None:
        self.inside -= 1
        if self._slots is None:
            self._let_in()
        elif self._waiting and self._kept < _KEPT:
            self._kept += 1
            self.inside += 1
            self._waiting.popleft().set_result(None)  # the slot goes from one to the other
            if not self._waiting:
                self._hush()
        else:
            self._kept = 0
            self._slots.give()
            if self._waiting:
                self._rest()
        if not self.inside:
            while self._idlers:
                if not (future := self._idlers.pop()).done():
                    future.set_result(None)

    def _let_in(self) -> None:
        """Let in as many of those who wait as there is room for, and listen for the others."""
        while self._waiting and self._admitted():
            self._waiting.popleft().set_result(None)
        self._listen()

    def _stop(self, fault: BudgetSpent) -> None:
        self._fault = fault
        while self._waiting:
            self._waiting.popleft().set_exception(_again(fault))
        self._listen()

    def _listen(self) -> None:
        """Be told of free slots while somebody waits who could use one."""
        if self._slots is None:
            return
        if not self._waiting or self.inside >= self.in_flight:
            self._hush()
        elif self._timer is None or self._loop is not asyncio.get_running_loop():
            self._later(_LOST, self._recover)
            asyncio.get_running_loop().add_reader(self._slots.fd, self._let_in)

    def _hush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._loop is not None and self._slots is not None:
            if not self._loop.is_closed():
                self._loop.remove_reader(self._slots.fd)
            self._loop = None

    def _rest(self) -> None:
        """Let others have the slot that was just given back: this process, being awake, would always be first."""
        self._later(_REST, self._rested)

    def _later(self, seconds: float, what: Callable[[], None]) -> None:
        self._hush()
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(seconds, what)

    def _rested(self) -> None:
        self._timer = None
        self._let_in()

    def _recover(self) -> None:
        """Give back the slots of processes that are no more: nobody has got one for a while."""
        self._timer = None
        if self._slots is not None:
            self._slots.recover()
        self._let_in()


def _opened(folder: Path, total: int) -> Slots:
    from dive_tools.models.slots import Slots

    return Slots(folder, total)


def _again(fault: BudgetSpent) -> BudgetSpent:
    """The same fault for another task, with a traceback of its own."""
    return BudgetSpent(fault.message, hint=fault.hint)
