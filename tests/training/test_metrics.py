"""Checkpoints are marked as whole when every process has written its part."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from accelerate import PartialState

from dive_tools.train.folder import Folder
from dive_tools.train.metrics import Metrics


@pytest.mark.parametrize("first", [True, False])
def test_a_checkpoint_is_whole_once_all_processes_have_saved(
    first: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "checkpoints" / "checkpoint-3").mkdir(parents=True)
    folder = Folder(tmp_path, {})
    waited = []
    monkeypatch.setattr(PartialState, "wait_for_everyone", lambda _: waited.append(folder.checkpoint()))
    state = SimpleNamespace(is_world_process_zero=first, global_step=3)
    Metrics(folder, 1, {}, name="dive-train sft").on_save(None, state, None)
    assert waited == [None]  # by each process, and nothing was marked till then
    assert bool(folder.checkpoint()) == first
