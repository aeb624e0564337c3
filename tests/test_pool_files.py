"""A pool is JSON lines: written, filtered, put together, and read back as the same tools."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import orjson
import pytest
from shell import ROOT, bash

from dive_tools import pool as pools
from dive_tools.errors import BadRecord, DiveError
from dive_tools.tools.door import Door
from dive_tools.tools.manifest import line, tool_of


@pytest.fixture(scope="module")
def builtin() -> pools.Pool:
    return pools.builtin()


def written(path: Path, manifests: list[dict[str, Any]]) -> Path:
    path.write_bytes(b"".join(orjson.dumps(manifest) + b"\n" for manifest in manifests))
    return path


def test_every_manifest_is_the_same_tool_again(builtin: pools.Pool) -> None:
    for tool in builtin.tools.values():
        manifest = orjson.loads(orjson.dumps(line(tool)))
        again = tool_of(manifest, tool.function)
        assert orjson.loads(orjson.dumps(line(again))) == manifest
        assert (again.slots, again.fields, again.examples) == (tool.slots, tool.fields, tool.examples), tool.name


def test_the_index_lists_what_the_pool_holds(builtin: pools.Pool) -> None:
    rows = json.loads((ROOT / "dive_tools" / "tools" / "index.json").read_bytes())
    whole = sorted([*builtin.tools.values(), *builtin.absent.values()], key=lambda tool: tool.name)
    assert rows == pools.index(whole), "dive-tools check --update writes it anew"


def test_a_line_of_the_builtin_pool_calls_the_builtin_tool(builtin: pools.Pool, tmp_path: Path) -> None:
    names = ("country_profile", "great_circle_distance")
    path = written(tmp_path / "two.jsonl", [line(builtin.tools[name]) for name in names])
    pool = pools.load(str(path))
    assert list(pool.tools) == sorted(names)
    given = {"country": "Kenya"}
    assert Door(pool.tools).call("country_profile", given) == Door(builtin.tools).call("country_profile", given)


def test_pools_are_put_together(builtin: pools.Pool, tmp_path: Path) -> None:
    one = written(tmp_path / "one.jsonl", [line(builtin.tools["country_profile"])])
    assert set(pools.load(["builtin", str(one)]).tools) == set(builtin.tools)
    other = line(builtin.tools["country_profile"]) | {"description": "Something else that bears this name."}
    path = written(tmp_path / "other.jsonl", [other])
    with pytest.raises(DiveError, match=r"other.jsonl: another tool is named country_profile"):
        pools.load(["builtin", str(path)])


def broken(manifest: dict[str, Any], **change: Any) -> dict[str, Any]:
    return {key: value for key, value in {**manifest, **change}.items() if value is not None}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": "0"}, "built-in tool country_profile is version .* here, not version 0"),
        ({"via": None}, '"via" is a required property'),
        ({"name": "not a name"}, 'manifest of not a name: name: "not a name" does not match'),
        ({"takes": {"country": {"type": "planet_of_apes"}}}, "no value type planet_of_apes"),
        ({"takes": {"country": {"typ": "country"}}}, "takes/country: Additional properties"),
        ({"module": "geography.atlantis"}, "no built-in module geography.atlantis"),
        ({"effects": "harmless"}, "effects: "),
    ],
)
def test_a_line_that_is_no_tool_is_named(
    change: dict[str, Any], message: str, builtin: pools.Pool, tmp_path: Path
) -> None:
    good = line(builtin.tools["great_circle_distance"])
    path = written(tmp_path / "pool.jsonl", [good, broken(line(builtin.tools["country_profile"]), **change)])
    with pytest.raises(BadRecord, match=rf"pool.jsonl:2: .*{message}"):
        pools.load(str(path))


def test_a_pool_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "pool.jsonl").write_text("{]\n")
    done = bash("dive-tools list --pool pool.jsonl; echo $?; dive-sample -n 1 --pool nowhere; echo $?", tmp_path)
    assert done.stdout == b"3\n2\n" and b"pool.jsonl:1: not JSON" in done.stderr
    assert b"cannot read pool nowhere" in done.stderr and b"builtin or a file" in done.stderr


def test_the_builtin_pool_filtered_with_a_program_is_a_pool(tmp_path: Path) -> None:
    keep = "import sys, json; [print(l, end='') for l in sys.stdin if json.loads(l)['domain'] == 'geography']"
    line = f"""dive-tools list --json | python -c "{keep}" > geo.jsonl; dive-tools list --pool geo.jsonl | wc -l
    dive-sample --pool geo.jsonl --domain geography -n 5 --seed 1 \
      | dive-collect --pool geo.jsonl | dive-derive --pool geo.jsonl | dive-verify --pool geo.jsonl | wc -l"""
    done = bash(line, tmp_path)
    tools, tasks = map(int, done.stdout.split())
    assert tools >= 20 and tasks >= 1, done.stderr.decode()


def test_two_tools_of_a_pool_hang_together_by_what_they_give_and_take(builtin: pools.Pool) -> None:
    two = {name: builtin.tools[name] for name in ("country_profile", "country_neighbours")}
    assert pools.connected(two) == set(two)
    assert pools.connected({"country_profile": builtin.tools["country_profile"]}) == set()
    assert len(pools.connected(builtin.tools)) >= 0.8 * len(builtin.tools)


# --- a user's own file -----------------------------------------------------------------------------------------------


@pytest.fixture()
def mine(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "tests" / "mytools.py", tmp_path / "mytools.py")
    return tmp_path


def test_a_users_file_is_imported_with_what_cannot_be_a_tool_named(mine: Path) -> None:
    done = bash("dive-tools import python mytools.py --domain wine -r no.jsonl > found.jsonl", mine)
    found = {row["name"]: row for row in map(json.loads, (mine / "found.jsonl").read_text().splitlines())}
    assert set(found) == {"wine_record", "shout"} and done.returncode == 0
    assert found["wine_record"]["effects"] == "unknown" and found["wine_record"]["hints"] == {"effects": "read"}
    assert found["shout"]["domain"] == "wine" and found["shout"]["description"].startswith("Put the name")
    rows = map(json.loads, (mine / "no.jsonl").read_text().splitlines())
    skipped = {row["name"]: row["drop"]["detail"] for row in rows}
    assert skipped == {
        "untyped": "no type hint on x",
        "silent": "no docstring says what it does",
        "many": "parameter numbers cannot be given by name",
        "later": "is a coroutine or a generator: wrap it in a plain function",
    }


def test_a_users_tools_go_the_whole_way(mine: Path) -> None:
    line = """
    dive-tools import python mytools.py --domain wine --review effects.txt > found.jsonl 2> /dev/null
    dive-tools check found.jsonl --allow-effects effects.txt 2> first
    sed -i -E 's/^# ([a-z_]+@\\w+ read)$/\\1/' effects.txt
    dive-tools check found.jsonl --allow-effects effects.txt --estimate 5 > pool.jsonl 2> second
    python -c 'import json, mytools as m
for w in m.WINES: print(json.dumps({"value": w, "type": "wine"}))' > wine.jsonl
    dive-sample -n 40 --pool builtin --pool pool.jsonl --seeds wine.jsonl --tools 15:20 -q > setups.jsonl
    P='--pool builtin --pool pool.jsonl'
    dive-collect setups.jsonl $P --cassette c.sqlite -q | dive-derive $P -q | dive-collect $P --cassette c.sqlite -q \
      | dive-derive $P -q > derived.jsonl
    dive-verify derived.jsonl $P --cassette c.sqlite --replay -q | dive-dedup -q > tasks.jsonl"""
    done = bash(line, mine, timeout=120)
    assert "not_reviewed=2" in (mine / "first").read_text() and "kept=0" in (mine / "first").read_text()
    assert "kept=2" in (mine / "second").read_text() and "connected=100%" in (mine / "second").read_text()
    tasks = [json.loads(row) for row in (mine / "tasks.jsonl").read_text().splitlines()]
    assert tasks, done.stderr.decode()
    assert all(any(step["tool"] == "wine_record" for step in task["evidence"]) for task in tasks)


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("nowhere.py", b"no file"),
        ("no.such.module", b"cannot import no.such.module: ModuleNotFoundError"),
        ("broken.py", b"broken.py: ZeroDivisionError"),
    ],
)
def test_a_file_that_cannot_be_imported_is_named(place: str, message: bytes, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("1 / 0\n")
    done = bash(f"dive-tools import python {place}", tmp_path)
    assert done.returncode == 1 and message in done.stderr and b"Traceback" not in done.stderr


def test_two_files_may_name_a_tool_alike(mine: Path) -> None:
    (mine / "other.py").write_text(
        (mine / "mytools.py").read_text().replace('entity("wine", ', 'entity("other_wine", ')
    )
    line = """dive-tools import python mytools.py > a.jsonl && dive-tools import python other.py --prefix b > b.jsonl
    echo 'wine_record none' > ok.txt; echo 'b_wine_record none' >> ok.txt
    cat a.jsonl b.jsonl > both.jsonl; dive-tools check both.jsonl --allow-effects ok.txt --estimate 0 > pool.jsonl
    dive-tools list --pool pool.jsonl | wc -l"""
    done = bash(line, mine)
    assert done.stdout.split() == [b"2"], done.stderr.decode()


def test_listing_a_pool_runs_nothing_of_it(tmp_path: Path) -> None:
    (tmp_path / "loud.py").write_text(
        'from pathlib import Path\nPath("ran").touch()\ndef f(n: int) -> int:\n    """Say a number."""\n    return n\n'
    )
    assert bash("dive-tools import python loud.py > found.jsonl && rm ran", tmp_path).returncode == 0
    manifest = json.loads((tmp_path / "found.jsonl").read_text())
    written(tmp_path / "typed.jsonl", [manifest | {"takes": {"n": {"type": "made_up_type"}}}])
    for command in ("list", "list --json", "show f"):
        assert bash(f"dive-tools {command} --pool typed.jsonl", tmp_path).returncode == 0, command
    for command in ("import review typed.jsonl", "check typed.jsonl"):
        bash(f"dive-tools {command}", tmp_path)
    assert not (tmp_path / "ran").exists()


def test_what_a_tool_prints_is_no_part_of_the_pool(tmp_path: Path) -> None:
    (tmp_path / "loud.py").write_text(
        'def f(n: int) -> int:\n    """Say a number."""\n    print("NOISE")\n    return n\n'
    )
    line = """dive-tools import python loud.py > found.jsonl; echo 'f read' > ok.txt
    dive-tools check found.jsonl --allow-effects ok.txt --estimate 0 > pool.jsonl
    dive-tools call f '{"n": 1}' --pool pool.jsonl"""
    done = bash(line, tmp_path)
    assert done.stdout == b'{"result":1}\n' and b"NOISE" in done.stderr
    assert [json.loads(row)["name"] for row in (tmp_path / "pool.jsonl").read_text().splitlines()] == ["f"]


def test_a_review_is_not_written_over_nor_contradicted(mine: Path) -> None:
    (mine / "effects.txt").write_text("wine_record read\n")
    done = bash("dive-tools import python mytools.py --review effects.txt", mine)
    assert done.returncode == 2 and b"effects.txt is there" in done.stderr
    (mine / "two.txt").write_text("wine_record write it pours\nwine_record read\n")
    with pytest.raises(DiveError, match=r"two.txt:2: wine_record was write in an earlier line"):
        pools.read_effects(mine / "two.txt")


def test_a_line_that_stands_twice_is_one_tool_however_it_was_measured(builtin: pools.Pool, tmp_path: Path) -> None:
    one = line(builtin.tools["country_profile"])
    path = written(tmp_path / "twice.jsonl", [one, one, {**one, "checked": {"calls": 3}}])
    assert list(pools.load(str(path)).tools) == ["country_profile"]


def test_a_name_that_breaks_the_draft_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text('{"name":"a\\ndelete_all none","description":"x"}\n{"a":1}\n')
    done = bash("dive-tools import review bad.jsonl", tmp_path)
    assert done.returncode == 3 and done.stdout == b"" and b"Traceback" not in done.stderr
