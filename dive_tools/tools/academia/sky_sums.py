"""What follows from positions, magnitudes and velocities of objects in the sky."""

from __future__ import annotations

import math
from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.academia.sky import Position
from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Entity, Given, Quantity, says

Place = Annotated[Position, Entity("sky_position"), Meta(description="right ascension and declination in degrees")]
Distance = Annotated[float, Quantity("galaxy distance", "megaparsecs"), Meta(description="megaparsecs", gt=0)]


class Separation(TypedDict):
    separation: Annotated[
        float,
        Quantity("angular separation", "degrees"),
        says(
            "the angular separation of {first} and {second}", noun="angular separation",
            most="largest", least="smallest", more="larger", less="smaller",
            ask="How many degrees apart are {first} and {second} in the sky",
        ),
    ]  # fmt: skip


@tool(
    "processing",
    distinct=("first", "second"),
    examples=[
        example({"first": {"right_ascension": 0, "declination": 0}, "second": {"right_ascension": 90,
                "declination": 0}}, {"/separation": 90.0}, "identity: a quarter of the equator"),
        example({"first": {"right_ascension": 10, "declination": 90}, "second": {"right_ascension": 200,
                "declination": 30}}, {"/separation": 60.0}, "identity: the distance from the pole"),
    ],
    source="spherical trigonometry",
)  # fmt: skip
def sky_separation(first: Place, second: Place) -> Separation:
    """Compute the angle in degrees between two positions in the sky, from right ascension and declination."""
    a, b = math.radians(first["declination"]), math.radians(second["declination"])
    turn = math.radians(first["right_ascension"] - second["right_ascension"])
    half = math.sin((a - b) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(turn / 2) ** 2
    return {"separation": math.degrees(2 * math.asin(min(1.0, math.sqrt(half))))}


class Culmination(TypedDict):
    altitude: Annotated[
        float,
        Quantity("culmination altitude", "degrees", scale="interval"),
        says(
            "the altitude above the horizon at which {position} culminates at latitude {latitude}",
            noun="altitude at culmination",
            ask="How many degrees above the horizon does {position} culminate at latitude {latitude}",
        ),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"position": {"right_ascension": 0, "declination": 0}, "latitude": 50}, {"/altitude": 40.0},
                "identity: the equator culminates at 90 degrees less the latitude"),
        example({"position": {"right_ascension": 37.95, "declination": 89.26}, "latitude": -30},
                {"error": "refused"}, "identity: the north pole of the sky is below a southern horizon"),
    ],
    source="spherical trigonometry",
)  # fmt: skip
def culmination_altitude(
    position: Place,
    latitude: Annotated[
        int,
        Given({60: "60 degrees north", 45: "45 degrees north", 20: "20 degrees north", -30: "30 degrees south"}),
        Meta(description="degrees north, negative south", ge=-90, le=90),
    ],
) -> Culmination:
    """Compute the altitude in degrees at which a position of the sky culminates (upper transit), without refraction.

    90 degrees less the difference of latitude and declination. Refuses what never rises there.
    """
    altitude = 90 - abs(latitude - position["declination"])
    if altitude <= 0:
        raise Refusal("this position never rises at that latitude")
    return {"altitude": altitude}


class HubbleDistance(TypedDict):
    distance: Annotated[
        float,
        Quantity("galaxy distance", "megaparsecs"),
        says(
            "the distance that Hubble's law gives for {velocity} with a Hubble constant of {hubble_constant} "
            "kilometres per second per megaparsec", noun="Hubble distance",
            most="largest", least="smallest", more="larger", less="smaller",
        ),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"velocity": 7000, "hubble_constant": 70}, {"/distance": 100.0}, "identity: 7000 / 70"),
        example({"velocity": -300, "hubble_constant": 70}, {"error": "refused"}, "identity: it comes nearer"),
    ],
    source="Hubble's law",
)
def hubble_distance(
    velocity: Annotated[
        int, Quantity("radial velocity", "kilometres per second"), Meta(description="radial velocity in km/s")
    ],
    hubble_constant: Annotated[float, Given(70), Meta(description="km/s per Mpc", gt=0)],
) -> HubbleDistance:
    """Compute a galaxy's distance in megaparsecs from its radial velocity in km/s by Hubble's law, v / H0.

    Refuses galaxies that recede at less than 500 km/s, for which the law says nothing.
    """
    if velocity < 500:
        raise Refusal("the law says nothing about galaxies that recede at less than 500 km/s")
    return {"distance": velocity / hubble_constant}


class Diameter(TypedDict):
    diameter: Annotated[
        float,
        Quantity("galaxy diameter", "kiloparsecs"),
        says(
            "the diameter that follows from {major_axis} at {distance}", noun="diameter",
            most="largest", least="smallest", more="larger", less="smaller",
        ),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"major_axis": 3437.746770784939, "distance": 0.001}, {"/diameter": 1.0}, "identity: one radian"),
        example({"major_axis": 1.0, "distance": 10.0}, {"/diameter": 2.908882087}, "identity: 1 / 3437.747 radians"),
    ],
    source="small-angle formula",
)
def galaxy_diameter(
    major_axis: Annotated[float, Quantity("apparent size", "arcminutes"), Meta(description="arcminutes", gt=0)],
    distance: Distance,
) -> Diameter:
    """Compute a diameter in kiloparsecs from an apparent size in arcminutes and a distance in Mpc (small angles)."""
    return {"diameter": math.radians(major_axis / 60) * distance * 1000}


class Absolute(TypedDict):
    absolute: Annotated[
        float,
        Quantity("absolute magnitude", scale="interval"),
        says("the absolute magnitude that follows from {magnitude} at {distance}", noun="absolute magnitude"),
    ]


@tool(
    "processing",
    examples=[
        example({"magnitude": 5.0, "distance": 0.00001}, {"/absolute": 5.0}, "identity: ten parsecs"),
        example({"magnitude": 10.0, "distance": 1.0}, {"/absolute": -15.0}, "identity: 10 - 5 log10(10^5)"),
    ],
    source="distance modulus",
)
def absolute_magnitude(
    magnitude: Annotated[float, Quantity("visual magnitude"), Meta(description="apparent magnitude")],
    distance: Distance,
) -> Absolute:
    """Compute the absolute magnitude from an apparent one and a distance in Mpc, without extinction."""
    return {"absolute": magnitude - 5 * math.log10(distance * 1e5)}
