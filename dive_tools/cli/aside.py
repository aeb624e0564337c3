"""A stage in worker processes beside an event loop: what computes, or waits for tools, holds up no conversation."""

from __future__ import annotations

import asyncio
import os
from collections import Counter

from dive_tools.cli.parallel import Done, Pool
from dive_tools.cli.work import Make
from dive_tools.jsonl import dump, parse
from dive_tools.records import Drop, Record

MOST = 8  # processes


class Aside:
    """`await aside(record) -> Record | Drop`: the stage that `make` builds, once in each of a few processes.

    It is made before anything that a fork must not share: a cassette, a connection, an event loop's threads.
    """

    def __init__(self, make: Make, name: str) -> None:
        self.pool = Pool(make, name, min(MOST, len(os.sched_getaffinity(0))), unordered=True, private=())
        self.pool.start()

    async def __call__(self, record: Record) -> Record | Drop:
        """What the stage makes of a record; its errors are raised here."""
        done: Done = await asyncio.wrap_future(self.pool.ask([(1, dump(record))]))
        if done.fault is not None:
            raise done.fault
        outcome = done.outcomes[0]
        if outcome.fault is not None:
            raise outcome.fault
        found = parse(outcome.line)
        if not outcome.reason:
            return found
        drop = found.pop("drop")
        more = {key: value for key, value in drop.items() if key not in ("stage", "reason", "detail")}
        return Drop(found, outcome.reason, drop["detail"], more or None)

    @property
    def counters(self) -> Counter[str]:
        """The counts of all processes."""
        return Counter(self.pool.counters())

    def close(self) -> None:
        """End the processes."""
        self.pool.close(failed=False)
