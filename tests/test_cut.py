"""Values made to fit: what is left is where it was, and the note says what is gone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from dive_tools.cut import FLOOR, cut

NUMBERS = some.integers(-(2**53), 2**53) | some.floats(allow_nan=False, allow_infinity=False)
SCALARS = some.none() | some.booleans() | NUMBERS | some.text(max_size=120)
VALUES = some.recursive(
    SCALARS,
    lambda inner: some.lists(inner, max_size=12) | some.dictionaries(some.text(max_size=8), inner, max_size=8),
    max_leaves=60,
)


def size(value: Any) -> int:
    return len(orjson.dumps(value).decode())


def leaves(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every scalar and every empty object or list, by the way to it."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if not isinstance(value, dict | list):
        yield at, value
    for key, item in inner:
        yield from leaves(item, (*at, key))


def found(value: Any, way: tuple[Any, ...]) -> Any:
    for key in way:
        value = value[key]
    return value


@settings(max_examples=300, deadline=None)
@given(VALUES, some.integers(0, 600))
def test_what_is_left_fits_and_is_where_it_was(value: Any, room: int) -> None:
    left, note = cut(value, room)
    assert size(left) <= max(room, FLOOR)
    for way, leaf in leaves(left):
        whole = found(value, way)
        assert whole == leaf or (isinstance(leaf, str) and whole.startswith(leaf)), way
    assert type(left) is type(value)
    assert bool(note) == (left != value)


@settings(max_examples=200, deadline=None)
@given(VALUES, some.integers(0, 600))
def test_what_fits_is_left_alone_and_the_same_value_is_cut_the_same(value: Any, room: int) -> None:
    left, note = cut(value, room)
    assert (left, note) == cut(orjson.loads(orjson.dumps(value)), room)
    assert cut(left, max(room, FLOOR)) == (left, "")
    assert cut(value, size(value)) == (value, "")


def rows(count: int, abstract: int) -> dict[str, Any]:
    return {
        "total": count,
        "rows": [{"id": n, "title": f"Paper {n}", "abstract": "x" * abstract} for n in range(count)],
    }


def test_the_heads_of_lists_and_texts_stay_and_the_note_says_how_much() -> None:
    left, note = cut({"rows": list(range(512)), "abstract": "word " * 1824}, 1100)
    assert left["rows"] == list(range(len(left["rows"])))
    assert note == f"/rows: {len(left['rows'])} of 512 items; /abstract: {len(left['abstract']):,} of 9,120 characters"
    assert 0.85 * 1100 <= size(left) <= 1100


def test_the_items_of_a_list_are_one_place_of_the_note() -> None:
    left, note = cut(rows(512, 9120), 12_000)
    kept, letters = len(left["rows"]), len(left["rows"][0]["abstract"])
    assert note == (
        f"/rows: {kept} of 512 items; /rows/*/abstract: {letters} of up to 9,120 characters (in {kept} places)"
    )
    assert left["total"] == 512 and kept > 10 and letters > 400
    assert left["rows"][3] == {"id": 3, "title": "Paper 3", "abstract": "x" * letters}


def test_an_object_keeps_its_keys_as_long_as_it_can() -> None:
    wide = {f"key{n}": ["item"] * 40 for n in range(100)}
    left, note = cut(wide, 3000)
    assert list(left) == list(wide)
    assert note.startswith("/key0: 2 of 40 items; ") and note.endswith("; and in 94 more places")
    left, note = cut(wide, 1000)
    assert list(left) == [f"key{n}" for n in range(len(left))] and 40 < len(left) < 100
    assert note.startswith(f"the whole: {len(left)} of 100 keys; ")


@pytest.mark.parametrize(
    ("value", "room", "left", "note"),
    [
        ("a" * 500, 82, "a" * 80, "the whole: 80 of 500 characters"),
        ("ä" * 500, 82, "ä" * 80, "the whole: 80 of 500 characters"),
        ([1] * 500, 11, [1] * 5, "the whole: 5 of 500 items"),
        ({"a/b": {"~c": "d" * 99}}, 60, {"a/b": {"~c": "d" * 40}}, "/a~1b/~0c: 40 of 99 characters"),
        ([[[[["deep" * 9]]]]], 10, [], "the whole: 0 of 1 items"),
        (1234567890.125, 3, 1234567890.125, ""),
        ({"a": None}, 0, {}, "the whole: 0 of 1 keys"),
    ],
)
def test_small_ones(value: Any, room: int, left: Any, note: str) -> None:
    assert cut(value, room) == (left, note)


def test_a_long_place_is_shortened_in_the_note() -> None:
    note = cut({"k" * 300: "text" * 900}, 1000)[1]
    assert note.startswith(f"/{'k' * 79}…: ")


LARGE = {
    "rows": rows(500, 10_000),
    "text": "word " * 1_000_000,
    "numbers": [[n, n + 0.5] for n in range(300_000)],
    "points": [{"lat": n + 0.25, "lon": n + 0.5} for n in range(150_000)],
    "map": {f"key {n}": {"name": f"name {n}", "tags": ["a", "b"]} for n in range(80_000)},
    "deep": [[[[n, [n, {"a": [n]}]]]] for n in range(150_000)],
    "names": [f"name {n}" for n in range(400_000)],
}


@pytest.mark.parametrize("name", LARGE)
def test_five_megabytes_cost_no_more_than_a_look_at_their_head(name: str) -> None:
    cut(LARGE[name], 12_000)
    took = []
    for _ in range(5):
        start = time.process_time()
        left, note = cut(LARGE[name], 12_000)
        took.append(time.process_time() - start)
    assert 0.8 * 12_000 <= size(left) <= 12_000 and note
    assert min(took) <= 0.05, f"{min(took) * 1000:.1f} ms, where 20 are meant"
