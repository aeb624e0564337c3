"""Conversations of scripted models with the built-in tools: every ending, and everything that a model is told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson
import pytest
from tiny import as_tool

from dive_tools.agent import ENDINGS, KINDS, LAST, PATIENCE, Budget, Conversation, Reach, converse
from dive_tools.errors import DiveError
from dive_tools.models.base import Ask, Message, ModelError, Reply, Settings, Usage
from dive_tools.models.scripted import Scripted
from dive_tools.pool import builtin
from dive_tools.tools.base import Tool, Unreachable
from dive_tools.tools.door import Door, Outcome

TOOLS = builtin(["geography"]).tools
FREE = Budget()
ASKED: list[Message] = [{"role": "system", "content": "Use tools."}, {"role": "user", "content": "What of Kenya?"}]


class Heard(Scripted):
    """A scripted model that keeps what it was asked, and whose replies take a recorded time."""

    seconds = 0.0

    def __init__(self, name: str, settings: Settings) -> None:
        super().__init__(name, settings)
        self.asks: list[Ask] = []

    async def reply(self, ask: Ask) -> Reply:
        self.asks.append(ask)
        reply = await super().reply(ask)
        return Reply(message=reply.message, finish=reply.finish, usage=reply.usage, seconds=self.seconds)


def model(folder: Path, *rules: dict[str, Any]) -> Heard:
    (folder / "rules.jsonl").write_bytes(b"\n".join(map(orjson.dumps, rules)))
    return Heard(str(folder / "rules.jsonl"), Settings())


def turn(number: int, *calls: tuple[str, Any], **more: Any) -> dict[str, Any]:
    """A rule: on this turn, these calls."""
    wanted = [{"name": name, "arguments": arguments} for name, arguments in calls]
    return {"turn": number, "reply": {"tool_calls": wanted}, **more}


def says(text: str, **more: Any) -> dict[str, Any]:
    return {"reply": {"content": text}, **more}


def profile(country: Any) -> tuple[str, dict[str, Any]]:
    return "country_profile", {"country": country}


def talk(
    asked: Any,
    budget: Budget = FREE,
    tools: Iterable[Tool] | None = None,
    reach: Reach | None = None,
    **more: Any,
) -> Conversation:
    """A conversation with the built-in tools, or with those given."""
    shown = TOOLS if tools is None else {tool.name: tool for tool in tools}
    reach = reach or Door(shown).reach
    return asyncio.run(converse(asked, ASKED, shown, reach, budget=budget, record="r1", purpose="collect:1", **more))


def told(conversation: Conversation) -> list[dict[str, Any]]:
    """What the tool messages say, in order."""
    return [orjson.loads(m["content"]) for m in conversation.messages if m["role"] == "tool"]


def kinds(conversation: Conversation) -> list[str]:
    return [step.outcome["error"]["kind"] if "error" in step.outcome else "result" for step in conversation.steps]


KENYA = {"name": "Kenya", "capital": "Nairobi, Kenya", "area": 582650.0}


# --- endings ---------------------------------------------------------------------------------------------------------


def test_a_model_asks_tools_answer_and_it_says_its_answer(tmp_path: Path) -> None:
    asked = model(tmp_path, turn(0, profile("Kenya"), usage={"tokens_in": 50, "tokens_out": 9, "cached": 5}),
                  says(" Nairobi\n", usage={"tokens_in": 90, "tokens_out": 3, "cached": 60}))  # fmt: skip
    asked.seconds = 0.25
    done = talk(asked, sampling={"temperature": 0.5})
    assert (done.ending, done.answer, done.detail) == ("answered", "Nairobi", "")
    assert (done.usage, done.requests, done.seconds) == (Usage(140, 12, 65), 2, 0.5)
    function = {"name": "country_profile", "arguments": {"country": "Kenya"}}
    assert done.messages == [
        *ASKED,
        {"role": "assistant", "tool_calls": [{"id": "call_0_1", "type": "function", "function": function}]},
        {"role": "tool", "tool_call_id": "call_0_1", "content": orjson.dumps({"result": KENYA}).decode()},
        {"role": "assistant", "content": " Nairobi\n"},
    ]
    [step] = done.steps
    assert (step.call_id, step.turn, step.tool, step.made) == ("call_0_1", 0, "country_profile", True)
    assert (step.arguments, step.outcome) == ({"country": "Kenya"}, {"result": KENYA})
    assert [(a.turn, a.record, a.purpose, a.attempt, a.sampling) for a in asked.asks] == [
        (n, "r1", "collect:1", 0, {"temperature": 0.5}) for n in range(2)
    ]
    assert [len(a.messages) for a in asked.asks] == [2, 4]
    assert [f.name for f in asked.asks[1].tools] == list(TOOLS)
    assert len(ASKED) == 2


def test_thinking_is_kept(tmp_path: Path) -> None:
    done = talk(model(tmp_path, {"reply": {"content": "Nairobi", "reasoning": "Kenya's capital."}}))
    assert done.messages[-1] == {"role": "assistant", "content": "Nairobi", "reasoning": "Kenya's capital."}


@pytest.mark.parametrize(
    ("rule", "ending", "detail"),
    [
        ({"reply": {"content": " \n"}}, "gave_up", "an empty answer"),
        ({"reply": {"reasoning": "Hm."}}, "gave_up", "an empty answer"),
        ({"reply": {"refusal": "I would rather not."}}, "gave_up", "refused: I would rather not."),
        (says("Nai", finish="content_filter"), "gave_up", "refused: the content filter broke it off"),
        (says("Nai", finish="length"), "budget", "tokens: its answer is cut off"),
        ({"error": "too_long"}, "model_error", "too_long: the rules of "),
        ({"error": "timeout"}, "model_error", "timeout: the rules of "),
    ],
)
def test_a_conversation_without_an_answer(tmp_path: Path, rule: dict[str, Any], ending: str, detail: str) -> None:
    done = talk(model(tmp_path, turn(0, profile("Kenya")), rule))
    assert (done.ending, done.answer, done.requests, len(done.steps)) == (ending, "", 2, 1)
    assert done.detail.startswith(detail)
    assert done.ending in ENDINGS


def test_what_is_not_recorded_is_raised(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as fault:
        talk(model(tmp_path, {"error": "not_recorded"}))
    assert fault.value.kind == "not_recorded"


def test_what_breaks_every_record_is_raised_and_the_other_calls_are_stopped(tmp_path: Path) -> None:
    stopped = []

    async def reach(name: str, arguments: dict[str, Any]) -> Outcome:
        if arguments["country"] == "Kenya":
            await asyncio.sleep(0.05)
            raise DiveError("no key")
        try:
            await asyncio.sleep(20)
        except asyncio.CancelledError:
            stopped.append(arguments["country"])
            raise
        return {"result": 1}

    start = time.monotonic()
    with pytest.raises(DiveError, match="no key"):
        talk(model(tmp_path, turn(0, profile("Kenya"), profile("Chad"), profile("Mali"))), reach=reach)
    assert stopped == ["Chad", "Mali"] and time.monotonic() - start < 5


# --- what the model is told ------------------------------------------------------------------------------------------


def test_everything_wrong_with_a_call_is_told(tmp_path: Path) -> None:
    asked = model(
        tmp_path,
        turn(0, ("country_profil", {"country": "Kenya"}), ("xyzzy", {}), ("country_profile", '{"country": "Ken')),
        turn(1, ("country_profile", "[1]"), ("country_profile", {"land": "Kenya"}), profile("Nowhere")),
        turn(2, profile("Kenya"), profile("Kenya"), ("country_profile", None)),
        turn(3, profile("Kenya"), profile("Chad")),
        says("Nairobi"),
    )
    done = talk(asked)
    assert kinds(done) == [
        "unknown_tool", "unknown_tool", "malformed", "malformed", "bad_arguments", "refused", "result", "repeated",
        "bad_arguments", "repeated", "result",
    ]  # fmt: skip
    assert [step.made for step in done.steps] == [False] * 5 + [True, True] + [False] * 3 + [True]
    said = [each.get("error", {}).get("message", "") for each in told(done)]
    assert said[0] == (
        "there is no tool named 'country_profil'; is it country_profile, city_profile, country_population?"
    )
    assert said[1].startswith("there is no tool named 'xyzzy'; there are airport_city, ") and said[1].count(",") == 7
    assert said[1].endswith(" more")
    assert said[2].startswith("the arguments are not JSON: ")
    assert said[3] == "the arguments must be a JSON object, not an array"
    assert said[4].startswith(("Additional properties are not allowed ('land'", '"country" is a required'))
    assert said[5] == "no country named 'Nowhere' in the GeoNames table"
    assert said[7] == said[9] == "this call was made as call_2_1: use what it gave, or call otherwise"
    assert done.steps[2].arguments == '{"country": "Ken'
    assert (done.ending, done.requests) == ("answered", 5)
    assert [m["tool_call_id"] for m in done.messages if m["role"] == "tool"] == [s.call_id for s in done.steps]


def test_every_word_for_what_is_told_is_listed(tmp_path: Path) -> None:
    asked = model(
        tmp_path, turn(0, ("x", {}), ("country_profile", "x"), profile("Kenya"), profile("Kenya"), profile("Chad"))
    )
    assert sorted(set(kinds(talk(asked, Budget(calls=1), last_word=False))) - {"result"}) == sorted(KINDS)


def test_without_tools_there_is_none_to_name(tmp_path: Path) -> None:
    done = talk(model(tmp_path, turn(0, ("country_profile", {})), says("Nairobi")), tools=[])
    assert told(done) == [
        {"error": {"kind": "unknown_tool", "message": "there is no tool named 'country_profile', nor any other"}}
    ]


def test_a_call_made_earlier_is_not_made_again(tmp_path: Path) -> None:
    given = [("country_profile", {"country": "Kenya"}), ("great_circle_distance", {"b": 1, "a": 2})]
    asked = model(tmp_path, turn(0, profile("Kenya"), profile("Chad")), says("Nairobi"))
    done = talk(asked, done=given)
    assert kinds(done) == ["repeated", "result"]
    assert "this call was made before" in told(done)[0]["error"]["message"]


def test_a_tool_that_fails_is_told_and_may_be_asked_again(tmp_path: Path) -> None:
    ran: list[int] = []

    def moody() -> int:
        """Fail the first time."""
        ran.append(1)
        if len(ran) == 1:
            raise Unreachable("away")
        return 5

    asked = model(tmp_path, *(turn(n, ("moody", {})) for n in range(3)), says("five"))
    done = talk(asked, tools=[as_tool(moody, effects="read")])
    assert kinds(done) == ["unreachable", "result", "repeated"]
    assert told(done)[:2] == [{"error": {"kind": "unreachable", "message": "moody: away"}}, {"result": 5}]
    assert [step.made for step in done.steps] == [True, True, False]


def test_a_call_that_no_cassette_holds_was_not_made(tmp_path: Path) -> None:
    def far() -> int:
        """Look far away."""
        raise AssertionError("called")

    tool = as_tool(far, effects="read")
    asked = model(tmp_path, turn(0, ("far", {})), says("five"))
    done = talk(asked, tools=[tool], reach=Door({"far": tool}, on_miss="drop").reach)
    assert kinds(done) == ["not_recorded"] and not done.steps[0].made


def test_a_large_result_is_cut_in_the_message_and_whole_in_the_step(tmp_path: Path) -> None:
    def rows(n: int) -> dict[str, list[str]]:
        """List rows."""
        return {"rows": [f"row {i}" for i in range(n)]}

    asked = model(tmp_path, turn(0, ("rows", {"n": 500}), ("rows", {"n": 3})), says("many"))
    done = talk(asked, tools=[as_tool(rows)], room=400)
    large, small = told(done)
    kept = len(large["result"]["rows"])
    assert large == {
        "cut": f"/rows: {kept} of 500 items",
        "result": {"rows": [f"row {i}" for i in range(kept)]},
    }
    assert 30 < kept < 50 and list(large) == ["cut", "result"]
    assert small == {"result": {"rows": ["row 0", "row 1", "row 2"]}}
    assert len(done.steps[0].outcome["result"]["rows"]) == 500


@pytest.mark.parametrize("given", ["", "x", None, 7])
def test_each_call_has_an_id_of_its_own_whatever_the_server_gives(tmp_path: Path, given: Any) -> None:
    function = [{"name": "country_profile", "arguments": {"country": name}} for name in ("Kenya", "Chad", "Mali")]
    asked = model(
        tmp_path,
        {"turn": 0, "reply": {"tool_calls": [{"id": given, **call} for call in function[:2]]}},
        {"turn": 1, "reply": {"tool_calls": [{"id": given, **call} for call in function[2:]]}},
        says("Nairobi"),
    )  # fmt: skip
    done = talk(asked)
    made = ["x" if given == "x" else "call00000", "call00001", "call00100"]
    assert [step.call_id for step in done.steps] == made
    assert [m["tool_call_id"] for m in done.messages if m["role"] == "tool"] == made
    calls = [call["id"] for m in done.messages if m["role"] == "assistant" for call in m.get("tool_calls", [])]
    assert calls == made


# --- calls of one turn -----------------------------------------------------------------------------------------------


def test_the_calls_of_a_turn_run_together_and_answer_in_their_order(tmp_path: Path) -> None:
    def nap(seconds: float) -> float:
        """Sleep."""
        time.sleep(seconds)
        return seconds

    naps = (0.9, 0.6, 0.3, 0.15)
    asked = model(tmp_path, turn(0, *(("nap", {"seconds": s}) for s in naps)), says("rested"))
    start = time.monotonic()
    done = talk(asked, tools=[as_tool(nap, effects="read")])
    assert time.monotonic() - start < 1.8  # one after the other: 1.95
    assert [each["result"] for each in told(done)] == list(naps) == [step.outcome["result"] for step in done.steps]


def test_a_conversation_that_is_stopped_stops_its_calls(tmp_path: Path) -> None:
    under_way: list[str] = []

    async def reach(name: str, arguments: dict[str, Any]) -> Outcome:
        under_way.append(arguments["country"])
        try:
            await asyncio.sleep(20)
        finally:
            under_way.remove(arguments["country"])
        return {"result": 1}

    async def main() -> None:
        asked = model(tmp_path, turn(0, profile("Kenya"), profile("Chad")))
        work = asyncio.create_task(
            converse(asked, ASKED, TOOLS, reach, budget=Budget(), record="r1", purpose="collect:1")
        )
        await asyncio.sleep(0.05)
        assert under_way == ["Kenya", "Chad"]
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        await asyncio.sleep(0)
        assert not under_way

    asyncio.run(main())


# --- budgets ---------------------------------------------------------------------------------------------------------


def test_calls_count_when_they_are_made_and_then_the_model_has_the_last_word(tmp_path: Path) -> None:
    asked = model(
        tmp_path,
        turn(0, ("country_profile", {}), ("nothing", {}), profile("Kenya")),
        turn(1, profile("Kenya"), ("country_profile", {"land": 1}), profile("Chad"), profile("Mali")),
        says("Nairobi"),
    )
    done = talk(asked, Budget(calls=2))
    assert kinds(done) == [
        "bad_arguments",
        "unknown_tool",
        "result",
        "repeated",
        "bad_arguments",
        "result",
        "over_budget",
    ]
    assert (done.ending, done.answer) == ("answered", "Nairobi")
    assert told(done)[-1] == {
        "error": {"kind": "over_budget", "message": "all 2 calls are spent: this one was not made"}, "note": LAST,
    }  # fmt: skip
    assert ["note" in each for each in told(done)] == [False] * 6 + [True]
    assert [a.sampling for a in asked.asks] == [{}, {}, {"tool_choice": "none"}]
    assert [len(a.tools) for a in asked.asks] == [len(TOOLS)] * 3


def test_a_countdown_tells_how_many_calls_are_left(tmp_path: Path) -> None:
    rules = turn(0, profile("Kenya"), profile("Chad")), turn(1, profile("Mali")), turn(2, profile("Peru")), says("x")
    done = talk(model(tmp_path, *rules), Budget(calls=4), countdown=True)
    assert [each.get("note") for each in told(done)] == [None, "2 calls are left", "1 call is left", LAST]
    done = talk(model(tmp_path, *rules), Budget(calls=4), countdown=True, last_word=False)
    assert "note" not in told(done)[-1]  # nobody reads it
    assert not any("note" in each for each in told(talk(model(tmp_path, *rules), Budget(), countdown=True)))


def test_a_call_with_bad_arguments_takes_no_place_from_the_next(tmp_path: Path) -> None:
    done = talk(model(tmp_path, turn(0, ("country_profile", {}), profile("Kenya")), says("x")), Budget(calls=1))
    assert kinds(done) == ["bad_arguments", "result"]


def test_a_model_that_calls_on_at_its_last_word_is_out_of_budget(tmp_path: Path) -> None:
    done = talk(model(tmp_path, turn(0, profile("Kenya")), turn(1, profile("Chad"))), Budget(calls=1))
    assert (done.ending, done.detail) == ("budget", "calls: it calls on where its final answer is wanted")
    assert kinds(done) == ["result", "over_budget"] and done.requests == 2
    assert [each.get("note") for each in told(done)] == [LAST, None]


@pytest.mark.parametrize("text", ['<tool_call>\n{"name": "country_profile"}', "[TOOL_CALLS] [{}]", "So: <function=x>"])
def test_a_call_in_the_text_of_the_last_word_is_no_answer(tmp_path: Path, text: str) -> None:
    done = talk(model(tmp_path, turn(0, profile("Kenya")), says(text)), Budget(calls=1))
    assert (done.ending, done.answer) == ("budget", "")
    assert talk(model(tmp_path, turn(0, profile("Kenya")), says(text)), Budget(calls=2)).answer == text


def test_without_a_last_word_the_last_call_is_the_end(tmp_path: Path) -> None:
    done = talk(model(tmp_path, turn(0, profile("Kenya"), profile("Chad"))), Budget(calls=1), last_word=False)
    assert (done.ending, done.detail, done.requests) == ("budget", "calls", 1)
    assert kinds(done) == ["result", "over_budget"] and "note" not in told(done)[-1]


def test_no_calls_at_all(tmp_path: Path) -> None:
    asked = model(tmp_path, says("Nairobi"))
    assert talk(asked, Budget(calls=0)).answer == "Nairobi"
    assert asked.asks[0].sampling == {"tool_choice": "none"}
    done = talk(asked, Budget(calls=0), last_word=False)
    assert (done.ending, done.detail, done.requests) == ("budget", "calls", 0)


@pytest.mark.parametrize(
    ("budget", "detail", "requests"),
    [
        (Budget(turns=2), "turns", 2),
        (Budget(tokens=250), "tokens", 3),
        (Budget(seconds=1.5), "seconds", 3),
        (Budget(turns=3, calls=3), "turns", 3),
    ],
)
def test_what_is_spent_is_named(tmp_path: Path, budget: Budget, detail: str, requests: int) -> None:
    names = ("Kenya", "Chad", "Mali", "Togo", "Peru")
    usage = {"tokens_in": 90, "tokens_out": 10}
    asked = model(tmp_path, *(turn(n, profile(name), usage=usage) for n, name in enumerate(names)))
    asked.seconds = 0.6
    done = talk(asked, budget)
    assert (done.ending, done.detail, done.requests) == ("budget", detail, requests)
    assert kinds(done) == ["result"] * requests


def test_an_answer_over_the_limit_is_an_answer(tmp_path: Path) -> None:
    done = talk(model(tmp_path, says("Nairobi", usage={"tokens_out": 900})), Budget(tokens=10, turns=1))
    assert (done.ending, done.answer) == ("answered", "Nairobi")


def test_a_model_that_only_repeats_itself_gives_up(tmp_path: Path) -> None:
    done = talk(
        model(tmp_path, {"reply": {"tool_calls": [{"name": "country_profile", "arguments": {"country": "Kenya"}}]}})
    )
    assert (done.ending, done.requests) == ("gave_up", 1 + PATIENCE)
    assert done.detail == "makes no progress: 3 turns without a call that could be made"
    assert kinds(done) == ["result"] + ["repeated"] * PATIENCE


# --- again, and many -------------------------------------------------------------------------------------------------


def test_the_same_again_gives_the_same_messages(tmp_path: Path) -> None:
    asked = model(
        tmp_path,
        turn(0, profile("Kenya"), profile("Chad"), ("cities_of_country", {"country": "France"})),
        turn(1, profile("Nowhere"), ("nothing", {})),
        says("Nairobi"),
    )
    one, other = (talk(asked, room=500) for _ in range(2))
    assert orjson.dumps(one.messages) == orjson.dumps(other.messages)
    assert one.steps == other.steps and one == other


def test_a_thousand_at_once(tmp_path: Path) -> None:
    asked = model(tmp_path, turn(0, profile("Kenya")), turn(1, profile("Chad")), says("Nairobi"))

    async def one(door: Door, n: int) -> Conversation:
        return await converse(asked, ASKED, TOOLS, door.reach, budget=Budget(), record=f"r{n}", purpose="collect:1")

    async def main() -> list[Conversation]:
        door = Door(TOOLS)
        return await asyncio.gather(*(one(door, n) for n in range(1000)))

    done = asyncio.run(main())
    assert {(each.ending, each.answer, len(each.steps)) for each in done} == {("answered", "Nairobi", 2)}
    assert {ask.record for ask in asked.asks} == {f"r{n}" for n in range(1000)}
