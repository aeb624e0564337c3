"""Policies of the model server that know what they are asked about: they play the model from a file of tasks.

    DIVE_PLAN=tasks.jsonl PYTHONPATH=tests python tests/model_server.py --policy policies:planned …

Each task of the file (made without a model, three rounds deep) is a plan: which calls a round makes, one a turn, and
which question, answer and support follow. The record is known by its seed, as it stands in the prompt. Who is given a
question of the plan and tools makes the plan's calls and says its answer; who is given no tools knows nothing.
"""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import orjson

SEED = re.compile(r"seed(?: of this task)?:\s+(.*?) \(\w+\)\n", re.DOTALL)
EARLIER = re.compile(r"^c(\d+) ", re.MULTILINE)
Plan = dict[str, Any]


@cache
def plans() -> dict[str, Plan]:
    """The tasks of the file by their seed, as prompts write it."""
    lines = Path(os.environ["DIVE_PLAN"]).read_bytes().splitlines()
    return {orjson.dumps(plan["setup"]["seed"]["value"]).decode(): plan for plan in map(orjson.loads, lines)}


def planned(body: dict[str, Any]) -> dict[str, Any]:
    """What the plan of the record says next."""
    messages = body["messages"]
    asked = next(message["content"] for message in messages if message["role"] == "user")
    found = SEED.search(asked)
    if found is None:  # the question alone: nobody knows that without tools
        return _solved(asked, messages) if body.get("tools") else {"content": "I cannot know.\nAnswer: unknown"}
    plan = plans().get(found[1])
    if plan is None:
        return {"content": "DONE: nothing is known of this one."}
    earlier = max((int(number) for number in EARLIER.findall(asked)), default=0)
    return _calls(plan, earlier, messages) if body.get("tools") else _task(plan, earlier)


def _solved(question: str, messages: list[Any]) -> dict[str, Any]:
    """The next call of the plan that asks this question; behind the last one, its answer."""
    asked = ((plan, task) for plan in plans().values() for task in (*plan["task"].get("history", []), plan["task"]))
    found = next(((plan, task) for plan, task in asked if task["question"] == question.strip()), None)
    if found is None:
        return {"content": "I cannot know.\nAnswer: unknown"}
    plan, task = found
    steps = [step for step in plan["evidence"] if step["round"] <= task["round"]]
    place = sum(message["role"] == "tool" for message in messages)
    if place < len(steps):
        return _call(steps[place])
    value = task["answer"]["value"]
    return {"content": f"Answer: {value if isinstance(value, str) else orjson.dumps(value).decode()}"}


def _call(step: dict[str, Any]) -> dict[str, Any]:
    return {
        "content": "",
        "tool_calls": [{"id": step["call"], "name": step["tool"], "arguments": step["arguments"]}],
    }


def _calls(plan: Plan, earlier: int, messages: list[Any]) -> dict[str, Any]:
    steps = plan["evidence"]
    place = earlier + sum(message["role"] == "tool" for message in messages)
    if place < len(steps) and steps[place]["round"] == steps[earlier]["round"]:
        return _call(steps[place])
    return {"content": "DONE: enough is known."}


def _task(plan: Plan, earlier: int) -> dict[str, Any]:
    round_ = plan["evidence"][earlier - 1]["round"]
    tasks = [*plan["task"].get("history", []), plan["task"]]
    task = next(task for task in tasks if task["round"] == round_)
    answer = {key: task["answer"][key] for key in ("value", "type", "unit") if key in task["answer"]}
    return {
        "content": orjson.dumps({"question": task["question"], "answer": answer, "support": task["support"]}).decode()
    }
