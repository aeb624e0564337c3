"""What `make bench-eval` runs: JSON lines of figures of dive-eval, over tasks that it makes first.

The teacher over every kept task, plain and in other clothes; comparisons of the scorer; attempts stored, scored again
and summed up; a model behind a server that answers at once, beside the same server asked by nothing but sockets.
"""

from __future__ import annotations

import json
import os
import platform
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "perf")]

from bench import BIN, lines, run, say, seeds  # noqa: E402

JOBS = str(os.cpu_count() or 1)
EVAL = str(BIN / "dive-eval")


def tasks_of(folder: Path, setups: int) -> Path:
    """Kept tasks over all seeds of all domains, two rounds deep."""
    now: Path | None = None
    home = seeds(folder)
    stages = [["dive-sample", "-n", str(setups), "--seeds", str(home), "--seed", "5"]]
    stages += [[name, "-j", JOBS] for _ in range(2) for name in ("dive-collect", "dive-derive")]
    stages += [["dive-verify", "-j", JOBS], ["dive-dedup"]]
    for place, (name, *options) in enumerate(stages):
        out = folder / f"made{place}.jsonl"
        run([str(BIN / name), "-q", *options], now, out)
        now = out
    assert now is not None
    return now


def teacher(folder: Path, tasks: Path) -> Path:
    """--model plan over all tasks, plain and in other clothes: attempts a second, and how many were right."""
    count = lines(tasks)
    for what, jobs, options in (
        ("plan", JOBS, []),
        ("plan", "1", []),
        ("plan_8_attempts", JOBS, ["-k", "8"]),
        ("plan_perturbed", JOBS, ["--perturb", "all"]),
    ):
        out = folder / f"{what}.jsonl"
        used = run([EVAL, "--model", "plan", "-q", "-j", jobs, *options], tasks, out)
        outcomes = Counter(json.loads(row)["run"]["outcome"] for row in out.open("rb"))
        made = outcomes.total()
        say(
            what,
            jobs=int(jobs),
            tasks=count,
            attempts=made,
            right=outcomes["right"],
            wall_s=round(used["wall"], 1),
            attempts_per_s=round(made / used["wall"]),
            peak_mb=round(used["mb"]),
        )
    return folder / "plan_8_attempts.jsonl"


def unanswerable(folder: Path, tasks: Path) -> None:
    """Tasks from which a tool was taken, and the teacher at them."""
    out, runs = folder / "unanswerable.jsonl", folder / "unanswerable-runs.jsonl"
    made = run([str(BIN / "dive-tools"), "unanswerable", str(tasks)], stdout=out)
    run([EVAL, "--model", "plan", "-q", "-j", JOBS], out, runs)
    right = sum(json.loads(row)["run"]["outcome"] == "right" for row in runs.open("rb"))
    say("unanswerable", of_tasks=lines(tasks), made=lines(out), right=right, wall_s=round(made["wall"], 1))


def scoring(tasks: Path, seconds: float = 5.0) -> None:
    """Replies found and compared, one process: the right answer, another task's, and prose around either."""
    from dive_tools import score

    chance = random.Random(1)
    records = [json.loads(row)["task"] for row in tasks.open("rb")]
    pairs: list[tuple[str, dict[str, Any]]] = []
    for task in records:
        for of in (task, chance.choice(records)):
            said = score.written(of["answer"], of["question"])
            pairs += [(f"Answer: {said}", task), (f"First I looked it up.\n\nSo it is.\n\n**Answer:** {said}.", task)]
    for reply, task in pairs:  # names and units are read in once
        score.agrees(score.final(reply), task["answer"], task["question"])
    done, right, began = 0, 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        for reply, task in pairs:
            right += bool(score.agrees(score.final(reply), task["answer"], task["question"]))
        done += len(pairs)
    say("scoring", comparisons_per_s=round(done / (time.perf_counter() - began)), right=round(right / done, 3))


def stored(runs: Path) -> None:
    """Stored attempts scored again and summed up: attempts a second of whole processes."""
    count = lines(runs)
    for what in ("--rescore", "--summary", "--schemas"):
        used = run([EVAL, "-q", what], runs)
        say(f"stored{what}", attempts=count, wall_s=round(used["wall"], 1), attempts_per_s=round(count / used["wall"]))
    used = run([str(BIN / "dive-verify"), "-q", "--select", "diverse", "-m", "2"], runs)
    say("stored--select", attempts=count, wall_s=round(used["wall"], 1), attempts_per_s=round(count / used["wall"]))


def served(folder: Path, tasks: Path) -> None:
    """A model behind a server on this machine that answers at once: attempts and requests a second."""
    from model_server import serve

    known: dict[str, bytes] = {}  # the server knows a task by its seed
    for row in tasks.open("rb"):
        known.setdefault(json.dumps(json.loads(row)["setup"]["seed"]["value"]), row)
    tasks = folder / "known.jsonl"
    tasks.write_bytes(b"".join(known.values()))
    os.environ["DIVE_PLAN"] = str(tasks)
    import pupils

    with serve(pupils.pupil) as server:
        out = folder / "served.jsonl"
        words = ["--model", "openai:test", "--endpoint", server.base, "-k", "4", "-j", "64", "-n", "250", "-q"]
        used = run([EVAL, *words], tasks, out)
        made = lines(out)
        say(
            "served",
            attempts=made,
            requests=server.requests,
            attempts_per_s=round(made / used["wall"]),
            requests_per_s=round(server.requests / used["wall"]),
            peak_mb=round(used["mb"]),
        )


def main() -> None:
    say("machine", cpus=os.cpu_count(), machine=platform.machine(), python=platform.python_version())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tasks = tasks_of(folder, 2400)
        runs = teacher(folder, tasks)
        unanswerable(folder, tasks)
        scoring(tasks)
        stored(runs)
        served(folder, tasks)


if __name__ == "__main__":
    main()
