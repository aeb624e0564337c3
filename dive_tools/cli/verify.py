"""dive-verify: does the answer follow, and does it replay? Of attempts at tasks: which are good?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import click

from dive_tools.cli.calling import Calling, Staged, calling_options, gathered
from dive_tools.cli.filter import Stream
from dive_tools.cli.modelling import Asked, Modelling, model_options
from dive_tools.cli.options import filter_command
from dive_tools.errors import BadRecord, UsageFault


@dataclass(frozen=True, kw_only=True)
class Choosing:
    """What is chosen from attempts at tasks, if tasks are not to be checked."""

    select: str | None
    most: int | None
    frontier: str | None

    @property
    def option(self) -> str:
        """The option that says so; "" where tasks are checked."""
        return "--select" if self.select else "--frontier" if self.frontier is not None else ""

    def check(self, stream: Stream) -> None:
        """Refuse what cannot be meant, and what would do nothing, but for what comes from the environment."""
        if self.select and self.frontier is not None:
            raise UsageFault("--select and --frontier are two different things: give one of them")
        if not self.select and _is_typed("most"):
            raise UsageFault("-m says how many attempts of a task --select keeps: give that too")
        if self.frontier is not None and stream.resume:
            raise UsageFault("--resume does not go with --frontier, which takes seconds: leave it out to start anew")
        used = {*Choosing.__dataclass_fields__, *Stream.__dataclass_fields__}
        for option in click.get_current_context().command.params if self.option else ():
            if option.name not in used and _is_typed(option.name):
                raise UsageFault(f"{option.opts[0]} is about tasks, {self.option} about attempts: leave one out")

    def stage(self) -> Callable[..., Any]:
        """The stage over the attempts."""
        from dive_tools import select

        if self.select:
            return partial(select.select, way=self.select, most=self.most or 1)
        low, between, high = (self.frontier or "").partition(":")
        if not (between and low.isdecimal() and high.isdecimal() and int(low) <= int(high)):
            raise UsageFault(f"--frontier {self.frontier}: say LOW:HIGH, as in 1:5")
        return partial(select.frontier, low=int(low), high=int(high))


def _is_typed(name: str | None) -> bool:
    """Whether an option stands on the command line."""
    return click.get_current_context().get_parameter_source(name or "") is click.core.ParameterSource.COMMANDLINE


choosing_options = gathered(
    "choosing",
    Choosing,
    ("select", "most", "frontier"),
    [
        click.option(
            "--frontier",
            metavar="LOW:HIGH",
            help="Of attempts: keep each task, once, that was solved in LOW to HIGH of its scored attempts.",
        ),
        click.option(
            "-m",
            "--most",
            type=click.IntRange(1),
            show_default="1",
            help="The most attempts of a task that --select keeps.",
        ),
        click.option(
            "--select",
            type=click.Choice(["best", "recovery", "diverse"]),
            help="Of attempts: keep right ones, those with the fewest wasted calls, those that went on after an "
            "error, or those that call otherwise than one another.",
        ),
    ],
)


@filter_command("dive-verify")
@click.option(
    "--attempts",
    type=click.IntRange(0),
    default=None,
    show_default="2 at a task that a model wrote, 0 at others",
    help="Attempts with tools at every task, by --model.",
)
@click.option("--closed", type=click.IntRange(0), default=2, show_default=True, help="Tries without tools, by --model.")
@choosing_options
@calling_options
@model_options("Who tries the question besides: openai:NAME, scripted:FILE, replay:FILE. Without one, programs check.")
def main(
    stream: Stream, calling: Calling, modelling: Modelling, choosing: Choosing, closed: int, attempts: int | None
) -> None:
    """Check each task: is the answer proved, is the question faithful and readable, does it replay? Or choose from
    attempts at tasks.

    Needs `task` and `evidence`; adds `verdict`. A replay starts from the givens, makes every call again and
    evaluates the support over the fresh results. What fails is dropped with the reason of its first failed check;
    `-r rejects.jsonl` keeps it.

    With --model, a task that is answered without tools is dropped as no_tool_needed (where a guesser has a fair
    chance, yes or no or one of the things that the question names, only if all --closed tries are right). With tools
    (--attempts), one on whose answer most solvers agree, but otherwise than the reference, is dropped as ambiguous,
    and one that nobody answers as unanswerable. A question in a model's own words is held to its proof by programs as
    far as they can see; solvers are the second look, so that such a task is tried with tools unless --attempts says
    otherwise.

    With --select or --frontier it reads the attempts that dive-eval writes, those of a task together, and calls
    nothing. --select keeps up to -m right attempts of each task. The best have the fewest wasted calls (that failed,
    were made before, or are more than the proof rests on), then the fewest turns, then the fewest tokens; recovery
    keeps the best of those where a call failed and a later one did not; diverse keeps the best, and then the best of
    those whose call graph is another. Dropped are error, unscored, wrong, no_answer, missing (it said that the tools
    lack something), malformed (a call whose arguments are no object), lucky (right, but in none of its results),
    no_recovery, same_graph and spare.

    --frontier keeps each task once, without attempts, if LOW to HIGH of its scored attempts are right, those of all
    models together, and adds `frontier`. Dropped are too_easy, too_hard and unscored.

    \b
      dive-verify round3.jsonl -r rejects.jsonl > verified.jsonl
      jq -r .drop.reason rejects.jsonl | sort | uniq -c
      dive-verify round3.jsonl --model openai:NAME --endpoint http://127.0.0.1:8000/v1 -j 64 --attempts 4
      dive-verify runs.jsonl --select best > good.jsonl
      dive-verify runs.jsonl --frontier 1:5 > frontier.jsonl
    """
    choosing.check(stream)
    if choosing.option:
        stream.run(choosing.stage, stateful=True)
        return
    modelling.check("dive-verify")
    if not modelling.named:
        stream.run(lambda: _stage(calling, seed=stream.seed))
        return
    stream.run(
        lambda: _asked(calling, modelling, stream, closed=closed, attempts=attempts),
        in_flight=modelling.at_once(stream.jobs),
        estimate=modelling.estimate,
    )


def _stage(calling: Calling, **options: int) -> Staged:
    from dive_tools.verify import Verifier

    return _Tasks(Verifier, calling, **options)


class _Tasks(Staged):
    """The checks of tasks, which say what to do with attempts."""

    def __call__(self, record: dict[str, Any]) -> Any:
        if "run" in record and "evidence" not in record:
            raise BadRecord(
                "is an attempt, not a task",
                hint="--select keeps the good ones of attempts, --frontier their tasks",
            )
        return super().__call__(record)


def _asked(calling: Calling, modelling: Modelling, stream: Stream, **options: Any) -> Asked:
    from dive_tools.cli.aside import Aside
    from dive_tools.prompted.verify import Verifier

    program = Aside(lambda: _stage(calling, seed=stream.seed), "dive-verify")  # before the cassette is open here
    try:
        pool, door = calling.open()
        model, gate = modelling.open("dive-verify", calling.tape, door.cassette, stream.jobs)
    except BaseException:
        program.close()
        raise
    sampling = modelling.sampling()

    def stage(asked: Any) -> Any:
        return Verifier(pool, door, asked, program=program, sampling=sampling, **options)

    return Asked(stage, pool, model, gate, door, door.cassette, program)


if __name__ == "__main__":
    main(prog_name="dive-verify")
