"""What tells one checkpoint of a model in this process from another."""

from __future__ import annotations

from pathlib import Path

from dive_tools.models.endpoints import checkpoint


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
