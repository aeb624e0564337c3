"""Tasks into the data of a training by GRPO: those that programs can score and that fit, with reasons for the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from dive_tools.env import Environment
from dive_tools.errors import BadRecord, DiveError
from dive_tools.jsonl import parse
from dive_tools.records import Drop, Record, need
from dive_tools.train.data import TEMPLATE, Digest, Line
from dive_tools.train.template import Template


@dataclass
class Chosen:
    """How many tasks were read, how many are trained on, and why the others are not."""

    read: int = 0
    kept: int = 0
    longest: int = 0  # tokens of a prompt
    digest: str = ""
    reasons: Counter[str] = field(default_factory=Counter)

    def about(self) -> dict[str, object]:
        """What train.json says of the data."""
        dropped = dict(self.reasons)
        return {"digest": self.digest, "records": self.kept, "longest_prompt": self.longest, "dropped": dropped}


def prepare(
    lines: Iterable[Line],
    target: Path,
    template: Template,
    env: Environment,
    max_length: int,
    reject: Callable[[Drop], None] = lambda _: None,
    *,
    thinking: bool = False,
) -> Chosen:
    """Write the tasks of `lines` that can be trained on, with the template, to the folder `target`.

    `env` says which tools there are and may be called. Prompts of `max_length` tokens or more leave no room for an
    answer. The template is saved as that of a model with `thinking`, or without it. BadRecord names the line of what
    is no task, or wants a tool that the pool lacks; DiveError where no task is left.
    """
    done, digest, seen = Chosen(), Digest(), set[str]()
    target.mkdir(parents=True, exist_ok=True)
    part = target / "tasks.jsonl.part"
    with part.open("wb") as file:
        for place, raw in digest.over(lines):
            done.read += 1
            try:
                record = parse(raw)
                found = _looked_at(record, template, env, max_length, seen, done)
            except BadRecord as fault:
                raise BadRecord(f"{place}: {fault.message}", hint=fault.hint) from None
            if isinstance(found, Drop):
                done.reasons[found.reason] += 1
                reject(found)
            else:
                done.kept += 1
                file.write(orjson.dumps(record) + b"\n")
    if not done.kept:
        why = ", ".join(f"{count} {reason}" for reason, count in done.reasons.items())
        raise DiveError(
            f"no task to train on: {done.read} read{f' ({why})' if why else ''}",
            hint="raise --max-length, or give tasks whose answers are no texts" if why else "name a file of tasks",
        )
    done.digest = digest.hex()
    (target / TEMPLATE).write_text(template.served(thinking), encoding="utf-8")
    part.replace(target / "tasks.jsonl")
    return done


def _looked_at(
    record: Record, template: Template, env: Environment, max_length: int, seen: set[str], done: Chosen
) -> Drop | None:
    """Why a task is not trained on; None where it is."""
    need(record, "id", "setup", "task")
    answer = record["task"]["answer"]
    if answer["type"] == "text" and record["task"].get("scorer", "answer") == "answer":
        return Drop(record, "unscorable", "a text wants a judge, and rewards are by programs alone")
    episode = Environment([record], env.pool, env.door, budget=env.budget).reset(record["id"])
    if record["id"] in seen:
        return Drop(record, "twice", "a task of this id came before")
    seen.add(record["id"])
    length = len(template.prompt_ids(episode.messages, episode.tools))
    if length >= max_length:
        return Drop(record, "too_long", f"its prompt has {length} tokens, where an attempt may have {max_length}")
    done.longest = max(done.longest, length)
    return None
