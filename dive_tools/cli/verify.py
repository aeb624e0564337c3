"""dive-verify: does the answer follow, and does it replay?"""

from __future__ import annotations

from typing import Any

import click

from dive_tools.cli.calling import Calling, Staged, calling_options
from dive_tools.cli.filter import Stream
from dive_tools.cli.modelling import Asked, Modelling, model_options
from dive_tools.cli.options import filter_command


@filter_command("dive-verify")
@click.option(
    "--attempts",
    type=click.IntRange(0),
    default=None,
    show_default="2 at a task that a model wrote, 0 at others",
    help="Attempts with tools at every task, by --model.",
)
@click.option("--closed", type=click.IntRange(0), default=2, show_default=True, help="Tries without tools, by --model.")
@calling_options
@model_options("Who tries the question besides: openai:NAME, scripted:FILE, replay:FILE. Without one, programs check.")
def main(stream: Stream, calling: Calling, modelling: Modelling, closed: int, attempts: int | None) -> None:
    """Check each task: is the answer proved, is the question faithful and readable, does it replay?

    Needs `task` and `evidence`; adds `verdict`. A replay starts from the givens, makes every call again and
    evaluates the support over the fresh results. What fails is dropped with the reason of its first failed check;
    `-r rejects.jsonl` keeps it.

    With --model, a task that is answered without tools is dropped as no_tool_needed (where a guesser has a fair
    chance, yes or no or one of the things that the question names, only if all --closed tries are right). With tools
    (--attempts), one on whose answer most solvers agree, but otherwise than the reference, is dropped as ambiguous,
    and one that nobody answers as unanswerable. A question in a model's own words is held to its proof by programs as
    far as they can see; solvers are the second look, so that such a task is tried with tools unless --attempts says
    otherwise.

    \b
      dive-verify round3.jsonl -r rejects.jsonl > verified.jsonl
      jq -r .drop.reason rejects.jsonl | sort | uniq -c
      dive-verify round3.jsonl --model openai:NAME --endpoint http://127.0.0.1:8000/v1 -j 64 --attempts 4
    """
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

    return Staged(Verifier, calling, **options)


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
