"""dive-eval at its edges: what it refuses, what it never writes over, who is told which key, what a resume accepts."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import policies
import pupils
import pytest
from model_server import Fault, serve
from shell import bash

Run = dict[str, Any]
MODEL = "--model openai:test --endpoint"
SAID = "because it breathes air"


@pytest.fixture(scope="module")
def tasks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A few tasks of several calls, each with a question of its own, that the server knows."""
    folder = tmp_path_factory.mktemp("tasks")
    line = "dive-sample -q -n 20 --seed 8 --domain geography | dive-collect -q | dive-derive -q"
    made = bash(f"{line} | dive-collect -q | dive-derive -q | dive-verify -q | dive-dedup -q", folder, timeout=120)
    rows = {json.dumps(row["setup"]["seed"]["value"]): row for row in lines(made.stdout)}
    assert len(rows) >= 5, made.stderr
    (path := folder / "tasks.jsonl").write_text("".join(json.dumps(row) + "\n" for row in list(rows.values())[:5]))
    os.environ["DIVE_PLAN"] = str(path)
    policies.plans.cache_clear()
    yield path
    del os.environ["DIVE_PLAN"]


@pytest.fixture(scope="module")
def runs(tasks: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two attempts of the teacher at each task."""
    folder = tmp_path_factory.mktemp("runs")
    assert bash(f"dive-eval {tasks} --model plan -k 2 -q -o runs.jsonl", folder).returncode == 0
    return folder / "runs.jsonl"


@pytest.fixture
def texts(tasks: Path, tmp_path: Path) -> Path:
    """Two tasks whose answer is a text, that only a judge can score."""
    rows = lines(tasks.read_bytes())[:2]
    for number, row in enumerate(rows):
        row["task"] |= {"question": f"Why {number}?", "answer": {"value": "It breathes air.", "type": "text"}}
    (path := tmp_path / "texts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def lines(raw: bytes) -> list[Run]:
    return [json.loads(line) for line in raw.splitlines()]


def speaker(body: dict[str, Any]) -> dict[str, Any]:
    """One who answers every question alike, and finds every answer right."""
    usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
    if "tools" in body:
        return {"content": f"Answer: {SAID}", "usage": usage}
    return {"content": json.dumps({"claims": [True], "contradicts": False}), "usage": usage}


def key_told(server: Any) -> str:
    """The key in the latest request."""
    found = [line for line in server.last[0].decode().split("\r\n") if line.lower().startswith("authorization:")]
    return found[0].partition("Bearer ")[2] if found else ""


# --- ids --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tag", ["v1.2", "a b", "a/b", ".", "x\ny", "x\n", "é"])
def test_a_tag_that_would_break_the_ids(tasks: Path, tmp_path: Path, tag: str) -> None:
    done = bash(f'dive-eval {tasks} --model plan --tag "$TAG"', tmp_path, TAG=tag)
    assert done.returncode == 2 and b"--tag" in done.stderr and b"hint: " in done.stderr and not done.stdout
    done = bash(f"dive-eval {tasks} -n 1 --model plan --tag My_model-2", tmp_path)
    assert lines(done.stdout)[0]["id"].split(".")[1:] == ["My_model-2", "0"]


# --- nothing is written over ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "--summary runs.jsonl -o runs.jsonl",
        "--summary -o runs.jsonl < runs.jsonl",
        "--summary runs.jsonl -o link.jsonl",
        "--summary runs.jsonl -r runs.jsonl",
        "--compare other.jsonl runs.jsonl -o runs.jsonl",
        "--compare other.jsonl runs.jsonl -o other.jsonl",
        "--compare other.jsonl runs.jsonl -r other.jsonl",
        "--summary runs.jsonl -o new -r new",
        "--calibrate cases.jsonl --judge openai:test --judge-endpoint http://127.0.0.1:9/v1 -o cases.jsonl",
    ],
)
def test_no_summary_is_written_over_what_it_is_of(runs: Path, tmp_path: Path, line: str) -> None:
    for name in ("runs.jsonl", "other.jsonl"):
        (tmp_path / name).write_bytes(runs.read_bytes())
    (tmp_path / "cases.jsonl").write_text("{}\n")
    (tmp_path / "link.jsonl").symlink_to("runs.jsonl")
    done = bash(f"dive-eval {line}", tmp_path)
    assert done.returncode == 2 and b"the same file" in done.stderr and not done.stdout, done.stderr
    assert all((tmp_path / name).read_bytes() == runs.read_bytes() for name in ("runs.jsonl", "other.jsonl"))
    assert (tmp_path / "cases.jsonl").read_text() == "{}\n"


@pytest.mark.parametrize("option", ["-o", "-r"])
def test_a_summary_that_cannot_be_written_is_a_sentence(runs: Path, tmp_path: Path, option: str) -> None:
    done = bash(f"dive-eval --summary {runs} {option} no/such/folder/s.json", tmp_path)
    assert done.returncode == 1 and done.stderr.startswith(b"dive-eval: cannot write no/such/folder/s.json: ")
    assert done.stderr.count(b"\n") == 1


def test_a_summary_goes_where_it_is_said(runs: Path, tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text("what was there before, and is longer" * 1000)
    shown = bash(f"dive-eval --summary {runs}", tmp_path)
    assert bash(f"dive-eval --summary {runs} -o s.json", tmp_path).returncode == 0
    assert (tmp_path / "s.json").read_bytes() == shown.stdout and json.loads(shown.stdout)["attempts"] == 10
    done = bash(f"(echo '{{}}'; cat {runs}) | dive-eval --summary -o s.json", tmp_path)
    assert done.returncode == 3 and (tmp_path / "s.json").read_bytes() == shown.stdout


# --- bad lines --------------------------------------------------------------------------------------------------------


def test_bad_lines_left_out_of_a_summary_are_counted_and_kept(runs: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_bytes(b"nonsense\n" + runs.read_bytes() + b'{}\n{"id": "a.b.0"}\n')
    done = bash("dive-eval --summary --keep-going bad.jsonl -r r.jsonl", tmp_path)
    assert done.stdout == bash(f"dive-eval --summary {runs}", tmp_path).stdout
    assert b"dive-eval: in=13 kept=10 dropped=3 bad_line=3 " in done.stderr
    kept = lines((tmp_path / "r.jsonl").read_bytes())
    assert [(row["drop"]["reason"], row["drop"]["line"]) for row in kept] == [
        ("bad_line", 1),
        ("bad_line", 12),
        ("bad_line", 13),
    ]
    assert [row["text"] for row in kept] == ["nonsense", "{}", '{"id": "a.b.0"}']
    assert not bash("dive-eval --summary --keep-going -q bad.jsonl", tmp_path).stderr


def test_a_comparison_keeps_going_in_both_files(runs: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_bytes(runs.read_bytes() + b"nonsense\n")
    done = bash(f"dive-eval --compare bad.jsonl {runs}", tmp_path)
    assert done.returncode == 3 and done.stderr.startswith(b"dive-eval: bad.jsonl:11: not JSON")
    done = bash("dive-eval --compare bad.jsonl --keep-going < bad.jsonl -r r.jsonl", tmp_path)
    assert done.returncode == 0 and json.loads(done.stdout)["common"] == 5
    assert b"in=22 kept=20 dropped=2 bad_line=2 " in done.stderr
    where = [row["drop"]["detail"].partition(": ")[0] for row in lines((tmp_path / "r.jsonl").read_bytes())]
    assert where == ["stdin:11", "bad.jsonl:11"]


def test_a_comparison_names_the_file_that_holds_two_models(runs: Path, tmp_path: Path) -> None:
    two = runs.read_text() + runs.read_text().replace('"model":"plan"', '"model":"other"').replace(".plan.", ".other.")
    (tmp_path / "two.jsonl").write_text(two)
    done = bash(f"dive-eval --compare two.jsonl {runs}", tmp_path)
    assert done.returncode == 2 and b"two.jsonl" in done.stderr and b"file holds" not in done.stderr
    done = bash(f"dive-eval --compare {runs} < two.jsonl", tmp_path)
    assert done.returncode == 2 and b"stdin" in done.stderr


# --- keys -------------------------------------------------------------------------------------------------------------

KEYS: dict[str, Any] = {"OPENAI_API_KEY": "sk-of-the-model-1", "JUDGE_API_KEY": "sk-of-the-judge-2"}


def test_each_server_is_told_its_own_key(texts: Path, tmp_path: Path) -> None:
    with serve(speaker, key=KEYS["OPENAI_API_KEY"]) as one, serve(speaker, key=KEYS["JUDGE_API_KEY"]) as other:
        line = f"dive-eval {texts} {MODEL} {one.base} --judge openai:test --judge-endpoint {other.base}"
        done = bash(line, tmp_path, **KEYS)
        assert [run["run"]["score"] for run in lines(done.stdout)] == [1.0, 1.0], done.stderr
        assert key_told(one) == KEYS["OPENAI_API_KEY"] and key_told(other) == KEYS["JUDGE_API_KEY"]


def test_the_models_key_goes_to_no_other_server(texts: Path, tmp_path: Path) -> None:
    only: dict[str, Any] = {"OPENAI_API_KEY": KEYS["OPENAI_API_KEY"]}
    (tmp_path / "runs.jsonl").write_bytes(b"")
    with serve(speaker) as one, serve(speaker) as other:
        judge = f"--judge openai:test --judge-endpoint {other.base}"
        done = bash(f"dive-eval {texts} {MODEL} {one.base} {judge} -o runs.jsonl", tmp_path, **only)
        assert done.returncode == 0 and other.requests == 2, done.stderr
        assert key_told(one) == only["OPENAI_API_KEY"] and key_told(other) == ""
        (tmp_path / "servers").write_text(f"# the model's\n{one.base}\n")
        bash(f"dive-eval {texts} -n 1 {MODEL} <(cat servers) {judge}", tmp_path, **only)
        assert other.requests == 3 and key_told(other) == ""
        again = f"dive-eval --rescore runs.jsonl {judge} -n 1"
        bash(again, tmp_path, OPENAI_BASE_URL=one.base, **only)
        assert other.requests == 4 and key_told(other) == ""
        bash(again, tmp_path, **only)  # the only server that is named
        assert other.requests == 5 and key_told(other) == only["OPENAI_API_KEY"]
        bash(f"dive-eval {texts} -n 1 {MODEL} {one.base} --judge openai:test", tmp_path, **only)
        assert key_told(one) == only["OPENAI_API_KEY"] and "tools" not in one.body()  # it is the judge here too


def test_what_a_judge_without_its_key_is_told(texts: Path, tmp_path: Path) -> None:
    with serve(speaker) as one, serve(speaker, key="another") as other:
        line = f"dive-eval {texts} {MODEL} {one.base} --judge openai:test --judge-endpoint {other.base}"
        wants = bash(line, tmp_path, OPENAI_API_KEY=KEYS["OPENAI_API_KEY"])
        wrong = bash(line, tmp_path, **KEYS)
        strange = bash(line, tmp_path, JUDGE_API_KEY="a\nb")
    assert wants.returncode == 1 and b"set JUDGE_API_KEY" in wants.stderr
    assert wrong.returncode == 1 and b"the key in JUDGE_API_KEY" in wrong.stderr
    assert strange.returncode == 1 and b"JUDGE_API_KEY holds letters" in strange.stderr
    for done in (wants, wrong, strange):
        assert not any(key.encode() in done.stderr + done.stdout for key in KEYS.values())


def test_a_judge_under_an_alias(texts: Path, tmp_path: Path) -> None:
    with serve(speaker) as one, serve(speaker, models=[{"id": "real", "root": "real"}]) as other:
        line = f"dive-eval {texts} {MODEL} {one.base} --judge openai:alias --judge-endpoint {other.base}"
        assert bash(f"{line} --revision R", tmp_path).returncode == 1
        done = bash(f"{line} --judge-revision R7", tmp_path)
    assert [run["run"]["judged"]["revision"] for run in lines(done.stdout)] == ["R7", "R7"], done.stderr
    assert lines(done.stdout)[0]["run"]["revision"] != "R7"


# --- resumes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "then", "said"),
    [
        ("", "--tag other", b"other"),
        ("", "--perturb names", b"names"),
        ("--perturb names --tag t", "--perturb order --tag t", b"--perturb"),
        ("--perturb names --seed 1", "--perturb names --seed 2", b"--seed"),
        ("--until-correct 1", "-k 1", b"--until-correct was 1"),
        ("", "--until-correct 2", b"--until-correct was nothing"),
    ],
)
def test_a_file_made_with_other_options_is_not_gone_on_with(
    tasks: Path, tmp_path: Path, first: str, then: str, said: bytes
) -> None:
    line = f"dive-eval {tasks} --model plan -k 2 -q -o runs.jsonl"
    assert bash(f"{line} {first} -n 3", tmp_path).returncode == 0
    before = (tmp_path / "runs.jsonl").read_bytes()
    done = bash(f"{line} {then} --resume", tmp_path)
    assert done.returncode == 1 and b"cannot resume: runs.jsonl:1: " in done.stderr, done.stderr
    assert said in done.stderr and b"hint: " in done.stderr and (tmp_path / "runs.jsonl").read_bytes() == before
    assert bash(f"{line} {first} --resume", tmp_path).returncode == 0
    assert (tmp_path / "runs.jsonl").read_bytes().startswith(before)


def test_a_file_of_another_model_is_not_gone_on_with(tasks: Path, tmp_path: Path) -> None:
    both = [{"id": "test", "root": "test"}, {"id": "test2", "root": "test2"}]
    with serve(pupils.pupil, models=both) as server:
        line = f"dive-eval {tasks} -q --endpoint {server.base} --calls 6 --cassette c.sqlite -o runs.jsonl --tag same"
        bash(f"{line} --model openai:test -n 2", tmp_path)
        asked, before = server.requests, (tmp_path / "runs.jsonl").read_bytes()
        other = bash(f"{line} --model openai:test2 --resume", tmp_path)
        cooler = bash(f"{line} --model openai:test --temperature 0 --resume", tmp_path)
        assert server.requests == asked and (tmp_path / "runs.jsonl").read_bytes() == before
        assert bash(f"{line} --model openai:test --resume", tmp_path).returncode == 0
    assert b"the model was openai:test, and is now openai:test2" in other.stderr
    assert b'was {"temperature":1.0,"top_p":1.0}' in cooler.stderr and cooler.returncode == 1
    replayed = "dive-eval -q --model replay:c.sqlite --calls 6 --tag same --resume -o runs.jsonl"
    whole = (tmp_path / "runs.jsonl").read_bytes()
    (tmp_path / "runs.jsonl").write_bytes(before)
    assert bash(f"{replayed} {tasks}", tmp_path).returncode == 0
    assert (tmp_path / "runs.jsonl").read_bytes() == whole


def test_a_file_of_tasks_is_not_gone_on_with(tasks: Path, tmp_path: Path) -> None:
    (tmp_path / "out.jsonl").write_bytes(tasks.read_bytes())
    done = bash(f"dive-eval {tasks} --model plan -o out.jsonl --resume", tmp_path)
    assert done.returncode == 1 and b"cannot resume: out.jsonl:1: it is no attempt" in done.stderr
    assert (tmp_path / "out.jsonl").read_bytes() == tasks.read_bytes()


# --- costs ------------------------------------------------------------------------------------------------------------


def test_what_a_judge_costs_is_counted(texts: Path, tmp_path: Path) -> None:
    (tmp_path / "prices.json").write_text('{"test": {"in": 1000, "out": 10000}}')
    with serve(speaker) as server:
        line = f"dive-eval {texts} {MODEL} {server.base} --judge openai:test --prices prices.json"
        alone = bash(line.replace("--judge openai:test ", ""), tmp_path).stderr.decode()
        both = bash(f"{line} -o runs.jsonl", tmp_path).stderr.decode()
        guess = bash(f"{line} --estimate 1", tmp_path).stderr.decode()
        later = bash("dive-eval --rescore runs.jsonl --judge openai:test --endpoint URL --prices prices.json".replace(
            "URL", server.base), tmp_path).stderr.decode()  # fmt: skip
    assert " money=0.4 " in alone and " money=0.8 " in both and " money=0.4 " in later
    assert "4 requests, 400 tokens in (0 cached), 40 tokens out" in guess and "0.80 in money" in guess


def test_a_budget_wants_a_cassette(tasks: Path, tmp_path: Path) -> None:
    with serve(pupils.pupil) as server:
        line = f"dive-eval {tasks} {MODEL} {server.base} -k 2 --calls 4 --ledger l --budget requests=6 -o runs.jsonl"
        done = bash(line, tmp_path)
        assert done.returncode == 2 and b"--cassette" in done.stderr and server.requests == 0
        assert not (tmp_path / "runs.jsonl").exists()
        assert bash(f"{line} --cassette c.sqlite", tmp_path).returncode == 1 and server.requests == 6
        more = line.replace("=6", "=500")
        assert bash(f"{more} --cassette c.sqlite --resume", tmp_path).returncode == 0
        needed = sum(run["run"]["usage"]["requests"] for run in lines((tmp_path / "runs.jsonl").read_bytes()))
        assert server.requests == needed


# --- options that would do nothing ------------------------------------------------------------------------------------

JUDGE = "--judge openai:x --judge-endpoint http://127.0.0.1:9/v1"


@pytest.mark.parametrize(
    ("done", "options"),
    [
        (
            "--summary",
            "-n 1|--resume -o x|-k 5|--perturb all|--budget requests=1|--judge openai:x|--cassette c|--tag z",
        ),
        ("--summary", "--calls 3|--until-correct 1|--full|--pool builtin|-j 2|--unordered|--temperature 1|--replay"),
        ("--compare runs.jsonl", "-n 1|-k 5|--tag z|--judge openai:x|--judge-endpoint http://x"),
        ("--rescore", "-k 5|--perturb all|--until-correct 9|--calls 2|--full|--temperature 1|--tag z|--pool builtin"),
        ("--rescore", "--budget requests=1|--judge-endpoint http://x|--estimate 1|--cassette c|--tool-parser x"),
        (f"--rescore {JUDGE}", "-k 5|--max-tokens 9|--top-p 1|--extra {}|--revision r|--allow-effects runs.jsonl"),
        ("--schemas", "-k 5|--cassette c|--temperature 1|--judge openai:x|--tag z|--full"),
        (f"--calibrate runs.jsonl {JUDGE}", "-n 1|-r r|--keep-going|--seed 3|--tag z|-k 2|--pool builtin|--estimate 1"),
        ("--model plan", "--judge openai:x|--judge-endpoint http://x|--judge-temperature 1|--judge-revision r"),
        ("--model plan", "--tool-parser hermes|--in-flight 3|--revision r|--estimate 1|--endpoint http://x"),
        ("--model openai:x --endpoint http://127.0.0.1:9/v1", "--judge-endpoint http://x|--judge-temperature 1"),
        ("--model openai:x --endpoint http://127.0.0.1:9/v1", "--tool-parser hermes"),
    ],
)
def test_an_option_that_would_do_nothing_is_refused(runs: Path, tmp_path: Path, done: str, options: str) -> None:
    (tmp_path / "runs.jsonl").write_bytes(runs.read_bytes())
    source = "" if "--calibrate" in done else "runs.jsonl"
    for option in options.split("|"):
        told = bash(f"dive-eval {source} {done} {option}", tmp_path)
        named = option.replace("-o x", "").split()[0].encode()
        assert told.returncode == 2 and named in told.stderr, (option, told.stderr)
        assert done.split()[0].encode() in told.stderr.replace(b"openai:", b"--model "), told.stderr
        assert not told.stdout


def test_a_calibration_reads_its_cases_alone(runs: Path, tmp_path: Path) -> None:
    told = bash(f"dive-eval {runs} --calibrate {runs} {JUDGE}", tmp_path)
    assert told.returncode == 2 and b"source does nothing with --calibrate" in told.stderr


def test_options_of_the_environment_are_another_commands(runs: Path, tmp_path: Path) -> None:
    others: dict[str, Any] = {
        "DIVE_BUDGET": "requests=1",
        "DIVE_CASSETTE": "c",
        "DIVE_MODEL": "openai:x",
        "DIVE_TEMPERATURE": "1",
        "DIVE_LIMIT": "1",
        "DIVE_JUDGE": "nobody",
        "DIVE_JUDGE_ENDPOINT": "http://x",
        "DIVE_TAG": "z",
    }
    told = bash(f"dive-eval --summary {runs}", tmp_path, **others)
    assert told.returncode == 0 and json.loads(told.stdout)["attempts"] == 10, told.stderr
    made = bash("dive-eval --schemas", tmp_path, runs.read_bytes(), DIVE_JUDGE="nobody", DIVE_BUDGET="requests=1")
    assert made.returncode == 0 and len(lines(made.stdout)) == 10


# --- a judge ----------------------------------------------------------------------------------------------------------


def test_a_judge_outside_sees_no_private_results_again(texts: Path, tmp_path: Path) -> None:
    pool = lines(bash("dive-tools list --json", tmp_path).stdout)
    (tmp_path / "pool.jsonl").write_bytes(b"".join(orjson.dumps(tool) + b"\n" for tool in pool))
    for tool in pool:
        tool["sensitivity"] = "private"
    (tmp_path / "private.jsonl").write_bytes(b"".join(orjson.dumps(tool) + b"\n" for tool in pool))
    with serve(speaker) as server:
        bash(f"dive-eval {texts} {MODEL} {server.base} -q -o runs.jsonl", tmp_path)
        asked = server.requests
        host = server.base.replace("127.0.0.1", "outside.localdomain")
        proxy: dict[str, Any] = {"http_proxy": server.base.removesuffix("/v1")}  # which answers for any host
        line = f"dive-eval --rescore runs.jsonl --judge openai:test --judge-revision r --judge-endpoint {host}"
        done = bash(f"{line} --pool private.jsonl", tmp_path, **proxy)
        assert done.returncode == 1 and b"results are private" in done.stderr and not done.stdout, done.stderr
        assert server.requests == asked
        done = bash(f"dive-eval --rescore runs.jsonl --judge openai:test --judge-endpoint {server.base} "
                    "--pool private.jsonl -o out.jsonl", tmp_path)  # fmt: skip
        assert done.returncode == 0 and server.requests == asked + 2, done.stderr
    assert [run["run"]["score"] for run in lines((tmp_path / "out.jsonl").read_bytes())] == [1.0, 1.0]
    facts = json.loads((tmp_path / "out.jsonl.meta.json").read_bytes())
    assert facts["judge"]["name"] == "openai:test" and "pool" in facts and "model" not in facts


def test_scored_again_in_several_processes(runs: Path, tmp_path: Path) -> None:
    done = bash(f"dive-eval --rescore {runs} -j 2", tmp_path)
    assert done.returncode == 0 and done.stdout == runs.read_bytes() and b"changed=0" in done.stderr


def test_a_calibration_is_written_where_it_is_said(tmp_path: Path) -> None:
    case = {"question": "Why?", "answer": {"type": "text", "value": "Air."}, "reply": "Answer: air", "right": True}
    good, bad = {"id": "a", **case}, {"id": "b", **case, "right": "yes"}
    (tmp_path / "good.jsonl").write_text(json.dumps(good) + "\n")
    (tmp_path / "bad.jsonl").write_text("\n".join(["", json.dumps(good), "", json.dumps(bad), ""]))
    (tmp_path / "torn.jsonl").write_text(json.dumps(good) + "\n" + json.dumps(bad)[:9] + "\n")
    with serve(speaker) as server:
        line = f"dive-eval --judge openai:test --judge-endpoint {server.base} --calibrate"
        done = bash(f"{line} good.jsonl -o told.json", tmp_path)
        assert done.returncode == 0 and not done.stdout, done.stderr
        told = json.loads((tmp_path / "told.json").read_bytes())
        assert told["cases"] == 1 and told["agreement"]["share"] == 1.0
        again = bash(f"{line} good.jsonl", tmp_path)
        assert again.stdout == (tmp_path / "told.json").read_bytes()
        asked = server.requests
        for name, place in (("bad", "bad.jsonl:4, /right: "), ("torn", "torn.jsonl:2: not JSON")):
            done = bash(f"{line} {name}.jsonl", tmp_path)
            assert done.returncode == 3 and done.stderr.decode().startswith(f"dive-eval: {place}"), done.stderr
        nowhere = bash(f"{line} good.jsonl -o no/such/folder/x", tmp_path)
        assert nowhere.returncode == 1 and b"cannot write no/such/folder/x" in nowhere.stderr
        assert server.requests == asked


def test_a_judge_that_fails_at_once_stops_all(texts: Path, tmp_path: Path) -> None:
    def broken(body: dict[str, Any]) -> Any:
        return speaker(body) if "tools" in body else Fault("402")

    with serve(broken) as server:
        done = bash(f"dive-eval {texts} {MODEL} {server.base} --judge openai:test", tmp_path)
    assert done.returncode == 1 and b"no credit" in done.stderr
