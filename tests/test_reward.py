"""What an attempt is worth: its form, its answer, luck, and what masks it."""

from __future__ import annotations

from typing import Any

import pytest

from dive_tools.reward import Reward, in_form, mishap, reward
from dive_tools.rollout import Step
from dive_tools.score import written

RESULT = {"result": {"area": 42}}


def task(kind: str = "integer", value: Any = 42, **more: Any) -> dict[str, Any]:
    answer = {"type": kind, "value": value, **{key: more.pop(key) for key in ("unit", "tolerance") if key in more}}
    return {"question": "What is it?", "answer": answer, **more}


def step(tool: str = "area", *, outcome: dict[str, Any] = RESULT, turn: int = 0) -> Step:
    return Step(f"x{turn}", turn, tool, {"of": "Kenya"}, outcome)


def error(kind: str) -> dict[str, Any]:
    return {"error": {"kind": kind, "message": "so it is"}}


def of(
    reply: str, *steps: Step, kind: str = "integer", value: Any = 42, ending: str = "answered", **how: Any
) -> Reward:
    return reward(task(kind, value), steps, ending, reply, **how)


# --- the stated form --------------------------------------------------------------------------------------------------

NUMBERS = [
    ("Answer: 42", True),
    ("I looked it up.\n\nAnswer: 42", True),
    ("<think>Answer: 1</think>Answer: 42", True),
    ("Answer: 41", True),  # wrong, but in form
    ("Answer: -42 km", True),
    ("Answer: 1,075,000", True),
    ("Answer: 4.2e3", True),
    ("42", False),
    ("The answer is 42.", False),
    ("**Answer:** 42", False),
    ("answer: 42", False),
    ("Answer:42", False),
    ("Answer: ", False),
    ("Answer: 42\n\nI hope this helps.", False),
    ("Answer: 41\nAnswer: 42", False),
    ("Missing: the area\nAnswer: 42", False),
    ("Answer: forty-two", False),
    ("Answer: about 42", False),
    ("Answer: 41 or 42", False),
    ("Answer: [42]", False),
    ("Answer: Kenya", False),
    ("Answer: unknown", False),
    ("<think>so\nAnswer: 42", False),
    ('<tool_call>\n{"name": "area", "arguments": {}\n</tool_call>\nAnswer: 42', False),
    ("Missing: the area of Kenya", True),
    ("Missing: " + "word " * 61, False),
    ("Missing: nothing", False),
    ("", False),
]
BY_TYPE = [
    ("integer", 42, "42.0", True),
    ("integer", 42, "42.5", False),
    ("number", 4.2, "42.5", True),
    ("number", 4.2, "4/5", True),
    ("string", "Kenya", "Uganda", True),
    ("string", "Kenya", "42", True),
    ("string", "Kenya", "n/a", False),
    ("boolean", True, "no", True),
    ("boolean", True, "Yes", True),
    ("boolean", True, "true", False),
    ("boolean", True, "yes, it is", False),
    ("date", "2024-05-03", "2024-05-04", True),
    ("date", "2024-05-03", "3 May 2024", False),
    ("date", "2024-05-03", "2024-13-03", False),
    ("date", "44 BC", "45 BC", True),
    ("set", ["a", "b"], '["b", "c"]', True),
    ("set", ["a", "b"], "[]", True),
    ("set", ["a", "b"], "a, b", False),
    ("list", ["a", "b"], '["a", "b"', False),
    ("list", ["a", "b"], "['a', 'b']", False),
    ("list", ["a", "b"], '{"a": "b"}', False),
    ("map", {"x": 1}, '{"x": 2}', True),
    ("map", {"x": 1}, '{"x": 1, "x": 2}', False),
    ("map", {"x": 1}, "{}", False),
    ("map", {"x": 1}, "x: 1", False),
    ("map", {"x": 1}, "[1]", False),
]


@pytest.mark.parametrize(("reply", "good"), NUMBERS)
def test_the_form_of_a_reply(reply: str, good: bool) -> None:
    assert of(reply, step()).format == float(good)


@pytest.mark.parametrize(("kind", "value", "said", "good"), BY_TYPE)
def test_the_form_of_each_type(kind: str, value: Any, said: str, good: bool) -> None:
    assert of(f"So it is.\nAnswer: {said}", step(), kind=kind, value=value).format == float(good)


def test_a_text_may_take_several_lines() -> None:
    assert in_form(task("text", "Because."), "Well.\nAnswer: Because\nit is so.")
    assert not in_form(task("text", "Because."), "Because\nit is so.")


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("integer", -3),
        ("number", 1075000000.0),
        ("number", 1.5e22),
        ("number", -2e-9),
        ("string", "Kenya"),
        ("string", "two\nlines"),
        ("string", "Answer: 42"),
        ("boolean", False),
        ("date", "2024-05-03"),
        ("date", "44 BC"),
        ("set", ["Kenya", "Mali"]),
        ("set", []),
        ("list", [1.5, 2]),
        ("list", ["a, b", "c"]),
        ("map", {"the area": 42, "the name": "Kenya", "island": False}),
    ],
)
def test_what_a_perfect_solver_writes_is_in_form_and_right(kind: str, value: Any) -> None:
    one = task(kind, value)
    found = reward(one, [step()], "answered", f"Answer: {written(one['answer'], one['question'])}", alpha=0.25)
    assert (found.total, found.outcome) == (1.25, "right")


# --- calls ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "good"),
    [("unknown_tool", False), ("malformed", False), ("bad_arguments", False)]
    + [(kind, True) for kind in ("repeated", "over_budget", "refused")],
)
def test_calls_that_are_none_of_the_toolset_cost_the_form_alone(kind: str, good: bool) -> None:
    found = of("Answer: 42", step(outcome=error(kind)), step(turn=1), alpha=0.5)
    assert (found.format, found.correct, found.total) == (float(good), 1.0, 1.0 + 0.5 * good)


# --- the sum ----------------------------------------------------------------------------------------------------------


def test_the_sum() -> None:
    assert of("Answer: 42") == Reward(1.0, 1.0, 1.1, "right")
    assert of("Answer: 41") == Reward(1.0, 0.0, 0.1, "wrong")
    assert of("The answer is 42.") == Reward(0.0, 1.0, 1.0, "right")
    assert of("Missing: the area") == Reward(1.0, 0.0, 0.1, "missing")
    assert of("I do not know\nwhat it is.") == Reward(0.0, 0.0, 0.0, "no_answer")
    assert of("Answer: 42", alpha=0.0).total == 1.0


@pytest.mark.parametrize("ending", ["budget", "gave_up"])
def test_who_does_not_get_to_an_answer_has_none(ending: str) -> None:
    assert of("Answer: 42", step(), ending=ending) == Reward(0.0, 0.0, 0.0, "no_answer")


def test_a_task_that_lacks_something_is_solved_by_saying_so() -> None:
    lack = task(scorer="missing", missing={"says": "the area", "tools": ["area"], "words": ["area"], "of": ["Kenya"]})
    assert reward(lack, [], "answered", "Missing: the area of Kenya") == Reward(1.0, 1.0, 1.1, "right")
    assert reward(lack, [], "answered", "Answer: 42") == Reward(1.0, 0.0, 0.1, "wrong")


# --- luck -------------------------------------------------------------------------------------------------------------

PROOF = {"calls": 1, "cited": [{"tool": "area", "arguments": {"of": "Kenya"}, "value": 42}]}


def test_luck_is_told_and_counts_unless_it_is_to_be_worth_nothing() -> None:
    blind = [step(outcome={"result": {"area": 7}}, tool="other")]
    assert of("Answer: 42", *blind, proof=PROOF) == Reward(1.0, 1.0, 1.1, "right", lucky=True)
    assert of("Answer: 42", *blind, proof=PROOF, luck="zero") == Reward(1.0, 0.0, 0.1, "right", lucky=True)
    assert of("Answer: 42", step(), proof=PROOF, luck="zero") == Reward(1.0, 1.0, 1.1, "right")
    assert of("Answer: 42", *blind) == Reward(1.0, 1.0, 1.1, "right")
    with pytest.raises(ValueError, match="proof"):
        of("Answer: 42", luck="zero")
    with pytest.raises(ValueError, match="luck"):
        of("Answer: 42", proof=PROOF, luck="none")


# --- what masks an attempt --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reply", ["Answer: 42", "Answer: 41"])
@pytest.mark.parametrize("kind", ["not_recorded", "unreachable", "over_time", "crashed", "bad_result"])
def test_what_goes_wrong_in_the_world_masks_right_and_wrong_alike(kind: str, reply: str) -> None:
    found = of(reply, step(), step(outcome=error(kind), turn=1))
    assert found == Reward(0.0, 0.0, 0.0, "unscored", f"{kind}: area: so it is")


def test_a_tool_that_comes_back_is_forgiven_and_a_call_that_nobody_recorded_is_not() -> None:
    assert not of("Answer: 42", step(outcome=error("unreachable")), step(turn=1)).masked
    assert of("Answer: 42", step(outcome=error("not_recorded")), step(turn=1)).masked


def test_a_program_of_the_models_own_that_runs_over_is_its_own_doing() -> None:
    late = step("python", outcome=error("over_time"))
    assert of("Answer: 42", late).masked
    assert of("Answer: 42", late, runs_code=lambda tool: tool == "python").total == 1.1
    assert mishap([late], lambda tool: True) == ""


def test_a_model_that_failed_and_a_text_without_a_judge_are_masked() -> None:
    assert of("", ending="model_error", detail="timeout: 300 s").masked == "model_error: timeout: 300 s"
    assert of("", ending="not_run").masked == "not_run"
    assert "judge" in of("Answer: so", kind="text", value="so").masked
