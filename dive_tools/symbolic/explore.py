"""The symbolic collector: explores a toolset for real, along value types, one move at a time.

A move is a plan of one or more calls: a single call whose arguments flow from what is known; a fan, one call for each
item of a short list; or a fan over entities that a careful person would compare with the seed. Each round spends at
most `budget` calls, never repeats one, and prefers tools not yet used and values that the current question is about.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from dive_tools.records import Record, canonical, round_of
from dive_tools.support import Node, calls
from dive_tools.symbolic.facts import Facts, Group, Known, Listing, item_quantities
from dive_tools.tools.base import Slot, Tool
from dive_tools.tools.door import Outcome
from dive_tools.values import TYPES, akin

FAN = (2, 6)  # a list is looked up item by item when it has this many
DEPTH = 4  # calls in a row; a longer chain cannot be said in readable English
COMPANIONS = 3
MARKS = {"seed", "choice", "vignette"}  # of the givens that are no companions

Bound = dict[str, tuple[Any, Node]]  # parameter -> value, where it came from
Call = Callable[[str, dict[str, Any]], Outcome]


@dataclass(slots=True)
class Move:
    """Calls to make together: what they are, and how much they are wanted."""

    tool: Tool
    weight: float
    plan: Callable[[], list[Bound] | None]


class Explorer:
    """One round of exploring for one record."""

    def __init__(self, record: Record, tools: Mapping[str, Tool], call: Call, rng: random.Random, budget: int) -> None:
        self.record = record
        self.evidence: list[dict[str, Any]] = record.setdefault("evidence", [])
        self.tools = {n: t for n, t in tools.items() if any(f.says.phrases or f.says.ask for f in t.fields.values())}
        self.call = call
        self.rng = rng
        self.budget = budget
        self.round = round_of(record)
        self.done = {canonical([s["tool"], s["arguments"]]) for s in self.evidence}
        task = record.get("task")
        self.asked = set(calls(task["support"], self.evidence)) if task else set()
        self.facts = Facts(record, tools)
        self.used = {step["tool"] for step in self.evidence}

    def explore(self) -> int:
        """Spend the budget; returns how many calls gave a result."""
        good = 0
        for _ in range(self.budget * 2):
            if self.budget <= 0:
                break
            bounds = self._next()
            if bounds is None:
                break
            for tool, bound in bounds:
                good += self._make(tool, bound)
            self.facts = Facts(self.record, self.tools)
        return good

    def _next(self) -> list[tuple[Tool, Bound]] | None:
        moves = list(self._moves())
        while moves:
            move = self.rng.choices(moves, [m.weight for m in moves])[0]
            moves.remove(move)
            plan = move.plan()
            if plan and len(plan) <= self.budget and not any(self._is_done(move.tool, b) for b in plan):
                return [(move.tool, bound) for bound in plan]
            if plan and len(plan) > 1:  # a fan of which some calls were made already
                fresh = [b for b in plan if not self._is_done(move.tool, b)]
                if 0 < len(fresh) <= self.budget:
                    return [(move.tool, bound) for bound in fresh]
        return None

    def _is_done(self, tool: Tool, bound: Bound) -> bool:
        return canonical([tool.name, {p: value for p, (value, _) in bound.items()}]) in self.done

    def _make(self, tool: Tool, bound: Bound) -> int:
        arguments = {p: value for p, (value, _) in bound.items()}
        outcome = self.call(tool.name, arguments)
        self.done.add(canonical([tool.name, arguments]))
        self.budget -= 1
        self.used.add(tool.name)
        sources = {p: source for p, (_, source) in bound.items()}
        step = {"call": f"c{len(self.evidence) + 1}", "round": self.round, "tool": tool.name}
        self.evidence.append({**step, "arguments": arguments, "arguments_from": sources, **outcome})
        return int("result" in outcome)

    # --- moves ---

    def _moves(self) -> Iterator[Move]:
        for tool in self.tools.values():
            drivers = [name for name, slot in tool.slots.items() if slot.type or (slot.kind and slot.required)]
            base = self._liking(tool)
            if not drivers and self._has_parts(tool):
                yield Move(tool, base, partial(self._single, tool, {}))
            for name in drivers:
                yield from self._driven(tool, name, base)

    def _driven(self, tool: Tool, name: str, base: float) -> Iterator[Move]:
        slot = tool.slots[name]
        for known in self.facts.flowing(slot):
            if known.depth < DEPTH and not self._made_over(known):
                weight = base * self._interest(known)
                yield Move(tool, weight, partial(self._single, tool, {name: (known.value, known.expr)}))
        if not slot.type:
            return
        for listing in self.facts.lists:
            if listing.type == slot.type and listing.depth < DEPTH - 1:
                yield Move(tool, base * 6 * (1 + listing.depth), partial(self._fan_list, tool, name, listing))
        for group in self.facts.groups:
            yield from self._fan_groups(tool, name, slot, group, base)
        if slot.type == self.facts.seed["type"] and TYPES[slot.type].akin is not None:
            yield Move(tool, base * 1.5, partial(self._fan_akin, tool, name, slot))

    def _fan_groups(self, tool: Tool, name: str, slot: Slot, group: Group, base: float) -> Iterator[Move]:
        for item in group.tool.fields.values():
            single = "*" not in item.pointer and item.shape != "list"
            if single and item.type == slot.type and item.type != group.type and len(group.rows) >= 2:
                yield Move(tool, base * 9, partial(self._fan_group, tool, name, group, item.pointer))

    def _liking(self, tool: Tool) -> float:
        used = self.used
        home = self.record["setup"]["domain"]
        weight = 0.5 if tool.name in used else 4.0
        weight *= 1.5 if tool.role == "processing" else 1.0
        weight *= 0.1 if self._turns_over(tool) else 1.0
        return weight * (0.4 if tool.domain != home else 1.0)

    def _made_over(self, known: Known) -> bool:
        """Whether a value was only turned into another of its type: the end of a road."""
        step = self.facts.by_id.get(known.expr.get("call", ""))
        return step is not None and self._turns_over(self.facts.tools[step["tool"]])

    @staticmethod
    def _turns_over(tool: Tool) -> bool:
        """Whether a tool only makes another value of a type that it takes (a date from a date)."""
        taken = {slot.type for slot in tool.slots.values() if slot.type and slot.required}
        given = {item.type for item in tool.fields.values() if item.type and not item.says.quiet}
        return tool.role == "processing" and bool(given) and given <= taken

    def _interest(self, known: Known) -> float:
        weight = (1.0 + known.depth) ** 3
        weight *= 1.5 if known.round == self.round else 1.0
        return weight * (6.0 if known.call in self.asked else 1.0)

    def _has_parts(self, tool: Tool) -> bool:
        return any(slot.vignette == self.facts.seed["type"] for slot in tool.slots.values())

    # --- plans ---

    def _single(self, tool: Tool, bound: Bound) -> list[Bound] | None:
        filled = self._fill(tool, dict(bound))
        return [filled] if filled is not None else None

    def _fan_list(self, tool: Tool, name: str, listing: Listing) -> list[Bound] | None:
        source = self._short(listing)
        if source is None:
            return None
        values = self.facts.value(source) or []
        return self._fan(tool, name, [(v, _item(source, i, listing.type)) for i, v in enumerate(values)])

    def _short(self, listing: Listing) -> Node | None:
        """The list itself when it is short, else its first few by something that it says of its items."""
        if FAN[0] <= len(listing.value) <= min(FAN[1], self.budget):
            return listing.names
        if len(listing.value) < FAN[0] or self.budget < 3:
            return None
        ranked = item_quantities(listing.tool, listing.field)
        if not ranked:
            return None
        by = self.rng.choice(ranked).pointer.removeprefix(listing.field.pointer + "/*")
        cite = {"call": listing.step["call"], "pointer": listing.field.pointer}
        n = self.rng.randint(3, min(4, self.budget))
        take = {"take": listing.take} if listing.take else {}
        return {"op": "top", "of": cite, "by": by, "n": n, "order": "descending", **take}

    def _fan_group(self, tool: Tool, name: str, group: Group, pointer: str) -> list[Bound] | None:
        rows = []
        for _, step in group.rows:
            node = {"call": step["call"], "pointer": pointer}
            rows.append((self.facts.value(node), node))
        if any(value is None for value, _ in rows) or len(rows) > self.budget:
            return None
        return self._fan(tool, name, rows)

    def _fan_akin(self, tool: Tool, name: str, slot: Slot) -> list[Bound] | None:
        seed = self.facts.seed["value"]
        others = sorted(set(akin(slot.type, seed)) - {seed})
        count = min(len(others), self.rng.randint(1, COMPANIONS), self.budget - 1)
        if count < 1:
            return None
        chosen = self.rng.sample(others, count)
        rows = [(seed, self.facts.seed_node())] + [(v, {"given": v, "type": slot.type}) for v in chosen]
        return self._fan(tool, name, rows)

    def _fan(self, tool: Tool, name: str, rows: list[tuple[Any, Node]]) -> list[Bound] | None:
        if len({canonical(value) for value, _ in rows}) < len(rows) or not rows:
            return None
        rest = self._fill(tool, {name: rows[0]})
        if rest is None:
            return None
        shared = {p: pair for p, pair in rest.items() if p != name}
        if any("given" in source and not source.keys() & MARKS for _, source in shared.values()):
            return None  # a companion is akin to one of the items, not to all
        if any(tool.distinct and p in tool.distinct and v in [r[0] for r in rows] for p, (v, _) in shared.items()):
            return None
        return [{name: row, **shared} for row in rows]

    def _fill(self, tool: Tool, bound: Bound) -> Bound | None:
        """The other parameters: parts of the seed, values that flow, companions, stated choices."""
        for name, slot in tool.slots.items():
            if name in bound:
                continue
            found = self._argument(tool, name, slot, bound)
            if found is not None:
                bound[name] = found
            elif slot.required:
                return None
        taken = [canonical(bound[p][0]) for p in tool.distinct if p in bound]
        return bound if len(set(taken)) == len(taken) else None

    def _argument(self, tool: Tool, name: str, slot: Slot, bound: Bound) -> tuple[Any, Node] | None:
        if slot.vignette:
            node = self.facts.part_node(slot.vignette, slot.part)
            return (node["given"], node) if node is not None else None
        if not slot.required and not slot.choices:
            return None
        taken = [value for value, _ in bound.values()]
        flowing = [k for k in self.facts.flowing(slot) if self._suits(k, slot, tool, taken, bound)]
        if flowing and (not slot.choices or self.rng.random() < 0.5):
            chosen = self.rng.choices(flowing, [self._interest(k) for k in flowing])[0]
            return chosen.value, chosen.expr
        if slot.choices:
            value = self.rng.choice(list(slot.choices))
            return value, {"given": value, "choice": True, **({"type": slot.type} if slot.type else {})}
        return self._companion(tool, slot, bound)

    def _suits(self, known: Known, slot: Slot, tool: Tool, taken: list[Any], bound: Bound) -> bool:
        """Whether a value may stand beside the arguments bound so far: of their type, or about the same thing."""
        if known.value in taken or known.depth >= DEPTH or self._made_over(known):
            return False
        flowing = {p: source for p, (_, source) in bound.items() if "choice" not in source and "vignette" not in source}
        named = slot.type in TYPES and TYPES[slot.type].samples is not None
        if not flowing or (named and any(tool.slots[p].type == slot.type for p in flowing)):
            return True
        return any(self.facts.about_one(known.expr, source) for source in flowing.values())

    def _companion(self, tool: Tool, slot: Slot, bound: Bound) -> tuple[Any, Node] | None:
        """A stated thing akin to one that is there already, for a tool that takes two of a type."""
        beside = [value for p, (value, _) in bound.items() if tool.slots[p].type == slot.type]
        if not slot.required or not beside:
            return None
        others = [value for value in sorted(akin(slot.type, beside[0])) if value not in beside]
        value = self.rng.choice(others) if others else None
        return (value, {"given": value, "type": slot.type}) if others else None


def _item(source: Node, index: int, type_: str) -> Node:
    return {"op": "item", "of": source, "index": index, "type": type_}
