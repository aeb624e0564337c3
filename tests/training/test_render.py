"""Attempts as tokens: what is trained is what a server renders, and only what the model wrote is learnt."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from attempts import TOOLS, answered, long_talk, run, short_talk, tool
from transformers import AutoTokenizer

from dive_tools.errors import BadRecord
from dive_tools.train.render import Renderer, Sequence_, thinks
from dive_tools.train.template import Template, told


@pytest.fixture(scope="module")
def template(small_model: Path) -> Template:
    return Template.of(AutoTokenizer.from_pretrained(small_model))


def only(renderer: Renderer, messages: list[dict[str, Any]]) -> Sequence_:
    [[sequence]] = renderer([run(messages=messages)])
    return sequence


def learnt(template: Template, sequence: Sequence_) -> str:
    """The learnt text, what is not learnt as a bar."""
    parts = [template.tokenizer.decode([i]) if m else "|" for i, m in zip(sequence.ids, sequence.mask, strict=True)]
    text = "".join(parts)
    while "||" in text:
        text = text.replace("||", "|")
    return text


def test_only_answers_are_learnt_with_their_stop(template: Template) -> None:
    text = learnt(template, only(Renderer(template), short_talk(3)))
    assert text == (
        '|<tool_call>\n{"name": "city_population", "arguments": {"city": "Bern"}}\n</tool_call><|im_end|>'
        "|Answer: 1003<|im_end|>"
    )


def test_labels_are_the_ids_where_learnt(template: Template) -> None:
    sequence = only(Renderer(template), short_talk(3))
    pairs = [*zip(sequence.ids, sequence.labels, sequence.mask, strict=True)]
    assert all(label == (token if kept else -100) for token, label, kept in pairs)
    assert 0 < sum(sequence.mask) < len(sequence.ids)


@pytest.mark.parametrize("thinking", [True, False])
def test_trained_ids_are_served_ids(template: Template, thinking: bool, tmp_path: Path) -> None:
    """Six answers: each prompt of the saved checkpoint, turn by turn, is the beginning of what was trained."""
    template.tokenizer.chat_template = template.source
    template.tokenizer.save_pretrained(tmp_path)
    served = AutoTokenizer.from_pretrained(tmp_path)
    messages = long_talk(thinking=thinking)
    sequence = only(Renderer(template), messages)
    turns = [n for n, message in enumerate(messages) if message["role"] == "assistant"]
    begins = [n for n, kept in enumerate(sequence.mask) if kept and not sequence.mask[n - 1]]
    assert len(turns) == len(begins) == 6
    for turn, begin in zip(turns, begins, strict=True):
        prompt = served.apply_chat_template(
            [told(message) for message in messages[:turn]], tools=TOOLS, add_generation_prompt=True, return_dict=False
        )
        assert sequence.ids[:begin] == prompt
    whole = served.apply_chat_template([told(message) for message in messages], tools=TOOLS, return_dict=False)
    assert whole[: len(sequence.ids)] == sequence.ids
    assert served.decode(whole[len(sequence.ids) :]) == "\n"


def test_what_looks_like_a_turn_in_a_result_is_not_learnt(template: Template) -> None:
    text = learnt(template, only(Renderer(template), long_talk()))
    assert "hacked" not in text and text.count("<|im_end|>") == 6 and "Wie" not in text


def test_thinking_is_kept_or_dropped(template: Template) -> None:
    kept, dropped = (learnt(template, only(Renderer(template, how), long_talk())) for how in ("keep", "drop"))
    assert kept.count("<think>\n") == 4 and "Two look-ups,\n\nat once.\n</think>\n\n<tool_call>" in kept
    assert "think" not in dropped
    assert dropped == learnt(template, only(Renderer(template), long_talk(thinking=False)))


def test_with_last_each_answer_sees_its_own_thinking_only(template: Template) -> None:
    messages = long_talk()
    [sequences] = Renderer(template, "last")([run(messages=messages)])
    assert len(sequences) == 6
    turns = [n for n, message in enumerate(messages) if message["role"] == "assistant"]
    for turn, sequence in zip(turns, sequences, strict=True):
        bare = [{k: v for k, v in message.items() if k != "reasoning"} for message in messages[:turn]]
        prompt = template.prompt_ids(bare, TOOLS)
        assert sequence.ids[: len(prompt)] == prompt and not any(sequence.mask[: len(prompt)])
        assert all(sequence.mask[len(prompt) :]) and sequence.ids[-1] == template.stop
        said = template.tokenizer.decode(sequence.ids[len(prompt) :])
        assert ("<think>" in said) == ("reasoning" in messages[turn])


def test_thinking_that_a_server_left_in_the_text_is_thinking(template: Template) -> None:
    plain = short_talk(1)
    inline = [*plain[:-1], {"role": "assistant", "content": "<think>\nEasy.\n</think>\n\nAnswer: 1001"}]
    apart = [*plain[:-1], {"role": "assistant", "reasoning": "Easy.", "content": "Answer: 1001"}]
    assert thinks(inline) and thinks(apart) and not thinks(plain)
    renderer = Renderer(template)
    assert only(renderer, inline) == only(renderer, apart) != only(renderer, plain)
    assert only(Renderer(template, "drop"), inline) == only(renderer, plain)


def test_an_answer_that_holds_the_stop_is_refused(template: Template) -> None:
    messages = [*short_talk(1)[:-1], {"role": "assistant", "content": "It ends with <|im_end|> always."}]
    with pytest.raises(BadRecord, match=r"holds the stop token <\|im_end\|>"):
        only(Renderer(template), messages)


def test_after_the_last_answer_nothing_is_rendered(template: Template) -> None:
    renderer = Renderer(template)
    assert only(renderer, [*short_talk(1)[:4]]) == only(renderer, [*short_talk(1)[:3]])


def test_pieces_of_openings_give_the_tokens_of_the_whole(template: Template) -> None:
    """Tools of many toolsets are encoded once: the tokens are those of each opening encoded whole."""
    draw = random.Random(5)
    tools = [tool(f"tool_{n}", *(f"x{n}_{k}" for k in range(n % 4))) for n in range(40)]
    renderer = Renderer(template)
    for n in range(60):
        mine = {**run(n), "tools": draw.sample(tools, 12)}
        [[sequence]] = renderer([mine])
        prompt = template.prompt_ids(mine["run"]["messages"][:2], mine["tools"])
        assert sequence.ids[: len(prompt)] == prompt
    assert renderer._cuts and len(renderer._pieces) < 40 + 60 + 1


def test_a_tokenizer_that_cannot_be_cut_is_not(template: Template) -> None:
    """One that looks over the end of a line: its openings are encoded whole."""
    from tokenizers import Tokenizer, models, trainers
    from transformers import PreTrainedTokenizerFast

    texts = [template.text(short_talk(n)[:2], TOOLS, answer=True) for n in range(3)]
    learnt_over = Tokenizer(models.BPE())
    special = ["<|im_start|>", "<|im_end|>"]
    learnt_over.train_from_iterator(
        texts, trainers.BpeTrainer(vocab_size=400, special_tokens=special, show_progress=False)
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=learnt_over, eos_token="<|im_end|>", chat_template=template.source
    )
    renderer = Renderer(Template.of(tokenizer))
    [[sequence]] = renderer([run(1)])
    prompt = renderer.template.prompt_ids(short_talk(1)[:2], TOOLS)
    assert not renderer._cuts and sequence.ids[: len(prompt)] == prompt


def test_the_order_of_messages_of_one_turn_is_kept(template: Template) -> None:
    messages = long_talk()
    swapped = [*messages[:3], answered(2, messages[4]["content"]), answered(1, messages[3]["content"]), *messages[5:]]
    assert only(Renderer(template), messages).ids != only(Renderer(template), swapped).ids
