"""dive-dedup: one of each, and clear of every benchmark."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import click

from dive_tools.cli.filter import Stream
from dive_tools.cli.options import filter_command
from dive_tools.errors import UsageFault


@filter_command("dive-dedup")
@click.option(
    "--against",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="JSON lines of a benchmark; tasks that overlap its questions are dropped (may be given again).",
)
@click.option("--field", default="question", show_default=True, help="The key of a benchmark row's question.")
@click.option("--no-caps", is_flag=True, help="Leave out the caps on patterns, yes/no answers and last calls.")
def main(stream: Stream, against: tuple[Path, ...], field: str, no_caps: bool) -> None:
    """Keep one of several duplicates, hold a set to its caps, and drop what overlaps a benchmark.

    Keeps hashes and the question of every kept task in memory, and runs in one process. Drops duplicate (`twin`
    names the one kept), too_many, contaminated (names the benchmark's row).

    \b
      dive-dedup verified.jsonl --against gaia.jsonl --field Question -r rejects.jsonl > tasks.jsonl
    """
    stream.run(partial(_make, against, field, not no_caps), stateful=True)


def _make(against: tuple[Path, ...], field: str, caps: bool) -> Any:
    from dive_tools.dedup import dedup
    from dive_tools.samples import lines

    benchmarks = {}
    names = [path.name for path in against]
    for path in against:
        rows = [row.get(field) for row in lines(path, ())]
        if not any(isinstance(row, str) for row in rows):
            raise UsageFault(f"no row of {path} has a text {field!r}", hint="name the key with --field")
        name = path.name if names.count(path.name) == 1 else str(path)
        benchmarks[name] = [row if isinstance(row, str) else "" for row in rows]
    return partial(dedup, benchmarks=benchmarks, caps=caps)


if __name__ == "__main__":
    main(prog_name="dive-dedup")
