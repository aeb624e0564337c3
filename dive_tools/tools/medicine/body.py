"""Body size of an adult, and doses that follow from it."""

from __future__ import annotations

import math
from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Given, Part, Quantity, says

Sex = Annotated[str, Part("patient", "sex"), Meta(description="female or male", pattern="^(female|male)$")]
Weight = Annotated[
    float, Part("patient", "weight_kg"), Meta(description="actual body weight in kilograms", ge=30, le=300)
]
Height = Annotated[float, Part("patient", "height_cm"), Meta(description="height in centimetres", ge=120, le=230)]
KG = "kilograms"


class Bmi(TypedDict):
    bmi: Annotated[
        float,
        Quantity("body mass index", "kilograms per square metre"),
        says("the body mass index of {adult}", noun="body mass index", ask="What is the body mass index of {adult}"),
    ]


@tool(
    "processing",
    source="Quetelet index, WHO Technical Report Series 894",
    examples=[
        example({"weight_kg": 80, "height_cm": 200}, {"/bmi": 20.0}, "identity: 80 / 2²"),
        example({"weight_kg": 70, "height_cm": 175}, {"/bmi": 22.857142857}, "identity: 70 / 1.75²"),
    ],
)
def body_mass_index(
    weight_kg: Annotated[float, Part("adult", "weight_kg"), Meta(description="kilograms", ge=30, le=300)],
    height_cm: Annotated[float, Part("adult", "height_cm"), Meta(description="centimetres", ge=120, le=230)],
) -> Bmi:
    """Compute the body mass index in kg/m²: weight in kilograms over the square of height in metres."""
    return {"bmi": weight_kg / (height_cm / 100) ** 2}


class Surface(TypedDict):
    area: Annotated[
        float,
        Quantity("body surface area", "square metres"),
        says(
            "the body surface area of {patient} by the {formula} formula",
            noun="body surface area",
            most="largest",
            least="smallest",
            more="larger",
            less="smaller",
        ),
    ]


@tool(
    "processing",
    source="Mosteller 1987; Du Bois and Du Bois 1916",
    examples=[
        example(
            {"weight_kg": 80, "height_cm": 180, "formula": "mosteller"},
            {"/area": 2.0},
            "identity: √(180 × 80 / 3600) = 2",
        ),
        example(
            {"weight_kg": 70, "height_cm": 170, "formula": "du_bois"},
            {"/area": 0.007184 * 70**0.425 * 170**0.725},
            "identity: the published coefficients, term by term",
        ),
    ],
)
def body_surface_area(
    weight_kg: Weight,
    height_cm: Height,
    formula: Annotated[
        str, Given({"mosteller": "Mosteller", "du_bois": "Du Bois"}), Meta(description="mosteller or du_bois")
    ],
) -> Surface:
    """Compute the body surface area in m² by the Mosteller formula, √(cm × kg / 3600), or that of Du Bois.

    Du Bois: 0.007184 × kg^0.425 × cm^0.725. Refuses another formula.
    """
    if formula == "mosteller":
        return {"area": math.sqrt(height_cm * weight_kg / 3600)}
    if formula == "du_bois":
        return {"area": 0.007184 * weight_kg**0.425 * height_cm**0.725}
    raise Refusal("formula must be mosteller or du_bois")


class Ideal(TypedDict):
    ideal_weight: Annotated[
        float,
        Quantity("ideal body weight", KG),
        says("the ideal body weight of {patient} by the Devine formula", noun="ideal body weight"),
    ]


@tool(
    "processing",
    source="Devine 1974",
    examples=[
        example(
            {"sex": "male", "height_cm": 177.8},
            {"/ideal_weight": 73.0},
            "published: Devine, a man of 70 inches: 50 + 23 kg",
        ),
        example(
            {"sex": "female", "height_cm": 162.56}, {"/ideal_weight": 54.7}, "published: Devine, a woman of 64 inches"
        ),
    ],
)
def ideal_body_weight(sex: Sex, height_cm: Height) -> Ideal:
    """Compute the ideal body weight in kilograms by Devine: 50 (men) or 45.5 (women) + 2.3 per inch above 60 inches.

    Refuses a height under 60 inches (152.4 cm) less half a centimetre, where the formula was not defined.
    """
    if height_cm < 152:
        raise Refusal("the Devine formula is for heights of 60 inches and more")
    return {"ideal_weight": (50 if sex == "male" else 45.5) + 2.3 * max(0.0, height_cm / 2.54 - 60)}


class Adjusted(TypedDict):
    adjusted_weight: Annotated[
        float,
        Quantity("adjusted body weight", KG),
        says(
            "the adjusted body weight of {patient} (factor 0.4) from {ideal_weight}",
            noun="adjusted body weight",
        ),
    ]


@tool(
    "processing",
    source="Bauer, Applied Clinical Pharmacokinetics",
    examples=[
        example({"weight_kg": 100, "ideal_weight": 60}, {"/adjusted_weight": 76.0}, "identity: 60 + 0.4 × 40"),
        example(
            {"weight_kg": 60, "ideal_weight": 70}, {"error": "refused"}, "identity: no excess weight to adjust for"
        ),
    ],
)
def adjusted_body_weight(
    weight_kg: Weight, ideal_weight: Annotated[float, Quantity("ideal body weight", KG), Meta(ge=20, le=150)]
) -> Adjusted:
    """Compute the adjusted body weight in kilograms: ideal weight + 0.4 × (actual − ideal weight).

    Refuses a patient who weighs no more than the ideal weight.
    """
    if weight_kg <= ideal_weight:
        raise Refusal("the patient is not heavier than the ideal body weight")
    return {"adjusted_weight": ideal_weight + 0.4 * (weight_kg - ideal_weight)}


class DoseByWeight(TypedDict):
    dose: Annotated[
        float,
        Quantity("drug dose", "milligrams", additive=True),
        says("the dose at {dose_per_kg} mg per kg of {weight}", noun="dose"),
    ]


@tool(
    "processing",
    source="dose per kilogram times body weight",
    examples=[
        example({"weight": 76, "dose_per_kg": 5}, {"/dose": 380}, "identity: 76 × 5"),
        example({"weight": 60.5, "dose_per_kg": 7}, {"/dose": 423.5}, "identity: 60.5 × 7"),
    ],
)
def dose_by_adjusted_weight(
    weight: Annotated[float, Quantity("adjusted body weight", KG), Meta(description="kilograms", ge=1, le=300)],
    dose_per_kg: Annotated[float, Given(3, 5, 7, 15), Meta(description="milligrams per kilogram", gt=0, le=1000)],
) -> DoseByWeight:
    """Compute a dose in milligrams from an adjusted body weight and a dose per kilogram (aminoglycosides, for
    instance)."""
    return {"dose": weight * dose_per_kg}


class DoseBySurface(TypedDict):
    dose: Annotated[
        float,
        Quantity("drug dose", "milligrams", additive=True),
        says("the dose at {dose_per_m2} mg per square metre of {area}", noun="dose"),
    ]


@tool(
    "processing",
    source="dose per square metre times body surface area",
    examples=[
        example({"area": 2, "dose_per_m2": 75}, {"/dose": 150}, "identity: 2 × 75"),
        example({"area": 1.8, "dose_per_m2": 100}, {"/dose": 180}, "identity: 1.8 × 100"),
    ],
)
def dose_by_surface_area(
    area: Annotated[float, Quantity("body surface area", "square metres"), Meta(ge=0.1, le=4)],
    dose_per_m2: Annotated[
        float, Given(60, 75, 85, 100, 130, 175), Meta(description="milligrams per square metre", gt=0, le=20000)
    ],
) -> DoseBySurface:
    """Compute a dose in milligrams from a body surface area and a dose per square metre (cytotoxic drugs, for
    instance)."""
    return {"dose": area * dose_per_m2}
