"""What a tokenizer learns from: attempts as a model is told of them, other JSON lines and texts as they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson

from dive_tools.errors import DiveError
from dive_tools.records import Record
from dive_tools.train.template import OWN, told


def builtin_texts() -> Iterator[str]:
    """The built-in tools as a model is told of them, and questions of the sampled exemplars."""
    from dive_tools.pool import builtin
    from dive_tools.samples import exemplars

    tools = [tool.schema() for tool in builtin().tools.values()]
    questions = [exemplar["question"] for exemplar in exemplars()]
    turns = _Told()
    for place, question in enumerate(questions):
        few = [tools[(place * 7 + step) % len(tools)] for step in range(7)]
        yield turns([{"role": "user", "content": question}], few)


def texts_of(files: Iterable[Path]) -> Iterator[str]:
    """The texts of files: of JSON lines, each attempt in Qwen3's turns and any other line as it is; DiveError."""
    turns = _Told()
    for path in files:
        try:
            if path.suffix != ".jsonl":
                yield path.read_text(encoding="utf-8")
                continue
            with path.open("rb") as file:
                for number, line in enumerate(file, 1):
                    yield _text(_parsed(line, f"{path}:{number}"), turns) or line.decode("utf-8")
        except UnicodeDecodeError:
            raise DiveError(f"{path} is no text", hint="JSON lines (.jsonl) or plain text, in UTF-8") from None
        except OSError as fault:
            raise DiveError(f"cannot read {path}: {fault.strerror}") from None


def _parsed(line: bytes, place: str) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as fault:
        raise DiveError(f"{place}: not JSON lines: {fault}") from None


def _text(record: Any, turns: _Told) -> str:
    """An attempt in Qwen3's turns; "" for anything else, and for an attempt in which nothing was said."""
    run = record.get("run") if isinstance(record, dict) else None
    messages = run.get("messages") if isinstance(run, dict) else None
    return turns(messages, _tools(record)) if messages and isinstance(messages, list) else ""


def _tools(record: Record) -> list[dict[str, Any]]:
    found = record.get("tools")
    return found if isinstance(found, list) else []


class _Told:
    """Conversations in Qwen3's turns, by a tokenizer that is there for its template alone."""

    def __init__(self) -> None:
        from tokenizers import Tokenizer, models
        from transformers import PreTrainedTokenizerFast

        self.template = PreTrainedTokenizerFast(
            tokenizer_object=Tokenizer(models.BPE()), chat_template=OWN.read_text(encoding="utf-8")
        )

    def __call__(self, messages: list[dict[str, Any]], tools: list[Any]) -> str:
        said = [told(message) for message in messages]
        return str(self.template.apply_chat_template(said, tools=tools or None, tokenize=False))
