"""What a training says while it runs: one JSON line a logged step on stdout and in OUT/metrics.jsonl, nothing else."""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import orjson
from accelerate import PartialState
from transformers import TrainerCallback

from dive_tools.errors import DiveError
from dive_tools.jsonl import Lines
from dive_tools.train.folder import Folder

TIMES = ("seconds", "tokens_per_second", "step_time")  # what differs from run to run
_FIRST = ("step", "epoch", "loss", "lr", "grad_norm", "reward", "tokens")
_NAMES = {"learning_rate": "lr", "num_tokens": "tokens"}


class Metrics(TrainerCallback):  # type: ignore[misc]
    """The callback that writes them, marks checkpoints as whole and says the closing line.

    `out` is the descriptor of stdout; `counts` are what an earlier run had when it made the checkpoint to go on from
    (`Folder.rewind`). Only the first process of several writes.
    """

    def __init__(self, folder: Folder, out: int, counts: Mapping[str, Any], *, name: str, quiet: bool = False) -> None:
        self.folder, self.name, self.quiet = folder, name, quiet
        self.before = counts
        self.tokens: int = counts.get("tokens", 0)
        self.last: dict[str, Any] = {}
        self._out = Lines(out, "the output")
        self._file: Lines | None = None
        self._bar: Any = None
        self._began = self._then = time.monotonic()
        self._counted = self.tokens

    @property
    def seconds(self) -> float:
        """Seconds of training so far, those before a resume included."""
        return float(self.before.get("seconds", 0.0)) + time.monotonic() - self._began

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self._began = self._then = time.monotonic()
        if not state.is_world_process_zero:
            return
        self._file = Lines.to(self.folder.metrics, append=True)
        if sys.stderr.isatty() and not self.quiet:
            from tqdm import tqdm

            self._bar = tqdm(total=state.max_steps, initial=state.global_step, unit=" steps", leave=False)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if control.should_save:  # a resume begins with nothing gathered, so a checkpoint leaves nothing gathered
            control.should_log = True
        if self._bar is not None:
            self._bar.update()

    def on_log(self, args: Any, state: Any, control: Any, logs: Mapping[str, Any] | None = None, **_: Any) -> None:
        if not state.is_world_process_zero or not logs or "train_runtime" in logs:
            return
        line = self.line(state.global_step, logs)
        self.last |= line
        if not math.isfinite(line.get("loss", 0.0)):
            raise DiveError(f"the loss of step {state.global_step} is {line['loss']}", hint="a lower --lr, or --warmup")
        for target in (self._file, self._out):
            if target is not None:
                target.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
        if self._bar is not None:
            self._bar.set_postfix({key: line[key] for key in ("loss", "reward") if key in line})

    def line(self, step: int, logs: Mapping[str, Any]) -> dict[str, Any]:
        """One line of metrics: what the trainer logged, and how far and how fast it is."""
        said = {_NAMES.get(key, key): _plain(value) for key, value in logs.items() if key != "total_flos"}
        if "tokens" in said:
            self.tokens = int(said["tokens"]) + self.before.get("tokens", 0)
            said["tokens"] = self.tokens
        now = time.monotonic()
        times = {"seconds": round(self.seconds, 3)}
        if self.tokens > self._counted:
            times["tokens_per_second"] = round((self.tokens - self._counted) / max(now - self._then, 1e-6), 1)
        self._then, self._counted = now, self.tokens
        found = {"step": step, **said, **times}
        return {**{key: found[key] for key in _FIRST if key in found}, **found}

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        PartialState().wait_for_everyone()  # each process writes its own part of the checkpoint
        if state.is_world_process_zero:
            self.folder.whole(state.global_step, {"tokens": self.tokens, "seconds": round(self.seconds, 3)})

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if self._bar is not None:
            self._bar.close()
        if self._file is not None:
            self._file.close()
            self._file = None

    def close(self, step: int) -> None:
        """Say the closing line."""
        if not self.quiet:
            shown = {key: self.last[key] for key in ("loss", "reward") if isinstance(self.last.get(key), float)}
            words = [f"steps={step}", f"tokens={self.tokens}", *(f"{key}={value:.4g}" for key, value in shown.items())]
            sys.stderr.write(f"{self.name}: {' '.join(words)} {self.seconds:.1f}s\n")


def listen(trainer: Any, metrics: Metrics) -> None:
    """Have the metrics written in place of what the trainer would print."""
    from transformers import PrinterCallback, ProgressCallback

    for theirs in (PrinterCallback, ProgressCallback):
        trainer.remove_callback(theirs)
    trainer.add_callback(metrics)


@contextmanager
def private_stdout() -> Iterator[int]:
    """A descriptor of stdout for the metrics alone; what else is printed meanwhile goes to stderr."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield kept
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)


def quieten() -> None:
    """No bars and no chatter of the libraries that train."""
    import warnings

    import datasets
    import transformers

    warnings.filterwarnings("ignore", category=FutureWarning)
    datasets.disable_progress_bars()
    datasets.logging.set_verbosity_error()
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()


def _plain(value: Any) -> Any:
    """A number as JSON writes it: logs hold floats, and now and then text or a tensor."""
    if isinstance(value, bool | int | str) or value is None:
        return value
    return float(value)
