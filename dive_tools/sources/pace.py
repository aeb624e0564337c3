"""When a host may be asked next: its rate limit, and the wait that it asked for with Retry-After.

A host on the internet is shared by every process of this user on this machine, so that `-j 8` is no faster than the
API allows: the time of the next free slot stands in one small file per host. A private host is paced in this process.
"""

from __future__ import annotations

import fcntl
import os
import stat
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

PAUSE = 60.0  # seconds: however long a host asks to be left alone, it is asked again after this
_HERE: dict[str, float] = {}


def wait(host: str, rate: float, most: float, *, shared: bool) -> float | None:
    """Take the next slot of a host and say how many seconds away it is; None, and none taken, if over `most`."""
    now = time.time()
    with _Slot(host, shared) as slot:
        start = max(now, slot.next)
        if start - now > most:
            return None
        if rate:
            slot.next = start + 1 / rate
        return start - now


def pause(host: str, seconds: float, *, shared: bool) -> None:
    """Leave a host alone for so many seconds."""
    with _Slot(host, shared) as slot:
        slot.next = max(slot.next, time.time() + min(seconds, PAUSE))


class _Slot:
    """The time from which a host may be asked, held while it is read and set."""

    def __init__(self, host: str, shared: bool) -> None:
        self._host = host
        self._path = _folder() if shared else None

    def __enter__(self) -> _Slot:
        self.next = 0.0
        if self._path is None:
            self.next = _HERE.get(self._host, 0.0)
        else:
            self._file = (self._path / quote(self._host, safe="")).open("a+")
            fcntl.flock(self._file, fcntl.LOCK_EX)
            self._file.seek(0)
            try:
                self.next = float(self._file.read() or 0)
            except ValueError:  # a line cut off by a crash: begin anew
                self.next = 0.0
        if self.next > time.time() + 10 * PAUSE:  # the clock was set back
            self.next = 0.0
        self._before = self.next
        return self

    def __exit__(self, *_: object) -> None:
        if self._path is None:
            _HERE[self._host] = self.next
            return
        if self.next != self._before:
            self._file.truncate(0)
            self._file.write(f"{self.next:.3f}")
        self._file.close()


def _folder() -> Path | None:
    """The folder of this user's slots; None where there is none that is ours alone."""
    path = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()) / f"dive-tools-{os.getuid()}"
    try:
        path.mkdir(mode=0o700, exist_ok=True)
        found = path.lstat()
    except OSError:
        return None
    return path if stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() else None
