"""The program of docs/models.md that has vLLM in process is run, on the tiny model."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import OPTIONS, ROOT, UNTHINKING


def test_the_program_in_process(tiny: Path, tmp_path: Path) -> None:
    pytest.importorskip("vllm", reason="make test-vllm brings vLLM")
    program = re.search(r"```python\n(.*?)```", (ROOT / "docs" / "models.md").read_text(), re.DOTALL)[1]
    program = program.replace("/models/Qwen3-8B", str(tiny)).replace(
        '{"max_model_len": 4096}', repr(OPTIONS | UNTHINKING)
    )
    program = program.replace('purpose="try"', 'purpose="try", sampling={"max_tokens": 16, "min_tokens": 8, "seed": 1}')
    (tmp_path / "try.py").write_text(program)
    done = subprocess.run([sys.executable, "try.py"], cwd=tmp_path, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Usage(tokens_in=") == 6
