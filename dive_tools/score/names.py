"""One thing under two names: a town without its country, a weekday with its date, a name with its code, a wind."""

from __future__ import annotations

import datetime
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from dive_tools.score.dates import date
from dive_tools.score.text import alike, plain, spelt
from dive_tools.values import EntityType

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DATED = re.compile(rf"(?:on )?({'|'.join(_DAYS)})(?:, | \(|,? the )(.+?)\)?")
_BRACKETED = re.compile(r"([^()\[\]]*[^()\[\]\s])\s*[(\[]([^()\[\]]+)[)\]]")
_CODE = re.compile(r"[A-Z]{2,5}|(?=[^\d]*\d)[A-Z][A-Z0-9.-]{1,9}")
_WIND = re.compile(r"[NESW](?:\.?[NESW]){0,2}\.?")
_WINDS = frozenset(("n", "nne", "ne", "ene", "e", "ese", "se", "sse", "s", "ssw", "sw", "wsw", "w", "wnw", "nw", "nnw"))
_TOWARDS = re.compile(r"^(?:to(?:wards?)?\s+)?(?:the\s+)?(?=north|east|south|west)")


def other_names(said: str, wanted: Sequence[str]) -> bool:
    """Whether what was said is one of the spellings that are wanted, in a form that names it otherwise."""
    return any(_same_day(said, one) or _same_wind(said, one) for one in wanted) or _with_code(said, wanted)


# --- weekdays, winds -------------------------------------------------------------------------------------------------


def _same_day(said: str, wanted: str) -> bool:
    """Monday, said as "Monday, 7 June 2027", where that day is a Monday; or as "on Monday"."""
    day = plain(wanted)
    if day not in _DAYS:
        return False
    text = spelt(said).casefold()
    if text == f"on {day}":
        return True
    found = _DATED.fullmatch(text)
    stated = date(found[2]) if found is not None and found[1] == day else None
    return stated is not None and _DAYS[datetime.date.fromisoformat(stated).weekday()] == day


def _same_wind(said: str, wanted: str) -> bool:
    """ENE for east-northeast: one of the sixteen directions, in words or in letters."""
    ours, theirs = _wind(said), _wind(wanted)
    return bool(ours) and ours == theirs


@lru_cache(maxsize=4096)
def _wind(text: str) -> str:
    """The direction in letters; "" for what is none."""
    text = spelt(text)
    if _WIND.fullmatch(text):
        letters = text.replace(".", "").lower()
    else:
        words = _TOWARDS.sub("", text.casefold())
        if len(words) < 4:
            return ""
        letters = re.sub(r"(north|east|south|west)(?:ern)?[-\s]?", lambda found: found[1][0], words)
    return letters if letters in _WINDS else ""


# --- a name with its code --------------------------------------------------------------------------------------------


def _with_code(said: str, wanted: Sequence[str]) -> bool:
    """ "South African rand (ZAR)" for either: one is what is wanted, and the other nothing that speaks against it."""
    found = _BRACKETED.fullmatch(spelt(said))
    if found is None:
        return False
    ours = [_CODE.fullmatch(part) is not None for part in (found[1], found[2])]
    if ours[0] is ours[1]:
        return False
    code, name = (found[1], found[2]) if ours[0] else (found[2], found[1])
    codes = [one for one in wanted if _CODE.fullmatch(spelt(one))]
    names = [one for one in wanted if not _CODE.fullmatch(spelt(one))]
    by_code, by_name = (any(alike(said, one) for one in among) for said, among in ((code, codes), (name, names)))
    if by_code and by_name:
        return True
    if by_code and not names:
        return _fits(code, name)
    return by_name and not codes and _fits(code, name)


def _fits(code: str, name: str) -> bool:
    """Whether a code may be that of a name: not where it is known as another's."""
    words = set(plain(name).split())
    if not words or len(plain(name)) < 3 or re.search(r"(?<!\w)(?:or|not|maybe|possibly|perhaps)(?!\w)", plain(name)):
        return False
    theirs = _coded(code)
    return not theirs or any(set(plain(one).split()) & words for one in theirs)


@lru_cache(maxsize=4096)
def _coded(code: str) -> tuple[str, ...]:
    """The currencies and countries of a code, as ISO names them."""
    try:
        import pycountry
    except ImportError:
        return ()
    tables = {2: ["countries"], 3: ["countries", "currencies"]}.get(len(code), [])
    found = [getattr(pycountry, table).get(**{f"alpha_{len(code)}": code}) for table in tables]
    return tuple(one.name for one in found if one is not None)


# --- towns -----------------------------------------------------------------------------------------------------------


def short_names(answer: Mapping[str, Any], question: str = "") -> dict[str, str]:
    """What a place in the answer may be called for short: {"Nairobi, Kenya": "Nairobi"}.

    A place is a name and a country or state behind a comma. It is called by the name alone only where the name is no
    country's, and neither the answer, the question nor the tools' places have another of that name.
    """
    value = answer["value"]
    members: Iterable[Any] = value.values() if isinstance(value, Mapping) else [value]
    members = value if isinstance(value, list) else members
    whole = [member for member in members if isinstance(member, str) and ", " in member]
    short: dict[str, str] = {}
    if not whole:
        return short
    regions = _regions()
    for place in dict.fromkeys(whole):
        name, _, region = place.rpartition(", ")
        if region not in regions or (name in regions and region != "United States") or regions.get(name) == "country":
            continue
        if not _gazetteer().get(name, {region}) <= {region}:
            continue
        others = {other for other in whole if other != place and other.startswith(f"{name}, ")}
        asked = {found[1] for found in re.finditer(rf"(?<!\w){re.escape(name)}(?=(?:, | \()(\w[\w'’. -]*))", question)}
        if not others and all(after.startswith(region) or not after[0].isupper() for after in asked):
            short[place] = name
    return short


@lru_cache(maxsize=1)
def _regions() -> dict[str, str]:
    """The countries and the states of the United States, by name; none where their tools cannot be loaded."""
    try:
        from dive_tools.tools.geography.us_states import STATE
        from dive_tools.tools.types import COUNTRY
    except ImportError:
        return {}
    return dict.fromkeys(_values(STATE), "state") | dict.fromkeys(_values(COUNTRY), "country")


@lru_cache(maxsize=1)
def _gazetteer() -> dict[str, set[str]]:
    """The regions in which the tools have a place of a name."""
    from dive_tools.tools.geography.countries import CITY
    from dive_tools.tools.geography.subdivisions import SUBDIVISION
    from dive_tools.tools.geography.zip_codes import PLACE

    places: dict[str, set[str]] = defaultdict(set)
    for place in (place for kind in (CITY, SUBDIVISION, PLACE) for place in _values(kind)):
        name, _, region = place.rpartition(", ")
        places[name].add(region)
    return dict(places)


def _values(kind: EntityType) -> list[str]:
    """The values of a type as tools give them."""
    return [str(value) for value in kind.samples()] if kind.samples is not None else []
