"""The classification of financial instruments, CFI (ISO 10962): category, group and attributes of a code."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Annotated, NamedTuple, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Entity, Given, Quantity, entity, says

CFI = {
    "needs": ("stdnum",),
    "source": "ISO 10962, list of SIX of May 2021, by python-stdnum",
    "licence": "LGPL-2.1-or-later package",
}


# --- the list, read once ----------------------------------------------------------------------------------------------


class Group(NamedTuple):
    name: str
    category: str
    attributes: dict[int, tuple[str, dict[str, str]]]  # by place of the letter, 3 to 6: name, and values by letter


@lru_cache(maxsize=1)
def _groups() -> dict[str, Group]:
    """The groups by their two letters."""
    from importlib.util import find_spec
    from pathlib import Path

    home = Path(find_spec("stdnum").origin).parent  # type: ignore[union-attr, arg-type]
    found: dict[str, Group] = {}
    category, letter, group = "", "", ""
    values: dict[str, str] = {}
    for line in (home / "cfi.dat").read_text(encoding="utf-8").splitlines():
        match = re.match(r'( *)(\S+) (\w+)="([^"]*)"', line)
        if match is None or line.startswith("#"):
            values = {}
            continue
        indent, letters, kind, said = match.groups()
        if kind == "category":
            category, letter = _NAMES.get(said, said), letters
        elif kind == "group":
            group, values = letter + letters, {}
            known = any(other.name == f"{said} ({category})" for other in found.values())
            found[group] = Group(f"{said}{f' {group}' if known else ''} ({category})", category, {})
        elif kind == "v":
            values[letters] = said
        else:
            found[group].attributes[len(indent) + 1] = (said, values)
            values = {}
    return found


_NAMES = {"CIVs": "Collective investment vehicles", "Others (miscellaneous)": "Miscellaneous"}


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """The two letters of a group by its name."""
    return {group.name: letters for letters, group in _groups().items()}


@lru_cache(maxsize=1)
def _categories() -> dict[str, str]:
    """The letter of a category by its name."""
    return {group.category: letters[0] for letters, group in _groups().items()}


def _samples() -> list[str]:
    """For each group, up to eight codes that take the values of each attribute in turn."""
    made = []
    for letters, group in _groups().items():
        for turn in range(8):
            code = letters
            for place in range(3, 7):
                values = sorted(group.attributes.get(place, ("", {}))[1]) or ["X"]
                code += values[turn * (place - 2) % len(values)]
            made.append(code)
    return list(dict.fromkeys(made))


def _split(text: str) -> tuple[str, Group]:
    code = text.strip().upper()
    group = _groups().get(code[:2])
    if len(code) != 6 or group is None:
        raise Refusal(f"{text!r} is no CFI code of ISO 10962")
    for place in range(3, 7):
        letter, values = code[place - 1], group.attributes.get(place, ("", {}))[1]
        if letter != "X" and letter not in values:
            raise Refusal(f"{text!r} is no CFI code of ISO 10962: {letter} cannot stand in place {place}")
    return code, group


def _beside(name: str) -> list[str]:
    mine = _groups()[_names()[name]].category
    return [group.name for group in _groups().values() if group.category == mine and group.name != name]


CODE = entity("cfi_code", "CFI code", samples=_samples, intro="the CFI code {}")
CATEGORY = entity(
    "cfi_category", "category", "categories", intro="the CFI category “{}”", samples=lambda: sorted(_categories())
)
GROUP = entity("cfi_group", "group", intro="the CFI group “{}”", samples=lambda: list(_names()), akin=_beside)
ACode = Annotated[str, Entity("cfi_code"), Meta(description="six letters", min_length=6, max_length=6)]
AGroup = Annotated[str, Entity("cfi_group"), Meta(description='name and category, or two letters, such as "ES"')]


def _find_group(text: str) -> Group:
    group = _groups().get(_names().get(text, text))
    if group is None:
        raise Refusal(f"no group {text!r} in ISO 10962")
    return group


# --- tools ------------------------------------------------------------------------------------------------------------


class Class(TypedDict):
    category: Annotated[
        str,
        Entity("cfi_category"),
        says("the category of {code}", noun="category", ask="Into which category of instruments does {code} fall"),
    ]
    group: Annotated[
        str,
        Entity("cfi_group"),
        says("the group of {code}", noun="group", ask="Into which group of instruments does {code} fall"),
    ]


@tool(
    "retrieval",
    examples=[
        example(
            {"code": "ESVUFR"},
            {"/category": "Equities", "/group": "Common/ordinary shares (Equities)"},
            "published: ISO 10962, E and S",
        ),
        example(
            {"code": "ELNUFR"},
            {"/group": "Limited partnership units (Equities)"},
            "published: documentation of python-stdnum, cfi",
        ),
        example({"code": "ELNUFQ"}, {"error": "refused"}, "published: documentation of python-stdnum, cfi"),
    ],
    **CFI,  # type: ignore[arg-type]
)
def cfi_class(code: ACode) -> Class:
    """Look up the category and the group of financial instruments that a CFI code (ISO 10962) stands for."""
    _, group = _split(code)
    return {"category": group.category, "group": group.name}


_PLACES = {3: "third", 4: "fourth", 5: "fifth", 6: "sixth"}
Place = Annotated[int, Given(_PLACES), Meta(description="place of the letter, 3 to 6", ge=3, le=6)]


class Attribute(TypedDict):
    attribute: Annotated[
        str,
        says(
            "the attribute that the {place} letter describes in {group}",
            noun="attribute",
            ask="Which attribute does the {place} letter of a CFI code describe in {group}",
        ),
    ]
    values: Annotated[
        int,
        Quantity("number of CFI attribute values", "values"),
        says(
            "the number of values that the {place} letter of a CFI code can take in {group}, not counting X",
            noun="number of values",
            most="largest", least="smallest", more="larger", less="smaller",
            ask="How many values can the {place} letter of a CFI code take in {group}, not counting X",
        ),
    ]  # fmt: skip


@tool(
    "retrieval",
    examples=[
        example(
            {"group": "ES", "place": 3},
            {"/attribute": "Voting right", "/values": 4},
            "published: ISO 10962, voting, non-voting, restricted, enhanced",
        ),
        example(
            {"group": "Limited partnership units (Equities)", "place": 6},
            {"/attribute": "Form"},
            "published: documentation of python-stdnum",
        ),
    ],
    **CFI,  # type: ignore[arg-type]
)
def cfi_attribute(group: AGroup, place: Place) -> Attribute:
    """Look up the attribute that a letter (third to sixth) of a CFI code describes in a group, and count its values.

    Refuses a place that the group does not use.
    """
    found = _find_group(group).attributes.get(place)
    if not found or not found[1]:
        raise Refusal(f"letter {place} says nothing in {group}")
    return {"attribute": found[0], "values": len(found[1])}


class Groups(TypedDict):
    groups: Annotated[
        list[Annotated[str, Entity("cfi_group")]],
        says(
            "the groups of {category}",
            noun="group",
            plural="groups",
            ask_count="How many groups does {category} have",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example(
            {"category": "Equities"}, {"/groups/3": "Limited partnership units (Equities)"}, "published: ISO 10962"
        ),
        example({"category": "E"}, {"/groups/6": "Common/ordinary shares (Equities)"}, "published: ISO 10962"),
    ],
    **CFI,  # type: ignore[arg-type]
)
def cfi_groups(
    category: Annotated[str, Entity("cfi_category"), Meta(description='name or letter, such as "Equities" or "E"')],
) -> Groups:
    """List the groups of a category of the CFI (ISO 10962), in the order of their letters; complete."""
    letter = _categories().get(category, category)
    found = [group.name for letters, group in _groups().items() if letters[0] == letter]
    if not found:
        raise Refusal(f"no category {category!r} in ISO 10962")
    return {"groups": found, "complete": True}
