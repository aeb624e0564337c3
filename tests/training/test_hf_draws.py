"""What hf: draws: transformers' own processors as the reference of what top_k, top_p, min_p and penalties leave."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import torch
from transformers import (
    LogitsProcessorList,
    MinPLogitsWarper,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from dive_tools.models.hf_batch import Row, _Draw

WORDS = 40
SETTINGS: list[dict[str, Any]] = [
    {},
    {"temperature": 0.0},
    {"temperature": 0.6},
    {"top_k": 3},
    {"top_p": 0.7},
    {"min_p": 0.2},
    {"temperature": 1.5, "top_k": 12, "top_p": 0.8},
    {"repetition_penalty": 1.8},
]


def left(settings: dict[str, Any], ids: torch.Tensor, logits: torch.Tensor) -> list[float]:
    """The probabilities that transformers leaves."""
    made = LogitsProcessorList()
    if "repetition_penalty" in settings:
        made.append(RepetitionPenaltyLogitsProcessor(settings["repetition_penalty"]))
    if settings.get("temperature"):
        made.append(TemperatureLogitsWarper(settings["temperature"]))
    if "top_k" in settings:
        made.append(TopKLogitsWarper(settings["top_k"]))
    if "min_p" in settings:
        made.append(MinPLogitsWarper(settings["min_p"]))
    if "top_p" in settings:
        made.append(TopPLogitsWarper(settings["top_p"]))
    scores = made(ids[None], logits[None].clone())[0]
    if settings.get("temperature") == 0.0:
        return torch.nn.functional.one_hot(scores.argmax(), WORDS).double().tolist()  # type: ignore[no-any-return]
    return scores.softmax(-1).double().tolist()  # type: ignore[no-any-return]


def drawn(rows: list[Row], ids: torch.Tensor, logits: torch.Tensor, times: int) -> list[Counter[int]]:
    draw = _Draw(rows, torch.ones_like(ids))
    found: list[Counter[int]] = [Counter() for _ in rows]
    for _ in range(times):
        chosen = draw(ids, logits.clone()).argmax(-1).tolist()
        for counts, token in zip(found, chosen, strict=True):
            counts[token] += 1
    return found


@pytest.fixture
def together() -> tuple[list[Row], torch.Tensor, torch.Tensor]:
    """All settings in one batch, with contexts and logits of their own."""
    torch.manual_seed(0)
    ids = torch.randint(0, WORDS, (len(SETTINGS), 6))
    rows = [Row(ids=row.tolist(), limit=9, seed=n, **SETTINGS[n]) for n, row in enumerate(ids)]
    return rows, ids, torch.randn(len(SETTINGS), WORDS) * 2


def test_draws_follow_what_transformers_leaves(together: tuple[list[Row], torch.Tensor, torch.Tensor]) -> None:
    rows, ids, logits = together
    times = 4000
    for settings, row, words, counts in zip(SETTINGS, ids, logits, drawn(rows, ids, logits, times), strict=True):
        wanted = left(settings, row, words)
        assert all(wanted[token] > 0 for token in counts), settings
        apart = sum(abs(counts[token] / times - share) for token, share in enumerate(wanted)) / 2
        assert apart < 0.06, (settings, apart)


def test_a_row_draws_the_same_alone_and_among_others(together: tuple[list[Row], torch.Tensor, torch.Tensor]) -> None:
    rows, ids, logits = together
    among = drawn(rows, ids, logits, 50)
    for n, row in enumerate(rows):
        assert drawn([row], ids[n : n + 1], logits[n : n + 1], 50) == [among[n]], SETTINGS[n]
