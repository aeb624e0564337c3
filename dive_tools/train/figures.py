"""The numbers of a plan: those of the recipe, what was measured of its stages, what is assumed of models and chips."""

from __future__ import annotations

from dataclasses import dataclass

PLAN_TEACHER = "plan"

# chip -> FLOP a second of dense bfloat16, bytes of memory. NVIDIA's data sheets of the SXM modules give 1,979e12 with
# sparsity for H100 and H200 and 4,500e12 for B200, of which dense is half, and 312e12 for A100; L40S 362e12 dense;
# AMD's data sheet 1,307e12 for MI300X.
CHIPS: dict[str, tuple[float, float]] = {
    "a100": (312e12, 80e9),
    "b200": (2250e12, 180e9),
    "h100": (989e12, 80e9),
    "h200": (989e12, 141e9),
    "l40s": (362e12, 48e9),
    "mi300x": (1307e12, 192e9),
}


@dataclass(frozen=True)
class Figure:
    """A number of the plan: what it counts, and where its default comes from."""

    name: str
    value: float
    what: str
    source: str


def _figures(source: str, *rows: tuple[str, float, str]) -> tuple[Figure, ...]:
    return tuple(Figure(name, value, what, source) for name, value, what in rows)


FIGURES: tuple[Figure, ...] = (
    *_figures(
        "the paper",
        ("sft_tasks", 114_000, "tasks for the teacher"),
        ("sft_runs", 48_000, "right attempts to learn from"),
        ("sft_steps", 300, "steps of fine-tuning"),
        ("sft_batch", 64, "attempts of a step"),
        ("rl_tasks", 38_000, "other tasks, to find the frontier among"),
        ("profile_k", 8, "attempts at each of them"),
        ("rl_frontier", 3_200, "tasks of the frontier to practise"),
        ("rl_steps", 100, "steps of reinforcement learning"),
        ("rl_batch", 512, "attempts of a step"),
        ("eval_k", 4, "attempts at each task of the exam"),
        ("few_runs", 48_000, "attempts of the arm with few tools"),
        ("diverse", 12_000, "attempts of the arm over all tools"),
        ("teacher_rate", 48 / 114, "share of the teacher's attempts that are right"),
        ("frontier_rate", 3.2 / 38, "share of tasks on the frontier"),
    ),
    *_figures(
        "ours",
        ("setups", 300_000, "setups to draw"),
        ("tries", 1, "attempts of the teacher at a task, until one is right"),
        ("rl_group", 8, "attempts at one task in a step"),
        ("exam_n", 2_000, "setups of each of three tiers of the exam"),
        ("few_setups", 60_000, "setups of the arm with few tools; 0: no such arm"),
        ("few_tasks", 114_000, "tasks of it for the teacher"),
        ("pools", 4, "arms whose pools grow"),
        ("pool_runs", 6_000, "attempts of each of them"),
    ),
    *_figures(
        "fitted: to 12,000 setups of eight domains, and 8,000 of geography, with up to 5,000 seeds each and no model",
        ("task_yield", 0.556, "tasks of a setup, where none is met twice"),
        ("task_room", 50_000, "different tasks that seeds and tools have room for; 0: any number"),
        ("few_yield", 0.548, "tasks of a setup with few tools"),
        ("few_room", 12_500, "different tasks that few tools have room for; 0: any number"),
    ),
    *_figures(
        "measured: 2,000 setups, K = 3, built-in pool, x86-64, the teacher that walks proofs",
        ("exam_yield", 0.54, "tasks of a setup of the exam"),
        ("setup_seconds", 0.048, "seconds of a core for a setup, to the task"),
        ("setup_bytes", 45_000, "of all files for a setup"),
        ("attempt_seconds", 0.011, "seconds of a core for an attempt"),
        ("attempt_bytes", 6_200, "of an attempt's line, what a model says left out"),
        ("schema_bytes", 16_500, "of the schemas in the line of an attempt that is learnt from"),
        ("schema_tokens", 4_100, "of a toolset's schemas, a quarter of their characters"),
        ("given_tokens", 400, "of instructions, question and results, a quarter of their characters"),
        ("plan_said_tokens", 100, "that the teacher `plan` says, a quarter of their characters"),
        ("turns", 2.9, "replies of an attempt"),
    ),
    *_figures(
        "assumed",
        ("said_tokens", 1_500, "that a model says in an attempt, thoughts and calls"),
        ("parameters", 8.2e9, "of the model (Qwen3-8B's)"),
        ("teacher_parameters", 5.1e9, "of the teacher that work for a token (gpt-oss-120b's)"),
        ("train_use", 0.4, "share of the chip's peak in training"),
        ("read_use", 0.4, "share of it in reading prompts"),
        ("say_use", 0.05, "share of it in generating, which waits for memory"),
        ("rl_flop", 8, "FLOP for a parameter and token of RL: the update's 6, the old log-probabilities' 2"),
        ("checkpoints", 2, "that a training keeps, 12 bytes a parameter"),
        ("gpus", 8, "at once"),
        ("jobs", 16, "cores at once"),
        ("price", 0, "of a GPU hour; 0: none is said"),
    ),
)


def defaults() -> dict[str, float]:
    """Every figure's default, by name."""
    return {figure.name: figure.value for figure in FIGURES}
