"""What a training needs at the least, against what the machine has: said before anything is loaded."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from dive_tools.errors import DiveError
from dive_tools.train import launch

GIB = 2**30
_FULL, _HALF, _ADAM = 4, 2, 8  # bytes a parameter: float32, bfloat16, AdamW's two moments in float32


@dataclass(frozen=True)
class Need:
    """Bytes in one process: weights, gradients and the states of AdamW; what a batch needs comes on top."""

    weights: int
    gradients: int
    states: int
    trained: int  # parameters
    parameters: int

    @property
    def total(self) -> int:
        return self.weights + self.gradients + self.states


def need(model: str, *, lora: int | None, half: bool, shards: int = 1) -> Need:
    """What training a model needs, from its configuration alone; `half`: computed in bfloat16; `shards`: over how many
    processes it is spread.

    Trained weights are float32; those that an adapter leaves alone are bfloat16 where computed in it.
    """
    parameters, adapter = _sizes(model, lora or 0)
    trained = adapter if lora else parameters
    weights = adapter * _FULL + parameters * (_HALF if half else _FULL) if lora else parameters * _FULL
    return Need(weights // shards, trained * _FULL // shards, trained * _ADAM // shards, trained, parameters)


def check(model: str, *, lora: int | None, half: bool, shards: int = 1) -> Need:
    """What is needed; DiveError with remedies where there is less."""
    found, (there, where) = need(model, lora=lora, half=half, shards=shards), available()
    if found.total > there:
        remedies = [*([] if lora else ["--lora 16"]), "--launch with FSDP2 or ZeRO-3 over more GPUs", "a smaller model"]
        parts = {"weights": found.weights, "gradients": found.gradients, "AdamW": found.states}
        said = ", ".join(f"{name} {size / GIB:.1f}" for name, size in parts.items())
        raise DiveError(
            f"{model} of {found.parameters / 1e9:.2f} billion parameters takes {found.total / GIB:.1f} GiB"
            f" before any batch ({said}), and {where} has {there / GIB:.1f} free",
            hint=f"{', '.join(remedies[:-1])}, or {remedies[-1]}",
        )
    return found


def available() -> tuple[int, str]:
    """(free bytes, of what): the GPU, or the machine's memory where there is none."""
    import torch

    if torch.cuda.is_available():
        return torch.cuda.mem_get_info()[0], "the GPU"
    import psutil

    return min(psutil.virtual_memory().available, _limit()), "the machine"


def half(dtype: str) -> bool:
    """Whether `--dtype` means bfloat16 here."""
    import torch

    return dtype == "bfloat16" or (dtype == "auto" and torch.cuda.is_available() and torch.cuda.is_bf16_supported())


def shards(config: Path | None) -> int:
    """Over how many processes an accelerate configuration spreads the weights: 1 where each has them whole."""
    if config is None:
        return 1
    layout = launch.read(config, os.environ)
    return layout.total if layout.spread else 1


def _sizes(model: str, rank: int) -> tuple[int, int]:
    """(parameters, parameters of an adapter on every linear layer but the head), with no weight in memory."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    with torch.device("meta"):
        made = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(model))
    head = made.get_output_embeddings()
    layers = [part for part in made.modules() if isinstance(part, torch.nn.Linear) and part is not head]
    return sum(p.numel() for p in made.parameters()), rank * sum(p.in_features + p.out_features for p in layers)


def _limit() -> int:
    """The bytes that the control group leaves this process; boundless where it says nothing."""
    try:
        said = Path("/sys/fs/cgroup/memory.max").read_text().strip()
        used = int(Path("/sys/fs/cgroup/memory.current").read_text())
        return max(0, int(said) - used) if said != "max" else 1 << 62
    except (OSError, ValueError):
        return 1 << 62
