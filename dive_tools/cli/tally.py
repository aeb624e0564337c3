"""What a run did: its counts, its closing line and bar, and the sidecar beside its output."""

from __future__ import annotations

import os
import re
import stat
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Tally:
    """How many inputs were read, and how each ended."""

    verb: str = "in"
    read: int = 0
    taken_in: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    started: float = field(default_factory=time.monotonic)

    def add(self, reason: str) -> None:
        """One more input, kept when the reason is empty."""
        self.read += 1
        if reason:
            self.reasons[reason] += 1

    def take_in(self) -> None:
        """One more input, which is in the line of another."""
        self.read += 1
        self.taken_in += 1

    def __iadd__(self, other: Tally) -> Tally:
        self.read += other.read
        self.taken_in += other.taken_in
        self.reasons += other.reasons
        return self

    @property
    def dropped(self) -> int:
        return self.reasons.total()

    def counts(self) -> dict[str, int]:
        """Every count by its word, the most frequent reason first."""
        kept = self.read - self.dropped - self.taken_in
        ends = {"kept": kept, "dropped": self.dropped} if self.verb == "in" else {}
        reasons = sorted(self.reasons.items(), key=lambda item: (-item[1], item[0]))
        taken = {"taken_in": self.taken_in} if self.taken_in else {}
        return {self.verb: self.read, **ends, **taken, **dict(reasons)}

    def closing(self, name: str, extra: dict[str, int]) -> str:
        """`dive-verify: in=1000 kept=812 dropped=188 ungrounded=148 leak=40 3.2s`"""
        words = [f"{word}={count}" for word, count in {**self.counts(), **extra}.items()]
        return f"{name}: {' '.join(words)} {time.monotonic() - self.started:.1f}s\n"


def bar(out: int, *, to_file: bool, quiet: bool, total: int | None) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """(step, close) of a progress bar; they do nothing where no terminal watches or another command's bar stands."""
    mode = os.fstat(out).st_mode
    piped = stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)
    if quiet or not sys.stderr.isatty() or piped or (os.isatty(out) and not to_file):
        return (lambda: None), (lambda: None)
    from tqdm import tqdm

    shown = tqdm(total=total, unit=" records", leave=False, dynamic_ncols=True)
    return shown.update, shown.close


def sidecar(output: Path) -> Path:
    """Where the facts about `output` are kept."""
    return output.with_name(output.name + ".meta.json")


def write_sidecar(output: Path, counts: dict[str, int], seed: int, provenance: dict[str, Any]) -> None:
    """Write how `output` was made, all at once; nothing from the environment goes in."""
    import orjson

    command = [_own_name(), *public(sys.argv[1:])]
    versions = {"python": sys.version.split()[0], "dive-tools": version(), **provenance.pop("versions", {})}
    facts = {"command": command, "versions": versions, "seed": seed, "counts": counts, **provenance}
    half = sidecar(output).with_suffix(".part")
    half.write_bytes(orjson.dumps(facts, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    half.replace(sidecar(output))


def public(words: list[str]) -> Iterator[str]:
    """The arguments without what may be secret: who asks, and what is asked, in a URL; further members of requests."""
    before = ""
    for word in words:
        option, equals, _ = word.partition("=")
        if before in _PRIVATE:
            yield "…"
        elif option in _PRIVATE and equals:
            yield f"{option}=…"
        else:
            yield re.sub(r"(://)[^/\s?#]*@|\?\S*", r"\1", word) if "://" in word else word
        before = word


_PRIVATE = ("--extra",)


def _own_name() -> str:
    """The name of the command that runs, also from a checkout, where sys.argv begins with a module's file."""
    import click

    running = click.get_current_context(silent=True)
    return (running.find_root().info_name if running else None) or Path(sys.argv[0]).name


def version() -> str:
    """The version of dive-tools, from the installed package or else from the checkout."""
    from importlib import metadata

    try:
        return metadata.version("dive-tools")
    except metadata.PackageNotFoundError:
        import tomllib

        project = Path(__file__).parents[2] / "pyproject.toml"
        return tomllib.loads(project.read_text())["project"]["version"]
