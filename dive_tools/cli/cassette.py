"""`dive-tools cassette`: look after files of recorded calls."""

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
    """Look after files of recorded calls."""


@cassette.command()
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("sources", nargs=-1, required=True, type=_CASSETTE)
def merge(target: Path, sources: tuple[Path, ...]) -> None:
    """Add the calls of SOURCES to TARGET, which keeps its own where they differ."""
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
@click.option("--keep", required=True, type=click.File("rb"), help="JSON lines with the name and version of each tool.")
def prune(path: Path, keep: IO[bytes]) -> None:
    """Remove the calls of every tool or version that is not in the pool given by --keep."""
    from dive_tools.cassette import prune

    wanted = _pairs(keep)
    if not wanted:
        raise UsageFault("--keep names no tool, which would remove every call", hint="delete the file if that is meant")
    click.echo(f"cassette prune: removed={prune(path, wanted)}", err=True)


@cassette.command()
@click.argument("a", type=_CASSETTE)
@click.argument("b", type=_CASSETTE)
def diff(a: Path, b: Path) -> None:
    """Write the calls that A and B do not agree on, as JSON lines."""
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
