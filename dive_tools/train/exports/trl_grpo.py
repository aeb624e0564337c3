"""A parquet file for TRL's GRPOTrainer: a prompt for each task that leads back to the task.

`rollout_func` is given prompts and nothing else of a row, so that each message of a prompt names its `task_id` (a key
that chat templates do not read). An environment of `environment_factory` is given the whole row in `reset`, and a
reward function each column.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dive_tools.records import Record
from dive_tools.train.exports import Context, chat
from dive_tools.train.exports.rows import Rows


def features() -> dict[str, Any]:
    """The columns, as features of `datasets`; `reference` and `tools` are JSON text."""
    from datasets import List, Value

    text = Value("string")
    return {
        "prompt": List({"role": text, "content": text, "task_id": text}),
        "task_id": text,
        "domain": text,
        "question": text,
        "reference": text,
        "tools": text,
    }


def write(records: Iterable[Record], out: Path, context: Context) -> dict[str, int]:
    """A row for each task."""
    with Rows(out, features()) as rows:
        for record in context.tasks(records):
            rows.add(row_of(record, context))
    return {}


def row_of(record: Record, context: Context) -> dict[str, Any]:
    """The row of a task."""
    return {
        "prompt": [{**message, "task_id": record["id"]} for message in chat.opening(record)],
        "task_id": record["id"],
        "domain": record["setup"]["domain"],
        "question": record["task"]["question"],
        "reference": chat.as_text(chat.reference(record)),
        "tools": chat.as_text(chat.toolset(record, context.pool)),
    }
