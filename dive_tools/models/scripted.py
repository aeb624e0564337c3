"""`scripted:FILE`: a model of rules, for tests, demonstrations and pipelines that must cost nothing.

A rule is one JSON line: what it answers to, and what it answers. The first rule that fits is used.

    {"purpose": "collect", "turn": 0, "match": "seed:\\s+\"(\\w+)\"",
     "reply": {"tool_calls": [{"name": "country_profile", "arguments": {"country": "\\1"}}]}}
    {"purpose": "derive", "reply": {"content": "{\"question\": …}"}}
    {"error": "timeout"}

`purpose` (a prefix), `record`, `turn` and `attempt` must be equal where they stand. `match` is a regular expression
that is searched in the whole conversation's text; its groups may be used in every string of the reply, as `\\1` or
`\\g<name>`. `error` is one of the kinds of ModelError.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from dive_tools.errors import DiveError
from dive_tools.models.base import FINISHES, KINDS, Ask, Message, ModelError, Reply, Settings, Usage
from dive_tools.records import digest

if TYPE_CHECKING:
    from dive_tools.models.gate import Gate

_KEYS = {"purpose", "record", "turn", "attempt", "match", "reply", "error", "finish", "usage"}


class Scripted:
    """A model that answers by rules; it costs nothing and is the same for ever. Requests pass the `gate`, if any."""

    inside = True

    def __init__(self, name: str, settings: Settings, gate: Gate | None = None) -> None:
        self.name = f"scripted:{name}"
        self.path = Path(name)
        self.counters: dict[str, Any] = {"requests": 0}
        self._rules = _read(self.path)
        self._told = settings.revision
        self._gate = gate

    @property
    def revision(self) -> str:
        """The digest of the rules, so that other rules are another checkpoint."""
        return self._told or digest([{k: v for k, v in rule.items() if k != "_match"} for rule in self._rules])

    async def open(self) -> None:
        """Nothing is to be opened."""

    async def close(self) -> None:
        """Nothing is to be closed."""

    async def reply(self, ask: Ask) -> Reply:
        """What the first rule that fits says."""
        async with self._gate or nullcontext():
            self.counters["requests"] += 1
            found = self._answer(ask)
            if self._gate is not None:
                self._gate.paid(found.usage)
            return found

    def _answer(self, ask: Ask) -> Reply:
        text = "\n".join(_text(message) for message in ask.messages)
        for rule in self._rules:
            if not _fits(rule, ask):
                continue
            found = rule["_match"].search(text) if "_match" in rule else None
            if "_match" in rule and found is None:
                continue
            if "error" in rule:
                raise ModelError(rule["error"], f"the rules of {self.path} say so")
            message = _message(_filled(rule["reply"], found), ask)
            finish = "tool_calls" if message.get("tool_calls") else "stop"
            return Reply(message=message, finish=rule.get("finish", finish), usage=Usage(**rule.get("usage", {})))
        raise ModelError("bad_reply", f"no rule of {self.path} fits {ask.purpose}, turn {ask.turn}")


def _read(path: Path) -> list[dict[str, Any]]:
    try:
        lines = path.read_bytes().splitlines()
    except OSError as fault:
        raise DiveError(f"cannot read {path}: {fault.strerror}", hint="scripted:FILE names a file of rules") from None
    return [_rule(f"{path}:{number}", line) for number, line in enumerate(lines, 1) if line.strip()]


def _rule(place: str, line: bytes) -> dict[str, Any]:
    try:
        rule = orjson.loads(line)
    except orjson.JSONDecodeError as fault:
        raise DiveError(f"{place}: not JSON: {fault}") from None
    if not isinstance(rule, dict) or rule.keys() - _KEYS or ("reply" in rule) == ("error" in rule):
        raise DiveError(f"{place}: a rule has a reply or an error, and of {', '.join(sorted(_KEYS))} what it needs")
    if rule.get("error", KINDS[0]) not in KINDS or rule.get("finish", FINISHES[0]) not in FINISHES:
        raise DiveError(f"{place}: error is one of {', '.join(KINDS)}; finish one of {', '.join(FINISHES)}")
    if "match" in rule:
        try:
            rule["_match"] = re.compile(rule["match"], re.DOTALL)
        except re.error as fault:
            raise DiveError(f"{place}: {rule['match']!r} is no regular expression: {fault}") from None
    return rule


def _fits(rule: Mapping[str, Any], ask: Ask) -> bool:
    if not ask.purpose.startswith(rule.get("purpose", "")):
        return False
    return all(rule.get(key, getattr(ask, key)) == getattr(ask, key) for key in ("record", "turn", "attempt"))


def _text(message: Message) -> str:
    calls = "".join(f"\n{call['function']}" for call in message.get("tool_calls", []))
    return f"{message['role']}: {message.get('content') or ''}{calls}"


def _filled(value: Any, found: re.Match[str] | None) -> Any:
    if found is None:
        return value
    if isinstance(value, str):
        return found.expand(value) if "\\" in value else value
    if isinstance(value, dict):
        return {key: _filled(item, found) for key, item in value.items()}
    return [_filled(item, found) for item in value] if isinstance(value, list) else value


def _message(reply: Any, ask: Ask) -> Message:
    """An assistant's message from what a rule says: content, reasoning, and calls as {name, arguments}."""
    message: Message = {"role": "assistant", **{k: reply[k] for k in ("content", "reasoning", "refusal") if k in reply}}
    calls = [
        {"id": call.get("id", f"call_{ask.turn}_{n}"), "type": "function", "function": _function(call)}
        for n, call in enumerate(reply.get("tool_calls", []), 1)
    ]
    return {**message, "tool_calls": calls} if calls else message


def _function(call: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": call["name"], "arguments": call.get("arguments", {})}
