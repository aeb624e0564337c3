"""Bonds and Treasury bills: price, accrued interest, duration, convexity and yield, in closed form.

Street convention: cash flows are discounted at the yield compounded at the coupon frequency, the first period by its
fraction left under the day count, 30/360 (bond basis).
"""

from __future__ import annotations

import datetime
from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Part, Quantity, says

STREET = "street convention, day count 30/360 (bond basis)"


def days_360(start: datetime.date, end: datetime.date) -> int:
    """Days between two dates by 30/360, bond basis (ISDA 2006, 4.16 f)."""
    first = min(start.day, 30)
    last = 30 if end.day == 31 and first == 30 else end.day
    return 360 * (end.year - start.year) + 30 * (end.month - start.month) + last - first


def _back(day: datetime.date, months: int) -> datetime.date:
    index = day.year * 12 + day.month - 1 - months
    return day.replace(year=index // 12, month=index % 12 + 1)


def _schedule(settlement: str, maturity: str, frequency: int) -> tuple[datetime.date, list[datetime.date]]:
    """The last coupon date up to settlement, and those after it."""
    try:
        start, end = datetime.date.fromisoformat(settlement), datetime.date.fromisoformat(maturity)
    except ValueError as error:
        raise Refusal(f"no such date: {error}") from None
    if not start < end or end.day > 28:
        raise Refusal("the bond must mature after settlement, not later than the 28th of a month")
    if 12 % frequency:
        raise Refusal("coupons are paid 1, 2, 3, 4, 6 or 12 times a year")
    dates = [end]
    while dates[-1] > start:
        dates.append(_back(end, len(dates) * 12 // frequency))
    return dates[-1], dates[-2::-1]


def _flows(settlement: str, maturity: str, frequency: int, coupon: float) -> tuple[float, list[tuple[float, float]]]:
    """Accrued interest and (years, amount) of the cash flows to come, per 100 of face value."""
    last, dates = _schedule(settlement, maturity, frequency)
    gone = days_360(last, datetime.date.fromisoformat(settlement)) * frequency / 360
    amounts = [coupon / frequency] * (len(dates) - 1) + [100 + coupon / frequency]
    return gone * coupon / frequency, [((k + 1 - gone) / frequency, a) for k, a in enumerate(amounts)]


def _present(flows: list[tuple[float, float]], rate: float, frequency: int) -> float:
    return sum(a * (1 + rate / 100 / frequency) ** (-t * frequency) for t, a in flows)


Face = Annotated[float, Part("bond", "face"), Meta(description="face value in US dollars", gt=0)]
Coupon = Annotated[
    float, Part("bond", "coupon"), Meta(description="annual coupon in percent of face value", ge=0, le=50)
]
Frequency = Annotated[int, Part("bond", "frequency"), Meta(description="coupons a year", ge=1, le=12)]
Maturity = Annotated[str, Part("bond", "maturity"), Meta(description="YYYY-MM-DD", pattern=r"^\d{4}-\d\d-\d\d$")]
Settlement = Annotated[str, Part("bond", "settlement"), Meta(description="YYYY-MM-DD", pattern=r"^\d{4}-\d\d-\d\d$")]
Yield = Annotated[
    float,
    Part("bond", "bond_yield"),
    Meta(description="percent a year, compounded at the coupon frequency", gt=-20, le=50),
]

PAR = {"coupon": 6, "frequency": 2, "maturity": "2033-02-15", "settlement": "2024-02-15", "bond_yield": 6}
LONG = {"coupon": 4, "frequency": 2, "maturity": "2033-02-15", "settlement": "2024-05-20", "bond_yield": 5.2}

# --- tools ------------------------------------------------------------------------------------------------------------


class Price(TypedDict):
    clean_price: Annotated[
        float,
        Quantity("bond price", "US dollars", additive=True),
        says(
            "the clean price of {bond} by the street convention with 30/360 day count",
            noun="clean price",
            ask="What is the clean price of {bond} by the street convention with 30/360 day count",
        ),
    ]


@tool(
    "processing",
    source=STREET,
    examples=[
        example(
            {"face": 1000, **PAR},
            {"/clean_price": 1000},
            "identity: at a yield equal to the coupon a bond costs its face value",
        ),
        example(
            {"face": 1000, **LONG},
            {"/clean_price": 916.5366662577},
            "second-library: QuantLib 1.44, BondFunctions.cleanPrice",
        ),
    ],
)
def bond_price(
    face: Face, coupon: Coupon, frequency: Frequency, maturity: Maturity, settlement: Settlement, bond_yield: Yield
) -> Price:
    """Compute the clean price in US dollars of a fixed-coupon bond from its yield.

    Street convention, day count 30/360 (bond basis). Refuses a bond that matures before settlement.
    """
    accrued, flows = _flows(settlement, maturity, frequency, coupon)
    return {"clean_price": (_present(flows, bond_yield, frequency) - accrued) * face / 100}


class Accrued(TypedDict):
    accrued_interest: Annotated[
        float,
        Quantity("accrued interest", "US dollars", additive=True),
        says(
            "the interest accrued on {bond} at settlement by 30/360 day count",
            noun="accrued interest",
            ask="How much interest has accrued on {bond} at settlement by 30/360 day count",
        ),
    ]
    next_coupon: Annotated[str, says(quiet=True)]
    coupons_left: Annotated[
        int,
        Quantity("number of coupons", "coupons"),
        says(
            "the number of coupons that {bond} pays after settlement",
            noun="number of coupons",
            ask="How many coupons does {bond} still pay after settlement",
        ),
    ]


@tool(
    "processing",
    source=STREET,
    examples=[
        example(
            {"face": 1000, "coupon": 4, "frequency": 2, "maturity": "2033-02-15", "settlement": "2024-05-20"},
            {"/accrued_interest": 10.555555556, "/next_coupon": "2024-08-15", "/coupons_left": 18},
            "identity: 95 of 360 days of a coupon of 40 a year",
        ),
        example(
            {"face": 1000, "coupon": 6, "frequency": 2, "maturity": "2033-02-15", "settlement": "2024-02-15"},
            {"/accrued_interest": 0, "/next_coupon": "2024-08-15"},
            "identity: nothing has accrued on a coupon date",
        ),
    ],
)
def bond_accrued_interest(
    face: Face, coupon: Coupon, frequency: Frequency, maturity: Maturity, settlement: Settlement
) -> Accrued:
    """Compute the accrued interest of a fixed-coupon bond in US dollars, its next coupon date and coupons to come.

    Day count 30/360 (bond basis). Refuses a bond that matures before settlement.
    """
    accrued, flows = _flows(settlement, maturity, frequency, coupon)
    return {
        "accrued_interest": accrued * face / 100,
        "next_coupon": _schedule(settlement, maturity, frequency)[1][0].isoformat(),
        "coupons_left": len(flows),
    }


class Duration(TypedDict):
    macaulay_duration: Annotated[
        float,
        Quantity("Macaulay duration", "years"),
        says(
            "the Macaulay duration of {bond}",
            noun="Macaulay duration",
            most="longest", least="shortest", more="longer", less="shorter",
            ask="What is the Macaulay duration of {bond}",
        ),
    ]  # fmt: skip
    modified_duration: Annotated[
        float,
        Quantity("modified duration", "years"),
        says(
            "the modified duration of {bond}", noun="modified duration", ask="What is the modified duration of {bond}"
        ),
    ]


@tool(
    "processing",
    source=STREET,
    examples=[
        example(
            LONG,
            {"/macaulay_duration": 7.306497848, "/modified_duration": 7.121342932},
            "second-library: QuantLib 1.44, BondFunctions.duration",
        ),
        example(
            {"coupon": 0, "frequency": 1, "maturity": "2030-01-15", "settlement": "2025-01-15", "bond_yield": 5},
            {"/macaulay_duration": 5, "/modified_duration": 4.761904762},
            "identity: the duration of a zero-coupon bond is its maturity",
        ),
    ],
)
def bond_duration(
    coupon: Coupon, frequency: Frequency, maturity: Maturity, settlement: Settlement, bond_yield: Yield
) -> Duration:
    """Compute the Macaulay and the modified duration, in years, of a fixed-coupon bond at its yield.

    Weighted by the dirty price; street convention, day count 30/360 (bond basis).
    """
    _, flows = _flows(settlement, maturity, frequency, coupon)
    per = 1 + bond_yield / 100 / frequency
    price = _present(flows, bond_yield, frequency)
    macaulay = sum(t * a * per ** (-t * frequency) for t, a in flows) / price
    return {"macaulay_duration": macaulay, "modified_duration": macaulay / per}


class Convexity(TypedDict):
    convexity: Annotated[
        float,
        Quantity("convexity", "years squared"),
        says("the convexity of {bond}", noun="convexity", ask="What is the convexity of {bond}"),
    ]


@tool(
    "processing",
    source=STREET,
    examples=[
        example(LONG, {"/convexity": 60.44979749634}, "second-library: QuantLib 1.44, BondFunctions.convexity"),
        example(
            {"coupon": 0, "frequency": 1, "maturity": "2030-01-15", "settlement": "2025-01-15", "bond_yield": 5},
            {"/convexity": 27.210884354},
            "identity: n(n+1)/(1+y)² for a zero-coupon bond of n years",
        ),
    ],
)
def bond_convexity(
    coupon: Coupon, frequency: Frequency, maturity: Maturity, settlement: Settlement, bond_yield: Yield
) -> Convexity:
    """Compute the convexity, in years squared, of a fixed-coupon bond: its price's second derivative over the price.

    Dirty price; street convention, day count 30/360 (bond basis).
    """
    _, flows = _flows(settlement, maturity, frequency, coupon)
    per = 1 + bond_yield / 100 / frequency
    bent = sum(a * t * (t + 1 / frequency) * per ** (-t * frequency - 2) for t, a in flows)
    return {"convexity": bent / _present(flows, bond_yield, frequency)}


QuotedCoupon = Annotated[
    float, Part("quoted_bond", "coupon"), Meta(description="annual coupon in percent of face value", ge=0, le=50)
]
QuotedFrequency = Annotated[int, Part("quoted_bond", "frequency"), Meta(description="coupons a year", ge=1, le=12)]
QuotedMaturity = Annotated[
    str, Part("quoted_bond", "maturity"), Meta(description="YYYY-MM-DD", pattern=r"^\d{4}-\d\d-\d\d$")
]
QuotedSettlement = Annotated[
    str, Part("quoted_bond", "settlement"), Meta(description="YYYY-MM-DD", pattern=r"^\d{4}-\d\d-\d\d$")
]


class QuotedYield(TypedDict):
    yield_to_maturity: Annotated[
        float,
        Quantity("yield", "percent"),
        says(
            "the yield to maturity of {quoted_bond}, compounded as often as the coupon is paid (30/360 day count)",
            noun="yield to maturity",
            ask="At which yield, compounded at the coupon frequency, does {quoted_bond} trade (30/360 day count)",
        ),
    ]
    current_yield: Annotated[
        float,
        Quantity("current yield", "percent"),
        says(
            "the current yield of {quoted_bond} (annual coupon over clean price)",
            noun="current yield",
            ask="What is the current yield of {quoted_bond} (annual coupon over clean price)",
        ),
    ]


@tool(
    "processing",
    source=STREET,
    examples=[
        example(
            {
                "coupon": 4,
                "frequency": 2,
                "maturity": "2033-02-15",
                "settlement": "2024-05-20",
                "price": 91.65366662577,
            },
            {"/yield_to_maturity": 5.2},
            "second-library: QuantLib 1.44, BondFunctions.bondYield",
        ),
        example(
            {"coupon": 6, "frequency": 2, "maturity": "2033-02-15", "settlement": "2024-02-15", "price": 100},
            {"/yield_to_maturity": 6, "/current_yield": 6},
            "identity: at par the yields equal the coupon",
        ),
    ],
)
def quoted_bond_yield(
    coupon: QuotedCoupon,
    frequency: QuotedFrequency,
    maturity: QuotedMaturity,
    settlement: QuotedSettlement,
    price: Annotated[
        float, Part("quoted_bond", "price"), Meta(description="clean, per 100 of face value", gt=5, le=300)
    ],
) -> QuotedYield:
    """Compute the yield to maturity of a fixed-coupon bond from its clean price, and its current yield, in percent.

    Street convention, day count 30/360 (bond basis); solved by bisection to ten digits.
    """
    accrued, flows = _flows(settlement, maturity, frequency, coupon)
    low, high = -50.0, 200.0
    for _ in range(70):
        middle = (low + high) / 2
        low, high = (middle, high) if _present(flows, middle, frequency) > price + accrued else (low, middle)
    return {"yield_to_maturity": (low + high) / 2, "current_yield": 100 * coupon / price}


class QuotedDuration(TypedDict):
    duration: Annotated[
        float,
        Quantity("modified duration", "years"),
        says("the modified duration of {quoted_bond}, given {bond_yield}", noun="modified duration"),
    ]


@tool(
    "processing",
    source=STREET,
    examples=[
        example(LONG, {"/duration": 7.121342932}, "second-library: QuantLib 1.44, BondFunctions.duration"),
        example(
            {"coupon": 0, "frequency": 1, "maturity": "2030-01-15", "settlement": "2025-01-15", "bond_yield": 5},
            {"/duration": 4.761904762},
            "identity: the duration of a zero-coupon bond is its maturity",
        ),
    ],
)
def quoted_bond_duration(
    coupon: QuotedCoupon,
    frequency: QuotedFrequency,
    maturity: QuotedMaturity,
    settlement: QuotedSettlement,
    bond_yield: Annotated[float, Quantity("yield", "percent"), Meta(description="yield to maturity", gt=-50, le=200)],
) -> QuotedDuration:
    """Compute the modified duration in years of a fixed-coupon bond at a yield to maturity found from its price.

    Weighted by the dirty price; street convention, day count 30/360 (bond basis).
    """
    return {"duration": bond_duration(coupon, frequency, maturity, settlement, bond_yield)["modified_duration"]}
