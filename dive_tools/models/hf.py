"""`hf:PATH`: a small model in this process, by transformers, on a CPU or a GPU.

Asks that wait are answered together, in a thread, so that the event loop lives on. A form is only told to the model, in
the system message; its tool calls are read by `tool_text.py`.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from dive_tools.errors import StopAll, UsageFault, first_line
from dive_tools.models import tool_text
from dive_tools.models.base import Ask, Message, ModelError, Reply, Settings, Usage
from dive_tools.models.checkpoint import local_revision

if TYPE_CHECKING:
    from dive_tools.models.gate import Gate
    from dive_tools.models.hf_batch import Answer, Row

_PAUSE = 0.005  # seconds in which asks gather after the first
_MOST = 1024  # tokens of an answer where nobody says
_NUMBERS = {
    "temperature": float,
    "top_p": float,
    "top_k": int,
    "min_p": float,
    "repetition_penalty": float,
    "seed": int,
}
_SAMPLING = (*_NUMBERS, "max_tokens", "max_completion_tokens", "stop", "chat_template_kwargs", "tool_choice")
_LOADING = ("device", "dtype", "max_model_len", "trust_remote_code")


class HF:
    """A model of transformers: `extra` may hold device, dtype, max_model_len, trust_remote_code, and sampling."""

    inside = True

    def __init__(self, name: str, settings: Settings, gate: Gate) -> None:
        self.name = f"hf:{name}"
        self.path = name
        self.counters: dict[str, Any] = {"requests": 0, "tokens_in": 0, "tokens_out": 0, "batches": 0}
        self._settings = settings
        self._gate = gate
        self._loading = {key: settings.extra[key] for key in _LOADING if key in settings.extra}
        self._sampling = {key: value for key, value in settings.extra.items() if key not in _LOADING}
        _known(self._sampling)
        self._revision = settings.revision
        self._model: Any = None
        self._tokenizer: Any = None
        self._defaults: dict[str, Any] = {}
        self._ends: list[int] = []
        self._context = 0
        self._waiting: list[tuple[Row, asyncio.Future[Answer]]] = []
        self._wake = asyncio.Event()
        self._thread: ThreadPoolExecutor | None = None
        self._answering: asyncio.Task[None] | None = None

    @property
    def revision(self) -> str:
        """The digest of the model's folder, or the hub's commit."""
        return self._revision

    async def open(self) -> None:
        """Load the model, in the thread that will run it."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="hf")
        await asyncio.get_running_loop().run_in_executor(self._thread, self._load)
        self._answering = asyncio.create_task(self._answer_all())

    async def close(self) -> None:
        """Stop what is being generated, and let go of the model."""
        if self._answering is not None:
            self._answering.cancel()
            await asyncio.gather(self._answering, return_exceptions=True)
        for row, future in self._waiting:
            row.gone = True
            future.cancel()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.shutdown, wait=True)
        self._model = self._tokenizer = None
        gc.collect()

    async def reply(self, ask: Ask) -> Reply:
        """The model's reply, made together with those of others who ask meanwhile."""
        async with self._gate:
            started = time.monotonic()
            row = self._row(ask)
            answer = await self._answered(row)
            usage = Usage(len(row.ids), answer.tokens)
            self._gate.paid(usage)
        self.counters["requests"] += 1
        self.counters["tokens_in"] += usage.tokens_in
        self.counters["tokens_out"] += usage.tokens_out
        if {**self._sampling, **ask.sampling}.get("tool_choice") == "none":  # it may write a call, and nobody reads it
            message: Message = {"role": "assistant", "content": answer.text.strip()}
        else:
            message = tool_text.read(answer.text, ask.tools, str(ask.turn))
        finish = "stop" if answer.ended else "length"
        if "tool_calls" in message:
            finish = "tool_calls"
        return Reply(message=message, finish=finish, usage=usage, seconds=time.monotonic() - started)

    def _load(self) -> None:
        try:
            import torch
            from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig
        except ImportError as fault:
            raise StopAll(
                f"{self.name} needs transformers and torch: {fault}", hint="pip install 'dive-tools[hf]'"
            ) from None
        trusted = bool(self._loading.get("trust_remote_code", False))
        device = self._loading.get("device") or ("cuda" if torch.cuda.is_available() else "cpu")
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(self.path, trust_remote_code=trusted)
            model = AutoModelForCausalLM.from_pretrained(
                self.path, dtype=self._loading.get("dtype", "auto"), trust_remote_code=trusted
            )
        except (OSError, ValueError) as fault:
            raise StopAll(f"cannot load {self.name}: {first_line(fault)}", hint=_hint(self.path)) from None
        if not self._tokenizer.chat_template:
            raise StopAll(f"{self.name} has no chat template", hint="take a model that was trained to chat")
        self._model = model.to(device).eval()
        said = model.generation_config.to_diff_dict()
        self._defaults = {key: said[key] for key in _NUMBERS if key in said}
        self._ends = _ends(model.generation_config.eos_token_id, self._tokenizer)
        model.generation_config = GenerationConfig()
        room = getattr(model.config.get_text_config(), "max_position_embeddings", None) or 1 << 20
        self._context = min(room, int(self._loading.get("max_model_len", room)))
        self._revision = self._revision or local_revision(self.path)

    def _row(self, ask: Ask) -> Row:
        from dive_tools.models.hf_batch import Row

        _known(ask.sampling)
        sampling = {**self._defaults, **self._sampling, **ask.sampling}
        messages = _with_form(ask.messages, ask.form) if ask.form else ask.messages
        text = tool_text.prompt(self._tokenizer, messages, ask.tools, **sampling.get("chat_template_kwargs", {}))
        ids = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        room = self._context - len(ids)
        if room < 1:
            raise ModelError("too_long", f"{len(ids)} tokens, where the model has room for {self._context}")
        wanted = sampling.get("max_completion_tokens", sampling.get("max_tokens", _MOST))
        stop = sampling.get("stop") or ()
        numbers: dict[str, Any] = {k: kind(sampling[k]) for k, kind in _NUMBERS.items() if sampling.get(k) is not None}
        return Row(
            ids=ids, limit=min(int(wanted), room), stop=(stop,) if isinstance(stop, str) else tuple(stop), **numbers
        )

    async def _answered(self, row: Row) -> Answer:
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((row, future))
        self._wake.set()
        try:
            async with asyncio.timeout(self._settings.timeout):
                return await future
        except TimeoutError:
            raise ModelError("timeout", f"no answer within {self._settings.timeout:g} s") from None
        finally:
            row.gone = True

    async def _answer_all(self) -> None:
        """Answer those who wait, in batches of at most `in_flight`, for as long as the model is open."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            await asyncio.sleep(_PAUSE)
            while self._waiting:
                batch = self._waiting[: self._settings.in_flight]
                del self._waiting[: len(batch)]
                await self._answer([one for one in batch if not one[0].gone])

    async def _answer(self, batch: Sequence[tuple[Row, asyncio.Future[Answer]]]) -> None:
        from dive_tools.models.hf_batch import generate

        if not batch:
            return
        self.counters["batches"] += 1
        rows = [row for row, _ in batch]
        loop = asyncio.get_running_loop()
        try:
            answers = await loop.run_in_executor(self._thread, generate, self._model, self._tokenizer, rows, self._ends)
        except BaseException as fault:  # whoever waits is told, whatever it is
            for row, future in batch:
                row.gone = True
                _fail(future, fault)
            if not isinstance(fault, Exception):
                raise
            return
        for (_, future), answer in zip(batch, answers, strict=True):
            if not future.done():
                future.set_result(answer)


def _fail(future: asyncio.Future[Answer], fault: BaseException) -> None:
    if future.done():
        return
    if isinstance(fault, asyncio.CancelledError):
        future.cancel()
    elif isinstance(fault, RuntimeError):  # torch's own, out of memory among them
        future.set_exception(ModelError("server", first_line(fault)))
    else:
        future.set_exception(fault)


def _known(sampling: Mapping[str, Any]) -> None:
    """UsageFault where something is asked for that this backend cannot do."""
    if unknown := sorted(sampling.keys() - set(_SAMPLING)):
        raise UsageFault(
            f"hf: does not know {', '.join(unknown)}", hint=f"it knows {', '.join((*_LOADING, *_SAMPLING))}"
        )
    if sampling.get("tool_choice", "auto") not in ("auto", "none"):
        raise UsageFault(f"hf: tool_choice is auto or none, not {sampling['tool_choice']!r}")
    for key in (*_NUMBERS, "max_tokens", "max_completion_tokens"):
        value = sampling.get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or value < 0):
            raise UsageFault(f"{key} is a number of at least 0, not {value!r}")


def _with_form(messages: Sequence[Message], form: Mapping[str, Any]) -> list[Message]:
    """The messages, with the form told in the system message."""
    schema = orjson.dumps(form, option=orjson.OPT_SORT_KEYS).decode()
    told = f"Answer with one JSON value that fits this JSON Schema, and with nothing else:\n{schema}"
    if messages and messages[0]["role"] == "system":
        return [{**messages[0], "content": f"{messages[0].get('content') or ''}\n\n{told}"}, *messages[1:]]
    return [{"role": "system", "content": told}, *messages]


def _ends(said: int | list[int] | None, tokenizer: Any) -> list[int]:
    ends = [said] if isinstance(said, int) else list(said or [])
    if tokenizer.eos_token_id is not None and tokenizer.eos_token_id not in ends:
        ends.append(tokenizer.eos_token_id)
    if not ends:
        raise StopAll("the model names no token that ends an answer (eos_token_id)")
    return ends


def _hint(path: str) -> str:
    return "hf:PATH names a folder with a model, or a model of the hub" if not Path(path).is_dir() else "is it whole?"
