"""The servers that a model is asked at: which are there, what they have, and which one a conversation is kept on."""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from dive_tools.errors import StopAll
from dive_tools.models.base import Settings
from dive_tools.models.rate import Rate
from dive_tools.records import digest

if TYPE_CHECKING:
    from aiohttp import ClientSession

HEALTH = 1.5  # seconds in which a server must list its models
BUSY = 5.0  # the same where it has requests in hand
EVERY = 10.0  # seconds between looks at servers that are down, or that have long said nothing
IN_A_ROW = 3  # tries without an answer after which a server is down, where there is another
ERRORS_IN_A_ROW = 12  # the same for answers 5xx
LISTED = 10  # models named where the one that was asked for is not among them
SIZE = 32 * 1024 * 1024  # bytes of an answer, unpacked

START = "start one (make serve MODEL_PATH=…, or vllm serve), or name another with --endpoint or OPENAI_BASE_URL"


class Endpoint:
    """One server: where it is, how much it is given at once, and whether it is up."""

    def __init__(self, url: str, most: int, inside: Sequence[str]) -> None:
        from yarl import URL

        parts = urlsplit(url)
        user, _, netloc = parts.netloc.rpartition("@")
        bare = parts._replace(netloc=netloc)
        self.host = (parts.hostname or "").lower()
        self.inside = is_inside(self.host, inside)
        self.shown = bare._replace(query="").geturl()
        self.models, self.elsewhere, self.chat = (
            URL(bare._replace(path=bare.path + more).geturl(), encoded=True)
            for more in ("/models", "/v1/models", "/chat/completions")
        )
        self.secret = unquote(parts.password or "")
        self.headers = {"Authorization": "Basic " + b64encode(unquote(user).encode()).decode()} if user else None
        self.proxy = None if self.inside else _proxy(parts.scheme, self.host)
        self.rate = Rate(most)
        self.up = True
        self.heard = time.monotonic()  # when it last said anything
        self.silent = 0  # tries in a row without an answer
        self.errors = 0  # answers 5xx in a row
        self.doubts = 0  # looks in a row that it did not answer
        self.alarms: set[asyncio.Timeout] = set()  # of the requests it has in hand


class Endpoints:
    """All servers of one model."""

    def __init__(self, name: str, settings: Settings) -> None:
        self.name = name
        self.all = [Endpoint(url, settings.in_flight, settings.inside) for url in _named(settings)]
        self.revision = settings.revision
        self.fault: StopAll | None = None  # what was found out later and breaks every record
        self._told = bool(settings.revision)
        self._session: ClientSession | None = None
        self._watch: asyncio.Task[None] | None = None
        self._order = lru_cache(4096)(self._ordered)

    @property
    def inside(self) -> bool:
        """Whether every server is on this machine or a host that was declared."""
        return all(endpoint.inside for endpoint in self.all)

    async def open(self, session: ClientSession) -> None:
        """Look at every server; StopAll where it can never work."""
        self._session = session
        found = await asyncio.gather(*(self._look(endpoint, HEALTH) for endpoint in self.all), return_exceptions=True)
        looks = []
        for look in found:
            if isinstance(look, BaseException):
                raise look
            looks.append(look)
        for endpoint, (fault, _) in zip(self.all, looks, strict=True):
            endpoint.up = not fault
        if not any(endpoint.up for endpoint in self.all):
            why = "; ".join(sorted({fault for fault, _ in looks}))
            where = ", ".join(endpoint.shown for endpoint in self.all)
            raise StopAll(f"no model server answers at {where} ({why})", hint=START)
        await self._compare({endpoint: listed for endpoint, (_, listed) in zip(self.all, looks, strict=True)})
        if len(self.all) > 1:
            self._watch = asyncio.create_task(self._watching())

    async def _compare(self, listed: Mapping[Endpoint, list[dict[str, Any]] | None]) -> None:
        """Find the checkpoint that all servers hold; StopAll where they differ or lack the model."""
        held = {each.shown: await self._revision(each, models) for each, models in listed.items() if each.up}
        known = {revision for revision in held.values() if revision is not None}
        if len(known) > 1:
            told = ", ".join(f"{where}: {revision or 'unknown'}" for where, revision in held.items())
            raise StopAll(f"the servers hold different checkpoints as {self.name}: {told}", hint="ask one of them only")
        if known:
            self.revision = known.pop()

    async def close(self) -> None:
        """Look no more."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
            self._watch = None

    def choose(self, record: str, avoid: Endpoint | None = None) -> Endpoint:
        """The server that a record's conversation is kept on, or the next where that one is down or much too loaded."""
        if len(self.all) == 1:
            return self.all[0]
        up = [each for each in self._order(record) if each.up] or self.all
        most = 1.25 * sum(each.rate.load for each in up) / len(up) + 1
        free = [each for each in up if each.rate.load <= most]
        return next((each for each in free if each is not avoid), None) or (free or up)[0]

    def answered(self, endpoint: Endpoint, *, error: bool = False) -> None:
        """Note that a server said something; `error`: a 5xx."""
        endpoint.heard = time.monotonic()
        endpoint.silent = endpoint.doubts = 0
        endpoint.errors = endpoint.errors + 1 if error else 0
        if endpoint.errors >= ERRORS_IN_A_ROW:
            self.down(endpoint)

    def missed(self, endpoint: Endpoint, *, gone: bool = False) -> None:
        """Note that a server did not answer; `gone`: nobody listens there."""
        endpoint.silent += 1
        if gone or endpoint.silent >= IN_A_ROW:
            self.down(endpoint, cut=gone)

    def down(self, endpoint: Endpoint, *, cut: bool = False) -> None:
        """Use a server no more until it is seen again, if there is another; `cut`: nor wait for what it has in hand."""
        if not endpoint.up or not any(each.up for each in self.all if each is not endpoint):
            return
        endpoint.up = False
        endpoint.rate.send_away()
        if cut:
            for alarm in (each for each in endpoint.alarms if not each.expired()):
                alarm.reschedule(asyncio.get_running_loop().time())

    def _ordered(self, record: str) -> list[Endpoint]:
        def weight(endpoint: Endpoint) -> bytes:
            return hashlib.blake2b(f"{endpoint.shown}\n{record}".encode(), digest_size=8).digest()

        return sorted(self.all, key=weight)

    async def _watching(self) -> None:
        """See which servers are there again, and which have gone silent with requests in hand."""
        while self.fault is None:
            await asyncio.sleep(EVERY)
            late = time.monotonic() - EVERY
            doubtful = [e for e in self.all if not e.up or (e.rate.in_flight and e.heard < late)]
            await asyncio.gather(*(self._see(endpoint) for endpoint in doubtful), return_exceptions=True)

    async def _see(self, endpoint: Endpoint) -> None:
        try:
            fault, listed = await self._look(endpoint, BUSY if endpoint.up else HEALTH)
            revision = None if fault else await self._revision(endpoint, listed)
        except StopAll as stop:
            fault, revision = stop.message, None
        if fault:
            endpoint.doubts += 1
            if endpoint.doubts > 1:
                self.down(endpoint, cut=True)
            return
        endpoint.doubts = 0
        if revision is not None and revision != self.revision and not self._told:
            self.fault = StopAll(
                f"{endpoint.shown} came back with another checkpoint as {self.name}: {revision or 'unknown'}, not "
                f"{self.revision or 'unknown'}",
                hint="ask a model of one checkpoint only, or start anew",
            )
        if not endpoint.up:
            endpoint.silent = endpoint.errors = 0
            endpoint.up = True

    async def _look(self, endpoint: Endpoint, limit: float) -> tuple[str, list[dict[str, Any]] | None]:
        """Why a server is down, or empty; and the models that it lists, None where it lists none."""
        import orjson

        status, raw = await self._get(endpoint, endpoint.models, limit)
        if status in (401, 403):
            raise refused_key(endpoint, status)
        if status in (404, 405, 501):
            await self._nearby(endpoint, limit)
            return "", None
        if not status:
            return raw.decode(), None
        if status >= 500:
            return f"it answered {status}", None
        if 300 <= status < 400:
            raise StopAll(f"{endpoint.shown} only redirects", hint="name the address that it redirects to")
        try:
            told = orjson.loads(raw) if status == 200 else None
        except orjson.JSONDecodeError:
            told = None
        listed = told.get("data") if isinstance(told, dict) else told
        return "", [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else None

    async def _nearby(self, endpoint: Endpoint, limit: float) -> None:
        """StopAll where a server lists its models under /v1, which its address lacks."""
        status, _ = await self._get(endpoint, endpoint.elsewhere, limit)
        if status in (200, 401, 403):
            raise StopAll(f"{endpoint.shown} is not where the server has its API", hint=f"name it {endpoint.shown}/v1")

    async def _get(self, endpoint: Endpoint, url: Any, limit: float) -> tuple[int, bytes]:
        """The status and body of a page; status 0 and why, where there is none in time."""
        import aiohttp

        assert self._session is not None
        try:
            async with asyncio.timeout(limit):
                async with self._session.get(
                    url, headers=endpoint.headers, proxy=endpoint.proxy, allow_redirects=False
                ) as found:
                    return found.status, await read(found)
        except TimeoutError:
            return 0, f"no answer within {limit:g} s".encode()
        except aiohttp.ClientConnectorCertificateError:
            return 0, b"no trusted TLS connection"
        except aiohttp.ClientConnectorError as fault:
            refused = isinstance(fault.os_error, ConnectionRefusedError)
            return 0, b"connection refused" if refused else str(fault.os_error.strerror or "no connection").encode()
        except (aiohttp.ClientError, OSError, ValueError) as fault:
            return 0, f"no HTTP: {type(fault).__name__}".encode()

    async def _revision(self, endpoint: Endpoint, listed: list[dict[str, Any]] | None) -> str | None:
        """The checkpoint that a server has under our name; None where it does not list its models."""
        if not listed:
            return None
        names = [str(each.get("id", "")) for each in listed]
        if self.name not in names and f"models/{self.name}" not in names:
            more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
            raise StopAll(
                f"{endpoint.shown} has no model {self.name}", hint=f"it has {', '.join(names[:LISTED])}{more}"
            )
        if self._told:
            return self.revision
        return await asyncio.to_thread(revision_of, listed, self.name)


async def read(answer: Any) -> bytes:
    """The body of an answer; ValueError where it is over SIZE."""
    length = answer.content_length
    if length is not None and "Content-Encoding" not in answer.headers:
        if length > SIZE:
            raise ValueError(f"an answer over {SIZE} bytes")
        return await answer.read()  # type: ignore[no-any-return]
    parts, size = [], 0
    async for part in answer.content.iter_any():
        parts.append(part)
        size += len(part)
        if size > SIZE:
            raise ValueError(f"an answer over {SIZE} bytes")
    return b"".join(parts)


def refused_key(endpoint: Endpoint, status: int, words: str = "") -> StopAll:
    """What to say of a 401 or 403."""
    said = f"{status}: {words}" if words else str(status)
    if os.environ.get("OPENAI_API_KEY", "").strip():
        return StopAll(f"{endpoint.shown} does not accept the key in OPENAI_API_KEY ({said})")
    return StopAll(f"{endpoint.shown} wants a key ({said})", hint="set OPENAI_API_KEY")


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


def _named(settings: Settings) -> list[str]:
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
            shown = bare.rpartition("@")[2]
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


# --- which checkpoint ------------------------------------------------------------------------------------------------

_WHOLE = {
    "config.json", "generation_config.json", "adapter_config.json", "tokenizer.json", "tokenizer_config.json",
    "tokenizer.model", "special_tokens_map.json", "added_tokens.json", "vocab.json", "vocab.txt", "merges.txt",
    "chat_template.jinja", "chat_template.json", "tekken.json",
}  # fmt: skip
_WEIGHTS = (".safetensors", ".bin")
_BLOCKS, _BLOCK = 16, 64 * 1024


def revision_of(listed: Sequence[Mapping[str, Any]], name: str) -> str:
    """What tells a model that a server lists from another under its name; empty where nothing does.

    vLLM says in `root` what it loaded: a folder of this machine is read; of another name, the name itself must do.
    `created` is no help, it is when the server was started.
    """
    entry = next((each for each in listed if each.get("id") in (name, f"models/{name}")), {})
    root = entry.get("root")
    if not isinstance(root, str) or not root:
        return ""
    found = _folder(root)
    base = next((each.get("root") for each in listed if each.get("id") == entry.get("parent")), None)
    if isinstance(base, str) and base and entry.get("parent") != name:  # a LoRA adapter is what it is on its base
        return digest([found or root, _folder(base) or base])
    return found or ("" if root == entry.get("id") else digest(root))


def _folder(root: str) -> str:
    try:
        return checkpoint(Path(root)) if Path(root).is_dir() else ""
    except OSError:
        return ""


def checkpoint(folder: Path) -> str:
    """Sixteen hex digits that tell a folder's checkpoint from another, wherever it lies; empty where it holds none.

    Configuration and tokenizer are read whole; of each file of weights, its size and 16 blocks of 64 KiB.
    """
    found = hashlib.sha256()
    weights = 0
    for path in sorted(folder.iterdir()):
        if (path.name not in _WHOLE and path.suffix not in _WEIGHTS) or not path.is_file():
            continue
        size = path.stat().st_size
        found.update(f"{path.name}\n{size}\n".encode())
        with path.open("rb") as file:
            if path.name in _WHOLE:
                found.update(file.read())
                continue
            weights += 1
            for number in range(_BLOCKS):
                file.seek(max(0, size - _BLOCK) * number // (_BLOCKS - 1))
                found.update(file.read(_BLOCK))
    return found.hexdigest()[:16] if weights else ""
