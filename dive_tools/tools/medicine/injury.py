"""Trauma scores and burns."""

from __future__ import annotations

import math
from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Given, Part, Quantity, says

T = "trauma_patient"
Eye = Annotated[int, Part(T, "eye"), Meta(description="eye opening, 1 to 4", ge=1, le=4)]
Verbal = Annotated[int, Part(T, "verbal"), Meta(description="verbal response, 1 to 5", ge=1, le=5)]
Motor = Annotated[int, Part(T, "motor"), Meta(description="motor response, 1 to 6", ge=1, le=6)]
First = Annotated[int, Part(T, "first"), Meta(description="worst regional AIS severity, 1 to 5", ge=1, le=5)]
Second = Annotated[int, Part(T, "second"), Meta(description="second-worst regional AIS severity, 0 to 5", ge=0, le=5)]
Third = Annotated[int, Part(T, "third"), Meta(description="third-worst regional AIS severity, 0 to 5", ge=0, le=5)]
Systolic = Annotated[float, Part(T, "systolic"), Meta(description="systolic blood pressure in mmHg", ge=0, le=300)]


class Rts(TypedDict):
    rts: Annotated[
        float,
        Quantity("Revised Trauma Score", "points", scale="interval"),
        says(
            "the Revised Trauma Score of {trauma_patient} (weights 0.9368, 0.7326 and 0.2908)",
            noun="Revised Trauma Score",
        ),
    ]


@tool(
    "processing",
    source="Champion et al., J Trauma 1989;29:623",
    examples=[
        example(
            {"eye": 4, "verbal": 5, "motor": 6, "systolic": 120, "respiratory_rate": 16},
            {"/rts": 7.8408},
            "published: Champion 1989, best score 7.8408",
        ),
        example(
            {"eye": 2, "verbal": 2, "motor": 4, "systolic": 80, "respiratory_rate": 32},
            {"/rts": 2 * 0.9368 + 3 * 0.7326 + 3 * 0.2908},
            "published: Champion 1989, coded values 2, 3 and 3",
        ),
    ],
)
def revised_trauma_score(
    eye: Eye,
    verbal: Verbal,
    motor: Motor,
    systolic: Systolic,
    respiratory_rate: Annotated[int, Part(T, "respiratory_rate"), Meta(description="breaths per minute", ge=0, le=90)],
) -> Rts:
    """Compute the Revised Trauma Score: 0.9368 × coded coma score + 0.7326 × coded systolic pressure + 0.2908
    × coded breathing rate."""
    score = eye + verbal + motor
    coma = 4 if score >= 13 else 3 if score >= 9 else 2 if score >= 6 else 1 if score >= 4 else 0
    pressure = 4 if systolic > 89 else 3 if systolic >= 76 else 2 if systolic >= 50 else 1 if systolic >= 1 else 0
    rate = respiratory_rate
    breath = 3 if rate > 29 else 4 if rate >= 10 else 2 if rate >= 6 else 1 if rate >= 1 else 0
    return {"rts": 0.9368 * coma + 0.7326 * pressure + 0.2908 * breath}


class Survival(TypedDict):
    survival: Annotated[
        float,
        Quantity("probability of survival", "percent"),
        says(
            "the survival probability of {trauma_patient} by the 1995 TRISS coefficients for {mechanism} "
            "injury, given {rts}",
            noun="survival probability",
        ),
    ]


@tool(
    "processing",
    source="Champion et al., J Trauma 1995;38:94 (MTOS coefficients)",
    examples=[
        example(
            {"age": 30, "rts": 7.8408, "first": 3, "second": 0, "third": 0, "mechanism": "blunt"},
            {"/survival": 100 / (1 + math.exp(0.4499 - 0.8085 * 7.8408 + 0.0835 * 9))},
            "identity: the published logistic formula",
        ),
        example(
            {"age": 60, "rts": 7.8408, "first": 2, "second": 2, "third": 1, "mechanism": "penetrating"},
            {"/survival": 100 / (1 + math.exp(2.5355 - 0.9934 * 7.8408 + 0.0651 * 9 + 1.136))},
            "identity: the published logistic formula",
        ),
    ],
)
def triss_survival(
    age: Annotated[int, Part(T, "age"), Meta(description="years", ge=15, le=110)],
    rts: Annotated[float, Quantity("Revised Trauma Score", "points"), Meta(ge=0, le=7.85)],
    first: First,
    second: Second,
    third: Third,
    mechanism: Annotated[str, Given("blunt", "penetrating"), Meta(description="blunt or penetrating")],
) -> Survival:
    """Compute the TRISS probability of survival in percent with the 1995 coefficients; age counts from 55 years.

    From a Revised Trauma Score and the Injury Severity Score of the three worst regional severities.
    """
    iss = first**2 + second**2 + third**2
    table = {"blunt": (-0.4499, 0.8085, -0.0835, -1.743), "penetrating": (-2.5355, 0.9934, -0.0651, -1.136)}
    if mechanism not in table:
        raise Refusal("mechanism must be blunt or penetrating")
    base, by_rts, by_iss, by_age = table[mechanism]
    return {"survival": 100 / (1 + math.exp(-(base + by_rts * rts + by_iss * iss + by_age * (age >= 55))))}


class Parkland(TypedDict):
    volume: Annotated[
        float,
        Quantity("resuscitation volume", "millilitres"),
        says(
            "the Parkland fluid volume of {burn_patient} for the first 24 hours at {factor} mL per kg for "
            "each percent burned",
            noun="Parkland fluid volume",
        ),
    ]


@tool(
    "processing",
    source="Baxter and Shires, Ann N Y Acad Sci 1968;150:874",
    examples=[
        example({"weight_kg": 70, "burned": 30, "factor": 4}, {"/volume": 8400}, "identity: 4 × 70 × 30"),
        example({"weight_kg": 50, "burned": 20, "factor": 2}, {"/volume": 2000}, "identity: 2 × 50 × 20"),
    ],
)
def parkland_volume(
    weight_kg: Annotated[float, Part("burn_patient", "weight_kg"), Meta(description="kilograms", ge=2, le=300)],
    burned: Annotated[
        float, Part("burn_patient", "burned"), Meta(description="percent of body surface burned", ge=1, le=100)
    ],
    factor: Annotated[int, Given(2, 3, 4), Meta(description="mL per kilogram and percent", ge=2, le=4)],
) -> Parkland:
    """Compute the fluid volume in millilitres for the first 24 hours after a burn: factor × kg × percent burned."""
    return {"volume": factor * weight_kg * burned}


class FirstRate(TypedDict):
    rate: Annotated[
        float,
        Quantity("infusion rate", "millilitres per hour"),
        says(
            "the hourly infusion rate that gives half of {volume} over the {hours} hours that remain of the "
            "first 8 hours",
            noun="hourly infusion rate",
        ),
    ]


@tool(
    "processing",
    source="Parkland formula: half of the volume within 8 hours of the burn",
    examples=[
        example({"volume": 8000, "hours": 8}, {"/rate": 500}, "identity: 4000 / 8"),
        example({"volume": 8400, "hours": 6}, {"/rate": 700}, "identity: 4200 / 6"),
    ],
)
def first_hours_burn_rate(
    volume: Annotated[float, Quantity("resuscitation volume", "millilitres"), Meta(ge=10, le=100000)],
    hours: Annotated[int, Given(5, 6, 7), Meta(description="hours left of the first eight", ge=1, le=8)],
) -> FirstRate:
    """Compute the infusion rate in mL per hour that gives half of a 24-hour burn volume over the hours left of
    the first eight."""
    return {"rate": volume / 2 / hours}
