"""Does an answer agree with its reference? By program, by type; conservative: what is hedged is wrong.

`final` finds the answer in a reply, `agrees` and `parts` hold it against a task's typed answer, `same` against another
reply's, and `instruction` tells who is asked in which form to answer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from dive_tools.score.dates import date
from dive_tools.score.final import final
from dive_tools.score.lists import listings, mappings, truth
from dive_tools.score.numbers import LARGEST, Number, number
from dive_tools.score.text import alike, plain
from dive_tools.score.units import conversion
from dive_tools.values import TYPES, label

__all__ = ["agrees", "final", "instruction", "parts", "same"]

_NEAR = 1e-9  # relative difference of two numbers that are the same
_FORMS = {
    "number": "one number in digits{unit}",
    "integer": "one number in digits{unit}",
    "string": "only the name, term, code or expression that is asked for",
    "boolean": "yes or no",
    "date": "the date as YYYY-MM-DD",
    "set": "a JSON list of all that is asked for and nothing else, in any order",
    "list": "a JSON list of all that is asked for and nothing else, in the order that is asked for",
    "map": "a JSON object with one member for each thing that is asked for, in the order of the question, each under a"
    " name that the question gives it (or its letter)",
    "text": "a short text",
}


def instruction(answer: Mapping[str, Any], question: str = "") -> str:
    """The words that tell a solver in which form to answer; the unit is named only where the question names it."""
    unit = answer.get("unit", "")
    said = f", in {unit}" if unit and plain(unit) in plain(question) else ""
    form = _FORMS[answer["type"]].format(unit=said)
    return f"End your reply with a line of its own that says `Answer: ` and then {form}."


def agrees(said: Any, answer: Mapping[str, Any]) -> bool | None:
    """Whether what was said, as text or as a JSON value, is the answer; None for a text, which needs a judge."""
    if answer["type"] == "text":
        return None
    if said is None:
        return False
    if _is(said, answer["value"], answer["type"], answer.get("tolerance"), answer.get("unit", "")):
        return True
    return isinstance(said, str) and any(alike(said, alias) for alias in answer.get("aliases", ()))


def parts(said: Any, answer: Mapping[str, Any]) -> float | None:
    """The share of the answer's parts that are right, over those of the longer of the two; None for a text."""
    whole = agrees(said, answer)
    if whole is None or whole or answer["type"] not in ("map", "set", "list"):
        return None if whole is None else float(whole)
    value, slack = answer["value"], answer.get("tolerance")
    if answer["type"] == "map":
        readings = [(sum(_part(v, s, slack) for v, s in _paired(value, m)), len(m)) for m in mappings(said, value)]
    elif answer["type"] == "list":
        readings = [(_in_place(value, items, slack), len(items)) for items in listings(said)]
    else:
        readings = [(_matched(value, items, slack), len(items)) for items in listings(said)]
    return max((right / max(len(value), count, 1) for right, count in readings), default=0.0)


def same(a: str, b: str, answer_type: str, *, tolerance: float = 0.0, unit: str = "") -> bool:
    """Whether two answers in words agree with one another; numbers as far as the rougher of the two goes."""
    if answer_type in ("number", "integer"):
        return _same_number(a, b, tolerance, unit) and _same_number(b, a, tolerance, unit)
    if answer_type in ("set", "list", "map"):
        return any(_holds(x, y, answer_type, tolerance) for x, y in ((a, b), (b, a)))
    if answer_type == "boolean":
        return truth(a) is not None and truth(a) is truth(b)
    if answer_type == "date":
        return date(a) is not None and date(a) == date(b)
    return alike(a, b)


def _holds(reference: str, said: str, kind: str, tolerance: float) -> bool:
    values = mappings(reference, None) if kind == "map" else listings(reference)
    return any(_is(said, value, kind, tolerance, "") for value in values)


def _same_number(a: str, b: str, tolerance: float, unit: str) -> bool:
    x, y = number(a, unit), number(b, unit)
    if x is None or y is None:
        return False
    there = conversion(y.unit, x.unit)
    if there is None:
        return False
    value = there[0] * y.value + there[1]
    places = (x.place, y.place * abs(there[0]))
    rough = max(places) / 2 if places[0] != places[1] else 0.0
    near = max(tolerance, min(rough, 0.005 * abs(x.value)), _NEAR * abs(x.value))
    return math.isclose(x.value, value, rel_tol=0, abs_tol=near * 1.0000001)


# --- by kind ---------------------------------------------------------------------------------------------------------


def _is(said: Any, value: Any, kind: str, tolerance: float | None, unit: str) -> bool:
    if type(said) is type(value) and said == value and kind not in ("boolean", "set", "list", "map"):
        return True
    if kind in ("number", "integer"):
        return _is_number(said, value, tolerance or 0.0, unit)
    if kind == "boolean":
        return truth(said) is value
    if kind in ("set", "list"):
        count = _matched if kind == "set" else _in_place
        return any(len(items) == len(value) == count(value, items, tolerance) for items in listings(said))
    if kind == "map":
        return any(
            len(m) == len(value) and all(_part(v, s, tolerance) for v, s in _paired(value, m))
            for m in mappings(said, value)
        )
    if isinstance(said, bool) or not isinstance(said, str | int | float):
        return False
    if kind == "date" and (day := date(str(value))) is not None:
        return date(str(said)) == day
    return any(alike(str(said), spelling) for spelling in _spellings(str(value), len(TYPES)))


def _is_number(said: Any, value: Any, tolerance: float, unit: str) -> bool:
    found = _number(said, unit)
    if found is None or isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > LARGEST:
        return False
    there = conversion(found.unit, unit)
    if there is None:
        return False
    readings = [there[0] * found.value + there[1] if there != (1.0, 0.0) else found.value]
    if not unit and found.unit.startswith("%"):
        readings = [found.value / 100, *(readings if isinstance(value, float) and abs(value) > 1 else [])]
    exact = isinstance(value, int) and there == (1.0, 0.0)
    near = max(tolerance * 1.0000001, 1e-6 if exact else abs(value) * _NEAR * 1.0000001)
    return any(abs(reading - value) <= near for reading in readings)


def _number(said: Any, unit: str) -> Number | None:
    if isinstance(said, bool):
        return None
    if isinstance(said, int | float):
        return Number(said, "", 0.0) if abs(said) <= LARGEST else None
    return number(said, unit) if isinstance(said, str) else None


@lru_cache(maxsize=65536)
def _spellings(value: str, _types: int) -> tuple[str, ...]:
    """The value, and what the value types that hold it call it in words; `_types` counts those that there are."""
    said = [value]
    for kind in TYPES.values():
        if kind.label is not str and kind.valid is not None and kind.valid(value):
            said.append(label(value, kind.name))
    return tuple(dict.fromkeys(said))


# --- of several parts ------------------------------------------------------------------------------------------------


def _kind(value: Any) -> str:
    kinds = {bool: "boolean", int: "integer", float: "number", list: "set", dict: "map"}
    if isinstance(value, str) and len(value) == 10 and date(value) == value:
        return "date"
    return kinds.get(type(value), "string")


def _part(value: Any, said: Any, tolerance: float | None) -> bool:
    """Whether one part is right; a rounded number may be off by one in its last place."""
    slack = _slack(value) if tolerance is None else tolerance
    return _is(said, value, _kind(value), slack if isinstance(value, float) else 0.0, "")


def _slack(value: Any) -> float:
    """One unit in the last place, of two decimals at least (for zeros that were cut), and half a percent at most."""
    if not isinstance(value, float):
        return 0.0
    decimals = len(repr(value).partition(".")[2]) if "e" not in repr(value) else 0
    return min(10.0 ** -max(decimals, 2) if decimals else math.inf, abs(value) * 0.005)


def _matched(value: Sequence[Any], items: Sequence[Any], tolerance: float | None) -> int:
    """How many members of a set are said, each once."""
    left = list(items)
    right = 0
    for member in value:
        at = next((n for n, item in enumerate(left) if _is(item, member, _kind(member), tolerance, "")), None)
        if at is not None:
            del left[at]
            right += 1
    return right


def _in_place(value: Sequence[Any], items: Sequence[Any], tolerance: float | None) -> int:
    """How many members of a list are said in their places."""
    return sum(_is(i, v, _kind(v), tolerance, "") for v, i in zip(value, items, strict=False))


def _paired(value: Mapping[str, Any], said: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    """Each part with what is said of it: by its name, by its letter, or in order; None where nothing is."""
    by_name = {plain(key): part for key, part in said.items()}
    letters = dict(zip("abcdefghijklmnopqrstuvwxyz", value, strict=False))
    if by_name and all(name in letters for name in by_name) and not set(by_name) & set(map(plain, value)):
        return [(value[key], by_name.get(letter)) for letter, key in letters.items()]
    named = {key: by_name.pop(plain(key)) for key in value if plain(key) in by_name}
    rest = iter(by_name.values()) if len(said) == len(value) else iter(())
    return [(part, named[key] if key in named else next(rest, None)) for key, part in value.items()]
