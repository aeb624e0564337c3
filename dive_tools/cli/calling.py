"""The options of every command that calls tools: which pool, which cassette, what may be called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dive_tools.cli.options import pool_option
from dive_tools.errors import UsageFault

if TYPE_CHECKING:
    from dive_tools.pool import Pool
    from dive_tools.tools.door import Door

_FILE = click.Path(path_type=Path, dir_okay=False)
_OLD = click.Path(path_type=Path, exists=True, dir_okay=False)


@dataclass(frozen=True, kw_only=True)
class Tape:
    """Which cassettes are played back from and recorded to."""

    cassette: Path | None = None
    over: tuple[Path, ...] = ()
    on_miss: str = "live"
    replay: bool = False

    @property
    def missing(self) -> str:
        """What to do about what no cassette holds: live, drop or error."""
        return "drop" if self.replay else self.on_miss

    def open(self) -> Any:
        """The cassette: recorded to when calls may be live, else only read; None where there is none."""
        if self.missing != "live" and not (self.cassette or self.over):
            raise UsageFault("--replay needs the --cassette to replay from")
        if not (self.cassette or self.over):
            return None
        from dive_tools.cassette import Cassette

        if self.missing == "live" or not self.cassette:
            return Cassette(self.cassette, self.over)
        return Cassette(None, (self.cassette, *self.over))


@dataclass(frozen=True, kw_only=True)
class Calling:
    """How tools are called; `open` gives the pool and its door, in whichever process asks."""

    pool: tuple[str, ...] = ("builtin",)
    tape: Tape = Tape()
    allow_effects: Path | None = None

    def open(self) -> tuple[Pool, Door]:
        """The pool and the door to its tools."""
        from dive_tools.pool import attempts, load
        from dive_tools.tools.door import Door

        pool = load(self.pool)
        tape, allowed = self.tape.open(), self._allowed()
        return pool, Door(pool.tools, cassette=tape, on_miss=self.tape.missing, allow=allowed, **attempts(pool))

    def _allowed(self) -> dict[str, str]:
        from dive_tools.pool import read_effects

        return read_effects(self.allow_effects) if self.allow_effects else {}


class Staged:
    """A stage with its door's counts for the closing line, and its pool for the sidecar."""

    def __init__(self, make: Callable[..., Any], calling: Calling, **options: Any) -> None:
        self.pool, self.door = calling.open()
        self.stage = make(self.pool, self.door, **options)

    def __call__(self, record: dict[str, Any]) -> Any:
        return self.stage(record)

    @property
    def counters(self) -> dict[str, int]:
        """How many calls were asked of the door."""
        return {"calls": self.door.calls}

    def provenance(self) -> dict[str, Any]:
        """The pool, its licences and its sensitivities."""
        return {"pool": self.pool.facts()}

    def close(self) -> None:
        """Close the cassette."""
        if self.door.cassette is not None:
            self.door.cassette.close()


def gathered(name: str, make: Callable[..., Any], fields: tuple[str, ...], options: list[Any]) -> Callable[[Any], Any]:
    """A decorator that adds options and hands them over as the one argument `name`, made of the `fields`."""

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        @wraps(function)
        def callback(*args: Any, **given: Any) -> None:
            made = make(**{each: given.pop(each) for each in fields})
            function(*args, **given, **{name: made})

        for option in options:
            option(callback)
        return callback

    return decorate


_TAPE = [
    click.option("--cassette", type=_FILE, help="Record here what is not pure, calls and replies, and play it back."),
    click.option("--over", multiple=True, type=_OLD, help="More cassettes to play back from, read only."),
    click.option(
        "--on-miss",
        type=click.Choice(["live", "drop", "error"]),
        default="live",
        show_default=True,
        help="What to do about a call or a reply that no cassette holds.",
    ),
    click.option("--replay", is_flag=True, help="Make no live call and ask no model: same as --on-miss drop."),
]
_TAPED = ("cassette", "over", "on_miss", "replay")

# turns the options about cassettes into one Tape
tape_options = gathered("tape", Tape, _TAPED, _TAPE)


def _calling(pool: tuple[str, ...], allow_effects: Path | None, **tape: Any) -> Calling:
    return Calling(pool=pool, allow_effects=allow_effects, tape=Tape(**tape))


# turns the options about calling tools into one Calling
calling_options = gathered(
    "calling",
    _calling,
    ("pool", "allow_effects", *_TAPED),
    [
        pool_option("The tools to call:"),
        *_TAPE,
        click.option("--allow-effects", type=_OLD, help="Reviewed file: one line a tool, NAME none|read|write REASON."),
    ],
)
