"""An asynchronous stage has every manner of a filter, with many records at work at once."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest
from shell import bash, start
from test_filter import PIPE, resident, tear, wait_for, whole, write_input

__all__ = ["whole"]
W = "echo-filter --waiting"


@pytest.mark.parametrize("jobs", ["1", "40"])
def test_any_number_in_flight_gives_the_same_bytes(jobs: str, whole: tuple, tmp_path: Path) -> None:
    source, out, rejects = whole
    done = bash(f"{W} {source} --keep-going -r rejects.jsonl -j {jobs}", tmp_path)
    assert (done.stdout, (tmp_path / "rejects.jsonl").read_bytes()) == (out, rejects)
    assert b"closed=1" not in done.stderr and f"most={2 * int(jobs)} ".encode() in done.stderr


def test_many_wait_at_once(tmp_path: Path) -> None:
    write_input(tmp_path / "in.jsonl", 500, sleep=0.5)
    began = time.monotonic()
    done = bash(f"{W} in.jsonl --keep-going -j 250", tmp_path)
    assert done.returncode == 0 and time.monotonic() - began < 3


def test_random_waits_keep_the_order(tmp_path: Path) -> None:
    chance = random.Random(1)
    lines = [json.dumps({"id": f"r{n}", "n": 2 * n, "sleep": chance.random() * 0.05}) for n in range(200)]
    (tmp_path / "in.jsonl").write_text("\n".join(lines))
    done = bash(f"{W} in.jsonl -q -j 20", tmp_path)
    assert [json.loads(line)["n"] for line in done.stdout.splitlines()] == [2 * n for n in range(200)]
    loose = bash(f"{W} in.jsonl -q -j 20 --unordered", tmp_path)
    assert loose.stdout != done.stdout and sorted(loose.stdout.splitlines()) == sorted(done.stdout.splitlines())


def test_killed_at_random_moments_and_resumed(whole: tuple, tmp_path: Path) -> None:
    source, out, dropped = whole
    chance = random.Random(7)
    words = f"{W} {source} -q --keep-going -j 3 -o out.jsonl -r rejects.jsonl".split()
    kills = 0
    for _ in range(50):
        process = start(*words, *(["--resume"] if kills else []), cwd=tmp_path)
        try:
            process.wait(0.3 + chance.random() * 0.15 + kills * 0.05)
            break
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
            tear(tmp_path / "out.jsonl", chance)
    assert kills
    assert bash(" ".join([*words, "--resume"]), tmp_path).returncode == 0
    assert (tmp_path / "out.jsonl").read_bytes() == out
    assert (tmp_path / "rejects.jsonl").read_bytes() == dropped


def test_the_first_record_is_out_before_the_second_is_written(tmp_path: Path) -> None:
    with start(*W.split(), "-q", "-j", "9", cwd=tmp_path, stdin=PIPE, stdout=PIPE) as process:
        for number in (0, 2, 4):
            process.stdin.write(b'{"id":"a","n":%d}\n' % number)
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["twice"] == 2 * number
        process.stdin.close()
        assert process.wait(10) == 0


@pytest.mark.parametrize("waiting", [True, False])
def test_interrupted(waiting: bool, tmp_path: Path) -> None:
    write_input(tmp_path / "in.jsonl", 40, sleep=0.2)
    words = [*W.split(), *([] if waiting else ["in.jsonl"]), "-j", "2", "-o", "out.jsonl"]
    with start(*words, cwd=tmp_path, stdin=PIPE, stderr=PIPE) as process:
        process.stdin.write(b'{"id":"a","n":2}\n')
        process.stdin.flush()
        wait_for(lambda: (tmp_path / "out.jsonl").exists() and (tmp_path / "out.jsonl").read_bytes())
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(10) == 130
        said = process.stderr.read().decode()
    assert said.startswith("echo-filter: in=") and len(said.splitlines()) == 1


def test_the_reader_leaves(tmp_path: Path) -> None:
    began = time.monotonic()
    done = bash(f"count -q | {W} -j 50 | head -1; echo ${{PIPESTATUS[1]}}", tmp_path)
    assert done.stdout.splitlines()[-1] == b"141" and time.monotonic() - began < 5


def test_what_can_never_work_is_said_before_anything_is_touched(tmp_path: Path) -> None:
    (tmp_path / "out.jsonl").write_text("precious\n")
    done = bash(f"{W} --fail 'no server' -o out.jsonl", tmp_path, b'{"id":"a","n":2}\n')
    assert (done.returncode, done.stderr) == (1, b"echo-filter: no server\n  hint: mend it\n")
    assert (tmp_path / "out.jsonl").read_text() == "precious\n"


def test_what_breaks_for_all_stops_at_once(tmp_path: Path) -> None:
    slow = "".join(f'{{"id":"s{n}","n":2,"sleep":30}}\n' for n in range(4))
    began = time.monotonic()
    done = bash(f"{W} -q -j 9", tmp_path, f'{slow}{{"id":"x","n":2,"do":"stop"}}\n'.encode())
    assert (done.returncode, done.stdout, done.stderr) == (1, b"", b"echo-filter: no server\n")
    assert time.monotonic() - began < 5


def test_a_spent_budget_lets_what_is_in_flight_end(tmp_path: Path) -> None:
    lines = [{"id": "a", "n": 0}, {"id": "b", "n": 2, "sleep": 0.4}, {"id": "c", "n": 4, "do": "spent"}]
    lines += [{"id": f"z{n}", "n": 6, "sleep": 0.1} for n in range(5)]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    done = bash(f"{W} in.jsonl -j 9", tmp_path)
    assert done.returncode == 1 and b"the budget is spent" in done.stderr
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["a", "b"]
    assert b"calls=7" in done.stderr  # all but the one that was not let through
    loose = bash(f"{W} in.jsonl -j 9 --unordered", tmp_path)  # where what ended well is written, whatever came before
    assert loose.returncode == 1 and len(loose.stdout.splitlines()) == 7


def test_a_bug_keeps_its_traceback(tmp_path: Path) -> None:
    done = bash(f"{W} -j 2", tmp_path, b'{"id":"a","n":1}\n{"id":"b","n":2,"do":"bug"}\n')
    assert done.returncode == 1 and b"ValueError: a bug" in done.stderr and b"at input line 2" in done.stderr


def test_memory_stays_flat(tmp_path: Path) -> None:
    with start("bash", "-c", f"count -q | {W} -q -j 50 > /dev/null", cwd=tmp_path) as process:
        try:
            wait_for(lambda: process.poll() is not None or resident(process.pid) > 0)
            time.sleep(2)
            before = resident(process.pid)
            time.sleep(3)
            assert resident(process.pid) - before < 4_000_000
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def test_an_estimate_reads_all_and_works_on_a_few(tmp_path: Path) -> None:
    write_input(tmp_path / "in.jsonl", 40)
    done = bash(f"{W} in.jsonl -j 3 --estimate 10", tmp_path)
    assert len(done.stdout.splitlines()) == 5
    assert f"echo-filter: 10 of 40, {len(done.stdout)} bytes\n".encode() in done.stderr
    more = bash(f"{W} in.jsonl -j 3 --estimate 10 -n 9000 -r rejects.jsonl", tmp_path)
    size = len(more.stdout) + (tmp_path / "rejects.jsonl").stat().st_size
    assert f" 10 of 9000, {size} bytes\n".encode() in more.stderr
