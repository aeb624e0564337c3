"""More on nuclides: spin and magnetism, isobars, decay chains and decay energies."""

from __future__ import annotations

from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.chemistry.elements import MENDELEEV, Element, row_of
from dive_tools.tools.chemistry.nuclides import (
    Nuclide,
    decay_daughter,
    find_nuclide,
    half_life,
    main_mode,
    name_of,
    nuclide_rows,
)  # fmt: skip
from dive_tools.values import Entity, Given, Quantity, says

MAGNETON = 7.6225932188  # MHz per tesla: the nuclear magneton over the Planck constant, CODATA 2022


class Spin(TypedDict):
    spin: Annotated[str, says("the nuclear spin of {nuclide} in the mendeleev table", noun="nuclear spin")]
    g_factor: Annotated[
        float | None,
        Quantity("nuclear g-factor", "", scale="interval"),
        says("the nuclear g-factor of {nuclide} in the mendeleev table", noun="nuclear g-factor",
             scope="in the mendeleev table"),
    ]  # fmt: skip


@tool(
    "retrieval",
    examples=[
        example({"nuclide": "hydrogen-1"}, {"/spin": "1/2", "/g_factor": 5.5856946893},
                "published: CODATA, proton g-factor 5.5856946893", tolerance=1e-6),
        example({"nuclide": "nitrogen-14"}, {"/spin": "1"}, "published: NUBASE2020"),
    ],
    **MENDELEEV,
)  # fmt: skip
def nuclide_spin(nuclide: Nuclide) -> Spin:
    """Look up the spin (in units of h-bar) and the g-factor of the ground state of a nucleus (mendeleev table).

    The g-factor is null where it has not been measured. Refuses nuclides without an assigned spin.
    """
    row = find_nuclide(nuclide)
    if not row["spin"]:
        raise Refusal(f"the mendeleev table has no spin of {nuclide}")
    return {"spin": row["spin"], "g_factor": row["g_factor"] if row["spin"] != "0" else None}


class Isobars(TypedDict):
    isobars: Annotated[
        list[Annotated[str, Entity("nuclide")]],
        says("the other naturally occurring nuclides with the same mass number as {nuclide}", noun="nuclide",
             plural="nuclides",
             ask_count="How many other naturally occurring nuclides have the same mass number as {nuclide}"),
    ]  # fmt: skip
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"nuclide": "carbon-14"}, {"/isobars": ["nitrogen-14"]}, "published: IUPAC, isotopic compositions"),
        example({"nuclide": "potassium-40"}, {"/isobars": ["argon-40", "calcium-40"]},
                "published: IUPAC, isotopic compositions"),
    ],
    **MENDELEEV,
)  # fmt: skip
def natural_isobars(nuclide: Nuclide) -> Isobars:
    """List the other nuclides of the same mass number that occur naturally (mendeleev table), by atomic number."""
    row = find_nuclide(nuclide)
    found = sorted(
        key for key, other in nuclide_rows().items()
        if key[1] == row["mass_number"] and other["abundance"] and key[0] != row["atomic_number"]
    )  # fmt: skip
    return {"isobars": [name_of(*key) for key in found], "complete": True}


class Isotones(TypedDict):
    isotones: Annotated[
        list[Annotated[str, Entity("nuclide")]],
        says("the other naturally occurring nuclides with as many neutrons as {nuclide}", noun="nuclide",
             plural="nuclides",
             ask_count="How many other naturally occurring nuclides have as many neutrons as {nuclide}"),
    ]  # fmt: skip
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"nuclide": "carbon-14"}, {"/isotones": ["nitrogen-15", "oxygen-16"]}, "identity: eight neutrons"),
        example({"nuclide": "hydrogen-3"}, {"/isotones": ["helium-4"]}, "identity: two neutrons"),
    ],
    **MENDELEEV,
)
def natural_isotones(nuclide: Nuclide) -> Isotones:
    """List the other nuclides with the same number of neutrons that occur naturally (mendeleev table)."""
    row = find_nuclide(nuclide)
    here = row["atomic_number"], row["mass_number"]
    found = sorted(
        key for key, other in nuclide_rows().items()
        if key[1] - key[0] == here[1] - here[0] and other["abundance"] and key != here
    )  # fmt: skip
    return {"isotones": [name_of(*key) for key in found], "complete": True}


class Longest(TypedDict):
    nuclide: Annotated[
        str,
        Entity("nuclide"),
        says("the longest-lived radioactive isotope of {element} in the mendeleev table",
             noun="longest-lived radioactive isotope",
             ask="Which radioactive isotope of {element} has the longest half-life in the mendeleev table"),
    ]  # fmt: skip


@tool(
    "retrieval",
    examples=[
        example({"element": "carbon"}, {"/nuclide": "carbon-14"}, "published: NUBASE2020"),
        example({"element": "technetium"}, {"/nuclide": "technetium-97"}, "published: NUBASE2020, 4.21 million years"),
        example({"element": "uranium"}, {"/nuclide": "uranium-238"}, "published: NUBASE2020"),
    ],
    **MENDELEEV,
)
def longest_lived_isotope(element: Element) -> Longest:
    """Find the radioactive isotope of an element with the longest half-life in the mendeleev table (NUBASE)."""
    number = row_of(element)["atomic_number"]
    lives = {key: half_life(row) for key, row in nuclide_rows().items() if key[0] == number and row["is_radioactive"]}
    known = {key: life for key, life in lives.items() if life}
    if not known:
        raise Refusal(f"the mendeleev table has no half-life of an isotope of {element}")
    return {"nuclide": name_of(*max(known, key=lambda key: known[key]))}


class Chain(TypedDict):
    nuclides: Annotated[
        list[Annotated[str, Entity("nuclide")]],
        says("the nuclides that follow {nuclide} in its decay chain, main decay by main decay, down to a stable one,",
             noun="nuclide", plural="nuclides",
             ask_count="How many nuclides follow {nuclide} in its decay chain, main decay by main decay, down to and "
             "including the stable one"),
    ]  # fmt: skip
    end: Annotated[
        str,
        Entity("nuclide"),
        says("the stable nuclide at the end of the decay chain of {nuclide}", noun="stable end of the decay chain",
             ask="With which stable nuclide does the decay chain of {nuclide} end"),
    ]  # fmt: skip
    complete: bool


@tool(
    "processing",
    examples=[
        example({"nuclide": "strontium-90"}, {"/nuclides": ["yttrium-90", "zirconium-90"], "/end": "zirconium-90"},
                "published: NUBASE2020"),
        example({"nuclide": "radon-222"}, {"/end": "lead-206"}, "published: the uranium series ends with lead-206"),
        example({"nuclide": "radium-224"}, {"/end": "lead-208"}, "published: the thorium series ends with lead-208"),
    ],
    **MENDELEEV,
)  # fmt: skip
def decay_chain(nuclide: Nuclide) -> Chain:
    """Follow the most frequent decay of each nuclide in turn, from a radioactive one to the first stable nuclide.

    From the decay modes in the mendeleev table (NUBASE). Refuses stable nuclides, and chains where a nuclide has no
    alpha or beta mode with more than half of its decays.
    """
    found, here = [], nuclide
    for _ in range(40):
        here = decay_daughter(here)["daughter"]
        found.append(here)
        if not find_nuclide(here)["is_radioactive"]:
            return {"nuclides": found, "end": here, "complete": True}
    raise Refusal(f"the decay chain of {nuclide} does not come to an end")


class Released(TypedDict):
    energy: Annotated[
        float,
        Quantity("decay energy", "megaelectronvolts"),
        says("the Q value of the main decay of {nuclide}", noun="Q value"),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"nuclide": "carbon-14"}, {"/energy": 0.156476}, "published: AME2020, 156.476 keV", tolerance=1e-3),
        example({"nuclide": "polonium-210"}, {"/energy": 5.4075}, "published: AME2020, 5407.53 keV", tolerance=1e-4),
    ],
    **MENDELEEV,
)
def decay_energy(nuclide: Nuclide) -> Released:
    """Compute the Q value of the main decay of a nuclide in MeV, from atomic masses (mendeleev, AME2020).

    (parent - daughter - alpha particle's helium atom) c²; for beta-plus decays that of electron capture.
    """
    row = find_nuclide(nuclide)
    mode, masses = main_mode(row), nuclide_rows()
    daughter = find_nuclide(decay_daughter(nuclide)["daughter"])
    if row["mass"] is None or daughter["mass"] is None:
        raise Refusal(f"the mendeleev table lacks a mass for the decay of {nuclide}")
    left = row["mass"] - daughter["mass"] - (masses[(2, 4)]["mass"] if mode == "A" else 0.0)
    if left <= 0:
        raise Refusal(f"the masses in the mendeleev table leave no energy for the decay of {nuclide}")
    return {"energy": left * 931.49410372}


class Resonance(TypedDict):
    frequency: Annotated[
        float,
        Quantity("resonance frequency", "megahertz"),
        says("the nuclear magnetic resonance frequency of {nuclide} in a field of {tesla} teslas",
             noun="nuclear magnetic resonance frequency"),
    ]  # fmt: skip


@tool(
    "processing",
    source="mendeleev; nuclear magneton by CODATA 2022",
    needs=("mendeleev",),
    licence="MIT",
    examples=[
        example({"nuclide": "hydrogen-1", "tesla": 9.4}, {"/frequency": 400.2}, "published: 42.577 MHz per tesla",
                tolerance=1e-3),
        example({"nuclide": "carbon-13", "tesla": 1}, {"/frequency": 10.708}, "published: 10.708 MHz per tesla",
                tolerance=1e-3),
        example({"nuclide": "carbon-12", "tesla": 1}, {"error": "refused"}, "identity: no spin, no resonance"),
    ],
)  # fmt: skip
def nmr_frequency(
    nuclide: Nuclide, tesla: Annotated[float, Given(2.35, 4.7, 9.4, 11.7), Meta(description="field in teslas", gt=0)]
) -> Resonance:
    """Compute the frequency in MHz at which a bare nucleus resonates in a magnetic field, |g| μN B / h.

    Refuses nuclides without spin and those without a g-factor in the mendeleev table.
    """
    row = find_nuclide(nuclide)
    if not row["g_factor"] or row["spin"] == "0":
        raise Refusal(f"{nuclide} has no nuclear g-factor in the mendeleev table")
    return {"frequency": abs(row["g_factor"]) * MAGNETON * tesla}
