"""Is a tool fit for the pool? Each thing that can be wrong with one, made wrong in a small tool."""

from __future__ import annotations

import ast
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, TypedDict

import pytest
from tiny import as_tool

from dive_tools import check as checking
from dive_tools.check import Finding, changed, check, results_lock
from dive_tools.errors import DiveError
from dive_tools.tools.base import Refusal, Tool, example
from dive_tools.values import TYPES, VIGNETTES, Entity, Given, Part, Quantity, entity, samples, says, vignette

Number = Annotated[int, Given(1, 2, 3)]


class Square(TypedDict):
    square: Annotated[int, Quantity("number"), says("the square of {number}", noun="square")]


def square(number: Number) -> Square:
    """Compute the square of a number, exactly and at once."""
    return {"square": number * number}


NINE = example({"number": 3}, {"/square": 9}, "identity: 3 · 3 = 9")


@pytest.fixture(autouse=True)
def scratch(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few types, gone after the test."""
    monkeypatch.setattr(checking, "TYPES", dict(TYPES))
    monkeypatch.setattr(checking, "VIGNETTES", dict(VIGNETTES))
    monkeypatch.setattr("dive_tools.values.TYPES", checking.TYPES)
    monkeypatch.setattr("dive_tools.values.VIGNETTES", checking.VIGNETTES)
    samples.cache_clear()
    entity("planet", "planet", samples=lambda: ["Mars", "Venus", "Earth"])
    vignette("trip", "the trip", "a trip", {}, samples=lambda: [{"days": 3, "miles": 9}, {"days": 5, "miles": 8}])
    yield
    samples.cache_clear()


def findings(function: Callable[..., Any], *examples: Any, lock: Any = None, **options: Any) -> list[Finding]:
    """What is found wrong with the tool that a function makes."""
    made = as_tool(function, examples=list(examples), **options)
    return list(check({made.name: made}, lock or {}))


def words(function: Callable[..., Any], *examples: Any, **options: Any) -> set[str]:
    return {finding.reason for finding in findings(function, *examples, **options)}


def test_a_good_tool_has_no_findings() -> None:
    assert findings(square, NINE) == []


# --- one small bad tool for each word --------------------------------------------------------------------------------


def thin(number: Number) -> Square:
    """Square."""
    return {"square": number * number}


class Listed(TypedDict):
    moons: Annotated[list[str], says("the moons of {planet}")]


Planet = Annotated[str, Entity("planet")]


class Moons(TypedDict):
    moons: Annotated[int, Quantity("number of moons"), says("the number of moons of {planet}", noun="number of moons")]


def half_told(planet: Planet) -> Listed:
    """List the moons of a planet of the solar system, or some of them."""
    return {"moons": ["Phobos", "Deimos"]}


class Asked(TypedDict):
    radius: Annotated[
        float, Quantity("length", "kilometres"), says("the radius of {world}", ask="How big is {planet}?")
    ]


def misspoken(planet: Planet) -> Asked:
    """Look up the mean radius of a planet of the solar system, in kilometres."""
    return {"radius": 3389.5}


class Typed(TypedDict):
    star: Annotated[str, Entity("no_such_type")]


def mistyped(planet: Annotated[str, Entity("no_such_type")], hours: Annotated[int, Part("trip", "hours")]) -> Typed:
    """Look up the star that a planet goes round, and how long that takes."""
    return {"star": "Sun"}


def meaningless(planet: Planet, text: str) -> Square:
    """Compute something from a text that nothing in the pool can give."""
    return {"square": 1}


def buggy(planet: Planet) -> Moons:
    """Look up something of a planet; it has a bug for one of them."""
    return {"moons": 1 // (planet != "Venus")}


def lying(planet: Planet) -> Moons:
    """Look up something of a planet; for one of them it is a text."""
    return {"moons": "four" if planet == "Venus" else 4}  # type: ignore[typeddict-item]


def slow(planet: Planet) -> Moons:
    """Look up something of a planet; for one of them that takes long."""
    if planet == "Venus":
        time.sleep(1)
    return {"moons": 4}


def shy(planet: Planet) -> Moons:
    """Look up something of a planet; for most of them there is nothing."""
    if planet != "Venus":
        raise Refusal("no such planet")
    return {"moons": 4}


EARTH = example({"planet": "Earth"}, {}, "published: an almanac")
MARS = example({"planet": "Mars"}, {}, "published: an almanac")
VENUS = example({"planet": "Venus"}, {}, "published: an almanac")

BAD: dict[str, Callable[[], list[Finding]]] = {
    "thin_description": lambda: findings(thin, NINE),
    "no_complete": lambda: findings(half_told, MARS),
    "unknown_slot": lambda: findings(misspoken, MARS),
    "question_mark": lambda: findings(misspoken, MARS),
    "unknown_type": lambda: findings(mistyped),
    "meaningless": lambda: findings(meaningless),
    "no_example": lambda: findings(square),
    "example_fails": lambda: findings(shy, MARS),
    "example_differs": lambda: findings(square, example({"number": 3}, {"/square": 10}, "identity: none")),
    "changed": lambda: findings(square, NINE, lock={"square": {"version": "1", "results": "0" * 16}}),
    "crashed": lambda: findings(buggy, EARTH),
    "bad_result": lambda: findings(lying, EARTH),
    "over_time": lambda: findings(slow, EARTH, limit=0.05),
    "mostly_refuses": lambda: findings(shy, VENUS),
}  # fmt: skip


@pytest.mark.parametrize("word", BAD)
def test_each_fault_is_found_under_its_word(word: str) -> None:
    assert word in {finding.reason for finding in BAD[word]()}


def test_every_word_that_can_be_found_is_tried_here() -> None:
    tree = ast.parse(Path(checking.__file__).read_text())
    made = [
        node.args[1] for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "Finding"
    ]
    fixed = {arg.value for arg in made if isinstance(arg, ast.Constant)}
    assert fixed | {"crashed", "bad_result", "over_time"} == set(BAD)


# --- what a finding says ---------------------------------------------------------------------------------------------


def test_a_finding_names_the_tool_and_the_place() -> None:
    (first, *_) = [found for found in findings(misspoken, MARS) if found.reason == "unknown_slot"]
    assert first.tool == "misspoken" and "/radius" in first.detail and "world" in first.detail


def test_every_place_of_an_unknown_type_is_found() -> None:
    details = [found.detail for found in findings(mistyped) if found.reason == "unknown_type"]
    assert [detail.split(":")[0] for detail in details] == ["parameter planet", "parameter hours", "field /star"]


def test_a_parameter_with_a_default_needs_no_meaning() -> None:
    def plain(number: Number, style: str = "") -> Square:
        """Compute the square of a number, in one of several styles."""
        return {"square": number * number}

    assert words(plain, NINE) == set()


def test_a_phrase_may_name_the_other_fields_of_its_item() -> None:
    assert words(neighbours, example({"planet": "Mars"}, {"/near/0/name": "Earth"}, "published: an almanac")) == set()


class Near(TypedDict):
    name: Annotated[str, Entity("planet")]
    distance: Annotated[float, Quantity("length", "au"), says("the distance from {planet} to {name}")]


class Nearby(TypedDict):
    near: Annotated[list[Near], says("the neighbours of {planet}")]
    complete: bool


def neighbours(planet: Planet) -> Nearby:
    """List the planets next to a planet, each with its distance in au."""
    return {"near": [{"name": "Earth", "distance": 0.5}], "complete": True}


# --- examples --------------------------------------------------------------------------------------------------------


class Mixed(TypedDict):
    n: float
    yes: bool
    many: list[float]
    text: str


def mixed(number: Number) -> Mixed:
    """Give a value of each kind that an example may speak of."""
    return {"n": 1.0, "yes": True, "many": [1.0, 2.0], "text": "a"}


@pytest.mark.parametrize(
    ("expect", "fits"),
    [
        ({"/n": 1.0000001}, True), ({"/n": 1.00001}, False), ({"/n": 1}, True), ({"/n": True}, False),
        ({"/yes": True}, True), ({"/yes": 1}, False), ({"/many": [1, 2.0000001]}, True), ({"/many": [1]}, False),
        ({"/many": [1, 3]}, False), ({"/many/1": 2}, True), ({"/text": "a"}, True), ({"/text": "b"}, False),
        ({"/nowhere": 1}, False), ({"/many/2": 3}, False), ({"/n/x": 3}, False), ({"/n": None}, False),
        ({"error": "refused"}, False), ({}, True),
    ],
    ids=str,
)  # fmt: skip
def test_an_example_is_held_against_what_comes_out(expect: dict[str, Any], fits: bool) -> None:
    assert words(mixed, example({"number": 1}, expect, "identity: so it is")) == (
        set() if fits else {"example_differs"}
    )


def test_an_example_says_how_close_is_close_enough() -> None:
    assert words(mixed, example({"number": 1}, {"/n": 1.05}, "identity: nearly", tolerance=0.1)) == set()


def test_a_refusal_may_be_expected_and_a_crash_is_none() -> None:
    refused = example({"planet": "Mars"}, {"error": "refused"}, "identity: no such planet")
    assert words(shy, refused) == {"mostly_refuses"}
    assert "example_differs" in words(buggy, example({"planet": "Venus"}, {"error": "refused"}, "identity: none"))


def test_an_example_whose_arguments_do_not_fit_fails() -> None:
    assert words(square, example({"number": "three"}, {"/square": 9}, "identity: 3 · 3 = 9")) == {"example_fails"}


# --- trying a tool out -----------------------------------------------------------------------------------------------


def test_the_parts_of_a_vignette_are_tried_together() -> None:
    seen = []

    def pace(days: Annotated[int, Part("trip", "days")], miles: Annotated[int, Part("trip", "miles")]) -> Square:
        """Compute how far one gets in a day on a trip, in miles."""
        seen.append((days, miles))
        return {"square": miles // days}

    findings(pace, example({"days": 1, "miles": 4}, {"/square": 4}, "identity: 4 / 1 = 4"))
    assert set(seen) == {(1, 4), (3, 9), (5, 8)}


def test_a_tool_that_refuses_half_of_the_time_is_fit() -> None:
    def even(number: Annotated[int, Given(1, 2)]) -> Square:
        """Compute the square of an even number, and refuse an odd one."""
        if number % 2:
            raise Refusal("odd")
        return {"square": number * number}

    assert words(even, example({"number": 2}, {"/square": 4}, "identity: 2 · 2 = 4")) == set()


# --- results that change ---------------------------------------------------------------------------------------------


def cube(number: Number) -> Square:
    """Compute the square of a number, exactly and at once."""
    return {"square": number**3}


def as_square(function: Callable[..., Any], version: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Tool]:
    """A pool in which `square` is this function."""
    monkeypatch.setattr(function, "__name__", "square")
    return {"square": as_tool(function, version=version, examples=[NINE])}


def test_a_changed_result_needs_a_new_version(monkeypatch: pytest.MonkeyPatch) -> None:
    lock = results_lock(as_square(square, "1", monkeypatch))
    same, other = as_square(square, "1", monkeypatch), as_square(cube, "1", monkeypatch)
    assert changed(same, lock) == [] and not list(check(same, lock))
    assert changed(other, lock) == ["square"]
    assert "changed" in {found.reason for found in check(other, lock)}
    assert changed(as_square(cube, "2", monkeypatch), lock) == []


def test_a_tool_that_no_lock_knows_has_not_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert changed(as_square(square, "1", monkeypatch), {}) == []


def test_the_lock_holds_each_tool_s_version() -> None:
    made = as_tool(square, version="7", examples=[NINE])
    assert results_lock({"square": made})["square"]["version"] == "7"


def test_a_tool_that_may_change_the_world_is_not_called_to_check_it() -> None:
    ran = []

    def send(number: Number) -> Square:
        """Send a number to where it does something; nobody allowed it."""
        ran.append(number)
        return {"square": 1}

    made = as_tool(send, effects="write", examples=[NINE])
    with suppress(DiveError):  # whether it stops at it or says so
        list(check({"send": made, "square": as_tool(square, examples=[NINE])}, {}))
    assert not ran
