"""What other trainers and servers read: a module for each format, each with one `write`.

    write(records: Iterable[Record], out: Path, context: Context) -> dict[str, int]

`records` are the lines as they came. `write` takes them through `context.attempts(records)`, `context.tasks(records)`
or `context.either(records)`, one at a time: these check each line, name the place of a bad one, and leave out, with a
reason, what is not to be exported. `out` is not there yet, and `write` makes it, a file or a folder; `export` renames
it when `write` returns. What `write` returns goes into the closing line: further counts, or {}. Libraries are imported
by the modules of the formats, and these only when they are asked for.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dive_tools.errors import BadRecord, DiveError, UsageFault
from dive_tools.pool import Pool
from dive_tools.records import Drop, Record, need, task_id
from dive_tools.rollout import steps
from dive_tools.tools.base import Tool

STAGE = "dive-train export"


@dataclass(frozen=True)
class Format:
    """One format: its module here, what is written ("file" or "folder"), the libraries and the extra that it needs."""

    module: str
    says: str
    shape: str = "file"
    needs: tuple[str, ...] = ()
    extra: str = "train"


FORMATS = {
    "openai": Format("openai", "JSON lines of messages and tools, as fine-tuning services take them"),
    "trl-sft": Format("trl_sft", "parquet for TRL's SFTTrainer: messages, and tools of each row", needs=("datasets",)),
    "trl-grpo": Format("trl_grpo", "parquet for TRL's GRPOTrainer: prompts that name their task", needs=("datasets",)),
    "verl": Format("verl", "parquet for verl: multi-turn SFT of attempts, RLHF of tasks", needs=("pyarrow",)),
    "verifiers": Format("verifiers", "a folder for verifiers", "folder"),
    "env": Format("env", "a folder that dive_tools.env loads: tasks, pool, recorded calls", "folder", extra=""),
    "hf": Format("hf", "a Hugging Face dataset folder with its card", "folder", needs=("datasets",)),
}


@dataclass(frozen=True, kw_only=True)
class Options:
    """What a user chose; a format reads what concerns it."""

    any_score: bool = False  # attempts that are not right, too
    reasoning: str = ""  # "keep" or "drop"; "": as the format does by itself
    arguments: str = "object"  # of calls: "object" or "text" (JSON text)
    allow_private: bool = False
    licence: str = ""  # of the data set, in its card
    name: str = ""  # of the data set, in its card
    alpha: float = 0.1  # of the reward: the weight of the form
    luck: str = "count"  # of the reward: what a right answer by luck is worth, "count" or "zero"


def _ignore(_: Record) -> None:
    """Where rejects go when nobody keeps them."""


def _fail(fault: BadRecord) -> None:
    raise fault


@dataclass
class Context:
    """What a format has beside the records: the pool, cassettes, the user's options, how the records were made.

    `sidecars` are the facts beside the input (`IN.meta.json`), `made` those of this command (command, versions).
    `reject` takes what is left out, with its `drop`; `fault` takes a bad line, and raises or goes on; `place` names the
    line that was read last.
    """

    pool: Pool
    cassettes: tuple[Path, ...] = ()
    options: Options = Options()
    sidecars: tuple[Mapping[str, Any], ...] = ()
    made: Mapping[str, Any] = field(default_factory=dict)
    reject: Callable[[Record], None] = _ignore
    fault: Callable[[BadRecord], None] = _fail
    place: Callable[[], str] = lambda: ""
    read: int = 0
    dropped: Counter[str] = field(default_factory=Counter)

    def attempts(self, records: Iterable[Record], *, tools: bool = True) -> Iterator[Record]:
        """The attempts to imitate: right ones (all with `any_score`), with their tools; the others are left out."""
        for record in records:
            if self._passes(record, lambda each: _need_attempt(each, tools=tools)):
                if drop := unfit(record, self.options.any_score):
                    self.drop(record, *drop)
                else:
                    yield record

    def tasks(self, records: Iterable[Record]) -> Iterator[Record]:
        """The tasks, each once checked to have its toolset in the pool."""
        for record in records:
            if self._passes(record, self._need_task):
                yield record

    def either(self, records: Iterable[Record]) -> tuple[bool, Iterator[Record]]:
        """(whether the first record is an attempt, the attempts or the tasks); all must be of one kind."""
        rest = iter(records)
        first = next(rest, None)
        if first is None:
            return False, iter(())
        are_attempts = "run" in first

        def kin() -> Iterator[Record]:
            yield first
            for record in rest:
                if ("run" in record) != are_attempts:
                    one, other = ("a task", "attempts") if are_attempts else ("an attempt", "tasks")
                    self.bad(BadRecord(f"{one} among {other}", hint="export tasks and attempts apart"))
                else:
                    yield record

        return are_attempts, self.attempts(kin()) if are_attempts else self.tasks(kin())

    def drop(self, record: Record, reason: str, detail: str = "") -> None:
        """Leave out a record that `attempts` or `tasks` gave, or was about to give."""
        self.dropped[reason] += 1
        self.reject(Drop(record, reason, detail).rejected(STAGE))

    def counts(self) -> dict[str, int]:
        """How many lines came in, are kept, and are left out for which reason."""
        left = self.dropped.total()
        return {"in": self.read, "kept": self.read - left, "dropped": left, **dict(self.dropped.most_common())}

    def tool(self, name: str) -> Tool:
        """A tool of the pool, though its library may be missing; BadRecord when there is none of that name."""
        found = self.pool.tools.get(name) or self.pool.absent.get(name)
        if found is None:
            raise BadRecord(
                f"tool {name} of the setup is not in the pool", hint="give the --pool that it was drawn from"
            )
        return found

    def _passes(self, record: Record, check: Callable[[Record], None]) -> bool:
        try:
            check(record)
            self._private(record)
        except BadRecord as fault:
            self.bad(fault)
            return False
        self.read += 1
        return True

    def bad(self, fault: BadRecord) -> None:
        """One more line, a bad one: the end of the export or, with --keep-going, left out."""
        self.read += 1
        place = self.place()
        self.fault(BadRecord(f"{place}: {fault.message}" if place else fault.message, hint=fault.hint))
        self.dropped["bad_line"] += 1

    def _need_task(self, record: Record) -> None:
        if "run" in record:
            raise BadRecord(
                "an attempt, and this format wants tasks", hint="dive-verify --frontier makes tasks of them"
            )
        need(record, "id", "setup", "task")
        self.pool.named(record["setup"]["tools"])

    def _private(self, record: Record) -> None:
        """Refuse to hand out what a private tool says, unless that is allowed."""
        worn = record.get("run", {}).get("clothes", {}).get("distractors", {})
        for name in (*record["setup"]["tools"], *worn):
            if self.tool(name).sensitivity == "private" and not self.options.allow_private:
                place = self.place()
                raise DiveError(
                    f"{place and place + ': '}tool {name} of {task_id(record)} is private, and an export is handed on",
                    hint="leave its tasks out, or say --allow-private",
                )


def _need_attempt(record: Record, *, tools: bool) -> None:
    if "run" not in record:
        raise BadRecord("not an attempt: this format wants attempts", hint="dive-eval makes them of tasks")
    need(record, "id", "setup", "task", "run")
    if not tools:
        return
    if "tools" not in record:
        raise BadRecord('lacks "tools", the schemas that the model was given', hint="dive-eval --schemas adds them")
    given = record["tools"]
    if not isinstance(given, list) or not all(isinstance(tool, dict) and "function" in tool for tool in given):
        raise BadRecord('"tools" must be an array of OpenAI tool objects', hint="dive-eval --schemas writes it")


def unfit(record: Record, any_score: bool) -> tuple[str, str] | None:
    """(reason, detail) where nobody should imitate an attempt; None where it may be.

    Whatever its score: an attempt that holds no reply, one that ends in a call, and one whose calls have arguments that
    are no JSON object.
    """
    run = record["run"]
    if run["score"] != 1 and not any_score:
        return "no_good_run", f"{run['outcome']}, score {run['score']}"
    last = run["messages"][-1] if run["messages"] else {}
    if last.get("role") != "assistant" or last.get("tool_calls"):
        return "unfinished", f"it ends without an answer ({run['ending']})"
    if any(not isinstance(step.arguments, dict) for step in steps(run["messages"])):
        return "malformed", "the arguments of a call are no JSON object, which no format holds"
    return None


def chosen(name: str) -> Format:
    """The format of that name, its libraries being there; a fault that says what is to be done where not."""
    found = FORMATS.get(name)
    if found is None:
        raise UsageFault(f"no format is named {name}: there are {', '.join(FORMATS)}")
    missing = [library for library in found.needs if importlib.util.find_spec(library) is None]
    if missing:
        raise DiveError(
            f"--to {name} needs {', '.join(missing)}, which is not installed",
            hint=f"pip install 'dive-tools[{found.extra}]'",
        )
    return found


def export(
    name: str,
    records: Iterable[Record],
    out: Path,
    context: Context,
    *,
    force: bool = False,
    before: Callable[[], Any] = lambda: None,
) -> dict[str, int]:
    """Write `out` in the format of that name, whole or not at all, and return the counts of the closing line.

    It is made under a hidden name beside `out` and renamed, so that a kill leaves no half of it; what was there is
    refused or, with `force`, goes when the new one is whole. `before` is called just before that.
    """
    found = chosen(name)
    if not force and (out.exists() or out.is_symlink()):
        raise UsageFault(f"{out} is there already", hint="name another -o, or say --force to replace it")
    if not out.parent.is_dir():
        raise UsageFault(f"cannot write {out}: there is no folder {out.parent}")
    half, old = (out.with_name(f".{out.name}.{word}") for word in ("part", "old"))
    write = importlib.import_module(f"{__name__}.{found.module}").write
    remove(half)
    try:
        further = write(records, half, context)
        counts = {**context.counts(), **further}
        if not counts["kept"]:
            raise DiveError(f"nothing to export: {_why(counts)}", hint=f"{out} is not written")
        before()
        remove(old)
        if out.is_dir() and not out.is_symlink():
            os.rename(out, old)  # a folder is not replaced in one step: until the next line there is none, but no half
        os.replace(half, out)
        remove(old)
    except BaseException:
        remove(half)
        raise
    return counts


def _why(counts: Mapping[str, int]) -> str:
    reasons = [f"{word}={count}" for word, count in counts.items() if word not in ("in", "kept", "dropped")]
    return f"of {counts['in']} lines none is left" + (f" ({', '.join(reasons)})" if reasons else "")


def remove(path: Path) -> None:
    """Remove a file or a folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
