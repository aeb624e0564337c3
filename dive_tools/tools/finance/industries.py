"""The EU's classification of economic activities, NACE Rev. 2.1, its forerunner Rev. 2 and ISIC Rev. 5."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Annotated, NamedTuple, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Entity, Quantity, entity, says

NACE = {
    "needs": ("stdnum",),
    "source": "NACE Rev. 2.1, Eurostat, by python-stdnum",
    "licence": "CC-BY-4.0 data, LGPL-2.1-or-later package",
}
SIZE = {"most": "largest", "least": "smallest", "more": "larger", "less": "smaller"}

# --- the tables, each read once ---------------------------------------------------------------------------------------


class Node(NamedTuple):
    title: str
    isic: str
    section: str


class Classification(NamedTuple):
    sections: dict[str, str]
    codes: dict[str, Node]


@lru_cache(maxsize=2)
def _table(revision: str) -> Classification:
    """Sections and codes of a revision ("21" or "20"), in order."""
    from importlib.util import find_spec
    from pathlib import Path

    home = Path(find_spec("stdnum").origin).parent  # type: ignore[union-attr, arg-type]
    made = Classification({}, {})
    above = ["", "", ""]
    section = ""
    for line in (home / f"eu/nace{revision}.dat").read_text(encoding="utf-8").splitlines():
        match = re.match(r"( *)(\S+) (.*)", line)
        if match is None or line.startswith("#"):
            continue
        said = dict(re.findall(r'(\w+)="([^"]*)"', match[3]))
        depth = len(match[1])
        if match[2].isalpha():
            made.sections[match[2]] = said["label"].capitalize()
            continue
        section = said.get("section", section)
        above[depth] = match[2]
        digits = "".join(above[: depth + 1])
        code = digits if len(digits) < 3 else f"{digits[:2]}.{digits[2:]}"
        made.codes[code] = Node(said["label"], said.get("isic", ""), section)
    return made


@lru_cache(maxsize=1)
def _below() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {code: [] for code in _table("21").codes}
    for code in found:
        if _above(code):
            found[_above(code)].append(code)
    return found


def _above(code: str) -> str:
    return {2: "", 4: code[:2], 5: code[:4]}[len(code)]


def _find(text: str) -> str:
    digits = re.sub(r"\D", "", text)
    code = digits if len(digits) < 3 else f"{digits[:2]}.{digits[2:]}"
    if code not in _table("21").codes:
        raise Refusal(f"no division, group or class {text!r} in NACE Rev. 2.1")
    return code


def _find_section(text: str) -> str:
    letter = text.strip().upper()[-1:]
    if letter not in _table("21").sections:
        raise Refusal(f"no section {text!r} in NACE Rev. 2.1")
    return letter


def _classes(codes: list[str]) -> int:
    """How many classes the codes are or hold."""
    held = tuple(codes)
    return sum(len(code) == 5 and code.startswith(held) for code in _table("21").codes)


def _beside(code: str) -> list[str]:
    above, nodes = _above(code), _table("21").codes
    beside = _below()[above] if above else [c for c in nodes if len(c) == 2 and nodes[c].section == nodes[code].section]
    return [other for other in beside if other != code]


CODE = entity(
    "nace_code",
    "code",
    intro="NACE Rev. 2.1 code {}",
    samples=lambda: list(_table("21").codes),
    akin=_beside,
)
SECTION = entity(
    "nace_section",
    "section",
    intro="{} of NACE Rev. 2.1",
    samples=lambda: [f"section {letter}" for letter in _table("21").sections],
)
ACode = Annotated[str, Entity("nace_code"), Meta(description='division, group or class, such as "64", "64.1", "64.19"')]
ASection = Annotated[str, Entity("nace_section"), Meta(description='such as "section K"')]

# --- tools ------------------------------------------------------------------------------------------------------------


class Activity(TypedDict):
    title: Annotated[
        str,
        says("the title of {code}", noun="title", ask=("What is the title of {code}", "What does {code} stand for")),
    ]
    classes: Annotated[
        int,
        Quantity("number of NACE classes", "classes", additive=True),
        says(
            "the number of four-digit classes under {code}",
            noun="number of classes",
            ask="How many four-digit classes does {code} hold",
            **SIZE,
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"code": "01.12"}, {"/title": "Growing of rice"}, "published: Eurostat, NACE Rev. 2.1"),
        example({"code": "0321"}, {"/title": "Marine aquaculture"}, "published: Eurostat, NACE Rev. 2.1"),
        example({"code": "03"}, {"/classes": 5}, "published: Eurostat, NACE Rev. 2.1, division 03"),
        example({"code": "04"}, {"error": "refused"}, "identity: no such division"),
    ],
    **NACE,  # type: ignore[arg-type]
)
def nace_activity(code: ACode) -> Activity:
    """Look up a division, group or class of NACE Rev. 2.1: its title and how many four-digit classes it holds.

    A class holds itself.
    """
    found = _find(code)
    return {"title": _table("21").codes[found].title, "classes": _classes([found])}


class Older(TypedDict):
    title: Annotated[
        str,
        says(
            "the title that {code} bore in NACE Rev. 2",
            noun="title in NACE Rev. 2",
            ask="Which title did {code} bear in the previous revision, NACE Rev. 2",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"code": "01.12"}, {"/title": "Growing of rice"}, "published: Regulation (EC) No 1893/2006, Annex I"),
        example({"code": "62.10"}, {"error": "refused"}, "published: NACE Rev. 2 has 62.0 with 62.01 to 62.09"),
    ],
    **{**NACE, "source": "NACE Rev. 2, Eurostat, by python-stdnum"},  # type: ignore[arg-type]
)
def nace_title_before(code: ACode) -> Older:
    """Look up the title that a code of NACE Rev. 2.1 bore in Rev. 2. Refuses a code that Rev. 2 did not have."""
    found = _table("20").codes.get(_find(code))
    if found is None:
        raise Refusal(f"NACE Rev. 2 had no code {code}")
    return {"title": found.title}


class Below(TypedDict):
    codes: Annotated[
        list[Annotated[str, Entity("nace_code")]],
        says(
            "the codes directly below {code}",
            noun="code",
            plural="codes",
            ask_count="How many codes stand directly below {code}",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"code": "03.1"}, {"/codes": ["03.11", "03.12"]}, "published: Eurostat, NACE Rev. 2.1"),
        example({"code": "03"}, {"/codes": ["03.1", "03.2", "03.3"]}, "published: Eurostat, NACE Rev. 2.1"),
        example({"code": "03.11"}, {"error": "refused"}, "identity: a class is not divided"),
    ],
    **NACE,  # type: ignore[arg-type]
)
def nace_codes_below(code: ACode) -> Below:
    """List the groups of a division or the classes of a group of NACE Rev. 2.1, in order; complete. Refuses a class."""
    found = _below()[_find(code)]
    if not found:
        raise Refusal(f"{code} is a class; nothing stands below it")
    return {"codes": found, "complete": True}


class InSection(TypedDict):
    section: Annotated[
        str,
        Entity("nace_section"),
        says("the section that contains {code}", noun="section", ask="Which section of the NACE contains {code}"),
    ]


@tool(
    "retrieval",
    examples=[
        example({"code": "01.12"}, {"/section": "section A"}, "published: Eurostat, NACE Rev. 2.1"),
        example({"code": "03"}, {"/section": "section A"}, "published: Eurostat, NACE Rev. 2.1"),
    ],
    **NACE,  # type: ignore[arg-type]
)
def nace_section_of(code: ACode) -> InSection:
    """Look up the section (a letter) of NACE Rev. 2.1 in which a division, group or class stands."""
    return {"section": f"section {_table('21').codes[_find(code)].section}"}


class Matching(TypedDict):
    isic: Annotated[
        str,
        says(
            "the ISIC Rev. 5 code that corresponds to {code}",
            noun="ISIC Rev. 5 code",
            ask="Which ISIC Rev. 5 code corresponds to {code}",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"code": "01.12"}, {"/isic": "0112"}, "published: Eurostat, NACE Rev. 2.1 with ISIC Rev. 5"),
        example({"code": "03.3"}, {"/isic": "033"}, "published: Eurostat, NACE Rev. 2.1 with ISIC Rev. 5"),
    ],
    **NACE,  # type: ignore[arg-type]
)
def isic_of_nace(code: ACode) -> Matching:
    """Look up the code of the United Nations' ISIC Rev. 5 to which a code of NACE Rev. 2.1 corresponds."""
    isic = _table("21").codes[_find(code)].isic
    if not isic:
        raise Refusal(f"the table gives no ISIC code for {code}")
    return {"isic": isic}


class Section(TypedDict):
    title: Annotated[str, says("the title of {section}", noun="title", ask="What is the title of {section}")]
    classes: Annotated[
        int,
        Quantity("number of NACE classes", "classes", additive=True),
        says(
            "the number of four-digit classes in {section}",
            noun="number of classes",
            ask="How many four-digit classes does {section} contain",
            **SIZE,
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example(
            {"section": "section A"},
            {"/title": "Agriculture, forestry and fishing"},
            "published: Eurostat, NACE Rev. 2.1",
        ),
        example({"section": "C"}, {"/title": "Manufacturing"}, "published: Eurostat, NACE Rev. 2.1"),
    ],
    **NACE,  # type: ignore[arg-type]
)
def nace_section_profile(section: ASection) -> Section:
    """Look up a section of NACE Rev. 2.1: its title and how many four-digit classes it contains."""
    letter = _find_section(section)
    inside = [code for code, node in _table("21").codes.items() if node.section == letter and len(code) == 2]
    return {"title": _table("21").sections[letter], "classes": _classes(inside)}


class Divisions(TypedDict):
    divisions: Annotated[
        list[Annotated[str, Entity("nace_code")]],
        says(
            "the divisions of {section}",
            noun="division",
            plural="divisions",
            ask_count="How many divisions does {section} contain",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"section": "section A"}, {"/divisions": ["01", "02", "03"]}, "published: Eurostat, NACE Rev. 2.1"),
        example({"section": "B"}, {"/divisions/0": "05"}, "published: Eurostat, NACE Rev. 2.1"),
    ],
    **NACE,  # type: ignore[arg-type]
)
def nace_divisions(section: ASection) -> Divisions:
    """List the two-digit divisions of a section of NACE Rev. 2.1, in order; complete."""
    letter = _find_section(section)
    nodes = _table("21").codes
    return {"divisions": [c for c in nodes if len(c) == 2 and nodes[c].section == letter], "complete": True}
