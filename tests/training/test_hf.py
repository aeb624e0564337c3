"""hf: models as conversations ask them: a last word without calls."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from dive_tools.agent import Budget, converse
from dive_tools.errors import UsageFault
from dive_tools.models.base import Ask, Reply, Settings
from dive_tools.models.gate import Gate
from dive_tools.models.hf import HF
from dive_tools.pool import builtin


def test_a_last_word_is_wanted_of_a_model_in_process_too(small_model: Path) -> None:
    tools = {"country_profile": builtin().tools["country_profile"]}

    async def talk() -> str:
        model = HF(str(small_model), Settings(extra={"max_tokens": 8, "seed": 1}), Gate(4))
        await model.open()
        try:
            return (
                await converse(
                    model,
                    [{"role": "user", "content": "How large is Chad?"}],
                    tools,
                    lambda name, arguments: pytest.fail("no call is left"),
                    budget=Budget(calls=0),
                    record="r",
                    purpose="test",
                )
            ).ending
        finally:
            await model.close()

    assert asyncio.run(talk()) in ("answered", "budget", "gave_up")


def test_where_no_call_is_wanted_a_call_stays_text(small_model: Path) -> None:
    async def said() -> Reply:
        model = HF(str(small_model), Settings(extra={"max_tokens": 8, "seed": 1}), Gate(4))
        await model.open()
        try:
            ask = Ask(
                messages=[{"role": "user", "content": "?"}], record="r", purpose="p", sampling={"tool_choice": "none"}
            )
            return await model.reply(ask)
        finally:
            await model.close()

    assert asyncio.run(said()).message.keys() == {"role", "content"}


def test_another_choice_of_tools_is_refused() -> None:
    with pytest.raises(UsageFault, match="tool_choice is auto or none, not 'required'"):
        HF("some/model", Settings(extra={"tool_choice": "required"}), Gate(1))
