"""What `make bench` runs: JSON lines of figures, each with the command that it measures.

Times are wall and CPU seconds of whole processes, medians of several runs where a run is short; memory is the peak
resident set of each process. With `--long` 10,000 setups are run and the memory of 100,000 records is measured too
(about half an hour).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[2]
BIN = ROOT / "bin"
COMMANDS = ("dive-sample", "dive-collect", "dive-derive", "dive-verify", "dive-dedup", "dive-tools")
sys.path.insert(0, str(ROOT))
DISTANCE = '{"origin": {"latitude": 0, "longitude": 0}, "destination": {"latitude": 0, "longitude": 90}}'


def say(what: str, **figures: object) -> None:
    """One figure as a JSON line."""
    sys.stdout.write(json.dumps({"bench": what, **figures}) + "\n")
    sys.stdout.flush()


def run(command: list[str], stdin: Path | None = None, stdout: Path | None = None) -> dict[str, float]:
    """Wall seconds, CPU seconds and peak memory (MB) of one process."""
    source = os.open(stdin or os.devnull, os.O_RDONLY)
    sink = os.open(stdout or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    start = time.perf_counter()
    child = subprocess.Popen(command, stdin=source, stdout=sink, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{command} ended with {child.returncode}")
    for fd in (source, sink):
        os.close(fd)
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "mb": usage.ru_maxrss / 1024}


def start_up(times: int) -> None:
    """`--help` of every command."""
    for command in COMMANDS:
        runs = [run([str(BIN / command), "--help"]) for _ in range(times)]
        wall, cpu = (round(statistics.median(r[key] for r in runs), 3) for key in ("wall", "cpu"))
        say("help", command=command, wall_s=wall, cpu_s=cpu)


def pool(folder: Path, times: int) -> None:
    """Listing, showing, calling and checking the built-in pool; its roles, domains and connectivity."""
    from dive_tools.pool import builtin, connected

    tool = str(BIN / "dive-tools")
    plan = (
        ("list", ["list"], times),
        ("show", ["show", "city_profile"], times),
        ("call", ["call", "great_circle_distance", DISTANCE], times),
        ("check", ["check"], 1),
    )
    for what, words, runs in plan:
        walls = [run([tool, *words])["wall"] for _ in range(runs)]
        say(f"pool_{what}", wall_s=round(statistics.median(walls), 2))
    tools = builtin().tools
    roles = Counter(found.role for found in tools.values())
    say("pool", tools=len(tools), **roles, connected=round(len(connected(tools)) / len(tools), 3))
    for domain in sorted({found.domain for found in tools.values()}):
        say("domain", domain=domain, **Counter(found.role for found in tools.values() if found.domain == domain))


def seeds(folder: Path, most: int = 5000) -> Path:
    """Up to `most` seeds of every domain: how many there are."""
    index = json.loads((ROOT / "dive_tools" / "tools" / "index.json").read_bytes())
    (home := folder / "seeds").mkdir()
    for domain in sorted({row["domain"] for row in index}):
        out = home / f"{domain}.jsonl"
        used = run([str(BIN / "dive-tools"), "seeds", domain, "-n", str(most)], stdout=out)
        say("seeds", domain=domain, seeds=lines(out), wall_s=round(used["wall"], 2))
    return home


def imports(folder: Path, count: int = 3000) -> None:
    """An OpenAPI document of so many operations, imported."""
    parameter = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    answer = {
        "200": {"description": "ok", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/T"}}}}
    }
    paths = {
        f"/things{n}/{{id}}": {"get": {"operationId": f"get{n}", "parameters": [parameter], "responses": answer}}
        for n in range(count)
    }
    shared = {"T": {"type": "object", "properties": {"name": {"type": "string"}}}}
    head = {"openapi": "3.1.0", "info": {"title": "Big", "version": "1"}, "servers": [{"url": "https://example.org"}]}
    source = folder / "big.json"
    source.write_text(json.dumps({**head, "paths": paths, "components": {"schemas": shared}}))
    out = folder / "found.jsonl"
    used = run([str(BIN / "dive-tools"), "import", "openapi", str(source)], stdout=out)
    say("import_openapi", operations=count, tools=lines(out), wall_s=round(used["wall"], 2))


def manners(folder: Path, count: int = 100_000) -> None:
    """A filter that does nothing: what the streams cost, in one process and in two workers."""
    source = folder / "plain.jsonl"
    source.write_text("".join(f'{{"id":"r{n}","n":{2 * n}}}\n' for n in range(count)))
    for jobs in ("1", "2"):
        used = run([sys.executable, str(ROOT / "tests" / "echo_filter.py"), "-q", "-j", jobs], source)
        say("streams", jobs=int(jobs), records=count, records_per_s=round(count / used["wall"]))


def stages(folder: Path, count: int, rounds: int = 3) -> None:
    """Each stage alone over files: records a second, peak memory, bytes a record."""
    now = folder / "setups.jsonl"
    plan = [("dive-sample", ["-n", str(count)], None)]
    plan += [(stage, [], None) for _ in range(rounds) for stage in ("dive-collect", "dive-derive")]
    plan += [("dive-verify", [], None), ("dive-dedup", [], None)]
    for place, (command, options, _) in enumerate(plan):
        out = folder / f"{place}.jsonl"
        used = run([str(BIN / command), "-q", *options], now if place else None, out)
        read = lines(now) if place else count
        say(
            "stage",
            command=command,
            round=(place + 1) // 2 if 0 < place <= 2 * rounds else None,
            records=read,
            records_per_s=round(read / used["wall"], 1),
            cpu_s=round(used["cpu"], 2),
            peak_mb=round(used["mb"]),
            bytes_per_record=round(out.stat().st_size / max(1, lines(out))),
        )
        now = out


def lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file)


def pipe(folder: Path, count: int, seeds: Path, rounds: int = 3) -> Path:
    """The whole pipe over all seeds: kept tasks a second, and the seconds to the first task out, cold."""
    stages = [[str(BIN / "dive-sample"), "-q", "-n", str(count), "--seeds", str(seeds)]]
    stages += [[str(BIN / name), "-q"] for _ in range(rounds) for name in ("dive-collect", "dive-derive")]
    stages += [[str(BIN / "dive-verify"), "-q"], [str(BIN / "dive-dedup"), "-q"]]
    start, first, kept = time.perf_counter(), None, 0
    children: list[subprocess.Popen[bytes]] = []
    for command in stages:
        source = children[-1].stdout if children else subprocess.DEVNULL
        children.append(subprocess.Popen(command, stdin=source, stdout=subprocess.PIPE))
        if len(children) > 1:
            children[-2].stdout.close()  # type: ignore[union-attr]
    out = folder / "tasks.jsonl"
    with out.open("wb") as file:
        for line in children[-1].stdout:  # type: ignore[union-attr]
            first = first or time.perf_counter() - start
            kept += 1
            file.write(line)
    for child in children:
        child.wait()
    wall = time.perf_counter() - start
    say(
        "pipe",
        setups=count,
        rounds=rounds,
        kept=kept,
        wall_s=round(wall, 1),
        first_task_s=round(first or 0, 2),
        kept_per_s=round(kept / wall, 1),
        kept_per_s_after_first=round(kept / (wall - (first or 0)), 1),
    )
    return out


def diversity(tasks: Path, setups: int) -> None:
    """Tools in the support of a kept task, patterns, and unique support graphs against the number of setups."""
    from dive_tools.records import digest
    from dive_tools.support import calls, graph

    seen: dict[str, set[str]] = defaultdict(set)
    distinct, patterns, tools = [], defaultdict(int), set()
    curve = {}
    marks = [setups * k // 8 for k in range(1, 9)]
    for line in tasks.open("rb"):
        record = json.loads(line)
        while marks and record["setup"]["draw"] >= marks[0]:
            curve[marks.pop(0)] = {domain: len(found) for domain, found in sorted(seen.items())}
        used = set(calls(record["task"]["support"], record["evidence"]))
        mine = {s["tool"] for s in record["evidence"] if s["call"] in used}
        tools |= mine
        distinct.append(len(mine))
        patterns[record["task"]["pattern"]] += 1
        seen[record["setup"]["domain"]].add(digest(graph(record["task"]["support"], record["evidence"])))
    curve[setups] = {domain: len(found) for domain, found in sorted(seen.items())}
    say("tools_used_in_kept_tasks", setups=setups, tools=len(tools))
    say("distinct_tools_per_task", mean=round(statistics.mean(distinct), 2), tasks=len(distinct))
    say("patterns", **dict(sorted(patterns.items(), key=lambda p: -p[1])))
    for mark, found in curve.items():
        say("unique_support_graphs", setups=mark, total=sum(found.values()), **found)


def memory(folder: Path, tasks: Path, count: int) -> None:
    """Peak memory over a long stream of tasks, at a tenth of it and at its end."""
    rows = tasks.read_bytes().splitlines(keepends=True)
    for command in ("dive-derive", "dive-collect", "dive-verify"):
        for size in (count // 10, count):
            source = folder / "long.jsonl"
            with source.open("wb") as file:
                for i in range(size):
                    file.write(rows[i % len(rows)])
            used = run([str(BIN / command), "-q"], source)
            say("memory", command=command, records=size, peak_mb=round(used["mb"]), records_per_s=size / used["wall"])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--setups", type=int, default=2000)
    options.add_argument("--long", action="store_true")
    given = options.parse_args()
    say("machine", cpus=os.cpu_count(), machine=platform.machine(), python=platform.python_version())
    start_up(5)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        manners(folder)
        stages(folder, given.setups // 2)
        pool(folder, 5)
        imports(folder)
        all_seeds = seeds(folder)
        tasks = pipe(folder, given.setups, all_seeds)
        diversity(tasks, given.setups)
        if given.long:
            diversity(pipe(folder, 10_000, all_seeds), 10_000)
            memory(folder, tasks, 100_000)


if __name__ == "__main__":
    main()
