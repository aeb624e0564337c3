"""dive-train export as a user meets it: what is refused, what a kill leaves, what is left beside the output."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from export_lines import attempt, lines, made, pool
from shell import bash, start

from dive_tools.errors import DiveError, UsageFault
from dive_tools.train import exports
from dive_tools.train.exports import Context, export


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with attempts.jsonl and tasks.jsonl."""
    for name, records in zip(("tasks", "runs"), made(), strict=True):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(each) + "\n" for each in records))
    bare = {key: value for key, value in made()[1][0].items() if key != "tools"}
    (tmp_path / "bare.jsonl").write_text(json.dumps(bare) + "\n")
    return tmp_path


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ("tasks.jsonl --to openai -o x", 3, "tasks.jsonl:1: not an attempt"),
        ("bare.jsonl --to trl-sft -o x", 3, 'bare.jsonl:1: lacks "tools", .*\n  hint: dive-eval --schemas'),
        ("runs.jsonl --to trl-grpo -o x", 3, "runs.jsonl:1: an attempt, .*\n  hint: dive-verify --frontier"),
        ("runs.jsonl --to parchment -o x", 2, "'parchment' is not one of 'openai'"),
        ("none.jsonl --to openai -o x", 2, "cannot read none.jsonl"),
        ("runs.jsonl --to openai -o no/x", 2, "there is no folder no"),
        ("runs.jsonl --to openai -o runs.jsonl --force", 2, "must be different files"),
        ("runs.jsonl --to openai -o tasks.jsonl", 2, "tasks.jsonl is there already\n  hint: .*--force"),
        ("-n 0 runs.jsonl --to openai -o x", 1, "nothing to export"),
    ],
)
def test_a_fault_is_one_sentence_with_a_remedy(words: str, code: int, says: str, folder: Path) -> None:
    before = sorted(folder.iterdir())
    done = bash(f"dive-train export {words}", folder)
    assert done.returncode == code and done.stdout == b""
    assert re.search(says, done.stderr.decode()), done.stderr.decode()
    assert "Traceback" not in done.stderr.decode() and sorted(folder.iterdir()) == before


def test_a_missing_library_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(exports.FORMATS, "far", exports.Format("openai", "", needs=("no_such_library",)))
    with pytest.raises(DiveError, match="--to far needs no_such_library") as fault:
        exports.chosen("far")
    assert fault.value.hint == "pip install 'dive-tools[train]'"
    with pytest.raises(UsageFault, match="no format is named near: there are openai"):
        exports.chosen("near")


def test_what_is_secret_in_the_command_line_is_not_in_the_card(folder: Path) -> None:
    done = bash(
        "dive-train export tasks.jsonl --to hf -o out --licence https://me:secret@host/terms?key=silent", folder
    )
    assert done.returncode == 0, done.stderr.decode()
    for file in (folder / "out" / "README.md", folder / "out.meta.json"):
        command = file.read_text().partition("dive-train")[2]
        assert "https://host/terms" in command and "secret" not in command and "silent" not in command


def test_counts_rejects_and_a_sidecar(folder: Path) -> None:
    (folder / "more.jsonl").write_text(json.dumps(attempt(1, ["{torn"])) + "\n{\n")
    line = "cat runs.jsonl more.jsonl | dive-train export --to openai -o o.jsonl -r rejects.jsonl --keep-going"
    done = bash(line, folder)
    kept = len(made()[1])
    assert f"in={kept + 2} kept={kept} dropped=2 malformed=1 bad_line=1" in done.stderr.decode(), done.stderr.decode()
    assert [each["drop"]["reason"] for each in lines(folder / "rejects.jsonl")] == ["malformed", "bad_line"]
    facts = json.loads((folder / "o.jsonl.meta.json").read_text())
    assert facts["counts"]["kept"] == kept and facts["format"] == "openai" and facts["pool"]["tools"]
    assert bash("dive-train export more.jsonl --to openai -o p.jsonl", folder).returncode == 3


def test_the_card_knows_the_commands_before(folder: Path) -> None:
    done = bash(
        "dive-eval tasks.jsonl --model plan -o one.jsonl && dive-eval --schemas one.jsonl -o two.jsonl"
        " && dive-train export two.jsonl --to hf -o d",
        folder,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr.decode()
    said = (folder / "d" / "README.md").read_text()
    assert "dive-eval tasks.jsonl --model plan -o one.jsonl" in said and "--schemas one.jsonl" in said


@pytest.mark.parametrize("name", ["openai", "hf"])
def test_force_replaces_a_file_and_a_folder(name: str, tmp_path: Path) -> None:
    first, second = ([attempt(place, [{"n": place}])] for place in (1, 2))
    out = tmp_path / "out"
    export(name, first, out, Context(pool()))
    before = content(out)
    with pytest.raises(UsageFault, match="there already"):
        export(name, second, out, Context(pool()))
    with pytest.raises(DiveError, match="nothing to export"):
        export(name, [attempt(3, ["x"])], out, Context(pool()), force=True)
    assert content(out) == before and list(tmp_path.iterdir()) == [out]
    export(name, second, out, Context(pool()), force=True)
    assert content(out) != before and list(tmp_path.iterdir()) == [out]


def content(path: Path) -> dict[str, bytes]:
    """Every file of a folder, or the one file."""
    files = [path] if path.is_file() else [each for each in sorted(path.rglob("*")) if each.is_file()]
    return {str(file.relative_to(path)): file.read_bytes() for file in files}


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGINT])
def test_a_kill_leaves_nothing_half(ending: signal.Signals, tmp_path: Path) -> None:
    line = json.dumps(attempt(1, [{}])).encode() + b"\n"
    words = ("dive-train", "export", "--to", "hf", "-o", "d", "-q")
    made = start(*words, cwd=tmp_path, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    assert made.stdin is not None
    for _ in range(400):  # more than a row group, and more than a pipe holds
        made.stdin.write(line)
    made.stdin.flush()
    half = tmp_path / ".d.part"
    until = time.monotonic() + 60
    while not any(half.rglob("sft-*")) and time.monotonic() < until:
        time.sleep(0.05)
    assert half.is_dir() and not (tmp_path / "d").exists()
    os.killpg(made.pid, ending)
    made.communicate()
    assert made.returncode != 0 and not (tmp_path / "d").exists()
    assert half.exists() == (ending == signal.SIGKILL)
    done = bash("dive-train export --to hf -o d", tmp_path, stdin=line)
    assert done.returncode == 0 and sorted(path.name for path in tmp_path.iterdir()) == ["d", "d.meta.json"]


@pytest.mark.parametrize("name", ["openai", "trl-sft"])
def test_memory_does_not_grow_with_the_input(name: str, tmp_path: Path) -> None:
    """3,000 attempts of 20 kB each, 60 MB, take at most 30 MB more than 300."""
    big = attempt(1, [{"text": "x" * 20_000}])

    def peak(count: int) -> int:
        child = os.fork()
        if child == 0:  # a process of its own, so that its peak is its own
            try:
                records: Any = ({**big, "id": f"hand-{place}.plan.0"} for place in range(count))
                export(name, records, tmp_path / f"{name}-{count}", Context(pool()))
                os._exit(0)
            finally:
                os._exit(1)
        _, status, usage = os.wait4(child, 0)
        assert status == 0
        return usage.ru_maxrss

    assert peak(3000) - peak(300) < 30_000
