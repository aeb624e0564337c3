"""MCP servers as a source: our own that misbehave, as real processes."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from mcp_use import alive, found, free, gone, hostile, made, skipped, written
from shell import ROOT, environment

from dive_tools.errors import DiveError
from dive_tools.pool import read_effects
from dive_tools.sources import mcp
from dive_tools.sources.common import LOOP, Skipped
from dive_tools.sources.review import draft
from dive_tools.tools.base import Tool
from dive_tools.tools.door import run

pytest.importorskip("mcp", reason="the mcp extra is not installed")


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    LOOP.close()  # servers of one test do not stay for the next


# --- importing -------------------------------------------------------------------------------------------------------


def test_manifests(tmp_path: Path) -> None:
    path = written(tmp_path, geo=hostile(tmp_path, session="attempt", timeout=5, allow=["*"], deny=["hang"]))
    tools = found(path, deny=["b*"], licence="CC0-1.0", sensitivity="internal", domain="maps")
    assert {"geo_hang", "geo_big", "geo_broken"}.isdisjoint(tools)
    add = tools["geo_add"]
    assert add["parameters"]["required"] == ["a", "b"]
    assert add["result"]["properties"] == {"sum": {"type": "integer"}}
    assert add["hints"] == {"readOnlyHint": True, "idempotentHint": True, "destructiveHint": False}
    assert (add["effects"], add["licence"], add["sensitivity"]) == ("unknown", "CC0-1.0", "internal")
    assert (add["domain"], add["source"], add["limit"]) == ("maps", "MCP server hostile 1", 36.0)
    assert tools["geo_prose"]["result"] == {}
    server = {"name": "geo", **hostile(tmp_path, session="attempt", timeout=5)}
    assert tools["geo_die_once"]["via"] == {"kind": "mcp", "server": server, "tool": "dieOnce"}
    assert not alive(tmp_path)


def test_a_dead_silent_or_absurd_server_is_skipped_and_the_others_import(tmp_path: Path) -> None:
    modes = ("silent", "crash", "endless", "unreadable", "prints")
    servers: dict[str, dict[str, Any]] = {
        mode: hostile(tmp_path, mode, start=3 if mode == "silent" else 20) for mode in modes
    }
    servers |= {
        "absent": {"command": "/nowhere/server"},
        "shut": {"url": f"http://127.0.0.1:{free()}/mcp"},
    }
    path = written(tmp_path, **servers)
    start = time.monotonic()
    out = skipped(path)
    assert time.monotonic() - start < 15
    assert {name: item.reason for name, item in out.items()} == dict.fromkeys(servers.keys() - {"prints"}, "no_server")
    assert "did not start within 3 s" in out["silent"].detail
    assert "waiting for the database" in out["silent"].detail
    assert "no database at /nowhere" in out["crash"].detail
    assert "without end" in out["endless"].detail
    assert "outside the protocol" in out["unreadable"].detail
    assert "/nowhere/server" in out["absent"].detail
    assert "ConnectError" in out["shut"].detail
    assert "prints_add" in found(path, only=["prints"])
    assert gone(tmp_path, 3)


def test_all_pages_are_read(tmp_path: Path) -> None:
    whole = found(written(tmp_path, h=hostile(tmp_path)))
    assert found(written(tmp_path, h=hostile(tmp_path, "paged"))).keys() == whole.keys()


def test_schemas_and_names_that_cannot_be_used(tmp_path: Path) -> None:
    path = written(tmp_path, s=hostile(tmp_path, "schemas", prefix="Shop"))
    items = list(mcp.tools(path))
    out = {item.name: item.reason for item in items if isinstance(item, Skipped)}
    assert out == {"s: remote": "bad_schema", "s: wrong": "bad_schema", "s: result": "bad_result_schema"}
    names = [item["name"] for item in items if isinstance(item, dict)]
    assert names[:2] == ["shop_result", "shop_get_thing"]
    assert names[2].startswith("shop_get_thing_")
    assert len(set(names)) == 5
    assert max(map(len, names)) == 64
    assert [item["name"] for item in mcp.tools(path) if isinstance(item, dict)] == names


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({}, "server x needs either command"),
        ({"command": "a", "url": "http://b"}, "needs either command"),
        ({"url": "example.org"}, "http://"),
        ({"command": ["uvx"]}, "command must be a text"),
        ({"command": "a", "args": "b"}, "args must be a list of texts"),
        ({"command": "a", "env": {"N": 1}}, "env must be an object of texts"),
        ({"command": "a", "session": "record"}, "shared, attempt, call"),
        ({"command": "a", "timeout": "10s"}, "a number of seconds"),
        ({"command": "a", "instances": 0}, "at least one"),
        ({"command": "a", "max_bytes": 1.5}, "a whole number"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, entry: dict[str, Any], says: str) -> None:
    with pytest.raises(DiveError, match=r"servers\.json: server x") as error:
        list(mcp.tools(written(tmp_path, x=entry)))
    assert says in error.value.message


def test_a_file_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "servers.json"
    for text, says in (("{", "not JSON"), ("[]", "mcpServers"), ('{"mcpServers": {"a": 1}}', "mcpServers")):
        path.write_text(text)
        with pytest.raises(DiveError, match=says):
            list(mcp.tools(path))
    with pytest.raises(DiveError, match="No such file"):
        list(mcp.tools(tmp_path / "absent.json"))
    with pytest.raises(DiveError, match="no server named tme") as error:
        list(mcp.tools(written(tmp_path, time=hostile(tmp_path)), only=["tme"]))
    assert "time" in str(error.value.hint)


@pytest.mark.parametrize(
    ("entry", "reason", "says"),
    [
        ({"command": "a", "env": {"API_TOKEN": "abc"}}, "secret", "${API_TOKEN}"),
        ({"command": "a", "args": ["--api-key", "abc"]}, "secret", "${API_KEY}"),
        ({"command": "a", "args": ["--api-key=abc"]}, "secret", "${API_KEY}"),
        ({"command": "a", "args": ["postgresql://me:pass@host/db"]}, "secret", "${ARGS}"),
        ({"url": "https://h/mcp", "headers": {"Authorization": "Bearer abc"}}, "secret", "${AUTHORIZATION}"),
        ({"url": "https://h/mcp?api_key=abc"}, "secret", "${URL}"),
        ({"command": "a", "env": {"HOST": "${HOST:-b}"}}, "secret", "only ${NAME}"),
        ({"command": "a", "args": ["${input:token}"]}, "secret", "only ${NAME}"),
        ({"command": "a", "disabled": True}, "disabled", "disabled"),
        ({"url": "https://h/sse", "type": "sse"}, "transport", "streamable HTTP"),
    ],
)
def test_servers_that_cannot_be_used_as_written(tmp_path: Path, entry: dict[str, Any], reason: str, says: str) -> None:
    item = skipped(written(tmp_path, x=entry))["x"]
    assert item.reason == reason
    assert says in item.detail


def test_unknown_keys_and_patterns_that_match_nothing_are_named(tmp_path: Path) -> None:
    entry = hostile(
        tmp_path, sesion="call", alwaysAllow=[], allow=["add", "sub"], env={"MAX_TOKENS": "99", "KEYS": "no"}
    )
    items = list(mcp.tools(written(tmp_path, h=entry)))
    assert [item["name"] for item in items if isinstance(item, dict)] == ["h_add"]
    out = {item.name: item for item in items if isinstance(item, Skipped)}
    assert out.keys() == {"h.sesion", "h.alwaysAllow", "h: sub"}
    assert "did you mean session?" in out["h.sesion"].detail


# --- reviewing -------------------------------------------------------------------------------------------------------


def test_a_draft_allows_nothing_until_a_line_is_uncommented(tmp_path: Path) -> None:
    tools = found(written(tmp_path, h=hostile(tmp_path)))
    lines = list(draft(tools.values()))
    file = tmp_path / "effects.txt"
    file.write_text("\n".join(lines))
    assert read_effects(file) == {}
    assert "# h_add: The tool add. | readOnlyHint=true, destructiveHint=false, idempotentHint=true" in lines
    assert any(line.startswith("# h_fail@") and line.endswith(" write REASON") for line in lines)
    file.write_text("\n".join(lines).replace("# h_add@", "h_add@"))
    assert read_effects(file) == {f"h_add@{tools['h_add']['version']}": "read"}
    assert not (tmp_path / "deleted").exists()


@pytest.mark.parametrize("line_end", ["\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028"])
def test_no_text_of_a_server_becomes_a_line_of_the_draft(tmp_path: Path, line_end: str) -> None:
    hints = {"title": f"a{line_end}evil read", f"k{line_end}evil read": True}
    file = tmp_path / "effects.txt"
    found = {"name": "x", "version": "1", "description": f"a{line_end}evil read", "hints": hints}
    file.write_text("\n".join(draft([found])))
    assert read_effects(file) == {}


# --- calling ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "arguments", "kind", "says"),
    [
        ("hang", {}, "unreachable", "gave no answer within 1 s"),
        ("die", {}, "unreachable", "about to die"),
        ("big", {"megabytes": 50}, "unreachable", "more than 10,000,000 bytes"),
        ("broken", {}, "unreachable", "internal trouble"),
        ("liar", {}, "bad_result", "sum"),
        ("fail", {}, "refused", "no such record: 42"),
        ("invalid", {}, "refused", "b must be positive"),
    ],
)
def test_a_call_that_fails_is_a_clear_outcome_and_the_next_one_works(
    tmp_path: Path, name: str, arguments: dict[str, Any], kind: str, says: str
) -> None:
    tools = found(written(tmp_path, h=hostile(tmp_path, timeout=1 if name == "hang" else 20)))
    add = made(tools["h_add"])
    assert run(add, {"a": 1, "b": 2}) == {"result": {"sum": 3}}
    start = time.monotonic()
    outcome = run(made(tools[f"h_{name}"]), arguments)
    assert time.monotonic() - start < 5
    assert outcome["error"]["kind"] == kind
    assert says in outcome["error"]["message"]
    assert run(add, {"a": 1, "b": 2}) == {"result": {"sum": 3}}
    assert len(alive(tmp_path)) == 1


@pytest.mark.parametrize(
    ("name", "arguments", "result"),
    [
        ("prose", {}, {"text": "The answer is 42."}),
        ("json", {}, {"answer": 42, "list": [1.5, None]}),
        ("nothing", {}, None),
        ("garbage", {}, {"text": "after the garbage"}),
        ("stderr", {}, {"text": "after the warnings"}),
        ("big", {"megabytes": 3}, {"text": "x" * 3_000_000}),
    ],
)
def test_results(tmp_path: Path, name: str, arguments: dict[str, Any], result: Any) -> None:
    assert run(made(found(written(tmp_path, h=hostile(tmp_path)))[f"h_{name}"]), arguments) == {"result": result}


def test_pictures_and_files_are_described_not_recorded(tmp_path: Path) -> None:
    several = made(found(written(tmp_path, h=hostile(tmp_path)))["h_several"])
    assert run(several, {})["result"] == [
        [1],
        {"type": "image", "mimeType": "image/png", "bytes": 70},
        {"type": "resource", "uri": "note:///1", "mimeType": "text/plain", "text": "a note"},
        {"type": "resource_link", "uri": "https://example.org/a.pdf", "name": "a.pdf", "bytes": 12},
    ]


@pytest.mark.parametrize(
    ("name", "effects", "deaths", "kind"),
    [("die_once", "unknown", 1, "result"), ("die_once", "write", 1, "error"), ("die", "unknown", 1, "error"),
     ("die", "read", 2, "error")],
)  # fmt: skip
def test_only_a_call_that_may_be_repeated_is(tmp_path: Path, name: str, effects: str, deaths: int, kind: str) -> None:
    tool = made(found(written(tmp_path, h=hostile(tmp_path)))[f"h_{name}"], effects)
    assert list(run(tool, {})) == [kind]
    assert len((tmp_path / "deaths").read_text()) == (deaths + 1 if kind == "result" else deaths)


def test_the_limit_of_the_tool_holds_too(tmp_path: Path) -> None:
    tools = found(written(tmp_path, h=hostile(tmp_path)))
    who = made(tools["h_who"])
    first = run(who, {})["result"]["pid"]
    start = time.monotonic()
    assert run(made(tools["h_hang"], limit=1), {})["error"]["kind"] in ("unreachable", "over_time")  # a near race
    assert time.monotonic() - start < 5
    assert run(who, {})["result"]["pid"] != first
    assert alive(tmp_path) != [first]


def test_sessions_are_shared_or_of_an_attempt_or_of_a_call(tmp_path: Path) -> None:
    entries = {scope: hostile(tmp_path, session=scope) for scope in ("shared", "attempt", "call")}
    tools = found(written(tmp_path, **entries))

    def seen(scope: str) -> tuple[int, int]:
        result = run(made(tools[f"{scope}_who"]), {})["result"]
        return result["pid"], result["calls"]

    shared = [seen("shared") for _ in range(2)]
    assert shared == [(shared[0][0], 1), (shared[0][0], 2)]
    calls = [seen("call") for _ in range(3)]
    assert len({pid for pid, _ in calls}) == 3
    assert {count for _, count in calls} == {1}
    with mcp.attempt("t1.a"):
        first = [seen("attempt"), seen("attempt")]
        assert seen("shared")[1] == 3
    with mcp.attempt("t1.b"):
        second = seen("attempt")
    assert first == [(first[0][0], 1), (first[0][0], 2)]
    assert second[0] != first[0][0]
    assert second[1] == 1
    end = time.monotonic() + 3
    while {first[0][0], second[0]} & set(alive(tmp_path)) and time.monotonic() < end:
        time.sleep(0.02)
    assert not {first[0][0], second[0]} & set(alive(tmp_path))
    assert seen("attempt")[1] == 1  # outside of attempts, the process is one


@pytest.mark.parametrize("instances", [1, 3])
def test_instances_answer_in_parallel(tmp_path: Path, instances: int) -> None:
    nap = made(found(written(tmp_path, h=hostile(tmp_path, instances=instances)))["h_nap"])
    with ThreadPoolExecutor(3) as threads:
        pids = {outcome["result"]["pid"] for outcome in threads.map(lambda _: run(nap, {}), range(3))}
    assert len(pids) == instances


def test_a_server_sees_what_its_entry_names_and_no_record_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUR_SECRET", "not-for-servers")
    monkeypatch.setenv("GEO_TOKEN", "abcdefgh-1234")
    path = written(tmp_path, h=hostile(tmp_path, env={"TOKEN": "Bearer ${GEO_TOKEN}", "MODE": "fast"}))
    tools = found(path)
    result = run(made(tools["h_environment"]), {})["result"]
    assert result["MODE"] == "fast"
    assert result["TOKEN"] == "Bearer ${GEO_TOKEN}"  # struck out of what it sent
    assert "OUR_SECRET" not in result
    assert result["PATH"] == os.environ["PATH"]
    assert "abcdefgh" not in json.dumps(list(tools.values()))
    LOOP.close()
    monkeypatch.delenv("GEO_TOKEN")
    for _ in range(2):
        with pytest.raises(DiveError, match=r"^environment variable GEO_TOKEN is not set$") as fault:
            run(made(tools["h_add"]), {"a": 1, "b": 2})
        assert fault.value.hint == "export GEO_TOKEN=…"
    assert "GEO_TOKEN is not set" in skipped(path)["h"].detail


@pytest.mark.parametrize("session", ["shared", "attempt", "call"])
@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ({"command": "mcp-server-nowhere"}, "MCP server h: its command mcp-server-nowhere cannot be run"),
        ({"command": "/etc/passwd"}, "MCP server h: its command /etc/passwd cannot be run: Permission denied"),
        ({"cwd": "/nowhere"}, "MCP server h: there is no folder /nowhere"),
        ({"url": "${NO_HOST}/mcp"}, "environment variable NO_HOST is not set"),
        ({"url": "http://127.0.0.1:9", "headers": {"X-Key": "${NO_KEY}"}}, "environment variable NO_KEY is not set"),
    ],
)
def test_a_server_that_can_never_start_stops_the_command(
    tmp_path: Path, session: str, broken: dict[str, str], says: str
) -> None:
    entry = hostile(tmp_path, session=session)
    add = found(written(tmp_path, h=entry))["h_add"]
    entry = ({} if "url" in broken else entry) | broken | {"session": session}
    add["via"]["server"] = {"name": "h", **entry}
    tool = made(add)
    for _ in range(2):
        with pytest.raises(DiveError, match=says):
            run(tool, {"a": 1, "b": 2})
    item = skipped(written(tmp_path, h=entry))["h"]
    assert item.reason == "no_server" and says in item.detail


# --- no process is left ----------------------------------------------------------------------------------------------

CHILD = """
import json, sys
from pathlib import Path
from dive_tools.tools.door import run
from mcp_use import found, made
if __name__ == "__main__":
    tools = found(Path(sys.argv[1]))
    print(run(made(tools["h_who"]), {}), flush=True)
    run(made(tools[sys.argv[2]]), {})
"""


@pytest.mark.parametrize(("last", "killed"), [("h_who", False), ("h_who", True), ("h_hang", True)])
def test_no_server_survives_us(tmp_path: Path, last: str, killed: bool) -> None:
    path = written(tmp_path, h=hostile(tmp_path), k=hostile(tmp_path, session="call", instances=2))
    script = tmp_path / "child.py"
    script.write_text(CHILD + ("    import time; time.sleep(60)\n" if killed else ""))
    env = environment() | {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
    with subprocess.Popen([sys.executable, script, path, last], env=env, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert b"calls" in child.stdout.readline()
        if killed:
            time.sleep(0.3)
            assert alive(tmp_path)
            child.send_signal(signal.SIGKILL)
        assert child.wait(20) == (-signal.SIGKILL if killed else 0)
    assert gone(tmp_path, 4)


def _ask(tool: Tool, pipe: Any) -> None:
    pipe.send([run(tool, {})["result"] for _ in range(2)])


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of forking beside threads, which is what this tries
def test_a_forked_worker_has_its_own(tmp_path: Path) -> None:
    who = made(found(written(tmp_path, h=hostile(tmp_path)))["h_who"])
    first = run(who, {})["result"]
    here, there = multiprocessing.Pipe()
    worker = multiprocessing.get_context("fork").Process(target=_ask, args=(who, there))
    worker.start()
    theirs = here.recv()
    worker.join(10)
    assert [item["calls"] for item in theirs] == [1, 2]
    assert theirs[0]["pid"] == theirs[1]["pid"] != first["pid"]
    assert run(who, {})["result"] == {"pid": first["pid"], "calls": 2}
    end = time.monotonic() + 4
    while alive(tmp_path) != [first["pid"]] and time.monotonic() < end:
        time.sleep(0.02)
    assert alive(tmp_path) == [first["pid"]]
