"""What a model's tokens cost: a JSON file of prices for a million tokens, by the model's name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from dive_tools.errors import DiveError
from dive_tools.models.base import Usage
from dive_tools.values import rounded

_FORM = '{"openai:NAME": {"in": 0.15, "out": 0.6, "cached": 0.075}}'


@dataclass(frozen=True, slots=True)
class Price:
    """The price of a million tokens; `cached` is that of those in a prompt that the server had at hand."""

    tokens_in: float
    tokens_out: float
    cached: float
    currency: str = ""

    def money(self, usage: Usage) -> float:
        """What the tokens cost, to ten significant digits."""
        fresh = usage.tokens_in - usage.cached
        return rounded(  # type: ignore[no-any-return]
            (fresh * self.tokens_in + usage.cached * self.cached + usage.tokens_out * self.tokens_out) / 1e6
        )


def read_prices(path: Path) -> dict[str, Price]:
    """The prices in a file, by the model's name; DiveError names the entry that is wrong."""
    try:
        table = orjson.loads(path.read_bytes())
    except OSError as fault:
        raise DiveError(f"cannot read {path}: {fault.strerror}") from None
    except orjson.JSONDecodeError as fault:
        raise DiveError(f"{path}: not JSON: {fault}", hint=f"prices are {_FORM}") from None
    if not isinstance(table, dict):
        raise DiveError(f"{path}: not a table of prices", hint=f"prices are {_FORM}")
    currency = table.pop("currency", "")
    if not isinstance(currency, str):
        raise DiveError(f"{path}: currency is a text, not {currency!r}")
    return {name: _price(f"{path}: {name}", entry, currency) for name, entry in table.items()}


def price_of(prices: Mapping[str, Price], model: str) -> Price | None:
    """The price of a model, `openai:NAME` or, where that is not listed, `NAME`."""
    return prices.get(model) or prices.get(model.partition(":")[2])


def _price(place: str, entry: Any, currency: str) -> Price:
    if not isinstance(entry, dict) or not entry.keys() >= {"in", "out"} or entry.keys() - {"in", "out", "cached"}:
        raise DiveError(f"{place}: a price has in, out and, where it differs, cached", hint=f"prices are {_FORM}")
    for name, value in entry.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise DiveError(f"{place}: {name} is {value!r}, not a price of a million tokens")
    prices: dict[str, float] = {"cached": entry["in"], **entry}
    return Price(prices["in"], prices["out"], prices["cached"], currency)
