"""Timetables made up for a question: which train calls where, when, and how long it takes."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Entity, Part, Quantity, entity, join, says, vignette

_STATIONS = ["Aldmoor", "Birchwick", "Coldbrook", "Dunfell", "Elmstead", "Foxley", "Grindon", "Harwick", "Ingleby",
             "Kelford", "Lonsdale", "Merton"]  # fmt: skip

entity("train", "train", label=lambda number: f"train {number}")
entity("station", "station", intro="the station {}")


class Call(TypedDict):
    station: str
    time: Annotated[str, Meta(pattern=r"^\d\d:\d\d$")]


class Train(TypedDict):
    train: str
    calls: Annotated[list[Call], Meta(min_length=2)]


@lru_cache(maxsize=1)
def _timetables() -> list[dict[str, Any]]:
    """Four or five trains on one line of seven stations; fast ones leave some out."""
    found, state = [], 31
    for i in range(900):
        line = [_STATIONS[(i + k * (1, 5, 7)[i % 3]) % 12] for k in range(7)]
        trains: list[Any] = []
        start = 6 * 60 + (i * 17) % 300
        for k in range(4 + i % 2):
            state = (state * 1103515245 + 12345) % 2**31
            calls, minute = [], start
            for n, station in enumerate(line):
                if n in (0, 6) or (state >> (n + 8)) % 5 < 3:
                    calls.append({"station": station, "time": f"{minute // 60:02}:{minute % 60:02}"})
                minute += 7 + (state >> (2 * n + 4)) % 9
            trains.append({"train": f"{'RSXK'[i % 4]}{10 + i % 60 + k * 2}", "calls": calls})
            start += 19 + (state >> 20) % 50
        stops = [(call["time"], call["station"]) for call in trains[2]["calls"][1:-1]]
        if stops:
            time, station = stops[i % len(stops)]
            waits = f"{time[:3]}{int(time[3:]) // 5 * 5:02}"
            found.append({"trains": trains, "station": station, "time": waits})
    return found


def _say(trains: list[dict[str, Any]]) -> str:
    lines = (f"{t['train']} at {join([c['station'] + ' ' + c['time'] for c in t['calls']])}" for t in trains)
    return "; ".join(lines)


vignette(
    "timetable",
    "the timetable",
    ("a traveller who waits at {station} at {time}", "a traveller who waits at {station}", "a railway line"),
    {"trains": "has this timetable for the day: {trains}"},
    samples=_timetables,
    says={"trains": _say},
)

Trains = Annotated[
    list[Train],
    Part("timetable", "trains"),
    Meta(description="each train with its calls in order, times as HH:MM of one day", min_length=1, max_length=500),
]
Number = Annotated[str, Entity("train"), Meta(description="the train's number")]
Station = Annotated[str, Part("timetable", "station"), Meta(description="where the traveller waits")]
OWN: dict[str, Any] = {"source": "the timetable given in the call", "licence": "none needed"}
TWO = [
    {
        "train": "A1",
        "calls": [
            {"station": "X", "time": "08:00"},
            {"station": "Y", "time": "08:20"},
            {"station": "Z", "time": "09:05"},
        ],
    },
    {"train": "A2", "calls": [{"station": "X", "time": "10:00"}, {"station": "Z", "time": "10:50"}]},
]


def _calls(trains: list[Any], train: str) -> list[Any]:
    found = next((t["calls"] for t in trains if t["train"] == train), None)
    if found is None:
        raise Refusal(f"no train {train!r} in the timetable")
    return list(found)


def _minutes(time: str) -> int:
    return int(time[:2]) * 60 + int(time[3:])


class Running(TypedDict):
    trains: Annotated[
        list[Annotated[str, Entity("train")]],
        says(
            "the trains of {timetable}",
            noun="train",
            plural="trains",
            ask_count="How many trains does {timetable} list",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"trains": TWO}, {"/trains": ["A1", "A2"]}, "identity: two trains are listed"),
        example({"trains": TWO[1:]}, {"/trains": ["A2"]}, "identity: one train is listed"),
    ],
    **OWN,
)
def trains_of_timetable(trains: Trains) -> Running:
    """List the trains of a given timetable, in its order; complete."""
    return {"trains": [train["train"] for train in trains], "complete": True}


class Calling(TypedDict):
    trains: Annotated[
        list[Annotated[str, Entity("train")]],
        says(
            "the trains that call at the traveller's station",
            only="the only train that calls at the traveller's station",
            noun="train",
            plural="trains",
            ask_count="How many trains call at the traveller's station",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"trains": TWO, "station": "X"}, {"/trains": ["A1", "A2"]}, "identity: both begin there"),
        example({"trains": TWO, "station": "Y"}, {"/trains": ["A1"]}, "identity: the second train passes through"),
    ],
    **OWN,
)
def trains_at_station(trains: Trains, station: Station) -> Calling:
    """List the trains of a given timetable that call at a station, in its order; complete. Refuses an unknown one."""
    found = [t["train"] for t in trains if any(c["station"] == station for c in t["calls"])]
    if not found:
        raise Refusal(f"no train calls at {station}")
    return {"trains": found, "complete": True}


class Stations(TypedDict):
    stations: Annotated[
        list[Annotated[str, Entity("station")]],
        says(
            "the stations at which {train} calls",
            noun="station",
            plural="stations",
            ask_count="At how many stations does {train} call",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"trains": TWO, "train": "A1"}, {"/stations": ["X", "Y", "Z"]}, "identity: its three calls"),
        example({"trains": TWO, "train": "A2"}, {"/stations": ["X", "Z"]}, "identity: its two calls"),
    ],
    **OWN,
)
def stations_of_train(trains: Trains, train: Number) -> Stations:
    """List the stations at which a train of a given timetable calls, first to last; complete."""
    return {"stations": [call["station"] for call in _calls(trains, train)], "complete": True}


class TrainEnds(TypedDict):
    calls: Annotated[
        int,
        Quantity("number of stations", "stations"),
        says("the number of stations at which {train} calls, both ends included", noun="number of stations"),
    ]
    departure: Annotated[
        str, says("the time at which {train} sets out", ask="At what time does {train} leave its first station")
    ]
    arrival: Annotated[
        str,
        says(
            "the time at which {train} reaches its last station", ask="At what time does {train} reach its last station"
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example(
            {"trains": TWO, "train": "A1"},
            {"/departure": "08:00", "/arrival": "09:05", "/calls": 3},
            "identity: its first and last call",
        ),
        example(
            {"trains": TWO, "train": "A2"},
            {"/departure": "10:00", "/arrival": "10:50"},
            "identity: its first and last call",
        ),
    ],
    **OWN,
)
def train_times(trains: Trains, train: Number) -> TrainEnds:
    """Look up when a train of a given timetable sets out and reaches its last station, and at how many it calls."""
    calls = _calls(trains, train)
    return {"calls": len(calls), "departure": calls[0]["time"], "arrival": calls[-1]["time"]}


class Journey(TypedDict):
    minutes: Annotated[
        int,
        Quantity("journey time", "minutes", additive=True),
        says(
            "the time that {train} takes from its first station to its last",
            noun="journey time",
            most="longest",
            least="shortest",
            more="longer",
            less="shorter",
            ask="How many minutes does {train} take from its first station to its last",
        ),
    ]


@tool(
    "processing",
    examples=[
        example({"trains": TWO, "train": "A1"}, {"/minutes": 65}, "identity: from 8:00 to 9:05"),
        example({"trains": TWO, "train": "A2"}, {"/minutes": 50}, "identity: from 10:00 to 10:50"),
    ],
    **OWN,
)
def train_journey_time(trains: Trains, train: Number) -> Journey:
    """Compute how many minutes a train of a given timetable takes from its first station to its last."""
    calls = _calls(trains, train)
    return {"minutes": _minutes(calls[-1]["time"]) - _minutes(calls[0]["time"])}


class Next(TypedDict):
    train: Annotated[
        str,
        Entity("train"),
        says(
            "the next train that calls at the traveller's station",
            ask="Which is the next train that calls at the traveller's station",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"trains": TWO, "station": "X", "time": "08:30"}, {"/train": "A2"}, "identity: the first left at 8:00"),
        example({"trains": TWO, "station": "Y", "time": "08:00"}, {"/train": "A1"}, "identity: it calls at 8:20"),
        example({"trains": TWO, "station": "Y", "time": "09:00"}, {"error": "refused"}, "identity: none calls later"),
    ],
    **OWN,
)
def next_train(
    trains: Trains,
    station: Station,
    time: Annotated[str, Part("timetable", "time"), Meta(description="HH:MM", pattern=r"^\d\d:\d\d$")],
) -> Next:
    """Find the first train of a given timetable that calls at a station at or after a time; refuses where none does.

    A train that ends there does not count.
    """
    later = [
        (call["time"], train["train"])
        for train in trains
        for call in train["calls"][:-1]
        if call["station"] == station and call["time"] >= time
    ]
    if not later:
        raise Refusal(f"no train calls at {station} from {time} on")
    return {"train": min(later)[1]}
