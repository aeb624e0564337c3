"""More data of pure compounds: polarity, solubility, liquids."""

from __future__ import annotations

import csv
import gzip
from functools import lru_cache
from typing import Annotated, TypedDict

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.chemistry.compound_data import compound_temperatures, some
from dive_tools.tools.chemistry.compounds import (
    CRC_PERMITTIVITY,
    Compound,
    cas_of,
    data_file,
    find_compound,
    number_of,
    sources,
)
from dive_tools.values import Quantity, says


@lru_cache(maxsize=1)
def _partition() -> dict[str, float]:
    with gzip.open(data_file("Environment/Syrres logP data.csv.gz"), "rt", encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines, delimiter="\t")
        next(rows)
        return {cas_of(row[0]): float(row[2]) for row in rows if len(row) > 2 and row[2]}


class Polarity(TypedDict):
    permittivity: Annotated[
        float | None,
        Quantity("relative permittivity"),
        says("the relative permittivity of {compound} as a liquid in the CRC Handbook", noun="relative permittivity",
             scope="in the CRC Handbook"),
    ]  # fmt: skip
    dipole_moment: Annotated[
        float | None,
        Quantity("dipole moment", "debyes"),
        says("the dipole moment of {compound} in the NIST CCCBDB", noun="dipole moment", most="largest",
             least="smallest", more="larger", less="smaller", scope="in the NIST CCCBDB"),
    ]  # fmt: skip
    log_p: Annotated[
        float | None,
        Quantity("octanol-water partition coefficient", "", scale="interval"),
        says("the octanol–water log P of {compound} in the SRC PHYSPROP table", noun="octanol–water log P",
             scope="in the SRC PHYSPROP table"),
    ]  # fmt: skip


@tool(
    "retrieval",
    examples=[
        example({"compound": "water"}, {"/permittivity": 80.1, "/dipole_moment": 1.855},
                "published: CRC Handbook; NIST CCCBDB, water", tolerance=3e-3),
        example({"compound": "acetone"}, {"/dipole_moment": 2.88}, "published: NIST CCCBDB, 2.88 D", tolerance=2e-2),
        example({"compound": "benzene"}, {"/log_p": 2.13}, "published: Hansch, Leo and Hoekman 1995, benzene 2.13"),
    ],
    **sources("CRC Handbook, permittivity of liquids; NIST CCCBDB, dipole moments; SRC PHYSPROP"),
)  # fmt: skip
def compound_polarity(compound: Compound) -> Polarity:
    """Look up relative permittivity (CRC Handbook), dipole moment in debyes (NIST CCCBDB) and log P (SRC PHYSPROP).

    The last is the decadic logarithm of the partition coefficient between octanol and water. What a table does not
    have is null; refuses a compound without any of them.
    """
    found = {
        "permittivity": number_of(compound, CRC_PERMITTIVITY, "Permittivity"),
        "dipole_moment": number_of(compound, "Misc/cccbdb.nist.gov Dipoles.csv", "dipole_moment"),
        "log_p": _partition().get(find_compound(compound)["cas"]),
    }
    some(found, f"permittivity, dipole moment or log P of {compound}")
    return found  # type: ignore[return-value]


HANSEN = ("Misc/ruben_manuel_hansen_solubility_parameters.tsv", "Misc/alshehri_hansen_solubility_parameters.tsv")


class Hansen(TypedDict):
    dispersion: Annotated[
        float,
        Quantity("Hansen dispersion parameter", "square roots of megapascals"),
        says("the Hansen dispersion parameter of {compound}", noun="Hansen dispersion parameter"),
    ]
    polar: Annotated[
        float,
        Quantity("Hansen polar parameter", "square roots of megapascals"),
        says("the Hansen polar parameter of {compound}", noun="Hansen polar parameter"),
    ]
    hydrogen_bonding: Annotated[
        float,
        Quantity("Hansen hydrogen-bonding parameter", "square roots of megapascals"),
        says("the Hansen hydrogen-bonding parameter of {compound}", noun="Hansen hydrogen-bonding parameter"),
    ]


@tool(
    "retrieval",
    examples=[
        example({"compound": "acetone"}, {"/dispersion": 15.5, "/polar": 10.4, "/hydrogen_bonding": 7.0},
                "published: Hansen's handbook, acetone 15.5, 10.4, 7.0", tolerance=0.02),
        example({"compound": "toluene"}, {"/dispersion": 18.0, "/polar": 1.4, "/hydrogen_bonding": 2.0},
                "published: Hansen's handbook, toluene 18.0, 1.4, 2.0", tolerance=0.02),
    ],
    **sources("Hansen solubility parameters"),
)  # fmt: skip
def hansen_parameters(compound: Compound) -> Hansen:
    """Look up the Hansen solubility parameters of a compound in MPa^(1/2): dispersion, polarity, hydrogen bonds."""
    for file in HANSEN:
        found = [number_of(compound, file, f"HANSEN_DELTA_{letter}") for letter in "DPH"]
        if None not in found:
            dispersion, polar, hydrogen = (round(value / 1000, 4) for value in found if value is not None)
            return {"dispersion": dispersion, "polar": polar, "hydrogen_bonding": hydrogen}
    raise Refusal(f"the tables have no Hansen parameters of {compound}")


class Liquid(TypedDict):
    heat_capacity: Annotated[
        float | None,
        Quantity("molar heat capacity", "joules per mole and kelvin"),
        says("the molar heat capacity of {compound} as a liquid in the CRC Handbook", noun="molar heat capacity",
             scope="as a liquid in the CRC Handbook"),
    ]  # fmt: skip
    surface_tension: Annotated[
        float | None,
        Quantity("surface tension", "millinewtons per metre"),
        says("the surface tension of {compound} at 25 °C by Jasper's table", noun="surface tension",
             scope="at 25 °C by Jasper's table"),
    ]  # fmt: skip


JASPER = "Interface/Jasper-Lange.tsv"


@tool(
    "retrieval",
    examples=[
        example({"compound": "ethanol"}, {"/heat_capacity": 112.3}, "published: NIST WebBook, 112.3 J/(mol K)",
                tolerance=2e-3),
        example({"compound": "acetone"}, {"/surface_tension": 23.46}, "published: CRC Handbook, 23.46 mN/m at 25 C",
                tolerance=3e-2),
    ],
    **sources("CRC Handbook; surface tensions of Jasper 1972 in Lange's Handbook"),
)  # fmt: skip
def compound_liquid_data(compound: Compound) -> Liquid:
    """Look up a liquid's molar heat capacity at 25 °C in J/(mol K) (CRC Handbook) and surface tension (mN/m, Jasper).

    What a table does not have for 25 °C is null; refuses a compound without either.
    """
    a, b = (number_of(compound, JASPER, name) for name in ("a", "b"))
    points = compound_temperatures(compound)
    low, high = points["melting_point"], points["boiling_point"]
    liquid = low is not None and high is not None and low < 25 < high
    found = {
        "heat_capacity": number_of(compound, "Heat Capacity/CRC Standard Thermodynamic Properties of Chemical "
                                   "Substances.tsv", "Cpl"),
        "surface_tension": round(a - b * 25, 4) if a is not None and b is not None and liquid else None,
    }  # fmt: skip
    some(found, f"heat capacity or surface tension of {compound}")
    return found  # type: ignore[return-value]
