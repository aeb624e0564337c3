"""Can the question be read?"""

from __future__ import annotations

import re

from dive_tools.records import canonical
from dive_tools.screens.case import Case, screen_of, word_in
from dive_tools.screens.vocabulary import sayings
from dive_tools.support import SELECTORS

SENTENCE_WORDS = 35
NESTED_NOUNS = 3
SELECTORS_MOST = 2


@screen_of("unreadable")
def _long_sentence(case: Case) -> str | None:
    if case.free:
        return _long_free_sentence(case)
    text = case.question.replace(_opening(case), "", 1)
    for node in case.givens:  # a long literal is data, not prose
        if isinstance(node["given"], str) and len(node["given"]) > 30:
            text = text.replace(node["given"], "X")
    for sentence in re.split(r"(?<=[.?!;])\s+", text):
        if len(sentence.split()) > SENTENCE_WORDS:
            return f"a sentence of {len(sentence.split())} words"
    return None


def _long_free_sentence(case: Case) -> str | None:
    """A sentence that has too many words besides the data that it states."""
    stated = {said.casefold() for node in case.givens for said in sayings(case, node)}
    data = any("vignette" in node for node in case.givens) or isinstance(case.record["setup"]["seed"]["value"], dict)
    for sentence in _SENTENCES.split(case.question.replace(_opening(case), "", 1)):
        if data and not sentence.rstrip().endswith("?") and any(word_in(said, sentence) for said in stated):
            continue  # it goes on to state the facts of a vignette
        count = _words_of_prose(sentence, stated)
        if count > SENTENCE_WORDS:
            begin = " ".join(sentence.split()[:6])
            return (
                f"the sentence '{begin} …' has {count} words, besides the data that it states: at most "
                f"{SENTENCE_WORDS}. Make two sentences of it, such as 'Take … . What is …?'"
            )
    return None


_SENTENCES = re.compile(r"(?<=[.?!;])\s+")
_LISTED = re.compile(r",\s+(?:and\s+|or\s+)?|:\s+|\s+and\s+|\s+or\s+")
_DATUM = re.compile(r"\d")
LISTED_WORDS = 6  # of one item of a list of data
LISTED_LEAST = 3  # items that make a list


def _words_of_prose(sentence: str, stated: set[str]) -> int:
    """The words of a sentence, in which each long literal, quotation and list of data counts for one."""
    for said in sorted((s for s in stated if len(s) > 30 or s.count(" ") > 3), key=len, reverse=True):
        sentence = re.sub(re.escape(said), "X", sentence, flags=re.IGNORECASE)
    sentence = re.sub(r'[“"][^“”"]+[”"]', "X", sentence)
    count, start, listed = 0, 0, []
    for end in [*(m.end() for m in _LISTED.finditer(sentence)), len(sentence)]:
        item, start = sentence[start:end], end
        plain = _LISTED.sub("", item)
        size = len(item.split())
        if len(plain.split()) <= LISTED_WORDS and (_DATUM.search(plain) or plain.strip(" .?").casefold() in stated):
            listed.append(size)
            continue
        count += size + _size(listed)
        listed = []
    return count + _size(listed)


def _size(listed: list[int]) -> int:
    return sum(listed) if len(listed) < LISTED_LEAST else 1


def _opening(case: Case) -> str:
    """The sentence that states a vignette, a list of facts which may be longer than a sentence that asks."""
    if not any("vignette" in node for node in case.givens):
        return ""
    return re.split(r"(?<=[.?!;])\s+", case.question, maxsplit=1)[0]


@screen_of("unreadable")
def _nested(case: Case) -> str | None:
    selectors = [n for n in case.reached if n.get("op") in (*SELECTORS, "top", "filter")]
    if len({canonical(n) for n in selectors}) > SELECTORS_MOST:
        return case.told(
            f"more than {SELECTORS_MOST} selectors",
            "the proof picks out too many things, arguments of calls included. Ask for fewer extremes and filters",
        )
    for sentence in re.split(r"(?<=[.?!;])\s+", case.question):
        for run in re.findall(r"(?:\bthe [\w\- ]+? (?:of|with|in|for|from|by|to|at) ){4,}", sentence):
            return case.told(
                f"more than {NESTED_NOUNS} nested nouns: {run[:60]!r}",
                "give the inner ones a sentence of their own, such as 'Take the … of … .'",
            )
    return None


@screen_of("unreadable")
def _slips(case: Case) -> str | None:
    """Marks of a template that went wrong."""
    found = re.search(r"\{\w*\}|\bthe the\b|\ba the\b|\bof of\b|  | ,|\?\?|\.\.|\bNone\b|\bthat that\b", case.question)
    return case.told(f"{found.group()!r} in the question", "write it without") if found else None
