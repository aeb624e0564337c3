"""Published tables of classes: what a measured value or score means."""

from __future__ import annotations

from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Entity, Quantity, says

INDEXED = "millilitres per minute per 1.73 square metres"
MMHG = "millimetres of mercury"


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


class ChildClass(TypedDict):
    child_class: Annotated[
        str,
        says(
            "the Child–Pugh class for {score}",
            noun="Child–Pugh class",
            ask="Which Child–Pugh class does {score} fall in",
        ),
    ]


@tool(
    "retrieval",
    source="Pugh et al., Br J Surg 1973;60:646",
    examples=[
        example({"score": 6}, {"/child_class": "A"}, "published: Child–Pugh class A is 5-6 points"),
        example({"score": 10}, {"/child_class": "C"}, "published: Child–Pugh class C is 10-15 points"),
    ],
)
def child_pugh_class(score: Annotated[int, Quantity("Child–Pugh score", "points"), Meta(ge=5, le=15)]) -> ChildClass:
    """Classify a Child–Pugh score: A for 5 to 6 points, B for 7 to 9, C for 10 to 15."""
    return {"child_class": "A" if score <= 6 else "B" if score <= 9 else "C"}


class Fibrosis(TypedDict):
    category: Annotated[
        str,
        says(
            "the advanced-fibrosis risk category (low, indeterminate or high) for {fib4} with cut-offs of 1.3 and 2.67",
            noun="risk category",
        ),
    ]


@tool(
    "retrieval",
    source="AASLD 2023 practice guidance on NAFLD; Shah et al. 2009",
    examples=[
        example({"fib4": 1.0}, {"/category": "low"}, "published: Shah et al. 2009, below 1.30"),
        example({"fib4": 3.0}, {"/category": "high"}, "published: Shah et al. 2009, above 2.67"),
    ],
)
def fibrosis_risk_category(fib4: Annotated[float, Quantity("FIB-4 index", ""), Meta(ge=0)]) -> Fibrosis:
    """Classify the risk of advanced liver fibrosis by a FIB-4 index: low below 1.3, indeterminate to 2.67,
    high above."""
    return {"category": "low" if fib4 < 1.3 else "indeterminate" if fib4 <= 2.67 else "high"}


class AlbiGrade(TypedDict):
    grade: Annotated[
        int, says("the ALBI grade for {albi}", noun="ALBI grade", ask="Which ALBI grade does {albi} fall in")
    ]


@tool(
    "retrieval",
    source="Johnson et al., J Clin Oncol 2015;33:550",
    examples=[
        example({"albi": -3.0}, {"/grade": 1}, "published: Johnson 2015, grade 1 up to −2.60"),
        example({"albi": -1.0}, {"/grade": 3}, "published: Johnson 2015, grade 3 above −1.39"),
    ],
)
def albi_grade(albi: Annotated[float, Quantity("ALBI score", ""), Meta(ge=-8, le=4)]) -> AlbiGrade:
    """Grade an ALBI score: 1 up to −2.60, 2 up to −1.39, 3 above."""
    return {"grade": 1 if albi <= -2.6 else 2 if albi <= -1.39 else 3}


class Severity(TypedDict):
    severity: Annotated[
        str,
        says("the ARDS severity (mild, moderate or severe) by the Berlin definition for {ratio}", noun="ARDS severity"),
    ]
    mortality: Annotated[
        int,
        Quantity("published mortality", "percent"),
        says(
            "the mortality that the 2012 Berlin definition paper reports for the ARDS class of {ratio}",
            noun="published mortality",
        ),
    ]


@tool(
    "retrieval",
    source="ARDS Definition Task Force, JAMA 2012;307:2526",
    examples=[
        example({"ratio": 250}, {"/severity": "mild", "/mortality": 27}, "published: JAMA 2012;307:2526, abstract"),
        example({"ratio": 100}, {"/severity": "severe"}, "published: Berlin definition, up to 100"),
        example({"ratio": 350}, {"error": "refused"}, "published: Berlin definition, not ARDS above 300"),
    ],
)
def berlin_severity(ratio: Annotated[float, Quantity("PaO₂/FiO₂ ratio", MMHG), Meta(gt=0, le=800)]) -> Severity:
    """Classify ARDS by the Berlin definition: mild (PaO₂/FiO₂ 200 to 300), moderate (100 to 200) or severe (up
    to 100 mmHg),
    with the mortality that the paper reports for the class in percent (27, 32 and 45).

    Limits belong to the more severe class; the end-expiratory pressure is at least 5 cmH₂O. Refuses a ratio above 300.
    """
    if ratio > 300:
        raise Refusal("a PaO₂/FiO₂ ratio above 300 mmHg is not ARDS")
    if ratio <= 100:
        return {"severity": "severe", "mortality": 45}
    return {"severity": "moderate", "mortality": 32} if ratio <= 200 else {"severity": "mild", "mortality": 27}


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


class MeldMortality(TypedDict):
    mortality: Annotated[
        float,
        Quantity("published mortality", "percent"),
        says(
            "the three-month mortality that Wiesner et al. (2003) report for waiting-list patients in the band of "
            "{meld}",
            noun="three-month mortality",
        ),
    ]


@tool(
    "retrieval",
    source="Wiesner et al., Gastroenterology 2003;124:91",
    examples=[
        example({"meld": 25.2}, {"/mortality": 19.6}, "published: Wiesner 2003, MELD 20-29"),
        example({"meld": 41}, {"/mortality": 71.3}, "published: Wiesner 2003, MELD 40 and more"),
    ],
)
def meld_mortality(meld: Annotated[float, Quantity("MELD score", "points"), Meta(ge=6, le=60)]) -> MeldMortality:
    """Look up the three-month mortality in percent of patients on the liver waiting list by MELD band (up to
    9, 10-19, 20-29, 30-39, 40+).

    Refuses a score in the half point below a band, where rounding to whole numbers would change the band.
    """
    bands = ((40, 71.3), (30, 52.6), (20, 19.6), (10, 6.0), (0, 1.9))
    if any(low - 0.5 <= meld < low for low, _ in bands[:-1]):
        raise Refusal(f"{meld:g} lies so close below a band that rounding changes the band")
    return {"mortality": next(rate for low, rate in bands if meld >= low)}


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


class HeadInjury(TypedDict):
    severity: Annotated[
        str,
        says("the head-injury severity (mild, moderate or severe) that {score} indicates", noun="head-injury severity"),
    ]


@tool(
    "retrieval",
    source="Teasdale; Advanced Trauma Life Support: mild 13-15, moderate 9-12, severe 3-8",
    examples=[
        example({"score": 14}, {"/severity": "mild"}, "published: ATLS, mild is 13-15"),
        example({"score": 8}, {"/severity": "severe"}, "published: ATLS, severe is 3-8"),
    ],
)
def head_injury_severity(
    score: Annotated[int, Quantity("Glasgow Coma Scale score", "points"), Meta(ge=3, le=15)],
) -> HeadInjury:
    """Look up the severity of a head injury by Glasgow Coma Scale score: mild 13-15, moderate 9-12, severe 3-8."""
    return {"severity": "mild" if score >= 13 else "moderate" if score >= 9 else "severe"}


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


class Trimester(TypedDict):
    trimester: Annotated[
        str,
        says("the trimester (first, second or third) that ICD-10-CM assigns to {days}", noun="trimester"),
    ]


@tool(
    "retrieval",
    source="ICD-10-CM 2026, chapter 15, note on trimesters",
    examples=[
        example({"days": 97}, {"/trimester": "first"}, "published: ICD-10-CM chapter 15, less than 14 weeks 0 days"),
        example({"days": 196}, {"/trimester": "third"}, "published: ICD-10-CM chapter 15, from 28 weeks 0 days"),
    ],
)
def icd10cm_trimester(days: Annotated[int, Quantity("gestational age", "days"), Meta(ge=0, le=308)]) -> Trimester:
    """Look up the trimester by the ICD-10-CM definition: first below 14 weeks, second below 28 weeks, third
    from then on."""
    return {"trimester": "first" if days < 98 else "second" if days < 196 else "third"}
