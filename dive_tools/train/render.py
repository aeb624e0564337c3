"""An attempt as tokens to train on: what the model wrote is learnt, whatever else stands between is only read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dive_tools.errors import BadRecord
from dive_tools.train.template import Message, Template

_IGNORED = -100  # the label of what is not learnt, as torch's cross entropy has it
_LINE = re.compile(r"(?<=\n)(?=\{)")  # before a JSON object that begins a line, as a tool of the opening does
_KEPT = 50_000  # pieces of openings
_HELD = 16  # openings of which the pieces are held against the whole

Segment = tuple[str, bool]


class StopInside(BadRecord):
    """An answer in which the text of the stop token stands before its end: no model of this template can say it."""


@dataclass(frozen=True)
class Sequence_:
    """Tokens, and for each whether it is learnt."""

    ids: list[int]
    mask: list[bool]

    @property
    def labels(self) -> list[int]:
        """The ids, -100 where nothing is learnt."""
        return [token if learnt else _IGNORED for token, learnt in zip(self.ids, self.mask, strict=True)]


class Renderer:
    """Attempts into sequences; `reasoning` says what becomes of thinking.

    `keep`: it stands in every turn. `drop`: in none. `last`: a turn sees its own only, as behind a server that sends
    no earlier thinking, so each turn is a sequence of its own, in which that turn alone is learnt.
    """

    def __init__(self, template: Template, reasoning: str = "keep") -> None:
        self.template, self.reasoning = template, reasoning
        self._pieces: dict[str, list[int]] = {}
        self._held = 0
        self._cuts = True

    def __call__(self, runs: Sequence[Mapping[str, Any]]) -> list[list[Sequence_]]:
        """The sequences of each record with `run` and `tools`; BadRecord where the template cannot render one."""
        cut = [self._segments(run["run"]["messages"], run["tools"]) for run in runs]
        flat = [segments for each in cut for segments in each]
        ids = iter(self._encoded(flat))
        return [[self._joined(segments, ids) for segments in each] for each in cut]

    def _segments(self, messages: Sequence[Message], tools: Sequence[Mapping[str, Any]]) -> list[list[Segment]]:
        split = [thought_apart(message) for message in messages]
        bare = [without_thought(message) for message in split]
        if self.reasoning != "last":
            return [self.template.segments(bare if self.reasoning == "drop" else split, tools)]
        turns = [n for n, message in enumerate(split) if message["role"] == "assistant"]
        return [_only_last(self.template.segments([*bare[:n], split[n]], tools)) for n in turns]

    def _joined(self, segments: Sequence[Segment], ids: Any) -> Sequence_:
        tokens: list[int] = []
        mask: list[bool] = []
        for text, learnt in segments:
            new = next(ids)
            if learnt and (new.count(self.template.stop) != 1 or new[-1] != self.template.stop):
                raise StopInside(f"an answer holds the stop token {self.template.stop_text}: {text[:80]!r}")
            tokens += new
            mask += [learnt] * len(new)
        return Sequence_(tokens, mask)

    def _encoded(self, sequences: Sequence[Sequence[Segment]]) -> list[list[int]]:
        """The tokens of each segment in turn: all at once, the pieces of openings once for all."""
        openings = list(dict.fromkeys(segments[0][0] for segments in sequences if segments))
        known = dict(zip(openings, self._opened(openings), strict=True))
        rest = iter(self.template.ids([text for segments in sequences for text, _ in segments[1:]]))
        return [known[text] if n == 0 else next(rest) for segments in sequences for n, (text, _) in enumerate(segments)]

    def _opened(self, openings: Sequence[str]) -> list[list[int]]:
        """The tokens of each opening, from its pieces: most of it are tools that other openings have too.

        The first openings are encoded whole as well; should one differ, no tokenizer of this kind is cut.
        """
        if not self._cuts:
            return self.template.ids(openings)
        pieces = [_LINE.split(text) for text in openings]
        new = list(dict.fromkeys(piece for each in pieces for piece in each if piece not in self._pieces))
        if len(self._pieces) > _KEPT:
            self._pieces.clear()
            new = list(dict.fromkeys(piece for each in pieces for piece in each))
        self._pieces.update(zip(new, self.template.ids(new), strict=True))
        found = [[token for piece in each for token in self._pieces[piece]] for each in pieces]
        if held := openings[: max(0, _HELD - self._held)]:
            self._held += len(held)
            if self.template.ids(held) != found[: len(held)]:
                self._cuts = False
                return self.template.ids(openings)
        return found


def thinks(messages: Iterable[Message]) -> bool:
    """Whether any answer has thinking."""
    return any(thought_apart(m).get("reasoning") for m in messages if m["role"] == "assistant")


def thought_apart(message: Message) -> Message:
    """The message with its thinking under `reasoning`, also where a server left it in the text."""
    if message["role"] != "assistant":
        return message
    thought, said = message.get("reasoning") or message.get("reasoning_content"), message.get("content") or ""
    if thought or "</think>" not in said:
        return {**without_thought(message), "reasoning": thought} if thought else message
    before, _, after = said.rpartition("</think>")
    inner = before.partition("<think>")[2] if "<think>" in before else before
    apart = {**without_thought(message), "content": after.strip()}
    return {**apart, "reasoning": inner.strip()} if inner.strip() else apart


def without_thought(message: Message) -> Message:
    """The message without its thinking."""
    return {key: value for key, value in message.items() if key not in ("reasoning", "reasoning_content")}


def _only_last(segments: list[Segment]) -> list[Segment]:
    """The segments with none but the last learnt."""
    return [*((text, False) for text, _ in segments[:-1]), *segments[-1:]]
