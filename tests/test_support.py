"""The language of support: every operation, every way of citing, and the replay from the givens."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given as given_any
from hypothesis import settings
from hypothesis import strategies as st

from dive_tools.support import (
    OPS,
    Dead,
    SupportError,
    calls,
    check,
    children,
    evaluate,
    graph,
    over,
    replay,
    through,
    walk,
)

Node = dict[str, Any]

CITIES = [{"name": "A", "size": 3, "in": "X"}, {"name": "B", "size": 9, "in": "Y"}, {"name": "C", "size": 5, "in": "X"}]
TIED = [*CITIES, {"name": "D", "size": 9, "in": "Z"}]


def given(value: Any) -> Node:
    return {"given": value}


def op(name: str, value: Any, **more: Any) -> Node:
    """An operation on a given list (or whatever stands in its place)."""
    return {"op": name, "of": given(value), **more}


def args(name: str, *values: Any, **more: Any) -> Node:
    return {"op": name, "args": [given(value) for value in values], **more}


def by_size(name: str, value: Any = CITIES, **more: Any) -> Node:
    return op(name, value, by="/size", take="/name", **more)


def where(field: str, is_: str, value: Any) -> Node:
    return {"at": field, "is": is_, "value": given(value)}


def value_of(node: Node) -> Any:
    """The value of an expression of givens alone."""
    return evaluate(node, over([]))


ROWS = [{"name": given(n), "value": given(v)} for n, v in (("A", 1), ("B", 2))]

WORTH: list[tuple[Node, Any]] = [
    (given(None), None),
    (given([1, "a", {}]), [1, "a", {}]),
    (by_size("argmax"), "B"),
    (by_size("argmin"), "A"),
    (op("argmax", CITIES, by="/size"), CITIES[1]),
    (op("argmax", [3, 9, 5], by=""), 9),
    (by_size("argmin", TIED), "A"),  # the tie is at the other end
    (by_size("nth", n=2), "C"),
    (by_size("nth", n=2, order="descending"), "C"),
    (by_size("nth", n=1, order="ascending"), "A"),
    (by_size("nth", n=3, order="ascending"), "B"),
    (by_size("top", n=2), ["B", "C"]),
    (by_size("top", n=2, order="ascending"), ["A", "C"]),
    (by_size("top", TIED, n=2, order="ascending"), ["A", "C"]),  # the tie is after the next
    (by_size("sort"), ["B", "C", "A"]),
    (by_size("sort", order="ascending"), ["A", "C", "B"]),
    (op("sort", ["b", "a"], by="", order="ascending"), ["a", "b"]),
    (op("item", ["a", "b"], index=1), "b"),
    (op("only", [{"name": "A"}], take="/name"), "A"),
    (op("only", CITIES, where=where("/size", "gt", 5), take="/name"), "B"),
    (op("filter", CITIES, where=where("/in", "eq", "X"), take="/name"), ["A", "C"]),
    (op("filter", CITIES, where=where("/size", "lt", 4)), CITIES[:1]),
    (op("filter", CITIES, where=where("/in", "ne", "X"), take="/name"), ["B"]),
    (op("filter", CITIES, where=where("/size", "gt", 99)), []),
    (op("filter", CITIES, where=where("/size", "gt", 9)), []),  # greater, not as great
    (op("filter", [], where=where("/size", "gt", 9)), []),
    (op("each", CITIES, take="/name"), ["A", "B", "C"]),
    (op("each", []), []),
    ({"op": "table", "rows": ROWS}, [{"name": "A", "value": 1}, {"name": "B", "value": 2}]),
    ({"op": "table", "rows": ROWS, "over": given(["A", "B"])}, [{"name": "A", "value": 1}, {"name": "B", "value": 2}]),
    (op("sum", CITIES, take="/size"), 17),
    (op("sum", [0.1] * 10), 1.0),
    (op("sum", [1, 2.5]), 3.5),
    (op("mean", [1, 2, 4]), 2.333333333),
    (op("median", [9, 1, 5]), 5),
    (op("median", [1, 2]), 1.5),
    (op("count", CITIES), 3),
    (op("count", []), 0),
    (args("difference", 5, 8), -3),
    (args("difference", 0.3, 0.1), 0.2),
    (args("ratio", 6, 4), 1.5),
    (args("percent_change", 150, 120), 25.0),
    (args("percent_change", 90, 120), -25.0),
    (args("share", 1, 8), 12.5),
    (op("round", 3.14159, places=2), 3.14),
    (op("round", 2.6, places=0), 3),
    (op("round", 1234567, significant=3), 1230000.0),
    (op("round", 0.00123456, significant=2), 0.0012),
    (args("compare", 2, 1, **{"is": "gt"}), True),
    (args("compare", 1, 1, **{"is": "gt"}), False),
    (args("compare", 1, 2, **{"is": "lt"}), True),
    (args("compare", "2026-01-02", "2026-01-10", **{"is": "lt"}), True),
    (args("compare", "a", "a", **{"is": "eq"}), True),
    (args("compare", "a", "b", **{"is": "ne"}), True),
    ({"op": "if", "when": given(True), "then": given(1), "else": {"op": "nonsense"}}, 1),
    ({"op": "if", "when": given(False), "then": {"op": "nonsense"}, "else": given(2)}, 2),
    (args("intersection", ["b", "a", "c"], ["c", "b"]), ["b", "c"]),
    (args("intersection", ["a"], []), []),
    ({"op": "map", "parts": {"high": by_size("argmax"), "low": by_size("argmin")}}, {"high": "B", "low": "A"}),
    ({"op": "map", "parts": {}}, {}),
    ({"op": "list", "items": [by_size("argmax"), given(2)]}, ["B", 2]),
]


@pytest.mark.parametrize(("node", "value"), WORTH, ids=str)
def test_the_value_of_an_expression(node: Node, value: Any) -> None:
    found = value_of(node)
    assert found == value and type(found) is type(value)


def test_every_operation_is_tried_here() -> None:
    assert {node["op"] for node, _ in WORTH if "op" in node} == set(OPS)


TIES = [
    by_size("argmax", TIED),
    by_size("argmin", [*CITIES, {"name": "D", "size": 3}]),
    by_size("nth", TIED, n=1),
    by_size("nth", TIED, n=2),  # a tie before it leaves the second place open
    by_size("nth", TIED, n=3),
    by_size("top", TIED, n=1),  # who is in and who is out?
    by_size("top", TIED, n=2),  # in which order?
    by_size("sort", TIED),
    op("only", CITIES, where=where("/in", "eq", "X")),
    op("only", CITIES, where=where("/in", "eq", "nowhere")),
    op("only", CITIES),
    op("only", []),
]


@pytest.mark.parametrize("node", TIES, ids=str)
def test_what_has_no_single_winner_has_no_value(node: Node) -> None:
    with pytest.raises(SupportError, match=r"tie|items fit"):
        value_of(node)


NOTHING_THERE = [
    *[by_size(name, []) for name in ("argmax", "argmin", "sort")],
    *[by_size(name, n=n) for name in ("nth", "top") for n in (0, -1, 4)],
    op("argmax", CITIES, by="/height"),
    op("argmax", CITIES, by="/size", take="/mayor"),
    op("argmax", CITIES),
    by_size("nth"),
    op("item", ["a"], index=1),
    op("item", ["a"]),
    op("filter", CITIES, where=where("/height", "gt", 1)),
    op("filter", CITIES, where=where("/size", "about", 1)),
    op("filter", CITIES),
    op("only", CITIES[:1], take="/mayor"),
    op("each", CITIES, take="/mayor"),
    *[op(name, []) for name in ("sum", "mean", "median")],
    op("sum", CITIES, take="/mayor"),
    args("difference", 1),
    args("difference", 1, 2, 3),
    args("ratio", 1, 0),
    args("percent_change", 1, 0),
    args("share", 1, 0),
    op("round", 1.5),
    args("compare", 1, 2),
    args("compare", 1, 2, **{"is": "about"}),
    {"op": "if", "when": given(True)},
    {"op": "map"},
    {"op": "table"},
    {"op": "table", "rows": ROWS, "over": given(["A"])},
    {"op": "table", "rows": ROWS, "over": given(["A", "B", "C"])},
    {"op": "table", "rows": ROWS, "over": given(["B", "A"])},
    {"op": "table", "rows": ROWS[:1] * 2, "over": given(["A", "B"])},
    {"op": "count"},
    {"op": "nonsense"},
    {"op": ""},
    {},
]


@pytest.mark.parametrize("node", NOTHING_THERE, ids=str)
def test_what_lacks_something_has_no_value(node: Node) -> None:
    with pytest.raises(SupportError):
        value_of(node)


LIST_OPS = {
    "argmax": {"by": ""},
    "argmin": {"by": ""},
    "nth": {"by": "", "n": 1},
    "top": {"by": "", "n": 1},
    "sort": {"by": ""},
    "item": {"index": 0},
    "only": {},
    "filter": {"where": where("", "ne", "q")},
    "each": {},
    "sum": {},
    "mean": {},
    "median": {},
    "count": {},
}


@pytest.mark.parametrize("name", LIST_OPS)
@pytest.mark.parametrize("value", ["x", 7, None, True, {"a": 1}], ids=str)
def test_a_list_is_a_list_and_not_a_text_of_letters(name: str, value: Any) -> None:
    with pytest.raises(SupportError):
        value_of(op(name, value, **LIST_OPS[name]))


@pytest.mark.parametrize("pair", [("xy", "yz"), (["a"], "a"), ("a", ["a"]), ([1], 1), ({"a": 1}, ["a"])], ids=str)
def test_only_lists_have_things_in_common(pair: tuple[Any, Any]) -> None:
    with pytest.raises(SupportError):
        value_of(args("intersection", *pair))


@pytest.mark.parametrize("wrong", ["7", True, None, [7]], ids=str)
@pytest.mark.parametrize("name", ["difference", "ratio", "percent_change", "share"])
def test_arithmetic_is_for_numbers(name: str, wrong: Any) -> None:
    for pair in ((wrong, 7), (7, wrong)):
        with pytest.raises(SupportError):
            value_of(args(name, *pair))


@pytest.mark.parametrize("wrong", ["7", True, None], ids=str)
@pytest.mark.parametrize("name", ["sum", "mean", "median"])
def test_a_list_of_numbers_holds_numbers(name: str, wrong: Any) -> None:
    with pytest.raises(SupportError):
        value_of(op(name, [1, wrong]))


@pytest.mark.parametrize("wrong", ["7", True, None, [7.5]], ids=str)
@pytest.mark.parametrize("how", [{"places": 0}, {"places": 2}, {"significant": 2}], ids=str)
def test_only_a_number_is_rounded(how: Node, wrong: Any) -> None:
    with pytest.raises(SupportError):
        value_of(op("round", wrong, **how))


def test_unlike_things_are_not_compared() -> None:
    for pair in ((1, "a"), ([1], 1), (None, 1)):
        with pytest.raises(SupportError):
            value_of(args("compare", *pair, **{"is": "gt"}))
    with pytest.raises(SupportError):
        value_of(op("sort", [1, "a"], by=""))


@pytest.mark.parametrize("wrong", ["no", 1, 0, [], None], ids=str)
def test_a_condition_is_true_or_false(wrong: Any) -> None:
    with pytest.raises(SupportError):
        value_of({"op": "if", "when": given(wrong), "then": given(1), "else": given(2)})


@pytest.mark.parametrize(
    "node",
    [args("difference", 1.7e308, -1.7e308), args("ratio", 1e300, 1e-300), op("sum", [1.7e308, 1.7e308])],
    ids=str,
)
def test_a_number_that_json_cannot_hold_is_no_value(node: Node) -> None:
    with pytest.raises(SupportError):
        value_of(node)


@pytest.mark.parametrize(
    "node",
    [
        {"op": ["sum"]}, {"op": None}, {"op": "count", "of": "c1"}, {"op": "count", "of": ["c1"]},
        {"op": "count", "of": None}, {"op": "difference", "args": "ab"}, {"op": "difference", "args": 5},
        {"op": "map", "parts": ["a"]}, {"op": "table", "rows": ["a"]}, {"op": "table", "rows": [5]},
        op("filter", CITIES, where="/size"), op("argmax", CITIES, by=3), op("nth", CITIES, by="/size", n="1"),
        op("item", ["a"], index="0"), op("round", 1.5, places="1"), op("round", 1.5, significant=0),
        {"call": ["c1"]}, {"call": None}, {"call": "c1", "pointer": 5}, {"call": "c1", "pointer": "/t", "quote": 5},
        {"call": "c1", "pointer": "/t", "quote": "said", "parse": ["x"]},
    ],
    ids=str,
)  # fmt: skip
def test_an_expression_of_the_wrong_shape_is_refused_and_never_a_crash(node: Node) -> None:
    look = over([{"call": "c1", "result": {"t": "it is said"}}])
    with pytest.raises(SupportError):
        evaluate(node, look)


def test_an_error_names_the_operation() -> None:
    with pytest.raises(SupportError, match=r"^ratio: "):
        value_of(args("ratio", 1, 0))


# --- citations and quotes --------------------------------------------------------------------------------------------

TEXT = (
    "Founded on 4 July 1776, it had 1,234,567 people in 2020 (density 3.25 per km²), "
    "a low of -12.5 °C and a mean of −3 °C; see COVID-19, 5e3 and .5, at 1,2 or 12,345."
)
EVIDENCE = [
    {"call": "c1", "result": {"text": TEXT, "list": [{"x": 1}], "n": 5}},
    {"call": "c2", "error": {"kind": "refused", "message": "no"}},
]


def cite(pointer: str = "", call: str = "c1", **more: Any) -> Any:
    return evaluate({"call": call, "pointer": pointer, **more}, over(EVIDENCE))


def quote(words: str, parse: str) -> Any:
    return cite("/text", quote=words, parse=parse)


def test_a_citation_points_into_a_result() -> None:
    assert cite("/list/0/x") == 1
    assert cite() == EVIDENCE[0]["result"] == evaluate({"call": "c1"}, over(EVIDENCE))


@pytest.mark.parametrize(
    ("call", "pointer", "said"),
    [("c1", "/nowhere", "nothing at '/nowhere'"), ("c1", "/list/1", "nothing at"), ("c1", "/n/x", "nothing at"),
     ("c2", "", "not a call of the evidence with a result"), ("c3", "", "c3 is not a call")],
)  # fmt: skip
def test_a_citation_of_nothing_names_what_is_missing(call: str, pointer: str, said: str) -> None:
    with pytest.raises(SupportError, match=said):
        cite(pointer, call)


@pytest.mark.parametrize(
    ("words", "parse", "value"),
    [
        ("Founded", "string", "Founded"), (" it had ", "string", "it had"),
        ("1,234,567", "number", 1234567), ("1,234,567 people", "number", 1234567), ("density 3.25", "number", 3.25),
        ("-12.5 °C", "number", -12.5), ("5e3", "number", 5000.0), ("12,345", "number", 12345),
        ("4 July 1776", "date", "1776-07-04"),
    ],
)  # fmt: skip
def test_a_quote_is_read(words: str, parse: str, value: Any) -> None:
    found = quote(words, parse)
    assert found == value and type(found) is type(value)


@pytest.mark.parametrize(
    ("words", "value"), [("2031-05-15", "2031-05-15"), ("May 15, 2031", "2031-05-15"), ("15 May 2031", "2031-05-15"),
                         ("2 Jan 2031", "2031-01-02"), (" 3 March 0988 ", "0988-03-03")],
)  # fmt: skip
def test_a_date_is_read_in_every_usual_form(words: str, value: str) -> None:
    look = over([{"call": "c1", "result": f"on {words} it"}])
    assert evaluate({"call": "c1", "quote": words, "parse": "date"}, look) == value


def test_words_are_read_as_they_stand_unless_told_otherwise() -> None:
    assert cite("/text", quote="1,234,567") == "1,234,567"


@pytest.mark.parametrize(
    ("words", "parse"),
    [
        ("founded", "string"), ("", "string"), ("1234567", "number"),  # not the words of the text
        ("Founded", "number"), ("2020 (density 3.25", "number"), ("1776", "date"), ("5/7", "date"),
        ("Founded", "colour"),
    ],
)  # fmt: skip
def test_what_the_text_does_not_say_is_no_value(words: str, parse: str) -> None:
    with pytest.raises(SupportError):
        quote(words, parse)


def test_only_a_text_is_quoted() -> None:
    for pointer in ("/n", "/list", ""):
        with pytest.raises(SupportError, match="does not say"):
            cite(pointer, quote="5", parse="number")


@pytest.mark.parametrize("words", ["234", "1,234", "567", "3.2", "25 per", "2", "202", "12.5 °C", "ound"])
def test_a_quote_is_whole_words_and_not_a_piece_of_a_number(words: str) -> None:
    with pytest.raises(SupportError):
        quote(words, "number" if words[-1] != "d" else "string")


@pytest.mark.parametrize(
    ("words", "value"), [("−3 °C", -3), (".5", 0.5), ("COVID-19", 19), ("1,2", "no value: 1 and 2, not 12")]
)
def test_a_number_is_read_as_it_is_meant_or_not_at_all(words: str, value: Any) -> None:
    with suppress(SupportError):  # to refuse is right too
        assert quote(words, "number") == value


# --- reading an expression -------------------------------------------------------------------------------------------

# c1 lists, c2 and c3 look each item up, c4 rests on the winner, c5 on nothing in use
LIST = {"call": "c1", "pointer": "/items"}
FAN = [{"op": "item", "of": LIST, "index": index} for index in (0, 1)]
TABLE = {
    "op": "table",
    "rows": [{"name": FAN[i], "value": {"call": f"c{i + 2}", "pointer": "/size"}} for i in (0, 1)],
    "over": LIST,
}
WINNER = {"op": "argmax", "of": TABLE, "by": "/value", "take": "/name"}
STEPS = [
    {
        "call": "c1",
        "tool": "list",
        "arguments_from": {"of": {"given": "X", "seed": ""}},
        "result": {"items": ["a", "b"]},
    },
    {"call": "c2", "tool": "size", "arguments_from": {"of": FAN[0]}, "result": {"size": 1}},
    {"call": "c3", "tool": "size", "arguments_from": {"of": FAN[1]}, "result": {"size": 2}},
    {"call": "c4", "tool": "motto", "arguments_from": {"of": WINNER, "n": {"given": 7}}, "result": {"text": "b wins"}},
    {"call": "c5", "tool": "motto", "arguments_from": {"of": FAN[0]}, "result": {"text": "a wins"}},
]
MOTTO = {"call": "c4", "pointer": "/text"}

WORLD = {"X": {"items": ["a", "b"]}, "Y": {"items": ["a", "c"]}, "a": {"size": 1}, "b": {"size": 2}, "c": {"size": 3}}


class World:
    """Tools that answer from a table and remember what they were asked."""

    def __init__(self, **changed: Any) -> None:
        self.table = {**WORLD, **changed}
        self.asked: list[tuple[str, Any]] = []

    def __call__(self, tool: str, arguments: Node) -> Node:
        self.asked.append((tool, arguments["of"]))
        if tool == "motto":
            return {"result": {"text": f"{arguments['of']} wins"}}
        found = self.table[arguments["of"]]
        return found if "error" in found else {"result": found}


def test_the_children_of_a_node_are_those_that_it_evaluates() -> None:
    inner = [given(number) for number in range(9)]
    node = {
        "of": inner[0], "over": inner[1], "when": inner[2], "then": inner[3], "else": inner[4], "args": [inner[5]],
        "rows": [{"name": inner[6], "value": inner[7]}], "parts": {"p": inner[8]}, "where": where("/x", "gt", 9),
        "by": "/size", "given": {"of": "data, not an expression"},
    }  # fmt: skip
    assert sorted(child["given"] for child in children(node)) == list(range(10))


def test_walk_reaches_everything_inside_a_node() -> None:
    found = list(walk(WINNER))
    assert found[0] is WINNER and found[1] is TABLE
    assert [node["call"] for node in found if "call" in node] == ["c1", "c2", "c1", "c3", "c1"]


def test_through_goes_on_into_the_arguments_and_into_each_call_once() -> None:
    found = list(through(MOTTO, STEPS))
    assert [node["given"] for node in found if "given" in node].count("X") == 1
    assert {node["call"] for node in found if "call" in node} == {"c1", "c2", "c3", "c4"}


def test_calls_are_all_that_a_node_rests_on_in_the_order_of_the_evidence() -> None:
    assert calls(MOTTO, STEPS) == ["c1", "c2", "c3", "c4"]
    assert calls({"op": "map", "parts": {"b": FAN[1], "a": {"call": "c5"}}}, STEPS) == ["c1", "c5"]
    assert calls(given(1), STEPS) == calls({"call": "c9"}, STEPS) == []


def test_calls_of_evidence_that_goes_round_come_to_an_end() -> None:
    assert calls({"call": "c1"}, ROUND) == ["c1", "c2"]


# --- replay ----------------------------------------------------------------------------------------------------------

ROUND = [
    {"call": "c1", "tool": "size", "arguments_from": {"of": {"call": "c2", "pointer": "/size"}}, "result": {"size": 1}},
    {"call": "c2", "tool": "size", "arguments_from": {"of": {"call": "c1", "pointer": "/size"}}, "result": {"size": 1}},
]


def test_a_replay_makes_each_call_that_it_needs_once() -> None:
    world = World()
    assert replay(MOTTO, STEPS, world) == "b wins"
    assert sorted(world.asked) == [("list", "X"), ("motto", "b"), ("size", "a"), ("size", "b")]


def test_a_replay_computes_the_arguments_anew() -> None:
    world = World(b={"size": 0})  # the winner of the fresh results is another
    assert replay(MOTTO, STEPS, world) == "a wins"
    assert ("motto", "b") not in world.asked


def test_a_replay_looks_at_nothing_that_was_recorded() -> None:
    bare = [{key: value for key, value in step.items() if key != "result"} for step in STEPS]
    assert replay(MOTTO, bare, World()) == "b wins"


def test_a_replay_of_a_dead_call_names_it() -> None:
    world = World(b={"error": {"kind": "refused", "message": "no b"}})
    with pytest.raises(Dead, match="c3: refused: no b") as caught:
        replay(MOTTO, STEPS, world)
    assert caught.value.kind == "refused" and ("motto", "b") not in world.asked


def test_a_replay_over_a_list_that_grew_has_no_value() -> None:
    with pytest.raises(SupportError, match="not the items of the list"):
        replay(MOTTO, STEPS, World(X={"items": ["a", "b", "c"]}))


def test_a_replay_over_a_list_that_shrank_has_no_value() -> None:
    with pytest.raises(SupportError, match="item"):
        replay(MOTTO, STEPS, World(X={"items": ["a"]}))


def test_a_replay_of_a_call_that_is_not_there() -> None:
    with pytest.raises(SupportError, match="c9 is not a call"):
        replay({"call": "c9"}, STEPS, World())


def test_evidence_that_rests_on_itself_proves_nothing() -> None:
    with pytest.raises(SupportError):
        replay({"call": "c1", "pointer": "/size"}, ROUND, World())


# --- what if another had been chosen? --------------------------------------------------------------------------------


def test_a_swapped_seed_leads_to_other_calls() -> None:
    world = World()
    assert replay(MOTTO, STEPS, world, lambda node: ("Y",) if "seed" in node else None) == "c wins"
    assert sorted(world.asked) == [("list", "Y"), ("motto", "c"), ("size", "a"), ("size", "c")]


def test_a_swapped_selector_stands_for_its_value_and_is_not_evaluated() -> None:
    world = World()
    assert replay(MOTTO, STEPS, world, lambda node: ("z",) if node == WINNER else None) == "z wins"
    assert world.asked == [("motto", "z")]


@pytest.mark.parametrize("value", [None, False, 0, "", []], ids=str)
def test_any_value_may_stand_in(value: Any) -> None:
    assert evaluate(MOTTO, over(STEPS), lambda node: (value,)) == value


def test_a_swap_that_stands_in_for_nothing_changes_nothing() -> None:
    assert evaluate(WINNER, over(STEPS), lambda node: None) == evaluate(WINNER, over(STEPS)) == "b"


# --- what somebody else wrote ----------------------------------------------------------------------------------------

POINTERS = st.one_of(
    st.sampled_from(["", "/a", "/a/0", "/b/x", "a", "/²", "/~1"]), st.integers(), st.none(), st.text(max_size=5)
)
NUMBERS = st.one_of(st.integers(-3, 12), st.sampled_from([2**63, 10**30, -(10**9), 10**9]), st.floats())
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, st.text(max_size=8))
VALUES = st.recursive(
    SCALARS, lambda v: st.lists(v, max_size=4) | st.dictionaries(st.sampled_from("abx"), v, max_size=3), max_leaves=8
)
KEYS = (
    "of", "args", "by", "take", "n", "index", "where", "when", "then", "else", "parts", "items", "rows", "over", "is",
    "places", "significant", "order", "quote", "parse", "type", "seed",
)  # fmt: skip
LOOKED_UP = [
    {"call": "c1", "result": {"a": [3, 1, 2], "b": {"x": "built in 1899, 12,5 km"}, "c": [{"x": 1}, {"x": "y"}]}}
]


def nodes(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Expressions that a careless writer might make of smaller ones."""
    part = st.one_of(
        inner, inner, POINTERS, NUMBERS, st.lists(inner, max_size=3),
        st.dictionaries(st.text(max_size=3), inner, max_size=2),
        st.fixed_dictionaries({"at": POINTERS, "is": st.sampled_from(["gt", "eq", "?", None]), "value": inner}),
        st.lists(st.fixed_dictionaries({"name": inner, "value": inner}), max_size=3),
        st.sampled_from(["ascending", "gt", "number", "date", "1899"]),
    )  # fmt: skip
    return st.tuples(
        st.sampled_from([*OPS, "eval", None]), st.dictionaries(st.sampled_from(KEYS), part, max_size=5)
    ).map(lambda made: {"op": made[0], **made[1]})


LEAVES = st.one_of(
    VALUES,
    VALUES.map(lambda value: {"given": value}),
    st.fixed_dictionaries(
        {"call": st.sampled_from(["c1", "c2", 7, None, "c1"])},
        optional={
            "pointer": POINTERS,
            "quote": st.one_of(st.sampled_from(["1899", "in", ""]), SCALARS),
            "parse": POINTERS,
        },
    ),
)
WRITTEN = st.recursive(LEAVES, nodes, max_leaves=12)


@given_any(WRITTEN)
@settings(max_examples=250, deadline=None)
def test_whatever_is_written_has_a_value_or_a_reason(node: Any) -> None:
    try:
        evaluate(node, over(LOOKED_UP))
    except SupportError as error:
        assert len(str(error)) < 500
    try:
        check(node)
    except SupportError as error:
        assert len(str(error)) < 500
        return
    assert list(walk(node)) and graph({"given": 1}, LOOKED_UP)
    for inner in walk(node):
        assert isinstance(inner, dict)


@pytest.mark.parametrize("node", [node for node, _ in WORTH if node != {"op": "map", "parts": {}}], ids=str)
def test_what_is_of_the_language_passes_the_check(node: Node) -> None:
    if "nonsense" in str(node):
        with pytest.raises(SupportError, match="unknown expression"):
            check(node)
    else:
        check(node)


def test_every_operation_has_a_form() -> None:
    for name in OPS:
        with pytest.raises(SupportError, match=f"{name} lacks"):
            check({"op": name})


@pytest.mark.parametrize(
    ("node", "said"),
    [
        ("c1", "not an expression: 'c1'"), ({}, "unknown expression"),
        ({"op": "sum", "of": "c1"}, 'sum: "of" must be an expression'),
        ({"call": "c1", "pointer": "area"}, "JSON Pointer"), ({"call": "c1", "note": 1}, 'a citation has no "note"'),
        ({"given": 1, "unit": "m"}, 'given has no "unit"'), ({"given": "\ud800"}, "a value that JSON can hold"),
        ({"given": 10**30}, "a value that JSON can hold"), ({"op": "list", "items": []}, "a list of expressions"),
        ({"op": "difference", "args": [given(1)]}, "a list of two expressions"),
        ({"op": "filter", "of": given([]), "where": {"at": "/x", "is": "near", "value": given(1)}}, "is: gt | lt"),
        ({"op": "table", "rows": [{"name": given(1)}]}, "a list of {name, value}"),
        ({"op": "round", "of": given(1.5)}, "either"),
        ({"op": "round", "of": given(1.5), "places": 1, "significant": 1}, "either"),
    ],
)  # fmt: skip
def test_the_check_says_what_is_wrong(node: Any, said: str) -> None:
    with pytest.raises(SupportError) as caught:
        check(node)
    assert said in str(caught.value)


def nested(deep: int) -> Node:
    node = given(1)
    for _ in range(deep):
        node = {"op": "list", "items": [node]}
    return node


def test_what_nests_too_deep_is_refused_and_never_a_crash() -> None:
    for node in (nested(41), nested(5000)):
        for use in (check, value_of):
            with pytest.raises(SupportError, match="nested too deep"):
                use(node)
    value: Any = 1
    for _ in range(100_000):
        value = [value]
    with pytest.raises(SupportError):
        check({"given": value})
    with pytest.raises(SupportError):
        value_of({"op": "list", "items": [{"given": value}]})


def test_what_is_too_large_ends_soon() -> None:
    wide = {"op": "list", "items": [given(1)] * 10_000}
    for use in (check, value_of):
        with pytest.raises(SupportError, match="too many expressions"):
            use(wide)
    numbers = list(range(5000))
    inner: Node = {"op": "count", "of": given(numbers)}
    for _ in range(6):  # a limit that is worked out anew for every item would take for ever
        inner = {"op": "count", "of": op("filter", numbers, where={"at": "", "is": "lt", "value": inner})}
    assert value_of(inner) == 5000
    with pytest.raises(SupportError, match="too long"):
        value_of(args("intersection", numbers, numbers))


@pytest.mark.parametrize(
    "how", [{"places": 10**9}, {"places": -(10**9)}, {"significant": 10**9}, {"significant": 0}], ids=str
)
def test_a_rounding_keeps_a_sane_number_of_digits(how: Node) -> None:
    for value in (1.5, 7):
        with pytest.raises(SupportError, match="rounded"):
            value_of(op("round", value, **how))


def test_a_number_of_more_than_64_bits_is_no_value() -> None:
    with pytest.raises(SupportError, match="64 bits"):
        value_of(op("sum", [2**63, 2**63]))
    assert value_of(op("sum", [2**63, 2**62])) == 2**63 + 2**62
    text = [{"call": "c1", "result": {"text": f"It is {10**30}."}}]
    with pytest.raises(SupportError, match="does not read"):
        evaluate({"call": "c1", "pointer": "/text", "quote": str(10**30), "parse": "number"}, over(text))


def test_a_list_names_several_places() -> None:
    node = {"op": "list", "items": [{"call": "c1", "pointer": "/a/0"}, given("x")]}
    assert evaluate(node, over(LOOKED_UP)) == [3, "x"]
    assert list(children(node)) == node["items"] and calls(node, [{**LOOKED_UP[0], "arguments_from": {}}]) == ["c1"]


def test_an_item_is_not_counted_from_the_end() -> None:
    with pytest.raises(SupportError, match="from the beginning"):
        value_of(op("item", ["a", "b"], index=-1))
