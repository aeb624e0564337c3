"""A real HTTP server on loopback, in a thread of its own, that keeps what it was asked."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

Handler = Callable[[Any], Awaitable[Any]]


class Server:
    """Where it listens, and the requests that came: (method, path with query, headers, body)."""

    def __init__(self) -> None:
        self.base = ""
        self.seen: list[tuple[str, str, dict[str, str], bytes]] = []

    def paths(self) -> list[str]:
        return [path for _, path, _, _ in self.seen]


@contextmanager
def serve(routes: dict[str, Handler]) -> Iterator[Server]:
    """Serve handlers by path, or by "" for every other, until the block ends."""
    from aiohttp import web

    made, loop, ready = Server(), asyncio.new_event_loop(), threading.Event()

    async def answer(request: web.Request) -> web.StreamResponse:
        made.seen.append((request.method, request.raw_path, dict(request.headers), await request.read()))
        handler = routes.get(request.path) or routes.get("")
        return await handler(request) if handler else web.json_response({"message": "no such path"}, status=404)

    async def start() -> web.AppRunner:
        app = web.Application(client_max_size=10**8)
        app.router.add_route("*", "/{rest:.*}", answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        made.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return runner

    def run() -> None:
        asyncio.set_event_loop(loop)
        runner = loop.run_until_complete(start())
        ready.set()
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield made
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
