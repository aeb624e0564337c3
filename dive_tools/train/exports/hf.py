"""A Hugging Face data set as a folder: parquet for each configuration, and a card made from facts.

Attempts become `sft` (messages and tools, as trl-sft has them) and `tasks` (each once); tasks become `tasks` and, where
they have it, `evidence` (a row for each call). Whatever is no plain text or number is JSON text, but for messages. The
ids of the tasks are kept in memory, and what the table of diversity counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

from dive_tools.records import Record, task_id
from dive_tools.train.exports import Context, chat, trl_sft
from dive_tools.train.exports.card import card
from dive_tools.train.exports.diversity import Diversity
from dive_tools.train.exports.rows import Rows

_APART = ("evidence", "run", "tools")  # what a row of `tasks` does not repeat


def write(records: Iterable[Record], out: Path, context: Context) -> dict[str, int]:
    """The folder: data/CONFIG-SPLIT.parquet, and README.md."""
    are_attempts, good = context.either(records)
    (out / "data").mkdir(parents=True)
    diversity, seen = Diversity(context.tool), set[str]()
    with _Files(out / "data") as files:
        for record in good:
            split = _split(record)
            if are_attempts:
                row = trl_sft.row_of(record, context)
                if row is None:
                    continue
                files.add("sft", split, {**row, **_of_attempt(record)})
            diversity.add(record)
            name = task_id(record) if are_attempts else record["id"]
            if name not in seen:
                seen.add(name)
                files.add("tasks", split, _task(record, name))
            for call in () if are_attempts else record.get("evidence", ()):
                files.add("evidence", split, _call(call, name))
        counts = files.counts()
    if counts:
        (out / "README.md").write_text(card(counts, diversity, context), encoding="utf-8")
    return {f"{config}_rows": sum(splits.values()) for config, splits in counts.items()}


def features(config: str) -> dict[str, Any]:
    """The columns of a configuration, as features of `datasets`."""
    from datasets import List, Value

    text, count = Value("string"), Value("int64")
    if config == "sft":
        further = dict.fromkeys(("task_id", "domain", "model", "question", "answer", "outcome"), text)
        return {**trl_sft.features(), **further, "score": Value("float64"), "calls": count}
    if config == "evidence":
        return {
            **dict.fromkeys(("task_id", "call"), text),
            "round": count,
            **dict.fromkeys(("tool", "arguments", "arguments_from", "outcome"), text),
        }
    return {
        **dict.fromkeys(("id", "domain", "question", "answer", "answer_type", "pattern"), text),
        "round": count,
        "toolset": List(text),
        "record": text,
    }


def _of_attempt(record: Record) -> dict[str, Any]:
    run = record["run"]
    return {
        "task_id": task_id(record),
        "domain": record["setup"]["domain"],
        "model": run["model"],
        "question": record["task"]["question"],
        "answer": chat.as_text(record["task"]["answer"]),
        "outcome": run["outcome"],
        "score": run["score"],
        "calls": run["calls"]["made"],
    }


def _task(record: Record, name: str) -> dict[str, Any]:
    task = record["task"]
    bare = {key: value for key, value in record.items() if key not in _APART}
    return {
        "id": name,
        "domain": record["setup"]["domain"],
        "question": task["question"],
        "answer": chat.as_text(task["answer"]),
        "answer_type": task["answer"]["type"],
        "pattern": task.get("pattern", ""),
        "round": task["round"],
        "toolset": list(record["setup"]["tools"]),
        "record": chat.as_text({**bare, "id": name}),
    }


def _call(call: Record, name: str) -> dict[str, Any]:
    return {
        "task_id": name,
        "call": call["call"],
        "round": call["round"],
        "tool": call["tool"],
        "arguments": chat.as_text(call["arguments"]),
        "arguments_from": chat.as_text(call["arguments_from"]),
        "outcome": chat.as_text({key: call[key] for key in ("result", "error") if key in call}),
    }


def _split(record: Record) -> str:
    """The split of a record's setup; "train" where it is all one, or has a name that no split can have."""
    split = str(record["setup"].get("split", "all"))
    return split if split != "all" and re.fullmatch(r"\w+", split, re.ASCII) else "train"


class _Files:
    """A parquet file for each configuration and split, made when its first row comes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.open: dict[tuple[str, str], Rows] = {}

    def __enter__(self) -> _Files:
        return self

    def __exit__(self, *ending: Any) -> None:
        kind: type[BaseException] | None
        trace: TracebackType | None
        kind, fault, trace = ending
        for rows in self.open.values():
            rows.__exit__(kind, fault, trace)

    def add(self, config: str, split: str, row: Record) -> None:
        """One more row."""
        rows = self.open.get((config, split))
        if rows is None:
            rows = self.open[config, split] = Rows(self.folder / f"{config}-{split}.parquet", features(config))
        rows.add(row)

    def counts(self) -> dict[str, dict[str, int]]:
        """How many rows each split of each configuration has."""
        found: dict[str, dict[str, int]] = {}
        for (config, split), rows in self.open.items():
            found.setdefault(config, {})[split] = rows.written
        return found
