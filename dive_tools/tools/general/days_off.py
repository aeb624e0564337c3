"""Nationwide public holidays and the weekdays that they leave."""

from __future__ import annotations

import datetime
from functools import lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.general.calendars import DATES, AnyDate, Year, day
from dive_tools.tools.geography.countries import AnyCountry, code_of
from dive_tools.values import Entity, Given, Quantity, says

HOLIDAYS: dict[str, Any] = {
    "needs": ("holidays",),
    "source": "nationwide public holidays of the python holidays library",
    "licence": "MIT",
}
MONTHS = Given(
    dict(
        enumerate(
            [
                "January",
                "February",
                "March",
                "April",
                "May",
                "June",
                "July",
                "August",
                "September",
                "October",
                "November",
                "December",
            ],
            start=1,
        )
    )
)


@lru_cache(maxsize=4096)
def holiday_table(code: str, year: int) -> dict[datetime.date, str]:
    """The nationwide public holidays of a country in a year, in English; Refusal where the library has none."""
    import holidays

    try:
        found: Any = holidays.country_holidays(code, years=year, language=holiday_language(code))
    except NotImplementedError:
        raise Refusal(f"the holidays library does not know the country {code}") from None
    if not found:
        raise Refusal(f"the holidays library has no holidays of {code} in {year}")
    return {on: found[on] for on in sorted(found) if on.year == year}


@lru_cache(maxsize=1)
def _languages() -> dict[str, list[str]]:
    import holidays

    return dict(holidays.list_localized_countries())


def holiday_language(code: str) -> str | None:
    known = _languages().get(code, [])
    return next((tag for tag in ("en_GB", "en_US") if tag in known), None)


class MonthHolidays(TypedDict):
    holidays: Annotated[
        list[Annotated[str, Entity("date")]],
        says(
            "the dates of the nationwide public holidays of {country} in {month} {year} in the holidays library",
            noun="date",
            plural="dates",
            ask_count="How many days of {month} {year} are nationwide public holidays in {country} according to the "
            "holidays library",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example(
            {"country": "France", "year": 2026, "month": 5},
            {"/holidays": ["2026-05-01", "2026-05-08", "2026-05-14", "2026-05-25"]},
            "published: service-public.fr, jours fériés 2026",
        ),
        example(
            {"country": "US", "year": 2025, "month": 11},
            {"/holidays": ["2025-11-11", "2025-11-27"]},
            "published: OPM, federal holidays 2025",
        ),
    ],
    **HOLIDAYS,
)
def holidays_in_month(
    country: AnyCountry, year: Year, month: Annotated[int, MONTHS, Meta(ge=1, le=12)]
) -> MonthHolidays:
    """List the dates of the nationwide public holidays of a country in a month (1 to 12), by the holidays library.

    Days observed in lieu are included, regional holidays are not. Complete; an empty list means none in that month.
    """
    dates = [on.isoformat() for on in holiday_table(code_of(country), year) if on.month == month]
    return {"holidays": dates, "complete": True}


class HolidayCount(TypedDict):
    count: Annotated[
        int,
        Quantity("number of public holidays", "days"),
        says(
            "the number of days of {year} that are nationwide public holidays in {country} in the holidays library",
            noun="number of public holidays",
            ask="How many days of {year} are nationwide public holidays in {country} according to the holidays library",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"country": "France", "year": 2026}, {"/count": 11}, "published: service-public.fr, jours fériés 2026"),
        example(
            {"country": "BR", "year": 2026},
            {"/count": 10},
            "published: federal list of the national holidays of Brazil, 2026",
        ),
    ],
    **HOLIDAYS,
)
def public_holiday_count(country: AnyCountry, year: Year) -> HolidayCount:
    """Count the days of a year that are nationwide public holidays of a country, in the holidays library.

    Days observed in lieu are included, regional holidays are not.
    """
    return {"count": len(holiday_table(code_of(country), year))}


class NextHoliday(TypedDict):
    date: Annotated[
        str,
        Entity("date"),
        says(
            "the date of the first nationwide public holiday of {country} after {date} in the holidays library",
            ask="On what date is the first nationwide public holiday of {country} after {date} in the holidays library",
        ),
    ]
    name: Annotated[
        str,
        says(
            "the name of the first nationwide public holiday of {country} after {date} in the holidays library",
            ask="Which is the first nationwide public holiday of {country} after {date} in the holidays library",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example(
            {"country": "France", "date": "2026-07-01"},
            {"/date": "2026-07-14", "/name": "National Day"},
            "published: service-public.fr, jours fériés 2026",
        ),
        example(
            {"country": "KE", "date": "2025-12-26"},
            {"/date": "2026-01-01", "/name": "New Year's Day"},
            "published: Kenyan Public Holidays Act",
        ),
    ],
    **HOLIDAYS,
)
def next_public_holiday(country: AnyCountry, date: Annotated[AnyDate, DATES]) -> NextHoliday:
    """Find the first nationwide public holiday of a country after a date (that day left out), by the holidays library.

    Refuses where the library has no holidays of the country in that year or the next.
    """
    start, code = day(date), code_of(country)
    for year in (start.year, start.year + 1):
        for on, name in holiday_table(code, year).items():
            if on > start:
                return {"date": on.isoformat(), "name": name}
    raise Refusal(f"no holiday of {country} within a year of {date}")


class WorkingDays(TypedDict):
    days: Annotated[
        int,
        Quantity("number of working days", "days", additive=True),
        says(
            "the number of weekdays, Monday to Friday, of {month} {year} that are not nationwide public holidays in "
            "{country} according to the holidays library",
            noun="number of working weekdays",
        ),
    ]


@tool(
    "processing",
    examples=[
        example(
            {"country": "France", "year": 2026, "month": 5}, {"/days": 17}, "identity: 21 weekdays, 4 holidays on them"
        ),
        example(
            {"country": "US", "year": 2025, "month": 11}, {"/days": 18}, "identity: 20 weekdays, 2 holidays on them"
        ),
    ],
    **HOLIDAYS,
)
def weekdays_worked_in_month(
    country: AnyCountry, year: Year, month: Annotated[int, MONTHS, Meta(ge=1, le=12)]
) -> WorkingDays:
    """Count the days of a month from Monday to Friday that are no nationwide public holiday (holidays library)."""
    off = holiday_table(code_of(country), year)
    days = [datetime.date(year, month, 1) + datetime.timedelta(days=i) for i in range(31)]
    return {"days": sum(on.month == month and on.weekday() < 5 and on not in off for on in days)}
