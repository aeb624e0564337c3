"""The one door through which every command calls tools."""

from __future__ import annotations

import copy
import signal
import threading
import time
import typing
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from dive_tools.errors import DiveError
from dive_tools.tools.base import OverTime, Refusal, Tool, Unreachable
from dive_tools.values import leaves, rounded

if TYPE_CHECKING:
    from dive_tools.tools.threads import Threads

Outcome = dict[str, Any]
KINDS = ("bad_arguments", "refused", "unreachable", "over_time", "crashed", "bad_result", "not_recorded")
LONGEST = 60.0  # seconds that a call may take where it was kept waiting, or a library of its tool is imported


def failed(kind: str, message: str) -> Outcome:
    """An outcome that is no result: kind is one of KINDS."""
    return {"error": {"kind": kind, "message": message}}


def lasting(outcome: Outcome) -> bool:
    """Whether an outcome is the tool's own answer, a result or a refusal, and not the mishap of one call."""
    return "result" in outcome or outcome["error"]["kind"] == "refused"


def reviewed(allow: Mapping[str, str], tool: Tool) -> str | None:
    """The level that a review gives a tool, by its name and version or else by its name; None when it names neither."""
    return allow.get(f"{tool.name}@{tool.version}", allow.get(tool.name))


class Door:
    """The one place where tools are called, for every command.

    It enforces schemas, time limits and effects: a tool that writes or whose effects are unknown is called only when
    the reviewed `allow` names it, and one that writes only where `writes` says so. Pure tools just run (recent results
    are remembered); the others go through the cassette. Every call gives an outcome, `{"result": value}` or
    `{"error": {"kind", "message"}}`. `call` waits for it; `reach` is the same for an event loop in the main thread.
    """

    def __init__(
        self,
        tools: Mapping[str, Tool],
        *,
        cassette: Any = None,
        on_miss: str = "live",
        allow: Mapping[str, str] | None = None,
        writes: bool = False,
        attempt: Callable[[str], AbstractContextManager[Any]] = nullcontext,
        remember: int = 20000,
    ) -> None:
        if on_miss not in ("live", "drop", "error"):
            raise ValueError("on_miss must be live, drop or error")
        self.tools = tools
        self.cassette = cassette
        self.on_miss = on_miss
        self.allow = allow or {}
        self.writes = writes
        self.attempt = attempt  # `with door.attempt(key):` the calls of one attempt, which may share a server's session
        self.remember = remember
        self.calls = 0
        self._recent: OrderedDict[bytes, bytes] = OrderedDict()  # as JSON, so that nobody changes what others get
        self._lock = threading.Lock()  # of `_recent`
        self._threads: Threads | None = None  # of the event loop that last reached a tool

    def call(self, name: str, arguments: dict[str, Any]) -> Outcome:
        """Call a tool by name; unknown tools and forbidden effects raise, everything else is an outcome."""
        found = self._found(name)
        known = self._known(found, arguments)
        return self._made(found, arguments) if known is None else known

    async def reach(self, name: str, arguments: dict[str, Any]) -> Outcome:
        """`call` for an event loop in the main thread, which waits for nothing outside.

        Pure Python runs at once, within its time limit; what may wait runs in a thread of its own, where its limit
        only stops the waiting. A call whose outcome will be kept is not made again while it is in flight.
        """
        found = self._found(name)
        known = self._known(found, arguments)
        if known is not None:
            return known
        if _plain(found) and threading.current_thread() is threading.main_thread():
            return self._made(found, arguments)
        shared = found.effects == "none" or self.cassette is not None
        return await self._elsewhere().made(found, arguments, shared=shared)

    def _elsewhere(self) -> Threads:
        import asyncio

        from dive_tools.tools.threads import Threads

        if self._threads is None or self._threads.loop is not asyncio.get_running_loop():
            self._threads = Threads(self._made)
        return self._threads

    def _found(self, name: str) -> Tool:
        """The tool of this name, which may be called."""
        found = self.tools.get(name)
        if found is None:
            raise DiveError(f"no tool named {name} in the pool", hint="see dive-tools list")
        self._permit(found)
        return found

    def _known(self, found: Tool, arguments: dict[str, Any]) -> Outcome | None:
        """The outcome where the tool need not be called for it: it cannot be called so, or was before."""
        try:
            message = next((error.message for error in found.check_arguments.iter_errors(arguments)), None)
        except ValueError as error:
            return failed("crashed", f"the parameters of {found.name} are no JSON Schema: {error}"[:500])
        if message is not None:
            return failed("bad_arguments", message)
        self.calls += 1
        return self._remembered(found, arguments) if found.effects == "none" else self._taped(found, arguments)

    def _made(self, found: Tool, arguments: dict[str, Any], wanted: Callable[[], bool] = lambda: True) -> Outcome:
        """Call the tool and keep what it answers, if that is still `wanted`, in whichever thread this is."""
        start = time.perf_counter()
        outcome = run(found, arguments)
        if not lasting(outcome) or not wanted():
            return outcome
        if found.effects == "none":
            self._remember(found, arguments, outcome)
        elif self.cassette is not None:
            seconds = time.perf_counter() - start
            return typing.cast(Outcome, self.cassette.put(found.name, found.version, arguments, outcome, seconds))
        return outcome

    def permit(self, names: Iterable[str]) -> None:
        """Raise DiveError where one of the tools must not be called here, before anybody is offered it."""
        for name in names:
            self._found(name)

    def _permit(self, found: Tool) -> None:
        level = reviewed(self.allow, found)
        if level != "write" and found.effects in ("none", "read"):
            return
        if level == "write" and not self.writes:
            raise DiveError(
                f"tool {found.name} writes: it is never called to collect evidence",
                hint="leave it out of the pool; dive-tools call and evaluation environments may call it",
            )
        if level is None or (found.effects == "write" and level != "write"):
            said = f"allowed {level!r} only" if level else "not allowed"
            raise DiveError(
                f"tool {found.name} has effects {found.effects!r} and was {said}",
                hint="review it and name it in the file given to --allow-effects",
            )

    def _remembered(self, found: Tool, arguments: dict[str, Any]) -> Outcome | None:
        import orjson

        key = _key(found, arguments)
        with self._lock:
            known = self._recent.get(key)
            if known is None:
                return None
            self._recent.move_to_end(key)
        return typing.cast(Outcome, orjson.loads(known))

    def _remember(self, found: Tool, arguments: dict[str, Any], outcome: Outcome) -> None:
        import orjson

        with self._lock:
            self._recent[_key(found, arguments)] = orjson.dumps(outcome)
            if len(self._recent) > self.remember:
                self._recent.popitem(last=False)

    def _taped(self, found: Tool, arguments: dict[str, Any]) -> Outcome | None:
        known = self.cassette.get(found.name, found.version, arguments) if self.cassette is not None else None
        if known is not None:
            return typing.cast(Outcome, known)
        if self.on_miss == "error":
            raise DiveError(f"no recorded call of {found.name}", hint="record it with --on-miss live")
        if self.on_miss == "drop":
            return failed("not_recorded", f"no recorded call of {found.name} with these arguments")
        return None


def _key(found: Tool, arguments: dict[str, Any]) -> bytes:
    from dive_tools.records import canonical

    return found.name.encode() + canonical(arguments)


def _plain(found: Tool) -> bool:
    """Whether a call is pure Python, which waits for nothing outside and which a time limit interrupts."""
    return found.effects == "none" and found.via.get("kind", "builtin") in ("builtin", "python")


def run(found: Tool, arguments: dict[str, Any]) -> Outcome:
    """Run a tool's function once, within its time limit, and hold its result against its schema."""
    assert found.function is not None
    try:
        with time_limit(found.limit):
            result = rounded(found.function(**copy.deepcopy(arguments)))
    except OverTime:
        return over_time(found)
    except Refusal as refusal:
        return failed("refused", str(refusal))
    except Unreachable as fault:
        return failed("unreachable", f"{found.name}: {fault}"[:500])
    except DiveError:  # what breaks for every record (no key, no server program) is not one call's outcome
        raise
    except (Exception, SystemExit) as error:  # a tool's bug is that call's outcome; it must not stop the stream
        return failed("crashed", f"{type(error).__name__}: {error}"[:500])
    return _held(found, result)


def over_time(found: Tool) -> Outcome:
    """The outcome of a call that took too long."""
    return failed("over_time", f"{found.name} ran over its limit of {found.limit:g} s")


def _held(found: Tool, result: Any) -> Outcome:
    if any(isinstance(leaf, float) and leaf - leaf != 0 for leaf in leaves(result)):
        return failed("bad_result", f"{found.name} returned a number that is not finite")
    import orjson

    try:
        message = next((error.message for error in found.check_result.iter_errors(result)), None)
    except (TypeError, ValueError) as error:
        message = f"not JSON: {error}"
    if message is None:
        try:
            orjson.dumps(result)
        except TypeError as error:
            message = f"not JSON: {error}"
    return failed("bad_result", f"{found.name}: {message}"[:500]) if message else {"result": result}


def _kept_waiting() -> float:
    """Seconds that this thread could have run while others had the processor; 0 where the system does not say."""
    try:
        return int(Path("/proc/thread-self/schedstat").read_bytes().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0


def _importing(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise OverTime in the block after `seconds` of time (main thread only; elsewhere no limit is set).

    Time in which other work had the processor does not count, or a busy machine would make other data. An import is
    not broken off, which would leave half a module. Both hold up to LONGEST in all.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    rung = False
    begun, kept = time.monotonic(), _kept_waiting()

    def ring(_: int, frame: FrameType | None) -> None:
        nonlocal rung
        spent = time.monotonic() - begun
        left = seconds - (spent - (_kept_waiting() - kept))
        if spent < LONGEST and (left > 0 or _importing(frame)):
            signal.setitimer(signal.ITIMER_REAL, left if left > 0 else seconds, seconds)
            return
        rung = True
        raise OverTime

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, seconds)  # rings again, for a tool that swallowed the first
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if rung:
            raise OverTime
