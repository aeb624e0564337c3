"""Blood pressure, the electrocardiogram, lipids and the risk of stroke."""

from __future__ import annotations

import math
from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Given, Part, Quantity, says

StrokeVolume = Annotated[float, Part("cardiac_patient", "stroke_volume"), Meta(description="millilitres", ge=5, le=250)]
HeartRate = Annotated[float, Part("cardiac_patient", "heart_rate"), Meta(description="beats per minute", ge=20, le=300)]
Age = Annotated[int, Part("cardiac_patient", "age"), Meta(description="years", ge=18, le=110)]
Hdl = Annotated[float, Part("cardiac_patient", "hdl"), Meta(description="HDL cholesterol in mg/dL", ge=5, le=200)]
MGDL = "milligrams per decilitre"


class Pressure(TypedDict):
    pressure: Annotated[
        float,
        Quantity("mean arterial pressure", "millimetres of mercury"),
        says(
            "the mean arterial pressure of {cardiac_patient} (diastolic plus a third of the pulse pressure)",
            noun="mean arterial pressure",
        ),
    ]


@tool(
    "processing",
    source="mean arterial pressure = diastolic + (systolic − diastolic) / 3",
    examples=[
        example({"systolic": 120, "diastolic": 90}, {"/pressure": 100}, "identity: 90 + 30 / 3"),
        example({"systolic": 140, "diastolic": 80}, {"/pressure": 100}, "identity: 80 + 60 / 3"),
        example({"systolic": 80, "diastolic": 120}, {"error": "refused"}, "identity: systolic is the higher one"),
    ],
)
def mean_arterial_pressure(
    systolic: Annotated[float, Part("cardiac_patient", "systolic"), Meta(description="mmHg", ge=40, le=300)],
    diastolic: Annotated[float, Part("cardiac_patient", "diastolic"), Meta(description="mmHg", ge=20, le=200)],
) -> Pressure:
    """Compute the mean arterial pressure in mmHg: diastolic + a third of the pulse pressure."""
    if diastolic >= systolic:
        raise Refusal("the systolic pressure must be above the diastolic")
    return {"pressure": diastolic + (systolic - diastolic) / 3}


class Output(TypedDict):
    output: Annotated[
        float,
        Quantity("cardiac output", "litres per minute"),
        says("the cardiac output of {cardiac_patient}", noun="cardiac output"),
    ]


@tool(
    "processing",
    source="cardiac output = stroke volume × heart rate",
    examples=[
        example({"stroke_volume": 70, "heart_rate": 70}, {"/output": 4.9}, "identity: 70 × 70 / 1000"),
        example({"stroke_volume": 50, "heart_rate": 100}, {"/output": 5.0}, "identity: 50 × 100 / 1000"),
    ],
)
def cardiac_output(
    stroke_volume: StrokeVolume,
    heart_rate: HeartRate,
) -> Output:
    """Compute the cardiac output in litres per minute: stroke volume in mL × heart rate / 1000."""
    return {"output": stroke_volume * heart_rate / 1000}


class Resistance(TypedDict):
    resistance: Annotated[
        float,
        Quantity("systemic vascular resistance", "dyne-seconds per centimetre to the fifth"),
        says(
            "the systemic vascular resistance of {cardiac_patient}, given {pressure}",
            noun="systemic vascular resistance",
        ),
    ]


@tool(
    "processing",
    source="(mean arterial − central venous pressure) / cardiac output × 80",
    examples=[
        example(
            {"pressure": 95, "stroke_volume": 50, "heart_rate": 100, "venous_pressure": 5},
            {"/resistance": 1440},
            "identity: 90 / 5 × 80",
        ),
        example(
            {"pressure": 80, "stroke_volume": 50, "heart_rate": 80, "venous_pressure": 10},
            {"/resistance": 1400},
            "identity: 70 / 4 × 80",
        ),
    ],
)
def systemic_vascular_resistance(
    pressure: Annotated[float, Quantity("mean arterial pressure", "millimetres of mercury"), Meta(ge=20, le=250)],
    stroke_volume: StrokeVolume,
    heart_rate: HeartRate,
    venous_pressure: Annotated[
        float, Part("cardiac_patient", "venous_pressure"), Meta(description="mmHg", ge=0, le=40)
    ],
) -> Resistance:
    """Compute the systemic vascular resistance in dyn·s/cm⁵: (mean arterial − central venous pressure) /
    cardiac output × 80."""
    if pressure <= venous_pressure:
        raise Refusal("the mean arterial pressure must be above the venous pressure")
    return {"resistance": (pressure - venous_pressure) / (stroke_volume * heart_rate / 1000) * 80}


class Interval(TypedDict):
    rr: Annotated[
        float,
        Quantity("RR interval", "seconds"),
        says(
            "the RR interval of {cardiac_patient}",
            noun="RR interval",
            most="longest",
            least="shortest",
            more="longer",
            less="shorter",
        ),
    ]


@tool(
    "processing",
    source="RR interval = 60 / heart rate",
    examples=[
        example({"heart_rate": 60}, {"/rr": 1}, "identity: 60 / 60"),
        example({"heart_rate": 80}, {"/rr": 0.75}, "identity: 60 / 80"),
    ],
)
def rr_interval(heart_rate: HeartRate) -> Interval:
    """Compute the mean RR interval in seconds from the heart rate in beats per minute."""
    return {"rr": 60 / heart_rate}


class Qtc(TypedDict):
    qtc: Annotated[
        float,
        Quantity("corrected QT interval", "milliseconds"),
        says(
            "the QT interval of {cardiac_patient} corrected for {rr} by the {formula} formula",
            noun="corrected QT interval",
            most="longest",
            least="shortest",
            more="longer",
            less="shorter",
        ),
    ]


QT = {"bazett": "Bazett", "fridericia": "Fridericia", "framingham": "Framingham"}


@tool(
    "processing",
    source="Bazett 1920; Fridericia 1920; Sagie et al. 1992 (Framingham)",
    examples=[
        example({"qt": 400, "rr": 0.64, "formula": "bazett"}, {"/qtc": 500}, "identity: 400 / √0.64"),
        example({"qt": 400, "rr": 0.512, "formula": "fridericia"}, {"/qtc": 500}, "identity: 400 / ∛0.512"),
        example({"qt": 400, "rr": 0.5, "formula": "framingham"}, {"/qtc": 477}, "identity: 400 + 154 × 0.5"),
    ],
)
def corrected_qt(
    qt: Annotated[
        float, Part("cardiac_patient", "qt"), Meta(description="measured QT interval in milliseconds", ge=150, le=900)
    ],
    rr: Annotated[float, Quantity("RR interval", "seconds"), Meta(ge=0.2, le=3)],
    formula: Annotated[str, Given(QT), Meta(description="bazett, fridericia or framingham")],
) -> Qtc:
    """Compute the heart-rate-corrected QT interval in ms: QT/√RR (Bazett), QT/∛RR (Fridericia) or QT + 154 (1
    − RR) (Framingham)."""
    if formula not in QT:
        raise Refusal("formula must be bazett, fridericia or framingham")
    if formula == "framingham":
        return {"qtc": qt + 154 * (1 - rr)}
    return {"qtc": qt / (math.sqrt(rr) if formula == "bazett" else rr ** (1 / 3))}


class Ldl(TypedDict):
    ldl: Annotated[
        float,
        Quantity("LDL cholesterol", MGDL),
        says("the LDL cholesterol of {cardiac_patient} by the Friedewald formula", noun="LDL cholesterol"),
    ]


@tool(
    "processing",
    source="Friedewald et al., Clin Chem 1972;18:499",
    examples=[
        example(
            {"total_cholesterol": 200, "hdl": 50, "triglycerides": 150}, {"/ldl": 120}, "identity: 200 − 50 − 150 / 5"
        ),
        example(
            {"total_cholesterol": 200, "hdl": 50, "triglycerides": 450},
            {"error": "refused"},
            "published: not valid from 400 mg/dL",
        ),
    ],
)
def ldl_friedewald(
    total_cholesterol: Annotated[
        float, Part("cardiac_patient", "total_cholesterol"), Meta(description="mg/dL", ge=50, le=800)
    ],
    hdl: Hdl,
    triglycerides: Annotated[
        float, Part("cardiac_patient", "triglycerides"), Meta(description="mg/dL", ge=20, le=5000)
    ],
) -> Ldl:
    """Compute LDL cholesterol in mg/dL by Friedewald: total − HDL − triglycerides / 5. Refuses triglycerides
    of 400 or more."""
    if triglycerides >= 400:
        raise Refusal("the Friedewald formula is not valid for triglycerides of 400 mg/dL or more")
    if total_cholesterol - hdl - triglycerides / 5 <= 0:
        raise Refusal("these values leave no LDL cholesterol")
    return {"ldl": total_cholesterol - hdl - triglycerides / 5}


class LdlMolar(TypedDict):
    ldl: Annotated[
        float,
        Quantity("LDL cholesterol concentration", "millimoles per litre"),
        says("{ldl_mg} converted to millimoles per litre with 386.65 g/mol", noun="LDL cholesterol"),
    ]


@tool(
    "processing",
    source="molar mass of cholesterol, C27H46O, 386.65 g/mol",
    examples=[
        example({"ldl_mg": 100}, {"/ldl": 2.586}, "published: 1 mmol/L of cholesterol is 38.67 mg/dL", tolerance=0.001),
        example({"ldl_mg": 154.66}, {"/ldl": 4.0}, "identity: 1546.6 mg/L over 386.65 g/mol"),
    ],
)
def ldl_to_millimoles(ldl_mg: Annotated[float, Quantity("LDL cholesterol", MGDL), Meta(gt=0, le=900)]) -> LdlMolar:
    """Convert LDL cholesterol from mg/dL to mmol/L with the molar mass of cholesterol, 386.65 g/mol."""
    return {"ldl": ldl_mg * 10 / 386.65}


class Stroke(TypedDict):
    score: Annotated[
        int,
        Quantity("CHA₂DS₂-VASc score", "points", scale="ordinal"),
        says("the CHA₂DS₂-VASc score of {cardiac_patient}", noun="CHA₂DS₂-VASc score"),
    ]


@tool(
    "processing",
    source="Lip et al., Chest 2010;137:263",
    examples=[
        example(
            {
                "age": 80,
                "sex": "female",
                "heart_failure": True,
                "hypertension": True,
                "diabetes": True,
                "stroke": True,
                "vascular_disease": True,
            },
            {"/score": 9},
            "published: Lip 2010, most points",
        ),
        example(
            {
                "age": 70,
                "sex": "male",
                "heart_failure": False,
                "hypertension": True,
                "diabetes": False,
                "stroke": False,
                "vascular_disease": False,
            },
            {"/score": 2},
            "published: Lip 2010, one for 65 to 74 years, one for hypertension",
        ),
    ],
)
def cha2ds2_vasc_score(
    age: Age,
    sex: Annotated[str, Part("cardiac_patient", "sex"), Meta(description="female or male", pattern="^(female|male)$")],
    heart_failure: Annotated[bool, Part("cardiac_patient", "heart_failure")],
    hypertension: Annotated[bool, Part("cardiac_patient", "hypertension")],
    diabetes: Annotated[bool, Part("cardiac_patient", "diabetes")],
    stroke: Annotated[bool, Part("cardiac_patient", "stroke"), Meta(description="stroke, TIA or thromboembolism")],
    vascular_disease: Annotated[bool, Part("cardiac_patient", "vascular_disease")],
) -> Stroke:
    """Compute the CHA₂DS₂-VASc score (0 to 9) of stroke risk in atrial fibrillation.

    Two points each for age from 75 and stroke, one each for age 65 to 74, female sex and the other histories.
    """
    points = heart_failure + hypertension + diabetes + 2 * stroke + vascular_disease
    return {"score": points + (sex == "female") + (2 if age >= 75 else 1 if age >= 65 else 0)}
