"""A tiny Qwen3-architecture model of random weights, made on the spot, which vLLM and transformers load.

usage: python tests/engines/tiny_model.py FOLDER [SEED]

It has learnt nothing: what it says is noise, so whatever form its replies have, the server gave them. The tokenizer is
a byte-level BPE learnt from the project's own texts; the same SEED gives the same bytes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = Path(__file__).with_name("chat_template.jinja")
END, TURN, TURN_END = "<|endoftext|>", "<|im_start|>", "<|im_end|>"
MARKS = ("<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>", "<think>", "</think>")
VOCABULARY = 4096
CONTEXT = 32768  # tokens


def make(folder: Path, seed: int = 0) -> Path:
    """Make the model in `folder`, about 0.4 M parameters; returns the folder."""
    import torch
    from transformers import AutoModelForCausalLM, GenerationConfig, Qwen3Config

    tokenizer = _tokenizer()
    ends = [tokenizer.convert_tokens_to_ids(mark) for mark in (TURN_END, END)]
    config = Qwen3Config(
        vocab_size=VOCABULARY,
        hidden_size=64,
        intermediate_size=192,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=32,  # the smallest that vLLM's attention on a CPU has
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=True,
        eos_token_id=ends[0],
        pad_token_id=ends[1],
    )
    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_config(config)
    model.generation_config = GenerationConfig(eos_token_id=ends, pad_token_id=ends[1], do_sample=True)
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _tokenizer():  # type: ignore[no-untyped-def]
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    learnt = Tokenizer(models.BPE())
    learnt.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    learnt.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY - len(MARKS),
        special_tokens=[END, TURN, TURN_END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    learnt.train_from_iterator(_texts(), trainer)
    learnt.add_tokens([AddedToken(mark, normalized=False) for mark in MARKS])
    if learnt.get_vocab_size() != VOCABULARY:
        raise SystemExit(f"the texts gave {learnt.get_vocab_size()} tokens, not {VOCABULARY}")
    return PreTrainedTokenizerFast(
        tokenizer_object=learnt,
        eos_token=TURN_END,
        pad_token=END,
        model_max_length=CONTEXT,
        chat_template=TEMPLATE.read_text(),
        clean_up_tokenization_spaces=False,
    )


def _texts() -> Iterator[str]:
    """What the tokenizer learns from: the readme, the docs and the tools' schemas, in one order."""
    yield (ROOT / "README.md").read_text()
    for page in sorted((ROOT / "docs").glob("*.md")):
        yield page.read_text()
    yield (ROOT / "dive_tools/tools/index.json").read_text()


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    make(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) == 3 else 0)
