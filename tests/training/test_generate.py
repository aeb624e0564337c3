"""Sampling many rows at once: the same as one by one, from the distribution that it says, and in rounds."""

from __future__ import annotations

import asyncio
import inspect
import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from dive_tools.train import generate
from dive_tools.train.generate import Here, Rounds, Row, Sampled, Vllm, sample


@pytest.fixture(scope="module")
def model(small_model: Path) -> Any:
    from transformers import AutoModelForCausalLM

    made = AutoModelForCausalLM.from_pretrained(small_model, dtype=torch.float32)
    with torch.no_grad():  # random weights give all tokens nearly the same chance: make some likelier than others
        for weights in made.parameters():
            weights.mul_(3.0)
    return made


def prompts(count: int, longest: int = 40) -> list[list[int]]:
    return [[(7 * n + 13 * m) % 900 + 20 for m in range(3 + (5 * n) % longest)] for n in range(count)]


def likely(model: Any, ids: list[int], temperature: float = 1.0) -> torch.Tensor:
    """The log-probabilities after each token, by one whole forward pass."""
    with torch.no_grad():
        return (model(torch.tensor([ids])).logits[0].float() / temperature).log_softmax(-1)  # type: ignore[no-any-return]


def test_rows_of_all_lengths_go_on_as_each_would_alone(model: Any) -> None:
    from transformers import GenerationConfig

    rows = [Row(ids=ids, limit=3 + n % 9, key=str(n), temperature=1e-4) for n, ids in enumerate(prompts(12))]
    ends = [sample(model, rows[:1], [])[0].ids[1]]  # a token that one of them says
    for row, found in zip(rows, sample(model, rows, ends), strict=True):
        config = GenerationConfig(do_sample=False, max_new_tokens=row.limit, eos_token_id=ends, pad_token_id=0)
        ids = torch.tensor([row.ids])
        alone = model.generate(ids, attention_mask=torch.ones_like(ids), generation_config=config)[0, len(row.ids) :]
        assert found.ids == alone.tolist()
        assert found.ended == (found.ids[-1] in ends)


def test_logprobs_are_those_of_the_distribution_that_was_drawn_from(model: Any) -> None:
    rows = [Row(ids=ids, limit=9, key=str(n), temperature=0.5 + n / 4) for n, ids in enumerate(prompts(6))]
    for row, found in zip(rows, sample(model, rows, [5]), strict=True):
        told = likely(model, [*row.ids, *found.ids], row.temperature)
        for n, (token, logprob) in enumerate(zip(found.ids, found.logprobs, strict=True)):
            assert told[len(row.ids) - 1 + n, token].item() == pytest.approx(logprob, abs=1e-4)


def test_draws_are_as_frequent_as_they_should_be(model: Any) -> None:
    ids, count = prompts(1)[0], 4000
    rows = [Row(ids=ids, limit=1, key=f"draw {n}") for n in range(count)]
    seen = Counter(found.ids[0] for found in sample(model, rows, []))
    chances = likely(model, ids)[-1].exp()
    for token in chances.topk(5).indices.tolist():
        expected = chances[token].item()
        assert abs(seen[token] / count - expected) < 4.5 * math.sqrt(expected * (1 - expected) / count)


def test_a_row_draws_the_same_in_any_company(model: Any) -> None:
    rows = [Row(ids=ids, limit=12, key=str(n)) for n, ids in enumerate(prompts(9))]
    together = sample(model, rows, [5])
    torch.manual_seed(1)
    assert [sample(model, [row], [5])[0].ids for row in rows] == [found.ids for found in together]
    assert [found.ids for found in Here(model, [5], most=2)(rows, 9)] == [found.ids for found in together]
    others = sample(model, [Row(ids=row.ids, limit=12, key=f"{row.key}!") for row in rows], [5])
    assert [found.ids for found in others] != [found.ids for found in together]


def test_a_prompt_that_many_share_is_read_once(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = prompts(1)[0]
    rows = [Row(ids=ids, limit=2, key=str(n)) for n in range(6)]
    read: list[tuple[int, ...]] = []
    forward = type(model).forward

    def spied(self: Any, *args: Any, **given: Any) -> Any:
        read.append(tuple(given["input_ids"].shape))
        return forward(self, *args, **given)

    monkeypatch.setattr(type(model), "forward", spied)
    shared = sample(model, rows, [])
    assert read == [(1, len(ids)), (6, 1)]
    monkeypatch.undo()
    assert [sample(model, [row], [])[0].ids for row in rows] == [found.ids for found in shared]


def test_the_model_is_left_as_it_was(model: Any) -> None:
    for training in (True, False):
        model.train(training)
        sample(model, [Row(ids=[30, 40], limit=2, key="")], [])
        assert model.training is training
    assert all(weights.grad is None for weights in model.parameters())


# --- rounds -----------------------------------------------------------------------------------------------------------


class Counted:
    """Gives each row its own last id again, and keeps how many rows a batch had."""

    def __init__(self) -> None:
        self.batches: list[tuple[int, int]] = []

    def __call__(self, rows: Sequence[Row], width: int) -> list[Sampled]:
        self.batches.append((len(rows), width))
        return [Sampled([row.ids[-1]], [0.0], True) for row in rows]


async def turns(rounds: Rounds, number: int, count: int, wait: float = 0.0) -> list[int]:
    found = []
    for turn in range(count):
        await asyncio.sleep(wait)
        found += (await rounds.sample(Row(ids=[100 * number + turn], limit=1))).ids
    return found


def test_all_that_live_make_one_batch_each_turn() -> None:
    counted = Counted()
    rounds = Rounds(counted)
    made = asyncio.run(rounds.run([turns(rounds, n, count, n / 200) for n, count in enumerate((1, 3, 2, 3))]))
    assert made == [[0], [100, 101, 102], [200, 201], [300, 301, 302]]
    assert counted.batches == [(4, 4), (3, 3), (2, 2)]


def test_who_waits_for_tokens_does_not_wait_for_slow_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate, "PAUSE", 0.05)
    counted = Counted()
    rounds = Rounds(counted)
    made = asyncio.run(rounds.run([turns(rounds, 0, 2), turns(rounds, 1, 1, 1.0)]))
    assert made == [[0, 1], [100]]
    assert counted.batches == [(1, 1), (1, 1), (1, 1)]


def test_a_fault_of_one_stops_the_others() -> None:
    rounds = Rounds(Counted())

    async def fails() -> list[int]:
        await rounds.sample(Row(ids=[1], limit=1))
        raise LookupError("so it goes")

    with pytest.raises(LookupError, match="so it goes"):
        asyncio.run(rounds.run([turns(rounds, 0, 50), fails()]))


def test_processes_make_as_many_batches_as_the_longest_of_them() -> None:
    theirs = iter([2, 5, 5, 1, 0])  # rows that another process has, round by round
    counted = Counted()
    rounds = Rounds(counted, agree=lambda mine: max(mine, next(theirs)))
    assert asyncio.run(rounds.run([turns(rounds, n, 2) for n in range(3)])) == [[0, 1], [100, 101], [200, 201]]
    assert counted.batches == [(3, 3), (3, 5), (0, 5), (0, 1)]


# --- vLLM: what can be said without a GPU -----------------------------------------------------------------------------


def test_vllm_is_asked_as_trl_wants_it() -> None:
    from trl import GRPOConfig, GRPOTrainer
    from trl.generation.vllm_generation import VLLMGeneration

    signature = inspect.signature(VLLMGeneration.generate)
    asked: list[dict[str, Any]] = []

    class Held:
        """Gives two tokens for each prompt, in the form that TRL's docstring tells."""

        def generate(self, *args: Any, **given: Any) -> Any:
            bound = signature.bind(self, *args, **given).arguments
            asked.append(bound)
            count = len(bound["prompts"])
            return bound["prompts"], [[7, 9]] * count, [[[-0.5], [None]]] * count, [[[7], [9]]] * count

    rows = [Row(ids=(1, 2, 3), limit=5), Row(ids=(4,), limit=1)]
    long, short = Vllm(Held(), [9], [8])(rows, 4)
    assert asked[0]["prompts"] == [[1, 2, 3], [4], [8], [8]]
    assert asked[0]["num_generations"] == 1
    assert (long.ids, long.ended, long.logprobs[0]) == ([7, 9], True, -0.5)
    assert math.isnan(long.logprobs[1])
    assert (short.ids, short.logprobs, short.ended) == ([7], [-0.5], False)
    assert "(prompt_ids, completion_ids, logprobs, logprob_token_ids)" in (VLLMGeneration.generate.__doc__ or "")
    assert "self.vllm_generation = VLLMGeneration(" in inspect.getsource(GRPOTrainer.__init__)
    names = {"use_vllm", "vllm_mode", "vllm_max_model_length", "vllm_server_base_url", "generation_kwargs"}
    assert names <= GRPOConfig.__dataclass_fields__.keys()
