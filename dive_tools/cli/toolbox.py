"""dive-tools list, show, call: what the pool holds."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Any

import click

from dive_tools.cli.options import pool_option
from dive_tools.errors import DiveError, UsageFault

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


class Out:
    """Standard output for JSON lines alone: what a tool prints goes to stderr, and it reads nothing of ours."""

    def __init__(self) -> None:
        from dive_tools.cli.filter import guard_stdio, private
        from dive_tools.jsonl import Lines

        sys.stdout.flush()
        self._lines = Lines(private(1), "the output")
        guard_stdio()

    def write(self, value: Any) -> None:
        """One line, at once."""
        from dive_tools.jsonl import dump

        self._lines.write(dump(value))


def write(value: Any) -> None:
    """One JSON line to standard output, by a command that calls no tool."""
    import orjson

    sys.stdout.buffer.write(orjson.dumps(value) + b"\n")


def loads(text: str, what: str) -> Any:
    import orjson

    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as fault:
        raise UsageFault(f"{what} is not JSON: {fault}", hint="""as in '{"country": "Kenya"}'""") from None


def tool_named(pool: tuple[str, ...], name: str) -> Any:
    """The tool of that name; of the built-in pool, no more than its module is loaded."""
    from dive_tools.pool import load, one

    if pool == ("builtin",) and (tool := one(name)) is not None and not tool.missing:
        return tool
    found = load(pool, types=False)
    if name in found.absent:
        gone = found.absent[name]
        raise DiveError(f"{name} needs {', '.join(gone.missing)}", hint=f"pip install 'dive-tools[{gone.extra}]'")
    if name not in found.tools:
        from rapidfuzz import process

        near = [match for match, score, _ in process.extract(name, list(found.tools), limit=3) if score > 60]
        raise UsageFault(f"no tool named {name}", hint=f"did you mean {', '.join(near)}?" if near else None)
    return found.tools[name]


def check_domains(domains: tuple[str, ...], there: set[str]) -> None:
    unknown = [domain for domain in domains if domain not in there]
    if unknown:
        raise UsageFault(f"no domain named {', '.join(unknown)}", hint=f"there are {', '.join(sorted(there))}")


@click.command("list")
@click.option("--domain", "domains", multiple=True, help="Tools of this domain only (may be given again).")
@click.option("--json", "as_json", is_flag=True, help="Whole manifests, one JSON object per line: a pool file.")
@pool_option("The tools:")
def list_(domains: tuple[str, ...], as_json: bool, pool: tuple[str, ...]) -> None:
    """The tools of the pool: name, domain, role and purpose.

    \b
      dive-tools list --domain medicine
      dive-tools list --json | jq -c 'select(.role == "retrieval")' > lookups.jsonl
    """
    from dive_tools.tools.base import installed

    rows = _manifests(pool) if as_json else _listed(pool)
    check_domains(domains, {row["domain"] for row in rows})
    absent: Counter[str] = Counter()
    for row in rows:
        if domains and row["domain"] not in domains:
            continue
        if not all(map(installed, row["needs"])):
            absent[row["extra"]] += 1
        elif as_json:
            write(row)
        else:
            click.echo(f"{row['name']:36} {row['domain']:9} {row['role']:10} {row['says']}")
    for extra, count in sorted(absent.items()):
        click.echo(f"{count} tools are absent: pip install 'dive-tools[{extra}]'", err=True)


def _manifests(pool: tuple[str, ...]) -> list[dict[str, Any]]:
    from dive_tools.pool import load
    from dive_tools.tools.manifest import line

    found = load(pool, types=False)
    return [line(tool) for tool in [*found.tools.values(), *found.absent.values()]]


def _listed(pool: tuple[str, ...]) -> list[dict[str, Any]]:
    """What to say of each tool; the built-in pool is listed from its index, without loading it."""
    if pool == ("builtin",):
        from dive_tools.pool import listing

        return listing()
    from dive_tools.pool import index, load

    found = load(pool, types=False)
    return index([*found.tools.values(), *found.absent.values()])


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("--words", is_flag=True, help="Also the words that questions are made of (not for who sits an exam).")
@pool_option("The tools:")
def show(names: tuple[str, ...], words: bool, pool: tuple[str, ...]) -> None:
    """The manifest of each tool named: description, schemas, what it takes and gives, examples."""
    from dive_tools.tools.manifest import line

    for name in names:
        manifest = line(tool_named(pool, name))
        if not words:
            kept = ("shape", "type", "kind", "unit", "scale", "additive")
            manifest["gives"] = {p: {k: v for k, v in f.items() if k in kept} for p, f in manifest["gives"].items()}
        write(manifest)


@click.command()
@click.argument("name")
@click.argument("arguments", default="{}")
@click.option("--allow-effects", type=_FILE, help="Reviewed file of tools that may be called though not pure.")
@pool_option("The tools:")
def call(name: str, arguments: str, allow_effects: Path | None, pool: tuple[str, ...]) -> None:
    """Call one tool with ARGUMENTS, a JSON object; prints {"result": …} or {"error": …} (exit 1).

    \b
      dive-tools call great_circle_distance '{"origin": {"latitude": 0, "longitude": 0},
                                              "destination": {"latitude": 0, "longitude": 90}}'
    """
    from dive_tools.pool import read_effects
    from dive_tools.tools.door import Door

    found = tool_named(pool, name)
    given = loads(arguments, "ARGUMENTS")
    if not isinstance(given, dict):
        raise UsageFault("ARGUMENTS must be a JSON object")
    allowed = read_effects(allow_effects) if allow_effects else {}
    out = Out()
    outcome = Door({name: found}, allow=allowed, writes=True).call(name, given)
    out.write(outcome)
    sys.exit("error" in outcome)
