"""The economy of the United States by quarter, 1959 to 2009 (FRED, as statsmodels packages it)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Entity, Given, Quantity, entity, says

FRED = {"needs": ("statsmodels",), "source": "FRED, by statsmodels (macrodata)", "licence": "public domain"}
NTH = ("first", "second", "third", "fourth")


@lru_cache(maxsize=1)
def quarters() -> dict[str, dict[str, float]]:
    """Rows by "first quarter of 1959"."""
    import csv
    from importlib.util import find_spec
    from pathlib import Path

    home = Path(find_spec("statsmodels").origin).parent  # type: ignore[union-attr, arg-type]
    with (home / "datasets/macrodata/macrodata.csv").open(encoding="ascii") as lines:
        rows = [{key: float(value) for key, value in row.items()} for row in csv.DictReader(lines)]
    return {f"{NTH[int(row['quarter']) - 1]} quarter of {int(row['year'])}": row for row in rows}


def find_quarter(text: str) -> str:
    """The canonical name of a quarter given as such or as "1975Q3"; Refusal outside the table."""
    folded = text.strip().casefold().removeprefix("the ")
    short = re.fullmatch(r"(\d{4})[ -]?q([1-4])", folded)
    name = f"{NTH[int(short[2]) - 1]} quarter of {short[1]}" if short else folded
    if name not in quarters():
        raise Refusal(f"no quarter {text!r} from the first of 1959 to the third of 2009")
    return name


def _near(quarter: str) -> list[str]:
    """The quarters up to five years away."""
    names = list(quarters())
    i = names.index(quarter)
    return names[max(0, i - 20) : i] + names[i + 1 : i + 21]


QUARTER = entity("us_quarter", "quarter", intro="the {}", samples=lambda: list(quarters()), akin=_near)
Quarter = Annotated[str, Entity("us_quarter"), Meta(description='"third quarter of 1975" or "1975Q3"')]

# --- tools ------------------------------------------------------------------------------------------------------------


class Output(TypedDict):
    real_gdp: Annotated[
        float,
        Quantity("real output", "billions of chained 2005 US dollars"),
        says(
            "the annualised real GDP of the US in {quarter} (2009 FRED vintage)",
            noun="real GDP",
        ),
    ]
    real_consumption: Annotated[
        float,
        Quantity("real output", "billions of chained 2005 US dollars"),
        says(
            "the annualised real personal consumption of the US in {quarter} (2009 FRED vintage)",
            noun="real consumption",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example(
            {"quarter": "1959Q1"},
            {"/real_gdp": 2710.349, "/real_consumption": 1707.4},
            "published: macrodata, first row",
        ),
        example({"quarter": "third quarter of 2009"}, {"/real_gdp": 12990.341}, "published: macrodata, last row"),
        example({"quarter": "2015Q1"}, {"error": "refused"}, "identity: after the end of the table"),
    ],
    **FRED,  # type: ignore[arg-type]
)
def us_real_output(quarter: Quarter) -> Output:
    """Look up real GDP and personal consumption of the United States in a quarter, 1959 to 2009.

    Billions of chained 2005 US dollars, seasonally adjusted annual rate; FRED as of December 2009.
    """
    row = quarters()[find_quarter(quarter)]
    return {"real_gdp": row["realgdp"], "real_consumption": row["realcons"]}


class Money(TypedDict):
    consumer_price_index: Annotated[
        float,
        Quantity("consumer price index"),
        says("the US consumer price index (1982 to 1984 = 100) in {quarter}", noun="consumer price index"),
    ]
    treasury_bill_rate: Annotated[
        float,
        Quantity("interest rate", "percent", scale="interval"),
        says(
            "the average US three-month Treasury bill rate in {quarter} (FRED)",
            noun="Treasury bill rate",
            ask="What was the average US three-month Treasury bill rate in {quarter} (FRED)",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example(
            {"quarter": "1959Q1"},
            {"/consumer_price_index": 28.98, "/treasury_bill_rate": 2.82},
            "published: macrodata, first row",
        ),
        example({"quarter": "2009Q3"}, {"/treasury_bill_rate": 0.12}, "published: macrodata, last row"),
    ],
    **FRED,  # type: ignore[arg-type]
)
def us_prices_and_bill_rate(quarter: Quarter) -> Money:
    """Look up the US consumer price index (1982-84 = 100, end of quarter) and the three-month Treasury bill rate.

    By quarter, 1959 to 2009; the rate in percent, quarterly average; FRED as of December 2009.
    """
    row = quarters()[find_quarter(quarter)]
    return {"consumer_price_index": row["cpi"], "treasury_bill_rate": row["tbilrate"]}


class Labour(TypedDict):
    unemployment: Annotated[
        float,
        Quantity("unemployment rate", "percent"),
        says(
            "the US unemployment rate in {quarter} (FRED)",
            noun="unemployment rate",
            ask="What was the US unemployment rate in {quarter} (FRED)",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"quarter": "1959Q1"}, {"/unemployment": 5.8}, "published: macrodata, first row"),
        example({"quarter": "2009Q3"}, {"/unemployment": 9.6}, "published: macrodata, last row"),
    ],
    **FRED,  # type: ignore[arg-type]
)
def us_unemployment(quarter: Quarter) -> Labour:
    """Look up the seasonally adjusted unemployment rate of the United States, in percent, 1959 to 2009."""
    return {"unemployment": quarters()[find_quarter(quarter)]["unemp"]}


class People(TypedDict):
    population: Annotated[
        float,
        Quantity("US population", "million people"),
        says(
            "the population of the United States in {quarter}, in millions (FRED)",
            noun="population",
            most="largest",
            least="smallest",
            more="larger",
            less="smaller",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"quarter": "1959Q1"}, {"/population": 177.146}, "published: macrodata, first row"),
        example({"quarter": "2009Q3"}, {"/population": 308.013}, "published: macrodata, last row"),
    ],
    **FRED,  # type: ignore[arg-type]
)
def us_population(quarter: Quarter) -> People:
    """Look up the population of the United States in a quarter, in millions, 1959 to 2009 (FRED, end of quarter)."""
    return {"population": quarters()[find_quarter(quarter)]["pop"]}


class Spending(TypedDict):
    real_investment: Annotated[
        float,
        Quantity("real output", "billions of chained 2005 US dollars"),
        says(
            "the annualised real gross private investment of the US in {quarter} (2009 FRED vintage)",
            noun="real investment",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"quarter": "1959Q1"}, {"/real_investment": 286.898}, "published: macrodata, first row"),
        example({"quarter": "2009Q3"}, {"/real_investment": 1486.398}, "published: macrodata, last row"),
    ],
    **FRED,  # type: ignore[arg-type]
)
def us_real_investment(quarter: Quarter) -> Spending:
    """Look up real gross private domestic investment of the United States in a quarter, 1959 to 2009.

    Billions of chained 2005 US dollars, seasonally adjusted annual rate; FRED as of December 2009.
    """
    return {"real_investment": quarters()[find_quarter(quarter)]["realinv"]}


class Later(TypedDict):
    quarter: Annotated[str, Entity("us_quarter"), says("the quarter {years} years after {quarter}", noun="quarter")]


@tool(
    "processing",
    examples=[
        example({"quarter": "1975Q3", "years": 10}, {"/quarter": "third quarter of 1985"}, "identity: ten years on"),
        example({"quarter": "2005Q3", "years": 10}, {"error": "refused"}, "identity: after the end of the table"),
    ],
    **FRED,  # type: ignore[arg-type]
)
def quarter_years_later(
    quarter: Quarter, years: Annotated[int, Given(2, 5, 10, 20), Meta(description="years", ge=1, le=50)]
) -> Later:
    """Find the same quarter a number of years later; refuses what lies after the third quarter of 2009."""
    name = find_quarter(quarter)
    return {"quarter": find_quarter(f"{name[:-4]}{int(name[-4:]) + years}")}


class RealGrowth(TypedDict):
    change: Annotated[
        float,
        Quantity("real growth", "percent", scale="interval"),
        says(
            "the percentage change in US real GDP (2009 FRED vintage) over the {years} years from {quarter}",
            noun="percentage change",
            ask="By how many percent did US real GDP change over the {years} years from {quarter} (2009 FRED vintage)",
        ),
    ]


Span = Annotated[int, Given(2, 5, 10), Meta(description="years", ge=1, le=50)]


@tool(
    "processing",
    examples=[
        example(
            {"quarter": "1959Q1", "years": 50},
            {"/change": 376.8909834},
            "identity: 12,925.41 over 2,710.349 of macrodata less one",
        ),
        example({"quarter": "2009Q1", "years": 1}, {"error": "refused"}, "identity: after the end of the table"),
    ],
    **FRED,  # type: ignore[arg-type]
)
def us_real_growth(quarter: Quarter, years: Span) -> RealGrowth:
    """Compute by how many percent US real GDP changed from a quarter to the same quarter some years later.

    Chained 2005 dollars, FRED as of December 2009; not annualised. Refuses what lies after the third quarter of 2009.
    """
    name = find_quarter(quarter)
    start, end = quarters()[name], quarters()[find_quarter(f"{name[:-4]}{int(name[-4:]) + years}")]
    return {"change": 100 * (end["realgdp"] / start["realgdp"] - 1)}


class Inflation(TypedDict):
    inflation: Annotated[
        float,
        Quantity("inflation", "percent", scale="interval"),
        says(
            "US consumer price inflation in the year to {quarter} (by the FRED index)",
            noun="inflation",
            ask="What was US consumer price inflation in the year to {quarter} (by the FRED index)",
        ),
    ]


@tool(
    "processing",
    examples=[
        example({"quarter": "1960Q1"}, {"/inflation": 1.93236715}, "identity: 29.54 over 28.98 of macrodata less one"),
        example({"quarter": "1959Q1"}, {"error": "refused"}, "identity: the table has no year before"),
    ],
    **FRED,  # type: ignore[arg-type]
)
def us_inflation(quarter: Quarter) -> Inflation:
    """Compute US consumer price inflation in percent over the four quarters up to a quarter (1960 to 2009)."""
    name = find_quarter(quarter)
    before = quarters()[find_quarter(f"{name[:-4]}{int(name[-4:]) - 1}")]
    return {"inflation": 100 * (quarters()[name]["cpi"] / before["cpi"] - 1)}


class RealRate(TypedDict):
    real_rate: Annotated[
        float,
        Quantity("real interest rate", "percent", scale="interval"),
        says(
            "the real rate by the exact Fisher equation from {treasury_bill_rate} and {inflation}",
            noun="real interest rate",
        ),
    ]


@tool(
    "processing",
    source="Fisher 1930",
    examples=[
        example({"treasury_bill_rate": 8.15, "inflation": 3}, {"/real_rate": 5}, "identity: 1.0815 over 1.03 is 1.05"),
        example({"treasury_bill_rate": 3, "inflation": 3}, {"/real_rate": 0}, "identity: equal rates cancel"),
    ],
)
def real_interest_rate(
    treasury_bill_rate: Annotated[
        float, Quantity("interest rate", "percent"), Meta(description="nominal, percent a year", gt=-100)
    ],
    inflation: Annotated[float, Quantity("inflation", "percent"), Meta(description="percent a year", gt=-100)],
) -> RealRate:
    """Compute the real interest rate in percent by the exact Fisher equation, (1 + nominal) / (1 + inflation) - 1."""
    return {"real_rate": 100 * ((1 + treasury_bill_rate / 100) / (1 + inflation / 100) - 1)}


class Income(TypedDict):
    real_gdp_per_head: Annotated[
        float,
        Quantity("real GDP per head", "chained 2005 US dollars"),
        says(
            "the annualised real GDP per head of the US in {quarter} (2009 FRED vintage)",
            noun="real GDP per head",
        ),
    ]


@tool(
    "processing",
    examples=[
        example(
            {"quarter": "1959Q1"},
            {"/real_gdp_per_head": 15300.0858},
            "identity: 2,710.349 billion over 177.146 million people",
        ),
        example(
            {"quarter": "2009Q3"},
            {"/real_gdp_per_head": 42174.6517},
            "identity: 12,990.341 billion over 308.013 million people",
        ),
    ],
    **FRED,  # type: ignore[arg-type]
)
def us_real_gdp_per_head(quarter: Quarter) -> Income:
    """Compute US real GDP per head of population in a quarter, in chained 2005 US dollars at an annual rate."""
    row = quarters()[find_quarter(quarter)]
    return {"real_gdp_per_head": 1000 * row["realgdp"] / row["pop"]}
