"""TRL's arguments: the same settings mean the same in both trainings, and --set changes nothing behind their back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dive_tools.errors import UsageFault
from dive_tools.train.arguments import accumulation
from dive_tools.train.folder import Folder

SETTINGS: dict[str, Any] = {
    "steps": 4, "epochs": 1.0, "lr": 1e-5, "warmup": 2.0, "schedule": "cosine_with_min_lr", "batch": 8,
    "micro_batch": 2, "lora": None, "dtype": "float32", "gradient_checkpointing": False, "save_every": 5,
    "log_every": 2, "seed": 7, "max_length": 64, "group": 4, "beta": 0.0, "temperature": 1.0, "top_p": 1.0,
    "max_tokens": 16, "generate": "transformers", "vllm_server": None,
}  # fmt: skip


def made(kind: str, folder: Path, **extra: Any) -> Any:
    """TRL's arguments of a training."""
    settings = {**SETTINGS, "extra": extra}
    if kind == "sft":
        from dive_tools.train.sft import config

        return config(settings, folder, packed=False)
    from dive_tools.train.rl import arguments

    return arguments(Folder(folder, {"settings": settings}), None)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["sft", "rl"])
def test_settings_are_handed_on(kind: str, tmp_path: Path) -> None:
    args = made(kind, tmp_path, weight_decay=0.1, lr_scheduler_kwargs={"num_cycles": 1})
    assert (args.learning_rate, args.warmup_steps, args.seed, args.data_seed) == (1e-5, 2.0, 7, 7)
    assert (args.per_device_train_batch_size, args.gradient_accumulation_steps) == (2, 4)
    assert (args.save_steps, args.logging_steps, args.weight_decay) == (5, 2, 0.1)
    assert args.lr_scheduler_kwargs == {"min_lr_rate": 0.1, "num_cycles": 1}


def test_what_a_model_is_loaded_with_is_added_to(tmp_path: Path) -> None:
    args = made("sft", tmp_path, model_init_kwargs={"attn_implementation": "eager"})
    assert args.model_init_kwargs == {"dtype": "float32", "attn_implementation": "eager"}


@pytest.mark.parametrize("kind", ["sft", "rl"])
@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("learning_rate", 0.5, "this command sets it"),
        ("save_strategy", "no", "this command sets it"),
        ("per_device_train_batch_size", 3, "this command sets it"),
        ("remove_unused_columns", True, "this command sets it"),
        ("save_only_model", True, "no training could go on from such a checkpoint"),
        ("ignore_data_skip", True, "would learn the same again"),
        ("hub_token", "secret", "nothing is sent to the hub"),
        ("push_to_hub", True, "nothing is sent to the hub"),
        ("model_init_kwargs", 5, "say a JSON object"),
        ("lerning_rate", 1, "has no such argument"),
        ("optim", "nonsense", "TRL does not take these settings"),
    ],
)
def test_what_may_not_be_set_is_one_sentence(kind: str, key: str, value: Any, said: str, tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match=said) as fault:
        made(kind, tmp_path, **{key: value})
    assert "\n" not in fault.value.message and "secret" not in fault.value.message


def test_a_batch_divides_over_processes() -> None:
    assert (accumulation(8, 2), accumulation(8, 2, 4)) == (4, 1)
    with pytest.raises(UsageFault, match="--batch 8 does not divide into --micro-batch 2 in each of 3 processes"):
        accumulation(8, 2, 3)
