"""A tool from its signature, and the one door through which every call goes."""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, NotRequired, TypedDict

import pytest
from msgspec import Meta
from shell import environment
from tiny import as_tool, pool_of

from dive_tools.errors import BadRecord, DiveError
from dive_tools.jsonl import dump
from dive_tools.pool import Pool
from dive_tools.tools import door
from dive_tools.tools.base import REGISTRY, Refusal, Tool, example, tool
from dive_tools.tools.door import Door, run
from dive_tools.tools.manifest import line as line_of
from dive_tools.values import Entity, Given, Part, Quantity, says

Name = Annotated[str, Entity("country"), Meta(description="English name", min_length=2, max_length=30)]


class Border(TypedDict):
    country: Annotated[str, Entity("country")]
    length: Annotated[float, Quantity("length", "kilometres", additive=True), Meta(ge=0), says("how long", noun="l")]


class Borders(TypedDict):
    borders: Annotated[list[Border], says("the borders of {country}", noun="border")]
    names: list[Annotated[str, Entity("country")]]
    longest: Annotated[Border | None, says("the longest")]
    coast: Annotated[float, Quantity("temperature", "degrees", scale="interval")] | None
    note: NotRequired[str]
    complete: bool


def borders(
    country: Name,
    year: Annotated[int, Given(2000, 2020), Meta(ge=1900, le=2100)],
    age: Annotated[float, Part("patient", "age"), Quantity("age", "years")],
    code: Annotated[str, Meta(pattern="^[A-Z]{2}$")] = "KE",
    order: Literal["short", "long"] = "long",
    most: int | None = None,
) -> Borders:
    """List the borders of a country.

    Never mind which.
    """
    return {"borders": [], "names": [], "longest": None, "coast": None, "complete": True}


BORDERS = as_tool(borders, "retrieval", version="3", licence="CC0-1.0", limit=1.5, distinct=("country", "code"))
CALL = {"country": "Kenya", "year": 2000, "age": 30}


def outcome_of(function: Callable[..., Any], arguments: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    """What the door makes of one call of a function."""
    made = as_tool(function, **options)
    return Door({made.name: made}).call(made.name, arguments or {})


def error_of(function: Callable[..., Any], arguments: dict[str, Any] | None = None, **options: Any) -> tuple[str, str]:
    error = outcome_of(function, arguments, **options)["error"]
    return error["kind"], error["message"]


# --- from a signature to schemas -------------------------------------------------------------------------------------


def test_parameters_become_a_schema_with_their_limits() -> None:
    assert BORDERS.parameters == {
        "type": "object",
        "properties": {
            "country": {"type": "string", "description": "English name", "minLength": 2, "maxLength": 30},
            "year": {"type": "integer", "minimum": 1900, "maximum": 2100},
            "age": {"type": "number"},
            "code": {"type": "string", "pattern": "^[A-Z]{2}$", "default": "KE"},
            "order": {"enum": ["long", "short"], "default": "long"},
            "most": {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": None},
        },
        "required": ["country", "year", "age"],
        "additionalProperties": False,
    }


def test_a_result_becomes_a_schema_that_is_closed_at_every_depth() -> None:
    border = {
        "type": "object",
        "properties": {"country": {"type": "string"}, "length": {"type": "number", "minimum": 0}},
        "required": ["country", "length"],
        "additionalProperties": False,
    }
    assert BORDERS.result == {
        "type": "object",
        "properties": {
            "borders": {"type": "array", "items": border},
            "names": {"type": "array", "items": {"type": "string"}},
            "longest": {"anyOf": [border, {"type": "null"}]},
            "coast": {"anyOf": [{"type": "number"}, {"type": "null"}]},
            "note": {"type": "string"},
            "complete": {"type": "boolean"},
        },
        "required": ["borders", "coast", "complete", "longest", "names"],
        "additionalProperties": False,
    }


def test_the_meaning_of_parameters() -> None:
    slots = BORDERS.slots
    assert (slots["country"].type, slots["year"].choices) == ("country", {2000: None, 2020: None})
    assert (slots["age"].vignette, slots["age"].part, slots["age"].kind, slots["age"].unit) == (
        "patient", "age", "age", "years",
    )  # fmt: skip
    assert [name for name, slot in slots.items() if slot.required] == ["country", "year", "age"]


def test_the_meaning_of_result_fields_at_every_depth() -> None:
    fields = BORDERS.fields
    assert {pointer: (f.shape, f.type) for pointer, f in fields.items()} == {
        "": ("object", ""), "/borders": ("list", ""), "/borders/*": ("object", ""),
        "/borders/*/country": ("scalar", "country"), "/borders/*/length": ("scalar", ""),
        "/names": ("list", "country"), "/names/*": ("scalar", "country"), "/longest": ("object", ""),
        "/longest/country": ("scalar", "country"), "/longest/length": ("scalar", ""), "/coast": ("scalar", ""),
        "/note": ("scalar", ""), "/complete": ("scalar", ""),
    }  # fmt: skip
    length, coast = fields["/borders/*/length"], fields["/coast"]
    assert (length.kind, length.unit, length.scale, length.additive, length.says.noun, length.parent) == (
        "length", "kilometres", "ratio", True, "l", "/borders",
    )  # fmt: skip
    assert (coast.kind, coast.scale, coast.parent, fields["/longest"].says.phrases) == (
        "temperature", "interval", "", ("the longest",),
    )  # fmt: skip


def test_a_chat_model_is_shown_the_whole_docstring() -> None:
    shown = BORDERS.schema()["function"]
    assert shown["description"] == "List the borders of a country.\n\nNever mind which."
    assert shown["name"] == "borders" and shown["parameters"] is BORDERS.parameters


def test_a_manifest_is_one_line_of_json() -> None:
    line = dump(line_of(BORDERS))
    assert line.count(b"\n") == 1 and b'"version":"3"' in line and b'"choices":[{"value":2000},{"value":2020}]' in line


def test_a_declaration_that_makes_no_sense_is_refused() -> None:
    for wrong in ({"role": "magic"}, {"effects": "some"}):
        with pytest.raises(ValueError, match="role must be one of"):
            tool(**{"role": "retrieval", "examples": [], **wrong})

    def mute(n: int) -> int:
        return n

    with pytest.raises(ValueError, match="mute has no docstring"):
        as_tool(mute)
    for source in ("", "my own output", "published", "published: "):
        with pytest.raises(ValueError, match="example source must be"):
            example({}, {}, source)


def test_two_builtin_tools_of_one_name_are_refused_and_a_users_stands_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    def made(module: str) -> Any:
        def borders(country: str) -> str:
            """Say it again."""
            return country

        borders.__module__ = module
        return borders

    monkeypatch.setattr("dive_tools.tools.base.REGISTRY", registry := {})
    mark = tool("retrieval", examples=[], domain="user")
    mark(made("mine"))
    mark(made("yours"))
    assert set(registry) == {"borders", "yours.borders"}
    mark(made("dive_tools.tools.geography.here"))
    assert registry["borders"].via == {"kind": "builtin"} and {"mine.borders", "yours.borders"} <= set(registry)
    with pytest.raises(ValueError, match="two tools are named borders"):
        mark(made("dive_tools.tools.geography.there"))


# --- the door: arguments and results ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"country": 7}, "string"), ({"country": "K"}, "shorter"), ({"country": "K" * 31}, "longer"),
        ({"year": 1899}, "minimum"), ({"year": 2101}, "maximum"), ({"year": True}, "integer"),
        ({"year": "2000"}, "integer"), ({"year": 2000.5}, "integer"), ({"code": "ke"}, "match"),
        ({"order": "wide"}, "one of"), ({"colour": 1}, "colour"), ({"age": None}, "number"),
    ],
)  # fmt: skip
def test_arguments_are_held_against_the_schema(change: dict[str, Any], said: str) -> None:
    door = Door({"borders": BORDERS})
    error = door.call("borders", {**CALL, **change})["error"]
    assert error["kind"] == "bad_arguments" and said in error["message"]
    assert door.calls == 0


def test_a_missing_argument_is_named_and_a_default_is_not_needed() -> None:
    door = Door({"borders": BORDERS})
    assert "year" in door.call("borders", {"country": "Kenya", "age": 1})["error"]["message"]
    assert "result" in door.call("borders", CALL)


def give(value: Any) -> Callable[[], Border]:
    def gives() -> Border:
        """Give what the test wants to be given."""
        return value

    return gives


GOOD = {"country": "Kenya", "length": 1.0}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({**GOOD, "extra": 1}, "extra"), ({"country": "Kenya"}, "length"), ({**GOOD, "length": -1.0}, "minimum"),
        ({**GOOD, "length": "1"}, "number"), (None, "object"), ([GOOD], "object"),
        ({**GOOD, "length": float("nan")}, "not finite"), ({**GOOD, "length": float("inf")}, "not finite"),
        ({**GOOD, "length": -float("inf")}, "not finite"),
        ({**GOOD, "length": 1j}, "not JSON"), ({**GOOD, "country": {1, 2}}, "not JSON"),
        ({**GOOD, "country": b"Kenya"}, "not JSON"), ({**GOOD, "length": slice(1)}, "not JSON"),
        ({**GOOD, 1: 2}, "not JSON"), ({**GOOD, "length": Decimal(1)}, ""),
        ({**GOOD, "country": "\ud800"}, ""), ({**GOOD, "length": 10**30}, ""),
    ],
    ids=lambda value: ascii(value)[:60],
)  # fmt: skip
def test_a_result_that_breaks_its_promise_is_no_result(value: Any, said: str) -> None:
    kind, message = error_of(give(value))
    assert kind == "bad_result" and said in message


def test_what_goes_through_the_door_can_be_written() -> None:
    for value in (GOOD, {**GOOD, "country": "\ud800"}, {**GOOD, "length": 10**30}, {**GOOD, "length": 2**64 - 1}):
        assert dump(outcome_of(give(value))).endswith(b"}\n")


class Numbers(TypedDict):
    values: list[float]


def thirds() -> Numbers:
    """Give numbers with more digits than machines agree on."""
    return {"values": (1 / 3, 2e6 / 3, 12345678901.0)}  # type: ignore[typeddict-item]


def test_results_are_rounded_to_ten_significant_digits() -> None:
    assert outcome_of(thirds) == {"result": {"values": [0.3333333333, 666666.6667, 12345678900.0]}}


def refuses() -> int:
    """Refuse whatever is asked."""
    raise Refusal("no such thing")


def divides() -> int:
    """Have a bug."""
    return 1 // 0


def talks() -> int:
    """Have a bug that says much."""
    raise ValueError("x" * 10_000)


def recurses() -> int:
    """Have no bottom."""
    return recurses()


def leaves() -> int:
    """Want to end the program."""
    sys.exit(3)


def test_a_refusal_is_the_answer_of_the_tool() -> None:
    assert error_of(refuses) == ("refused", "no such thing")


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (divides, "ZeroDivisionError: "), (talks, "ValueError: xxx"), (recurses, "RecursionError: "),
        (leaves, "SystemExit"),
    ],
)  # fmt: skip
def test_a_bug_of_a_tool_is_that_call_s_outcome(function: Callable[[], int], said: str) -> None:
    try:
        kind, message = error_of(function)
    except SystemExit:
        pytest.fail("a tool ended the program")
    assert kind == "crashed" and message.startswith(said) and len(message) <= 500


def interrupted() -> int:
    """Meet the user's ^C."""
    raise KeyboardInterrupt


def test_an_interrupt_is_not_a_bug_of_the_tool() -> None:
    with pytest.raises(KeyboardInterrupt):
        outcome_of(interrupted)


def test_an_unknown_tool_stops_the_work() -> None:
    with pytest.raises(DiveError, match="no tool named nothing in the pool"):
        Door({"borders": BORDERS}).call("nothing", {})


# --- the door: time --------------------------------------------------------------------------------------------------


def sleeps() -> int:
    """Sleep."""
    time.sleep(3)
    return 1


def works() -> int:
    """Be busy."""
    end = time.monotonic() + 3
    while time.monotonic() < end:
        sum(range(100))
    return 1


def hides() -> int:
    """Sleep, and treat whatever happens as nothing."""
    with suppress(Exception):
        time.sleep(3)
    return 1


def swallows() -> int:
    """Sleep, and hold every exception to be its own."""
    with suppress(BaseException):
        time.sleep(3)
    return 1


def tries_again() -> int:
    """Sleep, hold every exception to be its own, and try again."""
    for _ in range(2):
        with suppress(BaseException):
            time.sleep(3)
    return 1


def replaces() -> int:
    """Turn whatever happens into an error of its own."""
    try:
        time.sleep(3)
    except BaseException:
        raise ValueError("something happened") from None
    return 1


@pytest.mark.parametrize("function", [sleeps, works, hides, swallows, replaces, tries_again])
def test_a_call_over_its_time_ends_and_says_so(function: Callable[[], int]) -> None:
    began = time.monotonic()
    kind, message = error_of(function, limit=0.1)
    assert kind == "over_time" and "0.1 s" in message
    assert time.monotonic() - began < 1.5


def test_an_import_is_not_broken_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time runs anew after it; one that never ends does."""
    (tmp_path / "slow_library.py").write_text("import time\ntime.sleep(0.5)\nNINE = 9\n")
    (tmp_path / "endless_library.py").write_text("import time\ntime.sleep(60)\n")
    monkeypatch.syspath_prepend(tmp_path)

    def imports() -> int:
        """Import a library that takes longer than the tool may."""
        return int(importlib.import_module("slow_library").NINE)

    def endless() -> int:
        """Import a library that takes for ever."""
        return int(importlib.import_module("endless_library").NINE)

    assert outcome_of(imports, limit=0.2) == {"result": 9}
    monkeypatch.setattr(door, "LONGEST", 0.5)
    began = time.monotonic()
    assert error_of(endless, limit=0.2)[0] == "over_time" and time.monotonic() - began < 5


@pytest.mark.skipif(not Path("/proc/thread-self/schedstat").exists(), reason="the system does not say who waited")
def test_time_that_others_had_the_processor_does_not_count() -> None:
    """On a busy machine a call gives what it gives on a quiet one."""
    script = """
import os, subprocess, sys, time
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(4)]
time.sleep(1)
from tiny import as_tool
from dive_tools.tools.door import Door

def works() -> int:
    \"\"\"Work for half a second.\"\"\"
    began = time.thread_time()
    while time.thread_time() - began < 0.5:
        pass
    return 1

began = time.monotonic()
print(Door({"works": as_tool(works, limit=1.0)}).call("works", {}), time.monotonic() - began > 1.0)
for other in others:
    other.kill()
"""
    path = {"PYTHONPATH": f"{Path(__file__).parents[1]}:{Path(__file__).parent}"}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, env={**os.environ, **path}, timeout=60)
    assert done.stdout.decode().split("\n")[0] == "{'result': 1} True", done.stderr.decode()


def test_a_call_within_its_time_leaves_no_alarm_behind() -> None:
    outcome_of(thirds, limit=0.05)
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    time.sleep(0.1)  # an alarm left behind would end the test run


def test_the_door_opens_in_a_thread_too() -> None:
    found: list[dict[str, Any]] = []
    thread = threading.Thread(target=lambda: found.append(outcome_of(thirds)))
    thread.start()
    thread.join(5)
    assert "result" in found[0]


# --- the door: effects -----------------------------------------------------------------------------------------------


def counting(effects: str) -> tuple[Tool, list[int]]:
    """A tool that counts how often it really ran."""
    ran: list[int] = []

    def count(n: int) -> int:
        """Count the calls."""
        ran.append(n)
        return len(ran)

    return as_tool(count, effects=effects), ran


@pytest.mark.parametrize("effects", ["write", "unknown"])
@pytest.mark.parametrize("allow", [None, {}, {"other": "write"}])
def test_what_may_change_the_world_is_not_called(effects: str, allow: dict[str, str] | None) -> None:
    made, ran = counting(effects)
    with pytest.raises(DiveError, match=f"count has effects '{effects}' and was not allowed") as caught:
        Door({"count": made}, allow=allow).call("count", {"n": 1})
    assert not ran and "--allow-effects" in (caught.value.hint or "")


def test_what_may_change_the_world_is_not_called_for_bad_arguments_either() -> None:
    made, ran = counting("write")
    with pytest.raises(DiveError):
        Door({"count": made}).call("count", {"n": "x"})
    assert not ran


def test_what_the_user_allowed_is_called() -> None:
    made, ran = counting("write")
    assert Door({"count": made}, allow={"count": "write"}, writes=True).call("count", {"n": 1}) == {"result": 1}
    assert ran == [1]


@pytest.mark.parametrize("level", ["none", "read"])
def test_what_writes_is_not_called_when_it_was_reviewed_for_less(level: str) -> None:
    made, ran = counting("write")
    with pytest.raises(DiveError, match=f"allowed '{level}' only"):
        Door({"count": made}, allow={"count": level}).call("count", {"n": 1})
    assert not ran


@pytest.mark.parametrize("level", ["none", "read", "write"])
def test_what_was_unknown_is_called_once_it_was_reviewed(level: str) -> None:
    made, ran = counting("unknown")
    assert Door({"count": made}, allow={"count": level}, writes=True).call("count", {"n": 1}) == {"result": 1}
    assert ran == [1]


@pytest.mark.parametrize("effects", ["write", "unknown", "read", "none"])
def test_what_was_reviewed_as_a_write_is_never_called_for_evidence(effects: str) -> None:
    made, ran = counting(effects)
    with pytest.raises(DiveError, match="count writes: it is never called to collect evidence"):
        Door({"count": made}, allow={"count": "write"}).call("count", {"n": 1})
    assert not ran


def test_a_library_is_imported_outside_the_time_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An import that a limit breaks off would leave half a module to every later call."""
    (tmp_path / "slow_to_import.py").write_text("import time\ntime.sleep(0.4)\nVALUE = 7\n")
    monkeypatch.syspath_prepend(str(tmp_path))

    def reads(number: int) -> int:
        """Read a library that is slow to import."""
        import slow_to_import  # type: ignore[import-not-found]

        return number + int(slow_to_import.VALUE)

    assert run(as_tool(reads, needs=("slow_to_import",), limit=0.1), {"number": 1}) == {"result": 8}


def test_what_only_reads_needs_no_leave() -> None:
    made, ran = counting("read")
    door = Door({"count": made})
    assert [door.call("count", {"n": 1}) for _ in range(2)] == [{"result": 1}, {"result": 2}]
    assert ran == [1, 1] and door.calls == 2


def test_without_a_cassette_nothing_is_played_back() -> None:
    made, ran = counting("read")
    assert Door({"count": made}, on_miss="drop").call("count", {"n": 1})["error"]["kind"] == "not_recorded"
    with pytest.raises(DiveError, match="no recorded call of count"):
        Door({"count": made}, on_miss="error").call("count", {"n": 1})
    assert not ran
    with pytest.raises(ValueError, match="on_miss"):
        Door({}, on_miss="sometimes")


# --- the door: what it remembers -------------------------------------------------------------------------------------


def test_a_pure_call_runs_once_and_the_oldest_is_forgotten_first() -> None:
    made, ran = counting("none")
    door = Door({"count": made}, remember=2)
    for n in (1, 2, 1, 3, 1, 2):
        door.call("count", {"n": n})
    assert ran == [1, 2, 3, 2] and door.calls == 6


def test_a_mishap_is_not_remembered_and_an_answer_is() -> None:
    """The second call may be within its time; a refusal stays one."""
    ran: list[str] = []

    def moody(mood: str) -> int:
        """Fail the first time."""
        ran.append(mood)
        if ran.count(mood) > 1:
            return len(ran)
        if mood == "slow":
            time.sleep(5)
        if mood == "no":
            raise Refusal("no")
        raise RuntimeError(mood)

    door = Door({"moody": as_tool(moody, limit=0.1)})
    kinds = [[door.call("moody", {"mood": m}).get("error", {}).get("kind") for _ in range(3)] for m in ("slow", "ill")]
    assert kinds == [["over_time", None, None], ["crashed", None, None]]
    assert [door.call("moody", {"mood": "no"})["error"]["kind"] for _ in range(3)] == ["refused"] * 3
    assert ran == ["slow"] * 2 + ["ill"] * 2 + ["no"]


def test_arguments_of_another_kind_are_another_call() -> None:
    def kind(value: float | bool | str) -> str:
        """Say what kind of thing it was given."""
        return type(value).__name__

    door = Door({"kind": as_tool(kind)})
    given = (1, 1.5, True, "1")
    assert [door.call("kind", {"value": value})["result"] for value in given] == ["int", "float", "bool", "str"]


def test_the_order_of_arguments_makes_no_other_call() -> None:
    ran = []

    def add(a: int, b: int) -> int:
        """Add."""
        ran.append((a, b))
        return a + b

    door = Door({"add": as_tool(add)})
    assert door.call("add", {"a": 1, "b": 2}) == door.call("add", {"b": 2, "a": 1}) == {"result": 3}
    assert len(ran) == 1


def test_what_one_caller_does_to_a_result_no_other_caller_sees() -> None:
    door = Door({"thirds": as_tool(thirds)})
    door.call("thirds", {})["result"]["values"].append("spoilt")
    first = door.call("thirds", {})
    assert first["result"]["values"] == [0.3333333333, 666666.6667, 12345678900.0]
    first["result"]["more"] = 1
    first["drop"] = True
    assert list(door.call("thirds", {})) == ["result"] and "more" not in door.call("thirds", {})["result"]


def test_a_tool_that_hands_out_its_own_table_keeps_it_whole() -> None:
    table = {"values": [1.5, 2.5]}

    def looks_up() -> Numbers:
        """Look up a table that is read once."""
        return table  # type: ignore[return-value]

    outcome_of(looks_up)["result"]["values"].append("spoilt")
    assert table == {"values": [1.5, 2.5]}


def test_a_tool_cannot_change_the_arguments_that_are_recorded() -> None:
    def largest(values: list[int]) -> int:
        """Find the largest, by sorting in place."""
        values.sort()
        return values[-1]

    arguments = {"values": [3, 1, 2]}
    assert outcome_of(largest, arguments) == {"result": 3}
    assert arguments == {"values": [3, 1, 2]}


# --- the pool --------------------------------------------------------------------------------------------------------


def lacking() -> int:
    """Need a library that nobody has."""
    return 1


LACKING = as_tool(lacking, needs=("sys", "no_such_library", "json.no_such_part"), extra="rare")


def test_the_tools_of_a_setup() -> None:
    assert pool_of(BORDERS).named({"borders": "3"}) == {"borders": BORDERS}


@pytest.mark.parametrize(
    ("versions", "message", "hint"),
    [
        ({"borders": "2"}, "tool borders is version 2 in the setup but 3 in the pool", "draw again with dive-sample"),
        ({"nothing": "1"}, "tool nothing of the setup is not in the pool", "dive-tools list"),
        ({"lacking": "1"}, "not in the pool (no_such_library, json.no_such_part is not installed)",
         "pip install 'dive-tools[rare]'"),
    ],
)  # fmt: skip
def test_a_setup_that_the_pool_cannot_serve_is_named_with_what_to_do(
    versions: dict[str, str], message: str, hint: str
) -> None:
    pool = Pool({"borders": BORDERS}, {"lacking": LACKING})
    with pytest.raises(BadRecord) as caught:
        pool.named(versions)
    assert message in caught.value.message and hint in (caught.value.hint or "")


WITHOUT_LIBRARIES = """
import sys
from dive_tools.pool import builtin
from dive_tools.tools.door import Door
needs = {name.split(".")[0] for name in sys.argv[1].split(",")}
sys.modules.update(dict.fromkeys(needs))  # to import one fails
pool = builtin()
wanting = {t.name for t in [*pool.tools.values(), *pool.absent.values()] if t.needs}
assert wanting == set(pool.absent), wanting ^ set(pool.absent)
door = Door(pool.tools)
outcomes = {(t.name, door.call(t.name, e.arguments).get("error", {}).get("message", ""))
            for t in pool.tools.values() for e in t.examples}
broken = sorted(found for found in outcomes if "ModuleNotFoundError" in found[1] or "ImportError" in found[1])
assert not broken, broken
print(len(pool.tools), len(pool.absent), sorted({t.extra for t in pool.absent.values()}))
"""


def test_a_pool_without_the_libraries_of_the_domains_lacks_their_tools_and_no_more(tmp_path: Path) -> None:
    from dive_tools.pool import builtin

    needs = {need for made in builtin().tools.values() for need in made.needs}
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_LIBRARIES, ",".join(sorted(needs))],
        cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    kept, absent, extras = done.stdout.split(maxsplit=2)
    assert int(kept) > 50 < int(absent) and "'general'" in extras


def test_the_manifests_of_a_pool_are_the_same_in_every_process(tmp_path: Path) -> None:
    code = "from dive_tools.pool import builtin; print(builtin(['general']).facts()['digest'])"
    digests = {
        subprocess.check_output([sys.executable, "-c", code], cwd=tmp_path, env=environment(PYTHONHASHSEED=seed))
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_the_registry_is_left_as_it_was() -> None:
    assert not {"borders", "lacking", "count", "gives"} & set(REGISTRY), os.getpid()
