"""Kidney function of an adult, the stage it means and a dose that follows from it."""

from __future__ import annotations

from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import example, tool
from dive_tools.values import Given, Part, Quantity, says

Age = Annotated[int, Part("patient", "age"), Meta(description="years", ge=18, le=110)]
Sex = Annotated[str, Part("patient", "sex"), Meta(description="female or male", pattern="^(female|male)$")]
Creatinine = Annotated[
    float, Part("patient", "creatinine"), Meta(description="serum creatinine in mg/dL", ge=0.1, le=25)
]
INDEXED = "millilitres per minute per 1.73 square metres"
FLOW = "millilitres per minute"


class Egfr(TypedDict):
    egfr: Annotated[
        float,
        Quantity("indexed glomerular filtration rate", INDEXED),
        says(
            "the eGFR of {patient} by the 2021 CKD-EPI creatinine equation",
            noun="eGFR",
            ask="What is the eGFR of {patient} by the 2021 CKD-EPI creatinine equation",
        ),
    ]


@tool(
    "processing",
    source="Inker et al., N Engl J Med 2021;385:1737",
    examples=[
        example(
            {"age": 50, "sex": "male", "creatinine": 1.8},
            {"/egfr": 142 * 2**-1.2 * 0.9938**50},
            "identity: at twice the reference creatinine the power term is 2^-1.2",
        ),
        example(
            {"age": 20, "sex": "female", "creatinine": 0.7},
            {"/egfr": 142 * 1.012 * 0.9938**20},
            "identity: at the reference creatinine both power terms are 1",
        ),
    ],
)
def egfr_ckd_epi_2021(age: Age, sex: Sex, creatinine: Creatinine) -> Egfr:
    """Compute the estimated glomerular filtration rate in mL/min/1.73 m² by the 2021 CKD-EPI creatinine equation.

    142 × min(Scr/κ, 1)^α × max(Scr/κ, 1)^−1.200 × 0.9938^age × 1.012 for women; κ 0.7 or 0.9, α −0.241 or −0.302.
    """
    kappa, alpha, factor = (0.7, -0.241, 1.012) if sex == "female" else (0.9, -0.302, 1.0)
    ratio = creatinine / kappa
    return {"egfr": 142 * min(ratio, 1) ** alpha * max(ratio, 1) ** -1.2 * 0.9938**age * factor}


class Clearance(TypedDict):
    clearance: Annotated[
        float,
        Quantity("creatinine clearance", FLOW),
        says(
            "the creatinine clearance of {patient} by the Cockcroft–Gault equation using {weight}",
            noun="creatinine clearance",
        ),
    ]


@tool(
    "processing",
    source="Cockcroft and Gault, Nephron 1976;16:31",
    examples=[
        example(
            {"age": 40, "sex": "male", "creatinine": 1, "weight": 72}, {"/clearance": 100}, "identity: 100 × 72 / 72"
        ),
        example(
            {"age": 40, "sex": "female", "creatinine": 1, "weight": 72}, {"/clearance": 85}, "identity: 0.85 of a man's"
        ),
    ],
)
def creatinine_clearance_adjusted_weight(
    age: Age,
    sex: Sex,
    creatinine: Creatinine,
    weight: Annotated[
        float, Quantity("adjusted body weight", "kilograms"), Meta(description="kilograms", ge=20, le=300)
    ],
) -> Clearance:
    """Compute the creatinine clearance in mL/min by Cockcroft–Gault with the adjusted body weight.

    (140 − age) × kg / (72 × creatinine in mg/dL), × 0.85 for women.
    """
    return {"clearance": (140 - age) * weight / (72 * creatinine) * (0.85 if sex == "female" else 1)}


class ClearanceIdeal(TypedDict):
    clearance: Annotated[
        float,
        Quantity("creatinine clearance", FLOW),
        says(
            "the creatinine clearance of {patient} by the Cockcroft–Gault equation with the actual body weight",
            noun="creatinine clearance",
        ),
    ]


@tool(
    "processing",
    source="Cockcroft and Gault, Nephron 1976;16:31",
    examples=[
        example(
            {"age": 68, "sex": "male", "creatinine": 2, "weight_kg": 72}, {"/clearance": 36}, "identity: 72 × 72 / 144"
        ),
        example(
            {"age": 68, "sex": "female", "creatinine": 2, "weight_kg": 72}, {"/clearance": 30.6}, "identity: 0.85 × 36"
        ),
    ],
)
def creatinine_clearance(
    age: Age,
    sex: Sex,
    creatinine: Creatinine,
    weight_kg: Annotated[
        float, Part("patient", "weight_kg"), Meta(description="actual body weight in kilograms", ge=30, le=300)
    ],
) -> ClearanceIdeal:
    """Compute the creatinine clearance in mL/min by Cockcroft–Gault with the actual body weight.

    (140 − age) × kg / (72 × creatinine in mg/dL), × 0.85 for women.
    """
    return {"clearance": (140 - age) * weight_kg / (72 * creatinine) * (0.85 if sex == "female" else 1)}


class Absolute(TypedDict):
    gfr: Annotated[
        float,
        Quantity("absolute glomerular filtration rate", FLOW),
        says("the de-indexed GFR that corresponds to {egfr} and {area}", noun="de-indexed GFR"),
    ]


@tool(
    "processing",
    source="KDIGO 2024: de-indexing for drug dosing, eGFR × BSA / 1.73",
    examples=[
        example({"egfr": 60, "area": 1.73}, {"/gfr": 60}, "identity: at 1.73 m² nothing changes"),
        example({"egfr": 50, "area": 2.076}, {"/gfr": 60}, "identity: 2.076 / 1.73 = 1.2"),
    ],
)
def deindexed_gfr(
    egfr: Annotated[float, Quantity("indexed glomerular filtration rate", INDEXED), Meta(ge=0, le=250)],
    area: Annotated[float, Quantity("body surface area", "square metres"), Meta(ge=0.1, le=4)],
) -> Absolute:
    """Compute the absolute glomerular filtration rate in mL/min from the indexed one and the body surface area
    in m²."""
    return {"gfr": egfr * area / 1.73}


class Carboplatin(TypedDict):
    dose: Annotated[
        float,
        Quantity("drug dose", "milligrams", additive=True),
        says(
            "the carboplatin dose by the Calvert formula for a target AUC of {target} mg·min/mL and {clearance}",
            noun="carboplatin dose",
        ),
    ]


@tool(
    "processing",
    source="Calvert et al., J Clin Oncol 1989;7:1748",
    examples=[
        example({"clearance": 75, "target": 5}, {"/dose": 500}, "identity: 5 × (75 + 25)"),
        example({"clearance": 35, "target": 6}, {"/dose": 360}, "identity: 6 × (35 + 25)"),
    ],
)
def carboplatin_dose(
    clearance: Annotated[float, Quantity("creatinine clearance", FLOW), Meta(ge=5, le=300)],
    target: Annotated[
        float, Given(2, 4, 5, 6), Meta(description="target area under the curve, mg·min/mL", gt=0, le=12)
    ],
) -> Carboplatin:
    """Compute a carboplatin dose in milligrams by Calvert: target AUC × (creatinine clearance in mL/min + 25),
    without a cap."""
    return {"dose": target * (clearance + 25)}
