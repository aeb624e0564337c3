"""A company's accounts: liquidity, gearing, profitability, the cash cycle, Altman's Z."""

from __future__ import annotations

from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Part, Quantity, says

MILLIONS = "million US dollars"
Assets = Annotated[float, Part("statement", "total_assets"), Meta(description=MILLIONS, gt=0)]
Liabilities = Annotated[float, Part("statement", "total_liabilities"), Meta(description=MILLIONS, gt=0)]
CurrentAssets = Annotated[float, Part("statement", "current_assets"), Meta(description=MILLIONS, gt=0)]
CurrentLiabilities = Annotated[float, Part("statement", "current_liabilities"), Meta(description=MILLIONS, gt=0)]
Inventory = Annotated[float, Part("statement", "inventory"), Meta(description=MILLIONS, ge=0)]
Receivables = Annotated[float, Part("statement", "receivables"), Meta(description=MILLIONS, ge=0)]
Payables = Annotated[float, Part("statement", "payables"), Meta(description=MILLIONS, ge=0)]
Retained = Annotated[float, Part("statement", "retained_earnings"), Meta(description=MILLIONS)]
Sales = Annotated[float, Part("statement", "revenue"), Meta(description=MILLIONS, gt=0)]
CostOfSales = Annotated[float, Part("statement", "cost_of_sales"), Meta(description=MILLIONS, gt=0)]
Operating = Annotated[float, Part("statement", "operating_profit"), Meta(description=MILLIONS)]
InterestPaid = Annotated[float, Part("statement", "interest"), Meta(description=MILLIONS, gt=0)]
NetIncome = Annotated[float, Part("statement", "net_income"), Meta(description=MILLIONS)]
Dividends = Annotated[float, Part("statement", "dividends"), Meta(description=MILLIONS, ge=0)]
MarketValue = Annotated[float, Part("statement", "market_value"), Meta(description=MILLIONS, gt=0)]


class Liquidity(TypedDict):
    current_ratio: Annotated[
        float, Quantity("current ratio"), says("the current ratio of {statement}", noun="current ratio")
    ]
    quick_ratio: Annotated[
        float,
        Quantity("quick ratio"),
        says(
            "the quick ratio of {statement} (current assets less inventories, over current liabilities)",
            noun="quick ratio",
        ),
    ]


@tool(
    "processing",
    examples=[
        example(
            {"current_assets": 200, "inventory": 50, "current_liabilities": 100},
            {"/current_ratio": 2, "/quick_ratio": 1.5},
            "identity: 200 and 150 over 100",
        ),
        example(
            {"current_assets": 90, "inventory": 0, "current_liabilities": 100},
            {"/current_ratio": 0.9, "/quick_ratio": 0.9},
            "identity: without inventories the two agree",
        ),
    ],
)
def liquidity_ratios(
    current_assets: CurrentAssets, inventory: Inventory, current_liabilities: CurrentLiabilities
) -> Liquidity:
    """Compute a company's current ratio and its quick ratio (without inventories).

    Refuses inventories larger than the current assets.
    """
    if inventory > current_assets:
        raise Refusal("inventories are part of the current assets")
    return {
        "current_ratio": current_assets / current_liabilities,
        "quick_ratio": (current_assets - inventory) / current_liabilities,
    }


class WorkingCapital(TypedDict):
    working_capital: Annotated[
        float,
        Quantity("working capital", "million US dollars", scale="interval", additive=True),
        says("the working capital of {statement}", noun="working capital"),
    ]


@tool(
    "processing",
    examples=[
        example(
            {"current_assets": 200, "current_liabilities": 120}, {"/working_capital": 80}, "identity: 200 less 120"
        ),
        example(
            {"current_assets": 100, "current_liabilities": 120}, {"/working_capital": -20}, "identity: 100 less 120"
        ),
    ],
)
def working_capital(current_assets: CurrentAssets, current_liabilities: CurrentLiabilities) -> WorkingCapital:
    """Compute a company's working capital in million US dollars: current assets less current liabilities."""
    return {"working_capital": current_assets - current_liabilities}


class Gearing(TypedDict):
    debt_to_equity: Annotated[
        float,
        Quantity("debt-to-equity ratio"),
        says("the ratio of total liabilities to book equity of {statement}", noun="debt-to-equity ratio"),
    ]
    book_equity: Annotated[
        float,
        Quantity("book equity", "million US dollars", additive=True),
        says("the book equity of {statement}", noun="book equity"),
    ]


@tool(
    "processing",
    examples=[
        example(
            {"total_assets": 500, "total_liabilities": 300},
            {"/debt_to_equity": 1.5, "/book_equity": 200},
            "identity: 300 over 200",
        ),
        example(
            {"total_assets": 500, "total_liabilities": 500}, {"error": "refused"}, "identity: no equity to divide by"
        ),
    ],
)
def debt_to_equity(total_assets: Assets, total_liabilities: Liabilities) -> Gearing:
    """Compute a company's book equity (assets less liabilities, million US dollars) and liabilities over equity.

    Refuses a company without equity.
    """
    equity = total_assets - total_liabilities
    if equity <= 0:
        raise Refusal("the company has no equity")
    return {"debt_to_equity": total_liabilities / equity, "book_equity": equity}


class Profit(TypedDict):
    return_on_equity: Annotated[
        float,
        Quantity("return on equity", "percent", scale="interval"),
        says(
            "the return on equity of {statement}, its net income as a percentage of {book_equity}",
            noun="return on equity",
        ),
    ]


@tool(
    "processing",
    examples=[
        example({"net_income": 30, "book_equity": 200}, {"/return_on_equity": 15}, "identity: 30 of 200"),
        example({"net_income": -10, "book_equity": 200}, {"/return_on_equity": -5}, "identity: a loss of 10 on 200"),
    ],
)
def return_on_equity(
    net_income: NetIncome,
    book_equity: Annotated[
        float, Quantity("book equity", "million US dollars"), Meta(description="million US dollars", gt=0)
    ],
) -> Profit:
    """Compute net income in percent of book equity at the end of the year."""
    return {"return_on_equity": 100 * net_income / book_equity}


class DuPont(TypedDict):
    net_margin: Annotated[
        float,
        Quantity("net margin", "percent", scale="interval"),
        says("the net profit margin of {statement}", noun="net margin"),
    ]
    asset_turnover: Annotated[
        float,
        Quantity("asset turnover"),
        says("the asset turnover of {statement} (sales over total assets)", noun="asset turnover"),
    ]
    interest_cover: Annotated[
        float,
        Quantity("interest cover"),
        says(
            "the interest cover of {statement} (earnings before interest and taxes over interest)",
            noun="interest cover",
        ),
    ]


@tool(
    "processing",
    examples=[
        example(
            {"revenue": 400, "net_income": 30, "total_assets": 500, "operating_profit": 60, "interest": 12},
            {"/net_margin": 7.5, "/asset_turnover": 0.8, "/interest_cover": 5},
            "identity: 30 of 400, 400 over 500, 60 over 12",
        ),
        example(
            {"revenue": 100, "net_income": -5, "total_assets": 100, "operating_profit": 0, "interest": 5},
            {"/net_margin": -5, "/asset_turnover": 1, "/interest_cover": 0},
            "identity: a loss of 5 of 100",
        ),
    ],
)
def operating_ratios(
    revenue: Sales, net_income: NetIncome, total_assets: Assets, operating_profit: Operating, interest: InterestPaid
) -> DuPont:
    """Compute a company's net margin in percent, asset turnover (at year's end) and interest cover."""
    return {
        "net_margin": 100 * net_income / revenue,
        "asset_turnover": revenue / total_assets,
        "interest_cover": operating_profit / interest,
    }


class Growth(TypedDict):
    growth: Annotated[
        float,
        Quantity("sustainable growth rate", "percent", scale="interval"),
        says("the sustainable growth rate of {statement} at {return_on_equity}", noun="sustainable growth rate"),
    ]


@tool(
    "processing",
    examples=[
        example({"return_on_equity": 15, "net_income": 30, "dividends": 12}, {"/growth": 9}, "identity: 60 % of 15 %"),
        example(
            {"return_on_equity": 15, "net_income": 30, "dividends": 30},
            {"/growth": 0},
            "identity: nothing retained, no growth",
        ),
    ],
)
def sustainable_growth_rate(
    return_on_equity: Annotated[float, Quantity("return on equity", "percent"), Meta(description="percent")],
    net_income: Annotated[float, Part("statement", "net_income"), Meta(description="million US dollars", gt=0)],
    dividends: Dividends,
) -> Growth:
    """Compute the sustainable growth rate in percent: return on equity times the share of net income retained.

    Refuses dividends above the net income.
    """
    if dividends > net_income:
        raise Refusal("more is distributed than earned")
    return {"growth": return_on_equity * (1 - dividends / net_income)}


class CashCycle(TypedDict):
    inventory_days: Annotated[
        float,
        Quantity("days of inventory", "days"),
        says("the inventory period of {statement} (on cost of sales, 365-day year)", noun="inventory period"),
    ]
    cash_conversion_cycle: Annotated[
        float,
        Quantity("cash conversion cycle", "days", scale="interval"),
        says(
            "the cash conversion cycle of {statement} (payables on cost of sales, 365-day year)",
            noun="cash conversion cycle",
            most="longest", least="shortest", more="longer", less="shorter",
        ),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example(
            {"inventory": 50, "receivables": 40, "payables": 30, "revenue": 365, "cost_of_sales": 182.5},
            {"/inventory_days": 100, "/cash_conversion_cycle": 80},
            "identity: 100 days of inventory plus 40 of receivables less 60 of payables",
        ),
        example(
            {"inventory": 0, "receivables": 10, "payables": 10, "revenue": 365, "cost_of_sales": 365},
            {"/cash_conversion_cycle": 0},
            "identity: receivables and payables cancel",
        ),
    ],
)
def cash_conversion_cycle(
    inventory: Inventory, receivables: Receivables, payables: Payables, revenue: Sales, cost_of_sales: CostOfSales
) -> CashCycle:
    """Compute a company's days of inventory and cash conversion cycle in days, from balances at the year's end.

    Receivables on sales, inventories and payables on cost of sales, 365-day year.
    """
    held = 365 * inventory / cost_of_sales
    return {
        "inventory_days": held,
        "cash_conversion_cycle": held + 365 * receivables / revenue - 365 * payables / cost_of_sales,
    }


class ZScore(TypedDict):
    z_score: Annotated[
        float,
        Quantity("Altman Z-score", scale="interval"),
        says(
            "the Altman Z-score of {statement} by the 1968 formula, computed with {working_capital}",
            noun="Altman Z-score",
        ),
    ]
    zone: Annotated[
        str,
        says(
            "the zone of {statement} by Altman's Z of 1968 (distress, grey or safe), computed with {working_capital}",
            noun="zone",
        ),
    ]


@tool(
    "processing",
    source="Altman 1968",
    examples=[
        example(
            {
                "working_capital": 100, "retained_earnings": 100, "operating_profit": 100, "market_value": 100,
                "revenue": 100, "total_assets": 100, "total_liabilities": 100,
            },
            {"/z_score": 7.499, "/zone": "safe"},
            "published: Altman 1968, the five weights 1.2, 1.4, 3.3, 0.6, 0.999 summed",
        ),
        example(
            {
                "working_capital": 0, "retained_earnings": 0, "operating_profit": 0, "market_value": 50,
                "revenue": 100, "total_assets": 100, "total_liabilities": 50,
            },
            {"/z_score": 1.599, "/zone": "distress"},
            "identity: 0.6 plus 0.999",
        ),
    ],
)  # fmt: skip
def altman_z_score(
    working_capital: Annotated[
        float, Quantity("working capital", "million US dollars"), Meta(description="million US dollars")
    ],
    retained_earnings: Retained,
    operating_profit: Operating,
    market_value: MarketValue,
    revenue: Sales,
    total_assets: Assets,
    total_liabilities: Liabilities,
) -> ZScore:
    """Compute Altman's Z of 1968 for a listed manufacturer, and its zone.

    Distress below 1.81, safe above 2.99, grey between.

    Z = 1.2 WC/TA + 1.4 RE/TA + 3.3 EBIT/TA + 0.6 market value/TL + 0.999 sales/TA.
    """
    weighted = 1.2 * working_capital + 1.4 * retained_earnings + 3.3 * operating_profit + 0.999 * revenue
    z = weighted / total_assets + 0.6 * market_value / total_liabilities
    return {"z_score": z, "zone": "distress" if z < 1.81 else "safe" if z > 2.99 else "grey"}
