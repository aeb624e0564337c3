"""The Python standard library: modules by version, and the tree of built-in exceptions."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Entity, Quantity, entity, says

STDLIB = {"needs": ("stdlib_list",), "source": "module lists of stdlib-list", "licence": "MIT"}
VERSIONS = ["3.5", "3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14"]
_UNDOCUMENTED = {"antigravity", "macurl2path", "nt", "pyexpat", "test", "this", "xxlimited", "xxsubtype", "idlelib"}
MORE = {"most": "highest", "least": "lowest", "more": "higher", "less": "lower"}

# --- modules ----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=len(VERSIONS))
def _modules(version: str) -> frozenset[str]:
    from stdlib_list import stdlib_list

    return frozenset(m for m in stdlib_list(version) if _public(m.split(".")))


def _public(parts: list[str]) -> bool:
    return parts[0] not in _UNDOCUMENTED and not any(part[0] == "_" for part in parts)


def _top(version: str) -> set[str]:
    return {name for name in _modules(version) if "." not in name}


@lru_cache(maxsize=1)
def _children() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in sorted(_modules("3.12")):
        found.setdefault(name, [])
        if "." in name:
            found.setdefault(name.rpartition(".")[0], []).append(name)
    return found


def _gone() -> list[str]:
    return sorted(_top("3.5").union(*map(_top, VERSIONS)) - _top("3.14"))


def _packages() -> list[str]:
    return [name for name, below in _children().items() if below and not name.startswith("lib2to3")]


def _siblings(name: str) -> list[str]:
    parent = name.rpartition(".")[0]
    return [p for p in _packages() if p != name and p.rpartition(".")[0] == parent]


entity("python_package", "package", intro="the Python 3.12 package {}", samples=_packages, akin=_siblings)
entity("removed_module", "module", intro="the module {}", samples=_gone)
entity("python_version", "Python version", label=lambda v: f"Python {v}", samples=lambda: VERSIONS[1:])
Package = Annotated[str, Entity("python_package"), Meta(description='a standard library package, as "xml.dom"')]
Removed = Annotated[str, Entity("removed_module"), Meta(description="a former top-level module of Python 3")]
Version = Annotated[str, Entity("python_version"), Meta(description='minor version from "3.6" to "3.14"')]


class Submodules(TypedDict):
    modules: Annotated[
        list[Annotated[str, Entity("python_package")]],
        says(
            "the public modules directly inside {package}",
            only="the only public module directly inside {package}",
            noun="module",
            plural="modules",
            ask_count="How many public modules lie directly inside {package}",
        ),
    ]
    count: Annotated[
        int,
        Quantity("submodules", "modules", scale="ordinal"),
        says(
            "the number of direct public submodules of {package}",
            noun="number of direct public submodules",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example(
            {"package": "xml"},
            {"/modules": ["xml.dom", "xml.etree", "xml.parsers", "xml.sax"], "/count": 4},
            "published: Python 3.12 library reference, XML Processing Modules",
        ),
        example(
            {"package": "concurrent"}, {"/modules": ["concurrent.futures"]}, "published: Python 3.12 library reference"
        ),
        example({"package": "nonesuch"}, {"error": "refused"}, "identity: no such module"),
    ],
    **STDLIB,  # type: ignore[arg-type]
)
def stdlib_submodules(package: Package) -> Submodules:
    """List the public modules directly inside a package of the Python 3.12 standard library, sorted, with their number.

    Names that begin with an underscore are left out. The list is complete; it is empty for a plain module.
    """
    if package not in _children():
        raise Refusal(f"no module {package!r} in the Python 3.12 standard library")
    below = _children()[package]
    return {"modules": below, "count": len(below), "complete": True}


class Removal(TypedDict):
    version: Annotated[
        str,
        Entity("python_version"),
        says(
            "the first Python version whose standard library no longer has {module}",
            noun="Python version",
            ask="Which was the first Python version whose standard library no longer had {module}",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"module": "distutils"}, {"/version": "3.12"}, "published: What's New In Python 3.12, Removed"),
        example({"module": "telnetlib"}, {"/version": "3.13"}, "published: PEP 594"),
        example({"module": "json"}, {"error": "refused"}, "identity: still there"),
    ],
    **STDLIB,  # type: ignore[arg-type]
)
def module_removed_in(module: Removed) -> Removal:
    """Look up the first Python version (3.6 to 3.14) whose standard library no longer has a top-level module.

    Refuses a module that never was there, or still is in Python 3.14.
    """
    here = [v for v in VERSIONS if module in _top(v)]
    if not here or here[-1] == VERSIONS[-1]:
        raise Refusal(f"{module!r} was not removed between Python 3.5 and 3.14")
    return {"version": VERSIONS[VERSIONS.index(here[-1]) + 1]}


class Changes(TypedDict):
    added: Annotated[
        list[str],
        says("the top-level modules that {version} added to the standard library", noun="module", plural="modules"),
    ]
    removed: Annotated[
        list[Annotated[str, Entity("removed_module")]],
        says(
            "the top-level modules that {version} removed from the standard library",
            noun="module",
            plural="modules",
            ask_count="How many top-level modules did {version} remove from the standard library",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"version": "3.11"}, {"/added": ["tomllib"], "/removed": ["binhex"]}, "published: What's New in 3.11"),
        example(
            {"version": "3.12"},
            {"/removed": ["asynchat", "asyncore", "distutils", "imp", "smtpd"]},
            "published: What's New In Python 3.12, Removed",
        ),
        example({"version": "3.9"}, {"/added": ["graphlib", "zoneinfo"]}, "published: What's New In Python 3.9"),
    ],
    **STDLIB,  # type: ignore[arg-type]
)
def stdlib_changes(version: Version) -> Changes:
    """List the documented top-level modules that a Python version (3.6 to 3.14) added to and removed from the standard
    library, against the minor version before it. Both lists are complete and may be empty."""
    if version not in VERSIONS[1:]:
        raise Refusal(f"no Python version {version!r} between 3.6 and 3.14")
    old, new = _top(VERSIONS[VERSIONS.index(version) - 1]), _top(version)
    gone = sorted(old - new)
    return {"added": sorted(new - old), "removed": gone, "complete": True}
