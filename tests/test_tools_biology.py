"""Biology: edge cases and refusals of the tools, and their tables against a second source."""

from __future__ import annotations

import pytest

pytest.importorskip("Bio")
pytest.importorskip("rdkit")

from dive_tools.tools.base import Refusal
from dive_tools.tools.biology import (
    amino_acids,
    biomolecules,
    component_table,
    components,
    digestion,
    dna,
    peptides,
    populations,
    restriction,
    substitutions,
    suppliers,
)
from dive_tools.tools.biology.biomolecule_table import BIOMOLECULES
from dive_tools.tools.biology.peptide_table import PEPTIDES
from dive_tools.tools.biology.primer_table import PRIMERS
from dive_tools.tools.biology.species_table import SPECIES
from dive_tools.tools.biology.types import (
    AGENTS,
    AMINO_ACIDS,
    CODONS,
    HOSTS,
    coding_sequences,
    genetic_codes,
    restriction_enzymes,
)

PUBLISHED = {  # length and average mass of the unmodified chain, from general knowledge; RDKit is the check below
    "insulin chain A": (21, 2383.7),
    "insulin chain B": (30, 3429.9),
    "glucagon": (29, 3482.8),
    "ubiquitin": (76, 8564.8),
    "ribonuclease A": (124, 13690.3),
    "hen egg-white lysozyme": (129, 14313.1),
    "haemoglobin subunit alpha": (141, 15126.4),
    "haemoglobin subunit beta": (146, 15867.2),
    "sperm whale myoglobin": (153, 17199.9),
    "green fluorescent protein": (238, 26886.3),
    "thioredoxin-1": (108, 11675.4),
    "horse cytochrome c": (104, 11701.5),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_sequences_have_the_published_length_and_mass(name):
    sequence = PEPTIDES[name][2]
    assert len(sequence) == PUBLISHED[name][0]
    assert peptides.chain_mass(sequence)["average"] == pytest.approx(PUBLISHED[name][1], abs=0.5)


def test_tables_name_each_other():
    commons = {row["common"] for row in SPECIES.values()}
    assert {row[1] for row in PEPTIDES.values()} <= commons
    assert all(set(row[2]) <= set(AMINO_ACIDS) for row in PEPTIDES.values())
    assert len({row[2] for row in PEPTIDES.values()}) == len(PEPTIDES)
    for name, (partner, _, sequence) in PRIMERS.items():
        assert not partner or (partner in PRIMERS and partner != name)
        assert set(sequence) <= set("ACGT")


def test_masses_agree_with_rdkit():
    from rdkit import Chem
    from rdkit.Chem import Descriptors, rdMolDescriptors

    for _, _, sequence in PEPTIDES.values():
        if len(sequence) < 40:
            molecule = Chem.MolFromFASTA(sequence)
            found = peptides.chain_mass(sequence)
            assert found["average"] == pytest.approx(Descriptors.MolWt(molecule), rel=1e-4)
            assert found["monoisotopic"] == pytest.approx(rdMolDescriptors.CalcExactMolWt(molecule), rel=1e-6)


def test_digestion_joins_up_again_and_agrees_with_the_rule():
    for agent in AGENTS:
        for _, _, sequence in list(PEPTIDES.values())[:60]:
            found = digestion.complete_digestion(sequence, agent)["peptides"]
            assert all(part in sequence for part in found)
            rest, parts = sequence, set(found)
            while rest:
                part = max((p for p in parts if rest.startswith(p)), key=len)
                rest = rest[len(part) :]
    assert digestion.complete_digestion("AKPGKA", "trypsin")["peptides"] == ["AKPGK", "A"]
    assert digestion.complete_digestion("AADCDA", "Asp-N")["peptides"] == ["AA", "DC", "DA"]
    assert digestion.complete_digestion("AKPGKA", "Lys-C")["peptides"] == ["AK", "PGK", "A"]


def test_every_codon_is_read_once_in_every_code():
    for code in genetic_codes():
        stops = amino_acids.genetic_code_profile(code)["stop_codons"]
        read = [c for name in AMINO_ACIDS.values() for c in amino_acids.amino_acid_codons(name, code)["codons"]]
        assert sorted([*read, *stops]) == sorted(CODONS)


def test_codon_frequencies_of_an_amino_acid_add_up():
    for host in HOSTS:
        for name in AMINO_ACIDS.values():
            codons = amino_acids.amino_acid_codons(name, "Standard")["codons"]
            assert sum(amino_acids.codon_usage(c, host)["share"] for c in codons) == pytest.approx(1, abs=0.03)


def test_point_mutations_are_nine():
    found = amino_acids.codon_point_mutations("CUA")
    assert found["synonymous"] == 4
    assert found["nonsense"] == 0
    assert found["amino_acids"] == ["arginine", "glutamine", "isoleucine", "proline", "valine"]
    with pytest.raises(Refusal):
        amino_acids.codon_point_mutations("UGA")


def test_preferred_codons_refuse_ties():
    for host in HOSTS:
        for name in AMINO_ACIDS.values():
            try:
                codon = amino_acids.preferred_codon(name, host)["codon"]
            except Refusal as refusal:
                assert "equally" in str(refusal)
            else:
                assert amino_acids.codon_meaning(codon, "Standard")["amino_acid"] == name


def test_translation_agrees_with_biopython():
    from Bio.Seq import Seq

    for sequence in coding_sequences()[::3]:
        if sequence.startswith("ATG"):
            expected = str(Seq(sequence).translate(table=1, to_stop=True))
            assert dna.translate_dna(sequence, "Standard")["protein"] == expected
        else:
            with pytest.raises(Refusal):
                dna.codon_at(sequence, 2)
        assert dna.reverse_complement(sequence)["sequence"] == str(Seq(sequence).reverse_complement())


def test_melting_temperatures_agree_with_primer3():
    primer3 = pytest.importorskip("primer3")
    for _, _, sequence in PRIMERS.values():
        theirs = primer3.calc_tm(sequence, mv_conc=50, dv_conc=0, dntp_conc=0, dna_conc=50)
        assert dna.primer_melting_temperature(sequence, 50)["temperature"] == pytest.approx(theirs, abs=0.1)


def test_restriction_enzymes_are_found_in_any_case_and_suppliers_are_kept_apart():
    assert restriction.restriction_enzyme("ecori")["name"] == "EcoRI"
    assert all(restriction.restriction_enzyme(name)["name"] == name for name in restriction_enzymes())
    assert restriction.compatible_ends("XbaI", "N")["enzymes"] == ["AvrII", "NheI", "SpeI"]
    assert "Sau3AI" not in restriction.compatible_ends("BamHI", "N")["enzymes"]
    assert "EcoRV" in restriction.compatible_ends("SmaI", "N")["enzymes"]
    for refused in (
        lambda: restriction.restriction_enzyme("EcoRII.."),
        lambda: restriction.compatible_ends("SfiI", "N"),
    ):
        with pytest.raises(Refusal):
            refused()


def test_suppliers_and_enzymes_go_both_ways():
    names = restriction_enzymes()
    sellers = {name: suppliers.enzyme_suppliers(name) for name in names}
    assert all(row["number"] == len(row["suppliers"]) >= 1 for row in sellers.values())
    for supplier in {s for row in sellers.values() for s in row["suppliers"]}:
        assert suppliers.supplier_range(supplier)["enzymes"] == sum(
            supplier in r["suppliers"] for r in sellers.values()
        )
        for name in suppliers.eight_base_cutters(supplier)["enzymes"]:
            assert supplier in sellers[name]["suppliers"]
    for name in names[::5]:
        same = restriction.isoschizomers(name)["enzymes"]
        for other in suppliers.neoschizomers(name)["enzymes"]:
            assert name in suppliers.neoschizomers(other)["enzymes"] and other not in (name,)
            assert other in same or restriction.find_enzyme(other).site != restriction.find_enzyme(name).site


def test_substitution_matrices_are_symmetric_and_lists_follow_them():
    for one in AMINO_ACIDS.values():
        similar = substitutions.similar_amino_acids(one, "BLOSUM62")["amino_acids"]
        for other in AMINO_ACIDS.values():
            score = substitutions.substitution_score(one, other, "BLOSUM62")["score"]
            assert score == substitutions.substitution_score(other, one, "BLOSUM62")["score"]
            assert (other in similar) == (score > 0 and other != one)


def test_atoms_of_amino_acids_weigh_what_their_masses_say():
    for name in AMINO_ACIDS.values():
        found = substitutions.amino_acid_atoms(name)
        sulfur = name in ("cysteine", "methionine")
        rest = amino_acids.amino_acid_profile(name)["mass"] - 32.06 * sulfur
        rest -= 12.011 * found["carbon"] + 14.007 * found["nitrogen"] + 1.008 * found["hydrogen"]
        assert rest / 15.999 == pytest.approx(round(rest / 15.999), abs=0.01)


def test_codes_and_their_deviating_codons_go_both_ways():
    for codon in CODONS:
        for code in substitutions.codes_reading_otherwise(codon)["genetic_codes"]:
            assert codon in amino_acids.reassigned_codons(code)["codons"]


def test_the_component_dictionary_is_read_as_biotite_reads_it():
    ccd = pytest.importorskip("biotite.structure.info.ccd").get_ccd()["chem_comp"]
    found = component_table.components()
    known = zip(ccd["id"].as_array(), ccd["formula"].as_array(), ccd["formula_weight"].as_array(), strict=True)
    rows = {str(name): (str(formula), float(weight)) for name, formula, weight in known}
    assert len(found) > 40000 and all(rows[n] == (row.formula, row.weight) for n, row in found.items())


def test_components_weigh_what_their_atoms_weigh():
    from rdkit.Chem import GetPeriodicTable

    table = GetPeriodicTable()
    for name in [n for n in component_table.components() if "X" not in component_table.atoms(n)][::400]:
        weight = sum(number * table.GetAtomicWeight(symbol) for symbol, number in component_table.atoms(name).items())
        assert components.pdb_component(name)["weight"] == pytest.approx(weight, rel=2e-3), name


def test_modified_residues_lead_back_to_their_amino_acid():
    for name in AMINO_ACIDS.values():
        for residue in components.modified_residues(name, "P")["components"]:
            assert components.modified_residue_parent(residue)["amino_acid"] == name
            assert "P" in components.pdb_component(residue)["formula"]
    for entry in ("1B0U", "3LIN"):
        for name in components.pdb_entry_components(entry)["components"]:
            assert components.pdb_component_origin(name)["entry"] == entry


def test_puc19_polylinker_has_its_known_single_cutters():
    found = restriction.single_cutters(coding_sequences()[0], "N")["enzymes"]
    assert {"EcoRI", "SacI", "KpnI", "SmaI", "BamHI", "XbaI", "SalI", "PstI", "SphI", "HindIII"} <= set(found)
    assert "NotI" not in found


def test_biomolecules_are_canonical_and_uncharged_where_that_is_said():
    from rdkit import Chem

    for name, (group, smiles) in BIOMOLECULES.items():
        assert Chem.MolToSmiles(Chem.MolFromSmiles(smiles)) == smiles
        charge = Chem.GetFormalCharge(Chem.MolFromSmiles(smiles))
        assert charge == (name in ("thiamine", "choline", "acetylcholine"))
        assert len(biomolecules.biomolecules_of_group(group)["biomolecules"]) >= 2
    with pytest.raises(Refusal):
        biomolecules.biomolecule_mass("C1CC")


def test_populations_by_hand():
    # Hartl and Clark: 1000 people, p = 0.5425
    assert populations.inbreeding_coefficient(298, 489, 213)["coefficient"] == pytest.approx(0.0149, abs=1e-4)
    statistic = populations.hardy_weinberg_chi_square(298, 489, 213)["statistic"]
    assert statistic == pytest.approx(1000 * 0.0148839**2, rel=1e-3)  # chi-squared = N F²
    with pytest.raises(Refusal):
        populations.hardy_weinberg_chi_square(0, 0, 12)


def test_growth_rate_and_doubling_time_agree():
    rate = populations.specific_growth_rate(5e4, 3e6, 4.0)["rate"]
    minutes = populations.culture_doubling_time(rate)["minutes"]
    assert 2 ** (240 / minutes) == pytest.approx(60)
    assert populations.time_to_density(5e4, rate, 3e6)["hours"] == pytest.approx(4.0)
