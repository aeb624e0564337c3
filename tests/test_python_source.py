"""Python as a source: what type hints say comes in and goes out as it should, and what breaks is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from shell import bash

from dive_tools.errors import DiveError
from dive_tools.sources import python
from dive_tools.sources.common import Skipped
from dive_tools.tools.door import run
from dive_tools.tools.manifest import tool_of

TYPED = '''
from __future__ import annotations
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, TypedDict
from uuid import UUID
import msgspec


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@dataclass
class Point:
    x: float
    y: float = 0.0


class Bounds(msgspec.Struct):
    low: int
    high: int = 10


class Row(TypedDict):
    at: datetime
    points: list[Point]


class Plain(TypedDict):
    name: str
    inner: list[Plain]


@dataclass
class Node:
    value: int
    below: list[Node] = field(default_factory=list)


class Custom:
    pass


def next_day(when: datetime) -> datetime:
    """The same time a day later."""
    return when + timedelta(days=1)


def swap(point: Point, scale: Annotated[Decimal, msgspec.Meta(description="a factor")] = Decimal("1.5")) -> Point:
    """Swap the coordinates and scale them."""
    return Point(point.y * float(scale), point.x * float(scale))


def paint(colour: Colour = Colour.RED, day: date | None = None) -> dict[str, Any]:
    """Say a colour and a day."""
    return {"colour": colour, "same": colour is Colour.RED, "year": day.year if day else None}


def within(bounds: Bounds, numbers: Sequence[int], seen: set[int], keyed: dict[int, str]) -> tuple[int, bool]:
    """Count numbers within bounds."""
    assert isinstance(seen, set) and all(isinstance(key, int) for key in keyed)
    return sum(bounds.low <= n <= bounds.high for n in numbers), len(seen) == 2


def first(rows: list[Row]) -> Row:
    """The first row."""
    assert isinstance(rows[0]["points"][0], Point)
    return rows[0]


def name_of(id: UUID) -> str:
    """The version of a UUID."""
    return f"v{id.version}"


def as_is(n: int, size: Literal["s", "l"], tree: Any, plain: list[dict[str, float | None]]) -> list[Any]:
    """Give back what is JSON already."""
    return [n, size, tree, plain]


def no_json(n: int) -> Any:
    """Give what is no JSON."""
    return {"made": Custom()}


def custom(x: Custom) -> int:
    """Take what JSON cannot say."""
    return 1


def tree(node: Node) -> int:
    """Take what holds itself."""
    return node.value


def default_custom(x: int, y: Any = Custom()) -> int:
    """Have a default that JSON cannot say."""
    return x


def default_infinite(x: float = float("inf")) -> float:
    """Have a default that JSON cannot say."""
    return x


def default_large(x: int = 2**70) -> int:
    """Have a default that our JSON cannot say."""
    return x


def unresolved(x: Nowhere) -> int:
    """Name a type that is not there."""
    return 1
'''


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("typed") / "typed.py"
    path.write_text(TYPED)
    return path


def made(path: Path) -> tuple[dict[str, Any], dict[str, Skipped]]:
    """The tools of a file, as a pool gives them, and what cannot be one."""
    rows = list(python.tools(str(path)))
    tools = {}
    for row in rows:
        if isinstance(row, dict):
            tool = tool_of(json.loads(json.dumps(row, allow_nan=False)))
            tool.function = python.function(tool)
            tools[tool.name] = tool
    return tools, {row.name: row for row in rows if isinstance(row, Skipped)}


CALLS: list[tuple[str, dict[str, Any], Any]] = [
    ("next_day", {"when": "2026-02-28T12:00:00"}, "2026-03-01T12:00:00"),
    ("swap", {"point": {"x": 2, "y": 4}}, {"x": 6.0, "y": 3.0}),
    ("swap", {"point": {"x": 2}, "scale": "0.5"}, {"x": 0.0, "y": 1.0}),
    ("paint", {}, {"colour": "red", "same": True, "year": None}),
    ("paint", {"colour": "blue", "day": "2026-01-02"}, {"colour": "blue", "same": False, "year": 2026}),
    ("within", {"bounds": {"low": 2}, "numbers": [1, 2, 10], "seen": [1, 2, 2], "keyed": {"5": "a"}}, [2, True]),
    ("first", {"rows": [{"at": "2026-01-02T03:04:05Z", "points": [{"x": 1, "y": 0}]}]},
     {"at": "2026-01-02T03:04:05Z", "points": [{"x": 1.0, "y": 0.0}]}),
    ("name_of", {"id": "6f9619ff-8b86-4011-b42d-00cf4fc964ff"}, "v4"),
    ("as_is", {"n": 1, "size": "s", "tree": {"a": [1, "2026-01-02"]}, "plain": [{"a": 1, "b": None}]},
     [1, "s", {"a": [1, "2026-01-02"]}, [{"a": 1, "b": None}]]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments", "result"), CALLS)
def test_type_hints_are_kept_on_the_way_in_and_out(typed: Path, name: str, arguments: dict, result: Any) -> None:
    outcome = run(made(typed)[0][name], arguments)
    assert outcome == {"result": result}
    json.dumps(outcome)


def test_what_json_schema_lets_through_and_the_type_does_not_is_refused(typed: Path) -> None:
    outcome = run(made(typed)[0]["next_day"], {"when": "tomorrow"})
    assert outcome["error"] == {"kind": "refused", "message": "when: Invalid RFC3339 encoded datetime"}


def test_a_result_that_is_no_json_is_a_bad_result(typed: Path) -> None:
    assert run(made(typed)[0]["no_json"], {"n": 1})["error"]["kind"] == "bad_result"


def test_what_json_cannot_say_is_skipped_with_a_sentence(typed: Path) -> None:
    tools, skipped = made(typed)
    assert set(tools) == {name for name, _, _ in CALLS} | {"no_json"}
    assert {item.reason for item in skipped.values()} == {"not_typed"}
    says = {
        "custom": "Custom",
        "tree": "a type that holds itself",
        "default_custom": "Custom",
        "default_infinite": "not finite",
        "default_large": "64-bit",
        "unresolved": "Nowhere",
    }
    assert skipped.keys() == says.keys()
    for name, said in says.items():
        assert said in skipped[name].detail and "\n" not in skipped[name].detail, skipped[name]
    properties = tools["swap"].parameters["properties"]
    assert (properties["scale"]["default"], tools["paint"].parameters["properties"]["colour"]["default"]) == (
        "1.5",
        "red",
    )


def test_the_command_writes_what_can_be_and_names_the_rest(typed: Path) -> None:
    done = bash("dive-tools import python typed.py > found.jsonl", typed.parent)
    assert done.returncode == 0 and b"Traceback" not in done.stderr, done.stderr.decode()
    assert b"default_custom: not_typed: " in done.stderr and b"tools=8 not_typed=6" in done.stderr
    (typed.parent / "ok.txt").write_text("next_day none\n")
    line = """dive-tools call next_day '{"when": "2026-02-28T12:00:00"}' --pool found.jsonl --allow-effects ok.txt"""
    assert json.loads(bash(line, typed.parent).stdout) == {"result": "2026-03-01T12:00:00"}


@pytest.mark.parametrize("line", ["import sys; sys.exit('no key')", "raise SystemExit(3)", "1 / 0"])
def test_a_module_that_gives_up_is_named(line: str, tmp_path: Path) -> None:
    (tmp_path / "quits.py").write_text(line)
    with pytest.raises(DiveError, match=r"cannot import .*quits\.py: (SystemExit|ZeroDivisionError): "):
        list(python.tools(str(tmp_path / "quits.py")))
    done = bash("dive-tools import python quits.py", tmp_path)
    assert done.returncode == 1 and b"cannot import" in done.stderr and b"Traceback" not in done.stderr


DECLARED = '''
from dive_tools.tools.base import example, tool

EXAMPLES = [example({"n": 1}, {"": NUMBER}, "identity: by hand")]

@tool("retrieval", examples=EXAMPLES, effects="read", sensitivity="private")
def _stock(n: int) -> int:
    """How many there are in NAME."""
    return NUMBER
'''


def test_two_files_may_declare_tools_of_one_name(tmp_path: Path) -> None:
    """Declared, for a plain function whose name begins with an underscore would not be offered at all."""
    for name, number in (("north", "10"), ("south", "20")):
        (tmp_path / f"{name}.py").write_text(DECLARED.replace("NUMBER", number).replace("NAME", name))
    for name, number in (("north", 10), ("south", 20), ("north", 10)):
        (row,) = python.tools(str(tmp_path / f"{name}.py"), prefix=name)
        assert isinstance(row, dict)
        assert (row["name"], row["description"]) == (f"{name}_stock", f"How many there are in {name}.")
        assert (row["hints"], row["sensitivity"], len(row["examples"])) == ({"effects": "read"}, "private", 1)
        tool = tool_of(row)
        tool.function = python.function(tool)
        assert run(tool, {"n": 1}) == {"result": number}
    done = bash("dive-tools import python north.py south.py > found.jsonl", tmp_path)
    assert done.returncode == 0 and b"same_name" in done.stderr and b"Traceback" not in done.stderr
