"""Does a question in free English ask for just what the support proves?

The screens of `faith` hold a question to the words of the tools' authors. A model's question has words of its own, and
imported tools have no authors' words at all: here the usual words are taken, and their opposites are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from dive_tools.screens import words
from dive_tools.screens.case import ARITHMETIC, CHOOSING, Case, screen_of, word_in
from dive_tools.screens.stated import accounted, uses, usual
from dive_tools.screens.units import SOFT, canonical_unit, names_unit, units_in
from dive_tools.screens.vocabulary import vocabulary
from dive_tools.support import Node, SupportError, evaluate, over, through, walk
from dive_tools.tools.base import Field, Tool
from dive_tools.values import TYPES, VIGNETTES, label, leaves, say_number

# --- what is asked ---------------------------------------------------------------------------------------------------


def rounding(case: Case) -> str | None:
    """The rounding that the support does, and no other, is asked for."""
    wanted = {
        ("significant", n["significant"]) if "significant" in n else ("places", n["places"])
        for n in walk(case.task["support"])
        if n.get("op") == "round"
    }
    asked = words.roundings(case.question)
    if asked == wanted:
        return None
    if wanted - asked:
        return f"the question does not ask to round to {_said(wanted - asked)}"
    return f"the question asks to round to {_said(asked - wanted)}, the support does not"


def _said(roundings: set[tuple[str, int]]) -> str:
    kind, count = min(roundings)
    return f"{count} {'decimal places' if kind == 'places' else 'significant figures'}"


def unit(case: Case) -> str | None:
    """The unit of the answer is named, in any usual spelling."""
    parts = {"map": lambda n: list(n["parts"].values()), "list": lambda n: n["items"]}.get(case.asked.get("op", ""))
    units = [case.unit(part) for part in parts(case.asked)] if parts else [case.task["answer"].get("unit")]
    missing = next((unit for unit in units if unit and unit != "people" and not _names_unit(case.question, unit)), None)
    return f"the question does not name the unit {missing}" if missing else None


def _names_unit(question: str, unit: str) -> bool:
    if unit == "percentage points" and names_unit(question, "percent"):
        return True
    return names_unit(question, unit) or (unit == "US dollars" and "$" in question)


@screen_of("unfaithful")
def _another_unit(case: Case) -> str | None:
    """No unit that neither the answer nor a tool nor a given has."""
    if not case.free:
        return None
    named = [unit for start, unit in units_in(case.question) if _MEASURED.search(case.question[:start])]
    hard = [unit for unit in named if unit not in SOFT and unit != "US dollars"]
    if not hard:
        return None
    told = re.sub(r"\{\w+\}", "1", accounted(case)).replace("_", " ")
    allowed = {found for _, found in units_in(told)}
    allowed |= {known for unit in _units(case) if (known := canonical_unit(unit))}
    allowed |= {part for found in allowed for part in found.split(" per ")}
    strange = next((unit for unit in hard if unit not in allowed), None)
    return f"the question speaks of {strange}, which nothing here is measured in" if strange else None


_MEASURED = re.compile(r"(?:\bin|\bmany|\d|\()\s?-?$", re.IGNORECASE)


def _units(case: Case) -> Iterator[str]:
    yield case.task["answer"].get("unit", "")
    for call in case.used:
        tool = case.tools[case.steps[call]["tool"]]
        yield from (slot.unit for slot in tool.slots.values() if slot.unit)


@screen_of("unfaithful")
def _measured(case: Case) -> str | None:
    """A stated number is followed by its own unit, or by none."""
    if not case.free:
        return None
    found = units_in(case.question)
    for node in case.givens:
        value = node["given"]
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        wanted = {canonical_unit(text) for text in _measures(case, node)} - {None}
        after = [_unit_after(found, end) for end in _ends(case.question, value)]
        if wanted and after and all(unit is not None and unit not in wanted for unit in after):
            return f"the question gives {say_number(value)} in {after[0]}, not in {min(filter(None, wanted))}"
    return None


def _measures(case: Case, node: Node) -> Iterator[str]:
    for step, name in uses(case, node):
        slot = case.tools[step["tool"]].slots.get(name)
        if slot and slot.unit:
            yield slot.unit
    if node.get("vignette") in VIGNETTES:
        part = node["seed"].removeprefix("/")
        for text in (*VIGNETTES[node["vignette"]].clauses.values(), *VIGNETTES[node["vignette"]].subjects):
            after = re.search(rf"\{{{part}\}}(.{{0,40}})", text)
            yield from (found for start, found in units_in(f"1{after.group(1)}")[:1] if start <= 2) if after else ()


def _ends(text: str, value: float) -> list[int]:
    said = "|".join(re.escape(word) for word in sorted(usual(value), key=len, reverse=True) if word[0].isdigit())
    return [m.end() for m in re.finditer(rf"(?<![\w.,])(?:{said})(?!\w|[.,]\d)", text)] if said else []


def _unit_after(found: Sequence[tuple[int, str]], end: int) -> str | None:
    return next((unit for start, unit in found if end <= start <= end + 1), None)


def choosing(case: Case) -> str | None:
    """Every extreme is asked for by a word of its side, and no word of the other side stands there."""
    nodes = [n for n in case.reached if n.get("op") in CHOOSING]
    wanted = {side for node in nodes for side in _sides_of(node)}
    for node in nodes:
        named = case.named(node["of"], node["by"])
        found = _found_sides(case, node, named)
        side = _sides_of(node)[0]
        if node["op"] == "sort":
            asked, up = words.order(case.question, named), node.get("order") == "ascending"
            if asked != {"ascending" if up else "descending"}:
                return f"the question does not ask for {'ascending' if up else 'descending'} order"
            wanted = {"high", "low"}
            continue
        if not found[side]:
            return f"the question does not ask for the {'highest' if side == 'high' else 'lowest'} {named}".rstrip()
        other = {"high": "low", "low": "high"}[side]
        if other not in wanted and found[other]:
            return f"the question asks for the {min(found[other])}"
        place = node.get("n", 1)
        if node["op"] == "nth" and place in words.ORDINALS and not _any(words.ORDINALS[place], case):
            return f"the question does not ask for the {words.ORDINALS[place][0]}"
        if node["op"] == "top" and not _any((str(place), *words.NUMBERS[place : place + 1]), case):
            return f"the question does not ask for {place} of them"
    if nodes and not any(n["op"] == "nth" for n in nodes) and (later := words.NTH.search(case.question)):
        return f"the question asks for the {later.group(1)}"
    return None


def _any(said: tuple[str, ...], case: Case) -> bool:
    return any(word_in(word, case.question) for word in said)


def _sides_of(node: Node) -> tuple[str, ...]:
    """The end that a selector takes: high or low."""
    down = node["op"] == "argmax" or (node["op"] != "argmin" and node.get("order") != "ascending")
    return ("high",) if down else ("low",)


def _found_sides(case: Case, node: Node, named: str) -> dict[str, set[str]]:
    """The words of the question for either side; those of the field's author count as they are meant."""
    found = words.sides(case.question, named)
    item = case.by(node["of"], node["by"])
    if item is None:
        return found
    for side, own, others in (
        ("high", {item.says.most, item.says.more}, {item.says.least, item.says.less}),
        ("low", {item.says.least, item.says.less}, {item.says.most, item.says.more}),
    ):
        found[side] = (found[side] - others) | {word for word in own if word_in(word, case.question)}
    return found


def asking(case: Case) -> str | None:
    """The operation is asked for by a usual word, the side of every limit too, and not by the opposite."""
    question, op = case.question.lower(), case.asked.get("op", "cite")
    pattern = words.OPERATIONS.get(op)
    if pattern and not pattern.search(question):
        return f"the question does not ask for a {op}"
    if op in words.TOTALS:
        told = accounted(case).lower()
        for other in words.TOTALS:
            found = words.OPERATIONS[other].search(question) if other != op else None
            if found and not words.OPERATIONS[other].search(told) and (op, other) != ("mean", "sum"):
                return f"the question asks for a {found.group()}, the support gives a {op}"
    return _limits(case, question)


def _limits(case: Case, question: str) -> str | None:
    limits = {n["where"]["is"] for n in case.reached if "where" in n}
    limits |= {_turned(n) for n in case.reached if n.get("op") == "compare"}
    for side in ("gt", "lt"):
        if side in limits and not any(word_in(said, question) for said in words.SIDES[side]):
            return f"the question does not say {words.CLEAR[side][0]}"
        clear = next((said for said in words.CLEAR[side] if word_in(said, question)), None)
        if limits and side not in limits and clear and not _arithmetic(case):
            return f"the question says {clear}"
    return None


def _turned(node: Node) -> str:
    """The relation of a comparison, read with a limit on its right."""
    one, two = node["args"]
    turned = "given" in one and "given" not in two
    return {"gt": "lt", "lt": "gt"}.get(str(node["is"]), "") if turned else str(node["is"])


def _arithmetic(case: Case) -> bool:
    return any(n.get("op") in ARITHMETIC for n in case.reached)


_DOWN = re.compile(
    r"\b(?:less|lower|smaller|shorter|fewer|below|short of|earlier|before|under|nearer|closer|lighter)\b"
)
_UP = re.compile(r"\b(?:more|higher|larger|longer|greater|above|exceeds?|later|after|bigger|heavier|farther|taller)\b")
_BASE = re.compile(
    r"\b(?:compared (?:with|to|against)|relative to|than|against|from|over|as a percentage of)(?: [^,.;?]{0,60})?$"
)
_PART_OF = re.compile(r"(?:\bpercent|\bpercentage|\bper cent|%|\bshare|\bproportion) of\b")


@screen_of("unfaithful")
def _other_way_round(case: Case) -> str | None:
    """What is set in proportion, subtracted or compared stands in its order, and the greater is the greater."""
    if not case.free:
        return None
    question = case.question.lower()
    for node in case.reached:
        if node.get("op") not in (*ARITHMETIC, "compare") or node.get("is", "gt") not in ("gt", "lt"):
            continue
        one, two = (_subjects(case, arg) for arg in node["args"])
        base = _base(question, one - two, two - one) if one - two and two - one else None
        if base is not None and base != _base_wanted(node, question) and not _between(case, node, question):
            return f"the {node['op']} is asked for the other way round"
        negative = node["op"] in ("difference", "percent_change") and (_value(case, node) or 0) < 0
        if negative and "chang" not in question:
            return f"the {node['op']} is negative: the question takes the lesser for the greater"
    return None


def _base_wanted(node: Node, question: str) -> str:
    """Which of the two arguments the words have to hold the other against."""
    down = bool(_DOWN.search(question)) and not _UP.search(question)
    turned = {
        "difference": down,
        "percent_change": down,
        "compare": down == (node.get("is") == "gt"),
        "share": bool(_PART_OF.search(question)) and "as a percentage of" not in question,  # of B, A is
    }
    return "one" if turned.get(node["op"], False) else "two"


def _between(case: Case, node: Node, question: str) -> bool:
    return node["op"] == "difference" and "between" in question and (_value(case, node) or 0) >= 0


def _base(question: str, one: set[str], two: set[str]) -> str | None:
    """Which of two is the one that the other is held against: the one so marked, else the one named last."""
    marked = [
        side
        for side, names in (("one", one), ("two", two))
        if any(_BASE.search(question[: m.start()]) for n in names for m in re.finditer(re.escape(n), question))
    ]
    if len(marked) == 1:
        return marked[0]
    places = [min((question.find(name) for name in names if name in question), default=-1) for names in (one, two)]
    return None if min(places) < 0 else "two" if places[0] < places[1] else "one"


def _subjects(case: Case, node: Node) -> set[str]:
    """The stated things that an expression rests on, as they are said."""
    found = [n for n in through(node, case.evidence) if "given" in n and isinstance(n["given"], str)]
    return {label(n["given"], n.get("type")).lower() for n in found if "choice" not in n or "type" not in n}


def _value(case: Case, node: Node) -> Any:
    try:
        return evaluate(node, over(case.evidence))
    except SupportError:
        return None


@screen_of("unfaithful")
def _another_field(case: Case) -> str | None:
    """What the answer is made of is named by a word of its own."""
    if not case.free:
        return None
    asked = _stems(case.question)
    answers = list(walk(case.task["support"]))
    for node in case.reached:
        if "call" not in node or node["call"] not in case.steps or "quote" in node:
            continue
        tool = case.tools[case.steps[node["call"]]["tool"]]
        item = tool.fields.get(pointer := re.sub(r"/\d+", "/*", node.get("pointer", "")))
        if node not in answers and (item is None or not item.says.phrases or _unspoken(item)):
            continue  # a step on the way need not be named where nobody has a word for it
        own = _field_words(tool, pointer)
        if own and not own & asked:
            return f"the question does not name {tool.name}{node.get('pointer', '')} by a word like {_few(own)}"
    return None


def _unspoken(item: Field) -> bool:
    return item.type in TYPES and TYPES[item.type].spoken != "label"


@screen_of("unfaithful")
def _foreign_noun(case: Case) -> str | None:
    """No noun of several words that names what another tool of the setup gives."""
    if not case.free:
        return None
    told = _stems(accounted(case))
    for tool in case.tools.values():
        for item in tool.fields.values():
            noun = item.says.noun
            if " " in noun and not _stems(noun) <= told and word_in(noun, case.question):
                return f"the support does not use a {noun}"
    return None


_IDLE = frozenset(
    ("what", "which", "that", "with", "from", "have", "this", "they", "does", "many", "much", "take", "give", "the",
     "and", "for", "are", "was", "how", "its", "between", "into", "according", "their", "there", "each", "round",
     "nearest", "number")
)  # fmt: skip
_BARE = frozenset(("name", "value", "result", "output", "answer", "text", "data", "content", "items", "list", "id"))
_TWINS = (  # words that ask for what a field of the other name holds
    "elevation altitude height high tall", "population people inhabitants live residents",
    "area large big size surface extent", "distance far apart long away", "duration long last take time minutes hours",
    "length long", "temperature warm hot cold", "date day when", "year when", "time when clock", "price cost much pay",
    "cost much pay price", "latitude north south far", "longitude east west far", "mass heavy weigh weight",
    "weight heavy weigh mass", "speed fast", "age old", "depth deep", "width wide", "country where nation lie",
    "location where lie", "count many", "total many much", "author wrote who write", "language speak spoken",
)  # fmt: skip


def _stems(text: str) -> set[str]:
    return {word[:6].rstrip("s") for word in re.findall(r"[^\W\d_]{3,}", text.lower()) if word not in _IDLE}


@cache
def _twins() -> dict[str, frozenset[str]]:
    lines = [line.split() for line in _TWINS]
    return {word[:6].rstrip("s"): frozenset(_stems(" ".join(line))) for line in lines for word in line[:1]}


def _field_words(tool: Tool, pointer: str) -> set[str]:
    """The words that a field may be asked for by; those of the whole tool where it is just its value."""
    item = tool.fields.get(pointer)
    last = pointer.rstrip("/*").rpartition("/")[2]
    said = [last.replace("_", " ")]
    if item is not None:
        says, kind = item.says, TYPES.get(item.type)
        said += [says.noun, says.plural, says.whether, says.only, item.kind, item.unit, *says.ask, *says.ask_count]
        said += [kind.noun, kind.plural] if kind else []
    own = _stems(" ".join(re.sub(r"\{\w+\}", " ", text) for text in said))
    subjects = [f"{name} {slot.type}".replace("_", " ") for name, slot in tool.slots.items()]
    own |= _stems(tool.name.replace("_", " ")) - _stems(" ".join(subjects))
    if not last or last.lower() in _BARE:
        own |= _stems(f"{tool.name.replace('_', ' ')} {tool.description}")
    return own.union(*(_twins().get(word, frozenset()) for word in own))


def _few(words: set[str]) -> str:
    return ", ".join(repr(word) for word in sorted(words)[:4])


# --- what is proved --------------------------------------------------------------------------------------------------


@screen_of("ungrounded")
def _whole(case: Case) -> str | None:
    """A total, and a list that is the answer, come from a list that says that it is complete."""
    if not case.free:
        return None
    for node in [*case.reached, case.asked]:
        of = node["of"] if node.get("op") in ("each", "sum", "mean", "median") else node if node is case.asked else {}
        if "call" not in of or "quote" in of:
            continue
        result = case.steps.get(of["call"], {}).get("result")
        if isinstance(_value(case, of), list) and not (isinstance(result, dict) and result.get("complete") is True):
            return f"{node.get('op', 'an answer')} over a list that does not say that it is complete"
    return None


@screen_of("unreadable")
def _machinery(case: Case) -> str | None:
    """The question speaks of calls, tools or pointers instead of the world."""
    if not case.free:
        return None
    names = {step["tool"] for step in case.evidence if "_" in step["tool"]} | {step["call"] for step in case.evidence}
    found = [word for word in re.findall(r"[A-Za-z0-9_]+", case.question) if word in names]
    found += re.findall(r"\bJSON\b|\btool calls?\b|\bpointer\b|(?<!\w)/[a-z_]{3,}\b", case.question)
    given = " ".join(str(leaf) for node in case.givens for leaf in leaves(node["given"]))
    slip = next((word for word in found if word not in given and not word_in(word, vocabulary(case))), None)
    return f"the question speaks of {slip!r}" if slip else None
