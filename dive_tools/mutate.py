"""An exam for the checks: tasks changed in the question alone, which verification must catch."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from dive_tools.records import Record
from dive_tools.screens import ARITHMETIC, CHOOSING, Case, outcomes
from dive_tools.tools.base import Tool
from dive_tools.values import TYPES, label, samples, say_number

Mutation = Callable[[Case, Mapping[str, Tool], random.Random], "str | None"]


def entity(case: Case, pool: Mapping[str, Tool], rng: random.Random) -> str | None:
    """Another entity of the same type in the place of a stated one."""
    for node in rng.sample(case.givens, len(case.givens)):
        name = node.get("type", "")
        others = [v for v in samples(name) if v != node["given"]] if name in TYPES else []
        said = label(node["given"], name)
        if others and said in case.question:
            return case.question.replace(said, label(rng.choice(others), name))
    return None


def selector(case: Case, pool: Mapping[str, Tool], rng: random.Random) -> str | None:
    """The opposite extreme, order or side."""
    swaps = {"above": "below", "below": "above", "greater than": "less than", "less than": "greater than"}
    for node in case.reached:
        item = case.by(node["of"], node["by"]) if node.get("op") in CHOOSING else None
        if item is not None:
            swaps |= {item.says.most: item.says.least, item.says.least: item.says.most}
            swaps |= {item.says.more: item.says.less, item.says.less: item.says.more}
    found = [word for word in swaps if re.search(rf"\b{re.escape(word)}\b", case.question)]
    if not found:
        return None
    words = "|".join(re.escape(word) for word in sorted(found, key=len, reverse=True))
    return re.sub(rf"\b(?:{words})\b", lambda m: swaps[m.group()], case.question)


def unit(case: Case, pool: Mapping[str, Tool], rng: random.Random) -> str | None:
    """Another unit in the place of the answer's."""
    mine = case.task["answer"].get("unit")
    units = {item.unit for tool in pool.values() for item in tool.fields.values() if item.unit}
    others = sorted(u for u in units if mine and u not in mine and mine not in u)
    return case.question.replace(mine, rng.choice(others)) if mine and mine in case.question and others else None


def number(case: Case, pool: Mapping[str, Tool], rng: random.Random) -> str | None:
    """Another number in the place of a stated one."""
    numbers = [n["given"] for n in case.givens if isinstance(n["given"], int | float) and n["given"] is not True]
    for value in rng.sample(numbers, len(numbers)):
        said = rf"(?<![\w.,]){re.escape(say_number(value))}(?![\w]|[.,]\d)"
        if re.search(said, case.question):
            other = value + rng.choice((1, 2, 3)) if isinstance(value, int) else round(value * 1.1 + 0.1, 2)
            return re.sub(said, say_number(other), case.question)
    return None


def swapped(case: Case, pool: Mapping[str, Tool], rng: random.Random) -> str | None:
    """Two stated numbers in each other's place."""
    numbers = {n["given"] for n in case.givens if isinstance(n["given"], int | float) and n["given"] is not True}
    said = [say_number(n) for n in sorted(numbers)]
    found = [t for t in said if len(re.findall(rf"(?<![\w.,]){re.escape(t)}(?!\w|[.,]\d)", case.question)) == 1]
    if len(found) < 2:
        return None
    return _exchanged(case.question, *rng.sample(found, 2))


def turned(case: Case, pool: Mapping[str, Tool], rng: random.Random) -> str | None:
    """The two sides of a difference or ratio in each other's place."""
    if case.asked.get("op") not in ARITHMETIC:
        return None
    names = list(dict.fromkeys(label(n["given"], n["type"]) for n in case.givens if n.get("type") in TYPES))
    found = [name for name in names if case.question.count(name) == 1]
    return _exchanged(case.question, *found) if len(found) == 2 else None


def sibling(case: Case, pool: Mapping[str, Tool], rng: random.Random) -> str | None:
    """Another field of the same tool, or of the same domain, in the place of a cited one."""
    for _, tool, item in rng.sample(case.cited, len(case.cited)):
        near = (t for t in pool.values() if t.domain == tool.domain)
        nouns = {f.says.noun for t in near for f in t.fields.values()}
        others = sorted(
            n for n in nouns if n and item.says.noun and n not in item.says.noun and item.says.noun not in n
        )
        if others and _in(item.says.noun, case.question):
            return re.sub(rf"\b{re.escape(item.says.noun)}\b", rng.choice(others), case.question)
    return None


def _in(noun: str, text: str) -> bool:
    return re.search(rf"\b{re.escape(noun)}\b", text) is not None


def _exchanged(text: str, one: str, two: str) -> str:
    found = rf"(?<![\w.,]){re.escape(one)}(?!\w|[.,]\d)|(?<![\w.,]){re.escape(two)}(?!\w|[.,]\d)"
    return re.sub(found, lambda m: two if m.group() == one else one, text)


MUTATIONS: dict[str, Mutation] = {"entity": entity, "selector": selector, "unit": unit, "number": number}
MUTATIONS |= {"swapped": swapped, "turned": turned, "sibling": sibling}


def mutants(tasks: Iterable[Record], pool: Mapping[str, Tool], seed: int = 0) -> Iterator[dict[str, Any]]:
    """One mutant of each task that can be changed, and the reason of the screen that caught it (or null)."""
    rng = random.Random(f"{seed}:mutate")
    for turn, record in enumerate(tasks):
        tools = {name: pool[name] for name in record["setup"]["tools"] if name in pool}
        case = Case(record, tools)
        kinds = list(MUTATIONS)[turn % len(MUTATIONS) :] + list(MUTATIONS)[: turn % len(MUTATIONS)]
        for kind in kinds:
            question = MUTATIONS[kind](case, pool, rng)
            if question is not None and question != case.question:
                changed = Case({**record, "task": {**record["task"], "question": question}}, tools)
                caught = next(((reason, why) for reason, why in outcomes(changed) if why is not None), (None, None))
                yield {
                    "id": record["id"],
                    "mutation": kind,
                    "question": question,
                    "caught": caught[0],
                    "detail": caught[1],
                }
                break
