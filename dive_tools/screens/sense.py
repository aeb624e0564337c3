"""Is it a question, and not an exercise in plumbing?"""

from __future__ import annotations

from typing import Any

from dive_tools.records import canonical
from dive_tools.screens.case import ARITHMETIC, Case, chosen_between, screen_of
from dive_tools.support import Node, SupportError, evaluate, over, through
from dive_tools.tools.base import Field
from dive_tools.values import TYPES, akin, label, leaves

SMALL = 20  # integers up to this stand in results by chance


@screen_of("round_trip")
def _round_trip(case: Case) -> str | None:
    """An argument that flowed in equals a value that its own ancestors started from."""
    for call in case.used:
        step = case.steps[call]
        for name, source in step["arguments_from"].items():
            if "given" in source or source.get("op") == "item":
                continue
            started = {canonical(n["given"]) for n in through(source, case.evidence) if "given" in n}
            if canonical(step["arguments"][name]) in started:
                return case.told(
                    f"{call}.{name} leads back to {str(step['arguments'][name])[:60]!r}",
                    "the question states that value itself, so ask from it on, or rest the proof on other calls",
                )
    return None


@screen_of("round_trip")
def _answer_given(case: Case) -> str | None:
    value = case.task["answer"]["value"]
    if isinstance(value, str) and canonical(value) in {
        canonical(n["given"]) for n in case.givens if not chosen_between(case)
    }:
        return case.told(
            f"the answer {value!r} was given", "ask for something that only a call's result tells, not for what it took"
        )
    return None


@screen_of("shortcut")
def _shortcut(case: Case) -> str | None:
    """The answer of a citation already stands in the result of a call before the last."""
    if "call" not in case.asked or not telling(case.task["answer"]["value"]):
        return None
    wanted = canonical(case.task["answer"]["value"] if case.asked is case.task["support"] else _unrounded(case))
    for call in case.used:
        if call != case.asked["call"] and wanted in {canonical(v) for v in leaves(case.steps[call].get("result"))}:
            return case.told(
                f"{call} already says {case.task['answer']['value']!r}",
                f"cite it from {call}, or ask for something that only {case.asked['call']} tells",
            )
    return None


def _unrounded(case: Case) -> Any:
    try:
        return evaluate(case.asked, over(case.evidence))
    except SupportError:
        return None


@screen_of("shortcut")
def _two_roads(case: Case) -> str | None:
    """Two arguments of one call are the same thing, reached by two roads."""
    for call in case.used:
        step = case.steps[call]
        flowed = [n for n, s in step["arguments_from"].items() if "given" not in s]
        values = [canonical(step["arguments"][n]) for n in flowed if telling(step["arguments"][n])]
        if len(set(values)) < len(values):
            return case.told(f"{call}: two arguments are the same value", f"rest the proof on calls other than {call}")
    return None


@screen_of("inner_conversion")
def _inner_conversion(case: Case) -> str | None:
    converting = [c for c in case.used if case.tools[case.steps[c]["tool"]].converts]
    if len(converting) > 1:
        return case.told("more than one unit conversion", "leave the quantities in the units that the tools give")
    inside = converting and case.asked.get("call") != converting[0]
    if not inside:
        return None
    return case.told(
        f"{converting[0]} converts units inside the question",
        f"cite {converting[0]} as the answer itself, or leave it out and ask in the unit from before it",
    )


@screen_of("odd_arithmetic")
def _odd_arithmetic(case: Case) -> str | None:
    if case.free:  # held by `quantities`
        return None
    for node in case.reached:
        if node.get("op") in ARITHMETIC:
            odd = _odd(node["op"], [case.quantity(arg) for arg in node["args"]], node["args"])
            if odd:
                return odd
        if node.get("op") == "sum":
            item = case.by(node["of"], node.get("take", ""))
            if item is None or not item.additive:
                return "a sum of what does not add up"
    return None


def _odd(op: str, fields: list[Field | None], args: list[Node]) -> str | None:
    one, two = fields
    if one is None or two is None or (one.kind, one.unit) != (two.kind, two.unit):
        return f"{op} of quantities of unlike kinds"
    if op != "difference" and one.scale != "ratio":
        return f"{op} on an {one.scale} scale"
    if one.scale == "ordinal":
        return f"{op} on an ordinal scale"
    return "a difference of differences" if any(a.get("op") == "difference" for a in args) else None


@screen_of("unrelated_comparison")
def _unrelated(case: Case) -> str | None:
    """Stated things that are set side by side are of one type, and one of them names the others akin."""
    for node in case.reached:
        if node.get("op") == "table" and "over" not in node:
            names = [row["name"] for row in node["rows"]]
            if case.free:
                names = [_typed(case, name) for name in names]
                if not any(name.get("type") for name in names) and case.like_items(node, "/value") is not None:
                    continue  # untyped names of which one thing was looked up
        elif node.get("op") in ARITHMETIC:
            names = _subjects(case, node["args"])
        else:
            continue
        apart = _apart(names)
        if apart:
            return case.told(apart, "compare things of one type that belong together, or give both as parts (map)")
    return None


def _typed(case: Case, name: Node) -> Node:
    """The name of a row; one that was found out with the type of what holds it."""
    found = case.field(name)
    return {"found": True, "type": found[2].type} if found and found[2].type else name


def _subjects(case: Case, args: list[Node]) -> list[Node]:
    """The stated things that two quantities differ by."""
    stated = [
        {canonical(n): n for n in through(arg, case.evidence) if n.get("type") in TYPES and "choice" not in n}
        for arg in args
    ]
    return [node for one, other in (stated, stated[::-1]) for key, node in one.items() if key not in other]


def _apart(names: list[Node]) -> str | None:
    kinds = {n.get("type") for n in names}
    if len(names) < 2:
        return None
    if len(kinds) != 1 or None in kinds or not all("given" in n or "found" in n for n in names):
        return "the things compared are of unlike types"
    name, values = names[0]["type"], [n["given"] for n in names if "given" in n]
    if len(values) < len(names):
        return None
    if TYPES[name].akin is not None and not any(set(values) - {v} <= set(akin(name, v)) for v in values):
        return f"{label(values)} share no class"
    return None


def telling(value: Any) -> bool:
    """Whether meeting this value twice means something."""
    if isinstance(value, bool) or value is None:
        return False
    if isinstance(value, int | float):
        return abs(value) > SMALL or not float(value).is_integer()
    return not isinstance(value, str) or len(value) > 1
