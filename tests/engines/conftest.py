"""A tiny model made on the spot, and what serves it: vLLM behind HTTP, vLLM in this process, transformers."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
os.environ |= {"HF_HUB_OFFLINE": "1", "VLLM_CPU_KVCACHE_SPACE": "1"}

CONTEXT = 16384  # tokens
OPTIONS = {  # of the engine, served or in process: no compiler, and JSON without the endless blanks of a random model
    "dtype": "float32",
    "enforce_eager": True,
    "max_model_len": CONTEXT,
    "max_num_batched_tokens": CONTEXT,  # on a CPU, vLLM 0.32 dies of a seeded request whose prompt is read in parts
    "tool_strict_level": "parameter",
    "structured_outputs_config": {"backend": "xgrammar", "disable_any_whitespace": True},
}
SERVE_OPTIONS = (
    f"--dtype float32 --enforce-eager --max-model-len {CONTEXT} --max-num-batched-tokens {CONTEXT}"
    " --tool-strict-level parameter --structured-outputs-config.backend xgrammar"
    " --structured-outputs-config.disable_any_whitespace true"
)
UNTHINKING = {"chat_template_kwargs": {"enable_thinking": False}}  # all that noise says is then content


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model's folder."""
    pytest.importorskip("transformers", reason="make test-vllm brings transformers")
    from tiny_model import make

    return make(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="session")
def server(tiny: Path) -> Iterator[str]:
    """The address of a vLLM server that has it as `tiny`, by `make serve`."""
    pytest.importorskip("vllm", reason="make test-vllm brings vLLM")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    words = ["make", "-C", str(ROOT), f"PORT={port}", f"VLLM_PYTHON={sys.executable}"]
    env = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    try:
        start = ["serve", f"MODEL_PATH={tiny}", "SERVE_WAIT=240", f"SERVE_OPTIONS={SERVE_OPTIONS}"]
        subprocess.run([*words, *start], check=True, env=env)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        subprocess.run([*words, "serve-stop"], check=True, env=env)


class Open:
    """A model that is open, and a loop to ask it in."""

    def __init__(self, kind: str, made: Callable[[], Any]) -> None:
        self.kind = kind
        self.loop = asyncio.new_event_loop()
        self.model = made()
        self.run(self.model.open())

    def run(self, what: Awaitable[Any]) -> Any:
        return self.loop.run_until_complete(asyncio.wait_for(what, 120))

    def close(self) -> None:
        self.run(self.model.close())
        self.loop.close()


@pytest.fixture(scope="session", params=["openai", "vllm", "hf"])
def backend(request: pytest.FixtureRequest, tiny: Path) -> Iterator[Open]:
    """Each of the three, asked without thinking; the next is opened when the one before is closed."""
    from dive_tools.models.base import Settings
    from dive_tools.models.gate import Gate

    kind = request.param
    settings: dict[str, Any] = {"extra": UNTHINKING, "in_flight": 64, "timeout": 100.0}
    if kind == "openai":
        from dive_tools.models.openai import OpenAI as backend

        name = "tiny"
        settings["endpoints"] = (request.getfixturevalue("server"),)
    elif kind == "vllm":
        pytest.importorskip("vllm", reason="make test-vllm brings vLLM")
        from dive_tools.models.vllm import VLLM as backend

        name = str(tiny)
        settings["extra"] = UNTHINKING | OPTIONS
    else:
        from dive_tools.models.hf import HF as backend

        name = str(tiny)
    found = Open(kind, lambda: backend(name, Settings(**settings), Gate(64)))
    yield found
    found.close()
