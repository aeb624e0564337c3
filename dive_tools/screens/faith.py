"""Does the question ask for just what the support proves?"""

from __future__ import annotations

import re
from functools import wraps

from dive_tools.screens import free, stated
from dive_tools.screens.case import ARITHMETIC, CHOOSING, Case, Screen, screen_of, word_in
from dive_tools.screens.vocabulary import sayings, vocabulary
from dive_tools.support import Node, through, walk
from dive_tools.values import TYPES, VIGNETTES, label, say_vignette


@screen_of("unfaithful")
def _unstated(case: Case) -> str | None:
    """Every given stands in the question, as its label or as an author's word for the choice."""
    for node in case.givens:
        said = sayings(case, node)
        known = stated.stated(case, node, said) if case.free else any(word_in(text, case.question) for text in said)
        if not known:
            return case.told(f"the question does not state {str(node['given'])[:60]!r}", _state(case, node))
    return None


def _state(case: Case, node: Node) -> str:
    """What a writer can do about a given that is not stated."""
    where = next((f"{step['call']}.{name}" for step, name in stated.uses(case, node)), None)
    if where is None:
        return "say it in the question, as a number or in the words of the tools, or leave it out of the support"
    return (
        f"it is the argument {where}. Say it in the question, say in sources how an earlier call gives it, or rest the "
        "proof on other calls"
    )


# whole versions and addresses (1.4.2, 10.0.0.7), else numbers as they are written
_NUMBERS = re.compile(r"(?<![\w.,])(?:\d+(?:\.\d+){2,}|[-−]?\d+(?:,\d{3})*(?:\.\d+)?(?!\.\d))(?!\w)")


@screen_of("unfaithful")
def _unused(case: Case) -> str | None:
    """No number and no proper name in the question that neither a given nor an author's phrase accounts for."""
    if case.free:
        return stated.unused(case)
    allowed = vocabulary(case)
    for number in _NUMBERS.findall(case.question):
        if not word_in(number, allowed):
            return f"the support does not use {number}"
    for name in re.findall(r"(?<=[a-z,;:(] )[A-Z][\w'’-]*(?:\.\d+)*", case.question):
        if not word_in(name, allowed):
            return f"the support does not use {name!r}"
    return None


ROUNDING = {0: "nearest whole number", 1: "one decimal place", 2: "two decimal places", 3: "three decimal places"}
SIGNIFICANT = {2: "two significant figures", 3: "three significant figures", 4: "four significant figures"}


@screen_of("unfaithful")
def _rounding(case: Case) -> str | None:
    """The rounding that the support does, and no other, is asked for."""
    if case.free:
        return free.rounding(case)
    wanted = {
        SIGNIFICANT.get(n["significant"]) if "significant" in n else ROUNDING.get(n["places"])
        for n in walk(case.task["support"])
        if n.get("op") == "round"
    }
    for words in (*ROUNDING.values(), *SIGNIFICANT.values()):
        if (words in case.question) != (words in wanted):
            return f"the question and the support differ on rounding to {words}"
    return None


@screen_of("unfaithful")
def _unit(case: Case) -> str | None:
    """The unit of the answer is the one that the question names."""
    if case.free:
        return free.unit(case)
    unit = case.task["answer"].get("unit")
    if not unit or unit in case.question or (unit == "percent" and "percentage" in case.question):
        return None
    return f"the question does not name the unit {unit}"


@screen_of("unfaithful")
def _choosing(case: Case) -> str | None:
    """Every extreme is asked for by its own adjective, and its opposite is not."""
    if case.free:
        return free.choosing(case)
    wanted: set[str] = set()
    other: set[str] = set()
    for node in (n for n in case.reached if n.get("op") in CHOOSING):
        item = case.by(node["of"], node["by"])
        if item is None:
            continue
        high, low = {item.says.most, item.says.more}, {item.says.least, item.says.less}
        up = node["op"] == "argmax" or (node["op"] != "argmin" and node.get("order") != "ascending")
        if node["op"] == "sort":
            first, last = (item.says.most, item.says.least) if up else (item.says.least, item.says.most)
            if f"from {first} to {last}" not in case.question:
                return f"the question does not rank from {first} to {last}"
            wanted |= high | low
        elif not any(word_in(word, case.question) for word in (high if up else low)):
            return f"the question does not ask for the {item.says.most if up else item.says.least}"
        else:
            wanted, other = wanted | (high if up else low), other | (low if up else high)
    wrong = next((word for word in sorted(other - wanted) if word_in(word, case.question)), None)
    return f"the question asks for the {wrong}" if wrong else None


@screen_of("unfaithful")
def _asking(case: Case) -> str | None:
    """The operation is asked for by its word, and no other operation's word stands there."""
    if case.free:
        return free.asking(case)
    op = case.asked.get("op", "cite")
    words = OPERATION_WORDS.get(op)
    if words and not any(word in case.question for word in words):
        return f"the question does not ask for a {op}"
    side = {n["where"]["is"] for n in case.reached if n.get("op") == "filter"}
    side |= {n["is"] for n in case.reached if n.get("op") == "compare"}
    for is_, said in (("gt", ("above", "greater than")), ("lt", ("below", "less than"))):
        if is_ in side and not any(word_in(s, case.question) for s in said):
            return f"the question does not say {said[0]}"
        if side and is_ not in side and any(word_in(s, case.question) for s in said):
            return f"the question says {said[0]}"
    return None


OPERATION_WORDS: dict[str, tuple[str, ...]] = {
    "difference": ("exceed", "difference"),
    "ratio": ("ratio", "times"),
    "percent_change": ("percentage",),
    "share": ("percentage",),
    "sum": ("combined", "sum", "total"),
    "mean": ("mean", "average"),
    "median": ("median",),
    "count": ("ow many", "umber of"),
    "intersection": ("both",),
}


# --- in the words of the tools' authors (tasks that were put into words from them) ------------------------------------


def _own_words(screen: Screen) -> Screen:
    """The screen, for tasks whose words are the tools' own."""

    @wraps(screen)
    def own(case: Case) -> str | None:
        return screen(case) if case.task["by"] == "symbolic" and not case.free else None

    return own


@screen_of("unfaithful")
@_own_words
def _opening(case: Case) -> str | None:
    """A vignette is stated as its author states it, every value in its own clause."""
    parts: dict[str, set[str]] = {}
    for node in case.givens:
        if "vignette" in node:
            parts.setdefault(node["vignette"], set()).add(node["seed"].removeprefix("/"))
    seed = case.record["setup"]["seed"]["value"]
    for name, used in parts.items():
        if say_vignette(VIGNETTES[name], seed, [part for part in seed if part in used]) not in case.question:
            return f"the {name} is not stated as it is"
    return None


@screen_of("unfaithful")
@_own_words
def _named(case: Case) -> str | None:
    """Every field that the answer rests on is named by one of its author's wordings."""
    asked = case.question.casefold()
    for _, tool, item in case.cited:
        says = item.says
        wordings = [*says.phrases, *says.ask, *says.ask_count, says.whether, says.noun, says.plural, says.only]
        wordings = [text for text in wordings if text]
        if wordings and not any(all(f in asked for f in _fixed(text)) for text in wordings):
            return f"the question does not name {tool.name}{item.pointer}"
    return None


def _fixed(template: str) -> list[str]:
    """The words of a template between its slots."""
    return [words.strip().casefold() for words in re.split(r"\{\w+\}", template)]


@screen_of("unfaithful")
@_own_words
def _in_order(case: Case) -> str | None:
    """Of two things set in proportion, the first stands first."""
    for node in (n for n in case.reached if n.get("op") in ARITHMETIC):
        one, two = (_stated(case, arg) for arg in node["args"])
        first, second = (case.question.find(min(own, default="")) for own in (one - two, two - one))
        if one - two and two - one and first > second:
            return f"the {node['op']} is asked for the other way round"
    return None


def _stated(case: Case, node: Node) -> set[str]:
    return {
        label(n["given"], n["type"])
        for n in through(node, case.evidence)
        if n.get("type") in TYPES and "given" in n and "choice" not in n
    }


RULES = (_unstated, _unused, _rounding, _unit, _choosing, _asking, _opening, _named, _in_order)
