"""Runs Python code that nobody vouches for: one process, no network, no files but its own, bounded in every resource.

The sandbox is bubblewrap: new user, process, network, mount and IPC namespaces, a root of its own that holds only the
interpreter, the shared libraries that it needs and its standard library, read-only, and a scratch folder in memory;
where `ldd` cannot say which libraries those are, all of /lib and /usr/lib is there to read. A system call filter
forbids further processes, so that the limits of the one process are the limits of the whole. `DIVE_SANDBOX=weak` runs
without bubblewrap, under resource limits alone: see `WEAK`.
"""

from __future__ import annotations

import json
import os
import re
import select
import selectors
import shutil
import signal
import struct
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from dive_tools.tools.base import Refusal

WEAK = (
    "DIVE_SANDBOX=weak limits CPU time, memory, file size and output, clears the environment, closes other files and "
    "kills the process group at the end. It does NOT keep code from the network, from reading or writing any file "
    "that you can, from seeing or signalling your processes, nor from leaving a process behind in a session of its own."
)
INSTALL = "install bubblewrap (Debian, Ubuntu and Fedora: the package bubblewrap)"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run may use; bytes and seconds."""

    wall: float = 10.0
    cpu: int = 8
    memory: int = 512 << 20
    scratch: int = 16 << 20
    files: int = 2000
    threads: int = 64
    output: int = 32 << 10


@dataclass(slots=True)
class Ran:
    """How a run ended: `stopped` is "" where the program ended by itself, else time, output, files or threads."""

    stdout: bytes
    stderr: bytes
    exit_code: int
    stopped: str


def run_code(code: str, limits: Limits = Limits()) -> Ran:
    """Run Python code to its end or its limits; nothing of it is alive afterwards. Refusal where it cannot be run."""
    mode = os.environ.get("DIVE_SANDBOX", "")
    if mode not in ("", "weak"):
        raise Refusal(f"DIVE_SANDBOX is {mode!r}; leave it unset, or say weak. {WEAK}")
    if sys.platform != "linux" and not mode:
        raise Refusal(f"the Python sandbox needs Linux. {WEAK}")
    return _weakly(code, limits) if mode else _bubblewrapped(code, limits)


# --- bubblewrap -------------------------------------------------------------------------------------------------------


def _bubblewrapped(code: str, limits: Limits) -> Ran:
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        raise Refusal(f"the Python sandbox needs bwrap: {INSTALL}. {WEAK}")
    with tempfile.TemporaryFile() as program, tempfile.TemporaryFile() as rules:
        program.write(code.encode())
        rules.write(_filter())
        for file in (program, rules):
            file.seek(0)
        told, tells = os.pipe()
        try:
            command = [bwrap, *_walls(limits), "--info-fd", str(tells), "--seccomp", str(rules.fileno())]
            command += ["--ro-bind-data", str(program.fileno()), "/program.py", "--remount-ro", "/", "--"]
            command += [*_python(), "-c", _LAUNCH, _asked(limits), "/program.py"]
            ran, inside = _run(command, "/", limits, (program.fileno(), rules.fileno(), tells), told)
        finally:
            for end in (told, tells):
                os.close(end)
    if inside is None or (ran.stderr.startswith(b"bwrap: ") and not ran.stdout):
        why = ran.stderr.decode(errors="replace").strip()[:200]
        raise Refusal(f"bwrap cannot build the sandbox here ({why}): allow user namespaces, or see: {WEAK}")
    return ran


_FOLDERS = ("/lib", "/lib64", "/usr/lib", "/usr/lib64")
_OPENED = ("libgcc_s.so.1", "libnss_files.so.2", "libnss_dns.so.2", "libresolv.so.2")  # by libc, when it needs them


def _walls(limits: Limits) -> list[str]:
    """The options that make up the sandbox but for the program."""
    made = ["--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"]
    made += ["--uid", "65534", "--gid", "65534", "--hostname", "sandbox"]
    interpreter, homes = _interpreter(), _libraries()
    with _unrung():
        shared = _shared(interpreter, homes)
    for folder in _FOLDERS:
        if os.path.islink(folder):
            made += ["--symlink", os.readlink(folder), folder]
        elif os.path.isdir(folder) and not shared:
            made += ["--ro-bind", folder, folder]
    made += ["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    more = shared or (str(Path(sys.base_prefix) / "lib"),)
    for path in dict.fromkeys((interpreter, *homes, *more)):
        if shared or not path.startswith(tuple(f"{folder}/" for folder in _FOLDERS)):
            made += ["--ro-bind", path, path]
    for home in homes:
        for packages in ("site-packages", "dist-packages"):
            hidden = os.path.join(home, packages)
            if os.path.isdir(hidden):
                made += ["--tmpfs", hidden, "--remount-ro", hidden]
    made += ["--tmpfs", "/dev"]
    for device in ("null", "zero", "full", "random", "urandom"):
        made += ["--dev-bind", f"/dev/{device}", f"/dev/{device}"]
    made += ["--remount-ro", "/dev", "--size", str(limits.scratch), "--tmpfs", "/scratch", "--chdir", "/scratch"]
    return [*made, *(word for key, value in _environment("/scratch").items() for word in ("--setenv", key, value))]


def _libraries() -> tuple[str, ...]:
    """The folders of the interpreter's standard library, outside of any virtual environment."""
    base = {"platbase": sys.base_exec_prefix, "base": sys.base_prefix}
    found = (sysconfig.get_path(kind, vars=base) for kind in ("stdlib", "platstdlib"))
    return tuple(dict.fromkeys(folder for folder in found if os.path.isdir(folder)))


@cache
def _shared(interpreter: str, homes: tuple[str, ...]) -> tuple[str, ...]:
    """The shared libraries that the interpreter and its modules need, and those that libc opens; none if unknown.

    The folder of each is the real one, for /lib may be a link; its name is the one that programs ask for.
    """
    found = (path for home in homes for path in sorted(Path(home, "lib-dynload").glob("*.so")))
    modules = [str(path) for path in found if not path.name.startswith("_tkinter.")]  # there is no display
    ask = [shutil.which("ldd") or "ldd", interpreter, *modules]
    try:
        said = subprocess.run(ask, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20).stdout
    except (OSError, subprocess.SubprocessError):
        return ()
    named = map(os.path.split, re.findall(r"(/\S+) \(0x", said))
    needed = [os.path.join(os.path.realpath(folder), name) for folder, name in named]
    beside = {os.path.dirname(path) for path in needed if os.path.basename(path).startswith("libc.")}
    opened = [os.path.join(folder, name) for folder in sorted(beside) for name in _OPENED]
    inside = tuple(f"{home}/" for home in homes)
    every = dict.fromkeys(needed + [path for path in opened if os.path.exists(path)])
    return tuple(path for path in every if not path.startswith(inside))


def _child(told: int, process: subprocess.Popen[bytes]) -> int | None:
    """The process number, as we see it, of the first process in the sandbox; None where there is none."""
    text = b""
    deadline = time.monotonic() + 10
    while not text.rstrip().endswith(b"}"):
        if select.select([told], [], [], 0.02)[0]:
            text += os.read(told, 4096)
        elif _ended(process) or time.monotonic() > deadline:
            return None
    return int(json.loads(text)["child-pid"])


# System calls by machine: the numbers of x86_64 and of the generic table that aarch64 uses.
_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_CLONE = {"x86_64": 56, "aarch64": 220}
_CLONE3 = 435
_DENIED = {
    "fork": (57, None), "vfork": (58, None), "ptrace": (101, 117), "unshare": (272, 97), "setns": (308, 268),
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "memfd_create": (319, 279),
    "memfd_secret": (447, 447), "shmget": (29, 194), "msgget": (68, 186), "semget": (64, 190), "mq_open": (240, 180),
    "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218), "bpf": (321, 280),
    "perf_event_open": (298, 241), "io_uring_setup": (425, 425), "userfaultfd": (323, 282),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kexec_load": (246, 104),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265), "open_tree": (428, 428),
    "move_mount": (429, 429), "fsopen": (430, 430), "fsmount": (432, 432), "mount_setattr": (442, 442),
}  # fmt: skip


def _filter() -> bytes:
    """A seccomp program: threads but no processes, no namespaces, and no memory that the limits do not count."""
    machine = os.uname().machine
    if machine not in _ARCHITECTURES:
        raise Refusal(f"the Python sandbox has no system call filter for {machine}. {WEAK}")
    load, equal, at_least, any_bit, end = 0x20, 0x15, 0x35, 0x45, 0x06
    allow, fail, kill, thread = 0x7FFF0000, 0x00050000, 0x80000000, 0x00010000
    permission, missing = fail | 1, fail | 38

    def line(code: int, k: int, yes: int = 0, no: int = 0) -> bytes:
        return struct.pack("HBBI", code, yes, no, k)

    made = [line(load, 4), line(equal, _ARCHITECTURES[machine], 1, 0), line(end, kill), line(load, 0)]
    made += [line(at_least, 0x40000000, 0, 1), line(end, missing)]
    made += [line(equal, _CLONE3, 0, 1), line(end, missing)]
    for numbers in _DENIED.values():
        number = numbers[0 if machine == "x86_64" else 1]
        if number is not None:
            made += [line(equal, number, 0, 1), line(end, permission)]
    made += [line(equal, _CLONE[machine], 0, 3), line(load, 16), line(any_bit, thread, 1, 0), line(end, permission)]
    return b"".join([*made, line(end, allow)])


# --- without bubblewrap -----------------------------------------------------------------------------------------------


def _weakly(code: str, limits: Limits) -> Ran:
    with tempfile.TemporaryDirectory(prefix="dive-sandbox-", ignore_cleanup_errors=True) as scratch:
        program = Path(scratch) / "program.py"
        program.write_text(code, encoding="utf-8")
        command = [*_python(), "-c", _LAUNCH, _asked(limits), str(program)]
        return _run(command, scratch, limits)[0]


# --- both -------------------------------------------------------------------------------------------------------------

# Sets the limits for good, then becomes the program.
_LAUNCH = """
import json, os, resource, signal, sys
signal.pthread_sigmask(signal.SIG_SETMASK, [])
limits = json.loads(sys.argv[1])
for name, value in limits.items():
    resource.setrlimit(getattr(resource, "RLIMIT_" + name), (value, value + (name == "CPU")))
os.execv(sys.executable, [sys.executable, "-s", "-S", "-P", "-B", "-X", "utf8", sys.argv[2]])
"""


def _asked(limits: Limits) -> str:
    asked = {"AS": limits.memory, "CPU": limits.cpu, "FSIZE": limits.scratch, "NOFILE": 64, "CORE": 0}
    return json.dumps(asked)


def _interpreter() -> str:
    return os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)


def _python() -> list[str]:
    return [_interpreter(), "-s", "-S", "-P", "-B"]


def _environment(scratch: str) -> dict[str, str]:
    return {"HOME": scratch, "TMPDIR": scratch, "LANG": "C.UTF-8", "TZ": "UTC", "PYTHONHASHSEED": "0"}


def _run(
    command: list[str], folder: str, limits: Limits, files: tuple[int, ...] = (), told: int | None = None
) -> tuple[Ran, int | None]:
    """Run a command in a session of its own to its end or its limits; it is dead and reaped whatever interrupts this.

    `told` is where bubblewrap tells the number of the first process inside, which is returned too.
    """
    process: subprocess.Popen[bytes] | None = None
    inside = None
    try:
        with _unrung():
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=_environment(folder),
                cwd=folder,
                pass_fds=files,
                start_new_session=True,
            )
        if told is not None:
            inside = _child(told, process)
        ran = _watched(process, limits, inside)
    finally:
        if process is not None:
            with _unrung():
                _kill(process)
    return _closed(ran, process), inside


@contextmanager
def _unrung() -> Iterator[None]:
    """No alarm breaks into the block; one that came rings after it.

    A blocked signal would not do: another thread of the process would take it and the main thread still raise.
    """
    before = signal.getsignal(signal.SIGALRM)
    if threading.current_thread() is not threading.main_thread() or before is None:
        yield
        return
    rung: list[int] = []
    signal.signal(signal.SIGALRM, lambda number, _: rung.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGALRM, before)
        if rung:
            signal.raise_signal(signal.SIGALRM)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the process, its group and, if it is bubblewrap, its namespace; the process is not yet reaped here."""
    for pid in _offspring(process.pid):  # the first process of the namespace takes all others with it
        with suppress(OSError):
            os.kill(pid, signal.SIGKILL)
    with suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()
    process.wait()


def _ended(process: subprocess.Popen[bytes]) -> bool:
    """Whether the process has ended; it stays unreaped, so that its number is not given away."""
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None


def _offspring(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (OSError, ValueError):
        return []


def _watched(process: subprocess.Popen[bytes], limits: Limits, inside: int | None) -> Ran:
    """Read what the process writes until it ends, its time is over or it writes or makes too much."""
    kept: dict[str, bytearray] = {"out": bytearray(), "err": bytearray()}
    stopped, deadline = "", time.monotonic() + limits.wall
    assert process.stdout is not None and process.stderr is not None
    with selectors.DefaultSelector() as ready:
        ready.register(process.stdout, selectors.EVENT_READ, kept["out"])
        ready.register(process.stderr, selectors.EVENT_READ, kept["err"])
        while ready.get_map() and not stopped:
            for key, _ in ready.select(min(0.05, max(0.0, deadline - time.monotonic()))):
                more = os.read(key.fd, 65536)
                if not more:
                    ready.unregister(key.fileobj)
                key.data.extend(more[: limits.output + 1 - len(key.data)])
            if any(len(text) > limits.output for text in kept.values()):
                stopped = "output"
            elif time.monotonic() >= deadline:
                stopped = "time"
            elif inside is not None:
                stopped = _overrun(inside, limits)
    while not stopped and not _ended(process):  # both streams are closed; the process may still run
        if time.monotonic() >= deadline:
            stopped = "time"
        time.sleep(0.002)
    return Ran(bytes(kept["out"][: limits.output]), bytes(kept["err"][: limits.output]), 0, stopped)


def _closed(ran: Ran, process: subprocess.Popen[bytes]) -> Ran:
    """The run with its exit code, once the process is reaped."""
    code = -signal.SIGKILL if ran.stopped else process.returncode
    ran.exit_code = 128 - code if code < 0 else code
    ran.stopped = ran.stopped or ("time" if ran.exit_code == 128 + signal.SIGXCPU else "")
    return ran


def _overrun(inside: int, limits: Limits) -> str:
    """What of the things that no resource limit counts there is too much of."""
    for pid in _offspring(inside):
        with suppress(OSError):
            if len(os.listdir(f"/proc/{pid}/task")) > limits.threads:
                return "threads"
            room: Any = os.statvfs(f"/proc/{pid}/root/scratch")
            if room.f_files - room.f_ffree > limits.files:
                return "files"
    return ""
