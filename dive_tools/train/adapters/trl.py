"""An environment for TRL's GRPOTrainer, by its `environment_factory` (experimental in TRL 1.16).

    env = Environment.load("env")
    data, tokenizer = Dataset.from_list(rows(env)), readable(AutoTokenizer.from_pretrained(model))
    worth = scored(GenerationConfig.from_pretrained(model).eos_token_id)
    GRPOTrainer(
        model, worth, config, train_dataset=data, processing_class=tokenizer, environment_factory=toolsets(env)
    ).train()

TRL takes tools from the public methods of a class and their schemas from signatures and docstrings, so that each
different toolset is a class of its own, made here from the schemas of its tools. What differs from dive_tools.env:

- A model is told of names, descriptions, types and enumerations of parameters, not of ranges, formats or what is inside
  an object; the calls are held to the whole schema all the same.
- TRL answers calls of unknown tools itself, in its own words; they cost the form here as anywhere.
- Each call is a turn, also where a model made several at once. TRL goes on when an attempt is over: further calls are
  told so. An attempt is cut off by `max_completion_length` and `max_tool_calling_iterations`, and then has no answer.
- A tool may not be named like a method of TRL's (`reset`, `get_reward`) or begin with `_`.
- TRL makes one instance of each class at the start and compares all methods with one another: the time grows with the
  square of the tools of all toolsets. For more than a few hundred toolsets take `dive-train rl`, or a `rollout_func`
  that calls `Environment.run` for the task that a prompt names.
"""

from __future__ import annotations

import inspect
import keyword
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, ClassVar, Literal

from dive_tools.env import Environment, Episode
from dive_tools.errors import DiveError
from dive_tools.records import Record, digest
from dive_tools.tools.base import Tool

_TYPES: Mapping[str, Any] = {
    "string": str, "integer": int, "number": float, "boolean": bool, "array": list, "object": dict, "null": type(None),
}  # fmt: skip
_TAKEN = ("reset", "get_reward")


class Attempt:
    """One attempt at a time at a task of one toolset; subclasses have a method for each tool."""

    _env: ClassVar[Environment]
    _tools: ClassVar[frozenset[str]]

    def __init__(self) -> None:
        self._episode: Episode | None = None
        self._fault: DiveError | None = None

    def reset(self, task_id: str, **_: Any) -> None:
        """Begin an attempt at the task of a row."""
        if self._episode is not None:
            self._episode.score(None)  # lets go of what it may hold open
        self._episode = self._env.reset(task_id)

    def _called(self, name: str, arguments: dict[str, Any]) -> str:
        """The content of the tool message; what should stop all is kept for `scored`: TRL would only tell the model."""
        assert self._episode is not None
        try:
            return self._episode.call_now(name, arguments)
        except DiveError as fault:
            self._fault = fault
            raise


def toolsets(env: Environment) -> dict[str, type[Attempt]]:
    """A class for each different toolset, by the name that `rows` gives it; DiveError for a tool that cannot be one."""
    made: dict[str, type[Attempt]] = {}
    for task_id, record in env.records.items():
        name = _name(record)
        if name not in made:
            made[name] = _class(name, env, env.tools(task_id))
    return made


def rows(env: Environment) -> list[dict[str, Any]]:
    """A row of the data set for each task: its prompt, its id, and which of `toolsets` is its environment."""
    return [
        {"prompt": env.reset(task_id).messages, "task_id": task_id, "environment": _name(record)}
        for task_id, record in env.records.items()
    ]


def readable(tokenizer: Any) -> Any:
    """The tokenizer, told how to read calls in the form of Qwen3 and Hermes.

    TRL knows that by the text of a chat template; it does not know those that `dive-train` saves with a model.
    """
    from trl import chat_template_utils as templates

    own = tokenizer.chat_template
    tokenizer.chat_template = templates.qwen3_chat_template
    templates.add_response_schema(tokenizer)
    tokenizer.chat_template = own
    return tokenizer


def scored(ends: int | Collection[int]) -> Callable[..., list[float | None]]:
    """The reward function for a model whose replies end with one of these tokens: what each attempt is worth.

    It gives None for an attempt without a reward, and logs the shares of these and of right answers by luck. DiveError
    where a call stopped all.
    """
    known = {ends} if isinstance(ends, int) else {*ends}

    def worth(
        completions: Sequence[Sequence[Mapping[str, Any]]],
        completion_ids: Sequence[Sequence[int]],
        environments: Sequence[Attempt],
        log_metric: Callable[[str, float], None] | None = None,
        **_: Any,
    ) -> list[float | None]:
        found = [
            _score(messages, attempt, bool(ids) and ids[-1] in known)
            for messages, ids, attempt in zip(completions, completion_ids, environments, strict=True)
        ]
        if log_metric is not None and found:
            log_metric("masked", sum(total is None for total, _ in found) / len(found))
            log_metric("lucky", sum(luck for _, luck in found) / len(found))
        return [total for total, _ in found]

    return worth


def _score(messages: Sequence[Mapping[str, Any]], attempt: Attempt, ended: bool) -> tuple[float | None, bool]:
    """(What an attempt is worth, whether it was right by luck); a last reply that was not `ended` is no answer."""
    if attempt._fault is not None:
        raise attempt._fault
    assert attempt._episode is not None
    last: Mapping[str, Any] = messages[-1] if messages else {}
    final = ended and last.get("role") == "assistant" and not last.get("tool_calls")
    found = attempt._episode.score(str(last.get("content") or "") if final else None)
    if found.masked:
        return None, False
    calls = [call["function"] for message in messages for call in message.get("tool_calls") or ()]
    strange = any(call["name"] not in attempt._tools or not isinstance(call["arguments"], dict) for call in calls)
    return found.correct if strange else found.total, found.lucky


# --- classes from schemas ---------------------------------------------------------------------------------------------


def _name(record: Record) -> str:
    return f"toolset_{digest([*record['setup']['tools'].items()])}"


def _class(name: str, env: Environment, tools: Mapping[str, Tool]) -> type[Attempt]:
    methods = {each: _method(tool) for each, tool in tools.items()}
    return type(name, (Attempt,), {"_env": env, "_tools": frozenset(tools), "__doc__": Attempt.__doc__, **methods})


def _method(tool: Tool) -> Callable[..., str]:
    """A method that calls a tool, with the signature and the docstring from which TRL makes its schema.

    It takes whatever it is given, so that what breaks the schema is told as everywhere.
    """
    properties, required = tool.parameters.get("properties", {}), tool.parameters.get("required", ())
    if tool.name.startswith("_") or tool.name in _TAKEN or not _is_name(tool.name):
        raise DiveError(f"tool {tool.name} cannot be a method for TRL", hint="leave its tasks out")
    if strange := [each for each in properties if not _is_name(each) or each == "self"]:
        raise DiveError(f"tool {tool.name}: {strange[0]} cannot be a parameter of a method for TRL")

    def method(self: Attempt, **arguments: Any) -> str:
        return self._called(tool.name, arguments)

    hints = {each: _hint(schema) for each, schema in properties.items()}
    named = [inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
    for each in sorted(properties, key=lambda each: each not in required):
        default = inspect.Parameter.empty if each in required else properties[each].get("default")
        named.append(inspect.Parameter(each, inspect.Parameter.KEYWORD_ONLY, annotation=hints[each], default=default))
    method.__name__ = method.__qualname__ = tool.name
    method.__annotations__ = {**hints, "return": str}
    method.__signature__ = inspect.Signature(named, return_annotation=str)  # type: ignore[attr-defined]
    lines = [f"    {each}: {_said(schema) or each}" for each, schema in properties.items()]
    method.__doc__ = "\n".join([tool.description, "", "Args:", *lines] if lines else [tool.description])
    return method


def _is_name(text: str) -> bool:
    return text.isidentifier() and not keyword.iskeyword(text)


def _said(schema: Mapping[str, Any]) -> str:
    return " ".join(str(schema.get("description", "")).split())


def _hint(schema: Mapping[str, Any]) -> Any:
    """A type hint that says as much of a schema as TRL can read back."""
    if values := schema.get("enum"):
        return Literal[tuple(values)]
    if choices := schema.get("anyOf"):
        return _union([_hint(choice) for choice in choices])
    kind = schema.get("type")
    if isinstance(kind, list):
        return _union([_TYPES.get(each, Any) for each in kind])
    if kind == "array" and isinstance(schema.get("items"), dict):
        return list[_hint(schema["items"])]  # type: ignore[misc]
    return _TYPES.get(str(kind), Any)


def _union(hints: Sequence[Any]) -> Any:
    if Any in hints:
        return Any
    made = hints[0]
    for hint in hints[1:]:
        made = made | hint
    return made
