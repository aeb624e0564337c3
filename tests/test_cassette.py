"""Recorded calls: what is stored, what never is, and several processes at one file."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from shell import bash, environment

from dive_tools.cassette import Cassette, diff, merge, prune, stat
from dive_tools.errors import DiveError

REFUSED = {"error": {"kind": "refused", "message": "no such gene"}}

WRITER = """
import sys
from pathlib import Path
from dive_tools.cassette import Cassette
name, count, shared = sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
with Cassette(Path(sys.argv[1])) as cassette:
    for number in range(count):
        who = "all" if number < shared else name
        outcome = cassette.put("t", "1", {"n": number, "who": who}, {"result": name * 300}, 0.5)
        assert cassette.get("t", "1", {"n": number, "who": who}) == outcome
        sys.stdout.write(f"{number}\\n"); sys.stdout.flush()
"""


def writer(path: Path, name: str, count: int, shared: int = 0) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-c", WRITER, str(path), name, str(count), str(shared)]
    return subprocess.Popen(words, env=environment(), stdout=subprocess.PIPE)


def recorded(path: Path, calls: dict[str, object]) -> Path:
    """A cassette in which tool t, version 1, was called once with each `q`."""
    with Cassette(path) as cassette:
        for q, result in calls.items():
            cassette.put("t", "1", {"q": q}, {"result": result}, 0.1)
    return path


def test_what_is_put_is_got(tmp_path: Path) -> None:
    outcome = {"result": {"z": 1, "a": [1.5, None, "ü"]}}
    with Cassette(tmp_path / "c") as cassette:
        assert cassette.get("t", "1", {"a": 1, "b": 2}) is None
        assert cassette.put("t", "1", {"a": 1, "b": 2}, outcome, 0.25) == outcome
        found = cassette.get("t", "1", {"b": 2, "a": 1})
        assert found == outcome and json.dumps(found) == json.dumps(outcome)  # the order of keys too
        assert cassette.get("t", "2", {"a": 1, "b": 2}) is None
        assert cassette.get("u", "1", {"a": 1, "b": 2}) is None
        cassette.put("t", "1", {}, REFUSED, 0.1)
    with Cassette(tmp_path / "c") as cassette:
        assert cassette.get("t", "1", {}) == REFUSED
        entry = next(entry for entry in cassette.entries() if entry.arguments)
    assert (entry.tool, entry.version, entry.seconds) == ("t", "1", 0.25)
    assert abs(entry.recorded_at - time.time()) < 60


@pytest.mark.parametrize("kind", ["timeout", "transport", "crashed", ""])
def test_a_failure_is_never_stored(kind: str, tmp_path: Path) -> None:
    with Cassette(tmp_path / "c") as cassette:
        with pytest.raises(ValueError, match="result or a refusal"):
            cassette.put("t", "1", {}, {"error": {"kind": kind, "message": "x"}}, 1)
        assert cassette.get("t", "1", {}) is None


def test_neither_or_both_is_refused(tmp_path: Path) -> None:
    with Cassette(tmp_path / "c") as cassette:
        for outcome in ({}, {"result": 1, **REFUSED}):
            with pytest.raises(ValueError, match="result or a refusal"):
                cassette.put("t", "1", {}, outcome, 1)


def test_the_first_write_wins(tmp_path: Path) -> None:
    with Cassette(tmp_path / "c") as one, Cassette(tmp_path / "c") as two:
        assert one.put("t", "1", {}, {"result": 1}, 0) == {"result": 1}
        assert two.put("t", "1", {}, {"result": 2}, 0) == {"result": 1}
        assert two.get("t", "1", {}) == {"result": 1}
    assert stat(tmp_path / "c")["results"] == 1


def test_a_large_result_is_stored_once_and_small(tmp_path: Path) -> None:
    large = "x" * 200_000
    totals = stat(recorded(tmp_path / "c", {str(n): large for n in range(20)}))
    assert (totals["calls"], totals["results"]) == (20, 1)
    assert totals["result_bytes"] < 1000


def test_layers_are_read_in_order_and_never_written(tmp_path: Path) -> None:
    first, second = recorded(tmp_path / "1", {"a": 1}), recorded(tmp_path / "2", {"a": 2, "b": 2})
    before = first.read_bytes(), second.read_bytes()
    with Cassette(tmp_path / "new", over=[first, second]) as cassette:
        assert [cassette.get("t", "1", {"q": q}) for q in "abc"] == [{"result": 1}, {"result": 2}, None]
        cassette.put("t", "1", {"q": "c"}, {"result": 3}, 0)
        assert sorted(entry.outcome["result"] for entry in cassette.entries()) == [1, 2, 3]
    assert (first.read_bytes(), second.read_bytes()) == before
    assert stat(tmp_path / "new")["calls"] == 1


def test_nothing_is_recorded_without_a_path(tmp_path: Path) -> None:
    with Cassette(None, over=[recorded(tmp_path / "1", {"a": 1})]) as cassette:
        assert cassette.put("t", "1", {"q": "b"}, {"result": 2}, 0) == {"result": 2}
        assert cassette.get("t", "1", {"q": "b"}) is None
        assert cassette.get("t", "1", {"q": "a"}) == {"result": 1}


def test_several_processes_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / "c"
    writers = [writer(path, name, 300, shared=100) for name in "abcd"]
    for each in writers:
        each.communicate(timeout=50)
    assert [each.returncode for each in writers] == [0, 0, 0, 0]
    assert stat(path)["calls"] == 100 + 4 * 200
    assert stat(path)["results"] == 4


def test_what_was_put_survives_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "c"
    process = writer(path, "a", 1_000_000)
    said = [process.stdout.readline() for _ in range(200)]
    process.kill()
    said += process.stdout.readlines()
    process.wait()
    last = int([line for line in said if line.endswith(b"\n")][-1])
    with Cassette(path) as cassette:
        assert all(cassette.get("t", "1", {"n": n, "who": "a"}) for n in range(last + 1))
    assert sqlite3.connect(path).execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_layer_left_behind_by_kill_9_can_be_read(tmp_path: Path) -> None:
    process = writer(tmp_path / "c", "a", 1_000_000)
    for _ in range(50):
        process.stdout.readline()
    process.kill()
    process.wait()
    with Cassette(None, over=[tmp_path / "c"]) as cassette:
        assert cassette.get("t", "1", {"n": 49, "who": "a"})


@pytest.mark.parametrize("content", [b"dear diary\n" * 500, b"SQLite format 3\0" + b"\xff" * 4096])
def test_a_damaged_file_is_named_and_kept(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "c"
    path.write_bytes(content)
    for opened in (lambda: Cassette(path), lambda: Cassette(None, over=[path])):
        with pytest.raises(DiveError, match=f"cassette {path}") as caught:
            opened()
        assert caught.value.hint and "damaged" in caught.value.hint
    assert path.read_bytes() == content


def test_a_foreign_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "c"
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE mine (x)")
    db.commit()
    db.close()
    content = path.read_bytes()
    for opened in (lambda: Cassette(path), lambda: Cassette(None, over=[path])):
        with pytest.raises(DiveError, match="not a cassette"):
            opened()
    assert path.read_bytes() == content


def test_no_such_layer_or_folder(tmp_path: Path) -> None:
    with pytest.raises(DiveError, match="no cassette at"):
        Cassette(None, over=[tmp_path / "nowhere"])
    with pytest.raises(DiveError, match="unable to open"):
        Cassette(tmp_path / "no" / "folder")


def test_merge(tmp_path: Path) -> None:
    one, two = recorded(tmp_path / "1", {"a": 1, "b": 1}), recorded(tmp_path / "2", {"a": 1, "b": 2, "c": 3})
    assert merge(tmp_path / "all", [one, two]) == {"added": 3, "same": 1, "differs": 1}
    assert merge(tmp_path / "all", [one, two]) == {"added": 0, "same": 4, "differs": 1}
    with Cassette(None, over=[tmp_path / "all"]) as cassette:
        assert [cassette.get("t", "1", {"q": q}) for q in "abc"] == [{"result": 1}, {"result": 1}, {"result": 3}]


def test_diff(tmp_path: Path) -> None:
    one, two = recorded(tmp_path / "1", {"a": 1, "b": 1}), recorded(tmp_path / "2", {"b": 2, "c": 3, "d": 4})
    recorded(one, {"d": 4})
    found = {row["arguments"]["q"]: (row.get("a"), row.get("b")) for row in diff(one, two)}
    assert found == {"a": ({"result": 1}, None), "b": ({"result": 1}, {"result": 2}), "c": (None, {"result": 3})}


def test_prune(tmp_path: Path) -> None:
    path = recorded(tmp_path / "c", {"a": "x" * 100_000, "b": 1})
    with Cassette(path) as cassette:
        cassette.put("t", "2", {"q": "a"}, {"result": 2}, 0)
    assert prune(path, {("t", "2"), ("other", "1")}) == 2
    assert stat(path) | {"file_bytes": 0, "call_seconds": 0} == {
        "calls": 1, "refused": 0, "results": 1, "result_bytes": 12, "file_bytes": 0, "call_seconds": 0,
        "tools": {"t@2": 1},
    }  # fmt: skip


def test_the_commands(tmp_path: Path) -> None:
    recorded(tmp_path / "1", {"a": 1, "b": 1})
    recorded(tmp_path / "2", {"b": 2})
    (tmp_path / "pool.jsonl").write_text('{"name":"t","version":"1"}\n')
    say = "python3 -c 'from dive_tools.cli.cassette import cassette; cassette()'"
    merged = bash(f"{say} merge all 1 2", tmp_path)
    assert merged.stderr == b"cassette merge: added=2 same=0 differs=1\n" and merged.returncode == 0
    assert json.loads(bash(f"{say} stat all", tmp_path).stdout)["tools"] == {"t@1": 2}
    assert json.loads(bash(f"{say} diff all 2", tmp_path).stdout.splitlines()[0])["tool"] == "t"
    assert bash(f"{say} prune all --keep pool.jsonl", tmp_path).stderr == b"cassette prune: removed=0\n"
    assert bash(f"{say} prune all --keep /dev/null", tmp_path).returncode == 2
    assert bash(f"{say} stat pool.jsonl", tmp_path).returncode == 1
