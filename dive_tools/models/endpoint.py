"""One server that a model is asked at: where that is, what may be said of it, and how it fares."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterable, Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit

from dive_tools.errors import StopAll
from dive_tools.models.base import Settings
from dive_tools.models.rate import Rate
from dive_tools.models.secrets import basic


class Endpoint:
    """One server: where it is, how much it is given at once, and whether it is up."""

    def __init__(self, url: str, most: int, inside: Sequence[str]) -> None:
        from yarl import URL

        parts = urlsplit(url)
        user, _, netloc = parts.netloc.rpartition("@")
        bare = parts._replace(netloc=netloc)
        self.host = (parts.hostname or "").lower()
        self.inside = is_inside(self.host, inside)
        self.shown = bare._replace(query="", fragment="").geturl()
        self.models, self.elsewhere, self.chat = (
            URL(bare._replace(path=bare.path + more).geturl(), encoded=True)
            for more in ("/models", "/v1/models", "/chat/completions")
        )
        self.headers = {"Authorization": f"Basic {basic(user)}"} if user else None
        self.query = bool(parts.query)
        self.proxy = None if self.inside else _proxy(parts.scheme, self.host)
        self.rate = Rate(most)
        self.up = True
        self.heard = time.monotonic()  # when it last said anything
        self.silent = 0  # tries in a row without an answer
        self.errors = 0  # answers 5xx in a row
        self.doubts = 0  # looks in a row that it did not answer
        self.fault = ""  # what the latest look found
        self.left_alone = 0.0  # until when it asked to be
        self.looking: asyncio.Task[None] | None = None
        self.alarms: set[asyncio.Timeout] = set()  # of the requests it has in hand


def is_inside(host: str, inside: Iterable[str]) -> bool:
    """Whether a host is this machine, or one that was declared by its name or, as ".lan.example", by its domain."""
    try:
        if host == "localhost" or host.endswith(".localhost"):
            return True
        address = ip_address(host)
        if address.is_loopback or address.is_unspecified:
            return True
    except ValueError:
        pass
    wanted = [each.strip().strip("[]").lower() for each in inside]
    return any(host.endswith(each) if each.startswith(".") else host == each for each in wanted if each)


def named(settings: Settings) -> list[str]:
    """The addresses of the servers, each once."""
    given = settings.endpoints or tuple(os.environ.get("OPENAI_BASE_URL", "").split())
    if not given:
        raise StopAll("no model server is named", hint="name a server with --endpoint or OPENAI_BASE_URL")
    named = []
    for url in given:
        bare = url.strip().rstrip("/").removesuffix("/chat/completions")
        try:
            parts = urlsplit(bare)
            fits = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            fits = False
        if not fits:
            shown = "…" if set(bare) & set("@?#") else bare
            raise StopAll(f"{shown!r} is no address of a server", hint="it looks like http://127.0.0.1:8000/v1")
        named.append(bare)
    return list(dict.fromkeys(named))


def _proxy(scheme: str, host: str) -> str | None:
    """The HTTP proxy that the environment names for a host."""
    from urllib.request import getproxies, proxy_bypass

    proxies = getproxies()
    if proxy_bypass(host):
        return None
    found = proxies.get(scheme) or proxies.get("all") or ""
    return found if found.startswith("http") else None
