"""Years and months: seasons, moon phases, and how other calendars count."""

from __future__ import annotations

import datetime
import re
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.general.calendars import AnyDate, day
from dive_tools.values import Entity, Given, entity, says


def _say_month(text: str) -> str:
    return f"{datetime.date.fromisoformat(text + '-01'):%B %Y}"


def _months() -> list[str]:
    return [f"{year}-{month:02}" for year in range(2005, 2040) for month in range(1, 13)]


MONTH = entity(
    "month",
    "month",
    label=_say_month,
    samples=_months,
    valid=lambda v: bool(re.fullmatch(r"\d{4}-\d\d", v)),
)
AnyYear = Annotated[int, Entity("year"), Meta(ge=1925, le=2075)]
AnyMonth = Annotated[str, Entity("month"), Meta(description="YYYY-MM", pattern=r"^(19|20)\d\d-(0[1-9]|1[0-2])$")]
EPHEM: dict[str, Any] = {
    "needs": ("ephem",),
    "source": "VSOP87 and Chapront's lunar theory, by PyEphem",
    "licence": "MIT",
}


def _utc(found: Any) -> str:
    return f"{found.datetime():%Y-%m-%d}"


# --- years ------------------------------------------------------------------------------------------------------------

SEASONS = {
    "march_equinox": "the March equinox",
    "june_solstice": "the June solstice",
    "september_equinox": "the September equinox",
    "december_solstice": "the December solstice",
}
_STARTS = {
    "march_equinox": "next_vernal_equinox",
    "june_solstice": "next_summer_solstice",
    "september_equinox": "next_autumnal_equinox",
    "december_solstice": "next_winter_solstice",
}


class Season(TypedDict):
    date: Annotated[
        str,
        Entity("date"),
        says(
            "the date (UTC) of {event} in {year}",
            ask="On what date (UTC) does {event} of {year} fall",
        ),
    ]


@tool(
    "processing",
    examples=[
        example({"year": 2026, "event": "march_equinox"}, {"/date": "2026-03-20"}, "published: USNO, seasons 2026"),
        example({"year": 2026, "event": "september_equinox"}, {"/date": "2026-09-23"}, "published: USNO, seasons 2026"),
        example({"year": 2024, "event": "june_solstice"}, {"/date": "2024-06-20"}, "published: USNO, seasons 2024"),
    ],
    **EPHEM,
)
def season_date(year: AnyYear, event: Annotated[str, Given(SEASONS)]) -> Season:
    """Compute the UTC date of an equinox or a solstice of a year.

    `event` is march_equinox, june_solstice, september_equinox or december_solstice.
    """
    import ephem

    if event not in _STARTS:
        raise Refusal(f"no event {event!r}; say one of {', '.join(_STARTS)}")
    return {"date": _utc(getattr(ephem, _STARTS[event])(f"{year}/1/1"))}


NEW_YEARS = {
    "persian": "the Persian calendar",
    "islamic": "the Islamic calendar of Umm al-Qura",
    "indian": "the Indian national calendar",
    "coptic": "the Coptic calendar",
}


class NewYear(TypedDict):
    date: Annotated[
        str,
        Entity("date"),
        says(
            "the Gregorian date of New Year's Day of {calendar} that falls in {year}",
            ask="On what Gregorian date in {year} does New Year's Day of {calendar} fall",
        ),
    ]


CONVERTDATE: dict[str, Any] = {
    "needs": ("convertdate", "hijridate", "pyluach"),
    "source": "convertdate; hijridate (Umm al-Qura tables); pyluach",
    "licence": "MIT",
}


@tool(
    "processing",
    examples=[
        example({"year": 2026, "calendar": "persian"}, {"/date": "2026-03-21"}, "published: Iranian calendar, 1405"),
        example({"year": 2026, "calendar": "islamic"}, {"/date": "2026-06-16"}, "published: Umm al-Qura, 1448 AH"),
        example({"year": 2026, "calendar": "indian"}, {"/date": "2026-03-22"}, "published: Indian national calendar"),
        example({"year": 2026, "calendar": "coptic"}, {"/date": "2026-09-11"}, "published: Nayrouz 1743 AM"),
        example({"year": 2008, "calendar": "islamic"}, {"error": "refused"}, "identity: 10 January and 29 December"),
    ],
    **CONVERTDATE,
)
def calendar_new_year(year: AnyYear, calendar: Annotated[str, Given(NEW_YEARS)]) -> NewYear:
    """Compute the Gregorian date on which another calendar's year begins in a Gregorian year.

    `calendar` is persian, islamic (Umm al-Qura), indian or coptic. Refuses a year in which it begins twice.
    """
    found = [on for on in _new_years(year, calendar) if on.year == year]
    if len(found) != 1:
        raise Refusal(f"that calendar's year begins {len(found)} times in {year}")
    return {"date": found[0].isoformat()}


def _new_years(year: int, calendar: str) -> list[datetime.date]:
    """The first days of the years of a calendar that begin in or about a Gregorian year."""
    if calendar == "islamic":
        from hijridate import Hijri

        near = round((year - 622) * 33 / 32)
        days = (Hijri(hijri, 1, 1).to_gregorian() for hijri in range(max(1343, near - 1), min(1500, near + 3) + 1))
        return [datetime.date(on.year, on.month, on.day) for on in days]
    from convertdate import coptic, indian_civil, persian

    known = {"persian": (persian, 621), "indian": (indian_civil, 78), "coptic": (coptic, 283)}
    if calendar not in known:
        raise Refusal(f"no calendar {calendar!r}; say one of {', '.join(NEW_YEARS)}")
    module, epoch = known[calendar]
    return [datetime.date(*map(int, module.to_gregorian(year - epoch, 1, 1)))]


def _parts(on: datetime.date, calendar: str) -> tuple[int, int, int]:
    """Year, month and day in another calendar."""
    if calendar == "islamic":
        from hijridate import Gregorian

        hijri = Gregorian(on.year, on.month, on.day).to_hijri()
        return hijri.year, hijri.month, hijri.day
    from convertdate import julian, persian

    year, month, number = (persian if calendar == "persian" else julian).from_gregorian(on.year, on.month, on.day)
    return int(year), int(month), int(number)


# --- months -----------------------------------------------------------------------------------------------------------

PHASES = {
    "new": "the new moon",
    "first_quarter": "the first quarter of the Moon",
    "full": "the full moon",
    "last_quarter": "the last quarter of the Moon",
}


class Phase(TypedDict):
    date: Annotated[
        str,
        Entity("date"),
        says(
            "the date (UTC) of {phase} in {month}",
            ask="On what date (UTC) is {phase} in {month}",
        ),
    ]


@tool(
    "processing",
    examples=[
        example(
            {"month": "2026-03", "phase": "full"},
            {"/date": "2026-03-03"},
            "published: NASA, lunar eclipse of 3 March 2026",
        ),
        example(
            {"month": "2026-08", "phase": "new"},
            {"/date": "2026-08-12"},
            "published: NASA, solar eclipse of 12 August 2026",
        ),
        example(
            {"month": "2023-08", "phase": "full"}, {"error": "refused"}, "published: full moons on 1 and 31 August 2023"
        ),
    ],
    **EPHEM,
)
def moon_phase_date(month: AnyMonth, phase: Annotated[str, Given(PHASES)]) -> Phase:
    """Compute the UTC date of a phase of the Moon in a month: new, first_quarter, full or last_quarter.

    Refuses a month that holds the phase twice or not at all.
    """
    import ephem

    if phase not in PHASES:
        raise Refusal(f"no phase {phase!r}; say one of {', '.join(PHASES)}")
    name = {"new": "new_moon", "full": "full_moon"}.get(phase, f"{phase}_moon")
    step = getattr(ephem, f"next_{name}")
    first = step(f"{month.replace('-', '/')}/1")
    found = [_utc(first), _utc(step(first))]
    inside = [on for on in found if on.startswith(month)]
    if len(inside) != 1:
        raise Refusal(f"{month} holds that phase {len(inside)} times")
    return {"date": inside[0]}


# --- dates in other calendars -----------------------------------------------------------------------------------------

CALENDARS = {
    "hebrew": "the Hebrew calendar",
    "islamic": "the Islamic calendar of Umm al-Qura",
    "persian": "the Persian calendar",
    "julian": "the Julian calendar",
}
_PERSIAN = ("Farvardin", "Ordibehesht", "Khordad", "Tir", "Mordad", "Shahrivar", "Mehr", "Aban", "Azar", "Dey",
            "Bahman", "Esfand")  # fmt: skip


class Elsewhere(TypedDict):
    text: Annotated[
        str,
        says(
            "the day, month and year of {date} in {calendar}",
            ask="What are the day, month and year of {date} in {calendar}",
        ),
    ]


@tool(
    "processing",
    examples=[
        example({"date": "2026-03-21", "calendar": "persian"}, {"/text": "1 Farvardin 1405"}, "published: Nowruz 1405"),
        example(
            {"date": "2026-03-20", "calendar": "islamic"},
            {"/text": "1 Shawwal 1447"},
            "published: Umm al-Qura, Eid al-Fitr 1447",
        ),
        example(
            {"date": "1917-11-07", "calendar": "julian"},
            {"/text": "25 October 1917"},
            "published: October Revolution, old style",
        ),
        example(
            {"date": "2024-04-23", "calendar": "hebrew"}, {"/text": "15 Nissan 5784"}, "published: USNO, Passover 2024"
        ),
    ],
    **CONVERTDATE,
)
def date_in_calendar(date: AnyDate, calendar: Annotated[str, Given(CALENDARS)]) -> Elsewhere:
    """Give a Gregorian date (daytime) in another calendar as "day month year".

    `calendar` is hebrew, islamic (Umm al-Qura, 1343 to 1500 AH), persian (Solar Hijri) or julian.
    """
    on = day(date)
    if calendar == "hebrew":
        from pyluach.dates import GregorianDate

        hebrew = GregorianDate(on.year, on.month, on.day).to_heb()
        return {"text": f"{hebrew.day} {hebrew.month_name()} {hebrew.year}"}
    if calendar not in CALENDARS:
        raise Refusal(f"no calendar {calendar!r}; say one of {', '.join(CALENDARS)}")
    try:
        year, month, number = _parts(on, calendar)
    except OverflowError:
        raise Refusal(f"the tables of that calendar do not reach {date}") from None
    if calendar == "islamic":
        from hijridate import Hijri

        return {"text": f"{number} {Hijri(year, month, number).month_name()} {year}"}
    name = _PERSIAN[month - 1] if calendar == "persian" else f"{datetime.date(2000, month, 1):%B}"
    return {"text": f"{number} {name} {year}"}
