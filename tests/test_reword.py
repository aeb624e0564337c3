"""A symbolic question in a model's words is kept only where it still asks for the same; else it stays as it was."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from village import HAMLETS, TOOLS, Story, choice, given, pool

from dive_tools.derive import Deriver
from dive_tools.errors import StopAll
from dive_tools.models.base import Ask, ModelError, Reply, Settings
from dive_tools.models.scripted import Scripted
from dive_tools.prompted.reword import Rewriter
from dive_tools.prompts import mark
from dive_tools.records import Drop, Record, need
from dive_tools.tools.door import Door
from dive_tools.verify import Verifier

MILL = "What is the elevation of the hamlet whose mill grinds for Ashby, in metres?"
SAME = "Find the hamlet whose mill grinds for Ashby and give its elevation in metres."
GAP = "By how many metres does the elevation of Ashby exceed the elevation of Birchley? Round to two decimal places."
CLIMB = (
    "What is the time at 450 metres an hour to climb the elevation of Ashby, in minutes? Round to two decimal places."
)
FAIR = "Which of the fairs of the shire of Ashby has the highest attendance?"


def story(question: str) -> Record:
    """A symbolic task that asks this."""
    made = Story()
    if question == MILL:
        mill = made.look("hamlet_mill", "/mill", hamlet=made.seed)
        support = made.look("hamlet_height", "/height", hamlet=mill)
    elif question == GAP:
        args = [made.look("hamlet_height", "/height", hamlet=name) for name in (made.seed, given("Birchley"))]
        support = {"op": "round", "places": 2, "of": {"op": "difference", "args": args}}
    elif question == CLIMB:
        height = made.look("hamlet_height", "/height", hamlet=made.seed)
        support = {
            "op": "round",
            "places": 2,
            "of": made.look("climb_time", "/minutes", height=height, pace=choice(450)),
        }
    else:
        shire = made.look("hamlet_shire", "/shire", hamlet=made.seed)
        support = {
            "op": "argmax",
            "of": made.look("shire_fairs", "/fairs", shire=shire),
            "by": "/visitors",
            "take": "/fair",
        }
    unit = {MILL: {"unit": "metres"}, GAP: {"unit": "metres"}, CLIMB: {"unit": "minutes"}}.get(question, {})
    record = made.task(question, support, **unit)
    return {**record, "task": {**record["task"], "by": "symbolic"}}


def writer(tmp_path: Path, text: str) -> Scripted:
    rule = {"purpose": "derive:1:reword", "reply": {"content": text}, "usage": {"tokens_in": 50, "tokens_out": 20}}
    (tmp_path / "rules.jsonl").write_text(json.dumps(rule))
    return Scripted(str(tmp_path / "rules.jsonl"), Settings())


def rewritten(record: Record, model: Any) -> Record:
    """The record after the model has had its say; the program's part gives it the task that it has."""
    bare = {key: value for key, value in record.items() if key != "task"}
    found = asyncio.run(Rewriter(pool(), model, symbolic=lambda _: record)(bare))
    assert not isinstance(found, Drop), found
    return found


GOOD = [
    (MILL, SAME),
    (MILL, f'<think>Hm.</think>\n"{SAME}"'),
    (MILL, "In metres, what is the elevation of the hamlet whose mill grinds for Ashby?"),
    (
        GAP,
        "How many metres higher is the elevation of Ashby than the elevation of Birchley? Round to two decimal places.",
    ),
    (
        CLIMB,
        "What time, in minutes, does it take to climb the elevation of Ashby at 450 metres an hour? "
        "Round to two decimal places.",
    ),
    (FAIR, "Consider the fairs of the shire of Ashby. Which of these has the highest attendance?"),
]


@pytest.mark.parametrize(("question", "said"), GOOD)
def test_other_words_for_the_same_are_kept_beside_the_original(question: str, said: str, tmp_path: Path) -> None:
    model = writer(tmp_path, said)
    before = story(question)
    found = rewritten(before, model)
    task = found["task"]
    assert "reworded" not in task, task["reworded"]
    assert task["question"] in said and task["question"][-1] in ".?" and task["original"] == question
    assert task["by"] == "symbolic" and task["reworded_by"] == model.name and task["answer"] == before["task"]["answer"]
    need(found, "task", "asked")
    (entry,) = found["asked"]
    assert (entry["stage"], entry["prompt"], entry["requests"], entry["ending"]) == (
        "derive",
        mark("reword"),
        1,
        "answered",
    )
    verdict = Verifier(pool(), Door(TOOLS))(found)
    assert not isinstance(verdict, Drop) or verdict.reason in ("trivial", "seed_indifferent"), verdict


BAD = [
    (MILL, MILL, "same words"),
    (MILL, "", "no text"),
    (MILL, SAME.replace("Ashby", "Birchley"), "Ashby"),
    (MILL, SAME.replace("metres", "feet"), "metres"),
    (MILL, SAME.replace(" in metres", ""), "metres"),
    (MILL, SAME.replace("elevation", "beauty"), "elevation"),
    (MILL, SAME.replace("hamlet whose", "hamlet of Elmham whose"), "elmham"),
    (MILL, SAME.replace("Ashby and", "Ashby, with its 120 people, and"), "120"),
    (MILL, SAME.replace(".", ", to one decimal place."), "round"),
    (MILL, SAME.replace("Find", "Say 47 or find"), "47"),
    (MILL, SAME + " Think it over. Take care. Then answer.", "sentences"),
    (
        MILL,
        SAME.replace("Find", "Find, as any good and careful reader of maps and chronicles surely can, " * 2),
        "words",
    ),
    (MILL, SAME[:-1], "without a mark"),
    (MILL, "Which hamlet's mill grinds for Ashby? At what elevation in metres does that hamlet lie?", "questions"),
    (MILL, "Which hamlet's mill grinds for Ashby? What is its elevation? In metres?", "sentences"),
    (MILL, SAME.replace("elevation", '"true" elevation'), "quotation"),
    (
        GAP,
        "How many metres higher is the elevation of Birchley than the elevation of Ashby? Round to two decimal places.",
        "other way round",
    ),
    (
        GAP,
        "How many metres higher is the elevation of Ashby than the elevation of Birchley? Round to one decimal place.",
        "round",
    ),
    (GAP, "How many metres higher is the elevation of Ashby than the elevation of Birchley?", "round"),
    (
        GAP,
        "What is the elevation of Ashby times the elevation of Birchley, in metres? Round to two decimal places.",
        "difference",
    ),
    (CLIMB, CLIMB.replace("What is the time at 450", "Give the time at 540").replace("?", "."), "450"),
    (CLIMB, CLIMB.replace("What is", "Give").replace("in minutes?", "in hours."), "minutes"),
    (FAIR, "Consider the fairs of the shire of Ashby. Which of these has the lowest attendance?", "highest"),
    (FAIR, "Consider the fairs of the shire of Ashby. Which of these has the second highest attendance?", "second"),
    (
        FAIR,
        "Of the fairs of the shire of Ashby, Goose Fair among them, which has the highest attendance?",
        "Goose Fair",
    ),
]


@pytest.mark.parametrize(("question", "said", "why"), BAD)
def test_what_asks_for_something_else_is_refused_and_the_original_kept(
    question: str, said: str, why: str, tmp_path: Path
) -> None:
    before = story(question)
    found = rewritten(before, writer(tmp_path, said))
    refused = found["task"].pop("reworded", "kept")
    assert refused.startswith("refused: ") and why.lower() in refused.lower(), refused
    assert found["task"] == before["task"] and found["asked"][0]["ending"] == "refused"


def test_verification_holds_both_questions(tmp_path: Path) -> None:
    found = rewritten(story(MILL), writer(tmp_path, SAME))
    verifier = Verifier(pool(), Door(TOOLS))
    assert not isinstance(verifier(found), Drop)
    for change in ({"question": SAME.replace("Ashby", "Hollow")}, {"original": MILL.replace("metres", "feet")}):
        dropped = verifier({**found, "task": {**found["task"], **change}})
        assert isinstance(dropped, Drop) and dropped.reason == "unfaithful", change


class Asked:
    """A model that counts what it is asked, and fails as it is told."""

    inside, name, revision = True, "scripted:asked", "r"

    def __init__(self, kind: str = "") -> None:
        self.kind, self.asks = kind, []
        self.counters: dict[str, Any] = {}

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def reply(self, ask: Ask) -> Reply:
        self.asks.append(ask)
        if self.kind:
            raise ModelError(self.kind, "it is so")
        return Reply(message={"role": "assistant", "content": SAME})


def test_a_model_that_fails_costs_only_the_new_words() -> None:
    before = story(MILL)
    found = rewritten(before, Asked("timeout"))
    assert found["task"].pop("reworded") == "refused: model_error: timeout: it is so"
    assert found["task"] == before["task"] and found["asked"][0]["ending"] == "model_error"


def test_a_reply_that_no_cassette_holds_drops_the_record() -> None:
    record = {key: value for key, value in story(MILL).items() if key != "task"}
    dropped = asyncio.run(Rewriter(pool(), Asked("not_recorded"), symbolic=lambda _: story(MILL))(record))
    assert isinstance(dropped, Drop) and dropped.reason == "not_recorded"


def test_the_programs_drop_stays_and_nothing_is_asked() -> None:
    model = Asked()
    drop = Drop({"id": "x"}, "nothing_to_ask", "no")
    assert asyncio.run(Rewriter(pool(), model, symbolic=lambda _: drop)({"id": "x"})) is drop
    assert not model.asks


@pytest.mark.parametrize("more", [{"original": MILL, "question": SAME}, {"reworded": "refused: it has the same words"}])
def test_a_task_is_reworded_once(more: dict[str, str]) -> None:
    model = Asked()
    stalled = story(MILL)
    stalled["task"] |= {"stalled": [2], **more}
    assert asyncio.run(Rewriter(pool(), model, symbolic=lambda _: stalled)(stalled)) == stalled
    assert not model.asks


def test_private_results_stay_inside() -> None:
    model = Asked()
    model.inside = False
    tools = pool()
    tools.tools["hamlet_height"] = replace(tools.tools["hamlet_height"], sensitivity="private")
    with pytest.raises(StopAll, match="hamlet_height"):
        asyncio.run(Rewriter(tools, model, symbolic=lambda _: story(MILL))(story(MILL)))
    assert not model.asks


def test_the_program_derives_and_the_model_words(tmp_path: Path) -> None:
    """With the real deriver, over a hamlet of the village."""
    made = Story("Dunmoor")
    made.look("hamlet_height", "/height", hamlet=made.look("hamlet_mill", "/mill", hamlet=made.seed))
    plain = Deriver(pool())(made.record)
    assert not isinstance(plain, Drop)
    said = f"Tell me this. {plain['task']['question']}"
    found = asyncio.run(Rewriter(pool(), writer(tmp_path, said), symbolic=Deriver(pool()))(made.record))
    assert found["task"]["question"] == said and found["task"]["original"] == plain["task"]["question"]
    assert HAMLETS["Dunmoor"][4] == "Fernhill" and found["task"]["support"] == plain["task"]["support"]
