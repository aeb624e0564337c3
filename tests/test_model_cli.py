"""The commands with a model behind a real server: pipes, kills, budgets, refusals, replays."""

from __future__ import annotations

import json
import os
import random
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import policies
import pytest
from model_server import serve
from shell import bash, start

COLLECT = "dive-collect setups.jsonl -q -j 4 --model openai:test --endpoint"


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Tasks of one round of two calls, with seeds of their own, that the server plays; their setups beside it."""
    folder = tmp_path_factory.mktemp("plan")
    line = "dive-sample -q -n 60 --seed 5 --domain geography --domain chemistry | dive-collect -q --calls 2"
    made = bash(f"{line} | dive-derive -q | dive-verify -q", folder)
    rows: dict[str, dict[str, Any]] = {}
    for raw in made.stdout.splitlines():
        task = json.loads(raw)
        if len(task["evidence"]) == 2 and all("result" in step for step in task["evidence"]):
            rows.setdefault(json.dumps(task["setup"]["seed"]), task)
    assert len(rows) >= 15, made.stderr
    path = folder / "plan.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows.values()))
    setups = [{"id": row["id"], "setup": row["setup"]} for row in rows.values()]
    (folder / "setups.jsonl").write_text("".join(json.dumps(row) + "\n" for row in setups))
    os.environ["DIVE_PLAN"] = str(path)
    policies.plans.cache_clear()
    yield path
    del os.environ["DIVE_PLAN"]


@pytest.fixture
def folder(plan: Path, tmp_path: Path) -> Path:
    """An empty folder with the setups."""
    (tmp_path / "setups.jsonl").write_bytes((plan.parent / "setups.jsonl").read_bytes())
    return tmp_path


def lines(raw: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in raw.splitlines()]


def test_the_whole_pipe_over_a_server(folder: Path, plan: Path) -> None:
    with serve(policies.planned) as server:
        model = f"--model openai:test --endpoint {server.base} -j 8 --cassette run.sqlite"
        line = f"dive-collect setups.jsonl {model} -r r1 | dive-derive {model} -r r2 | dive-verify {model} -r r3"
        done = bash(f"set -o pipefail; {line}", folder)
        assert done.returncode == 0, done.stderr
        asked = server.requests
    kept = lines(done.stdout)
    dropped = [record for name in ("r1", "r2", "r3") for record in lines((folder / name).read_bytes())]
    count = len(plan.read_text().splitlines())
    assert len(kept) + len(dropped) == count and len(kept) >= 0.7 * count, Counter(
        (d["drop"]["reason"], d["drop"]["detail"]) for d in dropped
    )
    for record in kept:
        assert record["task"]["by"] == "openai:test"
        assert [entry["stage"] for entry in record["asked"]] == ["collect", "derive", "verify"]
        checks = record["verdict"]["checks"]
        assert checks["replay"] == checks["no_tool_needed"] == checks["solvable"] == "passed"
    said = done.stderr.decode()
    assert said.count("requests=") == 3 and "tokens_in=" in said and "replayed=0" in said
    again = bash(f"{line.replace(server.base, 'http://127.0.0.1:9/v1')}".replace(" -j 8", " -j 3 --replay"), folder)
    assert again.stdout == done.stdout and b"requests=0" in again.stderr
    assert asked == sum(entry["requests"] for record in [*kept, *dropped] for entry in record.get("asked", []))


def test_killed_at_random_and_resumed_asks_nothing_twice(folder: Path) -> None:
    with serve(policies.planned, latency=0.03) as server:
        whole = bash(f"{COLLECT} {server.base} --cassette whole.sqlite -r whole.rejects", folder)
        assert whole.returncode == 0, whole.stderr
    chance = random.Random(3)
    words = f"{COLLECT} URL -o out.jsonl -r rejects --cassette run.sqlite".split()
    lost = kills = 0
    with serve(policies.planned, latency=0.03) as server:
        words[words.index("URL")] = server.base
        for _ in range(60):
            process = start(*words, *(["--resume"] if kills else []), cwd=folder)
            try:
                process.wait(1 + 0.3 * chance.random() + 0.2 * kills)
                break
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                kills += 1
                lost += 4  # at most what was in flight
        assert kills >= 2 and process.returncode == 0
        stats = server.stats()
    assert (folder / "out.jsonl").read_bytes() == whole.stdout
    assert (folder / "rejects").read_bytes() == (folder / "whole.rejects").read_bytes()
    assert stats["repeated"] <= lost
    with serve(policies.planned) as server:
        done = bash(f"{COLLECT} {server.base} --cassette run.sqlite", folder)
        assert done.stdout == whole.stdout and server.requests == 0


def test_a_wrong_key_stops_at_once(folder: Path) -> None:
    (folder / "out.jsonl").write_text("precious\n")
    with serve(policies.planned, key="right") as server:
        began = time.monotonic()
        words = f"{COLLECT} {server.base} -o out.jsonl -r rejects"
        done = bash(words, folder, OPENAI_API_KEY="wrong-and-secret")
        assert time.monotonic() - began < 6
    assert (done.returncode, done.stdout) == (1, b"") and len(done.stderr.splitlines()) <= 2, done.stderr
    assert b"secret" not in done.stderr
    assert (folder / "out.jsonl").read_text() == "precious\n" and not (folder / "rejects").exists()


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        ("--model vllm:/models/qwen", 2, b"make serve"),
        ("--model hf:/models/qwen", 2, b"openai:NAME"),
        ("--model qwen", 2, b"docs/models.md"),
        ("--model openai:other --endpoint URL", 1, b"test"),
        ("--model openai:test --endpoint http://127.0.0.1:9/v1", 1, b"127.0.0.1:9"),
        ("--model openai:test", 1, b"OPENAI_BASE_URL"),
        ("--model openai:test --endpoint missing.txt", 2, b"missing.txt"),
        ("--model openai:test --endpoint URL --extra [1]", 2, b"--extra"),
        ("--model openai:test --endpoint URL --budget lots --ledger l", 2, b"lots"),
        ("--model openai:test --endpoint URL --budget requests=9", 2, b"--ledger"),
        ("--model openai:test --endpoint u:secret@127.0.0.1/v1", 2, b"--endpoint 127.0.0.1/v1: neither"),
        ("--model openai:test --endpoint empty", 2, b"names no URL"),
        ("--model openai:test --endpoint URL --prices prices", 2, b"no price for openai:test"),
        ("--model openai:test --endpoint URL --estimate 3 -o o --resume", 2, b"--estimate"),
        ("--temperature 1", 2, b"--temperature"),
        ("--model openai:test --endpoint URL --in-flight 9", 2, b"--ledger"),
        ("--model openai:test --replay --cassette none.sqlite", 1, b"none.sqlite"),
        ("--endpoint URL", 2, b"--model"),
    ],
)
def test_what_cannot_work_is_said_in_a_sentence(options: str, code: int, words: bytes, folder: Path) -> None:
    (folder / "empty").write_text("# none\n")
    (folder / "prices").write_text('{"another": {"in": 1, "out": 2}}')
    with serve(policies.planned) as server:
        done = bash(f"dive-collect setups.jsonl {options.replace('URL', server.base)}", folder)
        assert server.requests == 0
    assert b"secret" not in done.stderr
    assert done.returncode == code and words in done.stderr and b"Traceback" not in done.stderr, done.stderr
    assert done.stdout == b""


def test_what_is_secret_in_a_command_line_is_not_in_the_sidecar(folder: Path) -> None:
    with serve(policies.planned) as server:
        url = server.base.replace("http://", "http://alice:hushhush@") + "?key=quiet"
        words = ["--endpoint", url, "--extra", '{"token": "silent"}', "--model", "openai:test"]
        line = " ".join(f"'{word}'" for word in words)
        bash(f"dive-collect setups.jsonl {line} -n 0 -o out.jsonl", folder)
    meta = (folder / "out.jsonl.meta.json").read_text()
    assert f"{server.base}" in meta and "--extra" in meta
    assert not any(word in meta for word in ("alice", "hushhush", "quiet", "silent"))


def test_a_server_that_cannot_tell_the_checkpoint_is_taken_for_the_recorded_one(folder: Path) -> None:
    """And says so: nothing is paid for twice."""
    models = [{"id": "test", "root": "org/test"}]
    with serve(policies.planned, models=models) as server:
        first = bash(f"{COLLECT} {server.base} --cassette c.sqlite", folder)
    with serve(policies.planned, models=models, models_status=500) as server:
        again = bash(f"{COLLECT} {server.base} --cassette c.sqlite", folder)
        assert server.requests == 0
    assert again.stdout == first.stdout and b"openai:test: taken for revision" in again.stderr
    assert first.returncode == again.returncode == 0 and not first.stderr


def test_several_endpoints_share_the_work(folder: Path) -> None:
    with serve(policies.planned) as one, serve(policies.planned) as other:
        (folder / "hosts").write_text(f"# two\n{one.base}\n{other.base}\n")
        done = bash(f"{COLLECT} hosts", folder)
        assert done.returncode == 0 and min(one.requests, other.requests) > 0, done.stderr


def test_a_budget_is_shared_and_a_larger_one_goes_on(folder: Path) -> None:
    with serve(policies.planned, latency=0.02) as server:
        whole = bash(f"{COLLECT} {server.base}", folder)
        words = f"{COLLECT} {server.base} --cassette run.sqlite --ledger spent.json -o out.jsonl"
        done = bash(f"{words} --budget requests=20", folder)
        assert done.returncode == 1 and b"budget" in done.stderr and len(done.stderr.splitlines()) <= 2, done.stderr
        second = bash(f"{words} --budget requests=20 --resume", folder)
        assert second.returncode == 1
        third = bash(f"{words} --budget requests=500 --resume", folder)
        assert third.returncode == 0, third.stderr
        stats = server.stats()
    assert (folder / "out.jsonl").read_bytes() == whole.stdout
    ledger = json.loads((folder / "spent.json").read_text())
    assert ledger["requests"] == stats["requests"] / 2 and ledger["tokens_in"] > 0


def test_requests_at_once_are_those_of_the_whole_run(folder: Path) -> None:
    with serve(policies.planned, latency=0.1) as server:
        words = f"{COLLECT} {server.base} -j 16 --ledger l.json --in-flight 5 > /dev/null"
        done = bash(f"{words} & {words} & {words} & wait", folder)
        assert done.returncode == 0 and server.most == 5, (server.most, done.stderr)


def test_an_estimate(folder: Path) -> None:
    (folder / "prices.json").write_text('{"test": {"in": 1.0, "out": 2.0}}')
    with serve(policies.planned) as server:
        words = f"dive-collect setups.jsonl --model openai:test --endpoint {server.base} --prices prices.json"
        done = bash(f"{words} --estimate 5 --cassette c.sqlite", folder)
    said = done.stderr.decode()
    count = len((folder / "setups.jsonl").read_text().splitlines())
    assert f"estimate for {count} records, from 5: {count * 3:,} requests" in said, said
    assert "tokens in" in said and "in money" in said and "MB of cassette" in said and "money=" in said
    assert len(lines(done.stdout)) == 5


def test_a_bad_server_loses_no_record(folder: Path) -> None:
    faults = {"429": 0.1, "500": 0.05, "hang": 0.02, "cut": 0.02, "bad_json": 0.02, "empty": 0.02}
    with serve(policies.planned, faults=faults) as server:
        done = bash(f"{COLLECT} {server.base} --timeout 0.5 --tries 8 -r rejects", folder)
        assert done.returncode == 0 and server.faulty, done.stderr
    with serve(policies.planned) as server:
        assert done.stdout == bash(f"{COLLECT} {server.base}", folder).stdout


def test_what_always_breaks_is_a_reject_with_its_cause(folder: Path) -> None:
    with serve(policies.planned, faults={"500": 0.6}) as server:
        done = bash(f"{COLLECT} {server.base} --tries 2 -r rejects", folder)
    kept, dropped = lines(done.stdout), lines((folder / "rejects").read_bytes())
    assert (
        done.returncode == 0
        and dropped
        and len(kept) + len(dropped) == len(lines((folder / "setups.jsonl").read_bytes()))
    )
    assert {d["drop"]["reason"] for d in dropped} == {"model_error"} and all(
        "500" in d["drop"]["detail"] for d in dropped
    )
    assert all("evidence" not in d for d in dropped)


def test_a_rewording_that_does_not_hold_leaves_the_question_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "rules").write_text(
        '{"purpose": "derive:1:reword", "reply": {"content": "How many are there in 1999?"}}\n'
    )
    made = bash("dive-sample -q -n 12 --seed 3 --domain chemistry | dive-collect -q > e.jsonl", tmp_path)
    assert made.returncode == 0, made.stderr
    plain = lines(bash("dive-derive e.jsonl -q", tmp_path).stdout)
    done = bash("dive-derive e.jsonl --rewrite --model scripted:rules", tmp_path)
    reworded = lines(done.stdout)
    assert [r["task"]["question"] for r in reworded] == [r["task"]["question"] for r in plain] and len(plain) > 5
    assert all(r["task"]["reworded"].startswith("refused") and r["asked"][0]["requests"] == 1 for r in reworded)
    refused = bash("dive-derive e.jsonl --rewrite", tmp_path)
    assert refused.returncode == 2 and b"--model" in refused.stderr


def test_verifying_with_a_model_checks_as_without_one(folder: Path, plan: Path) -> None:
    """The program's checks run in processes beside the conversations."""
    plain = bash(f"dive-verify {plan} -r r1", folder)
    (folder / "rules").write_text('{"reply": {"content": "Answer: unknown"}}\n')
    asked = bash(f"dive-verify {plan} -r r2 --model scripted:rules --closed 1 --attempts 0 -j 8", folder)
    assert asked.returncode == 0 and [r["id"] for r in lines(asked.stdout)] == [r["id"] for r in lines(plain.stdout)]
    for one, other in zip(lines(plain.stdout), lines(asked.stdout), strict=True):
        assert other["verdict"]["checks"] == {**one["verdict"]["checks"], "no_tool_needed": "passed"}
    assert (folder / "r1").read_bytes() == (folder / "r2").read_bytes()
    assert b"calls=0" not in asked.stderr
