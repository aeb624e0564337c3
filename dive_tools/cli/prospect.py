"""What a pool promises before any model is asked: setups tried with real calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dive_tools.pool import Pool

SEEDS_A_TYPE = 20


def estimate(pool: Pool, setups: int) -> tuple[int, int, int]:
    """Of so many setups from seeds of the types that the pool takes: how many bring evidence of two calls or more, how
    many a task in two rounds without a model that every screen lets pass, and how many were tried."""
    from dive_tools.collect import Collector
    from dive_tools.derive import Deriver
    from dive_tools.records import Drop, Record
    from dive_tools.sample import Plan, sample
    from dive_tools.samples import exemplars
    from dive_tools.screens import Case, outcomes
    from dive_tools.tools.door import Door

    seeds = _seeds(pool)
    if not seeds:
        return 0, 0, 0
    collector, deriver = Collector(pool, Door(pool.tools)), Deriver(pool)
    plan = Plan(pool, {next(iter(pool.tools.values())).domain: seeds}, exemplars(), mix="all", sizes=(5, 50))
    evidence = tasks = tried = 0
    for setup in sample(plan, setups):
        tried += 1
        record: Record = setup
        for stage in (collector, deriver, collector, deriver):
            made = stage(record)
            if isinstance(made, Drop):
                break
            record = made
            if stage is collector and "task" not in record:
                evidence += sum("result" in step for step in record["evidence"]) >= 2
        else:
            case = Case(record, pool.named(record["setup"]["tools"]))
            tasks += all(detail is None for _, detail in outcomes(case))
    return evidence, tasks, tried


def _seeds(pool: Pool) -> list[dict[str, Any]]:
    from dive_tools.values import samples

    taken = sorted({s.type or s.vignette for tool in pool.tools.values() for s in tool.slots.values()} - {""})
    found = []
    for kind in taken:
        values = samples(kind)
        found += [{"value": value, "type": kind} for value in values[:: max(1, len(values) // SEEDS_A_TYPE)]]
    return found
