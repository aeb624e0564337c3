"""Seeds for make demo-train: more names than a small model can learn by heart, so that it must copy them.

usage: python pipelines/demo_seeds.py > seeds.jsonl

A third of the cities that have no rival of their name in their country, the airports with a plain name, and a ZIP code
and the name of every American place that the city table knows.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from dive_tools.tools.geography.airports import airport_rows
from dive_tools.tools.geography.countries import city_rows
from dive_tools.tools.geography.zip_codes import _grouped, _people

_ODD = set("/()\"'’-")


def main() -> None:
    for kind, values in (("city", cities()), ("airport", airports()), ("zip_code", codes()), ("us_place", places())):
        for value in values:
            seed = {"value": value, "type": kind, "domain": "geography"}
            sys.stdout.write(json.dumps(seed, ensure_ascii=False) + "\n")


def cities() -> list[str]:
    return [name for name, row in city_rows().items() if not row["rival"] and not _ODD & set(name)][::3]


def airports() -> Iterator[str]:
    return (
        name
        for name, row in airport_rows().items()
        if row["icao"] and name.endswith("Airport") and not _ODD & set(name)
    )


def places() -> Iterator[str]:
    return (place for place in _grouped("place") if place in _people())


def codes() -> Iterator[str]:
    return (_grouped("place")[place][0] for place in places())


if __name__ == "__main__":
    main()
