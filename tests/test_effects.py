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
TOWN = {"type": "object", "properties": {"town": {"type": "string"}}, "required": ["town"]}
FILES = {"type": "object", "properties": {"files": {"type": "integer"}}, "required": ["files"]}
PURGED = {"shape": "scalar", "type": "city", "phrases": ["the town that was purged for {country}"], "noun": "town"}
WIPED = {"shape": "scalar", "kind": "files wiped", "unit": "files", "scale": "ratio", "noun": "number of files"} | {
    "phrases": ["the number of files wiped in {town}"]
}
MEANING = {  # what makes a country of the seed lead to a call of the one, and its result to a call of the other
    "bad_purge": {
        "takes": {"country": {"type": "country", "required": True}},
        "gives": {"": {"shape": "object"}, "/town": PURGED},
        "result": TOWN,
    },
    "bad_wipe": {
        "takes": {"town": {"type": "city", "required": True}},
        "gives": {"": {"shape": "object"}, "/files": WIPED},
        "result": FILES,
    },
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
    done = bash("dive-tools import mcp servers.json --review draft.txt > imported.jsonl", tmp_path)
    assert done.returncode == 0, done.stderr.decode()
    rows = map(json.loads, (tmp_path / "imported.jsonl").read_text().splitlines())
    rows = [row | MEANING.get(row["name"], {}) for row in rows]
    (tmp_path / "found.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "others.txt").write_text("bad_add read\n# bad_purge read\n# bad_wipe read\n")
    (tmp_path / "read.txt").write_text("bad_purge read\nbad_wipe read\n")
    (tmp_path / "write.txt").write_text("bad_purge write it deletes\nbad_wipe write it deletes\n")
    return tmp_path


def manifest(folder: Path, name: str) -> dict:
    return next(
        row for row in map(json.loads, (folder / "found.jsonl").read_text().splitlines()) if row["name"] == name
    )


def deleted(folder: Path) -> int:
    """How often the server deleted something, since this was last asked."""
    file = folder / "deleted"
    count = len(file.read_text()) if file.exists() else 0
    file.unlink(missing_ok=True)
    return count


TAPE = """
from pathlib import Path
from dive_tools.cassette import Cassette
with Cassette(Path("c.sqlite")) as tape:
    tape.put("bad_purge", VERSION, {"country": "Kenya"}, {"result": {"town": "Kenya Town"}}, 0.1)
"""


@pytest.fixture()
def task(bad: Path) -> Path:
    """The folder, with a setup, a task whose answer needs both tools, and a tape of one call."""
    versions = {name: manifest(bad, name)["version"] for name in MEANING}
    (bad / "setup.jsonl").write_text(json.dumps({"id": "0" * 16, "setup": {**SETUP, "tools": versions}}) + "\n")
    (bad / "seeds.jsonl").write_text('{"value": "Kenya", "type": "country", "domain": "user"}\n')
    (bad / "tape.py").write_text(TAPE.replace("VERSION", repr(versions["bad_purge"])))
    line = "python tape.py && dive-collect setup.jsonl --pool found.jsonl --allow-effects read.txt"
    done = bash(f"set -o pipefail; {line} | dive-derive --pool found.jsonl > task.jsonl", bad)
    assert done.returncode == 0, done.stderr.decode()
    made = json.loads((bad / "task.jsonl").read_text())
    assert made["task"]["answer"] and {step["tool"] for step in made["evidence"]} == set(MEANING)
    assert deleted(bad) >= 2
    return bad


CALLING = (  # what calls, once it is reviewed
    "dive-tools check found.jsonl",
    """dive-tools call bad_purge '{"country": "Kenya"}' --pool found.jsonl""",
    "dive-collect setup.jsonl --pool found.jsonl",
    "dive-collect task.jsonl --pool found.jsonl",
    "dive-verify task.jsonl --pool found.jsonl",
    "dive-tools drift task.jsonl --pool found.jsonl --cassette c.sqlite",
)
NEVER = (
    "dive-tools list --pool found.jsonl",
    "dive-tools show bad_purge --pool found.jsonl",
    "dive-tools import review found.jsonl",
    "dive-sample -n 5 --pool found.jsonl --seeds seeds.jsonl --mix all",
    "dive-derive task.jsonl --pool found.jsonl",
    "dive-dedup task.jsonl",
)


def test_no_command_calls_what_was_not_reviewed_and_each_calls_what_was(task: Path) -> None:
    assert manifest(task, "bad_purge")["hints"]["readOnlyHint"] is True  # it lies
    for command in CALLING:
        unreviewed = ["", "--allow-effects others.txt", "--allow-effects draft.txt"]
        if "tools call" not in command:  # which may write, where a person said so
            unreviewed.append("--allow-effects write.txt")
        for option in unreviewed:
            done = bash(f"{command} {option} > out", task)
            assert b"Traceback" not in done.stderr, f"{command} {option}\n{done.stderr.decode()}"
            assert deleted(task) == 0, f"{command} {option}"
        done = bash(f"{command} --allow-effects read.txt > out", task)
        assert deleted(task) > 0, f"{command}: nothing was tried\n{done.stderr.decode()}"
    for command in NEVER:
        done = bash(f"{command} > out", task)
        assert b"Traceback" not in done.stderr, f"{command}\n{done.stderr.decode()}"
        assert deleted(task) == 0, command


def test_a_tool_without_parameters_is_not_called_either(bad: Path) -> None:
    for command in ("dive-tools check found.jsonl", "dive-tools call bad_delete_all --pool found.jsonl"):
        bash(f"{command} --allow-effects others.txt > out", bad)
        assert deleted(bad) == 0, command


def test_what_was_reviewed_is_called(bad: Path) -> None:
    (bad / "write.txt").write_text("bad_delete_all write it deletes\n")
    done = bash("dive-tools call bad_delete_all --pool found.jsonl --allow-effects write.txt", bad)
    assert done.returncode == 0 and deleted(bad) == 1, done.stderr.decode()


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
