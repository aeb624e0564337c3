"""What tests of training share: they need torch, transformers and trl, which `make setup-train` brings."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

if missing := [name for name in ("torch", "transformers", "trl", "datasets") if not importlib.util.find_spec(name)]:
    sys.stderr.write(f"tests/training: no {', '.join(missing)}: make test-train brings them\n")
    collect_ignore_glob = ["test_*.py"]

sys.path.insert(0, str(Path(__file__).parents[1]))
os.environ |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "OMP_NUM_THREADS": "1"}


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Tests run side by side: each with one thread."""
    import torch

    torch.set_num_threads(1)
    yield


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model of random weights, about 0.2 million parameters, that knows Qwen3's turns."""
    from dive_tools.train.corpus import builtin_texts
    from dive_tools.train.tiny import make, shaped

    folder = tmp_path_factory.mktemp("models") / "small"
    make(folder, shaped("tiny", layers=2, width=64, vocabulary=1024), builtin_texts(), seed=1)
    return folder


@pytest.fixture
def new_model(tmp_path: Path) -> Callable[..., Path]:
    """Makes models of random weights: new_model("name", layers=1)."""
    from dive_tools.train.corpus import builtin_texts
    from dive_tools.train.tiny import make, shaped

    def made(name: str, **shape: int) -> Path:
        make(tmp_path / name, shaped("tiny", **shape), builtin_texts())
        return tmp_path / name

    return made
