"""A conversation as a model's own text, and the model's text as a message: for backends without a parser of their own.

Two ways of writing a call are read, the JSON of Hermes and Qwen3 and the tags of Qwen3-Coder and Qwen3.5:

    <tool_call>                                     <tool_call>
    {"name": "add", "arguments": {"a": 1}}          <function=add>
    </tool_call>                                    <parameter=a>
                                                    1
                                                    </parameter>
                                                    </function>
                                                    </tool_call>
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from dive_tools.models.base import Function, Message

_CALL = re.compile(r"<tool_call>(.*?)(?:</tool_call>|$)", re.DOTALL)
_NAME = re.compile(r'"name"\s*:\s*"([^"\\]*)"')
_FUNCTION = re.compile(r"\s*<function=([^>]*)>(.*?)(?:</function>\s*)?$", re.DOTALL)
_PARAMETER = re.compile(r"<parameter=([^>]*)>\n?(.*?)\n?(?:</parameter>|(?=<parameter=)|$)", re.DOTALL)


def prompt(tokenizer: Any, messages: Sequence[Message], tools: Sequence[Function], **options: Any) -> str:
    """The conversation in the model's own chat template, up to where its answer begins."""
    return tokenizer.apply_chat_template(  # type: ignore[no-any-return]
        [_told(message) for message in messages],
        tools=[orjson.loads(tool.wire) for tool in tools] or None,
        tokenize=False,
        add_generation_prompt=True,
        **options,
    )


def _told(message: Message) -> Message:
    """The message with what templates look for: content always, and thinking under its other name too."""
    thought = {"reasoning_content": message["reasoning"]} if message.get("reasoning") else {}
    return {**message, **thought, "content": message.get("content") or ""}


def read(text: str, tools: Sequence[Function], mark: str = "") -> Message:
    """The assistant's message that the text is; calls get the ids `call_<mark>_1` and so on.

    A call that cannot be read keeps its text as arguments, so that the model can be told of it.
    """
    thought, text = _thought(text)
    calls = [_call(block) for block in _CALL.findall(text)]
    message: Message = {"role": "assistant"}
    if thought:
        message["reasoning"] = thought
    if content := (_CALL.sub("", text) if calls else text).strip():
        message["content"] = content
    schemas = {tool.name: tool.parameters for tool in tools}
    if calls:
        message["tool_calls"] = [
            {"id": f"call_{mark}_{n}", "type": "function", "function": _typed(name, arguments, schemas)}
            for n, (name, arguments) in enumerate(calls, 1)
        ]
    return message


def _thought(text: str) -> tuple[str, str]:
    """(thinking, the rest): a thought may have been opened in the prompt, or never be closed."""
    before, closed, after = text.partition("</think>")
    if closed:
        return before.replace("<think>", "", 1).strip(), after
    said, opened, thought = text.partition("<think>")
    return (thought.strip(), said) if opened else ("", text)


def _call(block: str) -> tuple[str, Any]:
    """(name, arguments) of a call; the arguments are text where it is malformed."""
    if tags := _FUNCTION.match(block):
        return tags[1].strip(), _Raw(_PARAMETER.findall(tags[2]))
    try:
        value = orjson.loads(block)
    except orjson.JSONDecodeError:
        value = None
    if isinstance(value, dict) and isinstance(value.get("name"), str) and "arguments" in value:
        return value["name"], value["arguments"]
    named = _NAME.search(block)
    return named[1] if named else "", block.strip()


class _Raw(list[tuple[str, str]]):
    """Parameters as tags gave them: names and texts, whose types only the schema knows."""


def _typed(name: str, arguments: Any, schemas: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    if isinstance(arguments, _Raw):
        properties = schemas.get(name, {}).get("properties", {})
        arguments = {key.strip(): _value(text, properties.get(key.strip(), {})) for key, text in arguments}
    elif not isinstance(arguments, dict | str):
        arguments = orjson.dumps(arguments).decode()
    return {"name": name, "arguments": arguments}


def _value(text: str, schema: Mapping[str, Any]) -> Any:
    """The text as what the schema asks for; as text where it may be one, or is nothing else."""
    if "string" in set(_types(schema)):
        return text
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def _types(schema: Mapping[str, Any]) -> Iterator[str]:
    """The types that a schema allows, alternatives included."""
    declared = schema.get("type", [])
    yield from [declared] if isinstance(declared, str) else declared
    for choice in schema.get("anyOf", []):
        yield from _types(choice)
    yield from ("string" for value in schema.get("enum", []) if isinstance(value, str))
