"""The same task in other clothes: its tools named, ordered, described and accompanied otherwise, its answer the same.

`clothes_for` draws the clothes of one task, small enough to be kept with a run; `dressed` puts them on the toolset.
Whoever calls a dressed tool calls the real one: names are only shown, and a dressed schema takes the same arguments.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from dive_tools.errors import UsageFault
from dive_tools.pool import Pool
from dive_tools.records import Record
from dive_tools.support import calls
from dive_tools.tools.base import Tool

KINDS = ("names", "order", "words", "distractors")
FEWEST = 3  # distractors, however small the toolset
LONGEST = 64  # characters of a function's name, as chat servers allow

Schema = Any
Choose = Callable[[Sequence[str]], str]


@dataclass(frozen=True)
class Dressed:
    """Tools as a model sees them, in the order in which it does; and the real name of each."""

    tools: dict[str, Tool]
    real: dict[str, str]


def clothes_for(record: Record, kinds: Iterable[str], seed: int, pool: Pool) -> dict[str, Any]:
    """What is needed to dress a record's toolset, now and again: what is not drawn anew stands in it."""
    chosen = [kind for kind in KINDS if kind in set(kinds)]
    if strange := sorted(set(kinds) - set(KINDS)):
        raise UsageFault(f"no clothes are named {strange[0]}", hint=f"there are {', '.join(KINDS)}")
    rng = random.Random(_draw(seed, record["id"]))
    clothes: dict[str, Any] = {"kinds": chosen, "seed": seed, "of": record["id"], "names": {}, "distractors": {}}
    tools = pool.named(record["setup"]["tools"])
    if "distractors" in chosen:
        clothes["distractors"] = {tool.name: tool.version for tool in _distractors(record, tools, pool, rng)}
    if "names" in chosen:
        clothes["names"] = _names({**tools, **pool.named(clothes["distractors"])}, rng)
    return clothes


def dressed(tools: Mapping[str, Tool], clothes: Mapping[str, Any] | None, pool: Pool) -> Dressed:
    """A toolset in its clothes; without any, as it is."""
    if not clothes:
        return Dressed(dict(tools), {name: name for name in tools})
    draw, kinds = _draw(clothes["seed"], clothes["of"]), clothes["kinds"]
    worn = {**tools, **pool.named(clothes["distractors"])}
    names = sorted(worn) if clothes["distractors"] else list(worn)  # so that those added do not stand apart
    if "order" in kinds:
        random.Random(draw).shuffle(names)
    shown = {clothes["names"].get(name, name): _one(worn[name], clothes["names"], kinds, draw) for name in names}
    return Dressed(shown, dict(zip(shown, names, strict=True)))


def _draw(seed: int, record_id: str) -> str:
    return f"{seed}:{record_id}:clothes"


def _one(tool: Tool, names: Mapping[str, str], kinds: Sequence[str], draw: str) -> Tool:
    """One tool in its clothes; a copy, so that what is remembered of the real one (its validators) stays with that."""
    rng = random.Random(f"{draw}:{tool.name}")
    parameters, description = tool.parameters, tool.description
    if "words" in kinds:
        kept = _kept(tool)
        description = _reworded(description, kept, rng.choice)
        parameters = _described(parameters, lambda text: _reworded(text, kept, rng.choice))
    if names:
        own = _properties(tool)  # a parameter may be named as a tool is
        others = {name: shown for name, shown in names.items() if name not in own}
        description = _renamed(description, others)
        parameters = _described(parameters, lambda text: _renamed(text, others))
    if "order" in kinds:
        parameters = _shuffled(parameters, rng)
    schemas = (parameters, tool.result)
    return replace(tool, name=names.get(tool.name, tool.name), description=description, schemas=lambda: schemas)


# --- distractors -----------------------------------------------------------------------------------------------------


def _distractors(record: Record, tools: Mapping[str, Tool], pool: Pool, rng: random.Random) -> list[Tool]:
    """Tools of the pool that the answer does not need, of domains that the toolset has none of as far as there are."""
    avoided = _avoided(record, tools, pool)
    offered = [tool for name, tool in sorted(pool.tools.items()) if name not in tools and _harmless(tool, avoided)]
    at_home = {tool.domain for tool in tools.values()}
    strange = [tool for tool in offered if tool.domain not in at_home]
    familiar = [tool for tool in offered if tool.domain in at_home]
    wanted = max(FEWEST, len(tools) // 2)
    return [*rng.sample(strange, len(strange)), *rng.sample(familiar, len(familiar))][:wanted]


def _avoided(record: Record, tools: Mapping[str, Tool], pool: Pool) -> list[Tool]:
    """The tools that the answer needs, and those whose lack makes the task unanswerable."""
    task = record.get("task", {})
    needed = tools_of(task["support"], record["evidence"]) if record.get("evidence") and task else set(tools)
    gone = task.get("missing", {}).get("tools", ())
    return [pool.tools[name] for name in sorted({*needed, *gone}) if name in pool.tools]


def tools_of(support: dict[str, Any], evidence: list[dict[str, Any]]) -> set[str]:
    """The names of the tools that a support rests on."""
    rests = set(calls(support, evidence))
    return {step["tool"] for step in evidence if step["call"] in rests}


def _harmless(tool: Tool, avoided: Sequence[Tool]) -> bool:
    """Whether a tool may be added.

    A near twin of a needed tool may answer by another source or edition, and then two answers are right; what gives
    the meaning of a tool that was taken away, or runs any program, may make an unanswerable task answerable.
    """
    if tool.effects not in ("none", "read") or tool.sensitivity == "private" or runs_code(tool):
        return False
    mine = _meanings(tool)
    return not any(tool.module == other.module or mine & _meanings(other) for other in avoided)


@cache
def _meanings(tool: Tool) -> frozenset[str]:
    """The entity types and the kinds of quantity, in whatever unit, that a tool gives."""
    return frozenset(item.type or item.kind for item in tool.fields.values()) - {""}


def runs_code(tool: Tool) -> bool:
    """Whether a tool runs programs that its caller writes, and so does what any other tool may do."""
    typed = any(slot.type == "python_program" for slot in tool.slots.values())
    return typed or (tool.effects != "none" and not {"code", "script", "program", "command"}.isdisjoint(tool.slots))


# --- names -----------------------------------------------------------------------------------------------------------


def _names(tools: Mapping[str, Tool], rng: random.Random) -> dict[str, str]:
    """Another name for each tool, which says the same: all in one style, none that another tool has or had."""
    style = rng.choice(list(_STYLES))
    taken = {name.casefold() for name in tools}
    names: dict[str, str] = {}
    for name, tool in tools.items():
        names[name] = next(shown for shown in _candidates(tool, style, rng) if shown.casefold() not in taken)
        taken.add(names[name].casefold())
    return names


def _candidates(tool: Tool, style: str, rng: random.Random) -> Iterator[str]:
    """Names for a tool, without end: in other words, behind the verb of its description, and then numbered."""
    words = [part.lower() for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+|[0-9]+", tool.name)] or ["tool"]
    verb = (re.findall(r"[A-Za-z]+", tool.description) or [""])[0].lower()
    tokens = _table()["tokens"]
    said = [rng.choice([word, *tokens.get(word, ())]) for word in words]
    verbs = [one for one in _table()["verbs"].get(verb, ()) if one not in words]
    led = [rng.choice(verbs), *said] if verbs and words[0] != verb else said
    for parts in (led, said, ["use", *words]):
        if len(shown := _STYLES[style](parts)) <= LONGEST:
            yield shown
    number = 2
    while True:
        yield f"{_STYLES[style](words)[: LONGEST - 8]}_{number}"
        number += 1


_STYLES: dict[str, Callable[[Sequence[str]], str]] = {
    "snake": "_".join,
    "kebab": "-".join,
    "camel": lambda words: words[0] + "".join(word.capitalize() for word in words[1:]),
    "pascal": lambda words: "".join(word.capitalize() for word in words),
}


def _renamed(text: str, names: Mapping[str, str]) -> str:
    """The text with the tools that it names under their new names; a name that is a plain word only where quoted."""
    if not any(name in text for name in names):
        return text
    coded = [re.escape(name) for name in sorted(names, key=len, reverse=True) if not name.isalpha()]
    quoted = [re.escape(name) for name in names if name.isalpha()]
    forms = [rf"(?<![\w-])(?:{'|'.join(coded)})(?![\w-])"] if coded else []
    forms += [rf"(?<=`)(?:{'|'.join(quoted)})(?=`)"] if quoted else []
    return re.sub("|".join(forms), lambda found: names[found[0]], text)


# --- words -----------------------------------------------------------------------------------------------------------

_SAID = r"\"[^\"]*\"|“[^”]*”|`[^`]*`|(?<!\w)'[^'\n]*'(?!\w)"  # quoted
_CODED = r"[^\s,;:.]*[\d_@/\\{}<>=+*^×÷−][^\s,;:]*"  # like code, a number or a formula


@cache
def _table() -> dict[str, dict[str, list[str]]]:
    """Verbs and words of names, and phrases of descriptions, each with others that say the same."""
    import orjson

    return orjson.loads((Path(__file__).parent / "clothes.json").read_bytes())  # type: ignore[no-any-return]


@cache
def _phrases() -> re.Pattern[str]:
    """Every phrase of the table, the longest first; one with a capital stands at the beginning of a sentence."""
    forms = []
    for phrase in sorted(_table()["phrases"], key=len, reverse=True):
        spaced = r"\s+".join(re.escape(word) for word in phrase.split())
        before = r"(?:^|(?<=[.!?]\s)|(?<=\n\n))" if phrase[0].isupper() else r"(?<!\w)" if phrase[0].isalpha() else ""
        forms.append(rf"{before}{spaced}(?!\w)")
    return re.compile("|".join(forms))


def _reworded(text: str, kept: re.Pattern[str], choose: Choose) -> str:
    """The text in other words of the same meaning; what is `kept` stands as it stood."""
    aside: list[str] = []

    def hide(found: re.Match[str]) -> str:
        aside.append(found[0])
        return f"\x00{len(aside) - 1}\x00"

    phrases = _table()["phrases"]
    hidden = kept.sub(hide, text)
    said = _phrases().sub(lambda found: choose(phrases[" ".join(found[0].split())]), hidden)
    return re.sub("\x00(\\d+)\x00", lambda found: aside[int(found[1])], said)


@cache
def _kept(tool: Tool) -> re.Pattern[str]:
    """What a rewording never touches: what is quoted, numbers, code, and the names and values of the parameters."""
    words = {str(value) for slot in tool.slots.values() for value in slot.choices} | _properties(tool)
    words |= {value for part in _parts(tool.parameters) for value in part.get("enum", ()) if isinstance(value, str)}
    named = [re.escape(word) for word in sorted(words, key=len, reverse=True) if word]
    return re.compile("|".join([_SAID, *([rf"(?<!\w)(?:{'|'.join(named)})(?!\w)"] if named else []), _CODED]))


def _properties(tool: Tool) -> set[str]:
    """The names of a tool's parameters, and of what is inside them."""
    return {name for part in _parts(tool.parameters) for name in part.get("properties", ())}


# --- schemas ---------------------------------------------------------------------------------------------------------

_NAMED = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")  # hold schemas by name
_LISTED = ("allOf", "anyOf", "oneOf", "prefixItems", "items")
_WITHIN = (
    *("items", "additionalProperties", "contains", "not", "if", "then", "else", "propertyNames"),
    *("unevaluatedProperties", "unevaluatedItems", "additionalItems"),
)


def _remade(schema: Schema, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Schema:
    """A copy of a schema with every schema inside it, and itself, changed; what is no schema is kept as it is."""
    if not isinstance(schema, dict):
        return schema
    made = dict(schema)
    for key, value in schema.items():
        if key in _NAMED and isinstance(value, dict):
            made[key] = {name: _remade(inner, change) for name, inner in value.items()}
        elif key in _LISTED and isinstance(value, list):
            made[key] = [_remade(inner, change) for inner in value]
        elif key in _WITHIN:
            made[key] = _remade(value, change)
    return change(made)


def _parts(schema: Schema) -> list[dict[str, Any]]:
    """Every schema inside a schema, and itself."""
    found: list[dict[str, Any]] = []
    _remade(schema, lambda part: found.append(part) or part)  # type: ignore[func-returns-value]
    return found


def _described(schema: Schema, say: Callable[[str], str]) -> Schema:
    """The schema with its descriptions said otherwise."""

    def change(part: dict[str, Any]) -> dict[str, Any]:
        text = part.get("description")
        return {**part, "description": say(text)} if isinstance(text, str) else part

    return _remade(schema, change)


def _shuffled(schema: Schema, rng: random.Random) -> Schema:
    """The schema with its properties, and what it requires, in another order."""

    def change(part: dict[str, Any]) -> dict[str, Any]:
        if isinstance(part.get("properties"), dict):
            properties = list(part["properties"].items())
            part = {**part, "properties": dict(rng.sample(properties, len(properties)))}
        if isinstance(part.get("required"), list):
            part = {**part, "required": rng.sample(part["required"], len(part["required"]))}
        return part

    return _remade(schema, change)
