"""Tasks that lack a fact: what is taken away, that no road is left, and which replies name what is missing."""

from __future__ import annotations

import json
import random
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from shell import ROOT, bash
from village import grown, real

from dive_tools.clothes import clothes_for, tools_of
from dive_tools.pool import Pool
from dive_tools.records import Drop, Record, canonical, need, setup_id
from dive_tools.score.missing import declared, names, said
from dive_tools.support import Dead, calls, replay, through
from dive_tools.symbolic.explore import Explorer
from dive_tools.tools.base import Field, Slot, Tool
from dive_tools.tools.door import failed
from dive_tools.unanswerable import FEWEST, REASONS, TIER, _Case, computes, meaning, reachable, stands_in, unanswerable
from dive_tools.values import TYPES, at, leaves, says

POOL, DOOR = real()

# --- what a reply says is missing ------------------------------------------------------------------------------------

DECLARED: list[tuple[str, str | None]] = [
    ("Missing: the half-life of polonium-210", "the half-life of polonium-210"),
    ("I looked.\n\nMissing: the population of Syria.", "the population of Syria"),
    ("**Missing:** the population of Syria", "the population of Syria"),
    ("**Missing: the population of Syria**", "the population of Syria"),
    ("- *Missing*: `population of Syria`", "population of Syria"),
    ("## Missing\nthe population of Syria", "the population of Syria"),
    ("missing:   the population of Syria  ", "the population of Syria"),
    ("MISSING: the BIC", "the BIC"),
    ("Missing information: the capital of Alabama", "the capital of Alabama"),
    ("> Missing: the capital of Alabama", "the capital of Alabama"),
    ("Answer: Missing: the capital of Alabama", "the capital of Alabama"),
    ("Missing: the area\n\nI looked again.\n\nMissing: the population", "the population"),
    ("Missing: the area\nMissing: the population", "the area; the population"),
    ("<think>Answer: 12</think>Missing: the population", "the population"),
    ("<think>Missing: the area</think>Missing: the population", "the population"),
    ("Answer: unknown\nMissing: the population", "the population"),
    ("Answer: cannot be determined\nMissing: the population", "the population"),
    ("Missing: the population\n\nAnswer: n/a", "the population"),
    ("No tool gives it.\nMissing: the population\nThe tools list areas only.", "the population"),
    ("```\nMissing: the population\n```", "the population"),
    ("Answer: unknown, perhaps 17 million\nMissing: the population", None),
    ("<think>Missing: the area</think>The area is 12.", None),
    ("Missing: nothing", None),
    ("Missing: none", None),
    ("Missing: N/A", None),
    ("Missing:", None),
    ("The population is missing.", None),
    ("It is missing: the tools do not give it", None),
    ("Answer: 17000000\nMissing: the population", None),
    ("Missing: the population\nAnswer: 17000000", None),
    ("Missing: the population\n\nSo the answer is 17 million.", None),
    ("The result is \\boxed{17}\nMissing: the population", None),
    ('{"answer": 17}\nMissing: the population', None),
    ("Missing: the population\nWait, I can look it up.", None),
    ("Missing: the population. \n\nActually, country_profile gives it.", None),
    ("", None),
]


@pytest.mark.parametrize(("reply", "found"), DECLARED)
def test_what_a_reply_says_is_missing(reply: str, found: str | None) -> None:
    assert declared(reply) == found


POPULATION = {"says": "the population of Syria in the GeoNames country table", "words": ["population"]}
HALF_LIFE = {"says": "the half-life of polonium-210 in the mendeleev table, in days", "words": ["half-life"]}
TENDER = {
    "says": "the last year in which the Israeli pound was legal tender anywhere according to CLDR",
    "words": ["last year", "last year as legal tender", "year"],
}
BANK_CODE = {
    "says": "the length of the bank code inside an IBAN of the Seychelles, in characters",
    "words": ["length", "bank code length"],
}
MELTING = {
    "says": "the melting point of oxirane in the CRC Handbook, in degrees Celsius",
    "words": ["melting point"],
    "also": ["the refractive index of oxirane in the CRC Handbook"],
}
MELTING["words"] = [*MELTING["words"], "refractive index"]
COUNTY = {"says": "the county in which ZIP code 79383 lies", "words": ["county", "counties", "US county"]}
ENZYMES = {
    "says": "the number of restriction enzymes that Minotech Biotechnology sells according to REBASE",
    "words": ["number of restriction enzymes", "enzymes"],
}
AGENCY = {"says": "the country whose agency gave out ISBN 978-9981-49-314-8", "words": ["country", "countries"]}
ZONE = {"says": "the IANA time zone of the city", "words": ["IANA time zone", "time zone", "time zones"]}
CAPITAL = {"says": "the capital of Alabama", "words": ["capital", "city", "cities"]}
ZIPF = {"says": "the Zipf frequency of the word “enable” in wordfreq's small English list", "words": ["Zipf frequency"]}
MODIFIED = {
    "says": "the amino acid that the PDB component DM0 is a modified form of",
    "words": ["amino acid", "parent amino acid", "amino acids"],
}
ADMITTED = {
    "says": "the year in which Alaska was admitted to the Union",
    "words": ["year", "year of admission to the Union"],
}
COMPONENTS = {
    "says": "the components of the Chemical Component Dictionary modelled on the PDB entry 4XXR",
    "words": ["components", "PDB component", "PDB components"],
}
MAPPED = {
    "says": "the number of ICD-10-CM codes that map to the Part D category RxHCC 22 in the 2026 table",
    "words": ["number of ICD-10-CM codes", "codes"],
}
LANGUAGES = {
    "says": "the languages to which Pygments assigns the file extension .ps",
    "words": ["languages", "language", "programming language", "programming languages"],
}

RIGHT: list[tuple[dict[str, Any], str]] = [
    (POPULATION, "the population of Syria"),
    (POPULATION, "Population of Syria"),
    (POPULATION, "Syria's population"),
    (POPULATION, "the population"),
    (POPULATION, "population figures for Syria"),
    (POPULATION, "a tool that gives the population of Syria"),
    (POPULATION, "No tool gives the population of Syria."),
    (POPULATION, "the populations of countries"),
    (POPULATION, "the population of Syria is not available"),
    (POPULATION, "the population of Syria (GeoNames)"),
    (POPULATION, "the population of Syria, which no tool gives"),
    (POPULATION, "the value of the population of Syria, in people"),
    (POPULATION, "information on the population of Syria"),
    (POPULATION, "country_population"),
    (HALF_LIFE, "the half-life of polonium-210"),
    (HALF_LIFE, "half life of Po-210 in days"),
    (HALF_LIFE, "polonium-210's half-life"),
    (HALF_LIFE, "a way to look up half-lives of nuclides"),
    (HALF_LIFE, "what the half-life of polonium-210 is"),
    (HALF_LIFE, "**the half-life** of polonium-210"),
    (HALF_LIFE, "the half-life value"),
    (TENDER, "the last year in which the Israeli pound was legal tender"),
    (TENDER, "the year the Israeli pound ceased to be legal tender"),
    (ADMITTED, "Alaska's admission year"),
    (ADMITTED, "the year of Alaska's admission to the Union"),
    (ADMITTED, "the year Alaska was admitted"),
    (COMPONENTS, "chemical components modelled on PDB entry 4XXR"),
    (COMPONENTS, "a tool to list the components of PDB entry 4XXR"),
    (MAPPED, "the mapping from ICD-10-CM codes to RxHCC 22"),
    (MAPPED, "how many ICD-10-CM codes map to RxHCC 22"),
    (TENDER, "when the Israeli pound was last legal tender"),
    (BANK_CODE, "the length of the bank code in an IBAN of the Seychelles"),
    (BANK_CODE, "the bank code length of Seychelles IBANs"),
    (MELTING, "the melting point of oxirane"),
    (MELTING, "melting points"),
    (MELTING, "the melting point and the refractive index of oxirane"),
    (MELTING, "the refractive index of oxirane"),
    (COUNTY, "the county of ZIP code 79383"),
    (COUNTY, "which county ZIP code 79383 lies in"),
    (COUNTY, "in which county the ZIP code lies"),
    (COUNTY, "the county name for ZIP code 79383"),
    (ENZYMES, "the number of restriction enzymes that Minotech Biotechnology sells"),
    (ENZYMES, "how many restriction enzymes Minotech Biotechnology sells"),
    (ENZYMES, "the restriction enzymes sold by Minotech Biotechnology"),
    (AGENCY, "the country of ISBN 978-9981-49-314-8"),
    (AGENCY, "which country's agency gave out ISBN 978-9981-49-314-8, because no ISBN tool is there"),
    (AGENCY, "the country"),
    (ZONE, "the time zone of the city"),
    (ZONE, "the IANA time zone of Zürich"),
    (ZONE, "the city's time zone"),
    (ZONE, "the time zone of Zürich, Switzerland"),
    (CAPITAL, "the capital of Alabama"),
    (CAPITAL, "the capital city of Alabama"),
    (CAPITAL, "Alabama's state capital"),
    (ZIPF, "the Zipf frequency of the word enable"),
    (ZIPF, "Zipf frequencies of words"),
    (MODIFIED, "the parent amino acid of DM0"),
    (MODIFIED, "the amino acid that DM0 is a modified form of"),
    (LANGUAGES, "the languages of the file extension .ps"),
    (LANGUAGES, "which programming languages Pygments assigns .ps to"),
]

WRONG: list[tuple[dict[str, Any], str]] = [
    (POPULATION, ""),
    (POPULATION, "everything"),
    (POPULATION, "the tools"),
    (POPULATION, "a tool"),
    (POPULATION, "information"),
    (POPULATION, "the data"),
    (POPULATION, "the required information is not available"),
    (POPULATION, "data about Syria"),
    (POPULATION, "Syria"),
    (POPULATION, "the area of Syria"),
    (POPULATION, "the population density of Syria"),
    (POPULATION, "the capital of the country with that population"),
    (POPULATION, "the area of the country with the population of Syria"),
    (POPULATION, "the area and the population of Syria"),
    (POPULATION, "the population or the area"),
    (POPULATION, "population, area, capital, currency, elevation"),
    (POPULATION, "the population, the GDP and the life expectancy of Syria"),
    (POPULATION, "Population, Area, Capital, Currency"),
    (POPULATION, "Population and Area"),
    (POPULATION, "Population of Syria, GDP, Currency"),
    (POPULATION, "How many people live in Syria?"),
    (POPULATION, "What is the population of Syria in the GeoNames country table?"),
    (POPULATION, "the answer"),
    (POPULATION, "country_area"),
    (POPULATION, "the GeoNames country table"),
    (HALF_LIFE, "the decay energy of polonium-210"),
    (HALF_LIFE, "the atomic mass of polonium-210 in the mendeleev table"),
    (HALF_LIFE, "the life of polonium-210"),
    (HALF_LIFE, "half of the sample"),
    (HALF_LIFE, "the ratio of the half-life of polonium-210 to that of radon-222"),
    (HALF_LIFE, "the activity after one half-life"),
    (HALF_LIFE, "the days"),
    (TENDER, "the year"),
    (ADMITTED, "the year of Alaska's census"),
    (ADMITTED, "the capital of Alaska"),
    (COMPONENTS, "the PDB entry 4XXR"),
    (COMPONENTS, "the number of oxygen atoms of the component"),
    (MAPPED, "the codes"),
    (MAPPED, "the RxHCC 22 label"),
    (MAPPED, "the number of chapters"),
    (TENDER, "the year of Iowa's admission"),
    (TENDER, "the first date of the new Israeli shekel"),
    (TENDER, "the ISO code of the Israeli pound"),
    (BANK_CODE, "the length"),
    (BANK_CODE, "the length of a flight"),
    (BANK_CODE, "the bank"),
    (BANK_CODE, "the country code of the Seychelles"),
    (MELTING, "the boiling point of oxirane"),
    (MELTING, "the melting enthalpy of oxirane"),
    (MELTING, "the point"),
    (MELTING, "oxirane in the CRC Handbook"),
    (MELTING, "the melting point and the density of oxirane"),
    (COUNTY, "the population of the county of ZIP code 79383"),
    (COUNTY, "the county's population"),
    (COUNTY, "the ZIP codes of the county"),
    (COUNTY, "the country of ZIP code 79383"),
    (ENZYMES, "the number of suppliers"),
    (ENZYMES, "the number"),
    (ENZYMES, "Minotech Biotechnology"),
    (AGENCY, "the calling code of the country"),
    (ZONE, "the UTC offset of the time zone"),
    (ZONE, "the time"),
    (ZONE, "the time of sunrise in the city"),
    (CAPITAL, "the population of the capital of Alabama"),
    (CAPITAL, "the capital ratio of the bank"),
    (ZIPF, "the frequency of the sound"),
    (ZIPF, "the length of the word enable"),
    (MODIFIED, "the codon for the amino acid"),
    (MODIFIED, "nucleic acid"),
    (LANGUAGES, "the file extensions of PostScript"),
    (LANGUAGES, "the languages; the extensions; the versions; the names; the authors"),
]


def lacking(missing: dict[str, Any]) -> dict[str, Any]:
    return {"tools": ["country_population"] if missing is POPULATION else [], "call": "c1", **missing}


@pytest.mark.parametrize(("missing", "text"), RIGHT)
def test_what_names_it(missing: dict[str, Any], text: str) -> None:
    assert names(text, lacking(missing))


@pytest.mark.parametrize(("missing", "text"), WRONG)
def test_what_does_not_name_it(missing: dict[str, Any], text: str) -> None:
    assert not names(text, lacking(missing))


def test_what_names_one_thing_names_no_other() -> None:
    facts = [POPULATION, HALF_LIFE, TENDER, BANK_CODE, MELTING, COUNTY, ENZYMES, AGENCY, ZONE, ZIPF, MODIFIED]
    for missing, text in RIGHT:
        others = [fact for fact in facts if fact is not missing]
        assert not [fact["says"] for fact in others if names(text, lacking(fact))], text


def test_the_question_once_more_names_nothing() -> None:
    question = "Consider Syria. Give the population of Syria in the GeoNames country table. Round it to two figures."
    assert not names("Give the population of Syria in the GeoNames country table", lacking(POPULATION), question)
    assert names("the population of Syria in the GeoNames country table", lacking(POPULATION), question)


def test_a_second_thing_that_the_question_asks_about_is_no_list() -> None:
    missing = {"tools": [], "call": "c1", "says": "the density of gold, in grams", "words": ["density"]}
    question = "Which has the higher density, gold or silver?"
    assert names("the density of gold and silver", missing, question)
    assert not names("the density of gold and hardness", missing, question)
    assert not names("the density of gold and the silver price", missing, question)


LABELLED = [json.loads(line) for line in (ROOT / "tests" / "missing.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("case", LABELLED, ids=[case["missing"]["says"][:60] for case in LABELLED])
def test_labelled_replies(case: dict[str, Any]) -> None:
    missing, question = case["missing"], case["question"]
    assert not [text for text in case["right"] if not names(text, missing, question)]
    assert not [text for text in case["wrong"] if names(text, missing, question)]


def fact(says: str, *words: str, **more: Any) -> dict[str, Any]:
    return {"tools": [], "says": says, "words": list(words), **more}


@pytest.mark.parametrize(
    ("noun", "others"),
    [
        ("length", ["number of characters", "character count"]),
        ("position", ["coordinates", "right ascension and declination", "latitude and longitude", "location"]),
        ("population", ["number of inhabitants", "number of people", "number of residents"]),
        ("amino acid chain", ["amino acid sequence", "protein sequence", "sequence", "primary structure"]),
        ("average molecular mass", ["average molecular weight", "molecular mass"]),
        ("half-life", ["half life"]),
        ("number of carbon atoms", ["carbon atom count", "count of carbon atoms", "number of carbons"]),
        ("apparent major axis", ["major axis", "angular size"]),
        ("visual magnitude", ["visual brightness"]),
        ("elevation", ["altitude", "height above sea level"]),
        ("melting point", ["melting temperature"]),
        ("unemployment rate", ["unemployment"]),
        ("title", ["name", "description", "label"]),
        ("structure", ["SMILES", "structural formula"]),
        ("country", ["nation"]),
        ("ZIP codes", ["postal codes"]),
    ],
)
def test_nouns_that_name_the_same_fact_do_and_others_do_not(noun: str, others: list[str]) -> None:
    missing = fact(f"the {noun} of Vega Alta", noun)
    assert all(names(f"the {one} of Vega Alta", missing) for one in [noun, *others])
    strangers = ["flag", "currency in use", "speed of sound", "number of stars", "boiling point", "minor axis"]
    assert not [one for one in strangers if names(f"the {one} of Vega Alta", missing)]


@pytest.mark.parametrize(
    ("asked", "noun"),
    [
        ("how many people live in Vega Alta", "population"),
        ("how long the wall of Vega Alta is", "length"),
        ("what Vega Alta costs", "price"),
        ("where Vega Alta lies", "position"),
        ("what Vega Alta stands for", "label"),
        ("how many enzymes Vega Alta sells", "number of enzymes"),
    ],
)
def test_an_indirect_question_asks_for_a_noun(asked: str, noun: str) -> None:
    assert names(asked, fact(f"the {noun} of Vega Alta", noun))
    assert not names(asked, fact("the colour of Vega Alta", "colour"))


def test_the_fact_of_another_thing_is_another_fact() -> None:
    missing = fact("the half-life of promethium-148", "half-life", of=["promethium-148"])
    assert names("the half-life of promethium-148", missing) and names("the half-life of Pm-148", missing)
    assert not names("the half-life of promethium-149", missing)
    place = fact("the population of Syria", "population", of=["Syria"])
    assert names("the Syrian population", place) and not names("the population of Kenya", place)
    town = fact("the population of Hutchinson, Kansas", "population", of=["Hutchinson, Kansas"])
    assert not names("the population of Wichita, Kansas", town)
    coded = fact("the general category of the character U+20AC", "general category", of=["U+20AC"])
    assert names("U+20AC's general category", coded) and not names("the general category of U+20AD", coded)
    short = fact("the file extensions of the language HLSL", "file extensions", of=["HLSL"])
    assert names("the file extensions for HLSL", short) and not names("the file extensions of GLSL", short)
    common = fact("the codons for alanine", "codons", of=["alanine"])
    assert names("the codons", common) and not names("the codons for glycine", common)
    states = fact("the area of the United Arab Emirates", "area", of=["United Arab Emirates"])
    assert names("the area of the UAE", states) and names("the area of UAE", states)
    unnamed = fact("the population of the city", "population", of=["Sardinia"])
    assert names("the population of Cagliari", unnamed)  # a solver may have come as far as its name


def test_another_of_a_row_is_another_fact() -> None:
    fourth = fact("the fourth ionisation energy of the element", "fourth ionisation energy", "ionisation energy")
    assert names("the fourth ionisation energies", fourth) and not names("the first ionisation energy", fourth)
    warming = fact("the 100-year global warming potential of methane", "100-year global warming potential")
    assert names("the 100-year GWP of methane", warming)
    assert not names("the 20-year global warming potential of methane", warming)
    heat = fact("the standard enthalpy of formation of the ion in water", "standard enthalpy")
    assert not names("the standard enthalpy of combustion of the ion in water", heat)


def test_what_is_there_and_what_follows() -> None:
    missing = fact(
        "the amino acid chain of LL-37",
        "amino acid chain",
        of=["LL-37"],
        then=["molecular mass", "net charge"],
        there=["codon", "amino acid"],
    )
    assert names("the amino acid chain of LL-37", missing)
    assert names("the amino acid chain of LL-37 and so its net charge", missing)
    assert not names("the net charge of LL-37", missing)
    assert not names("the molecular mass and the net charge of LL-37", missing)
    assert not names("the amino acid chain of LL-37 and the codon", missing)
    rate = fact("the interest rate in 1998", "interest rate", then=["real interest rate"])
    assert names("the interest rate in 1998", rate) and not names("the real interest rate in 1998", rate)


def test_figures_with_a_list_behind_are_the_list() -> None:
    missing = fact("the population of Iceland", "population", "GDP", also=["the GDP of Iceland"])
    assert names("the Gapminder figures of Iceland (GDP, population)", missing)
    assert names("Gapminder data: GDP and population of Iceland", missing)
    assert not names("the Gapminder figures of Iceland (GDP, life expectancy)", missing)
    assert not names("Gapminder data: population and area of Iceland", missing)
    assert not names("the population (and the area) of Iceland", missing)


def test_what_is_no_text_or_too_long_names_nothing() -> None:
    missing = lacking(POPULATION)
    for text in ("", " ", "…", "---", "°", "; ; ,", "and or and", "(", "the", "?", "the population of Syria " * 400):
        assert not names(text, missing)


# --- what is taken away ----------------------------------------------------------------------------------------------


@cache
def made() -> tuple[tuple[Record, Record], ...]:
    """Real tasks, each with the one that cannot be answered."""
    records = grown(90)
    pairs = zip(records, unanswerable(records, POOL), strict=True)
    return tuple((record, found) for record, found in pairs if not isinstance(found, Drop))


def step_of(record: Record) -> dict[str, Any]:
    """The call that an unanswerable task lacks."""
    return next(s for s in record["evidence"] if s["call"] == record["task"]["missing"]["call"])


def test_enough_are_made_and_each_is_a_record_of_its_own() -> None:
    assert len(made()) >= 12
    for record, found in made():
        need(found, "id", "setup", "evidence", "task")
        assert found["id"] == setup_id(found["setup"]) != record["id"]
        assert found["setup"]["tier"] == TIER and found["setup"]["of"] == record["id"]
        rest = {key: value for key, value in found["setup"].items() if key not in ("tools", "tier", "of")}
        assert rest == {key: value for key, value in record["setup"].items() if key != "tools"}
        assert found["evidence"] == record["evidence"] and found["task"]["scorer"] == "missing"
        assert {k: v for k, v in found["task"].items() if k not in ("scorer", "missing")} == record["task"]
    assert len({found["id"] for _, found in made()}) == len(made())


def test_the_answer_needs_what_is_taken_away_and_enough_is_left() -> None:
    for record, found in made():
        missing, left = found["task"]["missing"], found["setup"]["tools"]
        gone = set(missing["tools"])
        assert gone | set(left) == set(record["setup"]["tools"]) and not gone & set(left) and len(left) >= FEWEST
        step = step_of(found)
        assert step["tool"] == missing["tools"][0] in tools_of(record["task"]["support"], record["evidence"])
        assert POOL.tools[step["tool"]].role == "retrieval"
        with pytest.raises(Dead):
            replay(found["task"]["support"], found["evidence"], partial(of_what_is_left, found))


def of_what_is_left(record: Record, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """The outcome of a call in the toolset of an unanswerable task."""
    there = name in record["setup"]["tools"]
    return DOOR.call(name, arguments) if there else failed("unknown_tool", f"{name} is gone")


def test_no_tool_that_is_left_gives_it_is_its_twin_or_runs_code() -> None:
    for _, found in made():
        tool = POOL.tools[step_of(found)["tool"]]
        left = POOL.named(found["setup"]["tools"]).values()
        lacked = found["task"]["missing"]["meaning"]
        assert lacked in {f.type or f.kind for f in tool.fields.values()}
        assert "run_python" not in found["setup"]["tools"]
        assert not [t.name for t in left if lacked in {f.type or f.kind for f in t.fields.values()}]
        assert not [t.name for t in left if t.module == tool.module and t.role == "retrieval"]


def test_no_road_of_meanings_leads_to_it_even_with_all_sums_of_the_pool_done_by_hand() -> None:
    """Worked out once more, from the schemas alone: whatever is given or found may go into any parameter it fits."""
    sums = [tool for tool in POOL.tools.values() if tool.role == "processing"]
    for record, found in made():
        known = {found["setup"]["seed"]["type"]}
        for call in calls(record["task"]["support"], record["evidence"]):
            other = next(s for s in record["evidence"] if s["call"] == call)
            for name, source in other["arguments_from"].items():
                slot = POOL.tools[other["tool"]].slots[name]
                known |= {source.get("type", ""), slot.type, slot.kind} - {""} if "given" in source else set()
        tools = [*POOL.named(found["setup"]["tools"]).values(), *sums]
        for _ in tools:
            made_of = [t for t in tools if callable_with(t, known)]
            known |= {means for t in made_of for f in t.fields.values() for means in (f.type, f.kind) if means}
        assert found["task"]["missing"]["meaning"] not in known


def callable_with(tool: Tool, known: set[str]) -> bool:
    return all(
        not slot.required
        or slot.choices
        or {slot.type, slot.kind, slot.vignette} & known
        or not (slot.type or slot.kind or slot.vignette)
        for slot in tool.slots.values()
    )


def test_exploring_what_is_left_never_comes_upon_it() -> None:
    """The collector itself, let loose on the tools that are left, far beyond what an attempt may spend."""
    tried = 0
    for _, found in made()[:30]:
        start: Record = {"id": found["id"], "setup": found["setup"], "evidence": []}
        tools = POOL.named(found["setup"]["tools"])
        for number in range(2):
            Explorer(start, tools, DOOR.call, random.Random(number), 40).explore()
        shown = [one for other in start["evidence"] for one in leaves(other.get("result"))]
        assert not missing_values(found) & {one for one in shown if isinstance(one, str)}
        tried += len(start["evidence"])
    assert tried > 200


def missing_values(record: Record) -> set[str]:
    """What the call that is missing gave, where that is a text of the meaning that is missing."""
    step = step_of(record)
    items = [f for f in POOL.tools[step["tool"]].fields.values() if "*" not in f.pointer]
    held = [at(step["result"], f.pointer) for f in items if meaning(f) == record["task"]["missing"]["meaning"]]
    return {one for value in held for one in leaves(value) if isinstance(one, str)}


def test_what_a_teacher_writes_names_it_and_nothing_else_does() -> None:
    for record, found in made():
        missing, question = found["task"]["missing"], found["task"]["question"]
        assert said(missing) == missing["says"] and names(said(missing), missing, question)
        assert declared(f"No tool gives it.\nMissing: {said(missing)}") is not None
        assert names(declared(f"Missing: {said(missing)}") or "", missing, question)
        assert all(names(other, missing, question) for other in missing.get("also", ()))
        assert not names(question, missing, question)
        assert not names("information that no tool gives", missing, question)
        for noun in missing.get("there", ()):
            assert not names(f"the {noun}", missing, question)
            assert not names(f"{said(missing)} and the {noun}", missing, question) or noun in missing.get("then", ())
        if isinstance(answer := record["task"]["answer"]["value"], str | int | float):
            assert not names(str(answer), missing, question)


def test_every_field_that_the_answer_needs_of_what_is_gone_is_said_to_be_missing() -> None:
    """A position has no words of its own, and is missing like the rest."""
    for record, found in made():
        missing, evidence = found["task"]["missing"], record["evidence"]
        nodes = [node for node in through(record["task"]["support"], evidence) if "call" in node and "pointer" in node]
        for node in nodes:
            tool = POOL.tools[next(step["tool"] for step in evidence if step["call"] == node["call"])]
            item = tool.fields.get(node["pointer"])
            if tool.name not in missing["tools"] or computes(tool) or item is None or item.type not in TYPES:
                continue
            assert {TYPES[item.type].noun, item.says.noun} & set(missing["words"])


def test_the_same_task_gives_the_same_and_its_value_is_not_in_the_question() -> None:
    records = [record for record, _ in made()]
    again = list(unanswerable(records, POOL))
    assert [canonical(found) for found in again] == [canonical(found) for _, found in made()]  # type: ignore[arg-type]
    for _, found in made():
        for value in missing_values(found):
            assert f" {value.lower()} " not in f" {found['task']['question'].lower()} "


def test_every_reason_is_known_and_tasks_that_look_nothing_up_give_none() -> None:
    records = grown(90)
    for record, found in zip(records, unanswerable(records, POOL), strict=True):
        if isinstance(found, Drop):
            assert found.record is record and found.reason in REASONS
        roles = {POOL.tools[name].role for name in tools_of(record["task"]["support"], record["evidence"])}
        if roles == {"processing"}:
            assert isinstance(found, Drop) and found.reason == "no_lookup"


def test_no_distractor_makes_it_answerable() -> None:
    for _, found in made():
        for seed in range(3):
            added = POOL.named(clothes_for(found, ("distractors",), seed, POOL)["distractors"]).values()
            lacked = found["task"]["missing"]["meaning"]
            assert added and not [t.name for t in added if lacked in {f.type or f.kind for f in t.fields.values()}]
            assert "run_python" not in {t.name for t in added}


# --- roads, on tools made for it -------------------------------------------------------------------------------------


def tool(
    name: str, takes: str, gives: str, *, role: str = "retrieval", module: str = "", noun: str = "thing", **more: Any
) -> Tool:
    """A tool from an entity type to another."""
    schema = {"type": "object", "properties": {"x": {"type": "string"}}, "required": ["x"]}
    return Tool(
        name=name,
        description=more.pop("description", "Do."),
        role=role,
        domain="user",
        version="1",
        schemas=lambda: (schema, {}),
        slots={"x": Slot(type=takes)},
        fields={f"/{gives}": Field(f"/{gives}", "scalar", type=gives, says=says(f"the {noun} of {{x}}", noun=noun))},
        examples=[],
        via={"kind": "builtin"},
        module=module or name,
        **more,
    )


def test_what_is_reachable_goes_through_every_tool_and_stops_where_one_is_gone() -> None:
    chain = [tool("a", "t1", "t2"), tool("b", "t2", "t3"), tool("c", "t3", "t4")]
    assert reachable({"t1"}, chain) == {"t1", "t2", "t3", "t4"}
    assert reachable({"t1"}, [chain[0], chain[2]]) == {"t1", "t2"}
    assert reachable(set(), chain) == set()


def test_who_stands_in() -> None:
    lost = tool("a", "t1", "t2", module="m")
    item = lost.fields["/t2"]
    assert stands_in(tool("other", "t9", "t2"), lost, item)  # it gives the same
    assert stands_in(tool("twin", "t1", "t5", module="m"), lost, item)
    assert stands_in(tool("hint", "t1", "t5", description="Tells the thing behind x."), lost, item)
    assert stands_in(tool("same", "t1", "t5", noun="first thing"), lost, item)  # it may be another word for it
    assert not stands_in(tool("stranger", "t1", "t5", noun="note"), lost, item)
    assert not stands_in(tool("sum", "t1", "t5", role="processing", noun="note"), lost, item)
    remote = tool("web", "t1", "t5", noun="note", effects="read")
    remote.via = {"kind": "mcp"}
    assert stands_in(remote, lost, item)  # nobody knows what it answers
    assert stands_in(POOL.tools["run_python"], lost, item)


def crest(role: str = "retrieval", **more: Any) -> Tool:
    """A tool that knows the crest of a country."""
    return tool("crest", "country", "t_crest", role=role, noun="crest", **more)


def lookup(
    *others: Tool, known: Tool | None = None, question: str = "What is the crest of Kenya?", second: str = ""
) -> Record | Drop:
    """What is made of a task that rests on one call, of the crest of Kenya, in a toolset with some strangers."""
    known = known or crest()
    strangers = [tool(name, f"t_{name}", f"t_of_{name}", noun=name) for name in ("hat", "boot", "coat")]
    pool = Pool({made.name: made for made in (known, *others, *(strangers if len(others) < 3 else []))})
    kenya = {"given": "Kenya", "type": "country", "seed": ""}
    step = {"call": "c1", "round": 1, "tool": "crest", "arguments": {"x": "Kenya"}, "arguments_from": {"x": kenya}}
    field = next(iter(known.fields.values()))
    evidence = [{**step, "result": {field.pointer[1:]: "lion rampant", second[1:]: "far"}}]
    for made in others:
        shown = {"call": f"c{len(evidence) + 1}", "round": 1, "tool": made.name, "result": {"note": made.description}}
        evidence.append({**shown, "arguments": {"x": "Kenya"}, "arguments_from": {"x": kenya}})
    seed = {"type": "country", "value": "Kenya"}
    setup = {"domain": "user", "seed": seed, "tools": {t.name: t.version for t in pool.tools.values()}, "exemplars": []}
    support: dict[str, Any] = {"call": "c1", "pointer": field.pointer}
    if second:
        support = {"op": "list", "items": [support, {"call": "c1", "pointer": second}]}
    answer = {"value": "lion rampant", "type": "string"}
    task = {"round": 1, "question": question, "answer": answer, "support": support, "by": "hand"}
    return next(unanswerable([{"id": "r", "setup": setup, "evidence": evidence, "task": task}], pool))


def test_a_field_without_words_of_its_own_is_called_by_its_type() -> None:
    known = crest()
    known.fields["/place"] = Field("/place", "scalar", type="point")
    found = lookup(known=known, second="/place")
    assert not isinstance(found, Drop)
    missing = found["task"]["missing"]
    assert missing["also"] == ["the location of Kenya"] and "location" in missing["words"]
    assert names("the crest and the coordinates of Kenya", missing) and names("Kenya's latitude and longitude", missing)


def test_what_rests_on_what_is_gone_follows_and_what_does_not_is_there() -> None:
    flag = tool("flag", "t_crest", "t_flag", noun="flag")
    moon = tool("moon", "country", "t_moon", noun="moon")
    pool = Pool({made.name: made for made in (crest(), flag, moon, tool("hat", "t_hat", "t_of_hat", noun="hat"))})
    kenya = {"x": {"given": "Kenya", "type": "country", "seed": ""}}
    evidence: list[dict[str, Any]] = [
        {"call": "c1", "tool": "crest", "arguments": {"x": "Kenya"}, "result": {"t_crest": "lion"}},
        {"call": "c2", "tool": "flag", "arguments": {"x": "lion"}, "result": {"t_flag": "red"}},
        {"call": "c3", "tool": "moon", "arguments": {"x": "Kenya"}, "result": {"t_moon": "full"}},
    ]
    sources = [kenya, {"x": {"call": "c1", "pointer": "/t_crest"}}, kenya]
    evidence = [{**step, "round": 1, "arguments_from": source} for step, source in zip(evidence, sources, strict=True)]
    items = [{"call": "c2", "pointer": "/t_flag"}, {"call": "c3", "pointer": "/t_moon"}]
    answer = {"value": ["red", "full"], "type": "list"}
    task: dict[str, Any] = {"round": 1, "question": "What?", "answer": answer, "by": "hand"}
    setup = {"seed": {"type": "country", "value": "Kenya"}, "tools": dict.fromkeys(pool.tools, "1"), "exemplars": []}
    task["support"] = {"op": "list", "items": items}
    record: Record = {"id": "r", "setup": setup, "evidence": evidence, "task": task}
    found = [_Case(record, dict(pool.tools), []).lack(evidence[number], f"/t_{name}") for number, name in LOOKED_UP]
    held = [lack.missing for lack in found if not isinstance(lack, str)]
    assert [(one.get("then"), one.get("there")) for one in held] == [(["flag"], ["moon"]), (None, ["flag", "crest"])]


LOOKED_UP = ((0, "crest"), (2, "moon"))


def reason(found: Record | Drop) -> str:
    return found.reason if isinstance(found, Drop) else "made"


def test_each_reason_by_a_task_made_for_it() -> None:
    plain = lookup()
    assert not isinstance(plain, Drop) and sorted(plain["setup"]["tools"]) == ["boot", "coat", "hat"]
    assert plain["task"]["missing"] == {
        "tools": ["crest"],
        "call": "c1",
        "meaning": "t_crest",
        "says": "the crest of Kenya",
        "words": ["crest"],
        "of": ["Kenya"],
    }
    silent, loose, own = crest(), crest(), crest()
    silent.fields = {"/t_crest": Field("/t_crest", "scalar", type="t_crest")}
    loose.fields = {"/t_crest": Field("/t_crest", "scalar", says=says("the crest of {x}", noun="crest"))}
    own.slots = {**own.slots, "y": Slot(vignette="patient", part="age", required=False)}
    hand = tool("by_hand", "country", "t_crest", role="processing", noun="arms")
    assert reason(lookup(known=crest("processing"))) == "no_lookup"
    assert reason(lookup(known=own)) == "own_data"
    assert reason(lookup(known=loose)) == "no_meaning"
    assert reason(lookup(known=silent)) == "no_words"
    assert reason(lookup(question="What is the crest of Kenya, if it is no lion rampant?")) == "in_question"
    assert reason(lookup(tool("twin", "t8", "t9", module="crest", noun="n"))) == "made"
    gone = [tool(name, "t8", "t9", module="crest", noun="n") for name in ("one", "two", "three")]
    assert reason(lookup(*gone)) == "few_tools"
    shows = tool("shows", "country", "t_shows", noun="n", description="Some say: a lion rampant it is.")
    assert reason(lookup(shows)) == "shown_elsewhere"
    assert reason(lookup(hand)) == "another_road"  # gone from the toolset, and still it can be worked out


def test_a_name_that_could_be_guessed_takes_with_it_what_goes_on_from_there() -> None:
    city = tool("a", "country", "city", noun="capital")
    people = tool("people", "city", "t_people", noun="inhabitant")
    assert stands_in(people, city, city.fields["/city"])


def test_a_task_with_another_road_is_left_alone() -> None:
    record, _ = made()[0]
    road = tool("another_road", "t0", "t0", role="processing")
    every = [field for known in POOL.named(record["setup"]["tools"]).values() for field in known.fields.values()]
    road.slots, road.fields = {}, {str(number): field for number, field in enumerate(every)}
    dropped = next(unanswerable([record], Pool({**POOL.tools, "another_road": road})))
    assert isinstance(dropped, Drop) and dropped.reason == "another_road"


def test_a_chain_whose_earlier_link_would_go_too_lacks_the_earlier_one() -> None:
    """Taken away is what comes first: a task is never said to lack what comes of something else that is gone."""
    for record, found in made():
        gone, step = set(found["task"]["missing"]["tools"]), step_of(found)
        before = set(calls({"call": step["call"], "pointer": ""}, record["evidence"])) - {step["call"]}
        assert not gone & {other["tool"] for other in record["evidence"] if other["call"] in before}


# --- the command -----------------------------------------------------------------------------------------------------


def test_the_command_writes_lines_and_counts_why_not(tmp_path: Path) -> None:
    records = grown(90)[:40]
    (tmp_path / "tasks.jsonl").write_bytes(b"".join(canonical(record) + b"\n" for record in records))
    done = bash("dive-tools unanswerable tasks.jsonl", tmp_path)
    assert done.returncode == 0
    written = [json.loads(line) for line in done.stdout.splitlines()]
    assert [record["id"] for record in written] == [
        found["id"] for found in unanswerable(records, POOL) if not isinstance(found, Drop)
    ]
    counts = dict(word.split("=") for word in done.stderr.decode().split() if "=" in word)
    assert int(counts.pop("in")) == len(records) and int(counts.pop("made")) == len(written)
    assert set(counts) <= set(REASONS) and sum(map(int, counts.values())) == len(records) - len(written)
