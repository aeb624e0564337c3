"""What a reply says is missing, and whether that is what a task lacks; conservative: what is hedged names nothing.

A solver ends its reply with a line `Missing: <what no tool gives>`. `declared` finds it, `names` holds it against what
the task lacks, and `said` is what a teacher would write.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from dive_tools.score.final import final
from dive_tools.score.nouns import (
    ARTICLES,
    CARRIERS,
    ENDS,
    GENERAL,
    LEADS,
    MEASURED,
    OPPOSED,
    SMALL,
    Form,
    about,
    akin,
    alike,
    among,
    forms,
    head_of,
    of_one_name,
    opening,
    others,
    stem,
    tokens_of,
    words_of,
)
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


_ASIDE = re.compile(
    r"\([^()]*\)|\[[^\[\]]*\]"
    r"|(?:,\s*(?:which|because|since|so|as|i\.?e|e\.?g|but|without|needed|required|necessary|used|hence|thus)"
    r"|\s[–—-]\s|:\s|\s(?:because|since|so that|needed|required|necessary|in order|but)(?=\s)"
    r"|\s(?:is|are|was|were|isn't|aren't)\s+(?:not|missing|unavailable|unknown|needed|required|lacking)"
    r"|\s(?:is|are) (?:nowhere|no longer)|\s(?:isn't|aren't|cannot|can't|could not|couldn't))\b.*",
    re.IGNORECASE | re.DOTALL,
)
_PARTS = re.compile(
    r"\s*[;\n]\s*|,\s+(?:(?:and|or|plus|nor|as well as|along with)\s+)?"
    r"|\s+(?:and(?:/or)?|or|plus|nor|as well as|along with|together with|&|\+)\s+"
)
# indirect questions, said as the noun that they ask for
_ASKED = tuple(
    (re.compile(pattern, re.IGNORECASE), noun)
    for pattern, noun in (
        (r"\bhow many (?:people|inhabitants|persons|residents) (?:live|lived|are living) in\b", "population of"),
        (r"\bhow many\b|\b(?:the )?(?:counts?|total number|total count|numbers|tally|quantity) of\b", "number of"),
        (r"\bhow (?:long|wide) ((?:the|an?) [\w ]+?) (?:is|are)\b", r"length of \1"),
        (r"\b(?:what (?!is\b|are\b)|how much )((?:[\w-]+ ){1,4}?)costs?\b", r"price of \1"),
        (r"\bwhat (?!is\b|are\b)([^,;]+?) (?:stands? for|means?)\b", r"label of \1"),
        (r"(?:^|(?<=, )|(?<=and ))where (?!is\b|are\b)([^,;]+?) (?:lies?|is|are)\b", r"position of \1"),
    )
)

_KIND = re.compile(r"^the [\w -]+? of (?=[A-Z])")  # the US state of Georgia
_PREAMBLE = re.compile(
    r"^(?:I|we) (?:cannot|can't|could not|couldn't|do not|don't|am unable to|was unable to|have no way to) "
    r"(?:tell|know|determine|find(?: out)?|look up|get|say|obtain) ",
    re.IGNORECASE,
)
_JOINED = re.compile(r"\s*\(((?:and|or|plus|as well as|along with)\s[^()]*)\)")  # "the area (and the population)"
_COLLECTED = re.compile(r"(?P<lead>[^():;,]{1,80}?)\s*(?:\((?P<inside>[^()]{3,})\)|:\s+(?P<behind>\S.*))", re.DOTALL)


def said(missing: Mapping[str, Any]) -> str:
    """What a teacher writes behind `Missing: `."""
    return str(missing["says"])


def names(said: str, missing: Mapping[str, Any], question: str = "") -> bool:
    """Whether what was said names what is missing, and nothing beside it that is there.

    Each part of a list must name something that is missing, in whichever words name it, or only go on with the part
    before; what could be worked out if nothing were missing (`then`) may stand beside, never alone. A part about
    another thing than the one whose fact is missing, the question itself, and what says no more than "a tool" do not.
    """
    if not said.strip() or len(said) > LONGEST * 40 or len(said.split()) > LONGEST:
        return False
    text = clean(said).replace("’", "'")
    asks = _QUESTION.match(text)
    for pattern, noun in ((_PREAMBLE, ""), (_JOINED, r", \1"), *_ASKED):
        text = pattern.sub(noun, text)
    text = _gathered(text, missing.get("of", ()))
    if re.search(r"\?(?:\s|$)", text) or _repeats(text, question):
        return False
    lack = _Lack(missing, question, frozenset(words_of(text)))
    right, before, beside = False, "", ""  # before: a part that the next may go on with
    for part in _parts(text, lack):
        if beside and _AGAIN.match(part) and not ENDS & set(part.split()):
            continue  # "the separation of A and the star"
        if lack.is_(part):
            right, before, beside = True, part, ""
        elif lack.follows(part):
            before, beside = "", part if ENDS & set(part.split()) else ""
        elif not (asks and before and lack.of_it(part)) and lack.another(part, before):
            return False
        else:
            before = f"{before} {part.lower()}" if before else ""
    return right


def _gathered(text: str, of: Sequence[str]) -> str:
    """The text with one of the things whose fact is missing where it lists several: no part begins between them."""
    called = {name for one in of for name in (one, one.partition(", ")[0], _KIND.sub("", one))}
    if len(of) < 2:
        return text
    one = "|".join(re.escape(name) for name in sorted(called, key=len, reverse=True))
    return re.sub(rf"\b({one})(?:(?:\s*,\s*(?:and|or)?|\s+(?:and|or|&))\s+(?:the\s+)?(?:{one})\b)+", r"\1", text)


def _parts(text: str, lack: _Lack) -> list[str]:
    """What was said, part by part; of "the figures (A, B and C)" the figures."""
    found = _COLLECTED.match(text)
    if found and CARRIERS & {token.lower() for token in opening(found["lead"])}:
        alone = found["inside"] and len(_PARTS.split(found["inside"])) == 1
        if not (alone and lack.is_(found["lead"])):
            text = f"{found['inside'] or found['behind']}{text[found.end() :]}"
    return [part for part in _PARTS.split(_ASIDE.sub(" ", text).strip(" .")) if part.strip()]


def _repeats(text: str, question: str) -> bool:
    """Whether it is the question, or a sentence of it, once more, with the words that make it one."""
    from rapidfuzz import fuzz

    asked = [plain(one) for one in [question, *_SENTENCE.split(question)] if len(one.split()) > 3]
    told = [plain(one) for one in {text, *_SENTENCE.split(text)} if one.strip()]
    pairs = [(one, again) for one in told for again in asked if one.split()[:2] == again.split()[:2]]
    return any(fuzz.ratio(one, again) > 90 for one, again in pairs)


def _form(code: str) -> str:
    """How a code is made: U+20AC as A+99AA."""
    return re.sub(r"\d", "9", re.sub(r"[A-Z]", "A", code))


def _initials(name: str) -> str:
    return "".join(word[0] for word in name.split() if word[0].isupper())


class _Lack:
    """What a task lacks, against which the parts of one reply are held."""

    def __init__(self, missing: Mapping[str, Any], question: str, spoken: frozenset[str]) -> None:
        self.missing, self.question, self.spoken = missing, question, spoken
        self.texts = [str(missing["says"]), *missing.get("also", ())]
        self.phrases = list(missing["words"])
        self.called = frozenset(word for phrase in self.phrases for word in words_of(phrase))
        self.known = self.called | {word for text in self.texts for word in words_of(text)}
        self.asked = frozenset(words_of(question))
        self.proper = {
            word for text in self.texts for token in tokens_of(text) if not token.islower() for word in words_of(token)
        }

    # --- is it missing? ---

    def is_(self, part: str) -> bool:
        """Whether one part of what was said is about what is missing."""
        own = frozenset(words_of(part)) | ({"year", "date"} if re.match(r"when\s", part, re.IGNORECASE) else set())
        heads = list(about(part, self.called))
        return _TOOL.findall(part) == self.missing["tools"][:1] != [] or any(
            self._names(form, phrase, part, own)
            and not self._contradicted(part, own, phrase)
            and not self._nearer(form[1], own, heads)
            for phrase in self.phrases
            for form in forms(phrase)
            for noun in heads
            if alike(form[0], noun)
        )

    def _names(self, form: Form, phrase: str, part: str, own: frozenset[str]) -> bool:
        """Whether a part says as much of a form as is needed to name what is missing by it."""
        head, words = form
        kept = {word for word in words if among(word, own)}
        counted = "number" in words and not words - kept <= self.proper
        fixed = "-" in phrase.rpartition(" ")[2]  # no half-life is a life
        if len(kept) < len(words) and (fixed or counted or self._foreign(part)):
            return False
        whole = len(kept) == len(words)
        if kept <= GENERAL and not (whole or kept <= MEASURED or "number" in kept):
            return False
        enough = whole or kept - {head}
        return bool(enough and not kept <= GENERAL) or self._particular(kept, phrase, part, own)

    def _nearer(self, words: frozenset[str], own: frozenset[str], heads: Sequence[str]) -> bool:
        """Whether a part rather names something that is there, or follows: the real interest rate, not the rate."""
        kept = words & own
        least = len(kept) + (kept == words)
        return any(
            len(other) >= least and kept <= other <= own and head in heads
            for phrase in (*self.missing.get("there", ()), *self.missing.get("then", ()))
            for head, other in [(head_of(phrase), frozenset(words_of(phrase)))]
        )

    def _foreign(self, part: str) -> bool:
        """Whether a noun phrase has words that neither what is missing nor the question has."""
        phrase = [*opening(part), *(of for _, of in _ATTRIBUTE.findall(part))]
        known = self.known | self.asked | akin(self.called)
        tokens = [token for token in phrase if token.lower() not in LEADS | SMALL]
        return not all(among(word, known) for token in tokens for word in words_of(token))

    def _particular(self, words: set[str], phrase: str, part: str, own: frozenset[str]) -> bool:
        """Whether a noun as general as "year" is said with enough of what makes it the year that is meant."""
        points_back = _BACK.search(part) or not ENDS & set(part.lower().split())
        spoken = own | self.spoken if points_back else own
        plainly = own <= self.known | self.asked | akin(self.called)
        for text in self.texts:
            others = (set(words_of(text)) | self.called) - words
            near = set(words_of(text)).difference(words, words_of(phrase))
            shared = sum(among(word, spoken) for word in others)
            if others and (shared >= min(2, len(others)) or (plainly and near and near <= spoken)):
                return True
        return False

    def _contradicted(self, part: str, own: frozenset[str], phrase: str) -> bool:
        """Whether a part says what is missing of another thing, or another fact of a row."""
        opposed = any(row & self.known and own & row - self.known for row in OPPOSED)
        spans = {span for text in self.texts for span in _SPAN.findall(text)}
        units = {unit for _, unit in spans}
        opposed = opposed or any(span not in spans and span[1] in units for span in _SPAN.findall(part))
        return opposed or self._attributed(part) or self._of_another(part, own, phrase)

    def _attributed(self, part: str) -> bool:
        """Whether it is the enthalpy of combustion where that of formation is missing."""
        ours: dict[str, set[str]] = {}
        for text in (*self.texts, *self.phrases):
            for noun, of in _ATTRIBUTE.findall(text):
                ours.setdefault(stem(noun), set()).add(stem(of))
        told = [(stem(noun), stem(of)) for noun, of in _ATTRIBUTE.findall(part)]
        return any(
            noun in ours and noun in GENERAL and noun != "number" and of not in ours[noun] | self.known
            for noun, of in told
        )

    def _of_another(self, part: str, said: frozenset[str], phrase: str) -> bool:
        """Whether it is about another named thing than those whose facts are missing."""
        of = [str(one) for one in self.missing.get("of", ())]
        words = frozenset(words_of(phrase))
        texts = [text for text in self.texts if words <= set(words_of(text)[: len(words) + 1])] or self.texts
        if not of or not all(any(one in text for one in of) for text in texts):
            return False  # of a thing without a name: "the city"
        own = {word for one in of for word in words_of(one.partition(", ")[0])}
        within = {word for one in of for word in words_of(one.partition(", ")[2])} - own
        numbers = {number for one in (*of, *self.texts) for number in _NUMBER.findall(one)}
        if self._other_code(part, of):
            return True
        if any(stem(name) in own and number not in numbers for name, number in _NUMBERED.findall(part)):
            return True  # promethium-149
        if any(of_one_name(word, one) for word in said for one in own):
            return False
        strange = [name for pair in _NAMED.findall(part) for name in pair if name]
        known = self.known - within
        if any(one.islower() for one in of):
            strange += [name for name in _COMMON.findall(part) if stem(name) not in known | self.asked]
        strange += [name for name in _SHORT.findall(part) if not any(_initials(one).startswith(name) for one in of)]
        return any(not among(stem(name), known) and not numbers & set(_NUMBER.findall(name)) for name in strange)

    def _other_code(self, part: str, of: Sequence[str]) -> bool:
        """Whether a part has a code made like that of the thing, which is another: U+20AD for U+20AC."""
        codes = {code for one in (*of, *self.texts, self.question) for code in _CODE.findall(one)}
        forms = {_form(code) for one in of for code in _CODE.findall(one)}
        return any(code not in codes and _form(code) in forms for code in _CODE.findall(part))

    # --- or something else? ---

    def follows(self, part: str) -> bool:
        """Whether it is what could be worked out, if only nothing were missing."""
        return self._any(part, self.missing.get("then", ()))

    def of_it(self, part: str) -> bool:
        """Whether a part begins with a thing whose fact is missing: "which codes the notes at A and B name"."""
        words = words_of(" ".join(tokens_of(part)[:2]))
        return bool(words) and words[0] in {word for one in self.missing.get("of", ()) for word in words_of(str(one))}

    def another(self, part: str, before: str) -> bool:
        """Whether a part of what was said names something else.

        A number does not, nor what the part before goes on to: "Kansas" behind "the population of Hutchinson", and
        "silver" behind "the density of gold" where the question names it.
        """
        if self._any(part, self.missing.get("there", ())):
            return True
        tokens = tokens_of(part)
        new = [t for t in tokens if not set(words_of(t)) <= self.known and t.lower() not in LEADS | SMALL]
        if not tokens or tokens[0].lower() in ENDS:
            return False
        if all(token[0].isdigit() for token in new):
            return bool(_ABOUT.match(part))
        if tokens[0].lower() in ARTICLES or not ENDS & set(before.split()):
            return True
        new = [
            t for t in new if not set(words_of(t)) <= self.asked and not re.fullmatch(r"[A-Z][A-Za-z]*\d+|\d+|[A-Z]", t)
        ]
        place = re.search(r"[A-Z]\w+$", before) is not None and opening(before)[-1][0].islower()
        return bool(new) and not (place and all(re.match("[A-ZÀ-Þ](?:[^A-Z]|[A-Z]$)", token) for token in new))

    def _any(self, part: str, phrases: Sequence[str]) -> bool:
        """Whether a part is about one of some phrases."""
        said = frozenset(words_of(part))
        heads = list(about(part, said))
        return any(
            alike(head_of(form), noun) and all(among(word, said) for word in words_of(form))
            for phrase in phrases
            for form in others(phrase)
            for noun in heads
        )


_QUESTION = re.compile(r"(?:(?:in|to|at|on|by|from|of) )?(?:which|what|when|where|who|whose|how)\b", re.IGNORECASE)
_ABOUT = re.compile(r"(?:(?:the|its|their) [a-z][\w -]*|[a-z]+) (?:of|for) ")  # a fact of its own
_BACK = re.compile(r"\b(?:its|their|his|her|each|that|those|these|this|them|both|such|it|of the)\b", re.IGNORECASE)
_TOOL = re.compile(r"\b[a-z0-9]+(?:_[a-z0-9]+)+\b")  # the name of a tool
_SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[A-Z(])")
_AGAIN = re.compile(r"(?:the|that|this|its|these|those)\s", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"([a-z][\w-]+) of (?!the |an? |that |this |these |those |each |its |their |all )([a-z][a-z-]+)"
)
_NAMED = re.compile(
    r"\b(?:of|for|in|at) (?:the )?((?:[A-Z][a-z]{2,}|[A-Z][\w.+-]*\d)\w*)"
    r"|\b([A-Z][a-z]{2,}\w*)(?='s\b)|\b([A-Z0-9-]{8,})\b"
)
_COMMON = re.compile(r"\b(?:of|for) ([a-z]+(?<!s))$")
_SHORT = re.compile(r"\b(?:of|for) ([A-Z]{3,})\b")
_CODE = re.compile(r"(?<![\w.+-])(?=[\w.+-]*\d)[A-Z][\w.+-]{3,}(?<!\.)")
_SPAN = re.compile(r"\b(\d+)-([a-z]+)")  # a 100-year potential
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_NUMBERED = re.compile(r"([A-Za-z]{2,})[ -]?(\d+(?:\.\d+)?)\b")
