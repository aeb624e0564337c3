"""Scores of chronic liver disease."""

from __future__ import annotations

import math
from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Part, Quantity, says

Bilirubin = Annotated[
    float, Part("liver_patient", "bilirubin"), Meta(description="serum bilirubin in mg/dL", ge=0.1, le=60)
]
Albumin = Annotated[float, Part("liver_patient", "albumin"), Meta(description="serum albumin in g/dL", ge=0.5, le=6)]
Inr = Annotated[float, Part("liver_patient", "inr"), Meta(description="international normalised ratio", ge=0.5, le=15)]
Ast = Annotated[
    float, Part("liver_patient", "ast"), Meta(description="aspartate aminotransferase in U/L", ge=1, le=20000)
]
Platelets = Annotated[float, Part("liver_patient", "platelets"), Meta(description="platelets × 10⁹/L", ge=1, le=2000)]


class Meld(TypedDict):
    meld: Annotated[
        float,
        Quantity("MELD score", "points", scale="interval"),
        says("the original MELD score of {liver_patient} before rounding", noun="MELD score"),
    ]


@tool(
    "processing",
    source="Kamath et al., Hepatology 2001;33:464; UNOS bounds",
    examples=[
        example(
            {"bilirubin": 1, "inr": 1, "creatinine": 1}, {"/meld": 6.43}, "identity: the logarithms vanish, 0.643 × 10"
        ),
        example({"bilirubin": math.e, "inr": 1, "creatinine": 1}, {"/meld": 10.21}, "identity: + 3.78 × ln e"),
        example(
            {"bilirubin": 0.5, "inr": 0.9, "creatinine": 0.6},
            {"/meld": 6.43},
            "published: UNOS, values below 1 count as 1",
        ),
    ],
)
def meld_score(
    bilirubin: Bilirubin,
    inr: Inr,
    creatinine: Annotated[
        float, Part("liver_patient", "creatinine"), Meta(description="serum creatinine in mg/dL", ge=0.1, le=25)
    ],
) -> Meld:
    """Compute the original MELD score: 3.78 ln(bilirubin) + 11.2 ln(INR) + 9.57 ln(creatinine) + 6.43, unrounded.

    Values below 1 count as 1 and creatinine above 4 mg/dL as 4 (UNOS). The patient is not on dialysis.
    """
    b, i, c = max(bilirubin, 1), max(inr, 1), min(max(creatinine, 1), 4)
    return {"meld": 3.78 * math.log(b) + 11.2 * math.log(i) + 9.57 * math.log(c) + 6.43}


class MeldNa(TypedDict):
    meld_na: Annotated[
        float,
        Quantity("MELD-Na score", "points", scale="interval"),
        says("the MELD-Na score of {liver_patient} by the 2016 OPTN formula from {meld}", noun="MELD-Na score"),
    ]


@tool(
    "processing",
    source="OPTN policy of 2016, after Kim et al., N Engl J Med 2008;359:1018",
    examples=[
        example({"meld": 20, "sodium": 137}, {"/meld_na": 20}, "identity: at a sodium of 137 both terms vanish"),
        example({"meld": 20, "sodium": 127}, {"/meld_na": 26.6}, "identity: 20 + 13.2 − 0.33 × 20"),
        example({"meld": 10, "sodium": 120}, {"/meld_na": 10}, "published: OPTN 2016, not applied up to 11 points"),
    ],
)
def meld_na_score(
    meld: Annotated[float, Quantity("MELD score", "points"), Meta(ge=6, le=60)],
    sodium: Annotated[
        float, Part("liver_patient", "sodium"), Meta(description="serum sodium in mmol/L", ge=100, le=180)
    ],
) -> MeldNa:
    """Compute the MELD-Na score: MELD + 1.32 × (137 − Na) − 0.033 × MELD × (137 − Na), sodium held within 125 to 137.

    A MELD of 11 or less is returned unchanged (OPTN 2016). Nothing is rounded.
    """
    if meld <= 11:
        return {"meld_na": meld}
    low = 137 - min(max(sodium, 125), 137)
    return {"meld_na": meld + 1.32 * low - 0.033 * meld * low}


class ChildPugh(TypedDict):
    score: Annotated[
        int,
        Quantity("Child–Pugh score", "points", scale="ordinal"),
        says("the Child–Pugh score of {liver_patient}", noun="Child–Pugh score"),
    ]


@tool(
    "processing",
    source="Pugh et al., Br J Surg 1973;60:646, with the INR limits 1.7 and 2.3",
    examples=[
        example(
            {"bilirubin": 1.5, "albumin": 3.8, "inr": 1.2, "ascites": "no", "encephalopathy": "no"},
            {"/score": 5},
            "published: Child–Pugh table, least points",
        ),
        example(
            {"bilirubin": 4, "albumin": 2.5, "inr": 2.5, "ascites": "moderate", "encephalopathy": "grade 3 to 4"},
            {"/score": 15},
            "published: Child–Pugh table, most points",
        ),
    ],
)
def child_pugh_score(
    bilirubin: Bilirubin,
    albumin: Albumin,
    inr: Inr,
    ascites: Annotated[str, Part("liver_patient", "ascites"), Meta(description="no, slight or moderate (or more)")],
    encephalopathy: Annotated[
        str, Part("liver_patient", "encephalopathy"), Meta(description="no, grade 1 to 2, or grade 3 to 4")
    ],
) -> ChildPugh:
    """Compute the Child–Pugh score (5 to 15 points) from bilirubin (2, 3 mg/dL), albumin (3.5, 2.8 g/dL), INR
    (1.7, 2.3),
    ascites and encephalopathy; values at a limit take two points.
    """
    grades = {"no": 1, "slight": 2, "grade 1 to 2": 2, "moderate": 3, "grade 3 to 4": 3}
    if ascites not in ("no", "slight", "moderate") or encephalopathy not in ("no", "grade 1 to 2", "grade 3 to 4"):
        raise Refusal("ascites is no, slight or moderate; encephalopathy is no, grade 1 to 2 or grade 3 to 4")
    return {
        "score": _points(bilirubin, 2, 3)
        + _points(-albumin, -3.5, -2.8)
        + _points(inr, 1.7, 2.3)
        + grades[ascites]
        + grades[encephalopathy]
    }


def _points(value: float, low: float, high: float) -> int:
    return 1 if value < low else 2 if value <= high else 3


class Fib4(TypedDict):
    fib4: Annotated[float, Quantity("FIB-4 index", ""), says("the FIB-4 index of {liver_patient}", noun="FIB-4 index")]


@tool(
    "processing",
    source="Sterling et al., Hepatology 2006;43:1317",
    examples=[
        example({"age": 50, "ast": 80, "alt": 64, "platelets": 100}, {"/fib4": 5.0}, "identity: 50 × 80 / (100 × 8)"),
        example({"age": 60, "ast": 50, "alt": 25, "platelets": 200}, {"/fib4": 3.0}, "identity: 60 × 50 / (200 × 5)"),
    ],
)
def fib4_index(
    age: Annotated[int, Part("liver_patient", "age"), Meta(description="years", ge=18, le=110)],
    ast: Ast,
    alt: Annotated[
        float, Part("liver_patient", "alt"), Meta(description="alanine aminotransferase in U/L", ge=1, le=20000)
    ],
    platelets: Platelets,
) -> Fib4:
    """Compute the FIB-4 index of liver fibrosis: age × AST / (platelets × √ALT)."""
    return {"fib4": age * ast / (platelets * math.sqrt(alt))}


class Albi(TypedDict):
    albi: Annotated[
        float,
        Quantity("ALBI score", "", scale="interval"),
        says("the ALBI score of {liver_patient}", noun="ALBI score"),
    ]


@tool(
    "processing",
    source="Johnson et al., J Clin Oncol 2015;33:550",
    examples=[
        example({"bilirubin": 1 / 1.71, "albumin": 4.0}, {"/albi": 0.66 - 3.4}, "identity: 10 µmol/L and 40 g/L"),
        example({"bilirubin": 10 / 1.71, "albumin": 3.0}, {"/albi": 1.32 - 2.55}, "identity: 100 µmol/L and 30 g/L"),
    ],
)
def albi_score(bilirubin: Bilirubin, albumin: Albumin) -> Albi:
    """Compute the albumin–bilirubin (ALBI) score: 0.66 log10(bilirubin in µmol/L) − 0.085 × albumin in g/L.

    Bilirubin is taken in mg/dL and converted by 17.1, albumin in g/dL.
    """
    return {"albi": 0.66 * math.log10(bilirubin * 17.1) - 0.085 * albumin * 10}
