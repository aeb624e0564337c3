"""The record: one JSON object per line, to which every stage adds its own key.

A record is a plain `dict`, so that keys which a stage does not know pass through untouched. This module is the
whole schema: what each key holds, what each stage needs, and how a setup gets its id.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson

from dive_tools.errors import BadRecord

Record = dict[str, Any]

ANSWER_TYPES = ("number", "integer", "string", "boolean", "date", "set", "list", "map", "text")
SCORERS = ("answer", "missing")  # how a task is scored: against its answer, or as one whose toolset lacks something
ENDINGS = ("answered", "budget", "gave_up", "model_error", "not_run")  # of an attempt: agent.ENDINGS, or none began
OUTCOMES = ("right", "wrong", "no_answer", "missing", "unscored")  # missing: it said that the tools lack something

_OBJECT = {"type": "object"}
_NAME = {"type": "string", "minLength": 1}

SETUP: dict[str, Any] = {
    "type": "object",
    "required": ["domain", "seed", "tools", "exemplars"],
    "properties": {
        "domain": _NAME,
        "seed": {"type": "object", "required": ["value", "type"], "properties": {"type": _NAME}},
        "tools": {"type": "object", "minProperties": 1, "additionalProperties": {"type": "string"}},
        "exemplars": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "question", "pattern"],
                "properties": {"id": _NAME, "question": _NAME, "pattern": _NAME},
            },
        },
        "split": {"type": "string"},
        "seed_number": {"type": "integer"},
        "draw": {"type": "integer"},
        "tier": _NAME,
        "families": {"type": "object", "additionalProperties": {"type": "array", "items": _NAME}},
        "of": _NAME,
    },
}

CALL: dict[str, Any] = {
    "type": "object",
    "required": ["call", "round", "tool", "arguments", "arguments_from"],
    "properties": {
        "call": {"type": "string", "pattern": "^c[1-9][0-9]*$"},
        "round": {"type": "integer", "minimum": 1},
        "tool": _NAME,
        "arguments": _OBJECT,
        "arguments_from": {"type": "object", "additionalProperties": _OBJECT},
        "error": {
            "type": "object",
            "required": ["kind", "message"],
            "properties": {"kind": _NAME, "message": {"type": "string"}},
        },
    },
    "oneOf": [{"required": ["result"]}, {"required": ["error"]}],
}

ANSWER: dict[str, Any] = {
    "type": "object",
    "required": ["value", "type"],
    "properties": {
        "type": {"enum": list(ANSWER_TYPES)},
        "unit": {"type": "string"},
        "tolerance": {"type": "number", "minimum": 0},
        "aliases": {"type": "array", "items": {"type": "string"}},
        "claims": {"type": "array", "minItems": 1, "items": _NAME},
    },
}

TASK: dict[str, Any] = {
    "type": "object",
    "required": ["round", "question", "answer", "support", "by"],
    "properties": {
        "round": {"type": "integer", "minimum": 1},
        "question": _NAME,
        "answer": ANSWER,
        "support": _OBJECT,
        "by": _NAME,
        "original": _NAME,
        "reworded_by": _NAME,
        "reworded": {"type": "string"},
        "pattern": {"type": "string"},
        "scorer": {"enum": list(SCORERS)},
        "missing": _OBJECT,
        "stalled": {"type": "array", "items": {"type": "integer"}},
        "history": {"type": "array", "items": _OBJECT},
    },
}

VERDICT: dict[str, Any] = {
    "type": "object",
    "required": ["checks"],
    "properties": {"checks": {"type": "object", "additionalProperties": {"type": "string"}}},
}

_COUNT = {"type": "integer", "minimum": 0}
_SHARE = {"type": ["number", "null"], "minimum": 0, "maximum": 1}
_SPENT = {"type": ["number", "null"], "minimum": 0}
_WORDS = {"type": "object", "additionalProperties": {"type": "string"}}

RESTS: dict[str, Any] = {
    "type": "object",
    "required": ["calls", "cited"],
    "properties": {
        "calls": _COUNT,
        "cited": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool", "arguments"],
                "properties": {"tool": _NAME, "pointer": {"type": "string"}, "digest": _NAME},
            },
        },
    },
}

CLOTHES: dict[str, Any] = {
    "type": "object",
    "properties": {
        "kinds": {"type": "array", "items": _NAME},  # none: as the tools are
        "seed": {"type": "integer"},
        "of": _NAME,
        "names": _WORDS,
        "distractors": _WORDS,
    },
}

RUN: dict[str, Any] = {
    "type": "object",
    "required": ["attempt", "model", "messages", "ending", "outcome", "score", "calls", "usage", "rests"],
    "properties": {
        "attempt": _COUNT,
        "model": _NAME,
        "revision": {"type": "string"},
        "prompt": {"type": "string"},
        "sampling": _OBJECT,
        "budget": _OBJECT,
        "messages": {"type": "array", "items": {"type": "object", "required": ["role"]}},
        "ending": {"enum": list(ENDINGS)},
        "detail": {"type": "string"},
        "answer": {"type": "string"},
        "outcome": {"enum": list(OUTCOMES)},
        "score": _SHARE,
        "parts": _SHARE,
        "judged": _OBJECT,
        "lucky": {"const": True},
        "error": {"type": "string"},
        "calls": {
            "type": "object",
            "required": ["made", "errors", "repeated"],
            "properties": {"made": _COUNT, "errors": _COUNT, "repeated": _COUNT, "recovered": {"type": "boolean"}},
        },
        "usage": {
            "type": "object",
            "properties": dict.fromkeys(("requests", "tokens_in", "tokens_out", "cached", "seconds"), _SPENT),
        },
        "rests": RESTS,
        "clothes": CLOTHES,
        "until": {"type": "integer", "minimum": 1},
    },
}

FRONTIER: dict[str, Any] = {
    "type": "object",
    "required": ["solved", "attempts", "model"],
    "properties": {"solved": _COUNT, "lucky": _COUNT, "attempts": _COUNT, "model": _NAME, "rests": RESTS},
}

ASKED: dict[str, Any] = {
    "type": "object",
    "required": ["stage", "round", "model", "revision", "prompt", "requests", "tokens_in", "tokens_out", "cached"],
    "properties": {
        "stage": _NAME,
        "round": {"type": "integer", "minimum": 1},
        "model": _NAME,
        "revision": {"type": "string"},
        "prompt": {"type": "string"},
        "requests": _COUNT,
        "tokens_in": _COUNT,
        "tokens_out": _COUNT,
        "cached": _COUNT,
        "money": {"type": "number", "minimum": 0},
        "ending": _NAME,
    },
}

PARTS: dict[str, dict[str, Any]] = {
    "setup": SETUP,
    "evidence": {"type": "array", "items": CALL},
    "task": TASK,
    "verdict": VERDICT,
    "run": RUN,
    "frontier": FRONTIER,
    "asked": {"type": "array", "items": ASKED},
}

RECORD: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["id"],
    "properties": {"id": _NAME, **PARTS},
}


@dataclass(frozen=True, slots=True)
class Drop:
    """A record that leaves the stream: `reason` is a short fixed word, `detail` says it of this record."""

    record: Record
    reason: str
    detail: str = ""
    extra: dict[str, Any] | None = None

    def rejected(self, stage: str) -> Record:
        """The whole record with `drop {stage, reason, detail}`, as `-r` writes it."""
        note = {"stage": stage, "reason": self.reason, "detail": self.detail, **(self.extra or {})}
        return {**self.record, "drop": note}


class Folded:
    """What a stage says of a record that went into the line of another: nothing is written for it."""


FOLDED = Folded()


def canonical(value: Any) -> bytes:
    """The value as JSON bytes with sorted keys: equal values give equal bytes."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal; 3.0 and 3 are, since programs such as jq write one for the other."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def digest(value: Any) -> str:
    """Sixteen hex digits of the SHA-256 of the canonical JSON of `value`."""
    return hashlib.sha256(canonical(value)).hexdigest()[:16]


def setup_id(setup: dict[str, Any]) -> str:
    """The id of a record: the digest of its setup, the same on any machine and in any order."""
    return digest(setup)


def need(record: Record, *keys: str, deep: bool = True) -> None:
    """Raise BadRecord unless every key stands in the record, in kind and (where `deep`) in all that the schema says."""
    for key in keys:
        if key not in record:
            raise BadRecord(f'lacks "{key}"', hint=_MAKER.get(key))
        wanted = list if PARTS.get(key, {}).get("type") == "array" else str if key == "id" else dict
        if not isinstance(record[key], wanted):
            kind = {list: "an array", str: "a string", dict: "an object"}[wanted]
            raise BadRecord(f'"{key}" must be {kind}')
        fault = next(_validator(key).iter_errors(record[key]), None) if deep else None
        if fault is not None:
            where = "".join(f"/{token}" for token in fault.instance_path)
            raise BadRecord(f'"{key}"{where}: {fault.message}'[:300], hint=_MAKER.get(key))


@cache
def _validator(key: str) -> Any:
    """The compiled validator of one key's value."""
    import jsonschema_rs

    return jsonschema_rs.validator_for({"type": "string", "minLength": 1} if key == "id" else PARTS[key])


def asked(record: Record, entry: dict[str, Any]) -> Record:
    """The record with one more entry of what a model was asked for it, and what that cost."""
    return {**record, "asked": [*record.get("asked", []), entry]}


def task_id(record: Record) -> str:
    """The id of a run's task: that of the run is `<task>.<model tag>.<attempt>`."""
    return str(record["id"]).rsplit(".", 2)[0]


def round_of(record: Record) -> int:
    """The round that a record is in: one more than the rounds that gave it a task or found nothing deeper."""
    task = record.get("task")
    tasks = [*task.get("history", []), task] if task else []
    return 1 + sum(1 + len(each.get("stalled", [])) for each in tasks)


_MAKER = {
    "id": "dive-sample writes it",
    "setup": "dive-sample writes it",
    "evidence": "run dive-collect first",
    "task": "run dive-derive first",
    "run": "dive-eval writes it",
}
