"""One of each: what counts as the same, what is named as its twin, and the caps of a set."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from shell import bash

from dive_tools.dedup import EITHER_OR, LAST_CALL, PATTERN, SLACK, Deduplicator, dedup
from dive_tools.errors import BadRecord
from dive_tools.records import Drop, Record


def call(name: str, tool: str, arguments: dict[str, Any], **sources: Any) -> dict[str, Any]:
    made = {p: sources.get(p, {"given": v}) for p, v in arguments.items()}
    return {"call": name, "round": 1, "tool": tool, "arguments": arguments, "arguments_from": made, "result": {}}


def task(name: str, question: str, value: Any = 1, **more: Any) -> Record:
    """A task on a call of its own, unless `evidence` is given."""
    evidence = more.pop("evidence", [call("c1", "look", {"of": name})])
    support = more.pop("support", {"call": evidence[-1]["call"], "pointer": "/x"})
    answer = {"value": value, "type": more.pop("type", "integer")}
    made = {"round": 1, "question": question, "answer": answer, "support": support, "by": "hand", **more}
    return {"id": name, "evidence": evidence, "task": made}


def results(*records: Record, **options: Any) -> list[str]:
    """For each record "kept", or reason and twin."""
    stage = Deduplicator(**{"caps": False, **options})
    return [said(stage(record)) for record in records]


def said(result: Record | Drop) -> str:
    return f"{result.reason} {(result.extra or {}).get('twin', '')}".strip() if isinstance(result, Drop) else "kept"


RIVER = "How long is the river that flows through Hamburg, in kilometres, from its source to the sea?"


def test_the_same_question_is_a_duplicate() -> None:
    assert results(task("a", RIVER), task("b", RIVER, 2)) == ["kept", "duplicate a"]


def test_case_punctuation_and_space_make_no_difference() -> None:
    other = "how long is the river that flows  through hamburg – in kilometres – from its source to the sea"
    assert results(task("a", RIVER), task("b", other, 2)) == ["kept", "duplicate a"]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("What is 3 + 4 of Ashby?", "What is 3 − 4 of Ashby?"),
        ("What is the area of Ashby in 1990?", "What is the area of Ashby in 1991?"),
        ("What is the charge of Na+ in water?", "What is the charge of Na in water?"),
    ],
)
def test_signs_and_numbers_do_make_a_difference(one: str, two: str) -> None:
    assert results(task("a", one), task("b", two, 2)) == ["kept", "kept"]


def test_near_with_the_same_answer_is_a_duplicate() -> None:
    near = RIVER.replace("How long is the river", "How long is that river")
    assert results(task("a", RIVER), task("b", near)) == ["kept", "duplicate a"]


def test_near_with_another_answer_is_kept() -> None:
    near = RIVER.replace("How long is the river", "How long is that river")
    assert results(task("a", RIVER), task("b", near, 2)) == ["kept", "kept"]


def test_near_with_another_number_is_kept() -> None:
    words = "Of the cities of Kenya with more than {} people in GeoNames, which lies highest above the sea?"
    assert results(task("a", words.format(100000)), task("b", words.format(200000))) == ["kept", "kept"]


def test_far_with_the_same_answer_is_kept() -> None:
    assert results(task("a", RIVER), task("b", "How many bones has the hand of a person from Hamburg?")) == ["kept"] * 2


# --- structure -------------------------------------------------------------------------------------------------------


def chain(name: str, question: str, *, swap: bool = False, last: str = "Kenya") -> Record:
    """Two look-ups and what is made of both; `swap` records them the other way round, under other names."""
    first, second = call("c1", "area", {"of": "Peru"}), call("c2", "area", {"of": last})
    if swap:
        first, second = call("c1", "area", {"of": last}), call("c2", "area", {"of": "Peru"})
    args = [{"call": "c2", "pointer": "/x"}, {"call": "c1", "pointer": "/x"}]
    return task(name, question, name, evidence=[first, second], support={"op": "difference", "args": args})


def test_the_same_calls_in_any_order_are_a_duplicate() -> None:
    one, two = chain("a", "How much larger is it?"), chain("b", "By what does the one exceed the other?", swap=True)
    assert results(one, two) == ["kept", "duplicate a"]
    assert results(two, one) == ["kept", "duplicate b"]


def test_other_arguments_are_another_structure() -> None:
    assert results(chain("a", "How much?"), chain("b", "By what?", last="Chad")) == ["kept", "kept"]


def test_calls_that_prove_nothing_do_not_count() -> None:
    one, two = chain("a", "How much larger is it?"), chain("b", "By what does the one exceed the other?")
    two["evidence"].insert(0, call("c9", "mood", {"of": "Peru"}))
    assert results(one, two) == ["kept", "duplicate a"]


def test_the_order_of_keys_is_irrelevant() -> None:
    evidence = [call("c1", "walk", {"origin": "Ashby", "destination": "Kelton"})]
    other = [dict(reversed(call("c1", "walk", {"destination": "Kelton", "origin": "Ashby"}).items()))]
    one, two = task("a", "How far is it?", evidence=evidence), task("b", "What is the way?", 2, evidence=other)
    assert results(one, dict(reversed(two.items()))) == ["kept", "duplicate a"]


def test_a_map_answer_is_the_same_in_any_order_of_keys() -> None:
    near = RIVER.replace("How long is the river", "How long is that river")
    one, two = task("a", RIVER, {"x": 1, "y": 2}, type="map"), task("b", near, {"y": 2, "x": 1}, type="map")
    assert results(one, two) == ["kept", "duplicate a"]


def test_a_duplicate_of_a_duplicate_names_the_one_kept() -> None:
    near = RIVER.replace("How long is the river", "How long is that river")
    nearer = RIVER.replace("How long is the river", "How long is this river")
    assert results(task("a", RIVER), task("b", near), task("c", nearer)) == ["kept", "duplicate a", "duplicate a"]


# --- caps ------------------------------------------------------------------------------------------------------------


def many(count: int, chance: random.Random) -> list[Record]:
    """Tasks of unlike questions, mostly of one pattern."""
    words = [f"{a}{b}" for a in ("ka", "lo", "mi", "su", "te") for b in ("ron", "bel", "dax", "fim", "gup", "wez")]
    found = []
    for number in range(count):
        question = f"What {' '.join(chance.sample(words, 9))}?"
        pattern = chance.choice(("chain",) * 4 + ("join", "share", "ratio", "comparison", "lookup"))
        kind = "boolean" if chance.random() < 0.2 else "integer"
        found.append(task(f"t{number}", question, number, pattern=pattern, type=kind))
    return found


@pytest.mark.parametrize("seed", range(3))
def test_no_pattern_and_no_guess_takes_more_than_its_share(seed: int) -> None:
    kept = [r for r in dedup(many(600, random.Random(seed))) if not isinstance(r, Drop)]
    patterns = Counter(record["task"]["pattern"] for record in kept)
    guesses = sum(r["task"]["answer"]["type"] == "boolean" or r["task"]["pattern"] == "comparison" for r in kept)
    assert len(kept) > 200
    assert max(patterns.values()) <= PATTERN * len(kept)
    assert guesses <= EITHER_OR * len(kept)


def test_a_small_set_has_some_slack_and_the_rest_is_too_many() -> None:
    tasks = [
        r | {"task": r["task"] | {"pattern": "chain", "type": "integer"}} for r in many(SLACK + 4, random.Random(1))
    ]
    for record in tasks:
        record["task"]["answer"]["type"] = "integer"
    assert results(*tasks, caps=True) == ["kept"] * SLACK + ["too_many"] * 4
    assert results(*tasks, caps=False) == ["kept"] * (SLACK + 4)


@pytest.mark.parametrize("seed", range(4))
def test_one_last_call_decides_two_tasks_at_most_in_any_order(seed: int) -> None:
    tasks = []
    for number in range(5):
        evidence = [call("c1", "look", {"of": number}), call("c2", "area", {"of": "Peru"})]
        args = [{"call": name, "pointer": "/x"} for name in ("c1", "c2")]
        asked = f"What {chr(97 + number) * 9}?"
        tasks.append(task(f"t{number}", asked, number, evidence=evidence, support={"op": "ratio", "args": args}))
    random.Random(seed).shuffle(tasks)
    assert results(*tasks, caps=True) == ["kept"] * LAST_CALL + ["too_many"] * (5 - LAST_CALL)


def test_what_is_dropped_counts_for_no_cap() -> None:
    tasks = many(1, random.Random(1)) * 60 + many(80, random.Random(2))
    kept = [result for result in dedup(tasks) if not isinstance(result, Drop)]
    assert len(kept) > SLACK


# --- benchmarks ------------------------------------------------------------------------------------------------------


def test_a_benchmark_question_is_contaminated() -> None:
    stage = Deduplicator({"gaia.jsonl": ["Who wrote Hamlet, and when was it first played in London?", RIVER]})
    dropped = stage(task("a", RIVER.lower()))
    assert isinstance(dropped, Drop) and (dropped.reason, dropped.detail) == ("contaminated", "gaia.jsonl:2")


def test_thirteen_words_in_a_row_are_overlap() -> None:
    shared = "the river that flows through Hamburg and Dresden on its way to the sea"
    assert len(shared.split()) == 14
    long = f"In a quiz of last summer somebody who liked to travel by boat and by train asked us this: how long is {shared}, and where in the mountains does it spring, said in metres above the sea?"  # noqa: E501
    rows = {"b": [f"Name {shared}."]}
    assert results(task("a", long), benchmarks=rows) == ["contaminated"]
    assert results(task("a", long.replace("Hamburg", "Prague")), benchmarks=rows) == ["kept"]


def test_what_is_contaminated_is_nobodys_twin() -> None:
    stage = Deduplicator({"b": [RIVER]}, caps=False)
    assert [said(stage(task(name, RIVER))) for name in "ab"] == ["contaminated", "contaminated"]


def write(path: Path, rows: list[Any]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_the_command_names_file_row_and_twin(tmp_path: Path) -> None:
    write(tmp_path / "tasks.jsonl", [task("a", RIVER), task("b", "How many bones has a hand?"), task("c", RIVER)])
    write(tmp_path / "gaia.jsonl", [{"Question": "Who wrote Hamlet?"}, {"Question": "How many bones has a hand?"}])
    line = "dive-dedup tasks.jsonl --against gaia.jsonl --field Question -r rejects.jsonl"
    done = bash(line, tmp_path)
    assert [json.loads(row)["id"] for row in done.stdout.splitlines()] == ["a"]
    drops = [json.loads(row)["drop"] for row in (tmp_path / "rejects.jsonl").read_text().splitlines()]
    assert [(d["stage"], d["reason"], d.get("twin")) for d in drops] == [
        ("dive-dedup", "contaminated", None),
        ("dive-dedup", "duplicate", "a"),
    ]
    assert drops[0]["detail"] == "gaia.jsonl:2"
    assert b"dive-dedup: in=3 kept=1 dropped=2 contaminated=1 duplicate=1" in done.stderr


def test_the_sidecar_says_what_the_kept_tasks_rest_on(tmp_path: Path) -> None:
    """Of the calls that an answer rests on, and of the records that were kept, alone; also over a resume."""
    area, mood = (call(name, tool, {"of": "Peru"}) for name, tool in (("c1", "country_profile"), ("c2", "mood")))
    other = call("c1", "country_profile", {"of": "Chad"})
    kept = [
        task("a", RIVER, evidence=[area, mood], support={"call": "c1", "pointer": "/x"}),
        task("b", "How many bones has a hand?", 27, evidence=[other]),
        task("c", "What is it called?", 3),
    ]
    write(tmp_path / "tasks.jsonl", [*kept, task("d", RIVER, evidence=[call("c1", "great_circle_distance", {})])])
    for resume in ("", "--resume"):
        assert bash(f"dive-dedup tasks.jsonl -q -o out.jsonl {resume}", tmp_path).returncode == 0
        facts = json.loads((tmp_path / "out.jsonl.meta.json").read_text())
        assert facts["command"][0] == "dive-dedup" and facts["pool"]["tools"] > 100
        used = facts["tools_used"]
        assert {name: row["tasks"] for name, row in used.items()} == {"country_profile": 2, "look": 1}
        assert used["country_profile"]["licence"] and used["country_profile"]["sensitivity"] == "public"
        assert used["look"] == {"tasks": 1, "licence": None, "sensitivity": None}


def test_two_benchmarks_of_one_name_are_both_read(tmp_path: Path) -> None:
    for folder, question in (("one", RIVER), ("two", "How many bones has a hand?")):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder / "test.jsonl", [{"question": question}])
    write(tmp_path / "tasks.jsonl", [task("a", RIVER), task("b", "How many bones has a hand?")])
    done = bash("dive-dedup tasks.jsonl --against one/test.jsonl --against two/test.jsonl", tmp_path)
    assert done.returncode == 0 and done.stdout == b""


def test_a_benchmark_without_the_field_is_a_usage_fault(tmp_path: Path) -> None:
    write(tmp_path / "gaia.jsonl", [{"Question": "Who wrote Hamlet?"}])
    done = bash("dive-dedup --against gaia.jsonl", tmp_path, b"")
    assert done.returncode == 2 and b"--field" in done.stderr


def test_its_own_output_passes_unchanged(tmp_path: Path) -> None:
    write(tmp_path / "in.jsonl", many(120, random.Random(7)))
    assert (
        bash("dive-dedup in.jsonl -q > once.jsonl && dive-dedup once.jsonl -q > twice.jsonl", tmp_path).returncode == 0
    )
    assert (tmp_path / "once.jsonl").read_bytes() == (tmp_path / "twice.jsonl").read_bytes() != b""


def test_what_has_no_task_is_a_bad_line() -> None:
    with pytest.raises(BadRecord, match='lacks "task"'):
        Deduplicator()({"id": "a"})


def test_a_line_without_a_task_is_rejected_and_the_others_go_on(tmp_path: Path) -> None:
    write(tmp_path / "tasks.jsonl", [task("a", RIVER), {"id": "b"}, task("c", "How many bones has a hand?")])
    stopped = bash("dive-dedup tasks.jsonl", tmp_path)
    assert stopped.returncode == 3 and b'tasks.jsonl:2: lacks "task"' in stopped.stderr
    done = bash("dive-dedup tasks.jsonl --keep-going -r rejects.jsonl", tmp_path)
    assert done.returncode == 0 and done.stdout.count(b"\n") == 2
    assert b"bad_line" in (tmp_path / "rejects.jsonl").read_bytes()
