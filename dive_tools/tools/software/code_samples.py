"""Templates of short Python functions and SQL queries that are made up for a question."""

from __future__ import annotations

SHAPES = """
def {f}({a}, {b}=None, *, strict=False):
    if {b} is None:
        return len({a})
    for item in {a}:
        if item == {b} and strict:
            return item
    return None
---
def {f}({a}, {b}, limit=10):
    found = []
    for item in {a}:
        if not item:
            continue
        if item.{b} > limit or item.old:
            found.append(item)
    return sorted(found)
---
def {f}({a}):
    total = 0
    for item in {a}:
        total += item if item > 0 else -item
    while total > 100:
        total = round(total / 2)
    return total
---
def {f}({a}, {b}, *rest):
    try:
        value = {a}[{b}]
    except KeyError:
        return rest
    except IndexError:
        return None
    return str(value) if rest else value
---
def {f}({a}, {b}, mode, retries=3):
    if mode == 'fast':
        return min({a}, {b})
    elif mode == 'safe':
        return max({a}, {b})
    elif retries:
        return sum([{a}, {b}])
    return abs({a})
---
def {f}({a}, *, {b}=0, verbose=True):
    pairs = [x for x in {a} if x and x != {b}]
    if verbose:
        print(len(pairs))
    return any(x > {b} for x in pairs)
---
def {f}({a}, {b}, key, default=None, **options):
    if key in {a} and key in {b}:
        return {a}[key] or {b}[key]
    for name in options:
        if name == key:
            return options[name]
    return default
---
def {f}({a}, {b}):
    assert {a}
    with open({b}) as lines:
        for line in lines:
            if line.strip() in {a}:
                yield line.upper()
"""

WORDS = (
    ("pick_order", "orders", "status"), ("scan_rows", "rows", "width"), ("load_users", "users", "role"),
    ("merge_tags", "tags", "extra"), ("find_port", "ports", "wanted"), ("clean_names", "names", "blocked"),
    ("next_job", "jobs", "queue"), ("score_team", "scores", "bonus"), ("parse_flags", "flags", "known"),
    ("read_cells", "cells", "sheet"), ("sum_costs", "costs", "rate"), ("trim_paths", "paths", "root"),
    ("check_keys", "keys", "schema"), ("rank_files", "files", "size"), ("group_items", "items", "parts"),
)  # fmt: skip

QUERIES = """
SELECT c.name, COUNT(*) AS n FROM {a} AS c JOIN {b} AS o ON o.owner_id = c.id WHERE o.total > 50 GROUP BY
c.name
---
WITH recent AS (SELECT id, owner_id FROM {b} WHERE year = 2025) SELECT c.name, c.city, r.id FROM {a} AS c LEFT
JOIN recent AS r ON r.owner_id = c.id JOIN {c} AS p ON p.id = r.id
---
SELECT name, city FROM {a} WHERE id IN (SELECT owner_id FROM {b} WHERE kind IN (SELECT kind FROM {c}))
---
SELECT c.name, SUM(p.amount) AS paid, MAX(p.day) AS last_day FROM {a} AS c JOIN {b} AS o ON o.owner_id = c.id
JOIN {c} AS p ON p.ref = o.id GROUP BY c.name HAVING SUM(p.amount) > 100
---
SELECT id, name FROM {a} UNION SELECT id, title FROM {b}
---
WITH big AS (SELECT owner_id, AVG(total) AS mean FROM {b} GROUP BY owner_id) SELECT x.name, big.mean, y.label,
y.day FROM {a} AS x JOIN big ON big.owner_id = x.id CROSS JOIN {c} AS y
"""

TABLES = (
    ("customers", "orders", "payments"), ("authors", "books", "reviews"), ("pupils", "courses", "marks"),
    ("drivers", "trips", "fares"), ("farmers", "fields", "harvests"), ("clinics", "visits", "bills"),
    ("players", "matches", "goals"), ("hotels", "bookings", "invoices"), ("sensors", "readings", "alarms"),
    ("members", "loans", "fines"), ("suppliers", "parcels", "claims"), ("agents", "policies", "losses"),
)  # fmt: skip


def functions() -> list[str]:
    """Every shape with every triple of names, indented by tabs."""
    shapes = SHAPES.strip().replace("    ", "\t").split("\n---\n")
    return [shape.format(f=f, a=a, b=b) for shape in shapes for f, a, b in WORDS]


def queries() -> list[str]:
    """Every query with every triple of tables, each on one line."""
    shapes = [" ".join(query.split()) for query in QUERIES.strip().split("\n---\n")]
    return [query.format(a=a, b=b, c=c) for query in shapes for a, b, c in TABLES]
