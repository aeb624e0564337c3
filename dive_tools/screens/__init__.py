"""The screens of a task that need no call: each a function `Case -> detail | None` under its reason word.

They ask whether a proved answer is also worth asking for, and whether the question asks for just what the support
proves. The checks that call tools again stand in `dive_tools.verify`.
"""

from __future__ import annotations

from collections.abc import Iterator

from dive_tools.screens import (
    added,
    denied,
    english,
    faith,
    free,
    hints,
    proof,
    quantities,
    reworded,
    roles,
    sense,
    stated,
)
from dive_tools.screens.case import ARITHMETIC, CHOOSING, SCREENS, Case, chosen_between
from dive_tools.screens.proof import gives

MODULES = (
    proof,
    sense,
    quantities,
    english,
    faith,
    free,
    stated,
    added,
    denied,
    hints,
    roles,
    reworded,
)  # importing them fills the table
REASONS = (  # the order in which they are looked for: a task is dropped for the first
    "ungrounded", "trivial", "leak",
    "round_trip", "shortcut", "inner_conversion", "odd_arithmetic", "unrelated_comparison",
    "unreadable", "unfaithful",
)  # fmt: skip


def screen(case: Case) -> tuple[str, str] | None:
    """The first (reason, detail) that rejects a task; None when all screens pass."""
    return next(((reason, detail) for reason, detail in outcomes(case) if detail is not None), None)


def outcomes(case: Case) -> Iterator[tuple[str, str | None]]:
    """Every screen's outcome, in order: (reason word, detail or None)."""
    for reason in REASONS:
        yield reason, next((detail for rule in SCREENS[reason] if (detail := rule(case)) is not None), None)


__all__ = [
    "ARITHMETIC", "CHOOSING", "MODULES", "REASONS", "SCREENS", "Case", "chosen_between", "gives", "outcomes", "screen",
]  # fmt: skip
