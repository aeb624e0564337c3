"""General tools: what their examples cannot show."""

from __future__ import annotations

import datetime
import itertools
import math

import pytest

import dive_tools.tools.types  # noqa: F401  the shared types
from dive_tools.tools.base import Refusal
from dive_tools.tools.general import (
    calendars,
    days_off,
    languages,
    meetings,
    names,
    networks,
    order_sums,
    orders,
    projects,
    regions,
    scripts,
    stock,
    timetable,
    timezones,
    units,
    years,
    zone_names,
)
from dive_tools.tools.geography import countries
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
    for network in samples("road_network")[::4]:
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
    for name in samples("language")[::4]:
        for country in languages.countries_of_language(name)["countries"]:
            assert name in [row["language"] for row in languages.official_languages(country)["languages"]]


def test_units_agree_with_the_definitions():
    assert math.isclose(units.kilometres_to_miles(1000)["distance"], 1000 / 1.609344)
    assert math.isclose(units.kilometres_to_nautical_miles(1000)["distance"], 1000 / 1.852)


def test_language_samples_are_found_and_named():
    found = samples("language")
    assert len(found) == len(set(found)) > 200
    for name in found:
        languages.find_language(name)
    for language in ("Finnish", "Swahili", "Thai", "Zulu"):
        assert len({names.month_name_in_language(language, month)["name"] for month in range(1, 13)}) == 12
        assert len({names.weekday_name_in_language(language, day)["name"] for day in range(1, 8)}) == 7
    with pytest.raises(Refusal):
        names.country_name_in_language("Japan", "Hiri Motu")
    with pytest.raises(Refusal):
        names.country_name_in_language("Japan", "Klingonese")


def test_names_do_not_hang_on_what_was_asked_before():
    from babel import Locale

    for code in ("sw", "th", "zu"):  # Babel keeps what it finds first
        assert Locale.parse(code).days["stand-alone"]["wide"][6]
    expected = {"German": "Sonntag", "Spanish": "domingo", "Thai": "วันอาทิตย์", "Swahili": "Jumapili"}
    for language, name in expected.items():
        assert names.weekday_name_in_language(language, 7)["name"] == name
    assert names.date_in_language("2026-03-15", "Norwegian Bokmål")["text"] == "15. mars 2026"


def test_scripts_go_both_ways():
    for script in samples("script"):
        assert scripts.script_record(script)["number"] > 0
        for language in scripts.languages_of_script(script)["languages"]:
            assert languages.language_profile(language)["script"] == script


def test_languages_of_a_country_are_ranked_and_cut():
    for country in ("Kenya", "Switzerland", "India", "Spain"):
        rows = scripts.widely_used_languages(country, 5)["languages"]
        shares = [row["share"] for row in rows]
        assert shares == sorted(shares, reverse=True) and min(shares) >= 5
        if rows:
            assert rows[0]["share"] == languages.most_used_language(country)["share"]
        official = {row["language"] for row in languages.official_languages(country)["languages"]}
        assert not official & set(scripts.regional_languages(country)["languages"])


def test_regional_holidays_and_nationwide_ones_make_the_year():
    for region in samples("holiday_region")[::24]:
        country = region.rpartition(", ")[2]
        own = regions.regional_holidays(region, 2026)["holidays"]
        for date in own:
            assert regions.regional_holiday_name(region, date)["name"]
            with pytest.raises(Refusal):
                regions.public_holiday_name(country, date)
            for other in regions.regions_keeping_holiday(region, date)["regions"]:
                assert region in regions.regions_keeping_holiday(other, date)["regions"]
        assert regions.regional_holiday_count(region, 2026)["days"] >= len(own)
    with pytest.raises(Refusal):
        regions.regional_holidays("Atlantis, Germany", 2026)


def test_zones_of_countries_and_countries_of_zones():
    for name in ("Europe/Zurich", "Africa/Lagos", "America/Denver"):
        for country in zone_names.countries_of_timezone(name)["countries"]:
            assert timezones.timezones_of_country(country)["timezones"]
    with pytest.raises(Refusal):
        zone_names.timezone_name("Mars/Olympus")


def test_summer_time_lasts_from_one_clock_change_to_the_next():
    for name in ("Europe/Paris", "America/Chicago", "Asia/Jerusalem"):
        for year in (2019, 2024, 2026):
            first, second = map(datetime.date.fromisoformat, timezones.clock_changes(name, year)["dates"])
            assert zone_names.summer_time_days(name, year)["days"] == (second - first).days


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_other_calendars_agree_with_second_libraries():
    hebrew, months = pytest.importorskip("convertdate.hebrew"), {}
    for i in range(0, 20000, 397):
        on = datetime.date(1950, 1, 1) + datetime.timedelta(days=i)
        year, month, day = hebrew.from_gregorian(on.year, on.month, on.day)
        said = years.date_in_calendar(on.isoformat(), "hebrew")["text"].split()
        assert (int(said[0]), int(said[-1])) == (day, year)
        months.setdefault(month, set()).add(said[1])
        old = datetime.date.fromordinal(on.toordinal() - 13)
        assert years.date_in_calendar(on.isoformat(), "julian")["text"] == f"{old.day} {old:%B %Y}"
    assert all(len(found) == 1 for number, found in months.items() if number < 12)


def test_new_years_are_first_days_and_a_lunar_year_apart():
    for year in (1980, 1999, 2015, 2030):
        for calendar, start in (("persian", "1 Farvardin"), ("islamic", "1 Muharram")):
            date = years.calendar_new_year(year, calendar)["date"]
            assert years.date_in_calendar(date, calendar)["text"].startswith(start)
    with pytest.raises(Refusal):
        years.calendar_new_year(2026, "mayan")


def test_the_moon_and_the_seasons_follow_each_other():
    for month in samples("month")[::40]:
        dates = []
        for phase in years.PHASES:
            try:
                dates.append(years.moon_phase_date(month, phase)["date"])
            except Refusal:
                continue
        gaps = [
            (datetime.date.fromisoformat(b) - datetime.date.fromisoformat(a)).days for a, b in itertools.pairwise(dates)
        ]
        assert len(dates) >= 3 and all(6 <= abs(gap) <= 24 for gap in gaps)
    for year in (1976, 2000, 2037):
        dates = [years.season_date(year, event)["date"] for event in years.SEASONS]
        assert dates == sorted(dates) and [date[5:7] for date in dates] == ["03", "06", "09", "12"]


def test_order_lists_agree_with_plain_sums():
    for given in samples("order_list")[::60]:
        rows = given["orders"]
        for name in orders.customers_on_list(rows)["customers"]:
            own = [row for row in rows if row["customer"] == name]
            assert orders.orders_of_customer(rows, name)["orders"] == [row["order"] for row in own]
            total = sum(order_sums.order_value(rows, row["order"])["value"] for row in own)
            assert math.isclose(order_sums.customer_total(rows, name)["total"], total)
            for product in orders.products_of_customer(rows, name)["products"]:
                assert set(orders.orders_for_product(rows, product)["orders"]) & {row["order"] for row in own}
        sold = {row["product"]: order_sums.product_sales(rows, row["product"])["revenue"] for row in rows}
        assert sold[order_sums.best_sellers(rows)["product"]] == max(sold.values())
    with pytest.raises(Refusal):
        orders.orders_of_customer(samples("order_list")[0]["orders"], "Nobody'; drop table t; --")


def test_projects_end_after_their_working_days_and_the_holidays_between():
    for project in samples("project")[::9]:
        end = projects.project_end_date(**project)["date"]
        start = datetime.date.fromisoformat(project["start"])
        span = [start + datetime.timedelta(days=i) for i in range(400)]
        weekdays = [on for on in span if on.weekday() < 5 and on.isoformat() <= end]
        code = countries.code_of(project["country"])
        held = [on for on in weekdays if days_off.holiday_table(code, on.year).get(on)]
        assert len(weekdays) == project["working_days"] + len(held), project


def test_stock_lists_agree_with_plain_sums():
    for given in samples("stock_list")[::60]:
        rows = given["stock"]
        low = [row["item"] for row in rows if row["in_stock"] < row["reorder_level"]]
        assert stock.items_to_reorder(rows)["items"] == sorted(low)
        for row in rows:
            assert (stock.reorder_cost(rows, row["item"])["pieces"] > 0) == (row["item"] in low)


def test_the_next_train_calls_where_the_traveller_waits():
    for given in samples("timetable")[::60]:
        train = timetable.next_train(**given)["train"]
        assert train in timetable.trains_at_station(given["trains"], given["station"])["trains"]
        assert given["station"] in timetable.stations_of_train(given["trains"], train)["stations"]
        assert timetable.train_journey_time(given["trains"], train)["minutes"] > 0


def test_calls_begin_at_once_for_everyone():
    for call in samples("video_call")[::40]:
        start = datetime.datetime.fromisoformat(f"{call['date']}T{call['time']}")
        offsets = {}
        for row in call["people"]:
            clock = meetings.participant_clock(**call, person=row["person"])
            offsets[row["person"]] = clock["offset"]
            assert f"{start + datetime.timedelta(hours=clock['offset']):%H:%M}" == clock["time"]
        apart = meetings.clocks_apart(**call)
        assert offsets[apart["ahead"]] == max(offsets.values()) and offsets[apart["behind"]] == min(offsets.values())
