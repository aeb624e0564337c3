"""Scripts and the languages of a country beside the official ones, by Unicode CLDR and ISO 15924."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.general.calendars import DAY_NAMES
from dive_tools.tools.general.languages import (
    CLDR,
    HAN,
    LanguageRow,
    language_profile,
    names,
    official_names,
    users_of,
)
from dive_tools.tools.geography.countries import AnyCountry, code_of
from dive_tools.values import Entity, Given, Quantity, entity, says


@lru_cache(maxsize=1)
def _written() -> dict[str, list[str]]:
    """The languages that are official in a state, by script."""
    found: dict[str, list[str]] = {}
    for language in official_names():
        try:
            found.setdefault(language_profile(language)["script"], []).append(language)
        except Refusal:
            continue
    return found


def _script_names() -> list[str]:
    return sorted(_written())


SCRIPT = entity("script", "script", label=lambda name: f"the {name} script", samples=_script_names)
Script = Annotated[str, Entity("script"), Meta(description="English CLDR name, as in Cyrillic")]


class Written(TypedDict):
    languages: Annotated[
        list[Annotated[str, Entity("language")]],
        says(
            "the languages official in at least one state that CLDR holds to be most likely written in {script}",
            noun="language",
            plural="languages",
            ask_count="How many languages official in at least one state does CLDR hold to be most likely written in "
            "{script}",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"script": "Georgian"}, {"/languages": ["Georgian"]}, "published: CLDR likelySubtags"),
        example({"script": "Hebrew"}, {"/languages": ["Hebrew"]}, "published: CLDR likelySubtags"),
        example({"script": "Elvish"}, {"error": "refused"}, "identity: no such script"),
    ],
    **CLDR,
)
def languages_of_script(script: Script) -> Written:
    """List the languages that are official in at least one state and most likely written in a script (Unicode CLDR).

    Alphabetical and complete for languages official or de facto official throughout a state.
    """
    if script not in _written():
        raise Refusal(f"CLDR holds no official language to be written in {script!r}")
    return {"languages": _written()[script], "complete": True}


class ScriptRecord(TypedDict):
    code: Annotated[
        str,
        says("the four-letter ISO 15924 code of {script}", ask="What is the four-letter ISO 15924 code of {script}"),
    ]
    number: Annotated[
        int,
        Quantity("ISO 15924 number", scale="ordinal"),
        says("the ISO 15924 number of {script}", ask="What is the ISO 15924 number of {script}"),
    ]


@tool(
    "retrieval",
    examples=[
        example({"script": "Cyrillic"}, {"/code": "Cyrl", "/number": 220}, "published: ISO 15924 registry"),
        example({"script": "Latin"}, {"/code": "Latn", "/number": 215}, "published: ISO 15924 registry"),
    ],
    needs=("babel", "pycountry"),
    source="ISO 15924 by pycountry, script names of Unicode CLDR",
    licence="LGPL-2.1 and Unicode-3.0",
)
def script_record(script: Script) -> ScriptRecord:
    """Look up a script in ISO 15924: its four-letter code and its number. Refuses an unknown script."""
    import pycountry

    code = _codes().get(script)
    found = pycountry.scripts.get(alpha_4=code) if code else None
    if found is None:
        raise Refusal(f"ISO 15924 has no script {script!r}")
    return {"code": found.alpha_4, "number": int(found.numeric)}


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    from babel import Locale

    return {HAN.get(code, name): code for code, name in Locale("en").scripts.items()}


class Used(TypedDict):
    languages: Annotated[
        list[LanguageRow],
        says(
            "the languages that at least {percent} percent of the population of {country} use according to CLDR",
            only="the only language that at least {percent} percent of the people of {country} use according to CLDR",
            noun="language",
            plural="languages",
            ask_count="How many languages does at least {percent} percent of the population of {country} use according "
            "to CLDR",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"country": "Portugal", "percent": 50}, {"/languages/0/language": "Portuguese"}, "published: CLDR, PT"),
        example({"country": "Japan", "percent": 50}, {"/languages/0/language": "Japanese"}, "published: CLDR, JP"),
    ],
    **CLDR,
)
def widely_used_languages(
    country: AnyCountry, percent: Annotated[int, Given(1, 5, 10, 20), Meta(ge=1, le=100)]
) -> Used:
    """List the languages that at least so many percent of a country's population use, by Unicode CLDR.

    First and second languages count. Most used first, then alphabetical; complete.
    """
    rows = [(-share, names()[code]) for code, (share, _) in users_of(code_of(country)).items() if share >= percent]
    return {"languages": [{"language": name, "share": -share} for share, name in sorted(rows)], "complete": True}


class Regional(TypedDict):
    languages: Annotated[
        list[Annotated[str, Entity("language")]],
        says(
            "the languages that CLDR counts as official only in a region of {country}",
            only="the only language that CLDR counts as official only in a region of {country}",
            noun="language",
            plural="languages",
            ask_count="How many languages does CLDR count as official only in a region of {country}",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"country": "Netherlands"}, {"/languages": ["Western Frisian"]}, "published: CLDR territoryInfo, NL"),
        example({"country": "Japan"}, {"/languages": []}, "published: CLDR territoryInfo, JP"),
    ],
    **CLDR,
)
def regional_languages(country: AnyCountry) -> Regional:
    """List the languages that Unicode CLDR counts as official in a region of a country only.

    Alphabetical and complete by CLDR; an empty list means that there is none.
    """
    rows = users_of(code_of(country)).items()
    return {"languages": sorted(names()[c] for c, (_, s) in rows if s == "official_regional"), "complete": True}


class CountryWeek(TypedDict):
    first_day: Annotated[
        str,
        says(
            "the day on which the week begins in {country} according to CLDR",
            ask="On which day does the week begin in {country} according to CLDR",
        ),
    ]
    weekend: Annotated[
        str,
        says(
            "the first day of the weekend in {country} according to CLDR",
            ask="On which day does the weekend begin in {country} according to CLDR",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"country": "US"}, {"/first_day": "Sunday", "/weekend": "Saturday"}, "published: CLDR weekData"),
        example({"country": "Egypt"}, {"/first_day": "Saturday", "/weekend": "Friday"}, "published: CLDR weekData"),
        example({"country": "Germany"}, {"/first_day": "Monday"}, "published: CLDR weekData"),
    ],
    **CLDR,
)
def country_week(country: AnyCountry) -> CountryWeek:
    """Look up on which day the week and on which day the weekend begins in a country, by Unicode CLDR."""
    from babel import Locale

    try:
        found = Locale.parse(f"und_{code_of(country)}")
    except Exception:
        raise Refusal(f"CLDR has no week of {country}") from None
    return {"first_day": DAY_NAMES[found.first_week_day], "weekend": DAY_NAMES[found.weekend_start]}
