"""Which member of a map that was said is which part of the reference: by name, never by place against a name."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any

from dive_tools.score.text import clean, plain

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WORD = re.compile(r"[^\W_]+")
_SMALL = frozenset(
    ("a", "an", "and", "are", "at", "by", "de", "for", "from", "in", "is", "its", "no", "of", "on", "or", "s")
) | {"the", "to", "what", "which", "with"}


def paired(value: Mapping[str, Any], said: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    """Each part with what is said of it; None where nothing is.

    A part is found by its name; by its letter or number, where all keys are letters or numbers; by the one key that
    holds its name, or a word of it that no other part has; and by its place only where no key holds any of these. One
    part left over takes the one key left over, unless it has a name of its own that the key should have held.
    """
    if said.keys() == value.keys():
        return [(part, said[name]) for name, part in value.items()]
    by_name: dict[str, str] = {plain(key): key for key in said}
    for ordinals in (_LETTERS, [str(n) for n in range(1, len(value) + 1)]):
        marks = dict(zip(ordinals, value, strict=False))
        if by_name and marks.keys() >= by_name.keys() and not by_name.keys() & set(map(plain, value)):
            return [(value[name], said.get(by_name.get(mark, ""))) for mark, name in marks.items()]
    found = {name: by_name[plain(name)] for name in value if plain(name) in by_name}
    claimed = set(found.values())
    for holds in (_whole, _some):
        claimed |= _settle(list(value), list(said), holds, found)
    left = [name for name in value if name not in found]
    free = [key for key in said if key not in found.values()]
    alone = len(left) == 1 and _described(left[0])
    if len(said) == len(value) and not claimed & set(free) and (alone or not claimed):
        found |= dict(zip(left, free, strict=True))
    return [(part, said[found[name]] if name in found else None) for name, part in value.items()]


_Holds = Callable[[str, Collection[str]], list[str]]


def _settle(names: list[str], keys: list[str], holds: _Holds, found: dict[str, str]) -> set[str]:
    """Pair the names and keys that have only one another; the keys that hold any name, paired or not."""
    held = {key: holds(key, names) for key in keys}
    for name in [name for name in names if name not in found]:
        mine = [key for key in keys if key not in found.values() and name in held[key]]
        if len(mine) == 1 and held[mine[0]] == [name]:
            found[name] = mine[0]
    return {key for key, hits in held.items() if hits}


def _whole(key: str, names: Collection[str]) -> list[str]:
    """The names that a key holds with all their words, but for those within another of them: Sudan in South Sudan."""
    ours = _words(key)
    hits = [name for name in names if _words(name) <= ours or (not name.isascii() and plain(name) in plain(key))]
    return [name for name in hits if not any(_words(name) < _words(other) for other in hits)]


def _some(key: str, names: Collection[str]) -> list[str]:
    """The names of which a key holds a word that no other name has."""
    hits = []
    for name in names:
        others = set[str]().union(*(_words(other) for other in names if other != name))
        if (_words(name) - others) & _words(key):
            hits.append(name)
    return hits


def _described(name: str) -> bool:
    """Whether a name describes what it names ("largest prime factor"), and is no name of its own ("South Sudan")."""
    return any(word[0].islower() and word not in _SMALL for word in _WORD.findall(clean(name)))


@lru_cache(maxsize=16384)
def _words(text: str) -> frozenset[str]:
    """The words of a name or a key, in lower case, without the small ones and the plural."""
    words = [word.casefold() for word in _WORD.findall(_HUMPS.sub(" ", clean(text)).replace("'", ""))]
    words = [word for word in words if word not in _SMALL] or words
    return frozenset(word[:-1] if len(word) > 3 and word.endswith("s") and word[-2] != "s" else word for word in words)
