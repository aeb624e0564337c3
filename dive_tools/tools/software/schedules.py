"""Cron schedules: when a job runs next, and how often it runs."""

from __future__ import annotations

import datetime
from functools import lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Entity, Part, Quantity, say_date, says, vignette

CRONSIM = {"needs": ("cronsim",), "source": "cron of Debian, by cronsim", "licence": "BSD-3-Clause"}


@lru_cache(maxsize=1)
def _jobs() -> list[dict[str, Any]]:
    shapes = (
        "{m} {h} * * 1-5", "{m} {h} {d} * *", "{m} {h} * * {w}", "*/{s} {h}-{e} * * 1-5", "{m} {h} {d} {q} *",
        "{m} {h},{e} * * 1-5", "{m} {h} 1,15 * *", "{m} */{t} * * *", "{m} {h} * {q} {w}", "{m} {h} * * 0,6",
    )  # fmt: skip
    found = []
    for i in range(300):
        parts = {
            "m": (i * 7) % 60, "h": 1 + (i * 5) % 12, "e": 14 + (i * 3) % 9, "d": 1 + (i * 11) % 28, "w": i % 7,
            "s": (10, 15, 20, 30)[i % 4], "t": (2, 3, 4, 6, 8)[i % 5],
            "q": ("*/3", "1-6", "9", "3,9", "12")[i % 5],
        }  # fmt: skip
        day = datetime.date(2026, 1, 1) + datetime.timedelta(days=(i * 37) % 700)
        found.append(
            {
                "schedule": shapes[i % 10].format(**parts),
                "today": day.isoformat(),
                "duration": (4, 6, 9, 12, 15, 25, 40)[(i * 3) % 7],
            }
        )
    return found


vignette(
    "cron_job",
    "the job",
    "a cron job",
    {
        "schedule": 'has the schedule "{schedule}" in UTC',
        "today": "was set up at the end of {today}",
        "duration": "takes {duration} minutes for each run",
    },
    samples=_jobs,
    says={"today": say_date},
)
Schedule = Annotated[str, Part("cron_job", "schedule"), Meta(description='five cron fields, as "30 4 * * 1-5"')]
Today = Annotated[str, Part("cron_job", "today"), Meta(description="day, YYYY-MM-DD", pattern=r"^\d{4}-\d\d-\d\d$")]


def _runs(schedule: str, start: datetime.datetime) -> Any:
    from cronsim import CronSim, CronSimError

    try:
        return CronSim(schedule, start)
    except CronSimError as error:
        raise Refusal(f"no cron schedule: {error}") from None


def _end(day: str) -> datetime.datetime:
    try:
        return datetime.datetime.combine(datetime.date.fromisoformat(day), datetime.time(23, 59))
    except ValueError as error:
        raise Refusal(str(error)) from None


class Next(TypedDict):
    date: Annotated[
        str,
        Entity("date"),
        says(
            "the date of the first run of {cron_job} after it was set up",
            noun="date",
            ask="On what date does {cron_job} run for the first time after it was set up",
        ),
    ]
    time: Annotated[
        str, says("the UTC time of the first run of {cron_job} after it was set up", noun="time of the first run")
    ]
    tenth: Annotated[
        str,
        says(
            "the date of the tenth run of {cron_job} after it was set up",
            noun="date of the tenth run",
            ask="On what date does {cron_job} run for the tenth time after it was set up",
        ),
    ]


class Often(TypedDict):
    runs: Annotated[
        int,
        Quantity("runs", "runs"),
        says(
            "the number of runs of {cron_job} in the seven days after the day it was set up",
            noun="number of runs",
            ask="How many times does {cron_job} run in the seven days after the day it was set up",
        ),
    ]


class Busy(TypedDict):
    hours: Annotated[
        float,
        Quantity("running time", "hours"),
        says(
            "the time that {cron_job} spends running altogether for {runs}",
            noun="running time",
            ask="How long does {cron_job} spend running altogether for {runs}",
        ),
    ]


@tool(
    "processing",
    examples=[
        example(
            {"schedule": "30 4 * * 1-5", "today": "2026-05-15"},
            {"/date": "2026-05-18", "/time": "04:30", "/tenth": "2026-05-29"},
            "second-library: croniter",
        ),
        example({"schedule": "0 0 1 1 *", "today": "2026-05-15"}, {"/date": "2027-01-01"}, "identity: New Year"),
        example({"schedule": "61 * * * *", "today": "2026-05-15"}, {"error": "refused"}, "identity: no minute 61"),
    ],
    **CRONSIM,  # type: ignore[arg-type]
)
def cron_next_run(schedule: Schedule, today: Today) -> Next:
    """Compute when a cron schedule (five fields, UTC) first runs after the end of a day, and the date of its tenth run.

    Refuses a schedule that is malformed or never runs.
    """
    runs = _runs(schedule, _end(today))
    try:
        times = [next(runs) for _ in range(10)]
    except StopIteration:
        raise Refusal("the schedule runs fewer than ten times") from None
    return {"date": times[0].date().isoformat(), "time": f"{times[0]:%H:%M}", "tenth": times[9].date().isoformat()}


@tool(
    "processing",
    examples=[
        example({"schedule": "30 4 * * 1-5", "today": "2026-05-15"}, {"/runs": 5}, "identity: five weekdays in a week"),
        example({"schedule": "0 */6 * * *", "today": "2026-05-15"}, {"/runs": 28}, "identity: four a day"),
    ],
    **CRONSIM,  # type: ignore[arg-type]
)
def cron_run_count(schedule: Schedule, today: Today) -> Often:
    """Count the runs of a cron schedule (five fields, UTC) in the seven days after a day."""
    start = _end(today)
    stop, runs = start + datetime.timedelta(days=7), 0
    for at in _runs(schedule, start):
        if at > stop:
            break
        runs += 1
    return {"runs": runs}


@tool(
    "processing",
    examples=[
        example({"runs": 28, "duration": 30}, {"/hours": 14}, "identity: half an hour each"),
        example({"runs": 5, "duration": 12}, {"/hours": 1}, "identity: five times twelve minutes"),
    ],
    source="arithmetic",
    licence="public domain",
)
def job_running_time(
    runs: Annotated[int, Quantity("runs", "runs"), Meta(ge=0)],
    duration: Annotated[float, Part("cron_job", "duration"), Meta(gt=0, description="minutes of one run")],
) -> Busy:
    """Compute the hours that a job spends running, from its number of runs and the minutes of each."""
    return {"hours": runs * duration / 60}
