"""`dive-train rl`: GRPO over tasks, each with its own toolset."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dive_tools.cli.calling import Calling, calling_options, gathered
from dive_tools.cli.exits import Command
from dive_tools.cli.options import SETTINGS
from dive_tools.cli.training import Training, input_lines, take_up, training_options
from dive_tools.errors import UsageFault

if TYPE_CHECKING:
    from dive_tools.records import Drop
    from dive_tools.train.folder import Folder
    from dive_tools.train.template import Template

NAME = "dive-train rl"
_FILE = click.Path(path_type=Path, dir_okay=False)
_LONG = 16_384  # tokens of an attempt, where the model has room for more and nobody says
_option = partial(click.option, show_default=True)
_HOW = [
    _option("--alpha", type=click.FloatRange(0), default=0.1, help="Weight of the format in the reward."),
    _option("--luck", type=click.Choice(["count", "zero"]), default="count", help="What is right by luck counts."),
    _option("--group", type=click.IntRange(2), default=8, help="Attempts at a task in a step."),
    _option("--beta", type=click.FloatRange(0), default=0.0, help="Weight of the KL divergence."),
    _option("--temperature", type=click.FloatRange(0, min_open=True), default=1.0),
    _option("--top-p", type=click.FloatRange(0, 1, min_open=True), default=1.0, help="Below 1 with vLLM alone."),
    _option("--max-tokens", type=click.IntRange(1), default=1024, help="Tokens of a reply."),
    click.option(
        "--max-length",
        type=click.IntRange(2),
        help="Tokens of an attempt with its prompt. [default: the model's context, at most 16384]",
    ),
    _option("--calls", type=click.IntRange(0), default=30, help="Calls of an attempt."),
    _option("--turns", type=click.IntRange(1), default=32, help="Replies of an attempt."),
    _option(
        "--miss-limit",
        type=click.FloatRange(0, 1),
        default=0.2,
        help="Stop where more attempts ask for a call that no cassette holds.",
    ),
    _option(
        "--generate",
        type=click.Choice(["transformers", "vllm-colocate", "vllm-server"]),
        default="transformers",
        help="What samples: the model itself, vLLM beside it, or TRL's server of vLLM.",
    ),
    click.option("--vllm-server", metavar="URL", help="Where `trl vllm-serve` listens."),
]
_NAMES = (
    "alpha", "luck", "group", "beta", "temperature", "top_p", "max_tokens", "max_length", "calls", "turns",
    "miss_limit", "generate", "vllm_server",
)  # fmt: skip


@click.command("rl", cls=Command, context_settings=SETTINGS)
@click.argument("tasks", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True))
@training_options(steps=100, lr=1e-6, batch=64)
@calling_options
@gathered("how", dict, _NAMES, _HOW[::-1])
@click.option("--rollouts", type=_FILE, allow_from_autoenv=False, help="Write every attempt here, as dive-eval does.")
def command(
    tasks: tuple[Path, ...], training: Training, calling: Calling, how: dict[str, Any], rollouts: Path | None
) -> None:
    """GRPO over TASKS (files of JSON lines, or stdin), each with its own toolset.

    An attempt is worth alpha * format + correct, by programs alone. One that asks for a call which no cassette holds
    (--replay) or whose tool breaks is neither rewarded nor punished. Metrics are JSON lines on stdout.

    \b
      dive-train rl frontier.jsonl -m build/sft -o build/rl --steps 200 --batch 512
      dive-verify runs.jsonl --frontier 1:5 | dive-train rl -m build/sft -o build/rl --replay --cassette calls.sqlite
    """
    from dive_tools.train.arguments import longest
    from dive_tools.train.folder import Folder

    how["max_length"] = longest(training.model, how["max_length"], _LONG)
    _check(training, how)
    settings = training.settings(**how, **_called(calling))
    run = {**training.run(), "rollouts": str(rollouts.resolve()) if rollouts else None}
    folder = Folder.begin(training.output, "rl", settings, training.model, training.resume)
    if folder.fresh:
        _prepare(folder, tasks, training, run)
    else:
        take_up(folder, training, tasks, run)
    if folder.done:
        sys.stderr.write(f"{NAME}: {training.output} is trained already\n")
    elif training.launch:
        from dive_tools.train import launch

        if code := launch.run(training.output, training.launch):
            sys.exit(code)
    else:
        from dive_tools.train import rl

        rl.train(training.output)


def _check(training: Training, how: dict[str, Any]) -> None:
    """UsageFault for what cannot be asked for together."""
    if training.batch % how["group"]:
        raise UsageFault(
            f"--batch {training.batch} is no multiple of --group {how['group']}",
            hint="a step takes whole groups of attempts at a task",
        )
    if how["max_tokens"] >= how["max_length"]:
        raise UsageFault(f"--max-tokens {how['max_tokens']} leaves no room in --max-length {how['max_length']}")
    if how["vllm_server"] and how["generate"] != "vllm-server":
        raise UsageFault("--vllm-server goes with --generate vllm-server")
    if "@" in (how["vllm_server"] or ""):
        raise UsageFault("--vllm-server: a name or a password in it would be written down", hint="http://HOST:PORT")
    if how["generate"] == "transformers":
        _check_here(training, how)
    elif importlib.util.find_spec("vllm") is None:
        raise UsageFault(f"--generate {how['generate']} needs vLLM, which is not there", hint="pip install vllm")


def _check_here(training: Training, how: dict[str, Any]) -> None:
    """UsageFault for what the model itself cannot sample, or not so that it could learn from it."""
    if how["top_p"] < 1:
        raise UsageFault(
            "--top-p below 1 draws from a part of what the gradient is of, which is corrected with vLLM alone",
            hint="--top-p 1, or --generate vllm-colocate or vllm-server",
        )
    if training.launch:
        from dive_tools.train import launch

        if launch.read(training.launch, os.environ).spread == "FSDP":
            raise UsageFault(
                f"--launch {training.launch}: a model that FSDP spreads cannot be sampled from in process",
                hint="--generate vllm-colocate or vllm-server",
            )


def _called(calling: Calling) -> dict[str, Any]:
    """How tools are called, as JSON."""
    tape = calling.tape
    if tape.missing != "live" and not (tape.cassette or tape.over):
        raise UsageFault("--replay needs the --cassette to replay from")
    return {
        "pool": [_whole(name) for name in calling.pool],
        "cassette": str(tape.cassette.resolve()) if tape.cassette else None,
        "over": [str(path.resolve()) for path in tape.over],
        "on_miss": tape.missing,
        "allow_effects": str(calling.allow_effects.resolve()) if calling.allow_effects else None,
    }


def _whole(name: str) -> str:
    """The whole path of a pool file; `builtin` as it is."""
    return str(Path(name).resolve()) if Path(name).is_file() else name


def _prepare(folder: Folder, tasks: tuple[Path, ...], training: Training, run: dict[str, Any]) -> None:
    """Check everything that can be checked, then write the data."""
    from dive_tools.models.parsers import reasoning_parser
    from dive_tools.train import launch, memory
    from dive_tools.train.metrics import private_stdout, quieten
    from dive_tools.train.rl import arguments, environment
    from dive_tools.train.tasks import prepare

    lines = input_lines(tasks)
    if lines is None:
        raise UsageFault("no input: name a file, or pipe tasks in", hint=f"{NAME} --help")
    processes = launch.ready(training.launch, training.batch, training.micro_batch)
    with private_stdout():
        quieten()
        template = _template(training)
        arguments(folder, template)
        memory.check(
            training.model,
            lora=training.lora,
            half=memory.half(training.dtype),
            shards=memory.shards(training.launch),
        )
        env = environment(folder.settings, [])
        try:
            with _rejected(training.rejects) as reject:
                done = prepare(
                    lines,
                    folder.data,
                    template,
                    env,
                    folder.settings["max_length"],
                    reject,
                    thinking=bool(reasoning_parser(training.model)),
                )
        finally:
            env.close()
        folder.prepared(done.about(), run, processes)
    if not training.quiet:
        if template.note:
            sys.stderr.write(f"{NAME}: {template.note}\n")
        told = " ".join(f"{reason}={count}" for reason, count in done.reasons.items())
        sys.stderr.write(f"{NAME}: in={done.read} kept={done.kept} {told}".rstrip() + "\n")


def _template(training: Training) -> Template:
    """The chat template to train with, checked."""
    from dive_tools.train.arguments import tokenizer_of
    from dive_tools.train.template import Template

    return Template.of(tokenizer_of(training.model), training.template)


@contextmanager
def _rejected(path: Path | None) -> Iterator[Callable[[Drop], None]]:
    """What takes the records that are left out."""
    if path is None:
        yield lambda _: None
        return
    from dive_tools.jsonl import Lines, dump

    out = Lines.to(path)
    try:
        yield lambda drop: out.write(dump(drop.rejected(NAME)))
    finally:
        out.close()
