"""Thousands of paths: grids of early exercise stay within a cent of the full price; reverse stress."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from tests.unit.domain.books import one_option, random_book, shocks_of

from sumppump.domain.book import (
    Breach,
    Scenario,
    Shocks,
    SmileRule,
    path_pnl,
    pnl_of,
    reprice,
    reverse_stress,
)
from sumppump.domain.book.price_grid import TOLERANCE
from sumppump.domain.missing import Missing
from sumppump.domain.pricing.normal import Array
from sumppump.domain.smile import Smile, VolPoint

DIVIDENDS = ((4 / 365, 1.1), (95 / 365, 1.1), (186 / 365, 1.2))


def paths(count: int, width: int, scale: float, seed: int = 8) -> Array:
    """Fat-tailed moves."""
    found: Array = scale * np.random.default_rng(seed).standard_t(4, (count, width))
    return found


@pytest.mark.parametrize(
    ("days", "scale", "dividends"),
    [(1.0, 0.012, ()), (1.0, 0.012, DIVIDENDS), (10.0, 0.04, DIVIDENDS)],
    ids=["a day", "a day with dividends", "ten days over an ex-date"],
)
def test_an_interpolated_price_is_within_a_cent_a_share_of_the_full_one(
    days: float, scale: float, dividends: tuple[tuple[float, float], ...]
) -> None:
    book = random_book(40, american=True, shares=2, dividends=dividends)
    shocks = shocks_of(paths(3_000, 3, scale), days=days)
    found, sample = path_pnl(book, shocks), slice(0, 150)
    units = np.maximum(np.abs(book.units), 1.0)
    off = np.abs(found.pnl[sample] - pnl_of(book, shocks.rows(sample))) / units
    assert found.grids > 30
    assert found.error <= TOLERANCE
    assert off.max() <= TOLERANCE


def test_volatility_may_move_with_the_paths_and_the_smile_with_the_underlying() -> None:
    skew = Smile.of([VolPoint(k, 0.25 - 0.1 * math.log(k / 100), 1e-6) for k in range(40, 700, 30)], 0.3)
    book = random_book(20, american=True, smile=skew)
    moves = paths(1_500, 3, 0.02)
    shocks = Shocks(
        factors=np.exp(moves),
        points=-80.0 * moves[:, :1],
        days=np.array([[1.0]]),
        smile=SmileRule.STICKY_DELTA,
    )
    sample = slice(0, 100)
    found = path_pnl(book, shocks)
    assert found.grids > 10
    off = np.abs(found.pnl[sample] - pnl_of(book, shocks.rows(sample)))
    assert (off / np.maximum(np.abs(book.units), 1.0)).max() <= TOLERANCE


def test_what_nobody_exercises_early_is_priced_in_full() -> None:
    book = random_book(30, shares=3)
    shocks = shocks_of(paths(500, 3, 0.02), days=1.0)
    found = path_pnl(book, shocks)
    assert np.array_equal(found.pnl, pnl_of(book, shocks))
    assert (found.error, found.grids) == (0.0, 0)


def test_an_underlying_without_a_path_has_no_profit_and_loss() -> None:
    book = random_book(30, american=True)
    moves = paths(200, 3, 0.02)
    moves[:, 1] = np.nan
    unknown = np.array([label.symbol == "IWM" for label in book.labels])
    found = path_pnl(book, shocks_of(moves, days=1.0)).pnl
    assert np.all(np.isnan(found) == unknown)


def test_paths_to_several_dates_are_refused() -> None:
    shocks = Shocks(factors=np.ones((2, 1)), days=np.array([[1.0], [2.0]]))
    with pytest.raises(ValueError, match="one date"):
        path_pnl(one_option(strike=100, years=0.2, call=True), shocks)


def test_a_short_put_reaches_its_limit_where_a_full_reprice_says_so_and_never_above() -> None:
    put = one_option(strike=95.0, years=0.1, call=False, units=-1_000.0)
    found = reverse_stress(put, 5_000.0, also=Scenario(vol_points=5.0, days=1.0))
    assert isinstance(found.down, Breach)
    there, nearer = (
        Scenario(move_pct=found.down.move_pct + back, vol_points=5.0, days=1.0) for back in (0.0, 0.011)
    )
    at, before = -reprice(put, [there, nearer]).total
    assert before < 5_000.0 <= at
    assert found.down.loss == pytest.approx(at)
    assert isinstance(found.up, Missing)


def test_shares_lose_their_limit_at_the_move_that_arithmetic_gives_through_their_beta() -> None:
    book = random_book(0, shares=1, symbols=("XYZ",))
    worth = float(book.units[0] * book.spots[0])
    found = reverse_stress(book, abs(worth) / 10, betas={"XYZ": 2.0})
    side = found.down if worth > 0 else found.up
    assert isinstance(side, Breach)
    assert abs(side.move_pct) == pytest.approx(5.0, abs=0.011)


def test_what_is_lost_without_a_move_needs_none() -> None:
    call = one_option(strike=100.0, years=5 / 365, call=True, units=100.0)
    found = reverse_stress(call, 50.0, also=Scenario(days=5.0))
    assert isinstance(found.down, Breach)
    assert found.down.move_pct == 0.0


def test_a_limit_is_a_loss_above_nothing() -> None:
    with pytest.raises(ValueError, match="above 0"):
        reverse_stress(replace(random_book(1)), 0.0)
