"""Medicine: what its examples cannot show."""

import itertools
import math
import random

import pytest

from dive_tools import pool
from dive_tools.tools.base import Refusal
from dive_tools.tools.door import run
from dive_tools.tools.medicine import (
    SEEDS,
    bands,
    blocks,
    codefor,
    coding,
    evidence,
    fhir,
    heart,
    kidney,
    notes,
    risk,
    rxhcc,
)  # fmt: skip
from dive_tools.values import TYPES, VIGNETTES, samples, say_vignette

TOOLS = pool.builtin(("medicine",)).tools


def test_share_of_retrieval_and_processing():
    roles = [tool.role for tool in TOOLS.values()]
    assert roles.count("retrieval") >= 0.25 * len(roles)
    assert roles.count("processing") >= 0.45 * len(roles)


@pytest.mark.parametrize("seed", SEEDS)
def test_seeds_are_distinct(seed):
    values = [str(value) for value in samples(seed)]
    assert len(values) == len(set(values)) >= 30


def test_every_vignette_is_said_in_whole():
    for name, kind in VIGNETTES.items():
        if name not in SEEDS:
            continue
        for value in samples(name):
            said = say_vignette(kind, value, list(value))
            assert said[0].isupper() and said.endswith(".") and "{" not in said
            assert "a 8" not in said.split("-year-old")[0] and "A 18-" not in said


def test_vignettes_are_accepted_by_every_tool_of_one_vignette():
    for tool in TOOLS.values():
        kinds = {slot.vignette for slot in tool.slots.values()}
        if len(kinds) == 1 and kinds != {""}:
            for value in samples(kinds.pop()):
                outcome = run(tool, {name: value[slot.part] for name, slot in tool.slots.items()})
                assert "result" in outcome, (tool.name, value, outcome)


def test_tabular_list_agrees_with_the_library():
    """A second reader of the same data: simple_icd_10_cm itself."""
    icd = pytest.importorskip("simple_icd_10_cm")
    codes = sorted(coding.tabular().codes)
    for code in random.Random(7).sample(codes, 400):
        assert coding.icd10cm_title(code)["title"] == icd.get_description(code)
        ancestors = icd.get_ancestors(code)
        assert coding.icd10cm_block_of(code)["block"] == ancestors[-2] or code in ("B99", "H95", "F99")
        if len(code) > 3:
            assert coding.icd10cm_parent(code)["parent"] == ancestors[0]
        leaves = [d for d in [code, *icd.get_descendants(code)] if icd.is_leaf(d)]
        assert coding.icd10cm_billable_count(code)["billable"] == len(leaves)
        assert coding.icd10cm_inclusion_terms(code)["terms"] == icd.get_inclusion_term(code)
    assert len(blocks.chapters() if hasattr(blocks, "chapters") else coding.chapters()) == 22


def test_hccs_agree_with_the_library():
    hccinfhir = pytest.importorskip("hccinfhir")
    found = hccinfhir.HCCInFHIR(model_name="CMS-HCC Model V28").calculate_from_diagnosis(
        ["E119", "I5022"], age=70, sex="F", dual_elgbl_cd="NA", orec="0", crec="0", new_enrollee=False
    )
    assert {int(hcc) for hcc in found.hcc_list} == {38, 226}
    for hcc in (38, 226):
        factor = risk.hcc_relative_factor(f"HCC {hcc}", "CNA")["relative_factor"]
        assert math.isclose(found.coefficients[str(hcc)], factor)


def test_codes_are_forgiving_and_unknown_ones_refused():
    assert coding.find_code(" e1165 ") == coding.find_code("E11.65") == "E11.65"
    for bad in ("", "E", "E11.999", "S72.001A", "1234"):
        with pytest.raises(Refusal):
            coding.find_code(bad)


def test_bmi_codes_cover_adults_without_a_gap():
    got = [codefor.icd10cm_for_adult_bmi(bmi / 10)["code"] for bmi in range(150, 800)]
    assert len(dict.fromkeys(got)) == 26  # Z68.1, Z68.20 to Z68.39, Z68.41 to Z68.45
    with pytest.raises(Refusal):
        codefor.icd10cm_for_adult_bmi(25.97)


def test_every_week_has_a_code():
    for weeks in range(1, 46):
        title = coding.icd10cm_title(codefor.icd10cm_for_gestation(weeks)["code"])["title"]
        assert str(min(max(weeks, 8), 42)) in title


def test_stages_are_refused_near_their_limits_only():
    for egfr, stage in ((59.4, "G3a"), (60, "G2"), (89.4, "G2"), (14.2, "G5")):
        assert bands.kdigo_gfr_category(egfr)["stage"] == stage
    for egfr in (59.5, 89.9, 14.7):
        with pytest.raises(Refusal):
            bands.kdigo_gfr_category(egfr)
    assert [codefor.icd10cm_for_ckd_stage(s)["code"] for s in samples("ckd_stage")][2:4] == ["N18.31", "N18.32"]


def test_egfr_is_continuous_and_falls_with_creatinine():
    for sex in ("female", "male"):
        values = [kidney.egfr_ckd_epi_2021(60, sex, creatinine / 100)["egfr"] for creatinine in range(30, 500)]
        assert all(a > b for a, b in itertools.pairwise(values))


def test_qt_formulas_agree_at_sixty_beats():
    assert {heart.corrected_qt(400, 1, formula)["qtc"] for formula in heart.QT} == {400}


def test_bayes_by_counting():
    """Post-test probability of a positive result is the share of true positives among positives."""
    ratios = evidence.likelihood_ratios(80, 20, 270, 30)
    assert math.isclose(ratios["positive"], 80 / 10)
    assert math.isclose(evidence.post_test_probability(ratios["positive"], 25)["probability"], 100 * 80 / (80 + 30))
    assert math.isclose(evidence.post_test_probability(ratios["negative"], 25)["probability"], 100 * 20 / (20 + 270))


def test_odds_ratio_against_scipy():
    contingency = pytest.importorskip("scipy.stats").contingency
    ours = evidence.trial_odds_ratio(395, 70, 392, 86)
    theirs = contingency.odds_ratio([[70, 325], [86, 306]], kind="sample")
    assert math.isclose(ours["odds_ratio"], theirs.statistic)
    interval = theirs.confidence_interval(0.95)
    assert math.isclose(ours["lower"], interval.low) and math.isclose(ours["upper"], interval.high)


def test_companions_of_a_code_are_its_siblings():
    assert set(TYPES["icd10cm_code"].akin("E11")) == {"E08", "E09", "E10", "E13"}
    assert "HCC 36" in samples("hcc")


def test_every_note_that_is_sampled_names_codes_of_the_list():
    for kind, look_up in (
        ("icd10cm_sequenced_code", notes.icd10cm_sequencing_codes),
        ("icd10cm_excluding_code", notes.icd10cm_excludes2),
    ):
        for code in samples(kind):
            found = look_up(code)["codes"]
            assert 3 <= len(found) <= 6 and set(found) <= set(coding.tabular().codes) and found == sorted(found)
    with pytest.raises(Refusal):
        notes.icd10cm_excludes2("A00.0")


def test_blocks_add_up_to_their_chapter():
    for chapter in ("chapter 4", "chapter 9"):
        parts = [
            notes.icd10cm_block_size(block)["billable"] for block in blocks.icd10cm_chapter_blocks(chapter)["blocks"]
        ]
        assert sum(parts) == blocks.icd10cm_chapter(chapter)["billable"]


def test_hierarchies_read_both_ways():
    for hcc in samples("hcc"):
        for above in risk.hcc_superseders(hcc)["hccs"]:
            assert hcc in risk.hcc_hierarchy(above)["hccs"]
    for category in samples("rxhcc"):
        profile = rxhcc.rxhcc_profile(category)
        assert profile["label"] and category not in rxhcc.rxhcc_hierarchy(category)["categories"]


def test_part_d_mapping_agrees_with_the_library():
    pytest.importorskip("hccinfhir")
    from hccinfhir.utils import load_dx_to_cc_mapping

    theirs = load_dx_to_cc_mapping("ra_dx_to_cc_2026.csv")
    for code in ("B20", "F20.0", "E11.65", "I50.22"):
        known = theirs.get((code.replace(".", ""), "RxHCC Model V08"))
        assert rxhcc.rxhcc_of_code(code)["rxhcc"].removeprefix("RxHCC ") in known


def test_fhir_elements_stand_in_their_resource():
    for path in random.Random(3).sample(samples("fhir_element"), 200):
        kind = fhir.fhir_element_type(path)["data_type"]
        assert fhir.fhir_data_type(kind)["elements"] >= 1
    assert all(fhir.fhir_element_count(name, "r4")["elements"] > 2 for name in samples("fhir_resource"))
    with pytest.raises(Refusal):
        fhir.fhir_element_type("Patient.id")
