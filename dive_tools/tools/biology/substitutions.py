"""Amino acids compared: substitution matrices, scales, atoms; codons read in two ways."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, TypedDict

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.biology.amino_acids import CODES, AminoAcid, Codon, find_code, letter_of, meaning, rna
from dive_tools.tools.biology.types import AMINO_ACIDS, genetic_codes
from dive_tools.values import Entity, Given, Quantity, says

MATRICES: dict[str, Any] = {"needs": ("Bio",), "source": "NCBI matrices, by Biopython", "licence": "BSD-3-Clause"}
SCALES: dict[str, Any] = {"needs": ("Bio",), "source": "published scales, by Biopython", "licence": "BSD-3-Clause"}
Matrix = Annotated[str, Given("BLOSUM62", "BLOSUM45", "PAM250")]
NAMES = ("BLOSUM45", "BLOSUM50", "BLOSUM62", "BLOSUM80", "BLOSUM90", "PAM30", "PAM70", "PAM250")


@lru_cache(maxsize=8)
def _scores(matrix: str) -> dict[tuple[str, str], int]:
    from Bio.Align import substitution_matrices

    if matrix not in NAMES:
        raise Refusal(f"the matrices are {', '.join(NAMES)}")
    found = substitution_matrices.load(matrix)
    return {(a, b): int(found[a, b]) for a in AMINO_ACIDS for b in AMINO_ACIDS}


class Score(TypedDict):
    score: Annotated[
        int,
        Quantity("substitution score", scale="interval"),
        says("the {matrix} score of {first} against {second}", noun="substitution score"),
    ]


@tool(
    "retrieval",
    distinct=("first", "second"),
    examples=[
        example({"first": "lysine", "second": "arginine", "matrix": "BLOSUM62"}, {"/score": 2},
                "published: Henikoff and Henikoff 1992, BLOSUM62"),
        example({"first": "tryptophan", "second": "tryptophan", "matrix": "PAM250"}, {"/score": 17},
                "published: Dayhoff et al. 1978, PAM250"),
        example({"first": "lysine", "second": "arginine", "matrix": "PAM1"}, {"error": "refused"},
                "identity: no such matrix in the table"),
    ],
    **MATRICES,
)  # fmt: skip
def substitution_score(first: AminoAcid, second: AminoAcid, matrix: Matrix) -> Score:
    """Look up the score of a pair of amino acids in a substitution matrix (BLOSUM45 to 90, PAM30 to 250)."""
    return {"score": _scores(matrix)[letter_of(first), letter_of(second)]}


class Similar(TypedDict):
    amino_acids: Annotated[
        list[Annotated[str, Entity("amino_acid")]],
        says(
            "the other amino acids with a positive {matrix} score against {amino_acid}",
            only="the only other amino acid with a positive {matrix} score against {amino_acid}",
            noun="amino acid", plural="amino acids",
            ask_count="How many other amino acids have a positive {matrix} score against {amino_acid}",
        ),
    ]  # fmt: skip
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"amino_acid": "isoleucine", "matrix": "BLOSUM62"}, {"/amino_acids": ["leucine", "methionine",
                "valine"]}, "published: Henikoff and Henikoff 1992, BLOSUM62"),
        example({"amino_acid": "proline", "matrix": "BLOSUM62"}, {"/amino_acids": []},
                "published: Henikoff and Henikoff 1992, BLOSUM62"),
    ],
    **MATRICES,
)  # fmt: skip
def similar_amino_acids(amino_acid: AminoAcid, matrix: Matrix) -> Similar:
    """List the other amino acids whose score against an amino acid is positive in a substitution matrix.

    Those that replace it more often than chance would have it; in alphabetical order, complete, possibly empty.
    """
    home = letter_of(amino_acid)
    found = sorted(AMINO_ACIDS[b] for (a, b), score in _scores(matrix).items() if a == home != b and score > 0)
    return {"amino_acids": found, "complete": True}


class Scales(TypedDict):
    hydrophilicity: Annotated[
        float,
        Quantity("hydrophilicity", scale="interval"),
        says("the Hopp–Woods hydrophilicity of {amino_acid}", noun="Hopp–Woods hydrophilicity"),
    ]
    transfer_energy: Annotated[
        float,
        Quantity("transfer energy", "kilocalories per mole", scale="interval"),
        says(
            "Janin's interior-to-surface transfer energy of {amino_acid}",
            noun="Janin's interior-to-surface transfer energy",
        ),
    ]  # fmt: skip
    flexibility: Annotated[
        float,
        Quantity("flexibility"),
        says("the Vihinen flexibility of {amino_acid}", noun="Vihinen flexibility"),
    ]


@tool(
    "retrieval",
    examples=[
        example({"amino_acid": "lysine"}, {"/hydrophilicity": 3.0}, "published: Hopp and Woods 1981, table 1"),
        example({"amino_acid": "W"}, {"/hydrophilicity": -3.4, "/flexibility": 0.904},
                "published: Hopp and Woods 1981; Vihinen et al. 1994"),
    ],
    **SCALES,
)  # fmt: skip
def amino_acid_scales(amino_acid: AminoAcid) -> Scales:
    """Look up an amino acid's hydrophilicity (Hopp and Woods 1981), transfer energy from the interior of a protein to
    its surface in kcal/mol (Janin 1979) and flexibility (Vihinen et al. 1994)."""
    from Bio.SeqUtils import ProtParamData

    letter = letter_of(amino_acid)
    return {
        "hydrophilicity": ProtParamData.hw[letter],
        "transfer_energy": ProtParamData.ja[letter],
        "flexibility": ProtParamData.Flex[letter],
    }


class Atoms(TypedDict):
    carbon: Annotated[
        int,
        Quantity("number of carbon atoms", additive=True),
        says(
            "the number of carbon atoms in {amino_acid}", noun="number of carbon atoms", most="largest",
            least="smallest", more="larger", less="smaller", ask="How many carbon atoms does {amino_acid} have",
        ),
    ]  # fmt: skip
    nitrogen: Annotated[
        int,
        Quantity("number of nitrogen atoms", additive=True),
        says(
            "the number of nitrogen atoms in {amino_acid}", noun="number of nitrogen atoms", most="largest",
            least="smallest", more="larger", less="smaller", ask="How many nitrogen atoms does {amino_acid} have",
        ),
    ]  # fmt: skip
    hydrogen: Annotated[
        int,
        Quantity("number of hydrogen atoms", additive=True),
        says(
            "the number of hydrogen atoms in a neutral molecule of {amino_acid}", noun="number of hydrogen atoms",
            most="largest", least="smallest", more="larger", less="smaller",
        ),
    ]  # fmt: skip


@tool(
    "retrieval",
    examples=[
        example({"amino_acid": "lysine"}, {"/carbon": 6, "/nitrogen": 2, "/hydrogen": 14},
                "published: PubChem, lysine, C6H14N2O2"),
        example({"amino_acid": "Trp"}, {"/carbon": 11, "/nitrogen": 2, "/hydrogen": 12},
                "published: PubChem, tryptophan, C11H12N2O2"),
    ],
    needs=("pyteomics",), source="compositions of pyteomics", licence="Apache-2.0",
)  # fmt: skip
def amino_acid_atoms(amino_acid: AminoAcid) -> Atoms:
    """Look up how many carbon, nitrogen and hydrogen atoms a free, neutral amino acid has (pyteomics)."""
    from pyteomics.mass import std_aa_comp

    residue = std_aa_comp[letter_of(amino_acid)]
    return {"carbon": residue["C"], "nitrogen": residue["N"], "hydrogen": residue["H"] + 2}


class Deviating(TypedDict):
    genetic_codes: Annotated[
        list[Annotated[str, Entity("genetic_code")]],
        says(
            "the NCBI genetic codes that read {codon} otherwise than the Standard genetic code",
            only="the only NCBI genetic code that reads {codon} otherwise than the Standard genetic code",
            noun="genetic code", plural="genetic codes",
            ask_count="How many NCBI genetic codes read {codon} otherwise than the Standard genetic code",
        ),
    ]  # fmt: skip
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"codon": "CUG"}, {"/genetic_codes": ["Alternative Yeast Nuclear", "Pachysolen tannophilus Nuclear",
                "Yeast Mitochondrial"]}, "published: NCBI, The Genetic Codes, tables 3, 12 and 26"),
        example({"codon": "AUG"}, {"/genetic_codes": []}, "published: NCBI, The Genetic Codes: always methionine"),
    ],
    **CODES,
)  # fmt: skip
def codes_reading_otherwise(codon: Codon) -> Deviating:
    """List the genetic codes of NCBI in which a codon has another meaning than in the Standard code (or is a stop).

    In alphabetical order, complete; codons that can be both read and stop codons count as stop codons.
    """
    found, standard = rna(codon), find_code("Standard")[1]
    home = meaning(standard, found)
    others = [name for name in genetic_codes() if meaning(find_code(name)[1], found) != home]
    return {"genetic_codes": sorted(others), "complete": True}
