"""Which tools there are: the built-in pool, read from the modules under `dive_tools/tools/`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dive_tools.errors import BadRecord, DiveError
from dive_tools.records import digest
from dive_tools.tools.base import REGISTRY, Tool


@dataclass
class Pool:
    """Tools by name, in alphabetical order, and those left out because a library is missing."""

    tools: dict[str, Tool]
    absent: dict[str, Tool] = field(default_factory=dict)

    def named(self, versions: Mapping[str, str]) -> dict[str, Tool]:
        """The tools of a setup; BadRecord when one is not in the pool or has another version there."""
        return {name: self._one(name, version) for name, version in versions.items()}

    def _one(self, name: str, version: str) -> Tool:
        found = self.tools.get(name)
        if found is None:
            gone = self.absent.get(name)
            hint = f"pip install 'dive-tools[{gone.extra}]'" if gone else "see dive-tools list"
            why = f" ({', '.join(gone.missing)} is not installed)" if gone else ""
            raise BadRecord(f"tool {name} of the setup is not in the pool{why}", hint=hint)
        if found.version != version:
            raise BadRecord(
                f"tool {name} is version {version} in the setup but {found.version} in the pool",
                hint="use the pool that the setup was drawn from, or draw again with dive-sample",
            )
        return found

    def facts(self) -> dict[str, Any]:
        """What a sidecar says of a pool: a hash over every manifest, the licences and sensitivities in it."""
        return {
            "digest": digest([tool.manifest() for tool in self.tools.values()]),
            "tools": len(self.tools),
            "absent": sorted(self.absent),
            "licences": sorted({tool.licence for tool in self.tools.values() if tool.licence}),
            "sensitivity": sorted({tool.sensitivity for tool in self.tools.values()}),
        }


def builtin(domains: Iterable[str] | None = None) -> Pool:
    """The built-in pool; a tool whose library is missing is absent, with the extra to install named."""
    import dive_tools.tools as home

    importlib.import_module(f"{home.__name__}.types")
    wanted = set(domains) if domains is not None else None
    for folder in sorted(m.name for m in pkgutil.iter_modules(home.__path__) if m.ispkg):
        if wanted is None or folder in wanted:
            package = importlib.import_module(f"{home.__name__}.{folder}")
            for module in sorted(m.name for m in pkgutil.iter_modules(package.__path__)):
                importlib.import_module(f"{package.__name__}.{module}")
    here = [t for _, t in sorted(REGISTRY.items()) if wanted is None or t.domain in wanted]
    return Pool({t.name: t for t in here if not t.missing}, {t.name: t for t in here if t.missing})


def read_effects(path: Path) -> dict[str, str]:
    """The tools that a reviewed file allows: a line each, `NAME none|read|write [reason]`; `#` begins a comment."""
    allowed = {}
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        words = line.partition("#")[0].split(maxsplit=2)
        if not words:
            continue
        if len(words) < 2 or words[1] not in ("none", "read", "write") or (words[1] == "write" and len(words) < 3):
            raise DiveError(f"{path}:{number}: say NAME none|read|write, and a reason for a write")
        allowed[words[0]] = words[1]
    return allowed


def load(name: str = "builtin") -> Pool:
    """The pool that `--pool` names."""
    if name != "builtin":
        raise DiveError(f"no pool named {name}", hint="the pool of this version is 'builtin'")
    return builtin()
