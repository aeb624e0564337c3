"""One attempt over token ids: a model for `agent.converse` that keeps what was sampled and never tokenises it again.

A reply's text goes to the tools and into the messages, but the next prompt is the ids themselves with the tokens of the
tool messages behind them: text that was decoded and encoded again may have other tokens, with other log-probabilities.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import orjson

from dive_tools.models import tool_text
from dive_tools.models.base import Ask, ModelError, Reply, Usage
from dive_tools.train.generate import Row, Sampled
from dive_tools.train.template import Template


class Tokens:
    """The ids of one attempt: `prompt`, then `ids` with a `mask` (1 sampled, 0 not) and `logprobs` (0.0 where not).

    `max_tokens` is the most of one reply, `max_length` of the prompt and all that follows. `key` names the attempt:
    the draws of a turn come from it and the turn. What is sampled is `sample`d, at the temperature of the ask.
    """

    inside = True

    def __init__(
        self,
        template: Template,
        sample: Callable[[Row], Awaitable[Sampled]],
        *,
        max_tokens: int,
        max_length: int,
        key: str,
        name: str = "policy",
        revision: str = "",
    ) -> None:
        self.template, self.sample = template, sample
        self.max_tokens, self.max_length = max_tokens, max_length
        self.key, self.name, self.revision = key, name, revision
        self.prompt: list[int] = []
        self.ids: list[int] = []
        self.mask: list[int] = []
        self.logprobs: list[float] = []
        self._read = 0  # messages that the ids hold, the answer to them included
        self._open = False  # whether the last reply was cut off, so that no stop token ends it

    @property
    def counters(self) -> dict[str, Any]:
        """Tokens that were sampled and those that were not."""
        return {"tokens_in": len(self.prompt) + self.mask.count(0), "tokens_out": self.mask.count(1)}

    async def open(self) -> None:
        """Nothing to do: the template and the generator are there."""

    async def close(self) -> None:
        """Nothing to do."""

    async def reply(self, ask: Ask) -> Reply:
        """The next answer. ModelError "too_long" where no room is left for one; the ids then end as they were."""
        started = time.monotonic()
        self._hear(ask)
        context = [*self.prompt, *self.ids]
        row = Row(
            ids=context,
            limit=min(self.max_tokens, self.max_length - len(context)),
            key=f"{self.key}:{ask.turn}",
            temperature=float(ask.sampling.get("temperature", 1.0)),
        )
        sampled = await self.sample(row)
        self.ids += sampled.ids
        self.mask += [1] * len(sampled.ids)
        self.logprobs += sampled.logprobs
        self._read = len(ask.messages) + 1
        self._open = not sampled.ended or sampled.ids[-1] != self.template.stop
        said = sampled.ids[:-1] if sampled.ended else sampled.ids
        message = tool_text.read(self._text(said), ask.tools, str(ask.turn))
        finish = "tool_calls" if "tool_calls" in message else "stop"
        return Reply(
            message=message,
            finish=finish if sampled.ended else "length",
            usage=Usage(len(context), len(sampled.ids)),
            seconds=time.monotonic() - started,
        )

    def _hear(self, ask: Ask) -> None:
        """Add what the model has not read yet: the prompt, or the tool messages since its last answer."""
        if not self._read:
            prompt = self.template.prompt_ids(ask.messages, [orjson.loads(tool.wire) for tool in ask.tools])
            self._fit(len(prompt))
            self.prompt = prompt
            return
        told = ask.messages[self._read :]
        if not told or any(message["role"] != "tool" for message in told):
            raise ValueError("only tool messages may follow an answer")
        heard = [self.template.stop] * self._open + self.template.between_ids(told)
        self._fit(len(self.prompt) + len(self.ids) + len(heard))
        self.ids += heard
        self.mask += [0] * len(heard)
        self.logprobs += [0.0] * len(heard)

    def _fit(self, length: int) -> None:
        if length >= self.max_length:
            raise ModelError("too_long", f"{length} tokens, where an attempt may have {self.max_length}")

    def _text(self, ids: Sequence[int]) -> str:
        return str(self.template.tokenizer.decode(ids, skip_special_tokens=False, clean_up_tokenization_spaces=False))
