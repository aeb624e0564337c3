"""An MCP server at an address: the SDK's streamable HTTP, headers from the environment, retries, a size limit."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any

from dive_tools.sources.common import secret
from dive_tools.sources.mcp_config import Server
from dive_tools.sources.mcp_stdio import Words

BUSY = (429, 503)  # answered before any work was done: asking again is safe, whatever the tool does
TRIES = 3
LONGEST_WAIT = 10.0  # seconds; more than a Retry-After of this is for the user to know, not to wait out


def transport(server: Server, words: Words) -> Any:
    """A transport of the SDK for a server's url; what its HTTP layer says goes to `words`."""
    import httpx2
    from mcp.client.streamable_http import streamable_http_client

    class Bounded(httpx2.AsyncByteStream):
        def __init__(self, inner: Any) -> None:
            self._inner = inner

        async def __aiter__(self) -> AsyncIterator[bytes]:
            left = server.max_bytes
            async for chunk in self._inner:
                left -= len(chunk)
                if left < 0:
                    raise httpx2.StreamError(f"an answer of more than {server.max_bytes:,} bytes")
                yield chunk

        async def aclose(self) -> None:
            await self._inner.aclose()

    class Client(httpx2.AsyncClient):
        async def send(self, request: Any, **more: Any) -> Any:
            for turn in range(1, TRIES + 1):
                response = await super().send(request, **more)
                wait = _wait(response.headers.get("retry-after"), turn)
                if response.status_code not in BUSY or turn == TRIES or wait > LONGEST_WAIT:
                    break
                await response.aclose()
                await asyncio.sleep(wait)
            if response.status_code >= 400:
                words.add(f"HTTP {response.status_code} {response.reason_phrase}\n".encode())
            if request.method == "POST" and not response.is_closed:
                response.stream = Bounded(response.stream)  # of an event stream the SDK bounds each event
            return response

    headers = {"accept-encoding": "identity"} | {name: secret(text) for name, text in server.headers.items()}
    times = httpx2.Timeout(server.start, read=max(server.timeout, server.start) + 1)
    client = Client(headers=headers, timeout=times)
    return streamable_http_client(secret(server.url), http_client=client, max_sse_event_size=server.max_bytes)


def _wait(header: str | None, turn: int) -> float:
    """Seconds until the next try: what the server asks for, or twice as long each time, with jitter."""
    try:
        return max(0.0, float(header or ""))
    except ValueError:
        return 0.2 * 2**turn * (0.5 + random.random() / 2)
