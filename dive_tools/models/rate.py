"""How many requests a server is given at once: as many as are set, and fewer while it answers 429.

The limit is judged after every 32 answers, or as many as the limit, whichever is more. Over a fifth of them throttled:
the limit goes down by that share of what was really in flight, at most to half. Under an eighth: it grows by 5 %. So a
server that throttles one request in ten whatever the load keeps nearly all it can take. Where going down made the
throttling stop, the load is its cause: then the limit grows only until there is throttling again, steps back and rests.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from contextlib import suppress

WINDOW = 32  # answers after which the limit is judged
MANY, FEW, NONE = 0.2, 0.12, 0.04  # shares of throttled answers: go down, may go up, as good as none
HELD = 6  # windows that the limit rests before more is tried, once it was found how much is too much
REST = 5.0  # seconds at most that a throttled request keeps its place


class Rate:
    """`await enter()`, ask, `leave(throttled)`; those who wait are served in the order in which they came."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.limit = float(most)
        self.in_flight = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._answers = self._throttled = self._peak = 0
        self._usual = 0.0  # seconds that an answered request takes
        self._stale = 0  # answers yet to come to requests of before the limit went down
        self._lowered = False  # whether it went down after the last window
        self._caused = False  # whether the load is known to be the cause of throttling
        self._held = 0  # windows in which the limit is not to grow

    @property
    def load(self) -> int:
        """Requests in flight and waiting."""
        return self.in_flight + len(self._waiting)

    async def enter(self) -> None:
        """Wait until there is room; cancelled, it leaves nothing behind. `Moved` when those who wait are sent away."""
        if self.in_flight < int(self.limit) and not self._waiting:
            self._count_in()
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        try:
            await future
        except asyncio.CancelledError:
            if future.cancelled():
                with suppress(ValueError):  # passed over already
                    self._waiting.remove(future)
            elif future.exception() is None:  # let in and cancelled at once
                self._count_out()
            raise

    def leave(self, throttled: bool | None, seconds: float = 0.0) -> None:
        """Note how a request was answered, or None where it was not.

        A throttled one keeps its place for as long as an answered one takes: else a server that refuses at once would
        be asked the faster, the more it refuses.
        """
        if throttled is not None:
            if not throttled:
                self._usual += (seconds - self._usual) * (0.1 if self._usual else 1.0)
            if self._stale:
                self._stale -= 1
            else:
                self._answers += 1
                self._throttled += throttled
            if self._answers >= max(WINDOW, int(self.limit)):
                self._judge()
        rest = self._usual * random.uniform(0.5, 1.5) - seconds if throttled else 0.0  # drawn, to part those in step
        if rest > 0:
            asyncio.get_running_loop().call_later(min(rest, REST), self._count_out)
        else:
            self._count_out()

    def send_away(self) -> None:
        """Let nobody wait here any longer: `enter` raises Moved."""
        while self._waiting:
            future = self._waiting.popleft()
            if not future.done():
                future.set_exception(Moved())

    def _judge(self) -> None:
        share, lowered = self._throttled / self._answers, self._lowered
        step = max(1.0, self.limit * 0.05)
        self._lowered = share > MANY
        if share > MANY:
            self.limit = max(1.0, min(self.limit, self._peak) * max(0.5, 1 - share))
            self._stale = max(0, self.in_flight - 1)
        elif self._caused and share >= FEW:
            self._caused = self._held != HELD  # throttled as much right after a step back: not for the load
            self.limit = max(1.0, self.limit - step)
            self._held = HELD
        elif self._caused and (self._held or share >= NONE):
            self._held = max(0, self._held - 1)
        elif share < FEW:
            self._caused = self._caused or (lowered and share < NONE)
            self.limit = min(float(self.most), self.limit + step)
        self._answers = self._throttled = 0
        self._peak = self.in_flight

    def _count_in(self) -> None:
        self.in_flight += 1
        self._peak = max(self._peak, self.in_flight)

    def _count_out(self) -> None:
        self.in_flight -= 1
        while self._waiting and self.in_flight < int(self.limit):
            future = self._waiting.popleft()
            if not future.done():
                self._count_in()
                future.set_result(None)


class Moved(Exception):
    """Another server is to be asked."""
