"""Small models from scratch: the Qwen3 architecture, a tokenizer learnt from a corpus, Qwen3's turns and tool calls.

They know nothing; what they are for is to be trained where a real model is too large: in tests and on a CPU.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dive_tools.errors import DiveError, UsageFault
from dive_tools.train.template import OWN

END, TURN, TURN_END = "<|endoftext|>", "<|im_start|>", "<|im_end|>"
MARKS = ("<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>", "<think>", "</think>")
# Tokens may span several words and marks (superwords, arXiv 2503.13423), which makes prompts short; but a capitalised
# word begins and ends one, so that a name has the same tokens in a question, in a JSON string and in an answer, and
# digits stand alone, as in Qwen's tokenizers.
SPANS = r"\p{Lu}[\p{L}\p{M}]*|\p{N}|[\r\n]+|[^\p{Lu}\p{N}\r\n]+"


@dataclass(frozen=True)
class Size:
    """How large a model is; `heads` of the queries, `groups` of the keys and values."""

    layers: int
    width: int
    inner: int
    heads: int
    groups: int
    head: int
    vocabulary: int
    context: int


SIZES: Mapping[str, Size] = {
    "tiny": Size(layers=3, width=128, inner=384, heads=4, groups=2, head=32, vocabulary=2048, context=8192),
    "small": Size(layers=12, width=512, inner=1536, heads=8, groups=4, head=64, vocabulary=16384, context=32768),
}


def shaped(size: str, *, layers: int | None = None, width: int | None = None, vocabulary: int | None = None) -> Size:
    """One of SIZES, with what is wanted otherwise; a width is a multiple of two heads. UsageFault."""
    if size not in SIZES:
        raise UsageFault(f"there is no size {size!r}", hint=f"one of {', '.join(SIZES)}")
    shape = SIZES[size]
    if width is not None:
        if width % (2 * shape.head):
            raise UsageFault(f"a width of {width} does not divide into heads", hint=f"multiples of {2 * shape.head}")
        heads = width // shape.head
        shape = replace(shape, width=width, inner=3 * width, heads=heads, groups=heads // 2)
    return replace(shape, layers=layers or shape.layers, vocabulary=vocabulary or shape.vocabulary)


def make(folder: Path, shape: Size, texts: Iterable[str], *, seed: int = 0) -> tuple[int, int]:
    """Make a model in `folder`, whole or not at all; returns (parameters, tokens of the vocabulary).

    The tokenizer is a byte-level BPE learnt from `texts`, with fewer tokens than asked for where the texts hold no
    more. The same texts and seed give the same bytes.
    """
    import torch
    from transformers import AutoModelForCausalLM, GenerationConfig, Qwen3Config

    if folder.exists() and any(folder.iterdir()):
        raise DiveError(f"{folder} holds files already", hint="name another folder, or remove it")
    tokenizer = _tokenizer(texts, shape.vocabulary, shape.context)
    ends = tokenizer.convert_tokens_to_ids([TURN_END, END])
    config = Qwen3Config(
        vocab_size=-(-len(tokenizer) // 64) * 64,
        hidden_size=shape.width,
        intermediate_size=shape.inner,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.groups,
        head_dim=shape.head,
        max_position_embeddings=shape.context,
        tie_word_embeddings=True,
        initializer_range=shape.width**-0.5,  # the usual 0.02 suits widths of a thousand and more
        eos_token_id=ends[0],
        pad_token_id=ends[1],
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    model.generation_config = GenerationConfig(eos_token_id=ends, pad_token_id=ends[1], do_sample=True)
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    model.save_pretrained(part)
    tokenizer.save_pretrained(part)
    if folder.exists():
        folder.rmdir()
    part.rename(folder)
    return sum(weights.numel() for weights in model.parameters()), len(tokenizer)


def _tokenizer(texts: Iterable[str], vocabulary: int, context: int) -> Any:
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    learnt = Tokenizer(models.BPE())
    learnt.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(SPANS), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    learnt.decoder = decoders.ByteLevel()
    special = [END, TURN, TURN_END]
    if vocabulary < (fewest := 256 + len(special) + len(MARKS)):
        raise UsageFault(f"a vocabulary has at least {fewest} tokens, not {vocabulary}")
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary - len(MARKS),
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    learnt.train_from_iterator(texts, trainer)
    learnt.add_tokens([AddedToken(mark, normalized=False) for mark in MARKS])
    return PreTrainedTokenizerFast(
        tokenizer_object=learnt,
        eos_token=TURN_END,
        pad_token=END,
        model_max_length=context,
        chat_template=OWN.read_text(encoding="utf-8"),
        clean_up_tokenization_spaces=False,
    )
