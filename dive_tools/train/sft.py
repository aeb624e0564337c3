"""Supervised fine-tuning of what `data.prepare` wrote, by TRL's SFTTrainer: from a folder, to a model in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from transformers import TrainerCallback

from dive_tools.errors import DiveError, first_line
from dive_tools.train import memory
from dive_tools.train.arguments import longest, made_of, shared, tokenizer_of
from dive_tools.train.data import TEMPLATE
from dive_tools.train.folder import Folder
from dive_tools.train.head import narrow
from dive_tools.train.metrics import Metrics, listen, private_stdout, quieten
from dive_tools.train.template import Template

NAME = "dive-train sft"
_LONG = 32_768  # tokens of a sequence, where the model has room for more and nobody says


def train(folder: Path) -> None:
    """Train what the folder holds, from its last whole checkpoint where there is one; metrics go to stdout."""
    place = Folder.open(folder)
    if not place.done:
        with private_stdout() as out:
            _train(place, out)
    elif place.about["run"].get("merge") and (place.path / "adapter_config.json").exists():
        _merge_late(place)


def _train(place: Folder, out: int) -> None:
    import torch
    from accelerate import PartialState
    from datasets import load_from_disk

    quieten()
    data, run = place.about["data"], place.about["run"]
    settings = {**place.settings, "max_length": data["max_length"], "packing": data["packing"]}
    args = config(settings, place.checkpoints, packed=settings["packing"], report_to=run.get("report_to", "none"))
    state = PartialState()
    with state.main_process_first():
        counts = place.rewind() if state.is_main_process else {"step": 0}
    tokenizer = _tokenizer(place.about["model"]["path"], place.data / TEMPLATE)
    trainer = _ordered(
        settings,
        model=place.about["model"]["path"],
        args=args,
        train_dataset=load_from_disk(str(place.data)),
        processing_class=tokenizer,
        peft_config=adapter(settings["lora"]),
    )
    if not settings["lora"]:
        narrow(trainer.model)
    if settings["packing"]:
        trainer.add_callback(_Apart())
    metrics = Metrics(place, out, counts, name=NAME, quiet=bool(run.get("quiet")))
    listen(trainer, metrics)
    last = place.checkpoint()
    try:
        trainer.train(resume_from_checkpoint=str(last) if last else None)
    except torch.OutOfMemoryError as fault:
        raise DiveError(f"out of memory: {first_line(fault)}", hint=_LESS) from None
    save(trainer, place, Template(tokenizer, tokenizer.chat_template, "the chat template").stop)
    if state.is_main_process:
        metrics.close(trainer.state.global_step)


_LESS = "a smaller --micro-batch, --gradient-checkpointing, --lora, a smaller --max-length, or --launch with FSDP2"


@dataclass(frozen=True)
class Ready:
    """A training that can begin: its template (still to fit the data), the longest sequence, whether to pack."""

    template: Template
    max_length: int
    packing: bool


def ready(place: Folder, template: Path | None) -> Ready:
    """What preparing the data needs, once everything that can be checked before it is: model, settings, template."""
    import torch

    settings, model = place.settings, place.about["model"]["path"]
    config({**settings, "max_length": 2}, place.checkpoints, packed=False)
    wanted = longest(model, settings["max_length"], _LONG)
    packing = torch.cuda.is_available() if settings["packing"] is None else settings["packing"]
    return Ready(Template.load(tokenizer_of(model), template), wanted, packing)


# --- what is asked for ------------------------------------------------------------------------------------------------


def config(settings: Mapping[str, Any], output: Path, *, packed: bool, report_to: str = "none") -> Any:
    """TRL's SFTConfig for our settings; UsageFault where --set names no argument of it, or one that is ours."""
    from trl import SFTConfig

    apart = memory.half(settings["dtype"]) and settings["lora"]
    given = {
        **shared(settings, output, report_to),
        "max_steps": settings["steps"] or -1,
        "num_train_epochs": settings["epochs"],
        "max_length": settings["max_length"],
        "packing": packed,
        "dataset_kwargs": {"skip_prepare_dataset": True},
        "train_sampling_strategy": "random",
        "model_init_kwargs": {"dtype": "bfloat16" if apart else "float32"},
    }
    return made_of(SFTConfig, given, settings["extra"])


class Order:
    """The rows of an epoch, drawn anew from the `seed` of each; rows of about the same length stand together.

    `lengths` None: they stand as they are drawn. A step takes `batch` rows. `seed` is asked when an epoch begins, so
    that a resume within one has the order that it was begun with.
    """

    def __init__(self, rows: int, batch: int, lengths: Sequence[int] | None, seed: Callable[[], int]) -> None:
        self.rows, self.batch, self.lengths, self.seed = rows, batch, lengths, seed

    def __len__(self) -> int:
        return self.rows

    def __iter__(self) -> Iterator[int]:
        import torch
        from transformers.trainer_pt_utils import get_length_grouped_indices

        drawn = torch.Generator().manual_seed(self.seed())
        if self.lengths is None:
            return iter(torch.randperm(self.rows, generator=drawn).tolist())
        return iter(get_length_grouped_indices(self.lengths, self.batch, generator=drawn))


def _ordered(settings: Mapping[str, Any], **given: Any) -> Any:
    """TRL's SFTTrainer, which takes the rows in our order: those of transformers are drawn otherwise after a resume."""
    from trl import SFTTrainer

    rows = given["train_dataset"]
    grouped = not settings["packing"] and settings["micro_batch"] > 1
    lengths = rows["length"][:] if grouped else None

    class Ordered(SFTTrainer):  # type: ignore[misc]
        def _get_train_sampler(self, train_dataset: Any = None) -> Order:
            return Order(len(rows), settings["batch"], lengths, lambda: settings["seed"] + int(self.state.epoch or 0))

    return Ordered(**given)


def _tokenizer(model: str, template: Path) -> Any:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model)
    tokenizer.chat_template = template.read_text(encoding="utf-8")
    return tokenizer


def adapter(rank: int | None) -> Any:
    """peft's configuration of a LoRA adapter of this rank on every linear layer; None for none."""
    if rank is None:
        return None
    from peft import LoraConfig

    return LoraConfig(r=rank, lora_alpha=2 * rank, lora_dropout=0.0, target_modules="all-linear", task_type="CAUSAL_LM")


class _Apart(TrainerCallback):  # type: ignore[misc]
    """Checks packing once the model is ready to train: before, its weights may be spread over processes."""

    def on_train_begin(self, args: Any, state: Any, control: Any, model: Any = None, **_: Any) -> None:
        _check_apart(model)


def _check_apart(model: Any) -> None:
    """DiveError where documents of one pack see each other: the second must read the same alone and behind another."""
    import torch

    ids = torch.arange(1, 25, device=model.device)[None] % model.config.get_text_config().vocab_size
    places = torch.arange(12, device=model.device).repeat(2)[None]
    was = model.training
    model.eval()
    with torch.no_grad():
        packed = model(input_ids=ids, position_ids=places, use_cache=False).logits[0, 12:].float()
        alone = model(input_ids=ids[:, 12:], use_cache=False).logits[0].float()
        seen = model(input_ids=ids, use_cache=False).logits[0, 12:].float()
    model.train(was)
    if (packed - alone).abs().max() > 0.1 * (seen - alone).abs().max():
        raise DiveError(
            f"{type(model).__name__} lets packed documents see each other",
            hint='--no-packing, or another attention: --set model_init_kwargs=\'{"attn_implementation": "sdpa"}\'',
        )


# --- what comes out ---------------------------------------------------------------------------------------------------


def save(trainer: Any, place: Folder, stop: int) -> None:
    """Save the model, or the adapter, with the template that it was trained with and the token that ends an answer."""
    made = place.path / "trained.part"
    if trainer.args.should_save:
        shutil.rmtree(made, ignore_errors=True)
    ends_with(trainer.model, stop)
    trainer.save_model(str(made))
    if not trainer.args.should_save:
        return
    trainer.model.generation_config.save_pretrained(str(made))
    for name in ("training_args.bin", "README.md"):
        (made / name).unlink(missing_ok=True)
    if place.settings["lora"] and place.about["run"].get("merge"):
        merge(place.about["model"]["path"], made)
    elif trainer.args.bf16 and not place.settings["lora"]:
        halve(made)
    place.finish(made, {"steps": trainer.state.global_step})


def ends_with(model: Any, stop: int) -> None:
    """Have generation end at the stop token, beside those that end it already."""
    known = model.generation_config.eos_token_id
    ends = [] if known is None else [known] if isinstance(known, int) else [*known]
    model.generation_config.eos_token_id = [stop, *(end for end in ends if end != stop)]


def halve(folder: Path) -> None:
    """Make the float32 weights of a folder bfloat16, in which they were computed with and will be served."""
    import torch
    from safetensors.torch import load_file, save_file

    for file in folder.glob("*.safetensors"):
        weights = load_file(file)
        narrow = {name: w.to(torch.bfloat16) if w.dtype == torch.float32 else w for name, w in weights.items()}
        save_file(narrow, file, metadata={"format": "pt"})
    told = orjson.loads((folder / "config.json").read_bytes())
    told["dtype"] = "bfloat16"
    (folder / "config.json").write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2))


def merge(model: str, adapter: Path) -> None:
    """Put the model with the adapter in it in the adapter's place."""
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    base = AutoModelForCausalLM.from_pretrained(model, dtype="auto")
    generation = (adapter / "generation_config.json").read_bytes()
    PeftModel.from_pretrained(base, str(adapter)).merge_and_unload().save_pretrained(str(adapter))
    (adapter / "generation_config.json").write_bytes(generation)
    for file in adapter.glob("adapter_*"):
        file.unlink()


def _merge_late(place: Folder) -> None:
    """Merge the adapter of a training that is done."""
    quieten()
    made = place.path / "trained.part"
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir()
    old = [*place.path.glob("adapter_*")]
    for file in [*old, place.path / "generation_config.json"]:
        shutil.copy(file, made)
    with private_stdout():
        merge(place.about["model"]["path"], made)
    place.finish(made, place.about["done"])
    for file in old:
        file.unlink()
