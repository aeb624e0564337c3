"""Is the answer proved, and not given away?"""

from __future__ import annotations

from dive_tools.records import canonical
from dive_tools.screens.case import Case, chosen_between, screen_of, word_in
from dive_tools.support import SupportError, evaluate, over
from dive_tools.values import at, label


@screen_of("ungrounded")
def _ungrounded(case: Case) -> str | None:
    try:
        value = evaluate(case.task["support"], over(case.evidence))
    except SupportError as error:
        return str(error)
    if canonical(value) != canonical(case.task["answer"]["value"]):
        return f"the support gives {str(value)[:80]}, the answer says {str(case.task['answer']['value'])[:80]}"
    return None


@screen_of("ungrounded")
def _arguments(case: Case) -> str | None:
    look = over(case.evidence)
    for call in case.used:
        step = case.steps[call]
        if set(step["arguments"]) != set(step["arguments_from"]):
            return f"{call}: not every argument says where it came from"
        for name, source in step["arguments_from"].items():
            try:
                same = canonical(evaluate(source, look)) == canonical(step["arguments"][name])
            except SupportError as error:
                return f"{call}.{name}: {error}"
            if not same:
                return f"{call}.{name} is not what its source gives"
    return None


@screen_of("ungrounded")
def _seeded(case: Case) -> str | None:
    seed = case.record["setup"]["seed"]["value"]
    for node in case.givens:
        if "seed" in node:
            try:
                same = canonical(at(seed, node["seed"])) == canonical(node["given"])
            except (LookupError, TypeError, ValueError):
                same = False
            if not same:
                return f"{node['given']!r} is not what the seed says at {node['seed']!r}"
    return None


@screen_of("trivial")
def _trivial(case: Case) -> str | None:
    return "one call answers it" if len(case.used) < 2 else None


@screen_of("leak")
def _leak(case: Case) -> str | None:
    answer = case.task["answer"]
    if answer["type"] not in ("string", "number", "date", "text") or chosen_between(case):
        return None
    type_ = "date" if answer["type"] == "date" else None
    for said in {label(answer["value"], type_), str(answer["value"]), *answer.get("aliases", [])}:
        if word_in(said, case.question):
            return f"the question says {said!r}"
    return None
