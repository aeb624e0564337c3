"""What a draft must also keep to: quotes in their context, parts under their own names, sources that mean something.

Each function yields what is wrong, in words that the model can mend it by.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from dive_tools.records import canonical
from dive_tools.screens.case import word_in
from dive_tools.screens.sense import telling
from dive_tools.screens.units import names_unit
from dive_tools.support import Node, SupportError, evaluate, over, through, walk
from dive_tools.values import label

STEM = 4  # letters by which two words are taken for the same
AFTER = 30  # characters after a quoted number in which its unit stands
_EDGE = re.compile(
    r"(?i)^(a|an|the|of|in|on|at|to|by|and|or|as|was|is|for)\b|\b(a|an|the|of|in|on|at|to|by|and|or|as|was|is|for)$"
)
_WORD = re.compile(r"[^\W\d_]{4,}")
_PLAIN = {
    "according", "after", "also", "been", "before", "between", "does", "from", "have", "into", "many", "much", "says",
    "that", "their", "then", "there", "these", "this", "those", "were", "what", "when", "where", "which", "while",
    "whose", "will", "with", "text", "give", "take", "find", "name",
}  # fmt: skip


def stems(text: str) -> set[str]:
    """The beginnings of the words of a text that carry its meaning."""
    return {word[:STEM] for word in map(str.lower, _WORD.findall(text)) if word not in _PLAIN}


# --- quotes -----------------------------------------------------------------------------------------------------------


def out_of_context(node: Node, question: str, unit: str, evidence: list[Node]) -> Iterator[str]:
    """Quotes that are torn: half a name, a number of another unit, a sentence about something else."""
    for quote in (inner for inner in walk(node) if "quote" in inner):
        text = _text(quote, evidence)
        words = str(quote["quote"]).strip()
        start = text.find(words)
        if start < 0:
            continue  # the support has no value, which is told elsewhere
        sentence, rest = sentence_of(text, start), text[start + len(words) :]
        if quote.get("parse", "string") == "string" and (_EDGE.search(words) or _goes_on(words, rest)):
            yield f"the quote {words!r} is a fragment: quote the whole name or noun"
        if quote.get("parse") == "number" and unit and not names_unit(rest[:AFTER], unit):
            yield f"the quoted {words} is not a number of {unit} where it stands: ...{words}{rest[:AFTER]}..."
        about = stems(re.sub(r"\b[A-Z]\w*", "", sentence[:1].lower() + sentence[1:])) - stems(words)
        if about and not about & stems(question):
            yield f"the question does not speak of what the text says where {words!r} stands: {sentence[:160]!r}"


def _text(quote: Node, evidence: list[Node]) -> str:
    plain = {key: value for key, value in quote.items() if key not in ("quote", "parse")}
    try:
        return str(evaluate(plain, over(evidence)))
    except SupportError:
        return ""


def _goes_on(words: str, rest: str) -> bool:
    """Whether a name is broken off: it ends with a capital word, and the next one is too."""
    return words.split()[-1][:1].isupper() and re.match(r" [A-Z]", rest) is not None


def sentence_of(text: str, place: int) -> str:
    """The sentence that holds a place of a text."""
    begin = max((found.end() for found in re.finditer(r"[.!?]\s+|\n+", text[:place])), default=0)
    end = re.compile(r"[.!?](?=\s|$)|\n").search(text, place)
    return text[begin : end.end() if end else len(text)].strip()


def claimed(node: Node, value: Any, evidence: list[Node]) -> str:
    """The sentences in which the claims of a text stand, in the words of the results; else the claims themselves."""
    found = []
    for item, claim in zip(node["items"], value, strict=True):
        text = _text(item, evidence) if "quote" in item else ""
        place = text.find(str(item.get("quote", "")).strip())
        found.append(sentence_of(text, place) if text and place >= 0 else str(claim))
    return " ".join(dict.fromkeys(found))


# --- several parts ----------------------------------------------------------------------------------------------------


def misnamed(node: Node, question: str, words: str, evidence: list[Node]) -> Iterator[str]:
    """Parts of an answer that stand under another's name, under a name that is nobody's, or twice."""
    if node.get("op") == "round":
        node = node["of"]
    if node.get("op") == "map":
        names, parts = list(node["parts"]), list(node["parts"].values())
        yield from _names(names, f"{question} {words}")
    elif node.get("op") == "list":
        names, parts = [], node["items"]
    else:
        return
    if any(not any("call" in inner for inner in walk(part)) for part in parts):
        yield "a part of the answer cites no call: a part is something to be found out"
    if len({canonical(part) for part in parts}) < len(parts):
        yield "two parts of the answer are the same"
    own = _distinct(parts, evidence)
    for name, mine in zip(names, own, strict=False):
        strange = next((g for g in set().union(*own) - mine if word_in(g, name) and not _any_in(mine, name)), None)
        if strange is not None:
            yield f"the part named {name!r} is not about {strange}: its value was looked up for another"
    order = [min((question.find(g) for g in mine if g in question), default=-1) for mine in own]
    if not names and all(place >= 0 for place in order) and order != sorted(order):
        yield "the parts of the answer stand in another order than in the question"


def _names(names: list[str], question: str) -> Iterator[str]:
    asked = stems(question) | {word[:STEM] for word in re.findall(r"\w+", question.lower())}
    for name in names:
        if not {word[:STEM] for word in re.findall(r"\w+", name.lower())} & asked:
            yield f"the part of the answer named {name!r} is not asked for in words of its name"


def _any_in(givens: set[str], name: str) -> bool:
    return any(word_in(given, name) for given in givens)


def _distinct(parts: list[Node], evidence: list[Node]) -> list[set[str]]:
    """For each part, the stated things that it rests on and not every other part does."""
    each = [
        {str(label(n["given"], n.get("type"))) for n in through(p, evidence) if isinstance(n.get("given"), str)}
        for p in parts
    ]
    shared = set.intersection(*each) if each else set()
    return [mine - shared for mine in each]


def empty_choice(node: Node) -> Iterator[str]:
    """A choice of which a branch was not looked up: the other is then the answer, whatever the condition."""
    for inner in (each for each in walk(node) if each.get("op") == "if"):
        branches = (inner["then"], inner["else"])
        if canonical(branches[0]) == canonical(branches[1]):
            yield "both branches of an if are the same"
        elif any(not any("call" in part for part in walk(branch)) for branch in branches):
            yield "a branch of an if cites no call: each is something to be found out"


# --- sources ----------------------------------------------------------------------------------------------------------


def meaningless(step: Mapping[str, Any], name: str) -> str | None:
    """Why an argument may not be said to come from results: by chance, many things are equal to it."""
    source = step["arguments_from"][name]
    if "seed" in source:
        return "is the seed"
    if "choice" in source:
        return "is a choice that the question states"
    value = step["arguments"][name]
    if not isinstance(value, dict | list) and not telling(value):
        return f"is {value}, which many things are equal to: the question states it"
    return None
