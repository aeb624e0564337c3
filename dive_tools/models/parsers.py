"""Which of vLLM's parsers reads a model's tool calls and its thinking: told by its chat template, then by its type.

Models of one architecture may write calls differently (Qwen3 and Qwen3-Coder), so the template has the first word.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

# what only the templates of one way of calling hold, the more particular first
_TOOLS_BY_TEMPLATE = (
    ("<function=", "qwen3_coder"),
    ("<arg_key>", "glm45"),
    ("<|tool_calls_section_begin|>", "kimi_k2"),
    ("[TOOL_CALLS]", "mistral"),
    ("<|python_tag|>", "llama3_json"),
    ("<tool_call>", "hermes"),
)
_TOOLS_BY_TYPE = {
    "glm4_moe": "glm45",
    "gpt_oss": "openai",
    "kimi_k2": "kimi_k2",
    "llama": "llama3_json",
    "llama4": "llama4_pythonic",
    "mistral": "mistral",
    "mistral3": "mistral",
    "qwen2": "hermes",
    "qwen3": "hermes",
    "qwen3_moe": "hermes",
}
_ALWAYS = {"gpt_oss": "openai", "llama4": "llama4_pythonic"}  # read by type alone
_THINKING_BY_TYPE = {"gpt_oss": "openai_gptoss", "glm4_moe": "glm45"}


def tool_parser(name: str) -> str:
    """vLLM's name for the parser of the model's tool calls; empty where none is known."""
    kind, template = _type(name), chat_template(name)
    by_template = next((parser for mark, parser in _TOOLS_BY_TEMPLATE if mark in template), "")
    return _ALWAYS.get(kind) or by_template or _TOOLS_BY_TYPE.get(kind, "")


def reasoning_parser(name: str) -> str:
    """vLLM's name for the parser of the model's thinking; empty where its template opens no thought."""
    kind = _type(name)
    if kind in _THINKING_BY_TYPE:
        return _THINKING_BY_TYPE[kind]
    answer_begins = chat_template(name).rpartition("add_generation_prompt")[2]
    return "qwen3" if kind.startswith("qwen3") and "<think>" in answer_begins else ""


def chat_template(name: str) -> str:
    """The text of the model's chat template, empty where it has none."""
    if written := _text(name, "chat_template.jinja"):
        return written
    held = _json(name, "tokenizer_config.json").get("chat_template") or ""
    if isinstance(held, list):  # several, each named
        held = next((one["template"] for one in held if one.get("name") in ("tool_use", "default")), "")
    return str(held)


def _type(name: str) -> str:
    return re.sub(r"\W", "_", str(_json(name, "config.json").get("model_type", "")))


def _json(name: str, file: str) -> dict[str, Any]:
    try:
        found = json.loads(_text(name, file) or "{}")
    except json.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _text(name: str, file: str) -> str:
    """The text of a file of the model, from its folder or through the hub's client and cache."""
    path = Path(name) / file
    if not Path(name).is_dir():
        try:
            from huggingface_hub import hf_hub_download

            path = Path(hf_hub_download(name, file))
        except Exception:  # no such model, no such file, no network: vLLM itself will say what is wrong
            return ""
    return path.read_text() if path.is_file() else ""
