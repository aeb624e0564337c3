"""Reading an attempt: the calls that its messages tell of, and whether its answer stands in what they gave."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from dive_tools.records import Record, canonical, digest, need, same
from dive_tools.support import SupportError, calls, evaluate, over, walk
from dive_tools.values import at, leaves, plain

NEAR = 1e-9  # relative difference of two numbers that are the same


@dataclass(frozen=True)
class Step:
    """One call that the model asked for; `arguments` are an object, or the text as it came where they are none.

    `outcome` is `{"result": …}`, perhaps cut, or `{"error": {"kind", "message"}}`.
    """

    call_id: str
    turn: int
    tool: str
    arguments: Any
    outcome: dict[str, Any]


def steps(messages: Iterable[Mapping[str, Any]]) -> list[Step]:
    """The calls of a conversation with their outcomes, in the order of the calls; one without an answer is left out."""
    asked: dict[str, tuple[int, Mapping[str, Any]]] = {}
    found: dict[str, Step] = {}
    turn = -1
    for message in messages:
        if message.get("role") == "assistant":
            turn += 1
            made = message.get("tool_calls")
            for call in made if isinstance(made, list) else ():
                if isinstance(call, dict) and isinstance(call.get("function"), dict):
                    asked[str(call.get("id"))] = (turn, call["function"])
        elif message.get("role") == "tool" and (name := str(message.get("tool_call_id"))) in asked:
            when, function = asked[name]
            outcome = _outcome(message.get("content"))
            found[name] = Step(name, when, str(function.get("name")), function.get("arguments") or {}, outcome)
    return [found[name] for name in asked if name in found]


def _outcome(content: Any) -> dict[str, Any]:
    """What a tool message tells; one in another form than ours is the result itself."""
    try:
        told = orjson.loads(content)
    except (orjson.JSONDecodeError, TypeError):
        return {"result": content}
    if not isinstance(told, dict):
        return {"result": told}
    if (error := told.get("error")) is not None:
        return {"error": error if isinstance(error, dict) else {"kind": "refused", "message": str(error)}}
    return {"result": told.get("result", told)}


def counts(found: Sequence[Step]) -> dict[str, Any]:
    """How many calls were made, were answered by an error, and were repeated; and whether it went on after an error."""
    wrong = [place for place, step in enumerate(found) if "error" in step.outcome]
    kinds = [found[place].outcome["error"].get("kind") for place in wrong]
    made = len(found) - sum(kind in NOT_MADE for kind in kinds)
    told: dict[str, Any] = {"made": made, "errors": len(wrong), "repeated": kinds.count("repeated")}
    if not wrong:
        return told
    last = found[wrong[-1]].turn
    return {**told, "recovered": any(step.turn > last and "result" in step.outcome for step in found)}


NOT_MADE = ("unknown_tool", "malformed", "repeated", "over_budget", "bad_arguments", "not_recorded")


# --- what a proof rests on --------------------------------------------------------------------------------------------


def rests(record: Record, shown: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What the proof of a task rests on: how many calls, and those that the answer cites, with what they cite there.

    Kept with an attempt, whose line holds no evidence: a scalar as it is ("value"), anything else as where it stands
    in the result and its digest. Of a task without evidence, what was kept with it as one of the frontier. `shown`
    gives the names of tools as the attempt saw them.
    """
    support, evidence = record["task"]["support"], record.get("evidence", [])
    if not evidence and "frontier" in record:
        need(record, "frontier")
        if kept := record["frontier"].get("rests"):
            return renamed(kept, shown or {})
    made = {step["call"]: step for step in evidence}
    cited: list[dict[str, Any]] = []
    for node in walk(support):
        step = made.get(node.get("call", ""))
        if step is None:
            continue
        name = (shown or {}).get(step["tool"], step["tool"])
        one = {"tool": name, "arguments": step["arguments"], **_known_by(node, evidence)}
        if one not in cited:
            cited.append(one)
    return {"calls": len(calls(support, evidence)), "cited": cited}


def _known_by(node: dict[str, Any], evidence: list[dict[str, Any]]) -> dict[str, Any]:
    """What a cited value is known by when it is met again; nothing where it does not tell one result from another."""
    try:
        value = evaluate(node, over(evidence))
    except SupportError:
        return {}
    if not isinstance(value, dict | list):
        return {} if value is None else {"value": value}
    return {"pointer": node.get("pointer", ""), "digest": digest(_whole(value))} if any(_telling(value)) else {}


def _whole(value: Any) -> Any:
    """The JSON value with 3 for 3.0, since programs such as jq write one for the other."""
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1 << 53 else value


def renamed(proof: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """What a proof rests on with other names of the tools."""
    cited = [{**one, "tool": names.get(one["tool"], one["tool"])} for one in proof["cited"]]
    return {**proof, "cited": cited}


def manner(run: Mapping[str, Any]) -> str:
    """How an attempt was made: attempts whose ids are equal are the same one only where this is, too."""
    clothes = run.get("clothes", {})
    worn = [sorted(clothes["kinds"]), clothes.get("seed")] if clothes.get("kinds") else None
    return canonical([run["model"], run.get("revision", ""), run.get("sampling", {}), worn]).decode()


def grounded(answer: Mapping[str, Any], proof: Mapping[str, Any], found: Sequence[Step]) -> bool:
    """Whether a right answer is more than luck: it stands in a result of the attempt, or all that the proof cites does.

    What was cut off a result was not seen, and does not count.
    """
    results = [step for step in found if "result" in step.outcome]
    seen = _Seen([step.outcome["result"] for step in results])
    if seen.holds(answer["value"], answer.get("tolerance", 0.0)):
        return True
    cited = proof.get("cited", ())
    return bool(cited) and all(
        any(_gives(step, one) for step in results) or ("value" in one and seen.holds(one["value"])) for one in cited
    )


def _gives(step: Step, cited: Mapping[str, Any]) -> bool:
    """Whether a call with a result is the cited one, or one of that tool with other arguments that gave the same."""
    if step.tool != cited["tool"]:
        return False
    if _alike(step.arguments, cited["arguments"]):
        return True
    if "digest" not in cited:
        return False
    try:
        there = at(step.outcome["result"], cited.get("pointer", ""))
    except (LookupError, ValueError):
        return False
    return digest(_whole(there)) == cited["digest"]


def _alike(one: Any, other: Any) -> bool:
    """Whether two arguments are equal, in whatever case and punctuation their texts are."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_alike, one, other))
    if isinstance(one, str) and isinstance(other, str):
        return one == other or (plain(one) == plain(other) != "")
    return same(one, other)


def _telling(value: Any) -> Iterator[Any]:
    """The single values inside a JSON value that say something by themselves, as yes, no and null do not."""
    return (leaf for leaf in leaves(value) if not isinstance(leaf, bool) and leaf is not None)


class _Seen:
    """The single values in the results of an attempt."""

    def __init__(self, results: Sequence[Any]) -> None:
        found = list(leaves(list(results)))
        self.numbers = [leaf for leaf in found if isinstance(leaf, int | float) and not isinstance(leaf, bool)]
        self.raw = [leaf for leaf in found if isinstance(leaf, str)]
        self.texts = [f" {plain(leaf)} " for leaf in self.raw]

    def holds(self, value: Any, tolerance: float = 0.0) -> bool:
        """Whether a value, or each single value inside it that tells anything, stands in a result."""
        parts = list(_telling(value))
        return bool(parts) and all(self._has(part, tolerance) for part in parts)

    def _has(self, value: Any, tolerance: float) -> bool:
        if isinstance(value, str):
            wanted = plain(value)
            return any(f" {wanted} " in text for text in self.texts)
        near = max(tolerance * 1.0000001, abs(value) * NEAR)
        return any(abs(number - value) <= near for number in self.numbers) or self._written(value)

    def _written(self, value: float) -> bool:
        """Whether a text of a result holds the number in digits."""
        digits = re.compile(rf"(?<![\d.]){re.escape(repr(value).removesuffix('.0'))}(?!\.?\d)")
        return any(digits.search(text.replace(",", "")) for text in self.raw)
