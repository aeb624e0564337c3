"""A JSON value made to fit: the heads of its lists and texts, at the places where they stand in the whole value.

One measure cuts the whole value: lists to so many items, and texts to so many characters for each of these. Keys of
objects go only where that is not enough. Since nothing but tails goes, a pointer means in what is left the same as in
the whole. The work grows with the room and not with the value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from math import isqrt
from typing import Any

import orjson

LETTERS = 40  # characters of a text that are worth an item of a list
CLOSE = 0.95  # of the room: what fills as much is not cut more finely
PLACES = 6  # that a note names
SHOWN = 80  # characters of a place in a note
FLOOR = 25  # characters: a number is never cut, and {} is the least of an object


def cut(value: Any, room: int) -> tuple[Any, str]:
    """The value within `room` characters of JSON (FLOOR at least), and a note of what was cut, "" where it is whole.

    A note: "/rows: 20 of 512 items; /rows/*/abstract: 800 of up to 9,120 characters (in 17 places)".
    """
    if _fits(value, room):
        return value, ""
    left = _most(lambda n: _Knife(room, n, room), value, 1)
    if left is None:
        left = _most(lambda n: _Knife(room, 1, n), value, 0)
    if left is None:
        left = _Knife(max(room, FLOOR), 0, 0).of(value)
    return left, _note(_cuts(value, left))


def _fits(value: Any, room: int) -> bool:
    if _long(value, room) or (isinstance(value, dict) and any(_long(part, room) for part in value.values())):
        return False  # which is seen without a walk
    text = orjson.dumps(value)
    return len(text) <= room or (len(text) <= 4 * room and len(text.decode()) <= room)


def _long(value: Any, room: int) -> bool:
    """Whether it has more items or letters than there is room for, each of which takes a character."""
    return isinstance(value, dict | list | str) and len(value) > room


class _Over(Exception):
    """What is left is more than there is room for."""


class _Knife:
    """Cuts lists to so many items and objects to so many keys, as long as there is room for what is left."""

    def __init__(self, room: int, items: int, keys: int) -> None:
        self.room, self.items, self.keys = room, items, keys
        self.letters = items * LETTERS

    def of(self, value: Any) -> Any:
        """What is left of a value; _Over where there is no room for it."""
        head: Any = value
        kind = type(value)
        if kind is dict:
            head = self._head(value, self.keys, 4)
            if head and not self._plain(head.values()):
                self._paid(list(head), len(head))
                return {key: self.of(item) for key, item in head.items()}
        elif kind is list:
            head = self._head(value, self.items, 1)
            if head and not self._plain(head):
                self._pay(1 + len(head))
                return [self.of(item) for item in head]
        elif kind is str and len(value) > self.letters:
            head = value[: self.letters]
        return self._paid(head)

    def _head(self, value: Any, most: int, least: int) -> Any:
        """The first items of a list or an object; _Over where there is no room even if each has the least size."""
        count = min(len(value), most)
        if count * least > self.room:
            raise _Over
        if count == len(value):
            return value
        return value[:count] if isinstance(value, list) else dict(islice(value.items(), count))

    def _plain(self, values: Iterable[Any]) -> bool:
        """Whether none of the values would be cut, so that they need not be looked at one by one."""
        for value in values:
            kind = type(value)
            if kind is dict or kind is list or (kind is str and len(value) > self.letters):
                return False
        return True

    def _paid(self, head: Any, more: int = 0) -> Any:
        text = orjson.dumps(head)
        self._pay((len(text) if text.isascii() else len(text.decode())) + more)
        return head

    def _pay(self, characters: int) -> None:
        self.room -= characters
        if self.room < 0:
            raise _Over


def _most(knife: Callable[[int], _Knife], value: Any, least: int) -> Any:
    """What the largest n leaves for which there is room, or one that fills it closely; None where not even `least`."""
    best, good, bad, n = None, least, 0, least
    while not bad or good + 1 < bad:
        trial = knife(n)
        room = trial.room
        try:
            best, good = trial.of(value), n
        except _Over:
            if best is None:
                return None
            bad = n
            n = max(good + 1, isqrt(good * bad))
            continue
        used = room - trial.room
        if used >= CLOSE * room:
            break
        likely = good * room // used
        n = max(good + 1, min(likely, (good + bad) // 2) if bad else max(2 * good, min(16 * good, likely)))
    return best


# --- the note ---------------------------------------------------------------------------------------------------------

Cut = tuple[str, str, int, int]  # where, of what, how many are left, of how many


def _note(cuts: Iterable[Cut]) -> str:
    """What was cut, in words; the items of a list are one place."""
    found: dict[tuple[str, str], list[int]] = {}
    for at, what, left, of in cuts:
        counts = found.setdefault((at, what), [left, 0, 0])
        counts[1], counts[2] = max(of, counts[1]), counts[2] + 1
    said = [_said(at, what, *counts) for (at, what), counts in found.items()]
    more = len(said) - PLACES
    return "; ".join(said[:PLACES] + ([f"and in {more:,} more places"] if more > 0 else []))


def _said(at: str, what: str, left: int, of: int, times: int) -> str:
    place = at if len(at) <= SHOWN else f"{at[:SHOWN]}…"
    many = f" (in {times:,} places)" if times > 1 else ""
    return f"{place or 'the whole'}: {left:,} of {'up to ' if many else ''}{of:,} {what}{many}"


def _cuts(whole: Any, left: Any, at: str = "") -> Iterator[Cut]:
    if left is whole:
        return
    if isinstance(whole, dict | list | str) and len(left) < len(whole):
        what = {dict: "keys", list: "items", str: "characters"}[type(whole)]
        yield at, what, len(left), len(whole)
    if isinstance(whole, dict):
        for key, item in left.items():
            yield from _cuts(whole[key], item, f"{at}/{key.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(whole, list):
        for one, item in zip(whole, left, strict=False):
            yield from _cuts(one, item, f"{at}/*")
