"""Crawl and validate: call found tools that a person has reviewed, keep those that answer, and measure them.

The paper's step between finding tools and using them (arXiv 2603.11076). Nothing is called whose effects have not
been reviewed; a source that fails again and again is paused.
"""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from dive_tools import pool
from dive_tools.errors import DiveError
from dive_tools.infer import arguments, fields, result_schema, silent
from dive_tools.records import canonical
from dive_tools.tools.base import Tool
from dive_tools.tools.door import Door, Outcome, reviewed
from dive_tools.values import leaves

REPEATS = 3  # calls of one set of arguments, to see whether the answer repeats
GIVE_UP = 2  # failures in a row after which a tool is not asked again
PAUSE = 3  # tools of one source that fail in a row before the source is paused
STEADY = 2 / 3  # the share of calls that must answer
REASONS = {
    "unreachable": "unreachable",
    "over_time": "over_time",
    "crashed": "crashes",
    "bad_result": "bad_result",
    "bad_arguments": "bad_arguments",
    "refused": "refuses",
}


@dataclass(frozen=True, slots=True)
class Rejected:
    """A tool that does not come into the pool: a fixed word, and a sentence."""

    manifest: dict[str, Any]
    reason: str
    detail: str


@dataclass(slots=True)
class Trial:
    """What calling a tool brought: an outcome and seconds for each call."""

    given: list[dict[str, Any]] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    @property
    def results(self) -> list[Any]:
        """The results that say something."""
        return [o["result"] for o in self.outcomes if "result" in o and not empty(o["result"])]

    def failing(self) -> bool:
        """Whether the last calls could not be made at all."""
        return len(self.outcomes) >= GIVE_UP and all(_down(outcome) for outcome in self.outcomes[-GIVE_UP:])


class Crawler:
    """Checks one found tool after another, and remembers how each source fares."""

    def __init__(self, allow: Mapping[str, str], tokens: Mapping[str, int] | None = None) -> None:
        self.allow = allow
        self.tokens = tokens or {}
        self.paused: Counter[str] = Counter()  # tools not checked, by source
        self._fallen: Counter[str] = Counter()

    def __call__(self, manifest: dict[str, Any], tool: Tool) -> dict[str, Any] | Rejected | None:
        """The manifest with what was found, a rejection, or None for a tool whose source is paused."""
        if refusal := self._refused(tool):
            return Rejected(manifest, *refusal)
        source = tool.module
        if self._fallen[source] >= PAUSE:
            self.paused[source] += 1
            return None
        try:
            pool.typed(tool)
            if not tool.examples and (missing := silent(tool)):
                detail = f"nothing says what {', '.join(missing)} should be: add an example to its line"
                return Rejected(manifest, "no_arguments", detail)
            trial, types = self._tried(tool)
        except (DiveError, ValueError, TypeError, LookupError, AttributeError) as fault:  # its schema, module or key
            return Rejected(manifest, "unusable", f"{type(fault).__name__}: {fault}"[:500])
        self._fallen[source] = self._fallen[source] + 1 if trial.failing() else 0
        verdict = self._judged(tool, trial)
        return Rejected(manifest, *verdict) if verdict else self._kept(manifest, tool, trial, types)

    def _refused(self, tool: Tool) -> tuple[str, str] | None:
        level = reviewed(self.allow, tool)
        if tool.effects == "write" or level == "write":
            return "write", "not called: writes are for evaluation environments"
        if tool.effects == "unknown" and level is None:
            return "not_reviewed", "name it in the file given to --allow-effects once its effects are reviewed"
        return None

    def _tried(self, tool: Tool) -> tuple[Trial, dict[str, str]]:
        door = Door({tool.name: tool}, allow=self.allow, remember=0)
        trial, types, again = Trial(), {}, 0
        for given, guessed in arguments(tool):
            types = guessed
            while True:
                start = time.perf_counter()
                outcome = door.call(tool.name, given)
                trial.seconds.append(time.perf_counter() - start)
                trial.given.append(given)
                trial.outcomes.append(outcome)
                again += "result" in outcome
                if again >= REPEATS or "result" not in outcome:
                    break
            if trial.failing():
                break
        return trial, types

    def _judged(self, tool: Tool, trial: Trial) -> tuple[str, str] | None:
        answered = len(trial.results)
        if not answered:
            errors = [(g, o["error"]) for g, o in zip(trial.given, trial.outcomes, strict=True) if "error" in o]
            if not errors:
                return "empty", f"{_shown(trial.given[0])}: an empty result"
            given, error = errors[0]
            return REASONS.get(error["kind"], error["kind"]), f"{_shown(given)}: {error['message']}"
        if (failed := _failed(trial)) > (1 - STEADY) * len(trial.outcomes):
            return "flaky", f"{failed} of {len(trial.outcomes)} calls failed"
        return None

    def _kept(self, manifest: dict[str, Any], tool: Tool, trial: Trial, types: dict[str, str]) -> dict[str, Any]:
        results = trial.results
        sizes = [len(orjson.dumps(result)) for result in results]
        checked = {
            "calls": len(trial.outcomes),
            "answered": len(results),
            "failed": _failed(trial),
            "stable": _stable(trial),
            "latency_ms": {"median": _ms(statistics.median(trial.seconds)), "max": _ms(max(trial.seconds))},
            "result_bytes": {"median": int(statistics.median(sizes)), "max": max(sizes)},
            "schema_bytes": len(orjson.dumps(tool.schema())),
        }
        if tool.name in self.tokens:
            checked["schema_tokens"] = self.tokens[tool.name]
        made = {**manifest, "effects": reviewed(self.allow, tool) or tool.effects}
        inferred = []
        if not manifest.get("result"):
            made["result"] = result_schema(results)
            inferred.append("result")
        given = manifest.get("gives", {})
        if not any(set(item) & {"type", "kind"} for item in given.values()) and (found := fields(results)):
            made["gives"] = found
            inferred.append("gives")
        if types:  # guessed by the names of parameters, and the tool answered
            takes = manifest.get("takes", {})
            new = {name: {**takes.get(name, {"required": True}), "type": type_} for name, type_ in types.items()}
            made["takes"] = {**takes, **new}
            inferred.append("takes")
        return {**made, "checked": {**checked, **({"inferred": inferred} if inferred else {})}}


def empty(value: Any) -> bool:
    """Whether a result says nothing: no leaf but null, false-less text and empty lists."""
    return all(leaf is None or leaf == "" for leaf in leaves(value))


def _stable(trial: Trial) -> bool:
    """Whether every call that was repeated gave the very same outcome."""
    seen: dict[bytes, Outcome] = {}
    return all(seen.setdefault(canonical(g), o) == o for g, o in zip(trial.given, trial.outcomes, strict=True))


def _failed(trial: Trial) -> int:
    """How many calls neither answered nor were refused by the tool itself."""
    return sum(not ("result" in o or o["error"]["kind"] == "refused") for o in trial.outcomes)


def _down(outcome: Outcome) -> bool:
    return "error" in outcome and outcome["error"]["kind"] in ("unreachable", "over_time")


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)


def _shown(given: dict[str, Any]) -> str:
    return orjson.dumps(given).decode()[:200]


def tally(manifests: Iterable[dict[str, Any]]) -> Iterator[tuple[str, Any]]:
    """What the pool is like, in figures: median latency, schema size, how many repeat exactly."""
    rows = [m["checked"] for m in manifests if m.get("checked")]
    if rows:
        yield "stable", sum(row["stable"] for row in rows)
        yield "latency_ms", _ms(statistics.median(row["latency_ms"]["median"] for row in rows) / 1000)
        yield "result_bytes", int(statistics.median(row["result_bytes"]["median"] for row in rows))
        yield "schema_bytes", sum(row["schema_bytes"] for row in rows)
        if all("schema_tokens" in row for row in rows):
            yield "schema_tokens", sum(row["schema_tokens"] for row in rows)
