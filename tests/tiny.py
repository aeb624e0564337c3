"""A tool from a function of a test, kept out of the registry that every other test in the process reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dive_tools.pool import Pool
from dive_tools.tools.base import REGISTRY, Tool, tool


def as_tool(function: Callable[..., Any], role: str = "processing", **options: Any) -> Tool:
    """The tool that `@tool` makes of a function."""
    tool(role, **{"examples": [], "domain": "tiny", **options})(function)
    return REGISTRY.pop(function.__name__)


def pool_of(*tools: Tool) -> Pool:
    """A pool of just these tools, in alphabetical order as pools are."""
    return Pool({made.name: made for made in sorted(tools, key=lambda t: t.name)})
