"""A tiny pool of our own: ten hamlets in three shires, whose every number can be checked by eye.

`Story` writes records over it: each call is made for real, so that evidence, arguments and answer hang together, and
a test changes just the one thing that it is about. `grown` makes records with the built-in pool.
"""

from __future__ import annotations

import copy
from functools import cache
from typing import Annotated, Any, TypedDict

from dive_tools.pool import Pool
from dive_tools.records import Drop, Record, setup_id
from dive_tools.support import evaluate, over
from dive_tools.tools.base import REGISTRY, Refusal, Tool, example, tool
from dive_tools.tools.door import Door
from dive_tools.values import Entity, Given, Part, Quantity, entity, says, vignette

# name: shire, people, metres above the sea, mean temperature, whose mill grinds for it, where its market is
HAMLETS: dict[str, tuple[str, int, float, float, str, str]] = {
    "Ashby": ("Northshire", 120, 210.0, 8.5, "Elmham", "Elmham"),
    "Birchley": ("Northshire", 340, 154.5, 9.5, "Coldwell", "Ashby"),
    "Coldwell": ("Northshire", 55, 402.25, 6.0, "Birchley", "Ashby"),
    "Dunmoor": ("Northshire", 230, 322.0, 7.0, "Fernhill", "Ashby"),
    "Elmham": ("Southshire", 510, 47.0, 10.5, "Kelton", "Gorsey"),
    "Fernhill": ("Southshire", 75, 265.0, 8.0, "Elmham", "Gorsey"),
    "Gorsey": ("Southshire", 140, 98.5, 10.0, "Fernhill", "Kelton"),
    "Hollow": ("Eastshire", 65, 12.0, 11.5, "Ivyton", "Kelton"),
    "Ivyton": ("Eastshire", 90, 33.0, 11.0, "Gorsey", "Kelton"),
    "Kelton": ("Eastshire", 620, 20.0, 12.0, "Hollow", "Elmham"),
}
FAIRS = {
    "Northshire": [
        ("Goose Fair", 900, 2.5),
        ("Lammas Fair", 400, 3.5),
        ("Apple Fair", 250, 1.5),
        ("Wool Fair", 700, 4.5),
    ],
    "Southshire": [("Lent Fair", 300, 1.25)],
    "Eastshire": [("Cherry Fair", 150, 2.0), ("Salt Fair", 150, 1.0), ("Eel Fair", 80, 3.0)],
}
WALKERS = [{"age": 20 + 2 * i, "load_kg": 5 + i, "stride_cm": 60 + i} for i in range(12)]


def _akin(hamlet: str) -> list[str]:
    return [name for name, row in HAMLETS.items() if row[0] == HAMLETS[hamlet][0] and name != hamlet]


entity("t_hamlet", "hamlet", samples=lambda: list(HAMLETS), akin=_akin)
entity("t_shire", "shire", samples=lambda: list(FAIRS))
entity("t_fair", "fair", samples=lambda: [name for found in FAIRS.values() for name, _, _ in found])
entity("t_rune", "rune", spoken="literal", opening="Take the rune {}.", samples=lambda: ["abba", "baab", "aaab"])
entity("t_spot", "spot", spoken="owner")
WALKER = vignette(
    "t_walker",
    "the walker",
    ("a {age}-year-old walker", "a walker"),
    {"age": "is {age} years old", "load_kg": "carries {load_kg} kg", "stride_cm": "has a stride of {stride_cm} cm"},
    samples=lambda: WALKERS,
)

Hamlet = Annotated[str, Entity("t_hamlet")]
Shire = Annotated[str, Entity("t_shire")]
Metres = Annotated[float, Quantity("elevation", "metres")]
EXAMPLES = [example({}, {}, "identity: the tables above")]


def ours(role: str = "retrieval", **options: Any) -> Any:
    """Make a function a tool of the village, and of no other pool."""

    def register(function: Any) -> Any:
        tool(role, examples=EXAMPLES, domain="village", **options)(function)
        TOOLS[function.__name__] = REGISTRY.pop(function.__name__)
        return function

    return register


TOOLS: dict[str, Tool] = {}


def _row(hamlet: str) -> tuple[str, int, float, float, str, str]:
    if hamlet not in HAMLETS:
        raise Refusal(f"no hamlet {hamlet!r}")
    return HAMLETS[hamlet]


class Home(TypedDict):
    shire: Annotated[Shire, says("the shire of {hamlet}", noun="shire", ask="In which shire lies {hamlet}")]


@ours()
def hamlet_shire(hamlet: Hamlet) -> Home:
    """Look up the shire of a hamlet."""
    return {"shire": _row(hamlet)[0]}


class Mill(TypedDict):
    mill: Annotated[Hamlet, says("the hamlet whose mill grinds for {hamlet}", noun="hamlet")]
    shire: Annotated[Shire, says(quiet=True)]


@ours()
def hamlet_mill(hamlet: Hamlet) -> Mill:
    """Look up the hamlet whose mill grinds for a hamlet, and the shire of that hamlet with its mill."""
    mill = _row(hamlet)[4]
    return {"mill": mill, "shire": _row(mill)[0]}


class Market(TypedDict):
    market: Annotated[Hamlet, says("the hamlet of the market of {hamlet}", noun="hamlet")]


@ours()
def hamlet_market(hamlet: Hamlet) -> Market:
    """Look up the hamlet whose market serves a hamlet."""
    return {"market": _row(hamlet)[5]}


class People(TypedDict):
    people: Annotated[
        int,
        Quantity("inhabitants", "people", additive=True),
        says(
            "the population of {hamlet}",
            noun="population",
            most="largest",
            least="smallest",
            more="larger",
            less="smaller",
            ask="How many people live in {hamlet}",
        ),
    ]
    order: Annotated[int, Quantity("inhabitants order", "", scale="ordinal"), says("the rank of {hamlet}", noun="rank")]


@ours()
def hamlet_people(hamlet: Hamlet) -> People:
    """Look up how many people live in a hamlet, and which it is in order."""
    people = _row(hamlet)[1]
    return {"people": people, "order": 1 + sum(row[1] > people for row in HAMLETS.values())}


class Height(TypedDict):
    height: Annotated[Metres, says("the elevation of {hamlet}", noun="elevation", ask="How high lies {hamlet}")]


@ours()
def hamlet_height(hamlet: Hamlet) -> Height:
    """Look up how high a hamlet lies, in metres above the sea."""
    return {"height": _row(hamlet)[2]}


class Warmth(TypedDict):
    warmth: Annotated[
        float,
        Quantity("temperature", "degrees Celsius", scale="interval"),
        says("the mean temperature of {hamlet}", noun="mean temperature"),
    ]


@ours()
def hamlet_warmth(hamlet: Hamlet) -> Warmth:
    """Look up the mean temperature of a hamlet, in degrees Celsius."""
    return {"warmth": _row(hamlet)[3]}


class Members(TypedDict):
    hamlets: Annotated[
        list[Hamlet],
        says(
            "the hamlets of {shire}",
            noun="hamlet",
            plural="hamlets",
            only="the only hamlet of {shire}",
            ask_count="How many hamlets does {shire} have",
        ),
    ]
    complete: bool


@ours()
def shire_hamlets(shire: Shire) -> Members:
    """List the hamlets of a shire; complete but for Eastshire, whose rolls were lost."""
    return {"hamlets": [h for h, row in HAMLETS.items() if row[0] == shire], "complete": shire != "Eastshire"}


class Fair(TypedDict):
    fair: Annotated[str, Entity("t_fair")]
    visitors: Annotated[
        int, Quantity("visitors", "people", additive=True), says("the attendance of {fair}", noun="attendance")
    ]
    fee: Annotated[
        float, Quantity("fee", "pence"), says("the fee of {fair}", noun="fee", most="dearest", least="cheapest")
    ]


class Fairs(TypedDict):
    fairs: Annotated[
        list[Fair],
        says(
            "the fairs of {shire}",
            noun="fair",
            plural="fairs",
            only="the only fair of {shire}",
            ask_count="How many fairs does {shire} have",
        ),
    ]
    complete: bool


@ours()
def shire_fairs(shire: Shire) -> Fairs:
    """List the fairs of a shire, with visitors and fee."""
    return {"fairs": [{"fair": f, "visitors": v, "fee": c} for f, v, c in FAIRS[shire]], "complete": True}


class Host(TypedDict):
    host: Annotated[Hamlet, says("the hamlet that holds {fair}", noun="hamlet")]


@ours()
def fair_host(fair: Annotated[str, Entity("t_fair")]) -> Host:
    """Look up the hamlet that holds a fair: the first of its shire."""
    home = next(shire for shire, found in FAIRS.items() if fair in [row[0] for row in found])
    return {"host": next(h for h, row in HAMLETS.items() if row[0] == home)}


class Climb(TypedDict):
    minutes: Annotated[
        float,
        Quantity("duration", "minutes"),
        says("the time at {pace} metres an hour to climb {height}", noun="climbing time"),
    ]


@ours("processing")
def climb_time(height: Metres, pace: Annotated[int, Given(300, 450)]) -> Climb:
    """Compute how many minutes a climb of so many metres takes at a pace in metres an hour."""
    return {"minutes": height / pace * 60}


class Feet(TypedDict):
    feet: Annotated[float, Quantity("elevation", "feet"), says("the height in feet of {height}", noun="elevation")]


@ours("processing", converts=True)
def metres_to_feet(height: Metres) -> Feet:
    """Convert metres to feet."""
    return {"feet": height / 0.3048}


class Rope(TypedDict):
    ropes: Annotated[int, Quantity("ropes", "ropes"), says("the number of ropes for {height}", noun="number of ropes")]


@ours("processing")
def ropes_needed(height: Annotated[float, Quantity("elevation", "feet")]) -> Rope:
    """Compute how many ropes of 60 feet a height in feet takes; it does not take metres."""
    return {"ropes": int(-(-height // 60))}


class Walk(TypedDict):
    kilometres: Annotated[
        float, Quantity("distance", "kilometres"), says("the walk from {origin} to {destination}", noun="walk")
    ]


@ours("processing", distinct=("origin", "destination"))
def walk_between(origin: Hamlet, destination: Hamlet) -> Walk:
    """Compute the walk between two hamlets, in kilometres."""
    return {"kilometres": abs(_row(origin)[1] - _row(destination)[1]) / 16}


class Spell(TypedDict):
    count: Annotated[int, Quantity("letters", "letters"), says("the count of {letter} in {rune}", noun="letter count")]


@ours("processing")
def rune_letters(
    rune: Annotated[str, Entity("t_rune")], letter: Annotated[str, Given({"l-a": "letter A", "l-b": "letter B"})]
) -> Spell:
    """Count a letter in a rune."""
    return {"count": rune.count(letter[-1])}


class Pace(TypedDict):
    pace: Annotated[
        float,
        Quantity("speed", "metres per minute"),
        says(
            "the pace of {t_walker}",
            noun="pace",
            ask="How fast is {t_walker}",
        ),
    ]


@ours("processing")
def walker_pace(
    age: Annotated[int, Part("t_walker", "age")], stride: Annotated[int, Part("t_walker", "stride_cm")]
) -> Pace:
    """Compute a walker's pace in metres per minute from age and stride."""
    return {"pace": stride * (130 - age) / 100}


class Tired(TypedDict):
    rest: Annotated[float, Quantity("duration", "minutes"), says("the rest of {t_walker}", noun="rest")]


@ours("processing")
def walker_rest(
    load: Annotated[int, Part("t_walker", "load_kg")], pace: Annotated[float, Quantity("speed", "metres per minute")]
) -> Tired:
    """Compute how many minutes an hour a walker rests, from load and pace."""
    return {"rest": load * pace / 20}


class Trot(TypedDict):
    trot: Annotated[float, Quantity("duration", "hours"), says("the trot at {speed}", noun="trot")]


@ours("processing")
def pony_trot(speed: Annotated[float, Quantity("speed", "miles per hour")]) -> Trot:
    """Compute a pony's trot from its speed in miles per hour, which nothing here gives."""
    return {"trot": 10 / speed}


def pool() -> Pool:
    """The village as a pool."""
    return Pool(dict(sorted(TOOLS.items())))


def door() -> Door:
    """The door to the village's tools."""
    return Door(TOOLS)


# --- records ---------------------------------------------------------------------------------------------------------

_KINDS = {bool: "boolean", int: "integer", float: "number", str: "string", list: "set", dict: "map"}


def given(value: Any, type_: str = "t_hamlet") -> dict[str, Any]:
    """A stated thing."""
    return {"given": value, "type": type_}


def choice(value: Any) -> dict[str, Any]:
    """A stated choice."""
    return {"given": value, "choice": True}


def part(walker: dict[str, Any], name: str) -> dict[str, Any]:
    """A part of the walker."""
    return {"given": walker[name], "vignette": "t_walker", "seed": f"/{name}"}


class Story:
    """A record in the making: a seed, calls that are really made, and a task over them."""

    def __init__(self, seed: Any = "Ashby", type_: str = "t_hamlet") -> None:
        setup = {"domain": "village", "seed": {"value": seed, "type": type_}, "exemplars": []}
        setup["tools"] = {name: found.version for name, found in sorted(TOOLS.items())}
        self.record: Record = {"id": setup_id(setup), "setup": setup, "evidence": []}
        self.seed = {"given": seed, "type": type_, "seed": ""}

    def call(self, name: str, round_: int = 1, **sources: Any) -> str:
        """Make a call whose arguments come from these expressions; its id."""
        evidence = self.record["evidence"]
        arguments = {p: evaluate(source, over(evidence)) for p, source in sources.items()}
        step = {"call": f"c{len(evidence) + 1}", "round": round_, "tool": name, "arguments": arguments}
        evidence.append({**step, "arguments_from": sources, **door().call(name, arguments)})
        return step["call"]

    def look(self, name: str, pointer: str, round_: int = 1, **sources: Any) -> dict[str, Any]:
        """Make a call and cite one field of its result."""
        return {"call": self.call(name, round_, **sources), "pointer": pointer}

    def task(self, question: str, support: dict[str, Any], **answer: Any) -> Record:
        """The record with a task whose answer is what its support gives."""
        value = evaluate(support, over(self.record["evidence"]))
        typed = {"value": value, "type": _KINDS[type(value)], **answer}
        task = {"round": 1, "question": question, "answer": typed, "support": support, "by": "hand"}
        return copy.deepcopy({**self.record, "task": task})


# --- real records ----------------------------------------------------------------------------------------------------


@cache
def real() -> tuple[Pool, Door]:
    """The built-in pool and its door, once in each process."""
    from dive_tools.pool import builtin

    found = builtin()
    return found, Door(found.tools)


@cache
def setups(count: int) -> tuple[Record, ...]:
    """Real setups."""
    from dive_tools import samples
    from dive_tools.sample import Plan, sample

    plan = Plan(pool=real()[0], seeds=samples.seeds(), exemplars=samples.exemplars(), seed_number=20)
    return tuple(sample(plan, count))


@cache
def grown(count: int) -> tuple[Record, ...]:
    """Records of `count` real setups after two rounds; those that were dropped on the way are left out."""
    from dive_tools.collect import Collector
    from dive_tools.derive import Deriver

    stages = (Collector(*real()), Deriver(real()[0])) * 2
    found = []
    for setup in setups(count):
        record: Any = setup
        for stage in stages:
            record = record if isinstance(record, Drop) else stage(record)
        if not isinstance(record, Drop):
            found.append(record)
    return tuple(found)
