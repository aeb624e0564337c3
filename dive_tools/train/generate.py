"""Tokens for many rollouts at once: each turn of all that wait is one batch, through the trainer's model or vLLM.

A generator takes rows of token ids and gives back the ids that were sampled, each with its log-probability under the
distribution that it was drawn from: with those of vLLM TRL corrects the gradient, those of the model itself are held
against the trainer's own (`train.grpo`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol, TypeVar

import torch

from dive_tools.models.hf_batch import drawn

Made = TypeVar("Made")

MOST = 128  # rows of one batch; what is beyond is a further batch
PAUSE = 1.0  # seconds that those who wait for tokens are kept waiting by tools that others called
LEAVERS = 8  # the cache is copied without the rows that are done once they are one in so many


@dataclass(frozen=True, eq=False, kw_only=True)
class Row:
    """A context, and how it goes on: at most `limit` tokens at a temperature above 0, drawn by the numbers of `key`.

    Draws are from all tokens: the gradient of a policy is that of its whole distribution.
    """

    ids: Sequence[int]
    limit: int
    key: str = ""
    temperature: float = 1.0


@dataclass(frozen=True)
class Sampled:
    """Token ids with their log-probabilities; `ended` where the last is a token that ends a reply."""

    ids: list[int]
    logprobs: list[float]
    ended: bool


class Generate(Protocol):
    """Goes on with rows. `width` is the largest number of rows of any process, for those who must agree on it."""

    def __call__(self, rows: Sequence[Row], width: int) -> list[Sampled]: ...


class Rounds:
    """Rollouts that run in one event loop and wait for one another: when all that live want tokens, a batch is made.

    With `agree`, which gives the largest of a number over all processes, every process makes the same number of
    batches; without, who waits longer than PAUSE goes ahead of those whose tools are slow.
    """

    def __init__(self, generate: Generate, agree: Callable[[int], int] | None = None) -> None:
        self.generate, self.agree = generate, agree
        self.seconds = 0.0  # spent in batches
        self._waiting: list[tuple[Row, asyncio.Future[Sampled]]] = []
        self._news = asyncio.Event()

    async def sample(self, row: Row) -> Sampled:
        """How the row goes on; answered together with the other rollouts."""
        future: asyncio.Future[Sampled] = asyncio.get_running_loop().create_future()
        self._waiting.append((row, future))
        self._news.set()
        return await future

    async def run(self, rollouts: Sequence[Coroutine[Any, Any, Made]]) -> list[Made]:
        """What all rollouts give, in their order; where one fails, the others are stopped and its fault is raised."""
        tasks = [asyncio.ensure_future(rollout) for rollout in rollouts]
        for task in tasks:
            task.add_done_callback(lambda _: self._news.set())
        try:
            while True:
                await self._settled(tasks)
                width = len(self._waiting) if self.agree is None else self.agree(len(self._waiting))
                if not width:
                    return [task.result() for task in tasks]
                self._answer(width)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _settled(self, tasks: Sequence[asyncio.Future[Any]]) -> None:
        """Wait until every rollout is over or wants tokens."""
        while True:
            self._news.clear()
            for task in tasks:
                if task.done():
                    task.result()  # raises its fault
            if len(self._waiting) == sum(not task.done() for task in tasks):
                return
            try:
                async with asyncio.timeout(PAUSE if self._waiting and self.agree is None else None):
                    await self._news.wait()
            except TimeoutError:
                return

    def _answer(self, width: int) -> None:
        batch, self._waiting = self._waiting, []
        started = asyncio.get_running_loop().time()
        made = self.generate([row for row, _ in batch], width)
        self.seconds += asyncio.get_running_loop().time() - started
        for (_, future), sampled in zip(batch, made, strict=True):
            if not future.done():
                future.set_result(sampled)


# --- transformers -----------------------------------------------------------------------------------------------------


class Here:
    """Generates with the trainer's own model, in this process."""

    def __init__(self, model: Any, ends: Sequence[int], most: int = MOST) -> None:
        self.model, self.ends, self.most = model, ends, most

    def __call__(self, rows: Sequence[Row], width: int) -> list[Sampled]:
        order = sorted(range(len(rows)), key=lambda place: len(rows[place].ids))  # alike lengths waste no padding
        made: dict[int, Sampled] = {}
        for first in range(0, len(rows), self.most):
            places = order[first : first + self.most]
            made |= zip(places, sample(self.model, [rows[place] for place in places], self.ends), strict=True)
        return [made[place] for place in range(len(rows))]


@torch.no_grad()
def sample(model: Any, rows: Sequence[Row], ends: Sequence[int]) -> list[Sampled]:
    """How the rows go on, in evaluation mode, each up to one of `ends` or its limit.

    A context that several rows share is read once. A row's draws come from its key alone.
    """
    was = model.training
    model.eval()
    try:
        return _Batch(model, rows, ends).sampled()
    finally:
        model.train(was)


class _Batch:
    """The rows that are still being written: what is held of them shrinks as they end."""

    def __init__(self, model: Any, rows: Sequence[Row], ends: Sequence[int]) -> None:
        self.model, self.rows, self.ends = model, rows, frozenset(ends)
        self.ids: list[list[int]] = [[] for _ in rows]
        self.logprobs: list[list[float]] = [[] for _ in rows]
        self.draws = [Random(row.key) for row in rows]
        self.live = [*range(len(rows))]  # the row of each line of the tensors
        self.temperature = torch.tensor([row.temperature for row in rows], device=model.device)

    def sampled(self) -> list[Sampled]:
        """Write until every row is done."""
        logits = self._read()
        while True:
            tokens = self._drawn(logits)
            written = [place for place, row in enumerate(self.live) if not self._done(row)]
            if not written:
                break
            if len(self.live) - len(written) >= max(1, len(self.live) // LEAVERS):
                tokens = self._keep(written, tokens)
            logits = self._write(tokens)
        return [
            Sampled(ids, logprobs, ids[-1] in self.ends) for ids, logprobs in zip(self.ids, self.logprobs, strict=True)
        ]

    def _done(self, row: int) -> bool:
        made = self.ids[row]
        return made[-1] in self.ends or len(made) >= self.rows[row].limit

    def _read(self) -> torch.Tensor:
        """Read the contexts, padded on the left; the logits of what comes next."""
        from transformers import DynamicCache

        contexts = [tuple(row.ids) for row in self.rows]
        alone = [*dict.fromkeys(contexts)]
        width, device = max(map(len, alone)), self.model.device
        ids = torch.tensor([[0] * (width - len(one)) + [*one] for one in alone], device=device)
        mask = torch.tensor([[0] * (width - len(one)) + [1] * len(one) for one in alone], device=device)
        self.cache = DynamicCache(config=self.model.config.get_text_config())
        logits = self._forward(ids, mask, (mask.cumsum(-1) - 1).clamp_min(0))
        place = {one: n for n, one in enumerate(alone)}
        lines = torch.tensor([place[one] for one in contexts], device=device)
        if len(alone) < len(contexts):
            self.cache.batch_select_indices(lines)
        longest = max(row.limit for row in self.rows)
        self.mask = torch.cat([mask[lines], mask.new_ones(len(contexts), longest)], 1)
        self.position, self.width = mask.sum(-1, keepdim=True)[lines], width
        return logits[lines]

    def _write(self, tokens: torch.Tensor) -> torch.Tensor:
        """Read the tokens just drawn; the logits of what comes next."""
        self.width += 1
        logits = self._forward(tokens[:, None], self.mask[:, : self.width], self.position)
        self.position = self.position + 1
        return logits

    def _forward(self, ids: torch.Tensor, mask: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
        out = self.model(
            input_ids=ids,
            attention_mask=mask,
            position_ids=positions,
            past_key_values=self.cache,
            use_cache=True,
            logits_to_keep=1,
        )
        return out.logits[:, -1].float()  # type: ignore[no-any-return]

    def _drawn(self, logits: torch.Tensor) -> torch.Tensor:
        """A token for each line, noted with its log-probability where its row is not done."""
        logprobs = (logits / self.temperature[:, None]).log_softmax(-1)
        tokens = drawn(logprobs.exp(), [self.draws[row].random() for row in self.live])
        found = logprobs.gather(1, tokens).squeeze(1).tolist()
        for row, token, logprob in zip(self.live, tokens.squeeze(1).tolist(), found, strict=True):
            if not self.ids[row] or not self._done(row):
                self.ids[row].append(token)
                self.logprobs[row].append(logprob)
        return tokens.squeeze(1)

    def _keep(self, places: list[int], tokens: torch.Tensor) -> torch.Tensor:
        """Go on with these lines only; their tokens."""
        lines = torch.tensor(places, device=tokens.device)
        self.cache.batch_select_indices(lines)
        self.live = [self.live[place] for place in places]
        self.mask, self.position = self.mask[lines], self.position[lines]
        self.temperature = self.temperature[lines]
        return tokens[lines]


# --- vLLM -------------------------------------------------------------------------------------------------------------


class Vllm:
    """Generates through TRL's vLLM, in this process or a server; never run by our tests, which check its signature.

    `made` is `trl.generation.vllm_generation.VLLMGeneration`, which brings its own sampling and its own limit of a
    reply; TRL hands it new weights before each rollout. Its calls are collective: each process gives the same number
    of rows, `filler` in place of those it has not. Draws are vLLM's, so that a resumed run samples other tokens.
    """

    def __init__(self, made: Any, ends: Sequence[int], filler: Sequence[int]) -> None:
        self.made, self.ends, self.filler = made, frozenset(ends), [*filler]

    def __call__(self, rows: Sequence[Row], width: int) -> list[Sampled]:
        prompts = [[*row.ids] for row in rows] + [self.filler] * (width - len(rows))
        _, ids, logprobs, _ = self.made.generate(prompts=prompts, images=None, num_generations=1)
        return [self._cut(row, [*one], found) for row, one, found in zip(rows, ids, logprobs, strict=False)]

    def _cut(self, row: Row, ids: list[int], logprobs: list[list[float | None]]) -> Sampled:
        """What was sampled, within the row's own limit; the first number of each token is that of the one sampled."""
        kept = ids[: row.limit]
        told = [float("nan") if one[0] is None else one[0] for one in logprobs[: row.limit]]
        return Sampled(kept, told, bool(kept) and kept[-1] in self.ends)
