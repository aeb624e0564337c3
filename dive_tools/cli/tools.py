"""dive-tools: the pool and what belongs to it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from dive_tools.cli.cassette import cassette
from dive_tools.cli.exits import Group
from dive_tools.cli.options import SETTINGS, version_option
from dive_tools.errors import DiveError, UsageFault

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_POOL = click.option("--pool", default="builtin", show_default=True)


@click.group(cls=Group, context_settings=SETTINGS)
def main() -> None:
    """The pool: list, show, call and check tools; write seeds; set and grade exams; look after cassettes.

    \b
      dive-tools list --domain medicine
      dive-tools call country_profile '{"country": "Kenya"}' | jq .result.capital
    """


main.params.append(version_option())
main.add_command(cassette)


def _write(value: Any) -> None:
    import orjson

    sys.stdout.buffer.write(orjson.dumps(value) + b"\n")


def _loads(text: str, what: str) -> Any:
    import orjson

    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as fault:
        raise UsageFault(f"{what} is not JSON: {fault}", hint="""as in '{"country": "Kenya"}'""") from None


def _tool(pool: str, name: str) -> Any:
    from dive_tools.pool import load

    found = load(pool)
    if name in found.absent:
        gone = found.absent[name]
        raise DiveError(f"{name} needs {', '.join(gone.missing)}", hint=f"pip install 'dive-tools[{gone.extra}]'")
    if name not in found.tools:
        from rapidfuzz import process

        near = [match for match, score, _ in process.extract(name, list(found.tools), limit=3) if score > 60]
        raise UsageFault(f"no tool named {name}", hint=f"did you mean {', '.join(near)}?" if near else None)
    return found.tools[name]


def _check_domains(domains: tuple[str, ...], pool: Any) -> None:
    there = sorted({tool.domain for tool in [*pool.tools.values(), *pool.absent.values()]})
    unknown = [domain for domain in domains if domain not in there]
    if unknown:
        raise UsageFault(f"no domain named {', '.join(unknown)}", hint=f"there are {', '.join(there)}")


@main.command("list")
@click.option("--domain", "domains", multiple=True, help="Tools of this domain only (may be given again).")
@click.option("--json", "as_json", is_flag=True, help="Whole manifests, one JSON object per line.")
@_POOL
def list_(domains: tuple[str, ...], as_json: bool, pool: str) -> None:
    """The tools of the pool: name, domain, role and purpose."""
    from dive_tools.pool import load

    found = load(pool)
    _check_domains(domains, found)
    for tool in found.tools.values():
        if domains and tool.domain not in domains:
            continue
        if as_json:
            _write(tool.manifest())
        else:
            click.echo(f"{tool.name:36} {tool.domain:9} {tool.role:10} {tool.description.splitlines()[0]}")
    for extra in sorted({tool.extra for tool in found.absent.values()}):
        names = [tool.name for tool in found.absent.values() if tool.extra == extra]
        click.echo(f"{len(names)} tools are absent: pip install 'dive-tools[{extra}]'", err=True)


@main.command()
@click.argument("name")
@click.option("--words", is_flag=True, help="Also the words that questions are made of (not for who sits an exam).")
@_POOL
def show(name: str, words: bool, pool: str) -> None:
    """The manifest of one tool: description, schemas, what it takes and gives, examples."""
    manifest = _tool(pool, name).manifest()
    if not words:
        kept = ("shape", "type", "kind", "unit", "scale", "additive")
        manifest["gives"] = {p: {k: v for k, v in f.items() if k in kept} for p, f in manifest["gives"].items()}
    _write(manifest)


@main.command()
@click.argument("name")
@click.argument("arguments", default="{}")
@click.option("--allow-effects", type=_FILE, help="Reviewed file of tools that may be called though not pure.")
@_POOL
def call(name: str, arguments: str, allow_effects: Path | None, pool: str) -> None:
    """Call one tool with ARGUMENTS, a JSON object; prints {"result": …} or {"error": …} (exit 1).

    \b
      dive-tools call great_circle_distance '{"origin": {"latitude": 0, "longitude": 0},
                                              "destination": {"latitude": 0, "longitude": 90}}'
    """
    from dive_tools.pool import read_effects
    from dive_tools.tools.door import Door

    found = _tool(pool, name)
    given = _loads(arguments, "ARGUMENTS")
    if not isinstance(given, dict):
        raise UsageFault("ARGUMENTS must be a JSON object")
    allowed = read_effects(allow_effects) if allow_effects else {}
    outcome = Door({name: found}, allow=allowed).call(name, given)
    _write(outcome)
    sys.exit("error" in outcome)


@main.command()
@click.option("--domain", "domains", multiple=True, help="Tools of this domain only (may be given again).")
@click.option("--update", is_flag=True, help="Accept the results of today's versions.")
@_POOL
def check(domains: tuple[str, ...], update: bool, pool: str) -> None:
    """Run every tool's examples, read its words, try its value types; exit 1 when anything is found.

    A result that changed without a new version is found too: results are held against tools/results.json.
    """
    import orjson

    from dive_tools import check as checking
    from dive_tools.pool import load

    path = Path(checking.__file__).parent / "tools" / "results.json"
    lock = orjson.loads(path.read_bytes()) if path.exists() else {}
    whole = load(pool)
    _check_domains(domains, whole)
    tools = {n: t for n, t in whole.tools.items() if not domains or t.domain in domains}
    if update:
        stale = checking.changed(tools, lock)
        if stale:
            raise DiveError(f"results changed, versions did not: {', '.join(stale)}", hint="bump version= first")
        lock = {n: v for n, v in lock.items() if domains or n in tools} | checking.results_lock(tools)
        path.write_bytes(orjson.dumps(lock, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n")
    found = list(checking.check(tools, lock))
    for one in found:
        _write({"tool": one.tool, "reason": one.reason, "detail": one.detail})
    click.echo(f"dive-tools check: tools={len(tools)} found={len(found)}", err=True)
    sys.exit(bool(found))


@main.command()
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
        _write(seed)


@main.command()
@click.argument("tasks", type=_FILE)
@click.option("-n", "--limit", type=click.IntRange(1), default=5, show_default=True)
def read(tasks: Path, limit: int) -> None:
    """Print the first tasks of a file for people: question, the calls it rests on, answer."""
    from itertools import islice

    from dive_tools.cli.tell import task
    from dive_tools.samples import lines

    for record in islice(lines(tasks, ("id", "setup", "evidence", "task")), limit):
        click.echo("\n".join(task(record)) + "\n")


@main.command()
@click.option("-n", "--setups", type=click.IntRange(0), required=True, help="How many records went in.")
@click.argument("rejects", nargs=-1, type=_FILE)
def funnel(setups: int, rejects: tuple[Path, ...]) -> None:
    """Print what each stage kept and why the rest left, from the REJECTS files of a pipe, in its order.

    \b
      dive-tools funnel -n 1000 build/demo/rejects/*.jsonl
    """
    from collections import Counter

    from dive_tools.cli.tell import funnel
    from dive_tools.samples import lines

    stages = [(path.stem, Counter(row["drop"]["reason"] for row in lines(path, ("drop",)))) for path in rejects]
    rejected = sum(reasons.total() for _, reasons in stages)
    if rejected > setups:
        raise UsageFault(
            f"{rejected} records were rejected, but only {setups} went in", hint="-n is what went in first"
        )
    click.echo("\n".join(funnel(setups, stages)))


@main.command()
@click.argument("tasks", type=_FILE)
@click.option("-n", "--limit", type=click.IntRange(1), default=100, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--grade", type=_FILE, help="Answers to grade: JSON lines of id, answer, natural, note.")
@click.option("--exam", "was", type=_FILE, help="The exam that was set. [default: drawn again by -n and --seed]")
@click.option("--mutate", is_flag=True, help="Examine the checks: change questions, count what is caught.")
def exam(tasks: Path, limit: int, seed: int, grade: Path | None, was: Path | None, mutate: bool) -> None:
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
    pool = load()
    records = list(lines(tasks, ("id", "setup", "task")))
    chosen = blind.was_set(records, lines(was, ("id", "question"))) if was else blind.draw(records, limit, seed)
    if grade is not None:
        graded = list(blind.grade(chosen, lines(grade, ("id", "answer"))))
        for row in graded:
            if not row["agrees"] or row["natural"] is False:
                _write(row)
        click.echo(f"dive-tools exam: {blind.summary(graded)}", err=True)
        return
    if not mutate:
        for record in chosen:
            _write(blind.blind(record))
        return
    from dive_tools.mutate import mutants

    rows = list(mutants(chosen, pool.tools, seed))
    for row in rows:
        if row["caught"] is None:
            _write(row)
    caught = sum(row["caught"] is not None for row in rows)
    click.echo(f"dive-tools exam: mutants={len(rows)} caught={caught} ({caught / max(1, len(rows)):.1%})", err=True)


if __name__ == "__main__":
    main(prog_name="dive-tools")
