"""What money was used before, where and when, and what came after 1990."""

from __future__ import annotations

from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.finance.currencies import CLDR, currency_label, find_former, iso_day, names, tenders
from dive_tools.tools.geography.countries import find_country
from dive_tools.values import Entity, Given, Quantity, says

AnyCountry = Annotated[str, Entity("country"), Meta(description="English name or ISO 3166 code")]
LATER = {"most": "latest", "least": "earliest", "more": "later", "less": "earlier"}


class InYear(TypedDict):
    currency: Annotated[
        str,
        says(
            "the currency that was legal tender in {country} at the beginning of {year} according to CLDR",
            noun="currency",
            ask="Which currency was legal tender in {country} at the beginning of {year} according to CLDR",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"country": "Germany", "year": 1990}, {"/currency": "German mark"}, "published: Deutsche Bundesbank"),
        example({"country": "France", "year": 1985}, {"/currency": "French franc"}, "published: Banque de France"),
        example({"country": "Germany", "year": 2000}, {"error": "refused"}, "published: mark and euro at once"),
    ],
    **CLDR,  # type: ignore[arg-type]
)
def currency_in_year(
    country: AnyCountry,
    year: Annotated[int, Given(1960, 1970, 1975, 1980, 1985, 1990), Meta(description="on its first day", ge=1900)],
) -> InYear:
    """Look up the currency that was legal tender in a country (as it is today) on 1 January of a year, by CLDR.

    Refuses where CLDR gives none or more than one at that time.
    """
    name, day = find_country(country), (year, 1, 1)
    found = {
        code for code, since, until in tenders().get(name, []) if since and since <= day and (not until or day <= until)
    }
    if len(found) != 1:
        raise Refusal(f"CLDR gives {len(found)} currencies for {name} at the beginning of {year}")
    return {"currency": names()[found.pop()]}


class Gone(TypedDict):
    code: Annotated[
        str,
        says(
            "the ISO 4217 code of {former_currency}",
            noun="ISO 4217 code",
            ask="What was the three-letter ISO 4217 code of {former_currency}",
        ),
    ]
    ended: Annotated[
        int,
        Quantity("year", "", scale="interval"),
        says(
            "the last year in which {former_currency} was legal tender anywhere according to CLDR",
            noun="last year as legal tender",
            ask="In which year was {former_currency} last legal tender anywhere according to CLDR",
            **LATER,
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"former_currency": "German mark"}, {"/code": "DEM"}, "published: ISO 4217 list three"),
        example({"former_currency": "NLG"}, {"/ended": 2002}, "published: end of dual circulation, January 2002"),
        example({"former_currency": "euro"}, {"error": "refused"}, "identity: it is in use"),
    ],
    **CLDR,  # type: ignore[arg-type]
)
def former_currency_profile(
    former_currency: Annotated[str, Entity("former_currency"), Meta(description="English CLDR name or ISO 4217 code")],
) -> Gone:
    """Look up a currency that is out of use everywhere: its ISO 4217 code and last year as legal tender (CLDR)."""
    code = find_former(former_currency)
    ends = [iso_day(until) for rows in tenders().values() for c, _, until in rows if c == code and until]
    if not ends:
        raise Refusal(f"CLDR gives no last year of {former_currency}")
    return {"code": code, "ended": int(max(ends)[:4])}


class Adopted(TypedDict):
    countries: Annotated[
        list[Annotated[str, Entity("country")]],
        says(
            "the countries and territories where {currency} became legal tender after 1990 according to CLDR",
            noun="country or territory",
            plural="countries and territories",
            only="the only country or territory where {currency} became legal tender after 1990 according to CLDR",
            ask_count="In how many countries and territories did {currency} become legal tender after 1990 by CLDR",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"currency": "Czech koruna"}, {"/countries": ["Czechia"]}, "published: Czech National Bank, 1993"),
        example({"currency": "Swiss franc"}, {"/countries": []}, "published: franc of 1850; Liechtenstein 1921"),
    ],
    **CLDR,  # type: ignore[arg-type]
)
def recent_adopters(
    currency: Annotated[str, Entity("currency"), Meta(description="English CLDR name or ISO 4217 code")],
) -> Adopted:
    """List the countries where a currency of today became legal tender after 31 December 1990 (CLDR), alphabetically.

    Complete for the countries of the GeoNames table; empty where there is none.
    """
    wanted = currency_label(currency)
    found = [
        home
        for home, rows in tenders().items()
        if any(names()[c] == wanted and until is None and since and since[0] > 1990 for c, since, until in rows)
    ]
    return {"countries": found, "complete": True}
