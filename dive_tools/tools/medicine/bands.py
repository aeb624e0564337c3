"""Published tables of classes: what a measured value or score means."""

from __future__ import annotations

from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Entity, Quantity, says

INDEXED = "millilitres per minute per 1.73 square metres"


class Stage(TypedDict):
    stage: Annotated[
        str,
        Entity("ckd_stage"),
        says(
            "the KDIGO GFR category for {egfr}",
            noun="GFR category",
            ask="Which KDIGO GFR category (G1 to G5) does {egfr} fall in",
        ),
    ]


@tool(
    "retrieval",
    source="KDIGO 2012 and 2024 clinical practice guidelines for chronic kidney disease",
    examples=[
        example({"egfr": 52}, {"/stage": "G3a"}, "published: KDIGO 2012, G3a is 45-59"),
        example({"egfr": 29}, {"/stage": "G4"}, "published: KDIGO 2012, G4 is 15-29"),
        example({"egfr": 59.8}, {"error": "refused"}, "identity: 59.8 is under 60 but rounds to 60"),
    ],
)
def kdigo_gfr_category(
    egfr: Annotated[float, Quantity("indexed glomerular filtration rate", INDEXED), Meta(ge=0, le=250)],
) -> Stage:
    """Classify a glomerular filtration rate in mL/min/1.73 m² by KDIGO: G1, G2, G3a, G3b, G4 or G5 (from 90,
    60, 45, 30, 15, 0).

    Refuses a rate in the half unit below a limit, where rounding to whole numbers would change the category.
    """
    limits = ((90, "G1"), (60, "G2"), (45, "G3a"), (30, "G3b"), (15, "G4"), (0, "G5"))
    if any(limit - 0.5 <= egfr < limit for limit, _ in limits[:-1]):
        raise Refusal(f"{egfr:g} lies so close below a limit that rounding changes the category")
    return {"stage": next(stage for limit, stage in limits if egfr >= limit)}


class StageProfile(TypedDict):
    description: Annotated[str, says("the KDIGO description of {stage}", noun="description")]
    lower_limit: Annotated[
        int,
        Quantity("limit of a GFR category", INDEXED),
        says("the lower GFR limit of {stage} by KDIGO", noun="lower GFR limit"),
    ]


STAGES = {
    "G1": ("normal or high", 90),
    "G2": ("mildly decreased", 60),
    "G3a": ("mildly to moderately decreased", 45),
    "G3b": ("moderately to severely decreased", 30),
    "G4": ("severely decreased", 15),
    "G5": ("kidney failure", 0),
}


@tool(
    "retrieval",
    source="KDIGO 2012 and 2024 clinical practice guidelines for chronic kidney disease",
    examples=[
        example(
            {"stage": "G3a"},
            {"/description": "mildly to moderately decreased", "/lower_limit": 45},
            "published: KDIGO 2012, table of GFR categories",
        ),
        example(
            {"stage": "G4"}, {"/description": "severely decreased"}, "published: KDIGO 2012, table of GFR categories"
        ),
        example({"stage": "G7"}, {"error": "refused"}, "published: KDIGO 2012 has G1 to G5"),
    ],
)
def ckd_stage_profile(
    stage: Annotated[str, Entity("ckd_stage"), Meta(description="G1, G2, G3a, G3b, G4 or G5")],
) -> StageProfile:
    """Look up a KDIGO GFR category: its description and lower limit in mL/min/1.73 m²."""
    name = "G" + stage.strip().lower().removeprefix("g")
    if name not in STAGES:
        raise Refusal(f"no GFR category {stage!r}")
    return {"description": STAGES[name][0], "lower_limit": STAGES[name][1]}


class StrokeRate(TypedDict):
    rate: Annotated[
        float,
        Quantity("published yearly stroke rate", "percent"),
        says(
            "the yearly thromboembolism rate that Lip et al. (Stroke, 2010) report for {score}",
            noun="yearly thromboembolism rate",
        ),
    ]


@tool(
    "retrieval",
    source="Lip et al., Stroke 2010;41:2731, adjusted rates in the validation cohort",
    examples=[
        example({"score": 2}, {"/rate": 2.2}, "published: 2010 ESC guidelines on atrial fibrillation, table 8"),
        example({"score": 9}, {"/rate": 15.2}, "published: 2010 ESC guidelines on atrial fibrillation, table 8"),
    ],
)
def cha2ds2_vasc_stroke_rate(
    score: Annotated[int, Quantity("CHA₂DS₂-VASc score", "points"), Meta(ge=0, le=9)],
) -> StrokeRate:
    """Look up the adjusted yearly rate of stroke and thromboembolism in percent by CHA₂DS₂-VASc score (Lip et
    al. 2010)."""
    return {"rate": (0.0, 1.3, 2.2, 3.2, 4.0, 6.7, 9.8, 9.6, 6.7, 15.2)[score]}


class BmiClass(TypedDict):
    bmi_class: Annotated[
        str,
        says(
            "the WHO adult weight class for {bmi}",
            noun="WHO weight class",
            ask="Which WHO adult weight class does {bmi} fall in",
        ),
    ]


@tool(
    "retrieval",
    source="WHO Technical Report Series 894",
    examples=[
        example({"bmi": 22}, {"/bmi_class": "normal weight"}, "published: WHO TRS 894, 18.5 to 24.9"),
        example({"bmi": 36.4}, {"/bmi_class": "obesity class II"}, "published: WHO TRS 894, 35 to 39.9"),
    ],
)
def who_weight_class(
    bmi: Annotated[float, Quantity("body mass index", "kilograms per square metre"), Meta(ge=8, le=120)],
) -> BmiClass:
    """Look up the WHO weight class of an adult's body mass index: limits at 18.5, 25, 30, 35 and 40 kg/m²."""
    names = (
        (40, "obesity class III"),
        (35, "obesity class II"),
        (30, "obesity class I"),
        (25, "overweight"),
        (18.5, "normal weight"),
        (0, "underweight"),
    )
    return {"bmi_class": next(name for low, name in names if bmi >= low)}


class LdlClass(TypedDict):
    ldl_class: Annotated[
        str,
        says(
            "the NCEP ATP III class of {ldl}",
            noun="NCEP ATP III class",
            ask="Which NCEP ATP III class does {ldl} fall in",
        ),
    ]


@tool(
    "retrieval",
    source="NCEP Adult Treatment Panel III, JAMA 2001;285:2486",
    examples=[
        example({"ldl": 120}, {"/ldl_class": "near optimal"}, "published: ATP III, 100-129 mg/dL"),
        example({"ldl": 195}, {"/ldl_class": "very high"}, "published: ATP III, 190 mg/dL and more"),
    ],
)
def atp3_ldl_class(
    ldl: Annotated[float, Quantity("LDL cholesterol", "milligrams per decilitre"), Meta(gt=0, le=900)],
) -> LdlClass:
    """Look up the NCEP ATP III class of LDL cholesterol in mg/dL: limits at 100, 130, 160 and 190."""
    names = ((190, "very high"), (160, "high"), (130, "borderline high"), (100, "near optimal"), (0, "optimal"))
    return {"ldl_class": next(name for low, name in names if ldl >= low)}
