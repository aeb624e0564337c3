"""The pipe as a user runs it: real processes from bin/, killed, fed with bad lines, cut off."""

from __future__ import annotations

import json
import random
import re
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from shell import bash, start

from dive_tools.jsonl import dump

COUNT = 40
STAGES = ("sample", "collect", "derive", "collect2", "derive2", "verify", "dedup")
PIPE = (
    f"dive-sample -n {COUNT} --seed 7 | tee sample | dive-collect | tee collect | dive-derive | tee derive"
    " | dive-collect | tee collect2 | dive-derive | tee derive2 | dive-verify -r verify.rejects | tee verify"
    " | dive-dedup -r dedup.rejects > dedup"
)


def records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what every stage of one undisturbed run wrote."""
    folder = tmp_path_factory.mktemp("pipeline")
    done = bash(f"set -o pipefail; {{ {PIPE}; }} 2> err", folder, timeout=180)
    assert done.returncode == 0 and done.stdout == b"", (folder / "err").read_text()
    return folder


@pytest.fixture(scope="module")
def few(whole: Path) -> Path:
    """The first eight records of each stage, for what needs no more."""
    for name in STAGES:
        (whole / f"{name}.few").write_bytes(b"".join((whole / name).read_bytes().splitlines(keepends=True)[:8]))
    return whole


# --- the whole -------------------------------------------------------------------------------------------------------


def test_every_kept_line_has_answer_support_and_verdict(whole: Path) -> None:
    kept = records(whole / "dedup")
    assert len(kept) >= COUNT / 5
    for record in kept:
        assert list(record) == ["id", "setup", "evidence", "task", "verdict"]
        assert record["task"]["answer"].keys() >= {"value", "type"} and record["task"]["support"]
        assert (
            set(record["verdict"]["checks"].values()) <= {"passed", "not_applicable"}
            and len(record["verdict"]["checks"]) >= 12
        )


def test_what_is_not_kept_left_with_a_reason(whole: Path) -> None:
    rejects = records(whole / "verify.rejects") + records(whole / "dedup.rejects")
    kept = records(whole / "dedup")
    last = {record["id"]: record for record in records(whole / "derive2")}
    assert sorted(r["id"] for r in rejects + kept) == sorted(last)
    for reject in rejects:
        assert reject["drop"]["stage"] in ("dive-verify", "dive-dedup") and reject["drop"]["reason"]
        assert {k: v for k, v in reject.items() if k not in ("drop", "verdict")} == last[reject["id"]]


def test_a_later_stage_leaves_what_earlier_ones_wrote(whole: Path) -> None:
    before = {record["id"]: record for record in records(whole / "derive")}
    for record in records(whole / "derive2"):
        first = before[record["id"]]
        assert record["setup"] == first["setup"]
        assert record["evidence"][: len(first["evidence"])] == first["evidence"]
        told = {k: v for k, v in record["task"].items() if k not in ("history", "stalled")}
        assert told == first["task"] or record["task"]["history"][-1] == first["task"]


def test_order_is_that_of_the_input(whole: Path) -> None:
    ids = [record["id"] for record in records(whole / "sample")]
    for name in STAGES[1:]:
        found = [record["id"] for record in records(whole / name)]
        assert found == [i for i in ids if i in set(found)]


def test_each_command_closes_with_one_line(whole: Path) -> None:
    said = (whole / "err").read_text().splitlines()
    assert len(said) == 7
    assert {line.partition(":")[0] for line in said} == {
        f"dive-{n}" for n in ("sample", "collect", "derive", "verify", "dedup")
    }
    assert all(re.fullmatch(r"dive-[a-z]+: (\w+=\d+ )+\d+\.\ds", line) for line in said)


def test_four_workers_write_the_same_bytes(whole: Path) -> None:
    """Each stage on the input that the first run had."""
    for name, source in (("collect", "sample"), ("derive", "collect"), ("verify", "derive2")):
        done = bash(f"dive-{name} {source} -q -j 4 | cmp - {name}", whole)
        assert done.returncode == 0, (name, done.stdout, done.stderr)


def test_a_stage_depends_on_its_seed(few: Path) -> None:
    again, other = (bash(f"dive-collect sample.few -q -n 3 --seed {n}", few).stdout for n in (0, 1))
    assert again and (few / "collect").read_bytes().startswith(again) and other != again


# --- killed ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "source", "result"), [("collect", "sample", "collect"), ("verify", "derive2", "verify")]
)
def test_killed_and_resumed_writes_the_same_bytes(
    command: str, source: str, result: str, whole: Path, tmp_path: Path
) -> None:
    words = [f"dive-{command}", str(whole / source), "-q", "-o", "out.jsonl", "-r", "rejects.jsonl"]
    chance, kills = random.Random(command), 0
    for moment in sorted(chance.sample(range(1, COUNT - 8), 3)):
        process = start(*words, *(["--resume"] if kills else []), cwd=tmp_path)
        while settled(tmp_path) < moment and process.poll() is None:
            time.sleep(0.002)
        kills += process.poll() is None
        process.kill()
        process.wait()
    assert kills == 3
    assert not (tmp_path / "out.jsonl.meta.json").exists()
    assert bash(" ".join([*words, "--resume"]), tmp_path).returncode == 0
    assert (tmp_path / "out.jsonl").read_bytes() == (whole / result).read_bytes()
    if command == "verify":
        assert (tmp_path / "rejects.jsonl").read_bytes() == (whole / "verify.rejects").read_bytes()
    counts = json.loads((tmp_path / "out.jsonl.meta.json").read_text())["counts"]
    assert counts["in"] == len(records(whole / source)) and counts["kept"] == len(records(whole / result))


def settled(folder: Path) -> int:
    """How many lines an unfinished run has written."""
    return sum(path.read_bytes().count(b"\n") for path in folder.glob("*.jsonl"))


# --- bad lines -------------------------------------------------------------------------------------------------------


def spoilt(folder: Path, spoil: Any) -> list[bytes]:
    """Three records of the input of verify, the second one spoilt."""
    lines = (folder / "derive2.few").read_bytes().splitlines()[:3]
    record = json.loads(lines[1])
    changed = spoil(record)
    lines[1] = changed if isinstance(changed, bytes) else json.dumps(record).encode()
    return lines


def rename_tool(record: dict[str, Any]) -> None:
    record["setup"]["tools"]["no_such_tool"] = "1"


def other_version(record: dict[str, Any]) -> None:
    record["setup"]["tools"][min(record["setup"]["tools"])] = "0.0"


def no_evidence(record: dict[str, Any]) -> None:
    del record["evidence"]


BAD = {
    "torn": (lambda record: b'{"id": "x", "setup": ', "not JSON"),
    "array": (lambda record: b"[1, 2]", "not a JSON object but an array"),
    "missing tool": (rename_tool, "tool no_such_tool of the setup is not in the pool"),
    "other version": (other_version, "is version 0.0 in the setup but"),
    "no evidence": (no_evidence, 'lacks "evidence"'),
}


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("bad", BAD)
def test_a_bad_line_is_named_or_rejected(bad: str, jobs: int, few: Path, tmp_path: Path) -> None:
    spoil, said = BAD[bad]
    (tmp_path / "in.jsonl").write_bytes(b"\n".join(spoilt(few, spoil)) + b"\n")
    stops = bash(f"dive-verify in.jsonl -j {jobs} -o out.jsonl", tmp_path)
    assert stops.returncode == 3 and b"Traceback" not in stops.stderr
    assert re.search(rf"(^|: )in\.jsonl:2: .*{re.escape(said)}", stops.stderr.decode(), re.MULTILINE)
    goes_on = bash(f"dive-verify in.jsonl -j {jobs} --keep-going -o out.jsonl -r rejects.jsonl", tmp_path)
    assert goes_on.returncode == 0
    drops = [record["drop"] for record in records(tmp_path / "rejects.jsonl")]
    (drop,) = [drop for drop in drops if drop["reason"] == "bad_line"]
    assert drop["line"] == 2 and said in drop["detail"]
    assert len(records(tmp_path / "out.jsonl")) + len(drops) == 3


@pytest.mark.parametrize("command", ["collect", "derive", "verify"])
def test_a_missing_tool_is_named_by_every_command_that_needs_it(command: str, few: Path) -> None:
    lines = spoilt(few, rename_tool)
    done = bash(f"dive-{command} -q", few, b"\n".join(lines))
    assert done.returncode == 3 and len(done.stdout.splitlines()) <= 1
    assert b": stdin:2: tool no_such_tool" in done.stderr


# --- readers and writers ---------------------------------------------------------------------------------------------


def test_the_writer_notices_that_its_reader_is_gone(whole: Path) -> None:
    line = "cat sample sample sample sample | dive-collect | head -1 | wc -l; echo ${PIPESTATUS[@]}"
    done = bash(line, whole)
    assert done.stdout.split()[0] == b"1" and b"Traceback" not in done.stderr
    assert done.stdout.split()[2] == b"141" and done.stderr == b""


def test_the_first_task_is_out_before_the_input_ends(few: Path) -> None:
    """One setup goes all the way while the second is not even written."""
    first = (few / "sample.few").read_bytes().splitlines(keepends=True)
    line = "dive-collect -q | dive-derive -q | dive-collect -q | dive-derive -q"
    with start("bash", "-c", line, cwd=few, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as pipe:
        for sent, wanted in zip(first[:2], records(few / "derive2.few"), strict=False):
            pipe.stdin.write(sent)
            pipe.stdin.flush()
            assert json.loads(pipe.stdout.readline()) == wanted
        pipe.stdin.close()
        assert pipe.wait(30) == 0


def test_unknown_keys_pass_through(few: Path) -> None:
    """Of the record, and of the parts that are not a stage's own."""
    lines = records(few / "sample.few")[:4]
    for number, record in enumerate(lines):
        record |= {"mine": {"n": number, "text": "käse ☃"}, "tags": []}
        record["setup"]["origin"] = "elsewhere"
    source = "".join(json.dumps(record) + "\n" for record in lines).encode()
    done = bash(
        "dive-collect -q -r r1 | dive-derive -q -r r2 | dive-verify -q -r r3 | dive-dedup -q -r r4", few, source
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    found += [record for number in range(1, 5) for record in records(few / f"r{number}")]
    assert len(found) == 4
    for record in found:
        assert record["mine"]["text"] == "käse ☃" and record["tags"] == [] and record["setup"]["origin"] == "elsewhere"


def test_a_stage_over_its_own_output_changes_nothing(few: Path) -> None:
    assert bash("dive-verify verify.few -q", few).stdout == (few / "verify.few").read_bytes()
    assert bash("dive-dedup dedup.few -q", few).stdout == (few / "dedup.few").read_bytes()


def test_jobs_may_come_from_the_environment(few: Path) -> None:
    """Two workers, and the bytes of one."""
    done = bash("dive-derive collect.few -q", few, DIVE_JOBS="2")
    assert done.stdout == bash("dive-derive collect.few -q", few).stdout != b""
    wrong = bash("dive-derive collect.few -q", few, DIVE_JOBS="many")
    assert wrong.returncode == 2 and b"many" in wrong.stderr


def test_workers_are_as_many_as_asked_for(few: Path, tmp_path: Path) -> None:
    with start("dive-derive", "-q", "-j", "3", cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdin.write((few / "collect.few").read_bytes().splitlines(keepends=True)[0])
        process.stdin.flush()
        process.stdout.readline()
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        process.stdin.close()
        assert process.wait(20) == 0
    assert len(children) == 3


def test_stdout_carries_records_only(few: Path) -> None:
    """Also where a stage drops, stops, or is asked for more than there is."""
    for line in (
        "dive-sample -n 2",
        "dive-collect sample.few -n 2",
        "dive-derive collect.few -n 2",
        "dive-verify derive2.few",
        "dive-dedup verify.few -n 2",
        "dive-verify sample.few",
        "dive-collect nothing.jsonl",
    ):
        done = bash(line, few)
        assert all(json.loads(row)["id"] for row in done.stdout.splitlines())
        assert done.stderr and b"Traceback" not in done.stderr


def test_what_passed_through_jq_is_verified_as_before(tmp_path: Path) -> None:
    """jq writes 3.0 as 3; that is the same number."""
    made = bash("dive-sample -q -n 60 --seed 2 --domain medicine | dive-collect -q | dive-derive -q", tmp_path)
    rewritten = b"".join(dump(_whole(json.loads(line))) for line in made.stdout.splitlines())
    assert rewritten != made.stdout
    one, other = (bash("dive-verify -q", tmp_path, lines).stdout.splitlines() for lines in (made.stdout, rewritten))
    assert len(one) > 20 and [json.loads(line)["id"] for line in one] == [json.loads(line)["id"] for line in other]


def _whole(value: Any) -> Any:
    """The value as jq would write it."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _whole(part) for key, part in value.items()}
    return [_whole(part) for part in value] if isinstance(value, list) else value
