"""General tools: what their examples cannot show."""

from __future__ import annotations

import datetime
import math

import pytest

from dive_tools.tools.base import Refusal
from dive_tools.tools.general import (
    airports,
    calendars,
    cities,
    days_off,
    flights,
    geography,
    globe,
    languages,
    nearby,
    networks,
    projects,
    timezones,
    units,
)
from dive_tools.tools.types import COUNTRY
from dive_tools.values import samples


def test_every_sample_country_is_found_by_name_code_and_with_its_article():
    for name in samples("country"):
        row = geography.country_rows()[name]
        assert {geography.find_country(t) for t in (name, row["iso"], row["iso3"], COUNTRY.label(name))} == {name}
        assert geography.country_profile(name)["capital"] in geography.city_rows()


def test_borders_run_both_ways():
    for name in geography.country_names():
        for near in geography.country_neighbours(name)["countries"]:
            assert name in geography.country_neighbours(near)["countries"], (name, near)


def test_cities_of_a_country_are_above_the_minimum_and_refused_where_names_clash():
    found = cities.cities_of_country("Japan", 2_000_000)["cities"]
    sizes = [cities.city_population(name)["population"] for name in found]
    assert sizes == sorted(sizes, reverse=True) and min(sizes) > 2_000_000
    with pytest.raises(Refusal):
        cities.cities_of_country("China", 500_000)  # Suzhou of Jiangsu and Suzhou of Anhui


def test_airport_samples_lead_on_to_cities_countries_and_back():
    for name in samples("airport"):
        city = airports.airport_city(name)["city"]
        assert name in airports.airports_of_city(city)["airports"]
        assert city.endswith(airports.airport_profile(name)["country"])


def test_distances_agree_with_the_ellipsoid_within_half_a_percent():
    geodesic = pytest.importorskip("geographiclib.geodesic").Geodesic.WGS84
    places = [geography.city_rows()[name] for name in samples("city")[::97]]
    for a in places:
        for b in places:
            if a is not b:
                one, two = ({"latitude": p["latitude"], "longitude": p["longitude"]} for p in (a, b))
                line = geodesic.Inverse(a["latitude"], a["longitude"], b["latitude"], b["longitude"])
                assert math.isclose(globe.great_circle_distance(one, two)["distance"], line["s12"] / 1000, rel_tol=6e-3)
                turn = (globe.initial_bearing(one, two)["bearing"] - line["azi1"] + 180) % 360 - 180
                assert abs(turn) < 1 or line["s12"] > 1.7e7


def test_the_midpoint_is_as_far_from_both_ends():
    a, b = {"latitude": 64.1, "longitude": -21.9}, {"latitude": -33.9, "longitude": 151.2}
    middle = globe.great_circle_midpoint(a, b)["location"]
    assert math.isclose(globe.kilometres(a, middle), globe.kilometres(b, middle))
    assert math.isclose(globe.kilometres(a, middle) * 2, globe.kilometres(a, b))
    with pytest.raises(Refusal):
        globe.great_circle_midpoint(a, {"latitude": -64.1, "longitude": 158.1})
    with pytest.raises(Refusal):
        globe.initial_bearing(a, a)


def test_day_length_does_not_jump_at_the_date_line():
    places = [{"latitude": 60, "longitude": east} for east in (-180, -91, 0, 91, 180)]
    lengths = [nearby.day_length(place, "2026-03-20")["length"] for place in places]
    assert max(lengths) - min(lengths) < 0.1
    with pytest.raises(Refusal):
        nearby.day_length({"latitude": 80, "longitude": 20}, "2026-06-21")


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


def test_flights_refuse_local_times_that_the_clocks_skip():
    arrival = flights.flight_arrival("JFK", "LHR", "2026-03-08T01:30", 420)
    assert arrival == {"date": "2026-03-08", "time": "13:30"}
    with pytest.raises(Refusal):
        flights.flight_arrival("JFK", "LHR", "2026-03-08T02:30", 420)


def test_every_sample_flight_and_project_has_an_answer():
    for flight in samples("flight"):
        flights.flight_arrival(**flight)
        speed = flights.flight_speed(flight["origin"], flight["destination"], flight["minutes"])["speed"]
        assert 600 < speed < 840
    for project in samples("project"):
        end = projects.project_end_date(**project)["date"]
        held = projects.project_holidays(**project)["holidays"]
        span = [datetime.date.fromisoformat(project["start"]) + datetime.timedelta(days=i) for i in range(400)]
        weekdays = [on for on in span if on.weekday() < 5 and on.isoformat() <= end]
        assert len(weekdays) == project["working_days"] + len(held)


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
