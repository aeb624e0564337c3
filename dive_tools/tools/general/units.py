"""Unit conversions by Pint: the last step of a question, where figures come in a unit that the reader does not use."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import example, tool
from dive_tools.values import Quantity, says

PINT: dict[str, Any] = {
    "needs": ("pint",),
    "source": "unit definitions of Pint (NIST SP 811)",
    "licence": "BSD-3-Clause",
}


@lru_cache(maxsize=16)
def _factor(unit: str, to: str) -> float:
    made: Any = registry()
    return float(made.Quantity(1, unit).to(to).magnitude)


@lru_cache(maxsize=1)
def registry() -> Any:
    """Pint's default registry of units."""
    import pint

    return pint.UnitRegistry()


class Miles(TypedDict):
    distance: Annotated[
        float,
        Quantity("distance", "statute miles"),
        says("{distance} in statute miles", noun="distance in statute miles"),
    ]


@tool(
    "processing",
    examples=[
        example({"distance": 1.609344}, {"/distance": 1}, "published: NIST SP 811, 1 mile is 1.609344 km"),
        example({"distance": 42.195}, {"/distance": 26.218757}, "published: World Athletics, marathon", 1e-5),
    ],
    **PINT,
)
def kilometres_to_miles(
    distance: Annotated[float, Quantity("distance", "kilometres"), Meta(ge=0, description="kilometres")],
) -> Miles:
    """Convert a distance from kilometres to international statute miles of 1.609344 km."""
    return {"distance": distance * _factor("kilometer", "mile")}


class NauticalMiles(TypedDict):
    distance: Annotated[
        float,
        Quantity("distance", "nautical miles"),
        says("{distance} in nautical miles", noun="distance in nautical miles"),
    ]


@tool(
    "processing",
    examples=[
        example({"distance": 1.852}, {"/distance": 1}, "published: NIST SP 811, 1 nautical mile is 1.852 km"),
        example({"distance": 0}, {"/distance": 0}, "identity: nothing is nothing"),
    ],
    **PINT,
)
def kilometres_to_nautical_miles(
    distance: Annotated[float, Quantity("distance", "kilometres"), Meta(ge=0, description="kilometres")],
) -> NauticalMiles:
    """Convert a distance from kilometres to nautical miles of 1.852 km."""
    return {"distance": distance * _factor("kilometer", "nautical_mile")}


class SquareMiles(TypedDict):
    area: Annotated[
        float,
        Quantity("area", "square miles", additive=True),
        says("{area} in square miles", noun="area in square miles"),
    ]


@tool(
    "processing",
    examples=[
        example({"area": 1.609344**2}, {"/area": 1}, "identity: the square of 1.609344 km"),
        example({"area": 100}, {"/area": 38.610216}, "published: NIST SP 811", 1e-6),
    ],
    **PINT,
)
def square_kilometres_to_square_miles(
    area: Annotated[float, Quantity("area", "square kilometres"), Meta(ge=0, description="square kilometres")],
) -> SquareMiles:
    """Convert an area from square kilometres to square miles (international mile of 1.609344 km)."""
    return {"area": area * _factor("kilometer**2", "mile**2")}


class Metres(TypedDict):
    elevation: Annotated[
        float,
        Quantity("elevation", "metres", scale="interval"),
        says("{elevation} in metres", noun="elevation in metres"),
    ]


@tool(
    "processing",
    examples=[
        example({"elevation": 1}, {"/elevation": 0.3048}, "published: NIST SP 811, 1 foot is 0.3048 m"),
        example({"elevation": -1000}, {"/elevation": -304.8}, "published: NIST SP 811"),
    ],
    **PINT,
)
def elevation_in_metres(
    elevation: Annotated[float, Quantity("elevation", "feet"), Meta(ge=-2000, le=40000, description="feet")],
) -> Metres:
    """Convert an elevation from international feet of 0.3048 m to metres."""
    return {"elevation": elevation * _factor("foot", "meter")}
