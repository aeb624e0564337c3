"""Dates: weekdays, spans, weeks, feasts, other calendars, and public holidays."""

from __future__ import annotations

import datetime
from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Entity, Given, Quantity, entity, say_date, says

DAYS = Given({text: say_date(text) for text in ("2026-03-20", "2026-06-21", "2026-09-23", "2026-12-21")})
DATES = Given({text: say_date(text) for text in ("2026-01-15", "2026-04-10", "2026-07-01", "2026-11-20", "2027-02-01")})
YEARS = Given(2024, 2025, 2026)
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
AnyDate = Annotated[str, Entity("date"), Meta(description="YYYY-MM-DD", pattern=r"^\d{4}-\d\d-\d\d$")]
Year = Annotated[int, YEARS, Meta(ge=1975, le=2075)]


YEAR = entity("year", "year", label=str, samples=lambda: list(range(1976, 2038)))


def day(text: str) -> datetime.date:
    """A date of ISO 8601 text; Refusal when there is no such day."""
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise Refusal(f"there is no day {text}") from None


# --- a date by itself -------------------------------------------------------------------------------------------------


class Weekday(TypedDict):
    weekday: Annotated[
        str, says("the day of the week on which {date} falls", ask="On which day of the week does {date} fall")
    ]


@tool(
    "processing",
    source="proleptic Gregorian calendar",
    examples=[
        example(
            {"date": "1969-07-20"}, {"/weekday": "Sunday"}, "published: NASA, Apollo 11 landed on Sunday 20 July 1969"
        ),
        example({"date": "2000-01-01"}, {"/weekday": "Saturday"}, "published: US Naval Observatory"),
    ],
)
def weekday_of_date(date: AnyDate) -> Weekday:
    """Compute the day of the week of a date of the Gregorian calendar."""
    return {"weekday": f"{day(date):%A}"}


class Week(TypedDict):
    week: Annotated[
        int,
        Quantity("ISO week number", scale="ordinal"),
        says("the ISO 8601 week number of {date}", ask="In which ISO 8601 week number does {date} fall"),
    ]


@tool(
    "processing",
    source="ISO 8601",
    examples=[
        example({"date": "2005-01-01"}, {"/week": 53}, "published: ISO week date, 1 January 2005 is 2004-W53-6"),
        example({"date": "2008-12-29"}, {"/week": 1}, "published: ISO week date, 29 December 2008 is 2009-W01-1"),
    ],
)
def iso_week_of_date(date: AnyDate) -> Week:
    """Compute the ISO 8601 week number of a date (weeks begin on Monday, week 1 holds the first Thursday)."""
    return {"week": day(date).isocalendar().week}


class Span(TypedDict):
    days: Annotated[
        int,
        Quantity("number of days", "days"),
        says(
            "the number of days between {first} and {second}",
            noun="number of days",
            ask="How many days apart are {first} and {second}",
        ),
    ]


@tool(
    "processing",
    distinct=("first", "second"),
    source="proleptic Gregorian calendar",
    examples=[
        example({"first": "2024-01-01", "second": "2025-01-01"}, {"/days": 366}, "identity: 2024 is a leap year"),
        example({"first": "2026-03-10", "second": "2026-03-01"}, {"/days": 9}, "identity: order does not matter"),
    ],
)
def days_between(first: AnyDate, second: AnyDate) -> Span:
    """Compute the number of days from one date to another (one of the two counted), whichever comes first."""
    return {"days": abs((day(second) - day(first)).days)}


class Later(TypedDict):
    date: Annotated[
        str, Entity("date"), says("the date {days} days after {date}", ask="What is the date {days} days after {date}")
    ]


@tool(
    "processing",
    source="proleptic Gregorian calendar",
    examples=[
        example({"date": "2024-02-01", "days": 30}, {"/date": "2024-03-02"}, "identity: February 2024 has 29 days"),
        example({"date": "2025-12-31", "days": 1}, {"/date": "2026-01-01"}, "identity: a year ends"),
    ],
)
def date_after_days(
    date: AnyDate, days: Annotated[int, Given(30, 45, 60, 90, 100, 180), Meta(ge=1, le=36500)]
) -> Later:
    """Compute the date that lies a number of calendar days after a date."""
    return {"date": (day(date) + datetime.timedelta(days=days)).isoformat()}


class Feast(TypedDict):
    date: Annotated[
        str, Entity("date"), says("the date of {feast} in {year}", ask="On what date does {feast} fall in {year}")
    ]


FEASTS = {
    "western_easter": "Western Easter Sunday",
    "orthodox_easter": "Orthodox Easter Sunday",
    "passover": "the first day of Passover",
    "rosh_hashanah": "the first day of Rosh Hashanah",
}


@tool(
    "processing",
    needs=("dateutil", "pyluach"),
    source="Gregorian and Julian computus, by python-dateutil; Hebrew calendar, by pyluach",
    licence="Apache-2.0 and MIT",
    examples=[
        example(
            {"feast": "western_easter", "year": 2024}, {"/date": "2024-03-31"}, "published: USNO, date of Easter 2024"
        ),
        example({"feast": "orthodox_easter", "year": 2024}, {"/date": "2024-05-05"}, "published: Greek calendar, 2024"),
        example(
            {"feast": "rosh_hashanah", "year": 2024}, {"/date": "2024-10-03"}, "published: USNO, Jewish feasts 2024"
        ),
        example({"feast": "passover", "year": 2024}, {"/date": "2024-04-23"}, "published: USNO, Jewish feasts 2024"),
    ],
)
def feast_date(
    feast: Annotated[str, Given(FEASTS)],
    year: Annotated[int, Entity("year"), Given(2024, 2025, 2026, 2027), Meta(ge=1900, le=2099)],
) -> Feast:
    """Compute the Gregorian date (daytime) of a movable feast in a Gregorian year.

    `feast` is western_easter, orthodox_easter, passover (15 Nisan) or rosh_hashanah (1 Tishri).
    """
    if feast in ("western_easter", "orthodox_easter"):
        from dateutil.easter import EASTER_ORTHODOX, EASTER_WESTERN, easter

        return {"date": easter(year, EASTER_WESTERN if feast == "western_easter" else EASTER_ORTHODOX).isoformat()}
    if feast not in FEASTS:
        raise Refusal(f"no feast {feast!r}; say one of {', '.join(FEASTS)}")
    from pyluach.dates import HebrewDate

    hebrew = HebrewDate(year + 3760, 1, 15) if feast == "passover" else HebrewDate(year + 3761, 7, 1)
    return {"date": hebrew.to_pydate().isoformat()}
