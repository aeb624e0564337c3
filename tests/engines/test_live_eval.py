"""dive-eval over real engines whose model says noise: in process and over a server, replayed to the same bytes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import OPTIONS, ROOT, UNTHINKING

ENV = {key: value for key, value in os.environ.items() if not key.startswith(("DIVE_", "PYTHON", "OPENAI_"))} | {
    "PATH": os.pathsep.join([str(ROOT / "bin"), os.environ["PATH"]]),
    "DIVE_PYTHON": sys.executable,  # the environment that has the engines, with the tools that need no library
}


def run(line: str, folder: Path) -> str:
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line}"], cwd=folder, env=ENV, capture_output=True, timeout=300
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stderr.decode()


def runs(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


@pytest.fixture(scope="module")
def tasks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tasks")
    run(
        "dive-sample -q -n 40 --seed 3 --domain general --tools 3:5 | dive-collect -q | dive-derive -q"
        " | dive-verify -q > all.jsonl; sed -n 1,3p all.jsonl > tasks.jsonl",
        folder,
    )
    assert len(runs(folder / "tasks.jsonl")) == 3
    return folder / "tasks.jsonl"


@pytest.mark.parametrize("kind", ["vllm", "hf", "openai"])
def test_attempts(kind: str, tiny: Path, tasks: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    extra: dict[str, Any] = UNTHINKING
    if kind == "vllm":
        pytest.importorskip("vllm", reason="make test-vllm brings vLLM")
        extra = UNTHINKING | OPTIONS
    model = f"--model {kind}:{tiny}"
    if kind == "openai":
        model = f"--model openai:tiny --endpoint {request.getfixturevalue('server')}"
    (tmp_path / "extra").write_text(json.dumps(extra))
    line = f'dive-eval {tasks} {model} -k 2 -j 4 --max-tokens 60 --calls 2 --extra "$(cat extra)" --cassette c.sqlite'
    said = run(f"{line} -o runs.jsonl", tmp_path)
    made = runs(tmp_path / "runs.jsonl")
    assert "attempts=6" in said and [one["run"]["attempt"] for one in made] == [0, 1] * 3
    for one in made:
        assert one["run"]["ending"] in ("answered", "budget", "gave_up"), one["run"]
        assert one["run"]["score"] == 0.0 and one["run"]["usage"]["tokens_in"] > 100
        assert one["run"]["messages"][1]["content"] == one["task"]["question"]
    drawn = [one["run"]["messages"][2] for one in made]
    assert drawn[0] != drawn[1]  # at temperature 1, two attempts are two
    run(f"{line} --replay > again.jsonl", tmp_path)
    assert (tmp_path / "again.jsonl").read_bytes() == (tmp_path / "runs.jsonl").read_bytes()
