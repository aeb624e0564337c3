"""Stock lists made up for a question: what a workshop has, who supplies it, and what must be ordered again."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import example, tool
from dive_tools.tools.general.orders import SQL, column, query
from dive_tools.values import Entity, Part, Quantity, entity, join, says, vignette

_ITEMS = {"brake pads": 18.4, "spark plugs": 6.9, "oil filters": 9.75, "wiper blades": 12.5, "fan belts": 14.2,
          "fuel pumps": 86.0, "headlamp bulbs": 4.6, "air filters": 11.3, "clutch plates": 74.0, "radiator caps": 7.8,
          "water pumps": 58.5, "wheel bearings": 23.9}  # fmt: skip
_SUPPLIERS = ["Varley Parts", "Nordmark", "Castell Bros", "Ostler & Co", "Redfern Supply"]

entity("stock_item", "item")
entity("supplier", "supplier")


class Item(TypedDict):
    item: str
    supplier: str
    in_stock: int
    reorder_level: int
    unit_cost: Annotated[float, Meta(gt=0)]


@lru_cache(maxsize=1)
def _lists() -> list[dict[str, Any]]:
    """Lists of 7 or 8 items of 3 suppliers, some below the level at which they are ordered again."""
    found, state = [], 77
    for i in range(2400):
        names = [list(_ITEMS)[(i * 5 + k * (1, 5, 7)[i % 3]) % 12] for k in range(7 + i % 2)]
        suppliers, rows = [_SUPPLIERS[(i + k * (1 + i % 2)) % 5] for k in range(3)], []
        for k, name in enumerate(names):
            state = (state * 1103515245 + 12345) % 2**31
            level = 10 + 5 * ((state >> 10) % 6)
            stock = level - 9 + (state >> 15) % 50
            row: dict[str, Any] = {"item": name, "supplier": suppliers[k % 3 if (state >> 22) % 4 else 0]}
            rows.append({**row, "in_stock": stock, "reorder_level": level, "unit_cost": _ITEMS[name]})
        low = sum(row["in_stock"] < row["reorder_level"] for row in rows)
        if 2 <= low <= 6 and len({row["supplier"] for row in rows}) == 3:
            found.append({"stock": rows})
    return found


def _say(stock: list[dict[str, Any]]) -> str:
    return join([
        f"{r['in_stock']} {r['item']} (from {r['supplier']}, ${r['unit_cost']:.2f} each, reorder level "
        f"{r['reorder_level']})"
        for r in stock
    ])  # fmt: skip


vignette(
    "stock_list", "the stock list", "a garage", {"stock": "has in stock {stock}"}, samples=_lists, says={"stock": _say}
)

Stock = Annotated[
    list[Item],
    Part("stock_list", "stock"),
    Meta(description="one row for each item; costs in dollars", min_length=1, max_length=1000),
]
Name = Annotated[str, Entity("stock_item"), Meta(description="as the list spells it")]
Supplier = Annotated[str, Entity("supplier"), Meta(description="as the list spells it")]
ROWS = [
    {"item": "bolts", "supplier": "Acme", "in_stock": 40, "reorder_level": 50, "unit_cost": 0.5},
    {"item": "nuts", "supplier": "Acme", "in_stock": 90, "reorder_level": 50, "unit_cost": 0.25},
    {"item": "saws", "supplier": "Borg", "in_stock": 4, "reorder_level": 5, "unit_cost": 12.0},
]


class StockRecord(TypedDict):
    supplier: Annotated[str, Entity("supplier"), says("the supplier of {item}", ask="Who supplies {item}")]
    in_stock: Annotated[
        int,
        Quantity("number in stock", "pieces", additive=True),
        says("the number of {item} in stock", noun="number in stock"),
    ]


@tool(
    "retrieval",
    examples=[
        example({"stock": ROWS, "item": "nuts"}, {"/supplier": "Acme", "/in_stock": 90}, "identity: the second row"),
        example({"stock": ROWS, "item": "saws"}, {"/supplier": "Borg", "/in_stock": 4}, "identity: the third row"),
        example({"stock": ROWS, "item": "glue"}, {"error": "refused"}, "identity: no such row"),
    ],
    **SQL,
)
def stock_record(stock: Stock, item: Name) -> StockRecord:
    """Look up an item of a given stock list: its supplier and how many pieces are in stock."""
    supplier, count = query(stock, "select supplier, in_stock from t where item = ?", item)[0]
    return {"supplier": supplier, "in_stock": count}


class Low(TypedDict):
    items: Annotated[
        list[Annotated[str, Entity("stock_item")]],
        says(
            "the items on {stock_list} below their reorder level",
            only="the only item on {stock_list} below its reorder level",
            noun="item",
            plural="items",
            ask_count="How many items on {stock_list} are below their reorder level",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"stock": ROWS}, {"/items": ["bolts", "saws"]}, "identity: 40 of 50 and 4 of 5"),
        example({"stock": ROWS[:2]}, {"/items": ["bolts"]}, "identity: 40 of 50; 90 are enough"),
    ],
    **SQL,
)
def items_to_reorder(stock: Stock) -> Low:
    """List the items of a given stock list of which fewer are left than the level at which they are ordered again.

    Alphabetical and complete; refuses where there is none.
    """
    return {"items": column(stock, "select item from t where in_stock < reorder_level order by 1"), "complete": True}


class Shortfall(TypedDict):
    pieces: Annotated[
        int,
        Quantity("number to order", "pieces", additive=True),
        says(
            "the number of {item} missing to the reorder level",
            noun="number of pieces missing to the reorder level",
        ),
    ]
    cost: Annotated[
        float,
        Quantity("cost", "dollars", additive=True),
        says("the cost of refilling {item} to the reorder level", noun="reorder cost"),
    ]


@tool(
    "processing",
    examples=[
        example({"stock": ROWS, "item": "bolts"}, {"/pieces": 10, "/cost": 5}, "identity: 50 less 40, at 0.50"),
        example({"stock": ROWS, "item": "saws"}, {"/pieces": 1, "/cost": 12}, "identity: 5 less 4, at 12"),
        example({"stock": ROWS, "item": "nuts"}, {"/pieces": 0, "/cost": 0}, "identity: 90 are more than 50"),
    ],
    **SQL,
)
def reorder_cost(stock: Stock, item: Name) -> Shortfall:
    """Compute how many pieces of an item are missing to its reorder level (0 if none) and their cost in dollars."""
    sql = "select max(0, reorder_level - in_stock), unit_cost from t where item = ?"
    missing, each = query(stock, sql, item)[0]
    return {"pieces": missing, "cost": missing * each}


class Held(TypedDict):
    value: Annotated[
        float,
        Quantity("stock value", "dollars", additive=True),
        says(
            "the value at cost of all stock from {supplier}",
            noun="stock value",
            ask="How much is all the stock from {supplier} worth at cost",
        ),
    ]


@tool(
    "processing",
    examples=[
        example({"stock": ROWS, "supplier": "Acme"}, {"/value": 42.5}, "identity: 40 at 0.50 and 90 at 0.25"),
        example({"stock": ROWS, "supplier": "Borg"}, {"/value": 48}, "identity: 4 at 12"),
    ],
    **SQL,
)
def supplier_stock_value(stock: Stock, supplier: Supplier) -> Held:
    """Compute the value in dollars, at unit cost, of everything in stock that comes from a supplier."""
    return {"value": query(stock, "select sum(in_stock * unit_cost) from t where supplier = ?", supplier)[0][0]}
