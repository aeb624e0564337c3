"""What people read of a plan: a table of its stages, their commands, and every figure with where it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dive_tools.train.plan import Known, Stage

_COLUMNS = ("stage", "in", "out", "model calls", "tokens in", "tokens out", "disk", "hours", "GPU hours")
_ROW = "{:<14}{:>9}{:>9}{:>13}{:>11}{:>12}{:>9}{:>8}{:>11}"


def page(known: Known, found: Sequence[Stage], total: Stage, sources: Mapping[str, str]) -> Iterator[str]:
    """The lines of a plan, of which `total` is the sum; `sources` says of each figure where it comes from."""
    from dive_tools.train.figures import FIGURES

    priced = bool(known.price)
    yield (_ROW.format(*_COLUMNS) + ("     money" if priced else "")).rstrip()
    for stage in [*found, total]:
        yield _line(known, stage, priced)
    yield ""
    yield from _block("commands (make reproduce-dry prints them in full)", ((s.name, s.command) for s in found))
    if known.notes:
        yield "notes"
        yield from (f"  {note}" for note in known.notes)
        yield ""
    yield f"hours: all {known.gpus:.0f} {known.chip} and {known.jobs:.0f} cores at once; GPU hours: of one"
    for source in dict.fromkeys(sources.values()):
        rows = (f for f in FIGURES if sources[f.name] == source)
        yield source
        yield from (
            f"  {'--' + f.name.replace('_', '-'):<22}{number(known.values[f.name]):>13}  {f.what}" for f in rows
        )


def _block(title: str, rows: Iterator[tuple[str, str]]) -> Iterator[str]:
    yield title
    yield from (f"  {name:<14}{text}" for name, text in rows)
    yield ""


def _line(known: Known, stage: Stage, priced: bool) -> str:
    counts = (stage.taken, stage.made, stage.requests, stage.tokens_in, stage.tokens_out)
    words = [stage.name, *(_short(count) if count else "" for count in counts), _short(stage.disk, "B")]
    words += [_hours(stage.hours), _hours(stage.gpu_hours) if stage.gpu_hours else ""]
    money = f"{stage.gpu_hours * known.price:>10,.0f}" if priced else ""
    return (_ROW.format(*words) + money).rstrip()


def _hours(hours: float) -> str:
    return f"{hours:,.0f}" if hours >= 100 else f"{hours:.1f}" if hours >= 0.95 else f"{hours:.2f}"


def _short(count: float, unit: str = "") -> str:
    """A count in three digits: 114k, 1.28G, 18.9 GB."""
    for size, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if count >= size * 0.9995:
            return f"{count / size:.3g}{letter}{unit}" if count / size < 999.5 else f"{count / size:.0f}{letter}{unit}"
    return f"{count:.0f}{unit}"


def number(value: float) -> str:
    """A figure as people write it."""
    if value >= 1e6:
        return f"{value:.3g}"
    return f"{value:,.0f}" if value == int(value) else f"{value:.3g}"
