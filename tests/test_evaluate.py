"""Attempts as the library makes them: whose fault a failure is, what is asked of whom, what cannot be scored."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from tiny import as_tool, pool_of

from dive_tools.errors import BadRecord, DiveError, StopAll
from dive_tools.evaluate import Evaluator, Rescorer, Settings, tag_of
from dive_tools.models.base import Ask, BudgetSpent, ModelError, Reply
from dive_tools.prompted.judge import Judge
from dive_tools.tools.base import Unreachable
from dive_tools.tools.door import Door

Says = Callable[[Ask], Any]
broken = False


def add(a: int, b: int) -> dict[str, int]:
    """Add two whole numbers."""
    return {"sum": a + b}


def double(a: int) -> dict[str, int]:
    """Double a whole number."""
    return {"twice": 2 * a}


def shaky(a: int) -> dict[str, int]:
    """Give a number back, as long as the line holds."""
    if broken:
        raise Unreachable("the line is dead")
    return {"same": a}


def faulty(a: int) -> dict[str, int]:
    """Fall over."""
    raise RuntimeError("a bug")


def secret(a: int) -> dict[str, int]:
    """Tell a secret."""
    return {"secret": a}


POOL = pool_of(*map(as_tool, (add, double, shaky, faulty)), as_tool(secret, sensitivity="private", domain="elsewhere"))
for _made in POOL.tools.values():
    _made.module = f"tiny.{_made.name}"  # so that none is a near twin of another
EVIDENCE = [
    {
        "call": "c1",
        "round": 1,
        "tool": "add",
        "arguments": {"a": 2, "b": 3},
        "arguments_from": {"a": {"given": 2}, "b": {"given": 3}},
        "result": {"sum": 5},
    },
    {
        "call": "c2",
        "round": 1,
        "tool": "double",
        "arguments": {"a": 5},
        "arguments_from": {"a": {"call": "c1", "pointer": "/sum"}},
        "result": {"twice": 10},
    },
]


def task(**more: Any) -> dict[str, Any]:
    tools = more.pop("tools", ("add", "double", "shaky", "faulty"))
    return {
        "id": "t1",
        "setup": {
            "domain": "tiny",
            "seed": {"value": 2, "type": "number"},
            "tools": dict.fromkeys(tools, "1"),
            "exemplars": [],
        },
        "evidence": EVIDENCE,
        "task": {
            "round": 1,
            "question": "What is twice the sum of 2 and 3?",
            "answer": {"value": 10, "type": "integer"},
            "support": {"call": "c2", "pointer": "/twice"},
            "by": "hand",
            **more,
        },
    }


class Speaker:
    """A model that says what a function of the question makes it say; an exception is raised."""

    name, revision, inside = "speaker", "1", True

    def __init__(self, says: Says) -> None:
        self.says = says
        self.asked: list[Ask] = []
        self.answered = 0
        self.counters: dict[str, Any] = {}

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def reply(self, ask: Ask) -> Reply:
        self.asked.append(ask)
        said = self.says(ask)
        if asyncio.iscoroutine(said):
            said = await said
        if isinstance(said, Exception):
            raise said
        self.answered += 1
        return said if isinstance(said, Reply) else Reply(message={"role": "assistant", "content": said})


def calls(*made: tuple[str, dict[str, Any]]) -> Reply:
    asked = [
        {"id": f"x{n}", "type": "function", "function": {"name": t, "arguments": a}} for n, (t, a) in enumerate(made)
    ]
    return Reply(message={"role": "assistant", "content": "", "tool_calls": asked}, finish="tool_calls")


def runs_of(model: Any, record: dict[str, Any], judge: Judge | None = None, **settings: Any) -> list[dict[str, Any]]:
    evaluator = Evaluator(POOL, Door(POOL.tools), model, Settings(**settings), judge=judge)
    return [line["run"] for line in asyncio.run(evaluator(record))]


def in_turn(*said: Any) -> Says:
    """What is said turn by turn, the last of it for ever."""
    return lambda ask: said[min(ask.turn, len(said) - 1)]


# --- whose fault it is ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("right", [True, False])
@pytest.mark.parametrize(("tool", "kind"), [("shaky", "unreachable"), ("faulty", "crashed")])
def test_a_tool_that_fails_to_the_end_leaves_no_score(
    tool: str, kind: str, right: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(__import__(__name__), "broken", True)
    answer = "Answer: 10" if right else "Answer: 11"
    (run,) = runs_of(Speaker(in_turn(calls((tool, {"a": 1})), answer)), task())
    assert (run["outcome"], run["score"], run["ending"]) == ("unscored", None, "answered")
    assert run["error"].startswith(f"{kind}: {tool}")


def test_a_tool_that_comes_back_is_forgiven(monkeypatch: pytest.MonkeyPatch) -> None:
    module = __import__(__name__)

    def says(ask: Ask) -> Any:
        monkeypatch.setattr(module, "broken", ask.turn == 0)
        return calls(("shaky", {"a": 10})) if ask.turn < 2 else "Answer: 10"

    (run,) = runs_of(Speaker(says), task())
    assert run["score"] == 1.0 and run["calls"]["recovered"] is True and "error" not in run


def test_a_conversation_that_outgrows_the_context_is_the_models_doing() -> None:
    full = ModelError("too_long", "the prompt has 5,000 tokens")
    (run,) = runs_of(Speaker(in_turn(calls(("add", {"a": 1, "b": 1})), full)), task())
    assert (run["ending"], run["outcome"], run["score"]) == ("budget", "no_answer", 0.0) and "error" not in run
    (run,) = runs_of(Speaker(in_turn(full)), task())  # nobody could have begun
    assert (run["ending"], run["score"]) == ("model_error", None) and "too_long" in run["error"]


def test_a_failed_request_leaves_no_score_and_the_others_alone() -> None:
    def says(ask: Ask) -> Any:
        return ModelError("timeout", "no answer in 300 s") if ask.attempt == 1 else "Answer: 10"

    first, second, third = runs_of(Speaker(says), task(), attempts=3)
    assert (first["score"], second["score"], third["score"]) == (1.0, None, 1.0)
    assert second["error"] == "model_error: timeout: no answer in 300 s"


# --- what stops all ---------------------------------------------------------------------------------------------------


def test_a_fault_stops_the_other_attempts_at_once() -> None:
    async def slowly(ask: Ask) -> Any:
        if ask.attempt == 0 and ask.turn == 1:
            return StopAll("the key was not accepted")
        await asyncio.sleep(0.01)
        return calls(("add", {"a": ask.turn, "b": 1}))

    model = Speaker(slowly)
    with pytest.raises(StopAll, match="key"):
        runs_of(model, task(), attempts=4)
    assert len(model.asked) <= 12


def test_a_spent_budget_waits_for_what_was_asked() -> None:
    async def slowly(ask: Ask) -> Any:
        if ask.attempt == 0:
            return BudgetSpent("the budget is spent")
        await asyncio.sleep(0.05)
        return "Answer: 10"

    model = Speaker(slowly)
    with pytest.raises(BudgetSpent):
        runs_of(model, task(), attempts=4)
    assert model.answered == 3


def test_a_tool_that_nobody_reviewed_stops_before_anything_is_asked() -> None:
    pool = pool_of(*POOL.tools.values(), as_tool(_wild, effects="unknown"))
    model = Speaker(in_turn("Answer: 10"))
    evaluator = Evaluator(pool, Door(pool.tools), model, Settings())
    with pytest.raises(DiveError, match="effects 'unknown'"):
        asyncio.run(evaluator(task(tools=("add", "double", "_wild"))))
    assert not model.asked


def _wild(a: int) -> dict[str, int]:
    """Do who knows what."""
    return {"done": a}


def test_private_tools_are_no_distractors_and_are_shown_to_nobody_outside() -> None:
    model = Speaker(in_turn("Answer: 10"))
    runs_of(model, task(tools=("add", "double")), perturb=("distractors",))
    assert {tool.name for tool in model.asked[0].tools} == {"add", "double", "shaky", "faulty"}
    model.inside = False
    with pytest.raises(StopAll, match="private"):
        runs_of(model, task(tools=("add", "double", "secret")))


# --- tasks that nobody could be right at ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"answer": {"value": "12 km", "type": "number"}}, "is no number"),
        ({"answer": {"value": None, "type": "integer"}}, "is no integer"),
        ({"answer": {"value": "x", "type": "set"}}, "is no set"),
        ({"answer": {"value": [1], "type": "map"}}, "is no map"),
        ({"answer": {"value": " ", "type": "string"}}, "is no string"),
        ({"scorer": "missing"}, "missing"),
        ({"scorer": "missing", "missing": {"tools": ["add"], "words": []}}, "missing"),
        ({"support": {"call": ["c1"]}}, "support"),
    ],
)
def test_what_is_wrong_with_a_task_is_no_attempts_fault(more: dict[str, Any], said: str) -> None:
    model = Speaker(in_turn("Answer: 10"))
    with pytest.raises(BadRecord, match=said):
        runs_of(model, task(**more))
    assert not model.asked


@pytest.mark.parametrize(
    ("kind", "value"), [("string", None), ("string", " "), ("number", 1e301), ("map", [1]), ("set", {"a": 1})]
)
def test_a_proof_that_gives_something_else_today_is_an_attempt_that_failed(kind: str, value: Any) -> None:
    answers: dict[str, Any] = {"string": "x", "number": 1.5, "map": {"a": 1}, "set": ["x"]}
    record = task(answer={"value": answers[kind], "type": kind}, support={"given": value})
    (run,) = runs_of(None, record)
    assert run["score"] is None and "the proof gives" in run["error"]


def test_the_teacher_walks_and_says_what_is_missing() -> None:
    (run,) = runs_of(None, task())
    assert run["score"] == 1.0 and [m["role"] for m in run["messages"]].count("tool") == 2
    lacking = {"tools": ["add"], "says": "the sum of 2 and 3", "words": ["sum"], "call": "c1"}
    (run,) = runs_of(None, task(tools=("double", "shaky"), scorer="missing", missing=lacking))
    assert run["score"] == 1.0 and run["answer"] == "the sum of 2 and 3"
    (run,) = runs_of(Speaker(in_turn("Answer: 10")), task(tools=("double",), scorer="missing", missing=lacking))
    assert (run["outcome"], run["score"]) == ("wrong", 0.0)
    (run,) = runs_of(Speaker(in_turn("Missing: the sum of 2 and 3")), task())
    assert (run["outcome"], run["score"]) == ("missing", 0.0)


# --- a judge ----------------------------------------------------------------------------------------------------------

TEXT = {"value": "It is ten.", "type": "text", "claims": ["it is ten"]}


def test_a_judge_that_cannot_be_asked_leaves_no_score() -> None:
    pupil = Speaker(in_turn("Answer: It is ten."))
    for fault in (ModelError("not_recorded", "no reply recorded"), ModelError("timeout", "too slow")):
        (run,) = runs_of(pupil, task(answer=TEXT), judge=Judge(Speaker(in_turn(fault))))
        assert run["score"] is None and run["error"].startswith(f"unjudged: {fault.kind}")
    judge = Speaker(in_turn('{"claims": [true], "contradicts": false}'))
    (run,) = runs_of(pupil, task(answer=TEXT), judge=Judge(judge))
    assert run["score"] == 1.0 and run["judged"]["model"] == "speaker"


def test_a_judge_is_not_paid_for_an_attempt_without_a_score(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(__import__(__name__), "broken", True)
    judge = Speaker(in_turn('{"claims": [true], "contradicts": false}'))
    pupil = Speaker(in_turn(calls(("shaky", {"a": 1})), "Answer: It is ten."))
    (run,) = runs_of(pupil, task(answer=TEXT), judge=Judge(judge))
    assert run["score"] is None and not judge.asked


def test_a_judge_outside_is_shown_nothing_private_when_scoring_again() -> None:
    pupil, judge = Speaker(in_turn("Answer: It is ten.")), Speaker(in_turn("{}"))
    evaluator = Evaluator(POOL, Door(POOL.tools), pupil, Settings())
    (line,) = asyncio.run(evaluator(task(answer=TEXT, tools=("add", "double", "secret"))))
    judge.inside = False
    with pytest.raises(StopAll, match="private"):
        asyncio.run(Rescorer(POOL, Judge(judge))(line))
    assert not judge.asked


@pytest.mark.parametrize(
    ("name", "perturb", "tag"),
    [
        ("openai:Qwen/Qwen3-8B", (), "Qwen3-8B"),
        ("vllm:/models/Qwen2.5-7B/", (), "Qwen2-5-7B"),
        ("plan", (), "plan"),
        ("openai:…", (), "model"),
        ("plan", ("names", "order"), "plan-names-order"),
        ("plan", ("names", "order", "words", "distractors"), "plan-perturbed"),
    ],
)
def test_tags(name: str, perturb: tuple[str, ...], tag: str) -> None:
    assert tag_of(name, perturb) == tag


def test_none_may_be_the_answer() -> None:
    for answer, score in (({"value": [], "type": "set"}, 1.0), ({"value": 10, "type": "integer"}, 0.0)):
        (run,) = runs_of(Speaker(in_turn("Answer: none")), task(answer=answer))
        assert run["score"] == score and run["outcome"] != "no_answer"
    (run,) = runs_of(Speaker(in_turn("Answer: unknown")), task())
    assert run["outcome"] == "no_answer"
