"""dive-collect: run real tools, keep the evidence."""

from __future__ import annotations

import click

from dive_tools.cli.calling import Calling, Staged, calling_options
from dive_tools.cli.filter import Stream
from dive_tools.cli.options import filter_command


@filter_command("dive-collect")
@click.option("--budget", type=click.IntRange(1), default=6, show_default=True, help="The most calls in a round.")
@calling_options
def main(stream: Stream, calling: Calling, budget: int) -> None:
    """Run real tools of each setup's toolset and add what they returned, one round at a time.

    Needs `setup`; where there is a `task` already, prefers what widens or deepens it.
    Drops too_little, tools_failed, not_recorded.

    \b
      dive-sample -n 100 | dive-collect | dive-derive | dive-collect | dive-derive > tasks.jsonl
      dive-collect setups.jsonl --cassette calls.sqlite -o round1.jsonl --resume
    """
    stream.run(lambda: _stage(calling, seed=stream.seed, budget=budget))


def _stage(calling: Calling, **options: int) -> Staged:
    from dive_tools.collect import Collector

    return Staged(Collector, calling, **options)


if __name__ == "__main__":
    main(prog_name="dive-collect")
