"""Models in this process, as far as that goes without their libraries: text as messages, parsers, what is missing."""

from __future__ import annotations

import asyncio
import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
from shell import ROOT

from dive_tools.errors import StopAll, UsageFault
from dive_tools.models.base import Function, Settings
from dive_tools.models.gate import Gate
from dive_tools.models.hf import HF
from dive_tools.models.parsers import reasoning_parser, tool_parser
from dive_tools.models.tool_text import read
from dive_tools.models.vllm import VLLM

ADD = Function(
    "add",
    "Add.",
    {
        "properties": {
            "a": {"type": "integer"},
            "b": {"anyOf": [{"type": "number"}, {"type": "null"}]},
            "note": {"type": "string"},
        }
    },
)


def calls(text: str) -> list[tuple[str, Any]]:
    message = read(text, [ADD], "0")
    return [(call["function"]["name"], call["function"]["arguments"]) for call in message.get("tool_calls", [])]


def hermes(name: str, arguments: str) -> str:
    return f'<tool_call>\n{{"name": "{name}", "arguments": {arguments}}}\n</tool_call>'


def test_text_without_calls_is_content() -> None:
    assert read(" Four.\n", [ADD]) == {"role": "assistant", "content": "Four."}
    assert read("", [ADD]) == {"role": "assistant"}


@pytest.mark.parametrize(
    ("text", "thought", "content"),
    [
        ("<think>\nhm\n</think>\n\nFour.", "hm", "Four."),
        ("hm\n</think>\n\nFour.", "hm", "Four."),  # the template had opened the thought
        ("<think>\n\n</think>\n\nFour.", None, "Four."),
        ("<think>\nhm, and then", "hm, and then", None),  # cut off
        ("Four. <think>was that right", "was that right", "Four."),
    ],
)
def test_thinking_is_told_apart(text: str, thought: str | None, content: str | None) -> None:
    message = read(text, [])
    assert (message.get("reasoning"), message.get("content")) == (thought, content)


def test_a_call_in_a_thought_is_no_call() -> None:
    message = read(f"<think>{hermes('add', '{}')}</think>Done.", [ADD])
    assert "tool_calls" not in message and message["content"] == "Done."


def test_calls_are_read_with_what_is_said_beside_them() -> None:
    two = hermes("add", '{"a": 1}') + "\n" + hermes("sub", '{"a": {"b": [2]}}')
    text = f"Let me see.\n{two}"
    message = read(text, [ADD], "3")
    assert message["content"] == "Let me see."
    assert message["tool_calls"] == [
        {"id": "call_3_1", "type": "function", "function": {"name": "add", "arguments": {"a": 1}}},
        {"id": "call_3_2", "type": "function", "function": {"name": "sub", "arguments": {"a": {"b": [2]}}}},
    ]


def test_a_call_that_is_cut_off_is_read_where_it_is_whole() -> None:
    assert calls(hermes("add", '{"a": 1}').removesuffix("</tool_call>")) == [("add", {"a": 1})]


@pytest.mark.parametrize(
    ("block", "name"),
    [('{"name": "add", "arguments": {"a": 1', "add"), ('{"name": "add"}', "add"), ("add(1, 2)", ""), ("[1]", "")],
)
def test_a_malformed_call_keeps_its_text(block: str, name: str) -> None:
    assert calls(f"<tool_call>\n{block}\n</tool_call>") == [(name, block)]


def test_arguments_that_are_no_object_stay_text() -> None:
    assert calls(hermes("add", "[1, 2]")) == [("add", "[1,2]")]
    assert calls(hermes("add", '"{\\"a\\": 1}"')) == [("add", '{"a": 1}')]


def test_calls_in_tags_are_typed_by_the_schema() -> None:
    text = (
        "<tool_call>\n<function=add>\n<parameter=a>\n12\n</parameter>\n<parameter=b>\nnull\n</parameter>\n"
        "<parameter=note>\n12\nand more\n</parameter>\n<parameter=new>\n[1]\n</parameter>\n</function>\n</tool_call>"
    )
    assert calls(text) == [("add", {"a": 12, "b": None, "note": "12\nand more", "new": [1]})]


def test_a_value_in_tags_that_is_not_of_its_type_stays_text() -> None:
    text = "<tool_call><function=add><parameter=a>twelve</parameter></function></tool_call>"
    assert calls(text) == [("add", {"a": "twelve"})]


def model(folder: Path, template: str, **config: Any) -> str:
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "tokenizer_config.json").write_text(json.dumps({"chat_template": template}))
    return str(folder)


@pytest.mark.parametrize(
    ("kind", "template", "calls_by", "thinks_by"),
    [
        ("qwen3", "<tool_call>… add_generation_prompt … <think>", "hermes", "qwen3"),
        ("qwen3", "<tool_call> <think> … add_generation_prompt …", "hermes", ""),  # it answers without a thought
        ("qwen3_moe", "<tool_call>\n<function= add_generation_prompt", "qwen3_coder", ""),
        ("qwen2", "", "hermes", ""),
        ("llama", "<|python_tag|>", "llama3_json", ""),
        ("llama", "<tool_call>", "hermes", ""),  # Hermes, trained from Llama
        ("gpt_oss", "<|channel|>", "openai", "openai_gptoss"),
        ("never_heard_of", "", "", ""),
    ],
)
def test_the_template_says_how_calls_are_read(
    kind: str, template: str, calls_by: str, thinks_by: str, tmp_path: Path
) -> None:
    path = model(tmp_path, template, model_type=kind)
    assert (tool_parser(path), reasoning_parser(path)) == (calls_by, thinks_by)


def test_a_template_of_its_own_file_counts_first(tmp_path: Path) -> None:
    path = model(tmp_path, "<tool_call>", model_type="qwen3")
    (tmp_path / "chat_template.jinja").write_text("[TOOL_CALLS]")
    assert tool_parser(path) == "mistral"


def test_the_template_of_the_tests_is_read_as_it_is_written() -> None:
    text = (ROOT / "tests" / "engines" / "chat_template.jinja").read_text()
    assert "<tool_call>" in text and "<think>" in text.rpartition("add_generation_prompt")[2]


@pytest.mark.skipif(importlib.util.find_spec("torch") is not None, reason="torch is there")
def test_hf_without_its_libraries_names_the_extra() -> None:
    with pytest.raises(StopAll) as stop:
        asyncio.run(opened(HF("some/model", Settings(), Gate(1))))
    assert "dive-tools[hf]" in str(stop.value.hint)


@pytest.mark.skipif(importlib.util.find_spec("vllm") is not None, reason="vLLM is there")
def test_vllm_without_its_library_says_how_to_get_it() -> None:
    with pytest.raises(StopAll) as stop:
        asyncio.run(opened(VLLM("some/model", Settings(), Gate(1))))
    assert "make vllm" in str(stop.value.hint)


async def opened(model: HF | VLLM) -> None:
    try:
        await model.open()
    finally:
        await model.close()


def test_hf_refuses_options_that_it_does_not_know() -> None:
    with pytest.raises(UsageFault, match="tensor_parallel_size"):
        HF("some/model", Settings(extra={"tensor_parallel_size": 2}), Gate(1))
