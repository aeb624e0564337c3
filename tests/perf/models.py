"""What `make bench-models` runs: the pipe with a model in every stage, against a server that plays the model.

JSON lines of figures. The server (tests/model_server.py) answers from a file of tasks after a set latency; it and the
pipe share this machine. Rates are counted at the server, from the first request to the last, and over the middle half
of the requests, when every stage is at work; the ideal is requests in flight / latency.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
BIN = ROOT / "bin"
ENV = {
    **os.environ,
    "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}",
    "PATH": f"{BIN}:{Path(sys.executable).parent}:{os.environ['PATH']}",
}


def say(what: str, **figures: object) -> None:
    """One figure as a JSON line."""
    sys.stdout.write(json.dumps({"bench": what, **figures}) + "\n")
    sys.stdout.flush()


def plans(folder: Path, setups: int) -> Path:
    """Tasks of three rounds and six calls, made without a model: what the server plays."""
    pair = "dive-collect -q --calls 2 | dive-derive -q"
    line = f"dive-sample -q -n {setups} --seed 4 | {pair} | {pair} | {pair} | dive-verify -q"
    rows, seen = [], set()
    for raw in subprocess.run(["bash", "-c", line], env=ENV, check=True, capture_output=True).stdout.splitlines():
        task = json.loads(raw)
        seed = json.dumps(task["setup"]["seed"])
        whole = len(task["task"].get("history", [])) == 2 and len(task["evidence"]) == 6
        if whole and seed not in seen and all("result" in step for step in task["evidence"]):
            seen.add(seed)
            rows.append(raw + b"\n")
    (path := folder / "plan.jsonl").write_bytes(b"".join(rows))
    say("plans", setups=setups, plans=len(rows))
    return path


def setups(plan: Path, count: int, target: Path) -> Path:
    """So many setups, each with an id of its own, over the seeds of the plan."""
    rows = [json.loads(line) for line in plan.open()]
    with target.open("w") as file:
        for number in range(count):
            row = rows[number % len(rows)]
            file.write(json.dumps({"id": f"{number:016x}", "setup": {**row["setup"], "draw": number}}) + "\n")
    return target


@contextmanager
def server(plan: Path, *options: str) -> Iterator[str]:
    """The server as a program of its own; its base URL."""
    words = [
        sys.executable,
        str(ROOT / "tests" / "model_server.py"),
        "--port",
        "0",
        "--policy",
        "policies:planned",
        *options,
    ]
    child = subprocess.Popen(words, env={**ENV, "DIVE_PLAN": str(plan)}, stdout=subprocess.PIPE, text=True)
    try:
        yield child.stdout.readline().strip()  # type: ignore[union-attr]
    finally:
        child.kill()
        child.wait()


def stats(base: str) -> dict[str, Any]:
    with urllib.request.urlopen(base.removesuffix("/v1") + "/stats", timeout=10) as answer:
        return json.load(answer)


class Watch:
    """(time, requests answered) at the server, twenty times a second, until stopped."""

    def __init__(self, base: str) -> None:
        self.base, self.marks, self.over = base, [], threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def _watch(self) -> None:
        while not self.over.wait(0.05):
            self.marks.append((time.monotonic(), stats(self.base)["answered"]))

    def rates(self) -> dict[str, float]:
        """Answers a second from the first to the last, and over the middle half."""
        self.over.set()
        self.thread.join()
        last = self.marks[-1][1]

        def when(share: float) -> float:
            return next(at for at, count in self.marks if count >= max(1, share * last))

        whole, middle = when(1) - when(0), when(0.75) - when(0.25)
        return {"answered": last, "whole": round(last / whole, 1), "middle": round(last / 2 / middle, 1)}


def peak(pids: list[int]) -> list[int]:
    """Peak resident memory of each process, in MB."""
    found = []
    for pid in pids:
        words = Path(f"/proc/{pid}/status").read_text().split()
        found.append(int(words[words.index("VmHWM:") + 1]) // 1024)
    return found


def pipe(folder: Path, base: str, source: Path, in_flight: int, *more: str, closed: int = 0) -> dict[str, Any]:
    """Three rounds and the verifier over one server; records kept, wall seconds, rejects by reason."""
    tag = f"{source.stem}-{in_flight}-{time.monotonic_ns()}"
    model = ["--model", "openai:test", "--endpoint", base, "-j", str(in_flight), "--in-flight", str(in_flight)]
    model += ["--ledger", str(folder / f"{tag}.ledger"), "--cassette", str(folder / f"{tag}.sqlite"), *more]
    names = ["dive-collect", "dive-derive"] * 3
    stages = [[name, "-q", *model, "-r", str(folder / f"{tag}.{n}.rejects")] for n, name in enumerate(names)]
    check = [*model, "--closed", str(closed)] if closed else []
    stages.append(["dive-verify", "-q", *check, "-r", str(folder / f"{tag}.9.rejects")])
    began = time.perf_counter()
    children: list[subprocess.Popen[bytes]] = []
    feed: Any = source.open("rb")
    for words in stages:
        children.append(
            subprocess.Popen([str(BIN / words[0]), *words[1:]], env=ENV, stdin=feed, stdout=subprocess.PIPE)
        )
        feed.close()
        feed = children[-1].stdout
    kept = sum(1 for _ in feed)
    codes = [child.wait() for child in children]
    if any(codes):
        raise SystemExit(f"exit codes {codes}")
    reasons: dict[str, int] = {}
    for path in folder.glob(f"{tag}.*.rejects"):
        for line in path.open():
            drop = json.loads(line)["drop"]
            reasons[drop["reason"]] = reasons.get(drop["reason"], 0) + 1
    return {"kept": kept, "dropped": reasons, "wall_s": round(time.perf_counter() - began, 1)}


def throughput(
    folder: Path, plan: Path, in_flight: int, count: int, *faults: str, closed: int = 0, **more: str
) -> float:
    """The whole pipe at a latency of 0.2 s."""
    with server(plan, "--latency", "0.2", *faults) as base:
        source = setups(plan, count, folder / f"setups{count}.jsonl")
        watch = Watch(base)
        done = pipe(
            folder, base, source, in_flight, *(x for k, v in more.items() for x in (f"--{k}", v)), closed=closed
        )
        rates, seen = watch.rates(), stats(base)
    ideal = in_flight / 0.2
    say(
        "llm_pipe",
        in_flight=in_flight,
        setups=count,
        **done,
        requests=seen["requests"],
        most_at_once=seen["most"],
        faults=seen["faults"],
        repeated=seen["repeated"],
        requests_per_s=rates,
        ideal_per_s=ideal,
        share_of_ideal={key: round(rates[key] / ideal, 3) for key in ("whole", "middle")},
        records_per_s=round(count / (rates["answered"] / rates["whole"]), 1),
    )
    return rates["middle"]


def memory(folder: Path, plan: Path, at_once: int = 1000) -> None:
    """Peak memory of a collector with so many conversations in flight."""
    source = setups(plan, 2 * at_once, folder / "many.jsonl")
    with server(plan, "--latency", "3") as base:
        words = [str(BIN / "dive-collect"), "-q", "--model", "openai:test", "--endpoint", base, "-j", str(at_once)]
        child = subprocess.Popen([*words, str(source)], env=ENV, stdout=subprocess.DEVNULL)
        most = 0
        while child.poll() is None:
            with_all = stats(base)["most"]
            try:
                most = max(most, *peak([child.pid]))
            except (OSError, ValueError):
                break
            time.sleep(0.1)
        child.wait()
    say("llm_memory", conversations=at_once, most_at_once=with_all, peak_mb=most)


def refused(folder: Path, plan: Path) -> None:
    """A server that accepts no key: how long until the command says so."""
    source = setups(plan, 100, folder / "few.jsonl")
    with server(plan, "--key", "right") as base:
        words = [str(BIN / "dive-collect"), "--model", "openai:test", "--endpoint", base, str(source)]
        began = time.perf_counter()
        done = subprocess.run(words, env={**ENV, "OPENAI_API_KEY": "wrong"}, capture_output=True, text=True)
        seconds = time.perf_counter() - began
    say("llm_refused", seconds=round(seconds, 2), code=done.returncode, said=done.stderr, out=len(done.stdout))


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--plan", type=Path, help="a file of plans made earlier")
    options.add_argument("--setups", type=int, default=1500)
    options.add_argument("--records", type=int, default=1200)
    options.add_argument("--only", help="one of pipe, pipe256, faults, memory, refused")
    given = options.parse_args()
    say("machine", cpus=os.cpu_count(), python=sys.version.split()[0])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plan = given.plan or plans(folder, given.setups)
        parts = {
            "pipe": lambda: throughput(folder, plan, 64, given.records),
            "pipe256": lambda: throughput(folder, plan, 256, 2 * given.records),
            "faults": lambda: throughput(
                folder, plan, 64, given.records,
                "--fault", "429=0.1", "--fault", "500=0.05", "--fault", "hang=0.02", timeout="2", tries="8",
            ),
            "memory": lambda: memory(folder, plan),
            "refused": lambda: refused(folder, plan),
        }  # fmt: skip
        for part, run in parts.items():
            if given.only in (None, part):
                run()


if __name__ == "__main__":
    main()
