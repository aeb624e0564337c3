"""dive-eval: attempts at tasks, scored; and what they say of a model."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dive_tools.cli.calling import Calling, Tape, calling_options, gathered
from dive_tools.cli.filter import Stream
from dive_tools.cli.modelling import Asked, Modelling, model_options
from dive_tools.cli.options import filter_command
from dive_tools.errors import BadRecord, UsageFault

if TYPE_CHECKING:
    from dive_tools.evaluate import Settings
    from dive_tools.jsonl import Group
    from dive_tools.summary import Summing

_OLD = click.Path(path_type=Path, exists=True, dir_okay=False)
_MODES = ("summary", "compare", "rescore", "calibrate", "schemas")


@dataclass(frozen=True, kw_only=True)
class Trying:
    """How each task is attempted."""

    attempts: int = 1
    until_correct: int | None = None
    calls: int | None = None
    turns: int | None = None
    tokens: int | None = None
    seconds: float | None = None
    perturb: str = ""
    tag: str = ""
    full: bool = False

    def settings(self, modelling: Modelling, seed: int) -> Settings:
        """The settings of the stage."""
        from dive_tools.agent import Budget
        from dive_tools.evaluate import CALLS, TURNS, Settings

        calls = CALLS if self.calls is None else self.calls
        turns = self.turns or (TURNS if self.calls is None else calls + TURNS - CALLS)
        return Settings(
            attempts=self.attempts,
            until=self.until_correct,
            budget=Budget(calls=calls, turns=turns, tokens=self.tokens, seconds=self.seconds),
            sampling=modelling.sampling(),
            perturb=self.kinds(),
            seed=seed,
            tag=self.tag,
            full=self.full,
        )

    def kinds(self) -> tuple[str, ...]:
        """The kinds of other clothes that are wanted."""
        from dive_tools.clothes import KINDS

        wanted = KINDS if self.perturb == "all" else tuple(filter(None, self.perturb.split(",")))
        unknown = sorted(set(wanted) - set(KINDS))
        if unknown:
            raise UsageFault(f"--perturb {unknown[0]}: there are {', '.join(KINDS)} and all")
        return tuple(kind for kind in KINDS if kind in wanted)

    def group(self) -> Group:
        """How a resume knows which tasks an earlier run finished."""
        from dive_tools.jsonl import Group
        from dive_tools.records import task_id

        def whole(runs: list[dict[str, Any]]) -> bool:
            right = sum(run["run"]["score"] == 1 for run in runs)
            return len(runs) == self.attempts or right == self.until_correct

        return Group(task_id, whole)


_TRYING = [
    click.option("--full", is_flag=True, help="Keep each task's evidence in the lines of its attempts."),
    click.option("--tag", default="", help="The model's part of the ids. [default: its name]"),
    click.option("--perturb", default="", help="Toolsets in other clothes: names,order,words,distractors, or all."),
    click.option("--seconds", type=click.FloatRange(0, min_open=True), help="Seconds of replies of an attempt."),
    click.option("--tokens", type=click.IntRange(1), help="Tokens of an attempt, in and out."),
    click.option("--turns", type=click.IntRange(1), help="Requests of an attempt. [default: calls and 2]"),
    click.option("--calls", type=click.IntRange(0), help="Calls of an attempt. [default: 30]"),
    click.option("--until-correct", type=click.IntRange(1), help="Attempt a task until so many attempts were right."),
    click.option("-k", "--attempts", type=click.IntRange(1), default=1, show_default=True, help="Attempts at a task."),
]
_trying = gathered("trying", Trying, tuple(Trying.__dataclass_fields__), _TRYING)


@filter_command("dive-eval")
@click.option("--schemas", is_flag=True, help="Add to each attempt the tools that it was given, as OpenAI schemas.")
@click.option("--calibrate", type=_OLD, help="Hold --judge against these labelled cases, and say how far it agrees.")
@click.option("--rescore", is_flag=True, help="Score stored attempts again; no model is asked but the --judge.")
@click.option("--compare", type=_OLD, help="Attempts to compare those of the input with, task by task.")
@click.option("--summary", is_flag=True, help="Say what stored attempts show, as JSON, or to a terminal as a table.")
@click.option("--tool-parser", default="", help="vLLM's parser of tool calls, for vllm: models of unknown kinds.")
@click.option("--judge-endpoint", multiple=True, help="The judge's server. [default: --endpoint]")
@click.option("--judge-temperature", type=click.FloatRange(0), help="The judge's temperature. [default: 0]")
@click.option("--judge", default="", help="Who scores answers that are a free text; programs score all others.")
@_trying
@calling_options
@model_options("Who is evaluated: openai:NAME, vllm:PATH, hf:PATH, scripted:FILE, replay:FILE; plan walks the proofs.")
def main(
    stream: Stream,
    calling: Calling,
    modelling: Modelling,
    trying: Trying,
    judge: str,
    judge_endpoint: tuple[str, ...],
    judge_temperature: float | None,
    tool_parser: str,
    **modes: Any,
) -> None:
    """Attempt each task with its own toolset, and score every attempt by program; one line an attempt.

    Needs `task`; adds `run`: messages, ending, answer, score, calls, usage. Nothing is dropped: an attempt that failed
    is a line with `error` and a null score. --model plan walks each task's proof with the real tools: a teacher that
    needs no model.

    \b
      dive-eval tasks.jsonl --model openai:NAME --endpoint http://127.0.0.1:8000/v1 -k 8 -j 64 -o runs.jsonl --resume
      dive-eval tasks.jsonl --model plan -j 2 | dive-verify --select best > teacher.jsonl
      dive-eval --summary runs.jsonl
    """
    _one_mode(modelling, judge, modes)
    judging = replace(
        modelling,
        model=judge,
        endpoint=judge_endpoint or modelling.endpoint,
        temperature=judge_temperature,
        top_p=None,
        max_tokens=None,
        extra=None,
        revision="",
    )
    if judge:
        judging.check("dive-eval", alone=True)
    if modes["summary"] or modes["compare"]:
        _tell(stream, modes["compare"])
    elif modes["calibrate"]:
        _calibrate(stream, calling.tape, judging, modes["calibrate"])
    elif modes["schemas"]:
        stream.run(lambda: _Schemas(calling))
    elif modes["rescore"]:
        stream.run(lambda: _rescorer(calling.tape, judging, stream), in_flight=judging.at_once(stream.jobs))
    else:
        _attempt(stream, calling, replace(modelling, tool_parser=tool_parser), judging, trying)


def _one_mode(modelling: Modelling, judge: str, modes: dict[str, Any]) -> None:
    chosen = [f"--{name}" for name in _MODES if modes[name]]
    if modes["summary"] and modes["compare"]:
        chosen.remove("--summary")
    if len(chosen) > 1:
        raise UsageFault(f"{chosen[0]} and {chosen[1]} are two different things: give one of them")
    said = click.get_current_context().get_parameter_source("model") is click.core.ParameterSource.COMMANDLINE
    if chosen and said:
        raise UsageFault(f"{chosen[0]} attempts nothing: leave --model out")
    if not chosen and not modelling.named:
        raise UsageFault("nobody is evaluated: name a --model", hint="--model plan needs none: it walks the proofs")
    if modes["calibrate"] and not judge:
        raise UsageFault("--calibrate needs the --judge that is held against the cases")


# --- attempts ---------------------------------------------------------------------------------------------------------


def _attempt(stream: Stream, calling: Calling, modelling: Modelling, judging: Modelling, trying: Trying) -> None:
    from dive_tools.evaluate import PLAN

    settings = trying.settings(modelling, stream.seed)
    if trying.until_correct is not None and trying.until_correct > trying.attempts:
        raise UsageFault(f"--until-correct {trying.until_correct} is more than the {trying.attempts} attempts of -k")
    if modelling.model == PLAN:
        replace(modelling, model="").check("dive-eval")
        stream.run(lambda: _Plan(calling, settings), group=trying.group())
    else:
        modelling.check("dive-eval", alone=True)
        stream.run(
            lambda: _asked(stream, calling, modelling, judging, settings),
            in_flight=modelling.at_once(stream.jobs),
            each=1 if trying.until_correct is not None else trying.attempts,
            estimate=modelling.estimate,
            group=trying.group(),
        )
    if stream.output and stream.output.is_file() and not stream.quiet:
        from dive_tools.cli.summing import short

        if (told := _summed(stream.output)).attempts:
            sys.stderr.write(f"dive-eval: {short(told.result())}\n")


def _asked(stream: Stream, calling: Calling, modelling: Modelling, judging: Modelling, settings: Settings) -> Asked:
    from dive_tools.evaluate import Evaluator

    pool, door = calling.open()
    model, gate = modelling.open("dive-eval", calling.tape, door.cassette, stream.jobs)
    judge = judging.open("dive-eval", calling.tape, door.cassette, stream.jobs) if judging.named else None

    def stage(asked: Any) -> Any:
        return Evaluator(pool, door, asked, settings, judge=_judge(judge, judging))

    return Asked(stage, pool, model, gate, door, door.cassette, judge=judge)


def _judge(opened: tuple[Any, Any] | None, judging: Modelling) -> Any:
    if opened is None:
        return None
    from dive_tools.prompted.judge import Judge

    return Judge(opened[0], judging.sampling())


class _Plan:
    """The teacher's stage: it waits for no model, so that it runs in a process for each job."""

    def __init__(self, calling: Calling, settings: Settings) -> None:
        import asyncio

        from dive_tools.evaluate import Evaluator

        self.pool, self.door = calling.open()
        self.stage = Evaluator(self.pool, self.door, None, settings)
        self.runner = asyncio.Runner()

    def __call__(self, record: dict[str, Any]) -> Any:
        return self.runner.run(self.stage(record))

    @property
    def counters(self) -> dict[str, int]:
        return {**self.stage.counters, "calls": self.door.calls}

    def provenance(self) -> dict[str, Any]:
        return {"pool": self.pool.facts(), "model": {"name": self.stage.name, "revision": ""}}

    def close(self) -> None:
        self.runner.close()
        if self.door.cassette is not None:
            self.door.cassette.close()


# --- what becomes of stored attempts ----------------------------------------------------------------------------------


def _rescorer(tape: Tape, judging: Modelling, stream: Stream) -> _Rescored:
    return _Rescored(tape, judging, stream)


class _Rescored:
    """The stage that scores again, with the judge where there is one."""

    def __init__(self, tape: Tape, judging: Modelling, stream: Stream) -> None:
        from dive_tools.evaluate import Rescorer

        self.cassette = tape.open()
        self.judge = judging.open("dive-eval", tape, self.cassette, stream.jobs) if judging.named else None
        self.stage = Rescorer(_judge(self.judge, judging))

    async def open(self) -> None:
        if self.judge is not None:
            await self.judge[0].open()

    async def __call__(self, record: dict[str, Any]) -> Any:
        return await self.stage(record)

    async def idle(self) -> None:
        if self.judge is not None:
            await self.judge[1].idle()

    async def aclose(self) -> None:
        if self.judge is not None:
            await self.judge[0].close()
            self.judge[1].close()
        if self.cassette is not None:
            self.cassette.close()

    @property
    def counters(self) -> dict[str, Any]:
        return {**self.stage.counters, **(self.judge[0].counters if self.judge else {})}

    def provenance(self) -> dict[str, Any]:
        judge = self.judge[0] if self.judge else None
        return {"judge": {"name": judge.name, "revision": judge.revision}} if judge is not None else {}


class _Schemas:
    """The stage that gives attempts the schemas of their tools back."""

    def __init__(self, calling: Calling) -> None:
        from dive_tools.pool import load

        self.pool = load(calling.pool)

    def __call__(self, record: dict[str, Any]) -> Any:
        from dive_tools.clothes import dressed
        from dive_tools.models.base import function_of
        from dive_tools.records import need

        need(record, "id", "setup", "run")
        if record["run"]["ending"] == "not_run":
            return {**record, "tools": []}
        dress = dressed(self.pool.named(record["setup"]["tools"]), record["run"].get("clothes"), self.pool)
        return {**record, "tools": [_wire(function_of(tool)) for tool in dress.tools.values()]}

    def provenance(self) -> dict[str, Any]:
        return {"pool": self.pool.facts()}


def _wire(function: Any) -> Any:
    import orjson

    return orjson.loads(function.wire)


def _calibrate(stream: Stream, tape: Tape, judging: Modelling, cases: Path) -> None:
    import asyncio

    from dive_tools.calibrate import calibrate
    from dive_tools.cli.toolbox import write
    from dive_tools.prompted.judge import Judge
    from dive_tools.samples import lines

    labelled = list(lines(cases, ("id", "question", "answer", "reply", "right")))
    cassette = tape.open()

    async def held() -> dict[str, Any]:
        model, gate = judging.open("dive-eval", tape, cassette, stream.jobs)
        try:
            await model.open()
            return await calibrate(labelled, Judge(model, judging.sampling()))
        finally:
            await model.close()
            gate.close()

    try:
        write(asyncio.run(held()))
    finally:
        if cassette is not None:
            cassette.close()


# --- summaries --------------------------------------------------------------------------------------------------------


def _tell(stream: Stream, other: Path | None) -> None:
    import orjson

    from dive_tools.cli import summing
    from dive_tools.summary import compare

    if stream.source is None and sys.stdin.isatty():
        raise UsageFault("no input: name a file, or pipe attempts in", hint="dive-eval --help")
    one = _summed(stream.source or Path("-"), keep_going=stream.keep_going)
    told = compare(one, _summed(other), stream.seed) if other else one.result(stream.seed)
    if stream.output is None and sys.stdout.isatty():
        click.echo("\n".join(summing.lines(told, shutil.get_terminal_size().columns)))
        return
    made = orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    if stream.output:
        stream.output.write_bytes(made)
    else:
        sys.stdout.buffer.write(made)


def _summed(source: Path, *, keep_going: bool = False) -> Summing:
    from dive_tools.summary import Summing

    summing = Summing()
    for place, record in _runs(source):
        try:
            if isinstance(record, BadRecord):
                raise record
            summing.add(record)
        except BadRecord as fault:
            if not keep_going:
                raise BadRecord(f"{place}: {fault.message}", hint=fault.hint) from None
    return summing


def _runs(source: Path) -> Iterator[tuple[str, Any]]:
    """Each line of a file, or of stdin for "-", with its place; BadRecord for one that is no record."""
    from dive_tools.jsonl import parse, read

    name = "stdin" if source == Path("-") else str(source)
    try:
        found = read(0 if source == Path("-") else source)
        for number, raw in found:
            try:
                yield f"{name}:{number}", parse(raw)
            except BadRecord as fault:
                yield f"{name}:{number}", fault
    except OSError as fault:
        raise UsageFault(f"cannot read {source}: {fault.strerror}") from None


if __name__ == "__main__":
    main(prog_name="dive-eval")
