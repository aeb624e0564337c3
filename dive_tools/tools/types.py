"""Value types that several domains share. A domain's own types stand in its own folder."""

from __future__ import annotations

from dive_tools.values import entity


def _countries() -> list[str]:
    from dive_tools.tools.geography.countries import country_names

    return country_names()


def _same_region(country: str) -> list[str]:
    from dive_tools.tools.geography.countries import countries_of_continent_of

    return countries_of_continent_of(country)


def _currencies() -> list[str]:
    from dive_tools.tools.finance.currencies import currency_names

    return currency_names()


def _same_unit(currency: str) -> list[str]:
    from dive_tools.tools.finance.currencies import currencies_of_unit_of

    return currencies_of_unit_of(currency)


def _languages() -> list[str]:
    from dive_tools.tools.general.languages import language_names

    return language_names()


def _official(language: str) -> list[str]:
    from dive_tools.tools.general.languages import official_names

    return official_names()


def _timezones() -> list[str]:
    from dive_tools.tools.general.timezones import timezone_names

    return timezone_names()


def _same_area(name: str) -> list[str]:
    return [other for other in _timezones() if other.partition("/")[0] == name.partition("/")[0]]


_WITH_ARTICLE = {
    "Bahamas", "British Virgin Islands", "Cayman Islands", "Central African Republic", "Comoros", "Cook Islands",
    "Democratic Republic of the Congo", "Dominican Republic", "Falkland Islands", "Faroe Islands", "Gambia",
    "Isle of Man", "Maldives", "Marshall Islands", "Netherlands", "Northern Mariana Islands", "Philippines",
    "Republic of the Congo", "Seychelles", "Solomon Islands", "Turks and Caicos Islands", "U.S. Virgin Islands",
    "United Arab Emirates", "United Kingdom", "United States", "Åland Islands",
}  # fmt: skip


def _say_country(country: str) -> str:
    return f"the {country}" if country in _WITH_ARTICLE else country


# a country is its English short name without an article ("Netherlands"), said with one ("the Netherlands")
COUNTRY = entity("country", "country", "countries", label=_say_country, samples=_countries, akin=_same_region)
POINT = entity("point", "location", spoken="owner")
# a currency is its English CLDR name ("Kenyan shilling"); tools accept the ISO 4217 code too
CURRENCY = entity("currency", "currency", "currencies", intro="the {}", samples=_currencies, akin=_same_unit)
# a language is its English CLDR name ("Swahili"); tools accept the ISO 639 code too
LANGUAGE = entity("language", "language", samples=_languages, akin=_official)
# a time zone is its IANA name ("Africa/Nairobi")
TIMEZONE = entity("timezone", "time zone", intro="the time zone {}", samples=_timezones, akin=_same_area)
