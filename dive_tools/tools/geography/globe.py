"""Distances, bearings and midpoints on the globe."""

from __future__ import annotations

import math
from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.geography.countries import Point
from dive_tools.values import Entity, Given, Quantity, says

RADIUS = 6371.0088  # IUGG mean radius in km
CLEARANCE = 25.0  # km; what is nearer than this counts as the place itself
LONG = {"most": "longest", "least": "shortest", "more": "longer", "less": "shorter"}

AnyPoint = Annotated[Point, Entity("point"), Meta(description="latitude and longitude in degrees")]
Vector = tuple[float, float, float]


def vector(point: Point) -> Vector:
    """The unit vector of a point on the sphere."""
    phi, lam = math.radians(point["latitude"]), math.radians(point["longitude"])
    return math.cos(phi) * math.cos(lam), math.cos(phi) * math.sin(lam), math.sin(phi)


def kilometres(a: Point, b: Point) -> float:
    """The great-circle distance by the haversine formula on a sphere of the IUGG mean radius."""
    phi, psi = math.radians(a["latitude"]), math.radians(b["latitude"])
    across = math.radians(b["longitude"] - a["longitude"])
    h = math.sin((psi - phi) / 2) ** 2 + math.cos(phi) * math.cos(psi) * math.sin(across / 2) ** 2
    return 2 * RADIUS * math.asin(min(1.0, math.sqrt(h)))


def _point(latitude: float, longitude: float) -> Point:
    return {"latitude": latitude, "longitude": (longitude + 180) % 360 - 180}


# --- distances and directions -----------------------------------------------------------------------------------------


class Distance(TypedDict):
    distance: Annotated[
        float,
        Quantity("distance", "kilometres"),
        says(
            "the great-circle distance between {origin} and {destination}",
            "the great-circle distance from {origin} to {destination}",
            noun="great-circle distance",
            ask="How far apart are {origin} and {destination} along a great circle",
            **LONG,
        ),
    ]


@tool(
    "processing",
    distinct=("origin", "destination"),
    source="haversine formula on a sphere of radius 6371.0088 km (IUGG mean radius)",
    examples=[
        example(
            {"origin": {"latitude": 0, "longitude": 0}, "destination": {"latitude": 0, "longitude": 180}},
            {"/distance": 20015.114},
            "identity: half a great circle is pi times the radius",
        ),
        example(
            {"origin": {"latitude": 90, "longitude": 0}, "destination": {"latitude": 0, "longitude": 77}},
            {"/distance": 6371.0088 * math.pi / 2},
            "identity: a pole is a quarter circle from the equator",
        ),
    ],
)
def great_circle_distance(origin: AnyPoint, destination: AnyPoint) -> Distance:
    """Compute the great-circle distance in kilometres between two points of latitude and longitude in degrees.

    Haversine formula on a sphere of radius 6371.0088 km.
    """
    return {"distance": kilometres(origin, destination)}


class Bearing(TypedDict):
    bearing: Annotated[
        float,
        Quantity("bearing", "degrees", scale="interval"),
        says(
            "the initial bearing of the great circle from {origin} to {destination}, clockwise from true north",
            ask="On what initial bearing, clockwise from true north, does the great circle from {origin} to "
            "{destination} start",
        ),
    ]


@tool(
    "processing",
    distinct=("origin", "destination"),
    source="spherical trigonometry",
    examples=[
        example(
            {"origin": {"latitude": 0, "longitude": 0}, "destination": {"latitude": 0, "longitude": 90}},
            {"/bearing": 90},
            "identity: due east along the equator",
        ),
        example(
            {"origin": {"latitude": 35, "longitude": 45}, "destination": {"latitude": 35, "longitude": 135}},
            {"/bearing": 60},
            "published: movable-type.co.uk, bearing from Baghdad to Osaka is 60 degrees",
            3e-3,
        ),
    ],
)
def initial_bearing(origin: AnyPoint, destination: AnyPoint) -> Bearing:
    """Compute the initial bearing, in degrees clockwise from true north, of the great circle between two points.

    Refuses where the points coincide or lie opposite each other, or where the origin is a pole.
    """
    phi, psi = math.radians(origin["latitude"]), math.radians(destination["latitude"])
    across = math.radians(destination["longitude"] - origin["longitude"])
    east = math.sin(across) * math.cos(psi)
    north = math.cos(phi) * math.sin(psi) - math.sin(phi) * math.cos(psi) * math.cos(across)
    if math.hypot(east, north) < 1e-9 or abs(origin["latitude"]) == 90:
        raise Refusal("no single great circle starts there")
    return {"bearing": math.degrees(math.atan2(east, north)) % 360}


class Midpoint(TypedDict):
    location: Annotated[Point, Entity("point"), says("the great-circle midpoint between {origin} and {destination}")]


@tool(
    "processing",
    distinct=("origin", "destination"),
    source="spherical trigonometry",
    examples=[
        example(
            {"origin": {"latitude": 0, "longitude": 10}, "destination": {"latitude": 0, "longitude": 50}},
            {"/location/latitude": 0, "/location/longitude": 30},
            "identity: the middle of an arc of the equator",
        ),
        example(
            {"origin": {"latitude": 50, "longitude": 0}, "destination": {"latitude": 50, "longitude": 180}},
            {"/location/latitude": 90},
            "identity: the great circle between opposite meridians runs over the pole",
        ),
    ],
)
def great_circle_midpoint(origin: AnyPoint, destination: AnyPoint) -> Midpoint:
    """Compute the point half way along the great circle between two points, as latitude and longitude in degrees.

    Refuses points that lie opposite each other.
    """
    x, y, z = (a + b for a, b in zip(vector(origin), vector(destination), strict=True))
    if math.hypot(x, y, z) < 1e-6:
        raise Refusal("points opposite each other have no single midpoint")
    return {"location": _point(math.degrees(math.atan2(z, math.hypot(x, y))), math.degrees(math.atan2(y, x)))}


class TravelTime(TypedDict):
    duration: Annotated[
        float,
        Quantity("travel time", "hours"),
        says(
            "the time needed to cover {distance} at a constant {speed} kilometres per hour", noun="travel time", **LONG
        ),
    ]


@tool(
    "processing",
    version="2",
    source="definition of speed",
    examples=[
        example({"distance": 400, "speed": 100}, {"/duration": 4}, "identity: time is distance over speed"),
        example({"distance": 2000, "speed": 800}, {"/duration": 2.5}, "identity: time is distance over speed"),
        example({"distance": 20000, "speed": 100}, {"error": "refused"}, "identity: 200 hours are more than a day"),
    ],
)
def travel_time(
    distance: Annotated[float, Quantity("distance", "kilometres"), Meta(ge=0, description="kilometres")],
    speed: Annotated[float, Given(80, 100, 800, 900), Meta(gt=0, description="kilometres per hour")],
) -> TravelTime:
    """Compute the time in hours that a distance in kilometres takes at a constant speed in kilometres per hour.

    Refuses what would take more than a day: nobody keeps one speed so long.
    """
    if distance > 24 * speed:
        raise Refusal("more than a day at one speed")
    return {"duration": distance / speed}
