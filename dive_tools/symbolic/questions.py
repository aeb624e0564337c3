"""A question for every operation of the language of support."""

from __future__ import annotations

import random
from collections.abc import Callable

from dive_tools.support import Node
from dive_tools.symbolic.say import (
    UNSAID_UNITS,
    Speech,
    Unreadable,
    article,
    capital,
    in_unit,
    say_rounding,
    scoped,
    superlative,
)
from dive_tools.values import say_number, slots

QUESTIONS: dict[str, Callable[[Speech, Node], str]] = {}


def _asks(*names: str) -> Callable[[Callable[[Speech, Node], str]], Callable[[Speech, Node], str]]:
    def register(rule: Callable[[Speech, Node], str]) -> Callable[[Speech, Node], str]:
        QUESTIONS.update(dict.fromkeys(names, rule))
        return rule

    return register


def question(speech: Speech, node: Node) -> str:
    """The question that asks for exactly this, in `speech`; Unreadable where there are no words for it."""
    asked, rounding = (node["of"], node) if node.get("op") == "round" else (node, None)
    rule = QUESTIONS.get(asked.get("op", "cite"))
    if rule is None:
        raise Unreadable(f"no question for {asked.get('op')}")
    speech.survey(asked)
    last = rule(speech, asked)
    sentences = [*speech.vignette(), *speech.openings, last]
    if rounding is not None:
        sentences.append(say_rounding(rounding, speech.rng))
    return " ".join(capital(s) for s in sentences)


@_asks("cite")
def _ask_cite(speech: Speech, node: Node) -> str:
    step, tool, item = speech.source(node)
    if item.says.whether:
        return f"Is it true that {speech.fill(item.says.whether, step, tool).text}?"
    asks = [a for a in item.says.ask if slots(a) <= speech.sayable(step, tool)]
    if asks and speech.rng.random() < 0.6:
        text = speech.fill(speech.rng.choice(asks), step, tool).text
    else:
        text = f"What is {speech.mention(node).text if not item.says.phrases else speech.np(node).text}"
    return in_unit(text, item.unit) + "?"


@_asks("argmax", "argmin", "nth")
def _ask_winner(speech: Speech, node: Node) -> str:
    says = speech.by(node)
    best = superlative(node, says)
    if node["of"].get("op") != "table":
        return f"Which of {speech.list_mention(node['of']).text} has the {best} {scoped(says)}?"
    rows = node["of"]["rows"]
    over = speech.over(node["of"])
    if not speech.is_simple(node["of"]):
        speech.for_each(node["of"], over)
        if len(rows) == 2:
            plural = speech.noun(rows[0]["name"])[1]
            more = says.more if node["op"] == "argmax" else says.less
            return f"For which of the two {plural} is this {says.noun} {more}?"
        return f"For which of them is this {says.noun} the {best}?"
    if "over" not in node["of"] and len(rows) == 2:
        one, two = (speech.np(row["name"]).text for row in rows)
        return f"Which has the {says.more if node['op'] == 'argmax' else says.less} {scoped(says)}, {one} or {two}?"
    return f"Of {over.text}, which has the {best} {scoped(says)}?"


@_asks("sort")
def _ask_sort(speech: Speech, node: Node) -> str:
    says = speech.by(node)
    first, last = (says.most, says.least) if node["order"] == "descending" else (says.least, says.most)
    if node["of"].get("op") != "table":
        return f"Rank {speech.list_mention(node['of']).text} by {scoped(says)}, from {first} to {last}."
    over = speech.over(node["of"])
    if not speech.is_simple(node["of"]):
        speech.for_each(node["of"], over)
        return f"Rank the {speech.noun(node)[1]} by this {says.noun}, from {first} to {last}."
    return f"Rank {over.text} by {scoped(says)}, from {first} to {last}."


_TOTALS = {"sum": ("combined", "sum"), "mean": ("mean", "mean"), "median": ("median", "median")}


@_asks("sum", "mean", "median")
def _ask_total(speech: Speech, node: Node) -> str:
    adjective, name = _TOTALS[node["op"]]
    unit = speech.unit(node)
    return in_unit(f"What is {_total(speech, node, adjective, name)}", unit) + "?"


def _total(speech: Speech, node: Node, adjective: str, name: str) -> str:
    if node["of"].get("op") != "table":
        _, tool, listing = speech.source(node["of"])
        says = tool.fields[f"{listing.pointer}/*{node['take']}"].says
        return f"the {adjective} {says.noun} of {speech.list_mention(node['of']).text} {says.scope}".strip()
    over = speech.over(node["of"])
    if not speech.is_simple(node["of"]):
        speech.for_each(node["of"], over)
        return f"the {name} of these values"
    says = speech.by(node)
    return f"the {adjective} {says.noun} of {over.text} {says.scope}".strip()


@_asks("count")
def _ask_count(speech: Speech, node: Node) -> str:
    if node["of"].get("op") == "filter":
        return _filtered(speech, node["of"], "How many")
    step, tool, item = speech.source(node["of"])
    asks = [a for a in item.says.ask_count if slots(a) <= speech.sayable(step, tool)]
    if not asks:
        raise Unreadable(f"{tool.name}{item.pointer} has no question for its number")
    return speech.fill(speech.rng.choice(asks), step, tool).text + "?"


@_asks("filter")
def _ask_filter(speech: Speech, node: Node) -> str:
    return _filtered(speech, node, "Which")


def _filtered(speech: Speech, node: Node, start: str) -> str:
    where, unit = node["where"], speech.unit_by(node)
    named = node["of"].get("op") == "table" and unit in speech.by(node).noun
    limit = say_number(where["value"]["given"]) + (f" {unit}" if unit not in UNSAID_UNITS and not named else "")
    side = {"gt": ("above", "greater than"), "lt": ("below", "less than")}[where["is"]]
    if node["of"].get("op") != "table":
        _, tool, listing = speech.source(node["of"])
        says = tool.fields[f"{listing.pointer}/*{where['at']}"].says
        return f"{start} of {speech.list_mention(node['of']).text} have {article(scoped(says))} {side[0]} {limit}?"
    over, says = speech.over(node["of"]), speech.by(node)
    if not speech.is_simple(node["of"]):
        speech.for_each(node["of"], over)
        first = "For how many of them" if start == "How many" else "For which of them"
        return f"{first} is this {says.noun} {side[1]} {limit}?"
    return f"{start} of {over.text} have {article(scoped(says))} {side[0]} {limit}?"


@_asks("difference", "percent_change")
def _ask_difference(speech: Speech, node: Node) -> str:
    one, two = (speech.mention(arg).text for arg in node["args"])
    if node["op"] == "percent_change":
        return f"By what percentage does {one} exceed {two}?"
    unit = speech.unit(node)
    if unit not in UNSAID_UNITS:
        return f"By how many {unit} does {one} exceed {two}?"
    return f"By how much does {one} exceed {two}?"


@_asks("ratio")
def _ask_ratio(speech: Speech, node: Node) -> str:
    one, two = (speech.mention(arg).text for arg in node["args"])
    return f"What is the ratio of {one} to {two}?"


@_asks("share")
def _ask_share(speech: Speech, node: Node) -> str:
    whole = node["args"][1]
    if whole["of"].get("op") == "table" and not speech.is_simple(whole["of"]):
        raise Unreadable("a share of values that have no simple name")
    total = _total(speech, whole, "combined", "sum")
    part = speech.mention(node["args"][0])
    return f"What percentage of {total} is {part.text}?"


@_asks("if")
def _ask_if(speech: Speech, node: Node) -> str:
    one, limit = node["when"]["args"]
    unit = speech.unit(one)
    said = f"{say_number(limit['given'])}{f' {unit}' if unit not in UNSAID_UNITS else ''}"
    word = {"gt": "greater than", "lt": "less than"}[node["when"]["is"]]
    condition = f"If {speech.mention(one).text} is {word} {said}"
    then, otherwise = (_wanted(speech, node[key]) for key in ("then", "else"))
    return f"{condition}, give {then}; otherwise, give {otherwise}."


@_asks("map")
def _ask_map(speech: Speech, node: Node) -> str:
    asked = [_part(speech, part) for part in node["parts"].values()]
    return " ".join(f"({letter}) {capital(part)}" for letter, part in zip("abcd", asked, strict=False))


def _part(speech: Speech, node: Node) -> str:
    """One of several questions, its rounding inside."""
    asked = _ask_cite(speech, node["of"] if node.get("op") == "round" else node)
    return f"{asked[:-1]}, {_to(node)}?" if node.get("op") == "round" else asked


def _to(node: Node) -> str:
    """A rounding inside a sentence: "to two decimal places"."""
    return say_rounding(node, random.Random(0)).removeprefix("Give the answer ").removeprefix("Round ").rstrip(".")


def _wanted(speech: Speech, node: Node) -> str:
    """A value asked for inside a sentence: its noun phrase, unit and rounding."""
    inner = node["of"] if node.get("op") == "round" else node
    text = in_unit(speech.np(inner).text, speech.unit(inner))
    return f"{text}, {_to(node)}" if node.get("op") == "round" else text


@_asks("intersection")
def _ask_intersection(speech: Speech, node: Node) -> str:
    one, two = (speech.list_mention(arg).text for arg in node["args"])
    return f"Which {speech.noun(node['args'][0])[1]} are among both {one} and {two}?"
