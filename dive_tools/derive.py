"""dive-derive: from recorded evidence to a question, its typed answer, and the support that proves it."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from dive_tools.errors import BadRecord
from dive_tools.pool import Pool
from dive_tools.records import Drop, Record, need, round_of
from dive_tools.screens import Case, outcomes
from dive_tools.support import Node, evaluate, tolerance
from dive_tools.symbolic.facts import Facts
from dive_tools.symbolic.patterns import proposals
from dive_tools.symbolic.questions import question
from dive_tools.symbolic.say import UNSAID_UNITS, Speech, Unreadable
from dive_tools.tiers import allows
from dive_tools.tools.base import Tool

TRIES = 24  # supports put into words before giving up on a round
LIKING = {
    "comparison": 2.0,
    "condition": 0.012,
    "chain": 0.6,
    "parts": 0.03,
    "count": 0.4,
    "lookup": 0.3,
    "filter": 0.7,
}
SIDE_BY_SIDE = ("parts", "condition")
SIDEWAYS = 0.08  # how often a task of several calls may grow by asking more rather than deeper
ELSEWHERE = 0.2  # how much less a question is wanted that leaves the earlier one behind
STEERED = 3.0  # how much more a pattern is wanted that an exemplar of the setup shows


class Deriver:
    """Derives a task, or deepens the one that is there, without a model."""

    def __init__(self, pool: Pool, *, seed: int = 0) -> None:
        self.pool = pool
        self.seed = seed

    def __call__(self, record: Record) -> Record | Drop:
        """The record with a deeper task, with its task marked as stalled, or a Drop."""
        need(record, "id", "setup", "evidence", *(["task"] if "task" in record else []))
        tools = self.pool.named(record["setup"]["tools"])
        round_ = round_of(record)
        if not record["evidence"]:
            raise BadRecord("the evidence is empty", hint="run dive-collect first")
        rng = random.Random(f"{self.seed}:{record['id']}:derive:{round_}")
        found, why = Round(record, tools, rng, round_).task()
        before = record.get("task")
        if found is not None:
            history = (
                [*before.get("history", []), {k: v for k, v in before.items() if k != "history"}] if before else []
            )
            return {**record, "task": {**found, **({"history": history} if history else {})}}
        if before is None:
            return Drop(record, *why)
        return {**record, "task": {**before, "stalled": [*before.get("stalled", []), round_]}}


class Round:
    """One round's search for a task over one record's evidence."""

    def __init__(self, record: Record, tools: Mapping[str, Tool], rng: random.Random, round_: int) -> None:
        self.record = record
        self.tools = tools
        self.rng = rng
        self.round = round_
        self.facts = Facts(record, tools)
        before = record.get("task")
        self.before = self.facts.used(before["support"]) if before else frozenset()
        self.deep_before = self.facts.deepness(before["support"]) if before else (0, 0)
        self.wanted = {e["pattern"] for e in record["setup"]["exemplars"]}

    def task(self) -> tuple[dict[str, Any] | None, tuple[str, str]]:
        """A task that passes every screen, and why there is none otherwise."""
        by_pattern: dict[str, list[tuple[float, Node]]] = defaultdict(list)
        sideways = len(self.before) < 2 or self.rng.random() < SIDEWAYS
        families = self.record["setup"].get("families")
        for pattern, support in proposals(self.facts, self.rng):
            if not allows(families, pattern):
                continue
            weight = self._weight(support) if sideways or pattern not in SIDE_BY_SIDE else 0.0
            if weight:
                by_pattern[pattern].append((weight, support))
        why = ("nothing_to_ask", "the evidence bears no question that is deeper than the one there is")
        for _ in range(TRIES):
            if not by_pattern:
                break
            pattern, support = self._draw(by_pattern)
            try:
                found = self._said(pattern, support)
            except Unreadable as error:
                why = ("unreadable", str(error))
                continue
            reason = self._rejected(found)
            if reason is None:
                return found, why
            why = reason
        return None, why

    def _rejected(self, task: dict[str, Any]) -> tuple[str, str] | None:
        """Why a task is no start for a deeper one; that one call answers it may still change."""
        found = outcomes(Case({**self.record, "task": task}, self.tools))
        return next(((reason, why) for reason, why in found if why is not None and reason != "trivial"), None)

    def _weight(self, support: Node) -> float:
        if self.facts.deepness(support) <= self.deep_before:
            return 0.0
        weight = float(self.facts.breadth(support)) ** 5
        if self.before:
            used = self.facts.used(support)
            weight *= 2.0 if self.before < used else 1.0 if self.before & used else ELSEWHERE
        return weight

    def _draw(self, by_pattern: dict[str, list[tuple[float, Node]]]) -> tuple[str, Node]:
        names = list(by_pattern)
        likings = [
            LIKING.get(n, 1.0) * (STEERED if n in self.wanted else 1.0) * self._best(by_pattern[n]) for n in names
        ]
        name = self.rng.choices(names, likings)[0]
        offers = by_pattern[name]
        index = self.rng.choices(range(len(offers)), [weight for weight, _ in offers])[0]
        _, support = offers.pop(index)
        if not offers:
            del by_pattern[name]
        return name, support

    @staticmethod
    def _best(offers: list[tuple[float, Node]]) -> float:
        return max(weight for weight, _ in offers)

    def _said(self, pattern: str, support: Node) -> dict[str, Any]:
        speech = Speech(self.facts, self.rng)
        asked = question(speech, support)
        return {
            "round": self.round,
            "question": asked,
            "answer": answer(support, evaluate(support, self.facts.look), speech),
            "support": support,
            "pattern": pattern,
            "by": "symbolic",
        }


def answer(support: Node, value: Any, speech: Speech) -> dict[str, Any]:
    """The typed answer, with unit and tolerance where it is a number."""
    inner = support["of"] if support.get("op") == "round" else support
    made: dict[str, Any] = {"value": value, "type": _type(inner, value, speech)}
    if made["type"] in ("number", "integer"):
        unit = speech.unit(inner)
        if unit not in UNSAID_UNITS:
            made["unit"] = unit
    return made | tolerance(support, value)


def _type(node: Node, value: Any, speech: Speech) -> str:
    match value:
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case dict():
            return "map"
        case list():
            return "list" if node.get("op") == "sort" else "set"
    is_date = "call" in node and speech.source(node)[2].type == "date"
    return "date" if is_date else "string"
