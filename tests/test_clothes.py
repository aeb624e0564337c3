"""A task in other clothes: the tools look otherwise, take the same arguments, and give the same answer."""

from __future__ import annotations

import copy
import re
from collections import Counter
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from village import grown, real, setups

from dive_tools.clothes import FEWEST, KINDS, Dressed, clothes_for, dressed, tools_of
from dive_tools.errors import BadRecord, UsageFault
from dive_tools.models.base import function_of
from dive_tools.pool import Pool
from dive_tools.records import Record, canonical
from dive_tools.support import replay
from dive_tools.tools.base import Tool
from dive_tools.values import rounded

POOL = real()[0]
RECORDS = setups(12)
NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def toolset(record: Record) -> dict[str, Tool]:
    return POOL.named(record["setup"]["tools"])


def worn(record: Record, *kinds: str, seed: int = 0) -> tuple[dict[str, Any], Dressed]:
    """The clothes of a record and its tools in them."""
    clothes = clothes_for(record, kinds, seed, POOL)
    return clothes, dressed(toolset(record), clothes, POOL)


@cache
def whole(kind: str) -> dict[str, Tool]:
    """The built-in pool in clothes of one kind, by real name."""
    record = {"id": "whole", "setup": {"tools": {tool.name: tool.version for tool in POOL.tools.values()}}}
    clothes = clothes_for(record, (kind,), 3, Pool(POOL.tools))
    made = dressed(POOL.tools, clothes, POOL)
    return {made.real[shown]: tool for shown, tool in made.tools.items()}


# --- clothes in general ----------------------------------------------------------------------------------------------


def test_without_clothes_the_tools_are_as_they_are() -> None:
    tools = toolset(RECORDS[0])
    made = dressed(tools, None, POOL)
    assert list(made.tools.items()) == list(tools.items()) and all(made.real[name] == name for name in tools)


def test_a_kind_that_nobody_knows_is_wrong_usage() -> None:
    with pytest.raises(UsageFault, match="hats"):
        clothes_for(RECORDS[0], ("names", "hats"), 0, POOL)


def test_clothes_are_small_json_and_dress_alike_again_and_again() -> None:
    clothes, made = worn(RECORDS[0], *KINDS)
    again = dressed(toolset(RECORDS[0]), clothes, POOL)
    assert len(canonical(clothes)) < 8000
    assert [(t.name, t.description, list(t.parameters["properties"])) for t in made.tools.values()] == [
        (t.name, t.description, list(t.parameters["properties"])) for t in again.tools.values()
    ]
    assert clothes_for(RECORDS[0], KINDS, 0, POOL) == clothes


def test_another_seed_or_task_wears_other_clothes() -> None:
    looks = {canonical(worn(record, *KINDS, seed=seed)[0]) for record in RECORDS[:3] for seed in range(3)}
    assert len(looks) == 9


@pytest.mark.parametrize("kind", KINDS)
def test_one_kind_alone_changes_that_alone(kind: str) -> None:
    record = RECORDS[1]
    tools, (clothes, made) = toolset(record), worn(record, kind)
    assert bool(clothes["names"]) == (kind == "names") and bool(clothes["distractors"]) == (kind == "distractors")
    own = [name for name in made.real.values() if name in tools]
    assert (own == list(tools)) == (kind != "order")
    shown = {real_: made.tools[name] for name, real_ in made.real.items()}
    assert all(shown[name].description == tools[name].description for name in tools) == (kind != "words")
    assert all(shown[name].name == name for name in tools) == (kind != "names")
    ordered = [list(shown[n].parameters["properties"]) == list(tools[n].parameters["properties"]) for n in tools]
    assert all(ordered) == (kind != "order")


def test_a_dressed_tool_shares_nothing_that_is_remembered_with_the_real_one() -> None:
    record = RECORDS[0]
    before = {name: function_of(tool).name for name, tool in toolset(record).items()}
    _, made = worn(record, *KINDS)
    for shown, tool in made.tools.items():
        genuine = POOL.tools[made.real[shown]]
        assert tool is not genuine and tool.parameters is not genuine.parameters
        assert function_of(tool).name == shown and function_of(genuine).name == made.real[shown]
    assert {name: function_of(tool).name for name, tool in toolset(record).items()} == before


# --- names -----------------------------------------------------------------------------------------------------------


def test_names_are_new_valid_and_nobody_elses() -> None:
    for record in RECORDS:
        clothes, made = worn(record, "names", "distractors")
        shown, genuine = list(made.tools), set(made.real.values())
        assert genuine == set(record["setup"]["tools"]) | set(clothes["distractors"])
        assert all(NAME.fullmatch(name) for name in shown)
        assert len({name.casefold() for name in shown}) == len(shown) == len(genuine)
        assert not genuine & set(shown)


def test_the_whole_pool_can_be_renamed() -> None:
    shown = [tool.name for tool in whole("names").values()]
    assert len({name.casefold() for name in shown}) == len(POOL.tools) and not set(shown) & set(POOL.tools)
    assert all(NAME.fullmatch(name) for name in shown)


def test_long_names_and_names_of_one_word_find_another() -> None:
    tool = POOL.tools["airport_city"]
    long, one = replace(tool, name="a" * 64), replace(tool, name="search", description="")
    pool = Pool({made.name: made for made in (long, one)})
    record = {"id": "r", "setup": {"tools": {made.name: made.version for made in (long, one)}}}
    for seed in range(20):
        names = clothes_for(record, ("names",), seed, pool)["names"]
        assert all(NAME.fullmatch(shown) for shown in names.values()) and len(set(names.values())) == 2
        assert not set(names) & set(names.values())


def test_tools_that_descriptions_name_are_named_as_they_are_shown() -> None:
    city, search = POOL.tools["airport_city"], replace(POOL.tools["airport_codes"], name="search")
    about = "First call airport_city, then `search`; not airport_city_2, nor a search of your own."
    parameters = {
        "type": "object",
        "properties": {
            "airport_city": {"type": "string", "description": "what airport_city gives"},
            "n": {"type": "integer", "description": "see airport_codes_of"},
        },
    }
    user = replace(POOL.tools["airport_profile"], description=about)
    nested = replace(user, name="nested", description=about, schemas=lambda: (parameters, {}))
    pool = Pool({made.name: made for made in (city, search, user, nested)})
    record = {"id": "r", "setup": {"tools": {made.name: made.version for made in pool.tools.values()}}}
    clothes = clothes_for(record, ("names",), 1, pool)
    names, made = clothes["names"], dressed(pool.tools, clothes, pool)
    described = made.tools[names["airport_profile"]].description
    shown = (
        f"First call {names['airport_city']}, then `{names['search']}`; not airport_city_2, nor a search of your own."
    )
    assert described == shown
    inner = made.tools[names["nested"]]
    assert inner.parameters["properties"]["airport_city"]["description"] == "what airport_city gives"  # its parameter


# --- order -----------------------------------------------------------------------------------------------------------


def test_what_was_valid_stays_valid_and_what_was_not_stays_so() -> None:
    for kind in ("order", "words"):
        for name, tool in whole(kind).items():
            genuine = POOL.tools[name]
            assert sorted(tool.parameters.get("required", ())) == sorted(genuine.parameters.get("required", ()))
            for example in genuine.examples:
                checks = [check.is_valid for check in (genuine.check_arguments, tool.check_arguments)]
                assert {valid(example.arguments) for valid in checks} == {"error" not in example.expect} or all(
                    valid(example.arguments)
                    for valid in checks  # an error of the tool itself
                )
                assert not any(valid({**example.arguments, "no_such_parameter": 1}) for valid in checks)
            for needed in genuine.parameters["required"]:
                left = {k: v for k, v in genuine.examples[0].arguments.items() if k != needed}
                assert not tool.check_arguments.is_valid(left)


def test_the_order_changes_and_nothing_else_does() -> None:
    changed = 0
    for name, tool in whole("order").items():
        genuine = POOL.tools[name]
        assert unordered(tool.parameters) == unordered(genuine.parameters)
        changed += list(tool.parameters["properties"]) != list(genuine.parameters["properties"])
    several = sum(len(tool.parameters["properties"]) > 1 for tool in POOL.tools.values())
    assert changed > several / 3


def unordered(schema: Any) -> Any:
    """A schema without the order of what it requires."""
    if isinstance(schema, dict):
        return {k: sorted(v) if k == "required" else unordered(v) for k, v in schema.items()}
    return [unordered(item) for item in schema] if isinstance(schema, list) else schema


def test_schemas_of_any_source_keep_their_form() -> None:
    """References, schemas that are true, parameters named like keywords: all of it stays where it was."""
    schema = {
        "type": "object",
        "properties": {
            "description": {"type": "string", "description": "Look up this."},
            "properties": {"anyOf": [{"$ref": "#/$defs/place"}, True]},
            "required": {"type": "array", "items": [{"enum": ["Take up", 1]}, False]},
        },
        "required": ["description", "required"],
        "$defs": {"place": {"type": "object", "properties": {"b": True, "a": {"default": {"description": "Look up"}}}}},
        "examples": [{"description": "Look up"}],
    }
    tool = replace(POOL.tools["airport_city"], name="any_form", schemas=lambda: (schema, {}))
    record = {"id": "r", "setup": {"tools": {"any_form": tool.version}}}
    before = copy.deepcopy(schema)
    for seed in range(10):
        clothes = clothes_for(record, ("order", "words"), seed, Pool({"any_form": tool}))
        made = dressed({"any_form": tool}, clothes, Pool({"any_form": tool})).tools["any_form"].parameters
        words = made["properties"]["description"].pop("description")
        assert words in ("Retrieve this.", "Fetch this.", "Return this.")
        made["properties"]["description"]["description"] = "Look up this."
        assert unordered(made) == unordered(before) and schema == before


# --- words -----------------------------------------------------------------------------------------------------------


def texts(tool: Tool) -> list[str]:
    """The description of a tool and those of its parameters, in the order of the schema."""

    def inside(schema: Any) -> list[str]:
        if isinstance(schema, list):
            return [text for item in schema for text in inside(item)]
        if not isinstance(schema, dict):
            return []
        own = [schema["description"]] if isinstance(schema.get("description"), str) else []
        return own + [text for key, value in schema.items() if key != "description" for text in inside(value)]

    return [tool.description, *inside(tool.parameters)]


UNITS = {f.unit for t in POOL.tools.values() for f in t.fields.values() if f.unit}
UNITS |= {s.unit for t in POOL.tools.values() for s in t.slots.values() if s.unit}
MEASURES = ("mg/dL", "mmol/L", "mL", "kJ/mol", "km", "cm", "mm", "kg", "MeV", "%", "°C", "K", "bar", "g/mol", "hPa")
FIXED = (
    re.compile(r"\d+(?:[.,]\d+)*"),
    re.compile(r"\"[^\"]*\"|`[^`]*`"),
    re.compile(r"\w+_\w+|\w*[a-z][A-Z]\w*|\b[A-Z]{2,}\w*\b"),  # names, abbreviations and what looks like code
    re.compile(
        "|".join(rf"(?<!\w){re.escape(unit)}(?!\w)" for unit in sorted({*UNITS, *MEASURES}, key=len, reverse=True))
    ),
    re.compile(r"\b(?:not|no|never|nor|without|only|first|last|least|most|at least|at most|less|more|above|below)\b"),
)


def test_numbers_units_names_quotes_and_what_limits_survive_every_rewording() -> None:
    for name, tool in whole("words").items():
        for before, after in zip(texts(POOL.tools[name]), texts(tool), strict=True):
            for number, fixed in enumerate(FIXED):
                ours, theirs = Counter(fixed.findall(before)), Counter(fixed.findall(after))
                if number == len(FIXED) - 1:  # "refuses" may become "does not accept", "where there is no" stays
                    ours["not"] = theirs["not"] = 0
                assert ours == theirs, f"{name}: {before!r} -> {after!r}"


def test_listed_values_survive_every_rewording() -> None:
    for name, tool in whole("words").items():
        genuine = POOL.tools[name]
        values = {str(value) for slot in genuine.slots.values() for value in slot.choices} | set(genuine.slots)
        for before, after in zip(texts(genuine), texts(tool), strict=True):
            for value in values:
                said = re.compile(rf"(?<!\w){re.escape(value)}(?!\w)")
                assert len(said.findall(before)) == len(said.findall(after)), f"{name}: {value}: {after!r}"


def test_most_descriptions_are_reworded() -> None:
    changed = [name for name, tool in whole("words").items() if tool.description != POOL.tools[name].description]
    assert len(changed) > 0.9 * len(POOL.tools)


def test_a_phrase_in_quotes_or_in_the_middle_of_a_sentence_is_left() -> None:
    words = 'Look up the Public Suffix List. List the notes that say "refuses"; it refuses others, `refuses` too.'
    tool = replace(POOL.tools["airport_city"], description=words)
    pool = Pool({tool.name: tool})
    record = {"id": "r", "setup": {"tools": {tool.name: tool.version}}}
    for seed in range(10):
        made = dressed(pool.tools, clothes_for(record, ("words",), seed, pool), pool).tools[tool.name]
        assert "the Public Suffix List." in made.description
        assert 'say "refuses";' in made.description and "`refuses` too" in made.description
        assert "it refuses" not in made.description and "Look up" not in made.description


# --- distractors -----------------------------------------------------------------------------------------------------


def test_distractors_are_harmless_many_and_of_other_domains() -> None:
    for record in grown(12):
        clothes, made = worn(record, "distractors")
        added = POOL.named(clothes["distractors"])
        tools = toolset(record)
        assert len(added) == max(FEWEST, len(tools) // 2) and not set(added) & set(tools)
        assert set(made.tools) == set(tools) | set(added)
        needed = [tools[name] for name in tools_of(record["task"]["support"], record["evidence"])]
        for tool in added.values():
            assert tool.effects in ("none", "read") and tool.name != "run_python"
            assert not any(tool.module == other.module or tool.gives & other.gives for other in needed)
        assert not {tool.domain for tool in added.values()} & {tool.domain for tool in tools.values()}


def test_distractors_never_give_what_an_unanswerable_task_lacks() -> None:
    gone = POOL.tools["country_population"]
    tools = {name: POOL.tools[name].version for name in ("airport_city", "airport_codes", "cfi_class")}
    task = {"support": {"given": 1}, "missing": {"tools": [gone.name]}}
    evidence = [{"call": "c1", "tool": "airport_city"}]
    record = {"id": "r", "setup": {"tools": tools}, "evidence": evidence, "task": task}
    for seed in range(200):
        added = POOL.named(clothes_for(record, ("distractors",), seed, POOL)["distractors"]).values()
        assert not any(tool.module == gone.module or tool.gives & gone.gives for tool in added)


def test_a_distractor_that_the_pool_no_longer_has_is_a_bad_record() -> None:
    clothes, _ = worn(RECORDS[0], "distractors")
    name = next(iter(clothes["distractors"]))
    poorer = Pool({tool.name: tool for tool in POOL.tools.values() if tool.name != name})
    with pytest.raises(BadRecord, match=name):
        dressed(toolset(RECORDS[0]), clothes, poorer)


# --- the answer ------------------------------------------------------------------------------------------------------


def test_the_answer_is_the_same_through_the_clothes() -> None:
    """Every support is walked through what the model sees: shown names, dressed schemas, real tools behind them."""
    _, door = real()
    records = grown(25)
    assert len(records) > 10
    for record in records:
        _, made = worn(record, *KINDS)
        shown = {genuine: name for name, genuine in made.real.items()}

        def call(name: str, arguments: dict[str, Any], made: Dressed = made, shown: Any = shown) -> dict[str, Any]:
            tool = made.tools[shown[name]]
            assert tool.check_arguments.is_valid(arguments)
            return door.call(made.real[tool.name], arguments)

        task = record["task"]
        found = replay(task["support"], record["evidence"], call)
        assert canonical(rounded(found)) == canonical(rounded(task["answer"]["value"]))
