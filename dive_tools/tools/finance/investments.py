"""Investments: net present value, internal rate of return, payback, yearly worth."""

from __future__ import annotations

from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Part, Quantity, says

Outlay = Annotated[float, Part("investment", "outlay"), Meta(description="US dollars paid at the start", gt=0)]
Flows = Annotated[
    list[float],
    Part("investment", "cash_flows"),
    Meta(description="US dollars at the end of years 1, 2, …", min_length=1),
]
Rate = Annotated[float, Part("investment", "rate"), Meta(description="discount rate, percent a year", gt=0, le=100)]

# the example of numpy-financial's irr
DOCS = {"outlay": 100, "cash_flows": [39, 59, 55, 20]}


def _present(flows: list[float], rate: float) -> float:
    return sum(flow / (1 + rate / 100) ** year for year, flow in enumerate(flows, 1))


class NetValue(TypedDict):
    net_present_value: Annotated[
        float,
        Quantity("net present value", "US dollars", scale="interval", additive=True),
        says(
            "the net present value of {investment}",
            noun="net present value",
            ask="What is the net present value of {investment}",
        ),
    ]


@tool(
    "processing",
    examples=[
        example(
            {**DOCS, "rate": 28.1},
            {"/net_present_value": -0.00847859},
            "published: documentation of numpy-financial, npv",
            1e-4,
        ),
        example(
            {"outlay": 100, "cash_flows": [110], "rate": 10},
            {"/net_present_value": 0},
            "identity: 110 in a year at 10 % is 100 now",
        ),
    ],
)
def net_present_value(outlay: Outlay, cash_flows: Flows, rate: Rate) -> NetValue:
    """Compute the net present value in US dollars of yearly cash flows after an outlay, the first a year later."""
    value = _present(cash_flows, rate) - outlay
    return {"net_present_value": 0.0 if abs(value) < 1e-9 * outlay else value}


class Return(TypedDict):
    internal_rate: Annotated[
        float,
        Quantity("internal rate of return", "percent"),
        says(
            "the internal rate of return of {investment}",
            noun="internal rate of return",
            ask="What is the internal rate of return of {investment}",
        ),
    ]


@tool(
    "processing",
    examples=[
        example(DOCS, {"/internal_rate": 28.095}, "published: documentation of numpy-financial, irr", 1e-4),
        example({"outlay": 100, "cash_flows": [0, 121]}, {"/internal_rate": 10}, "identity: 1.1 squared is 1.21"),
    ],
)
def internal_rate_of_return(outlay: Outlay, cash_flows: Flows) -> Return:
    """Compute the internal rate of return, in percent a year, of an outlay followed by yearly cash flows.

    Refuses cash flows that are negative (several rates may fit) or that do not give back the outlay.
    """
    if min(cash_flows) < 0 or sum(cash_flows) <= outlay:
        raise Refusal("needs cash flows of one sign that together exceed the outlay")
    low, high = 0.0, 1000.0
    if _present(cash_flows, high) > outlay:
        raise Refusal("the rate is above 1000 %")
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _present(cash_flows, middle) > outlay else (low, middle)
    return {"internal_rate": (low + high) / 2}


class Payback(TypedDict):
    payback: Annotated[
        float,
        Quantity("payback period", "years"),
        says(
            "the simple payback period of {investment}, cash flowing evenly within each year",
            noun="payback period",
            most="longest", least="shortest", more="longer", less="shorter",
            ask="What is the simple payback period of {investment}, cash flowing evenly within each year",
        ),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"outlay": 100, "cash_flows": [40, 40, 40]}, {"/payback": 2.5}, "identity: two and a half times 40"),
        example({"outlay": 100, "cash_flows": [50, 30]}, {"error": "refused"}, "identity: 80 do not pay back 100"),
    ],
)
def payback_period(outlay: Outlay, cash_flows: Flows) -> Payback:
    """Compute after how many years the undiscounted cash flows have paid back the outlay, by linear interpolation.

    Refuses an investment that is not paid back.
    """
    return {"payback": _crossing(outlay, cash_flows)}


def _crossing(outlay: float, flows: list[float]) -> float:
    left = outlay
    for year, flow in enumerate(flows):
        if flow >= left:
            return year + left / flow
        left -= flow
    raise Refusal("the cash flows do not pay back the outlay")


class Annuity(TypedDict):
    annuity: Annotated[
        float,
        Quantity("equivalent annual annuity", "US dollars", scale="interval", additive=True),
        says(
            "the yearly payment over the life of {investment} that is worth as much as {net_present_value}",
            noun="equivalent annual annuity",
        ),
    ]


@tool(
    "processing",
    examples=[
        example(
            {"net_present_value": 1000, "cash_flows": [1, 1, 1], "rate": 10},
            {"/annuity": 402.1148036},
            "second-library: numpy-financial 1.0, pmt",
        ),
        example(
            {"net_present_value": 1000, "cash_flows": [1], "rate": 10},
            {"/annuity": 1100},
            "identity: one year's interest",
        ),
    ],
)
def equivalent_annual_annuity(
    net_present_value: Annotated[float, Quantity("net present value", "US dollars"), Meta(description="US dollars")],
    cash_flows: Flows,
    rate: Rate,
) -> Annuity:
    """Compute the level yearly payment in US dollars over an investment's life that has a given present value.

    The life is the number of yearly cash flows.
    """
    growth = rate / 100
    return {"annuity": net_present_value * growth / (1 - (1 + growth) ** -len(cash_flows))}
