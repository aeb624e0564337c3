"""What things are called in other languages, and how dates and numbers are written there, by Unicode CLDR."""

from __future__ import annotations

import pickle
import unicodedata
from functools import lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.general.calendars import DAY_NAMES, AnyDate, day
from dive_tools.tools.general.days_off import MONTHS
from dive_tools.tools.general.languages import CLDR, AnyLanguage, find_language
from dive_tools.tools.geography.countries import AnyCountry, code_of
from dive_tools.values import Given, says

WEEKDAYS = Given(dict(enumerate(DAY_NAMES, start=1)))
Month = Annotated[int, MONTHS, Meta(ge=1, le=12)]
COVERED = 200  # a language with names for this many territories is one that CLDR covers


@lru_cache(maxsize=64)
def locale_of(code: str) -> Any:
    """What CLDR has on a language, read afresh; None where that is little.

    The tables that Babel itself shares between its locales are changed by use: what one language lacks it may take
    from the language that was asked for before.
    """
    from babel import Locale, UnknownLocaleError
    from babel.core import get_global
    from babel.localedata import LocaleDataDict, merge, resolve_locale_filename

    try:
        found: Any = Locale.parse(code)
    except (UnknownLocaleError, ValueError):
        return None
    parent = get_global("parent_exceptions").get(code)
    data = _read(resolve_locale_filename("root"))
    for name in ([parent] if parent not in (None, "root") else []) + [str(found)]:
        merge(data, _read(resolve_locale_filename(name)))
    found._Locale__data = LocaleDataDict(data)
    return found if len(found.territories) > COVERED else None


def _read(path: Any) -> Any:
    with open(path, "rb") as file:
        return pickle.load(file)


def _locale(language: str) -> Any:
    found = locale_of(find_language(language))
    if found is None:
        raise Refusal(f"CLDR has no full set of names in {language}")
    return found


class CountryName(TypedDict):
    name: Annotated[
        str,
        says(
            "the name of {country} in {language} according to CLDR",
            ask="What is {country} called in {language} according to CLDR",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"country": "Germany", "language": "Finnish"}, {"/name": "Saksa"}, "published: CLDR, fi"),
        example({"country": "Japan", "language": "German"}, {"/name": "Japan"}, "published: CLDR, de"),
        example({"country": "Germany", "language": "French"}, {"/name": "Allemagne"}, "published: CLDR, fr"),
    ],
    **CLDR,
)
def country_name_in_language(country: AnyCountry, language: AnyLanguage) -> CountryName:
    """Look up what a country is called in a language, by Unicode CLDR.

    Refuses a language for which CLDR has no full set of country names.
    """
    name = _locale(language).territories.get(code_of(country))
    if name is None:
        raise Refusal(f"CLDR has no name of {country} in {language}")
    return {"name": name}


class MonthName(TypedDict):
    name: Annotated[
        str,
        says(
            "the name of the month of {month} in {language} according to CLDR",
            ask="What is the month of {month} called in {language} according to CLDR",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"language": "Finnish", "month": 3}, {"/name": "maaliskuu"}, "published: CLDR, fi"),
        example({"language": "Polish", "month": 1}, {"/name": "styczeń"}, "published: CLDR, pl"),
    ],
    **CLDR,
)
def month_name_in_language(language: AnyLanguage, month: Month) -> MonthName:
    """Look up the name of a Gregorian month (1 to 12) in a language, as it stands alone, by Unicode CLDR."""
    return {"name": _locale(language).months["stand-alone"]["wide"][month]}


class DayName(TypedDict):
    name: Annotated[
        str,
        says(
            "the word for {weekday} in {language} according to CLDR",
            ask="What is {weekday} called in {language} according to CLDR",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"language": "Finnish", "weekday": 1}, {"/name": "maanantai"}, "published: CLDR, fi"),
        example({"language": "German", "weekday": 7}, {"/name": "Sonntag"}, "published: CLDR, de"),
    ],
    **CLDR,
)
def weekday_name_in_language(language: AnyLanguage, weekday: Annotated[int, WEEKDAYS, Meta(ge=1, le=7)]) -> DayName:
    """Look up the name of a day of the week (1 is Monday, 7 Sunday) in a language, by Unicode CLDR."""
    return {"name": _locale(language).days["stand-alone"]["wide"][weekday - 1]}


class Symbols(TypedDict):
    decimal: Annotated[
        str,
        says(
            "the Unicode name of the decimal separator that CLDR gives {language} for Western digits",
            ask="What is the Unicode name of the decimal separator that CLDR gives {language} for Western digits",
        ),
    ]
    group: Annotated[
        str,
        says(
            "the Unicode name of the thousands separator that CLDR gives {language} for Western digits",
            ask="What is the Unicode name of the thousands separator that CLDR gives {language} for Western digits",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"language": "English"}, {"/decimal": "FULL STOP", "/group": "COMMA"}, "published: CLDR, en"),
        example({"language": "German"}, {"/decimal": "COMMA", "/group": "FULL STOP"}, "published: CLDR, de"),
        example({"language": "Finnish"}, {"/decimal": "COMMA", "/group": "NO-BREAK SPACE"}, "published: CLDR, fi"),
    ],
    **CLDR,
)
def number_separators(language: AnyLanguage) -> Symbols:
    """Look up the characters, by Unicode name, that separate decimals and thousands in a language (CLDR)."""
    found = _locale(language).number_symbols.get("latn", {})
    if "decimal" not in found or "group" not in found:
        raise Refusal(f"CLDR has no separators for {language}")
    return {"decimal": unicodedata.name(found["decimal"]), "group": unicodedata.name(found["group"])}


class Written(TypedDict):
    text: Annotated[
        str,
        says(
            "{date} as CLDR writes it in its long form in {language}",
            ask="How does CLDR write {date} in its long form in {language}",
        ),
    ]


@tool(
    "processing",
    examples=[
        example({"date": "2026-03-15", "language": "German"}, {"/text": "15. März 2026"}, "published: CLDR, de"),
        example({"date": "2026-07-01", "language": "Spanish"}, {"/text": "1 de julio de 2026"}, "published: CLDR, es"),
    ],
    **CLDR,
)
def date_in_language(date: AnyDate, language: AnyLanguage) -> Written:
    """Write a Gregorian date in a language, in the long form of Unicode CLDR (day, month name and year)."""
    from babel.dates import format_date

    return {"text": format_date(day(date), format="long", locale=_locale(language))}


class LanguageRecord(TypedDict):
    autonym: Annotated[
        str,
        says(
            "the native name of {language} according to CLDR",
            ask="What is the native name of {language} according to CLDR",
        ),
    ]
    alpha_3: Annotated[
        str,
        says(
            "the three-letter ISO 639-3 code of {language}",
            ask="What is the three-letter ISO 639-3 code of {language}",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"language": "German"}, {"/autonym": "Deutsch", "/alpha_3": "deu"}, "published: CLDR, de; ISO 639-3"),
        example(
            {"language": "Swahili"}, {"/autonym": "Kiswahili", "/alpha_3": "swa"}, "published: CLDR, sw; ISO 639-3"
        ),
    ],
    needs=("babel", "pycountry"),
    source="Unicode CLDR by Babel; ISO 639 by pycountry",
    licence="Unicode-3.0 and LGPL-2.1",
)
def language_record(language: AnyLanguage) -> LanguageRecord:
    """Look up a language: its own name for itself (Unicode CLDR) and its three-letter code (ISO 639-3)."""
    code = find_language(language)
    autonym, alpha_3 = _locale(language).languages.get(code), _alpha_3(code)
    if autonym is None or alpha_3 is None:
        raise Refusal(f"no record of {language}")
    return {"autonym": autonym, "alpha_3": alpha_3}


@lru_cache(maxsize=1024)
def _alpha_3(code: str) -> str | None:
    import pycountry

    found = pycountry.languages.get(**{"alpha_2" if len(code) == 2 else "alpha_3": code})
    return found.alpha_3 if found else None
