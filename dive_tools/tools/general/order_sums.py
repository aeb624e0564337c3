"""Sums over an order list, by SQL: what an order is worth, what a customer spends, what sells best."""

from __future__ import annotations

from typing import Annotated, TypedDict

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.general.orders import ROWS, SQL, Customer, Number, Orders, Product, query
from dive_tools.values import Entity, Quantity, says


class Worth(TypedDict):
    value: Annotated[
        float,
        Quantity("order value", "dollars", additive=True),
        says("the value of {order}", noun="value", ask="How much is {order} worth"),
    ]


@tool(
    "processing",
    examples=[
        example({"orders": ROWS, "order": "1"}, {"/value": 40}, "identity: 2 times 20"),
        example({"orders": ROWS, "order": "3"}, {"/value": 450}, "identity: 3 times 150"),
    ],
    **SQL,
)
def order_value(orders: Orders, order: Number) -> Worth:
    """Compute what an order of a given list is worth: number of pieces times unit price, in dollars."""
    return {"value": query(orders, 'select sum(quantity * unit_price) from t where "order" = ?', order)[0][0]}


class Spent(TypedDict):
    total: Annotated[
        float,
        Quantity("order value", "dollars", additive=True),
        says(
            "the total value of the orders of {customer}",
            noun="total value of orders",
            ask="How much are the orders of {customer} worth in total",
        ),
    ]


@tool(
    "processing",
    examples=[
        example({"orders": ROWS, "customer": "Ann"}, {"/total": 490}, "identity: 40 and 450"),
        example({"orders": ROWS, "customer": "Bob"}, {"/total": 150}, "identity: one desk"),
    ],
    **SQL,
)
def customer_total(orders: Orders, customer: Customer) -> Spent:
    """Compute the total value in dollars of a customer's orders on a given list."""
    return {"total": query(orders, "select sum(quantity * unit_price) from t where customer = ?", customer)[0][0]}


class Sold(TypedDict):
    pieces: Annotated[
        int,
        Quantity("number of pieces", "pieces", additive=True),
        says(
            "the total number of pieces of {product} ordered",
            noun="number of pieces ordered",
            ask="How many pieces of {product} were ordered in total",
        ),
    ]
    revenue: Annotated[
        float,
        Quantity("order value", "dollars", additive=True),
        says(
            "the total value of the orders for {product}",
            noun="total value of orders",
            ask="How much are the orders for {product} worth in total",
        ),
    ]


@tool(
    "processing",
    examples=[
        example({"orders": ROWS, "product": "desks"}, {"/pieces": 4, "/revenue": 600}, "identity: 1 and 3 at 150"),
        example({"orders": ROWS, "product": "lamps"}, {"/pieces": 2, "/revenue": 40}, "identity: 2 at 20"),
    ],
    **SQL,
)
def product_sales(orders: Orders, product: Product) -> Sold:
    """Compute how many pieces of a product were ordered by a given list, and their total value in dollars."""
    sql = "select sum(quantity), sum(quantity * unit_price) from t where product = ?"
    pieces, revenue = query(orders, sql, product)[0]
    return {"pieces": pieces, "revenue": revenue}


class Best(TypedDict):
    customer: Annotated[
        str,
        Entity("customer"),
        says(
            "the customer on {order_list} whose orders are worth the most in total",
            ask="Which customer on {order_list} has ordered for the greatest total value",
        ),
    ]
    product: Annotated[
        str,
        Entity("product"),
        says(
            "the product on {order_list} with the greatest total value of orders",
            ask="Which product on {order_list} has the greatest total value of orders",
        ),
    ]


@tool(
    "processing",
    examples=[
        example(
            {"orders": ROWS}, {"/customer": "Ann", "/product": "desks"}, "identity: 490 against 150, 600 against 40"
        ),
        example({"orders": ROWS[:2]}, {"/customer": "Bob", "/product": "desks"}, "identity: 150 against 40"),
    ],
    **SQL,
)
def best_sellers(orders: Orders) -> Best:
    """Find the customer and the product with the greatest total value of orders on a given list.

    Refuses where two share the first place.
    """
    return {"customer": _first(orders, "customer"), "product": _first(orders, "product")}


def _first(orders: Orders, by: str) -> str:
    rows = query(orders, f"select {by}, sum(quantity * unit_price) s from t group by 1 order by s desc, 1 limit 2")
    if len(rows) > 1 and rows[0][1] == rows[1][1]:
        raise Refusal(f"two share the first place by {by}")
    return str(rows[0][0])
