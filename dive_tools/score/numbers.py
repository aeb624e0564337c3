"""Numbers as people write them."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from dive_tools.score.dates import undated
from dive_tools.score.text import clean
from dive_tools.score.units import conversion


class Number(NamedTuple):
    """A number that a text states, the unit behind it, and one unit in its last place (0 for a whole number)."""

    value: float | int
    unit: str
    place: float


LARGEST = 10**300  # beyond it, a number is no float any more

_NUMBER = re.compile(
    r"""
    (?<![\w.,^]) (?<![^\W\d]-) (?<!\^[-+])
    (?P<sign>(?<![\d)])[-+]\ ?)?
    (?P<digits>\d(?:[\d.']|,(?=\d)|\ (?=\d{3}(?!\d)))*|\.\d+)
    (?: [eE](?P<exp>[-+]?\d+)(?!\w)
      | \ ?[x×*·]\ ?10\ ?(?:\^|\*\*)?\ ?\(?(?P<ten>(?<=[\^*\ (])[-+]?\d+)\)?
      | (?:\^|\*\*)\(?(?P<power>[-+]?\d+)\)?
      | \ ?/\ ?(?P<under>\d+)(?![\w/.])
      | \ (?P<over>\d+)/(?P<below>\d+)(?![\w/.])
    )?
    """,
    re.VERBOSE,
)
_PLAIN = re.compile(r"[-+]?\d+(?:\.\d+)?")
_ENGLISH = re.compile(r"[1-9]\d{0,2}(?:([,' ])\d{3})(?:\1\d{3})*(?:\.\d+)?")
_INDIAN = re.compile(r"[1-9]\d?(?:,\d\d)+,\d{3}(?:\.\d+)?")
_DOTTED = re.compile(r"[1-9]\d{0,2}(?:\.\d{3}){2,}")
_COMMA = re.compile(r"(?:\d+|[1-9]\d{0,2}(?:([. '])\d{3})(?:\1\d{3})*),\d+")

_UNSURE = re.compile(
    r"(?<!\w)(?:or|either|between|maybe|perhaps|possibly|might|could|not|cannot|unknown|unable|unsure|uncertain|vs"
    r"|at least|at most|up to|minimum|maximum|and above|and below|depending)(?!\w)|n't|[±<>≤≥≠?]|\d\+(?!\d)"
)
_BOUND = re.compile(
    r"(?<!\w)(?:less|more|fewer|greater|over|under|above|below|beyond|nearly|almost|before|after|until|since|later"
    r"|earlier)(?: than)?\s*\W{0,2}$"
)
_ASIDE = re.compile(r"\((?:rounded|to|approx\w*|exact\w*|about)\b[^()]*\)|,?\s*(?:when )?rounded to [^,;]*$")
_ARROW = re.compile(r"^(?:[-=]>|→)\s*")
_EQUALS = re.compile(r"[=≈]")
_BRACED = re.compile(r"[\[{][^\[\]{},;]*[\]}] ?[=≈]")  # a concentration, [H+] = 3
_EXPLAINED = re.compile(r"(?P<head>[^()]*\d[^()]*)\((?P<aside>[^()]*)\)[ .]*")
_SHORT = {"k": "thousand", "m": "million", "b": "billion"}
_WEEK = re.compile(
    r"(?:(?:iso )?(?:calendar )?week (?:number |no\. )?|(?:\d{4}-?)?w)(\d{1,2})(?:,? (?:of )?\d{4})?", re.I
)
_BEFORE_CHRIST = re.compile(r" ?b\.? ?c\.?(?:e\.?)?(?!\w)", re.I)
_CLAUSE = re.compile(
    r"(?:is|was|are|would|can|should)(?!\w)(?! the (?:answer|number|total|sum|count|result|value))", re.IGNORECASE
)
_ORDINAL = re.compile(r"(?:st|nd|rd|th)(?!\w)")
_SIGN = re.compile(r"(?<![\w)])(?:minus|negative) (?=[\d.])")
_MONEY = re.compile(
    r"(?P<sign>[-+])?(?P<money>(?:US|CA|AU|A|C)?[$€£¥₹]|(?<![A-Za-z])(?:USD|EUR|GBP|JPY|CHF))\s?(?=[-+]?[\d.])"
)
_CLOCK = {"week": 604800, "day": 86400, "hour": 3600, "minute": 60, "second": 1}  # seconds
_SPANS = (_CLOCK, {"year": 12, "month": 1})
_UNITS_OF_TIME = {
    **{name: name for span in _SPANS for name in span},
    **dict.fromkeys(("wk",), "week"),
    **dict.fromkeys(("d",), "day"),
    **dict.fromkeys(("h", "hr"), "hour"),
    **dict.fromkeys(("m", "min"), "minute"),
    **dict.fromkeys(("s", "sec"), "second"),
    **dict.fromkeys(("yr", "y"), "year"),
    **dict.fromkeys(("mo",), "month"),
}
_PIECE = re.compile(rf"(\d+(?:\.\d+)?)[ -]?({'|'.join(sorted(_UNITS_OF_TIME, key=len, reverse=True))})s?\.?(?![a-z])")
_BETWEEN = re.compile(r"\s*(?:,?\s*and\s+|,\s*)?")
_ABOUT = re.compile(r"^(?:about|approximately|approx\.?|roughly|around|exactly|~|≈)\s*")
_ONES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = (
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_WORDS = {word: n for n, word in enumerate(_ONES + _TEENS)} | {word: 10 * n for n, word in enumerate(_TENS, 2)}
_WORD = re.compile(
    rf"(?:exactly |only )?(minus |negative )?({'|'.join(sorted(_WORDS, key=len, reverse=True))})"
    rf"(?:[- ]({'|'.join(_ONES[1:])}))?(?![\w-])(?P<rest>.*)"
)


@lru_cache(maxsize=65536)
def number(text: str, unit: str = "") -> Number | None:
    """The one number that a text states; None for none, several, or a bound. `unit` is how its unit may be written."""
    text = clean(text)
    if len(text) > 300 or (text[:1] in ("{", "[") and not _BRACED.match(text)):
        return None
    if _PLAIN.fullmatch(text) and len(text) < 300:
        return _made(text, "")
    low = _ASIDE.sub("", _ARROW.sub("", text))
    if _UNSURE.search(low.casefold()):
        return None
    low = _SIGN.sub("-", low)
    if (week := _WEEK.fullmatch(low.rstrip("."))) is not None:
        return Number(int(week[1]), "", 0.0)
    if (explained := _explained(low, unit)) is not None:
        return explained
    money = _MONEY.search(low)
    if money is not None:
        low = f"{low[: money.start()]}{money['sign'] or ''}{low[money.end() :]}"
    if (span := _duration(low, unit)) is not None:
        return span
    if _EQUALS.search(low) and not re.search(r"[,;]\s|\band\b|\n", low):
        low = _EQUALS.split(low)[-1].strip()
    found = list(_NUMBER.finditer(low))
    if not found and not any(c.isdigit() for c in low):
        return _in_words(low)
    if len(found) > 1 and [f["digits"] for f in found[1:]] == [f["digits"] for f in _NUMBER.finditer(clean(unit))]:
        del found[1:]  # the numbers in the unit itself: "mL/min per 1.73 m²"
    if len(found) != 1 or _BOUND.search(low[: found[0].start()].casefold()):
        return None
    made = _read(found[0])
    if made is None or _ORDINAL.match(low, found[0].end()) or _BEFORE_CHRIST.match(low, found[0].end()):
        return None
    value, place = made
    behind = _behind(low[found[0].end() :])
    if _CLAUSE.match(behind):
        return None
    if money is not None:
        scaled = re.match(r"thousand|million|billion|trillion|mn|bn|[kKmMbB](?!\w)", behind)
        cut = scaled.end() if scaled else 0
        scale = _SHORT.get(behind[:cut].lower(), behind[:cut])
        behind = f"{scale} {money['money']} {behind[cut:]}".strip()
    return Number(value, behind, place)


@lru_cache(maxsize=4096)
def _duration(text: str, unit: str) -> Number | None:
    """A time in several units, "9 hours 12 minutes", in the one that is wanted, or in the last of them."""
    text = _ABOUT.sub("", text.casefold().strip(" ."))
    pieces: list[tuple[float, str]] = []
    at = 0
    while found := _PIECE.match(text, at):
        pieces.append((float(found[1]), _UNITS_OF_TIME[found[2]]))
        at = found.end()
        if at == len(text):
            break
        joint = _BETWEEN.match(text, at)
        at = joint.end() if joint is not None else at
    span = next((span for span in _SPANS if all(name in span for _, name in pieces)), None)
    if at != len(text) or len(pieces) < 2 or span is None:
        return None
    for (_, before), (count, name) in pairwise(pieces):
        if span[name] >= span[before] or count * span[name] >= span[before]:
            return None  # 90 minutes behind an hour, or the smaller first
    if any(not count.is_integer() for count, _ in pieces[:-1]):
        return None
    wanted = unit.split()[0].casefold().removesuffix("s") if unit.strip() else ""
    wanted = _UNITS_OF_TIME.get(wanted, wanted)
    last = wanted if wanted in span else pieces[-1][1]
    total = sum(count * span[name] for count, name in pieces) / span[last]
    return Number(int(total) if total.is_integer() else total, unit if last == wanted else f"{last}s", 0.0)


def _explained(text: str, unit: str) -> Number | None:
    """A number with an aside that says it once more, in another unit or less exactly, or whose digits are dates."""
    found = _EXPLAINED.fullmatch(text)
    if found is None or not any(c.isdigit() for c in found["aside"]):
        return None
    said = number(found["head"], unit)
    if said is None or not any(c.isdigit() for c in undated(found["aside"].casefold())):
        return said
    again = number(found["aside"], said.unit or unit)
    return said if again is not None and _consistent(said, again, unit) else None


def _consistent(said: Number, again: Number, unit: str) -> bool:
    there = conversion(again.unit, said.unit or unit)
    if there is None or (there == (1.0, 0.0) and again.place < said.place):
        return False  # another number in the same unit is no explanation
    shares = [said.unit.startswith("%"), again.unit.startswith("%")]
    factor = {(True, False): 100.0, (False, True): 0.01}.get((shares[0], shares[1]), 1.0)
    rough = max(said.place, abs(there[0]) * factor * (again.place or (there[0] != 1.0)))
    return abs(factor * (there[0] * again.value + there[1]) - said.value) <= rough / 2 * 1.01


def _made(token: str, unit: str) -> Number:
    decimals = len(token.partition(".")[2])
    return Number(float(token), unit, 10.0**-decimals) if decimals else Number(int(token.partition(".")[0]), unit, 0.0)


def _behind(text: str) -> str:
    """What may be the unit: the words behind a number, up to a stop."""
    text = re.split(r"[,;:(\n]|\. |\.$|\b(?:in total|in all|altogether|for|because|since|which|as|of the)\b", text)[0]
    return text.strip(" -*_")


def _in_words(text: str) -> Number | None:
    found = _WORD.fullmatch(text.casefold().strip(" ."))
    if found is None or any(word in _WORDS for word in re.findall(r"[a-z]+", found["rest"])):
        return None
    value = _WORDS[found[2]] + (_WORDS[found[3]] if found[3] else 0)
    if found[3] and (_WORDS[found[2]] < 20 or _WORDS[found[2]] % 10):
        return None
    return Number(-value if found[1] else value, _behind(found["rest"]), 0.0)


def _read(found: re.Match[str]) -> tuple[float | int, float] | None:
    token = _digits(found["digits"].rstrip(".'"))
    if token is None:
        return None
    negative = (found["sign"] or "").startswith("-")
    made = _made(token, "")
    value, place = made.value, made.place
    try:
        if found["exp"] or found["ten"]:
            power = int(found["exp"] or found["ten"])
            value, place = float(f"{token}e{power}"), 10.0 ** (power - len(token.partition(".")[2]))
            value = int(value) if value.is_integer() and abs(value) < 1e15 else value
        elif found["power"]:
            if abs(int(found["power"])) > 400 or abs(value) > 1e6:
                return None
            value, place = value ** int(found["power"]), 0.0
        elif found["under"]:
            if not value or int(found["under"]) == 1:
                return None  # 0/5 and 5/1 are two numbers
            value, place = value / int(found["under"]), 0.0
        elif found["over"]:
            value, place = value + int(found["over"]) / int(found["below"]), 0.0
    except ArithmeticError:
        return None
    if abs(value) > LARGEST:
        return None
    return (-value if negative else value), place


def _digits(token: str) -> str | None:
    """The token in plain digits; None where it could be read two ways, or none."""
    if token.startswith("."):
        return f"0{token}"
    if _PLAIN.fullmatch(token):
        return token
    if _ENGLISH.fullmatch(token) or _INDIAN.fullmatch(token):
        return re.sub("[,' ]", "", token)
    if _DOTTED.fullmatch(token):
        return token.replace(".", "")
    if _COMMA.fullmatch(token):
        return re.sub("[. ']", "", token).replace(",", ".")
    return None
