"""How far a judge can be trusted: it is asked about replies that people have scored, and its mistakes are counted.

A case is `{"id", "question", "answer": {"value", "type": "text", "claims"?}, "reply", "right", "why"?}`: `right` is the
score that people gave, `why` says in a word what makes the reply so. A reply is read as that of a run is, so that the
judge sees what `score.final` finds in it. `samples/judge.jsonl` holds labelled cases; one's own, with the questions
and the mistakes of one's own field, say more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from dive_tools import score
from dive_tools.errors import BadRecord, StopAll, UsageFault
from dive_tools.intervals import wilson
from dive_tools.models.base import ModelError, Usage
from dive_tools.prompted.judge import Judge, Judged
from dive_tools.records import ANSWER, digest

PURPOSE = "calibrate:judge"
PLACES = 4  # decimals of a share
NO_WHY = "unsaid"

_TEXT = {"type": {"const": "text"}, "value": {"type": "string", "minLength": 1}}

Case = Mapping[str, Any]
CASE: dict[str, Any] = {
    "type": "object",
    "required": ["id", "question", "answer", "reply", "right"],
    "properties": {
        "id": {"type": "string", "minLength": 1},
        "question": {"type": "string", "minLength": 1},
        "answer": {**ANSWER, "properties": {**ANSWER["properties"], **_TEXT}},
        "reply": {"type": "string"},
        "right": {"type": "boolean"},
        "why": {"type": "string", "minLength": 1},
    },
}


async def calibrate(cases: Iterable[Case], judge: Judge, places: Sequence[str] = ()) -> dict[str, Any]:
    """How often the judge agrees with people, and where it does not; BadRecord for a case off the schema.

    A false positive is a wrong reply that the judge finds right: its share is of the wrong replies that it scored.
    Replies that it left unscored are in no share but their own. `places` says where each case stands.
    """
    rows = _checked(cases, places)
    return summary(rows, await _asked(rows, judge), judge)


def summary(rows: Sequence[Case], verdicts: Sequence[Judged], judge: Judge) -> dict[str, Any]:
    """What the verdicts on the cases say of the judge."""
    scored = [(row, found.right) for row, found in zip(rows, verdicts, strict=True) if found.right is not None]
    failed = {row["id"]: found.detail for row, found in zip(rows, verdicts, strict=True) if found.right is None}
    usage = sum((found.usage for found in verdicts), Usage())
    return {
        "model": judge.model.name,
        "revision": judge.model.revision,
        "prompt": judge.mark,
        "sampling": judge.sampling,
        "cases": len(rows),
        "digest": digest([dict(row) for row in rows]),
        "agreement": share(sum(row["right"] is right for row, right in scored), len(scored)),
        "false_positives": _mistakes(scored, False),
        "false_negatives": _mistakes(scored, True),
        "unscored": {**share(len(failed), len(rows)), "ids": failed},
        "why": _by_why(rows, verdicts),
        "requests": sum(found.requests for found in verdicts),
        "tokens_in": usage.tokens_in,
        "tokens_out": usage.tokens_out,
        "cached": usage.cached,
    }


def share(count: int, of: int) -> dict[str, Any]:
    """A share and its 95 % interval; of nothing there is none."""
    if not of:
        return {"count": count, "of": of, "share": None, "low": None, "high": None}
    low, high = (round(end, PLACES) for end in wilson(count, of))
    return {"count": count, "of": of, "share": round(count / of, PLACES), "low": low, "high": high}


def _mistakes(scored: Sequence[tuple[Case, bool]], label: bool) -> dict[str, Any]:
    """Among the cases with this label, those that the judge scored otherwise."""
    verdicts = {row["id"]: right for row, right in scored if row["right"] is label}
    ids = [name for name, right in verdicts.items() if right is not label]
    return {**share(len(ids), len(verdicts)), "ids": ids}


def _by_why(rows: Sequence[Case], verdicts: Sequence[Judged]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for row, judged in zip(rows, verdicts, strict=True):
        counts = found.setdefault(row.get("why", NO_WHY), {"cases": 0, "agreed": 0, "unscored": 0})
        counts["cases"] += 1
        counts["agreed"] += judged.right is row["right"]
        counts["unscored"] += judged.right is None
    return dict(sorted(found.items()))


# --- the asking ---


async def _asked(rows: Sequence[Case], judge: Judge) -> list[Judged]:
    """The verdict on each case, in order; where one stops the work, the others are waited for first."""
    done = await asyncio.gather(*(_judged(row, judge) for row in rows), return_exceptions=True)
    faults = [one for one in done if isinstance(one, BaseException)]
    if faults:
        raise next((fault for fault in faults if isinstance(fault, StopAll)), faults[0])
    return [one for one in done if isinstance(one, Judged)]


async def _judged(row: Case, judge: Judge) -> Judged:
    said = score.final(row["reply"], whole=True)
    if said is None:
        return Judged(False)  # a reply without an answer is wrong, and no judge is asked
    told = {"record": row["id"], "purpose": PURPOSE, "attempt": 0}
    try:
        return await judge.judged(question=row["question"], answer=row["answer"], said=said, **told)
    except ModelError as error:  # no cassette holds it
        return Judged(None, 1, error.usage, f"{error.kind}: {error.message}")


def _checked(cases: Iterable[Case], places: Sequence[str]) -> list[Case]:
    rows: list[Case] = []
    seen: set[str] = set()
    for number, row in enumerate(cases, 1):
        place = places[number - 1] if places else f"case {number}"
        fault = next(_validator().iter_errors(row), None)
        if fault is not None:
            where = "".join(f"/{token}" for token in fault.instance_path)
            raise BadRecord(f"{place}{where and f', {where}'}: {fault.message}"[:300])
        if row["id"] in seen:
            raise BadRecord(f"{place}: the id {row['id']} is there twice")
        seen.add(row["id"])
        rows.append(row)
    if not rows:
        raise UsageFault("there is no case to calibrate a judge on")
    return rows


@cache
def _validator() -> Any:
    import jsonschema_rs

    return jsonschema_rs.validator_for(CASE)
