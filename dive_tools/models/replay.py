"""`replay:FILE` and `replay:FILE#MODEL`: the replies of a model that a cassette holds; nothing is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dive_tools.cassette import Cassette
from dive_tools.errors import DiveError
from dive_tools.models.base import Ask, Reply, Settings
from dive_tools.models.taped import key_of, newest, not_recorded, reply_of


class Replay:
    """A recorded model, under the name that it was recorded by."""

    inside = True

    def __init__(self, name: str, settings: Settings) -> None:
        path, model = _parts(name)
        self.cassette = Cassette(None, over=[path])
        self.name = model or _only(path, self.cassette.models())
        self.revision = settings.revision or newest(self.cassette, self.name)
        self.counters: dict[str, Any] = {"replayed": 0}
        self._extra = settings.extra

    async def open(self) -> None:
        """It is open."""

    async def close(self) -> None:
        """Close the file."""
        self.cassette.close()

    async def reply(self, ask: Ask) -> Reply:
        """The recorded reply; ModelError not_recorded where there is none."""
        known = self.cassette.get_reply(key_of(self.name, self.revision, ask, self._extra))
        if known is None:
            raise not_recorded(self, ask)
        self.counters["replayed"] += 1
        return reply_of(known)


def _parts(name: str) -> tuple[Path, str]:
    """The file, and the model where one is named; a file may have a # in its own name."""
    if Path(name).exists():
        return Path(name), ""
    path, _, model = name.partition("#")
    return Path(path), model


def _only(path: Path, models: list[str]) -> str:
    if not models:
        raise DiveError(f"{path} holds no reply of any model")
    if len(models) > 1:
        raise DiveError(f"{path} holds replies of {', '.join(models)}", hint=f"choose one: replay:{path}#{models[0]}")
    return models[0]
