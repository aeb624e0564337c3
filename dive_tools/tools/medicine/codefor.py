"""The ICD-10-CM code that a measured value calls for."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.medicine.coding import ICD, tabular
from dive_tools.values import Entity, Quantity, says


class ForStage(TypedDict):
    code: Annotated[str, says("the ICD-10-CM code of category N18 for {stage}", noun="ICD-10-CM code")]


def _known(code: str) -> str:
    if code not in tabular().codes:
        raise Refusal(f"ICD-10-CM 2026 has no code {code}")
    return code


@lru_cache(maxsize=1)
def _stages() -> dict[str, str]:
    titles = {code: tabular().codes[code].title for code in ("N18.1", "N18.2", "N18.31", "N18.32", "N18.4", "N18.5")}
    return {"G" + re.search(r"stage (\d[ab]?)", title)[1]: code for code, title in titles.items()}  # type: ignore[index]


@tool(
    "retrieval",
    examples=[
        example({"stage": "G3a"}, {"/code": "N18.31"}, "published: ICD-10-CM 2026, chronic kidney disease, stage 3a"),
        example({"stage": "4"}, {"/code": "N18.4"}, "published: ICD-10-CM 2026, chronic kidney disease, stage 4"),
    ],
    **ICD,  # type: ignore[arg-type]
)
def icd10cm_for_ckd_stage(
    stage: Annotated[str, Entity("ckd_stage"), Meta(description="GFR category: G1, G2, G3a, G3b, G4 or G5")],
) -> ForStage:
    """Look up the ICD-10-CM code of chronic kidney disease of a stage (KDIGO GFR category G1 to G5)."""
    found = _stages().get("G" + stage.strip().lower().removeprefix("g"))
    if found is None:
        raise Refusal(f"no stage {stage!r}; stages are G1, G2, G3a, G3b, G4 and G5")
    return {"code": found}


class ForBmi(TypedDict):
    code: Annotated[str, says("the ICD-10-CM code of category Z68 for {bmi}", noun="ICD-10-CM code")]


@lru_cache(maxsize=1)
def _bmi_ranges() -> list[tuple[float, float, str]]:
    found = []
    for code, node in tabular().codes.items():
        match = re.fullmatch(r"Body mass index \[BMI\] ?(\d+\.\d)\s?-\s?(\d+\.\d), adult", node.title)
        if code.startswith("Z68.") and match:
            found.append((float(match[1]), float(match[2]), code))
    return found


@tool(
    "retrieval",
    examples=[
        example({"bmi": 25.7}, {"/code": "Z68.25"}, "published: ICD-10-CM 2026, Z68.25 is 25.0-25.9"),
        example({"bmi": 42.0}, {"/code": "Z68.41"}, "published: ICD-10-CM 2026, Z68.41 is 40.0-44.9"),
        example({"bmi": 19.0}, {"/code": "Z68.1"}, "published: ICD-10-CM 2026, Z68.1 is 19.9 or less"),
    ],
    **ICD,  # type: ignore[arg-type]
)
def icd10cm_for_adult_bmi(
    bmi: Annotated[float, Quantity("body mass index", "kilograms per square metre"), Meta(ge=8, le=120)],
) -> ForBmi:
    """Look up the ICD-10-CM code (category Z68) for an adult's body mass index in kg/m².

    Refuses a value that the classes meet only after rounding (such as 25.97, between 25.9 and 26.0).
    """
    for low, high, code in _bmi_ranges():
        if low <= bmi < high + 0.05:
            return {"code": code}
    if bmi < 19.95:
        return {"code": _known("Z68.1")}
    if bmi >= 70:
        return {"code": _known("Z68.45")}
    raise Refusal(f"a body mass index of {bmi:g} lies between two classes of category Z68")


class ForWeeks(TypedDict):
    code: Annotated[str, says("the ICD-10-CM code of category Z3A for {weeks}", noun="ICD-10-CM code")]


@tool(
    "retrieval",
    examples=[
        example({"weeks": 28}, {"/code": "Z3A.28"}, "published: ICD-10-CM 2026, 28 weeks gestation of pregnancy"),
        example({"weeks": 6}, {"/code": "Z3A.01"}, "published: ICD-10-CM 2026, less than 8 weeks gestation"),
    ],
    **ICD,  # type: ignore[arg-type]
)
def icd10cm_for_gestation(
    weeks: Annotated[int, Quantity("completed weeks of gestation", "weeks"), Meta(ge=1, le=45)],
) -> ForWeeks:
    """Look up the ICD-10-CM code (category Z3A) for completed weeks of gestation of a pregnancy."""
    return {"code": _known("Z3A.01" if weeks < 8 else "Z3A.49" if weeks > 42 else f"Z3A.{weeks:02d}")}
