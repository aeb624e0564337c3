"""HTTP tools against real servers on loopback: what they ask, what they make of every kind of answer."""

from __future__ import annotations

import asyncio
import base64
import gzip
import time
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp import web
from loopback import Server, serve

from dive_tools.errors import DiveError
from dive_tools.sources import client, guard, http, http_file, pace, wire
from dive_tools.sources.common import manifest
from dive_tools.tools.base import Refusal, Unreachable
from dive_tools.tools.door import run
from dive_tools.tools.manifest import tool_of

HERE = Path(__file__).parents[1]
SECRET = "s3cr3t/token+value=="


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Waits that a test can afford, and slots of its own."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr(client, "BACKOFF", 0.01)
    monkeypatch.setenv("TEST_KEY", SECRET)


def made(base: str, path: str = "/", limit: float = 4.0, result: Any = None, **via: Any) -> Any:
    """A tool behind an address, that the door can run."""
    via = {"kind": "http", "base": base, "path": path, "allow_private": True, **via}
    tool = tool_of(manifest("probe", "A probe.", {"type": "object"}, via, result=result, limit=limit))
    tool.function = http.function(tool)
    return tool


def ask(base: str, path: str = "/", arguments: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """The outcome of one call through the door."""
    return run(made(base, path, **more), arguments or {})


def kind(outcome: dict[str, Any]) -> str:
    return outcome.get("error", {}).get("kind", "result")


async def fine(request: web.Request) -> web.Response:
    return web.json_response({"ok": True})


# --- what is sent ----------------------------------------------------------------------------------------------------

PLACES = [
    {"name": "id", "in": "path"},
    {"name": "tags", "in": "query"},
    {"name": "cs", "in": "query", "explode": False},
    {"name": "deep", "in": "query", "style": "deepObject"},
    {"name": "X-Trace", "in": "header", "as": "trace"},
    {"name": "lang", "in": "cookie"},
    {"name": "title", "in": "body"},
    {"name": "tags", "in": "body", "as": "tags_body"},
]


def test_each_argument_goes_to_its_place() -> None:
    with serve({"": fine}) as server:
        arguments = {
            "id": "a/b c?", "tags": ["x", "y&z"], "cs": [1, 2.0], "deep": {"k": {"l": True}}, "trace": "t1",
            "lang": "de;x", "title": "Ü", "tags_body": ["q"],
        }  # fmt: skip
        made_ = {"parameters": PLACES, "method": "POST", "query": {"v": "1"}, "headers": {"X-App": "dive"}}
        assert ask(server.base, "/items/{id}", arguments, **made_) == {"result": {"ok": True}}
    method, path, headers, body = server.seen[0]
    assert method == "POST"
    assert path == "/items/a%2Fb%20c%3F?v=1&tags=x&tags=y%26z&cs=1%2C2&deep%5Bk%5D%5Bl%5D=true"
    assert (headers["X-Trace"], headers["Cookie"], headers["X-App"]) == ("t1", "lang=de%3Bx", "dive")
    assert headers["Content-Type"] == "application/json"
    assert body == '{"title":"Ü","tags":["q"]}'.encode()
    assert headers["User-Agent"].startswith("dive-tools")


@pytest.mark.parametrize(
    ("style", "explode", "value", "said"),
    [
        ("simple", False, [3, 4], "3,4"),
        ("simple", True, {"R": 1, "G": 2}, "R=1,G=2"),
        ("label", True, [3, 4], ".3.4"),
        ("label", False, [3, 4], ".3,4"),
        ("matrix", False, [3, 4], ";color=3,4"),
        ("matrix", True, [3, 4], ";color=3;color=4"),
        ("matrix", True, {"R": 1, "G": 2}, ";R=1;G=2"),
        ("simple", False, "a b", "a%20b"),
        ("json", False, {"a": 1}, "%7B%22a%22%3A1%7D"),
    ],
)
def test_styles_of_a_path(style: str, explode: bool, value: Any, said: str) -> None:
    place = {"name": "color", "in": "path", "style": style, "explode": explode}
    assert wire.path("/x{color}", [place], {"color": value}) == "/x" + said


@pytest.mark.parametrize(
    ("style", "explode", "value", "said"),
    [
        ("form", True, [3, 4], "c=3&c=4"),
        ("form", False, {"R": 1}, "c=R%2C1"),
        ("form", True, {"R": 1, "G": None}, "R=1"),
        ("spaceDelimited", False, ["a", "b"], "c=a%20b"),
        ("pipeDelimited", False, ["a", "b"], "c=a%7Cb"),
        ("deepObject", True, {"R": [1, 2]}, "c%5BR%5D%5B0%5D=1&c%5BR%5D%5B1%5D=2"),
        ("json", False, "x", "c=%22x%22"),
        ("form", True, None, ""),
        ("form", True, False, "c=false"),
    ],
)
def test_styles_of_a_query(style: str, explode: bool, value: Any, said: str) -> None:
    place = {"name": "c", "in": "query", "style": style, "explode": explode}
    assert wire.query([place], {"c": value}, {}) == said


@pytest.mark.parametrize("value", ["", ".", "..", "%2e%2e"])
def test_an_argument_cannot_change_the_path(value: str) -> None:
    place = [{"name": "id", "in": "path"}]
    if value == "%2e%2e":
        assert wire.path("/a/{id}/b", place, {"id": value}) == "/a/%252e%252e/b"
    else:
        with pytest.raises(Refusal):
            wire.path("/a/{id}/b", place, {"id": value})


def test_a_path_cannot_lead_to_another_host() -> None:
    assert wire.path("@evil.example.org/x", [], {}) == "/@evil.example.org/x"


def test_an_argument_cannot_add_a_header() -> None:
    outcome = ask("http://127.0.0.1:9", "/", {"a": "1\r\nX-Evil: 1"}, parameters=[{"name": "a", "in": "header"}])
    assert kind(outcome) == "refused"
    assert "control characters" in outcome["error"]["message"]


def test_forms_and_whole_bodies() -> None:
    whole = [{"name": "", "in": "body", "as": "body"}]
    field = [{"name": "a", "in": "body"}, {"name": "b", "in": "body", "style": "deepObject"}]
    with serve({"": fine}) as server:
        ask(server.base, "/", {"body": [1, None]}, method="PUT", parameters=whole, body="json")
        ask(server.base, "/", {"a": "x y", "b": {"c": 1}}, method="POST", parameters=field, body="form")
        ask(server.base, "/", {"a": "x"}, method="POST", parameters=field, body="multipart")
        ask(server.base, "/", {}, method="POST", parameters=field, body_required=True)
        ask(server.base, "/", {}, method="POST", parameters=field)
    bodies = [body for _, _, _, body in server.seen]
    assert bodies[:2] == [b"[1,null]", b"a=x+y&b%5Bc%5D=1"]
    assert b'name="a"\r\n\r\nx\r\n' in bodies[2]
    assert bodies[3:] == [b"{}", b""]


# --- what is answered ------------------------------------------------------------------------------------------------


def replying(status: int = 200, text: str = "", kind: str = "application/json", **headers: str) -> Any:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=status, text=text, content_type=kind, headers=headers)

    return answer


def test_select_refuse_and_replies() -> None:
    routes = {
        "/list": replying(text='{"items": [{"n": 1}], "error": null}'),
        "/none": replying(text='{"items": [], "error": null}'),
        "/soft": replying(text='{"error": {"message": "no such town"}}'),
        "/text": replying(text="plain words", kind="text/plain"),
        "/empty": replying(204),
    }
    select = {"select": "items[0].n", "refuse": "error.message || (!items[0] && 'none found')"}
    with serve(routes) as server:
        assert ask(server.base, "/list", **select) == {"result": 1}
        assert ask(server.base, "/none", **select)["error"] == {"kind": "refused", "message": "none found"}
        assert ask(server.base, "/soft", **select)["error"] == {"kind": "refused", "message": "no such town"}
        assert ask(server.base, "/text", reply="text") == {"result": "plain words"}
        assert ask(server.base, "/text", reply="auto") == {"result": "plain words"}
        assert ask(server.base, "/empty") == {"result": None}
        wrong = ask(server.base, "/list", select="length(error)")
        assert kind(wrong) == "unreachable"


@pytest.mark.parametrize(
    ("status", "text", "kind_", "said"),
    [
        (404, '{"error": {"message": "no city of that name"}}', "refused", "404 Not Found: no city of that name"),
        (400, '{"error": true, "reason": "out of range"}', "refused", "400 Bad Request: out of range"),
        (422, "<html>", "refused", "422 Unprocessable Entity"),
        (401, '{"message": "bad key"}', "unreachable", "probe: 401 Unauthorized: the key was not accepted: bad key"),
        (304, "", "unreachable", "probe: unexpected answer 304 Not Modified"),
        (501, "", "unreachable", "probe: 127.0.0.1 answered 501 Not Implemented"),
        (200, "<html>oops</html>", "unreachable", "probe: no JSON but application/json: <html>oops</html>"),
    ],
)
def test_statuses(status: int, text: str, kind_: str, said: str) -> None:
    with serve({"": replying(status, text)}) as server:
        outcome = ask(server.base)
    assert outcome["error"] == {"kind": kind_, "message": said}
    assert len(server.seen) == 1


def counting(*answers: Any) -> Any:
    """Each answer once, then the last for ever."""
    left = list(answers)

    async def answer(request: web.Request) -> web.StreamResponse:
        return await (left.pop(0) if len(left) > 1 else left[0])(request)

    return answer


def test_retries_until_it_answers() -> None:
    ok = replying(text="1")
    with serve({"": counting(replying(500), replying(503), ok)}) as server:
        assert ask(server.base) == {"result": 1}
    assert len(server.seen) == 3


def test_gives_up_after_its_tries() -> None:
    with serve({"": replying(500)}) as server:
        outcome = ask(server.base)
    assert outcome["error"]["message"] == "probe: 127.0.0.1 answered 500 Internal Server Error (after 4 tries)"
    assert len(server.seen) == client.TRIES


@pytest.mark.parametrize("asked", ["1", "date"])
def test_retry_after_is_kept(asked: str) -> None:
    value = formatdate(time.time() + 2, usegmt=True) if asked == "date" else asked
    with serve({"": counting(replying(429, **{"Retry-After": value}), replying(text="1"))}) as server:
        start = time.monotonic()
        assert ask(server.base) == {"result": 1}
    assert 0.9 <= time.monotonic() - start < 3


def test_a_wait_beyond_the_limit_is_not_waited_for() -> None:
    with serve({"": replying(429, **{"Retry-After": "100"})}) as server:
        start = time.monotonic()
        first, second = ask(server.base), ask(server.base)
    assert time.monotonic() - start < 1
    assert "it asked for 100 s, over the time limit" in first["error"]["message"]
    assert "no free slot" in second["error"]["message"]  # the host is left alone by later calls, too
    assert len(server.seen) == 1


def test_a_write_is_not_sent_twice() -> None:
    async def dropped(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    for handler, sent in ((replying(500), 1), (dropped, 1), (counting(replying(429), replying(text="1")), 2)):
        with serve({"": handler}) as server:
            ask(server.base, method="POST")
        assert len(server.seen) == sent
    with serve({"/done": replying(429), "": moved("/done", 303)}) as server:
        ask(server.base, method="POST")
    assert [method for method, *_ in server.seen] == ["POST", "GET"]
    with serve({"": counting(replying(500), replying(text="1"))}) as server:
        assert ask(server.base, method="POST", repeatable=True) == {"result": 1}


def test_nobody_there() -> None:
    start = time.monotonic()
    outcome = ask("http://127.0.0.1:9", method="POST")
    assert kind(outcome) == "unreachable"
    assert "no connection to 127.0.0.1:9" in outcome["error"]["message"]
    assert time.monotonic() - start < 2


async def never(request: web.Request) -> web.Response:
    await asyncio.sleep(60)
    return web.Response()


async def drip(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b" ")
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("handler", [never, drip])
def test_slower_than_its_limit(handler: Any) -> None:
    with serve({"": handler}) as server:
        start = time.monotonic()
        outcome = ask(server.base, limit=1.0)
        assert time.monotonic() - start < 1.3
    assert kind(outcome) == "unreachable"
    assert "did not answer within" in outcome["error"]["message"]


def test_one_that_hangs_is_asked_again() -> None:
    with serve({"": counting(never, replying(text="1"))}) as server:
        assert ask(server.base, limit=4.0) == {"result": 1}
    assert len(server.seen) == 2


async def endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(50):
        await response.write(b"x" * 1_000_000)
    return response


PACKED = gzip.compress(b"0" * 50_000_000)


async def bomb(request: web.Request) -> web.Response:
    return web.Response(body=PACKED, headers={"Content-Encoding": "gzip", "Content-Type": "application/json"})


@pytest.mark.parametrize("handler", [endless, bomb, replying(text="[" + "1," * 3_000_000 + "1]")])
def test_larger_than_its_limit(handler: Any) -> None:
    import tracemalloc

    with serve({"": handler}) as server:
        tracemalloc.start()
        outcome = ask(server.base, limit=30.0)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert outcome["error"] == {
        "kind": "unreachable",
        "message": "probe: 127.0.0.1 answered with more than 5,000,000 bytes",
    }
    assert len(server.seen) == 1
    assert handler is bomb or peak < 200_000_000


@pytest.mark.parametrize(
    ("body", "result"),
    [
        (gzip.compress(b'{"a": 1}'), {"result": {"a": 1}}),
        (gzip.compress(b'{"a": 1}')[:-9], "half a gzip"),
        (b"no gzip", "broken gzip"),
    ],
)
def test_packed_answers(body: bytes, result: Any) -> None:
    async def packed(request: web.Request) -> web.Response:
        return web.Response(body=body, headers={"Content-Encoding": "gzip"})

    with serve({"": packed}) as server:
        outcome = ask(server.base)
    assert outcome == result or result in outcome["error"]["message"]


def test_a_forked_process_has_a_session_of_its_own() -> None:
    import os

    with serve({"": fine}) as server:
        tool = made(server.base)
        assert run(tool, {}) == {"result": {"ok": True}}
        child = os.fork()
        if child == 0:
            os._exit(0 if run(tool, {}) == {"result": {"ok": True}} else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert run(tool, {}) == {"result": {"ok": True}}
    assert len(server.seen) == 3


def test_nothing_is_said_when_the_process_ends() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from dive_tools.sources.client import Ask, fetch; "
        "print(fetch(Ask('GET', sys.argv[1], allow_private=True)).status)"
    )
    with serve({"": fine}) as server:
        done = subprocess.run([sys.executable, "-c", code, server.base], cwd=HERE, capture_output=True)
    assert (done.stdout, done.stderr) == (b"200\n", b"")


def test_what_is_no_http() -> None:
    async def garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"\x00\x01 this is no HTTP\r\n\r\n")
        await writer.drain()
        writer.close()

    async def start() -> Any:
        return await asyncio.start_server(garbage, "127.0.0.1", 0)

    from dive_tools.sources.common import LOOP

    server = LOOP.run(start(), 5)
    outcome = ask(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    assert kind(outcome) == "unreachable"
    assert "broke off its answer" in outcome["error"]["message"]
    server.close()


# --- redirects and private addresses ---------------------------------------------------------------------------------


def moved(target: str, status: int = 302) -> Any:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=status, headers={"Location": target})

    return answer


def test_redirects_within_a_host_keep_the_key() -> None:
    with serve({"/a": moved("/b"), "/b": fine}) as server:
        assert ask(server.base, "/a", headers={"X-Key": "${TEST_KEY}"}) == {"result": {"ok": True}}
    assert [headers.get("X-Key") for _, _, headers, _ in server.seen] == [SECRET, SECRET]


def test_redirects_to_another_host_lose_the_keys() -> None:
    with serve({"": fine}) as other, serve({"/a": moved("http://localhost:1/")}) as server:
        target = other.base.replace("127.0.0.1", "localhost") + "/b"
        with serve({"/a": moved(target)}) as server:
            via = {"headers": {"X-Key": "${TEST_KEY}", "X-App": "dive"}, "cookies": {"s": "${TEST_KEY}"}}
            assert ask(server.base, "/a", **via, basic="${TEST_KEY}") == {"result": {"ok": True}}
            refused = ask(server.base, "/a", {"x": 1}, method="POST", parameters=[{"name": "x", "in": "body"}])
    before, after = server.seen[0][2], other.seen[0][2]
    assert {"X-Key", "Authorization", "Cookie"} <= before.keys()
    assert not {"X-Key", "Authorization", "Cookie"} & after.keys()
    assert after["X-App"] == "dive"
    assert refused == {"result": {"ok": True}}  # 302 of a POST is a GET without its body
    assert other.seen[1][0] == "GET"


def test_a_body_is_not_carried_to_another_host() -> None:
    with serve({"": fine}) as other, serve({"": moved(other.base.replace("127.0.0.1", "localhost"), 307)}) as server:
        outcome = ask(server.base, "/a", {"x": 1}, method="POST", parameters=[{"name": "x", "in": "body"}])
    assert "a body is not carried" in outcome["error"]["message"]
    assert other.seen == []


@pytest.mark.parametrize("target", ["/a", "file:///etc/passwd", "http://[bad"])
def test_redirects_that_are_not_followed(target: str) -> None:
    with serve({"": moved(target)}) as server:
        outcome = ask(server.base, "/a")
    assert kind(outcome) == "unreachable"
    assert len(server.seen) <= client.REDIRECTS + 1


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "169.254.169.254", "10.0.0.1", "127.1", "0.0.0.0"])
def test_private_addresses_are_not_asked(host: str) -> None:
    with serve({"": fine}) as server:
        port = server.base.rpartition(":")[2]
        outcome = ask(f"http://{host}:{port}", allow_private=False, limit=3.0)
    assert kind(outcome) == "unreachable"
    assert host == "127.1" or "is a private address" in outcome["error"]["message"]
    assert server.seen == []


def test_a_name_that_leads_to_a_private_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """As by DNS rebinding: the resolver that connects is the one that refuses."""
    import socket

    real = socket.getaddrinfo

    def rebound(host: Any, port: Any, *rest: Any, **options: Any) -> Any:
        return real("127.0.0.1" if host == "api.example.org" else host, port, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", rebound)
    with serve({"": fine}) as server:
        port = server.base.rpartition(":")[2]
        outcome = ask(f"http://api.example.org:{port}", allow_private=False)
        allowed = ask(f"http://api.example.org:{port}")
    assert "api.example.org is a private address" in outcome["error"]["message"]
    assert allowed == {"result": {"ok": True}}
    assert len(server.seen) == 1


def test_a_public_host_that_redirects_to_a_private_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server plays a public one; the guard is asked again at every hop."""
    with serve({"/a": moved("http://127.0.0.2:1/admin")}) as server:
        monkeypatch.setattr(guard, "private", lambda address: address == "127.0.0.2")
        outcome = ask(server.base, "/a", allow_private=False)
    assert "127.0.0.2 is a private address" in outcome["error"]["message"]
    assert server.paths() == ["/a"]


@pytest.mark.parametrize(
    ("address", "answer"),
    [
        ("8.8.8.8", False), ("2606:4700::1111", False), ("192.168.1.1", True), ("100.64.0.1", True), ("::1", True),
        ("::ffff:10.0.0.1", True), ("64:ff9b::7f00:1", True), ("2002:7f00:1::", True), ("fe80::1%eth0", True),
        ("224.0.0.1", True), ("example.org", False),
    ],
)  # fmt: skip
def test_what_a_private_address_is(address: str, answer: bool) -> None:
    assert guard.private(address) is answer


# --- secrets ---------------------------------------------------------------------------------------------------------


def test_secrets_are_never_said() -> None:
    async def echo(request: web.Request) -> web.Response:
        key = request.headers["X-Key"]
        text = f"key {key} of {request.raw_path} {request.headers['Authorization']} {'x' * 240}{key}"
        said = {"message": text, key: [text]}
        return web.json_response(said, status=403 if request.path == "/no" else 200)

    via = {"headers": {"X-Key": "${TEST_KEY}"}, "query": {"key": "${TEST_KEY}"}, "basic": "${TEST_KEY}"}
    forms = [SECRET, "s3cr3t", base64.b64encode(SECRET.encode()).decode()]
    with serve({"": echo}) as server:
        for path in ("/yes", "/no"):
            said = str(ask(server.base, path, **via))
            assert "${TEST_KEY}" in said
            assert not any(form in said for form in forms)
        bad = str(ask(server.base, "/yes", **via, select="length(@)", reply="text"))
        assert not any(form in bad for form in forms)
    assert "key=s3cr3t%2Ftoken%2Bvalue%3D%3D" in server.seen[0][1]


def test_a_contact_is_sent_only_if_the_user_says_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with serve({"": fine}) as server:
        ask(server.base)
        monkeypatch.setenv("DIVE_CONTACT", "mailto:me@example.org\r\nX-Evil: 1")
        ask(server.base)
    first, second = (headers["User-Agent"] for _, _, headers, _ in server.seen)
    assert second == f"{first} (mailto:me@example.orgX-Evil: 1)"


def test_a_missing_key_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_KEY")  # so it is for every call: the command must stop, not drop one record after another
    for via in ({"headers": {"X-Key": "${TEST_KEY}"}}, {"path": "/${TEST_KEY}"}, {"basic": "${TEST_KEY}"}):
        with pytest.raises(DiveError, match="environment variable TEST_KEY is not set") as fault:
            ask("http://127.0.0.1:9", **via)
        assert fault.value.hint == "export TEST_KEY=…"


@pytest.mark.parametrize("value", ["a/b?c=1#d", "{id}", "k%2Fk é"])
def test_a_secret_cannot_change_the_path(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_KEY", value)
    with serve({"": fine}) as server:
        via = {"parameters": [{"name": "id", "in": "path"}], "query": {"v": "1"}}
        ask(f"{server.base}/bot${{TEST_KEY}}", "/${TEST_KEY}/x/{id}", {"id": "7"}, **via)
        monkeypatch.setenv("WHOLE_BASE", f"{server.base}/v2/")
        ask("${WHOLE_BASE}", "/x")
    quoted = quote(value, safe="")
    assert [path for _, path, _, _ in server.seen] == [f"/bot{quoted}/{quoted}/x/7?v=1", "/v2/x"]


# --- rates -----------------------------------------------------------------------------------------------------------


def test_a_rate_spaces_calls() -> None:
    with serve({"": fine}) as server:
        start = time.monotonic()
        for _ in range(4):
            ask(server.base, rate=10)
        assert 0.28 <= time.monotonic() - start < 1.5
        assert "no free slot" in str([ask(server.base, rate=0.5, limit=1.0) for _ in range(2)])


def test_a_public_host_is_paced_over_processes() -> None:
    import subprocess
    import sys

    line = "from dive_tools.sources import pace; pace.wait('api.example.org', 0.1, 99, shared=True)"
    subprocess.run([sys.executable, "-c", line], cwd=HERE, check=True)
    away = pace.wait("api.example.org", 0.1, 99.0, shared=True)
    assert away is not None
    assert 5 < away <= 10
    assert pace.wait("api.example.org", 0.1, 1.0, shared=True) is None
    assert pace.wait("other.example.org", 0.1, 1.0, shared=True) == 0


# --- declared APIs ---------------------------------------------------------------------------------------------------

API = """
api: Town API
base: http://127.0.0.1:1
headers: {X-Key: "${TEST_KEY}"}
rate: 100
tools:
  - name: town
    description: A town.
    path: /towns/{name}
    parameters:
      name: {type: string}
      lang: {type: string, wire: language}
    select: "{people: population}"
    result: {type: object, properties: {people: {type: integer}}, required: [people]}
    gives: {/people: {kind: population, unit: people}}
"""


def written(folder: Path, *changes: tuple[str, str]) -> Path:
    text = API
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "town.yaml"
    path.write_text(text)
    return path


def test_a_declared_tool_is_called(tmp_path: Path) -> None:
    async def town(request: web.Request) -> web.Response:
        return web.json_response({"population": 7, "lang": request.query["language"]})

    with serve({"/towns/Ulm": town}) as server:
        path = written(tmp_path, ("http://127.0.0.1:1", server.base))
        (found,) = http_file.tools(path, allow_private=True, domain="geography")
        assert (found["name"], found["effects"], found["domain"]) == ("town_api_town", "unknown", "geography")
        assert SECRET not in str(found)
        assert "checked" not in found
        tool = tool_of(found)
        tool.function = http.function(tool)
        assert run(tool, {"name": "Ulm", "lang": "de"}) == {"result": {"people": 7}}
        assert kind(run(tool, {"name": "Atlantis", "lang": "de"})) == "refused"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("description: A town.", "descripton: A town.", "tool town: there is no field 'descripton'"),
        ("    description: A town.\n", "", 'tool town: "description" is a required property'),
        ("wire: language", "in: quer", 'parameters.lang: in: "quer" is not one of'),
        ("type: string, wire", "type: strin, wire", "tool town: parameters: no JSON Schema"),
        ("{people: population}", "{people: population", "tool town: select: "),
        ("/people: {kind", "/poeple: {kind", "gives./poeple: the result has no 'poeple'"),
        ("{kind: population", "{kin: population", "tool town: manifest of town_api_town: gives//people"),
        ('"${TEST_KEY}"', "abcdef", "headers: X-Key is written out"),
        ("/towns/{name}", "/towns/{id}", "the path names {id}"),
        ("http://127.0.0.1:1", "127.0.0.1", "base must be an http(s) address"),
        ("http://127.0.0.1:1", "http://me:pw@example.org", "base holds a user name"),
        ("rate: 100", "rate: 0", "rate: 0 is less than or equal to the minimum of 0"),
        ("api: Town API", "api: [", "is neither JSON nor YAML"),
    ],
)
def test_errors_of_an_api_file_name_the_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = written(tmp_path, (old, new))
    with pytest.raises(DiveError) as caught:
        list(http_file.tools(path))
    assert "town.yaml" in caught.value.message
    assert said in caught.value.message


def test_only_names_tools(tmp_path: Path) -> None:
    with pytest.raises(DiveError, match="no tool is named 'twon'"):
        list(http_file.tools(written(tmp_path), only=["twon"]))
    with pytest.raises(DiveError, match="cannot read"):
        list(http_file.tools(tmp_path / "none.yaml"))


SHIPPED = sorted((HERE / "samples" / "http").glob("*.yaml"))
TAXON = {"kingdom": "Animalia", "phylum": "Chordata", "class": "Aves", "order": "Passeriformes",
         "family": "Passeridae", "genus": "Passer", "canonicalName": "Passer domesticus", "rank": "SPECIES",
         }  # fmt: skip
QUAKE = {"type": "FeatureCollection", "features": [{
    "type": "Feature", "id": "official20110311054624120_30",
    "properties": {"mag": 9.1, "place": "2011 Great Tohoku Earthquake, Japan", "time": 1299822384120},
    "geometry": {"type": "Point", "coordinates": [142.373, 38.297, 29]}}]}  # fmt: skip
# answers in the forms that the documentation of each API shows
DOCUMENTED: dict[str, tuple[dict[str, Any], str, Any, Any]] = {
    "open_meteo_place": (
        {"name": "Berlin"}, "/v1/search?count=1&language=en&format=json&name=Berlin",
        {"results": [{"id": 2950159, "name": "Berlin", "latitude": 52.52437, "longitude": 13.41053, "elevation": 74.0,
                      "country_code": "DE", "timezone": "Europe/Berlin", "population": 3426354, "country": "Germany",
                      "admin1": "Berlin"}], "generationtime_ms": 0.6},
        {"name": "Berlin", "latitude": 52.52437, "longitude": 13.41053, "elevation": 74.0, "country": "Germany",
         "region": "Berlin", "timezone": "Europe/Berlin", "population": 3426354}),
    "open_meteo_elevation": (
        {"latitude": 52.52, "longitude": 13.41}, "/v1/elevation?latitude=52.52&longitude=13.41",
        {"elevation": [38.0]}, {"elevation": 38.0}),
    "open_meteo_past_weather": (
        {"latitude": 52.52, "longitude": 13.41, "date": "2020-07-01"},
        "/v1/archive?daily=temperature_2m_max%2Ctemperature_2m_min%2Cprecipitation_sum&timezone=UTC&latitude=52.52"
        "&longitude=13.41&start_date=2020-07-01&end_date=2020-07-01",
        {"latitude": 52.5, "daily_units": {"temperature_2m_max": "°C"}, "daily": {
            "time": ["2020-07-01"], "temperature_2m_max": [23.9], "temperature_2m_min": [15.1],
            "precipitation_sum": [0.3]}},
        {"highest": 23.9, "lowest": 15.1, "precipitation": 0.3}),
    "frankfurter_rate": (
        {"date": "1999-01-04", "base": "EUR", "quote": "USD"}, "/1999-01-04?base=EUR&symbols=USD",
        {"amount": 1.0, "base": "EUR", "date": "1999-01-04", "rates": {"USD": 1.1789}},
        {"date": "1999-01-04", "rate": 1.1789}),
    "frankfurter_average_rate": (
        {"first": "2000-01-03", "last": "2000-01-05", "base": "EUR", "quote": "USD"},
        "/2000-01-03..2000-01-05?base=EUR&symbols=USD",
        {"amount": 1.0, "base": "EUR", "start_date": "2000-01-03", "end_date": "2000-01-05",
         "rates": {"2000-01-03": {"USD": 1.0}, "2000-01-04": {"USD": 1.5}}},
        {"mean": 1.25, "days": 2}),
    "gbif_match_species": (
        {"name": "Passer domesticus"}, "/species/match?strict=true&name=Passer%20domesticus",
        {**TAXON, "usageKey": 5231190, "status": "ACCEPTED", "confidence": 99, "matchType": "EXACT", "synonym": False},
        {**{k: v for k, v in TAXON.items() if k != "canonicalName"}, "key": 5231190, "name": "Passer domesticus",
         "status": "ACCEPTED"}),
    "gbif_taxon": (
        {"key": 5231190}, "/species/5231190", {**TAXON, "key": 5231190, "taxonomicStatus": "ACCEPTED"},
        {**{k: v for k, v in TAXON.items() if k != "canonicalName"}, "key": 5231190, "name": "Passer domesticus",
         "status": "ACCEPTED"}),
    "gbif_count_occurrences": (
        {"key": 5231190, "country": "KE"}, "/occurrence/search?limit=0&taxonKey=5231190&country=KE",
        {"offset": 0, "limit": 0, "endOfRecords": False, "count": 4711, "results": [], "facets": []}, {"count": 4711}),
    "usgs_count_earthquakes": (
        {"start": "2010-01-01", "end": "2011-01-01", "magnitude": 7},
        "/count?format=geojson&eventtype=earthquake&starttime=2010-01-01&endtime=2011-01-01&minmagnitude=7",
        {"count": 24, "maxAllowed": 20000}, {"count": 24}),
    "usgs_strongest_earthquake": (
        {"start": "2011-01-01", "end": "2012-01-01"},
        "/query?format=geojson&eventtype=earthquake&minmagnitude=5&orderby=magnitude&limit=1&starttime=2011-01-01"
        "&endtime=2012-01-01", QUAKE,
        {"magnitude": 9.1, "place": "2011 Great Tohoku Earthquake, Japan", "longitude": 142.373, "latitude": 38.297,
         "depth": 29}),
    "crossref_work": (
        {"doi": "10.1038/171737a0"}, "/works/10.1038%2F171737a0",
        {"status": "ok", "message-type": "work", "message": {
            "title": ["Molecular Structure of Nucleic Acids"], "type": "journal-article", "publisher": "Springer",
            "container-title": ["Nature"], "issued": {"date-parts": [[1953, 4]]}, "is-referenced-by-count": 9000,
            "author": [{"given": "J. D.", "family": "WATSON"}, {"given": "F. H. C.", "family": "CRICK"}]}},
        {"title": "Molecular Structure of Nucleic Acids", "type": "journal-article", "container": "Nature",
         "publisher": "Springer", "year": 1953, "first_author": "WATSON", "authors": 2, "cited_by": 9000}),
    "crossref_journal": (
        {"issn": "0028-0836"}, "/journals/0028-0836",
        {"status": "ok", "message": {"title": "Nature", "publisher": "Springer", "counts": {"total-dois": 5}}},
        {"title": "Nature", "publisher": "Springer", "dois": 5}),
}  # fmt: skip
EMPTY = {
    "open_meteo_place": {"generationtime_ms": 0.3},
    "gbif_match_species": {"confidence": 100, "matchType": "NONE", "synonym": False},
    "usgs_strongest_earthquake": {"type": "FeatureCollection", "features": []},
    "frankfurter_rate": {"amount": 1.0, "base": "EUR", "date": "1999-01-04", "rates": {}},
}


def shipped() -> Iterator[dict[str, Any]]:
    for path in SHIPPED:
        yield from http_file.tools(path)


def at(server: Server, found: dict[str, Any]) -> Any:
    """The shipped tool, at a loopback server and in no hurry to be polite."""
    via = {**found["via"], "base": server.base, "allow_private": True, "rate": 0}
    tool = tool_of({**found, "via": via})
    tool.function = http.function(tool)
    return tool


@pytest.mark.parametrize("found", [*shipped()], ids=lambda found: found["name"])
def test_a_shipped_tool_reads_what_its_api_documents(found: dict[str, Any]) -> None:
    arguments, path, answer, result = DOCUMENTED[found["name"]]
    assert "checked" not in found
    assert found["source"]
    assert found["licence"]
    assert found["via"]["rate"] <= 2

    async def documented(request: web.Request) -> web.Response:
        return web.json_response(answer)

    async def empty(request: web.Request) -> web.Response:
        return web.json_response(EMPTY[found["name"]])

    with serve({"": documented}) as server:
        tool = at(server, found)
        assert tool.check_arguments.is_valid(arguments)
        assert run(tool, arguments) == {"result": result}
        assert server.paths() == [path]
    if found["name"] in EMPTY:
        with serve({"": empty}) as server:
            assert kind(run(at(server, found), arguments)) == "refused"
    with serve({"": replying(404, "Resource not found.", "text/plain")}) as server:
        outcome = run(at(server, found), arguments)
        assert outcome["error"] == {"kind": "refused", "message": "404 Not Found: Resource not found."}
    for example in tool.examples:
        assert tool.check_arguments.is_valid(example.arguments)


def test_the_shipped_files_say_that_they_are_unchecked() -> None:
    assert len(SHIPPED) >= 4
    assert all("unchecked until" in " ".join(path.read_text().split()) for path in SHIPPED)


def test_unreachable_is_what_a_fault_is() -> None:
    assert issubclass(guard.Fault, Unreachable)
