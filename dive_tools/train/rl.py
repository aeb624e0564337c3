"""GRPO over tasks, each with its own toolset: TRL's GRPOTrainer on the attempts that an Environment runs.

What a run needs is in its folder: OUT/data/tasks.jsonl, and the settings in OUT/train.json. Of several processes each
has its own environment, door and event loop and runs its share of a step's attempts; all of one machine record to the
one cassette, which many may write. What a step came to is gathered, so that each knows all and the first writes it.
"""

from __future__ import annotations

import logging
import os
import random
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import orjson
import torch
from transformers import TrainerCallback

from dive_tools.agent import Budget
from dive_tools.env import Environment
from dive_tools.errors import DiveError, first_line
from dive_tools.jsonl import Lines
from dive_tools.samples import lines
from dive_tools.train import memory, metrics
from dive_tools.train.arguments import made_of, shared
from dive_tools.train.data import TEMPLATE
from dive_tools.train.folder import Folder
from dive_tools.train.generate import Generate, Here, Vllm
from dive_tools.train.rollouts import Ledger, Rollouts, Sampling, passed_on
from dive_tools.train.sft import adapter, save
from dive_tools.train.template import Template

NAME = "dive-train rl"
FORMS = "forms.json"  # of a checkpoint: the call graphs and topologies there were so far
KEPT = (
    "loss", "grad_norm", "learning_rate", "entropy", "kl", "clip_ratio/region_mean", "aux_loss",
    "sampling/sampling_logp_difference/mean", "sampling/importance_sampling_ratio/mean",
)  # fmt: skip


def train(folder: Path) -> None:
    """Train what the folder holds, prepared, from its last whole checkpoint if it has one; the model is there then."""
    home = Folder.open(folder)
    if home.done:
        return
    with metrics.private_stdout() as out:
        env = environment(home.settings, lines(home.data / "tasks.jsonl", ("id", "setup", "task")))
        try:
            fit(home, env, out)
        finally:
            env.close()


def fit(home: Folder, env: Environment, out: int) -> None:
    """Train on the tasks of an environment; metrics go to the descriptor `out`."""
    from accelerate import PartialState
    from transformers import AutoTokenizer

    os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")
    warnings.filterwarnings("ignore", category=FutureWarning, module="transformers|trl")
    metrics.quieten()
    tokenizer = AutoTokenizer.from_pretrained(home.about["model"]["path"], padding_side="left")
    template = Template.of(tokenizer, home.data / TEMPLATE)
    # before the state and the weights: they say how processes speak with one another, and have ZeRO-3 spread a model
    args = arguments(home, template)
    state, run = PartialState(), home.about.get("run") or {}
    with state.main_process_first():
        counts = home.rewind() if state.is_main_process else {"step": 0}
    last = home.checkpoint()
    rollouts, trainer = _trainer(home, env, template, args, last)
    trainer.callback_handler.callbacks.insert(0, _Told(rollouts.ledger, home))  # trackers are told what it makes of it
    teller = metrics.Metrics(home, out, counts, name=NAME, quiet=bool(run.get("quiet")))
    metrics.listen(trainer, teller)
    with _written(run.get("rollouts"), counts["step"], state.is_main_process) as rollouts.write, rollouts.runner:
        try:
            trainer.train(resume_from_checkpoint=str(last) if last else None)
        except torch.OutOfMemoryError as fault:
            raise DiveError(f"out of memory: {first_line(fault)}", hint=_LESS) from None
    tokenizer.chat_template = template.source
    save(trainer, home, template.stop)
    if state.is_main_process:
        teller.close(trainer.state.global_step)


_LESS = "a smaller --micro-batch, --gradient-checkpointing, --lora, a smaller --max-length, or --launch over more GPUs"


# --- the world --------------------------------------------------------------------------------------------------------


def environment(settings: Mapping[str, Any], tasks: Any) -> Environment:
    """The environment that a training's settings ask for, over these tasks; DiveError where it cannot be."""
    from dive_tools import pool
    from dive_tools.cassette import Cassette
    from dive_tools.tools.door import Door

    found = pool.load(settings["pool"])
    own, over = settings["cassette"], [Path(each) for each in settings["over"]]
    live = settings["on_miss"] == "live"
    tape = None
    if own or over:
        tape = Cassette(Path(own), over) if own and live else Cassette(None, [*([Path(own)] if own else []), *over])
    allowed = pool.read_effects(Path(settings["allow_effects"])) if settings["allow_effects"] else {}
    door = Door(found.tools, cassette=tape, on_miss=settings["on_miss"], allow=allowed, **pool.attempts(found))
    budget = Budget(calls=settings["calls"], turns=settings["turns"])
    return Environment(tasks, found, door, alpha=settings["alpha"], luck=settings["luck"], budget=budget)


def order(tasks: Sequence[str], count: int, seed: int) -> list[str]:
    """`count` tasks: all of them in an order drawn anew, again and again; the same in every process and every run."""
    found: list[str] = []
    while len(found) < count:
        again = sorted(tasks)
        random.Random(f"{seed}:{len(found)}").shuffle(again)
        found += again
    return found[:count]


# --- the trainer ------------------------------------------------------------------------------------------------------


def _trainer(home: Folder, env: Environment, template: Template, args: Any, last: Path | None) -> tuple[Rollouts, Any]:
    from accelerate.utils import gather_object
    from datasets import Dataset

    from dive_tools.train.grpo import Grpo

    settings = home.settings
    model = _model(home.about["model"]["path"], settings, args)
    several = args.world_size > 1
    ledger = Ledger(settings["miss_limit"])
    if last is not None and (last / FORMS).exists():
        kept = orjson.loads((last / FORMS).read_bytes())
        ledger.graphs, ledger.topologies = set(kept["graphs"]), set(kept["topologies"])
    rollouts = Rollouts(
        env,
        template,
        Sampling(**{key: settings[key] for key in Sampling.__dataclass_fields__}),
        ledger,
        generator=_sampler(settings, _ends(model, template)),
        gather=gather_object if several else list,
        agree=_largest if several and args.use_vllm else None,
        name=f"rl:{home.path.name}",
    )
    rows = args.max_steps * settings["batch"] // settings["group"]
    logging.getLogger("trl.trainer.grpo_trainer").addFilter(
        lambda said: not any(words in said.getMessage() for words in _UNSAID)
    )
    trainer = Grpo(
        model=model,
        reward_funcs=[passed_on],
        args=args,
        train_dataset=Dataset.from_dict({"prompt": order([*env.records], rows, settings["seed"])}),
        processing_class=template.tokenizer,
        peft_config=adapter(settings["lora"]),
        rollout_func=rollouts,
    )
    return rollouts, trainer


# what TRL warns of and is as it should be: attempts without a reward; a model that is loaded by us, as it was asked for
_UNSAID = ("returned None", "The `model_init_kwargs` will be ignored")


def _model(path: str, settings: Mapping[str, Any], args: Any) -> Any:
    """The model to train; `args` say how it is loaded, which TRL would do only for the reference."""
    from transformers import AutoModelForCausalLM

    kind = torch.bfloat16 if memory.half(settings["dtype"]) and settings["lora"] else torch.float32
    return AutoModelForCausalLM.from_pretrained(path, **{"dtype": kind, **(args.model_init_kwargs or {})})


def arguments(home: Folder, template: Template) -> Any:
    """TRL's arguments: each step is sampled from the weights that it trains. UsageFault for what TRL does not take."""
    from trl import GRPOConfig

    settings, run = home.settings, home.about.get("run") or {}
    given = {
        **shared(settings, home.checkpoints, run.get("report_to", "none")),
        "max_steps": settings["steps"],
        "num_generations": settings["group"],
        "beta": settings["beta"],
        "temperature": settings["temperature"],
        "top_p": settings["top_p"],
        "max_completion_length": settings["max_tokens"],
        "shuffle_dataset": False,
        "remove_unused_columns": False,
        **_vllm(settings, template),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return made_of(GRPOConfig, given, settings["extra"])


def _vllm(settings: Mapping[str, Any], template: Template) -> dict[str, Any]:
    """TRL's arguments of vLLM: a reply ends where the template's answer does."""
    if settings["generate"] == "transformers":
        return {}
    told = {
        "use_vllm": True,
        "vllm_mode": settings["generate"].removeprefix("vllm-"),
        "vllm_max_model_length": settings["max_length"],
        "generation_kwargs": {"stop_token_ids": [template.stop]},
    }
    return {**told, "vllm_server_base_url": settings["vllm_server"]} if settings["vllm_server"] else told


def _ends(model: Any, template: Template) -> list[int]:
    """The tokens that end a reply: the template's, first, and those that the model itself names."""
    known = model.generation_config.eos_token_id
    return [template.stop, *([] if known is None else [known] if isinstance(known, int) else known)]


def _sampler(settings: Mapping[str, Any], ends: Sequence[int]) -> Any:
    """What gives, for a trainer, a context in which tokens are sampled."""
    if settings["generate"] != "transformers":
        return lambda trainer: nullcontext(Vllm(trainer.vllm_generation, ends, ends[:1]))
    return lambda trainer: _here(trainer, ends)


@contextmanager
def _here(trainer: Any, ends: Sequence[int]) -> Iterator[Generate]:
    """The trainer's model for as long as a step's attempts take; ZeRO-3 gathers its weights once for all of them."""
    from trl.models import unwrap_model_for_generation

    args = trainer.args
    with unwrap_model_for_generation(
        trainer.model_wrapped,
        trainer.accelerator,
        gather_deepspeed3_params=args.ds3_gather_for_generation,
        gradient_checkpointing_kwargs=args.gradient_checkpointing_kwargs,
    ) as model:
        yield Here(model, ends)


def _largest(number: int) -> int:
    """The largest that any process has of a number."""
    from accelerate.utils import gather_object

    return max(gather_object([number]))


# --- what comes out ---------------------------------------------------------------------------------------------------


class _Told(TrainerCallback):  # type: ignore[misc]
    """Puts what the attempts came to into what is logged, and keeps the forms there were with the checkpoints."""

    def __init__(self, ledger: Ledger, home: Folder) -> None:
        self.ledger, self.home = ledger, home

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        if not logs or "loss" not in logs:
            return
        steps, told = max(1, self.ledger.steps), self.ledger.told()
        spent = logs.get("step_time", 0.0) * steps
        spent -= told.get("seconds_sampling", 0.0) + told.get("seconds_tools", 0.0)
        kept = {key: logs[key] for key in KEPT if logs.get(key) is not None}
        logs.clear()
        logs |= {**kept, **told, "num_tokens": self.ledger.tokens, "seconds_training": round(max(0.0, spent), 3)}

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if state.is_world_process_zero:
            kept = {"graphs": sorted(self.ledger.graphs), "topologies": sorted(self.ledger.topologies)}
            place = self.home.checkpoints / f"checkpoint-{state.global_step}"
            (place / FORMS).write_bytes(orjson.dumps(kept))


@contextmanager
def _written(path: str | None, step: int, first: bool) -> Iterator[Any]:
    """What writes the lines of attempts, if they are wanted; those made after `step` by an earlier run are cut off."""
    if not path:
        yield None
        return
    if not first:
        yield lambda found: None
        return
    if step:
        _cut(Path(path), step)
    out = Lines.to(Path(path), append=step > 0)
    try:
        yield lambda found: out.write(b"".join(orjson.dumps(line) + b"\n" for line in found))
    finally:
        out.close()


def _cut(file: Path, step: int) -> None:
    """Cut off a file of attempts, which stand in the order of their steps, what came after a step or is torn."""
    if not file.exists():
        return
    whole = 0
    with file.open("rb") as lines:
        for line in lines:
            if not line.endswith(b"\n") or orjson.loads(line)["run"]["step"] > step:
                break
            whole += len(line)
    os.truncate(file, whole)
