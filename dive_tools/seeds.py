"""Seeds from packaged registries: typed entities and vignettes, the same on any machine."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

from dive_tools.errors import UsageFault
from dive_tools.values import plain, samples


def seed_types(domain: str) -> tuple[str, ...]:
    """The entity and vignette types that a built-in domain's questions start from."""
    try:
        found = importlib.import_module(f"dive_tools.tools.{domain}")
    except ModuleNotFoundError:
        raise UsageFault(f"no built-in domain named {domain}", hint="see dive-tools list") from None
    if not hasattr(found, "SEEDS"):  # a module beside the domains
        raise UsageFault(f"no built-in domain named {domain}", hint="see dive-tools list")
    return tuple(found.SEEDS)


def seeds(domain: str, count: int | None = None) -> Iterator[dict[str, Any]]:
    """Up to `count` seeds of a domain, an even share of each type, evenly spread; none twice up to case and
    punctuation."""
    columns = {name: list(samples(name)) for name in seed_types(domain)}
    seen: set[str] = set()
    for name, share in _shares({name: len(values) for name, values in columns.items()}, count).items():
        values = columns[name]
        for i in range(share):
            value = values[i * len(values) // share]
            key = f"{name}:{plain(str(value)) or value}"  # a sign is not punctuation where there is nothing else
            if key not in seen:
                seen.add(key)
                yield {"value": value, "type": name, "domain": domain}


def _shares(sizes: dict[str, int], count: int | None) -> dict[str, int]:
    """How many of each type: even shares, and what small types leave goes to the larger ones."""
    if count is None:
        return sizes
    shares, left = {}, count
    for done, (name, size) in enumerate(sorted(sizes.items(), key=lambda item: (item[1], item[0]))):
        shares[name] = min(size, left // (len(sizes) - done))
        left -= shares[name]
    return {name: shares[name] for name in sizes}
