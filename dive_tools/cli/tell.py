"""What people read of a set of tasks: a few of them with their calls, and where the others went."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any


def task(record: dict[str, Any]) -> Iterator[str]:
    """A task as a few lines of text: question, the calls it rests on, answer."""
    from dive_tools.support import calls

    made = record["task"]
    used = set(calls(made["support"], record["evidence"]))
    yield f"{record['id']}  {record['setup']['domain']}, {made.get('pattern', '')}"
    yield f"  Q  {made['question']}"
    for step in record["evidence"]:
        if step["call"] in used:
            arguments = ", ".join(_argument(step, name) for name in step["arguments"])
            yield f"  {step['call']:>3}  {step['tool']}({arguments})"
            yield f"       -> {_short(step['result'], 150)}"
    answer = made["answer"]
    yield f"  A  {_short(answer['value'], 300)}{' ' + answer['unit'] if 'unit' in answer else ''}  ({answer['type']})"


def attempt(record: dict[str, Any]) -> Iterator[str]:
    """An attempt as a dialogue: question, thoughts, calls and what they gave, the reply, and what that was worth."""
    from dive_tools.rollout import steps

    run = record["run"]
    given = {step.call_id: step for step in steps(run["messages"])}
    yield f"{record['id']}  {run['model']}: {run['outcome']}, {run['ending']}"
    for message in run["messages"]:
        if message["role"] == "user":
            yield f"  Q  {message['content']}"
        if message["role"] != "assistant":
            continue
        if message.get("reasoning"):
            yield f"  …  {_short(' '.join(message['reasoning'].split()), 300)}"
        for call in message.get("tool_calls", ()):
            step = given.get(call["id"])
            function = call["function"]
            yield f"  ->  {function['name']}({_short(function.get('arguments'), 200)})"
            yield f"      {_short(step.outcome, 200) if step else 'not answered'}"
        if message.get("content"):
            yield f"  A  {_short(message['content'].strip(), 600)}"
    yield f"  =  {_short(record['task']['answer']['value'], 300)}{'  lucky' if 'lucky' in run else ''}"


def _argument(step: dict[str, Any], name: str) -> str:
    """`city=Nairobi, Kenya`, or `city=c1/capital` where it came from a call."""
    source = step["arguments_from"][name]
    if "call" in source:
        return f"{name}={source['call']}{source['pointer']}"
    return f"{name}={_short(step['arguments'][name], 40)}" if "given" in source else f"{name}={source['op']}(…)"


def _short(value: Any, most: int) -> str:
    import orjson

    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return text if len(text) <= most else text[: most - 1] + "…"


def funnel(count: int, rejects: Iterable[tuple[str, dict[str, int]]]) -> Iterator[str]:
    """A line for each stage: how many went in, how many were kept, and why the others left."""
    yield f"{'stage':<12}{'in':>8}{'kept':>8}  dropped"
    for stage, reasons in rejects:
        kept = count - sum(reasons.values())
        words = ", ".join(f"{n} {reason}" for reason, n in sorted(reasons.items(), key=lambda p: (-p[1], p[0])))
        yield f"{stage:<12}{count:>8}{kept:>8}  {words}".rstrip()
        count = kept
