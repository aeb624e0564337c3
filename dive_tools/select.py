"""dive-verify on attempts: which of them to learn from, and which tasks a model solves now and then.

The attempts of a task stand together in the stream. Attempts are told apart by their ids and by how they were made
(model, revision, sampling, clothes). Kept in memory: those of one task, and the ids of the tasks before it, so that a
task whose attempts stand apart is found out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from dive_tools.callgraph import call_graph
from dive_tools.errors import BadRecord
from dive_tools.records import FOLDED, Drop, Folded, Record, canonical, need, task_id
from dive_tools.rollout import manner, renamed, steps

WAYS = ("best", "recovery", "diverse")
TOGETHER = "put the attempts of each task together: jq -cs 'sort_by(.id | split(\".\")[:-2])[]'"
ONCE = (
    "two runs of one model, made in one way, need a --tag each; of attempts copied twice keep one: jq -cs "
    "'unique_by([(.id | split(\".\")[:-2]), .id, (.run | .model, .revision, .sampling, .clothes)])[]'"
)
SHOWN = 80  # characters of an answer in the detail of a drop


# --- attempts to learn from -------------------------------------------------------------------------------------------


def select(records: Iterable[Record], way: str = "best", most: int = 1) -> Iterator[Record | Drop | BadRecord]:
    """Up to `most` right attempts of each task, as one of WAYS chooses them; a Drop for the others.

    Reasons: error, unscored, wrong, missing, no_answer, malformed, lucky, no_recovery, same_graph, spare.
    """
    for group in groups(records):
        dropped = _not_chosen(_runs(group), way, most)
        for one in group:
            yield one if isinstance(one, BadRecord) else dropped.get(_key(one), one)


def _not_chosen(runs: Sequence[Record], way: str, most: int) -> dict[Key, Drop]:
    """Those of a task's attempts that are not to be learnt from."""
    dropped = {_key(run): drop for run in runs if (drop := _unfit(run, way)) is not None}
    chosen: dict[Any, str] = {}
    for run in sorted((run for run in runs if _key(run) not in dropped), key=_rank):
        kind = _graph(run) if way == "diverse" else _key(run)
        if kind in chosen:
            twin = chosen[kind]
            dropped[_key(run)] = Drop(run, "same_graph", f"the same calls as {twin}", {"twin": twin})
        elif len(chosen) == most:
            dropped[_key(run)] = Drop(run, "spare", f"better: {', '.join(chosen.values())}")
        else:
            chosen[kind] = run["id"]
    return dropped


def _unfit(record: Record, way: str) -> Drop | None:
    """Why nothing is to be learnt from an attempt, whatever the others of its task did."""
    run = record["run"]
    if "error" in run:
        return Drop(record, "error", run["error"])
    if run["outcome"] != "right":
        return Drop(record, run["outcome"], _said(run))
    if any(not isinstance(step.arguments, dict) for step in steps(run["messages"])):
        return Drop(record, "malformed", "the arguments of a call are no JSON object, which no training format holds")
    if "lucky" in run:
        return Drop(record, "lucky", "its answer stands in none of its results")
    if way == "recovery" and not run["calls"].get("recovered"):
        return Drop(record, "no_recovery", "no call gave a result after one that failed")
    return None


def _said(run: dict[str, Any]) -> str:
    if run["outcome"] == "no_answer":
        return str(run.get("detail", "its reply states no answer"))
    return f"it says {run.get('answer', '')[:SHOWN]!r}"


def _rank(record: Record) -> tuple[float | str, ...]:
    """The better, the lower: fewest wasted calls, then fewest turns, then fewest tokens; the earlier of equals."""
    run = record["run"]
    turns = sum(message["role"] == "assistant" for message in run["messages"])
    tokens = sum(run["usage"].get(name) or 0 for name in ("tokens_in", "tokens_out"))
    return wasted(run), turns, tokens, run["attempt"], *_key(record)


def wasted(run: dict[str, Any]) -> int:
    """How many calls failed, were made before, or are more than the proof rests on."""
    made = steps(run["messages"])
    useful = {canonical([step.tool, step.arguments]) for step in made if "result" in step.outcome}
    return len(made) - min(len(useful), run["rests"]["calls"])


def _graph(record: Record) -> str:
    """What the call graph of an attempt is known by; tools go by their own names, whatever they were shown as."""
    run = record["run"]
    return call_graph(steps(run["messages"]), record["task"]["question"], _own(run)).digest


def _own(run: dict[str, Any]) -> dict[str, str]:
    """The own names of the tools that an attempt saw under others."""
    return {shown: name for name, shown in run.get("clothes", {}).get("names", {}).items()}


# --- tasks to learn from ----------------------------------------------------------------------------------------------


def frontier(records: Iterable[Record], low: int, high: int) -> Iterator[Record | Drop | Folded | BadRecord]:
    """Each task that was solved in `low` to `high` of its scored attempts, with `frontier`; a Drop for the others.

    `frontier.rests` is what the proof rests on, as an attempt has it, since the evidence may be gone.

    A task comes in the place of its first attempt, and the others are folded into it. Reasons: too_easy, too_hard,
    unscored.
    """
    for group in groups(records, _whole):
        runs = _runs(group)
        for one in group:
            if isinstance(one, BadRecord):
                yield one
            else:
                yield _task(runs, low, high) if one is runs[0] else FOLDED


def _task(runs: Sequence[Record], low: int, high: int) -> Record | Drop:
    """The task of the attempts, with how often it was solved, and how often of these by luck."""
    attempts = sum(run["run"]["score"] is not None for run in runs)
    solved = sum(run["run"]["outcome"] == "right" for run in runs)
    lucky = sum("lucky" in run["run"] for run in runs)
    models = ", ".join(sorted({run["run"]["model"] for run in runs}))
    bare = {key: value for key, value in runs[0].items() if key != "run"}
    found = {"solved": solved, **({"lucky": lucky} if lucky else {}), "attempts": attempts, "model": models}
    found["rests"] = _rests(runs)
    task = {**bare, "id": task_id(runs[0]), "frontier": found}
    if not attempts:
        return Drop(task, "unscored", f"none of {len(runs)} attempts has a score")
    if low <= solved <= high:
        return task
    return Drop(task, "too_hard" if solved < low else "too_easy", f"solved in {solved} of {attempts} attempts")


def _rests(runs: Sequence[Record]) -> dict[str, Any]:
    """What the proof rests on, with the tools' own names: of an attempt that tells, if one does."""
    best = min((run["run"] for run in runs), key=lambda run: (not run["rests"]["cited"], len(_own(run))))
    return renamed(best["rests"], _own(best))


# --- the attempts of a task -------------------------------------------------------------------------------------------


Key = tuple[str, str]  # the id of an attempt, and how it was made


def _key(record: Record) -> Key:
    return record["id"], manner(record["run"])


def attempt(record: Record) -> None:
    """Raise BadRecord unless the record is an attempt at a task."""
    need(record, "id", "task", "run")
    if record["id"].count(".") < 2:
        raise BadRecord('"id" must be TASK.MODEL.ATTEMPT', hint="dive-eval writes it")


def _whole(record: Record) -> None:
    """Raise BadRecord unless it is one of as many attempts as were asked for."""
    attempt(record)
    if "until" in record["run"]:
        raise BadRecord(
            "its attempts ended with a right one, so they do not tell how often",
            hint="run dive-eval without --until-correct",
        )


def groups(records: Iterable[Record], check: Callable[[Record], None] = attempt) -> Iterator[list[Record | BadRecord]]:
    """The attempts of one task after another; in the place of what cannot be one, why."""
    over: set[str] = set()  # tasks that another came after
    here, group, keys = "", list[Record | BadRecord](), set[Key]()
    for record in records:
        try:
            check(record)
            name = task_id(record)
            if name in over:
                raise BadRecord(f"task {name} comes again after another", hint=TOGETHER)
            if name == here and _key(record) in keys:
                raise BadRecord(f"attempt {record['id']} comes twice", hint=ONCE)
        except BadRecord as fault:
            if group:
                group.append(fault)
            else:
                yield [fault]
            continue
        if name != here:
            if group:
                yield group
            over.add(here)
            here, group, keys = name, [], set()
        group.append(record)
        keys.add(_key(record))
    if group:
        yield group


def _runs(group: Sequence[Record | BadRecord]) -> list[Record]:
    return [one for one in group if not isinstance(one, BadRecord)]
