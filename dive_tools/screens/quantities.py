"""Is what a model's proof counts with alike? A stated number is measured as what it is set beside."""

from __future__ import annotations

import re

from dive_tools.screens.case import ARITHMETIC, Case, screen_of
from dive_tools.screens.stated import units_after
from dive_tools.screens.units import canonical_unit, units_in
from dive_tools.support import Node
from dive_tools.values import say_number


@screen_of("odd_arithmetic")
def _odd_quantities(case: Case) -> str | None:
    if not case.free:
        return None
    for node in case.reached:
        odd = _odd_pair(case, node) if node.get("op") in ARITHMETIC else _odd_sum(case, node)
        if odd:
            return odd
    return None


def _odd_pair(case: Case, node: Node) -> str | None:
    """What is wrong with setting two numbers side by side."""
    op, args = node["op"], node["args"]
    said = [called(case, arg) for arg in args]
    bare = ["given" in arg for arg in args]
    if all(bare):
        return f"{op} of two stated numbers: at least one side has to come from a call"
    if any(bare):
        partner, number = args[bare.index(False)], args[bare.index(True)]
        other = _other_unit(case, number["given"], case.unit(partner))
        if other:
            theirs = case.unit(partner)
            mend = f"state the number in {theirs}, or without any unit" if theirs else "state the number without a unit"
            return (
                f"{said[bare.index(True)]} ({other}) and {said[bare.index(False)]} are of unlike kinds: in the "
                f"question, {mend}"
            )
    else:
        one, two = (case.like(arg) for arg in args)
        unknown = next((text for text, like in zip(said, (one, two), strict=True) if like is None), None)
        if unknown:
            return (
                f"{op} of quantities that do not say that they are alike: nothing says what {unknown} is measured in. "
                "Cite a field itself, or select it (take) out of a list, or out of a table all of whose rows cite the "
                "same field"
            )
        if one != two:
            said = said if said[0] != said[1] else [called(case, arg, kind=True) for arg in args]
            return (
                f"{said[0]} and {said[1]} are of unlike kinds: a {op} takes two quantities of the same kind and unit, "
                "or a quantity and a number that the question states. Ask for both apart, or for another pair"
            )
    item = case.quantity(args[bare.index(False)])
    if item is not None and (item.scale == "ordinal" or (op != "difference" and item.scale == "interval")):
        mend = "ask which comes first" if item.scale == "ordinal" else "ask for the difference, or which is higher"
        return f"{op} on an {item.scale} scale, that of {said[bare.index(False)]}, has no meaning: {mend}"
    if any(arg.get("op") == "difference" for arg in args):
        return "a difference of differences: use the quantities themselves, of which one is subtracted just once"
    return None


def _other_unit(case: Case, number: object, unit: str | None) -> str | None:
    """A unit, other than the one given, that the question states a number in, wherever it states it."""
    after = units_after(case.question, number)
    if unit is None or not after or None in after:
        return None
    own = {canonical_unit(unit), unit, *(found for _, found in units_in(f"1 {unit}"))}
    own |= {"percent", "percentage points"} if own & {"percent", "percentage points"} else set()
    others = [found for found in after if found is not None and not {found, found.partition(" per ")[0]} & own]
    return others[0] if len(others) == len(after) else None


def called(case: Case, node: Node, *, kind: bool = False) -> str:
    """What a number is called in a message, with its unit."""
    if "given" in node:
        value = node["given"]
        plain = isinstance(value, int | float) and not isinstance(value, bool)
        return f"the stated {say_number(value) if plain else value}"
    item, op = case.quantity(node), node.get("op", "")
    if item is not None:
        more = f"{item.kind}, " if kind else ""
        return f"the {item.says.noun or item.kind} ({more}{item.unit or 'a bare number'})"
    if "call" in node:
        tool = case.steps.get(node["call"], {}).get("tool", "")
        return f"{tool}{node.get('pointer', '')} of {node['call']} (no kind declared)"
    return {
        "count": "a number of items", "ratio": "a ratio", "share": "a percentage", "percent_change": "a percentage",
    }.get(op, f"the {op}")  # fmt: skip


_NOT_ADDED_UP = re.compile(
    r"year|date|latitude|longitude|rate|ratio|percent|share|index|rank|code|\bid\b|_id|temperature|density|mean|average"
    r"|median|score|grade|elevation|height|version|number_of_the"
)


def _odd_sum(case: Case, node: Node) -> str | None:
    if node.get("op") != "sum":
        return None
    item = case.by(node["of"], node.get("take", ""))
    if item is not None and item.kind:
        if item.additive:
            return None
        name = f"the {item.says.noun or item.kind} ({item.unit or 'a bare number'})"
    else:
        like = case.like_items(node["of"], node.get("take", ""))
        name = like[-1].rpartition("/")[2] if like else ""
        if like is not None and not _NOT_ADDED_UP.search(name.lower()):
            return None
        name = name or "a list of unlike numbers"
    return f"a sum of what does not add up, {name}: ask for the mean, the median, the highest or a difference"
