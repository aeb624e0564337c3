"""The R/P topology of an attempt: which kinds of tools it called, and what shape its calls make.

    label(call_graph(steps, question), {"country": "retrieval", …})   ->   "R+P/DAG/d3-4/w3-5"

The form of the label is that of Figure 5 of the DIVE paper (arXiv 2603.11076), which does not publish its buckets;
these are ours. A label has four parts:

    R | P | R+P                       roles of the tools called: retrieval, processing, both
    single | chain | parallel | DAG   one call; each call feeds the next; no call feeds another; anything else
    d1 d2 d3-4 d5-8 d9+               depth: calls on the longest path
    w1 w2 w3-5 w6-10 w11+             width: most calls of one depth, a call being as deep as its longest way there

An edge is a value that one call gave and another took (dive_tools.callgraph). A call with no result is no part of the
graph; where no call has one, the label is "none".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from dive_tools.callgraph import CallGraph

NONE = "none"
DEPTHS = (1, 2, 4, 8)  # the last of each bucket, but for the last one, which has no end
WIDTHS = (1, 2, 5, 10)
_LETTERS = {"retrieval": "R", "processing": "P"}


class Topology(NamedTuple):
    """What a label is made of; `depth` and `width` in calls."""

    roles: str
    shape: str
    depth: int
    width: int

    @property
    def label(self) -> str:
        """The label, with depth and width in their buckets."""
        return f"{self.roles}/{self.shape}/d{bucket(self.depth, DEPTHS)}/w{bucket(self.width, WIDTHS)}"


def label(graph: CallGraph, roles: Mapping[str, str]) -> str:
    """The label of a graph; `roles` gives the role of each tool (Tool.role). KeyError for a tool without one."""
    found = topology(graph, roles)
    return found.label if found else NONE


def topology(graph: CallGraph, roles: Mapping[str, str]) -> Topology | None:
    """The parts of the label; None for a graph without calls."""
    if not graph.tools:
        return None
    met = {_LETTERS[roles[tool]] for tool in graph.tools}
    depths = depth_of(graph)
    deepest, widest = max(depths), max(Counter(depths).values())
    return Topology("+".join(letter for letter in "RP" if letter in met), _shape(graph, deepest), deepest, widest)


def depth_of(graph: CallGraph) -> list[int]:
    """How deep each call is: 1 where it needs nothing of another, else one more than the deepest that it needs."""
    depths = [1] * len(graph.tools)
    for giver, taker in sorted(graph.edges, key=lambda edge: edge[1]):  # who gives was called before who takes
        depths[taker] = max(depths[taker], depths[giver] + 1)
    return depths


def _shape(graph: CallGraph, deepest: int) -> str:
    calls = len(graph.tools)
    if calls == 1:
        return "single"
    if deepest == calls:  # one after another, whatever else the later ones took
        return "chain"
    return "DAG" if graph.edges else "parallel"


def bucket(count: int, ends: tuple[int, ...]) -> str:
    """The bucket of a count: "3-4", or "9+" for the last."""
    begins = 1
    for end in ends:
        if count <= end:
            return str(end) if begins == end else f"{begins}-{end}"
        begins = end + 1
    return f"{begins}+"
