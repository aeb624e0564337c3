"""The manners of a filter that need a clock, a signal or a second process; the others are cases."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest
from shell import bash, start

PIPE = subprocess.PIPE


def write_input(path: Path, count: int, **more: object) -> Path:
    """Records of which every third is odd in some way: dropped, or bad."""
    with path.open("w") as file:
        for number in range(count):
            record = {"id": f"r{number}", "n": number, **more}
            file.write("oops\n" if number % 50 == 49 else json.dumps(record) + "\n")
    return path


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def resident(pid: int) -> int:
    """Memory of a process and its children that is theirs alone, in bytes; a child that has just ended has none."""
    pages = 0
    for each in (pid, *children(pid)):
        with suppress(FileNotFoundError, ProcessLookupError):
            fields = Path(f"/proc/{each}/statm").read_text().split()
            pages += int(fields[1]) - int(fields[2])
    return pages * os.sysconf("SC_PAGE_SIZE")


def wait_for(what, seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes, bytes]:
    """(input, output, rejects) of a run that nobody disturbed."""
    folder = tmp_path_factory.mktemp("whole")
    source = write_input(folder / "in.jsonl", 400, sleep=0.005)
    done = bash("echo-filter in.jsonl -q --keep-going -r rejects.jsonl", folder)
    assert done.returncode == 0
    return source, done.stdout, (folder / "rejects.jsonl").read_bytes()


@pytest.mark.parametrize("jobs", ["2", "8"])
def test_any_number_of_jobs_gives_the_same_bytes(jobs: str, whole: tuple, tmp_path: Path) -> None:
    source, out, rejects = whole
    done = bash(f"echo-filter {source} -q --keep-going -r rejects.jsonl -j {jobs}", tmp_path)
    assert (done.stdout, (tmp_path / "rejects.jsonl").read_bytes()) == (out, rejects)


def test_unordered_gives_the_same_lines(whole: tuple, tmp_path: Path) -> None:
    source, out, _ = whole
    done = bash(f"echo-filter {source} --keep-going -j 4 --unordered", tmp_path)
    assert sorted(done.stdout.splitlines()) == sorted(out.splitlines())
    assert b"in=400 kept=200 dropped=200 odd=192 bad_line=8" in done.stderr


def test_unordered_lets_no_slow_record_hold_up_others(tmp_path: Path) -> None:
    lines = '{"id":"slow","n":0,"sleep":1}\n{"id":"fast","n":2}\n'
    done = bash("echo-filter -j 2 --unordered", tmp_path, lines.encode())
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["fast", "slow"]


@pytest.mark.parametrize("jobs", ["1", "3"])
@pytest.mark.parametrize("rejects", ["", "-r rejects.jsonl"])
def test_killed_at_random_moments_and_resumed(jobs: str, rejects: str, whole: tuple, tmp_path: Path) -> None:
    source, out, dropped = whole
    chance = random.Random(f"{jobs}{rejects}")
    words = f"echo-filter {source} -q --keep-going -j {jobs} -o out.jsonl {rejects}".split()
    kills = 0
    for _ in range(50):
        process = start(*words, *(["--resume"] if kills else []), cwd=tmp_path)
        try:
            process.wait(0.25 + chance.random() * 0.15 + kills * 0.1)
            break
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
            tear(tmp_path / "out.jsonl", chance)
    assert kills
    assert bash(" ".join([*words, "--resume"]), tmp_path).returncode == 0  # resuming what is finished changes nothing
    assert (tmp_path / "out.jsonl").read_bytes() == out
    assert not rejects or (tmp_path / "rejects.jsonl").read_bytes() == dropped
    counts = json.loads((tmp_path / "out.jsonl.meta.json").read_text())["counts"]
    assert counts | {"calls": 0} == {"in": 400, "kept": 200, "dropped": 200, "odd": 192, "bad_line": 8, "calls": 0}


def tear(path: Path, chance: random.Random) -> None:
    """Lose some of the last bytes, as a machine that goes down does."""
    if path.exists() and chance.random() < 0.5:
        os.truncate(path, max(0, path.stat().st_size - chance.randrange(40)))


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_the_first_record_is_out_before_the_second_is_written(jobs: str, tmp_path: Path) -> None:
    with start("echo-filter", "-q", "-j", jobs, cwd=tmp_path, stdin=PIPE, stdout=PIPE) as process:
        for number in (0, 2, 4):
            process.stdin.write(b'{"id":"a","n":%d}\n' % number)
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["twice"] == 2 * number
        process.stdin.close()
        assert process.wait(10) == 0


def test_a_pipe_of_four_streams(tmp_path: Path) -> None:
    line = "count -q --slow 0.3 | echo-filter -q -j 2 | echo-filter -q | echo-filter -q -j 2 | head -2"
    began = time.monotonic()
    assert len(bash(line, tmp_path).stdout.splitlines()) == 2
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_interrupted(jobs: str, tmp_path: Path) -> None:
    write_input(tmp_path / "in.jsonl", 40, sleep=0.1)
    words = ["echo-filter", "in.jsonl", "-j", jobs, "-o", "out.jsonl"]
    with start(*words, cwd=tmp_path, stderr=PIPE) as process:
        wait_for(lambda: (tmp_path / "out.jsonl").exists() and (tmp_path / "out.jsonl").read_bytes())
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the workers too
        said = process.stderr.read().decode()
        assert process.wait(10) == 130
    assert said.startswith("echo-filter: in=") and len(said.splitlines()) == 1


def test_interrupted_while_it_waits_for_input(tmp_path: Path) -> None:
    with start("echo-filter", "-j", "2", cwd=tmp_path, stdin=PIPE, stdout=PIPE, stderr=PIPE) as process:
        process.stdin.write(b'{"id":"a","n":2}\n')
        process.stdin.flush()
        process.stdout.readline()
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(10) == 130


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_workers_die_with_their_parent(how: signal.Signals, tmp_path: Path) -> None:
    write_input(tmp_path / "in.jsonl", 8, sleep=30)
    with start("echo-filter", "in.jsonl", "-j", "4", cwd=tmp_path, stdout=PIPE, stderr=PIPE) as process:
        wait_for(lambda: len(children(process.pid)) == 4)
        workers = children(process.pid)
        time.sleep(0.3)
        process.send_signal(how)
        process.wait(10)
        wait_for(lambda: all(gone(worker) for worker in workers), 3)


def test_a_worker_that_dies_is_reported(tmp_path: Path) -> None:
    done = bash("echo-filter -q -j 2", tmp_path, b'{"id":"a","n":2,"do":"die"}\n')
    assert done.returncode == 1
    assert b"a worker process died" in done.stderr and b"Traceback" not in done.stderr


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("bug", ["bug", "pipe"])
def test_a_bug_keeps_its_traceback(jobs: str, bug: str, tmp_path: Path) -> None:
    lines = b'{"id":"a","n":2}\n{"id":"b","n":2,"do":"%s"}\n' % bug.encode()
    done = bash(f"echo-filter -j {jobs}", tmp_path, lines)
    assert done.returncode == 1 and len(done.stdout.splitlines()) == 1
    assert b"Traceback" in done.stderr and b"in __call__" in done.stderr and b"at input line 2" in done.stderr


def test_the_output_is_a_full_disk(tmp_path: Path) -> None:
    done = bash("count -n 10 | echo-filter -q > /dev/full", tmp_path)
    assert done.returncode == 1
    assert b"cannot write the output: No space left on device" in done.stderr


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_memory_stays_flat(jobs: str, tmp_path: Path) -> None:
    """The writer is ahead and the reader is slow: what is in flight is bounded all the same."""
    (tmp_path / "in.jsonl").write_text(
        "".join(json.dumps({"id": f"r{n}", "n": 2 * n, "text": "x" * 4000}) + "\n" for n in range(20_000))
    )
    with start("echo-filter", "in.jsonl", "-q", "-j", jobs, cwd=tmp_path, stdout=PIPE) as process:
        used = []
        for number, _ in enumerate(process.stdout):
            if number % 2000 == 1999:
                used.append(resident(process.pid))
        assert process.wait(10) == 0
    assert number == 19_999
    assert max(used[2:]) - used[1] < 8_000_000, used


def test_nothing_heavy_is_loaded_for_help(tmp_path: Path) -> None:
    done = bash("python3 -X importtime $(which echo-filter) --help", tmp_path)
    loaded = {line.rpartition(b"|")[2].strip() for line in done.stderr.splitlines()}
    assert b"click" in loaded
    assert not loaded & {b"orjson", b"tqdm", b"multiprocessing", b"concurrent.futures", b"sqlite3", b"asyncio"}
    assert not {name for name in loaded if name.startswith(b"dive_tools.records")}


def test_a_bar_only_for_a_terminal(tmp_path: Path) -> None:
    count = "count -n 3 --slow 0.15"
    terminal = f"script -qec 'stty rows 24 cols 80; {count} -o out.jsonl' /dev/null"
    assert b"records" in bash(terminal, tmp_path).stdout
    assert b"records" not in bash(f"script -qec '{count} -o out.jsonl -q' /dev/null", tmp_path).stdout
    assert b"records" not in bash(f"script -qec '{count} | cat >/dev/null' /dev/null", tmp_path).stdout
    assert b"records" not in bash(f"{count} -o out.jsonl", tmp_path).stderr
