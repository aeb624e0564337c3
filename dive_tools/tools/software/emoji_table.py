"""Emoji of the Unicode emoji data: their short names, the version that brought them, and their code points."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.software.characters import name_point
from dive_tools.values import Entity, Quantity, entity, says

EMOJI = {"needs": ("emoji",), "source": "Unicode emoji data, by emoji", "licence": "Unicode-3.0, BSD-3-Clause"}


@lru_cache(maxsize=1)
def table() -> dict[str, tuple[str, float]]:
    """The fully qualified emoji up to version 14 and their versions, by English short name."""
    from emoji import EMOJI_DATA, STATUS

    rows = ((r["en"].strip(":").replace("_", " "), e, float(r["E"])) for e, r in EMOJI_DATA.items()
            if r["status"] == STATUS["fully_qualified"] and r["E"] <= 14)  # fmt: skip
    return {name: (emoji, version) for name, emoji, version in sorted(rows)}


def _samples() -> list[str]:
    """Emoji without a skin tone or keycap, and not the man and the woman of each person."""
    plain = (n for n in table() if n.isascii() and n[0].isalpha() and "skin tone" not in n and "keycap" not in n)
    return [n for n in plain if not n.startswith(("man ", "woman "))]


entity("emoji", "emoji", "emoji", intro='the emoji "{}"', samples=_samples)
Emoji = Annotated[str, Entity("emoji"), Meta(description='English short name, as "rocket", or the emoji itself')]


def _row(text: str) -> tuple[str, float]:
    found = table().get(text) or next((row for row in table().values() if row[0] == text), None)
    if found is None:
        raise Refusal(f"no fully qualified emoji {text!r} up to version 14")
    return found


class Record(TypedDict):
    symbol: Annotated[str, says(quiet=True)]
    version: Annotated[
        float,
        Quantity("emoji version", scale="ordinal"),
        says(
            "the Emoji version that introduced {emoji}",
            noun="Emoji version",
            most="latest",
            least="earliest",
            more="later",
            less="earlier",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"emoji": "rocket"}, {"/symbol": "🚀"}, "published: Unicode emoji-test.txt"),
        example({"emoji": "melting face"}, {"/symbol": "🫠", "/version": 14}, "published: Unicode emoji-test.txt"),
        example({"emoji": "A"}, {"error": "refused"}, "identity: a letter is no emoji"),
    ],
    **EMOJI,  # type: ignore[arg-type]
)
def emoji_record(emoji: Emoji) -> Record:
    """Look up an emoji by its English short name: the emoji, and the Emoji version that introduced it (0.6 to 14).

    Refuses what is no fully qualified emoji of these versions.
    """
    symbol, version = _row(emoji)
    return {"symbol": symbol, "version": version}


class Points(TypedDict):
    characters: Annotated[
        list[Annotated[str, Entity("unicode_character")]],
        says(
            "the code points that make up {emoji}",
            noun="code point",
            plural="code points",
            ask_count="How many code points make up {emoji}",
        ),
    ]
    count: Annotated[
        int,
        Quantity("code points", "code points", scale="ordinal"),
        says("the number of code points of {emoji}", noun="number of code points"),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"emoji": "rocket"}, {"/characters": ["U+1F680"]}, "published: Unicode emoji-test.txt"),
        example(
            {"emoji": "🇰🇪"}, {"/characters": ["U+1F1F0", "U+1F1EA"], "/count": 2}, "published: Unicode emoji-test.txt"
        ),
    ],
    **EMOJI,  # type: ignore[arg-type]
)
def emoji_code_points(emoji: Emoji) -> Points:
    """List the code points of a fully qualified emoji in order, joiners and variation selectors included, with their
    number; complete."""
    symbol, _ = _row(emoji)
    return {"characters": list(map(name_point, symbol)), "count": len(symbol), "complete": True}
