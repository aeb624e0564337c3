"""`dive-tools cassette`: look after files of recorded calls and replies."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

import click

from dive_tools.cli.exits import Group
from dive_tools.errors import UsageFault

_CASSETTE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group(cls=Group)
def cassette() -> None:
    """Look after files of recorded calls and replies."""


@cassette.command()
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("sources", nargs=-1, required=True, type=_CASSETTE)
def merge(target: Path, sources: tuple[Path, ...]) -> None:
    """Add the calls and replies of SOURCES to TARGET, which keeps its own where they differ."""
    from dive_tools.cassette import merge

    counts = merge(target, sources)
    click.echo("cassette merge: " + " ".join(f"{word}={count}" for word, count in counts.items()), err=True)


@cassette.command()
@click.argument("path", type=_CASSETTE)
def stat(path: Path) -> None:
    """Say how much PATH holds, as one JSON object."""
    from dive_tools.cassette import stat

    _lines([stat(path)])


@cassette.command()
@click.argument("path", type=_CASSETTE)
@click.option("--keep", type=click.File("rb"), help="JSON lines with the name and version of each tool.")
@click.option("--model", "models", multiple=True, help="A model, NAME or NAME@REVISION; may be given again.")
def prune(path: Path, keep: IO[bytes] | None, models: tuple[str, ...]) -> None:
    """Remove the calls of every tool not in the pool --keep, or the replies of every model but each --model."""
    from dive_tools.cassette import prune

    if keep is None and not models:
        raise UsageFault("nothing says what to keep", hint="give --keep POOL, --model NAME, or both")
    wanted = None if keep is None else _pairs(keep)
    if wanted is not None and not wanted:
        raise UsageFault("--keep names no tool, which would remove every call", hint="delete the file if that is meant")
    removed = prune(path, wanted, set(models) or None)
    click.echo(f"cassette prune: removed={removed}", err=True)


@cassette.command()
@click.argument("a", type=_CASSETTE)
@click.argument("b", type=_CASSETTE)
def diff(a: Path, b: Path) -> None:
    """Write the calls and replies that A and B do not agree on, as JSON lines."""
    from dive_tools.cassette import diff

    _lines(diff(a, b))


def _pairs(lines: IO[bytes]) -> set[tuple[str, str]]:
    """(name, version) of each line of a pool."""
    from dive_tools.errors import BadRecord
    from dive_tools.jsonl import parse

    pairs = set()
    for number, raw in enumerate(lines, 1):
        tool = parse(raw)
        if "name" not in tool or "version" not in tool:
            raise BadRecord(f"{lines.name}:{number}: lacks a name and version")
        pairs.add((tool["name"], tool["version"]))
    return pairs


def _lines(records: Iterable[dict[str, Any]]) -> None:
    from dive_tools.jsonl import Lines, dump

    out = Lines(sys.stdout.fileno(), "the output")
    for record in records:
        out.write(dump(record))
