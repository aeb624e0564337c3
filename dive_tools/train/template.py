"""The chat template that is trained and served with: checked before anything runs, and cut at the model's own turns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from dive_tools.errors import BadRecord, DiveError, UsageFault, first_line

OWN = Path(__file__).parent / "templates" / "qwen3.jinja"
_KEPT = 64  # openings
_GIVE = "give another with --template FILE, or ours for models of Qwen3's turns with --template qwen3"

_THINKS = "{#- an answer begins with <think> -#}\n"

Message = Mapping[str, Any]
Tool = Mapping[str, Any]


class Template:
    """How messages become text and tokens; `stop` is the token that ends an answer, `source` the Jinja text.

    `note` says what was put in place of the model's own template; it is empty where nothing was.
    """

    def __init__(self, tokenizer: Any, source: str, name: str, note: str = "", *, given: bool = False) -> None:
        self.tokenizer, self.source, self.name, self.note = tokenizer, source, name, note
        self._given = given  # by the user, and so never replaced
        self._openings: dict[bytes, str] = {}
        self._check_speaks()
        self.stop_text, self.stop = self._stop()

    @classmethod
    def of(cls, tokenizer: Any, path: Path | None = None, *, thinking: bool | None = None) -> Template:
        """The template of the file (or `qwen3`, ours), or else the tokenizer's own, checked.

        It must show tools, calls and tool messages, end an answer with a special token, and write an answer the same
        whether or not turns follow it, in conversations with `thinking`, without it, or (None) both, as far as it
        shows any. One of Qwen3's family that does not is replaced by ours; any other is a DiveError.
        """
        return cls.load(tokenizer, path).fit(thinking)

    @classmethod
    def load(cls, tokenizer: Any, path: Path | None = None) -> Template:
        """The template of the file, or else the tokenizer's own, checked but for `fit`."""
        if path is not None:
            return cls(tokenizer, _read(path), str(path), given=True)
        model = tokenizer.name_or_path or "the model"
        own = tokenizer.get_chat_template(tools=_PROBE_TOOLS) if tokenizer.chat_template else None
        if not own:
            raise DiveError(f"the tokenizer of {model} has no chat template", hint=_GIVE)
        return cls(tokenizer, own, f"the chat template of {model}")

    def fit(self, thinking: bool | None, replace: bool = True) -> Template:
        """This template where it fits what it is to be trained on (see `of`), or else ours where that may `replace`."""
        shows = "thought-one" in self.text(_probe(True)[:3], _PROBE_TOOLS)
        if thinking and not shows:
            faults = ["leaves out thinking"]
        else:
            kinds = (False, True) if thinking is None and shows else (bool(thinking),)
            faults = [_CHANGES for kind in kinds if self._changes(kind)]
        if not faults:
            return self
        if (
            replace
            and not self._given
            and self.source != (ours := OWN.read_text(encoding="utf-8"))
            and self._is_like(ours)
        ):
            note = f"{self.name} {faults[0]}: ours is trained and saved in its place, all other turns are alike"
            return Template(self.tokenizer, ours, "the built-in template qwen3", note).fit(thinking)
        raise DiveError(f"{self.name} {faults[0]}", hint=_GIVE)

    def served(self, thinking: bool) -> str:
        """The source as it is saved with a model; ours says at its end whether the model was trained to think.

        A server is told by that which parser of thinking it needs: without one, thoughts stand in the answer; with one
        that is not needed, vLLM takes the whole answer for a thought.
        """
        bare = self.source.removesuffix(_THINKS)
        if bare != OWN.read_text(encoding="utf-8"):
            return self.source
        return f"{bare}{_THINKS}" if thinking else bare

    def text(self, messages: Sequence[Message], tools: Sequence[Tool] | None = None, answer: bool = False) -> str:
        """The conversation as text; with `answer`, up to where the model's next answer begins."""
        said = self.tokenizer.apply_chat_template(
            [told(message) for message in messages],
            tools=[*tools] if tools else None,
            tokenize=False,
            add_generation_prompt=answer,
            chat_template=self.source,
        )
        return str(said)

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """The tokens of each text, nothing added."""
        if not texts:
            return []
        found = self.tokenizer([*texts], add_special_tokens=False, return_attention_mask=False)["input_ids"]
        return [list(ids) for ids in found]

    def prompt_ids(self, messages: Sequence[Message], tools: Sequence[Tool] | None = None) -> list[int]:
        """The tokens up to where the model's answer begins."""
        return self.ids([self.text(messages, tools, answer=True)])[0]

    def between_ids(self, tool_messages: Sequence[Message]) -> list[int]:
        """The tokens that follow the model's stop token up to its next answer, whatever came before."""
        asked = [_call(str(message.get("tool_call_id") or f"call{n:05d}")) for n, message in enumerate(tool_messages)]
        before: list[Message] = [_USER, {"role": "assistant", "content": "", "tool_calls": asked}]
        whole = self.text([*before, *tool_messages], answer=True)
        return self.ids([whole[len(self._answered(before)) :]])[0]

    def segments(self, messages: Sequence[Message], tools: Sequence[Tool] | None = None) -> list[tuple[str, bool]]:
        """(text, whether the model writes it) in turn, up to the stop of the last answer; joined they are the whole.

        BadRecord where an answer's text is another once turns follow it.
        """
        if not tools or not self._tells_first:
            return self._segments(messages, tools)
        first = next((n for n, message in enumerate(messages) if message["role"] == "assistant"), len(messages))
        found = self._segments(messages, None)
        return [(self._opening(messages[:first], tools), False), *found[1:]]

    @cached_property
    def _tells_first(self) -> bool:
        """Whether tools are told before the first answer and change nothing after it: then they are rendered once."""
        messages = _probe(False)
        return self._segments(messages, _PROBE_TOOLS)[1:] == self._segments(messages, None)[1:]

    def _opening(self, messages: Sequence[Message], tools: Sequence[Tool]) -> str:
        """The text up to the first answer, kept: the attempts of one task have it in common."""
        key = orjson.dumps([messages, tools])
        if key not in self._openings:
            if len(self._openings) >= _KEPT:
                self._openings.clear()
            self._openings[key] = self.text(messages, tools, answer=True)
        return self._openings[key]

    def _segments(self, messages: Sequence[Message], tools: Sequence[Tool] | None) -> list[tuple[str, bool]]:
        turns = [n for n, message in enumerate(messages) if message["role"] == "assistant"]
        whole, at, found = self._answered(messages[: turns[-1] + 1], tools) if turns else "", 0, []
        for n in turns:
            prompt = self.text(messages[:n], tools, answer=True)
            done = self._answered(messages[: n + 1], tools) if n < turns[-1] else whole
            if not (whole.startswith(done) and done.startswith(prompt) and at <= len(prompt) < len(done)):
                raise BadRecord(f"{self.name} {_CHANGES} (message {n + 1})", hint=_GIVE)
            found += [(whole[at : len(prompt)], False), (whole[len(prompt) : len(done)], True)]
            at = len(done)
        return found

    def _answered(self, messages: Sequence[Message], tools: Sequence[Tool] | None = None) -> str:
        """The text of a conversation that ends with an answer, up to its stop."""
        text = self.text(messages, tools)
        return text[: text.rindex(self.stop_text) + len(self.stop_text)]

    def _check_speaks(self) -> None:
        """DiveError where the template fails, or leaves out tools, calls or tool messages."""
        from jinja2 import TemplateError

        try:
            shown = self.text(_probe(False), _PROBE_TOOLS)
        except (TemplateError, TypeError, ValueError) as fault:
            raise DiveError(f"{self.name} cannot render tool calls: {first_line(fault)}", hint=_GIVE) from None
        for what, words in _SHOWN.items():
            if any(word not in shown for word in words):
                raise DiveError(f"{self.name} leaves out {what}", hint=_GIVE)

    def _stop(self) -> tuple[str, int]:
        """The text and the token with which an answer ends."""
        after = self.text([_USER, {"role": "assistant", "content": "zyx"}]).rpartition("zyx")[2]
        first = self.ids([after])[0][:1] if after else []
        known = self.tokenizer.added_tokens_decoder
        if not first or first[0] not in known or not known[first[0]].special:
            raise DiveError(f"{self.name} ends an answer with no special token of the tokenizer", hint=_GIVE)
        return str(known[first[0]].content), int(first[0])

    def _changes(self, thinking: bool) -> bool:
        """Whether an answer, with or without thinking, is written otherwise once turns follow it."""
        try:
            self._segments(_probe(thinking), _PROBE_TOOLS)
        except BadRecord:
            return True
        return False

    def _is_like(self, source: str) -> bool:
        """Whether another template writes system, tools, user and tool turns and calls as this one does."""
        other = object.__new__(Template)
        other.tokenizer, other.source, other.name = self.tokenizer, source, ""
        messages = _probe(False)
        asked = [*messages[:5], _USER]  # a user's turn last: no answer looks as if it were the last one
        return self.text(asked, _PROBE_TOOLS) == other.text(asked, _PROBE_TOOLS)


def told(message: Message) -> dict[str, Any]:
    """The message with what templates look for: content always, and thinking under both its names."""
    thought = message.get("reasoning") or message.get("reasoning_content")
    more = {"reasoning": thought, "reasoning_content": thought} if thought else {}
    return {**message, **more, "content": message.get("content") or ""}


def _read(path: Path) -> str:
    if str(path) == "qwen3":
        path = OWN
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        why = fault.strerror if isinstance(fault, OSError) else "it is not UTF-8"
        raise UsageFault(f"cannot read the template {path}: {why}") from None


_CHANGES = "writes an answer otherwise once turns follow it, so that what is trained is not what is served"
_USER: Message = {"role": "user", "content": "probe-question"}
_PROBE_TOOLS: list[Tool] = [
    {
        "type": "function",
        "function": {
            "name": f"probe_{word}",
            "description": f"Tells the {word}.",
            "parameters": {"type": "object", "properties": {f"{word}_of": {"type": "string"}}, "required": []},
        },
    }
    for word in ("height", "weight")
]
_SHOWN = {
    "the tools": ("Tells the height.", "weight_of"),
    "the calls of an answer": ("probe-argument",),
    "tool messages": ("probe-result", "probe-error"),
}


def _call(name: str, tool: str = "probe_height") -> dict[str, Any]:
    return {"id": name, "type": "function", "function": {"name": tool, "arguments": {"height_of": "probe-argument"}}}


def _probe(thinking: bool) -> list[Message]:
    """A conversation with parallel calls, an error, text beside a call, and turns with and without thinking."""
    thoughts = [{"reasoning": f"thought-{n}"} if thinking else {} for n in ("one", "two")]
    calls = [_call("call00001"), _call("call00002", "probe_weight")]
    return [
        {"role": "system", "content": "probe-system"},
        _USER,
        {"role": "assistant", "content": "", "tool_calls": calls, **thoughts[0]},
        {"role": "tool", "tool_call_id": "call00001", "content": '{"result": "probe-result"}'},
        {"role": "tool", "tool_call_id": "call00002", "content": '{"error": "probe-error"}'},
        {"role": "assistant", "content": "text beside", "tool_calls": [_call("call00003")]},
        {"role": "tool", "tool_call_id": "call00003", "content": "third"},
        {"role": "assistant", "content": "Answer: done", **thoughts[1]},
    ]
