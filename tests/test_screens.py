"""Every screen rejects the one flaw that it is about, passes its clean twin, and lets real tasks through."""

from __future__ import annotations

import asyncio
import copy
from typing import Any

import orjson
import pytest
from village import TOOLS, WALKERS, Story, choice, given, grown, part, pool, real

from dive_tools.derive import Deriver
from dive_tools.models.base import Ask, Reply
from dive_tools.mutate import MUTATIONS, mutants
from dive_tools.prompted import derive as prompted
from dive_tools.records import Drop, Record
from dive_tools.screens import REASONS, SCREENS, Case, outcomes, screen
from dive_tools.screens.faith import _NUMBERS

ROUND = {"places": 2}


def reasons(record: Record) -> list[str]:
    """Every reason word that rejects a record."""
    return [reason for reason, detail in outcomes(Case(record, TOOLS)) if detail is not None]


def changed(record: Record, **task: Any) -> Record:
    """The same record with something else in its task."""
    return {**record, "task": {**record["task"], **task}}


def with_step(record: Record, index: int, **change: Any) -> Record:
    """The same record with something else in one call."""
    made = copy.deepcopy(record)
    made["evidence"][index].update(change)
    return made


HIGHER = "By how many metres does the elevation of {} exceed the elevation of {}?"


def paced() -> Record:
    """The rest of the walker, with the pace that it follows from in the words."""
    record = rest()
    return changed(record, question=record["task"]["question"].replace("the rest of", "the rest at the pace of"))


def stated(record: Record, *change: str) -> Record:
    """The record as the deriver's own, with one wording changed."""
    question = record["task"]["question"]
    return changed(record, by="symbolic", question=question.replace(*change) if change else question)


# --- stories, each clean unless told otherwise -----------------------------------------------------------------------


def mill_height(question: str = "", **answer: Any) -> Record:
    """Two calls: the mill, and how high it lies."""
    story = Story()
    mill = story.look("hamlet_mill", "/mill", hamlet=story.seed)
    height = story.look("hamlet_height", "/height", hamlet=mill)
    question = question or "What is the elevation of the hamlet whose mill grinds for Ashby, in metres?"
    return story.task(question, height, **{"unit": "metres", **answer})


def only_height() -> Record:
    story = Story()
    height = story.look("hamlet_height", "/height", hamlet=story.seed)
    return story.task("How high does Ashby lie, in metres?", height, unit="metres")


def mill_shire(seed: str, question: str = "") -> Record:
    """The shire of the mill's hamlet, which the call for the mill says too unless asked by way of the market."""
    story = Story(seed)
    mill = story.look("hamlet_market", "/market", hamlet=story.seed)
    shire = story.look("hamlet_shire", "/shire", hamlet=mill)
    return story.task(question or f"In which shire does the hamlet of the market of {seed} lie?", shire)


def known_shire(tool: str, pointer: str) -> Record:
    """The shire of the hamlet that a call names; the call for the mill names its shire too."""
    story = Story()
    hamlet = story.look(tool, pointer, hamlet=story.seed)
    shire = story.look("hamlet_shire", "/shire", hamlet=hamlet)
    return story.task("In which shire does the hamlet that serves Ashby lie?", shire)


def there_and_back(seed: str) -> Record:
    """Birchley and Coldwell grind for each other; Dunmoor's grain goes on to Fernhill and Elmham."""
    story = Story(seed)
    one = story.look("hamlet_mill", "/mill", hamlet=story.seed)
    two = story.look("hamlet_mill", "/mill", hamlet=one)
    height = story.look("hamlet_height", "/height", hamlet=two)
    words = (
        f"Take the hamlet whose mill grinds for {seed}. What is the elevation of the hamlet whose mill grinds for it"
    )
    return story.task(f"{words}, in metres?", height, unit="metres")


def letters(*, named: bool) -> Record:
    """The answer is one of the choices, which the question states in other words; or how often it occurs."""
    story = Story("abba", "t_rune")
    one, two = (story.look("rune_letters", "/count", rune=story.seed, letter=choice(c)) for c in ("l-a", "l-b"))
    ends = {"then": choice("l-b"), "else": choice("l-a")} if named else {"then": one, "else": two}
    picked = {"op": "if", "when": {"op": "compare", "is": "gt", "args": [one, two]}, **ends}
    words = (
        "If the count of letter A in the rune is greater than the count of letter B, give one; otherwise, the other."
    )
    return story.task(f"Take the rune abba. {words}", picked)


def two_walks(second: str, pointer: str) -> Record:
    story = Story()
    one = story.look("hamlet_mill", "/mill", hamlet=story.seed)
    two = story.look(second, pointer, hamlet=one if second == "hamlet_mill" else story.seed)
    walk = story.look("walk_between", "/kilometres", origin=one, destination=two)
    return story.task("What is the walk between the two hamlets that serve Ashby, in kilometres?", walk)


def in_feet() -> Record:
    story = Story()
    height = story.look("hamlet_height", "/height", hamlet=story.seed)
    feet = story.look("metres_to_feet", "/feet", height=height)
    words = "What is the elevation of Ashby converted to feet? Round to two decimal places."
    return story.task(words, {"op": "round", "of": feet, **ROUND}, unit="feet")


def ropes() -> Record:
    """The conversion feeds another call."""
    story = Story()
    height = story.look("hamlet_height", "/height", hamlet=story.seed)
    feet = story.look("metres_to_feet", "/feet", height=height)
    number = story.look("ropes_needed", "/ropes", height=feet)
    return story.task("What is the number of ropes for the elevation of Ashby?", number, unit="ropes")


def two_conversions() -> Record:
    story = Story()
    feet = []
    for name in (story.seed, given("Birchley")):
        height = story.look("hamlet_height", "/height", hamlet=name)
        feet.append(story.look("metres_to_feet", "/feet", height=height))
    words = (
        "By how many feet does the elevation of Ashby exceed the elevation of Birchley? Round to two decimal places."
    )
    return story.task(words, {"op": "round", "of": {"op": "difference", "args": feet}, **ROUND}, unit="feet")


def pair(tool: str, pointer: str, op: str, question: str, other: str = "Birchley", **answer: Any) -> Record:
    """An operation on one field of Ashby and of another hamlet."""
    story = Story()
    args = [story.look(tool, pointer, hamlet=name) for name in (story.seed, given(other))]
    return story.task(f"{question} Round to two decimal places.", rounded({"op": op, "args": args}), **answer)


def rounded(node: dict[str, Any]) -> dict[str, Any]:
    return {"op": "round", "of": node, **ROUND}


def unlike_kinds(op: str) -> Record:
    story = Story()
    height = story.look("hamlet_height", "/height", hamlet=story.seed)
    people = story.look("hamlet_people", "/people", hamlet=story.seed)
    words = "By how much does the elevation of Ashby exceed the population of Ashby? Round to two decimal places."
    return story.task(words, rounded({"op": op, "args": [height, people]}))


def twice_over(deep: bool) -> Record:
    """A difference of differences, or just the first of them."""
    story = Story()
    names = (story.seed, given("Birchley"), given("Coldwell"))
    a, b, c = (story.look("hamlet_height", "/height", hamlet=name) for name in names)
    inner = {"op": "difference", "args": [a, b]}
    node = {"op": "difference", "args": [inner, {"op": "difference", "args": [b, c]}]} if deep else inner
    words = "By how many metres does the elevation of Ashby exceed that of Birchley" + ", and that of Coldwell" * deep
    return story.task(f"{words}? Round to two decimal places.", rounded(node), unit="metres")


def table(story: Story, tool: str, pointer: str, names: list[str], types: tuple[str, ...] = ()) -> dict[str, Any]:
    """A row for each stated thing."""
    nodes = [story.seed if name == story.seed["given"] else given(name) for name in names]
    rows = [{"name": node, "value": story.look(tool, pointer, hamlet=node)} for node in nodes]
    for row, type_ in zip(rows, types, strict=False):
        row["name"] = {**row["name"], "type": type_}
    return {"op": "table", "rows": rows}


def total(tool: str, pointer: str, noun: str, unit: str) -> Record:
    story = Story()
    node = {"op": "sum", "of": table(story, tool, pointer, ["Ashby", "Birchley", "Coldwell"]), "take": "/value"}
    words = f"What is the combined {noun} of Ashby, Birchley and Coldwell, in {unit}? Round to two decimal places."
    return story.task(words, rounded(node), unit=unit)


def highest(other: str, types: tuple[str, ...] = (), words: str = "higher", op: str = "argmax") -> Record:
    story = Story()
    node = {"op": op, "of": table(story, "hamlet_height", "/height", ["Ashby", other], types)}
    return story.task(f"Which has the {words} elevation, Ashby or {other}?", {**node, "by": "/value", "take": "/name"})


def fair_picks(*picks: tuple[str, str, str]) -> Record:
    """Several fairs of the shire of Ashby, each picked by a selector of its own."""
    story = Story()
    shire = story.look("hamlet_shire", "/shire", hamlet=story.seed)
    fairs = story.look("shire_fairs", "/fairs", shire=shire)
    parts = {word: {"op": op, "of": fairs, "by": by, "take": "/fair"} for word, op, by in picks}
    words = " and ".join(f"the fair with the {word}" for word in parts)
    return story.task(f"Take the fairs of the shire of Ashby. Give {words}.", {"op": "map", "parts": parts})


def above(words: str) -> Record:
    story = Story()
    of = table(story, "hamlet_height", "/height", ["Ashby", "Birchley", "Coldwell", "Dunmoor"])
    node = {"op": "filter", "of": of, "take": "/name", "where": {"at": "/value", "is": "gt", "value": choice(300)}}
    return story.task(f"Which of Ashby, Birchley, Coldwell and Dunmoor have an elevation {words} 300 metres?", node)


def climb(question: str, **answer: Any) -> Record:
    story = Story()
    height = story.look("hamlet_height", "/height", hamlet=story.seed)
    minutes = story.look("climb_time", "/minutes", height=height, pace=choice(450))
    return story.task(question, minutes, **{"unit": "minutes", **answer})


def ranked(words: str) -> Record:
    story = Story()
    of = table(story, "hamlet_height", "/height", ["Ashby", "Birchley", "Coldwell"])
    node = {"op": "sort", "of": of, "by": "/value", "take": "/name", "order": "descending"}
    return story.task(f"Rank Ashby, Birchley and Coldwell by elevation, from {words}.", node, type="list")


def combined(word: str) -> Record:
    story = Story()
    of = table(story, "hamlet_people", "/people", ["Ashby", "Birchley", "Coldwell"])
    words = f"What is the {word} population of Ashby, Birchley and Coldwell?"
    return story.task(words, {"op": "sum", "of": of, "take": "/value"})


def rest(opening: str = "A 20-year-old walker carries 5 kg and has a stride of 60 cm.") -> Record:
    story = Story(WALKERS[0], "t_walker")
    age, stride = (part(WALKERS[0], name) for name in ("age", "stride_cm"))
    pace = story.look("walker_pace", "/pace", age=age, stride=stride)
    minutes = story.look("walker_rest", "/rest", load=part(WALKERS[0], "load_kg"), pace=pace)
    return story.task(f"{opening} What is the rest of the walker, in minutes?", minutes, unit="minutes")


def free(record: Record, question: str = "") -> Record:
    """The record as a model's own, whose words are nobody else's."""
    return changed(record, by="openai:writer", question=question or record["task"]["question"])


def reworded(question: str, original: str = "") -> Record:
    """The height of the mill's hamlet, asked for in a model's words instead of the authors'."""
    return changed(mill_height(question), by="symbolic", original=original or MILL, reworded_by="openai:writer")


def mill_people(question: str) -> Record:
    story = Story()
    mill = story.look("hamlet_mill", "/mill", hamlet=story.seed)
    return story.task(question, story.look("hamlet_people", "/people", hamlet=mill))


def neighbours(seed: str) -> Record:
    """All hamlets of a shire, whose list is not complete in the east."""
    story = Story(seed)
    shire = story.look("hamlet_shire", "/shire", hamlet=story.seed)
    return story.task(
        f"Which hamlets lie in the shire of {seed}?", story.look("shire_hamlets", "/hamlets", shire=shire)
    )


def walk_and_height(way: str) -> Record:
    story = Story()
    walk = story.look("walk_between", "/kilometres", origin=given("Birchley"), destination=given("Dunmoor"))
    parts = {"walk": walk, "elevation": story.look("hamlet_height", "/height", hamlet=story.seed)}
    words = f"Give the walk {way} in kilometres, and the elevation of Ashby in metres."
    return story.task(words, {"op": "map", "parts": parts})


ROWS = [{"of": "Birchley", "pace": 450}, {"of": "Coldwell", "pace": 300}]


def paces(value: Any, words: str) -> Record:
    """A climb at several paces, of which the result takes no notice."""
    record = climb(f"What is the time {words} metres an hour to climb the elevation of Ashby, in minutes?")
    step = record["evidence"][1]
    change = {"arguments": {**step["arguments"], "pace": value}}
    return with_step(record, 1, **change, arguments_from={**step["arguments_from"], "pace": {"given": value}})


CLIMB = "What is the time to climb the elevation of Ashby at 450 metres an hour, in minutes?"
MILL = "What is the elevation of the hamlet whose mill grinds for Ashby, in metres?"
LONG = "of the hamlet whose mill, as everybody there will gladly tell you, grinds day and night for all the good people"
HIGH, LOW, DEAR = (
    ("highest attendance", "argmax", "/visitors"),
    ("lowest attendance", "argmin", "/visitors"),
    ("dearest fee", "argmax", "/fee"),
)

# what is wrong: reason word, flawed record, clean twin
FLAWS: dict[str, tuple[str, Record, Record]] = {
    "the answer is not what the support gives": ("ungrounded", mill_height(value=99.0), mill_height()),
    "the support points at nothing": (
        "ungrounded",
        changed(mill_height(), support={"call": "c2", "pointer": "/depth"}),
        mill_height(),
    ),
    "an argument has no source": ("ungrounded", with_step(mill_height(), 1, arguments_from={}), mill_height()),
    "an argument is not what its source gives": (
        "ungrounded",
        with_step(mill_height(), 1, arguments={"hamlet": "Gorsey"}),
        mill_height(),
    ),
    "the seed says otherwise": (
        "ungrounded",
        with_step(
            rest(),
            1,
            arguments_from={
                **rest()["evidence"][1]["arguments_from"],
                "load": {"given": 5, "vignette": "t_walker", "seed": "/age"},
            },
        ),
        rest(),
    ),
    "an item is cited by its place": (
        "ungrounded",
        changed(mill_height(), support={"call": "c2", "pointer": "/heights/0"}),
        mill_height(),
    ),
    "a clause that the author did not write": ("unfaithful", stated(paced(), "has a stride", "leaps"), stated(paced())),
    "another field is named": ("unfaithful", stated(mill_height(), "elevation", "beauty"), stated(mill_height())),
    "a difference the other way round": (
        "unfaithful",
        stated(pair("hamlet_height", "/height", "difference", HIGHER.format("Birchley", "Ashby"), unit="metres")),
        stated(pair("hamlet_height", "/height", "difference", HIGHER.format("Ashby", "Birchley"), unit="metres")),
    ),
    "one call answers it": ("trivial", only_height(), mill_height()),
    "the question says the answer": (
        "leak",
        mill_shire("Ashby", "In which shire, be it southshire or another, lies the market that serves Ashby?"),
        mill_shire("Ashby"),
    ),
    "the question says an alias of the answer": (
        "leak",
        changed(
            mill_shire("Ashby", "In which shire, the south or another, lies the market that serves Ashby?"),
            answer={"value": "Southshire", "type": "string", "aliases": ["the south"]},
        ),
        mill_shire("Ashby"),
    ),
    "an argument leads back to the seed": ("round_trip", there_and_back("Birchley"), there_and_back("Dunmoor")),
    "the answer was given": ("round_trip", letters(named=True), letters(named=False)),
    "an earlier call says the answer": (
        "shortcut",
        known_shire("hamlet_mill", "/mill"),
        known_shire("hamlet_market", "/market"),
    ),
    "two roads lead to one hamlet": (
        "shortcut",
        two_walks("hamlet_market", "/market"),
        two_walks("hamlet_mill", "/mill"),
    ),
    "a conversion inside": ("inner_conversion", ropes(), in_feet()),
    "two conversions": ("inner_conversion", two_conversions(), in_feet()),
    "a ratio on an interval scale": (
        "odd_arithmetic",
        pair(
            "hamlet_warmth",
            "/warmth",
            "ratio",
            "What is the ratio of the mean temperature of Ashby to that of Birchley?",
        ),
        pair("hamlet_height", "/height", "ratio", "What is the ratio of the elevation of Ashby to that of Birchley?"),
    ),
    "a percentage on an interval scale": (
        "odd_arithmetic",
        pair("hamlet_warmth", "/warmth", "percent_change", "By what percentage is Ashby warmer than Birchley?"),
        pair("hamlet_height", "/height", "percent_change", "By what percentage is Ashby higher than Birchley?"),
    ),
    "a difference of ranks": (
        "odd_arithmetic",
        pair("hamlet_people", "/order", "difference", "By how much does the rank of Ashby exceed that of Birchley?"),
        pair("hamlet_warmth", "/warmth", "difference", "By how much does the warmth of Ashby exceed that of Birchley?"),
    ),
    "metres less people": ("odd_arithmetic", unlike_kinds("difference"), twice_over(False)),
    "a difference of differences": ("odd_arithmetic", twice_over(True), twice_over(False)),
    "a sum of elevations": (
        "odd_arithmetic",
        total("hamlet_height", "/height", "elevation", "metres"),
        total("hamlet_people", "/people", "population", "people"),
    ),
    "two of unlike classes": ("unrelated_comparison", highest("Elmham"), highest("Birchley")),
    "two of unlike types": ("unrelated_comparison", highest("Birchley", ("t_hamlet", "t_fair")), highest("Birchley")),
    "a sentence of 36 words": (
        "unreadable",
        mill_height(f"What is the elevation, in metres, {LONG} of the fine old hamlet called Ashby by all?"),
        mill_height(f"What is the elevation, in metres, {LONG} of the old hamlet called Ashby by all?"),
    ),
    "three selectors": ("unreadable", fair_picks(HIGH, LOW, DEAR), fair_picks(HIGH, LOW)),
    "four nouns nest": (
        "unreadable",
        mill_height("What is the elevation in metres of the hamlet of the mill of the people of the hamlet of Ashby?"),
        mill_height("What is the elevation in metres of the hamlet of the mill in Ashby?"),
    ),
    "a template that went wrong": (
        "unreadable",
        mill_height(MILL.replace("the hamlet", "the the hamlet")),
        mill_height(),
    ),
    "a slot left open": ("unreadable", mill_height(MILL.replace("the hamlet", "{hamlet}")), mill_height()),
    "a choice left unsaid": ("unfaithful", climb(CLIMB.replace("450", "some")), climb(CLIMB)),
    "a part of the vignette left unsaid": ("unfaithful", rest("A 20-year-old walker has a stride of 60 cm."), rest()),
    "a number that nothing uses": ("unfaithful", mill_height(MILL.replace("Ashby", "the 77 of Ashby")), mill_height()),
    "a name that nothing uses": ("unfaithful", mill_height(MILL.replace("Ashby", "Ashby in Wessex")), mill_height()),
    "a rounding left unsaid": (
        "unfaithful",
        changed(in_feet(), question="What is the elevation of Ashby converted to feet?"),
        in_feet(),
    ),
    "a rounding that is not done": ("unfaithful", mill_height(MILL + " Round to one decimal place."), mill_height()),
    "another rounding": (
        "unfaithful",
        changed(in_feet(), question="What is the elevation of Ashby converted to feet? Round to one decimal place."),
        in_feet(),
    ),
    "another unit": ("unfaithful", mill_height(MILL.replace("metres", "fathoms")), mill_height()),
    "the opposite extreme": ("unfaithful", highest("Birchley", words="lower"), highest("Birchley")),
    "no extreme": ("unfaithful", highest("Birchley", words="better"), highest("Birchley")),
    "the other order": ("unfaithful", ranked("lowest to highest"), ranked("highest to lowest")),
    "the other side": ("unfaithful", above("below"), above("above")),
    "no side": ("unfaithful", above("near"), above("above")),
    "another operation": ("unfaithful", combined("typical"), combined("combined")),
    "a model speaks of a tool": (
        "unreadable",
        free(mill_height(MILL.replace("the el", "hamlet_height, the el"))),
        free(mill_height()),
    ),
    "a model says what is to be found out": (
        "leak",
        free(mill_height(MILL.replace("the hamlet", "elmham, the hamlet"))),
        free(mill_height()),
    ),
    "a model says a part of the answer": (
        "leak",
        free(
            fair_picks(HIGH, LOW),
            "Give the highest attendance of the fairs of the shire of Ashby, such as goose fair, and the lowest.",
        ),
        free(fair_picks(HIGH, LOW)),
    ),
    "a model names a unit of nothing": (
        "unfaithful",
        free(mill_height(MILL.replace("metres", "metres or in miles"))),
        free(mill_height()),
    ),
    "a model mixes up two units": (
        "unfaithful",
        free(rest("A 20-year-old walker carries 5 cm and has a stride of 60 kg.")),
        free(rest()),
    ),
    "a model asks the other way round": (
        "unfaithful",
        free(pair("hamlet_height", "/height", "difference", HIGHER.format("Birchley", "Ashby"), unit="metres")),
        free(pair("hamlet_height", "/height", "difference", HIGHER.format("Ashby", "Birchley"), unit="metres")),
    ),
    "a model asks for something else": (
        "unfaithful",
        free(mill_people("What is the beauty of the hamlet whose mill grinds for Ashby?")),
        free(mill_people("How many people live in the hamlet whose mill grinds for Ashby?")),
    ),
    "a model asks for what another tool gives": (
        "unfaithful",
        free(mill_height(MILL.replace("the elevation", "the mean temperature at the elevation"))),
        free(mill_height()),
    ),
    "a model asks for all of a list that lacks some": (
        "ungrounded",
        free(neighbours("Hollow")),
        free(neighbours("Ashby")),
    ),
    "a model subtracts people from metres": (
        "odd_arithmetic",
        free(unlike_kinds("difference")),
        free(twice_over(False)),
    ),
    "a model adds up elevations": (
        "odd_arithmetic",
        free(total("hamlet_height", "/height", "elevation", "metres")),
        free(total("hamlet_people", "/people", "population", "people")),
    ),
    "a model writes a sentence of 36 words": (
        "unreadable",
        free(mill_height(f"What is the elevation, in metres, {LONG} of the fine old hamlet called Ashby by all?")),
        free(mill_height(f"What is the elevation, in metres, {LONG} of the old hamlet called Ashby by all?")),
    ),
    "a model denies what is so": (
        "unfaithful",
        free(mill_height(MILL.replace("grinds", "does not grind"))),
        free(mill_height()),
    ),
    "a model asks for the half": (
        "unfaithful",
        free(mill_height(MILL.replace("the elevation", "half of the elevation"))),
        free(mill_height()),
    ),
    "a model asks for more beside": (
        "unfaithful",
        free(mill_height(MILL.replace(", in metres", ", in metres, and who mills there"))),
        free(mill_height()),
    ),
    "a model asks for another in the order": (
        "unfaithful",
        free(mill_height(MILL.replace("the hamlet", "the second hamlet"))),
        free(mill_height()),
    ),
    "a model chooses where the proof does not": (
        "unfaithful",
        free(mill_height(MILL.replace("the hamlet", "the largest hamlet"))),
        free(mill_height()),
    ),
    "a model measures a limit in another unit": (
        "unfaithful",
        free(above("above"), above("above")["task"]["question"].replace("metres", "people")),
        free(above("above")),
    ),
    "a model makes a word of the answer": (
        "leak",
        free(mill_shire("Ashby"), "In which shire, that of the southshiremen, is the hamlet of the market of Ashby?"),
        free(mill_shire("Ashby"), "In which shire, that of the millers, is the hamlet of the market of Ashby?"),
    ),
    "a model says the answer's number in words": (
        "leak",
        free(mill_people("How many people live in the hamlet, five hundred and ten, whose mill grinds for Ashby?")),
        free(mill_people("How many people live in the hamlet whose mill grinds for Ashby?")),
    ),
    "a model exchanges two numbers": (
        "unfaithful",
        free(rest("A 20-year-old walker carries 60 kg and has a stride of 5 cm.")),
        free(rest()),
    ),
    "a model goes the other way": (
        "unfaithful",
        free(walk_and_height("to Birchley from Dunmoor")),
        free(walk_and_height("from Birchley to Dunmoor")),
    ),
    "a model mixes up a list": (
        "unfaithful",
        free(paces([450, 300, 300], "at 300, 450 and 300")),
        free(paces([450, 300, 300], "at 450, 300 and 300")),
    ),
    "a model mixes up the rows of a table": (
        "unfaithful",
        free(paces(ROWS, "at 300 (Birchley) and 450 (Coldwell)")),
        free(paces(ROWS, "at 450 (Birchley) and 300 (Coldwell)")),
    ),
    "new words over a question that was wrong": (
        "unfaithful",
        reworded(
            "In metres, what is the elevation of the hamlet whose mill grinds for Ashby?",
            MILL.replace("metres", "fathoms"),
        ),
        reworded("In metres, what is the elevation of the hamlet whose mill grinds for Ashby?"),
    ),
    "new words that are the old": (
        "unfaithful",
        reworded(MILL),
        reworded("Of the hamlet whose mill grinds for Ashby, give the elevation, in metres."),
    ),
}


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_flaw_is_rejected_with_just_its_reason(flaw: str) -> None:
    reason, flawed, _ = FLAWS[flaw]
    found = screen(Case(flawed, TOOLS))
    assert found is not None and found[0] == reason and found[1]
    if reason != "ungrounded":  # without a proved answer there is nothing for the other screens to look at
        assert reasons(flawed) == [reason]


@pytest.mark.parametrize("flaw", FLAWS)
def test_the_clean_twin_passes(flaw: str) -> None:
    assert list(outcomes(Case(FLAWS[flaw][2], TOOLS))) == [(reason, None) for reason in REASONS]


def test_every_rule_of_every_screen_rejects_something() -> None:
    idle = [
        f"{reason}: {rule.__name__}"
        for reason, rules in SCREENS.items()
        for rule in rules
        if not any(rule(Case(flawed, TOOLS)) for word, flawed, _ in FLAWS.values() if word == reason)
    ]
    assert idle == []


def test_the_sentence_limit_is_35_words() -> None:
    flawed, clean = FLAWS["a sentence of 36 words"][1:]
    assert [len(record["task"]["question"].split()) for record in (flawed, clean)] == [36, 35]


def test_a_difference_of_things_that_share_no_class_is_unrelated() -> None:
    """Setting side by side is not only done in tables."""
    words = "By how many metres does the elevation of Ashby exceed the elevation of {}?"
    apart, near = (
        pair("hamlet_height", "/height", "difference", words.format(other), other, unit="metres")
        for other in ("Elmham", "Birchley")
    )
    assert reasons(near) == []
    assert reasons(apart) == ["unrelated_comparison"]


def test_a_date_said_in_words_is_a_leak() -> None:
    record = changed(mill_shire("Ashby", "Since 15 May 2031, what day serves Ashby?"))
    record["task"]["answer"] = {"value": "2031-05-15", "type": "date"}
    assert "leak" in reasons(record)


def test_every_outcome_can_be_listed_even_where_the_support_has_no_value() -> None:
    """A report on all screens must not die of the first one that failed."""
    assert reasons(FLAWS["the support points at nothing"][1])[0] == "ungrounded"


def test_a_round_that_finds_nothing_deeper_keeps_the_task_and_says_so() -> None:
    story = Story()
    mill = story.look("hamlet_mill", "/mill", hamlet=story.seed)
    story.look("hamlet_height", "/height", hamlet=mill)
    derive = Deriver(pool())
    first = derive(story.record)
    assert len(Case(first, TOOLS).used) == 2
    refused = {"call": "c3", "round": 2, "tool": "hamlet_shire", "arguments": {"hamlet": "Nowhere"}}
    refused |= {"arguments_from": {"hamlet": given("Nowhere")}, "error": {"kind": "refused", "message": "no"}}
    again = derive({**first, "evidence": [*first["evidence"], refused]})
    assert again["task"] == {**first["task"], "stalled": [2]}


# --- real tasks ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def tasks() -> tuple[Record, ...]:
    """Real tasks of all domains, two rounds deep."""
    found = grown(160)
    assert len(found) >= 100
    return found


def case(record: Record) -> Case:
    return Case(record, real()[0].named(record["setup"]["tools"]))


def own(record: Record) -> Record:
    """The record as if a model had written its question."""
    return {**record, "task": {**record["task"], "by": "openai:writer"}}


def test_free_english_is_held_neither_too_hard_nor_too_softly(tasks: tuple[Record, ...]) -> None:
    """Real questions pass as a model's own; changed in number, name, unit, extreme or order they are caught."""
    deep = [own(record) for record in tasks if len(case(record).used) > 1]
    rejected = [(r["task"]["question"], why) for r in deep for _, why in outcomes(case(r)) if why is not None]
    assert len(deep) >= 60 and len(rejected) <= len(deep) // 50, rejected
    found = [mutant for mutant in mutants(deep, real()[0].tools, 5) if mutant["mutation"] != "sibling"]
    missed = [mutant for mutant in found if mutant["caught"] is None]
    assert len(found) >= 30 and len(missed) <= len(found) // 8, missed


def test_a_change_after_rewording_is_caught(tasks: tuple[Record, ...]) -> None:
    deep = {record["id"]: record for record in tasks if len(case(record).used) > 1}
    found, missed = list(mutants(deep.values(), real()[0].tools, 1)), []
    for mutant in found:
        task = deep[mutant["id"]]["task"]
        new = {"question": mutant["question"], "original": task["question"], "reworded_by": "openai:writer"}
        passed = all(detail is None for _, detail in outcomes(case(changed(deep[mutant["id"]], **new))))
        missed += [mutant] if passed else []
    assert len(found) >= 50 and len(missed) <= len(found) // 20, missed


class Copyist:
    """A model that drafts just what the program derived, in the language that it is told of."""

    inside, name, revision = True, "scripted:copyist", "1"

    def __init__(self, task: dict[str, Any]) -> None:
        answer = {key: task["answer"][key] for key in ("value", "type", "unit") if key in task["answer"]}
        self.draft = {"question": task["question"], "answer": answer, "support": plain(task["support"])}
        self.counters: dict[str, Any] = {}

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def reply(self, ask: Ask) -> Reply:
        return Reply(message={"role": "assistant", "content": orjson.dumps(self.draft).decode()})


def plain(node: Any) -> Any:
    """A support whose givens are bare values."""
    if isinstance(node, list):
        return [plain(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {"given": node["given"]} if "given" in node else {key: plain(item) for key, item in node.items()}


def test_what_the_program_derives_is_kept_of_a_model_too(tasks: tuple[Record, ...]) -> None:
    """The language that models are told of bears every real task, and the program finds the same typed answer."""
    for record in tasks:
        bare = {**{key: value for key, value in record.items() if key != "task"}, "evidence": record["evidence"]}
        bare["setup"] = {**record["setup"], "exemplars": []}
        found = asyncio.run(prompted.Deriver(real()[0], Copyist(record["task"]))(bare))
        assert not isinstance(found, Drop), (record["task"]["question"], found.detail)
        assert found["task"]["answer"] == record["task"]["answer"]


def test_real_tasks_pass_every_screen(tasks: tuple[Record, ...]) -> None:
    failed = [
        (reason, detail, record["task"]["question"])
        for record in tasks
        for reason, detail in outcomes(case(record))
        if detail is not None and reason != "trivial"
    ]
    assert failed == []


@pytest.fixture(scope="session")
def changes(tasks: tuple[Record, ...]) -> list[dict[str, Any]]:
    """Mutants of the tasks, once with each kind of change taking its turn first."""
    shifted = (tasks[start:] for start in range(len(MUTATIONS)))
    return [row for some in shifted for row in mutants(some, real()[0].tools)]


def test_questions_changed_in_one_thing_are_caught(changes: list[dict[str, Any]]) -> None:
    missed = [row for row in changes if row["caught"] is None]
    assert len(changes) >= 100 and {row["mutation"] for row in changes} >= set(MUTATIONS) - {"turned"}
    assert len(missed) <= 0.1 * len(changes), missed


@pytest.mark.parametrize("kind", MUTATIONS)
def test_no_kind_of_change_mostly_slips_through(kind: str, changes: list[dict[str, Any]]) -> None:
    rows = [row for row in changes if row["mutation"] == kind]
    missed = [row["question"] for row in rows if row["caught"] is None]
    assert kind == "turned" or len(rows) >= 15  # ratios are rare
    assert len(missed) <= 0.5 * len(rows), missed


def test_every_screen_is_looked_at():
    """A reason that no order names would never be asked for."""
    assert set(REASONS) == set(SCREENS)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("the network 172.18.24.128/26", ["172.18.24.128", "26"]),
        ("version 1.4.2 or 2.10", ["1.4.2", "2.10"]),
        ("1,200.5 grams at -4 degrees.", ["1,200.5", "-4"]),
        ("CVE2 and x86", []),
    ],
)
def test_versions_and_addresses_are_read_whole(text: str, numbers: list[str]) -> None:
    assert _NUMBERS.findall(text) == numbers
