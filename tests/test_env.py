"""An attempt call by call is the attempt that a model makes as a whole: the same messages, the same reward."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from shell import bash
from tiny import as_tool, pool_of
from wines import Script, Turn, calls, says

from dive_tools.agent import Budget
from dive_tools.cassette import Cassette
from dive_tools.env import Environment, Episode, Rollout
from dive_tools.errors import BadRecord, DiveError, StopAll
from dive_tools.models.base import ModelError
from dive_tools.records import RECORD
from dive_tools.reward import Reward
from dive_tools.tools.base import Refusal
from dive_tools.tools.door import Door


def add(a: int, b: int) -> dict[str, int]:
    """Add two whole numbers."""
    return {"sum": a + b}


def double(a: int) -> dict[str, int]:
    """Double a whole number, if it is not too large."""
    if a > 1000:
        raise Refusal("too large")
    return {"twice": 2 * a}


def look(a: int) -> dict[str, int]:
    """Look a number up."""
    return {"found": a}


def faulty(a: int) -> dict[str, int]:
    """Fall over."""
    raise RuntimeError("a bug")


def loose(a: int) -> dict[str, int]:
    """Do nobody knows what."""
    return {"done": a}


def secret(a: int) -> dict[str, int]:
    """Tell a secret."""
    return {"secret": a}


POOL = pool_of(
    *map(as_tool, (add, double, faulty)),
    as_tool(look, effects="read"),
    as_tool(loose, effects="unknown"),
    as_tool(secret, sensitivity="private"),
)
TOOLS = ("add", "double", "faulty", "look")
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


def task(name: str = "t1", tools: tuple[str, ...] = TOOLS, **more: Any) -> dict[str, Any]:
    setup = {"domain": "tiny", "seed": {"value": 2, "type": "number"}, "tools": dict.fromkeys(tools, "1")}
    asked = {
        "round": 1,
        "question": "What is twice the sum of 2 and 3?",
        "answer": {"value": 10, "type": "integer"},
        "support": {"call": "c2", "pointer": "/twice"},
        "by": "hand",
    }
    return {"id": name, "setup": {**setup, "exemplars": []}, "evidence": EVIDENCE, "task": {**asked, **more}}


def environment(*tasks: dict[str, Any], cassette: Any = None, **how: Any) -> Environment:
    door = Door(POOL.tools, cassette=cassette, on_miss="drop")
    return Environment(tasks or [task()], POOL, door, **how)


def run(env: Environment, *turns: Turn | Exception) -> Rollout:
    return asyncio.run(env.run("t1", Script(*turns)))


def by_hand(env: Environment, *turns: Turn) -> tuple[Episode, Reward]:
    """The same turns, as a trainer of somebody else's plays them."""
    episode = env.reset("t1")

    async def play() -> Reward:
        for turn in turns:
            if not turn.get("tool_calls"):
                return episode.score(turn)
            await episode.turn(turn)
        return episode.score(None)

    return episode, asyncio.run(play())


RIGHT, WRONG = says("Answer: 10"), says("Answer: 11")
SUM, TWICE = ("add", {"a": 2, "b": 3}), ("double", {"a": 5})
ROLLOUTS: dict[str, tuple[list[Turn], float, str]] = {  # turns, the reward, and what masks it
    "right": ([calls(SUM), calls(TWICE), RIGHT], 1.1, ""),
    "two at once": ([calls(SUM, ("double", {"a": 7})), calls(TWICE), RIGHT], 1.1, ""),
    "wrong": ([calls(SUM), WRONG], 0.1, ""),
    "out of form": ([calls(SUM), calls(TWICE), says("It is 10.\n\nThat is all.")], 0.0, ""),
    "refused": ([calls(("double", {"a": 2000})), calls(TWICE), RIGHT], 1.1, ""),
    "unknown tool": ([calls(("dubble", {"a": 5})), calls(TWICE), RIGHT], 1.0, ""),
    "malformed": ([calls(("double", '{"a": ')), calls(TWICE), RIGHT], 1.0, ""),
    "bad arguments": ([calls(("double", {"b": "x"})), calls(TWICE), RIGHT], 1.0, ""),
    "repeated": ([calls(TWICE), calls(TWICE), RIGHT], 1.1, ""),
    "no call": ([RIGHT], 1.1, ""),
    "crashed to the end": ([calls(("faulty", {"a": 1})), calls(TWICE), RIGHT], 0.0, "crashed"),
    "not recorded": ([calls(("look", {"a": 1})), calls(TWICE), RIGHT], 0.0, "not_recorded"),
    "calls spent": ([calls(*(("double", {"a": n}) for n in range(5))), WRONG], 0.1, ""),
    "one too many": ([calls(*(("double", {"a": n}) for n in range(6))), RIGHT], 1.1, ""),
    "calls on": ([calls(*(("double", {"a": n}) for n in range(5))), calls(("double", {"a": 9})), RIGHT], 0.0, ""),
    "no progress": ([*[calls(("no", {}))] * 3, RIGHT], 0.0, ""),
    "turns spent": ([*[calls(("double", {"a": n})) for n in range(4)], RIGHT], 0.0, ""),
    "empty": ([calls(TWICE), says("")], 0.0, ""),
}


@pytest.mark.parametrize("name", ROLLOUTS)
def test_call_by_call_is_the_same_as_the_whole(name: str) -> None:
    turns, total, masked = ROLLOUTS[name]
    env = environment(budget=Budget(calls=5, turns=4))
    whole = run(env, *turns)
    episode, reward = by_hand(env, *turns)
    assert episode.messages == whole.talk.messages and reward == whole.reward
    assert (reward.total, reward.masked.partition(":")[0]) == (total, masked)
    assert episode.over and episode.score(RIGHT) == reward


@pytest.mark.parametrize("name", [name for name, (turns, *_) in ROLLOUTS.items() if "once" not in name])
def test_a_call_alone_is_told_what_a_turn_is(name: str) -> None:
    turns = ROLLOUTS[name][0]
    if any(len(turn.get("tool_calls", ())) > 1 for turn in turns):
        turns = [one for turn in turns for one in (map(calls, pairs(turn)) if turn.get("tool_calls") else [turn])]
    env = environment(budget=Budget(calls=5, turns=20 if len(turns) > 5 else 4))
    whole, episode = run(env, *turns), env.reset("t1")
    told = [episode.call_now(*pair) for turn in turns for pair in pairs(turn)]
    final = next((turn["content"] for turn in turns if not turn.get("tool_calls")), None)
    assert episode.score(final) == whole.reward
    wanted = [message["content"] for message in whole.talk.messages if message["role"] == "tool"]
    assert told[: len(wanted)] == wanted and all("attempt is over" in more for more in told[len(wanted) :])


def pairs(turn: Turn) -> list[tuple[str, Any]]:
    return [(one["function"]["name"], one["function"]["arguments"]) for one in turn.get("tool_calls", ())]


def test_an_episode_says_what_is_asked_and_with_what() -> None:
    episode = environment().reset("t1")
    assert [message["role"] for message in episode.messages] == ["system", "user"]
    assert episode.messages[1]["content"] == "What is twice the sum of 2 and 3?"
    assert [tool["function"]["name"] for tool in episode.tools] == [*TOOLS]
    assert not episode.over and episode.score(None).outcome == "no_answer" and episode.over
    assert "over" in json.loads(episode.call_now(*TWICE))["error"]["message"]


def test_who_cannot_await_may_call_where_a_loop_runs() -> None:
    episode = environment().reset("t1")

    async def notebook() -> str:
        return episode.call_now(*TWICE)

    assert asyncio.run(notebook()) == '{"result":{"twice":10}}'
    assert "repeated" in episode.call_now(*TWICE) and episode.score("Answer: 10").total == 1.1


def test_what_is_recorded_is_played_back(tmp_path: Path) -> None:
    with Cassette(tmp_path / "tape.sqlite") as tape:
        tape.put("look", "1", {"a": 10}, {"result": {"found": 10}})
        env = environment(cassette=tape)
        assert run(env, calls(("look", {"a": 10})), RIGHT).reward == Reward(1.0, 1.0, 1.1, "right")
        assert run(env, calls(("look", {"a": 11})), RIGHT).reward.masked.startswith("not_recorded: look")


def test_luck_is_told_and_may_be_worth_nothing() -> None:
    assert run(environment(), RIGHT).reward == Reward(1.0, 1.0, 1.1, "right", lucky=True)
    env = environment(luck="zero", alpha=0.5)
    assert run(env, RIGHT).reward == Reward(1.0, 0.0, 0.5, "right", lucky=True)
    assert run(env, calls(SUM), calls(TWICE), RIGHT).reward.total == 1.5
    assert env.counters == {"attempts": 2, "right": 2, "lucky": 1, "masked": 0}


def test_a_model_that_fails_is_masked_unless_the_conversation_outgrew_it() -> None:
    found = run(environment(), calls(SUM), ModelError("timeout", "300 s"))
    assert found.reward.masked == "model_error: timeout: 300 s" and found.line()["run"]["reward"].keys() == {"masked"}
    found = run(environment(), calls(SUM), ModelError("too_long", "5,000 tokens"))
    assert not found.reward.masked and found.reward.total == 0.0
    with pytest.raises(StopAll, match="private"):
        env = environment(task(tools=("add", "secret")))
        asyncio.run(env.run("t1", Script(RIGHT, inside=False)))


def test_attempts_at_once_do_not_touch_one_another() -> None:
    env = environment()
    one, other = env.reset("t1"), env.reset("t1")
    assert one.call_now(*TWICE) == other.call_now(*TWICE) == '{"result":{"twice":10}}'
    assert "repeated" in one.call_now(*TWICE)
    assert one.score("Answer: 10").total == 1.1 and other.score("Answer: 11").total == 0.1


# --- lines ------------------------------------------------------------------------------------------------------------


def test_a_rollout_is_a_line_as_dive_eval_writes_it(tmp_path: Path) -> None:
    env = environment()
    good = run(env, calls(SUM), calls(TWICE), RIGHT).line()
    bad = asyncio.run(env.run("t1", Script(calls(SUM), WRONG), attempt=1, sampling={"temperature": 0.5})).line()
    valid = jsonschema_rs.validator_for(RECORD)
    assert valid.is_valid(good) and valid.is_valid(bad) and "evidence" not in good
    assert (good["id"], bad["id"]) == ("t1.script.0", "t1.script.1")
    assert good["run"]["reward"] == {"format": 1.0, "correct": 1.0, "total": 1.1}
    assert bad["run"]["sampling"] == {"temperature": 0.5, "top_p": 1.0} and bad["run"]["score"] == 0.0
    (tmp_path / "runs.jsonl").write_text("".join(json.dumps(line) + "\n" for line in (good, bad)))
    kept = bash("dive-verify runs.jsonl --select best", tmp_path)
    assert [json.loads(line)["id"] for line in kept.stdout.splitlines()] == ["t1.script.0"], kept.stderr
    summary = bash("dive-eval --summary runs.jsonl", tmp_path)
    assert json.loads(summary.stdout)["attempts"] == 2, summary.stderr
    frontier = bash("dive-verify --frontier 1:1 runs.jsonl", tmp_path)
    assert json.loads(frontier.stdout)["frontier"]["solved"] == 1, frontier.stderr
    assert "twice the sum" in bash("dive-tools read runs.jsonl", tmp_path).stdout.decode()


# --- what is no task --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"answer": {"value": "so", "type": "text"}}, "task t1: a text wants a judge"),
        ({"answer": {"value": "so", "type": "integer"}}, "task t1: .*integer"),
        ({"support": {"no": 1}}, "task t1: .*support"),
        ({"tools": ("add", "subtract")}, "task t1: tool subtract"),
    ],
)
def test_what_cannot_be_attempted_is_refused_by_name(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(BadRecord, match=said):
        environment(task(**wrong))


def test_tasks_are_there_once_and_tools_may_be_called() -> None:
    with pytest.raises(BadRecord, match="t1 is there twice"):
        environment(task(), task())
    with pytest.raises(DiveError, match="loose"):
        environment(task(tools=("add", "loose")))
    with pytest.raises(DiveError, match="no task t2"):
        environment().reset("t2")
    with pytest.raises(BadRecord, match="is an attempt"):
        environment(run(environment(), RIGHT).line())
