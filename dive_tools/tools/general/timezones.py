"""Time zones of the IANA tz database."""

from __future__ import annotations

import datetime
from functools import lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.general.calendars import DATES, YEARS, AnyDate, day
from dive_tools.tools.geography.countries import AnyCountry, code_of
from dive_tools.values import Entity, Quantity, says

# The tzdata package, not the machine's own tables, so that machines agree.
IANA: dict[str, Any] = {
    "needs": ("tzdata",),
    "source": "IANA tz database, by the tzdata package",
    "licence": "public domain",
}

AnyZone = Annotated[str, Entity("timezone"), Meta(description="IANA name, as in Africa/Nairobi")]


@lru_cache(maxsize=1)
def zones_by_country() -> dict[str, list[str]]:
    """The zones of zone.tab by ISO country code, in alphabetical order."""
    from importlib.resources import files

    found: dict[str, list[str]] = {}
    for line in (files("tzdata") / "zoneinfo" / "zone.tab").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            code, _, name = line.split("\t")[:3]
            found.setdefault(code, []).append(name)
    return {code: sorted(names) for code, names in found.items()}


@lru_cache(maxsize=1)
def timezone_names() -> list[str]:
    """The zones of zone.tab."""
    return sorted({name for names in zones_by_country().values() for name in names})


@lru_cache(maxsize=512)
def zone(name: str) -> datetime.tzinfo:
    """The rules of a zone, from the tzdata package; Refusal when there is none."""
    from importlib.resources import files
    from zoneinfo import ZoneInfo

    path = (files("tzdata") / "zoneinfo").joinpath(*name.split("/"))
    known = name[:1].isalpha() and ".." not in name and path.is_file()
    if not known:
        raise Refusal(f"no time zone {name!r} in the IANA tz database")
    with path.open("rb") as file:
        try:
            return ZoneInfo.from_file(file, key=name)
        except ValueError:
            raise Refusal(f"no time zone {name!r} in the IANA tz database") from None


def offset(name: str, on: datetime.date) -> float:
    """The UTC offset in hours at noon local time."""
    at = datetime.datetime.combine(on, datetime.time(12), zone(name)).utcoffset()
    assert at is not None
    return at / datetime.timedelta(hours=1)


class Zones(TypedDict):
    timezones: Annotated[
        list[Annotated[str, Entity("timezone")]],
        says(
            "the time zones that the zone.tab of the IANA tz database lists for {country}",
            noun="time zone",
            plural="time zones",
            ask_count="How many time zones does the zone.tab of the IANA tz database list for {country}",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"country": "Kenya"}, {"/timezones": ["Africa/Nairobi"]}, "published: IANA tz database, zone.tab"),
        example(
            {"country": "Portugal"},
            {"/timezones": ["Atlantic/Azores", "Atlantic/Madeira", "Europe/Lisbon"]},
            "published: IANA tz database, zone.tab",
        ),
    ],
    **IANA,
)
def timezones_of_country(country: AnyCountry) -> Zones:
    """List the time zones of a country in the zone.tab of the IANA tz database, in alphabetical order; complete."""
    return {"timezones": zones_by_country().get(code_of(country), []), "complete": True}


class Offset(TypedDict):
    offset: Annotated[
        float,
        Quantity("UTC offset", "hours", scale="interval"),
        says(
            "the UTC offset of {timezone} at noon on {date}",
            noun="UTC offset",
            ask="How many hours is {timezone} ahead of UTC (negative if behind) at noon on {date}",
        ),
    ]


@tool(
    "processing",
    examples=[
        example({"timezone": "Asia/Kathmandu", "date": "2026-01-15"}, {"/offset": 5.75}, "published: IANA tz database"),
        example(
            {"timezone": "America/New_York", "date": "2026-07-01"},
            {"/offset": -4},
            "published: US Code 15, section 260a",
        ),
    ],
    **IANA,
)
def utc_offset(timezone: AnyZone, date: Annotated[AnyDate, DATES]) -> Offset:
    """Compute how many hours a time zone is ahead of UTC (negative: behind) at noon local time on a date."""
    return {"offset": offset(timezone, day(date))}


class ZoneDifference(TypedDict):
    difference: Annotated[
        float,
        Quantity("time difference", "hours"),
        says(
            "the time difference between {first} and {second} on {date}",
            noun="time difference",
            ask="How many hours do the clocks of {first} and {second} differ on {date}",
        ),
    ]


@tool(
    "processing",
    distinct=("first", "second"),
    examples=[
        example(
            {"first": "Europe/London", "second": "America/New_York", "date": "2026-01-15"},
            {"/difference": 5},
            "published: IANA tz database, GMT and EST",
        ),
        example(
            {"first": "Asia/Kolkata", "second": "Asia/Kathmandu", "date": "2026-07-01"},
            {"/difference": 0.25},
            "published: Nepal is 15 minutes ahead of India",
        ),
    ],
    **IANA,
)
def time_difference(first: AnyZone, second: AnyZone, date: Annotated[AnyDate, DATES]) -> ZoneDifference:
    """Compute how many hours the clocks of two time zones differ on a date (offsets at local noon), never negative."""
    return {"difference": abs(offset(first, day(date)) - offset(second, day(date)))}


class Changes(TypedDict):
    dates: Annotated[
        list[Annotated[str, Entity("date")]],
        says(
            "the dates in {year} on which the clocks of {timezone} change",
            noun="date",
            plural="dates",
            ask_count="On how many dates in {year} do the clocks of {timezone} change",
        ),
    ]
    complete: bool


@tool(
    "processing",
    examples=[
        example(
            {"timezone": "Europe/Paris", "year": 2026},
            {"/dates": ["2026-03-29", "2026-10-25"]},
            "published: Directive 2000/84/EC, last Sundays of March and October",
        ),
        example(
            {"timezone": "America/Chicago", "year": 2025},
            {"/dates": ["2025-03-09", "2025-11-02"]},
            "published: US Code 15, section 260a",
        ),
        example({"timezone": "Asia/Tokyo", "year": 2025}, {"/dates": []}, "identity: no summer time in Japan"),
    ],
    **IANA,
)
def clock_changes(timezone: AnyZone, year: Annotated[int, Entity("year"), YEARS, Meta(ge=1975, le=2037)]) -> Changes:
    """List the local dates in a year on which a time zone's UTC offset changes (IANA tz database), in order.

    Complete; an empty list means that the clocks run through the year unchanged.
    """
    return {"dates": [on.isoformat() for on in _changes(timezone, year)], "complete": True}


@lru_cache(maxsize=4096)
def _changes(name: str, year: int) -> tuple[datetime.date, ...]:
    rules, days = zone(name), [datetime.date(year, 1, 1) + datetime.timedelta(days=i) for i in range(367)]
    offsets = [_midnight(rules, on) for on in days]
    return tuple(on for on, a, b in zip(days, offsets, offsets[1:], strict=False) if a != b and on.year == year)


def _midnight(rules: datetime.tzinfo, on: datetime.date) -> datetime.timedelta:
    found = datetime.datetime.combine(on, datetime.time(0), rules).utcoffset()
    assert found is not None
    return found
