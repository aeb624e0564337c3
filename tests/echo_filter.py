#!/usr/bin/env python3
"""A command with every manner of a filter and hardly a stage: {"n": int} passes, odd numbers are dropped."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import click

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from dive_tools.cli.filter import Stream
from dive_tools.cli.options import filter_command, source_command


class Echo:
    """The stage: adds `twice`, sleeps, drops, fails or dies as the record says."""

    def __init__(self, fail: str | None = None) -> None:
        from dive_tools.errors import DiveError

        if fail:
            raise DiveError(fail, hint="mend it")
        self.counters = {"calls": 0}

    def __call__(self, record: dict[str, Any]) -> Any:
        if "sleep" in record:
            time.sleep(record["sleep"])
        return self.judged(record)

    def judged(self, record: dict[str, Any]) -> Any:
        from dive_tools.errors import BadRecord, StopAll
        from dive_tools.records import Drop

        if not isinstance(record.get("n"), int):
            raise BadRecord('lacks "n"', hint="give it one")
        self.counters["calls"] += 1
        match record.get("do"):
            case "bug":
                raise ValueError("a bug")
            case "pipe":
                raise BrokenPipeError(32, "a pipe of our own")
            case "stop":
                raise StopAll("no server")
            case "die":
                os._exit(9)
            case "print":
                os.write(1, b"noise\n")
        if record["n"] % 2:
            return Drop(record, "odd", f"{record['n']} is odd")
        return {**record, "twice": 2 * record["n"]}

    def provenance(self) -> dict[str, Any]:
        return {"versions": {"echo": "7"}, "tools": {"echo": {"licence": "CC0-1.0", "sensitivity": "public"}}}


class Waiting(Echo):
    """The same as an asynchronous stage: it sleeps without holding up others, and counts how many were at work."""

    def __init__(self, fail: str | None = None) -> None:
        super().__init__(None)
        self.fail, self.now = fail, 0
        self.counters |= {"most": 0}

    async def open(self) -> None:
        from dive_tools.errors import StopAll

        if self.fail:
            raise StopAll(self.fail, hint="mend it")

    async def __call__(self, record: dict[str, Any]) -> Any:  # type: ignore[override]
        import asyncio

        from dive_tools.models.base import BudgetSpent

        self.now += 1
        self.counters["most"] = max(self.counters["most"], self.now)
        try:
            await asyncio.sleep(record.get("sleep", 0.001))
            if record.get("do") == "spent":
                raise BudgetSpent("the budget is spent")
            return self.judged(record)
        finally:
            self.now -= 1

    async def idle(self) -> None:
        import asyncio

        while self.now:
            await asyncio.sleep(0.01)

    async def aclose(self) -> None:
        self.counters["closed"] = 1

    def estimate(self, taken: int, total: int, out_bytes: int) -> str:
        return f"{taken} of {total}, {out_bytes} bytes"


def unique(records: Iterable[dict[str, Any]]) -> Iterator[Any]:
    """A stateful stage: the first record of each n."""
    from dive_tools.errors import BadRecord
    from dive_tools.records import Drop

    seen: set[int] = set()
    for record in records:
        if "n" not in record:
            yield BadRecord('lacks "n"')
            continue
        yield Drop(record, "duplicate") if record["n"] in seen else record
        seen.add(record["n"])


def numbers(start: int, slow: float) -> Iterator[dict[str, Any]]:
    """A source without an end."""
    while True:
        if slow:
            time.sleep(slow)
        yield {"id": f"r{start}", "n": start}
        start += 1


@filter_command("echo-filter")
@click.option("--fail", help="Fail while the stage is built.")
@click.option("--stateful", is_flag=True, help="Drop what was seen before, in one process.")
@click.option("--waiting", is_flag=True, help="As an asynchronous stage.")
@click.option("--estimate", type=int, help="With --waiting: work on so many.")
def main(stream: Stream, fail: str | None, stateful: bool, waiting: bool, estimate: int | None) -> None:
    """Pass even numbers, drop odd ones."""
    if stateful:
        stream.run(lambda: unique, stateful=True)
    elif waiting:
        stream.run(partial(Waiting, fail), in_flight=stream.jobs or 1, estimate=estimate)
    else:
        stream.run(partial(Echo, fail))


@source_command("count")
@click.option("--start", default=0)
@click.option("--slow", default=0.0)
def count(stream: Stream, start: int, slow: float) -> None:
    """Count up from START."""
    stream.produce(partial(numbers, start, slow))


if __name__ == "__main__":
    count() if Path(sys.argv[0]).name == "count" else main()
