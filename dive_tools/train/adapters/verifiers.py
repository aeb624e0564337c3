"""An exported environment as a taskset and a harness of verifiers (version 0.4 and later, its v1 interface).

`dive-train export --to verifiers` writes a package whose classes are subclasses of these with a folder of their own:

    vf-eval dive-environment --env.agent.runtime.type subprocess --no-push --model NAME --client.base-url URL

The harness plays our own agent loop in the process of the environment, so that toolsets differ from task to task, and
calls, budgets and rewards are those of dive_tools.env to the last digit; every request to the model goes through the
interception server of verifiers, which records the tokens and decides how they are sampled. An attempt without a reward
(a call that no cassette holds, a tool that broke) is an error of its trace, which training leaves out. A limit of
verifiers that ends an attempt leaves it without an answer.

The initial messages are those of the task: `system_prompt` of a taskset's configuration changes only what the trace
says. Tool servers, skills and tool interception of verifiers take no part in it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import httpx
import orjson
import verifiers.v1 as vf

from dive_tools.env import Environment, told
from dive_tools.models import wire
from dive_tools.models.base import Ask, Message, ModelError, Reply, Usage

_ATTEMPTS = itertools.count()  # of this process: no two share a session of a tool
PATIENCE = 3600.0  # seconds that a reply may take; the limits of the run are verifiers' own


@cache
def environment(folder: Path) -> Environment:
    """The environment of a folder, loaded once in a process."""
    return Environment.load(folder)


class State(vf.State):
    """What an attempt was worth, as a run's line has it, and how it ended."""

    reward: dict[str, Any] | None = None
    outcome: str = ""
    ending: str = ""
    lucky: bool = False


class Task(vf.Task[vf.TaskData, State, vf.TaskConfig]):
    """A task: its id, and what its attempts begin with."""

    @property
    def key(self) -> str:
        return str(self.data.id)

    @vf.reward
    async def total(self, trace: vf.Trace) -> float:
        """alpha * R_format + R_correct."""
        return float(_found(trace)["total"])

    @vf.metric
    async def measures(self, trace: vf.Trace) -> dict[str, float]:
        """The parts of the reward, and whether a right answer was one by luck."""
        found = _found(trace)
        return {"format": found["format"], "correct": found["correct"], "lucky": float(trace.state.lucky)}


def _found(trace: vf.Trace) -> dict[str, Any]:
    if trace.state.reward is None:
        raise ValueError("the attempt was not played by the harness of its environment")
    return dict(trace.state.reward)


class Tasks(vf.Taskset[Task, vf.TasksetConfig]):
    """The tasks of an exported environment."""

    folder: ClassVar[Path]

    def load(self) -> Iterable[Task]:
        env = environment(self.folder)
        for name in env.records:
            system, asked = (message["content"] for message in env.reset(name).messages)
            yield Task(vf.TaskData(id=name, prompt=asked, system_prompt=system), self.config.task)


class Loop(vf.Harness[vf.HarnessConfig]):
    """The agent loop of dive_tools.agent, in process."""

    APPENDS_SYSTEM_PROMPT = True
    EXECUTES_CODE = False
    NEEDS_CONTAINER = False
    folder: ClassVar[Path]

    async def launch(
        self,
        ctx: vf.ModelContext,
        trace: vf.Trace,
        runtime: vf.Runtime,
        endpoint: str,
        secret: str,
        mcp_urls: dict[str, str],
        data: vf.TaskData,
    ) -> vf.ProgramResult:
        """Play one attempt; what it is worth goes into the state of the trace."""
        env = environment(self.folder)
        async with httpx.AsyncClient(timeout=PATIENCE, headers={"Authorization": f"Bearer {secret}"}) as client:
            model = Intercepted(client, endpoint, ctx.model)
            rollout = await env.run(str(data.id), model, attempt=next(_ATTEMPTS))
        talk, found = rollout.talk, rollout.reward
        if talk.ending == "model_error" and trace.stop_condition is not None:  # a limit of verifiers: it has no answer
            talk.ending, talk.detail = "budget", str(trace.stop_condition)
            found = env.rewarded(rollout.record, talk)
        if found.masked:
            return vf.ProgramResult(1, "", f"no reward: {found.masked}")
        trace.state.reward, trace.state.outcome = told(found), found.outcome
        trace.state.ending, trace.state.lucky = talk.ending, found.lucky
        return vf.ProgramResult(0, "", "")


class Intercepted:
    """A model of ours that asks through the interception server of one rollout."""

    inside, revision = True, ""  # that server runs beside the harness; where it sends requests is who runs it to say

    def __init__(self, client: httpx.AsyncClient, endpoint: str, name: str) -> None:
        self.name = f"verifiers:{name}"
        self.counters: dict[str, Any] = {}
        self._client, self._url, self._model = client, f"{endpoint.rstrip('/')}/chat/completions", name

    async def open(self) -> None:
        """There is nothing to open."""

    async def close(self) -> None:
        """There is nothing to close."""

    async def reply(self, ask: Ask) -> Reply:
        """The model's reply; how it is sampled is the run's to say, but for that no call is wanted any more."""
        choice = {key: value for key, value in ask.sampling.items() if key == "tool_choice"}
        asked = Ask(messages=ask.messages, record=ask.record, purpose=ask.purpose, tools=ask.tools, sampling=choice)
        raw = wire.body(self._model, asked, wire.Manners(thinking=("reasoning_content",)), {})
        try:
            answer = await self._client.post(self._url, content=raw, headers={"Content-Type": "application/json"})
        except httpx.HTTPError as fault:
            raise ModelError("unreachable", f"{type(fault).__name__}: {fault}") from None
        if answer.status_code != 200:
            raise ModelError("server", f"HTTP {answer.status_code}: {answer.text[:300]}")
        return _reply(answer.json())


def _reply(body: Mapping[str, Any]) -> Reply:
    """The reply in a chat completion, as it came: what a model wrote and nobody could read stays in the text."""
    (choice, *_) = body["choices"]
    given, usage = choice["message"], body.get("usage") or {}
    message: Message = {"role": "assistant", "content": given.get("content") or ""}
    thought = given.get("reasoning_content") or given.get("reasoning")
    if thought:
        message["reasoning"] = thought
    if calls := [_call(call) for call in given.get("tool_calls") or ()]:
        message["tool_calls"] = calls
    finish = "tool_calls" if calls else "length" if choice.get("finish_reason") == "length" else "stop"
    spent = Usage(int(usage.get("prompt_tokens") or 0), int(usage.get("completion_tokens") or 0))
    return Reply(message=message, finish=finish, usage=spent)


def _call(call: Mapping[str, Any]) -> dict[str, Any]:
    function = call["function"]
    arguments = function.get("arguments") or ""
    try:
        read = orjson.loads(arguments) if isinstance(arguments, str) else arguments
    except orjson.JSONDecodeError:
        read = arguments
    made = {"name": function["name"], "arguments": read if isinstance(read, dict) else arguments}
    return {"id": call.get("id"), "type": "function", "function": made}
