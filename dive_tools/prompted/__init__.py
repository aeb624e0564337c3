"""The stages as models do them: a model is asked, and a program decides what of its reply is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dive_tools.errors import StopAll
from dive_tools.models.base import Model
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
