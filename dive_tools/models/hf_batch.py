"""Many prompts through transformers at once, each with its own sampling: what `hf:` runs in its thread.

Each row of a batch draws with its own random numbers, so that rows which are sampled otherwise share a batch. Rows that
are done cost padding only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import torch
from transformers import GenerationConfig, LogitsProcessor, LogitsProcessorList, StoppingCriteria, StoppingCriteriaList


@dataclass(eq=False, kw_only=True)
class Row:
    """One prompt, and how it is answered."""

    ids: list[int]
    limit: int  # tokens of the answer
    temperature: float = 1.0  # 0: always the likeliest token
    top_p: float = 1.0
    top_k: int = 0  # 0: all
    min_p: float = 0.0
    repetition_penalty: float = 1.0
    seed: int | None = None
    stop: tuple[str, ...] = ()
    gone: bool = False  # nobody waits for it any more
    done: bool = field(default=False, init=False)


@dataclass(frozen=True)
class Answer:
    """The text of an answer, its tokens (the end mark included), and whether it ended by itself."""

    text: str
    tokens: int
    ended: bool


def generate(model: Any, tokenizer: Any, rows: Sequence[Row], ends: Sequence[int]) -> list[Answer]:
    """The rows' answers; `ends` are the tokens that end one."""
    width = max(len(row.ids) for row in rows)
    pad = ends[0]
    ids = torch.tensor([[pad] * (width - len(row.ids)) + row.ids for row in rows], device=model.device)
    mask = torch.tensor([[0] * (width - len(row.ids)) + [1] * len(row.ids) for row in rows], device=model.device)
    config = GenerationConfig(
        do_sample=False, max_new_tokens=max(row.limit for row in rows), eos_token_id=list(ends), pad_token_id=pad
    )
    with torch.inference_mode():
        made = model.generate(
            ids,
            attention_mask=mask,
            generation_config=config,
            logits_processor=LogitsProcessorList([_Draw(rows, mask)]),
            stopping_criteria=StoppingCriteriaList([_Ends(rows, tokenizer, width, set(ends))]),
        )
    return [_answer(row, new, tokenizer, ends) for row, new in zip(rows, made[:, width:].tolist(), strict=True)]


def _answer(row: Row, new: list[int], tokenizer: Any, ends: Iterable[int]) -> Answer:
    new = new[: row.limit]
    end = next((n for n, token in enumerate(new) if token in ends), None)
    text = tokenizer.decode(new[:end], skip_special_tokens=False, clean_up_tokenization_spaces=False)
    cuts = [at for stop in row.stop if (at := text.find(stop)) >= 0]
    tokens = len(new) if end is None else end + 1
    return Answer(text[: min(cuts)] if cuts else text, tokens, end is not None or bool(cuts))


class _Draw(LogitsProcessor):  # type: ignore[misc]
    """Logits made such that only the row's draw is left."""

    def __init__(self, rows: Sequence[Row], mask: torch.Tensor) -> None:
        self.rows = rows
        self.starts = (mask.shape[1] - mask.sum(1)).tolist()  # where each prompt begins, after its padding
        self.random = [Random() if row.seed is None else Random(row.seed) for row in rows]
        self.cuts = _Cuts.of(rows, mask.device)
        self.greedy = _column([row.temperature == 0.0 for row in rows], mask.device)
        self.heat = _column([row.temperature or 1.0 for row in rows], mask.device)

    def __call__(self, ids: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
        logits = logits.float()
        for n, row in enumerate(self.rows):
            if row.repetition_penalty != 1.0 and not row.done:
                seen = ids[n, self.starts[n] :]
                known = logits[n, seen]
                penalty = row.repetition_penalty
                logits[n, seen] = torch.where(known < 0, known * penalty, known / penalty)
        likeliest = logits.argmax(-1, keepdim=True)
        probable = (logits / self.heat).softmax(-1)
        if self.cuts is not None:
            probable = self.cuts.applied(probable)
        tokens = torch.where(self.greedy, likeliest, drawn(probable, [random.random() for random in self.random]))
        return torch.full_like(logits, -torch.inf).scatter_(-1, tokens, 0.0)


def drawn(probable: torch.Tensor, numbers: Sequence[float]) -> torch.Tensor:
    """A token for each row of probabilities (rows x tokens), by a number in [0, 1) each; rows x 1."""
    sums = probable.cumsum(-1, dtype=torch.float64)
    points = _column(numbers, sums.device, torch.float64) * sums[:, -1:]
    return torch.searchsorted(sums, points, right=True).clamp_max_(sums.shape[1] - 1)


def _column(values: Sequence[float | bool], device: torch.device, dtype: torch.dtype | None = None) -> torch.Tensor:
    return torch.tensor(values, device=device, dtype=dtype)[:, None]


@dataclass(frozen=True)
class _Cuts:
    """The top_k, min_p and top_p of each row, in columns; applied in this order, each to what the one before left."""

    top_k: torch.Tensor
    min_p: torch.Tensor
    top_p: torch.Tensor

    @classmethod
    def of(cls, rows: Sequence[Row], device: torch.device) -> _Cuts | None:
        """None where no row cuts anything off."""
        if not any(row.top_k > 0 or row.min_p > 0.0 or row.top_p < 1.0 for row in rows):
            return None
        return cls(
            _column([row.top_k if row.top_k > 0 else 1 << 62 for row in rows], device),
            _column([row.min_p for row in rows], device),
            _column([row.top_p if row.top_p < 1.0 else 2.0 for row in rows], device),
        )

    def applied(self, probable: torch.Tensor) -> torch.Tensor:
        """The probabilities, with 0 for those that are ruled out; the highest never is."""
        probable, order = probable.sort(-1, descending=True)
        rank = torch.arange(probable.shape[1], device=probable.device)
        out = (rank >= self.top_k) | (probable < self.min_p * probable[:, :1])
        left = probable.masked_fill(out & (rank > 0), 0.0)
        before = left.cumsum(-1) - left
        left = left.masked_fill((before >= self.top_p * left.sum(-1, keepdim=True)) & (rank > 0), 0.0)
        return torch.zeros_like(left).scatter_(-1, order, left)


class _Ends(StoppingCriteria):  # type: ignore[misc]
    """Which rows are done: at an end mark, a stop string or their limit, or because nobody waits for them."""

    def __init__(self, rows: Sequence[Row], tokenizer: Any, width: int, ends: set[int]) -> None:
        self.rows, self.tokenizer, self.width, self.ends = rows, tokenizer, width, ends

    def __call__(self, ids: torch.Tensor, scores: Any, **_: Any) -> torch.Tensor:
        last = ids[:, -1].tolist()
        for n, row in enumerate(self.rows):
            long = ids.shape[1] - self.width >= row.limit
            row.done = row.done or row.gone or long or last[n] in self.ends or self._stopped(row, ids[n, self.width :])
        return torch.tensor([row.done for row in self.rows], dtype=torch.bool, device=ids.device)

    def _stopped(self, row: Row, new: torch.Tensor) -> bool:
        if not row.stop:
            return False
        tail = max(len(stop.encode()) for stop in row.stop) + 1  # tokens, of which each but the last holds a byte
        said = self.tokenizer.decode(new[-tail:].tolist(), skip_special_tokens=False)
        return any(stop in said for stop in row.stop)
