"""The deriver as a model does it: it writes question, answer and proof, and a program decides whether they hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dive_tools.errors import BadRecord
from dive_tools.models.base import Message, Model, ModelError, Reply
from dive_tools.pool import Pool
from dive_tools.prompted import may_see
from dive_tools.prompted.draft import FORM, Draft, Rejected, pattern
from dive_tools.prompted.reply import Asking, echo, failed, object_of
from dive_tools.prompted.shown import View, called
from dive_tools.prompts import fill, mark
from dive_tools.records import Drop, Record, asked, need, round_of
from dive_tools.support import calls, walk
from dive_tools.tiers import allows
from dive_tools.tools.base import Tool

PROMPT, REPAIR = "derive", "repair"
SAMPLING = {"temperature": 0.4}  # the paper's
ROOM = 24_000  # characters of JSON that all results together may take
FIRST = "There is no earlier question about these results."
HARDER = (
    "The question so far, whose proof rests on %s:\n%s\nMake it deeper: one answer that rests on more calls, of other "
    "tools too where they serve it, through what they found. A longer sentence about the same calls is not deeper, and "
    "neither is a second answer set beside the first. Where nothing deeper is worth asking, give the same question "
    "again: it stays as it is."
)


class Deriver:
    """Derives a task, or deepens the one that is there, with a model that is never believed."""

    def __init__(
        self,
        pool: Pool,
        model: Model,
        *,
        seed: int = 0,
        sampling: Mapping[str, Any] | None = None,
        room: int = ROOM,
    ) -> None:
        self.pool = pool
        self.model = model
        self.seed = seed
        self.sampling = {**SAMPLING, **(sampling or {})}
        self.room = room

    async def __call__(self, record: Record) -> Record | Drop:
        """The record with a deeper task, with its task marked as stalled, or a Drop with the reason of the program.

        The model has one try to mend what the program rejects. Where it gives no reply, the record is dropped, task
        and all, with model_error or not_recorded.
        """
        need(record, "id", "setup", "evidence", *(["task"] if "task" in record else []))
        tools = self.pool.named(record["setup"]["tools"])
        if not record["evidence"]:
            raise BadRecord("the evidence is empty", hint="run dive-collect first")
        may_see(self.model, called(record, tools))
        view = View(record, tools, self.room)
        if not view.evidence:
            return self._without(record, Rejected("nothing_to_ask", "no call of the evidence has a result"))
        asking = Asking(self.model, record["id"], "derive", round_of(record), self.sampling, self.seed)
        try:
            found = await self._drafted(record, tools, view, asking)
        except ModelError as fault:
            return failed(asked(record, asking.entry("model_error")), fault)
        if isinstance(found, Rejected):
            return self._without(asked(record, asking.entry(found.reason)), found)
        before = record.get("task")
        history = [*before.get("history", []), _without_history(before)] if before else []
        task = {**found.task(), **({"history": history} if history else {})}
        return asked({**record, "evidence": found.record["evidence"], "task": task}, asking.entry("answered"))

    async def _drafted(self, record: Record, tools: Mapping[str, Tool], view: View, asking: Asking) -> Draft | Rejected:
        messages = fill(
            PROMPT,
            seed=view.seed(),
            evidence=view.calls(),
            tools=view.tools_said(),
            exemplars=view.exemplars(),
            earlier=_earlier(record),
        )
        reply = await asking.say(messages, prompt=mark(PROMPT), form=FORM)
        found = self._held(reply, record, tools, view)
        if isinstance(found, Rejected) and not _again(reply, record):
            mended: list[Message] = [*messages, echo(reply)]
            mended += fill(REPAIR, reason=found.reason, message=found.message)
            reply = await asking.say(mended, prompt=mark(REPAIR), part="repair", turn=1, form=FORM)
            found = self._held(reply, record, tools, view)
        return found

    def _held(self, reply: Reply, record: Record, tools: Mapping[str, Tool], view: View) -> Draft | Rejected:
        """What a reply drafts, where it holds; else what is wrong with it."""
        try:
            said = object_of(reply, "question")
        except ValueError as error:
            return Rejected("malformed", str(error)[:300])
        try:
            draft = Draft(said, record=record, tools=tools, view=view, round_=round_of(record), by=self.model.name)
            draft.task()
        except Rejected as fault:
            return fault
        return draft if (out := _held_out(draft)) is None else Rejected("held_out", out)

    @staticmethod
    def _without(record: Record, why: Rejected) -> Record | Drop:
        """A record whose round gave no task: stalled where an earlier task stands, else dropped."""
        before = record.get("task")
        if before is None:
            return Drop(record, why.reason, why.message)
        return {**record, "task": {**before, "stalled": [*before.get("stalled", []), round_of(record)]}}


def _held_out(draft: Draft) -> str | None:
    """Why a draft is no task of this setup: it, or a step of its proof, is of a question family kept out of it."""
    families = draft.record["setup"].get("families")
    shape = draft.task()["pattern"]
    inner = {pattern(node, draft.facts) for node in walk(draft.support) if "op" in node}
    if allows(families, shape, inner):
        return None
    wanted = f", but one of {', '.join(families['only'])}" if "only" in families else ""
    kinds = sorted({shape, *(inner & set(families.get("not", ())))})
    return f"this is a question of the kind {' and '.join(kinds)}, which is not asked for here{wanted}"


def _again(reply: Reply, record: Record) -> bool:
    """Whether the earlier question was given again: there is nothing deeper, and nothing to mend."""
    try:
        said = object_of(reply, "question")["question"]
    except ValueError:
        return False
    return "task" in record and str(said).split() == record["task"]["question"].split()


def _earlier(record: Record) -> str:
    before = record.get("task")
    if before is None:
        return FIRST
    return HARDER % (" and ".join(calls(before["support"], record["evidence"])), before["question"])


def _without_history(task: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in task.items() if key != "history"}
