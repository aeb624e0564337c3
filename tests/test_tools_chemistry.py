"""What the examples of the chemistry tools cannot show: cross-checks with second libraries, seeds, refusals."""

import math

import pytest

from dive_tools.pool import builtin
from dive_tools.tools.academia import particles
from dive_tools.tools.chemistry import (
    elements,
    matter,
    nuclides,
)
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
        assert result(door, "nuclide_half_life", nuclide=nuclide)["half_life"] > 1
        assert nuclides.find_nuclide(result(door, "decay_daughter", nuclide=nuclide)["daughter"])


def test_mass_shares_add_up(door):
    for compound in samples("compound"):
        shares = result(door, "compound_mass_shares", compound=compound)["elements"]
        assert math.isclose(sum(s["mass_percent"] for s in shares), 100, rel_tol=1e-8)
