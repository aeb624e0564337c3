"""The Python sandbox: programs that try to get out of it, for real."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import threading
import time
from pathlib import Path

import pytest

from dive_tools.tools import sandbox
from dive_tools.tools.base import REGISTRY, OverTime, Refusal
from dive_tools.tools.door import run, time_limit
from dive_tools.tools.general.sandbox import run_python
from dive_tools.tools.sandbox import Limits, run_code

QUICK = Limits(wall=1.0, cpu=2)


def _why_not() -> str:
    if shutil.which("bwrap") is None:
        return "bubblewrap is not installed"
    try:
        run_code("pass")
    except Refusal as refusal:
        return f"bubblewrap does not work here: {refusal}"[:200]
    return ""


WHY_NOT = _why_not()
walled = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "bubblewrap works")


def _said(code: str, limits: Limits = QUICK) -> str:
    """What a program that ends well prints."""
    ran = run_code(code, limits)
    assert ran.exit_code == 0, ran
    return ran.stdout.decode()


def _tried(*lines: str, limits: Limits = QUICK) -> str:
    """The name of the exception that lines of code end in, or what they leave in `got`."""
    body = "\n".join(f"    {line}" for line in lines)
    return _said(
        f"got = 'did it'\ntry:\n{body}\nexcept BaseException as e:\n    got = type(e).__name__\nprint(got)", limits
    ).strip()


def _alive(mark: str) -> list[int]:
    """The processes whose command line holds a mark."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if mark.encode() in path.read_bytes():
                found.append(int(path.parts[2]))
        except OSError:
            continue
    return found


def _children() -> set[str]:
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


# --- what it is for ---------------------------------------------------------------------------------------------------


@walled
def test_programs_run_and_say_how_they_ended():
    ran = run_python("import sys\nprint('out')\nprint('err', file=sys.stderr)\nsys.exit(7)")
    assert ran == {"stdout": "out\n", "stderr": "err\n", "exit_code": 7, "stopped": "", "truncated": False}
    ran = run_python("1 / 0")
    assert ran["exit_code"] == 1
    assert "line 1" in ran["stderr"] and "ZeroDivisionError" in ran["stderr"]
    assert run_python("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)")["exit_code"] == 128 + signal.SIGSEGV
    assert run_python("print('ü€🥐')")["stdout"] == "ü€🥐\n"


@walled
def test_the_standard_library_is_there_and_nothing_else():
    said = "import asyncio, csv, ctypes, decimal, fractions, json, sqlite3, statistics, threading, zlib\n"
    said += "t = threading.Thread(target=print, args=('thread',))\nt.start()\nt.join()\nasyncio.run(asyncio.sleep(0))"
    assert _said(said) == "thread\n"
    for name in ("msgspec", "dive_tools", "pip"):
        assert _tried(f"import {name}") == "ModuleNotFoundError"


@walled
def test_the_same_program_says_the_same():
    code = "print({'a', 'b', 'c', 'd'}, hash('x'))"
    assert _said(code) == _said(code)


@walled
def test_the_working_folder_is_empty_writable_and_gone_afterwards():
    code = "import os\nprint(os.listdir('.'))\nopen('kept', 'w').write('x')\nprint(open('kept').read())"
    assert _said(code) == _said(code) == "[]\nx\n"


@walled
def test_of_the_host_only_the_interpreter_and_what_it_needs_is_there(monkeypatch):
    walk = "import json, os\n"
    walk += "print(json.dumps([os.path.join(d, n) for d, _, names in os.walk('/') for n in names]))"
    library = sandbox.sysconfig.get_paths()["stdlib"]
    seen = set(json.loads(_said(walk.replace("os.walk('/')", f"os.walk('/') if not d.startswith({library!r})"))))
    rest = seen - set(sandbox._shared(sandbox._interpreter(), sandbox._libraries())) - {sandbox._interpreter()}
    assert all(path.startswith("/dev/") or path in ("/program.py", "/etc/ld.so.cache") for path in rest), rest
    assert any("/libc." in path for path in seen) and not any(path.endswith(".py") for path in seen - rest)
    monkeypatch.setattr(sandbox, "_shared", lambda *_: ())  # as without ldd
    assert _said("import ctypes, sqlite3, ssl\nprint(1)") == "1\n"


# --- getting out ------------------------------------------------------------------------------------------------------


@walled
def test_no_network():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.01)
        port = server.getsockname()[1]
        assert _tried("import socket", f"socket.create_connection(('127.0.0.1', {port}), 0.5)") in (
            "ConnectionRefusedError", "OSError",
        )  # fmt: skip
        with pytest.raises(TimeoutError):
            server.accept()
    assert _tried("import socket", "socket.create_connection(('1.1.1.1', 53), 0.5)") == "OSError"
    assert _tried("import socket", "socket.getaddrinfo('example.org', 80)") == "gaierror"


@walled
def test_no_abstract_socket_of_the_host():
    name = f"\0dive-sandbox-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(name)
        server.listen()
        connect = f"socket.socket(socket.AF_UNIX).connect({name!r})"
        assert _tried("import socket", connect) == "ConnectionRefusedError"


@walled
def test_no_files_of_the_host(tmp_path, monkeypatch):
    secret = tmp_path / "secret"
    secret.write_text("the secret")
    home = Path.home() / f".dive-sandbox-{os.getpid()}"
    home.write_text("the secret")
    try:
        for path in (secret, home, Path(__file__).resolve(), Path("/etc/passwd"), Path("/etc/shadow")):
            assert _tried(f"got = open({str(path)!r}).read()") in ("FileNotFoundError", "PermissionError")
            assert _tried("import os", f"os.symlink({str(path)!r}, 'link')", "got = open('link').read()") in (
                "FileNotFoundError", "PermissionError",
            )  # fmt: skip
    finally:
        home.unlink()


@walled
def test_no_environment_and_no_proc(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "the secret")
    assert "the secret" not in _said("import os\nprint(dict(os.environ))")
    for path in (f"/proc/{os.getpid()}/environ", "/proc/1/environ", "/proc/self/environ", "/proc", "/sys", "/run"):
        assert _tried("import os", f"got = os.stat({path!r})") == "FileNotFoundError"


@walled
def test_no_open_files_of_the_host(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("the secret")
    with secret.open() as file:
        os.set_inheritable(file.fileno(), True)
        code = "import os\nfor fd in range(3, 64):\n    try: print(fd, os.pread(fd, 99, 0))\n    except OSError: pass"
        assert "secret" not in _said(code)


@walled
def test_no_writing_outside():
    places = [
        "/",
        "/tmp",
        "/etc",
        "/usr",
        "/usr/lib",
        "/dev",
        "/dev/shm",
        "/var/tmp",
        "/scratch/..",
        sandbox.sysconfig.get_paths()["stdlib"],
    ]
    for place in places:
        assert _tried(f"open({place + '/made'!r}, 'w').write('x')") != "did it"
        assert not Path(place, "made").exists()
    assert _tried("import os", "os.unlink('/program.py')") != "did it"
    assert _tried("import os", "os.chmod('/program.py', 0o777)") != "did it"


@walled
def test_no_way_out_of_the_root():
    assert _tried("import os", "os.chroot('/scratch')") == "PermissionError"
    assert _tried("import os", "os.setuid(0)") != "did it"
    assert _tried("import os", "os.mknod('disk', 0o60600, os.makedev(8, 0))") == "PermissionError"
    code = "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
    for call in ("unshare(0x10000000)", "mount(b'none', b'/scratch', b'tmpfs', 0, 0)", "ptrace(16, 1, 0, 0)",
                 "syscall(319, b'x', 0)", "shmget(0, 4096, 0o1666)", "umount2(b'/dev', 2)", "setns(0, 0)"):  # fmt: skip
        assert _said(f"{code}print(libc.{call})") == "-1\n", call


# --- using too much ---------------------------------------------------------------------------------------------------


@walled
def test_no_other_processes():
    for code in (
        "os.fork()",
        "subprocess.run(['/bin/true'])",
        "os.posix_spawn('/bin/true', ['true'], {})",
        "os.system('true')",
    ):
        if code.startswith("os.system"):
            assert _tried("import os", "got = os.system('true')") in ("-1", "32512")
        else:
            assert _tried("import os, subprocess", code) in ("PermissionError", "FileNotFoundError")
    bomb = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass"
    before = len(list(Path("/proc").glob("[0-9]*")))
    assert run_code(bomb, Limits(wall=0.5)).stopped == "time"
    assert len(list(Path("/proc").glob("[0-9]*"))) < before + 20


@walled
def test_no_daemon_outlives_the_call(tmp_path):
    mark = f"daemon-{os.getpid()}-{time.monotonic_ns()}"
    code = "import os, sys\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
    code += f"        os.execv(sys.executable, ['{mark}', '-c', 'import time; time.sleep(60)'])"
    assert run_code(code, QUICK).exit_code == 1
    assert _alive(mark) == []
    # in the program's own place it may become another program, which ends with the call
    become = f"import os, sys\nos.execv(sys.executable, ['{mark}', '-S', '-c', 'import time; time.sleep(60)'])"
    assert run_code(become, QUICK).stopped == "time"
    _until(lambda: not _alive(mark))


def _until(true, seconds: float = 2.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


@walled
def test_threads_are_bounded():
    code = "import threading, time\nthreading.stack_size(32768)\n"
    code += "for _ in range(3000):\n    threading.Thread(target=time.sleep, args=(60,)).start()\ntime.sleep(60)"
    began = time.monotonic()
    ran = run_code(code, Limits(wall=5.0))
    assert ran.stopped == "threads" or b"can't start new thread" in ran.stderr, ran
    assert time.monotonic() - began < 4


@walled
def test_memory_is_bounded():
    assert _tried("got = len(bytearray(1 << 30))") == "MemoryError"
    ran = run_code("x = []\nwhile True: x.append(bytearray(1 << 20))", Limits(wall=10.0))
    assert b"MemoryError" in ran.stderr and ran.exit_code == 1
    assert _tried("import mmap", "mmap.mmap(-1, 1 << 30)") == "OSError"


@walled
def test_files_are_bounded():
    limits = Limits(wall=5.0, scratch=4 << 20)
    assert _tried("open('big', 'wb').write(bytes(5 << 20))", limits=limits) == "OSError"
    assert _tried("for i in range(9): open(str(i), 'wb').write(bytes(1 << 20))", limits=limits) == "OSError"
    many = "import os\nfor i in range(10**6): os.close(os.open(str(i), os.O_CREAT))"
    assert run_code(many, Limits(wall=5.0)).stopped == "files"
    for place in ("/dev/shm/x", "/x", "/root/x"):
        assert _tried(f"open({place!r}, 'wb').write(b'x')") != "did it"


@walled
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_endless_output_is_cut_while_running(stream):
    began = time.monotonic()
    ran = run_code(f"import sys\nwhile True: sys.{stream}.write('x' * 1000)", Limits(wall=5.0))
    assert (ran.stopped, len(getattr(ran, stream))) == ("output", Limits().output)
    assert time.monotonic() - began < 2
    out = run_python("while True: print('é' * 1000)")
    assert out["truncated"] and out["stopped"] == "output" and "\ufffd" not in out["stdout"]


@walled
def test_time_is_bounded():
    began = time.monotonic()
    deaf = "import signal\nfor s in range(1, 32):\n  try: signal.signal(s, signal.SIG_IGN)\n  except OSError: pass\n"
    mute = "import os, time\nos.close(1)\nos.close(2)\ntime.sleep(60)"
    for code in ("while True: pass", "import time\ntime.sleep(60)", mute, f"{deaf}while True: pass"):
        assert run_code(code, Limits(wall=0.3)).stopped == "time"
    assert run_code("while True: pass", Limits(wall=5.0, cpu=1)).stopped == "time"
    assert time.monotonic() - began < 4


@walled
def test_no_limit_can_be_raised():
    code = "import resource\nresource.setrlimit(resource.RLIMIT_AS, (-1, -1))"
    assert run_code(code, QUICK).exit_code == 1


@walled
def test_signals_reach_nobody_outside():
    code = "import os, signal\nfor pid in (os.getppid(), 1, -1, PID):\n"
    code += "    for s in (signal.SIGTERM, signal.SIGKILL):\n"
    code += "        try: os.kill(pid, s)\n        except OSError: pass\nprint('still')"
    ran = run_code(code.replace("PID", str(os.getpid())), QUICK)
    assert ran.stopped == "" and ran.exit_code in (0, 128 + 15, 128 + 9)


# --- the door and its alarm -------------------------------------------------------------------------------------------


@walled
@pytest.mark.parametrize("seconds", [0.001, 0.005, 0.01, 0.02, 0.03, 0.05, 0.2])
@pytest.mark.parametrize("threads", [0, 2])
def test_an_alarm_in_the_middle_leaves_nothing_behind(monkeypatch, seconds, threads):
    done = threading.Event()  # other threads may take the signal
    for _ in range(threads):
        threading.Thread(target=done.wait, daemon=True).start()
    before, files = _children(), len(os.listdir("/proc/self/fd"))
    mark = f"alarm-{os.getpid()}-{time.monotonic_ns()}"
    tool = REGISTRY["run_python"]
    monkeypatch.setattr(tool, "limit", seconds)
    code = f"import os, sys\nos.execv(sys.executable, ['{mark}', '-S', '-c', 'import time; time.sleep(60)'])"
    assert run(tool, {"code": code})["error"]["kind"] == "over_time"
    _until(lambda: not _alive(mark))
    assert _children() == before
    assert len(os.listdir("/proc/self/fd")) == files
    done.set()


@walled
def test_the_door_gives_a_result_and_takes_threads():
    tool = REGISTRY["run_python"]
    assert tool.effects == "read"
    assert run(tool, {"code": "print(6 * 7)"})["result"]["stdout"] == "42\n"
    found: list[str] = []
    workers = [threading.Thread(target=lambda: found.append(_said("print(1)"))) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert found == ["1\n"] * 4


# --- without bubblewrap -----------------------------------------------------------------------------------------------


def test_without_bubblewrap_it_refuses_and_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.delenv("DIVE_SANDBOX", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Refusal, match=r"install bubblewrap.*DIVE_SANDBOX=weak.*does NOT"):
        run_code("print(1)")
    (tmp_path / "bwrap").write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    (tmp_path / "bwrap").chmod(0o755)
    with pytest.raises(Refusal, match="No permissions"):
        run_code("print(1)")
    monkeypatch.setenv("DIVE_SANDBOX", "none")
    with pytest.raises(Refusal, match="say weak"):
        run_code("print(1)")


def test_the_weak_mode_keeps_its_own_promises(monkeypatch):
    monkeypatch.setenv("DIVE_SANDBOX", "weak")
    monkeypatch.setenv("SECRET_KEY", "the secret")
    assert _said("import os\nprint(2 + 2, os.listdir('.'))") == "4 ['program.py']\n"
    assert "the secret" not in _said("import os\nprint(dict(os.environ))")
    assert _tried("got = len(bytearray(1 << 30))") == "MemoryError"
    assert _tried("open('big', 'wb').write(bytes(20 << 20))") == "OSError"
    assert _tried("import msgspec") == "ModuleNotFoundError"
    assert run_code("while True: print('x' * 999)", Limits(wall=5.0)).stopped == "output"
    assert run_code("import time\ntime.sleep(60)", Limits(wall=0.3)).stopped == "time"
    assert run_code("while True: pass", Limits(wall=5.0, cpu=1)).stopped == "time"
    mark = f"weak-{os.getpid()}-{time.monotonic_ns()}"
    child = "import subprocess, sys\nsubprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(60)', "
    child += f"'{mark}'])"
    for code in (child, child + "\nimport time\ntime.sleep(60)"):
        run_code(code, Limits(wall=0.5))
        _until(lambda: not _alive(mark))
    folder = json.loads(_said("import json, os\nprint(json.dumps(os.getcwd()))"))
    assert not Path(folder).exists()
    with pytest.raises(OverTime), time_limit(0.2):
        run_code(child + "\nimport time\ntime.sleep(60)")
    _until(lambda: not _alive(mark))
