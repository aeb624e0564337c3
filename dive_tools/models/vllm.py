"""`vllm:PATH`: vLLM's engine in this process, asked through the same code that its own server runs.

The engine batches whatever is asked at once. Chat template, tool calls, thinking, structured output and sampling are
vLLM's own: a request goes to the class that answers `POST /v1/chat/completions`, without HTTP between.
"""

from __future__ import annotations

import asyncio
import gc
import os
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import orjson

from dive_tools.errors import StopAll, UsageFault, first_line
from dive_tools.models import wire
from dive_tools.models.base import KINDS, Ask, ModelError, Reply, Settings, Usage
from dive_tools.models.checkpoint import local_revision
from dive_tools.models.parsers import reasoning_parser, tool_parser

if TYPE_CHECKING:
    from dive_tools.models.gate import Gate

# templates want arguments that are an object; vLLM calls thinking what we call it
_MANNERS = wire.Manners(as_it_came=False, thinking=("reasoning",))
_ENVIRONMENT = {  # vLLM's own settings, where the user has not set them
    "VLLM_LOGGING_STREAM": "ext://sys.stderr",  # stdout is for records
    "VLLM_LOGGING_LEVEL": "ERROR",
    "VLLM_NO_USAGE_STATS": "1",
    "VLLM_CPU_KVCACHE_SPACE": "4",  # GiB; without it vLLM wants nearly all memory of a machine without a GPU
}


class VLLM:
    """A model in vLLM: `extra` may hold options of `vllm serve` (max_model_len, dtype, …) and members of a request."""

    inside = True

    def __init__(self, name: str, settings: Settings, gate: Gate) -> None:
        self.name = f"vllm:{name}"
        self.path = name
        self.counters: dict[str, Any] = {"requests": 0, "tokens_in": 0, "tokens_out": 0, "cached": 0}
        self._settings = settings
        self._gate = gate
        self._revision = settings.revision
        self._running = AsyncExitStack()
        self._chat: Any = None
        self._members: dict[str, Any] = {}
        self._parses_tools = False

    @property
    def revision(self) -> str:
        """The digest of the model's folder, or the hub's commit."""
        return self._revision

    async def open(self) -> None:
        """Start the engine; a minute or more."""
        for key, value in _ENVIRONMENT.items():
            os.environ.setdefault(key, value)
        try:
            import vllm  # noqa: F401
            from starlette.datastructures import State
            from vllm.entrypoints.launchers.api_server.app_state import init_app_state
            from vllm.entrypoints.launchers.api_server.entry import build_async_engine_client
        except ImportError as fault:
            raise StopAll(
                f"{self.name} needs vLLM 0.32 or later in this Python: {fault}",
                hint="make vllm makes an environment with it, build/vllm; or serve it and use openai:NAME",
            ) from None
        options, self._members = _sorted(self._settings.extra)
        arguments = _arguments(self.path, self._parsers() | options)
        self._parses_tools = bool(arguments.tool_call_parser)
        try:
            engine = await self._running.enter_async_context(build_async_engine_client(arguments))
            await init_app_state(engine, state := State(), arguments, await engine.get_supported_tasks())
        except (OSError, ValueError, RuntimeError, TypeError) as fault:
            await self.close()
            raise StopAll(f"vLLM cannot serve {self.path}: {first_line(fault)}", hint=_hint(self.path)) from fault
        self._chat = state.openai_serving_chat
        del engine, state  # what vLLM keeps of this frame would keep them beyond `close`
        if self._chat is None:
            await self.close()
            raise StopAll(f"{self.path} is no model that generates text")
        self._revision = self._revision or local_revision(self.path)

    def _parsers(self) -> dict[str, Any]:
        """The options that say how the model writes calls and thinking."""
        calls, thinking = self._settings.tool_parser or tool_parser(self.path), reasoning_parser(self.path)
        options: dict[str, Any] = {"reasoning_parser": thinking} if thinking else {}
        if calls:
            options |= {"tool_call_parser": calls, "enable_auto_tool_choice": True}
        return options

    async def close(self) -> None:
        """Stop the engine and its processes."""
        self._chat = None
        await self._running.aclose()
        gc.collect()

    async def reply(self, ask: Ask) -> Reply:
        """The model's reply; as many at once as the engine has room for."""
        request = self._request(ask)
        async with self._gate:
            started = time.monotonic()
            raw = await self._answered(request)
            seconds = time.monotonic() - started
            try:
                answer = wire.answer(raw, ask)
            except wire.Unfit as fault:
                self._count(fault.usage or Usage())
                said = "the model's tool call is cut off or malformed" if fault.call_as_text else str(fault)
                raise ModelError("bad_reply", said) from None
            self._count(answer.usage)
        return Reply(message=answer.message, finish=answer.finish, usage=answer.usage, seconds=seconds)

    def _count(self, usage: Usage) -> None:
        self._gate.paid(usage)
        self.counters["requests"] += 1
        self.counters["tokens_in"] += usage.tokens_in
        self.counters["tokens_out"] += usage.tokens_out
        self.counters["cached"] += usage.cached

    def _request(self, ask: Ask) -> Any:
        """The request that a server would be sent, as vLLM reads it."""
        from pydantic import ValidationError
        from vllm.entrypoints.openai.chat_completion.protocol import ChatCompletionRequest

        if unknown := sorted(ask.sampling.keys() - ChatCompletionRequest.model_fields.keys()):
            raise UsageFault(f"vLLM knows no {', '.join(unknown)} in a chat request", hint=_MEMBERS)
        if ask.tools and not self._parses_tools:
            raise StopAll(
                f"it is not known how {self.path} writes tool calls", hint="name vLLM's parser: --tool-parser"
            )
        told = {key: value for key, value in self._members.items() if key not in ask.sampling}
        try:
            return ChatCompletionRequest(**orjson.loads(wire.body(self.path, ask, _MANNERS, told)))
        except ValidationError as fault:
            first = fault.errors()[0]
            if first["loc"][:1] == ("messages",):
                raise ModelError("refused", f"vLLM refuses a message: {first['msg']}") from None
            raise UsageFault(
                f"vLLM refuses {'.'.join(map(str, first['loc']))}: {first['msg']}", hint=_MEMBERS
            ) from None

    async def _answered(self, request: Any) -> bytes:
        """The response as a server would send it; the request is given up when nobody waits for it any more."""
        task = asyncio.create_task(self._chat.create_chat_completion(request))
        try:
            done, _ = await asyncio.wait({task}, timeout=self._settings.timeout)
        finally:
            if not task.done():
                task.cancel()
        if not done:
            raise ModelError("timeout", f"no answer within {self._settings.timeout:g} s")
        try:
            response = task.result()
        except Exception as fault:
            _raise(fault)
        if (error := getattr(response, "error", None)) is not None:
            raise ModelError("server" if error.code >= 500 else _refusal(error.message), error.message)
        return response.model_dump_json(exclude_none=True).encode()  # type: ignore[no-any-return]


_MEMBERS = "what a chat request may hold: https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html"


def _sorted(extra: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """(options of the engine, members of every request), told apart by their names."""
    from vllm.entrypoints.openai.chat_completion.protocol import ChatCompletionRequest

    fields = ChatCompletionRequest.model_fields.keys() - {"chat_template"}  # which only the engine may be given
    members = {key: value for key, value in extra.items() if key in fields}
    return {key: value for key, value in extra.items() if key not in members}, members


def _arguments(path: str, options: Mapping[str, Any]) -> Any:
    """What `vllm serve` would read from its command line."""
    from vllm.entrypoints.launchers.cli_args import make_arg_parser, validate_parsed_serve_args
    from vllm.utils.argparse_utils import FlexibleArgumentParser

    parser = make_arg_parser(FlexibleArgumentParser())
    known = vars(parser.parse_args([]))
    if unknown := sorted(key for key in options if key not in known or key == "model"):
        raise UsageFault(f"vLLM has no option {', '.join(unknown)}", hint="its options: vllm serve --help=all")
    words = ["--model", path, "--enable-prompt-tokens-details"]
    for key, value in options.items():
        flag = "--" + key.replace("_", "-")
        if isinstance(value, bool):
            words.append(flag if value else flag.replace("--", "--no-", 1))
        elif value is not None:
            words.append(f"{flag}={value if isinstance(value, str) else orjson.dumps(value).decode()}")

    def refuse(message: str) -> NoReturn:
        raise UsageFault(f"vLLM: {' '.join(message.split())}", hint="its options: vllm serve --help=all")

    parser.error = refuse
    arguments = parser.parse_args(words)
    validate_parsed_serve_args(arguments)
    return arguments


def _raise(fault: Exception) -> NoReturn:
    """vLLM's exception as ours: a dead engine stops all, a refused request concerns its record."""
    from vllm.exceptions import VLLMClientError, VLLMError
    from vllm.v1.engine.exceptions import EngineDeadError

    if isinstance(fault, EngineDeadError):
        raise StopAll(
            f"vLLM's engine has died: {first_line(fault)}", hint="its messages on stderr say why; is there memory?"
        ) from None
    if isinstance(fault, VLLMClientError | ValueError):
        raise ModelError(_refusal(str(fault)), first_line(fault)) from None
    if isinstance(fault, VLLMError | RuntimeError):
        raise ModelError("server", first_line(fault)) from None
    raise fault


def _refusal(message: str) -> str:
    kind = wire.refusal(400, message, "")
    return kind if kind in KINDS else "server"


def _hint(path: str) -> str:
    if Path(path).is_dir():
        return "its messages on stderr say more"
    return "vllm:PATH names a folder with a model, or a model of the hub"
