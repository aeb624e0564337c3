"""dive-train sft from the command line: a model that learns, metrics alone on stdout, a resume to the same bytes."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from attempts import TOOLS, long_talk, run, short_talk, write
from click.testing import CliRunner, Result
from shell import ROOT, environment, start

from dive_tools.cli.train_sft import command
from dive_tools.train.metrics import TIMES


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return write(tmp_path / "runs.jsonl", [run(n) for n in range(6)])


def sft(*words: object) -> Result:
    """The command, in this process."""
    return CliRunner().invoke(command, [str(word) for word in words], prog_name="dive-train sft")


def options(model: Path, out: Path, steps: int = 4, **more: object) -> list[str]:
    given = {"steps": steps, "batch": 2, "lr": 0.003, "save-every": 3, "schedule": "constant", **more}
    return [
        "-m",
        str(model),
        "-o",
        str(out),
        *(word for key, value in given.items() for word in (f"--{key}", str(value))),
    ]


def metrics(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]


def untimed(out: Path) -> list[dict[str, Any]]:
    return [{key: value for key, value in line.items() if key not in TIMES} for line in metrics(out)]


def digests(out: Path) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(out.glob("*.safetensors"))}


def test_only_metrics_come_out_and_the_model_learns(small_model: Path, runs: Path, tmp_path: Path) -> None:
    """As a user runs it: a pipe in, JSON lines out, everything else on stderr."""
    out = tmp_path / "out"
    words = ["dive-train", "sft", "-r", str(tmp_path / "no.jsonl"), *options(small_model, out, 12, warmup=2)]
    bad = json.dumps(run(9, score=0.0)).encode() + b"\n"
    done = subprocess.run(words, input=runs.read_bytes() + bad, capture_output=True, env=environment(), timeout=300)
    assert done.returncode == 0, done.stderr.decode()
    lines = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert lines == metrics(out) and [line["step"] for line in lines] == [*range(1, 13)]
    assert lines[-1]["loss"] < 0.8 * lines[0]["loss"]
    assert {"step", "epoch", "loss", "lr", "grad_norm", "tokens", "tokens_per_second", "seconds"} <= lines[0].keys()
    assert lines[0]["lr"] < lines[-1]["lr"] == 0.003
    assert all(one["tokens"] < then["tokens"] for one, then in pairwise(lines))
    said = done.stderr.decode().splitlines()
    assert [
        line for line in said if line.startswith("dive-train sft: in=7 kept=6 dropped=1 no_good_run=1 sequences=6 ")
    ]
    assert said[-1].startswith("dive-train sft: steps=12 tokens=") and len(said) == 2
    assert json.loads((tmp_path / "no.jsonl").read_text())["drop"]["reason"] == "no_good_run"


def test_what_comes_out_is_served_as_it_was_trained(small_model: Path, runs: Path, tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig

    from dive_tools.train.template import OWN

    out = tmp_path / "out"
    assert sft(runs, *options(small_model, out, 60), "-q").exit_code == 0
    tokenizer, model = AutoTokenizer.from_pretrained(out), AutoModelForCausalLM.from_pretrained(out)
    assert (out / "chat_template.jinja").read_text() == tokenizer.chat_template == OWN.read_text()
    stop = tokenizer.convert_tokens_to_ids("<|im_end|>")
    assert stop in GenerationConfig.from_pretrained(out).eos_token_id
    prompt = tokenizer.apply_chat_template(
        short_talk(2)[:2], tools=TOOLS, add_generation_prompt=True, return_tensors="pt", return_dict=False
    )
    said = tokenizer.decode(model.generate(prompt, do_sample=False, max_new_tokens=60)[0, prompt.shape[1] :])
    assert said.startswith('<tool_call>\n{"name": "city_population", "arguments": {"city": "')
    assert said.endswith('"}}\n</tool_call><|im_end|>')  # it ends by itself, at the stop token


@pytest.mark.parametrize("at_once", [1, 2])
def test_killed_and_resumed_it_comes_to_the_same_bytes(
    small_model: Path, runs: Path, tmp_path: Path, at_once: int
) -> None:
    """An epoch has three steps, so the checkpoint of step 5 is in the midst of the second."""
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    more = {"save-every": 5, "log-every": 2, "micro-batch": at_once}
    assert sft(runs, *options(small_model, whole, 16, **more), "-q").exit_code == 0
    words = ["dive-train", "sft", str(runs), *options(small_model, killed, 16, **more), "-q"]
    process = start(*words, cwd=tmp_path, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    assert process.stdout
    for line in process.stdout:
        if json.loads(line)["step"] >= 6:  # past that checkpoint, and long before the end
            os.killpg(process.pid, signal.SIGKILL)
            break
    assert process.wait() == -signal.SIGKILL and not (killed / "model.safetensors").exists()
    again = sft("--resume", *options(small_model, killed, 16, **more), "-q")
    assert again.exit_code == 0, again.output
    assert digests(killed) == digests(whole) and digests(whole).keys() == {"model.safetensors"}
    assert untimed(killed) == untimed(whole)
    steps = [line["step"] for line in untimed(whole)]
    assert steps == [2, 4, 5, 6, 8, 10, 12, 14, 15, 16]  # a checkpoint is logged, so nothing is lost


def test_a_resume_of_what_is_done_does_nothing(small_model: Path, runs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert sft(runs, *options(small_model, out, 1), "-q").exit_code == 0
    before = digests(out)
    again = sft(runs, "--resume", *options(small_model, out, 1))
    assert again.exit_code == 0 and digests(out) == before and "trained already" in again.output


@pytest.mark.parametrize("merge_late", [False, True])
def test_an_adapter_is_trained_and_merged(small_model: Path, runs: Path, tmp_path: Path, merge_late: bool) -> None:
    import torch
    from peft import AutoPeftModelForCausalLM
    from transformers import AutoModelForCausalLM

    apart, merged = tmp_path / "adapter", tmp_path / "merged"
    words = ["--lora", "4", "-q"]
    assert sft(runs, *options(small_model, apart), *words).exit_code == 0
    assert (apart / "adapter_model.safetensors").exists() and not (apart / "model.safetensors").exists()
    adapted = AutoPeftModelForCausalLM.from_pretrained(apart)
    if merge_late:
        merged = apart
        assert sft("--resume", *options(small_model, merged), *words, "--merge").exit_code == 0
    else:
        assert sft(runs, *options(small_model, merged), *words, "--merge").exit_code == 0
    assert not (merged / "adapter_model.safetensors").exists() and (merged / "chat_template.jinja").exists()
    ids = torch.arange(5, 60)[None]
    with torch.no_grad():
        said, wanted = AutoModelForCausalLM.from_pretrained(merged)(ids).logits, adapted(ids).logits
        untrained = AutoModelForCausalLM.from_pretrained(small_model)(ids).logits
    assert torch.allclose(said, wanted, atol=1e-4) and not torch.allclose(said, untrained, atol=1e-2)


def test_packed_documents_give_the_loss_of_documents_alone(small_model: Path, tmp_path: Path) -> None:
    """One step over the same six attempts, packed and not: the loss is the same, and so is where it leads."""
    runs = write(tmp_path / "runs.jsonl", [run(n, long_talk() if n % 2 else None) for n in range(6)])
    losses, norms = [], []
    for how, batch in (("--no-packing", 6), ("--packing", 2)):
        out = tmp_path / how
        words = ["--reasoning", "keep", "--max-length", "2600", "-q", "--set", 'optim="sgd"']
        done = sft(runs, *options(small_model, out, 1, batch=batch), how, *words)
        assert done.exit_code == 0, done.output
        assert json.loads((out / "train.json").read_bytes())["data"]["rows"] == batch
        losses.append(metrics(out)[0]["loss"])
        norms.append(metrics(out)[0]["grad_norm"])
    assert losses[0] == pytest.approx(losses[1], rel=1e-5) and norms[0] == pytest.approx(norms[1], rel=1e-4)


def test_a_model_that_lets_packed_documents_meet_is_refused() -> None:
    """GPT-2 has positions, and here an attention that is told nothing of documents."""
    import torch
    from transformers import AutoModelForCausalLM, GPT2Config

    from dive_tools.errors import DiveError
    from dive_tools.train.sft import _check_apart

    torch.manual_seed(0)
    config = GPT2Config(n_layer=2, n_head=2, n_embd=32, vocab_size=100, initializer_range=0.5)
    model = AutoModelForCausalLM.from_config(config)
    _check_apart(model)
    inner = model.transformer.forward

    def deaf(*words: Any, **given: Any) -> Any:
        ids = words[0] if words else given["input_ids"]
        return inner(*words, **{**given, "attention_mask": torch.ones_like(ids)})

    model.transformer.forward = deaf
    with pytest.raises(DiveError, match="lets packed documents see each other"):
        _check_apart(model)


def test_packing_is_checked_on_the_model_that_is_ready_to_train(
    small_model: Path, runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before accelerate has it, a model's weights may be spread over processes, where no plain pass can be made."""
    from dive_tools.train import sft as training

    ready = []
    monkeypatch.setattr(training, "_check_apart", lambda model: ready.append(hasattr(model, "_original_forward")))
    words = [*options(small_model, tmp_path / "out", 1), "-q", "--packing", "--dtype", "bfloat16"]
    assert sft(runs, *words).exit_code == 0
    assert ready == [True]  # accelerate has wrapped it, for bfloat16


def test_what_is_computed_in_bfloat16_is_saved_in_it(small_model: Path, runs: Path, tmp_path: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    out = tmp_path / "out"
    assert sft(runs, *options(small_model, out, 2), "-q", "--dtype", "bfloat16").exit_code == 0
    model = AutoModelForCausalLM.from_pretrained(out, dtype="auto")
    assert {weights.dtype for weights in model.parameters()} == {torch.bfloat16}
    assert json.loads((out / "config.json").read_bytes())["dtype"] == "bfloat16"


def test_several_at_once_are_grouped_by_length(small_model: Path, tmp_path: Path) -> None:
    """An epoch of sixteen short attempts and sixteen long: two of a step are of one length, but where these meet."""
    mixed = [run(n, long_talk(thinking=False) if n % 2 else None) for n in range(32)]
    out = tmp_path / "out"
    words = options(small_model, out, 16, **{"micro-batch": 2, "save-every": 100})
    assert sft(write(tmp_path / "runs.jsonl", mixed), *words, "-q", "--gradient-checkpointing").exit_code == 0
    tokens = [0, *(line["tokens"] for line in metrics(out))]
    steps = [then - now for now, then in pairwise(tokens)]
    short, long = min(steps), max(steps)
    assert 2 * short < long
    assert sum(short + (long - short) / 4 < each < long - (long - short) / 4 for each in steps) <= 4


@pytest.mark.parametrize("lengths", [None, [n % 3 for n in range(40)]])
def test_the_order_of_an_epoch_is_its_seeds(lengths: list[int] | None) -> None:
    from dive_tools.train.sft import Order

    first, again, then = ([*Order(40, 4, lengths, lambda seed=seed: seed)] for seed in (1, 1, 2))  # type: ignore[misc]
    assert first == again != then and sorted(first) == sorted(then) == [*range(40)]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([], 2, "no input"),
        (["--set", "max_grad_nrom=1"], 2, "SFTConfig has no such argument\n  hint: is it max_grad_norm?"),
        (["--set", "output_dir=x"], 2, "--set output_dir: this command sets it"),
        (["--set", "learning_rate=0.5"], 2, "--set learning_rate: this command sets it"),
        (["--set", "novalue"], 2, "say KEY=VALUE"),
        (["--set", "optim=nonsense"], 2, "TRL does not take these settings"),
        (["--batch", "5", "--micro-batch", "2"], 2, "--batch 5 does not divide into --micro-batch 2"),
        (["--max-length", "99999"], 2, "--max-length 99999 is more than the 8192 tokens"),
        (["--merge"], 2, "--merge is for an adapter"),
        (["--template", "none.jinja"], 2, "cannot read the template none.jinja"),
        (["-m", "no/such/model/here"], 1, "cannot load the model no/such/model/here"),
        (["-m", "./nosuch"], 1, "there is no folder ./nosuch"),
        (["--launch", "RUNS"], 2, "is no configuration of accelerate"),
        (["--launch", "MANY"], 2, "wants 999 GPUs on a machine"),
        (["--pool", "nopool.jsonl"], 2, "cannot read pool nopool.jsonl"),
    ],
)
def test_what_is_wrong_is_one_sentence_before_anything_runs(
    small_model: Path, runs: Path, tmp_path: Path, words: list[str], code: int, said: str
) -> None:
    out = tmp_path / "out"
    source = [str(runs)] if words else []
    many = tmp_path / "many.yaml"
    many.write_text("distributed_type: MULTI_GPU\nnum_machines: 1\nnum_processes: 999\n")
    files = {"RUNS": str(runs), "MANY": str(many)}
    batch = ["--batch", "999"] if "MANY" in words else []
    done = sft(*source, *options(small_model, out), *batch, *(files.get(word, word) for word in words))
    assert done.exit_code == code, done.output
    assert said in done.output and "Traceback" not in done.output and not (out / "data").exists()
    assert len(done.output.strip().splitlines()) <= 2


def test_a_bad_line_is_named_with_its_file(small_model: Path, runs: Path, tmp_path: Path) -> None:
    file = write(tmp_path / "bad.jsonl", [run(1), {key: value for key, value in run(2).items() if key != "tools"}])
    done = sft(runs, file, *options(small_model, tmp_path / "out"))
    assert done.exit_code == 3 and f'{file}:2: lacks "tools"' in done.output
    assert "dive-eval --schemas" in done.output


def test_mixed_thinking_and_nothing_left_end_before_training(small_model: Path, runs: Path, tmp_path: Path) -> None:
    thinking = write(tmp_path / "thinking.jsonl", [run(7, long_talk())])
    done = sft(runs, thinking, *options(small_model, tmp_path / "out"))
    assert done.exit_code == 2 and "attempts with thinking (1) and without it (6) are mixed" in done.output
    done = sft(runs, *options(small_model, tmp_path / "out"), "--max-length", "30")
    assert done.exit_code == 1 and "none of 6 attempts is left to learn from: 6 too_long" in done.output


@pytest.mark.parametrize("done", [True, False])
def test_a_resume_is_held_to_its_beginning(
    small_model: Path, new_model: Any, runs: Path, tmp_path: Path, done: bool
) -> None:
    out, other = tmp_path / "out", write(tmp_path / "other.jsonl", [run(1)])
    assert sft(runs, *options(small_model, out, 1), "-q").exit_code == 0
    if not done:
        about = json.loads((out / "train.json").read_bytes())
        (out / "train.json").write_text(json.dumps({**about, "done": None}))
    for words, said in (
        ([runs, *options(small_model, out, 1)], "holds a training already"),
        ([runs, "--resume", *options(small_model, out, 2)], "it was begun with steps 1, not 2"),
        ([runs, "--resume", *options(new_model("other", layers=1), out, 1)], "from another model"),
        ([other, "--resume", *options(small_model, out, 1)], "it was begun with other data"),
    ):
        refused = sft(*words)
        assert refused.exit_code == 2 and said in refused.output, refused.output
    in_two = sft(runs, "--resume", *options(small_model, out, 1), "--launch", ROOT / "pipelines/launch/cpu.yaml")
    if done:  # nothing is left that the number of processes could change
        assert in_two.exit_code == 0 and "is trained already" in in_two.output
    else:
        assert in_two.exit_code == 2 and "it was begun with processes 1, not 2" in in_two.output
    assert sft(runs, "--resume", *options(small_model, out, 1), "-q").exit_code == 0


def test_too_little_memory_is_said_with_remedies(small_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dive_tools.errors import DiveError
    from dive_tools.train import memory

    full, adapter = (memory.need(str(small_model), lora=rank, half=False) for rank in (None, 4))
    assert full.parameters == full.trained > adapter.trained > 0
    assert full.total == 16 * full.parameters and adapter.total == 4 * full.parameters + 16 * adapter.trained
    assert memory.need(str(small_model), lora=None, half=True, shards=4).total == 4 * full.parameters
    memory.check(str(small_model), lora=None, half=False)
    monkeypatch.setattr(memory, "available", lambda: (1000, "the GPU"))
    with pytest.raises(DiveError) as caught:
        memory.check(str(small_model), lora=None, half=False)
    assert "and the GPU has 0.0 free" in caught.value.message and "--lora 16" in (caught.value.hint or "")


def test_an_estimated_adapter_is_the_one_that_is_made(small_model: Path) -> None:
    from peft import get_peft_model
    from transformers import AutoModelForCausalLM

    from dive_tools.train import memory
    from dive_tools.train.sft import adapter

    made = get_peft_model(AutoModelForCausalLM.from_pretrained(small_model), adapter(4))
    trained = sum(weights.numel() for weights in made.parameters() if weights.requires_grad)
    assert memory.need(str(small_model), lora=4, half=False).trained == trained
