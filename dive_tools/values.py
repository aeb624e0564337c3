"""What a value means: entity types, quantities, bundles and vignettes.

Tools annotate parameters and result fields with these; the annotations ride on the manifest as plain JSON and
decide what may flow where. Entities chain by equality of type, quantities only into a parameter that names the same
kind and unit, parts of a vignette only from the seed that holds them.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

SCALES = ("ratio", "interval", "ordinal")
SPOKEN = ("label", "owner", "literal")


@dataclass(frozen=True, slots=True)
class EntityType:
    """A kind of thing with a name.

    `spoken` says how a value is mentioned: by its own `label`; as its `owner` (a long or structured value, such as a
    point or a SMILES string, that is said as the thing it belongs to); or as a `literal`, stated in full in a first
    sentence made from `opening` and called by `noun` from then on. `intro` wraps the label of a given value.
    `samples` lists real values (for seeds, companions and checks); `akin` lists those that a careful person would
    compare with a given one.
    """

    name: str
    noun: str
    plural: str
    spoken: str = "label"
    intro: str = "{}"
    opening: str = ""
    label: Callable[[Any], str] = str
    valid: Callable[[Any], bool] | None = None
    samples: Callable[[], Sequence[Any]] | None = None
    akin: Callable[[Any], Sequence[Any]] | None = None


@dataclass(frozen=True, slots=True)
class VignetteType:
    """An object made up for a question: a patient, a bond, a trial.

    `owner` names it in a phrase ("the patient"). The opening sentence is `subject` (a template over the parts, or the
    first of several templates all of whose parts are in use) followed by a verb clause for each part in use; where no
    clause is, `alone` makes the subject a sentence (" takes off").
    `samples` lists plausible whole objects.
    """

    name: str
    owner: str
    subjects: tuple[str, ...]
    clauses: dict[str, str]
    samples: Callable[[], Sequence[dict[str, Any]]] | None = None
    says: dict[str, Callable[[Any], str]] = field(default_factory=dict)
    alone: str = ""


TYPES: dict[str, EntityType] = {}
VIGNETTES: dict[str, VignetteType] = {}


def entity(name: str, noun: str, plural: str | None = None, **options: Any) -> EntityType:
    """Declare an entity type; its name must be new."""
    made = EntityType(name, noun, plural or noun + "s", **options)
    if made.spoken not in SPOKEN:
        raise ValueError(f"entity type {name}: spoken must be one of {SPOKEN}")
    if TYPES.get(name, made) != made:
        raise ValueError(f"entity type {name} is declared twice")
    return TYPES.setdefault(name, made)


def vignette(
    name: str, owner: str, subjects: Sequence[str] | str, clauses: dict[str, str], **options: Any
) -> VignetteType:
    """Declare a vignette type; its name must be new."""
    subjects = (subjects,) if isinstance(subjects, str) else tuple(subjects)
    made = VignetteType(name, owner, subjects, clauses, **options)
    if name in VIGNETTES:
        raise ValueError(f"vignette type {name} is declared twice")
    return VIGNETTES.setdefault(name, made)


# --- annotations of parameters and result fields ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entity:
    """The value is an entity (or bundle) of this type."""

    type: str


@dataclass(frozen=True, slots=True)
class Quantity:
    """The value is a number of this kind, in this unit (spelt as it is said, plural: "kilometres"; "" for none).

    On a parameter: what it accepts. On a result: what it gives. `scale` is ratio, interval or ordinal; `additive`
    says that a sum over several things means something.
    """

    kind: str
    unit: str = ""
    scale: str = "ratio"
    additive: bool = False

    def __post_init__(self) -> None:
        if self.scale not in SCALES:
            raise ValueError(f"scale must be one of {SCALES}, not {self.scale!r}")


@dataclass(frozen=True, slots=True)
class Part:
    """The parameter is this part of a seed of this vignette type; all parts of a call come from the same seed."""

    vignette: str
    part: str


class Given:
    """Round, plausible values that the symbolic collector may choose for a parameter and that the question states.

    `Given(50, 75, 100)`, or `Given({"mosteller": "Mosteller"})` where the value is said in other words.
    """

    def __init__(self, *choices: Any) -> None:
        if len(choices) == 1 and isinstance(choices[0], dict):
            self.choices: dict[Any, str | None] = dict(choices[0])
        else:
            self.choices = dict.fromkeys(choices)


@dataclass(frozen=True, slots=True)
class Says:
    """How a result field is said: see `says`."""

    phrases: tuple[str, ...] = ()
    noun: str = ""
    most: str = "highest"
    least: str = "lowest"
    more: str = "higher"
    less: str = "lower"
    ask: tuple[str, ...] = ()
    whether: str = ""
    scope: str = ""
    plural: str = ""
    only: str = ""
    ask_count: tuple[str, ...] = ()
    quiet: bool = False


def says(*phrases: str, ask: Sequence[str] | str = (), ask_count: Sequence[str] | str = (), **words: Any) -> Says:
    """How a result field is said in a question.

    `phrases` are noun phrases with parameters (or sibling fields of a list item) in braces: "the area of {country}".
    `noun` is the bare head noun ("area"), `scope` what must stand behind it ("in the GeoNames table");
    `most/least/more/less` are the adjectives that go with it. `ask` are whole
    questions for this field ("In which country does {airport} lie?"). `whether` is a clause for a yes/no field
    ("{number} is a prime number"). For lists, `plural` is what the items are called and `ask_count` asks how many
    there are. `quiet=True` keeps the field out of questions as an answer, though it may still feed other calls.
    """
    return Says(tuple(phrases), ask=_tuple(ask), ask_count=_tuple(ask_count), **words)


def _tuple(words: Sequence[str] | str) -> tuple[str, ...]:
    return (words,) if isinstance(words, str) else tuple(words)


# --- saying a value --------------------------------------------------------------------------------------------------


def label(value: Any, type_name: str | None = None) -> str:
    """How a person says a value of this type: its label, a number with separators, a list in words."""
    known = TYPES.get(type_name or "")
    if known is not None and known.spoken != "owner":
        return known.label(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return say_number(value)
    if isinstance(value, list):
        return listed([label(item) for item in value])
    return str(value)


def say_number(value: float) -> str:
    """1234567 -> "1,234,567"; 2031 -> "2031"; 0.5 -> "0.5"; 70.0 -> "70"."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e16:
        value = int(value)
    if isinstance(value, int):
        return f"{value:,}" if abs(value) >= 10000 else str(value)
    text = repr(value)
    whole, dot, rest = text.partition(".")
    if "e" not in text and abs(value) >= 10000:
        return f"{int(whole):,}{dot}{rest}"
    return text


def say_date(text: str) -> str:
    """ "2031-05-15" -> "15 May 2031"."""
    day = datetime.date.fromisoformat(text)
    return f"{day.day} {day:%B %Y}"


def join(words: Sequence[str], last: str = "and") -> str:
    """["a", "b", "c"] -> "a, b and c"."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def listed(words: Sequence[str]) -> str:
    """Like `join`, with semicolons where names hold commas: "Perlis, Malaysia; Kedah, Malaysia; and …"."""
    if len(words) > 2 and any(", " in word for word in words):
        return f"{'; '.join(words[:-1])}; and {words[-1]}"
    return join(words)


def plain(text: str) -> str:
    """A text without case and punctuation, its words one space apart."""
    return " ".join(re.findall(r"[\w%+−-]+", text.casefold()))


def say_vignette(kind: VignetteType, value: dict[str, Any], used: Sequence[str]) -> str:
    """The opening sentence of a vignette, stating just the parts in `used`."""
    said = {part: kind.says.get(part, label)(value[part]) for part in used}
    subject = next(s for s in kind.subjects if slots(s) <= set(used))
    clauses = [
        text.format(**said) for part, text in kind.clauses.items() if part in used and part not in slots(subject)
    ]
    subject = subject.format(**said)
    sentence = f"{subject} {join(clauses)}" if clauses else f"{subject.rstrip(',')}{kind.alone}"
    return sentence[0].upper() + sentence[1:] + "."


def slots(template: str) -> set[str]:
    """The names in braces of a template."""
    return set(_SLOT.findall(template))


_SLOT = re.compile(r"\{([a-z_][a-z0-9_]*)\}")


# --- values inside JSON ----------------------------------------------------------------------------------------------


def at(value: Any, pointer: str) -> Any:
    """The part of a JSON value that a JSON Pointer (RFC 6901) names; LookupError when it is not there."""
    for token in pointer.split("/")[1:]:
        token = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list) and token.isdigit():
            value = value[int(token)]
        elif isinstance(value, dict):
            value = value[token]
        else:
            raise LookupError(pointer)
    return value


def leaves(value: Any) -> Iterator[Any]:
    """Every scalar inside a JSON value."""
    if isinstance(value, dict):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)
    else:
        yield value


def rounded(value: Any, digits: int = 10) -> Any:
    """The JSON value with every float cut to `digits` significant digits, so that machines agree on it."""
    if isinstance(value, float):
        return float(f"{value:.{digits - 1}e}")
    if isinstance(value, dict):
        return {key: rounded(item, digits) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(item, digits) for item in value]
    return value


@cache
def samples(type_name: str) -> tuple[Any, ...]:
    """Real values of an entity or vignette type, in a fixed order; empty where the type declares none."""
    kind = TYPES.get(type_name) or VIGNETTES.get(type_name)
    return tuple(kind.samples()) if kind is not None and kind.samples is not None else ()


def akin(type_name: str, value: Any) -> Sequence[Any]:
    """What a careful person would compare with a value; nothing for a value that the type's registry does not hold."""
    kind = TYPES.get(type_name)
    known = kind is not None and kind.akin is not None and value in samples(type_name)
    return kind.akin(value) if known else ()  # type: ignore[union-attr, misc]


DATE = entity(
    "date",
    "date",
    label=say_date,
    valid=lambda v: bool(re.fullmatch(r"\d{4}-\d\d-\d\d", v)) and bool(datetime.date.fromisoformat(v)),
)
