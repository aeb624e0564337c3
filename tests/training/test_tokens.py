"""Attempts over token ids: what is trained on is what was sampled, what is between is what a server renders."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pupil
import pytest

from dive_tools.agent import Budget
from dive_tools.env import Rollout
from dive_tools.train.generate import Row, Sampled
from dive_tools.train.template import Template
from dive_tools.train.tokens import Tokens

BUDGET = Budget(calls=2, turns=5)
CALL = '<tool_call>\n{"name": "weigh", "arguments": {"stone": "flint"}}\n</tool_call>'


class Spoken:
    """Samples these replies, each given as text or as token ids, and keeps what it gave and was given."""

    def __init__(self, template: Template, *replies: str | list[int]) -> None:
        self.template, self.left = template, [*replies]
        self.rows: list[Row] = []
        self.gave: list[list[int]] = []

    async def __call__(self, row: Row) -> Sampled:
        reply = self.left.pop(0)
        ids = reply if isinstance(reply, list) else [*self.template.ids([reply])[0], self.template.stop]
        ids = ids[: row.limit]
        self.rows.append(row)
        self.gave.append(ids)
        return Sampled(ids, [-0.5 - n / 64 for n in range(len(ids))], ids[-1] == self.template.stop)


@pytest.fixture
def template(small_model: Path) -> Template:
    from transformers import AutoTokenizer

    return Template.of(AutoTokenizer.from_pretrained(small_model))


def attempt(
    template: Template,
    tmp_path: Path,
    *replies: str | list[int],
    budget: Budget = BUDGET,
    **limits: int,
) -> tuple[Rollout, Tokens, Spoken]:
    """An attempt at the flint's weight with these replies."""
    spoken = Spoken(template, *replies)
    most, longest = limits.get("max_tokens", 200), limits.get("max_length", 4000)
    model = Tokens(template, spoken, key="k", max_tokens=most, max_length=longest)
    env = pupil.world([pupil.task("flint")], tmp_path / "tape.sqlite", budget=budget)
    try:
        return asyncio.run(env.run("flint", model)), model, spoken
    finally:
        env.close()


def runs(model: Tokens) -> list[list[int]]:
    """The stretches of ids whose mask is 1."""
    found: list[list[int]] = []
    before = 0
    for token, own in zip(model.ids, model.mask, strict=True):
        if own and not before:
            found.append([])
        if own:
            found[-1].append(token)
        before = own
    return found


def test_what_is_trained_on_is_what_was_sampled(template: Template, tmp_path: Path) -> None:
    made, model, spoken = attempt(template, tmp_path, CALL, "It is light.\nAnswer: 7")
    assert made.reward.total == pytest.approx(1.1)
    assert runs(model) == spoken.gave
    kept = [lp for lp, own in zip(model.logprobs, model.mask, strict=True) if own]
    assert kept == [-0.5 - n / 64 for ids in spoken.gave for n in range(len(ids))]
    assert {lp for lp, own in zip(model.logprobs, model.mask, strict=True) if not own} == {0.0}
    assert [[*row.ids] for row in spoken.rows] == [model.prompt, [*model.prompt, *model.ids[: -len(spoken.gave[1])]]]
    assert [row.key for row in spoken.rows] == ["k:0", "k:1"]


def test_canonical_text_adds_up_to_the_rendering_of_the_whole(template: Template, tmp_path: Path) -> None:
    made, model, _ = attempt(template, tmp_path, f"<think>\nI weigh it.\n</think>\n\n{CALL}", "Answer: 7")
    whole = template.text(made.talk.messages, [pupil.weighing().schema()])
    mine = template.tokenizer.decode([*model.prompt, *model.ids])
    assert whole.startswith(mine)
    assert whole[len(mine) :].strip() == ""
    assert [*model.prompt, *model.ids] == template.ids([mine])[0]


def test_tokens_that_would_be_others_if_read_again_are_kept(template: Template, tmp_path: Path) -> None:
    canonical = template.ids(["Answer: 7"])[0]
    odd = [token for letter in "Answer: 7" for token in template.ids([letter])[0]]
    assert template.tokenizer.decode(odd) == template.tokenizer.decode(canonical)
    assert len(odd) > len(canonical)  # decoded and encoded again, it is another sequence
    call = [token for letter in CALL for token in template.ids([letter])[0]]
    assert template.ids([CALL])[0] != call
    made, model, spoken = attempt(template, tmp_path, [*call, template.stop], [*odd, template.stop])
    assert made.reward.correct == 1.0
    assert runs(model) == spoken.gave == [[*call, template.stop], [*odd, template.stop]]
    again = template.prompt_ids(made.talk.messages[:-1], [pupil.weighing().schema()])
    assert [*spoken.rows[1].ids] != again  # a prompt rendered anew would hold tokens that were never sampled


def test_a_reply_at_its_limit_is_cut_and_what_follows_begins_after_a_stop_that_is_not_learnt(
    template: Template, tmp_path: Path
) -> None:
    long = [*template.ids([CALL + " and so on, and so forth"])[0]]
    limit = len(template.ids([CALL])[0])
    made, model, spoken = attempt(template, tmp_path, long, "Answer: 7", max_tokens=limit)
    assert spoken.gave[0] == long[:limit]
    assert made.talk.ending == "answered"
    assert model.ids[limit] == template.stop
    assert model.mask[limit] == 0
    assert runs(model) == spoken.gave


def test_an_answer_at_its_limit_is_none(template: Template, tmp_path: Path) -> None:
    long = template.ids(["Answer: 7 and then some more of it"])[0]
    made, model, _ = attempt(template, tmp_path, long, max_tokens=4)
    assert (made.talk.ending, made.reward.total, made.reward.masked) == ("budget", 0.0, "")
    assert model.mask == [1] * 4


def test_an_attempt_that_outgrows_its_length_is_wrong_and_no_error(template: Template, tmp_path: Path) -> None:
    _, whole, _ = attempt(template, tmp_path, CALL, "Answer: 7")
    first = len(whole.prompt) + len(runs(whole)[0])
    made, model, spoken = attempt(template, tmp_path / "short", CALL, "Answer: 7", max_length=first + 2)
    assert made.talk.ending == "budget"
    assert "outgrew" in made.talk.detail
    assert (made.reward.total, made.reward.masked) == (0.0, "")
    assert model.ids == spoken.gave[0]  # tool tokens that nothing was sampled after are left out


def test_the_last_reply_gets_the_room_there_is(template: Template, tmp_path: Path) -> None:
    _, whole, rows = attempt(template, tmp_path, CALL, "Answer: 7")
    length = len(whole.prompt) + len(whole.ids) - 1
    made, model, spoken = attempt(template, tmp_path / "short", CALL, "Answer: 7", max_length=length)
    assert spoken.rows[1].limit == len(rows.gave[1]) - 1
    assert len(model.prompt) + len(model.ids) == length
    assert made.talk.ending == "budget"


def test_the_last_word_is_asked_for_in_the_same_ids(template: Template, tmp_path: Path) -> None:
    made, model, _ = attempt(template, tmp_path, CALL, "Answer: 7", budget=Budget(calls=1, turns=5))
    assert made.talk.ending == "answered"
    assert "No call is left" in template.tokenizer.decode(model.ids)
    called, again, _ = attempt(
        template, tmp_path / "again", CALL, CALL.replace("flint", "slate"), budget=Budget(calls=1, turns=5)
    )
    assert called.talk.ending == "budget"
    assert sum(again.mask) == sum(map(len, runs(again)))


def test_a_call_that_cannot_be_read_is_told_of(template: Template, tmp_path: Path) -> None:
    broken = '<tool_call>\n{"name": "weigh", "arguments": {"stone": \n</tool_call>'
    made, model, spoken = attempt(template, tmp_path, broken, CALL, "Answer: 7")
    kinds = [step.outcome.get("error", {}).get("kind") for step in made.talk.steps]
    assert kinds == ["malformed", None]
    assert (made.reward.format, made.reward.correct) == (0.0, 1.0)
    assert runs(model) == spoken.gave


def test_several_calls_of_one_turn_are_answered_together(template: Template, tmp_path: Path) -> None:
    two = f"{CALL}\n{CALL.replace('flint', 'slate')}"
    made, model, spoken = attempt(template, tmp_path, two, "Answer: 7")
    assert len(made.talk.steps) == 2
    said: Any = template.tokenizer.decode(spoken.rows[1].ids)
    assert said.count("<tool_response>") == 2
    whole = template.text(made.talk.messages, [pupil.weighing().schema()])
    assert whole.startswith(template.tokenizer.decode([*model.prompt, *model.ids]))
