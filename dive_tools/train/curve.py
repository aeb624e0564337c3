"""The course of training runs: what their metrics say, drawn for a terminal and as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from dive_tools.errors import BadRecord, DiveError

# what is drawn of a run, the first that its metrics have: (member, what it is called)
DRAWN = (("pass_rate", "rollouts that are right"), ("reward", "mean reward"), ("loss", "loss"))
Score = tuple[str, float, float, float]


@dataclass(frozen=True)
class Curve:
    """One measure of one run: `steps` and `values` are as long as one another."""

    run: str
    measure: str
    steps: tuple[int, ...]
    values: tuple[float, ...]

    def smooth(self, window: int = 0) -> tuple[float, ...]:
        """The running mean over `window` steps before and with each; by default a tenth of the run."""
        wide = window or max(1, len(self.values) // 10)
        return tuple(
            sum(part) / len(part)
            for end in range(1, len(self.values) + 1)
            if (part := self.values[max(0, end - wide) : end])
        )


def read(path: Path) -> list[dict[str, Any]]:
    """The lines of a run's metrics: of a folder that dive-train made, or a file of JSON lines."""
    file = path / "metrics.jsonl" if path.is_dir() else path
    try:
        lines = file.read_bytes().splitlines()
    except OSError as fault:
        raise DiveError(f"cannot read {file}: {fault.strerror}", hint="name a folder that dive-train made") from None
    found = []
    for number, line in enumerate(lines, 1):
        try:
            said = orjson.loads(line)
        except orjson.JSONDecodeError as fault:
            raise BadRecord(f"{file}:{number}: not JSON: {fault}") from None
        if isinstance(said, dict) and isinstance(said.get("step"), int):
            found.append(said)
    return found


def curve(path: Path) -> Curve:
    """What is drawn of a run; DiveError where it has logged nothing."""
    lines = read(path)
    for member, called in DRAWN:
        points = [(line["step"], float(line[member])) for line in lines if isinstance(line.get(member), int | float)]
        if points:
            steps, values = zip(*points, strict=True)
            return Curve(path.name or str(path), called, steps, values)
    raise DiveError(f"{path} has logged no step", hint="train longer, or with a smaller --log-every")


def scored(file: Path) -> Score:
    """(name, mean, low, high) in percent, of a summary that dive-eval --summary wrote; BadRecord for anything else."""
    try:
        found = orjson.loads(file.read_bytes())["pass@1"]
        return file.stem, 100 * found["value"], 100 * found["low"], 100 * found["high"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise BadRecord(f"{file} is no summary with a score", hint="dive-eval --summary runs.jsonl > it") from None


def printed(curves: Sequence[Curve], width: int = 72, height: int = 12) -> str:
    """The curves one below another, for a terminal of `width` characters."""
    import plotext

    drawn = []
    for one in curves:
        plotext.clear_figure()
        plotext.theme("clear")
        plotext.plot_size(width, height)
        plotext.plot(one.steps, one.smooth(), marker="braille")
        plotext.title(f"{one.run}: {one.measure}")
        plotext.xlabel("step")
        drawn.append(plotext.build())
    return "\n".join(drawn)


def picture(curves: Sequence[Curve], path: Path, scores: Sequence[Score] = ()) -> None:
    """Draw the curves side by side into a PNG, PDF or SVG; `scores` of an exam (name, mean, low, high) beside them."""
    from matplotlib.figure import Figure

    columns = len(curves) + bool(scores)
    figure = Figure(figsize=(4.2 * columns, 3.4), layout="constrained")
    axes = figure.subplots(1, columns, squeeze=False)[0]
    for place, one in zip(axes, curves, strict=False):
        place.plot(one.steps, one.values, color="tab:blue", alpha=0.25)
        place.plot(one.steps, one.smooth(), color="tab:blue")
        place.set(title=one.run, xlabel="step", ylabel=one.measure)
        place.grid(alpha=0.3)
    if scores:
        spread = [[mean - low for _, mean, low, _ in scores], [high - mean for _, mean, _, high in scores]]
        axes[-1].bar([one[0] for one in scores], [one[1] for one in scores], yerr=spread, capsize=4, color="tab:green")
        axes[-1].set(title="exam", ylabel="right (%)", ylim=(0, 100))
    try:
        figure.savefig(path, dpi=120)
    except (OSError, ValueError) as fault:
        raise DiveError(f"cannot draw {path}: {fault}") from None
