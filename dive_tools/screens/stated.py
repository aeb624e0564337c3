"""What may a question in free English say, and what does it give away?

A model's question has words of its own, and imported tools have no authors' words at all: a value may be written in
any usual way, and a name or number counts as accounted for when the seed, a given or a used tool says it.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from typing import Any

from dive_tools.screens import words
from dive_tools.screens.case import Case, screen_of, word_in
from dive_tools.screens.sense import telling
from dive_tools.screens.units import units_in
from dive_tools.screens.vocabulary import vocabulary
from dive_tools.support import Node, walk
from dive_tools.values import leaves, say_date, say_number

KNOWN_NAMES = frozenset(
    ("Celsius", "Fahrenheit", "Kelvin", "UTC", "GMT", "ISO", "Earth", "US", "USD", "EUR", "English", "Unicode")
)
OPENERS = frozenset(
    ("What", "Which", "How", "Of", "In", "Find", "Give", "Take", "By", "For", "If", "On", "At", "Is", "Are", "Among",
     "Round", "When", "Where", "Who", "Does", "Do", "Rank", "List", "Name", "Consider", "Otherwise", "From", "Express",
     "The", "A", "An", "It", "Its", "This", "That", "To", "State", "Compare", "Among", "Looking", "Between")
)  # fmt: skip
ABOUT_A_RESULT = frozenset(("source", "as_of", "note", "unit", "units", "method", "table", "scope", "licence"))


# --- what is stated --------------------------------------------------------------------------------------------------


def stated(case: Case, node: Node, sayings: set[str]) -> bool:
    """Whether the question states a given, in the tools' words or in other usual ones."""
    value = node["given"]
    if any(word_in(said, case.question) for said in sayings | usual(value)):
        return True
    if isinstance(value, dict | list) and value:
        return all(stated(case, {**node, "given": leaf}, set()) for leaf in leaves(value))
    if value == 100 and _all_percent(case, node):
        return True
    return any(_goes_without_saying(case, value, step, name) for step, name in uses(case, node))


def _all_percent(case: Case, node: Node) -> bool:
    """Whether a hundred is the whole that a percentage is taken from."""
    wholes = [n["args"] for n in case.reached if n.get("op") == "difference" and n["args"][0] == node]
    return bool(wholes) and all(case.unit(part) == "percent" for _, part in wholes) and not any(uses(case, node))


def usual(value: Any) -> set[str]:
    """The usual ways to write a value."""
    if isinstance(value, bool | dict | list) or value is None:
        return set()
    if isinstance(value, int | float):
        said = {str(value), say_number(value), f"{value:,}"} | _as_percent(value)
        said |= {f"{value:.2f}"} if round(value, 2) == value else set()
        said |= {words.NUMBERS[int(value)]} if value in range(len(words.NUMBERS)) else set()
        return said | ({f"minus {say_number(-value)}", f"−{say_number(-value)}"} if value < 0 else set())
    text = str(value)
    said = {text, text.replace("_", " "), text.replace("-", " ")}
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        return said
    return said | {say_date(text), f"{day:%B} {day.day}, {day.year}", f"{day:%B} {day.day} {day.year}"}


def _as_percent(value: float) -> set[str]:
    if not 0 < abs(value) <= 1:
        return set()
    number = say_number(float(f"{value * 100:.10g}"))
    return {f"{number} percent", f"{number} per cent", f"{number}%"}


def uses(case: Case, node: Node) -> Iterator[tuple[dict[str, Any], str]]:
    for call in case.used:
        step = case.steps[call]
        yield from ((step, name) for name, source in step["arguments_from"].items() if source == node)


def _goes_without_saying(case: Case, value: Any, step: dict[str, Any], name: str) -> bool:
    """A parameter's default, or a yes or no that the parameter's own word asks for."""
    schema = case.tools[step["tool"]].parameters.get("properties", {}).get(name, {})
    if "default" in schema and schema["default"] == value:
        return True
    return value is True and any(len(w) > 3 and w in case.question.lower() for w in name.lower().split("_"))


def unused(case: Case) -> str | None:
    """A number or proper name of the question that nothing accounts for."""
    allowed = mentionable(case)
    question = words.without_roundings(case.question)
    for number in NUMBERS.findall(question):
        if not word_in(number, allowed) and not word_in(number.replace(",", ""), allowed):
            return (
                f"the support does not use {number}: leave it out, or make it a given of the support. Free are only "
                "the numbers of the seed, of the arguments, and of the descriptions of the tools that are cited"
            )
    for name in re.findall(r"(?<=[a-z,;:(] )[A-Z][\w'’-]*(?:\.\d+)*", question):
        plain = re.sub(r"['’]s?$", "", name)
        if plain in KNOWN_NAMES | OPENERS:
            continue
        if not all(
            word_in(part, allowed) or part.islower()
            for part in ([plain] if word_in(plain, allowed) else plain.split("-"))
        ):
            return (
                f"the support does not use {plain!r}: leave the name out, or write it in lower case where it is none. "
                "Free are only the names of the seed, of the arguments, and of the descriptions of the tools that are "
                "cited"
            )
    return None


NUMBERS = re.compile(r"(?<![\w.,])(?:\d+(?:\.\d+){2,}|[-−]?\d+(?:,\d{3})*(?:\.\d+)?(?!\.\d))(?!\w)")


def mentionable(case: Case) -> str:
    """What a question may name besides: what the descriptions and sources of the tools in use say, and the seed."""
    said = [accounted(case)]
    for name in dict.fromkeys(case.steps[call]["tool"] for call in case.used):
        tool = case.tools[name]
        said += [tool.source, *_descriptions(tool.parameters), *_descriptions(tool.result)]
    said += [text for leaf in leaves(case.record["setup"]["seed"]["value"]) for text in usual(leaf)]
    return " ".join(said)


def _descriptions(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key == "description" and isinstance(value, str):
                yield value
            else:
                yield from _descriptions(value)
    elif isinstance(schema, list):
        for item in schema:
            yield from _descriptions(item)


def ends(text: str, value: object) -> list[int]:
    """Where a number ends, each time that a text states it in digits."""
    said = "|".join(re.escape(word) for word in sorted(usual(value), key=len, reverse=True) if word[:1].isdigit())
    return [m.end() for m in re.finditer(rf"(?<![\w.,])(?:{said})(?!\w|[.,]\d)", text)] if said else []


def units_after(text: str, value: object) -> list[str | None]:
    """The unit behind a number, or None, each time that a text states it."""
    found = units_in(text)
    return [next((unit for at, unit in found if end <= at <= end + 1), None) for end in ends(text, value)]


def accounted(case: Case) -> str:
    """What a question may say: its givens in the usual spellings, the seed, and the tools' own words."""
    said = [vocabulary(case)]
    said += [text for node in case.givens for leaf in leaves(node["given"]) for text in usual(leaf)]
    said += [str(leaf) for leaf in leaves(case.record["setup"]["seed"]["value"])]
    for name in dict.fromkeys(case.steps[call]["tool"] for call in case.used):
        tool = case.tools[name]
        said += [tool.name.replace("_", " "), tool.description, *tool.parameters.get("properties", {})]
        for pointer, item in tool.fields.items():
            said += [pointer.replace("/", " ").replace("_", " "), item.unit, item.kind]
    for node in case.reached:
        said += [str(node["n"])] if "n" in node else []
        said += [str(len(node["rows"]))] if node.get("op") == "table" else []
    return " ".join(said)


@screen_of("leak")
def _found_out(case: Case) -> str | None:
    """A name that a call was to find out stands in the question."""
    if not case.free:
        return None
    allowed = accounted(case)
    for call in case.used:
        for name in _names(case.steps[call].get("result")):
            if word_in(name, case.question) and not word_in(name, allowed):
                return (
                    f"the question says {name!r}, which {call} finds out: describe it by what {call} was asked (such "
                    "as 'the capital of …'), and leave the name out"
                )
    return None


def _names(value: Any) -> Iterator[str]:
    """The names in a result, without what it says of itself."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key not in ABOUT_A_RESULT:
                yield from _names(item)
    elif isinstance(value, list):
        for item in value:
            yield from _names(item)
    elif isinstance(value, str) and 3 <= len(value) <= 80 and not value.islower():
        yield value


@screen_of("leak")
def _part_given_away(case: Case) -> str | None:
    """The question says one of several answers, or what a text has to claim."""
    if not case.free or _listed(case):
        return None
    answer = case.task["answer"]
    parts = answer.get("claims", []) if answer["type"] == "text" else answer["value"]
    if answer["type"] == "integer" and telling(parts):
        parts = [str(parts), f"{parts:,}"]
    if not isinstance(parts, list | dict):
        return None
    allowed = accounted(case)
    for part in leaves(parts):
        if isinstance(part, str) and len(part) > 1 and word_in(part, case.question) and not word_in(part, allowed):
            return f"the question says {part!r}: that is part of the answer, so leave it out"
    return None


def _listed(case: Case) -> bool:
    """Whether the answer is some of the things that the question lists."""
    tables = [n for n in walk(case.task["support"]) if n.get("op") == "table"]
    return bool(tables) and all("over" not in table for table in tables)
