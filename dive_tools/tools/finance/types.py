"""The objects made up for questions of finance: bonds, options, loans, investments, portfolios, companies' accounts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dive_tools.values import say_date, say_number, vignette

TIMES = {1: "once a year", 2: "twice a year", 4: "four times a year"}


def _spread(count: int, **columns: Sequence[Any]) -> list[dict[str, Any]]:
    """Rows that take each part from its column at its own pace, so that they all differ."""
    steps = (1, 3, 7, 5, 11, 13, 17, 19, 23, 29, 31, 37)
    rows = [
        {
            name: values[(i * step + i // len(values)) % len(values)]
            for (name, values), step in zip(columns.items(), steps, strict=False)
        }
        for i in range(count)
    ]
    return distinct(rows)


def distinct(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows without those that stand before."""
    return list({str(row): row for row in rows}.values())


def _money(values: list[float]) -> str:
    said = [f"{say_number(v)}" for v in values]
    return f"{', '.join(said[:-1])} and {said[-1]}"


def _percents(values: list[float]) -> str:
    return ", ".join(f"{say_number(v)}%" for v in values[:-1]) + f" and {say_number(values[-1])}%"


# --- bonds ------------------------------------------------------------------------------------------------------------

_COUPONS = [2.5, 3.0, 3.25, 3.75, 4.0, 4.25, 4.5, 5.0, 5.25, 5.5, 6.0]
_MATURITIES = [
    "2029-04-15", "2030-06-15", "2031-11-15", "2032-02-15", "2033-09-15", "2034-05-15", "2035-07-15", "2038-10-15",
]  # fmt: skip
_SETTLED = [
    "2023-03-08", "2023-10-25", "2024-01-17", "2024-05-22", "2024-08-28", "2025-02-12", "2025-04-09", "2025-09-24",
    "2025-11-05",
]  # fmt: skip
_BOND: dict[str, Callable[[Any], str]] = {
    "coupon": lambda v: f"{say_number(v)}%",
    "frequency": lambda v: TIMES[v],
    "maturity": say_date,
    "settlement": say_date,
}
_BOND_SUBJECTS = (
    "a bond with a face value of {face} US dollars and an annual coupon rate of {coupon}, paid {frequency},",
    "a bond whose annual coupon rate of {coupon} is paid {frequency}",
    "a bond whose coupon is paid {frequency}",
    "a bond",
)

BOND = vignette(
    "bond",
    "the bond",
    _BOND_SUBJECTS,
    {
        "maturity": "matures on {maturity}",
        "settlement": "is bought for settlement on {settlement}",
        "bond_yield": "yields {bond_yield}% a year, compounded as often as the coupon is paid",
    },
    says=_BOND,
    samples=lambda: _spread(
        240,
        face=[1000, 5000, 10000, 100000],
        coupon=_COUPONS,
        maturity=_MATURITIES,
        settlement=_SETTLED,
        frequency=[2, 1, 2, 4, 2],
        bond_yield=[3.1, 3.6, 4.2, 4.8, 5.4, 2.9, 6.3],
    ),
)

QUOTED_BOND = vignette(
    "quoted_bond",
    "the quoted bond",
    _BOND_SUBJECTS[1:],
    {
        "maturity": "matures on {maturity}",
        "settlement": "is bought for settlement on {settlement}",
        "price": "is quoted at a clean price of {price} per 100 of face value",
    },
    says=_BOND,
    samples=lambda: _spread(
        200,
        coupon=_COUPONS[::-1],
        maturity=_MATURITIES,
        settlement=_SETTLED[::-1],
        frequency=[2, 2, 1],
        price=[91.5, 94.25, 96.8, 98.4, 99.6, 101.3, 102.75, 104.2],
    ),
)

# --- options ----------------------------------------------------------------------------------------------------------

_OPTION_CLAUSES = {
    "spot": "is written on a share that costs {spot} US dollars and pays no dividend",
    "strike": "has a strike price of {strike} US dollars",
    "months": "expires in {months} months",
    "rate": "is valued at a continuously compounded risk-free rate of {rate}% a year",
}


def _options() -> list[dict[str, Any]]:
    rows = _spread(
        240,
        spot=[42.0, 48.0, 50.0, 64.0, 75.0, 80.0, 98.0, 105.0, 120.0, 150.0],
        moneyness=[0.9, 0.95, 1.0, 1.05, 1.1, 1.15, 1.0],
        months=[3, 4, 6, 9, 12],
        rate=[2.0, 3.0, 3.5, 4.0, 4.5, 5.0],
        volatility=[18.0, 20.0, 22.0, 25.0, 28.0, 32.0, 35.0],
    )
    for row in rows:
        row["strike"] = round(row["spot"] * row.pop("moneyness"))
    return rows


OPTION = vignette(
    "option",
    "the option",
    "an option",
    {**_OPTION_CLAUSES, "volatility": "is assumed to have an underlying volatility of {volatility}% a year"},
    samples=_options,
)


def _quoted_options() -> list[dict[str, Any]]:
    rows = _spread(
        160,
        spot=[41.0, 52.0, 60.0, 78.0, 100.0, 125.0],
        months=[3, 6, 9, 12],
        rate=[2.5, 3.0, 4.0, 4.5, 5.0],
        moneyness=[0.95, 1.0, 1.05, 1.0],
        share=[0.07, 0.09, 0.11],
    )
    made = []
    for row in rows:
        strike = round(row["spot"] * row["moneyness"])
        price = max(row["spot"] - strike, 0) * 0.8 + row["spot"] * row["share"] * (row["months"] / 12) ** 0.5
        made.append(
            {
                "spot": row["spot"],
                "strike": strike,
                "months": row["months"],
                "rate": row["rate"],
                "call_price": round(price, 1),
            }
        )
    return made


QUOTED_OPTION = vignette(
    "quoted_option",
    "the quoted call option",
    "a European call option",
    {**_OPTION_CLAUSES, "call_price": "trades at {call_price} US dollars"},
    samples=_quoted_options,
)

# --- loans and investments --------------------------------------------------------------------------------------------


def _loans() -> list[dict[str, Any]]:
    rows = _spread(
        240,
        principal=[150000, 180000, 220000, 240000, 260000, 320000, 400000],
        rate=[3.6, 4.2, 4.8, 5.4, 6.0, 6.6, 7.2],
        years=[10, 15, 20, 25, 30],
        burden=[0.22, 0.28, 0.33, 0.25],
    )
    for row in rows:
        payment = row["principal"] * row["rate"] / 1200 / (1 - (1 + row["rate"] / 1200) ** (-12 * row["years"]))
        row["income"] = round(payment / row.pop("burden"), -2)
    return rows


LOAN = vignette(
    "loan",
    "the loan",
    (
        "a loan of {principal} US dollars at a nominal annual interest rate of {rate}%",
        "a loan at a nominal annual interest rate of {rate}%",
        "a loan",
    ),
    {
        "years": "is repaid in equal payments at the end of each month over {years} years",
        "income": "is taken out by borrowers with a gross income of {income} US dollars a month",
    },
    samples=_loans,
)


def _investments() -> list[dict[str, object]]:
    shapes = (
        (0.30, 0.32, 0.34, 0.36), (0.45, 0.40, 0.30, 0.15), (0.22, 0.26, 0.30, 0.28, 0.24),
        (0.10, 0.25, 0.40, 0.45, 0.30), (0.28, 0.28, 0.28, 0.28, 0.28), (0.15, 0.20, 0.30, 0.35, 0.30, 0.20),
    )  # fmt: skip
    outlays, rates = (40000, 60000, 85000, 120000, 200000), (6, 7, 8, 9, 10, 12)
    return [
        {
            "outlay": outlays[i % 5],
            "cash_flows": [round(outlays[i % 5] * part, -2) for part in shapes[i % 6]],
            "rate": rates[(i // 2) % 6],
        }
        for i in range(60)
    ]


INVESTMENT = vignette(
    "investment",
    "the investment",
    ("an investment of {outlay} US dollars", "an investment"),
    {
        "cash_flows": "brings cash flows of {cash_flows} US dollars at the end of the following years",
        "rate": "is discounted at {rate}% a year",
    },
    says={"cash_flows": _money},
    samples=_investments,
)

# --- portfolios -------------------------------------------------------------------------------------------------------


def _portfolios() -> list[dict[str, object]]:
    firsts = (
        [12.0, -4.0, 9.0, 15.0, 3.0], [6.5, 8.0, -2.5, 11.0, 7.0], [20.0, -12.0, 14.0, 8.0, -5.0],
        [4.0, 5.5, 3.0, 6.0, 2.5], [9.0, 16.0, -7.0, 10.0, 12.0],
    )  # fmt: skip
    seconds = (
        [5.0, 2.0, 7.0, 4.0, 6.0], [-3.0, 12.0, 8.0, -6.0, 14.0], [10.0, 1.0, -8.0, 18.0, 9.0],
        [7.0, -1.0, 4.5, 9.5, 5.0], [2.0, 3.5, 11.0, -4.0, 8.0], [15.0, 6.0, -10.0, 13.0, 1.0],
    )  # fmt: skip
    return [
        {
            "first_returns": firsts[i % 5],
            "second_returns": seconds[i % 6],
            "first_weight": (60, 40, 70, 50, 30, 25, 80)[i % 7],
            "risk_free": (2.0, 3.0, 1.5, 2.5)[i % 4],
        }
        for i in range(120)
    ]


PORTFOLIO = vignette(
    "portfolio",
    "the portfolio",
    (
        "a portfolio that holds {first_weight}% of its value in a first share and the rest in a second",
        "a portfolio of two shares",
    ),
    {
        "first_returns": "saw annual returns of {first_returns} on the first share in five successive years",
        "second_returns": "saw annual returns of {second_returns} on the second share in the same five years",
        "risk_free": "is judged against a risk-free rate of {risk_free}% a year",
    },
    says={"first_returns": _percents, "second_returns": _percents},
    samples=_portfolios,
)

# --- a company's accounts ---------------------------------------------------------------------------------------------


def _statements() -> list[dict[str, Any]]:
    made = []
    for i in range(180):
        assets = (400, 520, 650, 800, 960, 1200, 1500, 2400, 3100)[i % 9]
        debt = (0.42, 0.55, 0.48, 0.63, 0.35, 0.70, 0.51)[i % 7]
        revenue = assets * (0.8, 1.1, 0.95, 1.3, 1.5)[i % 5]
        income = revenue * (0.04, 0.07, 0.11, 0.09, 0.055, 0.13)[i % 6]
        current = assets * (0.38, 0.45, 0.33, 0.52)[i % 4]
        made.append(
            {
                "total_assets": assets,
                "total_liabilities": round(assets * debt),
                "current_assets": round(current),
                "inventory": round(current * (0.3, 0.4, 0.25)[i % 3]),
                "receivables": round(current * (0.35, 0.3, 0.4, 0.28)[i % 4]),
                "current_liabilities": round(current * (0.6, 0.75, 0.5, 0.9, 0.65)[i % 5]),
                "payables": round(current * (0.2, 0.25, 0.3)[i % 3]),
                "retained_earnings": round(assets * (0.12, 0.2, 0.28, 0.16, 0.24)[i % 5]),
                "revenue": round(revenue),
                "cost_of_sales": round(revenue * (0.6, 0.65, 0.55, 0.7)[i % 4]),
                "operating_profit": round(income * 1.7),
                "interest": round(assets * debt * 0.02),
                "net_income": round(income),
                "dividends": round(income * (0.3, 0.4, 0.25, 0.5)[i % 4]),
                "market_value": round(income * (11, 14, 17, 9, 20)[i % 5]),
            }
        )
    return made


STATEMENT = vignette(
    "statement",
    "the company",
    "a company that reports in millions of US dollars",
    {
        "revenue": "has annual sales of {revenue} million",
        "cost_of_sales": "has a cost of sales of {cost_of_sales} million",
        "operating_profit": "earns {operating_profit} million before interest and taxes",
        "interest": "pays {interest} million in interest",
        "net_income": "earns {net_income} million net of tax",
        "dividends": "distributes {dividends} million as dividends",
        "total_assets": "has total assets of {total_assets} million",
        "total_liabilities": "owes total liabilities of {total_liabilities} million",
        "current_assets": "has current assets of {current_assets} million",
        "inventory": "holds inventories of {inventory} million",
        "receivables": "has trade receivables of {receivables} million",
        "current_liabilities": "has current liabilities of {current_liabilities} million",
        "payables": "has trade payables of {payables} million",
        "retained_earnings": "has retained earnings of {retained_earnings} million",
        "market_value": "has a market value of equity of {market_value} million",
    },
    samples=_statements,
)
