"""Seeds for make demo-train: more codes and numbers than a small model can learn by heart, so that it must copy them.

usage: python pipelines/demo_seeds.py > seeds.jsonl

ZIP codes of the American places that the city table knows, up to six of each place; valid telephone numbers, twelve
beside each example of libphonenumber.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from phonenumbers import NumberParseException, is_valid_number, parse, region_code_for_number

from dive_tools.tools.geography.phones import _international, _numbers
from dive_tools.tools.geography.zip_codes import _grouped, _people


def main() -> None:
    for kind, values in (("zip_code", codes()), ("phone_number", numbers())):
        for value in values:
            sys.stdout.write(json.dumps({"value": value, "type": kind, "domain": "geography"}) + "\n")


def codes() -> Iterator[str]:
    return (code for place, held in _grouped("place").items() if place in _people() for code in held[:6])


def numbers(beside: int = 12) -> Iterator[str]:
    """Each example, and valid numbers of the same country that differ from it in their last four digits."""
    draw = random.Random(0)
    for example in _numbers():
        found = {example: None}
        home = region_code_for_number(parse(example))
        for _ in range(20 * beside):
            if len(found) > beside:
                break
            other = _other(example, draw)
            if other and region_code_for_number(other) == home:
                found[_international(other)] = None
        yield from found


def _other(example: str, draw: random.Random):  # type: ignore[no-untyped-def]
    marks = list(example)
    places = [place for place, mark in enumerate(marks) if mark.isdigit()][-4:]
    for place in places:
        marks[place] = str(draw.randrange(10))
    try:
        number = parse("".join(marks))
    except NumberParseException:
        return None
    return number if is_valid_number(number) else None


if __name__ == "__main__":
    main()
