"""Seeds for make demo-train: more numbers than a small model can learn by heart, so that it must copy them.

usage: python pipelines/demo_seeds.py > seeds.jsonl

Valid ISBNs of every registration group that the pool knows, and valid telephone numbers beside the examples of
libphonenumber. The same on any machine.
"""

from __future__ import annotations

import json
import random
import re
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from isbnlib import check_digit13, mask
from phonenumbers import (
    NumberParseException,
    PhoneNumberFormat,
    format_number,
    is_valid_number,
    parse,
    region_code_for_number,
)

from dive_tools import pool
from dive_tools.values import samples

BESIDE = {"isbn": 20, "phone_number": 12}  # new ones beside each sample
DOMAIN = {"isbn": "academia", "phone_number": "geography"}


def main() -> None:
    pool.builtin()
    draw = random.Random(0)
    for kind, other in (("isbn", other_isbn), ("phone_number", other_number)):
        for value in sorted({new for sample in samples(kind) for new in beside(sample, other, BESIDE[kind], draw)}):
            sys.stdout.write(json.dumps({"value": value, "type": kind, "domain": DOMAIN[kind]}) + "\n")


Other = Callable[[str, random.Random], str | None]  # a value like that one, or None where what was drawn is none


def beside(sample: str, other: Other, wanted: int, draw: random.Random) -> set[str]:
    """Up to `wanted` values like `sample`; not every number that is drawn has been given out."""
    found: set[str] = set()
    for _ in range(20 * wanted):
        if len(found) == wanted:
            break
        if new := other(sample, draw):
            found.add(new)
    return found


def other_isbn(sample: str, draw: random.Random) -> str | None:
    """An ISBN-13 of the same registration group, in a range that has been given out."""
    start, group, *_ = sample.split("-")
    twelve = (start + group).ljust(12, "0")
    twelve = twelve[: len(start + group)] + "".join(str(draw.randrange(10)) for _ in twelve[len(start + group) :])
    return mask(twelve + check_digit13(twelve)) or None


def other_number(sample: str, draw: random.Random) -> str | None:
    """A valid telephone number of the same country, other in its last four digits."""
    last = [found.start() for found in re.finditer(r"\d", sample)][-4:]
    text = "".join(str(draw.randrange(10)) if place in last else mark for place, mark in enumerate(sample))
    try:
        number = parse(text)
    except NumberParseException:
        return None
    if not is_valid_number(number) or region_code_for_number(number) != region_code_for_number(parse(sample)):
        return None
    return str(format_number(number, PhoneNumberFormat.INTERNATIONAL))


if __name__ == "__main__":
    main()
