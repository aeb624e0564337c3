"""What a run has spent on models, in a small file that all its commands and shards share, and what it may spend."""

from __future__ import annotations

import fcntl
import math
import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from dive_tools.errors import DiveError, UsageFault
from dive_tools.models.base import BudgetSpent, Usage
from dive_tools.values import rounded

UNITS = ("requests", "tokens", "money")

_BLOCK = 4096  # the file is written in one piece of such blocks, so that a kill leaves the old or the new
_NOTHING = {"requests": 0, "tokens_in": 0, "tokens_out": 0, "cached": 0}
_SCALE = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9}


class Ledger:
    """Counts of requests, tokens and money, by `stage` and in all, kept in `path` (None: in this process only).

    `limits` are those of `parse_budget`; `money` tells what tokens cost, None where no price is known, and `why`
    then says why not.
    """

    def __init__(
        self,
        path: Path | None,
        limits: Mapping[str, float],
        money: Callable[[Usage], float | None] | None = None,
        *,
        stage: str = "",
        why: str = "",
    ) -> None:
        self.path, self.limits, self.stage = path, dict(limits), stage
        self._money = money
        self._lock = threading.Lock()
        self._kept: dict[str, Any] = dict(_NOTHING)
        if "money" in limits and (money is None or money(Usage()) is None):
            told = "a budget of money needs the price of the model" + (f": {why}" if why else "")
            raise UsageFault(told, hint="give one in --prices FILE")
        self._fd = -1 if path is None else _opened(path)
        with self._locked():
            self._read()

    def enter(self) -> None:
        """Count one request; BudgetSpent, and none counted, where a limit is reached."""
        with self._locked():
            state = self._read()
            for unit, limit in self.limits.items():
                if _spent(state, unit) >= limit:
                    raise BudgetSpent(
                        f"the budget of {_amount(limit, unit)} is spent ({_told(state)})",
                        hint="to go on, give a larger --budget, and --resume",
                    )
            self._write(state, {"requests": 1})

    def paid(self, usage: Usage) -> None:
        """Count what a request cost."""
        cost = {"tokens_in": usage.tokens_in, "tokens_out": usage.tokens_out, "cached": usage.cached}
        money = self._money(usage) if self._money is not None else None
        with self._locked():
            self._write(self._read(), cost if money is None else {**cost, "money": money})

    def totals(self) -> dict[str, Any]:
        """What has been spent by all: requests, tokens_in, tokens_out, cached, money, and `by` stage."""
        with self._locked():
            return self._read()

    def close(self) -> None:
        """Close the file."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with self._lock:
            if self.path is None:
                yield
                return
            fcntl.flock(self._fd, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._fd, fcntl.LOCK_UN)

    def _read(self) -> dict[str, Any]:
        if self.path is None:
            return {**self._kept, "by": {stage: dict(sums) for stage, sums in self._kept.get("by", {}).items()}}
        raw = os.pread(self._fd, os.fstat(self._fd).st_size, 0).strip()
        try:
            state: Any = orjson.loads(raw) if raw else {**_NOTHING, "by": {}}
        except orjson.JSONDecodeError:
            state = None
        if not _is_ledger(state):
            raise DiveError(f"{self.path} is not a ledger", hint="name another file, and keep this one")
        return state  # type: ignore[no-any-return]

    def _write(self, state: dict[str, Any], more: Mapping[str, float]) -> None:
        sums = [state, state["by"].setdefault(self.stage, dict(_NOTHING))] if self.stage else [state]
        for each in sums:
            each.update({name: rounded(each.get(name, 0) + value) for name, value in more.items()})
        if self.path is None:
            self._kept = state
            return
        data = orjson.dumps(state)
        room = max((len(data) // _BLOCK + 1) * _BLOCK, os.fstat(self._fd).st_size)
        try:
            os.pwrite(self._fd, data.ljust(room - 1) + b"\n", 0)
        except OSError as fault:
            raise DiveError(f"cannot write {self.path}: {fault.strerror}") from None


def _opened(path: Path) -> int:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as fault:
        raise DiveError(f"cannot open the ledger {path}: {fault.strerror}") from None


def _is_ledger(state: Any) -> bool:
    return isinstance(state, dict) and isinstance(state.get("by"), dict) and state.keys() >= _NOTHING.keys()


def _spent(state: Mapping[str, Any], unit: str) -> float:
    return state["tokens_in"] + state["tokens_out"] if unit == "tokens" else state.get(unit, 0)


def _amount(number: float, unit: str) -> str:
    shown = f"{number:,.10g}"
    return f"{shown} in money" if unit == "money" else f"{shown} {unit}"


def _told(state: Mapping[str, Any]) -> str:
    units = UNITS if "money" in state else UNITS[:2]
    return ", ".join(_amount(_spent(state, unit), unit) for unit in units)


def parse_budget(texts: Sequence[str]) -> dict[str, float]:
    """The limits that `requests=2000`, `tokens=5e6`, `tokens=5M` and `money=25` stand for."""
    limits: dict[str, float] = {}
    for text in texts:
        unit, _, number = text.partition("=")
        found = re.fullmatch(r"(\d+(?:\.\d+)?(?:[eE]\+?\d+)?)([kMG]?)", number.strip())
        value = float(found[1]) * _SCALE[found[2]] if found else 0.0
        if unit not in UNITS or not 0 < value < math.inf or (unit != "money" and value != int(value)):
            raise UsageFault(f"--budget {text}: not a limit", hint="requests=2000, tokens=5e6, tokens=5M or money=25")
        if unit in limits:
            raise UsageFault(f"--budget {text}: {unit} has a limit already")
        limits[unit] = value
    return limits
