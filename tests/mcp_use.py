"""What tests of MCP servers share: files of servers, their tools, and who of them still runs."""

from __future__ import annotations

import json
import socket
import sys
import time
from pathlib import Path
from typing import Any

from shell import ROOT

from dive_tools.sources import mcp
from dive_tools.sources.common import Skipped
from dive_tools.tools.base import Tool

SERVERS = ROOT / "tests" / "servers"


def written(folder: Path, **servers: dict[str, Any]) -> Path:
    """A file of servers."""
    path = folder / "servers.json"
    path.write_text(json.dumps({"mcpServers": servers}))
    return path


def hostile(folder: Path, mode: str = "good", **more: Any) -> dict[str, Any]:
    """The entry of our hostile server."""
    return {"command": sys.executable, "args": ["-S", str(SERVERS / "hostile.py"), mode, str(folder)], **more}


def found(path: Path, **options: Any) -> dict[str, dict[str, Any]]:
    """The manifests of a file's tools by name."""
    return {item["name"]: item for item in mcp.tools(path, **options) if isinstance(item, dict)}


def skipped(path: Path, **options: Any) -> dict[str, Skipped]:
    """What an import leaves out, by name."""
    return {item.name: item for item in mcp.tools(path, **options) if isinstance(item, Skipped)}


def made(manifest: dict[str, Any], effects: str = "unknown", limit: float | None = None) -> Tool:
    """A tool as the pool makes it of a line."""
    tool = Tool(
        name=manifest["name"],
        description=manifest["description"],
        role=manifest["role"],
        domain=manifest["domain"],
        version=manifest["version"],
        schemas=lambda: (manifest["parameters"], manifest["result"]),
        slots={},
        fields={},
        examples=[],
        effects=effects,
        via=manifest["via"],
        hints=manifest["hints"],
        limit=limit or manifest["limit"],
    )
    tool.function = mcp.function(tool)
    return tool


def alive(folder: Path) -> list[int]:
    """The hostile servers that run, of all that ever noted their process id in a folder."""
    pids = [int(file.suffix[1:]) for file in folder.glob("pid.*")]
    return [pid for pid in pids if _runs(pid)]


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def gone(folder: Path, seconds: float) -> bool:
    """Whether all of them end within so many seconds."""
    end = time.monotonic() + seconds
    while alive(folder) and time.monotonic() < end:
        time.sleep(0.02)
    return not alive(folder)


def free() -> int:
    """A port that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
