"""Paths read from grids, with volatility moving along, stay within a cent a share of full prices."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.unit.domain.books import one_option, random_book

from sumppump.domain.book import Book, Shocks, path_pnl, pnl_of
from sumppump.domain.pricing.normal import Array
from sumppump.risk.path_outcomes import GRID_ERROR, HALF_GRID_MISS, Journey, expiry_days, outcomes

DIVIDENDS = ((4 / 365, 1.1), (95 / 365, 1.1), (186 / 365, 1.2))
PASSED = (1.0, 2.0, 5.0, 6.0, 7.0, 8.0, 9.0, 12.0, 13.0, 14.0)


def steps(count: int, days: int, width: int = 3, seed: int = 4) -> Array:
    """Fat-tailed days of underlyings that go together, and of a VIX that goes against them."""
    dice = np.random.default_rng(seed)
    lengths = np.sqrt(2.0 / dice.chisquare(4, (days, count, 1)))
    market = dice.standard_normal((days, count, 1))
    moves = 0.012 * lengths * (0.8 * market + 0.6 * dice.standard_normal((days, count, width)))
    vix = -0.012 * lengths * (0.8 * market + 0.6 * dice.standard_normal((days, count, 1)))
    return np.concatenate([moves, vix], axis=2)


def journey(book: Book, days: int, count: int = 4_000) -> Journey:
    walked = steps(count, days, len(book.symbols))
    return Journey(
        symbols=book.symbols,
        has_vix=True,
        after=lambda day: np.asarray(walked[:day].sum(axis=0)),
        passed=PASSED[:days],
    )


@pytest.mark.parametrize("days", [1, 10])
def test_what_is_read_from_grids_is_within_a_cent_a_share_of_full_trees(days: int) -> None:
    """American books over an ex-date, row by row, as value at risk reads them."""
    book = random_book(24, american=True, dividends=DIVIDENDS, seed=77)
    far = journey(book, days)
    shocks = far.shocks(book, days, PASSED[days - 1])
    read = path_pnl(book, shocks, tolerance=HALF_GRID_MISS)
    places = slice(0, len(shocks), 40)
    missed = np.abs(read.pnl[places] - pnl_of(book, shocks.rows(places)))
    assert read.grids > 15
    assert (missed / np.maximum(np.abs(book.units), 1.0)).max() <= GRID_ERROR


def test_without_early_exercise_every_path_is_the_full_price() -> None:
    book = random_book(12, shares=3)
    living = book.rows(np.flatnonzero(expiry_days(book, PASSED) == 0))
    far = journey(living, 10, count=500)
    total, error = outcomes(living, far)
    assert error == 0.0
    assert_allclose(total, pnl_of(living, far.shocks(living, 10, 14.0)).sum(axis=1), atol=1e-9)


def test_an_expiry_on_the_way_is_met_on_the_day_nearest_to_it() -> None:
    """3.25 days: the session after a weekend, 5 days away by the calendar, is farther than the second, 2."""
    for left, day in ((0.25, 1), (1.25, 1), (3.25, 2), (4.9, 3), (14.0, 10), (14.1, 0)):
        book = one_option(strike=100.0, years=left / 365, call=True)
        assert expiry_days(book, PASSED).tolist() == [day]
    assert expiry_days(random_book(0, shares=2), PASSED).tolist() == [0, 0]


@pytest.mark.parametrize("is_american", [False, True])
def test_what_expires_on_the_way_is_settled_at_that_day_s_price(is_american: bool) -> None:
    """P&L is the intrinsic value on the fourth day less the price now, whatever comes later."""
    book = one_option(strike=97.0, years=6 / 365, call=False, units=-100.0, american=is_american)
    far = journey(book, 10, count=300)
    total, _ = outcomes(book, far)
    price = np.asarray(100.0 * np.exp(far.after(4)[:, 0]))
    now = pnl_of(book, Shocks(factors=np.array([[10.0]])))[0, 0] / 100.0
    assert_allclose(total, -100.0 * np.maximum(97.0 - price, 0.0) + 100.0 * now, atol=1e-6)
