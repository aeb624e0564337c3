"""Crawl and validate: what is called, what comes in, what is measured and inferred, and what is paused."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from typing import Any

import pytest

from dive_tools.crawl import PAUSE, Crawler, Rejected, empty
from dive_tools.errors import DiveError
from dive_tools.infer import arguments, fields, result_schema, value_type
from dive_tools.pool import builtin
from dive_tools.sources.common import manifest
from dive_tools.tools.base import Refusal, Unreachable, compiled
from dive_tools.tools.manifest import tool_of


@pytest.fixture(scope="module", autouse=True)
def _types() -> None:
    builtin()


def found(parameters: dict[str, Any] | None = None, name: str = "thing", **more: Any) -> dict[str, Any]:
    properties = {"n": {"type": "integer", "minimum": 1, "maximum": 3}} if parameters is None else parameters
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    return manifest(name, "Something.", schema, {"kind": "python"}, module="here", **more)


def checked(function: Callable[..., Any], line: dict[str, Any], crawler: Crawler | None = None) -> Any:
    return (crawler or Crawler({line["name"]: "read"}))(line, tool_of(line, function))


def test_a_tool_that_answers_comes_in_with_what_was_measured() -> None:
    made = checked(lambda n: {"square": n * n, "name": None}, found())
    assert made["effects"] == "read" and made["checked"]["stable"] is True
    assert made["checked"]["answered"] == made["checked"]["calls"] >= 3
    assert made["checked"]["latency_ms"]["median"] < 100 and made["checked"]["result_bytes"]["max"] < 40
    assert made["result"]["properties"]["square"] == {"type": ["null", "number"]}
    assert made["checked"]["inferred"] == ["result"]


def test_a_declared_result_schema_is_held_and_kept() -> None:
    schema = {"type": "integer"}
    assert checked(lambda n: n, found(result=schema))["result"] == schema
    assert checked(lambda n: "three", found(result=schema)).reason == "bad_result"


def test_an_answer_that_changes_is_measured_as_not_stable() -> None:
    count = itertools.count()
    assert checked(lambda n: {"at": next(count)}, found())["checked"]["stable"] is False


def raising(error: Exception) -> Callable[..., Any]:
    def function(**_: Any) -> Any:
        raise error

    return function


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (raising(Refusal("no such thing")), "refuses"),
        (raising(Unreachable("connection refused")), "unreachable"),
        (raising(ZeroDivisionError("oh")), "crashes"),
        (lambda n: {"items": [], "note": ""}, "empty"),
        (lambda n: time.sleep(5), "over_time"),
    ],
)
def test_a_tool_that_does_not_answer_is_rejected_with_the_reason(function: Callable[..., Any], reason: str) -> None:
    made = checked(function, found(limit=0.05))
    assert isinstance(made, Rejected) and made.reason == reason
    assert '{"n":1}' in made.detail


def test_a_tool_that_fails_now_and_then_is_flaky() -> None:
    turns = itertools.count()

    def sometimes(n: int) -> int:
        if next(turns) % 2:
            raise Unreachable("busy")
        return n

    assert checked(sometimes, found()).reason == "flaky"


def test_nothing_is_called_whose_effects_are_not_reviewed() -> None:
    called: list[Any] = []
    line = found(hints={"readOnlyHint": True})
    for allow, reason in (({}, "not_reviewed"), ({"other": "read"}, "not_reviewed"), ({"thing": "write"}, "write")):
        made = checked(lambda n: called.append(n), line, Crawler(allow))
        assert (made.reason, called) == (reason, [])


def test_arguments_are_never_made_up() -> None:
    called: list[Any] = []
    made = checked(lambda **given: called.append(given), found({"frobnicator": {"type": "string"}}))
    assert (made.reason, called) == ("no_arguments", []) and "frobnicator" in made.detail


def test_examples_are_what_is_called_where_there_are_any() -> None:
    line = found({"word": {"type": "string"}}, examples=[{"arguments": {"word": "whale"}}])
    called: list[str] = []

    def count(word: str) -> int:
        called.append(word)
        return len(word)

    assert checked(count, line)["effects"] == "read" and set(called) == {"whale"} and len(called) == 3


def test_a_source_that_fails_again_and_again_is_paused() -> None:
    allow = {f"t{n}": "read" for n in range(10)}
    crawler, asked = Crawler(allow), []

    def dead(n: int) -> int:
        asked.append(n)
        raise Unreachable("connection refused")

    made = [checked(dead, found(name=f"t{n}"), crawler) for n in range(10)]
    assert [getattr(one, "reason", None) for one in made] == ["unreachable"] * PAUSE + [None] * (10 - PAUSE)
    assert crawler.paused == {"here": 10 - PAUSE} and len(asked) == 2 * PAUSE


def test_the_name_of_a_parameter_and_an_answer_tell_its_type() -> None:
    line = found({"country_name": {"type": "string"}})
    known = {"country": lambda country_name: {"letters": len(country_name), "of": country_name}}
    made = checked(known["country"], line)
    assert made["takes"]["country_name"]["type"] == "country"
    assert made["gives"]["/of"]["type"] == "country"


# --- inference -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schema", "values"),
    [
        ({"enum": ["a", "b"]}, ["a", "b"]),
        ({"const": 4}, [4]),
        ({"type": "string", "examples": ["x"]}, ["x"]),
        ({"type": "string", "default": "d"}, ["d"]),
        ({"type": "boolean"}, [True, False]),
        ({"type": "integer", "minimum": 5, "maximum": 5}, [5]),
        ({"type": "number", "exclusiveMinimum": 0, "maximum": 1}, [0.5, 0.75, 1.0]),
        ({"type": ["integer", "null"], "maximum": 0}, [-1, 0]),
        ({"type": "string", "format": "date"}, ["2024-02-29", "2023-07-01"]),
        ({"type": "array", "items": {"enum": [7]}}, [[7]]),
        ({"type": "string"}, []),
        ({}, []),
    ],
)
def test_values_come_from_the_schema_alone(schema: dict[str, Any], values: list[Any]) -> None:
    tool = tool_of(found({"x": schema}))
    assert sorted({str(given["x"]) for given, _ in arguments(tool)}) == sorted(map(str, values))


def test_an_inferred_schema_is_loose() -> None:
    import jsonschema_rs

    schema = result_schema([{"a": 1, "b": ["x"]}, {"a": 2, "b": []}])
    for fine in ({"a": 1.5, "b": None}, {}, {"a": None, "b": ["y"], "c": 3}):
        assert jsonschema_rs.is_valid(schema, fine), fine
    assert not jsonschema_rs.is_valid(schema, {"a": "one"})


@pytest.mark.parametrize(
    ("name", "values", "type_"),
    [
        ("country", ["Kenya"], "country"),
        ("where", ["Kenya", "Peru"], "country"),
        ("where", ["Kenya"], ""),
        ("country", ["Narnia"], ""),
        ("day", ["2024-01-01", "2024-01-02", "2024-01-03"], "date"),
        ("note", ["hello", "world", "again"], ""),
    ],
)
def test_a_value_type_is_believed_only_on_evidence(name: str, values: list[str], type_: str) -> None:
    assert value_type(name, values) == type_


def test_lists_and_typed_values_of_results_are_found() -> None:
    results = [{"places": [{"country": "Kenya", "n": 1}, {"country": "Peru", "n": 2}], "odd/key": "2024-01-01"}]
    assert fields(results) == {
        "/places": {"shape": "list"},
        "/places/*/country": {"shape": "scalar", "type": "country"},
    }


@pytest.mark.parametrize(
    ("value", "nothing"), [(None, 1), ("", 1), ([], 1), ({"a": [], "b": None}, 1), (0, 0), (False, 0)]
)
def test_what_says_nothing_is_empty(value: Any, nothing: int) -> None:
    assert empty(value) is bool(nothing)


@pytest.mark.parametrize(
    "parameters",
    [
        {"x": True},
        {"x": {"type": "string", "examples": [["x"]]}},
        {"x": {"type": "strng", "default": "x"}},
        {"x": {"$ref": "http://127.0.0.1:9/never.json", "default": 1}},
    ],
)
def test_one_odd_schema_does_not_end_the_check(parameters: dict[str, Any]) -> None:
    made = checked(lambda x: {"seen": str(x)}, found(parameters))
    assert isinstance(made, Rejected) or made["checked"]["answered"]


def test_a_fault_that_would_stop_a_command_only_rejects_its_tool() -> None:
    assert checked(raising(DiveError("the documents have changed")), found()).reason == "unusable"


def test_what_was_declared_is_not_called_inferred() -> None:
    line = found({"country": {"type": "string"}}, takes={"country": {"type": "country", "required": True}})
    made = checked(lambda country: {"n": len(country)}, line)
    assert made["takes"] == line["takes"] and "takes" not in made["checked"]["inferred"]


def test_a_review_may_be_of_one_version() -> None:
    line = found()
    right, wrong = f"thing@{line['version']}", "thing@0"
    assert checked(lambda n: {"n": n}, line, Crawler({right: "none"}))["effects"] == "none"
    assert checked(lambda n: {"n": n}, line, Crawler({wrong: "none"})).reason == "not_reviewed"


def test_a_schema_is_never_fetched() -> None:
    import http.server
    import threading

    asked: list[str] = []

    class Server(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None: ...

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/s.json"
        for schema in (
            {"$schema": address},
            {"$ref": address},
            {"$dynamicRef": address},
            {"$ref": "file:///etc/passwd"},
        ):
            with pytest.raises(ValueError, match=r"fetched|meta-schema|retriev"):
                compiled(schema)
        server.shutdown()
    assert not asked
