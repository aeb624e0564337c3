"""Codes and borders of countries."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, TypedDict

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.geography.countries import GEONAMES, AnyCountry, codes, country_rows, find_country
from dive_tools.values import Entity, says


class CountryCodes(TypedDict):
    alpha2: Annotated[
        str,
        says(
            "the two-letter ISO 3166-1 code of {country}",
            noun="two-letter code", ask="Which two-letter code does ISO 3166-1 give {country}",
        ),
    ]  # fmt: skip
    alpha3: Annotated[
        str,
        says(
            "the three-letter ISO 3166-1 code of {country}",
            noun="three-letter code",
            ask="Which three-letter code does ISO 3166-1 give {country}",
        ),
    ]
    numeric: Annotated[
        str,
        says(
            "the three-digit numeric ISO 3166-1 code of {country}",
            noun="numeric code",
            ask="Which three-digit numeric code does ISO 3166-1 give {country}",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example(
            {"country": "Kenya"},
            {"/alpha2": "KE", "/alpha3": "KEN", "/numeric": "404"},
            "published: ISO Online Browsing Platform, KE",
        ),
        example(
            {"country": "Brazil"}, {"/alpha3": "BRA", "/numeric": "076"}, "published: ISO Online Browsing Platform"
        ),
        example({"country": "Kosovo"}, {"error": "refused"}, "published: ISO 3166-1 has no code for Kosovo"),
    ],
    **GEONAMES,  # type: ignore[arg-type]
)
def country_codes(country: AnyCountry) -> CountryCodes:
    """Look up the ISO 3166-1 codes of a country: two letters, three letters and three digits.

    Refuses a country of the GeoNames table without a code in the standard.
    """
    row = country_rows()[find_country(country)]
    if not row["isonumeric"]:
        raise Refusal(f"ISO 3166-1 has no code for {row['name']}")
    return {"alpha2": row["iso"], "alpha3": row["iso3"], "numeric": f"{row['isonumeric']:03}"}


class InternetDomain(TypedDict):
    domain: Annotated[
        str,
        says(
            "the country-code top-level domain of {country}",
            noun="top-level domain",
            ask="Which country-code top-level domain does {country} have",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"country": "Switzerland"}, {"/domain": ".ch"}, "published: IANA Root Zone Database"),
        example({"country": "United Kingdom"}, {"/domain": ".uk"}, "published: IANA Root Zone Database"),
    ],
    **GEONAMES,  # type: ignore[arg-type]
)
def country_internet_domain(country: AnyCountry) -> InternetDomain:
    """Look up the country-code top-level domain of a country, with its dot, in the GeoNames country table."""
    row = country_rows()[find_country(country)]
    if not row["tld"]:
        raise Refusal(f"the GeoNames table gives no top-level domain for {row['name']}")
    return {"domain": row["tld"]}


@lru_cache(maxsize=1)
def _graph() -> dict[str, set[str]]:
    return {name: {codes()[c] for c in row["neighbours"] if c in codes()} for name, row in country_rows().items()}


class SecondRing(TypedDict):
    countries: Annotated[
        list[Annotated[str, Entity("country")]],
        says(
            "the countries that do not border {country} but border one of its neighbours",
            only="the only country that does not border {country} but borders one of its neighbours",
            noun="country",
            plural="countries",
            ask_count="How many countries do not border {country} but border one of its neighbours",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example(
            {"country": "Portugal"},
            {"/countries": ["Andorra", "France", "Gibraltar", "Morocco"]},
            "published: CIA World Factbook, Spain's borders, with Ceuta and Melilla",
        ),
        example({"country": "Iceland"}, {"/countries": []}, "identity: an island state has no neighbours"),
    ],
    **GEONAMES,  # type: ignore[arg-type]
)
def neighbours_of_neighbours(country: AnyCountry) -> SecondRing:
    """List the countries two land borders away from a country (GeoNames table), in alphabetical order; complete."""
    name = find_country(country)
    near = _graph()[name]
    further = {other for neighbour in near for other in _graph()[neighbour]}
    return {"countries": sorted(further - near - {name}), "complete": True}
