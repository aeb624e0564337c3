"""The gate: so many requests at once of a process and of a run, in turn, within the budget, whoever is killed."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from shell import environment

from dive_tools.errors import DiveError, UsageFault
from dive_tools.models.base import BudgetSpent, Usage
from dive_tools.models.gate import Gate
from dive_tools.models.ledger import Ledger
from dive_tools.models.slots import Slots

WORKER = """
import asyncio, json, sys, time
from pathlib import Path
from dive_tools.models.gate import Gate

folder, total, tasks, latency, seconds, hold = Path(sys.argv[1]), *map(float, sys.argv[2:])
sys.stdout.write("ready\\n"); sys.stdout.flush()
sys.stdin.readline()

async def main():
    gate = Gate(1000, slots=folder, total=int(total))
    spans, end = [], time.monotonic() + seconds
    async def one():
        while time.monotonic() < end:
            async with gate:
                if hold:
                    sys.stdout.write("held\\n"); sys.stdout.flush()
                began = time.monotonic()
                await asyncio.sleep(latency)
                spans.append((began, time.monotonic()))
    await asyncio.gather(*(one() for _ in range(int(tasks))))
    gate.close()
    print(json.dumps(spans))

asyncio.run(main())
"""


def worker(
    folder: Path, total: int, tasks: int, latency: float, seconds: float, hold: bool = False
) -> subprocess.Popen[bytes]:
    """A process that has started and waits for a line."""
    words = [str(folder), *map(str, (total, tasks, latency, seconds, int(hold)))]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    made = subprocess.Popen([sys.executable, "-c", WORKER, *words], env=environment(), **pipes)
    assert made.stdout.readline() == b"ready\n"
    return made


def go(*workers: subprocess.Popen[bytes]) -> None:
    for each in workers:
        each.stdin.write(b"\n")
        each.stdin.flush()


def spans(each: subprocess.Popen[bytes]) -> list[tuple[float, float]]:
    """When each request of a worker that ended well began and ended."""
    said = each.communicate(timeout=20)[0]
    assert each.returncode == 0
    return json.loads(said.splitlines()[-1])


def most_at_once(found: list[tuple[float, float]]) -> int:
    """How many of the spans overlap at most."""
    steps = sorted([(began, 1) for began, _ in found] + [(ended, -1) for _, ended in found])
    inside = most = 0
    for _, step in steps:
        inside += step
        most = max(most, inside)
    return most


async def crowd(gate: Gate, tasks: int, latency: float = 0.0) -> list[int]:
    """Pass the gate with so many tasks at once; the order in which they were let in."""
    order: list[int] = []

    async def one(number: int) -> None:
        async with gate:
            order.append(number)
            assert gate.inside <= gate.in_flight
            await asyncio.sleep(latency)

    await asyncio.gather(*(one(number) for number in range(tasks)))
    return order


# --- one process -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shared", [False, True])
def test_so_many_at_once_and_in_turn(shared: bool, tmp_path: Path) -> None:
    gate = Gate(9, slots=tmp_path / "slots", total=4) if shared else Gate(4)
    assert gate.in_flight == 4
    began = time.monotonic()
    assert asyncio.run(crowd(gate, 40, 0.02)) == list(range(40))
    assert 0.2 <= time.monotonic() - began < 5
    assert gate.inside == 0
    asyncio.run(asyncio.wait_for(crowd(gate, 20, 0.001), 2))  # in another event loop
    gate.close()


def test_fewer_of_this_process_than_of_the_run(tmp_path: Path) -> None:
    gate = Gate(2, slots=tmp_path / "slots", total=5)
    asyncio.run(crowd(gate, 20, 0.001))
    other = Slots(tmp_path / "slots", 5)
    assert [other.take() for _ in range(6)] == [True] * 5 + [False]
    other.close()
    gate.close()


@pytest.mark.parametrize("shared", [False, True])
def test_who_gives_up_waiting_takes_no_place(shared: bool, tmp_path: Path) -> None:
    gate = Gate(2, slots=tmp_path / "slots", total=2) if shared else Gate(2)

    async def hold() -> None:
        async with gate:
            await asyncio.sleep(0.05)

    async def main() -> None:
        tasks = [asyncio.create_task(hold()) for _ in range(30)]
        await asyncio.sleep(0.01)
        for task in tasks[2:29]:
            task.cancel()
        await tasks[0]
        tasks[29].cancel()  # has just been let in
        await asyncio.gather(*tasks, return_exceptions=True)
        assert gate.inside == 0
        await asyncio.wait_for(crowd(gate, 10), 2)

    asyncio.run(main())
    gate.close()


@pytest.mark.parametrize("shared", [False, True])
def test_let_in_and_cancelled_at_once(shared: bool, tmp_path: Path) -> None:
    gate = Gate(1, slots=tmp_path / "slots", total=1) if shared else Gate(1)

    async def main() -> None:
        async with gate:
            second, third = (asyncio.create_task(crowd(gate, 1)) for _ in range(2))
            await asyncio.sleep(0.01)
        second.cancel()  # its turn has come, and it does not know yet
        await asyncio.wait_for(third, 2)
        assert gate.inside == 0 and second.cancelled()

    asyncio.run(main())
    gate.close()


def test_a_request_that_fails_gives_its_place_back(tmp_path: Path) -> None:
    gate = Gate(1, slots=tmp_path / "slots", total=1)

    async def main() -> None:
        for _ in range(5):
            with pytest.raises(ZeroDivisionError):
                async with gate:
                    raise ZeroDivisionError

    asyncio.run(asyncio.wait_for(main(), 2))
    gate.close()


def test_idle_waits_for_those_in_flight() -> None:
    gate = Gate(3)

    async def main() -> None:
        await gate.idle()  # nothing is
        tasks = [asyncio.create_task(crowd(gate, 3, 0.05)) for _ in range(2)]
        await asyncio.sleep(0.01)
        assert gate.inside == 3
        began = time.monotonic()
        await gate.idle()
        assert gate.inside == 0 and time.monotonic() - began > 0.08
        await asyncio.gather(*tasks)

    asyncio.run(main())


@pytest.mark.parametrize("shared", [False, True])
def test_a_spent_budget_lets_those_in_flight_finish_and_nobody_else_in(shared: bool, tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger", {"requests": 7})
    gate = Gate(3, slots=tmp_path / "slots", total=3, ledger=ledger) if shared else Gate(3, ledger=ledger)
    done = []

    async def one() -> None:
        async with gate:
            await asyncio.sleep(0.01)
            gate.paid(Usage(10, 1))
            done.append(1)

    async def main() -> list[BaseException | None]:
        tasks = [asyncio.create_task(one()) for _ in range(50)]
        found = await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.wait_for(gate.idle(), 1)
        with pytest.raises(BudgetSpent):
            await one()
        return found

    assert not gate.spent
    found = asyncio.run(main())
    assert gate.spent and len(done) == 7
    assert sum(isinstance(each, BudgetSpent) for each in found) == 43
    assert ledger.totals()["tokens_in"] == 70
    if shared:
        other = Slots(tmp_path / "slots", 3)
        assert [other.take() for _ in range(4)] == [True] * 3 + [False]
    gate.close()


def test_what_makes_no_sense_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageFault):
        Gate(0)
    with pytest.raises(UsageFault, match="from 1 to 4,096"):
        Gate(1, slots=tmp_path / "slots", total=5000)
    with pytest.raises(ValueError, match="need a folder"):
        Gate(1, total=2)
    (tmp_path / "file").write_text("")
    with pytest.raises(DiveError, match="cannot share slots"):
        Gate(1, slots=tmp_path / "file", total=2)


# --- several processes -----------------------------------------------------------------------------------------------


def test_processes_share_the_slots_and_each_gets_some(tmp_path: Path) -> None:
    workers = [worker(tmp_path / "slots", 6, 12, 0.01, 1.5) for _ in range(4)]
    go(*workers)
    found = [spans(each) for each in workers]
    assert most_at_once([span for each in found for span in each]) <= 6
    counts = [len(each) for each in found]
    assert min(counts) > sum(counts) / 16, counts
    assert sum(counts) > 450, "a slot lay idle: ideal are 900"


def test_another_number_of_slots_in_one_run(tmp_path: Path) -> None:
    one = Slots(tmp_path / "slots", 4)
    with pytest.raises(DiveError, match="shares 4 slots, not 5"):
        Slots(tmp_path / "slots", 5)
    two = Slots(tmp_path / "slots", 4)
    for each in (one, two):
        each.close()
    Slots(tmp_path / "slots", 5).close()


def test_a_killed_process_gives_its_slots_to_the_others(tmp_path: Path) -> None:
    holder = worker(tmp_path / "slots", 3, 3, 60, 60, hold=True)
    go(holder)
    assert [holder.stdout.readline() for _ in range(3)] == [b"held\n"] * 3
    heir = worker(tmp_path / "slots", 3, 9, 0.01, 2)
    go(heir)
    time.sleep(0.3)
    killed = time.monotonic()
    holder.kill()
    holder.wait()
    found = spans(heir)
    assert min(began for began, _ in found) >= killed
    assert most_at_once(found) == 3
    again = Slots(tmp_path / "slots", 3)
    assert [again.take() for _ in range(4)] == [True] * 3 + [False]


def test_a_stopped_process_is_not_taken_for_a_dead_one(tmp_path: Path) -> None:
    holder = worker(tmp_path / "slots", 1, 1, 0.1, 0.05, hold=True)
    go(holder)
    assert holder.stdout.readline() == b"held\n"
    holder.send_signal(signal.SIGSTOP)
    mine = Slots(tmp_path / "slots", 1)
    assert mine.recover() == 0 and not mine.take()
    holder.send_signal(signal.SIGCONT)
    assert len(spans(holder)) == 1
    assert mine.take()


def test_all_killed_leaves_nothing_broken(tmp_path: Path) -> None:
    for _ in range(3):
        workers = [worker(tmp_path / "slots", 5, 10, 0.003, 60) for _ in range(3)]
        go(*workers)
        time.sleep(0.15)
        for each in workers:
            each.kill()
        for each in workers:
            each.wait()
    left = Slots(tmp_path / "slots", 5)
    assert [left.take() for _ in range(6)] == [True] * 5 + [False]
    (mine,) = (tmp_path / "slots").glob("*.held")
    assert mine.name.startswith(f"{os.getpid()}-")


def test_processes_that_begin_at_once_fill_the_slots_once(tmp_path: Path) -> None:
    for _ in range(2):
        workers = [worker(tmp_path / "slots", 4, 4, 0.05, 0.3) for _ in range(5)]
        go(*workers)
        assert most_at_once([span for each in workers for span in spans(each)]) == 4
