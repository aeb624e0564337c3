"""dive-eval: attempts at tasks, scored; and what they say of a model."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dive_tools.cli import stored
from dive_tools.cli.calling import Calling, Tape, calling_options, gathered
from dive_tools.cli.filter import Stream
from dive_tools.cli.modelling import Asked, Metered, Modelling, model_options
from dive_tools.cli.options import filter_command
from dive_tools.errors import DiveError, UsageFault

if TYPE_CHECKING:
    from dive_tools.evaluate import Settings
    from dive_tools.jsonl import Group

_OLD = click.Path(path_type=Path, exists=True, dir_okay=False)


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

        if self.tag and not re.fullmatch("[A-Za-z0-9_-]+", self.tag):
            raise UsageFault(
                f"--tag {self.tag!r} cannot be a part of an id",
                hint="use letters and digits of ASCII, _ and - alone: the ids are TASK.TAG.ATTEMPT",
            )
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


@dataclass(frozen=True, kw_only=True)
class Judging:
    """Who scores what no program can."""

    judge: str = ""
    judge_endpoint: tuple[str, ...] = ()
    judge_temperature: float | None = None
    judge_revision: str = ""

    def beside(self, modelling: Modelling) -> Modelling:
        """The judge as a model of its own."""
        made = modelling.beside(self.judge, self.judge_endpoint, self.judge_temperature, self.judge_revision)
        made.check("dive-eval", alone=True)
        return made


_JUDGING = [
    click.option("--judge-revision", default="", help="The judge's checkpoint, where its server does not tell it."),
    click.option(
        "--judge-endpoint",
        multiple=True,
        help="The judge's server, and JUDGE_API_KEY its key: OPENAI_API_KEY goes to no server but the model's. "
        "[default: --endpoint]",
    ),
    click.option("--judge-temperature", type=click.FloatRange(0), help="The judge's temperature. [default: 0]"),
    click.option("--judge", default="", help="Who scores answers that are a free text; programs score all others."),
]
_judging = gathered("judging", Judging, tuple(Judging.__dataclass_fields__), _JUDGING)

# --- what the options mean --------------------------------------------------------------------------------------------

_MODES = ("summary", "compare", "rescore", "calibrate", "schemas")
_STREAM = tuple(Stream.__dataclass_fields__)
_TAPE = tuple(Tape.__dataclass_fields__)
_CALLING = ("pool", "allow_effects", *_TAPE)
_SECOND = (*Judging.__dataclass_fields__, "endpoint", "timeout", "tries", "inside", "in_flight", "budget", "ledger")
_ASKED = (*_SECOND, "prices", *_TAPE)  # where only a judge is asked
_TOLD = ("source", "output", "rejects", "keep_going", "seed", "quiet", "summary", "compare")

# what is done -> the options that say how; what says nothing is refused
_MEANT: dict[str, tuple[str, ...]] = {
    "--summary": _TOLD,
    "--compare": _TOLD,
    "--schemas": (*_STREAM, "schemas", "pool"),
    "--calibrate": ("output", "jobs", "quiet", "calibrate", *_ASKED),
    "--rescore and a --judge": (*_STREAM, "rescore", "pool", "estimate", *_ASKED),
    "--rescore and no --judge": (*_STREAM, "rescore"),
    "--model plan": (*_STREAM, *_CALLING, *Trying.__dataclass_fields__, "model", "schemas"),
    "a --model and no --judge": (
        *_STREAM,
        "schemas",
        *_CALLING,
        *Modelling.__dataclass_fields__,
        *Trying.__dataclass_fields__,
    ),
}
_MEANT["a --model and a --judge"] = (*_MEANT["a --model and no --judge"], *Judging.__dataclass_fields__)


def _done(modelling: Modelling, judging: Judging, modes: dict[str, Any]) -> str:
    """What is to be done, as a key of _MEANT; a fault where that is nothing, or two things."""
    attempts = modes["schemas"] and _is_typed("model")  # then they are added to what is attempted
    chosen = [f"--{name}" for name in _MODES if modes[name] and not (name == "schemas" and attempts)]
    if modes["summary"] and modes["compare"]:
        chosen.remove("--summary")
    if len(chosen) > 1:
        raise UsageFault(f"{chosen[0]} and {chosen[1]} are two different things: give one of them")
    if chosen and _is_typed("model"):
        raise UsageFault(f"{chosen[0]} attempts nothing: leave --model out")
    if not chosen and not modelling.named:
        raise UsageFault("nobody is evaluated: name a --model", hint="--model plan needs none: it walks the proofs")
    if modes["calibrate"] and not judging.judge:
        raise UsageFault("--calibrate needs the --judge that is held against the cases")
    found = chosen[0] if chosen else "--model plan" if modelling.model == "plan" else "a --model"
    return f"{found} and {'a' if judging.judge else 'no'} --judge" if found in ("--rescore", "a --model") else found


def _check(done: str, modelling: Modelling, tape: Tape) -> None:
    """Refuse options that would do nothing, but for those from the environment: they are another command's."""
    for option in click.get_current_context().command.params:
        if option.name not in _MEANT[done] and _is_typed(option.name):
            raise UsageFault(f"{option.opts[0]} does nothing with {done}: leave it out")
    if _is_typed("tool_parser") and not modelling.model.startswith("vllm:"):
        raise UsageFault(f"--tool-parser is of vllm: models, and {modelling.model} is none: leave it out")
    if "budget" in _MEANT[done] and modelling.budget and tape.cassette is None and tape.missing == "live":
        raise UsageFault(
            "--budget would lose what was paid for and is not yet a line when it is spent",
            hint="name a --cassette FILE: replies are recorded there, and --resume goes on from them",
        )


def _is_typed(name: str | None) -> bool:
    """Whether an option stands on the command line."""
    return click.get_current_context().get_parameter_source(name or "") is click.core.ParameterSource.COMMANDLINE


@filter_command("dive-eval")
@click.option(
    "--schemas", is_flag=True, help="Add the tools that an attempt was given, as OpenAI schemas; of stored ones, too."
)
@click.option("--calibrate", type=_OLD, help="Hold --judge against these labelled cases, and say how far it agrees.")
@click.option("--rescore", is_flag=True, help="Score stored attempts again; no model is asked but the --judge.")
@click.option("--compare", type=_OLD, help="Attempts to compare those of the input with, task by task.")
@click.option("--summary", is_flag=True, help="Say what stored attempts show, as JSON, or to a terminal as a table.")
@click.option("--tool-parser", default="", help="vLLM's parser of tool calls, for vllm: models of unknown kinds.")
@_judging
@_trying
@calling_options
@model_options("Who is evaluated: openai:NAME, vllm:PATH, hf:PATH, scripted:FILE, replay:FILE; plan walks the proofs.")
def main(
    stream: Stream,
    calling: Calling,
    modelling: Modelling,
    trying: Trying,
    judging: Judging,
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
    done = _done(modelling, judging, modes)
    modelling = replace(modelling, tool_parser=tool_parser)
    _check(done, modelling, calling.tape)
    judge = None
    if "judge" in _MEANT[done] and judging.judge:
        modelling = replace(modelling, endpoint=modelling.urls())  # a file of them may be read once only
        judge = judging.beside(modelling)
    if modes["summary"] or modes["compare"]:
        stored.tell(stream, modes["compare"])
    elif done == "--schemas":
        stream.run(lambda: stored.Schemas(calling))
    elif modes["calibrate"] and judge:
        stored.calibrate(stream, calling.tape, judge, modes["calibrate"])
    elif modes["rescore"] and judge:
        stream.run(
            lambda: stored.Judged(calling, judge, stream),
            in_flight=judge.at_once(stream.jobs),
            estimate=judge.estimate,
        )
    elif modes["rescore"]:
        stream.run(stored.rescored)
    else:
        _attempt(stream, calling, modelling, judge, trying, modes["schemas"])


# --- attempts ---------------------------------------------------------------------------------------------------------


def _attempt(
    stream: Stream, calling: Calling, modelling: Modelling, judging: Modelling | None, trying: Trying, schemas: bool
) -> None:
    from dive_tools.evaluate import PLAN

    settings = replace(trying.settings(modelling, stream.seed), schemas=schemas)
    if trying.until_correct is not None and trying.until_correct > trying.attempts:
        raise UsageFault(f"--until-correct {trying.until_correct} is more than the {trying.attempts} attempts of -k")
    if modelling.model == PLAN:
        counts = stream.run(lambda: _Plan(calling, settings), group=_group(settings, lambda: PLAN))
    else:
        modelling.check("dive-eval", alone=True)
        opened: list[Asked] = []

        def stage() -> Asked:
            opened.append(_asked(stream, calling, modelling, judging, settings))
            return opened[0]

        counts = stream.run(
            stage,
            in_flight=modelling.at_once(stream.jobs),
            each=1 if trying.until_correct is not None else trying.attempts,
            estimate=modelling.estimate,
            group=_group(settings, lambda: opened[0].model.name),
        )
    if stream.output and stream.output.is_file() and not stream.quiet:
        from dive_tools.cli.summing import short

        if (told := stored.summed(stream.output)).attempts:
            sys.stderr.write(f"dive-eval: {short(told.result())}\n")
    if counts.get("attempts") and counts.get("errors") == counts["attempts"]:
        raise DiveError(
            f"not one of {counts['attempts']} attempts could be scored",
            hint=f"jq -r .run.error {stream.output or 'RUNS'} | sort | uniq -c says why",
        )


def _asked(
    stream: Stream, calling: Calling, modelling: Modelling, judging: Modelling | None, settings: Settings
) -> Asked:
    from dive_tools.evaluate import Evaluator

    pool, door = calling.open()
    model, gate = modelling.open("dive-eval", calling.tape, door.cassette, stream.jobs)
    judge = found = None
    if judging is not None:
        its, door_of_it = judging.open("dive-eval", calling.tape, door.cassette, stream.jobs)
        judge = (Metered(its), door_of_it)
        found = stored.judge_of(judge[0], judging)

    def stage(asked: Any) -> Any:
        return Evaluator(pool, door, asked, settings, judge=found)

    return Asked(stage, pool, model, gate, door, door.cassette, judge=judge)


class _Plan(stored.Awaited):
    """The teacher's stage."""

    def __init__(self, calling: Calling, settings: Settings) -> None:
        from dive_tools.evaluate import Evaluator

        self.pool, self.door = calling.open()
        super().__init__(Evaluator(self.pool, self.door, None, settings))

    @property
    def counters(self) -> dict[str, int]:
        return {**super().counters, "calls": self.door.calls}

    def provenance(self) -> dict[str, Any]:
        return {"pool": self.pool.facts(), "model": {"name": self.stage.name, "revision": ""}}

    def close(self) -> None:
        super().close()
        if self.door.cassette is not None:
            self.door.cassette.close()


def _group(settings: Settings, name: Callable[[], str]) -> Group:
    """How a resume knows which tasks an earlier run finished, and that it made the same of them; `name`: who did."""
    from dive_tools.evaluate import PLAN, allowed, sampled, tag_of
    from dive_tools.jsonl import Group
    from dive_tools.records import task_id

    def whole(runs: list[dict[str, Any]]) -> bool:
        right = sum(run["run"].get("score") == 1 for run in runs)
        return len(runs) == settings.attempts or (right == settings.until and len(runs) < settings.attempts)

    def strange(line: dict[str, Any]) -> str:
        run, model = line.get("run"), name()
        if not isinstance(run, dict):
            return "it is no attempt"
        parts = str(line.get("id")).rsplit(".", 2)
        tag = settings.tag or tag_of(model, settings.perturb)
        clothes = run.get("clothes")
        worn = [clothes.get("kinds"), clothes.get("seed")] if isinstance(clothes, dict) else clothes
        for what, made, wanted in (
            ("the model", run.get("model"), model),
            ("the part of the id for the model", parts[1] if len(parts) == 3 else None, tag),
            ("--until-correct", run.get("until"), settings.until),
            ("--perturb and --seed", worn, [[*settings.perturb], settings.seed] if settings.perturb else None),
            ("what an attempt may spend", run.get("budget"), allowed(settings.budget)),
            ("--schemas", "tools" in line, settings.schemas),
            ("how replies are drawn", run.get("sampling"), None if model == PLAN else sampled(settings.sampling)),
        ):
            if made != wanted:
                return f"{what} was {_said(made)}, and is now {_said(wanted)}"
        return ""

    return Group(task_id, whole, strange)


def _said(value: Any) -> str:
    import orjson

    return value if isinstance(value, str) else "nothing" if value is None else orjson.dumps(value).decode()


if __name__ == "__main__":
    main(prog_name="dive-eval")
