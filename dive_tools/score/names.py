"""One thing under two names: a town without its country, a weekday with its date, a name with its code, a wind."""

from __future__ import annotations

import datetime
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from dive_tools.score.dates import date
from dive_tools.score.text import alike, named, plain, spelt
from dive_tools.values import EntityType

_AMERICA = re.compile(r"(?:,\s*(?:the )?(?:United States(?: of America)?|U\.?S\.?A?\.?)|\s*\((?:US|USA)\))$")
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DATED = re.compile(rf"(?:on )?({'|'.join(_DAYS)})(?:, | \(|,? the )(.+?)\)?")
_BRACKETED = re.compile(r"([^()\[\]]*[^()\[\]\s])\s*[(\[]([^()\[\]]+)[)\]]")
_CODE = re.compile(r"(?![IVX]+$)[A-Z]{2,5}|(?=[^\d]*\d)[A-Z][A-Z0-9.-]{1,9}")
_DASHED = re.compile(r"(.*\S)(?: +-|:| +=) +(\S.*)")
_HOUR = re.compile(r"\d\d:\d\d")
_TIME = re.compile(
    r"(?:at )?(?P<h>\d{1,2})(?:[:.](?P<m>\d\d)(?::00)?)?\s*(?P<half>[ap]\.?m\.?)?(?: ?h| hours| o'clock| local time)?"
)
_MESSIER = re.compile(r"(?:M|Messier|MESSIER|messier)\s?(\d{1,3})")
_WIND = re.compile(r"[NESW](?:\.?[NESW]){0,2}\.?")
_WINDS = frozenset(("n", "nne", "ne", "ene", "e", "ese", "se", "sse", "s", "ssw", "sw", "wsw", "w", "wnw", "nw", "nnw"))
_TOWARDS = re.compile(r"^(?:to(?:wards?)?\s+)?(?:the\s+)?(?=north|east|south|west)")


def other_names(said: str, wanted: Sequence[str], question: str = "") -> bool:
    """Whether what was said is one of the spellings that are wanted, in a form that names it otherwise."""
    ways = (_same_day, _same_wind, _same_hour, _same_nebula)
    if any(in_state(said, one) for one in wanted):
        return True
    return any(way(said, one) for one in wanted for way in ways) or _with_code(said, wanted, question)


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


# --- times of day, catalogues ---------------------------------------------------------------------------------------


def _same_hour(said: str, wanted: str) -> bool:
    """4:00 AM for 04:00: a time of day to the minute, by either clock."""
    if _HOUR.fullmatch(wanted) is None:
        return False
    found = _TIME.fullmatch(spelt(said).casefold())
    if found is None:
        return False
    hour, half = int(found["h"]), (found["half"] or "").replace(".", "")
    if half and not 1 <= hour <= 12:
        return False
    hour = hour % 12 + 12 * (half == "pm") if half else hour
    return bool(half or found["m"]) and f"{hour:02}:{found['m'] or '00'}" == wanted


def _same_nebula(said: str, wanted: str) -> bool:
    """M45 for Messier 45."""
    ours, theirs = _MESSIER.fullmatch(spelt(said)), _MESSIER.fullmatch(wanted)
    return ours is not None and theirs is not None and ours[1] == theirs[1]


# --- a name with its code --------------------------------------------------------------------------------------------


def _with_code(said: str, wanted: Sequence[str], question: str) -> bool:
    """ "South African rand (ZAR)" for either: one is what is wanted, and the other nothing that speaks against it."""
    text = spelt(said)
    found = _BRACKETED.fullmatch(text) or _DASHED.fullmatch(text)
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
        return _fits(code, name) and not named(name, question)
    return by_name and not codes and _matches(code, name) and not named(code, question)


def _fits(code: str, name: str) -> bool:
    """Whether a code may be that of a name: not where it is known as another's."""
    if len(plain(name)) < 3 or re.search(r"(?<!\w)(?:or|not|maybe|possibly|perhaps)(?!\w)", plain(name)):
        return False
    return _matches(code, name)


def _matches(code: str, name: str) -> bool:
    """Whether a code is not known as that of something else."""
    words, theirs = set(plain(name).split()), _coded(code)
    return bool(words) and (not theirs or any(set(plain(one).split()) & words for one in theirs))


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


def in_state(said: str, wanted: str) -> bool:
    """ "Phoenix, Arizona" for "Phoenix, United States", where that is the state of the city that the tools mean."""
    name, _, country = wanted.rpartition(", ")
    if country != "United States" or not plain(said).startswith(plain(name)):
        return False
    town, *behind = [part.strip() for part in _AMERICA.sub("", spelt(said)).split(",")]
    state = _state(wanted)
    return plain(town) == plain(name) and len(behind) == 1 and bool(state) and behind[0] in state


@lru_cache(maxsize=1024)
def _state(city: str) -> tuple[str, ...]:
    """The state of a city of the United States, in full and in two letters; none where its tools cannot be loaded."""
    try:
        import pycountry

        from dive_tools.tools.geography.countries import city_rows
    except ImportError:
        return ()
    row = city_rows().get(city)
    found = pycountry.subdivisions.get(code=f"US-{row['admin1code']}") if row is not None else None
    return (found.name, row["admin1code"]) if row is not None and found is not None else ()


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
