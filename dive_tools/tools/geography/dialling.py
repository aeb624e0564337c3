"""Telephone numbering plans of countries."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, TypedDict

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.geography.countries import AnyCountry, codes, find_country
from dive_tools.tools.geography.phones import PHONES, numbering_plan
from dive_tools.values import Entity, Quantity, says


@lru_cache(maxsize=1)
def _regions() -> dict[int, tuple[str, ...]]:
    """The regions of each calling code, as numbers; those that belong to no country are left out."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    return {code: tuple(found) for code, found in COUNTRY_CODE_TO_REGION_CODE.items() if "001" not in found}


class CountryCalling(TypedDict):
    calling_code: Annotated[
        str,
        says(
            "the international telephone calling code of {country}",
            noun="international calling code",
            ask="What is the international telephone calling code of {country}",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"country": "Kenya"}, {"/calling_code": "+254"}, "published: ITU-T E.164 assigned country codes"),
        example({"country": "Canada"}, {"/calling_code": "+1"}, "published: ITU-T E.164 assigned country codes"),
    ],
    **PHONES,  # type: ignore[arg-type]
)
def country_calling_code(country: AnyCountry) -> CountryCalling:
    """Look up the international calling code of a country, with its plus sign, in libphonenumber."""
    return {"calling_code": f"+{numbering_plan(country).country_code}"}


class Sharers(TypedDict):
    countries: Annotated[
        list[Annotated[str, Entity("country")]],
        says(
            "the other countries and territories that share the international calling code of {country}",
            only="the only other country or territory that shares the international calling code of {country}",
            noun="country",
            plural="countries and territories",
            ask_count="How many other countries and territories share the international calling code of {country}",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example(
            {"country": "Russia"}, {"/countries": ["Kazakhstan"]}, "published: ITU-T E.164 assigned country codes, +7"
        ),
        example({"country": "Kenya"}, {"/countries": []}, "published: ITU-T E.164 assigned country codes, +254"),
        example(
            {"country": "United Kingdom"},
            {"/countries": ["Guernsey", "Isle of Man", "Jersey"]},
            "published: Ofcom National Telephone Numbering Plan",
        ),
    ],
    **PHONES,  # type: ignore[arg-type]
)
def countries_sharing_calling_code(country: AnyCountry) -> Sharers:
    """List the other countries and territories with the international calling code of a country, alphabetically.

    Complete for those that have a country code in ISO 3166; an empty list means that none shares it.
    """
    name = find_country(country)
    found = {
        codes()[region] for region in _regions().get(numbering_plan(country).country_code, ()) if region in codes()
    }
    return {"countries": sorted(found - {name}), "complete": True}


class Prefixes(TypedDict):
    international: Annotated[
        str,
        says(
            "the prefix that one dials in {country} before an international number",
            noun="prefix before an international number",
            ask="Which prefix does one dial in {country} before an international number",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"country": "Japan"}, {"/international": "010"}, "published: ITU-T E.164, list of dialling procedures"),
        example({"country": "United States"}, {"/international": "011"}, "published: ITU-T E.164, dialling procedures"),
    ],
    **PHONES,  # type: ignore[arg-type]
)
def international_dialling_prefix(country: AnyCountry) -> Prefixes:
    """Look up the digits that one dials in a country before an international number, in libphonenumber.

    Refuses where there are several.
    """
    plan = numbering_plan(country)
    prefix = plan.preferred_international_prefix or plan.international_prefix or ""
    if not prefix.isdigit():
        raise Refusal(f"{country} has several international prefixes")
    return {"international": prefix}


class MobileLength(TypedDict):
    digits: Annotated[
        int,
        Quantity("length of a telephone number", "digits", scale="ordinal"),
        says(
            "the length of a national mobile number of {country}, without trunk prefix or calling code",
            noun="length of a national mobile number",
            scope="without trunk prefix or calling code",
            ask="How many digits does a national mobile number of {country} have, without trunk prefix or calling code",
            most="greatest", least="smallest", more="greater", less="smaller",
        ),
    ]  # fmt: skip


@tool(
    "retrieval",
    examples=[
        example({"country": "France"}, {"/digits": 9}, "published: ARCEP, ten digits with the trunk prefix 0"),
        example({"country": "United Kingdom"}, {"/digits": 10}, "published: Ofcom National Telephone Numbering Plan"),
    ],
    **PHONES,  # type: ignore[arg-type]
)
def mobile_number_length(country: AnyCountry) -> MobileLength:
    """Look up how many digits a country's national significant mobile numbers have, in libphonenumber.

    Refuses where they vary in length.
    """
    mobile = numbering_plan(country).mobile
    lengths = [n for n in (mobile.possible_length if mobile else ()) if n > 0]
    if len(lengths) != 1:
        raise Refusal(f"mobile numbers of {country} have no single length")
    return {"digits": lengths[0]}
