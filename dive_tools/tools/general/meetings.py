"""Video calls made up for a question: who takes part, in which time zone, and what the clock says there."""

from __future__ import annotations

import datetime
from functools import lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.general.calendars import day
from dive_tools.tools.general.timezones import IANA, zone
from dive_tools.values import Entity, Part, Quantity, entity, join, say_date, says, vignette

_NAMES = ["Amina", "Boris", "Chloe", "Diego", "Emeka", "Farid", "Greta", "Hana", "Ivan", "Jun", "Kofi", "Leila"]
_ZONES = ["Africa/Lagos", "Africa/Nairobi", "America/Bogota", "America/Chicago", "America/Denver", "America/Halifax",
          "America/Los_Angeles", "America/New_York", "America/Sao_Paulo", "Asia/Dubai", "Asia/Jakarta", "Asia/Karachi",
          "Asia/Kolkata", "Asia/Manila", "Asia/Seoul", "Asia/Tokyo", "Australia/Perth", "Australia/Sydney",
          "Europe/Athens", "Europe/Lisbon", "Europe/London", "Europe/Paris", "Europe/Warsaw",
          "Pacific/Auckland"]  # fmt: skip

entity("participant", "participant")


class Person(TypedDict):
    person: str
    timezone: str


@lru_cache(maxsize=1)
def _calls() -> list[dict[str, Any]]:
    """Calls of 4 or 5 people in as many time zones, of whom two at least are at their desks and one is not."""
    found = []
    for i in range(1000):
        count = 4 + i % 2
        people = [
            {"person": _NAMES[(i * 5 + k * 7) % 12], "timezone": _ZONES[(i * 11 + k * (5, 7, 11, 13)[i % 4]) % 24]}
            for k in range(count)
        ]
        on = datetime.date(2025, 1, 6) + datetime.timedelta(days=(i * 9) % 700)
        on -= datetime.timedelta(days=max(0, on.weekday() - 4))
        call: dict[str, Any] = {
            "people": people,
            "date": on.isoformat(),
            "time": f"{6 + (i * 7) % 14:02}:{'00' if i % 3 else '30'}",
        }
        hours = [_local(call["date"], call["time"], person["timezone"]) for person in people]
        if len({clock.utcoffset() for clock in hours}) == count and 2 <= sum(map(_at_work, hours)) < count:
            found.append(call)
    return found


def _local(date: str, time: str, timezone: str) -> datetime.datetime:
    at = datetime.datetime.combine(day(date), datetime.time.fromisoformat(time), datetime.UTC)
    return at.astimezone(zone(timezone))


def _at_work(clock: datetime.datetime) -> bool:
    return datetime.time(9) <= clock.time() <= datetime.time(17)


vignette(
    "video_call",
    "the video call",
    ("a video call at {time} UTC on {date}", "a video call on {date}", "a video call"),
    {"people": "brings together {people}"},
    samples=_calls,
    says={
        "people": lambda people: join([f"{p['person']} ({p['timezone']})" for p in people]),
        "date": say_date,
    },
)

People = Annotated[
    list[Person],
    Part("video_call", "people"),
    Meta(description="the participants, each with an IANA time zone", min_length=1, max_length=500),
]
Date = Annotated[str, Part("video_call", "date"), Meta(description="the UTC date", pattern=r"^\d{4}-\d\d-\d\d$")]
Time = Annotated[str, Part("video_call", "time"), Meta(description="HH:MM UTC", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Name = Annotated[str, Entity("participant"), Meta(description="a participant's name")]
CALL: dict[str, Any] = {
    "people": [{"person": "Ann", "timezone": "Europe/Paris"}, {"person": "Bob", "timezone": "Asia/Tokyo"}],
    "date": "2026-01-15",
    "time": "14:00",
}


def _zone_of(people: list[Any], person: str) -> str:
    found = next((p["timezone"] for p in people if p["person"] == person), None)
    if found is None:
        raise Refusal(f"no participant {person!r}")
    return str(found)


class Participant(TypedDict):
    timezone: Annotated[
        str, Entity("timezone"), says("the time zone of {person}", ask="In which time zone is {person}")
    ]


@tool(
    "retrieval",
    examples=[
        example({"people": CALL["people"], "person": "Bob"}, {"/timezone": "Asia/Tokyo"}, "identity: as given"),
        example({"people": CALL["people"], "person": "Ann"}, {"/timezone": "Europe/Paris"}, "identity: as given"),
        example({"people": CALL["people"], "person": "Cat"}, {"error": "refused"}, "identity: she takes no part"),
    ],
    **IANA,
)
def participant_timezone(people: People, person: Name) -> Participant:
    """Look up the time zone of a participant of a given call."""
    return {"timezone": _zone_of(people, person)}


class Clock(TypedDict):
    time: Annotated[
        str,
        says(
            "the local time at which {video_call} begins for {person}",
            ask="At what local time does {video_call} begin for {person}",
        ),
    ]
    offset: Annotated[
        float,
        Quantity("UTC offset", "hours", scale="interval"),
        says(
            "the number of hours by which the clock of {person} is ahead of UTC (negative if behind) at the start of "
            "{video_call}",
            noun="number of hours ahead of UTC",
        ),
    ]


@tool(
    "processing",
    examples=[
        example({**CALL, "person": "Bob"}, {"/time": "23:00", "/offset": 9}, "published: Japan is nine hours ahead"),
        example({**CALL, "person": "Ann"}, {"/time": "15:00", "/offset": 1}, "published: CET is one hour ahead"),
    ],
    **IANA,
)
def participant_clock(people: People, date: Date, time: Time, person: Name) -> Clock:
    """Compute what a participant's clock says when a given call begins, and how many hours it is ahead of UTC."""
    clock = _local(date, time, _zone_of(people, person))
    ahead = clock.utcoffset()
    assert ahead is not None
    return {"time": f"{clock:%H:%M}", "offset": ahead / datetime.timedelta(hours=1)}


class Extremes(TypedDict):
    ahead: Annotated[
        str,
        Entity("participant"),
        says(
            "the participant of {video_call} whose clock is furthest ahead",
            ask="Which participant of {video_call} has the clock that is furthest ahead",
        ),
    ]
    behind: Annotated[
        str,
        Entity("participant"),
        says(
            "the participant of {video_call} whose clock is furthest behind",
            ask="Which participant of {video_call} has the clock that is furthest behind",
        ),
    ]


@tool(
    "processing",
    examples=[
        example(CALL, {"/ahead": "Bob", "/behind": "Ann"}, "identity: UTC+9 and UTC+1"),
        example({**CALL, "people": CALL["people"][::-1]}, {"/ahead": "Bob"}, "identity: the order does not matter"),
    ],
    **IANA,
)
def clocks_apart(people: People, date: Date, time: Time) -> Extremes:
    """Find the participants of a given call whose clocks are furthest ahead and furthest behind when it begins.

    Refuses where several share the place.
    """
    clocks = sorted((_local(date, time, p["timezone"]).utcoffset(), p["person"]) for p in people)
    if len(clocks) < 2 or clocks[0][0] == clocks[1][0] or clocks[-1][0] == clocks[-2][0]:
        raise Refusal("several clocks are equally far ahead or behind")
    return {"ahead": clocks[-1][1], "behind": clocks[0][1]}
