"""Data of pure compounds in the handbooks that chemicals holds: temperatures, density, heats."""

from __future__ import annotations

from typing import Annotated, TypedDict

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.chemistry.compounds import (
    INORGANIC,
    ORGANIC,
    Compound,
    find_compound,
    number_of,
    sources,
)  # fmt: skip
from dive_tools.values import Quantity, says

CRC = sources("CRC Handbook of Chemistry and Physics")
WEBBOOK = "Misc/webbook_constants.tsv"
FIRE = "Safety/IS IEC 60079-20-1 2010.tsv"
LATENT = "Phase Change/CRC Handbook Heat of Vaporization.tsv"


def some(found: dict[str, float | None], what: str) -> None:
    """Refusal where nothing was found."""
    if all(value is None for value in found.values()):
        raise Refusal(f"no {what} in the table")


def scaled(value: float | None, factor: float, digits: int = 6) -> float | None:
    """The value times a factor, or None."""
    return None if value is None else round(value * factor, digits)


def celsius(value: float | None) -> float | None:
    """Kelvins to degrees Celsius."""
    return None if value is None else round(value - 273.15, 3)


class Registry(TypedDict):
    cas_number: Annotated[str, says("the CAS registry number of {compound}", noun="CAS registry number")]


@tool(
    "retrieval",
    examples=[
        example({"compound": "ethanol"}, {"/cas_number": "64-17-5"}, "published: PubChem, ethanol"),
        example({"compound": "toluene"}, {"/cas_number": "108-88-3"}, "published: PubChem, toluene"),
    ],
    **sources("PubChem"),
)
def compound_registry_number(compound: Compound) -> Registry:
    """Look up the CAS registry number of a compound in the identifier tables of the chemicals library."""
    return {"cas_number": find_compound(compound)["cas"]}


class Temperatures(TypedDict):
    melting_point: Annotated[
        float | None,
        Quantity("melting point", "degrees Celsius", scale="interval"),
        says(
            "the melting point of {compound} in the CRC Handbook",
            noun="melting point",
            scope="in the CRC Handbook",
            ask="At what temperature does {compound} melt according to the CRC Handbook",
        ),
    ]
    boiling_point: Annotated[
        float | None,
        Quantity("boiling point", "degrees Celsius", scale="interval"),
        says(
            "the normal boiling point of {compound} in the CRC Handbook",
            noun="normal boiling point",
            scope="in the CRC Handbook",
            ask="At what temperature does {compound} boil under normal pressure according to the CRC Handbook",
        ),
    ]
    flash_point: Annotated[
        float | None,
        Quantity("flash point", "degrees Celsius", scale="interval"),
        says("the flash point of {compound} in IEC 60079-20-1", noun="flash point", scope="in IEC 60079-20-1"),
    ]
    ignition_temperature: Annotated[
        float | None,
        Quantity("ignition temperature", "degrees Celsius", scale="interval"),
        says(
            "the auto-ignition temperature of {compound} in IEC 60079-20-1",
            noun="auto-ignition temperature",
            scope="in IEC 60079-20-1",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example(
            {"compound": "toluene"},
            {"/boiling_point": 110.6, "/melting_point": -94.95},
            "published: NIST WebBook, toluene, 383.8 K and 178.1 K",
            tolerance=2e-3,
        ),
        example(
            {"compound": "ethanol"},
            {"/boiling_point": 78.3, "/flash_point": 12.0},
            "published: NIST WebBook, 351.5 K; IEC 60079-20-1, 12 degrees Celsius",
            tolerance=3e-3,
        ),
    ],
    **sources("CRC Handbook of Chemistry and Physics; IEC 60079-20-1:2010"),
)
def compound_temperatures(compound: Compound) -> Temperatures:
    """Look up a compound's melting and boiling point (CRC Handbook), flash and auto-ignition point (IEC 60079-20-1).

    All in degrees Celsius. What a table does not give is null, and so is a handbook value that differs from the NIST
    WebBook's by more than 10 degrees. Refuses a compound without any of them.
    """
    found = {
        "melting_point": celsius(_agreed(compound, "Tm")),
        "boiling_point": celsius(_agreed(compound, "Tb")),
        "flash_point": celsius(number_of(compound, FIRE, "T_flash")),
        "ignition_temperature": celsius(number_of(compound, FIRE, "T_autoignition")),
    }
    some(found, f"melting, boiling, flash or ignition point of {compound}")
    return found  # type: ignore[return-value]


def _agreed(compound: str, name: str) -> float | None:
    value = number_of(compound, ORGANIC, name) or number_of(compound, INORGANIC, name)
    other = number_of(compound, WEBBOOK, name)
    return None if value is None or (other and abs(value - other) > 10) else value


class Optical(TypedDict):
    density: Annotated[
        float | None,
        Quantity("density of a compound", "grams per cubic centimetre"),
        says("the density of {compound} in the CRC Handbook", noun="density", scope="in the CRC Handbook"),
    ]
    refractive_index: Annotated[
        float | None,
        Quantity("refractive index"),
        says(
            "the refractive index of {compound} in the CRC Handbook",
            noun="refractive index",
            scope="in the CRC Handbook",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"compound": "benzene"}, {"/density": 0.8765, "/refractive_index": 1.5011},
                "published: PubChem, benzene, 0.8765 g/cm3 and 1.5011 at 20 degrees Celsius", tolerance=1e-3),
        example({"compound": "ethanol"}, {"/refractive_index": 1.3611}, "published: PubChem, ethanol", tolerance=1e-3),
    ],
    **CRC,
)  # fmt: skip
def compound_density(compound: Compound) -> Optical:
    """Look up a compound's density (g/cm³) and refractive index (sodium light) near room temperature, CRC Handbook.

    A value that the handbook does not give is null; refuses a compound without either.
    """
    density = number_of(compound, ORGANIC, "rho") or number_of(compound, INORGANIC, "rho")
    found = {
        "density": scaled(density, 1e-3),
        "refractive_index": number_of(compound, "Misc/CRC Handbook Organic RI.csv", "RI"),
    }
    some(found, f"density or refractive index of {compound}")
    return found  # type: ignore[return-value]


class Critical(TypedDict):
    critical_temperature: Annotated[
        float | None,
        Quantity("critical temperature", "kelvins", scale="interval"),
        says("the critical temperature of {compound} in the CRC Handbook", noun="critical temperature",
             scope="in the CRC Handbook"),
    ]  # fmt: skip
    critical_pressure: Annotated[
        float | None,
        Quantity("critical pressure", "bar"),
        says("the critical pressure of {compound} in the CRC Handbook", noun="critical pressure",
             scope="in the CRC Handbook"),
    ]  # fmt: skip


CRITICAL = "Critical Properties/CRCCriticalOrganics.tsv"


@tool(
    "retrieval",
    examples=[
        example({"compound": "benzene"}, {"/critical_temperature": 562.05, "/critical_pressure": 48.95},
                "published: NIST WebBook, benzene, 562 K and 48.9 bar", tolerance=3e-3),
        example({"compound": "methane"}, {"/critical_temperature": 190.56}, "published: NIST WebBook", tolerance=1e-3),
    ],
    **CRC,
)  # fmt: skip
def compound_critical_point(compound: Compound) -> Critical:
    """Look up the critical temperature (K) and critical pressure (bar) of an organic compound in the CRC Handbook."""
    found = {
        "critical_temperature": number_of(compound, CRITICAL, "Tc"),
        "critical_pressure": scaled(number_of(compound, CRITICAL, "Pc"), 1e-5),
    }
    some(found, f"critical point of {compound}")
    return found  # type: ignore[return-value]


class Formation(TypedDict):
    gas: Annotated[
        float | None,
        Quantity("enthalpy of formation", "kilojoules per mole", scale="interval"),
        says("the standard enthalpy of formation of {compound} as a gas in the NIST WebBook",
             noun="standard enthalpy of formation of the gas", scope="in the NIST WebBook"),
    ]  # fmt: skip
    liquid: Annotated[
        float | None,
        Quantity("enthalpy of formation", "kilojoules per mole", scale="interval"),
        says("the standard enthalpy of formation of {compound} as a liquid in the NIST WebBook",
             noun="standard enthalpy of formation of the liquid", scope="in the NIST WebBook"),
    ]  # fmt: skip


@tool(
    "retrieval",
    examples=[
        example({"compound": "water"}, {"/liquid": -285.83, "/gas": -241.83},
                "published: NIST WebBook (CODATA 1984), water", tolerance=1e-4),
        example({"compound": "benzene"}, {"/liquid": 49.0}, "published: NIST WebBook, 49.0 kJ/mol", tolerance=0.02),
    ],
    **sources("NIST Chemistry WebBook"),
)  # fmt: skip
def compound_formation_enthalpy(compound: Compound) -> Formation:
    """Look up the standard enthalpies of formation at 298.15 K, as gas and as liquid, in kJ/mol in the NIST WebBook.

    A value that the WebBook table does not have is null; refuses a compound without either.
    """
    found = {"gas": scaled(number_of(compound, WEBBOOK, "Hfg"), 1e-3),
             "liquid": scaled(number_of(compound, WEBBOOK, "Hfl"), 1e-3)}  # fmt: skip
    some(found, f"enthalpy of formation of {compound}")
    return found  # type: ignore[return-value]


class Latent(TypedDict):
    vaporisation: Annotated[
        float | None,
        Quantity("enthalpy of vaporisation", "kilojoules per mole"),
        says("the enthalpy of vaporisation of {compound} at its normal boiling point in the CRC Handbook",
             noun="enthalpy of vaporisation at the normal boiling point", scope="in the CRC Handbook"),
    ]  # fmt: skip
    vaporisation_25: Annotated[
        float | None,
        Quantity("enthalpy of vaporisation at 25 degrees", "kilojoules per mole"),
        says("the enthalpy of vaporisation of {compound} at 25 °C in the CRC Handbook",
             noun="enthalpy of vaporisation at 25 °C", scope="in the CRC Handbook"),
    ]  # fmt: skip
    fusion: Annotated[
        float | None,
        Quantity("enthalpy of fusion", "kilojoules per mole"),
        says("the enthalpy of fusion of {compound} in the CRC Handbook", noun="enthalpy of fusion",
             scope="in the CRC Handbook"),
    ]  # fmt: skip


@tool(
    "retrieval",
    examples=[
        example({"compound": "benzene"}, {"/vaporisation": 30.72, "/fusion": 9.87},
                "published: NIST WebBook, benzene, 30.72 and 9.87 kJ/mol", tolerance=5e-3),
        example({"compound": "ethanol"}, {"/vaporisation": 38.56}, "published: NIST WebBook, 38.56", tolerance=5e-3),
    ],
    **CRC,
)  # fmt: skip
def compound_latent_heats(compound: Compound) -> Latent:
    """Look up a compound's enthalpies of vaporisation (at the boiling point, at 25 °C) and of fusion, in kJ/mol.

    From the CRC Handbook; what it does not give is null; refuses a compound without any of them.
    """
    found = {
        "vaporisation": scaled(number_of(compound, LATENT, "HvapTb"), 1e-3),
        "vaporisation_25": scaled(number_of(compound, LATENT, "Hvap298"), 1e-3),
        "fusion": scaled(number_of(compound, "Phase Change/CRC Handbook Heat of Fusion.tsv", "Hfus"), 1e-3),
    }
    some(found, f"enthalpy of vaporisation or fusion of {compound}")
    return found  # type: ignore[return-value]
