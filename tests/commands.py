"""Commands as make or a page says them, and the options that they have."""

from __future__ import annotations

import re
from functools import cache

from shell import ROOT, bash

MAKE = f"make --no-print-directory -C {ROOT}"


def said(line: str, code: int = 0) -> str:
    """What a shell line writes to stdout; to stderr where it should end with another code than 0."""
    done = bash(line, ROOT, timeout=300)
    assert done.returncode == code, done.stderr.decode()
    return (done.stdout if code == 0 else done.stderr).decode()


def parts(text: str) -> list[str]:
    """The dive commands in a text of shell lines, each with its options."""
    lines = text.replace("\\\n", " ").splitlines()
    found = (part.strip() for line in lines for part in re.split(r"\||&&|;", line))
    return [part for part in found if part.startswith("dive-")]


def name(words: list[str]) -> tuple[str, ...]:
    """The command of these words, a subcommand included."""
    return tuple(words[: 2 if words[0] in ("dive-tools", "dive-train") else 1])


def named(text: str) -> set[str]:
    """The options in a text."""
    return set(re.findall(r"(?<![\w-])(--?[a-z][\w-]*)", text))


@cache
def options(*command: str) -> set[str]:
    """The options that a command has, from its help."""
    told = said(f"{' '.join(command)} --help").partition("Options:")[2]
    return {option for each in re.findall(r"^  (-\S.*?)(?:  |$)", told, re.MULTILINE) for option in named(each)}
