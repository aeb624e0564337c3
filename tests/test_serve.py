"""`make serve`, with a program in vLLM's place that behaves as it is told: real processes, real ports."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from shell import ROOT

STAND_IN = """
import http.server, os, pathlib, subprocess, sys, time
mood = os.environ["MOOD"]
port = int(sys.argv[sys.argv.index("--port") + 1])
print("arguments", *sys.argv[1:], flush=True)
if mood == "broken":
    sys.exit("no room for the weights")
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("engine", child.pid, flush=True)
if mood == "stubborn":
    import signal
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(503 if mood == "ill" else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()
time.sleep(0.5)
http.server.ThreadingHTTPServer(("127.0.0.1", port), Page).serve_forever()
"""


class Place:
    """A folder for the server's files, and a port that is free."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        package = folder / "stand-in" / "vllm" / "entrypoints" / "openai"
        package.mkdir(parents=True)
        (package / "api_server.py").write_text(STAND_IN)
        for level in (package, package.parent, package.parent.parent):
            (level / "__init__.py").touch()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    def words(self, what: str, *more: str, model: str = "some/model", wait: str = "20") -> list[str]:
        start = [model, "--wait", wait] if what == "start" else []
        return [sys.executable, str(ROOT / "pipelines" / "serve.py"), what, *start, "--port", str(self.port),
                "--folder", str(self.folder / "serve"), *more]  # fmt: skip

    def env(self, mood: str) -> dict[str, str]:
        return {**os.environ, "MOOD": mood, "PYTHONPATH": str(self.folder / "stand-in"), "HF_HUB_OFFLINE": "1"}

    def run(self, what: str, *more: str, mood: str = "well", code: int = 0, **how: str) -> str:
        done = subprocess.run(
            self.words(what, *more, **how), env=self.env(mood), cwd=self.folder, capture_output=True, timeout=90
        )
        assert done.returncode == code, done.stderr.decode()
        assert done.stdout == b""
        return done.stderr.decode()

    @property
    def noted(self) -> list[str]:
        return (self.folder / "serve" / f"{self.port}.pid").read_text().splitlines()

    @property
    def log(self) -> str:
        return (self.folder / "serve" / f"{self.port}.log").read_text()

    @property
    def engine(self) -> int:
        return int(self.log.partition("engine ")[2].split()[0])

    def healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False


@pytest.fixture
def place(tmp_path: Path):
    place = Place(tmp_path)
    yield place
    place.run("stop")


def alive(pid: int) -> bool:
    """Whether a process runs; one that is dead and not yet collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_server_is_started_waited_for_and_stopped(place: Place) -> None:
    said = place.run("start", "--name", "mine", "--", "--max-model-len", "99")
    assert place.healthy() and f"http://127.0.0.1:{place.port}/v1" in said
    assert "--max-model-len 99" in place.log and "--served-model-name mine" in place.log
    pid, engine = int(place.noted[0]), place.engine
    assert alive(pid) and alive(engine)
    assert "stopped" in place.run("stop")
    assert not alive(pid) and not alive(engine) and not place.healthy()


def test_started_twice_it_is_the_same_server(place: Place) -> None:
    place.run("start")
    pid = place.noted[0]
    assert "already" in place.run("start")
    assert place.noted[0] == pid and place.healthy()
    assert "serves some/model" in place.run("start", model="another/model", code=1)
    assert place.healthy()


def test_a_server_that_does_not_listen_is_killed(place: Place) -> None:
    place.run("start", mood="stubborn")
    pid, engine = int(place.noted[0]), place.engine
    place.run("stop", "--grace", "1")
    assert not alive(pid) and not alive(engine)


def test_two_started_at_once_are_one(place: Place) -> None:
    both = [
        subprocess.Popen(place.words("start"), env=place.env("well"), cwd=place.folder, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    said = [one.communicate(timeout=60)[1].decode() for one in both]
    codes = sorted(one.returncode for one in both)
    assert codes in ([0, 0], [0, 1]), said  # the second may come before the first has said what it starts
    assert place.log.count("arguments") == 1 and place.healthy()


def test_stopped_twice_nothing_happens(place: Place) -> None:
    place.run("start")
    place.run("stop")
    assert "no server" in place.run("stop")


def test_a_number_left_behind_stops_nobody(place: Place) -> None:
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    try:
        (place.folder / "serve").mkdir()
        (place.folder / "serve" / f"{place.port}.pid").write_text(f"{bystander.pid}\nsome/model model\n")
        assert "no server" in place.run("stop")
        (place.folder / "serve" / f"{place.port}.pid").write_text(f"{bystander.pid}\nsome/model model\n")
        place.run("start")
        assert place.healthy() and int(place.noted[0]) != bystander.pid
        place.run("stop")
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_server_that_was_killed_is_started_anew(place: Place) -> None:
    place.run("start")
    old, engine = int(place.noted[0]), place.engine
    os.kill(old, signal.SIGKILL)
    os.kill(engine, signal.SIGKILL)
    until = time.monotonic() + 10
    while alive(old) and time.monotonic() < until:
        time.sleep(0.05)
    place.run("start")
    assert place.healthy() and int(place.noted[0]) != old


def test_a_port_that_is_taken_is_said(place: Place) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", place.port))
        other.listen()
        assert f"port {place.port} is taken" in place.run("start", code=1)


def test_a_server_that_dies_shows_its_last_words(place: Place) -> None:
    said = place.run("start", mood="broken", code=1)
    assert "ended with 1" in said and "no room for the weights" in said


def test_a_server_that_is_never_healthy_is_given_up(place: Place) -> None:
    said = place.run("start", mood="ill", wait="2", code=1)
    assert "no health within 2 s" in said and "engine" in said
    assert not alive(place.engine)


def test_interrupted_while_it_waits_it_leaves_nothing(place: Place) -> None:
    waiting = subprocess.Popen(place.words("start"), env=place.env("ill"), cwd=place.folder, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 20
    log = place.folder / "serve" / f"{place.port}.log"
    while not (log.exists() and "engine" in log.read_text()) and time.monotonic() < until:
        time.sleep(0.05)
    waiting.terminate()
    assert waiting.wait(timeout=60) == 143
    assert not alive(place.engine)
