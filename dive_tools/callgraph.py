"""The call graph of an attempt: the tools it called with success, and which call took a value that another gave.

Nothing says where a model took an argument from, so values are compared. A call took a value from an earlier turn
where it is equal to the last digit to one that stands in a result of it, says something (no flag, no short word, no
small integer), and is not in the question. What was an argument before is known: a result that repeats it gives
nothing new. A value that a model rounded, converted or put into a longer text is not seen to flow.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from dive_tools.records import digest
from dive_tools.rollout import Step
from dive_tools.values import leaves, plain

SMALL = 20  # integers up to this stand in results by chance
SHORT = 3  # characters of the shortest text that is met twice for a reason


@dataclass(frozen=True)
class CallGraph:
    """The tools of the calls, in their order; and edges: the places of a call that gave and of one that took."""

    tools: tuple[str, ...]
    edges: frozenset[tuple[int, int]]

    @property
    def digest(self) -> str:
        """Sixteen hex digits, the same in whatever order calls were made that need nothing of one another.

        It is the Weisfeiler-Lehman hash: each call is named by its tool, then by its name and those of its neighbours.
        """
        names: list[Any] = list(self.tools)
        for _ in self.tools:
            gave = [sorted(names[giver] for giver, taker in self.edges if taker == place) for place in self._places]
            took = [sorted(names[taker] for giver, taker in self.edges if giver == place) for place in self._places]
            names = [digest(around) for around in zip(names, gave, took, strict=True)]
        return digest(sorted(names))

    @property
    def _places(self) -> range:
        return range(len(self.tools))


def call_graph(steps: Sequence[Step], question: str, names: Mapping[str, str] | None = None) -> CallGraph:
    """The graph of the calls that gave a result; `names` are the tools' own, where the attempt saw others."""
    made = [step for step in steps if "result" in step.outcome]
    asked = _Question(question)
    givers: defaultdict[Any, set[int]] = defaultdict(set)
    taken: set[Any] = set()
    edges: set[tuple[int, int]] = set()
    for _, turn in groupby(enumerate(made), key=lambda numbered: numbered[1].turn):
        calls = list(turn)  # asked for together: none of them knew what another gave
        for place, step in calls:
            for value in _telling(step.arguments):
                edges.update((giver, place) for giver in givers.get(value, ()))
                taken.add(value)
        for place, step in calls:
            for value in _telling(step.outcome["result"]):
                if value not in taken and not asked.holds(value):
                    givers[value].add(place)
    return CallGraph(tuple((names or {}).get(step.tool, step.tool) for step in made), frozenset(edges))


def _telling(value: Any) -> Iterator[Any]:
    """The single values of a JSON value that mean something when they are met again."""
    return (leaf for leaf in leaves(value) if _tells(leaf))


def _tells(leaf: Any) -> bool:
    if isinstance(leaf, bool) or leaf is None:
        return False
    if isinstance(leaf, str):
        return len(leaf) >= SHORT
    return abs(leaf) > SMALL or not float(leaf).is_integer()


class _Question:
    """What a question states."""

    def __init__(self, text: str) -> None:
        self.words = f" {plain(text)} "
        self.numbers = {float(number.replace(",", "")) for number in re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?", text)}

    def holds(self, value: Any) -> bool:
        """Whether a value stands in it; a number in any spelling and with any sign."""
        return f" {plain(value)} " in self.words if isinstance(value, str) else abs(value) in self.numbers
