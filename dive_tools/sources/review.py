"""The draft of an effects file: every found tool with what its source says of it, and nothing allowed yet."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

HEAD = (
    "# Which of these tools may be called? Nothing is, until its line is uncommented (take away the first #).",
    "# none: same arguments, same result, touches nothing; read: only looks; write REASON: changes something.",
    "# What stands after | is what the source says of itself. It may be wrong.",
)


def draft(manifests: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The lines of a file for `--allow-effects` (dive_tools.pool.read_effects), all of them comments.

    What is allowed is one version of a tool, NAME@VERSION: a server that is called otherwise is another version. The
    manifests are those of `common.manifest` or have passed `manifest.tool_of`, so that their names are single words.
    """
    yield from HEAD
    for found in manifests:
        name, hints = f"{found['name']}@{found['version']}", found.get("hints") or {}
        said = ", ".join(f"{_line(str(key))}={_line(json.dumps(value), 80)}" for key, value in hints.items())
        yield ""
        yield f"# {found['name']}: {_line(_first(found.get('description') or ''))} | {said or 'no hints'}"
        yield f"# {name} {'write REASON' if _changes(hints) else 'read'}"


def _changes(hints: Mapping[str, Any]) -> bool:
    """Whether the source itself says that a call changes something."""
    method = str(hints.get("method", "GET")).upper()
    return hints.get("readOnlyHint") is False or hints.get("destructiveHint") is True or method not in ("GET", "HEAD")


def _first(text: str) -> str:
    return next((line for line in text.splitlines() if line.strip()), "")


def _line(text: str, longest: int = 160) -> str:
    """The text in one line, whatever a server put into it: every kind of line break becomes a blank."""
    text = "".join(letter for letter in " ".join(text.split()) if letter.isprintable())
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
