"""The attempts of a step of GRPO: TRL's rollout function over an Environment, and what a step's line tells of them."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property
from statistics import fmean
from typing import Any

from dive_tools import rollout
from dive_tools.callgraph import call_graph
from dive_tools.env import Environment, Rollout
from dive_tools.errors import DiveError
from dive_tools.topology import label
from dive_tools.train.generate import Generate, Rounds
from dive_tools.train.template import Template
from dive_tools.train.tokens import Tokens

WINDOW = 4  # steps over which the share of attempts with an unrecorded call is held against its limit


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """How attempts are drawn: `group` for each task, at most `max_tokens` a reply and `max_length` in all."""

    group: int
    max_tokens: int
    max_length: int
    temperature: float = 1.0
    top_p: float = 1.0
    seed: int = 0


@dataclass(frozen=True)
class Fact:
    """What is counted of one attempt; `total` is None where it is masked."""

    group: tuple[int, int]  # the step, and which of its groups
    total: float | None
    format: float
    correct: float
    right: bool
    missed: bool
    ending: str
    calls: int
    errors: int
    tokens: int  # of the prompt and all that followed
    sampled: int  # of the model's own
    graph: str
    topology: str


class Ledger:
    """What the attempts came to: of the steps since it was last told, and which forms there were so far."""

    def __init__(self, miss_limit: float = 1.0) -> None:
        self.miss_limit = miss_limit
        self.graphs: set[str] = set()  # of all steps, those before a resume included
        self.topologies: set[str] = set()
        self.tokens = 0  # of all steps of this process's life
        self.steps = 0  # since it was last told
        self.facts: list[Fact] = []
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._misses: deque[float] = deque(maxlen=WINDOW)

    def add(self, facts: Sequence[Fact], seconds: Mapping[str, float]) -> None:
        """Count the attempts of one step. DiveError where, of WINDOW steps, too many missed a recording."""
        self.facts += facts
        self.steps += 1
        self.graphs |= {fact.graph for fact in facts}
        self.topologies |= {fact.topology for fact in facts}
        self.tokens += sum(fact.tokens for fact in facts)
        for what, spent in seconds.items():
            self.seconds[what] += spent
        self._misses.append(_share(fact.missed for fact in facts))
        if len(self._misses) == WINDOW and (missed := fmean(self._misses)) > self.miss_limit:
            raise DiveError(
                f"{missed:.0%} of the attempts of the last {WINDOW} steps asked for a call that no cassette holds,"
                f" more than --miss-limit {self.miss_limit:g}",
                hint="record more calls with --on-miss live, or allow it with a higher --miss-limit",
            )

    def told(self) -> dict[str, float | int]:
        """What stands in a step's line; then the count begins anew, but for the forms there were so far."""
        facts, self.facts, self.steps = self.facts, [], 0
        spent, self.seconds = self.seconds, defaultdict(float)
        if not facts:
            return {}
        scored = [fact for fact in facts if fact.total is not None]
        calls, sampled = sum(fact.calls for fact in facts), sum(fact.sampled for fact in facts)
        return {
            "reward": _mean(fact.total for fact in scored if fact.total is not None),
            "format": _mean(fact.format for fact in scored),
            "correct": _mean(fact.correct for fact in scored),
            "pass_rate": _share(fact.right for fact in scored),
            "spread": _share(_spread(facts)),
            "rollouts": len(facts),
            "masked": _share(fact.total is None for fact in facts),
            "missed": _share(fact.missed for fact in facts),
            "over_budget": _share(fact.ending == "budget" for fact in facts),
            "calls": calls / len(facts),
            "tool_errors": sum(fact.errors for fact in facts) / calls if calls else 0.0,
            "tokens_per_rollout": _mean(fact.tokens for fact in facts),
            "sampled_per_rollout": sampled / len(facts),
            "graphs": len({fact.graph for fact in facts}),
            "graphs_so_far": len(self.graphs),
            "topologies": len({fact.topology for fact in facts}),
            "topologies_so_far": len(self.topologies),
            "seconds_sampling": round(spent["sampling"], 3),
            "seconds_tools": round(spent["rollouts"] - spent["sampling"], 3),
            "sampled_per_second": round(sampled / max(spent["sampling"], 1e-6), 1),
        }


def _spread(facts: Iterable[Fact]) -> Iterable[bool]:
    """Of each group whether its rewards differ, so that it teaches something."""
    groups: defaultdict[tuple[int, int], set[float]] = defaultdict(set)
    for fact in facts:
        groups[fact.group] |= {fact.total} if fact.total is not None else set()
    return (len(totals) > 1 for totals in groups.values())


def _mean(values: Iterable[float]) -> float:
    found = [*values]
    return fmean(found) if found else 0.0


def _share(values: Iterable[bool]) -> float:
    return _mean(map(float, values))


@dataclass
class Rollouts:
    """TRL's `rollout_func`: attempts at the tasks that the prompts name, all of a process at once.

    `generator` gives for a trainer what samples tokens, as a context; `agree` is for Rounds. `gather` hands every
    process the list of all. `write` is given the lines of the attempts, where they are wanted.
    """

    env: Environment
    template: Template
    how: Sampling
    ledger: Ledger
    generator: Callable[[Any], AbstractContextManager[Generate]]
    gather: Callable[[list[Any]], list[Any]] = list
    agree: Callable[[int], int] | None = None
    write: Callable[[Sequence[Mapping[str, Any]]], None] | None = None
    name: str = "policy"  # what the attempts' lines call the model
    runner: asyncio.Runner = field(default_factory=asyncio.Runner)  # one loop for all steps: tools may keep sessions

    def __call__(self, prompts: list[str], trainer: Any) -> dict[str, Any]:
        """The ids, masks and rewards of attempts at `prompts`, ids of tasks, those of a group side by side.

        A masked attempt has no reward (None) and no token that is trained on. DiveError past the limit of misses.
        """
        started = time.monotonic()
        step, world = trainer.state.global_step, trainer.accelerator.num_processes
        first = trainer.accelerator.process_index * len(prompts)
        numbers = [step * len(prompts) * world + first + n for n in range(len(prompts))]
        with self.generator(trainer) as generate:
            rounds = Rounds(generate, self.agree)
            models = [self._model(rounds, step, f"{task}:{first + n}") for n, task in enumerate(prompts)]
            attempts = [
                self.env.run(task, model, attempt=number, sampling=self._drawn)
                for task, model, number in zip(prompts, models, numbers, strict=True)
            ]
            made = self.runner.run(rounds.run(attempts))
        facts = [
            self._fact(each, model, (step, (first + n) // self.how.group))
            for n, (each, model) in enumerate(zip(made, models, strict=True))
        ]
        if self.write is not None:
            self.write(self.gather([_line(each, step + 1) for each in made]))
        seconds = {"rollouts": time.monotonic() - started, "sampling": rounds.seconds}
        self.ledger.add(self.gather(facts), seconds)
        return self._given(made, models)

    def _fact(self, made: Rollout, model: Tokens, group: tuple[int, int]) -> Fact:
        """What is counted of an attempt, with the ids that it left."""
        steps, found = rollout.steps(made.talk.messages), made.reward
        graph = call_graph(steps, made.record["task"]["question"])
        return Fact(
            group=group,
            total=None if found.masked else found.total,
            format=found.format,
            correct=found.correct,
            right=found.outcome == "right",
            missed=any(step.outcome.get("error", {}).get("kind") == "not_recorded" for step in steps),
            ending=made.talk.ending,
            calls=len(steps),
            errors=rollout.counts(steps)["errors"],
            tokens=len(model.prompt) + len(model.ids),
            sampled=sum(model.mask),
            graph=graph.digest,
            topology=label(graph, self._roles),
        )

    @cached_property
    def _roles(self) -> dict[str, str]:
        return {name: tool.role for name, tool in self.env.pool.tools.items()}

    @property
    def _drawn(self) -> dict[str, Any]:
        return {"temperature": self.how.temperature, "top_p": self.how.top_p, "max_tokens": self.how.max_tokens}

    def _model(self, rounds: Rounds, step: int, key: str) -> Tokens:
        return Tokens(
            self.template,
            rounds.sample,
            max_tokens=self.how.max_tokens,
            max_length=self.how.max_length,
            key=f"{self.how.seed}:{step}:{key}",
            name=self.name,
            revision=f"step-{step}",
        )

    def _given(self, made: Sequence[Rollout], models: Sequence[Tokens]) -> dict[str, Any]:
        """What TRL wants of a rollout function; no list of ids is empty."""
        stop = self.template.stop
        return {
            "prompt_ids": [model.prompt or [stop] for model in models],
            "completion_ids": [model.ids or [stop] for model in models],
            "logprobs": [model.logprobs or [0.0] for model in models],
            "env_mask": [
                [0] * max(1, len(model.ids)) if each.reward.masked or not model.ids else model.mask
                for each, model in zip(made, models, strict=True)
            ],
            "total": [None if each.reward.masked else each.reward.total for each in made],
        }


def passed_on(total: list[float | None], **_: Any) -> list[float | None]:
    """TRL's reward function: what the rollout function found."""
    return total


def _line(made: Rollout, step: int) -> dict[str, Any]:
    """The attempt as dive-eval writes it, with the step that it was made for."""
    line = made.line()
    return {**line, "run": {**line["run"], "step": step}}
