"""dive-tools import: anybody's tools as lines of a pool file."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any

import click

from dive_tools.cli.exits import Group
from dive_tools.cli.toolbox import write
from dive_tools.errors import UsageFault

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_NEW = click.Path(path_type=Path, dir_okay=False)


@click.group("import", cls=Group)
def import_() -> None:
    """Write the tools of a source as lines of a pool file. Nothing is called: their effects are unknown until reviewed.

    \b
      dive-tools import mcp servers.json --review effects.txt > found.jsonl
      $EDITOR effects.txt                                   # uncomment what may be called
      dive-tools check found.jsonl --allow-effects effects.txt > pool.jsonl
      dive-sample --pool pool.jsonl --seeds seeds.jsonl -n 100 | dive-collect --pool pool.jsonl --cassette c.sqlite
    """


def _shared(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every import."""
    for option in (
        click.option("--domain", default="user", show_default=True, help="The domain of the tools."),
        click.option("--licence", default="", help="The licence of what they return, to ride on every manifest."),
        click.option(
            "--sensitivity",
            type=click.Choice(["public", "internal", "private"]),
            default="public",
            show_default=True,
            help="Who may see what they return.",
        ),
        click.option("--review", type=click.File("w"), help="Write the draft of an effects file here."),
        click.option("-r", "--rejects", type=_NEW, help="Write what cannot be a tool here, with reasons."),
    ):
        function = option(function)
    return function


def _found(
    name: str,
    rows: Iterable[Any],
    *,
    domain: str,
    licence: str,
    sensitivity: str,
    review: IO[str] | None,
    rejects: Path | None,
) -> None:
    """Write what a source offers: manifests to stdout, the rest with its reason to the rejects or to stderr."""
    from dive_tools.jsonl import dump
    from dive_tools.sources.common import Skipped
    from dive_tools.sources.review import draft

    manifests: dict[str, Any] = {}
    reasons: Counter[str] = Counter()
    out = rejects.open("wb") if rejects else None
    for row in rows:
        if not isinstance(row, Skipped) and row["name"] in manifests:
            row = Skipped(row["name"], "same_name", "another tool of this import has that name")
        if isinstance(row, Skipped):
            reasons[row.reason] += 1
            if out:
                note = {"stage": "dive-tools import", "reason": row.reason, "detail": row.detail}
                out.write(dump({"name": row.name, "drop": note}))
            elif reasons.total() <= 10:
                click.echo(f"{row.name}: {row.reason}: {row.detail}", err=True)
            continue
        made = {**row, "sensitivity": sensitivity, **({"licence": licence} if licence else {})}
        if made.get("domain", "user") == "user":
            made["domain"] = domain
        manifests[made["name"]] = made
        write(made)
    if out:
        out.close()
    if review:
        review.writelines(f"{line}\n" for line in draft(manifests.values()))
    counted = "".join(f" {reason}={count}" for reason, count in reasons.most_common())
    click.echo(f"dive-tools import {name}: tools={len(manifests)}{counted}", err=True)
    sys.exit(0 if manifests else 1)


@import_.command()
@click.argument("places", nargs=-1)
@click.option("--entry-points", is_flag=True, help="Also what installed packages announce as dive_tools.tools.")
@click.option("--prefix", default="", help="Put before every name.")
@_shared
def python(places: tuple[str, ...], entry_points: bool, prefix: str, domain: str, **options: Any) -> None:
    """Typed functions of Python files or modules (PLACES end in .py, or are dotted names).

    \b
      dive-tools import python mytools.py --domain chemistry --review effects.txt > found.jsonl
    """
    from dive_tools.sources import python as source

    wanted = [*places, *(source.entry_points() if entry_points else ())]
    if not wanted:
        raise UsageFault("name a Python file or module, or give --entry-points")
    rows = (row for place in wanted for row in source.tools(place, domain=domain, prefix=prefix))
    _found("python", rows, domain=domain, **options)


@import_.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--name", default="", help="What the documents are called. [default: the folder's name]")
@_shared
def documents(folder: Path, name: str, domain: str, **options: Any) -> None:
    """Search, open and find over the texts of FOLDER (Markdown, plain text, reStructuredText, HTML …).

    \b
      dive-tools import documents handbook/ --name handbook > found.jsonl
    """
    from dive_tools.sources import documents as source

    rows = source.tools(folder, name=name, domain=domain)
    _found("documents", rows, domain=domain, **options)


@import_.command()
@click.argument("found", type=_FILE)
def review(found: Path) -> None:
    """The draft of an effects file for the tools of FOUND: every line a comment until a person takes its # away.

    \b
      dive-tools import review found.jsonl > effects.txt
    """
    from dive_tools.pool import lines
    from dive_tools.sources.review import draft

    for line in draft(manifest for _, manifest in lines(found)):
        click.echo(line)
