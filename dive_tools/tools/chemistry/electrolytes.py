"""Electrolytes, and the ions that they give in water."""

from __future__ import annotations

import csv
import math
import re
from functools import lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.chemistry.compounds import data_file, sources
from dive_tools.values import Entity, Given, Quantity, entity, says

CRC_IONS = sources("CRC Handbook: thermodynamic properties and conductivities of aqueous ions")
SALTS = sources("table of electrolytes")
_WRONG = {
    "calcium hydrogen phosphate",
    "gallium(III) fluoride",
    "lithium aluminate",
    "copper(I) sulfate",
    "silver sulfite",
    "sodium chlorite",
    "dicyanozincate",
    "lanthanium(III) nitrate",
    "sodium aluminate",
}
_SALTS_RENAMED = {"dilithium carbonate": "lithium carbonate", "dipotassium chromium tetraoxide": "potassium chromate"}
_RENAMED = {
    "hydroxyl ion": "hydroxide ion", "copper (cupric) ion": "copper(II) ion", "copper (cuprous) ion": "copper(I) ion",
    "iron (ferric) ion": "iron(III) ion", "iron (ferrous) ion": "iron(II) ion",
    "cobalt (cobaltous) ion": "cobalt(II) ion", "cobalt (cobaltic) ion": "cobalt(III) ion",
    "mercury(II) (mercuric) ion": "mercury(II) ion", "mercury(I) (mercurous) ion": "mercury(I) ion",
    "lead ion": "lead(II) ion", "tin ion": "tin(II) ion", "chromium ion": "chromium(II) ion",
}  # fmt: skip
_METALS = {"cerium", "europium", "gallium", "indium", "polonium", "samarium", "thallium", "uranium", "ytterbium"}
_ROMAN = {1: "I", 2: "II", 3: "III", 4: "IV"}


def _british(name: str) -> str:
    lower = re.sub(r"\b[A-Z][a-z]+", lambda m: m[0].lower(), " ".join(name.split()))
    return lower.replace("aluminum", "aluminium").replace("cesium", "caesium").replace("sulphate", "sulfate")


def _rows(file: str) -> list[dict[str, str]]:
    with data_file(f"Electrolytes/{file}").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


@lru_cache(maxsize=1)
def aqueous_rows() -> dict[str, dict[str, Any]]:
    """Rows of the aqueous ions by name ("sulfate ion"), with the limiting molar conductivity where there is one."""
    conductivity: dict[str, set[float]] = {}
    for row in _rows("CRC conductivity infinite dilution.tsv"):
        conductivity.setdefault(row["CAS"], set()).add(float(row["lambda"]))
    found: dict[str, dict[str, Any]] = {}
    for row in _rows("CRC Thermodynamic Properties of Aqueous Ions.tsv"):
        name = _british(row["Name"])
        metal = name.removesuffix(" ion")
        charge = charge_factor(row["Formula"])
        if metal in _METALS and row["Formula"].count("+") == 1:
            name = f"{metal}({_ROMAN[charge]}) ion"
        values = conductivity.get(row["CAS"], set())
        found[_RENAMED.get(name, name)] = {
            **row, "lambda": next(iter(values)) * charge_factor(row["Formula"]) if len(values) == 1 else None,
        }  # fmt: skip
    return found


def charge_factor(formula: str) -> int:
    """The size of the charge of "SO4-2" (2): the handbook gives conductivities of equivalents."""
    found = re.search(r"[+-](\d?)$", formula)
    return int(found[1] or 1) if found else 1


def find_aqueous(text: str) -> str:
    """The canonical name of an aqueous ion; Refusal when the table does not have it."""
    asked = _british(text.strip()).removesuffix(" ion") + " ion"
    name = _RENAMED.get(asked, asked)
    if name not in aqueous_rows():
        raise Refusal(f"the CRC table has no aqueous ion {text!r}")
    return name


def _akin_aqueous(ion: str) -> list[str]:
    def sign(name: str) -> tuple[bool, int]:
        formula = aqueous_rows()[name]["Formula"]
        return "+" in formula, charge_factor(formula)

    return [n for n in AQUEOUS.samples() if n != ion and sign(n) == sign(ion)] if AQUEOUS.samples else []


AQUEOUS = entity(
    "aqueous_ion",
    "ion",
    intro="the {}",
    samples=lambda: [n for n, r in aqueous_rows().items() if r["Hf(aq)"] and r["lambda"]],
    akin=_akin_aqueous,
)
AqueousIon = Annotated[str, Entity("aqueous_ion"), Meta(description='as in "sulfate ion" or "copper(II) ion"')]


class IonThermo(TypedDict):
    enthalpy: Annotated[
        float | None,
        Quantity("enthalpy of formation of an ion", "kilojoules per mole", scale="interval"),
        says("the standard enthalpy of formation of {ion} in water in the CRC Handbook",
             noun="standard enthalpy of formation in water", scope="in the CRC Handbook"),
    ]  # fmt: skip
    gibbs: Annotated[
        float | None,
        Quantity("Gibbs energy of formation of an ion", "kilojoules per mole", scale="interval"),
        says("the standard Gibbs energy of formation of {ion} in water in the CRC Handbook",
             noun="standard Gibbs energy of formation in water", scope="in the CRC Handbook"),
    ]  # fmt: skip


@tool(
    "retrieval",
    examples=[
        example({"ion": "hydroxide ion"}, {"/enthalpy": -230.0, "/gibbs": -157.2},
                "published: CODATA and NBS tables, OH-(aq)", tolerance=1e-3),
        example({"ion": "sodium ion"}, {"/enthalpy": -240.1}, "published: CODATA, -240.34", tolerance=2e-3),
    ],
    **CRC_IONS,
)  # fmt: skip
def aqueous_ion_energies(ion: AqueousIon) -> IonThermo:
    """Look up the standard enthalpy and Gibbs energy of formation of an ion in water (kJ/mol), CRC Handbook.

    Relative to the hydrogen ion, whose values are zero. A value that the table does not have is null.
    """
    row = aqueous_rows()[find_aqueous(ion)]
    enthalpy, gibbs = (float(row[head]) / 1000 if row[head].strip() else None for head in ("Hf(aq)", "Gf(aq)"))
    return {"enthalpy": enthalpy, "gibbs": gibbs}


class IonConductivity(TypedDict):
    conductivity: Annotated[
        float,
        Quantity("limiting molar conductivity", "siemens square centimetres per mole"),
        says("the limiting molar conductivity of {ion} in water at 25 °C in the CRC Handbook",
             noun="limiting molar conductivity", scope="in water at 25 °C in the CRC Handbook"),
    ]  # fmt: skip


@tool(
    "retrieval",
    examples=[
        example({"ion": "sodium ion"}, {"/conductivity": 50.08}, "published: Robinson and Stokes, 50.10",
                tolerance=2e-3),
        example({"ion": "sulfate ion"}, {"/conductivity": 160.0}, "published: Robinson and Stokes, 2 x 80.0",
                tolerance=2e-3),
    ],
    **CRC_IONS,
)  # fmt: skip
def aqueous_ion_conductivity(ion: AqueousIon) -> IonConductivity:
    """Look up the limiting molar conductivity of an ion in water at 25 °C in S cm²/mol (CRC Handbook)."""
    value = aqueous_rows()[find_aqueous(ion)]["lambda"]
    if value is None:
        raise Refusal(f"the CRC table has no single conductivity of {ion}")
    return {"conductivity": round(value * 1e4, 6)}


_ALKALI = {"lithium ion", "sodium ion", "potassium ion", "rubidium ion", "caesium ion", "ammonium ion"}
_HARDLY = ("carbonate", "phosphate", "sulfide", "sulfite", "silicate", "arsenate", "selenite", "cyanide", "iodate")
_HEAVY = {"silver ion", "copper(I) ion", "thallium(I) ion", "lead(II) ion", "palladium ion", "platinum ion"}


def _soluble(cation: str, anion: str) -> bool:
    """The usual rules: which salts dissolve well enough to be spoken of as a solution."""
    if cation in _ALKALI:
        return True
    halide = anion in ("chloride ion", "bromide ion", "iodide ion")
    sulfate = anion == "sulfate ion" and cation in ("barium ion", "strontium ion", "lead(II) ion", "calcium ion")
    hardly = anion.split()[-2].endswith(_HARDLY) and not anion.startswith(("hydrogen ", "dihydrogen ", "bi"))
    return not (hardly or sulfate or (halide and cation in _HEAVY) or anion == "hydroxide ion")


@lru_cache(maxsize=1)
def _electrolytes() -> dict[str, tuple[tuple[str, int], tuple[str, int]]]:
    """((cation, count), (anion, count)) of the soluble salts whose ions are in the table of aqueous ions."""
    by_cas = {row["CAS"]: name for name, row in aqueous_rows().items()}
    found = {}
    for row in _rows("Electrolyte dissociations.tsv"):
        name = _british(row["Electrolyte name"])
        name = _SALTS_RENAMED.get(name, name)
        pair = by_cas.get(row["Cation CAS"], ""), by_cas.get(row["Anion CAS"], "")
        if all(pair) and name not in _WRONG and _soluble(*pair):
            found[name] = (pair[0], int(row["Cation count"])), (pair[1], int(row["Anion count"]))
    return dict(sorted(found.items()))


def salt_of(text: str) -> tuple[tuple[str, int], tuple[str, int]]:
    """The ions of an electrolyte given by name; Refusal when it is not in the table."""
    name = _british(text.strip())
    if name not in _electrolytes():
        raise Refusal(f"no electrolyte {text!r} in the table")
    return _electrolytes()[name]


def _akin_salts(salt: str) -> list[str]:
    cation, anion = _electrolytes()[salt]
    return [n for n, pair in _electrolytes().items() if n != salt and (pair[0][0] == cation[0] or pair[1] == anion)]


SALT = entity("electrolyte", "electrolyte", samples=lambda: list(_electrolytes()), akin=_akin_salts)
Salt = Annotated[str, Entity("electrolyte"), Meta(description='as in "barium chloride" or "iron(III) sulfate"')]


class SaltIons(TypedDict):
    cation: str  # its name says it: not to be asked, nor to lead on
    anion: str
    ions: Annotated[
        int,
        Quantity("number of ions", "ions"),
        says("the number of ions into which one formula unit of {salt} dissociates", noun="number of ions",
             ask="Into how many ions does one formula unit of {salt} dissociate in water", most="largest",
             least="smallest", more="larger", less="smaller"),
    ]  # fmt: skip


@tool(
    "retrieval",
    examples=[
        example({"salt": "barium chloride"}, {"/cation": "barium ion", "/anion": "chloride ion", "/ions": 3},
                "identity: BaCl2"),
        example({"salt": "aluminium sulfate"}, {"/cation": "aluminium ion", "/ions": 5}, "identity: Al2(SO4)3"),
    ],
    **SALTS,
)  # fmt: skip
def electrolyte_ions(salt: Salt) -> SaltIons:
    """Look up the cation and the anion of a strong electrolyte and the number of ions in its formula unit."""
    (cation, many), (anion, more) = salt_of(salt)
    return {"cation": cation, "anion": anion, "ions": many + more}


class Dissolved(TypedDict):
    enthalpy: Annotated[
        float,
        Quantity("enthalpy of formation of a dissolved salt", "kilojoules per mole", scale="interval"),
        says("the standard enthalpy of formation of {salt} in water by the ion values of the CRC Handbook",
             noun="standard enthalpy of formation", scope="in water by the ion values of the CRC Handbook"),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"salt": "sodium chloride"}, {"/enthalpy": -407.3}, "published: NBS tables, NaCl(aq) -407.27",
                tolerance=1e-3),
        example({"salt": "calcium chloride"}, {"/enthalpy": -877.2}, "published: NBS tables, CaCl2(aq) -877.1",
                tolerance=1e-3),
    ],
    **CRC_IONS,
)  # fmt: skip
def dissolved_salt_enthalpy(salt: Salt) -> Dissolved:
    """Compute the standard enthalpy of formation of a dissolved salt in kJ/mol, the sum over its ions (CRC Handbook).

    Refuses a salt with an ion whose enthalpy the table does not have.
    """
    values = [(aqueous_ion_energies(ion)["enthalpy"], n) for ion, n in salt_of(salt)]
    if any(value is None for value, _ in values):
        raise Refusal(f"the CRC table lacks the enthalpy of an ion of {salt}")
    return {"enthalpy": sum(value * n for value, n in values if value is not None)}


class Kohlrausch(TypedDict):
    conductivity: Annotated[
        float,
        Quantity("limiting molar conductivity", "siemens square centimetres per mole"),
        says("the limiting molar conductivity of {salt} in water at 25 °C by Kohlrausch's law",
             noun="limiting molar conductivity", scope="in water at 25 °C by Kohlrausch's law"),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"salt": "potassium chloride"}, {"/conductivity": 149.79}, "published: Robinson and Stokes, 149.85",
                tolerance=2e-3),
        example({"salt": "barium chloride"}, {"/conductivity": 279.8}, "published: CRC Handbook, 2 x 139.91",
                tolerance=3e-3),
    ],
    **CRC_IONS,
)  # fmt: skip
def electrolyte_conductivity(salt: Salt) -> Kohlrausch:
    """Compute the limiting molar conductivity of a salt in water at 25 °C, in S cm²/mol: the sum over its ions.

    Refuses a salt with an ion whose conductivity the CRC table does not have.
    """
    return {"conductivity": sum(n * aqueous_ion_conductivity(ion)["conductivity"] for ion, n in salt_of(salt))}


class Activity(TypedDict):
    ionic_strength: Annotated[
        float,
        Quantity("ionic strength", "moles per kilogram"),
        says("the ionic strength of a solution with {molality} moles of {salt} per kilogram of water",
             noun="ionic strength"),
    ]  # fmt: skip
    activity_coefficient: Annotated[
        float,
        Quantity("mean activity coefficient"),
        says("the mean activity coefficient in a solution of {molality} moles of {salt} per kilogram of water "
             "at 25 °C by the Debye–Hückel limiting law", noun="mean activity coefficient"),
    ]  # fmt: skip


@tool(
    "processing",
    source="Debye-Hückel limiting law with A = 0.509 (kg/mol)^(1/2)",
    needs=("chemicals", "mendeleev"),
    licence="MIT",
    examples=[
        example({"salt": "sodium chloride", "molality": 0.01},
                {"/ionic_strength": 0.01, "/activity_coefficient": 10 ** -0.0509}, "identity: log g = -0.509 sqrt(I)"),
        example({"salt": "barium chloride", "molality": 0.005}, {"/ionic_strength": 0.015},
                "identity: (2^2 + 2 x 1) / 2 times the molality"),
    ],
)  # fmt: skip
def solution_activity(
    salt: Salt, molality: Annotated[float, Given(0.001, 0.002, 0.005), Meta(description="mol/kg", gt=0, le=0.01)]
) -> Activity:
    """Compute the ionic strength of a dilute solution of a salt, and the mean activity coefficient at 25 °C.

    By the Debye-Hückel limiting law, log γ = -0.509 |z+ z-| √I; hence only up to 0.01 mol/kg.
    """
    sizes = [(charge_factor(aqueous_rows()[ion]["Formula"]), n) for ion, n in salt_of(salt)]
    strength = 0.5 * molality * sum(n * z * z for z, n in sizes)
    return {"ionic_strength": strength,
            "activity_coefficient": 10 ** (-0.509 * math.prod(z for z, _ in sizes) * math.sqrt(strength))}  # fmt: skip
