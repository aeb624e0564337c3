"""Does an answer agree with its reference? By program, by type; conservative: what is hedged is wrong.

`final` finds the answer in a reply, `agrees` and `parts` hold it against a task's typed answer, `same` against another
reply's, and `instruction` tells who is asked in which form to answer.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from dive_tools.errors import DiveError
from dive_tools.score.asked import Asked, asked
from dive_tools.score.dates import date
from dive_tools.score.final import final
from dive_tools.score.heads import committed
from dive_tools.score.lists import listings, mappings, truth
from dive_tools.score.names import other_names
from dive_tools.score.numbers import LARGEST, Number, number
from dive_tools.score.pairs import paired
from dive_tools.score.text import alike, folded, plain
from dive_tools.score.units import conversion
from dive_tools.score.written import forms
from dive_tools.values import TYPES, label

__all__ = ["agrees", "final", "guessable", "instruction", "parts", "same", "written"]

_NAMED = ("string", "set", "list", "map")  # what holds names
_SEVERAL = re.compile(r"[;\n]|,\s|\sand\s")
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


def instruction(answer: Mapping[str, Any], question: str = "", *, tools: bool = False) -> str:
    """The words that tell a solver in which form to answer, with `tools` or without.

    The unit is named only where the question names it.
    """
    unit = answer.get("unit", "")
    said = f", in {unit}" if unit and plain(unit) in plain(question) else ""
    form = _FORMS[answer["type"]].format(unit=said)
    if answer["type"] == "text":
        return f"End your reply with `Answer: ` at the beginning of a line and then {form}."
    spelt = ", spelt as the tools spell it (a place with all that they name with it)"
    form += spelt if tools and answer["type"] in _NAMED else ""
    return f"End your reply with a line of its own that says `Answer: ` and then {form}."


def written(answer: Mapping[str, Any], question: str = "") -> str:
    """The answer as a perfect solver writes it behind `Answer: `, in the form that `instruction` asks for.

    What is written is found by `final` and agrees with the answer. DiveError for an answer that no form holds: a number
    beyond 10^300, a name of white space alone, a text that takes itself back ("Kenya. Wait, that is wrong.").
    """
    if answer["type"] == "text":
        return next(forms(answer))
    for form in forms(answer):
        if form and agrees(final(f"Answer: {form}"), answer, question):
            return form
    raise DiveError(f"no form of an answer holds this {answer['type']}: {answer['value']!r}"[:300])


def guessable(answer: Mapping[str, Any], question: str) -> bool:
    """Whether a guesser has a fair chance: at yes or no, or where the question names all that the answer is made of."""
    value = answer["value"]
    if answer["type"] not in ("boolean", "string", "set", "list"):
        return False
    members = value if isinstance(value, list) else [value]
    asked = f" {plain(question)} "
    return answer["type"] == "boolean" or (bool(members) and all(_named(member, asked) for member in members))


def _named(member: Any, asked: str) -> bool:
    """Whether the question, in its plain form, holds a name."""
    if not isinstance(member, str):
        return False
    names = [*_spellings(member, len(TYPES)), member.rpartition(", ")[0]]
    said = (re.escape(plain(name)) for name in names if plain(name))
    return any(re.search(rf"(?<!\w){name}(?!\w)", asked) for name in said)


def agrees(said: Any, answer: Mapping[str, Any], question: str = "") -> bool | None:
    """Whether what was said, as text or as a JSON value, is the answer; None for a text, which needs a judge.

    The question is looked at for places of the same name.
    """
    if answer["type"] == "text":
        return None
    if said is None:
        return False
    there, aliases = asked(answer, question), answer.get("aliases", ())
    if aliases and answer["type"] == "string" and isinstance(said, str):
        return _is_name(said, str(answer["value"]), there, aliases)
    if _is(said, answer["value"], answer["type"], answer.get("tolerance"), answer.get("unit", ""), there):
        return True
    return isinstance(said, str) and any(alike(said, alias) for alias in aliases)


def _is_name(said: str, value: str, there: Asked, aliases: Sequence[str] = ()) -> bool:
    """Whether a name, term or code was said: as it stands, in another form of it, or with what explains it."""
    if said.strip() == value.strip():
        return True
    names = (*_spellings(value, len(TYPES)), *aliases)
    if any(alike(said, name) for name in names) or other_names(said, names, there.question):
        return True
    if value in there.short and folded(said) == folded(there.short[value]):
        return True
    coded = any(c.isdigit() for alias in aliases for c in alias)  # a code behind the name has to be the right one
    return any(committed(said, name, there.question, strict=coded) for name in names)


def parts(said: Any, answer: Mapping[str, Any], question: str = "") -> float | None:
    """The share of the answer's parts that are right, over those of the longer of the two; None for a text."""
    whole = agrees(said, answer, question)
    if whole is None or whole or answer["type"] not in ("map", "set", "list"):
        return None if whole is None else float(whole)
    value, slack, there = answer["value"], answer.get("tolerance"), asked(answer, question)
    if answer["type"] == "map":
        readings = [(sum(_rights(value, m, slack, there)), len(m)) for m in mappings(said, value)]
    else:
        count = _in_place if answer["type"] == "list" else _matched
        readings = [(count(value, items, slack, there), len(items)) for items in listings(said, rising=there.rising)]
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


_NOTHING_ASKED = Asked()


def _is(said: Any, value: Any, kind: str, tolerance: float | None, unit: str, there: Asked = _NOTHING_ASKED) -> bool:
    if type(said) is type(value) and said == value and kind not in ("boolean", "set", "list", "map"):
        return True
    if kind in ("number", "integer"):
        return _is_number(said, value, tolerance or 0.0, unit)
    if kind == "boolean":
        return truth(said) is value
    if kind in ("set", "list"):
        count = _matched if kind == "set" else _in_place
        ways = listings(said, rising=kind == "list" and there.rising)
        return any(len(items) == len(value) == count(value, items, tolerance, there) for items in ways)
    if kind == "map":
        return any(len(m) == len(value) and all(_rights(value, m, tolerance, there)) for m in mappings(said, value))
    if isinstance(said, bool) or not isinstance(said, str | int | float):
        return False
    if kind == "date" and (day := date(str(value))) is not None:
        return date(str(said)) == day
    return _is_name(str(said), str(value), there)


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
    return number(_measure(said), unit) if isinstance(said, str) else None


def _measure(said: str) -> str:
    """ "42 km" for {"value": 42, "unit": "km"}; anything else as it stands."""
    if not said.startswith("{"):
        return said
    try:
        made = json.loads(said)
    except (ValueError, RecursionError):
        return said
    if not isinstance(made, dict) or not {"value"} <= made.keys() <= {"value", "unit"}:
        return said
    return " ".join(str(part) for part in (made["value"], made.get("unit")) if part is not None)


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


def _rights(value: Mapping[str, Any], said: Mapping[str, Any], tolerance: float | None, there: Asked) -> list[bool]:
    """Which parts of a map are right, in its order."""
    pairs = zip(value, paired(value, said), strict=True)
    return [_part(part, each, tolerance, there, there.units.get(name, "")) for name, (part, each) in pairs]


def _part(value: Any, said: Any, tolerance: float | None, there: Asked, unit: str) -> bool:
    """Whether one part is right; a rounded number may be off by one in its last place."""
    slack = _slack(value) if tolerance is None else tolerance
    return _is(said, value, _kind(value), slack if isinstance(value, float) else 0.0, unit, there)


def _slack(value: Any) -> float:
    """One unit in the last place, of two decimals at least (for zeros that were cut), and half a percent at most."""
    if not isinstance(value, float):
        return 0.0
    decimals = len(repr(value).partition(".")[2]) if "e" not in repr(value) else 0
    return min(10.0 ** -max(decimals, 2) if decimals else math.inf, abs(value) * 0.005)


def _matched(value: Sequence[Any], items: Sequence[Any], tolerance: float | None, there: Asked) -> int:
    """How many members of a set are said, each once."""
    left = list(items)
    right = 0
    for member in value:
        at = next((n for n, item in enumerate(left) if _member(item, member, tolerance, there)), None)
        if at is not None:
            del left[at]
            right += 1
    return right


def _in_place(value: Sequence[Any], items: Sequence[Any], tolerance: float | None, there: Asked) -> int:
    """How many members of a list are said in their places."""
    return sum(_member(item, member, tolerance, there) for member, item in zip(value, items, strict=False))


def _member(said: Any, value: Any, tolerance: float | None, there: Asked) -> bool:
    """Whether one member is what was said; several things are no number."""
    if isinstance(value, int | float) and isinstance(said, str) and _SEVERAL.search(said):
        return False
    return _is(said, value, _kind(value), tolerance, "", there)
