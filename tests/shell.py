"""Command lines as a user runs them: bash, real processes, real pipes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
_COMMANDS = tempfile.TemporaryDirectory(prefix="dive-commands-")  # removed when the tests end

for _name in ("echo-filter", "count"):
    Path(_COMMANDS.name, _name).symlink_to(ROOT / "tests" / "echo_filter.py")


def environment(**more: str) -> dict[str, str]:
    """Ours without what changes a command, with the commands of the checkout and of the tests first on PATH."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DIVE_", "PYTHON", "TQDM_"))}
    path = os.pathsep.join([str(ROOT / "bin"), _COMMANDS.name, str(Path(sys.executable).parent), kept["PATH"]])
    return {**kept, "PATH": path, "PYTHONPATH": str(ROOT), **more}


def bash(
    line: str, cwd: Path, stdin: bytes = b"", timeout: float = 60, **env: str
) -> subprocess.CompletedProcess[bytes]:
    """Run a command line to its end."""
    return subprocess.run(
        ["bash", "-c", line], input=stdin, cwd=cwd, env=environment(**env), capture_output=True, timeout=timeout
    )


def start(*words: str, cwd: Path, **pipes: Any) -> subprocess.Popen[bytes]:
    """Start one command in a process group of its own."""
    return subprocess.Popen(words, cwd=cwd, env=environment(), start_new_session=True, **pipes)
