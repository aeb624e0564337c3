"""Units of measurement by Pint: what they measure, and how large they are in SI."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.general.units import PINT, registry
from dive_tools.values import Entity, Quantity, entity, says

# What a careful person calls the units of Pint's definitions, by what they measure.
UNITS = {
    "length": {
        "inch": "inch", "foot": "foot", "yard": "yard", "international mile": "mile", "nautical mile": "nautical_mile",
        "hand": "hand", "fathom": "fathom", "US survey foot": "survey_foot",
        "astronomical unit": "astronomical_unit", "light-year": "light_year", "parsec": "parsec",
        "metre": "meter", "kilometre": "kilometer", "millimetre": "millimeter",
    },
    "mass": {
        "avoirdupois pound": "pound", "avoirdupois ounce": "ounce", "stone": "stone",
        "troy ounce": "troy_ounce", "troy pound": "troy_pound", "pennyweight": "pennyweight", "carat": "carat",
        "short ton": "US_ton", "long ton": "UK_ton", "slug": "slug", "tonne": "metric_ton", "kilogram": "kilogram",
        "gram": "gram",
    },
    "volume": {
        "US liquid gallon": "gallon", "US liquid quart": "quart", "US liquid pint": "pint", "US cup": "cup",
        "imperial gallon": "imperial_gallon", "imperial quart": "imperial_quart",
        "imperial pint": "imperial_pint",
        "imperial gill": "imperial_gill", "US gill": "gill",
        "US bushel": "bushel", "imperial bushel": "imperial_bushel", "oil barrel": "oil_barrel", "litre": "liter",
        "cubic foot": "cubic_foot", "cubic yard": "cubic_yard",
    },
    "area": {
        "hectare": "hectare", "are": "are", "square foot": "square_foot", "square yard": "square_yard",
        "square inch": "square_inch", "square mile": "square_mile",
    },
    "energy": {
        "joule": "joule", "watt-hour": "watt_hour",
        "thermochemical calorie": "calorie", "ton of TNT": "ton_TNT",
        "international calorie": "international_calorie",
        "tonne of oil equivalent": "tonne_of_oil_equivalent",
    },
    "power": {
        "watt": "watt", "mechanical horsepower": "horsepower", "metric horsepower": "metric_horsepower",
        "electrical horsepower": "electrical_horsepower", "boiler horsepower": "boiler_horsepower",
        "ton of refrigeration": "refrigeration_ton",
    },
    "pressure": {
        "pascal": "pascal", "bar": "bar", "standard atmosphere": "standard_atmosphere", "torr": "torr",
        "technical atmosphere": "technical_atmosphere", "barye": "barye",
        "pound-force per square inch": "pound_force_per_square_inch",
    },
    "force": {
        "newton": "newton", "kilogram-force": "force_kilogram", "pound-force": "force_pound",
        "poundal": "poundal", "kip": "kip",
    },
    "speed": {"knot": "knot", "mile per hour": "mile_per_hour", "kilometre per hour": "kilometer_per_hour",
              "metre per second": "meter_per_second"},
}  # fmt: skip
_SI = {
    "length": ("meter", "metres"), "mass": ("kilogram", "kilograms"), "volume": ("meter**3", "cubic metres"),
    "area": ("meter**2", "square metres"), "energy": ("joule", "joules"), "power": ("watt", "watts"),
    "pressure": ("pascal", "pascals"), "force": ("newton", "newtons"), "speed": ("meter/second", "metres per second"),
}  # fmt: skip


@lru_cache(maxsize=1)
def _units() -> dict[str, tuple[str, str]]:
    """What a unit measures and its name in Pint, by name."""
    return {name: (kind, pint) for kind, names in UNITS.items() for name, pint in names.items()}


def _alike(unit: str) -> list[str]:
    """The other units of the same quantity that are neither a hundred times as large nor a hundred times as small."""
    kind, own = _units()[unit]
    sizes = {name: _size(pint, own) for name, pint in UNITS[kind].items() if name != unit}
    return [name for name, size in sizes.items() if 0.01 < size < 100]


entity("unit", "unit", label=lambda name: f"the {name}", samples=lambda: list(_units()), akin=_alike)
Unit = Annotated[str, Entity("unit"), Meta(description="as in “imperial pint”, “troy ounce”, “metric horsepower”")]


def _find(unit: str) -> tuple[str, str]:
    found = _units().get(unit.strip())
    if found is None:
        raise Refusal(f"no unit {unit!r}")
    return found


@lru_cache(maxsize=4096)
def _size(pint: str, to: str) -> float:
    made: Any = registry()
    return float(made.Quantity(1, pint).to(to).magnitude)


class UnitRecord(TypedDict):
    measures: Annotated[str, says(quiet=True)]
    size: Annotated[
        float,
        Quantity("size of a unit", scale="ordinal"),
        says(
            "the size of {unit} in the coherent SI unit",
            noun="size",
            most="largest",
            least="smallest",
            more="larger",
            less="smaller",
            ask="How large is {unit} in the coherent SI unit",
        ),
    ]
    si_unit: Annotated[str, says(quiet=True)]


@tool(
    "retrieval",
    examples=[
        example(
            {"unit": "fathom"}, {"/size": 1.8288, "/measures": "length"}, "published: NIST SP 811 (six feet)", 1e-5
        ),
        example({"unit": "troy ounce"}, {"/size": 0.0311034768, "/si_unit": "kilograms"}, "published: NIST SP 811"),
        example({"unit": "imperial pint"}, {"/size": 0.00056826125}, "published: UK Weights and Measures Act 1985"),
    ],
    **PINT,
)
def unit_record(unit: Unit) -> UnitRecord:
    """Look up a unit in Pint's definitions: what it measures and its size in the coherent SI unit, named beside it."""
    kind, pint = _find(unit)
    return {"measures": kind, "size": _size(pint, _SI[kind][0]), "si_unit": _SI[kind][1]}
