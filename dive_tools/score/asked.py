"""What a question says of how it is to be answered: short names, the units of its parts, the direction of an order."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from dive_tools.score.names import short_names
from dive_tools.score.units import known

_ITEM = re.compile(r"(?:^|\s)\(([a-z])\)\s")
_UNIT = re.compile(r", in ([^,?;]+?)(?=, (?:to|rounded|given)\b|[?;.]?\s*$)")
_RISING = re.compile(
    r"(?<!\w)from (?:the )?(?:smallest|lowest|least|shortest|lightest|fewest|youngest|earliest|nearest|cheapest|slowest"
    r"|weakest|coldest|narrowest|shallowest) to(?!\w)"
)
_NONE: Mapping[str, str] = {}


class Asked(NamedTuple):
    """The question, what its places are called for short, the units of its parts, and whether a ranking ascends."""

    question: str = ""
    short: Mapping[str, str] = _NONE
    units: Mapping[str, str] = _NONE
    rising: bool = False


def asked(answer: Mapping[str, Any], question: str = "") -> Asked:
    """What a question says of how its answer may be put."""
    units = part_units(question, tuple(answer["value"])) if question and answer["type"] == "map" else _NONE
    rising = answer["type"] == "list" and _RISING.search(question) is not None
    return Asked(question, short_names(answer, question), units, rising)


@lru_cache(maxsize=4096)
def part_units(question: str, names: tuple[str, ...]) -> Mapping[str, str]:
    """The unit in which the question asks for each part, (a) the first of them; only units that are known as such."""
    items = list(_ITEM.finditer(question))
    ends = [item.start() for item in items[1:]] + [len(question)]
    if [item[1] for item in items] != [chr(97 + n) for n in range(len(names))]:
        return _NONE
    units = {}
    for name, item, end in zip(names, items, ends, strict=True):
        found = list(_UNIT.finditer(question[item.end() : end].strip()))
        if found and known(found[-1][1]):
            units[name] = found[-1][1]
    return units
