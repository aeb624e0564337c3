"""What does a question in free English add: a multiple, a mean, a place in an order, a second request?

The other screens see what is missing. These see what was put in: a word that turns or bends the question needs a
place in the proof, or stands in the words of the tools' authors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from dive_tools.screens import faith, words
from dive_tools.screens.case import CHOOSING, Case, screen_of
from dive_tools.screens.stated import accounted, uses, usual
from dive_tools.screens.units import SOFT, canonical_unit, units_in
from dive_tools.values import label, leaves, say_number

# --- the words of a text ---------------------------------------------------------------------------------------------

AFTER = faith.RULES  # a screen is tried after those that are registered before it: what is missing is told first

PLAIN = frozenset(
    [
        "a",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "been",
        "being",
        "both",
        "by",
        "can",
        "could",
        "did",
        "do",
        "does",
        "each",
        "either",
        "every",
        "find",
        "for",
        "from",
        "gave",
        "get",
        "give",
        "given",
        "gives",
        "had",
        "has",
        "have",
        "her",
        "him",
        "his",
        "how",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "just",
        "may",
        "might",
        "more",
        "most",
        "much",
        "my",
        "now",
        "of",
        "off",
        "on",
        "one",
        "only",
        "or",
        "our",
        "over",
        "own",
        "shall",
        "she",
        "should",
        "so",
        "some",
        "such",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "those",
        "to",
        "up",
        "very",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "which",
        "while",
        "who",
        "whom",
        "whose",
        "will",
        "with",
        "would",
        "you",
        "your",
    ]
)


def tokens(text: str) -> list[str]:
    return re.findall(r"[^\W_]+(?:['’][a-z]+)?", text.lower())


def stem(word: str) -> str:
    """A word without the endings of number and time: "ions" and "ion", "marked" and "marks"."""
    word = re.sub(r"['’]s?$", "", word)
    for ending in ("ings", "ing", "edly", "ed", "ies", "es", "s", "ly", "y", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word


def content(text: str) -> list[str]:
    """The stems of the words that carry what a text says."""
    return [stem(word) for word in tokens(text) if word not in PLAIN and len(word) > 1]


def told(case: Case) -> str:
    """The words of the tools' authors, and what the givens say."""
    said = [accounted(case)]
    for call in case.used:
        tool = case.tools[case.steps[call]["tool"]]
        said += [f"{item.says.scope} {item.says.only} {item.says.noun}" for item in tool.fields.values()]
        said += [str(schema.get("description", "")) for schema in tool.parameters.get("properties", {}).values()]
    return re.sub(r"(?<=[a-z])_(?=[a-z])", " ", " ".join(said))


def unsaid(case: Case) -> str:
    """The question without its givens in words and its roundings: what the writer put there."""
    text = words.without_roundings(case.question)
    found = {
        said
        for node in case.givens
        for leaf in leaves(node["given"])
        if isinstance(leaf, str)
        for said in (*usual(leaf), label(leaf, node.get("type")))
        if len(said) > 3
    }
    for said in sorted(found, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(said)}(?!\w)", "X", text, flags=re.IGNORECASE)
    return text


# --- multiples, rates and hedges -------------------------------------------------------------------------------------

_MULTIPLE = re.compile(
    r"(?<![\w-])(?:half|halves|halved|(?:a|one|two|the remaining) thirds?(?= of)|quarters?|three-quarters|twice|thrice"
    r"|doubled?|tripled?|squared|to the power)(?![\w-])",
    re.IGNORECASE,
)
_SCALED = re.compile(r"\b(?:how many|in) (hundred|thousand|million|billion|trillion|dozen)s?\b", re.IGNORECASE)
_HEDGED = re.compile(
    r"\b(about|roughly|approximately|around|nearly|almost|circa|some|or so) (?=[$€£]?\d)", re.IGNORECASE
)
_PER = re.compile(r"\bper (?!cent\b)([a-z]+)\b|\b(per capita|densit(?:y|ies))\b", re.IGNORECASE)
_MEAN = re.compile(r"\b(on average|average[ds]?|averaging|median)\b|\bthe (mean)\b", re.IGNORECASE)
_RATES = ("ratio", "share", "percent_change")


@screen_of("unfaithful")
def _multiplied(case: Case) -> str | None:
    """A multiple, a rate, a mean, a scale and a hedge are the proof's or the tools'."""
    if not case.free:
        return None
    text = unsaid(case)
    known = told(case)
    ops = {n.get("op", "") for n in case.reached}
    stems = {stem(word) for word in tokens(known)}
    for found in _MULTIPLE.finditer(text):
        if stem(found.group().lower().split()[-1]) not in stems:
            return f"the question asks for {found.group()!r}, the proof multiplies nothing: leave it out"
    for found in _SCALED.finditer(text):
        if not re.search(rf"{found.group(1)}", known, re.IGNORECASE):
            return f"the question counts in {found.group(1)}s, the proof does not: ask for the number itself"
    for found in _HEDGED.finditer(text):
        if not re.search(rf"\b{found.group(1)} [{{$\d]", known, re.IGNORECASE):
            return f"the question says {found.group(1)!r} of a number that is stated exactly: leave it out"
    if not ops & {"mean", "median"}:
        for found in _MEAN.finditer(text):
            said = (found.group(1) or found.group(2)).lower()
            if not {"averag", "mean", "median"} & stems:
                return f"the question asks for {said!r}, the proof takes no mean: leave it out"
    return None if ops & set(_RATES) else _rate(case, text, known)


def _rate(case: Case, text: str, known: str) -> str | None:
    per = set(re.findall(r"(?:\bper|\beach|\bevery|\bfor every|/|\ban?|\bfor each) ?([a-z]+)", known.lower()))
    per = {stem(word) for word in per} | {stem(w) for _, unit in units_in(known) for w in unit.split(" per ")[1:]}
    per |= {stem(canonical_unit(word) or word) for word in set(per)}
    dense = "densit" in known.lower()
    for found in _PER.finditer(text):
        word = (found.group(1) or found.group(2)).lower()
        if word.startswith("densit"):
            if not dense and not per & {"square", "cubic", "hectar"}:
                return "the question asks for a density, the proof does not divide by an area or volume: leave it out"
        elif (
            not {stem(word), stem(canonical_unit(word) or word)} & per and word not in known.lower().split("per ")[-1:]
        ):
            return f"the question says {found.group()!r}, the proof and its units do not: leave it out"
    return None


# --- requests and places ---------------------------------------------------------------------------------------------

_WH = r"what|who|whom|when|where|why|by how|how (?:many|much|long|far|old|high|large)"
_TAIL = re.compile(
    rf"[,;]? and (?:also )?(?:{_WH}|which \w+ (?:is|was|has))\b"
    r"|[.?] (?:and|also)\b[^.?]*\b(?:who|what|which|when|where|how)\b",
    re.IGNORECASE,
)
_PARTED = ("map", "list", "sort", "top", "filter", "intersection", "each")


@screen_of("unfaithful")
def _second_request(case: Case) -> str | None:
    """An answer of one part is asked for once; one of several parts, no oftener than it has parts."""
    if not case.free or "original" in case.task:
        return None  # the original asks as often as it does
    text, op = unsaid(case), case.asked.get("op", "")
    parts = len(case.asked["parts"]) if op == "map" else len(case.asked["items"]) if op == "list" else 1
    if text.count("?") > parts:
        return (
            f"it asks {text.count('?')} questions, the answer has {parts}: ask in one sentence for what the proof gives"
        )
    tail = _TAIL.search(text)
    if tail and parts == 1:
        return f"the question asks for more, {tail.group().strip(' ,;.?')!r}: the answer is one thing, ask for it alone"
    return None


_PLACED = re.compile(
    r"\b(?:the|its|their|['’]s) (second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)(?![\w-])(?! of [A-Z])",
    re.IGNORECASE,
)
_SOME = "|".join(words.NUMBERS[2:])
_HOW_MANY_OF = re.compile(
    rf"\b(?:which|what) ({_SOME}|\d+)(?![\w-])|\bthe ({_SOME}|\d+) (?:\w+est|most|least)\b", re.IGNORECASE
)


@screen_of("unfaithful")
def _placed(case: Case) -> str | None:
    """A place in an order, and a number of winners, are the proof's."""
    if not case.free:
        return None
    text, known = unsaid(case), told(case).lower()
    numbers = {v for node in case.givens for v in leaves(node["given"]) if isinstance(v, int)}
    counts = numbers | {n["n"] for n in case.reached if "n" in n}
    counts |= {len(n["rows"]) for n in case.reached if n.get("op") == "table" and "over" not in n}
    listed = re.search(r"\b(?:first|former)\b", text, re.IGNORECASE) or any(n.get("op") == "map" for n in case.reached)
    for found in _PLACED.finditer(text):
        said = found.group(1).lower()
        place = next(n for n, spelt in words.ORDINALS.items() if said in spelt)
        if place not in counts and not listed and not re.search(rf"\b{said}\b", known):
            return f"the question asks for the {said}, the proof does not: leave it out, or take it in the proof (nth)"
    for found in _HOW_MANY_OF.finditer(text):
        said = (found.group(1) or found.group(2)).lower()
        count = int(said) if said.isdigit() else words.NUMBERS.index(said)
        value = case.task["answer"]["value"]
        if count not in counts and not (isinstance(value, list | dict) and len(value) == count) and count < 1000:
            return f"the question asks for {said} of them, the proof does not: ask for as many as the proof gives"
    return None


# --- limits ----------------------------------------------------------------------------------------------------------


@screen_of("unfaithful")
def _limit_unit(case: Case) -> str | None:
    """The number of a limit is measured in the unit of what it limits, and a given in the unit it is called by."""
    if not case.free:
        return None
    for node in case.givens:  # a parameter may be called by its unit
        own = {canonical_unit(name.replace("_", " ")) for _, name in uses(case, node) if len(name) > 4} - {None}
        after = [unit for unit in _units_after(case.question, node["given"]) if unit] if own else []
        if after and not own & set(after):
            return f"the question gives {node['given']} in {after[0]}, not in {min(filter(None, own))}"
    for node in case.reached:
        value = node["where"]["value"].get("given") if "where" in node else None
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        within = _INCLUDED.search(" ".join(case.question[:at] for at, _ in places(case.question, usual(value))[:1]))
        if within and node["where"]["is"] in ("gt", "lt"):
            said = "more" if node["where"]["is"] == "gt" else "less"
            return f"the question says {within.group().strip()!r} of a limit that the proof leaves out: say {said} than"
        item = case.by(node["of"], node["where"]["at"])
        wanted = canonical_unit(item.unit) if item is not None and item.unit else None
        after = [unit for unit in _units_after(case.question, value) if unit]
        if item is not None and item.kind and after and wanted not in after and (wanted or set(after) - SOFT):
            of = item.unit or "a bare number"
            return f"the limit {say_number(value)} is given in {after[0]}, what it limits is {of}: name that, or none"
    return None


_INCLUDED = re.compile(
    r"\b(?:at (?:least|most)|no (?:more|less|fewer) than|not (?:more|less|fewer) than|up to|a (?:minimum|maximum) of)"
    r"(?: [$€£])? *$",
    re.IGNORECASE,
)
_BEST = re.compile(r"\b\w+(?:est|most)\b|\bmaxim\w+\b|\bminim\w+\b|\brounded (?:up|down)\b", re.IGNORECASE)


@screen_of("unfaithful")
def _extreme_of_nothing(case: Case) -> str | None:
    """Where the proof chooses nothing, an extreme is one of which the tools speak."""
    if not case.free:
        return None
    known, text = set(tokens(told(case))), unsaid(case)
    chosen = any(n.get("op") in CHOOSING for n in case.reached)
    for found in _BEST.finditer(re.sub(r"\bto the nearest\b|\bat (?:least|most)\b", " ", text)):
        said = found.group().lower().split()
        if len(said) > 1:
            if said[1] not in known or not {"round", "rounded"} & known:
                return f"the question says {found.group()!r}, the proof rounds to the nearest: leave it out"
        elif said[0] in words.HIGH | words.LOW and not chosen and said[0] not in known:
            return (
                f"the question asks for the {said[0]}, the proof chooses nothing: leave it out, or choose in the proof"
            )
    return None


def _units_after(text: str, value: Any) -> Iterator[str | None]:
    """The unit behind each place where a number stands."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    found = units_in(text)
    for _, end in places(text, [said for said in usual(value) if said[0].isdigit()]):
        yield next((unit for start, unit in found if end <= start <= end + 1), None)


def places(text: str, sayings: Sequence[str] | set[str]) -> list[tuple[int, int]]:
    """Where one of some words stands in a text, as words and as whole numbers."""
    said = "|".join(re.escape(word) for word in sorted(sayings, key=len, reverse=True) if word)
    if not said:
        return []
    pattern = rf"(?<![\w.,])(?<!\d[-−])(?:{said})(?!\w|[.,]\d)"
    return [m.span() for m in re.finditer(pattern, text, re.IGNORECASE)]
