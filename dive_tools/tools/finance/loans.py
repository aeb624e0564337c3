"""Loans in equal monthly payments: the payment, its parts, what is left, and what the rate really is."""

from __future__ import annotations

import math
from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Given, Part, Quantity, says

Principal = Annotated[float, Part("loan", "principal"), Meta(description="US dollars", gt=0)]
Rate = Annotated[
    float, Part("loan", "rate"), Meta(description="nominal annual rate in percent, charged monthly", gt=0, le=100)
]
Years = Annotated[int, Part("loan", "years"), Meta(description="years of monthly payments", ge=1, le=50)]

# 200,000 at 7.5 % over 15 years: the example in the documentation of numpy-financial's pmt
DOCS = {"principal": 200000, "rate": 7.5, "years": 15}


def _payment(principal: float, rate: float, months: int) -> float:
    monthly = rate / 1200
    return principal * monthly / (1 - (1 + monthly) ** -months)


def _balance(principal: float, rate: float, years: int, paid: int) -> float:
    growth = (1 + rate / 1200) ** paid
    return principal * growth - _payment(principal, rate, 12 * years) * (growth - 1) / (rate / 1200)


class Payment(TypedDict):
    payment: Annotated[
        float,
        Quantity("monthly payment", "US dollars", additive=True),
        says("the monthly payment on {loan}", noun="monthly payment", ask="What is the monthly payment on {loan}"),
    ]


@tool(
    "processing",
    examples=[
        example(DOCS, {"/payment": 1854.0247200054619}, "published: documentation of numpy-financial, pmt"),
        example(
            {"principal": 1200, "rate": 12, "years": 1},
            {"/payment": 106.6185464},
            "second-library: numpy-financial 1.0, pmt",
        ),
    ],
)
def loan_payment(principal: Principal, rate: Rate, years: Years) -> Payment:
    """Compute the level payment in US dollars, at the end of each month, that repays a loan; not rounded to cents."""
    return {"payment": _payment(principal, rate, 12 * years)}


class Interest(TypedDict):
    total_interest: Annotated[
        float,
        Quantity("interest", "US dollars", additive=True),
        says(
            "the total interest paid over the life of {loan}",
            noun="total interest",
            ask="How much interest is paid in total over the life of {loan}",
        ),
    ]


@tool(
    "processing",
    examples=[
        example(
            DOCS,
            {"/total_interest": 133724.449601},
            "identity: 180 payments of numpy-financial's pmt less the principal",
        ),
        example(
            {"principal": 1200, "rate": 12, "years": 1},
            {"/total_interest": 79.422557},
            "second-library: numpy-financial 1.0, ipmt summed",
        ),
    ],
)
def loan_total_interest(principal: Principal, rate: Rate, years: Years) -> Interest:
    """Compute the interest in US dollars that a loan in level monthly payments costs over its whole life."""
    return {"total_interest": 12 * years * _payment(principal, rate, 12 * years) - principal}


class Balance(TypedDict):
    balance: Annotated[
        float,
        Quantity("loan balance", "US dollars", additive=True),
        says(
            "the balance still owed on {loan} after {paid} monthly payments",
            noun="balance",
            ask="How much is still owed on {loan} after {paid} monthly payments",
        ),
    ]


Paid = Annotated[int, Given(12, 24, 36, 60, 96), Meta(description="number of monthly payments made", ge=0, le=600)]


@tool(
    "processing",
    examples=[
        example({**DOCS, "paid": 0}, {"/balance": 200000}, "identity: before the first payment all is owed"),
        example({**DOCS, "paid": 60}, {"/balance": 156191.835514}, "second-library: numpy-financial 1.0, fv"),
    ],
)
def loan_balance(principal: Principal, rate: Rate, years: Years, paid: Paid) -> Balance:
    """Compute the balance in US dollars owed on a loan in level monthly payments after some of them.

    Refuses more payments than the loan has.
    """
    if paid > 12 * years:
        raise Refusal("the loan has fewer payments than that")
    return {"balance": _balance(principal, rate, years, paid)}


class Split(TypedDict):
    interest: Annotated[
        float,
        Quantity("interest", "US dollars", additive=True),
        says(
            "the interest contained in payment number {number} on {loan}",
            noun="interest",
            ask="How much interest does payment number {number} on {loan} contain",
        ),
    ]
    principal_part: Annotated[
        float,
        Quantity("principal repaid", "US dollars", additive=True),
        says(
            "the principal repaid by payment number {number} on {loan}",
            noun="principal repaid",
            ask="How much principal does payment number {number} on {loan} repay",
        ),
    ]


@tool(
    "processing",
    examples=[
        example(
            {**DOCS, "number": 1},
            {"/interest": 1250, "/principal_part": 604.02472000546},
            "identity: a twelfth of 7.5 % of the principal",
        ),
        example(
            {"principal": 1200, "rate": 12, "years": 1, "number": 12},
            {"/interest": 1.0556291725},
            "second-library: numpy-financial 1.0, ipmt",
        ),
    ],
)
def loan_payment_split(
    principal: Principal,
    rate: Rate,
    years: Years,
    number: Annotated[int, Given(1, 12, 60, 100), Meta(description="number of the payment, from 1", ge=1, le=600)],
) -> Split:
    """Split one level monthly payment on a loan into its interest and the principal that it repays (US dollars).

    Refuses a number beyond the last payment.
    """
    if number > 12 * years:
        raise Refusal("the loan has fewer payments than that")
    interest = _balance(principal, rate, years, number - 1) * rate / 1200
    return {"interest": interest, "principal_part": _payment(principal, rate, 12 * years) - interest}


class Faster(TypedDict):
    payments: Annotated[
        int,
        Quantity("number of payments", "payments"),
        says(
            "the number of payments that repay {loan} if {extra} US dollars are added to each monthly payment",
            noun="number of payments",
            ask="How many payments repay {loan} if {extra} US dollars are added to each monthly payment",
        ),
    ]
    interest: Annotated[
        float,
        Quantity("interest", "US dollars", additive=True),
        says(
            "the total interest on {loan} if {extra} US dollars are added to each monthly payment",
            noun="total interest",
        ),
    ]


@tool(
    "processing",
    examples=[
        example(
            {**DOCS, "extra": 0},
            {"/payments": 180, "/interest": 133724.449601},
            "identity: nothing extra leaves the plan as it was",
        ),
        example(
            {"principal": 180000, "rate": 6, "years": 30, "extra": 200},
            {"/payments": 244},
            "second-library: numpy-financial 1.0, nper of 243.8",
        ),
    ],
)
def loan_with_extra_payment(
    principal: Principal,
    rate: Rate,
    years: Years,
    extra: Annotated[float, Given(50, 100, 200, 300), Meta(description="US dollars added to every payment", ge=0)],
) -> Faster:
    """Compute how many payments repay a loan, and the interest paid, when a sum is added to every monthly payment.

    The last payment is smaller and is counted.
    """
    monthly = rate / 1200
    payment = _payment(principal, rate, 12 * years) + extra
    exact = -math.log1p(-principal * monthly / payment) / math.log1p(monthly)
    count = math.ceil(exact - 1e-9)
    before = principal * (1 + monthly) ** (count - 1) - payment * ((1 + monthly) ** (count - 1) - 1) / monthly
    return {"payments": count, "interest": payment * (count - 1) + before * (1 + monthly) - principal}


class Effective(TypedDict):
    effective_rate: Annotated[
        float,
        Quantity("effective annual rate", "percent"),
        says(
            "the effective annual interest rate of {loan} with monthly compounding",
            noun="effective annual rate",
            ask="What is the effective annual interest rate of {loan} with monthly compounding",
        ),
    ]


@tool(
    "processing",
    examples=[
        example({"rate": 12}, {"/effective_rate": 12.682503013}, "identity: 1.01 to the twelfth"),
        example({"rate": 6}, {"/effective_rate": 6.1677811864}, "identity: 1.005 to the twelfth"),
    ],
)
def loan_effective_rate(rate: Rate) -> Effective:
    """Compute the effective annual rate in percent of a nominal annual rate that is charged monthly."""
    return {"effective_rate": 100 * ((1 + rate / 1200) ** 12 - 1)}
