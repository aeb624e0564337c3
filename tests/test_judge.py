"""A judge of texts, and how it is calibrated: real backends, a server whose policy judges by a rule, labelled cases."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from model_server import Fault, Policy, serve
from statsmodels.stats.proportion import proportion_confint

from dive_tools import samples, score
from dive_tools.calibrate import CASE, calibrate, share
from dive_tools.cassette import Cassette
from dive_tools.errors import BadRecord, UsageFault
from dive_tools.intervals import wilson
from dive_tools.models.base import BudgetSpent, Model, ModelError, Settings, Usage
from dive_tools.models.gate import Gate
from dive_tools.models.ledger import Ledger
from dive_tools.models.openai import OpenAI
from dive_tools.models.scripted import Scripted
from dive_tools.models.taped import Taped
from dive_tools.prompted.judge import Judge, Judged, claims_of
from dive_tools.prompts import mark

ANSWER = {"value": "It lies in Asia and has two capitals.", "type": "text", "claims": ["Asia", "two capitals"]}
CASE_KEYS = ("id", "question", "answer", "reply", "right")
SHOWN = re.compile(
    r"The question:\n(?P<question>.*)\n\nThe reference answer:\n.*\n\nThe claims:\n(?P<claims>.*)"
    r"\n\nThe reply, as a JSON string:\n(?P<reply>.*)",
    re.DOTALL,
)
RETRACTS = frozenset(("not", "nor", "sorry", "wait", "reflection", "false", "wrong", "may", "might", "or"))
OVERLAP = 0.6  # of a claim's words


@cache
def labelled() -> tuple[dict[str, Any], ...]:
    return tuple(samples.lines(samples.home() / "judge.jsonl", CASE_KEYS))


def some(*ids: str) -> list[dict[str, Any]]:
    found = {case["id"]: case for case in labelled()}
    return [found[name] for name in ids]


# --- judges that a server plays --------------------------------------------------------------------------------------


def shown(body: dict[str, Any]) -> tuple[str, list[str], str]:
    """Question, claims and reply, as they stand in the prompt that a judge was sent."""
    found = SHOWN.fullmatch(body["messages"][1]["content"])
    assert found is not None and body["messages"][0]["role"] == "system"
    claims = [line.partition(". ")[2] for line in found["claims"].splitlines()]
    return found["question"], claims, json.loads(found["reply"])


def words(text: str) -> set[str]:
    return set(re.findall(r"\w{2,}", text.casefold()))


def by_overlap(claims: list[str], reply: str) -> tuple[list[bool], bool]:
    """A shallow judge: a claim is made where most of its words stand in the reply; some words take all back."""
    said = words(reply)
    made = [len(words(claim) & said) >= OVERLAP * len(words(claim)) for claim in claims]
    return made, bool(RETRACTS & said)


def verdict(claims: list[bool], contradicts: bool = False) -> dict[str, Any]:
    return {"content": json.dumps({"claims": claims, "contradicts": contradicts})}


def shallow(body: dict[str, Any]) -> dict[str, Any]:
    _, claims, reply = shown(body)
    return verdict(*by_overlap(claims, reply))


def knowing(*mistaken: str) -> Policy:
    """A judge that knows every label, and errs in the cases named."""
    labels = {
        (case["question"], score.final(case["reply"], whole=True)): case["right"] is not (case["id"] in mistaken)
        for case in labelled()
    }

    def policy(body: dict[str, Any]) -> dict[str, Any]:
        question, claims, reply = shown(body)
        return verdict([True] * len(claims), not labels[question, reply])

    return policy


def always(right: bool) -> Policy:
    return lambda body: verdict([right] * len(shown(body)[1]))


def calibrated(policy: Policy, cases: Iterable[dict[str, Any]] = (), gate: Gate | None = None) -> dict[str, Any]:
    """What is found of a judge that a real server plays, asked through the openai backend."""
    with serve(policy) as server:
        settings = Settings(endpoints=(server.base,), tries=1, timeout=10.0, revision="r1")
        return asyncio.run(_open(OpenAI("test", settings, gate or Gate(16)), cases or labelled()))


async def _open(model: Model, cases: Iterable[dict[str, Any]]) -> dict[str, Any]:
    await model.open()
    try:
        return await calibrate(cases, Judge(model))
    finally:
        await model.close()


def scripted(folder: Path, *rules: dict[str, Any]) -> Scripted:
    (folder / "rules.jsonl").write_text("".join(json.dumps(rule) + "\n" for rule in rules))
    return Scripted(str(folder / "rules.jsonl"), Settings(revision="r1"))


def says(text: str, **where: Any) -> dict[str, Any]:
    return {"reply": {"content": text}, "usage": {"tokens_in": 50, "tokens_out": 5, "cached": 20}, **where}


def judged(model: Model, said: str = "It is Asian and has two.", **options: Any) -> Judged:
    told = {"question": "Where?", "answer": ANSWER, "record": "r", "purpose": "eval:judge", "attempt": 0, **options}
    return asyncio.run(Judge(model).judged(said=said, **told))


# --- the judge -------------------------------------------------------------------------------------------------------


def test_a_judge_is_asked_in_the_name_of_an_attempt_and_tells_what_it_cost(tmp_path: Path) -> None:
    good = verdict([True, True])["content"]
    where = {"purpose": "eval:judge", "record": "r", "attempt": 3}
    model = scripted(tmp_path, says("Yes.", turn=0, **where), says(good, turn=1, **where))
    assert judged(model, attempt=3) == Judged(True, 2, Usage(100, 10, 40))
    assert judged(model, attempt=2).right is None


def test_a_judge_that_fails_or_is_off_the_form_scores_nothing_and_says_why(tmp_path: Path) -> None:
    failing = judged(scripted(tmp_path, {"error": "timeout"}))
    assert failing.right is None and failing.requests == 1 and failing.detail.startswith("timeout: ")
    vague = judged(scripted(tmp_path, says("Both claims are made.")))
    assert vague.right is None and vague.requests == 2 and vague.detail.startswith("bad_form: ")
    assert vague.usage == Usage(100, 10, 40)
    late = judged(scripted(tmp_path, says("Hm.", turn=0), {"error": "server", "turn": 1}))
    assert late.right is None and late.requests == 2 and late.usage == Usage(50, 5, 20)
    with pytest.raises(ModelError) as caught:
        judged(scripted(tmp_path, {"error": "not_recorded"}))
    assert caught.value.kind == "not_recorded"


def test_a_judge_draws_as_it_is_told(tmp_path: Path) -> None:
    model = scripted(tmp_path, says("no"))
    assert Judge(model).sampling == {"temperature": 0.0}
    assert Judge(model, {"max_tokens": 9, "top_p": None}).sampling == {"temperature": 0.0, "max_tokens": 9}
    assert Judge(model, {"temperature": None}).sampling == {}
    assert Judge(model).mark == mark("judge") and Judge(model).mark.startswith("judge@")


def test_claims_are_those_listed_or_the_whole_text() -> None:
    assert claims_of(ANSWER) == ["Asia", "two capitals"]
    assert claims_of({"value": "It lies in Asia.", "type": "text"}) == ["It lies in Asia."]


def test_a_server_is_sent_claims_and_reply_so_that_both_can_be_read_back() -> None:
    seen = []

    def policy(body: dict[str, Any]) -> dict[str, Any]:
        seen.append((shown(body), body["temperature"]))
        return shallow(body)

    cases = some("errors-verdict", "averages-corrected", "boiling-other-language")
    calibrated(policy, cases)
    sent = [(c["question"], claims_of(c["answer"]), score.final(c["reply"], whole=True)) for c in cases]
    assert sorted(seen) == sorted((each, 0.0) for each in sent)


# --- the labelled cases ----------------------------------------------------------------------------------------------


def test_labelled_cases_are_on_the_schema_and_whole() -> None:
    text = (samples.home() / "judge.jsonl").read_text(encoding="utf-8")
    assert len(labelled()) >= 80 and text.count("\n") == len(labelled())
    assert (
        {frozenset(case) for case in labelled()} == {frozenset((*CASE_KEYS, "why"))} <= {frozenset(CASE["properties"])}
    )
    for case in labelled():
        assert case["reply"].strip() == case["reply"] and case["question"].endswith("?"), case["id"]
        assert case["answer"]["type"] == "text" and claims_of(case["answer"]) == case["answer"]["claims"], case["id"]
        assert all(claim.strip() for claim in case["answer"]["claims"]), case["id"]
        assert score.final(case["reply"], whole=True), case["id"]


def test_labelled_cases_are_all_different() -> None:
    assert len({case["id"] for case in labelled()}) == len(labelled())
    seen = Counter((case["question"], score.final(case["reply"], whole=True)) for case in labelled())
    assert seen.most_common(1)[0][1] == 1


def test_labels_are_balanced_in_all_and_under_each_question() -> None:
    assert 0.4 <= sum(case["right"] for case in labelled()) / len(labelled()) <= 0.6
    under, means = defaultdict(set), defaultdict(set)
    for case in labelled():
        under[case["question"]].add(case["right"])
        means[case["why"]].add(case["right"])
    assert len(under) >= 30 and all(labels == {True, False} for labels in under.values())
    assert len(means) >= 20 and all(len(labels) == 1 for labels in means.values())


def test_one_question_has_one_answer_and_no_wrong_reply_is_its_reference() -> None:
    answers = defaultdict(set)
    for case in labelled():
        answers[case["question"]].add(json.dumps(case["answer"]))
        if not case["right"]:
            assert score.final(case["reply"], whole=True) != case["answer"]["value"], case["id"]
    assert {len(found) for found in answers.values()} == {1}


def test_replies_are_in_many_scripts() -> None:
    scripts = {"cyrillic": "[а-яё]{3}", "kana": "[ぁ-ヿ]{2}", "han": "[一-鿿]{4}", "hangul": "[가-힣]{2}"}
    for name, letters in scripts.items():
        assert any(re.search(letters, case["reply"]) for case in labelled()), name
    assert sum(case["why"] == "other_language" for case in labelled()) >= 20


# --- calibration -----------------------------------------------------------------------------------------------------


def test_a_judge_that_knows_agrees_everywhere() -> None:
    found = calibrated(knowing())
    count = len(labelled())
    assert found["agreement"]["count"] == found["agreement"]["of"] == found["cases"] == count
    assert found["agreement"]["share"] == found["agreement"]["high"] == 1 and found["agreement"]["low"] < 0.99
    assert found["false_positives"]["ids"] == found["false_negatives"]["ids"] == [] and found["unscored"]["ids"] == {}
    assert (found["model"], found["revision"], found["prompt"]) == ("openai:test", "r1", mark("judge"))
    assert found["requests"] == count and found["tokens_in"] > 100 * count and found["sampling"] == {"temperature": 0}
    assert all(each["agreed"] == each["cases"] for each in found["why"].values())
    assert sum(each["cases"] for each in found["why"].values()) == count
    assert json.loads(json.dumps(found)) == found


def test_mistakes_are_named_and_counted_on_their_side() -> None:
    positives = ["bolivia-capitals-swapped", "venus-hearsay", "averages-swapped"]
    negatives = ["hearts-form", "everest-other-units"]
    found = calibrated(knowing(*positives, *negatives))
    right = sum(case["right"] for case in labelled())
    in_order = [case["id"] for case in labelled()]
    assert found["false_positives"]["ids"] == sorted(positives, key=in_order.index)
    assert found["false_negatives"]["ids"] == sorted(negatives, key=in_order.index)
    assert (found["false_positives"]["of"], found["false_negatives"]["of"]) == (len(labelled()) - right, right)
    assert found["false_negatives"]["share"] == round(2 / right, 4)
    assert found["agreement"]["count"] == len(labelled()) - 5
    assert found["why"]["hearsay"] == {"cases": 1, "agreed": 0, "unscored": 0}


def test_a_shallow_judge_is_found_out() -> None:
    wanted = {}
    for case in labelled():
        made, back = by_overlap(case["answer"]["claims"], str(score.final(case["reply"], whole=True)))
        wanted[case["id"]] = all(made) and not back
    found = calibrated(shallow)
    assert found["false_positives"]["ids"] == [c["id"] for c in labelled() if wanted[c["id"]] and not c["right"]]
    assert found["false_negatives"]["ids"] == [c["id"] for c in labelled() if not wanted[c["id"]] and c["right"]]
    assert "http-swapped" in found["false_positives"]["ids"]
    assert "bolivia-capitals-other-language" in found["false_negatives"]["ids"]
    assert 0.4 < found["agreement"]["share"] < 0.75, "the cases tell a shallow judge from a good one"


@pytest.mark.parametrize("right", [True, False])
def test_a_judge_that_always_says_the_same_errs_on_one_side_only(right: bool) -> None:
    found = calibrated(always(right))
    wrong, none = ("false_positives", "false_negatives") if right else ("false_negatives", "false_positives")
    assert found[wrong]["share"] == 1 and found[none]["share"] == 0
    assert found["agreement"]["share"] <= 0.6


@pytest.mark.parametrize(
    "breaks",
    [
        lambda body: Fault("400", "no"),
        lambda body: {"content": "All claims are made."},
        lambda body: {"content": ""},
        lambda body: verdict([True]),
        lambda body: {"content": '{"claims": [true, true], "contradicts": "no"}'},
        lambda body: {"refusal": "I do not judge."},
    ],
)
def test_a_judge_that_fails_or_is_off_the_form_is_unscored_and_never_right(breaks: Callable[..., Any]) -> None:
    bad = some("bolivia-capitals-other-words", "bolivia-capitals-left-out")
    good, knows = some("bolivia-capitals-swapped")[0], knowing()

    def policy(body: dict[str, Any]) -> Any:
        return knows(body) if shown(body)[2] == good["reply"] else breaks(body)

    found = calibrated(policy, [*bad, good])
    assert list(found["unscored"]["ids"]) == [case["id"] for case in bad] and all(found["unscored"]["ids"].values())
    assert found["unscored"]["count"] == 2 and found["agreement"]["of"] == found["agreement"]["count"] == 1
    assert found["false_positives"]["of"] == 1 and found["false_positives"]["ids"] == []
    assert found["false_negatives"]["of"] == 0 and found["false_negatives"]["share"] is None
    for why in ("other_words", "left_out"):
        assert found["why"][why] == {"cases": 1, "agreed": 0, "unscored": 1}


def test_rules_calibrate_too(tmp_path: Path) -> None:
    right, wrong, failed, silent = cases = some(
        "litmus-other-order", "litmus-swapped", "rust-other-words", "rust-left-out"
    )
    rules = [
        says(verdict([True, True])["content"], match="Bases turn it blue"),
        says(verdict([True, True])["content"], record=wrong["id"]),
        {"error": "timeout", "record": failed["id"]},
        {"error": "not_recorded", "purpose": "calibrate:judge"},
    ]
    found = asyncio.run(_open(scripted(tmp_path, *rules), cases))
    assert found["agreement"]["count"] == 1 and found["false_positives"]["ids"] == [wrong["id"]]
    assert [detail.partition(":")[0] for detail in found["unscored"]["ids"].values()] == ["timeout", "not_recorded"]
    assert list(found["unscored"]["ids"]) == [failed["id"], silent["id"]] and right["id"] not in str(found)
    assert (found["requests"], found["tokens_in"], found["tokens_out"], found["cached"]) == (4, 100, 10, 40)


def test_a_reply_without_an_answer_is_wrong_and_no_judge_is_asked(tmp_path: Path) -> None:
    case = {**labelled()[0], "id": "empty", "reply": "<think>Hm.</think>", "right": False}
    found = asyncio.run(_open(scripted(tmp_path, {"error": "server"}), [case]))
    assert found["agreement"]["count"] == 1 and found["requests"] == 0


def test_a_repeated_calibration_asks_nothing_twice(tmp_path: Path) -> None:
    good = says(verdict([True, True])["content"])
    cases = some("litmus-other-order", "litmus-swapped")
    with Cassette(tmp_path / "replies") as cassette:
        first, second = (Taped(scripted(tmp_path, good), cassette) for _ in range(2))
        assert asyncio.run(_open(first, cases)) == asyncio.run(_open(second, cases))
        assert (first.counters["requests"], second.counters["requests"]) == (2, 0)


def test_a_spent_budget_stops_a_calibration() -> None:
    with pytest.raises(BudgetSpent):
        calibrated(knowing(), gate=Gate(4, ledger=Ledger(None, {"requests": 5})))


def test_what_a_calibration_was_made_on_is_told(tmp_path: Path) -> None:
    model = scripted(tmp_path, says(verdict([True, True])["content"]))
    one, other = some("litmus-other-order", "litmus-swapped")
    marks = {asyncio.run(_open(model, cases))["digest"] for cases in ([one], [other], [one, other], [one])}
    assert len(marks) == 3


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"right": "yes"}, "case 2, /right: "),
        ({"answer": {"value": 4, "type": "number"}}, "case 2, /answer/"),
        ({"answer": {"value": "Asia", "type": "text", "claims": []}}, "case 2, /answer/claims: "),
        ({"id": "litmus-swapped"}, "case 2: the id litmus-swapped is there twice"),
        ({"reply": None}, "case 2, /reply: "),
    ],
)
def test_a_case_off_the_schema_is_named(change: dict[str, Any], said: str, tmp_path: Path) -> None:
    case = some("litmus-swapped")[0]
    model = scripted(tmp_path, says("no"))
    with pytest.raises(BadRecord) as caught:
        asyncio.run(_open(model, [case, {**case, "id": "other", **change}]))
    assert caught.value.message.startswith(said) and model.counters["requests"] == 0
    with pytest.raises(BadRecord, match='case 1: "right" is a required'):
        asyncio.run(_open(model, [{k: v for k, v in case.items() if k != "right"}]))
    with pytest.raises(UsageFault, match="no case"):
        asyncio.run(_open(model, []))


# --- the interval ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("of", [1, 2, 7, 80, 185, 10_000])
def test_the_interval_is_that_of_another_library(of: int) -> None:
    for count in {0, 1, of // 3, of // 2, of - 1, of}:
        wanted = proportion_confint(count, of, alpha=0.05, method="wilson")
        assert wilson(count, of) == pytest.approx(wanted, abs=1e-6)
        found = share(count, of)
        assert 0 <= found["low"] <= found["share"] <= found["high"] <= 1


def test_of_nothing_there_is_no_share() -> None:
    assert share(0, 0) == {"count": 0, "of": 0, "share": None, "low": None, "high": None}
