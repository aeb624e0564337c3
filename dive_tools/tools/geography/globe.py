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


class Rhumb(TypedDict):
    distance: Annotated[
        float,
        Quantity("distance", "kilometres"),
        says(
            "the rhumb-line distance between {origin} and {destination}",
            noun="rhumb-line distance",
            ask="How far apart are {origin} and {destination} along a rhumb line",
            **LONG,
        ),
    ]


@tool(
    "processing",
    distinct=("origin", "destination"),
    source="loxodrome on a sphere of radius 6371.0088 km (IUGG mean radius)",
    examples=[
        example(
            {"origin": {"latitude": 60, "longitude": 0}, "destination": {"latitude": 60, "longitude": 90}},
            {"/distance": 6371.0088 * math.pi / 4},
            "identity: a parallel at 60 degrees is half as long as the equator",
        ),
        example(
            {"origin": {"latitude": 0, "longitude": 20}, "destination": {"latitude": 45, "longitude": 20}},
            {"/distance": 6371.0088 * math.pi / 4},
            "identity: along a meridian the rhumb line is the great circle",
        ),
    ],
)
def rhumb_line_distance(origin: AnyPoint, destination: AnyPoint) -> Rhumb:
    """Compute the distance in kilometres along the rhumb line, the way of constant bearing, between two points.

    On a sphere of radius 6371.0088 km, by the shorter way around. Refuses where one point is a pole.
    """
    phi, psi = math.radians(origin["latitude"]), math.radians(destination["latitude"])
    if max(abs(origin["latitude"]), abs(destination["latitude"])) > 89.9:
        raise Refusal("a rhumb line winds around a pole without end")
    across = math.radians((destination["longitude"] - origin["longitude"] + 180) % 360 - 180)
    stretched = math.log(math.tan(math.pi / 4 + psi / 2) / math.tan(math.pi / 4 + phi / 2))
    factor = (psi - phi) / stretched if abs(stretched) > 1e-10 else math.cos(phi)
    return {"distance": RADIUS * math.hypot(psi - phi, factor * across)}


class Wind(TypedDict):
    direction: Annotated[
        str,
        says(
            "the direction, on a compass rose of 16 points, of {bearing}",
            ask="In which direction, on a compass rose of 16 points, does {bearing} point",
        ),
    ]


WINDS = (
    "north", "north-northeast", "northeast", "east-northeast", "east", "east-southeast", "southeast",
    "south-southeast", "south", "south-southwest", "southwest", "west-southwest", "west", "west-northwest",
    "northwest", "north-northwest",
)  # fmt: skip


@tool(
    "processing",
    source="the 16 points of the compass rose, 22.5 degrees each",
    examples=[
        example({"bearing": 60}, {"/direction": "east-northeast"}, "identity: 67.5 degrees less 7.5"),
        example({"bearing": 355}, {"/direction": "north"}, "identity: 5 degrees short of north"),
    ],
)
def compass_direction(
    bearing: Annotated[float, Quantity("bearing", "degrees"), Meta(ge=0, lt=360, description="clockwise from north")],
) -> Wind:
    """Name the nearest of the 16 points of the compass (north, north-northeast, …) of a bearing in degrees."""
    return {"direction": WINDS[round(bearing / 22.5) % 16]}


def onward(origin: Point, bearing: float, distance: float) -> Point:
    """The point reached after some kilometres along the great circle of an initial bearing."""
    phi, turn, arc = math.radians(origin["latitude"]), math.radians(bearing), distance / RADIUS
    sine = math.sin(phi) * math.cos(arc) + math.cos(phi) * math.sin(arc) * math.cos(turn)
    east = math.atan2(math.sin(turn) * math.sin(arc) * math.cos(phi), math.cos(arc) - math.sin(phi) * sine)
    return _point(math.degrees(math.asin(sine)), origin["longitude"] + math.degrees(east))


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
    version="3",
    source="definition of speed",
    examples=[
        example({"distance": 400, "speed": 100}, {"/duration": 4}, "identity: time is distance over speed"),
        example({"distance": 2000, "speed": 800}, {"/duration": 2.5}, "identity: time is distance over speed"),
        example({"distance": 20000, "speed": 100}, {"error": "refused"}, "identity: 200 hours are more than a day"),
    ],
)
def travel_time(
    distance: Annotated[float, Quantity("distance", "kilometres"), Meta(ge=0, description="kilometres")],
    speed: Annotated[float, Given(800, 900), Meta(gt=0, description="kilometres per hour")],
) -> TravelTime:
    """Compute the time in hours that a distance in kilometres takes at a constant speed in kilometres per hour.

    Refuses what would take less than a quarter of an hour or more than a day: nobody keeps one speed so.
    """
    if not speed / 4 <= distance <= 24 * speed:
        raise Refusal("less than a quarter of an hour, or more than a day, at one speed")
    return {"duration": distance / speed}
