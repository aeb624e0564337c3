"""Free English for units, extremes, orders, roundings and values: usual words are known, and so are their opposites."""

from __future__ import annotations

import pytest
from village import real

from dive_tools.screens.stated import usual
from dive_tools.screens.units import canonical_unit, names_unit, units_in
from dive_tools.screens.words import NTH, order, roundings, sides


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
    ],
)
def test_a_rounding_is_read(text: str, wanted: set[tuple[str, int]]) -> None:
    assert roundings(text) == wanted


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
