"""A folder that holds an environment: the tasks, their tools, the recorded calls of those that are not pure.

`dive_tools.env.Environment.load(folder)` reads it anywhere, with the same rewards.
"""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import orjson

from dive_tools.cassette.files import readable, writable
from dive_tools.env import FACTS, POOL, TAPE, TASKS, Environment, digest_of, trainable
from dive_tools.errors import BadRecord, DiveError
from dive_tools.records import Record
from dive_tools.tools import manifest
from dive_tools.tools.base import Tool
from dive_tools.tools.door import Door
from dive_tools.train.exports import Context

README = """# An environment of tool-use tasks

{tasks} tasks over {tools} tools, made by dive-tools (the DIVE method, arXiv 2603.11076). Each task has a toolset of its
own; an attempt calls tools and ends in a line `Answer: …` or `Missing: …`. Its reward, by programs alone, is
{alpha:g} * R_format + R_correct.

    from dive_tools.env import Environment

    env = Environment.load("PATH OF THIS FOLDER")
    episode = env.reset(next(iter(env.records)))
    episode.messages, episode.tools                   # what is asked, and the tools in OpenAI's form
    content = await episode.call("tool", {{"a": 1}})    # a tool message; without an event loop: episode.call_now
    reward = episode.score("Answer: 42")              # .total, .format, .correct; .masked says why there is none
    rollout = await env.run(task_id, model)           # a whole attempt of a model (dive_tools.models.base.Model)

| file | content |
|---|---|
| tasks.jsonl | a task a line: setup, evidence, task with its typed answer and its proof |
| pool.jsonl | the tools, a manifest a line |
{tape}| env.json | alpha, budget of an attempt, versions, and the SHA-256 of each file, which loading checks |

{calls} Versions: {versions}.
"""
_TAPE = "| cassette.sqlite | recorded calls of the tools that are not pure |\n"
_PLAYED = "{count} calls of tools that are not pure are played back; one that is not recorded masks its attempt."
_PURE = "All tools are pure: they just run, and need no network."


def write(records: Iterable[Record], out: Path, context: Context) -> dict[str, int]:
    """The folder; tasks that no program can score, and a task there before, are left out.

    Counts tools, recorded calls, and tools that are not pure of which no call is recorded. DiveError where there are
    tools that are not pure, and no cassette.
    """
    out.mkdir()
    tools: dict[str, Tool] = {}
    tasks = 0
    with (out / TASKS).open("wb") as file:
        for record in _kept(records, context):
            tasks += 1
            tools |= {name: context.tool(name) for name in record["setup"]["tools"]}
            file.write(orjson.dumps(record) + b"\n")
    lines = [orjson.dumps(manifest.line(tools[name])) + b"\n" for name in sorted(tools)]
    (out / POOL).write_bytes(b"".join(lines))
    impure = [tool for tool in tools.values() if tool.effects != "none"]
    calls, met = _tape(impure, context.cassettes, out / TAPE) if impure else (0, 0)
    _facts(out, context)
    _readme(out, context, tasks, len(tools), calls)
    return {"tools": len(tools), "calls": calls, "unrecorded": len(impure) - met}


def _kept(records: Iterable[Record], context: Context) -> Iterator[Record]:
    seen: set[str] = set()
    for record in context.tasks(records):
        try:
            trainable(record)
        except BadRecord as fault:
            text = record["task"]["answer"]["type"] == "text"
            context.drop(record, "unscored" if text else "malformed", fault.message)
            continue
        if record["id"] in seen:
            context.drop(record, "duplicate", "a task of this id is there before")
            continue
        seen.add(record["id"])
        yield record


def _tape(tools: Sequence[Tool], layers: Sequence[Path], path: Path) -> tuple[int, int]:
    """Put together the recorded calls of some tools, the first layer's where several hold one; (calls, tools met)."""
    if not layers:
        more = f" and {len(tools) - 1} more tools are" if len(tools) > 1 else " is"
        hint = "name the cassettes of the tasks with --cassette and --over"
        raise DiveError(f"{tools[0].name}{more} not pure, and there is no cassette to play back from", hint=hint)
    owed = {(tool.name, tool.version) for tool in tools}
    met: set[tuple[str, str]] = set()
    calls = 0
    into = writable(path)
    for layer in layers:
        file = readable(layer)
        for row in file.rows():
            if row[1:3] in owed:
                met.add(row[1:3])
                calls += into.add(row[:8], row[8])
        file.close()
    into.db.execute("PRAGMA journal_mode = DELETE")  # one file, which nobody writes to any more
    into.close()
    return calls, len(met)


def _facts(out: Path, context: Context) -> None:
    env = Environment([], context.pool, Door({}), alpha=context.options.alpha, luck=context.options.luck)
    files = {name: digest_of(out / name) for name in (TASKS, POOL, TAPE) if (out / name).is_file()}
    facts = {**env.facts(), "versions": versions(), "files": files}
    (out / FACTS).write_bytes(orjson.dumps(facts, option=orjson.OPT_INDENT_2) + b"\n")


def _readme(out: Path, context: Context, tasks: int, tools: int, calls: int) -> None:
    taped = (out / TAPE).is_file()
    text = README.format(
        tasks=f"{tasks:,}",
        tools=tools,
        alpha=context.options.alpha,
        tape=_TAPE if taped else "",
        calls=_PLAYED.format(count=f"{calls:,}") if taped else _PURE,
        versions=", ".join(f"{name} {number}" for name, number in versions().items()),
    )
    (out / "README.md").write_text(text, encoding="utf-8")


def versions() -> dict[str, str]:
    """The versions of Python and, where it is installed, of this distribution."""
    try:
        ours = {"dive-tools": version("dive-tools")}
    except PackageNotFoundError:  # a checkout that is not installed
        ours = {}
    return {**ours, "python": platform.python_version()}
