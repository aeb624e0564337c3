"""Supervised fine-tuning of what `data.prepare` wrote, by TRL's SFTTrainer: from a folder, to a model in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import orjson

from dive_tools.errors import DiveError, UsageFault
from dive_tools.train import memory
from dive_tools.train.data import TEMPLATE
from dive_tools.train.folder import Folder
from dive_tools.train.head import narrow
from dive_tools.train.metrics import Metrics, listen, private_stdout, quieten
from dive_tools.train.template import Template

NAME = "dive-train sft"
_LONG = 32_768  # tokens of a sequence, where the model has room for more and nobody says
_HELD = ("output_dir", "dataset_kwargs", "max_length", "packing", "report_to", "remove_unused_columns")


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
    from trl import SFTTrainer

    quieten()
    data, run = place.about["data"], place.about["run"]
    settings = {**place.settings, "max_length": data["max_length"], "packing": data["packing"]}
    args = config(settings, place.checkpoints, packed=settings["packing"], report_to=run.get("report_to", "none"))
    state = PartialState()
    with state.main_process_first():
        counts = place.rewind() if state.is_main_process else {"step": 0}
    tokenizer = _tokenizer(place.about["model"]["path"], place.data / TEMPLATE)
    trainer = SFTTrainer(
        model=place.about["model"]["path"],
        args=args,
        train_dataset=load_from_disk(str(place.data)),
        processing_class=tokenizer,
        peft_config=adapter(settings["lora"]),
    )
    if not settings["lora"]:
        narrow(trainer.model)
    if settings["packing"]:
        _check_apart(trainer.model)
    metrics = Metrics(place, out, counts, name=NAME, quiet=bool(run.get("quiet")))
    listen(trainer, metrics)
    last = place.checkpoint()
    try:
        trainer.train(resume_from_checkpoint=str(last) if last else None)
    except torch.OutOfMemoryError as fault:
        raise DiveError(f"out of memory: {_first(fault)}", hint=_LESS) from None
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


def ready(place: Folder, template: Path | None, processes: int = 1) -> Ready:
    """What preparing the data needs, once everything that can be checked before it is: model, settings, template."""
    import torch
    from transformers import AutoConfig, AutoTokenizer

    settings, model = place.settings, place.about["model"]["path"]
    accumulation(settings["batch"], settings["micro_batch"], processes)
    config({**settings, "max_length": 2}, place.checkpoints, packed=False)
    try:
        told = AutoConfig.from_pretrained(model)
        tokenizer = AutoTokenizer.from_pretrained(model)
    except (OSError, ValueError) as fault:
        raise DiveError(
            f"cannot load the model {model}: {_first(fault)}", hint="a folder with a model, or the hub's name"
        ) from None
    context = getattr(told.get_text_config(), "max_position_embeddings", None) or _LONG
    wanted = settings["max_length"] or min(context, _LONG)
    if wanted > context:
        raise UsageFault(f"--max-length {wanted} is more than the {context} tokens of {model}")
    packing = torch.cuda.is_available() if settings["packing"] is None else settings["packing"]
    return Ready(Template.load(tokenizer, template), wanted, packing)


# --- what is asked for ------------------------------------------------------------------------------------------------


def config(settings: Mapping[str, Any], output: Path, *, packed: bool, report_to: str = "none") -> Any:
    """TRL's SFTConfig for our settings; UsageFault where `extra` names no argument of it, or one that is ours."""
    import torch
    from trl import SFTConfig

    extra = dict(settings["extra"])
    names = [each.name for each in fields(SFTConfig)]
    _known(extra, names)
    cuda, half = torch.cuda.is_available(), memory.half(settings["dtype"])
    apart = half and settings["lora"]
    given: dict[str, Any] = {
        "output_dir": str(output),
        "max_steps": settings["steps"] or -1,
        "num_train_epochs": settings["epochs"],
        "learning_rate": settings["lr"],
        "warmup_steps": settings["warmup"],
        "lr_scheduler_type": settings["schedule"],
        "per_device_train_batch_size": settings["micro_batch"],
        "gradient_accumulation_steps": accumulation(
            settings["batch"], settings["micro_batch"], int(os.environ.get("WORLD_SIZE", "1"))
        ),
        "gradient_checkpointing": settings["gradient_checkpointing"],
        "bf16": half,
        "use_cpu": not cuda,
        "seed": settings["seed"],
        "data_seed": settings["seed"],
        "save_steps": settings["save_every"],
        "save_total_limit": 2,
        "logging_steps": settings["log_every"],
        "logging_nan_inf_filter": False,
        "disable_tqdm": True,
        "report_to": report_to,
        "max_length": settings["max_length"],
        "packing": packed,
        "dataset_kwargs": {"skip_prepare_dataset": True},
        "train_sampling_strategy": "random" if packed or settings["micro_batch"] == 1 else "group_by_length",
        "model_init_kwargs": {"dtype": "bfloat16" if apart else "float32", **extra.pop("model_init_kwargs", {})},
        "dataloader_pin_memory": cuda,
        "ddp_find_unused_parameters": False,
    }
    if settings["schedule"] == "cosine_with_min_lr":
        given["lr_scheduler_kwargs"] = {"min_lr_rate": 0.1}
    try:
        return SFTConfig(**{**given, **extra})
    except (TypeError, ValueError) as fault:
        raise UsageFault(f"TRL does not take these settings: {_first(fault)}") from None


def accumulation(batch: int, micro_batch: int, processes: int = 1) -> int:
    """Micro batches of a step in each process; UsageFault where a batch does not divide into them."""
    if batch % (micro_batch * processes):
        over = f" in each of {processes} processes" if processes > 1 else ""
        raise UsageFault(f"--batch {batch} does not divide into --micro-batch {micro_batch}{over}")
    return batch // (micro_batch * processes)


def _known(extra: Mapping[str, Any], names: list[str]) -> None:
    for key in extra:
        if key in _HELD:
            raise UsageFault(f"--set {key}: this command sets it", hint="there is an option for it where it may differ")
        if key not in names:
            near = get_close_matches(key, names, n=1)
            raise UsageFault(
                f"--set {key}: TRL's SFTConfig has no such argument", hint=f"is it {near[0]}?" if near else None
            )


def _tokenizer(model: str, template: Path) -> Any:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model)
    tokenizer.chat_template = template.read_text(encoding="utf-8")
    return tokenizer


def _first(fault: BaseException) -> str:
    return (str(fault).strip() or type(fault).__name__).splitlines()[0]


def adapter(rank: int | None) -> Any:
    """peft's configuration of a LoRA adapter of this rank on every linear layer; None for none."""
    if rank is None:
        return None
    from peft import LoraConfig

    return LoraConfig(r=rank, lora_alpha=2 * rank, lora_dropout=0.0, target_modules="all-linear", task_type="CAUSAL_LM")


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
