"""A real server on loopback that speaks the OpenAI protocol from a policy, with faults on demand.

    with serve(policy, latency=0.2, faults={"429": 0.1}) as server: … server.base …
    PYTHONPATH=tests python tests/model_server.py --port 0 --latency 0.2 --fault 429=0.1 --policy policies:planned

A policy is a callable: the request's body (a dict) to a message (a dict) or a `Fault`. `tool_calls` may be short, as
{"name", "arguments": object}; "finish_reason" and "usage" in the message are taken out of it. A policy that has the
attribute `unread` is given {} and its bodies are never parsed. GET /stats tells what was asked, GET /stats?bodies also
the digest of every body that was answered, with how often. It is a bare asyncio protocol, so that a bench measures its
client and not its server.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import importlib
import random
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

Policy = Callable[[dict[str, Any]], Any]

STATUS = {
    "400": "bad request", "401": "the key was not accepted", "402": "no credit", "403": "forbidden",
    "404": "no such model",
    "408": "too late", "409": "conflict", "413": "too large", "422": "unprocessable", "429": "too many requests",
    "500": "internal error", "502": "bad gateway", "503": "overloaded",
}  # fmt: skip
BROKEN = ("hang", "close", "cut", "bad_json", "empty")  # no answer, or none that can be read
CHANGED = (
    "slow", "no_content", "wrong_tool", "bad_arguments", "double", "text_call", "refusal", "repeat", "no_ids",
)  # fmt: skip  # a good answer, changed
KINDS = (*STATUS, *BROKEN, *CHANGED)
REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 429: "Too Many Requests"}


@dataclass(frozen=True)
class Fault:
    """What goes wrong: one of KINDS; for a status, its message, code and further headers."""

    kind: str
    message: str = ""
    code: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def plain(body: dict[str, Any]) -> dict[str, Any]:
    """Always the same words; the body is not even parsed."""
    return {"content": "ok"}


plain.unread = True  # type: ignore[attr-defined]


def echo(body: dict[str, Any]) -> dict[str, Any]:
    """The last message's text."""
    return {"content": body["messages"][-1]["content"]}


def caller(body: dict[str, Any]) -> dict[str, Any]:
    """A call of the first tool offered, with no arguments, until there is a tool's answer; then words."""
    if body.get("tools") and body["messages"][-1]["role"] != "tool":
        return {"tool_calls": [{"name": body["tools"][0]["function"]["name"], "arguments": {}}]}
    return {"content": "done"}


@dataclass
class Options:
    """What is served, and how badly."""

    policy: Policy = plain
    latency: float = 0.0  # seconds
    faults: Mapping[str, float] = field(default_factory=dict)  # the share of requests, by kind
    retry_after: str = ""  # of 429 and 503
    rate: float = 0.0  # requests a second that are let in, the others get 429; 0: all
    burst: float = 5.0  # requests that may come at once beyond the rate
    key: str = ""  # wanted as a bearer token
    models: list[dict[str, Any]] = field(default_factory=lambda: [{"id": "test", "root": "test"}])
    models_status: int = 200
    slow: float = 1.0  # seconds that "slow" adds
    prefix: str = "/v1"
    seed: int = 0


class Server:
    """What is counted, and the answer to each request."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.base = ""
        self.asleep = False  # says nothing at all
        self.requests = self.active = self.most = 0
        self.answered: Counter[bytes] = Counter()  # by digest of the body
        self.faulty: Counter[str] = Counter()
        self.last: tuple[bytes, bytes] = (b"", b"")  # head and body of the latest request
        self.connections: set[asyncio.Transport] = set()
        self._random = random.Random(options.seed)
        self._tokens, self._filled = options.burst, time.monotonic()

    def stats(self, bodies: bool = False) -> dict[str, Any]:
        """Counts: requests, most at once, answers, different bodies answered, answers to a body answered before."""
        answers = self.answered.total()
        told = {
            "requests": self.requests, "active": self.active, "most": self.most, "answered": answers,
            "distinct": len(self.answered), "repeated": answers - len(self.answered), "faults": dict(self.faulty),
        }  # fmt: skip
        return {**told, "bodies": {k.hex(): n for k, n in self.answered.items()}} if bodies else told

    def body(self) -> dict[str, Any]:
        """The body of the latest request."""
        return orjson.loads(self.last[1])

    def respond(self, wire: _Wire, head: bytes, body: bytes) -> None:
        """Answer one request, now or later."""
        if self.asleep:
            return None
        method, path = head.split(b" ", 2)[:2]
        bare, _, query = path.decode().partition("?")
        if method == b"POST" and bare == f"{self.options.prefix}/chat/completions":
            return self._chat(wire, head, body)
        if bare == f"{self.options.prefix}/models":
            return self._models(wire, head)
        if bare == "/stats":
            return wire.send(200, orjson.dumps(self.stats("bodies" in query)))
        return wire.send(404, b'{"detail":"Not Found"}')

    def _models(self, wire: _Wire, head: bytes) -> None:
        if not self._welcome(head):
            return wire.send(401, _error("401", "the key was not accepted", ""))
        listed = {
            "object": "list",
            "data": [{"object": "model", "created": time.time_ns(), **m} for m in self.options.models],
        }
        return wire.send(self.options.models_status, orjson.dumps(listed))

    def _welcome(self, head: bytes) -> bool:
        return not self.options.key or f"bearer {self.options.key}".lower().encode() in head.lower()

    def _chat(self, wire: _Wire, head: bytes, body: bytes) -> None:
        self.requests += 1
        self.active += 1
        self.most = max(self.most, self.active)
        self.last = (head, body)
        fault = self._fault(head)
        made: Any = fault
        if fault is None or fault.kind in CHANGED:
            made = self.options.policy({} if getattr(self.options.policy, "unread", False) else orjson.loads(body))
            if isinstance(made, Fault):
                fault = made
        wait = self.options.latency + (self.options.slow if fault and fault.kind == "slow" else 0.0)
        if fault is not None and fault.kind in STATUS and fault.kind != "500":
            wait = 0.0  # what is refused is refused at once
        if wait:
            asyncio.get_running_loop().call_later(wait, self._finish, wire, body, made, fault)
        else:
            self._finish(wire, body, made, fault)

    def _fault(self, head: bytes) -> Fault | None:
        if not self._welcome(head):
            return Fault("401")
        if self.options.rate and not self._let_in():
            return Fault("429")
        if not self.options.faults:
            return None
        drawn = self._random.random()
        for kind, share in self.options.faults.items():
            drawn -= share
            if drawn < 0:
                return Fault(kind)
        return None

    def _let_in(self) -> bool:
        now = time.monotonic()
        self._tokens = min(self.options.burst, self._tokens + (now - self._filled) * self.options.rate)
        self._filled = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def _finish(self, wire: _Wire, body: bytes, made: Any, fault: Fault | None) -> None:
        if fault is not None:
            self.faulty[fault.kind] += 1
        if fault is not None and fault.kind == "hang" and not wire.gone:
            wire.hanging = True  # until the client goes away, which counts it out
            return None
        self.active -= 1
        if wire.gone:
            return None
        if fault is None or fault.kind in CHANGED:
            message = made if isinstance(made, dict) else {"content": "ok"}
            self.answered[hashlib.blake2b(body, digest_size=8).digest()] += 1
            return wire.send(200, _completion(_changed(message, fault), len(body)))
        if fault.kind in STATUS:
            after = {"Retry-After": self.options.retry_after} if self.options.retry_after else {}
            text = _error(fault.kind, fault.message or STATUS[fault.kind], fault.code)
            limited = after if fault.kind in ("429", "503") else {}
            return wire.send(int(fault.kind), text, {**limited, **fault.headers})
        if fault.kind == "close":
            return wire.close()
        if fault.kind == "cut":
            return wire.send(200, _completion({"content": "cut off"}, 0), cut=True)
        bad = (
            b'{"choices": [{"message": {"content": "'
            if fault.kind == "bad_json"
            else b'{"object": "chat.completion", "choices": []}'
        )
        return wire.send(200, bad)


def _error(kind: str, message: str, code: str) -> bytes:
    return orjson.dumps({"error": {"message": message, "type": "error", "param": None, "code": code or int(kind)}})


def _changed(message: dict[str, Any], fault: Fault | None) -> dict[str, Any]:
    """A message with the fault in it; one that calls no tool is given a call where the fault is in a call."""
    kind = fault.kind if fault else ""
    calls = message.get("tool_calls") or [{"name": "look", "arguments": {"at": 1}}]
    if kind == "no_content":
        return {"content": ""}
    if kind == "wrong_tool":
        return {"tool_calls": [{"name": "no_such_tool", "arguments": {}}]}
    if kind == "bad_arguments":
        return {"tool_calls": [{**call, "arguments": '{"at": '} for call in calls]}
    if kind == "double":
        twice = [
            {**call, "arguments": orjson.dumps(orjson.dumps(call["arguments"]).decode()).decode()} for call in calls
        ]
        return {"tool_calls": twice}
    if kind == "text_call":
        return {"content": "\n".join(f"<tool_call>\n{orjson.dumps(call).decode()}\n</tool_call>" for call in calls)}
    if kind == "refusal":
        return {"refusal": "I cannot help with that."}
    if kind == "repeat":
        return {"content": "again and " * 200, "finish_reason": "length"}
    if kind == "no_ids":
        return {"tool_calls": [{**call, "id": None} for call in calls]}
    return message


def _completion(message: dict[str, Any], size: int) -> bytes:
    message = {"role": "assistant", "content": None, **message}
    usage = message.pop("usage", None)
    calls = message.get("tool_calls")
    if calls:
        message["tool_calls"] = [_call(call) for call in calls]
    finish = message.pop("finish_reason", "tool_calls" if calls else "stop")
    out = len(message.get("content") or "") // 4 + 20 * len(calls or ())
    tokens = usage or {"prompt_tokens": size // 4, "completion_tokens": out, "total_tokens": size // 4 + out}
    choice = {"index": 0, "message": message, "finish_reason": finish, "logprobs": None}
    whose = {"id": "chatcmpl-1", "object": "chat.completion", "created": 0, "model": "test"}
    return orjson.dumps({**whose, "choices": [choice], "usage": tokens})


_IDS = iter(range(1, sys.maxsize))


def _call(call: dict[str, Any]) -> dict[str, Any]:
    if "function" in call:
        return call
    arguments = call.get("arguments", {})
    text = arguments if isinstance(arguments, str) else orjson.dumps(arguments).decode()
    function = {"name": call["name"], "arguments": text}
    return {
        "id": call.get("id", f"call_{next(_IDS)}") if "id" in call else f"call_{next(_IDS)}",
        "type": "function",
        "function": function,
    }


# --- HTTP ------------------------------------------------------------------------------------------------------------

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class _Wire(asyncio.Protocol):
    """One connection: requests one after another, kept alive."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.gone = self.hanging = False
        self._buffer = bytearray()
        self._need = 0  # bytes of the whole request, once its head is there
        self._busy = False

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.server.connections.add(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.gone = True
        self.server.connections.discard(self.transport)
        if self.hanging:
            self.server.active -= 1

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self._next()

    def _next(self) -> None:
        if self._busy or len(self._buffer) < self._need:
            return
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self._buffer[: end + 2])
        length = _LENGTH.search(head)
        self._need = end + 4 + (int(length[1]) if length else 0)
        if len(self._buffer) < self._need:
            return
        body = bytes(self._buffer[end + 4 : self._need])
        del self._buffer[: self._need]
        self._need, self._busy = 0, True
        self.server.respond(self, head, body)

    def send(self, status: int, body: bytes, headers: Mapping[str, str] | None = None, cut: bool = False) -> None:
        """Send a whole response; `cut` ends the connection in the middle of its body."""
        if self.gone:
            return
        more = "".join(f"{name}: {value}\r\n" for name, value in headers.items()) if headers else ""
        head = f"HTTP/1.1 {status} {REASONS.get(status, 'Status')}\r\nContent-Type: application/json\r\n"
        self.transport.write(f"{head}Content-Length: {len(body)}\r\n{more}\r\n".encode() + (body[:20] if cut else body))
        if cut:
            self.transport.close()
        self._busy = False
        if self._buffer:
            self._next()

    def close(self) -> None:
        """Break the connection off without a word."""
        self.transport.abort()


# --- in a thread, or as a program ------------------------------------------------------------------------------------


@contextmanager
def serve(policy: Policy = plain, *, port: int = 0, **options: Any) -> Iterator[Server]:
    """A server in a thread of its own, until the block ends; its address is `base`, with the /v1."""
    made, loop, ready = Server(Options(policy=policy, **options)), asyncio.new_event_loop(), threading.Event()
    fault: list[Exception] = []

    def run() -> None:
        asyncio.set_event_loop(loop)
        try:
            listening = loop.run_until_complete(_listen(made, port))
        except OSError as error:
            fault.append(error)
            ready.set()
            return
        ready.set()
        loop.run_forever()
        listening.close()
        for connection in list(made.connections):
            connection.abort()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(10)
    if fault:
        raise fault[0]
    try:
        yield made
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


async def _listen(server: Server, port: int) -> asyncio.Server:
    listening = await asyncio.get_running_loop().create_server(lambda: _Wire(server), "127.0.0.1", port, backlog=2048)
    server.base = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}{server.options.prefix}"
    return listening


def policy_of(name: str) -> Policy:
    """A policy of this module by its name, or MODULE:FUNCTION."""
    module, _, function = name.rpartition(":")
    if not module:
        return globals()[function]
    sys.path.insert(0, str(Path(__file__).parents[1]))
    return getattr(importlib.import_module(module), function)


def main() -> None:
    """Serve until interrupted; the first line printed is the base URL."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds")
    parser.add_argument("--fault", action="append", default=[], metavar="KIND=SHARE", help=", ".join(KINDS))
    parser.add_argument("--policy", default="plain", help="plain, echo, caller, or MODULE:FUNCTION")
    parser.add_argument("--retry-after", default="", help="of 429 and 503")
    parser.add_argument("--rate", type=float, default=0.0, help="requests a second; the others get 429")
    parser.add_argument("--burst", type=float, default=5.0, help="requests at once beyond the rate")
    parser.add_argument("--key", default="", help="the bearer token that is wanted")
    parser.add_argument("--model", action="append", default=[], metavar="NAME", help="served (default: test)")
    parser.add_argument("--slow", type=float, default=1.0, help="seconds that the fault slow adds")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    faults = {kind: float(share) for kind, _, share in (each.partition("=") for each in given.fault)}
    if set(faults) - set(KINDS):
        parser.error(f"a fault is one of {', '.join(KINDS)}")
    options = Options(
        policy=policy_of(given.policy), latency=given.latency, faults=faults, retry_after=given.retry_after,
        rate=given.rate, burst=given.burst, key=given.key, slow=given.slow, seed=given.seed,
        models=[{"id": name, "root": name} for name in given.model or ["test"]],
    )  # fmt: skip

    async def run() -> None:
        server = Server(options)
        listening = await _listen(server, given.port)
        print(server.base, flush=True)
        async with listening:
            await listening.serve_forever()

    with suppress(KeyboardInterrupt):
        asyncio.run(run())


if __name__ == "__main__":
    sys.modules["model_server"] = sys.modules["tests.model_server"] = sys.modules[
        __name__
    ]  # one Fault for policies too
    main()
