"""Biology: amino acids, codons, peptides, DNA, enzymes, PDB components, biomolecules, species, populations."""

SEEDS = (
    "amino_acid",
    "codon",
    "genetic_code",
    "cleavage_agent",
    "peptide",
    "dna",
    "primer",
    "restriction_enzyme",
    "biomolecule",
    "biomolecule_group",
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
