"""dive-train plan: what the whole recipe asks for, before anything runs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dive_tools.cli.exits import Command
from dive_tools.cli.options import SETTINGS
from dive_tools.cli.planned import number
from dive_tools.errors import UsageFault
from dive_tools.train.figures import CHIPS, FIGURES, PLAN_TEACHER

if TYPE_CHECKING:
    from dive_tools.train.plan import Known, Stage

_FILE = click.Path(path_type=Path, exists=True)


def _kind(name: str) -> click.ParamType[Any]:
    """What an option takes: how many at once, a share, or any amount."""
    if name in ("gpus", "jobs", "tries", "rl_group"):
        return click.IntRange(1)
    if name == "pools":
        return click.IntRange(0)
    share = name.endswith(("_rate", "_yield", "_use"))
    return click.FloatRange(0, 1 if share else None, min_open=name.endswith("_use"))


def _figure_options(command: Callable[..., None]) -> Callable[..., None]:
    """An option for each figure of the plan, by its name."""
    for figure in reversed(FIGURES):
        where = figure.source.partition(":")[0]
        what = f"{figure.what[0].upper()}{figure.what[1:]}. [default: {number(figure.value)}, {where}]"
        command = click.option(f"--{figure.name.replace('_', '-')}", type=_kind(figure.name), help=what)(command)
    return command


@click.command("plan", cls=Command, context_settings=SETTINGS)
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object.")
@click.option("--runs", type=_FILE, help="Attempts to measure tokens and turns on, as dive-eval writes them.")
@click.option("--tokenizer", type=_FILE, help="What counts tokens of --runs: a folder, or its tokenizer.json.")
@click.option("--teacher", default="openai:gpt-oss-120b", show_default=True, help="plan needs no GPU.")
@click.option("--model", default="models/Qwen3-8B", show_default=True, help="The model to begin with, as a name.")
@click.option("--chip", type=click.Choice(sorted(CHIPS)), default="h100", show_default=True)
@_figure_options
def command(
    as_json: bool,
    runs: Path | None,
    tokenizer: Path | None,
    teacher: str,
    model: str,
    chip: str,
    **given: float | None,
) -> None:
    """Say what `make reproduce` asks for: for each stage records, model calls, tokens, disk, hours, GPU hours.

    Nothing runs. Every number of the recipe and every assumption is an option, and stands in what is printed with
    where it comes from: the paper, a measurement, an assumption, --runs, or you.

    \b
      dive-train plan --gpus 16 --chip h200 --price 2.5
      dive-train plan --runs runs.jsonl --tokenizer models/Qwen3-8B --json | jq .total
    """
    from dive_tools.train.figures import defaults
    from dive_tools.train.plan import Known

    if tokenizer and not runs:
        raise UsageFault("--tokenizer counts the tokens of --runs: give both")
    sources = {figure.name: figure.source for figure in FIGURES}
    values = defaults()
    if runs:
        _measure(runs, tokenizer, teacher, values, sources)
    for name, value in given.items():
        if value is not None:
            values[name], sources[name] = value, "given"
    known = Known(values, teacher, model, chip)
    _say(known, sources, as_json)


def _measure(
    runs: Path, tokenizer: Path | None, teacher: str, values: dict[str, float], sources: dict[str, str]
) -> None:
    from dive_tools.train.measured import counter, figures, quarter

    found, count = figures(runs, counter(tokenizer) if tokenizer else quarter)
    if teacher == PLAN_TEACHER:
        found["plan_said_tokens"] = found.pop("said_tokens")  # a model says more than the teacher does
    for name, value in found.items():
        values[name], sources[name] = value, f"measured: {count:,} attempts of {runs}"


def _say(known: Known, sources: dict[str, str], as_json: bool) -> None:
    import json

    from dive_tools.cli.planned import page
    from dive_tools.train.plan import memory, stages, summed

    found = stages(known)
    total = summed(found)
    known.notes.extend(filter(None, [memory(known)]))
    if as_json:
        figures = {name: {"value": value, "source": sources[name]} for name, value in known.values.items()}
        rows = [_row(known, stage) for stage in found]
        report: dict[str, Any] = {
            "stages": rows,
            "total": _row(known, total),
            "chip": known.chip,
            "teacher": known.teacher,
        }
        report |= {"model": known.model, "peak_flop": CHIPS[known.chip][0], "figures": figures, "notes": known.notes}
        sys.stdout.write(json.dumps(report) + "\n")
    else:
        sys.stdout.write("\n".join(page(known, found, total, sources)) + "\n")


def _row(known: Known, stage: Stage) -> dict[str, Any]:
    """A stage for a program; `money` where a GPU hour has a price."""
    row = {"in" if name == "taken" else "out" if name == "made" else name: value for name, value in vars(stage).items()}
    return {**row, "money": stage.gpu_hours * known.price} if known.price else row
