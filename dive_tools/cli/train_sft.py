"""dive-train sft: fine-tuning on good attempts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dive_tools.cli.exits import Command
from dive_tools.cli.options import SETTINGS
from dive_tools.cli.training import Training, input_lines, take_up, training_options
from dive_tools.errors import DiveError, UsageFault

if TYPE_CHECKING:
    from dive_tools.train.folder import Folder

NAME = "dive-train sft"


@click.command("sft", cls=Command, context_settings=SETTINGS)
@click.argument("sources", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True))
@training_options(steps=None, lr=1e-5, batch=64)
@click.option(
    "--epochs", type=click.FloatRange(0, min_open=True), default=1.0, show_default=True, help="Without --steps."
)
@click.option(
    "--max-length", type=click.IntRange(2), help="Longer attempts are left out. [default: the model's context]"
)
@click.option("--packing/--no-packing", default=None, help="Short attempts in one row, kept apart. [default: on a GPU]")
@click.option(
    "--reasoning", type=click.Choice(["keep", "last", "drop"]), help="Thinking: in all turns, its own, in none."
)
@click.option("--any-score", is_flag=True, help="Learn from attempts that are not right, too.")
@click.option("--pool", multiple=True, help="Hold the attempts' tools and versions against this pool.")
@click.option("--merge", is_flag=True, help="With --lora, save the whole model; also later, with --resume.")
def command(
    sources: tuple[Path, ...],
    training: Training,
    epochs: float,
    max_length: int | None,
    packing: bool | None,
    reasoning: str | None,
    any_score: bool,
    pool: tuple[str, ...],
    merge: bool,
) -> None:
    """Fine-tune a model on attempts: SOURCES or stdin, lines of dive-eval with the tools that --schemas adds.

    Only what the model wrote is learnt, each answer's stop token included. What is trained is what a server renders:
    the chat template is checked, and saved with the model. Metrics are JSON lines on stdout and in OUT/metrics.jsonl.

    \b
      dive-eval tasks.jsonl --model plan | dive-verify --select best | dive-eval --schemas > good.jsonl
      dive-train sft good.jsonl --model build/tiny -o build/sft --steps 300 --lr 1e-3
    """
    if merge and training.lora is None:
        raise UsageFault("--merge is for an adapter", hint="train one with --lora RANK")
    settings = training.settings(
        epochs=epochs, max_length=max_length, packing=packing, reasoning=reasoning, any_score=any_score
    )
    from dive_tools.train.folder import Folder

    folder = Folder.begin(training.output, "sft", settings, training.model, training.resume)
    run = {**training.run(), "merge": merge}
    if folder.fresh:
        _prepare(folder, sources, training, pool, run)
    else:
        take_up(folder, training, sources, run, _given(training.template))
    if folder.done:
        sys.stderr.write(f"{NAME}: {folder.path} is trained already\n" if not merge else "")
        _train(folder, None)
        return
    _train(folder, training.launch)
    if training.lora and not merge and not training.quiet:
        sys.stderr.write(f"{NAME}: {folder.path} holds an adapter; --resume --merge makes it a whole model\n")


def _prepare(folder: Folder, sources: tuple[Path, ...], training: Training, pool: tuple[str, ...], run: Any) -> None:
    """Check everything that can be checked, then write the data."""
    import time

    from dive_tools.cli.tally import Tally
    from dive_tools.jsonl import Lines
    from dive_tools.train import launch, memory, sft
    from dive_tools.train.data import Choice, prepare, rejected
    from dive_tools.train.metrics import private_stdout, quieten

    began = time.monotonic()
    lines = input_lines(sources)
    if lines is None:
        raise UsageFault("no input: name a file, or pipe attempts in", hint=f"{NAME} --help")
    with private_stdout():
        quieten()
        processes = launch.ready(training.launch, training.batch, training.micro_batch)
        found = sft.ready(folder, training.template)
        memory.check(
            training.model,
            lora=training.lora,
            half=memory.half(training.dtype),
            shards=memory.shards(training.launch),
        )
        tools = _pool(pool)
        rejects = Lines.to(training.rejects) if training.rejects else None
        asked = folder.settings
        choice = Choice(
            max_length=found.max_length,
            reasoning=asked["reasoning"],
            any_score=asked["any_score"],
            packing=found.packing,
        )
        done = prepare(
            lines,
            folder.data,
            found.template,
            choice,
            lambda drop: rejects.write(rejected(drop)) if rejects else None,
            pool=tools,
            given=_given(training.template),
        )
        about = {**done.about(), "max_length": found.max_length, "packing": found.packing}
        folder.prepared(about, run, processes)
    if not training.quiet:
        if done.template.note:
            sys.stderr.write(f"{NAME}: {done.template.note}\n")
        tally = Tally(read=done.read, reasons=done.reasons, started=began)
        sys.stderr.write(tally.closing(NAME, done.counts()))


def _train(folder: Folder, launch: Path | None) -> None:
    if launch is not None:
        from dive_tools.train import launch as launching

        if code := launching.run(folder.path, launch):
            sys.exit(code)
        return
    from dive_tools.train import sft

    sft.train(folder.path)


def _given(template: Path | None) -> str:
    """What the data rests on beside the lines."""
    try:
        return template.read_text(encoding="utf-8") if template and template.is_file() else str(template or "")
    except (OSError, UnicodeDecodeError) as fault:
        raise DiveError(f"cannot read the template {template}: {fault}") from None


def _pool(names: tuple[str, ...]) -> Any:
    if not names:
        return None
    from dive_tools.pool import load

    return load(names)
