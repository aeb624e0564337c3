"""Trainings in several processes: real ones, two on the CPU, on one machine and on two that are this one."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest
from shell import ROOT, bash, environment

from dive_tools.errors import DiveError, UsageFault
from dive_tools.train import launch
from dive_tools.train.launch import Layout, Place, WorkerFault, everywhere, first_host, here, placed, read, ready, run

CONFIGS = ROOT / "pipelines" / "launch"
CPU = CONFIGS / "cpu.yaml"
WAIT = 240.0


# --- configurations ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind", "machines", "processes", "wrapped"),
    [
        ("one-gpu", "NO", 1, 1, ()),
        ("cpu", "MULTI_GPU", 1, 2, ("multi_gpu",)),
        ("fsdp2", "FSDP", 1, 8, ("use_fsdp",)),
        ("fsdp2-nodes", "FSDP", 2, 16, ("use_fsdp",)),
        ("zero3", "DEEPSPEED", 1, 8, ("use_deepspeed",)),
    ],
)
def test_accelerate_reads_each_configuration_as_it_is_meant(
    name: str, kind: str, machines: int, processes: int, wrapped: tuple[str, ...]
) -> None:
    from accelerate.commands.config.config_args import load_config_from_file
    from accelerate.commands.launch import _validate_launch_command, launch_command_parser

    path = CONFIGS / f"{name}.yaml"
    found = load_config_from_file(str(path))
    assert (found.distributed_type.value, found.num_machines, found.num_processes) == (kind, machines, processes)
    parser = launch_command_parser()
    known = {action.dest for action in parser._actions}
    assert {*found.fsdp_config, *found.deepspeed_config} <= known, "a word that accelerate would pass over"
    layout = Layout(path, machines, processes // machines, found.use_cpu, None, None)
    words = here(Path("out"), layout, Place(machines - 1, "node0", 29_500))[3:]
    args, _, _ = _validate_launch_command(parser.parse_args(words))
    assert all(getattr(args, flag) for flag in wrapped)
    assert (args.num_processes, args.num_machines, args.machine_rank) == (processes, machines, machines - 1)
    assert args.training_script == "dive_tools.train.worker" and args.module and args.training_script_args == ["out"]
    assert args.mixed_precision == "no", "what is computed in is --dtype's to say"


def test_every_configuration_is_tested() -> None:
    rows = test_accelerate_reads_each_configuration_as_it_is_meant.pytestmark[0].args[1]  # type: ignore[attr-defined]
    assert {row[0] for row in rows} == {file.stem for file in CONFIGS.iterdir()}


def test_fsdp2_saves_whole_models() -> None:
    from accelerate.commands.config.config_args import load_config_from_file

    for name in ("fsdp2.yaml", "fsdp2-nodes.yaml"):
        found = load_config_from_file(str(CONFIGS / name)).fsdp_config
        assert found["fsdp_version"] == 2 and found["fsdp_state_dict_type"] == "FULL_STATE_DICT"


def written(folder: Path, **lines: Any) -> Path:
    file = folder / "config.yaml"
    file.write_text("".join(f"{key}: {json.dumps(value)}\n" for key, value in lines.items()))
    return file


def test_a_faulty_configuration_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match="there is no such file") as fault:
        read(tmp_path / "none.yaml", {})
    assert "cpu.yaml" in str(fault.value.hint)
    (tmp_path / "prose.yaml").write_text("a: b: c")
    for file in (tmp_path / "prose.yaml", written(tmp_path, distributed_type="NO", colour="red")):
        with pytest.raises(UsageFault, match="is no configuration of accelerate") as fault:
            read(file, {})
        assert "\n" not in fault.value.message
    with pytest.raises(UsageFault, match="3 processes cannot be spread evenly over 2 machines"):
        read(written(tmp_path, distributed_type="MULTI_GPU", num_machines=2, num_processes=3), {})


def test_a_training_that_cannot_start_is_said_before_its_data_is_prepared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ready(None, 4, 2) == 1 and ready(CPU, 4, 2) == 2
    (tmp_path / "prose.yaml").write_text("a: b: c")
    with pytest.raises(UsageFault, match="is no configuration of accelerate"):
        ready(tmp_path / "prose.yaml", 4, 2)
    with pytest.raises(UsageFault, match="--batch 3 does not divide into --micro-batch 1 in each of 2 processes"):
        ready(CPU, 3, 1)
    two = written(tmp_path, distributed_type="MULTI_GPU", num_machines=2, num_processes=999 * 2)
    with pytest.raises(UsageFault, match="nothing says which of them this one is"):
        ready(two, 999 * 2, 1)
    monkeypatch.setenv("MASTER_ADDR", "host")
    monkeypatch.setenv("NODE_RANK", "0")
    with pytest.raises(UsageFault, match="wants 999 GPUs on a machine"):
        ready(two, 999 * 2, 1)
    monkeypatch.setenv("SLURM_JOB_ID", "77")  # it is to be started on every machine from here, which may have no GPU
    assert ready(two, 999 * 2, 1) == 999 * 2


def test_the_weights_are_spread_over_the_processes_of_all_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    from dive_tools.train.memory import shards

    assert (shards(None), shards(CPU), shards(CONFIGS / "fsdp2-nodes.yaml")) == (1, 1, 16)
    monkeypatch.setenv("SLURM_NNODES", "4")
    assert shards(CONFIGS / "fsdp2-nodes.yaml") == 32


@pytest.mark.skipif(bool(importlib.util.find_spec("deepspeed")), reason="DeepSpeed is installed")
def test_deepspeed_is_asked_for_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match="wants DeepSpeed, which is not installed") as fault:
        run(tmp_path, CONFIGS / "zero3.yaml")
    assert fault.value.hint == "pip install deepspeed" and not list(tmp_path.iterdir())


def test_more_gpus_than_there_are_is_said_before_anything_starts(tmp_path: Path) -> None:
    file = written(tmp_path, distributed_type="MULTI_GPU", num_machines=1, num_processes=999)
    with pytest.raises(UsageFault, match="wants 999 GPUs on a machine, and this one has"):
        run(tmp_path, file)


# --- machines ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hosts", "first"),
    [("gpu[07-09,12],login1", "gpu07"), ("a1,b2", "a1"), ("n[1-2]-ib", "n1-ib"), ("rack2-n3", "rack2-n3"), ("", "")],
)
def test_the_first_host_of_slurms_list(hosts: str, first: str) -> None:
    assert first_host(hosts) == first


NODES = Layout(CONFIGS / "fsdp2-nodes.yaml", 2, 8, False, None, None)
SLURM = {"SLURM_JOB_ID": "1234567", "SLURM_NODEID": "1", "SLURM_NNODES": "4", "SLURM_JOB_NODELIST": "gpu[07-10]"}


@pytest.mark.parametrize(
    ("said", "place"),
    [
        (SLURM, Place(1, "gpu07", 24567)),
        ({**SLURM, "MASTER_ADDR": "10.0.0.1", "MASTER_PORT": "5000"}, Place(1, "10.0.0.1", 5000)),
        ({"MASTER_ADDR": "host", "NODE_RANK": "0"}, Place(0, "host", 29500)),
        ({"MASTER_ADDR": "host", "MASTER_PORT": "1", "PET_NODE_RANK": "1"}, Place(1, "host", 1)),
    ],
)
def test_a_cluster_says_which_machine_this_is(said: Mapping[str, str], place: Place) -> None:
    assert placed(NODES, said) == place


def test_a_machine_that_nothing_places_is_said() -> None:
    for said in ({}, {"MASTER_ADDR": "host"}, {"NODE_RANK": "1"}):
        with pytest.raises(UsageFault, match="wants 2 machines, and nothing says which of them this one is"):
            placed(NODES, said)
    alone = Layout(CPU, 1, 2, True, None, None)
    assert placed(alone, SLURM) == Place(0, "127.0.0.1", 0)  # one machine: the job's others are none of its


def test_slurms_number_of_machines_counts() -> None:
    layout = read(CONFIGS / "fsdp2-nodes.yaml", SLURM)
    assert (layout.machines, layout.processes, layout.total) == (4, 8, 32)
    assert read(CONFIGS / "fsdp2.yaml", SLURM).machines == 1
    assert everywhere(Path("out"), layout)[:4] == ["srun", "--nodes=4", "--ntasks=4", "--ntasks-per-node=1"]


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The words of the second machine's part, outside of any cluster."""
    for name, said in (("MASTER_ADDR", "host"), ("NODE_RANK", "1")):
        monkeypatch.setenv(name, said)
    config = written(tmp_path, distributed_type="MULTI_GPU", num_machines=2, num_processes=2, use_cpu=True)
    (tmp_path / "train.json").write_text(json.dumps({"kind": "sft", "done": None}))
    return [str(tmp_path), str(config)]


def test_a_machine_waits_until_the_first_trains(elsewhere: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """train.json is there from an earlier start, and says nothing of this one."""
    seen: list[str] = []

    def slept(_: float) -> None:
        seen.append("waits")
        if len(seen) == 2:
            Path(elsewhere[0], ".launch-0").mkdir()  # which `run` makes

    monkeypatch.setattr(launch.time, "sleep", slept)
    monkeypatch.setattr(launch, "run", lambda folder, config: seen.append("runs") or 0)
    assert launch.main(elsewhere) == 0 and seen == ["waits", "waits", "runs"]


def test_a_machine_leaves_where_all_is_trained(elsewhere: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    Path(elsewhere[0], "train.json").write_text('{"done": {"steps": 3}}')
    monkeypatch.setattr(launch, "run", None)
    assert launch.main(elsewhere) == 0


def test_what_stops_a_machine_is_said_with_its_remedy(
    elsewhere: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("NODE_RANK")
    assert launch.main(elsewhere) == 2
    assert "nothing says which of them this one is\n  hint: SLURM does inside of a job" in capsys.readouterr().err


# --- real trainings ---------------------------------------------------------------------------------------------------


def test_what_a_worker_says_is_the_commands_own_fault(tmp_path: Path) -> None:
    (tmp_path / "train.json").write_text('{"kind": "poetry"}')
    with pytest.raises(WorkerFault, match="kind is 'poetry', neither sft nor rl") as fault:
        run(tmp_path, CPU)
    assert fault.value.exit_code == DiveError.exit_code
    assert [file.name for file in tmp_path.iterdir()] == ["train.json"]


@pytest.fixture(scope="module")
def attempts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of short attempts, with their tools."""
    folder = tmp_path_factory.mktemp("attempts")
    line = "dive-sample -n 16 --seed 7 --domain geography --tools 3:5 | dive-collect | dive-derive | dive-verify"
    line += " | dive-eval --model plan | dive-eval --schemas > runs.jsonl"
    done = bash(f"set -o pipefail; {line}", folder, timeout=WAIT)
    assert done.returncode == 0, done.stderr.decode()
    assert len((folder / "runs.jsonl").read_bytes().splitlines()) >= 4
    return folder / "runs.jsonl"


def sft(attempts: Path, model: Path, out: Path, *more: str) -> list[str]:
    words = [sys.executable, "-m", "dive_tools.cli.train", "sft", str(attempts), "--model", str(model), "-o", str(out)]
    return [*words, "--lr", "1e-3", "--batch", "2", "--steps", "3", *more]


def lines(raw: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in raw.splitlines()]


def trained(words: list[str], **env: str) -> bytes:
    done = subprocess.run(words, env=environment(**env), capture_output=True, timeout=WAIT)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def whole(out: Path) -> Any:
    """The model that a training made."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    assert AutoTokenizer.from_pretrained(out).chat_template
    return AutoModelForCausalLM.from_pretrained(out)


def test_two_processes_say_metrics_once_and_make_the_model_that_one_makes(
    tmp_path: Path, attempts: Path, small_model: Path
) -> None:
    import torch

    said = trained(sft(attempts, small_model, tmp_path / "two", "--launch", str(CPU)))
    assert [line["step"] for line in lines(said)] == [1, 2, 3]
    assert (tmp_path / "two" / "metrics.jsonl").read_bytes() == said
    alone = trained(sft(attempts, small_model, tmp_path / "one"))
    for two, one in zip(lines(said), lines(alone), strict=True):
        assert two["loss"] == pytest.approx(one["loss"], rel=1e-3)  # the same two attempts, one in each process
    before, after = whole(tmp_path / "one").state_dict(), whole(tmp_path / "two").state_dict()
    start = whole(small_model).state_dict()
    for name, weights in before.items():
        assert torch.allclose(weights, after[name], atol=2e-4), name
    assert any(not torch.allclose(weights, start[name], atol=2e-4) for name, weights in after.items())
    assert not list((tmp_path / "two").glob(".launch*"))


def test_two_processes_that_go_on_come_to_the_same_bytes(tmp_path: Path, attempts: Path, small_model: Path) -> None:
    """Killed in the midst of the second epoch, each of two attempts a step."""
    few = tmp_path / "few.jsonl"
    few.write_bytes(b"".join(attempts.read_bytes().splitlines(keepends=True)[:4]))
    more = ["--launch", str(CPU), "--save-every", "3", "--steps", "4", "-q"]
    trained(sft(few, small_model, tmp_path / "out", *more))
    before = (tmp_path / "out" / "model.safetensors").read_bytes()
    shutil.rmtree(tmp_path / "out" / "checkpoints" / "checkpoint-4")
    about = json.loads((tmp_path / "out" / "train.json").read_bytes())
    (tmp_path / "out" / "train.json").write_text(json.dumps({**about, "done": None}))
    assert [line["step"] for line in lines(trained(sft(few, small_model, tmp_path / "out", *more, "--resume")))] == [4]
    assert (tmp_path / "out" / "model.safetensors").read_bytes() == before


SRUN = """#!/bin/bash
# SLURM's srun, of two nodes that are both this one
while [[ $1 == --* ]]; do shift; done
export SLURM_STEP_ID=0
SLURM_NODEID=1 "$@" & SLURM_NODEID=0 "$@"; first=$?; wait $! && exit $first
"""


def test_a_job_on_two_machines_prepares_once_and_trains_on_both(
    tmp_path: Path, attempts: Path, small_model: Path, unused_port: int
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "srun").write_text(SRUN)
    (tmp_path / "bin" / "srun").chmod(0o755)
    settings = {"num_machines": 2, "num_processes": 2, "use_cpu": True, "same_network": True}
    config = written(tmp_path, distributed_type="MULTI_GPU", rdzv_backend="static", **settings)
    env = {**environment(), "SLURM_JOB_ID": "77", "SLURM_NNODES": "2", "SLURM_JOB_NODELIST": "127.0.0.1"}
    env |= {"MASTER_PORT": str(unused_port), "PATH": f"{tmp_path / 'bin'}:{env['PATH']}"}
    words = sft(attempts, small_model, tmp_path / "out", "--launch", str(config))
    done = subprocess.run(words, env=env, capture_output=True, timeout=WAIT)
    assert done.returncode == 0, done.stderr.decode()
    assert [line["step"] for line in lines(done.stdout)] == [1, 2, 3]
    whole(tmp_path / "out")


@pytest.fixture
def unused_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# --- ends -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def running(
    tmp_path: Path, attempts: Path, small_model: Path
) -> Iterator[tuple[subprocess.Popen[bytes], set[psutil.Process]]]:
    """A training of many steps in two processes that has said its first line, and all processes below it."""
    words = sft(attempts, small_model, tmp_path / "out", "--launch", str(CPU))
    words[words.index("--steps") + 1] = "100000"
    process = subprocess.Popen(words, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout
    assert json.loads(process.stdout.readline())["step"] == 1
    below = set(psutil.Process(process.pid).children(recursive=True))
    assert sum("dive_tools.train.worker" in " ".join(each.cmdline()) for each in below) >= 2
    yield process, below
    for each in (process, *below):
        try:
            each.kill()
        except (psutil.NoSuchProcess, ProcessLookupError):
            continue
    process.stdout.close()
    process.wait()


def over(processes: set[psutil.Process]) -> bool:
    """Whether all of them end within a while."""
    _, left = psutil.wait_procs(processes, timeout=60)
    return not [each for each in left if each.status() != psutil.STATUS_ZOMBIE]


def test_a_ctrl_c_ends_every_process(running: tuple[subprocess.Popen[bytes], set[psutil.Process]]) -> None:
    process, below = running
    os.kill(process.pid, signal.SIGINT)
    assert process.wait(60) == 130
    assert over(below)


def test_a_killed_command_ends_every_process(running: tuple[subprocess.Popen[bytes], set[psutil.Process]]) -> None:
    process, below = running
    process.kill()
    process.wait()
    assert over(below)


def test_a_killed_worker_is_a_failed_command(running: tuple[subprocess.Popen[bytes], set[psutil.Process]]) -> None:
    process, below = running
    worker = next(each for each in below if "dive_tools.train.worker" in each.cmdline())
    began = time.monotonic()
    worker.kill()
    assert process.wait(90) == 1 and time.monotonic() - began < 90
    assert over(below)


def test_a_reader_that_leaves_ends_the_training(running: tuple[subprocess.Popen[bytes], set[psutil.Process]]) -> None:
    process, below = running
    assert process.stdout
    process.stdout.close()
    assert process.wait(60) == 141
    assert over(below)
