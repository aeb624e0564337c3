"""docs/eval.md is run: its `sh` blocks, in order, in an empty folder, over a real server on loopback."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import policies
import pupils
import pytest
from model_server import serve
from shell import ROOT, bash

PAGE = (ROOT / "docs" / "eval.md").read_text()
BLOCKS = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_every_sh_block_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(BLOCKS) >= 7
    tasks = tmp_path / "tasks.jsonl"
    run(BLOCKS[0], tmp_path)
    assert len(tasks.read_text().splitlines()) >= 15
    monkeypatch.setenv("DIVE_PLAN", str(tasks))
    policies.plans.cache_clear()
    with serve(pupils.pupil, models=[{"id": "Qwen3-8B"}]) as server:
        for block in BLOCKS[1:]:
            run(block, tmp_path, OPENAI_BASE_URL=server.base, MODEL="openai:Qwen3-8B", DIVE_CALLS="8")
    policies.plans.cache_clear()
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert 0.2 < summary["pass@1"]["value"] < 0.8
    (trained, *_) = rows(tmp_path / "sft.jsonl")
    assert trained["messages"][0]["role"] == "system" and trained["tools"][0]["type"] == "function"
    assert len(rows(tmp_path / "teacher.jsonl")) == len(rows(tasks))
    assert (tmp_path / "frontier.jsonl").exists() and rows(tmp_path / "unanswerable-runs.jsonl")


def run(block: str, folder: Path, **env: str) -> None:
    done = bash(f"set -eu -o pipefail\n{block}".replace("| head", "| sed -n 1,6p #"), folder, timeout=300, **env)
    assert done.returncode == 0, f"{block}\n{done.stderr.decode()}"


def rows(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_every_option_and_target_that_is_named_is_there(tmp_path: Path) -> None:
    names = ("dive-sample", "dive-verify", "dive-eval", "dive-tools leaks", "dive-tools unanswerable")
    said = "".join(bash(f"{name} --help", tmp_path).stdout.decode() for name in names)
    assert {word for word in re.findall(r"(?<![\w-])--[a-z][a-z-]*", PAGE) if word not in said} == set()
    targets = bash(f"make -C {ROOT} help", tmp_path).stdout.decode()
    assert all(name in targets for name in re.findall(r"^make ([a-z-]+)", PAGE, re.MULTILINE)), targets
