"""A tiny model of random weights behind a vLLM server, in vLLM in this process, and in transformers: asked the same."""

from __future__ import annotations

import asyncio
import shutil
import time
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from conftest import CONTEXT, Open

from dive_tools.errors import StopAll, UsageFault
from dive_tools.models.base import Ask, Function, ModelError, Reply

MOOD = Function(
    "set_mood",
    "Set the mood of a room.",
    {
        "type": "object",
        "properties": {"mood": {"enum": ["calm", "merry"]}, "lights": {"type": "boolean"}},
        "required": ["mood", "lights"],
        "additionalProperties": False,
    },
)
FORM = {
    "type": "object",
    "properties": {
        "answer": {"enum": ["yes", "no"]},
        "sure": {"type": "boolean"},
        "steps": {"type": "array", "items": {"enum": [1, 2, 3]}, "maxItems": 3},
    },
    "required": ["answer", "sure", "steps"],
    "additionalProperties": False,
}


def ask(text: str = "Hello there", **more: Any) -> Ask:
    more["sampling"] = {"max_tokens": 24, "seed": 1, **more.get("sampling", {})}
    return Ask(messages=[{"role": "user", "content": text}], record="r1", purpose="test", **more)


def served_by_vllm(backend: Open) -> None:
    if backend.kind == "hf":
        pytest.skip("of vLLM only")


def test_chat(backend: Open) -> None:
    reply = backend.run(backend.model.reply(ask()))
    assert reply.message["role"] == "assistant" and reply.message["content"] and "reasoning" not in reply.message
    assert reply.finish in ("stop", "length") and reply.seconds > 0
    assert 10 < reply.usage.tokens_in < 40 and 0 < reply.usage.tokens_out <= 24
    if reply.finish == "length":
        assert reply.usage.tokens_out == 24


def test_the_likeliest_words_and_a_seed_are_the_same_again(backend: Open) -> None:
    for sampling in ({"temperature": 0.0}, {"temperature": 1.0, "seed": 7}):
        asked = ask(sampling={"max_tokens": 16, **sampling})
        first, again = (backend.run(backend.model.reply(asked)) for _ in range(2))
        assert first.message == again.message
    other = backend.run(backend.model.reply(ask(sampling={"max_tokens": 16, "temperature": 1.0, "seed": 8})))
    assert other.message != again.message


def test_many_conversations_are_answered_together(backend: Open) -> None:
    """32 at once: each gets its own reply, in much less than 32 times the time of one."""

    async def one(number: int) -> Reply:
        return await backend.model.reply(
            ask(f"{'word ' * number} {number}", sampling={"max_tokens": 48, "temperature": 1.0, "seed": number})
        )

    async def all_at_once() -> list[Reply]:
        return await asyncio.gather(*(one(number) for number in range(32)))

    before = dict(backend.model.counters)
    start = time.monotonic()
    backend.run(one(0))
    alone, start = time.monotonic() - start, time.monotonic()
    replies = backend.run(all_at_once())
    together = time.monotonic() - start
    assert together < 12 * alone
    assert len({str(reply.message) for reply in replies}) > 28
    lengths = [reply.usage.tokens_in for reply in replies]
    assert lengths == sorted(lengths) and lengths[-1] >= lengths[0] + 31
    after = backend.model.counters
    assert after["requests"] - before["requests"] == 33
    assert after["tokens_out"] - before["tokens_out"] >= sum(reply.usage.tokens_out for reply in replies)


def test_the_loop_lives_on_meanwhile(backend: Open) -> None:
    async def ticks() -> int:
        count = 0
        reply = asyncio.create_task(backend.model.reply(ask(sampling={"max_tokens": 300, "temperature": 1.0})))
        while not reply.done():
            await asyncio.sleep(0.005)
            count += 1
        await reply
        return count

    assert backend.run(ticks()) > 3  # a loop that is held up ticks once


def test_tools_are_offered_and_a_result_is_taken(backend: Open) -> None:
    """Noise calls nothing, but a conversation with calls, results and malformed calls in it is accepted."""
    calls = [
        {
            "id": "call_1",
            "type": "function",
            "function": {"name": "set_mood", "arguments": {"mood": "calm", "lights": True}},
        },
        {"id": "call_2", "type": "function", "function": {"name": "set_mood", "arguments": '{"mood": "ca'}},
    ]
    messages = [
        {"role": "system", "content": "You look after a room."},
        {"role": "user", "content": "Calm, please."},
        {"role": "assistant", "content": "Of course.", "reasoning": "They want calm.", "tool_calls": calls},
        {"role": "tool", "tool_call_id": "call_1", "content": '{"done": true}'},
        {"role": "tool", "tool_call_id": "call_2", "content": "the arguments are no JSON"},
    ]
    asked = Ask(messages=messages, record="r1", purpose="test", turn=1, tools=[MOOD], sampling={"max_tokens": 24})
    reply = backend.run(backend.model.reply(asked))
    assert reply.message.keys() <= {"role", "content", "tool_calls", "reasoning"}
    assert reply.usage.tokens_in > 150 and reply.finish in ("stop", "length", "tool_calls")


def test_a_call_is_read_by_vllm(backend: Open) -> None:
    """Told that it must call, vLLM holds even noise to a call of the schema, and its parser reads it."""
    served_by_vllm(backend)
    choice = {"type": "function", "function": {"name": "set_mood"}}
    for seed in range(4):
        sampling = {"max_tokens": 2000, "tool_choice": choice, "temperature": 1.0, "seed": seed}
        reply = backend.run(backend.model.reply(ask("Merry, please.", tools=[MOOD], sampling=sampling)))
        assert reply.finish == "tool_calls"
        (call,) = reply.message["tool_calls"]
        assert call["type"] == "function" and call["id"] and call["function"]["name"] == "set_mood"
        jsonschema_rs.validate(MOOD.parameters, call["function"]["arguments"])


def test_a_form_is_kept_to(backend: Open) -> None:
    served_by_vllm(backend)
    import orjson

    seen = set()
    for seed in range(8):
        reply = backend.run(
            backend.model.reply(ask(form=FORM, sampling={"max_tokens": 200, "temperature": 1.0, "seed": seed}))
        )
        jsonschema_rs.validate(FORM, orjson.loads(reply.text))
        seen.add(reply.text)
    assert len(seen) > 2


def test_what_was_read_before_is_cached(backend: Open) -> None:
    served_by_vllm(backend)
    asked = ask("The same long words over and over. " * 100)
    backend.run(backend.model.reply(asked))
    again = backend.run(backend.model.reply(asked))
    assert 0.5 * again.usage.tokens_in < again.usage.cached <= again.usage.tokens_in


def test_a_stop_word_ends_it(backend: Open) -> None:
    reply = backend.run(
        backend.model.reply(ask(sampling={"max_tokens": 400, "temperature": 1.0, "seed": 1, "stop": ["e"]}))
    )
    assert reply.finish == "stop" and reply.usage.tokens_out < 400 and "e" not in reply.text


def test_too_long_is_one_records_matter(backend: Open) -> None:
    words = CONTEXT if backend.kind != "hf" else 2 * CONTEXT
    with pytest.raises(ModelError) as fault:
        backend.run(backend.model.reply(ask("word " * (words + 1))))
    assert fault.value.kind == "too_long"
    assert backend.run(backend.model.reply(ask())).message["content"]


def test_a_conversation_that_is_given_up_leaves_the_others(backend: Open) -> None:
    drawn: dict[str, Any] = {"max_tokens": 4000, "temperature": 1.0}
    if backend.kind != "hf":
        drawn["min_tokens"] = 4000  # noise may end at its first word

    async def given_up() -> Reply:
        long = asyncio.create_task(backend.model.reply(ask(sampling=drawn)))
        await asyncio.sleep(0.2)
        long.cancel()
        with pytest.raises(asyncio.CancelledError):
            await long
        return await backend.model.reply(ask())

    assert backend.run(given_up()).message["content"]


def test_what_is_not_known_is_refused(backend: Open) -> None:
    if backend.kind == "openai":
        pytest.skip("a server ignores what it does not know")
    with pytest.raises(UsageFault, match="warmth"):
        backend.run(backend.model.reply(ask(sampling={"warmth": 1.0})))
    with pytest.raises(UsageFault, match="max_tokens"):
        backend.run(backend.model.reply(ask(sampling={"max_tokens": "many"})))


def test_the_revision_is_the_folders(backend: Open, tiny: Path, tmp_path: Path) -> None:
    """The same for all three; of other weights it is another."""
    from tiny_model import make

    from dive_tools.models.checkpoint import local_revision

    assert backend.model.revision == local_revision(str(tiny)) != ""
    again, other = shutil.copytree(tiny, tmp_path / "again"), make(tmp_path / "other", seed=1)
    assert local_revision(str(again)) == backend.model.revision != local_revision(str(other)) != ""


def test_a_server_with_other_weights_in_its_folder_is_another_checkpoint(
    backend: Open, tiny: Path, tmp_path: Path
) -> None:
    if backend.kind != "openai":
        pytest.skip("of the server only")
    from tiny_model import make

    from dive_tools.models.base import Settings
    from dive_tools.models.gate import Gate
    from dive_tools.models.openai import OpenAI

    endpoint = backend.model._settings.endpoints
    weights = (tiny / "model.safetensors").read_bytes()

    def revision() -> str:
        async def found() -> str:
            model = OpenAI("tiny", Settings(endpoints=endpoint), Gate(1))
            await model.open()
            await model.close()
            return model.revision

        return backend.run(found())

    try:
        (tiny / "model.safetensors").write_bytes((make(tmp_path, seed=2) / "model.safetensors").read_bytes())
        assert revision() != backend.model.revision
    finally:
        (tiny / "model.safetensors").write_bytes(weights)
    assert revision() == backend.model.revision


@pytest.mark.parametrize("kind", ["vllm", "hf"])
def test_a_folder_without_a_model_stops_all(kind: str, tiny: Path, tmp_path: Path) -> None:
    from dive_tools.models.base import Settings
    from dive_tools.models.gate import Gate
    from dive_tools.models.table import made

    async def opened() -> None:
        await made(f"{kind}:{tmp_path}", Settings(), Gate(1)).open()

    with pytest.raises(StopAll, match=str(tmp_path)):
        asyncio.run(opened())
