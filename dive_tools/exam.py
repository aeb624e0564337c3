"""The blind exam: questions and toolsets without answers; and a grade for whoever sat it.

Who sits it may use only `dive-tools show` and `dive-tools call`. An answer line is
`{"id", "answer", "natural": true | false, "note"}`; every disagreement is listed, for it is a flaw of the question, of
its answer, or of a tool, until shown otherwise.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dive_tools import score
from dive_tools.errors import UsageFault
from dive_tools.records import Record


def draw(tasks: Iterable[Record], count: int, seed: int = 0) -> list[Record]:
    """`count` tasks, as many of each domain as can be, in an order that says nothing."""
    by_domain: dict[str, list[Record]] = defaultdict(list)
    for task in tasks:
        by_domain[task["setup"]["domain"]].append(task)
    rng = random.Random(f"{seed}:exam")
    for found in by_domain.values():
        rng.shuffle(found)
    chosen: list[Record] = []
    while len(chosen) < count and any(by_domain.values()):
        for domain in sorted(by_domain):
            if by_domain[domain] and len(chosen) < count:
                chosen.append(by_domain[domain].pop())
    rng.shuffle(chosen)
    return chosen


def blind(task: Record) -> dict[str, Any]:
    """A task as its examinee sees it."""
    answer = task["task"]["answer"]
    return {
        "id": task["id"],
        "question": task["task"]["question"],
        "answer_type": answer["type"],
        **({"answer_keys": list(answer["value"])} if answer["type"] == "map" else {}),
        "tools": sorted(task["setup"]["tools"]),
    }


def was_set(tasks: Iterable[Record], exam: Iterable[Mapping[str, Any]]) -> list[Record]:
    """The tasks whose questions an exam asked, in its order; UsageFault for a question that is not theirs."""
    known = {task["id"]: task for task in tasks}
    asked = _by_id(exam, known, "the exam")
    for name, row in asked.items():
        if row.get("question") != known[name]["task"]["question"]:
            raise UsageFault(f"the exam asks another question of {name}", hint="it was set on other tasks")
    return [known[name] for name in asked]


def _by_id(rows: Iterable[Mapping[str, Any]], known: Mapping[str, Any], what: str) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for row in rows:
        name = row["id"]
        if not isinstance(name, str) or name not in known:
            raise UsageFault(f"{what}: no question has the id {name}", hint="name the exam that was set with --exam")
        if name in found:
            raise UsageFault(f"{what}: the id {name} is there twice")
        found[name] = row
    return found


def grade(tasks: Iterable[Record], answers: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """One line for each task that was set: whether the answer agrees (none does not), and was it judged natural."""
    known = {task["id"]: task for task in tasks}
    given_to = _by_id(answers, known, "the answers")
    for name, task in known.items():
        given = given_to.get(name, {})
        reference = task["task"]["answer"]
        yield {
            "id": task["id"],
            "domain": task["setup"]["domain"],
            "pattern": task["task"].get("pattern", ""),
            "question": task["task"]["question"],
            "reference": reference["value"],
            "answer": given.get("answer"),
            "agrees": "answer" in given and agrees(reference, given["answer"], task["task"]["question"]),
            "natural": given.get("natural"),
            "note": given.get("note", ""),
        }


def summary(graded: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Agreement and naturalness over a graded exam, with the disagreements by domain."""
    rows = list(graded)
    judged = [row["natural"] for row in rows if isinstance(row["natural"], bool)]
    wrong: dict[str, int] = defaultdict(int)
    for row in rows:
        wrong[row["domain"]] += not row["agrees"]
    return {
        "questions": len(rows),
        "agreement": round(sum(row["agrees"] for row in rows) / len(rows), 4) if rows else None,
        "natural": round(sum(judged) / len(judged), 4) if judged else None,
        "disagreements": {domain: count for domain, count in sorted(wrong.items()) if count},
    }


def agrees(reference: Mapping[str, Any], answer: Any, question: str = "") -> bool:
    """Whether an answer line's answer is the reference: as `score` has it, but lists and maps are JSON, never words.

    There is no judge: a text agrees where it is the reference in other clothes.
    """
    wanted = {"set": list, "list": list, "map": Mapping}.get(reference["type"], object)
    kind = "string" if reference["type"] == "text" else reference["type"]
    return isinstance(answer, wanted) and score.agrees(answer, {**reference, "type": kind}, question) is True
