"""What every source shares: the form of a found tool, names, and one event loop a process for asynchronous calls."""

from __future__ import annotations

import asyncio
import atexit
import os
import re
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from dataclasses import dataclass
from typing import Any, TypeVar

from dive_tools.errors import DiveError
from dive_tools.records import digest
from dive_tools.tools.base import Unreachable

T = TypeVar("T")
NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]{0,63}")
SECRET = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that a source offers and that cannot be a tool: a fixed word, and a sentence."""

    name: str
    reason: str
    detail: str


def tool_name(*words: str) -> str:
    """A valid, lower-case function name of at most 64 characters from the words: "geo", "getCity" -> geo_get_city."""
    text = "_".join(word for word in words if word)
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)
    text = re.sub(r"[^a-zA-Z0-9]+", "_", text).strip("_").lower() or "tool"
    return (text if text[0].isalpha() else f"t_{text}")[:64].rstrip("_")


def manifest(
    name: str,
    description: str,
    parameters: dict[str, Any],
    via: dict[str, Any],
    *,
    result: dict[str, Any] | None = None,
    domain: str = "user",
    role: str = "retrieval",
    **more: Any,
) -> dict[str, Any]:
    """A found tool as one line of a pool file.

    `via` says how it is called ({"kind": "mcp" | "http" | …, …}) and never holds a secret: `${NAME}` stands for an
    environment variable. `result` is the declared JSON Schema of its result, None where there is none. Effects are
    unknown until reviewed; `hints` (in `more`) are what the source itself says of them. The version is a digest of
    all that decides what a call means.
    """
    return {
        "name": name,
        "version": digest([parameters, result, via])[:12],
        "domain": domain,
        "role": role,
        "description": description.strip(),
        "parameters": parameters,
        "result": {} if result is None else result,
        "effects": "unknown",
        "via": via,
        **more,
    }


def secret(text: str) -> str:
    """The text with every `${NAME}` replaced by that environment variable; an error that names a missing one."""

    def value(match: re.Match[str]) -> str:
        found = os.environ.get(match[1])
        if found is None:
            raise DiveError(f"environment variable {match[1]} is not set", hint=f"export {match[1]}=…")
        return found

    return SECRET.sub(value, text)


def library(name: str, extra: str) -> Any:
    """An optional library, imported; DiveError with the extra of this package to install where it is missing."""
    import importlib

    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        hint = f"pip install 'dive-tools[{extra}]'"
        raise DiveError(f"this needs {name}, which is not installed", hint=hint) from None


def redacted(text: str, *templates: str) -> str:
    """The text without the values of the environment variables that the templates name."""
    for template in templates:
        for name in SECRET.findall(template):
            value = os.environ.get(name)
            if value:
                text = text.replace(value, f"${{{name}}}")
    return text


class Loop:
    """An event loop in a thread of its own: the one place where a process does asynchronous calls.

    One for each process: a forked worker gets a new one.
    """

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pid = 0
        self._lock = threading.Lock()
        self._closers: list[Any] = []

    def run(self, work: Coroutine[Any, Any, T], seconds: float) -> T:
        """The result of a coroutine; Unreachable after so many seconds. An exception in the caller cancels it."""
        future: Future[T] = asyncio.run_coroutine_threadsafe(work, self._running())
        try:
            return future.result(seconds)
        except Late:
            if future.done() and not future.cancelled():
                raise
            raise Unreachable(f"no answer within {seconds:g} s") from None
        finally:
            future.cancel()

    def at_close(self, closer: Any) -> None:
        """Have an `async def closer()` run in the loop before the process ends."""
        self._running()
        self._closers.append(closer)

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None or self._pid != os.getpid():
                self._loop, self._pid, self._closers = asyncio.new_event_loop(), os.getpid(), []
                threading.Thread(target=self._loop.run_forever, daemon=True, name="sources").start()
                atexit.register(self.close)
            return self._loop

    def close(self) -> None:
        """Run the closers and stop the loop."""
        if self._loop is None or self._pid != os.getpid():
            return
        for closer in reversed(self._closers):
            try:
                asyncio.run_coroutine_threadsafe(closer(), self._loop).result(5)
            except Exception:  # what cannot be closed within its time is left to the system
                continue
        self._closers = []
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._loop = None


LOOP = Loop()
