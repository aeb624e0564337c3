"""Computed properties of compounds: combustion, boiling under other pressures, colligative constants, refraction."""

from __future__ import annotations

import math
from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.chemistry.compound_data import (
    compound_critical_point,
    compound_density,
    compound_formation_enthalpy,
    compound_latent_heats,
    compound_temperatures,
    some,
)  # fmt: skip
from dive_tools.tools.chemistry.compounds import Compound, atoms_of, find_compound, mass_of, sources
from dive_tools.values import Given, Quantity, says

R = 8.31446261815324
HANDBOOKS = sources("CRC Handbook of Chemistry and Physics")
NIST = sources("NIST Chemistry WebBook")


def _fuel(compound: str) -> dict[str, int]:
    atoms = atoms_of(find_compound(compound)["formula"])
    if "C" not in atoms or set(atoms) - {"C", "H", "O", "N"}:
        raise Refusal(f"{compound} is not made of carbon and hydrogen with or without oxygen and nitrogen")
    if atoms["C"] + atoms.get("H", 0) / 4 <= atoms.get("O", 0) / 2:
        raise Refusal(f"{compound} needs no oxygen")
    return atoms


class Combustion(TypedDict):
    oxygen: Annotated[
        float,
        Quantity("amount of substance", "moles", additive=True),
        says("the amount of oxygen gas that one mole of {compound} needs for complete combustion to carbon dioxide, "
             "water and nitrogen", noun="amount of oxygen gas", most="largest", least="smallest", more="larger",
             less="smaller"),
    ]  # fmt: skip
    carbon_dioxide: Annotated[
        float,
        Quantity("mass of carbon dioxide", "grams", additive=True),
        says("the mass of carbon dioxide from the complete combustion of one gram of {compound}",
             noun="mass of carbon dioxide", most="largest", least="smallest", more="larger", less="smaller",
             ask="How many grams of carbon dioxide does the complete combustion of one gram of {compound} give"),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"compound": "propane"}, {"/oxygen": 5}, "identity: C3H8 + 5 O2 = 3 CO2 + 4 H2O"),
        example({"compound": "methane"}, {"/oxygen": 2, "/carbon_dioxide": 44.009 / 16.043},
                "identity: CH4 + 2 O2 = CO2 + 2 H2O", tolerance=1e-5),
    ],
    **sources("PubChem formulas"),
)  # fmt: skip
def complete_combustion(compound: Compound) -> Combustion:
    """Compute the oxygen (mol per mol) and the carbon dioxide (g per g) of the complete combustion of a compound.

    For compounds of carbon, hydrogen, oxygen and nitrogen, to carbon dioxide, water and nitrogen.
    """
    atoms = _fuel(compound)
    oxygen = atoms["C"] + atoms.get("H", 0) / 4 - atoms.get("O", 0) / 2
    return {"oxygen": oxygen, "carbon_dioxide": atoms["C"] * mass_of("carbon dioxide") / mass_of(compound)}


class Burning(TypedDict):
    heat: Annotated[
        float,
        Quantity("heat of combustion", "kilojoules per mole"),
        says("the heat of combustion of {compound} as a gas to liquid water at 25 °C by the enthalpies of formation in "
             "the NIST WebBook", noun="heat of combustion of the gas",
             scope="to liquid water at 25 °C by the enthalpies of formation in the NIST WebBook"),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"compound": "methane"}, {"/heat": 890.6}, "published: NIST WebBook, 890.7 kJ/mol", tolerance=2e-3),
        example({"compound": "propane"}, {"/heat": 2219.2}, "published: NIST WebBook, 2219.2 kJ/mol", tolerance=2e-3),
    ],
    **NIST,
)
def combustion_heat(compound: Compound) -> Burning:
    """Compute the heat in kJ/mol of burning a gaseous compound of C, H, O and N to carbon dioxide and liquid water.

    By Hess's law from the enthalpies of formation in the NIST WebBook: 393.51 and 285.83 kJ/mol for the products.
    """
    atoms, gas = _fuel(compound), compound_formation_enthalpy(compound)["gas"]
    if gas is None:
        raise Refusal(f"the NIST WebBook table has no enthalpy of formation of gaseous {compound}")
    return {"heat": atoms["C"] * 393.51 + atoms.get("H", 0) / 2 * 285.83 + gas}


class Boiling(TypedDict):
    temperature: Annotated[
        float,
        Quantity("boiling point", "degrees Celsius", scale="interval"),
        says("the boiling point of {compound} under {kilopascals} kilopascals by the Clausius–Clapeyron equation with "
             "the data of the CRC Handbook", noun="boiling point",
             scope="by the Clausius–Clapeyron equation with the data of the CRC Handbook"),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"compound": "benzene", "kilopascals": 101.325}, {"/temperature": 80.1},
                "identity: the normal boiling point", tolerance=2e-3),
        example({"compound": "hexane", "kilopascals": 53.33}, {"/temperature": 49.6},
                "published: CRC Handbook, hexane reaches 400 mmHg at 49.6 degrees Celsius", tolerance=0.03),
    ],
    **HANDBOOKS,
)  # fmt: skip
def boiling_point_under_pressure(
    compound: Compound,
    kilopascals: Annotated[float, Given(50, 70, 150), Meta(description="pressure in kPa", ge=10, le=300)],
) -> Boiling:
    """Estimate the boiling point in °C of a liquid under a pressure in kPa, by the Clausius-Clapeyron equation.

    1/T = 1/Tb - R ln(p / 101.325 kPa) / ΔH, with boiling point and heat of vaporisation there by the CRC Handbook.
    """
    heat, boiling = compound_latent_heats(compound)["vaporisation"], compound_temperatures(compound)["boiling_point"]
    if heat is None or boiling is None:
        raise Refusal(f"the CRC Handbook lacks the boiling point or the heat of vaporisation of {compound}")
    inverse = 1 / (boiling + 273.15) - R * math.log(kilopascals / 101.325) / (heat * 1000)
    return {"temperature": 1 / inverse - 273.15}


class Colligative(TypedDict):
    ebullioscopic: Annotated[
        float | None,
        Quantity("ebullioscopic constant", "kelvin kilograms per mole"),
        says("the ebullioscopic constant of {compound} by the data of the CRC Handbook", noun="ebullioscopic constant",
             scope="by the data of the CRC Handbook"),
    ]  # fmt: skip
    cryoscopic: Annotated[
        float | None,
        Quantity("cryoscopic constant", "kelvin kilograms per mole"),
        says("the cryoscopic constant of {compound} by the data of the CRC Handbook", noun="cryoscopic constant",
             scope="by the data of the CRC Handbook"),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"compound": "benzene"}, {"/ebullioscopic": 2.64, "/cryoscopic": 5.07},
                "published: CRC Handbook, 2.64 and 5.07 K kg/mol", tolerance=0.02),
        example({"compound": "cyclohexane"}, {"/cryoscopic": 20.8}, "published: CRC Handbook, 20.8", tolerance=0.05),
    ],
    **HANDBOOKS,
)  # fmt: skip
def colligative_constants(compound: Compound) -> Colligative:
    """Compute the ebullioscopic and the cryoscopic constant of a solvent in K kg/mol, R T² M / ΔH.

    From the boiling and melting point and the enthalpies of vaporisation and fusion in the CRC Handbook; null where
    one of them is missing.
    """
    heats, points, mass = compound_latent_heats(compound), compound_temperatures(compound), mass_of(compound)

    def constant(celsius: float | None, heat: float | None) -> float | None:
        return None if celsius is None or heat is None else R * (celsius + 273.15) ** 2 * mass / heat / 1e6

    found = {"ebullioscopic": constant(points["boiling_point"], heats["vaporisation"]),
             "cryoscopic": constant(points["melting_point"], heats["fusion"])}  # fmt: skip
    some(found, f"pair of data for a colligative constant of {compound}")
    return found  # type: ignore[return-value]


class Depression(TypedDict):
    depression: Annotated[
        float,
        Quantity("freezing point depression", "kelvins"),
        says("the freezing point depression of an ideal solution of {molality} moles of a non-electrolyte per kilogram "
             "of a solvent with {constant}", noun="freezing point depression", most="largest", least="smallest",
             more="larger", less="smaller"),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"constant": 1.86, "molality": 0.5}, {"/depression": 0.93}, "identity: constant times molality"),
        example({"constant": 5.07, "molality": 0.1}, {"/depression": 0.507}, "identity: constant times molality"),
    ],
)
def freezing_point_depression(
    constant: Annotated[float, Quantity("cryoscopic constant", "kelvin kilograms per mole"), Meta(gt=0)],
    molality: Annotated[float, Given(0.1, 0.2, 0.5), Meta(description="mol of solute per kg of solvent", gt=0)],
) -> Depression:
    """Compute the freezing point depression in kelvins of an ideal dilute solution of a non-electrolyte."""
    return {"depression": constant * molality}


class Refraction(TypedDict):
    refraction: Annotated[
        float,
        Quantity("molar refraction", "cubic centimetres per mole"),
        says("the molar refraction of {compound} by the Lorentz–Lorenz equation with the data of the CRC Handbook",
             noun="molar refraction", scope="by the Lorentz–Lorenz equation with the data of the CRC Handbook"),
    ]  # fmt: skip
    molar_volume: Annotated[
        float,
        Quantity("molar volume", "cubic centimetres per mole"),
        says("the molar volume of {compound} as a liquid by its density in the CRC Handbook", noun="molar volume",
             scope="by the density in the CRC Handbook", most="largest", least="smallest", more="larger",
             less="smaller"),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"compound": "benzene"}, {"/refraction": 26.2, "/molar_volume": 89.1},
                "published: benzene, 26.2 and 89.1 cm3/mol", tolerance=5e-3),
        example({"compound": "hexane"}, {"/refraction": 29.9}, "published: hexane, 29.9 cm3/mol", tolerance=1e-2),
    ],
    **HANDBOOKS,
)  # fmt: skip
def molar_refraction(compound: Compound) -> Refraction:
    """Compute the molar volume M/ρ and the molar refraction (n² - 1)/(n² + 2) · M/ρ of a liquid, in cm³/mol.

    From the density and the refractive index in the CRC Handbook; refuses a compound without both.
    """
    found = compound_density(compound)
    density, index = found["density"], found["refractive_index"]
    if density is None or index is None:
        raise Refusal(f"the CRC Handbook lacks the density or the refractive index of {compound}")
    volume = mass_of(compound) / density
    return {"refraction": (index**2 - 1) / (index**2 + 2) * volume, "molar_volume": volume}


class Trouton(TypedDict):
    entropy: Annotated[
        float,
        Quantity("entropy of vaporisation", "joules per mole and kelvin"),
        says("the entropy of vaporisation of {compound} at its normal boiling point by the CRC Handbook",
             noun="entropy of vaporisation at the normal boiling point", scope="by the CRC Handbook"),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"compound": "benzene"}, {"/entropy": 87.0}, "published: Atkins, +87.2 J/(K mol)", tolerance=5e-3),
        example({"compound": "cyclohexane"}, {"/entropy": 85.1}, "published: Atkins, +85.1", tolerance=0.01),
    ],
    **HANDBOOKS,
)
def vaporisation_entropy(compound: Compound) -> Trouton:
    """Compute the entropy of vaporisation at the normal boiling point, ΔH / T, in J/(mol K) (CRC Handbook data)."""
    heat, boiling = compound_latent_heats(compound)["vaporisation"], compound_temperatures(compound)["boiling_point"]
    if heat is None or boiling is None:
        raise Refusal(f"the CRC Handbook lacks the boiling point or the heat of vaporisation of {compound}")
    return {"entropy": heat * 1000 / (boiling + 273.15)}


class Waals(TypedDict):
    attraction: Annotated[
        float,
        Quantity("van der Waals constant a", "bar litres squared per mole squared"),
        says("the van der Waals constant a of {compound} by its critical point in the CRC Handbook",
             noun="van der Waals constant a", scope="by the critical point in the CRC Handbook"),
    ]  # fmt: skip
    volume: Annotated[
        float,
        Quantity("van der Waals constant b", "litres per mole"),
        says("the van der Waals constant b of {compound} by its critical point in the CRC Handbook",
             noun="van der Waals constant b", scope="by the critical point in the CRC Handbook"),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"compound": "methane"}, {"/attraction": 2.303, "/volume": 0.0431},
                "published: CRC Handbook, 2.303 bar L2/mol2 and 0.0431 L/mol", tolerance=5e-3),
        example({"compound": "benzene"}, {"/attraction": 18.82, "/volume": 0.1193}, "published: CRC Handbook",
                tolerance=0.02),
    ],
    **HANDBOOKS,
)  # fmt: skip
def van_der_waals_constants(compound: Compound) -> Waals:
    """Compute the van der Waals constants a = 27 R²T²/(64 p) in bar L²/mol² and b = R T/(8 p) in L/mol.

    From the critical temperature and pressure in the CRC Handbook.
    """
    found = compound_critical_point(compound)
    kelvins, bars = found["critical_temperature"], found["critical_pressure"]
    if kelvins is None or bars is None:
        raise Refusal(f"the CRC Handbook lacks the critical temperature or pressure of {compound}")
    gas = R / 100  # in bar litres per mole and kelvin
    return {"attraction": 27 * (gas * kelvins) ** 2 / (64 * bars), "volume": gas * kelvins / (8 * bars)}


class Poured(TypedDict):
    grams: Annotated[
        float,
        Quantity("mass of a volume", "grams", additive=True),
        says("the mass of {millilitres} millilitres of {compound} by its density in the CRC Handbook", noun="mass",
             most="largest", least="smallest", more="larger", less="smaller"),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"compound": "benzene", "millilitres": 100}, {"/grams": 87.65}, "published: PubChem, 0.8765 g/cm3",
                tolerance=1e-3),
        example({"compound": "chloroform", "millilitres": 250}, {"/grams": 370}, "published: PubChem, 1.48 g/cm3",
                tolerance=1e-2),
        example({"compound": "naphthalene", "millilitres": 50}, {"error": "refused"}, "identity: a solid"),
    ],
    **HANDBOOKS,
)  # fmt: skip
def liquid_mass(
    compound: Compound,
    millilitres: Annotated[float, Given(50, 100, 250, 500), Meta(description="volume in mL", gt=0)],
) -> Poured:
    """Compute the mass in grams of a volume of a compound that is liquid at 20 °C, from its density (CRC Handbook)."""
    points, density = compound_temperatures(compound), compound_density(compound)["density"]
    low, high = points["melting_point"], points["boiling_point"]
    if density is None or low is None or high is None or not low < 20 < high:
        raise Refusal(f"the CRC Handbook does not show {compound} to be liquid at 20 degrees, with its density")
    return {"grams": density * millilitres}
