"""Blocks and chapters of ICD-10-CM (fiscal year 2026, April release)."""

from __future__ import annotations

import re
from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.medicine.coding import COUNT, ICD, billable_below, tabular
from dive_tools.values import Entity, Quantity, says


def find_block(text: str) -> str:
    block = text.strip().upper().replace("–", "-")
    if block not in tabular().blocks:
        raise Refusal(f"no block {text!r} in ICD-10-CM 2026; blocks are written like E08-E13")
    return block


def _find_chapter(text: str) -> str:
    number = re.fullmatch(r"(?:chapter )?0?(\d+)", text.strip().lower())
    chapter = f"chapter {number[1]}" if number else ""
    if chapter not in tabular().chapters:
        raise Refusal(f"no {text!r} in ICD-10-CM 2026; chapters are written like 'chapter 4'")
    return chapter


class Block(TypedDict):
    title: Annotated[str, says("the title of {block}", noun="title", ask="What is the title of {block}")]
    chapter: Annotated[
        str,
        Entity("icd10cm_chapter"),
        says(
            "the ICD-10-CM chapter that contains {block}",
            noun="chapter",
            ask="Which ICD-10-CM chapter contains {block}",
        ),
    ]


A_BLOCK = Meta(description='block of ICD-10-CM, such as "E08-E13"')
A_CHAPTER = Meta(description='chapter of ICD-10-CM, such as "chapter 4"')


@tool(
    "retrieval",
    examples=[
        example(
            {"block": "E08-E13"},
            {"/title": "Diabetes mellitus", "/chapter": "chapter 4"},
            "published: ICD-10-CM 2026 tabular list",
        ),
        example({"block": "i20-i25"}, {"/title": "Ischemic heart diseases"}, "published: ICD-10-CM 2026 tabular list"),
    ],
    **ICD,  # type: ignore[arg-type]
)
def icd10cm_block(block: Annotated[str, Entity("icd10cm_block"), A_BLOCK]) -> Block:
    """Look up a block (section) of the ICD-10-CM 2026 tabular list: its title and chapter."""
    title, chapter, _ = tabular().blocks[find_block(block)]
    return {"title": title, "chapter": chapter}


class Categories(TypedDict):
    categories: Annotated[
        list[Annotated[str, Entity("icd10cm_code")]],
        says(
            "the categories of {block}",
            noun="category",
            plural="categories",
            ask_count="How many categories does {block} contain",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example(
            {"block": "E08-E13"},
            {"/categories": ["E08", "E09", "E10", "E11", "E13"]},
            "published: ICD-10-CM 2026 tabular list",
        ),
        example({"block": "N17-N19"}, {"/categories": ["N17", "N18", "N19"]}, "published: ICD-10-CM 2026 tabular list"),
    ],
    **ICD,  # type: ignore[arg-type]
)
def icd10cm_block_categories(block: Annotated[str, Entity("icd10cm_block"), A_BLOCK]) -> Categories:
    """List the three-character categories of a block of the ICD-10-CM 2026 tabular list; the list is complete."""
    return {"categories": tabular().blocks[find_block(block)][2], "complete": True}


class Chapter(TypedDict):
    title: Annotated[str, says("the title of {chapter}", noun="title", ask="What is the title of {chapter}")]
    billable: Annotated[
        int,
        Quantity("number of billable codes", "codes", additive=True),
        says(
            "the number of billable codes in {chapter}",
            noun="number of billable codes",
            ask="How many billable codes does {chapter} contain",
            **COUNT,
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"chapter": "chapter 2"}, {"/title": "Neoplasms"}, "published: ICD-10-CM 2026 tabular list"),
        example(
            {"chapter": "4"},
            {"/title": "Endocrine, nutritional and metabolic diseases"},
            "published: ICD-10-CM 2026 tabular list",
        ),
    ],
    **ICD,  # type: ignore[arg-type]
)
def icd10cm_chapter(chapter: Annotated[str, Entity("icd10cm_chapter"), A_CHAPTER]) -> Chapter:
    """Look up a chapter of the ICD-10-CM 2026 tabular list: title and number of billable codes.

    Billable codes are those of the 2026 code list that are not subdivided; seventh characters count one by one.
    """
    title, blocks = tabular().chapters[_find_chapter(chapter)]
    categories = [category for block in blocks for category in tabular().blocks[block][2]]
    return {"title": title, "billable": sum(len(billable_below(c)) for c in categories)}


class Blocks(TypedDict):
    blocks: Annotated[
        list[Annotated[str, Entity("icd10cm_block")]],
        says("the blocks of {chapter}", noun="block", plural="blocks"),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example(
            {"chapter": "chapter 8"},
            {"/blocks": ["H60-H62", "H65-H75", "H80-H83", "H90-H94", "H95"]},
            "published: ICD-10-CM 2026 tabular list",
        ),
        example({"chapter": "chapter 4"}, {"/blocks/1": "E08-E13"}, "published: ICD-10-CM 2026 tabular list"),
    ],
    **ICD,  # type: ignore[arg-type]
)
def icd10cm_chapter_blocks(chapter: Annotated[str, Entity("icd10cm_chapter"), A_CHAPTER]) -> Blocks:
    """List the blocks of a chapter of the ICD-10-CM 2026 tabular list in order; the list is complete."""
    return {"blocks": tabular().chapters[_find_chapter(chapter)][1], "complete": True}
