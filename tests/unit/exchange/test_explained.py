"""Every change of the account's value is explained, whatever is held through expiries and dividends."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.exchange.builders import of, venue

from sumppump.exchange.account.account import Trade
from sumppump.exchange.account.valuation import is_future, is_pair
from sumppump.exchange.calendar.trading_days import to_ms
from sumppump.exchange.events import Executed, PositionChanged
from sumppump.exchange.listing.instruments import ContractQuery, Listing
from sumppump.exchange.market.tops import Moment
from sumppump.exchange.venue import Venue

THURSDAY = datetime(2026, 12, 17, 15, 0, tzinfo=UTC)
THURSDAY_CLOSE = THURSDAY + timedelta(hours=6)
FRIDAY_OPEN = datetime(2026, 12, 18, 14, 30, tzinfo=UTC)  # SPY goes ex, the quarter expires
D = Decimal
NEAR_ZERO = D("1e-15")


def listed(at: Venue, **query: object) -> Listing:
    found = at.contracts(ContractQuery(**query))  # type: ignore[arg-type]
    return min(found, key=lambda one: (one.expiry or date.min, abs((one.strike or D(0)) - 680), one.right))


BASE = venue(start=THURSDAY)
SPY = {"symbol": "SPY", "sec_type": "OPT"}
HELD: dict[str, Listing] = {
    "shares": listed(BASE, symbol="SPY", sec_type="STK"),
    "call of today": listed(BASE, right="C", expiry="20261217", **SPY),
    "put of today": listed(BASE, right="P", expiry="20261217", **SPY),
    "deep call": listed(BASE, right="C", expiry="20261224", strike=D(600), **SPY),
    "put of tomorrow": listed(BASE, right="P", expiry="20261218", **SPY),
    "index call, morning": listed(
        BASE, symbol="SPX", sec_type="OPT", trading_class="SPX", right="C", strike=D(6700)
    ),
    "index put, afternoon": listed(
        BASE, symbol="SPX", sec_type="OPT", trading_class="SPXW", right="P", expiry="20261218", strike=D(6900)
    ),
    "future": listed(BASE, symbol="ES", sec_type="FUT"),
    "euros": listed(BASE, symbol="EUR", sec_type="CASH"),
    "coins": listed(BASE, symbol="BTC", sec_type="CRYPTO"),
}
books = st.dictionaries(
    st.sampled_from(sorted(HELD)), st.integers(-5, 5).filter(bool), min_size=1, max_size=6
)


def holder(seed: int, book: dict[str, int]) -> Venue:
    """A rich account that holds these since now, at the marks."""
    at = venue(seed, start=THURSDAY, cash=D(50_000_000))
    office = at.backoffice
    moment = Moment.of(to_ms(at.now))
    for name, quantity in sorted(book.items()):
        listing = HELD[name]
        size = quantity * (100 if name == "shares" else 10_000 if name == "euros" else 1)
        office.account.book(Trade(listing, D(size), office.desk.mark(listing, moment), D(0)))
    return at


@pytest.mark.behaviour("SIM-ACCT-13")
@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 3), book=books)
def test_segments_and_ledgers_add_up_to_the_whole(seed: int, book: dict[str, int]) -> None:
    at = holder(seed, book)
    rows = {(row.key, row.currency): row.value for row in at.account_values()}
    for key, currency in rows:
        parts = [rows.get((key + suffix, currency)) for suffix in ("-C", "-S")]
        if None not in parts and currency:
            assert abs(sum(D(part or 0) for part in parts) - D(rows[key, currency])) <= D("0.01"), key
    for key in ("CashBalance", "NetLiquidationByCurrency", "UnrealizedPnL", "StockMarketValue", "FuturesPNL"):
        ledgers = sum(
            D(value) * D(rows["ExchangeRate", currency])
            for (name, currency), value in rows.items()
            if name == key and currency != "BASE"
        )
        assert abs(ledgers - D(rows[key, "BASE"])) < D("0.02"), key
    assert rows["NetLiquidation", "USD"] == rows["NetLiquidationByCurrency", "BASE"]


def accrued(at: Venue) -> Decimal:
    total = at.figures().total
    return total.interest + total.dividends


@pytest.mark.behaviour("SIM-PNL-02")
@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10**6), book=books)
def test_a_day_s_change_of_value_is_the_profit_of_the_positions_and_what_has_accrued(
    seed: int, book: dict[str, int]
) -> None:
    at = holder(seed, book)
    start, start_accrued = at.figures().net, accrued(at)
    at.advance(THURSDAY + timedelta(hours=8))
    assert abs(at.figures().net - start - at.pnl().daily) < NEAR_ZERO
    at.advance(FRIDAY_OPEN - timedelta(milliseconds=250))
    evening = Moment.of(to_ms(THURSDAY_CLOSE))
    before = at.backoffice.account.net_liquidation(at.backoffice.desk.marks(evening))
    at.advance(FRIDAY_OPEN + timedelta(hours=2))
    change = at.figures().net - before
    explained = at.pnl().daily + accrued(at) - start_accrued
    assert abs(change - explained) < D("1e-9")


@pytest.mark.behaviour("SIM-PNL-03")
@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10**6), book=books)
def test_cash_and_positions_follow_from_the_executions_alone(seed: int, book: dict[str, int]) -> None:
    """Through expiry, assignment and final settlement nothing appears or vanishes."""
    at = holder(seed, book)
    account = at.backoffice.account
    held = {line.con_id: line.quantity for line in account.open_lines()}
    futures = {
        line.con_id: line.cost for line in account.open_lines() if is_future(account.find(line.con_id))
    }
    cash = account.cash
    events = at.advance(FRIDAY_OPEN + timedelta(hours=7))
    for event in of(Executed, events):
        fill = event.execution
        listing = fill.instrument
        assert isinstance(listing, Listing)
        signed = D(fill.shares if fill.side == "BOT" else -fill.shares)
        held[listing.con_id] = held.get(listing.con_id, D(0)) + signed
        amount = fill.price * signed * listing.multiplier
        if is_future(listing):
            futures[listing.con_id] += amount
        else:
            cash -= amount
    assert {one: count for one, count in held.items() if count} == {
        line.con_id: line.quantity for line in account.open_lines()
    }
    last = {event.position.listing.con_id: event.position.quantity for event in of(PositionChanged, events)}
    assert all(account.quantity(con_id) == quantity for con_id, quantity in last.items())
    at.advance(FRIDAY_OPEN + timedelta(days=3))
    gains = -sum(futures.values(), start=D(0))
    assert not any(is_pair(account.find(con_id)) for con_id in last)
    assert abs(account.cash - cash - gains) < NEAR_ZERO
    assert at.backoffice.account.lines.keys() >= {line.con_id for line in account.open_lines()}


@pytest.mark.behaviour("SIM-PNL-04")
@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 10**6), book=books, pieces=st.integers(1, 12))
def test_the_account_is_the_same_however_time_is_cut_and_after_a_restart(
    seed: int, book: dict[str, int], pieces: int
) -> None:
    at_once, cut = holder(seed, book), holder(seed, book)
    end = FRIDAY_OPEN + timedelta(hours=7)
    whole = list(at_once.advance(end))
    step = (end - THURSDAY) / pieces
    heard = []
    for number in range(1, pieces + 1):
        heard += cut.advance(THURSDAY + number * step)
        cut = Venue.restore(cut.snapshot())
    heard += cut.advance(end)
    assert heard == whole
    assert cut.snapshot() == at_once.snapshot()
