"""What a reply commits itself to: a name with words around it that only say what it is, or why.

"Portugal (25 characters, versus 24 for Sweden)", "Pygments 1.5", "ZIP code 02720" and "chlorate" for the chlorate ion.
One reply is never right for two answers: the name has to be at its head, or all that the words before it lead to.
"""

from __future__ import annotations

import re
from functools import lru_cache

from dive_tools.score.text import alike, asked_words, folded, named, plain, spelt

_HEDGED = re.compile(
    r"(?<!\w)(?:or|either|neither|maybe|perhaps|possibly|probably|likely|may|might|could|if|unless|no|nor|not|cannot"
    r"|never|except|also|too|both|any|all|tied?|ties|equal\w*|same|together|plus|alternative(?:ly)?|otherwise|else"
    r"|another|instead|unsure|uncertain|unknown|guess\w*|depend\w*|as well)(?!\w)|n't|^\s*(?:and|but)(?!\w)|[?&|]"
)
_ASIDE = re.compile(r"(?P<head>.*[^\s(])\s*\((?P<why>[^()]*(?:\([^()]*\)[^()]*)*)\)", re.DOTALL)
_REASON = re.compile(
    r"(?P<head>.+?),?\s+(?:with|at|because|since|which|having|whose|as it|as its)\s(?P<why>.+)", re.DOTALL
)
_AGAINST = re.compile(r"(?P<head>.+?),?\s+(?:rather than|instead of|as opposed to|not)\s+(?P<other>.+)", re.DOTALL)
_YEARS = re.compile(r"[^\w]*(?:\d{3,4}|since|until|from|to|present|[^\w])*[^\w]*")
_ROMAN = re.compile(r"[IVX]+[+-]?")
_CODE = re.compile(r"[A-Z]{0,3}\d[\w.-]*")
_CODED = re.compile(rf"{_CODE.pattern}\s*(?: -|:)\s+(?P<head>.+)", re.DOTALL)
_CODE_OF = re.compile(r"(?<!\w)(?:codes?|symbol|iso|iata|icao|abbreviat\w+|formula)(?!\w)")
_SIGNS = re.compile(r"[./#+*_]")
_WORDS = re.compile(r"[\w ,'-]+")
_WORD = re.compile(r"[a-zμ°%]{3,}")
_IT_IS = re.compile(
    r"^(?:(?:it|this|that)(?: is|'s| was| falls on| fell on| would be)|only|just)\s+(?:an?\s+)?", re.IGNORECASE
)
_ONLY = re.compile(r"\s+(?:only|alone)$", re.IGNORECASE)
_LONGEST = 500
_LEADING = frozenset(("code", "codes", "version", "v", "category", "number", "id", "order", "the", "is"))
_VERSION = re.compile(r"v\.? ?", re.IGNORECASE)
_MASK = re.compile(r"/\d{1,3}")
_SMALL = frozenset(("with", "at", "because", "since", "which", "having", "whose", "as", "it", "its", "the", "a", "has"))
_KIND = re.compile(r"(?<!\w)(?:that|those|these|which(?: of the)?|the two|what is the) ((?:[\w-]+ ){0,2}[\w-]+)")
_LIMITING = frozenset(("before", "after", "since", "until", "not", "no", "than", "or", "either", "to", "from", "non"))


def committed(said: str, wanted: str, question: str, *, strict: bool = False) -> bool:
    """Whether what was said is the name that is wanted, and words that explain it; where `strict`, in words alone."""
    ours, theirs = folded(said), folded(wanted)
    if theirs not in ours:
        return ours != "" and ours in theirs and _kindless(spelt(said), wanted, question)
    text = _ONLY.sub("", _IT_IS.sub("", spelt(said)))
    if len(text) > _LONGEST:
        return False
    if alike(text, wanted) or _led(text, wanted, question):
        return True
    head, mask = text[: len(wanted)], text[len(wanted) :]
    if head == wanted and _MASK.fullmatch(mask) and mask in question:
        return True  # an address of the network that the question writes with its mask
    if len(wanted.split()) > 3 and (found := _CODED.fullmatch(text)) and alike(found["head"], wanted):
        return True
    for form in (_ASIDE, _REASON):
        found = form.fullmatch(text)
        if found is not None and _is(found["head"], wanted, question):
            words = not strict or _WORD.search(found["why"]) is not None
            return words and not named(text, question) and _explains(found["why"], wanted, question)
    found = _AGAINST.fullmatch(text)
    return found is not None and _is(found["head"], wanted, question) and _other(found["other"], wanted, question)


def _is(head: str, wanted: str, question: str) -> bool:
    return alike(head, wanted) or _led(spelt(head), wanted, question) or _kindless(spelt(head), wanted, question)


def _explains(why: str, wanted: str, question: str) -> bool:
    """Whether an aside only explains the name before it: no hedge, no other name, nothing that makes it another's."""
    low = why.casefold()
    if _HEDGED.search(low) or _YEARS.fullmatch(low) or _ROMAN.fullmatch(why):
        return False
    counted = any(c.isdigit() for c in why)
    if named(wanted, question):
        rest = [word for word in plain(why).split() if word not in _SMALL]
        return not named(why, question) and (counted or not all(named(word, question) for word in rest))
    if any(c.isdigit() for c in wanted):
        return _WORD.search(why) is not None
    if len(wanted.split()) > 3 and _CODE.fullmatch(why):
        return True  # a title with its number
    if _SIGNS.search(wanted) and _WORDS.fullmatch(why):
        return True  # a code with what it stands for
    return _CODE_OF.search(low) is not None or (counted and any(c.isalpha() for c in why))


def _other(other: str, wanted: str, question: str) -> bool:
    """Whether it is another thing that the question names: "Portugal, not Sweden"."""
    aside = _ASIDE.fullmatch(other)
    name = plain(aside["head"] if aside is not None and not named(other, question) else other)
    return named(name, question) and name != plain(wanted) and not _HEDGED.search(name)


def _led(text: str, wanted: str, question: str) -> bool:
    """Whether words lead to the name that only say what it is: "ICD-10-CM code Z3A.12", "the enzyme PacI"."""
    name = spelt(wanted)
    if not text.casefold().endswith(name.casefold()) or len(text) <= len(name):
        return False
    lead = text[: len(text) - len(name)]
    if any(c.isdigit() for c in name) and _VERSION.fullmatch(lead):
        return True
    words = plain(lead).split()
    if not lead[-1].isspace() or not 0 < len(words) <= 4 or _LIMITING & set(words):
        return False
    if not lead.islower() and named(text, question):
        return False
    if any(c.isdigit() for c in name):
        return all(word in _LEADING or word in _kinds(question) for word in words) and not words[-1][-1].isdigit()
    return all(word in _kinds(question) or word == "the" for word in words)


def _kindless(text: str, wanted: str, question: str) -> bool:
    """Whether only the word for what all of them are is left out: "chlorate" for the chlorate ion."""
    name, _, kind = plain(wanted).rpartition(" ")
    if not name or plain(text) != name or kind not in _kinds(question) or len(name) < 4:
        return False
    asked = re.findall(rf"(?<!\w){re.escape(name)} (\w+)", asked_words(question))
    return all(word == kind for word in asked)


@lru_cache(maxsize=4096)
def _kinds(question: str) -> frozenset[str]:
    """What the question says its things are: "that ion", "which of the two countries"."""
    found = _KIND.findall(asked_words(question))
    words = {word for phrase in found for word in phrase.split()}
    return frozenset(words | {word.removesuffix("s") for word in words})
