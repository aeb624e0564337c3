"""Where an argument that a model wrote came from: found by equality to the last digit, and always its exact value."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given as all_of
from hypothesis import settings
from hypothesis import strategies as st
from tiny import as_tool
from village import TOOLS, WALKERS, Story, choice, given, part

from dive_tools.prompted.trace import Tracer, inferred, refanned, traced
from dive_tools.records import canonical
from dive_tools.screens import Case, screen
from dive_tools.support import Node, evaluate, over
from dive_tools.symbolic.facts import Facts, table
from dive_tools.tools.base import Slot, Tool
from dive_tools.values import rounded


def of(story: Story, name: str, **arguments: Any) -> dict[str, Node]:
    return traced(TOOLS[name], arguments, story.record, TOOLS)


def loose(name: str = "ask", slots: dict[str, Slot] | None = None, **properties: Any) -> Tool:
    """A tool as it comes from outside: schemas, and no word of what they mean."""
    schema = {"type": "object", "properties": properties}
    return Tool(name, "Ask.", "retrieval", "tiny", "1", lambda: (schema, {}), slots or {}, {}, [])


def told(*results: Any, seed: Any = "nothing", type_: str = "thing", **arguments: Any) -> dict[str, Any]:
    """A record whose calls of one loose tool returned these."""
    steps = [
        {"call": f"c{n}", "round": 1, "tool": "ask", "arguments": {"n": n}, "arguments_from": {"n": {"given": n}}}
        for n in range(1, len(results) + 1)
    ]
    evidence = [{**step, "result": result} for step, result in zip(steps, results, strict=True)]
    return {"setup": {"seed": {"value": seed, "type": type_}}, "evidence": evidence}


def source(value: Any, record: dict[str, Any], tool: Tool | None = None, name: str = "x") -> Node:
    """Where a loose tool's argument came from."""
    tool = tool or loose()
    return traced(tool, {name: value}, record, {"ask": tool})[name]


# --- the seed --------------------------------------------------------------------------------------------------------


def test_the_seed_is_given_as_the_explorer_gives_it() -> None:
    story = Story()
    assert of(story, "hamlet_height", hamlet="Ashby") == {"hamlet": Facts(story.record, TOOLS).seed_node()}


def test_parts_of_a_vignette_are_given_as_the_explorer_gives_them() -> None:
    walker = WALKERS[3]
    story = Story(walker, "t_walker")
    found = of(story, "walker_pace", age=walker["age"], stride=walker["stride_cm"])
    assert found == {"age": part(walker, "age"), "stride": part(walker, "stride_cm")}
    load = of(story, "walker_rest", load=8, pace=1.5)  # a small number, but in the part's own place
    assert load == {"load": part(walker, "load_kg"), "pace": {"given": 1.5}}


def test_a_part_with_another_value_is_not_of_the_vignette() -> None:
    story = Story(WALKERS[3], "t_walker")
    assert of(story, "walker_pace", age=99, stride=63)["age"] == {"given": 99}


def test_a_whole_vignette_is_its_parts() -> None:
    walker = WALKERS[4]
    story = Story(walker, "t_walker")
    found = traced(loose(), {"who": walker}, story.record, TOOLS)["who"]
    assert found == {"op": "map", "parts": {name: part(walker, name) for name in walker}}


def test_a_seed_of_a_type_that_nobody_declared_is_still_the_seed() -> None:
    seed = {"title": "Dune", "by/who": {"first": "Frank"}, "pages": [412, 33]}
    record = told(seed=seed, type_="novel")
    assert source(seed, record) == {"given": seed, "type": "novel", "seed": ""}
    assert source("Frank", record) == {"given": "Frank", "seed": "/by~1who/first"}
    assert source([412, 33], record) == {"given": [412, 33], "seed": "/pages"}
    assert source(412, record) == {"given": 412}  # an item of a list has no name
    assert source("Dune", told(seed="Dune", type_="novel")) == {"given": "Dune", "type": "novel", "seed": ""}


def test_a_small_number_is_the_seed_only_where_it_must_stand() -> None:
    record = told(seed=7, type_="count")
    assert "seed" not in source(7, record)
    assert source(7, record, loose(slots={"x": Slot()}))["seed"] == ""
    assert source(7, record, loose(slots={"x": Slot(type="count", required=False)}))["seed"] == ""
    assert "seed" not in source(7, record, loose(slots={"x": Slot(choices={7: None})}, x={"type": "integer"}))


# --- results ---------------------------------------------------------------------------------------------------------


def test_a_field_of_a_result_flows_on() -> None:
    story = Story()
    mill = story.look("hamlet_mill", "/mill", hamlet=story.seed)
    assert of(story, "hamlet_height", hamlet="Elmham") == {"hamlet": mill}
    assert of(story, "shire_fairs", shire="Southshire") == {"shire": {"call": "c1", "pointer": "/shire"}}
    height = story.look("hamlet_height", "/height", hamlet=mill)
    assert of(story, "climb_time", height=47.0, pace=300) == {"height": height, "pace": choice(300)}


def test_the_latest_call_goes_first_and_a_meaning_before_it() -> None:
    assert source("Oslo", told({"a": "Oslo"}, {"b": "Oslo"}, {"c": "Rome"})) == {"call": "c2", "pointer": "/b"}
    story = Story()
    shire = story.look("hamlet_shire", "/shire", hamlet=story.seed)
    evidence = story.record["evidence"]
    evidence.append({**told({"note": "Northshire"})["evidence"][0], "call": "c2"})
    tools = {**TOOLS, "ask": loose()}
    assert traced(TOOLS["shire_fairs"], {"shire": "Northshire"}, story.record, tools) == {"shire": shire}


def test_equal_means_equal_to_the_last_digit() -> None:
    record = told({"x": 1234.5, "y": 70.0, "s": "Oslo", "t": True, "o": {"a": 1.0, "b": "Rome"}})
    assert source(1234.5, record)["pointer"] == "/x"
    for other in (1234.50001, 70, "oslo", "Oslo ", "1234.5", {"a": 1, "b": "Rome"}, {"b": "Rome"}):
        node = source(other, record)
        assert node == {"given": other} or (isinstance(other, dict) and node["op"] == "map")
    assert source({"b": "Rome", "a": 1.0}, record) == {"call": "c1", "pointer": "/o"}


@pytest.mark.parametrize("value", [0, 3, -20, 20.0, True, False, None, "", "x", [], {}, [1], {"a": 2}])
def test_what_stands_anywhere_by_chance_is_only_given(value: Any) -> None:
    assert source(value, told({"a": value, "b": {"c": value}})) == {"given": value}


def test_a_small_value_flows_where_it_means_the_same() -> None:
    story = Story("Hollow")
    height = story.look("hamlet_height", "/height", hamlet=story.seed)  # 12 metres
    assert of(story, "climb_time", height=12.0, pace=450)["height"] == height
    assert "call" not in of(story, "pony_trot", speed=12.0)["speed"]


def test_an_item_of_a_list_is_not_cited_by_its_place() -> None:
    record = told({"rows": [{"id": "Q42"}, {"id": "Q64"}], "2020": "Q99"})
    assert source("Q42", record) == {"given": "Q42"}
    assert source("Q99", record) == {"given": "Q99"}  # reads as the 2021st item
    assert source([{"id": "Q42"}, {"id": "Q64"}], record) == {"call": "c1", "pointer": "/rows"}
    assert source(["Q42", "Q64"], record) == {
        "op": "each",
        "of": {"call": "c1", "pointer": "/rows"},
        "take": "/id",
    }
    assert source(["Q64", "Q42"], record) == {"given": ["Q64", "Q42"]}


def test_a_failed_call_gives_nothing() -> None:
    record = told({"x": "Oslo"})
    record["evidence"][0]["error"] = {"kind": "refused", "message": "no"}
    del record["evidence"][0]["result"]
    assert source("Oslo", record) == {"given": "Oslo"}


def test_a_result_that_repeats_its_argument_gives_nothing_new() -> None:
    story = Story()
    mill = story.look("hamlet_mill", "/mill", hamlet=story.seed)
    tool = loose("ask")
    step = {"call": "c2", "round": 1, "tool": "ask", "arguments": {"q": "Elmham"}, "arguments_from": {"q": mill}}
    story.record["evidence"].append({**step, "result": {"q": "Elmham", "age": 812}})
    tools = {**TOOLS, "ask": tool}
    assert traced(TOOLS["hamlet_height"], {"hamlet": "Elmham"}, story.record, tools) == {"hamlet": mill}
    assert traced(tool, {"q": 812}, story.record, tools) == {"q": {"call": "c2", "pointer": "/age"}}


def test_what_was_stated_before_is_stated_again() -> None:
    """Else a call would lead back to what it started from, which no question may do."""
    story = Story()
    market = story.look("hamlet_market", "/market", hamlet=given("Birchley"))  # Ashby, which is the seed
    story.call("hamlet_mill", hamlet=given("Kelton"))  # Hollow
    story.call("hamlet_mill", hamlet={"call": "c2", "pointer": "/mill"})  # Kelton again
    assert of(story, "hamlet_height", hamlet="Kelton") == {"hamlet": given("Kelton")}
    assert of(story, "hamlet_height", hamlet="Ashby") == {"hamlet": story.seed} != {"hamlet": market}


def test_choices_and_words_of_the_schema_are_choices() -> None:
    story = Story("abba", "t_rune")
    found = of(story, "rune_letters", rune="abba", letter="l-b")
    assert found == {"rune": story.seed | {"type": "t_rune"}, "letter": choice("l-b")}
    tool = loose(way={"enum": ["fast", "slow"]}, far={"default": 100}, how={"anyOf": [{"const": "mean"}, {}]})
    record = told({"way": "fast", "far": 100, "how": "mean"})  # standing in a result by chance
    sources = traced(tool, {"way": "fast", "far": 100, "how": "mean"}, record, {"ask": tool})
    assert sources == {"way": choice("fast"), "far": choice(100), "how": choice("mean")}
    assert source(101, told({"a": 101}), tool, "far") == {"call": "c1", "pointer": "/a"}


def test_a_stated_entity_says_its_type() -> None:
    assert of(Story(), "hamlet_height", hamlet="Gorsey") == {"hamlet": given("Gorsey")}


# --- objects and lists -----------------------------------------------------------------------------------------------


def test_an_object_is_taken_apart_where_it_stands_nowhere_whole() -> None:
    record = told({"lat": 59.91, "lon": 10.75}, {"name": "Oslo"})
    node = source({"at": {"lat": 59.91, "lon": 10.75, "r": 5}, "who": ["Oslo", "me"]}, record)
    assert node == {
        "op": "map",
        "parts": {
            "at": {
                "op": "map",
                "parts": {
                    "lat": {"call": "c1", "pointer": "/lat"},
                    "lon": {"call": "c1", "pointer": "/lon"},
                    "r": {"given": 5},
                },
            },
            "who": {"op": "list", "items": [{"call": "c2", "pointer": "/name"}, {"given": "me"}]},
        },
    }
    assert source({"r": 5, "who": ["you", "me"]}, record) == {"given": {"r": 5, "who": ["you", "me"]}}


def test_a_part_with_more_digits_than_results_have_is_kept_exactly() -> None:
    """Expressions round as results do; an argument is what the model wrote."""
    record = told({"name": "Oslo"})
    value = {"name": "Oslo", "x": 0.12345678901234567}
    assert source(value, record) == {"given": value}


def test_what_is_large_or_deep_is_not_taken_apart() -> None:
    record = told({"name": "Oslo"})
    wide = ["Oslo", *range(200)]
    assert source(wide, record) == {"given": wide}
    deep: Any = "Oslo"
    for _ in range(30):
        deep = [deep]
    assert source(deep, record) == {"given": deep}


# --- lists -----------------------------------------------------------------------------------------------------------


def fanned(story: Story, name: str, parameter: str, values: list[str], fixed: int = 0) -> list[Node]:
    """Look one thing up for each value as a model would, in one turn; where the arguments came from."""
    tracer = Tracer(story.record, TOOLS)
    for value in values:
        story.call(name, **tracer.sources(TOOLS[name], {parameter: value}))
    refanned(story.record["evidence"], fixed, TOOLS)
    return [step["arguments_from"][parameter] for step in story.record["evidence"][-len(values) :]]


def as_items(of_: Node, *indexes: int, type_: str = "t_hamlet") -> list[Node]:
    return [{"op": "item", "of": of_, "index": index, "type": type_} for index in indexes]


def test_a_whole_list_looked_up_is_its_items() -> None:
    story = Story("Southshire", "t_shire")
    listed = story.look("shire_hamlets", "/hamlets", shire=story.seed)
    assert fanned(story, "hamlet_height", "hamlet", ["Gorsey", "Elmham", "Fernhill"]) == as_items(listed, 2, 0, 1)
    (group,) = Facts(story.record, TOOLS).groups
    assert group.over == listed and len(group.rows) == 3


def test_a_list_of_objects_is_its_items_by_name() -> None:
    story = Story("Northshire", "t_shire")
    listed = story.look("shire_fairs", "/fairs", shire=story.seed)
    names = ["Goose Fair", "Lammas Fair", "Apple Fair", "Wool Fair"]
    source = {"op": "each", "of": listed, "take": "/fair"}
    assert fanned(story, "fair_host", "fair", names) == as_items(source, 0, 1, 2, 3, type_="t_fair")


def test_a_list_with_one_left_out_is_no_whole_list() -> None:
    story = Story("Southshire", "t_shire")
    story.call("shire_hamlets", shire=story.seed)
    assert fanned(story, "hamlet_height", "hamlet", ["Gorsey", "Elmham"]) == [given("Gorsey"), given("Elmham")]


def test_a_list_completed_later_is_a_whole_list_too() -> None:
    story = Story("Southshire", "t_shire")
    listed = story.look("shire_hamlets", "/hamlets", shire=story.seed)
    fanned(story, "hamlet_height", "hamlet", ["Gorsey", "Elmham"])
    fanned(story, "hamlet_height", "hamlet", ["Fernhill"])
    assert [s["arguments_from"]["hamlet"] for s in story.record["evidence"][1:]] == as_items(listed, 2, 0, 1)


def test_calls_of_earlier_rounds_stay_as_they_are() -> None:
    story = Story("Southshire", "t_shire")
    listed = story.look("shire_hamlets", "/hamlets", shire=story.seed)
    fanned(story, "hamlet_height", "hamlet", ["Gorsey", "Elmham"])
    before = copy.deepcopy(story.record["evidence"])
    assert fanned(story, "hamlet_height", "hamlet", ["Fernhill"], fixed=3) == as_items(listed, 1)
    assert story.record["evidence"][:3] == before


def test_the_seed_in_a_list_stays_the_seed() -> None:
    story = Story("Elmham")
    shire = story.look("hamlet_shire", "/shire", hamlet=story.seed)
    listed = story.look("shire_hamlets", "/hamlets", shire=shire)
    found = fanned(story, "hamlet_height", "hamlet", ["Elmham", "Fernhill", "Gorsey"])
    assert found == [story.seed, *as_items(listed, 1, 2)]


def test_calls_that_differ_in_something_else_too_are_no_fan() -> None:
    tool = loose(x={}, way={})
    record = told({"ids": ["Q1", "Q2"]})
    tracer = Tracer(record, {"ask": tool})
    for number, (x, way) in enumerate((("Q1", "fast"), ("Q2", "slow")), start=2):
        arguments = {"x": x, "way": way}
        step = {"call": f"c{number}", "round": 1, "tool": "ask", "arguments": arguments, "result": 1}
        record["evidence"].append({**step, "arguments_from": tracer.sources(tool, arguments)})
    refanned(record["evidence"], 0, {"ask": tool})
    assert [step["arguments_from"]["x"] for step in record["evidence"][1:]] == [{"given": "Q1"}, {"given": "Q2"}]


def test_a_list_that_came_after_the_calls_is_not_their_list() -> None:
    story = Story("Southshire", "t_shire")
    guessed = fanned(story, "hamlet_height", "hamlet", ["Elmham", "Fernhill", "Gorsey"])
    story.call("shire_hamlets", shire=story.seed)
    refanned(story.record["evidence"], 0, TOOLS)
    assert guessed == [s["arguments_from"]["hamlet"] for s in story.record["evidence"][:3]]
    assert all("given" in node for node in guessed)


def test_the_one_that_a_whole_list_picks_out_is_picked_out() -> None:
    story = Story("Northshire", "t_shire")
    listed = story.look("shire_fairs", "/fairs", shire=story.seed)
    winner = {"op": "argmax", "of": listed, "by": "/visitors", "take": "/fair"}
    assert of(story, "fair_host", fair="Goose Fair") == {"fair": winner}
    assert of(story, "fair_host", fair="Lammas Fair") == {"fair": given("Lammas Fair", "t_fair")}
    names = ["Goose Fair", "Lammas Fair", "Apple Fair", "Wool Fair"]
    source = {"op": "each", "of": listed, "take": "/fair"}  # looked up one and all, none is picked out
    assert fanned(story, "fair_host", "fair", names) == as_items(source, 0, 1, 2, 3, type_="t_fair")


def test_a_list_that_is_not_complete_picks_nothing_out() -> None:
    story = Story("Eastshire", "t_shire")
    story.call("shire_hamlets", shire=story.seed)
    assert of(story, "hamlet_height", hamlet="Hollow") == {"hamlet": given("Hollow")}


def test_the_highest_of_things_looked_up_one_by_one_flows_on_and_passes_every_screen() -> None:
    story = Story("Southshire", "t_shire")
    story.call("shire_hamlets", shire=story.seed)
    fanned(story, "hamlet_height", "hamlet", ["Elmham", "Fernhill", "Gorsey"])
    (group,) = Facts(story.record, TOOLS).groups
    highest = {"op": "argmax", "of": table(group, TOOLS["hamlet_height"].fields["/height"]), "by": "/value"}
    found = of(story, "hamlet_people", hamlet="Fernhill")
    assert found == {"hamlet": {**highest, "take": "/name"}}
    story.call("hamlet_people", **found)
    question = "How many people live in the hamlet with the highest elevation among the hamlets of Southshire?"
    record = story.task(question, {"call": "c5", "pointer": "/people"})
    assert screen(Case(record, TOOLS)) is None


def test_a_traced_chain_passes_every_screen() -> None:
    story = Story()
    for name, parameter, value in (("hamlet_mill", "hamlet", "Ashby"), ("hamlet_people", "hamlet", "Elmham")):
        story.call(name, **of(story, name, **{parameter: value}))
    question = "How many people live in the hamlet whose mill grinds for Ashby?"
    assert screen(Case(story.task(question, {"call": "c2", "pointer": "/people"}), TOOLS)) is None


def test_a_step_can_say_what_was_found_by_equality() -> None:
    cite = {"call": "c1", "pointer": "/a"}
    sources = {"a": cite, "b": {"given": 1}, "c": {"op": "map", "parts": {"d": cite}}, "e": {"given": 2, "seed": ""}}
    assert inferred(sources) == ["a", "c"]


# --- whatever is written ---------------------------------------------------------------------------------------------

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
    | st.sampled_from(["Oslo", "Rome", "a/b", "~", "0", "", 59.91, 1234, 0.1 + 0.2, 1e22, -0.0])
)
KEYS = st.sampled_from(["a", "b", "id", "a/b", "~x", "~1", "", "7", "name", "of", "given", "call", "op"])
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
TOWNS = ["Oslo", "Rome", "Kyiv", "Lima", "Bern"]
NAMES = st.sampled_from(TOWNS)
LISTS = st.lists(NAMES, min_size=2, max_size=3, unique=True)
ROWS = LISTS.map(lambda names: [{"id": name, "n": number} for number, name in enumerate(names)])
RESULTS = st.dictionaries(KEYS, NAMES | LISTS | ROWS | VALUES, min_size=1, max_size=4) | VALUES


@st.composite
def journeys(draw: st.DrawFn) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A record with results, and arguments made of what stands there and of what stands nowhere."""
    results = [rounded(value) for value in draw(st.lists(RESULTS, min_size=1, max_size=4))]
    seed = draw(VALUES | st.sampled_from(TOWNS))
    pieces: list[Any] = [seed]
    for value in (*results, seed):
        queue = [value]
        while queue:
            inner = queue.pop()
            pieces.append(inner)
            queue += list(inner.values()) if isinstance(inner, dict) else inner if isinstance(inner, list) else []
    known = st.sampled_from([piece for piece in pieces if piece != seed] or pieces) | st.sampled_from(pieces) | NAMES
    mixed = st.recursive(
        known | SCALARS,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=3),
        max_leaves=8,
    )
    calls = draw(
        st.lists(st.dictionaries(st.sampled_from(["x", "y", "name"]), mixed, max_size=3), min_size=1, max_size=6)
    )
    lists = [piece for piece in pieces if isinstance(piece, list) and len(piece) > 1]
    if lists and draw(st.booleans()):
        chosen = draw(st.sampled_from(lists))
        calls += [{"x": item["id"] if isinstance(item, dict) and "id" in item else item} for item in chosen]
    return told(*results, seed=seed, type_=draw(st.sampled_from(["thing", "t_walker", "t_hamlet"]))), calls


@settings(max_examples=600, deadline=None)
@all_of(journeys(), st.booleans())
def test_every_expression_gives_the_argument_exactly(journey: Any, bare: bool) -> None:
    record, calls = journey
    tool = loose(slots={} if bare else {"x": Slot(type="t_hamlet"), "y": Slot(kind="length", unit="m")})
    tools = {"ask": tool}
    evidence = record["evidence"]
    fixed = len(evidence)
    for number, arguments in enumerate(calls):
        sources = traced(tool, arguments, record, tools)
        step = {"call": f"c{len(evidence) + 1}", "round": 2, "tool": "ask", "arguments": arguments}
        evidence.append({**step, "arguments_from": sources, "result": {"n": number}})
        refanned(evidence, fixed, tools)
    for place, step in enumerate(evidence[fixed:], fixed):
        assert step["arguments"].keys() == step["arguments_from"].keys()
        for name, node in step["arguments_from"].items():
            value = evaluate(node, over(evidence[:place]))  # and over nothing that came later
            assert canonical(value) == canonical(step["arguments"][name])


def test_a_real_tool_of_the_users_own_is_traced_without_a_word_of_meaning() -> None:
    def register(person: str) -> dict[str, int]:
        """Look a person's number up."""
        return {"number": 4711 + len(person)}

    tool = as_tool(register, "retrieval")
    record = told({"found": "Ada Lovelace"})
    tools = {"ask": loose(), "register": tool}
    assert traced(tool, {"person": "Ada Lovelace"}, record, tools) == {"person": {"call": "c1", "pointer": "/found"}}
