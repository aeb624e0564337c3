"""A door before an HTTP server: it wants a header, and can answer tool calls as servers in trouble do."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import aiohttp
from aiohttp import web

TOKEN = "a-token-of-some-length"


class Gate:
    """A real HTTP server on loopback that hands what it lets through to another one.

    `mode` is how tools/call requests are answered: pass, busy (429 twice, then pass), error (500), garbage, flood
    (50 MB), redirect, or never. `seen` counts tool calls.
    """

    def __init__(self, target: str) -> None:
        self.target, self.mode, self.seen, self.port = target, "pass", 0, 0
        self._up = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Gate:
        self._thread.start()
        assert self._up.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def _run(self) -> None:
        async def start() -> None:
            app = web.Application(client_max_size=2**20)
            app.router.add_route("*", "/mcp", self.answer)
            runner = web.AppRunner(app, handle_signals=False)
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            self.port = runner.addresses[0][1]
            self._up.set()

        self._loop.run_until_complete(start())
        self._loop.run_forever()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """What the gate says to one request."""
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.Response(status=401, text="who are you?")
        body = await request.read()
        if b'"tools/call"' in body:
            self.seen += 1
            if (answer := await self._trouble()) is not None:
                return answer
        return await self._pass(request, body)

    async def _trouble(self) -> web.Response | None:
        if self.mode == "busy" and self.seen < 3:
            return web.Response(status=429, headers={"Retry-After": "0.1"})
        if self.mode == "error":
            return web.Response(status=500, text="oops")
        if self.mode == "garbage":
            return web.Response(text="<html>maintenance</html>", content_type="application/json")
        if self.mode == "flood":
            return web.Response(body=b'"' + b"x" * 50_000_000, content_type="application/json")
        if self.mode == "redirect":
            return web.Response(status=307, headers={"Location": "http://169.254.169.254/mcp"})
        if self.mode == "never":
            await asyncio.sleep(3600)
        return None

    async def _pass(self, request: web.Request, body: bytes) -> web.StreamResponse:
        kept: dict[str, Any] = {
            name: text for name, text in request.headers.items() if name.lower() not in ("host", "content-length")
        }
        async with (
            aiohttp.ClientSession(auto_decompress=False) as session,
            session.request(request.method, self.target, data=body, headers=kept) as got,
        ):
            response = web.StreamResponse(status=got.status)
            for name in ("Content-Type", "mcp-session-id"):
                if name in got.headers:
                    response.headers[name] = got.headers[name]
            await response.prepare(request)
            async for chunk in got.content.iter_any():
                await response.write(chunk)
            return response
