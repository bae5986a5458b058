"""The arithmetic of the rank: what is held against a candidate, and what it ties up."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from tests.support.fake_market import FAR, MONTH, SPX, FakeDirectory, FakeMarket

from sumppump.domain.instruments import Right
from sumppump.domain.revaluation import Assumptions
from sumppump.domain.surface import surface_of
from sumppump.strategies.catalogue import SHAPES
from sumppump.strategies.ideas.generating import batch_of
from sumppump.strategies.ideas.scoring import Measure, Payout, Scored, scored
from sumppump.strategies.ideas.slices import Slice, row_of
from sumppump.strategies.listing import Chain
from sumppump.strategies.shape import StrategyType

QUIET = Measure(vol=0.10, words="quiet")
WILD = Measure(vol=0.40, words="wild")


async def slice_of(expiry: date) -> Slice:
    """SPXW: European, as the market that is played here prices it."""
    market, directory = FakeMarket(), FakeDirectory()
    chain = Chain.of(SPX, expiry, await directory.options(SPX, expiry, trading_class="SPXW"))
    quotes = await market.quotes([each for each in chain.by_key.values() if 520 <= each.strike <= 680])
    sighted = surface_of(quotes, spot=600.0, now=market.clock.now(), assume=Assumptions(is_american=False))
    found = Slice.of(chain, quotes, sighted)
    assert found is not None
    return found


@pytest.fixture
async def near() -> Slice:
    return await slice_of(MONTH)


def of(kind: StrategyType, near: Slice, measure: Measure, payout: Payout | None = None) -> Scored:
    batch = batch_of(SHAPES[kind], near, None)
    assert batch is not None
    (found,) = scored([batch], measure, payout, is_index=False)
    return found


async def test_prices_of_the_slice_are_those_of_its_quotes(near: Slice) -> None:
    """The smile goes through the mids to a few cents, calls and puts alike."""
    market = FakeMarket()
    for place, strike in enumerate(near.listed):
        for right in Right:
            (quote,) = await market.quotes([near.contract(place, right)])
            assert quote.mid is not None
            if abs(strike - 600) <= 40:
                assert near.price[row_of(right), place] == pytest.approx(float(quote.mid), abs=0.1)


async def test_a_wild_measure_favours_who_owns_options_and_a_quiet_one_who_sold_them(near: Slice) -> None:
    for kind, better, worse in (
        (StrategyType.LONG_STRADDLE, WILD, QUIET),
        (StrategyType.IRON_CONDOR, QUIET, WILD),
    ):
        assert np.mean(of(kind, near, better).score) > 0 > np.mean(of(kind, near, worse).score)


async def test_by_the_market_s_own_volatility_a_straddle_at_the_money_expects_next_to_nothing(
    near: Slice,
) -> None:
    found = of(StrategyType.LONG_STRADDLE, near, Measure(vol=None, words="own"))
    middle = int(np.argmin(np.abs(near.strikes[found.batch.places[:, 0]] - 600.0)))
    assert (found.figures.worth - found.premium)[middle] == pytest.approx(0.0, abs=0.15)


async def test_short_calls_in_the_money_lose_the_dividend_that_is_paid_before_they_expire(
    near: Slice,
) -> None:
    payout = Payout(ex_date=MONTH - timedelta(days=1), amount=50.0)
    found = of(StrategyType.BEAR_CALL_SPREAD, near, QUIET, payout)
    sold = near.strikes[found.batch.places[:, 0]]
    assert np.all(found.lost_dividends[sold >= 600] == 0.0)
    assert np.all(found.lost_dividends[sold < 600] == 50.0)
    late = Payout(ex_date=MONTH + timedelta(days=1), amount=50.0)
    assert not of(StrategyType.BEAR_CALL_SPREAD, near, QUIET, late).lost_dividends.any()


async def test_a_bounded_loss_ties_up_the_loss_and_an_unlimited_one_reg_t(near: Slice) -> None:
    """Short straddle: 20 % of the price less what it is out of it, the greater side, and the credit."""
    spread = of(StrategyType.BULL_PUT_SPREAD, near, QUIET)
    assert np.all(spread.capital == np.maximum(spread.figures.loss, spread.premium))
    straddle = of(StrategyType.SHORT_STRADDLE, near, QUIET)
    strikes = near.strikes[straddle.batch.places[:, 0]]
    outside = np.minimum(np.abs(strikes - 600.0), np.zeros_like(strikes))
    assert np.all(np.isinf(straddle.figures.loss))
    assert straddle.capital == pytest.approx(120.0 - outside - straddle.premium, abs=1e-9)


async def test_every_row_of_the_catalogue_finds_strikes_that_obey_it_and_has_a_score(near: Slice) -> None:
    far = await slice_of(FAR)
    for shape in SHAPES.values():
        batch = batch_of(shape, near, far if shape.has_far else None)
        assert batch is not None, shape.type
        assert all(shape.fits(batch.strikes(number)) for number in range(0, len(batch), 37))
        (found,) = scored([batch], QUIET, None, is_index=True)
        assert np.isfinite(found.score).any(), shape.type
        assert np.all((found.figures.chance >= 0) & (found.figures.chance <= 1 + 1e-12))


async def test_several_strategies_at_once_are_each_alone(near: Slice) -> None:
    """One pass over all arrays; nothing of one leaks into another."""
    kinds = (StrategyType.LONG_CALL, StrategyType.IRON_CONDOR, StrategyType.BULL_PUT_SPREAD)
    batches = [batch for kind in kinds if (batch := batch_of(SHAPES[kind], near, None)) is not None]
    together = scored(batches, QUIET, None, is_index=True)
    for batch, found in zip(batches, together, strict=True):
        (alone,) = scored([batch], QUIET, None, is_index=True)
        assert np.array_equal(found.score, alone.score)
        assert np.array_equal(found.figures.loss, alone.figures.loss)
