"""A package for verifiers: an exported environment, and the taskset and harness that play it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from dive_tools.errors import UsageFault
from dive_tools.records import Record
from dive_tools.train.exports import Context, env

MODULE = "dive_environment"  # its name where none is given

_PROJECT = """[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "0.1.0"
description = "Tool-use tasks made by dive-tools, with rewards by programs"
requires-python = ">=3.11"
dependencies = ["dive-tools", "verifiers>=0.4"]

[tool.hatch.build.targets.wheel]
packages = ["{module}"]
"""
_MODULE = '''"""Tool-use tasks made by dive-tools, as a taskset and a harness of verifiers."""

from pathlib import Path

from dive_tools.train.adapters import verifiers as _adapter

__all__ = ["DiveLoop", "DiveTasks"]

_FOLDER = Path(__file__).parent / "environment"


class DiveTasks(_adapter.Tasks):
    """The tasks of this package."""

    folder = _FOLDER


class DiveLoop(_adapter.Loop):
    """The loop in which a model attempts them."""

    folder = _FOLDER
'''
_README = """# {name}

An environment for verifiers (0.4 and later): tool-use tasks made by dive-tools, each with a toolset of its own, and
rewards by programs alone. Install it beside dive-tools and the libraries of its tools, and evaluate a model:

    pip install .
    vf-eval {name} --env.agent.runtime.type subprocess --no-push --model MODEL --client.base-url http://127.0.0.1:8000/v1

Without --no-push, vf-eval uploads what it did. The harness runs in the process of the environment, and a model runs
nothing there but what the tools run for it. The reward `total` is that of the folder `{module}/environment`, which
`dive_tools.env.Environment.load` reads as well.
"""


def write(records: Iterable[Record], out: Path, context: Context) -> dict[str, int]:
    """The folder of the package; counts as the environment's. UsageFault for a name that no package can have."""
    name = context.options.name or MODULE.replace("_", "-")
    module = name.replace("-", "_").lower()
    if not re.fullmatch(r"[A-Za-z](?:[A-Za-z0-9_-]*[A-Za-z0-9])?", name):
        raise UsageFault(f"{name!r} is no name of a package", hint="letters, digits and - only")
    (out / module).mkdir(parents=True)
    counts = env.write(records, out / module / "environment", context)
    (out / "pyproject.toml").write_text(_PROJECT.format(name=name, module=module), encoding="utf-8")
    (out / module / "__init__.py").write_text(_MODULE, encoding="utf-8")
    (out / "README.md").write_text(_README.format(name=name, module=module), encoding="utf-8")
    return counts
