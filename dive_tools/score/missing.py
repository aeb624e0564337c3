"""What a reply says is missing, and whether that is what a task lacks; conservative: what is hedged names nothing.

A solver ends its reply with a line `Missing: <what no tool gives>`. `declared` finds it, `names` holds it against what
the task lacks, and `said` is what a teacher would write.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dive_tools.score.final import final
from dive_tools.score.text import clean, plain

LONGEST = 60  # words of what is said to be missing

_LINE = re.compile(
    r"^[ \t>#*_•`-]*(?:(?:the[ \t]+)?(?:final[ \t]+)?answer[ \t]*[*_]*[ \t]*[:：=][ \t*_]*)?"
    r"missing(?:[ \t]+(?:information|data|facts?|values?|tools?))?[ \t]*[*_`]*[ \t]*"
    r"(?:[:：=][ \t*_`]*(?P<said>.*)|[*_]*)$",
    re.IGNORECASE | re.MULTILINE,
)
_DECLINED = re.compile(
    r"(?:none|nothing|unknown|n/?a|no answer|not (?:available|known|given|determinable|possible|answerable|applicable)"
    r"|unavailable|unanswerable|undetermined|missing|-|null|(?:it )?(?:cannot|can ?not|can't|could not) be \w+)\b\D*",
    re.IGNORECASE,
)
_NOTHING = frozenset(("", "nothing", "none", "na", "n/a", "no", "nil", "null", "not applicable", "-"))
_TAKEN_BACK = re.compile(
    r"(?:^|(?<=[.!?…;)\n]))\s*[*_(]*(?:but |oh |hmm |no |sorry )?,?\s*(?:wait|actually|hold on|correction|scratch that"
    r"|on second thoughts?|on reflection|however|never ?mind|edit\s*:|(?:i|let me) take (?:that|it) back)(?!\w)",
    re.IGNORECASE,
)


# --- what a reply says -----------------------------------------------------------------------------------------------


def declared(reply: str) -> str | None:
    """What a reply says is missing, in its last line `Missing: …`; None where it says nothing so, or takes it back.

    Thinking in <think> is passed over. A reply that gives an answer too, before or behind, is hedged, and says nothing;
    an answer that only says that there is none is no answer.
    """
    reply = reply.rpartition("</think>")[2].partition("<think>")[0].strip()
    lines = _run(reply)
    if not lines:
        return None
    behind = reply[lines[-1].end() :]
    told = [found for line in lines if (found := _told(line, behind))]
    if not told or _TAKEN_BACK.search(behind) or _answered(f"{reply[: lines[0].start()]}\n{_LINE.sub('', behind)}"):
        return None
    return "; ".join(dict.fromkeys(told))


def _run(reply: str) -> list[re.Match[str]]:
    """The last line that says what is missing, and those before it with nothing between them."""
    lines = list(_LINE.finditer(reply))
    run = lines[-1:]
    while len(run) < len(lines) and not reply[lines[-len(run) - 1].end() : run[0].start()].strip():
        run.insert(0, lines[-len(run) - 1])
    return run


def _told(line: re.Match[str], behind: str) -> str:
    """What a line says, or the paragraph below one that is a heading; "" for nothing."""
    text = (line["said"] or "").strip() or "; ".join(behind.strip().partition("\n\n")[0].splitlines())
    text = clean(text).strip(" \t*_`\"'“”‘’").rstrip(".").strip(" *_`\"'“”‘’")
    return "" if plain(text) in _NOTHING or text.casefold() in _NOTHING else text


def _answered(rest: str) -> bool:
    """Whether the rest of a reply answers the question."""
    answer = final(f"-\n{rest.strip()}") if rest.strip() else None
    return answer is not None and not _DECLINED.fullmatch(clean(answer).rstrip("."))


# --- whether that is what is missing ----------------------------------------------------------------------------------


def _bag(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ARTICLES = frozenset(("a", "an", "the", "any", "some", "its", "their", "his", "her", "this", "that", "these", "those"))
_LEADS = _ARTICLES | _bag(
    "no none not of on for to i we is are was there which what can could cannot do does did have has find finding get"
    " getting give gives giving given look looks up looking lookup return returns returning retrieve retrieves"
    " retrieving provide provides providing provided tell tells determine determines determining obtain obtaining"
    " access any all tool tools function functions way ways means source sources data datum information info fact facts"
    " value values detail details figure figures record about available unavailable suitable needed required necessary"
    " exact actual specific correct unable it my with among remaining toolset in name names list lists mapping"
)
_ENDS = _bag(
    "of in for at from with to on by that which whose where when between into per under among against as is was are"
    " were be inside within at according listed given has have had does do did if sold printed used called after before"
    " during"
)
_TAILS = _bag(
    "value values data figure figures information info name names record lookup tool entry field detail details"
)
_GENERAL = _bag(
    "year date day time number length name code value price size category class section group type level order place"
    " point title score rate count list item kind position share range unit energy mass temperature record color"
    " character word symbol index factor constant element potential"
)
_SMALL = _ENDS | _ARTICLES | frozenset(("and", "or", "it", "not", "no", "many", "how", "than", "there", "s"))
_ASIDE = re.compile(
    r"\([^()]*\)|\[[^\[\]]*\]"
    r"|(?:,\s*(?:which|because|since|so|as|i\.?e|e\.?g|but|without|needed|required|necessary|used|hence|thus)"
    r"|\s[–—-]\s|:\s|\s(?:because|since|so that|needed|required|necessary|in order|but)(?=\s)"
    r"|\s(?:is|are|was|were|isn't|aren't)\s+(?:not|missing|unavailable|unknown|needed|required|lacking)"
    r"|\s(?:is|are) (?:nowhere|no longer)|\s(?:isn't|aren't|cannot|can't|could not|couldn't))\b.*",
    re.IGNORECASE | re.DOTALL,
)
_PARTS = re.compile(r"\s*[;\n]\s*|,\s+(?:and\s+|or\s+)?|\s+(?:and(?:/or)?|or|plus|nor|as well as|along with|&|\+)\s+")
_HOW_MANY = re.compile(r"\b(?:how many|(?:the )?count of)\s+", re.IGNORECASE)
_SPELT = {"color": "colour", "neighbor": "neighbour", "vapor": "vapour", "center": "centre", "license": "licence"}


def said(missing: Mapping[str, Any]) -> str:
    """What a teacher writes behind `Missing: `."""
    return str(missing["says"])


def names(said: str, missing: Mapping[str, Any], question: str = "") -> bool:
    """Whether what was said names what is missing, and nothing else beside it.

    The noun that what was said is about must be one by which the missing fact can be named, with all the words that
    belong to it. A list with anything else in it, the question itself, and what says no more than "a tool" do not.
    """
    text = _HOW_MANY.sub("number of ", clean(said).replace("’", "'"))
    if not text or len(text.split()) > LONGEST or text.endswith("?") or _repeats(text, question):
        return False
    parts = [part for part in _PARTS.split(_ASIDE.sub(" ", text).strip(" .")) if part.strip()]
    known = {word for one in _texts(missing) for word in _words(one)}
    ours = [_is(part, text, missing) for part in parts]
    return any(ours) and not any(
        _another(part, parts[at - 1] if at else "", known, question)
        for at, (part, mine) in enumerate(zip(parts, ours, strict=True))
        if not mine
    )


def _texts(missing: Mapping[str, Any]) -> list[str]:
    return [missing["says"], *missing.get("also", ()), *missing["words"]]


def _repeats(text: str, question: str) -> bool:
    """Whether it is the question, or a sentence of it, once more, with the words that make it one."""
    from rapidfuzz import fuzz

    asked = [plain(one) for one in [question, *re.split(r"(?<=[.?!])\s+", question)] if len(one.split()) > 3]
    again = [one for one in asked if one.split()[:2] == plain(text).split()[:2]]
    return any(fuzz.ratio(plain(text), one) > 90 for one in again)


def _another(part: str, before: str, known: set[str], question: str) -> bool:
    """Whether a part of what was said names something else.

    A number does not, nor what the part before goes on to: "Kansas" behind "the population of Hutchinson", and "silver"
    behind "the density of gold" where the question names it.
    """
    tokens = re.findall(r"[\w'-]+", part)
    new = [token for token in tokens if not set(_words(token)) <= known and token.lower() not in _LEADS | _SMALL]
    if all(token[0].isdigit() for token in new) or tokens[0].lower() in _ENDS:
        return False
    asked = set(_words(question))
    goes_on = bool(set(_words(before, small=True)) & _ENDS) and tokens[0].lower() not in _ARTICLES
    return not (goes_on and all(not token[0].islower() or set(_words(token)) <= asked for token in new))


def _is(part: str, whole: str, missing: Mapping[str, Any]) -> bool:
    """Whether one part of what was said is about what is missing."""
    spoken = set(_words(whole)) | ({"year", "date"} if re.match(r"when\s", part, re.IGNORECASE) else set())
    heads = list(_heads(part, missing))
    for phrase in [*missing["words"], *_tool(missing)]:
        words = _words(phrase)
        head = _words(re.split(r"\s(?:of|in|to|at|for|by|with|as)\s", phrase)[0])[-1:]
        if not head or not any(_alike(head[0], one) for one in heads) or not all(_among(w, spoken) for w in words):
            continue
        if not set(words) <= _GENERAL or _particular(set(words), spoken, missing):
            return True
    return False


def _tool(missing: Mapping[str, Any]) -> list[str]:
    """The name of the tool that was taken away, as words."""
    return [name.replace("_", " ") for name in missing["tools"][:1]]


def _particular(words: set[str], spoken: set[str], missing: Mapping[str, Any]) -> bool:
    """Whether a noun as general as "year" is said with enough of what makes it the year that is meant."""
    called = {word for phrase in missing["words"] for word in _words(phrase)}
    for text in (missing["says"], *missing.get("also", ())):
        others = (set(_words(text)) | called) - words
        shared = sum(_among(word, spoken) for word in others)
        if others and shared >= min(2, len(others)):
            return True
    return False


def _heads(part: str, missing: Mapping[str, Any]) -> Iterator[str]:
    """The words that a noun phrase, or an indirect question, may be about."""
    text = re.sub(r"\b(?:tool|function|way|lookup)s?\s+(?:for|to|that|which)\s+", "", part.strip(), flags=re.IGNORECASE)
    asks = re.match(r"(?:(?:in|at|on|to|from|of|by|with)\s+)?(?:which|what|whose)\s", text, re.IGNORECASE)
    if re.match(r"when\s", text, re.IGNORECASE):
        yield from {"year", "date"} & {word for phrase in missing["words"] for word in _words(phrase)}
    tokens = re.findall(r"[\w.-]+(?:'s)?", text.replace("_", " "))
    while tokens and (tokens[0].lower() in _LEADS or tokens[0].isdigit()) and len(tokens) > 1:
        tokens.pop(0)
    end = next((at for at, token in enumerate(tokens) if token.lower() in _ENDS | _ARTICLES and at), len(tokens))
    phrase = tokens[:end]
    if asks:
        yield from (_stem(token) for token in phrase[:4])
    owners = [at for at, token in enumerate(phrase) if token.endswith("'s")]
    phrase = phrase[owners[-1] + 1 :] if owners else phrase
    while len(phrase) > 1 and phrase[-1].lower() in _TAILS:
        phrase.pop()
    yield from (_stem(token) for token in phrase[-1:])
    while len(phrase) > 1 and (not phrase[-1][0].islower() or phrase[-1].endswith("ed")):  # a name, "modelled"
        phrase.pop()
        yield _stem(phrase[-1])


# --- words -----------------------------------------------------------------------------------------------------------


def _words(text: str, *, small: bool = False) -> list[str]:
    """The words of a text in a plain form, without those that mean little by themselves."""
    found = re.findall(r"\w+", clean(text).replace("_", " ").casefold())
    return [_stem(word) for word in found if small or word not in _SMALL]


def _stem(word: str) -> str:
    word = word.casefold().rstrip(".").removesuffix("'s").rpartition("-")[2]
    for long, short in (("lives", "life"), ("ies", "y"), ("ss", "ss"), ("us", "us"), ("is", "is"), ("s", "")):
        if len(word) > 3 and word.endswith(long):
            word = word.removesuffix(long) + short
            break
    word = re.sub(r"iz(?=ation|e|ing)", "is", word)
    return _SPELT.get(word, word)


def _among(word: str, others: Sequence[str] | set[str]) -> bool:
    return word in others or any(_alike(word, other) for other in others)


def _alike(one: str, other: str) -> bool:
    """Whether two words are the same, but for one letter left out or put in inside a long one."""
    if one == other:
        return True
    if min(len(one), len(other)) < 8 or len(one) == len(other) or one[:2] != other[:2] or one[-2:] != other[-2:]:
        return False
    from rapidfuzz import fuzz

    return fuzz.ratio(one, other) >= 93
