"""A vLLM server in the background: started and waited for, or stopped. `make serve` and `make serve-stop` call it.

usage: serve.py start MODEL --port N [--name NAME] [--tool-parser NAME] [--wait SECONDS] [--folder DIR] [-- OPTION …]
       serve.py stop --port N [--folder DIR]

DIR holds N.pid and N.log. The server holds a lock on N.pid for as long as it lives, so that a number left behind by a
server that is gone is never taken for one, and no other process is ever stopped in its place.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO, NoReturn

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from dive_tools.models.parsers import reasoning_parser, tool_parser

LINES = 25  # of the log, shown when the server fails
STEP = 0.25  # seconds between looks

ENVIRONMENT = {  # vLLM's own settings, where the user has not set them
    "VLLM_NO_USAGE_STATS": "1",
    "VLLM_CPU_KVCACHE_SPACE": "4",  # GiB; without it vLLM wants nearly all memory of a machine without a GPU
}


def main(words: list[str]) -> None:
    end = words.index("--") if "--" in words else len(words)
    options = _parser().parse_args(words[:end])
    options.more = words[end + 1 :]
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.what == "start":
        start(options)
    else:
        stop(options)


def start(options: argparse.Namespace) -> None:
    """Start a server and wait until it is healthy; nothing to do where it serves already."""
    model = str(Path(options.model).resolve()) if Path(options.model).exists() else options.model
    name = options.name or Path(model).name
    with _opened(options) as pid_file:
        if not _locked(pid_file):
            _serves_already(options, pid_file, f"{model} {name}")
            return
        if _taken(options.port):
            _fail(f"port {options.port} is taken by another program: PORT=… names another")
        log = options.folder / f"{options.port}.log"
        server = _spawn(_command(options, model, name), pid_file, log, local=Path(model).is_dir())
        _note(pid_file, f"{server.pid}\n{model} {name}\n")
        try:
            _wait(server, options, log)
        except BaseException:
            _end(server.pid, server, options.grace)
            _note(pid_file, "")
            raise
    _say(f"{name} is served at http://127.0.0.1:{options.port}/v1 (log: {log})")


def stop(options: argparse.Namespace) -> None:
    """Stop the server of the port, and wait until it is gone; nothing to do where there is none."""
    with _opened(options) as pid_file:
        if _locked(pid_file):
            _say(f"no server of ours on port {options.port}")
        elif not (noted := _noted(pid_file)):
            _fail(f"a server on port {options.port} is just being started")
        else:
            _end(int(noted[0]), pid_file, options.grace)
            _say(f"stopped the server on port {options.port}")
        _note(pid_file, "")


def _command(options: argparse.Namespace, model: str, name: str) -> list[str]:
    calls, thinking = options.tool_parser or tool_parser(model), reasoning_parser(model)
    if not calls:
        _say(f"it is not known how {name} writes tool calls: none will be read (TOOL_PARSER=… names vLLM's parser)")
    given = {word.partition("=")[0] for word in options.more}
    return [
        *(sys.executable, "-m", "vllm.entrypoints.openai.api_server"),
        *("--model", model, "--served-model-name", name, "--host", options.host, "--port", str(options.port)),
        "--enable-prompt-tokens-details",
        *(("--enable-auto-tool-choice", "--tool-call-parser", calls) if calls else ()),
        *(("--reasoning-parser", thinking) if thinking and "--reasoning-parser" not in given else ()),
        *options.more,
    ]


def _spawn(command: list[str], pid_file: IO[str], log: Path, *, local: bool) -> subprocess.Popen[bytes]:
    """The server, in a session of its own; it inherits the lock."""
    with log.open("wb") as out:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=ENVIRONMENT | ({"HF_HUB_OFFLINE": "1"} if local else {}) | os.environ,
            pass_fds=[pid_file.fileno()],
            start_new_session=True,
        )


def _wait(server: subprocess.Popen[bytes], options: argparse.Namespace, log: Path) -> None:
    """Wait for its health."""
    until = time.monotonic() + options.wait
    while not _healthy(options.port):
        if server.poll() is not None:
            _fail(f"the server ended with {server.returncode}; the last lines of {log}:\n{_tail(log)}")
        if time.monotonic() > until:
            _fail(f"no health within {options.wait:g} s (SERVE_WAIT=…); the last lines of {log}:\n{_tail(log)}")
        time.sleep(STEP)


def _serves_already(options: argparse.Namespace, pid_file: IO[str], what: str) -> None:
    pid, served, *_ = [*_noted(pid_file), "", ""]
    if served != what:
        _fail(
            f"port {options.port} serves {served or 'a model that is starting'} (make serve-stop PORT={options.port})"
        )
    until = time.monotonic() + options.wait
    while not _healthy(options.port):
        if _locked(pid_file):
            _fail(f"the server {pid} that was starting has ended")
        if time.monotonic() > until:
            _fail(f"the server {pid} is there, but has no health within {options.wait:g} s")
        time.sleep(STEP)
    _say(f"{served.split()[-1]} is served already at http://127.0.0.1:{options.port}/v1")


def _end(pid: int, alive: subprocess.Popen[bytes] | IO[str], grace: float) -> None:
    """End the server: asked first, then killed with all that is left of its process group."""
    for send, word in ((os.kill, signal.SIGTERM), (os.killpg, signal.SIGKILL)):
        with contextlib.suppress(ProcessLookupError):
            send(pid, word)
        until = time.monotonic() + grace
        while time.monotonic() < until and not _gone(alive):
            time.sleep(STEP)


def _gone(alive: subprocess.Popen[bytes] | IO[str]) -> bool:
    return alive.poll() is not None if isinstance(alive, subprocess.Popen) else _locked(alive)


def _opened(options: argparse.Namespace) -> IO[str]:
    return (options.folder / f"{options.port}.pid").open("a+")


def _locked(pid_file: IO[str]) -> bool:
    """Whether the lock is ours now: no server holds it."""
    try:
        fcntl.flock(pid_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _note(pid_file: IO[str], text: str) -> None:
    pid_file.seek(0)
    pid_file.truncate()
    pid_file.write(text)
    pid_file.flush()


def _noted(pid_file: IO[str]) -> list[str]:
    pid_file.seek(0)
    return pid_file.read().splitlines()


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _healthy(port: int) -> bool:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
            return answer.status == 200
    except (OSError, urllib.error.URLError):
        return False


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-LINES:])


def _say(text: str) -> None:
    sys.stderr.write(f"serve: {text}\n")


def _fail(text: str) -> NoReturn:
    _say(text)
    raise SystemExit(1)


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--port", type=int, required=True)
    shared.add_argument("--grace", type=float, default=30.0, help="seconds for a server to end by itself")
    shared.add_argument("--folder", type=Path, default=Path("build/serve"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="what", required=True)
    begin = commands.add_parser("start", parents=[shared])
    begin.add_argument("model")
    begin.add_argument("--name", default="")
    begin.add_argument("--host", default="127.0.0.1")
    begin.add_argument("--tool-parser", default="")
    begin.add_argument("--wait", type=float, default=600.0)
    commands.add_parser("stop", parents=[shared])
    return parser


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    main(sys.argv[1:])
