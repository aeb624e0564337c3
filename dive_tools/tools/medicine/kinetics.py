"""One-compartment pharmacokinetics of a drug."""

from __future__ import annotations

import math
from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import example, tool
from dive_tools.values import Given, Part, Quantity, says

Volume = Annotated[float, Part("drug", "volume"), Meta(description="volume of distribution in litres", gt=0, le=20000)]
Clearance = Annotated[float, Part("drug", "clearance"), Meta(description="litres per hour", gt=0, le=1000)]
Dose = Annotated[float, Part("drug", "dose_mg"), Meta(description="milligrams", gt=0, le=100000)]
Interval = Annotated[float, Part("drug", "interval"), Meta(description="hours between doses", gt=0, le=1000)]
BOOK = "Rowland and Tozer, Clinical Pharmacokinetics"
LONG = {"most": "longest", "least": "shortest", "more": "longer", "less": "shorter"}
MGL = "milligrams per litre"


class Rates(TypedDict):
    rate_constant: Annotated[
        float,
        Quantity("elimination rate constant", "per hour"),
        says("the elimination rate constant of {drug}", noun="elimination rate constant"),
    ]
    half_life: Annotated[
        float,
        Quantity("half-life", "hours"),
        says("the half-life of {drug}", noun="half-life", **LONG),
    ]


@tool(
    "processing",
    source=BOOK,
    examples=[
        example(
            {"clearance": 5, "volume": 50}, {"/rate_constant": 0.1, "/half_life": 10 * math.log(2)}, "identity: 5 / 50"
        ),
        example({"clearance": 3, "volume": 12}, {"/rate_constant": 0.25}, "identity: 3 / 12"),
    ],
)
def drug_elimination(clearance: Clearance, volume: Volume) -> Rates:
    """Compute the elimination rate constant per hour, clearance over volume, and the half-life, ln 2 over it."""
    return {"rate_constant": clearance / volume, "half_life": math.log(2) * volume / clearance}


Constant = Annotated[float, Quantity("elimination rate constant", "per hour"), Meta(gt=0, le=50)]


class Washout(TypedDict):
    time: Annotated[
        float,
        Quantity("washout time", "hours"),
        says(
            "the time in which the plasma concentration falls to {remaining} percent of its initial value, "
            "given {half_life}",
            noun="time",
            **LONG,
        ),
    ]


@tool(
    "processing",
    source=BOOK,
    examples=[
        example({"half_life": 4, "remaining": 25}, {"/time": 8}, "identity: two half-lives"),
        example({"half_life": 6, "remaining": 12.5}, {"/time": 18}, "identity: three half-lives"),
    ],
)
def washout_time(
    half_life: Annotated[float, Quantity("half-life", "hours"), Meta(gt=0, le=10000)],
    remaining: Annotated[float, Given(5, 10, 20), Meta(description="percent of the first concentration", gt=0, lt=100)],
) -> Washout:
    """Compute the hours in which a concentration falls to a percentage of the first value, from the half-life."""
    return {"time": half_life * math.log2(100 / remaining)}


class Accumulation(TypedDict):
    ratio: Annotated[
        float,
        Quantity("accumulation ratio", ""),
        says("the accumulation ratio of {drug} at steady state from {rate_constant}", noun="accumulation ratio"),
    ]


@tool(
    "processing",
    source=BOOK,
    examples=[
        example(
            {"rate_constant": math.log(2) / 8, "interval": 8}, {"/ratio": 2}, "identity: dosing every half-life doubles"
        ),
        example({"rate_constant": math.log(2) / 4, "interval": 8}, {"/ratio": 4 / 3}, "identity: 1 / (1 − 1/4)"),
    ],
)
def accumulation_ratio(rate_constant: Constant, interval: Interval) -> Accumulation:
    """Compute the accumulation ratio at steady state of intravenous bolus doses: 1 / (1 − exp(−k × interval))."""
    return {"ratio": 1 / (1 - math.exp(-rate_constant * interval))}


class Average(TypedDict):
    concentration: Annotated[
        float,
        Quantity("average steady-state concentration", MGL),
        says(
            "the average steady-state plasma concentration of {drug} by mouth",
            noun="average steady-state concentration",
        ),
    ]


@tool(
    "processing",
    source=BOOK,
    examples=[
        example(
            {"dose_mg": 480, "interval": 12, "clearance": 4, "bioavailability": 50},
            {"/concentration": 5},
            "identity: 240 / 48",
        ),
        example(
            {"dose_mg": 100, "interval": 10, "clearance": 10, "bioavailability": 100},
            {"/concentration": 1},
            "identity: 100 / 100",
        ),
    ],
)
def average_steady_state(
    dose_mg: Dose,
    interval: Interval,
    clearance: Clearance,
    bioavailability: Annotated[float, Part("drug", "bioavailability"), Meta(description="percent", gt=0, le=100)],
) -> Average:
    """Compute the average steady-state plasma concentration in mg/L of oral doses: F × dose / (clearance ×
    interval)."""
    return {"concentration": bioavailability / 100 * dose_mg / (clearance * interval)}


class Free(TypedDict):
    free: Annotated[
        float,
        Quantity("unbound concentration", MGL),
        says("the unbound part of {concentration}", noun="unbound concentration"),
    ]


@tool(
    "processing",
    source=BOOK,
    examples=[
        example({"concentration": 5, "unbound": 20}, {"/free": 1}, "identity: a fifth of 5"),
        example({"concentration": 8, "unbound": 50}, {"/free": 4}, "identity: half of 8"),
    ],
)
def unbound_concentration(
    concentration: Annotated[float, Quantity("average steady-state concentration", MGL), Meta(gt=0, le=100000)],
    unbound: Annotated[float, Part("drug", "unbound"), Meta(description="percent unbound in plasma", gt=0, le=100)],
) -> Free:
    """Compute the unbound concentration in mg/L: total concentration × percent unbound / 100."""
    return {"free": concentration * unbound / 100}


class Loading(TypedDict):
    loading_dose: Annotated[
        float,
        Quantity("loading dose", "milligrams"),
        says(
            "the intravenous loading dose of {drug} that brings {concentration} at once",
            noun="loading dose",
            most="largest",
            least="smallest",
            more="larger",
            less="smaller",
        ),
    ]


@tool(
    "processing",
    source=BOOK,
    examples=[
        example({"concentration": 5, "volume": 30}, {"/loading_dose": 150}, "identity: 5 × 30"),
        example({"concentration": 2, "volume": 45}, {"/loading_dose": 90}, "identity: 2 × 45"),
    ],
)
def loading_dose(
    concentration: Annotated[float, Quantity("average steady-state concentration", MGL), Meta(gt=0, le=100000)],
    volume: Volume,
) -> Loading:
    """Compute the intravenous loading dose in milligrams that brings a concentration: concentration × volume
    of distribution."""
    return {"loading_dose": concentration * volume}
