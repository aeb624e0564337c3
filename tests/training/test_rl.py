"""GRPO on tasks: what is learnt, what is not, what is told, and going on after a kill."""

from __future__ import annotations

import json
import math
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any

import orjson
import pupil
import pytest
import torch
from safetensors.torch import load_file

from dive_tools.errors import BadRecord, DiveError, UsageFault
from dive_tools.records import need
from dive_tools.train import grpo, rl
from dive_tools.train.generate import Here, Row, Sampled
from dive_tools.train.grpo import DRIFT, trimmed
from dive_tools.train.rl import order
from dive_tools.train.rollouts import Fact, Ledger
from dive_tools.train.tasks import prepare
from dive_tools.train.template import Template

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that weighs flint and slate, and says the right weight half the time."""
    torch.set_num_threads(1)
    return pupil.taught(tmp_path_factory.mktemp("policy") / "policy")


@pytest.fixture
def env(tmp_path: Path) -> Iterator[Any]:
    made = pupil.world([pupil.task("flint"), pupil.task("slate")], tmp_path / "tape.sqlite")
    yield made
    made.close()


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What TRL made of each step's attempts, with its own log-probabilities beside those that were sampled."""
    from trl import GRPOTrainer

    seen: list[dict[str, Any]] = []
    scored = GRPOTrainer._generate_and_score_completions

    def spied(self: Any, inputs: Any) -> Any:
        made = scored(self, inputs)
        with torch.no_grad():
            own, _, _ = self._get_per_token_logps_and_entropies(
                self.model,
                torch.cat([made["prompt_ids"], made["completion_ids"]], 1),
                torch.cat([made["prompt_mask"], made["completion_mask"]], 1),
                made["completion_ids"].size(1),
            )
        seen.append({**made, "own": own, "training": self.model.training, "config": self.model.config})
        return made

    monkeypatch.setattr(GRPOTrainer, "_generate_and_score_completions", spied)
    return seen


def weights(folder: Path) -> dict[str, torch.Tensor]:
    from safetensors.torch import load_file

    return load_file(folder / "model.safetensors")


def moved(one: Path, other: Path) -> float:
    """The largest difference of any weight."""
    ours, theirs = weights(one), weights(other)
    assert ours.keys() == theirs.keys()
    return max(float((ours[name] - theirs[name]).abs().max()) for name in ours)


# --- learning ---------------------------------------------------------------------------------------------------------


def test_three_steps_change_the_weights_and_say_what_came_of_them(policy: Path, env: Any, tmp_path: Path) -> None:
    folder = pupil.begin(tmp_path / "out", policy, env, rollouts=str(tmp_path / "runs.jsonl"))
    lines = pupil.trained(folder, env)
    assert [line["step"] for line in lines] == [1, 2, 3]
    assert all(math.isfinite(line["loss"]) and math.isfinite(line["grad_norm"]) for line in lines)
    assert moved(policy, folder.path) > 1e-4
    served = (folder.path / "chat_template.jinja").read_text()
    assert served == (folder.data / "chat_template.jinja").read_text()
    for line in lines:
        assert line["rollouts"] == 8
        assert 0 <= line[DRIFT] < 1e-4
        assert line["reward"] == pytest.approx(0.1 * line["format"] + line["correct"])
        assert 0 < line["calls"] <= 2
        assert line["tokens_per_rollout"] > line["sampled_per_rollout"] > 0
        assert line["graphs_so_far"] >= line["graphs"] >= 1
        assert {"masked", "missed", "tool_errors", "spread", "lr", "entropy", "topologies_so_far"} <= line.keys()
        assert {"seconds_sampling", "seconds_training", "tokens_per_second"} <= line.keys()
    assert lines[-1]["tokens"] == pytest.approx(8 * sum(line["tokens_per_rollout"] for line in lines))
    runs = [orjson.loads(line) for line in (tmp_path / "runs.jsonl").read_bytes().splitlines()]
    assert len({run["id"] for run in runs}) == len(runs) == 24
    for run in runs:
        need(run, "id", "setup", "task", "run")
    first = [run["run"]["reward"] for run in runs if run["run"]["step"] == 1]
    assert fmean(found.get("total", 0.0) for found in first) == pytest.approx(lines[0]["reward"])


def test_the_reward_rises(policy: Path, tmp_path: Path) -> None:
    env = pupil.world([pupil.task("flint")], tmp_path / "tape.sqlite")
    folder = pupil.begin(tmp_path / "out", policy, env, steps=16, lr=3e-4, batch=16, group=16, micro_batch=16)
    found = [line["reward"] for line in pupil.trained(folder, env)]
    assert fmean(found[-4:]) > fmean(found[:3]) + 0.15


def test_what_is_trained_on_is_what_was_sampled(
    policy: Path, env: Any, tmp_path: Path, batches: list[dict[str, Any]]
) -> None:
    folder = pupil.begin(tmp_path / "out", policy, env, steps=2, rollouts=str(tmp_path / "runs.jsonl"))
    pupil.trained(folder, env)
    tokenizer = Template.of(_tokenizer(policy)).tokenizer
    runs = [orjson.loads(line)["run"] for line in (tmp_path / "runs.jsonl").read_bytes().splitlines()]
    for made, attempts in zip(batches, (runs[:8], runs[8:]), strict=True):
        assert made["training"]
        learnt = (made["completion_mask"] * made["tool_mask"]).bool()
        assert "old_per_token_logps" not in made  # sampled from the weights that are trained: no ratio is needed
        assert (made["own"] - made["sampling_per_token_logps"])[learnt].abs().max() < 1e-3
        for ids, own, real, run in zip(
            made["completion_ids"], learnt, made["completion_mask"].bool(), attempts, strict=True
        ):
            told = [message["content"] for message in run["messages"] if message["role"] == "tool"]
            heard = tokenizer.decode(ids[real & ~own])
            assert all(content in heard for content in told)
            assert int(own.sum()) == run["usage"]["tokens_out"]
            assert not any(content in tokenizer.decode(ids[own]) for content in told)


def test_a_sampler_that_drifts_from_the_trainer_shows(
    policy: Path, env: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Off(Here):
        def __call__(self, rows: Sequence[Row], width: int) -> list[Sampled]:
            made = super().__call__(rows, width)
            return [replace(each, logprobs=[logprob - 0.5 for logprob in each.logprobs]) for each in made]

    monkeypatch.setattr(rl, "Here", Off)
    (line,) = pupil.trained(pupil.begin(tmp_path / "out", policy, env, steps=1, micro_batch=4), env)
    assert line[DRIFT] == pytest.approx(0.5, abs=1e-3)


def test_padding_that_all_share_is_not_read_and_changes_nothing(
    policy: Path, env: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    widths: list[tuple[int, int]] = []

    def noted(inputs: Any) -> Any:
        found = trimmed(inputs)
        widths.append((inputs["completion_ids"].shape[1], found["completion_ids"].shape[1]))
        assert found["completion_mask"].sum() == inputs["completion_mask"].sum()
        assert found["prompt_mask"].sum() == inputs["prompt_mask"].sum()
        return found

    made = []
    for name, trim in (("trimmed", noted), ("padded", dict)):
        monkeypatch.setattr(grpo, "trimmed", trim)
        (line,) = pupil.trained(pupil.begin(tmp_path / name, policy, env, steps=1, micro_batch=2, temperature=3.0), env)
        made.append((line, load_file(tmp_path / name / "model.safetensors")))
    assert any(used < width for width, used in widths)
    (short, weights), (long, others) = made
    assert short["loss"] == pytest.approx(long["loss"], abs=1e-6) and short["reward"] == long["reward"]
    assert all(torch.allclose(weights[name], others[name], atol=1e-6) for name in weights)


def test_a_model_is_loaded_as_it_is_asked_for(
    policy: Path, env: Any, tmp_path: Path, batches: list[dict[str, Any]]
) -> None:
    for attention in ("eager", "sdpa"):
        extra = {"model_init_kwargs": {"attn_implementation": attention}}
        pupil.trained(pupil.begin(tmp_path / attention, policy, env, steps=1, beta=0.1, extra=extra), env)
    assert [made["config"]._attn_implementation for made in batches] == ["eager", "sdpa"]


def test_arguments_come_before_the_weights(policy: Path, env: Any, tmp_path: Path) -> None:
    """TRL's arguments switch on what has ZeRO-3 spread a model while it is read."""
    folder = pupil.begin(tmp_path / "out", policy, env, extra={"nonsense": 1})
    folder.about["model"]["path"] = str(tmp_path / "hollow")
    shutil.copytree(policy, tmp_path / "hollow", ignore=shutil.ignore_patterns("*.safetensors"))
    with pytest.raises(UsageFault, match="nonsense"):
        pupil.trained(folder, env)


def test_trackers_are_told_what_the_metrics_say(
    policy: Path, env: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import TrainerCallback
    from transformers.integrations import integration_utils

    told: list[dict[str, Any]] = []

    class Tracker(TrainerCallback):  # type: ignore[misc]
        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
            told.append({**logs})

    monkeypatch.setitem(integration_utils.INTEGRATION_TO_CALLBACK, "tracker", Tracker)
    folder = pupil.begin(tmp_path / "out", policy, env, steps=1)
    folder.note({**folder.about["run"], "report_to": "tracker"})
    (line,) = pupil.trained(folder, env)
    assert told[0]["reward"] == line["reward"] and told[0]["graphs_so_far"] == line["graphs_so_far"]
    assert not any(key.startswith(("completions/", "rewards/")) for key in told[0])


def test_an_adapter_is_trained_alone(policy: Path, env: Any, tmp_path: Path) -> None:
    folder = pupil.begin(tmp_path / "out", policy, env, steps=2, lr=1e-2, lora=4, beta=0.1)
    lines = pupil.trained(folder, env)
    assert "kl" in lines[-1]
    assert (folder.path / "adapter_config.json").exists()
    assert not (folder.path / "model.safetensors").exists()
    assert (folder.path / "chat_template.jinja").exists()


# --- what is masked ---------------------------------------------------------------------------------------------------


def test_attempts_whose_calls_no_cassette_holds_teach_nothing(policy: Path, tmp_path: Path) -> None:
    """A step with a masked group beside another one is the step of that other group alone."""
    seed = next(n for n in range(9) if order(["flint", "slate"], 2, n) == ["flint", "slate"])
    how: dict[str, Any] = {
        "steps": 1,
        "lr": 0.1,
        "seed": seed,
        "beta": 0.05,
        "temperature": 0.3,
        "extra": {"optim": "sgd"},
    }
    both = pupil.world([pupil.task("flint"), pupil.task("slate")], tmp_path / "a.sqlite", recorded=["flint"])
    beside = pupil.begin(tmp_path / "both", policy, both, **how)
    (line,) = pupil.trained(beside, both)
    alone = pupil.world([pupil.task("flint")], tmp_path / "b.sqlite", recorded=["flint"])
    only = pupil.begin(tmp_path / "alone", policy, alone, batch=4, micro_batch=4, **how)
    pupil.trained(only, alone)
    assert (line["masked"], line["missed"], line["spread"]) == (0.5, 0.5, 0.5)
    assert moved(policy, only.path) > 1e-4
    assert moved(beside.path, only.path) < 1e-3 * moved(policy, only.path)


def test_nothing_recorded_is_nothing_learnt(policy: Path, tmp_path: Path) -> None:
    env = pupil.world([pupil.task("slate")], tmp_path / "tape.sqlite", recorded=[])
    folder = pupil.begin(tmp_path / "out", policy, env, steps=2, lr=0.1, temperature=0.3)
    lines = pupil.trained(folder, env)
    assert [line["masked"] for line in lines] == [1.0, 1.0]
    assert moved(policy, folder.path) == 0.0


def test_too_many_unrecorded_calls_stop_the_training(policy: Path, tmp_path: Path) -> None:
    env = pupil.world([pupil.task("slate")], tmp_path / "tape.sqlite", recorded=[])
    folder = pupil.begin(tmp_path / "out", policy, env, steps=9, miss_limit=0.2)
    with pytest.raises(DiveError, match="last 4 steps asked for a call that no cassette holds") as fault:
        pupil.trained(folder, env)
    assert fault.value.hint is not None
    assert "--on-miss live" in fault.value.hint
    assert len(folder.metrics.read_bytes().splitlines()) == 3


def fact(group: int, total: float | None, **more: Any) -> Fact:
    told: dict[str, Any] = {"format": 1.0, "correct": 1.0, "right": True, "missed": False, "ending": "answered"}
    told |= {"calls": 2, "errors": 1, "tokens": 30, "sampled": 10, "graph": f"g{group}", "topology": "R/single/d1/w1"}
    return Fact(group=(0, group), total=total, **{**told, **more})


def test_a_line_tells_of_all_attempts_since_the_last_one() -> None:
    ledger = Ledger(miss_limit=0.5)
    wrong = {"format": 0.0, "correct": 0.0, "right": False}
    ledger.add([fact(0, 1.1), fact(0, 0.0, **wrong), fact(1, 1.1), fact(1, 1.1)], {"rollouts": 3.0, "sampling": 2.0})
    ledger.add([fact(2, None, missed=True), fact(2, 0.0, **wrong, ending="budget")], {"rollouts": 2.0, "sampling": 1.0})
    told = ledger.told()
    assert told["rollouts"] == 6
    assert told["reward"] == pytest.approx(3.3 / 5)
    assert told["pass_rate"] == told["correct"] == pytest.approx(0.6)
    assert told["spread"] == pytest.approx(1 / 3)  # the masked one of the last group is no difference
    assert told["masked"] == told["missed"] == told["over_budget"] == pytest.approx(1 / 6)
    assert (told["calls"], told["tool_errors"], told["tokens_per_rollout"]) == (2.0, 0.5, 30.0)
    assert (told["seconds_sampling"], told["seconds_tools"], told["sampled_per_second"]) == (3.0, 2.0, 20.0)
    assert ledger.told() == {}
    ledger.add([fact(3, 1.1)], {"rollouts": 1.0, "sampling": 1.0})
    after = ledger.told()
    assert (after["graphs"], after["graphs_so_far"], after["topologies_so_far"]) == (1, 4, 1)


def test_the_limit_of_misses_holds_over_a_window_not_a_step() -> None:
    ledger = Ledger(miss_limit=0.5)
    spent = {"rollouts": 0.0, "sampling": 0.0}
    for missed in (True, True, True, False, False):  # one bad step more or less stops nothing
        ledger.add([fact(0, 1.0, missed=missed), fact(0, 0.0)], spent)
    for _ in range(2):
        ledger.add([fact(0, None, missed=True)], spent)
    with pytest.raises(DiveError, match="75% of the attempts of the last 4 steps"):
        ledger.add([fact(0, None, missed=True)], spent)


# --- going on ---------------------------------------------------------------------------------------------------------

_RUN = """
import sys
from pathlib import Path
import torch
from safetensors.torch import load_file
import pupil
torch.set_num_threads(1)
model, out = map(Path, sys.argv[1:])
env = pupil.world([pupil.task("flint"), pupil.task("slate")], out.parent / "killed.sqlite")
pupil.trained(pupil.begin(out, model, env, steps=60, rollouts=str(out.parent / "killed.jsonl")), env)
"""


def test_killed_and_resumed_is_never_killed(policy: Path, env: Any, tmp_path: Path) -> None:
    out, log = tmp_path / "killed", tmp_path / "log"
    paths = os.pathsep.join([str(HERE), str(HERE.parent), str(HERE.parents[1])])
    with log.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-c", _RUN, str(policy), str(out)],
            env={**os.environ, "PYTHONPATH": paths},
            stdout=said,
            stderr=said,
        )
    try:
        for _ in range(1200):
            if [*out.glob("checkpoints/checkpoint-[2-9]/whole.json")]:
                break
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    killed = pupil.Folder.open(out)
    last = killed.checkpoint()
    assert last is not None
    reached = int(last.name.rpartition("-")[2])
    assert 2 <= reached < 60
    end = reached + 2
    about = {**killed.about, "settings": {**killed.settings, "steps": end}}  # to have it end soon
    (out / "train.json").write_text(json.dumps(about))
    runs = tmp_path / "runs.jsonl"
    whole = pupil.begin(tmp_path / "whole", policy, env, steps=end, rollouts=str(runs))
    lines = pupil.trained(whole, env)
    resumed = pupil.trained(pupil.begin(out, policy, env, resume=True, steps=end), env)
    assert moved(whole.path, out) == 0.0
    told = {"step", "reward", "loss", "tokens", "graphs_so_far", "topologies_so_far", "calls", "lr"}
    assert [{key: line[key] for key in told} for line in resumed] == [
        {key: line[key] for key in told} for line in lines
    ]
    before, after = (
        [orjson.loads(line) for line in path.read_bytes().splitlines()] for path in (runs, tmp_path / "killed.jsonl")
    )
    assert [run["run"]["messages"] for run in after] == [run["run"]["messages"] for run in before]


def test_tasks_come_in_the_same_order_everywhere_and_none_more_often() -> None:
    tasks = [f"task{n}" for n in range(7)]
    found = order(tasks, 21, 5)
    assert order(tasks[::-1], 21, 5) == found != order(tasks, 21, 6)
    assert sorted(found) == sorted(tasks * 3)
    assert sorted(found[:7]) == sorted(found[7:14]) == tasks
    assert found[:7] != found[7:14]
    assert order(tasks, 3, 5) == found[:3]


# --- what cannot be trained on ----------------------------------------------------------------------------------------


def _tokenizer(model: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(model)


def lines(*records: Any) -> list[tuple[str, bytes]]:
    return [(f"tasks.jsonl:{n}", orjson.dumps(record)) for n, record in enumerate(records, 1)]


def test_tasks_that_cannot_be_scored_or_do_not_fit_are_left_out_with_reasons(
    policy: Path, env: Any, tmp_path: Path
) -> None:
    text, long, good = pupil.task("chalk"), pupil.task("slate"), pupil.task("flint")
    text["task"]["answer"] = {"type": "text", "value": "light"}
    long["task"]["question"] = "Please. " * 400 + long["task"]["question"]
    dropped: list[Any] = []
    template = Template.of(_tokenizer(policy))
    done = prepare(lines(text, long, good, good), tmp_path / "data", template, env, 400, dropped.append)
    assert [(drop.record["id"], drop.reason) for drop in dropped] == [
        ("chalk", "unscorable"),
        ("slate", "too_long"),
        ("flint", "twice"),
    ]
    assert (done.read, done.kept) == (4, 1)
    assert [orjson.loads(line) for line in (tmp_path / "data" / "tasks.jsonl").read_bytes().splitlines()] == [good]
    with pytest.raises(DiveError, match=r"no task to train on: 2 read \(1 unscorable, 1 too_long\)"):
        prepare(lines(text, long), tmp_path / "none", template, env, 400)
    with pytest.raises(DiveError, match="no task to train on: 0 read"):
        prepare([], tmp_path / "none", template, env, 400)


def test_a_line_that_is_no_task_is_named(policy: Path, env: Any, tmp_path: Path) -> None:
    other, attempt = pupil.task("flint"), {**pupil.task("slate"), "run": {}}
    other["setup"]["tools"] = {"melt": "1"}
    template = Template.of(_tokenizer(policy))
    for bad, said in ((other, "melt"), ({"id": "x"}, "setup"), (attempt, "is an attempt")):
        with pytest.raises(BadRecord, match=f"tasks.jsonl:2: .*{said}"):
            prepare(lines(pupil.task("slate"), bad), tmp_path / "data", template, env, 400)


def test_a_resume_with_other_settings_is_refused(policy: Path, env: Any, tmp_path: Path) -> None:
    pupil.begin(tmp_path / "out", policy, env)
    with pytest.raises(UsageFault, match=r"lr 0\.001, not 0\.01"):
        pupil.begin(tmp_path / "out", policy, env, resume=True, lr=0.01)
    with pytest.raises(UsageFault, match="holds a training already"):
        pupil.begin(tmp_path / "out", policy, env)
