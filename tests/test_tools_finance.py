"""Finance tools against second libraries, and where they must refuse."""

import datetime

import pytest

from dive_tools import pool
from dive_tools.tools.door import Door
from dive_tools.tools.finance.exchanges import EXCHANGES
from dive_tools.tools.finance.identifiers import IBANS, SHARES
from dive_tools.values import VIGNETTES, samples

pytest.importorskip("QuantLib")
pytest.importorskip("holidays")


@pytest.fixture(scope="module")
def door():
    return Door(pool.builtin(["finance"]).tools)


def result(door, name, **arguments):
    return door.call(name, arguments)["result"]


@pytest.mark.parametrize("seed", range(0, 36, 3))
def test_bonds_agree_with_quantlib(door, seed):
    import QuantLib as ql

    bond = samples("bond")[seed]
    settle, end = (ql.Date(bond[key], "%Y-%m-%d") for key in ("settlement", "maturity"))
    count = ql.Thirty360(ql.Thirty360.BondBasis)
    frequency = {1: ql.Annual, 2: ql.Semiannual, 4: ql.Quarterly}[bond["frequency"]]
    start = end - ql.Period(20, ql.Years)
    plan = ql.Schedule(
        start,
        end,
        ql.Period(frequency),
        ql.NullCalendar(),
        ql.Unadjusted,
        ql.Unadjusted,
        ql.DateGeneration.Backward,
        False,
    )
    ql.Settings.instance().evaluationDate = settle
    theirs = ql.FixedRateBond(0, 100.0, plan, [bond["coupon"] / 100], count)
    rate = ql.InterestRate(bond["bond_yield"] / 100, count, ql.Compounded, frequency)
    terms = {key: bond[key] for key in ("coupon", "frequency", "maturity", "settlement")}
    price = result(door, "bond_price", face=100, bond_yield=bond["bond_yield"], **terms)["clean_price"]
    assert price == pytest.approx(ql.BondFunctions.cleanPrice(theirs, rate, settle))
    accrued = result(door, "bond_accrued_interest", face=100, **terms)["accrued_interest"]
    assert accrued == pytest.approx(ql.BondFunctions.accruedAmount(theirs, settle))
    duration = result(door, "bond_duration", bond_yield=bond["bond_yield"], **terms)
    assert duration["modified_duration"] == pytest.approx(
        ql.BondFunctions.duration(theirs, rate, ql.Duration.Modified, settle)
    )
    back = result(door, "quoted_bond_yield", price=price, **terms)["yield_to_maturity"]
    assert back == pytest.approx(bond["bond_yield"])
    again = result(door, "quoted_bond_duration", bond_yield=back, **terms)["duration"]
    assert again == pytest.approx(duration["modified_duration"])


@pytest.mark.parametrize("mic", ["XNYS", "XLON", "XTKS", "XHKG"])
def test_closures_agree_with_quantlib(door, mic):
    import QuantLib as ql

    calendar = {
        "XNYS": ql.UnitedStates(ql.UnitedStates.NYSE),
        "XLON": ql.UnitedKingdom(ql.UnitedKingdom.Exchange),
        "XTKS": ql.Japan(),
        "XHKG": ql.HongKong(),
    }[mic]
    known = {"XHKG": {"2023-07-17", "2023-09-01", "2023-09-08"}}.get(mic, set())  # storms, which QuantLib leaves out
    ours = {row["date"] for row in result(door, "exchange_closures", exchange=mic, year=2023)["closures"]} - known
    first = ql.Date(1, 1, 2023)
    theirs = {
        (datetime.date(2023, 1, 1) + datetime.timedelta(days=k)).isoformat()
        for k in range(365)
        if calendar.isHoliday(first + k) and not calendar.isWeekend((first + k).weekday())
    }
    assert ours == theirs


def test_trading_days_count_alike(door):
    months = [
        result(door, "trading_days_of_month", exchange="XLON", year=2024, month=month)["days"] for month in range(1, 13)
    ]
    year = result(door, "trading_days_between", exchange="XLON", start="2023-12-31", end="2024-12-31")["days"]
    assert sum(months) == year == 254


def test_exchange_tables_name_what_exists():
    from dive_tools.tools.finance.currencies import currency_label
    from dive_tools.tools.geography.countries import find_city

    for mic, city, currency in EXCHANGES.values():
        assert len(mic) == 4 and find_city(city) == city and currency_label(currency) == currency
    assert {exchange for _, exchange in SHARES.values()} <= set(EXCHANGES)


def test_identifiers_are_valid_elsewhere():
    from stdnum import iban, isin

    assert all(isin.is_valid(number) for number, _ in SHARES.values())
    assert all(iban.is_valid(number) for number in IBANS)


@pytest.mark.parametrize(
    "name, arguments",
    [
        ("exchanges_closed_on", {"date": "2024-05-04"}),
        ("exchanges_closed_on", {"date": "2024-02-30"}),
        ("trading_day_after", {"exchange": "XNYS", "date": "2025-12-30", "days": 10}),
        ("trading_days_between", {"exchange": "XNYS", "start": "2024-05-02", "end": "2024-05-02"}),
        ("country_currency", {"country": "Panama"}),
        ("currency_profile", {"currency": "German mark"}),
        ("isin_parts", {"isin": "EU000A1G0AB4"}),
        ("iban_parts", {"iban": "GB29"}),
        ("loan_balance", {"principal": 1000, "rate": 5, "years": 1, "paid": 13}),
        ("internal_rate_of_return", {"outlay": 100, "cash_flows": [50, 20]}),
        ("us_real_growth", {"quarter": "2008Q1", "years": 2}),
        ("currency_in_year", {"country": "Germany", "year": 2000}),
        ("bank_by_bic", {"bank": "XXXXXX00"}),
        ("iban_format", {"country": "Japan"}),
        ("cfi_class", {"code": "QQQQQQ"}),
        ("nace_codes_below", {"code": "64.11"}),
    ],
)
def test_refusals(door, name, arguments):
    assert door.call(name, arguments)["error"]["kind"] == "refused"


def test_put_call_parity_holds_between_tools(door):
    for seed in samples("option")[::8]:
        values = result(door, "option_values", **seed)
        quoted = {key: seed[key] for key in ("spot", "strike", "months", "rate")}
        put = result(door, "put_by_parity", call_price=values["call"], **quoted)["put"]
        assert put == pytest.approx(values["put"], abs=1e-7)
        assert result(door, "american_put_value", **seed)["put"] > values["put"] * 0.99


def test_every_vignette_answers_every_tool_that_takes_only_its_parts(door):
    for name, tool in door.tools.items():
        slots = tool.slots
        kinds = {slot.vignette for slot in slots.values() if slot.vignette}
        if not kinds or any(not slot.vignette and not slot.choices for slot in slots.values()):
            continue
        for seed in samples(kinds.pop()):
            arguments = {k: seed[s.part] if s.vignette else next(iter(s.choices)) for k, s in slots.items()}
            assert "result" in door.call(name, arguments), (name, arguments)


def test_seeds_are_declared():
    from dive_tools.tools.finance import SEEDS
    from dive_tools.values import TYPES

    assert all(name in TYPES or name in VIGNETTES for name in SEEDS)
    assert sum(len(samples(name)) for name in SEEDS) >= 250


def test_nace_is_a_tree_and_agrees_with_the_library(door):
    from stdnum.eu import nace

    codes = samples("nace_code")
    for code in codes[::9]:
        mine = result(door, "nace_activity", code=code)
        assert mine["title"] == nace.get_label(code)
        if len(code) < 5:
            below = result(door, "nace_codes_below", code=code)["codes"]
            assert sum(result(door, "nace_activity", code=each)["classes"] for each in below) == mine["classes"]
    sections = [result(door, "nace_section_profile", section=each)["classes"] for each in samples("nace_section")]
    assert sum(sections) == sum(len(code) == 5 for code in codes)


def test_cfi_codes_agree_with_the_library(door):
    from stdnum import cfi

    for code in samples("cfi_code")[::11]:
        theirs = cfi.info(code)
        assert result(door, "cfi_class", code=code)["group"].startswith(theirs["group"])
        for place in (3, 4, 5, 6):
            found = door.call("cfi_attribute", {"group": code[:2], "place": place})
            if "result" in found and code[place - 1] != "X":
                assert found["result"]["attribute"] in theirs


def test_segments_and_operating_markets_read_both_ways(door):
    for country in samples("market_country")[::8]:
        for market in result(door, "operating_markets_of_country", country=country)["markets"][:5]:
            assert result(door, "market_by_mic", market=market)["country"] == country
            for segment in result(door, "market_segments", market=market)["segments"]:
                assert result(door, "operating_market", market=segment)["operating"] == market


def test_banks_agree_with_schwifty(door):
    schwifty = pytest.importorskip("schwifty")
    for bic in samples("bic")[::150]:
        found = result(door, "bank_by_bic", bank=bic)
        assert found["name"] in schwifty.BIC(bic).bank_names
        assert schwifty.BIC(bic).country_code == bic[4:6]
