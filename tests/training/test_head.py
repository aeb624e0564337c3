"""The loss of labelled positions alone is TRL's own, and so are its gradients."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def pair(small_model: Path) -> tuple[Any, Any]:
    """The same model twice: as TRL patches it, and scoring labelled positions alone."""
    from transformers import AutoModelForCausalLM
    from trl.trainer.utils import add_fused_lm_head

    from dive_tools.train.head import narrow

    models = [AutoModelForCausalLM.from_pretrained(small_model) for _ in range(2)]
    for model in models:
        add_fused_lm_head(model, outputs=("log_probs", "entropy", "is_top1"))
    assert narrow(models[1])
    return models[0], models[1]


def batch(labelled: bool = True) -> dict[str, Any]:
    import torch

    torch.manual_seed(0)
    ids = torch.randint(5, 900, (3, 17))
    labels = ids.masked_fill(torch.rand(3, 17) < 0.6, -100) if labelled else torch.full_like(ids, -100)
    attention = torch.ones_like(ids)
    attention[2, 11:] = 0
    labels[2, 11:] = -100
    return {"input_ids": ids, "attention_mask": attention, "labels": labels}


@pytest.mark.parametrize("items", [None, 40])
def test_loss_gradients_and_measures_are_those_of_trl(pair: tuple[Any, Any], items: int | None) -> None:
    import torch

    said = [model(**batch(), fused_lm_head=True, num_items_in_batch=items) for model in pair]
    for name in ("loss", "log_probs", "entropy"):
        torch.testing.assert_close(getattr(said[1], name), getattr(said[0], name), atol=1e-5, rtol=1e-5)
    assert torch.equal(said[1].label_mask, said[0].label_mask)
    assert torch.equal(said[1].is_top1.bool(), said[0].is_top1.bool())
    for one in said:
        one.loss.backward()
    for left, right in zip(pair[0].parameters(), pair[1].parameters(), strict=True):
        torch.testing.assert_close(right.grad, left.grad, atol=1e-5, rtol=1e-4)


def test_a_batch_without_a_label_gives_a_zero_that_can_be_learnt_from(pair: tuple[Any, Any]) -> None:
    loss = pair[1](**batch(labelled=False), fused_lm_head=True).loss
    loss.backward()
    assert loss.item() == 0


def test_without_the_fused_head_a_model_is_as_before(pair: tuple[Any, Any]) -> None:
    import torch

    plain = {key: value for key, value in batch().items() if key != "labels"}
    torch.testing.assert_close(pair[1](**plain).logits, pair[0](**plain).logits)
    torch.testing.assert_close(pair[1](**batch()).loss, pair[0](**batch()).loss)
    made = pair[1].generate(plain["input_ids"], max_new_tokens=2, do_sample=False)
    assert made.shape == (3, 19)


def test_a_model_that_scales_its_logits_stays_as_it_is(small_model: Path) -> None:
    from transformers import AutoModelForCausalLM

    from dive_tools.train.head import narrow

    model = AutoModelForCausalLM.from_pretrained(small_model)
    model.config.final_logit_softcapping = 30.0
    before = model.forward
    assert not narrow(model) and model.forward == before
