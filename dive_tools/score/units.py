"""Units as people write them: how a number in one is said in another."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

from dive_tools.score.text import clean

_SCALES = {
    "hundred": 1e2,
    "thousand": 1e3,
    "million": 1e6,
    "billion": 1e9,
    "trillion": 1e12,
    "dozen": 12.0,
    "lakh": 1e5,
    "crore": 1e7,
}
_SCALE = re.compile(rf"^-?({'|'.join(_SCALES)}|mn|bn|mio)s?(?:\s+of)?(?=\W|$)|^k(?=\s|$)")
_SHORT = {"mn": 1e6, "mio": 1e6, "bn": 1e9}
_CURRENCIES = {
    "USD": r"us\$|us dollars?|u\.s\. dollars?|united states dollars?|usd|\$|dollars?",
    "EUR": r"€|euros?|eur",
    "GBP": r"£|pounds? sterling|gbp|british pounds?",
    "JPY": r"¥|yen|jpy",
    "CHF": r"swiss francs?|chf",
    "INR": r"₹|indian rupees?|rupees?|inr",
    "CNY": r"chinese yuan|yuan|renminbi|rmb|cny",
    "CAD": r"ca\$|c\$|canadian dollars?|cad",
    "AUD": r"a\$|au\$|australian dollars?|aud",
}
_ORDER = ("CAD", "AUD", "USD", "EUR", "GBP", "JPY", "CHF", "INR", "CNY")
_MONEY = {code: re.compile(rf"(?<![a-z])(?:{_CURRENCIES[code]})(?![a-z])") for code in _ORDER}
_PER_MILLE = re.compile(r"‰|per ?mille?(?!\w)|per thousand(?!\w)")
_WAYS = re.compile(r"\b(north|south|east|west)(?:ern|ward)?\b|(?<=°) ?([nsew])(?![a-z])")
_DEGREES = (
    (re.compile(r"(?:degrees?|deg\.?|°) ?(celsius|centigrade|fahrenheit|kelvin|[cf](?![a-z]))", re.I), "deg"),
    (re.compile(r"^(?:celsius|centigrade)$", re.I), "degC"),
    (re.compile(r"^fahrenheit$", re.I), "degF"),
)
_PINT_NAMES = (
    (re.compile(r"°"), "degree"),
    (re.compile(r"%"), "percent"),
    (re.compile(r"(?<=\b[a-zA-Zμ])³|(?<=[a-z])\^?(?=[23]\b)"), "^"),
    (re.compile(r"\bmillimet(?:re|er)s? of mercury\b"), "mmHg"),
    (re.compile(r"\bcentimet(?:re|er)s? of water\b"), "cmH2O"),
    (re.compile(r"\bsq(?:uare|\.)? (?=\w)"), "square "),
    (re.compile(r"\bcu(?:bic|\.)? (?=\w)"), "cubic "),
    (re.compile(r"\bstatute miles?\b"), "mile"),
    (re.compile(r"^(?:per|/) ?"), "1/"),
    (re.compile(r"(?<=\w)-(?=[a-z])"), "*"),
    (re.compile(r"μ"), "µ"),
)
_COUNTED = frozenset(
    ("points", "rods", "links", "chains", "dots", "pixels", "stones", "hands", "bars", "cups", "shakes")
)
_COMMON = re.compile(  # what nobody counts in: "5 kg" is no way to say 5 trains
    r"(?:k|c|m)?(?:m|g)|s|min|h|hr|m?l|deg[cf]|(?:kilo|centi|milli)?(?:met(?:re|er)|gram|lit(?:re|er)|joule|pascal|volt)s?"
    r"|miles?|foot|feet|inch|inches|tonnes?|seconds?|minutes?|hours?|days?|weeks?|months?|years?|kelvins?|percent|square"
)


class Unit(NamedTuple):
    """A unit as it was written, taken apart."""

    scale: float
    currency: str
    sign: int  # -1 for south and west
    rest: str


@lru_cache(maxsize=4096)
def read(text: str) -> Unit:
    """A unit taken apart: "million US dollars per year" is 1e6, USD and "per year"."""
    rest = " ".join(clean(text).split()).strip(" .,;:-")
    scale, currency, sign = 1.0, "", 1
    if mille := _PER_MILLE.match(rest.casefold()):
        scale, rest = 0.1, f"% {rest[mille.end() :]}".strip()
    while found := _SCALE.match(rest if rest[:1] == "K" else rest.casefold()):
        scale *= (_SCALES | _SHORT).get(found[1], 1e3)  # the bare k of "12k"
        rest = rest[found.end() :].strip()
    for code, pattern in _MONEY.items():
        if money := pattern.search(rest.casefold()):
            currency, rest = code, f"{rest[: money.start()]} {rest[money.end() :]}".strip()
            break
    if way := _WAYS.search(rest.casefold()):
        sign = -1 if (way[1] or way[2])[0] in "sw" else 1
        rest = f"{rest[: way.start()]} {rest[way.end() :]}".strip()
    return Unit(scale, currency, sign, " ".join(rest.split()))


@lru_cache(maxsize=16384)
def conversion(said: str, wanted: str) -> tuple[float, float] | None:
    """(a, b) such that a number x in the unit said is a·x + b in the one wanted; None where they are of unlike kinds.

    What is no unit that anybody knows ("participants", "trains in all") says nothing, and is (1, 0). Without Pint,
    a common unit that is not spelt like the one wanted is taken to be another.
    """
    ours, theirs = read(said), read(wanted)
    if ours.currency and theirs.currency and ours.currency != theirs.currency:
        return None
    if ours.rest in ("M", "B", "G", "T") and (not theirs.rest or _known(theirs.rest) is None):
        return None  # millions of what?
    scale = ours.scale / theirs.scale * ours.sign * theirs.sign if said.strip() else 1.0
    if not wanted.strip():
        return (scale, 0.0)
    if theirs.currency and not ours.currency and (_measures(ours.rest) or _percent(ours.rest)):
        return None
    if not ours.rest or not theirs.rest or _singular(ours.rest) == _singular(theirs.rest):
        return (scale, 0.0)
    if _singular(ours.rest) in ("°", "degree") and _singular(theirs.rest).startswith(("°", "degree")):
        return (scale, 0.0)
    if _percent(ours.rest):
        return (scale, 0.0) if _percent(theirs.rest) else None
    between = _by_pint(ours.rest, theirs.rest)
    return None if between is None else (scale * between[0], between[1])


def known(text: str) -> bool:
    """Whether these words are a unit: a currency, a share, a thousand or more of something, or one that Pint knows."""
    made = read(text)
    if made.currency or made.scale != 1.0 or _percent(made.rest):
        return True
    return bool(made.rest) and _known(made.rest) is not None


def _percent(text: str) -> bool:
    return text.startswith("%") or "percent" in text.replace("per cent", "percent")


def _singular(text: str) -> str:
    words = re.sub(r"\bper cent\b", "percent", text.casefold()).replace("/", " per ").split()
    return " ".join(word.removesuffix("s") for word in words)


def _by_pint(said: str, wanted: str) -> tuple[float, float] | None:
    ours, theirs = _leading(said), _leading(wanted)
    if ours is None or theirs is None:
        apart = (_common(said) and (theirs is None or _registry() is None)) or (theirs is None and _measures(said))
        return None if apart else (1.0, 0.0)
    if ours.dimensionality != theirs.dimensionality:
        return None
    made = _registry()
    zero, one = (float(made.Quantity(n, ours).to(theirs).magnitude) for n in (0.0, 1.0))
    return (one - zero, zero)


def _measures(text: str) -> bool:
    """Whether one word is a unit that things are measured in, and none that they are counted in."""
    if not text.isalpha() or text.casefold() in _COUNTED or (found := _known(text)) is None:
        return False
    return not found.dimensionless


def _common(text: str) -> bool:
    return _COMMON.fullmatch(re.split(r"[^a-z]", text.casefold())[0]) is not None


@lru_cache(maxsize=4096)
def _leading(text: str) -> Any:
    """Pint's unit for the words, or for those that they begin with: "metres of rope" are metres."""
    words = text.split()
    counts = range(len(words), 0, -1) if _common(text) else (len(words),)
    return next((found for n in counts if (found := _known(" ".join(words[:n]))) is not None), None)


@lru_cache(maxsize=1)
def _registry() -> Any:
    """Pint's units; None where it is not installed."""
    try:
        import pint
    except ImportError:
        return None
    return pint.UnitRegistry()


@lru_cache(maxsize=4096)
def _known(text: str) -> Any:
    """Pint's unit for the words; None where it knows none."""
    made = _registry()
    if made is None:
        return None
    text = re.sub(r"\bper cent\b", "percent", text)
    for pattern, plain in _DEGREES:
        text = pattern.sub(lambda m, p=plain: p if p != "deg" else _degree(m[1]), text)  # type: ignore[misc]
    for pattern, plain in _PINT_NAMES:
        text = pattern.sub(plain, text)
    for tried in dict.fromkeys((text, text.lower())):
        try:
            return made.parse_units(tried) if not tried.startswith("1/") else 1 / made.Unit(tried[2:])
        except Exception:  # Pint raises whatever its tokenizer does on words that are no unit
            continue
    return None


def _degree(word: str) -> str:
    return {"c": "degC", "f": "degF", "k": "kelvin"}[word[0].lower()]
