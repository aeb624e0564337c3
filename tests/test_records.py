"""The record: its ids, its rejects and what a stage may ask of it."""

import pickle

import pytest

from dive_tools.errors import BadRecord, DiveError
from dive_tools.records import Drop, asked, canonical, need, same, setup_id


def test_an_id_does_not_depend_on_the_order_of_keys() -> None:
    one = {"domain": "bio", "seed": {"value": "ACGT", "type": "dna"}}
    other = {"seed": {"type": "dna", "value": "ACGT"}, "domain": "bio"}
    assert setup_id(one) == setup_id(other)
    assert len(setup_id(one)) == 16 and int(setup_id(one), 16) >= 0
    assert setup_id(one) != setup_id({**one, "domain": "med"})


def test_an_id_stays_what_it_was() -> None:
    # printf '{"domain":"bio"}' | sha256sum
    assert setup_id({"domain": "bio"}) == "e081e03cba46279d"


def test_canonical_is_sorted_and_tight() -> None:
    assert canonical({"b": [1, 2.5], "a": "ü"}) == '{"a":"ü","b":[1,2.5]}'.encode()


def test_a_reject_is_the_whole_record_with_a_reason() -> None:
    record = {"id": "a", "unknown": [1]}
    drop = Drop(record, "duplicate", "same question", {"twin": "b"})
    note = {"stage": "dive-dedup", "reason": "duplicate", "detail": "same question", "twin": "b"}
    assert drop.rejected("dive-dedup") == {**record, "drop": note}
    assert "drop" not in record


def test_what_a_stage_needs() -> None:
    need({"id": "a", "task": {}, "evidence": []}, "id", "task", "evidence", deep=False)
    need({"id": "a", "evidence": []}, "id", "evidence")


def test_a_stage_needs_what_the_schema_says() -> None:
    for record, said in (
        ({"task": {}}, '"task": "round" is a required property'),
        ({"evidence": [{"call": "c1"}]}, '"evidence"/0'),
        ({"setup": {"domain": "general", "seed": {}, "tools": {"a": "1"}, "exemplars": []}}, '"setup"/seed'),
    ):
        with pytest.raises(BadRecord) as caught:
            need(record, *record)
        assert said in caught.value.message


@pytest.mark.parametrize(
    ("record", "key", "said"),
    [
        ({}, "task", 'lacks "task"'),
        ({"task": []}, "task", '"task" must be an object'),
        ({"evidence": {}}, "evidence", '"evidence" must be an array'),
        ({"id": 7}, "id", '"id" must be a string'),
    ],
)
def test_what_a_record_lacks_is_said(record: dict, key: str, said: str) -> None:
    with pytest.raises(BadRecord, match=said):
        need(record, key)


def test_errors_travel_between_processes() -> None:
    fault = pickle.loads(pickle.dumps(DiveError("no pool", hint="make one")))
    assert (fault.message, fault.hint, fault.exit_code) == ("no pool", "make one", 1)


ASKED = {"stage": "derive", "round": 1, "model": "openai:m", "revision": "", "prompt": "derive@0", "requests": 2}
ASKED |= {"tokens_in": 10, "tokens_out": 5, "cached": 0}


def test_every_stage_appends_what_it_asked() -> None:
    record = {"id": "a"}
    twice = asked(asked(record, ASKED), {**ASKED, "round": 2, "money": 0.5, "ending": "answered"})
    assert [entry["round"] for entry in twice["asked"]] == [1, 2] and record == {"id": "a"}
    need(twice, "id", "asked")


@pytest.mark.parametrize(
    "wrong", [{"tokens_in": -1}, {"requests": 1.5}, {"model": ""}, {"money": "dear"}, {"round": 0}]
)
def test_what_was_asked_is_counted_in_one_way(wrong: dict) -> None:
    with pytest.raises(BadRecord, match='"asked"/0'):
        need(asked({"id": "a"}, {**ASKED, **wrong}), "asked")


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (3, 3.0, True),
        ({"a": [1.0, "x"]}, {"a": [1, "x"]}, True),
        (True, 1, False),
        ([False], [0], False),
        ({"a": 1}, {"a": 1, "b": None}, False),
        ([1, 2], [2, 1], False),
        ("3", 3, False),
        (None, False, False),
        (0.1 + 0.2, 0.3, False),
    ],
)
def test_equal_as_json_values(one: object, other: object, equal: bool) -> None:
    assert same(one, other) is equal and same(other, one) is equal
