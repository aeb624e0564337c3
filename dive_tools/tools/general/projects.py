"""Made-up projects on a country's working calendar."""

from __future__ import annotations

import datetime
from functools import lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import example, tool
from dive_tools.tools.general.calendars import day
from dive_tools.tools.general.days_off import HOLIDAYS, holiday_table
from dive_tools.tools.geography.countries import code_of
from dive_tools.tools.types import COUNTRY
from dive_tools.values import Entity, Part, say_date, says, vignette


@lru_cache(maxsize=1)
def _projects() -> list[dict[str, Any]]:
    homes = [
        "Argentina",
        "Australia",
        "Austria",
        "Belgium",
        "Brazil",
        "Canada",
        "Chile",
        "Colombia",
        "Croatia",
        "Denmark",
        "Estonia",
        "Finland",
        "France",
        "Germany",
        "Greece",
        "Hungary",
        "Iceland",
        "Ireland",
        "Italy",
        "Japan",
        "Kenya",
        "Latvia",
        "Lithuania",
        "Mexico",
        "Netherlands",
        "Norway",
        "Peru",
        "Poland",
        "Portugal",
        "Romania",
        "Slovakia",
        "Slovenia",
        "Spain",
        "Sweden",
        "Switzerland",
    ]
    found = []
    for i in range(420):
        start = datetime.date(2025 + i % 2, 1 + (i * 5) % 12, 1 + (i * 13) % 28)
        start += datetime.timedelta(days=(7 - start.weekday()) % 7)  # a Monday
        found.append(
            {
                "country": homes[i % len(homes)],
                "start": start.isoformat(),
                "working_days": (15, 20, 25, 30, 40, 45, 50, 60)[i % 8],
            }
        )
    return found


vignette(
    "project",
    "the project",
    ("a project in {country}", "a project"),
    {
        "start": "starts on {start}",
        "working_days": "takes {working_days} working days (the first day counts if it is one)",
    },
    samples=_projects,
    says={"country": COUNTRY.label, "start": say_date},
)


Home = Annotated[str, Part("project", "country"), Meta(description="English name or ISO 3166 code")]
Start = Annotated[
    str, Part("project", "start"), Meta(description="first day, YYYY-MM-DD", pattern=r"^\d{4}-\d\d-\d\d$")
]
Length = Annotated[
    int, Part("project", "working_days"), Meta(ge=1, le=1000, description="working days, first day included")
]


def _worked(country: str, start: str, count: int) -> list[datetime.date]:
    """The first `count` working days from a date on."""
    code, on = code_of(country), day(start)
    found: list[datetime.date] = []
    while len(found) < count:
        if on.weekday() < 5 and on not in holiday_table(code, on.year):
            found.append(on)
        on += datetime.timedelta(days=1)
    return found


class End(TypedDict):
    date: Annotated[
        str,
        Entity("date"),
        says(
            "the last working day of {project} if work is done from Monday to Friday except on nationwide public "
            "holidays in the holidays library",
            noun="last working day",
            ask="On what date is the last working day of {project} if work is done from Monday to Friday except on "
            "nationwide public holidays in the holidays library",
        ),
    ]


@tool(
    "processing",
    examples=[
        example(
            {"country": "France", "start": "2026-05-11", "working_days": 5},
            {"/date": "2026-05-18"},
            "identity: Ascension Day on Thursday 14 May moves the fifth day to Monday",
        ),
        example(
            {"country": "France", "start": "2026-06-01", "working_days": 5},
            {"/date": "2026-06-05"},
            "identity: a plain week",
        ),
    ],
    **HOLIDAYS,
)
def project_end_date(country: Home, start: Start, working_days: Length) -> End:
    """Compute the last working day of a project of so many working days, the start counted if it is one.

    Working days are Monday to Friday except the country's nationwide public holidays in the holidays library.
    """
    return {"date": _worked(country, start, working_days)[-1].isoformat()}
