"""The fragments of training, run with a tiny model."""

from __future__ import annotations

from pathlib import Path

import attempts
from commands import MAKE, said


def test_a_model_is_not_taken_for_one_of_other_data(small_model: Path, tmp_path: Path) -> None:
    sft, data = tmp_path / "sft", tmp_path / "sft" / "data.jsonl"
    sft.mkdir()
    (sft / "good.jsonl").touch()
    attempts.write(data, [attempts.run(n) for n in range(4)])
    # -o: the data that is there is not made anew
    line = f"{MAKE} -o {sft}/good.jsonl {sft}/trained SFT={sft} BASE={small_model} SFT_STEPS=1 SFT_BATCH=2"
    said(line)
    trained = (sft / "model" / "model.safetensors").read_bytes()
    attempts.write(data, [attempts.run(n) for n in range(8)])
    refused = said(line, code=2)
    assert "it was begun with other data" in refused and "begin anew" in refused
    attempts.write(data, [attempts.run(n) for n in range(4)])
    said(line)
    assert (sft / "model" / "model.safetensors").read_bytes() == trained
