"""Amino acids, codons, genetic codes and codon usage."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.biology.types import AMINO_ACIDS, CODONS, HOSTS, usage
from dive_tools.values import Entity, Given, Quantity, says

CODES: dict[str, Any] = {"needs": ("Bio",), "source": "NCBI genetic codes, by Biopython", "licence": "BSD-3-Clause"}
USAGE: dict[str, Any] = {
    "needs": ("python_codon_tables",),
    "source": "Codon Usage Database (Kazusa), by python-codon-tables",
    "licence": "CC0-1.0",
}
AminoAcid = Annotated[str, Entity("amino_acid"), Meta(description='name, one-letter or three-letter code ("lysine")')]
Codon = Annotated[str, Entity("codon"), Meta(description='three bases of RNA or DNA ("AUG")')]
Code = Annotated[
    str,
    Entity("genetic_code"),
    Given("Standard", "Vertebrate Mitochondrial"),
    Meta(description='NCBI name ("Standard") or number of a genetic code'),
]
OneCode = Annotated[str, Entity("genetic_code"), Meta(description='NCBI name ("Standard") or number of a genetic code')]
Host = Annotated[
    str, Entity("codon_usage_host"), Given(*HOSTS), Meta(description='scientific name ("Escherichia coli")')
]


def letter_of(text: str) -> str:
    """The one-letter code of an amino acid given by name or code; Refusal when it is none of the twenty."""
    folded = text.strip().casefold()
    for letter, name in AMINO_ACIDS.items():
        if folded in (letter.casefold(), name, three_letters(letter).casefold()):
            return letter
    raise Refusal(f"{text!r} is none of the twenty proteinogenic amino acids")


def three_letters(letter: str) -> str:
    """ "K" -> "Lys"."""
    odd = {"N": "Asn", "Q": "Gln", "I": "Ile", "W": "Trp"}
    return odd.get(letter) or AMINO_ACIDS[letter][:3].capitalize()


def rna(codon: str) -> str:
    """The codon in RNA letters; Refusal when it is none of the 64."""
    found = codon.strip().upper().replace("T", "U")
    if found not in CODONS:
        raise Refusal(f"{codon!r} is not a codon")
    return found


@lru_cache(maxsize=1)
def _codes() -> dict[str, Any]:
    from Bio.Data import CodonTable

    return {table.names[0]: table for table in CodonTable.unambiguous_rna_by_id.values()}


def find_code(text: str) -> tuple[str, Any]:
    """The name and Biopython table of a genetic code given by name or NCBI number; Refusal when there is none."""
    folded = text.strip().casefold().removesuffix(" genetic code")
    for name, table in _codes().items():
        if folded in (str(table.id), *(str(other).casefold() for other in table.names if other)):
            return name, table
    raise Refusal(f"NCBI has no genetic code {text!r}")


def meaning(table: Any, codon: str) -> str:
    """The one-letter code of the amino acid, or "*" for a stop codon."""
    return "*" if codon in table.stop_codons else str(table.forward_table[codon])


def host_usage(host: str) -> tuple[str, dict[str, dict[str, float]]]:
    """The canonical name and codon usage table of a host; Refusal when there is none."""
    name = next((n for n in HOSTS if n.casefold() == host.strip().casefold()), None)
    if name is None:
        raise Refusal(f"no codon usage table for {host!r}; there are {', '.join(HOSTS)}")
    return name, usage(name)


class AminoAcidProfile(TypedDict):
    name: Annotated[str, says(quiet=True)]
    three_letter_code: Annotated[str, says("the three-letter code of {amino_acid}", noun="three-letter code")]
    one_letter_code: Annotated[str, says("the one-letter code of {amino_acid}", noun="one-letter code")]
    hydropathy: Annotated[
        float,
        Quantity("hydropathy index", scale="interval"),
        says("the Kyte–Doolittle hydropathy index of {amino_acid}", noun="Kyte–Doolittle hydropathy index"),
    ]
    mass: Annotated[
        float,
        Quantity("amino acid mass", "daltons", additive=True),
        says(
            "the average molecular mass of {amino_acid} as a free molecule", noun="average molecular mass",
            most="largest", least="smallest", more="larger", less="smaller",
        ),
    ]  # fmt: skip


@tool(
    "retrieval",
    examples=[
        example({"amino_acid": "lysine"}, {"/three_letter_code": "Lys", "/one_letter_code": "K", "/hydropathy": -3.9},
                "published: Kyte and Doolittle 1982, table 2"),
        example({"amino_acid": "Trp"}, {"/name": "tryptophan", "/mass": 204.2252},
                "published: PubChem, L-tryptophan, 204.22 g/mol", tolerance=1e-4),
        example({"amino_acid": "citrulline"}, {"error": "refused"}, "identity: not one of the twenty"),
    ],
    needs=("Bio",), source="IUPAC codes and masses, Kyte and Doolittle 1982, by Biopython", licence="BSD-3-Clause",
)  # fmt: skip
def amino_acid_profile(amino_acid: AminoAcid) -> AminoAcidProfile:
    """Look up one of the twenty proteinogenic amino acids: IUPAC codes, Kyte–Doolittle hydropathy, mass in daltons.

    The mass is the average molecular mass of the free amino acid. Refuses any other amino acid.
    """
    from Bio.Data.IUPACData import protein_weights
    from Bio.SeqUtils.ProtParamData import kd

    letter = letter_of(amino_acid)
    return {
        "name": AMINO_ACIDS[letter],
        "three_letter_code": three_letters(letter),
        "one_letter_code": letter,
        "hydropathy": kd[letter],
        "mass": protein_weights[letter],
    }


class Codons(TypedDict):
    codons: Annotated[
        list[Annotated[str, Entity("codon")]],
        says(
            "the codons for {amino_acid} in {genetic_code}", noun="codon", plural="codons",
            ask_count="How many codons stand for {amino_acid} in {genetic_code}",
        ),
    ]  # fmt: skip
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"amino_acid": "methionine", "genetic_code": "Standard"}, {"/codons": ["AUG"]},
                "published: NCBI, The Genetic Codes, table 1"),
        example({"amino_acid": "tryptophan", "genetic_code": "Vertebrate Mitochondrial"}, {"/codons": ["UGA", "UGG"]},
                "published: NCBI, The Genetic Codes, table 2"),
    ],
    **CODES,
)  # fmt: skip
def amino_acid_codons(amino_acid: AminoAcid, genetic_code: Code) -> Codons:
    """List the RNA codons that stand for an amino acid in a genetic code of NCBI, in alphabetical order.

    The list is complete. Codons that are both read and stop codons in a table count as stop codons.
    """
    letter, (_, table) = letter_of(amino_acid), find_code(genetic_code)
    return {"codons": sorted(c for c in CODONS if meaning(table, c) == letter), "complete": True}


class Translation(TypedDict):
    amino_acid: Annotated[
        str,
        Entity("amino_acid"),
        says(
            "the amino acid that {codon} encodes in {genetic_code}", noun="amino acid",
            ask="Which amino acid does {codon} encode in {genetic_code}",
        ),
    ]  # fmt: skip


@tool(
    "retrieval",
    examples=[
        example({"codon": "AUA", "genetic_code": "Vertebrate Mitochondrial"}, {"/amino_acid": "methionine"},
                "published: NCBI, The Genetic Codes, table 2"),
        example({"codon": "TAA", "genetic_code": "1"}, {"error": "refused"}, "published: NCBI, table 1: ochre stop"),
    ],
    **CODES,
)  # fmt: skip
def codon_meaning(codon: Codon, genetic_code: Code) -> Translation:
    """Look up the amino acid that a codon encodes in a genetic code of NCBI; refuses a stop codon."""
    found, (name, table) = rna(codon), find_code(genetic_code)
    letter = meaning(table, found)
    if letter == "*":
        raise Refusal(f"{found} is a stop codon in the {name} genetic code")
    return {"amino_acid": AMINO_ACIDS[letter]}


class GeneticCode(TypedDict):
    name: Annotated[str, says(quiet=True)]
    number: Annotated[int, says("the NCBI table number of {genetic_code}", noun="NCBI table number")]
    start_codons: Annotated[
        list[Annotated[str, Entity("codon")]],
        says(
            "the start codons of {genetic_code}", noun="start codon", plural="start codons",
            ask_count="How many start codons does {genetic_code} have in the NCBI table",
        ),
    ]  # fmt: skip
    stop_codons: Annotated[
        list[Annotated[str, Entity("codon")]],
        says(
            "the stop codons of {genetic_code}", noun="stop codon", plural="stop codons",
            ask_count="How many stop codons does {genetic_code} have in the NCBI table",
        ),
    ]  # fmt: skip
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"genetic_code": "Standard"}, {"/stop_codons": ["UAA", "UAG", "UGA"], "/number": 1},
                "published: NCBI, The Genetic Codes, table 1"),
        example({"genetic_code": "2"}, {"/name": "Vertebrate Mitochondrial",
                "/stop_codons": ["AGA", "AGG", "UAA", "UAG"]}, "published: NCBI, The Genetic Codes, table 2"),
    ],
    **CODES,
)  # fmt: skip
def genetic_code_profile(genetic_code: OneCode) -> GeneticCode:
    """Look up a genetic code of NCBI by name or number: its table number, start codons and stop codons, complete."""
    name, table = find_code(genetic_code)
    return {
        "name": name,
        "number": table.id,
        "start_codons": sorted(table.start_codons),
        "stop_codons": sorted(table.stop_codons),
        "complete": True,
    }


class Reassigned(TypedDict):
    codons: Annotated[
        list[Annotated[str, Entity("codon")]],
        says(
            "the codons that {genetic_code} reads otherwise than the Standard genetic code", noun="codon",
            plural="codons",
            ask_count="How many codons have another meaning in {genetic_code} than in the Standard genetic code",
        ),
    ]  # fmt: skip
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"genetic_code": "Vertebrate Mitochondrial"}, {"/codons": ["AGA", "AGG", "AUA", "UGA"]},
                "published: NCBI, The Genetic Codes, table 2, differences from the standard code"),
        example({"genetic_code": "Standard"}, {"/codons": []}, "identity: a code does not differ from itself"),
    ],
    **CODES,
)  # fmt: skip
def reassigned_codons(genetic_code: OneCode) -> Reassigned:
    """List the codons that a genetic code of NCBI reads otherwise than the Standard code (another amino acid or stop).

    The list is complete. Start codons are not compared. An empty list means that the two read all 64 codons alike.
    """
    table, standard = find_code(genetic_code)[1], _codes()["Standard"]
    return {"codons": sorted(c for c in CODONS if meaning(table, c) != meaning(standard, c)), "complete": True}


class PointMutations(TypedDict):
    synonymous: Annotated[
        int,
        Quantity("number of substitutions", additive=True),
        says(
            "the number of single-base substitutions of {codon} that are synonymous in the Standard genetic code",
            noun="number of synonymous single-base substitutions", most="largest", least="smallest",
            ask="How many of the nine single-base substitutions of {codon} are synonymous in the Standard genetic code",
        ),
    ]  # fmt: skip
    nonsense: Annotated[
        int,
        Quantity("number of substitutions", additive=True),
        says(
            "the number of single-base substitutions of {codon} that give a stop codon in the Standard genetic code",
            noun="number of nonsense single-base substitutions", most="largest", least="smallest",
        ),
    ]  # fmt: skip
    amino_acids: Annotated[
        list[Annotated[str, Entity("amino_acid")]],
        says(
            "the other amino acids that a single-base substitution in {codon} can lead to in the Standard genetic code",
            noun="amino acid", plural="amino acids",
            ask_count="To how many other amino acids can a single-base substitution in {codon} lead in the Standard "
            "genetic code",
        ),
    ]  # fmt: skip
    complete: bool


@tool(
    "processing",
    examples=[
        example({"codon": "AUG"}, {"/synonymous": 0, "/nonsense": 0},
                "identity: methionine has one codon, and no stop codon is one base away from AUG"),
        example({"codon": "UGG"}, {"/nonsense": 2, "/synonymous": 0},
                "identity: UAG and UGA are one base away from UGG"),
    ],
    **CODES,
)  # fmt: skip
def codon_point_mutations(codon: Codon) -> PointMutations:
    """Sort the nine single-base substitutions of a codon by their effect in the Standard genetic code.

    Gives the numbers of synonymous ones and of those to a stop codon, and all other amino acids that are reached.
    Refuses a stop codon.
    """
    start, (_, table) = rna(codon), find_code("Standard")
    home = meaning(table, start)
    if home == "*":
        raise Refusal(f"{start} is a stop codon in the Standard genetic code")
    reached = [meaning(table, c) for c in CODONS if sum(a != b for a, b in zip(c, start, strict=True)) == 1]
    return {
        "synonymous": reached.count(home),
        "nonsense": reached.count("*"),
        "amino_acids": sorted(AMINO_ACIDS[letter] for letter in {*reached} - {home, "*"}),
        "complete": True,
    }


class CodonUsage(TypedDict):
    share: Annotated[
        float,
        Quantity("relative codon frequency"),
        says(
            "the relative frequency of {codon} among its synonymous codons in the codon usage table of {host}",
            noun="relative frequency among synonymous codons",
        ),
    ]  # fmt: skip


@tool(
    "retrieval",
    examples=[
        example({"codon": "AUG", "host": "Homo sapiens"}, {"/share": 1.0}, "identity: methionine has one codon"),
        example({"codon": "UGG", "host": "Escherichia coli"}, {"/share": 1.0}, "identity: tryptophan has one codon"),
    ],
    **USAGE,
)
def codon_usage(codon: Codon, host: Host) -> CodonUsage:
    """Look up how often an organism uses a codon among those for the same amino acid, from 0 to 1.

    Standard genetic code; the Kazusa table as packaged by python-codon-tables. Refuses stop codons,
    and organisms without a table.
    """
    found = rna(codon).replace("U", "T")
    letter, codons = next((aa, codons) for aa, codons in host_usage(host)[1].items() if found in codons)
    if letter == "*":
        raise Refusal(f"{rna(codon)} is a stop codon")
    return {"share": codons[found]}


class PreferredCodon(TypedDict):
    codon: Annotated[
        str,
        Entity("codon"),
        says(
            "the codon that {host} uses most often for {amino_acid}", noun="preferred codon",
            ask="Which codon does {host} use most often for {amino_acid}, by its codon usage table",
        ),
    ]  # fmt: skip


@tool(
    "retrieval",
    examples=[
        example({"amino_acid": "leucine", "host": "Escherichia coli"}, {"/codon": "CUG"},
                "published: Kazusa, Escherichia coli: CTG is the most used leucine codon"),
        example({"amino_acid": "tryptophan", "host": "Homo sapiens"}, {"/codon": "UGG"},
                "identity: tryptophan has one codon"),
    ],
    **USAGE,
)  # fmt: skip
def preferred_codon(amino_acid: AminoAcid, host: Host) -> PreferredCodon:
    """Look up the RNA codon that an organism uses most often for an amino acid (Kazusa, by python-codon-tables).

    Refuses where two codons are equally frequent in the table.
    """
    letter, (name, shares) = letter_of(amino_acid), host_usage(host)
    best = max(shares[letter].values())
    winners = [codon for codon, share in shares[letter].items() if share == best]
    if len(winners) > 1:
        raise Refusal(f"{' and '.join(sorted(winners))} are equally frequent in {name}")
    return {"codon": winners[0].replace("T", "U")}
