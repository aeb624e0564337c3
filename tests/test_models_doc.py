"""docs/models.md is run: its `sh` blocks, in order, in an empty folder, over a real server on loopback."""

from __future__ import annotations

import json
import re
from pathlib import Path

import policies
from model_server import serve
from shell import ROOT, bash
from test_model_cli import plan

__all__ = ["plan"]
PAGE = (ROOT / "docs" / "models.md").read_text()


def test_every_sh_block_runs(plan: Path, tmp_path: Path) -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 3
    with serve(policies.planned, models=[{"id": "Qwen3-8B"}]) as server:
        for block in blocks:
            env = {"OPENAI_BASE_URL": server.base, "OPENAI_API_KEY": "secret-of-ours", "MODEL": "openai:Qwen3-8B"}
            before = server.requests
            done = bash(f"set -eu -o pipefail\n{block}", tmp_path, **env)
            assert done.returncode == 0, f"{block}\n{done.stderr.decode()}"
            assert b"secret-of-ours" not in done.stdout + done.stderr
            assert "--replay" not in block or server.requests == before
    assert len((tmp_path / "tasks.jsonl").read_text().splitlines()) >= 15
    assert json.loads((tmp_path / "spent.json").read_text())["money"] > 0
    for file in tmp_path.iterdir():
        assert b"secret-of-ours" not in file.read_bytes(), file


def test_every_option_and_target_that_is_named_is_there(tmp_path: Path) -> None:
    said = "".join(
        bash(f"{name} --help", tmp_path).stdout.decode() for name in ("dive-sample", "dive-collect", "dive-derive")
    )
    said += bash("dive-verify --help", tmp_path).stdout.decode()
    ours = re.sub(r"--(max-model-len|tool-strict-level|max-num-batched-tokens)", "", PAGE)  # of vLLM
    assert {word for word in re.findall(r"(?<![\w-])--[a-z][a-z-]*", ours) if word not in said} == set()
    targets = bash(f"make -C {ROOT} help", tmp_path).stdout.decode()
    assert all(name in targets for name in re.findall(r"^make ([a-z-]+)", PAGE, re.MULTILINE)), targets
