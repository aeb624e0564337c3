"""Ligands and modified residues of the Protein Data Bank: weight, atoms, origin, and the amino acids behind them."""

from __future__ import annotations

from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.biology.amino_acids import AminoAcid, letter_of
from dive_tools.tools.biology.component_table import (
    CCD,
    Component,
    atoms,
    by_entry,
    by_parent,
    components,
    find_component,
    parent_of,
)
from dive_tools.tools.biology.types import AMINO_ACIDS
from dive_tools.values import Entity, Given, Quantity, says

SIZE = {"most": "largest", "least": "smallest", "more": "larger", "less": "smaller"}


class ComponentRecord(TypedDict):
    component: Annotated[str, says(quiet=True)]
    weight: Annotated[
        float,
        Quantity("component weight", "daltons"),
        says("the formula weight of {component}", noun="formula weight", **SIZE),
    ]
    formula: Annotated[str, says("the molecular formula of {component}", noun="molecular formula")]


@tool(
    "retrieval",
    examples=[
        example({"component": "HEM"}, {"/weight": 616.487, "/formula": "C34H32FeN4O4"},
                "published: RCSB PDB, ligand HEM, 616.49 g/mol"),
        example({"component": "sep"}, {"/component": "SEP", "/weight": 185.072},
                "published: RCSB PDB, phosphoserine, 185.07 g/mol"),
        example({"component": "????"}, {"error": "refused"}, "identity: no identifier"),
    ],
    **CCD,
)  # fmt: skip
def pdb_component(component: Component) -> ComponentRecord:
    """Look up a ligand or residue in the Chemical Component Dictionary of the PDB: formula and weight in daltons.

    Refuses identifiers that are not in the dictionary as released.
    """
    name = find_component(component)
    return {
        "component": name,
        "weight": components()[name].weight,
        "formula": components()[name].formula.replace(" ", ""),
    }


class ComponentAtoms(TypedDict):
    carbon: Annotated[
        int,
        Quantity("number of carbon atoms"),
        says(
            "the number of carbon atoms of {component}", noun="number of carbon atoms",
            ask="How many carbon atoms does {component} have", **SIZE,
        ),
    ]  # fmt: skip
    nitrogen: Annotated[
        int,
        Quantity("number of nitrogen atoms"),
        says(
            "the number of nitrogen atoms of {component}", noun="number of nitrogen atoms",
            ask="How many nitrogen atoms does {component} have", **SIZE,
        ),
    ]  # fmt: skip
    oxygen: Annotated[
        int,
        Quantity("number of oxygen atoms"),
        says(
            "the number of oxygen atoms of {component}", noun="number of oxygen atoms",
            ask="How many oxygen atoms does {component} have", **SIZE,
        ),
    ]  # fmt: skip


@tool(
    "retrieval",
    examples=[
        example({"component": "ATP"}, {"/carbon": 10, "/nitrogen": 5, "/oxygen": 13},
                "published: RCSB PDB, ligand ATP, C10 H16 N5 O13 P3"),
        example({"component": "HOH"}, {"/carbon": 0, "/oxygen": 1}, "identity: water"),
    ],
    **CCD,
)  # fmt: skip
def pdb_component_atoms(component: Component) -> ComponentAtoms:
    """Look up the numbers of carbon, nitrogen and oxygen atoms in the formula of a component of the PDB."""
    found = atoms(find_component(component))
    return {"carbon": found.get("C", 0), "nitrogen": found.get("N", 0), "oxygen": found.get("O", 0)}


class Parent(TypedDict):
    amino_acid: Annotated[
        str,
        Entity("amino_acid"),
        says(
            "the amino acid that {component} is a modified form of", noun="parent amino acid",
            ask="Of which amino acid is {component} a modified form, by the Chemical Component Dictionary",
        ),
    ]  # fmt: skip


@tool(
    "retrieval",
    examples=[
        example({"component": "MSE"}, {"/amino_acid": "methionine"}, "published: RCSB PDB, selenomethionine"),
        example({"component": "TPO"}, {"/amino_acid": "threonine"}, "published: RCSB PDB, phosphothreonine"),
        example({"component": "HEM"}, {"error": "refused"}, "identity: haem is no residue"),
    ],
    **CCD,
)
def modified_residue_parent(component: Component) -> Parent:
    """Look up the proteinogenic amino acid of which a component of the PDB is a modified form.

    By the parent component that the dictionary gives; refuses components without one among the twenty.
    """
    name = find_component(component)
    parent = parent_of(name)
    if parent is None:
        raise Refusal(f"the dictionary gives no proteinogenic amino acid as the parent of {name}")
    return {"amino_acid": parent}


class Modified(TypedDict):
    components: Annotated[
        list[Annotated[str, Entity("pdb_component")]],
        says(
            "the modified forms of {amino_acid} in the Chemical Component Dictionary that contain {element}",
            only="the only modified form of {amino_acid} in the Chemical Component Dictionary that contains {element}",
            noun="PDB component", plural="PDB components",
            ask_count="How many modified forms of {amino_acid} in the Chemical Component Dictionary contain {element}",
        ),
    ]  # fmt: skip
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"amino_acid": "methionine", "element": "Se"}, {"/components": ["MSE", "MSO"]},
                "published: RCSB PDB, selenomethionine and its selenoxide"),
        example({"amino_acid": "tyrosine", "element": "Br"}, {"/components": ["4BF", "BYR", "DBY"]},
                "published: RCSB PDB, two bromotyrosines and dibromotyrosine"),
        example({"amino_acid": "glycine", "element": "gold"}, {"error": "bad_arguments"}, "identity: no symbol"),
    ],
    **CCD,
)  # fmt: skip
def modified_residues(
    amino_acid: AminoAcid,
    element: Annotated[
        str,
        Given({"F": "fluorine", "P": "phosphorus", "Cl": "chlorine", "Br": "bromine", "I": "iodine", "B": "boron",
               "S": "sulfur"}),
        Meta(description='symbol of a chemical element ("P")', pattern="^[A-Z][a-z]?$"),
    ],
) -> Modified:  # fmt: skip
    """List the modified forms of a proteinogenic amino acid in the PDB's dictionary that contain an element.

    Components whose parent the dictionary gives as that amino acid; in alphabetical order, complete.
    """
    parent = AMINO_ACIDS[letter_of(amino_acid)]
    return {"components": [n for n in by_parent().get(parent, []) if element in atoms(n)], "complete": True}


class Origin(TypedDict):
    entry: Annotated[
        str,
        Entity("pdb_entry"),
        says(
            "the PDB entry on which {component} is modelled in the Chemical Component Dictionary", noun="PDB entry",
            quiet=True,
        ),
    ]  # fmt: skip
    year: Annotated[
        int,
        says(
            "the year in which {component} was defined in the Chemical Component Dictionary",
            ask="In which year was {component} defined in the Chemical Component Dictionary",
        ),
    ]  # fmt: skip


@tool(
    "retrieval",
    examples=[
        example({"component": "ATP"}, {"/entry": "1B0U", "/year": 1999}, "published: wwPDB, chem_comp ATP"),
        example({"component": "SEP"}, {"/entry": "1BX6"}, "published: wwPDB, chem_comp SEP"),
    ],
    **CCD,
)
def pdb_component_origin(component: Component) -> Origin:
    """Look up the PDB entry that a component's model coordinates come from, and the year in which it was defined.

    Refuses components without a model entry in the dictionary.
    """
    name = find_component(component)
    row = components()[name]
    if name not in by_entry().get(row.entry, []):
        raise Refusal(f"the dictionary gives no PDB entry for the model coordinates of {name}")
    return {"entry": row.entry, "year": int(row.defined[:4])}


class EntryComponents(TypedDict):
    components: Annotated[
        list[Annotated[str, Entity("pdb_component")]],
        says(
            "the components of the Chemical Component Dictionary modelled on {entry}",
            only="the only component of the Chemical Component Dictionary modelled on {entry}",
            noun="PDB component", plural="PDB components",
            ask_count="How many components of the Chemical Component Dictionary are modelled on {entry}",
        ),
    ]  # fmt: skip
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"entry": "1B0U"}, {"/components/0": "ATP"}, "published: wwPDB, chem_comp ATP"),
        example({"entry": "9ZZZ"}, {"error": "refused"}, "identity: no such model entry"),
    ],
    **CCD,
)
def pdb_entry_components(
    entry: Annotated[str, Entity("pdb_entry"), Meta(description='PDB entry ("1B0U")')],
) -> EntryComponents:
    """List the components whose model coordinates in the Chemical Component Dictionary come from a PDB entry.

    In alphabetical order, complete. Refuses an entry from which no component comes.
    """
    found = by_entry().get(entry.strip().upper())
    if not found:
        raise Refusal(f"no component has its model coordinates from the PDB entry {entry!r}")
    return {"components": found, "complete": True}
