"""dive-tools import: anybody's tools as lines of a pool file."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click

from dive_tools.cli.exits import Group
from dive_tools.cli.toolbox import Out
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
        click.option("--review", type=_NEW, help="Write the draft of an effects file here, if there is none."),
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
    review: Path | None,
    rejects: Path | None,
) -> None:
    """Write what a source offers: manifests to stdout, the rest with its reason to the rejects or to stderr."""
    from dive_tools.jsonl import Lines, dump
    from dive_tools.sources.common import Skipped
    from dive_tools.sources.review import draft

    manifests: dict[str, Any] = {}
    reasons: Counter[str] = Counter()
    if review and review.exists():
        raise UsageFault(f"{review} is there, and may hold what was reviewed", hint="remove it, or name another file")
    rejected = Lines.to(rejects) if rejects else None
    stdout = Out()
    for row in rows:
        if not isinstance(row, Skipped) and row["name"] in manifests:
            row = Skipped(row["name"], "same_name", "another tool of this import has that name")
        if isinstance(row, Skipped):
            reasons[row.reason] += 1
            if rejected:
                note = {"stage": "dive-tools import", "reason": row.reason, "detail": row.detail}
                rejected.write(dump({"name": row.name, "drop": note}))
            elif reasons.total() <= 10:
                click.echo(f"{row.name}: {row.reason}: {row.detail}", err=True)
            continue
        made = {**row, "licence": row.get("licence") or licence}
        if made.get("sensitivity", "public") == "public":  # what the source itself says goes before the option
            made["sensitivity"] = sensitivity
        if made.get("domain", "user") == "user":
            made["domain"] = domain
        manifests[made["name"]] = made
        stdout.write(made)
    if review:
        review.write_text("".join(f"{line}\n" for line in draft(manifests.values())), encoding="utf-8")
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
@click.argument("servers", type=_FILE)
@click.option("--server", "only", multiple=True, help="This server of the file only (may be given again).")
@click.option("--allow", multiple=True, help="Tools whose name fits this pattern, as in 'get_*' (may be given again).")
@click.option("--deny", multiple=True, help="No tools whose name fits this pattern (may be given again).")
@_shared
def mcp(servers: Path, only: tuple[str, ...], allow: tuple[str, ...], deny: tuple[str, ...], **options: Any) -> None:
    """Tools of the MCP servers in SERVERS, the common `mcpServers` JSON (stdio and streamable HTTP).

    Beside the common keys a server may say session (shared, attempt or call), instances, timeout and start (seconds),
    max_bytes, allow, deny, prefix. Secrets stand as ${NAME} of the environment.

    \b
      dive-tools import mcp servers.json --server git --deny 'git_push*' --review effects.txt > found.jsonl
    """
    from dive_tools.sources import mcp as source

    _found("mcp", source.tools(servers, only=only, allow=allow, deny=deny, domain=options["domain"]), **options)


def _pairs(texts: tuple[str, ...], option: str) -> dict[str, str]:
    """NAME=VALUE texts as a mapping."""
    for text in texts:
        if not text.partition("=")[0] or "=" not in text:
            raise UsageFault(f"{option} {text}: say NAME=VALUE")
    return dict(text.split("=", 1) for text in texts)


@import_.command()
@click.argument("document")
@click.option("--prefix", help="Put before every name. [default: from the title]")
@click.option("--base", help="The server's address, instead of the document's own.")
@click.option("--variable", "variables", multiple=True, help="NAME=VALUE of a server variable (may be given again).")
@click.option("--auth", multiple=True, help="SCHEME=VARIABLE: the environment variable with a scheme's secret.")
@click.option("--header", "headers", multiple=True, help="NAME=VALUE sent with every call; ${NAME} is a secret.")
@click.option("--tag", "tags", multiple=True, help="Operations of this tag only (may be given again).")
@click.option("--include", multiple=True, help="Operations whose id, or 'GET /path', fits this pattern.")
@click.option("--exclude", multiple=True, help="No operations whose id, or 'GET /path', fits this pattern.")
@click.option("--method", "methods", multiple=True, help="Operations of this method only, as in get.")
@click.option(
    "--rate", type=click.FloatRange(0), default=0.0, help="Requests a second of the host. [default: no limit]"
)
@click.option("--limit", type=click.FloatRange(0.1), default=30.0, show_default=True, help="Seconds for one call.")
@click.option("--allow-private", is_flag=True, help="Let the document and its tools stand on private addresses.")
@_shared
def openapi(document: str, **options: Any) -> None:
    """Operations of an OpenAPI 3.0 or 3.1 DOCUMENT (JSON or YAML; a path or an address).

    An operation that cannot be a tool is named with its reason.

    \b
      dive-tools import openapi petstore.yaml --method get --review effects.txt > found.jsonl
    """
    from dive_tools.sources import openapi as source

    own = ("prefix", "base", "tags", "include", "exclude", "methods", "rate", "limit", "allow_private")
    given: dict[str, Any] = {name: options.pop(name) for name in own}
    pairs = {"variables": "--variable", "auth": "--auth", "headers": "--header"}
    maps: dict[str, Any] = {name: _pairs(options.pop(name), option) for name, option in pairs.items()}
    _found("openapi", source.tools(document, domain=options["domain"], **given, **maps), **options)


@import_.command()
@click.argument("files", nargs=-1, required=True, type=_FILE)
@click.option("--tool", "only", multiple=True, help="This tool of the file only (may be given again).")
@click.option("--limit", type=click.FloatRange(0.1), default=30.0, show_default=True, help="Seconds for one call.")
@click.option("--allow-private", is_flag=True, help="Let the tools stand on private addresses.")
@_shared
def http(files: tuple[Path, ...], only: tuple[str, ...], limit: float, allow_private: bool, **options: Any) -> None:
    """HTTP APIs that FILES (YAML or JSON) declare: see docs/own-tools.md and samples/http/.

    \b
      dive-tools import http samples/http/open_meteo.yaml --review effects.txt > found.jsonl
    """
    from dive_tools.sources import http_file as source

    given: dict[str, Any] = {"only": only, "limit": limit, "allow_private": allow_private, "domain": options["domain"]}
    _found("http", (row for path in files for row in source.tools(path, **given)), **options)


@import_.command()
@click.argument("found", type=_FILE)
def review(found: Path) -> None:
    """The draft of an effects file for the tools of FOUND: every line a comment until a person takes its # away.

    \b
      dive-tools import review found.jsonl > effects.txt
    """
    from dive_tools.pool import read
    from dive_tools.sources.review import draft
    from dive_tools.tools.manifest import line

    pool = read(found, types=False)
    for text in draft(line(tool) for tool in [*pool.tools.values(), *pool.absent.values()]):
        click.echo(text)
