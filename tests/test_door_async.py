"""The door from an event loop: what runs at once, what runs in threads, and that nobody waits for a tool that hangs."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from loopback import serve
from mcp_use import found as found_of
from mcp_use import hostile, written
from mcp_use import made as mcp_tool
from shell import ROOT, environment
from tiny import as_tool

from dive_tools.cassette import Cassette
from dive_tools.errors import DiveError
from dive_tools.pool import alive, builtin
from dive_tools.sources import mcp
from dive_tools.sources import python as python_source
from dive_tools.sources.common import manifest
from dive_tools.tools import threads
from dive_tools.tools.base import Refusal, Tool, Unreachable
from dive_tools.tools.door import Door, Outcome
from dive_tools.tools.manifest import tool_of

NAPS = '''
import time

def nap(n: int, seconds: float = 0.3) -> int:
    """Sleep, then give the number back."""
    time.sleep(seconds)
    return n

def busy() -> int:
    """Never end."""
    while True:
        pass
'''


def door_of(*tools: Tool, **options: Any) -> Door:
    return Door({tool.name: tool for tool in tools}, **options)


def user_tools(folder: Path, limit: float = 10.0, text: str = NAPS, effects: str = "read") -> list[Tool]:
    """The tools of a user's file, as the pool has them."""
    (folder / "naps.py").write_text(text)
    lines = python_source.tools(str(folder / "naps.py"))
    return [alive(tool_of({**line, "effects": effects, "limit": limit})) for line in lines if isinstance(line, dict)]


def run(work: Callable[[], Awaitable[Any]]) -> Any:
    async def main() -> Any:
        return await work()

    return asyncio.run(main())


def kind(outcome: Outcome) -> str:
    return outcome["error"]["kind"] if "error" in outcome else "result"


def counting(effects: str, limit: float = 10.0, wait: float = 0.0, **more: Any) -> tuple[Tool, list[int]]:
    """A tool that counts how often it ran, and those counts."""
    ran: list[int] = []
    lock = threading.Lock()

    def count(n: int) -> int:
        """Count."""
        time.sleep(wait)
        with lock:
            ran.append(n)
            return len(ran)

    return as_tool(count, effects=effects, limit=limit, **more), ran


# --- the same as `call` ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments", [{"country": "Kenya"}, {"country": "Nowhere"}, {}, {"country": 3}, {"country": "Kenya", "more": 1}]
)
def test_it_gives_what_call_gives(arguments: dict[str, Any]) -> None:
    tools = builtin(["geography"]).tools
    one, other = Door(tools), Door(tools)
    assert run(lambda: one.reach("country_profile", arguments)) == other.call("country_profile", arguments)
    assert one.calls == other.calls


def test_what_breaks_everything_stops_everything() -> None:
    made, ran = counting("unknown")
    with pytest.raises(DiveError, match="no tool named nothing in the pool"):
        run(lambda: door_of(made).reach("nothing", {}))
    with pytest.raises(DiveError, match="was not allowed"):
        run(lambda: door_of(made).reach("count", {"n": 1}))
    with pytest.raises(DiveError, match="no recorded call of count"):
        run(lambda: door_of(made, on_miss="error", allow={"count": "read"}).reach("count", {"n": 1}))
    assert not ran


def test_a_fault_in_a_thread_that_breaks_everything_stops_everything() -> None:
    def keyless() -> int:
        """Need a key."""
        raise DiveError("environment variable KEY is not set")

    with pytest.raises(DiveError, match="KEY is not set"):
        run(lambda: door_of(as_tool(keyless, effects="read")).reach("keyless", {}))


def test_every_mishap_in_a_thread_is_an_outcome() -> None:
    def fails(how: str) -> float:
        """Fail."""
        faults = {"refused": Refusal("no"), "unreachable": Unreachable("away"), "crashed": SystemExit(3)}
        if how in faults:
            raise faults[how]
        return float("nan") if how == "bad_result" else time.sleep(9) or 1.0

    door = door_of(as_tool(fails, effects="read", limit=0.1))
    kinds = ("refused", "unreachable", "crashed", "bad_result")
    assert [kind(run(lambda how=how: door.reach("fails", {"how": how}))) for how in kinds] == list(kinds)


# --- pure tools ------------------------------------------------------------------------------------------------------


def test_a_pure_tool_runs_in_the_main_thread_and_is_remembered() -> None:
    ran = []

    def where(n: int) -> str:
        """Say which thread this is."""
        ran.append(n)
        return threading.current_thread().name

    door = door_of(as_tool(where))
    for _ in range(2):
        assert run(lambda: door.reach("where", {"n": 1})) == {"result": threading.main_thread().name}
    assert door.call("where", {"n": 1}) == {"result": threading.main_thread().name}
    assert ran == [1] and door.calls == 3


@pytest.mark.parametrize("handler", [False, True])
def test_a_pure_tool_that_never_ends_is_interrupted_and_the_loop_goes_on(handler: bool, tmp_path: Path) -> None:
    """Also where the loop has signal handlers of its own, and so a wakeup fd that every signal is written to."""
    busy = next(tool for tool in user_tools(tmp_path, limit=0.2, effects="none") if tool.name == "busy")
    door, heard = door_of(busy), []

    async def work() -> None:
        loop = asyncio.get_running_loop()
        if handler:
            loop.add_signal_handler(signal.SIGUSR1, heard.append, "USR1")
        for _ in range(3):
            start = time.monotonic()
            assert kind(await door.reach("busy", {})) == "over_time"
            assert time.monotonic() - start < 5
            await asyncio.wait_for(asyncio.sleep(0.01), 1)
        os.kill(os.getpid(), signal.SIGUSR1) if handler else heard.append("USR1")
        await asyncio.sleep(0.05)
        reader, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), 1)
        writer.write(b"GET / HTTP/1.0\r\n\r\n")
        assert b"200 OK" in await asyncio.wait_for(reader.read(), 2)
        writer.close()

    async def fine(_: web.Request) -> web.Response:
        return web.Response(text="fine")

    with serve({"": fine}) as server:
        port = int(server.base.rpartition(":")[2])
        asyncio.run(work())
    assert heard == ["USR1"]
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


def test_a_loop_outside_of_the_main_thread_cannot_interrupt_and_does_not_wait(tmp_path: Path) -> None:
    """The tool hangs in a thread that is left alone; it sleeps, so that it does not slow the tests that follow."""
    naps = user_tools(tmp_path, limit=0.1, effects="none")[0]
    got: list[Outcome] = []
    thread = threading.Thread(target=lambda: got.append(asyncio.run(_reached(door_of(naps), "nap", n=1, seconds=9))))
    start = time.monotonic()
    thread.start()
    thread.join(8)
    assert [kind(outcome) for outcome in got] == ["over_time"] and time.monotonic() - start < 7


async def _reached(door: Door, name: str, **arguments: Any) -> Outcome:
    return await door.reach(name, arguments)


# --- tools that wait -------------------------------------------------------------------------------------------------


def test_calls_that_wait_wait_together(tmp_path: Path) -> None:
    """The first goes alone, for it imports the file."""
    door = door_of(*user_tools(tmp_path))

    async def work() -> list[Outcome]:
        return await asyncio.gather(*(door.reach("nap", {"n": n}) for n in range(10)))

    start = time.monotonic()
    assert run(work) == [{"result": n} for n in range(10)]
    assert time.monotonic() - start < 2.4  # one after the other: 3


def test_a_file_of_tools_is_imported_once_however_many_calls_come_first(tmp_path: Path) -> None:
    slow = "import time\ntime.sleep(0.3)\n" + NAPS
    tools = user_tools(tmp_path, text=slow)
    sys.modules.pop(next(name for name in sys.modules if name.startswith("dive_user_naps_")))
    door = door_of(*tools)

    async def work() -> list[Outcome]:
        return await asyncio.gather(*(door.reach("nap", {"n": n, "seconds": 0}) for n in range(20)))

    assert run(work) == [{"result": n} for n in range(20)]


def test_the_loop_turns_while_a_tool_waits(tmp_path: Path) -> None:
    door, turns = door_of(*user_tools(tmp_path)), []

    async def work() -> None:
        call = asyncio.create_task(door.reach("nap", {"n": 1}))
        while not call.done():
            turns.append(1)
            await asyncio.sleep(0.01)

    run(work)
    assert len(turns) > 10


def test_a_tool_that_hangs_is_over_time_and_gives_its_place_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "GRACE", 0.05)
    monkeypatch.setattr(threads, "AT_ONCE", 2)
    monkeypatch.setattr(threads, "HANGING", 3)
    door = door_of(*user_tools(tmp_path, limit=0.05))

    async def work() -> list[Outcome]:
        waits = [door.reach("nap", {"n": n, "seconds": 8.0}) for n in range(5)]
        return [*await asyncio.gather(*waits), await door.reach("nap", {"n": 9, "seconds": 0.0})]

    start = time.monotonic()
    outcomes = run(work)
    assert time.monotonic() - start < 6
    assert [kind(outcome) for outcome in outcomes] == ["over_time"] * 6
    said = [outcome["error"]["message"] for outcome in outcomes]
    assert said[0] == "nap ran over its limit of 0.05 s"
    assert said[5][1:] == " earlier calls of nap hang: it is called no more" and int(said[5][0]) in (3, 4)


def test_a_tool_that_hangs_does_not_hold_up_the_exit(tmp_path: Path) -> None:
    (tmp_path / "hang.py").write_text(
        "import asyncio, sys, time\n"
        f"sys.path.insert(0, {str(ROOT / 'tests')!r})\n"
        "from tiny import as_tool\n"
        "from dive_tools.tools.door import Door\n"
        "def hang() -> int:\n    'Hang.'\n    time.sleep(60)\n    return 1\n"
        "door = Door({'hang': as_tool(hang, effects='read', limit=0.1)})\n"
        "print(asyncio.run(door.reach('hang', {}))['error']['kind'])\n"
    )
    start = time.monotonic()
    said = subprocess.check_output([sys.executable, tmp_path / "hang.py"], env=environment(), timeout=30, text=True)
    assert said == "over_time\n" and time.monotonic() - start < 20


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
def test_programs_run_in_their_sandboxes_side_by_side() -> None:
    tools = builtin(["general"]).tools
    door = Door(tools)
    codes = [f"import time; time.sleep(1.5); print({n})" for n in range(4)]

    async def work() -> list[Outcome]:
        return await asyncio.gather(*(door.reach("run_python", {"code": code}) for code in codes))

    run(lambda: door.reach("run_python", {"code": "pass"}))
    start = time.monotonic()
    outcomes = run(work)
    if kind(outcomes[0]) == "refused":
        pytest.skip(outcomes[0]["error"]["message"][:200])
    assert [outcome["result"]["stdout"] for outcome in outcomes] == ["0\n", "1\n", "2\n", "3\n"]
    assert time.monotonic() - start < 5  # one after the other: 6


def test_a_server_is_sent_no_more_at_once_than_it_takes_and_no_call_is_over_time_for_it() -> None:
    under_way, most = 0, 0

    async def slow(_: web.Request) -> web.Response:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.15)
        under_way -= 1
        return web.json_response({"ok": True})

    async def work(door: Door) -> list[Outcome]:
        return await asyncio.gather(*(door.reach("probe", {"n": n}) for n in range(16)))

    with serve({"": slow}) as server:
        via = {"kind": "http", "base": server.base, "path": "/", "allow_private": True}
        line = manifest("probe", "A probe.", {"type": "object"}, via, limit=0.5)
        door = door_of(alive(tool_of({**line, "effects": "read"})))
        outcomes = asyncio.run(work(door))
    assert outcomes == [{"result": {"ok": True}}] * 16 and 2 <= most <= threads.OF_A_SERVER


def test_attempts_keep_to_their_own_sessions(tmp_path: Path) -> None:
    line = found_of(written(tmp_path, geo=hostile(tmp_path, session="attempt")))["geo_who"]
    door = door_of(mcp_tool(line, effects="read"), attempt=mcp.attempt)

    async def record(key: str) -> list[tuple[int, int]]:
        with door.attempt(key):
            seen = [await door.reach("geo_who", {}) for _ in range(2)]
            seen += await asyncio.gather(door.reach("geo_who", {}), door.reach("geo_who", {}))
        return [(outcome["result"]["pid"], outcome["result"]["calls"]) for outcome in seen]

    async def work() -> list[list[tuple[int, int]]]:
        return await asyncio.gather(*(record(f"r{n}") for n in range(3)))

    records = run(work)
    assert [sorted(count for _, count in seen) for seen in records] == [[1, 2, 3, 4]] * 3
    assert [len({pid for pid, _ in seen}) for seen in records] == [1] * 3
    assert len({seen[0][0] for seen in records}) == 3


# --- the cassette ----------------------------------------------------------------------------------------------------


def test_what_is_recorded_is_played_back_in_either_way(tmp_path: Path) -> None:
    made, ran = counting("read")
    with Cassette(tmp_path / "calls.sqlite") as tape:
        door = door_of(made, cassette=tape)
        assert [run(lambda: door.reach("count", {"n": 7})) for _ in range(2)] == [{"result": 1}] * 2
        assert door.call("count", {"n": 7}) == {"result": 1}
    with Cassette(None, [tmp_path / "calls.sqlite"]) as tape:
        door = door_of(made, cassette=tape, on_miss="drop")
        assert run(lambda: door.reach("count", {"n": 7})) == {"result": 1}
        assert kind(run(lambda: door.reach("count", {"n": 8}))) == "not_recorded"
    assert ran == [7]


@pytest.mark.parametrize(("effects", "taped", "times"), [("read", True, 1), ("read", False, 5), ("none", False, 1)])
def test_a_call_whose_outcome_is_kept_is_made_once_while_it_is_in_flight(
    tmp_path: Path, effects: str, taped: bool, times: int
) -> None:
    made, ran = counting(effects, wait=0.1, source="somewhere")
    made = replace(made, via={"kind": "documents", "folder": "x"})  # of a source that waits

    async def work(door: Door) -> list[Outcome]:
        return await asyncio.gather(*(door.reach("count", {"n": n}) for n in (7, 8, 7, 7, 7, 7)))

    with Cassette(tmp_path / "calls.sqlite") as tape:
        door = door_of(made, cassette=tape if taped else None)
        outcomes = asyncio.run(work(door))
        outcomes[0]["result"] = "spoilt"
    assert ran.count(7) == times and ran.count(8) == 1 and door.calls == 6
    assert "spoilt" not in [outcome["result"] for outcome in outcomes[1:]]


def test_a_mishap_is_not_recorded_and_is_tried_again(tmp_path: Path) -> None:
    ran: list[int] = []

    def moody() -> int:
        """Fail the first time."""
        ran.append(1)
        if len(ran) == 1:
            raise Unreachable("away")
        return 5

    with Cassette(tmp_path / "calls.sqlite") as tape:
        door = door_of(as_tool(moody, effects="read"), cassette=tape)
        assert [kind(run(lambda: door.reach("moody", {}))) for _ in range(3)] == ["unreachable", "result", "result"]
    assert len(ran) == 2


def test_who_stops_waiting_stops_nobody_else_and_loses_no_recording(tmp_path: Path) -> None:
    made, ran = counting("read", wait=0.2)

    async def work(door: Door) -> Outcome:
        first = asyncio.create_task(door.reach("count", {"n": 1}))
        second = asyncio.create_task(door.reach("count", {"n": 1}))
        lonely = asyncio.create_task(door.reach("count", {"n": 2}))
        await asyncio.sleep(0.05)
        first.cancel()
        lonely.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        outcome = await second
        await asyncio.sleep(0.3)
        return outcome

    with Cassette(tmp_path / "calls.sqlite") as tape:
        assert asyncio.run(work(door_of(made, cassette=tape))) == {"result": ran.index(1) + 1}
        assert tape.get("count", made.version, {"n": 2}) == {"result": ran.index(2) + 1}
    assert sorted(ran) == [1, 2]


def test_what_was_over_time_is_not_recorded_when_it_comes_after_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "GRACE", 0.05)
    made, ran = counting("read", limit=0.05, wait=0.3)

    async def work(door: Door) -> Outcome:
        outcome = await door.reach("count", {"n": 1})
        await asyncio.sleep(0.5)
        return outcome

    with Cassette(tmp_path / "calls.sqlite") as tape:
        assert kind(asyncio.run(work(door_of(made, cassette=tape)))) == "over_time" and ran == [1]
        assert tape.get("count", made.version, {"n": 1}) is None, "a replay would go another way"


def test_what_is_being_recorded_at_the_limit_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "GRACE", 0.05)
    made, _ = counting("read", limit=0.05)
    put = Cassette.put

    def slow(*args: Any) -> Outcome:
        time.sleep(0.3)
        return put(*args)

    monkeypatch.setattr(Cassette, "put", slow)
    with Cassette(tmp_path / "calls.sqlite") as tape:
        assert run(lambda: door_of(made, cassette=tape).reach("count", {"n": 1})) == {"result": 1}
        assert tape.get("count", made.version, {"n": 1}) == {"result": 1}


def test_the_end_of_the_loop_waits_for_no_call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made, _ = counting("read", wait=2.0)

    async def work(door: Door) -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(door.reach("count", {"n": 1}), 0.05)

    with Cassette(tmp_path / "calls.sqlite") as tape:
        start = time.monotonic()
        asyncio.run(work(door_of(made, cassette=tape)))
        assert time.monotonic() - start < 1.5
        time.sleep(2.5)  # the thread ends after its loop
        assert tape.get("count", made.version, {"n": 1}) == {"result": 1}
    assert capsys.readouterr().err == ""


def test_many_threads_record_in_one_cassette(tmp_path: Path) -> None:
    made, ran = counting("read", wait=0.001)

    async def work(door: Door) -> list[Outcome]:
        return await asyncio.gather(*(door.reach("count", {"n": n % 200}) for n in range(400)))

    with Cassette(tmp_path / "calls.sqlite") as tape:
        outcomes = asyncio.run(work(door_of(made, cassette=tape)))
        assert len(list(tape.entries())) == 200
    assert sorted(ran) == list(range(200)) and outcomes[:200] == outcomes[200:]
