"""Every command explains itself at once, by example, and is found in the docs."""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
from pathlib import Path

import pytest
from shell import ROOT, bash, environment

from dive_tools.cli.cassette import cassette
from dive_tools.cli.tools import main as tools
from dive_tools.cli.train import PARTS

COMMANDS = sorted(path.name for path in (ROOT / "bin").iterdir())
GROUPED = ["dive-tools " + name for name in tools.commands] + ["dive-train " + name for name in PARTS]
CASSETTE = ["dive-tools cassette " + name for name in cassette.commands]
SECONDS = 0.15  # of processor time; the promise, of which a busy machine may take the double


def test_these_are_all_commands() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    assert sorted(re.findall(r'^(dive-[a-z]+) = "', project, re.MULTILINE)) == COMMANDS


@pytest.mark.parametrize("command", [*COMMANDS, *GROUPED, *CASSETTE])
def test_help_explains(command: str, tmp_path: Path) -> None:
    done = bash(f"{command} --help", tmp_path)
    assert done.returncode == 0 and done.stderr == b""
    said = done.stdout.decode()
    assert said.startswith("Usage: ") and len(said.splitlines()) > 4
    assert bash(f"{command} -h", tmp_path).stdout == done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_goes_by_its_own_name(command: str, tmp_path: Path) -> None:
    """In its usage, its version and its errors, also from a checkout."""
    assert bash(f"{command} --help", tmp_path).stdout.decode().startswith(f"Usage: {command} ")
    assert bash(f"{command} --version", tmp_path).stdout.decode().startswith(f"{command} ")
    said = bash(f"{command} --no-such-option", tmp_path).stderr.decode()
    assert "python -m" not in said and command in said


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example(command: str, tmp_path: Path) -> None:
    said = bash(f"{command} --help", tmp_path).stdout.decode()
    body = said.partition("Options:")[0].partition("\n")[2]
    assert re.search(rf"^ +(.*\| )?{command} \S", body, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_says_what_it_does(command: str, tmp_path: Path) -> None:
    said = bash(f"{command} --help", tmp_path).stdout.decode().partition("Options:")[2].partition("Commands:")[0]
    options = re.split(r"\n  (?=-)", said.strip("\n").removeprefix("  "))
    silent = [option for option in options if not re.search(r"\s{2,}\S|\n", option.strip())]
    assert len(options) > 1 and silent == []


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_quick(command: str) -> None:
    used = [processor_time(str(ROOT / "bin" / command), "--help") for _ in range(5)]
    assert statistics.median(used) <= 2 * SECONDS, used


def processor_time(*words: str) -> float:
    """User and system seconds that a command and its children took."""
    pid = os.posix_spawn(
        words[0], words, environment(), file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    )
    _, status, usage = os.wait4(pid, 0)
    assert status == 0
    return usage.ru_utime + usage.ru_stime


@pytest.mark.parametrize("command", COMMANDS)
def test_help_loads_nothing_heavy(command: str, tmp_path: Path) -> None:
    module = "dive_tools.cli." + command.removeprefix("dive-")
    done = bash(f"python3 -X importtime -m {module} --help", tmp_path)
    loaded = {line.rpartition(b"|")[2].strip().decode() for line in done.stderr.splitlines()}
    assert "click" in loaded
    assert not loaded & {
        "orjson",
        "msgspec",
        "jsonschema_rs",
        "rapidfuzz",
        "numpy",
        "sqlite3",
        "asyncio",
        "multiprocessing",
    }
    assert not any(
        re.match(r"dive_tools\.(tools|pool|records|screens|support|values|symbolic)\b", name) for name in loaded
    )


@pytest.mark.parametrize("command", [*COMMANDS, *GROUPED, *CASSETTE])
def test_the_docs_mention_the_command(command: str) -> None:
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("**/*.md"))]
    assert any(re.search(rf"\b{re.escape(command)}\b", page.read_text()) for page in pages)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("list --domain nonsense", "no domain named nonsense"),
        ("check --domain nonsense --domain general", "no domain named nonsense"),
        ("seeds types", "no built-in domain named types"),
        ("seeds geography.airports", "no built-in domain named geography.airports"),
        ("seeds nonsense", "no built-in domain named nonsense"),
        ("funnel -n 1 rejects.jsonl", "2 records were rejected"),
    ],
)
def test_dive_tools_says_what_is_wrong(line: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "rejects.jsonl").write_text('{"drop": {"reason": "leak"}}\n' * 2)
    done = bash(f"dive-tools {line}", tmp_path)
    assert done.returncode == 2 and said in done.stderr.decode() and b"Traceback" not in done.stderr
    assert done.stdout == b"" and ("--domain" not in line or b"medicine" in done.stderr)


@pytest.mark.parametrize(
    "command",
    [name for name in COMMANDS if name not in ("dive-eval", "dive-tools", "dive-train")] + ["dive-eval --model plan"],
)
def test_the_sidecar_names_the_command(command: str, tmp_path: Path) -> None:
    command, *options = command.split()
    done = bash(f"{command} {' '.join(options)} -q -n 0 -o out.jsonl < /dev/null", tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "out.jsonl.meta.json").read_text())["command"][0] == command


WITHOUT = """
import sys
sys.modules.update(dict.fromkeys(("torch", "transformers", "trl", "datasets")))  # to import one fails
from dive_tools.cli.train import main
main(sys.argv[1:], prog_name="dive-train")
"""


@pytest.mark.parametrize("words", ["sft -m m -o out runs.jsonl", "rl -m m -o out runs.jsonl", "init tiny -o out"])
def test_without_the_libraries_of_training_one_sentence_says_what_to_install(words: str, tmp_path: Path) -> None:
    (tmp_path / "runs.jsonl").write_text("{}\n")
    line = [sys.executable, "-c", WITHOUT, *words.split()]
    done = subprocess.run(line, cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "which is not installed" in done.stderr and "dive-tools[train]" in done.stderr
