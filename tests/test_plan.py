"""The plan of a training, against arithmetic done by hand, and as a user asks for it."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from shell import ROOT, bash

from dive_tools.errors import BadRecord, DiveError
from dive_tools.train.figures import CHIPS, FIGURES, defaults
from dive_tools.train.measured import figures
from dive_tools.train.plan import Known, Stage, different, memory, stages, summed

# Figures with which everything can be worked out on paper: a chip that does 989e12 FLOP a second at a use of 1.
SIMPLE = {
    "setups": 1000, "task_yield": 0.5, "task_room": 0, "sft_tasks": 300, "rl_tasks": 100, "teacher_rate": 0.5,
    "tries": 2, "sft_runs": 200, "sft_steps": 10, "sft_batch": 4, "profile_k": 8, "frontier_rate": 0.2,
    "rl_frontier": 10, "rl_steps": 5, "rl_batch": 16, "rl_group": 8, "exam_n": 40, "exam_yield": 0.5, "eval_k": 4,
    "few_setups": 0, "pools": 0, "diverse": 0, "schema_tokens": 3000, "given_tokens": 400, "said_tokens": 600,
    "plan_said_tokens": 100, "turns": 3, "parameters": 1e9, "teacher_parameters": 5e9, "train_use": 0.5,
    "read_use": 0.5, "say_use": 0.1, "rl_flop": 8, "gpus": 2, "jobs": 4, "setup_seconds": 0.36, "setup_bytes": 1000,
    "attempt_seconds": 0.036, "attempt_bytes": 100, "schema_bytes": 1000, "checkpoints": 1,
}  # fmt: skip
PEAK = CHIPS["h100"][0]


def planned(**other: Any) -> dict[str, Stage]:
    return {stage.name: stage for stage in stages(known(**other))}


def known(teacher: str = "openai:t", chip: str = "h100", **other: float) -> Known:
    return Known({**defaults(), **SIMPLE, **other}, teacher, "m", chip)


# --- by hand ----------------------------------------------------------------------------------------------------------


def test_tasks_are_a_share_of_the_setups_and_cost_cores() -> None:
    tasks = planned()["tasks"]
    assert (tasks.taken, tasks.made) == (1000, 500)
    assert tasks.hours == pytest.approx(0.025)  # 1000 x 0.36 s on 4 cores: 90 s
    assert tasks.disk == 1_000_000 and tasks.gpu_hours == tasks.requests == 0


def test_a_teacher_tries_until_it_is_right() -> None:
    teacher = planned()["teacher"]
    # of 300 tasks half are solved at once, half of the others at the second try: 225; tries are 300 + 150 = 450
    assert (teacher.taken, teacher.made) == (300, 200)  # 200 of the 225 are wanted
    assert teacher.requests == 1350 and teacher.tokens_out == 450 * 600
    assert teacher.tokens_in == 1350 * 3500  # a prompt has 3000 of schemas, and half of the other 1000
    read = 2 * 5e9 * 450 * 3400 / (PEAK * 0.5) / 3600
    said = 2 * 5e9 * 450 * 600 / (PEAK * 0.1) / 3600
    assert teacher.gpu_hours == pytest.approx(read + said)
    # 450 lines of 100 bytes and 600 x 4 characters; 200 are written twice more, once with 1000 bytes of schemas
    assert teacher.disk == 450 * 2500 + 200 * (2 * 2500 + 1000)


def test_the_teacher_that_walks_proofs_asks_no_model() -> None:
    teacher = planned(teacher="plan", sft_runs=1000)["teacher"]
    assert (teacher.made, teacher.requests, teacher.tokens_out, teacher.gpu_hours) == (300, 0, 0, 0)
    assert teacher.hours == pytest.approx(300 * 0.036 / 4 / 3600)  # cores alone
    assert planned(teacher="plan")["sft"].tokens_in == 40 * 3500  # it says 100 tokens, not 600


def test_training_costs_six_flop_a_parameter_and_token() -> None:
    sft = planned()["sft"]
    assert sft.tokens_in == 10 * 4 * 4000
    assert sft.gpu_hours == pytest.approx(6 * 1e9 * 160_000 / (PEAK * 0.5) / 3600)
    assert sft.hours == pytest.approx(sft.gpu_hours / 2)  # two GPUs
    assert sft.disk == 14e9  # two bytes a parameter, and a checkpoint of twelve


def test_the_frontier_is_found_with_every_attempt_and_practised_in_groups() -> None:
    plan = planned()
    frontier, rl = plan["frontier"], plan["rl"]
    assert (frontier.taken, frontier.made, frontier.requests) == (100, 20, 100 * 8 * 3)
    assert rl.taken == 10  # of the 20, 10 are wanted
    attempts = 5 * 16
    made = 2 * 1e9 * attempts * (3400 / 0.5 + 600 / 0.1) / PEAK / 3600
    learnt = 8 * 1e9 * attempts * 4000 / (PEAK * 0.5) / 3600
    assert rl.gpu_hours == pytest.approx(made + learnt) and rl.requests == 240


def test_each_model_sits_the_exam() -> None:
    assert planned()["evaluation"].made == 3 * 60 * 4  # base, sft, rl; 120 setups make 60 tasks; four attempts each
    more = planned(few_setups=100, pools=4, diverse=50)
    assert more["evaluation"].made == 9 * 60 * 4
    assert more["pools: sft"].gpu_hours == pytest.approx(4 * more["sft"].gpu_hours)


def test_the_total_is_the_sum() -> None:
    found = stages(known())
    total = summed(found)
    assert total.requests == sum(stage.requests for stage in found) == 1350 + 2400 + 240 + 2160
    assert total.hours == pytest.approx(sum(stage.hours for stage in found))


def test_a_faster_chip_takes_less() -> None:
    assert planned(chip="a100")["sft"].gpu_hours == pytest.approx(planned()["sft"].gpu_hours * 989 / 312)


# --- what does not add up ---------------------------------------------------------------------------------------------


def test_draws_from_a_room_meet_what_was_drawn() -> None:
    assert different(1000, 0.5, 0) == 500
    assert different(1000, 0.5, 500) == pytest.approx(500 * (1 - math.exp(-1)))
    assert different(10, 0.5, 1e9) == pytest.approx(5)  # a large room is none


def test_too_few_tasks_are_cut_alike_and_the_remedy_is_right() -> None:
    plan = known(setups=400)  # 200 tasks, and 400 are wanted
    found = {stage.name: stage for stage in stages(plan)}
    assert (found["teacher"].taken, found["frontier"].taken) == (150, 50)
    assert plan.notes[0] == "tasks: 200, fewer than the 400 wanted: --setups 800 would do"
    crowded = known(setups=400, task_room=1000)
    stages(crowded)
    setups = float(crowded.notes[0].split("--setups ")[1].split()[0].replace(",", ""))
    assert different(setups, 0.5, 1000) == pytest.approx(400, abs=1)
    full = known(setups=400, task_room=300)
    stages(full)
    assert "no number of setups would do" in full.notes[0]


def test_what_does_not_fit_into_memory_is_said() -> None:
    assert memory(known(parameters=8e9, gpus=2)) == ""  # 64 GB on each of two, which have 80
    said = memory(known(parameters=8e9, gpus=1))
    assert "128 GB" in said and "take 2 at least" in said


def test_epochs_are_said() -> None:
    plan = known()
    stages(plan)
    assert "sft: 40 attempts of 200 are seen, 0.20 epochs" in plan.notes
    assert "rl: 2 tasks a step, 1.00 epochs of 10 tasks" in plan.notes  # 80 attempts, eight a task


# --- from attempts ----------------------------------------------------------------------------------------------------


def attempt(said: str, tokens: int | None = None, **more: Any) -> dict[str, Any]:
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": {"x": 1}}}
    messages = [
        {"role": "user", "content": "x" * 40},
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "1", "content": "y" * 80},
        {"role": "assistant", "content": said},
    ]
    return {"id": "a", "run": {"messages": messages, "usage": {"tokens_out": tokens}}, **more}


def written(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_figures_of_attempts(tmp_path: Path) -> None:
    rows = attempt("z" * 400), attempt("z" * 400, tokens=50, tools=[{"a": "b" * 90}])
    found, count = figures(written(tmp_path / "runs.jsonl", *rows))
    # the first: a reply of 400 characters, and a call of 32: quarters of both; of the second, its own count
    assert found["said_tokens"] == (108 + 50) / 2
    assert found["given_tokens"] == 30 and found["turns"] == 2 and count == 2
    assert found["schema_tokens"] == 25  # [{"a":"bb…"}] has 100 characters; of the one line that has schemas


def test_what_is_no_attempt_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadRecord, match=r"runs.jsonl:2: it is no attempt"):
        figures(written(tmp_path / "runs.jsonl", attempt("a"), {"id": "t"}))
    with pytest.raises(DiveError, match="holds no attempts"):
        figures(written(tmp_path / "none.jsonl"))
    with pytest.raises(DiveError, match="cannot read"):
        figures(tmp_path / "missing.jsonl")


# --- the command ------------------------------------------------------------------------------------------------------


def told(line: str, cwd: Path, code: int = 0) -> str:
    done = bash(line, cwd, timeout=300)
    assert done.returncode == code, done.stderr.decode()
    return (done.stdout if code == 0 else done.stderr).decode()


def test_every_figure_is_an_option_and_stands_in_the_page_with_its_source(tmp_path: Path) -> None:
    page = told("dive-train plan --price 2 --gpus 3", tmp_path)
    for figure in FIGURES:
        assert f"--{figure.name.replace('_', '-')} " in page
    given = page.split("\ngiven\n")[1]
    assert [line.split()[0] for line in given.splitlines()] == ["--gpus", "--price"]
    assert all(len(line) <= 150 for line in page.splitlines())


def test_the_object_has_what_the_page_has(tmp_path: Path) -> None:
    found = json.loads(told("dive-train plan --json --price 2 --chip h200 --teacher plan", tmp_path))
    assert found["total"]["gpu_hours"] == pytest.approx(sum(stage["gpu_hours"] for stage in found["stages"]))
    assert found["total"]["money"] == pytest.approx(2 * found["total"]["gpu_hours"])
    assert found["peak_flop"] == 989e12 and found["figures"]["price"] == {"value": 2, "source": "given"}
    assert found["figures"]["sft_steps"] == {"value": 300, "source": "the paper"}


def test_attempts_change_the_plan(tmp_path: Path) -> None:
    written(tmp_path / "runs.jsonl", attempt("z" * 400))
    found = json.loads(told("dive-train plan --json --runs runs.jsonl", tmp_path))["figures"]
    assert found["turns"] == {"value": 2, "source": "measured: 1 attempts of runs.jsonl"}
    assert found["schema_tokens"]["source"].startswith("measured: 2,000 setups")
    assert found["said_tokens"]["value"] == 108
    plan = json.loads(told("dive-train plan --json --runs runs.jsonl --teacher plan", tmp_path))["figures"]
    assert plan["plan_said_tokens"]["value"] == 108 and plan["said_tokens"]["source"] == "assumed"


def test_a_real_teachers_attempts_are_as_long_as_is_said(tmp_path: Path) -> None:
    """The defaults, against attempts made here: of the same kind, though of few setups."""
    line = "dive-sample -n 24 --seed 3 --domain geography | dive-collect | dive-derive | dive-verify"
    told(f"set -o pipefail; {line} | dive-eval --model plan | dive-eval --schemas > runs.jsonl", tmp_path)
    found, count = figures(tmp_path / "runs.jsonl")
    assert count > 9
    expected = defaults()
    assert found["schema_tokens"] == pytest.approx(expected["schema_tokens"], rel=0.3)
    assert found["given_tokens"] == pytest.approx(expected["given_tokens"], rel=0.4)


def test_usage_that_means_nothing_is_refused(tmp_path: Path) -> None:
    assert "--tokenizer counts the tokens of --runs" in told("dive-train plan --tokenizer .", tmp_path, 2)
    assert "no tokenizer at" in told("touch r; dive-train plan --runs r --tokenizer .", tmp_path, 1)
    assert "--train-use" in told("dive-train plan --train-use 0", tmp_path, 2)
    assert "--gpus" in told("dive-train plan --gpus 0", tmp_path, 2)


def test_the_recipe_and_the_plan_have_the_same_numbers(tmp_path: Path) -> None:
    found = json.loads(told(f"make -s -C {ROOT} plan PLAN_OPTIONS=--json", tmp_path))["figures"]
    expected = {**defaults(), "jobs": found["jobs"]["value"]}  # of the machine
    assert {name: figure["value"] for name, figure in found.items()} == expected


def test_the_fit_of_the_tasks_says_what_was_measured() -> None:
    values = defaults()
    assert different(12_000, values["task_yield"], values["task_room"]) == pytest.approx(6_237, rel=0.01)
    assert different(8_000, values["few_yield"], values["few_room"]) == pytest.approx(3_677, rel=0.01)


def test_make_plan_says_the_numbers_of_the_recipe(tmp_path: Path) -> None:
    line = f"make -s -C {ROOT} plan PLAN_OPTIONS=--json PAPER_SFT_STEPS=7 PAPER_ARMS='few pool2'"
    found = json.loads(told(line, tmp_path))
    assert found["figures"]["sft_steps"] == {"value": 7, "source": "given"}
    names = [stage["name"] for stage in found["stages"]]
    assert "few: sft" in names and "pools: sft" in names and "diverse: sft" not in names
    assert found["figures"]["pools"]["value"] == 1 and found["teacher"] == "openai:gpt-oss-120b"
