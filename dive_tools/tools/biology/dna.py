"""DNA sequences and primers: composition, strands, translation, melting."""

from __future__ import annotations

import math
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.biology.amino_acids import Code, Host, find_code, host_usage, meaning
from dive_tools.tools.biology.primer_table import PRIMERS
from dive_tools.values import Entity, Given, Quantity, says

Dna = Annotated[
    str, Entity("dna"), Meta(description="bases A, C, G, T, 5' to 3'", pattern="^[ACGT]+$", max_length=20000)
]
Oligo = Annotated[
    str,
    Entity("oligonucleotide"),
    Meta(description="bases A, C, G, T, 5' to 3'", pattern="^[ACGT]+$", min_length=8, max_length=60),
]
Primer = Annotated[str, Entity("primer"), Meta(description='name of a primer ("M13 reverse")')]
FAMILY: dict[str, Any] = {"needs": ("Bio",), "licence": "BSD-3-Clause"}


def reading_frame(dna: str) -> str:
    """The sequence itself; Refusal unless it is a reading frame from ATG with whole codons only."""
    if not dna.startswith("ATG") or len(dna) % 3:
        raise Refusal("the sequence is not a reading frame that begins with ATG and has whole codons only")
    return dna


class Composition(TypedDict):
    gc_content: Annotated[
        float,
        Quantity("GC content", "percent"),
        says("the GC content of {dna}", noun="GC content", ask="What percentage of the bases of {dna} are G or C"),
    ]


@tool(
    "processing",
    examples=[
        example({"dna": "GAATTC"}, {"/gc_content": 33.333333333}, "identity: two of six bases"),
        example({"dna": "GCGGCCGC"}, {"/gc_content": 100.0}, "identity: all bases are G or C"),
    ],
)
def dna_composition(dna: Dna) -> Composition:
    """Compute the GC content of a DNA sequence, the percentage of its bases that are G or C."""
    return {"gc_content": 100 * (dna.count("G") + dna.count("C")) / len(dna)}


class Reverse(TypedDict):
    sequence: Annotated[str, says("the reverse complement of {dna}", noun="reverse complement")]


@tool(
    "processing",
    examples=[
        example({"dna": "GAATTC"}, {"/sequence": "GAATTC"}, "identity: the EcoRI site is a palindrome"),
        example({"dna": "GTAAAACGACGGCCAGT"}, {"/sequence": "ACTGGCCGTCGTTTTAC"},
                "published: M13 (-20) primer and its complement in pUC19"),
    ],
)  # fmt: skip
def reverse_complement(dna: Dna) -> Reverse:
    """Give the reverse complement of a DNA sequence, 5' to 3'."""
    return {"sequence": dna.translate(str.maketrans("ACGT", "TGCA"))[::-1]}


class Encoded(TypedDict):
    protein: Annotated[
        str,
        Entity("protein_sequence"),
        says(
            "the amino acid chain that {dna} encodes up to the first stop codon in {genetic_code}",
            noun="amino acid chain",
        ),
    ]


@tool(
    "processing",
    examples=[
        example({"dna": "ATGTGCTATATTCAGAACTGCCCGCTGGGCTAA", "genetic_code": "Standard"}, {"/protein": "MCYIQNCPLG"},
                "identity: codon by codon in NCBI table 1"),
        example({"dna": "ATGATATGA", "genetic_code": "Vertebrate Mitochondrial"}, {"/protein": "MMW"},
                "published: NCBI table 2: AUA is Met, UGA is Trp"),
        example({"dna": "TAAATG", "genetic_code": "Standard"}, {"error": "refused"}, "identity: no start codon"),
    ],
    **FAMILY,
)  # fmt: skip
def translate_dna(dna: Dna, genetic_code: Code) -> Encoded:
    """Translate a DNA sequence from its first base in a genetic code of NCBI, up to the first stop codon or the end.

    Refuses a sequence that is not a reading frame: it begins with ATG and has whole codons only.
    """
    table = find_code(genetic_code)[1]
    rna = reading_frame(dna).replace("T", "U")
    letters = "".join(meaning(table, rna[i : i + 3]) for i in range(0, len(rna) - 2, 3))
    return {"protein": letters.partition("*")[0]}


class CodonAt(TypedDict):
    codon: Annotated[
        str,
        Entity("codon"),
        says("the {number} codon of {dna}", noun="codon"),
    ]


@tool(
    "processing",
    examples=[
        example({"dna": "ATGTGCTAA", "number": 2}, {"/codon": "UGC"}, "identity: bases 4 to 6"),
        example({"dna": "ATG", "number": 2}, {"error": "refused"}, "identity: there is one codon only"),
    ],
)
def codon_at(
    dna: Dna,
    number: Annotated[
        int,
        Given({2: "second", 3: "third", 4: "fourth", 5: "fifth", 6: "sixth", 7: "seventh", 8: "eighth"}),
        Meta(description="1 for the first codon", ge=1),
    ],
) -> CodonAt:
    """Give the codon at a place of a reading frame (ATG first, whole codons only) of DNA, in RNA letters."""
    codon = reading_frame(dna)[3 * number - 3 : 3 * number].replace("T", "U")
    if len(codon) < 3:
        raise Refusal(f"the sequence has fewer than {number} codons")
    return {"codon": codon}


class Adaptation(TypedDict):
    index: Annotated[
        float,
        Quantity("codon adaptation index"),
        says(
            "the codon adaptation index of {dna} for {host}, from the relative frequencies of its codon usage table",
            noun="codon adaptation index",
        ),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"dna": "ATGCTGAAA", "host": "Escherichia coli"}, {"/index": 1.0},
                "identity: CTG and AAA are the most used codons of leucine and lysine"),
        example({"dna": "ATGAAGAAG", "host": "Escherichia coli"}, {"/index": 0.3157894737},
                "identity: AAG 0.24 over AAA 0.76 in the table"),
    ],
    needs=("python_codon_tables",), source="Sharp and Li 1987; Kazusa tables", licence="CC0-1.0",
)  # fmt: skip
def codon_adaptation_index(dna: Dna, host: Host) -> Adaptation:
    """Compute the codon adaptation index (Sharp and Li 1987) of a DNA sequence from its first base, for an organism.

    The geometric mean, over the codons but those for Met, Trp and stop, of each codon's frequency over that of the
    most used synonymous codon, in the codon usage table of python-codon-tables. Refuses a
    sequence that is not a reading frame (ATG first, whole codons only).
    """
    shares = host_usage(host)[1]
    weights = {
        codon: share / max(codons.values())
        for letter, codons in shares.items()
        if letter not in "MW*"
        for codon, share in codons.items()
    }
    used = [weights[dna[i : i + 3]] for i in range(0, len(reading_frame(dna)), 3) if dna[i : i + 3] in weights]
    if not used or not all(used):
        raise Refusal("no codon that counts, or one that the organism's table gives as never used")
    return {"index": math.exp(sum(map(math.log, used)) / len(used))}


# --- primers --------------------


class PrimerRecord(TypedDict):
    name: Annotated[str, says(quiet=True)]
    length: Annotated[
        int,
        Quantity("primer length", "bases", additive=True),
        says("the length of {primer} in bases", noun="length in bases", most="longest", least="shortest"),
    ]
    sequence: Annotated[str, Entity("oligonucleotide"), says("{primer}")]


@tool(
    "retrieval",
    examples=[
        example({"primer": "M13 reverse"}, {"/length": 17}, "published: CAGGAAACAGCTATGAC, 17 bases"),
        example({"primer": "ITS4"}, {"/sequence": "TCCTCCGCTTATTGATATGC"}, "published: White et al. 1990"),
    ],
    source="published protocols, a table of dive-tools", licence="facts",
)  # fmt: skip
def primer_record(primer: Primer) -> PrimerRecord:
    """Look up a widely used primer in the primer table of dive-tools: its length and sequence, 5' to 3'."""
    name = next((n for n in PRIMERS if n.casefold() == primer.strip().casefold()), None)
    if name is None:
        raise Refusal(f"no primer named {primer!r} in the primer table")
    return {"name": name, "length": len(PRIMERS[name][2]), "sequence": PRIMERS[name][2]}


class Partner(TypedDict):
    partner: Annotated[
        str,
        Entity("primer"),
        says(
            "the primer that is paired with {primer} in the primer table", noun="partner primer",
            ask="With which primer is {primer} paired in the primer table",
        ),
    ]  # fmt: skip


@tool(
    "retrieval",
    examples=[
        example({"primer": "LCO1490"}, {"/partner": "HCO2198"}, "published: Folmer et al. 1994"),
        example({"primer": "ITS1"}, {"/partner": "ITS4"}, "published: White et al. 1990"),
    ],
    source="published protocols, a table of dive-tools", licence="facts",
)  # fmt: skip
def primer_partner(primer: Primer) -> Partner:
    """Look up the primer that a widely used primer is paired with in the primer table; refuses where none is."""
    name = primer_record(primer)["name"]
    if not PRIMERS[name][0]:
        raise Refusal(f"the primer table pairs {name} with no other primer")
    return {"partner": PRIMERS[name][0]}


class OligoProperties(TypedDict):
    gc_content: Annotated[
        float,
        Quantity("primer GC content", "percent"),
        says("the GC content of {oligonucleotide}", noun="GC content"),
    ]
    mass: Annotated[
        float,
        Quantity("oligonucleotide mass", "daltons", additive=True),
        says(
            "the average molecular mass of {oligonucleotide} as single-stranded DNA with a 5' phosphate",
            noun="average molecular mass", most="largest", least="smallest", more="larger", less="smaller",
        ),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"oligonucleotide": "GCGCATAT"}, {"/gc_content": 50.0}, "identity: four of eight bases"),
        example({"oligonucleotide": "AAAAAAAA"}, {"/mass": 8 * 313.209 + 18.015},
                "identity: eight dAMP (331.22) less seven waters", tolerance=1e-4),
    ],
    **FAMILY,
)  # fmt: skip
def oligonucleotide_properties(oligonucleotide: Oligo) -> OligoProperties:
    """Compute GC content in percent and average mass in daltons of single-stranded DNA with a 5' phosphate."""
    from Bio.SeqUtils import molecular_weight

    bases = oligonucleotide.count("G") + oligonucleotide.count("C")
    return {"gc_content": 100 * bases / len(oligonucleotide), "mass": molecular_weight(oligonucleotide, "DNA")}


class Melting(TypedDict):
    temperature: Annotated[
        float,
        Quantity("melting temperature", "degrees Celsius", scale="interval"),
        says(
            "the melting temperature of {oligonucleotide} by the nearest-neighbour method (Biopython's DNA_NN3 "
            "table, 25 nM of each strand, {sodium} mM sodium)", noun="nearest-neighbour melting temperature",
        ),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"oligonucleotide": "GTAAAACGACGGCCAGT", "sodium": 50}, {"/temperature": 49.168},
                "second-library: primer3-py 2.4.0, calc_tm", tolerance=1e-3),
        example({"oligonucleotide": "GATTACA", "sodium": 50}, {"error": "bad_arguments"}, "identity: too short"),
    ],
    **FAMILY,
)  # fmt: skip
def primer_melting_temperature(
    oligonucleotide: Oligo,
    sodium: Annotated[int, Given(50, 100, 150), Meta(description="millimolar Na+", ge=10, le=1000)],
) -> Melting:
    """Compute the melting temperature in °C of an oligonucleotide against its complement, by nearest neighbours.

    Parameters of Allawi and SantaLucia 1997, salt correction of SantaLucia 1998, 25 nM of each strand, no Mg2+
    (Bio.SeqUtils.MeltingTemp.Tm_NN).
    """
    from Bio.SeqUtils import MeltingTemp

    found = MeltingTemp.Tm_NN(
        oligonucleotide, nn_table=MeltingTemp.DNA_NN3, dnac1=25, dnac2=25, Na=sodium, saltcorr=5
    )  # fmt: skip
    return {"temperature": float(found)}


class Wallace(TypedDict):
    temperature: Annotated[
        float,
        Quantity("Wallace melting temperature", "degrees Celsius", scale="interval"),
        says(
            "the melting temperature of {oligonucleotide} by the Wallace rule", noun="Wallace-rule melting temperature"
        ),
    ]


@tool(
    "processing",
    examples=[
        example({"oligonucleotide": "GCGCATAT"}, {"/temperature": 24.0}, "identity: 4 × 4 + 2 × 4"),
        example({"oligonucleotide": "CAGGAAACAGCTATGAC"}, {"/temperature": 50.0}, "identity: 4 × 8 + 2 × 9"),
    ],
)
def primer_wallace_temperature(oligonucleotide: Oligo) -> Wallace:
    """Estimate the melting temperature in °C of a short oligonucleotide by the Wallace rule, 4 (G + C) + 2 (A + T)."""
    strong = oligonucleotide.count("G") + oligonucleotide.count("C")
    return {"temperature": 4.0 * strong + 2.0 * (len(oligonucleotide) - strong)}
