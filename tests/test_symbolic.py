"""Exploring and saying without a model: what is known, what may flow where, which supports, and in which words."""

from __future__ import annotations

import copy
import random
import re
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from village import HAMLETS, TOOLS, WALKERS, Story, choice, door, given, grown, part, real, setups

from dive_tools.records import Record, canonical
from dive_tools.support import evaluate, over, walk
from dive_tools.symbolic.explore import Explorer
from dive_tools.symbolic.facts import Facts
from dive_tools.symbolic.patterns import NAMES, PATTERNS, proposals, round_between
from dive_tools.symbolic.questions import question
from dive_tools.symbolic.say import Speech, Unreadable, article
from dive_tools.tools.base import Tool
from dive_tools.tools.door import Door
from dive_tools.values import TYPES

# --- facts -----------------------------------------------------------------------------------------------------------


def facts(story: Story) -> Facts:
    return Facts(story.record, TOOLS)


def item(source: dict[str, Any], index: int) -> dict[str, Any]:
    return {"op": "item", "of": source, "index": index, "type": "t_hamlet"}


def rolls(story: Story, shire: str) -> dict[str, Any]:
    """The hamlets of a shire, cited."""
    return story.look("shire_hamlets", "/hamlets", shire=given(shire, "t_shire"))


def heights_of(story: Story, shire: str, *indexes: int) -> dict[str, Any]:
    """A look-up of the elevation for some items of a list."""
    source = rolls(story, shire)
    for index in indexes:
        story.call("hamlet_height", hamlet=item(source, index))
    return source


def test_known_are_the_seed_and_typed_fields_with_their_kinds() -> None:
    story = Story()
    mill = story.look("hamlet_mill", "/mill", hamlet=story.seed)
    story.call("hamlet_people", hamlet=mill)
    found = {(k.value, k.type, k.kind, k.unit, k.depth) for k in facts(story).known}
    assert found == {
        ("Ashby", "t_hamlet", "", "", 0),
        ("Elmham", "t_hamlet", "", "", 1),
        ("Southshire", "t_shire", "", "", 1),
        (510, "", "inhabitants", "people", 2),
        (2, "", "inhabitants order", "", 2),
    }


def test_every_known_value_is_what_its_expression_gives() -> None:
    story = Story()
    heights_of(story, "Northshire", 0, 1, 2, 3)
    story.call("shire_fairs", shire=given("Northshire", "t_shire"))
    known = facts(story).known
    assert len(known) > 8
    assert all(evaluate(k.expr, over(story.record["evidence"])) == k.value for k in known)


def test_one_item_of_a_list_does_not_flow_on() -> None:
    story = Story()
    heights_of(story, "Southshire", 0)
    assert [k.value for k in facts(story).known] == ["Ashby"]


def test_a_failed_call_is_no_fact() -> None:
    story = Story()
    story.call("hamlet_height", hamlet=given("Nowhere"))
    assert "error" in story.record["evidence"][0] and facts(story).steps == []


def test_only_complete_lists_are_lists() -> None:
    story = Story()
    rolls(story, "Northshire")
    rolls(story, "Eastshire")
    assert [listing.value for listing in facts(story).lists] == [["Ashby", "Birchley", "Coldwell", "Dunmoor"]]


def test_a_list_of_records_is_named_by_its_entity() -> None:
    story = Story()
    story.call("shire_fairs", shire=given("Northshire", "t_shire"))
    (listing,) = facts(story).lists
    assert (listing.type, listing.take) == ("t_fair", "/fair")
    assert evaluate(listing.names, over(story.record["evidence"])) == [
        "Goose Fair",
        "Lammas Fair",
        "Apple Fair",
        "Wool Fair",
    ]


def test_a_tie_has_no_winner_to_flow_on() -> None:
    story = Story()
    story.call("shire_fairs", shire=given("Eastshire", "t_shire"))  # two fairs of 150 visitors
    winners = {k.value for k in facts(story).known if k.type == "t_fair"}
    by = {k.expr["by"] for k in facts(story).known if k.type == "t_fair"}
    assert winners == {"Eel Fair", "Salt Fair", "Cherry Fair"} and by == {"/visitors", "/fee"}
    assert not any(
        k.expr["op"] == "argmax" and k.expr["by"] == "/visitors"
        for k in facts(story).known
        if k.call and k.type == "t_fair"
    )


def test_calls_for_each_item_of_a_list_are_a_group() -> None:
    story = Story()
    source = heights_of(story, "Southshire", 2, 0, 1)
    (group,) = facts(story).groups
    assert group.over == source and group.tool.name == "hamlet_height"
    assert [step["arguments"]["hamlet"] for _, step in group.rows] == ["Elmham", "Fernhill", "Gorsey"]


def test_a_list_with_one_item_not_looked_up_is_no_group() -> None:
    story = Story()
    heights_of(story, "Southshire", 0, 1)
    assert facts(story).groups == []


def test_calls_on_stated_things_are_a_group() -> None:
    story = Story()
    for name in (story.seed, given("Birchley")):
        story.call("hamlet_height", hamlet=name)
    (group,) = facts(story).groups
    assert group.over is None and [name["given"] for name, _ in group.rows] == ["Ashby", "Birchley"]


def test_a_group_goes_through_the_calls_between() -> None:
    story = Story()
    for name in (story.seed, given("Birchley")):
        mill = story.look("hamlet_mill", "/mill", hamlet=name)
        story.call("hamlet_height", hamlet=mill)
    assert {(g.tool.name, len(g.rows)) for g in facts(story).groups} == {("hamlet_mill", 2), ("hamlet_height", 2)}


def test_calls_that_differ_in_a_choice_too_are_no_group() -> None:
    story = Story()
    for name, pace in ((story.seed, 300), (given("Birchley"), 450)):
        height = story.look("hamlet_height", "/height", hamlet=name)
        story.call("climb_time", height=height, pace=choice(pace))
    assert [g.tool.name for g in facts(story).groups] == ["hamlet_height"]


# --- exploring -------------------------------------------------------------------------------------------------------


def explored(seed: Any, type_: str, number: int, budget: int = 6, rounds: int = 2) -> Record:
    """The village explored from a seed."""
    story = Story(seed, type_)
    for round_ in range(rounds):
        rng = random.Random(f"{number}:{round_}")
        Explorer(story.record, TOOLS, door().call, rng, budget).explore()
    return story.record


def journeys(count: int) -> list[Record]:
    """The village explored from each sort of seed."""
    starts = [("Ashby", "t_hamlet"), ("Northshire", "t_shire"), (WALKERS[3], "t_walker"), ("abba", "t_rune")]
    return [explored(*starts[number % 4], number) for number in range(count)]


@pytest.fixture(scope="module")
def trips() -> list[tuple[Record, dict[str, Tool]]]:
    """Explored records, of the village and of the real pool, each with its tools."""
    pool = real()[0]
    return [(record, TOOLS) for record in journeys(80)] + [
        (record, pool.named(record["setup"]["tools"])) for record in grown(160)
    ]


def arguments(record: Record, tools: dict[str, Tool]) -> Any:
    """(step, parameter, slot, source) of every argument."""
    for step in record["evidence"]:
        for name, source in step["arguments_from"].items():
            yield step, name, tools[step["tool"]].slots[name], source


def test_no_call_is_made_twice(trips: Any) -> None:
    for record, _ in trips:
        made = [canonical([step["tool"], step["arguments"]]) for step in record["evidence"]]
        assert len(set(made)) == len(made)


@pytest.mark.parametrize("budget", [1, 2, 5, 9])
def test_a_round_keeps_to_its_budget(budget: int) -> None:
    spent = [len(explored("Ashby", "t_hamlet", n, budget, rounds=1)["evidence"]) for n in range(20)]
    assert max(spent) == budget


def test_rounds_are_numbered_and_calls_have_names_of_their_own(trips: Any) -> None:
    for record, _ in trips:
        steps = record["evidence"]
        assert [step["call"] for step in steps] == [f"c{n}" for n in range(1, len(steps) + 1)]
        assert all(a["round"] <= b["round"] <= a["round"] + 1 for a, b in pairwise(steps))
        assert max(Counter(step["round"] for step in steps).values()) <= 12  # two times, where no task came between


def test_every_argument_is_what_its_source_gives_at_that_time(trips: Any) -> None:
    for record, tools in trips:
        for step, name, _, source in arguments(record, tools):
            before = record["evidence"][: int(step["call"][1:]) - 1]
            assert canonical(evaluate(source, over(before))) == canonical(step["arguments"][name])


def field_of(record: Record, tools: dict[str, Tool], node: dict[str, Any]) -> Any:
    step = next(step for step in record["evidence"] if step["call"] == node["call"])
    return tools[step["tool"]].fields[re.sub(r"/\d+", "/*", node["pointer"])]


def test_quantities_flow_only_by_kind_and_unit(trips: Any) -> None:
    flowed = 0
    for record, tools in trips:
        for _, _, slot, source in arguments(record, tools):
            if "call" in source and not slot.type:
                found = field_of(record, tools, source)
                assert slot.kind and (found.kind, found.unit) == (slot.kind, slot.unit)
                flowed += 1
    assert flowed >= 20


def test_entities_flow_only_by_type(trips: Any) -> None:
    for record, tools in trips:
        for _, _, slot, source in arguments(record, tools):
            if "call" in source and slot.type:
                assert field_of(record, tools, source).type == slot.type


def test_traps_are_never_stepped_into() -> None:
    """A speed in metres per minute is no speed in miles per hour; feet come from nowhere but a conversion."""
    called = Counter(step["tool"] for record in journeys(200) for step in record["evidence"])
    assert called["pony_trot"] == 0 and called["walker_rest"] > 10 and called["climb_time"] > 5
    for record in journeys(200):
        for step in record["evidence"]:
            if step["tool"] == "ropes_needed":
                cited = step["arguments_from"]["height"]["call"]
                assert record["evidence"][int(cited[1:]) - 1]["tool"] == "metres_to_feet"


def test_parts_of_a_vignette_come_only_from_its_seed(trips: Any) -> None:
    parts = 0
    for record, tools in trips:
        seed = record["setup"]["seed"]
        for step, name, slot, source in arguments(record, tools):
            assert ("vignette" in source) == bool(slot.vignette)
            if slot.vignette:
                assert slot.vignette == source["vignette"] == seed["type"]
                assert source["seed"] == f"/{slot.part}" and step["arguments"][name] == seed["value"][slot.part]
                parts += 1
    assert parts >= 50


def test_a_vignette_without_a_part_is_not_asked_for_it() -> None:
    bare = {"age": 30, "stride_cm": 70}
    tools = {step["tool"] for n in range(20) for step in explored(bare, "t_walker", n)["evidence"]}
    assert tools == {"walker_pace"}


def test_companions_are_akin_to_what_they_stand_beside(trips: Any) -> None:
    companions = 0
    for record, tools in trips:
        seed, stated = record["setup"]["seed"], [record["setup"]["seed"]["value"]]
        for step, name, slot, source in arguments(record, tools):
            if "given" not in source or source.keys() & {"seed", "choice", "vignette"}:
                continue
            akin = TYPES[slot.type].akin
            beside = [
                v for p, v in step["arguments"].items() if p != name and tools[step["tool"]].slots[p].type == slot.type
            ]
            near = [*beside, *(stated if seed["type"] == slot.type else [])]
            assert akin is not None and any(source["given"] in akin(value) for value in near)
            companions += 1
    assert companions >= 30


def test_choices_are_those_of_the_tool(trips: Any) -> None:
    for record, tools in trips:
        for _, _, slot, source in arguments(record, tools):
            if "choice" in source:
                assert source["given"] in slot.choices


def test_parameters_that_must_differ_do(trips: Any) -> None:
    walks = 0
    for record, tools in trips:
        for step in record["evidence"]:
            values = [canonical(step["arguments"][p]) for p in tools[step["tool"]].distinct if p in step["arguments"]]
            assert len(set(values)) == len(values)
            walks += step["tool"] == "walk_between"
    assert walks >= 5


def test_exploring_depends_on_the_seed_alone() -> None:
    runs = [[canonical(record) for record in journeys(40)] for _ in range(2)]
    assert runs[0] == runs[1]
    assert len({canonical(explored("Ashby", "t_hamlet", n)["evidence"]) for n in range(10)}) > 5


def test_exploring_leaves_what_was_there() -> None:
    before = explored("Ashby", "t_hamlet", 1)
    after = copy.deepcopy(before)
    Explorer(after, TOOLS, door().call, random.Random(5), 6).explore()
    assert after["evidence"][: len(before["evidence"])] == before["evidence"]


# --- patterns --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def offers() -> dict[str, list[tuple[Facts, dict[str, Any]]]]:
    """Every proposal over a few hundred real setups, by pattern."""
    found: dict[str, list[Any]] = {}
    pool = real()[0]
    for record in grown(300):
        known = Facts(record, pool.named(record["setup"]["tools"]))
        for name, node in proposals(known, random.Random(1)):
            found.setdefault(name, []).append((known, node))
    return found


def said(known: Facts, node: dict[str, Any]) -> str | None:
    try:
        return question(Speech(known, random.Random(2)), node)
    except Unreadable:
        return None


def test_every_pattern_has_a_name_that_exemplars_may_use(offers: Any) -> None:
    assert set(offers) == set(NAMES)
    assert set(PATTERNS) - {"cite"} <= set(NAMES)


@pytest.mark.parametrize("pattern", NAMES)
def test_a_pattern_is_proposed_and_said(pattern: str, offers: Any) -> None:
    questions = [text for pair in offers[pattern][:300] if (text := said(*pair)) is not None]
    assert questions, f"{len(offers[pattern])} proposals, none can be said"
    assert all(re.search(r"[.?]$", text) and not re.search(r"[{}]|\bNone\b|  ", text) for text in questions)


def test_every_proposal_has_a_value_and_gives_it_again(offers: Any) -> None:
    for pairs in offers.values():
        for known, node in pairs:
            look = over(known.evidence)
            assert canonical(evaluate(node, look)) == canonical(evaluate(copy.deepcopy(node), look))
            assert all(inner.get("call") in (None, *known.by_id) for inner in walk(node))


def test_numbers_bear_what_is_done_to_them(offers: Any) -> None:
    """The greater stands first, ratios have a ratio scale, sums add up."""
    for name in ("difference", "ratio", "percent_change"):
        for known, node in offers[name]:
            inner = node.get("of", node)
            one, two = (known.value(arg) for arg in inner["args"])
            fields = [field_of({"evidence": known.evidence}, known.tools, arg) for arg in inner["args"]]
            assert one > two and len({(f.kind, f.unit, f.scale) for f in fields}) == 1
            assert name == "difference" or (fields[0].scale == "ratio" and two > 0)


def test_every_derived_pattern_is_one_that_was_asked_for(offers: Any) -> None:
    assert {record["task"]["pattern"] for record in grown(300)} <= set(NAMES)


def test_stated_things_are_compared(offers: Any) -> None:
    """What is proposed and can be said also gets past the deriver's own screens, now and then."""
    assert {"comparison", "extremum", "ranking"} <= {record["task"]["pattern"] for record in grown(300)}


def test_a_round_number_lies_strictly_between() -> None:
    chance = random.Random(4)
    for _ in range(3000):
        low, high = sorted(chance.uniform(-1, 1) * 10 ** chance.randint(-9, 9) for _ in range(2))
        found = round_between(low, high)
        assert found is None or low < found < high, (low, high, found)


@pytest.mark.parametrize(
    ("low", "high", "found"),
    [(3, 17, 10), (0.12, 0.19, 0.15), (-5, 5, 0), (1480, 2210, 2000), (99, 101, 100), (5, 5, None), (7, 3, None)],
)
def test_the_roundest_number_between(low: float, high: float, found: float | None) -> None:
    assert round_between(low, high) == found


def test_between_distant_numbers_there_is_a_round_one() -> None:
    chance = random.Random(5)
    for _ in range(2000):
        low = chance.randint(-(10**6), 10**6)
        high = low + chance.randint(3, 10**6)
        found = round_between(low, high)
        assert found is not None and low < found < high, (low, high)


# --- speech ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        "an area",
        "an hour",
        "an hourly rate",
        "an honest mistake",
        "an elevation",
        "an unemployment rate",
        "an index",
        "an odd number",
        "a population",
        "a unit",
        "a union",
        "a useful load",
        "a utility",
        "a UTC offset",
        "an LDL cholesterol",
        "an HDL cholesterol",
        "an RR interval",
        "a GC content",
        "an uninhibited rate",
        "a one-way distance",
        "a European rank",
        "a euro amount",
    ],
)
def test_articles(said: str) -> None:
    assert article(said.partition(" ")[2]) == said


def ask(story: Story, node: dict[str, Any], number: int = 0) -> str:
    return question(Speech(facts(story), random.Random(number)), node)


def asks(story: Story, node: dict[str, Any]) -> set[str]:
    """Every way in which chance words a question."""
    return {ask(story, node, number) for number in range(40)}


def test_a_unit_is_said_where_it_is_not_yet() -> None:
    story = Story()
    mill = story.look("hamlet_mill", "/mill", hamlet=story.seed)
    assert asks(story, story.look("hamlet_height", "/height", hamlet=mill)) == {
        "What is the elevation of the hamlet whose mill grinds for Ashby, in metres?",
        "How high lies the hamlet whose mill grinds for Ashby, in metres?",
    }
    assert asks(story, story.look("hamlet_people", "/people", hamlet=mill)) == {
        "What is the population of the hamlet whose mill grinds for Ashby?",
        "How many people live in the hamlet whose mill grinds for Ashby?",
    }


@pytest.mark.parametrize(
    ("how", "sentences"),
    [
        ({"places": 0}, {"Round to the nearest whole number."}),
        ({"places": 1}, {"Round to one decimal place.", "Give the answer to one decimal place."}),
        ({"places": 2}, {"Round to two decimal places.", "Give the answer to two decimal places."}),
        ({"significant": 3}, {"Round to three significant figures.", "Give the answer to three significant figures."}),
    ],
)
def test_rounding_is_a_sentence_of_its_own(how: dict[str, int], sentences: set[str]) -> None:
    story = Story()
    height = story.look("hamlet_height", "/height", hamlet=story.seed)
    minutes = story.look("climb_time", "/minutes", height=height, pace=choice(450))
    start = "What is the time at 450 metres an hour to climb the elevation of Ashby, in minutes? "
    assert asks(story, {"op": "round", "of": minutes, **how}) == {start + sentence for sentence in sentences}


def test_a_deep_noun_is_taken_up_in_a_sentence_of_its_own() -> None:
    story = Story()
    mill = story.look("hamlet_mill", "/mill", hamlet=story.seed)
    market = story.look("hamlet_market", "/market", hamlet=mill)
    people = story.look("hamlet_people", "/order", hamlet=market)
    taken = "the hamlet of the market of the hamlet whose mill grinds for Ashby."
    assert asks(story, people) == {f"{verb} {taken} What is the rank of that hamlet?" for verb in ("Take", "Consider")}


def test_two_things_are_not_called_by_one_name() -> None:
    story = Story()
    ends = []
    for name in (story.seed, given("Birchley")):
        mill = story.look("hamlet_mill", "/mill", hamlet=name)
        market = story.look("hamlet_market", "/market", hamlet=mill)
        ends.append(story.look("hamlet_height", "/height", hamlet=market))
    with pytest.raises(Unreadable, match="two things would be called 'that hamlet'"):
        ask(story, {"op": "difference", "args": ends})


def test_one_thing_said_twice_is_taken_up_once() -> None:
    story = Story()
    mill = story.look("hamlet_mill", "/mill", hamlet=story.seed)
    market = story.look("hamlet_market", "/market", hamlet=mill)
    ends = [
        story.look(tool, pointer, hamlet=market)
        for tool, pointer in (("hamlet_people", "/people"), ("hamlet_people", "/order"))
    ]
    question = ask(story, {"op": "map", "parts": {"population": ends[0], "rank": ends[1]}})
    assert question.count("market") == 1 and question.count("that hamlet") == 2


def test_a_literal_is_stated_in_full_first() -> None:
    story = Story("abba", "t_rune")
    count = story.look("rune_letters", "/count", rune=story.seed, letter=choice("l-b"))
    assert ask(story, count) == "Take the rune abba. What is the count of letter B in the rune, in letters?"


def test_two_literals_of_a_type_are_too_many() -> None:
    story = Story("abba", "t_rune")
    runes = (story.seed, given("baab", "t_rune"))
    args = [story.look("rune_letters", "/count", rune=rune, letter=choice("l-b")) for rune in runes]
    with pytest.raises(Unreadable, match="two runes in full"):
        ask(story, {"op": "difference", "args": args})


def test_a_vignette_opens_with_just_the_parts_in_use() -> None:
    story = Story(WALKERS[0], "t_walker")
    sources = {"age": part(WALKERS[0], "age"), "stride": part(WALKERS[0], "stride_cm")}
    pace = story.look("walker_pace", "/pace", **sources)
    opening = "A 20-year-old walker has a stride of 60 cm."
    assert {text.partition(". ")[0] + "." for text in asks(story, pace)} == {opening}
    rest = story.look("walker_rest", "/rest", load=part(WALKERS[0], "load_kg"), pace=pace)
    with pytest.raises(Unreadable, match="the words leave out pace"):
        ask(story, rest)


def test_an_item_of_a_list_is_not_said_without_a_reason() -> None:
    story = Story()
    source = heights_of(story, "Southshire", 0)
    with pytest.raises(Unreadable, match="no reason why"):
        ask(story, {"call": "c2", "pointer": "/height"})
    assert evaluate(item(source, 0), over(story.record["evidence"])) == "Elmham"


def test_an_owner_is_not_stated_by_its_value() -> None:
    with pytest.raises(Unreadable, match="without its owner"):
        Speech(facts(Story()), random.Random(0)).np(given({"x": 1}, "t_spot"))


@pytest.mark.parametrize(
    ("op", "question"),
    [
        ("argmax", "Of the hamlets of Southshire, which has the highest elevation?"),
        ("argmin", "Of the hamlets of Southshire, which has the lowest elevation?"),
        ("sort", "Rank the hamlets of Southshire by elevation, from highest to lowest."),
        ("mean", "What is the mean elevation of the hamlets of Southshire, in metres?"),
        ("filter", "Which of the hamlets of Southshire have an elevation above 50 metres?"),
        ("count", "How many of the hamlets of Southshire have an elevation above 50 metres?"),
    ],
)
def test_a_table_over_a_list_in_words(op: str, question: str) -> None:
    story = Story()
    source = heights_of(story, "Southshire", 0, 1, 2)
    rows = [{"name": item(source, i), "value": {"call": f"c{i + 2}", "pointer": "/height"}} for i in range(3)]
    node = {"op": op, "of": {"op": "table", "rows": rows, "over": source}}
    where = {"at": "/value", "is": "gt", "value": choice(50)}
    node |= {
        "mean": {"take": "/value"},
        "filter": {"where": where, "take": "/name"},
        "count": {"of": {**node, "op": "filter", "where": where, "take": "/name"}},
    }.get(op, {"by": "/value", "take": "/name", "order": "descending"})
    assert ask(story, node) == question
    assert evaluate(node, over(story.record["evidence"])) is not None


@pytest.mark.parametrize(
    ("op", "question"),
    [
        ("difference", "By how many metres does the elevation of Ashby exceed the elevation of Birchley?"),
        ("percent_change", "By what percentage does the elevation of Ashby exceed the elevation of Birchley?"),
        ("ratio", "What is the ratio of the elevation of Ashby to the elevation of Birchley?"),
        ("argmax", "Which has the higher elevation, Ashby or Birchley?"),
        ("argmin", "Which has the lower elevation, Ashby or Birchley?"),
    ],
)
def test_two_stated_things_in_words(op: str, question: str) -> None:
    story = Story()
    names = (story.seed, given("Birchley"))
    cited = [story.look("hamlet_height", "/height", hamlet=name) for name in names]
    rows = [{"name": name, "value": value} for name, value in zip(names, cited, strict=True)]
    table = {"op": op, "of": {"op": "table", "rows": rows}, "by": "/value", "take": "/name"}
    assert ask(story, table if op.startswith("arg") else {"op": op, "args": cited}) == question


def test_same_words_for_the_same_chance() -> None:
    story = Story()
    height = story.look("hamlet_height", "/height", hamlet=story.seed)
    node = {"op": "round", "of": height, "places": 1}
    assert [ask(story, node, n) for n in range(20)] == [ask(story, node, n) for n in range(20)]


def test_the_real_pool_explores_alike_twice() -> None:
    """Also through the door's memory, and with the tools in another order."""
    pool = real()[0]
    for setup in setups(12):
        tools = pool.named(setup["setup"]["tools"])
        runs = []
        for _ in range(2):
            record = copy.deepcopy(setup)
            Explorer(record, tools, Door(pool.tools).call, random.Random(3), 6).explore()
            runs.append(canonical(record))
        assert runs[0] == runs[1]


def test_the_village_is_as_told() -> None:
    """The companions of a hamlet are those of its shire, so that the tests above mean something."""
    assert TYPES["t_hamlet"].akin("Elmham") == ["Fernhill", "Gorsey"] and len(HAMLETS) == 10
