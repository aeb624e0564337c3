"""TRL's arguments for our settings: those that both trainings have, and what --set may add to them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from dive_tools.errors import DiveError, UsageFault, first_line

_A_MODEL = "a folder with a model, or the hub's name"
_ADDED_TO = ("lr_scheduler_kwargs", "model_init_kwargs")  # JSON objects: what we say in them may be said otherwise
_REFUSED = {
    "save_only_model": "no training could go on from such a checkpoint",
    "ignore_data_skip": "what goes on from a checkpoint would learn the same again",
    "remove_unused_columns": "this command sets it",
}


def shared(settings: Mapping[str, Any], output: Path, report_to: str = "none") -> dict[str, Any]:
    """The arguments that SFT and GRPO have in common, checkpoints in the folder `output`."""
    import torch

    from dive_tools.train import memory

    cuda = torch.cuda.is_available()
    given: dict[str, Any] = {
        "output_dir": str(output),
        "learning_rate": settings["lr"],
        "warmup_steps": settings["warmup"],
        "lr_scheduler_type": settings["schedule"],
        "per_device_train_batch_size": settings["micro_batch"],
        "gradient_accumulation_steps": accumulation(
            settings["batch"], settings["micro_batch"], int(os.environ.get("WORLD_SIZE", "1"))
        ),
        "gradient_checkpointing": settings["gradient_checkpointing"],
        "bf16": memory.half(settings["dtype"]),
        "use_cpu": not cuda,
        "dataloader_pin_memory": cuda,
        "seed": settings["seed"],
        "data_seed": settings["seed"],
        "save_strategy": "steps",
        "save_steps": settings["save_every"],
        "save_total_limit": 2,
        "logging_steps": settings["log_every"],
        "logging_nan_inf_filter": False,
        "disable_tqdm": True,
        "report_to": report_to,
        "ddp_find_unused_parameters": False,
    }
    if settings["schedule"] == "cosine_with_min_lr":
        given["lr_scheduler_kwargs"] = {"min_lr_rate": 0.1}
    return given


def made_of(config: Any, given: Mapping[str, Any], extra: Mapping[str, Any]) -> Any:
    """A `config` of TRL's, of what the command gives and the `extra` arguments of --set.

    UsageFault where one of these is none of TRL's, is the command's own, or would break a resume or give away a key.
    """
    both = dict(given)
    for key, value in extra.items():
        _check(config, key, value, given)
        both[key] = {**given.get(key, {}), **value} if key in _ADDED_TO else value
    try:
        return config(**both)
    except (TypeError, ValueError) as fault:
        raise UsageFault(f"TRL does not take these settings: {first_line(fault)}") from None


def longest(model: str, wanted: int | None, most: int) -> int:
    """Tokens of a sequence: those `wanted`, or else the context of a model, `most` at the most.

    UsageFault where more are wanted than the model has room for; DiveError where it cannot be loaded.
    """
    from transformers import AutoConfig

    if model.startswith((".", "/", "~")) and not Path(model).expanduser().is_dir():
        raise DiveError(f"there is no folder {model}", hint=_A_MODEL)
    try:
        told = AutoConfig.from_pretrained(model)
    except (OSError, ValueError) as fault:
        raise DiveError(f"cannot load the model {model}: {first_line(fault)}", hint=_A_MODEL) from None
    context = getattr(told.get_text_config(), "max_position_embeddings", None) or wanted or most
    if wanted and wanted > context:
        raise UsageFault(f"--max-length {wanted} is more than the {context} tokens of {model}")
    return wanted or min(context, most)


def tokenizer_of(model: str) -> Any:
    """The tokenizer of a model; DiveError where it cannot be loaded."""
    from transformers import AutoTokenizer

    try:
        return AutoTokenizer.from_pretrained(model)
    except (OSError, ValueError) as fault:
        raise DiveError(f"cannot load the tokenizer of {model}: {first_line(fault)}", hint=_A_MODEL) from None


def accumulation(batch: int, micro_batch: int, processes: int = 1) -> int:
    """Micro batches of a step in each process; UsageFault where a batch does not divide into them."""
    if batch % (micro_batch * processes):
        over = f" in each of {processes} processes" if processes > 1 else ""
        raise UsageFault(f"--batch {batch} does not divide into --micro-batch {micro_batch}{over}")
    return batch // (micro_batch * processes)


def _check(config: Any, key: str, value: Any, given: Mapping[str, Any]) -> None:
    if key in _ADDED_TO:
        if not isinstance(value, dict):
            raise UsageFault(f"--set {key}: say a JSON object", hint=f"--set '{key}={{…}}'")
    elif key in given:
        raise UsageFault(f"--set {key}: this command sets it", hint="there is an option for it where it may differ")
    if key in _REFUSED:
        raise UsageFault(f"--set {key}: {_REFUSED[key]}")
    if key.startswith(("hub_", "push_to_hub")):
        raise UsageFault(
            f"--set {key}: nothing is sent to the hub", hint="hf upload sends a folder, once it is trained"
        )
    names = [*config.__dataclass_fields__]
    if key not in names:
        near = get_close_matches(key, names, n=1)
        raise UsageFault(
            f"--set {key}: TRL's {config.__name__} has no such argument", hint=f"is it {near[0]}?" if near else None
        )
