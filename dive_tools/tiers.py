"""Tiers: how far an exam lies from training, and the plan of what is held out for that.

A tier of `TIERS` is a builder of task records: it says which seeds, tools and question families `dive-sample` draws
from, what scores its tasks, and what they must be apart in from the tasks of training; the usual pipe makes the tasks.

| tier | seeds | tools | question families |
|---|---|---|---|
| train | of the training split | all but those held out, a toolset for each task | all but those held out |
| L1 | held out | as in training | as in training |
| L2 | held out | one small toolset, the same for each task | only those held out |
| L3-pool | held out | only those held out, a toolset for each task | all |

A tier need not come from here. A task record with `setup.tier`, whoever wrote it (a reader of a public benchmark, a
stateful environment), is examined and summed up under that name; one that `TIERS` does not know is apart in `APART`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from dive_tools.errors import DiveError, UsageFault
from dive_tools.samples import home
from dive_tools.symbolic.patterns import NAMES

Families = dict[str, list[str]]  # {"only": [...]} or {"not": [...]}

APART = ("seeds", "questions")  # every exam; a tier may also be apart in "families", "toolsets" and "tools"

TEST_SHARE = 0.1  # of the seeds, where a plan does not say
_KEYS = ("hold_out", "families", "toolset")
_TEXTS = {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"type": "string", "minLength": 1}}
PLAN: dict[str, Any] = {
    "type": "object",
    "required": list(_KEYS),
    "additionalProperties": False,
    "properties": {
        **dict.fromkeys(_KEYS, _TEXTS),
        "test_share": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    },
}


@dataclass(frozen=True)
class Exam:
    """What an exam holds out of training."""

    hold_out: tuple[str, ...]  # families of tools, as `dive-sample --hold-out` names them: "domain:medicine"
    families: tuple[str, ...]  # of questions: patterns
    toolset: tuple[str, ...]  # the tools of every L2 task
    test_share: float  # of the seeds


@dataclass(frozen=True)
class Draw:
    """What a tier draws setups from; `dive_tools.sample.Plan` has the fields of the same names."""

    split: str
    tools_of: str  # the split whose tools are drawn
    families: Families = field(default_factory=dict)
    fixed: tuple[str, ...] = ()  # the toolset of every setup


@dataclass(frozen=True)
class Tier:
    """A builder of task records: what is drawn, its scorer (`task.scorer`), and what it is apart in from training."""

    draw: Callable[[Exam], Draw]
    scorer: str = "answer"
    apart: tuple[str, ...] = APART


TIERS: dict[str, Tier] = {
    "train": Tier(lambda exam: Draw("train", "train", {"not": list(exam.families)})),
    "L1": Tier(lambda exam: Draw("test", "train", {"not": list(exam.families)})),
    "L2": Tier(
        lambda exam: Draw("test", "train", {"only": list(exam.families)}, exam.toolset),
        apart=(*APART, "families", "toolsets"),
    ),
    "L3-pool": Tier(lambda exam: Draw("test", "test"), apart=(*APART, "tools")),
}


def read(path: Path | None = None) -> Exam:
    """The plan of an exam, from a JSON file; by default the one among the samples."""
    import jsonschema_rs

    path = path or home() / "exam.json"
    try:
        found = orjson.loads(path.read_bytes())
    except OSError as fault:
        raise DiveError(f"cannot read {path}: {fault.strerror}") from None
    except orjson.JSONDecodeError as fault:
        raise UsageFault(f"{path} is not JSON: {fault}") from None
    wrong = next(jsonschema_rs.validator_for(PLAN).iter_errors(found), None)
    if wrong is not None:
        where = "".join(f"/{token}" for token in wrong.instance_path)
        raise UsageFault(
            f"{path}{': ' + where if where else ''}: {wrong.message}", hint=f"as in {home() / 'exam.json'}"
        )
    unknown = [name for name in found["families"] if name not in NAMES]
    if unknown:
        raise UsageFault(f"{path}: no question family {', '.join(unknown)}", hint=f"there are {', '.join(NAMES)}")
    hold_out, families, toolset = (tuple(found[key]) for key in _KEYS)
    return Exam(hold_out, families, toolset, found.get("test_share", TEST_SHARE))


def apart(tier: str | None) -> tuple[str, ...]:
    """What the tasks of a tier must be apart in from those of training."""
    return TIERS[tier].apart if tier in TIERS else APART


def allows(families: Mapping[str, Sequence[str]] | None, pattern: str, inner: Iterable[str] = ()) -> bool:
    """Whether a setup's `families` leave room for a task of a pattern, whose proof holds steps of `inner` patterns."""
    families = families or {}
    held = set(families.get("not", ()))
    return pattern in families.get("only", [pattern]) and held.isdisjoint([pattern, *inner])
