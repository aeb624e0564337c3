"""The chat template: what is told stays Qwen3's, and what is not fit to train with is refused in one sentence."""

from __future__ import annotations

import shutil
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import trl
from attempts import TOOLS, long_talk, short_talk
from transformers import AutoTokenizer

from dive_tools.errors import DiveError, UsageFault
from dive_tools.train.template import OWN, Template, told

STOCK = Path(trl.__file__).parent / "chat_templates"


@pytest.fixture
def tokenizer(small_model: Path) -> Any:
    return AutoTokenizer.from_pretrained(small_model)


def rendered(tokenizer: Any, source: str, messages: list[dict[str, Any]], tools: Any, answer: bool) -> str:
    return tokenizer.apply_chat_template(
        [told(message) for message in messages],
        tools=tools,
        tokenize=False,
        add_generation_prompt=answer,
        chat_template=source,
    )


@pytest.mark.parametrize("tools", [None, TOOLS])
@pytest.mark.parametrize("system", [True, False])
@pytest.mark.parametrize("upto", [2, 3, 5, 7, 9, 11, 13])
def test_all_but_thinking_is_qwen3s_own(tokenizer: Any, tools: Any, system: bool, upto: int) -> None:
    """System, tools, user, calls and tool turns: byte by byte; answers of the past without thinking too."""
    messages = long_talk(thinking=False)[0 if system else 1 : upto]
    if messages[-1]["role"] == "assistant":  # Qwen3's own writes an empty thought into the last answer
        messages.append({"role": "user", "content": "And now?"})
    stock, ours = (STOCK / "qwen3.jinja").read_text(), OWN.read_text()
    for answer in (False, True):
        assert rendered(tokenizer, ours, messages, tools, answer) == rendered(tokenizer, stock, messages, tools, answer)


def test_thinking_is_written_as_qwen3_writes_it(tokenizer: Any) -> None:
    messages = [*short_talk(1)[:2], {"role": "assistant", "reasoning": "\nHm.\n", "content": "Answer: 1"}]
    stock, ours = (STOCK / "qwen3.jinja").read_text(), OWN.read_text()
    text = rendered(tokenizer, ours, messages, TOOLS, False)
    assert text == rendered(tokenizer, stock, messages, TOOLS, False)
    assert text.endswith("<|im_start|>assistant\n<think>\nHm.\n</think>\n\nAnswer: 1<|im_end|>\n")


def test_there_is_no_thought_where_a_message_has_none(tokenizer: Any) -> None:
    text = rendered(tokenizer, OWN.read_text(), short_talk(1), TOOLS, False)
    assert "think" not in text and text.endswith("<|im_start|>assistant\nAnswer: 1001<|im_end|>\n")


def test_qwen3s_own_template_is_replaced_and_that_is_said(tokenizer: Any) -> None:
    tokenizer.chat_template = (STOCK / "qwen3.jinja").read_text()
    template = Template.of(tokenizer)
    assert template.source == OWN.read_text() and "ours is trained and saved in its place" in template.note
    assert template.stop == tokenizer.convert_tokens_to_ids("<|im_end|>") and template.stop_text == "<|im_end|>"


@pytest.mark.parametrize("name", ["qwen2_5", "qwen3_5_think", "qwen3_instruct_2507", "lfm2_2_5"])
def test_a_template_that_fits_is_left_alone(tokenizer: Any, name: str) -> None:
    tokenizer.chat_template = (STOCK / f"{name}.jinja").read_text()
    template = Template.of(tokenizer)
    assert template.source == tokenizer.chat_template and not template.note


PLAIN = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
CALLS = "{% for t in tools or [] %}{{ t | tojson }}{% endfor %}" + PLAIN.replace(
    "{{ m.content }}", "{{ m.content }}{{ m.tool_calls | default('') }}"
)
REFUSED = {
    "no template": (None, "has no chat template"),
    "no tools": (PLAIN, "leaves out the tools"),
    "no calls": ("{{ tools | tojson }}" + PLAIN, "leaves out the calls of an answer"),
    "no results": (CALLS.replace("m in messages", "m in messages if m.role != 'tool'"), "leaves out tool messages"),
    "no stop": (CALLS.replace("<|im_end|>", ""), "ends an answer with no special token"),
    "a stop that is text": (CALLS.replace("<|im_end|>", "<|end_of_turn|>"), "ends an answer with no special token"),
    "another answer later": (CALLS.replace("{{ m.c", "{{ 'last: ' if loop.last }}{{ m.c"), "once turns follow"),
    "not Jinja": ("{% for %}", "cannot render tool calls"),
    "one call at a time": ((STOCK / "llama3_1.jinja").read_text(), "only supports single tool-calls"),
    "Gemma": ((STOCK / "gemma.jinja").read_text(), "System role not supported"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_fit_is_refused_in_one_sentence(tokenizer: Any, name: str) -> None:
    tokenizer.chat_template, said = REFUSED[name]
    with pytest.raises(DiveError) as caught:
        Template.of(tokenizer)
    assert said in caught.value.message and "\n" not in caught.value.message
    assert "--template FILE" in (caught.value.hint or "")


def test_a_template_that_leaves_thinking_out_is_refused_for_thinking_only(tokenizer: Any, tmp_path: Path) -> None:
    tokenizer.chat_template = None
    file = tmp_path / "calls.jinja"
    file.write_text(CALLS + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}")
    assert Template.of(tokenizer, file, thinking=False).source == file.read_text()
    with pytest.raises(DiveError, match="leaves out thinking"):
        Template.of(tokenizer, file, thinking=True)


def test_a_file_is_taken_as_it_is_or_refused(tokenizer: Any, tmp_path: Path) -> None:
    with pytest.raises(DiveError, match="otherwise once turns follow"):
        Template.of(tokenizer, STOCK / "qwen3.jinja")  # asked for by name, so not replaced behind one's back
    with pytest.raises(UsageFault, match=r"cannot read the template .*none\.jinja: No such file"):
        Template.of(tokenizer, tmp_path / "none.jinja")
    tokenizer.chat_template = None
    assert Template.of(tokenizer, Path("qwen3")).source == OWN.read_text()


def test_prompts_grow_by_what_stands_between(tokenizer: Any) -> None:
    """Prompt, sampled tokens, tokens between: joined, they are the next prompt as a server renders it."""
    template = Template.of(tokenizer)
    messages = long_talk()
    turns = [n for n, message in enumerate(messages) if message["role"] == "assistant"]
    for now, then in pairwise(turns):
        prompt, after = template.prompt_ids(messages[:now], TOOLS), template.prompt_ids(messages[:then], TOOLS)
        between = template.between_ids(messages[now + 1 : then])
        said = after[len(prompt) : len(after) - len(between)]
        assert after[: len(prompt)] == prompt and after[-len(between) :] == between
        assert said[-1] == template.stop and said.count(template.stop) == 1


def test_a_server_is_told_whether_the_model_was_trained_to_think(small_model: Path, tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    from dive_tools.models.parsers import reasoning_parser, tool_parser

    folder = Path(shutil.copytree(small_model, tmp_path / "model"))
    template = Template.of(AutoTokenizer.from_pretrained(folder))
    told = []
    for thinking, parser in ((True, "qwen3"), (False, "")):
        (folder / "chat_template.jinja").write_text(template.served(thinking), encoding="utf-8")
        assert (tool_parser(str(folder)), reasoning_parser(str(folder))) == ("hermes", parser)
        again = Template.of(AutoTokenizer.from_pretrained(folder))
        assert again.served(True) == template.served(True) and again.served(False) == OWN.read_text()
        told.append(again.text(long_talk(), TOOLS, answer=True))
    assert told[0] == told[1] == template.text(long_talk(), TOOLS, answer=True)
