"""Models from scratch: whole, the same each time, and of a tokenizer in which names keep their tokens."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from shell import ROOT, environment

from dive_tools.errors import DiveError, UsageFault
from dive_tools.train.corpus import builtin_texts, texts_of
from dive_tools.train.tiny import MARKS, make, shaped


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_the_same_texts_and_seed_give_the_same_bytes(tmp_path: Path) -> None:
    shape = shaped("tiny", layers=1, width=64, vocabulary=600)
    for name, seed in (("one", 3), ("two", 3), ("other", 4)):
        make(tmp_path / name, shape, builtin_texts(), seed=seed)
    one, two, other = (digests(tmp_path / name) for name in ("one", "two", "other"))
    assert one == two
    assert {name for name in one if one[name] != other[name]} == {"model.safetensors"}


def test_it_is_a_qwen3_model_that_transformers_loads_and_whose_marks_are_single_tokens(small_model: Path) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model, tokenizer = AutoModelForCausalLM.from_pretrained(small_model), AutoTokenizer.from_pretrained(small_model)
    assert model.config.model_type == "qwen3"
    assert model.config.vocab_size >= len(tokenizer)
    for mark in ("<|im_start|>", "<|im_end|>", "<|endoftext|>", *MARKS):
        assert tokenizer(mark, add_special_tokens=False)["input_ids"] == [tokenizer.convert_tokens_to_ids(mark)]
    ends = tokenizer.convert_tokens_to_ids(["<|im_end|>", "<|endoftext|>"])
    assert model.generation_config.eos_token_id == ends and tokenizer.eos_token == "<|im_end|>"


def test_a_name_has_the_same_tokens_in_a_question_in_a_call_and_in_an_answer(small_model: Path) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(small_model)
    name = tokenizer("Ouagadougou, Burkina Faso")["input_ids"]
    for text in (
        "What is the population of Ouagadougou, Burkina Faso in GeoNames?",
        '{"city": "Ouagadougou, Burkina Faso"}',
        "Answer: Ouagadougou, Burkina Faso",
    ):
        ids = tokenizer(text)["input_ids"]
        assert any(ids[place : place + len(name)] == name for place in range(len(ids))), text


def test_any_text_comes_back_from_its_tokens(small_model: Path) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(small_model)
    for text in ("Łódź  \n\n\tx=3.14, “é” 東京 🙂\r\n", "a  b", " ", "<tool_call>\n{}\n</tool_call>"):
        assert tokenizer.decode(tokenizer(text)["input_ids"]) == text


def test_a_vocabulary_that_the_texts_do_not_fill_is_smaller(tmp_path: Path) -> None:
    _, tokens = make(tmp_path / "m", shaped("tiny", layers=1, width=64), ["ab ab ab"])
    assert 265 <= tokens < 300


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "notes").write_text("mine")
    with pytest.raises(DiveError, match="holds files already"):
        make(tmp_path / "m", shaped("tiny"), ["a"])
    assert [path.name for path in (tmp_path / "m").iterdir()] == ["notes"]


@pytest.mark.parametrize("wrong", [{"width": 100}, {"size": "huge"}])
def test_what_is_no_shape_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(UsageFault):
        shaped(**{"size": "tiny", **wrong})  # type: ignore[arg-type]


def test_a_corpus_tells_attempts_in_turns_and_takes_other_lines_as_they_are(tmp_path: Path) -> None:
    attempt = {
        "run": {"messages": [{"role": "user", "content": "How far?"}, {"role": "assistant", "content": "Answer: 3"}]},
        "tools": [{"type": "function", "function": {"name": "far", "parameters": {}}}],
    }
    (tmp_path / "a.jsonl").write_text(json.dumps(attempt) + "\n" + json.dumps({"value": "Łódź"}) + "\n")
    (tmp_path / "b.txt").write_text("plain words")
    first, second, third = texts_of([tmp_path / "a.jsonl", tmp_path / "b.txt"])
    assert "<|im_start|>user\nHow far?<|im_end|>" in first and '"name": "far"' in first
    assert json.loads(second) == {"value": "Łódź"} and third == "plain words"


def test_an_attempt_in_which_nothing_was_said_is_its_line(tmp_path: Path) -> None:
    """dive-eval writes such lines of tasks that it did not run."""
    silent = [{"run": {"ending": "not_run", "messages": []}}, {"run": {"ending": "not_run"}}]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(each) + "\n" for each in silent))
    assert [json.loads(text) for text in texts_of([tmp_path / "a.jsonl"])] == silent


def bad_files() -> Iterator[tuple[str, bytes, str]]:
    yield "a.jsonl", b"{]\n", "not JSON lines"
    yield "a.txt", b"\xff\xfe\x00", "is no text"


@pytest.mark.parametrize("name,content,said", [*bad_files()])
def test_a_corpus_that_cannot_be_read_is_named(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DiveError, match=said):
        list(texts_of([tmp_path / name]))


def test_the_command_makes_a_model_and_says_its_size(tmp_path: Path) -> None:
    words = [str(ROOT / "bin" / "dive-train"), "init", "tiny", "-o", "m", "--layers", "1", "--width", "64"]
    done = subprocess.run(words, cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=100)
    assert done.returncode == 0 and done.stdout == ""
    assert "dive-train init: m: " in done.stderr and "parameters" in done.stderr
    assert (tmp_path / "m" / "model.safetensors").is_file() and (tmp_path / "m" / "chat_template.jinja").is_file()
    again = subprocess.run(words, cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=100)
    assert again.returncode == 1 and "holds files already" in again.stderr
