"""A data set folder loads as it is, and its card says what is true."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from export_lines import attempt, made, pool

from dive_tools.errors import DiveError
from dive_tools.records import digest
from dive_tools.rollout import steps
from dive_tools.train.exports import Context, Options, card, export


@pytest.fixture(scope="module")
def tasks() -> list[Any]:
    return made()[0]


@pytest.fixture(scope="module")
def attempts() -> list[Any]:
    return made()[1]


def load(folder: Path, config: str | None = None) -> Any:
    """A configuration, as a user loads it."""
    from datasets import load_dataset

    return load_dataset(str(folder), config, cache_dir=str(folder.parent / "cache"))


def written(records: list[Any], out: Path, **options: Any) -> dict[str, int]:
    facts: dict[str, Any] = {
        "command": ["dive-eval", "tasks.jsonl", "--model", "plan"],
        "versions": {"dive-tools": "9.9"},
        "seed": 41,
        "pool": {"digest": "feedbeef00000000"},
    }
    context = Context(pool(), options=Options(**options), sidecars=(facts,), made={"command": ["dive-train", "a b"]})
    return export("hf", records, out, context)


def front(folder: Path) -> dict[str, Any]:
    import yaml

    return yaml.safe_load((folder / "README.md").read_text().split("---\n")[1])


def test_attempts_load_as_two_configurations(attempts: list[Any], tmp_path: Path) -> None:
    again = {**attempts[0], "id": attempts[0]["id"].replace(".0", ".1")}
    counts = written([*attempts, again], tmp_path / "d")
    assert counts["sft_rows"] == len(attempts) + 1 and counts["tasks_rows"] == len(attempts)
    sft = load(tmp_path / "d")["train"]  # the default configuration
    for row, record in zip(sft, [*attempts, again], strict=True):
        assert row["id"] == record["id"] and row["score"] == 1 and row["calls"] == record["run"]["calls"]["made"]
        assert row["messages"] == record["run"]["messages"] and json.loads(row["tools"]) == record["tools"]
        assert json.loads(row["answer"]) == record["task"]["answer"]
    assert [row["id"] for row in load(tmp_path / "d", "tasks")["train"]] == [row["task_id"] for row in sft][:-1]


def test_tasks_and_their_evidence_can_be_put_together_again(tasks: list[Any], tmp_path: Path) -> None:
    written(tasks, tmp_path / "d")
    calls: dict[str, list[Any]] = {}
    for row in load(tmp_path / "d", "evidence")["train"]:
        whole = {key: json.loads(row[key]) for key in ("arguments", "arguments_from")}
        bare = {key: row[key] for key in ("call", "round", "tool")}
        calls.setdefault(row["task_id"], []).append({**bare, **whole, **json.loads(row["outcome"])})
    rows = list(load(tmp_path / "d", "tasks")["train"])
    for row, task in zip(rows, tasks, strict=True):
        assert {**json.loads(row["record"]), "evidence": calls[row["id"]]} == task
        assert row["toolset"] == list(task["setup"]["tools"]) and row["question"] == task["task"]["question"]


def test_splits_are_those_of_the_setups(tasks: list[Any], tmp_path: Path) -> None:
    apart = [
        {**task, "setup": {**task["setup"], "split": ("train", "test")[place % 2]}} for place, task in enumerate(tasks)
    ]
    written(apart, tmp_path / "d")
    loaded = load(tmp_path / "d", "tasks")
    assert [row["id"] for row in loaded["test"]] == [task["id"] for task in tasks[1::2]]
    assert [row["id"] for row in loaded["train"]] == [task["id"] for task in tasks[::2]]


def test_the_front_of_the_card_is_what_the_hub_wants(tasks: list[Any], tmp_path: Path) -> None:
    from huggingface_hub import DatasetCard

    written(tasks, tmp_path / "d", name='A "quoted": name', licence="CC-BY-4.0")
    data = DatasetCard.load(tmp_path / "d" / "README.md").data
    assert data.pretty_name == 'A "quoted": name' and data.license == "cc-by-4.0" and data.size_categories == ["n<1K"]
    configs = {each["config_name"]: each for each in front(tmp_path / "d")["configs"]}
    assert list(configs) == ["tasks", "evidence"] and configs["tasks"]["default"] is True
    files = [file["path"] for each in configs.values() for file in each["data_files"]]
    assert all((tmp_path / "d" / file).is_file() for file in files)
    assert [card.size(rows) for rows in (0, 999, 1000, 10**6, 10**8)] == [
        "n<1K",
        "n<1K",
        "1K<n<10K",
        "1M<n<10M",
        "n>10M",
    ]


def test_the_card_counts_diversity_names_every_source_and_says_how_it_was_made(
    attempts: list[Any], tmp_path: Path
) -> None:
    written(attempts, tmp_path / "d")
    text = (tmp_path / "d" / "README.md").read_text()
    found = dict(re.findall(r"^\| ([^|]+) \| ([\d.]+) \|$", text, re.MULTILINE))
    called = [[step.tool for step in steps(each["run"]["messages"]) if "result" in step.outcome] for each in attempts]
    assert int(found["tasks"]) == len(attempts)
    assert int(found["tools in the toolsets"]) == len({name for each in attempts for name in each["setup"]["tools"]})
    assert int(found["unique toolsets"]) == len({frozenset(each["setup"]["tools"]) for each in attempts})
    assert int(found["tools called"]) == len({name for names in called for name in names})
    assert int(found["unique call sequences"]) == len({tuple(names) for names in called})
    assert 1 <= int(found["R/P topology classes"]) <= int(found["unique call graphs"]) <= len(attempts)
    mean = sum(len(set(names)) for names in called) / len(called)
    assert float(found["distinct tools called, mean"]) == round(mean, 2)
    for name in {name for names in called for name in names}:
        tool = pool().tools[name]
        (row,) = [line for line in text.splitlines() if f"`{name}`" in line]
        assert (tool.source or "not stated") in row and (tool.licence or "not stated") in row
    assert "dive-eval tasks.jsonl --model plan" in text and "dive-train 'a b'" in text
    assert "`41`" in text and "feedbeef00000000" in text and "dive-tools 9.9" in text and digest({}) not in text


def test_what_a_private_tool_says_stays_here_unless_it_is_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool().tools["compass_direction"], "sensitivity", "private")
    with pytest.raises(DiveError, match=r"tool compass_direction of hand-0 is private"):
        written([attempt(0, [{}, {}])], tmp_path / "d")
    assert list(tmp_path.iterdir()) == []
    written([attempt(0, [{}, {}])], tmp_path / "d", allow_private=True)
    assert "The tools are private and public." in (tmp_path / "d" / "README.md").read_text()
