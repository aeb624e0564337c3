"""Attempts into a dataset to fine-tune on: chosen, rendered, tokenised, packed, written as a stream."""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from dive_tools.errors import BadRecord, DiveError, UsageFault
from dive_tools.jsonl import parse
from dive_tools.records import Drop, Record, need
from dive_tools.train.render import Renderer, Sequence_, StopInside, thinks
from dive_tools.train.template import Template

if TYPE_CHECKING:
    from dive_tools.pool import Pool

STAGE = "dive-train sft"
TEMPLATE = "chat_template.jinja"
_AT_ONCE = 64  # attempts

Line = tuple[str, bytes]  # where it stands, as file:line, and its bytes


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Which attempts are learnt from, and how; `reasoning` None: as they are, where all are alike."""

    max_length: int  # tokens of a sequence
    reasoning: str | None = None
    any_score: bool = False
    packing: bool = False


@dataclass
class Prepared:
    """What came of it: `reasons` counts what was left out, `template` is the one that was rendered with."""

    template: Template
    reasoning: str = "keep"
    read: int = 0
    kept: int = 0
    sequences: int = 0
    tokens: int = 0
    learnt: int = 0  # tokens
    longest: int = 0
    rows: int = 0  # of the dataset: packs, or sequences
    digest: str = ""
    reasons: Counter[str] = field(default_factory=Counter)
    thinking: Counter[bool] = field(default_factory=Counter)

    def counts(self) -> dict[str, int]:
        """What the closing line says beside the reasons."""
        return {"sequences": self.sequences, "tokens": self.tokens, "learnt": self.learnt}

    def about(self) -> dict[str, Any]:
        """What train.json says of the data."""
        found = {"digest": self.digest, "records": self.kept, **self.counts(), "rows": self.rows}
        return {**found, "longest": self.longest, "reasoning": self.reasoning, "dropped": dict(self.reasons)}


def prepare(
    lines: Iterable[Line],
    target: Path,
    template: Template,
    choice: Choice,
    reject: Callable[[Drop], None] = lambda _: None,
    *,
    pool: Pool | None = None,
    given: str = "",
) -> Prepared:
    """Write the dataset of the attempts in `lines` to the folder `target`, whole or not at all.

    Its rows are `input_ids` and `labels`, with `length`, or where packed `seq_lengths`. Memory does not grow with the
    input. What is left out goes to `reject`. `given` is what else the digest is of. BadRecord names the line;
    UsageFault where thinking is mixed and nothing says what becomes of it; DiveError where no attempt is left.
    """
    part = target.with_name(target.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    done, digest = Prepared(template), Digest(given)
    work = _Work(choice, done, reject, pool)
    with _Rows(part / "rows.arrow") as rows:
        for chunk in _chunks(digest.over(lines), _AT_ONCE):
            rows.write(work(chunk))
    _check(done, choice)
    done.digest = digest.hex()
    done.rows = _finish(part, choice)
    thinking = done.reasoning != "drop" and bool(done.thinking[True])
    (part / TEMPLATE).write_text(done.template.served(thinking), encoding="utf-8")
    shutil.rmtree(target, ignore_errors=True)
    part.rename(target)
    return done


class Digest:
    """What tells one input from another: its lines, and what is `given` beside them."""

    def __init__(self, given: str = "") -> None:
        self._sum = hashlib.sha256(given.encode())

    def over(self, lines: Iterable[Line]) -> Iterator[Line]:
        """The lines, taken into account as they pass."""
        for place, raw in lines:
            self._sum.update(raw.strip() + b"\n")
            yield place, raw

    def hex(self) -> str:
        """Sixteen hex digits."""
        return self._sum.hexdigest()[:16]


# --- which attempts ---------------------------------------------------------------------------------------------------


class _Work:
    """Lines into sequences, counted."""

    def __init__(self, choice: Choice, done: Prepared, reject: Callable[[Drop], None], pool: Pool | None) -> None:
        self.choice, self.done, self.reject, self.pool = choice, done, reject, pool
        self.renderer: Renderer | None = None

    def __call__(self, lines: list[Line]) -> list[Sequence_]:
        """The sequences that the attempts of these lines make; none once it is clear that they are mixed."""
        good = [(place, record) for place, raw in lines if (record := self._chosen(place, raw))]
        if not good or self._mixed:
            return []
        self.renderer = self.renderer or self._renderer()
        if self.done.thinking[True] and self.done.reasoning != "drop":
            self.done.template.fit(True, replace=False)  # DiveError where it leaves thinking out
        made = self._rendered(self.renderer, good)
        return [
            each for (_, record), sequences in zip(good, made, strict=True) for each in self._fit(record, sequences)
        ]

    @staticmethod
    def _rendered(renderer: Renderer, good: list[tuple[str, Record]]) -> list[list[Sequence_] | Drop]:
        """What each makes: all at once, or where one cannot be rendered, one by one."""
        try:
            return [*renderer([record for _, record in good])]
        except BadRecord:
            return [_alone(renderer, place, record) for place, record in good]

    def _chosen(self, place: str, raw: bytes) -> Record | None:
        """The record of a line, where it is to be learnt from."""
        self.done.read += 1
        try:
            record = parse(raw)
            found = selected(record, self.choice.any_score, self.pool)
        except BadRecord as fault:
            raise BadRecord(f"{place}: {fault.message}", hint=fault.hint) from None
        if found is not None:
            self._drop(found)
            return None
        self.done.thinking[thinks(record["run"]["messages"])] += 1
        return record

    @property
    def _mixed(self) -> bool:
        return self.choice.reasoning is None and len(self.done.thinking) > 1

    def _renderer(self) -> Renderer:
        """Made when the first attempts are known: what a template must do depends on whether they think."""
        self.done.reasoning = self.choice.reasoning or "keep"
        thinking = True in self.done.thinking
        known = {None: thinking, "drop": False}.get(self.choice.reasoning, thinking or None)
        self.done.template = self.done.template.fit(known)
        return Renderer(self.done.template, self.done.reasoning)

    def _fit(self, record: Record, sequences: list[Sequence_] | Drop) -> list[Sequence_]:
        """The sequences, none where one is too long."""
        if isinstance(sequences, Drop):
            self._drop(sequences)
            return []
        longest = max(len(each.ids) for each in sequences)
        if longest > self.choice.max_length:
            self._drop(Drop(record, "too_long", f"{longest} tokens, more than {self.choice.max_length}"))
            return []
        done = self.done
        done.kept += 1
        done.sequences += len(sequences)
        done.tokens += sum(len(each.ids) for each in sequences)
        done.learnt += sum(sum(each.mask) for each in sequences)
        done.longest = max(done.longest, longest)
        return sequences

    def _drop(self, drop: Drop) -> None:
        self.done.reasons[drop.reason] += 1
        self.reject(drop)


def _alone(renderer: Renderer, place: str, record: Record) -> list[Sequence_] | Drop:
    try:
        return renderer([record])[0]
    except StopInside as fault:
        return Drop(record, "stop_inside", fault.message)
    except BadRecord as fault:
        raise BadRecord(f"{place}: {fault.message}", hint=fault.hint) from None


def selected(record: Record, any_score: bool = False, pool: Pool | None = None) -> Drop | None:
    """Why an attempt is not learnt from; None where it is. BadRecord where it cannot be."""
    need(record, "id", "run", deep=False)
    run = record["run"]
    messages = run.get("messages")
    if not isinstance(messages, list) or not all(isinstance(m, dict) and "role" in m for m in messages):
        raise BadRecord('"run" has no messages', hint="dive-eval writes them")
    if not any_score and (why := _not_good(run)):
        return Drop(record, "no_good_run", why)
    answers = [message for message in messages if message["role"] == "assistant"]
    if not answers:
        return Drop(record, "no_good_run", "the model said nothing")
    tools = record.get("tools")
    if not isinstance(tools, list) or not all(isinstance(tool, dict) for tool in tools):
        raise BadRecord('lacks "tools", the schemas that the model was given', hint="dive-eval --schemas adds them")
    if pool is not None:
        need(record, "setup", deep=False)
        pool.named(record["setup"]["tools"])
    return next(
        (drop for message in answers for call in message.get("tool_calls") or () if (drop := _bad(record, call))), None
    )


def _not_good(run: Mapping[str, Any]) -> str:
    if run.get("error"):
        return f"it ended in an error: {str(run['error'])[:200]}"
    if run.get("score") != 1:
        return f"score {run.get('score')}"
    return ""


def _bad(record: Record, call: Mapping[str, Any]) -> Drop | None:
    """A call whose arguments were no JSON object: what the model wrote is lost, and nothing to imitate."""
    given = (call.get("function") or {}).get("arguments")
    if isinstance(given, dict):
        return None
    return Drop(record, "malformed_call", f"the arguments of {call.get('id')} are no JSON object")


def _check(done: Prepared, choice: Choice) -> None:
    """UsageFault or DiveError where nothing can be trained on this."""
    if choice.reasoning is None and len(done.thinking) > 1:
        raise UsageFault(
            f"attempts with thinking ({done.thinking[True]}) and without it ({done.thinking[False]}) are mixed",
            hint="say what becomes of it: --reasoning keep, last or drop",
        )
    if not done.kept:
        said = ", ".join(f"{count} {reason}" for reason, count in sorted(done.reasons.items()))
        raise DiveError(
            f"none of {done.read} attempts is left to learn from{f': {said}' if said else ''}",
            hint="-r FILE says why of each" if said else "pipe in what dive-eval wrote",
        )


# --- the dataset ------------------------------------------------------------------------------------------------------


class _Rows:
    """An Arrow file that sequences are appended to."""

    def __init__(self, path: Path) -> None:
        import pyarrow as pa
        from datasets import Features, List, Value

        self._pa = pa
        self.features = Features(
            {"input_ids": List(Value("int32")), "labels": List(Value("int32")), "length": Value("int32")}
        )
        self._stream = pa.ipc.new_stream(str(path), self.features.arrow_schema)

    def __enter__(self) -> _Rows:
        return self

    def __exit__(self, *_: Any) -> None:
        self._stream.close()

    def write(self, sequences: list[Sequence_]) -> None:
        if sequences:
            schema = self.features.arrow_schema
            columns = {
                "input_ids": [each.ids for each in sequences],
                "labels": [each.labels for each in sequences],
                "length": [len(each.ids) for each in sequences],
            }
            self._stream.write_batch(self._pa.RecordBatch.from_pydict(columns, schema=schema))


def _finish(part: Path, choice: Choice) -> int:
    """Make the stream of rows a datasets folder, packed where asked; how many rows it has."""
    from datasets import Dataset
    from trl import pack_dataset

    rows = Dataset.from_file(str(part / "rows.arrow"))
    if choice.packing:
        bare = rows.select_columns(["input_ids", "labels"])
        rows = pack_dataset(bare, choice.max_length, "bfd", {"cache_file_name": str(part / "packs.arrow")})
    count = len(rows)
    rows.save_to_disk(str(part / "saved"))
    del rows
    for file in (part / "saved").iterdir():
        file.rename(part / file.name)
    (part / "saved").rmdir()
    for name in ("rows.arrow", "packs.arrow"):
        (part / name).unlink(missing_ok=True)
    return count


def _chunks(lines: Iterable[Line], size: int) -> Iterator[list[Line]]:
    source = iter(lines)
    while chunk := [*islice(source, size)]:
        yield chunk


def rejected(drop: Drop) -> bytes:
    """The line of the rejects file."""
    return orjson.dumps(drop.rejected(STAGE), option=orjson.OPT_APPEND_NEWLINE)
