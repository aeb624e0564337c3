"""Does every given of a question in free English stand for what it is given for?

Two numbers may both be stated and yet stand in each other's places. What an author says around a value (the clause of
a vignette, a phrase of a field, a parameter's name) is held against what the question says around it: two values are
exchanged where each would fit better in the other's place.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dive_tools.records import canonical
from dive_tools.screens.added import PLAIN, places, stem
from dive_tools.screens.case import Case, screen_of
from dive_tools.screens.stated import NUMBERS, uses, usual
from dive_tools.support import Node
from dive_tools.values import VIGNETTES, label, say_vignette

REACH = 7  # words on either side of a value that speak of it
MOST = 24  # values of a question that are held against each other
RUN = 3  # numbers that make a list
STRIDE = 4  # columns of numbers that may stand side by side
CERTAIN = 1.0
LIKELY, CLEARLY = (
    0.5,
    1.6,
)  # or how much better, where it is so much in proportion too  # how much better two values must fit when exchanged

Side = dict[str, float]


@dataclass
class Role:
    """A given, where the question says it, and what its author says around it."""

    name: str
    node: Node
    sayings: set[str]
    hints: list[tuple[Side, Side]]
    spots: list[tuple[int, int]]

    @property
    def kind(self) -> str:
        """What may be taken for it: a number for a number, a name for a name of its type."""
        value = self.node["given"]
        return (
            str(self.node.get("type", "name"))
            if isinstance(value, str)
            else "list"
            if isinstance(value, list)
            else "number"
        )

    def fit(self, around: tuple[Side, Side], common: Counter[str]) -> float:
        return max((_alike(hint, around, common) for hint in self.hints), default=0.0)


@screen_of("unfaithful")
def _exchanged(case: Case) -> str | None:
    """No two givens stand in each other's places."""
    if not case.free:
        return None
    roles = [role for role in _roles(case) if len(role.spots) == 1 and role.hints]
    spots = [role.spots[0] for role in roles]
    around = [_around(case.question, spot) for spot in spots]
    common = Counter(word for role in roles for word in {w for hint in role.hints for side in hint for w in side})
    for (i, one), (j, two) in itertools.combinations(enumerate(roles), 2):
        if spots[i] == spots[j] or one.kind != two.kind:
            continue
        kept = one.fit(around[i], common) + two.fit(around[j], common)
        turned = one.fit(around[j], common) + two.fit(around[i], common)
        if turned >= kept + CERTAIN or (turned >= kept + LIKELY and turned >= CLEARLY * kept):
            said = [case.question[slice(*spot)] for spot in (spots[i], spots[j])]
            return f"{said[0]} and {said[1]} stand in each other's places: {said[0]} is the {one.name}, not {two.name}"
    return None


def _roles(case: Case) -> Iterator[Role]:
    seen: set[bytes] = set()
    for node in case.givens:
        value = node["given"]
        if isinstance(value, bool | dict) or value is None or (key := canonical(node)) in seen:
            continue
        seen.add(key)
        name, hints = _hinted(case, node)
        said = usual(value) | {label(value, node.get("type"))} | _in_a_vignette(node)
        yield Role(name, node, said, hints, places(case.question, {text for text in said if text}))
        if len(seen) >= MOST:
            return


def _in_a_vignette(node: Node) -> set[str]:
    if node.get("vignette") not in VIGNETTES:
        return set()
    says = VIGNETTES[node["vignette"]].says.get(node["seed"].removeprefix("/"))
    return {says(node["given"])} if says else set()


def _hinted(case: Case, node: Node) -> tuple[str, list[tuple[Side, Side]]]:
    """What a given is called, and the words that its authors put around it."""
    templates: list[tuple[str, str]] = []
    name = ""
    for step, parameter in uses(case, node):
        tool = case.tools[step["tool"]]
        name = name or parameter.replace("_", " ")
        slot = tool.slots.get(parameter)
        unit = slot.unit if slot else ""
        templates.append((name, f"{name} {{x}} {unit} {name}"))
        for item in tool.fields.values():
            said = (*item.says.phrases, *item.says.ask, *item.says.ask_count, item.says.whether)
            templates += [(parameter, text) for text in said if f"{{{parameter}}}" in text]
    hints = [_around_slot(text, parameter if f"{{{parameter}}}" in text else "x") for parameter, text in templates]
    if node.get("vignette") in VIGNETTES:
        kind, part = VIGNETTES[node["vignette"]], node["seed"].removeprefix("/")
        name = part.replace("_", " ")
        hints += [_around_slot(f"{name} {{x}} {name}", "x")]
        hints += [
            _around_slot(text, part) for text in (*kind.clauses.values(), *kind.subjects) if f"{{{part}}}" in text
        ]
        hints += _stated_as_a_whole(case, kind.name, part)
    return name, hints


def _stated_as_a_whole(case: Case, name: str, part: str) -> list[tuple[Side, Side]]:
    """The words around a part in the sentence that its author would state the whole vignette with."""
    parts = {n["seed"].removeprefix("/") for n in case.givens if n.get("vignette") == name}
    seed = case.record["setup"]["seed"]["value"]
    if not isinstance(seed, dict) or not parts <= set(seed):
        return []
    kind = VIGNETTES[name]
    try:
        whole = say_vignette(kind, seed, [p for p in seed if p in parts])
    except (LookupError, StopIteration, TypeError, ValueError):
        return []
    spots = places(whole, {kind.says.get(part, label)(seed[part])})
    return [_around(whole, spots[0])] if len(spots) == 1 else []


def _around_slot(template: str, slot: str) -> tuple[Side, Side]:
    before, _, after = template.partition(f"{{{slot}}}")
    plain = [re.sub(r"\{\w+\}", " 0 ", text) for text in (before, after)]
    return _words(plain[0], -1), _words(plain[1], 1)


def _around(text: str, spot: tuple[int, int]) -> tuple[Side, Side]:
    """The words before and behind a place in a text, in its sentence, each with how close it stands."""
    before = re.split(r"[.?!] ", text[: spot[0]])[-1]
    after = re.split(r"[.?!](?: |$)", text[spot[1] :], maxsplit=1)[0]
    return _words(before, -1), _words(after, 1)


def _words(text: str, way: int) -> Side:
    """The words on one side, the nearest heaviest; a mark or another number lets what is behind it weigh less."""
    found: Side = {}
    parts = re.findall(r"[,;:()]|[^\W_]+(?:['’][a-z]+)?|[%$€£°]", re.sub(r"[\d.,]*\d", " 0 ", text))[::way]
    weight, seen = 1.0, 0
    for part in parts:
        if part in ",;:()" or part == "0":
            weight *= 0.5
            continue
        word = part.lower()
        seen += 1
        if seen > REACH:
            break
        near = weight * (1 if seen <= 2 else 0.8)
        if word in PLAIN:
            word, near = f"{word}!", near * (0.5 if seen == 1 else 0)
        else:
            word = stem(word)
        found[word] = max(found.get(word, 0), near)
    return {word: near for word, near in found.items() if near > 0.1}


def _alike(hint: tuple[Side, Side], around: tuple[Side, Side], common: Counter[str]) -> float:
    """How far two pairs of sides share words; a word that speaks of many values says little."""
    score = 0.0
    for way, side in enumerate(around):
        for word, near in side.items():
            same, other = hint[way].get(word, 0), hint[1 - way].get(word, 0) * (0 if word.endswith("!") else 0.5)
            score += near * max(same, other) / max(1, common[word]) ** 0.5
    return score


# --- from one to the other -------------------------------------------------------------------------------------------

_ORDERED = (
    ("origin", "destination"), ("from", "to"), ("start", "end"), ("start", "target"), ("first", "second"),
    ("old", "new"), ("before", "after"), ("numerator", "denominator"), ("source", "target"), ("departure", "arrival"),
    ("lower", "upper"), ("initial", "final"), ("minuend", "subtrahend"), ("base", "exponent"),
)  # fmt: skip
_FROM = re.compile(
    r"\b(?:from|leav(?:es?|ing)|out of|depart(?:s|ing)?|(?:start|begin)(?:s|n?ing)?(?: in| at| on| from)?|of|first"
    r"|between)(?: the)? *$",
    re.IGNORECASE,
)
_TO = re.compile(
    r"\b(?:to|towards?|into|for|in at|reach(?:es|ing)?|(?:land|arriv|end)(?:e?s|ing)?(?: in| at| on)?|second|until)"
    r"(?: the)? *$",
    re.IGNORECASE,
)


@screen_of("unfaithful")
def _turned(case: Case) -> str | None:
    """Of two givens of one call that have an order, the first is the one that it starts from."""
    if not case.free:
        return None
    for call in case.used:
        sources = case.steps[call]["arguments_from"]
        for one, two in _pairs(sources):
            spots = [_spot(case, sources[name]) for name in (one, two)]
            if None in spots or sources[one] == sources[two]:
                continue
            before = [case.question[: spot[0]] for spot in spots if spot]
            ends = [bool(_TO.search(before[0])), bool(_FROM.search(before[1]))]
            right = [bool(_FROM.search(before[0])), bool(_TO.search(before[1]))]
            first_named = len(before[0]) < len(before[1])
            if re.search(r"\bbetween\b", case.question, re.IGNORECASE):
                continue
            if sum(ends) > sum(right) or (sum(ends) == sum(right) and not first_named):
                said = label(sources[one]["given"], sources[one].get("type"))
                return f"{said} is the {one.replace('_', ' ')}, the question takes it for the {two.replace('_', ' ')}"
    return None


def _pairs(sources: dict[str, Node]) -> Iterator[tuple[str, str]]:
    """The names of two given arguments that differ in one word, which gives them an order."""
    stated = [name for name, source in sources.items() if "given" in source]
    for one, two in itertools.permutations(stated, 2):
        for first, second in _ORDERED:
            parts = one.split("_")
            if first in parts and two == "_".join(second if part == first else part for part in parts):
                yield one, two


def _spot(case: Case, node: Node) -> tuple[int, int] | None:
    said = usual(node["given"]) | {label(node["given"], node.get("type"))}
    found = places(case.question, said)
    return found[0] if len(found) == 1 else None


# --- lists -----------------------------------------------------------------------------------------------------------


@screen_of("unfaithful")
def _scattered(case: Case) -> str | None:
    """The numbers of a given list stand in their order, one after another, as often as they are given."""
    if not case.free:
        return None
    asked = [_read(said) for said in NUMBERS.findall(case.question)]
    for node in case.givens:
        value = node["given"]
        if not isinstance(value, list) or len(value) < RUN or not all(_is_number(item) for item in value):
            continue
        if any(float(item) not in asked for item in value):
            continue  # written otherwise: in words, or as dates
        wanted = [float(item) for item in value]
        if not any(_runs(asked, wanted, stride) for stride in range(1, STRIDE + 1)):
            return f"the list {label(value)} does not stand in the question as it is: state it whole and in its order"
    return None


def _read(said: str) -> float | None:
    try:
        return float(said.replace(",", "").replace("−", "-"))
    except ValueError:
        return None


def _runs(asked: Sequence[float | None], wanted: Sequence[float], stride: int) -> bool:
    return any(list(asked[i::stride][: len(wanted)]) == list(wanted) for i in range(len(asked)))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


# --- tables ----------------------------------------------------------------------------------------------------------


@screen_of("unfaithful")
def _another_row(case: Case) -> str | None:
    """The numbers of a given table stand with the names of their own rows."""
    if not case.free:
        return None
    for node in case.givens:
        for rows in _tables(node["given"]):
            found = [(name, value, spots) for name, value in rows if len(spots := _named(case.question, name)) == 1]
            if len(found) < RUN - 1 or len({str(name) for name, *_ in found}) < len(found):
                continue
            wrong = _misplaced(case.question, [(value, spots[0]) for _, value, spots in found])
            if wrong is not None:
                name = "–".join(found[wrong][0])
                return f"{name} does not stand with its own number, {found[wrong][1]:g}: state every row as it is given"
    return None


def _tables(value: Any) -> Iterator[list[tuple[tuple[str, ...], float]]]:
    """The columns of numbers in a value, each number with the words that name its row."""
    if isinstance(value, dict):
        named: list[tuple[tuple[str, ...], float]]
        named = [((key,), float(item)) for key, item in value.items() if _is_number(item)]
        if len(named) == len(value):
            yield named
        else:
            for item in value.values():
                yield from _tables(item)
    elif isinstance(value, list) and value and all(isinstance(row, dict | list) for row in value):
        rows = [row if isinstance(row, dict) else dict(enumerate(row)) for row in value]
        for key in rows[0]:
            if all(_is_number(row.get(key)) for row in rows):
                yield [(tuple(str(v) for v in row.values() if isinstance(v, str)), float(row[key])) for row in rows]
    elif isinstance(value, list):
        for item in value:
            yield from _tables(item)


def _named(text: str, name: tuple[str, ...]) -> list[tuple[int, int]]:
    """Where the name of a row stands: one word of it, or its words one behind another."""
    if not name:
        return []
    said = r"\W{1,4}".join(re.escape(word) for word in name)
    return [m.span() for m in re.finditer(rf"(?<!\w)(?:{said})(?:s|es)?(?!\w)", text, re.IGNORECASE)]


def _misplaced(text: str, rows: list[tuple[float, tuple[int, int]]]) -> int | None:
    """The row whose number stands with another, both where names come first and where numbers do."""
    order = sorted(range(len(rows)), key=lambda i: rows[i][1])
    wrong: list[int | None] = []
    for way in (1, -1):
        missing = None
        for at, row in enumerate(order):
            value, (start, end) = rows[row]
            if way == 1:
                stop = rows[order[at + 1]][1][0] if at + 1 < len(order) else len(text)
                near = text[end:stop]
            else:
                near = text[rows[order[at - 1]][1][1] if at else 0 : start]
            if value not in {_read(said) for said in NUMBERS.findall(near)} and missing is None:
                missing = row
        wrong.append(missing)
    return wrong[0] if None not in wrong else None
