"""Portfolios of two shares: mean and volatility of each, correlation, risk of the whole, Sharpe ratio."""

from __future__ import annotations

import math
from statistics import correlation, covariance, fmean, stdev
from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Given, Part, Quantity, says

First = Annotated[
    list[float],
    Part("portfolio", "first_returns"),
    Meta(description="yearly percent returns of the first share", min_length=2),
]
Second = Annotated[
    list[float],
    Part("portfolio", "second_returns"),
    Meta(description="yearly percent returns of the second share", min_length=2),
]
Weight = Annotated[
    float, Part("portfolio", "first_weight"), Meta(description="percent held in the first share", ge=0, le=100)
]
Which = Annotated[str, Given("first", "second"), Meta(description="first or second", pattern="^(first|second)$")]

UP = {"first_returns": [10, 20, 30], "second_returns": [30, 20, 10]}


def _paired(first: list[float], second: list[float]) -> None:
    if len(first) != len(second):
        raise Refusal("the two shares need returns of the same years")


class Mean(TypedDict):
    mean: Annotated[
        float,
        Quantity("return", "percent", scale="interval"),
        says(
            "the arithmetic mean annual return of the {which} share of {portfolio}",
            noun="mean annual return",
        ),
    ]
    growth: Annotated[
        float,
        Quantity("compound annual growth rate", "percent", scale="interval"),
        says(
            "the compound annual growth rate of the {which} share of {portfolio}",
            noun="compound annual growth rate",
        ),
    ]


@tool(
    "processing",
    examples=[
        example(
            {"which": "first", **UP},
            {"/mean": 20, "/growth": 19.721576},
            "identity: mean of 10, 20, 30; cube root of 1.716",
        ),
        example(
            {"which": "second", "first_returns": [0, 0], "second_returns": [100, -50]},
            {"/growth": 0},
            "identity: doubling and halving",
        ),
    ],
)
def share_mean_return(which: Which, first_returns: First, second_returns: Second) -> Mean:
    """Compute the mean annual return of one of a portfolio's shares in percent: arithmetic, and compound growth.

    Refuses a loss of everything.
    """
    returns = first_returns if which == "first" else second_returns
    if min(returns) <= -100:
        raise Refusal("a share that lost everything has no growth rate")
    grown = math.prod(1 + r / 100 for r in returns) ** (1 / len(returns))
    return {"mean": fmean(returns), "growth": 100 * (grown - 1) if abs(grown - 1) > 1e-14 else 0.0}


class Volatility(TypedDict):
    volatility: Annotated[
        float,
        Quantity("volatility", "percent"),
        says(
            "the sample standard deviation of the annual returns of the {which} share of {portfolio}",
            noun="standard deviation",
        ),
    ]


@tool(
    "processing",
    examples=[
        example({"which": "first", **UP}, {"/volatility": 10}, "identity: sample standard deviation of 10, 20, 30"),
        example({"which": "second", **UP}, {"/volatility": 10}, "identity: sample standard deviation of 30, 20, 10"),
    ],
)
def share_volatility(which: Which, first_returns: First, second_returns: Second) -> Volatility:
    """Compute the sample standard deviation (n - 1) of one share's annual returns, in percent."""
    return {"volatility": stdev(first_returns if which == "first" else second_returns)}


class Together(TypedDict):
    correlation: Annotated[
        float,
        Quantity("correlation", scale="interval"),
        says("the Pearson correlation between the annual returns of the two shares of {portfolio}", noun="correlation"),
    ]
    covariance: Annotated[
        float,
        Quantity("covariance", "squared percentage points", scale="interval"),
        says("the sample covariance between the annual returns of the two shares of {portfolio}", noun="covariance"),
    ]


@tool(
    "processing",
    examples=[
        example(UP, {"/correlation": -1, "/covariance": -100}, "identity: opposite movements of equal size"),
        example(
            {"first_returns": [12, -4, 9, 15, 3], "second_returns": [5, 2, 7, 4, 6]},
            {"/correlation": 0.4284944814, "/covariance": 6.25},
            "second-library: numpy 2.4, corrcoef and cov",
        ),
    ],
)
def share_correlation(first_returns: First, second_returns: Second) -> Together:
    """Compute the Pearson correlation and the sample covariance (n - 1) of the returns of a portfolio's two shares.

    Refuses returns that never change.
    """
    _paired(first_returns, second_returns)
    if min(len(set(first_returns)), len(set(second_returns))) < 2:
        raise Refusal("a constant return has no correlation")
    return {
        "correlation": correlation(first_returns, second_returns),
        "covariance": covariance(first_returns, second_returns),
    }


class PortfolioReturn(TypedDict):
    mean: Annotated[
        float,
        Quantity("portfolio return", "percent", scale="interval"),
        says(
            "the mean annual return of {portfolio}, rebalanced every year",
            noun="mean annual return",
            ask="What is the mean annual return of {portfolio}, rebalanced every year",
        ),
    ]


class PortfolioRisk(TypedDict):
    volatility: Annotated[
        float,
        Quantity("portfolio volatility", "percent"),
        says(
            "the sample standard deviation of the annual returns of {portfolio}, rebalanced every year",
            noun="standard deviation",
        ),
    ]


def _whole(first: list[float], second: list[float], weight: float) -> list[float]:
    _paired(first, second)
    return [(weight * a + (100 - weight) * b) / 100 for a, b in zip(first, second, strict=True)]


@tool(
    "processing",
    examples=[
        example({**UP, "first_weight": 50}, {"/mean": 20}, "identity: both shares return 20 % on average"),
        example(
            {"first_returns": [10, 10], "second_returns": [0, 0], "first_weight": 30},
            {"/mean": 3},
            "identity: 30 % of 10 %",
        ),
    ],
)
def portfolio_mean_return(first_returns: First, second_returns: Second, first_weight: Weight) -> PortfolioReturn:
    """Compute the arithmetic mean annual return, in percent, of a two-share portfolio rebalanced every year."""
    return {"mean": fmean(_whole(first_returns, second_returns, first_weight))}


@tool(
    "processing",
    examples=[
        example({**UP, "first_weight": 50}, {"/volatility": 0}, "identity: perfect hedges cancel"),
        example({**UP, "first_weight": 100}, {"/volatility": 10}, "identity: all in the first share"),
    ],
)
def portfolio_volatility(first_returns: First, second_returns: Second, first_weight: Weight) -> PortfolioRisk:
    """Compute the sample standard deviation (n - 1), in percent, of the returns of a yearly rebalanced portfolio."""
    return {"volatility": stdev(_whole(first_returns, second_returns, first_weight))}


class Sharpe(TypedDict):
    sharpe_ratio: Annotated[
        float,
        Quantity("Sharpe ratio", scale="interval"),
        says("the Sharpe ratio of {portfolio}, from {mean} and {volatility}", noun="Sharpe ratio"),
    ]


@tool(
    "processing",
    source="Sharpe 1994",
    examples=[
        example({"mean": 8, "volatility": 12, "risk_free": 2}, {"/sharpe_ratio": 0.5}, "identity: 6 over 12"),
        example({"mean": 2, "volatility": 12, "risk_free": 2}, {"/sharpe_ratio": 0}, "identity: no excess return"),
    ],
)
def sharpe_ratio(
    mean: Annotated[float, Quantity("portfolio return", "percent"), Meta(description="mean annual return, percent")],
    volatility: Annotated[float, Quantity("portfolio volatility", "percent"), Meta(description="percent", gt=0)],
    risk_free: Annotated[float, Part("portfolio", "risk_free"), Meta(description="percent a year")],
) -> Sharpe:
    """Compute the Sharpe ratio of a portfolio: mean annual return less the risk-free rate, over its volatility."""
    return {"sharpe_ratio": (mean - risk_free) / volatility}
