"""`openai:NAME`: a model behind any server that speaks the OpenAI protocol (chat completions), or behind several."""

from __future__ import annotations

import asyncio
import errno
import os
import random
import resource
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NoReturn

from dive_tools.errors import StopAll, UsageFault
from dive_tools.models import wire
from dive_tools.models.base import Ask, ModelError, Reply, Settings, Usage
from dive_tools.models.endpoint import Endpoint
from dive_tools.models.endpoints import BACK, Endpoints, read, retry_after
from dive_tools.models.rate import Moved

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from dive_tools.models.gate import Gate

BASE, CAP = 0.25, 20.0  # seconds: the wait before try n + 1 is drawn from 0 to BASE · 2ⁿ⁻¹, at most CAP
ASKED_FOR = 120.0  # seconds: the longest wait that a server may ask for with Retry-After
PATIENCE = 20  # times as many tries as set, where a server throttles one request while it answers others
CONNECT = 10.0  # seconds to reach a server
KEPT = 4.0  # seconds that an idle connection is kept; uvicorn, under vLLM, closes it after 5
LOST = 5  # times that a server may go away under one request before that counts as a try
REFUSED_AT_FIRST = 5  # requests refused as badly formed or too long, before any has succeeded, that stop all
FORBIDDEN = 20  # requests answered 403 in a row that stop all
TEXT_AT_FIRST = 8  # answers that hold their calls as text, before any other, that stop all
TOO_LONG = "the first requests were all too long: serve the model with a larger --max-model-len, or give it fewer tools"
OTHER_FILES = 128  # open files beside the connections: of tools, cassettes, streams
_NOTHING = Usage()


class OpenAI:
    """A model asked over HTTP, by as many tasks of one event loop as there are."""

    def __init__(self, name: str, settings: Settings, gate: Gate) -> None:
        clash = sorted(set(settings.extra) & set(wire.OURS))
        if clash:
            raise UsageFault(f"the extra body must not set {', '.join(clash)}", hint="leave it out")
        self.name = f"openai:{name}"
        self._name = name
        self._settings = settings
        self._gate = gate
        where, self._key = _key(settings.keys)
        self._endpoints = Endpoints(name, settings, self._key, where)
        self._secrets = self._endpoints.secrets
        self._session: ClientSession | None = None
        self._manners = wire.Manners()
        self._usage = Usage()
        self._counts: Counter[str] = Counter(requests=0)
        self._good = self._refused = self._forbidden = 0  # the last: in a row
        self._exhausted: set[str] = set()  # records whose requests failed since the last good reply
        self._with_tools = self._as_text = 0

    @property
    def inside(self) -> bool:
        """Whether every server is on this machine or a host that the user declared."""
        return self._endpoints.inside

    @property
    def revision(self) -> str:
        """As the user says it, or what the servers' lists of models tell; empty where that is nothing."""
        return self._endpoints.revision

    @property
    def unlisted(self) -> str:
        """Why the servers do not tell the revision now, though they might another time; else empty."""
        return self._endpoints.unlisted

    @property
    def counters(self) -> dict[str, Any]:
        """HTTP requests, retries and what they were for, tokens, and the servers that are up where some are not."""
        used = {"tokens_in": self._usage.tokens_in, "tokens_out": self._usage.tokens_out, "cached": self._usage.cached}
        return {**self._counts, **used, **({"endpoints": up} if (up := self._endpoints.up) else {})}

    async def open(self) -> None:
        """Look at the servers; StopAll within 2 s where there is none, none takes the key, or none has the model."""
        import aiohttp

        at_once = self._settings.in_flight
        open_files(at_once + OTHER_FILES, more=at_once if len(self._endpoints.all) > 1 else 0)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEPT, ttl_dns_cache=300),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT),
            headers=self._headers(),
        )
        try:
            await self._endpoints.open(self._session)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Let go of the connections."""
        await self._endpoints.close()
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def reply(self, ask: Ask) -> Reply:
        """The model's reply, after as many tries as it takes and are allowed."""
        trying = _Trying(ask.record, self._settings.tries, self._good)
        while True:
            await self._endpoints.there()
            self._go_on()
            endpoint = self._endpoints.choose(ask.record, trying.avoid)
            try:
                answer = await self._asked(endpoint, ask)
            except (Moved, _Conceded):
                continue
            except _Fault as fault:
                if not await self._lost(fault, trying):
                    await self._again(fault, trying)
                continue
            self._exhausted.clear()
            self._forbidden = 0
            self._good += 1
            return replace(answer, usage=answer.usage + trying.usage) if trying.usage != _NOTHING else answer

    async def _asked(self, endpoint: Endpoint, ask: Ask) -> Reply:
        """One try, within the gate and what the server can take."""
        throttled, start = None, 0.0
        await endpoint.rate.enter()
        try:
            async with self._gate:
                self._go_on()
                if not endpoint.up:
                    raise Moved
                manners = self._manners
                raw = wire.body(self._name, ask, manners, self._settings.extra)
                self._counts["requests"] += 1
                start = time.perf_counter()
                said = await self._post(endpoint, raw)
                throttled = said.throttled
                self._endpoints.answered(endpoint, error=said.status >= 500 and not throttled)
                if said.status == 200:
                    return self._read(said.body, ask, time.perf_counter() - start)
        finally:
            endpoint.rate.leave(throttled, time.perf_counter() - start)
        raise self._refusal(endpoint, said, ask, manners)

    async def _post(self, endpoint: Endpoint, raw: bytes) -> _Said:
        import aiohttp

        limit, start, where = self._settings.timeout, time.perf_counter(), endpoint.shown
        try:
            async with asyncio.timeout(limit) as alarm:
                endpoint.alarms.add(alarm)
                try:
                    return await self._sent(endpoint, raw)
                finally:
                    endpoint.alarms.discard(alarm)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            gone = isinstance(error, aiohttp.ClientConnectorError)
            if gone and error.errno in (errno.EMFILE, errno.ENFILE):  # type: ignore[union-attr]
                self._stop("too many files are open", "ulimit -n 8192 allows more; -j asks for fewer requests at once")
            self._endpoints.missed(endpoint, gone=gone)
            endpoint.fault = "connection refused" if gone else "no connection"
            told = f"no connection to {where} ({type(error).__name__})"
            raise _Fault("unreachable", told, at=endpoint, lost=gone) from None
        except TimeoutError:
            if time.perf_counter() - start < limit * 0.99:
                raise _Fault("unreachable", f"{where} went down", at=endpoint, lost=True) from None
            self._endpoints.missed(endpoint)
            self._counts["timeouts"] += 1
            raise _Fault("timeout", f"{where} did not answer within {limit:g} s", at=endpoint) from None
        except (aiohttp.ClientError, OSError) as error:
            self._endpoints.missed(endpoint)
            told = f"{where} broke off its answer ({type(error).__name__})"
            raise _Fault("unreachable", told, at=endpoint) from None
        except ValueError as error:
            raise _Fault("bad_reply", f"{where} gave {error}") from None

    async def _sent(self, endpoint: Endpoint, raw: bytes) -> _Said:
        assert self._session is not None, "the model is not open"
        async with self._session.post(
            endpoint.chat, data=raw, headers=endpoint.headers, proxy=endpoint.proxy, allow_redirects=False
        ) as answer:
            return _Said(answer.status, answer.headers, self._secrets.hide_in_body(await read(answer), reply=True))

    def _read(self, body: bytes, ask: Ask, seconds: float) -> Reply:
        """The reply that a 200 holds; what it cost is paid even where it holds none."""
        try:
            found = wire.answer(body, ask)
        except wire.Unfit as unfit:
            self._paid(unfit.usage)
            if ask.tools and (unfit.call_as_text or unfit.usage is not None):
                self._note_tools(unfit.call_as_text)
            raise _Fault("bad_reply", self._secrets.hide(str(unfit)), usage=unfit.usage) from None
        self._paid(found.usage)
        if ask.tools:
            self._note_tools(False)
        if found.thinking and len(self._manners.thinking) > 1:
            self._manners = replace(self._manners, thinking=(found.thinking,))
        return Reply(message=found.message, finish=found.finish, usage=found.usage, seconds=seconds)

    def _paid(self, usage: Usage | None) -> None:
        if usage is not None:
            self._usage += usage
            self._gate.paid(usage)

    def _note_tools(self, as_text: bool) -> None:
        self._with_tools += 1
        self._as_text += as_text
        if self._as_text == self._with_tools >= TEXT_AT_FIRST:
            self._stop(wire.CALL_AS_TEXT)

    def _refusal(self, endpoint: Endpoint, said: _Said, ask: Ask, manners: wire.Manners) -> Exception:
        """What an answer other than 200 means; StopAll is raised here."""
        status = said.status
        hidden = self._secrets.hide_in_body(said.body, reply=False)  # first: half a secret, cut short, is one too
        words, codes = (self._secrets.hide(text) for text in wire.said(hidden))
        told = f"{endpoint.shown} answered {status}" + (f": {words}" if words else "")
        if status == 403 and (wire.of_content(words, codes) or self._concerns_one()):
            return ModelError("refused", told)
        self._stop_if_hopeless(endpoint, status, words, codes, told)
        if status in (400, 422, 500):
            if status != 500 and manners is not self._manners:  # another task has found out what is not taken
                return _Conceded()
            fewer = wire.conceded(manners, ask, status, words, codes)
            if fewer is not manners and manners is self._manners:
                self._manners = fewer
                return _Conceded()
        if status in (408, 409, 425, 429) or status >= 500:
            self._counts["5xx" if status >= 500 else str(status)] += 1
            wait = retry_after(said.headers)
            at = endpoint if status >= 500 or wait > ASKED_FOR else None
            return _Fault("server", told, wait=wait, at=at, throttled=said.throttled)
        kind = wire.refusal(status, words, codes)
        if kind == "no_tools":
            self._stop(told, "start the server so that it reads tool calls (docs/models.md)")
        if kind in ("server", "too_long"):
            self._refused += 1
            if not self._good and self._refused >= self._all_of(REFUSED_AT_FIRST):
                self._stop(told, TOO_LONG if kind == "too_long" else "the first requests were all refused so")
        return ModelError(kind, told)

    def _all_of(self, count: int) -> int:
        """So many, and as many as are in hand: refusals come before replies, and would else be taken for the rule."""
        return max(count, sum(endpoint.rate.in_flight for endpoint in self._endpoints.all))

    def _concerns_one(self) -> bool:
        """Whether a 403 concerns one request: others were answered, and not too long ago."""
        self._forbidden += 1
        return bool(self._good) and self._forbidden < self._all_of(FORBIDDEN)

    def _stop_if_hopeless(self, endpoint: Endpoint, status: int, words: str, codes: str, told: str) -> None:
        if status in (401, 403):
            stop = self._endpoints.refused(endpoint, status, words)
            self._stop(stop.message, stop.hint)
        if status == 404:
            self._stop(told, f"does it serve {self._name}? see {endpoint.shown}/models")
        if status == 402 or (status == 429 and "insufficient_quota" in codes):
            self._stop(told, "the account has no credit left", patient=True)
        if 300 <= status < 400:
            self._stop(f"{endpoint.shown} only redirects", "name the address that it redirects to")

    async def _lost(self, fault: _Fault, trying: _Trying) -> bool:
        """Whether the server went away under a request, which is held then, or asked of another: that is no try."""
        if fault.at is None:
            return False
        if fault.wait > ASKED_FOR:
            if self._endpoints.leave_alone(fault.at, fault.wait):
                trying.avoid = fault.at
                return True
            told = f"{fault}; it asks to be left alone for {fault.wait:.0f} s"
            self._stop(told, BACK.replace("it is back", "that is over"), patient=True)
        if trying.lost >= LOST:
            return False
        last = fault.kind in ("unreachable", "timeout") and trying.counted + 1 >= trying.most
        if not (fault.lost or (last and not await self._endpoints.sees(fault.at))):
            return False
        trying.lost += 1
        trying.avoid = fault.at
        return True

    async def _again(self, fault: _Fault, trying: _Trying) -> None:
        """Wait for the next try, or raise ModelError where there is none."""
        trying.usage += fault.usage or _NOTHING
        trying.all += 1
        trying.counted += not (fault.throttled and self._good > trying.good)  # it answers others: our turn will come
        trying.good = self._good
        trying.avoid = fault.at
        if trying.counted >= trying.most or trying.all >= trying.most * PATIENCE:
            self._give_up(fault, trying, f" (after {trying.all} tries)" if trying.all > 1 else "")
        self._counts["retries"] += 1
        drawn = random.uniform(0, min(CAP, BASE * 2 ** (trying.all - 1)))
        await asyncio.sleep(max(drawn, fault.wait + random.uniform(0, BASE) if fault.wait else 0.0))

    def _give_up(self, fault: _Fault, trying: _Trying, more: str) -> NoReturn:
        self._exhausted.add(trying.record)
        if len(self._exhausted) >= max(20, 2 * self._settings.in_flight):
            self._stop(f"the server keeps failing: {fault}{more}")
        raise ModelError(fault.kind, f"{fault}{more}", trying.usage)

    def _go_on(self) -> None:
        """Raise what was found to break every record."""
        stop = self._endpoints.fault
        if stop is not None:
            raise _stop_all(stop.message, stop.hint, patient=stop.patient)

    def _stop(self, message: str, hint: str | None = None, *, patient: bool = False) -> NoReturn:
        stop = _stop_all(message, hint, patient=patient)
        self._endpoints.stop(stop)
        raise stop

    def _headers(self) -> dict[str, str]:
        made = {"Content-Type": "application/json", "Accept": "application/json"}
        return {**made, "Authorization": f"Bearer {self._key}"} if self._key else made


@dataclass(frozen=True)
class _Said:
    """An answer over HTTP."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def throttled(self) -> bool:
        """Whether the server is asked too much, and not out of order."""
        return self.status in (429, 529) or (self.status == 503 and "Retry-After" in self.headers)


class _Conceded(Exception):
    """The server did not take something that can be left out: ask again without it."""


class _Fault(Exception):
    """A try that failed and may be made again: a kind of ModelError, and how long the server asks to be left alone."""

    def __init__(
        self,
        kind: str,
        message: str,
        *,
        wait: float = 0.0,
        at: Endpoint | None = None,
        throttled: bool = False,
        usage: Usage | None = None,
        lost: bool = False,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.lost = lost  # the server is gone
        self.wait = wait
        self.at = at  # the server whose fault it is
        self.throttled = throttled
        self.usage = usage


@dataclass
class _Trying:
    """The tries of one request; `usage` is what failed ones cost."""

    record: str
    most: int
    good: int  # replies that the model had given to anyone at the last try
    all: int = 0
    counted: int = 0
    lost: int = 0
    avoid: Endpoint | None = None
    usage: Usage = _NOTHING


def _stop_all(message: str, hint: str | None, *, patient: bool) -> StopAll:
    stop = StopAll(message, hint=hint)
    stop.patient = patient
    return stop


def open_files(wanted: int, *, more: int = 0) -> None:
    """Have so many files open at once, and some more where that is allowed; StopAll where so many are not."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    if soft == unlimited or soft >= wanted + more:
        return
    try:
        most = wanted + more if hard == unlimited else min(hard, wanted + more)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    except (OSError, ValueError):  # some systems allow less than they say
        most = soft
    if most < wanted:
        raise StopAll(
            f"so many requests at once need {wanted:,} open files, and {most:,} are allowed",
            hint=f"allow more (ulimit -n {wanted}), or ask for fewer at once (-j)",
        )


def _key(names: Sequence[str]) -> tuple[str, str]:
    """The first variable of the environment that holds a key, and the key; the first of all where none does."""
    held = {name: os.environ.get(name, "").strip() for name in names}
    where = next((name for name, key in held.items() if key), names[0])
    if not held[where].isascii() or not held[where].isprintable():
        raise StopAll(f"{where} holds letters that no header may hold", hint="set it anew")
    return where, held[where]
