"""The blind exam: who agrees with whom, what is drawn, what an examinee sees, and the grade."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from shell import bash
from village import real

from dive_tools.errors import UsageFault
from dive_tools.exam import agrees, blind, draw, grade, summary, was_set
from dive_tools.records import Record

AGREE: list[tuple[str, Any, Any]] = [
    ("number", 3.14, 3.14),
    ("number", 3.14, "3.14"),
    ("number", 3.14, "about 3.14 metres"),
    ("number", 1234567.5, "1,234,567.5"),
    ("number", -4.0, "−4"),
    ("number", 1.5e-05, "1.5e-05"),
    ("number", 118.67, 118.67000000001),
    ("number", 42.0, 42),
    ("number", 0.0, 0),
    ("integer", 42, "42"),
    ("integer", 42, 42.0),
    ("integer", 12345, "12,345 people"),
    ("number", 35.0, "35%"),
    ("number", 35.0, "35 %"),
    ("integer", 7, "+7"),
    ("boolean", True, True),
    ("boolean", True, "Yes"),
    ("boolean", False, " no "),
    ("boolean", False, "FALSE"),
    ("boolean", True, "yes."),
    ("string", "São Tomé", "são tomé"),
    ("string", "Kenya", "Kenya."),
    ("string", "HCC 199", "hcc  199"),
    ("string", "C++", "c++"),
    ("string", "T31.5", "T31.5"),
    ("string", "Washington, D.C.", "Washington D.C."),
    ("date", "2031-05-15", "15 May 2031"),
    ("date", "2031-05-15", "2031-05-15"),
    ("set", ["a", "b"], ["b", "a"]),
    ("set", [1, 2], ["2", "1"]),
    ("set", ["Kenya"], ["kenya"]),
    ("set", [], []),
    ("list", ["a", "b"], ["A", "b"]),
    ("map", {"x": 1, "y": "z"}, {"y": "Z", "x": "1"}),
    ("map", {"x": 1, "y": 2}, {"first": 1, "second": 2}),
    ("map", {"mean pressure": 118.67}, {"Mean pressure": "118.67 mmHg"}),
    ("map", {"x": [1, 2]}, {"x": [2, 1]}),
]

DIFFER: list[tuple[str, Any, Any]] = [
    ("number", 3.14, 3.15),
    ("number", 3.14, None),
    ("number", 3.14, ""),
    ("number", 3.14, "pi"),
    ("number", 1.0, True),
    ("number", 3.0, "3 or 4"),
    ("number", 3.0, "between 3 and 3.5"),
    ("number", 3.0, [3.0]),
    ("number", 3.0, {"value": 3.0}),
    ("number", 3.0, float("nan")),
    ("number", 3.0, float("inf")),
    ("number", 4.0, -4.0),
    ("number", 1e-12, 2e-12),
    ("number", 1234.0, "1.234"),
    ("number", 0.0, 1e-3),
    ("number", 3.0, "10^3"),
    ("number", 5.0, "-5"),
    ("integer", 42, 42.4),
    ("integer", 42, "43"),
    ("integer", 0, False),
    ("integer", 1, True),
    ("integer", 1000000, 1000001),
    ("boolean", True, 1),
    ("boolean", False, 0),
    ("boolean", True, "yes and no"),
    ("boolean", False, None),
    ("boolean", False, ""),
    ("string", "Kenya", "Kenya or Uganda"),
    ("string", "Kenya", ""),
    ("string", "Kenya", None),
    ("string", "Kenya", ["Kenya"]),
    ("string", "Niger", "Nigeria"),
    ("string", "Na+", "Na"),
    ("string", "T31.5", "T315"),
    ("string", "C++", "C"),
    ("string", "D#", "D"),
    ("date", "2031-05-15", "2031-05-16"),
    ("date", "2031-05-15", "May 2031"),
    ("date", "2031-05-05", "5 May 2013"),
    ("set", ["a", "b"], ["a"]),
    ("set", ["a", "b"], ["a", "b", "c"]),
    ("set", ["a", "b"], ["a", "a"]),
    ("set", ["a"], "a"),
    ("set", ["a", "b"], ["b", "b"]),
    ("set", ["a"], {"a": 1}),
    ("set", [1, 2], [1, True]),
    ("list", ["a", "b"], ["b", "a"]),
    ("list", ["a", "b"], ["a"]),
    ("list", ["a"], "a"),
    ("map", {"x": 1, "y": 2}, {"x": 2, "y": 1}),
    ("map", {"x": 1, "y": 2}, {"x": 1}),
    ("map", {"x": 1}, [1]),
    ("map", {"x": 1, "y": 2}, {"x": 1, "y": 2, "z": 3}),
    ("map", {"x": 1}, {"x": None}),
    ("map", {"x": True}, {"x": 1}),
]


@pytest.mark.parametrize(("kind", "value", "answer"), AGREE)
def test_agrees(kind: str, value: Any, answer: Any) -> None:
    assert agrees({"type": kind, "value": value}, answer)


@pytest.mark.parametrize(("kind", "value", "answer"), DIFFER)
def test_differs(kind: str, value: Any, answer: Any) -> None:
    assert not agrees({"type": kind, "value": value}, answer)


@pytest.mark.parametrize(
    ("answer", "same"), [(3.14, True), (3.15, True), (3.13, True), (3.1500001, False), (3.12, False), ("3.13 m", True)]
)
def test_a_number_may_be_off_by_its_tolerance_and_no_more(answer: Any, same: bool) -> None:
    assert agrees({"type": "number", "value": 3.14, "tolerance": 0.01}, answer) is same


def test_a_rounded_part_of_a_map_may_be_off_by_its_last_place() -> None:
    reference = {"type": "map", "value": {"x": 118.67, "n": 4}}
    assert agrees(reference, {"x": 118.68, "n": 4})
    assert not agrees(reference, {"x": 118.69, "n": 4})
    assert not agrees(reference, {"x": 118.67, "n": 5})


def test_an_alias_is_as_good_as_the_value() -> None:
    reference = {"type": "string", "value": "Netherlands", "aliases": ["Holland", "the Netherlands"]}
    assert agrees(reference, "holland") and agrees(reference, "The Netherlands")
    assert not agrees(reference, "Belgium")


def test_a_label_is_as_good_as_the_value() -> None:
    """What the pool's types call a value in words is accepted, too."""
    assert real() and agrees({"type": "date", "value": "2024-02-29"}, "29 February 2024")


# --- drawing ---------------------------------------------------------------------------------------------------------


def task(name: str, domain: str, value: Any = 1, kind: str = "integer") -> Record:
    answer = {"value": value, "type": kind}
    made = {"question": f"What is {name}?", "answer": answer, "support": {"given": value}, "pattern": "lookup"}
    return {"id": name, "setup": {"domain": domain, "tools": {"b": "1", "a": "1"}}, "evidence": [], "task": made}


def tasks(**counts: int) -> list[Record]:
    return [task(f"{domain}{n}", domain, n) for domain, count in counts.items() for n in range(count)]


def drawn(chosen: list[Record]) -> dict[str, int]:
    return dict(Counter(record["setup"]["domain"] for record in chosen))


def test_a_draw_takes_as_many_of_each_domain_as_can_be() -> None:
    assert drawn(draw(tasks(finance=50, biology=50, general=50), 30)) == {"finance": 10, "biology": 10, "general": 10}
    assert drawn(draw(tasks(finance=2, biology=50, general=50), 30)) == {"finance": 2, "biology": 14, "general": 14}
    assert drawn(draw(tasks(finance=2, biology=3), 30)) == {"finance": 2, "biology": 3}


def test_a_draw_takes_nothing_twice_and_depends_on_its_seed_alone() -> None:
    pool = tasks(finance=40, biology=40)
    one, again, other = ([r["id"] for r in draw(pool, 20, seed)] for seed in (1, 1, 2))
    assert one == again != other and len(set(one)) == 20


def test_the_order_of_a_draw_says_nothing() -> None:
    domains = [record["setup"]["domain"] for record in draw(tasks(finance=40, biology=40), 40)]
    assert domains != sorted(domains) and domains != ["biology", "finance"] * 20


def test_an_examinee_sees_no_answer() -> None:
    record = task("x", "general", {"area": 4711.5, "rank": "unheard-of"}, "map")
    shown = blind(record)
    assert shown == {
        "id": "x",
        "question": "What is x?",
        "answer_type": "map",
        "answer_keys": ["area", "rank"],
        "tools": ["a", "b"],
    }
    assert not {"4711.5", "unheard-of"} & set(json.dumps(shown).split('"'))


# --- the grade -------------------------------------------------------------------------------------------------------


def test_a_grade_lists_and_sums_up() -> None:
    records = [*tasks(finance=2, biology=2)]
    answers = [
        {"id": "finance0", "answer": 0, "natural": True},
        {"id": "finance1", "answer": 7, "natural": False, "note": "odd"},
        {"id": "biology0", "answer": "0"},
    ]
    rows = list(grade(records, answers))
    graded = [("finance0", True), ("finance1", False), ("biology0", True), ("biology1", False)]
    assert [(row["id"], row["agrees"]) for row in rows] == graded
    assert rows[1]["reference"] == 1 and rows[1]["note"] == "odd" and rows[3]["answer"] is None
    wrong = {"biology": 1, "finance": 1}
    assert summary(rows) == {"questions": 4, "agreement": 0.5, "natural": 0.5, "disagreements": wrong}


@pytest.mark.parametrize("name", ["nobody", 7, None, ["finance0"]])
def test_an_answer_to_no_question_is_named(name: Any) -> None:
    with pytest.raises(UsageFault, match="no question has the id") as caught:
        list(grade(tasks(finance=2), [{"id": name, "answer": 1}]))
    assert str(name) in caught.value.message


def test_a_second_answer_to_a_question_is_named() -> None:
    with pytest.raises(UsageFault, match="finance0 is there twice"):
        list(grade(tasks(finance=2), [{"id": "finance0", "answer": 1}, {"id": "finance0", "answer": 0}]))


def test_the_exam_that_was_set_says_what_is_graded() -> None:
    records = tasks(finance=5, biology=5)
    questions = [blind(record) for record in draw(records, 4, 1)]
    assert [record["id"] for record in was_set(records, questions)] == [q["id"] for q in questions]
    with pytest.raises(UsageFault, match="no question has the id nobody"):
        was_set(records, [{"id": "nobody", "question": "?"}])
    with pytest.raises(UsageFault, match="another question of finance0"):
        was_set(records, [{"id": "finance0", "question": "What is finance1?"}])
    with pytest.raises(UsageFault, match="twice"):
        was_set(records, [questions[0], questions[0]])


def test_a_grade_of_nothing_is_null_and_not_zero() -> None:
    assert summary([]) == {"questions": 0, "agreement": None, "natural": None, "disagreements": {}}


def test_the_command_sets_and_grades(tmp_path: Path) -> None:
    records = tasks(finance=6, biology=6)
    (tmp_path / "tasks.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    done = bash("dive-tools exam tasks.jsonl -n 6 --seed 3 | tee exam.jsonl", tmp_path)
    questions = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(questions) == 6 and not any("answer" in question for question in questions)
    values = {record["id"]: record["task"]["answer"]["value"] for record in records}
    answers = [{"id": q["id"], "answer": values[q["id"]] + (n == 0), "natural": True} for n, q in enumerate(questions)]
    (tmp_path / "answers.jsonl").write_text("".join(json.dumps(answer) + "\n" for answer in answers))
    for which in ("--exam exam.jsonl", "-n 6 --seed 3"):
        done = bash(f"dive-tools exam tasks.jsonl {which} --grade answers.jsonl", tmp_path)
        assert done.returncode == 0
        assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [questions[0]["id"]]
        assert b"'agreement': 0.8333" in done.stderr
    done = bash("head -n 3 answers.jsonl > few; dive-tools exam tasks.jsonl --exam exam.jsonl --grade few", tmp_path)
    assert done.returncode == 0 and b"'questions': 6, 'agreement': 0.3333" in done.stderr
    assert len(done.stdout.splitlines()) == 4


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--grade answers.jsonl --mutate", "--mutate"),
        ("--exam answers.jsonl", "--grade"),
        ("--grade answers.jsonl", "nobody"),
    ],
)
def test_wrong_usage(options: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "tasks.jsonl").write_text(json.dumps(task("x", "general")) + "\n")
    (tmp_path / "answers.jsonl").write_text('{"id": "nobody", "answer": 1}\n')
    done = bash(f"dive-tools exam tasks.jsonl {options}", tmp_path)
    assert done.returncode == 2 and said in done.stderr.decode() and b"Traceback" not in done.stderr
    assert done.stdout == b""
