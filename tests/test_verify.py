"""The checks that call tools again, each on a handmade record over the village, and what a verdict holds."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest
from village import HAMLETS, TOOLS, Story, choice, given, pool

from dive_tools.errors import BadRecord, DiveError
from dive_tools.records import Drop, Record
from dive_tools.screens import REASONS
from dive_tools.tools.base import Refusal
from dive_tools.tools.door import Door
from dive_tools.verify import Verifier

CHECKS = ["malformed", *REASONS, "replay", "vacuous_selector", "seed_indifferent"]


def verdict(record: Record, door: Door | None = None) -> Record | Drop:
    return Verifier(pool(), door or Door(TOOLS))(copy.deepcopy(record))


def mill_height() -> Record:
    story = Story()
    mill = story.look("hamlet_mill", "/mill", hamlet=story.seed)
    height = story.look("hamlet_height", "/height", hamlet=mill)
    return story.task("How high lies the hamlet whose mill grinds for Ashby, in metres?", height, unit="metres")


def changed_world(name: str, function: Any) -> Door:
    """The village after one of its tools came to do something else."""
    return Door({**TOOLS, name: replace(TOOLS[name], function=function)})


def refuse(hamlet: str) -> Any:
    raise Refusal("the rolls are closed")


def reason(record: Record, door: Door | None = None) -> str:
    dropped = verdict(record, door)
    assert isinstance(dropped, Drop), dropped["verdict"]
    assert dropped.detail
    return dropped.reason


def test_a_verdict_lists_every_check() -> None:
    record = mill_height()
    passed = verdict(record)
    assert {key: value for key, value in passed.items() if key != "verdict"} == record
    assert list(passed["verdict"]["checks"]) == CHECKS
    assert set(passed["verdict"]["checks"].values()) == {"passed", "not_applicable"}


def test_a_drop_says_what_passed_before_and_keeps_the_record() -> None:
    record = mill_height()
    dropped = verdict(record, changed_world("hamlet_height", lambda hamlet: {"height": 1.0}))
    assert {**record, "verdict": dropped.record["verdict"]} == dropped.record
    passed = dict.fromkeys(CHECKS[: CHECKS.index("replay")], "passed")
    assert dropped.record["verdict"]["checks"] == {**passed, "replay_differs": "failed"}


def test_the_stage_gives_one_result_for_each_record() -> None:
    records = [mill_height(), {**mill_height(), "note": "kept"}]
    found = list(map(Verifier(pool(), Door(TOOLS)), iter(records)))
    assert [result.get("note") for result in found] == [None, "kept"]


# --- malformed -------------------------------------------------------------------------------------------------------


def test_a_record_outside_the_schema_is_malformed() -> None:
    record = mill_height()
    record["task"]["answer"]["type"] = "colour"
    assert reason(record) == "malformed"


def test_two_calls_with_one_name_are_malformed() -> None:
    record = mill_height()
    record["evidence"].append(record["evidence"][0])
    assert reason(record) == "malformed"


def test_a_call_of_a_tool_outside_the_setup_is_malformed() -> None:
    record = mill_height()
    del record["setup"]["tools"]["hamlet_mill"]
    assert reason(record) == "malformed"


@pytest.mark.parametrize("key", ["setup", "evidence", "task"])
def test_what_lacks_a_key_is_a_bad_line(key: str) -> None:
    record = mill_height()
    del record[key]
    with pytest.raises(BadRecord, match=key):
        verdict(record)


def test_a_tool_of_another_version_is_a_bad_line() -> None:
    record = mill_height()
    record["setup"]["tools"]["hamlet_mill"] = "0"
    with pytest.raises(BadRecord, match="hamlet_mill is version 0 in the setup but 1 in the pool"):
        verdict(record)


# --- replay ----------------------------------------------------------------------------------------------------------


def test_another_result_differs() -> None:
    assert reason(mill_height(), changed_world("hamlet_height", lambda hamlet: {"height": 47.5})) == "replay_differs"


def test_another_result_on_the_way_differs() -> None:
    world = changed_world("hamlet_mill", lambda hamlet: {"mill": "Kelton", "shire": "Eastshire"})
    assert reason(mill_height(), world) == "replay_differs"


def test_a_change_elsewhere_in_a_result_does_not_matter() -> None:
    world = changed_world("hamlet_mill", lambda hamlet: {"mill": HAMLETS[hamlet][4], "shire": "another since"})
    assert "verdict" in verdict(mill_height(), world)


def test_a_list_that_grew_a_tie_differs() -> None:
    """No single winner any more."""
    record = best_fair("Northshire")
    fairs = [{"fair": name, "visitors": 5, "fee": 1.0} for name in ("One", "Two")]
    world = changed_world("shire_fairs", lambda shire: {"fairs": fairs, "complete": True})
    assert reason(record, world) == "replay_differs"


def test_a_call_that_gives_no_result_any_more_is_dead() -> None:
    dropped = verdict(mill_height(), changed_world("hamlet_height", refuse))
    assert dropped.reason == "replay_dead" and "the rolls are closed" in dropped.detail


def test_a_crash_is_dead_too() -> None:
    assert reason(mill_height(), changed_world("hamlet_height", lambda hamlet: 1 / 0)) == "replay_dead"


def test_a_call_that_no_cassette_holds_is_not_recorded() -> None:
    tools = {**TOOLS, "hamlet_height": replace(TOOLS["hamlet_height"], effects="read")}
    assert reason(mill_height(), Door(tools, on_miss="drop")) == "not_recorded"


def test_what_may_not_be_called_stops_the_work() -> None:
    tools = {**TOOLS, "hamlet_height": replace(TOOLS["hamlet_height"], effects="write")}
    with pytest.raises(DiveError, match="was not allowed"):
        verdict(mill_height(), Door(tools))


def test_replay_starts_from_the_givens_and_calls_only_what_is_needed() -> None:
    story = Story()
    story.call("hamlet_warmth", hamlet=story.seed)  # rests in the evidence, proves nothing
    mill = story.look("hamlet_mill", "/mill", hamlet=story.seed)
    height = story.look("hamlet_height", "/height", hamlet=mill)
    record = story.task("How high lies the hamlet whose mill grinds for Ashby, in metres?", height, unit="metres")
    assert "verdict" in verdict(record, changed_world("hamlet_warmth", refuse))


# --- selectors -------------------------------------------------------------------------------------------------------


def best_fair(shire: str, tool: str = "", pointer: str = "", question: str = "") -> Record:
    """Something about the fair of most visitors of a shire; by itself, which fair that is."""
    story = Story(shire, "t_shire")
    fairs = story.look("shire_fairs", "/fairs", shire=story.seed)
    best = {"op": "argmax", "of": fairs, "by": "/visitors", "take": "/fair"}
    host = story.look("fair_host", "/host", fair=best)
    last = story.look(tool, pointer, hamlet=host) if tool else host
    return story.task(question or f"Which hamlet holds the fair with the highest attendance of {shire}?", last)


def test_a_selector_that_does_not_matter_is_vacuous() -> None:
    """One hamlet holds all fairs of a shire."""
    assert reason(best_fair("Northshire")) == "vacuous_selector"


def picked_height(op: str, word: str) -> Record:
    """Who grinds for the highest hamlet of a shire."""
    story = Story("Southshire", "t_shire")
    source = story.look("shire_hamlets", "/hamlets", shire=story.seed)
    items = [{"op": "item", "of": source, "index": i, "type": "t_hamlet"} for i in range(3)]
    rows = [{"name": item, "value": story.look("hamlet_height", "/height", hamlet=item)} for item in items]
    table = {"op": "table", "rows": rows, "over": source}
    best = {"op": op, "of": table, "by": "/value", "take": "/name"}
    mill = story.look("hamlet_mill", "/mill", hamlet=best)
    words = f"Take the hamlet of Southshire with the {word} elevation. Which hamlet's mill grinds for it?"
    return story.task(words, mill)


def test_a_selector_that_matters_passes() -> None:
    assert verdict(picked_height("argmin", "lowest"))["verdict"]["checks"]["vacuous_selector"] == "passed"


def test_a_selector_is_vacuous_only_if_every_other_item_says_so() -> None:
    """Elmham grinds for Fernhill, Fernhill for Gorsey: of the others than Elmham, none is Kelton."""
    door = changed_world(
        "hamlet_mill", lambda hamlet: {"mill": "Kelton" if hamlet != "Gorsey" else "Hollow", "shire": "x"}
    )
    assert "verdict" in verdict(picked_height("argmin", "lowest"), door)
    every = changed_world("hamlet_mill", lambda hamlet: {"mill": "Kelton", "shire": "x"})
    assert reason(picked_height("argmin", "lowest"), every) == "vacuous_selector"


def test_the_selector_that_is_itself_asked_for_is_not_vacuous() -> None:
    story = Story("Dunmoor")
    shire = story.look("hamlet_shire", "/shire", hamlet=story.seed)
    fairs = story.look("shire_fairs", "/fairs", shire=shire)
    best = {"op": "argmax", "of": fairs, "by": "/visitors", "take": "/fair"}
    found = verdict(story.task("Which fair of the shire of Dunmoor has the highest attendance?", best))
    checks = found.record["verdict"]["checks"] if isinstance(found, Drop) else found["verdict"]["checks"]
    assert checks["vacuous_selector"] == "not_applicable"


# --- other seeds -----------------------------------------------------------------------------------------------------


def test_a_seed_that_does_not_matter_is_indifferent() -> None:
    """Elmham's mill grinds for two; but when all grain goes to Kelton, any hamlet gives the same answer."""
    one_mill = changed_world("hamlet_mill", lambda hamlet: {"mill": "Elmham", "shire": "Southshire"})
    assert reason(mill_height(), one_mill) == "seed_indifferent"


@pytest.mark.parametrize(("same", "fails"), [(3, True), (2, False)])
def test_three_tenths_of_other_seeds_may_agree(same: int, fails: bool) -> None:
    """Of the nine other hamlets, two may lead to the same answer, three (a third) are too many."""
    shared = ["Ashby", *("Birchley", "Coldwell", "Hollow")[:same]]
    others = {"Ashby": "Elmham", "Birchley": "Gorsey", "Coldwell": "Hollow", "Hollow": "Ivyton"}

    def mill(hamlet: str) -> Any:
        return {"mill": "Elmham" if hamlet in shared else others.get(hamlet, "Kelton"), "shire": "x"}

    found = verdict(mill_height(), changed_world("hamlet_mill", mill))
    assert isinstance(found, Drop) is fails


def test_a_comparison_of_stated_things_is_not_asked_about_its_seed() -> None:
    """Another seed beside the same companions says nothing."""
    story = Story("Coldwell")
    names = (story.seed, given("Birchley"), given("Ashby"))
    rows = [{"name": name, "value": story.look("hamlet_height", "/height", hamlet=name)} for name in names]
    node = {"op": "sort", "of": {"op": "table", "rows": rows}, "by": "/value", "take": "/name", "order": "descending"}
    words = "Rank Coldwell, Birchley and Ashby by elevation, from highest to lowest."
    assert "verdict" in verdict(story.task(words, node, type="list"))


def test_a_seed_type_without_samples_is_passed_over() -> None:
    story = Story("2031-05-15", "date")
    height = story.look("hamlet_height", "/height", hamlet=given("Ashby"))
    minutes = story.look("climb_time", "/minutes", height=height, pace=choice(450))
    words = "What is the time at 450 metres an hour to climb the elevation of Ashby, in minutes?"
    assert "verdict" in verdict(story.task(words, minutes, unit="minutes"))


def test_verdicts_do_not_depend_on_the_records_before() -> None:
    records = [mill_height(), picked_height("argmin", "lowest"), best_fair("Northshire")]
    one, other = Verifier(pool(), Door(TOOLS)), Verifier(pool(), Door(TOOLS))
    forth = [one(record) for record in records]
    back = [other(record) for record in reversed(records)]
    assert forth == back[::-1]
