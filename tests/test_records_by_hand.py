"""Records written by hand, as somebody else's program would: read, checked, replayed, verified and resumed.

`selector` takes a value out of a list by an extreme, `quote` reads a number out of a text, `attempt` is a model's run
that kept its evidence. All carry keys that no stage knows.
"""

from __future__ import annotations

import copy
import json
import os
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from shell import ROOT, bash, start

from dive_tools.errors import BadRecord
from dive_tools.jsonl import dump, parse, read
from dive_tools.pool import Pool, builtin
from dive_tools.records import RECORD, Drop, setup_id
from dive_tools.support import evaluate, over, replay
from dive_tools.tools.door import Door
from dive_tools.verify import Verifier

Record = dict[str, Any]
Files = tuple[bytes, bytes, dict[str, int]]

RECORDS = ROOT / "tests" / "records"
NAMES = ("selector", "quote", "attempt")


@pytest.fixture(scope="module")
def pool() -> Pool:
    return builtin()


@pytest.fixture(scope="module")
def verifier(pool: Pool) -> Verifier:
    return Verifier(pool, Door(pool.tools))


def lines_of(name: str) -> list[bytes]:
    return [raw for _, raw in read(RECORDS / f"{name}.jsonl")]


def record_of(name: str) -> Record:
    (raw,) = lines_of(name)
    return parse(raw)


# --- as they stand ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_line_is_read_and_written_as_the_same_bytes(name: str) -> None:
    (raw,) = lines_of(name)
    assert dump(parse(raw)) == raw + b"\n" == (RECORDS / f"{name}.jsonl").read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_a_record_fits_the_schema(name: str) -> None:
    errors = jsonschema_rs.validator_for(RECORD).iter_errors(record_of(name))
    assert [error.message for error in errors] == []


def test_an_id_is_made_from_the_setup() -> None:
    for name in NAMES:
        record = record_of(name)
        task_id, *attempt = record["id"].split(".")
        assert task_id == setup_id(record["setup"])
        assert attempt == ([record["run"]["model"], str(record["run"]["attempt"])] if "run" in record else [])


def test_the_three_are_of_different_kinds() -> None:
    assert '"op":"argmax"' in dump(record_of("selector")).decode()
    assert record_of("quote")["task"]["support"].keys() >= {"quote", "parse"}
    assert record_of("attempt")["run"]["ending"] == "answered"


@pytest.mark.parametrize("name", NAMES)
def test_the_support_proves_the_answer_over_the_evidence_and_in_a_replay(name: str, pool: Pool) -> None:
    record = record_of(name)
    support, evidence, answer = record["task"]["support"], record["evidence"], record["task"]["answer"]["value"]
    assert evaluate(support, over(evidence)) == answer
    bare = [{key: step[key] for key in ("call", "tool", "arguments_from")} for step in evidence]
    assert replay(support, bare, Door(pool.tools).call) == answer


# --- verified --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_good_record_passes_every_check(name: str, verifier: Verifier) -> None:
    result = verifier(record_of(name))
    assert not isinstance(result, Drop), (result.reason, result.detail)
    assert set(result["verdict"]["checks"].values()) <= {"passed", "not_applicable"}
    assert {"malformed", "ungrounded", "unfaithful", "replay", "seed_indifferent"} <= set(result["verdict"]["checks"])


@pytest.mark.parametrize("name", NAMES)
def test_nothing_but_the_verdict_is_added_and_nothing_touched(name: str, verifier: Verifier) -> None:
    (raw,) = lines_of(name)
    verified = dump(verifier(parse(raw)))
    assert verified.startswith(raw[:-1] + b',"verdict":{')
    assert verified == dump(verifier(parse(verified)))  # over its own output it changes nothing


def test_a_dropped_record_is_whole(verifier: Verifier) -> None:
    record = record_of("selector")
    record["task"]["answer"]["value"] = 5
    rejected = verifier(copy.deepcopy(record)).rejected("dive-verify")
    assert {key: rejected[key] for key in record} == record
    assert list(rejected) == [*record, "verdict", "drop"] and rejected["drop"]["stage"] == "dive-verify"


# --- spoilt in one place ---------------------------------------------------------------------------------------------

Spoil = Callable[[Record], Any]


def put(path: str, value: Any) -> Spoil:
    """Put a value where a path of keys and indices leads."""

    def spoil(record: Record) -> None:
        *way, last = path.split("/")
        for key in way:
            record = record[int(key)] if isinstance(record, list) else record[key]
        record[int(last) if isinstance(record, list) else last] = value

    return spoil


def take(path: str) -> Spoil:
    """Take away what a path of keys leads to."""

    def spoil(record: Record) -> None:
        *way, last = path.split("/")
        for key in way:
            record = record[int(key)] if isinstance(record, list) else record[key]
        del record[last]

    return spoil


def go_round(record: Record) -> None:
    """Let the second call rest on the third, which rests on it."""
    evidence = record["evidence"]
    for one, two in ((1, 2), (2, 1)):
        cite = {"call": evidence[two]["call"], "pointer": "/name"}
        evidence[one].update(arguments_from={"country": cite}, arguments={"country": evidence[two]["result"]["name"]})


def change_both(record: Record) -> None:
    """Let result and answer agree on what the tool does not say."""
    record["evidence"][-1]["result"]["population"] = record["task"]["answer"]["value"] = 146_000_000


def widen(record: Record) -> None:
    """Let the recorded list, and the fan over it, be shorter than the tool's."""
    record["evidence"][0]["result"]["countries"] = ["Russia"]
    del record["evidence"][1]
    source = record["evidence"][1]["arguments_from"]["country"]
    source["index"] = 0
    table = record["evidence"][2]["arguments_from"]["country"]["of"]
    table["rows"] = table["rows"][1:]
    table["rows"][0]["name"]["index"] = 0


SPOILT: list[tuple[str, str, Spoil]] = [
    ("malformed", "selector", put("evidence/0/call", "1")),
    ("malformed", "selector", put("evidence/0/round", 0)),
    ("malformed", "selector", take("evidence/0/result")),
    ("malformed", "selector", put("evidence/0/error", {"kind": "refused", "message": "no"})),
    ("malformed", "selector", put("evidence/1/call", "c1")),
    ("malformed", "selector", put("evidence/0/tool", "city_population")),
    ("malformed", "selector", take("evidence/0/arguments_from")),
    ("malformed", "selector", put("evidence/0/arguments_from/country", "seed")),
    ("malformed", "selector", put("task/answer/type", "numbr")),
    ("malformed", "selector", put("task/answer/tolerance", -1)),
    ("malformed", "selector", take("task/answer/value")),
    ("malformed", "selector", put("task/support", "c4")),
    ("malformed", "selector", put("task/question", "")),
    ("malformed", "selector", put("task/round", 0)),
    ("malformed", "selector", take("task/by")),
    ("malformed", "selector", put("setup/tools", {})),
    ("malformed", "selector", put("setup/tools/country_profile", 1)),
    ("malformed", "selector", put("setup/tools", ["country_profile"])),
    ("malformed", "selector", take("setup/tools")),
    ("malformed", "selector", take("setup/exemplars")),
    ("malformed", "selector", take("setup/seed/type")),
    ("malformed", "selector", take("setup/seed")),
    ("malformed", "attempt", put("run/ending", "bored")),
    ("malformed", "attempt", put("run/attempt", -1)),
    ("malformed", "attempt", put("run/score", "good")),
    ("malformed", "attempt", put("verdict", {"checks": {"leak": 1}})),
    ("ungrounded", "selector", put("task/answer/value", 144478051)),
    ("ungrounded", "selector", put("task/answer/value", "144478050")),
    ("ungrounded", "selector", put("evidence/2/result/area", 1.0)),  # another country wins
    ("ungrounded", "selector", put("evidence/3/arguments/country", "China")),
    ("ungrounded", "selector", put("evidence/0/result/countries", ["China", "Russia", "Kenya"])),
    ("ungrounded", "selector", put("setup/seed/value", "Kenya")),
    ("ungrounded", "selector", put("task/support/call", "c9")),
    ("ungrounded", "selector", put("task/support", {"op": "count", "of": "c4"})),
    ("ungrounded", "quote", put("task/support/quote", "stage 4")),
    ("ungrounded", "quote", put("task/support/parse", "date")),
    ("ungrounded", "quote", put("evidence/1/result/title", "Chronic kidney disease")),
    ("trivial", "attempt", put("task/support", {"call": "c1", "pointer": "/area"})),
    ("replay_differs", "selector", change_both),
    ("replay_differs", "selector", widen),
]


@pytest.mark.parametrize(("reason", "name", "spoil"), SPOILT, ids=[f"{s[0]}-{n}" for n, s in enumerate(SPOILT)])
def test_a_record_spoilt_in_one_place_is_dropped_for_that_reason(
    reason: str, name: str, spoil: Spoil, verifier: Verifier
) -> None:
    record = record_of(name)
    spoil(record)
    if reason == "trivial":
        record["task"]["answer"]["value"] = record["evidence"][0]["result"]["area"]
    result = verifier(record)
    assert isinstance(result, Drop)
    assert result.reason == reason, result.detail


def test_evidence_that_rests_on_itself_proves_nothing(verifier: Verifier) -> None:
    record = record_of("selector")
    go_round(record)
    result = verifier(record)
    assert isinstance(result, Drop) and result.reason in ("malformed", "ungrounded", "replay_differs")


@pytest.mark.parametrize("key", ["id", "setup", "evidence", "task"])
def test_a_record_that_lacks_a_part_is_a_bad_line(key: str, verifier: Verifier) -> None:
    for spoil in (take(key), put(key, 7)):
        record = record_of("selector")
        spoil(record)
        with pytest.raises(BadRecord, match=key):
            verifier(record)


# --- through the real command ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def input_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ninety lines: the three records over and over, some of them with a wrong answer, and two bad lines."""
    path = tmp_path_factory.mktemp("input") / "in.jsonl"
    with path.open("wb") as file:
        for number in range(90):
            record = record_of(NAMES[number % 3])
            record["id"] = f"{record['id']}-{number}"
            if number % 5 == 4:
                record["task"]["answer"]["value"] = number
            file.write(b"not JSON\n" if number in (31, 62) else dump(record))
    return path


@pytest.fixture(scope="module")
def undisturbed(input_file: Path) -> Files:
    """What a run that nobody disturbed leaves behind."""
    folder = input_file.parent
    done = bash("dive-verify in.jsonl --keep-going -o out.jsonl -r rejects.jsonl", folder)
    assert done.returncode == 0, done.stderr
    assert b" in=90 " in done.stderr and b" ungrounded=18 " in done.stderr and b" bad_line=2 " in done.stderr
    return files_in(folder)


def files_in(folder: Path) -> Files:
    """(output, rejects, counts of the sidecar without the calls, which a resumed run need not make again)."""
    counts = json.loads((folder / "out.jsonl.meta.json").read_text())["counts"]
    del counts["calls"]
    return (folder / "out.jsonl").read_bytes(), (folder / "rejects.jsonl").read_bytes(), counts


def test_the_command_gives_what_the_library_gives(verifier: Verifier, tmp_path: Path) -> None:
    records = [record_of(name) for name in NAMES]
    done = bash("cat selector.jsonl quote.jsonl attempt.jsonl | dive-verify -q", RECORDS)
    assert done.stdout == b"".join(dump(verifier(record)) for record in records), done.stderr


def test_a_line_that_lacks_a_part_is_named(tmp_path: Path) -> None:
    record = record_of("quote")
    del record["evidence"]
    (tmp_path / "in.jsonl").write_bytes(dump(record_of("selector")) + dump(record))
    done = bash("dive-verify in.jsonl -o out.jsonl", tmp_path)
    assert done.returncode == 3 and b'in.jsonl:2: lacks "evidence"' in done.stderr
    assert b"Traceback" not in done.stderr
    assert len((tmp_path / "out.jsonl").read_bytes().splitlines()) == 1


@pytest.mark.parametrize("jobs", [1, 2])
def test_killed_and_resumed_the_files_are_the_same(
    jobs: int, input_file: Path, undisturbed: Files, tmp_path: Path
) -> None:
    words = f"dive-verify {input_file} --keep-going -q -j {jobs} -o out.jsonl -r rejects.jsonl".split()
    chance = random.Random(jobs)
    for part, more in ((0.2, []), (0.6, ["--resume"])):
        kill_after(part * len(undisturbed[0]), tmp_path, *words, *more)
        tear(tmp_path / "out.jsonl", chance)
    assert 0 < (tmp_path / "out.jsonl").stat().st_size < len(undisturbed[0])
    done = bash(" ".join([*words, "--resume"]), tmp_path)
    assert done.returncode == 0, done.stderr
    assert files_in(tmp_path) == undisturbed


def kill_after(size: float, folder: Path, *words: str) -> None:
    """Start a command and kill -9 it once its output has grown to this size."""
    out, end = folder / "out.jsonl", time.monotonic() + 30
    with start(*words, cwd=folder) as process:
        while not out.exists() or out.stat().st_size < size:
            assert process.poll() is None and time.monotonic() < end, "it ended before it could be killed"
            time.sleep(0.002)
        process.kill()


def tear(path: Path, chance: random.Random) -> None:
    """Lose some of the last bytes, as a machine that goes down does."""
    os.truncate(path, path.stat().st_size - chance.randrange(1, 40))
