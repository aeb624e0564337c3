"""dive-tools check and drift: are tools fit for a pool, and do they answer as recorded?"""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from dive_tools.cli.options import pool_option
from dive_tools.cli.toolbox import Out, check_domains, write
from dive_tools.errors import DiveError, UsageFault

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_NEW = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("found", required=False, type=_FILE)
@click.option("--domain", "domains", multiple=True, help="Tools of this domain only (may be given again).")
@click.option("--update", is_flag=True, help="Accept the results of today's versions of the built-in tools.")
@click.option("--allow-effects", type=_FILE, help="Reviewed file: one line a tool, NAME none|read|write REASON.")
@click.option("-r", "--rejects", type=_NEW, help="Write tools that do not come in here, with reasons.")
@click.option("--tokenizer", help="Count schema tokens by this tokenizer: a folder or a tokenizer.json.")
@click.option("--estimate", type=click.IntRange(0), default=20, show_default=True, help="Setups tried for the yield.")
def check(
    found: Path | None,
    domains: tuple[str, ...],
    update: bool,
    allow_effects: Path | None,
    rejects: Path | None,
    tokenizer: str | None,
    estimate: int,
) -> None:
    """Check the built-in tools, or crawl and validate the tools of FOUND.

    Without FOUND: run every built-in tool's examples, read its words, try its value types, hold its results against
    those of its version; exit 1 when anything is found.

    With FOUND, a pool file that `dive-tools import` wrote: call each tool whose effects are reviewed, several times,
    with its examples or with arguments made from its schema; write those that answer to stdout, with what was
    measured and inferred. A source that fails again and again is paused and named. A tool without reviewed effects
    is never called.

    \b
      dive-tools check
      dive-tools check found.jsonl --allow-effects reviewed.txt -r rejects.jsonl > pool.jsonl
    """
    if found is None:
        if allow_effects or rejects:
            raise UsageFault(
                "--allow-effects and -r go with a file of found tools", hint="dive-tools check found.jsonl"
            )
        _builtin(domains, update)
    elif update:
        raise UsageFault("--update is about the built-in tools", hint="leave FOUND out")
    else:
        _crawl(found, domains, allow_effects, rejects, tokenizer, estimate)


def _builtin(domains: tuple[str, ...], update: bool) -> None:
    import orjson

    from dive_tools import check as checking
    from dive_tools.pool import index, load

    home = Path(checking.__file__).parent / "tools"
    path = home / "results.json"
    lock = orjson.loads(path.read_bytes()) if path.exists() else {}
    whole = load()
    check_domains(domains, {tool.domain for tool in [*whole.tools.values(), *whole.absent.values()]})
    tools = {n: t for n, t in whole.tools.items() if not domains or t.domain in domains}
    if update:
        stale = checking.changed(tools, lock)
        if stale:
            raise DiveError(f"results changed, versions did not: {', '.join(stale)}", hint="bump version= first")
        lock = {n: v for n, v in lock.items() if n in whole.tools or n in whole.absent} | checking.results_lock(tools)
        path.write_bytes(orjson.dumps(lock, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n")
        rows = index(sorted([*whole.tools.values(), *whole.absent.values()], key=lambda tool: tool.name))
        (home / "index.json").write_bytes(b"[\n" + b",\n".join(map(orjson.dumps, rows)) + b"\n]\n")
    found = list(checking.check(tools, lock))
    for one in found:
        write({"tool": one.tool, "reason": one.reason, "detail": one.detail})
    click.echo(f"dive-tools check: tools={len(tools)} found={len(found)}", err=True)
    sys.exit(bool(found))


def _crawl(
    path: Path,
    domains: tuple[str, ...],
    effects: Path | None,
    rejects: Path | None,
    tokenizer: str | None,
    estimate: int,
) -> None:
    import time

    from dive_tools import pool as pools
    from dive_tools.crawl import Crawler, Rejected, tally
    from dive_tools.jsonl import Lines, dump
    from dive_tools.sample import schema_tokens

    start = time.monotonic()
    pools.builtin()  # declares the value types that results are held against
    whole = pools.read(path, types=False)
    check_domains(domains, {tool.domain for tool in whole.tools.values()})
    tokens = schema_tokens(whole.tools, tokenizer) if tokenizer else {}
    allowed = pools.read_effects(effects) if effects else {}
    _strangers(allowed, [*whole.tools.values(), *whole.absent.values()])
    crawler = Crawler(allowed, tokens)
    kept: list[dict[str, Any]] = []
    reasons: Counter[str] = Counter()
    rejected = Lines.to(rejects) if rejects else None
    stdout = Out()
    for _, manifest in pools.lines(path):
        tool = whole.tools.get(manifest["name"])
        if domains and manifest.get("domain", "user") not in domains:
            continue
        if tool is None:
            missing = ", ".join(whole.absent[manifest["name"]].missing)
            made: Any = Rejected(manifest, "absent", f"{missing} is not installed")
        else:
            made = crawler(manifest, tool)
        if isinstance(made, Rejected):
            reasons[made.reason] += 1
            if rejected:
                note = {"stage": "dive-tools check", "reason": made.reason, "detail": made.detail}
                rejected.write(dump({**manifest, "drop": note}))
            if made.reason not in ("not_reviewed", "write") and not rejected:
                click.echo(f"{made.manifest['name']}: {made.reason}: {made.detail}", err=True)
        elif made is not None:
            kept.append(made)
            stdout.write(made)
    counted = "".join(f" {reason}={count}" for reason, count in reasons.most_common())
    figures = "".join(f" {name}={value}" for name, value in tally(kept))
    total = len(kept) + reasons.total() + crawler.paused.total()
    seconds = time.monotonic() - start
    click.echo(f"dive-tools check: in={total} kept={len(kept)}{counted}{figures} {seconds:.1f}s", err=True)
    if kept:
        click.echo(f"dive-tools check: {_prospect(kept, estimate)}", err=True)
    if reasons["not_reviewed"]:
        click.echo("  hint: dive-tools import review FOUND writes the draft of an effects file", err=True)
    for source, count in crawler.paused.items():
        click.echo(f"dive-tools check: {source} failed again and again: {count} of its tools not checked", err=True)
    sys.exit(1 if crawler.paused or not kept else 0)


def _strangers(allowed: dict[str, str], tools: list[Any]) -> None:
    """Name what a reviewed file allows and the pool does not hold: a slip, or another version of a tool."""
    there = {tool.name for tool in tools} | {f"{tool.name}@{tool.version}" for tool in tools}
    for name in [name for name in allowed if name not in there]:
        click.echo(f"dive-tools check: no tool {name} here, though the effects file names it", err=True)


def _prospect(kept: list[dict[str, Any]], estimate: int) -> str:
    """How the pool hangs together, and what share of setups brings evidence and a task, tried without a model."""
    from dive_tools.cli import prospect
    from dive_tools.pool import Pool, alive, connected
    from dive_tools.tools.manifest import tool_of

    pool = Pool({m["name"]: alive(tool_of(m)) for m in kept})
    linked = len(connected(pool.tools)) / len(pool.tools)
    said = f"connected={linked:.0%}"
    if estimate:
        evidence, tasks, tried = prospect.estimate(pool, estimate)
        said += f" evidence={evidence}/{tried} tasks={tasks}/{tried}" if tried else " (no seed of a type that it takes)"
    return said


@click.command()
@click.argument("tasks", nargs=-1, type=_FILE)
@click.option("--cassette", required=True, type=_FILE, help="The recorded calls.")
@click.option("--allow-effects", type=_FILE, help="Reviewed file: one line a tool, NAME none|read|write REASON.")
@click.option("-n", "--limit", type=click.IntRange(1), help="The most calls of each tool to make. [default: all]")
@pool_option("The tools to call:")
def drift(
    tasks: tuple[Path, ...], cassette: Path, allow_effects: Path | None, limit: int | None, pool: tuple[str, ...]
) -> None:
    """Make recorded calls again, live, and write those that are answered otherwise than recorded.

    With TASKS, each line also names the tasks whose evidence holds that call. Calls of tools or versions that the
    pool lacks are counted as skipped; exit 1 when anything drifted.

    \b
      dive-tools drift --cassette calls.sqlite --pool pool.jsonl tasks.jsonl > drifted.jsonl
    """
    from dive_tools.cassette import Cassette
    from dive_tools.drift import drifted, touched
    from dive_tools.pool import load, read_effects
    from dive_tools.samples import lines

    tools = load(pool).tools
    allowed = read_effects(allow_effects) if allow_effects else {}
    where = touched(record for path in tasks for record in lines(path, ("id", "evidence")))
    counts: Counter[str] = Counter()
    hit: set[str] = set()
    with Cassette(None, (cassette,)) as tape, closing(tape.entries()) as entries:
        out = Out()
        for row in drifted(entries, tools, allowed, limit, counts):
            row["tasks"] = where.get(row.pop("key"), [])
            hit.update(row["tasks"])
            out.write(row)
    said = "".join(f" {word}={counts[word]}" for word in ("same", "drifted", "unreachable", "skipped"))
    click.echo(f"dive-tools drift: calls={counts.total()}{said} tasks={len(hit)}", err=True)
    sys.exit(bool(counts["drifted"]))
