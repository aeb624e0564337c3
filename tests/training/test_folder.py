"""The folder of a training: begun once, gone on with as it was begun, and no half thing in it taken for a whole one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dive_tools.errors import DiveError, UsageFault
from dive_tools.train.folder import Folder

SETTINGS = {"lr": 1e-5, "steps": 4, "micro_batch": 1, "template": None}


def begun(path: Path, model: Path, resume: bool = False, kind: str = "sft", **other: Any) -> Folder:
    return Folder.begin(path, kind, {**SETTINGS, **other}, str(model), resume)


@pytest.fixture
def folder(tmp_path: Path, small_model: Path) -> Folder:
    made = begun(tmp_path / "out", small_model)
    made.prepared({"digest": "d1"}, {"quiet": True})
    return made


def test_a_folder_is_begun_and_opened(tmp_path: Path, small_model: Path) -> None:
    folder = begun(tmp_path / "deep" / "out", small_model)
    assert folder.fresh and not (folder.path / "train.json").exists()
    folder.prepared({"digest": "d1", "records": 3})
    again = Folder.open(folder.path)
    assert not again.fresh and not again.done and again.settings == SETTINGS
    assert again.about["kind"] == "sft" and again.about["data"]["records"] == 3
    assert again.about["model"]["path"] == str(small_model) and len(again.about["model"]["revision"]) == 16
    assert again.about["versions"]["torch"]


def test_one_in_use_is_not_begun_again(folder: Folder, small_model: Path) -> None:
    with pytest.raises(UsageFault, match="holds a training already"):
        begun(folder.path, small_model)
    assert begun(folder.path, small_model, resume=True).about["data"] == {"digest": "d1"}


def test_nor_one_with_other_files(tmp_path: Path, small_model: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UsageFault, match=r"holds files already \(notes.txt\)"):
        begun(tmp_path, small_model)


def test_one_that_was_killed_while_it_was_prepared_is_begun_anew(tmp_path: Path, small_model: Path) -> None:
    (tmp_path / "out" / "data.part").mkdir(parents=True)
    for resume in (False, True):
        assert begun(tmp_path / "out", small_model, resume).fresh
    assert not (tmp_path / "out" / "data.part").exists()


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"lr": 2e-5}, "lr 1e-05, not 2e-05"),
        ({"micro_batch": 2}, "micro-batch 1, not 2"),
        ({"template": "qwen3"}, "template unset, not qwen3"),
        ({"kind": "rl"}, "begun by dive-train sft"),
    ],
)
def test_a_resume_with_other_settings_is_refused(folder: Folder, small_model: Path, other: Any, said: str) -> None:
    with pytest.raises(UsageFault) as caught:
        begun(folder.path, small_model, resume=True, **other)
    assert said in caught.value.message


def test_a_resume_with_another_model_is_refused(folder: Folder, new_model: Any) -> None:
    with pytest.raises(UsageFault, match="from another model"):
        begun(folder.path, new_model("other", layers=1), resume=True)


def test_the_same_model_elsewhere_is_the_same(folder: Folder, small_model: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(small_model)
    assert begun(folder.path, tmp_path / "link", resume=True).settings == SETTINGS


def test_a_resume_with_other_data_is_refused(folder: Folder) -> None:
    folder.same_data("d1")
    with pytest.raises(UsageFault, match="other data"):
        folder.same_data("d2")


def test_a_resume_in_other_processes_is_refused(tmp_path: Path, small_model: Path) -> None:
    begun(tmp_path / "out", small_model).prepared({"digest": "d1"}, {}, processes=2)
    folder = begun(tmp_path / "out", small_model, resume=True)
    folder.same_processes(2)
    with pytest.raises(UsageFault, match="begun with processes 2, not 1"):
        folder.same_processes(1)


def checkpoint(folder: Folder, step: int, whole: bool = True) -> Path:
    path = folder.checkpoints / f"checkpoint-{step}"
    path.mkdir(parents=True)
    (path / "model.safetensors").write_bytes(b"w")
    if whole:
        folder.whole(step, {"tokens": 10 * step})
    return path


def test_the_last_whole_checkpoint_is_found(folder: Folder) -> None:
    assert folder.checkpoint() is None and folder.rewind() == {"step": 0}
    for step in (9, 10):
        checkpoint(folder, step)
    torn = checkpoint(folder, 11, whole=False)
    found = folder.checkpoint()
    assert found and found.name == "checkpoint-10"
    assert folder.rewind() == {"step": 10, "tokens": 100} and not torn.exists()


def test_metrics_after_the_checkpoint_are_cut_off(folder: Folder) -> None:
    checkpoint(folder, 2)
    lines = [json.dumps({"step": step}) + "\n" for step in (1, 2, 3, 4)]
    folder.metrics.write_text("".join(lines) + '{"step": 5, "lo')
    folder.rewind()
    assert [json.loads(line)["step"] for line in folder.metrics.read_text().splitlines()] == [1, 2]
    (folder.checkpoints / "checkpoint-2" / "whole.json").unlink()
    folder.rewind()
    assert folder.metrics.read_text() == ""


def test_the_trained_model_moves_in(folder: Folder) -> None:
    (made := folder.path / "trained.part").mkdir()
    for name in ("config.json", "model.safetensors", "tokenizer.json"):
        (made / name).write_text(name)
    folder.finish(made, {"steps": 4})
    assert (folder.path / "config.json").read_text() == "config.json" and not made.exists()
    assert Folder.open(folder.path).done


def test_a_broken_train_json_is_one_sentence(folder: Folder) -> None:
    (folder.path / "train.json").write_text('{"settings": 1}')
    with pytest.raises(DiveError, match=r"cannot read .*train\.json"):
        Folder.open(folder.path)
    with pytest.raises(DiveError, match=r"cannot read .*none"):
        Folder.open(folder.path / "none")
