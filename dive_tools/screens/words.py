"""Plain English for what a support does: extremes, orders, sides, operations and roundings, in their usual words."""

from __future__ import annotations

import math
import re

from dive_tools.screens.units import units_in

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

# words that end like comparatives and are none, and units in the singular
_NOT_MORE = (
    r"(?!(?:other|another|rather|whether|either|neither|number|order|over|under|after|ever|never|river|water|member|"
    r"together|paper|letter|layer|server|user|power|computer|winter|summer|quarter|buyer|her|[a-z]*(?:meter|liter))\b)"
)
COMPARATIVE = rf"(?:more|less|fewer|farther|further|worse|better|{_NOT_MORE}[a-z]{{2,}}er)"

# limits and quantities, in which these words choose nothing
_LIMITS = re.compile(
    r"\bat (?:least|most)\b|\b(?:no |not )?(?:more|less|fewer|greater|higher|lower|larger|smaller|longer|shorter|later"
    r"|earlier) than\b|\bhow (?:much|many) (?:more|less|fewer|higher|lower|larger|smaller|longer|shorter|greater)\b"
    rf"|\bhow (?:much|many)(?: [^\s,.;?]+){{1,3}} {COMPARATIVE}\b|\bonce more\b|\bto the nearest\b"
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
_RISING = (
    r"(?:exceed|surpass|outweigh|outstrip|outnumber|outlast|outlive|outpace|overshoot|ris(?:e|es|ing|en)\b|rose\b|grow"
    r"|grew\b|gain|increas|widen|lengthen|climb|ahead\b)"
)
_FALLING = (
    r"(?:fall|fell\b|drop|los(?:e|es|ing)\b|lost\b|decreas|declin|narrow(?!est|er)|shorten|reduc|shrink|shrank\b|lag"
    r"|trail(?:s|ed|ing)\b|undershoot|behind\b)"
)
_CHANGING = (
    rf"(?:{_RISING}|{_FALLING}|chang|shift|vary|varies|deviat|dwarf|sav(?:e|es|ed|ing)\b|cut\b|cuts\b|add(?:s|ed)?\b"
    r"|lead(?:s|ing)?\b|led\b|beat|miss(?:es|ed)?\b|left\b|remain|separat|clear(?:s|ed)?\b|improv|worsen)"
)
OPERATIONS: dict[str, re.Pattern[str]] = {
    "difference": re.compile(
        rf"\bdifferen|\bdiffer(?:s|ed|ing)?\b|\bgap\b|\bapart\b|\b(?:short|shy) of\b|\b{_LARGER}\b"
        rf"|\b{_NOT_MORE}[a-z]{{2,}}er than\b|\b(?:above|below|beyond) th(?:at|e|is)\b|\belapse|\bbetween\b"
        r"|\bby (?:how|what)\b|\bminus\b|\bsubtract|\bdeduct|\bmargin\b|\bsurplus|\bshortfall|\bdeficit|\bexcess\b"
        r"|\bdiscrepanc|\bspread\b|\bin excess of\b|\bheadroom\b|\b(?:is|are|be) left\b|\bthe rest\b"
        r"|\bcomplement\b|\bremain"
        rf"|\b{_RISING}|\b{_FALLING}|\b(?:change|shift|deviat|remaind)"
        rf"|\bhow (?:much|many|far|long)\b[^.?!]{{0,120}}?\b(?:{_CHANGING}|above\b|below\b|over\b|under\b|past\b"
        r"|away\b|before\b|after\b|until\b|since\b|pass(?:ed)?\b|off\b|from\b.*\bto\b)"
        rf"|\bhow (?:much|many|far|long)(?: [^\s,.;?]+){{0,3}} {COMPARATIVE}\b"
    ),
    "ratio": re.compile(
        r"\bratio\b|\btimes\b|\bfactor\b|\bmultiple\b|\bdivided by\b|\bper\b|fold\b|\bquotient\b|\btwice\b"
        r"|\brelative to\b|\bproportion\b|\bfor (?:each|every)\b|\bto (?:each|every|one)\b|\bfraction\b"
        r"|\bhow often does\b"
    ),
    "percent_change": re.compile(
        r"\bpercent|\bper cent\b|%|\brelative (?:change|difference|increase|decrease|growth|gain|loss)\b"
    ),
    "share": re.compile(r"\bpercent|\bper cent\b|%|\bshare\b|\bfraction\b|\b(?:pro)?portion\b|\bpart of\b"),
    "sum": re.compile(
        r"\bcombined\b|\bsum\b|\btotal|\baltogether\b|\bin all\b|\btogether\b|\badd(?:ed|ing|s)? up\b"
        r"|\badd(?:ed|ing)?\b|\ball told\b|\boverall\b|\baggregate|\bcumulative|\bplus\b|\bjoint"
        r"|\bcollective|\bbetween them\b"
    ),
    "mean": re.compile(r"\bmean\b|\baverag"),
    "median": re.compile(r"\bmedian\b|\bmiddle (?:value|one|figure)\b"),
    "count": re.compile(r"\bhow many\b|\bnumber of\b|\bcount(?:ing|ed|s)?\b|\btally\b|\bhow often\b"),
    "intersection": re.compile(r"\bboth\b|\bcommon\b|\bshare|\bas well as\b|\balso\b|\boverlap|\beach of the two\b"),
}
ASK_BY = {  # what to say, in a message
    "difference": "'by how many (or how much) … exceed', 'how many … longer than', 'the difference between'",
    "ratio": "'how many times as large as', 'the ratio of … to', 'by what factor', 'divided by', 'per'",
    "percent_change": "'by what percentage does … exceed', 'how many percent more than', 'relative change, percent'",
    "share": "'what percentage of', 'what share of …, in percent', 'the proportion, in percent'",
    "sum": "'total', 'combined', 'sum', 'altogether'",
    "mean": "'mean', 'average', 'on average'",
    "median": "'median'",
    "count": "'how many', 'the number of'",
    "intersection": "'both', 'in common', 'shared by', 'also'",
}
TOTALS = {  # the words that ask for one of these and for no other
    "sum": re.compile(r"\bcombined\b|\bsum\b|\btotal|\baltogether\b|\bin all\b|\btogether\b|\badd(?:ed)? up\b"),
    "mean": re.compile(r"\bmean\b|\baverage"),
    "median": re.compile(r"\bmedian\b"),
}

_DOWN = re.compile(
    r"\b(?:less|lower|smaller|shorter|fewer|short of|shy of|earlier|nearer|closer|lighter|narrower|cheaper|colder"
    r"|cooler|sooner)\b"
)
_UP = re.compile(
    r"\b(?:more|higher|larger|longer|greater|exceeds?|later|bigger|heavier|farther|taller|further|wider|deeper|hotter"
    r"|warmer|dearer)\b"
)
_UPWARD, _DOWNWARD = re.compile(rf"\b{_RISING}"), re.compile(rf"\b{_FALLING}")
_OVER, _UNDER = re.compile(r"\b(?:above|after|beyond)\b"), re.compile(r"\b(?:below|under|before)\b")
_WAYS = ((_UP, _DOWN), (_UPWARD, _DOWNWARD), (_OVER, _UNDER))  # the clearest first


_PASSIVE = re.compile(r"\b(?:exceeded|surpassed|dwarfed|out[a-z]+(?:ed|run|sold|grown)) by\b")
EVEN = re.compile(r"\bbetween\b|\bdiffer(?:s|ed|ence in)?\b|\bapart\b|\bseparat|\bgap\b|\bspread\b|\bdiscrepanc")


def direction(text: str, named: str) -> str | None:
    """Whether a text holds the greater against the lesser ("up"), or the lesser against the greater ("down")."""
    senses = BY_DATE if _DATES.search(named.lower()) else BY_TIME_TAKEN if _TAKEN.search(named.lower()) else {}
    turned = {"low": "down", "high": "up"}
    text = _PASSIVE.sub("less", text)
    words = set(re.findall(r"[a-z]+er\b", text))
    found = {turned[({**OTHERWISE, **senses})[word]] for word in words & OTHERWISE.keys()}
    for up, down in _WAYS:
        found |= {side for side, said in (("up", up), ("down", down)) if said.search(text)}
        if found:
            return found.pop() if len(found) == 1 else None
    return None


SIGNED = re.compile(
    r"chang|\bminus\b|subtract|deviat|\bsign|\bnegative\b|\bnet\b|\bor (?:less|lower|fall|loss|below)\b"
)

_PLACES = {"whole": 0, "full": 0, "integer": 0, "unit": 0, "one": 0, "tenth": 1, "hundredth": 2, "thousandth": 3}
_COARSE = {"ten": -1, "hundred": -2, "thousand": -3, "million": -6, "billion": -9}
_N = r"(\d+|" + "|".join(NUMBERS) + ")"
_TH = r"(first|1st|second|2nd|third|3rd|fourth|4th)"
_ORDER = {"first": 1, "1st": 1, **{word: n for n, said in ORDINALS.items() for word in said}}
_BY_PLACES = re.compile(
    rf"\b{_N}[ -]?(?:decimals?\b(?:[ -](?:places?|digits?|points?))?|d\.\s?p\.|dp\b|places? of decimals"
    r"|(?:digits?|places?|figures?|decimals?) (?:after|behind|to the right of) the (?:decimal )?(?:point|comma))",
    re.IGNORECASE,
)
_TO_PLACE = re.compile(rf"\bto the {_TH} decimal\b(?: (?:place|digit))?", re.IGNORECASE)
_BY_FIGURES = re.compile(
    rf"\b{_N}[ -]?(?:significant[ -](?:figures?|digits?|places?)|sig(?:\.|nif\.)? ?(?:figs?|digits?)\b\.?|s\.\s?f\."
    r"|sf\b)",
    re.IGNORECASE,
)
_NEAREST = re.compile(r"\bnearest (whole|full|integer|unit|tenth|hundredth|thousandth)\b", re.IGNORECASE)
_NEAREST_STEP = re.compile(
    r"\bto the nearest (0?\.0*1|0|1|10+|1(?:,000)+|ten|hundred|thousand|million|billion)\b(?![.,]\d)", re.IGNORECASE
)
_NEAREST_ODD = re.compile(r"\bto the nearest (half|quarter|third|dozen|\d+(?:\.\d+)?)\b(?![.,]\d)", re.IGNORECASE)
_ROUNDED = re.compile(r"\bround(?:ed|ing)?(?: [\w']+){0,4} to the nearest ([a-z]\w*)", re.IGNORECASE)
_WHOLE = re.compile(
    r"\b(?:to|as|in) an? (?:whole number|integer)\b|\brounded to (?:an integer|a whole number)\b|\bin whole \w+"
    r"|\bwithout decimals?\b|\b(?:no|zero) decimals?\b",
    re.IGNORECASE,
)


def roundings(question: str, units: tuple[str, ...] = ()) -> set[tuple[str, int]]:
    """The roundings that a question asks for: ("places", 2), ("significant", 3).

    "To the nearest kilometre" is one to whole numbers; `units` are those of the answer, however they are spelt.
    """
    found = {("places", _count(m.group(1))) for m in _BY_PLACES.finditer(question)}
    found |= {("places", _ORDER[m.group(1).lower()]) for m in _TO_PLACE.finditer(question)}
    found |= {("significant", _count(m.group(1))) for m in _BY_FIGURES.finditer(question)}
    found |= {("places", _PLACES[m.group(1).lower()]) for m in _NEAREST.finditer(question)}
    found |= {("places", _step(m.group(1).lower())) for m in _NEAREST_STEP.finditer(question)}
    if odd := [m for m in _NEAREST_ODD.finditer(question) if not _NEAREST_STEP.match(question, m.start())]:
        found.add(("other", len(odd)))
    if _nearest_unit(question, units):
        found.add(("places", 0))
    coarse = _COARSE.keys() | {"half", "quarter", "third", "dozen"}
    named = [m.group(1).lower() for m in _ROUNDED.finditer(question)]
    return found | {("places", _PLACES.get(word, 0)) for word in named if word not in coarse}


def whole(question: str) -> bool:
    """Whether a question wants a whole number, which an answer that is one need not be rounded to."""
    return _WHOLE.search(question) is not None


def _nearest_unit(question: str, units: tuple[str, ...]) -> bool:
    """Whether a question says "to the nearest" with a unit behind it."""
    for found in re.finditer(r"\bto the nearest (?=\S)", question, re.IGNORECASE):
        rest = question[found.end() :]
        behind = f"1 {rest}"  # as a unit stands behind a number
        if any(at == 2 for at, _ in units_in(behind)) or re.match(r"(?:person|inhabitant|point|dollar|euro)\b", rest):
            return True
        if re.match(r"second\b(?!-| [a-z]+est\b)", rest):
            return True
        if any(unit and _begins(rest.casefold(), unit.casefold()) for unit in units):
            return True
    return False


def _begins(text: str, unit: str) -> bool:
    first, space, more = unit.partition(" ")
    said = {unit, unit.removesuffix("s"), f"{first.removesuffix('s')}{space}{more}"}
    return any(re.match(rf"{re.escape(word)}(?!\w)", text) for word in said)


def _step(said: str) -> int:
    plain = said.replace(",", "")
    return _COARSE[plain] if plain in _COARSE else -round(math.log10(float(plain) or 1))


def without_roundings(question: str) -> str:
    """The question without the numbers that only say how to round."""
    for pattern in (_BY_FIGURES, _BY_PLACES, _TO_PLACE, _NEAREST_STEP):
        question = pattern.sub(" ", question)
    return question


def _count(said: str) -> int:
    return int(said) if said.isdigit() else NUMBERS.index(said.lower())
