"""A user's own tools, as a file: decorated and plain functions, and some that cannot be tools."""

from __future__ import annotations

from typing import Annotated, TypedDict

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Entity, Quantity, entity, says

WINES = {"Barolo": ("Italy", 38), "Rioja": ("Spain", 24), "Tokaji": ("Hungary", 120), "Madeira": ("Portugal", 36)}
WINE = entity("wine", "wine", samples=lambda: sorted(WINES))


class Wine(TypedDict):
    country: Annotated[str, Entity("country"), says("the country that {wine} comes from", noun="country")]
    months: Annotated[
        int, Quantity("duration", "months"), says("the minimum ageing of {wine} in months", noun="ageing")
    ]


@tool(
    "retrieval",
    examples=[
        example({"wine": "Barolo"}, {"/country": "Italy"}, "published: Barolo DOCG rules"),
        example({"wine": "Soda"}, {"error": "refused"}, "identity: Soda is not a wine"),
    ],
    effects="read",
)
def wine_record(wine: Annotated[str, Entity("wine")]) -> Wine:
    """Look up where a wine comes from and its minimum ageing in months; refuses a wine that is not listed."""
    if wine not in WINES:
        raise Refusal(f"no wine {wine}")
    return {"country": WINES[wine][0], "months": WINES[wine][1]}


def shout(country: str) -> dict[str, str]:
    """Put the name of a country in capitals."""
    return {"text": country.upper()}


def untyped(x):
    """Do something."""
    return x


def silent(x: int) -> int:
    return x


def many(*numbers: int) -> int:
    """Add numbers."""
    return sum(numbers)


async def later(x: int) -> int:
    """Wait."""
    return x


def _private(x: int) -> int:
    """Not offered."""
    return x
