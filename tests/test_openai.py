"""`openai:` against a real server on loopback: what is asked and read, every fault, several servers, slowing down."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import orjson
import pytest
from model_server import STATUS, Fault, Server, caller, echo, plain, serve
from shell import ROOT

from dive_tools.errors import StopAll, UsageFault
from dive_tools.models import endpoints, openai, secrets, wire
from dive_tools.models.base import Ask, BudgetSpent, Function, ModelError, Reply, Settings, Usage
from dive_tools.models.endpoint import is_inside
from dive_tools.models.gate import Gate
from dive_tools.models.ledger import Ledger
from dive_tools.models.openai import OpenAI

LOOK = Function("look", "Looks.", {"type": "object", "properties": {"at": {"type": "integer"}}})
FORM = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}
KEY = "sk-very-secret-0123456789"


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(openai, "BASE", 0.01)
    monkeypatch.setattr(endpoints, "LISTING", 0.3)
    monkeypatch.setattr(endpoints, "WAIT", 0.4)


def ask(text: str = "hello", *, record: str = "r1", **more: Any) -> Ask:
    return Ask(messages=[{"role": "user", "content": text}], record=record, purpose="collect:1", **more)


def model(*servers: Server | str, gate: Gate | None = None, name: str = "test", **settings: Any) -> OpenAI:
    where = tuple(each if isinstance(each, str) else each.base for each in servers)
    given = Settings(endpoints=where, **{"in_flight": 8, "timeout": 5.0, "tries": 3, **settings})
    return OpenAI(name, given, gate or Gate(given.in_flight))


def use(made: OpenAI, work: Callable[[OpenAI], Awaitable[Any]]) -> Any:
    """What the work gives, with the model open for it."""

    async def run() -> Any:
        await made.open()
        try:
            return await work(made)
        finally:
            await made.close()

    return asyncio.run(run())


def replied(made: OpenAI, *asks: Ask) -> Any:
    """The one reply, or the list of replies and errors."""

    async def work(made: OpenAI) -> Any:
        if len(asks) == 1:
            return await made.reply(asks[0])
        return await asyncio.gather(*map(made.reply, asks), return_exceptions=True)

    return use(made, work)


def first(count: int, fault: Fault, then: Callable[[dict[str, Any]], Any] = plain) -> Callable[[dict[str, Any]], Any]:
    """A policy that begins with so many faults."""
    left = iter(range(count))

    def policy(body: dict[str, Any]) -> Any:
        return fault if next(left, None) is not None else then(body)

    return policy


# --- what is asked, and what is read ---------------------------------------------------------------------------------


def test_a_reply_with_what_it_cost() -> None:
    usage = {"prompt_tokens": 11, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 7}}
    with serve(lambda body: {**echo(body), "usage": usage}) as server:
        made = model(server, extra={"chat_template_kwargs": {"enable_thinking": False}, "tool_choice": "auto"})
        got = replied(made, ask("grüß", sampling={"temperature": 0.5, "max_tokens": 9, "seed": None}))
    assert isinstance(got, Reply) and (got.text, got.finish, got.usage) == ("grüß", "stop", Usage(11, 2, 7))
    assert 0 < got.seconds < 2 and got.message == {"role": "assistant", "content": "grüß"}
    assert server.body() == {
        "model": "test", "messages": [{"role": "user", "content": "grüß"}], "temperature": 0.5, "max_tokens": 9,
        "chat_template_kwargs": {"enable_thinking": False},
    }  # fmt: skip
    assert made.counters == {"requests": 1, "tokens_in": 11, "tokens_out": 2, "cached": 7}
    assert made.name == "openai:test" and made.revision == "" and made.inside


def test_a_conversation_with_parallel_calls_there_and_back() -> None:
    def policy(body: dict[str, Any]) -> dict[str, Any]:
        if body["messages"][-1]["role"] == "tool":
            return {"content": "three"}
        calls = [{"name": "look", "arguments": {"at": n}} for n in (1, 2)]
        return {"content": "\n", "tool_calls": calls, "reasoning_content": "both at once", "refusal": None}

    async def work(made: OpenAI) -> tuple[Reply, Reply]:
        messages: list[Any] = [{"role": "user", "content": "add"}]
        one = await made.reply(Ask(messages=messages, record="r", purpose="p", tools=[LOOK]))
        results = [{"role": "tool", "tool_call_id": c["id"], "content": "1"} for c in one.message["tool_calls"]]
        return one, await made.reply(
            Ask(messages=[*messages, one.message, *results], record="r", purpose="p", tools=[LOOK], turn=1)
        )

    with serve(policy) as server:
        one, two = use(model(server), work)
    calls = one.message["tool_calls"]
    assert one.finish == "tool_calls" and one.message.keys() == {"role", "tool_calls", "reasoning"}
    assert [call["function"]["arguments"] for call in calls] == [{"at": 1}, {"at": 2}] and two.text == "three"
    assert len({call["id"] for call in calls}) == 2
    sent = server.body()
    assert sent["tools"] == [orjson.loads(LOOK.wire)]
    back = sent["messages"][1]
    assert back["content"] is None and back["reasoning_content"] == "both at once" and "reasoning" not in back
    assert [call["function"]["arguments"] for call in back["tool_calls"]] == ['{"at":1}', '{"at":2}']


def read(
    message: dict[str, Any], finish: str | None = "stop", tools: tuple[Function, ...] = (LOOK,), **more: Any
) -> wire.Answer:
    body = {"choices": [{"message": message, "finish_reason": finish}], "usage": None}
    return wire.answer(orjson.dumps(body), ask(tools=tools, **more))


@pytest.mark.parametrize(
    "given, want",
    [
        ({"content": "a", "reasoning": "t"}, {"content": "a", "reasoning": "t"}),
        ({"content": "a", "reasoning_content": "t", "reasoning": None}, {"content": "a", "reasoning": "t"}),
        ({"content": "a", "thinking": "t"}, {"content": "a", "reasoning": "t"}),
        ({"content": "<think>\nt\n</think>\n\na"}, {"content": "a", "reasoning": "t"}),
        ({"content": "t\n</think>\na"}, {"content": "a", "reasoning": "t"}),
        ({"content": "see <think>t</think> a"}, {"content": "see <think>t</think> a"}),
        ({"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}, {"content": "ab"}),
        (
            {"content": [{"type": "thinking", "thinking": [{"text": "t"}]}, {"type": "text", "text": "a"}]},
            {"content": "a", "reasoning": "t"},
        ),
        ({"content": None, "refusal": "no", "tool_calls": [], "audio": None}, {"refusal": "no"}),
        ({"content": [{"type": "refusal", "refusal": "no"}]}, {"refusal": "no"}),
    ],
)  # fmt: skip
def test_words_and_thinking_under_any_name(given: dict[str, Any], want: dict[str, Any]) -> None:
    assert read(given).message == {"role": "assistant", **want}


DEEP = '{"at":' * 300 + "1" + "}" * 300


@pytest.mark.parametrize(
    "told, want",
    [
        ('{"at": 1}', {"at": 1}),
        ({"at": 1}, {"at": 1}),
        ('"{\\"at\\": 1}"', {"at": 1}),
        ("", {}),
        (None, {}),
        ('{"at": ', '{"at": '),
        ('"at"', '"at"'),
        ("[1]", "[1]"),
        ([1], "[1]"),
        (DEEP, DEEP),  # an object, but one that cannot be written again
    ],
)
def test_arguments_are_an_object_or_the_text_as_it_came(told: Any, want: Any) -> None:
    call = {"id": "x", "function": {"name": "look", "arguments": told}}
    answer = read({"content": None, "tool_calls": [call]})
    assert answer.message["tool_calls"] == [
        {"id": "x", "type": "function", "function": {"name": "look", "arguments": want}}
    ]
    assert answer.finish == "tool_calls"


def test_missing_and_repeated_ids_are_made_up_the_same_each_time() -> None:
    calls = [{"id": made, "function": {"name": "look", "arguments": "{}"}} for made in (None, "", "a", "a", "b")]
    ids = [call["id"] for call in read({"tool_calls": calls}).message["tool_calls"]]
    assert len(set(ids)) == 5 and ids[2] == "a" and ids[4] == "b"
    assert ids == [call["id"] for call in read({"tool_calls": calls}).message["tool_calls"]]
    assert all(len(made) == 9 and made.isalnum() for made in (ids[0], ids[1], ids[3]))
    old = read({"content": None, "function_call": {"name": "look", "arguments": '{"at":1}'}}, "function_call")
    assert old.finish == "tool_calls" and old.message["tool_calls"][0]["function"]["arguments"] == {"at": 1}


@pytest.mark.parametrize(
    "told, finish",
    [("stop", "stop"), (None, "stop"), ("eos", "stop"), ("length", "length"), ("max_tokens", "length"),
     ("content_filter", "content_filter"), ("tool_calls", "stop")],
)  # fmt: skip
def test_how_it_finished(told: str | None, finish: str) -> None:
    assert read({"content": "a"}, told).finish == finish


@pytest.mark.parametrize(
    "given, finish, why",
    [
        ({"content": " \n"}, "stop", "nothing"),
        ({"content": None, "reasoning": "hm"}, "stop", "nothing"),
        ({"content": "a"}, "error", "broke off"),
        ({"tool_calls": [{"id": "a", "function": {"arguments": "{}"}}]}, "tool_calls", "names no tool"),
        ({"content": "[TOOL_CALLS][{}]"}, "stop", "--tool-call-parser"),
        ({"content": "<function=look>{}</function>"}, "stop", "--tool-call-parser"),
        ({"content": "<|tool_call|>look"}, "stop", "--tool-call-parser"),
    ],
)
def test_what_is_no_reply(given: dict[str, Any], finish: str, why: str) -> None:
    with pytest.raises(wire.Unfit, match=why):
        read(given, finish)


def test_markup_is_text_where_no_tools_were_offered_and_cut_off_thinking_is_a_reply() -> None:
    assert read({"content": "<tool_call>"}, tools=()).message["content"] == "<tool_call>"
    assert read({"content": "<tool_call>"}, sampling={"tool_choice": "none"}).message["content"] == "<tool_call>"
    cut = read({"content": "<tool_call>{"}, "length")  # the server reads calls, but this one is not whole
    assert (cut.message["content"], cut.finish) == ("<tool_call>{", "length")
    assert read({"content": "<think>and so on"}, "length").message == {"role": "assistant", "reasoning": "and so on"}


def test_what_is_sent_of_earlier_turns() -> None:
    call = {"id": "a", "type": "function", "function": {"name": "look", "arguments": '{"at": '}}
    messages = [
        {"role": "assistant", "content": "a", "reasoning": "t"},
        {"role": "assistant", "refusal": "no"},
        {"role": "assistant", "tool_calls": [call]},
    ]
    asked = Ask(messages=messages, record="r", purpose="p")
    sent = orjson.loads(wire.body("m", asked, wire.Manners(), {}))["messages"]
    assert sent[0] == {"role": "assistant", "content": "a"}  # thinking goes back only with the calls it led to
    assert sent[1]["content"] == "no" and sent[2]["tool_calls"][0] == call


def test_what_sampling_and_the_extra_body_may_not_do() -> None:
    with pytest.raises(UsageFault, match="messages, stream"):
        OpenAI("m", Settings(extra={"stream": True, "messages": []}), Gate(1))
    asked = ask(sampling={"temperature": 0})
    with pytest.raises(StopAll, match=r"temperature is asked for twice: 0 and, in the extra body, 0\.6"):
        wire.body("m", asked, wire.Manners(), {"temperature": 0.6})
    assert b'"temperature":0' in wire.body("m", asked, wire.Manners(), {"temperature": 0})
    with pytest.raises(StopAll, match="model is no matter of sampling"):
        wire.body("m", ask(sampling={"model": "x"}), wire.Manners(), {})


def test_strict_only_where_the_schema_allows_it() -> None:
    assert wire.strict(FORM) and not wire.strict({**FORM, "required": []})
    assert not wire.strict({**FORM, "properties": {"a": {"type": "string", "minLength": 1}}})
    assert not wire.strict({**FORM, "properties": {"a": {"type": "array", "items": {"type": "object"}}}})
    sent = orjson.loads(wire.body("m", ask(form=FORM), wire.Manners(), {}))["response_format"]
    assert sent == {"type": "json_schema", "json_schema": {"name": "reply", "schema": FORM, "strict": True}}


# --- what a server does not take -------------------------------------------------------------------------------------


def test_a_server_without_json_schema_is_asked_with_less_and_it_is_remembered() -> None:
    seen = []

    def policy(body: dict[str, Any]) -> Any:
        kind = body.get("response_format", {}).get("type", "")
        seen.append(kind)
        return Fault("400", f"Invalid parameter: 'response_format' of type '{kind}'") if kind else {"content": "{}"}

    with serve(policy) as server:
        made = model(server)
        assert replied(made, ask(form=FORM)).text == "{}" and seen == ["json_schema", "json_object", ""]
        assert replied(made, ask("again", form=FORM)).text == "{}" and seen[3:] == [""]
    assert made.counters["requests"] == 4 and "retries" not in made.counters


def test_a_server_with_another_name_for_max_tokens() -> None:
    def policy(body: dict[str, Any]) -> Any:
        wrong = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
        return Fault("400", wrong) if "max_tokens" in body else {"content": str(body["max_completion_tokens"])}

    with serve(policy) as server:
        assert replied(model(server), ask(sampling={"max_tokens": 5})).text == "5"


def test_a_server_that_reads_no_malformed_arguments_or_thinking_of_earlier_turns() -> None:
    def policy(body: dict[str, Any]) -> Any:
        message = body["messages"][0]
        if "reasoning" in message:
            return Fault("422", "messages[0]: unknown field `reasoning`")
        try:
            return {"content": orjson.loads(message["tool_calls"][0]["function"]["arguments"])["not_json"]}
        except orjson.JSONDecodeError:
            return Fault("400", "Expecting ',' delimiter: line 1 column 54 (char 53)")

    call = {"id": "a", "type": "function", "function": {"name": "look", "arguments": '{"at": '}}
    messages = [{"role": "assistant", "tool_calls": [call], "reasoning": "t"}, {"role": "user", "content": "?"}]
    with serve(policy) as server:
        assert replied(model(server), Ask(messages=messages, record="r", purpose="p")).text == '{"at": '


@pytest.mark.parametrize(
    "fault, kind",
    [
        (Fault("400", "This model's maximum context length is 4096 tokens."), "too_long"),
        (Fault("400", "no", code="context_length_exceeded"), "too_long"),
        (Fault("413"), "too_long"),
        (Fault("400", "no", code="content_policy_violation"), "refused"),
        (Fault("422", "top_p must be in (0, 1]"), "server"),
        (Fault("400", "max_tokens=100000 cannot be greater than max_model_len=16384."), "server"),
    ],
)
def test_what_is_wrong_with_one_request_is_not_tried_again(fault: Fault, kind: str) -> None:
    with serve(first(1, fault)) as server:
        made = model(server)
        bad, good = _both(made)
    assert isinstance(bad, ModelError) and bad.kind == kind and fault.message in bad.message
    assert isinstance(good, Reply) and made.counters["requests"] == 2


def _both(made: OpenAI) -> tuple[Any, Any]:
    """Two replies or errors, one after another."""

    async def work(made: OpenAI) -> tuple[Any, Any]:
        found = [(await asyncio.gather(made.reply(ask(text)), return_exceptions=True))[0] for text in "ab"]
        return found[0], found[1]

    return use(made, work)


def test_a_refusal_that_every_record_meets_stops_all() -> None:
    with serve(lambda body: Fault("400", "temperature must be 1")) as server:
        got = replied(model(server, in_flight=1), *(ask(str(n)) for n in range(7)))
    assert [type(each) for each in got] == [ModelError] * 4 + [StopAll] * 3 and "temperature must be 1" in str(got[4])
    assert server.requests == 5


def test_refusals_after_a_success_stop_nothing() -> None:
    with serve(lambda body: plain(body) if body["messages"][0]["content"] == "0" else Fault("400", "bad")) as server:
        got = replied(model(server, in_flight=1), *(ask(str(n)) for n in range(8)))
    assert [type(each) for each in got] == [Reply] + [ModelError] * 7


# --- faults that pass ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind", ["429", "408", "409", "500", "502", "503", "close", "cut", "bad_json", "empty", "no_content", "hang"]
)
def test_what_passes_is_tried_again(kind: str) -> None:
    with serve(first(1, Fault(kind))) as server:
        made = model(server, timeout=0.3)
        assert replied(made, ask()).text == "ok"
    assert made.counters["retries"] == 1 and made.counters["requests"] == server.requests == 2
    cause = {"429": "429", "408": "408", "409": "409", "500": "5xx", "502": "5xx", "503": "5xx", "hang": "timeouts"}
    assert kind not in cause or made.counters[cause[kind]] == 1


@pytest.mark.parametrize(
    "fault, kind",
    [("429", "server"), ("500", "server"), ("close", "unreachable"), ("cut", "unreachable"), ("hang", "timeout"),
     ("bad_json", "bad_reply"), ("empty", "bad_reply"), ("no_content", "bad_reply")],
)  # fmt: skip
def test_what_does_not_pass_is_an_error_of_its_kind(fault: str, kind: str) -> None:
    with serve(faults={fault: 1.0}) as server:
        made = model(server, timeout=0.2)
        with pytest.raises(ModelError, match=r"after 3 tries") as caught:
            replied(made, ask())
    assert caught.value.kind == kind and server.requests == 3 and made.counters["retries"] == 2


@pytest.mark.parametrize("fault", ["wrong_tool", "bad_arguments", "double", "no_ids", "refusal", "repeat", "slow"])
def test_what_the_model_does_wrong_comes_back_as_it_is(fault: str) -> None:
    with serve(faults={fault: 1.0}, slow=0.1) as server:
        made = model(server)
        got = replied(made, ask(tools=[LOOK]))
    assert made.counters["requests"] == 1
    calls = [call["function"] for call in got.message.get("tool_calls", ())]
    want: dict[str, Any] = {
        "wrong_tool": [{"name": "no_such_tool", "arguments": {}}],
        "bad_arguments": [{"name": "look", "arguments": '{"at": '}],
        "double": [{"name": "look", "arguments": {"at": 1}}],
        "no_ids": [{"name": "look", "arguments": {"at": 1}}],
    }
    assert calls == want.get(fault, [])
    if fault == "refusal":
        assert got.message["refusal"].startswith("I cannot") and got.text == ""
    if fault == "repeat":
        assert got.finish == "length" and got.text.startswith("again and again")
    if fault == "slow":
        assert got.seconds >= 0.1


@pytest.mark.parametrize("after", ["1", "date", "ms"])
def test_retry_after_is_kept_to(after: str) -> None:
    headers = {"1": {"Retry-After": "1"}, "ms": {"retry-after-ms": "400"}}.get(after)
    date = formatdate(time.time() + 2, usegmt=True)  # whole seconds: one at least
    with serve(first(1, Fault("429", headers=headers or {"Retry-After": date}))) as server:
        start = time.monotonic()
        assert replied(model(server), ask()).text == "ok"
        waited = time.monotonic() - start
    assert (0.4 if after == "ms" else 0.9) <= waited < 3


def test_a_server_that_wants_to_be_left_alone_for_long() -> None:
    with serve(faults={"429": 1.0}, retry_after="600") as server:
        got = replied(model(server, in_flight=1), *(ask(str(n)) for n in range(9)))
    assert server.requests == 1 and all(isinstance(each, StopAll) for each in got)
    assert "alone for 600 s" in str(got[0]) and "--resume" in got[0].hint and all(each.patient for each in got)
    assert openai.retry_after({"Retry-After": "soon"}) == openai.retry_after({"Retry-After": "nan"}) == 0


def test_a_server_that_wants_to_be_left_alone_is_and_the_other_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "EVERY", 0.02)

    async def work(made: OpenAI) -> list[Any]:
        got = []
        for n in range(12):
            got.append(await made.reply(ask(str(n), record=f"r{n}")))
            await asyncio.sleep(0.02)
        two.options.faults, two.options.retry_after = {"429": 1.0}, "700"
        return got + await asyncio.gather(*(made.reply(ask(record=f"r{n}")) for n in range(3)), return_exceptions=True)

    with serve(faults={"429": 1.0}, retry_after="600") as one, serve() as two:
        made = model(one, two)
        got = use(made, work)
    assert all(isinstance(each, Reply) for each in got[:12]) and one.requests == 1 and made.counters["endpoints"]
    assert all(isinstance(each, StopAll) and "alone for 700 s" in str(each) for each in got[12:])


def test_an_answer_that_is_far_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "SIZE", 10_000)
    with serve(lambda body: {"content": "x" * 20_000}) as server, pytest.raises(ModelError, match="over 10000 bytes"):
        replied(model(server, tries=1), ask())


def test_what_failed_tries_cost_is_counted() -> None:
    usage = {"prompt_tokens": 5, "completion_tokens": 1}
    said = iter([{"content": "", "usage": usage}, {"content": "a", "usage": usage}])
    ledger = Ledger(None, {})
    with serve(lambda body: next(said)) as server:
        made = model(server, gate=Gate(4, ledger=ledger))
        got = replied(made, ask())
    assert got.usage == Usage(10, 2) and made.counters["tokens_in"] == 10
    assert ledger.totals()["tokens_in"] == 10 and ledger.totals()["requests"] == 2


# --- what stops all --------------------------------------------------------------------------------------------------


def test_no_server_is_named() -> None:
    with pytest.raises(StopAll) as caught:
        OpenAI("m", Settings(), Gate(1))
    assert caught.value.hint == "name a server with --endpoint or OPENAI_BASE_URL"


@pytest.mark.parametrize("url", ["127.0.0.1:8000/v1", "ftp://a/v1", "http://", "http://a:x/v1"])
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(StopAll, match="is no address"):
        OpenAI("m", Settings(endpoints=(url,)), Gate(1))


def test_nobody_listens() -> None:
    with serve() as server:
        gone = server.base
    start = time.monotonic()
    with pytest.raises(StopAll, match=f"no model server answers at {gone} \\(connection refused\\)") as caught:
        replied(model(gone), ask())
    assert "vllm serve" in (caught.value.hint or "") and time.monotonic() - start < 6


def test_a_server_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "HEALTH", 0.3)
    with serve() as server:
        server.asleep = True
        with pytest.raises(StopAll, match=r"no answer within 0\.3 s"):
            replied(model(server), ask())


def test_a_server_that_cannot_be_reached_is_told_of_sooner_than_one_that_is_slow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with serve() as slow:
        monkeypatch.setattr(Server, "_models", late(2.0))
        assert replied(model(slow), ask()).text == "ok"
    with socket.socket() as full:  # where nobody is let in any more
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(full.getsockname())
        start = time.monotonic()
        with pytest.raises(StopAll, match=r"no model server answers .*not reached within 1\.5 s"):
            replied(model(f"http://127.0.0.1:{full.getsockname()[1]}/v1"), ask())
        assert time.monotonic() - start < 6
        for each in waiting:
            each.close()


def late(seconds: float, listed: Callable[[Server, Any, bytes], None] = Server._models) -> Any:
    """A server's list of models, so much later."""

    def later(self: Server, wire: Any, head: bytes) -> None:
        asyncio.get_running_loop().call_later(seconds, listed, self, wire, head)

    return later


def test_a_wrong_key_is_told_at_once_though_another_server_is_slow() -> None:
    with serve(key=KEY) as one, serve() as two:
        two.asleep = True
        start = time.monotonic()
        with pytest.raises(StopAll, match="wants a key"):
            replied(model(one, two), ask())
        assert time.monotonic() - start < 6


@pytest.mark.parametrize("key", ["", "sk-wrong-0123456789"])
def test_a_wrong_key_stops_at_once_and_is_not_told(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with serve(key=KEY) as server:
        start = time.monotonic()
        with pytest.raises(StopAll) as caught:
            replied(model(server), ask())
    assert time.monotonic() - start < 6 and server.requests == 0
    assert ("wants a key" in caught.value.message) == (not key) and "sk-" not in repr(caught.value.message)
    assert (caught.value.hint == "set OPENAI_API_KEY") == (not key)


def test_the_key_is_sent_and_hidden_from_whatever_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", f" {KEY}\n")

    def policy(body: dict[str, Any]) -> Any:
        word = body["messages"][0]["content"]
        return {"content": f"it is {KEY}"} if word == "say" else Fault(word, f"key {KEY} is bad")

    with serve(policy, key=KEY) as server:
        said = replied(model(server), ask("say"))
        faults = []
        for status in ("400", "500", "403"):
            with pytest.raises((ModelError, StopAll)) as caught:
                replied(model(server, tries=1), ask(status))
            faults.append(str(caught.value))
    assert said.text == f"it is {secrets.KEY}" and not any(KEY in fault for fault in faults)
    assert all(secrets.KEY in fault for fault in faults)


@pytest.mark.parametrize("key", ["continent", "a-continent-of-asia", "c0ntinent"])
def test_a_key_that_is_like_a_word_is_left_in_replies(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with serve(lambda body: {"content": f"its {key}"}) as server:
        assert replied(model(server), ask()).text == f"its {key}"
    with serve(lambda body: Fault("400", f"what is {key}?")) as server, pytest.raises(ModelError) as caught:
        replied(model(server), ask())
    assert key not in str(caught.value)


def test_a_key_that_no_header_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "a\nb: c")
    with pytest.raises(StopAll, match="no header may hold"):
        OpenAI("m", Settings(endpoints=("http://127.0.0.1:1/v1",)), Gate(1))


def test_a_password_in_the_address_is_used_and_not_told() -> None:
    with serve(lambda body: Fault("400", "who is geheim?")) as server, pytest.raises(ModelError) as caught:
        replied(model(server.base.replace("http://", "http://me:geheim@")), ask())
    assert "geheim" not in str(caught.value) and b"Authorization: Basic bWU6Z2VoZWlt" in server.last[0]


def test_nothing_of_an_address_but_where_it_is_is_told() -> None:
    base = "http://tok%2Fen-one:pass-two@{}?api-key=value-three&bare-four#part-five"
    spelled = ["tok/en-one", "tok%2Fen-one", "pass-two", "value-three", "bare-four", "part-five"]

    def echoed(body: dict[str, Any]) -> Fault:
        return Fault("400", f"who are {' '.join(spelled)} {secrets.basic('tok%2Fen-one:pass-two')}?")

    with serve(echoed) as server:
        address = base.format(server.base.removeprefix("http://"))
        made = model(address)
        with pytest.raises(ModelError) as caught:
            replied(made, ask())
        assert b"/v1/chat/completions?api-key=value-three&bare-four HTTP" in server.last[0]
    assert made._endpoints.all[0].shown == server.base
    with pytest.raises(StopAll) as gone:
        replied(model(address), ask())
    with pytest.raises(StopAll) as wrong:
        model("http://a:x/v1?token=ab@value-three")
    said = f"{caught.value} {gone.value.message} {wrong.value.message}"
    assert server.base in said and not any(each in said for each in [*spelled[:5], "dG9r", "@"])
    with serve(lambda body: Fault("401", "no")) as server, pytest.raises(StopAll) as told:
        replied(model(base.format(server.base.removeprefix("http://"))), ask())
    assert "does not accept the user in its address" in told.value.message


@pytest.mark.parametrize("words", ["your input was flagged for violence", "against our usage policies"])
def test_a_403_about_what_was_said_is_one_records(words: str) -> None:
    with serve(lambda body: Fault("403", words)) as server:
        got = replied(model(server, in_flight=1), *(ask(str(n)) for n in range(25)))
    assert all(isinstance(each, ModelError) and each.kind == "refused" and words in str(each) for each in got)


def test_a_403_is_one_records_where_others_are_answered_and_stops_all_in_a_row() -> None:
    def policy(body: dict[str, Any]) -> Any:
        return plain(body) if int(body["messages"][0]["content"]) % 10 == 0 else Fault("403", "not this")

    asks = [ask(str(n)) for n in [*range(40), *(1,) * 30]]
    with serve(policy) as server:
        got = replied(model(server, in_flight=1), *asks)
    assert {type(each) for each in got[1:40]} == {Reply, ModelError} and got[1].kind == "refused"
    assert [type(each) for each in got[40:]] == [ModelError] * 10 + [StopAll] * 20 and "not this" in str(got[-1])


def test_a_403_from_the_start_says_what_the_server_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(lambda body: Fault("403", "no access to this model")) as server:
        for key in ("", KEY):
            monkeypatch.setenv("OPENAI_API_KEY", key)
            with pytest.raises(StopAll, match="answered 403: no access to this model") as caught:
                replied(model(server), ask())
            assert ("set OPENAI_API_KEY" in caught.value.hint) == (not key)
            assert "wants a key" not in caught.value.message


@pytest.mark.parametrize("kind", ["401", "404"])
def test_what_breaks_every_record_in_mid_run_stops_all(kind: str) -> None:
    with serve(lambda body: plain(body) if body["messages"][0]["content"] == "0" else Fault(kind)) as server:
        got = replied(model(server, in_flight=1), *(ask(str(n)) for n in range(5)))
    assert isinstance(got[0], Reply) and all(isinstance(each, StopAll) for each in got[1:])
    assert server.requests == 2  # the others were not sent


def test_a_model_that_the_server_lacks() -> None:
    listed = [{"id": f"m{n}", "root": f"m{n}"} for n in range(12)]
    with serve(models=listed) as server, pytest.raises(StopAll, match="has no model test") as caught:
        replied(model(server), ask())
    assert caught.value.hint == "it has m0, m1, m2, m3, m4, m5, m6, m7, m8, m9 and 2 more; an alias needs --revision"
    with serve(models=listed) as server:
        made = model(server, revision="mine")
        assert replied(made, ask()).text == "ok" and made.revision == "mine"


def test_a_server_that_lists_no_models() -> None:
    with serve(models_status=405) as server:
        made = model(server, revision="")
        assert replied(made, ask()).text == "ok" and made.revision == ""
        assert replied(named := model(server, revision="r7"), ask()).text == "ok" and named.revision == "r7"


@pytest.mark.parametrize("status", [400, 429, 500, 503])
def test_a_list_of_models_that_comes_late(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "LISTING", 2.0)
    listed, asked = Server._models, []

    def models(self: Server, wire: Any, head: bytes) -> None:
        asked.append(time.monotonic())
        self.options.models_status = status if len(asked) < 3 else 200
        listed(self, wire, head)

    monkeypatch.setattr(Server, "_models", models)
    with serve(models=[{"id": "test", "root": "/models/a"}]) as server:
        made = model(server)
        assert replied(made, ask()).text == "ok" and made.revision and not made.unlisted
    assert len(asked) == 3 and asked[2] - asked[0] > 0.5


@pytest.mark.parametrize("status", [400, 429, 500])
def test_a_list_of_models_that_does_not_come(status: int) -> None:
    with serve(models_status=status) as server:
        made = model(server)
        assert replied(made, ask()).text == "ok"
        assert made.revision == "" and made.unlisted == f"it answered {status}"
        made = model(server, revision="mine")
        start = time.monotonic()
        assert replied(made, ask()).text == "ok" and made.revision == "mine" and not made.unlisted
        assert time.monotonic() - start < 4, "nobody needs the list"


def test_a_server_that_is_not_ready() -> None:
    with serve(models_status=503) as server, pytest.raises(StopAll, match=r"no model server answers .*answered 503"):
        replied(model(server), ask())


def test_an_address_without_v1() -> None:
    with serve() as server, pytest.raises(StopAll) as caught:
        replied(model(server.base.removesuffix("/v1")), ask())
    assert caught.value.hint == f"name it {server.base}"


def test_credit_that_is_used_up() -> None:
    fault = Fault("429", "You exceeded your quota", code="insufficient_quota")
    with serve(lambda body: fault) as server, pytest.raises(StopAll, match="exceeded your quota") as caught:
        replied(model(server), ask())
    assert server.requests == 1 and caught.value.patient


@pytest.mark.parametrize("fault", [Fault("402", "no credit"), Fault("429", "no credit", code="insufficient_quota")])
def test_credit_that_is_used_up_lets_what_is_in_flight_finish(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(STATUS, "402", "pay")
    with serve(first(0, fault), latency=0.2) as server:
        made = model(server, in_flight=4)

        async def work(made: OpenAI) -> list[Any]:
            tasks = [asyncio.create_task(made.reply(ask(str(n)))) for n in range(3)]
            await asyncio.sleep(0.05)
            server.options.policy = lambda body: fault
            late = [made.reply(ask(str(n))) for n in range(3, 9)]
            return await asyncio.gather(*tasks, *late, return_exceptions=True)

        got = use(made, work)
    assert [type(each) for each in got] == [Reply] * 3 + [StopAll] * 6 and all(each.patient for each in got[3:])


def test_prompts_that_are_all_too_long() -> None:
    fault = Fault("400", "This model's maximum context length is 2048 tokens", "context_length_exceeded")
    with serve(lambda body: fault) as server:
        got = replied(model(server, in_flight=1), *(ask(str(n)) for n in range(9)))
    assert [type(each) for each in got] == [ModelError] * 4 + [StopAll] * 5 and got[0].kind == "too_long"
    assert "maximum context length is 2048" in str(got[4]) and "--max-model-len" in got[4].hint


def test_prompts_of_which_some_are_too_long_while_others_take_their_time() -> None:
    def policy(body: dict[str, Any]) -> Any:
        return Fault("413") if int(body["messages"][0]["content"]) % 3 == 0 else plain(body)

    with serve(policy, latency=0.3) as server:
        got = replied(model(server, in_flight=24), *(ask(str(n)) for n in range(48)))
    assert [type(each) for each in got] == [ModelError, Reply, Reply] * 16


def test_calls_as_text_are_an_error_and_stop_all_when_there_is_nothing_else() -> None:
    def policy(body: dict[str, Any]) -> Any:
        good = body["messages"][0]["content"] == "good"
        return plain(body) if good else {"content": '<tool_call>\n{"name": "look"}\n</tool_call>'}

    with serve(policy) as server:
        got = replied(model(server, tries=1, in_flight=1), *(ask(str(n), tools=[LOOK]) for n in range(10)))
        assert [type(each) for each in got] == [ModelError] * 7 + [StopAll] * 3 and server.requests == 8
        assert all("--enable-auto-tool-choice --tool-call-parser" in str(each) for each in got)
        assert got[0].kind == "bad_reply"
        asks = [ask("good", tools=[LOOK]), *(ask(str(n), tools=[LOOK]) for n in range(10))]
        got = replied(model(server, tries=1, in_flight=1), *asks)
    assert [type(each) for each in got[1:]] == [ModelError] * 10


def test_a_vllm_that_was_started_without_a_tool_parser() -> None:
    told = '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'
    with serve(lambda body: Fault("400", told)) as server, pytest.raises(StopAll, match="tool-call-parser"):
        replied(model(server), ask(tools=[LOOK]))


def test_a_server_that_keeps_failing() -> None:
    with serve(faults={"500": 1.0}) as server:
        got = replied(model(server, tries=1, in_flight=4), *(ask(record=str(n)) for n in range(30)))
        one = replied(model(server, tries=1, in_flight=4), *(ask(str(n)) for n in range(30)))
    assert not any(isinstance(each, StopAll) for each in one)  # all of one record: the others may fare better
    stops = [each for each in got if isinstance(each, StopAll)]
    assert len(got) - len(stops) == 19 and "the server keeps failing" in str(stops[0]) and server.requests <= 54


def test_a_budget_that_is_spent_ends_it_with_what_was_paid_for() -> None:
    with serve() as server:
        gate = Gate(2, ledger=Ledger(None, {"requests": 5}))
        got = replied(model(server, gate=gate, in_flight=2), *(ask(str(n)) for n in range(9)))
    assert [type(each) for each in got].count(Reply) == 5 == server.requests
    assert [type(each) for each in got].count(BudgetSpent) == 4


# --- a server that dies ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tries", [1, 4])
def test_a_server_that_dies_stops_all_and_no_record_is_blamed(tries: int) -> None:
    async def work(made: OpenAI) -> list[Any]:
        first = await asyncio.gather(*(made.reply(ask(str(n))) for n in range(4)))
        tasks = [asyncio.create_task(made.reply(ask(str(n)))) for n in range(40)]
        await asyncio.sleep(0.1)
        await asyncio.to_thread(stack.__exit__, None, None, None)
        return [*first, *await asyncio.gather(*tasks, return_exceptions=True)]

    stack = serve(latency=0.2)
    gone = stack.__enter__()
    made = model(gone, tries=tries, in_flight=4)
    got = use(made, work)
    assert {type(each) for each in got} == {Reply, StopAll}
    stop = next(each for each in got if isinstance(each, StopAll))
    assert str(stop) == f"no model server answers any more at {gone.base} (connection refused)"
    assert stop.hint == "run the same command with --resume when it is back"


@pytest.mark.parametrize("tries", [1, 4])
def test_a_server_that_restarts_is_waited_for(tries: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "WAIT", 20.0)
    monkeypatch.setattr(endpoints, "AGAIN", 0.1)

    async def work(made: OpenAI) -> list[Any]:
        tasks = [asyncio.create_task(made.reply(ask(str(n)))) for n in range(40)]
        await asyncio.sleep(0.5)
        for _ in range(2):
            await asyncio.to_thread(stacks.pop().__exit__, None, None, None)
            await asyncio.sleep(0.5)
            stacks.append(serve(port=port, latency=0.2))
            await asyncio.to_thread(stacks[-1].__enter__)
            await asyncio.sleep(0.4)
        return await asyncio.gather(*tasks, return_exceptions=True)

    stacks = [serve(latency=0.2)]
    server = stacks[0].__enter__()
    port = int(server.base.rsplit(":")[-1].split("/")[0])
    got = use(made := model(server, tries=tries, in_flight=4), work)
    stacks.pop().__exit__(None, None, None)
    assert [type(each) for each in got] == [Reply] * 40 and "endpoints" not in made.counters


def test_a_server_that_falls_asleep_stops_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "BUSY", 0.2)
    monkeypatch.setattr(endpoints, "HEALTH", 0.2)

    async def work(made: OpenAI) -> list[Any]:
        server.asleep = True
        return await asyncio.gather(*(made.reply(ask(str(n))) for n in range(20)), return_exceptions=True)

    with serve() as server:
        got = use(model(server, tries=1, in_flight=4, timeout=0.2), work)
    assert all(isinstance(each, StopAll) and "(no answer within 0.2 s)" in str(each) for each in got)


def test_a_request_that_breaks_the_connection_each_time_is_to_blame_itself() -> None:
    def policy(body: dict[str, Any]) -> Any:
        return Fault("close") if body["messages"][0]["content"] == "7" else plain(body)

    with serve(policy) as server:
        got = replied(model(server, tries=2), *(ask(str(n)) for n in range(20)))
    assert [n for n, each in enumerate(got) if not isinstance(each, Reply)] == [7] and got[7].kind == "unreachable"


def test_a_server_that_comes_back_as_another_stops_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "WAIT", 5.0)

    async def work(made: OpenAI) -> Any:
        await asyncio.to_thread(stack.__exit__, None, None, None)
        task = asyncio.create_task(made.reply(ask()))
        await asyncio.sleep(0.1)
        with serve(port=port, models=[{"id": "test", "root": "b"}]):
            return (await asyncio.gather(task, return_exceptions=True))[0]

    stack = serve(models=[{"id": "test", "root": "a"}])
    server = stack.__enter__()
    port = int(server.base.rsplit(":")[-1].split("/")[0])
    assert "another checkpoint as test" in str(use(model(server), work))


FILES = """
import asyncio, resource, sys
sys.path.insert(0, "tests")
from dive_tools.errors import StopAll
from dive_tools.models.base import Settings
from dive_tools.models.gate import Gate
from dive_tools.models.openai import OpenAI
from model_server import serve

resource.setrlimit(resource.RLIMIT_NOFILE, (100, 300))

async def opened(count):
    made = OpenAI("test", Settings(endpoints=(server.base,), in_flight=count), Gate(count))
    try:
        await made.open()
        await made.close()
    except StopAll as stop:
        print(stop.message, "|", stop.hint)
    print(resource.getrlimit(resource.RLIMIT_NOFILE))

with serve() as server:
    asyncio.run(opened(10))
    asyncio.run(opened(400))
"""


def test_as_many_files_may_be_open_as_requests_in_flight() -> None:
    said = subprocess.check_output([sys.executable, "-c", FILES], cwd=ROOT, timeout=30, text=True).splitlines()
    assert said[0] == "(138, 300)" and said[2:] == ["(300, 300)"]
    assert "need 528 open files, and 300 are allowed" in said[1] and "ulimit -n 528" in said[1]


# --- several servers -------------------------------------------------------------------------------------------------


@pytest.fixture
def three() -> Iterator[list[Server]]:
    with serve(latency=0.02) as one, serve(latency=0.02) as two, serve(latency=0.02) as three:
        yield [one, two, three]


def test_a_conversation_stays_on_one_server(three: list[Server]) -> None:
    async def work(made: OpenAI) -> list[tuple[int, ...]]:
        found = []
        for record in range(30):  # so many that each server has its share, whatever the ports
            before = [server.requests for server in three]
            for turn in range(2):
                await made.reply(ask(str(turn), record=f"r{record}"))
            found.append(tuple(server.requests - b for server, b in zip(three, before, strict=True)))
        return found

    shares = use(model(*three), work)
    assert all(sorted(share) == [0, 0, 2] for share in shares) and len(set(shares)) == 3


def test_one_record_alone_does_not_overload_its_server(three: list[Server]) -> None:
    made = model(*three, in_flight=30)
    replied(made, *(ask(str(n), record="same") for n in range(30)))
    assert max(server.requests for server in three) <= 15 and min(server.requests for server in three) >= 1


def test_a_dead_server_is_left_and_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "EVERY", 0.1)
    asks = [ask(str(n), record=f"r{n}") for n in range(12)]

    async def work(made: OpenAI) -> tuple[int, list[Any]]:
        await asyncio.gather(*map(made.reply, asks))
        assert one.requests and two.requests
        port = int(leaving.base.rsplit(":")[-1].split("/")[0])
        await asyncio.to_thread(stack.__exit__, None, None, None)
        moved = await asyncio.gather(*map(made.reply, asks))
        with serve(port=port) as back:
            for _ in range(100):
                await asyncio.sleep(0.03)
                if all(each.up for each in made._endpoints.all):
                    break
            await asyncio.gather(*map(made.reply, asks))
            return back.requests, moved

    stack = serve()
    with serve() as one:
        leaving = two = stack.__enter__()
        made = model(one, two, tries=4)
        back, moved = use(made, work)
    assert all(isinstance(each, Reply) for each in moved) and back > 0 and made.counters.get("retries", 0) <= 12


def test_a_server_that_is_down_from_the_start_is_done_without() -> None:
    with serve() as gone:
        pass
    with serve() as server:
        made = model(gone, server)
        assert all(isinstance(each, Reply) for each in replied(made, *(ask(record=f"r{n}") for n in range(8))))
        assert "retries" not in made.counters and made.counters["endpoints"] == "1/2"
        replied(made := model(server, server.base.replace("127.0.0.1", "localhost")), ask())
    assert "endpoints" not in made.counters


def test_a_server_that_hangs_loses_its_conversations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "EVERY", 0.1)
    monkeypatch.setattr(endpoints, "BUSY", 0.1)

    async def work(made: OpenAI) -> list[Any]:
        one.asleep = True
        return await asyncio.gather(*(made.reply(ask(record=f"r{n}")) for n in range(12)))

    with serve() as one, serve() as two:
        start = time.monotonic()
        got = use(model(one, two, timeout=60.0, in_flight=12), work)
    assert len(got) == 12 and time.monotonic() - start < 5 and two.requests == 12


def test_a_server_that_comes_back_with_another_checkpoint_stops_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "EVERY", 0.05)

    async def work(made: OpenAI) -> None:
        two.options.models = [{"id": "test", "root": "b"}]
        made._endpoints.down(made._endpoints.all[1])
        await asyncio.sleep(0.3)
        await made.reply(ask())

    with (
        serve(models=[{"id": "test", "root": "a"}]) as one,
        serve(models=[{"id": "test", "root": "a"}]) as two,
        pytest.raises(StopAll, match="came back with another checkpoint as test"),
    ):
        use(model(one, two), work)


def test_the_address_may_stand_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with serve() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.base}/")
        assert replied(OpenAI("test", Settings(), Gate(1)), ask()).text == "ok"


# --- which checkpoint, and where -------------------------------------------------------------------------------------


def folder(path: Path, weights: bytes) -> Path:
    path.mkdir()
    (path / "config.json").write_text('{"architectures": ["X"]}')
    (path / "tokenizer.json").write_text("{}")
    (path / "model.safetensors").write_bytes(weights)
    return path


def test_the_revision_is_what_the_folder_holds(tmp_path: Path) -> None:
    weights = bytes(range(256)) * 12_000
    one = folder(tmp_path / "one", weights)
    trained = folder(tmp_path / "trained", bytes(byte ^ 1 for byte in weights))
    shutil.copytree(one, copy := tmp_path / "copy")
    (copy / "README.md").write_text("notes")

    def seen(root: str | None, **more: Any) -> str:
        entry = {"id": "test", "root": root, **more}
        with serve(models=[entry, {"id": "base", "root": str(one)}, {"id": "other", "root": str(trained)}]) as server:
            replied(made := model(server), ask())
        return made.revision

    assert len(seen(str(one))) == 16 and seen(str(one)) == seen(str(copy)) != seen(str(trained))
    assert seen("Qwen/Qwen3-8B") and seen("Qwen/Qwen3-8B") != seen("Qwen/Qwen3-4B")
    assert seen("test") == seen(None) == ""
    assert seen("lora", parent="base") != seen("lora", parent="other")
    (one / "config.json").write_text('{"architectures": ["Y"]}')
    assert seen(str(one)) != seen(str(copy))


def test_servers_of_different_checkpoints_are_not_mixed() -> None:
    with serve(models=[{"id": "test", "root": "a"}]) as one, serve(models=[{"id": "test", "root": "b"}]) as two:
        with pytest.raises(StopAll, match="different checkpoints as test"):
            replied(model(one, two), ask())
        assert replied(model(one, two, revision="mine"), ask()).text == "ok"


@pytest.mark.parametrize(
    "host, inside, want",
    [
        ("127.0.0.1", (), True), ("localhost", (), True), ("::1", (), True), ("0.0.0.0", (), True),
        ("127.8.8.8", (), True),
        ("10.0.0.1", (), False), ("api.openai.com", (), False), ("10.0.0.1", ("10.0.0.1",), True),
        ("gpu.lan.example", (".lan.example",), True), ("gpu.lan.example", ("lan.example",), False),
        ("evil-lan.example", (".lan.example",), False), ("GPU.lan", ("gpu.LAN",), True), ("localhost.evil", (), False),
    ],
)  # fmt: skip
def test_what_is_inside(host: str, inside: tuple[str, ...], want: bool) -> None:
    assert is_inside(host.lower(), inside) is want


def test_a_proxy_is_not_asked_for_a_host_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(echo) as proxy, serve() as server:
        monkeypatch.setenv("http_proxy", proxy.base.removesuffix("/v1"))
        assert replied(model(server), ask()).text == "ok" and proxy.requests == 0
        outside = OpenAI("m", Settings(endpoints=("http://example.org/v1",)), Gate(1))
        assert outside._endpoints.all[0].proxy == proxy.base.removesuffix("/v1") and not outside.inside


# --- many at once ----------------------------------------------------------------------------------------------------


def test_no_more_in_flight_than_allowed() -> None:
    with serve(latency=0.02) as server:
        replied(model(server, in_flight=7), *(ask(str(n)) for n in range(70)))
    assert server.most == 7 and server.stats()["repeated"] == 0


def test_a_cancelled_reply_leaves_nothing_behind() -> None:
    gate = Gate(2)

    async def work(made: OpenAI) -> None:
        tasks = [asyncio.create_task(made.reply(ask(str(n)))) for n in range(6)]
        await asyncio.sleep(0.2)
        assert server.active == 2 and gate.inside == 2
        for task in tasks:
            task.cancel()
        assert all(isinstance(e, asyncio.CancelledError) for e in await asyncio.gather(*tasks, return_exceptions=True))
        rate = made._endpoints.all[0].rate
        assert gate.inside == rate.load == 0 and not made._endpoints.all[0].alarms
        assert len(asyncio.all_tasks()) == 1
        server.options.faults = {}
        assert (await made.reply(ask("after"))).text == "ok"

    with serve(faults={"hang": 1.0}) as server:
        use(model(server, gate=gate, in_flight=2, timeout=30.0), work)
        assert server.active == 0


def paced(count: int, at_once: int, **options: Any) -> tuple[float, list[Any], Server]:
    """Replies a second, replies, and the server."""

    async def work(made: OpenAI) -> tuple[float, list[Any]]:
        start = time.monotonic()
        got = await asyncio.gather(*(made.reply(ask(str(n))) for n in range(count)), return_exceptions=True)
        return count / (time.monotonic() - start), got

    with serve(**options) as server:
        rate, got = use(model(server, in_flight=at_once, tries=5), work)
    return rate, got, server


def test_a_server_that_throttles_at_random_is_not_slowed_down_for() -> None:
    whole, _, _ = paced(1000, 32, latency=0.05)
    rate, got, server = paced(1000, 32, latency=0.05, faults={"429": 0.1})
    assert all(isinstance(each, Reply) for each in got) and server.faulty["429"] > 50
    assert rate >= 0.45 * whole, f"{rate:.0f} of {whole:.0f} a second"


def test_a_server_that_lets_so_many_in_a_second_is_settled_into() -> None:
    rate, got, server = paced(400, 64, latency=0.1, rate=100.0, burst=10.0)
    assert all(isinstance(each, Reply) for each in got)
    assert rate >= 40 and server.faulty["429"] < 250, f"{rate:.0f} a second, {server.faulty['429']} refused"


# --- the server of these tests ---------------------------------------------------------------------------------------


def test_the_model_server_is_a_program_too(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "from model_server import Fault\nseen = []\n"
        "def policy(body):\n    seen.append(1)\n"
        "    return Fault('500') if len(seen) % 2 else {'content': body['messages'][-1]['content']}\n"
    )
    words = [sys.executable, "tests/model_server.py", "--port", "0", "--latency", "0.01", "--policy", "mine:policy"]
    path = {**os.environ, "PYTHONPATH": str(tmp_path)}
    with subprocess.Popen(words, cwd=ROOT, env=path, stdout=subprocess.PIPE, text=True) as program:
        try:
            assert program.stdout is not None
            base = program.stdout.readline().strip()
            got = replied(model(base, tries=12), *(ask(f"same {n % 3}") for n in range(6)))
            stats = orjson.loads(urllib.request.urlopen(f"{base.removesuffix('/v1')}/stats?bodies").read())
        finally:
            program.terminate()
    assert sorted(each.text for each in got) == sorted(f"same {n % 3}" for n in range(6))
    assert (stats["answered"], stats["distinct"], stats["repeated"]) == (6, 3, 3)
    assert stats["requests"] == 6 + stats["faults"]["500"] and sorted(stats["bodies"].values()) == [2, 2, 2]


def test_a_policy_may_call_a_tool() -> None:
    with serve(caller) as server:
        got = replied(model(server), ask(tools=[LOOK]))
    assert got.message["tool_calls"][0]["function"] == {"name": "look", "arguments": {}}
