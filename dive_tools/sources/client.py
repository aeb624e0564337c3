"""The one way from tools to HTTP servers: one aiohttp session a process, bounded in time, size and rate.

What cannot be had is `Unreachable`: no connection, no answer in time, 408, 429 and 5xx after retries, too large,
a private address that was not allowed. Every other status is an answer, for the caller to read.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from dive_tools.sources import pace
from dive_tools.sources.common import LOOP, library
from dive_tools.sources.guard import Fault, body, public_only, refuse_private, retry_after, throttled, unread

if TYPE_CHECKING:
    from yarl import URL

SIZE = 5_000_000  # bytes of an answer, unpacked
TRIES = 4
REDIRECTS = 5
CONNECT = 5.0  # seconds to reach a server
BACKOFF, LONGEST = 0.5, 8.0  # seconds: a wait is drawn from 0 to BACKOFF · 2ⁿ, at most LONGEST
AT_ONCE = 4  # connections to one host
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
LASTING = frozenset({501, 505})  # a further try would be answered the same


@dataclass(frozen=True, slots=True)
class Ask:
    """One request. `url` is percent-encoded; `private_headers` are never carried to another host."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    private_headers: frozenset[str] = frozenset()  # in lower case; Authorization and Cookie are always among them
    seconds: float = 30.0
    size: int = SIZE
    rate: float = 0.0  # requests a second of the host; 0: no limit
    allow_private: bool = False
    repeatable: bool = False  # a POST that only reads, which may be sent twice

    @property
    def again(self) -> bool:
        """Whether it may be sent again after the server may have acted on it."""
        return self.repeatable or self.method in SAFE


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, headers with lower-case names, and the unpacked body."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """The media type without its parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def charset(self) -> str:
        """The charset that the answer names, else UTF-8."""
        for part in self.headers.get("content-type", "").split(";")[1:]:
            key, _, value = part.partition("=")
            if key.strip().lower() == "charset":
                return value.strip().strip("\"'") or "utf-8"
        return "utf-8"


def fetch(ask: Ask) -> Answer:
    """Send a request and wait for its answer; Unreachable when there is none within `ask.seconds`."""
    library("aiohttp", "http")  # here, for an import in the loop would hold up every other call
    return LOOP.run(_fetch(ask), ask.seconds + 1)


async def _fetch(ask: Ask) -> Answer:
    deadline = time.monotonic() + ask.seconds
    client = _client()
    tries = 0
    while True:
        try:
            return await client.follow(ask, deadline)
        except Fault as fault:
            tries += 1
            left = deadline - time.monotonic()
            if not fault.again or tries == TRIES or left <= 0:
                raise Fault(_told(fault, tries)) from None
            if fault.wait > left:
                raise Fault(f"{_told(fault, tries)}; it asked for {fault.wait:.0f} s, over the time limit") from None
            drawn = random.uniform(0, min(LONGEST, BACKOFF * 2**tries))
            await asyncio.sleep(max(fault.wait, min(drawn, left / 2)))


def _told(fault: Fault, tries: int) -> str:
    return f"{fault} (after {tries} tries)" if tries > 1 else str(fault)


class _Client:
    """The sessions of one event loop: one for public addresses only, one for those who were allowed private ones."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._sessions: dict[bool, Any] = {}

    def _session(self, private: bool) -> Any:
        if private not in self._sessions:
            import aiohttp

            connector = aiohttp.TCPConnector(limit_per_host=AT_ONCE, resolver=None if private else public_only())
            self._sessions[private] = aiohttp.ClientSession(
                connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
            )
        return self._sessions[private]

    async def close(self) -> None:
        for session in self._sessions.values():
            await session.close()
        self._sessions = {}

    async def follow(self, ask: Ask, deadline: float) -> Answer:
        """One try: the answer after at most REDIRECTS redirects."""
        from yarl import URL

        url, first = URL(ask.url, encoded=True), ask
        for hop in range(REDIRECTS + 1):
            try:
                answer = await self._once(ask, url, deadline)
            except Fault as fault:
                fault.again = fault.again and (first.again or hop == 0)  # a POST that was redirected has been acted on
                raise
            if answer.status not in (301, 302, 303, 307, 308) or "location" not in answer.headers:
                return answer
            ask, url = _redirected(ask, url, answer)
        raise Fault(f"{url.host} redirected more than {REDIRECTS} times")

    async def _once(self, ask: Ask, url: URL, deadline: float) -> Answer:
        host = url.host or ""
        if not ask.allow_private:
            refuse_private(host, [host])
        where = f"{host}:{url.port}"
        away = pace.wait(where, ask.rate, deadline - time.monotonic(), shared=not ask.allow_private)
        if away is None:
            raise Fault(f"{host} has no free slot within the time limit (rate limit, or it asked to be left alone)")
        if away:
            await asyncio.sleep(away)
        left = max(0.0, deadline - time.monotonic())
        patience = left if left < 3 or not ask.again else left * 2 / 3  # leaves time for another try
        try:
            async with asyncio.timeout(patience):
                answer = await self._send(ask, url)
        except TimeoutError:
            raise Fault(f"{host} did not answer within {patience:.1f} s", again=ask.again) from None
        if answer.status in (408, 425, 429) or answer.status >= 500 or throttled(answer.status, answer.headers):
            asked = retry_after(answer.headers.get("retry-after", ""))
            if asked and answer.status < 500:
                pace.pause(where, asked, shared=not ask.allow_private)
            again = answer.status == 429 or (ask.again and answer.status not in LASTING)
            said = f"{host} answered {answer.status} {answer.reason}".rstrip()
            raise Fault(said, again=again, wait=asked)
        return answer

    async def _send(self, ask: Ask, url: URL) -> Answer:
        import aiohttp

        host = url.host
        limits = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT)
        headers = {"User-Agent": agent(), "Accept-Encoding": "gzip", **ask.headers}
        session = self._session(ask.allow_private)
        try:
            async with session.request(
                ask.method, url, headers=headers, data=ask.body, allow_redirects=False, timeout=limits
            ) as reply:
                found = {key.lower(): value for key, value in reply.headers.items()}
                read = b"" if unread(reply) else await body(reply, ask.size)
                return Answer(reply.status, reply.reason or "", found, read)
        except (aiohttp.ClientConnectorCertificateError, aiohttp.ClientSSLError) as error:
            raise Fault(f"{host}: no trusted TLS connection ({type(error).__name__})") from None
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise Fault(f"no connection to {host}:{url.port} ({type(error).__name__})", again=True) from None
        except (aiohttp.InvalidURL, ValueError) as error:
            raise Fault(f"no valid request to {host} ({type(error).__name__})") from None
        except (aiohttp.ClientError, OSError) as error:
            raise Fault(f"{host} broke off its answer ({type(error).__name__})", again=ask.again) from None


_CLIENTS: list[_Client] = []  # the last is in use; those that a fork inherited are kept, so that nothing closes them


def _client() -> _Client:
    if not _CLIENTS or _CLIENTS[-1].loop is not asyncio.get_running_loop():
        _CLIENTS.append(_Client())
        LOOP.at_close(_CLIENTS[-1].close)
    return _CLIENTS[-1]


def agent() -> str:
    """The User-Agent: this program, and how to reach its user if DIVE_CONTACT (a mail or web address) says so."""
    import os
    from importlib.metadata import PackageNotFoundError, version

    try:
        name = f"dive-tools/{version('dive-tools')}"
    except PackageNotFoundError:
        name = "dive-tools"
    contact = "".join(letter for letter in os.environ.get("DIVE_CONTACT", "") if letter.isprintable())
    return f"{name} ({contact})" if contact else name


# --- redirects and addresses -----------------------------------------------------------------------------------------


def _redirected(ask: Ask, url: URL, answer: Answer) -> tuple[Ask, URL]:
    from yarl import URL

    try:
        target = url.join(URL(answer.headers["location"])).with_user(None)
    except ValueError:
        raise Fault(f"{url.host} redirected to no valid address") from None
    if target.scheme not in ("http", "https") or not target.host:
        raise Fault(f"{url.host} redirected to a {target.scheme or 'nameless'} address")
    if answer.status == 303 or (answer.status in (301, 302) and ask.method == "POST"):
        rest = {key: value for key, value in ask.headers.items() if key.lower() != "content-type"}
        ask = replace(ask, method="HEAD" if ask.method == "HEAD" else "GET", body=None, headers=rest)
    if _same_site(url, target):
        return ask, target
    if ask.body is not None:
        raise Fault(f"{url.host} redirected to {target.host}, to which a body is not carried")
    kept = {key: value for key, value in ask.headers.items() if not _left_behind(key, ask.private_headers)}
    return replace(ask, headers=kept, private_headers=frozenset()), target


def _same_site(one: URL, two: URL) -> bool:
    """Whether secrets may go along: the same host and port, or http to https of the same host."""
    if one.host != two.host:
        return False
    upgraded = (one.scheme, one.port, two.scheme, two.port) == ("http", 80, "https", 443)
    return upgraded or (one.scheme, one.port) == (two.scheme, two.port)


def _left_behind(header: str, private: Iterable[str]) -> bool:
    """Whether a header is not carried to another host."""
    return header.lower() in {"authorization", "cookie", "proxy-authorization", *private}
