"""Entity types of biology."""

from __future__ import annotations

from functools import cache

from dive_tools.tools.biology.biomolecule_table import BIOMOLECULES
from dive_tools.tools.biology.peptide_table import PEPTIDES
from dive_tools.tools.biology.primer_table import PRIMERS
from dive_tools.tools.biology.species_table import SPECIES
from dive_tools.values import entity

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
CLONING_SITES = (
    "GAATTCGAGCTCGGTACCCGGGGATCCTCTAGAGTCGACCTGCAGGCATGCAAGCTT",  # pUC19
    "AAGCTTGCATGCCTGCAGGTCGACTCTAGAGGATCCCCGGGTACCGAGCTCGAATTC",  # pUC18
    "GAGCTCCACCGCGGTGGCGGCCGCTCTAGAACTAGTGGATCCCCCGGGCTGCAGGAATTC"
    "GATATCAAGCTTATCGATACCGTCGACCTCGAGGGGGGGCCCGGTACC",  # pBluescript
)
LONGEST_CODING = 26


@cache
def usage(host: str) -> dict[str, dict[str, float]]:
    """Amino acid letter -> DNA codon -> share among the codons of that amino acid, for a host."""
    import python_codon_tables

    return python_codon_tables.get_codons_table(HOSTS[host])  # type: ignore[no-any-return]


def coding_sequences() -> list[str]:
    """Cloning sites, and short peptides written back into DNA with a host's most used codons."""
    found = list(CLONING_SITES)
    for _, _, chain in PEPTIDES.values():
        for host in HOSTS if len(chain) <= LONGEST_CODING else ():
            best = {aa: max(sorted(codons), key=codons.__getitem__) for aa, codons in usage(host).items()}
            found.append("".join(best[aa] for aa in "M" + chain + "*"))
    return list(dict.fromkeys(found))


@cache
def restriction_enzymes() -> list[str]:
    """The enzymes of REBASE that are sold and cut once, at a known place."""
    from Bio.Restriction import CommOnly  # type: ignore[attr-defined]

    return sorted(str(enzyme) for enzyme in CommOnly if not enzyme.cut_twice() and not enzyme.is_unknown())


def same_organism(enzyme: str) -> list[str]:
    """The other enzymes whose names begin with the same species: EcoRI and EcoRV."""
    return [name for name in restriction_enzymes() if name != enzyme and name[:3] == enzyme[:3]]


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
entity("restriction_enzyme", "restriction enzyme", samples=restriction_enzymes,
       akin=same_organism)  # fmt: skip
entity("biomolecule", "biomolecule", samples=lambda: list(BIOMOLECULES), akin=same_group)
entity("biomolecule_group", "group", intro="the group of {}",
       samples=lambda: list(dict.fromkeys(row[0] for row in BIOMOLECULES.values())))  # fmt: skip
entity("biomolecule_structure", "structure", spoken="owner")
entity("species", "species", "species", samples=lambda: list(SPECIES), akin=same_order)
entity("taxonomic_order", "order", intro="the order {}",
       samples=lambda: list(dict.fromkeys(str(row["order"]) for row in SPECIES.values())))  # fmt: skip
