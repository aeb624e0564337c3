"""Does a question in free English deny or leave out what the proof does not?

A "not" or "except" turns a question into another, and all its other words stay. It needs a place in the proof, the
words of the tools' authors, or a given that says what is not so.
"""

from __future__ import annotations

import re

from dive_tools.screens.added import content, tokens, told, unsaid
from dive_tools.screens.case import CHOOSING, Case, screen_of
from dive_tools.screens.stated import uses
from dive_tools.values import VIGNETTES

_NOT = (
    r"not|never|neither|nor|none|no(?!\.)|without|except|excepting|exclud(?:es?|ed|ing)|excl|lack(?:s|ed|ing)?"
    r"|hardly|barely|rarely|seldom|cannot|besides|unlike|non"
)
NEGATION = re.compile(
    rf"\b(?:apart from|aside from|other than|outside(?: of)?|fail(?:s|ed)? to|{_NOT})\b|\w+n['’]t\b", re.IGNORECASE
)
_IDLE_NEGATION = re.compile(r"\bas \w+ as not\b|\bwhether or not\b|\bnot only\b|\bor not\b", re.IGNORECASE)
_ITSELF = re.compile(r"^\W*(?:it\b|that\b|(?:[\w'’.]+ ){0,8}(?:itself|themselves|X)\b)")
_SCOPE = 8  # words after a negation that it may deny


@screen_of("unfaithful")
def _negated(case: Case) -> str | None:
    """A negation is the proof's, the tools', or denies what a given says is not so."""
    if not case.free:
        return None
    text = _IDLE_NEGATION.sub(" ", unsaid(case))
    found = list(NEGATION.finditer(text))
    if not found:
        return None
    denied, others = _denying(told(case)), re.search(r"\bother\b", told(case)) is not None
    absent = _absent(case)
    choosing = any(node.get("op") in (*CHOOSING, "filter", "only", "count", "each") for node in case.reached)
    turns = case.task["answer"]["type"] != "boolean" and _turns(case)
    for neg in found:
        rest = re.split(r"[.;?](?:\s|$)", text[neg.end() :], maxsplit=1)[0]
        scope = content(" ".join(tokens(rest)[:_SCOPE]))
        if turns or (scope and scope[0] in denied) or absent & set(scope[:2]):
            continue
        if neg.group().lower() == "without" and not choosing:
            continue  # of a case ("three hours without a dose"), not of a set that something is left out of
        if others and _ITSELF.match(rest) and not re.match(r"(?i)(?:not?|never)\b", neg.group()):
            continue
        said = " ".join([neg.group(), *tokens(rest)[:3]])
        return f"the question says {said!r}, but nothing in the proof is denied or left out: ask without it"
    return None


def _denying(text: str) -> set[str]:
    """The stems that stand right behind a negation in a text."""
    said = tokens(text)
    spots = (at for at, word in enumerate(said) if NEGATION.fullmatch(word) or word in ("apart", "outside"))
    return {root for at in spots for root in content(" ".join(said[at + 1 : at + 4]))[:1]}


def _absent(case: Case) -> set[str]:
    """The stems of what the givens say is not so, or is nothing."""
    found: set[str] = set()
    for node in case.givens:
        if node["given"] not in (False, 0, "", "none", "no"):
            continue
        names = [name for _, name in uses(case, node)]
        if node.get("vignette") in VIGNETTES:
            part = node["seed"].removeprefix("/")
            kind = VIGNETTES[node["vignette"]]
            said = kind.says[part](node["given"]) if part in kind.says else ""
            names += [part, kind.clauses.get(part, ""), said]
        found.update(content(" ".join(names).replace("_", " ")))
    return found


def _turns(case: Case) -> bool:
    """Whether the proof itself denies something."""
    limits = [n["where"] for n in case.reached if "where" in n]
    if any(w["is"] == "ne" or (w["is"] == "eq" and w["value"].get("given") is False) for w in limits):
        return True
    return any(n.get("op") == "if" or (n.get("op") == "compare" and n["is"] == "ne") for n in case.reached)
