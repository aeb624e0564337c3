"""Data of the chemical elements in mendeleev's table: the substance, the atom, discovery, electrons."""

from __future__ import annotations

import re
from typing import Annotated, TypedDict

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.chemistry.elements import MENDELEEV, Element, by_symbol, database, row_of
from dive_tools.values import Quantity, says

# --- data of the substance and of the atom --------------------------------------------------------------------------


class Bulk(TypedDict):
    density: Annotated[
        float | None,
        Quantity("density", "grams per cubic centimetre"),
        says("the density of {element} in the mendeleev table", noun="density"),
    ]
    specific_heat: Annotated[
        float | None,
        Quantity("specific heat capacity", "joules per gram and kelvin"),
        says("the specific heat capacity of {element} in the mendeleev table", noun="specific heat capacity"),
    ]
    thermal_conductivity: Annotated[
        float | None,
        Quantity("thermal conductivity", "watts per metre and kelvin"),
        says("the thermal conductivity of {element} in the mendeleev table", noun="thermal conductivity"),
    ]


@tool(
    "retrieval",
    examples=[
        example({"element": "gold"}, {"/density": 19.3}, "published: CRC Handbook, gold 19.3 g/cm3", tolerance=0.01),
        example(
            {"element": "Cu"},
            {"/specific_heat": 0.385, "/thermal_conductivity": 401},
            "published: CRC Handbook, copper",
            tolerance=0.01,
        ),
    ],
    **MENDELEEV,
)
def element_bulk_data(element: Element) -> Bulk:
    """Look up an element's density (g/cm³ at 295 K), specific heat capacity (J/(g K)), thermal conductivity (W/(m K)).

    Source: the mendeleev table; a value that the table does not have is null.
    """
    row = row_of(element)
    return {
        "density": row["density"],
        "specific_heat": row["specific_heat_capacity"],
        "thermal_conductivity": row["thermal_conductivity"],
    }


class Phases(TypedDict):
    melting_point: Annotated[
        float,
        Quantity("temperature", "kelvins", scale="interval"),
        says(
            "the melting point of {element} in the mendeleev table",
            noun="melting point",
            ask="At what temperature does {element} melt, by the mendeleev table",
        ),
    ]
    boiling_point: Annotated[
        float | None,
        Quantity("temperature", "kelvins", scale="interval"),
        says(
            "the boiling point of {element} in the mendeleev table",
            noun="boiling point",
            ask="At what temperature does {element} boil, by the mendeleev table",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example(
            {"element": "tungsten"},
            {"/melting_point": 3687},
            "published: CRC Handbook, 3414 degrees Celsius",
            tolerance=0.005,
        ),
        example(
            {"element": "mercury"},
            {"/melting_point": 234.32},
            "published: fixed point of the ITS-90 scale, 234.3156 K",
            tolerance=1e-4,
        ),
        example(
            {"element": "phosphorus"}, {"error": "refused"}, "identity: its allotropes melt at different temperatures"
        ),
    ],
    **MENDELEEV,
)
def element_phase_changes(element: Element) -> Phases:
    """Look up the melting point and the boiling point of an element in kelvins at normal pressure (mendeleev table).

    Refuses elements that the table lists by several allotropes (phosphorus, sulfur, selenium, tin) or only as
    subliming (carbon, arsenic), and those without a measured melting point. An unknown boiling point is null.
    """
    phases = row_of(element)["phases"]
    if len(phases) != 1 or phases[0]["melting_point"] is None or phases[0]["is_sublimation_point"]:
        raise Refusal(f"the mendeleev table has no single melting point for {element}")
    return {"melting_point": phases[0]["melting_point"], "boiling_point": phases[0]["boiling_point"]}


class Atom(TypedDict):
    electronegativity: Annotated[
        float | None,
        Quantity("Pauling electronegativity"),
        says("the Pauling electronegativity of {element}", noun="Pauling electronegativity"),
    ]
    ionisation_energy: Annotated[
        float | None,
        Quantity("energy of one particle", "electronvolts"),
        says(
            "the first ionisation energy of {element}",
            noun="first ionisation energy",
            ask="How much energy does it take to remove one electron from a neutral atom of {element}",
        ),
    ]
    covalent_radius: Annotated[
        float | None,
        Quantity("atomic radius", "picometres"),
        says(
            "the covalent radius of {element} after Cordero",
            noun="covalent radius after Cordero",
            most="largest",
            least="smallest",
            more="larger",
            less="smaller",
        ),
    ]
    molar_mass: Annotated[
        float,
        Quantity("molar mass", "grams per mole"),
        says("the molar mass of {element} as single atoms", noun="molar mass"),
    ]


@tool(
    "retrieval",
    examples=[
        example({"element": "fluorine"}, {"/electronegativity": 3.98}, "published: Pauling scale, fluorine 3.98"),
        example(
            {"element": "H"},
            {"/ionisation_energy": 13.598434, "/molar_mass": 1.008},
            "published: NIST Atomic Spectra Database; IUPAC 2021 atomic weights",
            tolerance=1e-6,
        ),
        example(
            {"element": "neon"}, {"/electronegativity": None}, "published: no Pauling value for neon, CRC Handbook"
        ),
    ],
    **MENDELEEV,
)
def element_atom_data(element: Element) -> Atom:
    """Look up electronegativity (Pauling), first ionisation energy (eV), covalent radius (pm) and molar mass (g/mol).

    Source: the mendeleev table; the radii are Cordero's; a missing value is null. The molar mass of an element without
    stable isotopes is that of one long-lived isotope.
    """
    row = row_of(element)
    return {
        "electronegativity": row["en_pauling"],
        "ionisation_energy": row["ionisation"],
        "covalent_radius": row["covalent_radius_cordero"],
        "molar_mass": row["atomic_weight"],
    }


class Abundance(TypedDict):
    crust: Annotated[
        float | None,
        Quantity("abundance in the crust", "milligrams per kilogram", additive=True),
        says(
            "the abundance of {element} in the Earth's crust in the mendeleev table",
            noun="abundance",
            scope="in the Earth's crust in the mendeleev table",
        ),
    ]
    sea: Annotated[
        float | None,
        Quantity("abundance in the sea", "milligrams per litre", additive=True),
        says(
            "the concentration of {element} in sea water in the mendeleev table",
            noun="concentration",
            scope="in sea water in the mendeleev table",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example(
            {"element": "oxygen"}, {"/crust": 461000.0}, "published: CRC Handbook, abundance of elements in the crust"
        ),
        example({"element": "gold"}, {"/crust": 0.004}, "published: CRC Handbook, abundance of elements in the crust"),
    ],
    **MENDELEEV,
)
def element_abundance(element: Element) -> Abundance:
    """Look up the abundance of an element in the Earth's crust (mg/kg) and in sea water (mg/L).

    From the mendeleev table; a value that it does not have is null.
    """
    row = row_of(element)
    return {"crust": row["abundance_crust"], "sea": row["abundance_sea"]}


class Discovery(TypedDict):
    year: Annotated[
        int,
        Quantity("year", "", scale="interval"),
        says(
            "the year in which {element} was discovered, by the mendeleev table",
            noun="year of discovery",
            most="latest",
            least="earliest",
            more="later",
            less="earlier",
            ask="In which year was {element} discovered, by the mendeleev table",
        ),
    ]
    discoverers: Annotated[str | None, says(quiet=True)]


@tool(
    "retrieval",
    examples=[
        example({"element": "sodium"}, {"/year": 1807}, "published: isolated by Humphry Davy in 1807"),
        example({"element": "gallium"}, {"/year": 1875}, "published: Lecoq de Boisbaudran, 1875"),
        example({"element": "gold"}, {"error": "refused"}, "identity: known since antiquity"),
    ],
    **MENDELEEV,
)
def element_discovery(element: Element) -> Discovery:
    """Look up the year in which an element was discovered, and by whom, in the mendeleev table.

    Refuses elements known since antiquity or the Middle Ages, for which the table has no year.
    """
    row = row_of(element)
    if row["discovery_year"] is None:
        raise Refusal(f"the mendeleev table has no year of discovery for {element}")
    return {"year": row["discovery_year"], "discoverers": row["discoverers"]}


class Oxidation(TypedDict):
    highest: Annotated[
        int,
        Quantity("oxidation state", "", scale="interval"),
        says("the highest main oxidation state of {element} listed by mendeleev", noun="highest main oxidation state"),
    ]
    lowest: Annotated[
        int,
        Quantity("oxidation state", "", scale="interval"),
        says("the lowest main oxidation state of {element} listed by mendeleev", noun="lowest main oxidation state"),
    ]


@tool(
    "retrieval",
    examples=[
        example(
            {"element": "chlorine"},
            {"/highest": 7, "/lowest": -1},
            "published: chlorine from chloride (-1) to perchlorate (+7)",
        ),
        example({"element": "Ca"}, {"/highest": 2, "/lowest": 2}, "published: calcium forms only the +2 ion"),
        example({"element": "neon"}, {"error": "refused"}, "published: neon forms no compounds"),
    ],
    **MENDELEEV,
)
def element_oxidation_states(element: Element) -> Oxidation:
    """Look up the highest and the lowest of the main oxidation states of an element in the mendeleev table.

    Refuses elements for which the table has no main oxidation state, such as neon.
    """
    found = [
        row["oxidation_state"]
        for row in database().execute(
            "SELECT oxidation_state FROM oxidationstates WHERE category = 'main' AND atomic_number = ?",
            (row_of(element)["atomic_number"],),
        )
    ]
    if not found:
        raise Refusal(f"the mendeleev table has no main oxidation state for {element}")
    return {"highest": max(found), "lowest": min(found)}


# --- electrons ------------------------------------------------------------------------------------------------------


class Configuration(TypedDict):
    configuration: Annotated[
        str,
        says("the ground-state electron configuration of {element}", noun="electron configuration"),
    ]
    core: Annotated[
        str | None,
        says(
            "the last noble gas before {element} in the periodic table",
            ask="Which noble gas stands for the core in the electron configuration of {element}",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example(
            {"element": "chromium"},
            {"/configuration": "[Ar] 3d5 4s1", "/core": "argon"},
            "published: NIST Atomic Spectra Database, Cr I",
        ),
        example(
            {"element": "helium"},
            {"/configuration": "1s2", "/core": None},
            "published: NIST Atomic Spectra Database, He I",
        ),
    ],
    **MENDELEEV,
)
def electron_configuration(element: Element) -> Configuration:
    """Look up the ground-state electron configuration of a neutral atom, as in "[Ne] 3s1" (mendeleev table).

    Gives the noble gas of the core too; null for hydrogen and helium.
    """
    core, outer = _subshells(row_of(element)["electronic_configuration"])
    text = " ".join(f"{name}{count}" for name, count in outer)
    return {"configuration": f"[{core}] {text}" if core else text, "core": by_symbol()[core] if core else None}


def _subshells(text: str) -> tuple[str, list[tuple[str, int]]]:
    """("Ne", [("3s", 1)]) of "[Ne] 3s"."""
    core = re.match(r"\[(\w+)\] ", text)
    found = re.findall(r"(\d[spdf])(\d*)", text[core.end() :] if core else text)
    return (core[1] if core else ""), [(name, int(count or 1)) for name, count in found]


CORE_SHELLS = {"Ne": "2", "Ar": "3", "Kr": "4", "Xe": "5", "Rn": "6"}  # where a noble-gas core holds eight electrons


class Shells(TypedDict):
    unpaired: Annotated[
        int,
        Quantity("number of electrons", "electrons"),
        says(
            "the number of unpaired electrons in a ground-state atom of {element}, by Hund's rule",
            noun="number of unpaired electrons",
            most="largest",
            least="smallest",
            more="larger",
            less="smaller",
            ask="How many unpaired electrons does a ground-state atom of {element} have, by Hund's rule",
        ),
    ]
    outermost: Annotated[
        int,
        Quantity("number of electrons", "electrons"),
        says(
            "the number of electrons in the outermost shell of {element}",
            noun="number of outermost electrons",
            most="largest",
            least="smallest",
            more="larger",
            less="smaller",
        ),
    ]


@tool(
    "processing",
    version="2",
    examples=[
        example(
            {"element": "nitrogen"},
            {"/unpaired": 3, "/outermost": 5},
            "identity: three p electrons singly occupy three orbitals",
        ),
        example(
            {"element": "Cr"},
            {"/unpaired": 6, "/outermost": 1},
            "published: chromium has a 7S3 ground state, six parallel spins",
        ),
        example(
            {"element": "palladium"}, {"/unpaired": 0, "/outermost": 18}, "identity: 4s2 4p6 4d10, shells 2 8 18 18"
        ),
    ],
    **MENDELEEV,
)
def electron_pairing(element: Element) -> Shells:
    """Work out the unpaired electrons (by Hund's rule) and the electrons of the outermost shell of an atom.

    From the ground-state configuration of the neutral atom in the mendeleev table.
    """
    core, outer = _subshells(row_of(element)["electronic_configuration"])
    rooms = {"s": 1, "p": 3, "d": 5, "f": 7}
    unpaired = sum(min(count, 2 * rooms[name[1]] - count) for name, count in outer)
    shell = max(name[0] for name, _ in outer)
    inside = 8 if f"{shell}" == CORE_SHELLS.get(core) else 0  # palladium's 4d stands in the shell that krypton began
    return {"unpaired": unpaired, "outermost": inside + sum(count for name, count in outer if name[0] == shell)}
