"""verl's reader of multi-turn SFT rows, for those that `dive-train export --to verl` writes; it needs verl."""

from __future__ import annotations

import json
from typing import Any

import torch
from verl.utils.dataset.multiturn_sft_dataset import MultiTurnSFTDataset
from verl.utils.tokenizer.chat_template import apply_chat_template


class Attempts(MultiTurnSFTDataset):  # type: ignore[misc,unused-ignore]
    """Rows with tools and arguments as JSON text: objects again, and keys that Arrow filled with null left out.

    verl renders message after message and holds that against the whole conversation. Templates that put the results of
    one turn's calls into one turn differ there, so results that stand together are rendered together.
    """

    messages: Any
    tools: Any

    def _read_files_and_process(self) -> None:
        super()._read_files_and_process()
        self.messages = [_whole(each) for each in self.messages]
        self.tools = [json.loads(text) or None for text in self.tools]

    def _build_messages(self, example: dict[str, Any]) -> list[dict[str, Any]]:
        return _whole(super()._build_messages(example))

    def _process_single_message(
        self, index: int, message: dict[str, Any], full_message: list[dict[str, Any]], **rest: Any
    ) -> Any:
        if message["role"] != "tool":
            return super()._process_single_message(index=index, message=message, full_message=full_message, **rest)
        if full_message[index - 1]["role"] == "tool":
            none = torch.empty(0, dtype=torch.long)  # rendered with the first of them
            return none, none, none, {}
        end = index
        while end < len(full_message) and full_message[end]["role"] == "tool":
            end += 1
        made = apply_chat_template(
            self.tokenizer,
            messages=full_message[index:end],
            tools=None,
            add_generation_prompt=False,
            tokenize=True,
            return_dict=True,
            return_tensors="pt",
            **self.apply_chat_template_kwargs,
        )
        ids, seen = (made[name][0][len(self.system_prompt) :] for name in ("input_ids", "attention_mask"))
        return ids, torch.zeros_like(seen), seen, {}


def _whole(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The messages as they were exported, with the arguments of calls as objects."""
    made = []
    for message in messages:
        bare = {key: value for key, value in message.items() if value is not None}
        if calls := bare.get("tool_calls"):
            bare["tool_calls"] = [_call(call) for call in calls]
        made.append(bare)
    return made


def _call(call: dict[str, Any]) -> dict[str, Any]:
    function, given = call["function"], call["function"]["arguments"]
    return {**call, "function": {**function, "arguments": json.loads(given) if isinstance(given, str) else given}}
