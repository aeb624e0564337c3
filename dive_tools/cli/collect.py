"""dive-collect: run real tools, keep the evidence."""

from __future__ import annotations

from typing import Any

import click

from dive_tools.cli.calling import Calling, Staged, calling_options
from dive_tools.cli.filter import Stream
from dive_tools.cli.modelling import Asked, Modelling, model_options
from dive_tools.cli.options import filter_command


@filter_command("dive-collect")
@click.option("--calls", type=click.IntRange(1), default=6, show_default=True, help="The most calls in a round.")
@calling_options
@model_options("Who chooses the calls: openai:NAME, scripted:FILE, replay:FILE, or symbolic (the default): no model.")
def main(stream: Stream, calling: Calling, modelling: Modelling, calls: int) -> None:
    """Run real tools of each setup's toolset and add what they returned, one round at a time.

    Needs `setup`; where there is a `task` already, prefers what widens or deepens it.
    Drops too_little, tools_failed, not_recorded, model_error.

    \b
      dive-sample -n 100 | dive-collect | dive-derive | dive-collect | dive-derive > tasks.jsonl
      dive-collect setups.jsonl --cassette calls.sqlite -o round1.jsonl --resume
      dive-collect setups.jsonl --model openai:NAME --endpoint http://127.0.0.1:8000/v1 -j 64 --cassette run.sqlite
    """
    modelling.check("dive-collect")
    if not modelling.named:
        stream.run(lambda: _stage(calling, seed=stream.seed, budget=calls))
        return
    stream.run(
        lambda: _asked(calling, modelling, stream.jobs, seed=stream.seed, budget=calls),
        in_flight=modelling.at_once(stream.jobs),
        estimate=modelling.estimate,
    )


def _stage(calling: Calling, **options: int) -> Staged:
    from dive_tools.collect import Collector

    return Staged(Collector, calling, **options)


def _asked(calling: Calling, modelling: Modelling, jobs: int | None, **options: Any) -> Asked:
    from dive_tools.prompted.collect import Collector

    pool, door = calling.open()
    model, gate = modelling.open("dive-collect", calling.tape, door.cassette, jobs)
    sampling = modelling.sampling()
    return Asked(
        lambda asked: Collector(pool, door, asked, sampling=sampling, **options), pool, model, gate, door, door.cassette
    )


if __name__ == "__main__":
    main(prog_name="dive-collect")
