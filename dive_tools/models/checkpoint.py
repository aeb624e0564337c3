"""What tells one checkpoint of a model from another, in this process and behind a server."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dive_tools.records import digest


def local_revision(name: str) -> str:
    """The digest of a folder, or the commit of a hub's model in the local cache; empty where neither is there.

    A served folder has the same revision, so that replies recorded from a server count for the engine in process.
    """
    if Path(name).is_dir():
        return checkpoint(Path(name))
    try:
        from huggingface_hub import try_to_load_from_cache
    except ImportError:
        return ""
    found = try_to_load_from_cache(name, "config.json")
    return Path(found).parent.name if isinstance(found, str) else ""


_WHOLE = {
    "config.json", "generation_config.json", "adapter_config.json", "tokenizer.json", "tokenizer_config.json",
    "tokenizer.model", "special_tokens_map.json", "added_tokens.json", "vocab.json", "vocab.txt", "merges.txt",
    "chat_template.jinja", "chat_template.json", "tekken.json",
}  # fmt: skip
_WEIGHTS = (".safetensors", ".bin")
_BLOCKS, _BLOCK = 16, 64 * 1024


def revision_of(listed: Sequence[Mapping[str, Any]], name: str) -> str:
    """What tells a model that a server lists from another under its name; empty where nothing does.

    vLLM says in `root` what it loaded: a folder of this machine is read; of another name, the name itself must do.
    `created` is no help, it is when the server was started.
    """
    entry = next((each for each in listed if each.get("id") in (name, f"models/{name}")), {})
    root = entry.get("root")
    if not isinstance(root, str) or not root:
        return ""
    found = _folder(root)
    base = next((each.get("root") for each in listed if each.get("id") == entry.get("parent")), None)
    if isinstance(base, str) and base and entry.get("parent") != name:  # a LoRA adapter is what it is on its base
        return digest([found or root, _folder(base) or base])
    return found or ("" if root == entry.get("id") else digest(root))


def _folder(root: str) -> str:
    try:
        return checkpoint(Path(root)) if Path(root).is_dir() else ""
    except OSError:
        return ""


def checkpoint(folder: Path) -> str:
    """Sixteen hex digits that tell a folder's checkpoint from another, wherever it lies; empty where it holds none.

    Configuration and tokenizer are read whole; of each file of weights, its size and 16 blocks of 64 KiB.
    """
    found = hashlib.sha256()
    weights = 0
    for path in sorted(folder.iterdir()):
        if (path.name not in _WHOLE and path.suffix not in _WEIGHTS) or not path.is_file():
            continue
        size = path.stat().st_size
        found.update(f"{path.name}\n{size}\n".encode())
        with path.open("rb") as file:
            if path.name in _WHOLE:
                found.update(file.read())
                continue
            weights += 1
            for number in range(_BLOCKS):
                file.seek(max(0, size - _BLOCK) * number // (_BLOCKS - 1))
                found.update(file.read(_BLOCK))
    return found.hexdigest()[:16] if weights else ""
