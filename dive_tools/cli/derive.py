"""dive-derive: from evidence to a task."""

from __future__ import annotations

from typing import Any

import click

from dive_tools.cli.calling import Tape, tape_options
from dive_tools.cli.filter import Stream
from dive_tools.cli.modelling import Asked, Modelling, model_options
from dive_tools.cli.options import filter_command, pool_option
from dive_tools.errors import UsageFault


@filter_command("dive-derive")
@click.option("--rewrite", is_flag=True, help="Ask the model only to reword the question that no model made.")
@pool_option("The tools whose words questions are made of:")
@tape_options
@model_options("Who asks the question: openai:NAME, scripted:FILE, replay:FILE, or symbolic (the default): no model.")
def main(stream: Stream, pool: tuple[str, ...], tape: Tape, modelling: Modelling, rewrite: bool) -> None:
    """Derive a question, its typed answer and the support that proves it from each record's evidence.

    Needs `evidence`; adds `task`, or deepens it: an earlier task moves to `task.history`, and a round that finds
    nothing deeper keeps the task and says so in `task.stalled`. Drops unreadable, nothing_to_ask, and what fails a
    screen. The patterns of the setup's exemplars steer which question is asked; where the setup limits `families`
    (dive-sample --tier), no other pattern is.

    With --model a model writes question, answer and support as JSON; a program evaluates the support, tells the model
    once what is wrong, and drops what it cannot prove. With --rewrite it only rewords the question made without a
    model; a rewording that loses or adds anything is not taken.

    \b
      dive-derive round1.jsonl | jq -r '.task.question, .task.answer.value'
      dive-derive round1.jsonl --model openai:NAME --endpoint http://127.0.0.1:8000/v1 -j 64 --cassette run.sqlite
    """
    modelling.check("dive-derive")
    if not modelling.named:
        if rewrite:
            raise UsageFault("--rewrite needs the --model that rewords")
        stream.run(lambda: _Stage(pool, stream.seed))
        return
    stream.run(
        lambda: _asked(pool, tape, modelling, stream, rewrite),
        in_flight=modelling.at_once(stream.jobs),
        estimate=modelling.estimate,
    )


class _Stage:
    """The deriver, with its pool for the sidecar."""

    def __init__(self, pool: tuple[str, ...], seed: int) -> None:
        from dive_tools.derive import Deriver
        from dive_tools.pool import load

        self.pool = load(pool)
        self.stage = Deriver(self.pool, seed=seed)

    def __call__(self, record: dict[str, Any]) -> Any:
        return self.stage(record)

    def provenance(self) -> dict[str, Any]:
        return {"pool": self.pool.facts()}


def _asked(names: tuple[str, ...], tape: Tape, modelling: Modelling, stream: Stream, rewrite: bool) -> Asked:
    from dive_tools.derive import Deriver as Symbolic
    from dive_tools.pool import load
    from dive_tools.prompted.derive import Deriver
    from dive_tools.prompted.reword import Rewriter

    pool, cassette = load(names), tape.open()
    model, gate = modelling.open("dive-derive", tape, cassette, stream.jobs)
    options: dict[str, Any] = {"seed": stream.seed, "sampling": modelling.sampling()}

    def stage(asked: Any) -> Any:
        if rewrite:
            return Rewriter(pool, asked, symbolic=Symbolic(pool, seed=stream.seed), **options)
        return Deriver(pool, asked, **options)

    return Asked(stage, pool, model, gate, None, cassette)


if __name__ == "__main__":
    main(prog_name="dive-derive")
