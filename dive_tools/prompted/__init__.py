"""The stages as models do them: a model is asked, and a program decides what of its reply is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dive_tools.errors import StopAll
from dive_tools.models.base import Model, Usage
from dive_tools.tools.base import Tool


def may_see(model: Model, tools: Mapping[str, Tool] | Iterable[Tool]) -> None:
    """StopAll where results of these tools are private and the model runs on a host that was not named as inside."""
    if model.inside:
        return
    found = tools.values() if isinstance(tools, Mapping) else tools
    private = sorted({tool.name for tool in found if tool.sensitivity == "private"})
    if private:
        more = f" and {len(private) - 1} more" if len(private) > 1 else ""
        raise StopAll(
            f"{private[0]}{more}: results are private, and {model.name} is outside",
            hint="name the model's host with --inside HOST if it may see them, or leave private tools out of the pool",
        )


def noted(
    model: Model, stage: str, round_: int, prompt: str, requests: int, usage: Usage, **more: Any
) -> dict[str, Any]:
    """What a record notes of having asked a model: who, with which prompts, at what cost (money if priced)."""
    price = getattr(model, "money", None)
    money = price(usage) if price is not None else None
    return {
        "stage": stage,
        "round": round_,
        "model": model.name,
        "revision": model.revision,
        "prompt": prompt,
        "requests": requests,
        "tokens_in": usage.tokens_in,
        "tokens_out": usage.tokens_out,
        "cached": usage.cached,
        **({"money": money} if money is not None else {}),
        **more,
    }
