"""What an attempt is worth to whom it trains: R = alpha * R_format + R_correct (arXiv 2603.11076), by programs alone.

R_correct is 1 where `grade` says right. R_format is 1 where every call could be read, named a tool of the toolset and
kept to its schema, and the reply ends in the form that the prompt asks for. The paper does not publish its alpha; ours
is 0.1, so that no attempt in good form that is wrong comes near one that is right. What went wrong in the world, and is
not the model's doing, masks an attempt: it has no reward, neither a good one nor a bad one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from dive_tools import rollout
from dive_tools.agent import CALL
from dive_tools.grade import Grade, grade
from dive_tools.score.dates import date
from dive_tools.score.lists import listings, mappings
from dive_tools.score.missing import LONGEST, declared
from dive_tools.score.numbers import number

ALPHA = 0.1
LUCK = ("count", "zero")  # what a right answer by luck is worth: as much as any, or nothing
BROKEN = ("unreachable", "over_time", "crashed", "bad_result")  # how a tool fails, which is not the model's doing
MISSHAPEN = ("unknown_tool", "malformed", "bad_arguments")  # calls that are no calls of the toolset

_STATED = re.compile(r"^(Answer|Missing): (?=\S)(.*)$", re.MULTILINE)
_DIGITS = re.compile(r"[-+−]?(?:(?:US|CA|AU|A|C)?[$€£¥₹] ?)?\.?\d")
_ISO = re.compile(r"\d{4}-\d\d-\d\d")


class Called(Protocol):
    """A call with what came of it: a Step of dive_tools.agent or of dive_tools.rollout."""

    @property
    def tool(self) -> str:
        """The name that the model called."""

    @property
    def outcome(self) -> dict[str, Any]:
        """`{"result": …}` or `{"error": {"kind", "message"}}`."""


@dataclass(frozen=True)
class Reward:
    """`total` is alpha * `format` + `correct`; `outcome` is one of records.OUTCOMES.

    `masked` says why an attempt has no reward; all three are 0 then, and mean nothing. `lucky` marks a right answer
    that neither stands in the attempt's results nor follows from what does.
    """

    format: float
    correct: float
    total: float
    outcome: str
    masked: str = ""
    lucky: bool = False


def reward(
    task: Mapping[str, Any],
    steps: Sequence[Called],
    ending: str,
    answer: str,
    *,
    alpha: float = ALPHA,
    runs_code: Callable[[str], bool] = lambda tool: False,
    proof: Mapping[str, Any] | None = None,
    luck: str = "count",
    detail: str = "",
) -> Reward:
    """The reward of an attempt at the `task` of a record (its value, not the record), with its calls in their order.

    `ending` is one of agent.ENDINGS and `answer` the final text where it is "answered". `runs_code` says of a tool
    whether it runs programs of the caller, whose time-outs are the caller's own. `proof` is what rollout.rests says;
    without it nothing is told of luck, and `luck` "zero" asks for it. `detail` is what is told of a model that failed.
    """
    if luck not in LUCK:
        raise ValueError(f"luck is one of {', '.join(LUCK)}, not {luck!r}")
    if luck == "zero" and proof is None:
        raise ValueError('luck "zero" wants the proof')
    made = grade(task, answer) if ending == "answered" else Grade("no_answer", 0.0)
    if masked := _masked(made, steps, ending, detail, runs_code):
        return Reward(0.0, 0.0, 0.0, "unscored", masked)
    good = well_called(steps) and ending == "answered" and made.outcome != "no_answer" and in_form(task, answer)
    chance = made.score == 1 and proof is not None and lucky(task, proof, steps)
    shape, correct = float(good), float(made.score == 1 and not (chance and luck == "zero"))
    return Reward(shape, correct, alpha * shape + correct, made.outcome, lucky=chance)


def _masked(made: Grade, steps: Sequence[Called], ending: str, detail: str, runs_code: Callable[[str], bool]) -> str:
    if ending in ("model_error", "not_run"):
        return f"{ending}: {detail}".removesuffix(": ")
    if error := mishap(steps, runs_code):
        return error
    return "unscored: a text wants a judge" if made.outcome == "unscored" else ""


def mishap(steps: Sequence[Called], runs_code: Callable[[str], bool]) -> str:
    """What went wrong in the world meanwhile: a call not recorded, a tool that failed to the end; "" for nothing.

    A program that the model wrote itself, and that ran over its time, is its own doing.
    """
    last = {step.tool: step for step in steps}
    for step in steps:
        kind = step.outcome["error"].get("kind", "") if "error" in step.outcome else ""
        to_the_end = kind in BROKEN and step is last[step.tool] and not runs_code(step.tool)
        if kind == "not_recorded" or to_the_end:
            return f"{kind}: {step.tool}: {step.outcome['error'].get('message', '')}"
    return ""


def lucky(task: Mapping[str, Any], proof: Mapping[str, Any], steps: Sequence[Any]) -> bool:
    """Whether a right answer is one by luck: neither it nor what its proof cites stands in the attempt's results."""
    if task.get("scorer", "answer") != "answer" or not proof["cited"]:
        return False
    return not rollout.grounded(task["answer"], proof, steps)


def well_called(steps: Sequence[Called]) -> bool:
    """Whether every call could be read, named a tool of the toolset and kept to its schema."""
    return all(step.outcome.get("error", {}).get("kind") not in MISSHAPEN for step in steps)


# --- the stated form --------------------------------------------------------------------------------------------------


def in_form(task: Mapping[str, Any], reply: str) -> bool:
    """Whether a reply ends as the prompt asks: with one line `Answer: …` that reads as the answer's type, or one
    `Missing: …` of a few words, and nothing behind it. A call that was left in the text breaks the form.
    """
    said = reply.rpartition("</think>")[2].partition("<think>")[0].rstrip()
    lines = list(_STATED.finditer(said))
    if len(lines) != 1 or CALL.search(said):
        return False
    (line,), answer = lines, task["answer"]
    if line[1] == "Answer" and answer["type"] == "text":
        return True  # it may take several lines
    if line.end() != len(said):
        return False
    if line[1] == "Missing":
        return len(line[2].split()) <= LONGEST and declared(said) is not None
    return _reads(line[2].strip(), answer)


def _reads(said: str, answer: Mapping[str, Any]) -> bool:
    """Whether what was said reads as the type of an answer, whichever it says."""
    return _READS[answer["type"]](said, answer)


def _number(said: str, answer: Mapping[str, Any]) -> bool:
    return _DIGITS.match(said) is not None and number(said, answer.get("unit", "")) is not None


def _integer(said: str, answer: Mapping[str, Any]) -> bool:
    found = number(said, answer.get("unit", ""))
    return _DIGITS.match(said) is not None and found is not None and float(found.value).is_integer()


def _date(said: str, answer: Mapping[str, Any]) -> bool:
    if date(str(answer["value"])) is None or said == answer["value"]:  # no form that the prompt asks for holds "44 BC"
        return True
    return _ISO.fullmatch(said) is not None and date(said) is not None


def _list(said: str, answer: Mapping[str, Any]) -> bool:
    return isinstance(_json(said), list) and bool(listings(said))


def _map(said: str, answer: Mapping[str, Any]) -> bool:
    value = _json(said)
    return isinstance(value, dict) and bool(value) and bool(mappings(said, None))


def _json(said: str) -> Any:
    try:
        return json.loads(said)
    except (ValueError, RecursionError):
        return None


_READS: dict[str, Callable[[str, Mapping[str, Any]], bool]] = {
    "number": _number,
    "integer": _integer,
    "string": lambda said, answer: True,
    "boolean": lambda said, answer: said.casefold() in ("yes", "no"),
    "date": _date,
    "set": _list,
    "list": _list,
    "map": _map,
}
