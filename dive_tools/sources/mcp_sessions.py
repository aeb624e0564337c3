"""A session with an MCP server, and what its end, its silence and its errors mean to a call."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from dive_tools.errors import DiveError
from dive_tools.sources.common import redacted
from dive_tools.sources.mcp_config import Server
from dive_tools.sources.mcp_stdio import Child, Words
from dive_tools.tools.base import Refusal, Unreachable

PAGES = 200  # of tools/list, of a server that says there is always more


class Died(Unreachable):
    """The session ended under a call."""


class Session:
    """One session with one server. A task of its own holds it open: the SDK wants it closed where it was opened."""

    def __init__(self, server: Server) -> None:
        self.server, self.words = server, Words()
        self.client: Any = None
        self.child = Child(server, self.words) if server.command else None
        self._fault = ""
        self._hopeless: DiveError | None = None  # what the user must mend: no variable, no program
        self._ready, self._stop = asyncio.Event(), asyncio.Event()
        self._owner = asyncio.create_task(self._own())

    @property
    def alive(self) -> bool:
        """Whether it may still answer; a session that is only starting may."""
        started = self.child is None or self.child.process is None or self.child.alive
        return not self._owner.done() and not self._stop.is_set() and started

    async def _own(self) -> None:
        try:
            from mcp.client import Client
            from mcp_types import Implementation

            from dive_tools.sources.mcp_http import transport

            ours = Implementation(name="dive-tools", version="1")
            link = self.child or transport(self.server, self.words)
            async with Client(link, cache=None, client_info=ours) as client:
                self.client = client
                self._ready.set()
                await self._stop.wait()
        except (Exception, asyncio.CancelledError) as error:
            first = _first(error)
            self._hopeless = first if isinstance(first, DiveError) else None
            self._fault = self._fault or _reason(first)
        finally:
            self._stop.set()
            self._ready.set()

    async def ready(self) -> None:
        """Wait until it is open; Unreachable when the server does not start in time, DiveError when it never will."""
        try:
            async with asyncio.timeout(self.server.start):
                await self._ready.wait()
        except TimeoutError:
            self.kill(f'did not start within {self.server.start:g} s (its entry may give "start": seconds)')
            raise self.unreachable("") from None
        if self._hopeless:
            raise DiveError(self._hopeless.message, hint=self._hopeless.hint)
        if self.client is None:
            raise self.unreachable("did not start")

    async def request(self, work: Any, seconds: float) -> Any:
        """The result of a request to it; Died when the session ended, Unreachable when it took too long."""
        self.words.clear()
        asked = asyncio.ensure_future(work)
        asked.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody may be left to see it
        try:
            await asyncio.wait({asked, self._owner}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if asked.done():
                if self.server.url and not asked.cancelled() and asked.exception():
                    await asyncio.wait({self._owner}, timeout=0.05)  # which may be about to say why
                return self._outcome(asked)
            if self._owner.done():
                raise Died(str(self.unreachable("ended")))
            self.kill(f"gave no answer within {seconds:g} s")
            raise self.unreachable("")
        except asyncio.CancelledError:  # whoever asked has stopped waiting: what it does now is not known
            self.kill("was cancelled")
            raise
        finally:
            asked.cancel()

    def _outcome(self, asked: asyncio.Future[Any]) -> Any:
        import anyio
        from mcp.shared.exceptions import MCPError
        from mcp_types import INVALID_PARAMS, URL_ELICITATION_REQUIRED

        try:
            return asked.result()
        except MCPError as error:
            said = redacted(error.message, *self.server.texts())
            if error.code in (INVALID_PARAMS, URL_ELICITATION_REQUIRED) or not -32768 <= error.code <= -32000:
                raise Refusal(said[:2000]) from None
            dead = not self.alive or said in ("Connection closed", "Session terminated")
            if dead or self.server.url:  # a new HTTP session costs little, and this one may be unknown by now
                self.kill("")
            ours = self.child is not None and self.child.fault  # we ended it, and would do so again
            raise (Died if dead and not ours else Unreachable)(str(self.unreachable(said))) from None
        except ValueError as error:  # pydantic's: an answer that is no MCP
            raise self.unreachable(f"answered outside the protocol: {str(error).splitlines()[0]}") from None
        except (OSError, anyio.BrokenResourceError, anyio.ClosedResourceError) as error:
            self.kill(_reason(_first(error)))
            raise Died(str(self.unreachable(""))) from None

    def unreachable(self, what: str) -> Unreachable:
        """The error that says so, with what is known of the reason and nothing secret."""
        child = self.child.fault if self.child else ""
        parts = [child or self._fault or what]
        if said := self.words.last():
            parts.append(f"it last said: {said}")
        return Unreachable(redacted(f"MCP server {self.server.name}: {'; '.join(parts)}", *self.server.texts()))

    def kill(self, why: str) -> None:
        """End it without ceremony."""
        self._fault = self._fault or why
        if self.child:
            self.child.kill()
        if not self._ready.is_set():
            self._owner.cancel()
        self._stop.set()

    async def close(self) -> None:
        """End it in order, within seconds."""
        self._stop.set()
        if not self._ready.is_set():
            self._owner.cancel()
        with contextlib.suppress(Exception):
            await asyncio.wait({self._owner}, timeout=3.5)
        if self.child:
            self.child.kill()

    async def tools(self) -> list[Any]:
        """All tools that it lists, over all pages."""
        found, cursor = [], None
        for _ in range(PAGES):
            page = await self.client.list_tools(cursor=cursor)
            found += page.tools
            cursor = page.next_cursor
            if not cursor:
                return found
        raise Unreachable(f"MCP server {self.server.name} lists tools without end (over {PAGES} pages)")

    async def call(self, tool: str, arguments: dict[str, Any]) -> Any:
        """A tool's answer, as the SDK has it; it is held against its schema later, by the one door."""
        from mcp.shared.exceptions import MCPError
        from mcp_types import HEADER_MISMATCH, CallToolRequest, CallToolRequestParams
        from mcp_types import CallToolResult as Answer
        from mcp_types import InputRequiredResult as Question
        from pydantic import TypeAdapter

        form: Any = TypeAdapter(Answer | Question)
        ask = CallToolRequest(params=CallToolRequestParams(name=tool, arguments=arguments))
        try:
            return await self.client.session.send_request(ask, form)
        except MCPError as error:
            if error.code != HEADER_MISMATCH:
                raise
            await self.tools()  # some arguments go into headers that only the listing names
            return await self.client.session.send_request(ask, form)


def _first(error: BaseException) -> BaseException:
    """The first error inside groups of errors."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _reason(error: BaseException) -> str:
    """An error in words."""
    if isinstance(error, asyncio.CancelledError):
        return ""
    told = isinstance(error, DiveError) or not str(error)
    return (str(error) or type(error).__name__) if told else f"{type(error).__name__}: {error}"
