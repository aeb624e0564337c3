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
