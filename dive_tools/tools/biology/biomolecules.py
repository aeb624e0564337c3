"""Small biomolecules by name, and descriptors of their structures."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.biology.biomolecule_table import BIOMOLECULES
from dive_tools.values import Entity, Given, Quantity, says

TABLE: dict[str, Any] = {"source": "PubChem structures, a table of dive-tools", "licence": "public domain"}
RDKIT: dict[str, Any] = {"needs": ("rdkit",), "source": "RDKit", "licence": "BSD-3-Clause"}
Structure = Annotated[str, Entity("biomolecule_structure"), Meta(description="SMILES", min_length=1, max_length=400)]
Biomolecule = Annotated[str, Entity("biomolecule"), Meta(description='English name ("dopamine")')]
ALIASES = {
    "epinephrine": "adrenaline", "norepinephrine": "noradrenaline", "estradiol": "oestradiol", "estrone": "oestrone",
    "estriol": "oestriol", "heroin": "diamorphine", "hydrocortisone": "cortisol", "penicillin g": "benzylpenicillin",
    "dehydroepiandrosterone": "prasterone", "vitamin b1": "thiamine", "niacin": "nicotinic acid",
    "acetylsalicylic acid": "aspirin", "alpha-ketoglutaric acid": "2-oxoglutaric acid", "vitamin a": "retinol",
}  # fmt: skip


@lru_cache(maxsize=4096)
def molecule(smiles: str) -> Any:
    """The RDKit molecule of a SMILES string; Refusal when it is none."""
    from rdkit import Chem, RDLogger

    RDLogger.DisableLog("rdApp.*")  # type: ignore[attr-defined]
    found = Chem.MolFromSmiles(smiles)
    if found is None or not found.GetNumAtoms():
        raise Refusal("this is not a SMILES string that RDKit can read")
    return found


class Record(TypedDict):
    name: Annotated[str, says(quiet=True)]
    group: Annotated[
        str,
        Entity("biomolecule_group"),
        says(
            "the group to which the biomolecule table assigns {biomolecule}", noun="group",
            ask="To which group does the biomolecule table assign {biomolecule}",
        ),
    ]  # fmt: skip
    structure: Annotated[str, Entity("biomolecule_structure"), says("{biomolecule}")]


@tool(
    "retrieval",
    examples=[
        example({"biomolecule": "epinephrine"}, {"/name": "adrenaline", "/group": "catecholamines"},
                "published: PubChem, epinephrine, synonym adrenaline"),
        example({"biomolecule": "putrescine"}, {"/structure": "NCCCCN"}, "published: PubChem, 1,4-diaminobutane"),
        example({"biomolecule": "phlogiston"}, {"error": "refused"}, "identity: no such substance"),
    ],
    **TABLE,
)  # fmt: skip
def biomolecule_record(biomolecule: Biomolecule) -> Record:
    """Look up a small biomolecule in the biomolecule table of dive-tools: its group and its structure as SMILES.

    The structure is constitutional (no stereochemistry), with acids and amines neutral.
    """
    folded = biomolecule.strip().casefold()
    name = next((n for n in BIOMOLECULES if n.casefold() == ALIASES.get(folded, folded)), None)
    if name is None:
        raise Refusal(f"no biomolecule named {biomolecule!r} in the biomolecule table")
    return {"name": name, "group": BIOMOLECULES[name][0], "structure": BIOMOLECULES[name][1]}


class Members(TypedDict):
    biomolecules: Annotated[
        list[Annotated[str, Entity("biomolecule")]],
        says(
            "the members of {group} in the biomolecule table", noun="biomolecule", plural="biomolecules",
            ask_count="How many members of {group} does the biomolecule table list",
        ),
    ]  # fmt: skip
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"group": "catecholamines"}, {"/biomolecules": ["adrenaline", "dopamine", "noradrenaline"]},
                "published: the three catecholamine transmitters"),
        example({"group": "ketone bodies"}, {"/biomolecules": ["3-hydroxybutyric acid", "acetoacetic acid", "acetone"]},
                "published: the three ketone bodies"),
    ],
    **TABLE,
)  # fmt: skip
def biomolecules_of_group(
    group: Annotated[str, Entity("biomolecule_group"), Meta(description='group of the table ("methylxanthines")')],
) -> Members:
    """List the members of a group of the biomolecule table of dive-tools, in alphabetical order; complete for it."""
    found = sorted(name for name, row in BIOMOLECULES.items() if row[0] == group.strip())
    if not found:
        raise Refusal(f"the biomolecule table has no group {group!r}")
    return {"biomolecules": found, "complete": True}


class Masses(TypedDict):
    average: Annotated[
        float,
        Quantity("biomolecule mass", "daltons"),
        says(
            "the average molecular mass of {structure}", noun="average molecular mass",
            most="largest", least="smallest", more="larger", less="smaller",
        ),
    ]  # fmt: skip
    monoisotopic: Annotated[
        float,
        Quantity("biomolecule monoisotopic mass", "daltons"),
        says(
            "the monoisotopic mass of {structure}", noun="monoisotopic mass",
            most="largest", least="smallest", more="larger", less="smaller",
        ),
    ]  # fmt: skip
    formula: Annotated[str, says("the molecular formula of {structure}", noun="molecular formula")]


@tool(
    "processing",
    examples=[
        example({"structure": "Cn1c(=O)c2c(ncn2C)n(C)c1=O"},
                {"/formula": "C8H10N4O2", "/average": 194.19, "/monoisotopic": 194.080376},
                "published: PubChem, caffeine, average mass given to 0.01", tolerance=3e-5),
        example({"structure": "O"}, {"/formula": "H2O", "/average": 18.015}, "published: water", tolerance=1e-4),
    ],
    **RDKIT,
)  # fmt: skip
def biomolecule_mass(structure: Structure) -> Masses:
    """Compute molecular formula, average and monoisotopic molecular mass (daltons) of a SMILES structure (RDKit)."""
    from rdkit.Chem import Descriptors, rdMolDescriptors

    found = molecule(structure)
    return {
        "average": Descriptors.MolWt(found),  # type: ignore[attr-defined]
        "monoisotopic": rdMolDescriptors.CalcExactMolWt(found),
        "formula": rdMolDescriptors.CalcMolFormula(found),
    }


class Polarity(TypedDict):
    logp: Annotated[
        float,
        Quantity("Crippen logP", scale="interval"),
        says("the Crippen logP of {structure}", noun="Crippen logP"),
    ]
    tpsa: Annotated[
        float,
        Quantity("topological polar surface area", "square ångströms"),
        says(
            "the topological polar surface area of {structure}", noun="topological polar surface area",
            most="largest", least="smallest", more="larger", less="smaller",
        ),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"structure": "CC(=O)Oc1ccccc1C(=O)O"}, {"/tpsa": 63.6}, "published: PubChem, aspirin, 63.6 Å²"),
        example({"structure": "C"}, {"/logp": 0.6361},
                "published: Wildman and Crippen 1999, methane: C1 0.1441 + 4 × H1 0.1230", tolerance=1e-4),
    ],
    **RDKIT,
)  # fmt: skip
def biomolecule_polarity(structure: Structure) -> Polarity:
    """Compute the Wildman–Crippen logP and the Ertl topological polar surface area (Å², N and O only) with RDKit."""
    from rdkit.Chem import Crippen, rdMolDescriptors

    found = molecule(structure)
    return {"logp": Crippen.MolLogP(found), "tpsa": rdMolDescriptors.CalcTPSA(found)}  # type: ignore[attr-defined]


class Bonding(TypedDict):
    donors: Annotated[
        int,
        Quantity("number of hydrogen-bond donors"),
        says(
            "the number of hydrogen-bond donors of {structure} (RDKit count)", noun="number of hydrogen-bond donors",
            most="largest", least="smallest", more="larger", less="smaller",
        ),
    ]  # fmt: skip
    acceptors: Annotated[
        int,
        Quantity("number of hydrogen-bond acceptors"),
        says(
            "the number of hydrogen-bond acceptors of {structure} (RDKit count)",
            noun="number of hydrogen-bond acceptors", most="largest", least="smallest", more="larger", less="smaller",
        ),
    ]  # fmt: skip
    rotatable: Annotated[
        int,
        Quantity("number of rotatable bonds"),
        says(
            "the number of rotatable bonds of {structure} (RDKit count)", noun="number of rotatable bonds",
            most="largest", least="smallest", more="larger", less="smaller",
        ),
    ]  # fmt: skip
    rings: Annotated[
        int,
        Quantity("number of rings"),
        says(
            "the number of rings of {structure}", noun="number of rings",
            most="largest", least="smallest", more="larger", less="smaller",
        ),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"structure": "NCCc1ccc(O)c(O)c1"}, {"/donors": 3, "/acceptors": 3, "/rotatable": 2, "/rings": 1},
                "published: PubChem, dopamine"),
        example({"structure": "Cn1c(=O)c2c(ncn2C)n(C)c1=O"}, {"/donors": 0, "/rings": 2, "/rotatable": 0},
                "published: PubChem, caffeine"),
    ],
    **RDKIT,
)  # fmt: skip
def biomolecule_counts(structure: Structure) -> Bonding:
    """Count hydrogen-bond donors and acceptors, rotatable bonds (strict) and rings (SSSR) of a structure (RDKit)."""
    from rdkit.Chem import rdMolDescriptors as d

    found = molecule(structure)
    return {
        "donors": d.CalcNumHBD(found),
        "acceptors": d.CalcNumHBA(found),
        "rotatable": d.CalcNumRotatableBonds(found),
        "rings": d.CalcNumRings(found),
    }


class Saturation(TypedDict):
    fraction: Annotated[
        float,
        Quantity("fraction of sp3 carbons"),
        says("the fraction of sp3-hybridised carbons in {structure}", noun="fraction of sp3-hybridised carbons"),
    ]


@tool(
    "processing",
    examples=[
        example({"structure": "NCCc1ccc(O)c(O)c1"}, {"/fraction": 0.25}, "identity: two of eight carbons"),
        example({"structure": "CC(=O)CC(=O)O"}, {"/fraction": 0.5}, "identity: two of four carbons"),
        example({"structure": "O"}, {"error": "refused"}, "identity: no carbon"),
    ],
    **RDKIT,
)
def biomolecule_sp3_fraction(structure: Structure) -> Saturation:
    """Compute the share of sp3-hybridised carbons among the carbons of a structure, from 0 to 1 (RDKit)."""
    from rdkit.Chem import rdMolDescriptors

    found = molecule(structure)
    if not any(atom.GetAtomicNum() == 6 for atom in found.GetAtoms()):
        raise Refusal("the structure has no carbon")
    return {"fraction": rdMolDescriptors.CalcFractionCSP3(found)}


class Lipinski(TypedDict):
    violations: Annotated[
        int,
        Quantity("number of violations"),
        says(
            "the number of limits of Lipinski's rule of five that {structure} breaks", noun="number of violations",
            most="largest", least="smallest",
            ask="How many limits of Lipinski's rule of five does {structure} break (Crippen logP)",
        ),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"structure": "CC(=O)Oc1ccccc1C(=O)O"}, {"/violations": 0}, "published: DrugBank, aspirin"),
        example({"structure": "CCCCCCCCCCCCCCCCCC(=O)O"}, {"/violations": 1}, "published: stearic acid, logP above 5"),
    ],
    **RDKIT,
)
def biomolecule_lipinski_violations(structure: Structure) -> Lipinski:
    """Count the broken limits of the rule of five: mass over 500 Da, Crippen logP over 5, more than 5 NH and OH, more
    than 10 N and O (RDKit)."""
    from rdkit.Chem import Crippen, Descriptors, rdMolDescriptors

    found = molecule(structure)
    return {
        "violations": (Descriptors.MolWt(found) > 500)  # type: ignore[attr-defined]
        + (Crippen.MolLogP(found) > 5)  # type: ignore[attr-defined]
        + (rdMolDescriptors.CalcNumLipinskiHBD(found) > 5)
        + (rdMolDescriptors.CalcNumLipinskiHBA(found) > 10)
    }


class GroupCount(TypedDict):
    count: Annotated[
        int,
        Quantity("number of functional groups"),
        says(
            "the number of {group} in {structure}", noun="number of groups", most="largest", least="smallest",
            more="larger", less="smaller", ask="How many {group} does {structure} have",
        ),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"structure": "O=C(O)CC(O)(CC(=O)O)C(=O)O", "group": "carboxylic acid"}, {"/count": 3},
                "published: citric acid is a hydroxytricarboxylic acid"),
        example({"structure": "NCCc1ccc(O)c(O)c1", "group": "hydroxyl"}, {"/count": 2},
                "published: dopamine is a catechol"),
        example({"structure": "NCCCNCCCCNCCCN", "group": "primary amine"}, {"/count": 2}, "published: spermine"),
    ],
    **RDKIT,
)  # fmt: skip
def biomolecule_functional_groups(
    structure: Structure,
    group: Annotated[
        str,
        Given({
            "carboxylic acid": "carboxyl groups", "hydroxyl": "hydroxyl groups outside carboxyl groups",
            "primary amine": "primary amino groups on a saturated carbon",
        }),
        Meta(description="carboxylic acid, hydroxyl (not in carboxyl), or primary amine (on saturated carbon)"),
    ],
) -> GroupCount:  # fmt: skip
    """Count the carboxyl groups, hydroxyl groups outside carboxyl groups, or primary amino groups on a saturated
    carbon of a structure (RDKit, by SMARTS)."""
    smarts = {
        "carboxylic acid": "[CX3](=O)[OX2H1]",
        "hydroxyl": "[OX2H][#6;!$(C=O)]",
        "primary amine": "[NX3H2][CX4]",
    }
    if group not in smarts:
        raise Refusal(f"the groups are {', '.join(smarts)}")
    return {"count": len(molecule(structure).GetSubstructMatches(_pattern(smarts[group])))}


@lru_cache(maxsize=8)
def _pattern(smarts: str) -> Any:
    from rdkit import Chem

    return Chem.MolFromSmarts(smarts)
