"""What runs come to, held against sums by hand, against counting all cases, and against simulated truth."""

from __future__ import annotations

import itertools
import json
import random
import statistics
import time
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from dive_tools.cli import summing
from dive_tools.errors import BadRecord, UsageFault
from dive_tools.intervals import FEWEST, bootstrap, wilson
from dive_tools.records import Record
from dive_tools.summary import Summing, compare, figure, first_word, pass_at

GIVEN = {"given": 1, "vignette": "x", "seed": ""}
SAID = {1.0: "right", 0.0: "wrong", None: "unscored"}


def attempt(task: str, number: int, score: float | None, **more: Any) -> Record:
    """An attempt at a task. Of `more`, what is of the task or of its setup goes there, the rest into the run."""
    kind = more.pop("type", "integer")
    made = {"round": 1, "question": "?", "answer": {"value": 1, "type": kind}, "support": GIVEN, "by": "hand"}
    made |= {key: more.pop(key) for key in ("pattern", "scorer", "missing") if key in more}
    tools = {f"t{i}": "1" for i in range(more.pop("tools", 20))}
    seed = {"value": 1, "type": "x"}
    setup = {"domain": more.pop("domain", "general"), "seed": seed, "tools": tools, "exemplars": []}
    setup |= {key: more.pop(key) for key in ("tier",) if key in more}
    run = {
        "attempt": number,
        "model": "openai:m",
        "messages": [],
        "ending": "answered",
        "outcome": SAID[score],
        "score": score,
        "calls": {"made": 3, "errors": 0, "repeated": 0},
        "usage": {"requests": 4, "tokens_in": 100, "tokens_out": 10, "cached": 5, "seconds": 2.0},
        "rests": {"calls": more.pop("proof", 2), "cited": []},
    }
    return {"id": f"{task}.{more.pop('tag', 'm')}.{number}", "setup": setup, "task": made, "run": {**run, **more}}


def attempts(task: str, scores: Iterable[float | None], **more: Any) -> list[Record]:
    return [attempt(task, number, score, **more) for number, score in enumerate(scores)]


def summed(*records: Record) -> Summing:
    made = Summing()
    for record in records:
        made.add(record)
    return made


def many(scores: Sequence[Sequence[float | None]], **more: Any) -> Summing:
    """The attempts at tasks t0, t1, …"""
    return summed(*(run for i, each in enumerate(scores) for run in attempts(f"t{i}", each, **more)))


def figured(value: float | None, low: float | None, high: float | None, method: str | None, tasks: int) -> Any:
    """A figure, to six decimals."""
    ends = [None if end is None else round(end, 6) for end in (low, high)]
    return {"value": value, "low": ends[0], "high": ends[1], "method": method, "tasks": tasks}


def values(figures: dict[str, Any]) -> dict[str, Any]:
    return {name: found["value"] for name, found in figures.items()}


# --- pass@k -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", range(1, 9))
def test_pass_at_k_is_the_share_of_all_choices_of_k_that_hold_a_right_one(n: int) -> None:
    for right, k in itertools.product(range(n + 1), range(1, n + 1)):
        choices = list(itertools.combinations([1] * right + [0] * (n - right), k))
        assert pass_at(k, n, right) == pytest.approx(float(Fraction(sum(map(any, choices)), len(choices))), abs=1e-12)


def test_pass_at_k_is_exact_where_binomials_are_huge() -> None:
    wrong = Fraction(1)
    for i in range(500):
        wrong *= Fraction(9_000 - i, 10_000 - i)
    assert pass_at(500, 10_000, 1_000) == pytest.approx(float(1 - wrong), rel=1e-12)
    assert pass_at(1, 10_000, 1) == pytest.approx(1e-4, rel=1e-9)


def test_pass_at_k_of_a_run_by_hand() -> None:
    found = many([[1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 0.0, 0.0], [0.0] * 4]).result()
    assert values(found["pass@k"]) == {"1": 0.25, "2": round((0.5 + 5 / 6 + 0) / 3, 6), "4": round(2 / 3, 6)}
    low, high = wilson(0.75, 3)
    assert found["pass@1"] == figured(0.25, low, high, "wilson", 3)


def test_each_k_says_over_how_many_tasks_it_is() -> None:
    found = many([[1.0] * 8, [0.0] * 7 + [None], [None] * 8]).result()
    assert {k: each["tasks"] for k, each in found["pass@k"].items()} == {"1": 2, "2": 2, "4": 2, "8": 1}
    assert values(found["pass@k"]) == {"1": 0.5, "2": 0.5, "4": 0.5, "8": 1.0}


def test_k_can_be_named_and_need_not_be_known() -> None:
    found = many([[1.0, 0.0, 0.0]]).result(k=[5, 3, 2])
    assert values(found["pass@k"]) == {"2": pytest.approx(2 / 3, abs=1e-6), "3": 1.0, "5": None}
    with pytest.raises(UsageFault, match="1 or more"):
        many([[1.0]]).result(k=[0])


# --- until ------------------------------------------------------------------------------------------------------------


def test_runs_that_stop_after_a_success_count_by_their_first_attempts() -> None:
    found = many([[1.0], [0.0, 1.0], [0.0, 0.0, 0.0, 0.0]], until=1).result()
    assert found["until"] is True
    assert found["pass@1"]["value"] == round(1 / 3, 6)
    assert values(found["pass@k"]) == {"1": round(1 / 3, 6), "2": round(2 / 3, 6), "4": round(2 / 3, 6)}


def test_of_runs_that_stop_only_a_k_is_told_to_which_every_task_was_tried_or_solved() -> None:
    """To leave out the task that was tried twice in vain, and not the one solved at once, would flatter."""
    made = many([[1.0], [0.0, 0.0], [0.0, 0.0, 0.0, 1.0]], until=1)
    assert values(made.result()["pass@k"]) == {"1": round(1 / 3, 6), "2": round(1 / 3, 6)}
    assert made.result(k=[4])["pass@k"]["4"] == figured(None, None, None, None, 0)


def test_what_came_first_is_known_by_the_number_of_the_attempt() -> None:
    runs = attempts("a", [0.0, 0.0, 1.0], until=1)
    assert values(summed(*reversed(runs)).result()["pass@k"]) == {"1": 0.0, "2": 0.0}


def test_an_unscored_first_attempt_is_no_failure_of_runs_that_stop() -> None:
    found = many([[None, 1.0], [0.0, None, 0.0]], until=1).result()
    assert values(found["pass@k"]) == {"1": 0.5, "2": 0.5}


@pytest.mark.parametrize("until", [1, 2])
def test_what_runs_that_stop_say_is_unbiased(until: int) -> None:
    """Against the known chances of simulated tasks; the plain mean over attempts is far below."""
    rng, tasks, scores, chances = random.Random(7), 6_000, [], []
    for _ in range(tasks):
        chances.append(rng.random())
        tries: list[float] = []
        while len(tries) < 8 and sum(tries) < until:
            tries.append(float(rng.random() < chances[-1]))
        scores.append(tries)
    found = many(scores, until=until).result()
    for k in (1, 2, 4, 8):
        truth = statistics.fmean(1 - (1 - p) ** k for p in chances)
        assert found["pass@k"][str(k)]["value"] == pytest.approx(truth, abs=0.02)
    assert sum(map(sum, scores)) / sum(map(len, scores)) < found["pass@1"]["value"] - 0.1


# --- intervals --------------------------------------------------------------------------------------------------------


def test_the_interval_is_that_of_drawing_tasks_one_by_one() -> None:
    """Against the textbook's way: whole tasks drawn with replacement, ten thousand times."""
    rng = np.random.default_rng(3)
    rates = rng.binomial(8, rng.beta(0.5, 1, 150)) / 8
    drawn = rng.choice(rates, size=(10_000, len(rates))).mean(axis=1)
    low, high = np.quantile(drawn, (0.025, 0.975))
    assert bootstrap(list(rates)) == (pytest.approx(low, abs=0.004), pytest.approx(high, abs=0.004))


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    rng, hits, draws = np.random.default_rng(11), 0, 400
    for seed in range(draws):
        found = bootstrap(list(rng.binomial(4, rng.beta(0.5, 1.5, 100)) / 4), seed)
        assert found is not None
        hits += found[0] <= 0.25 <= found[1]
    assert 0.92 <= hits / draws <= 0.98


def test_attempts_of_one_task_stay_together() -> None:
    """Fifty tasks that are all or nothing are fifty cases, however often each was tried."""
    once = many([[float(i % 2)] for i in range(50)]).result()["pass@1"]
    often = many([[float(i % 2)] * 16 for i in range(50)]).result()["pass@1"]
    assert once == often and often["high"] - often["low"] > 0.25


def test_few_tasks_or_equal_ones_have_wilsons_interval() -> None:
    mixed = [0.0, 1.0] * FEWEST
    assert bootstrap(mixed[: FEWEST - 1]) is None and bootstrap(mixed[:FEWEST]) is not None
    assert bootstrap([1.0] * 100) is None
    assert figure([1.0] * 100) == figured(1.0, 0.963007, 1.0, "wilson", 100)
    assert figure([0.0] * 100) == figured(0.0, 0.0, 0.036993, "wilson", 100)
    assert figure([0.5, 0.0, 0.0, 1.0]) == figured(0.375, *wilson(1.5, 4), "wilson", 4)
    assert figure(mixed)["method"] == "bootstrap" and figure([]) == figured(None, None, None, None, 0)


@pytest.mark.parametrize("tasks", [5, 9])
def test_wilsons_interval_of_few_tasks_covers_the_truth(tasks: int) -> None:
    rng, draws = np.random.default_rng(tasks), 2_000
    for attempts_each in (1, 8):
        rates = [rng.binomial(attempts_each, rng.beta(0.5, 1.5, tasks)) / attempts_each for _ in range(draws)]
        ends = [wilson(each.sum(), tasks) for each in rates]
        assert sum(low <= 0.25 <= high for low, high in ends) / draws > 0.93


def test_a_difference_of_few_or_equal_tasks_has_no_interval() -> None:
    """Wilson's is of a share: of a difference it would say that none lies between 0 and 4 %."""
    same = many([[1.0]] * 100)
    assert compare(same, same)["difference"] == figured(0.0, None, None, None, 100)
    assert compare(many([[1.0]]), many([[0.0]]))["difference"] == figured(1.0, None, None, None, 1)


def test_the_same_runs_in_any_order_give_the_same_summary() -> None:
    rng = random.Random(2)
    runs = [r for i in range(40) for r in attempts(f"t{i}", [float(rng.random() < i / 40) for _ in range(4)])]
    for run in runs:
        run["run"]["usage"] = {**run["run"]["usage"], "seconds": rng.random()}
    first = summed(*runs).result()
    rng.shuffle(runs)
    assert json.dumps(summed(*runs).result()) == json.dumps(first)


def test_another_seed_gives_another_interval_of_the_same_mean() -> None:
    rates = [(i * 0.37) % 1 for i in range(50)]
    one, two, again = (figure(rates, seed) for seed in (1, 2, 1))
    assert one == again and one["value"] == two["value"] and one["low"] != two["low"]
    assert abs(one["low"] - two["low"]) < 0.01


# --- what is counted --------------------------------------------------------------------------------------------------


def test_what_is_unscored_is_neither_right_nor_wrong() -> None:
    found = many([[1.0, None], [None, None], [0.0, 0.0]]).result()
    assert (found["tasks"], found["attempts"], found["scored"], found["unscored"]) == (3, 6, 3, 3)
    assert (found["pass@1"]["value"], found["pass@1"]["tasks"]) == (0.5, 2)


def test_programs_and_judges_have_figures_of_their_own() -> None:
    judged = {"model": "j", "revision": "", "prompt": ""}
    texts = [attempt("b", 0, 1.0, type="text", judged=judged), attempt("b", 1, 0.0, type="text", outcome="no_answer")]
    found = summed(*attempts("a", [1.0, 1.0]), *texts, *attempts("c", [None], type="text")).result()
    program, judge = found["scored_by"]["program"], found["scored_by"]["judge"]
    assert (program["tasks"], program["attempts"], program["pass@1"]["value"]) == (1, 2, 1.0)
    assert (judge["tasks"], judge["attempts"], judge["pass@1"]["value"]) == (1, 2, 0.5)


def test_a_task_that_a_judge_looked_at_or_would_have_is_the_judges() -> None:
    """Else a text on which every attempt failed to answer would be the program's, and the judge's figure too high."""
    looked_at = attempts("a", [0.0, 1.0])
    looked_at[1]["run"]["judged"] = {"model": "j", "revision": "", "prompt": ""}
    silent = attempts("b", [0.0], type="text", outcome="no_answer")
    found = summed(*looked_at, *silent).result()["scored_by"]
    assert found["program"]["tasks"] == 0 and found["judge"]["pass@1"] == figure([0.5, 0.0])


def test_groups_by_what_tasks_are_like() -> None:
    runs = [
        *attempts("a", [1.0, 1.0], domain="biology", pattern="chain", tools=20, proof=2),
        *attempts("b", [0.0, 1.0], domain="biology", pattern="join", tools=21, proof=10),
        *attempts("c", [0.0, 0.0], domain="finance", tools=51, proof=12, type="map"),
        *attempts("d", [None, None], domain="finance", tools=9, proof=3),
    ]
    found = summed(*runs).result()["groups"]
    rates = {kind: {name: each["pass@1"]["value"] for name, each in of.items()} for kind, of in found.items()}
    assert rates == {
        "domain": {"biology": 0.75, "finance": 0.0},
        "pattern": {"chain": 1.0, "join": 0.5, "none": 0.0},
        "support_calls": {"2": 1.0, "3": None, "10+": 0.25},
        "tools": {"1-10": None, "11-20": 1.0, "21-30": 0.5, "51+": 0.0},
        "answer_type": {"integer": 0.75, "map": 0.0},
    }
    assert list(found["support_calls"]) == ["2", "3", "10+"] and list(found["domain"]) == ["biology", "finance"]
    assert list(found["tools"]) == ["1-10", "11-20", "21-30", "51+"]
    assert found["domain"]["finance"]["tasks"] == 2 and found["domain"]["finance"]["attempts"] == 4
    assert found["domain"]["finance"]["pass@1"]["tasks"] == 1


def test_tiers_are_groups_where_there_are_any() -> None:
    found = summed(*attempts("a", [1.0], tier="L1"), *attempts("b", [0.0], tier="L3-pool")).result()
    assert {tier: each["pass@1"]["value"] for tier, each in found["groups"]["tier"].items()} == {"L1": 1, "L3-pool": 0}


def test_unanswerable_tasks_are_apart() -> None:
    lacks = {"scorer": "missing", "missing": {"tools": ["x"]}}
    runs = [
        *attempts("a", [1.0, 1.0, 1.0]),
        *attempts("b", [0.0], outcome="missing"),
        *attempts("c", [1.0, 0.0, 0.0, 0.0], **lacks),
        *attempts("d", [1.0, None], **lacks),
    ]
    found = summed(*runs).result()
    assert (found["tasks"], found["attempts"], found["pass@1"]["value"]) == (2, 4, 0.5)
    assert found["wrongly_missing"] == {"attempts": 1, "share": 0.25}
    missing = found["missing"]
    assert (missing["tasks"], missing["attempts"], missing["scored"], missing["unscored"]) == (2, 6, 5, 1)
    assert missing["rate"]["value"] == 0.625 and "pass@1" not in missing
    assert missing["outcomes"] == {"wrong": 3, "right": 2, "unscored": 1}
    assert many([[1.0]]).result()["missing"] is None


def test_what_attempts_did_and_spent() -> None:
    def run(number: int, made: int, errors: int, seconds: float, **more: Any) -> Record:
        recovered = {"recovered": more.pop("recovered")} if "recovered" in more else {}
        calls = {"made": made, "errors": errors, "repeated": 1, **recovered}
        usage = {"requests": 2, "tokens_in": 100 * made, "tokens_out": 10, "cached": 0, "seconds": seconds}
        return attempt("a", number, more.pop("score", 0.0), calls=calls, usage=usage, **more)

    runs = [
        run(0, 2, 1, 1.0, recovered=True, score=1.0, lucky=True),
        run(1, 4, 3, 2.0, recovered=False, ending="budget", outcome="no_answer"),
        run(2, 3, 0, 9.0),
        attempt("a", 3, None, ending="not_run", error="not_run: no tool x", usage={"seconds": 0.0}),
    ]
    found = summed(*runs).result()
    assert found["run"] == 3
    expected = {"made": 3.0, "errors": round(4 / 3, 6), "repeated": 1.0, "with_errors": 2, "recovered": 0.5}
    assert found["calls"] == expected
    assert found["usage"]["tokens_in"] == {"mean": 300.0, "total": 900}
    assert found["usage"]["seconds"] == {"mean": 4.0, "median": 2.0, "total": 12.0}
    assert found["endings"] == {"answered": 2, "budget": 1, "not_run": 1}
    assert found["outcomes"] == {"no_answer": 1, "right": 1, "unscored": 1, "wrong": 1}
    assert found["lucky"] == 1 and found["errors"] == {"not_run": 1}


@pytest.mark.parametrize(
    ("error", "word"),
    [
        ("model_error: timeout: no answer in 60 s", "model_error: timeout"),
        ("model_error: timeout", "model_error: timeout"),
        ("unreachable: get_page: connection refused", "unreachable"),
        ("unjudged: the judge failed, or kept to no form", "unjudged"),
    ],
)
def test_errors_are_counted_by_their_kind(error: str, word: str) -> None:
    assert first_word(error) == word
    assert many([[None]], error=error).result()["errors"] == {word: 1}


def test_an_attempt_without_an_answer_has_no_part_right() -> None:
    runs = [
        attempt("a", 0, 0.0, type="map", parts=0.5),
        attempt("a", 1, 0.0, type="map", ending="budget", outcome="no_answer"),
        attempt("b", 0, 1.0, type="set", parts=None),
        attempt("b", 1, None, type="set", parts=0.2),
        attempt("c", 0, 0.0),
    ]
    assert summed(*runs).result()["parts"] == figured(0.625, *wilson(1.25, 2), "wilson", 2)


def test_an_attempt_that_is_there_twice_counts_once() -> None:
    made = summed(*attempts("a", [1.0, 0.0]), *attempts("a", [1.0, 0.0]), attempt("a", 0, 0.0, tag="m2"))
    found = made.result()
    assert (found["attempts"], found["twice"], made.attempts) == (3, 2, 3)
    assert found["pass@1"]["value"] == round(1 / 3, 6) and found["usage"]["tokens_in"]["total"] == 300


def test_attempts_made_otherwise_are_others_though_their_ids_are_equal() -> None:
    ways: list[dict[str, Any]] = [{}, {"revision": "r1"}, {"revision": "r2"}, {"sampling": {"temperature": 0}}]
    found = summed(*(attempt("a", 0, float(not way), **way) for way in ways)).result()
    assert (found["attempts"], found["twice"], found["pass@1"]["value"]) == (4, 0, 0.25)
    assert found["revisions"] == ["r1", "r2"] and found["samplings"] == [{"temperature": 0}, {}]
    seeds: list[dict[str, Any]] = [{"kinds": ["names"], "seed": seed} for seed in (0, 1)]
    worn = summed(*(attempt("a", 0, float(each["seed"]), clothes=each) for each in seeds)).result()
    assert (worn["attempts"], worn["twice"], worn["perturbed"]) == (2, 0, ["names"])


def test_no_clothes_are_no_clothes() -> None:
    found = summed(attempt("a", 0, 1.0), attempt("a", 0, 1.0, clothes={"kinds": [], "seed": 4})).result()
    assert (found["attempts"], found["twice"], found["perturbed"]) == (1, 1, [])


def test_nothing_all_unscored_and_one_task() -> None:
    nothing, unscored, one = Summing().result(), many([[None], [None]]).result(), many([[1.0]]).result()
    assert (nothing["tasks"], nothing["pass@1"]["value"], nothing["pass@k"]) == (0, None, {})
    assert (unscored["tasks"], unscored["unscored"], unscored["pass@1"]["value"]) == (2, 2, None)
    assert unscored["pass@k"] == {} and unscored["wrongly_missing"] == {"attempts": 0, "share": None}
    assert one["pass@1"] == figured(1.0, *wilson(1, 1), "wilson", 1)
    for found in (nothing, unscored, one):
        assert json.loads(json.dumps(found)) == found


def test_models_and_clothes_are_apart() -> None:
    worn = {"kinds": ["names", "order"], "seed": 0}
    made = summed(
        *attempts("a", [1.0]), *attempts("a", [0.0], clothes=worn), *attempts("a", [None], model="n", revision="r")
    )
    found = made.result()["models"]
    assert {name: each["pass@1"]["value"] for name, each in found.items()} == {
        "n": None,
        "openai:m": 1.0,
        "openai:m (perturbed: names, order)": 0.0,
    }
    assert found["n"]["revisions"] == ["r"] and made.attempts == 3


@pytest.mark.parametrize("key", ["id", "setup", "task", "run"])
def test_a_line_that_is_no_run_is_refused(key: str) -> None:
    record = attempt("a", 0, 1.0)
    del record[key]
    made = Summing()
    with pytest.raises(BadRecord, match=f'lacks "{key}"'):
        made.add(record)
    assert made.attempts == 0


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ({"usage": {"seconds": "x"}}, "/usage/seconds"),
        ({"usage": {"tokens_in": -1}}, "/usage/tokens_in"),
        ({"clothes": {"kinds": 5}}, "/clothes/kinds"),
        ({"clothes": {"kinds": ["names"], "seed": "x"}}, "/clothes/seed"),
        ({"clothes": {"names": {"a": 1}}}, "/clothes/names/a"),
        ({"clothes": {"distractors": ["a"]}}, "/clothes/distractors"),
        ({"rests": {"calls": 1, "cited": [1]}}, "/rests/cited/0"),
        ({"sampling": None}, "/sampling"),
    ],
)
def test_a_member_of_another_kind_is_named(more: dict[str, Any], where: str) -> None:
    with pytest.raises(BadRecord, match=f'"run"{where}: '):
        summed(attempt("a", 0, 1.0, **more))


def test_what_another_program_does_not_know_need_not_be_there() -> None:
    found = summed(attempt("a", 0, 1.0, usage={"tokens_in": None}, clothes={})).result()
    assert found["attempts"] == 1 and found["usage"]["tokens_in"]["total"] == 0


def test_a_line_whose_id_is_a_tasks_is_refused() -> None:
    with pytest.raises(BadRecord, match="a is not <task>"):
        summed({**attempt("a", 0, 1.0), "id": "a"})


# --- two runs ---------------------------------------------------------------------------------------------------------


def test_two_runs_task_by_task_by_hand() -> None:
    one = summed(
        *attempts("a", [1.0, 1.0], domain="biology"),
        *attempts("b", [1.0, 0.0], domain="biology"),
        *attempts("c", [0.0, 0.0], domain="finance"),
        *attempts("d", [1.0]),
        *attempts("u", [None]),
    )
    other = summed(
        *attempts("a", [1.0, 0.0], domain="biology", tag="n"),
        *attempts("b", [1.0, 1.0, 1.0, 0.0], domain="biology", tag="n"),
        *attempts("c", [0.0], domain="finance", tag="n"),
        *attempts("e", [1.0], tag="n"),
        *attempts("f", [1.0], tag="n"),
        *attempts("u", [1.0], tag="n"),
    )
    found = compare(one, other)
    assert found["difference"]["value"] == round((0.5 - 0.25 + 0) / 3, 6)
    assert (found["better"], found["worse"], found["equal"]) == (1, 1, 1)
    assert (found["tasks"], found["common"], found["unscored"]) == (3, 4, 1)
    assert (found["only_in_one"], found["only_in_other"], found["missing"]) == (1, 2, None)
    assert (found["one_rate"], found["other_rate"]) == (0.5, round(1.25 / 3, 6))
    domains = {domain: each["difference"]["value"] for domain, each in found["domain"].items()}
    assert domains == {"biology": 0.125, "finance": 0.0}


def test_the_interval_of_a_difference_is_paired() -> None:
    """One task in ten fails in other clothes: of that a paired interval is sure, two intervals apart are not."""
    worn = {"kinds": ["names"], "seed": 0}
    rates = [[float(i % 2)] * 4 for i in range(200)]
    dressed = [[0.0] * 4 if i % 10 == 1 else each for i, each in enumerate(rates)]
    plain, other = many(rates), many(dressed, clothes=worn, tag="m-perturbed")
    drop = compare(plain, other)
    assert drop["difference"]["value"] == 0.1 and drop["other"]["perturbed"] == ["names"]
    assert 0.05 < drop["difference"]["low"] < 0.1 < drop["difference"]["high"] < 0.15
    one, two = plain.result()["pass@1"], other.result()["pass@1"]
    assert one["low"] < two["high"]
    assert compare(other, plain)["difference"]["value"] == -0.1


def test_the_interval_of_a_difference_covers_the_truth() -> None:
    rng, hits, draws = np.random.default_rng(4), 0, 200
    for seed in range(draws):
        chance = rng.beta(1, 1, 60)
        one, other = (list(rng.binomial(4, p) / 4) for p in (chance, chance * 0.8))
        found = bootstrap([a - b for a, b in zip(one, other, strict=True)], seed)
        hits += found is not None and found[0] <= 0.1 <= found[1]
    assert 0.9 <= hits / draws <= 0.99


def test_unanswerable_tasks_are_compared_apart() -> None:
    lacks = {"scorer": "missing", "missing": {}}
    one = summed(*attempts("a", [1.0]), *attempts("b", [1.0], **lacks))
    other = summed(*attempts("a", [1.0]), *attempts("b", [0.0], **lacks))
    found = compare(one, other)
    assert found["difference"]["value"] == 0.0 and found["missing"]["difference"]["value"] == 1.0


def test_what_cannot_be_compared() -> None:
    with pytest.raises(UsageFault, match="no task is in both the first file and the second file") as fault:
        compare(many([[1.0]]), summed(*attempts("other", [1.0])))
    assert fault.value.hint
    with pytest.raises(UsageFault, match="no task is in both file one and file two"):
        compare(many([[1.0]]), summed(*attempts("other", [1.0])), names=("file one", "file two"))
    with pytest.raises(UsageFault, match="file two holds no run"):
        compare(many([[1.0]]), Summing(), names=("file one", "file two"))
    with pytest.raises(UsageFault, match="the first file holds no run"):
        compare(Summing(), many([[1.0]]))
    two = summed(*attempts("a", [1.0]), *attempts("a", [1.0], model="n"))
    with pytest.raises(UsageFault, match="the second file holds runs of 2 models: n, openai:m"):
        compare(many([[1.0]]), two)


# --- what people read -------------------------------------------------------------------------------------------------


def sample() -> Summing:
    """Twenty tasks, eight attempts each; one unscored, two that ran out of calls, five unanswerable tasks."""
    rng = random.Random(0)
    made = summed(*(r for i in range(5) for r in attempts(f"u{i}", [1.0, 0.0], scorer="missing", missing={})))
    for i in range(20):
        for run in attempts(f"t{i}", [float(rng.random() < i / 20) for _ in range(8)], pattern="chain"):
            if i == 0 and run["run"]["attempt"] < 2:
                run["run"] |= {"ending": "budget", "outcome": "no_answer"}
            if i == 1 and run["run"]["attempt"] == 0:
                error = {"error": "model_error: timeout: none", "ending": "model_error"}
                run["run"] |= {"score": None, "outcome": "unscored", **error}
            made.add(run)
    return made


def test_the_short_form_says_what_matters() -> None:
    found = sample().result()
    first, eighth = found["pass@1"], found["pass@k"]["8"]
    said = summing.short(found)
    assert said == (
        f"pass@1 {100 * first['value']:.1f} % ({100 * first['low']:.1f}–{100 * first['high']:.1f}) over 20 tasks, "
        f"8 attempts; pass@8 {100 * eighth['value']:.1f} % (19 of 20 tasks); unscored 1; what is missing was said "
        "50.0 % (17.0–83.0) over 5 unanswerable tasks; 3.0 calls, 0.0 errors an attempt; budget 2, model_error 1"
    )
    assert summing.short(Summing().result()) == "no runs"
    assert summing.short(many([[1.0]]).result()).startswith("pass@1 100.0 % (20.7–100.0) over 1 task, 1 attempt; ")
    assert summing.short(many([[None]]).result()).startswith("pass@1 – over 0 of 1 task, 1 attempt; unscored 1; ")


@pytest.mark.parametrize("width", [70, 80, 200])
def test_the_table_is_aligned_and_keeps_to_the_width(width: int) -> None:
    found = sample().result()
    table = summing.lines(found, width)
    assert max(map(len, table)) <= width and all(line == line.rstrip() for line in table)
    head = next(i for i, line in enumerate(table) if line.endswith("95 % interval"))
    passes = next(i for i, line in enumerate(table) if line.startswith("pass "))
    rows = [line for line in table[head + 1 : passes] if "%" in line]
    assert len(rows) == 6 and len({len(line) for line in rows}) == 1
    text = " ".join(" ".join(table).split())
    for said in ("159 scored, 1 unscored", "budget 2", "model_error: timeout 1", "unanswerable tasks", "3.00 made"):
        assert said in text, said


@pytest.mark.parametrize("width", [70, 80])
def test_a_comparison_as_a_table(width: int) -> None:
    table = summing.lines(compare(sample(), sample()), width)
    assert max(map(len, table)) <= width
    row = next(line for line in table if line.startswith("all")).split()
    assert row[1] == "20" and row[2] == row[3] and row[4:] == ["+0.0", "–", "0", "0"]
    assert any(line.startswith("unanswerable") for line in table)


def test_tables_of_nothing_of_several_models_and_of_runs_that_stopped() -> None:
    assert summing.lines(Summing().result()) == ["no runs"]
    several = summed(*attempts("a", [1.0]), *attempts("a", [0.0], model="n")).result()
    assert [line for line in summing.lines(several) if line in ("n", "openai:m")] == ["n", "openai:m"]
    assert len(summing.short(several).splitlines()) == 2
    assert any("stopped after a success" in line for line in summing.lines(many([[1.0]], until=1).result()))


def test_a_long_stream_takes_seconds() -> None:
    """20,000 attempts; ten times what it takes on two slow cores is still a bound."""
    runs = [run for i in range(2_500) for run in attempts(f"t{i}", [float((i * j) % 3 == 1) for j in range(8)])]
    begin = time.perf_counter()
    found = summed(*runs).result()
    assert time.perf_counter() - begin < 15
    assert (found["tasks"], found["attempts"]) == (2_500, 20_000)


def test_a_row_says_how_many_of_its_tasks_its_rate_rests_on() -> None:
    table = summing.lines(many([[1.0], [0.0], [None]]).result(), 80)
    row = next(line for line in table if line.startswith("all"))
    assert row.split()[:3] == ["all", "2/3", "3"] and "50.0 %" in row


def test_luck_is_told_apart() -> None:
    runs = [*attempts("a", [1.0, 1.0]), *attempts("b", [1.0, 0.0]), attempt("c", 0, None)]
    runs[1]["run"]["lucky"] = runs[2]["run"]["lucky"] = True
    told = summed(*runs).result()
    assert (told["pass@1"]["value"], told["without_luck"]["value"], told["lucky"]) == (0.75, 0.25, 2)
    assert told["without_luck"]["tasks"] == 2
    assert any(line.startswith("  without luck") and "25.0 %" in line for line in summing.lines(told, 80))
    plain = summed(*attempts("a", [1.0])).result()
    assert plain["without_luck"]["value"] == 1.0 and not any("luck" in line for line in summing.lines(plain, 80)[:6])
