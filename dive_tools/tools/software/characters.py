"""Unicode characters: names, categories, named references in HTML, decompositions and encodings."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Entity, Quantity, entity, says

UNICODE: dict[str, Any] = {"source": "Unicode Character Database, by unicodedata", "licence": "Unicode-3.0"}
HTML: dict[str, Any] = {"source": "named character references of HTML5, by html.entities", "licence": "PSF-2.0"}
CATEGORIES = {
    "Lu": "uppercase letter", "Ll": "lowercase letter", "Lt": "titlecase letter", "Lm": "modifier letter",
    "Lo": "other letter", "Mn": "nonspacing mark", "Mc": "spacing mark", "Me": "enclosing mark",
    "Nd": "decimal number", "Nl": "letter number", "No": "other number", "Pc": "connector punctuation",
    "Pd": "dash punctuation", "Ps": "open punctuation", "Pe": "close punctuation", "Pi": "initial punctuation",
    "Pf": "final punctuation", "Po": "other punctuation", "Sm": "math symbol", "Sc": "currency symbol",
    "Sk": "modifier symbol", "So": "other symbol", "Zs": "space separator", "Zl": "line separator",
    "Zp": "paragraph separator", "Cc": "control", "Cf": "format",
}  # fmt: skip
_RANGES = (
    (0xA1, 0x250), (0x386, 0x3E2), (0x400, 0x52A), (0x1E00, 0x2000), (0x2010, 0x205E),
    (0x20A0, 0x20B2), (0x2100, 0x2300), (0x25A0, 0x2600), (0x1D400, 0x1D440),
)  # fmt: skip


def name_point(character: str) -> str:
    """ "é" -> "U+00E9"."""
    return f"U+{ord(character):04X}"


def find(text: str) -> str:
    """The character of a code point written "U+00E9"; Refusal where Unicode assigns none."""
    code = text.strip().upper().removeprefix("U+")
    try:
        character = chr(int(code, 16))
    except (ValueError, OverflowError):
        raise Refusal(f"{text!r} is no code point") from None
    if unicodedata.category(character) in ("Cn", "Cs", "Co", "Cc"):
        raise Refusal(f"{text!r} is no assigned character")
    return character


@lru_cache(maxsize=1)
def _samples() -> list[str]:
    """Characters that Unicode 3.2 already had, of letters, punctuation and symbols."""
    old = unicodedata.ucd_3_2_0
    spread = (chr(code) for low, high in _RANGES for code in range(low, high))
    return [name_point(c) for c in spread if old.category(c) == unicodedata.category(c) != "Cn"][::2]


entity("unicode_character", "character", intro="the character {}", samples=_samples)
Character = Annotated[
    str, Entity("unicode_character"), Meta(description='code point, as "U+20AC"', pattern=r"^U\+[0-9A-F]{4,6}$")
]


class Record(TypedDict):
    name: Annotated[
        str, says("the Unicode name of {character}", noun="Unicode name", ask="What is {character} called in Unicode")
    ]
    category: Annotated[str, says("the Unicode general category of {character}", noun="general category")]
    symbol: Annotated[str, says(quiet=True)]


@tool(
    "retrieval",
    examples=[
        example(
            {"character": "U+20AC"},
            {"/name": "EURO SIGN", "/category": "currency symbol", "/symbol": "€"},
            "published: The Unicode Standard, Currency Symbols chart",
        ),
        example(
            {"character": "U+00E9"},
            {"/name": "LATIN SMALL LETTER E WITH ACUTE", "/category": "lowercase letter"},
            "published: The Unicode Standard, Latin-1 Supplement chart",
        ),
        example({"character": "U+D800"}, {"error": "refused"}, "identity: a surrogate is no character"),
    ],
    **UNICODE,
)
def unicode_character_record(character: Character) -> Record:
    """Look up an assigned Unicode character: its name, its general category in words, and the character itself."""
    found = find(character)
    return {
        "name": unicodedata.name(found, ""),
        "category": CATEGORIES[unicodedata.category(found)],
        "symbol": found,
    }


class Parts(TypedDict):
    characters: Annotated[
        list[Annotated[str, Entity("unicode_character")]],
        says(
            "the characters of the full canonical decomposition of {character}",
            noun="character",
            plural="characters",
            ask_count="How many characters make up the full canonical decomposition of {character}",
        ),
    ]
    base: Annotated[
        str | None,
        Entity("unicode_character"),
        says("the base character of the canonical decomposition of {character}", noun="base character"),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example(
            {"character": "U+00E9"},
            {"/characters": ["U+0065", "U+0301"], "/base": "U+0065"},
            "published: The Unicode Standard, Latin-1 Supplement chart",
        ),
        example(
            {"character": "U+1E69"},
            {"/characters": ["U+0073", "U+0323", "U+0307"]},
            "published: Unicode Standard Annex 15, examples with U+1E69",
        ),
        example(
            {"character": "U+0041"}, {"/characters": ["U+0041"], "/base": None}, "identity: a plain letter stays whole"
        ),
    ],
    **UNICODE,
)
def unicode_decomposition(character: Character) -> Parts:
    """List the characters of a character's full canonical decomposition (NFD), in order, and the first of several.

    The list is complete; it holds the character itself, and there is no base, where it does not decompose.
    """
    points = [name_point(c) for c in unicodedata.normalize("NFD", find(character))]
    return {"characters": points, "base": points[0] if len(points) > 1 else None, "complete": True}


class References(TypedDict):
    references: Annotated[
        list[Annotated[str, Entity("html_reference")]],
        says("the named HTML5 references of {character}", noun="named reference", plural="named references"),
    ]
    count: Annotated[
        int,
        Quantity("named references", "references", scale="ordinal"),
        says(
            "the number of named HTML5 references of {character}",
            noun="number of named HTML5 references",
            ask="How many named HTML5 references does {character} have",
        ),
    ]
    complete: bool


@lru_cache(maxsize=1)
def _references() -> dict[str, list[str]]:
    from html.entities import html5

    found: dict[str, list[str]] = {}
    for name, text in sorted(html5.items()):
        if name.endswith(";"):
            found.setdefault(text, []).append(f"&{name}")
    return found


def _singles() -> list[str]:
    alone = (names for text, names in sorted(_references().items()) if len(text) == 1 and ord(text) > 127)
    return [name for names in alone for name in names][::2]


entity("html_reference", "named reference", intro="the HTML reference {}", samples=_singles)


class Meant(TypedDict):
    character: Annotated[
        str,
        Entity("unicode_character"),
        says(
            "the character that {reference} stands for",
            noun="character",
            ask="Which character does {reference} stand for",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"reference": "&euro;"}, {"/character": "U+20AC"}, "published: HTML, section 13.5"),
        example({"reference": "&leq;"}, {"/character": "U+2264"}, "published: HTML, section 13.5"),
        example({"reference": "&nonesuch;"}, {"error": "refused"}, "identity: no such reference"),
    ],
    **HTML,
)
def html_reference_character(
    reference: Annotated[str, Entity("html_reference"), Meta(description='with "&" and ";", as "&euro;"')],
) -> Meant:
    """Look up the one character that a named character reference of HTML5 stands for; refuses unknown references and
    those that stand for two characters."""
    found = next((text for text, names in _references().items() if reference in names), "")
    if len(found) != 1:
        raise Refusal(f"HTML5 has no reference {reference!r} for one character")
    return {"character": name_point(found)}


@tool(
    "retrieval",
    examples=[
        example({"character": "U+20AC"}, {"/references": ["&euro;"], "/count": 1}, "published: HTML, section 13.5"),
        example({"character": "U+2264"}, {"/references": ["&le;", "&leq;"]}, "published: HTML, section 13.5"),
        example({"character": "U+0041"}, {"/references": [], "/count": 0}, "published: HTML, section 13.5"),
    ],
    **HTML,
)
def html_references(character: Character) -> References:
    """List the named character references of HTML5 (with "&" and ";") that stand for a character alone, sorted.

    The list is complete and may be empty.
    """
    names = _references().get(find(character), [])
    return {"references": names, "count": len(names), "complete": True}


# --- encodings --------------------------------------------------------------------------------------------------------


class Encoded(TypedDict):
    bytes: Annotated[
        str,
        says(
            "the hexadecimal form of {character} in UTF-8",
            noun="hexadecimal form",
            ask="Which bytes, in hexadecimal, encode {character} in UTF-8",
        ),
    ]
    length: Annotated[
        int,
        Quantity("encoded length", "bytes", additive=True),
        says(
            "the UTF-8 length of {character}",
            noun="UTF-8 length",
            most="greatest",
            least="smallest",
            more="greater",
            less="smaller",
        ),
    ]


@tool(
    "processing",
    examples=[
        example({"character": "U+20AC"}, {"/bytes": "E2 82 AC", "/length": 3}, "published: RFC 3629"),
        example({"character": "U+233B4"}, {"/bytes": "F0 A3 8E B4"}, "published: RFC 3629, section 7"),
    ],
    **UNICODE,
)
def utf8_encoding(character: Character) -> Encoded:
    """Encode a character in UTF-8: its bytes in hexadecimal, spaced, and their number."""
    raw = find(character).encode()
    return {"bytes": raw.hex(" ").upper(), "length": len(raw)}
