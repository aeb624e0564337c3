"""dive-eval through its command: the teacher's walk, a model behind a real server, scores, resumes, budgets."""

from __future__ import annotations

import json
import os
import random
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import policies
import pupils
import pytest
from model_server import serve
from shell import bash, start

from dive_tools.records import RECORD
from dive_tools.support import calls

Run = dict[str, Any]
MODEL = "--model openai:test --endpoint"


@pytest.fixture(scope="module")
def tasks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Verified tasks of several calls, each with a question of its own, that the server knows."""
    folder = tmp_path_factory.mktemp("tasks")
    line = "dive-sample -q -n 70 --seed 8 --domain geography --domain chemistry | dive-collect -q | dive-derive -q"
    made = bash(f"{line} | dive-collect -q | dive-derive -q | dive-verify -q | dive-dedup -q", folder, timeout=120)
    rows: dict[str, dict[str, Any]] = {}
    for row in lines(made.stdout):
        rows.setdefault(json.dumps(row["setup"]["seed"]["value"]), row)
    assert len(rows) >= 21, made.stderr
    (path := folder / "tasks.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows.values()))
    os.environ["DIVE_PLAN"] = str(path)
    policies.plans.cache_clear()
    yield path
    del os.environ["DIVE_PLAN"]


def lines(raw: bytes) -> list[Run]:
    return [json.loads(line) for line in raw.splitlines()]


def changed(tasks: Path, folder: Path, **parts: Any) -> Path:
    """The first task with other things in its `task`, in a file of its own."""
    row = lines(tasks.read_bytes())[0]
    row["task"] |= parts
    (path := folder / "changed.jsonl").write_text(json.dumps(row) + "\n")
    return path


# --- the teacher ------------------------------------------------------------------------------------------------------


def test_the_teacher_is_right_at_every_task(tasks: Path, tmp_path: Path) -> None:
    done = bash(f"dive-eval {tasks} --model plan -k 2 -j 2", tmp_path)
    assert done.returncode == 0, done.stderr
    wanted, runs = lines(tasks.read_bytes()), lines(done.stdout)
    assert [run["id"] for run in runs] == [f"{row['id']}.plan.{k}" for row in wanted for k in (0, 1)]
    valid = jsonschema_rs.validator_for(RECORD)
    for run in runs:
        assert valid.is_valid(run) and "evidence" not in run
        assert run["run"]["outcome"] == "right" and run["run"]["score"] == 1.0 and "lucky" not in run["run"]
        assert run["run"]["calls"]["made"] == run["run"]["rests"]["calls"] >= 2
        roles = [message["role"] for message in run["run"]["messages"]]
        assert roles[:2] == ["system", "user"] and roles[-1] == "assistant"
        assert run["run"]["messages"][1]["content"] == run["task"]["question"]
    assert f"attempts={len(runs)} right={len(runs)}".encode() in done.stderr
    assert bash(f"dive-eval {tasks} --model plan -k 2", tmp_path).stdout == done.stdout


def test_the_teacher_calls_in_order_of_dependence(tasks: Path, tmp_path: Path) -> None:
    row = lines(tasks.read_bytes())[0]
    row["evidence"] = row["evidence"][::-1]  # as where a source was found out later than it was used
    (tmp_path / "turned.jsonl").write_text(json.dumps(row) + "\n")
    (run,) = lines(bash("dive-eval turned.jsonl --model plan", tmp_path).stdout)
    assert run["run"]["outcome"] == "right"


def test_the_teacher_says_what_the_tools_say_today(tasks: Path, tmp_path: Path) -> None:
    path = changed(tasks, tmp_path, answer={"value": 123456.75, "type": "number"})
    (run,) = lines(bash(f"dive-eval {path} --model plan", tmp_path).stdout)
    assert (run["run"]["outcome"], run["run"]["score"]) == ("wrong", 0.0)


def test_a_proof_that_cannot_be_walked_is_an_attempt_that_failed(tasks: Path, tmp_path: Path) -> None:
    row, other = lines(tasks.read_bytes())[:2]
    first = calls(row["task"]["support"], row["evidence"])[0]
    step = next(step for step in row["evidence"] if step["call"] == first)
    for name in step["arguments_from"]:
        step["arguments_from"][name] = {"given": "Atlantis-on-Sea"}
    (tmp_path / "two.jsonl").write_text(json.dumps(row) + "\n" + json.dumps(other) + "\n")
    done = bash("dive-eval two.jsonl --model plan", tmp_path)
    failed, fine = lines(done.stdout)
    assert failed["run"]["score"] is None and failed["run"]["ending"] == "model_error"
    assert step["call"] in failed["run"]["error"] and "unscored=1 errors=1" in done.stderr.decode()
    assert fine["run"]["score"] == 1.0


# --- a model ----------------------------------------------------------------------------------------------------------


def test_every_manner_is_scored_as_it_deserves(tasks: Path, tmp_path: Path) -> None:
    with serve(pupils.pupil) as server:
        done = bash(f"dive-eval {tasks} {MODEL} {server.base} -k 2 -j 8 --calls 9 -o runs.jsonl", tmp_path)
        assert done.returncode == 0, done.stderr
    runs = lines((tmp_path / "runs.jsonl").read_bytes())
    met = pupils.manners()
    wanted = {
        "right": ("right", "answered"),
        "wrong": ("wrong", "answered"),
        "silent": ("no_answer", "answered"),
        "lacking": ("missing", "answered"),
        "stumbling": ("right", "answered"),
        "knowing": ("right", "answered"),
    }
    valid = jsonschema_rs.validator_for(RECORD)
    for run in runs:
        manner, said = met[run["id"].split(".")[0]], run["run"]
        assert valid.is_valid(run) and run["id"].endswith(f".test.{said['attempt']}")
        if manner == "endless":
            assert said["ending"] in ("budget", "gave_up") and said["outcome"] == "no_answer" and said["score"] == 0
            continue
        assert (said["outcome"], said["ending"]) == wanted[manner], (manner, said)
        assert said["score"] == float(said["outcome"] == "right")
        assert ("lucky" in said) == (manner == "knowing")
        assert said["calls"].get("recovered", False) == (manner == "stumbling")
        assert said["sampling"] == {"temperature": 1.0, "top_p": 1.0}
        assert said["usage"]["requests"] == sum(message["role"] == "assistant" for message in said["messages"])
        assert said["usage"]["tokens_out"] > 0
    assert set(met.values()) == set(pupils.MANNERS)
    assert b"pass@1" in done.stderr and b"missing=" in done.stderr


def test_attempts_stop_where_a_task_is_solved(tasks: Path, tmp_path: Path) -> None:
    with serve(pupils.second) as server:
        line = f"dive-eval {tasks} -n 6 {MODEL} {server.base} -k 5 --until-correct 1 --cassette c.sqlite"
        done = bash(f"{line} -o runs.jsonl", tmp_path)
        whole = (tmp_path / "runs.jsonl").read_bytes()
        assert [run["run"]["score"] for run in lines(whole)] == [0.0, 1.0] * 6, done.stderr
        (tmp_path / "runs.jsonl").write_bytes(b"".join(whole.splitlines(keepends=True)[:5]))
        asked = server.requests
        bash(f"{line} -o runs.jsonl --resume", tmp_path)
        assert (tmp_path / "runs.jsonl").read_bytes() == whole and server.requests == asked
    assert lines(whole)[0]["run"]["until"] == 1


def test_killed_and_resumed_the_bytes_are_the_same(tasks: Path, tmp_path: Path) -> None:
    chance = random.Random(4)
    with serve(pupils.pupil, latency=0.02) as server:
        line = f"dive-eval {tasks} {MODEL} {server.base} -k 3 -j 6 --calls 6 -q"
        words, kills = [*line.split(), "--cassette", "run.sqlite", "-o", "out.jsonl"], 0
        for _ in range(40):
            process = start(*words, *(["--resume"] if kills else []), cwd=tmp_path)
            try:
                process.wait(1 + 0.4 * chance.random() + 0.3 * kills)
                break
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                kills += 1
        asked = server.requests
    assert kills >= 1 and process.returncode == 0
    needed = sum(run["run"]["usage"]["requests"] for run in lines(_read(tmp_path / "out.jsonl")))
    assert needed <= asked <= needed + 6 * kills  # what was in flight is asked again
    again = bash(f"{line.replace(server.base, 'http://127.0.0.1:9/v1')} --cassette run.sqlite --replay", tmp_path)
    assert again.stdout == _read(tmp_path / "out.jsonl")


def _read(path: Path) -> bytes:
    return path.read_bytes()


@pytest.mark.parametrize("end", [0, 1, 700, -1, -700])
def test_a_task_whose_attempts_are_not_all_there_is_attempted_anew(tasks: Path, tmp_path: Path, end: int) -> None:
    line = f"dive-eval {tasks} -n 4 --model plan -k 3 -q -o runs.jsonl"
    bash(line, tmp_path)
    whole = _read(tmp_path / "runs.jsonl")
    (tmp_path / "runs.jsonl").write_bytes(whole[:end])
    assert bash(f"{line} --resume", tmp_path).returncode == 0
    assert _read(tmp_path / "runs.jsonl") == whole


def test_a_resume_with_another_number_of_attempts_is_refused(tasks: Path, tmp_path: Path) -> None:
    bash(f"dive-eval {tasks} -n 4 --model plan -k 3 -q -o runs.jsonl", tmp_path)
    before = _read(tmp_path / "runs.jsonl")
    done = bash(f"dive-eval {tasks} --model plan -k 2 -q -o runs.jsonl --resume", tmp_path)
    assert done.returncode == 1 and b"cannot resume" in done.stderr and _read(tmp_path / "runs.jsonl") == before


def test_a_replay_without_a_recorded_reply_is_no_score(tasks: Path, tmp_path: Path) -> None:
    with serve(pupils.pupil) as server:
        bash(f"dive-eval {tasks} -n 1 {MODEL} {server.base} --cassette c.sqlite", tmp_path)
    done = bash(f"dive-eval {tasks} -n 2 {MODEL} http://127.0.0.1:9/v1 --cassette c.sqlite --replay", tmp_path)
    one, other = lines(done.stdout)
    assert done.returncode == 0 and one["run"]["score"] == 1.0
    assert other["run"]["score"] is None and "not_recorded" in other["run"]["error"]


def test_a_failing_server_costs_attempts_their_score_and_nothing_else(tasks: Path, tmp_path: Path) -> None:
    with serve(pupils.pupil, faults={"400": 0.2}, seed=3) as server:
        done = bash(f"dive-eval {tasks} {MODEL} {server.base} -k 2 -j 4 --calls 6 --tries 1", tmp_path)
    runs = lines(done.stdout)
    assert done.returncode == 0 and len(runs) == 2 * len(tasks.read_text().splitlines())
    failed = [run["run"] for run in runs if "error" in run["run"]]
    assert failed and all(run["score"] is None and run["ending"] == "model_error" for run in failed)
    assert any(run["run"]["score"] == 1.0 for run in runs)


# --- bad input --------------------------------------------------------------------------------------------------------


def test_a_task_whose_tools_the_pool_lacks(tasks: Path, tmp_path: Path) -> None:
    one, other = lines(tasks.read_bytes())[:2]
    one["setup"]["tools"]["crystal_ball"] = "1"
    (tmp_path / "two.jsonl").write_text(json.dumps(one) + "\n" + json.dumps(other) + "\n")
    done = bash("dive-eval two.jsonl --model plan -k 2", tmp_path)
    runs = [run["run"] for run in lines(done.stdout)]
    assert done.returncode == 0 and [run["ending"] for run in runs] == ["not_run"] * 2 + ["answered"] * 2
    assert all("crystal_ball" in run["error"] and run["score"] is None for run in runs[:2])


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (b"{}", b'stdin:1: lacks "id"'),
        (b"nonsense", b"stdin:1: not JSON"),
        (b'{"id": "a", "setup": {}, "task": {}}', b"stdin:1: "),
    ],
)
def test_a_line_that_is_no_task(tasks: Path, tmp_path: Path, row: bytes, said: bytes) -> None:
    done = bash("dive-eval --model plan", tmp_path, row + b"\n" + tasks.read_bytes())
    assert done.returncode == 3 and said in done.stderr
    done = bash("dive-eval --model plan --keep-going -r r.jsonl", tmp_path, row + b"\n" + tasks.read_bytes())
    assert done.returncode == 0 and len(lines(done.stdout)) == len(tasks.read_text().splitlines())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("", b"--model plan"),
        ("--model nobody", b"no model 'nobody'"),
        ("--summary --rescore", b"two different things"),
        ("--summary --model plan", b"leave --model out"),
        ("--calibrate tasks.jsonl", b"--judge"),
        ("--model plan -k 2 --until-correct 3", b"--until-correct 3"),
        ("--model plan --perturb hats", b"--perturb hats"),
        ("--model plan --temperature 1", b"--temperature"),
    ],
)
def test_what_cannot_be_meant(tasks: Path, tmp_path: Path, options: str, said: bytes) -> None:
    (tmp_path / "tasks.jsonl").write_bytes(tasks.read_bytes())
    done = bash(f"dive-eval tasks.jsonl {options}", tmp_path)
    assert done.returncode == 2 and said in done.stderr and not done.stdout, done.stderr


def test_a_run_in_which_nothing_could_be_scored_fails(tasks: Path, tmp_path: Path) -> None:
    row = lines(tasks.read_bytes())[0]
    row["setup"]["tools"]["crystal_ball"] = "1"
    (tmp_path / "one.jsonl").write_text(json.dumps(row) + "\n")
    done = bash("dive-eval one.jsonl --model plan -k 2 -o runs.jsonl", tmp_path)
    assert done.returncode == 1 and b"not one of 2 attempts could be scored" in done.stderr
    assert len(lines(_read(tmp_path / "runs.jsonl"))) == 2 and b"jq -r .run.error runs.jsonl" in done.stderr


def test_attempts_are_read_as_a_dialogue(tasks: Path, tmp_path: Path) -> None:
    bash(f"dive-eval {tasks} -n 1 --model plan -q -o runs.jsonl", tmp_path)
    (run,) = lines(_read(tmp_path / "runs.jsonl"))
    told = bash("dive-tools read runs.jsonl", tmp_path).stdout.decode()
    calls_ = [call for message in run["run"]["messages"] for call in message.get("tool_calls", ())]
    assert [call["id"] for call in calls_] == [f"call{n}" for n in range(1, len(calls_) + 1)]
    assert told.count("  ->  ") == len(calls_) and run["task"]["question"] in told
    assert f"  A  {run['run']['messages'][-1]['content']}" in told and "plan: right, answered" in told
    done = bash("jq -c 'del(.run)' runs.jsonl > bare.jsonl; dive-tools read bare.jsonl", tmp_path)
    assert done.returncode == 3 and b'lacks "evidence"' in done.stderr


# --- again ------------------------------------------------------------------------------------------------------------


def test_scored_again_without_a_model(tasks: Path, tmp_path: Path) -> None:
    with serve(pupils.pupil) as server:
        bash(f"dive-eval {tasks} {MODEL} {server.base} -j 8 --calls 9 -o runs.jsonl", tmp_path)
    done = bash("dive-eval --rescore runs.jsonl", tmp_path)
    assert done.returncode == 0 and b"changed=0" in done.stderr
    assert done.stdout == _read(tmp_path / "runs.jsonl")
    other = bash('jq -c \'.task.answer = {value: "fiddlesticks", type: "string"}\' runs.jsonl', tmp_path).stdout
    scores = Counter(run["run"]["outcome"] for run in lines(bash("dive-eval --rescore", tmp_path, other).stdout))
    met = Counter(pupils.manners().values())
    assert scores["right"] == met["wrong"] and scores["missing"] == met["lacking"], (scores, met)
    done = bash("jq -c 'del(.task)' runs.jsonl | dive-eval --rescore", tmp_path)
    assert done.returncode == 3 and b'stdin:1: lacks "task"' in done.stderr


def test_a_summary_of_stored_attempts(tasks: Path, tmp_path: Path) -> None:
    with serve(pupils.pupil) as server:
        bash(f"dive-eval {tasks} {MODEL} {server.base} -k 2 -j 8 --calls 9 -o runs.jsonl", tmp_path)
    made = bash("dive-eval --summary < runs.jsonl", tmp_path)
    assert made.returncode == 0, made.stderr
    told = json.loads(made.stdout)
    met = Counter(pupils.manners().values())
    right = met["right"] + met["stumbling"] + met["knowing"]
    assert told["pass@1"]["value"] == pytest.approx(right / met.total(), abs=1e-4), told
    done = bash("(cat runs.jsonl; echo '{}') | dive-eval --summary", tmp_path)
    assert done.returncode == 3 and f"stdin:{2 * met.total() + 1}".encode() in done.stderr
    again = bash("(cat runs.jsonl; echo '{}') | dive-eval --summary --keep-going", tmp_path)
    assert json.loads(again.stdout) == told
    same = json.loads(bash("dive-eval --compare runs.jsonl runs.jsonl", tmp_path).stdout)
    assert same["difference"]["value"] == 0


def test_the_tools_of_an_attempt_are_found_again(tasks: Path, tmp_path: Path) -> None:
    seen: list[Any] = []

    def spy(body: dict[str, Any]) -> dict[str, Any]:
        seen.append(body["tools"])
        return {"content": "Answer: unknown"}

    with serve(spy) as server:
        line = f"dive-eval {tasks} -n 3 -j 1 {MODEL} {server.base}"
        plain, dressed = (bash(f"{line} {more} | dive-eval --schemas", tmp_path) for more in ("", "--perturb all"))
    found = [run["tools"] for run in lines(plain.stdout) + lines(dressed.stdout)]
    assert len(found) == 6 and sorted(map(json.dumps, seen)) == sorted(map(json.dumps, found))
    assert {len(tools) for tools in found[:3]} != {len(tools) for tools in found[3:]}


def test_the_tools_may_be_told_with_each_attempt_at_once(tasks: Path, tmp_path: Path) -> None:
    line = f"dive-eval {tasks} -n 5 --model plan --perturb all"
    apart, together = (bash(f"{line} {more}", tmp_path).stdout for more in ("| dive-eval --schemas", "--schemas"))
    assert together == apart and all(run["tools"] for run in lines(together))
    bash(f"{line} -o runs.jsonl", tmp_path)
    refused = bash(f"{line} --schemas -o runs.jsonl --resume", tmp_path)
    assert b"--schemas was false, and is now true" in refused.stderr


def test_other_clothes_change_no_answer(tasks: Path, tmp_path: Path) -> None:
    done = bash(f"dive-eval {tasks} --model plan --perturb all --seed 3", tmp_path)
    runs = lines(done.stdout)
    assert [run["run"]["outcome"] for run in runs] == ["right"] * len(runs), done.stderr
    renamed = 0
    for run in runs:
        names = run["run"]["clothes"]["names"]
        called = {
            call["function"]["name"] for message in run["run"]["messages"] for call in message.get("tool_calls", ())
        }
        assert called <= set(names.values()) | (set(run["setup"]["tools"]) - set(names))
        renamed += bool(called & set(names.values()))
        assert run["id"].split(".")[1] == "plan-perturbed"
    assert renamed > len(runs) / 2


# --- a judge ----------------------------------------------------------------------------------------------------------


def test_a_judge_scores_what_no_program_can(tasks: Path, tmp_path: Path) -> None:
    claims = ["the whale breathes air", "the whale is no fish"]
    answer = {"value": "It breathes air, being no fish.", "type": "text", "claims": claims}
    path = changed(tasks, tmp_path, question="Why does the whale come up?", answer=answer)

    def speaker(body: dict[str, Any]) -> dict[str, Any]:
        if "claims" in body["messages"][0]["content"]:
            right = "because it breathes air" in body["messages"][1]["content"]
            return {"content": json.dumps({"claims": [right, right], "contradicts": False})}
        return {"content": "Answer: because it breathes air and is no fish"}

    with serve(speaker) as server:
        alone = bash(f"dive-eval {path} {MODEL} {server.base} -o runs.jsonl", tmp_path)
        assert alone.returncode == 0
        line = f"--judge openai:test --judge-endpoint {server.base}"
        both = bash(f"dive-eval {path} {MODEL} {server.base} {line} -k 2", tmp_path)
        later = bash(f"dive-eval --rescore runs.jsonl {line} --cassette j.sqlite", tmp_path)
    (run,) = lines(_read(tmp_path / "runs.jsonl"))
    assert run["run"]["score"] is None and run["run"]["outcome"] == "unscored" and "error" not in run["run"]
    for judged in [*lines(both.stdout), *lines(later.stdout)]:
        assert judged["run"]["score"] == 1.0
        assert judged["run"]["judged"]["model"] == "openai:test"
        assert judged["run"]["judged"]["prompt"].startswith("judge@")
    assert b"judge_requests=2" in both.stderr
    again = bash(f"dive-eval --rescore runs.jsonl {line} --cassette j.sqlite --replay", tmp_path)
    assert again.stdout == later.stdout
