"""A model as the judge of a text: does a reply make every claim of the reference, and contradict nothing of it?

It is asked only where no program can score. A judge that fails, or that is off the form twice, leaves the reply
unscored, which is neither right nor wrong. How often a judge agrees with people is what `calibrate` measures.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dive_tools.models.base import Ask, Message, Model, ModelError, Reply, Usage
from dive_tools.prompted.reply import object_of, text_of
from dive_tools.prompts import fill, mark

PROMPT = "judge"
TURNS = 2  # the verdict, and once more where it is off the form


@dataclass(frozen=True)
class Judged:
    """Whether a reply is right (None: not scored, and `detail` says why), and what it cost to ask."""

    right: bool | None
    requests: int = 0
    usage: Usage = field(default_factory=Usage)
    detail: str = ""


class Judge:
    """A model that judges; `sampling` goes over a temperature of zero, and what is None there is left to the server."""

    def __init__(self, model: Model, sampling: Mapping[str, Any] | None = None) -> None:
        self.model = model
        drawn = {"temperature": 0.0, **(sampling or {})}
        self.sampling = {key: value for key, value in drawn.items() if value is not None}

    @property
    def mark(self) -> str:
        """What a record says of the prompt: its name and digest."""
        return mark(PROMPT)

    async def judged(
        self, *, question: str, answer: Mapping[str, Any], said: str, record: str, purpose: str, attempt: int
    ) -> Judged:
        """Whether `said` makes every claim of the answer and contradicts none, as the judge sees it.

        `record`, `purpose` and `attempt` say for whom it is asked. A reply that no cassette holds is no failure of the
        judge: that ModelError is raised on.
        """
        claims = claims_of(answer)
        messages = fill(
            PROMPT,
            question=question,
            reference=str(answer["value"]),
            claims="\n".join(f"{n}. {claim}" for n, claim in enumerate(claims, 1)),
            reply=_quoted(said),
        )
        told: dict[str, Any] = {"record": record, "purpose": purpose, "attempt": attempt, "sampling": self.sampling}
        usage = Usage()
        for turn in range(TURNS):
            try:
                reply = await self.model.reply(Ask(messages=messages, turn=turn, form=_form(len(claims)), **told))
            except ModelError as error:
                if error.kind == "not_recorded":
                    raise
                return Judged(None, turn + 1, usage + error.usage, f"{error.kind}: {error.message}")
            usage += reply.usage
            found = _verdict(reply, len(claims), said)
            if found is not None:
                return Judged(found, turn + 1, usage)
            messages = [*messages, {"role": "assistant", "content": reply.text}, _again(len(claims))]
        return Judged(None, TURNS, usage, "bad_form: no verdict in the form that was asked for")


def claims_of(answer: Mapping[str, Any]) -> list[str]:
    """What a reply must say to be right: the claims that a text answer lists, or else all of it."""
    return [str(claim) for claim in answer.get("claims") or [answer["value"]]]


def _form(count: int) -> dict[str, Any]:
    """The JSON Schema of a judge's reply on so many claims."""
    return {
        "type": "object",
        "properties": {
            "claims": {"type": "array", "items": {"type": "boolean"}, "minItems": count, "maxItems": count},
            "contradicts": {"type": "boolean"},
        },
        "required": ["claims", "contradicts"],
        "additionalProperties": False,
    }


def _quoted(text: str) -> str:
    """A text as a JSON string, from which nothing that it holds can break out."""
    quoted = json.dumps(text, ensure_ascii=False)
    return re.sub("[\x7f-\x9f\u2028\u2029]", lambda found: f"\\u{ord(found[0]):04x}", quoted)


def _verdict(reply: Reply, count: int, judged: str) -> bool | None:
    """The verdict in a judge's reply; one that it may only have drafted, or quoted from what it judges, is none."""
    spoken = text_of(reply)
    if "<think>" in spoken or ('"claims"' in judged and not (spoken[:1] == "{" and spoken[-1:] == "}")):
        return None
    try:
        said = object_of(reply, "claims")
    except ValueError:
        return None
    claims = said["claims"]
    if not isinstance(claims, list) or len(claims) != count or not isinstance(said.get("contradicts"), bool):
        return None
    return all(claims) and not said["contradicts"] if all(isinstance(claim, bool) for claim in claims) else None


def _again(count: int) -> Message:
    told = (
        f'That is not the form. Reply with {{"claims": [{count} × true or false], "contradicts": true or false}} alone.'
    )
    return {"role": "user", "content": told}
