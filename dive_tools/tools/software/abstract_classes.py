"""The abstract base classes of Python's collections.abc."""

from __future__ import annotations

import collections.abc
from functools import lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Entity, Quantity, entity, says

ABC: dict[str, Any] = {"source": "collections.abc of Python", "licence": "PSF-2.0"}


@lru_cache(maxsize=1)
def table() -> dict[str, Any]:
    """The classes that Python 3.11 and later versions have alike."""
    names = sorted(set(collections.abc.__all__) - {"ByteString", "Buffer"})
    return {name: getattr(collections.abc, name) for name in names}


def _find(name: str) -> Any:
    if name not in table():
        raise Refusal(f"collections.abc has no class {name!r}")
    return table()[name]


entity(
    "abstract_class",
    "class",
    "classes",
    intro="the class {}",
    samples=lambda: list(table()),
)
Name = Annotated[str, Entity("abstract_class"), Meta(description='name without its module, as "Sequence"')]


class Bases(TypedDict):
    bases: Annotated[
        list[Annotated[str, Entity("abstract_class")]],
        says(
            "the direct base classes of {name} in collections.abc",
            only="the only direct base class of {name} in collections.abc",
            noun="class",
            plural="classes",
        ),
    ]
    count: Annotated[
        int,
        Quantity("base classes", "classes", scale="ordinal"),
        says(
            "the number of direct base classes of {name} in collections.abc",
            noun="number of direct base classes",
            scope="in collections.abc",
        ),
    ]
    complete: bool


class Methods(TypedDict):
    methods: Annotated[
        list[str],
        says("the abstract methods of {name} in collections.abc", noun="method", plural="methods"),
    ]
    count: Annotated[
        int,
        Quantity("abstract methods", "methods", scale="ordinal"),
        says(
            "the number of abstract methods of {name} in collections.abc",
            noun="number of abstract methods",
            scope="in collections.abc",
            ask="How many abstract methods does {name} of collections.abc have",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"name": "Sequence"}, {"/bases": ["Collection", "Reversible"]}, "published: Python documentation"),
        example({"name": "Hashable"}, {"/bases": []}, "published: Python documentation, collections.abc"),
        example({"name": "list"}, {"error": "refused"}, "identity: a concrete class"),
    ],
    **ABC,
)
def abstract_class_bases(name: Name) -> Bases:
    """List the direct base classes of an abstract base class inside collections.abc, sorted, with their number.

    The list is complete and may be empty.
    """
    known = {cls: key for key, cls in table().items()}
    found = sorted(known[b] for b in _find(name).__bases__ if b in known)
    return {"bases": found, "count": len(found), "complete": True}


@tool(
    "retrieval",
    examples=[
        example(
            {"name": "Sequence"},
            {"/methods": ["__getitem__", "__len__"], "/count": 2},
            "published: Python documentation",
        ),
        example({"name": "MutableSet"}, {"/count": 5}, "published: Python documentation, collections.abc"),
    ],
    **ABC,
)
def abstract_class_methods(name: Name) -> Methods:
    """List the abstract methods of an abstract base class of collections.abc, inherited ones included, sorted, with
    their number; complete."""
    found = sorted(_find(name).__abstractmethods__)
    return {"methods": found, "count": len(found), "complete": True}
