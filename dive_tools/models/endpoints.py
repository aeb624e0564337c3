"""The servers that a model is asked at: which are there, what they have, and which one a conversation is kept on."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from dive_tools.errors import StopAll
from dive_tools.models import wire
from dive_tools.models.base import Settings
from dive_tools.models.checkpoint import revision_of
from dive_tools.models.endpoint import Endpoint, named
from dive_tools.models.secrets import Secrets

if TYPE_CHECKING:
    from aiohttp import ClientSession

REACH = 1.5  # seconds in which a server must be reached
HEALTH = 10.0  # seconds in which it must list its models
BUSY = 10.0  # the same where it has requests in hand
LISTING = 10.0  # seconds for which a server that does not list its models at the start is asked again
WAIT = 120.0  # seconds for which servers are looked for, and requests held, when none answers any more
AGAIN = 1.0  # seconds between such looks
EVERY = 10.0  # seconds between looks at servers that are down, or that have long said nothing
IN_A_ROW = 3  # tries without an answer after which a server is down, until a look at it finds it up
ERRORS_IN_A_ROW = 12  # the same for answers 5xx
LISTED = 10  # models named where the one that was asked for is not among them
SIZE = 32 * 1024 * 1024  # bytes of an answer, unpacked

BACK = "run the same command with --resume when it is back"
START = "start one (make serve MODEL_PATH=…, or vllm serve), or name another with --endpoint or OPENAI_BASE_URL"


@dataclass(frozen=True)
class _Look:
    """What a look at a server found: why it is down, if it is; its models, or why it does not list them now."""

    fault: str = ""
    listed: list[dict[str, Any]] | None = None
    unlisted: str = ""
    wait: float | None = None  # seconds until another look, which may find more


class Endpoints:
    """All servers of one model."""

    def __init__(self, name: str, settings: Settings, key: str = "", where: str = "OPENAI_API_KEY") -> None:
        """`where` names the variable of the environment that holds the key, or would."""
        urls = named(settings)
        self.name = name
        self.all = [Endpoint(url, settings.in_flight, settings.inside) for url in urls]
        self.secrets = Secrets(key, urls, f"[{where}]")
        self.revision = settings.revision
        self.unlisted = ""  # why the revision is not known, where the servers might tell it another time
        self.fault: StopAll | None = None  # what was found out later and breaks every record
        self._key, self._key_name = key, where
        self._told = bool(settings.revision)
        self._least_up = len(self.all)
        self._session: ClientSession | None = None
        self._watch: asyncio.Task[None] | None = None
        self._search: asyncio.Task[None] | None = None
        self._there = asyncio.Event()  # whether there is a server to ask, or a fault to tell
        self._order = lru_cache(4096)(self._ordered)

    @property
    def inside(self) -> bool:
        """Whether every server is on this machine or a host that was declared."""
        return all(endpoint.inside for endpoint in self.all)

    @property
    def up(self) -> str:
        """How many servers of how many were up at the start and are now; empty where that is all."""
        count = min(self._least_up, sum(endpoint.up for endpoint in self.all))
        return f"{count}/{len(self.all)}" if len(self.all) > max(1, count) else ""

    async def open(self, session: ClientSession) -> None:
        """Look at every server; StopAll where it can never work."""
        self._session = session
        self._there = asyncio.Event()
        self._there.set()
        tasks = [asyncio.create_task(self._first_look(endpoint)) for endpoint in self.all]
        try:
            looks = dict(zip(self.all, await asyncio.gather(*tasks), strict=True))
        finally:  # the first fault is told at once
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for endpoint, look in looks.items():
            endpoint.up, endpoint.fault = not look.fault, look.fault
        self._least_up = sum(endpoint.up for endpoint in self.all)
        if not self._least_up:
            raise StopAll(f"no model server answers at {self._where()} ({self._why()})", hint=START)
        await self._compare(looks)
        if len(self.all) > 1:
            self._watch = asyncio.create_task(self._watching())

    async def _first_look(self, endpoint: Endpoint) -> _Look:
        """A look at a server and, where another may find more, some others."""
        end, pause = time.monotonic() + LISTING, min(0.5, LISTING / 4)
        while True:
            look = await self._look(endpoint, HEALTH)
            left = end - time.monotonic()
            if look.wait is None or left <= 0 or (self._told and not look.fault):
                return look
            await asyncio.sleep(min(left, max(pause, look.wait)))
            pause *= 2

    def _where(self) -> str:
        return ", ".join(endpoint.shown for endpoint in self.all)

    def _why(self) -> str:
        return "; ".join(sorted({endpoint.fault for endpoint in self.all if endpoint.fault}))

    async def _compare(self, looks: Mapping[Endpoint, _Look]) -> None:
        """Find the checkpoint that all servers hold; StopAll where they differ or lack the model."""
        held = {each.shown: await self._revision(each, look.listed) for each, look in looks.items() if each.up}
        known = {revision for revision in held.values() if revision is not None}
        if len(known) > 1:
            told = ", ".join(f"{where}: {revision or 'unknown'}" for where, revision in held.items())
            raise StopAll(f"the servers hold different checkpoints as {self.name}: {told}", hint="ask one of them only")
        if known:
            self.revision = known.pop()
        elif not self._told:
            self.unlisted = next((look.unlisted for each, look in looks.items() if each.up and look.unlisted), "")

    async def close(self) -> None:
        """Look no more."""
        tasks = [self._watch, self._search, *(endpoint.looking for endpoint in self.all)]
        for task in (running := [task for task in tasks if task is not None]):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        self._watch = self._search = None

    async def there(self) -> None:
        """Wait until there is a server to ask, or a fault to tell: where none answers, they are looked for."""
        await self._there.wait()

    async def sees(self, endpoint: Endpoint) -> bool:
        """Whether a server is there, by a look at it, which all who ask at once share; no look where others are up."""
        if endpoint.up or not any(each.up for each in self.all):
            if endpoint.looking is None or endpoint.looking.done():
                endpoint.looking = asyncio.create_task(self._see(endpoint, doubts=0))
            await asyncio.wait({endpoint.looking})
        return endpoint.up

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
        elif not error and not self._there.is_set() and not self._resting(endpoint):
            self._raise(endpoint)

    def missed(self, endpoint: Endpoint, *, gone: bool = False) -> None:
        """Note that a server did not answer; `gone`: nobody listens there."""
        endpoint.silent += 1
        if gone or endpoint.silent >= IN_A_ROW:
            self.down(endpoint, cut=gone)

    def leave_alone(self, endpoint: Endpoint, seconds: float) -> bool:
        """Do as a server asks; whether there is another that may be asked."""
        endpoint.left_alone = time.monotonic() + seconds
        endpoint.fault = f"it asks to be left alone for {seconds:.0f} s"
        if all(map(self._resting, self.all)):
            return False
        self.down(endpoint)
        return True

    @staticmethod
    def _resting(endpoint: Endpoint) -> bool:
        return endpoint.left_alone > time.monotonic()

    def down(self, endpoint: Endpoint, *, cut: bool = False) -> None:
        """Use a server no more until it is seen again; `cut`: nor wait for what it has in hand, if there is another."""
        if not endpoint.up:
            return
        endpoint.up = False
        endpoint.rate.send_away()
        if not any(each.up for each in self.all):
            if self.fault is None:
                self._there.clear()
                if self._search is not None:
                    self._search.cancel()
                self._search = asyncio.create_task(self._searching())
        elif cut:
            for alarm in (each for each in endpoint.alarms if not each.expired()):
                alarm.reschedule(asyncio.get_running_loop().time())

    def _raise(self, endpoint: Endpoint) -> None:
        """Use a server again."""
        endpoint.silent = endpoint.errors = endpoint.doubts = 0
        endpoint.up, endpoint.fault = True, ""
        self._there.set()

    def stop(self, fault: StopAll) -> None:
        """Let everybody know of what breaks every record."""
        self.fault = fault
        self._there.set()

    async def _searching(self) -> None:
        """Look for the servers until one is there; a fault where none has come for long."""
        end = time.monotonic() + WAIT
        while not self._there.is_set():
            rested = [endpoint for endpoint in self.all if not self._resting(endpoint)]
            await asyncio.gather(*(self._see(endpoint) for endpoint in rested), return_exceptions=True)
            if self._there.is_set():
                return
            if time.monotonic() >= end:
                self.stop(StopAll(f"no model server answers any more at {self._where()} ({self._why()})", hint=BACK))
                return
            await asyncio.sleep(min(AGAIN, WAIT / 4))

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
            doubtful = [e for e in doubtful if self._there.is_set() and not self._resting(e)]
            await asyncio.gather(*(self._see(endpoint) for endpoint in doubtful), return_exceptions=True)

    async def _see(self, endpoint: Endpoint, doubts: int = 1) -> None:
        """Look at a server, and use it or not, from more than so many `doubts` on."""
        try:
            look = await self._look(endpoint, BUSY if endpoint.up else HEALTH)
            revision = None if look.fault else await self._revision(endpoint, look.listed)
        except StopAll as stop:
            look, revision = _Look(stop.message), None
        if look.fault:
            endpoint.fault = look.fault
            endpoint.doubts += 1
            if endpoint.doubts > doubts:
                self.down(endpoint, cut=True)
            return
        endpoint.doubts = 0
        if revision is not None and revision != self.revision and not self._told and not self.unlisted:
            self.stop(
                StopAll(
                    f"{endpoint.shown} came back with another checkpoint as {self.name}: {revision or 'unknown'}, not "
                    f"{self.revision or 'unknown'}",
                    hint="ask a model of one checkpoint only, or start anew",
                )
            )
        if not endpoint.up:
            self._raise(endpoint)

    async def _look(self, endpoint: Endpoint, limit: float) -> _Look:
        """StopAll where the server can never be asked so."""
        import orjson

        status, raw, headers = await self._get(endpoint, endpoint.models, limit)
        if status == 401 or (status == 403 and not self._told):  # where the revision is told, the list is not needed
            words = wire.said(self.secrets.hide_in_body(raw, reply=False))[0]
            raise self.refused(endpoint, status, self.secrets.hide(words))
        if status in (404, 405, 501):
            await self._nearby(endpoint, limit)
            return _Look()
        if not status:
            return _Look(raw.decode())
        if 300 <= status < 400:
            raise StopAll(f"{endpoint.shown} only redirects", hint="name the address that it redirects to")
        told = f"it answered {status}"
        if status in (502, 503, 504):  # somebody else answered for it, or it is not ready
            return _Look(told, wait=retry_after(headers))
        if status != 200:
            return _Look(unlisted=told, wait=retry_after(headers))
        try:
            listed = orjson.loads(raw)
        except orjson.JSONDecodeError:
            listed = None
        listed = listed.get("data") if isinstance(listed, dict) else listed
        if not isinstance(listed, list):
            return _Look(unlisted="its list of models is none")
        return _Look(listed=[each for each in listed if isinstance(each, dict)])

    async def _nearby(self, endpoint: Endpoint, limit: float) -> None:
        """StopAll where a server lists its models under /v1, which its address lacks."""
        status, _, _ = await self._get(endpoint, endpoint.elsewhere, limit)
        if status in (200, 401, 403):
            raise StopAll(f"{endpoint.shown} is not where the server has its API", hint=f"name it {endpoint.shown}/v1")

    async def _get(self, endpoint: Endpoint, url: Any, limit: float) -> tuple[int, bytes, Mapping[str, str]]:
        """The status, body and headers of a page; status 0 and why, where there is none in time."""
        import aiohttp

        assert self._session is not None
        try:
            async with asyncio.timeout(limit):
                async with self._session.get(
                    url,
                    headers=endpoint.headers,
                    proxy=endpoint.proxy,
                    allow_redirects=False,
                    timeout=aiohttp.ClientTimeout(total=None, connect=REACH),
                ) as found:
                    return found.status, await read(found), found.headers
        except aiohttp.ConnectionTimeoutError:
            why = f"not reached within {REACH:g} s"
        except TimeoutError:
            why = f"no answer within {limit:g} s"
        except aiohttp.ClientConnectorCertificateError:
            why = "no trusted TLS connection"
        except aiohttp.ClientConnectorError as fault:
            refused = isinstance(fault.os_error, ConnectionRefusedError)
            why = "connection refused" if refused else str(fault.os_error.strerror or "no connection")
        except (aiohttp.ClientError, OSError, ValueError) as fault:
            why = f"no HTTP: {type(fault).__name__}"
        return 0, why.encode(), {}

    async def _revision(self, endpoint: Endpoint, listed: list[dict[str, Any]] | None) -> str | None:
        """The checkpoint that a server has under our name; None where it does not list its models.

        Where the user says which it is, the name may be one that the server does not list, such as a gateway's alias.
        """
        if self._told:
            return self.revision
        if not listed:
            return None
        names = [str(each.get("id", "")) for each in listed]
        if self.name not in names and f"models/{self.name}" not in names:
            more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
            raise StopAll(
                f"{endpoint.shown} has no model {self.name}",
                hint=self.secrets.hide(f"it has {', '.join(names[:LISTED])}{more}; an alias needs --revision"),
            )
        return await asyncio.to_thread(revision_of, listed, self.name)

    def refused(self, endpoint: Endpoint, status: int, words: str = "") -> StopAll:
        """What to say of a 401 or 403."""
        said = f"{status}: {words}" if words else str(status)
        sent = f"the key in {self._key_name}" if self._key else "what its address holds" if endpoint.query else ""
        if endpoint.headers:
            sent = "the user in its address"
        if status == 403:
            hint = f"may {self.name} be used with {sent}?" if sent else f"it may want a key: set {self._key_name}"
            return StopAll(f"{endpoint.shown} answered {said}", hint=hint)
        if sent:
            return StopAll(f"{endpoint.shown} does not accept {sent} ({said})")
        return StopAll(f"{endpoint.shown} wants a key ({said})", hint=f"set {self._key_name}")


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


def retry_after(headers: Mapping[str, str]) -> float:
    """The seconds that an answer asks to wait: in milliseconds, seconds or until a date; 0 where it asks nothing."""
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, float(headers["retry-after-ms"]) / 1000)
    except (KeyError, ValueError):
        pass
    told = headers.get("Retry-After", "").strip()
    try:
        seconds = float(told)
        return max(0.0, seconds) if seconds - seconds == 0 else 0.0
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(told).timestamp() - time.time())
    except (TypeError, ValueError, OverflowError):
        return 0.0
