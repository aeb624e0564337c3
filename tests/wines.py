"""A pool of two tools of a user's own, a cassette with some of their calls, and attempts at a task over them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from shell import ROOT, bash

from dive_tools.cassette import Cassette
from dive_tools.env import Environment
from dive_tools.models.base import Ask, Reply
from dive_tools.pool import Pool, read
from dive_tools.reward import Reward

Turn = dict[str, Any]


def says(text: str) -> Turn:
    """An assistant's message of words."""
    return {"role": "assistant", "content": text}


def calls(*made: tuple[str, Any]) -> Turn:
    """An assistant's message that calls tools: pairs of a name and arguments."""
    asked = [{"id": "", "type": "function", "function": {"name": name, "arguments": given}} for name, given in made]
    return {"role": "assistant", "content": "", "tool_calls": asked}


ATTEMPTS: list[list[Turn]] = [
    [calls(("wine_record", {"wine": "Barolo"})), calls(("shout", {"country": "Italy"})), says("Answer: ITALY")],
    [calls(("wine_record", {"wine": "Soda"})), says("Answer: ITALY")],  # a refusal is recorded, too
    [calls(("wine_record", {"wine": "Rioja"})), says("Answer: ITALY")],  # not recorded
    [calls(("wine_record", {"of": "Barolo"})), says("It is ITALY.")],
    [says("Answer: SPAIN")],
    [calls(("whine_record", {"wine": "Barolo"})), says("Answer: ITALY")],
    [calls(("wine_record", {"wine": "Barolo"}), ("shout", {"country": "Italy"})), says("Answer: ITALY")],
    [says('<tool_call>\n{"name": "shout", "arguments": \n</tool_call>\nAnswer: ITALY')],
    [calls(("shout", {"country": "Italy"})), calls(("shout", {"country": "Italy"})), says("Answer: ITALY")],
]


class Script:
    """A model that says its turns one after the other; an exception is raised."""

    name, revision, inside = "script", "1", True

    def __init__(self, *turns: Turn | Exception, inside: bool = True) -> None:
        self.turns, self.inside = turns, inside
        self.counters: dict[str, Any] = {}

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def reply(self, ask: Ask) -> Reply:
        said = self.turns[ask.turn]
        if isinstance(said, Exception):
            raise said
        return Reply(message=said, finish="tool_calls" if said.get("tool_calls") else "stop")


def tasks(pool: Pool) -> list[dict[str, Any]]:
    """A task for each of ATTEMPTS, whose question names its number."""
    return [
        task(pool, f"t{n}", question=f"Where does Barolo come from, in capitals? ({n})") for n in range(len(ATTEMPTS))
    ]


def attempted(env: Environment) -> list[Reward]:
    """What the environment of `tasks` gives for ATTEMPTS."""
    return [asyncio.run(env.run(f"t{n}", Script(*turns))).reward for n, turns in enumerate(ATTEMPTS)]


def turn_of(prompt: str, answered: int) -> Turn:
    """What the attempt at the task of a prompt says next, when `answered` of its calls are answered."""
    turns = next(turns for n, turns in enumerate(ATTEMPTS) if f"({n})" in prompt)
    for turn in turns:
        answered -= len(turn.get("tool_calls", ()))
        if answered < 0 or not turn.get("tool_calls"):
            return turn
    raise AssertionError("the attempt is over")


def pool_in(folder: Path) -> Pool:
    """The tools of mytools.py, as a user imports them."""
    done = bash(f"dive-tools import python {ROOT / 'tests' / 'mytools.py'} > pool.jsonl", folder)
    assert done.returncode == 0, done.stderr
    return read(folder / "pool.jsonl")


def tape_in(folder: Path, pool: Pool) -> Path:
    """A cassette with three of their calls, and one of a tool that no task has."""
    versions = {name: tool.version for name, tool in pool.tools.items()}
    with Cassette(folder / "tape.sqlite") as made:
        outcome = {"result": {"country": "Italy", "months": 38}}
        made.put("wine_record", versions["wine_record"], {"wine": "Barolo"}, outcome)
        refusal = {"error": {"kind": "refused", "message": "no wine Soda"}}
        made.put("wine_record", versions["wine_record"], {"wine": "Soda"}, refusal)
        made.put("shout", versions["shout"], {"country": "Italy"}, {"result": {"text": "ITALY"}})
        made.put("elsewhere", "1", {"a": 1}, {"result": 1})
    return folder / "tape.sqlite"


def task(
    pool: Pool,
    name: str = "t1",
    tools: dict[str, str] | None = None,
    question: str = "Where does Barolo come from, in capitals?",
    **answer: Any,
) -> dict[str, Any]:
    """A task over them, made by hand."""
    tools = tools or {each: pool.tools[each].version for each in ("wine_record", "shout")}
    return {
        "id": name,
        "setup": {"domain": "wine", "seed": {"value": "Barolo", "type": "wine"}, "tools": tools, "exemplars": []},
        "task": {
            "round": 1,
            "question": question,
            "answer": {"value": "ITALY", "type": "string", **answer},
            "support": {},
            "by": "hand",
        },
    }
