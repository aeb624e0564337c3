"""Lists, maps and truths as people write them."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from dive_tools.score.text import MARKER, clean, plain

_LONGEST = 20_000  # characters of a list or a map in words
_MEASURE = r"(?:[~≈=]|about )? ?[-+]?[$€£¥]?\d[\d.,' ]*(?:[eE][-+]?\d+)?(?:[ -]?[^\d\W][\w/·^°³²%.-]*){0,4}[°%]?"
_MEASURED = re.compile(  # no year in brackets, nor a span of years: these tell two things of one name apart
    rf"(?P<name>.*[^\s(])(?:\s*\((?!\d{{4}}\s*(?:-|\)))(?P<aside>{_MEASURE})\)|(?:\s+-|:|\s+=)\s+(?P<why>{_MEASURE}))"
)
_RULED = re.compile(r"\|(?:\s*:?-+:?\s*\|)+")
_NOTHING = frozenset(("none", "nothing", "empty", "empty set", "empty list", "∅", "no items", ""))
_LETTERED = re.compile(r"(?:^|(?<=[\s;,.]))\(?([a-z])[).:](?=\s|$)\s*", re.IGNORECASE)
_TRUTHS = {"yes": True, "true": True, "no": False, "false": False}
_TRUTH = re.compile(r"(?<![\w'-])(yes|no|true|false)(?![\w'-])")
_STANDING = re.compile(
    r"(?:^|[,.;:!(\n/|-])\s*(?:(?:but(?: \w+){0,3}?|then|actually|so|now|also) )*(yes|no|true|false)"
    r"\s*(?=[,.;:!()\n]|$)"
)
_BOTH = re.compile(
    r"(?:yes|no|true|false)\s*(?:/|,?\s*(?:and|or|but)(?: also)?)\s*(?:yes|no|true|false)(?!\w)"
    r"|(?:^|\W)(?:maybe|perhaps|possibly|probably|likely|presumably"
    r"|i (?:think|guess|believe)|either|unsure|not sure|depends|unknown|cannot|might|could be"
    r"|otherwise|unless|sometimes|not always)(?:\W|$)"
)


_SPOILT = object()  # what says a thing twice says nothing


class _Twice(Exception):
    """A JSON object holds a name twice."""


def truth(said: Any) -> bool | None:
    """Yes or no; None for neither, and for both."""
    if isinstance(said, bool):
        return said
    return _truth(said) if isinstance(said, str) else None


@lru_cache(maxsize=4096)
def _truth(said: str) -> bool | None:
    text = clean(said).casefold().strip(" \"'“”.!")
    if text in _TRUTHS:
        return _TRUTHS[text]
    if len(text) > 300 or _BOTH.search(text):
        return None
    opening = re.match(r"(yes|no|true|false)\s*[,.;:!(\n-]", text)
    if opening is not None:
        return _TRUTHS[opening[1]] if not _taken_back(text[opening.end() :], _TRUTHS[opening[1]]) else None
    found = _TRUTH.findall(text)
    if len(found) != 1 or len(text.split()) > 8 or re.search(r"(?<!\w)(?:not|neither)(?!\w)|n't", text):
        return None
    return _TRUTHS[found[0]] if text.endswith(found[0]) else None


def _taken_back(rest: str, said: bool) -> bool:
    """Whether the words behind a yes answer no, or the other way about."""
    standing = _STANDING.findall(rest)
    return any(_TRUTHS[word] is not said for word in standing)


def listings(said: Any, *, rising: bool = False) -> list[list[Any]]:
    """The ways to read what was said as a list, the likeliest first; none for a map.

    "A < B < C" is one only where the order that is asked for is `rising`.
    """
    if isinstance(said, list | tuple):
        return [list(said)]
    if not isinstance(said, str):
        return [] if said is None or isinstance(said, Mapping) else [[said]]
    return [list(way) for way in _listings(said, rising)]


@lru_cache(maxsize=4096)
def _listings(said: str, rising: bool) -> tuple[tuple[Any, ...], ...]:
    if len(said) > _LONGEST:
        return ()
    value = _literal(said)
    if isinstance(value, list | tuple | set):
        return (tuple(value),)
    if isinstance(value, Mapping) or value is _SPOILT:
        return ()
    text = clean(said)
    text = text[1:-1] if text[:1] + text[-1:] in ("[]", "{}", "()") else text
    if plain(text) in _NOTHING:
        return ((),)
    ways = [text.splitlines()] if "\n" in text else []
    if rows := _rows(text):
        ranked = all(row[0].strip("#.") == str(n) for n, row in enumerate(rows, 1)) and len(rows[0]) > 1
        ways.append([row[ranked] for row in rows])
    if ";" in text:
        ways.extend(_split(text, r"\s*;\s*", r"\s*;\s*(?:and\s+)?"))
    if re.search(r"\s(?:>|->|→|=>)\s", text):
        ways.append(re.split(r"\s+(?:>|->|→|=>)\s+", text))
    if rising and re.search(r"\s<\s", text):
        ways.append(re.split(r"\s+<\s+", text))
    if "," in text or " and " in text or " & " in text:
        ways.extend(_split(text, r",\s+", r",\s+(?:and|&)\s+|,\s+|\s+(?:and|&)\s+", r",\s+(?:and\s+)?", r"\s*,\s*"))
        head, joint, tail = text.rpartition(" and ")
        ways.append([*re.split(r",\s+", head.rstrip(", ")), tail] if joint else [text])
    ways.append([text])
    ways = [reading for way in ways for reading in (_unmarked(way), [item for item in way if item.strip()])]
    ways.extend([heads for way in ways if (heads := _measured(way))])
    return tuple(dict.fromkeys(tuple(_bare(item) for item in way) for way in ways))


def _rows(text: str) -> list[list[str]]:
    """The rows of a table in Markdown, without its head."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) < 3 or not all(line[0] == "|" for line in lines) or not _RULED.fullmatch(lines[1]):
        return []
    return [[clean(cell) for cell in line.strip("|").split("|")] for line in lines[2:]]


def _split(text: str, *patterns: str) -> list[list[str]]:
    return [re.split(pattern, text) for pattern in patterns]


def _unmarked(items: list[str]) -> list[str]:
    items = [item.strip() for item in items if item.strip()]
    if items and all(MARKER.match(item) for item in items):
        return [MARKER.sub("", item, count=1) for item in items]
    return items


def _measured(items: list[str]) -> list[str]:
    """The names alone, where each has its measure behind it: "lithium (453.65 K)", "histidine: 6"."""
    found = [_MEASURED.fullmatch(clean(item)) for item in items]
    heads = [one["name"] for one in found if one is not None and not _twins(one["name"], one["aside"] or one["why"])]
    return heads if 0 < len(heads) == len(items) else []


def _twins(name: str, measure: str) -> bool:
    """Whether a name and its measure look the same: 48375 (48374)."""
    return re.sub(r"\d", "0", name) == re.sub(r"\d", "0", measure)


def _bare(item: str) -> str:
    return item.strip().strip(",;").strip("\"'“”‘’«» ")


def mappings(said: Any, value: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    """The ways to read what was said as a map; `value` lends the number of its parts."""
    if isinstance(said, Mapping):
        return [said]
    return list(_mappings(said, len(value) if value is not None else 0)) if isinstance(said, str) else []


@lru_cache(maxsize=4096)
def _mappings(said: str, count: int) -> tuple[Mapping[str, Any], ...]:
    if len(said) > _LONGEST:
        return ()
    value = _literal(said)
    if isinstance(value, Mapping):
        return (value,) if all(isinstance(key, str) for key in value) else ()
    if value is _SPOILT:
        return ()
    text = clean(said)
    ways: list[Mapping[str, Any]] = []
    if lettered := _by_letter(text):
        ways.append(lettered)
    if (rows := _rows(text)) and all(len(row) == 2 for row in rows):
        made = {_bare(name).strip("()"): _bare(part) for name, part in rows}
        ways.extend([made] if len(made) == len(rows) else [])
    for separator in ("\n", ";", ", "):
        pieces = _unmarked(text.strip("{}").split(separator))
        if separator != "\n" and separator not in text:
            continue
        pairs = [re.split(r"\s*[:=]\s*", piece.strip(" .,;"), maxsplit=1) for piece in pieces]
        if pairs and all(len(pair) == 2 and pair[0] for pair in pairs):
            made = {_bare(name): _bare(part) for name, part in pairs}
            ways.extend([made] if len(made) == len(pairs) else [])
    return tuple(way for way in ways if not count or len(way) == count) or tuple(ways[:1])


def _by_letter(text: str) -> dict[str, str]:
    """(a) one (b) two, as {"a": "one", "b": "two"}."""
    found = list(_LETTERED.finditer(text))
    if not found or [m[1].lower() for m in found] != [chr(97 + n) for n in range(len(found))] or found[0].start():
        return {}
    ends = [m.start() for m in found[1:]] + [len(text)]
    return {m[1].lower(): text[m.end() : end].strip(" ,;\n.") for m, end in zip(found, ends, strict=True)}


def _literal(text: str) -> Any:
    """The JSON value, or Python's list or dictionary, that a text is; None for anything else."""
    text = text.strip().strip("`").strip()
    text = text.removeprefix("json\n")
    if text[:1] not in ("[", "{", "("):
        return None
    try:
        return json.loads(text, object_pairs_hook=_once)
    except _Twice:
        return _SPOILT
    except (ValueError, RecursionError):
        pass
    try:
        return ast.literal_eval(text) if len(text) < 5000 else None
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose members have names of their own."""
    made = dict(pairs)
    if len(made) < len(pairs):
        raise _Twice
    return made
