"""Lines through a stage in this process: record by record, or as one stateful stream."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, Protocol

from dive_tools.errors import BadRecord
from dive_tools.jsonl import BAD_LINE, KEPT, TAKEN_IN, Line, dump, parse
from dive_tools.records import Drop, Folded, Record

Result = Record | list[Record] | Folded | Drop | BadRecord
Make = Callable[[], Any]


class Outcome(NamedTuple):
    """How input line `number` ended: KEPT or a reason, and the line to write (none, or several, where it is KEPT)."""

    number: int
    reason: str
    line: bytes
    fault: BadRecord | None = None


class Work(Protocol):
    """What a filter needs of whoever does the work."""

    stage: Any

    def start(self) -> None: ...
    def drive(self, consume: Callable[[], None]) -> None: ...
    def outcomes(self, lines: Iterable[list[Line]]) -> Iterator[Outcome]: ...
    def counters(self) -> dict[str, Any]: ...
    def provenance(self) -> dict[str, Any]: ...
    def close(self, *, failed: bool) -> None: ...


class Alone:
    """A stage `record -> Record | Drop`, run in this process."""

    def __init__(self, make: Make, name: str) -> None:
        self.make, self.name = make, name
        self.stage: Any = None

    def start(self) -> None:
        """Build the stage."""
        self.stage = self.make()

    def drive(self, consume: Callable[[], None]) -> None:
        """Have `consume` take the outcomes."""
        consume()

    def outcomes(self, lines: Iterable[list[Line]]) -> Iterator[Outcome]:
        for batch in lines:
            for number, raw in batch:
                yield self.outcome(number, raw)

    def outcome(self, number: int, raw: bytes) -> Outcome:
        try:
            return settle(self.name, number, raw, self.stage(parse(raw)))
        except BadRecord as fault:
            return bad(self.name, number, raw, fault)
        except Exception as fault:
            fault.add_note(f"at input line {number}")
            raise

    def counters(self) -> dict[str, int]:
        return dict(getattr(self.stage, "counters", {}))

    def provenance(self) -> dict[str, Any]:
        hook = getattr(self.stage, "provenance", None)
        return hook() if hook else {}

    def close(self, *, failed: bool) -> None:
        if hook := getattr(self.stage, "close", None):
            hook()


class Whole(Alone):
    """A stateful stage `records -> results`, one result for each record and in order."""

    def outcomes(self, lines: Iterable[list[Line]]) -> Iterator[Outcome]:
        waiting: deque[Line | Outcome] = deque()
        for result in self.stage(self._records(lines, waiting)):
            yield from _bad_ones(waiting)
            number, raw = waiting.popleft()[:2]
            yield settle(self.name, number, raw, result)  # type: ignore[arg-type]
        yield from _bad_ones(waiting)
        if waiting:
            raise RuntimeError(f"the stage gave no result for {len(waiting)} records")

    def _records(self, lines: Iterable[list[Line]], waiting: deque[Line | Outcome]) -> Iterator[Record]:
        """The records of the lines; each line, or how it failed, is left in `waiting`."""
        for batch in lines:
            for number, raw in batch:
                try:
                    record = parse(raw)
                except BadRecord as fault:
                    waiting.append(bad(self.name, number, raw, fault))
                    continue
                waiting.append((number, raw))
                yield record


def _bad_ones(waiting: deque[Line | Outcome]) -> Iterator[Outcome]:
    """The bad lines at the head of the queue, which no result answers."""
    while waiting and isinstance(first := waiting[0], Outcome):
        waiting.popleft()
        yield first


def settle(name: str, number: int, raw: bytes, result: Result) -> Outcome:
    """What becomes of a line, given what the stage made of it."""
    if isinstance(result, Drop):
        return Outcome(number, result.reason, dump(result.rejected(name)))
    if isinstance(result, BadRecord):
        return bad(name, number, raw, result)
    if isinstance(result, Folded):
        return Outcome(number, TAKEN_IN, b"")
    return Outcome(number, KEPT, b"".join(map(dump, result)) if isinstance(result, list) else dump(result))


def bad(name: str, number: int, raw: bytes, fault: BadRecord) -> Outcome:
    """A line that the stage cannot work on, as the rejects file would hold it."""
    note = {"stage": name, "reason": BAD_LINE, "detail": fault.message, "line": number}
    reject = {"drop": note, "text": raw.decode(errors="replace")}
    return Outcome(number, BAD_LINE, dump(reject), fault)
