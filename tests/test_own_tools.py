"""docs/own-tools.md is run: its files are written, its `sh` blocks run in order, in an empty folder."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from shell import ROOT, environment

PAGE = (ROOT / "docs" / "own-tools.md").read_text()
SERVERS = ROOT / "build" / "mcp-servers" / "venv" / "bin"
BLOCK = re.compile(r"(?:^`([\w.]+)`:\n\n)?^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def run(section: str, folder: Path) -> list[str]:
    """Write the files and run the blocks of a section; what each block printed."""
    text = next(part for part in PAGE.split("\n## ") if part.startswith(section))
    said = []
    for name, language, body in BLOCK.findall(text):
        if name:
            (folder / name).write_text(body)
        elif language == "sh":
            # as env -i would have it, but for PATH: a reader's shell holds no key of ours
            path = f"{SERVERS}{os.pathsep}{environment()['PATH']}"
            env = {**environment(), "PATH": path, "XDG_CACHE_HOME": str(folder / "cache")}
            words = ["bash", "-c", f"set -eu -o pipefail\n{body}"]
            done = subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, timeout=120)
            assert done.returncode == 0, f"{body}\n{done.stdout}\n{done.stderr}"
            said.append(done.stdout + done.stderr)
    assert said, section
    return said


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_python_file(tmp_path: Path) -> None:
    said = run("A Python file", tmp_path)
    assert "# wine_record@" in said[0] and "tools=2" in said[0]
    pool = {tool["name"]: tool for tool in lines(tmp_path / "pool.jsonl")}
    assert set(pool) == {"wine_record", "label_size"} and pool["wine_record"]["checked"]["stable"] is True
    tasks = lines(tmp_path / "wine-tasks.jsonl")
    assert tasks and all(task["setup"]["domain"] == "wine" for task in tasks)
    assert any("wine" in task["task"]["question"] for task in tasks) or "Barolo" in said[-1]


def test_an_http_api_and_an_openapi_document(tmp_path: Path) -> None:
    run("An HTTP API", tmp_path)
    coffee = lines(tmp_path / "coffee.jsonl")[0]
    assert coffee["name"] == "coffee_stock" and coffee["gives"]["/bags"]["phrases"]
    assert "sesame" not in (tmp_path / "coffee.jsonl").read_text() + (tmp_path / "coffee-found.jsonl").read_text()
    run("An OpenAPI document", tmp_path)
    shop = lines(tmp_path / "shop.jsonl")[0]
    assert shop["takes"]["country"]["type"] == "country" and shop["checked"]["answered"] >= 3


def test_an_mcp_server(tmp_path: Path) -> None:
    if not shutil.which("mcp-server-time", path=str(SERVERS)):
        pytest.skip("no public MCP servers here: run tests/servers/install")
    said = run("An MCP server", tmp_path)
    assert "# time_convert_time" in said[0]
    tool = lines(tmp_path / "mcp.jsonl")[0]
    assert tool["effects"] == "read" and "result" in tool["checked"]["inferred"]


def test_documents(tmp_path: Path) -> None:
    assert "205 degrees" in run("Documents", tmp_path)[0]
