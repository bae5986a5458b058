"""Dividends and reports: calendars by seed, and what prices and options make of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from sumppump.exchange.calendar.trading_days import (
    is_trading_day,
    next_trading_day,
    overnight_before,
    previous_trading_day,
    session_of,
)
from sumppump.exchange.listing.symbols import RISK_FREE_RATE
from sumppump.exchange.market.character import CHARACTERS
from sumppump.exchange.market.corporate import Corporate
from sumppump.exchange.market.market import Market
from sumppump.exchange.market.pricing import CashDividends, OptionTerms, american_prices, american_values
from sumppump.exchange.market.surface import Surface

DAY = date(2026, 11, 20)
YEAR = (date(2026, 1, 1), date(2026, 12, 31))
PAYERS = [symbol for symbol, one in CHARACTERS.items() if one.payout]
REPORTERS = [symbol for symbol, one in CHARACTERS.items() if one.earnings_move]
NONE = np.zeros(1, dtype=np.int64)


@pytest.mark.parametrize("symbol", PAYERS)
def test_four_dividends_a_year_add_up_to_the_yield(symbol: str) -> None:
    paid = Corporate(3).dividends(symbol, *YEAR)
    assert len(paid) == 4
    total = float(sum(one.amount for one in paid))
    character = CHARACTERS[symbol]
    assert total == pytest.approx(character.price * character.dividend_yield, rel=0.12, abs=0.02)
    for one in paid:
        assert is_trading_day(one.ex_date)
        assert one.ex_date == one.record_date < one.pay_date
        assert one.amount > 0


@pytest.mark.parametrize("symbol", REPORTERS)
def test_reports_come_once_a_quarter_at_one_time_of_day(symbol: str) -> None:
    reports = Corporate(3).earnings(symbol, date(2025, 1, 1), date(2026, 12, 31))
    assert len(reports) == 8
    assert len({one.before_open for one in reports}) == 1
    for one in reports:
        night = overnight_before(one.moves_day)
        assert night.open_ms < one.at_ms < night.close_ms
        assert one.moves_day == (one.day if one.before_open else next_trading_day(one.day))


def test_calendars_differ_by_seed_and_never_change_for_one() -> None:
    one, again, other = Corporate(1), Corporate(1), Corporate(2)
    assert one.earnings("AAPL", *YEAR) == again.earnings("AAPL", *YEAR) != other.earnings("AAPL", *YEAR)
    assert one.next_dividend("TSLA", DAY) is None
    coming = one.next_dividend("SPY", DAY)
    assert coming is not None
    assert coming.ex_date > DAY


@pytest.mark.behaviour("SIM-MKT-04")
def test_the_price_falls_by_the_dividend_at_the_ex_date_s_open() -> None:
    market = Market(5, DAY)
    (ex_date,) = (one.ex_date for one in market.corporate.dividends("SPY", DAY, date(2026, 12, 31)))
    before, gap = market.close("SPY", previous_trading_day(ex_date)), market.returns("SPY", ex_date).gap
    opened = float(np.exp(market.log_open("SPY", ex_date)))
    paid = before - opened / np.exp(gap)
    assert paid == pytest.approx(float(market.corporate.dividend_on("SPY", ex_date)), abs=1e-9)


@pytest.mark.behaviour("SIM-MKT-05")
def test_the_month_s_volatility_falls_when_a_report_is_out() -> None:
    market = Market(5, DAY)
    surface = Surface(market)
    report = market.corporate.next_earnings("NVDA", DAY)
    assert report is not None
    before, after = previous_trading_day(report.moves_day), session_of(report.moves_day)
    held = surface.lump("NVDA", session_of(before), report.at_ms + 1)
    assert held == pytest.approx(report.deviation**2, rel=0.2)
    assert surface.lump("NVDA", after, report.at_ms + 1) == 0.0
    last = np.array([session_of(before).last_step], dtype=np.int64)
    calm = surface.month_vol("NVDA", after, NONE)[0] / market.vol_level("NVDA", after, NONE)[0]
    assert (
        surface.month_vol("NVDA", session_of(before), last)[0]
        / market.vol_level("NVDA", session_of(before), last)[0]
        > calm * 1.03
    )


def one(value: float) -> np.ndarray:
    return np.array([value])


def call(spot: float, strike: float, days: float, paid: float, ex_days: float) -> OptionTerms:
    cash = CashDividends(one(paid), one(ex_days / 365), one(ex_days / 365), one(0.0), one(paid))
    return OptionTerms(one(spot), one(strike), one(days / 365), one(1.0), one(0.0), cash)


@pytest.mark.behaviour("SIM-MKT-06")
def test_a_deep_call_before_the_ex_date_is_worth_its_exercise_and_no_more() -> None:
    deep = call(100.0, 70.0, 30.0, 1.5, 0.02)
    assert american_prices(deep, one(0.25))[0] == pytest.approx(30.0, abs=0.01)
    held = american_prices(call(98.5, 70.0, 29.9, 0.0, 0.0), one(0.25))[0]
    assert held < 29.0  # a day later, without the dividend
    values = american_values(deep, one(0.25))
    assert values.delta[0] == pytest.approx(1.0, abs=1e-6)


def test_a_call_is_worth_at_least_waiting_and_at_least_leaving_before_the_dividend() -> None:
    for strike in (80.0, 95.0, 100.0, 110.0):
        american = american_prices(call(100.0, strike, 60.0, 1.0, 25.0), one(0.3))[0]
        waiting = american_prices(call(99.0, strike, 60.0, 0.0, 0.0), one(0.3))[0]
        leaving = american_prices(call(100.0, strike, 25.0, 0.0, 0.0), one(0.3))[0]
        assert american == pytest.approx(max(waiting, leaving), abs=1e-9)


def test_a_put_is_worth_at_least_its_exercise_after_the_dividend() -> None:
    """Whoever holds a deep put lets the share go ex first; the later put is not worth less for it."""
    for days in (27.0, 60.0, 200.0):
        terms = replace(call(100.0, 140.0, days, 2.0, 25.0), sign=one(-1.0))
        after = 140.0 * np.exp(-RISK_FREE_RATE * 25.0 / 365.0) - 98.0
        assert american_prices(terms, one(0.15))[0] >= after - 1e-9
        assert american_values(terms, one(0.15)).price[0] >= after - 1e-9


def test_next_earnings_is_within_a_quarter_or_so() -> None:
    day = DAY
    for _ in range(12):
        coming = Corporate(9).next_earnings("AAPL", day)
        assert coming is not None
        assert timedelta(0) <= coming.day - day < timedelta(100)
        day += timedelta(31)
    assert Corporate(9).dividend_on("AAPL", date(2026, 7, 4)) == Decimal(0)
