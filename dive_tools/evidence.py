"""What becomes of a record for the calls that were made for it, whoever chose them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dive_tools.records import Drop, Record
from dive_tools.tools.base import Tool

Step = dict[str, Any]


def judged(record: Record, new: list[Step], tools: Mapping[str, Tool]) -> Record | Drop:
    """The record, or a Drop where its new calls do not let it stand: too_little, tools_failed, not_recorded."""
    missing = [step["tool"] for step in new if step.get("error", {}).get("kind") == "not_recorded"]
    if missing:
        return Drop(record, "not_recorded", f"no recorded call of {', '.join(sorted(set(missing)))}")
    broken = [step for step in new if _passing(step, tools)]
    if broken:
        return Drop(record, "tools_failed", f"{broken[0]['tool']}: {broken[0]['error']['message']}")
    if not any("result" in step for step in record["evidence"]):
        if not new:
            return Drop(record, "too_little", "nothing in the toolset can be called from this seed")
        return Drop(record, "tools_failed", f"{new[0]['tool']}: {new[0]['error']['message']}")
    return record


def _passing(step: Step, tools: Mapping[str, Tool]) -> bool:
    """Whether a call failed in a way that another try may not: on the clock, or in the world."""
    kind = step.get("error", {}).get("kind")
    pure = tools[step["tool"]].effects == "none"
    return kind in ("over_time", "unreachable") or (kind in ("crashed", "bad_result") and not pure)
