"""A tool: a typed function with schemas, meaning and examples; and the one door that calls tools.

    @tool("retrieval", examples=[example({"country": "Kenya"}, {"/capital": "Nairobi"}, "published: CIA Factbook")])
    def country(country: Annotated[str, Entity("country")]) -> Country:
        '''Look up a country ...'''

The signature gives the JSON Schema of parameters and of the result (JSON Schema 2020-12, by msgspec); both are
enforced at every call by a compiled validator. The annotations of `dive_tools.values` give the meaning.
"""

from __future__ import annotations

import importlib.util
import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from dive_tools.values import Entity, Given, Part, Quantity, Says

ROLES = ("retrieval", "processing")
EFFECTS = ("none", "read", "write", "unknown")
EVIDENCE_KINDS = ("published", "second-library", "identity")


class Refusal(Exception):
    """A tool's own answer that it cannot answer: no such record, arguments that make no sense together."""


class Unreachable(Exception):
    """A tool could not be asked or did not answer in its form: network, process or server; another try may."""


class OverTime(BaseException):
    """Raised inside a tool that runs over its time limit; not an Exception, so that no tool swallows it."""


@dataclass(frozen=True, slots=True)
class Example:
    """A call with what it must return (JSON Pointer -> value) and where that comes from."""

    arguments: dict[str, Any]
    expect: dict[str, Any]
    source: str
    tolerance: float = 1e-6


def example(arguments: dict[str, Any], expect: dict[str, Any], source: str, tolerance: float = 1e-6) -> Example:
    """An example; `source` begins with "published: ", "second-library: " or "identity: "."""
    if source.split(":")[0] not in EVIDENCE_KINDS or not source.partition(":")[2].strip():
        raise ValueError(f"example source must be '{'|'.join(EVIDENCE_KINDS)}: where', not {source!r}")
    return Example(arguments, expect, source, tolerance)


@dataclass(slots=True)
class Slot:
    """What a parameter takes: an entity type, a quantity kind, a part of a vignette, or a stated choice."""

    type: str = ""
    kind: str = ""
    unit: str = ""
    vignette: str = ""
    part: str = ""
    choices: dict[Any, str | None] = field(default_factory=dict)
    required: bool = True


@dataclass(slots=True)
class Field:
    """What a result field is and how it is said; `pointer` has `*` for "each item of this list"."""

    pointer: str
    shape: str  # scalar | list | object
    type: str = ""
    kind: str = ""
    unit: str = ""
    scale: str = ""
    additive: bool = False
    says: Says = field(default_factory=Says)

    @property
    def parent(self) -> str:
        """The pointer of the list that this is an item field of, or ""."""
        return self.pointer.rpartition("/*")[0] if "/*" in self.pointer else ""


@dataclass(eq=False)
class Tool:
    """A tool as the whole house sees it; `tools/manifest.py` makes it a line of a pool file."""

    name: str
    description: str
    role: str
    domain: str
    version: str
    schemas: Callable[[], tuple[dict[str, Any], dict[str, Any]]]  # of parameters and result, made when first wanted
    slots: dict[str, Slot]
    fields: dict[str, Field]
    examples: list[Example]
    effects: str = "none"
    needs: tuple[str, ...] = ()
    extra: str = ""
    distinct: tuple[str, ...] = ()
    converts: bool = False
    source: str = ""
    licence: str = ""
    sensitivity: str = "public"
    limit: float = 10.0
    function: Callable[..., Any] | None = None
    via: dict[str, Any] = field(default_factory=dict)  # how a tool from outside is called
    hints: dict[str, Any] = field(default_factory=dict)  # what its source says of its effects
    checked: dict[str, Any] = field(default_factory=dict)  # what `dive-tools check` measured
    module: str = ""  # the module, server or document that it comes from: near twins share it

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """The JSON Schema of the parameters."""
        return self.schemas()[0]

    @cached_property
    def result(self) -> dict[str, Any]:
        """The JSON Schema of the result."""
        return self.schemas()[1]

    @cached_property
    def check_arguments(self) -> Any:
        """The compiled validator of the parameters."""
        return compiled(self.parameters)

    @cached_property
    def check_result(self) -> Any:
        """The compiled validator of the result."""
        return compiled(self.result)

    @property
    def missing(self) -> list[str]:
        """The libraries in `needs` that are not installed."""
        return [name for name in self.needs if not installed(name)]

    @cached_property
    def gives(self) -> frozenset[str]:
        """The entity types, and kinds with their units, that its results hold."""
        return frozenset(f.type or f"{f.kind}/{f.unit}" for f in self.fields.values() if f.type or f.kind)

    def schema(self) -> dict[str, Any]:
        """The tool as a chat model is shown it, in OpenAI's form."""
        function = {"name": self.name, "description": self.description, "parameters": self.parameters}
        return {"type": "function", "function": function}


REGISTRY: dict[str, Tool] = {}  # by name; a user's tool whose name is taken by module and name


def tool(
    role: str,
    *,
    examples: list[Example],
    version: str = "1",
    effects: str = "none",
    needs: tuple[str, ...] | str = (),
    extra: str = "",
    distinct: tuple[str, ...] = (),
    converts: bool = False,
    source: str = "",
    licence: str = "",
    sensitivity: str = "public",
    limit: float = 10.0,
    domain: str = "",
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a typed function as a tool.

    `role` is "retrieval" or "processing". `needs` names import names that must be installed, `extra` the extra of
    this distribution that brings them (default: the domain). `distinct` names parameters that must take different
    values. `converts` marks a unit conversion, which only ever stands outermost. `source` and `licence` are those of
    the data or formula. `limit` is seconds for one call. The domain is
    the folder under `dive_tools/tools/` unless given.
    """
    if role not in ROLES or effects not in EFFECTS:
        raise ValueError(f"role must be one of {ROLES} and effects one of {EFFECTS}")

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        home = domain or _domain_of(function.__module__)
        made = Tool(
            name=function.__name__,
            description=inspect.cleandoc(function.__doc__ or ""),
            role=role,
            domain=home,
            version=version,
            examples=examples,
            effects=effects,
            needs=(needs,) if isinstance(needs, str) else tuple(needs),
            extra=extra or home,
            distinct=distinct,
            converts=converts,
            source=source,
            licence=licence,
            sensitivity=sensitivity,
            limit=limit,
            function=function,
            via={"kind": "builtin"} if home_of(function) else {},
            module=function.__module__.rpartition("tools.")[2],
            **signature(function),
        )
        if not made.description:
            raise ValueError(f"tool {made.name} has no docstring")
        _enter(made)
        return function

    return register


def _enter(made: Tool) -> None:
    """Into the registry; a user's tool whose name is taken is kept beside the other, under its module and name."""
    other = REGISTRY.get(made.name)
    if other is None or other.module == made.module:
        REGISTRY[made.name] = made
    elif other.via and made.via:
        raise ValueError(f"two tools are named {made.name}")
    else:
        first, beside = (made, other) if made.via else (other, made)
        REGISTRY[made.name] = first
        REGISTRY[f"{beside.module}.{beside.name}"] = beside


# --- from a signature to schemas and meaning -------------------------------------------------------------------------


def home_of(function: Callable[..., Any]) -> bool:
    """Whether a function is of the built-in pool."""
    return function.__module__.startswith("dive_tools.tools.")


def signature(function: Callable[..., Any]) -> dict[str, Any]:
    """The schemas of a typed function, what its parameters take and what its result fields are."""
    hints = typing.get_type_hints(function, include_extras=True)
    returns = hints.pop("return")
    defaults = {p.name: p.default for p in inspect.signature(function).parameters.values() if p.default is not p.empty}
    fields: dict[str, Field] = {}
    _fields(returns, "", fields)
    return {
        "schemas": lambda: (_parameters(hints, defaults), _schema(returns)),
        "slots": {name: _slot(hint, name not in defaults) for name, hint in hints.items()},
        "fields": fields,
    }


def _parameters(hints: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    properties = {name: _schema(hint) for name, hint in hints.items()}
    for name, value in defaults.items():
        properties[name]["default"] = value
    required = [name for name in hints if name not in defaults]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _schema(hint: Any) -> dict[str, Any]:
    import msgspec

    made = msgspec.json.schema(hint)
    shared = made.pop("$defs", {})
    inlined = _inline(made, shared)
    return typing.cast(dict[str, Any], inlined)


def _inline(schema: Any, shared: dict[str, Any]) -> Any:
    if isinstance(schema, dict):
        if "$ref" in schema:
            rest = {key: value for key, value in schema.items() if key != "$ref"}
            return {**_inline(shared[schema["$ref"].rpartition("/")[2]], shared), **rest}
        made = {key: _inline(value, shared) for key, value in schema.items()}
        if made.get("type") == "object" and "properties" in made:
            made.setdefault("additionalProperties", False)
            made.pop("title", None)
        return made
    return [_inline(item, shared) for item in schema] if isinstance(schema, list) else schema


def _marks(hint: Any) -> tuple[Any, list[Any]]:
    """A hint without its annotations, and the annotations, outermost last."""
    if typing.get_origin(hint) is typing.Annotated:
        inner, *marks = typing.get_args(hint)
        base, below = _marks(inner)
        return base, below + marks
    if typing.get_origin(hint) in (typing.Required, typing.NotRequired):
        return _marks(typing.get_args(hint)[0])
    return hint, []


def _slot(hint: Any, required: bool) -> Slot:
    made = Slot(required=required)
    for mark in _marks(hint)[1]:
        match mark:
            case Entity():
                made.type = mark.type
            case Quantity():
                made.kind, made.unit = mark.kind, mark.unit
            case Part():
                made.vignette, made.part = mark.vignette, mark.part
            case Given():
                made.choices = mark.choices
    return made


def _fields(hint: Any, pointer: str, into: dict[str, Field]) -> None:
    base, marks = _marks(hint)
    base, marks = _without_none(base, marks)
    made = Field(pointer, "scalar")
    for mark in marks:
        match mark:
            case Entity():
                made.type = mark.type
            case Quantity():
                made.kind, made.unit, made.scale, made.additive = mark.kind, mark.unit, mark.scale, mark.additive
            case Says():
                made.says = mark
    if typing.get_origin(base) is list:
        made.shape = "list"
        into[pointer] = made
        _fields(typing.get_args(base)[0], pointer + "/*", into)
        if not made.type and f"{pointer}/*" in into:
            made.type = into[f"{pointer}/*"].type
    elif typing.is_typeddict(base):
        made.shape = "object"
        into[pointer] = made
        for name, item in typing.get_type_hints(base, include_extras=True).items():
            _fields(item, f"{pointer}/{name}", into)
    else:
        into[pointer] = made


def _without_none(base: Any, marks: list[Any]) -> tuple[Any, list[Any]]:
    options = [option for option in typing.get_args(base) if option is not type(None)]
    if type(None) in typing.get_args(base) and len(options) == 1:
        inner, below = _marks(options[0])
        return inner, below + marks
    return base, marks


def _domain_of(module: str) -> str:
    parts = module.split(".")
    return parts[parts.index("tools") + 1] if "tools" in parts[:-1] else "user"


def compiled(schema: dict[str, Any]) -> Any:
    """The validator of a schema (JSON Schema 2020-12 unless it says otherwise); ValueError where it is none.

    A schema comes from anywhere: a reference out of it is refused, never fetched.
    """
    import jsonschema_rs

    try:
        return jsonschema_rs.validator_for(schema, retriever=_refused)
    except jsonschema_rs.ReferencingError as error:
        raise ValueError(str(error)) from None


def _refused(address: str) -> Any:
    raise ValueError(f"{address} is outside the schema, and is not fetched")


_FOUND: dict[str, bool] = {}


def installed(name: str) -> bool:
    """Whether a library can be imported, without importing it."""
    if name not in _FOUND:
        try:
            _FOUND[name] = importlib.util.find_spec(name) is not None
        except ModuleNotFoundError:
            _FOUND[name] = False
    return _FOUND[name]
