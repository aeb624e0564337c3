"""A symbolic question in a model's words: the program checks that nothing was lost or added, or keeps the original."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dive_tools.models.base import Model, ModelError
from dive_tools.pool import Pool
from dive_tools.prompted import may_see
from dive_tools.prompted.reply import Asking, failed, text_of
from dive_tools.prompted.shown import called
from dive_tools.prompts import fill, mark
from dive_tools.records import Drop, Record, asked
from dive_tools.screens import Case, outcomes

PROMPT = "reword"
SAMPLING = {"temperature": 0.7}


class Rewriter:
    """Derives a task without a model, and has a model say its question in other words."""

    def __init__(
        self,
        pool: Pool,
        model: Model,
        *,
        symbolic: Callable[[Record], Record | Drop],
        seed: int = 0,
        sampling: Mapping[str, Any] | None = None,
    ) -> None:
        self.pool = pool
        self.model = model
        self.symbolic = symbolic
        self.seed = seed
        self.sampling = {**SAMPLING, **(sampling or {})}

    async def __call__(self, record: Record) -> Record | Drop:
        """The record with a task, reworded or with the reason why not; or the program's Drop, or not_recorded.

        A task is whole without other words, so a model that fails costs only these: `reworded` says so.
        """
        derived = self.symbolic(record)
        if isinstance(derived, Drop) or derived["task"].keys() & {"original", "reworded"}:
            return derived
        task = derived["task"]
        may_see(self.model, called(derived, self.pool.named(derived["setup"]["tools"])))
        asking = Asking(self.model, derived["id"], "derive", task["round"], self.sampling, self.seed)
        try:
            reply = await asking.say(fill(PROMPT, question=task["question"]), prompt=mark(PROMPT), part="reword")
        except ModelError as fault:
            if fault.kind == "not_recorded":
                return failed(record, fault)
            told = asked(derived, asking.entry("model_error"))
            return {**told, "task": {**task, "reworded": f"refused: model_error: {fault.kind}: {fault.message}"}}
        said = " ".join(text_of(reply).split())
        new = {**task, "question": said, "original": task["question"], "reworded_by": self.model.name}
        why = self._rejected({**derived, "task": new})
        told = asked(derived, asking.entry("refused" if why else "answered"))
        return {**told, "task": {**task, "reworded": f"refused: {why}"} if why else new}

    def _rejected(self, record: Record) -> str | None:
        """Why the new words do not do; that one call answers the question is no fault of theirs."""
        if not record["task"]["question"]:
            return "unreadable: the reply holds no text"
        case = Case(record, self.pool.named(record["setup"]["tools"]))
        found = ((reason, detail) for reason, detail in outcomes(case) if detail is not None and reason != "trivial")
        return next((f"{reason}: {detail}" for reason, detail in found), None)
