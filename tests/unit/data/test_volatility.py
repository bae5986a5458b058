"""Volatility of an underlying from a market whose smile, past and implied past are known."""

from __future__ import annotations

import math
import statistics
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from tests.support.fake_market import MONTH, NOW, SPX, SPY, TODAY, FakeClock, make_option, smile
from tests.support.fake_volatility import VixDirectory, VolatileMarket, daily, walk

from sumppump.data.bar_shelf import BarShelf
from sumppump.data.expiries import ExpiryDay
from sumppump.data.volatility import VolatilityService
from sumppump.data.volatility_reading import ExpectedMove, VolatilityReading
from sumppump.data.volatility_sample import expiring
from sumppump.domain.instruments import Right
from sumppump.domain.missing import Missing
from sumppump.domain.surface import Sighted


@pytest.fixture
def market(clock: FakeClock) -> VolatileMarket:
    return VolatileMarket(clock)


@pytest.fixture
def service(market: VolatileMarket, clock: FakeClock) -> VolatilityService:
    shelf = BarShelf(market=market, clock=clock)
    return VolatilityService(directory=VixDirectory(), market=market, shelf=shelf, clock=clock)


def hv(reading: VolatilityReading, window: int) -> float | Missing:
    return dict(reading.hv)[window]


async def test_rank_and_percentile_are_those_of_the_years_closes(
    service: VolatilityService, market: VolatileMarket
) -> None:
    """Claim: closes from 10 % to 30 % and 25 % now are rank 75; three of four days were below."""
    market.facts = {"implied_vol": 0.25}
    reading = await service.analysis("SPY")
    assert (reading.iv, reading.samples, reading.state) == (0.25, 252, "high")
    assert reading.iv_rank == pytest.approx(75.0)
    assert reading.iv_percentile == pytest.approx(75.0, abs=0.3)


async def test_without_the_brokers_figure_the_newest_daily_bar_is_the_implied_volatility(
    service: VolatilityService,
) -> None:
    """Claim: and the answer says which it was."""
    reading = await service.analysis("SPY")
    assert reading.iv == pytest.approx(0.30)
    assert reading.iv_source == "IB 30-day index, newest daily bar"


async def test_a_session_that_is_still_on_is_no_return(
    service: VolatilityService, market: VolatileMarket
) -> None:
    """Claim: today's bar, half an hour old and far from yesterday's, is in no historical volatility."""
    market.past["TRADES"] = [*market.past["TRADES"], daily(TODAY, 600, 660, 600, 660)]
    found = await service.analysis("SPY")
    assert found.through == TODAY - timedelta(1)
    closes = [float(bar.close) for bar in walk()][-31:]
    returns = [math.log(b / a) for a, b in pairwise(closes)]
    assert hv(found, 30) == pytest.approx(statistics.stdev(returns) * math.sqrt(252))


async def test_few_bars_give_reasons_and_not_numbers(
    service: VolatilityService, market: VolatileMarket
) -> None:
    """Claim: 40 sessions after its listing a share has hv_10 to hv_30, no hv_60, no rank, and the reasons."""
    market.past = {name: bars[-40:] for name, bars in market.past.items()}
    reading = await service.analysis("SPY")
    assert isinstance(hv(reading, 30), float)
    assert hv(reading, 60) == Missing("too_few_bars", "61 daily bars are needed, there are 40")
    assert isinstance(reading.iv_rank, Missing)
    assert {name for name, _ in reading.missing()} == {"hv_60", "iv_rank", "iv_percentile"}


async def test_no_history_at_all_leaves_the_surface(
    service: VolatilityService, market: VolatileMarket
) -> None:
    """Claim: what IBKR refuses to tell of the past does not hide what the quotes tell now."""
    market.past = {}
    reading = await service.analysis("SPY")
    assert isinstance(reading.iv, Missing)
    assert reading.iv.code == "no_history"
    assert all(isinstance(each.atm_iv, float) for each in reading.term)


async def test_the_term_structure_is_the_market_s_own_smile(service: VolatilityService) -> None:
    """Claim: volatility at the forward within two errors of what priced the quotes."""
    reading = await service.analysis("SPX")
    assert reading.term[0].day.day == MONTH
    for each in reading.term:
        assert isinstance(each.atm_iv, float)
        assert each.forward is not None
        assert each.fit_error is not None
        assert abs(each.atm_iv - smile(each.forward, 600.0)) * 100 < max(0.02, 2 * each.fit_error)


async def test_the_chain_and_the_analysis_ask_for_few_lines(
    service: VolatilityService, market: VolatileMarket
) -> None:
    """Claim: at most 62 contracts for the whole surface, the underlying twice."""
    await service.analysis("SPY")
    assert sum(len(labels) for labels in market.asked) <= 64


async def test_expected_moves_are_the_straddle_and_one_deviation(
    service: VolatilityService, market: VolatileMarket
) -> None:
    """Claim: of the nearest monthly expiry; the straddle is that of the strike nearest the price."""
    reading = await service.analysis("SPY")
    move = reading.move
    assert isinstance(move, ExpectedMove)
    assert move.day.day == MONTH
    mids = [market.quote(make_option(SPY, MONTH, 600, right)).mid for right in Right]
    assert move.straddle == pytest.approx(sum(float(mid) for mid in mids if mid is not None))
    years = make_option(SPY, MONTH, 600, Right.CALL).years(NOW)
    assert move.deviation == pytest.approx(600 * 0.18 * math.sqrt(years), rel=0.02)


async def test_quotes_that_did_not_come_are_left_out_and_said(
    service: VolatilityService, market: VolatileMarket
) -> None:
    """Claim: an expiry without a market has no volatility, with the reason; the others stay."""
    far = max(each.day.day for each in (await service.analysis("SPY")).term)
    market.missing |= {
        make_option(SPY, far, Decimal(strike), right).con_id
        for strike in range(450, 755, 5)
        for right in Right
    }
    reading = await service.analysis("SPY")
    by_day = {each.day.day: each.atm_iv for each in reading.term}
    assert isinstance(by_day[far], Missing)
    assert isinstance(by_day[MONTH], float)
    assert isinstance(reading.sighted, Sighted)


async def test_an_underlying_without_a_price_still_has_its_past(
    service: VolatilityService, market: VolatileMarket
) -> None:
    """Claim: no strike is near a price that is not there; the past needs none."""
    market.missing.add(SPY.con_id)
    reading = await service.analysis("SPY")
    assert isinstance(reading.sighted, Missing)
    assert reading.sighted.code == "no_price"
    assert isinstance(hv(reading, 30), float)


async def test_an_index_prefers_the_class_that_ends_at_the_close(
    service: VolatilityService, market: VolatileMarket
) -> None:
    """Claim: SPXW and not SPX where both expire on one day; options on an index are European."""
    reading = await service.analysis("SPX")
    assert isinstance(reading.sighted, Sighted)
    assert {fit.trading_class for fit in reading.sighted.surface.smiles} == {"SPXW"}
    assert not reading.sighted.is_american


def test_a_term_is_named_by_the_day_that_settles_it() -> None:
    """Claim: SPX is listed under Thursday and shown as Friday's monthly; a day that is the expiry stays."""
    listed = ExpiryDay(MONTH - timedelta(1), (MONTH - TODAY).days - 1, is_monthly=False)
    shown = ExpiryDay(MONTH, (MONTH - TODAY).days, is_monthly=True)
    assert expiring(listed, [make_option(SPX, MONTH, 600, Right.CALL, "SPX")], TODAY) == shown
    assert expiring(shown, [make_option(SPX, MONTH, 600, Right.CALL, "SPXW")], TODAY) == shown
    assert expiring(listed, [], TODAY) == listed
