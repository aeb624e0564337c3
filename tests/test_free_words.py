"""Free English for units, extremes, orders, roundings and values: usual words are known, and so are their opposites."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pytest
from village import choice, given, real

from dive_tools.screens import Case, outcomes
from dive_tools.screens.stated import usual
from dive_tools.screens.units import canonical_unit, names_unit, units_in
from dive_tools.screens.words import NTH, OPERATIONS, direction, order, roundings, sides, without_roundings
from dive_tools.support import evaluate, over


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("What is its area in km²?", ["square kilometres"]),
        ("in sq km or square miles", ["square kilometres", "square miles"]),
        ("How many kilometers is it", ["kilometres"]),
        ("at 12 km/h", ["kilometres per hours"]),
        ("450 metres an hour, in minutes", ["metres per hours", "minutes"]),
        ("in metres per second squared", ["metres per square seconds"]),
        ("12 m high and 5cm wide", ["metres", "centimetres"]),
        ("at 5 °C, or 3 degrees Celsius", ["degrees Celsius", "degrees Celsius"]),
        ("By what percentage, 5 % or 5 per cent", ["percent", "percent", "percent"]),
        ("in mg/dL", ["milligrams per decilitres"]),
        ("the second highest, a mean of m", []),
        ("people per square kilometre", ["people per square kilometres"]),
    ],
)
def test_units_are_read_however_they_are_spelt(text: str, units: list[str]) -> None:
    found = [unit for _, unit in units_in(text)]
    assert found == units


@pytest.mark.parametrize(
    ("unit", "yes", "no"),
    [
        ("kilometres", "How many km is it?", "How many square kilometres is it?"),
        ("metres", "its height in meters", "its speed in metres per second"),
        ("square kilometres", "its area in km2", "its length in km"),
        ("percent", "what percentage", "what proportion"),
        ("days", "how many weekdays", "how many hours"),
        ("host addresses", "How many host addresses", "How many hosts"),
        ("degrees Celsius", "in °C", "in degrees Fahrenheit"),
        ("US dollars", "in USD", "in euros"),
    ],
)
def test_a_unit_is_named_by_itself_and_not_by_a_part_of_another(unit: str, yes: str, no: str) -> None:
    assert names_unit(yes, unit) and not names_unit(no, unit)


def test_every_unit_of_the_pool_is_named_by_its_own_words() -> None:
    units = {item.unit for tool in real()[0].tools.values() for item in tool.fields.values() if item.unit}
    assert len(units) > 100
    assert [unit for unit in sorted(units) if not names_unit(f"How many {unit} is it, or in {unit}?", unit)] == []
    assert sum(canonical_unit(unit) is not None for unit in units) > 50


@pytest.mark.parametrize(
    ("text", "named", "side"),
    [
        ("Which has the largest area?", "area", "high"),
        ("Which is the least populous?", "population", "low"),
        ("Which lies the farthest?", "distance", "high"),
        ("Which is the oldest?", "year founded", "low"),
        ("Which is the oldest?", "age", "high"),
        ("Which is the fastest?", "duration", "low"),
        ("Which is the fastest?", "speed", "high"),
        ("Which is the most southerly?", "latitude", "low"),
        ("Which has more than 50 but at least one, and is smaller?", "area", "low"),
    ],
)
def test_a_word_chooses_one_end(text: str, named: str, side: str) -> None:
    found = sides(text, named)
    assert found[side] and not found["low" if side == "high" else "high"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Rank them from highest to lowest.", {"descending"}),
        ("from the smallest to the largest", {"ascending"}),
        ("in descending order", {"descending"}),
        ("largest first", {"descending"}),
        ("in reverse chronological order", {"descending"}),
        ("in order of area", set()),
        ("from earliest to latest, in descending order", {"ascending", "descending"}),
    ],
)
def test_an_order_is_read(text: str, wanted: set[str]) -> None:
    assert order(text, "area") == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("to the nearest whole number", {("places", 0)}),
        ("rounded to the nearest kilometre", {("places", 0)}),
        ("to 2 decimal places", {("places", 2)}),
        ("to one decimal place", {("places", 1)}),
        ("to the nearest tenth", {("places", 1)}),
        ("to three significant figures", {("significant", 3)}),
        ("to 3 significant digits", {("significant", 3)}),
        ("the nearest airport", set()),
        ("the distance to the nearest second-hand shop", set()),
        ("to the nearest millisecond", {("places", 0)}),
        ("to the nearest kelvin", {("places", 0)}),
        ("to the nearest dyn·s/cm⁵", {("places", 0)}),
        ("to the nearest year", {("places", 0)}),
        ("to the nearest integer", {("places", 0)}),
        ("to the nearest hundredth", {("places", 2)}),
        ("to the nearest thousandth", {("places", 3)}),
        ("to the nearest 0.1 kg", {("places", 1)}),
        ("to two decimals", {("places", 2)}),
        ("to 2 d.p.", {("places", 2)}),
        ("to the first decimal", {("places", 1)}),
        ("with one digit after the decimal point", {("places", 1)}),
        ("to the nearest hundred kilometres", {("places", -2)}),
        ("to the nearest 1,000 people", {("places", -3)}),
        ("rounded to the nearest thousand people", {("places", -3)}),
        ("to the nearest 5 minutes", {("other", 1)}),
    ],
)
def test_a_rounding_is_read(text: str, wanted: set[tuple[str, int]]) -> None:
    assert roundings(text, ("dyn·s/cm⁵",)) == wanted


def test_the_numbers_of_a_rounding_are_none_of_the_question() -> None:
    assert not re.search(r"\d", without_roundings("to 2 d.p., 3 s.f., 4 decimals or to the nearest 0.1"))


@pytest.mark.parametrize(
    ("op", "text"),
    [
        ("difference", "By how many kilometres does the tunnel shorten the road?"),
        ("difference", "How many hours longer does it take?"),
        ("difference", "How much did the population grow?"),
        ("difference", "How far apart are they in age?"),
        ("difference", "Which margin is there over the limit?"),
        ("difference", "How many kelvins brighter and hotter is it?"),
        ("difference", "How many years older than the first is it?"),
        ("difference", "How many square metres does the larger gain?"),
        ("difference", "How much is left of it, and what remains?"),
        ("ratio", "How many times as large is it?"),
        ("ratio", "It is an eightfold of what?"),
        ("ratio", "By what factor is it larger?"),
        ("percent_change", "How many percent more is it?"),
        ("percent_change", "What is the relative change?"),
        ("share", "What share of the whole is it, in percent?"),
        ("share", "What proportion is it, in %?"),
        ("sum", "How much is it, all told?"),
        ("mean", "How much is it on average?"),
        ("count", "How often does it occur?"),
    ],
)
def test_an_operation_is_asked_for_in_usual_words(op: str, text: str) -> None:
    assert OPERATIONS[op].search(text.lower())


@pytest.mark.parametrize(
    "text", ["What is the elevation of the other river?", "How many kilometers is it?", "What is the number of them?"]
)
def test_what_asks_for_one_quantity_asks_for_no_difference(text: str) -> None:
    assert not OPERATIONS["difference"].search(text.lower())


@pytest.mark.parametrize(
    ("text", "named", "wanted"),
    [
        ("by how much does it exceed", "", "up"),
        ("by how much does it fall short of", "", "down"),
        ("how many years older", "year founded", "down"),
        ("how many years older", "age", "up"),
        ("how much faster", "duration", "down"),
        ("how much did it drop", "", "down"),
        ("how many feet lower is the elevation above the sea", "", "down"),
        ("by how much does the number under the first outnumber", "", "up"),
        ("what is the gap", "", None),
        ("is it more or less", "", None),
    ],
)
def test_a_comparison_has_a_direction(text: str, named: str, wanted: str | None) -> None:
    assert direction(text, named) == wanted


def test_a_later_place_is_heard() -> None:
    assert NTH.search("the second-highest peak") and NTH.search("the 3rd largest")
    assert not NTH.search("the highest peak of the second range")


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.05, "5%"), (0.05, "5 percent"), (3, "three"), (-4, "minus 4"), (24.5, "24.50"), (1200000, "1,200,000"),
     ("2031-05-15", "May 15, 2031"), ("2031-05-15", "15 May 2031"), ("mean_solar", "mean solar")],
)  # fmt: skip
def test_a_value_may_be_written_in_its_usual_ways(value: object, said: str) -> None:
    assert said in usual(value)


def test_a_number_is_not_stated_by_another_that_is_rounded() -> None:
    assert not usual(3.14159) & {"3.14", "3"} and not usual(0.004) & {"0", "0.00"}


def test_a_truth_has_no_words_of_its_own() -> None:
    assert usual(True) == set() and usual(None) == set()


# --- whole questions over real results -------------------------------------------------------------------------------

Node = dict[str, Any]


class Tale:
    """A record in the making over the built-in pool, whose question is a model's own."""

    def __init__(self, seed: Any, type_: str) -> None:
        self.value, self.type = seed, type_
        self.evidence: list[Node] = []
        self.seed: Node = {"given": seed, "type": type_, "seed": ""}

    def part(self, name: str, *more: int) -> Node:
        value = self.value[name][more[0]] if more else self.value[name]
        return {"given": value, "vignette": self.type, "seed": "/".join(["", name, *map(str, more)])}

    def look(self, name: str, pointer: str, **sources: Node) -> Node:
        arguments = {key: evaluate(source, over(self.evidence)) for key, source in sources.items()}
        step = {"call": f"c{len(self.evidence) + 1}", "round": 1, "tool": name, "arguments": arguments}
        self.evidence.append({**step, "arguments_from": sources, **real()[1].call(name, arguments)})
        return {"call": step["call"], "pointer": pointer}

    def case(self, question: str, support: Node) -> Case:
        tools = {step["tool"]: real()[0].tools[step["tool"]] for step in self.evidence}
        setup = {"domain": "any", "seed": {"value": self.value, "type": self.type}, "tools": {}, "exemplars": []}
        value = evaluate(support, over(self.evidence))
        task = {
            "question": question,
            "support": support,
            "answer": {"value": value, "type": "number"},
            "by": "openai:w",
        }
        record = {"id": "0" * 16, "setup": setup, "evidence": self.evidence, "task": task}
        unit = Case(record, tools).unit(Case(record, tools).asked)
        kind = "integer" if isinstance(value, int) else "number"
        task["answer"] = {"value": value, "type": kind, **({"unit": unit} if unit else {})}
        return Case(record, tools)


def of(op: str, *args: Node, **more: Any) -> Node:
    return {"op": op, "args": list(args), **more}


def rounded(node: Node, **how: int) -> Node:
    return {"op": "round", "of": node, **(how or {"places": 0})}


def taken(op: str, table: Node, **more: Any) -> Node:
    return {"op": op, "of": table, "by": "/value", "take": "/value", **more}


ROADS = [("Arl", "Bex", 30), ("Bex", "Cor", 25), ("Cor", "Dun", 18), ("Arl", "Dun", 90), ("Bex", "Dun", 52)]
NETWORK = {"roads": [{"from": a, "to": b, "km": km} for a, b, km in ROADS], "depot": "Arl", "towns": ["Cor", "Dun"]}
BY_ROAD = (
    "A depot stands in Arl, and its trucks use these roads, whose lengths are given here in kilometres and which may "
    "be driven either way by everybody: Arl–Bex 30, Bex–Cor 25, Cor–Dun 18, Arl–Dun 90 and Bex–Dun 52. "
)
HEART = {"heart_rate": 100, "qt": 360, "stroke_volume": 50, "systolic": 120, "diastolic": 80, "venous_pressure": 5}
PAYS = "An investment costs 1000 dollars and pays back 300, 400 and 500 dollars at the ends of three years. "


@cache
def honest() -> dict[str, Case]:
    """Questions as people ask them, over real results."""
    found = {}
    trip = Tale(NETWORK, "road_network")
    rows = []
    for n in (1, 0):
        town = trip.part("towns", n)
        length = trip.look("shortest_route", "/length", roads=trip.part("roads"), depot=trip.part("depot"), town=town)
        rows.append({"name": town, "value": length})
    table = {"op": "table", "rows": rows}
    found["spread"] = trip.case(
        BY_ROAD + "Taking the shortest road distance from the depot to Cor and to Dun, how many kilometres farther is "
        "the farthest of them than the nearest?",
        of("difference", taken("argmax", table), taken("argmin", table)),
    )
    found["limit"] = trip.case(
        BY_ROAD + "By how many kilometres does the shortest road distance from the depot to Dun fall short of 90 km?",
        of("difference", choice(90), rows[0]["value"]),
    )
    money = Tale({"outlay": 1000, "cash_flows": [300, 400, 500]}, "investment")
    flows = {"outlay": money.part("outlay"), "cash_flows": money.part("cash_flows")}
    rate = money.look("internal_rate_of_return", "/internal_rate", **flows)
    found["hurdle"] = money.case(
        PAYS
        + "By how many percentage points does its internal rate of return exceed a hurdle of 6 %, to two decimals?",
        rounded(of("difference", rate, choice(6)), places=2),
    )
    heart = Tale(HEART, "cardiac_patient")
    beat = heart.look("rr_interval", "/rr", heart_rate=heart.part("heart_rate"))
    qtc = heart.look("corrected_qt", "/qtc", qt=heart.part("qt"), rr=beat, formula=choice("bazett"))
    found["millisecond"] = heart.case(
        "A cardiac patient has a heart rate of 100 beats per minute and a QT interval of 360 ms. How far above 450 ms "
        "is the QT interval corrected by the Bazett formula, to the nearest millisecond?",
        rounded(of("difference", qtc, choice(450))),
    )
    pressures = {name: heart.part(name) for name in ("systolic", "diastolic")}
    pressure = heart.look("mean_arterial_pressure", "/pressure", **pressures)
    rest = {name: heart.part(name) for name in ("stroke_volume", "heart_rate", "venous_pressure")}
    found["unit"] = heart.case(
        "A cardiac patient has a blood pressure of 120/80 mmHg, a stroke volume of 50 mL, a heart rate of 100 beats "
        "per minute and a central venous pressure of 5 mmHg. What is the systemic vascular resistance, to the nearest "
        "dyn·s/cm⁵?",
        rounded(heart.look("systemic_vascular_resistance", "/resistance", pressure=pressure, **rest)),
    )
    codes = Tale("E11.65", "icd10cm_code")
    above = codes.look("icd10cm_parent", "/parent", code=codes.seed)
    found["edition"] = codes.case(
        "Going by the ICD-10-CM 2026 tabular list, how many billable codes fall under the code directly above E11.65?",
        codes.look("icd10cm_billable_count", "/billable", code=above),
    )
    land = Tale("Kenya", "country")
    then, now = (land.look("past_life_expectancy", "/years", country=land.seed, year=choice(y)) for y in (1952, 1982))
    found["rise"] = land.case(
        "By how many years did life expectancy at birth in Kenya rise from 1952 to 1982, to one decimal?",
        rounded(of("difference", now, then), places=1),
    )
    names = land.look("country_neighbours", "/countries", country=land.seed)
    items = [{"op": "item", "of": names, "index": n, "type": "country"} for n in range(5)]
    areas = [{"name": item, "value": land.look("country_profile", "/area", country=item)} for item in items]
    table = {"op": "table", "rows": areas, "over": names}
    found["outstrip"] = land.case(
        "By how many square kilometres does the largest area among Kenya's neighbours outstrip the second-largest?",
        of("difference", taken("argmax", table), taken("nth", table, n=2, order="descending")),
    )
    found["times"] = land.case(
        "Of the countries bordering Kenya, how many times as large in area is the largest as the smallest, to three "
        "significant digits?",
        rounded(of("ratio", taken("argmax", table), taken("argmin", table)), significant=3),
    )
    metal = Tale("gold", "element")
    melting = [
        metal.look("element_phase_changes", "/melting_point", element=node)
        for node in (metal.seed, given("silver", "element"))
    ]
    found["kelvin"] = metal.case(
        "How many kelvins higher is the melting point of gold than that of silver, to the nearest kelvin?",
        rounded(of("difference", *melting)),
    )
    sugar = given("glucose", "compound")
    carbon = metal.look("element_mass_share", "/mass_percent", compound=sugar, element=choice("carbon"))
    found["rest"] = metal.case(
        "What percentage by mass of glucose is left once its carbon is taken away from the full 100 percent, to two "
        "decimal places?",
        rounded(of("difference", choice(100), carbon), places=2),
    )
    return found


def faults(case: Case) -> list[tuple[str, str]]:
    return [(reason, why) for reason, why in outcomes(case) if why is not None and reason != "trivial"]


def test_questions_as_people_ask_them_pass() -> None:
    rejected = {name: found for name, case in honest().items() if (found := faults(case))}
    assert len(honest()) >= 10 and rejected == {}


@pytest.mark.parametrize(
    ("name", "old", "new", "reason"),
    [
        ("spread", "farthest", "middle one", "unfaithful"),
        ("limit", "90 km", "90 miles", "unfaithful"),
        ("limit", "fall short of", "exceed", "unfaithful"),
        ("hurdle", "6 %", "6 km", "odd_arithmetic"),
        ("hurdle", "6 %", "7 %", "unfaithful"),
        ("hurdle", "exceed", "fall short of", "unfaithful"),
        ("hurdle", "two decimals", "one decimal", "unfaithful"),
        ("millisecond", "450 ms", "450 seconds", "odd_arithmetic"),
        ("millisecond", "above", "below", "unfaithful"),
        ("millisecond", "nearest millisecond", "nearest 100 milliseconds", "unfaithful"),
        ("unit", "dyn·s/cm⁵", "hundred dyn·s/cm⁵", "unfaithful"),
        ("edition", "2026", "2025", "unfaithful"),
        ("rise", "rise", "fall", "unfaithful"),
        ("rise", "from 1952 to 1982", "from 1982 to 1952", "unfaithful"),
        ("outstrip", "second-largest", "third-largest", "unfaithful"),
        ("outstrip", "second-largest", "smallest", "unfaithful"),
        ("times", "three significant digits", "two decimals", "unfaithful"),
        ("kelvin", "higher", "lower", "unfaithful"),
        ("kelvin", "of gold than that of silver", "of silver than that of gold", "unfaithful"),
        ("rest", "100 percent", "90 percent", "unfaithful"),
    ],
)
def test_a_question_with_one_thing_wrong_is_caught_and_told_how_to_mend_it(
    name: str, old: str, new: str, reason: str
) -> None:
    right = honest()[name]
    assert old in right.question
    task = {**right.task, "question": right.question.replace(old, new)}
    found = faults(Case({**right.record, "task": task}, right.tools))
    assert reason in [word for word, _ in found], found
    assert all(re.search(r": .{10,}", why) for word, why in found if word == reason)


def test_unlike_quantities_are_both_named() -> None:
    money = Tale({"outlay": 1000, "cash_flows": [300, 400, 500]}, "investment")
    flows = {"outlay": money.part("outlay"), "cash_flows": money.part("cash_flows")}
    rate = money.look("internal_rate_of_return", "/internal_rate", **flows)
    height = money.look("airport_elevation", "/elevation", airport=given("NBO", "airport"))
    support = of("difference", rate, height)
    found = dict(
        faults(money.case(PAYS + "By how much does its internal rate of return exceed NBO's elevation?", support))
    )
    said = "the internal rate of return (percent) and the elevation above sea level (feet) are of unlike kinds: a diff"
    assert found["odd_arithmetic"].startswith(said)


def test_a_sentence_that_is_too_long_is_named() -> None:
    right = honest()["kelvin"]
    more = right.question.replace("gold", "gold, " + "which is a metal that people like a lot, " * 5)
    found = dict(faults(Case({**right.record, "task": {**right.task, "question": more}}, right.tools)))
    assert "'How many kelvins higher is the …' has 63 words" in found["unreadable"]
