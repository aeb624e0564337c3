"""Policies of the model server that sit an exam: each does well or badly at a question, by the place of its task.

DIVE_PLAN names the file of tasks, as for policies.planned; the task in place n of it is met in the manner n modulo
the number of manners.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

import orjson
from policies import plans

from dive_tools.support import calls

MANNERS = ("right", "wrong", "silent", "endless", "lacking", "stumbling", "knowing")
_tries: Counter[str] = Counter()


def manners() -> dict[str, str]:
    """How each task of the file is met, by its id."""
    return _manners(id(plans()))


@cache
def _manners(_file: int) -> dict[str, str]:
    return {plan["id"]: MANNERS[place % len(MANNERS)] for place, plan in enumerate(plans().values())}


def pupil(body: dict[str, Any]) -> dict[str, Any]:
    """What the exam sees of one who meets every task in its own manner."""
    plan = _plan(body)
    return _met(plan, manners()[plan["id"]], body["messages"])


def second(body: dict[str, Any]) -> dict[str, Any]:
    """One who is wrong at the first attempt at a task, and right from then on."""
    plan, messages = _plan(body), body["messages"]
    if not any(message["role"] == "tool" for message in messages):
        _tries[plan["id"]] += 1
    return _met(plan, "wrong" if _tries[plan["id"]] == 1 else "right", messages)


def _plan(body: dict[str, Any]) -> dict[str, Any]:
    asked = next(message["content"] for message in body["messages"] if message["role"] == "user")
    return _asked(id(plans()))[asked]


@cache
def _asked(_file: int) -> dict[str, dict[str, Any]]:
    """The tasks of the file by their questions; `_file` tells one file from another."""
    return {plan["task"]["question"]: plan for plan in plans().values()}


def _met(plan: dict[str, Any], manner: str, messages: list[Any]) -> dict[str, Any]:
    told = sum(message["role"] == "tool" for message in messages)
    needed = calls(plan["task"]["support"], plan["evidence"])
    steps = [step for step in plan["evidence"] if step["call"] in needed]
    if manner == "endless":
        return _call("no_such_tool" if told % 2 else steps[0]["tool"], {**steps[0]["arguments"], "round": told})
    if manner == "stumbling":
        if told == 0:
            return _call(steps[0]["tool"], {})
        told -= 1
    if manner == "knowing":
        return {"content": f"I know that.\n\nAnswer: {_answer(plan)}"}
    if told < len(steps):
        return _call(steps[told]["tool"], steps[told]["arguments"])
    last = {
        "wrong": "Answer: fiddlesticks",
        "silent": "These are interesting results.\n\nThere is much to say of them.",
        "lacking": "Missing: the price of tea in the year 1900",
    }
    return {"content": last.get(manner, f"So it is.\n\nAnswer: {_answer(plan)}")}


def _answer(plan: dict[str, Any]) -> str:
    value = plan["task"]["answer"]["value"]
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _call(tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return {"content": "", "tool_calls": [{"name": tool, "arguments": arguments}]}
