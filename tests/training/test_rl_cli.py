"""`dive-train rl` as a command: what it refuses and when, what it prepares, and the same in several processes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
import trl
from click.testing import CliRunner, Result
from shell import ROOT

from dive_tools.cli.train_rl import command
from dive_tools.pool import builtin
from dive_tools.train import rl
from dive_tools.train.folder import Folder
from dive_tools.train.template import OWN

LAUNCH = ROOT / "pipelines" / "launch"
SMALL = ["--batch", "8", "--group", "4", "--max-tokens", "24", "--turns", "2", "--dtype", "float32"]
Asked = Callable[..., Result]


def tasks(path: Path, *codes: str) -> Path:
    """Tasks over the built-in pool, whose ids are codes of airports."""
    tool = builtin(["geography"]).tools["airport_city"]
    rows = [
        {
            "id": code,
            "setup": {
                "domain": "geography",
                "seed": {"value": code, "type": "airport"},
                "exemplars": [],
                "tools": {tool.name: tool.version},
            },
            "task": {
                "round": 1,
                "question": f"How many people live in the city that {code} serves?",
                "answer": {"type": "integer", "value": 1},
                "support": {},
                "by": "hand",
            },
        }
        for code in codes
    ]
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    return path


@pytest.fixture
def asked(small_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Runs the command on two tasks up to where it would train; what it begins is done then."""

    def trained(path: Path) -> None:
        folder = Folder.open(path)
        folder.about["done"] = {"steps": 1}
        folder.note(folder.about["run"])

    monkeypatch.setattr(rl, "train", trained)
    source = tasks(tmp_path / "tasks.jsonl", "LIS", "OSL")

    def run(*words: str, model: Path = small_model, source: Path = source) -> Result:
        return CliRunner().invoke(command, [str(source), "-m", str(model), "-o", str(tmp_path / "out"), *SMALL, *words])

    return run


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--batch", "12", "--group", "8"], "--batch 12 is no multiple of --group 8"),
        (["--max-tokens", "500", "--max-length", "500"], "leaves no room"),
        (["--max-length", "8193"], "--max-length 8193 is more than the 8192 tokens of"),
        (["--top-p", "0.9"], "--top-p below 1 draws from a part"),
        (["--replay"], "--replay needs the --cassette"),
        (["--vllm-server", "http://127.0.0.1:1"], "goes with --generate vllm-server"),
        (["--generate", "vllm-server", "--vllm-server", "http://me:word@h:1"], "a password in it would be written"),
        (["--set", "nonsense=1"], "no such argument"),
        (["--set", "num_generations=4"], "this command sets it"),
        (["--micro-batch", "3"], "does not divide"),
        (["--launch", str(LAUNCH / "fsdp2.yaml")], "a model that FSDP spreads cannot be sampled from in process"),
        (["--launch", str(LAUNCH / "cpu.yaml"), "--micro-batch", "8"], "--micro-batch 8 in each of 2 processes"),
        (["--launch", "BAD"], "is no configuration of accelerate"),
    ],
)
def test_bad_requests_are_refused_before_anything_is_prepared(
    asked: Asked, tmp_path: Path, words: list[str], said: str
) -> None:
    (tmp_path / "bad.yaml").write_text("{[")
    made = asked(*[str(tmp_path / "bad.yaml") if word == "BAD" else word for word in words])
    assert made.exit_code == 2, made.output
    assert said in " ".join(made.output.split())
    assert not (tmp_path / "out" / "data").exists()


def test_tasks_over_other_tools_are_refused(asked: Asked, tmp_path: Path) -> None:
    other = tasks(tmp_path / "other.jsonl", "LIS")
    other.write_text(other.read_text().replace("airport_city", "airport_pity"))
    made = asked(source=other)
    assert made.exit_code == 3 and "airport_pity" in made.output
    assert not (tmp_path / "out" / "train.json").exists()


def test_a_model_without_a_template_is_refused(asked: Asked, small_model: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    shutil.copytree(small_model, bare, ignore=shutil.ignore_patterns("chat_template.jinja"))
    assert "has no chat template" in asked(model=bare).output


def test_what_is_trained_on_other_tasks_is_not_done(asked: Asked, tmp_path: Path) -> None:
    assert asked().exit_code == 0
    again = asked("--resume")
    assert again.exit_code == 0 and "is trained already" in again.output
    made = asked("--resume", source=tasks(tmp_path / "more.jsonl", "LIS", "OSL", "FRA"))
    assert made.exit_code == 2 and "it was begun with other data" in made.output
    assert "trained already" not in made.output


# --- what is prepared -------------------------------------------------------------------------------------------------


def test_attempts_fill_the_context_of_the_model(asked: Asked, tmp_path: Path) -> None:
    assert asked().exit_code == 0
    assert Folder.open(tmp_path / "out").settings["max_length"] == 8192


@pytest.mark.parametrize(("stock", "thinks"), [("qwen3", True), ("qwen3_instruct_2507", False)])
def test_a_model_that_thinks_is_saved_as_one(
    asked: Asked, small_model: Path, tmp_path: Path, stock: str, thinks: bool
) -> None:
    shutil.copytree(small_model, tmp_path / "stock")
    theirs = Path(trl.__file__).parent / "chat_templates" / f"{stock}.jinja"
    shutil.copy(theirs, tmp_path / "stock" / "chat_template.jinja")
    made = asked("--template", "qwen3", model=tmp_path / "stock")
    assert made.exit_code == 0, made.output
    saved = (tmp_path / "out" / "data" / "chat_template.jinja").read_text()
    assert saved.startswith(OWN.read_text())
    assert ("an answer begins with <think>" in saved) is thinks


# --- several processes ------------------------------------------------------------------------------------------------


def test_two_processes_make_the_attempts_of_one(small_model: Path, tmp_path: Path) -> None:
    source = tasks(tmp_path / "tasks.jsonl", "LIS", "OSL", "FRA", "JFK")
    made: dict[str, list[dict[str, Any]]] = {}
    for name, words in (("one", []), ("two", ["--launch", str(LAUNCH / "cpu.yaml")])):
        runs = tmp_path / f"{name}.jsonl"
        more = ["--steps", "2", "--micro-batch", "2", "--rollouts", str(runs), *words]
        out = str(tmp_path / name / "out")
        done = CliRunner().invoke(command, [str(source), "-m", str(small_model), "-o", out, *SMALL, *more])
        assert done.exit_code == 0, done.output
        made[name] = [json.loads(line) for line in runs.read_text().splitlines()]
    one, two = made["one"], made["two"]
    assert len(one) == 16
    for key in ("id", "task"):
        assert [run[key] for run in two] == [run[key] for run in one]
    for key in ("attempt", "step"):
        assert [run["run"][key] for run in two] == [run["run"][key] for run in one]
    # the first step's weights are the same everywhere, and a place draws the same in whichever process it is
    assert [run["run"]["messages"] for run in two[:8]] == [run["run"]["messages"] for run in one[:8]]
    lines = [Folder.open(tmp_path / name / "out").metrics.read_text().splitlines() for name in made]
    first, last = (json.loads(each[0]) for each in lines), (json.loads(each[-1]) for each in lines)
    assert len({line["reward"] for line in first}) == 1
    assert {line["rollouts"] for line in last} == {8}
