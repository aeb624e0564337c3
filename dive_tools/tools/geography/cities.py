"""Cities of the GeoNames table."""

from __future__ import annotations

from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.geography.countries import (
    GEONAMES,
    NORTH,
    SIZE,
    AnyCity,
    AnyCountry,
    cities_by_country,
    city_rows,
    find_city,
    find_country,
)
from dive_tools.values import Entity, Given, Quantity, says


class Cities(TypedDict):
    cities: Annotated[
        list[Annotated[str, Entity("city")]],
        says(
            "the cities with more than {minimum} inhabitants that GeoNames lists for {country}",
            noun="city",
            plural="cities",
            ask_count="How many cities with more than {minimum} inhabitants does GeoNames list for {country}",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example(
            {"country": "Kenya", "minimum": 1000000},
            {"/cities/0": "Nairobi, Kenya"},
            "published: Nairobi is the largest city of Kenya, CIA World Factbook",
        ),
        example({"country": "Iceland", "minimum": 1000000}, {"/cities": []}, "identity: fewer people live in Iceland"),
    ],
    **GEONAMES,  # type: ignore[arg-type]
)
def cities_of_country(
    country: AnyCountry,
    minimum: Annotated[
        int, Given(500000, 1000000, 2000000), Meta(description="list cities with more inhabitants than this", ge=15000)
    ],
) -> Cities:
    """List the cities of a country with more than `minimum` inhabitants in GeoNames, most populous first.

    The list is complete above the minimum; an empty list means that GeoNames has no such city. Refuses where two such
    cities of the country bear one name.
    """
    rows = [
        (name, row) for name, row in cities_by_country().get(find_country(country), []) if row["population"] > minimum
    ]
    if any(row["rival"] > minimum for _, row in rows):
        raise Refusal(f"two cities of one name in {country} have more than {minimum} inhabitants")
    return {"cities": [name for name, _ in rows], "complete": True}


class CityPoint(TypedDict):
    latitude: Annotated[
        float,
        Quantity("latitude", "degrees north", scale="ordinal"),
        says(
            "the latitude of {city} in GeoNames",
            noun="latitude",
            scope="in GeoNames",
            ask="At which latitude, negative if south, does {city} lie in GeoNames",
            **NORTH,
        ),
        Meta(ge=-90, le=90),
    ]
    longitude: Annotated[float, Meta(ge=-180, le=180)]


class City(TypedDict):
    name: Annotated[str, Entity("city"), says(quiet=True)]
    timezone: Annotated[
        str,
        Entity("timezone"),
        says(
            "the IANA time zone of {city}", noun="IANA time zone", ask="In which IANA time zone does {city} lie",
        ),
    ]  # fmt: skip
    location: Annotated[CityPoint, Entity("point"), says("{city}")]


@tool(
    "retrieval",
    examples=[
        example({"city": "Nairobi, KE"}, {"/timezone": "Africa/Nairobi"}, "published: IANA tz database, zone1970.tab"),
        example(
            {"city": "bogota, colombia"}, {"/name": "Bogotá, Colombia"}, "identity: case and accents do not matter"
        ),
    ],
    **GEONAMES,  # type: ignore[arg-type]
)
def city_profile(city: AnyCity) -> City:
    """Look up a city of GeoNames (15,000 inhabitants or more, and capitals): its IANA time zone and coordinates.

    Where a country has several cities of one name, the most populous is meant. Refuses a city that is not listed.
    """
    name = find_city(city)
    row = city_rows()[name]
    place: CityPoint = {"latitude": row["latitude"], "longitude": row["longitude"]}
    return {"name": name, "timezone": row["timezone"], "location": place}


class CityPeople(TypedDict):
    population: Annotated[
        int,
        Quantity("population", "people", additive=True),
        says(
            "the population of {city} in GeoNames",
            noun="population",
            scope="in GeoNames",
            ask="How many people live in {city} according to GeoNames",
            **SIZE,
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"city": "Washington, United States"}, {"/population": 689545}, "published: US Census 2020", 1e-6),
        example(
            {"city": "Washington, D.C., United States"}, {"/population": 689545}, "published: US Census 2020", 1e-6
        ),
    ],
    **GEONAMES,  # type: ignore[arg-type]
)
def city_population(city: AnyCity) -> CityPeople:
    """Look up the number of inhabitants of a city in GeoNames.

    Where a country has several cities of one name, the most populous is meant. Refuses a city that is not listed.
    """
    return {"population": city_rows()[find_city(city)]["population"]}
