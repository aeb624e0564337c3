"""What the examples of the chemistry tools cannot show: cross-checks with second libraries, seeds, refusals."""

import math

import pytest

from dive_tools.pool import builtin
from dive_tools.tools.academia import particles
from dive_tools.tools.base import Refusal
from dive_tools.tools.chemistry import (
    analysis,
    compounds,
    electrolytes,
    elements,
    matter,
    nuclide_more,
    nuclides,
    structures,
)
from dive_tools.tools.chemistry.compounds import COMPOUND
from dive_tools.tools.door import Door
from dive_tools.values import samples


@pytest.fixture(scope="module")
def door():
    return Door(builtin(["chemistry"]).tools)


def result(door, name, **arguments):
    outcome = door.call(name, arguments)
    assert "result" in outcome, outcome
    return outcome["result"]


def refused(door, name, **arguments):
    return door.call(name, arguments).get("error", {}).get("kind") == "refused"


def test_constants_agree_with_scipy():
    constants = pytest.importorskip("scipy.constants")
    assert pytest.approx((constants.h, constants.c, constants.e, constants.k, constants.N_A), rel=1e-12) == (
        matter.H,
        matter.C,
        matter.E,
        matter.K,
        matter.AVOGADRO,
    )
    assert pytest.approx(constants.hbar * constants.c / constants.e * 1e9, rel=1e-9) == particles.HBAR_C
    assert pytest.approx(constants.hbar / constants.e / 1e6, rel=1e-9) == particles.HBAR
    assert pytest.approx(constants.sigma, rel=1e-9) == 5.670374419e-8
    assert pytest.approx(constants.Wien, rel=1e-9) == 2.897771955e-3


@pytest.mark.parametrize("text", ["Na", "na", "sodium", " Sodium "])
def test_elements_go_by_name_or_symbol(text):
    assert elements.find_element(text) == "sodium"


def test_every_element_name_finds_itself_and_groups_are_short():
    for name, row in elements.table().items():
        assert elements.find_element(name) == elements.find_element(row["symbol"]) == name
    for group in set(samples("element_group")) - {"group 7"}:  # manganese and rhenium only
        assert 3 <= len(elements.stable_group_elements(group)["elements"]) <= 6


def test_decay_chain_of_uranium_ends_in_thorium_230(door):
    here = "uranium-238"
    for _ in range(4):
        here = result(door, "decay_daughter", nuclide=here)["daughter"]
    assert here == "thorium-230"


def test_binding_energy_peaks_at_nickel_62(door):
    energies = {
        n: result(door, "nuclear_binding_energy", nuclide=n)["binding_energy"]
        for n in ("Fe-56", "Fe-58", "Ni-62", "U-235")
    }
    assert max(energies, key=energies.get) == "Ni-62"


def test_every_nuclide_seed_has_half_life_and_daughter(door):
    for nuclide in samples("nuclide"):
        assert result(door, "nuclide_half_life", nuclide=nuclide)["half_life"] > 0.25
        assert nuclides.find_nuclide(result(door, "decay_daughter", nuclide=nuclide)["daughter"])


def test_molar_masses_agree_with_molmass_and_periodictable():
    molmass, periodictable = pytest.importorskip("molmass"), pytest.importorskip("periodictable")
    for compound in samples("compound")[::25]:
        formula = compounds.find_compound(compound)["formula"]
        mass = compounds.mass_of(compound)
        assert math.isclose(mass, molmass.Formula(formula).mass, rel_tol=2e-4), compound
        assert math.isclose(mass, periodictable.formula(formula).mass, rel_tol=2e-4), compound


def test_structures_have_the_formulas_of_the_table():
    chem = pytest.importorskip("rdkit.Chem.rdMolDescriptors")
    for compound in samples("compound")[::5]:
        try:
            made = structures.molecule(compound)
        except Refusal:
            continue
        assert chem.CalcMolFormula(made) == compounds.find_compound(compound)["formula"], compound


def test_compounds_find_themselves_by_name_and_number():
    names = samples("compound")
    assert len(names) == len(set(names)) > 600
    for name in names:
        row = compounds.find_compound(name)
        assert row["name"] == name
        assert compounds.find_compound(row["cas"])["name"] == name
    assert all(n in names for n in COMPOUND.akin("1-butanol"))


def test_every_compound_is_among_those_of_its_formula(door):
    for compound in samples("compound")[::7]:
        formula = result(door, "compound_formula", compound=compound)["formula"]
        assert compound in result(door, "compounds_of_formula", formula=formula)["compounds"]


def test_members_of_a_class_have_one_formula(door):
    assert len(samples("compound_class")) > 15
    for group in samples("compound_class"):
        found = result(door, "compounds_of_class", compound_class=group)["compounds"]
        assert 3 <= len(found) <= 6
        assert len({compounds.find_compound(name)["formula"] for name in found}) == 1, group
    assert refused(door, "compounds_of_class", compound_class="C5 gases")


def test_shares_of_elements_add_up(door):
    for compound, names in (("glucose", "CHO"), ("sodium hydroxide", ("Na", "O", "H")), ("sulfuric acid", "HSO")):
        shares = [result(door, "element_mass_share", compound=compound, element=n)["mass_percent"] for n in names]
        assert math.isclose(sum(shares), 100, rel_tol=1e-8)


def test_isoelectronic_ions_go_both_ways(door):
    for ion in samples("ion")[::9]:
        found = result(door, "isoelectronic_ions", ion=ion)
        for other in found["ions"]:
            back = result(door, "isoelectronic_ions", ion=other)
            assert back["electrons"] == found["electrons"]
            assert ion in back["ions"]


def test_natural_isobars_and_isotones_share_what_they_should():
    for nuclide in samples("nuclide")[::9]:
        row = nuclides.find_nuclide(nuclide)
        for other in map(nuclides.find_nuclide, nuclide_more.natural_isobars(nuclide)["isobars"]):
            assert other["mass_number"] == row["mass_number"]
        for other in map(nuclides.find_nuclide, nuclide_more.natural_isotones(nuclide)["isotones"]):
            assert other["mass_number"] - other["atomic_number"] == row["mass_number"] - row["atomic_number"]


def test_salts_are_neutral_and_their_names_are_right():
    for salt in samples("electrolyte"):
        charges = []
        for ion, count in electrolytes.salt_of(salt):
            formula = electrolytes.aqueous_rows()[ion]["Formula"]
            charges.append(count * electrolytes.charge_factor(formula) * (1 if "+" in formula else -1))
        assert sum(charges) == 0, salt


def test_blends_add_up_to_their_mass(door):
    for blend in samples("refrigerant_blend"):
        parts = result(door, "blend_components", blend=blend)["components"]
        assert math.isclose(sum(p["mass_percent"] for p in parts), 100, rel_tol=1e-9)
        mean = result(door, "blend_warming_potential", blend=blend)["potential"]
        each = [result(door, "global_warming_potential", gas=p["gas"], years=100)["potential"] for p in parts]
        assert min(each) <= mean <= max(each)


def test_reactions_keep_their_mass(door):
    for batch in samples("reacting_masses"):
        found = result(door, "limiting_reactant", **batch)
        _, right = analysis.parse(batch["equation"])
        first = right[0][0] * compounds.formula_mass(analysis.plain(right[0][1]))
        products = sum(n * compounds.formula_mass(analysis.plain(f)) for n, f in right)
        assert math.isclose(
            found["product"] * products / first + found["left"], batch["first"] + batch["second"], rel_tol=1e-6
        )


def test_every_analysis_leads_back_to_a_formula(door):
    for sample in samples("elemental_analysis"):
        found = result(door, "molecular_formula", **sample)["formula"]
        assert abs(compounds.formula_mass(found) - sample["mass"]) < 0.06, sample
        assert structures.by_formula()[found]


def test_arrhenius_gives_the_second_rate_constant_back(door):
    for study in samples("rate_study")[::11]:
        energy = result(door, "activation_energy", **study)["activation_energy"]
        again = result(
            door, "rate_constant_at", slow=study["slow"], cold=study["cold"], energy=energy, kelvins=study["hot"]
        )["constant"]
        assert math.isclose(again, study["fast"], rel_tol=1e-6)


def test_seeds_are_not_repeated():
    for kind in ("dilution", "weak_acid", "buffer", "titration", "ideal_mixture", "galvanic_cell", "electrolysis"):
        found = [tuple(value.items()) for value in samples(kind)]
        assert len(found) == len(set(found)) >= 200, kind


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("compound_temperatures", {"compound": "phlogiston"}),
        ("complete_combustion", {"compound": "sodium chloride"}),
        ("compound_symmetry", {"compound": "sodium chloride"}),
        ("boiling_point_under_pressure", {"compound": "cholesterol", "kilopascals": 50}),
        ("ionic_potential", {"ion": "Cl-"}),
        ("blend_components", {"blend": "R-999"}),
        ("global_warming_potential", {"gas": "methane", "years": 50}),
        ("radioactive_remainder", {"half_life": 1, "days": 100}),
        ("electrolytic_deposit", {"ion": "sulfate", "charge": 100}),
    ],
)
def test_what_cannot_be_answered_is_refused(door, name, arguments):
    assert refused(door, name, **arguments)
