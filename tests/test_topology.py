"""The R/P topology label of a call graph."""

from __future__ import annotations

import pytest

from dive_tools.callgraph import CallGraph, call_graph
from dive_tools.rollout import Step
from dive_tools.topology import DEPTHS, WIDTHS, Topology, bucket, depth_of, label, topology

ROLES = {"find": "retrieval", "look": "retrieval", "sum": "processing", "mean": "processing"}


def graph(tools: str, *edges: tuple[int, int]) -> CallGraph:
    names = {"r": "find", "R": "look", "p": "sum", "P": "mean"}
    return CallGraph(tuple(names[letter] for letter in tools), frozenset(edges))


@pytest.mark.parametrize(
    ("made", "wanted"),
    [
        (graph("r"), "R/single/d1/w1"),
        (graph("p"), "P/single/d1/w1"),
        (graph("rp", (0, 1)), "R+P/chain/d2/w1"),
        (graph("rR", (0, 1)), "R/chain/d2/w1"),
        (graph("rrr", (0, 1), (1, 2), (0, 2)), "R/chain/d3-4/w1"),  # the last took something of the first, too
        (graph("rr"), "R/parallel/d1/w2"),
        (graph("rpP"), "R+P/parallel/d1/w3-5"),
        (graph("rrp", (0, 2), (1, 2)), "R+P/DAG/d2/w2"),
        (graph("rp", (0, 1)), "R+P/chain/d2/w1"),
        (graph("rrp", (0, 2)), "R+P/DAG/d2/w2"),  # a chain with a call beside it
        (graph("rrrpp", (0, 3), (1, 3), (2, 3), (3, 4)), "R+P/DAG/d3-4/w3-5"),
        (graph("rRR", (0, 1), (0, 2)), "R/DAG/d2/w2"),
        (graph("p" * 9, *((n, n + 1) for n in range(8))), "P/chain/d9+/w1"),
        (graph("r" * 11), "R/parallel/d1/w11+"),
        (CallGraph((), frozenset()), "none"),
    ],
)
def test_labels(made: CallGraph, wanted: str) -> None:
    assert label(made, ROLES) == wanted


def test_the_order_of_edges_does_not_matter_to_depth() -> None:
    edges = [(0, 1), (1, 3), (0, 3), (2, 3), (3, 4)]
    for turned in (edges, edges[::-1]):
        assert depth_of(graph("rrrpp", *turned)) == [1, 2, 1, 3, 4]
    assert topology(graph("rrrpp", *edges), ROLES) == Topology("R+P", "DAG", 4, 2)


def test_buckets_leave_no_gap() -> None:
    assert [bucket(n, DEPTHS) for n in range(1, 11)] == ["1", "2", *["3-4"] * 2, *["5-8"] * 4, "9+", "9+"]
    assert [bucket(n, WIDTHS) for n in (1, 2, 3, 5, 6, 10, 11)] == ["1", "2", "3-5", "3-5", "6-10", "6-10", "11+"]


def test_a_tool_without_a_role_is_an_error() -> None:
    with pytest.raises(KeyError, match="other"):
        label(CallGraph(("other",), frozenset()), ROLES)


def test_from_the_steps_of_an_attempt() -> None:
    def step(turn: int, tool: str, given: object, result: object) -> Step:
        return Step(f"x{turn}{tool}{given}", turn, tool, {"of": given}, {"result": result})

    failed = Step("x", 0, "mean", {}, {"error": {"kind": "refused", "message": "no"}})
    steps = [
        step(0, "find", "Kenya", {"area": 580367}),
        step(0, "find", "Mali", {"area": 1240192}),
        failed,
        step(1, "sum", [580367, 1240192], {"total": 1820559}),
    ]
    assert label(call_graph(steps, "How large are Kenya and Mali together?"), ROLES) == "R+P/DAG/d2/w2"
