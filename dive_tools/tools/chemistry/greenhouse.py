"""Greenhouse gases of the IPCC's tables, and refrigerant blends."""

from __future__ import annotations

import csv
import re
from functools import lru_cache
from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.chemistry.compounds import data_file, sources
from dive_tools.values import Entity, Given, Quantity, entity, says

AR6 = sources("IPCC Sixth Assessment Report, working group I, table 7.SM.7")
AR5 = sources("IPCC Fifth Assessment Report, working group I, table 8.A.1")
BLENDS = sources("REFPROP manual; IPCC Sixth Assessment Report")
FAMILIES = {"chlorofluorocarbons": "CFC", "hydrochlorofluorocarbons": "HCFC", "hydrofluorocarbons": "HFC",
            "hydrofluoroolefins": "HFO", "perfluorocarbons": "PFC", "hydrofluoroethers": "HFE"}  # fmt: skip
NUMBERS = {1: "a single carbon atom", 2: "two carbon atoms", 3: "three carbon atoms"}
COLUMNS = {"20": "20yr GWP", "100": "100yr GWP", "500": "500yr GWP"}


def _rows(file: str) -> list[dict[str, str]]:
    with data_file(file).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


def _plain(name: str) -> str:
    found = re.sub(r"(?<![A-Za-z])[A-Z][a-z]{2,}", lambda m: m[0].lower(), name.strip())
    return re.sub(r"\((\d*)([a-z])((?:,\d*[a-z])*)\)-", lambda m: m[0].upper(), found)


@lru_cache(maxsize=1)
def gases() -> dict[str, dict[str, str]]:
    """Rows of the sixth report by short name (HFC-134a) or, where there is none, by systematic name."""
    found: dict[str, dict[str, str]] = {}
    for row in _rows("Environment/Official Global Warming Potentials 2021.tsv"):
        short = row["Acronym"].strip().replace("CFC 1112", "CFC-1112")
        name = short if re.match(r"(H?C?FC|HC?F[EO]|HCFO|PFC|Halon)-", short) else _plain(row["Name"])
        if len(name) <= 40:
            found.setdefault(re.sub("^Halon", "halon", name), row)
    return found


@lru_cache(maxsize=1)
def _aliases() -> dict[str, str]:
    found: dict[str, str] = {}
    for name, row in gases().items():
        for text in (name, row["Name"], row["Acronym"], row["CAS"], re.sub(r"^(HFC|HCFC|CFC)-", "R", name)):
            if text.strip():
                found.setdefault(text.strip().casefold(), name)
    return found


def find_gas(text: str) -> str:
    """The canonical name of a gas; Refusal when the table does not have it."""
    name = text if text in gases() else _aliases().get(text.strip().casefold())
    if name is None:
        raise Refusal(f"no gas {text!r} in the table of the sixth assessment report")
    return name


def family_of(gas: str) -> str:
    """The family prefix of a short name, or ""."""
    found = re.match(r"([A-Za-z]+)-", gas)
    return found[1] if found else ""


def _akin(gas: str) -> list[str]:
    return [n for n in gases() if n != gas and family_of(n) == family_of(gas)] if family_of(gas) else []


def _samples() -> list[str]:
    return [n for n, row in gases().items() if row["Lifetime, years"] and float(row["100yr GWP"] or 0) >= 1]


GAS = entity("greenhouse_gas", "greenhouse gas", "greenhouse gases", samples=_samples, akin=_akin)
FAMILY = entity("gas_family", "family of gases", "families of gases", samples=lambda: list(FAMILIES))
Gas = Annotated[str, Entity("greenhouse_gas"), Meta(description='as in "HFC-134a" or "methane"')]
Horizon = Annotated[int, Given(20, 100, 500), Meta(description="time horizon in years: 20, 100 or 500")]


def potential(gas: str, years: int) -> float:
    """The global warming potential of a gas in the sixth report."""
    if str(years) not in COLUMNS:
        raise Refusal("the horizon is 20, 100 or 500 years")
    text = gases()[find_gas(gas)][COLUMNS[str(years)]].strip()
    if not text:
        raise Refusal(f"no global warming potential of {gas}")
    return float(text)


class Potential(TypedDict):
    potential: Annotated[
        float,
        Quantity("global warming potential"),
        says(
            "the {years}-year global warming potential of {gas} in the IPCC's Sixth Assessment Report",
            noun="global warming potential",
            scope="in the IPCC's Sixth Assessment Report",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"gas": "HFC-134a", "years": 100}, {"/potential": 1530}, "published: IPCC AR6 WGI table 7.15"),
        example({"gas": "CFC-11", "years": 20}, {"/potential": 8320}, "published: IPCC AR6 WGI table 7.15"),
        example({"gas": "nitrous oxide", "years": 500}, {"/potential": 130}, "published: IPCC AR6 WGI table 7.15"),
    ],
    **AR6,
)
def global_warming_potential(gas: Gas, years: Horizon) -> Potential:
    """Look up the global warming potential of a gas over 20, 100 or 500 years in the IPCC's sixth assessment report."""
    return {"potential": potential(gas, years)}


class Stay(TypedDict):
    lifetime: Annotated[
        float,
        Quantity("atmospheric lifetime", "years"),
        says("the atmospheric lifetime of {gas} in the IPCC's Sixth Assessment Report", noun="atmospheric lifetime",
             scope="in the IPCC's Sixth Assessment Report", most="longest", least="shortest", more="longer",
             less="shorter"),
    ]  # fmt: skip
    efficiency: Annotated[
        float | None,
        Quantity("radiative efficiency", "watts per square metre and part per billion"),
        says("the radiative efficiency of {gas} in the IPCC's Sixth Assessment Report", noun="radiative efficiency",
             scope="in the IPCC's Sixth Assessment Report"),
    ]  # fmt: skip


@tool(
    "retrieval",
    examples=[
        example({"gas": "methane"}, {"/lifetime": 11.8, "/efficiency": 0.000388}, "published: IPCC AR6 WGI table 7.15"),
        example({"gas": "HFC-32"}, {"/lifetime": 5.4, "/efficiency": 0.111}, "published: IPCC AR6 WGI table 7.15"),
    ],
    **AR6,
)
def greenhouse_gas_lifetime(gas: Gas) -> Stay:
    """Look up a gas's atmospheric lifetime (years) and radiative efficiency (W/m² per ppb), IPCC sixth report.

    Refuses carbon dioxide and others that have no single lifetime.
    """
    row = gases()[find_gas(gas)]
    if not row["Lifetime, years"].strip():
        raise Refusal(f"{gas} has no single atmospheric lifetime")
    efficiency = row["Radiative efficiency, W/m^2/ppb"].strip()
    return {"lifetime": float(row["Lifetime, years"]), "efficiency": float(efficiency) if efficiency else None}


@lru_cache(maxsize=1)
def _fifth() -> dict[str, float]:
    found = {}
    for row in _rows("Environment/Official Global Warming Potentials 2014.tsv"):
        if row["CAS"] and row["100yr GWP"]:
            found[row["CAS"]] = float(row["100yr GWP"])
    return found


class Earlier(TypedDict):
    potential: Annotated[
        float,
        Quantity("global warming potential"),
        says(
            "the 100-year global warming potential of {gas} in the IPCC's Fifth Assessment Report",
            noun="100-year global warming potential",
            scope="in the IPCC's Fifth Assessment Report",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"gas": "HFC-134a"}, {"/potential": 1300}, "published: IPCC AR5 WGI table 8.A.1"),
        example({"gas": "nitrous oxide"}, {"/potential": 265}, "published: IPCC AR5 WGI table 8.A.1"),
    ],
    **AR5,
)
def earlier_warming_potential(gas: Gas) -> Earlier:
    """Look up the global warming potential of a gas over 100 years in the IPCC's fifth assessment report (2013).

    Without climate-carbon feedbacks. Refuses a gas that the fifth report's table does not have.
    """
    found = _fifth().get(gases()[find_gas(gas)]["CAS"])
    if found is None:
        raise Refusal(f"the fifth assessment report's table does not have {gas}")
    return {"potential": found}


class FamilyMembers(TypedDict):
    gases: Annotated[
        list[Annotated[str, Entity("greenhouse_gas")]],
        says(
            "the {family} with {carbons} that the IPCC's Sixth Assessment Report lists",
            noun="greenhouse gas",
            plural="greenhouse gases",
            ask_count="How many {family} with {carbons} does the IPCC's Sixth Assessment Report list",
        ),
    ]
    complete: bool


def _carbons(gas: str) -> int:
    formula = gases()[gas]["Formula"]
    if re.search(r"\(C|\d\(|[a-z]-C\d", formula) and re.search(r"\)\d", formula):
        return -1
    return sum(int(n or 1) for n in re.findall(r"C(?![a-z])(\d*)", formula))


@tool(
    "retrieval",
    examples=[
        example({"family": "chlorofluorocarbons", "carbons": 1}, {"/gases": ["CFC-11", "CFC-12", "CFC-13"]},
                "published: IPCC AR6 WGI table 7.SM.7"),
        example({"family": "hydrofluorocarbons", "carbons": 1}, {"/gases": ["HFC-23", "HFC-32", "HFC-41"]},
                "published: IPCC AR6 WGI table 7.SM.7"),
    ],
    **AR6,
)  # fmt: skip
def gases_of_family(
    family: Annotated[str, Entity("gas_family"), Meta(description="as in hydrofluorocarbons")],
    carbons: Annotated[int, Given(NUMBERS), Meta(description="number of carbon atoms", ge=1, le=3)],
) -> FamilyMembers:
    """List the gases of a family with one, two or three carbon atoms in the IPCC's sixth assessment report.

    By their short names (CFC, HCFC, HFC, HFO, PFC, HFE); the list is complete for the report's table, maybe empty.
    """
    prefix = FAMILIES.get(family.strip().casefold())
    if prefix is None:
        raise Refusal(f"no family of gases {family!r}")
    found = sorted(n for n in gases() if family_of(n) == prefix and _carbons(n) == carbons)
    return {"gases": found, "complete": True}


# --- refrigerant blends ---------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def blends() -> dict[str, list[tuple[str, float]]]:
    """(gas, mass fraction) pairs of the blends all of whose components the sixth report has, by name (R-410A)."""
    found = {}
    lines = data_file("Identifiers/Mixtures Compositions.tsv").read_text(encoding="utf-8").splitlines()
    for cells in (line.split("\t") for line in lines[1:]):
        count = int(cells[2])
        pairs = [(_aliases().get(cells[3 + i].strip(), ""), float(cells[3 + 2 * count + i])) for i in range(count)]
        name = re.fullmatch(r"R(\d{3}[A-Z]?)", cells[0].strip())
        if name and all(gas for gas, _ in pairs) and abs(sum(share for _, share in pairs) - 1) < 1e-6:
            found[f"R-{name[1]}"] = sorted(pairs, key=lambda pair: (-pair[1], pair[0]))
    return found


def find_blend(text: str) -> str:
    """The canonical name of a blend; Refusal when there is none."""
    name = re.sub(r"^r[- ]?", "R-", text.strip().casefold()).upper()
    if name not in blends():
        raise Refusal(f"no refrigerant blend {text!r} whose components the sixth assessment report lists")
    return name


def _akin_blends(blend: str) -> list[str]:
    mine = {gas for gas, _ in blends()[blend]}
    return [n for n, pairs in blends().items() if n != blend and len(mine & {gas for gas, _ in pairs}) >= 2]


BLEND = entity("refrigerant_blend", "refrigerant blend", samples=lambda: list(blends()), akin=_akin_blends)
Blend = Annotated[str, Entity("refrigerant_blend"), Meta(description='ASHRAE number, as in "R-410A"')]


class Component(TypedDict):
    gas: Annotated[str, Entity("greenhouse_gas")]
    mass_percent: Annotated[
        float,
        Quantity("mass fraction", "percent", additive=True),
        says("the percentage by mass of {gas} in {blend}", noun="percentage by mass"),
    ]


class Components(TypedDict):
    components: Annotated[
        list[Component],
        says("the components of {blend}", noun="component", plural="components",
             ask_count="How many components does the refrigerant blend {blend} have"),
    ]  # fmt: skip
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"blend": "R-410A"}, {"/components/0/mass_percent": 50, "/components/1/mass_percent": 50},
                "published: ASHRAE 34, R-410A is HFC-32 and HFC-125 (50/50)"),
        example({"blend": "R407C"}, {"/components/0/gas": "HFC-134a", "/components/0/mass_percent": 52},
                "published: ASHRAE 34, R-407C is HFC-32, HFC-125 and HFC-134a (23/25/52)"),
    ],
    **BLENDS,
)  # fmt: skip
def blend_components(blend: Blend) -> Components:
    """List the gases that a refrigerant blend consists of, with their percentages by mass, largest share first."""
    found = [{"gas": gas, "mass_percent": round(100 * share, 6)} for gas, share in blends()[find_blend(blend)]]
    return {"components": found, "complete": True}  # type: ignore[typeddict-item]


class BlendPotential(TypedDict):
    potential: Annotated[
        float,
        Quantity("global warming potential"),
        says(
            "the 100-year global warming potential of {blend} by the IPCC's Sixth Assessment Report",
            noun="100-year global warming potential",
            scope="by the IPCC's Sixth Assessment Report",
        ),
    ]


@tool(
    "processing",
    examples=[
        example({"blend": "R-410A"}, {"/potential": 0.5 * 771 + 0.5 * 3740}, "identity: mean weighted by mass"),
        example({"blend": "R-407C"}, {"/potential": 0.23 * 771 + 0.25 * 3740 + 0.52 * 1530},
                "identity: mean weighted by mass"),
    ],
    **BLENDS,
)  # fmt: skip
def blend_warming_potential(blend: Blend) -> BlendPotential:
    """Compute the 100-year global warming potential of a refrigerant blend: the mean of its gases weighted by mass."""
    return {"potential": sum(share * potential(gas, 100) for gas, share in blends()[find_blend(blend)])}


class Equivalent(TypedDict):
    tonnes: Annotated[
        float,
        Quantity("carbon dioxide equivalent", "tonnes", additive=True),
        says(
            "the carbon dioxide equivalent of {kilograms} kilograms of a gas with {potential}",
            noun="carbon dioxide equivalent",
            most="largest", least="smallest", more="larger", less="smaller",
        ),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"potential": 1530, "kilograms": 2}, {"/tonnes": 3.06}, "identity: 2 kg times 1530"),
        example({"potential": 1, "kilograms": 1000}, {"/tonnes": 1.0}, "identity: carbon dioxide itself"),
    ],
)
def carbon_dioxide_equivalent(
    potential: Annotated[float, Quantity("global warming potential"), Meta(ge=0)],
    kilograms: Annotated[float, Given(0.5, 2.5, 5, 10, 50), Meta(description="mass in kilograms", gt=0)],
) -> Equivalent:
    """Compute the emission of carbon dioxide, in tonnes, that warms as much as a mass of a gas of a given potential."""
    return {"tonnes": potential * kilograms / 1000}
