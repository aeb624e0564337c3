"""Reading an attempt, what its proof rests on, and whether a right answer is more than luck."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from dive_tools.rollout import Step, counts, grounded, rests, steps


def told(name: str, content: Any) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": name, "content": orjson.dumps(content).decode()}


def asks(*calls: tuple[str, str, Any]) -> dict[str, Any]:
    made = [{"id": n, "type": "function", "function": {"name": tool, "arguments": given}} for n, tool, given in calls]
    return {"role": "assistant", "content": "", "tool_calls": made}


TALK = [
    {"role": "user", "content": "How many?"},
    asks(("a", "capital", {"country": "Kenya"}), ("b", "nothing", {})),
    told("a", {"result": {"name": "Nairobi"}}),
    told("b", {"error": {"kind": "unknown_tool", "message": "there is no tool named 'nothing'"}}),
    asks(("c", "people", {"city": "Nairobi"})),
    told("c", {"cut": "/rows", "result": {"population": 4397073}, "note": "1 call is left"}),
    {"role": "assistant", "content": "Answer: 4397073"},
]


def step(result: Any, tool: str = "t", arguments: Any = None) -> Step:
    return Step("c1", 0, tool, arguments or {}, {"result": result})


def test_the_calls_of_a_conversation() -> None:
    found = steps(TALK)
    assert [(each.call_id, each.turn, each.tool) for each in found] == [
        ("a", 0, "capital"),
        ("b", 0, "nothing"),
        ("c", 1, "people"),
    ]
    assert found[2].outcome == {"result": {"population": 4397073}} and found[0].arguments == {"country": "Kenya"}
    assert counts(found) == {"made": 2, "errors": 1, "repeated": 0, "recovered": True}
    assert counts(found[:2])["recovered"] is False
    assert counts([found[1], found[0]])["recovered"] is False  # a call beside it is no recovery
    assert counts([]) == {"made": 0, "errors": 0, "repeated": 0}


def test_a_tool_message_of_another_program_is_a_result() -> None:
    foreign = [asks(("a", "capital", {})), {"role": "tool", "tool_call_id": "a", "content": "Nairobi"}]
    assert steps(foreign)[0].outcome == {"result": "Nairobi"}
    assert steps([asks(("a", "capital", {}))]) == []
    assert steps([{"role": "assistant", "tool_calls": 5}, told("a", {"result": 1})]) == []


RECORD = {
    "task": {
        "support": {"op": "difference", "args": [{"call": "c2", "pointer": "/n"}, {"call": "c3", "pointer": "/n"}]}
    },
    "evidence": [
        {
            "call": "c1",
            "tool": "capital",
            "arguments": {"of": "Kenya"},
            "arguments_from": {},
            "result": {"n": "Nairobi"},
        },
        {
            "call": "c2",
            "tool": "people",
            "arguments": {"city": "Nairobi"},
            "arguments_from": {"city": {"call": "c1", "pointer": "/n"}},
            "result": {"n": 30},
        },
        {"call": "c3", "tool": "people", "arguments": {"city": "Kisumu"}, "arguments_from": {}, "result": {"n": 10}},
    ],
}


LISTED: dict[str, Any] = {
    "task": {"support": {"op": "count", "of": {"call": "c1", "pointer": "/stars"}}},
    "evidence": [
        {
            "call": "c1",
            "tool": "stars",
            "arguments": {"constellation": "Scorpius", "most": 2},
            "arguments_from": {},
            "result": {"stars": [{"name": "Antares", "magnitude": 1.0}, {"name": "Shaula", "magnitude": 1.62}]},
        }
    ],
}
STARS = LISTED["evidence"][0]["result"]["stars"]
FOUR = {"value": 4, "type": "integer"}  # stands in no result


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (step({}, "stars", {"constellation": "scorpius", "most": 2}), True),  # the call that is cited, spelt otherwise
        (step({"stars": STARS}, "stars", {"constellation": "Sco"}), True),  # what is cited, from another call
        (step({"stars": [{**STARS[0], "magnitude": 1}, STARS[1]]}, "stars", {"constellation": "Sco"}), True),
        (step({"stars": STARS[:1]}, "stars", {"constellation": "Sco"}), False),  # cut, or of another thing
        (step({"stars": STARS}, "planets", {"constellation": "Sco"}), False),
        (step("none", "stars", {"constellation": "Sco"}), False),
        (step({}, "stars", {"constellation": "Scorpio", "most": 2}), False),
        (step({}, "stars", {"constellation": "Scorpius", "most": 3}), False),
        (step({}, "stars", {"constellation": "Scorpius"}), False),
    ],
)
def test_a_list_that_a_proof_cites_is_known_again(made: Step, expected: bool) -> None:
    proof = rests(LISTED)
    assert grounded(FOUR, proof, [made]) is expected
    [cited] = proof["cited"]
    assert set(cited) == {"tool", "arguments", "pointer", "digest"} and len(cited["digest"]) == 16


def test_of_an_older_line_only_the_call_is_known_again() -> None:
    older = {"calls": 1, "cited": [{"tool": "stars", "arguments": {"constellation": "Scorpius", "most": 2}}]}
    assert grounded(FOUR, older, [step({}, "stars", {"constellation": "SCORPIUS", "most": 2})])
    assert not grounded(FOUR, older, [step({"stars": STARS}, "stars", {"constellation": "Sco"})])


def test_what_tells_nothing_has_no_digest() -> None:
    flags = {**LISTED["evidence"][0], "result": {"stars": [True, None, False]}}
    [cited] = rests({**LISTED, "evidence": [flags]})["cited"]
    assert "digest" not in cited
    other = step({"stars": [True, None, False]}, "stars", {"constellation": "Lyra"})
    assert not grounded(FOUR, {"calls": 1, "cited": [cited]}, [other])


def test_texts_of_signs_alone_are_alike_only_where_they_are_equal() -> None:
    proof = {"calls": 1, "cited": [{"tool": "t", "arguments": {"sign": "→"}}]}
    assert grounded(FOUR, proof, [step({}, "t", {"sign": "→"})])
    assert not grounded(FOUR, proof, [step({}, "t", {"sign": "←"})])


def test_an_error_in_the_words_of_another_program_is_an_error() -> None:
    foreign = [asks(("a", "t", {})), told("a", {"error": "no such thing"})]
    assert steps(foreign)[0].outcome == {"error": {"kind": "refused", "message": "no such thing"}}
    assert counts(steps(foreign)) == {"made": 1, "errors": 1, "repeated": 0, "recovered": False}


def test_what_a_proof_rests_on() -> None:
    cited = [
        {"tool": "folk", "arguments": {"city": "Nairobi"}, "value": 30},
        {"tool": "folk", "arguments": {"city": "Kisumu"}, "value": 10},
    ]
    assert rests(RECORD, {"people": "folk"}) == {"calls": 3, "cited": cited}


PROOF = rests(RECORD)


@pytest.mark.parametrize(
    ("answer", "results", "expected"),
    [
        ({"value": 20, "type": "integer"}, [step({"n": 30}), step({"n": 10})], True),  # all that the proof cites
        ({"value": 20, "type": "integer"}, [step({"n": 30})], False),
        ({"value": 20, "type": "integer"}, [step({"difference": 20})], True),  # by another road
        ({"value": 20, "type": "integer"}, [step({"text": "There are 20 of them."})], True),
        ({"value": 20, "type": "integer"}, [step({"text": "There are 120 or 20.5 of them."})], False),
        ({"value": 20, "type": "integer"}, [], False),
        ({"value": 1.23, "type": "number", "tolerance": 0.01}, [step(1.2345)], True),
        ({"value": 1.23, "type": "number", "tolerance": 0.01}, [step(1.25)], False),
        ({"value": "Nairobi, Kenya", "type": "string"}, [step(["It is Nairobi, Kenya."])], True),
        ({"value": "Nairobi, Kenya", "type": "string"}, [step(["Nairobi"])], False),
        ({"value": ["a b", "c"], "type": "set"}, [step(["C", {"x": "A b"}])], True),
        ({"value": ["a b", "c"], "type": "set"}, [step(["C"])], False),
        ({"value": True, "type": "boolean"}, [step(True)], False),
        ({"value": [True, False], "type": "list"}, [step([True, False])], False),  # yes and no stand everywhere
        ({"value": {"a": True, "b": None}, "type": "map"}, [], False),
        ({"value": {"a": True, "b": None}, "type": "map"}, [step(30), step(10)], True),
        ({"value": {"a": True, "b": 7}, "type": "map"}, [step(7)], True),
        ({"value": True, "type": "boolean"}, [step(30), step(10)], True),
        (
            {"value": True, "type": "boolean"},
            [step({"other": 1}, "people", {"city": "Nairobi"}), step({}, "people", {"city": "Kisumu"})],
            True,
        ),
    ],
)
def test_luck(answer: dict[str, Any], results: list[Step], expected: bool) -> None:
    assert grounded(answer, PROOF, results) is expected
