"""The table of model names: `openai:NAME`, `vllm:PATH`, `hf:PATH`, `scripted:FILE`, `replay:FILE`."""

from __future__ import annotations

import importlib
from typing import Any

from dive_tools.errors import UsageFault
from dive_tools.models.base import Model, Settings

BACKENDS = {  # prefix -> module and class of this package
    "openai": ("openai", "OpenAI"),
    "vllm": ("vllm", "VLLM"),
    "hf": ("hf", "HF"),
    "scripted": ("scripted", "Scripted"),
    "replay": ("replay", "Replay"),
}
IN_PROCESS = ("vllm", "hf")  # each command that names one loads the weights
METERED = ("openai", "vllm", "hf", "scripted")  # those that a gate lets through


def kind_of(spec: str) -> str:
    """The backend that a model's name asks for; UsageFault when there is none."""
    kind, colon, name = spec.partition(":")
    if kind not in BACKENDS or not colon or not name:
        raise UsageFault(
            f"no model {spec!r}", hint=f"name one as {', '.join(f'{kind}:…' for kind in BACKENDS)}; see docs/models.md"
        )
    return kind


def made(spec: str, settings: Settings, gate: Any) -> Model:
    """The model of a name, not yet open; `gate` lets its requests through."""
    kind = kind_of(spec)
    module, name = BACKENDS[kind]
    backend = getattr(importlib.import_module(f"dive_tools.models.{module}"), name)
    rest = spec.partition(":")[2]
    return backend(rest, settings, gate) if kind in METERED else backend(rest, settings)  # type: ignore[no-any-return]


def must_be_served(spec: str, stage: str) -> None:
    """Refuse a model that would be loaded once in every command of a pipe."""
    kind = kind_of(spec)
    if kind in IN_PROCESS:
        raise UsageFault(
            f"{stage} does not load {spec} itself: every command of a pipe would hold the weights once more",
            hint="start one server (make serve MODEL_PATH=…), then --model openai:NAME --endpoint http://127.0.0.1:8000/v1",
        )
