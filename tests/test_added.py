"""A question in free English that denies, multiplies, exchanges or gives away is refused; honest ones are not."""

from __future__ import annotations

import itertools
import re
from typing import Any

import pytest
from test_prompted_derive import AREAS, cite, given, kenya, value_at
from test_prompted_derive import pool as kenyan_pool
from village import grown, real

from dive_tools.records import Record
from dive_tools.screens import SCREENS, Case, outcomes
from dive_tools.screens.added import stem
from dive_tools.screens.denied import NEGATION
from dive_tools.screens.hints import numbers_in
from dive_tools.values import leaves

MINE = ("added", "denied", "hints", "roles")


def found(record: Record, tools: Any, question: str, *, mine: bool = True) -> str | None:
    """What the screens of added things (or all) say of a question, as "reason: detail"."""
    case = Case({**record, "task": {**record["task"], "by": "scripted:x", "question": question}}, tools)
    if mine:
        rules = ((word, rule) for word, own in SCREENS.items() for rule in own)
        rules = ((word, rule) for word, rule in rules if rule.__module__.rpartition(".")[2] in MINE)
        return next((f"{word}: {detail}" for word, rule in rules if (detail := rule(case))), None)
    bad = (f"{word}: {detail}" for word, detail in outcomes(case) if detail and word != "trivial")
    return next(bad, None)


# --- what free English may say ---------------------------------------------------------------------------------------


def task(support: dict[str, Any], value: Any, type_: str) -> Record:
    answer = {"value": value, "type": type_}
    return {**kenya(), "task": {"round": 1, "question": "", "answer": answer, "support": support, "by": "scripted:x"}}


PEOPLE = task(cite("c2", "/population"), 4397073, "integer")
LARGEST = task({"op": "argmax", "of": AREAS, "by": "/value", "take": "/name"}, "Ethiopia", "string")
BEYOND = {"at": "/value", "is": "gt", "value": given(900000)}
LARGE = task({"op": "filter", "of": AREAS, "take": "/name", "where": BEYOND}, ["Tanzania", "Ethiopia"], "set")
COUNT = task({"op": "count", "of": AREAS}, 5, "integer")
MEAN = task({"op": "round", "places": 0, "of": {"op": "mean", "of": AREAS, "take": "/value"}}, 718048, "integer")
TWO = {"op": "compare", "is": "gt", "args": [cite("c11", "/population"), cite("c12", "/population")]}
MORE = task(TWO, True, "boolean")
GAP = task({**TWO, "op": "difference"}, 8669871, "integer")
BOTH = task(
    {"op": "map", "parts": {"Kenya": cite("c11", "/population"), "Uganda": cite("c12", "/population")}},
    {call: value_at(kenya(), number, "/population") for call, number in (("Kenya", "c11"), ("Uganda", "c12"))},
    "map",
)

HONEST = [
    (PEOPLE, "How many people live in the capital of Kenya according to GeoNames?"),
    (PEOPLE, "Consider the capital of Kenya. According to GeoNames, how many inhabitants does that city have?"),
    (PEOPLE, "GeoNames gives the capital of Kenya how many people?"),
    (LARGEST, "Of the countries that border Kenya, which has the largest area?"),
    (LARGEST, "Which of Kenya's neighbours is the largest by area?"),
    (LARGE, "Which neighbours of Kenya have an area of more than 900,000 square kilometres?"),
    (LARGE, "Which neighbours of Kenya are larger than 900,000 km² in area?"),
    (COUNT, "How many countries border Kenya?"),
    (COUNT, "What is the number of countries that share one border with Kenya?"),
    (MEAN, "What is the average area of the countries that border Kenya, in km², to the nearest whole number?"),
    (MORE, "Is the population of Kenya larger than that of Uganda?"),
    (GAP, "By how many inhabitants does the population of Kenya exceed that of Uganda?"),
    (BOTH, "What is the population of Kenya? And what is that of Uganda?"),
    (BOTH, "How many people live in Kenya, and how many live in Uganda?"),
]


@pytest.mark.parametrize(("record", "question"), HONEST)
def test_an_honest_question_says_nothing_that_is_added(record: Record, question: str) -> None:
    assert found(record, kenyan_pool().tools, question) is None


ADDED = [
    # negations and exclusions
    (PEOPLE, "How many people of Kenya do not live in its capital?", "not live"),
    (PEOPLE, "How many people don't live in the capital of Kenya?", "don't"),
    (LARGEST, "Of the countries that border neither Kenya nor the sea, which has the largest area?", "neither"),
    (LARGEST, "Of the countries that border Kenya, apart from Ethiopia, which has the largest area?", "leak"),
    (LARGEST, "Of the countries without a coast that border Kenya, which has the largest area?", "without"),
    (LARGE, "Which neighbours of Kenya do not have an area of more than 900,000 square kilometres?", "not have"),
    (MEAN, "What is the average area of the countries that border Kenya, excluding Kenya's islands?", "excluding"),
    (MORE, "Is it true that Kenya does not have a larger population than Uganda?", "not have"),
    (MORE, "Is Kenya's population no larger than that of Uganda?", "no larger"),
    # multiples, rates, hedges
    (PEOPLE, "What is half of the number of people in the capital of Kenya?", "half"),
    (GAP, "What is the difference between the population of Kenya and twice that of Uganda?", "twice"),
    (PEOPLE, "How many million people live in the capital of Kenya?", "million"),
    (PEOPLE, "What is the population density of the capital of Kenya?", "density"),
    (PEOPLE, "What is the population per head of the capital of Kenya?", "per head"),
    (PEOPLE, "How many people live on average in the capital of Kenya?", "average"),
    (LARGE, "Which neighbours of Kenya have an area of more than about 900,000 square kilometres?", "about"),
    # requests, places and limits
    (PEOPLE, "How many people live in the capital of Kenya? And who is its president?", "questions"),
    (PEOPLE, "How many people live in the capital of Kenya, and who is its president?", "and who"),
    (BOTH, "What is the population of Kenya? And of Uganda? And of Rwanda?", "questions"),
    (LARGEST, "Of the countries that border Kenya, which two have the largest area?", "two"),
    (PEOPLE, "How many people live in the second capital of Kenya?", "second"),
    (PEOPLE, "How many people live in the capital of the largest neighbour of Kenya?", "largest"),
    (LARGE, "Which neighbours of Kenya have an area of more than 900,000 people?", "people"),
    (LARGE, "Which neighbours of Kenya have an area of at least 900,000 square kilometres?", "at least"),
    # names that are found out
    (PEOPLE, "Nairobi is the capital of Kenya. How many people live in that capital?", "Nairobi"),
    (PEOPLE, "How many people live in nairobi, the capital of Kenya?", "Nairobi"),
    (PEOPLE, "NAIROBI, capital of Kenya: how many people live there?", "Nairobi"),
    (PEOPLE, 'How many people live in "Nairobi", the capital of Kenya?', "Nairobi"),
    (PEOPLE, "How many people live in Nai\u200brobi, the capital of Kenya?", "Nairobi"),
    # the answer
    (COUNT, "Five countries share a border with Kenya. How many countries is that?", "Five"),
    (COUNT, "Kenya borders 5 countries. How many countries is that?", "5"),
    (PEOPLE, "About four million four hundred thousand people live in the capital of Kenya. How many?", "four million"),
    (LARGEST, "Of the countries that border Kenya, which, home of the ethiopians, has the largest area?", "ethiopians"),
    (LARGEST, "Which country that borders Kenya, one that begins with e, has the largest area?", "begins with e"),
    (LARGEST, "Which country that borders Kenya, whose name ends in thiopia, has the largest area?", "ends in"),
]


@pytest.mark.parametrize(("record", "question", "why"), ADDED)
def test_what_is_added_is_refused_with_the_words(record: Record, question: str, why: str) -> None:
    said = found(record, kenyan_pool().tools, question)
    assert said is not None and why.lower() in said.lower(), said


def test_a_negation_of_the_proof_may_be_asked_for() -> None:
    other = {"at": "/name", "is": "ne", "value": given("Ethiopia", type="country")}
    record = task({"op": "filter", "of": AREAS, "take": "/name", "where": other}, ["Somalia"], "set")
    assert found(record, kenyan_pool().tools, "Which countries that border Kenya are not Ethiopia?") is None


def test_a_given_may_be_the_number_of_the_answer() -> None:
    node = {"op": "filter", "of": AREAS, "take": "/name", "where": {**BEYOND, "value": given(5)}}
    record = task({"op": "count", "of": node}, 5, "integer")
    tools = kenyan_pool().tools
    assert found(record, tools, "How many countries that border Kenya have an area above 5 square kilometres?") is None
    twice = "Of the 5 countries that border Kenya, how many have an area above 5 square kilometres?"
    assert "the answer" in str(found(record, tools, twice))


# --- words and numbers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("four million four hundred thousand people", [4400000]),
        ("twenty-one of 3 thousand and 1,200", [21, 3000, 1200]),
        ("a dozen, one hundred and five", [12, 105]),
        ("4.4 million, 17:05, 1.2.3 and e5", [4400000]),
    ],
)
def test_numbers_are_read_in_digits_and_in_words(text: str, numbers: list[float]) -> None:
    assert [value for value, _, _ in numbers_in(text)] == numbers


@pytest.mark.parametrize(
    "text", ["do not", "don't", "cannot", "other than", "outside of", "non-stop", "fails to", "nor"]
)
def test_a_negation_is_heard(text: str) -> None:
    assert NEGATION.search(text)


@pytest.mark.parametrize("text", ["nothing", "note", "No. 5", "another", "knot", "exceptional"])
def test_what_only_looks_like_a_negation_is_none(text: str) -> None:
    assert not NEGATION.search(text)


def test_a_stem_is_that_of_the_plural_and_of_the_past() -> None:
    assert stem("ions") == stem("ion") and stem("marked") == stem("marks") and stem("countries") == stem("country")


# --- real tasks, as if a model had written them ----------------------------------------------------------------------

VERB = r"\b(is|are|does|do|did|has|have|had|was|were|gives|gave)\b"


@pytest.fixture(scope="module")
def tasks() -> tuple[Record, ...]:
    return grown(80)


def named(record: Record) -> Any:
    return real()[0].named(record["setup"]["tools"])


def test_real_questions_are_hardly_ever_refused(tasks: tuple[Record, ...]) -> None:
    refused = [why for record in tasks if (why := found(record, named(record), record["task"]["question"]))]
    assert len(tasks) >= 60 and len(refused) <= len(tasks) // 50, refused


def test_a_not_behind_the_first_verb_is_refused(tasks: tuple[Record, ...]) -> None:
    turned = [(r, re.sub(VERB, r"\1 not", q, count=1)) for r in tasks if re.search(VERB, q := r["task"]["question"])]
    kept = [question for record, question in turned if found(record, named(record), question) is None]
    assert len(turned) >= 50 and len(kept) <= len(turned) // 10, kept


def exchanged(question: str, one: str, two: str) -> str | None:
    """The question with two numbers in each other's places, where each stands once."""
    spots = [list(re.finditer(rf"(?<![\w.,]){re.escape(said)}(?!\w|[.,]\d)", question)) for said in (one, two)]
    if any(len(found) != 1 for found in spots):
        return None
    (first, said), (last, before) = sorted(((spots[0][0], two), (spots[1][0], one)), key=lambda pair: pair[0].start())
    return question[: first.start()] + said + question[first.end() : last.start()] + before + question[last.end() :]


def test_two_numbers_in_each_others_places_are_refused(tasks: tuple[Record, ...]) -> None:
    turned = []
    for record in tasks:
        question = record["task"]["question"]
        values = [v for node in Case(record, named(record)).givens for v in leaves(node["given"])]
        numbers = {str(v) for v in values if isinstance(v, int | float) and not isinstance(v, bool)}
        for pair in list(itertools.combinations(sorted(numbers), 2))[:3]:
            said = exchanged(question, *pair)
            turned += [(record, said)] if said else []
    kept = [said for record, said in turned if found(record, named(record), said, mine=False) is None]
    assert len(turned) >= 20 and len(kept) <= len(turned) // 5, kept


def test_a_name_that_flows_through_the_proof_is_refused_at_the_start(tasks: tuple[Record, ...]) -> None:
    said = []
    for record in tasks:
        case = Case(record, named(record))
        for call in case.used:
            step = case.steps[call]
            flowed = (step["arguments"][name] for name, source in step["arguments_from"].items() if "call" in source)
            names = [v for v in flowed if isinstance(v, str) and re.match(r"[A-Z][a-z]{3,}", v) and len(v) < 40]
            said += [(record, f"{name} it is. {record['task']['question']}") for name in names]
    known = [(r, q) for r, q in said if q.split(" it is. ")[0].lower() not in q.split(" it is. ", 1)[1].lower()]
    kept = [question for record, question in known if found(record, named(record), question, mine=False) is None]
    assert len(known) >= 5 and kept == []
