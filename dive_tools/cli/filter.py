"""The manners of a filter: its streams, what a resume passes over, and how it ends."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dive_tools.errors import BadRecord, DiveError, ReaderGone, UsageFault

if TYPE_CHECKING:
    from dive_tools.cli.tally import Tally
    from dive_tools.cli.work import Outcome, Work
    from dive_tools.jsonl import Accounted, Group, Line, Lines


@dataclass(frozen=True, kw_only=True)
class Stream:
    """The shared options of one command; `run` and `produce` do everything but the stage."""

    name: str
    source: Path | None = None
    output: Path | None = None
    rejects: Path | None = None
    resume: bool = False
    keep_going: bool = False
    jobs: int | None = None
    limit: int | None = None
    seed: int = 0
    quiet: bool = False
    unordered: bool = False

    def run(
        self,
        make_stage: Callable[[], Any],
        *,
        stateful: bool = False,
        in_flight: int | None = None,
        each: int = 1,
        estimate: int | None = None,
        group: Group | None = None,
    ) -> dict[str, Any]:
        """Put every record through the stage that `make_stage` builds (once in each worker process).

        A stage is `record -> Record | Drop`, or when `stateful` `records -> Iterator[Record | Drop]` with one result
        for each record, in order. A list of records is several lines for one input, which `group` knows again; FOLDED
        is none. BadRecord, raised or (stateful) yielded, means that the line cannot be worked on.
        A stage may have `counters` (a dict of counts for the closing line), `provenance()` (a dict for the sidecar)
        and `close()`. With `in_flight` it is asynchronous, with so many requests in flight at once, up to `each` of
        them for one record; then `estimate` works on so many records only, and says what all of them would cost.
        Returns the stage's counts.
        """
        self._check(estimate)
        with ExitStack() as ends:
            source, stdout = self._source(), private(1)
            guard_stdio()
            work = self._work(make_stage, stateful, in_flight, each, (source, stdout))
            ends.push(lambda kind, *_: work.close(failed=kind is not None))
            work.start()
            sink = ends.enter_context(self._sink(stdout, work))
            limits = [limit for limit in (self.limit, estimate) if limit is not None]
            lines = _First(_batches(source), min(limits, default=None))
            owed = _Owed(lines, self._accounted(group), sink.passed, stateful)

            def consume() -> None:
                for outcome in work.outcomes(owed):
                    if not owed.is_settled(outcome.number):
                        self._mind(outcome)
                        sink.put(outcome.reason, outcome.line)
                owed.check(self.output)

            work.drive(consume)
            if estimate is not None:
                total = lines.all() if self.limit is None else self.limit
                sys.stderr.write(f"{self.name}: {work.stage.estimate(lines.taken, total, sink.bytes)}\n")
            return work.counters()

    def produce(self, make_source: Callable[[], Iterable[Any]]) -> None:
        """Write the records of the iterable that `make_source` builds; it may have the hooks of a stage."""
        from dive_tools.cli.work import Alone
        from dive_tools.jsonl import KEPT, dump

        self._check()
        with ExitStack() as ends:
            stdout = private(1)
            guard_stdio()
            work = Alone(make_source, self.name)
            ends.push(lambda kind, *_: work.close(failed=kind is not None))
            work.start()
            written, last = self._written()
            sink = ends.enter_context(self._sink(stdout, work, verb="made"))
            for record in islice(work.stage, self.limit):
                if sink.passed.read == written:
                    sink.put(KEPT, dump(record))
                    continue
                sink.passed.add(KEPT)
                if sink.passed.read == written and record.get("id") != last:
                    raise DiveError(f"cannot resume: {self.output} was made with other options", hint=_SAME_OPTIONS)
            if sink.passed.read < written:
                raise DiveError(f"cannot resume: {self.output} holds more records than asked for", hint=_SAME_OPTIONS)

    def _check(self, estimate: int | None = None) -> None:
        if self.resume and estimate is not None:
            raise UsageFault("--estimate works on the first records: leave --resume out")
        if self.resume and not self.output:
            raise UsageFault("--resume needs the -o FILE to go on with")
        if self.output and self.output == self.rejects:
            raise UsageFault(f"-o and -r are the same file: {self.output}")

    def _source(self) -> int:
        """A file descriptor to read records from, which is none of the files to be written."""
        if self.source is None and os.isatty(0):
            raise UsageFault("no input: name a file, or pipe records in", hint=f"{self.name} --help")
        fd = private(0) if self.source in (None, Path("-")) else _opened(self.source)
        for target in (self.output, self.rejects):
            if target and target.is_file() and os.path.samestat(os.fstat(fd), target.stat()):
                raise UsageFault(f"the input and the output are the same file: {target}")
        return fd

    def _work(
        self,
        make_stage: Callable[[], Any],
        stateful: bool,
        in_flight: int | None,
        each: int,
        private: tuple[int, ...],
    ) -> Work:
        from dive_tools.cli.work import Alone, Whole

        if in_flight:
            from dive_tools.cli.many import Many

            return Many(make_stage, self.name, in_flight, each, unordered=self.unordered)
        jobs = self.jobs or 1
        if stateful or jobs == 1:
            return (Whole if stateful else Alone)(make_stage, self.name)
        from dive_tools.cli.parallel import Pool

        return Pool(make_stage, self.name, jobs, unordered=self.unordered, private=private)

    def _accounted(self, group: Group | None) -> Accounted:
        """What an earlier run already wrote; torn last lines are cut off."""
        from dive_tools.jsonl import Accounted

        accounted = Accounted()
        if self.resume and self.output:
            accounted.add_output(self.output, group)
            if self.rejects:
                accounted.add_rejects(self.rejects)
        return accounted

    def _written(self) -> tuple[int, str | None]:
        """(how many records an earlier run wrote, the id of the last)."""
        from dive_tools.jsonl import recover

        count, last = 0, None
        for record in recover(self.output) if self.resume and self.output else ():
            count, last = count + 1, record.get("id")
        return count, last

    def _mind(self, outcome: Outcome) -> None:
        """Stop at a bad line, named, unless told to keep going."""
        if outcome.fault and not self.keep_going:
            place = "stdin" if self.source in (None, Path("-")) else self.source
            raise BadRecord(f"{place}:{outcome.number}: {outcome.fault.message}", hint=outcome.fault.hint)

    @contextmanager
    def _sink(self, stdout: int, work: Work, verb: str = "in") -> Iterator[_Sink]:
        """Where outcomes go; leaving it tells what was done, however the run ended."""
        from dive_tools.cli.tally import Tally, bar, sidecar, write_sidecar

        tally, passed = Tally(verb), Tally(verb)
        step, close_bar = bar(stdout, to_file=self.output is not None, quiet=self.quiet, total=self.limit)
        sink = _Sink(self, stdout, tally, passed, step)
        if self.output:
            sidecar(self.output).unlink(missing_ok=True)
        finished = silent = False
        try:
            yield sink
            finished = True
        except ReaderGone:
            silent = True
            raise
        finally:
            close_bar()
            tally += passed
            if not (self.quiet or silent) and (finished or tally.read):
                sys.stderr.write(tally.closing(self.name, work.counters()))
        if self.output and self.output.is_file():
            write_sidecar(self.output, {**tally.counts(), **work.counters()}, self.seed, work.provenance())


_SAME_OPTIONS = "resume with the options of the first run, or leave --resume out to start anew"


class _Sink:
    """The output, the rejects and the counts of one run."""

    def __init__(self, stream: Stream, stdout: int, tally: Tally, passed: Tally, step: Callable[[], Any]) -> None:
        from dive_tools.jsonl import Lines

        self.out = self._open(stream.output, stream.resume) or Lines(stdout, "the output")
        self.rejects = self._open(stream.rejects, stream.resume)
        self.tally, self.passed, self.step = tally, passed, step
        self.bytes = 0

    @staticmethod
    def _open(path: Path | None, resume: bool) -> Lines | None:
        from dive_tools.jsonl import Lines

        return Lines.to(path, append=resume) if path else None

    def put(self, reason: str, line: bytes) -> None:
        """Write a line where it belongs, and count it."""
        if not line:
            self.tally.take_in()
        else:
            if target := self.rejects if reason else self.out:
                target.write(line)
                self.bytes += len(line)
            self.tally.add(reason)
        self.step()


class _Owed:
    """The batches of lines still to be worked on, and the counts of those that an earlier run settled."""

    def __init__(self, batches: Iterable[list[Line]], accounted: Accounted, passed: Tally, keep_settled: bool) -> None:
        self.batches, self.accounted, self.passed, self.keep_settled = batches, accounted, passed, keep_settled
        self.settled: set[int] = set()  # numbers of lines that a stateful stage must see again

    def __iter__(self) -> Iterator[list[Line]]:
        for batch in self.batches:
            owed = [line for line in batch if self._is_owed(line)] if self.accounted else batch
            if owed:
                yield owed

    def _is_owed(self, line: Line) -> bool:
        reason = self.accounted.take(*line)
        if reason is None:
            return True
        self.passed.add(reason)
        if self.keep_settled:
            self.settled.add(line[0])
        return self.keep_settled

    def is_settled(self, number: int) -> bool:
        """Whether this line was already written; asked once for each."""
        if number not in self.settled:
            return False
        self.settled.remove(number)
        return True

    def check(self, output: Path | None) -> None:
        """Fail when the output holds records that the input does not."""
        if self.accounted:
            raise DiveError(
                f"{output} (or its rejects) holds {len(self.accounted)} records that are not in the input",
                hint="it was written from another input, or with a larger -n",
            )


def private(fd: int) -> int:
    """A copy of a standard stream that no child inherits."""
    try:
        return os.dup(fd)
    except OSError as fault:
        raise DiveError(f"standard {'output' if fd else 'input'} is closed: {fault.strerror}") from None


def guard_stdio() -> None:
    """Point stdout at stderr and empty stdin: what a library prints or a child reads never meets the records."""
    os.dup2(2, 1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)


def _opened(path: Path | None) -> int:
    try:
        fd = os.open(path or "", os.O_RDONLY)
    except OSError as fault:
        raise UsageFault(f"cannot read {path}: {fault.strerror}") from None
    if stat.S_ISDIR(os.fstat(fd).st_mode):
        raise UsageFault(f"cannot read {path}: it is a folder")
    return fd


def _batches(fd: int) -> Iterator[list[Line]]:
    from dive_tools.jsonl import batches

    return batches(fd)


class _First:
    """The first `limit` lines, with not one read more, until all are asked for."""

    def __init__(self, batches: Iterator[list[Line]], limit: int | None) -> None:
        self.batches, self.limit = batches, sys.maxsize if limit is None else limit
        self.taken = self.left_out = 0

    def __iter__(self) -> Iterator[list[Line]]:
        while self.taken < self.limit and (batch := next(self.batches, None)):
            first = batch[: self.limit - self.taken]
            self.left_out = len(batch) - len(first)
            self.taken += len(first)
            yield first

    def all(self) -> int:
        """How many lines there are, those after the first included: they are read and counted."""
        return self.taken + self.left_out + sum(map(len, self.batches))
