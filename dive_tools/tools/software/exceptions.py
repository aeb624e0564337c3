"""The tree of Python's built-in exceptions, and the error codes that raise them."""

from __future__ import annotations

import builtins
import errno
from functools import lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Entity, Quantity, entity, says

PYTHON: dict[str, Any] = {"source": "built-in exceptions of Python 3.11", "licence": "PSF-2.0"}
_LATER = {"PythonFinalizationError", "_IncompleteInputError"}


@lru_cache(maxsize=1)
def exceptions() -> dict[str, Any]:
    """The built-in exception classes of Python 3.11 by name."""
    found = {n: c for n, c in vars(builtins).items() if isinstance(c, type) and issubclass(c, BaseException)}
    return {n: c for n, c in sorted(found.items()) if c.__name__ == n and n not in _LATER and n != "WindowsError"}


entity("python_exception", "exception", samples=lambda: [n for n in exceptions() if n != "BaseException"])
Exc = Annotated[str, Entity("python_exception"), Meta(description="name of a built-in exception class")]


def _find(name: str) -> Any:
    if name not in exceptions():
        raise Refusal(f"no built-in exception {name!r} in Python 3.11")
    return exceptions()[name]


class Parent(TypedDict):
    base: Annotated[
        str,
        Entity("python_exception"),
        says(
            "the direct base class of {exception}",
            noun="base class",
            ask="Which exception is the direct base class of {exception}",
        ),
    ]


class Subclasses(TypedDict):
    subclasses: Annotated[
        list[Annotated[str, Entity("python_exception")]],
        says(
            "the built-in exceptions that directly subclass {exception} in Python 3.11",
            only="the only built-in exception that directly subclasses {exception} in Python 3.11",
            noun="exception",
            plural="exceptions",
            ask_count="How many built-in exceptions directly subclass {exception} in Python 3.11",
        ),
    ]
    count: Annotated[
        int,
        Quantity("exceptions caught", "exceptions", scale="ordinal"),
        says(
            "the number of built-in exceptions that an except clause for {exception} also catches in Python 3.11",
            noun="number of further built-in exceptions caught",
            scope="in Python 3.11",
            ask="How many other built-in exceptions does an except clause for {exception} also catch in Python 3.11",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"exception": "KeyError"}, {"/base": "LookupError"}, "published: Python documentation, hierarchy"),
        example({"exception": "FileNotFoundError"}, {"/base": "OSError"}, "published: Python documentation, hierarchy"),
        example({"exception": "BaseException"}, {"error": "refused"}, "identity: the root of the tree"),
    ],
    **PYTHON,
)
def exception_base_class(exception: Exc) -> Parent:
    """Look up the direct base class of a built-in exception (its first one, where it has two) in Python 3.11.

    Refuses BaseException, the root, and names that are no built-in exception.
    """
    base = _find(exception).__base__.__name__
    if base not in exceptions():
        raise Refusal(f"{exception} is the root of the tree")
    return {"base": base}


@tool(
    "retrieval",
    examples=[
        example(
            {"exception": "LookupError"},
            {"/subclasses": ["IndexError", "KeyError"], "/count": 2},
            "published: Python documentation, exception hierarchy",
        ),
        example({"exception": "UnicodeError"}, {"/count": 3}, "published: Python documentation, exception hierarchy"),
        example({"exception": "KeyError"}, {"/subclasses": []}, "published: Python documentation, exception hierarchy"),
    ],
    **PYTHON,
)
def exception_subclasses(exception: Exc) -> Subclasses:
    """List the built-in exceptions of Python 3.11 that directly subclass one, sorted, and count all its descendants.

    The list is complete; it is empty for a leaf of the tree.
    """
    mine = _find(exception)
    below = [n for n, c in exceptions().items() if c is not mine and issubclass(c, mine)]
    direct = [n for n in below if mine in exceptions()[n].__bases__]
    return {"subclasses": direct, "count": len(below), "complete": True}


# --- error codes of the operating system ------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _mapped() -> dict[str, str]:
    """The exception that PEP 3151 maps each POSIX error code to, where it is a subclass of OSError."""
    names = ("EAGAIN", "EALREADY", "EWOULDBLOCK", "EINPROGRESS", "ECHILD", "EPIPE", "ESHUTDOWN", "ECONNABORTED",
             "ECONNREFUSED", "ECONNRESET", "EEXIST", "ENOENT", "EINTR", "EISDIR", "ENOTDIR", "EACCES", "EPERM", "ESRCH",
             "ETIMEDOUT")  # fmt: skip
    return {name: type(OSError(getattr(errno, name), "")).__name__ for name in sorted(names) if hasattr(errno, name)}


entity("error_code", "error code", intro="the error code {}", samples=lambda: list(_mapped()))


class Raised(TypedDict):
    exception: Annotated[
        str,
        Entity("python_exception"),
        says(
            "the exception that Python raises for {error_code}",
            noun="exception",
            ask="Which exception does Python raise for {error_code}",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"error_code": "ENOENT"}, {"/exception": "FileNotFoundError"}, "published: PEP 3151"),
        example({"error_code": "ECONNRESET"}, {"/exception": "ConnectionResetError"}, "published: PEP 3151"),
        example({"error_code": "ENOSPC"}, {"error": "refused"}, "identity: a plain OSError"),
    ],
    **PYTHON,
)
def exception_of_error_code(error_code: Annotated[str, Entity("error_code")]) -> Raised:
    """Look up the subclass of OSError that Python raises for a POSIX error code (PEP 3151); refuses codes that raise
    plain OSError."""
    if error_code not in _mapped():
        raise Refusal(f"Python has no exception of its own for {error_code!r}")
    return {"exception": _mapped()[error_code]}
