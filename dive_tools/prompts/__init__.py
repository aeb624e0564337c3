"""What models are told: one text file per prompt, filled strictly, and named with its digest in the record.

A file is messages, each begun by a line `--- system` or `--- user`. `$part` is filled in; `$$` is a dollar.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from string import Template

from dive_tools.models.base import Message
from dive_tools.records import digest

ROLES = ("system", "user")
_BEGINS = re.compile(rf"^--- ({'|'.join(ROLES)})\n", re.MULTILINE)


def fill(name: str, **parts: str) -> list[Message]:
    """The messages of a prompt with every part in its place; ValueError for a part that is missing or unknown."""
    known = {part for _, text in _messages(name) for part in text.get_identifiers()}
    if known != parts.keys():
        missing, unknown = sorted(known - parts.keys()), sorted(parts.keys() - known)
        raise ValueError(f"prompt {name}: missing {missing}, unknown {unknown}")
    return [{"role": role, "content": text.substitute(parts)} for role, text in _messages(name)]


def mark(name: str) -> str:
    """What a record says of a prompt: its name and the digest of its text."""
    return f"{name}@{digest(_text(name))}"


@cache
def _text(name: str) -> str:
    return Path(__file__).with_name(f"{name}.txt").read_text(encoding="utf-8")


@cache
def _messages(name: str) -> tuple[tuple[str, Template], ...]:
    before, *found = _BEGINS.split(_text(name))
    if before.strip() or not found:
        raise ValueError(f"prompt {name}: it begins with '--- system' or '--- user'")
    made = tuple((role, Template(text.strip())) for role, text in zip(found[::2], found[1::2], strict=True))
    broken = [role for role, text in made if not text.is_valid()]
    if broken:
        raise ValueError(f"prompt {name}: a dollar in the {broken[0]} message that is no part (write $$)")
    return made
