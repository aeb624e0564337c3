"""The course of a run, printed and drawn."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from shell import ROOT, environment

from dive_tools.errors import BadRecord, DiveError
from dive_tools.train.curve import Curve, curve, scored


def metrics(folder: Path, lines: list[dict[str, object]]) -> Path:
    folder.mkdir()
    (folder / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


def test_of_rl_what_is_right_is_drawn_and_of_sft_the_loss(tmp_path: Path) -> None:
    sft = metrics(tmp_path / "sft", [{"step": 1, "loss": 3.0}, {"step": 2, "loss": 2.0}, {"seconds": 3.0}])
    rl = metrics(tmp_path / "rl", [{"step": 5, "loss": 0.1, "reward": 0.3, "pass_rate": 0.25}])
    assert curve(sft) == Curve("sft", "loss", (1, 2), (3.0, 2.0))
    assert curve(rl) == Curve("rl", "rollouts that are right", (5,), (0.25,))


def test_the_running_mean_never_looks_ahead() -> None:
    assert Curve("r", "m", (1, 2, 3), (1.0, 3.0, 8.0)).smooth(2) == (1.0, 2.0, 5.5)


def test_a_run_that_logged_nothing_and_a_file_that_is_no_summary_are_named(tmp_path: Path) -> None:
    with pytest.raises(DiveError, match="has logged no step"):
        curve(metrics(tmp_path / "empty", []))
    (tmp_path / "s.json").write_text('{"pass@1": {"value": null, "low": null, "high": null}}')
    with pytest.raises(BadRecord, match=r"s\.json is no summary"):
        scored(tmp_path / "s.json")


def test_the_command_prints_the_curves_and_writes_a_picture(tmp_path: Path) -> None:
    metrics(tmp_path / "sft", [{"step": step, "loss": 4.0 / step} for step in range(1, 60)])
    (tmp_path / "rl.json").write_text(json.dumps({"pass@1": {"value": 0.62, "low": 0.55, "high": 0.7}}))
    words = [str(ROOT / "bin" / "dive-train"), "curve", "sft", "--exam", "rl.json", "-o", "curve.png"]
    done = subprocess.run(words, cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    assert "sft: loss" in done.stdout and "62.0 % right  (55.0 to 70.0)" in done.stdout
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")
