"""dive-dedup: one of each, and clear of every benchmark."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
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
    return _Stage(partial(dedup, benchmarks=benchmarks, caps=caps))


class _Stage:
    """The stream of results, with the tools that the kept tasks rest on for the sidecar."""

    def __init__(self, results: Callable[[Iterable[Any]], Iterator[Any]]) -> None:
        self.results = results
        self.used: Counter[str] = Counter()

    def __call__(self, records: Iterable[Any]) -> Iterator[Any]:
        for result in self.results(records):
            if isinstance(result, dict):
                self.used.update(_tools(result))
            yield result

    def provenance(self) -> dict[str, Any]:
        """The pool, and of each tool used the number of tasks, the licence and the sensitivity (null if unknown)."""
        from dive_tools.pool import load

        pool = load()
        known = pool.tools | pool.absent
        used = {
            name: {
                "tasks": count,
                "licence": known[name].licence if name in known else None,
                "sensitivity": known[name].sensitivity if name in known else None,
            }
            for name, count in sorted(self.used.items())
        }
        return {"pool": pool.facts(), "tools_used": used}


def _tools(record: dict[str, Any]) -> set[str]:
    """The tools whose calls the answer of a task rests on."""
    from dive_tools.support import calls

    evidence = record.get("evidence", [])
    rests_on = set(calls(record["task"]["support"], evidence))
    return {step["tool"] for step in evidence if step["call"] in rests_on}


if __name__ == "__main__":
    main(prog_name="dive-dedup")
