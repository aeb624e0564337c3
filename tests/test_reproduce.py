"""The fragments of training, as make says what it would run; their commands are held to the commands' own options."""

from __future__ import annotations

import shlex
from functools import cache
from pathlib import Path

import pytest
from commands import MAKE, name, named, options, parts, said
from shell import ROOT, bash

NUMBERS = "PAPER_SETUPS=400 PAPER_SFT_TASKS=80 PAPER_RL_TASKS=40 PAPER_SFT_STEPS=3 PAPER_RL_STEPS=2 PAPER_EXAM_N=30"


@cache
def commands(line: str) -> list[list[str]]:
    """The dive commands among those that make would run, as words."""
    return [shlex.split(part) for part in parts(said(line))]


def value(words: list[str], option: str) -> str:
    return words[words.index(option) + 1]


def stage(found: list[list[str]], *start: str) -> list[list[str]]:
    return [words for words in found if words[: len(start)] == list(start)]


DRY = [
    "-n sft B=build/none SFT=build/none/sft TEACHER=openai:t TEACHER_OPTIONS='--endpoint http://127.0.0.1:1/v1'",
    "-n rl B=build/none SFT=build/none/sft RL=build/none/rl LAUNCH=pipelines/launch/cpu.yaml",
    "-n rl B=build/none SFT=build/none/sft RL=build/none/rl ENGINE=serve",
    "-s reproduce-dry PAPER=build/none/reproduce",
    f"-s reproduce-dry PAPER=build/none/reproduce {NUMBERS} PAPER_TEACHER=plan",
]


@pytest.mark.parametrize("line", DRY)
def test_every_command_has_the_options_that_it_is_given(line: str) -> None:
    found = commands(f"{MAKE} {line}")
    assert len(found) > 5
    for words in found:
        given = {word for word in words if named(word) == {word}}
        assert given <= options(*name(words)), f"{' '.join(words)}: {given - options(*name(words))}"


def test_the_stages_of_fine_tuning_lead_to_each_other() -> None:
    found = commands(f"{MAKE} {DRY[0]}")
    attempts, chosen, (trained,) = (
        stage(found, "dive-eval"),
        stage(found, "dive-verify"),
        stage(found, "dive-train", "sft"),
    )
    assert value(attempts[0], "--until-correct") == "1" and value(attempts[0], "-k") == "4"
    assert value(attempts[0], "--endpoint") == "http://127.0.0.1:1/v1"
    assert chosen[-1][1] == "build/none/sft/runs.jsonl" and value(chosen[-1], "--select") == "best"
    assert trained[2] == "build/none/sft/data.jsonl" and value(trained, "-o") == "build/none/sft/model"


def test_reinforcement_learning_begins_where_fine_tuning_ends() -> None:
    found = commands(f"{MAKE} {DRY[1]}")
    profile = stage(found, "dive-eval")[-1]
    assert value(profile, "--model") == "hf:build/none/sft/model" and value(profile, "-k") == "8"
    (trained,) = stage(found, "dive-train", "rl")
    assert value(trained, "--model") == "build/none/sft/model" and value(trained, "--launch").endswith("cpu.yaml")
    assert value(trained, "--generate") == "transformers"


@pytest.mark.parametrize(
    ("config", "sampler"), [("fsdp2", "vllm-colocate"), ("fsdp2-nodes", "vllm-colocate"), ("zero3", "transformers")]
)
def test_what_cannot_sample_itself_is_sampled_by_vllm(config: str, sampler: str) -> None:
    for line in (DRY[2], DRY[3]):
        (trained,) = stage(commands(f"{MAKE} {line} LAUNCH=pipelines/launch/{config}.yaml"), "dive-train", "rl")
        assert value(trained, "--generate") == sampler


def test_a_served_model_is_stopped_whatever_happens() -> None:
    line = next(row for row in said(f"{MAKE} {DRY[2]}").splitlines() if "serve MODEL_PATH=" in row)
    start, trap = line.index("serve MODEL_PATH=build/none/sft/model"), line.index("trap '")
    assert start < trap < line.index("dive-eval") and "serve-stop PORT=8000' EXIT" in line


def test_the_recipe_has_the_papers_numbers() -> None:
    found = commands(f"{MAKE} {DRY[3]}")
    sft, rl = stage(found, "dive-train", "sft"), stage(found, "dive-train", "rl")
    assert [value(sft[0], option) for option in ("--steps", "--batch", "--lr")] == ["300", "64", "1e-5"]
    assert [value(rl[0], option) for option in ("--steps", "--batch", "--lr")] == ["100", "512", "5e-6"]
    (frontier,) = (words for words in stage(found, "dive-verify") if "--frontier" in words)
    assert value(frontier, "--frontier") == "1:5"
    assert len(sft) == 1 + 6 and len(rl) == 1  # the recipe's, and an arm each: diverse, few, four sizes of the pool
    sat = [words for words in stage(found, "dive-eval") if "/exam/" in words[1]]
    assert len(sat) == 3 * 9 and {value(words, "-k") for words in sat} == {"4"}
    assert {value(words, "--temperature") for words in sat} == {value(words, "--top-p") for words in sat} == {"1"}


def test_no_number_is_said_twice() -> None:
    found = commands(f"{MAKE} {DRY[4]}")
    setups = [value(words, "-n") for words in stage(found, "dive-sample")]
    assert setups == ["400", "30", "30", "30", "60000"]
    assert {value(words, "--steps") for words in stage(found, "dive-train", "sft")} == {"3"}
    assert "--until-correct" not in next(words for words in stage(found, "dive-eval") if "plan" in words)


def test_a_dry_run_writes_nothing() -> None:
    for line in DRY:
        said(f"{MAKE} {line}")
    assert not (ROOT / "build" / "none").exists()


# --- real, without a model --------------------------------------------------------------------------------------------


def test_tasks_are_cut_in_two_as_their_numbers_stand(tmp_path: Path) -> None:
    """The cut of a set that has too few: three of four to learn from, one to practise on, none in both."""
    (tmp_path / "ood").mkdir()
    rows = [f'{{"id":"{number}"}}' for number in range(10)]
    (tmp_path / "ood" / "train.jsonl").write_text("".join(row + "\n" for row in rows))
    # -o: the tasks that are there are not made anew
    line = f"{MAKE} -o FORCE -o {tmp_path}/ood/train.jsonl PAPER={tmp_path}"
    said(f"{line} {tmp_path}/tasks/sft.jsonl {tmp_path}/tasks/rl.jsonl PAPER_SFT_TASKS=3 PAPER_RL_TASKS=1")
    sft = (tmp_path / "tasks" / "sft.jsonl").read_text().split()
    rl = (tmp_path / "tasks" / "rl.jsonl").read_text().split()
    assert (len(sft), len(rl)) == (8, 2) and sorted(sft + rl) == sorted(rows)


def test_attempts_to_learn_from_are_made_and_made_once(tmp_path: Path) -> None:
    names = '"airport_city|airport_elevation|airport_timezone|city_profile"'
    pool = f"dive-tools list --json | jq -c 'select(.name | test({names}))' > pool.jsonl"
    pool += f'; jq -c \'select(.type | IN("airport", "city"))\' {ROOT}/samples/seeds/geography.jsonl > seeds.jsonl'
    stages = [f"dive-{stage} --pool pool.jsonl" for stage in ("collect", "derive", "verify")]
    draw = (
        "dive-sample -n 12 --seed 7 --pool pool.jsonl --seeds seeds.jsonl --domain geography --mix domain --tools 2:4"
    )
    made = bash(f"set -o pipefail; {pool}; {' | '.join([draw, *stages])} > tasks.jsonl", tmp_path, timeout=300)
    assert made.returncode == 0, made.stderr.decode()
    make = f"{MAKE} {tmp_path}/sft/data.jsonl SFT={tmp_path}/sft TASKS={tmp_path}/tasks.jsonl JOBS=1"
    make += f" POOL={tmp_path}/pool.jsonl"
    said(f"{make} SFT_TASKS=4")
    data, others = tmp_path / "sft" / "data.jsonl", tmp_path / "sft" / "not-taken.jsonl"
    assert len(data.read_bytes().splitlines()) + (len(others.read_bytes().splitlines()) if others.exists() else 0) == 4
    assert b'"tools":[{' in data.read_bytes()
    before = data.stat().st_mtime_ns
    said(f"{make} SFT_TASKS=4")
    assert data.stat().st_mtime_ns == before
    said(f"{make} SFT_TASKS=1")
    assert data.stat().st_mtime_ns != before and len(data.read_bytes().splitlines()) <= 1


def test_no_task_left_to_practise_is_said(tmp_path: Path) -> None:
    (tmp_path / "tasks.jsonl").write_text('{"id":"a"}\n')
    line = f"{MAKE} {tmp_path}/rl/tasks.jsonl RL={tmp_path}/rl TASKS={tmp_path}/tasks.jsonl SFT_TASKS=1"
    assert "has no more than 1 tasks: none are left" in said(line, code=2)
