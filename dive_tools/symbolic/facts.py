"""What the evidence has established, read for the explorer and the deriver: values, lists, and groups of like calls.

Nothing here guesses from equal values: where a value came from is read from `arguments_from`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from dive_tools.records import Record, canonical
from dive_tools.support import Node, SupportError, evaluate, over, through, walk
from dive_tools.tools.base import Field, Slot, Tool
from dive_tools.values import TYPES, VIGNETTES, at

Step = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Known:
    """A value that may flow into a call: an entity or a quantity, with the expression that leads to it."""

    value: Any
    expr: Node
    type: str = ""
    kind: str = ""
    unit: str = ""
    depth: int = 0
    round: int = 0
    call: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A complete list in a result: its records or entities, and the expression of the names of its items."""

    step: Step
    tool: Tool
    field: Field
    value: list[Any]
    names: Node
    type: str
    take: str
    depth: int


@dataclass(slots=True)
class Group:
    """Calls of one tool that differ only in the item they are about: all of a list (`over`), or stated entities."""

    tool: Tool
    over: Node | None
    type: str
    rows: list[tuple[Node, Step]] = field(default_factory=list)


class Facts:
    """The evidence of a record, read once."""

    def __init__(self, record: Record, tools: Mapping[str, Tool]) -> None:
        self.seed: dict[str, Any] = record["setup"]["seed"]
        self.tools = tools
        self.evidence: list[Step] = record.get("evidence", [])
        self.steps = [s for s in self.evidence if "result" in s and s["tool"] in tools]
        self.by_id = {step["call"]: step for step in self.steps}
        self.look = over(self.evidence)
        self._depths: dict[str, int] = {}
        self._items: dict[str, list[Node]] = {}
        self._reaches: dict[str, frozenset[str]] = {}

    # --- where a call stands ---

    def depth(self, call: str) -> int:
        """How many calls deep a call's longest chain of arguments is (1 for a call on the seed)."""
        if call not in self._depths:
            sources = self.by_id[call]["arguments_from"].values()
            self._depths[call] = 1 + max((self.depth_of(source) for source in sources), default=0)
        return self._depths[call]

    def depth_of(self, node: Node) -> int:
        """How many calls deep an expression is."""
        return max((self.depth(n["call"]) for n in walk(node) if n.get("call") in self.by_id), default=0)

    def items(self, call: str) -> list[Node]:
        """The `item` expressions that a call's arguments rest on, through the calls before it."""
        if call not in self._items:
            found = {canonical(i): i for s in self.by_id[call]["arguments_from"].values() for i in self.items_of(s)}
            self._items[call] = list(found.values())
        return self._items[call]

    def items_of(self, node: Node) -> list[Node]:
        """The `item` expressions that an expression rests on; what a selector or table has gathered rests on none."""
        if node.get("op") == "item":
            return [node]
        if "op" in node:
            return []
        return self.items(node["call"]) if node.get("call") in self.by_id else []

    def used(self, node: Node) -> frozenset[str]:
        """The calls that an expression rests on, through their arguments (those of `support.calls`, remembered)."""
        return frozenset().union(*(self._reach(n["call"]) for n in walk(node) if n.get("call") in self.by_id))

    def _reach(self, call: str) -> frozenset[str]:
        if call not in self._reaches:
            sources = self.by_id[call]["arguments_from"].values()
            self._reaches[call] = frozenset((call,)).union(*(self.used(source) for source in sources))
        return self._reaches[call]

    def deepness(self, node: Node) -> tuple[int, int]:
        """How deep a task is: its different tools, then its calls; several parts go a tool deeper than the deepest."""
        if node.get("op") == "map":
            return 1 + max(self.deepness(part)[0] for part in node["parts"].values()), 0
        return self.breadth(node), len(self.used(node))

    def breadth(self, node: Node) -> int:
        """How many different tools an expression rests on."""
        return len({self.by_id[call]["tool"] for call in self.used(node)})

    def about_one(self, one: Node, two: Node) -> bool:
        """Whether one of two expressions was looked up for something that the other is or rests on."""
        return bool(self._direct(one) & self._roots(two) or self._direct(two) & self._roots(one))

    def _direct(self, node: Node) -> set[bytes]:
        """The expressions that the last call before a value was made with (stated choices left out)."""
        step = self.by_id.get(node.get("call", ""))
        sources = step["arguments_from"].values() if step else [node]
        return {canonical(s) for s in sources if "choice" not in s}

    def _roots(self, node: Node) -> set[bytes]:
        return {canonical(n) for n in through(node, self.evidence) if "choice" not in n}

    # --- values ---

    @cached_property
    def known(self) -> list[Known]:
        """Every single value that may flow on: the seed, fields of results, winners of selections."""
        return [*self._seeds(), *self._cited(), *self._selected()]

    @cached_property
    def by_meaning(self) -> dict[str, list[Known]]:
        """What is known, by entity type and by quantity kind with its unit."""
        found: dict[str, list[Known]] = {}
        for known in self.known:
            for meaning in ({known.type} if known.type else set()) | (
                {f"{known.kind}/{known.unit}"} if known.kind else set()
            ):
                found.setdefault(meaning, []).append(known)
        return found

    def flowing(self, slot: Slot) -> list[Known]:
        """What may be this argument: entities of its type, or quantities of its kind and unit."""
        return self.by_meaning.get(slot.type or f"{slot.kind}/{slot.unit}", [])

    def _seeds(self) -> Iterator[Known]:
        if self.seed["type"] in TYPES:
            yield Known(self.seed["value"], self.seed_node(), type=self.seed["type"])

    def seed_node(self) -> Node:
        """The seed entity as a given."""
        return {"given": self.seed["value"], "type": self.seed["type"], "seed": ""}

    def part_node(self, vignette: str, part: str) -> Node | None:
        """A part of the seed vignette as a given; None when the seed holds no such part."""
        if self.seed["type"] != vignette or part not in self.seed["value"]:
            return None
        return {"given": self.seed["value"][part], "vignette": vignette, "seed": f"/{part}"}

    def _cited(self) -> Iterator[Known]:
        for step in self.steps:
            if self.items(step["call"]):
                continue
            for item in self.tools[step["tool"]].fields.values():
                if "*" in item.pointer or item.shape == "list" or not (item.type or item.kind):
                    continue
                value = _there(step["result"], item.pointer)
                if value is not None:
                    yield self._from(value, step, item)

    def _from(self, value: Any, step: Step, item: Field) -> Known:
        node = {"call": step["call"], "pointer": item.pointer}
        depth, when = self.depth(step["call"]), step["round"]
        return Known(value, node, item.type, item.kind, item.unit, depth, when, step["call"])

    def _selected(self) -> Iterator[Known]:
        for listing in self.lists:
            for node in self.selections(listing):
                yield from self._winner(node, listing.type, listing.depth, listing.step)
        for group in self.groups:
            if group.over is not None and len(group.rows) >= 3:
                last = group.rows[-1][1]
                for item in self.quantities(group.tool):
                    for op in ("argmax", "argmin"):
                        node = {"op": op, "of": table(group, item), "by": "/value", "take": "/name"}
                        yield from self._winner(node, group.type, self.depth(last["call"]), last)

    def _winner(self, node: Node, type_: str, depth: int, step: Step) -> Iterator[Known]:
        value = self.value(node)
        if value is not None:
            yield Known(value, node, type_, depth=depth + 1, round=step["round"], call=step["call"])

    def value(self, node: Node) -> Any:
        """The value of an expression over the evidence; None when it has none."""
        try:
            return evaluate(node, self.look)
        except SupportError:
            return None

    @staticmethod
    def quantities(tool: Tool) -> list[Field]:
        """The fields of a tool that are quantities with a name."""
        return [f for f in tool.fields.values() if f.kind and f.says.noun and "*" not in f.pointer and not f.says.quiet]

    # --- lists ---

    @cached_property
    def lists(self) -> list[Listing]:
        """Every complete list whose items are entities, from calls that are about one thing."""
        return [found for step in self.steps if not self.items(step["call"]) for found in self._listings(step)]

    def _listings(self, step: Step) -> Iterator[Listing]:
        tool = self.tools[step["tool"]]
        if step["result"].__class__ is not dict or not step["result"].get("complete"):
            return
        for item in tool.fields.values():
            if item.shape == "list" and item.says.phrases and "*" not in item.pointer:
                value = _there(step["result"], item.pointer)
                name = item_name(tool, item)
                if value and name is not None:
                    cite = {"call": step["call"], "pointer": item.pointer}
                    names = {"op": "each", "of": cite, "take": name[0]} if name[0] else cite
                    yield Listing(step, tool, item, value, names, name[1], name[0], self.depth(step["call"]))

    def selections(self, listing: Listing) -> Iterator[Node]:
        """Ways to pick one item by what the list itself says."""
        cite = {"call": listing.step["call"], "pointer": listing.field.pointer}
        take = {"take": listing.take} if listing.take else {}
        if len(listing.value) == 1 and listing.field.says.only:
            yield {"op": "only", "of": cite, **take}
        if len(listing.value) >= 3:
            for item in item_quantities(listing.tool, listing.field):
                by = item.pointer.removeprefix(listing.field.pointer + "/*")
                yield {"op": "argmax", "of": cite, "by": by, **take}
                yield {"op": "argmin", "of": cite, "by": by, **take}
                yield {"op": "nth", "n": 2, "order": "descending", "of": cite, "by": by, **take}

    # --- groups ---

    @cached_property
    def groups(self) -> list[Group]:
        """Calls that look the same thing up for every item of a list, or for several stated entities."""
        found: dict[bytes, Group] = {}
        for step in self.steps:
            for name, over_, type_ in self._abouts(step):
                key = canonical([step["tool"], self._shape(step, name), over_])
                group = found.setdefault(key, Group(self.tools[step["tool"]], over_, type_))
                group.rows.append((name, step))
        return [whole for group in found.values() if (whole := self._whole(group)) is not None]

    def _abouts(self, step: Step) -> Iterator[tuple[Node, Node | None, str]]:
        items = self.items(step["call"])
        if len(items) == 1:
            yield items[0], items[0]["of"], items[0].get("type", "")
        elif not items:
            for node in self._givens(step):
                yield node, None, node["type"]

    def _givens(self, step: Step) -> list[Node]:
        found = {}
        for source in step["arguments_from"].values():
            if "given" in source and "choice" not in source and source.get("type") in TYPES:
                found[canonical(source["given"])] = source
            elif "call" in source and source["call"] in self.by_id:
                found.update({canonical(n["given"]): n for n in self._givens(self.by_id[source["call"]])})
        return list(found.values())

    def _shape(self, step: Step, name: Node) -> dict[str, Any]:
        return {p: self._shape_of(source, name) for p, source in step["arguments_from"].items()}

    def _shape_of(self, node: Node, name: Node) -> Any:
        if node == name or ("given" in node and "given" in name and node["given"] == name["given"]):
            return "ITEM"
        step = self.by_id.get(node.get("call", ""))
        if step is None or (name.get("op") == "item" and not self.items(step["call"])):
            return node
        if "given" in name and name["given"] not in [n["given"] for n in self._givens(step)]:
            return node
        return [step["tool"], self._shape(step, name), node.get("pointer", "")]

    def _whole(self, group: Group) -> Group | None:
        if group.over is None:
            values = {canonical(name["given"]) for name, _ in group.rows}
            return group if len(values) == len(group.rows) >= 2 else None
        names = self.value(group.over)
        if names is None or len(group.rows) < len(names):
            return None
        group.rows.sort(key=lambda row: row[0]["index"])
        return group if [name["index"] for name, _ in group.rows] == list(range(len(names))) else None


def table(group: Group, item: Field) -> Node:
    """The table of one field over a group: a row for every item."""
    rows = [{"name": name, "value": {"call": step["call"], "pointer": item.pointer}} for name, step in group.rows]
    return {"op": "table", "rows": rows, **({"over": group.over} if group.over is not None else {})}


def item_name(tool: Tool, listing: Field) -> tuple[str, str] | None:
    """Where the items of a list carry their name, as (pointer into the item, entity type); None when nowhere."""
    whole = tool.fields.get(listing.pointer + "/*")
    if whole is not None and whole.type and whole.shape == "scalar":
        return "", whole.type
    for item in tool.fields.values():
        if item.parent == listing.pointer and item.type and item.type in TYPES and TYPES[item.type].spoken == "label":
            return item.pointer.removeprefix(listing.pointer + "/*"), item.type
    return None


def item_quantities(tool: Tool, listing: Field) -> list[Field]:
    """The quantities, with a name, that the items of a list carry."""
    return [f for f in tool.fields.values() if f.parent == listing.pointer and f.kind and f.says.noun]


def is_vignette(type_: str) -> bool:
    """Whether a seed type is a vignette."""
    return type_ in VIGNETTES


def _there(value: Any, pointer: str) -> Any:
    try:
        return at(value, pointer)
    except (LookupError, TypeError, ValueError):
        return None
