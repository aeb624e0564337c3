"""The Python sandbox: a program is run and its output returned."""

from __future__ import annotations

from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import example, tool
from dive_tools.tools.sandbox import Limits, run_code
from dive_tools.values import Entity, entity

entity("python_program", "Python program", spoken="literal", opening="Take this Python program: {}")


class Output(TypedDict):
    stdout: Annotated[str, Meta(description="what the program printed, cut at 32 KiB")]
    stderr: Annotated[str, Meta(description="what it wrote to standard error (a traceback), cut at 32 KiB")]
    exit_code: Annotated[int, Meta(description="0 on success, 1 after an uncaught exception, 128 + n after signal n")]
    stopped: Annotated[
        str, Meta(description="empty if the program ended by itself, else time, output, files or threads")
    ]
    truncated: Annotated[bool, Meta(description="whether output was cut")]


@tool(
    "processing",
    effects="read",
    limit=15.0,
    source="CPython and its standard library",
    licence="PSF-2.0",
    examples=[
        example(
            {"code": "print(sum(range(1, 101)))"},
            {"/stdout": "5050\n", "/stderr": "", "/exit_code": 0, "/stopped": ""},
            "identity: 100 * 101 / 2",
        ),
        example({"code": "raise SystemExit(3)"}, {"/stdout": "", "/exit_code": 3}, "identity: the program says so"),
        example(
            {"code": "import math\nprint(math.gcd(1071, 462))"},
            {"/stdout": "21\n", "/truncated": False},
            "published: Euclid's algorithm on 1071 and 462 (Wikipedia, Euclidean algorithm)",
        ),
    ],
)
def run_python(
    code: Annotated[
        str,
        Entity("python_program"),
        Meta(description="the source of a program; what it prints is returned", max_length=65536),
    ],
) -> Output:
    """Run a Python program in a sandbox and return what it prints: use print() for every result wanted.

    Standard library only; no network, no other processes, no files but those that it makes in its own working folder,
    which is empty at the start and gone at the end. Limits: 10 seconds, 512 MiB of memory, 16 MiB of files, 32 KiB of
    output. A program that fails is a result with its exit code and traceback. Refuses where no sandbox can be built.
    """
    ran = run_code(code)
    size = Limits().output
    out, err = (_text(text, size) for text in (ran.stdout, ran.stderr))
    cut = ran.stopped == "output"
    return {"stdout": out, "stderr": err, "exit_code": ran.exit_code, "stopped": ran.stopped, "truncated": cut}


def _text(raw: bytes, size: int) -> str:
    """The text of some output; a character that the cut went through is left out."""
    text = raw.decode("utf-8", errors="replace")
    return text.rstrip("\ufffd") if len(raw) == size else text
