"""Entity and vignette types of biology."""

from __future__ import annotations

from functools import cache

from dive_tools.tools.biology.biomolecule_table import BIOMOLECULES
from dive_tools.tools.biology.peptide_table import PEPTIDES
from dive_tools.tools.biology.primer_table import PRIMERS
from dive_tools.tools.biology.species_table import SPECIES
from dive_tools.values import entity, join, vignette

AMINO_ACIDS = {
    "A": "alanine", "R": "arginine", "N": "asparagine", "D": "aspartic acid", "C": "cysteine", "Q": "glutamine",
    "E": "glutamic acid", "G": "glycine", "H": "histidine", "I": "isoleucine", "L": "leucine", "K": "lysine",
    "M": "methionine", "F": "phenylalanine", "P": "proline", "S": "serine", "T": "threonine", "W": "tryptophan",
    "Y": "tyrosine", "V": "valine",
}  # fmt: skip
CODONS = [a + b + c for a in "UCAG" for b in "UCAG" for c in "UCAG"]
HOSTS = {
    "Bacillus subtilis": "b_subtilis_1423",
    "Caenorhabditis elegans": "c_elegans_6239",
    "Drosophila melanogaster": "d_melanogaster_7227",
    "Escherichia coli": "e_coli_316407",
    "Gallus gallus": "g_gallus_9031",
    "Homo sapiens": "h_sapiens_9606",
    "Mus musculus": "m_musculus_10090",
    "Saccharomyces cerevisiae": "s_cerevisiae_4932",
}
AGENTS = {  # name -> rule of pyteomics, amino acids cut at, side of the cut
    "trypsin": ("trypsin", "KR", "C"),
    "Lys-C": ("lysc", "K", "C"),
    "Arg-C": ("arg-c", "R", "C"),
    "Glu-C": ("glutamyl endopeptidase", "E", "C"),
    "chymotrypsin": ("chymotrypsin high specificity", "FYW", "C"),
    "cyanogen bromide": ("cnbr", "M", "C"),
    "BNPS-skatole": ("bnps-skatole", "W", "C"),
    "formic acid": ("formic acid", "D", "C"),
    "Asp-N": ("asp-n", "D", "N"),
    "NTCB": ("ntcb", "C", "N"),
}
ENZYMES = [
    "AatII", "Acc65I", "AccI", "AflII", "AgeI", "AluI", "ApaI", "ApaLI", "AscI", "AseI", "AvaI", "AvrII", "BamHI",
    "BclI", "BglI", "BglII", "BsaI", "BsiWI", "BsmBI", "BspEI", "BspHI", "BsrGI", "BssHII", "BstBI", "BstEII",
    "BstXI", "ClaI", "DpnI", "DpnII", "DraI", "EagI", "EcoRI", "EcoRV", "FseI", "HaeII", "HaeIII", "HhaI", "HincII",
    "HindIII", "HinfI", "HpaI", "HpaII", "KpnI", "MboI", "MfeI", "MluI", "MscI", "MspI", "NaeI", "NarI", "NcoI",
    "NdeI", "NheI", "NotI", "NruI", "NsiI", "PacI", "PmeI", "PstI", "PvuI", "PvuII", "RsaI", "SacI", "SacII",
    "SalI", "SbfI", "ScaI", "SfiI", "SmaI", "SnaBI", "SpeI", "SphI", "SspI", "StuI", "SwaI", "TaqI", "XbaI", "XhoI",
    "XmaI",
]  # fmt: skip
CLONING_SITES = (
    "GAATTCGAGCTCGGTACCCGGGGATCCTCTAGAGTCGACCTGCAGGCATGCAAGCTT",  # pUC19
    "AAGCTTGCATGCCTGCAGGTCGACTCTAGAGGATCCCCGGGTACCGAGCTCGAATTC",  # pUC18
    "GAGCTCCACCGCGGTGGCGGCCGCTCTAGAACTAGTGGATCCCCCGGGCTGCAGGAATTC"
    "GATATCAAGCTTATCGATACCGTCGACCTCGAGGGGGGGCCCGGTACC",  # pBluescript
)
CODING = ("oxytocin", "angiotensin I", "bradykinin", "substance P", "neurokinin A", "somatostatin-14", "dynorphin B",
          "neurotensin", "alpha-melanotropin", "gonadoliberin-1", "urotensin II", "kisspeptin-10", "indolicidin",
          "alpha-conotoxin GI", "cholecystokinin-8", "arginine vasopressin", "apamin", "tachyplesin-1",
          "protegrin-1", "gastrin-17", "insulin chain A", "melittin")  # fmt: skip


@cache
def usage(host: str) -> dict[str, dict[str, float]]:
    """Amino acid letter -> DNA codon -> share among the codons of that amino acid, for a host."""
    import python_codon_tables

    return python_codon_tables.get_codons_table(HOSTS[host])  # type: ignore[no-any-return]


def coding_sequences() -> list[str]:
    """Cloning sites, and short peptides written back into DNA with a host's most used codons."""
    found = list(CLONING_SITES)
    for name in CODING:
        for host in ("Escherichia coli", "Homo sapiens", "Saccharomyces cerevisiae"):
            table = {aa: max(sorted(codons), key=codons.__getitem__) for aa, codons in usage(host).items()}
            found.append("".join(table[aa] for aa in "M" + PEPTIDES[name][2] + "*"))
    return list(dict.fromkeys(found))


def genetic_codes() -> list[str]:
    """The NCBI genetic codes by the first name that Biopython gives."""
    from Bio.Data import CodonTable

    return [table.names[0] for table in CodonTable.unambiguous_rna_by_id.values()]


KINDS = ("AVLIMG", "FWYH", "STCNQ", "KRH", "DENQ", "PGA")  # side chains that are compared with one another


def _same_kind(amino_acid: str) -> list[str]:
    letter = next(code for code, name in AMINO_ACIDS.items() if name == amino_acid)
    return [AMINO_ACIDS[x] for x in dict.fromkeys("".join(kind for kind in KINDS if letter in kind)) if x != letter]


def _same_place(genetic_code: str) -> list[str]:
    place = genetic_code.split()[-1]
    return [name for name in genetic_codes() if name != genetic_code and name.split()[-1] == place]


def _same_codon_box(codon: str) -> list[str]:
    return [other for other in CODONS if other != codon and other[:2] == codon[:2]]


def similar_length(peptide: str) -> list[str]:
    """Peptides of comparable length, in the order of the table."""
    size = len(PEPTIDES[peptide][2])
    return [name for name, row in PEPTIDES.items() if name != peptide and size / 2 <= len(row[2]) <= size * 2]


def same_order(species: str) -> list[str]:
    """The other species of the same order, or else of the same class."""
    for rank in ("order", "class"):
        found = [n for n, row in SPECIES.items() if n != species and row[rank] == SPECIES[species][rank]]
        if found:
            return found
    return []


def same_group(biomolecule: str) -> list[str]:
    """The other biomolecules of the same group."""
    home = BIOMOLECULES[biomolecule][0]
    return [name for name, row in BIOMOLECULES.items() if name != biomolecule and row[0] == home]


entity("amino_acid", "amino acid", samples=lambda: list(AMINO_ACIDS.values()), akin=_same_kind)
entity("codon", "codon", intro="the codon {}", samples=lambda: CODONS, akin=_same_codon_box)
entity("genetic_code", "genetic code", intro="the {} genetic code", samples=genetic_codes, akin=_same_place)
entity("codon_usage_host", "organism", samples=lambda: list(HOSTS))
entity("peptide", "peptide", samples=lambda: list(PEPTIDES), akin=similar_length)
entity("precursor", "UniProt entry", "UniProt entries", intro="the UniProt entry {}",
       samples=lambda: list(dict.fromkeys(row[0] for row in PEPTIDES.values())))  # fmt: skip
entity("protein_sequence", "amino acid chain", spoken="owner")
entity("digest_peptide", "peptide", intro="the peptide {}")
entity("cleavage_agent", "cleavage agent", samples=lambda: list(AGENTS))
entity("dna", "DNA sequence", "DNA sequences", spoken="literal", opening="Take the DNA sequence {}.",
       samples=coding_sequences)  # fmt: skip
entity("primer", "primer", intro="the primer {}", samples=lambda: list(PRIMERS),
       akin=lambda primer: [name for name in PRIMERS if name != primer])  # fmt: skip
entity("oligonucleotide", "oligonucleotide", spoken="owner")
entity("restriction_enzyme", "restriction enzyme", samples=lambda: ENZYMES,
       akin=lambda enzyme: [name for name in ENZYMES if name != enzyme])  # fmt: skip
entity("biomolecule", "biomolecule", samples=lambda: list(BIOMOLECULES), akin=same_group)
entity("biomolecule_group", "group", intro="the group of {}",
       samples=lambda: list(dict.fromkeys(row[0] for row in BIOMOLECULES.values())))  # fmt: skip
entity("biomolecule_structure", "structure", spoken="owner")
entity("species", "species", "species", samples=lambda: list(SPECIES), akin=same_order)
entity("taxonomic_order", "order", intro="the order {}",
       samples=lambda: list(dict.fromkeys(str(row["order"]) for row in SPECIES.values())))  # fmt: skip

# --- vignettes --------------------

vignette(
    "mn_sample",
    "the sample",
    "a population sample typed for the MN blood group consists of {mm} MM, {mn} MN and {nn} NN individuals",
    {},
    samples=lambda: [
        {"mm": mm, "mn": mn, "nn": nn}
        for mm, mn, nn in (
            (298, 489, 213), (406, 744, 332), (120, 160, 120), (83, 46, 11), (52, 86, 62), (245, 210, 45),
            (30, 140, 180), (64, 120, 16), (91, 147, 85), (1101, 1496, 503), (150, 300, 150), (17, 55, 48),
            (205, 305, 90), (74, 40, 26), (36, 112, 52), (410, 130, 60),
        )
    ],
)  # fmt: skip


def say_counts(counts: list[dict[str, int | str]]) -> str:
    """[{"species": "robins", "count": 3}, …] -> "robins (3) and …"."""
    return join([f"{row['species']} ({row['count']})" for row in counts])


def _counts(species: str, counts: tuple[int, ...]) -> list[dict[str, int | str]]:
    return [{"species": name, "count": n} for name, n in zip(species.split(", "), counts, strict=True) if n]


_BIRDS = (
    ("great tits, blue tits, nuthatches, robins, jays, treecreepers", (
        (34, 28, 11, 17, 2, 1), (12, 40, 3, 9, 1, 1), (22, 25, 20, 18, 5, 2), (51, 7, 1, 12, 1, 3))),
    ("dunlins, curlews, redshanks, oystercatchers, grey plovers", (
        (220, 35, 60, 48, 2), (90, 12, 41, 77, 1), (64, 58, 61, 70, 12), (310, 4, 22, 9, 1))),
    ("sparrows, pigeons, blackbirds, magpies, starlings, wrens", (
        (42, 65, 18, 7, 30, 1), (15, 22, 20, 14, 9, 2), (80, 31, 5, 2, 1, 1), (28, 90, 12, 11, 44, 3))),
    ("reed warblers, sedge warblers, reed buntings, bearded tits, bitterns", (
        (46, 21, 14, 9, 1), (18, 20, 15, 12, 2), (70, 5, 8, 1, 1), (33, 27, 6, 2, 1))),
)  # fmt: skip
vignette(
    "bird_survey",
    "the survey",
    "a bird survey counts the following: {counts}",
    {},
    says={"counts": say_counts},
    samples=lambda: [{"counts": _counts(species, row)} for species, rows in _BIRDS for row in rows],
)
_POND = "dragonflies, water boatmen, pond skaters, mayfly nymphs, freshwater snails"
vignette(
    "pond_pair",
    "the two ponds",
    "a survey counts {first} in one pond and {second} in another",
    {},
    says={"first": say_counts, "second": say_counts},
    samples=lambda: [
        {"first": _counts(_POND, a), "second": _counts(_POND, b)}
        for a, b in (
            ((6, 14, 9, 0, 22), (2, 8, 0, 31, 17)), ((11, 0, 7, 18, 5), (4, 12, 9, 16, 0)),
            ((3, 25, 12, 9, 40), (8, 21, 0, 0, 33)), ((0, 16, 4, 27, 12), (5, 10, 6, 0, 19)),
            ((9, 9, 0, 13, 2), (1, 20, 15, 11, 8)), ((14, 3, 22, 0, 7), (0, 6, 18, 24, 10)),
            ((2, 11, 5, 36, 0), (7, 0, 3, 29, 14)), ((20, 18, 0, 4, 16), (12, 0, 8, 6, 15)),
            ((5, 30, 10, 12, 0), (9, 26, 0, 15, 21)), ((0, 7, 13, 8, 28), (4, 0, 11, 0, 35)),
            ((16, 5, 6, 21, 11), (10, 14, 0, 19, 3)), ((1, 0, 17, 40, 9), (0, 13, 20, 22, 6)),
        )
    ],
)  # fmt: skip
vignette(
    "culture",
    "the culture",
    (
        "a bacterial culture grows exponentially from {start} to {end} cells per millilitre in {hours} hours",
        "a bacterial culture grows exponentially from {start} to {end} cells per millilitre",
    ),
    {},
    samples=lambda: [
        {"start": float(start), "end": float(end), "hours": hours}
        for start, end, hours in (
            (200000, 6400000, 2.5), (50000, 3000000, 4.0), (100000, 1000000, 3.0), (25000, 900000, 2.0),
            (400000, 5000000, 6.0), (80000, 640000, 1.5), (10000, 2500000, 5.0), (300000, 7200000, 8.0),
            (150000, 4500000, 3.5), (60000, 480000, 4.5), (20000, 1200000, 7.0), (500000, 9000000, 2.0),
        )
    ],
)  # fmt: skip
vignette(
    "enzyme_assay",
    "the assay",
    (
        "an enzyme with a maximum rate of {vmax} micromoles per minute and a Michaelis constant of {km} millimolar "
        "meets {substrate} millimolar substrate and {inhibitor} millimolar of a competitive inhibitor with an "
        "inhibition constant of {ki} millimolar",
        "an enzyme with a maximum rate of {vmax} micromoles per minute and a Michaelis constant of {km} millimolar "
        "meets {substrate} millimolar substrate",
        "an enzyme with a Michaelis constant of {km} millimolar meets {inhibitor} millimolar of a competitive "
        "inhibitor with an inhibition constant of {ki} millimolar",
        "an enzyme has a Michaelis constant of {km} millimolar",
    ),
    {},
    samples=lambda: [
        {"vmax": vmax, "km": km, "substrate": substrate, "inhibitor": inhibitor, "ki": ki}
        for vmax, km, substrate, inhibitor, ki in (
            (120.0, 2.5, 5.0, 1.0, 0.5), (80.0, 0.4, 1.0, 0.2, 0.1), (250.0, 6.0, 4.0, 3.0, 1.5),
            (45.0, 1.2, 0.8, 0.6, 0.9), (300.0, 0.15, 0.6, 0.05, 0.02), (18.0, 3.2, 8.0, 2.0, 4.0),
            (95.0, 0.75, 1.5, 0.5, 0.25), (140.0, 10.0, 15.0, 4.0, 2.0), (60.0, 5.0, 2.0, 1.5, 0.75),
            (210.0, 1.8, 3.6, 0.9, 1.2), (35.0, 0.09, 0.3, 0.12, 0.06), (160.0, 4.4, 6.6, 2.2, 1.1),
        )
    ],
)  # fmt: skip
vignette(
    "mark_recapture",
    "the study",
    (
        "in a mark–recapture study on {area} hectares, {marked} wood mice are marked, and of {caught} caught later "
        "{recaptured} bear a mark",
        "in a mark–recapture study, {marked} wood mice are marked, and of {caught} caught later {recaptured} bear a "
        "mark",
    ),
    {},
    samples=lambda: [
        {"area": area, "marked": marked, "caught": caught, "recaptured": recaptured}
        for area, marked, caught, recaptured in (
            (2.5, 80, 75, 24), (4.0, 120, 98, 31), (0.8, 64, 70, 21),
            (6.5, 142, 138, 52), (10.0, 210, 180, 36),
            (5.5, 96, 110, 44), (3.0, 150, 165, 27),
            (1.5, 88, 92, 19), (3.5, 55, 61, 22), (2.0, 47, 52, 14),
            (6.0, 73, 66, 11), (9.0, 58, 49, 16),
        )
    ],
)  # fmt: skip
