"""dive-dedup: one of each, within the caps of a set, and clear of every benchmark named.

Kept in memory, per kept task: a few hashes, and its question for the confirmation of near duplicates. The first of
several duplicates in the stream is the one that stays.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dive_tools.alike import RUN, near, places, runs, structure
from dive_tools.errors import BadRecord
from dive_tools.records import Drop, Record, digest, need
from dive_tools.support import calls
from dive_tools.values import plain

OVERLAP = 80.0  # rapidfuzz token-sort ratio against a benchmark's question
SHINGLE = 4  # words in a row by which candidates are found
EITHER_OR = 0.10  # the most that yes/no and either-or answers may be of a set
PATTERN = 0.25  # the most that one pattern may be of a set
LAST_CALL = 2  # how often the same last call with the same arguments may decide an answer
SLACK = 10  # a cap that is a share lets this many through before it bites


class Deduplicator:
    """Decides of one record after another whether something like it was kept before."""

    def __init__(self, benchmarks: Mapping[str, Iterable[str]] | None = None, *, caps: bool = True) -> None:
        self.caps = caps
        self.benchmarks = Benchmarks(benchmarks or {})
        self.kept = 0
        self._exact: dict[str, str] = {}
        self._structure: dict[str, str] = {}
        self._near: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
        self._patterns: Counter[str] = Counter()
        self._last: Counter[str] = Counter()
        self._either_or = 0

    def __call__(self, record: Record) -> Record | Drop:
        """The record, or a Drop: duplicate (with `twin`), contaminated, too_many."""
        need(record, "id", "task")
        dropped = self._judge(record)
        if dropped is None:
            self._keep(record)
        return dropped or record

    def _judge(self, record: Record) -> Drop | None:
        row = self.benchmarks.overlap(record["task"]["question"])
        if row is not None:
            return Drop(record, "contaminated", row)
        for reason, twin in (
            ("the same question", self._exact.get(plain(record["task"]["question"]))),
            ("the same calls with the same arguments", self._structure.get(structure(record))),
            ("nearly the same question with the same answer", self._near_twin(record)),
        ):
            if twin is not None:
                return Drop(record, "duplicate", f"{reason} as {twin}", {"twin": twin})
        full = self._full(record) if self.caps else None
        return Drop(record, "too_many", full) if full is not None else None

    def _near_twin(self, record: Record) -> str | None:
        question = plain(record["task"]["question"])
        for place in places(record):
            for twin, other in self._near.get(place, ()):
                if near(question, other):
                    return twin
        return None

    def _full(self, record: Record) -> str | None:
        task, most = record["task"], self.kept + 1
        pattern = task.get("pattern", "")
        if pattern and self._patterns[pattern] + 1 > max(SLACK, PATTERN * most):
            return f"pattern {pattern} is over {PATTERN:.0%} of the set"
        if is_either_or(task) and self._either_or + 1 > max(SLACK, EITHER_OR * most):
            return f"yes/no and either-or answers are over {EITHER_OR:.0%} of the set"
        if self._last[last_call(record)] >= LAST_CALL:
            return f"the same last call decides {LAST_CALL} kept tasks already"
        return None

    def _keep(self, record: Record) -> None:
        question = plain(record["task"]["question"])
        self.kept += 1
        self._exact[question] = record["id"]
        self._structure[structure(record)] = record["id"]
        for place in places(record):
            self._near[place].append((record["id"], question))
        self._patterns[record["task"].get("pattern", "")] += 1
        self._last[last_call(record)] += 1
        self._either_or += is_either_or(record["task"])


class Benchmarks:
    """The questions of named benchmarks, indexed by their runs of words."""

    def __init__(self, rows: Mapping[str, Iterable[str]]) -> None:
        self._questions: dict[str, str] = {}
        self._index: dict[str, list[str]] = defaultdict(list)
        for name, questions in rows.items():
            for number, question in enumerate(questions, start=1):
                self._add(f"{name}:{number}", plain(question))

    def _add(self, row: str, question: str) -> None:
        self._questions[row] = question
        for shingle in _shingles(question):
            self._index[shingle].append(row)

    def overlap(self, question: str) -> str | None:
        """The benchmark row that a question overlaps, as file:row; None when it is clear of all."""
        from rapidfuzz import fuzz

        asked = plain(question)
        shared = Counter(row for shingle in _shingles(asked) for row in self._index.get(shingle, ()))
        for row, count in shared.most_common(20):
            if count > RUN - SHINGLE and runs(asked, RUN) & runs(self._questions[row], RUN):
                return row
            if fuzz.token_sort_ratio(asked, self._questions[row], score_cutoff=OVERLAP):
                return row
        return None


def last_call(record: Record) -> str:
    """A digest of the last call that the answer rests on, with its arguments."""
    used = calls(record["task"]["support"], record.get("evidence", []))
    last = next((s for s in record.get("evidence", []) if used and s["call"] == used[-1]), None)
    return digest([last["tool"], last["arguments"]] if last else record["id"])


def is_either_or(task: Mapping[str, Any]) -> bool:
    """Whether a guess between two would do."""
    return task["answer"]["type"] == "boolean" or task.get("pattern") == "comparison"


def _shingles(text: str) -> set[str]:
    return runs(text, SHINGLE) or ({text} if text else set())


def dedup(
    records: Iterable[Record], benchmarks: Mapping[str, Iterable[str]] | None = None, *, caps: bool = True
) -> Iterator[Record | Drop | BadRecord]:
    """Each record that nothing kept before is like, a Drop for the others, a BadRecord for one without a task."""
    judge = Deduplicator(benchmarks, caps=caps)
    for record in records:
        try:
            yield judge(record)
        except BadRecord as fault:  # yielded, since raising would end the stream
            yield fault
