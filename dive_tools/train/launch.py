"""One training in several processes, on one machine or on many: accelerate's launcher, started and ended with us.

`python -m dive_tools.train.launch OUT CONFIG` is one machine's part of a training that another machine has prepared.
"""

from __future__ import annotations

import ctypes
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dive_tools.errors import FAILED, DiveError, ReaderGone, UsageFault
from dive_tools.train.arguments import accumulation

ENDINGS = "DIVE_ENDINGS"  # the folder where a worker that fails says why, in the environment of all of them
GRACE = 40.0  # seconds until what does not end is killed: torchrun gives its workers 30
_PORTS = 20000  # a job's port is this and the last four digits of its number, so that two jobs do not meet
_STEPS = 4294967000  # from here on SLURM's steps are the batch script, a terminal and the like: no step of tasks

_NODES = ("SLURM_NNODES", "NNODES", "PET_NNODES")
_RANK = ("SLURM_NODEID", "NODE_RANK", "MACHINE_RANK", "PET_NODE_RANK")


class WorkerFault(DiveError):
    """A worker ended with this sentence and this exit code."""

    def __init__(self, message: str, exit_code: int, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.exit_code = exit_code


@dataclass(frozen=True)
class Layout:
    """How many processes a configuration asks for, and where."""

    path: Path
    machines: int
    processes: int  # on each machine
    cpu: bool
    port: int | None
    address: str | None
    spread: str = ""  # what spreads the weights over all processes: FSDP or ZeRO-3; empty where each has them whole

    @property
    def total(self) -> int:
        """Processes on all machines."""
        return self.machines * self.processes


@dataclass(frozen=True)
class Place:
    """Which of the machines this one is, and where the first of them listens."""

    rank: int
    address: str
    port: int


def ready(config: Path | None, batch: int, micro_batch: int) -> int:
    """The number of processes of a training: one without a configuration.

    UsageFault where the configuration, the GPUs, the libraries or this machine's place rule it out, or where the batch
    does not divide over the processes: all that can be said before its data is prepared.
    """
    layout = read(config, os.environ) if config else None
    if layout and not _starts_all(layout):
        _startable(layout)
    processes = layout.total if layout else 1
    accumulation(batch, micro_batch, processes)
    return processes


def run(folder: Path, config: Path) -> int:
    """Train what `folder` holds, prepared, with the processes that `config` asks for, to their end; 0, or an exit code.

    A faulty configuration, too few GPUs or a missing library is a UsageFault before anything starts; WorkerFault is
    what a worker said before it failed.
    """
    layout = read(config, os.environ)
    if _starts_all(layout):
        return _supervised(everywhere(folder, layout), {})
    place = _startable(layout)
    endings = _mark(folder, place.rank)
    shutil.rmtree(endings, ignore_errors=True)
    endings.mkdir()
    hidden = {"CUDA_VISIBLE_DEVICES": "", "ACCELERATE_USE_CPU": "true"} if layout.cpu else {}
    try:
        code = _supervised(here(folder, layout, place), {ENDINGS: str(endings.resolve()), **hidden})
        return _passed_on(code, endings)
    finally:
        shutil.rmtree(endings, ignore_errors=True)


def _starts_all(layout: Layout) -> bool:
    """Whether the parts of all machines are to be started from here."""
    return layout.machines > 1 and _whole_job(os.environ)


def _startable(layout: Layout) -> Place:
    """This machine's place, where it can do its part."""
    place = placed(layout, os.environ)
    check_gpus(layout)
    return place


def _mark(folder: Path, rank: int) -> Path:
    """The folder in which the workers of a machine say how they ended; it is there for as long as they run."""
    return folder / f".launch-{rank}"


# --- what is asked for ------------------------------------------------------------------------------------------------


def read(path: Path, environment: Mapping[str, str]) -> Layout:
    """The layout that an accelerate configuration asks for; a cluster's own number of machines comes before its."""
    if not path.is_file():
        raise UsageFault(
            f"--launch {path}: there is no such file", hint="pipelines/launch has some: cpu.yaml, one-gpu.yaml, …"
        )
    from accelerate.commands.config.config_args import load_config_from_file

    try:
        found = load_config_from_file(str(path))
    except Exception as fault:  # whatever YAML, JSON and accelerate make of a file that is something else
        why = " ".join(str(fault).split())
        raise UsageFault(f"--launch {path} is no configuration of accelerate: {why}") from None
    machines = getattr(found, "num_machines", 1)
    if found.num_processes < machines or found.num_processes % machines:
        raise UsageFault(
            f"--launch {path}: {found.num_processes} processes cannot be spread evenly over {machines} machines"
        )
    if found.deepspeed_config and not importlib.util.find_spec("deepspeed"):
        raise UsageFault(f"--launch {path} wants DeepSpeed, which is not installed", hint="pip install deepspeed")
    said = _first(environment, _NODES) if machines > 1 else None
    return Layout(
        path=path,
        machines=int(said) if said else machines,
        processes=found.num_processes // machines,
        cpu=bool(found.use_cpu),
        port=found.main_process_port,
        address=found.main_process_ip,
        spread=_spread(found),
    )


def _spread(found: Any) -> str:
    """What spreads the weights, of an accelerate configuration; empty where nothing does."""
    kind = getattr(found.distributed_type, "value", found.distributed_type)
    zero = (found.deepspeed_config or {}).get("zero_stage")
    return "ZeRO-3" if kind == "DEEPSPEED" and zero == 3 else "FSDP" if kind == "FSDP" else ""


def check_gpus(layout: Layout) -> None:
    """UsageFault where a machine's share of processes is more than the GPUs that this one has."""
    if layout.cpu:
        return
    import torch

    there = torch.cuda.device_count()
    if layout.processes > there:
        raise UsageFault(
            f"--launch {layout.path} wants {_gpus(layout.processes)} on a machine, and this one has {there or 'none'}",
            hint=f"set num_processes to {there * layout.machines} there" if there else "pipelines/launch/cpu.yaml",
        )


def _gpus(count: int) -> str:
    return "one GPU" if count == 1 else f"{count} GPUs"


def placed(layout: Layout, environment: Mapping[str, str]) -> Place:
    """This machine's place among those of a training; UsageFault where nothing says which it is."""
    if layout.machines == 1:
        return Place(0, "127.0.0.1", layout.port or 0)  # 0: a free one
    rank = _first(environment, _RANK)
    address = environment.get("MASTER_ADDR") or layout.address or first_host(environment.get("SLURM_JOB_NODELIST", ""))
    if rank is None or not address:
        raise UsageFault(
            f"--launch {layout.path} wants {layout.machines} machines, and nothing says which of them this one is",
            hint="SLURM does inside of a job; elsewhere set MASTER_ADDR, and NODE_RANK to 0, 1, …",
        )
    job = environment.get("SLURM_JOB_ID", "")
    port = environment.get("MASTER_PORT") or layout.port or (_PORTS + int(job) % 10_000 if job else 29_500)
    return Place(int(rank), address, int(port))


def first_host(hosts: str) -> str:
    """The first host of SLURM's compressed list: `gpu07` of `gpu[07-09,12],login1`."""
    found = re.match(r"([^\[,]*)(?:\[(\d+)[^\]]*\])?([^,\[]*)", hosts)
    return "".join(part or "" for part in found.groups()) if found else ""


def _first(environment: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((environment[name] for name in names if environment.get(name)), None)


def _whole_job(environment: Mapping[str, str]) -> bool:
    """Whether this is the one process of a SLURM job from which the tasks of all its machines are to be started."""
    step = environment.get("SLURM_STEP_ID", "")
    return bool(environment.get("SLURM_JOB_ID")) and (not step or int(step) >= _STEPS)


# --- the command lines ------------------------------------------------------------------------------------------------


def here(folder: Path, layout: Layout, place: Place) -> list[str]:
    """What starts the processes of this machine."""
    words = [sys.executable, "-m", "accelerate.commands.launch", "--config_file", str(layout.path), "--quiet"]
    words += ["--num_processes", str(layout.total), "--num_machines", str(layout.machines)]
    words += ["--machine_rank", str(place.rank), "--main_process_port", str(place.port)]
    words += ["--main_process_ip", place.address]
    return [*words, "-m", "dive_tools.train.worker", str(folder)]


def everywhere(folder: Path, layout: Layout) -> list[str]:
    """What starts each machine's part, from the one process of a SLURM job."""
    spread = [f"--nodes={layout.machines}", f"--ntasks={layout.machines}", "--ntasks-per-node=1"]
    part = [sys.executable, "-m", "dive_tools.train.launch", str(folder), str(layout.path)]
    return ["srun", *spread, "--kill-on-bad-exit=1", *part]


# --- from start to end ------------------------------------------------------------------------------------------------


def end_with_parent(how: int) -> None:
    """Have Linux send this process a signal when the one that started it is gone, whatever ended that."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, how)  # PR_SET_PDEATHSIG of <linux/prctl.h>


def _supervised(words: list[str], more: dict[str, str]) -> int:
    """Run a launcher to its end, its metrics to our standard output, everything else to standard error."""
    try:
        process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            env={**os.environ, **more},
            start_new_session=True,  # a Ctrl-C comes to us alone, and we end them in order
            preexec_fn=lambda: end_with_parent(signal.SIGTERM),
        )
    except OSError as fault:
        raise DiveError(f"cannot start {words[0]}: {fault.strerror}") from None
    with _ended(process):
        assert process.stdout
        for line in process.stdout:
            _pass_on(line)
        code = process.wait()
    return 128 - code if code < 0 else code


def _pass_on(line: bytes) -> None:
    metrics = line.startswith(b"{") and line.endswith(b"}\n")
    try:
        os.write(1 if metrics else 2, line)
    except BrokenPipeError:
        if metrics:
            raise ReaderGone("nobody reads the metrics") from None


@contextmanager
def _ended(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """A launcher that is over when this is left, however it is left."""
    try:
        yield
    finally:
        if process.poll() is None:
            _signal(process, signal.SIGTERM)
            try:
                process.wait(GRACE)
            except (subprocess.TimeoutExpired, KeyboardInterrupt):
                _signal(process, signal.SIGKILL)  # and the workers, which end with it
                process.wait()


def _signal(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, how)


def _passed_on(code: int, endings: Path) -> int:
    """The exit code of the worker that failed first, if one said why; else the launcher's."""
    if code == 0:
        return code
    said = sorted((file.stat().st_mtime_ns, file) for file in endings.glob("*.json"))
    for _, file in said:
        ending: dict[str, Any] = json.loads(file.read_bytes())
        if ending["message"]:
            raise WorkerFault(ending["message"], ending["code"], ending["hint"])
        return int(ending["code"])
    return code


def main(words: list[str]) -> int:
    """One machine's part: run it, on any but the first machine once that runs its own; 0 where all is trained."""
    folder, config = Path(words[0]), Path(words[1])
    try:
        if placed(read(config, os.environ), os.environ).rank and not _begun(folder):
            return 0
        return run(folder, config)
    except DiveError as fault:
        hint = f"  hint: {fault.hint}\n" if fault.hint else ""
        sys.stderr.write(f"dive_tools.train.launch: {fault.message}\n{hint}")
        return fault.exit_code or FAILED


def _begun(folder: Path) -> bool:
    """Wait until the first machine trains what the folder holds; False where that is trained already."""
    while not _mark(folder, 0).is_dir():
        with suppress(OSError, ValueError):  # not there so far
            if json.loads((folder / "train.json").read_bytes()).get("done"):
                return False
        time.sleep(1)
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
