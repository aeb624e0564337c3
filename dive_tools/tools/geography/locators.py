"""Maidenhead locators, as radio amateurs give their places."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.geography.countries import Point, city_rows
from dive_tools.tools.geography.globe import LONG, AnyPoint, initial_bearing, kilometres
from dive_tools.values import Entity, Quantity, entity, says


def locator_of(point: Point) -> str:
    """The six-character Maidenhead locator of a point."""
    east, north = (point["longitude"] + 180) % 360, min(point["latitude"] + 90, 180 - 1e-9)
    letters = [chr(65 + int(east // 20)), chr(65 + int(north // 10))]
    digits = [str(int(east % 20 // 2)), str(int(north % 10))]
    small = [chr(97 + int(east % 2 * 12)), chr(97 + int(north % 1 * 24))]
    return "".join(letters + digits + small)


@lru_cache(maxsize=1)
def _locators() -> list[str]:
    rows = [row for row in city_rows().values() if row["population"] > 1_000_000]
    return sorted({locator_of({"latitude": r["latitude"], "longitude": r["longitude"]}) for r in rows})


def _contacts(locator: str) -> list[str]:
    """Some others, spread over the globe, with which a radio amateur there may have spoken."""
    at = _locators().index(locator)
    return [other for other in _locators()[at % 37 :: 37] if other[:2] != locator[:2]]


LOCATOR = entity("locator", "locator", samples=_locators, akin=_contacts, intro="the Maidenhead locator {}")


AnyLocator = Annotated[str, Entity("locator"), Meta(description="six characters, as in JN58td")]


class Locator(TypedDict):
    locator: Annotated[
        str,
        says(
            "the six-character Maidenhead locator of {location}",
            noun="six-character Maidenhead locator",
            ask="In which six-character Maidenhead locator does {location} lie",
        ),
    ]


@tool(
    "processing",
    source="IARU Maidenhead Locator System",
    examples=[
        example(
            {"location": {"latitude": 48.14666, "longitude": 11.60833}},
            {"/locator": "JN58td"},
            "published: Wikipedia, Maidenhead Locator System, Munich",
        ),
        example(
            {"location": {"latitude": 41.714775, "longitude": -72.727260}},
            {"/locator": "FN31pr"},
            "published: ARRL headquarters W1AW, Newington, is in FN31pr",
        ),
    ],
)
def maidenhead_locator(location: AnyPoint) -> Locator:
    """Compute the six-character Maidenhead locator, as radio amateurs use it, of a point."""
    return {"locator": locator_of(location)}


class LocatorCentre(TypedDict):
    location: Annotated[Point, Entity("point"), says("the centre of {locator}")]


@tool(
    "processing",
    source="IARU Maidenhead Locator System",
    examples=[
        example(
            {"locator": "FN31pr"},
            {"/location/latitude": 41 + 17.5 / 24, "/location/longitude": -74 + 2 * 15.5 / 24},
            "identity: a field of 20 by 10 degrees, a square of 2 by 1, a 24th of each, and half of that",
        ),
        example(
            {"locator": "AA00aa"},
            {"/location/latitude": -90 + 1 / 48, "/location/longitude": -180 + 1 / 24},
            "identity: the grid starts at the south pole and the date line",
        ),
        example({"locator": "ZZ99zz"}, {"error": "refused"}, "identity: fields run from A to R"),
    ],
)
def maidenhead_centre(
    locator: AnyLocator,
) -> LocatorCentre:
    """Compute the centre, as latitude and longitude in degrees, of a six-character Maidenhead locator."""
    return {"location": _centre(locator)}


def _centre(locator: str) -> Point:
    if not re.fullmatch(r"[A-R]{2}\d\d[a-x]{2}", locator):
        raise Refusal(f"{locator!r} is no six-character Maidenhead locator")
    a, b, c, d, e, f = (ord(ch) for ch in locator)
    east = (a - 65) * 20 + (c - 48) * 2 + (e - 97 + 0.5) / 12
    north = (b - 65) * 10 + (d - 48) + (f - 97 + 0.5) / 24
    return {"latitude": north - 90, "longitude": east - 180}


class Contact(TypedDict):
    distance: Annotated[
        float,
        Quantity("radio path", "kilometres"),
        says(
            "the great-circle distance between the centres of {first} and {second}",
            noun="great-circle distance",
            ask="How far apart are the centres of {first} and {second} along a great circle",
            **LONG,
        ),
    ]
    bearing: Annotated[
        float,
        Quantity("bearing", "degrees", scale="interval"),
        says(
            "the initial bearing of the great circle from the centre of {first} to the centre of {second}, clockwise "
            "from true north",
            noun="initial bearing",
            ask="In which direction, in degrees clockwise from true north, does a station at the centre of {first} "
            "point its antenna towards the centre of {second}",
        ),
    ]


@tool(
    "processing",
    distinct=("first", "second"),
    source="IARU Maidenhead Locator System; haversine formula on a sphere of radius 6371.0088 km",
    examples=[
        example(
            {"first": "JJ00aa", "second": "JJ90aa"},
            {"/distance": 6371.0088 * math.radians(18) * math.cos(math.radians(1 / 48)), "/bearing": 90},
            "identity: nine squares of two degrees beside the equator",
            1e-3,
        ),
        example(
            {"first": "JJ00aa", "second": "JJ09aa"},
            {"/distance": 6371.0088 * math.radians(9), "/bearing": 0},
            "identity: nine degrees along a meridian",
        ),
        example({"first": "JJ00aa", "second": "JJ00aa"}, {"error": "refused"}, "identity: one and the same place"),
    ],
)
def locator_distance(first: AnyLocator, second: AnyLocator) -> Contact:
    """Compute the distance in kilometres, and the initial bearing, between the centres of two Maidenhead locators.

    Great circle on a sphere of radius 6371.0088 km. Refuses one and the same locator.
    """
    if first == second:
        raise Refusal("one and the same locator")
    one, two = _centre(first), _centre(second)
    return {"distance": kilometres(one, two), "bearing": initial_bearing(one, two)["bearing"]}


class Delay(TypedDict):
    delay: Annotated[
        float,
        Quantity("signal delay", "milliseconds"),
        says("the time that a radio signal needs at the speed of light in vacuum to cover {distance}", noun="delay"),
    ]


@tool(
    "processing",
    source="speed of light in vacuum, 299,792.458 km/s (SI)",
    examples=[
        example({"distance": 299792.458}, {"/delay": 1000}, "published: SI Brochure, definition of the metre"),
        example({"distance": 2997.92458}, {"/delay": 10}, "identity: a hundredth of a light second"),
    ],
)
def radio_signal_delay(
    distance: Annotated[float, Quantity("radio path", "kilometres"), Meta(ge=0, description="kilometres")],
) -> Delay:
    """Compute how many milliseconds a radio signal takes over a path in kilometres, at the speed of light in vacuum."""
    return {"delay": distance / 299.792458}
