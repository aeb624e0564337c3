"""dive-train curve: the course of training runs, printed and as a picture."""

from __future__ import annotations

from pathlib import Path

import click

from dive_tools.cli.exits import Command
from dive_tools.cli.options import SETTINGS

_FILE = click.Path(path_type=Path, exists=True)


@click.command("curve", cls=Command, context_settings=SETTINGS)
@click.argument("runs", nargs=-1, required=True, type=_FILE)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="A picture: PNG, PDF or SVG.")
@click.option("--exam", multiple=True, type=_FILE, help="A summary of dive-eval to draw beside; may be given again.")
def command(runs: tuple[Path, ...], output: Path | None, exam: tuple[Path, ...]) -> None:
    """Draw the course of RUNS, folders that dive-train made (or files of their metrics).

    Of SFT the loss is drawn, of RL the share of rollouts that are right; the line is a running mean over a tenth of
    the run. --exam takes what dive-eval --summary wrote, named by its file.

    \b
      dive-train curve build/sft build/rl
      dive-train curve build/sft build/rl --exam base.json --exam sft.json --exam rl.json -o curve.png
    """
    from dive_tools.train.curve import curve, picture, printed, scored

    curves = [curve(run) for run in runs]
    scores = [scored(file) for file in exam]
    click.echo(printed(curves))
    for name, mean, low, high in scores:
        click.echo(f"{name:>12}  {mean:5.1f} % right  ({low:.1f} to {high:.1f})")
    if output is not None:
        picture(curves, output, scores)
