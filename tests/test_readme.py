"""What is shown is run: every `sh` block of the README, in order, in an empty folder."""

import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_sh_block_of_the_readme_runs(tmp_path):
    blocks = re.findall(r"^```sh\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 3
    path = f"{ROOT / 'bin'}:{os.environ['PATH']}"
    for block in blocks:
        script = f"set -eu\n{block}".replace("| head", "| sed -n 1,6p #")
        done = subprocess.run(
            ["bash", "-c", script], cwd=tmp_path, env={**os.environ, "PATH": path}, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{block}\n{done.stderr}"
    assert (tmp_path / "tasks.jsonl").read_text().count("\n") >= 10
    assert (tmp_path / "evidence.jsonl.meta.json").exists()
