"""Options on a share without dividends: Black-Scholes values, Greeks, implied volatility, parity, American puts."""

from __future__ import annotations

import math
from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Part, Quantity, says

MODEL = "Black and Scholes 1973, no dividends"

Spot = Annotated[float, Part("option", "spot"), Meta(description="share price in US dollars", gt=0)]
Strike = Annotated[float, Part("option", "strike"), Meta(description="US dollars", gt=0)]
Months = Annotated[
    float, Part("option", "months"), Meta(description="months to expiry, a twelfth of a year each", gt=0, le=120)
]
Rate = Annotated[
    float, Part("option", "rate"), Meta(description="percent a year, continuously compounded", ge=-10, le=50)
]
Volatility = Annotated[float, Part("option", "volatility"), Meta(description="percent a year", gt=0, le=300)]
QuotedSpot = Annotated[float, Part("quoted_option", "spot"), Meta(description="share price in US dollars", gt=0)]
QuotedStrike = Annotated[float, Part("quoted_option", "strike"), Meta(description="US dollars", gt=0)]
QuotedMonths = Annotated[
    float, Part("quoted_option", "months"), Meta(description="months to expiry, a twelfth of a year each", gt=0, le=120)
]
QuotedRate = Annotated[
    float, Part("quoted_option", "rate"), Meta(description="percent a year, continuously compounded", ge=-10, le=50)
]

# Hull, Options, Futures, and Other Derivatives: the examples of the chapters on Black-Scholes-Merton and the Greeks
HULL_PRICE = {"spot": 42, "strike": 40, "months": 6, "rate": 10, "volatility": 20}
HULL_GREEKS = {"spot": 49, "strike": 50, "months": 12 * 0.3846, "rate": 5, "volatility": 20}


def _cdf(x: float) -> float:
    return math.erfc(-x / math.sqrt(2)) / 2


def _d1(spot: float, strike: float, years: float, rate: float, volatility: float) -> float:
    return (math.log(spot / strike) + (rate + volatility**2 / 2) * years) / (volatility * math.sqrt(years))


def _call(spot: float, strike: float, years: float, rate: float, volatility: float) -> float:
    d1 = _d1(spot, strike, years, rate, volatility)
    return spot * _cdf(d1) - strike * math.exp(-rate * years) * _cdf(d1 - volatility * math.sqrt(years))


class Values(TypedDict):
    call: Annotated[
        float,
        Quantity("option value", "US dollars", additive=True),
        says(
            "the Black-Scholes value of {option} as a European call",
            noun="call value",
            ask="What is {option} worth as a European call by Black-Scholes",
        ),
    ]
    put: Annotated[
        float,
        Quantity("option value", "US dollars", additive=True),
        says(
            "the Black-Scholes value of {option} as a European put",
            noun="put value",
            ask="What is {option} worth as a European put by Black-Scholes",
        ),
    ]


@tool(
    "processing",
    source=MODEL,
    examples=[
        example(
            HULL_PRICE,
            {"/call": 4.759422393, "/put": 0.8085993729},
            "second-library: QuantLib 1.44, AnalyticEuropeanEngine",
        ),
        example(
            HULL_PRICE, {"/call": 4.76, "/put": 0.81}, "published: Hull, Options, Futures, and Other Derivatives", 2e-3
        ),
    ],
)
def option_values(spot: Spot, strike: Strike, months: Months, rate: Rate, volatility: Volatility) -> Values:
    """Compute the values in US dollars of a European call and put by the Black-Scholes formula, without dividends."""
    years, r, v = months / 12, rate / 100, volatility / 100
    call = _call(spot, strike, years, r, v)
    return {"call": call, "put": call - spot + strike * math.exp(-r * years)}


class Greeks(TypedDict):
    delta: Annotated[
        float,
        Quantity("delta"),
        says("the Black-Scholes delta of {option} as a European call", noun="delta"),
    ]
    gamma: Annotated[
        float,
        Quantity("gamma", "per US dollar"),
        says("the Black-Scholes gamma of {option}", noun="gamma"),
    ]
    vega: Annotated[
        float,
        Quantity("vega", "US dollars per percentage point of volatility"),
        says("the Black-Scholes vega of {option}", noun="vega"),
    ]
    theta: Annotated[
        float,
        Quantity("theta", "US dollars a year", scale="interval"),
        says("the Black-Scholes theta of {option} as a European call", noun="theta"),
    ]


@tool(
    "processing",
    source=MODEL,
    examples=[
        example(
            HULL_GREEKS,
            {"/delta": 0.522, "/gamma": 0.066, "/vega": 0.121, "/theta": -4.31},
            "published: Hull, Options, Futures, and Other Derivatives, The Greek Letters",
            1e-2,
        ),
        example(
            {"spot": 100, "strike": 100, "months": 12, "rate": 0, "volatility": 20},
            {"/delta": 0.5398278373},
            "identity: delta is the normal distribution function at half of sigma",
        ),
    ],
)
def option_greeks(spot: Spot, strike: Strike, months: Months, rate: Rate, volatility: Volatility) -> Greeks:
    """Compute delta, gamma, vega and theta of a European call by Black-Scholes, without dividends.

    Vega is per percentage point of volatility, theta per year.
    """
    years, r, v = months / 12, rate / 100, volatility / 100
    d1 = _d1(spot, strike, years, r, v)
    density = math.exp(-(d1**2) / 2) / math.sqrt(2 * math.pi)
    bond = strike * math.exp(-r * years) * _cdf(d1 - v * math.sqrt(years))
    return {
        "delta": _cdf(d1),
        "gamma": density / (spot * v * math.sqrt(years)),
        "vega": spot * density * math.sqrt(years) / 100,
        "theta": -spot * density * v / (2 * math.sqrt(years)) - r * bond,
    }


class AmericanPut(TypedDict):
    put: Annotated[
        float,
        Quantity("option value", "US dollars", additive=True),
        says(
            "the value of {option} as an American put on a Cox-Ross-Rubinstein tree of 50 steps",
            noun="American put value",
            ask="What is {option} worth as an American put on a Cox-Ross-Rubinstein tree of 50 steps",
        ),
    ]


@tool(
    "processing",
    source="Cox, Ross and Rubinstein 1979",
    examples=[
        example(
            {"spot": 50, "strike": 50, "months": 5, "rate": 10, "volatility": 40},
            {"/put": 4.272},
            "published: Hull, Options, Futures, and Other Derivatives, American put with 50 steps",
            1e-3,
        ),
        example(
            {"spot": 50, "strike": 80, "months": 3, "rate": 10, "volatility": 10},
            {"/put": 30},
            "identity: deep in the money it is exercised at once",
        ),
    ],
)
def american_put_value(spot: Spot, strike: Strike, months: Months, rate: Rate, volatility: Volatility) -> AmericanPut:
    """Compute the value in US dollars of an American put on a Cox-Ross-Rubinstein binomial tree of 50 steps.

    No dividends. Refuses where the step is too coarse for the rate (no risk-neutral probability).
    """
    steps = 50
    step = months / 12 / steps
    up = math.exp(volatility / 100 * math.sqrt(step))
    growth = math.exp(rate / 100 * step)
    p = (growth - 1 / up) / (up - 1 / up)
    if not 0 < p < 1:
        raise Refusal("the volatility is too small for the rate on this tree")
    worth = [max(strike - spot * up ** (2 * i - steps), 0.0) for i in range(steps + 1)]
    for level in range(steps - 1, -1, -1):
        worth = [
            max((p * worth[i + 1] + (1 - p) * worth[i]) / growth, strike - spot * up ** (2 * i - level))
            for i in range(level + 1)
        ]
    return {"put": worth[0]}


class Implied(TypedDict):
    volatility: Annotated[
        float,
        Quantity("implied volatility", "percent"),
        says(
            "the Black-Scholes implied volatility of {quoted_option}",
            noun="implied volatility",
            ask="Which annual volatility does the price of {quoted_option} imply by Black-Scholes",
        ),
    ]


@tool(
    "processing",
    source=MODEL,
    examples=[
        example(
            {"spot": 21, "strike": 20, "months": 3, "rate": 10, "call_price": 1.875},
            {"/volatility": 23.45},
            "published: Hull, Options, Futures, and Other Derivatives, implied volatility of 23.5 %",
            1e-3,
        ),
        example(
            {"spot": 42, "strike": 40, "months": 6, "rate": 10, "call_price": 4.759422393},
            {"/volatility": 20},
            "identity: the volatility that the Black-Scholes value was computed with",
        ),
        example(
            {"spot": 42, "strike": 40, "months": 6, "rate": 10, "call_price": 1.5},
            {"error": "refused"},
            "identity: below the intrinsic value there is arbitrage, not a volatility",
        ),
    ],
)
def implied_volatility(
    spot: QuotedSpot,
    strike: QuotedStrike,
    months: QuotedMonths,
    rate: QuotedRate,
    call_price: Annotated[float, Part("quoted_option", "call_price"), Meta(description="US dollars", gt=0)],
) -> Implied:
    """Compute the annual volatility in percent at which Black-Scholes gives a European call its market price.

    No dividends; bisection to ten digits. Refuses a price that no volatility up to 500 % gives.
    """
    years, r = months / 12, rate / 100
    if not _call(spot, strike, years, r, 1e-4) < call_price < _call(spot, strike, years, r, 5):
        raise Refusal("no volatility gives this price: it breaks the no-arbitrage bounds")
    low, high = 1e-4, 5.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if _call(spot, strike, years, r, middle) < call_price else (low, middle)
    return {"volatility": 50 * (low + high)}


class Parity(TypedDict):
    put: Annotated[
        float,
        Quantity("option value", "US dollars", additive=True),
        says(
            "the value by put-call parity of the European put that matches {quoted_option}",
            noun="put value",
            ask="By put-call parity, what is the European put worth that matches {quoted_option}",
        ),
    ]


@tool(
    "processing",
    source="put-call parity for European options without dividends",
    examples=[
        example(
            {"spot": 31, "strike": 30, "months": 3, "rate": 10, "call_price": 3},
            {"/put": 1.26},
            "published: Hull, Options, Futures, and Other Derivatives, put-call parity",
            2e-3,
        ),
        example(
            {"spot": 50, "strike": 50, "months": 6, "rate": 0, "call_price": 4},
            {"/put": 4},
            "identity: at the money without interest, call and put cost the same",
        ),
    ],
)
def put_by_parity(
    spot: QuotedSpot,
    strike: QuotedStrike,
    months: QuotedMonths,
    rate: QuotedRate,
    call_price: Annotated[float, Part("quoted_option", "call_price"), Meta(description="US dollars", gt=0)],
) -> Parity:
    """Compute the value in US dollars of a European put from the call of the same strike and expiry by parity.

    No dividends. Refuses where the put would be worth less than nothing.
    """
    put = call_price - spot + strike * math.exp(-rate / 100 * months / 12)
    if put < 0:
        raise Refusal("the call costs less than its no-arbitrage bound")
    return {"put": put}


class Hedge(TypedDict):
    delta: Annotated[
        float,
        Quantity("delta"),
        says(
            "the Black-Scholes delta of {quoted_option} at {volatility}",
            noun="delta",
        ),
    ]
    exercise_probability: Annotated[
        float,
        Quantity("probability", "percent"),
        says(
            "the risk-neutral probability that {quoted_option} ends in the money at {volatility}",
            noun="probability",
        ),
    ]


@tool(
    "processing",
    source=MODEL,
    examples=[
        example(
            {"spot": 49, "strike": 50, "months": 12 * 0.3846, "rate": 5, "volatility": 20},
            {"/delta": 0.522},
            "published: Hull, Options, Futures, and Other Derivatives, The Greek Letters",
            1e-2,
        ),
        example(
            {"spot": 100, "strike": 100, "months": 12, "rate": 0, "volatility": 20},
            {"/delta": 0.5398278373, "/exercise_probability": 46.01721627},
            "identity: the normal distribution function at plus and minus half of sigma",
        ),
    ],
)
def call_delta_at_volatility(
    spot: QuotedSpot,
    strike: QuotedStrike,
    months: QuotedMonths,
    rate: QuotedRate,
    volatility: Annotated[
        float, Quantity("implied volatility", "percent"), Meta(description="percent a year", gt=0, le=500)
    ],
) -> Hedge:
    """Compute a European call's Black-Scholes delta and risk-neutral probability (percent) of ending in the money.

    At a given volatility, such as the implied one; no dividends.
    """
    years, v = months / 12, volatility / 100
    d1 = _d1(spot, strike, years, rate / 100, v)
    return {"delta": _cdf(d1), "exercise_probability": 100 * _cdf(d1 - v * math.sqrt(years))}
