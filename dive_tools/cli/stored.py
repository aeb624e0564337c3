"""What becomes of stored attempts: scored again, given their tools, summed up; and of a judge's labelled cases."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dive_tools.cli.calling import Calling, Tape
from dive_tools.cli.filter import Stream
from dive_tools.cli.modelling import Asked, Modelling
from dive_tools.errors import BadRecord, UsageFault

if TYPE_CHECKING:
    from dive_tools.jsonl import Lines
    from dive_tools.prompted.judge import Judge
    from dive_tools.summary import Summing

_STDIN = Path("-")


class Awaited:
    """An asynchronous stage that waits for no model, so that it runs in a process for each job."""

    def __init__(self, stage: Any) -> None:
        import asyncio

        self.stage = stage
        self.runner = asyncio.Runner()

    def __call__(self, record: dict[str, Any]) -> Any:
        return self.runner.run(self.stage(record))

    @property
    def counters(self) -> dict[str, int]:
        """The stage's own."""
        return dict(self.stage.counters)

    def close(self) -> None:
        """End the loop."""
        self.runner.close()


def rescored() -> Awaited:
    """The stage that scores again, by programs alone."""
    from dive_tools.evaluate import Rescorer

    return Awaited(Rescorer(None))


class Judged(Asked):
    """The stage that scores again, with a judge."""

    def __init__(self, calling: Calling, judging: Modelling, stream: Stream) -> None:
        from dive_tools.evaluate import Rescorer
        from dive_tools.pool import load

        pool, cassette = load(calling.pool), calling.tape.open()
        model, gate = judging.open("dive-eval", calling.tape, cassette, stream.jobs)

        def stage(asked: Any) -> Any:
            return Rescorer(pool, judge_of(asked, judging))

        super().__init__(stage, pool, model, gate, None, cassette)

    def provenance(self) -> dict[str, Any]:
        """The pool, and who judged."""
        found = super().provenance()
        return {"pool": found["pool"], "judge": found["model"]}


def judge_of(model: Any, judging: Modelling) -> Judge:
    """The model as a judge."""
    from dive_tools.prompted.judge import Judge

    return Judge(model, judging.sampling())


class Schemas:
    """The stage that gives attempts the schemas of their tools back."""

    def __init__(self, calling: Calling) -> None:
        from dive_tools.pool import load

        self.pool = load(calling.pool)

    def __call__(self, record: dict[str, Any]) -> Any:
        from dive_tools.clothes import dressed
        from dive_tools.evaluate import schemas
        from dive_tools.records import need

        need(record, "id", "setup", "run")
        if record["run"]["ending"] == "not_run":
            return {**record, "tools": []}
        dress = dressed(self.pool.named(record["setup"]["tools"]), record["run"].get("clothes"), self.pool)
        return {**record, "tools": schemas(dress.tools)}

    def provenance(self) -> dict[str, Any]:
        """The pool."""
        return {"pool": self.pool.facts()}


def calibrate(stream: Stream, tape: Tape, judging: Modelling, cases: Path) -> None:
    """Hold the judge against labelled cases, and write how far it agrees."""
    import asyncio

    from dive_tools.calibrate import calibrate
    from dive_tools.jsonl import dump

    _apart(stream, cases)
    places, labelled = [], []
    for place, _, case in _lines(cases):
        if isinstance(case, BadRecord):
            raise BadRecord(f"{place}: {case.message}", hint=case.hint)
        places.append(place)
        labelled.append(case)
    cassette = tape.open()

    async def held(out: Lines) -> None:
        model, gate = judging.open("dive-eval", tape, cassette, stream.jobs)
        try:
            await model.open()
            out.write(dump(await calibrate(labelled, judge_of(model, judging), places)))
        finally:
            await model.close()
            gate.close()

    try:
        with ExitStack() as ends:
            asyncio.run(held(_out(stream, ends)))
    finally:
        if cassette is not None:
            cassette.close()


# --- summaries --------------------------------------------------------------------------------------------------------


def tell(stream: Stream, other: Path | None) -> None:
    """Write what attempts show or, with those of another file, how the two differ."""
    import orjson

    from dive_tools.cli import summing
    from dive_tools.summary import compare

    if stream.source is None and os.isatty(0):
        raise UsageFault("no input: name a file, or pipe attempts in", hint="dive-eval --help")
    source = stream.source or _STDIN
    _apart(stream, source, *([other] if other else []))
    with ExitStack() as ends:
        reading = _Reading(stream, ends)
        one = reading.summed(source)
        if other:
            told = compare(one, reading.summed(other), stream.seed, names=(_name(source), _name(other)))
        else:
            told = one.result(stream.seed)
        reading.close()
        if stream.output is None and sys.stdout.isatty():
            click.echo("\n".join(summing.lines(told, shutil.get_terminal_size().columns)))
            return
        out = _out(stream, ends)
        out.write(orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def summed(path: Path) -> Summing:
    """What the attempts in a file show."""
    return _Reading(Stream(name="dive-eval"), ExitStack()).summed(path)


class _Reading:
    """Attempts read for a summary: bad lines end it or, with --keep-going, are counted and kept in the rejects."""

    def __init__(self, stream: Stream, ends: ExitStack) -> None:
        from dive_tools.cli.tally import Tally
        from dive_tools.jsonl import Lines

        self.stream, self.tally = stream, Tally()
        self.rejects = Lines.to(stream.rejects) if stream.rejects else None
        if self.rejects is not None:
            ends.callback(self.rejects.close)

    def summed(self, path: Path) -> Summing:
        """What the attempts in a file show."""
        from dive_tools.summary import Summing

        summing = Summing()
        for place, line, record in _lines(path):
            try:
                if isinstance(record, BadRecord):
                    raise record
                summing.add(record)
                self.tally.add("")
            except BadRecord as fault:
                self._bad(line, BadRecord(f"{place}: {fault.message}", hint=fault.hint))
        return summing

    def _bad(self, line: tuple[int, bytes], fault: BadRecord) -> None:
        from dive_tools.cli.work import bad

        if not self.stream.keep_going:
            raise fault
        outcome = bad(self.stream.name, *line, fault)
        self.tally.add(outcome.reason)
        if self.rejects is not None:
            self.rejects.write(outcome.line)

    def close(self) -> None:
        """Say how many lines there were, where some may have been left out."""
        if self.stream.keep_going and not self.stream.quiet:
            sys.stderr.write(self.tally.closing(self.stream.name, {}))


def _lines(path: Path) -> Iterator[tuple[str, tuple[int, bytes], Any]]:
    """Each line of a file, or of stdin for "-": its place, number and bytes, and record; BadRecord where it is none."""
    from dive_tools.jsonl import parse, read

    try:
        for number, raw in read(0 if path == _STDIN else path):
            record: Any
            try:
                record = parse(raw)
            except BadRecord as fault:
                record = fault
            yield f"{_name(path)}:{number}", (number, raw), record
    except OSError as fault:
        raise UsageFault(f"cannot read {path}: {fault.strerror}") from None


def _name(path: Path) -> str:
    return "stdin" if path == _STDIN else str(path)


def _apart(stream: Stream, *sources: Path) -> None:
    """Refuse to write over what is read, and two things into one file."""
    written = [path for path in (stream.output, stream.rejects) if path and path.is_file()]
    for source in sources:
        try:
            read = os.fstat(0) if source == _STDIN else source.stat()
        except OSError as fault:
            raise UsageFault(f"cannot read {_name(source)}: {fault.strerror}") from None
        for path in written:
            if os.path.samestat(read, path.stat()):
                raise UsageFault(f"the input and the output are the same file: {path}")
    if stream.output and stream.rejects and (stream.output == stream.rejects or _one_file(written)):
        raise UsageFault(f"-o and -r are the same file: {stream.output}")


def _one_file(paths: list[Path]) -> bool:
    return len(paths) == 2 and os.path.samestat(*(path.stat() for path in paths))


def _out(stream: Stream, ends: ExitStack) -> Lines:
    """The -o FILE, or standard output."""
    from dive_tools.jsonl import Lines

    if stream.output is None:
        sys.stdout.flush()
        return Lines(1, "the output")
    out = Lines.to(stream.output)
    ends.callback(out.close)
    return out
