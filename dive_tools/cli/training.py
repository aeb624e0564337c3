"""The options of every command that trains, turned into one object: what is trained, how, and where it goes."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dive_tools.cli.calling import gathered
from dive_tools.errors import UsageFault

if TYPE_CHECKING:
    from dive_tools.train.data import Line
    from dive_tools.train.folder import Folder

_FILE = click.Path(path_type=Path, dir_okay=False)
_OLD = click.Path(path_type=Path, exists=True, dir_okay=False)
# What makes no other weights; of a launch, the number of processes does.
_ASIDE = ("model", "output", "resume", "rejects", "launch", "quiet", "report_to")
SCHEDULES = ("constant", "linear", "cosine", "cosine_with_min_lr", "inverse_sqrt")


@dataclass(frozen=True, kw_only=True)
class Training:
    """How a model is trained; `extra` holds further arguments of TRL's config."""

    model: str
    output: Path
    resume: bool = False
    rejects: Path | None = None
    steps: int
    lr: float
    warmup: float = 0.0
    schedule: str = "cosine"
    batch: int
    micro_batch: int = 1
    lora: int | None = None
    dtype: str = "auto"
    gradient_checkpointing: bool = False
    save_every: int = 50
    log_every: int = 1
    report_to: str = "none"
    extra: dict[str, Any]
    seed: int = 0
    launch: Path | None = None
    template: Path | None = None
    quiet: bool = False

    def settings(self, **more: Any) -> dict[str, Any]:
        """What a resume must not change, as JSON: everything that makes other weights or metrics, and `more`."""
        kept = {key: value for key, value in asdict(self).items() if key not in (*_ASIDE, "template")}
        if self.schedule == "constant" and self.warmup:
            kept["schedule"] = "constant_with_warmup"  # what transformers calls constant warms up to nothing
        return {**kept, "template": str(self.template) if self.template else None, **more}

    def run(self) -> dict[str, Any]:
        """What a resume may change, as JSON."""
        return {"report_to": self.report_to, "quiet": self.quiet}


def training_options(*, steps: int | None, lr: float, batch: int) -> Callable[[Any], Any]:
    """A decorator that adds the shared options, with these defaults, and hands them over as `training`."""
    options = [
        click.option(
            "-m", "--model", required=True, allow_from_autoenv=False, help="The model to train: a folder, or the hub's."
        ),
        click.option(
            "-o",
            "--output",
            type=click.Path(path_type=Path, file_okay=False),
            required=True,
            allow_from_autoenv=False,
            help="The folder of this training: data, checkpoints, metrics, and the trained model.",
        ),
        click.option("--resume", is_flag=True, allow_from_autoenv=False, help="Go on from OUT's last checkpoint."),
        click.option(
            "-r", "--rejects", type=_FILE, allow_from_autoenv=False, help="Write what is left out here, with reasons."
        ),
        click.option(
            "--steps", type=click.IntRange(1), default=steps, show_default=True, help="Steps of the optimizer."
        ),
        click.option(
            "--lr", type=click.FloatRange(0, min_open=True), default=lr, show_default=True, help="Learning rate."
        ),
        click.option(
            "--warmup", type=click.FloatRange(0), default=0.0, show_default=True, help="Steps, or below 1 a share."
        ),
        click.option(
            "--schedule", type=click.Choice(SCHEDULES), default="cosine", show_default=True, help="Of the rate."
        ),
        click.option(
            "--batch", type=click.IntRange(1), default=batch, show_default=True, help="Sequences of one step."
        ),
        click.option(
            "--micro-batch", type=click.IntRange(1), default=1, show_default=True, help="Of them at once, on a device."
        ),
        click.option(
            "--lora", type=click.IntRange(1), metavar="RANK", help="Train an adapter of this rank, not all weights."
        ),
        click.option(
            "--dtype",
            type=click.Choice(["auto", "float32", "bfloat16"]),
            default="auto",
            show_default=True,
            help="What is computed in: auto is bfloat16 on a GPU that has it.",
        ),
        click.option("--gradient-checkpointing", is_flag=True, help="Less memory, about a third more time."),
        click.option(
            "--save-every", type=click.IntRange(1), default=50, show_default=True, help="Steps to a checkpoint."
        ),
        click.option(
            "--log-every", type=click.IntRange(1), default=1, show_default=True, help="Steps to a metrics line."
        ),
        click.option("--report-to", default="none", show_default=True, help="Trackers too: wandb, tensorboard, …"),
        click.option("--set", "extra", multiple=True, metavar="KEY=VALUE", help="Any other argument of TRL's config."),
        click.option("--seed", type=int, default=0, show_default=True, help="Seed of every random choice."),
        click.option("--launch", type=_OLD, help="Train in the processes of this accelerate configuration."),
        click.option(
            "--template", type=click.Path(path_type=Path), metavar="FILE", help="Chat template; qwen3 is ours."
        ),
        click.option("-q", "--quiet", is_flag=True, help="No bar and no closing line."),
    ]
    return gathered("training", _made, tuple(Training.__dataclass_fields__), options[::-1])


def _made(*, extra: tuple[str, ...], **given: Any) -> Training:
    return Training(extra=dict(_pair(word) for word in extra), **given)


def _pair(word: str) -> tuple[str, Any]:
    """KEY=VALUE, the value as JSON where it is JSON, else as text."""
    key, equals, value = word.partition("=")
    if not key or not equals:
        raise UsageFault(f"--set {word}: say KEY=VALUE", hint="--set max_grad_norm=0.5")
    try:
        return key.strip(), json.loads(value)
    except ValueError:
        return key.strip(), value


def input_lines(sources: tuple[Path, ...]) -> Iterator[Line] | None:
    """The lines of the files, or of stdin, each with its place; None where stdin is no input either."""
    if not sources and stat.S_ISCHR(os.fstat(0).st_mode):  # a terminal, or /dev/null
        return None
    return _read(sources or (Path("-"),))


def _read(sources: tuple[Path, ...]) -> Iterator[Line]:
    from dive_tools.jsonl import read

    for source in sources:
        name = "stdin" if source == Path("-") else str(source)
        try:
            for number, raw in read(0 if source == Path("-") else source):
                yield f"{name}:{number}", raw
        except OSError as fault:
            raise UsageFault(f"cannot read {name}: {fault.strerror}") from None


def take_up(
    folder: Folder, training: Training, sources: tuple[Path, ...], run: dict[str, Any], given: str = ""
) -> None:
    """Hold a training that was begun, or is done, against what is asked for now, and note `run`.

    `given` is what its data rests on beside the lines. UsageFault where the input, if there is any, is another, or
    where what is left to train would be trained in another number of processes.
    """
    from dive_tools.train import launch
    from dive_tools.train.data import Digest

    digest, some = Digest(given), False
    for _ in digest.over(input_lines(sources) or ()):
        some = True
    if some:
        folder.same_data(digest.hex())
    if not folder.done:
        folder.same_processes(launch.ready(training.launch, training.batch, training.micro_batch))
    folder.note(run)
