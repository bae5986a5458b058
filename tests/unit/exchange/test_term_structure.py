"""How far a mood reaches: near expiries and futures follow it, distant ones little, a flash hardly at all."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sumppump.exchange.calendar.trading_days import overnight_before, session_of
from sumppump.exchange.listing.symbols import INDEX_OF, UNDERLYINGS
from sumppump.exchange.market.derived import volatility_future, volatility_index
from sumppump.exchange.market.market import Market
from sumppump.exchange.market.shocks import Shock
from sumppump.exchange.market.smile import total_variance

DAY = date(2026, 11, 20)
OPEN_MS = session_of(DAY).open_ms
levels = st.floats(0.4, 6.0)


def _answer(years: float, level: float) -> float:
    """Points that a future moves for each point of the index."""
    usual, moved = np.array([1.0]), np.array([level])
    index = volatility_index("SPX", moved) - volatility_index("SPX", usual)
    future = volatility_future("SPX", years, moved) - volatility_future("SPX", years, usual)
    return float((future / index)[0])


@pytest.mark.behaviour("SIM-MKT-17")
@pytest.mark.parametrize("level", [0.7, 1.2, 1.9])
def test_futures_follow_the_volatility_index_the_less_the_later_they_end(level: float) -> None:
    answers = [_answer(months / 12, level) for months in (1, 3, 9)]
    assert 0.5 < answers[0] < 0.8
    assert 0.25 < answers[1] < 0.45
    assert 0.1 < answers[2] < 0.3


def _after(half_life_days: float) -> tuple[float, float]:
    """What a trebled volatility makes of the index and of the next future but one, in points."""
    calm = Market(5, DAY)
    shock = Shock(at_ms=OPEN_MS, duration_ms=60_000, vol_factor=3.0, half_life_days=half_life_days)
    stirred, minute = Market(5, DAY, (shock,)), 60
    index, future = (
        float((stirred.levels(key, session_of(DAY)) - calm.levels(key, session_of(DAY)))[minute])
        for key in ("VIX", "VX:20261216")
    )
    return index, future


@pytest.mark.behaviour("SIM-MKT-17")
def test_what_fades_within_minutes_prices_no_future_and_what_stays_for_weeks_does() -> None:
    (flash, flash_ahead), (crisis, crisis_ahead) = _after(0.05), _after(20.0)
    assert flash > 8.0
    assert flash_ahead < 0.25 * flash
    assert crisis > flash
    assert crisis_ahead > 0.6 * crisis


@settings(max_examples=120, deadline=None)
@given(
    symbol=st.integers(0, len(UNDERLYINGS) - 1),
    years=st.floats(1e-5, 2.5),
    more=st.floats(1.0005, 3.0),
    level=levels,
    lasting=levels,
)
def test_no_calendar_spread_is_given_away_by_what_does_not_last(
    symbol: int, years: float, more: float, level: float, lasting: float
) -> None:
    k = np.linspace(-1.0, 1.0, 101)
    near, far = (
        total_variance(
            np.full(k.shape, symbol), k, np.full(k.shape, end), np.full(k.shape, level), 0.0,
            np.full(k.shape, lasting),
        )
        for end in (years, years * more)
    )  # fmt: skip
    assert np.all(far >= near - 1e-12)


@pytest.mark.behaviour("SIM-MKT-17")
def test_near_options_follow_a_mood_more_than_distant_ones() -> None:
    ends = np.array([1.0, 5.0, 21.0, 63.0, 252.0]) / 252.0
    index, at = np.full(ends.shape, INDEX_OF["SPY"]), np.zeros(ends.shape)
    calm, stress = (total_variance(index, at, ends, np.full(ends.shape, level)) for level in (1.0, 2.0))
    grown = np.sqrt(stress / calm)
    assert np.all(np.diff(grown) < 0)
    assert grown[0] > 1.9
    assert grown[-1] < 1.4


@pytest.mark.behaviour("SIM-MKT-18")
def test_an_index_is_a_basis_point_off_its_fund_and_lacks_the_dividends_that_it_will_pay() -> None:
    market = Market(7, DAY)
    basis = np.log(market.levels("SPX", session_of(DAY)) / market.levels("SPY", session_of(DAY)) / 10.0)
    assert 0.3e-4 < (basis - np.linspace(basis[0], basis[-1], len(basis))).std() < 3e-4
    assert -0.0030 < basis[0] < -0.0010  # two months of 1.15 % a year
    mini = market.levels("XSP", session_of(DAY))
    assert mini == pytest.approx(market.levels("SPX", session_of(DAY)) / 10.0)


@pytest.mark.behaviour("SIM-MKT-18")
def test_the_index_meets_its_night_without_a_seam() -> None:
    market = Market(7, DAY)
    night = market.levels("SPX", overnight_before(DAY))
    assert night[-1] == pytest.approx(market.levels("SPX", session_of(DAY))[0], rel=1e-9)
    assert market.levels("SPX", session_of(DAY))[-1] == pytest.approx(market.close("SPX", DAY), rel=1e-9)
