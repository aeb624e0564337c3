"""A record under examination, and the table of screens: reason word -> functions `Case -> detail | None`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from dive_tools.records import Record
from dive_tools.support import SELECTORS, Node, calls, through
from dive_tools.tools.base import Field, Tool

ARITHMETIC = ("difference", "ratio", "percent_change", "share")
CHOOSING = ("argmax", "argmin", "nth", "top", "sort")


@dataclass
class Case:
    """A record under examination, with what several screens want to know of it."""

    record: Record
    tools: Mapping[str, Tool]

    @cached_property
    def task(self) -> dict[str, Any]:
        return self.record["task"]

    @cached_property
    def question(self) -> str:
        return self.task["question"]

    @cached_property
    def free(self) -> bool:
        """Whether the question is a model's own English, not made from the words of the tools' authors."""
        return ":" in self.task["by"] or "original" in self.task

    @cached_property
    def evidence(self) -> list[dict[str, Any]]:
        return self.record["evidence"]

    @cached_property
    def steps(self) -> dict[str, dict[str, Any]]:
        return {step["call"]: step for step in self.evidence}

    @cached_property
    def used(self) -> list[str]:
        """The calls that the answer rests on."""
        return calls(self.task["support"], self.evidence)

    @cached_property
    def reached(self) -> list[Node]:
        """Every expression that the answer rests on."""
        return list(through(self.task["support"], self.evidence))

    @cached_property
    def givens(self) -> list[Node]:
        return [node for node in self.reached if "given" in node]

    @cached_property
    def asked(self) -> Node:
        """The support without its rounding."""
        support = self.task["support"]
        return support["of"] if support.get("op") == "round" else support

    @cached_property
    def cited(self) -> list[tuple[dict[str, Any], Tool, Field]]:
        """Call, tool and field of every citation; those of no known field left out."""
        return [found for node in self.reached if (found := self.field(node)) is not None]

    def told(self, fault: str, mend: str) -> str:
        """What is wrong with a task; and, where a model wrote its question, how to mend it."""
        return f"{fault}: {mend}" if self.free else fault

    def field(self, node: Node) -> tuple[dict[str, Any], Tool, Field] | None:
        """The call, tool and field that a citation cites."""
        step = self.steps.get(node.get("call", ""))
        tool = self.tools.get(step["tool"]) if step else None
        item = tool.fields.get(re.sub(r"/\d+", "/*", node.get("pointer", ""))) if tool else None
        return (step, tool, item) if step and tool and item else None

    def quantity(self, node: Node) -> Field | None:
        """The field whose quantity an expression is made of; None when it is not one quantity."""
        if "call" in node:
            found = self.field(node)
            return found[2] if found and found[2].kind else None
        if node.get("op") == "round":
            return self.quantity(node["of"])
        if node.get("op") in ("sum", "mean", "median", "difference"):
            inner = node.get("of") or self._looked_up(node)
            item = self.by(inner, node.get("take", "")) if "of" in node else self.quantity(inner)
            return item if item is None or item.kind or not self.free else None
        return self._chosen(node) if self.free else None

    def _looked_up(self, node: Node) -> Node:
        """The first of two arguments; a stated number is measured as the other one is."""
        one, two = node["args"]
        return two if self.free and "given" in one else one

    def _chosen(self, node: Node) -> Field | None:
        """The field that a selector, or one branch as well as the other, takes its number from."""
        op = node.get("op")
        if op in (*SELECTORS, "item"):
            item = self.by(node["of"], node.get("take", ""))
            return item if item is not None and item.kind else None
        if op == "if":
            one, two = (self.quantity(node[branch]) for branch in ("then", "else"))
            return one if one and two and (one.kind, one.unit) == (two.kind, two.unit) else None
        return None

    def by(self, of: Node, pointer: str) -> Field | None:
        """The field that a pointer into the items of a list or table names."""
        if of.get("op") == "table":
            return self._column(of, pointer) if self.free else self.quantity(of["rows"][0]["value"])
        if self.free and of.get("op") in ("filter", "each", "top", "sort"):
            return self.by(of["of"], of.get("take", "") + pointer)
        found = self.field(of)
        return found[1].fields.get(f"{found[2].pointer}/*{pointer}") if found else None

    def _column(self, table: Node, pointer: str) -> Field | None:
        """The field whose quantity all rows of a table hold."""
        found = [self.quantity(row["value"]) for row in table["rows"]] if pointer == "/value" else []
        kinds = {(item.kind, item.unit) if item else None for item in found}
        return found[0] if len(kinds) == 1 else None

    def unit(self, node: Node) -> str | None:
        """The unit of a number as the tools declare it, "" where it is bare; None where nothing declares one."""
        op = node.get("op")
        if "call" in node:
            found = self.field(node)
            return found[2].unit if found and found[2].kind and "quote" not in node else None
        if op in ("percent_change", "share"):
            return "percent"
        if op in ("ratio", "count"):
            return ""
        if op == "difference":
            unit = self.unit(self._looked_up(node))
            rest = node["args"][0].get("given") == 100  # what is left of a hundred percent
            return "percentage points" if unit == "percent" and not rest else unit
        if op in ("round", "if"):
            return self.unit(node["of"] if op == "round" else node["then"])
        if op in ("sum", "mean", "median", *SELECTORS, "item"):
            item = self.by(node["of"], node.get("take", ""))
            return item.unit if item is not None and item.kind else None
        return None

    def like(self, node: Node) -> tuple[str, ...] | None:
        """What two numbers must agree in to be set side by side: kind and unit, or else the field that holds them."""
        item = self.quantity(node)
        if item is not None:
            return ("kind", item.kind, item.unit)
        if "call" in node and node["call"] in self.steps:
            return ("field", self.steps[node["call"]]["tool"], re.sub(r"/\d+", "/*", node.get("pointer", "")))
        match node.get("op"):
            case "round":
                return self.like(node["of"])
            case "count":
                return ("count",)
            case "sum" | "mean" | "median" | "argmax" | "argmin" | "nth" | "only" | "item":
                return self.like_items(node["of"], node.get("take", ""))
            case "if":
                one, two = (self.like(node[branch]) for branch in ("then", "else"))
                return one if one == two else None
            case "ratio" | "percent_change" | "share" | "difference":
                inner = self.like(self._looked_up(node))
                return (node["op"], *inner) if inner else None
        return None

    def like_items(self, of: Node, pointer: str) -> tuple[str, ...] | None:
        """The same of what a pointer into the items of a list or table names; None where the items are unlike."""
        if of.get("op") == "table":
            column = pointer.removeprefix("/") if pointer in ("/name", "/value") else "value"
            found = {self.like(row[column]) for row in of["rows"]}
            return found.pop() if len(found) == 1 else None
        if of.get("op") in ("filter", "each", "top", "sort"):
            return self.like_items(of["of"], of.get("take", "") + pointer)
        if "call" in of and of["call"] in self.steps:
            return ("field", self.steps[of["call"]]["tool"], f"{of.get('pointer', '')}/*{pointer}")
        return None

    def named(self, of: Node, pointer: str) -> str:
        """The words by which tools call what a pointer into the items of a list or table names."""
        item = self.by(of, pointer)
        like = self.like_items(of, pointer) or ()
        last = like[-1].rpartition("/")[2] if like else pointer
        return f"{last} {item.says.noun} {item.kind} {item.unit} {item.type}" if item else last


Screen = Callable[[Case], "str | None"]
SCREENS: dict[str, list[Screen]] = {}


def screen_of(reason: str) -> Callable[[Screen], Screen]:
    def register(rule: Screen) -> Screen:
        SCREENS.setdefault(reason, []).append(rule)
        return rule

    return register


def chosen_between(case: Case) -> bool:
    """Whether the answer is one of several stated things, which is a comparison."""
    of = case.asked.get("of", {})
    chosen = case.asked.get("op") in ("argmax", "argmin", "nth", "sort", "filter")
    return chosen and of.get("op") == "table" and "over" not in of


def word_in(said: str, text: str) -> bool:
    """Whether words stand in a text as words, whatever their case."""
    if not said:
        return False
    said, text = said.lower(), text.lower()  # by hand: a pattern for every phrase would be compiled anew each time
    start = text.find(said)
    while start >= 0:
        end = start + len(said)
        before, after = text[start - 1 : start] if start else "", text[end : end + 1]
        if not (_wordly(before) or before == "." or _wordly(after)) and not (
            after in (".", ",") and text[end + 1 : end + 2].isdecimal()
        ):
            return True
        start = text.find(said, start + 1)
    return False


def _wordly(letter: str) -> bool:
    return letter.isalnum() or letter == "_"
