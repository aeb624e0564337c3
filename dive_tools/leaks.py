"""dive-tools leaks: whether anything of an exam was in training.

What a task must be apart in is its tier's (`dive_tools.tiers`): of every exam the seeds and the questions, then
question families, toolsets, tools. A question leaks where training has

- the same words,
- nearly the same words, or thirteen words in a row, with the same names and numbers and the same answer,
- or the same calls with the same arguments, which decide the answer.

One question about another seed is no leak, though the words between the names are the same: that an exam asks in ways
that were learnt is the point of L1, and what tells L2 from it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from dive_tools.alike import RUN, names, near, runs, structure
from dive_tools.records import Record, digest, task_id
from dive_tools.support import calls, walk
from dive_tools.tiers import apart
from dive_tools.values import plain

_PART = re.compile(r"\([a-z]\) \w+")  # "(a) What is …"


@dataclass(frozen=True)
class Leak:
    """Something of an exam's task that a task of training has too."""

    kind: str  # seed, question, calls, family, toolset, tool or module
    tier: str
    train: str  # the id of the first task of training that has it
    exam: str
    what: str

    def line(self) -> dict[str, str]:
        """The leak as a line says it."""
        return asdict(self)


class Training:
    """What the tasks (or runs) of training hold, as hashes, names and questions."""

    def __init__(self, modules: Mapping[str, str]) -> None:
        self.modules = modules  # of tools, by name
        self.tasks = 0
        self._last = ""
        self._first: dict[tuple[str, str], str] = {}  # (kind, what) -> the first task that has it
        self._alike: dict[str, list[tuple[str, str]]] = defaultdict(list)  # questions with the same names and answer

    def add(self, record: Record) -> None:
        """Take in a task; further attempts at one that was just taken in add nothing."""
        name = id_of(record)
        if name == self._last:
            return
        self._last = name
        self.tasks += 1
        question = plain(record["task"]["question"])
        self._alike[_particulars(record)].append((name, question))
        for place in [*_marks(record), *self._made_of(record)]:
            self._first.setdefault(place, name)

    def _made_of(self, record: Record) -> Iterator[tuple[str, str]]:
        yield "family", record["task"].get("pattern", "")
        yield "toolset", _toolset(record)
        for tool in record["setup"]["tools"]:
            yield "tool", tool
            yield "module", self._module(tool)

    def leaks(self, record: Record) -> Iterator[Leak]:
        """Each leak of an exam's task, one of a kind."""
        setup, task = record["setup"], record["task"]
        must = apart(setup.get("tier"))
        seed, pattern = setup["seed"], task.get("pattern", "")
        if "seeds" in must and (train := self._has("seed", _seed(record))):
            yield self._leak("seed", record, train, f"{seed['type']} {_short(seed['value'])}")
        if "questions" in must and (found := self._same_question(record)):
            yield self._leak("question", record, *found)
        if "questions" in must and (train := self._same_calls(record)):
            yield self._leak("calls", record, train, ", ".join(sorted({tool for tool, _ in _cited(record)})))
        if "families" in must and pattern and (train := self._has("family", pattern)):
            yield self._leak("family", record, train, pattern)
        if "toolsets" in must and (train := self._has("toolset", _toolset(record))):
            yield self._leak("toolset", record, train, f"{len(setup['tools'])} tools")
        if "tools" in must:
            yield from self._tools(record)

    def _tools(self, record: Record) -> Iterator[Leak]:
        """The tools that training has, and the modules of the others."""
        tools = list(record["setup"]["tools"])
        known = [tool for tool in tools if self._has("tool", tool)]
        if known:
            yield self._leak("tool", record, self._has("tool", known[0]) or "", ", ".join(known))
        modules = dict.fromkeys(self._module(tool) for tool in tools if tool not in known)
        near = [module for module in modules if self._has("module", module)]
        if near:
            yield self._leak("module", record, self._has("module", near[0]) or "", ", ".join(near))

    def _same_question(self, record: Record) -> tuple[str, str] | None:
        """The task of training that asks the same, and in what they are the same."""
        question = plain(record["task"]["question"])
        same = self._has("question", question)
        if same:
            return same, "the same words"
        mine = runs(question, RUN)
        for train, other in self._alike.get(_particulars(record), ()):
            if near(question, other):
                return train, "nearly the same words, with the same answer"
            if mine & runs(other, RUN):
                return train, f"{RUN} words in a row, with the same names and the same answer"
        return None

    def _same_calls(self, record: Record) -> str | None:
        """The task of training whose answer rests on the same calls; runs, without evidence, say only those cited."""
        if record.get("evidence"):
            return self._has("calls", structure(record)) or self._has("cited by a run", _rests(record))
        return self._has("cited", _rests(record))

    def _has(self, kind: str, what: str) -> str | None:
        return self._first.get((kind, what))

    def _module(self, tool: str) -> str:
        return self.modules.get(tool, f"the module of {tool}")

    @staticmethod
    def _leak(kind: str, record: Record, train: str, what: str) -> Leak:
        return Leak(kind, record["setup"].get("tier", ""), train, id_of(record), what)


def id_of(record: Record) -> str:
    """The id of a task, of which the record may be a run."""
    return task_id(record) if "run" in record else str(record["id"])


def _marks(record: Record) -> Iterator[tuple[str, str]]:
    """What makes a task this one, each with its kind."""
    yield "seed", _seed(record)
    yield "question", plain(record["task"]["question"])
    yield "cited", _rests(record)
    if record.get("evidence"):
        yield "calls", structure(record)
    else:
        yield "cited by a run", _rests(record)


def _seed(record: Record) -> str:
    seed = record["setup"]["seed"]
    return digest([seed["type"], seed["value"]])


def _particulars(record: Record) -> str:
    """The names and numbers of a question, with its answer; the first word of a part, as of a sentence, is none."""
    task = record["task"]
    found = names(_PART.sub("", task["question"]))
    return digest([task["answer"]["value"], sorted(set(found))])


def _toolset(record: Record) -> str:
    return digest(sorted(record["setup"]["tools"]))


def _rests(record: Record) -> str:
    """The calls that the answer cites, and how many it rests on; of a record that does not say, itself."""
    cited = _cited(record)
    evidence = record.get("evidence", [])
    count = len(calls(record["task"]["support"], evidence)) or _proof(record).get("calls", 0)
    return digest([count, sorted(cited, key=digest)] if cited else record["id"])


def _cited(record: Record) -> list[tuple[str, Any]]:
    """(tool, arguments) of each call that the answer cites, once; a run in other clothes names its tools otherwise."""
    if not record.get("evidence"):
        said = [] if record.get("run", {}).get("clothes", {}).get("kinds") else _proof(record).get("cited", [])
    else:
        made = {step["call"]: step for step in record["evidence"]}
        said = [made[node["call"]] for node in walk(record["task"]["support"]) if node.get("call") in made]
    found = {digest([step["tool"], step["arguments"]]): (step["tool"], step["arguments"]) for step in said}
    return list(found.values())


def _proof(record: Record) -> Mapping[str, Any]:
    """What an attempt, or a task of the frontier, says that the proof rests on."""
    found: Mapping[str, Any] = (record.get("run") or record.get("frontier") or {}).get("rests", {})
    return found


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 80 else text[:79] + "…"
