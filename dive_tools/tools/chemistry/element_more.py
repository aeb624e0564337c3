"""More data of the elements: heats, electron affinity, radii, crystals, successive ionisation, neutrons, prices."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.chemistry.elements import MENDELEEV, Element, database, find_element, row_of, table
from dive_tools.values import Entity, Given, Quantity, says

LATTICES = {
    "FCC": "face-centred cubic", "BCC": "body-centred cubic", "HEX": "hexagonal", "RHL": "rhombohedral",
    "TET": "tetragonal", "ORC": "orthorhombic", "CUB": "cubic", "SC": "simple cubic", "DIA": "diamond cubic",
    "MCL": "monoclinic",
}  # fmt: skip


def _something(found: dict[str, Any], what: str) -> None:
    if all(value is None for value in found.values()):
        raise Refusal(f"the mendeleev table has no {what}")


class Heats(TypedDict):
    fusion: Annotated[
        float | None,
        Quantity("enthalpy of fusion", "kilojoules per mole"),
        says("the heat of fusion of {element} in the mendeleev table", noun="heat of fusion",
             scope="in the mendeleev table"),
    ]  # fmt: skip
    evaporation: Annotated[
        float | None,
        Quantity("enthalpy of vaporisation", "kilojoules per mole"),
        says("the heat of evaporation of {element} in the mendeleev table", noun="heat of evaporation",
             scope="in the mendeleev table"),
    ]  # fmt: skip
    atomisation: Annotated[
        float | None,
        Quantity("enthalpy of atomisation", "kilojoules per mole"),
        says("the enthalpy of formation of {element} as gaseous atoms in the mendeleev table",
             noun="enthalpy of formation of the gaseous atoms", scope="in the mendeleev table"),
    ]  # fmt: skip


@tool(
    "retrieval",
    examples=[
        example({"element": "copper"}, {"/atomisation": 337.4}, "published: CODATA key values, 337.4 kJ/mol"),
        example({"element": "gallium"}, {"/fusion": 5.59}, "published: CRC Handbook, 5.59 kJ/mol"),
    ],
    **MENDELEEV,
)
def element_heats(element: Element) -> Heats:
    """Look up an element's heats of fusion, of evaporation and of formation of gaseous atoms in kJ/mol (mendeleev).

    A value that the table does not have is null. The first is per mole of molecules for the diatomic elements.
    """
    row = row_of(element)
    diatomic = row["symbol"] in ("H", "N", "O", "F", "Cl", "Br", "I")
    found = {"fusion": None if diatomic else row["fusion_heat"],
             "evaporation": None if diatomic else row["evaporation_heat"],
             "atomisation": row["heat_of_formation"]}  # fmt: skip
    _something(found, f"heat of {element}")
    return found  # type: ignore[return-value]


class Affinity(TypedDict):
    affinity: Annotated[
        float,
        Quantity("energy of one particle", "electronvolts"),
        says("the electron affinity of {element} in the mendeleev table", noun="electron affinity",
             scope="in the mendeleev table"),
    ]  # fmt: skip


@tool(
    "retrieval",
    examples=[
        example({"element": "chlorine"}, {"/affinity": 3.6127}, "published: CRC Handbook, 3.612725", tolerance=1e-4),
        example({"element": "copper"}, {"/affinity": 1.235}, "published: CRC Handbook, 1.23578", tolerance=1e-3),
        example({"element": "neon"}, {"error": "refused"}, "published: neon binds no electron"),
    ],
    **MENDELEEV,
)
def electron_affinity(element: Element) -> Affinity:
    """Look up the electron affinity of an element in eV (mendeleev table).

    Refuses elements without a measured value, and those whose atom binds no further electron.
    """
    value = row_of(element)["electron_affinity"]
    if value is None or value <= 0:
        raise Refusal(f"the mendeleev table has no positive electron affinity of {element}")
    return {"affinity": value}


class Radii(TypedDict):
    van_der_waals: Annotated[
        float | None,
        Quantity("van der Waals radius", "picometres"),
        says("the van der Waals radius of {element} after Alvarez", noun="van der Waals radius", scope="after Alvarez",
             most="largest", least="smallest", more="larger", less="smaller"),
    ]  # fmt: skip
    metallic: Annotated[
        float | None,
        Quantity("metallic radius", "picometres"),
        says("the metallic radius of {element} for twelve-fold coordination in the mendeleev table",
             noun="metallic radius", scope="for twelve-fold coordination in the mendeleev table",
             most="largest", least="smallest", more="larger", less="smaller"),
    ]  # fmt: skip


@tool(
    "retrieval",
    examples=[
        example({"element": "iron"}, {"/van_der_waals": 244}, "published: Alvarez 2013, Fe 2.44 A"),
        example({"element": "copper"}, {"/van_der_waals": 238, "/metallic": 128}, "published: Alvarez 2013, Cu 2.38 A"),
    ],
    **MENDELEEV,
)
def element_radii(element: Element) -> Radii:
    """Look up an element's van der Waals radius (Alvarez) and metallic radius (coordination 12) in pm (mendeleev)."""
    row = row_of(element)
    found = {"van_der_waals": row["vdw_radius_alvarez"], "metallic": row["metallic_radius_c12"]}
    _something(found, f"radius of {element}")
    return found  # type: ignore[return-value]


class Crystal(TypedDict):
    structure: Annotated[
        str,
        says("the crystal lattice of {element} in the mendeleev table", noun="crystal lattice",
             ask="What kind of crystal lattice does {element} have by the mendeleev table"),
    ]  # fmt: skip
    constant: Annotated[
        float,
        Quantity("lattice constant", "ångströms"),
        says("the lattice constant of {element} in the mendeleev table", noun="lattice constant",
             scope="in the mendeleev table", most="largest", least="smallest", more="larger", less="smaller"),
    ]  # fmt: skip


@tool(
    "retrieval",
    examples=[
        example({"element": "copper"}, {"/structure": "face-centred cubic", "/constant": 3.61},
                "published: copper, fcc, 3.61 A"),
        example({"element": "iron"}, {"/structure": "body-centred cubic", "/constant": 2.87},
                "published: alpha iron, bcc, 2.87 A"),
    ],
    **MENDELEEV,
)  # fmt: skip
def element_crystal(element: Element) -> Crystal:
    """Look up an element's kind of crystal lattice and its lattice constant in ångströms (mendeleev table)."""
    row = row_of(element)
    if row["lattice_structure"] is None or row["lattice_constant"] is None:
        raise Refusal(f"the mendeleev table has no lattice of {element}")
    return {"structure": LATTICES[row["lattice_structure"]], "constant": row["lattice_constant"]}


@lru_cache(maxsize=1)
def _energies() -> dict[tuple[int, int], float]:
    rows = database().execute("SELECT atomic_number, ion_charge, ionization_energy FROM ionizationenergies")
    return {(r["atomic_number"], r["ion_charge"]): r["ionization_energy"] for r in rows if r["ionization_energy"]}


class Successive(TypedDict):
    energy: Annotated[
        float,
        Quantity("energy of one particle", "electronvolts"),
        says("the {step} ionisation energy of {element} in the mendeleev table", noun="ionisation energy",
             scope="in the mendeleev table"),
    ]  # fmt: skip


@tool(
    "retrieval",
    examples=[
        example({"element": "helium", "step": 2}, {"/energy": 54.41776}, "published: NIST ASD, He II 54.4177655 eV",
                tolerance=1e-6),
        example({"element": "sodium", "step": 2}, {"/energy": 47.2864}, "published: NIST ASD, Na II 47.2864 eV",
                tolerance=1e-4),
        example({"element": "hydrogen", "step": 2}, {"error": "refused"}, "identity: hydrogen has one electron"),
    ],
    **MENDELEEV,
)  # fmt: skip
def successive_ionisation_energy(
    element: Element,
    step: Annotated[int, Given({2: "second", 3: "third", 4: "fourth"}), Meta(description="1 for the first", ge=1)],
) -> Successive:
    """Look up the energy in eV that removes the n-th electron of an atom (NIST values in the mendeleev table)."""
    found = _energies().get((row_of(element)["atomic_number"], step - 1))
    if found is None:
        raise Refusal(f"the mendeleev table has no ionisation energy number {step} of {element}")
    return {"energy": found}


class Price(TypedDict):
    price: Annotated[
        float,
        Quantity("price per kilogram", "US dollars per kilogram"),
        says("the price of a kilogram of {element} in the mendeleev table", noun="price per kilogram",
             scope="in the mendeleev table"),
    ]  # fmt: skip


@tool(
    "retrieval",
    examples=[
        example({"element": "copper"}, {"/price": 6.0}, "published: Wikipedia, Prices of chemical elements, 6.00"),
        example({"element": "cobalt"}, {"/price": 32.8}, "published: Wikipedia, Prices of chemical elements, 32.8"),
    ],
    **MENDELEEV,
)
def element_price(element: Element) -> Price:
    """Look up the price of an element in US dollars per kilogram as recorded in the mendeleev table."""
    value = row_of(element)["price_per_kg"]
    if value is None:
        raise Refusal(f"the mendeleev table has no price of {element}")
    return {"price": value}


class Neutron(TypedDict):
    scattering_length: Annotated[
        float,
        Quantity("neutron scattering length", "femtometres", scale="interval"),
        says("the bound coherent neutron scattering length of {element} in periodictable",
             noun="bound coherent neutron scattering length", scope="in periodictable"),
    ]  # fmt: skip
    absorption: Annotated[
        float,
        Quantity("neutron absorption cross section", "barns"),
        says("the thermal neutron absorption cross section of {element} in periodictable",
             noun="thermal neutron absorption cross section", scope="in periodictable", most="largest",
             least="smallest", more="larger", less="smaller"),
    ]  # fmt: skip


@tool(
    "retrieval",
    needs=("periodictable", "mendeleev"),
    source="neutron scattering tables of periodictable (Sears; Rauch and Waschkowski)",
    licence="public domain",
    examples=[
        example({"element": "hydrogen"}, {"/scattering_length": -3.739, "/absorption": 0.3326},
                "published: Sears 1992, -3.7390 fm and 0.3326 barn", tolerance=1e-3),
        example({"element": "vanadium"}, {"/absorption": 5.08}, "published: Sears 1992, 5.08 barn", tolerance=1e-2),
    ],
)  # fmt: skip
def element_neutron_data(element: Element) -> Neutron:
    """Look up the bound coherent scattering length (fm) and the absorption cross section (barn, 2200 m/s) for neutrons.

    For the element with its natural isotopes, from the periodictable package.
    """
    import periodictable

    found = periodictable.elements.symbol(row_of(element)["symbol"]).neutron
    if found.b_c is None or found.absorption is None:
        raise Refusal(f"periodictable has no neutron data of {find_element(element)}")
    return {"scattering_length": float(found.b_c), "absorption": float(found.absorption)}


class Mulliken(TypedDict):
    electronegativity: Annotated[
        float,
        Quantity("Mulliken electronegativity", "electronvolts"),
        says("the Mulliken electronegativity of {element}",
             noun="Mulliken electronegativity"),
    ]  # fmt: skip
    hardness: Annotated[
        float,
        Quantity("chemical hardness", "electronvolts"),
        says("the chemical hardness of {element} after Parr and Pearson", noun="chemical hardness",
             scope="after Parr and Pearson"),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"element": "chlorine"}, {"/electronegativity": 8.30, "/hardness": 4.68},
                "published: Pearson 1988, Cl 8.30 and 4.68 eV", tolerance=2e-3),
        example({"element": "sodium"}, {"/electronegativity": 2.85, "/hardness": 2.30},
                "published: Pearson 1988, Na 2.85 and 2.30 eV", tolerance=3e-3),
    ],
    **MENDELEEV,
)  # fmt: skip
def mulliken_electronegativity(element: Element) -> Mulliken:
    """Compute the Mulliken electronegativity (I + A) / 2 and the chemical hardness (I - A) / 2 of an atom in eV.

    From the ionisation energy and the electron affinity in mendeleev; refuses elements without an affinity.
    """
    first, affinity = row_of(element)["ionisation"], electron_affinity(element)["affinity"]
    return {"electronegativity": (first + affinity) / 2, "hardness": (first - affinity) / 2}


class Contemporaries(TypedDict):
    elements: Annotated[
        list[Annotated[str, Entity("element")]],
        says("the other elements discovered in the same year as {element} by the mendeleev table", noun="element",
             plural="elements",
             only="the only other element discovered in the same year as {element} by the mendeleev table",
             ask_count="How many other elements were discovered in the same year as {element} by the mendeleev table"),
    ]  # fmt: skip
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"element": "sodium"}, {"/elements": ["potassium"]}, "published: both isolated by Davy in 1807"),
        example({"element": "rubidium"}, {"/elements": ["thallium"]}, "published: Bunsen and Kirchhoff; Crookes, 1861"),
        example({"element": "gold"}, {"error": "refused"}, "identity: known since antiquity"),
    ],
    **MENDELEEV,
)  # fmt: skip
def elements_of_same_year(element: Element) -> Contemporaries:
    """List the other elements discovered in the same year as an element (mendeleev table), by atomic number.

    Refuses elements known since antiquity or the Middle Ages, for which the table has no year.
    """
    name = find_element(element)
    year = table()[name]["discovery_year"]
    if year is None:
        raise Refusal(f"the mendeleev table has no year of discovery for {element}")
    found = [other for other, row in table().items() if row["discovery_year"] == year and other != name]
    return {"elements": found, "complete": True}
