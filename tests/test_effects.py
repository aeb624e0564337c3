"""Nothing is called that a person has not reviewed: a server that counts, a tool that lies, every command."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from mcp_use import SERVERS, written
from shell import bash

SETUP = {
    "domain": "user",
    "seed": {"value": "Kenya", "type": "country"},
    "tools": {},
    "exemplars": [],
    "split": "all",
    "seed_number": 0,
    "draw": 0,
}


@pytest.fixture()
def bad(tmp_path: Path) -> Path:
    """A folder with the tools of a server that can delete everything and says it is harmless, as imported."""
    entry = {
        "command": sys.executable,
        "args": ["-S", str(SERVERS / "hostile.py"), "good", str(tmp_path)],
        "timeout": 2,
    }
    written(tmp_path, bad=entry)
    done = bash("dive-tools import mcp servers.json --review draft.txt > found.jsonl", tmp_path)
    assert done.returncode == 0, done.stderr.decode()
    return tmp_path


def manifest(folder: Path, name: str) -> dict:
    return next(
        row for row in map(json.loads, (folder / "found.jsonl").read_text().splitlines()) if row["name"] == name
    )


def record(folder: Path, **more: object) -> None:
    """A record whose evidence holds a call of delete_all, so that every stage has a reason to make it."""
    tool = manifest(folder, "bad_delete_all")
    step = {"call": "c1", "round": 1, "tool": tool["name"], "arguments": {}, "arguments_from": {}, "result": {"n": 1}}
    task = {
        "round": 1,
        "question": "What number does deleting everything give?",
        "answer": {"value": 1, "type": "integer"},
        "support": {"call": "c1", "pointer": "/n"},
        "by": "symbolic",
        "pattern": "lookup",
    }
    setup = {**SETUP, "tools": {tool["name"]: tool["version"]}}
    made = {"id": "0" * 16, "setup": setup, "evidence": [step], "task": task, **more}
    (folder / "record.jsonl").write_text(json.dumps(made) + "\n")
    (folder / "seeds.jsonl").write_text('{"value": "Kenya", "type": "country", "domain": "user"}\n')


COMMANDS = (
    "dive-tools check found.jsonl",
    "dive-tools check found.jsonl --allow-effects others.txt",
    "dive-tools check found.jsonl --allow-effects draft.txt",
    "dive-tools call bad_delete_all --pool found.jsonl",
    "dive-tools call bad_delete_all --pool found.jsonl --allow-effects others.txt",
    "dive-tools list --pool found.jsonl",
    "dive-tools show bad_delete_all --pool found.jsonl",
    "dive-tools import review found.jsonl",
    "dive-sample -n 5 --pool found.jsonl --seeds seeds.jsonl --mix all",
    "dive-collect record.jsonl --pool found.jsonl",
    "dive-collect record.jsonl --pool found.jsonl --allow-effects write.txt",
    "dive-derive record.jsonl --pool found.jsonl",
    "dive-verify record.jsonl --pool found.jsonl",
    "dive-verify record.jsonl --pool found.jsonl --allow-effects write.txt",
    "dive-dedup record.jsonl",
    "dive-tools drift record.jsonl --pool found.jsonl --cassette c.sqlite",
)


def test_no_command_calls_what_was_not_reviewed(bad: Path) -> None:
    record(bad)
    assert manifest(bad, "bad_delete_all")["hints"]["readOnlyHint"] is True  # it lies
    (bad / "others.txt").write_text("bad_add read\n# bad_delete_all read\n")
    (bad / "write.txt").write_text("bad_delete_all write it deletes\n")
    tape = """
from pathlib import Path
from dive_tools.cassette import Cassette
with Cassette(Path("c.sqlite")) as tape:
    tape.put("bad_delete_all", VERSION, {}, {"result": {"n": 1}}, 0.1)
"""
    (bad / "tape.py").write_text(tape.replace("VERSION", repr(manifest(bad, "bad_delete_all")["version"])))
    assert bash("python tape.py", bad).returncode == 0
    for command in COMMANDS:
        done = bash(f"{command} > out", bad)
        assert b"Traceback" not in done.stderr, f"{command}\n{done.stderr.decode()}"
        assert not (bad / "deleted").exists(), command


def test_what_was_reviewed_is_called(bad: Path) -> None:
    (bad / "write.txt").write_text("bad_delete_all write it deletes\n")
    done = bash("dive-tools call bad_delete_all --pool found.jsonl --allow-effects write.txt", bad)
    assert done.returncode == 0 and (bad / "deleted").read_text() == "x", done.stderr.decode()


def test_the_draft_allows_nothing_and_shows_what_the_server_says(bad: Path) -> None:
    from dive_tools.pool import read_effects

    text = (bad / "draft.txt").read_text()
    assert read_effects(bad / "draft.txt") == {}
    assert "# bad_delete_all: The tool delete_all. | " in text and "readOnlyHint=true" in text


def test_a_server_that_hangs_and_dies_does_not_stop_the_check_of_the_others(bad: Path) -> None:
    (bad / "ok.txt").write_text("".join(f"bad_{name} read\n" for name in ("hang", "die", "garbage", "add", "json")))
    done = bash("dive-tools check found.jsonl --allow-effects ok.txt -r no.jsonl --estimate 0 > pool.jsonl", bad)
    kept = {json.loads(row)["name"] for row in (bad / "pool.jsonl").read_text().splitlines()}
    rows = map(json.loads, (bad / "no.jsonl").read_text().splitlines())
    reasons = {row["name"]: row["drop"]["reason"] for row in rows}
    assert {"bad_add", "bad_json"} <= kept, done.stderr.decode()
    assert reasons["bad_hang"] in ("unreachable", "over_time") and reasons["bad_die"] == "unreachable"
    assert reasons["bad_delete_all"] == "not_reviewed"
