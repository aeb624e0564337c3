"""Eleven large American firms year by year, 1935 to 1954 (the Grunfeld data), and US money and income by quarter."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.finance.macro import FRED, Quarter, find_quarter, quarters
from dive_tools.values import Entity, Quantity, entity, says

GRUNFELD = {"needs": ("statsmodels",), "source": "Grunfeld 1950, by statsmodels (grunfeld)", "licence": "public domain"}
DOLLARS = "million US dollars of 1947"


@lru_cache(maxsize=1)
def _table() -> dict[str, dict[str, float]]:
    """Rows by "General Motors in 1935"."""
    import csv
    from importlib.util import find_spec
    from pathlib import Path

    home = Path(find_spec("statsmodels").origin).parent  # type: ignore[union-attr, arg-type]
    with (home / "datasets/grunfeld/grunfeld.csv").open(encoding="ascii") as lines:
        rows = list(csv.DictReader(lines))
    return {
        f"{row['firm']} in {int(float(row['year']))}": {key: float(row[key]) for key in ("invest", "value", "capital")}
        for row in rows
    }


def _find(text: str) -> dict[str, float]:
    names = {name.casefold(): name for name in _table()}
    name = names.get(text.strip().casefold())
    if name is None:
        raise Refusal(f"the Grunfeld data have no {text!r}; say it as 'General Motors in 1935', 1935 to 1954")
    return _table()[name]


def _beside(text: str) -> list[str]:
    """Other firms in the same year."""
    return [name for name in _table() if name != text and name.endswith(text[-4:])]


FIRM = entity("firm_year", "firm", samples=lambda: list(_table()), akin=_beside)
Firm = Annotated[str, Entity("firm_year"), Meta(description='"General Motors in 1935", 1935 to 1954')]


class Worth(TypedDict):
    value: Annotated[
        float,
        Quantity("worth of a firm", DOLLARS),
        says(
            "the market value of {firm} in the Grunfeld data",
            noun="market value",
            ask="What was the market value of {firm} in the Grunfeld data",
        ),
    ]
    capital: Annotated[
        float,
        Quantity("worth of a firm", DOLLARS),
        says("the stock of plant and equipment of {firm} in the Grunfeld data", noun="stock of plant and equipment"),
    ]


@tool(
    "retrieval",
    examples=[
        example(
            {"firm": "General Motors in 1935"}, {"/value": 3078.5, "/capital": 2.8}, "published: grunfeld, first row"
        ),
        example({"firm": "Google in 1935"}, {"error": "refused"}, "identity: no such firm then"),
    ],
    **GRUNFELD,  # type: ignore[arg-type]
)
def firm_worth(firm: Firm) -> Worth:
    """Look up what one of eleven American firms was worth at the end of a year, 1935 to 1954 (Grunfeld data).

    Market value on 31 December and stock of plant and equipment, in million US dollars of 1947.
    """
    row = _find(firm)
    return {"value": row["value"], "capital": row["capital"]}


class Outlay(TypedDict):
    investment: Annotated[
        float,
        Quantity("investment of a firm", DOLLARS, additive=True),
        says(
            "the gross investment of {firm} in the Grunfeld data",
            noun="gross investment",
            ask="What was the gross investment of {firm} in the Grunfeld data",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"firm": "General Motors in 1935"}, {"/investment": 317.6}, "published: grunfeld, first row"),
        example({"firm": "General Motors in 1936"}, {"/investment": 391.8}, "published: grunfeld, second row"),
    ],
    **GRUNFELD,  # type: ignore[arg-type]
)
def firm_investment(firm: Firm) -> Outlay:
    """Look up the gross investment of one of eleven American firms in a year, 1935 to 1954 (Grunfeld data).

    In million US dollars of 1947.
    """
    return {"investment": _find(firm)["invest"]}


class Liquid(TypedDict):
    money_stock: Annotated[
        float,
        Quantity("money stock", "billion US dollars"),
        says(
            "the US money stock M1 in {quarter} (2009 FRED vintage)",
            noun="money stock",
            most="largest", least="smallest", more="larger", less="smaller",
            ask="How large was the US money stock M1 in {quarter} (2009 FRED vintage)",
        ),
    ]  # fmt: skip


@tool(
    "retrieval",
    examples=[
        example({"quarter": "1959Q1"}, {"/money_stock": 139.7}, "published: macrodata, first row"),
        example({"quarter": "1959Q2"}, {"/money_stock": 141.7}, "published: macrodata, second row"),
    ],
    **FRED,  # type: ignore[arg-type]
)
def us_money_stock(quarter: Quarter) -> Liquid:
    """Look up the US money stock M1 (end of quarter, seasonally adjusted) in billion US dollars, 1959 to 2009."""
    return {"money_stock": quarters()[find_quarter(quarter)]["m1"]}


class Earned(TypedDict):
    disposable_income: Annotated[
        float,
        Quantity("real output", "billions of chained 2005 US dollars"),
        says(
            "the annualised real disposable income of US households in {quarter} (2009 FRED vintage)",
            noun="real disposable income",
        ),
    ]
    government_spending: Annotated[
        float,
        Quantity("real output", "billions of chained 2005 US dollars"),
        says(
            "the annualised real federal consumption and investment of the US in {quarter} (2009 FRED vintage)",
            noun="real federal spending",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example(
            {"quarter": "1959Q1"},
            {"/disposable_income": 1886.9, "/government_spending": 470.045},
            "published: macrodata, first row",
        ),
        example({"quarter": "1959Q3"}, {"/disposable_income": 1916.4}, "published: macrodata, third row"),
    ],
    **FRED,  # type: ignore[arg-type]
)
def us_real_income(quarter: Quarter) -> Earned:
    """Look up real disposable income and real federal consumption and investment of the United States, 1959 to 2009.

    Billions of chained 2005 US dollars, seasonally adjusted annual rate; FRED as of December 2009.
    """
    row = quarters()[find_quarter(quarter)]
    return {"disposable_income": row["realdpi"], "government_spending": row["realgovt"]}
