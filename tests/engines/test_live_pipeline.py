"""The whole pipe over a real vLLM server whose model says noise: all is accounted for, and nothing unproved is kept."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, UNTHINKING

COMMANDS = ROOT / ".venv" / "bin"
N = 4
REASONS = {  # what noise may be dropped for, by stage
    "collect": {"too_little", "tools_failed", "model_error"},
    "derive": {
        "nothing_to_ask",
        "unreadable",
        "ungrounded",
        "malformed",
        "unfaithful",
        "leak",
        "trivial",
        "model_error",
    },
}


class Pipe:
    """A folder in which command lines are run against the server."""

    def __init__(self, folder: Path, endpoint: str) -> None:
        self.folder = folder
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("DIVE_", "PYTHON", "OPENAI_"))}
        self.env = kept | {
            "PATH": os.pathsep.join([str(ROOT / "bin"), str(COMMANDS), os.environ["PATH"]]),
            "ASK": f"--model openai:tiny --endpoint {endpoint} --max-tokens 400 -j 16",
            "PLAIN": json.dumps(UNTHINKING),
            "CALL": json.dumps({**UNTHINKING, "tool_choice": "required"}),
        }

    def run(self, line: str, code: int = 0) -> str:
        done = subprocess.run(
            ["bash", "-c", f"set -o pipefail; {line}"], cwd=self.folder, env=self.env, capture_output=True, timeout=240
        )
        assert done.returncode == code, done.stderr.decode()
        return done.stderr.decode()

    def records(self, name: str) -> list[dict[str, Any]]:
        path = self.folder / name
        return [json.loads(line) for line in path.read_bytes().splitlines()] if path.exists() else []

    def ids(self, *names: str) -> list[str]:
        return sorted(record["id"] for name in names for record in self.records(name))


@pytest.fixture(scope="module")
def pipe(server: str, tmp_path_factory: pytest.TempPathFactory) -> Pipe:
    if not (COMMANDS / "python").exists():
        pytest.skip("make test-vllm makes .venv, in which the commands run")
    pipe = Pipe(tmp_path_factory.mktemp("pipe"), server)
    pipe.run(f"dive-sample -n {N} --seed 3 --tools 4:8 -o setups.jsonl")
    return pipe


def reasoned(pipe: Pipe, name: str) -> set[str]:
    """The reasons in a file of rejects, each with the stage and words that say it of this record."""
    drops = [record["drop"] for record in pipe.records(name)]
    assert all(drop["reason"] and drop["stage"] and drop["detail"] for drop in drops)
    return {drop["reason"] for drop in drops}


def test_noise_from_end_to_end(pipe: Pipe) -> None:
    pipe.run("""dive-collect setups.jsonl $ASK --extra "$PLAIN" -r 1.jsonl \\
      | dive-derive $ASK --extra "$PLAIN" -r 2.jsonl | dive-verify $ASK --extra "$PLAIN" -r 3.jsonl -o kept.jsonl""")
    assert pipe.ids("kept.jsonl", "1.jsonl", "2.jsonl", "3.jsonl") == pipe.ids("setups.jsonl")
    for number in (1, 2, 3):
        reasoned(pipe, f"{number}.jsonl")
    assert reasoned(pipe, "1.jsonl") <= REASONS["collect"]
    pipe.run("dive-verify kept.jsonl -o proved.jsonl")  # no model: programs alone
    assert pipe.ids("proved.jsonl") == pipe.ids("kept.jsonl")


def test_noise_that_must_call_calls_real_tools(pipe: Pipe) -> None:
    """Held to the schemas by vLLM, noise calls tools; what they answer is evidence, what they refuse is not."""
    said = pipe.run(
        'dive-collect setups.jsonl $ASK --temperature 1 --max-tokens 1500 --extra "$CALL" -r must.jsonl -o called.jsonl'
    )
    assert int(re.search(r"calls=(\d+)", said)[1]) > 0
    assert pipe.ids("called.jsonl", "must.jsonl") == pipe.ids("setups.jsonl")
    reasoned(pipe, "must.jsonl")
    spent = [entry for name in ("called.jsonl", "must.jsonl") for one in pipe.records(name) for entry in one["asked"]]
    assert len(spent) == N
    heard = [entry for entry in spent if entry["requests"]]
    assert heard and all(entry["tokens_in"] > 0 and entry["tokens_out"] > 0 for entry in heard)


def test_noise_derives_nothing_from_real_evidence(pipe: Pipe) -> None:
    """And what it said is recorded: the second time nothing is asked, and the same is dropped in the same words."""
    pipe.run("dive-collect setups.jsonl -r few.jsonl -o evidence.jsonl")
    assert pipe.records("evidence.jsonl")
    derive = 'dive-derive evidence.jsonl $ASK --extra "$PLAIN" --cassette said.sqlite'
    pipe.run(f"{derive} -r underived.jsonl -o derived.jsonl")
    assert pipe.ids("derived.jsonl", "underived.jsonl") == pipe.ids("evidence.jsonl")
    assert pipe.records("derived.jsonl") == []
    assert reasoned(pipe, "underived.jsonl") <= REASONS["derive"]
    said = pipe.run(f"{derive} --replay -r again.jsonl -o derived-again.jsonl")
    assert " requests=0 " in said
    again = {record["id"]: record for record in pipe.records("again.jsonl")}
    replied = [record for record in pipe.records("underived.jsonl") if record["drop"]["reason"] != "model_error"]
    assert replied and all(again[record["id"]] == record for record in replied)


def test_noise_answers_nothing_and_keeps_what_is_proved(pipe: Pipe) -> None:
    """Tasks that a program made and proved stay; that noise cannot answer them without tools is noted."""
    pipe.run("dive-collect setups.jsonl -r few.jsonl -o evidence.jsonl")
    pipe.run("dive-derive evidence.jsonl -r undone.jsonl | dive-verify -r unproved.jsonl -o proved.jsonl")
    assert pipe.records("proved.jsonl")
    tasks = [
        {key: value for key, value in record.items() if key != "verdict"} for record in pipe.records("proved.jsonl")
    ]
    (pipe.folder / "tasks.jsonl").write_text("".join(json.dumps(task) + "\n" for task in tasks))
    pipe.run("dive-verify tasks.jsonl $ASK --closed 1 -r open.jsonl -o both.jsonl")
    assert pipe.ids("both.jsonl", "open.jsonl") == pipe.ids("tasks.jsonl")
    assert reasoned(pipe, "open.jsonl") <= {"no_tool_needed", "model_error"}
    for record in pipe.records("both.jsonl"):
        assert record["verdict"]["checks"]["no_tool_needed"]
