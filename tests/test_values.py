"""What a value means, and how it is said."""

from __future__ import annotations

import pytest

from dive_tools.values import (
    TYPES,
    VIGNETTES,
    EntityType,
    Given,
    Quantity,
    VignetteType,
    at,
    entity,
    join,
    label,
    leaves,
    plain,
    rounded,
    samples,
    say_date,
    say_number,
    say_vignette,
    says,
    slots,
    vignette,
)

PATIENT = VignetteType(
    "someone",
    "the patient",
    ("a {age}-year-old {sex}", "a {sex}", "a patient"),
    {
        "weight_kg": "weighs {weight_kg} kg",
        "sodium": "has a sodium of {sodium} mmol/L",
        "age": "is {age} years old",
        "seen": "was seen on {seen}",
    },
    says={"seen": say_date},
    alone=" is examined",
)
ADA = {"age": 67, "sex": "woman", "weight_kg": 70.0, "sodium": 140, "seen": "2026-03-01"}


@pytest.fixture
def scratch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Types declared in a test are gone after it."""
    monkeypatch.setattr("dive_tools.values.TYPES", dict(TYPES))
    monkeypatch.setattr("dive_tools.values.VIGNETTES", dict(VIGNETTES))
    samples.cache_clear()
    yield
    samples.cache_clear()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0"), (2031, "2031"), (9999, "9999"), (10000, "10,000"), (1234567, "1,234,567"), (-12345, "-12,345"),
        (70.0, "70"), (-0.5, "-0.5"), (0.5, "0.5"), (9596960.0, "9,596,960"), (12345.25, "12,345.25"),
        (-12345.25, "-12,345.25"), (1234.5, "1234.5"), (1e15, "1,000,000,000,000,000"), (-10000.5, "-10,000.5"),
    ],
)  # fmt: skip
def test_a_number_is_said_with_separators_from_ten_thousand_on(value: float, said: str) -> None:
    assert say_number(value) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [("2031-05-15", "15 May 2031"), ("2026-01-01", "1 January 2026"), ("0476-09-04", "4 September 476")],
)
def test_a_date_is_said_in_words(text: str, said: str) -> None:
    assert say_date(text) == said


def test_what_is_no_date_is_not_said() -> None:
    with pytest.raises(ValueError, match="day is out of range"):
        say_date("2026-02-30")


@pytest.mark.parametrize(
    ("words", "said"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_words_are_joined(words: list[str], said: str) -> None:
    assert join(words) == said


def test_words_are_joined_with_another_last_word() -> None:
    assert join(["a", "b", "c"], "or") == "a, b or c"


# --- labels ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (True, "yes"), (False, "no"), (12345, "12,345"), (0.5, "0.5"), ("Kenya", "Kenya"), (None, "None"),
        (["Kenya", 12345, True], "Kenya, 12,345 and yes"), ([], ""),
    ],
)  # fmt: skip
def test_a_value_without_a_type_is_said_by_its_kind(value: object, said: str) -> None:
    assert label(value) == said


def test_a_type_says_its_values_itself() -> None:
    assert label("2031-05-15", "date") == "15 May 2031"
    assert label("2031-05-15", "no such type") == "2031-05-15"


def test_what_is_said_as_its_owner_has_no_label_of_its_own(scratch: None) -> None:
    entity("spot", "spot", spoken="owner", label=lambda value: "never")
    assert label([12345, 2], "spot") == "12,345 and 2"


# --- declarations ----------------------------------------------------------------------------------------------------


def test_an_entity_type_is_declared_once_and_may_be_met_again(scratch: None) -> None:
    first = entity("planet", "planet", intro="the planet {}")
    assert entity("planet", "planet", intro="the planet {}") is first
    assert (first.plural, entity("datum", "datum", "data").plural) == ("planets", "data")
    with pytest.raises(ValueError, match="planet is declared twice"):
        entity("planet", "wanderer")


def test_an_entity_is_spoken_in_one_of_three_ways(scratch: None) -> None:
    with pytest.raises(ValueError, match="spoken must be one of"):
        entity("planet", "planet", spoken="loudly")
    from dive_tools import values

    assert "planet" not in values.TYPES


def test_a_vignette_type_is_declared_once(scratch: None) -> None:
    made = vignette("trip", "the trip", "a trip", {})
    assert made.subjects == ("a trip",)
    with pytest.raises(ValueError, match="trip is declared twice"):
        vignette("trip", "the trip", "a trip", {})


def test_a_quantity_has_a_known_scale() -> None:
    assert Quantity("mass").scale == "ratio"
    with pytest.raises(ValueError, match="nominal"):
        Quantity("mass", scale="nominal")


def test_choices_are_plain_or_said_in_other_words() -> None:
    assert Given(50, 75).choices == {50: None, 75: None}
    assert Given({"mosteller": "Mosteller"}).choices == {"mosteller": "Mosteller"}


def test_one_question_may_be_given_without_a_list() -> None:
    made = says("the area of {country}", ask="How large is {country}", ask_count=["How many", "Count"])
    assert (made.phrases, made.ask, made.ask_count) == (
        ("the area of {country}",),
        ("How large is {country}",),
        ("How many", "Count"),
    )


def test_slots_are_names_in_braces() -> None:
    assert slots("the {a} of {b_2}, {a}, {} and {not a name}") == {"a", "b_2"}


def test_samples_are_those_that_the_type_declares(scratch: None) -> None:
    entity("planet", "planet", samples=lambda: ["Mars", "Venus"])
    entity("moon", "moon")
    vignette("trip", "the trip", "a trip", {}, samples=lambda: [{"days": 3}])
    assert samples("planet") == ("Mars", "Venus") and samples("trip") == ({"days": 3},)
    assert samples("moon") == samples("nothing of the kind") == ()


@pytest.mark.parametrize(
    ("text", "is_date"), [("2024-02-29", True), ("2023-02-29", False), ("2024-2-9", False), ("20240229", False)]
)
def test_a_date_is_valid_when_the_calendar_has_it(text: str, is_date: bool) -> None:
    def valid() -> bool:
        try:
            return bool(TYPES["date"].valid(text))
        except ValueError:
            return False

    assert valid() == is_date


# --- vignettes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("used", "said"),
    [
        (["age", "sex", "weight_kg"], "A 67-year-old woman weighs 70 kg."),
        (["sex", "weight_kg", "sodium"], "A woman weighs 70 kg and has a sodium of 140 mmol/L."),
        (["sex"], "A woman is examined."),
        (["age"], "A patient is 67 years old."),
        (["sodium", "seen", "weight_kg"],
         "A patient weighs 70 kg, has a sodium of 140 mmol/L and was seen on 1 March 2026."),
    ],
)  # fmt: skip
def test_a_vignette_states_the_parts_in_use_and_no_other(used: list[str], said: str) -> None:
    assert say_vignette(PATIENT, ADA, used) == said


def test_a_part_that_the_vignette_lacks_is_not_made_up() -> None:
    with pytest.raises(KeyError):
        say_vignette(PATIENT, {"sex": "woman"}, ["sex", "age"])


# --- values inside JSON ----------------------------------------------------------------------------------------------

TREE = {"a": [{"b": 1}, {"b": 2}], "x/y": 3, "m~n": 4, "": 5, "0": 6, "01": {"~1": 7}}


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("", TREE), ("/a/1/b", 2), ("/x~1y", 3), ("/m~0n", 4), ("/", 5), ("/0", 6), ("/01/~01", 7), ("/a", TREE["a"]),
    ],
)  # fmt: skip
def test_a_pointer_names_a_part(pointer: str, value: object) -> None:
    assert at(TREE, pointer) == value


@pytest.mark.parametrize("pointer", ["/b", "/a/2", "/a/-1", "/a/b", "/x~1y/0", "/a/0/b/c", "/a/-"])
def test_a_pointer_to_nothing_is_a_lookup_error(pointer: str) -> None:
    with pytest.raises(LookupError):
        at(TREE, pointer)


def test_leaves_are_the_scalars() -> None:
    assert list(leaves({"a": [1, {"b": None}], "c": "x", "d": [], "e": {}})) == [1, None, "x"]
    assert list(leaves(False)) == [False]


@pytest.mark.parametrize(
    ("value", "cut"),
    [
        (1 / 3, 0.3333333333), (2e6 / 3, 666666.6667), (1.23456789012345e-20, 1.23456789e-20), (0.1 + 0.2, 0.3),
        (12345678901234, 12345678901234), (True, True), (None, None), ("0.333333333333", "0.333333333333"),
        ((1 / 3, [2 / 3]), [0.3333333333, [0.6666666667]]), ({"a": {"b": 1 / 3}}, {"a": {"b": 0.3333333333}}),
        (-0.0, 0.0), (99999999999.6, 1e11),
    ],
)  # fmt: skip
def test_floats_are_cut_to_ten_significant_digits(value: object, cut: object) -> None:
    found = rounded(value)
    assert found == cut and type(found) is type(cut)


def test_cutting_again_changes_nothing_and_nothing_in_place() -> None:
    value = {"a": [2 / 3]}
    assert rounded(rounded(value)) == rounded(value) and value == {"a": [2 / 3]}


@pytest.mark.parametrize(
    ("text", "same"),
    [("Côte d’Ivoire!", "côte d ivoire"), ("  A,  B.C ", "a b c"), ("STRASSE", "strasse"), ("50 % + 2", "50 % + 2")],
)
def test_plain_forgets_case_and_punctuation(text: str, same: str) -> None:
    assert plain(text) == same


def test_types_are_found_under_their_names() -> None:
    assert all(isinstance(kind, EntityType) and kind.name == name for name, kind in TYPES.items())
