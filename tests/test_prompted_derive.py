"""The deriver as a model does it: what it writes over real results is kept only where the program finds it true."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as given_any
from hypothesis import settings
from hypothesis import strategies as st
from village import real

from dive_tools.errors import BadRecord, StopAll
from dive_tools.models.base import Ask, ModelError, Reply, Settings
from dive_tools.models.scripted import Scripted
from dive_tools.mutate import mutants
from dive_tools.pool import Pool
from dive_tools.prompted.derive import Deriver
from dive_tools.prompted.draft import FORM, Draft, Rejected
from dive_tools.prompted.shown import View, shared
from dive_tools.prompts import mark
from dive_tools.records import Drop, Record, need, setup_id
from dive_tools.screens import REASONS, Case, outcomes
from dive_tools.support import evaluate, over
from dive_tools.tools.base import Tool
from dive_tools.tools.door import Door
from dive_tools.tools.manifest import tool_of
from dive_tools.verify import Verifier

Node = dict[str, Any]
BUILTIN = (
    "country_profile",
    "city_population",
    "country_neighbours",
    "widely_used_languages",
    "language_profile",
    "country_population",
)
NOTE = (
    "Nairobi, Kenya was founded in 1899 as a rail depot between Mombasa and Kisumu. "
    "Its national park lies 7 kilometres from the centre and was opened on 16 December 1946."
)


def own(name: str, description: str, function: Any, properties: Node, **gives: Node) -> Tool:
    """A tool from outside, of which nobody has said how its results are spoken of."""
    schema = {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
    line = {
        "name": name,
        "version": "1",
        "description": description,
        "parameters": schema,
        "result": {"type": "object"},
    }
    return tool_of({**line, "effects": "none", "via": {"kind": "python"}, "gives": gives}, function)


def note(place: str) -> Node:
    return {"text": NOTE if place == "Nairobi, Kenya" else f"{place} was founded in {1500 + len(place)} by a lake."}


def rolls(place: str) -> Node:
    return {"rolls": [{"year": 1900 + n, "births": 100 + (n * 37) % 901} for n in range(400)], "complete": True}


TEXT = {"type": "string"}
OURS = {
    tool.name: tool
    for tool in (
        own("place_note", "Look up what the gazetteer says of a place.", note, {"place": TEXT}),
        own("birth_rolls", "List the births in a place, year by year.", rolls, {"place": TEXT}),
        own(
            "rain",
            "Look up the yearly rain in a place, in millimetres.",
            lambda place: {"rain_mm": 1e3 + len(place)},
            {"place": TEXT},
        ),
    )
}


def pool() -> Pool:
    """Some tools of the built-in pool, and three from outside."""
    return Pool({**{name: real()[0].tools[name] for name in BUILTIN}, **OURS})


class Scene:
    """A record in the making, each of whose calls is really made."""

    def __init__(self) -> None:
        tools = {name: tool.version for name, tool in pool().tools.items()}
        example = "How many days does the longest of the four walking tours of Lower Saxony that start in Celle take?"
        exemplars = [{"id": "x-1", "question": example, "pattern": "selection"}]
        seed = {"value": "Kenya", "type": "country"}
        setup = {"domain": "geography", "seed": seed, "tools": tools, "exemplars": exemplars}
        self.record: Record = {"id": setup_id(setup), "setup": setup, "evidence": []}
        self.door = Door(pool().tools)
        self.seed: Node = {"given": "Kenya", "type": "country", "seed": ""}

    def look(self, name: str, pointer: str, round_: int = 1, **sources: Node) -> Node:
        """Make a call whose arguments come from these expressions, and cite one part of its result."""
        evidence = self.record["evidence"]
        arguments = {key: evaluate(source, over(evidence)) for key, source in sources.items()}
        call = f"c{len(evidence) + 1}"
        step = {"call": call, "round": round_, "tool": name, "arguments": arguments, "arguments_from": sources}
        evidence.append({**step, **self.door.call(name, arguments)})
        assert "result" in evidence[-1], evidence[-1]
        return {"call": call, "pointer": pointer}


def given(value: Any, **more: Any) -> Node:
    return {"given": value, **more}


def kenya() -> Record:
    """c1, c2 the capital and its people; c3 to c8 the neighbours and their areas; c9, c10 a language; c11, c12 people
    of two countries; c13 a text; c14, c15 rain."""
    scene = Scene()
    capital = scene.look("country_profile", "/capital", country=scene.seed)
    scene.look("city_population", "/population", city=capital)
    names = scene.look("country_neighbours", "/countries", country=scene.seed)
    for index in range(5):
        scene.look("country_profile", "/area", country={"op": "item", "of": names, "index": index, "type": "country"})
    used = scene.look("widely_used_languages", "/languages", country=scene.seed, percent=given(5, choice=True))
    top = {"op": "argmax", "of": used, "by": "/share", "take": "/language"}
    scene.look("language_profile", "", language=top)
    scene.look("country_population", "/population", country=scene.seed)
    scene.look("country_population", "/population", country=given("Uganda", type="country"))
    scene.look("place_note", "/text", place=capital)
    scene.look("rain", "/rain_mm", place=capital)
    scene.look("rain", "/rain_mm", place=given("Mombasa"))
    return scene.record


def cite(call: str, pointer: str, **more: str) -> Node:
    return {"call": call, "pointer": pointer, **more}


AREAS: Node = {
    "op": "table",
    "rows": [
        {"name": {"op": "item", "of": cite("c3", "/countries"), "index": n}, "value": cite(f"c{4 + n}", "/area")}
        for n in range(5)
    ],
    "over": cite("c3", "/countries"),
}
PEOPLE = "How many people live in the capital of Kenya according to GeoNames?"
CAPITAL: Node = {
    "question": PEOPLE,
    "answer": {"value": 4397073, "type": "integer"},
    "support": cite("c2", "/population"),
}


def said(question: str, value: Any, type_: str, support: Node, **answer: Any) -> Node:
    return {"question": question, "answer": {"value": value, "type": type_, **answer}, "support": support}


def written(tmp_path: Path, *replies: Any, **rule: Any) -> Scripted:
    """A model that says these, one after another, and the last ever after: texts as they are, all else as JSON."""
    rules = []
    for turn, reply in enumerate(replies):
        content = reply if isinstance(reply, str) else json.dumps(reply)
        when = {"turn": turn} if turn < len(replies) - 1 else {}
        usage = {"tokens_in": 100, "tokens_out": 10, "cached": 40}
        rules.append({"purpose": "derive", **when, "reply": {"content": content}, "usage": usage, **rule})
    (tmp_path / "rules.jsonl").write_text("".join(json.dumps(rule) + "\n" for rule in rules))
    return Scripted(str(tmp_path / "rules.jsonl"), Settings())


def derived(model: Any, record: Record, **more: Any) -> Record | Drop:
    return asyncio.run(Deriver(pool(), model, **more)(record))


def value_at(record: Record, call: str, pointer: str) -> Any:
    return evaluate(cite(call, pointer), over(record["evidence"]))


# --- what is kept ----------------------------------------------------------------------------------------------------


def good() -> dict[str, Node]:
    """Drafts of many shapes that hold, with the pattern each is called by."""
    record = kenya()
    people, kenyans, ugandans = (value_at(record, call, "/population") for call in ("c2", "c11", "c12"))
    population = {"op": "difference", "args": [cite("c11", "/population"), cite("c12", "/population")]}
    by_area = {"of": AREAS, "by": "/value", "take": "/name"}
    areas = [value_at(record, f"c{n}", "/area") for n in range(4, 9)]
    return {
        "chain": said(PEOPLE, people, "integer", cite("c2", "/population")),
        "extremum": said(
            "Of the countries that border Kenya, which has the largest area?",
            "Ethiopia",
            "string",
            {"op": "argmax", **by_area},
        ),
        "ranking": said(
            "Put the countries that share a border with Kenya in order of area, from the smallest to the largest.",
            ["Uganda", "Somalia", "South Sudan", "Tanzania", "Ethiopia"],
            "list",
            {"op": "sort", "order": "ascending", **by_area},
        ),
        "filter": said(
            "Which neighbours of Kenya have an area of more than 900,000 square kilometres?",
            ["Tanzania", "Ethiopia"],
            "set",
            {
                "op": "filter",
                "of": AREAS,
                "take": "/name",
                "where": {"at": "/value", "is": "gt", "value": given(900000)},
            },
        ),
        "aggregate": said(
            "What is the average area of the countries that border Kenya, in km², to the nearest whole number?",
            round(sum(areas) / 5),
            "number",
            {"op": "round", "places": 0, "of": {"op": "mean", "of": AREAS, "take": "/value"}},
            unit="square kilometers",
        ),
        "difference": said(
            "By how many inhabitants does the population of Kenya exceed that of Uganda?",
            kenyans - ugandans,
            "integer",
            population,
        ),
        "percent_change": said(
            "By what percentage is the population of Kenya larger than that of Uganda, to one decimal place?",
            round((kenyans - ugandans) / ugandans * 100, 1),
            "number",
            {"op": "round", "places": 1, "of": {**population, "op": "percent_change"}},
            unit="%",
        ),
        "comparison": said(
            "Which of Kenya and Uganda has the larger population?",
            "Kenya",
            "string",
            {
                "op": "argmax",
                "by": "/value",
                "take": "/name",
                "of": {
                    "op": "table",
                    "rows": [
                        {"name": given("Kenya"), "value": cite("c11", "/population")},
                        {"name": given("Uganda"), "value": cite("c12", "/population")},
                    ],
                },
            },
        ),
        "free quote": said(
            "In which year was the capital of Kenya founded, going by the text of the gazetteer?",
            1899,
            "integer",
            cite("c13", "/text", quote="1899", parse="number"),
        ),
        "parts": said(
            "For the capital of Kenya, give its population according to GeoNames and the date on which "
            "the gazetteer's text says its national park was opened.",
            {"population": people, "opening": "1946-12-16"},
            "map",
            {
                "op": "map",
                "parts": {
                    "population": cite("c2", "/population"),
                    "opening": cite("c13", "/text", quote="16 December 1946", parse="date"),
                },
            },
        ),
        "claims": said(
            "How far from the centre does the national park of the capital of Kenya lie, and as what was "
            "that capital founded, according to the gazetteer's text?",
            "The park lies 7 kilometres from the centre, and the capital began as a rail depot.",
            "text",
            {
                "op": "list",
                "items": [cite("c13", "/text", quote="7 kilometres"), cite("c13", "/text", quote="rail depot")],
            },
        ),
    }


GOOD = good()


@pytest.mark.parametrize("shape", GOOD)
def test_a_draft_that_holds_is_kept(shape: str, tmp_path: Path) -> None:
    record, draft = kenya(), GOOD[shape]
    found = derived(written(tmp_path, draft), record)
    assert not isinstance(found, Drop), (found.reason, found.detail)
    task = found["task"]
    assert task["question"] == draft["question"] and task["by"].startswith("scripted:")
    assert (
        task["pattern"] == {"free quote": "nested_chain", "claims": "parts"}.get(shape, shape) or shape == "free quote"
    )
    need(found, "evidence", "task", "asked")
    assert found["asked"][0]["requests"] == 1 and found["asked"][0]["ending"] == "answered"
    assert list(outcomes(Case(found, pool().named(record["setup"]["tools"]))))  # and verification finds the same
    verdict = Verifier(pool(), Door(pool().tools))(found)
    assert not isinstance(verdict, Drop) or verdict.reason == "trivial", verdict


MOST_SPOKEN = {"op": "argmax", "of": cite("c9", "/languages"), "by": "/share", "take": "/language"}
SCRIPT = said(
    "Of the languages that at least 5 percent of the people of Kenya use, take the one with the highest share. In "
    "which script is it most likely written according to CLDR?",
    "Latin",
    "string",
    cite("c10", "/script"),
)


def untold() -> Record:
    """The same, but nobody has said how the language of c10 was come by."""
    record = kenya()
    step = record["evidence"][9]
    step["arguments_from"] = {"language": given("Swahili", type="language")}
    return record


def test_a_draft_says_how_an_argument_was_come_by(tmp_path: Path) -> None:
    dropped = derived(written(tmp_path, SCRIPT), untold())
    assert isinstance(dropped, Drop) and (dropped.reason, "Swahili" in dropped.detail) == ("unfaithful", True)
    record = untold()
    record["evidence"][9]["traced"] = ["language", "other"]
    found = derived(written(tmp_path, {**SCRIPT, "sources": {"c10": {"language": MOST_SPOKEN}}}), record)
    assert not isinstance(found, Drop), (found.reason, found.detail)
    step = found["evidence"][9]
    assert step["arguments_from"] == {"language": MOST_SPOKEN} and step["traced"] == ["other"]
    assert record["evidence"][9]["arguments_from"] == {"language": given("Swahili", type="language")}  # not rewritten
    assert [s["call"] for s in found["evidence"]] == [s["call"] for s in record["evidence"]]
    verdict = Verifier(pool(), Door(pool().tools))(found)  # replays it from there, and sees what a person would
    assert isinstance(verdict, Drop) and verdict.reason == "vacuous_selector"
    assert verdict.record["verdict"]["checks"]["replay"] == "passed"


@pytest.mark.parametrize(
    ("call", "name", "source", "why"),
    [
        ("c10", "language", {**MOST_SPOKEN, "op": "argmin"}, "tie"),
        ("c10", "language", {**MOST_SPOKEN, "op": "nth", "n": 2, "order": "descending"}, "gives English"),
        ("c10", "language", {"op": "only", "of": cite("c10", "/script")}, "c10 itself rests on c10"),
        ("c10", "script", MOST_SPOKEN, "no argument script"),
        ("c99", "language", MOST_SPOKEN, "of a call c99"),
        ("c9", "country", given("Kenya"), "is the seed"),
        ("c10", "language", {"op": "best"}, "sources"),
    ],
)
def test_what_a_draft_says_of_an_argument_is_held_to_give_it(
    call: str, name: str, source: Node, why: str, tmp_path: Path
) -> None:
    dropped = derived(written(tmp_path, {**SCRIPT, "sources": {call: {name: source}}}), untold())
    assert isinstance(dropped, Drop) and dropped.reason in ("ungrounded", "malformed")
    assert why in dropped.detail or dropped.reason == "malformed", dropped.detail
    assert "task" not in dropped.record


def test_the_value_is_the_programs_and_so_are_unit_and_tolerance(tmp_path: Path) -> None:
    found = derived(
        written(tmp_path, {**GOOD["aggregate"], "answer": {"value": "718,048.0", "type": "string"}}), kenya()
    )
    assert found["task"]["answer"] == {
        "value": 718048,
        "type": "integer",
        "unit": "square kilometres",
        "tolerance": 1.0,
    }
    claims = derived(written(tmp_path, GOOD["claims"]), kenya())["task"]["answer"]
    assert claims["claims"] == ["7 kilometres", "rail depot"] and claims["type"] == "text"


def test_a_name_in_a_table_is_known_by_its_type(tmp_path: Path) -> None:
    rows = derived(written(tmp_path, GOOD["comparison"]), kenya())["task"]["support"]["of"]["rows"]
    assert rows[0]["name"] == {"given": "Kenya", "type": "country", "seed": ""}
    assert rows[1]["name"] == {"given": "Uganda", "type": "country"}


# --- what is rejected ------------------------------------------------------------------------------------------------


def but(shape: str, question: tuple[str, str] | str = "", **change: Any) -> Node:
    """A draft that holds, with one change: other words, or another value, unit or support."""
    draft = GOOD[shape]
    words = draft["question"].replace(*question) if isinstance(question, tuple) else question or draft["question"]
    answer = {**draft["answer"], **{key: change.pop(key) for key in ("value", "type", "unit") if key in change}}
    return {"question": words, "answer": answer, "support": draft["support"], **change}


RAIN = {
    "op": "round",
    "places": 0,
    "of": {"op": "difference", "args": [cite("c14", "/rain_mm"), cite("c15", "/rain_mm")]},
}
RAINY = (
    "By how many millimetres does the yearly rain in the capital of Kenya exceed that in Mombasa, "
    "to the nearest whole number?"
)
BAD: dict[str, tuple[str, str, Any]] = {
    "no JSON": ("malformed", "no whole JSON object", "I would rather not."),
    "nothing": ("malformed", "no text", ""),
    "two drafts": (
        "malformed",
        "2 different objects",
        json.dumps(GOOD["chain"]) + "\nor\n" + json.dumps(GOOD["filter"]),
    ),
    "half a draft": ("malformed", "no whole JSON object", json.dumps(GOOD["chain"])[:-3]),
    "no support": ("malformed", "support", {key: GOOD["chain"][key] for key in ("question", "answer")}),
    "a type of its own": ("malformed", "answer/type", but("chain", type="quantity")),
    "an op of its own": ("malformed", "unknown expression", but("chain", support={"op": "python", "code": "1"})),
    "an op without its list": ("malformed", 'lacks "of"', but("chain", support={"op": "count"})),
    "a key of its own": ("malformed", 'has no "note"', but("chain", support=cite("c2", "/population", note="!"))),
    "a pointer that is none": ("malformed", "JSON Pointer", but("chain", support=cite("c2", "population"))),
    "a list as a given": ("malformed", "a given is", but("chain", support={"op": "count", "of": given([1, 2])})),
    "half a letter": ("malformed", "no whole JSON object", '{"question": "\\ud800", "answer": {}, "support": {}}'),
    "not a number": ("malformed", "no whole JSON object", '{"question": "?", "answer": {"value": NaN}, "support": {}}'),
    "no call": ("ungrounded", "cites no call", but("chain", support=given(4397073))),
    "a call that is not there": ("ungrounded", "c77 is not a call", but("chain", support=cite("c77", "/population"))),
    "a field that is not there": ("ungrounded", "nothing at '/people'", but("chain", support=cite("c2", "/people"))),
    "words that are not there": (
        "ungrounded",
        "does not say",
        but("free quote", support=cite("c13", "/text", quote="1898", parse="number")),
    ),
    "another value": ("ungrounded", "the support gives 4397073", but("chain", value=4397074)),
    "another order": (
        "ungrounded",
        "the answer says",
        but("ranking", value=["Ethiopia", "Uganda", "Somalia", "South Sudan", "Tanzania"]),
    ),
    "one too few": ("ungrounded", "the answer says", but("filter", value=["Ethiopia"])),
    "another unit": ("ungrounded", "square miles", but("aggregate", unit="square miles")),
    "a unit from nowhere": ("ungrounded", "no tool and no result says", but("free quote", unit="kilograms")),
    "an item by its place": (
        "ungrounded",
        "cited by its place",
        but(
            "chain", "Which country borders Kenya?", support=cite("c3", "/countries/0"), value="Ethiopia", type="string"
        ),
    ),
    "a row by another name": (
        "ungrounded",
        "its value is not about that",
        but(
            "comparison",
            support={
                **GOOD["comparison"]["support"],
                "of": {
                    "op": "table",
                    "rows": [
                        {"name": given("Uganda"), "value": cite("c11", "/population")},
                        {"name": given("Kenya"), "value": cite("c12", "/population")},
                    ],
                },
            },
            value="Uganda",
        ),
    ),
    "a claim of its own": ("ungrounded", "1946", but("claims", value="In 1946 it lay 7 kilometres off, a rail depot.")),
    "prose without its claim": (
        "ungrounded",
        "does not say 'rail depot'",
        but("claims", value="It lies 7 kilometres from the centre."),
    ),
    "the answer in the question": (
        "leak",
        "4397073",
        but("chain", "Do 4397073 people live in the capital of Kenya according to GeoNames?"),
    ),
    "the way in the question": (
        "leak",
        "Nairobi",
        but("chain", "How many people live in Nairobi, Kenya, the capital, according to GeoNames?"),
    ),
    "a claim in the question": (
        "leak",
        "rail depot",
        but("claims", ("what was that capital", "was that capital a rail depot")),
    ),
    "no given": (
        "unfaithful",
        "does not state 'Kenya'",
        but("chain", "How many people live in the East African capital according to GeoNames?"),
    ),
    "another number": ("unfaithful", "does not state '900000'", but("filter", ("900,000", "800,000"))),
    "another country": ("unfaithful", "does not state 'Uganda'", but("difference", ("Uganda", "Rwanda"))),
    "the other extreme": ("unfaithful", "highest", but("extremum", ("largest", "smallest"))),
    "the other order": (
        "unfaithful",
        "ascending",
        but("ranking", ("from the smallest to the largest", "from the largest to the smallest")),
    ),
    "the other side": ("unfaithful", "does not say above", but("filter", ("more than", "less than"))),
    "another unit in the question": ("unfaithful", "miles", but("aggregate", ("km²", "miles"))),
    "another rounding": (
        "unfaithful",
        "round",
        but("aggregate", ("to the nearest whole number", "to two decimal places")),
    ),
    "the other way round": (
        "unfaithful",
        "other way round",
        but("difference", "By how many inhabitants does the population of Uganda exceed that of Kenya?"),
    ),
    "another total": ("unfaithful", "mean", but("aggregate", ("average", "total"))),
    "something else": (
        "unfaithful",
        "does not name",
        but("difference", "By how much does the debt of Kenya exceed that of Uganda?"),
    ),
    "many digits": (
        "unfaithful",
        "many digits",
        but("percent_change", support=GOOD["percent_change"]["support"]["of"], value=20.29313482),
    ),
    "rounded twice": (
        "unfaithful",
        "rounded twice",
        but("percent_change", support={**GOOD["percent_change"]["support"], "of": GOOD["percent_change"]["support"]}),
    ),
    "people less square kilometres": (
        "odd_arithmetic",
        "unlike kinds",
        but(
            "difference",
            support={
                "op": "round",
                "places": 0,
                "of": {"op": "difference", "args": [cite("c11", "/population"), cite("c1", "/area")]},
            },
            value=50810360,
        ),
    ),
    "a tool in the question": (
        "unreadable",
        "country_profile",
        but("chain", ("according to", "by country_profile according to")),
    ),
    "a sentence without end": ("unreadable", "words", but("chain", ("according", "and " * 40 + "according"))),
    "an exemplar's words": (
        "copied",
        "of the four walking tours",
        but(
            "chain",
            "How many people live in the longest of the four walking tours of Lower Saxony and Kenya's capital?",
        ),
    ),
}


@pytest.mark.parametrize("flaw", BAD)
def test_a_draft_that_does_not_hold_is_dropped_with_its_reason(flaw: str, tmp_path: Path) -> None:
    reason, detail, reply = BAD[flaw]
    record = kenya()
    dropped = derived(written(tmp_path, reply), record)
    assert isinstance(dropped, Drop), dropped["task"]
    assert (dropped.reason, detail in dropped.detail) == (reason, True), (dropped.reason, dropped.detail)
    entry = dropped.record["asked"][0]
    assert {key: value for key, value in dropped.record.items() if key != "asked"} == record
    assert entry["requests"] == 2 and entry["tokens_in"] == 200 and entry["cached"] == 80 and entry["ending"] == reason


def test_a_quantity_without_a_kind_is_set_beside_its_own_only(tmp_path: Path) -> None:
    """Imported tools do not say what may be compared: one field with itself may."""
    rain = [value_at(kenya(), call, "/rain_mm") for call in ("c14", "c15")]
    kept = derived(
        written(tmp_path, said(RAINY, round(rain[0] - rain[1]), "integer", RAIN, unit="millimetres")), kenya()
    )
    assert not isinstance(kept, Drop), kept
    assert kept["task"]["answer"]["unit"] == "millimetres"
    other = {**RAIN, "of": {**RAIN["of"], "args": [cite("c14", "/rain_mm"), cite("c12", "/population")]}}
    drop = derived(
        written(tmp_path, said(RAINY, round(rain[0] - value_at(kenya(), "c12", "/population")), "integer", other)),
        kenya(),
    )
    assert isinstance(drop, Drop) and drop.reason == "odd_arithmetic"


def test_no_change_of_a_models_question_slips_through(tmp_path: Path) -> None:
    """The exam of the checks, over questions in free English."""
    shapes = [name for name in GOOD if name not in ("free quote", "claims", "parts")]
    tasks = [derived(written(tmp_path, GOOD[shape]), kenya()) for shape in shapes]
    assert all(not isinstance(task, Drop) for task in tasks)
    found = [m for seed in range(7) for m in mutants(tasks, pool().tools, seed) if m["mutation"] != "sibling"]
    missed = [(m["mutation"], m["question"]) for m in found if m["caught"] is None]
    assert len(found) >= 30 and len(missed) <= len(found) // 20, missed


# --- how a reply is read ---------------------------------------------------------------------------------------------

PLAIN = json.dumps(GOOD["chain"])


@pytest.mark.parametrize(
    "reply",
    [
        f"```json\n{PLAIN}\n```",
        f"Here it is:\n\n{PLAIN}\n\nI hope it helps {{really}}.",
        f'<think>{{"question": 1}}</think>{PLAIN}',
        f"Let me see… </think>\n{PLAIN}",
        f"{PLAIN}\n{PLAIN}",
        json.dumps(GOOD["chain"], indent=2),
        f'{{"note": "first"}} {PLAIN}',
    ],
)
def test_a_draft_is_found_in_what_stands_around_it(reply: str, tmp_path: Path) -> None:
    assert derived(written(tmp_path, reply), kenya())["task"]["answer"]["value"] == value_at(
        kenya(), "c2", "/population"
    )


def test_a_reply_that_was_cut_off_says_so(tmp_path: Path) -> None:
    dropped = derived(written(tmp_path, PLAIN[:-2], finish="length"), kenya())
    assert isinstance(dropped, Drop) and dropped.reason == "malformed" and "cut off" in dropped.detail


# --- repair ----------------------------------------------------------------------------------------------------------


class Listening:
    """A model that is passed on what it is asked, and remembers it."""

    inside, name = True, "scripted:listening"

    def __init__(self, model: Any) -> None:
        self.model, self.asks = model, []
        self.revision, self.counters = model.revision, model.counters

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def reply(self, ask: Ask) -> Reply:
        self.asks.append(ask)
        return await self.model.reply(ask)


def test_what_the_program_rejects_may_be_mended_once(tmp_path: Path) -> None:
    wrong = but("chain", value=1)
    model = Listening(written(tmp_path, wrong, f"<think>Hm.</think>{PLAIN}"))
    record = kenya()
    found = derived(model, record)
    assert found["task"]["answer"]["value"] == value_at(record, "c2", "/population")
    first, second = model.asks
    assert (first.purpose, first.turn, first.record) == ("derive:1", 0, record["id"]) and first.form == FORM
    assert (second.purpose, second.turn, second.form) == ("derive:1:repair", 1, FORM)
    assert second.messages[: len(first.messages)] == first.messages
    assert second.messages[-2] == {"role": "assistant", "content": json.dumps(wrong)}
    assert "ungrounded" in second.messages[-1]["content"] and "the answer says 1" in second.messages[-1]["content"]
    (entry,) = found["asked"]
    assert entry["requests"] == 2 and entry["tokens_in"] == 200 and entry["ending"] == "answered"
    assert entry["prompt"] == f"{mark('derive')},{mark('repair')}"


def test_a_second_draft_that_does_not_hold_is_the_end(tmp_path: Path) -> None:
    model = Listening(written(tmp_path, but("chain", value=1), "no", PLAIN))
    dropped = derived(model, kenya())
    assert isinstance(dropped, Drop) and dropped.reason == "malformed" and len(model.asks) == 2


# --- what is shown ---------------------------------------------------------------------------------------------------


def test_the_model_is_shown_what_there_is_and_no_more(tmp_path: Path) -> None:
    model = Listening(written(tmp_path, PLAIN))
    derived(model, kenya(), seed=3, sampling={"max_tokens": 900})
    text = model.asks[0].messages[-1]["content"]
    for words in (
        'c2 city_population({"city":"Nairobi, Kenya"})',
        "city came from c1/capital",
        "country came from the seed",
        '{"population":4397073}',
        "percent came from a value that the question has to state",
        "/area in square kilometres",
        '"Kenya" (country)',
        "walking tours of Lower Saxony",
        "no earlier question",
    ):
        assert words in text, words
    assert model.asks[0].attempt == 3 and model.asks[0].sampling == {"temperature": 0.4, "max_tokens": 900}


def births() -> Record:
    """A list of 400 rows that does not fit, and the capital that it is about."""
    scene = Scene()
    capital = scene.look("country_profile", "/capital", country=scene.seed)
    scene.look("birth_rolls", "/rolls", place=capital)
    return scene.record


MOST = {"op": "argmax", "of": cite("c2", "/rolls"), "by": "/births", "take": "/year"}


def test_what_was_cut_cannot_be_cited(tmp_path: Path) -> None:
    record = births()
    whole = evaluate(MOST, over(record["evidence"]))
    draft = said("In which year did the capital of Kenya have the most births?", whole, "integer", MOST)
    model = Listening(written(tmp_path, draft))
    dropped = derived(model, record, room=2000)
    assert isinstance(dropped, Drop) and dropped.reason == "ungrounded" and "shown only a part" in dropped.detail
    text = model.asks[0].messages[-1]["content"]
    assert "only what is shown may be cited" in text and len(text) < 4000
    assert derived(written(tmp_path, draft), record)["task"]["answer"]["value"] == whole  # with room for all of it


def test_small_results_are_whole_and_large_ones_share_the_rest() -> None:
    assert shared([10, 5000, 20, 9000], 2030) == [10, 1000, 20, 1000]
    assert shared([300, 400], 10_000) == [300, 400]
    assert shared([9000] * 10, 500) == [200] * 10


# --- what a draft is held to besides the screens ----------------------------------------------------------------------

TWO = {"Kenya": cite("c11", "/population"), "Uganda": cite("c12", "/population")}
PEOPLE_OF_TWO = value_at(kenya(), "c11", "/population"), value_at(kenya(), "c12", "/population")
PARK = (
    "How many kilometres from the centre does the national park of the capital of Kenya lie, by the gazetteer's text?"
)
HIDDEN: Node = {"c9": {"percent": {"op": "count", "of": cite("c4", "/name")}}}
HELD: dict[str, tuple[str, Node]] = {
    "a number of another unit": (
        "not a number of kilometres",
        said(PARK, 16, "integer", cite("c13", "/text", quote="16", parse="number"), unit="kilometres"),
    ),
    "half a name": (
        "a fragment",
        said(
            "As what was the capital of Kenya founded, by the gazetteer's text?",
            "a rail",
            "string",
            cite("c13", "/text", quote="a rail"),
        ),
    ),
    "another sentence": (
        "does not speak of",
        said(
            "After which city is the capital of Kenya named, by the gazetteer's text?",
            "Kisumu",
            "string",
            cite("c13", "/text", quote="Kisumu"),
        ),
    ),
    "names exchanged": (
        "not about Kenya",
        said(
            "Give the population of Kenya and that of Uganda.",
            dict(zip(("Uganda", "Kenya"), PEOPLE_OF_TWO, strict=True)),
            "map",
            {"op": "map", "parts": {"Uganda": TWO["Kenya"], "Kenya": TWO["Uganda"]}},
        ),
    ),
    "names of nothing": (
        "not asked for in words of its name",
        said(
            "Give the population of Kenya and that of Uganda.",
            dict(zip("xy", PEOPLE_OF_TWO, strict=True)),
            "map",
            {"op": "map", "parts": dict(zip("xy", TWO.values(), strict=True))},
        ),
    ),
    "the same twice": (
        "are the same",
        said(
            "Give the population of Kenya, and how many people Kenya has.",
            {"population": PEOPLE_OF_TWO[0], "people": PEOPLE_OF_TWO[0]},
            "map",
            {"op": "map", "parts": {"population": TWO["Kenya"], "people": TWO["Kenya"]}},
        ),
    ),
    "another order": (
        "another order",
        said(
            "List the populations of Uganda and Kenya, in this order.",
            list(PEOPLE_OF_TWO),
            "list",
            {"op": "list", "items": list(TWO.values())},
        ),
    ),
    "a part that is given": (
        "cites no call",
        said(
            "Give the population of Kenya, and the limit of 5 percent.",
            {"population": PEOPLE_OF_TWO[0], "limit": 5},
            "map",
            {"op": "map", "parts": {"population": TWO["Kenya"], "limit": given(5)}},
        ),
    ),
    "an empty choice": (
        "a branch of an if",
        said(
            "If Kenya has a larger population than Uganda, give the population of Kenya, else 0.",
            PEOPLE_OF_TWO[0],
            "integer",
            {
                "op": "if",
                "when": {"op": "compare", "is": "gt", "args": list(TWO.values())},
                "then": TWO["Kenya"],
                "else": given(0),
            },
        ),
    ),
    "a hidden limit": ("is a choice", {**SCRIPT, "sources": HIDDEN}),
    "a thin claim": (
        "no claim",
        said(
            "As what was the capital of Kenya founded, by the gazetteer's text?",
            "As a rail depot.",
            "text",
            {"op": "list", "items": [cite("c13", "/text", quote="as")]},
        ),
    ),
}


@pytest.mark.parametrize("flaw", HELD)
def test_what_a_draft_is_held_to(flaw: str, tmp_path: Path) -> None:
    why, draft = HELD[flaw]
    dropped = derived(written(tmp_path, draft), kenya())
    assert isinstance(dropped, Drop) and why in dropped.detail, dropped


def test_a_free_text_is_kept_in_the_words_of_the_results(tmp_path: Path) -> None:
    lie = "The park does not lie 7 kilometres from the centre, and the rail depot was a Roman fort."
    kept = derived(written(tmp_path, but("claims", value=lie)), kenya())
    answer = kept["task"]["answer"]
    assert "Roman" not in answer["value"] and answer["value"] in (NOTE, f"{NOTE.split('. ')[1]} {NOTE.split('. ')[0]}.")


# --- rounds ----------------------------------------------------------------------------------------------------------


def second_round(tmp_path: Path, draft: Any) -> tuple[Record, Record | Drop]:
    """A first round that asked of two calls, and a second over more evidence."""
    whole = kenya()
    first = derived(written(tmp_path, PLAIN), {**whole, "evidence": whole["evidence"][:2]})
    more = {**first, "evidence": whole["evidence"]}
    return first, derived(written(tmp_path, draft), more)


def test_a_later_round_goes_deeper_and_keeps_the_history(tmp_path: Path) -> None:
    deep = but("extremum", "Which of the countries that border Kenya has the largest area?")
    first, found = second_round(tmp_path, deep)
    assert found["task"]["round"] == 2 and [entry["round"] for entry in found["asked"]] == [1, 2]
    assert found["task"]["history"] == [first["task"]]


@pytest.mark.parametrize("draft", [PLAIN, "no", but("chain", value=1)])
def test_a_later_round_that_finds_nothing_deeper_keeps_the_task_and_says_so(draft: Any, tmp_path: Path) -> None:
    first, found = second_round(tmp_path, draft)
    assert found["task"] == {**first["task"], "stalled": [2]}
    assert found["asked"][1]["requests"] == (2 if draft == "no" else 1) and found["asked"][1]["ending"] in (
        "not_deeper",
        "malformed",
        "ungrounded",
    )


def test_the_same_question_again_is_a_way_out_that_costs_no_repair(tmp_path: Path) -> None:
    first, found = second_round(tmp_path, {**CAPITAL, "question": f"  {PEOPLE} "})
    assert found["task"] == {**first["task"], "stalled": [2]} and found["asked"][1]["requests"] == 1


def test_the_earlier_question_is_to_be_made_harder(tmp_path: Path) -> None:
    first = derived(written(tmp_path, PLAIN), kenya())
    model = Listening(written(tmp_path, PLAIN))
    derived(model, first)
    assert f"rests on c1 and c2:\n{PEOPLE}\nMake it deeper" in model.asks[0].messages[-1]["content"]


# --- failures --------------------------------------------------------------------------------------------------------


class Failing(Listening):
    """A model that fails at one turn."""

    def __init__(self, model: Any, kind: str, turn: int = 0) -> None:
        super().__init__(model)
        self.kind, self.turn = kind, turn

    async def reply(self, ask: Ask) -> Reply:
        if ask.turn == self.turn:
            raise ModelError(self.kind, "it is so")
        return await super().reply(ask)


@pytest.mark.parametrize("turn", [0, 1])
@pytest.mark.parametrize(("kind", "reason"), [("timeout", "model_error"), ("not_recorded", "not_recorded")])
def test_a_model_that_fails_drops_the_record_whole(kind: str, reason: str, turn: int, tmp_path: Path) -> None:
    first = derived(written(tmp_path, PLAIN), kenya())
    dropped = derived(Failing(written(tmp_path, "no"), kind, turn), first)
    assert isinstance(dropped, Drop) and dropped.reason == reason and "it is so" in dropped.detail
    assert dropped.record["task"] == first["task"] and dropped.record["evidence"] == first["evidence"]


def test_private_results_stay_inside(tmp_path: Path) -> None:
    secret = Pool(dict(pool().tools))
    secret.tools["rain"] = tool_of({**_line("rain"), "sensitivity": "private"}, OURS["rain"].function)
    model = Listening(written(tmp_path, PLAIN))
    model.inside = False
    with pytest.raises(StopAll, match="rain"):
        asyncio.run(Deriver(secret, model)(kenya()))
    assert not model.asks


def _line(name: str) -> Mapping[str, Any]:
    from dive_tools.tools.manifest import line

    return line(OURS[name])


def test_evidence_there_must_be(tmp_path: Path) -> None:
    with pytest.raises(BadRecord, match="the evidence is empty"):
        derived(written(tmp_path, PLAIN), {**kenya(), "evidence": []})
    failed = [{**step, "error": {"kind": "refused", "message": "no"}} for step in kenya()["evidence"]]
    model = Listening(written(tmp_path, PLAIN))
    dropped = derived(
        model, {**kenya(), "evidence": [{k: v for k, v in step.items() if k != "result"} for step in failed]}
    )
    assert isinstance(dropped, Drop) and dropped.reason == "nothing_to_ask" and not model.asks


# --- nonsense --------------------------------------------------------------------------------------------------------

JUNK = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        10**9,
        1.5,
        "",
        "/population",
        "c1",
        "Kenya",
        [],
        {},
        [{}],
        {"op": "sum"},
        {"given": "Kenya"},
        cite("c3", ""),
    ]
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where in a JSON value something stands."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, part in inner for place in places(part, (*path, key)))]


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    made = dict(value) if isinstance(value, dict) else list(value)
    made[path[0]] = replaced(value[path[0]], path[1:], new)
    return made


def part_at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


@settings(max_examples=150, deadline=None)
@given_any(st.sampled_from(sorted(GOOD)), st.sampled_from(sorted(GOOD)), st.data())
def test_a_broken_draft_is_rejected_and_never_a_crash(shape: str, other: str, data: st.DataObject) -> None:
    draft = GOOD[shape]
    for _ in range(data.draw(st.integers(1, 2))):
        taken = st.sampled_from(places(GOOD[other]["support"])).map(
            lambda place: part_at(GOOD[other]["support"], place)
        )
        where = data.draw(st.sampled_from(places(draft)))
        draft = replaced(draft, where, data.draw(JUNK | taken))
    record = kenya()
    tools = pool().tools
    view = View(record, tools, 24_000)
    try:
        task = Draft(draft, record=record, tools=tools, view=view, round_=1, by="scripted:x").task()
    except Rejected as fault:
        assert fault.reason in {"malformed", "copied", *REASONS} and fault.message
        return
    need({"task": task}, "task")
    assert all(
        detail is None or reason == "trivial" for reason, detail in outcomes(Case({**record, "task": task}, tools))
    )


def test_rows_that_spell_out_a_whole_list_are_its_items(tmp_path: Path) -> None:
    draft = GOOD["extremum"]
    spelt = [
        {**row, "name": given(name)}
        for row, name in zip(AREAS["rows"], value_at(kenya(), "c3", "/countries"), strict=True)
    ]
    support = {**draft["support"], "of": {**AREAS, "rows": spelt}}
    kept = derived(written(tmp_path, {**draft, "support": support}), kenya())
    assert kept["task"]["support"] == draft["support"]


def test_every_part_with_a_unit_names_it(tmp_path: Path) -> None:
    areas = {"op": "map", "parts": {"Kenya": cite("c1", "/area"), "population": cite("c11", "/population")}}
    values = {"Kenya": 582650.0, "population": value_at(kenya(), "c11", "/population")}
    words = "What are the area of Kenya{} and its population?"
    kept, dropped = (
        derived(written(tmp_path, said(words.format(u), values, "map", areas)), kenya()) for u in (", in km²,", "")
    )
    assert not isinstance(kept, Drop), kept.detail
    assert isinstance(dropped, Drop) and dropped.detail.startswith(
        "the question does not name the unit square kilometres"
    )
