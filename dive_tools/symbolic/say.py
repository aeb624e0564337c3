"""Support in words: noun phrases for values, sentences for openings, and a question for every operation.

Nouns nest at most twice in a sentence; a deeper one is taken up in a sentence of its own ("Take ... .") and called
"that country" from then on. What cannot be said so is Unreadable, and the deriver tries something else.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import Any

from dive_tools.records import canonical
from dive_tools.support import Node, calls
from dive_tools.symbolic.facts import Facts
from dive_tools.tools.base import Field, Tool
from dive_tools.values import TYPES, VIGNETTES, label, listed, samples, say_vignette, slots

NESTED = 2  # nouns inside nouns before a sentence of its own is wanted
LONG = 12  # words of a noun phrase before a sentence of its own is wanted
NUMBER_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
UNSAID_UNITS = ("", "people")


class Unreadable(Exception):
    """The support has no readable English."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A noun phrase and how deep its nouns nest."""

    text: str
    depth: int


class Speech:
    """One question in the making: its opening sentences, and what has been mentioned."""

    def __init__(self, facts: Facts, rng: random.Random) -> None:
        self.facts = facts
        self.tools = facts.tools
        self.rng = rng
        self.openings: list[str] = []
        self.literals: dict[str, Any] = {}
        self.mentions: dict[bytes, str] = {}
        self.nouns: dict[str, bytes] = {}
        self.parts: set[str] = set()
        self.uses: dict[bytes, set[tuple[str, str]]] = {}
        self.given_types: set[str] = set()

    # --- the frame ---

    def survey(self, node: Node) -> None:
        """Note what is used in more than one place, and which types are given by value."""
        for call in calls(node, self.facts.evidence):
            step = self.facts.by_id[call]
            for parameter, source in step["arguments_from"].items():
                if "given" in source:
                    self.given_types.add(source.get("type", ""))
                elif source.get("op") != "item":
                    self.uses.setdefault(canonical(source), set()).add((step["tool"], parameter))

    def vignette(self) -> list[str]:
        seed = self.facts.seed
        if not self.parts:
            return []
        return [say_vignette(VIGNETTES[seed["type"]], seed["value"], [p for p in seed["value"] if p in self.parts])]

    # --- noun phrases ---

    def np(self, node: Node) -> Phrase:
        """The noun phrase of any expression."""
        known = self.mentions.get(canonical(node))
        if known is not None:
            return Phrase(known, 0)
        if "given" in node:
            return Phrase(self._given(node), 0)
        if "call" in node:
            return self._cited(node)
        op = node["op"]
        if op == "item":
            raise Unreadable("one item of a list, with no reason why that one")
        if op in ("argmax", "argmin", "nth", "only"):
            return self._winner(node)
        if op in ("each", "top", "items"):
            return self.list_np(node)
        raise Unreadable(f"no noun phrase for {op}")

    def mention(self, node: Node) -> Phrase:
        """The noun phrase, or "that ..." after a sentence that takes it up, when it nests too deep."""
        phrase = self.np(node)
        return self.take_up(node, phrase) if self._too_deep(node, phrase) else phrase

    def _too_deep(self, node: Node, phrase: Phrase) -> bool:
        often = len(self.uses.get(canonical(node), ())) > 1
        return phrase.depth >= NESTED or (phrase.depth == 1 and (often or len(phrase.text.split()) > LONG))

    def take_up(self, node: Node, phrase: Phrase) -> Phrase:
        """Say `Take PHRASE.` now and "that NOUN" from here on."""
        noun, plural = self.noun(node)
        if not noun:
            raise Unreadable(f"nothing to call {phrase.text!r} by")
        said = f"these {plural}" if self.is_list(node) else f"that {noun}"
        if any(noun == TYPES[t].noun and not samples(t) for t in self.given_types if t in TYPES):
            raise Unreadable(f"{said!r} could be one that is given")
        self._claim(said, node)
        verb = self.rng.choice(("Take", "Consider") if self.is_entity(node) else ("Find", "Work out", "Determine"))
        self.openings.append(f"{verb} {phrase.text}.")
        self.mentions[canonical(node)] = said
        return Phrase(said, 0)

    def _claim(self, said: str, node: Node) -> None:
        if self.nouns.setdefault(said, canonical(node)) != canonical(node):
            raise Unreadable(f"two things would be called {said!r}")

    def _given(self, node: Node) -> str:
        kind = TYPES.get(node.get("type", ""))
        if kind is None:
            return label(node["given"])
        if kind.spoken == "owner":
            raise Unreadable(f"a {kind.noun} given without its owner")
        if kind.spoken == "literal":
            return self._literal(kind.name, node)
        return kind.intro.format(kind.label(node["given"]))

    def _literal(self, name: str, node: Node) -> str:
        kind = TYPES[name]
        if self.literals.setdefault(name, node["given"]) != node["given"]:
            raise Unreadable(f"two {kind.plural} in full")
        said = f"the {kind.noun}"
        self._claim(said, {"given": node["given"]})
        sentence = (kind.opening or f"Take the {kind.noun} {{}}.").format(kind.label(node["given"]))
        if sentence not in self.openings:
            self.openings.insert(0, sentence)
        return said

    def _cited(self, node: Node) -> Phrase:
        step, tool, item = self.source(node)
        phrases = [p for p in item.says.phrases if slots(p) <= self.sayable(step, tool)]
        if not phrases:
            raise Unreadable(f"{tool.name}{item.pointer} has no phrase")
        return self.fill(self.rng.choice(phrases), step, tool)

    def source(self, node: Node) -> tuple[dict[str, Any], Tool, Field]:
        """The call, tool and field that a citation cites."""
        step = self.facts.by_id.get(node["call"])
        tool = self.tools[step["tool"]] if step else None
        item = tool.fields.get(node.get("pointer", "")) if tool else None
        if step is None or tool is None or item is None:
            raise Unreadable(f"{node} names no field of a tool")
        return step, tool, item

    def sayable(self, step: dict[str, Any], tool: Tool) -> set[str]:
        owners = {tool.slots[p].vignette for p in step["arguments_from"] if tool.slots[p].vignette}
        return set(step["arguments_from"]) | owners

    def fill(self, template: str, step: dict[str, Any], tool: Tool) -> Phrase:
        """A template with every slot said; its depth is one more than its deepest slot's, unless it is one slot."""
        self._use_parts(step, tool)
        names = slots(template)
        alone = re.fullmatch(r"\{[a-z0-9_]+\}", template) is not None
        said, depth = {}, 0
        for name in sorted(names):
            phrase = self._slot(name, step, tool)
            if phrase.depth and not template.endswith(f"{{{name}}}"):  # what follows would hang on the wrong noun
                phrase = self.take_up(step["arguments_from"][name], phrase)
            said[name] = phrase.text
            depth = max(depth, phrase.depth)
        self._stated(step, tool, names)
        return Phrase(template.format(**said), depth if alone else depth + 1)

    def _slot(self, name: str, step: dict[str, Any], tool: Tool) -> Phrase:
        if name in step["arguments_from"]:
            source = step["arguments_from"][name]
            spoken = tool.slots[name].choices.get(source.get("given")) if "choice" in source else None
            return Phrase(spoken, 0) if spoken else self.mention(source)
        if name in VIGNETTES:
            return Phrase(VIGNETTES[name].owner, 0)
        raise Unreadable(f"{tool.name} is asked about {name}, which it was not given")

    def _stated(self, step: dict[str, Any], tool: Tool, names: set[str]) -> None:
        """Every argument that flowed or was chosen must be in the words; parts of a vignette are in its opening."""
        for parameter, source in step["arguments_from"].items():
            if parameter not in names and "vignette" not in source:
                raise Unreadable(f"{tool.name}: the words leave out {parameter}")

    def _use_parts(self, step: dict[str, Any], tool: Tool) -> None:
        for source in step["arguments_from"].values():
            if "vignette" in source:
                self.parts.add(source["seed"].removeprefix("/"))

    # --- lists and winners ---

    def list_np(self, node: Node) -> Phrase:
        """The noun phrase of a list."""
        known = self.mentions.get(canonical(node))
        if known is not None:
            return Phrase(known, 0)
        op = node.get("op")
        if op == "each":
            return self.list_np(node["of"])
        if op == "items":
            return Phrase(listed([self.np(n).text for n in node["args"]]), 0)
        if op == "top":
            inner = self.list_np(node["of"])
            says, (_, plural) = self.by(node), self.noun(node)
            words = f"the {NUMBER_WORDS[node['n']]} {plural} with the {says.most} {scoped(says)} among {inner.text}"
            return Phrase(words, inner.depth + 1)
        return self._cited(node)

    def list_mention(self, node: Node) -> Phrase:
        """The noun phrase of a list, taken up in a sentence of its own when it nests too deep."""
        phrase = self.list_np(node)
        return self.take_up(node, phrase) if phrase.depth >= NESTED else phrase

    def by(self, node: Node) -> Any:
        """How the quantity is said that a selector goes by."""
        if node["of"].get("op") == "table":
            return self.source(node["of"]["rows"][0]["value"])[2].says
        _, tool, listing = self.source(node["of"])
        return tool.fields[f"{listing.pointer}/*{node['by']}"].says

    def unit_by(self, node: Node) -> str:
        """The unit of the quantity that a selector or filter goes by."""
        if node["of"].get("op") == "table":
            return self.source(node["of"]["rows"][0]["value"])[2].unit
        _, tool, listing = self.source(node["of"])
        pointer = node.get("by") or node.get("take") or node["where"]["at"]
        return tool.fields[f"{listing.pointer}/*{pointer}"].unit

    def _winner(self, node: Node) -> Phrase:
        noun, _ = self.noun(node)
        if node["op"] == "only":
            return self._only(node["of"])
        says = self.by(node)
        if node["of"].get("op") == "table":
            over = self.over(node["of"])
            if not self.is_simple(node["of"]):
                self.for_each(node["of"], over)
                taken = f"the {noun} for which this {says.noun} is {superlative(node, says)}"
                return Phrase(taken, NESTED)
        else:
            over = self.list_mention(node["of"])
        best = f"{superlative(node, says)} {scoped(says)}"
        return Phrase(f"the {noun} with the {best} among {over.text}", over.depth + 1)

    def _only(self, node: Node) -> Phrase:
        step, tool, item = self.source(node)
        if not item.says.only:
            raise Unreadable(f"{tool.name}{item.pointer} has no words for its only item")
        return self.fill(item.says.only, step, tool)

    def over(self, table: Node) -> Phrase:
        """The noun phrase of what a table ranges over."""
        if "over" in table:
            return self.list_mention(table["over"])
        return Phrase(listed([self.np(row["name"]).text for row in table["rows"]]), 0)

    def is_simple(self, table: Node) -> bool:
        """Whether the values of a table are just "the NOUN of ITEM"."""
        first = table["rows"][0]
        step, _, item = self.source(first["value"])
        direct = [p for p, source in step["arguments_from"].items() if source == first["name"]]
        if len(direct) != 1:
            return False
        plain = f"the {item.says.noun} of {{{direct[0]}}}"
        return (f"{plain} {item.says.scope}" if item.says.scope else plain) in item.says.phrases

    def for_each(self, table: Node, over: Phrase) -> None:
        """Say `For each of ..., find ....`, with the item called "that NOUN"."""
        first = table["rows"][0]
        noun, _ = self.noun(first["name"])
        inner = Speech(self.facts, self.rng)
        inner.mentions = {**self.mentions, canonical(first["name"]): f"that {noun}"}
        inner.nouns, inner.literals, inner.parts = self.nouns, self.literals, self.parts
        inner.uses, inner.given_types, inner.openings = self.uses, self.given_types, self.openings
        phrase = inner.np(first["value"])
        of_each = any(f"that {noun}" in sentence for sentence in self.openings)
        if of_each or phrase.depth > NESTED + 1:
            raise Unreadable("too much to find for each")
        self._claim(f"that {noun}", {"each": table.get("over", "")})
        self.openings.append(f"For each of {over.text}, find {phrase.text}.")

    # --- what a thing is called ---

    def noun(self, node: Node) -> tuple[str, str]:
        """The bare noun of a value, and its plural: of its entity type, or of the field that gives it."""
        if "given" in node:
            kind = TYPES.get(node.get("type", ""))
            return (kind.noun, kind.plural) if kind else ("", "")
        if "call" in node:
            item = self.source(node)[2]
            kind = TYPES.get(item.type)
            if item.shape == "list":
                return item.says.noun, item.says.plural
            if kind is not None and kind.spoken != "owner":
                return item.says.noun or kind.noun, kind.plural
            return item.says.noun, item.says.plural
        of = node["of"]
        if node["op"] == "item" and not self.noun(of)[0] and node.get("type") in TYPES:
            kind = TYPES[node["type"]]
            return kind.noun, kind.plural
        if of.get("op") == "table":
            return self.noun(of["rows"][0]["name"])
        return self.noun(of)

    def is_list(self, node: Node) -> bool:
        """Whether an expression is a list."""
        return node.get("op") in ("each", "top", "filter") or ("call" in node and self.source(node)[2].shape == "list")

    def is_entity(self, node: Node) -> bool:
        """Whether an expression is a thing rather than a number."""
        return "call" not in node or bool(self.source(node)[2].type) or self.is_list(node)

    def unit(self, node: Node) -> str:
        """The unit of a number, as it is said; "" where it has none."""
        op = node.get("op")
        if "call" in node:
            return self.source(node)[2].unit
        if op == "difference":
            unit = self.unit(node["args"][0])
            return "percentage points" if unit == "percent" else unit
        if op in ("sum", "mean", "median"):
            return self.unit_by(node)
        return "percent" if op in ("percent_change", "share") else ""


def scoped(says: Any, noun: str | None = None) -> str:
    """A noun with the scope that must stand behind it."""
    return f"{noun or says.noun} {says.scope}".strip()


def superlative(node: Node, says: Any) -> str:
    """The adjective of a selector: "largest", "smallest", "second largest"."""
    if node["op"] == "nth":
        return f"second {says.most if node['order'] == 'descending' else says.least}"
    return str(says.most if node["op"] == "argmax" else says.least)


def say_rounding(node: Node, rng: random.Random) -> str:
    """How the answer is to be rounded, as a sentence."""
    if "significant" in node:
        words = f"{NUMBER_WORDS[node['significant']]} significant figures"
        return rng.choice((f"Give the answer to {words}.", f"Round to {words}."))
    if not node["places"]:
        return "Round to the nearest whole number."
    words = f"{NUMBER_WORDS[node['places']]} decimal place{'s' if node['places'] > 1 else ''}"
    return rng.choice((f"Round to {words}.", f"Give the answer to {words}."))


def in_unit(text: str, unit: str) -> str:
    """The question, with its unit where it is not yet said."""
    return text if unit in UNSAID_UNITS or unit in text else f"{text}, in {unit}"


def article(noun: str) -> str:
    """The noun with "a" or "an"."""
    word = noun.split(maxsplit=1)[0]
    if re.fullmatch(r"[A-Z]{2,}\w*", word):  # letters said one by one: an LDL, a UTC
        vowel = word[0] in "AEFHILMNORSX"
    else:
        vowel = (
            re.match(r"(?!eu|one|un[ai]\w|unit|us[ei]|ut[ei])[aeiou]|unin|unim|h(our|onest|eir)", word.lower())
            is not None
        )
    return f"{'an' if vowel else 'a'} {noun}"


def capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
