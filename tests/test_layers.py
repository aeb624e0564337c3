"""Imports point one way, nothing heavy is loaded before it is used, and only records go to stdout."""

from __future__ import annotations

import ast
import graphlib
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from shell import ROOT, environment

PACKAGE = ROOT / "dive_tools"
FILES = sorted(PACKAGE.rglob("*.py"))
STAGES = (
    "sample", "collect", "derive", "verify", "dedup", "seeds", "exam", "mutate", "summary", "leaks", "calibrate",
    "select", "unanswerable", "evaluate",
)  # fmt: skip
MIDDLE = (
    "pool", "sources", "symbolic", "screens", "check", "infer", "crawl", "drift", "samples", "evidence", "cut",
    "tiers", "alike", "intervals", "callgraph", "topology", "clothes", "rollout",
)  # fmt: skip
LAYERS = (
    ("errors",),
    ("records",),
    ("jsonl",),
    ("values", "cassette"),
    ("support", "tools", "models", "prompts"),
    MIDDLE,
    ("agent", "score", "grade", "walk", "reward"),
    ("prompted",),
    STAGES,
    ("env",),
    ("train",),
    ("cli",),
)
LAYER = {name: number for number, names in enumerate(LAYERS) for name in names}
DOMAINS = {
    "numpy", "pandas", "scipy", "rdkit", "Bio", "msgspec", "jsonschema_rs", "aiohttp", "rapidfuzz", "tokenizers",
    "networkx", "babel", "pint",
    "torch", "transformers", "trl", "datasets", "accelerate", "peft", "asyncio", "ssl", "http", "urllib.request",
}  # fmt: skip
HEAVY = DOMAINS | {"orjson", "tqdm", "sqlite3", "multiprocessing"}

Import = tuple[str, bool]  # the module, and whether it is imported when the importing module is


def name_of(file: Path) -> str:
    """The dotted name of a module of the package."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(file): file for file in FILES}


def room(module: str) -> str:
    """The part of a module's name that the layers speak of."""
    return module.split(".")[1] if "." in module else ""


def imports(file: Path) -> Iterator[Import]:
    """Every import of the package by one of its modules, those inside functions and for types included."""
    tree = ast.parse(file.read_text())
    at_top = {id(node) for node in tree.body}
    for node in ast.walk(tree):
        now = id(node) in at_top
        if isinstance(node, ast.Import):
            yield from ((alias.name, now) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{file}: a relative import hides where it points"
            base = node.module or ""
            yield from ((f"{base}.{a.name}" if f"{base}.{a.name}" in MODULES else base, now) for a in node.names)


def ours(file: Path) -> list[Import]:
    return [found for found in imports(file) if found[0].split(".")[0] == "dive_tools"]


def test_every_module_has_its_place() -> None:
    rooms = {room(name) for name in MODULES} - {""}
    assert rooms <= set(LAYER), "say in LAYERS where it stands"


@pytest.mark.parametrize("module", MODULES)
def test_nothing_imports_to_its_right(module: str) -> None:
    here = room(module)
    for target, _ in ours(MODULES[module]):
        there = room(target)
        assert there, f"{module} imports all of dive_tools"
        if here:
            assert LAYER[there] <= LAYER[here], f"{module} imports {target}"


def test_stages_never_import_each_other() -> None:
    for stage in STAGES:
        others = {room(target) for target, _ in ours(PACKAGE / f"{stage}.py")} & set(STAGES)
        assert others <= {stage}, f"{stage} imports {others}"


def test_no_two_modules_wait_for_each_other() -> None:
    graph = {name: {target for target, now in ours(file) if now} for name, file in MODULES.items()}
    graphlib.TopologicalSorter(graph).prepare()  # CycleError names the modules


def test_the_checks_here_see_what_they_should(tmp_path: Path) -> None:
    (file := tmp_path / "m.py").write_text(
        "import dive_tools.pool\nfrom dive_tools import check\ndef f():\n    from dive_tools.verify import Verifier\n"
    )
    assert ours(file) == [("dive_tools.pool", True), ("dive_tools.check", True), ("dive_tools.verify", False)]


def test_the_package_itself_imports_nothing() -> None:
    assert not list(imports(PACKAGE / "__init__.py"))


def test_a_stage_reads_no_file_prints_nothing_and_knows_no_command_line() -> None:
    for stage in STAGES:
        names = {target.split(".")[0] for target, _ in imports(PACKAGE / f"{stage}.py")}
        assert not names & {"click", "sys", "argparse"}, stage


def test_nothing_prints() -> None:
    for file in FILES:
        calls = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)]
        lines = [node.lineno for node in calls if isinstance(node.func, ast.Name) and node.func.id == "print"]
        assert not lines, f"{file}:{lines}"


SCRIPTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
COMMANDS = sorted({place.partition(":")[0] for place in SCRIPTS.values()})
LOADED = "import importlib, json, sys; importlib.import_module(sys.argv[1]); print(json.dumps(list(sys.modules)))"


LOADED_BY_THE_POOL = """
import json, sys
from dive_tools.pool import builtin
needs = {name.split(".")[0] for tool in builtin().tools.values() for name in tool.needs}
print(json.dumps(sorted(needs & set(sys.modules))))
"""


def loaded_by(module: str, folder: Path) -> set[str]:
    """The modules there are after importing one, in a fresh process."""
    words = [sys.executable, "-c", LOADED, module]
    return set(json.loads(subprocess.check_output(words, cwd=folder, env=environment(), timeout=30)))


@pytest.mark.parametrize("module", [name for name in MODULES if room(name) == "cli"])
def test_importing_a_module_of_the_command_line_loads_no_domain(module: str, tmp_path: Path) -> None:
    loaded = loaded_by(module, tmp_path)
    for_models = ("dive_tools.cli.many", "dive_tools.cli.aside")  # themselves loaded for a model only
    its_own = {"asyncio", "ssl"} if module in for_models else set()
    assert module in loaded and not loaded & (DOMAINS - its_own)


@pytest.mark.parametrize("module", COMMANDS)
def test_importing_a_command_loads_nothing_heavy(module: str, tmp_path: Path) -> None:
    loaded = loaded_by(module, tmp_path)
    assert "click" in loaded and not loaded & HEAVY
    library = {name for name in loaded if room(name) and name.startswith("dive_tools.")}
    assert {room(name) for name in library} <= {"cli", "errors"}


def test_the_tools_load_no_library_of_their_domain_before_a_call(tmp_path: Path) -> None:
    words = [sys.executable, "-c", LOADED_BY_THE_POOL]
    assert json.loads(subprocess.check_output(words, cwd=tmp_path, env=environment(), timeout=30)) == []
