"""Is the answer proved, and not given away?"""

from __future__ import annotations

import re
from typing import Any

from dive_tools.records import canonical, same
from dive_tools.screens.case import Case, chosen_between, screen_of, word_in
from dive_tools.support import SELECTORS, SupportError, check, evaluate, over
from dive_tools.values import at, label, say_number


@screen_of("ungrounded")
def _ungrounded(case: Case) -> str | None:
    try:
        check(case.task["support"])
        value = evaluate(case.task["support"], over(case.evidence))
    except SupportError as error:
        return case.told(str(error), "let every call, pointer and quote stand as in the results that you were shown")
    if case.task["answer"]["type"] == "text":
        return _unclaimed(case, value)
    if not gives(value, case.task["answer"]):
        return case.told(
            f"the support gives {str(value)[:80]}, the answer says {str(case.task['answer']['value'])[:80]}",
            "give the value of the support as the answer, or mend the support",
        )
    return None


def claims(value: Any) -> list[str] | None:
    """What a text must say for its support to bear it out: every cited text or number; None where it cites others."""
    parts = value if isinstance(value, list) else []
    good = parts and all(isinstance(p, str | int | float) and not isinstance(p, bool) and p != "" for p in parts)
    return [part if isinstance(part, str) else say_number(part) for part in parts] if good else None


def gives(value: Any, answer: dict[str, Any]) -> bool:
    """Whether the value of a support is what an answer says: itself, or the claims of a free text."""
    if answer["type"] == "text":
        return bool(claims(value)) and claims(value) == answer.get("claims")
    return same(value, answer["value"])


def _unclaimed(case: Case, value: Any) -> str | None:
    answer = case.task["answer"]
    wanted = claims(value)
    if not wanted or not gives(value, answer):
        return case.told(
            f"the support gives {str(wanted)[:80]}, the answer claims {str(answer.get('claims'))[:80]}",
            "let the support list a citation or a quote for each claim, and let the text say each",
        )
    missing = next((claim for claim in wanted if not word_in(claim, str(answer["value"]))), None)
    mend = "let the text say it in just these words, or drop it from the support"
    return case.told(f"the answer does not say {missing[:80]!r}", mend) if missing else None


_OTHER_SOURCE = "give in sources an expression that yields just this argument, or leave the call out"


@screen_of("ungrounded")
def _arguments(case: Case) -> str | None:
    look = over(case.evidence)
    for call in case.used:
        step = case.steps[call]
        if set(step["arguments"]) != set(step["arguments_from"]):
            return case.told(
                f"{call}: not every argument says where it came from", f"rest the proof on calls other than {call}"
            )
        for name, source in step["arguments_from"].items():
            try:
                equal = same(evaluate(source, look), step["arguments"][name])
            except SupportError as error:
                return case.told(f"{call}.{name}: {error}", _OTHER_SOURCE)
            if not equal:
                return case.told(f"{call}.{name} is not what its source gives", _OTHER_SOURCE)
    return None


@screen_of("ungrounded")
def _seeded(case: Case) -> str | None:
    seed = case.record["setup"]["seed"]["value"]
    for node in case.givens:
        if "seed" in node:
            try:
                equal = same(at(seed, node["seed"]), node["given"])
            except (LookupError, TypeError, ValueError):
                equal = False
            if not equal:
                return case.told(
                    f"{node['given']!r} is not what the seed says at {node['seed']!r}", "state the seed as it is"
                )
    return None


WHOLE = (*SELECTORS, "count", "filter", "top", "sort", "intersection")


@screen_of("ungrounded")
def _out_of_list(case: Case) -> str | None:
    """A value leaves a list only through a selector over a whole list, or where every item is looked up."""
    overs = {canonical(n["over"]) for n in case.reached if n.get("op") == "table" and "over" in n}
    for node in case.reached:
        if re.search(r"/\d+(/|$)", node.get("pointer", "")) and not (case.free and "quote" in node):
            return case.told(
                "an item of a list is cited by its place",
                'pick it by what it is: argmax, argmin, nth or "only" with a "where"',
            )
        if node.get("op") == "item" and canonical(node["of"]) not in overs:
            return case.told(
                "an item of a list that is not looked up whole",
                "pick it by a selector, or use a table over all items of the list",
            )
        if node.get("op") in WHOLE:
            for of in [node["of"]] if "of" in node else node["args"]:
                if "call" in of and not _says_complete(case, of["call"]):
                    return case.told(f"{node['op']} over a list that does not say that it is complete", INCOMPLETE)
    return None


INCOMPLETE = 'use a list whose result says "complete": true, or a table of things that the question names'


def _says_complete(case: Case, call: str) -> bool:
    result = case.steps.get(call, {}).get("result")
    return isinstance(result, dict) and result.get("complete") is True


@screen_of("trivial")
def _trivial(case: Case) -> str | None:
    mend = "let the answer rest on two calls or more, one of which feeds or is set beside the other"
    return case.told("one call answers it", mend) if len(case.used) < 2 else None


@screen_of("leak")
def _leak(case: Case) -> str | None:
    answer = case.task["answer"]
    if answer["type"] not in ("string", "number", "date", "text") or chosen_between(case):
        return None
    type_ = "date" if answer["type"] == "date" else None
    for said in {label(answer["value"], type_), str(answer["value"]), *answer.get("aliases", [])}:
        if word_in(said, case.question):
            return case.told(
                f"the question says {said!r}", "that is the answer: describe it by what leads to it instead"
            )
    return None
