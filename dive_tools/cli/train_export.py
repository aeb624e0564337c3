"""dive-train export: attempts or tasks as other trainers read them."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dive_tools.cli.exits import Command
from dive_tools.cli.options import SETTINGS, pool_option
from dive_tools.errors import BadRecord, UsageFault

if TYPE_CHECKING:
    from dive_tools.jsonl import Lines
    from dive_tools.pool import Pool
    from dive_tools.train.exports import Context

FORMATS = ("openai", "trl-sft", "trl-grpo", "verl", "verifiers", "env", "hf")
NAME = "dive-train export"
_FILE = click.Path(path_type=Path, dir_okay=False)
_STDIN = Path("-")


@click.command("export", cls=Command, context_settings=SETTINGS)
@click.argument("source", required=False, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--to", "name", type=click.Choice(FORMATS), required=True, help="The format.")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The file or folder to make.")
@click.option("--force", is_flag=True, help="Replace OUTPUT, once the new one is whole.")
@click.option("--any-score", is_flag=True, help="Attempts that are not right, too.")
@click.option(
    "--reasoning", type=click.Choice(("keep", "drop")), help="A model's thinking. [default: keep; openai: drop]"
)
@click.option(
    "--arguments",
    type=click.Choice(("object", "text")),
    default="object",
    show_default=True,
    help="Arguments of calls in trl-sft and hf: text loses no digit, and suits templates that take it, as Qwen3's.",
)
@click.option("--allow-private", is_flag=True, help="Export what private tools say, too.")
@click.option("--name", "title", default="", help="The data set's name in its card (hf). [default: Tasks for tool use]")
@click.option("--licence", default="", help="The data set's licence in its card, as SPDX names it (hf).")
@click.option("--alpha", type=click.FloatRange(0), default=0.1, show_default=True, help="Weight of the form (env).")
@click.option(
    "--luck", type=click.Choice(("count", "zero")), default="count", show_default=True, help="A lucky answer (env)."
)
@click.option(
    "--cassette",
    "--over",
    "cassette",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Recorded calls that go along (env, verifiers); may be given again.",
)
@pool_option("The tools that the tasks were made with.")
@click.option("-r", "--rejects", type=_FILE, help="Write what is left out here, with reasons.")
@click.option("--keep-going", is_flag=True, help="Leave out a bad line instead of stopping at it.")
@click.option("-n", "--limit", type=click.IntRange(0), help="Stop after this many lines.")
@click.option("-q", "--quiet", is_flag=True, help="No bar and no closing line.")
def command(
    source: Path | None,
    name: str,
    output: Path,
    force: bool,
    pool: tuple[str, ...],
    cassette: tuple[Path, ...],
    rejects: Path | None,
    keep_going: bool,
    limit: int | None,
    quiet: bool,
    **options: Any,
) -> None:
    """Write attempts or tasks in a form that other trainers and servers read; docs/exports.md shows each.

    \b
      openai     JSON lines of messages and tools                  from attempts
      trl-sft    parquet for TRL's SFTTrainer                      from attempts
      trl-grpo   parquet for TRL's GRPOTrainer                     from tasks
      verl       parquet for verl: multi-turn SFT, RLHF            from attempts, tasks
      verifiers  a folder for verifiers                            from tasks
      env        a folder that dive_tools.env loads                from tasks
      hf         a Hugging Face data set with its card             from attempts, tasks

    Attempts need their tools (dive-eval --schemas), and only right ones are exported; what is left out is counted by
    reason. OUTPUT appears whole or not at all.

    \b
      dive-eval --schemas runs.jsonl | dive-train export --to openai -o sft.jsonl
      dive-train export frontier.jsonl --to verl -o rl.parquet
    """
    from dive_tools.pool import load
    from dive_tools.train.exports import chosen

    began = time.monotonic()
    chosen(name)
    _check(source, output, rejects)
    reading = _Reading(source, limit)
    context = _context(load(pool), reading, cassette, options)
    out = _rejects(context, rejects)
    if keep_going:
        context.fault = reading.bad(out)
    try:
        counts = _write(name, reading, output, context, force=force, quiet=quiet)
    finally:
        if out is not None:
            out.close()
    if not quiet:
        words = " ".join(f"{word}={count}" for word, count in counts.items())
        sys.stderr.write(f"{NAME}: {words} {time.monotonic() - began:.1f}s\n")


def _write(name: str, reading: _Reading, output: Path, context: Context, *, force: bool, quiet: bool) -> dict[str, int]:
    from dive_tools.cli.tally import bar, sidecar, write_sidecar
    from dive_tools.train.exports import export

    reading.step, close = bar(1, to_file=True, quiet=quiet, total=reading.limit)
    reading.context = context
    try:
        counts = export(
            name, reading, output, context, force=force, before=lambda: sidecar(output).unlink(missing_ok=True)
        )
    finally:
        close()
    how: dict[str, Any] = {"format": name, "pool": context.pool.facts(), "input": list(context.sidecars)}
    write_sidecar(output, counts, 0, how)
    return counts


def _context(pool: Pool, reading: _Reading, cassettes: tuple[Path, ...], options: dict[str, Any]) -> Context:
    from dive_tools.cli.tally import public, version
    from dive_tools.train.exports import Context, Options

    options |= {"name": options.pop("title"), "reasoning": options["reasoning"] or ""}
    made = {
        "command": ["dive-train", *public(sys.argv[1:])],
        "versions": {"python": sys.version.split()[0], "dive-tools": version()},
    }
    return Context(
        pool,
        cassettes=cassettes,
        options=Options(**options),
        sidecars=tuple(_sidecars(reading.source)),
        made=made,
        place=lambda: reading.place,
    )


def _sidecars(source: Path | None) -> Iterator[dict[str, Any]]:
    """The facts beside the input, and beside the files that their command lines name, where these are still there."""
    import orjson

    from dive_tools.cli.tally import sidecar

    waiting, seen = [source] if source else [], set[Path]()
    while waiting:
        path = sidecar(waiting.pop(0))
        if path.resolve() in seen or not path.is_file():
            continue
        seen.add(path.resolve())
        try:
            facts = orjson.loads(path.read_bytes())
        except orjson.JSONDecodeError as fault:
            raise UsageFault(f"{path}: not JSON: {fault}", hint="remove it, or make the input again") from None
        yield facts
        words = [word for word in facts.get("command", [])[1:] if word and not word.startswith("-")]
        waiting += [Path(word) for word in words if Path(word).name]


def _rejects(context: Context, path: Path | None) -> Lines | None:
    """The open -r FILE, to which the context hands what is left out."""
    if path is None:
        return None
    from dive_tools.jsonl import Lines, dump

    out = Lines.to(path)
    context.reject = lambda record: out.write(dump(record))
    return out


def _check(source: Path | None, output: Path, rejects: Path | None) -> None:
    """Refuse to write over what is read, and two things into one file."""
    if source is None and os.isatty(0):
        raise UsageFault("no input: name a file, or pipe records in", hint=f"{NAME} --help")
    named = [path.resolve() for path in (source, output, rejects) if path not in (None, _STDIN) and path]
    if len(set(named)) < len(named):
        raise UsageFault("the input, -o and -r must be different files")


class _Reading:
    """The records of the input, one at a time, with the place of the last."""

    def __init__(self, source: Path | None, limit: int | None) -> None:
        self.source, self.limit = source, limit
        self.number, self.raw = 0, b""
        self.step: Callable[[], Any] = lambda: None
        self.context: Context | None = None

    @property
    def place(self) -> str:
        """`file:line` of the last record."""
        return f"{'stdin' if self.source in (None, _STDIN) else self.source}:{self.number}" if self.number else ""

    def __iter__(self) -> Iterator[dict[str, Any]]:
        from dive_tools.jsonl import parse, read

        try:
            for number, raw in islice(read(self._end()), self.limit):
                self.number, self.raw = number, raw
                self.step()
                try:
                    record = parse(self.raw)
                except BadRecord as fault:
                    assert self.context is not None
                    self.context.bad(fault)
                    continue
                yield record
        except OSError as fault:
            raise UsageFault(f"cannot read {self.source}: {fault.strerror}") from None

    def _end(self) -> Path | int:
        return 0 if self.source is None or self.source == _STDIN else self.source

    def bad(self, out: Lines | None) -> Callable[[BadRecord], None]:
        """What --keep-going does about a bad line: it goes to the rejects."""

        def kept(fault: BadRecord) -> None:
            from dive_tools.cli.work import bad

            if out is not None:
                out.write(bad(NAME, self.number, self.raw, fault).line)

        return kept
