"""Seeds and exemplars: the committed samples, or files of a user's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson

from dive_tools.errors import BadRecord, DiveError, UsageFault


def home() -> Path:
    """The folder of samples: in a checkout beside the package, else inside it."""
    here = Path(__file__).parent
    return here.parent / "samples" if (here.parent / "samples").is_dir() else here / "samples_data"


def seeds(path: Path | None = None, domains: Iterable[str] = ()) -> dict[str, list[dict[str, Any]]]:
    """Seeds by domain, from one JSON lines file or from a folder of DOMAIN.jsonl."""
    path = path or home() / "seeds"
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    found: dict[str, list[dict[str, Any]]] = {}
    for file in files:
        for seed in lines(file, ("value", "type")):
            found.setdefault(seed.get("domain", file.stem), []).append(seed)
    wanted = set(domains)
    if wanted - set(found):
        raise UsageFault(f"no seeds for {', '.join(sorted(wanted - set(found)))}", hint=f"there are {', '.join(found)}")
    return {domain: found[domain] for domain in found if not wanted or domain in wanted}


def exemplars(path: Path | None = None) -> list[dict[str, Any]]:
    """Exemplars, from one JSON lines file."""
    return list(lines(path or home() / "exemplars.jsonl", ("id", "question", "pattern")))


def lines(path: Path, keys: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    try:
        text = path.read_bytes()
    except OSError as fault:
        raise DiveError(f"cannot read {path}: {fault.strerror}") from None
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            found = orjson.loads(line)
        except orjson.JSONDecodeError as fault:
            raise BadRecord(f"{path}:{number}: not JSON: {fault}") from None
        missing = [key for key in keys if not isinstance(found, dict) or key not in found]
        if missing:
            raise BadRecord(f"{path}:{number}: lacks {', '.join(missing)}")
        yield found
