"""An answer in the form that a solver is asked for: what stands behind `Answer: `."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from dive_tools.score.numbers import LARGEST


def forms(answer: Mapping[str, Any]) -> Iterator[str]:
    """The ways to write an answer, the plainest first; each is one line, but for a text."""
    value, kind = answer["value"], answer["type"]
    if kind == "text":
        yield str(value)
    elif kind == "boolean":
        yield "yes" if value else "no"
    elif isinstance(value, list | dict):
        yield json.dumps(value, ensure_ascii=False)
        yield _escaped(value)
    elif isinstance(value, int | float):
        yield _digits(value)
    elif isinstance(value, str):
        if value.strip() and len(value.splitlines()) == 1:
            yield value.strip()
        yield json.dumps(value, ensure_ascii=False)
        yield _escaped(value)


def _digits(value: float) -> str:
    """A number in digits: 1075000000 for 1075000000.0, and as Python writes it where it is no whole one."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return repr(value) if math.isfinite(value) and abs(value) <= LARGEST else ""


def _escaped(value: Any) -> str:
    r"""The value as JSON in which every sign of a text is escaped (\u0041 for A), so that none reads as mark-up."""
    if isinstance(value, str):
        return '"' + "".join(f"\\u{unit:04x}" for unit in _units(value)) + '"'
    if isinstance(value, list):
        return f"[{', '.join(map(_escaped, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_escaped(name)}: {_escaped(part)}" for name, part in value.items()) + "}"
    return json.dumps(value)


def _units(text: str) -> list[int]:
    """The text in units of UTF-16, as JSON escapes it."""
    coded = text.encode("utf-16-le", "surrogatepass")
    return [int.from_bytes(coded[at : at + 2], "little") for at in range(0, len(coded), 2)]
