"""Tools from Python: a user's file, an installed module, or the entry points `dive_tools.tools` of packages."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import inspect
import math
import sys
import types
import typing
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from dive_tools.errors import DiveError
from dive_tools.records import digest
from dive_tools.sources.common import Skipped, tool_name
from dive_tools.tools.base import REGISTRY, Refusal, Tool, signature
from dive_tools.tools.manifest import line
from dive_tools.values import leaves

ENTRY_POINTS = "dive_tools.tools"
_JSON = (str, int, float, bool, None, type(None), list, dict, typing.Any)


def tools(place: str, *, domain: str = "user", prefix: str = "") -> Iterator[dict[str, Any] | Skipped]:
    """The tools of a place, as manifests: a path ending in .py, or a dotted module name.

    Functions decorated with `@tool` bring their meaning and examples along. Other public functions that the module
    itself defines become tools where every parameter and the result has a type hint and a docstring says what they
    do; the rest are skipped with the reason. What is not JSON itself, such as dates, enums and dataclasses, is
    converted on the way in and out (as msgspec does). DiveError when the place cannot be imported.
    """
    via = {"kind": "python", **({"file": str(Path(place).resolve())} if place.endswith(".py") else {"module": place})}
    module = module_of(via)
    version = digest(inspect.getsource(module))[:12]
    declared = {t.function: t for t in REGISTRY.values() if t.function and t.function.__module__ == module.__name__}
    for name, function in vars(module).items():
        if not inspect.isfunction(function) or function.__module__ != module.__name__:
            continue
        found = declared.get(function)
        if found is None and name.startswith("_"):
            continue
        try:
            made = found or _plain(name, function, domain, version)
            manifest = _dumped(line(made))
        except Exception as fault:  # a type or a default that is no JSON: of its own, or of a library of the user's
            yield Skipped(name, "not_typed", _sentence(fault))
            continue
        hints = {"effects": found.effects} if found else {}
        yield manifest | {
            "name": tool_name(prefix, made.name),
            "module": module.__name__,
            "domain": domain if made.domain == "user" else made.domain,
            "effects": "unknown",
            "hints": hints,
            "via": {**via, "function": name},
        }


def entry_points() -> Iterator[str]:
    """The modules that installed packages announce under the entry point group `dive_tools.tools`."""
    for found in sorted(importlib.metadata.entry_points(group=ENTRY_POINTS), key=lambda point: point.name):
        yield found.module


def function(tool: Tool) -> Callable[..., Any]:
    """The function behind a tool of a pool file."""
    module = module_of(tool.via)
    found = getattr(module, tool.via["function"], None)
    if found is None:
        raise DiveError(f"{_place(tool.via)} has no function {tool.via['function']}", hint="import it again")
    return _converting(found)


def _converting(found: Callable[..., Any]) -> Callable[..., Any]:
    """The function, given what its type hints say (a datetime, a dataclass) for JSON, and giving JSON back."""
    import msgspec

    hints = typing.get_type_hints(found, include_extras=True)
    rich = {name: hint for name, hint in hints.items() if name != "return" and not _json(hint)}

    def call(**arguments: Any) -> Any:
        for name in rich.keys() & arguments.keys():
            try:
                arguments[name] = msgspec.convert(arguments[name], rich[name], strict=False, str_keys=True)
            except msgspec.ValidationError as fault:
                raise Refusal(f"{name}: {fault}") from None
        result = found(**arguments)
        try:
            return msgspec.to_builtins(result, str_keys=True)
        except TypeError:
            return result  # for the door to say that it is no JSON

    return call


def _json(hint: Any, within: tuple[Any, ...] = ()) -> bool:
    """Whether the values of a type hint are as they come from JSON, with nothing to convert."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if hint in _JSON or origin is typing.Literal or hint in within:
        return True
    if origin in (typing.Annotated, typing.Required, typing.NotRequired):
        return _json(inner[0], within)
    if typing.is_typeddict(hint):
        fields = typing.get_type_hints(hint, include_extras=True).values()
        return all(_json(item, (*within, hint)) for item in fields)
    if origin is dict and not _json_key(inner[0]):
        return False
    return origin in (list, dict, typing.Union, types.UnionType) and all(_json(item, within) for item in inner)


def _json_key(hint: Any) -> bool:
    """Whether the keys of a JSON object are of this type hint."""
    return hint in (str, typing.Any) or (typing.get_origin(hint) is typing.Annotated and _json_key(hint.__origin__))


def module_of(via: dict[str, Any]) -> ModuleType:
    """The module of a manifest's `via`; DiveError when it is not there or breaks while it is imported."""
    try:
        return _from_file(Path(via["file"])) if "file" in via else importlib.import_module(via["module"])
    except DiveError:
        raise
    except FileNotFoundError:
        raise DiveError(f"no file {via.get('file')}", hint="give the path of a Python file") from None
    except (Exception, SystemExit) as fault:  # whatever the user's module raises
        raise DiveError(f"cannot import {_place(via)}: {type(fault).__name__}: {fault}") from fault


def _from_file(path: Path) -> ModuleType:
    name = f"dive_user_{path.stem}_{digest(str(path))[:8]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise DiveError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _place(via: dict[str, Any]) -> str:
    return str(via.get("file") or via.get("module"))


def _dumped(manifest: dict[str, Any]) -> dict[str, Any]:
    """A manifest whose defaults are JSON; TypeError or ValueError where they cannot be."""
    import msgspec
    import orjson

    made = msgspec.to_builtins(manifest, str_keys=True)
    orjson.dumps(made)
    if any(isinstance(leaf, float) and not math.isfinite(leaf) for leaf in leaves(made)):
        raise ValueError("a default is a number that is not finite")
    return made  # type: ignore[no-any-return]


def _sentence(fault: Exception) -> str:
    if isinstance(fault, RecursionError):
        return "a type that holds itself cannot be written out as JSON Schema"
    lines = [text.strip() for text in str(fault).splitlines() if text.strip()] or [type(fault).__name__]
    return lines[-1] if lines[0].endswith(":") else lines[0]  # msgspec first says what it would take, then the type


def _plain(name: str, function: Callable[..., Any], domain: str, version: str) -> Tool:
    """A tool from a plain typed function; TypeError says what is missing."""
    doc = inspect.cleandoc(function.__doc__ or "")
    if not doc:
        raise TypeError("no docstring says what it does")
    if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function):
        raise TypeError("is a coroutine or a generator: wrap it in a plain function")
    given = inspect.signature(function)
    starred = [p.name for p in given.parameters.values() if p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    only = [p.name for p in given.parameters.values() if p.kind is p.POSITIONAL_ONLY]
    hints = typing.get_type_hints(function)
    bare = [p for p in given.parameters if p not in hints and p not in starred]
    if starred or only:
        raise TypeError(f"parameter {', '.join(starred + only)} cannot be given by name")
    if bare:
        raise TypeError(f"no type hint on {', '.join(bare)}")
    if "return" not in hints:
        raise TypeError("no type hint on the result")
    return Tool(
        name=name,
        description=doc,
        role="processing",
        domain=domain,
        version=version,
        examples=[],
        effects="unknown",
        function=function,
        **signature(function),
    )
