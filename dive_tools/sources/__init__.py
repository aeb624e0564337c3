"""How tools come in from outside: Python files and packages, MCP servers, OpenAPI documents, HTTP APIs, documents.

A source does two things. Importing, it says what it offers as manifests (`common.manifest`) and what it cannot map
(`common.Skipped`). Later, `function(tool)` of its module makes the callable that the door runs, from the manifest's
`via` alone, in whichever process asks.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from dive_tools.errors import DiveError
from dive_tools.tools.base import Tool

KINDS = ("python", "mcp", "http", "documents")


def function(tool: Tool) -> Callable[..., Any]:
    """The callable behind a tool of a pool file: `via` says its kind and where it is."""
    kind = tool.via.get("kind")
    if kind not in KINDS:
        raise DiveError(f"tool {tool.name}: no source of kind {kind!r}", hint=f"there are {', '.join(KINDS)}")
    return importlib.import_module(f"{__name__}.{kind}").function(tool)  # type: ignore[no-any-return]
