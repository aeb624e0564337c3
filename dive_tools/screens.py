"""The screens of a task that need no call: each a function `Case -> detail | None`, its name the reason word.

They ask whether a proved answer is also worth asking for, and whether the question asks for just what the support
proves. The screens that call tools again stand in `dive_tools.verify`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from dive_tools.records import Record, canonical
from dive_tools.support import SELECTORS, Node, SupportError, calls, evaluate, over, through, walk
from dive_tools.tools.base import Field, Tool
from dive_tools.values import TYPES, VIGNETTES, at, label, leaves, say_number, slots

SENTENCE_WORDS = 35
NESTED_NOUNS = 3
SELECTORS_MOST = 2
CHOOSING = ("argmax", "argmin", "nth", "top", "sort")
SMALL = 20  # integers up to this stand in results by chance


@dataclass
class Case:
    """A record under examination, with what several screens want to know of it."""

    record: Record
    tools: Mapping[str, Tool]

    @cached_property
    def task(self) -> dict[str, Any]:
        return self.record["task"]

    @cached_property
    def question(self) -> str:
        return self.task["question"]

    @cached_property
    def evidence(self) -> list[dict[str, Any]]:
        return self.record["evidence"]

    @cached_property
    def steps(self) -> dict[str, dict[str, Any]]:
        return {step["call"]: step for step in self.evidence}

    @cached_property
    def used(self) -> list[str]:
        """The calls that the answer rests on."""
        return calls(self.task["support"], self.evidence)

    @cached_property
    def reached(self) -> list[Node]:
        """Every expression that the answer rests on."""
        return list(through(self.task["support"], self.evidence))

    @cached_property
    def givens(self) -> list[Node]:
        return [node for node in self.reached if "given" in node]

    @cached_property
    def asked(self) -> Node:
        """The support without its rounding."""
        support = self.task["support"]
        return support["of"] if support.get("op") == "round" else support

    @cached_property
    def cited(self) -> list[tuple[dict[str, Any], Tool, Field]]:
        """Call, tool and field of every citation; those of no known field left out."""
        return [found for node in self.reached if (found := self.field(node)) is not None]

    def field(self, node: Node) -> tuple[dict[str, Any], Tool, Field] | None:
        """The call, tool and field that a citation cites."""
        step = self.steps.get(node.get("call", ""))
        tool = self.tools.get(step["tool"]) if step else None
        item = tool.fields.get(re.sub(r"/\d+", "/*", node.get("pointer", ""))) if tool else None
        return (step, tool, item) if step and tool and item else None

    def quantity(self, node: Node) -> Field | None:
        """The field whose quantity an expression is made of; None when it is not one quantity."""
        if "call" in node:
            found = self.field(node)
            return found[2] if found and found[2].kind else None
        if node.get("op") == "round":
            return self.quantity(node["of"])
        if node.get("op") in ("sum", "mean", "median", "difference"):
            inner = node.get("of") or node["args"][0]
            return self.by(inner, node.get("take", "")) if "of" in node else self.quantity(inner)
        return None

    def by(self, of: Node, pointer: str) -> Field | None:
        """The field that a pointer into the items of a list or table names."""
        if of.get("op") == "table":
            return self.quantity(of["rows"][0]["value"])
        found = self.field(of)
        return found[1].fields.get(f"{found[2].pointer}/*{pointer}") if found else None


Screen = Callable[[Case], "str | None"]
SCREENS: dict[str, list[Screen]] = {}


def _screen(reason: str) -> Callable[[Screen], Screen]:
    def register(rule: Screen) -> Screen:
        SCREENS.setdefault(reason, []).append(rule)
        return rule

    return register


def screen(case: Case) -> tuple[str, str] | None:
    """The first (reason, detail) that rejects a task; None when all screens pass."""
    return next(((reason, detail) for reason, detail in outcomes(case) if detail is not None), None)


def outcomes(case: Case) -> Iterator[tuple[str, str | None]]:
    """Every screen's outcome, in order: (reason word, detail or None)."""
    for reason, rules in SCREENS.items():
        yield reason, next((detail for rule in rules if (detail := rule(case)) is not None), None)


# --- is the answer proved, and not given away? -----------------------------------------------------------------------


@_screen("ungrounded")
def _ungrounded(case: Case) -> str | None:
    try:
        value = evaluate(case.task["support"], over(case.evidence))
    except SupportError as error:
        return str(error)
    if canonical(value) != canonical(case.task["answer"]["value"]):
        return f"the support gives {str(value)[:80]}, the answer says {str(case.task['answer']['value'])[:80]}"
    return None


@_screen("ungrounded")
def _arguments(case: Case) -> str | None:
    look = over(case.evidence)
    for call in case.used:
        step = case.steps[call]
        if set(step["arguments"]) != set(step["arguments_from"]):
            return f"{call}: not every argument says where it came from"
        for name, source in step["arguments_from"].items():
            try:
                same = canonical(evaluate(source, look)) == canonical(step["arguments"][name])
            except SupportError as error:
                return f"{call}.{name}: {error}"
            if not same:
                return f"{call}.{name} is not what its source gives"
    return None


@_screen("ungrounded")
def _seeded(case: Case) -> str | None:
    seed = case.record["setup"]["seed"]["value"]
    for node in case.givens:
        if "seed" in node:
            try:
                same = canonical(at(seed, node["seed"])) == canonical(node["given"])
            except (LookupError, TypeError, ValueError):
                same = False
            if not same:
                return f"{node['given']!r} is not what the seed says at {node['seed']!r}"
    return None


@_screen("trivial")
def _trivial(case: Case) -> str | None:
    return "one call answers it" if len(case.used) < 2 else None


@_screen("leak")
def _leak(case: Case) -> str | None:
    answer = case.task["answer"]
    if answer["type"] not in ("string", "number", "date", "text"):
        return None
    for said in {label(answer["value"]), str(answer["value"]), *answer.get("aliases", [])}:
        if _word_in(said, case.question):
            return f"the question says {said!r}"
    return None


# --- is it a question, and not an exercise in plumbing? --------------------------------------------------------------


@_screen("round_trip")
def _round_trip(case: Case) -> str | None:
    """An argument that flowed in equals a value that its own ancestors started from."""
    for call in case.used:
        step = case.steps[call]
        for name, source in step["arguments_from"].items():
            if "given" in source or source.get("op") == "item":
                continue
            started = {canonical(n["given"]) for n in through(source, case.evidence) if "given" in n}
            if canonical(step["arguments"][name]) in started:
                return f"{call}.{name} leads back to {str(step['arguments'][name])[:60]!r}"
    return None


@_screen("round_trip")
def _answer_given(case: Case) -> str | None:
    value = case.task["answer"]["value"]
    if isinstance(value, str) and canonical(value) in {
        canonical(n["given"]) for n in case.givens if not chosen_between(case)
    }:
        return f"the answer {value!r} was given"
    return None


def chosen_between(case: Case) -> bool:
    """Whether the answer is one of several stated things, which is a comparison."""
    return (
        case.asked.get("op") in ("argmax", "argmin", "nth", "sort", "filter") and case.asked["of"].get("op") == "table"
    )


@_screen("shortcut")
def _shortcut(case: Case) -> str | None:
    """The answer of a citation already stands in the result of a call before the last."""
    if "call" not in case.asked or not _telling(case.task["answer"]["value"]):
        return None
    wanted = canonical(evaluate(case.asked, over(case.evidence)))
    for call in case.used:
        if call != case.asked["call"] and wanted in {canonical(v) for v in leaves(case.steps[call].get("result"))}:
            return f"{call} already says {case.task['answer']['value']!r}"
    return None


@_screen("shortcut")
def _two_roads(case: Case) -> str | None:
    """Two arguments of one call are the same thing, reached by two roads."""
    for call in case.used:
        step = case.steps[call]
        flowed = [n for n, s in step["arguments_from"].items() if "given" not in s]
        values = [canonical(step["arguments"][n]) for n in flowed if _telling(step["arguments"][n])]
        if len(set(values)) < len(values):
            return f"{call}: two arguments are the same value"
    return None


@_screen("inner_conversion")
def _inner_conversion(case: Case) -> str | None:
    converting = [c for c in case.used if case.tools[case.steps[c]["tool"]].converts]
    if len(converting) > 1:
        return "more than one unit conversion"
    inside = converting and case.asked.get("call") != converting[0]
    return f"{converting[0]} converts units inside the question" if inside else None


@_screen("odd_arithmetic")
def _odd_arithmetic(case: Case) -> str | None:
    for node in case.reached:
        if node.get("op") in ("difference", "ratio", "percent_change", "share"):
            fields = [case.quantity(arg) for arg in node["args"]]
            odd = _odd(node["op"], fields, node["args"])
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


@_screen("unrelated_comparison")
def _unrelated(case: Case) -> str | None:
    """Stated things that are set side by side are of one type, and one of them names the others akin."""
    for node in case.reached:
        if node.get("op") != "table" or "over" in node:
            continue
        names = [row["name"] for row in node["rows"]]
        kinds = {n.get("type") for n in names}
        if len(kinds) != 1 or None in kinds:
            return "the things compared are of unlike types"
        akin = TYPES[names[0]["type"]].akin if names[0]["type"] in TYPES else None
        values = [n["given"] for n in names]
        if akin is not None and not any(set(values) - {v} <= set(akin(v)) for v in values):
            return f"{label(values)} share no class"
    return None


# --- can it be read? -------------------------------------------------------------------------------------------------


@_screen("unreadable")
def _long_sentence(case: Case) -> str | None:
    text = case.question.replace(_opening(case), "", 1)
    for node in case.givens:  # a long literal is data, not prose
        if isinstance(node["given"], str) and len(node["given"]) > 30:
            text = text.replace(node["given"], "X")
    for sentence in re.split(r"(?<=[.?!;])\s+", text):
        if len(sentence.split()) > SENTENCE_WORDS:
            return f"a sentence of {len(sentence.split())} words"
    return None


def _opening(case: Case) -> str:
    """The sentence that states a vignette, a list of facts which may be longer than a sentence that asks."""
    if not any("vignette" in node for node in case.givens):
        return ""
    return re.split(r"(?<=[.?!;])\s+", case.question, maxsplit=1)[0]


@_screen("unreadable")
def _nested(case: Case) -> str | None:
    selectors = [n for n in case.reached if n.get("op") in (*SELECTORS, "top", "filter")]
    if len({canonical(n) for n in selectors}) > SELECTORS_MOST:
        return f"more than {SELECTORS_MOST} selectors"
    for sentence in re.split(r"(?<=[.?!;])\s+", case.question):
        for run in re.findall(r"(?:\bthe [\w\- ]+? (?:of|with|in|for|from|by|to|at) ){4,}", sentence):
            return f"more than {NESTED_NOUNS} nested nouns: {run[:60]!r}"
    return None


@_screen("unreadable")
def _slips(case: Case) -> str | None:
    """Marks of a template that went wrong."""
    found = re.search(r"\{\w*\}|\bthe the\b|\ba the\b|\bof of\b|  | ,|\?\?|\.\.|\bNone\b|\bthat that\b", case.question)
    return f"{found.group()!r} in the question" if found else None


# --- does it ask for just this? --------------------------------------------------------------------------------------


@_screen("unfaithful")
def _unstated(case: Case) -> str | None:
    """Every given stands in the question, as its label or as an author's word for the choice."""
    for node in case.givens:
        if not any(_word_in(said, case.question) for said in _sayings(case, node)):
            return f"the question does not state {str(node['given'])[:60]!r}"
    return None


def _sayings(case: Case, node: Node) -> set[str]:
    value = node["given"]
    said = {label(value, node.get("type")), str(value)}
    if isinstance(value, int | float) and not isinstance(value, bool):
        said |= {say_number(value), f"{value:,}"}
    if "vignette" in node:
        kind = VIGNETTES[node["vignette"]]
        part = node["seed"].removeprefix("/")
        said.add(kind.says.get(part, label)(value))
    for step in case.evidence:
        for name, source in step["arguments_from"].items():
            if source == node and step["tool"] in case.tools:
                spoken = case.tools[step["tool"]].slots[name].choices.get(value) if "choice" in node else None
                said |= {spoken} if spoken else set()
    return {text for text in said if text}


@_screen("unfaithful")
def _unused(case: Case) -> str | None:
    """No number and no proper name in the question that neither a given nor an author's phrase accounts for."""
    allowed = _vocabulary(case)
    for number in re.findall(r"(?<![\w.,])[-−]?\d+(?:,\d{3})*(?:\.\d+)?(?!\w)", case.question):
        if not _word_in(number, allowed):
            return f"the support does not use {number}"
    for name in re.findall(r"(?<=[a-z,;:(] )[A-Z][\w'’-]*(?:\.\d+)*", case.question):
        if not _word_in(name, allowed):
            return f"the support does not use {name!r}"
    return None


def _vocabulary(case: Case) -> str:
    """The words that the question may be made of: labels of givens, and the authors' words for what is used."""
    words = [text for node in case.givens for text in _sayings(case, node)]
    for step in (case.steps[call] for call in case.used):
        for item in case.tools[step["tool"]].fields.values():
            words += [*item.says.phrases, *item.says.ask, *item.says.ask_count, item.says.noun, item.unit]
            words += [item.says.whether, item.says.plural]
        for name in step["arguments_from"]:
            words += [said for said in case.tools[step["tool"]].slots[name].choices.values() if said]
    for vignette in {node["vignette"] for node in case.givens if "vignette" in node}:
        kind = VIGNETTES[vignette]
        words += [*kind.subjects, *kind.clauses.values(), kind.owner]
    for name in {node["type"] for node in case.givens if node.get("type") in TYPES}:
        words += [TYPES[name].intro, TYPES[name].opening, TYPES[name].noun, TYPES[name].plural]
    return " ".join(words)


ROUNDING = {0: "nearest whole number", 1: "one decimal place", 2: "two decimal places", 3: "three decimal places"}
SIGNIFICANT = {2: "two significant figures", 3: "three significant figures", 4: "four significant figures"}


@_screen("unfaithful")
def _rounding(case: Case) -> str | None:
    """The rounding that the support does, and no other, is asked for."""
    wanted = {
        SIGNIFICANT.get(n["significant"]) if "significant" in n else ROUNDING.get(n["places"])
        for n in walk(case.task["support"])
        if n.get("op") == "round"
    }
    for words in (*ROUNDING.values(), *SIGNIFICANT.values()):
        if (words in case.question) != (words in wanted):
            return f"the question and the support differ on rounding to {words}"
    return None


@_screen("unfaithful")
def _unit(case: Case) -> str | None:
    """The unit of the answer is the one that the question names."""
    unit = case.task["answer"].get("unit")
    if not unit or unit in case.question or (unit == "percent" and "percentage" in case.question):
        return None
    return f"the question does not name the unit {unit}"


@_screen("unfaithful")
def _choosing(case: Case) -> str | None:
    """Every extreme is asked for by its own adjective, and its opposite is not."""
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
        elif not any(_word_in(word, case.question) for word in (high if up else low)):
            return f"the question does not ask for the {item.says.most if up else item.says.least}"
        else:
            wanted, other = wanted | (high if up else low), other | (low if up else high)
    wrong = next((word for word in sorted(other - wanted) if _word_in(word, case.question)), None)
    return f"the question asks for the {wrong}" if wrong else None


@_screen("unfaithful")
def _asking(case: Case) -> str | None:
    """The operation is asked for by its word, and no other operation's word stands there."""
    op = case.asked.get("op", "cite")
    words = OPERATION_WORDS.get(op)
    if words and not any(word in case.question for word in words):
        return f"the question does not ask for a {op}"
    side = {n["where"]["is"] for n in case.reached if n.get("op") == "filter"}
    side |= {n["is"] for n in case.reached if n.get("op") == "compare"}
    for is_, said in (("gt", ("above", "greater than")), ("lt", ("below", "less than"))):
        if is_ in side and not any(_word_in(s, case.question) for s in said):
            return f"the question does not say {said[0]}"
        if side and is_ not in side and any(_word_in(s, case.question) for s in said):
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


# --- small things ----------------------------------------------------------------------------------------------------


def _telling(value: Any) -> bool:
    """Whether meeting this value twice means something."""
    if isinstance(value, bool) or value is None:
        return False
    if isinstance(value, int | float):
        return abs(value) > SMALL or not float(value).is_integer()
    return not isinstance(value, str) or len(value) > 1


def _word_in(said: str, text: str) -> bool:
    """Whether words stand in a text as words, whatever their case."""
    return bool(said) and re.search(rf"(?<![\w.]){re.escape(said)}(?!\w|[.,]\d)", text, re.IGNORECASE) is not None


__all__ = ["SCREENS", "Case", "outcomes", "screen", "slots"]
