"""What is listed, under which ids, by which rules."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.exchange.builders import START, option, options, stock, venue

from sumppump.exchange.calendar.hours import hours_text
from sumppump.exchange.calendar.trading_days import is_trading_day
from sumppump.exchange.listing.contract_ids import OptionKey, option_con_id, option_key
from sumppump.exchange.listing.expiries import (
    DAILY,
    WEEKLY,
    Programme,
    listed_expiries,
    listed_strikes,
    monthly_expiry,
)
from sumppump.exchange.listing.instruments import Bag, ContractQuery, LegQuery
from sumppump.exchange.listing.listing import local_symbol
from sumppump.exchange.listing.market_rules import MARKET_RULES, tick_for
from sumppump.exchange.listing.option_classes import BY_CLASS, CLASSES
from sumppump.exchange.listing.symbols import BY_CON_ID
from sumppump.exchange.reports import Refusal

FRIDAY = date(2026, 11, 20)
keys = st.builds(
    OptionKey,
    trading_class=st.sampled_from([one.name for one in CLASSES]),
    expiry=st.dates(date(2018, 1, 1), date(2039, 12, 30)).filter(lambda day: day.weekday() < 5),
    right=st.sampled_from("CP"),
    units=st.integers(1, 4095),
)


@pytest.mark.behaviour("SIM-REF-18")
@given(keys)
def test_an_option_s_id_can_be_read_back(key: OptionKey) -> None:
    """Our decision: ids are a bijection, so that they survive restarts; TWS's are 31-bit too."""
    con_id = option_con_id(key)
    assert con_id not in BY_CON_ID
    assert 0 < con_id < 2**31
    assert option_key(con_id) == key


@pytest.mark.behaviour("SIM-REF-19")
@given(keys, keys)
def test_two_options_never_share_an_id(one: OptionKey, other: OptionKey) -> None:
    assert (option_con_id(one) == option_con_id(other)) == (one == other)


@pytest.mark.behaviour("SIM-REF-20")
def test_no_stock_s_id_is_that_of_an_option_that_could_be_listed() -> None:
    """Stocks have their real ids, which lie in the same space."""
    at = venue()
    for con_id, under in BY_CON_ID.items():
        found = at.listing(con_id)
        assert found is not None
        assert found.local_symbol == under.symbol


@pytest.mark.behaviour("SIM-REF-21")
@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 6, 1), date(2026, 6, 18)),  # Juneteenth is the third Friday
        (date(2025, 4, 1), date(2025, 4, 17)),  # Good Friday is the third Friday
        (date(2026, 11, 2), date(2026, 11, 20)),
    ],
)
def test_monthly_options_expire_on_the_third_friday_or_the_day_before_a_holiday(
    today: date, expected: date
) -> None:
    assert monthly_expiry(today.year, today.month) == expected
    assert expected in listed_expiries(WEEKLY, today)


@pytest.mark.behaviour("SIM-REF-22")
def test_etfs_have_daily_weekly_monthly_quarterly_and_january_expiries() -> None:
    """From a Friday: Thanksgiving has none, the Friday after it trades until 13:00."""
    found = listed_expiries(DAILY, FRIDAY)
    assert [f"{day:%m%d}" for day in found[:10]] == [
        "1120", "1123", "1124", "1125", "1127", "1130", "1201", "1202", "1203", "1204"
    ]  # fmt: skip
    for named in (
        date(2027, 1, 8), date(2027, 5, 21), date(2026, 12, 31), date(2027, 3, 31), date(2027, 9, 17),
        date(2028, 1, 21),
    ):  # fmt: skip
        assert named in found
    assert all(is_trading_day(day) for day in found)


@pytest.mark.behaviour("SIM-REF-23")
def test_stocks_expire_on_fridays_only_unless_it_is_a_holiday() -> None:
    found = listed_expiries(WEEKLY, FRIDAY)
    assert found[0] == FRIDAY
    assert {day.weekday() for day in found} <= {3, 4}
    thursdays = [day for day in found if day.weekday() == 3]
    assert thursdays == [date(2026, 12, 24), date(2027, 6, 17)]  # Christmas and Juneteenth
    assert date(2028, 1, 21) in found


@pytest.mark.behaviour("SIM-REF-24")
@given(st.dates(date(2023, 1, 1), date(2027, 12, 31)), st.sampled_from([one.programme for one in CLASSES]))
def test_a_listed_expiry_stays_listed_until_it_has_passed(today: date, programme: Programme) -> None:
    """Nobody's position may lose its contract because a day went by."""
    later = listed_expiries(programme, today + timedelta(1))
    assert [day for day in listed_expiries(programme, today) if day > today and day not in later] == []


@pytest.mark.behaviour("SIM-REF-25")
@pytest.mark.parametrize(
    ("symbol", "spot", "days", "expected"),
    [
        ("SPY", 682.4, 7, {"679", "680", "681", "685", "600", "605"}),
        ("SPY", 682.4, 700, {"680", "690", "600"}),
        ("AAPL", 271.85, 14, {"270", "272.5", "275"}),
        ("AAPL", 271.85, 200, {"270", "275", "280"}),
        ("KO", 71.6, 14, {"70.5", "71", "71.5", "72", "75", "76", "90"}),
        ("KO", 71.6, 200, {"70", "71", "72", "72.5", "60"}),
        ("INTC", 36.8, 14, {"36", "36.5", "37", "42", "50"}),
        ("XOM", 117.35, 14, {"116", "117", "118", "115", "122.5"}),
        ("OSMC", 34.2, 14, {"32.5", "35"}),
        ("MSFT", 508.2, 14, {"505", "507.5", "510", "400"}),
    ],
)
def test_strikes_stand_closer_near_the_money_and_near_expiry(
    symbol: str, spot: float, days: int, expected: set[str]
) -> None:
    of = BY_CLASS[symbol]
    strikes = {str(Decimal(one) / 2) for one in listed_strikes(of.ladder, of.strike_unit, spot, days)}
    assert expected <= {text.removesuffix(".0") for text in strikes}
    assert symbol != "AAPL" or days < 100 or "272.5" not in strikes


@pytest.mark.behaviour("SIM-REF-26")
def test_the_local_symbol_is_the_occ_s() -> None:
    key = OptionKey("AAPL", date(2026, 11, 27), "C", 460)
    assert local_symbol(key) == "AAPL  261127C00230000"


@pytest.mark.behaviour("SIM-REF-27")
@pytest.mark.parametrize(
    ("rule", "price", "tick"),
    [(26, "8.00", "0.01"), (32, "2.99", "0.01"), (32, "3.00", "0.05"), (32, "-4", "0.05")],
)
def test_price_increments_follow_the_market_rule(rule: int, price: str, tick: str) -> None:
    assert tick_for(rule, Decimal(price)) == Decimal(tick)


@pytest.mark.behaviour("SIM-REF-28")
def test_every_listing_names_one_known_market_rule_per_exchange() -> None:
    at = venue()
    for listing in (stock(at), stock(at, "AAPL"), option(at, 680), option(at, 270, "AAPL", 2)):
        assert len(listing.market_rule_ids) == len(listing.valid_exchanges)
        assert set(listing.market_rule_ids) <= set(MARKET_RULES)
    assert option(at, 270, "AAPL", 2).market_rule_ids[0] == 32
    assert option(at, 680).market_rule_ids[0] == 26


@pytest.mark.behaviour("SIM-REF-29")
def test_trading_hours_name_the_half_day_and_the_holiday() -> None:
    """The wire's form; Thanksgiving 2026 is a Thursday, the day after closes at 13:00."""
    at = venue(start=START + timedelta(days=4))
    hours = hours_text(stock(at).hours, at.today, liquid=True).split(";")
    assert hours[:4] == [
        "20261124:0930-20261124:1600",
        "20261125:0930-20261125:1600",
        "20261126:CLOSED",
        "20261127:0930-20261127:1300",
    ]


@pytest.mark.behaviour("SIM-REF-30")
def test_a_chain_s_parameters_are_exactly_what_can_be_found() -> None:
    at = venue()
    row = at.option_params("IWM")[0]
    for expiry in row.expirations[:4]:
        found = at.contracts(ContractQuery(symbol="IWM", sec_type="OPT", expiry=f"{expiry:%Y%m%d}"))
        assert found
        assert {one.strike for one in found} <= set(row.strikes)
    assert at.option_params("XYZ") == ()


@pytest.mark.behaviour("SIM-REF-31")
def test_an_option_leaves_the_board_at_its_last_trading_moment() -> None:
    at = venue()
    ending = options(at, expiry=0)[0]
    assert ending.expiry == FRIDAY
    assert at.listing(ending.con_id) == ending
    at.advance(START + timedelta(hours=6))  # 16:00
    assert at.listing(ending.con_id) is None
    assert at.quote(ending.con_id) is None
    assert FRIDAY not in at.option_params("SPY")[0].expirations
    expired = ContractQuery(con_id=ending.con_id, include_expired=True)
    assert [one.con_id for one in at.contracts(expired)] == [ending.con_id]


NO_DEFINITION = Refusal(200, "No security definition has been found for the request")


@pytest.mark.behaviour("SIM-REF-32")
@pytest.mark.parametrize(
    ("query", "code"),
    [
        (ContractQuery(symbol="XYZ", sec_type="STK"), 200),
        (ContractQuery(symbol="SPY", sec_type="OPT", expiry="20261121", strike=Decimal(680), right="C"), 200),
        (ContractQuery(symbol="SPY", sec_type="OPT", expiry="20261120", strike=Decimal(680)), 200),
        (ContractQuery(symbol="SPY", sec_type="STK", exchange="LSE"), 200),
        (ContractQuery(symbol="SPY", sec_type="FUT"), 200),
        (ContractQuery(symbol="SPY", sec_type="STK", currency="EUR"), 200),
        (ContractQuery(con_id=1), 200),
        (ContractQuery(symbol="SPY", sec_type="BAG"), 321),
        (
            ContractQuery(symbol="SPY", sec_type="BAG", legs=(LegQuery(1, 1, "BUY"), LegQuery(2, 1, "SELL"))),
            200,
        ),
    ],
)
def test_what_is_not_listed_or_not_unique_is_refused_by_code(query: ContractQuery, code: int) -> None:
    """Texts of TWS's error 200 are asserted for the two cases that clients meet most."""
    found = venue().resolve(query)
    assert isinstance(found, Refusal)
    assert found.code == code


@pytest.mark.behaviour("SIM-REF-33")
def test_the_two_texts_of_code_200() -> None:
    at = venue()
    assert at.resolve(ContractQuery(symbol="XYZ", sec_type="STK")) == NO_DEFINITION
    several = at.resolve(ContractQuery(symbol="SPY", sec_type="OPT", expiry="20261120", right="C"))
    assert several == Refusal(200, "The contract description specified for SPY is ambiguous.")


@pytest.mark.behaviour("SIM-REF-34")
@pytest.mark.parametrize(
    "query",
    [
        ContractQuery(
            symbol="AAPL", sec_type="STK", exchange="SMART", primary_exchange="NASDAQ", currency="USD"
        ),
        ContractQuery(symbol="AAPL", sec_type="STK", exchange="SMART", currency="USD", right="?"),
        ContractQuery(con_id=265598, exchange="SMART"),
        ContractQuery(local_symbol="AAPL", sec_type="STK"),
    ],
)
def test_clients_find_a_stock_by_the_descriptions_that_they_use(query: ContractQuery) -> None:
    found = venue().resolve(query)
    assert not isinstance(found, Refusal | Bag)
    assert found.con_id == 265598


@pytest.mark.behaviour("SIM-REF-35")
def test_symbols_are_matched_by_their_beginning_and_by_name() -> None:
    at = venue()
    assert [one.symbol for one in at.match_symbols("a")][:2] == ["AAPL", "AMD"]
    assert [one.symbol for one in at.match_symbols("tesla")] == ["TSLA"]
    assert at.match_symbols("  ") == ()


@pytest.mark.behaviour("SIM-REF-36")
def test_a_combo_needs_two_different_legs_on_one_underlying() -> None:
    at = venue()
    call, other = option(at, 680), option(at, 270, "AAPL", 2)
    for legs in (
        (LegQuery(call.con_id, 1, "BUY"), LegQuery(call.con_id, 1, "SELL")),
        (LegQuery(call.con_id, 1, "BUY"), LegQuery(other.con_id, 1, "SELL")),
        (LegQuery(call.con_id, 1, "BUY"),),
        (LegQuery(call.con_id, 0, "BUY"), LegQuery(option(at, 690).con_id, 1, "SELL")),
        (LegQuery(call.con_id, 1, "HOLD"), LegQuery(option(at, 690).con_id, 1, "SELL")),
    ):
        found = at.resolve(ContractQuery(symbol="SPY", sec_type="BAG", exchange="SMART", legs=legs))
        assert isinstance(found, Refusal), legs


short_text = st.text(alphabet="SPYACQ 0123456789?-xé", max_size=8)
queries = st.builds(
    ContractQuery,
    con_id=st.integers(-(2**40), 2**40) | st.integers(2_000_000_000, 2_000_030_000) | st.just(0),
    symbol=st.sampled_from(["SPY", "AAPL", "ES", "VIX", "EUR", "BTC", "", "XYZ"]) | short_text,
    sec_type=st.sampled_from(
        ["STK", "OPT", "BAG", "", "FUT", "IND", "CASH", "CRYPTO", "CONTFUT", "BOND", "FOP", "xé"]
    ),
    expiry=st.sampled_from(["", "20261120", "202611", "2026"]) | short_text,
    strike=st.none() | st.decimals(allow_nan=True, allow_infinity=True),
    right=st.sampled_from(["C", "PUT", "?", ""]) | short_text,
    multiplier=st.sampled_from(["", "100", "x"]),
    exchange=st.sampled_from(["SMART", "CBOE", ""]),
    local_symbol=short_text,
    trading_class=st.sampled_from(["", "SPY"]),
    include_expired=st.booleans(),
    sec_id_type=st.sampled_from(["", "ISIN", "CUSIP", "FIGI"]),
    sec_id=st.sampled_from(["", "US0378331005", "037833100"]) | short_text,
    legs=st.lists(
        st.builds(
            LegQuery,
            con_id=st.integers(-(2**40), 2**40) | st.sampled_from([756733, 416904, 2000002339, 2000002404]),
            ratio=st.integers(-3, 3),
            action=st.sampled_from(["BUY", "SELL", ""]),
        ),
        max_size=3,
    ).map(tuple),
)
AT = venue()


@pytest.mark.behaviour("SIM-REF-37")
@settings(max_examples=300, deadline=None)
@given(queries)
def test_any_description_finds_contracts_or_is_refused(query: ContractQuery) -> None:
    """A client's words never become an error of the exchange."""
    found = AT.resolve(query)
    assert isinstance(found, Refusal | Bag) or found in AT.contracts(query)
