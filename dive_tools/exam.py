"""The blind exam: questions and toolsets without answers; and a grade for whoever sat it.

Who sits it may use only `dive-tools show` and `dive-tools call`. An answer line is
`{"id", "answer", "natural": true | false, "note"}`; every disagreement is listed, for it is a flaw of the question, of
its answer, or of a tool, until shown otherwise.
"""

from __future__ import annotations

import math
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dive_tools.errors import UsageFault
from dive_tools.records import Record
from dive_tools.values import TYPES, label


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
            "agrees": "answer" in given and agrees(reference, given["answer"]),
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


def agrees(reference: Mapping[str, Any], answer: Any) -> bool:
    """Whether an answer is the reference, by its type: numbers within the tolerance, sets without order."""
    if _same(reference["value"], answer, reference["type"], reference.get("tolerance", 0.0)):
        return True
    return isinstance(answer, str) and _plain(answer) in {_plain(alias) for alias in reference.get("aliases", [])}


def _same(value: Any, answer: Any, kind: str, tolerance: float = 0.0) -> bool:
    if kind == "map":
        return isinstance(answer, Mapping) and len(answer) == len(value) and _parts(value, answer)
    if kind in ("set", "list"):
        return isinstance(answer, list) and _members(value, answer, ordered=kind == "list")
    if kind == "boolean":
        return _truth(answer) is value
    if kind in ("number", "integer"):
        found = _number(answer)
        near = max(tolerance, abs(value) * 1e-9)
        return found is not None and math.isclose(found, value, rel_tol=0, abs_tol=near * 1.0000001)
    return isinstance(answer, str | int | float) and _plain(str(answer)) in _spellings(value)


def _parts(value: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    """Parts match by name, or in order where the names differ."""
    named = set(map(_plain, value)) == set(map(_plain, answer))
    by_name = {_plain(key): part for key, part in answer.items()}
    given = [by_name[_plain(key)] for key in value] if named else list(answer.values())
    return all(_same(v, a, _kind(v), _slack(v)) for v, a in zip(value.values(), given, strict=True))


def _slack(value: Any) -> float:
    """One unit in the last place of a rounded part."""
    if not isinstance(value, float):
        return 0.0
    return 10.0 ** -len(repr(value).partition(".")[2]) if "e" not in repr(value) else abs(value) * 0.01


def _kind(value: Any) -> str:
    kinds = {bool: "boolean", int: "number", float: "number", list: "set", dict: "map"}
    return kinds.get(type(value), "string")


def _members(value: list[Any], answer: list[Any], *, ordered: bool) -> bool:
    if len(value) != len(answer):
        return False
    if ordered:
        return all(_same(v, a, _kind(v)) for v, a in zip(value, answer, strict=True))
    return all(any(_same(v, a, _kind(v)) for a in answer) for v in value)


def _spellings(value: Any) -> set[str]:
    said = {str(value)}
    for kind in TYPES.values():
        if kind.label is not str and kind.valid is not None and kind.valid(str(value)):
            said.add(label(value, kind.name))
    return {_plain(text) for text in said}


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[\w%+.#-]+", text.casefold())).strip(".")


def _truth(answer: Any) -> bool | None:
    if isinstance(answer, bool):
        return answer
    return {"yes": True, "true": True, "no": False, "false": False}.get(str(answer).strip().rstrip(".").casefold())


def _number(answer: Any) -> float | None:
    if isinstance(answer, bool):
        return None
    if isinstance(answer, int | float):
        return float(answer)
    if not isinstance(answer, str):
        return None
    found = re.findall(r"[-−+]?\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?", str(answer))
    return float(found[0].replace(",", "").replace("−", "-")) if len(found) == 1 else None
