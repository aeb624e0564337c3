"""The structural patterns: each proposes supports over what the evidence has established.

A pattern is a small generator `Facts, rng -> supports`. It proposes only what its numbers allow (a ratio on a ratio
scale, a sum of what adds up, an extreme with one winner); whether it can be said, and whether it is worth asking, is
decided later. The names are those that exemplars are tagged with.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Iterator
from typing import Any

from dive_tools.records import canonical
from dive_tools.support import Node, SupportError, calls, evaluate, through
from dive_tools.symbolic.facts import Facts, Group, Listing, item_quantities, table
from dive_tools.tools.base import Field
from dive_tools.values import TYPES

STATED = 5  # things that a question may name one by one
HANDFUL = 20  # whole numbers below this are counted, not set in proportion
CLEAR = 0.02  # how far apart, as a share of the larger, two quantities must be to be set side by side

Pattern = Callable[[Facts, random.Random], Iterator[Node]]
PATTERNS: dict[str, Pattern] = {}
NAMES = (
    "lookup", "chain", "nested_chain", "join", "selection", "comparison", "extremum", "difference", "ratio",
    "percent_change", "aggregate", "filter_count", "filter", "ranking", "share", "count", "condition", "parts",
    "intersection",
)  # fmt: skip


def _pattern(name: str) -> Callable[[Pattern], Pattern]:
    def register(rule: Pattern) -> Pattern:
        PATTERNS[name] = rule
        return rule

    return register


def shape_of(support: Node, facts: Facts) -> str:
    """The pattern of a support that is a citation: by how its calls hang together."""
    reached = list(through(support, facts.evidence))
    if any(n.get("op") in ("argmax", "argmin", "nth", "only") for n in reached):
        return "selection"
    used = calls(support, facts.evidence)
    for call in used:
        sources = facts.by_id[call]["arguments_from"].values()
        if len({n["call"] for s in sources for n in [s] if "call" in n}) > 1:
            return "join"
    return ("lookup", "chain", "nested_chain")[min(len(used), 3) - 1]


def final(value: Any, node: Node) -> Node | None:
    """The support of an answer with its rounding; None where the number does not bear rounding."""
    if isinstance(value, bool) or not isinstance(value, float) or node.get("op") in ("if", "map"):
        return node
    size = abs(value)
    if round(size, 2) == size and size < 1e7:
        return node
    if size == 0 or size < 1e-6 or size >= 1e12:
        return None
    if size < 1 or size >= 1e7:
        return {"op": "round", "of": node, "significant": 3 if size < 1 else 4}
    return {"op": "round", "of": node, "places": 0 if size >= 10_000 else 2}


# --- one value -------------------------------------------------------------------------------------------------------


def scalars(facts: Facts) -> Iterator[tuple[Node, Field, Any]]:
    """Every single result that can be asked for, with its field and value."""
    for step in facts.steps:
        if facts.items(step["call"]):
            continue
        for item in facts.tools[step["tool"]].fields.values():
            if item.shape != "scalar" or "*" in item.pointer or item.says.quiet:
                continue
            if not (item.says.phrases or item.says.ask or item.says.whether):
                continue
            node = {"call": step["call"], "pointer": item.pointer}
            value = facts.value(node)
            if value is not None and value != "" and not _long(item):
                yield node, item, value


def _long(item: Field) -> bool:
    return item.type in TYPES and TYPES[item.type].spoken != "label"


@_pattern("cite")
def _cite(facts: Facts, rng: random.Random) -> Iterator[Node]:
    for node, _, _ in scalars(facts):
        yield node


@_pattern("selection")
def _selection(facts: Facts, rng: random.Random) -> Iterator[Node]:
    for listing in facts.lists:
        for node in facts.selections(listing):
            if node["op"] != "only":
                yield node


@_pattern("count")
def _count(facts: Facts, rng: random.Random) -> Iterator[Node]:
    for listing in facts.lists:
        if listing.field.says.ask_count and len(listing.value) >= 2:
            yield {"op": "count", "of": {"call": listing.step["call"], "pointer": listing.field.pointer}}


# --- two values ------------------------------------------------------------------------------------------------------


def pairs(facts: Facts) -> Iterator[tuple[Node, Node, Field]]:
    """Two quantities worth setting side by side, the greater first: one field of two things that are akin, or two
    methods on one thing."""
    for group in facts.groups:
        for item in facts.quantities(group.tool):
            for (_, a), (_, b) in itertools.combinations(group.rows, 2):
                if group.over is None:
                    yield from _greater_first(facts, a, b, item, item)
    for (a, fa, va), (b, fb, vb) in itertools.combinations(list(scalars(facts)), 2):
        same = fa.kind and (fa.kind, fa.unit, fa.scale) == (fb.kind, fb.unit, fb.scale) and fa.says.noun
        numbers = isinstance(va, int | float) and isinstance(vb, int | float)
        if (
            same
            and numbers
            and _clear(va, vb)
            and a["call"] != b["call"]
            and _same_subject(facts, a["call"], b["call"])
        ):
            yield (a, b, fa) if va > vb else (b, a, fb)


def _greater_first(facts: Facts, a: Any, b: Any, fa: Field, fb: Field) -> Iterator[tuple[Node, Node, Field]]:
    one, two = {"call": a["call"], "pointer": fa.pointer}, {"call": b["call"], "pointer": fb.pointer}
    va, vb = facts.value(one), facts.value(two)
    if va is not None and vb is not None and _clear(va, vb):
        yield (one, two, fa) if va > vb else (two, one, fb)


def _clear(a: float, b: float) -> bool:
    return abs(a - b) > CLEAR * max(abs(a), abs(b))


def _same_subject(facts: Facts, a: str, b: str) -> bool:
    """One tool on one thing under two stated choices, none of them a thing that it sets beside the other."""
    one, two = facts.by_id[a], facts.by_id[b]
    if one["tool"] != two["tool"]:
        return False
    fixed = [{p: s for p, s in x["arguments_from"].items() if "choice" not in s} for x in (one, two)]
    chosen = set(one["arguments_from"]) - set(fixed[0])
    return canonical(fixed[0]) == canonical(fixed[1]) and not chosen & set(facts.tools[one["tool"]].distinct)


def _divides(value: float) -> bool:
    """Whether a multiple of this number says something: positive, and no handful of things."""
    return value > 0 and (isinstance(value, float) or value >= HANDFUL)


def _by_number(facts: Facts, a: str, b: str) -> bool:
    """One tool on one thing under two stated numbers."""
    chosen = [s["given"] for c in (a, b) for s in facts.by_id[c]["arguments_from"].values() if "choice" in s]
    return _same_subject(facts, a, b) and all(isinstance(value, int | float) for value in chosen)


def _one_field(facts: Facts, a: Node, b: Node) -> bool:
    """Whether two citations cite the same field, so that one may be so many times the other."""
    return a["pointer"] == b["pointer"] and facts.by_id[a["call"]]["tool"] == facts.by_id[b["call"]]["tool"]


@_pattern("difference")
def _difference(facts: Facts, rng: random.Random) -> Iterator[Node]:
    for a, b, item in pairs(facts):
        if item.scale in ("ratio", "interval"):
            yield {"op": "difference", "args": [a, b]}


@_pattern("ratio")
def _ratio(facts: Facts, rng: random.Random) -> Iterator[Node]:
    for a, b, item in pairs(facts):
        if item.scale == "ratio" and _one_field(facts, a, b) and _divides(facts.value(b)):
            yield {"op": "ratio", "args": [a, b]}


@_pattern("percent_change")
def _percent_change(facts: Facts, rng: random.Random) -> Iterator[Node]:
    for a, b, item in pairs(facts):
        if item.scale == "ratio" and item.unit != "percent" and _one_field(facts, a, b) and _divides(facts.value(b)):
            yield {"op": "percent_change", "args": [a, b]}


# --- many values -----------------------------------------------------------------------------------------------------


def tables(facts: Facts, least: int) -> Iterator[tuple[Node, Field, Group]]:
    """The tables over groups of at least `least` rows, of quantities that differ."""
    for group in facts.groups:
        if len(group.rows) < least or (group.over is None and len(group.rows) > STATED):
            continue
        for item in facts.quantities(group.tool):
            node = table(group, item)
            values = [row["value"] for row in facts.value(node) or []]
            if len(set(values)) > 1 and all(isinstance(v, int | float) for v in values):
                yield node, item, group


def records(facts: Facts, least: int = 3) -> Iterator[tuple[Node, Field, Listing]]:
    """The lists whose own records carry a quantity."""
    for listing in facts.lists:
        if len(listing.value) >= least:
            cite = {"call": listing.step["call"], "pointer": listing.field.pointer}
            for item in item_quantities(listing.tool, listing.field):
                yield cite, item, listing


@_pattern("comparison")
def _comparison(facts: Facts, rng: random.Random) -> Iterator[Node]:
    for node, _, group in tables(facts, 2):
        if group.over is None:
            two = {**node, "rows": rng.sample(node["rows"], 2)}
            yield {"op": rng.choice(("argmax", "argmin")), "of": two, "by": "/value", "take": "/name"}


@_pattern("extremum")
def _extremum(facts: Facts, rng: random.Random) -> Iterator[Node]:
    for node, _, _ in tables(facts, 3):
        for op in ("argmax", "argmin"):
            yield {"op": op, "of": node, "by": "/value", "take": "/name"}
        yield {"op": "nth", "n": 2, "order": "descending", "of": node, "by": "/value", "take": "/name"}


@_pattern("ranking")
def _ranking(facts: Facts, rng: random.Random) -> Iterator[Node]:
    for node, _, group in tables(facts, 3):
        if len(group.rows) <= 6:
            order = rng.choice(("ascending", "descending"))
            yield {"op": "sort", "of": node, "by": "/value", "take": "/name", "order": order}


@_pattern("aggregate")
def _aggregate(facts: Facts, rng: random.Random) -> Iterator[Node]:
    for node, item, _ in tables(facts, 3):
        if item.additive:
            yield {"op": "sum", "of": node, "take": "/value"}
        if item.scale != "ordinal":
            yield {"op": rng.choice(("mean", "median")), "of": node, "take": "/value"}
    for cite, item, listing in records(facts):
        take = item.pointer.removeprefix(listing.field.pointer + "/*")
        if item.additive:
            yield {"op": "sum", "of": cite, "take": take}
        elif item.scale != "ordinal":
            yield {"op": "mean", "of": cite, "take": take}


@_pattern("filter_count")
def _filter_count(facts: Facts, rng: random.Random) -> Iterator[Node]:
    for node in _filters(facts, rng):
        yield {"op": "count", "of": node}


@_pattern("filter")
def _filter(facts: Facts, rng: random.Random) -> Iterator[Node]:
    yield from _filters(facts, rng)


def _filters(facts: Facts, rng: random.Random) -> Iterator[Node]:
    for node, _, _ in tables(facts, 3):
        values = [row["value"] for row in facts.value(node)]
        yield from _thresholds(values, {"of": node, "take": "/name"}, "/value", rng)
    for cite, item, listing in records(facts, 4):
        if any("choice" in source for source in listing.step["arguments_from"].values()):
            continue  # the list was cut by a stated limit already
        at = item.pointer.removeprefix(listing.field.pointer + "/*")
        values = [row.get(at[1:]) for row in listing.value]
        if all(isinstance(v, int | float) for v in values):
            yield from _thresholds(values, {"of": cite, "take": listing.take}, at, rng)


def _thresholds(values: list[float], over: Node, at: str, rng: random.Random) -> Iterator[Node]:
    ordered = sorted(set(values))
    if len(ordered) < 3:
        return
    k = rng.randrange(len(ordered) - 1)
    limit = round_between(ordered[k], ordered[k + 1])
    counted = all(isinstance(value, int) for value in values)
    if limit is not None and (isinstance(limit, int) or not counted):
        where = {"at": at, "is": rng.choice(("gt", "lt")), "value": {"given": limit, "choice": True}}
        yield {"op": "filter", **over, "where": where}


def round_between(low: float, high: float) -> float | None:
    """The roundest number strictly between two numbers; None when they are too close for one."""
    gap = high - low
    if gap <= 0 or not math.isfinite(gap):
        return None
    for power in range(math.floor(math.log10(gap)), math.floor(math.log10(gap)) - 2, -1):
        for step in (5, 2, 1):
            unit = step * 10.0**power
            found = math.ceil((low + gap * 0.05) / unit) * unit
            if low + gap * 0.05 < found < high - gap * 0.05:
                plain = float(f"{found:.6g}")
                return int(plain) if plain.is_integer() else plain
    return None


@_pattern("share")
def _share(facts: Facts, rng: random.Random) -> Iterator[Node]:
    for node, item, group in tables(facts, 3):
        if item.additive and group.over is None:
            row = rng.choice(node["rows"])
            yield {"op": "share", "args": [row["value"], {"op": "sum", "of": node, "take": "/value"}]}


# --- several questions in one ----------------------------------------------------------------------------------------


@_pattern("condition")
def _condition(facts: Facts, rng: random.Random) -> Iterator[Node]:
    found = [x for x in scalars(facts) if x[1].says.phrases and not isinstance(x[2], bool)]
    rng.shuffle(found)
    for test, item, value in found[:8]:
        if not (item.kind and item.says.noun and isinstance(value, int | float) and value > 0):
            continue
        limit = round_between(*((value * 0.6, value * 0.9) if rng.random() < 0.5 else (value * 1.1, value * 1.5)))
        if limit is None or (isinstance(value, int) and not isinstance(limit, int)):
            continue
        when = {"op": "compare", "is": rng.choice(("gt", "lt")), "args": [test, {"given": limit, "choice": True}]}
        ends = next(_two_ends(facts, found, test), None)
        if ends is not None:
            yield {"op": "if", "when": when, "then": ends[0], "else": ends[1]}


def _two_ends(facts: Facts, found: list[Any], test: Node) -> Iterator[tuple[Node, Node]]:
    """One field of one tool under two stated choices, about the thing that is tested (by another tool)."""
    for (a, _, va), (b, _, vb) in itertools.combinations(found, 2):
        apart = len({a["call"], b["call"], test["call"]}) == 3 and va != vb
        apart = apart and facts.by_id[a["call"]]["tool"] != facts.by_id[test["call"]]["tool"]
        if apart and _one_field(facts, a, b) and _by_number(facts, a["call"], b["call"]):
            one, two = final(va, a), final(vb, b)
            if one is not None and two is not None and _related(facts, [test, a]):
                yield one, two


@_pattern("parts")
def _parts(facts: Facts, rng: random.Random) -> Iterator[Node]:
    found = [x for x in scalars(facts) if x[1].says.phrases and x[1].says.noun and not isinstance(x[2], bool)]
    rng.shuffle(found)
    for size in (2, 3):
        for chosen in itertools.islice(itertools.combinations(found, size), 40):
            names = [item.says.noun for _, item, _ in chosen]
            ends = [final(value, node) for node, _, value in chosen]
            apart = not any(a["call"] in facts.used(b) for (a, _, _), (b, _, _) in itertools.permutations(chosen, 2))
            if apart and len(set(names)) == size and all(ends) and _related(facts, [n for n, _, _ in chosen]):
                yield {"op": "map", "parts": dict(zip(names, ends, strict=True))}


def _related(facts: Facts, nodes: list[Node]) -> bool:
    """The parts are about one thing: one vignette, or one subject's tools with the same arguments but for choices."""
    steps = [facts.by_id[n["call"]]["arguments_from"].values() for n in nodes]
    vignettes = [any("vignette" in s for s in sources) for sources in steps]
    modules = {facts.tools[facts.by_id[n["call"]]["tool"]].module for n in nodes}
    origins = {canonical(sorted(canonical(s).decode() for s in sources if "choice" not in s)) for sources in steps}
    return all(vignettes) or len(origins) == len(modules) == 1


@_pattern("intersection")
def _intersection(facts: Facts, rng: random.Random) -> Iterator[Node]:
    for one, two in itertools.combinations(facts.lists, 2):
        alike = one.step["tool"] == two.step["tool"] and one.field.pointer == two.field.pointer
        if alike and one.depth == two.depth and one.step["call"] != two.step["call"]:
            node = {"op": "intersection", "args": [one.names, two.names]}
            both = facts.value(node)
            if both and len(both) < min(len(one.value), len(two.value)):
                yield node


def proposals(facts: Facts, rng: random.Random) -> Iterator[tuple[str, Node]]:
    """Every (pattern, support) that the evidence bears, with rounding, whose value is single and sayable."""
    for name, pattern in PATTERNS.items():
        for node in pattern(facts, rng):
            try:
                value = evaluate(node, facts.look)
            except SupportError:
                continue
            whole = final(value, node)
            if whole is not None and value not in ([], "", None):
                yield (shape_of(node, facts) if name == "cite" else name), whole
