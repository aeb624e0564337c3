"""Tools that are not pure, used through a real cassette: a clock, and a server on this machine whose answers drift."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Annotated, Any, TypedDict
from urllib.parse import parse_qs, urlsplit

import pytest
from shell import bash
from tiny import as_tool, pool_of

from dive_tools.cassette import Cassette, stat
from dive_tools.cli.calling import Calling, Tape
from dive_tools.collect import Collector
from dive_tools.errors import DiveError
from dive_tools.jsonl import dump
from dive_tools.pool import Pool, builtin
from dive_tools.records import Drop
from dive_tools.tools.base import Refusal, Tool
from dive_tools.tools.door import Door
from dive_tools.values import TYPES, Entity, EntityType, Quantity, says
from dive_tools.verify import Verifier

RIVERS = {"Alpha": "Ouse", "Beta": "Nene", "Gamma": "Cam", "Delta": "Lark", "Epsilon": "Wissey"}
QUESTION = "What is the level of the river nearest to Alpha, in metres?"


class Gauge(BaseHTTPRequestHandler):
    """Answers with the level of a river and the time, as the server's mood has it."""

    server: Rivers

    def do_GET(self) -> None:
        self.server.hits += 1
        river = parse_qs(urlsplit(self.path).query)["river"][0]
        known = river in self.server.levels
        match self.server.mood:
            case "broken":
                self.answer(500, b"{}")
            case "slow":
                self.server.patience.wait(5)
            case "babbling":
                self.answer(200, b'{"level": 1.')
            case "short":
                self.answer(200, b'{"level": 1.0}')
            case _:
                level, hits = self.server.levels.get(river), self.server.hits
                self.answer(200 if known else 404, json.dumps({"level": level, "as_of": hits}).encode())

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Rivers(ThreadingHTTPServer):
    """A server with a mood, which counts the calls that it gets."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Gauge)
        self.hits = 0
        self.mood = "fine"
        self.patience = threading.Event()
        self.levels = {river: 2.5 + number for number, river in enumerate(RIVERS.values())}
        self.url = f"http://127.0.0.1:{self.server_port}/level"
        self.thread = threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.patience.set()
        if self.thread.is_alive():
            self.shutdown()
            self.thread.join()
            self.server_close()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Rivers]:
    builtin()  # its types are declared before one of their names is borrowed
    monkeypatch.setitem(TYPES, "station", EntityType("station", "station", "stations", samples=lambda: list(RIVERS)))
    monkeypatch.setitem(TYPES, "river", EntityType("river", "river", "rivers"))
    made = Rivers()
    yield made
    made.stop()


class Nearest(TypedDict):
    river: Annotated[str, Entity("river"), says("the river nearest to {station}", noun="river")]


class Level(TypedDict):
    level: Annotated[float, Quantity("water level", "metres"), says("the level of {river}", noun="level")]
    as_of: int


class Now(TypedDict):
    nanoseconds: Annotated[int, Quantity("time", "nanoseconds"), says("the time at {station}", noun="time")]


def nearest_river(station: Annotated[str, Entity("station")]) -> Nearest:
    """Look up the river nearest to a station."""
    return {"river": RIVERS[station]}


def time_at(station: Annotated[str, Entity("station")]) -> Now:
    """Tell the time."""
    return {"nanoseconds": time.time_ns()}


def gauge_of(server: Rivers, version: str = "1") -> Tool:
    """The tool that asks the server."""

    def river_level(river: Annotated[str, Entity("river")]) -> Level:
        """Ask how high a river stands, in metres."""
        try:
            with urllib.request.urlopen(f"{server.url}?river={river}", timeout=2) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code == 404:
                raise Refusal(f"no gauge on the {river}") from None
            raise

    return as_tool(river_level, "retrieval", effects="read", version=version, limit=0.3)


def rivers_pool(server: Rivers) -> Pool:
    clock = as_tool(time_at, effects="read")
    return pool_of(as_tool(nearest_river, "retrieval"), gauge_of(server), clock)


@pytest.fixture
def pool(server: Rivers) -> Pool:
    return rivers_pool(server)


SETUP = {
    "domain": "tiny",
    "seed": {"value": "Alpha", "type": "station"},
    "tools": {"nearest_river": "1", "river_level": "1", "time_at": "1"},
    "exemplars": [],
}
START = {"id": "5e7a0b1c2d3e4f50", "setup": SETUP}


def with_task(record: dict[str, Any]) -> dict[str, Any]:
    """The record with the question that its evidence answers."""
    step = next(step for step in record["evidence"] if step["tool"] == "river_level")
    answer = {"value": step["result"]["level"], "type": "number", "unit": "metres"}
    support = {"call": step["call"], "pointer": "/level"}
    return {**record, "task": {"round": 1, "question": QUESTION, "answer": answer, "support": support, "by": "hand"}}


def collected(pool: Pool, door: Door) -> dict[str, Any]:
    record = Collector(pool, door, seed=1)(START)
    assert not isinstance(record, Drop), record
    return with_task(record)


def verified(record: dict[str, Any], pool: Pool, cassette: Cassette | None = None, **how: Any) -> dict[str, Any] | Drop:
    return Verifier(pool, Door(pool.tools, cassette=cassette, **how))(record)


def both(pool: Pool, cassette: Cassette, **how: Any) -> bytes:
    """The line that collecting and verifying with this cassette ends in."""
    record = verified(collected(pool, Door(pool.tools, cassette=cassette, **how)), pool, cassette, **how)
    assert not isinstance(record, Drop), (record.reason, record.detail)
    return dump(record)


# --- a second run ----------------------------------------------------------------------------------------------------


def test_a_second_run_makes_no_live_call_and_gives_the_same_bytes(server: Rivers, pool: Pool, tmp_path: Path) -> None:
    with Cassette(tmp_path / "calls") as cassette:
        first = both(pool, cassette)
    asked = server.hits
    assert asked >= 1 + len(RIVERS) // 2  # the evidence, and other seeds
    server.levels = dict.fromkeys(server.levels, 99.0)
    with Cassette(None, over=[tmp_path / "calls"]) as cassette:
        assert both(pool, cassette, on_miss="drop") == first
    assert server.hits == asked
    server.stop()
    with Cassette(tmp_path / "new", over=[tmp_path / "calls"]) as cassette:
        assert both(pool, cassette) == first  # live, with nobody there to ask
    assert stat(tmp_path / "new")["calls"] == 0


def test_the_clock_of_a_second_run_says_what_it_said_in_the_first(pool: Pool, tmp_path: Path) -> None:
    def told(cassette: Cassette | None) -> int:
        return Door(pool.tools, cassette=cassette).call("time_at", {"station": "Alpha"})["result"]["nanoseconds"]

    with Cassette(tmp_path / "calls") as cassette:
        first = told(cassette)
        assert told(cassette) == first
    with Cassette(None, over=[tmp_path / "calls"]) as cassette:
        assert told(cassette) == first
    assert told(None) > first


def test_only_what_is_not_pure_is_recorded(pool: Pool, tmp_path: Path) -> None:
    with Cassette(tmp_path / "calls") as cassette:
        both(pool, cassette)
    assert set(stat(tmp_path / "calls")["tools"]) == {"river_level@1", "time_at@1"}


def test_a_cassette_over_another_takes_only_what_is_new(server: Rivers, pool: Pool, tmp_path: Path) -> None:
    def ask(cassette: Cassette, *rivers: str) -> list[Any]:
        door = Door(pool.tools, cassette=cassette)
        return [door.call("river_level", {"river": river})["result"]["level"] for river in rivers]

    with Cassette(tmp_path / "old") as cassette:
        ask(cassette, "Ouse")
    server.levels["Ouse"] = 99.0
    with Cassette(tmp_path / "new", over=[tmp_path / "old"]) as cassette:
        assert ask(cassette, "Ouse", "Cam") == [2.5, 4.5]
    assert stat(tmp_path / "new")["calls"] == 1 and server.hits == 2


def test_another_version_of_a_tool_is_asked_anew(server: Rivers, pool: Pool, tmp_path: Path) -> None:
    with Cassette(tmp_path / "calls") as cassette:
        Door(pool.tools, cassette=cassette).call("river_level", {"river": "Ouse"})
        newer = {"river_level": gauge_of(server, "2")}
        assert Door(newer, cassette=cassette).call("river_level", {"river": "Ouse"})["result"]["as_of"] == 2


def test_who_records_second_goes_on_with_what_was_recorded_first(tmp_path: Path) -> None:
    ran: list[int] = []

    def drifting(n: int) -> int:
        """Answer each time something else; the first time, another door gets in between."""
        ran.append(n)
        mine = len(ran)
        if mine == 1:
            assert other.call("drifting", {"n": n}) == {"result": 2}
        return mine

    tools = {"drifting": as_tool(drifting, effects="read")}
    with Cassette(tmp_path / "calls") as one, Cassette(tmp_path / "calls") as two:
        other = Door(tools, cassette=two)
        assert Door(tools, cassette=one).call("drifting", {"n": 7}) == {"result": 2}


def test_a_call_is_recorded_under_the_arguments_that_were_asked(tmp_path: Path) -> None:
    ran = []

    def largest(values: list[int]) -> int:
        """Find the largest, by sorting in place."""
        ran.append(1)
        values.sort()
        return values[-1]

    with Cassette(tmp_path / "calls") as cassette:
        door = Door({"largest": as_tool(largest, effects="read")}, cassette=cassette)
        for _ in range(2):
            assert door.call("largest", {"values": [3, 1, 2]}) == {"result": 3}
    assert len(ran) == 1


def test_a_write_that_was_allowed_is_not_written_again_in_a_replay(tmp_path: Path) -> None:
    written = []

    def write(text: str) -> int:
        """Write something down."""
        written.append(text)
        return len(written)

    tools = {"write": as_tool(write, effects="write")}
    for _ in range(2):
        with Cassette(tmp_path / "calls") as cassette:
            door = Door(tools, cassette=cassette, allow={"write": "write"}, writes=True)
            assert door.call("write", {"text": "a"}) == {"result": 1}
    assert written == ["a"]


# --- a replay from the command line ----------------------------------------------------------------------------------


@pytest.fixture(params=["drop", "error"])
def replaying(request: pytest.FixtureRequest) -> str:
    return request.param


def test_a_replay_writes_nothing(replaying: str, pool: Pool, tmp_path: Path) -> None:
    path = tmp_path / "calls"
    with Cassette(path) as cassette:
        first = Door(pool.tools, cassette=cassette).call("river_level", {"river": "Ouse"})
    before = {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in tmp_path.iterdir()}
    path.chmod(0o444)
    tape = Calling(tape=Tape(cassette=path, on_miss=replaying)).open()[1].cassette
    assert tape.own is None and tape.get("river_level", "1", {"river": "Ouse"}) == first
    tape.close()
    assert {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in tmp_path.iterdir() if p.name in before} == before


def test_a_replay_reads_its_own_cassette_before_the_others(replaying: str, tmp_path: Path) -> None:
    for name in ("own", "other"):
        with Cassette(tmp_path / name) as cassette:
            cassette.put("t", "1", {}, {"result": name})
    tape = (
        Calling(tape=Tape(cassette=tmp_path / "own", over=(tmp_path / "other",), on_miss=replaying)).open()[1].cassette
    )
    assert tape.get("t", "1", {}) == {"result": "own"}


@pytest.mark.parametrize("how", ["--replay", "--on-miss drop", "--on-miss error"])
def test_a_replay_from_no_file_is_an_error_and_makes_none(how: str, tmp_path: Path) -> None:
    done = bash(f"dive-collect --cassette clals.sqlite {how}", tmp_path, dump(START) + b"\n")
    assert done.returncode in (1, 2) and b"clals.sqlite" in done.stderr and b"Traceback" not in done.stderr
    assert done.stdout == b"" and not list(tmp_path.iterdir())


# --- answers that drift ----------------------------------------------------------------------------------------------


def test_an_answer_that_drifted_differs_in_the_replay(server: Rivers, pool: Pool, tmp_path: Path) -> None:
    record = collected(pool, Door(pool.tools))
    server.levels["Ouse"] = 2.75
    with Cassette(tmp_path / "fresh") as cassette:
        result = verified(record, pool, cassette)
    assert isinstance(result, Drop) and result.reason == "replay_differs" and "2.75" in result.detail


def test_a_time_stamp_that_drifted_beside_the_answer_does_not_matter(
    server: Rivers, pool: Pool, tmp_path: Path
) -> None:
    record = collected(pool, Door(pool.tools))
    asked = server.hits
    stamp = next(s for s in record["evidence"] if s["tool"] == "river_level")["result"]["as_of"]
    with Cassette(tmp_path / "fresh") as cassette:
        result = verified(record, pool, cassette)
        fresh = cassette.get("river_level", "1", {"river": "Ouse"})
    assert not isinstance(result, Drop) and result["verdict"]["checks"]["replay"] == "passed"
    assert server.hits > asked and fresh["result"]["as_of"] != stamp
    assert result["evidence"] == record["evidence"]  # what was recorded stays


def test_an_answer_that_drifted_holds_over_the_cassette_that_it_came_from(
    server: Rivers, pool: Pool, tmp_path: Path
) -> None:
    with Cassette(tmp_path / "calls") as cassette:
        record = collected(pool, Door(pool.tools, cassette=cassette))
        server.levels["Ouse"] = 2.75
        assert not isinstance(verified(record, pool, cassette), Drop)


# --- what nobody recorded --------------------------------------------------------------------------------------------


def test_what_was_not_recorded_is_dropped_for_that_reason(server: Rivers, pool: Pool, tmp_path: Path) -> None:
    record = collected(pool, Door(pool.tools))
    asked = server.hits
    with Cassette(tmp_path / "empty") as cassette:
        door = Door(pool.tools, cassette=cassette, on_miss="drop")
        for result in (Collector(pool, door, seed=1)(START), Verifier(pool, door)(record)):
            assert isinstance(result, Drop) and result.reason == "not_recorded" and "river_level" in result.detail
    assert server.hits == asked and stat(tmp_path / "empty")["calls"] == 0


def test_what_was_not_recorded_can_stop_the_work(server: Rivers, pool: Pool, tmp_path: Path) -> None:
    with Cassette(tmp_path / "empty") as cassette:
        door = Door(pool.tools, cassette=cassette, on_miss="error")
        with pytest.raises(DiveError, match="no recorded call of"):
            Collector(pool, door, seed=1)(START)
    assert server.hits == 0


# --- failures and refusals -------------------------------------------------------------------------------------------

FAILURES = {"broken": "crashed", "slow": "over_time", "babbling": "crashed", "short": "bad_result", "gone": "crashed"}


@pytest.fixture(params=FAILURES)
def failure(request: pytest.FixtureRequest, server: Rivers, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The server fails, in one way after another, until the test mends it."""
    server.mood = request.param
    if request.param == "gone":
        with ThreadingHTTPServer(("127.0.0.1", 0), Gauge) as closed:  # a port on which nobody listens any more
            port = closed.server_port
        monkeypatch.setattr(server, "url", f"http://127.0.0.1:{port}/level")
    return request.param


def mend(server: Rivers) -> None:
    server.mood, server.url = "fine", f"http://127.0.0.1:{server.server_port}/level"


def test_a_failure_is_never_recorded(failure: str, server: Rivers, pool: Pool, tmp_path: Path) -> None:
    with Cassette(tmp_path / "calls") as cassette:
        door = Door(pool.tools, cassette=cassette)
        assert door.call("river_level", {"river": "Ouse"})["error"]["kind"] == FAILURES[failure]
        assert stat(tmp_path / "calls")["calls"] == 0
        mend(server)
        good = door.call("river_level", {"river": "Ouse"})
        assert good["result"]["level"] == 2.5
        server.mood = "broken"
        assert door.call("river_level", {"river": "Ouse"}) == good


def test_a_failing_server_is_never_a_task(failure: str, server: Rivers, pool: Pool, tmp_path: Path) -> None:
    with Cassette(tmp_path / "calls") as cassette:
        door = Door(pool.tools, cassette=cassette)
        dropped = Collector(pool, door, seed=1)(START)
        assert isinstance(dropped, Drop) and dropped.reason == "tools_failed" and "river_level" in dropped.detail
        mend(server)
        assert verified(collected(pool, door), pool, cassette).keys() >= {"verdict"}  # the next try is as the first


def test_a_server_that_fails_in_a_replay_proves_nothing(
    failure: str, server: Rivers, pool: Pool, tmp_path: Path
) -> None:
    mood, url = server.mood, server.url
    mend(server)
    record = collected(pool, Door(pool.tools))
    server.mood, server.url = mood, url
    with Cassette(tmp_path / "calls") as cassette:
        result = verified(record, pool, cassette)
    assert isinstance(result, Drop) and result.reason == "replay_dead" and FAILURES[failure] in result.detail
    assert stat(tmp_path / "calls")["calls"] == 0


def test_a_refusal_is_recorded_and_played_back(server: Rivers, pool: Pool, tmp_path: Path) -> None:
    with Cassette(tmp_path / "calls") as cassette:
        first = Door(pool.tools, cassette=cassette).call("river_level", {"river": "Styx"})
    assert first == {"error": {"kind": "refused", "message": "no gauge on the Styx"}}
    server.levels["Styx"] = 1.0
    with Cassette(None, over=[tmp_path / "calls"]) as cassette:
        assert Door(pool.tools, cassette=cassette).call("river_level", {"river": "Styx"}) == first
    assert server.hits == 1 and stat(tmp_path / "calls")["refused"] == 1


def test_a_refusal_is_evidence_and_drops_no_record(server: Rivers, pool: Pool, tmp_path: Path) -> None:
    del server.levels["Ouse"]
    with Cassette(tmp_path / "calls") as cassette:
        record = Collector(pool, Door(pool.tools, cassette=cassette), seed=1)(START)
    assert not isinstance(record, Drop)
    assert "refused" in {step.get("error", {}).get("kind") for step in record["evidence"]}


def test_bad_arguments_reach_neither_the_server_nor_the_cassette(server: Rivers, pool: Pool, tmp_path: Path) -> None:
    with Cassette(tmp_path / "calls") as cassette:
        outcome = Door(pool.tools, cassette=cassette).call("river_level", {"river": 7})
    assert outcome["error"]["kind"] == "bad_arguments"
    assert server.hits == 0 and stat(tmp_path / "calls")["calls"] == 0
