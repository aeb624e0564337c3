"""Many prompts through transformers at once, each with its own sampling: what `hf:` runs in its thread.

Each row of a batch draws with its own random numbers (the Gumbel trick: the highest of logits plus noise is a draw from
their softmax), so that rows which are sampled otherwise share a batch. Rows that are done cost padding only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
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
    """Logits made such that the highest is the row's draw."""

    def __init__(self, rows: Sequence[Row], mask: torch.Tensor) -> None:
        self.rows = rows
        self.starts = (mask.shape[1] - mask.sum(1)).tolist()  # where each prompt begins, after its padding
        self.random = [_random(row, mask.device) for row in rows]

    def __call__(self, ids: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
        logits = logits.float()
        for n, row in enumerate(self.rows):
            if not row.done:
                logits[n] = self._drawn(n, row, ids[n, self.starts[n] :], logits[n])
        return logits

    def _drawn(self, n: int, row: Row, seen: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
        if row.repetition_penalty != 1.0:
            known = logits[seen]
            logits[seen] = torch.where(known < 0, known * row.repetition_penalty, known / row.repetition_penalty)
        if row.temperature == 0.0:
            return logits
        kept = _kept(row, logits / row.temperature)
        noise = torch.rand(kept.shape, generator=self.random[n], device=kept.device).clamp_min_(1e-20)
        return kept - (-noise.log()).log()


def _random(row: Row, device: torch.device) -> torch.Generator:
    random = torch.Generator(device=device)
    if row.seed is None:
        random.seed()
    else:
        random.manual_seed(row.seed % 2**63)
    return random


def _kept(row: Row, logits: torch.Tensor) -> torch.Tensor:
    """The logits with those at minus infinity that the row's top_k, top_p or min_p rule out."""
    if 0 < row.top_k < len(logits):
        logits = logits.masked_fill(logits < logits.topk(row.top_k).values[-1], -torch.inf)
    if row.min_p > 0.0:
        probable = logits.softmax(-1)
        logits = logits.masked_fill(probable < row.min_p * probable.max(), -torch.inf)
    if row.top_p < 1.0:
        probable, order = logits.softmax(-1).sort(descending=True)
        beyond = probable.cumsum(-1) - probable >= row.top_p
        beyond[0] = False
        logits = logits.index_fill(0, order[beyond], -torch.inf)
    return logits


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
