"""Compounds by formula, class and homologous series, and what their structures tell."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.chemistry.compounds import (
    Compound,
    atoms_of,
    compound_names,
    compound_rows,
    find_compound,
    sources,
)
from dive_tools.values import Entity, Quantity, entity, says

PUBCHEM = sources("PubChem names and structures")
RDKIT = sources("PubChem structures; RDKit", "rdkit")
CLASSES = {  # IUPAC Gold Book definitions as SMARTS; a member has no other functional group and no ring
    "alcohols": "[CX4][OX2H]",
    "ethers": "[CX4][OX2][CX4]",
    "aldehydes": "[CX4,#1][CX3H1](=O)",
    "ketones": "[CX4][CX3](=O)[CX4]",
    "carboxylic acids": "[CX4,#1][CX3](=O)[OX2H]",
    "esters": "[CX4,#1][CX3](=O)[OX2][CX4]",
    "amines": "[NX3;!$(NC=[O,N])]",
    "nitriles": "[CX4][CX2]#N",
    "thiols": "[CX4][SX2H]",
    "sulfides": "[CX4][SX2][CX4]",
    "alkenes": "C=C",
    "alkynes": "C#C",
    "alkanes": "",
}
HETERO = {
    "alcohols": {"O": 1}, "ethers": {"O": 1}, "aldehydes": {"O": 1}, "ketones": {"O": 1},
    "carboxylic acids": {"O": 2}, "esters": {"O": 2}, "amines": {"N": 1}, "nitriles": {"N": 1}, "thiols": {"S": 1},
    "sulfides": {"S": 1}, "alkenes": {}, "alkynes": {}, "alkanes": {},
}  # fmt: skip
UNSATURATED = {"aldehydes": 1, "ketones": 1, "carboxylic acids": 1, "esters": 1, "nitriles": 2, "alkenes": 1,
               "alkynes": 2}  # fmt: skip


@lru_cache(maxsize=4096)
def molecule(compound: str) -> Any:
    """The RDKit molecule of a compound of one piece with carbon; Refusal otherwise."""
    row = find_compound(compound)
    if "." in row["smiles"] or "C" not in atoms_of(row["formula"]):
        raise Refusal(f"{row['name']} is no organic compound of one molecule")
    from rdkit import Chem, RDLogger

    RDLogger.DisableLog("rdApp.*")  # type: ignore[attr-defined]
    found = Chem.MolFromSmiles(row["smiles"])
    if found is None:
        raise Refusal(f"RDKit cannot read the structure of {row['name']}")
    return found


def unsaturation(formula: str) -> float:
    """Rings and double bonds of a formula of C, H, N, O, S and halogens."""
    atoms = atoms_of(formula)
    if not atoms.get("C") or set(atoms) - {"C", "H", "N", "O", "S", "F", "Cl", "Br", "I"}:
        raise Refusal(f"{formula} is not made of carbon, hydrogen, nitrogen, oxygen, sulfur and halogens alone")
    ones = sum(atoms.get(s, 0) for s in ("H", "F", "Cl", "Br", "I"))
    return (2 * atoms["C"] + 2 + atoms.get("N", 0) - ones) / 2


@lru_cache(maxsize=1)
def _named() -> list[dict[str, str]]:
    return [row for row in compound_rows().values() if row["crc"] and len(atoms_of(row["formula"])) > 1]


@lru_cache(maxsize=1)
def by_formula() -> dict[str, list[str]]:
    """The named compounds of each molecular formula."""
    found: dict[str, list[str]] = {}
    for row in _named():
        found.setdefault(row["formula"], []).append(row["name"])
    return {formula: sorted(names) for formula, names in found.items()}


def _formulas() -> list[str]:
    """Formulas of three to six named compounds, half of which are seeds themselves."""
    known = set(compound_names())
    return sorted(
        f for f, names in by_formula().items() if 3 <= len(names) <= 6 and 2 * len(known & set(names)) >= len(names)
    )


FORMULA = entity(
    "molecular_formula",
    "molecular formula",
    intro="the molecular formula {}",
    samples=_formulas,
)
CLASS = entity(
    "compound_class",
    "class of compounds",
    "classes of compounds",
    intro="the open-chain {}",
    samples=lambda: class_names(),
)


class Isomers(TypedDict):
    compounds: Annotated[
        list[Annotated[str, Entity("compound")]],
        says("the compounds with {formula} listed in the compound table", noun="compound", plural="compounds"),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"formula": "C2H6O"}, {"/compounds": ["dimethyl ether", "ethanol"]},
                "published: PubChem, the two isomers of C2H6O"),
        example({"formula": "C4H10"}, {"/compounds": ["butane", "isobutane"]}, "published: PubChem, isomers of C4H10"),
        example({"formula": "C5H12"}, {"/compounds": ["isopentane", "neopentane", "pentane"]},
                "published: PubChem, the three isomers of C5H12"),
    ],
    **PUBCHEM,
)  # fmt: skip
def compounds_of_formula(
    formula: Annotated[str, Entity("molecular_formula"), Meta(description="Hill formula (C2H6O)")],
) -> Isomers:
    """List the compounds of a molecular formula, by name, among those that the CRC Handbook's tables name.

    The list is complete for the compounds whose names and structures the chemicals library holds; it may be empty.
    """
    return {"compounds": by_formula().get(formula.strip(), []), "complete": True}


@lru_cache(maxsize=1)
def _by_class() -> dict[tuple[str, int], list[str]]:
    from rdkit import Chem, RDLogger

    RDLogger.DisableLog("rdApp.*")  # type: ignore[attr-defined]
    patterns: dict[str, Any] = {name: Chem.MolFromSmarts(text) if text else None for name, text in CLASSES.items()}
    found: dict[tuple[str, int], list[str]] = {}
    for row in _named():
        atoms = atoms_of(row["formula"])
        hetero = {s: n for s, n in atoms.items() if s not in "CH"}
        wanted = [c for c in CLASSES if HETERO[c] == hetero and atoms.get("C", 0) and "1" not in row["smiles"]]
        wanted = [c for c in wanted if unsaturation(row["formula"]) == UNSATURATED.get(c, 0)]
        if wanted and (made := Chem.MolFromSmiles(row["smiles"])):
            for name in wanted:
                if patterns[name] is None or made.HasSubstructMatch(patterns[name]):
                    found.setdefault((name, atoms["C"]), []).append(row["name"])
    return {key: sorted(names) for key, names in found.items()}


def class_names() -> list[str]:
    """Classes such as "C5 alcohols" of which the compound table names three to six, half of them seeds themselves."""
    known = set(compound_names())
    return [
        f"C{size} {name}"
        for (name, size), found in sorted(_by_class().items())
        if 3 <= len(found) <= 6 and 2 * len(known & set(found)) >= len(found)
    ]


class Members(TypedDict):
    compounds: Annotated[
        list[Annotated[str, Entity("compound")]],
        says(
            "{compound_class} listed in the compound table",
            noun="compound",
            plural="compounds",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"compound_class": "C5 ketones"},
                {"/compounds": ["2-pentanone", "3-methyl-2-butanone", "3-pentanone"]},
                "identity: C5H10O has three ketones"),
        example({"compound_class": "C3 alcohols"}, {"/compounds": ["1-propanol", "2-propanol"]},
                "identity: C3H8O has two alcohols"),
    ],
    **RDKIT,
)  # fmt: skip
def compounds_of_class(
    compound_class: Annotated[
        str, Entity("compound_class"), Meta(description="as in C5 ketones: the number of carbon atoms and the class")
    ],
) -> Members:
    """List the open-chain compounds of a class, with a number of carbon atoms and no other functional group, by name.

    From the compounds that the CRC Handbook's tables name and whose structures the chemicals library holds; complete
    in that sense. Refuses an unknown class: alkanes, alkenes, alkynes, alcohols, ethers, aldehydes, ketones,
    carboxylic acids, esters, amines, nitriles, thiols and sulfides are known.
    """
    asked = re.fullmatch(r"(?:the open-chain )?[cC](\d+) ([a-z ]+)", compound_class.strip())
    if asked is None or asked[2] not in CLASSES:
        raise Refusal(f"no class of compounds {compound_class!r}")
    return {"compounds": _by_class().get((asked[2], int(asked[1])), []), "complete": True}


class Unsaturation(TypedDict):
    degree: Annotated[
        int,
        Quantity("degree of unsaturation"),
        says("the degree of unsaturation of {compound}", noun="degree of unsaturation"),
    ]


@tool(
    "processing",
    examples=[
        example({"compound": "benzene"}, {"/degree": 4}, "identity: one ring and three double bonds"),
        example({"compound": "caffeine"}, {"/degree": 6}, "identity: two rings and four double bonds"),
        example({"compound": "sulfuric acid"}, {"error": "refused"}, "identity: no carbon"),
    ],
    **PUBCHEM,
)
def compound_unsaturation(compound: Compound) -> Unsaturation:
    """Compute the degree of unsaturation (rings plus double bonds) from the formula of an organic compound.

    (2 C + 2 + N - H - halogens) / 2. Refuses formulas with other elements, and those of radicals.
    """
    found = unsaturation(find_compound(compound)["formula"])
    if found < 0 or found % 1:
        raise Refusal(f"{compound} has no whole degree of unsaturation")
    return {"degree": int(found)}


class Signals(TypedDict):
    distinct_carbons: Annotated[
        int,
        Quantity("number of distinct carbon atoms", "carbon atoms"),
        says(
            "the number of constitutionally distinct carbon atoms in {compound}",
            noun="number of constitutionally distinct carbon atoms",
            most="largest", least="smallest", more="larger", less="smaller",
            ask="How many constitutionally distinct carbon atoms does a molecule of {compound} have",
        ),
    ]  # fmt: skip
    rotatable_bonds: Annotated[
        int,
        Quantity("number of bonds", "bonds"),
        says(
            "the number of rotatable bonds in {compound} by RDKit's strict definition",
            noun="number of rotatable bonds",
            scope="by RDKit's strict definition",
            most="largest", least="smallest", more="larger", less="smaller",
        ),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"compound": "toluene"}, {"/distinct_carbons": 5, "/rotatable_bonds": 0},
                "published: toluene shows five carbon-13 signals"),
        example({"compound": "ethanol"}, {"/distinct_carbons": 2}, "published: two carbon-13 signals"),
        example({"compound": "neopentane"}, {"/distinct_carbons": 2}, "identity: four equal methyls and a centre"),
    ],
    **RDKIT,
)  # fmt: skip
def compound_symmetry(compound: Compound) -> Signals:
    """Count the carbon atoms that differ in constitution (stereochemistry aside), and the rotatable bonds.

    From the constitution of the molecule by RDKit. Refuses inorganic compounds and salts.
    """
    from rdkit import Chem
    from rdkit.Chem import rdMolDescriptors

    made = molecule(compound)
    ranks = Chem.CanonicalRankAtoms(made, breakTies=False, includeChirality=False)
    carbons = {rank for rank, atom in zip(ranks, made.GetAtoms(), strict=True) if atom.GetSymbol() == "C"}
    return {"distinct_carbons": len(carbons), "rotatable_bonds": rdMolDescriptors.CalcNumRotatableBonds(made)}
