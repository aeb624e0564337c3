"""Does a question that a model said in other words ask for what it asked before?

The task keeps both: `original`, which was made from the words of the tools' authors and is held to them, and the new
question, which may change words but no number, name, unit, rounding, extreme, operation or order.
"""

from __future__ import annotations

import re
from collections import Counter

from dive_tools.screens import faith, words
from dive_tools.screens.case import ARITHMETIC, CHOOSING, Case, screen_of, word_in
from dive_tools.screens.stated import NUMBERS, OPENERS
from dive_tools.screens.units import SOFT, units_in
from dive_tools.screens.vocabulary import sayings

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
    return _shape(before, after) or _said(case, before, after) or _order(case, before, after)


def _shape(before: str, after: str) -> str | None:
    if after == before:
        return "it has the same words"
    old, new = len(before.split()), len(after.split())
    if new > old * LONGER + SPARE or new < old * SHORTER:
        return f"it has {new} words for {old}"
    if len(_sentences(after)) > len(_sentences(before)) + SENTENCES:
        return f"it has {len(_sentences(after))} sentences for {len(_sentences(before))}"
    if after[-1:] not in "?.":
        return "it ends without a mark"
    if after.count("?") > max(before.count("?"), 1):
        return "it asks more questions"
    return None


def _sentences(text: str) -> list[str]:
    return re.findall(r"[^.?!;]+(?:[.?!;](?=\S)[^.?!;]+)*[.?!;]", text)


def _said(case: Case, before: str, after: str) -> str | None:
    kinds = (("number", _numbers), ("unit", _units), ("rounding", _roundings), ("quotation", _quotations))
    for what, of in kinds:
        lost, added = set(of(before) - of(after)), set(of(after) - of(before))
        if lost or added:
            return f"the {what} {min(lost or added)} is {'lost' if lost else 'added'}"
    stated = {said for node in case.givens for said in sayings(case, node)}
    for said in sorted(stated | _names(before) | _nouns(case)):
        if word_in(said, before) and not word_in(said, after):
            return f"{said!r} is lost"
    strange = next((name for name in sorted(_names(after)) if not word_in(name, before)), None)
    if strange is not None:
        return f"{strange!r} is added"
    old, new = (_extremes(case, text) for text in (before, after))
    turned = next((side for side in ("high", "low") if bool(old[side]) != bool(new[side])), None)
    if turned is not None:
        return f"{min(old[turned] | new[turned])!r} is {'lost' if old[turned] else 'added'}"
    limits = next((s for s in ("gt", "lt") if _limit(s, before) != _limit(s, after)), None)
    return f"{words.CLEAR[limits][0]!r} is lost or added" if limits else None


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
        return "the numbers stand in another order"
    if case.asked.get("op") == "map":
        marks = [re.findall(r"\([a-d]\)", text) for text in (before, after)]
        if marks[0] != marks[1]:
            return "the parts are not marked as they were"
        named = [name for name in case.asked["parts"] if name in before]
        if _placed(named, before) != _placed(named, after):
            return "the parts stand in another order"
    if any(node.get("op") in (*ARITHMETIC, "compare", "if") for node in case.reached):
        named = sorted({s for node in case.givens for s in sayings(case, node) if word_in(s, before)})
        if _placed(named, before) != _placed(named, after):
            return "what is compared stands in another order"
    return None


def _placed(names: list[str], text: str) -> list[str]:
    places = {name: text.lower().find(name.lower()) for name in names}
    return sorted(names, key=lambda name: (places[name], -len(name)))
