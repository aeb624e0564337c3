"""Codes that the ICD-10-CM tabular list names in its instructions at other codes, and the size of a block."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, TypedDict

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.medicine.blocks import A_BLOCK, find_block
from dive_tools.tools.medicine.coding import (
    A_CODE,
    COUNT,
    ICD,
    billable_below,
    find_code,
    named_in_note,
    own_text,
    siblings,
    tabular,
)  # fmt: skip
from dive_tools.values import Entity, Quantity, entity, says

SEQUENCE = ("codeFirst", "useAdditionalCode", "codeAlso")


def _named(code: str, *tags: str) -> list[str]:
    """The codes that such notes at a code name, sorted; Refusal where there is none or one names a range."""
    printed = [tag for tag in tags if f"<{tag}>" in own_text(code)]
    if not printed:
        raise Refusal(f"the tabular list prints no such note at {code}")
    return sorted({each for tag in printed for each in named_in_note(code, tag)})


def _holding(*tags: str) -> list[str]:
    """The codes with such notes, where all name codes one by one and a few of them."""
    found = []
    for code in tabular().codes:
        if any(f"<{tag}>" in own_text(code) for tag in tags):
            try:
                named = _named(code, *tags)
            except Refusal:
                continue
            if 3 <= len(named) <= 6:
                found.append(code)
    return found


@lru_cache(maxsize=1)
def _sequenced() -> list[str]:
    return _holding(*SEQUENCE)


@lru_cache(maxsize=1)
def _excluding() -> list[str]:
    return _holding("excludes2")


INTRO = "the ICD-10-CM code {}"
SEQUENCED = entity(
    "icd10cm_sequenced_code",
    "code",
    intro=INTRO,
    samples=_sequenced,
    akin=lambda code: [other for other in siblings(code) if other in _sequenced()],
)
EXCLUDING = entity(
    "icd10cm_excluding_code",
    "code",
    intro=INTRO,
    samples=_excluding,
    akin=lambda code: [other for other in siblings(code) if other in _excluding()],
)


class Sequenced(TypedDict):
    codes: Annotated[
        list[Annotated[str, Entity("icd10cm_code")]],
        says(
            "the codes that the sequencing notes printed at {code} name",
            noun="code",
            plural="codes",
            ask_count="How many different codes do the sequencing notes (Code first, Use additional code, Code also) "
            "printed at {code} name",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"code": "I63"}, {"/codes": ["R29.7", "Z92.82"]}, "published: ICD-10-CM 2026, notes of I63"),
        example({"code": "E11.9"}, {"error": "refused"}, "published: ICD-10-CM 2026, no such note at E11.9 itself"),
    ],
    **ICD,  # type: ignore[arg-type]
)
def icd10cm_sequencing_codes(code: Annotated[str, Entity("icd10cm_sequenced_code"), A_CODE]) -> Sequenced:
    """List the codes named in the "Code first", "Use additional code" and "Code also" notes printed at a code, sorted.

    "E08.-" counts as E08; notes printed at other levels are not included. Complete. Refuses where there is no such
    note, or one names no code or a range of codes.
    """
    return {"codes": _named(find_code(code), *SEQUENCE), "complete": True}


class Excludes2(TypedDict):
    codes: Annotated[
        list[Annotated[str, Entity("icd10cm_code")]],
        says(
            "the codes named in the Excludes2 note printed at {code}",
            noun="code",
            plural="codes",
            ask_count="How many different codes does the Excludes2 note printed at {code} name",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"code": "J30"}, {"error": "refused"}, "published: ICD-10-CM 2026, J30 has an Excludes1 note only"),
        example({"code": "G43"}, {"/codes/0": "G44"}, "published: ICD-10-CM 2026, Excludes2 note of G43"),
    ],
    **ICD,  # type: ignore[arg-type]
)
def icd10cm_excludes2(code: Annotated[str, Entity("icd10cm_excluding_code"), A_CODE]) -> Excludes2:
    """List the codes named in the Excludes2 note (not included here) printed at an ICD-10-CM code, sorted; complete.

    "E08.-" counts as E08; notes printed at other levels are not included. Refuses where there is no such note, or it
    names no code or a range of codes.
    """
    return {"codes": _named(find_code(code), "excludes2"), "complete": True}


class Size(TypedDict):
    billable: Annotated[
        int,
        Quantity("number of billable codes", "codes", additive=True),
        says(
            "the number of billable codes in {block}",
            noun="number of billable codes",
            ask="How many billable codes does {block} contain",
            **COUNT,
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example(
            {"block": "N17-N19"}, {"/billable": 15}, "published: ICD-10-CM 2026 code list, 5 of N17, 9 of N18 and N19"
        ),
        example({"block": "A00-Z99"}, {"error": "refused"}, "identity: no such block"),
    ],
    **ICD,  # type: ignore[arg-type]
)
def icd10cm_block_size(block: Annotated[str, Entity("icd10cm_block"), A_BLOCK]) -> Size:
    """Count the billable codes in a block of ICD-10-CM 2026; those with a seventh character count one by one."""
    return {"billable": sum(len(billable_below(category)) for category in tabular().blocks[find_block(block)][2])}
