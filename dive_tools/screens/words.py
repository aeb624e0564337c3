"""Plain English for what a support does: extremes, orders, sides, operations and roundings, in their usual words."""

from __future__ import annotations

import re

HIGH = frozenset(
    ("highest", "largest", "biggest", "greatest", "most", "maximum", "maximal", "longest", "tallest", "heaviest",
     "latest", "widest", "deepest", "farthest", "furthest", "dearest", "costliest", "hottest", "warmest", "broadest",
     "steepest", "densest", "northernmost", "easternmost", "top", "highest-ranked",
     "higher", "larger", "bigger", "greater", "more", "longer", "taller", "heavier", "later", "wider", "deeper",
     "farther", "further", "hotter", "warmer", "steeper", "denser", "dearer")
)  # fmt: skip
LOW = frozenset(
    ("lowest", "smallest", "least", "fewest", "minimum", "minimal", "shortest", "lightest", "earliest", "narrowest",
     "shallowest", "nearest", "closest", "cheapest", "coldest", "coolest", "flattest", "southernmost", "westernmost",
     "lower", "smaller", "less", "fewer", "shorter", "lighter", "earlier", "narrower", "shallower", "nearer",
     "closer", "cheaper", "colder", "cooler", "flatter")
)  # fmt: skip
BY_DATE = {"oldest": "low", "older": "low", "youngest": "high", "younger": "high", "newest": "high", "newer": "high",
           "first": "low", "last": "high"}  # fmt: skip
BY_TIME_TAKEN = {"fastest": "low", "faster": "low", "quickest": "low", "slowest": "high", "slower": "high"}
OTHERWISE = {
    **{word: {"low": "high", "high": "low"}[side] for word, side in BY_DATE.items() if word not in ("first", "last")},
    **{word: {"low": "high", "high": "low"}[side] for word, side in BY_TIME_TAKEN.items()},
}
_DATES = re.compile(r"year|date|founded|born|birth|built|established|since|admitted|discovered|released|published")
_TAKEN = re.compile(r"time|duration|minutes|seconds|hours|latency")

# limits and quantities, in which these words choose nothing
_LIMITS = re.compile(
    r"\bat (?:least|most)\b|\b(?:no |not )?(?:more|less|fewer|greater|higher|lower|larger|smaller|longer|shorter|later"
    r"|earlier) than\b|\bhow (?:much|many) (?:more|less|fewer|higher|lower|larger|smaller|longer|shorter|greater)\b"
    r"|\bonce more\b|\bto the nearest\b"
)
_TURNED = re.compile(r"\bmost (?:southerly|southern|westerly|western)\b")


def sides(question: str, named: str) -> dict[str, set[str]]:
    """The words of a question that choose the high and those that choose the low end of what is named so."""
    text = _LIMITS.sub(" ", question.lower())
    turned = {found.group() for found in _TURNED.finditer(text)}
    words = set(re.findall(r"[a-z]+(?:-ranked)?", _TURNED.sub(" ", text)))
    senses = BY_DATE if _DATES.search(named.lower()) else BY_TIME_TAKEN if _TAKEN.search(named.lower()) else {}
    senses = {**OTHERWISE, **senses}
    found = {"high": words & HIGH, "low": (words & LOW) | turned}
    for word in words & senses.keys():
        found[senses[word]].add(word)
    return found


ORDINALS = {
    2: ("second", "2nd", "runner-up", "next"), 3: ("third", "3rd"), 4: ("fourth", "4th"), 5: ("fifth", "5th"),
    6: ("sixth", "6th"), 7: ("seventh", "7th"), 8: ("eighth", "8th"), 9: ("ninth", "9th"), 10: ("tenth", "10th"),
}  # fmt: skip
NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_NTH = "|".join(word for words in ORDINALS.values() for word in words if word != "next")
_CHOSEN = "|".join(sorted(HIGH | LOW | set(BY_DATE) | set(BY_TIME_TAKEN)))
NTH = re.compile(rf"\b({_NTH})[ -](?:most |least )?(?:{_CHOSEN})\b", re.IGNORECASE)

_ENDS = "|".join(sorted(HIGH | LOW | {"oldest", "newest", "youngest", "fastest", "slowest", "first", "last"}))
_FROM_TO = re.compile(rf"\b({_ENDS})\b(?: [\w-]+){{0,3}} to (?:the )?({_ENDS})\b")
_FIRST = re.compile(rf"\b({_ENDS})(?: [\w-]+){{0,2}} first\b")


def order(question: str, named: str) -> set[str]:
    """The orders that a question asks for, as "ascending" and "descending"."""
    text = question.lower()
    found = set()
    if re.search(r"\b(?:ascending|increasing|chronological)(?:ly)?\b", text):
        found.add("ascending")
    if re.search(r"\b(?:descending|decreasing|reverse chronological)(?:ly)?\b", text):
        found.add("descending")
        if "reverse chronological" in text:
            found.discard("ascending")
    for said in (*(m.group(1) for m in _FROM_TO.finditer(text)), *(m.group(1) for m in _FIRST.finditer(text))):
        ends = sides(said, named)
        found |= ({"descending"} if ends["high"] else set()) | ({"ascending"} if ends["low"] else set())
    return found


ABOVE = ("above", "over", "more than", "greater than", "higher than", "larger than", "longer than", "later than",
         "exceed", "exceeds", "exceeding", "bigger than", "after", "heavier than", "taller than", "larger",
         "higher", "greater", "longer", "more", "bigger", "later")  # fmt: skip
BELOW = ("below", "under", "less than", "fewer than", "lower than", "smaller than", "shorter than", "earlier than",
         "before", "lighter than", "short of", "smaller", "lower", "shorter", "less", "fewer", "earlier")  # fmt: skip
CLEAR = {"gt": ("above", "more than", "greater than", "higher than", "larger than", "longer than", "exceeds"),
         "lt": ("below", "less than", "fewer than", "lower than", "smaller than", "shorter than")}  # fmt: skip
SIDES = {"gt": ABOVE, "lt": BELOW}

_LARGER = r"(?:more|larger|higher|longer|greater|bigger|later|older|heavier|taller|lower|smaller|less|fewer|shorter)"
OPERATIONS: dict[str, re.Pattern[str]] = {
    "difference": re.compile(
        rf"\bexceed|\bdifferen|\bdiffers?\b|\bgap\b|\bapart\b|\bshort of\b|\b{_LARGER}\b|\b(?:above|below) th(?:at|e)\b"
        r"|\belapse|\bbetween\b"
    ),
    "ratio": re.compile(r"\bratio\b|\btimes\b|\bfactor\b|\bmultiple\b|\bdivided by\b|\bper\b"),
    "percent_change": re.compile(r"\bpercent|\bper cent\b|%"),
    "share": re.compile(r"\bpercent|\bper cent\b|%"),
    "sum": re.compile(r"\bcombined\b|\bsum\b|\btotal|\baltogether\b|\bin all\b|\btogether\b|\badd(?:ed)? up\b"),
    "mean": re.compile(r"\bmean\b|\baverage"),
    "median": re.compile(r"\bmedian\b"),
    "count": re.compile(r"\bhow many\b|\bnumber of\b|\bcount\b"),
    "intersection": re.compile(r"\bboth\b|\bcommon\b|\bshare|\bas well as\b|\balso\b|\boverlap|\beach of the two\b"),
}
TOTALS = ("sum", "mean", "median")

_PLACES = {"whole": 0, "integer": 0, "unit": 0, "tenth": 1, "hundredth": 2, "thousandth": 3}
_N = r"(\d+|" + "|".join(NUMBERS) + ")"
_BY_PLACES = re.compile(rf"\b{_N}[ -]decimal(?:s\b| places?| digits?)", re.IGNORECASE)
_BY_FIGURES = re.compile(rf"\b{_N}[ -]significant[ -](?:figures?|digits?)", re.IGNORECASE)
_NEAREST = re.compile(r"\bnearest (whole|integer|unit|tenth|hundredth|thousandth)\b", re.IGNORECASE)
_ROUNDED = re.compile(r"\bround(?:ed|ing)?(?: [\w']+){0,4} to the nearest (\w+)", re.IGNORECASE)


def roundings(question: str) -> set[tuple[str, int]]:
    """The roundings that a question asks for: ("places", 2), ("significant", 3)."""
    found = {("places", _count(m.group(1))) for m in _BY_PLACES.finditer(question)}
    found |= {("significant", _count(m.group(1))) for m in _BY_FIGURES.finditer(question)}
    found |= {("places", _PLACES[m.group(1).lower()]) for m in _NEAREST.finditer(question)}
    return found | {("places", _PLACES.get(m.group(1).lower(), 0)) for m in _ROUNDED.finditer(question)}


def without_roundings(question: str) -> str:
    """The question without the numbers that only say how to round."""
    return _BY_FIGURES.sub(" ", _BY_PLACES.sub(" ", question))


def _count(said: str) -> int:
    return int(said) if said.isdigit() else NUMBERS.index(said.lower())
