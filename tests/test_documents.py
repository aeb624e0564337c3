"""Documents as tools, and drift: real folders, a real index, real processes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from shell import bash

from dive_tools.errors import DiveError
from dive_tools.pool import load
from dive_tools.sources import documents
from dive_tools.sources.common import Skipped
from dive_tools.tools.door import Door


@pytest.fixture()
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    home = tmp_path / "handbook"
    (home / "deep").mkdir(parents=True)
    (home / "one.md").write_text("# Whales\n\nThe blue whale is the largest animal.\nWhales sing.\n")
    (home / "deep" / "two.txt").write_text("Krill\nBlue whales eat krill.\n")
    (home / "picture.png").write_bytes(b"\x89PNG")
    (home / ".hidden.md").write_text("whale")
    (tmp_path / "secret.md").write_text("whale")
    (home / "out.md").symlink_to(tmp_path / "secret.md")
    return home


def door(folder: Path, tmp_path: Path, **options: Any) -> Door:
    found = [row for row in documents.tools(folder, **options) if isinstance(row, dict)]
    (tmp_path / "pool.jsonl").write_text("".join(json.dumps({**row, "effects": "read"}) + "\n" for row in found))
    return Door(load(str(tmp_path / "pool.jsonl")).tools)


def test_documents_are_searched_opened_and_read(folder: Path, tmp_path: Path) -> None:
    here = door(folder, tmp_path)
    found = here.call("handbook_search", {"query": "BLUE whale"})["result"]
    assert [row["document"] for row in found["documents"]] == ["one.md"] and found["total"] == 1
    assert found["documents"][0]["title"] == "Whales" and "blue whale" in found["documents"][0]["snippet"]
    assert here.call("handbook_search", {"query": "unicorn"})["result"] == {"documents": [], "total": 0}
    read = here.call("handbook_open", {"document": "deep/two.txt", "first_line": 2, "lines": 1})["result"]
    assert read == {"document": "deep/two.txt", "first_line": 2, "text": "Blue whales eat krill.", "total_lines": 2}
    assert here.call("handbook_find", {"document": "one.md", "text": "sing"})["result"]["matches"] == [
        {"line": 4, "text": "Whales sing."}
    ]


@pytest.mark.parametrize("query", ['"', "a AND (", "NEAR/", "whale* OR x", "title:whale"])
def test_a_query_is_words_and_never_an_expression(query: str, folder: Path, tmp_path: Path) -> None:
    assert set(door(folder, tmp_path).call("handbook_search", {"query": query})) <= {"result", "error"}
    outcome = door(folder, tmp_path).call("handbook_search", {"query": query})
    assert "result" in outcome or outcome["error"]["kind"] == "refused"


@pytest.mark.parametrize("name", ["../secret.md", "/etc/passwd", "out.md", ".hidden.md", "nothing.md"])
def test_nothing_outside_the_folder_is_opened(name: str, folder: Path, tmp_path: Path) -> None:
    outcome = door(folder, tmp_path).call("handbook_open", {"document": name})
    assert outcome == {"error": {"kind": "refused", "message": f"no document {name}"}}


def test_what_is_no_text_is_named(folder: Path) -> None:
    skipped = {row.name: row.reason for row in documents.tools(folder) if isinstance(row, Skipped)}
    assert skipped == {"picture.png": "no_text", "out.md": "outside"}


def test_a_folder_that_changed_is_another_pool(folder: Path, tmp_path: Path) -> None:
    here = door(folder, tmp_path)
    versions = {tool.version for tool in here.tools.values()}
    (folder / "one.md").write_text("# Whales\n\nGone.\n")
    documents._index.cache_clear()
    with pytest.raises(DiveError, match="have changed"):
        here.call("handbook_open", {"document": "one.md"})
    assert not versions & {tool.version for tool in door(folder, tmp_path).tools.values()}


def test_the_index_is_made_by_the_import_and_calls_only_open_it(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("a call has no time for this")

    here = door(folder, tmp_path)
    monkeypatch.setattr(documents, "_build", never)
    monkeypatch.setattr(documents, "_content", never)
    documents._index.cache_clear()
    assert here.call("handbook_find", {"document": "one.md", "text": "sing"})["result"]["matches"]


def test_documents_are_read_again_only_when_their_times_or_sizes_differ(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, ask = door(folder, tmp_path), ("handbook_open", {"document": "one.md"})
    read, content = [], documents._content
    monkeypatch.setattr(documents, "_content", lambda *at: read.append(at) or content(*at))
    (folder / "one.md").touch()  # another time, the same text
    for _ in range(2):
        documents._index.cache_clear()
        assert "result" in here.call(*ask)
    assert len(read) == 1
    text = (folder / "one.md").read_text()
    (folder / "one.md").write_text(text.replace("sing", "sang"))  # the same size
    documents._index.cache_clear()
    with pytest.raises(DiveError, match="have changed"):
        here.call(*ask)
    copy = tmp_path / "copy"
    (folder / "one.md").write_text(text)
    shutil.copytree(folder, copy, symlinks=True)  # the same texts, so the same index, of another folder
    there = door(copy, tmp_path, name="handbook")
    documents._index.cache_clear()
    read.clear()
    assert "result" in there.call(*ask) and read == []
    documents._index.cache_clear()
    assert "result" in here.call(*ask) and len(read) == 1


def test_an_index_that_cannot_be_used_is_named(folder: Path, tmp_path: Path) -> None:
    here = door(folder, tmp_path)
    (index,) = (tmp_path / "cache").rglob("index-*.sqlite")
    index.write_bytes(b"no database" * 1000)
    documents._index.cache_clear()
    with pytest.raises(DiveError, match=r"an index of documents in .* cannot be used"):
        here.call("handbook_open", {"document": "one.md"})
    index.unlink()
    assert "result" in here.call("handbook_open", {"document": "one.md"})  # made anew, on a machine without it


def test_a_folder_without_documents_is_an_error(tmp_path: Path) -> None:
    done = bash("mkdir empty; dive-tools import documents empty; dive-tools import documents nowhere", tmp_path)
    assert b"no documents in empty" in done.stderr and b"nowhere" in done.stderr and b"Traceback" not in done.stderr


CLOCK = '''
from pathlib import Path
def stock(n: int) -> dict[str, int]:
    """How many things there are; n is a number of the shelf."""
    return {"things": int((Path(__file__).parent / f"shelf{n}").read_text())}
'''


def test_drift_names_what_answers_otherwise_and_the_tasks_it_touches(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(CLOCK)
    for n in (1, 2, 3):
        (tmp_path / f"shelf{n}").write_text(str(10 * n))
    step = {"call": "c1", "round": 1, "tool": "stock", "arguments": {"n": 2}, "arguments_from": {}, "result": {}}
    tasks = [{"id": f"t{n}", "evidence": [{**step, "arguments": {"n": n}}]} for n in (1, 2)]
    (tmp_path / "tasks.jsonl").write_text("".join(json.dumps(task) + "\n" for task in tasks))
    record = """
from pathlib import Path
from dive_tools.cassette import Cassette
from dive_tools.pool import load
from dive_tools.tools.door import Door
with Cassette(Path("c.sqlite")) as tape:
    door = Door(load("found.jsonl").tools, cassette=tape, allow={"stock": "read"})
    for n in (1, 2, 3): door.call("stock", {"n": n})
"""
    (tmp_path / "record.py").write_text(record)
    made = bash("dive-tools import python shop.py > found.jsonl && python record.py && echo 21 > shelf2", tmp_path)
    assert made.returncode == 0, made.stderr.decode()
    line = "dive-tools drift tasks.jsonl --cassette c.sqlite --pool found.jsonl"
    refused = bash(line, tmp_path)
    assert refused.returncode == 1 and b"has effects 'unknown' and was not allowed" in refused.stderr
    (tmp_path / "ok.txt").write_text("stock read\n")
    done = bash(f"{line} --allow-effects ok.txt", tmp_path)
    row = json.loads(done.stdout)
    assert (row["arguments"], row["recorded"], row["now"]) == (
        {"n": 2},
        {"result": {"things": 20}},
        {"result": {"things": 21}},
    )
    assert row["tasks"] == ["t2"] and done.returncode == 1
    assert b"calls=3 same=2 drifted=1 unreachable=0 skipped=0 tasks=1" in done.stderr
    (tmp_path / "shelf2").write_text("20")
    assert bash(f"{line} --allow-effects ok.txt", tmp_path).returncode == 0
