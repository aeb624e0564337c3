"""Does a question in free English give away what is to be found out, in another spelling or in part?

The plain spelling of an answer is looked for by `proof` and `stated`; here are the others: a name without its country,
a number in words, a word made from the answer, the letters that it begins with.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import Any

from dive_tools.screens import words
from dive_tools.screens.added import content, stem, tokens, told, unsaid
from dive_tools.screens.case import Case, chosen_between, screen_of, word_in
from dive_tools.screens.stated import ABOUT_A_RESULT, OPENERS, usual
from dive_tools.screens.vocabulary import vocabulary
from dive_tools.support import SupportError, evaluate, over, walk
from dive_tools.values import TYPES, label, leaves

SHORT = 4  # letters of a name that counts in its own case only
NEAR = 0.01  # how close, in proportion, a number in words comes to a large answer

# --- names -----------------------------------------------------------------------------------------------------------


@screen_of("leak")
def _name_found_out(case: Case) -> str | None:
    """A name that the proof finds out stands in the question in no spelling."""
    if not case.free:
        return None
    asked, allowed = folded(case.question), folded(f"{vocabulary(case)} {_given_names(case)}")
    starts = {m.group() for m in re.finditer(r"(?:(?<=^)|(?<=[.?!;:] ))[^\W\d_][\w'’-]+", asked)}
    for name in dict.fromkeys(folded(name) for name in _found_out(case)):
        for said in _spellings(name):
            if _stands(said, asked) and not word_in(said, allowed):
                return f"the question says {said!r}, which is to be found out: say how it is found instead"
        for word in re.findall(r"[A-Z][\w'’-]{3,}", name) if len(name.split()) <= SHORT else ():
            if word in starts - OPENERS and not word_in(word, allowed):
                return f"the question says {word!r}, which is to be found out: say how it is found instead"
    return None


def folded(text: str) -> str:
    """A text without the marks on its letters, and without characters that do not show."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(c for c in plain if not unicodedata.combining(c) and unicodedata.category(c) != "Cf")


def _spellings(name: str) -> set[str]:
    """A name, the part that a person would say, and either without its article."""
    said = {name, name.split(",")[0], re.split(r" ?\(", name)[0]}
    said |= {text.removeprefix("the ").removeprefix("The ") for text in said}
    return {text.strip() for text in said if len(text.strip()) > 2 and not text.strip().islower()}


def _stands(said: str, text: str) -> bool:
    if said.isdecimal():
        return False  # a number, which is looked for as such
    if len(said) <= SHORT and said.isalpha():
        return re.search(rf"(?<![\w.]){re.escape(said)}(?!\w|[.,]\d)", text) is not None
    return word_in(said, text)


def _given_names(case: Case) -> str:
    said = [label(leaf, node.get("type")) for node in case.givens for leaf in leaves(node["given"])]
    said += [str(leaf) for leaf in leaves(case.record["setup"]["seed"]["value"])]
    return " ".join([*said, *(text for node in case.givens for leaf in leaves(node["given"]) for text in usual(leaf))])


def _found_out(case: Case) -> Iterator[str]:
    """The names that flow through the proof and are not given, each also as it is said."""
    for call in case.used:
        step = case.steps[call]
        for name, source in step["arguments_from"].items():
            if "given" not in source:
                slot = case.tools[step["tool"]].slots.get(name)
                yield from _said(step["arguments"].get(name), slot.type if slot else None)
    for node in case.reached:
        if "call" in node:
            found = case.field(node)
            yield from _said(_value(case, node), found[2].type if found else None)
    if not _among_stated(case):
        yield from _said(case.task["answer"]["value"], None)


def _said(value: Any, type_: str | None) -> Iterator[str]:
    if isinstance(value, dict):
        value = {key: part for key, part in value.items() if key not in ABOUT_A_RESULT}
    for leaf in leaves(value):
        if isinstance(leaf, str) and len(leaf) <= 80:
            yield leaf
            if TYPES.get(type_ or "") is not None and TYPES[type_ or ""].spoken == "label" and leaf is value:
                yield label(leaf, type_)


def _value(case: Case, node: dict[str, Any]) -> Any:
    try:
        return evaluate(node, over(case.evidence))
    except SupportError:
        return None


def _among_stated(case: Case) -> bool:
    """Whether the answer is one or some of the things that the question lists."""
    tables = [n for n in walk(case.task["support"]) if n.get("op") == "table"]
    return chosen_between(case) or (bool(tables) and all("over" not in table for table in tables))


# --- words made from the answer --------------------------------------------------------------------------------------

_LETTERS = re.compile(
    r"\b(?:begin|start|end)(?:s|ning|ing)? (?:with|in)(?: an?| the)?(?: letters?)? [“\"'‘]?([A-Za-z]{1,12})\b|"
    r"\binitials? (?:is |are )?[“\"'‘]?([A-Za-z]{1,3})\b",
    re.IGNORECASE,
)


@screen_of("leak")
def _word_of_the_answer(case: Case) -> str | None:
    """No word is made from the answer, and no letters of it are told."""
    answer = case.task["answer"]
    if not case.free or answer["type"] not in ("string", "set", "list", "map") or _among_stated(case):
        return None
    asked, known = folded(unsaid(case)), folded(told(case)).lower()
    names = [folded(leaf) for leaf in leaves(answer["value"]) if isinstance(leaf, str) and not leaf.islower()]
    named = " ".join(leaf for node in case.givens for leaf in leaves(node["given"]) if isinstance(leaf, str)).lower()
    for name in names:
        plain = re.split(r", | ?\(", name)[0].lower()
        for found in _LETTERS.finditer(asked):
            piece = (found.group(1) or found.group(2)).lower()
            if (
                (plain.startswith(piece) or plain.endswith(piece))
                and piece not in ("the", "a")
                and not word_in(piece, named)
            ):
                return f"the question tells letters of the answer, {found.group()!r}: leave them out"
        for word in tokens(plain) if len(plain.split()) == 1 else ():
            root = word[: max(5, len(word) - 2)]
            near = [w for w in tokens(asked) if len(root) >= 5 and root in w and not word_in(w, known)]
            if near and root not in known:
                return f"the question says {near[0]!r}, a word made from the answer: say it otherwise"
    return None


# --- numbers in words ------------------------------------------------------------------------------------------------

_TEENS = ("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ONES = {
    **{word: n for n, word in enumerate((*words.NUMBERS, *_TEENS))},
    **{word: 10 * n for n, word in enumerate(_TENS, 2)},
    "dozen": 12,
}
_SCALES = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_WORD = "|".join([*_ONES, *_SCALES])
_RUN = re.compile(
    rf"(?<![\w.,:/−-])(?:\d[\d,]*(?:\.\d+)?(?: (?:{'|'.join(_SCALES)}))?|(?:{_WORD})(?:(?:[ -]| and )(?:{_WORD}))*)"
    rf"(?![\w:/]|[.,]\d)",
    re.IGNORECASE,
)


def numbers_in(text: str) -> Iterator[tuple[float, int, int]]:
    """The numbers of a text, in digits and in words, with their places."""
    for found in _RUN.finditer(text):
        said = found.group().lower()
        if said[0].isdigit():
            number, _, scale = said.partition(" ")
            yield float(number.replace(",", "")) * _SCALES.get(scale, 1), *found.span()
        else:
            yield _read(re.findall("[a-z]+", said)), *found.span()


def _read(said: list[str]) -> int:
    """four million four hundred thousand -> 4400000"""
    whole, part = 0, 0
    for word in said:
        scale = _SCALES.get(word)
        if scale is None:
            part += _ONES.get(word, 0)
        elif scale == _SCALES["hundred"]:
            part = max(part, 1) * scale
        else:
            whole, part = whole + max(part, 1) * scale, 0
    return whole + part


@screen_of("leak")
def _number_given_away(case: Case) -> str | None:
    """A number of the answer stands in the question, in digits or words, only where it is a given's."""
    wanted = {v for v in leaves(case.task["answer"]["value"]) if isinstance(v, int | float) and not isinstance(v, bool)}
    if not case.free or not wanted or case.task["answer"]["type"] == "text":
        return None
    text = unsaid(case)
    given = Counter(float(v) for node in _apart(case) for v in leaves(node["given"]) if _plain_number(v))
    given.update(float(n["n"]) for n in case.reached if "n" in n)
    given.update(float(len(n["rows"])) for n in case.reached if n.get("op") == "table" and "over" not in n)
    stated, known, nouns = set(given), tokens(told(case)), _counted(text)
    for value, start, end in numbers_in(text):
        exact = value in wanted
        if not exact and (value in stated or not any(_close(value, answer) for answer in wanted)):
            continue
        if given[value] > 0:
            given[value] -= 1
            continue
        said, after = text[start:end], tokens(text[end : end + 60])[:2]
        if abs(value) <= 1 and not set(map(stem, after)) & nouns:
            continue  # "one of them", "the one that"
        before = tokens(text[max(0, start - 40) : start])[-1:]
        if _told(known, [*tokens(said), *after[:1]]) or (before and _told(known, [*before, *tokens(said)])):
            continue
        return f"the question says {said!r}, the answer: leave it out"
    return None


def _apart(case: Case) -> list[dict[str, Any]]:
    """The givens, each thing that is given once."""
    return list({str(sorted(node.items(), key=str)): node for node in case.givens}.values())


def _plain_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _close(said: float, answer: float) -> bool:
    return abs(answer) > 100 and said > 100 and abs(said - answer) <= NEAR * abs(answer)


def _counted(text: str) -> set[str]:
    """The stems of what a question asks the number of."""
    found = re.findall(r"\b(?:how many|number of) ((?:[\w-]+ ?){1,4})", text, re.IGNORECASE)
    return {root for said in found for root in content(said)}


def _told(known: list[str], run: list[str]) -> bool:
    return bool(run) and any(known[i : i + len(run)] == run for i in range(len(known)))
