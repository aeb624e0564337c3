"""Text in a normal form: what two people mean alike is spelt alike, and nothing that tells two things apart is lost."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

MARKER = re.compile(r"^\s*(?:[-*•]\s+|\(?(?:\d{1,2}|[a-z])[.)](?:\s+|$)|\(?[a-z]\)\s*)", re.IGNORECASE)
_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-", strict=True))
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_LATEX = (
    (re.compile(r"\\(?:text|mathrm|mathbf|textbf|operatorname)\s*\{([^{}]*)\}"), r"\1"),
    (re.compile(r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}"), r"\1/\2"),
    (re.compile(r"\^\s*\{?\\circ\}?"), "°"),
    (re.compile(r"([\^_])\{([^{}]*)\}"), r"\1\2"),
    (re.compile(r"\{,\}"), ","),
    (re.compile(r"\\(?:times)(?![a-zA-Z])"), "×"),
    (re.compile(r"\\(?:cdot)(?![a-zA-Z])"), "·"),
    (re.compile(r"\\(?:approx|simeq)(?![a-zA-Z])"), "≈"),
    (re.compile(r"\\pm(?![a-zA-Z])"), "±"),
    (re.compile(r"\\(?:[,;:! ]|quad(?![a-zA-Z])|left(?![a-zA-Z])|right(?![a-zA-Z])|[()\[\]])"), " "),
    (re.compile(r"\\([%$&#_{}])"), r"\1"),
)
_MATHS = re.compile(r"\$([^$]+)\$")
_STRONG = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
_WRAPPED = re.compile(r"(`+|\*+)(?=[^\s`*])([^`*]*[^\s`*])\1")
_STARS = 200  # more of them are no mark-up, and take long to look through
_SLANTED = re.compile(r"(?<![\w*)\]])\*(?=[^\s*])([^*\n]*[^\s*])\*(?![\w*(\[])")
_CHARGE = re.compile(r"(?<=[\w)\]])\^(\d*[+-])(?=$|[,;)\]}.:]|\s(?!\s*\d))")
_PICTURES = re.compile(
    "^[\U0001f1e6-\U0001faff\u2600-\u27bf\ufe0f\u200d\\s]+|[\U0001f1e6-\U0001faff\u2600-\u27bf\ufe0f\u200d\\s]+$"
)

_QUOTES = re.compile(r"[\"'`´‘’‚‛“”„«»‹›「」『』′]")
_PAUSES = re.compile(r"[,;:()\[\]{}¿¡、。]")
_ABBREVIATED = re.compile(r"(?<=[^\W\d])\.(?=\s|$)")
_INITIALS = re.compile(r"(?<!\w)(?:[^\W\d_]\.)+[^\W\d_]\.?(?!\w)")
_JOINED = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_]{2})|(?<=[^\W\d_]{2})-(?=[^\W\d_])")
_ARTICLE = re.compile(r"^(?:the\s+(?=\S)|an?\s+(?=\S\S))")
_LEAD = re.compile(
    r"^(?:so |thus,? |therefore,? )?(?:the )?(?:final |correct )?answer(?: is|:| would be)\s*:?\s*", re.IGNORECASE
)
_FUNCTION = re.compile(r"\s*(?:[a-z]'{0,3}\s*(?:\([a-z]\))?|d[a-z]/d[a-z])\s*", re.IGNORECASE)
_ACCENTS = re.compile("([a-z])[\u0300-\u036f]+")
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "ħ": "h"})
_SPELLINGS = (  # American, British
    (re.compile(r"\baluminum"), "aluminium"),
    (re.compile(r"\bcesium"), "caesium"),
    (re.compile(r"sulph"), "sulf"),
    (re.compile(r"\bh(?:ae|æ)m(?=[ao])"), "hem"),
    (re.compile(r"(?<=[a-z]{3})is(?=ation|ed\b|ing\b|e\b)"), "iz"),
    (re.compile(r"\b(cent|fib|lit|met|theat)re(?=s?\b)"), r"\1er"),
    (re.compile(r"\b(col|fav|flav|harb|hum|lab|neighb|tum|vap)our"), r"\1or"),
)
_OF_DAY = re.compile(r"(?<=\d)(?:st|nd|rd|th) (?:of )?(?=[a-z])")
_SMILES = re.compile(r"[BCNOPSFIHclnosrbp0-9()=#@+\-\[\]/\\]{4,}")


@lru_cache(maxsize=65536)
def clean(text: str) -> str:
    """The text without mark-up, in ASCII digits, with one kind of dash, space and superscript (`^2`)."""
    if "\\" in text or "{" in text:
        text = _without_latex(text)
    if "$" in text:
        text = _MATHS.sub(r"\1", text)
    if not text.isascii():
        text = _compatible(text)
    if "^" in text:
        text = _CHARGE.sub(r"\1", text)
    text = text.strip()
    if 1 < text.count("*") <= _STARS:
        text = _SLANTED.sub(r"\1", _STRONG.sub(r"\1", text))
    while found := _WRAPPED.fullmatch(text):
        text = found[2].strip()
    return text


def _without_latex(text: str) -> str:
    before = ""
    for _ in range(3):  # what stands within: \mathrm{Ni^{4+}}
        before = text
        for pattern, plain_ in _LATEX:
            text = pattern.sub(plain_, text)
        if text == before:
            break
    return text


def _compatible(text: str) -> str:
    text = re.sub(f"[{''.join(_RAISED)}]+", lambda run: "^" + "".join(_RAISED[c] for c in run[0]), text)
    text = re.sub(r"(?<=\d)(?=[¼-¾⅐-⅞])", " ", text)
    text = _UNSEEN.sub("", unicodedata.normalize("NFKC", text))
    text = "".join(_digit(c) if c.isdecimal() else c for c in text)
    text = text.replace("٫", ".").replace("٬", ",").replace("⁄", "/")
    return re.sub("[‐‑‒–—―−﹣-]", "-", text)


def _digit(character: str) -> str:
    return str(unicodedata.decimal(character))


@lru_cache(maxsize=65536)
def plain(text: str) -> str:
    """The text without case, punctuation that only separates, and a leading article; accents and signs are kept."""
    whole = clean(text).casefold()
    text = _INITIALS.sub(lambda found: found[0].replace(".", ""), _QUOTES.sub("", whole).replace("&", " and "))
    text = _ABBREVIATED.sub("", _PAUSES.sub(" ", text))
    text = " ".join(text.split()).rstrip("!?.")
    return _ARTICLE.sub("", _JOINED.sub(" ", text)) or whole


@lru_cache(maxsize=65536)
def tight(text: str) -> str:
    """A code or formula without case, quotes and spaces, but for those that hold two numbers apart."""
    text = _QUOTES.sub("", clean(text).casefold()).rstrip(".")
    return re.sub(r"(?<!\d)\s+|\s+(?!\d)", "", text)


def spelt(text: str) -> str:
    """The text as it stands, but for mark-up and quotation marks around it, its end stop and words that lead to it."""
    text = clean(text)
    if not text.isascii():
        text = _PICTURES.sub("", text)
    return _LEAD.sub("", text).strip("\"'“”‘’«»「」 ").rstrip(".").strip("\"'“”‘’«»「」 ")


@lru_cache(maxsize=65536)
def folded(text: str) -> str:
    """The plain text without the accents of Latin letters."""
    text = plain(text)
    if text.isascii():
        return text
    parts = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", _ACCENTS.sub(r"\1", parts)).translate(_LETTERS)


def alike(said: str, wanted: str) -> bool:
    """Whether two names, terms or codes are the same."""
    said, wanted = spelt(said) or said, spelt(wanted) or wanted
    if not said or not _same_case(said, wanted) or (said.endswith("?") and not wanted.endswith("?")):
        return False
    ours, theirs = plain(said), plain(wanted)
    if ours == theirs or (_coded(wanted) and _same_code(said, wanted)):
        return True
    if ours[:1] != theirs[:1] and ours.isascii() and theirs.isascii():
        return False
    return _same_spelling(ours, theirs) or slip(ours, theirs)


def _same_code(said: str, wanted: str) -> bool:
    """Whether two codes or formulas are the same; a long number may be written in groups, a formula with its name."""
    if tight(said) == tight(wanted):
        return True
    if wanted.isdigit() and len(wanted) >= 7:
        return re.sub(r"(?<=\d)[ -](?=\d)", "", said) == wanted
    name, _, formula = said.partition("=")
    return _FUNCTION.fullmatch(name) is not None and "=" not in wanted and tight(formula) == tight(wanted)


def _same_spelling(said: str, wanted: str) -> bool:
    """Whether a name lacks nothing but its accents, or is spelt as British or Americans do."""
    if len(wanted) < 4:
        return False
    if said.isascii() and not wanted.isascii() and said == folded(wanted):
        return True
    return abs(len(said) - len(wanted)) < 12 and _american(said) == _american(wanted)


@lru_cache(maxsize=65536)
def _american(text: str) -> str:
    for pattern, other in _SPELLINGS:
        text = pattern.sub(other, text)
    return _OF_DAY.sub(" ", text)


def _coded(text: str) -> bool:
    return any(c.isdigit() or c in "^*/=<>|~+_" for c in text)


def _same_case(said: str, wanted: str) -> bool:
    """Case matters in a structure written as SMILES, and in symbols such as Co and CO."""
    if said == wanted:
        return True
    symbols = len(wanted) <= 2 and wanted.isalpha() and said.casefold() == wanted.casefold()
    if symbols and (wanted.istitle() or said.istitle()) and len(wanted) == 2:
        return False
    coded = _SMILES.fullmatch(wanted) and not wanted.isalpha() and said.casefold() == wanted.casefold()
    return not coded


def slip(said: str, wanted: str) -> bool:
    """Whether a long text of words differs from another by one slip of the pen.

    One letter left out, put in or swapped with its neighbour, inside one word of eight letters and more. A letter for
    another (sulfate, sulfite), or one at either end of a word (typical, atypical), may be another thing.
    """
    if min(len(said), len(wanted)) < 20 or abs(len(said) - len(wanted)) > 1 or _coded(said) or _coded(wanted):
        return False
    ours, theirs = said.split(), wanted.split()
    if len(ours) != len(theirs):
        return False
    differing = [(a, b) for a, b in zip(ours, theirs, strict=True) if a != b]
    if len(differing) != 1:
        return False
    a, b = differing[0]
    if min(len(a), len(b)) < 8 or a[:2] != b[:2] or a[-2:] != b[-2:]:
        return False
    from rapidfuzz.distance import OSA

    substituted = len(a) == len(b) and sorted(a) != sorted(b)
    return not substituted and OSA.distance(a, b, score_cutoff=1) <= 1


@lru_cache(maxsize=4096)
def asked_words(question: str) -> str:
    """The question in its plain form, with a space at both ends."""
    return f" {plain(question)} "


def named(name: str, question: str) -> bool:
    """Whether the question holds a name, as a whole word."""
    said = plain(name)
    asked = asked_words(question) if question else ""
    return said in asked and re.search(rf"(?<!\w){re.escape(said)}(?!\w)", asked) is not None
