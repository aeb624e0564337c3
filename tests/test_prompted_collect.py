"""A model collects: it chooses the calls, real tools answer, and every argument says where it came from."""

from __future__ import annotations

import asyncio
import copy
import json
import time
from pathlib import Path
from typing import Any

import pytest
from tiny import as_tool, pool_of
from village import TOOLS, Story, choice, given, grown, real, setups
from village import pool as village

from dive_tools.cassette import Cassette
from dive_tools.errors import BadRecord, StopAll
from dive_tools.models.base import Ask, Reply, Settings
from dive_tools.models.replay import Replay
from dive_tools.models.scripted import Scripted
from dive_tools.models.taped import Taped
from dive_tools.pool import Pool
from dive_tools.prompted import may_see
from dive_tools.prompted.collect import Collector
from dive_tools.prompts import fill, mark
from dive_tools.records import Drop, Record, canonical, need
from dive_tools.support import evaluate, over
from dive_tools.tools.base import Refusal, Tool, Unreachable
from dive_tools.tools.door import Door

DONE = {"reply": {"content": "DONE enough was learnt"}}


def calls(*made: tuple[str, dict[str, Any]], turn: int | None = None, **more: Any) -> dict[str, Any]:
    """A rule by which a model makes these calls at once."""
    reply = {"tool_calls": [{"name": name, "arguments": arguments} for name, arguments in made]}
    return {"reply": reply, **({"turn": turn} if turn is not None else {}), **more}


class Watched(Scripted):
    """A scripted model that keeps what it was asked."""

    asks: list[Ask]

    async def reply(self, ask: Ask) -> Reply:
        self.asks.append(ask)
        return await super().reply(ask)


def model(folder: Path, *rules: dict[str, Any]) -> Watched:
    """A model of these rules."""
    (folder / "rules.jsonl").write_text("".join(json.dumps(rule) + "\n" for rule in rules))
    made = Watched(str(folder / "rules.jsonl"), Settings())
    made.asks = []
    return made


def collect(record: Record, asked: Any, pool: Pool | None = None, door: Door | None = None, **options: Any) -> Any:
    pool = pool or village()
    return asyncio.run(Collector(pool, door or Door(pool.tools), asked, **options)(record))


def setup_of(pool: Pool, seed: Any = "Ada", type_: str = "thing") -> Record:
    tools = {name: tool.version for name, tool in pool.tools.items()}
    setup = {"domain": "tiny", "seed": {"value": seed, "type": type_}, "tools": tools, "exemplars": []}
    return {"id": "a" * 16, "setup": setup}


def start(seed: Any = "Ashby", type_: str = "t_hamlet") -> Record:
    """A record of the village without evidence, as dive-sample writes it."""
    record = Story(seed, type_).record
    return {key: value for key, value in record.items() if key != "evidence"}


CHAIN = (
    calls(("hamlet_mill", {"hamlet": "Ashby"}), ("hamlet_market", {"hamlet": "Ashby"}), turn=0, usage={"tokens_in": 9}),
    calls(("hamlet_height", {"hamlet": "Elmham"}), ("hamlet_people", {"hamlet": "Elmham"}), turn=1),
    calls(("climb_time", {"height": 47.0, "pace": 300}), turn=2, usage={"tokens_in": 5, "tokens_out": 3, "cached": 4}),
    DONE,
)

# --- good rounds -----------------------------------------------------------------------------------------------------


def test_a_round_of_parallel_calls_and_chains(tmp_path: Path) -> None:
    asked = model(tmp_path, *CHAIN)
    record = start()
    found = collect(record, asked)
    seed = {"given": "Ashby", "type": "t_hamlet", "seed": ""}
    market = {"call": "c2", "pointer": "/market"}  # the mill's and the market's hamlet are one: the later goes first
    assert found["evidence"] == [
        {
            "call": "c1",
            "round": 1,
            "tool": "hamlet_mill",
            "arguments": {"hamlet": "Ashby"},
            "arguments_from": {"hamlet": seed},
            "result": {"mill": "Elmham", "shire": "Southshire"},
        },
        {
            "call": "c2",
            "round": 1,
            "tool": "hamlet_market",
            "arguments": {"hamlet": "Ashby"},
            "arguments_from": {"hamlet": seed},
            "result": {"market": "Elmham"},
        },
        {
            "call": "c3",
            "round": 1,
            "tool": "hamlet_height",
            "arguments": {"hamlet": "Elmham"},
            "arguments_from": {"hamlet": market},
            "result": {"height": 47.0},
            "traced": ["hamlet"],
        },
        {
            "call": "c4",
            "round": 1,
            "tool": "hamlet_people",
            "arguments": {"hamlet": "Elmham"},
            "arguments_from": {"hamlet": market},
            "result": {"people": 510, "order": 2},
            "traced": ["hamlet"],
        },
        {
            "call": "c5",
            "round": 1,
            "tool": "climb_time",
            "arguments": {"height": 47.0, "pace": 300},
            "arguments_from": {"height": {"call": "c3", "pointer": "/height"}, "pace": choice(300)},
            "result": {"minutes": 9.4},
            "traced": ["height"],
        },
    ]
    assert found["asked"] == [
        {
            "stage": "collect",
            "round": 1,
            "model": asked.name,
            "revision": asked.revision,
            "prompt": mark("collect"),
            "requests": 4,
            "tokens_in": 14,
            "tokens_out": 3,
            "cached": 4,
            "ending": "answered",
        }
    ]
    assert {key: found[key] for key in record} == record and record == start()
    need(found, "evidence", "asked")


def test_what_a_turn_returned_is_unknown_to_its_own_calls(tmp_path: Path) -> None:
    """The model wrote both calls before it saw either result."""
    both = calls(("hamlet_mill", {"hamlet": "Ashby"}), ("hamlet_height", {"hamlet": "Elmham"}), turn=0)
    _, height = collect(start(), model(tmp_path, both, DONE))["evidence"]
    assert height["arguments_from"] == {"hamlet": given("Elmham")} and "traced" not in height


def test_a_list_looked_up_in_one_turn_is_a_group(tmp_path: Path) -> None:
    names = ("Gorsey", "Elmham", "Fernhill")
    fan = calls(*(("hamlet_height", {"hamlet": name}) for name in names), turn=1)
    rules = (calls(("shire_hamlets", {"shire": "Southshire"}), turn=0), fan, DONE)
    found = collect(start("Southshire", "t_shire"), model(tmp_path, *rules))
    listed = {"call": "c1", "pointer": "/hamlets"}
    assert [step["arguments_from"]["hamlet"] for step in found["evidence"][1:]] == [
        {"op": "item", "of": listed, "index": index, "type": "t_hamlet"} for index in (2, 0, 1)
    ]
    assert all(step["traced"] == ["hamlet"] for step in found["evidence"][1:])


def test_the_model_is_told_the_seed_and_the_tools_and_its_budget(tmp_path: Path) -> None:
    asked = model(tmp_path, *CHAIN)
    collect(start(), asked, budget=5, sampling={"max_tokens": 900})
    first = asked.asks[0]
    assert first.purpose == "collect:1" and first.record == start()["id"] and first.attempt == 0
    assert [tool.name for tool in first.tools] == list(start()["setup"]["tools"])
    assert first.sampling == {"temperature": 0.3, "max_tokens": 900}
    user = first.messages[-1]["content"]
    assert '"Ashby" (t_hamlet)' in user and "at most 5 calls" in user and "no question yet" in user
    assert "$" not in "".join(message["content"] for message in first.messages)


def test_the_papers_temperature_can_be_changed(tmp_path: Path) -> None:
    asked = model(tmp_path, *CHAIN)
    collect(start(), asked, sampling={"temperature": 1.0, "top_p": 0.9}, seed=3)
    assert asked.asks[0].sampling == {"temperature": 1.0, "top_p": 0.9}
    assert asked.asks[0].attempt == 3  # another seed is another attempt


def test_a_seed_of_a_type_that_no_tool_takes_is_worked_with(tmp_path: Path) -> None:
    seed = {"town": "Ashby", "note": "a made-up type"}
    rules = (calls(("hamlet_mill", {"hamlet": "Ashby"}), turn=0), DONE)
    (step,) = collect(start(seed, "letter"), model(tmp_path, *rules))["evidence"]
    assert step["arguments_from"] == {"hamlet": {"given": "Ashby", "seed": "/town", "type": "t_hamlet"}}


# --- what may be spent -----------------------------------------------------------------------------------------------


def test_a_round_keeps_to_its_budget_and_asks_no_more(tmp_path: Path) -> None:
    many = [("hamlet_height", {"hamlet": name}) for name in ("Ashby", "Birchley", "Coldwell", "Dunmoor", "Elmham")]
    asked = model(tmp_path, calls(*many[:2], turn=0), calls(*many[2:], turn=1), DONE)
    found = collect(start(), asked, budget=4)
    assert [step["arguments"]["hamlet"] for step in found["evidence"]] == ["Ashby", "Birchley", "Coldwell", "Dunmoor"]
    assert found["asked"][0]["ending"] == "budget" and found["asked"][0]["requests"] == len(asked.asks) == 2


def test_the_papers_budget_is_six_calls(tmp_path: Path) -> None:
    names = ("Ashby", "Birchley", "Coldwell", "Dunmoor", "Elmham", "Fernhill", "Gorsey")
    asked = model(tmp_path, calls(*(("hamlet_height", {"hamlet": name}) for name in names)))
    assert len(collect(start(), asked)["evidence"]) == 6


def test_a_call_is_made_once(tmp_path: Path) -> None:
    one, other = ("hamlet_mill", {"hamlet": "Ashby"}), ("hamlet_height", {"hamlet": "Ashby"})
    asked = model(tmp_path, calls(one, one, turn=0), calls(one, other, turn=1), DONE)
    assert [step["tool"] for step in collect(start(), asked)["evidence"]] == ["hamlet_mill", "hamlet_height"]


# --- calls that are none ---------------------------------------------------------------------------------------------


def test_what_no_tool_could_be_asked_is_no_evidence(tmp_path: Path) -> None:
    wrong = calls(
        ("hamlet_moon", {"hamlet": "Ashby"}),
        ("hamlet_mill", {"town": "Ashby"}),
        ("hamlet_mill", {"hamlet": 5}),
        turn=0,
    )
    wrong["reply"]["tool_calls"].append({"name": "hamlet_mill", "arguments": '{"hamlet": '})
    right = calls(("hamlet_mill", {"hamlet": "Ashby"}), turn=1)
    found = collect(start(), model(tmp_path, wrong, right, DONE))
    assert [step["arguments"] for step in found["evidence"]] == [{"hamlet": "Ashby"}]
    dropped = collect(start(), model(tmp_path, wrong, DONE))
    assert isinstance(dropped, Drop) and dropped.reason == "too_little" and "hamlet_moon" in dropped.detail
    assert dropped.record["asked"][0]["requests"] == 2 and "evidence" not in dropped.record


def test_a_model_that_only_talks_is_dropped(tmp_path: Path) -> None:
    dropped = collect(start(), model(tmp_path, {"reply": {"content": "DONE I know it all"}, "usage": {"tokens_in": 7}}))
    assert isinstance(dropped, Drop) and (dropped.reason, dropped.record["setup"]) == ("too_little", start()["setup"])
    assert "I know it all" in dropped.detail and dropped.record["asked"][0]["tokens_in"] == 7


def test_nothing_new_in_a_later_round_is_too_little_too(tmp_path: Path) -> None:
    record = collect(start(), model(tmp_path, *CHAIN))
    dropped = collect(record, model(tmp_path, DONE))
    assert isinstance(dropped, Drop) and dropped.reason == "too_little"
    assert dropped.record["evidence"] == record["evidence"] and len(dropped.record["asked"]) == 2


@pytest.mark.parametrize("turn", [0, 1, 2])
def test_a_model_that_fails_leaves_the_record_as_it_came(tmp_path: Path, turn: int) -> None:
    rules = [*CHAIN[:turn], {"turn": turn, "error": "timeout"}]
    record = start()
    dropped = collect(record, model(tmp_path, *rules))
    assert isinstance(dropped, Drop) and dropped.reason == "model_error" and dropped.detail.startswith("timeout: ")
    assert {key: value for key, value in dropped.record.items() if key != "asked"} == record
    assert dropped.record["asked"][0]["ending"] == "model_error"


def test_a_reply_that_was_not_recorded_says_so(tmp_path: Path) -> None:
    dropped = collect(start(), model(tmp_path, CHAIN[0], {"error": "not_recorded"}))
    assert isinstance(dropped, Drop) and dropped.reason == "not_recorded" and dropped.record == start()


def test_a_tool_of_another_version_is_a_bad_record(tmp_path: Path) -> None:
    record = start()
    record["setup"]["tools"]["hamlet_mill"] = "99"
    with pytest.raises(BadRecord, match="version 99"):
        collect(record, model(tmp_path, *CHAIN))


# --- tools that fail -------------------------------------------------------------------------------------------------


def look_up(name: str) -> dict[str, int]:
    """Look a person up."""
    if name == "Nobody":
        raise Refusal("no such person")
    return {"year": 1815}


def broken(name: str) -> dict[str, int]:
    """Look a person up, badly."""
    raise KeyError(name)


def gone(name: str) -> dict[str, int]:
    """Look a person up far away."""
    raise Unreachable("no route")


def slow(name: str) -> dict[str, int]:
    """Look a person up, slowly."""
    time.sleep(5)
    return {"year": 1}


def people(**options: Any) -> Pool:
    return pool_of(
        as_tool(look_up), as_tool(broken), as_tool(gone, effects="read"), as_tool(slow, limit=0.1, **options)
    )


def test_refusals_and_bugs_are_told_and_kept(tmp_path: Path) -> None:
    pool = people()
    tried = calls(("look_up", {"name": "Nobody"}), ("broken", {"name": "Ada"}), ("look_up", {"name": "Ada"}), turn=0)
    asked = model(tmp_path, tried, DONE)
    found = collect(setup_of(pool), asked, pool)
    assert [step.get("error", {}).get("kind") for step in found["evidence"]] == ["refused", "crashed", None]
    told = [message["content"] for message in asked.asks[1].messages if message["role"] == "tool"]
    assert "no such person" in told[0] and "KeyError" in told[1] and "1815" in told[2]
    assert collect(found, model(tmp_path, tried, DONE), pool).reason == "too_little"  # all were made before


def test_nothing_but_refusals_is_no_evidence(tmp_path: Path) -> None:
    pool = people()
    dropped = collect(setup_of(pool), model(tmp_path, calls(("look_up", {"name": "Nobody"}), turn=0), DONE), pool)
    assert isinstance(dropped, Drop) and (dropped.reason, dropped.detail) == ("tools_failed", "look_up: no such person")


@pytest.mark.parametrize(("name", "said"), [("gone", "no route"), ("slow", "limit of 0.1 s")])
@pytest.mark.parametrize("effects", ["none", "read"])
def test_what_another_try_may_mend_drops_the_record_as_it_came(
    name: str, said: str, effects: str, tmp_path: Path
) -> None:
    pool = people(effects=effects)
    tried = calls(("look_up", {"name": "Ada"}), (name, {"name": "Ada"}), turn=0)
    dropped = collect(setup_of(pool), model(tmp_path, tried, DONE), pool)
    assert isinstance(dropped, Drop) and dropped.reason == "tools_failed" and said in dropped.detail
    assert {**setup_of(pool), "asked": dropped.record["asked"]} == dropped.record


def test_a_call_that_was_mended_by_another_try_is_kept(tmp_path: Path) -> None:
    heard: list[str] = []

    def ring(name: str) -> dict[str, int]:
        """Ring a person until somebody answers."""
        heard.append(name)
        if len(heard) < 3:
            raise Unreachable("engaged")
        return {"year": 1815}

    pool = pool_of(as_tool(ring, effects="read"))
    tries = [calls(("ring", {"name": "Ada"}), turn=turn) for turn in range(3)]
    (step,) = collect(setup_of(pool), model(tmp_path, *tries, DONE), pool)["evidence"]
    assert heard == ["Ada"] * 3 and step["call"] == "c1" and step["result"] == {"year": 1815}


def test_a_call_that_no_cassette_holds_drops_the_record(tmp_path: Path) -> None:
    pool = people()
    door = Door(pool.tools, cassette=Cassette(tmp_path / "calls.sqlite"), on_miss="drop")
    dropped = collect(setup_of(pool), model(tmp_path, calls(("gone", {"name": "Ada"}), turn=0), DONE), pool, door)
    assert isinstance(dropped, Drop) and dropped.reason == "not_recorded" and "gone" in dropped.detail


def test_the_order_in_which_tools_end_changes_nothing(tmp_path: Path) -> None:
    def raced(first: float, second: float) -> Record:
        delays = {"Ada": first, "Alan": second}

        def dial(name: str) -> dict[str, str]:
            """Dial a person's number."""
            time.sleep(delays[name])
            return {"friend": f"friend of {name}", "line": "busy line"}

        pool = pool_of(as_tool(dial, effects="read"), as_tool(look_up))
        both = calls(("dial", {"name": "Ada"}), ("dial", {"name": "Alan"}), turn=0)
        on = calls(("look_up", {"name": "busy line"}), ("look_up", {"name": "friend of Ada"}), turn=1)
        return collect(setup_of(pool), model(tmp_path, both, on, DONE), pool)

    one, other = raced(0.0, 0.1), raced(0.1, 0.0)
    assert canonical(one) == canonical(other) and len(one["evidence"]) == 4
    assert one["evidence"][2]["arguments_from"] == {"name": {"call": "c2", "pointer": "/line"}}
    assert one["evidence"][3]["arguments_from"] == {"name": {"call": "c1", "pointer": "/friend"}}


def test_a_large_result_is_cut_for_the_model_and_whole_in_the_evidence(tmp_path: Path) -> None:
    def roll(name: str) -> dict[str, list[str]]:
        """List the members of a club."""
        return {"members": [f"member {number}" for number in range(2000)]}

    pool = pool_of(as_tool(roll))
    asked = model(tmp_path, calls(("roll", {"name": "Ada"}), turn=0), DONE)
    found = collect(setup_of(pool), asked, pool, room=600)
    assert len(found["evidence"][0]["result"]["members"]) == 2000
    (told,) = [message["content"] for message in asked.asks[1].messages if message["role"] == "tool"]
    assert "member 3" in told and len(told) < 1000
    again = model(tmp_path, DONE)
    collect(found, again, pool, room=600)
    user = again.asks[0].messages[-1]["content"]
    assert "c1 roll" in user and "member 3" in user and "member 1999" not in user and len(user) < 2000


# --- private results -------------------------------------------------------------------------------------------------


def test_private_results_are_told_to_no_model_outside(tmp_path: Path) -> None:
    private = as_tool(look_up, sensitivity="private")
    pool = pool_of(private, as_tool(broken))
    asked = model(tmp_path, calls(("look_up", {"name": "Ada"}), turn=0), DONE)
    assert collect(setup_of(pool), asked, pool)["evidence"]  # a script is this machine's own
    asked.inside = False
    with pytest.raises(StopAll, match="look_up") as stopped:
        collect(setup_of(pool), asked, pool)
    assert "--inside HOST" in str(stopped.value.hint) and len(asked.asks) == 2
    may_see(asked, {"broken": pool.tools["broken"]})
    may_see(asked, [as_tool(slow, sensitivity="internal")])


# --- rounds ----------------------------------------------------------------------------------------------------------


def test_a_second_round_goes_on_from_the_question_and_what_was_found(tmp_path: Path) -> None:
    record = collect(start(), model(tmp_path, *CHAIN))
    answer = {"value": 510, "type": "integer"}
    question = "How many people live in the hamlet whose mill grinds for Ashby?"
    support = {"call": "c4", "pointer": "/people"}
    record["task"] = {"round": 1, "question": question, "answer": answer, "support": support, "by": "hand"}
    before = copy.deepcopy(record)
    seen = r'How many people live.*answer: 510|c1 hamlet_mill\({"hamlet":"Ashby"}\) -> {"mill":"(\w+)"'
    asked = model(
        tmp_path,
        {"purpose": "collect:1", "error": "refused"},
        calls(("hamlet_mill", {"hamlet": r"\1"}), ("hamlet_mill", {"hamlet": "Ashby"}), turn=0, match=seen),
        calls(("hamlet_people", {"hamlet": "Kelton"}), turn=1),
        DONE,
    )
    asked.asks = []
    found = collect(record, asked)
    assert record == before and found["evidence"][:5] == before["evidence"]
    user = asked.asks[0].messages[-1]["content"]
    assert question in user and "510" in user and "c5 climb_time" in user
    new = found["evidence"][5:]
    assert [(step["call"], step["round"], step["tool"]) for step in new] == [
        ("c6", 2, "hamlet_mill"),
        ("c7", 2, "hamlet_people"),
    ]
    assert new[0]["arguments_from"] == {"hamlet": {"call": "c2", "pointer": "/market"}}
    assert new[1]["arguments_from"] == {"hamlet": {"call": "c6", "pointer": "/mill"}}
    assert [entry["round"] for entry in found["asked"]] == [1, 2]


def test_calls_of_a_round_before_keep_what_they_say(tmp_path: Path) -> None:
    """A list that a later call completes is a whole list for the later call alone."""
    listed = calls(("shire_hamlets", {"shire": "Southshire"}), turn=0)
    some = calls(("hamlet_height", {"hamlet": "Gorsey"}), ("hamlet_height", {"hamlet": "Elmham"}), turn=1)
    record = collect(start("Southshire", "t_shire"), model(tmp_path, listed, some, DONE))
    before = copy.deepcopy(record["evidence"])
    found = collect(record, model(tmp_path, calls(("hamlet_height", {"hamlet": "Fernhill"}), turn=0), DONE))
    assert found["evidence"][:3] == before and record["evidence"] == before
    assert found["evidence"][3]["arguments_from"]["hamlet"]["op"] == "item"


# --- the real pool ---------------------------------------------------------------------------------------------------


def scripted_by(record: Record, folder: Path) -> Watched:
    """A model that makes the calls of the first round of a record, one after the other."""
    steps = [step for step in record["evidence"] if step["round"] == 1]
    return model(folder, *(calls((s["tool"], s["arguments"]), turn=n) for n, s in enumerate(steps)), DONE)


def test_what_the_explorer_knew_of_its_calls_is_found_again(tmp_path: Path) -> None:
    """The same calls, chosen by a model that says nothing of where it took them from."""
    pool, door = real()
    same = total = 0
    for record in grown(60):
        bare = {key: record[key] for key in ("id", "setup")}
        found = collect(bare, scripted_by(record, tmp_path), pool, door)
        first = [step for step in record["evidence"] if step["round"] == 1]
        assert len(found["evidence"]) == len(first)
        for mine, theirs in zip(found["evidence"], first, strict=True):
            assert {k: mine[k] for k in ("call", "tool", "arguments")} == {
                k: theirs[k] for k in ("call", "tool", "arguments")
            }
            for name, node in mine["arguments_from"].items():
                known = over(found["evidence"][: int(mine["call"][1:]) - 1])
                assert canonical(evaluate(node, known)) == canonical(mine["arguments"][name])
                total += 1
                same += node == theirs["arguments_from"][name]
    assert total > 150 and same > 0.97 * total, (same, total)


# --- replies that were recorded --------------------------------------------------------------------------------------


def test_a_repeated_run_asks_nothing_and_gives_the_same_bytes(tmp_path: Path) -> None:
    async def run(asked: Any) -> Any:
        await asked.open()
        try:
            return await Collector(village(), Door(TOOLS), asked)(start())
        finally:
            await asked.close()

    first, second = model(tmp_path, *CHAIN), model(tmp_path, *CHAIN)
    with Cassette(tmp_path / "replies.sqlite") as cassette:
        found = asyncio.run(run(Taped(first, cassette)))
        again = asyncio.run(run(Taped(second, cassette)))
    assert canonical(found) == canonical(again) and len(found["evidence"]) == 5
    assert len(first.asks) == 4 and second.asks == []
    replayed = asyncio.run(run(Replay(str(tmp_path / "replies.sqlite"), Settings())))
    assert canonical(replayed) == canonical(found)


def test_another_try_after_an_error_asks_only_what_is_left(tmp_path: Path) -> None:
    with Cassette(tmp_path / "replies.sqlite") as cassette:
        breaking = model(tmp_path, *CHAIN[:2], {"error": "timeout"})
        revision = breaking.revision
        dropped = collect(start(), Taped(breaking, cassette))
        assert isinstance(dropped, Drop) and dropped.reason == "model_error"
        mended = model(tmp_path, *CHAIN)
        mended._told = revision  # the same checkpoint
        found = collect(dropped.record, Taped(mended, cassette))
    assert [ask.turn for ask in mended.asks] == [2, 3] and len(found["evidence"]) == 5
    assert [entry["ending"] for entry in found["asked"]] == ["model_error", "answered"]


def test_the_prompt_is_filled_whole() -> None:
    with pytest.raises(ValueError, match="missing"):
        fill("collect", seed="x")


def test_records_of_many_setups_collect_at_once(tmp_path: Path) -> None:
    """One collector, one event loop, many records: each as it is alone."""
    pool, door = real()
    records = [{key: record[key] for key in ("id", "setup")} for record in setups(40)]

    def first_call(record: Record) -> dict[str, Any]:
        name = next(iter(record["setup"]["tools"]))
        tool: Tool = pool.tools[name]
        return calls((name, dict(tool.examples[0].arguments)), turn=0, record=record["id"])

    asked = model(tmp_path, *(first_call(record) for record in records), DONE)
    collector = Collector(pool, door, asked)

    async def all_at_once() -> list[Any]:
        return list(await asyncio.gather(*(collector(record) for record in records)))

    together = asyncio.run(all_at_once())
    alone = [asyncio.run(collector(record)) for record in records]
    assert [canonical(found) for found in together] == [canonical(found) for found in alone]
    assert sum(not isinstance(found, Drop) for found in together) == 40
