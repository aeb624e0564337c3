"""docs/train.md is run: its `sh` blocks, in order, in an empty folder; what it names is there."""

from __future__ import annotations

import json
import re
from pathlib import Path

from commands import name, named, options, parts
from shell import ROOT, bash

PAGE = (ROOT / "docs" / "train.md").read_text()
BLOCKS = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_every_sh_block_runs(tmp_path: Path) -> None:
    assert len(BLOCKS) >= 4
    said = ""
    for block in BLOCKS:
        done = bash(f"set -eu -o pipefail\n{block}", tmp_path, timeout=400, OMP_NUM_THREADS="1")
        assert done.returncode == 0, f"{block}\n{done.stderr.decode()}"
        said += done.stdout.decode()
    steps = [json.loads(line) for line in said.splitlines() if line.startswith('{"step":')]
    assert [step["step"] for step in steps if "loss" in step] == [*range(1, 7)]
    assert [step["step"] for step in steps if "reward" in step] == [1, 2]
    assert (tmp_path / "rl" / "model.safetensors").is_file() and (tmp_path / "curve.png").stat().st_size > 5000


# whose options these variables of the fragments are
PASSED_ON = {
    "TEACHER_OPTIONS": "dive-eval",
    "ENGINE_OPTIONS": "dive-eval",
    "SFT_OPTIONS": "dive-train sft",
    "RL_OPTIONS": "dive-train rl",
    "PLAN_OPTIONS": "dive-train plan",
}
SPANS = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", PAGE, flags=re.MULTILINE | re.DOTALL))


def test_every_command_has_the_options_that_it_is_given() -> None:
    shown = re.findall(r"^```\w+\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    found = [part for text in [*shown, *SPANS] for part in parts(text)]
    found += [f"{PASSED_ON[key]} {value}" for key, value in re.findall(r"(\w+_OPTIONS)='([^']*)'", PAGE)]
    assert len(found) > 25
    for line in found:
        known = options(*name(line.split()))
        assert named(line) <= known, f"{line}: {named(line) - known}"


def test_every_option_in_the_text_is_one_of_training() -> None:
    bare = {option for span in SPANS if span.startswith("-") for option in named(span)}
    known = {option for command in ("sft", "rl", "plan", "export") for option in options("dive-train", command)}
    assert len(bare) > 12
    assert not bare - known


def test_every_target_and_variable_is_there(tmp_path: Path) -> None:
    targets = re.findall(r"^([\w-]+) ", bash(f"make -C {ROOT} help", tmp_path).stdout.decode(), re.MULTILINE)
    used = [*re.findall(r"^make [^#\n]*", PAGE.replace("\\\n", " "), re.MULTILINE), *SPANS]
    made = [line for line in used if line.startswith("make ")]
    assert {line.split()[1] for line in made} <= {*targets}
    rules = "".join(file.read_text() for file in [ROOT / "Makefile", *(ROOT / "pipelines").glob("*.mk")])
    variables = {variable for line in made for variable in re.findall(r"(?<![\w-])([A-Z][A-Z_]*)=", line)}
    assert len(variables) > 20
    assert variables <= {*re.findall(r"^([A-Z][A-Z_]*) *[:?]?=", rules, re.MULTILINE)}
