"""Children and pregnancies."""

from __future__ import annotations

import datetime
import math
from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Entity, Given, Part, Quantity, says

Weight = Annotated[float, Part("child", "weight_kg"), Meta(description="kilograms", ge=2, le=120)]
Height = Annotated[float, Part("child", "height_cm"), Meta(description="centimetres", ge=40, le=200)]
Dehydration = Annotated[float, Part("child", "dehydration"), Meta(description="percent", ge=1, le=20)]
ML = "millilitres"


class Maintenance(TypedDict):
    maintenance: Annotated[
        float,
        Quantity("daily maintenance fluid", ML),
        says("the daily maintenance fluid of {child} by the Holliday–Segar method", noun="daily maintenance fluid"),
    ]


@tool(
    "processing",
    source="Holliday and Segar, Pediatrics 1957;19:823",
    examples=[
        example({"weight_kg": 25}, {"/maintenance": 1600}, "identity: 1000 + 500 + 5 × 20"),
        example({"weight_kg": 8}, {"/maintenance": 800}, "identity: 8 × 100"),
    ],
)
def maintenance_fluid(weight_kg: Weight) -> Maintenance:
    """Compute a child's maintenance fluid in mL a day: 100 mL/kg for the first 10 kg, 50 for the next 10, 20 above."""
    return {
        "maintenance": 100 * min(weight_kg, 10) + 50 * min(max(weight_kg - 10, 0), 10) + 20 * max(weight_kg - 20, 0)
    }


class Rehydration(TypedDict):
    rate: Annotated[
        float,
        Quantity("rehydration rate", "millilitres per hour"),
        says(
            "the hourly rate for {child} that gives {maintenance} and replaces the deficit (10 mL per kg for each "
            "percent of dehydration) over {hours} hours",
            noun="hourly rate",
        ),
    ]


@tool(
    "processing",
    source="maintenance / 24 + deficit / hours",
    examples=[
        example(
            {"maintenance": 1440, "weight_kg": 12, "dehydration": 8, "hours": 24},
            {"/rate": 100},
            "identity: 1440 / 24 + 960 / 24",
        ),
        example(
            {"maintenance": 1200, "weight_kg": 12, "dehydration": 8, "hours": 48},
            {"/rate": 70},
            "identity: 1200 / 24 + 960 / 48",
        ),
    ],
)
def rehydration_rate(
    maintenance: Annotated[float, Quantity("daily maintenance fluid", ML), Meta(ge=100, le=5000)],
    weight_kg: Weight,
    dehydration: Dehydration,
    hours: Annotated[int, Given(24, 48), Meta(description="hours in which the deficit is replaced", ge=1, le=72)],
) -> Rehydration:
    """Compute the infusion rate in mL per hour that covers daily maintenance and replaces a deficit within
    some hours."""
    return {"rate": maintenance / 24 + weight_kg * dehydration * 10 / hours}


class Schwartz(TypedDict):
    egfr: Annotated[
        float,
        Quantity("indexed glomerular filtration rate", "millilitres per minute per 1.73 square metres"),
        says("the eGFR of {child} by the bedside Schwartz equation", noun="eGFR"),
    ]


@tool(
    "processing",
    source="Schwartz et al., J Am Soc Nephrol 2009;20:629",
    examples=[
        example({"height_cm": 100, "creatinine": 0.413}, {"/egfr": 100}, "identity: 0.413 × 100 / 0.413"),
        example({"height_cm": 120, "creatinine": 0.6}, {"/egfr": 82.6}, "identity: 0.413 × 120 / 0.6"),
    ],
)
def egfr_bedside_schwartz(
    height_cm: Height,
    creatinine: Annotated[float, Part("child", "creatinine"), Meta(description="mg/dL", ge=0.1, le=20)],
) -> Schwartz:
    """Compute a child's estimated GFR in mL/min/1.73 m² by the bedside Schwartz equation: 0.413 × height /
    creatinine."""
    return {"egfr": 0.413 * height_cm / creatinine}


class ChildSurface(TypedDict):
    area: Annotated[
        float,
        Quantity("body surface area", "square metres"),
        says("the body surface area of {child} by the Mosteller formula", noun="body surface area"),
    ]


@tool(
    "processing",
    source="Mosteller, N Engl J Med 1987;317:1098",
    examples=[
        example({"height_cm": 100, "weight_kg": 16}, {"/area": 2 / 3}, "identity: √(1600 / 3600)"),
        example({"height_cm": 120, "weight_kg": 30}, {"/area": 1}, "identity: √(3600 / 3600)"),
    ],
)
def child_body_surface_area(height_cm: Height, weight_kg: Weight) -> ChildSurface:
    """Compute a child's body surface area in m² by Mosteller: √(cm × kg / 3600)."""
    return {"area": math.sqrt(height_cm * weight_kg / 3600)}


class ChildDose(TypedDict):
    dose: Annotated[
        float,
        Quantity("child's dose", "milligrams"),
        says("the single dose of {child} at {per_kg} mg per kg", noun="single dose"),
    ]


@tool(
    "processing",
    source="dose per kilogram times body weight",
    examples=[
        example({"weight_kg": 20, "per_kg": 15}, {"/dose": 300}, "identity: 20 × 15"),
        example({"weight_kg": 12, "per_kg": 10}, {"/dose": 120}, "identity: 12 × 10"),
    ],
)
def child_dose(
    weight_kg: Weight,
    per_kg: Annotated[float, Given(10, 15, 25, 40), Meta(description="mg per kilogram", gt=0, le=500)],
) -> ChildDose:
    """Compute a child's single dose in milligrams from body weight and milligrams per kilogram, without a maximum."""
    return {"dose": weight_kg * per_kg}


class Suspension(TypedDict):
    volume: Annotated[
        float,
        Quantity("suspension volume", ML),
        says(
            "the volume of a suspension of {strength} mg per 5 mL that holds {dose}",
            noun="volume",
            most="largest",
            least="smallest",
            more="larger",
            less="smaller",
        ),
    ]


@tool(
    "processing",
    source="dose over concentration",
    examples=[
        example({"dose": 300, "strength": 250}, {"/volume": 6}, "identity: 300 / 50"),
        example({"dose": 180, "strength": 120}, {"/volume": 7.5}, "identity: 180 / 24"),
    ],
)
def suspension_volume(
    dose: Annotated[float, Quantity("child's dose", "milligrams"), Meta(gt=0, le=10000)],
    strength: Annotated[int, Given(100, 120, 125, 250), Meta(description="milligrams in 5 mL", ge=1, le=2000)],
) -> Suspension:
    """Compute the volume in millilitres of an oral suspension that holds a dose, from its strength in mg per 5 mL."""
    return {"volume": dose / strength * 5}


# --- pregnancy -------------------------------------------------------------------------------------------------------

LastPeriod = Annotated[
    str, Part("pregnant_woman", "last_period"), Meta(description="first day of the last period, YYYY-MM-DD")
]


def _day(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise Refusal(f"{text!r} is not a date YYYY-MM-DD") from None


class Due(TypedDict):
    due_date: Annotated[
        str,
        Entity("date"),
        says(
            "the due date of {pregnant_woman}, 280 days after the last period began and adjusted for cycle length",
            noun="due date",
            ask="When is {pregnant_woman} due, 280 days after the last period began and adjusted for cycle length",
        ),
    ]


@tool(
    "processing",
    source="Naegele's rule, with cycle length less 28 days added",
    examples=[
        example(
            {"last_period": "2027-01-01", "cycle": 28}, {"/due_date": "2027-10-08"}, "identity: 1 January and 280 days"
        ),
        example({"last_period": "2027-01-01", "cycle": 32}, {"/due_date": "2027-10-12"}, "identity: four days later"),
    ],
)
def pregnancy_due_date(
    last_period: LastPeriod,
    cycle: Annotated[int, Part("pregnant_woman", "cycle"), Meta(description="days", ge=21, le=45)],
) -> Due:
    """Compute the expected date of delivery: 280 days after the last menstrual period, plus cycle length − 28 days."""
    return {"due_date": str(_day(last_period) + datetime.timedelta(days=280 + cycle - 28))}


class Gestation(TypedDict):
    days: Annotated[
        int,
        Quantity("gestational age", "days", scale="interval"),
        says(
            "the gestational age of {pregnant_woman} on the day she is seen, counted back from {due_date}",
            noun="gestational age",
        ),
    ]


@tool(
    "processing",
    source="280 days less the days to the due date",
    examples=[
        example(
            {"due_date": "2027-10-08", "seen_on": "2027-10-08"}, {"/days": 280}, "identity: 280 days on the due date"
        ),
        example(
            {"due_date": "2027-10-08", "seen_on": "2027-07-16"}, {"/days": 196}, "identity: 84 days before, 28 weeks"
        ),
    ],
)
def gestational_age(
    due_date: Annotated[str, Entity("date"), Meta(description="expected date of delivery, YYYY-MM-DD")],
    seen_on: Annotated[str, Part("pregnant_woman", "seen_on"), Meta(description="YYYY-MM-DD")],
) -> Gestation:
    """Compute the gestational age in days on a day from the expected date of delivery. Refuses less than 0 or
    more than 308 days."""
    days = 280 - (_day(due_date) - _day(seen_on)).days
    if not 0 <= days <= 308:
        raise Refusal("these dates do not belong to one pregnancy")
    return {"days": days}


class Weeks(TypedDict):
    weeks: Annotated[
        int,
        Quantity("completed weeks of gestation", "weeks", scale="interval"),
        says("the number of completed weeks in {days}", noun="completed weeks of gestation"),
    ]


@tool(
    "processing",
    source="whole weeks of seven days",
    examples=[
        example({"days": 200}, {"/weeks": 28}, "identity: 28 weeks and 4 days"),
        example({"days": 279}, {"/weeks": 39}, "identity: 39 weeks and 6 days"),
    ],
)
def completed_weeks(days: Annotated[int, Quantity("gestational age", "days"), Meta(ge=7, le=308)]) -> Weeks:
    """Compute the completed weeks of a gestational age in days."""
    return {"weeks": days // 7}
