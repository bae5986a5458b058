"""A week of an account on the embedded exchange, explained to the cent: by cash, by reprice and by Greeks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
import pytest_asyncio
from tests.protocol.gateway.week import CLOSES, ORDERS, SHARES, Account, Day

from sumppump.domain.book import Shocks, Walk, attributed, expanded, row_greeks
from sumppump.domain.instruments import OptionContract
from sumppump.domain.pricing.normal import Array
from sumppump.risk.day_pnl import DayPnl

# Four figures are told in cents: two net liquidation values and two sums of interest.
ROUNDING = Decimal("0.02")
# Seeds: in one the market falls and puts are assigned, in the other it rises and all shares are called away.
FALLS, RISES = MARKETS = 7, 1
DAYS = range(1 + len(CLOSES))
SAMPLES = 17
# Trees of the books are off by 0.03 points of volatility (spec: American options), in either of two prices of
# three steps; and nothing is resolved below this part of the price.
TREE_POINTS, TREE_PART = 6 * 0.03, 5e-6

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=MARKETS)
async def week(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Day, ...]]:
    """The same weeks for all claims."""
    account = await Account.opened(request.param)
    try:
        yield await account.lived()
    finally:
        await account.close()


@pytest.mark.parametrize("week", [FALLS], indirect=True)
async def test_the_week_held_what_it_is_for(week: tuple[Day, ...]) -> None:
    """All filled; expired, assigned early and late, exercised, settled at the open and at the close."""
    bought, *_, wednesday, thursday, friday, _ = week
    assert {fill.order_ref for fill in bought.fills} == {f"SP1-{name}" for name in ORDERS}
    assert [day.dividends for day in week if day.dividends] == [Decimal("1.96") * (SHARES - 100)]
    ended = {day.name[:3]: {_words(day, con_id) for con_id in day.ends} for day in week if day.ends}
    assert ended == {
        "Wed": {"SPX C", "SPX P"},
        "Thu": {"SPY C"},
        "Fri": {"SPX P", "IWM P", "AAPL C", "SPY P"},
    }
    assert not any(wednesday.ends.values())
    assert all(worth > 0 for worth in (*thursday.ends.values(), *friday.ends.values()))
    paid = [fill.price for fill in friday.fills if fill.symbol == "SPX"]
    assert len(set(paid)) == 2
    shares = {fill.symbol: fill.quantity for fill in friday.fills if fill.sec_type == "STK"}
    assert shares == {"SPY": 200, "IWM": 200, "AAPL": 300}


@pytest.mark.parametrize("week", [RISES], indirect=True)
async def test_before_the_dividend_all_shares_were_called_away(week: tuple[Day, ...]) -> None:
    thursday = week[4]
    assert {_words(thursday, con_id) for con_id in thursday.ends} == {"SPY", "SPY C"}
    assert not any(day.dividends for day in week)


def _words(day: Day, con_id: int) -> str:
    what = day.instruments[con_id]
    return f"{what.symbol} {what.right}" if isinstance(what, OptionContract) else what.symbol


@pytest.mark.parametrize("place", DAYS)
async def test_a_day_s_profit_is_marks_and_cash_to_the_cent(week: tuple[Day, ...], place: int) -> None:
    """NLV changes by what marks moved, executions gained, fees cost, and by dividends and interest."""
    day = week[place]
    explained = day.of_marks + day.of_trades - day.fees + day.dividends + day.interest
    assert abs(day.change - explained) <= ROUNDING
    assert day.accrued_dividends == day.dividends


@pytest.mark.parametrize("place", DAYS[2:])
async def test_the_brokers_day_is_the_same_without_what_only_accrues(
    week: tuple[Day, ...], place: int
) -> None:
    day = week[place]
    told = day.after.figures.daily_pnl
    assert told is not None
    assert abs(told.amount - (day.of_marks + day.of_trades - day.fees)) <= ROUNDING


@pytest.mark.parametrize("place", DAYS[2:])
async def test_the_summary_explains_the_brokers_day_but_for_the_rounding_of_closes(
    week: tuple[Day, ...], place: int
) -> None:
    """Half a cent of each close held or ended, expiry and settlement at the open included."""
    day = week[place]
    told = day.after.told
    assert isinstance(told, DayPnl)
    assert told.left_out == ()
    assert told.difference is not None
    shares = sum(abs(each.quantity) * each.instrument.multiplier for each in day.before.positions)
    assert abs(told.difference) <= 0.005 * shares + float(ROUNDING)


async def test_expiry_exercise_and_assignment_make_nothing_of_their_own(week: tuple[Day, ...]) -> None:
    """What an option is worth at its end is what its cash, or its shares at the strike, bring."""
    for day in week[1:]:
        assert day.of_trades == 0


@pytest.mark.parametrize("place", DAYS)
async def test_a_full_reprice_at_the_volatilities_of_the_marks_is_the_day_s_profit(
    week: tuple[Day, ...], place: int
) -> None:
    """To the cent, expiries included; a mark that no volatility gives is off by no more than half a quote."""
    day = week[place]
    found = [attributed(way) for way in day.walks]
    assert not any(each.left_out for each in found)
    assert sum(each.total.sum() for each in found) == pytest.approx(
        float(day.of_marks + day.dividends), abs=0.01
    )
    books = (day.before.book(day.before.positions, day.before.marks, day.before.spots),)
    for marked in books:
        for label, gap in zip(marked.book.labels, marked.gap, strict=True):
            allowed = float(day.widths[label.con_id]) if label in marked.why else 1e-5
            assert abs(gap) <= allowed, label.words
        assert len(marked.why) <= 1


@pytest.mark.parametrize("place", DAYS)
async def test_the_greeks_explain_the_day_but_for_what_they_vary_by_on_the_way(
    week: tuple[Day, ...], place: int
) -> None:
    """Delta, half gamma, theta, vega, cross terms; the rest is within the mean value theorem's bound."""
    for way in week[place].walks:
        found = attributed(way)
        terms = expanded(way, found)
        assert terms.total == pytest.approx(found.time + found.spot + found.volatility, abs=1e-6)
        assert np.all(np.abs(terms.curvature) <= _bound(way) + 1e-6)


def _bound(way: Walk) -> Array:
    """Of each row, cash: a change times what its Greek varies by along its step, and the error of trees."""
    (book, aged), shares = way.moved, np.zeros(len(way.before.shares))
    path = np.linspace(0.0, 1.0, SAMPLES)[:, None]
    still = Shocks(factors=np.ones((SAMPLES, len(book.symbols))), days=path * way.days)
    thetas = row_greeks(book, still).theta
    gammas = row_greeks(book, replace(aged, factors=1.0 + path * (aged.factors - 1.0))).gamma
    change = way.after.options.vol - book.options.vol
    vegas = np.array([_vega(way, book.options.vol + part * change) for part in path[:, 0]])
    move = ((aged.factors[0] - 1.0) * book.spots)[book.underlying]
    points = np.concatenate([100.0 * change, shares])
    whole = way.days * np.ptp(thetas, axis=0) + move**2 / 2.0 * np.ptp(gammas, axis=0)
    whole += np.abs(points) * np.ptp(vegas, axis=0)
    is_tree = np.concatenate([book.options.american, shares])
    tree = is_tree * (TREE_POINTS * vegas.max(axis=0) + TREE_PART * book.spots[book.underlying])
    bound: Array = (whole + tree) * np.abs(book.units)
    return bound


def _vega(way: Walk, vols: Array) -> Array:
    book, there = way.moved
    return row_greeks(replace(book, options=replace(book.options, vol=vols)), there).vega[0]
