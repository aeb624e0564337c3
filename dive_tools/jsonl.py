"""Lines in and out: numbered lines as they arrive, lines written whole, and what a killed run left behind."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from dive_tools.errors import BadRecord, DiveError, ReaderGone, UsageFault
from dive_tools.records import Record

Line = tuple[int, bytes]

KEPT = ""
BAD_LINE = "bad_line"
TAKEN_IN = "taken_in"  # nothing is written for it: it is in the line of another

_BLOCK = 256 * 1024


def batches(fd: int) -> Iterator[list[Line]]:
    """The numbered lines of `fd`, blank ones left out: one list per read, so that a slow writer is never waited for."""
    number, torn = 0, []
    while block := os.read(fd, _BLOCK):
        head, newline, tail = block.rpartition(b"\n")
        if not newline:
            torn.append(block)
            continue
        whole = b"".join([*torn, head]).split(b"\n")
        torn = [tail]
        if found := _numbered(whole, number):
            yield found
        number += len(whole)
    if found := _numbered([b"".join(torn)], number):
        yield found


def _numbered(lines: list[bytes], before: int) -> list[Line]:
    """The lines that hold something, each with its number."""
    return [(number, raw) for number, raw in enumerate(lines, before + 1) if raw and not raw.isspace()]


def read(source: Path | int) -> Iterator[Line]:
    """(line number, raw bytes) of each line that is not blank, from a path or an open file descriptor."""
    fd = source if isinstance(source, int) else os.open(source, os.O_RDONLY)
    try:
        for batch in batches(fd):
            yield from batch
    finally:
        if not isinstance(source, int):
            os.close(fd)


def parse(raw: bytes) -> Record:
    """The record of one line; BadRecord when it is not a JSON object."""
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as fault:
        raise BadRecord(f"not JSON from character {fault.pos + 1} on") from None
    if not isinstance(value, dict):
        raise BadRecord(f"not a JSON object but {_kind(value)}")
    return value


def _kind(value: Any) -> str:
    kinds = {list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
    return kinds.get(type(value), "a number")


def dump(record: Record) -> bytes:
    """The record as one line, newline included."""
    return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)


class Lines:
    """An open end: each line leaves whole and at once, and a line that fails halfway is taken back where it can be."""

    def __init__(self, fd: int, name: str) -> None:
        self.fd = fd
        self.name = name

    @classmethod
    def to(cls, path: Path, *, append: bool = False) -> Lines:
        """A file, emptied first unless `append`."""
        flags = os.O_WRONLY | os.O_CREAT | (os.O_APPEND if append else os.O_TRUNC)
        try:
            return cls(os.open(path, flags, 0o666), str(path))
        except OSError as fault:
            raise DiveError(f"cannot write {path}: {fault.strerror}") from None

    def write(self, line: bytes) -> None:
        done = 0
        try:
            while done < len(line):
                done += os.write(self.fd, line[done:] if done else line)
        except BrokenPipeError:
            raise ReaderGone("the reader of the output is gone") from None
        except OSError as fault:
            self._take_back(done)
            raise DiveError(f"cannot write {self.name}: {fault.strerror}", hint=_MEND.get(fault.errno or 0)) from None
        except KeyboardInterrupt:
            if done < len(line):
                self._take_back(done)
            raise

    def _take_back(self, done: int) -> None:
        """Cut the half line off a regular file, unless another writer has added to it since."""
        state = os.fstat(self.fd)
        if done and stat.S_ISREG(state.st_mode) and os.lseek(self.fd, 0, os.SEEK_CUR) == state.st_size:
            os.ftruncate(self.fd, state.st_size - done)

    def close(self) -> None:
        os.close(self.fd)


_MEND = {errno.ENOSPC: "make room, then run the same command again with -o FILE --resume"}


def recover(path: Path) -> Iterator[Record]:
    """Each record that an earlier run left in `path`, if it exists; a torn last line is cut off."""
    if not path.exists():
        return
    with path.open("r+b") as file:
        whole = 0
        for _, size, record in _left(file, path):
            whole += size
            yield record
        file.truncate(whole)


def _left(file: Iterable[bytes], path: Path) -> Iterator[tuple[int, int, Record]]:
    """(line number, bytes, record) of each whole line that a killed run left."""
    for number, raw in enumerate(file, 1):
        try:
            record = parse(raw)
        except BadRecord as fault:
            _must_be_last(fault, file, f"{path}:{number}")
            break
        if not raw.endswith(b"\n"):
            break
        yield number, len(raw), record


def _must_be_last(fault: BadRecord, file: Iterable[bytes], place: str) -> None:
    """A bad line is torn if it is the last one; otherwise this is not a file that a killed run leaves."""
    if next(iter(file), None) is not None:
        raise DiveError(f"cannot resume: {place}: {fault.message}", hint="give the file that this command wrote")


@dataclass(frozen=True)
class Group:
    """The lines that one input makes, which stand together: the id of the input, and whether they are all there.

    `strange` says of a line why no run with these options would have written it; "" where one would.
    """

    owner: Callable[[Record], str]
    whole: Callable[[list[Record]], bool]
    strange: Callable[[Record], str] = lambda _: ""


_SAME_OPTIONS = "resume with the options of the first run, or leave --resume out to start anew"


def recover_groups(path: Path, group: Group) -> Iterator[str]:
    """The input of each whole group that an earlier run left in `path`; what is not whole at its end is cut off."""
    if not path.exists():
        return
    owner, held = "", list[Record]()
    with path.open("r+b") as file:
        begin = end = 0
        for number, size, record in _left(file, path):
            if why := group.strange(record):
                raise DiveError(f"cannot resume: {path}:{number}: {why}", hint=_SAME_OPTIONS)
            if held and group.owner(record) != owner:
                if not group.whole(held):
                    raise DiveError(
                        f"cannot resume: {path} holds {len(held)} lines of {owner}: other options made it",
                        hint=_SAME_OPTIONS,
                    )
                yield owner
                begin, held = end, []
            owner = group.owner(record)
            held.append(record)
            end += size
        if held and group.whole(held):
            yield owner
            begin = end
        file.truncate(begin)


class Accounted:
    """How each input of an earlier run ended, found by its id or, for a bad line, by its number."""

    def __init__(self) -> None:
        self.by_id: dict[str, tuple[str, ...]] = {}
        self.by_line: set[int] = set()
        self._same: dict[tuple[str, ...], tuple[str, ...]] = {}  # few kinds, many ids

    def __len__(self) -> int:
        return len(self.by_id) + len(self.by_line)

    def add_output(self, path: Path, group: Group | None = None) -> None:
        """Count what `path` holds as kept: line by line, or group by group."""
        found = recover(path) if group is None else ({"id": owner} for owner in recover_groups(path, group))
        for record in found:
            self._add(record, KEPT, path)

    def add_rejects(self, path: Path) -> None:
        """Count what `path` holds under its reasons."""
        for record in recover(path):
            drop = record.get("drop") or {}
            if drop.get("reason") == BAD_LINE and "line" in drop:
                self.by_line.add(drop["line"])
            else:
                self._add(record, str(drop.get("reason")), path)

    def _add(self, record: Record, reason: str, path: Path) -> None:
        name = record.get("id")
        if not isinstance(name, str):
            raise UsageFault(f"cannot resume: a record in {path} has no id, so its input cannot be found")
        reasons = (*self.by_id.get(name, ()), reason)
        self.by_id[name] = self._same.setdefault(reasons, reasons)

    def take(self, number: int, raw: bytes) -> str | None:
        """How this input ended (KEPT or a reason), once for each time that it did; None while it is still owed."""
        if number in self.by_line:
            self.by_line.remove(number)
            return BAD_LINE
        name = _id(raw) if self.by_id else ""
        reason, *more = self.by_id.pop(name, (None,))
        if more:
            self.by_id[name] = tuple(more)
        return reason


def _id(raw: bytes) -> str:
    """The id of a line, empty when it has none."""
    try:
        name = parse(raw).get("id")
    except BadRecord:
        return ""
    return name if isinstance(name, str) else ""
