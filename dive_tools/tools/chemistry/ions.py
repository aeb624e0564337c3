"""Monatomic ions with Shannon's radii."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.chemistry.elements import MENDELEEV, Element, by_number, database, row_of, table
from dive_tools.values import Entity, Given, Quantity, entity, says

COORDINATION = {4: "IV", 6: "VI", 8: "VIII", 12: "XII"}


@lru_cache(maxsize=1)
def _radii() -> dict[tuple[int, int], dict[str, set[float]]]:
    """Ionic radii in pm by (atomic number, charge) and coordination."""
    found: dict[tuple[int, int], dict[str, set[float]]] = {}
    for row in database().execute("SELECT * FROM ionicradii ORDER BY atomic_number, charge"):
        home = found.setdefault((row["atomic_number"], row["charge"]), {})
        home.setdefault(row["coordination"], set()).add(round(row["ionic_radius"], 3))
    return found


def ion_name(number: int, charge: int) -> str:
    """(26, 3) -> "Fe3+"."""
    size = "" if abs(charge) == 1 else str(abs(charge))
    return f"{table()[by_number()[number]]['symbol']}{size}{'+' if charge > 0 else '-'}"


@lru_cache(maxsize=1)
def _ions() -> dict[str, tuple[int, int]]:
    return {ion_name(*key): key for key in _radii()}


def find_ion(text: str) -> tuple[int, int]:
    """(atomic number, charge) of an ion given as "Fe3+", "Fe+3" or "Fe^3+"."""
    asked = text.strip().replace("^", "").replace("−", "-")
    turned = re.fullmatch(r"([A-Z][a-z]?)([+-])(\d)", asked)
    if turned:
        asked = f"{turned[1]}{turned[3] if turned[3] != '1' else ''}{turned[2]}"
    if asked not in _ions():
        raise Refusal(f"Shannon's table has no ion {text!r}")
    return _ions()[asked]


def _akin(ion: str) -> list[str]:
    """Ions of the same charge whose element stands in the same group or period, and the element's other ions."""
    number, charge = _ions()[ion]
    row = table()[by_number()[number]]
    return [
        name
        for name, (other, size) in _ions().items()
        if name != ion
        and (other == number or (size == charge and table()[by_number()[other]]["group_id"] == row["group_id"]))
    ]


ION = entity("ion", "ion", samples=lambda: list(_ions()), akin=_akin)
Ion = Annotated[str, Entity("ion"), Meta(description='monatomic ion, as in "Fe3+" or "O2-"')]


class Radius(TypedDict):
    radius: Annotated[
        float,
        Quantity("ionic radius", "picometres"),
        says("the Shannon ionic radius of {ion} in {coordination} coordination", noun="Shannon ionic radius",
             most="largest", least="smallest", more="larger", less="smaller"),
    ]  # fmt: skip


@tool(
    "retrieval",
    examples=[
        example({"ion": "Na+", "coordination": 6}, {"/radius": 102}, "published: Shannon 1976, Na+ VI 1.02 A"),
        example({"ion": "Al3+", "coordination": 4}, {"/radius": 39}, "published: Shannon 1976, Al3+ IV 0.39 A"),
        example({"ion": "Fe3+", "coordination": 6}, {"error": "refused"}, "identity: high and low spin differ"),
    ],
    **MENDELEEV,
)
def ion_radius(
    ion: Ion,
    coordination: Annotated[int, Given({6: "six-fold"}), Meta(description="coordination number: 4, 6, 8 or 12")],
) -> Radius:
    """Look up the effective ionic radius of an ion, in pm, after Shannon (mendeleev table), for a coordination number.

    Refuses an ion without a radius for this coordination, and one whose radius differs between spin states.
    """
    found = _radii()[find_ion(ion)].get(COORDINATION.get(coordination, ""), set())
    if len(found) != 1:
        raise Refusal(f"no single Shannon radius of {ion} for coordination number {coordination}")
    return {"radius": next(iter(found))}


class IonList(TypedDict):
    ions: Annotated[
        list[Annotated[str, Entity("ion")]],
        says("the ions of {element} in Shannon's table of radii", noun="ion", plural="ions",
             only="the only ion of {element} in Shannon's table of radii",
             ask_count="How many ions of {element} does Shannon's table of radii list"),
    ]  # fmt: skip
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"element": "sodium"}, {"/ions": ["Na+"]}, "published: Shannon 1976"),
        example({"element": "Tl"}, {"/ions": ["Tl+", "Tl3+"]}, "published: Shannon 1976"),
        example({"element": "neon"}, {"/ions": []}, "identity: neon forms no ions in crystals"),
    ],
    **MENDELEEV,
)
def ions_of_element(element: Element) -> IonList:
    """List the ions of an element that Shannon's table of ionic radii holds (mendeleev), by charge; it may be empty."""
    number = row_of(element)["atomic_number"]
    return {"ions": [ion_name(*key) for key in sorted(_radii()) if key[0] == number], "complete": True}


class Isoelectronic(TypedDict):
    electrons: Annotated[
        int,
        Quantity("number of electrons", "electrons"),
        says("the number of electrons of {ion}", ask="How many electrons does {ion} have"),
    ]  # fmt: skip
    ions: Annotated[
        list[Annotated[str, Entity("ion")]],
        says("the other ions in Shannon's table with as many electrons as {ion}", noun="ion", plural="ions",
             only="the only other ion in Shannon's table with as many electrons as {ion}"),
    ]  # fmt: skip
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"ion": "Na+"}, {"/electrons": 10, "/ions": ["N3-", "O2-", "F-", "Mg2+", "Al3+", "Si4+", "P5+",
                "S6+", "Cl7+"]}, "identity: ten electrons each"),
        example({"ion": "Zn2+"}, {"/electrons": 28}, "identity: 30 - 2"),
    ],
    **MENDELEEV,
)  # fmt: skip
def isoelectronic_ions(ion: Ion) -> Isoelectronic:
    """List the other ions of Shannon's table (mendeleev) with as many electrons as an ion, by atomic number."""
    number, charge = find_ion(ion)
    same = [key for key in sorted(_radii()) if key[0] - key[1] == number - charge and key != (number, charge)]
    return {"electrons": number - charge, "ions": [ion_name(*key) for key in same], "complete": True}


class Strength(TypedDict):
    potential: Annotated[
        float,
        Quantity("ionic potential", "elementary charges per nanometre"),
        says("the ionic potential of {ion} with its six-fold Shannon radius",
             noun="ionic potential"),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"ion": "Na+"}, {"/potential": 1 / 0.102}, "identity: charge by radius, 102 pm"),
        example({"ion": "Mg2+"}, {"/potential": 2 / 0.072}, "identity: charge by radius, 72 pm"),
    ],
    **MENDELEEV,
)
def ionic_potential(ion: Ion) -> Strength:
    """Compute the ionic potential of a cation: its charge divided by Shannon's six-fold radius, per nanometre."""
    if find_ion(ion)[1] < 0:
        raise Refusal("the ionic potential is that of a cation")
    return {"potential": find_ion(ion)[1] / (ion_radius(ion, 6)["radius"] / 1000)}
