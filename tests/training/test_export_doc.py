"""docs/exports.md is run: its `sh` blocks, in order, in an empty folder."""

from __future__ import annotations

import json
import re
from pathlib import Path

from shell import ROOT, bash

PAGE = (ROOT / "docs" / "exports.md").read_text()
BLOCKS = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_every_sh_block_runs(tmp_path: Path) -> None:
    assert len(BLOCKS) >= 6
    said = ""
    for block in BLOCKS:
        done = bash(f"set -eu -o pipefail\n{block}", tmp_path, timeout=300)
        assert done.returncode == 0, f"{block}\n{done.stderr.decode()}"
        said += done.stdout.decode()
    assert isinstance(json.loads(said.splitlines()[0]), dict) and "| unique toolsets | " in said


def test_every_option_and_format_that_is_named_is_there(tmp_path: Path) -> None:
    said = "".join(
        bash(f"{name} --help", tmp_path).stdout.decode() for name in ("dive-train export", "dive-eval", "dive-sample")
    )
    assert {word for word in re.findall(r"(?<![\w-])--[a-z][a-z-]*", PAGE) if word not in said} == set()
    for name in re.findall(r"^## ([a-z-]+)$", PAGE, re.MULTILINE):
        assert re.search(rf"^ +{name} ", said, re.MULTILINE), name
