"""An exported environment gives, wherever it is loaded, the rewards that the checkout gave."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from wines import attempted, pool_in, tape_in, task, tasks

from dive_tools.cassette import Cassette
from dive_tools.env import Environment, digest_of
from dive_tools.errors import BadRecord, DiveError
from dive_tools.pool import Pool, builtin
from dive_tools.tools.door import Door
from dive_tools.train.exports import Context, Options, export


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Pool:
    return pool_in(tmp_path_factory.mktemp("pool"))


@pytest.fixture
def tape(pool: Pool, tmp_path: Path) -> Path:
    return tape_in(tmp_path, pool)


def made(pool: Pool, tape: Path, out: Path, *tasks: dict[str, Any], **options: Any) -> dict[str, int]:
    context = Context(pool=pool, cassettes=(tape,), options=Options(**options))
    return export("env", list(tasks) or [task(pool)], out, context)


def test_the_folder_gives_the_rewards_of_the_checkout(pool: Pool, tape: Path, tmp_path: Path) -> None:
    allow = dict.fromkeys(pool.tools, "read")
    with Cassette(None, [tape]) as recorded:
        door = Door(pool.tools, cassette=recorded, on_miss="drop", allow=allow)
        wanted = attempted(Environment(tasks(pool), pool, door, alpha=0.25))
    assert [(reward.total, bool(reward.masked)) for reward in wanted] == [
        (1.25, False), (1.25, False), (0.0, True), (1.0, False), (0.25, False),
        (1.0, False), (1.25, False), (1.0, False), (1.25, False),
    ]  # fmt: skip
    assert made(pool, tape, tmp_path / "env", *tasks(pool), alpha=0.25) == {
        "in": 9, "kept": 9, "dropped": 0, "tools": 2, "calls": 3, "unrecorded": 0,
    }  # fmt: skip
    shutil.move(tmp_path / "env", tmp_path / "elsewhere")
    env = Environment.load(tmp_path / "elsewhere")
    assert attempted(env) == wanted
    env.close()
    assert attempted(Environment.load(str(tmp_path / "elsewhere"))) == wanted  # reading it changed no file


def test_calls_are_live_only_where_that_is_wanted_and_allowed(pool: Pool, tape: Path, tmp_path: Path) -> None:
    made(pool, tape, tmp_path / "env")
    with pytest.raises(DiveError, match="not allowed"):
        Environment.load(tmp_path / "env", on_miss="live")
    env = Environment.load(tmp_path / "env", on_miss="live", allow=dict.fromkeys(pool.tools, "read"))
    assert "Spain" in env.reset("t1").call_now("wine_record", {"wine": "Rioja"})


def test_only_what_is_needed_is_in_the_folder(pool: Pool, tape: Path, tmp_path: Path) -> None:
    with Cassette(tmp_path / "more.sqlite") as more:
        version = pool.tools["shout"].version
        more.put("shout", version, {"country": "Spain"}, {"result": {"text": "SPAIN"}})
        more.put("shout", version, {"country": "Italy"}, {"result": {"text": "otherwise"}})
    context = Context(pool=pool, cassettes=(tape, tmp_path / "more.sqlite"))
    assert export("env", [task(pool)], tmp_path / "env", context)["calls"] == 4
    names = sorted(path.name for path in (tmp_path / "env").iterdir())
    assert names == ["README.md", "cassette.sqlite", "env.json", "pool.jsonl", "tasks.jsonl"]
    with sqlite3.connect(tmp_path / "env" / "cassette.sqlite") as db:
        assert {name for (name,) in db.execute("SELECT tool FROM calls")} == {"wine_record", "shout"}
    assert "ITALY" in Environment.load(tmp_path / "env").reset("t1").call_now("shout", {"country": "Italy"})
    assert len((tmp_path / "env" / "pool.jsonl").read_text().splitlines()) == 2


def test_pure_tools_need_no_cassette(tmp_path: Path) -> None:
    found = builtin(["general"])
    name, tool = next((name, tool) for name, tool in found.tools.items() if tool.examples and not tool.needs)
    record = task(found, tools={name: tool.version})
    assert export("env", [record], tmp_path / "env", Context(pool=found))["calls"] == 0
    assert not (tmp_path / "env" / "cassette.sqlite").exists()
    told = Environment.load(tmp_path / "env").reset("t1").call_now(name, tool.examples[0].arguments)
    assert told == json.dumps(Door(found.tools).call(name, tool.examples[0].arguments), separators=(",", ":"))


def test_tools_that_are_not_pure_need_one(pool: Pool, tmp_path: Path) -> None:
    with pytest.raises(DiveError, match="wine_record and 1 more tools are not pure"):
        export("env", [task(pool)], tmp_path / "env", Context(pool=pool))
    assert not (tmp_path / "env").exists()


def test_tasks_without_a_reward_are_left_out_with_a_reason(pool: Pool, tape: Path, tmp_path: Path) -> None:
    left: list[Any] = []
    context = Context(pool=pool, cassettes=(tape,), reject=left.append)
    tasks = [task(pool), task(pool, "t2", type="text"), task(pool, "t3", value=7), task(pool)]
    export("env", tasks, tmp_path / "env", context)
    assert [(one["id"], one["drop"]["reason"]) for one in left] == [
        ("t2", "unscored"), ("t3", "malformed"), ("t1", "duplicate"),
    ]  # fmt: skip
    assert list(Environment.load(tmp_path / "env").records) == ["t1"]


@pytest.mark.parametrize("name", ["tasks.jsonl", "pool.jsonl", "cassette.sqlite"])
def test_a_file_that_was_changed_is_not_loaded(name: str, pool: Pool, tape: Path, tmp_path: Path) -> None:
    made(pool, tape, tmp_path / "env")
    with (tmp_path / "env" / name).open("ab") as file:
        file.write(b"\n")
    with pytest.raises(DiveError, match=f"{name} is not the file"):
        Environment.load(tmp_path / "env")
    (tmp_path / "env" / name).unlink()
    with pytest.raises(DiveError, match=f"{name} is not the file"):
        Environment.load(tmp_path / "env")


def test_what_is_no_environment_or_another_is_not_loaded(pool: Pool, tape: Path, tmp_path: Path) -> None:
    with pytest.raises(DiveError, match="is no environment"):
        Environment.load(tmp_path)
    made(pool, tape, tmp_path / "env")
    facts = json.loads((tmp_path / "env" / "env.json").read_text())
    assert facts["versions"]["python"] and set(facts["files"]) == {"tasks.jsonl", "pool.jsonl", "cassette.sqlite"}
    for change, said in (({"prompt": "attempt@0"}, "another prompt"), ({"form": 99}, "another form")):
        (tmp_path / "env" / "env.json").write_text(json.dumps({**facts, **change}))
        with pytest.raises(DiveError, match=said):
            Environment.load(tmp_path / "env")


def test_a_tool_of_another_version_is_not_loaded(pool: Pool, tape: Path, tmp_path: Path) -> None:
    made(pool, tape, tmp_path / "env")
    path, facts = tmp_path / "env" / "pool.jsonl", json.loads((tmp_path / "env" / "env.json").read_text())
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps({**line, "version": "0"}) + "\n" for line in lines))
    facts["files"]["pool.jsonl"] = digest_of(path)
    (tmp_path / "env" / "env.json").write_text(json.dumps(facts))
    with pytest.raises(BadRecord, match="is version"):
        Environment.load(tmp_path / "env")
