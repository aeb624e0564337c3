"""Does a question in free English ask for just what the support proves?

The screens of `faith` hold a question to the words of the tools' authors. A model's question has words of its own, and
imported tools have no authors' words at all: here the usual words are taken, and their opposites are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from dive_tools.screens import words
from dive_tools.screens.case import ARITHMETIC, CHOOSING, Case, screen_of, word_in
from dive_tools.screens.proof import INCOMPLETE
from dive_tools.screens.stated import accounted, ends, units_after, uses
from dive_tools.screens.units import SOFT, canonical_unit, names_unit, units_in
from dive_tools.screens.vocabulary import vocabulary
from dive_tools.support import Node, SupportError, evaluate, over, through, walk
from dive_tools.tools.base import Field, Tool
from dive_tools.values import TYPES, VIGNETTES, label, leaves, say_number

# --- what is asked ---------------------------------------------------------------------------------------------------


def rounding(case: Case) -> str | None:
    """The rounding that the support does, and no other, is asked for."""
    wanted: dict[tuple[str, int], str] = {}
    for part, node in _parts(case):
        for inner in (n for n in walk(node) if n.get("op") == "round"):
            how = ("significant", inner["significant"]) if "significant" in inner else ("places", inner["places"])
            wanted.setdefault(how, part)
    units = (case.task["answer"].get("unit", ""), *(case.unit(part) or "" for _, part in _parts(case)))
    asked = words.roundings(case.question, units)
    if not asked and words.whole(case.question) and wanted.keys() == {("places", 0)}:
        return None
    if asked == wanted.keys():
        return None
    lost = sorted(wanted.keys() - asked)
    if lost:
        part = f" {wanted[lost[0]]!r}" if wanted[lost[0]] else ""
        return (
            f"the question does not ask to round{part} to {_said(lost[0])}, as the support does: say "
            f"{_phrases(*lost[0])}, or round otherwise in the support"
        )
    return (
        f"the question asks to round to {_said(min(asked - wanted.keys()))}, the support does not: leave that out, or "
        "round so in the support, as its outermost step or that of a part"
    )


def _parts(case: Case) -> list[tuple[str, Node]]:
    """The parts of an answer, each with its name; an answer in one part has none."""
    match case.asked.get("op"):
        case "map":
            return list(case.asked["parts"].items())
        case "list":
            return [(f"part {n}", item) for n, item in enumerate(case.asked["items"], 1)]
    return [("", case.task["support"])]


def _said(rounding: tuple[str, int]) -> str:
    kind, count = rounding
    if kind == "other":
        return "another step"
    if kind == "places" and count < 1:
        return "whole numbers" if count == 0 else f"the nearest {10**-count:,}"
    noun = "decimal place" if kind == "places" else "significant figure"
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _phrases(kind: str, count: int) -> str:
    """Phrases that ask for a rounding."""
    if kind == "places" and count < 1:
        unit = "'to the nearest whole number' or 'to the nearest', followed by the unit"
        return unit if count == 0 else f"'to the nearest {10**-count:,}'"
    number = words.NUMBERS[count] if count < len(words.NUMBERS) else str(count)
    if kind == "significant":
        return f"'to {number} significant figures'"
    tenth = {1: "tenth", 2: "hundredth", 3: "thousandth"}.get(count)
    plain = f"'to {number} decimal place{'' if count == 1 else 's'}'"
    return f"{plain} or 'to the nearest {tenth}'" if tenth else plain


def unit(case: Case) -> str | None:
    """The unit of the answer is named, in any usual spelling."""
    parts = {"map": lambda n: list(n["parts"].values()), "list": lambda n: n["items"]}.get(case.asked.get("op", ""))
    units = [case.unit(part) for part in parts(case.asked)] if parts else [case.task["answer"].get("unit")]
    missing = next((unit for unit in units if unit and unit != "people" and not _names_unit(case.question, unit)), None)
    if not missing:
        return None
    mend = (
        f"ask 'in {missing}' or 'how many {missing}'" if missing != "percent" else "say 'percent', 'percentage' or '%'"
    )
    return f"the question does not name the unit {missing}: {mend}"


def _names_unit(question: str, unit: str) -> bool:
    if unit == "percentage points" and names_unit(question, "percent"):
        return True
    return names_unit(question, unit) or (unit == "US dollars" and "$" in question)


def _paced(unit: str, allowed: set[str]) -> bool:
    """Whether a unit is a known one by the time that a rate is for: 6 percent a year, where a tool says percent."""
    what, _, pace = unit.rpartition(" per ")
    return what in allowed and pace.removesuffix("s") in ("year", "month", "week", "day", "hour")


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
    strange = next((unit for unit in hard if unit not in allowed and not _paced(unit, allowed)), None)
    if strange is None:
        return None
    own = sorted({unit for unit in _units(case) if unit})
    known = f"; the answer and the arguments are in {', '.join(own)}" if own else ""
    return f"the question speaks of {strange}, which nothing here is measured in: leave that unit out{known}"


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
    for node in case.givens:
        value = node["given"]
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        wanted = {canonical_unit(text) for text in _measures(case, node)} - {None}
        after = units_after(case.question, value)
        if wanted and after and all(unit is not None and unit not in wanted for unit in after):
            own = min(filter(None, wanted))
            return f"the question gives {say_number(value)} in {after[0]}, not in {own}: state it in {own}"
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
                order = "ascending" if up else "descending"
                ends = "smallest to largest" if up else "largest to smallest"
                return (
                    f"the question does not ask for {order} order, or for the other one too: say 'from {ends}' or "
                    f"'in {order} order', or turn the support's order"
                )
            wanted = {"high", "low"}
            continue
        if not found[side]:
            return _unasked_extreme(case, node, side)
        other = {"high": "low", "low": "high"}[side]
        if other not in wanted and found[other]:
            return (
                f"the question asks for the {min(found[other])}, the support takes the {side}est: leave that word "
                "out, or take the other end in the support"
            )
        place = node.get("n", 1)
        if node["op"] == "nth" and place in words.ORDINALS and not _any(words.ORDINALS[place], case):
            nth = words.ORDINALS[place][0]
            return f"the question does not ask for the {nth}: say '{nth} highest' or the like"
        if node["op"] == "top" and not _any((str(place), *words.NUMBERS[place : place + 1]), case):
            return f"the question does not ask for {place} of them: say how many, such as 'the {place} largest'"
    if nodes and not any(n["op"] == "nth" for n in nodes) and (later := words.NTH.search(case.question)):
        return (
            f"the question asks for the {later.group(1)}, the support takes the first: use nth, or leave "
            f"{later.group(1)!r} out"
        )
    return None


def _unasked_extreme(case: Case, node: Node, side: str) -> str:
    item = case.by(node["of"], node["by"])
    high = side == "high"
    own = [item.says.most if high else item.says.least] if item is not None else []
    usual = ("highest", "largest", "most", "longest", "latest") if high else (
        "lowest", "smallest", "least", "shortest", "earliest"
    )  # fmt: skip
    said = ", ".join(repr(word) for word in dict.fromkeys((*own, *usual)))
    noun = item.says.noun if item is not None and item.says.noun else node["by"].rpartition("/")[2].replace("_", " ")
    return (
        f"the question does not ask for the {'highest' if high else 'lowest'} {noun}".rstrip()
        + f", which the support picks out in answer or arguments: say {said} or the like"
    )


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
        return f"the question does not ask for a {op}: say for example {words.ASK_BY[op]}, or ask for something else"
    if op in words.TOTALS:
        told = accounted(case).lower()
        for other, said in words.TOTALS.items():
            found = said.search(question) if other != op else None
            if found and not said.search(told) and (op, other) != ("mean", "sum"):
                return (
                    f"the question asks for a {found.group()}, the support gives a {op}: say {words.ASK_BY[op]} "
                    f"instead, or use {other} in the support"
                )
    return _limits(case, question)


def _limits(case: Case, question: str) -> str | None:
    limits = {n["where"]["is"] for n in case.reached if "where" in n}
    limits |= {_turned(n) for n in case.reached if n.get("op") == "compare"}
    for side in ("gt", "lt"):
        if side in limits and not any(word_in(said, question) for said in words.SIDES[side]):
            return (
                f"the question does not say {words.CLEAR[side][0]}, as the support's limit or comparison does: say "
                f"{', '.join(map(repr, words.CLEAR[side][:4]))} or the like"
            )
        clear = next((said for said in words.CLEAR[side] if word_in(said, question)), None)
        if limits and side not in limits and clear and not _arithmetic(case):
            other = words.CLEAR["lt" if side == "gt" else "gt"][0]
            return f"the question says {clear}, the support asks for what is {other}: turn one of the two"
    return None


def _turned(node: Node) -> str:
    """The relation of a comparison, read with a limit on its right."""
    one, two = node["args"]
    turned = "given" in one and "given" not in two
    return {"gt": "lt", "lt": "gt"}.get(str(node["is"]), "") if turned else str(node["is"])


def _arithmetic(case: Case) -> bool:
    return any(n.get("op") in ARITHMETIC for n in case.reached)


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
        if base is not None and base != _base_wanted(case, node) and not _between(case, node, question):
            return (
                f"the {node['op']} is asked for the other way round: it holds its first argument against its second, "
                "so exchange the two in the question, or in the support"
            )
        if node["op"] in ("difference", "percent_change") and _another_time(case, node):
            return (
                f"the {node['op']} is asked for the other way round: what rises goes from the second argument to the "
                "first, what falls from the first to the second. Say the other verb, or exchange the two"
            )
        if node["op"] == "difference" and _past_a_limit(case, node):
            return (
                "the difference is asked for the other way round: what exceeds a stated number comes first in the "
                "support, and a stated number that is not reached comes first"
            )
        negative = node["op"] in ("difference", "percent_change") and (_value(case, node) or 0) < 0
        if negative and not words.SIGNED.search(question):
            return (
                f"the {node['op']} is negative: the question takes the lesser for the greater. Exchange the two, in "
                "the question and in the support, or ask for 'the change from … to …' or for '… minus …'"
            )
    return None


def _base_wanted(case: Case, node: Node) -> str:
    """Which of the two arguments the words have to hold the other against."""
    question = case.question.lower()
    down = words.direction(question, _measure(case, node)) == "down"
    turned = {
        "difference": down,
        "percent_change": down,
        "compare": down == (node.get("is") == "gt"),
        "share": bool(_PART_OF.search(question)) and "as a percentage of" not in question,  # of B, A is
    }
    return "one" if turned.get(node["op"], False) else "two"


def _measure(case: Case, node: Node) -> str:
    """What the two arguments are measured in, in words."""
    item = next((found for arg in node["args"] if (found := case.quantity(arg)) is not None), None)
    return f"{item.pointer} {item.says.noun} {item.kind} {item.unit}" if item is not None else ""


def _another_time(case: Case, node: Node) -> bool:
    """Whether a question lets something rise, between two stated years or the like, that falls; or turns the years."""
    one, two = (_numbers(case, arg) for arg in node["args"])
    question = case.question.lower()
    if not (one - two and two - one) or words.direction(question, _measure(case, node)) is None:
        return False
    for side, starts, goals in (("one", one - two, two - one), ("two", two - one, one - two)):
        if any(re.search(_BETWEEN.format(a, b), question) for a in starts for b in goals):
            return side != _base_wanted(case, node)
    return False


_BETWEEN = r"\b(?:from|between) (?:the year )?{0}\b[^.;?]{{0,60}}\b(?:to|and|until|through) (?:the year )?{1}\b"


def _numbers(case: Case, node: Node) -> set[str]:
    """The longer whole numbers that an expression rests on."""
    found = (n["given"] for n in through(node, case.evidence) if "given" in n)
    return {str(value) for value in found if isinstance(value, int) and value >= 100}


def _past_a_limit(case: Case, node: Node) -> bool:
    """Whether a stated number is held to be exceeded where it is not reached, or the other way round."""
    stated = [arg for arg in node["args"] if "given" in arg]
    if len(stated) != 1:
        return False
    first = stated[0] is node["args"][0]
    for sentence in re.split(r"(?<=[.?!;])\s+", case.question.lower()):
        for end in ends(sentence, stated[0]["given"]):
            before = re.split(r"[,;:]", sentence[:end])[-1]
            side = words.direction(before, _measure(case, node))
            if side is not None and first == (side == "up"):
                return True
    return False


def _between(case: Case, node: Node, question: str) -> bool:
    """Whether a difference is asked for whichever of the two is the greater."""
    if node["op"] != "difference" or (_value(case, node) or 0) < 0:
        return False
    even = words.EVEN.search(question) is not None and words.direction(question, _measure(case, node)) is None
    return even or "between" in question


_UP_TO = r"\b{one}\b[^.;?]{{0,60}}\b(?:to|and) (?:equal|match|reach|catch up with) [^.;?]{{0,60}}\b{two}\b"
_RATIO = r"\bratio of [^.;?]{{0,60}}\b{two}\b[^.;?]{{0,40}}\bto\b[^.;?]{{0,60}}\b{one}\b"
_LESS = r"\b{two}\b[^.;?]{{0,60}}\b(?:divided by|minus)\b[^.;?]{{0,60}}\b{one}\b"
_FROM_TO = r"\bfrom (?:the )?{one}\b(?:[^.;?]{{0,60}})\bto (?:the )?{two}\b"


def _base(question: str, one: set[str], two: set[str]) -> str | None:
    """Which of two is the one that the other is held against: the one so marked, else the one named last."""
    for side, starts, goals in (("one", one, two), ("two", two, one)):
        pairs = ((re.escape(a), re.escape(b)) for a in starts for b in goals)
        if any(
            re.search(form.format(one=a, two=b), question)
            for a, b in pairs
            for form in (_RATIO, _LESS, _FROM_TO, _UP_TO)
        ):
            return side
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
            return (
                f"the question does not name {tool.name}{node.get('pointer', '')} by a word like {_few(own)}: the "
                "support cites it, so say what it is in one of these words, or cite the field that the question means"
            )
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
                return (
                    f"the support does not use a {noun}, which is what {tool.name} gives: call what the support cites "
                    "by its own name"
                )
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
            return f"{node.get('op', 'an answer')} over a list that does not say that it is complete: {INCOMPLETE}"
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
    mend = "ask about the world, and leave tools, calls and pointers out"
    return f"the question speaks of {slip!r}: {mend}" if slip else None
