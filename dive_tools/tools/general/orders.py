"""Order lists made up for a question, queried with SQL: who ordered what, when, and for how much."""

from __future__ import annotations

import datetime
import sqlite3
from functools import lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Entity, Part, Quantity, entity, say_date, says, vignette

_CUSTOMERS = ["Hale Ltd", "Brook & Sons", "Marlow School", "Quay Dental", "Orchard Café", "Tern Studio", "Alder Clinic",
              "Finch Press", "Kestrel Legal", "Pine Hostel"]  # fmt: skip
_PRODUCTS = {"desk lamps": 24.5, "office chairs": 129.0, "filing cabinets": 210.0, "whiteboards": 64.0,
             "monitor stands": 38.25, "paper shredders": 87.5, "coat racks": 45.0, "wall clocks": 19.75,
             "footrests": 31.5, "desk fans": 27.0, "bookcases": 154.0, "noticeboards": 22.5}  # fmt: skip

entity("customer", "customer")
entity("product", "product")
entity("order", "order", label=lambda number: f"order {number}")


class Order(TypedDict):
    order: str
    date: str
    customer: str
    product: str
    quantity: int
    unit_price: float


@lru_cache(maxsize=1)
def _lists() -> list[dict[str, Any]]:
    """Lists of 7 to 9 orders by 3 or 4 customers of 4 or 5 products, of which no two orders are worth the same."""
    found, state = [], 2026
    for i in range(1600):
        names = [_CUSTOMERS[(i * 3 + k * (1 + i % 3)) % 10] for k in range(3 + i % 2)]
        goods = [list(_PRODUCTS)[(i * 5 + k * (1 if i % 2 else 5)) % 12] for k in range(4 + i % 2)]
        day, rows = datetime.date(2025, 1, 6) + datetime.timedelta(days=(i * 11) % 500), []
        for k in range(7 + i % 3):
            state = (state * 1103515245 + 12345) % 2**31
            day += datetime.timedelta(days=1 + (state >> 8) % 6)
            name, product = names[(state >> 12) % len(names)], goods[(k + (state >> 18) % 2) % len(goods)]
            row: dict[str, Any] = {
                "order": f"{1001 + i * 3 + k}",
                "date": day.isoformat(),
                "customer": name,
                "product": product,
            }
            rows.append({**row, "quantity": 2 + (state >> 14) % 23, "unit_price": _PRODUCTS[product]})
        worth = [row["quantity"] * row["unit_price"] for row in rows]
        if len(set(worth)) == len(worth) and len({row["customer"] for row in rows}) == len(names):
            found.append({"orders": rows})
    return found


def _say(orders: list[dict[str, Any]]) -> str:
    lines = (
        f"{o['order']} of {say_date(o['date'])} ({o['customer']}, {o['quantity']} {o['product']} at "
        f"${o['unit_price']:.2f} each)"
        for o in orders
    )
    return ", ".join(lines)


vignette(
    "order_list",
    "the order list",
    "an office supplier",
    {"orders": "has these orders on its list: {orders}"},
    samples=_lists,
    says={"orders": _say},
)

Orders = Annotated[
    list[Order],
    Part("order_list", "orders"),
    Meta(description="one row for each order; prices in dollars", min_length=1, max_length=1000),
]
Customer = Annotated[str, Entity("customer"), Meta(description="as the list spells it")]
Product = Annotated[str, Entity("product"), Meta(description="as the list spells it")]
Number = Annotated[str, Entity("order"), Meta(description="the order number")]
SQL: dict[str, Any] = {"source": "SQLite", "licence": "public domain"}
ROWS = [
    {"order": "1", "date": "2026-03-02", "customer": "Ann", "product": "lamps", "quantity": 2, "unit_price": 20.0},
    {"order": "2", "date": "2026-03-05", "customer": "Bob", "product": "desks", "quantity": 1, "unit_price": 150.0},
    {"order": "3", "date": "2026-04-01", "customer": "Ann", "product": "desks", "quantity": 3, "unit_price": 150.0},
]


def query(rows: list[Any], sql: str, *values: Any) -> list[Any]:
    """The rows that a query of the table `t` gives; Refusal where it gives none."""
    base = sqlite3.connect(":memory:")
    try:
        names = list(rows[0])
        base.execute("create table t (" + ", ".join(f'"{name}"' for name in names) + ")")
        marks = ", ".join(f":{name}" for name in names)
        base.executemany(f"insert into t values ({marks})", rows)
        found = base.execute(sql, values).fetchall()
    finally:
        base.close()
    if not found or found[0][0] is None:
        raise Refusal(f"no such row: {', '.join(map(str, values))}")
    return found


def column(rows: list[Any], sql: str, *values: Any) -> list[Any]:
    """The first column of a query."""
    return [row[0] for row in query(rows, sql, *values)]


class OrderRecord(TypedDict):
    customer: Annotated[str, Entity("customer"), says("the customer of {order}", ask="Which customer placed {order}")]
    product: Annotated[
        str, Entity("product"), says("the product of {order}", ask="Which product was ordered by {order}")
    ]
    date: Annotated[str, says("the date of {order}", ask="On what date was {order} placed")]
    quantity: Annotated[
        int,
        Quantity("number of pieces", "pieces", additive=True),
        says("the number of pieces in {order}", noun="number of pieces", ask="How many pieces does {order} comprise"),
    ]


@tool(
    "retrieval",
    examples=[
        example({"orders": ROWS, "order": "2"}, {"/customer": "Bob", "/quantity": 1}, "identity: the second row"),
        example(
            {"orders": ROWS, "order": "3"}, {"/product": "desks", "/date": "2026-04-01"}, "identity: the third row"
        ),
        example({"orders": ROWS, "order": "4"}, {"error": "refused"}, "identity: there is no fourth row"),
    ],
    **SQL,
)
def order_record(orders: Orders, order: Number) -> OrderRecord:
    """Look up an order in a given list: its customer, product, date and number of pieces."""
    sql = 'select customer, product, date, quantity from t where "order" = ?'
    customer, product, date, quantity = query(orders, sql, order)[0]
    return {"customer": customer, "product": product, "date": date, "quantity": quantity}


class OrderNumbers(TypedDict):
    orders: Annotated[
        list[Annotated[str, Entity("order")]],
        says(
            "the orders of {customer}",
            only="the only order of {customer}",
            noun="order",
            plural="orders",
            ask_count="How many orders did {customer} place",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"orders": ROWS, "customer": "Ann"}, {"/orders": ["1", "3"]}, "identity: the rows with that name"),
        example({"orders": ROWS, "customer": "Bob"}, {"/orders": ["2"]}, "identity: the rows with that name"),
    ],
    **SQL,
)
def orders_of_customer(orders: Orders, customer: Customer) -> OrderNumbers:
    """List the orders of a customer in a given list, by date; complete."""
    sql = 'select "order" from t where customer = ? order by date, "order"'
    return {"orders": column(orders, sql, customer), "complete": True}


class ProductOrders(TypedDict):
    orders: Annotated[
        list[Annotated[str, Entity("order")]],
        says(
            "the orders for {product}",
            only="the only order for {product}",
            noun="order",
            plural="orders",
            ask_count="How many orders for {product} are on the list",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"orders": ROWS, "product": "desks"}, {"/orders": ["2", "3"]}, "identity: the rows with that product"),
        example({"orders": ROWS, "product": "lamps"}, {"/orders": ["1"]}, "identity: the rows with that product"),
    ],
    **SQL,
)
def orders_for_product(orders: Orders, product: Product) -> ProductOrders:
    """List the orders for a product in a given list, by date; complete."""
    sql = 'select "order" from t where product = ? order by date, "order"'
    return {"orders": column(orders, sql, product), "complete": True}


class Customers(TypedDict):
    customers: Annotated[
        list[Annotated[str, Entity("customer")]],
        says(
            "the customers on {order_list}",
            noun="customer",
            plural="customers",
            ask_count="How many different customers are on {order_list}",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"orders": ROWS}, {"/customers": ["Ann", "Bob"]}, "identity: two names stand in the rows"),
        example({"orders": ROWS[1:2]}, {"/customers": ["Bob"]}, "identity: one name stands in the row"),
    ],
    **SQL,
)
def customers_on_list(orders: Orders) -> Customers:
    """List the customers of a given list of orders, in alphabetical order; complete."""
    return {"customers": column(orders, "select distinct customer from t order by 1"), "complete": True}


class Products(TypedDict):
    products: Annotated[
        list[Annotated[str, Entity("product")]],
        says(
            "the products that {customer} ordered",
            only="the only product that {customer} ordered",
            noun="product",
            plural="products",
            ask_count="How many different products did {customer} order",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"orders": ROWS, "customer": "Ann"}, {"/products": ["desks", "lamps"]}, "identity: rows 1 and 3"),
        example({"orders": ROWS, "customer": "Bob"}, {"/products": ["desks"]}, "identity: row 2"),
    ],
    **SQL,
)
def products_of_customer(orders: Orders, customer: Customer) -> Products:
    """List the different products that a customer ordered by a given list, in alphabetical order; complete."""
    sql = "select distinct product from t where customer = ? order by 1"
    return {"products": column(orders, sql, customer), "complete": True}
