"""Which tools there are: the built-in pool, pool files of anybody's tools, and effects that a person has reviewed."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dive_tools.errors import BadRecord, DiveError, UsageFault
from dive_tools.records import digest
from dive_tools.tools import manifest
from dive_tools.tools.base import REGISTRY, Tool
from dive_tools.values import TYPES, VIGNETTES

BUILTIN = "builtin"


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
            "digest": digest([manifest.line(tool) for tool in self.tools.values()]),
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
    mine = [t for _, t in sorted(REGISTRY.items()) if t.via.get("kind") == BUILTIN]
    here = [t for t in mine if wanted is None or t.domain in wanted]
    return Pool({t.name: t for t in here if not t.missing}, {t.name: t for t in here if t.missing})


def one(name: str) -> Tool | None:
    """A tool of the built-in pool, loading no more than its module; None when the index lists none of that name."""
    found = next((row for row in listing() if row["name"] == name), None)
    if found is None:
        return None
    importlib.import_module("dive_tools.tools.types")
    importlib.import_module(f"dive_tools.tools.{found['module']}")
    return REGISTRY.get(name)


def listing() -> list[dict[str, Any]]:
    """The index of the built-in pool, read without loading any of its modules."""
    import orjson

    return orjson.loads((Path(manifest.__file__).parent / "index.json").read_bytes())  # type: ignore[no-any-return]


def index(tools: Iterable[Tool]) -> list[dict[str, Any]]:
    """What a listing says of each tool; that of the built-in pool lies beside it, so that listing loads no module."""
    return [
        {
            "name": tool.name,
            "domain": tool.domain,
            "module": tool.module,
            "role": tool.role,
            "extra": tool.extra,
            "needs": list(tool.needs),
            "says": _first(tool),
        }
        for tool in tools
    ]


def _first(tool: Tool) -> str:
    return tool.description.splitlines()[0] if tool.description else ""


def attempts(pool: Pool) -> dict[str, Any]:
    """What a Door is told so that calls of one attempt keep to a session of their own, where a server wants that."""
    if not any(tool.via.get("kind") == "mcp" for tool in pool.tools.values()):
        return {}
    from dive_tools.sources import mcp

    return {"attempt": mcp.attempt}


def read_effects(path: Path) -> dict[str, str]:
    """The tools that a reviewed file allows: a line each, `NAME[@VERSION] none|read|write [reason]`; `#` begins a
    comment."""
    allowed: dict[str, str] = {}
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise DiveError(f"cannot read {path}: {fault}") from None
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.partition("#")[0].split(maxsplit=2)
        if not words:
            continue
        if len(words) < 2 or words[1] not in ("none", "read", "write") or (words[1] == "write" and len(words) < 3):
            raise DiveError(f"{path}:{number}: say NAME none|read|write, and a reason for a write")
        if allowed.setdefault(words[0], words[1]) != words[1]:
            raise DiveError(f"{path}:{number}: {words[0]} was {allowed[words[0]]} in an earlier line")
    return allowed


def load(names: str | Iterable[str] = BUILTIN, *, types: bool = True) -> Pool:
    """The pool that `--pool` names: "builtin", pool files, or several of them put together.

    A line of a pool file stands for one tool; one whose library is missing is absent. DiveError when two tools that
    differ have one name.
    """
    names = [names] if isinstance(names, str) else list(names) or [BUILTIN]
    pools = [builtin() if name == BUILTIN else read(Path(name), types=types) for name in names]
    merged: dict[str, Tool] = {}
    for name, pool in zip(names, pools, strict=True):
        for tool in [*pool.tools.values(), *pool.absent.values()]:
            known = merged.setdefault(tool.name, tool)
            if not _same(known, tool):
                raise DiveError(
                    f"{name}: another tool is named {tool.name}", hint="rename one, or leave it out with jq"
                )
    here = [tool for _, tool in sorted(merged.items())]
    return Pool({t.name: t for t in here if not t.missing}, {t.name: t for t in here if t.missing})


def read(path: Path, *, types: bool = True) -> Pool:
    """The tools of a pool file; BadRecord with file and line for one that is no manifest.

    A line that stands there twice is one tool. `types=False` leaves undeclared the value types that a Python tool's
    module declares, so that no module of a user's is run.
    """
    tools: dict[str, Tool] = {}
    for number, line in lines(path):
        try:
            tool = manifest.tool_of(line)
            alive(tool)
            if types:
                typed(tool)
        except BadRecord as fault:
            raise BadRecord(f"{path}:{number}: {fault.message}", hint=fault.hint) from None
        if not _same(tools.setdefault(tool.name, tool), tool):
            raise BadRecord(f"{path}:{number}: another tool is named {tool.name}", hint="rename one, or leave it out")
    return Pool({n: t for n, t in tools.items() if not t.missing}, {n: t for n, t in tools.items() if t.missing})


def lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The numbered JSON objects of a pool file."""
    import orjson

    try:
        text = path.read_bytes()
    except OSError as fault:
        hint = f"--pool takes {BUILTIN} or a file that dive-tools import or check wrote"
        raise UsageFault(f"cannot read pool {path}: {fault.strerror}", hint=hint) from None
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            found = orjson.loads(line)
        except orjson.JSONDecodeError as fault:
            raise BadRecord(f"{path}:{number}: not JSON: {fault}") from None
        if not isinstance(found, dict):
            raise BadRecord(f"{path}:{number}: a tool is a JSON object", hint="one manifest a line")
        yield number, found


def alive(tool: Tool) -> Tool:
    """The tool of a pool file, given the function that it calls."""
    if tool.via["kind"] != BUILTIN:
        tool.function = _first_called(tool)
        return tool
    try:
        importlib.import_module(f"dive_tools.tools.{tool.module}")
    except ModuleNotFoundError:
        raise BadRecord(f"no built-in module {tool.module}", hint="the line is of another version") from None
    found = REGISTRY.get(tool.name)
    if found is None or found.version != tool.version:
        there = f"version {found.version}" if found else "not there"
        hint = "write the line anew with dive-tools list --json"
        raise BadRecord(f"built-in tool {tool.name} is {there} here, not version {tool.version}", hint=hint)
    tool.function = found.function
    return tool


def _first_called(tool: Tool) -> Callable[..., Any]:
    """A function that is made when first called, so that a pool of thousands loads nothing of its sources."""
    made: list[Callable[..., Any]] = []

    def call(**arguments: Any) -> Any:
        if not made:
            from dive_tools import sources

            made.append(sources.function(tool))
        return made[0](**arguments)

    return call


def _same(one: Tool, other: Tool) -> bool:
    """Whether two lines are one tool, measured at different times or not."""
    return one is other or {**manifest.line(one), "checked": {}} == {**manifest.line(other), "checked": {}}


def typed(tool: Tool) -> None:
    """Have the entity and vignette types that a tool names declared, by its own module or a built-in one."""
    named = {s.type for s in tool.slots.values()} | {f.type for f in tool.fields.values()} - {""}
    parts = {s.vignette for s in tool.slots.values()} - {""}
    named -= {""}
    importlib.import_module("dive_tools.tools.types")
    if not (named <= set(TYPES) and parts <= set(VIGNETTES)):
        if tool.via["kind"] == "python":
            from dive_tools.sources import python

            python.module_of(tool.via)
        else:
            builtin()
    unknown = sorted((named - set(TYPES)) | (parts - set(VIGNETTES)))
    if unknown:
        raise BadRecord(f"tool {tool.name}: no value type {', '.join(unknown)}", hint="see docs/tools.md for the types")


def connected(tools: Mapping[str, Tool]) -> set[str]:
    """The tools that another tool feeds or that feed another: by entity type, or by kind and unit."""
    gives = {name: tool.gives for name, tool in tools.items()}
    takes = {name: frozenset(_accepted(tool)) for name, tool in tools.items()}
    return {name for name in tools if any(gives[name] & takes[o] or takes[name] & gives[o] for o in tools if o != name)}


def _accepted(tool: Tool) -> Iterator[str]:
    for slot in tool.slots.values():
        if slot.type or slot.kind:
            yield slot.type or f"{slot.kind}/{slot.unit}"
