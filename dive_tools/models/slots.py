"""Slots that the processes of a run share: a named pipe with a byte for each free one, as GNU make's jobserver has it.

In the folder lie `pipe`; `lock`, held while somebody opens the folder; `users`, of which every process holds a shared
lock as long as it lives; and a file for each process that says how many slots it holds, locked while it lives. So the
first to come fills the pipe anew, whatever an earlier run left behind, and a killed process's slots are found again.
"""

from __future__ import annotations

import fcntl
import mmap
import os
from pathlib import Path

from dive_tools.errors import DiveError, UsageFault

MOST = 4096  # bytes that any pipe has room for
_WIDTH = 4  # bytes of a holder's file: its count of slots, little-endian


class Slots:
    """`total` slots, shared by all processes that name the same folder; DiveError where they name another total."""

    def __init__(self, folder: Path, total: int) -> None:
        if not 0 < total <= MOST:
            raise UsageFault(f"from 1 to {MOST:,} slots can be shared, not {total:,}")
        self.folder, self.total, self.held = folder, total, 0
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._open()
        except OSError as fault:
            raise DiveError(
                f"cannot share slots in {folder}: {fault.strerror}", hint="name a folder on a local disk"
            ) from None

    def _open(self) -> None:
        lock = _file(self.folder / "lock")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            pipe = self.folder / "pipe"
            if not pipe.exists():
                os.mkfifo(pipe)
            self.fd = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)  # before the others can go: an unopened pipe loses all
            self._users = _file(self.folder / "users")
            if _locked(self._users):
                self._begin()
            fcntl.flock(self._users, fcntl.LOCK_SH)
            self._join()
        finally:
            os.close(lock)

    def _begin(self) -> None:
        """Fill the pipe: nobody else uses it."""
        while self._read(MOST):
            pass
        for left in self.folder.iterdir():
            if left.name not in ("lock", "pipe", "users"):
                left.unlink()
        os.write(self.fd, b"." * self.total)
        os.ftruncate(self._users, 0)
        os.pwrite(self._users, str(self.total).encode(), 0)

    def _join(self) -> None:
        """Say that this process may hold slots."""
        there = int(os.pread(self._users, 16, 0))
        if there != self.total:
            os.close(self.fd)
            os.close(self._users)
            raise DiveError(
                f"the run in {self.folder} shares {there:,} slots, not {self.total:,}",
                hint="give every command of a run the same number",
            )
        name = f"{os.getpid()}-{os.urandom(4).hex()}"  # numbers of processes differ only within a container
        hidden, self._place = self.folder / f".{name}", self.folder / f"{name}.held"
        self._holder = _file(hidden)
        fcntl.flock(self._holder, fcntl.LOCK_EX)
        os.ftruncate(self._holder, _WIDTH)
        self._count = mmap.mmap(self._holder, _WIDTH)
        self._count[:] = bytes(_WIDTH)
        hidden.rename(self._place)

    def take(self) -> bool:
        """Take a slot, if one is free."""
        if not self._read(1):
            return False
        self._hold(self.held + 1)
        return True

    def give(self) -> None:
        """Give a slot back."""
        self._hold(self.held - 1)  # first, so that being killed in between loses a slot rather than making one
        os.write(self.fd, b".")

    def recover(self) -> int:
        """Give back the slots of processes that died holding them; how many there were."""
        return sum(self._inherited(path) for path in self._holders() if path != self._place)

    def _inherited(self, path: Path) -> int:
        try:
            holder = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return 0
        try:
            if not _locked(holder) or not os.fstat(holder).st_nlink:  # alive, or another has seen to it
                return 0
            count = int.from_bytes(os.pread(holder, _WIDTH, 0), "little")
            path.unlink()
            os.write(self.fd, b"." * count)
            return count
        finally:
            os.close(holder)

    def close(self) -> None:
        """Give everything back and leave."""
        while self.held:
            self.give()
        self._place.unlink(missing_ok=True)
        self._count.close()
        for fd in (self._holder, self.fd, self._users):
            os.close(fd)

    def _hold(self, count: int) -> None:
        self.held = count
        self._count[:] = count.to_bytes(_WIDTH, "little")

    def _read(self, most: int) -> bytes:
        try:
            return os.read(self.fd, most)
        except BlockingIOError:
            return b""

    def _holders(self) -> list[Path]:
        return [path for path in self.folder.iterdir() if path.suffix == ".held"]


def _file(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)


def _locked(fd: int) -> bool:
    """Whether the file could be locked, as nobody else holds it."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
