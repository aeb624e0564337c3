"""dive-tools leaks: is an exam apart from training?"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dive_tools.cli.options import pool_option
from dive_tools.cli.toolbox import write
from dive_tools.errors import BadRecord, DiveError, UsageFault

if TYPE_CHECKING:
    from dive_tools.leaks import Leak, Training

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@click.argument("train", type=_FILE)
@click.argument("exams", nargs=-1, required=True, type=_FILE, metavar="EXAM...")
@click.option("--drop", is_flag=True, help="Write the exam's tasks of which nothing leaked, and not the leaks.")
@click.option("-r", "--rejects", type=click.Path(path_type=Path, dir_okay=False), help="With --drop: the others.")
@click.option("-q", "--quiet", is_flag=True, help="No closing line.")
@pool_option("The tools, for the modules that they stand in:")
def leaks(
    train: Path, exams: tuple[Path, ...], drop: bool, rejects: Path | None, quiet: bool, pool: tuple[str, ...]
) -> None:
    """What of the EXAM files (tasks or runs) stands in TRAIN: a line for each leak, and exit 1 if there is any.

    Each task is held to what its tier must be apart in from training: the seed and the question (same or nearly the
    same words, same calls with the same arguments); in L2 also question family and toolset; in L3-pool every tool and
    module. The same question about another seed is no leak.

    \b
      dive-tools leaks train.jsonl L1.jsonl L2.jsonl L3-pool.jsonl
      dive-tools leaks train.jsonl found.jsonl --drop -r leaked.jsonl > L1.jsonl
    """
    from dive_tools.leaks import Training

    if rejects and not drop:
        raise UsageFault("-r goes with --drop")
    start = time.monotonic()
    strange: Counter[str] = Counter()  # tiers that nobody knows, of how many tasks
    training = Training(_modules(pool))
    for record in _tasks(train):
        training.add(record)
    tasks = _tiered((record for path in exams for record in _tasks(path, may_be_empty=drop)), strange)
    counts: Counter[str] = Counter(exam=0, leaked=0)
    for leaked in _dropped(training, tasks, rejects) if drop else _listed(training, tasks):
        counts.update(["exam", *(["leaked"] if leaked else []), *(leak.kind for leak in leaked)])
    if not quiet:
        said = "".join(f" {word}={count}" for word, count in counts.items())
        click.echo(f"dive-tools leaks: train={training.tasks}{said} {time.monotonic() - start:.1f}s", err=True)
        for tier, count in strange.items():
            said = f"{count} of the exam have {f'the tier {tier}' if tier else 'no tier'}"
            click.echo(f"dive-tools leaks: {said}: held to seeds and questions alone", err=True)
        if counts["leaked"] and not drop:
            click.echo("  hint: --drop writes the exam without what leaked", err=True)
    sys.exit(bool(counts["leaked"]) and not drop)


def _tiered(exam: Iterable[dict[str, Any]], strange: Counter[str]) -> Iterator[dict[str, Any]]:
    """The tasks, counting those of a tier that says nothing of what it must be apart in."""
    from dive_tools.tiers import TIERS

    for record in exam:
        tier = record["setup"].get("tier", "")
        if tier not in TIERS:
            strange[tier] += 1
        yield record


def _listed(training: Training, exam: Iterable[dict[str, Any]]) -> Iterator[list[Leak]]:
    """The leaks of each task, which are written; further attempts at a task that stood before are passed over."""
    from dive_tools.leaks import id_of

    seen: set[str] = set()
    for record in exam:
        if id_of(record) in seen:
            continue
        seen.add(id_of(record))
        found = list(training.leaks(record))
        for leak in found:
            write(leak.line())
        yield found


def _dropped(training: Training, exam: Iterable[dict[str, Any]], rejects: Path | None) -> Iterator[list[Leak]]:
    """The leaks of each record; those without any are written, the others go to the rejects."""
    from dive_tools.jsonl import Lines, dump
    from dive_tools.records import Drop

    rest = Lines.to(rejects) if rejects else None
    for record in exam:
        found = list(training.leaks(record))
        if not found:
            write(record)
        elif rest:
            why = Drop(record, "leaked", f"{found[0].kind}: {found[0].what}", {"twin": found[0].train})
            rest.write(dump(why.rejected("dive-tools leaks")))
        yield found


def _modules(pool: tuple[str, ...]) -> dict[str, str]:
    """The module of each tool; the built-in pool's index says it without loading any."""
    from dive_tools.pool import index, listing, load

    if pool == ("builtin",):
        return {row["name"]: row["module"] for row in listing()}
    found = load(pool, types=False)
    return {row["name"]: row["module"] for row in index([*found.tools.values(), *found.absent.values()])}


def _tasks(path: Path, may_be_empty: bool = False) -> Iterator[dict[str, Any]]:
    """The tasks (or runs) of a file; an empty one would be apart from everything."""
    from dive_tools.records import need
    from dive_tools.samples import lines

    some = may_be_empty
    for record in lines(path, ("id", "setup", "task")):
        try:
            need(record, "id", "setup", "task")
        except BadRecord as fault:
            raise BadRecord(f"{path}: {record['id']}: {fault.message}", hint=fault.hint) from None
        some = True
        yield record
    if not some:
        raise DiveError(f"{path} holds no task", hint="an exam is held against the tasks that a model is trained on")
