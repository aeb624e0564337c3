"""dive-verify: does the answer follow, does the question ask for it, does it replay from the givens?

Checks run from cheap to dear; each is a function of one record. What no program can see without a model, such as a
fact that any model knows by heart, is not pretended to be checked.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from dive_tools.pool import Pool
from dive_tools.records import RECORD, Drop, Record, canonical, need
from dive_tools.screens import Case, chosen_between, gives, outcomes
from dive_tools.support import SELECTORS, Dead, Node, SupportError, Swap, evaluate, over, replay
from dive_tools.tools.door import Door
from dive_tools.values import at, samples

OTHER_SEEDS = 10  # other seeds of the type that are tried
SAME_ANSWER = 0.3  # the share of them that may give the same answer
OTHER_ITEMS = 3  # other items of a list that are tried for each selector

PASSED, SKIPPED = "passed", "not_applicable"  # skipped: there was nothing to try it on
Outcome = tuple[str, str] | str  # reason and detail of a failure, or PASSED or SKIPPED


class Verifier:
    """Checks one record after another against one pool."""

    def __init__(self, pool: Pool, door: Door, *, seed: int = 0) -> None:
        self.pool = pool
        self.door = door
        self.seed = seed

    def __call__(self, record: Record) -> Record | Drop:
        """The record with its verdict, or a Drop with the reason of the first check that failed."""
        need(record, "id", "setup", "evidence", "task", deep=False)  # what is wrong inside is a verdict
        error = next(self._schema.iter_errors(record), None)
        if error is not None:
            where = "/".join(str(token) for token in error.instance_path)
            detail = f"{where}: {error.message}"[:300]
            return Drop({**record, "verdict": {"checks": {"malformed": "failed"}}}, "malformed", detail)
        tools = self.pool.named(record["setup"]["tools"])
        passed: dict[str, str] = {}
        with self.door.attempt(f"{record['id']}:verify"):
            for name, outcome in self._checks(Case(record, tools)):
                if isinstance(outcome, tuple):
                    reason, detail = outcome
                    return Drop({**record, "verdict": {"checks": {**passed, reason: "failed"}}}, reason, detail)
                passed[name] = outcome
        return {**record, "verdict": {"checks": passed}}

    def _checks(self, case: Case) -> Iterator[tuple[str, Outcome]]:
        yield "malformed", self._malformed(case)
        for reason, detail in outcomes(case):
            yield reason, (reason, detail) if detail is not None else PASSED
        for name, check in (("replay", self._replays), ("vacuous_selector", self._vacuous)):
            yield name, check(case)
        yield "seed_indifferent", self._indifferent(case)

    @cached_property
    def _schema(self) -> Any:
        import jsonschema_rs

        return jsonschema_rs.validator_for(RECORD)

    def _malformed(self, case: Case) -> Outcome:
        names = [step["call"] for step in case.evidence]
        if len(set(names)) < len(names):
            return "malformed", "two calls of the evidence have one id"
        for step in case.evidence:
            if step["tool"] not in case.tools:
                return "malformed", f"{step['call']} calls {step['tool']}, which is not in the setup"
        return PASSED

    # --- the checks that call tools ---

    def _value(self, case: Case, swap: Swap | None = None) -> Any:
        return replay(case.task["support"], case.evidence, self.door.call, swap)

    def _replays(self, case: Case) -> Outcome:
        try:
            value = self._value(case)
        except Dead as dead:
            return ("not_recorded" if dead.kind == "not_recorded" else "replay_dead"), str(dead)
        except SupportError as error:
            return "replay_differs", str(error)
        if not gives(value, case.task["answer"]):
            return "replay_differs", f"the replay gives {str(value)[:80]}"
        return PASSED

    def _vacuous(self, case: Case) -> Outcome:
        """Every selector on the way matters: another item of its list leads to another answer."""
        tried = False
        for node in {canonical(n): n for n in case.reached if n.get("op") in SELECTORS}.values():
            if canonical(node) == canonical(case.asked):
                continue
            others = self._tried(case, (_standing_in(node, item) for item in self._others(case, node)))
            tried |= bool(others)
            if others and all(gives(v, case.task["answer"]) for v in others):
                return "vacuous_selector", f"another choice than the {node['op']} gives the same answer"
        return PASSED if tried else SKIPPED

    def _others(self, case: Case, node: Node) -> list[Any]:
        look = over(case.evidence)
        chosen = evaluate(node, look)
        names = [at(item, node.get("take", "")) for item in evaluate(node["of"], look)]
        return [name for name in names if name != chosen][:OTHER_ITEMS]

    def _indifferent(self, case: Case) -> Outcome:
        """Other seeds of the type mostly lead to other answers."""
        seed = case.record["setup"]["seed"]
        others = [v for v in samples(seed["type"]) if v != seed["value"]]
        if not others or chosen_between(case):
            return SKIPPED
        rng = random.Random(f"{self.seed}:{case.record['id']}:verify")
        chosen = rng.sample(others, min(OTHER_SEEDS, len(others)))
        found = self._tried(case, (_from_seed(value) for value in chosen))
        same = sum(gives(value, case.task["answer"]) for value in found)
        if len(found) >= 3 and same > SAME_ANSWER * len(found):
            return "seed_indifferent", f"{same} of {len(found)} other seeds give the same answer"
        return PASSED if len(found) >= 3 else SKIPPED

    def _tried(self, case: Case, swaps: Iterable[Swap]) -> list[Any]:
        """The answers under each swap; those that have none are left out."""
        found = []
        for swap in swaps:
            try:
                found.append(self._value(case, swap))
            except SupportError:
                continue
        return found


def _standing_in(node: Node, item: Any) -> Swap:
    wanted = canonical(node)
    return lambda other: (item,) if other.get("op") == node["op"] and canonical(other) == wanted else None


def _from_seed(value: Any) -> Swap:
    def swap(node: Node) -> tuple[Any] | None:
        if "seed" not in node:
            return None
        try:
            return (at(value, node["seed"]),)
        except (LookupError, TypeError, ValueError):
            raise SupportError("another seed lacks a part") from None

    return swap
