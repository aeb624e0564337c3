"""The options of every command that calls tools: which pool, which cassette, what may be called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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
class Calling:
    """How tools are called; `open` gives the pool and its door, in whichever process asks."""

    pool: tuple[str, ...] = ("builtin",)
    cassette: Path | None = None
    over: tuple[Path, ...] = ()
    on_miss: str = "live"
    replay: bool = False
    allow_effects: Path | None = None

    def open(self) -> tuple[Pool, Door]:
        """The pool and the door to its tools."""
        from dive_tools.pool import load
        from dive_tools.tools.door import Door

        pool = load(self.pool)
        on_miss = "drop" if self.replay else self.on_miss
        if on_miss != "live" and not (self.cassette or self.over):
            raise UsageFault("--replay needs the --cassette to replay from")
        tape, allowed = self._tape(on_miss), self._allowed()
        return pool, Door(pool.tools, cassette=tape, on_miss=on_miss, allow=allowed, **self._attempts(pool))

    @staticmethod
    def _attempts(pool: Pool) -> dict[str, Any]:
        """How calls of one record keep to sessions of their own, where a server of the pool wants that."""
        if not any(tool.via.get("kind") == "mcp" for tool in pool.tools.values()):
            return {}
        from dive_tools.sources import mcp

        return {"attempt": mcp.attempt}

    def _tape(self, on_miss: str) -> Any:
        """The cassette: recorded to when calls may be live, else only read."""
        if not (self.cassette or self.over):
            return None
        from dive_tools.cassette import Cassette

        if on_miss == "live" or not self.cassette:
            return Cassette(self.cassette, self.over)
        return Cassette(None, (self.cassette, *self.over))

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


def calling_options(function: Callable[..., None]) -> Callable[..., None]:
    """Turns the options about calling tools into one Calling."""
    names = ("pool", "cassette", "over", "on_miss", "replay", "allow_effects")

    def callback(*args: Any, **given: Any) -> None:
        function(*args, Calling(**{name: given.pop(name) for name in names}), **given)

    callback.__doc__, callback.__name__ = function.__doc__, function.__name__
    callback.__click_params__ = getattr(function, "__click_params__", [])  # type: ignore[attr-defined]
    for option in (
        pool_option("The tools to call:"),
        click.option("--cassette", type=_FILE, help="Record calls that are not pure here, and play them back."),
        click.option("--over", multiple=True, type=_OLD, help="More cassettes to play back from, read only."),
        click.option(
            "--on-miss",
            type=click.Choice(["live", "drop", "error"]),
            default="live",
            show_default=True,
            help="What to do about a call that no cassette holds.",
        ),
        click.option("--replay", is_flag=True, help="Make no live call: same as --on-miss drop."),
        click.option("--allow-effects", type=_OLD, help="Reviewed file: one line a tool, NAME none|read|write REASON."),
    ):
        option(callback)
    return callback
