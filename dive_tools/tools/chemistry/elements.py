"""The chemical elements of mendeleev's table, and their places in the periodic table."""

from __future__ import annotations

import importlib.util
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Entity, Given, Quantity, entity, says

MENDELEEV: dict[str, Any] = {
    "needs": ("mendeleev",),
    "source": "the SQLite table of mendeleev (MIT licence)",
    "licence": "MIT",
}
BRITISH = {"Aluminum": "aluminium", "Cesium": "caesium"}
ALSO = {"aluminum": "aluminium", "cesium": "caesium", "sulphur": "sulfur", "quicksilver": "mercury"}
GROUPS = {
    "alkali metals": 1,
    "alkaline earths": 2,
    "alkaline earth metals": 2,
    "coinage metals": 11,
    "boron group": 13,
    "carbon group": 14,
    "pnictogens": 15,
    "chalcogens": 16,
    "halogens": 17,
    "noble gases": 18,
}

# --- the table, read once -------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def database() -> Any:
    """The packaged table of mendeleev, without its object-relational layer."""
    import sqlite3

    found = importlib.util.find_spec("mendeleev")
    if found is None or found.origin is None:
        raise Refusal("the mendeleev table is not installed")
    opened = sqlite3.connect(f"file:{Path(found.origin).parent / 'elements.db'}?mode=ro&immutable=1", uri=True)
    opened.row_factory = sqlite3.Row
    return opened


@lru_cache(maxsize=1)
def table() -> dict[str, dict[str, Any]]:
    """Element rows by lower-case British name, in order of atomic number."""
    phases: dict[int, list[dict[str, Any]]] = {}
    for row in database().execute("SELECT * FROM phasetransitions"):
        phases.setdefault(row["atomic_number"], []).append(dict(row))
    energies = dict(
        database().execute("SELECT atomic_number, ionization_energy FROM ionizationenergies WHERE ion_charge = 0")
    )
    found = {}
    for row in database().execute("SELECT * FROM elements ORDER BY atomic_number"):
        number = row["atomic_number"]
        name = BRITISH.get(row["name"], row["name"].lower())
        found[name] = {**row, "phases": phases.get(number, []), "ionisation": energies.get(number)}
    return found


@lru_cache(maxsize=1)
def by_symbol() -> dict[str, str]:
    """Element names by symbol."""
    return {row["symbol"]: name for name, row in table().items()}


@lru_cache(maxsize=1)
def by_number() -> dict[int, str]:
    """Element names by atomic number."""
    return {row["atomic_number"]: name for name, row in table().items()}


def find_element(text: str) -> str:
    """The canonical name of an element given by name or symbol; Refusal when there is none."""
    asked = text.strip()
    name = ALSO.get(asked.lower(), asked.lower())
    if name not in table():
        name = by_symbol().get(asked, "") or by_symbol().get(asked.capitalize(), "")
    if not name:
        raise Refusal(f"no chemical element named {text!r}")
    return name


def row_of(text: str) -> dict[str, Any]:
    """The row of an element given by name or symbol."""
    return table()[find_element(text)]


def _akin(element: str) -> list[str]:
    row = row_of(element)
    return [
        name
        for name, other in table().items()
        if name != element
        and other["atomic_number"] < 104
        and (other["group_id"] == row["group_id"] or other["period"] == row["period"])
    ]


def find_group(text: str) -> int:
    """The number of a group given as "group 17", "17" or a trivial name."""
    asked = text.strip().casefold().removeprefix("the ").removeprefix("group ").strip()
    number = GROUPS.get(asked) or (int(asked) if asked.isdigit() else 0)
    if not 1 <= number <= 18:
        raise Refusal(f"no group {text!r} of the periodic table; they are numbered from 1 to 18")
    return number


def find_period(text: str) -> int:
    """The number of a period given as "period 3" or "3"."""
    asked = text.strip().casefold().removeprefix("the ").removeprefix("period ").strip()
    if not (asked.isdigit() and 1 <= int(asked) <= 7):
        raise Refusal(f"no period {text!r} of the periodic table; they are numbered from 1 to 7")
    return int(asked)


ELEMENT = entity(
    "element",
    "chemical element",
    samples=lambda: [n for n, r in table().items() if r["atomic_number"] < 101],
    akin=_akin,
)
GROUP = entity(
    "element_group",
    "group of the periodic table",
    "groups of the periodic table",
    samples=lambda: [f"group {n}" for n in range(1, 19)],
)
PERIOD = entity(
    "element_period",
    "period of the periodic table",
    "periods of the periodic table",
    samples=lambda: [f"period {n}" for n in range(1, 8)],
)

Element = Annotated[str, Entity("element"), Meta(description='name or symbol of an element, as in "sodium" or "Na"')]

# --- place in the periodic table ------------------------------------------------------------------------------------


class Position(TypedDict):
    name: Annotated[str, Entity("element"), says(quiet=True)]
    symbol: Annotated[str, says("the chemical symbol of {element}", noun="chemical symbol")]
    atomic_number: Annotated[
        int,
        Quantity("atomic number"),
        says("the atomic number of {element}", ask="How many protons does an atom of {element} have"),
    ]
    group: Annotated[
        str | None,
        Entity("element_group"),
        says(
            "the group of {element} in the periodic table",
            noun="group",
            ask="To which group of the periodic table does {element} belong",
        ),
    ]
    period: Annotated[
        str,
        Entity("element_period"),
        says(
            "the period of {element} in the periodic table",
            noun="period",
            ask="In which period of the periodic table does {element} stand",
        ),
    ]
    block: Annotated[str, says(quiet=True)]


@tool(
    "retrieval",
    examples=[
        example(
            {"element": "Na"},
            {"/name": "sodium", "/atomic_number": 11, "/group": "group 1", "/period": "period 3"},
            "published: IUPAC Periodic Table of the Elements",
        ),
        example(
            {"element": "aluminum"},
            {"/name": "aluminium", "/symbol": "Al", "/group": "group 13"},
            "published: IUPAC Periodic Table of the Elements",
        ),
        example({"element": "unobtainium"}, {"error": "refused"}, "identity: a made-up name"),
    ],
    **MENDELEEV,
)
def element_position(element: Element) -> Position:
    """Look up an element's place in the periodic table: symbol, atomic number, group (1-18), period and block.

    Lanthanides and actinides, except lanthanum and actinium, have no group (null) in the mendeleev table. Refuses a
    name or symbol that is no element.
    """
    name = find_element(element)
    row = table()[name]
    return {
        "name": name,
        "symbol": row["symbol"],
        "atomic_number": row["atomic_number"],
        "group": f"group {row['group_id']}" if row["group_id"] else None,
        "period": f"period {row['period']}",
        "block": f"{row['block']} block",
    }


class GroupMembers(TypedDict):
    elements: Annotated[
        list[Annotated[str, Entity("element")]],
        says(
            "the non-radioactive elements of {group}",
            noun="non-radioactive element",
            plural="non-radioactive elements",
            ask_count="How many non-radioactive elements belong to {group}",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example(
            {"group": "group 17"},
            {"/elements": ["fluorine", "chlorine", "bromine", "iodine"]},
            "published: IUPAC Periodic Table of the Elements; astatine and tennessine are radioactive",
        ),
        example(
            {"group": "coinage metals"},
            {"/elements": ["copper", "silver", "gold"]},
            "published: IUPAC Periodic Table of the Elements; roentgenium is radioactive",
        ),
        example({"group": "group 19"}, {"error": "refused"}, "identity: there are eighteen groups"),
    ],
    **MENDELEEV,
)
def stable_group_elements(
    group: Annotated[
        str, Entity("element_group"), Meta(description='"group 1" to "group 18", or a name such as "halogens"')
    ],
) -> GroupMembers:
    """List the elements of a group of the periodic table that mendeleev does not mark as radioactive, by atomic number.

    The list is complete (bismuth counts as non-radioactive; group 3 has lanthanum). Refuses other groups than 1 to 18.
    """
    number = find_group(group)
    found = [n for n, row in table().items() if row["group_id"] == number and not row["is_radioactive"]]
    return {"elements": found, "complete": True}


class BlockMembers(TypedDict):
    elements: Annotated[
        list[Annotated[str, Entity("element")]],
        says(
            "the non-radioactive {block}-block elements of {period}",
            noun="non-radioactive element",
            plural="non-radioactive elements",
            ask_count="How many non-radioactive {block}-block elements are there in {period}",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example(
            {"period": "period 3", "block": "p"},
            {"/elements": ["aluminium", "silicon", "phosphorus", "sulfur", "chlorine", "argon"]},
            "published: IUPAC Periodic Table of the Elements",
        ),
        example(
            {"period": "6", "block": "p"},
            {"/elements": ["thallium", "lead", "bismuth"]},
            "published: IUPAC Periodic Table of the Elements; polonium, astatine and radon are radioactive",
        ),
        example(
            {"period": "period 2", "block": "d"}, {"/elements": []}, "identity: the second shell has no d subshell"
        ),
    ],
    **MENDELEEV,
)
def stable_block_elements(
    period: Annotated[str, Entity("element_period"), Meta(description='"period 1" to "period 7"')],
    block: Annotated[str, Given("p", "d"), Meta(description="s, p, d or f", pattern="^[spdf]$")],
) -> BlockMembers:
    """List the elements of one block of a period that mendeleev does not mark as radioactive, by atomic number.

    Blocks are s, p, d and f; helium counts as s block. The list is complete, and empty where there is no such block.
    """
    number = find_period(period)
    found = [n for n, r in table().items() if r["period"] == number and r["block"] == block and not r["is_radioactive"]]
    return {"elements": found, "complete": True}
