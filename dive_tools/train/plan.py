"""What the whole recipe of `make reproduce` asks for, before anything runs: records, tokens, hours, disk, money.

A training costs 6 FLOP, and generating or reading 2, for each parameter and token (arXiv 2001.08361, without the part
of attention that grows with the square of the length), at a stated share of what the chip does at most. An attempt
reads each of its tokens once: what stands before a turn is kept from the turn before.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dive_tools.train.figures import CHIPS, PLAN_TEACHER


@dataclass(frozen=True)
class Stage:
    """A stage and what it asks for; hours are on all GPUs and cores at once, `gpu_hours` those of one GPU."""

    name: str
    command: str
    taken: int
    made: int
    requests: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    disk: int = 0
    hours: float = 0.0
    gpu_hours: float = 0.0


@dataclass(frozen=True)
class Known:
    """The figures in force, and for which models and chip they are."""

    values: Mapping[str, float]
    teacher: str = "openai:gpt-oss-120b"
    model: str = "models/Qwen3-8B"
    chip: str = "h100"
    notes: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> float:
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def said(self) -> float:
        """Tokens of an attempt of the teacher's that it says itself."""
        return self.values["plan_said_tokens" if self.teacher == PLAN_TEACHER else "said_tokens"]

    def length(self, said: float) -> float:
        """Tokens of a whole attempt."""
        return self.schema_tokens + self.given_tokens + said

    def gpu_hours(self, flop: float, use: float) -> float:
        """Hours of one GPU at a share of its peak."""
        return flop / (CHIPS[self.chip][0] * use) / 3600


def stages(known: Known) -> list[Stage]:
    """The stages of the recipe, in their order; what falls short of what is asked for goes to `known.notes`."""
    found = [_tasks(known), _exam(known)]
    to_learn, to_practise = _cut(known, found[0].made)
    found.append(_teacher(known, "teacher", to_learn, known.sft_runs))
    _short(known, "sft_runs", found[-1].made, known.sft_runs)
    learnt = min(found[-1].made, int(known.sft_runs))
    found += [_sft(known, "sft", learnt, 1), _profile(known, to_practise)]
    practised = min(int(known.rl_frontier), found[-1].made)
    _short(known, "rl_frontier", found[-1].made, known.rl_frontier)
    found.append(_rl(known, practised))
    if known.few_setups:
        found.append(_few(known))
        found.append(_teacher(known, "few: teacher", min(known.few_tasks, found[-1].made), known.few_runs))
        _short(known, "few_runs", found[-1].made, known.few_runs)
        found.append(_sft(known, "few: sft", found[-1].made, 1))
    if known.diverse:
        found.append(_sft(known, "diverse: sft", min(int(known.diverse), learnt), 1))
    if known.pools:
        found.append(_sft(known, "pools: sft", min(int(known.pool_runs), learnt), int(known.pools)))
    found.append(_evaluation(known, found[1].made))
    return found


# --- stages -----------------------------------------------------------------------------------------------------------


def _tasks(known: Known) -> Stage:
    return _made(known, "tasks", known.setups, known.task_yield, known.task_room, "dive-sample --tier train")


def _few(known: Known) -> Stage:
    start = "dive-sample --tier train, of few domains"
    return _made(known, "few: tasks", known.few_setups, known.few_yield, known.few_room, start)


def _exam(known: Known) -> Stage:
    return _made(known, "exam", 3 * known.exam_n, known.exam_yield, 0, "dive-sample --tier L1, L2, L3-pool")


def different(setups: float, share: float, room: float) -> float:
    """Tasks of so many setups where there is room for only so many different ones, of which each draw meets any."""
    return room * -math.expm1(-setups * share / room) if room else setups * share


def _made(known: Known, name: str, setups: float, share: float, room: float, start: str) -> Stage:
    return Stage(
        name,
        f"{start} -n {setups:.0f} | dive-collect | dive-derive … | dive-verify | dive-dedup",
        taken=round(setups),
        made=round(different(setups, share, room)),
        disk=round(setups * known.setup_bytes),
        hours=setups * known.setup_seconds / known.jobs / 3600,
    )


def _teacher(known: Known, name: str, tasks: float, wanted: float) -> Stage:
    """Attempts until one is right: of k tries at a share p, (1 - (1 - p)^k) / p are made and 1 - (1 - p)^k solve it."""
    plan = known.teacher == PLAN_TEACHER
    rate = 1.0 if plan else known.teacher_rate
    solved = 1 - (1 - rate) ** known.tries
    attempts = tasks * solved / rate if rate else tasks * known.tries
    kept = min(round(tasks * solved), round(wanted))
    how = "" if plan else f" -k {known.tries:.0f} --until-correct 1"
    command = f"dive-eval --model {known.teacher}{how} | dive-verify --select best | dive-eval --schemas"
    made = _attempts(known, name, command, tasks, attempts, known.said, 0 if plan else known.teacher_parameters)
    said_bytes = 4 * known.said
    return _with(
        made, made=kept, disk=made.disk + round(kept * (2 * (known.attempt_bytes + said_bytes) + known.schema_bytes))
    )


def _profile(known: Known, tasks: float) -> Stage:
    attempts = tasks * known.profile_k
    command = f"dive-eval --model sft -k {known.profile_k:.0f} | dive-verify --frontier"
    made = _attempts(known, "frontier", command, tasks, attempts, known.said_tokens, known.parameters)
    return _with(made, made=round(tasks * known.frontier_rate))


def _evaluation(known: Known, tasks: int) -> Stage:
    models = 3 + int(known.pools) + bool(known.few_setups) + bool(known.diverse)
    attempts = models * tasks * known.eval_k
    command = f"dive-eval --temperature 1 -k {known.eval_k:.0f}, of {models} models | dive-eval --summary"
    made = _attempts(known, "evaluation", command, tasks, attempts, known.said_tokens, known.parameters)
    return _with(made, made=round(attempts))


def _attempts(
    known: Known, name: str, command: str, tasks: float, attempts: float, said: float, parameters: float
) -> Stage:
    """Attempts of a model of so many parameters, none for the teacher that walks proofs."""
    read = known.schema_tokens + known.given_tokens
    hours = known.gpu_hours(2 * parameters * attempts * read, known.read_use)
    hours += known.gpu_hours(2 * parameters * attempts * said, known.say_use)
    cores = attempts * known.attempt_seconds / known.jobs / 3600
    asked = attempts if parameters else 0
    return Stage(
        name,
        command,
        taken=round(tasks),
        made=round(attempts),
        requests=round(asked * known.turns),
        tokens_in=round(asked * known.turns * (known.schema_tokens + (known.given_tokens + said) / 2)),
        tokens_out=round(asked * said),
        disk=round(attempts * (known.attempt_bytes + 4 * said)),
        hours=max(cores, hours / known.gpus),
        gpu_hours=hours,
    )


def _sft(known: Known, name: str, runs: int, times: int) -> Stage:
    """Fine-tuning, so many times; `tokens_in` are those that are learnt from or stand before them."""
    tokens = known.sft_steps * known.sft_batch * known.length(known.said)
    hours = times * known.gpu_hours(6 * known.parameters * tokens, known.train_use)
    seen = known.sft_steps * known.sft_batch
    if runs:
        known.notes.append(f"{name}: {seen:,.0f} attempts of {runs:,} are seen, {seen / runs:.2f} epochs")
    more = f", {times} times" if times > 1 else ""
    return Stage(
        name,
        f"dive-train sft --steps {known.sft_steps:.0f} --batch {known.sft_batch:.0f}{more}",
        taken=runs * times,
        made=times,
        tokens_in=round(times * tokens),
        disk=round(times * _folder(known)),
        hours=hours / known.gpus,
        gpu_hours=hours,
    )


def _rl(known: Known, tasks: int) -> Stage:
    attempts = known.rl_steps * known.rl_batch
    length = known.length(known.said_tokens)
    said = _attempts(known, "rl", "", tasks, attempts, known.said_tokens, known.parameters)
    learnt = known.gpu_hours(known.rl_flop * known.parameters * attempts * length, known.train_use)
    if tasks:
        epochs = attempts / known.rl_group / tasks
        known.notes.append(
            f"rl: {known.rl_batch / known.rl_group:.0f} tasks a step, {epochs:.2f} epochs of {tasks:,} tasks"
        )
    steps = f"--steps {known.rl_steps:.0f} --batch {known.rl_batch:.0f} --group {known.rl_group:.0f}"
    return _with(
        said,
        command=f"dive-train rl {steps}",
        made=1,
        disk=round(_folder(known)),
        hours=(said.gpu_hours + learnt) / known.gpus,
        gpu_hours=said.gpu_hours + learnt,
    )


def _folder(known: Known) -> float:
    """Bytes of a trained model in bfloat16 and of its checkpoints: weights and AdamW's two moments in float32."""
    return known.parameters * (2 + 12 * known.checkpoints)


def _with(stage: Stage, **other: Any) -> Stage:
    return Stage(**{**stage.__dict__, **other})


# --- what does not add up ---------------------------------------------------------------------------------------------


def _cut(known: Known, made: int) -> tuple[float, float]:
    """The tasks for the teacher and those to find the frontier among; fewer of both where there are not enough."""
    wanted = known.sft_tasks + known.rl_tasks
    if made >= wanted:
        return known.sft_tasks, known.rl_tasks
    if known.task_room and wanted >= known.task_room:
        remedy = "no number of setups would do; more seeds, tools or a model that derives (MODEL=openai:…) make more"
    else:
        room = known.task_room or math.inf
        lack = -math.log1p(-wanted / room) * room if known.task_room else wanted
        remedy = f"--setups {lack / known.task_yield:,.0f} would do" if known.task_yield else "there are none"
    known.notes.append(f"tasks: {made:,}, fewer than the {wanted:,.0f} wanted: {remedy}")
    return made * known.sft_tasks / wanted, made * known.rl_tasks / wanted


def _short(known: Known, name: str, made: int, wanted: float) -> None:
    if made < wanted:
        known.notes.append(f"--{name.replace('_', '-')} {wanted:,.0f} is more than there will be: {made:,}")


def memory(known: Known) -> str:
    """Whether what a full training holds fits: 16 bytes a parameter, in float32, spread over all GPUs; "" if so."""
    held, there = 16 * known.parameters / known.gpus, CHIPS[known.chip][1]
    if held < there:
        return ""
    needed = int(16 * known.parameters // there) + 1
    return (
        f"memory: {held / 1e9:,.0f} GB of parameters, gradients and AdamW on each of {known.gpus:.0f} GPUs, and a "
        f"{known.chip} has {there / 1e9:.0f}: take {needed} at least, or --lora"
    )


def summed(found: list[Stage]) -> Stage:
    """The sum of all stages."""
    names = ("requests", "tokens_in", "tokens_out", "disk", "hours", "gpu_hours")
    return Stage("total", "", 0, 0, **{name: sum(getattr(stage, name) for stage in found) for name in names})
