"""What an attempt is worth: its reply held against the task, by program.

`task.scorer` names the rule: "answer" holds the final answer against the typed answer of the task, "missing" wants to
be told what the toolset lacks. A further rule is a further entry of SCORERS.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dive_tools import score
from dive_tools.errors import BadRecord
from dive_tools.score import missing

UNKNOWN = frozenset(("unknown", "i do not know", "i don't know", "n/a", "no answer"))  # said for no answer


@dataclass(frozen=True)
class Grade:
    """`outcome` is one of records.OUTCOMES; `said` is the answer as it was found; `score` None: it wants a judge."""

    outcome: str
    score: float | None
    said: str | None = None
    parts: float | None = None


def sound(task: Mapping[str, Any]) -> None:
    """Raise BadRecord for a task that nobody could be right at: its answer is not of its type, or it does not say what
    is missing."""
    answer = task["answer"]
    if not _FORMS[answer["type"]](answer["value"]):
        raise BadRecord(f'"task"/answer: {answer["value"]!r:.80} is no {answer["type"]}')
    if task.get("scorer") == "missing":
        lacking = task.get("missing", {})
        if not isinstance(lacking.get("says"), str) or not all(
            _is_names(lacking.get(key)) for key in ("tools", "words")
        ):
            raise BadRecord(
                '"task"/missing: it wants "says", "tools" and "words"', hint="dive-tools unanswerable makes it"
            )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


_FORMS: dict[str, Callable[[Any], bool]] = {
    "number": _is_number,
    "integer": lambda value: _is_number(value) and value == int(value),
    "string": lambda value: isinstance(value, str) and bool(value.strip()),
    "boolean": lambda value: isinstance(value, bool),
    "date": lambda value: isinstance(value, str) and bool(value.strip()),
    "set": lambda value: isinstance(value, list),
    "list": lambda value: isinstance(value, list),
    "map": lambda value: isinstance(value, dict) and bool(value),
    "text": lambda value: isinstance(value, str) and bool(value.strip()),
}


def grade(task: Mapping[str, Any], reply: str) -> Grade:
    """How the final text of an attempt does at a task."""
    return SCORERS[task.get("scorer", "answer")](task, reply)


def _answer(task: Mapping[str, Any], reply: str) -> Grade:
    answer, question = task["answer"], task["question"]
    if (lacking := missing.declared(reply)) is not None:
        return Grade("missing", 0.0, lacking)
    said = score.final(reply, whole=answer["type"] == "text")
    if said is None or is_nothing(said):
        return Grade("no_answer", 0.0)
    right = score.agrees(said, answer, question)
    if right is None:
        return Grade("unscored", None, said)
    parts = score.parts(said, answer, question) if answer["type"] in ("map", "set", "list") else None
    return Grade("right" if right else "wrong", float(right), said, parts)


def _missing(task: Mapping[str, Any], reply: str) -> Grade:
    lacking = missing.declared(reply)
    if lacking is not None:
        right = missing.names(lacking, task["missing"], task["question"])
        return Grade("right" if right else "wrong", float(right), lacking)
    said = score.final(reply)
    return Grade("wrong", 0.0, said) if said is not None and not is_nothing(said) else Grade("no_answer", 0.0)


def is_nothing(said: str) -> bool:
    """Whether an answer says that there is none; "none" is one, of a count or a set."""
    return " ".join(said.casefold().replace("’", "'").split()).strip(" .*_`\"'") in UNKNOWN


SCORERS: dict[str, Callable[[Mapping[str, Any], str], Grade]] = {"answer": _answer, "missing": _missing}


def form(answer: Mapping[str, Any], question: str) -> str:
    """The words that tell a solver in which form to answer."""
    return score.instruction(answer, question, tools=True)
