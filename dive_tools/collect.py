"""dive-collect: run real tools within a record's toolset, and keep what they returned as evidence."""

from __future__ import annotations

import random

from dive_tools.errors import BadRecord
from dive_tools.evidence import judged
from dive_tools.pool import Pool
from dive_tools.records import Drop, Record, need, round_of
from dive_tools.symbolic.explore import Explorer
from dive_tools.tools.door import Door
from dive_tools.values import TYPES, VIGNETTES

CALLS_A_ROUND = 6  # the paper's budget


class Collector:
    """Adds one round of evidence to a record, without a model."""

    def __init__(self, pool: Pool, door: Door, *, seed: int = 0, budget: int = CALLS_A_ROUND) -> None:
        self.pool = pool
        self.door = door
        self.seed = seed
        self.budget = budget

    def __call__(self, record: Record) -> Record | Drop:
        """The record with more evidence, or a Drop: too_little, tools_failed, not_recorded."""
        need(record, "id", "setup")
        need(record, *(key for key in ("evidence", "task") if key in record))
        tools = self.pool.named(record["setup"]["tools"])
        before = record.get("evidence", [])
        record = {**record, "evidence": list(before)}
        self._known(record["setup"]["seed"])
        rng = random.Random(f"{self.seed}:{record['id']}:collect:{round_of(record)}:{len(before)}")
        with self.door.attempt(f"{record['id']}:{round_of(record)}"):
            Explorer(record, tools, self.door.call, rng, self.budget).explore()
        return judged(record, record["evidence"][len(before) :], self.pool.tools)

    @staticmethod
    def _known(seed: dict) -> None:
        """Raise BadRecord for a seed of a type that no tool takes."""
        if seed["type"] not in TYPES and seed["type"] not in VIGNETTES:
            raise BadRecord(f"no value type {seed['type']!r} for the seed", hint="dive-tools seeds DOMAIN writes seeds")
        if seed["type"] in VIGNETTES and not isinstance(seed["value"], dict):
            raise BadRecord(f"a seed of type {seed['type']} must be an object")
