"""Each file in cases/ is one run of one command line.

    dive-x --option            the command line, for bash; lines that start with # are remarks
    --- file NAME              a file that is there before
    --- in                     standard input (none: empty)
    --- out                    what standard output must be
    --- err                    what standard error must be; a line may be a regular expression
    --- made NAME              what a file must hold afterwards
    --- exit 3                 the exit code (none: 0)

What is not given is not checked, except the exit code and, without `--- err`, that there is no traceback.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from shell import bash

CASES = sorted((Path(__file__).parent / "cases").rglob("*.case"))


def sections(text: str) -> list[tuple[str, str]]:
    """(head, body) of each section; the command line has the head `run`."""
    parts = re.split(r"^--- (.+)\n", text, flags=re.MULTILINE)
    command = "".join(line for line in parts[0].splitlines(keepends=True) if not line.startswith("#"))
    return [("run", command), *zip((head.strip() for head in parts[1::2]), parts[2::2], strict=True)]


def assert_lines(said: str, wanted: str) -> None:
    """Each line is the one wanted, or matches it as a regular expression."""
    lines, patterns = said.splitlines(), wanted.splitlines()
    for line, pattern in zip(lines, patterns, strict=False):
        assert line == pattern or re.fullmatch(pattern, line), f"{line!r} is not {pattern!r}\n{said}"
    assert len(lines) == len(patterns), said


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path, tmp_path: Path) -> None:
    parts = sections(path.read_text())
    known = dict(parts)
    for head, body in parts:
        if head.startswith("file "):
            (tmp_path / head[5:]).write_text(body)
    done = bash(known["run"], tmp_path, known.get("in", "").encode())
    out, err = done.stdout.decode(), done.stderr.decode()
    assert out == known.get("out", out)
    assert_lines(err, known["err"]) if "err" in known else None
    assert "err" in known or "Traceback" not in err, err
    for head, body in parts:
        if head.startswith("made "):
            assert (tmp_path / head[5:]).read_text() == body
    codes = [int(head[5:]) for head in known if head.startswith("exit ")]
    assert done.returncode == (codes or [0])[0], err
