"""When two tasks are the same, or nearly: the same words, or the same calls.

Candidates for near duplicates are found by place, which is cheap; `near` then compares their questions.
"""

from __future__ import annotations

import re

from dive_tools.records import Record, digest
from dive_tools.support import calls

NEAR = 90.0  # rapidfuzz token-sort ratio of two questions with one answer
RUN = 13  # words in a row that two texts share by no chance

Place = tuple[str, str]

_NAME = re.compile(r"(?<!^)(?<![.?!] )\b(?:[A-Z][\w'-]+|\d[\d,.]*)")


def near(one: str, other: str) -> bool:
    """Whether two questions, in plain words, are nearly the same: alike in words, with the same numbers in order."""
    from rapidfuzz import fuzz

    return bool(fuzz.token_sort_ratio(one, other, score_cutoff=NEAR)) and numbers(one) == numbers(other)


def places(record: Record) -> list[Place]:
    """Where near duplicates of a task are looked for: its answer, with each of the question's most telling words."""
    answer = digest(record["task"]["answer"]["value"])
    question = record["task"]["question"]
    words = sorted(set(names(question)) or set(question.split()), key=lambda w: (-len(w), w))
    return [(answer, word.casefold()) for word in words[:4]]


def names(text: str) -> list[str]:
    """The words of a text that are particular: capitalised within a sentence, or numbers."""
    return _NAME.findall(text)


def numbers(text: str) -> list[str]:
    """The whole numbers of a text, in order; the two sides of a decimal point are two."""
    return re.findall(r"\d+", text)


def runs(text: str, length: int) -> set[str]:
    """Every so many words in a row of a text."""
    words = text.split()
    return {" ".join(words[i : i + length]) for i in range(len(words) - length + 1)}


def structure(record: Record) -> str:
    """A digest of the calls that the answer rests on, in any order."""
    task = record["task"]
    used = set(calls(task["support"], record.get("evidence", [])))
    made = [[s["tool"], s["arguments"]] for s in record.get("evidence", []) if s["call"] in used]
    return digest(sorted(made, key=digest)) if made else digest([record["id"], task["question"]])
