"""What the attempts of runs come to: pass@1 and pass@k over tasks, what was done and spent, and two runs task by task.

A task counts once, however many attempts it had, and intervals are over tasks: the attempts of one task resemble each
other, so they are drawn together (a cluster bootstrap). Where there are few tasks, or all fare alike, resampling says
nothing, and rates have Wilson's interval. What is unscored is counted and is neither right nor wrong.
Runs that stop after a success (`until`) try hard tasks more often than easy ones: a mean over their attempts would be
too low, so each task counts by its first scored attempts. Unanswerable tasks (scorer "missing") have figures of their
own. Kept in memory, per attempt: its number, its score and its seconds.
"""

from __future__ import annotations

import statistics
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from math import fsum, prod
from typing import Any

from dive_tools.errors import BadRecord, UsageFault
from dive_tools.intervals import bootstrap, wilson
from dive_tools.records import Record, canonical, need, task_id
from dive_tools.rollout import manner

GROUPS = ("domain", "pattern", "support_calls", "tools", "tier", "answer_type")
IN_PARTS = ("map", "set", "list")  # types of answers, of which an attempt without an answer has no part right
NONE = "none"  # the group of a task that does not say
_LONG = 10  # supports of so many calls or more are one group
_MANY = 50  # so are toolsets of more tools
_COUNTED = ("made", "errors", "repeated")
_SPENT = ("requests", "tokens_in", "tokens_out", "cached")

Figure = dict[str, Any]  # {value, low, high, method, tasks}: a mean over so many tasks, null where unknown


def pass_at(k: int, attempts: int, right: int) -> float:
    """The chance that one of k attempts is right, unbiased, from `right` of `attempts` >= k.

    1 - C(n - c, k) / C(n, k), as a product that neither overflows nor cancels (Chen et al. 2021, arXiv 2107.03374).
    """
    wrong = attempts - right
    return 1.0 if wrong < k else 1.0 - prod(1.0 - k / i for i in range(wrong + 1, attempts + 1))


def figure(values: Sequence[float], seed: int = 0, *, shares: bool = True) -> Figure:
    """The mean of one value per task, with its interval; `method` says how that was found.

    Of shares, values from 0 to 1, there is one wherever there is a value: Wilson's where the bootstrap has none.
    """
    if (found := bootstrap(values, seed)) is not None:
        method: str | None = "bootstrap"
    elif shares and values:
        found, method = wilson(fsum(values), len(values)), "wilson"
    else:
        method = None
    low, high = found or (None, None)
    return {
        "value": _mean(values),
        "low": _rounded(low),
        "high": _rounded(high),
        "method": method,
        "tasks": len(values),
    }


class Summing:
    """Takes one run after another, and says what they come to."""

    def __init__(self) -> None:
        self._models: dict[str, _Model] = {}

    def add(self, record: Record) -> None:
        """Count one run; BadRecord for a line that is none."""
        need(record, "id", "setup", "task", "run")
        if record["id"].count(".") < 2:
            raise BadRecord(f'"id": {record["id"]} is not <task>.<model tag>.<attempt>', hint="dive-eval writes it")
        run = record["run"]
        kinds = tuple(run.get("clothes", {}).get("kinds", ()))
        name = run["model"] + (f" (perturbed: {', '.join(kinds)})" if kinds else "")
        if name not in self._models:
            self._models[name] = _Model(run["model"], kinds)
        self._models[name].add(record)

    @property
    def attempts(self) -> int:
        """How many attempts were counted."""
        return sum(len(task.scores) for model in self._models.values() for task in model.tasks())

    def result(self, seed: int = 0, k: Sequence[int] | None = None) -> dict[str, Any]:
        """The summary, or `{"models": {name: summary}}` where there are several; the same for any order of the runs.

        `k` says which pass@k; otherwise 1, 2, 4, 8 … up to the most scored attempts of a task. Each is over the tasks
        with at least k scored attempts, whose number is in it.
        """
        if any(each < 1 for each in k or ()):
            raise UsageFault("pass@k is for k of 1 or more")
        found = {name: model.result(seed, k) for name, model in sorted(self._models.items())}
        if len(found) > 1:
            return {"models": found}
        return next(iter(found.values()), None) or _Model("", ()).result(seed, k)

    def _only(self, which: str) -> _Model:
        if len(self._models) == 1:
            return next(iter(self._models.values()))
        held = f"runs of {len(self._models)} models: {', '.join(sorted(self._models))}" if self._models else "no run"
        raise UsageFault(f"{which} holds {held}", hint="give a file with the runs of one model, made in one way")


def compare(
    one: Summing, other: Summing, seed: int = 0, names: tuple[str, str] = ("the first file", "the second file")
) -> dict[str, Any]:
    """How much better `one` did than `other` on the tasks of both: per-task pass rates, one minus other, paired.

    `better` counts the tasks on which `one` has the higher rate. UsageFault, which calls the two by `names`, where no
    task is in both.
    """
    mine, theirs = one._only(names[0]), other._only(names[1])
    if not any(mine.of[scorer].tasks.keys() & theirs.of[scorer].tasks.keys() for scorer in mine.of):
        hint = "compare runs on the same tasks: --model or --perturb may differ"
        raise UsageFault(f"no task is in both {names[0]} and {names[1]}", hint=hint)
    until = [any(runs.until for runs in model.of.values()) for model in (mine, theirs)]
    answers, missing = (_paired(mine.of[scorer], theirs.of[scorer], seed) for scorer in ("answer", "missing"))
    return {
        "one": {**mine.names(), "until": until[0]},
        "other": {**theirs.names(), "until": until[1]},
        **answers,
        "missing": missing if missing["common"] else None,
    }


@dataclass(slots=True)
class _Task:
    """What is kept of a task; attempts are keyed by their number and by the model's tag and how they were made."""

    groups: tuple[str, ...]
    in_parts: bool  # whether a part of its answer can be right
    judged: bool
    scores: dict[tuple[int, str], float | None] = field(default_factory=dict)
    parts: dict[tuple[int, str], float] = field(default_factory=dict)
    lucky: set[tuple[int, str]] = field(default_factory=set)

    def scored(self) -> list[float]:
        """The scores that there are, in the order of the attempts."""
        return [score for _, score in sorted(self.scores.items()) if score is not None]

    def rate(self, until: bool, *, luck: bool = True) -> float | None:
        """The share of its scored attempts that are right, or with `until` whether the first of them is.

        Without `luck`, a right one by luck is none.
        """
        scored = [(key, score) for key, score in sorted(self.scores.items()) if score is not None]
        return _first_or_mean(
            [float(_right(score) and (luck or key not in self.lucky)) for key, score in scored], until
        )

    def share(self, until: bool) -> float | None:
        """The mean share of parts that are right."""
        return _first_or_mean([share for _, share in sorted(self.parts.items())], until)


@dataclass(slots=True)
class _Runs:
    """The attempts at tasks that are scored in the same way."""

    tasks: dict[str, _Task] = field(default_factory=dict)
    endings: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    sums: Counter[str] = field(default_factory=Counter)
    tags: dict[str, str] = field(default_factory=dict)  # one text for all that say the same
    seconds: array[float] = field(default_factory=lambda: array("d"))
    until: bool = False

    def add(self, record: Record) -> bool:
        """Count an attempt, once; False where it was counted before."""
        run = record["run"]
        task = self._task(record)
        made = f"{record['id'].rsplit('.', 2)[1]} {manner(run)}"
        key = (run["attempt"], self.tags.setdefault(made, made))
        if key in task.scores:
            self.sums["twice"] += 1
            return False
        task.scores[key] = run["score"]
        task.judged = task.judged or "judged" in run
        if task.in_parts and run["score"] is not None:
            parts = run.get("parts")
            task.parts[key] = run["score"] if parts is None else parts
        self.until = self.until or "until" in run
        self.endings[run["ending"]] += 1
        self.outcomes[run["outcome"]] += 1
        if "error" in run:
            self.errors[first_word(run["error"])] += 1
        if run.get("lucky"):
            self.sums["lucky"] += 1
            task.lucky.add(key)
        if run["ending"] != "not_run":
            self._count(run["calls"], run["usage"])
        return True

    def _task(self, record: Record) -> _Task:
        name = task_id(record)
        if name not in self.tasks:
            kind = record["task"]["answer"]["type"]
            self.tasks[name] = _Task(
                tuple(self.tags.setdefault(each, each) for each in groups(record)), kind in IN_PARTS, kind == "text"
            )
        return self.tasks[name]

    def _count(self, calls: Mapping[str, Any], usage: Mapping[str, Any]) -> None:
        self.sums.update({name: calls[name] for name in _COUNTED})
        self.sums["with_errors"] += calls["errors"] > 0
        self.sums["recovered"] += calls["errors"] > 0 and calls.get("recovered", False)
        self.sums.update({name: usage.get(name) or 0 for name in _SPENT})
        self.seconds.append(usage.get("seconds") or 0.0)

    def rates(self) -> dict[str, float]:
        """The pass rate of each task that has one."""
        found = ((name, task.rate(self.until)) for name, task in sorted(self.tasks.items()))
        return {name: rate for name, rate in found if rate is not None}

    def without_luck(self) -> list[float]:
        """The pass rates of tasks, where a right answer by luck counts for nothing."""
        found = (task.rate(self.until, luck=False) for _, task in sorted(self.tasks.items()))
        return [rate for rate in found if rate is not None]

    def figures(self, names: Iterable[str], rates: Mapping[str, float], seed: int) -> dict[str, Any]:
        """How many tasks and attempts these are, and their pass@1."""
        of = list(names)
        attempts = sum(len(self.tasks[name].scores) for name in of)
        return {"tasks": len(of), "attempts": attempts, "pass@1": figure([rates[n] for n in of if n in rates], seed)}

    def grouped(self, rates: Mapping[str, float], seed: int) -> dict[str, dict[str, Any]]:
        """Each kind of group that any task names, and the figures of each group."""
        found: dict[str, dict[str, Any]] = {}
        for place, kind in enumerate(GROUPS):
            names = defaultdict(list)
            for name, task in self.tasks.items():
                names[task.groups[place]].append(name)
            if names.keys() - {NONE}:
                found[kind] = {group: self.figures(names[group], rates, seed) for group in sorted(names, key=_order)}
        return found

    def by_scorer(self, rates: Mapping[str, float], seed: int) -> dict[str, Any]:
        """The tasks with a score that a program scored, and those that are a judge's."""
        of: dict[str, list[str]] = {"program": [], "judge": []}
        for name in rates:
            of["judge" if self.tasks[name].judged else "program"].append(name)
        return {scorer: self.figures(names, rates, seed) for scorer, names in of.items()}

    def passes(self, wanted: Sequence[int] | None, seed: int) -> dict[str, Figure]:
        """pass@k for each k."""
        scores = [scored for _, task in sorted(self.tasks.items()) if (scored := task.scored())]
        most = max(map(len, scores), default=0)
        ks = sorted(set(wanted)) if wanted is not None else [1 << i for i in range(most.bit_length())]
        at = _first_pass if self.until else _any_pass
        found = {str(k): figure(at(scores, k), seed) for k in ks}
        return found if wanted is not None else {k: each for k, each in found.items() if each["tasks"]}

    def conduct(self) -> dict[str, Any]:
        """How the attempts ended, and what those that were run did and spent."""
        ran, sums = len(self.seconds), self.sums
        seconds = sorted(self.seconds)
        return {
            "outcomes": _counted(self.outcomes),
            "endings": _counted(self.endings),
            "errors": _counted(self.errors),
            "lucky": sums["lucky"],
            "run": ran,
            "calls": {
                **{name: _share(sums[name], ran) for name in _COUNTED},
                "with_errors": sums["with_errors"],
                "recovered": _share(sums["recovered"], sums["with_errors"]),
            },
            "usage": {
                **{name: {"mean": _share(sums[name], ran), "total": sums[name]} for name in _SPENT},
                "seconds": {
                    "mean": _mean(seconds),
                    "median": _rounded(statistics.median(seconds)) if seconds else None,
                    "total": _rounded(fsum(seconds)),
                },
            },
        }

    def block(self, rates: Mapping[str, float], seed: int) -> dict[str, Any]:
        """What is said of answerable and of unanswerable tasks alike."""
        figures = self.figures(self.tasks, rates, seed)
        scored = figures["attempts"] - sum(list(t.scores.values()).count(None) for t in self.tasks.values())
        counts = {"scored": scored, "unscored": figures["attempts"] - scored, "twice": self.sums["twice"]}
        return {"tasks": figures["tasks"], "attempts": figures["attempts"], **counts, "pass@1": figures["pass@1"]}


@dataclass(slots=True)
class _Model:
    """The runs of one model on tasks in one sort of clothes."""

    model: str
    perturbed: tuple[str, ...]
    of: dict[str, _Runs] = field(default_factory=lambda: {"answer": _Runs(), "missing": _Runs()})
    revisions: set[str] = field(default_factory=set)
    samplings: dict[bytes, Any] = field(default_factory=dict)

    def add(self, record: Record) -> None:
        run = record["run"]
        if self.of[record["task"].get("scorer", "answer")].add(record):
            self.revisions.add(run.get("revision", ""))
            self.samplings[canonical(run.get("sampling", {}))] = run.get("sampling", {})

    def tasks(self) -> Iterator[_Task]:
        """Every task, answerable or not."""
        return chain.from_iterable(runs.tasks.values() for runs in self.of.values())

    def names(self) -> dict[str, Any]:
        """Whose runs these are."""
        return {
            "model": self.model,
            "perturbed": list(self.perturbed),
            "revisions": sorted(self.revisions - {""}),
            "samplings": [sampling for _, sampling in sorted(self.samplings.items())],
        }

    def result(self, seed: int, k: Sequence[int] | None) -> dict[str, Any]:
        runs = self.of["answer"]
        rates = runs.rates()
        block = runs.block(rates, seed)
        shares = [share for _, task in sorted(runs.tasks.items()) if (share := task.share(runs.until)) is not None]
        said = runs.outcomes["missing"]
        return {
            **self.names(),
            **block,
            "until": runs.until,
            "without_luck": figure(runs.without_luck(), seed),
            "pass@k": runs.passes(k, seed),
            "scored_by": runs.by_scorer(rates, seed),
            "parts": figure(shares, seed),
            "wrongly_missing": {"attempts": said, "share": _share(said, block["scored"])},
            "missing": self._missing(seed),
            "groups": runs.grouped(rates, seed),
            **runs.conduct(),
        }

    def _missing(self, seed: int) -> dict[str, Any] | None:
        """The same of unanswerable tasks, whose right answer is to say what is missing; None where there is none."""
        runs = self.of["missing"]
        if not runs.tasks:
            return None
        block = runs.block(runs.rates(), seed)
        rate = block.pop("pass@1")
        return {**block, "until": runs.until, "rate": rate, **runs.conduct()}


def _paired(one: _Runs, other: _Runs, seed: int) -> dict[str, Any]:
    """The differences on the tasks that both have scored, in all and by domain."""
    mine, theirs = one.rates(), other.rates()
    both = [name for name in mine if name in theirs]
    by_domain = defaultdict(list)
    for name in both:
        by_domain[one.tasks[name].groups[GROUPS.index("domain")]].append(name)
    common = one.tasks.keys() & other.tasks.keys()
    return {
        **_difference(both, mine, theirs, seed),
        "common": len(common),
        "unscored": len(common) - len(both),
        "only_in_one": len(one.tasks.keys() - common),
        "only_in_other": len(other.tasks.keys() - common),
        "domain": {domain: _difference(names, mine, theirs, seed) for domain, names in sorted(by_domain.items())},
    }


def _difference(names: Sequence[str], one: Mapping[str, float], other: Mapping[str, float], seed: int) -> Figure:
    differences = [round(one[name] - other[name], 12) for name in names]
    better, worse = sum(d > 0 for d in differences), sum(d < 0 for d in differences)
    return {
        "tasks": len(names),
        "one_rate": _mean([one[name] for name in names]),
        "other_rate": _mean([other[name] for name in names]),
        "difference": figure(differences, seed, shares=False),
        "better": better,
        "worse": worse,
        "equal": len(names) - better - worse,
    }


def _any_pass(scores: Iterable[Sequence[float]], k: int) -> list[float]:
    """pass@k of each task with enough attempts, any k of which are as good as the first."""
    return [pass_at(k, len(of), sum(map(_right, of))) for of in scores if len(of) >= k]


def _first_pass(scores: Sequence[Sequence[float]], k: int) -> list[float]:
    """Whether the first k attempts at each task solved it; empty unless that is known of every task.

    A task that was solved sooner and not tried on is known, one that was not is not: to leave out the latter alone
    would leave out failures.
    """
    found = [any(map(_right, of[:k])) for of in scores if len(of) >= k or any(map(_right, of))]
    return list(map(float, found)) if len(found) == len(scores) else []


def groups(record: Record) -> tuple[str, ...]:
    """The group of a run's task in each kind of GROUPS."""
    setup, task, calls = record["setup"], record["task"], record["run"]["rests"]["calls"]
    return (
        setup["domain"],
        task.get("pattern") or NONE,
        str(calls) if calls < _LONG else f"{_LONG}+",
        _tens(len(setup["tools"])),
        setup.get("tier") or NONE,
        task["answer"]["type"],
    )


def first_word(error: str) -> str:
    """What kind of error it is: `model_error: timeout` of `model_error: timeout: no answer in 60 s`."""
    return ": ".join(error.split(": ")[:2]) if error.startswith("model_error: ") else error.partition(":")[0]


def _tens(count: int) -> str:
    """`21-30` of 27."""
    low = (count - 1) // 10 * 10
    return f"{low + 1}-{low + 10}" if count <= _MANY else f"{_MANY + 1}+"


def _order(group: str) -> tuple[int, str]:
    """Numbers by their size, before words."""
    number = group.partition("-")[0].rstrip("+")
    return (int(number), "") if number.isdecimal() else (1 << 62, group)


def _right(score: float) -> bool:
    return score >= 1


def _first_or_mean(values: Sequence[float], first: bool) -> float | None:
    return None if not values else values[0] if first else fsum(values) / len(values)


def _mean(values: Sequence[float]) -> float | None:
    return _rounded(fsum(values) / len(values)) if values else None


def _share(count: float, of: int) -> float | None:
    return _rounded(count / of) if of else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def _counted(counts: Counter[str]) -> dict[str, int]:
    """The counts, the most frequent first."""
    return {word: count for word, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])) if count}
