"""A parquet file for verl (tried with 0.9.1): rows of multi-turn SFT for attempts, rows of its RLHF reader for tasks.

Tools are JSON text in both, since Arrow would merge the schemas of all rows into one struct with nulls. Of SFT rows the
arguments of calls are JSON text, too; `verl_sft.Attempts` is the reader of such rows that verl is told to take:

    data.custom_cls.path=pkg://dive_tools.train.exports.verl_sft data.custom_cls.name=Attempts

Of RLHF rows `reward_model.ground_truth` is the reference as JSON text, which `verl_score.compute_score` grades against,
and `extra_info.tool_selection` names the toolset of the row, which verl's tool agent shows of all tools that it has.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dive_tools.records import Record
from dive_tools.train.exports import Context, chat
from dive_tools.train.exports.rows import Rows

SOURCE = "dive-tools"  # verl chooses its reward function by it


def write(records: Iterable[Record], out: Path, context: Context) -> dict[str, int]:
    """A row for each attempt or, where the first line is a task, for each task."""
    are_attempts, good = context.either(records)
    with Rows(out, sft_features() if are_attempts else rl_features()) as rows:
        for record in good:
            rows.add(sft_row(record, context) if are_attempts else rl_row(record, rows.written, context))
    return {}


def sft_features() -> dict[str, Any]:
    """The columns of SFT rows, as features of `datasets`."""
    from datasets import List, Value

    text = Value("string")
    call = {"id": text, "type": text, "function": {"name": text, "arguments": text}}
    message = {
        "role": text,
        "content": text,
        "reasoning_content": text,
        "tool_calls": List(call),
        "tool_call_id": text,
    }
    return {"id": text, "messages": List(message), "tools": text}


def sft_row(record: Record, context: Context) -> dict[str, Any]:
    """The row of an attempt."""
    said = chat.messages(record["run"], arguments="text", reasoning=context.options.reasoning != "drop")
    return {"id": record["id"], "messages": said, "tools": chat.as_text(record["tools"])}


def rl_features() -> dict[str, Any]:
    """The columns of RLHF rows, as features of `datasets`."""
    from datasets import List, Value

    text = Value("string")
    return {
        "data_source": text,
        "prompt": List({"role": text, "content": text}),
        "ability": text,
        "reward_model": {"style": text, "ground_truth": text},
        "extra_info": {
            "index": Value("int64"),
            "split": text,
            "task_id": text,
            "need_tools_kwargs": Value("bool"),
            "tool_selection": List(text),
            "tools": text,
        },
    }


def rl_row(record: Record, index: int, context: Context) -> dict[str, Any]:
    """The row of a task."""
    tools = chat.toolset(record, context.pool)
    return {
        "data_source": SOURCE,
        "prompt": chat.opening(record),
        "ability": record["setup"]["domain"],
        "reward_model": {"style": "rule", "ground_truth": chat.as_text(chat.reference(record))},
        "extra_info": {
            "index": index,
            "split": record["setup"].get("split", "all"),
            "task_id": record["id"],
            "need_tools_kwargs": False,
            "tool_selection": [tool["function"]["name"] for tool in tools],
            "tools": chat.as_text(tools),
        },
    }
