"""A model behind a cassette: what was asked before is not asked again, and a replay asks nothing at all."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from weakref import ReferenceType, ref

from dive_tools.cassette import Asked, Cassette
from dive_tools.errors import DiveError, StopAll
from dive_tools.models.base import Ask, Function, Model, ModelError, Reply, Settings, Usage
from dive_tools.records import canonical


class Taped:
    """A model whose replies are recorded before they are used; `on_miss` is live, drop or error.

    Where it is not live, the model itself is neither opened nor asked. Failures are never recorded. `note` says what
    there is to say of how it was opened.
    """

    note = ""

    def __init__(
        self, model: Model, cassette: Cassette | None, on_miss: str = "live", settings: Settings | None = None
    ) -> None:
        told = settings or getattr(model, "settings", None) or Settings()
        self.model, self.cassette, self.on_miss = model, cassette, on_miss
        self.name = model.name
        self.inside = model.inside or on_miss != "live"  # a replay tells nobody anything
        self.replayed = 0
        self._extra = told.extra
        self._revision = told.revision
        self._fault: StopAll | None = None  # why no reply can be recorded any more
        self._under_way: dict[bytes, asyncio.Event] = {}

    @property
    def revision(self) -> str:
        """The model's own; in a replay the one that was asked for, or the last that the cassette has replies of."""
        return self._revision or self.model.revision if self.on_miss == "live" else self._revision

    @property
    def counters(self) -> dict[str, Any]:
        """The model's own, and how many replies came from the cassette."""
        return {**self.model.counters, "replayed": self.replayed}

    async def open(self) -> None:
        """Open the model; in a replay, find out which of its checkpoints is replayed."""
        if self.on_miss != "live":
            self._revision = self._revision or newest(self.cassette, self.name)
            return
        await self.model.open()
        self.inside = self.model.inside
        if self.cassette is None:
            return
        if (why := getattr(self.model, "unlisted", "")) and not self.model.revision:
            try:
                self._revision = self._only(self.cassette.revisions(self.name), why)
            except BaseException:
                await self.model.close()
                raise
        self.cassette.seen(self.name, self.revision)

    def _only(self, known: Sequence[str], why: str) -> str:
        """The checkpoint of the recorded replies, where the server cannot say now which it has; empty: there is none.

        Under another one, everything that is recorded would be asked and paid for once more.
        """
        if len(known) > 1:
            shown = ", ".join(revision or "unknown" for revision in known)
            raise StopAll(
                f"the server does not say which checkpoint of {self.name} it has ({why}), and there are replies of "
                f"{shown}",
                hint=f"say which: --revision {next(filter(None, known))}",
            )
        if known and known[0]:
            self.note = f"taken for revision {known[0]}, as recorded: the server does not say ({why})"
        return known[0] if known else ""

    async def close(self) -> None:
        """Close the model, if it was opened."""
        if self.on_miss == "live":
            await self.model.close()

    async def reply(self, ask: Ask) -> Reply:
        """The recorded reply or, where there is none, the model's, which is recorded first."""
        if self._fault is not None:
            raise StopAll(self._fault.message, hint=self._fault.hint)
        revision = self.revision
        key = key_of(self.name, revision, ask, self._extra)
        while (before := self._under_way.get(key)) is not None:
            await before.wait()
        if self.cassette is not None and (known := self.cassette.get_reply(key)) is not None:
            self.replayed += 1
            return reply_of(known)
        if self.on_miss == "error":
            raise DiveError(f"no recorded reply of {_said(self, ask)}", hint="record it with --on-miss live")
        if self.on_miss == "drop":
            raise not_recorded(self, ask)
        self._under_way[key] = done = asyncio.Event()
        try:
            return await self._asked(key, revision, ask)
        finally:
            del self._under_way[key]
            done.set()

    async def _asked(self, key: bytes, revision: str, ask: Ask) -> Reply:
        reply = await self.model.reply(ask)
        if self.cassette is None:
            return reply
        asked = Asked(key, self.name, revision, ask.record, ask.purpose, ask.attempt, ask.turn)
        usage = reply.usage
        tokens = (usage.tokens_in, usage.tokens_out, usage.cached)
        try:
            recorded = self.cassette.put_reply(asked, _recordable(reply), tokens, reply.seconds)
            return reply_of(await asyncio.wrap_future(recorded))
        except TypeError as fault:
            raise ModelError("bad_reply", f"the reply is not JSON: {fault}") from None
        except DiveError as fault:  # of every reply to come too: what cannot be recorded is not to be paid for
            hint = fault.hint or "is there room on the disk, and may you write in its folder?"
            self._fault = StopAll(f"a reply could not be recorded: {fault.message}", hint=hint)
            raise self._fault from None


class Silent:
    """What stands in for a model that is only replayed: its name, and nothing that could be asked."""

    inside = True
    revision = ""

    def __init__(self, name: str) -> None:
        self.name = name
        self.counters: dict[str, Any] = {"requests": 0}

    async def open(self) -> None:
        """Nothing is to be opened."""

    async def close(self) -> None:
        """Nothing is to be closed."""

    async def reply(self, ask: Ask) -> Reply:
        """There is none."""
        raise not_recorded(self, ask)


def key_of(name: str, revision: str, ask: Ask, extra: Mapping[str, Any]) -> bytes:
    """The key under which a reply is recorded: a digest of all that is asked, of which checkpoint, and for whom."""
    for_whom = (ask.record, ask.purpose, ask.attempt, ask.turn)
    how = (_tools(tuple(map(ref, ask.tools))), ask.form and dict(ask.form), dict(ask.sampling), dict(extra))
    return hashlib.sha256(canonical([name, revision, *for_whom, *how, ask.messages])).digest()


@lru_cache(maxsize=256)
def _tools(functions: tuple[ReferenceType[Function], ...]) -> str:
    """The digest of a toolset; remembered by weak references, so that no task's own tools live longer than the task."""
    held = (function() for function in functions)
    return hashlib.sha256(b"\n".join(function.canonical for function in held if function is not None)).hexdigest()


def reply_of(recorded: dict[str, Any]) -> Reply:
    """The reply as it was recorded."""
    return Reply(
        message=recorded["message"],
        finish=recorded["finish"],
        usage=Usage(*recorded["usage"]),
        seconds=recorded["seconds"],
    )


def _recordable(reply: Reply) -> dict[str, Any]:
    usage = reply.usage
    return {
        "message": reply.message,
        "finish": reply.finish,
        "usage": [usage.tokens_in, usage.tokens_out, usage.cached],
        "seconds": reply.seconds,
    }


def newest(cassette: Cassette | None, name: str) -> str:
    """The checkpoint of a model that was asked last; DiveError names what the cassette has where it has none."""
    if cassette is None:
        raise DiveError(f"no cassette to replay {name} from", hint="name it with --cassette")
    if found := cassette.revisions(name):
        return found[0]
    raise DiveError(f"no reply of {name} is recorded", hint=_choices(cassette.models()))


def _choices(models: Sequence[str]) -> str:
    return f"there are replies of {', '.join(models)}" if models else "the cassette holds no reply of any model"


def not_recorded(model: Model, ask: Ask) -> ModelError:
    """What a replay says where the cassette has no reply."""
    return ModelError("not_recorded", f"no recorded reply of {_said(model, ask)}")


def _said(model: Model, ask: Ask) -> str:
    attempt = f", attempt {ask.attempt}" if ask.attempt else ""
    return f"{model.name} (revision {model.revision}) to {ask.purpose}, turn {ask.turn}{attempt}, of {ask.record}"
