"""dive-tools unanswerable: tasks whose toolsets lack a fact that the answer needs: the right answer is to say so.

From a kept task a look-up that its support rests on is taken away, with all that could stand in for it. What is left is
held to be too little by a search that grants more than any solver has: every tool that is left may be called with
whatever is given or found, and every tool of the pool that only computes may be done by hand.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from dive_tools.clothes import runs_code
from dive_tools.pool import Pool
from dive_tools.records import Drop, Record, setup_id
from dive_tools.score.missing import names
from dive_tools.support import calls, through
from dive_tools.tools.base import Field, Slot, Tool
from dive_tools.values import TYPES, at, label, leaves, plain, say_number, slots

TIER = "unanswerable"
FEWEST = 3  # tools that are left
TELLING = 3  # digits of a number that is not there by chance

# why a call is not the one to take away, from the first that is looked at to the last
REASONS = (
    *("no_lookup", "own_data", "no_meaning", "no_words", "in_question", "too_close", "few_tools"),
    *("another_road", "shown_elsewhere", "unsure_words"),
)


@dataclass(frozen=True)
class Lack:
    """What is missing: the call that cannot be made, the field that it was made for, and the tools taken away."""

    step: dict[str, Any]
    item: Field
    removed: tuple[str, ...]  # the tool of the call is the first
    says: str
    also: tuple[tuple[Field, str], ...]  # what else the answer needs of these tools: it is as true that it is missing
    of: tuple[str, ...] = ()  # the named things whose facts are missing
    then: tuple[str, ...] = ()  # nouns of what the answer needs of tools that are left, and cannot have without it
    there: tuple[str, ...] = ()  # nouns of what it needs and can have, or that could be mistaken for what is missing

    @property
    def words(self) -> list[str]:
        """The phrases by which a reply can name it."""
        named = [(self.item, self.says), *self.also]
        return list(dict.fromkeys(word for item, says in named for word in words_of(item, says)))

    @property
    def missing(self) -> dict[str, Any]:
        """What a task says of it."""
        words = self.words
        more = {
            "also": [says for _, says in self.also],
            "of": list(self.of),
            "then": [phrase for phrase in self.then if phrase not in words],
            "there": [phrase for phrase in self.there if phrase not in words],
        }
        gone = {"tools": list(self.removed), "call": self.step["call"], "meaning": meaning(self.item)}
        return {**gone, "says": self.says, "words": words, **{name: held for name, held in more.items() if held}}


def unanswerable(records: Iterable[Record], pool: Pool) -> Iterator[Record | Drop]:
    """For each kept task one that cannot be answered, or why none can be made of it."""
    by_hand = [tool for tool in pool.tools.values() if tool.role == "processing"]
    for record in records:
        yield _made(record, pool.named(record["setup"]["tools"]), by_hand)


def _made(record: Record, tools: Mapping[str, Tool], by_hand: list[Tool]) -> Record | Drop:
    case = _Case(record, tools, by_hand)
    tried = [case.lack(step, pointer) for step, pointer in case.cited]
    found = [lack for lack in tried if isinstance(lack, Lack)]
    if not found:
        return Drop(record, max((str(why) for why in tried), key=REASONS.index, default=REASONS[0]))
    lack = random.Random(f"{record['id']}:{TIER}").choice(found)
    left = {name: version for name, version in record["setup"]["tools"].items() if name not in lack.removed}
    setup = {**record["setup"], "tools": left, "tier": TIER, "of": record["id"]}
    task = {**record["task"], "scorer": "missing", "missing": lack.missing}
    return {"id": setup_id(setup), "setup": setup, "evidence": record["evidence"], "task": task}


class _Case:
    """One kept task: what its answer rests on, and what would be left without one of its tools."""

    def __init__(self, record: Record, tools: Mapping[str, Tool], by_hand: list[Tool]) -> None:
        self.tools, self.by_hand = tools, by_hand
        self.seed = record["setup"]["seed"]
        self.question, self.support = record["task"]["question"], record["task"]["support"]
        self.evidence = record["evidence"]
        self.steps = {step["call"]: step for step in self.evidence}

    @cached_property
    def nodes(self) -> list[dict[str, Any]]:
        return list(through(self.support, self.evidence))

    @cached_property
    def cited(self) -> list[tuple[dict[str, Any], str]]:
        """The calls that the answer rests on, each with a field that is used of it."""
        found = {(node["call"], node["pointer"]): 0 for node in self.nodes if "call" in node and "pointer" in node}
        return [(self.steps[call], pointer) for call, pointer in found]

    def lack(self, step: dict[str, Any], pointer: str) -> Lack | str:
        """What the task lacks without the tool of a call; one of REASONS where that cannot be said for certain."""
        tool = self.tools[step["tool"]]
        item = tool.fields.get(pointer)
        if tool.role != "retrieval":
            return "no_lookup"
        if not self._public(step, tool):
            return "own_data"
        if item is None or not meaning(item):
            return "no_meaning"
        says = self._says(step, tool, item)
        if says is None:
            return "no_words"
        if self._asked(step, pointer, item):
            return "in_question"
        others = [name for name, other in self.tools.items() if other is not tool and stands_in(other, tool, item)]
        removed = [tool.name, *others]
        if why := self._found_without(removed, step, pointer, item):
            return why
        also = tuple(self._also(removed, says))
        lack = Lack(step, item, tuple(removed), says, also)
        lack = replace(lack, **self._around(removed, lack.words))
        return lack if names(says, lack.missing, self.question) else "unsure_words"

    def _found_without(self, removed: list[str], step: Mapping[str, Any], pointer: str, item: Field) -> str:
        """Why it could be found, or not be said to be what is missing, though tools are taken away; "" for neither."""
        if any(self.steps[call]["tool"] in removed for call in self._rests(step["call"]) - {step["call"]}):
            return "too_close"
        left = {name: other for name, other in self.tools.items() if name not in removed}
        if len(left) < FEWEST:
            return "few_tools"
        if reachable(self.given, [*left.values(), *self.by_hand]) & {meaning(item), *self._behind(step["call"])}:
            return "another_road"
        return "shown_elsewhere" if self._shown(at(step["result"], pointer), left) else ""

    def _also(self, removed: list[str], says: str) -> Iterator[tuple[Field, str]]:
        """Whatever else the answer uses of the tools taken away."""
        seen = {says}
        for other, place in self.cited:
            tool = self.tools[other["tool"]]
            item = tool.fields.get(place)
            if item is None or tool.name not in removed or computes(tool):
                continue
            text = self._says(other, tool, item) or self._owned(other, tool, item)
            if text and text not in seen:
                seen.add(text)
                yield item, text

    def _around(self, removed: list[str], words: list[str]) -> dict[str, Any]:
        """The things whose facts are missing; what else the answer needs, and cannot have without them; or can have.

        Whatever a tool that is left gives and is called much like what is missing can be had, too.
        """
        of: dict[str, None] = {}
        then: dict[str, None] = {}
        there: dict[str, None] = {}
        for step, place in self.cited:
            tool = self.tools[step["tool"]]
            if tool.name in removed:
                of.update(dict.fromkeys(self._things(step, tool)))
            elif (item := tool.fields.get(place)) is not None:
                rests = any(self.steps[call]["tool"] in removed for call in self._rests(step["call"]))
                (then if rests else there).update(dict.fromkeys(words_of(item, self._says(step, tool, item) or "")))
        near = {phrase.split()[-1] for phrase in words}
        left = [f for name, tool in self.tools.items() if name not in removed for f in tool.fields.values()]
        there.update({f.says.noun: None for f in left if f.says.noun.rpartition(" ")[2] in near})
        return {"of": tuple(of), "then": tuple(then), "there": tuple(there)}

    @staticmethod
    def _things(step: Mapping[str, Any], tool: Tool) -> Iterator[str]:
        """The named things that the question states and a call looks up."""
        for name, source in step["arguments_from"].items():
            kind = TYPES.get(tool.slots[name].type)
            if "given" in source and kind and kind.spoken == "label" and kind.name != "date":
                yield kind.label(source["given"])

    @staticmethod
    def _public(step: Mapping[str, Any], tool: Tool) -> bool:
        """Whether it looks up a named thing, in no list or case that the question itself states in full."""
        kinds = [TYPES[slot.type] for p, slot in tool.slots.items() if p in step["arguments"] and slot.type in TYPES]
        own = any(slot.vignette for slot in tool.slots.values()) or any(kind.spoken == "literal" for kind in kinds)
        return not own and any(kind.spoken == "label" and kind.name != "date" for kind in kinds)

    # --- words ---

    def _says(self, step: Mapping[str, Any], tool: Tool, item: Field) -> str | None:
        """What is missing, in the words of the field: "the half-life of polonium-210, in days"."""
        for phrase in item.says.phrases:
            said = {name: self._named(name, step, tool) for name in slots(phrase)}
            if all(said.values()) and not re.fullmatch(r"\{\w+\}", phrase):
                text = phrase.format(**said)
                unit = "" if not item.unit or plain(item.unit) in plain(text) else f", in {item.unit}"
                counted = text.startswith("the number of ") or item.unit == "people"
                return text if counted else text + unit
        return None

    def _owned(self, step: Mapping[str, Any], tool: Tool, item: Field) -> str:
        """What is missing where its field has no words: "the position of Diphda"."""
        kind = TYPES.get(item.type)
        noun = item.says.noun or (kind.noun if kind else item.kind)
        owner = next((self._named(name, step, tool) for name, slot in tool.slots.items() if slot.required), "")
        return f"the {noun} of {owner}" if noun and owner else ""

    def _named(self, name: str, step: Mapping[str, Any], tool: Tool) -> str:
        source = step["arguments_from"].get(name)
        if source is None:
            return ""
        slot, kind = tool.slots[name], TYPES.get(tool.slots[name].type)
        if "choice" in source and slot.choices.get(source["given"]):
            return str(slot.choices[source["given"]])
        if kind is None:
            return label(source["given"]) if "given" in source else ""
        return kind.intro.format(kind.label(source["given"])) if "given" in source else f"the {kind.noun}"

    def _asked(self, step: Mapping[str, Any], pointer: str, item: Field) -> bool:
        """Whether the question itself holds what was looked up."""
        value = at(step["result"], pointer)
        values = list(leaves(value))
        said = {str(one) for one in values} | {label(one, item.type) for one in values if item.type in TYPES}
        said |= {say_number(one) for one in values if isinstance(one, int | float) and not isinstance(one, bool)}
        return any(_in(plain(one), plain(self.question)) for one in said if plain(one))

    # --- roads ---

    @cached_property
    def given(self) -> set[str]:
        """The meanings of all that the question states: of the seed, and of every given that the answer rests on."""
        found = {self.seed["type"]}
        found |= {node["type"] for node in self.nodes if "given" in node and node.get("type")}
        for call in calls(self.support, self.evidence):
            taken = self.tools[self.steps[call]["tool"]].slots
            sources = self.steps[call]["arguments_from"]
            found |= {means for name, source in sources.items() if "given" in source for means in of(taken[name])}
        return found - {""}

    def _behind(self, call: str) -> set[str]:
        """The meanings of what the answer uses of calls that rest on a call."""
        behind = {other for other in self.steps if call in self._rests(other)} - {call}
        items = [self.tools[step["tool"]].fields.get(pointer) for step, pointer in self.cited if step["call"] in behind]
        return {meaning(item) for item in items if item is not None} - {""}

    def _rests(self, call: str) -> set[str]:
        return set(calls({"call": call, "pointer": ""}, self.evidence))

    def _shown(self, value: Any, left: Mapping[str, Tool]) -> bool:
        """Whether the result of a recorded call of a tool that is left holds the value, in full or in a text."""
        telling = [one for one in leaves(value) if _telling(one)]
        steps = [s for s in self.evidence if all(self.steps[call]["tool"] in left for call in self._rests(s["call"]))]
        there = [one for step in steps for part in ("arguments", "result") for one in leaves(step.get(part))]
        texts = [plain(one) for one in there if isinstance(one, str)]
        return any(
            any(_in(plain(one), text) for text in texts) if isinstance(one, str) else one in there for one in telling
        )


def _in(said: str, text: str) -> bool:
    """Whether a text holds words as words."""
    return re.search(rf"(?<!\w){re.escape(said)}(?!\w)", text) is not None


def _telling(value: Any) -> bool:
    """Whether a value that stands in two places is hardly there by chance."""
    if isinstance(value, str):
        return bool(plain(value))
    return not isinstance(value, bool | None) and len(re.sub(r"\D", "", f"{value:g}".strip("0."))) >= TELLING


# --- meaning ---------------------------------------------------------------------------------------------------------


def meaning(item: Field) -> str:
    """What a field means: its entity type, or the kind of its quantity, in whatever unit."""
    return item.type or item.kind


def of(slot: Slot) -> set[str]:
    """What a parameter takes."""
    return {slot.type or slot.kind} - {""}


def reachable(given: set[str], tools: Iterable[Tool]) -> set[str]:
    """Every meaning that calls of the tools can come to from given ones.

    It grants too much rather than too little: a parameter of no meaning, and one with choices, can always be filled.
    """
    known, pending = set(given), list(tools)
    while ready := [tool for tool in pending if all(_filled(slot, known) for slot in tool.slots.values())]:
        pending = [tool for tool in pending if tool not in ready]
        known |= {meaning(item) for tool in ready for item in tool.fields.values()} - {""}
    return known


def _filled(slot: Slot, known: set[str]) -> bool:
    if not slot.required or slot.choices or (slot.vignette and slot.vignette in known):
        return True
    return not slot.vignette and (not of(slot) or bool(of(slot) & known))


_SMALL = (
    "a an and are at by code codes complete count data for from had has have in is it its list name names no number of"
    " on one or order other per that the to total two type value values which whose with"
)
_HOLLOW = frozenset(_SMALL.split())  # words that two fields may share and be strangers


def _words(*texts: str) -> set[str]:
    found = {word.removesuffix("s") for text in texts for word in re.findall(r"[a-z0-9]+", text.lower())}
    return {word for word in found if len(word) > 1} - _HOLLOW


def stands_in(other: Tool, tool: Tool, item: Field) -> bool:
    """Whether a tool has to go with the one that gives a field.

    It may give the same; nobody knows what it gives; or it takes the named thing that is missing, so that a solver who
    guesses the name (of a capital, say) could go on from there.
    """
    if runs_code(other) or not _told(other) or any(meaning(f) == meaning(item) for f in other.fields.values()):
        return True
    kind = TYPES.get(item.type)
    if kind and kind.spoken == "label" and any(slot.type == kind.name for slot in other.slots.values()):
        return True
    if computes(other):
        return False
    if other.module == tool.module:
        return True
    nouns = [item.says.noun, item.says.plural, *([kind.noun, kind.plural] if kind else [])]
    if any(_in(plain(noun), plain(other.description)) for noun in nouns if noun):
        return True
    ours = _words(meaning(item).replace("_", " "), item.says.noun, item.pointer.rpartition("/")[2].replace("_", " "))
    return any(ours & _words(f.kind, f.type, f.says.noun, f.pointer.rpartition("/")[2]) for f in other.fields.values())


def computes(tool: Tool) -> bool:
    """Whether a tool only computes, from numbers and texts: it knows nothing of any named thing."""
    kinds = [TYPES[slot.type] for slot in tool.slots.values() if slot.type in TYPES]
    return tool.role == "processing" and not any(kind.spoken == "label" and kind.name != "date" for kind in kinds)


def _told(tool: Tool) -> bool:
    """Whether it is known what a tool gives: one from outside may answer anything, unless its results have meanings."""
    return tool.via.get("kind") in ("builtin", "python") or (tool.effects == "none" and bool(tool.gives))


def words_of(item: Field, says: str) -> list[str]:
    """The phrases by which a reply can name a field, the most telling first."""
    kind = TYPES.get(item.type)
    counted = says.startswith("the number of ")
    bare = _NEXT.split(says.removeprefix("the number of "))[0].removeprefix("the ").strip()
    place = item.pointer.rpartition("/")[2].replace("_", " ")
    said = [f"number of {bare}" if counted else "", bare, item.says.noun, item.says.plural, item.kind]
    said += [place] if not item.says.noun and _words(place) and _words(place) <= _words(says) else []
    said += [kind.noun, kind.plural, kind.name.replace("_", " ")] if kind else []
    said += [found[1]] if (found := _CHANGE.match(says)) else []
    return list(dict.fromkeys(text for text in said if text and text not in ("*", "number")))


_CHANGE = re.compile(  # without the quantity itself there is no change in it
    r"the (?:[\w-]+ )*(?:change|growth|growth rate|increase|decrease)(?: \([^()]*\))? (?:in|of) (?:the )?([\w -]+?)"
    r"(?= (?:of|over|from|in|between|since)\b|[,(]| \(|$)"
)
_NEXT = re.compile(r"[,(]|\s(?:of|in|that|which|for|at|to|from|by|with|on|where|whose|into|sold|listed)\s")
