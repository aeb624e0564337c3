"""What a model drafted, held by a program to what it was shown: its question, its answer and its proof.

Nothing that the model says of the answer is taken over but the unit, where a source says it, and the prose of a free
text, where it makes every claim that the proof gives. The value is the program's.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from typing import Any

from dive_tools.prompted.held import claimed, empty_choice, meaningless, misnamed, out_of_context
from dive_tools.prompted.shown import View
from dive_tools.records import ANSWER_TYPES, Record, canonical
from dive_tools.screens import Case, outcomes
from dive_tools.screens.case import word_in
from dive_tools.screens.proof import claims
from dive_tools.screens.stated import accounted
from dive_tools.screens.units import canonical_unit, names_unit
from dive_tools.support import Node, SupportError, calls, check, children, evaluate, over, tolerance, walk
from dive_tools.symbolic.facts import Facts
from dive_tools.symbolic.patterns import shape_of
from dive_tools.symbolic.say import UNSAID_UNITS
from dive_tools.tools.base import Tool
from dive_tools.values import leaves

LONGEST_QUESTION = 1200  # characters
LONGEST_ANSWER = 300  # characters of a text that is an answer
LONGEST_TEXT = 1500  # characters of a free text
MOST_ITEMS = 50  # of an answer that is a list
NEAR = 1e-6  # how far, in proportion, the stated answer may lie from the proof's
IN_A_ROW = 8  # words that no question shares with an exemplar
TOO_CLOSE = 85.0  # likeness to an exemplar, out of 100
FINE = 3  # decimal places that an answer may have without being rounded
ROUNDED_TO = 6  # places, or significant figures, at most

FORM: dict[str, Any] = {
    "type": "object",
    "properties": {
        "question": {"type": "string", "minLength": 10, "maxLength": LONGEST_QUESTION},
        "answer": {
            "type": "object",
            "properties": {"value": {}, "type": {"enum": list(ANSWER_TYPES)}, "unit": {"type": "string"}},
            "required": ["value", "type"],
        },
        "support": {"type": "object"},
        "sources": {
            "type": "object",
            "additionalProperties": {"type": "object", "additionalProperties": {"type": "object"}},
        },
    },
    "required": ["question", "answer", "support"],
}


class Rejected(Exception):
    """What is wrong with a draft: the reason word, and a message that the model can mend it by."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


class Draft:
    """One reply's question, answer and proof over one record's evidence."""

    def __init__(
        self, said: Mapping[str, Any], *, record: Record, tools: Mapping[str, Tool], view: View, round_: int, by: str
    ) -> None:
        fault = next(_form().iter_errors(said), None)
        if fault is not None:
            where = "/".join(str(token) for token in fault.instance_path)
            raise Rejected("malformed", f"{where or 'the reply'}: {fault.message}"[:300])
        self.record = record
        self.tools = tools
        self.round = round_
        self.by = by
        self.question = " ".join(said["question"].split())
        self.stated: dict[str, Any] = said["answer"]
        self.shown = view.evidence
        self._sourced(said.get("sources", {}))
        self.support = self._read(said["support"])

    @cached_property
    def facts(self) -> Facts:
        return Facts(self.record, self.tools)

    def task(self) -> dict[str, Any]:
        """The task, its answer worked out by the program; Rejected where it does not hold."""
        return self._task

    @cached_property
    def _task(self) -> dict[str, Any]:
        self._copied()
        value = self._value()
        task = {"round": self.round, "question": self.question, "answer": {}, "support": self.support}
        task |= {"pattern": pattern(self.support, self.facts), "by": self.by}
        case = Case({**self.record, "task": {**task, "answer": {"value": value, "type": "string"}}}, self.tools)
        task["answer"] = self._answer(value, case)
        faults = [*self._screened(task), *self._in_place(task), *self._deeper()]
        if faults:
            raise Rejected(faults[0][0], "; and ".join(detail for _, detail in faults))
        return task

    # --- the proof ---

    def _sourced(self, sources: Mapping[str, Mapping[str, Node]]) -> None:
        """Take over what is said of where arguments came from, each held to give just that argument."""
        for call, said in sources.items():
            for name, source in said.items():
                node = self._read(source)
                self.shown = self._with_source(self.shown, call, name, node)
                evidence = self._with_source(self.record["evidence"], call, name, node)
                self.record = {**self.record, "evidence": evidence}

    @staticmethod
    def _with_source(evidence: list[Node], call: str, name: str, node: Node) -> list[Node]:
        """The evidence in which an argument of a call comes from an expression over calls that do not rest on it."""
        place = next((n for n, step in enumerate(evidence) if step["call"] == call), None)
        step = evidence[place] if place is not None else {"arguments": {}}
        if place is None or name not in step["arguments"]:
            raise Rejected("ungrounded", f"sources: there is no argument {name} of a call {call}")
        if (why := meaningless(step, name)) is not None:
            raise Rejected("ungrounded", f"sources: {call}.{name} {why}")
        round_about = sorted(set(calls(node, evidence)) & {s["call"] for s in evidence if _rests(s, call, evidence)})
        if round_about:
            raise Rejected("ungrounded", f"sources: {call}.{name}: {round_about[0]} itself rests on {call}")
        try:
            value = evaluate(node, over(evidence))
        except SupportError as error:
            raise Rejected("ungrounded", f"sources: {call}.{name}: {error}") from None
        if canonical(value) != canonical(step["arguments"][name]):
            was, gave = str(step["arguments"][name])[:80], str(value)[:80]
            raise Rejected("ungrounded", f"sources: {call}.{name} was {was}, the expression gives {gave}")
        traced = [other for other in step.get("traced", []) if other != name]
        told = {key: value for key, value in step.items() if key != "traced"} | ({"traced": traced} if traced else {})
        told["arguments_from"] = {**step["arguments_from"], name: node}
        return [*evidence[:place], told, *evidence[place + 1 :]]

    def _read(self, support: Node) -> Node:
        try:
            check(support)
        except SupportError as error:
            raise Rejected("malformed", f"the support: {error}") from None
        resolved: Node = self._resolved(support)
        for table in (node for node in walk(resolved) if node.get("op") == "table" and "over" in node):
            self._itemised(table)
        return resolved

    def _itemised(self, table: Node) -> None:
        """Let rows that spell out the names of a whole list say which items they are."""
        try:
            names = evaluate(table["over"], over(self.shown))
        except SupportError:
            return
        for index, row in enumerate(table["rows"]):
            spelt = "given" in row["name"] and isinstance(names, list) and index < len(names)
            if spelt and canonical(names[index]) == canonical(row["name"]["given"]):
                row["name"] = {"op": "item", "of": table["over"], "index": index}

    def _resolved(self, node: Any) -> Any:
        """The support with each given as the evidence knows it; what the evidence does not know is a stated choice."""
        if isinstance(node, list):
            return [self._resolved(item) for item in node]
        if not isinstance(node, dict):
            return node
        if "given" not in node or "op" in node:
            return {key: self._resolved(value) for key, value in node.items()}
        value = node["given"]
        if value is None or isinstance(value, dict | list):
            raise Rejected("malformed", f"a given is a text, a number or a boolean, not {str(value)[:60]}")
        known = self._known.get(canonical(value)) if isinstance(value, str) else None
        return known or {"given": value, "choice": True}

    @cached_property
    def _known(self) -> dict[bytes, Node]:
        """The givens that arguments came from, by their values."""
        found: dict[bytes, Node] = {}
        for step in self.shown:
            for source in step["arguments_from"].values():
                found.update({canonical(n["given"]): n for n in walk(source) if "given" in n})
        seed = self.record["setup"]["seed"]
        return {**found, canonical(seed["value"]): {"given": seed["value"], "type": seed["type"], "seed": ""}}

    def _value(self) -> Any:
        """What the proof gives over what was shown, and over the whole results."""
        if not any("call" in node for node in walk(self.support)):
            raise Rejected("ungrounded", "the support cites no call")
        try:
            value = evaluate(self.support, over(self.shown))
        except SupportError as error:
            raise Rejected("ungrounded", f"over what you were shown the support has no value: {error}") from None
        try:
            whole = evaluate(self.support, over(self.record["evidence"]))
        except SupportError as error:
            raise Rejected("ungrounded", f"over the whole results the support has no value: {error}") from None
        if canonical(whole) != canonical(value):
            raise Rejected("ungrounded", "the support rests on a result of which you were shown only a part")
        self._rows()
        self._rounded_once(self.support)
        return value

    def _rows(self) -> None:
        """A row of a table is named by what its value was looked up for."""
        look = over(self.record["evidence"])
        steps = {step["call"]: step for step in self.record["evidence"]}
        for table in (node for node in walk(self.support) if node.get("op") == "table"):
            for row in table["rows"]:
                asked = [steps[c]["arguments"] for c in calls(row["value"], self.record["evidence"])]
                name = evaluate(row["name"], look)
                if canonical(name) not in {canonical(a) for arguments in asked for a in leaves(arguments)}:
                    raise Rejected("ungrounded", f"a row is named {str(name)[:60]!r}, but its value is not about that")

    def _rounded_once(self, node: Node) -> None:
        for outer in (n for n in walk(node) if n.get("op") == "round"):
            if any(inner.get("op") == "round" for inner in walk(outer["of"])):
                raise Rejected("unfaithful", "a number is rounded twice: round once, as the outermost step")
            if not 0 <= outer.get("places", 0) <= ROUNDED_TO or outer.get("significant", 1) > ROUNDED_TO:
                raise Rejected("unfaithful", f"round to at most {ROUNDED_TO} places or figures")

    # --- the answer ---

    def _answer(self, value: Any, case: Case) -> dict[str, Any]:
        if self.stated["type"] == "text":
            return self._prose(value, case)
        _askable(value)
        if not same(self.stated["value"], value, self.support):
            said = str(self.stated["value"])[:80]
            raise Rejected("ungrounded", f"the support gives {str(value)[:80]}, the answer says {said}")
        unrounded = next(_many_digits(self.support, value), None)
        if unrounded is not None:
            raise Rejected("unfaithful", f"{unrounded} has many digits: round it in the support, and say so")
        answer: dict[str, Any] = {"value": value, "type": self._type(value, case)}
        if answer["type"] in ("number", "integer"):
            unit = self._unit(case)
            answer |= {"unit": unit} if unit not in UNSAID_UNITS else {}
        return answer | tolerance(self.support, value)

    def _prose(self, value: Any, case: Case) -> dict[str, Any]:
        """A free text: what the results say in the places that the proof quotes. The model's own words are not kept."""
        prose = self.stated["value"]
        if not isinstance(prose, str) or not 0 < len(prose) <= LONGEST_TEXT:
            raise Rejected("malformed", f"a text is a sentence or two, of at most {LONGEST_TEXT} characters")
        if self.support.get("op") != "list" or not all("call" in item for item in self.support["items"]):
            raise Rejected("malformed", "the support of a text is a list of citations and quotes")
        wanted = claims(value)
        if not wanted:
            raise Rejected("ungrounded", "every claim of a text is a cited text or number")
        told = f"{accounted(case)} {' '.join(wanted)} {self.question}"
        strange = next((n for n in re.findall(r"\d+(?:[.,]\d+)*", prose) if n not in told), None)
        if strange is not None:
            raise Rejected("ungrounded", f"the text says {strange}, which its support does not give")
        missing = next((claim for claim in wanted if not word_in(claim, prose)), None)
        if missing is not None:
            raise Rejected("ungrounded", f"the text does not say {missing!r}, which its support claims")
        thin = next((claim for claim in wanted if not re.search(r"\d|\w{4}", claim)), None)
        if thin is not None:
            raise Rejected("ungrounded", f"{thin!r} is no claim: quote whole words")
        return {"value": claimed(self.support, value, self.record["evidence"]), "type": "text", "claims": wanted}

    def _type(self, value: Any, case: Case) -> str:
        inner = case.asked
        match value:
            case bool():
                return "boolean"
            case int():
                return "integer"
            case float():
                return "number"
            case dict():
                return "map"
            case list():
                return "list" if inner.get("op") in ("sort", "top", "list") else "set"
        found = case.field(inner) if "call" in inner else None
        dated = (found is not None and found[2].type == "date") or inner.get("parse") == "date"
        said = self.stated["type"] == "date" and re.fullmatch(r"\d{4}-\d\d-\d\d", value) is not None
        return "date" if dated or said else "string"

    def _unit(self, case: Case) -> str:
        """The unit that the tools declare; else the one that the model names, where a source says it."""
        said = self.stated.get("unit", "").strip()
        own = case.unit(case.asked)
        if own is None and said:
            cited = [n for n in case.reached if "call" in n]
            texts = [v for n in cited for v in leaves(case.steps[n["call"]].get("result")) if isinstance(v, str)]
            if not any(names_unit(text.replace("_", " "), said) for text in (accounted(case), *texts)):
                raise Rejected("ungrounded", f"no tool and no result says that the answer is in {said}")
            return said
        if own is None:
            return ""
        if said and canonical_unit(said) not in (None, canonical_unit(own)) and own != said:
            raise Rejected("ungrounded", f"the support gives {own or 'a bare number'}, the answer says {said}")
        return own

    # --- the question ---

    def _copied(self) -> None:
        from rapidfuzz import fuzz

        mine = _words(self.question)
        for exemplar in self.record["setup"]["exemplars"]:
            theirs = _words(exemplar["question"])
            shared = _runs(mine) & _runs(theirs)
            if shared:
                raise Rejected("copied", f"the question takes over {' '.join(min(shared))!r} from another task")
            if fuzz.ratio(" ".join(mine), " ".join(theirs)) >= TOO_CLOSE:
                raise Rejected("copied", "the question is that of another task with few words changed")

    def _screened(self, task: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """What any screen finds, but that one call answers it, which a later round may still change."""
        for reason, detail in outcomes(Case({**self.record, "task": dict(task)}, self.tools)):
            if detail is not None and reason != "trivial":
                yield reason, detail

    def _in_place(self, task: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Quotes out of their context, and parts under other names."""
        evidence, unit = self.record["evidence"], task["answer"].get("unit", "")
        used = calls(self.support, evidence)
        sources = [node for step in evidence if step["call"] in used for node in step["arguments_from"].values()]
        for node in (self.support, *sources):
            for detail in out_of_context(node, self.question, unit if node is self.support else "", evidence):
                yield "ungrounded", detail
        words = accounted(Case({**self.record, "task": dict(task)}, self.tools))
        for detail in (*misnamed(self.support, self.question, words, evidence), *empty_choice(self.support)):
            yield "unfaithful", detail

    def _deeper(self) -> Iterator[tuple[str, str]]:
        """What is wrong with a later question that is no deeper than the one there is."""
        before = self.record.get("task")
        if before is None:
            return
        (tools, calls_), (most, enough) = (self._depth(node) for node in (self.support, before["support"]))
        if not (tools > most or (tools == most and calls_ > enough)):
            yield (
                "not_deeper",
                f"the proof rests on {tools} different tools in {calls_} calls, the earlier question's on {most} in "
                f"{enough}: rest on more (parts of an answer that stand side by side do not add up)",
            )

    def _depth(self, node: Node) -> tuple[int, int]:
        """How many different tools, and calls, an answer rests on: the deepest part, where it has several."""
        parts = node["parts"].values() if node.get("op") == "map" else node["items"] if node.get("op") == "list" else ()
        own = (self.facts.breadth(node), len(self.facts.used(node)))
        return max(map(self._depth, parts), default=own)


def _rests(step: Node, call: str, evidence: list[Node]) -> bool:
    """Whether a call is another, or was made with something that rests on it."""
    sources = step["arguments_from"].values()
    return step["call"] == call or any(call in calls(source, evidence) for source in sources)


# --- what an answer is -----------------------------------------------------------------------------------------------


def _askable(value: Any) -> None:
    """Rejected for a value that is no answer."""
    if isinstance(value, dict | list):
        if not value:
            raise Rejected("ungrounded", "the support gives nothing: an empty answer")
        if len(value) > MOST_ITEMS:
            raise Rejected("malformed", f"an answer of {len(value)} parts: at most {MOST_ITEMS}")
        for part in value.values() if isinstance(value, dict) else value:
            if isinstance(part, dict) or (isinstance(part, list) and not isinstance(value, dict)):
                raise Rejected("malformed", "the answer is made of objects: take one field of them")
            _askable(part)
    elif value is None or value == "":
        raise Rejected("ungrounded", "the support gives nothing")
    elif isinstance(value, str) and len(value) > LONGEST_ANSWER:
        raise Rejected("malformed", f"an answer of {len(value)} characters: quote the words that matter")


def same(stated: Any, value: Any, support: Node) -> bool:
    """Whether the answer that a model states is the one that its proof gives."""
    if isinstance(value, bool):
        said = {"yes": True, "true": True, "no": False, "false": False}.get(str(stated).strip().lower())
        return said is value
    if isinstance(value, int | float):
        number = _number(stated)
        return number is not None and _near(number, value, support)
    if isinstance(value, str):
        return isinstance(stated, str | int | float) and _plain(stated) == _plain(value)
    if isinstance(value, dict):
        parts = support.get("parts", {})
        keyed = {_plain(key): part for key, part in stated.items()} if isinstance(stated, dict) else {}
        return len(keyed) == len(value) and all(
            _plain(k) in keyed and same(keyed[_plain(k)], v, parts.get(k, {})) for k, v in value.items()
        )
    if not isinstance(stated, list) or len(stated) != len(value):
        return False
    if support.get("op") in ("sort", "top", "list"):
        items = support.get("items", [{}] * len(value))
        return all(same(s, v, item) for s, v, item in zip(stated, value, items, strict=True))
    left = list(stated)
    for item in value:
        found = next((i for i, other in enumerate(left) if same(other, item, {})), None)
        if found is None:
            return False
        del left[found]
    return True


def _near(number: float, value: float, support: Node) -> bool:
    if support.get("op") == "round":
        try:
            number = evaluate({**support, "of": {"given": number}}, over([]))
        except SupportError:
            return False
    return number == value if isinstance(value, int) else math.isclose(number, value, rel_tol=NEAR, abs_tol=1e-12)


def _number(stated: Any) -> float | None:
    if isinstance(stated, bool) or not isinstance(stated, int | float | str):
        return None
    try:
        number = float(stated.replace(",", "") if isinstance(stated, str) else stated)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _plain(value: Any) -> str:
    return " ".join(str(value).casefold().split())


def _many_digits(node: Node, value: Any) -> Iterator[float]:
    """The numbers of an answer that have more digits than a person would give, and are not rounded."""
    if node.get("op") == "round":
        return
    if node.get("op") == "map":
        for name, part in node["parts"].items():
            yield from _many_digits(part, value[name])
    elif node.get("op") == "list":
        for item, part in zip(node["items"], value, strict=True):
            yield from _many_digits(item, part)
    elif node.get("op") == "if":
        yield from _many_digits(node["then"], value) if node["then"].get("op") != "round" else ()
    elif isinstance(value, float) and (round(value, FINE) != value or abs(value) >= 1e7):
        yield value


# --- what a support is called ----------------------------------------------------------------------------------------

_NAMES = {
    "sort": "ranking", "top": "ranking", "nth": "extremum", "argmax": "extremum", "argmin": "extremum",
    "only": "selection", "sum": "aggregate", "mean": "aggregate", "median": "aggregate", "count": "count",
    "filter": "filter", "difference": "difference", "ratio": "ratio", "percent_change": "percent_change",
    "share": "share", "if": "condition", "map": "parts", "list": "parts", "intersection": "intersection",
}  # fmt: skip


def pattern(support: Node, facts: Facts) -> str:
    """What a support is called, by the names that exemplars are tagged with; "free" where none fits."""
    node = support["of"] if support.get("op") == "round" else support
    if "call" in node:
        return shape_of(node, facts) if calls(node, facts.evidence) else "free"
    of = next(iter(children(node)), {})
    if node["op"] in ("argmax", "argmin") and of.get("op") == "table" and "over" not in of and len(of["rows"]) == 2:
        return "comparison"
    if node["op"] in ("argmax", "argmin", "nth") and of.get("op") != "table":
        return "selection"
    if node["op"] == "count" and of.get("op") == "filter":
        return "filter_count"
    return _NAMES.get(node["op"], "free")


def _words(text: str) -> list[str]:
    return re.findall(r"[\w'’.-]*\w", text.casefold())


def _runs(words: list[str]) -> set[tuple[str, ...]]:
    return {tuple(words[i : i + IN_A_ROW]) for i in range(len(words) - IN_A_ROW + 1)}


@cache
def _form() -> Any:
    import jsonschema_rs

    return jsonschema_rs.validator_for(FORM)
