"""dive-tools seeds, read, funnel, exam, unanswerable: what goes into tasks, what came out, and what is made of them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from dive_tools.cli.options import pool_option
from dive_tools.cli.toolbox import write
from dive_tools.errors import UsageFault

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@click.argument("domain")
@click.option("-n", "--limit", type=click.IntRange(1), help="How many. [default: all]")
def seeds(domain: str, limit: int | None) -> None:
    """Typed seeds of a built-in DOMAIN, from packaged registries; the same on any machine.

    \b
      dive-tools seeds biology -n 200 > seeds/biology.jsonl
    """
    from dive_tools.pool import load
    from dive_tools.seeds import seeds

    load()
    for seed in seeds(domain, limit):
        write(seed)


@click.command()
@click.argument("tasks", type=_FILE)
@click.option("-n", "--limit", type=click.IntRange(1), default=5, show_default=True)
def read(tasks: Path, limit: int) -> None:
    """Print the first tasks of a file for people: question, the calls it rests on, answer. Attempts are a dialogue."""
    from itertools import islice

    from dive_tools.cli.tell import attempt, task
    from dive_tools.errors import BadRecord
    from dive_tools.samples import lines

    for record in islice(lines(tasks, ("id", "setup", "task")), limit):
        if "run" not in record and "evidence" not in record:
            raise BadRecord(f'{tasks}: {record["id"]} lacks "evidence"', hint="run dive-collect first")
        click.echo("\n".join(attempt(record) if "run" in record else task(record)) + "\n")


@click.command()
@click.option("-n", "--setups", type=click.IntRange(0), required=True, help="How many records went in.")
@click.argument("rejects", nargs=-1, type=_FILE)
def funnel(setups: int, rejects: tuple[Path, ...]) -> None:
    """Print what each stage kept and why the rest left, from the REJECTS files of a pipe, in its order.

    \b
      dive-tools funnel -n 1000 build/demo/rejects/*.jsonl
    """

    from dive_tools.cli.tell import funnel
    from dive_tools.samples import lines

    stages = [(path.stem, Counter(row["drop"]["reason"] for row in lines(path, ("drop",)))) for path in rejects]
    rejected = sum(reasons.total() for _, reasons in stages)
    if rejected > setups:
        raise UsageFault(
            f"{rejected} records were rejected, but only {setups} went in", hint="-n is what went in first"
        )
    click.echo("\n".join(funnel(setups, stages)))


@click.command()
@click.argument("tasks", type=_FILE)
@click.option("-n", "--limit", type=click.IntRange(1), default=100, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--grade", type=_FILE, help="Answers to grade: JSON lines of id, answer, natural, note.")
@click.option("--exam", "was", type=_FILE, help="The exam that was set. [default: drawn again by -n and --seed]")
@click.option("--mutate", is_flag=True, help="Examine the checks: change questions, count what is caught.")
@pool_option("The tools of the tasks:")
def exam(
    tasks: Path, limit: int, seed: int, grade: Path | None, was: Path | None, mutate: bool, pool: tuple[str, ...]
) -> None:
    """Set a blind exam on TASKS (questions and toolsets, no answers), grade one, or examine the checks.

    Agreement and naturalness go to stderr; every disagreement is a line on stdout. A question without an answer is
    a disagreement; an answer to a question that was not set is an error.

    \b
      dive-tools exam tasks.jsonl -n 100 --seed 1 > exam.jsonl
      dive-tools exam tasks.jsonl --exam exam.jsonl --grade answers.jsonl
      dive-tools exam tasks.jsonl --mutate
    """
    from dive_tools import exam as blind
    from dive_tools.pool import load
    from dive_tools.samples import lines

    if grade and mutate:
        raise UsageFault("--grade and --mutate are two different things: give one of them")
    if was and not grade:
        raise UsageFault("--exam goes with the --grade of its answers")
    tools = load(pool).tools
    records = list(lines(tasks, ("id", "setup", "task")))
    chosen = blind.was_set(records, lines(was, ("id", "question"))) if was else blind.draw(records, limit, seed)
    if grade is not None:
        graded = list(blind.grade(chosen, lines(grade, ("id", "answer"))))
        for row in graded:
            if not row["agrees"] or row["natural"] is False:
                write(row)
        click.echo(f"dive-tools exam: {blind.summary(graded)}", err=True)
        return
    if not mutate:
        for record in chosen:
            write(blind.blind(record))
        return
    from dive_tools.mutate import mutants

    rows = list(mutants(chosen, tools, seed))
    for row in rows:
        if row["caught"] is None:
            write(row)
    caught = sum(row["caught"] is not None for row in rows)
    click.echo(f"dive-tools exam: mutants={len(rows)} caught={caught} ({caught / max(1, len(rows)):.1%})", err=True)


@click.command()
@click.argument("tasks", type=_FILE)
@pool_option("The tools of the tasks:")
def unanswerable(tasks: Path, pool: tuple[str, ...]) -> None:
    """Make of kept TASKS others that cannot be answered: a fact that the answer needs is given by no tool any more.

    The right answer is then to say what is missing (`task.missing`). Of which tasks none could be made, and why, is
    counted on stderr.

    \b
      dive-tools unanswerable tasks.jsonl > unanswerable.jsonl
    """
    from dive_tools.pool import load
    from dive_tools.records import Drop
    from dive_tools.samples import lines
    from dive_tools.unanswerable import unanswerable

    records = lines(tasks, ("id", "setup", "evidence", "task"))
    counts: Counter[str] = Counter()
    for made in unanswerable(records, load(pool)):
        counts[made.reason if isinstance(made, Drop) else "made"] += 1
        if not isinstance(made, Drop):
            write(made)
    why = " ".join(f"{reason}={count}" for reason, count in sorted(counts.items()) if reason != "made")
    click.echo(f"dive-tools unanswerable: in={counts.total()} made={counts['made']} {why}".rstrip(), err=True)
