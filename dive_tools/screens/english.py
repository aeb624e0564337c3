"""Can the question be read?"""

from __future__ import annotations

import re

from dive_tools.records import canonical
from dive_tools.screens.case import Case, screen_of
from dive_tools.support import SELECTORS

SENTENCE_WORDS = 35
NESTED_NOUNS = 3
SELECTORS_MOST = 2


@screen_of("unreadable")
def _long_sentence(case: Case) -> str | None:
    text = case.question.replace(_opening(case), "", 1)
    for node in case.givens:  # a long literal is data, not prose
        if isinstance(node["given"], str) and len(node["given"]) > 30:
            text = text.replace(node["given"], "X")
    for sentence in re.split(r"(?<=[.?!;])\s+", text):
        if len(sentence.split()) > SENTENCE_WORDS:
            return f"a sentence of {len(sentence.split())} words"
    return None


def _opening(case: Case) -> str:
    """The sentence that states a vignette, a list of facts which may be longer than a sentence that asks."""
    if not any("vignette" in node for node in case.givens):
        return ""
    return re.split(r"(?<=[.?!;])\s+", case.question, maxsplit=1)[0]


@screen_of("unreadable")
def _nested(case: Case) -> str | None:
    selectors = [n for n in case.reached if n.get("op") in (*SELECTORS, "top", "filter")]
    if len({canonical(n) for n in selectors}) > SELECTORS_MOST:
        return f"more than {SELECTORS_MOST} selectors"
    for sentence in re.split(r"(?<=[.?!;])\s+", case.question):
        for run in re.findall(r"(?:\bthe [\w\- ]+? (?:of|with|in|for|from|by|to|at) ){4,}", sentence):
            return f"more than {NESTED_NOUNS} nested nouns: {run[:60]!r}"
    return None


@screen_of("unreadable")
def _slips(case: Case) -> str | None:
    """Marks of a template that went wrong."""
    found = re.search(r"\{\w*\}|\bthe the\b|\ba the\b|\bof of\b|  | ,|\?\?|\.\.|\bNone\b|\bthat that\b", case.question)
    return f"{found.group()!r} in the question" if found else None
