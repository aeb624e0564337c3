"""Compounds and their elements; photons, hot bodies, warmed bodies and gases."""

from __future__ import annotations

import math
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.chemistry.compounds import Compound, atoms_of, composition, find_compound, mass_of
from dive_tools.tools.chemistry.elements import find_element, table
from dive_tools.values import Entity, Given, Quantity, says

NEEDS: dict[str, Any] = {
    "needs": ("chemicals", "mendeleev"),
    "source": "identifier tables of chemicals; atomic weights of mendeleev",
    "licence": "MIT",
}
EXACT: dict[str, Any] = {"source": "CODATA 2022: h, c, e, k, N_A exact by the SI"}
H, C, E, K, AVOGADRO = 6.62607015e-34, 299792458.0, 1.602176634e-19, 1.380649e-23, 6.02214076e23


class Formula(TypedDict):
    formula: Annotated[
        str,
        Entity("molecular_formula"),
        says("the Hill formula of {compound}", noun="Hill formula"),
    ]
    atoms: Annotated[
        int,
        Quantity("number of atoms", "atoms"),
        says(
            "the number of atoms in the formula of {compound}",
            noun="number of atoms in the formula",
            most="largest",
            least="smallest",
            more="larger",
            less="smaller",
            ask="How many atoms does the formula of {compound} contain",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"compound": "glucose"}, {"/formula": "C6H12O6", "/atoms": 24}, "published: PubChem, glucose C6H12O6"),
        example({"compound": "sodium bicarbonate"}, {"/formula": "CHNaO3", "/atoms": 6}, "published: PubChem, CHNaO3"),
        example({"compound": "phlogiston"}, {"error": "refused"}, "identity: no such substance"),
    ],
    **NEEDS,
)
def compound_formula(compound: Compound) -> Formula:
    """Look up a compound's molecular formula in Hill order, and the number of atoms in it.

    Names and formulas come from the identifier tables of the chemicals library. Refuses names that they do not have.
    """
    formula = find_compound(compound)["formula"]
    return {"formula": formula, "atoms": sum(atoms_of(formula).values())}


class MolarMass(TypedDict):
    molar_mass: Annotated[
        float,
        Quantity("molar mass of a compound", "grams per mole"),
        says("the molar mass of {compound}", noun="molar mass"),
    ]


@tool(
    "processing",
    examples=[
        example({"compound": "water"}, {"/molar_mass": 18.015}, "published: IUPAC atomic weights, 2 x 1.008 + 15.999"),
        example(
            {"compound": "calcium carbonate"},
            {"/molar_mass": 100.086},
            "published: CRC Handbook, 100.087 g/mol",
            tolerance=1e-4,
        ),
    ],
    **NEEDS,
)
def compound_molar_mass(compound: Compound) -> MolarMass:
    """Compute the molar mass of a compound in g/mol from its formula and the standard atomic weights in mendeleev."""
    return {"molar_mass": mass_of(compound)}


class MassShare(TypedDict):
    mass_percent: Annotated[
        float,
        Quantity("mass fraction", "percent"),
        says("the percentage by mass of {element} in {compound}", noun="percentage by mass", scope="of {element}"),
    ]


@tool(
    "processing",
    examples=[
        example(
            {"compound": "water", "element": "oxygen"},
            {"/mass_percent": 100 * 15.999 / 18.015},
            "identity: 15.999 of 18.015",
        ),
        example(
            {"compound": "ammonium nitrate", "element": "nitrogen"},
            {"/mass_percent": 35.0},
            "published: pure ammonium nitrate is a fertiliser of about 35 percent nitrogen",
            tolerance=2e-3,
        ),
        example({"compound": "methane", "element": "oxygen"}, {"error": "refused"}, "identity: no oxygen in it"),
    ],
    **NEEDS,
)
def element_mass_share(
    compound: Compound,
    element: Annotated[str, Given("carbon", "hydrogen"), Meta(description="name or symbol of an element")],
) -> MassShare:
    """Compute the percentage by mass that one element makes up of a compound, by the atomic weights in mendeleev.

    Refuses an element that the compound does not contain.
    """
    name = find_element(element)
    atoms = dict(composition(compound))
    if name not in atoms:
        raise Refusal(f"{compound} does not contain {name}")
    return {"mass_percent": 100 * atoms[name] * table()[name]["atomic_weight"] / mass_of(compound)}


class Amount(TypedDict):
    moles: Annotated[
        float,
        Quantity("amount of substance", "moles", additive=True),
        says(
            "the amount of substance in {grams} grams of {compound}",
            noun="amount of substance",
            ask="How many moles are there in {grams} grams of {compound}",
            most="largest",
            least="smallest",
            more="larger",
            less="smaller",
        ),
    ]


@tool(
    "processing",
    examples=[
        example({"compound": "water", "grams": 18.015}, {"/moles": 1.0}, "identity: one molar mass is one mole"),
        example(
            {"compound": "sodium hydroxide", "grams": 40},
            {"/moles": 1.0},
            "published: molar mass 39.997 g/mol",
            tolerance=1e-4,
        ),
    ],
    **NEEDS,
)
def compound_amount(
    compound: Compound, grams: Annotated[float, Given(10, 25, 50, 100, 250), Meta(description="mass in grams", gt=0)]
) -> Amount:
    """Compute the amount of substance, in moles, in a mass of a compound given in grams."""
    return {"moles": grams / mass_of(compound)}


# --- photons, heat and gases ----------------------------------------------------------------------------------------


class Photon(TypedDict):
    wavelength: Annotated[
        float,
        Quantity("wavelength", "nanometres"),
        says(
            "the wavelength of a photon whose energy equals {energy}",
            noun="photon wavelength",
            most="longest",
            least="shortest",
            more="longer",
            less="shorter",
        ),
    ]
    frequency: Annotated[
        float,
        Quantity("frequency", "terahertz"),
        says("the frequency of a photon whose energy equals {energy}", noun="photon frequency"),
    ]


@tool(
    "processing",
    examples=[
        example({"energy": 1.0}, {"/wavelength": 1239.841984}, "published: CODATA hc = 1239.841984 eV nm"),
        example(
            {"energy": 13.605693122994},
            {"/wavelength": 91.12670505},
            "published: CODATA, inverse of the Rydberg constant",
        ),
    ],
    **EXACT,
)
def photon_of_energy(
    energy: Annotated[
        float, Quantity("energy of one particle", "electronvolts"), Meta(description="photon energy in eV", gt=0)
    ],
) -> Photon:
    """Compute the vacuum wavelength (nm) and frequency (THz) of a photon of a given energy in electronvolts."""
    joules = energy * E
    return {"wavelength": H * C / joules * 1e9, "frequency": joules / H * 1e-12}


class Glow(TypedDict):
    peak_wavelength: Annotated[
        float,
        Quantity("wavelength", "nanometres"),
        says(
            "the wavelength at which a black body at {temperature} radiates most, by Wien's displacement law",
            noun="peak wavelength",
            most="longest",
            least="shortest",
            more="longer",
            less="shorter",
        ),
    ]
    exitance: Annotated[
        float,
        Quantity("radiant exitance", "watts per square metre"),
        says(
            "the power that a black body at {temperature} radiates per square metre, by the Stefan-Boltzmann law",
            noun="radiated power per square metre",
        ),
    ]


@tool(
    "processing",
    source=(
        "CODATA 2022: Wien displacement constant 2.897771955e-3 m K, Stefan-Boltzmann constant 5.670374419e-8 W/(m2 K4)"
    ),
    examples=[
        example(
            {"temperature": 5772},
            {"/peak_wavelength": 502.04},
            "published: the Sun's effective temperature peaks near 502 nm",
            tolerance=1e-4,
        ),
        example({"temperature": 1000}, {"/exitance": 56703.74419}, "identity: sigma times 10^12"),
    ],
)
def black_body_radiation(
    temperature: Annotated[
        float, Quantity("temperature", "kelvins"), Meta(description="absolute temperature in kelvins", gt=0)
    ],
) -> Glow:
    """Compute a black body's wavelength of peak emission (nm, Wien) and radiated power (W/m², Stefan-Boltzmann)."""
    return {"peak_wavelength": 2.897771955e-3 / temperature * 1e9, "exitance": 5.670374419e-8 * temperature**4}


class Heat(TypedDict):
    heat: Annotated[
        float,
        Quantity("heat", "kilojoules", additive=True),
        says(
            "the heat needed to warm {kilograms} kilograms of a material with {specific_heat} by {rise} kelvins",
            noun="heat needed",
            most="largest",
            least="smallest",
            more="larger",
            less="smaller",
        ),
    ]


@tool(
    "processing",
    examples=[
        example(
            {"specific_heat": 4.184, "kilograms": 1, "rise": 1},
            {"/heat": 4.184},
            "published: one kilocalorie is 4.184 kJ",
        ),
        example({"specific_heat": 0.385, "kilograms": 2, "rise": 10}, {"/heat": 7.7}, "identity: Q = m c dT"),
    ],
)
def warming_heat(
    specific_heat: Annotated[
        float, Quantity("specific heat capacity", "joules per gram and kelvin"), Meta(description="J/(g K)", gt=0)
    ],
    kilograms: Annotated[float, Given(2, 5, 10), Meta(description="mass in kilograms", gt=0)],
    rise: Annotated[float, Given(10, 20, 50), Meta(description="rise of temperature in kelvins", gt=0)],
) -> Heat:
    """Compute the heat in kilojoules that warms a mass by some kelvins, Q = m c ΔT."""
    return {"heat": specific_heat * kilograms * rise}


class Speed(TypedDict):
    speed: Annotated[
        float,
        Quantity("particle speed", "metres per second"),
        says(
            "the root-mean-square speed at {kelvins} kelvins of ideal-gas particles with {molar_mass}",
            noun="root-mean-square speed",
            more="higher",
            less="lower",
        ),
    ]


@tool(
    "processing",
    examples=[
        example(
            {"molar_mass": 4.002602, "kelvins": 300},
            {"/speed": 1367.3},
            "identity: sqrt(3 R T / M) with R = 8.314462618",
            tolerance=1e-4,
        ),
        example(
            {"molar_mass": 28.014, "kelvins": 300},
            {"/speed": 516.8},
            "published: about 517 m/s for nitrogen at 300 K",
            tolerance=1e-3,
        ),
    ],
    **EXACT,
)
def gas_particle_speed(
    molar_mass: Annotated[float, Quantity("molar mass", "grams per mole"), Meta(description="g/mol", gt=0)],
    kelvins: Annotated[float, Given(300, 1000, 5000), Meta(description="temperature in kelvins", gt=0)],
) -> Speed:
    """Compute the root-mean-square speed in m/s of the particles of an ideal gas, sqrt(3 R T / M)."""
    return {"speed": math.sqrt(3 * K * AVOGADRO * kelvins / (molar_mass / 1000))}
