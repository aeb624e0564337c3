"""ICD-10-CM (fiscal year 2026, April release): titles, place in the classification, subdivisions, exclusions."""

from __future__ import annotations

import bisect
import importlib.util
import pathlib
import re
import zlib
from functools import lru_cache
from typing import Annotated, NamedTuple, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.medicine import types as types
from dive_tools.values import Entity, Quantity, says

ICD = {
    "needs": ("simple_icd_10_cm",),
    "source": "ICD-10-CM 2026 (April), CDC/NCHS, by simple-icd-10-cm",
    "licence": "US public domain data",
}
A_CODE = Meta(description='ICD-10-CM category or code, such as "E11" or "E11.9"; case and the point do not matter')
COUNT = {"most": "largest", "least": "smallest", "more": "larger", "less": "smaller"}

# --- the tables, each read once --------------------------------------------------------------------------------------


class Node(NamedTuple):
    title: str
    parent: str
    block: str
    start: int  # where its own notes begin in the file


class Tabular(NamedTuple):
    text: str
    codes: dict[str, Node]
    blocks: dict[str, tuple[str, str, list[str]]]  # title, chapter, categories
    chapters: dict[str, tuple[str, list[str]]]  # title, blocks
    below: dict[str, list[str]]


def packaged(library: str, folder: str, pattern: str) -> pathlib.Path:
    """A data file of an installed library, found without importing the library."""
    found = importlib.util.find_spec(library)
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError(library)
    return sorted((pathlib.Path(found.submodule_search_locations[0]) / folder).glob(pattern))[-1]


_TAG = re.compile(
    r'<(/?)(chapter|section|diag)\b(?: id="([^"]*)")?[^>]*>(?:\s*<name>([^<]*)</name>)?(?:\s*<desc>([^<]*)</desc>)?'
)


@lru_cache(maxsize=1)
def tabular() -> Tabular:
    """The tabular list, read by one regular expression (the library itself takes seconds to read it)."""
    text = packaged("simple_icd_10_cm", "data", "icd10c-tabular*.xml").read_text(encoding="utf-8")
    made = Tabular(text, {}, {}, {}, {})
    chapter = block = ""
    open_codes: list[str] = []
    for match in _TAG.finditer(text):
        closing, tag, block_id, name, title = match.groups()
        if tag == "diag" and closing:
            open_codes.pop()
        elif tag == "diag":
            parent = open_codes[-1] if open_codes else ""
            made.codes[name] = Node(_plain(title), parent, block, match.end())
            made.below[name] = []
            (made.below[parent] if parent else made.blocks[block][2]).append(name)
            open_codes.append(name)
        elif tag == "section" and not closing:
            block = block_id
            made.blocks[block] = (_without_range(title), chapter, [])
            made.chapters[chapter][1].append(block)
        elif tag == "chapter" and not closing:
            chapter = f"chapter {name}"
            made.chapters[chapter] = (_without_range(title), [])
    return made


def _plain(text: str) -> str:
    return text.strip().replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")


def _without_range(text: str) -> str:
    return re.sub(r"\s*\([A-Z]\w+(-[A-Z]\w+)?\)$", "", _plain(text))


@lru_cache(maxsize=1)
def _billable() -> list[str]:
    """All codes without subdivisions, without the point, sorted."""
    text = packaged("simple_icd_10_cm", "data", "code-list*.txt").read_text(encoding="utf-8")
    codes = sorted(
        {line.split(" ")[0] for line in text.split("\n") if re.match(r"[A-Z]\w\w", line) and "-" not in line}
    )
    after = [*codes[1:], ""]
    return [code for code, following in zip(codes, after, strict=True) if not following.startswith(code)]


def find_code(text: str) -> str:
    """The code as the tabular list writes it; Refusal when there is none."""
    bare = text.strip().upper().replace(".", "")
    code = bare if len(bare) < 4 else f"{bare[:3]}.{bare[3:]}"
    if code not in tabular().codes:
        raise Refusal(
            f"no code {text!r} in the ICD-10-CM 2026 tabular list (codes with a seventh character are not in it)"
        )
    return code


def billable_below(code: str, codes: list[str] | None = None) -> list[str]:
    """The billable codes that are or stand below a code, without the point."""
    codes = _billable() if codes is None else codes
    bare = code.replace(".", "")
    return codes[bisect.bisect_left(codes, bare) : bisect.bisect_left(codes, bare + "~")]


# --- samples ---------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def sample_codes() -> list[str]:
    """Codes of one CMS-HCC V28 category, and as many others as have an Excludes1 note, in mixed order.

    Most are subdivided; those of injuries and external causes are left out.
    """
    from dive_tools.tools.medicine.risk import hccs_of

    risky, noted, plain = [], [], []
    for code, below in tabular().below.items():
        if code[0] in "STVWXY" or len(code) > 6 or len(below) == 1 or len(below) > 8:
            continue
        has_note = _has_note(code[:3])
        if len(hccs_of(code)) == 1 and (below or (has_note and len(code) > 3)):
            risky.append(code)
        elif below and has_note:
            noted.append(code)
        elif below and len(code) > 3:
            plain.append(code)
    return sorted(risky + noted[::3] + plain[::12], key=lambda code: zlib.crc32(code.encode()))


def _has_note(category: str) -> bool:
    try:
        return bool(named_in_note(category, "excludes1"))
    except Refusal:
        return False


@lru_cache(maxsize=1)
def sample_blocks() -> list[str]:
    """Blocks of three to eight categories."""
    return [block for block, (_, _, below) in tabular().blocks.items() if 3 <= len(below) <= 8]


def chapters() -> list[str]:
    """All chapters."""
    return list(tabular().chapters)


def siblings(code: str) -> list[str]:
    """The codes that stand beside a code."""
    node = tabular().codes.get(code)
    if node is None:
        return []
    beside = tabular().below[node.parent] if node.parent else tabular().blocks[node.block][2]
    return [other for other in beside if other != code]


# --- tools -----------------------------------------------------------------------------------------------------------


class Title(TypedDict):
    code: Annotated[str, Entity("icd10cm_code"), says(quiet=True)]
    title: Annotated[
        str,
        says("the title of {code}", noun="title", ask=("What is the title of {code}", "What does {code} stand for")),
    ]


@tool(
    "retrieval",
    examples=[
        example({"code": "E11"}, {"/title": "Type 2 diabetes mellitus"}, "published: ICD-10-CM 2026 tabular list"),
        example(
            {"code": "n1831"},
            {"/code": "N18.31", "/title": "Chronic kidney disease, stage 3a"},
            "published: ICD-10-CM 2026 tabular list",
        ),
        example({"code": "E99"}, {"error": "refused"}, "identity: the list has no such category"),
    ],
    **ICD,  # type: ignore[arg-type]
)
def icd10cm_title(code: Annotated[str, Entity("icd10cm_code"), A_CODE]) -> Title:
    """Look up the title of a category or code of the ICD-10-CM 2026 tabular list.

    Refuses a code that is not in the list; codes that carry a seventh character are not.
    """
    found = find_code(code)
    return {"code": found, "title": tabular().codes[found].title}


class Parent(TypedDict):
    parent: Annotated[
        str,
        says(
            "the code directly above {code} in the ICD-10-CM hierarchy",
            noun="code",
            ask="Which code stands directly above {code} in the ICD-10-CM hierarchy",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"code": "E11.65"}, {"/parent": "E11.6"}, "published: ICD-10-CM 2026 tabular list"),
        example({"code": "E11"}, {"error": "refused"}, "identity: a three-character category stands under a block"),
    ],
    **ICD,  # type: ignore[arg-type]
)
def icd10cm_parent(code: Annotated[str, Entity("icd10cm_code"), A_CODE]) -> Parent:
    """Look up the code directly above an ICD-10-CM code of four or more characters in the tabular list.

    Refuses a three-character category, above which stands a block and no code.
    """
    found = find_code(code)
    parent = tabular().codes[found].parent
    if not parent:
        raise Refusal(f"{found} is a category; no code stands above it")
    return {"parent": parent}


class Place(TypedDict):
    block: Annotated[
        str,
        Entity("icd10cm_block"),
        says("the ICD-10-CM block that contains {code}", noun="block", ask="Which ICD-10-CM block contains {code}"),
    ]


@tool(
    "retrieval",
    examples=[
        example({"code": "E11.9"}, {"/block": "E08-E13"}, "published: ICD-10-CM 2026 tabular list"),
        example({"code": "A00"}, {"/block": "A00-A09"}, "published: ICD-10-CM 2026 tabular list"),
    ],
    **ICD,  # type: ignore[arg-type]
)
def icd10cm_block_of(code: Annotated[str, Entity("icd10cm_code"), A_CODE]) -> Place:
    """Look up the block (section of the tabular list, such as E08-E13) in which an ICD-10-CM code stands."""
    return {"block": tabular().codes[find_code(code)].block}


class Below(TypedDict):
    codes: Annotated[
        list[Annotated[str, Entity("icd10cm_code")]],
        says(
            "the codes directly below {code} in the ICD-10-CM hierarchy",
            noun="code",
            plural="codes",
            ask_count="How many codes stand directly below {code} in the ICD-10-CM hierarchy",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example(
            {"code": "N18.3"}, {"/codes": ["N18.30", "N18.31", "N18.32"]}, "published: ICD-10-CM 2026 tabular list"
        ),
        example(
            {"code": "E66.81"}, {"/codes": ["E66.811", "E66.812", "E66.813"]}, "published: ICD-10-CM 2026 tabular list"
        ),
        example({"code": "E11.9"}, {"error": "refused"}, "identity: the code is not subdivided"),
    ],
    **ICD,  # type: ignore[arg-type]
)
def icd10cm_subcodes(code: Annotated[str, Entity("icd10cm_code"), A_CODE]) -> Below:
    """List the codes directly below an ICD-10-CM code in the tabular list (one level, without seventh characters).

    The list is complete and in the order of the classification. Refuses a code that is not subdivided.
    """
    found = find_code(code)
    if not tabular().below[found]:
        raise Refusal(f"{found} is not subdivided in the tabular list")
    return {"codes": tabular().below[found], "complete": True}


class Billable(TypedDict):
    billable: Annotated[
        int,
        Quantity("number of billable codes", "codes", additive=True),
        says(
            "the number of billable codes under {code}",
            noun="number of billable codes",
            ask="How many billable ICD-10-CM codes fall under {code}",
            **COUNT,
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"code": "N18.3"}, {"/billable": 3}, "published: ICD-10-CM 2026 code list: N18.30, N18.31, N18.32"),
        example({"code": "E11.9"}, {"/billable": 1}, "identity: a code without subdivisions is billable itself"),
    ],
    **ICD,  # type: ignore[arg-type]
)
def icd10cm_billable_count(code: Annotated[str, Entity("icd10cm_code"), A_CODE]) -> Billable:
    """Count the billable codes of the ICD-10-CM 2026 code list that are or stand below a code.

    A billable code is one that is not subdivided further; those with a seventh character count one by one.
    """
    return {"billable": len(billable_below(find_code(code)))}


_NAMED = re.compile(r"(?<![\w.])([A-Z]\d[0-9A-Z](?:\.[0-9A-Z]{1,4})?)(?:\.?-)?(?![\w.])")
_RANGE = re.compile(r"\b[A-Z]\d[0-9A-Z](?:\.[0-9A-Z]{1,4})?\s?-\s?[A-Z]\d[0-9A-Z]")


@lru_cache(maxsize=4096)
def named_in_note(code: str, tag: str) -> list[str]:
    """The codes that a note at a code names, sorted; "E08.-" counts as E08."""
    notes = re.findall(f"<{tag}>(.*?)</{tag}>", own_text(code), re.S)
    if not notes:
        raise Refusal(f"the tabular list has no {NOTES[tag]} note at {code}")
    if any(_RANGE.search(note) for note in notes):
        raise Refusal(f"the {NOTES[tag]} note at {code} names a range of codes")
    inside = " ".join(re.findall(r"\(([^()]*)\)", " ".join(notes)))
    found = sorted({name for name in _NAMED.findall(inside) if name in tabular().codes})
    if not found:
        raise Refusal(f"the {NOTES[tag]} note at {code} names no code")
    return found


def own_text(code: str) -> str:
    """What the tabular list prints at a code itself, not at those below it."""
    text, start = tabular().text, tabular().codes[code].start
    ends = [end for end in (text.find("<diag>", start), text.find("</diag>", start)) if end >= 0]
    return text[start : min(ends)]


NOTES = {
    "excludes1": "Excludes1",
    "excludes2": "Excludes2",
    "codeFirst": "Code first",
    "useAdditionalCode": "Use additional code",
    "codeAlso": "Code also",
}


class Excludes1(TypedDict):
    codes: Annotated[
        list[Annotated[str, Entity("icd10cm_code")]],
        says(
            "the codes named in the Excludes1 note of the three-character category of {code}",
            noun="code",
            plural="codes",
            ask_count="How many different codes does the Excludes1 note of the three-character category of {code} name",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example(
            {"code": "E10"},
            {"/codes": ["E08", "E09", "E11", "E13", "O24.4", "P70.2", "R73.9"]},
            "published: ICD-10-CM 2026 tabular list, Excludes1 note of E10",
        ),
        example({"code": "E10.9"}, {"/codes/0": "E08"}, "identity: E10.9 belongs to category E10"),
    ],
    **ICD,  # type: ignore[arg-type]
)
def icd10cm_excludes1(code: Annotated[str, Entity("icd10cm_code"), A_CODE]) -> Excludes1:
    """List the codes named in the Excludes1 note of the three-character category of an ICD-10-CM code, sorted.

    "E08.-" counts as E08; notes printed at other levels are not included. The list is complete.
    Refuses where there is no such note, or it names a range of codes.
    """
    return {"codes": named_in_note(find_code(code)[:3], "excludes1"), "complete": True}


class Terms(TypedDict):
    terms: Annotated[
        list[str],
        says(
            "the inclusion terms printed at {code} in the tabular list",
            noun="inclusion term",
            plural="inclusion terms",
            ask_count="How many inclusion terms does the ICD-10-CM tabular list print at {code}",
        ),
    ]
    number: Annotated[
        int,
        Quantity("number of inclusion terms", "terms", additive=True),
        says(
            "the number of inclusion terms printed at {code} in the tabular list",
            noun="number of inclusion terms",
            **COUNT,
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    version="2",
    examples=[
        example(
            {"code": "E11.21"},
            {"/terms/2": "Type 2 diabetes mellitus with Kimmelstiel-Wilson disease"},
            "published: ICD-10-CM 2026 tabular list",
        ),
        example(
            {"code": "I10"}, {"/terms": []}, "published: ICD-10-CM 2026, I10 has includes notes and no inclusion terms"
        ),
    ],
    **ICD,  # type: ignore[arg-type]
)
def icd10cm_inclusion_terms(code: Annotated[str, Entity("icd10cm_code"), A_CODE]) -> Terms:
    """List the inclusion terms (conditions that a code also covers) printed at an ICD-10-CM code; complete,
    may be empty.

    Terms printed at codes above or below it and "Includes" notes do not count.
    """
    found = re.findall(r"<inclusionTerm>(.*?)</inclusionTerm>", own_text(find_code(code)), re.S)
    terms = [_plain(term) for each in found for term in re.findall(r"<note>(.*?)</note>", each, re.S)]
    return {"terms": terms, "number": len(terms), "complete": True}
