"""Whatever is held: legs, strategies, underlyings and the account say the same, in every answer."""

from __future__ import annotations

import asyncio
import math
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.fake_market import FAR, MONTH, SPX, SPY, make_option
from tests.unit.risk.held import Account, held

from sumppump.domain.account import Position
from sumppump.domain.instruments import Instrument, Right
from sumppump.portfolio.positions import GroupBy
from sumppump.risk.portfolio_greeks import question_of
from sumppump.server.portfolio.greeks_views import Individually, greeks_answer
from sumppump.server.portfolio.position_views import positions_answer
from sumppump.server.portfolio.summary_views import summary_answer

NAMES = ("delta", "delta_dollars", "gamma", "gamma_1pct", "theta", "vega", "rho")
OPTIONS: tuple[Instrument, ...] = (
    *(make_option(SPY, MONTH, strike, right) for strike in (590, 610) for right in Right),
    *(make_option(SPY, FAR, strike, right) for strike in (590, 610) for right in Right),
    *(make_option(SPX, FAR, strike, Right.PUT, "SPXW") for strike in (580, 600)),
)
counts = st.integers(-4, 4).filter(bool)
options = st.dictionaries(st.sampled_from(OPTIONS), counts, min_size=1, max_size=6)
accounts = st.builds(
    lambda shares, book: [*_shares(shares), *(held(count, each) for each, count in book.items())],
    st.integers(-3, 3),
    options,
)


def _shares(hundreds: int) -> list[Position]:
    return [held(100 * hundreds, SPY, "590.00")] if hundreds else []


def cents(amounts: list[float | None]) -> float:
    """The sum of what an answer shows; nothing may be missing."""
    assert None not in amounts
    return math.fsum(each for each in amounts if each is not None)


@settings(max_examples=12, deadline=None)
@given(rows=accounts)
def test_greeks_and_scenarios_of_the_parts_are_those_of_the_whole(rows: list[Position]) -> None:
    desk = Account(rows).desk
    question = question_of([-7.0, 0.0, 4.0], None, [3.0])
    found = asyncio.run(desk.greeks.analysis(question, group_by=GroupBy.STRATEGY))
    for name in NAMES:
        whole = getattr(found.total.sums, name)
        for parts in (found.legs, found.strategies, found.underlyings):
            assert sum(getattr(each.sums, name) for each in parts) == pytest.approx(whole, abs=1e-6), name
    for row in found.grid.rows:
        assert sum(part.pnl or 0.0 for part in row.parts) == pytest.approx(row.pnl, abs=1e-6)
    still = next(row for row in found.grid.rows if row.move_pct == 0.0)
    assert still.pnl == 0.0
    shown = greeks_answer(found, Individually())
    assert shown.totals.theta == pytest.approx(found.total.sums.theta, abs=0.005)


@settings(max_examples=12, deadline=None)
@given(rows=accounts)
def test_profits_and_values_agree_between_positions_summary_and_single_legs(rows: list[Position]) -> None:
    """Grouped or leg by leg, the account has made what its parts have made, to the cent."""
    desk = Account(rows).desk
    grouped, single = (asyncio.run(desk.holdings.positions(group_by=how)) for how in GroupBy)
    assert grouped.unrealized_pnl == single.unrealized_pnl
    assert grouped.market_value == single.market_value
    answer = positions_answer(grouped)
    summary = summary_answer(asyncio.run(desk.summary.summary()), [])
    assert grouped.unrealized_pnl is not None
    whole = float(grouped.unrealized_pnl.amount)
    assert cents([each.unrealized_pnl for each in answer.positions]) == pytest.approx(whole, abs=0.03)
    assert cents([each.unrealized_pnl for each in summary.underlyings]) == pytest.approx(whole, abs=0.02)
    assert summary.pnl.open_positions == pytest.approx(whole, abs=0.01)
    by_hand = sum(
        ((leg.price.amount - leg.avg_cost) * leg.quantity * leg.instrument.multiplier
         for each in single.strategies for leg in each.legs if leg.price is not None),
        Decimal(0),
    )  # fmt: skip
    assert by_hand == grouped.unrealized_pnl.amount
