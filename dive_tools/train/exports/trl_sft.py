"""A parquet file for TRL's SFTTrainer: `messages`, and the `tools` of each row as JSON text.

Arrow would merge the schemas of tools and the arguments of calls into one struct with nulls for what a row lacks. So
`tools` is JSON text, which SFTTrainer reads, and each message is a value of the Json feature of `datasets` (4.7 or
newer), which keeps objects as they are, but not every number: an attempt whose arguments it would change is left out
with the reason `number_changed`. With `arguments` "text" the arguments are JSON text, in which nothing changes;
that is for templates that take them so (Qwen3's does; Qwen2.5's quotes them twice, and Qwen3.5's and Llama's cannot).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dive_tools.records import Record
from dive_tools.train.exports import Context, chat
from dive_tools.train.exports.rows import Rows, survives


def features() -> dict[str, Any]:
    """The columns, as features of `datasets`."""
    from datasets import Json, List, Value

    return {"id": Value("string"), "messages": List(Json()), "tools": Value("string")}


def write(records: Iterable[Record], out: Path, context: Context) -> dict[str, int]:
    """A row for each attempt."""
    with Rows(out, features()) as rows:
        for record in context.attempts(records):
            row = row_of(record, context)
            if row is not None:
                rows.add(row)
    return {}


def row_of(record: Record, context: Context) -> dict[str, Any] | None:
    """The row of an attempt; None where it cannot be held, and was left out."""
    options = context.options
    said = chat.messages(record["run"], arguments=options.arguments, reasoning=options.reasoning != "drop")
    if not survives(said):
        context.drop(record, "number_changed", "datasets would change a number in the arguments of a call")
        return None
    return {
        "id": record["id"],
        "messages": [chat.as_text(each) for each in said],
        "tools": chat.as_text(record["tools"]),
    }
