"""Lines to export: attempts made by hand with any arguments, and how a test exports them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from shell import bash

from dive_tools.models.base import function_of
from dive_tools.pool import Pool, builtin
from dive_tools.train.exports import Context, Options, export

TOOLS = ("great_circle_distance", "compass_direction")


@cache
def pool() -> Pool:
    """The built-in tools."""
    return builtin()


PIPE = """
dive-sample -n 10 --seed 7 --domain geography | dive-collect | dive-derive | dive-verify > tasks.jsonl
dive-eval tasks.jsonl --model plan | dive-eval --schemas > runs.jsonl
"""


@cache
def made() -> tuple[list[Any], list[Any]]:
    """(tasks, the teacher's attempts at them), made by the commands."""
    with tempfile.TemporaryDirectory() as folder:
        done = bash(f"set -euo pipefail; {PIPE}", Path(folder), timeout=300)
        assert done.returncode == 0, done.stderr.decode()
        return lines(Path(folder, "tasks.jsonl")), lines(Path(folder, "runs.jsonl"))


def attempt(place: int, arguments: Iterable[Any], *, reasoning: str = "") -> dict[str, Any]:
    """A right attempt whose calls have these arguments, made in pairs, whatever their tools would say to them."""
    given = list(arguments)
    calls = [
        {"id": f"call{number}", "type": "function", "function": {"name": TOOLS[number % 2], "arguments": each}}
        for number, each in enumerate(given)
    ]
    asked = {"role": "assistant", "content": "", **({"reasoning": reasoning} if reasoning else {}), "tool_calls": calls}
    told = [
        {"role": "tool", "tool_call_id": call["id"], "content": json.dumps({"result": {"km": 12.5}})} for call in calls
    ]
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "How far is it? Où ça? 日本"},
        asked,
        *told,
        {"role": "assistant", "content": "Answer: 12.5"},
    ]
    return {
        "id": f"hand-{place}.plan.0",
        "setup": {
            "domain": "geography",
            "seed": {"value": "Kenya", "type": "country"},
            "tools": {name: pool().tools[name].version for name in TOOLS},
            "exemplars": [],
        },
        "task": {
            "round": 1,
            "question": "How far is it?",
            "answer": {"value": 12.5, "type": "number"},
            "support": {"call": "c1", "pointer": "/km"},
            "by": "hand",
        },
        "run": {
            "attempt": 0,
            "model": "plan",
            "messages": messages,
            "ending": "answered",
            "outcome": "right",
            "score": 1.0,
            "answer": "12.5",
            "calls": {"made": len(given), "errors": 0, "repeated": 0},
            "usage": {},
            "rests": {"calls": 1, "cited": []},
        },
        "tools": [json.loads(function_of(pool().tools[name]).wire) for name in TOOLS],
    }


def exported(
    name: str, records: Iterable[Any], out: Path, *, reject: Callable[[Any], Any] = lambda _: None, **options: Any
) -> dict[str, int]:
    """The counts of an export over the built-in tools."""
    context = Context(pool(), options=Options(**options), reject=reject)
    return export(name, records, out, context)


def lines(path: Path) -> list[Any]:
    """The JSON lines of a file."""
    return [json.loads(line) for line in path.read_bytes().splitlines()]
