"""Biology: amino acids, codons, peptides, DNA, restriction enzymes, biomolecules, species, populations and kinetics."""

SEEDS = (
    "amino_acid",
    "codon",
    "genetic_code",
    "peptide",
    "dna",
    "primer",
    "restriction_enzyme",
    "biomolecule",
    "pdb_component",
    "pdb_entry",
    "enzyme_supplier",
    "species",
    "mn_sample",
    "bird_survey",
    "pond_pair",
    "culture",
    "enzyme_assay",
    "mark_recapture",
)
