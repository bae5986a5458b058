"""The arithmetic of the rank: what is held against a candidate, and what it ties up."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from tests.support.fake_market import FAR, MONTH, SPX, SPY, FakeDirectory, FakeMarket

from sumppump.domain.instruments import Right, Underlying
from sumppump.domain.revaluation import Assumptions, CashDividend
from sumppump.domain.surface import surface_of
from sumppump.strategies.catalogue import SHAPES
from sumppump.strategies.ideas.generating import Batch, Pool, batch_of
from sumppump.strategies.ideas.scoring import Measure, Rated, rated
from sumppump.strategies.ideas.slices import Later, Slice, row_of
from sumppump.strategies.listing import Chain
from sumppump.strategies.shape import StrategyType

QUIET = Measure(realised=0.10, error=0.0, words="quiet")
WILD = Measure(realised=0.40, error=0.0, words="wild")
OWN = Measure(realised=None, error=0.0, words="own")
BROAD = 0.15


async def slice_of(expiry: date, underlying: Underlying = SPX, cash: float = 0.0) -> Slice:
    """SPXW is European, as the market that is played here prices it; SPY is not, and may pay cash."""
    market, directory = FakeMarket(), FakeDirectory()
    # What is paid before expiry does not move the options.
    market.spot = Decimal(f"{600.0 - 0.997 * cash:.4f}")
    name = "SPXW" if underlying is SPX else "SPY"
    listed = await directory.options(underlying, expiry, trading_class=name)
    chain = Chain.of(underlying, expiry, listed)
    quotes = await market.quotes([each for each in chain.by_key.values() if 520 <= each.strike <= 680])
    ex = chain.any_contract.settles - timedelta(days=1)
    sighted = surface_of(
        quotes,
        spot=600.0,
        now=market.clock.now(),
        assume=Assumptions(
            is_american=underlying is SPY, dividends=(CashDividend(ex, cash),) if cash else ()
        ),
    )
    found = Slice.of(chain, quotes, sighted)
    assert found is not None
    return found


@pytest.fixture
async def near() -> Slice:
    return await slice_of(MONTH)


def batch(kind: StrategyType, near: Slice) -> Batch:
    found = batch_of(SHAPES[kind], near)
    assert found is not None
    return found


def of(kind: StrategyType, near: Slice, measure: Measure) -> Rated:
    return rated(Pool.of([batch(kind, near)], [near]), measure, part=BROAD)


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


@pytest.mark.parametrize("kind", list(StrategyType))
async def test_by_the_market_s_own_odds_nothing_is_expected_of_any_strategy(
    near: Slice, kind: StrategyType
) -> None:
    """Skew and all: what is left of the score is what crossing costs, so no fair trade is a bargain."""
    far = Later.of(near, await slice_of(FAR))
    shape = SHAPES[kind]
    mine = batch_of(shape, near, far if shape.has_far else None, numbers=(0, 1))
    assert mine is not None
    found = rated(Pool.of([mine], [near], [far.slice]), OWN, part=BROAD)
    assert found.gain == pytest.approx(np.zeros(len(mine)), abs=1e-9)


async def test_the_prudent_value_is_the_least_within_a_standard_error_whichever_side_hurts(
    near: Slice,
) -> None:
    vague = Measure(realised=0.25, error=0.05, words="vague")
    for kind, error in ((StrategyType.LONG_STRADDLE, -0.05), (StrategyType.SHORT_STRADDLE, 0.05)):
        found = of(kind, near, vague)
        there = of(kind, near, Measure(realised=0.25 + error, error=0.0, words="there"))
        assert found.prudent == pytest.approx(there.prudent)
        assert np.all(found.prudent < found.gain)


async def test_gains_in_the_rarest_outcomes_do_not_count_and_losses_in_them_do(near: Slice) -> None:
    """Wings far out live on the outermost 2.5 %; who sells them answers for all of it."""
    calm = Measure(realised=0.25, error=0.0, words="calm")
    wings, sold = of(StrategyType.LONG_STRANGLE, near, calm), of(StrategyType.SHORT_STRANGLE, near, calm)
    straddle = of(StrategyType.LONG_STRADDLE, near, calm)
    far = wings.premium < np.quantile(wings.premium, 0.1)
    assert np.max((wings.prudent / wings.gain)[far]) < np.min(straddle.prudent / straddle.gain) < 1.0
    assert sold.prudent == pytest.approx(sold.gain)


async def test_the_right_to_exercise_that_goes_with_a_sold_call_before_a_dividend_is_held_against_it() -> (
    None
):
    """Even where time value is above the dividend today: it may be gone on the eve of the ex-date."""
    plain, paying = await slice_of(MONTH, SPY), await slice_of(MONTH, SPY, cash=2.5)
    call, place = row_of(Right.CALL), int(np.argmin(np.abs(paying.strikes - 590.0)))
    assert paying.price[call, place] - (600.0 - 590.0) > 2.5
    assert plain.early[call, place] == pytest.approx(0.0, abs=0.02)
    assert paying.early[call, place] > 0.3
    found = of(StrategyType.BEAR_CALL_SPREAD, paying, OWN)
    sold = paying.early[call, found.pool.batches[0].places[:, 0]]
    assert found.early == pytest.approx(sold)
    # It is earned where nobody exercises, and taken off again: a fair price stays fair.
    assert found.gain - found.early == pytest.approx(np.zeros(len(found.pool)), abs=1e-9)


async def test_every_row_of_the_catalogue_finds_strikes_that_obey_it_and_has_a_score(near: Slice) -> None:
    far = Later.of(near, await slice_of(FAR))
    for shape in SHAPES.values():
        mine = batch_of(shape, near, far if shape.has_far else None, numbers=(0, 1))
        assert mine is not None, shape.type
        assert all(shape.fits(mine.strikes(number)) for number in range(0, len(mine), 37))
        found = rated(Pool.of([mine], [near], [far.slice]), QUIET, part=BROAD)
        assert np.isfinite(found.score).any(), shape.type
        assert np.all((found.chance >= 0) & (found.chance <= 1 + 1e-12))


async def test_several_strategies_at_once_are_each_alone(near: Slice) -> None:
    """One pass over all arrays; nothing of one leaks into another."""
    far = Later.of(near, await slice_of(FAR))
    calendar = batch_of(SHAPES[StrategyType.CALENDAR_CALL], near, far, numbers=(0, 1))
    assert calendar is not None
    kinds = (StrategyType.LONG_CALL, StrategyType.IRON_CONDOR, StrategyType.SHORT_STRANGLE)
    batches = [calendar, *(batch(kind, near) for kind in kinds)]
    together = rated(Pool.of(batches, [near], [far.slice]), QUIET, part=BROAD)
    for number, mine in enumerate(together.pool.batches):
        alone = rated(Pool.of([mine], [near], [far.slice]), QUIET, part=BROAD)
        start = together.pool.start[number]
        for figure in ("score", "loss", "margin", "chance"):
            ours = getattr(together, figure)[start : start + len(mine)]
            assert ours == pytest.approx(getattr(alone, figure)), (mine.shape.type, figure)
