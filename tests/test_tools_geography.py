"""Geography tools: what their examples cannot show."""

from __future__ import annotations

import datetime
import math

import pytest

from dive_tools.tools.base import Refusal
from dive_tools.tools.general import projects
from dive_tools.tools.geography import (
    airports,
    cities,
    countries,
    flights,
    globe,
    nearby,
)
from dive_tools.tools.types import COUNTRY
from dive_tools.values import samples


def test_every_sample_country_is_found_by_name_code_and_with_its_article():
    for name in samples("country"):
        row = countries.country_rows()[name]
        assert {countries.find_country(t) for t in (name, row["iso"], row["iso3"], COUNTRY.label(name))} == {name}
        assert countries.country_profile(name)["capital"] in countries.city_rows()


def test_borders_run_both_ways():
    for name in countries.country_names():
        for near in countries.country_neighbours(name)["countries"]:
            assert name in countries.country_neighbours(near)["countries"], (name, near)


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
    places = [countries.city_rows()[name] for name in samples("city")[::97]]
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
