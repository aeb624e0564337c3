"""What `make bench-train` runs: JSON lines of figures of dive-train, over attempts of the teacher that it makes first.

The data path of SFT (read, render, tokenise, mask, pack) in one process, with the built-in pool's toolsets of 15 to 50
tools and a vocabulary of 4,096 tokens; steps of SFT and of GRPO of a tiny model on the CPU.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "perf")]

from bench import BIN, lines, run, say  # noqa: E402

TRAIN = str(BIN / "dive-train")
ASKED = ("--max-tokens", "40", "--calls", "2", "--turns", "3")


def attempts(folder: Path, setups: int = 1800) -> tuple[Path, Path]:
    """(tasks, attempts of the teacher with their tools), of the built-in pool."""
    now: Path | None = None
    stages = [["dive-sample", "-n", str(setups), "--seed", "5"], ["dive-collect"], ["dive-derive"], ["dive-verify"]]
    stages += [["dive-eval", "--model", "plan", "--schemas"]]
    for place, (name, *options) in enumerate(stages):
        out = folder / f"made{place}.jsonl"
        run([str(BIN / name), "-q", *options], now, out)
        now, before = out, now
    assert now is not None and before is not None
    return before, now


def data_path(folder: Path, runs: Path, model: Path) -> None:
    """Tokens a second of what comes before training."""
    from datasets import disable_progress_bars
    from transformers import AutoTokenizer

    from dive_tools.train.data import Choice, prepare
    from dive_tools.train.template import Template

    disable_progress_bars()
    template = Template.of(AutoTokenizer.from_pretrained(model))
    rows = [(f"{runs.name}:{number}", raw) for number, raw in enumerate(runs.read_bytes().splitlines(), 1)]
    for packing in (False, True):
        best = 0.0
        for _ in range(3):
            began = time.perf_counter()
            done = prepare(rows, folder / "data", template, Choice(max_length=16384, packing=packing))
            best = max(best, done.tokens / (time.perf_counter() - began))
        told = {"attempts": done.kept, "tokens": done.tokens, "learnt": done.learnt}
        say("sft_data_path", packing=packing, tokens_per_second=round(best), **told)


def steps(folder: Path, name: str, words: list[str]) -> None:
    """Seconds a step of a training on the CPU, its first left out."""
    out = folder / name
    done = subprocess.run([TRAIN, *words, "-o", str(out), "-q"], stdout=subprocess.PIPE, check=True, cwd=folder)
    said: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
    seconds = (said[-1]["seconds"] - said[0]["seconds"]) / (len(said) - 1)
    tokens = (said[-1]["tokens"] - said[0]["tokens"]) / (len(said) - 1)
    say(name, seconds_per_step=round(seconds, 2), tokens_per_second=round(tokens / seconds), steps=len(said))


def main() -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        tasks, runs = attempts(folder)
        say("made", attempts=lines(runs), cores=os.cpu_count())
        model = folder / "model"
        words = ["init", "tiny", str(runs), "--vocabulary", "4096", "-o", str(model), "-q"]
        subprocess.run([TRAIN, *words], check=True)
        data_path(folder, runs, model)
        few = folder / "few.jsonl"
        few.write_bytes(b"".join(runs.read_bytes().splitlines(keepends=True)[:200]))
        shared = ["--model", str(model), "--lr", "1e-3"]
        steps(folder, "sft_steps", ["sft", str(few), *shared, "--steps", "6", "--batch", "16", "--micro-batch", "4"])
        rl = ["rl", str(tasks), *shared, "--steps", "4", "--batch", "16", "--micro-batch", "4", "--group", "8", *ASKED]
        steps(folder, "rl_steps", rl)


if __name__ == "__main__":
    main()
