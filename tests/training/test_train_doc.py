"""docs/train.md is run: its `sh` blocks, in order, in an empty folder; what it names is there."""

from __future__ import annotations

import json
import re
from pathlib import Path

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


def test_every_option_and_target_that_is_named_is_there(tmp_path: Path) -> None:
    names = ("sft", "rl", "init", "export", "curve", "plan")
    said = "".join(bash(f"dive-train {name} --help", tmp_path).stdout.decode() for name in names)
    said += "".join(
        bash(f"{name} --help", tmp_path).stdout.decode() for name in ("dive-sample", "dive-eval", "dive-verify")
    )
    others = {"--json", "--nodes", "--ntasks-per-node", "--gpus-per-node", "--cpus-per-task"}
    assert {word for word in re.findall(r"(?<![\w-])--[a-z][a-z-]*", PAGE) if word not in said} <= others
    targets = bash(f"make -C {ROOT} help", tmp_path).stdout.decode()
    assert all(name in targets for name in re.findall(r"^make ([a-z-]+)", PAGE, re.MULTILINE)), targets
