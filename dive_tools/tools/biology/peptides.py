"""Peptides by name, and what follows from their sequences."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.biology.amino_acids import AminoAcid, letter_of
from dive_tools.tools.biology.peptide_table import PEPTIDES
from dive_tools.tools.biology.species_table import SPECIES
from dive_tools.values import Entity, Given, Quantity, says

UNIPROT: dict[str, Any] = {"source": "UniProtKB entries, a table of dive-tools", "licence": "CC-BY-4.0"}
BIOPYTHON: dict[str, Any] = {"needs": ("Bio",), "licence": "BSD-3-Clause"}
Chain = Annotated[
    str,
    Entity("protein_sequence"),
    Meta(description="one-letter amino acid sequence", pattern="^[ACDEFGHIKLMNPQRSTVWY]+$", max_length=5000),
]
Peptide = Annotated[str, Entity("peptide"), Meta(description='name of a peptide or protein ("glucagon")')]
DigestPeptide = Annotated[
    str,
    Entity("digest_peptide"),
    Meta(description="one-letter amino acid sequence", pattern="^[ACDEFGHIKLMNPQRSTVWY]+$", max_length=500),
]


@lru_cache(maxsize=4096)
def _analysis(sequence: str) -> Any:
    from Bio.SeqUtils.ProtParam import ProteinAnalysis

    return ProteinAnalysis(sequence)


def _scientific(common: str) -> str:
    return next(name for name, row in SPECIES.items() if row["common"] == common)


def find_peptide(text: str) -> str:
    """The table's name of a peptide; Refusal when there is none."""
    found = next((name for name in PEPTIDES if name.casefold() == text.strip().casefold()), None)
    if found is None:
        raise Refusal(f"no peptide named {text!r} in the peptide table")
    return found


class PeptideRecord(TypedDict):
    name: Annotated[str, says(quiet=True)]
    species: Annotated[
        str,
        says("the source species of {peptide} in the peptide table", noun="source species"),
    ]
    entry: Annotated[
        str,
        Entity("precursor"),
        says(
            "the UniProt entry of the precursor of {peptide}", noun="UniProt entry",
            ask="From the protein of which UniProt entry is {peptide} cut, in the peptide table",
        ),
    ]  # fmt: skip
    length: Annotated[
        int,
        Quantity("chain length", "residues", additive=True),
        says(
            "the length of {peptide} in residues", noun="length in residues",
            most="longest", least="shortest", more="longer", less="shorter",
            ask="How many amino acid residues long is {peptide}",
        ),
    ]  # fmt: skip
    sequence: Annotated[
        str, Entity("protein_sequence"), says("the unmodified amino acid chain of {peptide}", noun="amino acid chain")
    ]


@tool(
    "retrieval",
    examples=[
        example({"peptide": "glucagon"}, {"/entry": "P01275", "/length": 29}, "published: UniProt P01275, 53–81"),
        example({"peptide": "Melittin"}, {"/species": "Apis mellifera", "/length": 26}, "published: UniProt P01501"),
        example({"peptide": "nothing"}, {"error": "refused"}, "identity: no such peptide"),
    ],
    **UNIPROT,
)
def peptide_record(peptide: Peptide) -> PeptideRecord:
    """Look up a peptide or small protein: source species, UniProt entry, length in residues and mature sequence.

    The sequence is the plain chain, without amidation, disulfide bonds or other modification.
    """
    name = find_peptide(peptide)
    entry, species, sequence = PEPTIDES[name]
    return {
        "name": name,
        "species": _scientific(species),
        "entry": entry,
        "length": len(sequence),
        "sequence": sequence,
    }


class ChainMass(TypedDict):
    average: Annotated[
        float,
        Quantity("protein mass", "daltons", additive=True),
        says(
            "the average molecular mass of {sequence}", noun="average molecular mass",
            most="largest", least="smallest", more="larger", less="smaller",
        ),
    ]  # fmt: skip
    monoisotopic: Annotated[
        float,
        Quantity("protein monoisotopic mass", "daltons", additive=True),
        says(
            "the monoisotopic mass of {sequence}", noun="monoisotopic mass",
            most="largest", least="smallest", more="larger", less="smaller",
        ),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"sequence": "DRVYIHPF"}, {"/average": 1046.179, "/monoisotopic": 1045.5345},
                "published: PubChem, angiotensin II, C50H71N13O12", tolerance=2e-5),
        example({"sequence": PEPTIDES["glucagon"][2]}, {"/average": 3482.747},
                "published: PubChem, glucagon, C153H225N43O49S", tolerance=2e-5),
    ],
    **BIOPYTHON,
)  # fmt: skip
def chain_mass(sequence: Chain) -> ChainMass:
    """Compute the average and monoisotopic mass, in daltons, of an unmodified amino acid chain (Biopython)."""
    from Bio.SeqUtils import molecular_weight

    return {
        "average": molecular_weight(sequence, "protein"),
        "monoisotopic": molecular_weight(sequence, "protein", monoisotopic=True),
    }


class IsoelectricPoint(TypedDict):
    isoelectric_point: Annotated[
        float,
        Quantity("isoelectric point", scale="interval"),
        says("the isoelectric point of {sequence} by the Bjellqvist pK values", noun="isoelectric point"),
    ]


@tool(
    "processing",
    examples=[
        example({"sequence": "DRVYIHPF"}, {"/isoelectric_point": 6.74},
                "published: ExPASy ProtParam, angiotensin II", tolerance=0.01),
        example({"sequence": PEPTIDES["hen egg-white lysozyme"][2]}, {"/isoelectric_point": 9.32},
                "published: ExPASy ProtParam, lysozyme C (P00698, 19–147)", tolerance=0.01),
    ],
    **BIOPYTHON,
)  # fmt: skip
def isoelectric_point(sequence: Chain) -> IsoelectricPoint:
    """Compute the pH at which an amino acid chain has no net charge, by the pK values of Bjellqvist (Biopython)."""
    return {"isoelectric_point": _analysis(sequence).isoelectric_point()}


class NetCharge(TypedDict):
    charge: Annotated[
        float,
        Quantity("net charge", "elementary charges", scale="interval"),
        says("the net charge of {sequence} at pH {ph} by the Bjellqvist pK values", noun="net charge"),
    ]


@tool(
    "processing",
    examples=[
        example({"sequence": "RRRR", "ph": 5.0}, {"/charge": 4.0},
                "identity: four arginines are positive, the two ends cancel", tolerance=0.05),
        example({"sequence": "DDD", "ph": 12.0}, {"/charge": -4.0},
                "identity: three side chains and one end are negative at high pH", tolerance=1e-3),
    ],
    **BIOPYTHON,
)  # fmt: skip
def chain_net_charge(
    sequence: Chain,
    ph: Annotated[float, Given(3.0, 5.0, 7.0, 7.4, 9.0), Meta(description="pH", ge=0, le=14)],
) -> NetCharge:
    """Compute the net charge of an amino acid chain at a pH, by the pK values of Bjellqvist (Biopython)."""
    return {"charge": _analysis(sequence).charge_at_pH(ph)}


class ChainIndices(TypedDict):
    gravy: Annotated[
        float,
        Quantity("GRAVY", scale="interval"),
        says("the grand average of hydropathy (GRAVY) of {sequence}", noun="GRAVY"),
    ]
    aromaticity: Annotated[
        float,
        Quantity("aromaticity"),
        says("the aromaticity of {sequence} (share of Phe, Trp and Tyr)", noun="aromaticity"),
    ]


@tool(
    "processing",
    examples=[
        example({"sequence": "RPPGFSPFR"}, {"/gravy": -1.0444444444, "/aromaticity": 0.2222222222},
                "identity: (2(-4.5) + 3(-1.6) - 0.4 + 2(2.8) - 0.8) / 9, and two Phe of nine"),
        example({"sequence": "IIII"}, {"/gravy": 4.5, "/aromaticity": 0.0},
                "published: Kyte and Doolittle 1982, isoleucine 4.5"),
    ],
    **BIOPYTHON,
)  # fmt: skip
def hydropathy_and_aromaticity(sequence: Chain) -> ChainIndices:
    """Compute the GRAVY (mean Kyte–Doolittle hydropathy) and the aromaticity of an amino acid chain (Biopython).

    Aromaticity is the share of phenylalanine, tryptophan and tyrosine among the residues, from 0 to 1.
    """
    found = _analysis(sequence)
    return {"gravy": found.gravy(), "aromaticity": found.aromaticity()}


class Instability(TypedDict):
    index: Annotated[
        float,
        Quantity("instability index", scale="interval"),
        says("the Guruprasad instability index of {sequence}", noun="instability index"),
    ]


@tool(
    "processing",
    examples=[
        example({"sequence": "GG"}, {"/index": 66.7}, "published: Guruprasad 1990: GG 13.34, times ten over length 2"),
        example({"sequence": PEPTIDES["hen egg-white lysozyme"][2]}, {"/index": 16.09},
                "published: ExPASy ProtParam, lysozyme C (P00698, 19–147)", tolerance=1e-3),
    ],
    **BIOPYTHON,
)  # fmt: skip
def instability_index(sequence: Chain) -> Instability:
    """Compute the instability index of Guruprasad et al. (1990) of an amino acid chain; above 40 is unstable."""
    if len(sequence) < 2:
        raise Refusal("the instability index needs two residues or more")
    return {"index": _analysis(sequence).instability_index()}


class Absorption(TypedDict):
    reduced: Annotated[
        int,
        Quantity("molar extinction coefficient", "litres per mole per centimetre"),
        says(
            "the molar extinction coefficient at 280 nm of {sequence} with all cysteines reduced",
            noun="molar extinction coefficient at 280 nm",
        ),
    ]


@tool(
    "processing",
    examples=[
        example({"sequence": PEPTIDES["hen egg-white lysozyme"][2]}, {"/reduced": 37470},
                "published: ExPASy ProtParam, lysozyme C (P00698, 19–147)"),
        example({"sequence": "WY"}, {"/reduced": 6990}, "published: Pace et al. 1995: Trp 5500, Tyr 1490"),
        example({"sequence": "GAG"}, {"error": "refused"}, "identity: no chromophore"),
    ],
    **BIOPYTHON,
)  # fmt: skip
def extinction_coefficient(sequence: Chain) -> Absorption:
    """Compute the molar extinction coefficient at 280 nm in water of a chain with all cysteines reduced (Pace 1995).

    Refuses a chain without tryptophan and tyrosine.
    """
    found = _analysis(sequence).molar_extinction_coefficient()[0]
    if not found:
        raise Refusal("the chain has neither tryptophan nor tyrosine")
    return {"reduced": found}


class Concentration(TypedDict):
    concentration: Annotated[
        float,
        Quantity("molar concentration", "micromoles per litre"),
        says(
            "the concentration of {sequence} (all cysteines reduced) in a solution with an absorbance of "
            "{absorbance} at 280 nm over 1 cm", noun="concentration",
        ),
    ]  # fmt: skip
    mass_concentration: Annotated[
        float,
        Quantity("mass concentration", "milligrams per millilitre"),
        says(
            "the mass concentration of {sequence} (all cysteines reduced) in a solution with an absorbance of "
            "{absorbance} at 280 nm over 1 cm", noun="mass concentration",
        ),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"sequence": "WY", "absorbance": 0.699}, {"/concentration": 100.0}, "identity: 0.699 / 6990 = 1e-4"),
        example({"sequence": PEPTIDES["hen egg-white lysozyme"][2], "absorbance": 1.0},
                {"/mass_concentration": 0.382}, "published: ExPASy ProtParam, Abs 0.1% = 2.618 (reduced)",
                tolerance=2e-3),
    ],
    **BIOPYTHON,
)  # fmt: skip
def concentration_from_absorbance(
    sequence: Chain,
    absorbance: Annotated[float, Given(0.2, 0.5, 0.8, 1.0), Meta(description="absorbance at 280 nm, 1 cm", gt=0, le=5)],
) -> Concentration:
    """Compute a peptide's concentration from its absorbance at 280 nm over 1 cm by Beer and Lambert's law.

    Extinction by Pace et al. 1995 with all cysteines reduced; micromoles per litre, and milligrams per millilitre.
    """
    molar = absorbance / extinction_coefficient(sequence)["reduced"]
    return {"concentration": molar * 1e6, "mass_concentration": molar * chain_mass(sequence)["average"]}


class ResidueCount(TypedDict):
    count: Annotated[
        int,
        Quantity("number of residues", additive=True),
        says(
            "the number of {amino_acid} residues in {sequence}", noun="number of residues", most="largest",
            least="smallest", more="larger", less="smaller",
            ask="How many {amino_acid} residues does {sequence} have",
        ),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"sequence": PEPTIDES["hen egg-white lysozyme"][2], "amino_acid": "cysteine"}, {"/count": 8},
                "published: lysozyme has four disulfide bonds, UniProt P00698"),
        example({"sequence": PEPTIDES["ubiquitin"][2], "amino_acid": "lysine"}, {"/count": 7},
                "published: ubiquitin has seven lysines"),
    ],
)  # fmt: skip
def residue_count(
    sequence: Chain,
    amino_acid: Annotated[
        AminoAcid, Given("lysine", "arginine", "cysteine", "glycine", "leucine", "serine", "tyrosine")
    ],
) -> ResidueCount:
    """Count the residues of one amino acid in an amino acid chain."""
    return {"count": sequence.count(letter_of(amino_acid))}
