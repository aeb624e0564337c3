"""Geography tools: what their examples cannot show."""

from __future__ import annotations

import math

import pytest

from dive_tools.tools.base import Refusal
from dive_tools.tools.geography import (
    airports,
    borders,
    cities,
    countries,
    dialling,
    flights,
    globe,
    grids,
    history,
    locators,
    maps,
    nearby,
    phones,
    subdivisions,
    us_states,
    zip_codes,
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


def test_no_great_circle_starts_towards_the_same_or_the_opposite_point():
    a = {"latitude": 64.1, "longitude": -21.9}
    for b in (a, {"latitude": -64.1, "longitude": 158.1}):
        with pytest.raises(Refusal):
            globe.initial_bearing(a, b)


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


def test_every_sample_flight_has_an_answer():
    for flight in samples("flight"):
        flights.flight_arrival(**flight)
        speed = flights.flight_speed(flight["origin"], flight["destination"], flight["minutes"])["speed"]
        assert 600 < speed < 840


def test_points_onward_lie_where_the_ellipsoid_puts_them():
    geodesic = pytest.importorskip("geographiclib.geodesic").Geodesic.WGS84
    for name in samples("city")[::60]:
        row = countries.city_rows()[name]
        found = nearby.point_from_city(name, 45, 800)["location"]
        there = geodesic.Direct(row["latitude"], row["longitude"], 45, 800_000)
        assert globe.kilometres(found, {"latitude": there["lat2"], "longitude": there["lon2"]}) < 6
        assert math.isclose(globe.kilometres(row, found), 800)


def test_rhumb_lines_are_no_shorter_than_great_circles():
    places = [countries.city_rows()[name] for name in samples("city")[::150]]
    for a in places:
        for b in places:
            if a is not b:
                assert globe.rhumb_line_distance(a, b)["distance"] >= globe.kilometres(a, b) - 1e-6
    with pytest.raises(Refusal):
        globe.rhumb_line_distance({"latitude": 90, "longitude": 0}, {"latitude": 0, "longitude": 0})


def test_the_middle_of_a_flight_is_as_far_from_both_ends():
    for flight in samples("flight")[::50]:
        middle = flights.flight_midpoint(flight["origin"], flight["destination"])["location"]
        start, end = (airports.airport_profile(flight[part])["location"] for part in ("origin", "destination"))
        assert math.isclose(globe.kilometres(start, middle), globe.kilometres(end, middle), rel_tol=1e-9)


def _points() -> list[dict[str, float]]:
    rows = [countries.city_rows()[name] for name in samples("city")[::23]]
    return [{"latitude": row["latitude"], "longitude": row["longitude"]} for row in rows]


def test_geohashes_agree_with_pygeohash():
    assert grids.geohash_of({"latitude": 57.64911, "longitude": 10.40744}, 11) == "u4pruydqqvj"  # Wikipedia, Geohash
    other = pytest.importorskip("pygeohash")
    for p in _points():
        assert grids.geohash_of(p, 6) == other.encode(p["latitude"], p["longitude"], precision=6)


def test_plus_codes_agree_with_the_reference_implementation():
    assert grids.plus_code_of({"latitude": 20.3700625, "longitude": 2.7821875}) == "7FG49QCJ+2V"  # its encoding.csv
    other = pytest.importorskip("openlocationcode.openlocationcode")
    for p in _points():
        assert grids.plus_code_of(p) == other.encode(p["latitude"], p["longitude"])


def test_utm_zones_agree_with_the_utm_library():
    other = pytest.importorskip("utm")
    svalbard = [{"latitude": 78.2, "longitude": float(east)} for east in range(0, 48, 3)]
    for p in _points() + svalbard:
        assert grids.utm_zone(p)["zone"] == other.latlon_to_zone_number(p["latitude"], p["longitude"])


def test_locators_agree_with_the_maidenhead_library_both_ways():
    other = pytest.importorskip("maidenhead")
    for p in _points():
        assert locators.maidenhead_locator(p)["locator"] == other.to_maiden(p["latitude"], p["longitude"], 3)
    for name in samples("locator")[::40]:
        centre = locators.maidenhead_centre(name)["location"]
        assert locators.maidenhead_locator(centre)["locator"] == name
        assert (centre["latitude"], centre["longitude"]) == pytest.approx(other.to_location(name, center=True))
    with pytest.raises(Refusal):
        locators.maidenhead_centre("JN58")


def test_subdivisions_and_the_larger_ones_know_each_other():
    for name in samples("subdivision")[::3]:
        within = subdivisions.subdivisions_within(name)["subdivisions"]
        assert all(subdivisions.parent_subdivision(part)["parent"] == name for part in within)
        code = subdivisions.subdivision_profile(name)["code"]
        assert subdivisions.subdivision_profile(code)["name"] == name
        try:
            parent = subdivisions.parent_subdivision(name)["parent"]
        except Refusal:
            assert within
        else:
            assert name in subdivisions.subdivisions_within(parent)["subdivisions"]


def test_top_level_subdivisions_with_their_parts_are_all_that_the_standard_lists():
    pycountry = pytest.importorskip("pycountry")
    for home in ("Ireland", "France", "Kenya", "Philippines"):
        found = subdivisions.subdivisions_of_country(home)["subdivisions"]
        for name in found:  # grows as it goes down
            found += subdivisions.subdivisions_within(name)["subdivisions"]
        assert len(set(found)) == len(pycountry.subdivisions.get(country_code=countries.code_of(home)))
    with pytest.raises(Refusal):
        subdivisions.subdivisions_of_country("Bulgaria")  # two regions called Sofia


def test_phone_numbers_are_said_as_they_are_found():
    for number in samples("phone_number")[::5]:
        origin = phones.phone_number_origin(number)
        assert origin["number"] == number
        code = dialling.country_calling_code(origin["country"])["calling_code"]
        assert number.startswith(code)
        if origin["line"] not in ("fixed-line", "mobile"):
            continue
        dialled = phones.phone_number_dialled_from(number, "Germany" if code != "+49" else "Japan")["dialled"]
        assert dialled.endswith("".join(c for c in number if c.isdigit()))
    with pytest.raises(Refusal):
        phones.phone_number_dialled_from("+1 201-555-0123", "Canada")


def test_sharing_a_calling_code_runs_both_ways():
    for name in ("United Kingdom", "Italy", "Norway", "Finland", "Morocco", "United States"):
        for other in dialling.countries_sharing_calling_code(name)["countries"]:
            assert name in dialling.countries_sharing_calling_code(other)["countries"]
            assert dialling.country_calling_code(other) == dialling.country_calling_code(name)


def test_gapminder_names_are_all_countries_of_the_table():
    assert len(history._figures()) == 142
    for name, years in history._figures().items():
        assert name in countries.country_rows() and sorted(years) == list(range(1952, 2008, 5))


def test_neighbours_of_neighbours_are_neither_the_country_nor_its_neighbours():
    for name in countries.country_names()[::5]:
        near = set(countries.country_neighbours(name)["countries"])
        further = borders.neighbours_of_neighbours(name)["countries"]
        assert not near & set(further) and name not in further
        assert all(near & set(countries.country_neighbours(other)["countries"]) for other in further)


def test_american_states_add_up_to_the_census():
    assert len(samples("us_state")) == 50
    assert sum(us_states.us_county_count(name)["count"] for name in samples("us_state")) == 3142
    for name in samples("us_state"):
        assert us_states.us_state_profile(us_states.us_state_profile(name)["abbreviation"])["name"] == name
    with pytest.raises(Refusal):
        us_states.us_state_capital("Illinois")  # Springfield of Missouri is larger


def test_zip_codes_lead_to_their_place_and_county_and_back():
    for place in ("Ann Arbor, Michigan", "Berkeley, California", "Casper, Wyoming", "Yonkers, New York"):
        for code in zip_codes.zip_codes_of_place(place)["zip_codes"]:
            found = zip_codes.zip_code_profile(code)
            assert found["place"] == place
            assert code in zip_codes.zip_codes_of_county(found["county"])["zip_codes"]
        assert zip_codes.us_place_population(place)["population"] > 0


def test_the_sample_walks_can_be_walked():
    for walk in samples("walk"):
        ground = maps.walk_distance(walk["scale"], walk["length_cm"])["distance"]
        rise = maps.walk_ascent(walk["contours"], walk["interval_m"])["ascent"]
        assert 2 < ground < 20 and rise < 100 * ground
