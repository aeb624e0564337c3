"""What the client does not trust: the addresses that names lead to, and the size of what servers answer."""

from __future__ import annotations

import ipaddress
import time
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

from dive_tools.tools.base import Unreachable


class Fault(Unreachable):
    """One try that failed: whether another may be made, and how many seconds the server asked to wait."""

    def __init__(self, message: str, *, again: bool = False, wait: float = 0.0) -> None:
        super().__init__(message)
        self.again = again
        self.wait = wait


def private(address: str) -> bool:
    """Whether an IP address is not one of the public internet; what is no IP address is not."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if found in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(found.packed[-4:])
        found = inner or found
    return not found.is_global or found.is_multicast


def refuse_private(host: str, addresses: Iterable[str]) -> None:
    if any(private(address) for address in addresses):
        raise Fault(f"{host} is a private address, which was not allowed (import with allow_private)")


def public_only() -> Any:
    """A resolver that knows public addresses only, so that no name can lead to a private one."""
    from aiohttp.resolver import ThreadedResolver

    class PublicOnly(ThreadedResolver):
        async def resolve(self, host: str, *rest: Any, **options: Any) -> Any:
            found = await super().resolve(host, *rest, **options)
            refuse_private(host, [one["host"] for one in found])
            return found

    return PublicOnly()


def unread(reply: Any) -> bool:
    """Whether the body says nothing that anybody reads: of a redirect, and of a failure of the server."""
    return reply.status in (301, 302, 303, 307, 308, 408, 425, 429) or reply.status >= 500


async def body(reply: Any, size: int) -> bytes:
    """The unpacked body; Fault as soon as it is known to be larger than `size` bytes."""
    encoding = reply.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("gzip", "x-gzip", "identity", ""):
        raise Fault(f"{reply.url.host} answered in the encoding {encoding!r}, which was not asked for")
    unzip = zlib.decompressobj(31) if "gzip" in encoding else None
    large = Fault(f"{reply.url.host} answered with more than {size:,} bytes")
    if reply.method != "HEAD" and (reply.content_length or 0) > size:
        reply.close()
        raise large
    found = bytearray()
    seen = False
    async for chunk in reply.content.iter_any():
        seen = seen or bool(chunk)
        try:
            found += unzip.decompress(chunk, size + 1 - len(found)) if unzip else chunk
        except zlib.error:
            raise Fault(f"{reply.url.host} answered with broken gzip") from None
        if len(found) > size:
            reply.close()
            raise large
    if seen and unzip and not unzip.eof:
        raise Fault(f"{reply.url.host} answered with half a gzip")
    return bytes(found)


def throttled(status: int, headers: Mapping[str, str]) -> bool:
    """Whether a 403 means "too many requests", as some APIs say it."""
    return status == 403 and ("retry-after" in headers or headers.get("x-ratelimit-remaining", "").strip() == "0")


def retry_after(text: str) -> float:
    """Seconds to wait by a Retry-After header, of either form; 0 if it says nothing."""
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (TypeError, ValueError):
        return 0.0
