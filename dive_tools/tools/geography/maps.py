"""Walks measured on a map, and map scales."""

from __future__ import annotations

from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Given, Part, Quantity, says, vignette

# --- the vignettes ----------------------------------------------------------------------------------------------------


def _walks() -> list[dict[str, Any]]:
    found = []
    for i in range(150):
        scale = (25000, 50000)[i % 2]
        far = scale / 10_000 + (i * 37 % 90) / 10  # kilometres
        interval = {25000: 10, 50000: 20}[scale]
        lines = max(4, round(far * (20 + i * 53 % 60) / interval))
        found.append(
            {
                "scale": scale,
                "length_cm": round(far * 1e5 / scale, 1),
                "interval_m": interval,
                "contours": lines,
                "downhill_contours": max(2, round(lines * (0.4 + (i * 29 % 100) / 100))),
            }
        )
    return found


def say_scale(scale: int) -> str:
    """25000 -> "1:25,000"."""
    return f"1:{scale:,}"


vignette(
    "walk",
    "the walk",
    (
        "a walk on a map at a scale of {scale} with contour lines every {interval_m} metres",
        "a walk on a map at a scale of {scale}",
        "a walk on a map with contour lines every {interval_m} metres",
        "a walk on a map",
    ),
    {
        "length_cm": "measures {length_cm} cm",
        "contours": "crosses {contours} contour lines uphill",
        "downhill_contours": "crosses {downhill_contours} contour lines downhill",
    },
    samples=_walks,
    says={"scale": say_scale},
)

Scale = Annotated[int, Part("walk", "scale"), Meta(description="25000 for 1:25,000", ge=100)]
Length = Annotated[float, Part("walk", "length_cm"), Meta(description="length on the map in cm", gt=0)]
Contours = Annotated[int, Part("walk", "contours"), Meta(description="contour lines crossed uphill", ge=0)]
Downhill = Annotated[int, Part("walk", "downhill_contours"), Meta(description="contour lines crossed downhill", ge=0)]
Interval = Annotated[float, Part("walk", "interval_m"), Meta(description="contour interval in metres", gt=0)]
LONG = {"most": "longest", "least": "shortest", "more": "longer", "less": "shorter"}


# --- walks ------------------------------------------------------------------------------------------------------------


class WalkLength(TypedDict):
    distance: Annotated[
        float,
        Quantity("walking distance", "kilometres"),
        says("the length of {walk} on the ground", noun="length on the ground", ask="How long is {walk} on the ground"),
    ]


@tool(
    "processing",
    source="definition of a map scale",
    examples=[
        example({"scale": 25000, "length_cm": 4}, {"/distance": 1}, "identity: 4 cm at 1:25,000 are a kilometre"),
        example({"scale": 50000, "length_cm": 12.5}, {"/distance": 6.25}, "identity: 2 cm are a kilometre"),
    ],
)
def walk_distance(scale: Scale, length_cm: Length) -> WalkLength:
    """Compute the length in kilometres on the ground of a walk from its length on a map and the map's scale."""
    return {"distance": scale * length_cm / 100_000}


class Ascent(TypedDict):
    ascent: Annotated[
        float,
        Quantity("ascent", "metres"),
        says(
            "the ascent of {walk} by its contour lines",
            noun="ascent",
        ),
    ]


@tool(
    "processing",
    source="definition of a contour interval",
    examples=[
        example({"contours": 30, "interval_m": 10}, {"/ascent": 300}, "identity: thirty times ten metres"),
        example({"contours": 12, "interval_m": 20}, {"/ascent": 240}, "identity: twelve times twenty metres"),
    ],
)
def walk_ascent(contours: Contours, interval_m: Interval) -> Ascent:
    """Compute the ascent of a walk in metres: the contour lines crossed uphill times the contour interval."""
    return {"ascent": contours * interval_m}


class Gain(TypedDict):
    gain: Annotated[
        float,
        Quantity("height difference", "metres", scale="interval"),
        says(
            "the difference in height between the end and the start of {walk}, by its contour lines (negative if the "
            "end is lower)",
            noun="difference in height between end and start",
        ),
    ]


@tool(
    "processing",
    source="definition of a contour interval",
    examples=[
        example(
            {"contours": 30, "downhill_contours": 12, "interval_m": 10}, {"/gain": 180}, "identity: eighteen intervals"
        ),
        example(
            {"contours": 5, "downhill_contours": 8, "interval_m": 20}, {"/gain": -60}, "identity: three intervals down"
        ),
    ],
)
def walk_height_gain(contours: Contours, downhill_contours: Downhill, interval_m: Interval) -> Gain:
    """Compute how many metres higher a walk ends than it starts, from the contour lines crossed up and down."""
    return {"gain": (contours - downhill_contours) * interval_m}


class WalkTime(TypedDict):
    hours: Annotated[
        float,
        Quantity("walking time", "hours"),
        says(
            "the time that {walk} takes by Naismith's rule (an hour for each 5 kilometres, and an hour more for each "
            "600 metres of ascent)",
            noun="time by Naismith's rule",
            **LONG,
        ),
    ]


@tool(
    "processing",
    source="Naismith's rule in its metric form",
    examples=[
        example(
            {"scale": 50000, "length_cm": 20, "contours": 30, "interval_m": 20},
            {"/hours": 3},
            "identity: two hours for 10 km and one for 600 m",
        ),
        example(
            {"scale": 25000, "length_cm": 20, "contours": 0, "interval_m": 10},
            {"/hours": 1},
            "identity: an hour for 5 km on the level",
        ),
    ],
)
def naismith_time(scale: Scale, length_cm: Length, contours: Contours, interval_m: Interval) -> WalkTime:
    """Compute the hours that a walk takes by Naismith's rule: 5 km an hour, and an hour for each 600 m of ascent."""
    return {"hours": scale * length_cm / 100_000 / 5 + contours * interval_m / 600}


# --- map scales -------------------------------------------------------------------------------------------------------


class MapLength(TypedDict):
    length: Annotated[
        float,
        Quantity("length on a map", "centimetres"),
        says("the length of {distance} on a map at a scale of {scale}", noun="length on the map", **LONG),
    ]


@tool(
    "processing",
    source="definition of a map scale",
    examples=[
        example({"distance": 100, "scale": 1000000}, {"/length": 10}, "identity: 10 km to the centimetre"),
        example({"distance": 10, "scale": 250000}, {"/length": 4}, "identity: 2.5 km to the centimetre"),
        example({"distance": 20000, "scale": 1000000}, {"error": "refused"}, "identity: a map of twenty metres"),
    ],
)
def map_length(
    distance: Annotated[float, Quantity("distance", "kilometres"), Meta(ge=0, description="kilometres")],
    scale: Annotated[
        int,
        Given({n: say_scale(n) for n in (2_500_000, 5_000_000, 10_000_000, 20_000_000)}),
        Meta(ge=1000, description="1000000 for 1:1,000,000"),
    ],
) -> MapLength:
    """Compute how many centimetres a distance in kilometres measures on a map of a given scale.

    Refuses what would not fit on a sheet of two metres.
    """
    length = distance * 100_000 / scale
    if length > 200:
        raise Refusal("longer than any map sheet")
    return {"length": length}
