"""Public MCP servers, in Python and JavaScript, over stdio and streamable HTTP; tests/servers/install brings them."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp_use import SERVERS, found, free, made, skipped, written
from shell import ROOT, environment

from dive_tools.sources.common import LOOP
from dive_tools.tools.door import run

sys.path.insert(0, str(SERVERS))

from gate import TOKEN, Gate

pytest.importorskip("mcp", reason="the mcp extra is not installed")
PUBLIC = ROOT / "build" / "mcp-servers"
pytestmark = pytest.mark.skipif(not (PUBLIC / ".ready").exists(), reason="run tests/servers/install first")


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    LOOP.close()  # servers of one test do not stay for the next


PY, JS = PUBLIC / "venv" / "bin", PUBLIC / "node_modules" / ".bin"
ASKED: list[tuple[str, dict[str, Any], int, str, dict[str, Any], Any]] = [
    (
        "time",
        {"command": str(PY / "mcp-server-time"), "args": ["--local-timezone", "UTC"]},
        2,
        "time_convert_time",
        {"source_timezone": "Asia/Kathmandu", "time": "12:00", "target_timezone": "Asia/Tokyo"},
        lambda got: got["time_difference"] == "+3.25h",
    ),
    (
        "git",
        {"command": str(PY / "mcp-server-git")},
        10,
        "git_log",
        {"repo_path": "FOLDER"},
        lambda got: "Message: the first" in got["text"],
    ),
    (
        "sqlite",
        {"command": str(PY / "mcp-server-sqlite"), "args": ["--db-path", "FOLDER/db"], "session": "attempt"},
        6,
        "sqlite_read_query",
        {"query": "SELECT 6 * 7 AS answer"},
        lambda got: got == {"text": "[{'answer': 42}]"},
    ),
    (
        "fetch",
        {"command": str(PY / "mcp-server-fetch"), "args": ["--ignore-robots-txt", "--allow-private-ips"]},
        1,
        "fetch_fetch",
        {"url": "PAGE", "raw": True},
        lambda got: "Some words" in got["text"],
    ),
    (
        "calculator",
        {"command": str(PY / "mcp-server-calculator")},
        1,
        "calculator_calculate",
        {"expression": "2 ** 10"},
        lambda got: got == {"result": "1024"},
    ),
    (
        "everything",
        {"command": str(JS / "mcp-server-everything"), "session": "call"},
        10,
        "everything_get_structured_content",
        {"location": "Chicago"},
        lambda got: got["temperature"] == 36,
    ),
    (
        "files",
        {"command": str(JS / "mcp-server-filesystem"), "args": ["FOLDER"]},
        14,
        "files_read_text_file",
        {"path": "FOLDER/a.txt"},
        lambda got: got == {"content": "hello\n"},
    ),
    (
        "memory",
        {"command": str(JS / "mcp-server-memory"), "env": {"MEMORY_FILE_PATH": "FOLDER/memory.jsonl"}},
        9,
        "memory_read_graph",
        {},
        lambda got: got == {"entities": [], "relations": []},
    ),
    (
        "thinking",
        {"command": str(JS / "mcp-server-sequential-thinking")},
        1,
        "thinking_sequentialthinking",
        {"thought": "x", "nextThoughtNeeded": False, "thoughtNumber": 1, "totalThoughts": 1},
        lambda got: got["thoughtHistoryLength"] == 1,
    ),
]


@pytest.mark.parametrize(("name", "entry", "count", "tool", "arguments", "right"), ASKED, ids=[a[0] for a in ASKED])
def test_public_servers(
    tmp_path: Path, name: str, entry: dict[str, Any], count: int, tool: str, arguments: dict[str, Any], right: Any
) -> None:
    (tmp_path / "a.txt").write_text("hello\n")
    git = "git init -q . && git -c user.name=n -c user.email=e@x commit -q --allow-empty -m 'the first'"
    subprocess.run(["bash", "-c", git], cwd=tmp_path, check=True)
    with _page() as page:
        text = json.dumps([entry, arguments]).replace("FOLDER", str(tmp_path)).replace("PAGE", page)
        entry, arguments = json.loads(text)
        tools = found(written(tmp_path, **{name: entry}))
        outcome = run(made(tools[tool]), arguments)
    assert len(tools) >= count
    assert right(outcome["result"])


class _page:
    """A page on loopback: `with _page() as address`."""

    def __enter__(self) -> str:
        import http.server

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(b"<html><body><h1>Title</h1><p>Some words here.</p></body></html>")

            def log_message(self, *_: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_address[1]}/"

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()


# --- streamable HTTP -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def everything() -> Iterator[str]:
    """The address of a public server that speaks streamable HTTP."""
    port = free()
    command = [str(JS / "mcp-server-everything"), "streamableHttp"]
    with subprocess.Popen(
        command, env=environment(PORT=str(port)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        for _ in range(500):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.02)
        yield f"http://127.0.0.1:{port}/mcp"
        server.kill()


@pytest.mark.parametrize(
    ("mode", "kind", "says", "tries"),
    [
        ("pass", "result", "", 1),
        ("busy", "result", "", 3),
        ("error", "unreachable", "HTTP 500", 1),
        ("garbage", "unreachable", "Failed to parse", 1),
        ("flood", "unreachable", "more than 10,000,000 bytes", 1),
        ("redirect", "unreachable", "not followed", 1),
        ("never", "unreachable", "gave no answer within 1 s", 1),
    ],
)
def test_streamable_http(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, everything: str, mode: str, kind: str, says: str, tries: int
) -> None:
    monkeypatch.setenv("GATE_TOKEN", TOKEN)
    with Gate(everything) as gate:
        url = f"http://127.0.0.1:{gate.port}/mcp"
        entry = {"type": "http", "url": url, "headers": {"Authorization": "Bearer ${GATE_TOKEN}"}}
        path = written(tmp_path, web=entry | {"timeout": 1 if mode == "never" else 20})
        tools = found(path)
        assert TOKEN not in json.dumps(list(tools.values()))
        add = made(tools["web_get_sum"])
        gate.mode = mode
        start = time.monotonic()
        outcome = run(add, {"a": 1, "b": 2})
        assert time.monotonic() - start < 10
        assert gate.seen == tries
        if kind == "result":
            assert outcome == {"result": {"text": "The sum of 1 and 2 is 3."}}
        else:
            assert outcome["error"]["kind"] == kind
            assert says in outcome["error"]["message"]
            assert TOKEN not in outcome["error"]["message"]
        gate.mode = "pass"
        assert "result" in run(add, {"a": 1, "b": 2})
        monkeypatch.setenv("GATE_TOKEN", "another-token-altogether")
        refused = skipped(path)["web"]
        assert "HTTP 401" in refused.detail
        LOOP.close()
