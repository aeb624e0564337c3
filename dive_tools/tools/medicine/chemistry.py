"""Serum electrolytes and what they mean together."""

from __future__ import annotations

from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Given, Part, Quantity, says

MMOL = "millimoles per litre"
Sodium = Annotated[float, Part("inpatient", "sodium"), Meta(description="serum sodium in mmol/L", ge=90, le=200)]
Chloride = Annotated[float, Part("inpatient", "chloride"), Meta(description="serum chloride in mmol/L", ge=50, le=160)]
Bicarbonate = Annotated[
    float, Part("inpatient", "bicarbonate"), Meta(description="serum bicarbonate in mmol/L", ge=1, le=60)
]
Glucose = Annotated[float, Part("inpatient", "glucose"), Meta(description="serum glucose in mg/dL", ge=10, le=2500)]
Albumin = Annotated[float, Part("inpatient", "albumin"), Meta(description="serum albumin in g/dL", ge=0.5, le=6)]


class Gap(TypedDict):
    anion_gap: Annotated[
        float,
        Quantity("anion gap", MMOL),
        says(
            "the anion gap of {inpatient} without potassium",
            noun="anion gap",
            most="widest",
            least="narrowest",
            more="wider",
            less="narrower",
        ),
    ]


@tool(
    "processing",
    source="Emmett and Narins, Medicine 1977;56:38",
    examples=[
        example({"sodium": 140, "chloride": 104, "bicarbonate": 24}, {"/anion_gap": 12}, "identity: 140 − 104 − 24"),
        example({"sodium": 135, "chloride": 95, "bicarbonate": 10}, {"/anion_gap": 30}, "identity: 135 − 95 − 10"),
    ],
)
def anion_gap(
    sodium: Sodium,
    chloride: Chloride,
    bicarbonate: Bicarbonate,
) -> Gap:
    """Compute the serum anion gap in mmol/L: sodium − chloride − bicarbonate, without potassium."""
    return {"anion_gap": sodium - chloride - bicarbonate}


class CorrectedGap(TypedDict):
    corrected_gap: Annotated[
        float,
        Quantity("albumin-corrected anion gap", MMOL),
        says(
            "the albumin-corrected anion gap of {inpatient} by the Figge formula, without potassium",
            noun="albumin-corrected anion gap",
        ),
    ]


@tool(
    "processing",
    source="Figge et al., Crit Care Med 1998;26:1807",
    examples=[
        example(
            {"sodium": 140, "chloride": 100, "bicarbonate": 24, "albumin": 2.0},
            {"/corrected_gap": 21},
            "identity: 16 + 2.5 × 2",
        ),
        example(
            {"sodium": 140, "chloride": 104, "bicarbonate": 24, "albumin": 4.0},
            {"/corrected_gap": 12},
            "identity: a normal albumin changes nothing",
        ),
    ],
)
def albumin_corrected_anion_gap(
    sodium: Sodium, chloride: Chloride, bicarbonate: Bicarbonate, albumin: Albumin
) -> CorrectedGap:
    """Compute the albumin-corrected anion gap in mmol/L: anion gap + 2.5 × (4.0 − albumin in g/dL).

    The gap is sodium − chloride − bicarbonate, without potassium.
    """
    return {"corrected_gap": sodium - chloride - bicarbonate + 2.5 * (4 - albumin)}


class Delta(TypedDict):
    delta_ratio: Annotated[
        float,
        Quantity("delta ratio", ""),
        says(
            "the delta ratio of {inpatient} (normal gap 12, normal bicarbonate 24 mmol/L), given {corrected_gap}",
            noun="delta ratio",
        ),
    ]


@tool(
    "processing",
    source="Wrenn, Ann Emerg Med 1990;19:1310",
    examples=[
        example({"corrected_gap": 24, "bicarbonate": 12}, {"/delta_ratio": 1}, "identity: 12 over 12"),
        example({"corrected_gap": 22, "bicarbonate": 4}, {"/delta_ratio": 0.5}, "identity: 10 over 20"),
        example(
            {"corrected_gap": 22, "bicarbonate": 24}, {"error": "refused"}, "identity: no fall of bicarbonate, no ratio"
        ),
    ],
)
def delta_ratio(
    corrected_gap: Annotated[float, Quantity("albumin-corrected anion gap", MMOL), Meta(ge=-40, le=100)],
    bicarbonate: Bicarbonate,
) -> Delta:
    """Compute the delta ratio: (albumin-corrected anion gap − 12) / (24 − bicarbonate), both in mmol/L.

    Refuses a gap of 12 or less or a bicarbonate of 24 or more.
    """
    if corrected_gap <= 12 or bicarbonate >= 24:
        raise Refusal("the delta ratio is for a raised anion gap and a lowered bicarbonate")
    return {"delta_ratio": (corrected_gap - 12) / (24 - bicarbonate)}


class TrueSodium(TypedDict):
    corrected_sodium: Annotated[
        float,
        Quantity("corrected sodium", MMOL),
        says(
            "the glucose-corrected sodium of {inpatient}, adding {factor} mmol/L per 100 mg/dL of glucose "
            "above 100 mg/dL",
            noun="glucose-corrected sodium",
        ),
    ]


@tool(
    "processing",
    source="Katz 1973 (1.6); Hillier et al., Am J Med 1999;106:399 (2.4)",
    examples=[
        example({"sodium": 130, "glucose": 600, "factor": 1.6}, {"/corrected_sodium": 138}, "identity: 130 + 5 × 1.6"),
        example({"sodium": 130, "glucose": 600, "factor": 2.4}, {"/corrected_sodium": 142}, "identity: 130 + 5 × 2.4"),
    ],
)
def glucose_corrected_sodium(
    sodium: Sodium,
    glucose: Glucose,
    factor: Annotated[
        float, Given(1.6, 2.4), Meta(description="mmol/L of sodium per 100 mg/dL of glucose", gt=0, le=4)
    ],
) -> TrueSodium:
    """Compute the sodium in mmol/L corrected for hyperglycaemia: sodium + factor × (glucose − 100) / 100.

    Refuses a glucose of 100 mg/dL or less.
    """
    if glucose <= 100:
        raise Refusal("there is no hyperglycaemia to correct for")
    return {"corrected_sodium": sodium + factor * (glucose - 100) / 100}


class Water(TypedDict):
    water: Annotated[
        float,
        Quantity("total body water", "litres"),
        says("the total body water of {inpatient} by the Watson formula", noun="total body water"),
    ]


@tool(
    "processing",
    source="Watson, Watson and Batt, Am J Clin Nutr 1980;33:27",
    examples=[
        example(
            {"age": 40, "sex": "male", "weight_kg": 70, "height_cm": 170},
            {"/water": 2.447 - 3.8064 + 18.258 + 23.534},
            "identity: the published coefficients, term by term",
        ),
        example(
            {"age": 40, "sex": "female", "weight_kg": 60, "height_cm": 160},
            {"/water": -2.097 + 17.104 + 14.796},
            "identity: the published coefficients, term by term",
        ),
    ],
)
def total_body_water(
    age: Annotated[int, Part("inpatient", "age"), Meta(description="years", ge=18, le=110)],
    sex: Annotated[str, Part("inpatient", "sex"), Meta(description="female or male", pattern="^(female|male)$")],
    weight_kg: Annotated[float, Part("inpatient", "weight_kg"), Meta(description="kilograms", ge=30, le=300)],
    height_cm: Annotated[float, Part("inpatient", "height_cm"), Meta(description="centimetres", ge=120, le=230)],
) -> Water:
    """Compute total body water in litres by Watson.

    Men: 2.447 − 0.09516 age + 0.1074 cm + 0.3362 kg; women: −2.097 + 0.1069 cm + 0.2466 kg.
    """
    if sex == "male":
        return {"water": 2.447 - 0.09516 * age + 0.1074 * height_cm + 0.3362 * weight_kg}
    return {"water": -2.097 + 0.1069 * height_cm + 0.2466 * weight_kg}


class Deficit(TypedDict):
    deficit: Annotated[
        float,
        Quantity("free water deficit", "litres"),
        says(
            "the free water deficit of {inpatient} to a target sodium of {target} mmol/L, given {water}",
            noun="free water deficit",
        ),
    ]


@tool(
    "processing",
    source="Adrogué and Madias, N Engl J Med 2000;342:1493",
    examples=[
        example({"sodium": 154, "water": 40, "target": 140}, {"/deficit": 4}, "identity: 40 × (1.1 − 1)"),
        example(
            {"sodium": 138, "water": 40, "target": 140},
            {"error": "refused"},
            "identity: no excess sodium, no deficit",
        ),
    ],
)
def free_water_deficit(
    sodium: Sodium,
    water: Annotated[float, Quantity("total body water", "litres"), Meta(ge=5, le=120)],
    target: Annotated[int, Given(140, 145), Meta(description="target sodium in mmol/L", ge=130, le=150)],
) -> Deficit:
    """Compute the free water deficit in litres: total body water × (sodium / target − 1). Refuses a sodium at
    or below target."""
    if sodium <= target:
        raise Refusal(f"the sodium is not above {target} mmol/L")
    return {"deficit": water * (sodium / target - 1)}


class Osmolality(TypedDict):
    osmolality: Annotated[
        float,
        Quantity("calculated osmolality", "milliosmoles per kilogram"),
        says(
            "the calculated serum osmolality of {inpatient} (2 × sodium + glucose / 18 + urea nitrogen / 2.8)",
            noun="calculated serum osmolality",
        ),
    ]


@tool(
    "processing",
    source="Smithline and Gardner, JAMA 1976;236:1594, with urea nitrogen and glucose in mg/dL",
    examples=[
        example({"sodium": 140, "glucose": 90, "bun": 14}, {"/osmolality": 290}, "identity: 280 + 5 + 5"),
        example({"sodium": 130, "glucose": 540, "bun": 28}, {"/osmolality": 300}, "identity: 260 + 30 + 10"),
    ],
)
def serum_osmolality(
    sodium: Sodium,
    glucose: Glucose,
    bun: Annotated[float, Part("inpatient", "bun"), Meta(description="blood urea nitrogen in mg/dL", ge=1, le=300)],
) -> Osmolality:
    """Compute the serum osmolality in mOsm/kg: 2 × sodium (mmol/L) + glucose / 18 + urea nitrogen / 2.8 (both
    mg/dL)."""
    return {"osmolality": 2 * sodium + glucose / 18 + bun / 2.8}


class OsmolalGap(TypedDict):
    gap: Annotated[
        float,
        Quantity("osmolal gap", "milliosmoles per kilogram", scale="interval"),
        says("the osmolal gap of {inpatient} above {osmolality}", noun="osmolal gap"),
    ]


@tool(
    "processing",
    source="measured less calculated osmolality",
    examples=[
        example({"measured_osmolality": 320, "osmolality": 290}, {"/gap": 30}, "identity: 320 − 290"),
        example({"measured_osmolality": 288, "osmolality": 290}, {"/gap": -2}, "identity: the gap may be negative"),
    ],
)
def osmolal_gap(
    measured_osmolality: Annotated[
        float, Part("inpatient", "measured_osmolality"), Meta(description="mOsm/kg", ge=150, le=600)
    ],
    osmolality: Annotated[float, Quantity("calculated osmolality", "milliosmoles per kilogram"), Meta(ge=150, le=600)],
) -> OsmolalGap:
    """Compute the osmolal gap in mOsm/kg: measured minus calculated serum osmolality."""
    return {"gap": measured_osmolality - osmolality}


class Calcium(TypedDict):
    corrected_calcium: Annotated[
        float,
        Quantity("corrected calcium", "milligrams per decilitre"),
        says("the albumin-corrected calcium of {inpatient} by the Payne formula", noun="albumin-corrected calcium"),
    ]


@tool(
    "processing",
    source="Payne et al., BMJ 1973;4:643",
    examples=[
        example({"calcium": 8.0, "albumin": 2.0}, {"/corrected_calcium": 9.6}, "identity: 8 + 0.8 × 2"),
        example(
            {"calcium": 9.5, "albumin": 4.0}, {"/corrected_calcium": 9.5}, "identity: a normal albumin changes nothing"
        ),
    ],
)
def albumin_corrected_calcium(
    calcium: Annotated[float, Part("inpatient", "calcium"), Meta(description="total calcium in mg/dL", ge=2, le=25)],
    albumin: Albumin,
) -> Calcium:
    """Compute the albumin-corrected calcium in mg/dL by Payne: calcium + 0.8 × (4.0 − albumin in g/dL)."""
    return {"corrected_calcium": calcium + 0.8 * (4 - albumin)}


class CalciumMolar(TypedDict):
    calcium: Annotated[
        float,
        Quantity("calcium concentration", MMOL),
        says("{corrected_calcium} converted to millimoles per litre with 40.078 g/mol", noun="calcium concentration"),
    ]


@tool(
    "processing",
    source="standard atomic weight of calcium, IUPAC",
    examples=[
        example({"corrected_calcium": 40.078 / 4}, {"/calcium": 2.5}, "identity: 100.195 mg/L over 40.078 g/mol"),
        example({"corrected_calcium": 8.0156}, {"/calcium": 2.0}, "identity: 80.156 mg/L over 40.078 g/mol"),
    ],
)
def calcium_to_millimoles(
    corrected_calcium: Annotated[float, Quantity("corrected calcium", "milligrams per decilitre"), Meta(ge=1, le=30)],
) -> CalciumMolar:
    """Convert a corrected calcium from mg/dL to mmol/L with the atomic weight 40.078 g/mol."""
    return {"calcium": corrected_calcium * 10 / 40.078}
