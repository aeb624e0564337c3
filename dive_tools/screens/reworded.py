"""Does a question that a model said in other words ask for what it asked before?

The task keeps both: `original`, which was made from the words of the tools' authors and is held to them, and the new
question, which may change words but no number, name, unit, rounding, extreme, operation or order.
"""

from __future__ import annotations

import re
from collections import Counter

from dive_tools.screens import faith, words
from dive_tools.screens.added import PLAIN, stem, tokens
from dive_tools.screens.case import ARITHMETIC, CHOOSING, Case, screen_of, word_in
from dive_tools.screens.denied import NEGATION
from dive_tools.screens.stated import NUMBERS, OPENERS
from dive_tools.screens.units import SOFT, canonical_unit, units_in
from dive_tools.screens.vocabulary import sayings
from dive_tools.values import VIGNETTES, say_vignette

LONGER, SHORTER = 1.6, 0.5  # how much longer or shorter, in words, a question may become
SPARE = 8  # words that a short question may grow by beside that
SENTENCES = 1  # more of them


@screen_of("unfaithful")
def _original(case: Case) -> str | None:
    """The question as it was first, in the words of the tools' authors, asks for just what the support proves."""
    if "original" not in case.task:
        return None
    task = {key: value for key, value in case.task.items() if key != "original"}
    before = Case({**case.record, "task": {**task, "question": case.task["original"]}}, case.tools)
    found = next((detail for rule in faith.RULES if (detail := rule(before)) is not None), None)
    return f"as it was first: {found}" if found else None


@screen_of("unfaithful")
def _changed(case: Case) -> str | None:
    """Nothing is lost in the new words, and nothing is added."""
    before = case.task.get("original")
    return None if before is None else lost_or_added(case, before, case.question)


def lost_or_added(case: Case, before: str, after: str) -> str | None:
    """What one question says and the other does not, of all that matters; None where they say the same."""
    rules = (_said, _order, _opening, _turned, _content)
    return _shape(before, after) or next((why for rule in rules if (why := rule(case, before, after))), None)


def _shape(before: str, after: str) -> str | None:
    if after == before:
        return "it has the same words: say it in others"
    old, new = len(before.split()), len(after.split())
    if new > old * LONGER + SPARE or new < old * SHORTER:
        return f"it has {new} words for {old}: take between {old * SHORTER:.0f} and {old * LONGER + SPARE:.0f}"
    if len(_sentences(after)) > len(_sentences(before)) + SENTENCES:
        most = len(_sentences(before)) + SENTENCES
        return f"it has {len(_sentences(after))} sentences for {len(_sentences(before))}: make at most {most}"
    if after[-1:] not in "?.":
        return "it ends without a mark: end it with '?' or '.'"
    if after.count("?") > max(before.count("?"), 1):
        return "it asks more questions: ask what the first one asks, and no more"
    return None


def _sentences(text: str) -> list[str]:
    return re.findall(r"[^.?!;]+(?:[.?!;](?=\S)[^.?!;]+)*[.?!;]", text)


def _said(case: Case, before: str, after: str) -> str | None:
    kinds = (("number", _numbers), ("unit", _units), ("rounding", _roundings), ("quotation", _quotations))
    for what, of in kinds:
        lost, added = set(of(before) - of(after)), set(of(after) - of(before))
        if lost or added:
            fault = f"the {what} {min(lost or added)} is {'lost' if lost else 'added'}"
            return f"{fault}: {'say it as it was' if lost else 'leave it out'}"
    stated = {said for node in case.givens for said in sayings(case, node)}
    for said in sorted(stated | _names(before) | _nouns(case)):
        if word_in(said, before) and not word_in(said, after):
            return f"{said!r} is lost: keep these words as they are"
    strange = next((name for name in sorted(_names(after)) if not word_in(name, before)), None)
    if strange is not None:
        return f"{strange!r} is added: leave it out"
    old, new = (_extremes(case, text) for text in (before, after))
    turned = next((side for side in ("high", "low") if bool(old[side]) != bool(new[side])), None)
    if turned is not None:
        fault = f"{min(old[turned] | new[turned])!r} is {'lost' if old[turned] else 'added'}"
        return f"{fault}: ask for the same {'high' if turned == 'high' else 'low'} end as before, and no other"
    limits = next((s for s in ("gt", "lt") if _limit(s, before) != _limit(s, after)), None)
    return f"{words.CLEAR[limits][0]!r} is lost or added: keep every limit as it was" if limits else None


def _extremes(case: Case, text: str) -> dict[str, set[str]]:
    """The words that choose one end; where nothing is chosen, "higher" only sets two things side by side."""
    choosing = any(node.get("op") in CHOOSING for node in case.reached)
    found = words.sides(text, "").items()
    return {side: {w for w in said if choosing or re.search(r"est$|most$|mum$", w)} for side, said in found}


def _limit(side: str, text: str) -> bool:
    return any(word_in(said, text) for said in words.CLEAR[side])


def _numbers(text: str) -> Counter[str]:
    return Counter(NUMBERS.findall(words.without_roundings(text)))


def _units(text: str) -> Counter[str]:
    """The units in which something is measured; a year in which something happened is none."""
    measured = re.compile(r"(?:\bin|\bmany|\d|\()\s?-?$", re.IGNORECASE)
    hard = (u for at, u in units_in(text) if u not in SOFT or u == "percent" or measured.search(text[:at]))
    return Counter(set(hard))


def _roundings(text: str) -> Counter[str]:
    return Counter(f"to {count} {kind}" for kind, count in words.roundings(text))


def _quotations(text: str) -> Counter[str]:
    return Counter(re.findall(r'[“"]([^“”"]+)[”"]', text))


def _names(text: str) -> set[str]:
    """The proper names inside the sentences of a text."""
    found = re.findall(r"(?<=[a-z0-9,:(] )[A-Z][\w’-]*(?:\.\d+)*", text)
    return {re.sub(r"['’]s?$", "", name) for name in found} - OPENERS


def _nouns(case: Case) -> set[str]:
    """The nouns of what the answer rests on."""
    return {item.says.noun for _, _, item in case.cited if item.says.noun}


def _order(case: Case, before: str, after: str) -> str | None:
    """Numbers, things that are set side by side, and several parts keep their order."""
    if NUMBERS.findall(before) != NUMBERS.findall(after):
        return "the numbers stand in another order: keep theirs"
    if case.asked.get("op") == "map":
        marks = [re.findall(r"\([a-d]\)", text) for text in (before, after)]
        if marks[0] != marks[1]:
            return "the parts are not marked as they were: keep (a), (b) and so on"
        named = [name for name in case.asked["parts"] if name in before]
        if _placed(named, before) != _placed(named, after):
            return "the parts stand in another order: keep theirs"
    if any(node.get("op") in (*ARITHMETIC, "compare", "if") for node in case.reached):
        named = sorted({s for node in case.givens for s in sayings(case, node) if word_in(s, before)})
        if _placed(named, before) != _placed(named, after):
            return "what is compared stands in another order: name first what was named first"
    return None


def _placed(names: list[str], text: str) -> list[str]:
    places = {name: text.lower().find(name.lower()) for name in names}
    return sorted(names, key=lambda name: (places[name], -len(name)))


# --- the words themselves --------------------------------------------------------------------------------------------

ASKING = frozenset(
    [
        "answer",
        "asked",
        "calculate",
        "compute",
        "consider",
        "determine",
        "question",
        "following",
        "here",
        "identify",
        "including",
        "indicate",
        "know",
        "let",
        "list",
        "look",
        "me",
        "name",
        "now",
        "obtain",
        "please",
        "provide",
        "report",
        "respectively",
        "say",
        "specify",
        "state",
        "step",
        "take",
        "tell",
        "us",
        "using",
        "want",
        "work",
        "given",
        "value",
        "amount",
        "result",
        "figure",
        "express",
        "expressed",
        "needed",
        "quantity",
        "come",
        "comes",
        "amounts",
        "first-of-all",
        "two",
        "among",
        "amid",
        "accord",
        "according",
        "round",
        "rounded",
        "rounding",
        "decimal",
        "place",
        "places",
        "significant",
        "figures",
        "digits",
        "nearest",
        "whole",
        "number",
        "many",
        "have",
        "having",
        "lie",
        "lies",
        "located",
        "situated",
        "belong",
        "belongs",
        "hold",
        "holds",
        "stand",
        "stands",
        "serve",
        "whose",
        "same",
        "also",
        "question",
    ]
)
_TWINS = (  # words of which one may stand for another
    "above over greater more higher exceed exceeds larger beyond surpass longer heavier taller later",
    "below under less lower smaller fewer shorter lighter earlier",
    "highest largest greatest biggest most maximum top longest", "lowest smallest least fewest minimum shortest",
    "higher greater larger", "lower smaller less", "after following later next", "before earlier prior previous",
    "difference differ apart gap exceed higher more lower less between",
    "total sum combined altogether together overall", "catch caught", "give gave", "fall fell", "hold held",
    "mean average", "percentage percent proportion share", "people inhabitants persons residents live population",
    "elevation height altitude high", "distance far apart away long", "duration time long take last", "area large size",
    "length long", "year when", "date day when", "country nation", "city town", "company firm", "start begin commence",
    "end finish stop conclude", "contain include comprise", "use employ", "show display", "happen occur fall take",
    "build construct", "border neighbour adjoin", "buy purchase", "rate ratio", "number count", "cost price",
    "find determine", "both two", "single one only", "every each all", "different distinct", "among of", "begin open",
    "weigh weight mass", "speed fast velocity", "estimate estimated", "correspond corresponding", "produce give yield",
    "require need", "follow result", "ask question", "per each every", "last final", "rank order sort", "both each",
)  # fmt: skip
_UNIT_WORDS = frozenset(("square", "cubic", "per", "percent", "percentage", "cent"))


def _twins() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for line in _TWINS:
        said = {stem(word) for word in line.split()}
        for word in said:
            found.setdefault(word, set()).update(said)
    return found


TWINS = _twins()
_IDLE = frozenset(stem(word) for word in ASKING)


def _content(case: Case, before: str, after: str) -> str | None:
    """No word that carries the question is lost or added; plain twins, units and asking words may change."""
    counts = [len(NEGATION.findall(text)) for text in (before, after)]
    if counts[0] != counts[1]:
        return f"a negation is {'lost' if counts[0] > counts[1] else 'added'}"
    old, new = _stems(before), _stems(after)
    for one, other, what in ((old, new, "lost"), (new, old, "added")):
        for root, word in one.items():
            if root not in other and root not in _IDLE and not TWINS.get(root, set()) & other.keys():
                return f"the word {word!r} is {what}"
    return None


def _stems(text: str) -> dict[str, str]:
    """The words of a text that carry what it asks, by their stems."""
    kept = words.without_roundings(re.sub(r"\([a-z]\)", " ", text))
    found = (w for w in tokens(kept) if w not in PLAIN and w not in _UNIT_WORDS and not w[0].isdigit() and len(w) > 1)
    return {stem(w): w for w in found if canonical_unit(w) is None or w in SOFT}


def _opening(case: Case, before: str, after: str) -> str | None:
    """The sentence that states a vignette stays as it is."""
    parts: dict[str, set[str]] = {}
    for node in case.givens:
        if node.get("vignette") in VIGNETTES:
            parts.setdefault(node["vignette"], set()).add(node["seed"].removeprefix("/"))
    seed = case.record["setup"]["seed"]["value"]
    for name, used in parts.items():
        said = say_vignette(VIGNETTES[name], seed, [part for part in seed if part in used])
        if said in before and said.removesuffix(".") not in after:
            return f"the sentence that states {VIGNETTES[name].owner} is not kept as it is"
    return None


_WAY = re.compile(r"\b(from|to|than|between|by|of|after|before|until|over|into)(?: the)? *$", re.IGNORECASE)
_WAYS = ("from", "to", "than", "after", "before", "until", "into")


def _turned(case: Case, before: str, after: str) -> str | None:
    """What stands behind "from" and "to" stays there."""
    stated = {said for node in case.givens for said in sayings(case, node) if len(said) > 1}
    for said in sorted(stated):
        old, new = (_ways(said, text) for text in (before, after))
        if old and new and old != new and (old | new) & set(_WAYS[:2]):
            lost = min(old ^ new)
            return f"{said!r} stands no longer where it stood, behind {lost!r}"
    return None


def _ways(said: str, text: str) -> set[str]:
    """The words of direction right before something stated."""
    found = (_WAY.search(text[: m.start()]) for m in re.finditer(rf"(?<!\w){re.escape(said)}(?!\w)", text))
    return {m.group(1).lower() for m in found if m and m.group(1).lower() in _WAYS}
