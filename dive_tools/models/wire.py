"""Chat completions on the wire: the body of a request from what is asked, and a reply from the body of an answer.

https://platform.openai.com/docs/api-reference/chat, and what servers make of it: vLLM, SGLang, llama.cpp, gateways.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from dive_tools.errors import StopAll
from dive_tools.models.base import Ask, Message, Usage

OURS = ("model", "messages", "tools", "functions", "response_format", "stream", "n")  # nobody else may set these
WITH_TOOLS = ("tool_choice", "parallel_tool_calls")  # refused by servers where no tools are offered
THINKING = ("reasoning", "reasoning_content", "thinking")  # names that servers give it, the first also in the house

_FINISHES = {
    "tool_calls": "tool_calls", "function_call": "tool_calls", "length": "length", "max_tokens": "length",
    "model_length": "length", "content_filter": "content_filter", "safety": "content_filter",
}  # fmt: skip
_MARKUP = re.compile(
    r"<tool_call>|\[TOOL_CALLS\]|<function=|<function_call>|<\|tool_call|<\|python_tag\|>|<｜tool▁call|<tool_call_begin>"
    r"|<\|channel\|>commentary to="
)


# --- what is sent ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Manners:
    """What a server takes, as far as it is known: all of it, until it refuses some."""

    form: str = "json_schema"  # then json_object, then nothing: the prompt says the form too
    thinking: tuple[str, ...] = THINKING[:2]  # the names under which thinking is sent back
    as_it_came: bool = True  # arguments that are no JSON object; else as the text in an object
    max_tokens: str = "max_tokens"


def body(name: str, ask: Ask, manners: Manners, extra: Mapping[str, Any]) -> bytes:
    """The body of a request."""
    made: dict[str, Any] = {"model": name, "messages": [_sent(message, manners) for message in ask.messages]}
    if ask.tools:
        made["tools"] = [orjson.Fragment(function.wire) for function in ask.tools]
    if ask.form is not None and manners.form:
        made["response_format"] = _response_format(ask.form, manners.form)
    for key, value in ask.sampling.items():
        if key in made or key in OURS:
            raise StopAll(f"{key} is no matter of sampling", hint="leave it out")
        if value is not None and (ask.tools or key not in WITH_TOOLS):
            made[manners.max_tokens if key == "max_tokens" else key] = value
    for key, value in extra.items():
        if made.get(key, value) != value:
            raise StopAll(
                f"{key} is asked for twice: {made[key]!r} and, in the extra body, {value!r}", hint="say it once"
            )
        if ask.tools or key not in WITH_TOOLS:
            made[key] = value
    return orjson.dumps(made)


def _sent(message: Message, manners: Manners) -> Message:
    """A message as servers read it; thinking goes along with the calls that it led to."""
    if message["role"] != "assistant":
        return message
    made: Message = {"role": "assistant", "content": message.get("content") or message.get("refusal") or ""}
    calls = message.get("tool_calls")
    if not calls:
        return made
    made["content"] = made["content"] or None
    made["tool_calls"] = [_sent_call(call, manners) for call in calls]
    if "reasoning" in message:
        made |= dict.fromkeys(manners.thinking, message["reasoning"])
    return made


def _sent_call(call: Mapping[str, Any], manners: Manners) -> dict[str, Any]:
    function = call["function"]
    told = function["arguments"]
    if not isinstance(told, str):
        told = orjson.dumps(told).decode()
    elif not manners.as_it_came:
        told = orjson.dumps({"not_json": told}).decode()
    return {"id": call["id"], "type": "function", "function": {"name": function["name"], "arguments": told}}


_FORMS: dict[int, tuple[Mapping[str, Any], orjson.Fragment]] = {}  # by identity: a stage asks with the same object


def _response_format(form: Mapping[str, Any], kind: str) -> Any:
    if kind != "json_schema":
        return {"type": kind}
    known = _FORMS.get(id(form))
    if known is None or known[0] is not form:
        if len(_FORMS) > 100:
            _FORMS.clear()
        told: dict[str, Any] = {"name": "reply", "schema": form}
        if form.get("type") == "object" and strict(form):
            told["strict"] = True
        known = _FORMS[id(form)] = (form, orjson.Fragment(orjson.dumps({"type": kind, "json_schema": told})))
    return known[1]


_STRICT = {
    "type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf", "description", "title",
}  # fmt: skip


def strict(schema: Any) -> bool:
    """Whether a schema is one that OpenAI's strict mode takes: every property required, no other, and few keywords."""
    if not isinstance(schema, Mapping) or schema.keys() - _STRICT:
        return False
    parts: list[Any] = [*schema.get("anyOf", ())]
    if "items" in schema:
        parts.append(schema["items"])
    kind = schema.get("type", ())
    if kind == "object" or "object" in kind or "properties" in schema:
        named = schema.get("properties", {})
        if schema.get("additionalProperties") is not False or set(schema.get("required", ())) != set(named):
            return False
        parts += named.values()
    return all(strict(part) for part in parts)


# --- what comes back -------------------------------------------------------------------------------------------------


class Unfit(Exception):
    """An answer that is no reply: why, what it cost, and whether it holds a call of a tool as mere text."""

    def __init__(self, message: str, usage: Usage | None = None, *, call_as_text: bool = False) -> None:
        super().__init__(message)
        self.usage = usage
        self.call_as_text = call_as_text


@dataclass(frozen=True)
class Answer:
    """What an answer's body holds; `thinking` is the name under which the server gave it."""

    message: Message
    finish: str
    usage: Usage
    thinking: str = ""


def answer(raw: bytes, ask: Ask) -> Answer:
    """What the body of an answer holds; Unfit where it is no reply."""
    try:
        told = orjson.loads(raw)
    except orjson.JSONDecodeError as fault:
        raise Unfit(f"the server's answer is no JSON: {fault}") from None
    choices = told.get("choices") if isinstance(told, dict) else None
    usage = _usage(told.get("usage")) if isinstance(told, dict) else None
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise Unfit(f"the server's answer holds no choice{_colon(said(raw)[0])}", usage)
    given = choices[0].get("message")
    if not isinstance(given, dict):
        raise Unfit("the server's answer holds no message", usage)
    reason = choices[0].get("finish_reason")
    if reason in ("error", "abort"):
        raise Unfit(f"the server broke off its answer (finish_reason {reason})", usage)
    message, thinking = _message(given, ask, usage, cut_off=reason in ("length", "max_tokens"))
    finish = _FINISHES.get(reason, "stop") if isinstance(reason, str) else "stop"
    if "tool_calls" in message and finish == "stop":
        finish = "tool_calls"
    elif "tool_calls" not in message and finish == "tool_calls":
        finish = "stop"
    if not message.keys() & {"content", "tool_calls", "refusal"} and finish == "stop":
        raise Unfit("the model said nothing and called nothing", usage)
    return Answer(message, finish, usage or Usage(), thinking)


def _message(given: Mapping[str, Any], ask: Ask, usage: Usage | None, *, cut_off: bool) -> tuple[Message, str]:
    text, thought, refusal = _content(given.get("content"))
    thinking = next((name for name in THINKING if isinstance(given.get(name), str) and given[name]), "")
    if thinking:
        thought = given[thinking]
    elif not thought:
        text, thought = _inner(text)
    calls = _calls(given, ask, usage)
    may_call = ask.tools and ask.sampling.get("tool_choice") != "none"  # else a server does not look for calls
    if may_call and not calls and not cut_off and _MARKUP.search(text):
        raise Unfit(CALL_AS_TEXT, usage, call_as_text=True)
    message: Message = {"role": "assistant"}
    if text.strip():
        message["content"] = text
    if isinstance(given.get("refusal"), str) and given["refusal"]:
        refusal = given["refusal"]
    if refusal:
        message["refusal"] = refusal
    if calls:
        message["tool_calls"] = calls
    if thought:
        message["reasoning"] = thought
    return message, thinking


CALL_AS_TEXT = (
    "the server gave the model's tool call as mere text: vLLM reads it when it is started with "
    "--enable-auto-tool-choice --tool-call-parser NAME (docs/models.md), other servers have a like option"
)


def _content(content: Any) -> tuple[str, str, str]:
    """Text, thinking and refusal of a content that is a string or a list of parts."""
    if isinstance(content, str):
        return content, "", ""
    text, thought, refusal = [], [], []
    for part in content if isinstance(content, list) else ():
        if isinstance(part, str):
            text.append(part)
        elif isinstance(part, dict):
            kind = part.get("type")
            if kind in ("thinking", "reasoning"):
                inner = part.get("thinking", part.get("text"))
                thought.append(inner if isinstance(inner, str) else _content(inner)[0])
            elif kind == "refusal":
                refusal.append(str(part.get("refusal", "")))
            elif isinstance(part.get("text"), str):
                text.append(part["text"])
    return "".join(text), "".join(thought), "".join(refusal)


def _inner(text: str) -> tuple[str, str]:
    """A text without the thinking before it, and that: <think>…</think>, whose begin may stand in the prompt."""
    opened = text.lstrip().startswith("<think>")
    thought, closed, rest = text.partition("</think>")
    if not closed:
        return ("", text.lstrip().removeprefix("<think>").strip()) if opened else (text, "")
    if not opened and "<think>" in thought:
        return text, ""
    return rest.lstrip(), thought.lstrip().removeprefix("<think>").strip()


def _calls(given: Mapping[str, Any], ask: Ask, usage: Usage | None) -> list[dict[str, Any]]:
    found = given.get("tool_calls")
    if not found and isinstance(given.get("function_call"), dict):
        found = [{"function": given["function_call"]}]
    if not isinstance(found, list) or not found:
        return []
    taken = {call["id"] for message in ask.messages for call in message.get("tool_calls", ())}
    calls = []
    for number, call in enumerate(found):
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(function, dict) or not isinstance(function.get("name"), str) or not function["name"]:
            raise Unfit("a tool call in the answer names no tool", usage)
        told = call.get("id")
        made = told if isinstance(told, str) and told and told not in taken else _call_id(ask, number, taken)
        taken.add(made)
        what = {"name": function["name"], "arguments": arguments(function.get("arguments"))}
        calls.append({"id": made, "type": "function", "function": what})
    return calls


def _call_id(ask: Ask, number: int, taken: Iterable[str]) -> str:
    """Nine letters and digits, as Mistral's models want it; the same whenever the same is asked."""
    while True:
        key = f"{ask.record}\n{ask.purpose}\n{ask.attempt}\n{ask.turn}\n{number}"
        made = hashlib.sha256(key.encode()).hexdigest()[:9]
        if made not in taken:
            return made
        number += 1000


def arguments(told: Any) -> Any:
    """The arguments of a call: an object, decoded once more where it came as a string in a string; else the text."""
    if told is None or told == "":
        return {}
    if isinstance(told, dict):
        return told
    if not isinstance(told, str):
        return orjson.dumps(told).decode()
    found: Any = told
    for _ in range(3):
        try:
            found = orjson.loads(found)
        except orjson.JSONDecodeError:
            return told
        if isinstance(found, dict):
            return found if _writable(found) else told
        if not isinstance(found, str):
            return told
    return told


def _writable(value: Any) -> bool:
    """Whether a value that was read can be written again: JSON is read deeper than it is written."""
    try:
        orjson.dumps(value)
    except TypeError:
        return False
    return True


def _usage(told: Any) -> Usage | None:
    if not isinstance(told, dict):
        return None
    details = told.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, dict) else told.get("prompt_cache_hit_tokens")
    return Usage(_count(told.get("prompt_tokens")), _count(told.get("completion_tokens")), _count(cached))


def _count(value: Any) -> int:
    return int(value) if isinstance(value, (int, float)) and value > 0 else 0


# --- refusals --------------------------------------------------------------------------------------------------------


def said(raw: bytes) -> tuple[str, str]:
    """A server's own words about what failed, at most 300 letters, and its codes; empty where it has none."""
    try:
        told = orjson.loads(raw)
    except orjson.JSONDecodeError:
        text = raw[:2000].decode(errors="replace").strip()
        return ("" if text.startswith("<") else " ".join(text.split())[:300]), ""
    inner = told.get("error", told) if isinstance(told, dict) else told
    if not isinstance(inner, dict):
        return (str(inner)[:300], "") if inner else ("", "")
    words = next((inner[key] for key in ("message", "detail", "msg", "error") if inner.get(key)), "")
    if not isinstance(words, str):
        words = orjson.dumps(words).decode()
    codes = " ".join(str(inner[key]) for key in ("code", "type", "param") if inner.get(key))
    return " ".join(words.split())[:300], codes


_LONG = re.compile(
    r"context.?length|context.?window|context.?size|maximum context|too long|too many tokens|longer than the model"
    r"|max_model_len|exceeds? the (available|max)|token count|prompt is too large|reduce the length|max_prompt",
    re.IGNORECASE,
)
_POLICY = re.compile(
    r"content.?(policy|filter|management)|responsible.?ai|moderation|usage polic|safety|flagged",
    re.IGNORECASE,
)
_FORM = re.compile(
    r"response.?format|json.?(schema|object|mode)|guided|grammar|structured.?output|invalid schema(?! for function)",
    re.IGNORECASE,
)
_NO_TOOLS = re.compile(
    r"enable-auto-tool-choice|tool-call-parser|does not support tools|requires --jinja", re.IGNORECASE
)
_ARGUMENTS = re.compile(
    r"arguments|expecting |unterminated|delimiter|escape|extra data|control character|not valid json|invalid json"
    r"|failed to parse|jsondecode",
    re.IGNORECASE,
)
_THOUGHT = re.compile(
    r"reasoning|thinking|extra (input|field|propert)|additional propert|unexpected|unknown|unrecognized|unsupported",
    re.IGNORECASE,
)


def of_content(words: str, codes: str) -> bool:
    """Whether a refusal is about what was said."""
    return _POLICY.search(f"{words} {codes}") is not None


def refusal(status: int, words: str, codes: str) -> str:
    """What a 400, 413 or 422 is about: too_long, refused (by a content policy), no_tools, or server."""
    both = f"{words} {codes}"
    if _NO_TOOLS.search(both):
        return "no_tools"
    if of_content(words, codes):
        return "refused"
    if "max_tokens" in words and "cannot be greater than" in words:  # a setting, the same for every record
        return "server"
    return "too_long" if status == 413 or _LONG.search(both) else "server"


def conceded(manners: Manners, ask: Ask, status: int, words: str, codes: str) -> Manners:
    """What is to be tried after a 400, 422 or 500: the manners without what it is about, or the same manners."""
    both = f"{words} {codes}"
    if "max_completion_tokens" in both and manners.max_tokens == "max_tokens" and "max_tokens" in ask.sampling:
        return replace(manners, max_tokens="max_completion_tokens")
    if ask.form is not None and manners.form and _FORM.search(both):
        return replace(manners, form="json_object" if manners.form == "json_schema" else "")
    if manners.as_it_came and _ARGUMENTS.search(both) and _malformed(ask.messages):
        return replace(manners, as_it_came=False)
    thinks = any("reasoning" in message for message in ask.messages)
    if status != 500 and thinks and manners.thinking and _THOUGHT.search(both) and "passed back" not in both:
        return replace(manners, thinking=())
    return manners


def _malformed(messages: Sequence[Message]) -> bool:
    return any(
        isinstance(call["function"]["arguments"], str) for message in messages for call in message.get("tool_calls", ())
    )


def _colon(words: str) -> str:
    return f": {words}" if words else ""
