"""General tools: what their examples cannot show."""

from __future__ import annotations

import datetime
import math

import pytest

from dive_tools.tools.base import Refusal
from dive_tools.tools.general import (
    calendars,
    days_off,
    languages,
    networks,
    timezones,
    units,
)
from dive_tools.values import samples


def test_dates_that_do_not_exist_are_refused():
    with pytest.raises(Refusal):
        calendars.weekday_of_date("2026-02-29")
    with pytest.raises(Refusal):
        calendars.feast_date("saturnalia", 2026)


def test_next_holiday_looks_into_the_next_year():
    assert days_off.next_public_holiday("Japan", "2026-12-30")["date"] == "2027-01-01"
    with pytest.raises(Refusal):
        days_off.public_holiday_count("Atlantis", 2026)


def test_holidays_of_the_months_add_up_to_the_year():
    for country in ("Kenya", "Japan", "Brazil"):
        months = [days_off.holidays_in_month(country, 2026, month)["holidays"] for month in range(1, 13)]
        assert sum(map(len, months)) == days_off.public_holiday_count(country, 2026)["count"]


def test_clock_changes_are_where_the_offset_changes():
    for name in ("Europe/London", "Australia/Sydney", "Africa/Casablanca", "Asia/Kolkata"):
        dates = timezones.clock_changes(name, 2025)["dates"]
        year = [datetime.date(2025, 1, 1) + datetime.timedelta(days=i) for i in range(365)]
        offsets = [timezones.utc_offset(name, on.isoformat())["offset"] for on in year]
        assert dates == [on.isoformat() for on, a, b in zip(year[1:], offsets, offsets[1:], strict=False) if a != b]
    for wrong in ("Mars/Olympus", "../zone.tab", "zone.tab", "Europe"):
        with pytest.raises(Refusal):
            timezones.utc_offset(wrong, "2026-01-01")


def test_networks_agree_with_floyd_and_warshall():
    networkx = pytest.importorskip("networkx")
    for network in samples("road_network"):
        graph = networkx.Graph()
        for road in network["roads"]:
            graph.add_edge(road["from"], road["to"], weight=road["km"])
        far = networkx.floyd_warshall(graph)
        town = networks.farthest_town(**network)["town"]
        assert far[network["depot"]][town] == max(far[network["depot"]].values())
        assert networks.shortest_route(**network, town=town)["length"] == far[network["depot"]][town]
        assert networks.best_depot_site(network["roads"])["town"] == min(graph, key=lambda t: max(far[t].values()))
    with pytest.raises(Refusal):
        networks.spanning_network([{"from": "A", "to": "B", "km": 1}, {"from": "C", "to": "D", "km": 1}])
    with pytest.raises(Refusal):
        networks.spanning_network([{"from": "A", "to": "B", "km": 1}, {"from": "B", "to": "A", "km": 2}])


def test_languages_go_both_ways():
    for name in samples("language"):
        for country in languages.countries_of_language(name)["countries"]:
            assert name in [row["language"] for row in languages.official_languages(country)["languages"]]


def test_units_agree_with_the_definitions():
    assert math.isclose(units.kilometres_to_miles(1000)["distance"], 1000 / 1.609344)
    assert math.isclose(units.kilometres_to_nautical_miles(1000)["distance"], 1000 / 1.852)
