"""The options that every filter shares, as two decorators: a command that reads records, and one that makes them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from dive_tools.cli.exits import Command
from dive_tools.cli.filter import Stream

SETTINGS: dict[str, Any] = {
    "auto_envvar_prefix": "DIVE",  # DIVE_JOBS=4 is -j 4
    "help_option_names": ["-h", "--help"],
    "max_content_width": 110,
}

_FILE = click.Path(path_type=Path, dir_okay=False)


def pool_option(help: str) -> Callable[[Any], Any]:
    """`--pool`: the built-in tools, pool files, or several of them together."""
    text = f"{help} builtin, or a pool file (JSON lines); may be given again."
    return click.option("--pool", multiple=True, default=("builtin",), show_default="builtin", help=text)


def _show_version(ctx: click.Context, _param: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        from dive_tools.cli.tally import version

        click.echo(f"{ctx.find_root().info_name} {version()}")
        ctx.exit()


def version_option() -> click.Option:
    """`--version`, which looks the version up only when asked."""
    return click.Option(
        ["--version"], is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="Say the version."
    )


# Files are given on the command line only: from the environment, every command of a pipe would take the same ones.
def _output() -> list[click.Parameter]:
    return [
        click.Option(
            ["-o", "--output"], type=_FILE, allow_from_autoenv=False, help="Write records here, not to stdout."
        ),
        click.Option(
            ["--resume"], is_flag=True, allow_from_autoenv=False, help="Go on where a killed run left the -o FILE."
        ),
        click.Option(["-n", "--limit"], type=click.IntRange(0), help="Stop after this many records."),
        click.Option(["--seed"], type=int, default=0, show_default=True, help="Seed of every random choice."),
        click.Option(["-q", "--quiet"], is_flag=True, help="No bar and no closing line."),
    ]


def _input() -> list[click.Parameter]:
    return [
        click.Argument(["source"], required=False, type=click.Path(path_type=Path, allow_dash=True)),
        click.Option(
            ["-r", "--rejects"], type=_FILE, allow_from_autoenv=False, help="Write what is dropped here, with reasons."
        ),
        click.Option(["--keep-going"], is_flag=True, help="Drop a bad line instead of stopping at it."),
        click.Option(
            ["-j", "--jobs"],
            type=click.IntRange(1),
            show_default="1; 32 with a model",
            help="Worker processes; with a model, requests at once.",
        ),
        click.Option(["--unordered"], is_flag=True, help="With -j, write records as they are done."),
    ]


def filter_command(name: str) -> Callable[[Callable[..., None]], Command]:
    """A command that reads records: its function gets a Stream, then its own options."""
    return _command(name, [*_input(), *_output()])


def source_command(name: str) -> Callable[[Callable[..., None]], Command]:
    """A command that makes records from nothing: its function gets a Stream, then its own options."""
    return _command(name, _output())


def _command(name: str, shared: list[click.Parameter]) -> Callable[[Callable[..., None]], Command]:
    fields = [parameter.name for parameter in shared if parameter.name]

    def decorate(function: Callable[..., None]) -> Command:
        @wraps(function)
        def callback(**given: Any) -> None:
            function(Stream(name=name, **{field: given.pop(field) for field in fields}), **given)

        command = click.command(name, cls=Command, context_settings=SETTINGS)(callback)
        command.params += [*shared, version_option()]
        return command

    return decorate
