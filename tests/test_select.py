"""Which attempts are kept to learn from and which tasks, each on attempts written by hand, and the call graph."""

from __future__ import annotations

import json
import random
import re
import subprocess
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from shell import bash, start

from dive_tools.callgraph import CallGraph, call_graph
from dive_tools.errors import BadRecord
from dive_tools.records import Drop, Record, need
from dive_tools.rollout import Step, counts, grounded, rests, steps
from dive_tools.select import frontier, select, wasted

QUESTION = "How high lies the hamlet whose mill grinds for Ashby, in metres?"
Call = tuple[str, dict[str, Any], dict[str, Any]]

MILL: Call = ("hamlet_mill", {"hamlet": "Ashby"}, {"result": {"mill": "Elmham"}})
HEIGHT: Call = ("hamlet_height", {"hamlet": "Elmham"}, {"result": {"height": 47.5}})
PEOPLE: Call = ("hamlet_people", {"hamlet": "Elmham"}, {"result": {"people": 510}})
MARKET: Call = ("hamlet_market", {"hamlet": "Ashby"}, {"result": {"market": "Elmham"}})
REFUSED: Call = ("hamlet_height", {"hamlet": "Nowhere"}, {"error": {"kind": "refused", "message": "no such hamlet"}})
AGAIN: Call = (*MILL[:2], {"error": {"kind": "repeated", "message": "this call was made as c1"}})

CHAIN = ([MILL], [HEIGHT])  # a list is a turn


def talk(turns: Iterable[list[Call]], answer: str = "Answer: 47.5") -> list[dict[str, Any]]:
    """The messages of an attempt."""
    messages: list[dict[str, Any]] = [{"role": "user", "content": QUESTION}]
    number = 0
    for turn in turns:
        asked, told = [], []
        for tool, arguments, outcome in turn:
            number += 1
            function = {"name": tool, "arguments": arguments}
            asked.append({"id": f"id{number}", "type": "function", "function": function})
            told.append({"role": "tool", "tool_call_id": f"id{number}", "content": json.dumps(outcome)})
        messages += [{"role": "assistant", "content": "", "tool_calls": asked}, *told]
    return [*messages, {"role": "assistant", "content": answer}]


def run(
    name: str, *turns: list[Call], outcome: str = "right", rests: int = 2, tokens: int = 900, **more: Any
) -> Record:
    """An attempt, with the id TASK.MODEL.ATTEMPT; `more` goes into `run`."""
    task, model, attempt = name.split(".")
    messages = talk(turns)
    scores = {"right": 1.0, "unscored": None}
    made = {
        "attempt": int(attempt),
        "model": f"openai:{model}",
        "messages": messages,
        "ending": "answered",
        "outcome": outcome,
        "score": scores.get(outcome, 0.0),
        "calls": counts(steps(messages)),
        "usage": {"requests": len(turns) + 1, "tokens_in": tokens - 100, "tokens_out": 100},
        "rests": {"calls": rests, "cited": []},
    }
    answer = {"value": 47.5, "type": "number", "unit": "metres"}
    asked = {"round": 1, "question": QUESTION, "answer": answer, "support": {"given": 47.5}, "by": "hand"}
    verdict = {"checks": {"replay": "passed"}}
    return {"id": name, "task": asked, "verdict": verdict, "kept": [task], "run": {**made, **more}}


def chosen(runs: Iterable[Record], way: str = "best", most: int = 1) -> list[str]:
    """The ids of those kept."""
    return [one["id"] for one in select(runs, way, most) if isinstance(one, dict)]


def reasons(runs: Iterable[Record], way: str = "best", most: int = 1) -> list[str]:
    """For each attempt "kept" or the reason."""
    return [one.reason if isinstance(one, Drop) else "kept" for one in select(runs, way, most)]


def lines(records: Iterable[Record]) -> bytes:
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def read(text: bytes) -> list[Record]:
    return [json.loads(line) for line in text.splitlines()]


# --- the call graph --------------------------------------------------------------------------------------------------


def graph(*turns: list[Call], question: str = QUESTION) -> CallGraph:
    return call_graph(steps(talk(turns)), question)


def test_a_value_that_flows_is_an_edge() -> None:
    assert graph(*CHAIN) == CallGraph(("hamlet_mill", "hamlet_height"), frozenset({(0, 1)}))


def test_calls_of_one_turn_know_nothing_of_one_another() -> None:
    assert graph([MILL, HEIGHT]).edges == frozenset()


def test_a_value_of_the_question_does_not_flow() -> None:
    home: Call = ("lord_home", {"lord": "Ashby of Elmham"}, {"result": {"home": "Ashby", "rent": 1250.0, "in": "GBP"}})
    toll: Call = ("toll", {"hamlet": "Ashby", "rent": 1250}, {"result": {"toll": 7}})
    assert graph([home], [toll], question="In Ashby's market, what is the toll on £1,250?").edges == frozenset()
    assert graph([home], [toll], question="What is the toll?").edges == {(0, 1)}


def test_what_stands_in_results_by_chance_does_not_flow() -> None:
    first: Call = ("first", {}, {"result": {"count": 12, "open": True, "code": "GB", "whole": 3.0, "none": None}})
    second: Call = ("second", {"n": 12, "open": True, "code": "GB", "k": 3, "none": None}, {"result": 1})
    assert graph([first], [second]).edges == frozenset()


@pytest.mark.parametrize("value", ["GBR", 21, -300, 0.5])
def test_what_tells_flows_also_from_deep_inside(value: Any) -> None:
    first: Call = ("first", {}, {"result": {"rows": [{"a": [value]}]}})
    second: Call = ("second", {"query": {"of": [value]}}, {"result": 1})
    assert graph([first], [second]).edges == {(0, 1)}


def test_what_the_model_came_up_with_does_not_flow_from_a_result_that_repeats_it() -> None:
    guess: Call = ("hamlet_shire", {"hamlet": "Kelton"}, {"result": {"hamlet": "Kelton", "shire": "Eastshire"}})
    height: Call = ("hamlet_height", {"hamlet": "Kelton"}, {"result": {"height": 33.0}})
    assert graph([guess], [height]).edges == frozenset()


def test_a_later_result_that_repeats_a_known_value_gives_nothing() -> None:
    echo: Call = ("hamlet_shire", {"hamlet": "Elmham"}, {"result": {"hamlet": "Elmham", "shire": "Southshire"}})
    assert graph([MILL], [echo], [HEIGHT]).edges == {(0, 1), (0, 2)}


def test_calls_that_failed_are_not_in_it() -> None:
    assert graph([REFUSED], [MILL], [AGAIN], [HEIGHT]) == graph(*CHAIN)


def test_the_digest_knows_no_ids() -> None:
    one = steps(talk(CHAIN))
    other = [Step(f"x{9 - number}", *(s.turn, s.tool, s.arguments, s.outcome)) for number, s in enumerate(one)]
    assert call_graph(one, QUESTION).digest == call_graph(other, QUESTION).digest


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (([MILL], [HEIGHT], [PEOPLE]), ([MILL], [PEOPLE], [HEIGHT])),
        (([MILL], [HEIGHT], [PEOPLE]), ([MILL], [HEIGHT, PEOPLE])),
        (([MILL], [MARKET], [HEIGHT]), ([MARKET], [MILL], [HEIGHT])),  # both say Elmham
    ],
)
def test_the_order_of_independent_calls_makes_no_difference(one: Any, other: Any) -> None:
    assert graph(*one).digest == graph(*other).digest


def shape(tools: Iterable[str], *edges: tuple[int, int]) -> str:
    return CallGraph(tuple(tools), frozenset(edges)).digest


def test_graphs_that_differ_have_digests_that_differ() -> None:
    shapes = [
        shape(""),
        shape("a"),
        shape("aa"),
        shape("aaa"),
        shape("ab"),
        shape("ab", (0, 1)),
        shape("ba", (0, 1)),
        shape("aaa", (0, 1)),
        shape("aaa", (0, 1), (1, 2)),
        shape("aaa", (0, 1), (0, 2)),
        shape("aaa", (0, 2), (1, 2)),
        shape("aaa", (0, 1), (1, 2), (0, 2)),
        shape("aabb", (0, 2), (1, 3)),
        shape("aabb", (0, 2), (0, 3)),
        shape("aabb", (0, 2), (1, 2)),
    ]
    assert len(set(shapes)) == len(shapes)


@pytest.mark.parametrize("number", range(20))
def test_any_order_that_keeps_the_edges_has_one_digest(number: int) -> None:
    chance = random.Random(number)
    size = chance.randint(3, 9)
    needs = [sorted(chance.sample(range(n), chance.randint(0, min(n, 2)))) for n in range(size)]
    made: list[Call] = [
        (f"tool{chance.randrange(3)}", {f"p{n}": f"value {n}" for n in needs[here]}, {"result": [f"value {here}"]})
        for here in range(size)
    ]
    found = graph(*([call] for call in made))
    assert found.edges == {(giver, taker) for taker, givers in enumerate(needs) for giver in givers}
    for _ in range(5):
        order = any_order(needs, chance)
        assert graph(*([made[n]] for n in order)).digest == found.digest
    if found.edges:
        left = frozenset(chance.sample(sorted(found.edges), len(found.edges) - 1))
        assert CallGraph(found.tools, left).digest != found.digest


def any_order(needs: list[list[int]], chance: random.Random) -> list[int]:
    """The calls in an order in which each comes after those that it needs."""
    order: list[int] = []
    while len(order) < len(needs):
        ready = [n for n, before in enumerate(needs) if n not in order and set(before) <= set(order)]
        order.append(chance.choice(ready))
    return order


# --- which attempt is best -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("turns", "rests", "said"),
    [
        (CHAIN, 2, 0),
        (([MILL, HEIGHT],), 3, 0),  # with less than the proof has
        (([REFUSED], *CHAIN), 2, 1),
        (([MILL], [AGAIN], [HEIGHT]), 2, 1),
        (([MILL], [MILL], [HEIGHT]), 2, 1),  # answered again, and still repeated
        ((*CHAIN, [PEOPLE], [MARKET]), 2, 2),
        (([REFUSED], *CHAIN, [PEOPLE]), 2, 2),
        (([REFUSED], [MILL]), 2, 1),  # what failed is no call that the proof rests on
        ((), 2, 0),
    ],
)
def test_wasted_calls(turns: Any, rests: int, said: int) -> None:
    assert wasted(run("t.m.0", *turns, rests=rests)["run"]) == said


def test_the_best_wastes_no_call_takes_few_turns_and_few_tokens_and_came_first() -> None:
    together = [MILL, ("hamlet_height", {"hamlet": "Elmham"}, {"result": {"height": 47.5}})]
    order = [
        run("t.m.5", together, tokens=800),
        run("t.m.0", together, tokens=900),
        run("t.m.4", together, tokens=900),
        run("t.m.1", *CHAIN, tokens=300),
        run("t.m.2", [REFUSED, MILL, HEIGHT], tokens=200),
        run("t.m.3", *CHAIN, [PEOPLE], [MARKET], tokens=100),
    ]
    for number in range(len(order)):
        left = sorted(order[number:], key=lambda record: record["id"])
        assert chosen(left) == [order[number]["id"]]
        assert chosen(left[::-1]) == [order[number]["id"]]


def test_of_equals_the_earlier_attempt_is_better_and_what_is_written_costs_as_what_is_read() -> None:
    usage = {"requests": 3, "tokens_in": 700, "tokens_out": 300}
    assert chosen([run("t.m.10", *CHAIN), run("t.m.9", *CHAIN)]) == ["t.m.9"]
    assert chosen([run("t.m.0", *CHAIN, usage=usage), run("t.m.1", *CHAIN, tokens=950)]) == ["t.m.1"]


def test_up_to_so_many_of_each_task_are_kept_in_their_order() -> None:
    runs = [run(f"t.m.{n}", *CHAIN, tokens=900 - n) for n in range(4)]
    assert chosen(runs, most=2) == ["t.m.2", "t.m.3"]
    assert reasons(runs, most=9) == ["kept"] * 4


def test_attempts_of_several_models_are_of_one_task() -> None:
    runs = [run("t.m.0", *CHAIN), run("t.n-b.0", *CHAIN, tokens=300), run("u.m.0", *CHAIN)]
    assert chosen(runs) == ["t.n-b.0", "u.m.0"]


def test_a_right_answer_without_a_proof_of_it_in_results_is_dropped_as_lucky() -> None:
    runs = [run("t.m.0", lucky=True, rests=1), run("t.m.1", *CHAIN, [REFUSED])]
    assert reasons(runs) == ["lucky", "kept"]
    assert reasons(runs, "diverse") == ["lucky", "kept"]


def test_a_task_that_cannot_be_answered_is_one_like_others() -> None:
    runs = [run(f"t.m.{n}", [MILL], rests=0, outcome=outcome) for n, outcome in enumerate(("wrong", "right"))]
    for one in runs:
        one["task"] |= {"scorer": "missing", "missing": {"tools": ["hamlet_height"]}}
    assert reasons(runs) == ["wrong", "kept"]


def test_recovery_keeps_the_best_of_those_that_met_an_error() -> None:
    runs = [
        run("t.m.0", *CHAIN),
        run("t.m.1", [MILL], [REFUSED], [REFUSED], [HEIGHT]),
        run("t.m.2", [MILL], [REFUSED], [HEIGHT]),
        run("t.m.3", *CHAIN, [REFUSED]),  # nothing came after
        run("t.m.4", [REFUSED], *CHAIN, outcome="wrong", answer="48"),
    ]
    assert reasons(runs, "recovery") == ["no_recovery", "spare", "kept", "no_recovery", "wrong"]
    assert chosen(runs, "recovery", 2) == ["t.m.1", "t.m.2"]
    assert chosen(runs) == ["t.m.0"]


def test_diverse_keeps_the_best_of_each_call_graph() -> None:
    runs = [
        run("t.m.0", *CHAIN, [PEOPLE]),
        run("t.m.1", *CHAIN),
        run("t.m.2", [REFUSED], *CHAIN),  # the same graph
        run("t.m.3", [MILL], [PEOPLE], [HEIGHT], tokens=950),  # the same as the first, less cheap
        run("t.m.4", [MARKET], [MILL], [HEIGHT], tokens=990),
    ]
    dropped = {one.record["id"]: one for one in select(runs, "diverse", 2) if isinstance(one, Drop)}
    assert chosen(runs, "diverse", 2) == ["t.m.0", "t.m.1"]
    assert {name: one.reason for name, one in dropped.items()} == {
        "t.m.2": "same_graph",
        "t.m.3": "same_graph",
        "t.m.4": "spare",
    }
    assert dropped["t.m.3"].extra == {"twin": "t.m.0"}
    assert chosen(runs, "diverse", 9) == ["t.m.0", "t.m.1", "t.m.4"]
    assert chosen(runs, "diverse") == ["t.m.1"]


def test_a_tool_by_another_name_is_the_same_tool() -> None:
    shown = [("get_mill", *MILL[1:])], [("get_height", *HEIGHT[1:])]
    clothes = {"names": {"hamlet_mill": "get_mill", "hamlet_height": "get_height"}}
    runs = [run("t.m.0", *CHAIN), run("t.m-perturbed.0", *shown, tokens=950, clothes=clothes)]
    assert reasons(runs, "diverse", 3) == ["kept", "same_graph"]
    assert reasons([runs[0], run("t.m.1", *shown)], "diverse", 3) == ["kept", "kept"]


def test_only_the_attempts_of_one_task_are_held() -> None:
    read_so_far = 0

    def endless() -> Iterator[Record]:
        nonlocal read_so_far
        while True:
            yield run(f"t{read_so_far // 2}.m.{read_so_far % 2}", *CHAIN)
            read_so_far += 1

    found = select(endless())
    for number in range(20):
        next(found)
        assert read_so_far == number // 2 * 2 + 2  # the first of the next task ends one


# --- which tasks lie on the frontier ---------------------------------------------------------------------------------


def of_task(task: str, outcomes: str, model: str = "m") -> list[Record]:
    """Attempts: r right, w wrong, n no answer, u unscored."""
    words = {"r": "right", "w": "wrong", "n": "no_answer", "u": "unscored"}
    return [run(f"{task}.{model}.{number}", *CHAIN, outcome=words[o]) for number, o in enumerate(outcomes)]


def solved(outcomes: str, low: int = 1, high: int = 2) -> Any:
    """What becomes of a task: (solved, attempts), or the reason."""
    first, *others = frontier(of_task("t", outcomes), low, high)
    assert not any(isinstance(one, dict | Drop | BadRecord) for one in others)
    if isinstance(first, Drop):
        assert "run" not in first.record and first.record["id"] == "t"
        return first.reason
    assert isinstance(first, dict)
    return first["frontier"]["solved"], first["frontier"]["attempts"]


@pytest.mark.parametrize(
    ("outcomes", "said"),
    [
        ("rwww", (1, 4)),
        ("wrnr", (2, 4)),
        ("rrwr", "too_easy"),
        ("wwnw", "too_hard"),
        ("uuuu", "unscored"),
        ("uruu", (1, 1)),
        ("wuuu", "too_hard"),
        ("r", (1, 1)),
    ],
)
def test_a_task_is_kept_when_it_is_solved_now_and_then(outcomes: str, said: Any) -> None:
    assert solved(outcomes) == said


def test_bounds_belong_to_the_frontier() -> None:
    assert solved("rrwr", 3, 3) == (3, 4) and solved("wwnw", 0, 0) == (0, 4)


def test_attempts_of_several_models_count_together() -> None:
    runs = [one for model in ("f", "e", "d", "c", "b", "a") for one in of_task("t", "rw", model)]
    [found, *_] = frontier(runs, 6, 6)
    assert isinstance(found, dict)
    models = "openai:a, openai:b, openai:c, openai:d, openai:e, openai:f"
    rests = {"calls": 2, "cited": []}
    assert found["frontier"] == {"solved": 6, "attempts": 12, "model": models, "rests": rests}


def test_attempts_that_ended_with_a_right_one_do_not_tell_how_often() -> None:
    [one, other] = frontier([run("t.m.0", *CHAIN, until=1), run("t.m.1", *CHAIN)], 1, 1)
    assert isinstance(one, BadRecord) and "--until-correct" in (one.hint or "")
    assert isinstance(other, dict) and other["frontier"]["attempts"] == 1
    assert chosen([run("t.m.0", *CHAIN, until=1)]) == ["t.m.0"]


CITED = {"tool": "hamlet_height", "arguments": {"hamlet": "Elmham"}, "value": 47.5}
WORN = {"kinds": ["names"], "seed": 0, "names": {"hamlet_mill": "get_mill", "hamlet_height": "get_height"}}


def known(runs: list[Record]) -> Any:
    """What a task of the frontier says that its proof rests on."""
    [found, *_] = frontier(runs, 0, len(runs))
    assert isinstance(found, dict)
    need(found, "frontier")
    return found["frontier"]["rests"]


def test_a_task_of_the_frontier_keeps_what_its_proof_rests_on() -> None:
    plain, worn = run("t.m.0", *CHAIN), run("t.m-names.0", *CHAIN, clothes=WORN)
    plain["run"]["rests"] = {"calls": 2, "cited": [CITED]}
    worn["run"]["rests"] = {"calls": 2, "cited": [{**CITED, "tool": "get_height"}]}
    silent = run("t.m-old.0", *CHAIN, rests=0)
    assert known([worn, plain]) == known([plain]) == known([worn]) == known([silent, worn]) == plain["run"]["rests"]


def test_attempts_at_a_task_of_the_frontier_tell_luck() -> None:
    """Its evidence is gone: from what was kept of it an attempt by heart is known."""
    runs = of_task("t", "rw")
    for one in runs:
        one["run"]["rests"] = {"calls": 2, "cited": [CITED]}
    [task, *_] = frontier(runs, 1, 1)
    assert isinstance(task, dict)
    proof = rests(task, {"hamlet_height": "get_height"})
    assert proof == {"calls": 2, "cited": [{**CITED, "tool": "get_height"}]} and rests(task)["cited"] == [CITED]
    answer = task["task"]["answer"]
    assert not grounded(answer, proof, []) and grounded(answer, proof, steps(runs[0]["run"]["messages"]))
    task["frontier"]["rests"] = {"calls": 1, "cited": [3]}
    with pytest.raises(BadRecord, match='"frontier"/rests/cited/0'):
        rests(task)


# --- equal ids -------------------------------------------------------------------------------------------------------

UNLIKE: list[dict[str, Any]] = [
    {"model": "openai:b/m"},
    {"revision": "r2"},
    {"sampling": {"temperature": 0}},
    {"clothes": {"kinds": ["order"], "seed": 0}},
    {"clothes": {"kinds": ["order"], "seed": 1}},
]


def test_attempts_made_otherwise_are_others_though_their_ids_are_equal() -> None:
    runs = [run("t.m.0", *CHAIN, outcome="wrong"), *(run("t.m.0", *CHAIN, **more) for more in UNLIKE)]
    [found, *_] = frontier(runs, 5, 5)
    assert isinstance(found, dict) and (found["frontier"]["solved"], found["frontier"]["attempts"]) == (5, 6)
    assert sorted(reasons(runs)) == ["kept", *["spare"] * 4, "wrong"]
    assert reasons(runs, most=9) == ["wrong", *["kept"] * 5]
    same = [run("t.m.0", *CHAIN), run("t.m.0", *CHAIN, clothes={"kinds": [], "seed": 3})]
    assert [type(one) for one in select(same, most=9)] == [dict, BadRecord]


# --- the command -----------------------------------------------------------------------------------------------------


def many() -> list[Record]:
    """Attempts at three tasks, with everything that may become of one."""
    return [
        run("a.m.0", outcome="unscored", error="model_error: timeout: 300 s", ending="model_error"),
        run("a.m.1", *CHAIN, [PEOPLE]),
        run("a.m.2", *CHAIN),
        run("a.m.3", [MILL], [REFUSED], [HEIGHT]),
        run("b.m.0", outcome="no_answer", ending="budget", detail="turns"),
        run("b.m.1", [MILL], outcome="missing", answer="a tool that gives heights"),
        run("b.m.2", *CHAIN, outcome="wrong", answer="48"),
        run("b.m.3", lucky=True),
        run("c.m.0", *CHAIN, outcome="unscored"),
        run("c.m.1", [MILL], [HEIGHT], [PEOPLE]),
        run("c.m.2", [MILL], [PEOPLE], [HEIGHT]),
        run("c.m.3", [MARKET], [HEIGHT]),
    ]


def test_the_attempts_are_the_records_of_the_schema() -> None:
    for one in many():
        need(one, "id", "task", "verdict", "run")


@pytest.mark.parametrize(
    ("options", "kept", "closing"),
    [
        (
            "--select best",
            ["a.m.2", "c.m.3"],
            "in=12 kept=2 dropped=10 spare=4 error=1 lucky=1 missing=1 no_answer=1 unscored=1 wrong=1",
        ),
        (
            "--select best -m 2",
            ["a.m.1", "a.m.2", "c.m.1", "c.m.3"],
            "in=12 kept=4 dropped=8 spare=2 error=1 lucky=1 missing=1 no_answer=1 unscored=1 wrong=1",
        ),
        (
            "--select recovery --most 2",
            ["a.m.3"],
            "in=12 kept=1 dropped=11 no_recovery=5 error=1 lucky=1 missing=1 no_answer=1 unscored=1 wrong=1",
        ),
        (
            "--select diverse -m 2",
            ["a.m.1", "a.m.2", "c.m.1", "c.m.3"],
            "in=12 kept=4 dropped=8 same_graph=2 error=1 lucky=1 missing=1 no_answer=1 unscored=1 wrong=1",
        ),
    ],
)
def test_select(options: str, kept: list[str], closing: str, tmp_path: Path) -> None:
    done = bash(f"dive-verify {options} -r rejects.jsonl", tmp_path, lines(many()))
    assert done.returncode == 0, done.stderr
    whole = {record["id"]: record for record in many()}
    assert read(done.stdout) == [whole[name] for name in kept]
    assert re.fullmatch(rf"dive-verify: {closing} \d+\.\ds\n", done.stderr.decode())
    rejects = read((tmp_path / "rejects.jsonl").read_bytes())
    assert [record["id"] for record in rejects] == [name for name in whole if name not in kept]
    assert all(record["drop"]["stage"] == "dive-verify" and record["drop"]["detail"] for record in rejects)
    assert all({**record, "drop": 0} == {**whole[record["id"]], "drop": 0} for record in rejects)
    again = bash(f"dive-verify {options} -q", tmp_path, done.stdout)
    assert (again.returncode, again.stdout) == (0, done.stdout)


def test_the_rejects_say_why(tmp_path: Path) -> None:
    bash("dive-verify --select best -r rejects.jsonl -q", tmp_path, lines(many()))
    said = {r["id"]: r["drop"]["detail"] for r in read((tmp_path / "rejects.jsonl").read_bytes())}
    assert said["a.m.0"] == "model_error: timeout: 300 s" and said["a.m.1"] == "better: a.m.2"
    assert said["b.m.0"] == "turns" and said["b.m.2"] == "it says '48'" and "heights" in said["b.m.1"]


def test_frontier(tmp_path: Path) -> None:
    runs = [*of_task("a", "wwww"), *of_task("b", "wrur"), *of_task("c", "rrrr"), *of_task("d", "uu")]
    runs += of_task("e", "wwwr")
    done = bash("dive-verify --frontier 1:2 -r rejects.jsonl -o tasks.jsonl", tmp_path, lines(runs))
    assert done.returncode == 0, done.stderr
    one, other = read((tmp_path / "tasks.jsonl").read_bytes())
    bare = {key: value for key, value in runs[4].items() if key != "run"}
    rests = {"calls": 2, "cited": []}
    assert one == {**bare, "id": "b", "frontier": {"solved": 2, "attempts": 3, "model": "openai:m", "rests": rests}}
    assert other["id"] == "e" and other["frontier"]["solved"] == 1
    need(one, "id", "task", "verdict", "frontier")
    dropped = read((tmp_path / "rejects.jsonl").read_bytes())
    assert [(d["id"], d["drop"]["reason"]) for d in dropped] == [
        ("a", "too_hard"),
        ("c", "too_easy"),
        ("d", "unscored"),
    ]
    assert not any("run" in record for record in dropped)
    said = "in=18 kept=2 dropped=3 taken_in=13 too_easy=1 too_hard=1 unscored=1"
    assert said in done.stderr.decode()
    counted = json.loads((tmp_path / "tasks.jsonl.meta.json").read_text())["counts"]
    assert (counted["in"], counted["kept"], counted["dropped"]) == (18, 2, 3)


@pytest.mark.parametrize("options", ["--select best", "--frontier 1:2"])
def test_attempts_that_stand_apart_are_refused_with_a_remedy_that_works(options: str, tmp_path: Path) -> None:
    small, big = of_task("a", "wr", "small") + of_task("b", "ww", "small"), of_task("a", "r", "b") + of_task("b", "r")
    (tmp_path / "runs.jsonl").write_bytes(lines([*small, *big]))
    done = bash(f"dive-verify {options} runs.jsonl", tmp_path)
    assert done.returncode == 3
    message, hint = done.stderr.decode().splitlines()[-2:]
    assert message == "dive-verify: runs.jsonl:5: task a comes again after another"
    remedy = hint.rpartition(": ")[2]
    assert remedy.startswith("jq ")
    done = bash(f"{remedy} runs.jsonl | dive-verify {options} -q", tmp_path)
    assert done.returncode == 0 and len(done.stdout.splitlines()) == 2, done.stderr


def test_an_attempt_that_comes_twice_is_refused_with_a_remedy_that_works(tmp_path: Path) -> None:
    (tmp_path / "runs.jsonl").write_bytes(lines(of_task("a", "wr") + of_task("b", "r")) * 1)
    bash("cat runs.jsonl runs.jsonl | jq -cs 'sort_by(.id)[]' > twice.jsonl", tmp_path)
    done = bash("dive-verify --frontier 1:1 twice.jsonl", tmp_path)
    assert done.returncode == 3 and b"twice.jsonl:2: attempt a.m.0 comes twice" in done.stderr
    hint = done.stderr.decode().splitlines()[-1]
    remedy = hint.rpartition(": ")[2]
    done = bash(f"{remedy} twice.jsonl | dive-verify --frontier 1:1 -q", tmp_path)
    assert [found["frontier"]["attempts"] for found in read(done.stdout)] == [2, 1]
    assert "--tag" in hint


def test_the_remedy_for_what_comes_twice_takes_no_other_attempt(tmp_path: Path) -> None:
    runs = [*of_task("a", "wr"), *({**one, "run": {**one["run"], "model": "openai:b/m"}} for one in of_task("a", "ww"))]
    (tmp_path / "twice.jsonl").write_bytes(lines([*runs, *runs]))
    done = bash("dive-verify --frontier 1:1 twice.jsonl", tmp_path)
    assert done.returncode == 3 and b"twice.jsonl:5: attempt a.m.0 comes twice" in done.stderr
    remedy = done.stderr.decode().splitlines()[-1].rpartition(": ")[2]
    done = bash(f"{remedy} twice.jsonl | dive-verify --frontier 1:1 -q", tmp_path)
    assert [found["frontier"]["attempts"] for found in read(done.stdout)] == [4], done.stderr


@pytest.mark.parametrize("options", ["--select best", "--frontier 1:2"])
def test_bad_lines_are_named_and_do_not_stop_the_others(options: str, tmp_path: Path) -> None:
    good = lines(of_task("a", "wr") + of_task("b", "r")).splitlines(keepends=True)
    lacking = {key: value for key, value in of_task("a", "w")[0].items() if key != "run"}
    bad = [lines([lacking]), b"oops\n", lines([{**of_task("a", "r")[0], "id": "a.loose"}])]
    text = b"".join([bad[0], good[0], bad[1], good[1], bad[2], good[2], bad[1]])
    done = bash(f"dive-verify {options} --keep-going -r rejects.jsonl", tmp_path, text)
    assert done.returncode == 0, done.stderr
    assert [found["id"].split(".")[0] for found in read(done.stdout)] == ["a", "b"]
    told = [r["drop"] for r in read((tmp_path / "rejects.jsonl").read_bytes()) if r["drop"]["reason"] == "bad_line"]
    assert [drop["line"] for drop in told] == [1, 3, 5, 7]
    assert 'lacks "run"' in told[0]["detail"] and "TASK.MODEL.ATTEMPT" in told[2]["detail"]
    done = bash(f"dive-verify {options}", tmp_path, text)
    assert done.returncode == 3 and b'stdin:1: lacks "run"' in done.stderr and b"dive-eval" in done.stderr


def test_a_bad_line_is_told_before_the_end(tmp_path: Path) -> None:
    with start(
        "dive-verify", "--select", "best", cwd=tmp_path, stdin=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin and process.stderr
        process.stdin.write(b'{"id": "a", "task": {}}\n')
        process.stdin.flush()
        assert b"stdin:1: " in process.stderr.readline()
        process.stdin.close()
        assert process.wait(10) == 3


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--select best --frontier 1:5", "--select and --frontier are two different things"),
        ("--select best --model openai:m", "--model is about tasks"),
        ("--select best --closed 2", "--closed is about tasks"),
        ("--frontier 1:5 --attempts 4", "--attempts is about tasks"),
        ("--frontier 1:5 --pool builtin", "--pool is about tasks"),
        ("--frontier 1:5 -m 2", "-m says how many"),
        ("-m 2", "-m says how many"),
        ("--select best -m 0", "Invalid value for '-m'"),
        ("--select worst", "'worst' is not one of 'best', 'recovery', 'diverse'"),
        ("--frontier 5", "--frontier 5: say LOW:HIGH, as in 1:5"),
        ("--frontier 5:1", "--frontier 5:1: say LOW:HIGH"),
        ("--frontier ''", "--frontier : say LOW:HIGH"),
        ("--frontier 1:x", "--frontier 1:x: say LOW:HIGH"),
        ("--frontier 1:5 -o out.jsonl --resume", "--resume does not go with --frontier"),
    ],
)
def test_what_cannot_be_meant_is_refused(options: str, said: str, tmp_path: Path) -> None:
    done = bash(f"dive-verify {options}", tmp_path, lines(many()))
    assert done.returncode == 2 and said in done.stderr.decode(), done.stderr
    assert done.stdout == b"" and b"Traceback" not in done.stderr and not (tmp_path / "out.jsonl").exists()


def test_what_the_environment_says_for_others_is_passed_over(tmp_path: Path) -> None:
    done = bash("dive-verify --select best -q", tmp_path, lines(many()), DIVE_MODEL="openai:m", DIVE_CLOSED="1")
    assert done.returncode == 0 and len(done.stdout.splitlines()) == 2


def test_attempts_are_not_checked_as_tasks(tmp_path: Path) -> None:
    for options in ("", "-j 2", "--model scripted:/dev/null"):
        done = bash(f"dive-verify {options}", tmp_path, lines(many()))
        assert done.returncode == 3 and b"stdin:1: is an attempt, not a task" in done.stderr
        assert b"--select" in done.stderr and b"--frontier" in done.stderr and done.stdout == b""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes, bytes]:
    """(input, output, rejects) of a run that nobody disturbed."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "in.jsonl").write_bytes(lines([*many(), *of_task("d", "wrrw"), *of_task("e", "rrrr")]))
    done = bash("dive-verify --select best -m 2 in.jsonl -q -r rejects.jsonl", folder)
    assert done.returncode == 0
    return folder / "in.jsonl", done.stdout, (folder / "rejects.jsonl").read_bytes()


def test_cut_off_anywhere_and_resumed(whole: tuple[Path, bytes, bytes], tmp_path: Path) -> None:
    source, out, rejects = whole
    kept, dropped = out.splitlines(keepends=True), rejects.splitlines(keepends=True)
    chance = random.Random(5)
    for _ in range(6):
        count, gone = chance.randrange(len(kept)), chance.randrange(len(dropped))
        (tmp_path / "out.jsonl").write_bytes(b"".join(kept[:count]) + kept[count][: chance.randrange(50)])
        (tmp_path / "rejects.jsonl").write_bytes(b"".join(dropped[:gone]))
        done = bash(f"dive-verify --select best -m 2 {source} -o out.jsonl -r rejects.jsonl --resume -q", tmp_path)
        assert done.returncode == 0, done.stderr
        assert ((tmp_path / "out.jsonl").read_bytes(), (tmp_path / "rejects.jsonl").read_bytes()) == (out, rejects)


def test_killed_and_resumed(whole: tuple[Path, bytes, bytes], tmp_path: Path) -> None:
    source, out, _ = whole
    words = ["dive-verify", "--select", "best", "-m", "2", "-q", "-o", "out.jsonl"]
    with start(*words, cwd=tmp_path, stdin=subprocess.PIPE) as process:
        assert process.stdin
        process.stdin.writelines(source.read_bytes().splitlines(keepends=True)[:10])  # in the midst of the third task
        process.stdin.flush()
        end = time.monotonic() + 20
        while not ((tmp_path / "out.jsonl").exists() and (tmp_path / "out.jsonl").read_bytes().count(b"\n") == 2):
            assert time.monotonic() < end and process.poll() is None
            time.sleep(0.01)
        process.kill()
    assert (tmp_path / "out.jsonl").read_bytes() != out
    assert bash(f"{' '.join(words)} --resume {source}", tmp_path).returncode == 0
    assert (tmp_path / "out.jsonl").read_bytes() == out


def test_a_call_that_no_training_format_holds_is_malformed() -> None:
    broken: Call = ("hamlet_mill", '{"hamlet": ', {"error": {"kind": "malformed", "message": "not JSON"}})  # type: ignore[assignment]
    good, bad = run("a.m.0", *CHAIN), run("a.m.1", [broken], *CHAIN)
    kept, dropped = select([good, bad], "best", 2)
    assert kept is good and isinstance(dropped, Drop) and dropped.reason == "malformed"


def test_the_frontier_says_how_much_was_luck() -> None:
    runs = [run("a.m.0", *CHAIN), run("a.m.1", lucky=True), run("a.m.2", outcome="wrong")]
    task, *_ = frontier(runs, 1, 2)
    assert isinstance(task, dict) and (task["frontier"]["solved"], task["frontier"]["lucky"]) == (2, 1)
