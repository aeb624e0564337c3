"""How diverse tasks and attempts are, by the measures of the DIVE paper (arXiv 2603.11076), counted as they pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dive_tools.callgraph import call_graph
from dive_tools.records import Record, digest, task_id
from dive_tools.rollout import Step, steps
from dive_tools.support import calls
from dive_tools.tools.base import Tool
from dive_tools.topology import label


class Diversity:
    """Counts over records; kept in memory are the tools and 16 digits of each toolset, sequence, graph and task."""

    def __init__(self, tool: Callable[[str], Tool]) -> None:
        self.tool = tool
        self.given: dict[str, Tool] = {}
        self.heard: dict[str, Tool] = {}  # whose results stand in the records
        self.called: dict[str, Tool] = {}
        self.tasks: set[str] = set()
        self.toolsets: set[str] = set()
        self.sequences: set[str] = set()
        self.graphs: set[str] = set()
        self.topologies: set[str] = set()
        self.known = self.distinct = 0  # records whose calls are known, and the distinct tools that these called

    def add(self, record: Record) -> None:
        """One more record; the calls of a task are those that its proof rests on, where its evidence is there."""
        toolset = record["setup"]["tools"]
        self.tasks.add(task_id(record) if "run" in record else record["id"])
        self.toolsets.add(digest(sorted(toolset)))
        self.given |= {name: self.tool(name) for name in toolset}
        made = _calls(record)
        if made is None:
            return
        own = {shown: name for name, shown in record.get("run", {}).get("clothes", {}).get("names", {}).items()}
        heard = made if "run" in record else _every(record["evidence"])
        names = {own.get(step.tool, step.tool) for step in heard if "result" in step.outcome}
        self.heard |= {name: self.tool(name) for name in names}
        graph = call_graph(made, record["task"]["question"], own)
        found = {name: self.tool(name) for name in graph.tools}
        self.called |= found
        self.known += 1
        self.distinct += len(found)
        self.sequences.add(digest(graph.tools))
        self.graphs.add(graph.digest)
        self.topologies.add(label(graph, {name: tool.role for name, tool in found.items()}))

    def table(self) -> dict[str, Any]:
        """The measures by name; those of calls only where calls are known."""
        counts: dict[str, Any] = {
            "tasks": len(self.tasks),
            "tools in the toolsets": len(self.given),
            "unique toolsets": len(self.toolsets),
        }
        if not self.known:
            return counts
        return counts | {
            "tools called": len(self.called),
            "unique call sequences": len(self.sequences),
            "unique call graphs": len(self.graphs),
            "R/P topology classes": len(self.topologies),
            "distinct tools called, mean": round(self.distinct / self.known, 2),
        }


def _calls(record: Record) -> Sequence[Step] | None:
    """The calls of an attempt, or those that a task's proof rests on, each in a turn of its own; None: not known."""
    if "run" in record:
        return steps(record["run"]["messages"])
    evidence = record.get("evidence")
    if not evidence:
        return None
    needed = calls(record["task"]["support"], evidence)
    return _every([each for each in evidence if each["call"] in needed])


def _every(evidence: Sequence[Record]) -> list[Step]:
    """The recorded calls that gave a result, each in a turn of its own."""
    made = [call for call in evidence if "result" in call]
    return [
        Step(call["call"], turn, call["tool"], call["arguments"], {"result": call["result"]})
        for turn, call in enumerate(made)
    ]
