"""Nouns: what a phrase is about, and the other words that say the same.

Whatever is said is held against phrases word by word, in a plain form; `SAME` lists the nouns that name one thing in
the fields that the tools are of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from dive_tools.score.text import clean

Form = tuple[str, frozenset[str]]  # the noun that a phrase is about, and all its words


def _bag(text: str) -> frozenset[str]:
    return frozenset(text.split())


ARTICLES = frozenset(("a", "an", "the", "any", "some", "its", "their", "his", "her", "this", "that", "these", "those"))
LEADS = ARTICLES | _bag(
    "no none not of on for to i we is are was there which what can could cannot do does did have has find finding get"
    " getting give gives giving given look looks up looking lookup return returns returning retrieve retrieves"
    " retrieving provide provides providing provided tell tells determine determines determining obtain obtaining"
    " access any all tool tools function functions way ways means source sources data datum information info fact facts"
    " value values detail details figure figures record about available unavailable suitable needed required necessary"
    " exact actual specific correct unable it my with among remaining toolset in name names list lists mapping each"
    " both every per whole full complete different two three four five six respective individual following same other"
    " relevant underlying also them they most known official current so thus hence therefore"
)
ENDS = _bag(
    "of in for at from with to on by that which whose where when between into per under among against as is was are"
    " were be inside within at according listed given has have had does do did if sold printed used called after before"
    " during behind served held issued most containing covering"
    " including belonging having selling holding"
)
TAILS = _bag(
    "value values data figure figures information info name names record lookup tool entry field detail details"
)
CARRIERS = TAILS | _bag("facts properties property quantities structure format usage statistics numbers inputs meaning")
GENERAL = _bag(
    "year date day time number length name code value price size category class section group type level order place"
    " point title score rate count list item kind position share range unit energy mass temperature record color colour"
    " character word symbol index factor constant element potential coordinate location latitude longitude label"
    " description meaning sequence weight axis enthalpy heat change frequency structure"
)
MEASURED = _bag(  # of those, what says something where only its own adjectives are left out: "the mass of the meson"
    "mass weight energy temperature frequency enthalpy heat price score rate axis sequence potential"
)
SMALL = ENDS | ARTICLES | frozenset(("and", "or", "it", "not", "no", "many", "how", "than", "there", "s"))
_SPELT = {
    "color": "colour", "neighbor": "neighbour", "vapor": "vapour", "center": "centre", "license": "licence",
    "telephone": "phone", "axe": "axis", "radii": "radius", "indice": "index", "formulae": "formula", "postcode": "zip",
    "kg": "kilogram", "timezone": "zone", "dialing": "dialling",
}  # fmt: skip


# nouns that name one thing
SAME = (
    ("population", "inhabitant", "number of inhabitants", "number of people", "number of residents", "headcount"),
    (
        "position", "coordinate", "location", "latitude", "longitude", "right ascension", "declination", "ra", "dec",
        "sky position",
    ),
    ("length", "number of characters", "character count", "number of digits"),
    (
        "amino acid chain", "amino acid sequence", "protein sequence", "peptide sequence", "primary structure",
        "sequence", "primary sequence", "residue sequence",
    ),
    ("mass", "weight"),
    ("particle mass", "rest mass"),
    ("label", "title", "description", "name", "meaning"),
    ("country", "nation"),
    ("organisation", "holder", "owner", "company", "vendor", "manufacturer", "registrant", "assignee"),
    ("calling code", "dialling code", "phone code", "dial code", "calling prefix", "dialling prefix"),
    ("zip code", "postal code", "zip"),
    ("elevation", "altitude", "height above sea level"),
    ("magnitude", "brightness"),
    ("major axis", "angular size", "apparent size", "angular diameter"),
    ("price", "cost"),
    ("time zone", "zone"),
    ("heat capacity", "specific heat"),
    ("molecular formula", "chemical formula"),
    ("restriction enzyme", "enzyme"),
    ("radius", "ionic radius", "crystal radius"),
    ("language", "lexer"),
    ("GDP", "gross domestic product"),
    ("per head", "per capita", "per person"),
    ("country or territory", "country", "territory"),
    ("global warming potential", "GWP"),
    ("chlorofluorocarbon", "CFC"),
    ("compound", "substance"),
    ("share", "percentage", "proportion", "fraction"),
    ("structure", "SMILES", "chemical structure", "molecular structure", "structural formula"),
    ("deep-sky object", "deep sky object", "sky object"),
    ("currency", "money"),
    ("year", "date"),
    ("public holiday", "bank holiday", "day off", "holiday"),
    ("boiling point", "boiling temperature"),
    ("melting point", "melting temperature"),
    ("frequency", "relative frequency", "usage frequency"),
)  # fmt: skip

# words that tell a fact from its neighbours: where what is missing has one of a row, another of the row is another fact
OPPOSED = (
    _bag("first second third fourth fifth sixth seventh eighth ninth tenth"),
    _bag("melting boiling flash triple critical"),
    _bag("major minor"),
    _bag("highest lowest largest smallest maximum minimum"),
    _bag("average monoisotopic"),
    _bag("visual absolute photographic bolometric"),
    _bag("molar specific"),
    _bag("first last"),
    _bag("male female"),
    _bag("latest earliest"),
)


# --- words -----------------------------------------------------------------------------------------------------------


def tokens_of(text: str) -> list[str]:
    return re.findall(r"[\w'-]+", text)


def opening(part: str) -> list[str]:
    """The tokens of the noun phrase that a part begins with."""
    text = re.sub(r"\b(?:tool|function|way|lookup)s?\s+(?:for|to|that|which)\s+", "", part.strip(), flags=re.IGNORECASE)
    tokens = re.findall(r"[\w.-]+(?:'s)?", text.replace("_", " "))
    while len(tokens) > 1 and (tokens[0].lower() in LEADS or tokens[0].isdigit()):
        if tokens[0].lower() in ("name", "names") and (tokens[1].lower() in ENDS or tokens[1].endswith("ed")):
            break
        tokens.pop(0)
    ends = ENDS | ARTICLES
    for at, token in enumerate(tokens):
        if at and token.lower() in ends and not re.search(r"(?:ly|most|least|widely)$", tokens[at - 1].lower()):
            return tokens[:at]
    return tokens


def about(part: str, called: frozenset[str]) -> Iterator[str]:
    """The words that a noun phrase, or an indirect question, may be about."""
    asks = re.match(r"(?:(?:in|at|on|to|from|of|by|with)\s+)?(?:which|what|whose)\s", part.strip(), re.IGNORECASE)
    if re.match(r"when\s", part, re.IGNORECASE):
        yield from {"year", "date"} & called
    phrase = opening(part)
    if asks:
        yield from (stem(token) for token in phrase[:4])
    owners = [at for at, token in enumerate(phrase) if token.endswith("'s")]
    phrase = phrase[owners[-1] + 1 :] if owners else phrase
    while len(phrase) > 1 and phrase[-1].lower() in TAILS:
        yield from {stem(phrase.pop())} & called
    yield from (stem(token) for token in phrase[-1:])
    for one, after in pairwise(phrase[:-1]):  # "the language Pygments assigns"
        if one[0].islower() and not after[0].islower() and phrase[-1][0].islower():
            yield stem(one)
    while len(phrase) > 1 and (not phrase[-1][0].islower() or phrase[-1].endswith("ed")):  # a name, "modelled"
        phrase.pop()
        yield stem(phrase[-1])
    if counted := re.match(r"(?:\w+ )?number of ((?:[\w-]+ ){0,3}?[\w-]+s)\b", part.strip()):
        yield stem(counted[1].split()[-1])


@lru_cache(maxsize=65536)
def others(phrase: str) -> tuple[str, ...]:
    """A phrase, and the ways to say the same by the nouns that are the same."""
    found = {phrase: None}
    low = f" {phrase.casefold()} "
    for same in SAME:
        for one in same:
            pattern = rf"(?<=\s){re.escape(one.casefold())}s?(?=\s)"
            if re.search(pattern, low):
                found.update({re.sub(pattern, other, low).strip(): None for other in same if other != one})
    for form in list(found):
        if rate := re.fullmatch(r"(.+) rate", form):
            found[rate[1]] = None
        if counted := re.fullmatch(r"number of (.+)", form):
            found[f"{counted[1]} count"] = None
            if atoms := re.fullmatch(r"(\w+) atoms", counted[1]):
                found[f"number of {atoms[1]}"] = None
        elif re.fullmatch(r"[\w -]*[a-z]{3}s", form):
            found[f"{form} count"] = None
        elif counted := re.fullmatch(r"(.+) number", form):
            found[f"{counted[1]} count"] = found[f"number of {counted[1]}s"] = None
    return tuple(found)


@lru_cache(maxsize=65536)
def forms(phrase: str) -> tuple[Form, ...]:
    """The ways to say a phrase: the noun that it is about, and all its words."""
    return tuple({(head_of(form), frozenset(words_of(form))): None for form in others(phrase)})


@lru_cache(maxsize=16384)
def akin(words: frozenset[str]) -> frozenset[str]:
    """The words of whatever is the same as one of some words."""
    rows = [frozenset(word for one in same for word in words_of(one)) for same in SAME]
    return frozenset(word for row in rows if row & words for word in row)


@lru_cache(maxsize=65536)
def head_of(phrase: str) -> str:
    """The noun that a phrase is about."""
    return (words_of(re.split(r"\s(?:of|in|to|at|for|by|with|as|per|under|between|among)\s", phrase)[0]) or ("",))[-1]


@lru_cache(maxsize=65536)
def words_of(text: str) -> tuple[str, ...]:
    """The words of a text in a plain form, without those that mean little by themselves."""
    found = re.findall(r"\w+", clean(text).replace("_", " ").casefold())
    return tuple(stem(word) for word in found if word not in SMALL)


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    word = word.casefold().rstrip(".").removesuffix("'s").rpartition("-")[2]
    endings = (("lives", "life"), ("ies", "y"), ("sses", "ss"), ("ss", "ss"), ("us", "us"), ("is", "is"), ("s", ""))
    for long, short in endings:
        if len(word) > 3 and word.endswith(long):
            word = word.removesuffix(long) + short
            break
    word = re.sub(r"iz(?=ation|e|ing)", "is", word)
    return _SPELT.get(word, word)


def of_one_name(one: str, other: str) -> bool:
    """Whether two words may be of one name: "Syrian", "Syria"."""
    return alike(one, other) or (min(len(one), len(other)) > 3 and one[:4] == other[:4])


def among(word: str, others: Sequence[str] | frozenset[str] | set[str]) -> bool:
    return word in others or (len(word) >= 8 and any(alike(word, other) for other in others))


def alike(one: str, other: str) -> bool:
    """Whether two words are the same, but for one letter left out or put in inside a long one."""
    if one == other:
        return True
    if min(len(one), len(other)) < 8 or len(one) == len(other) or one[:2] != other[:2] or one[-2:] != other[-2:]:
        return False
    from rapidfuzz import fuzz

    return fuzz.ratio(one, other) >= 93
