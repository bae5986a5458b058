"""The probability of a profit is the market's own, from calls and puts alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from tests.support.fake_market import MONTH, RATE, SPY, closes, make_option
from tests.unit.strategies.conftest import Bench

from sumppump.domain.instruments import Right
from sumppump.domain.pricing import european
from sumppump.kernel.money import Premium
from sumppump.strategies.drafts import Draft

D = Decimal


def steep(strike: float, spot: float) -> float:
    """A smile as steep as an index's: 18 % at the money, 5 points more at 95 %, 4 less at 105 %."""
    return max(0.08, 0.18 - 0.9 * (strike / spot - 1.0) + 2.0 * (strike / spot - 1.0) ** 2)


@pytest.fixture
def skewed(bench: Bench) -> Bench:
    bench.market.vol = steep
    return bench


async def named(bench: Bench, kind: str, *strikes: int, **more: str) -> Draft:
    return await bench.build(kind, strikes=list(strikes), expiry=MONTH.isoformat(), **more)


def chance(draft: Draft) -> float:
    found = draft.analysis.probability_of_profit
    assert found is not None
    return found


def digital(bench: Bench, level: float) -> float:
    """Probability to end above: (C(K - h) - C(K + h)) / 2h of the market's model, undiscounted."""
    years = make_option(SPY, MONTH, 600, Right.CALL).years(bench.clock.now())

    def call(strike: float) -> float:
        return european(600.0, strike, years, RATE, 0.0, steep(strike, 600.0), "C").price

    growth = 1.0 / european(1e-9, 1.0, years, RATE, 0.0, 0.1, "P").price  # what a bond that pays 1 costs
    return (call(level - 0.01) - call(level + 0.01)) / 0.02 * growth


@pytest.mark.parametrize(
    ("kind", "low", "high"), [("bull_call_spread", 600, 605), ("bull_put_spread", 580, 590)]
)
async def test_a_verticals_chance_is_what_its_price_says(
    skewed: Bench, kind: str, low: int, high: int
) -> None:
    """A narrow spread costs its width times the digital at about its middle; N(d2) is 10 points lower."""
    draft = await named(skewed, kind, low, high)
    (zero,) = draft.analysis.breakevens
    assert chance(draft) == pytest.approx(digital(skewed, float(zero)), abs=0.015)
    paid = float(draft.net_premium) + (high - low if draft.net_premium.is_credit else 0)
    assert chance(draft) == pytest.approx(paid / (high - low), abs=0.05)


async def test_chance_and_expected_value_of_a_vertical_can_both_be_true(skewed: Bench) -> None:
    """With probability p at most p * max profit - P(below) * max loss can be expected; it is about zero."""
    draft = await named(skewed, "bull_call_spread", 600, 605)
    analysis = draft.analysis
    assert analysis.expected_value is not None
    most = chance(draft) * float(analysis.max_profit.amount)  # type: ignore[union-attr]
    least = (1 - digital(skewed, 600.0)) * float(analysis.max_loss.amount)  # type: ignore[union-attr]
    assert most - least >= float(analysis.expected_value.amount) - 1.0


@pytest.mark.parametrize("rate", [RATE, 0.0, 0.06])
async def test_one_butterfly_has_one_chance_in_calls_in_puts_and_in_iron(skewed: Bench, rate: float) -> None:
    """The three pay the same; also where the rate that we assume, here for an index, is not the market's."""
    skewed = replace(skewed, service=replace(skewed.service, rate=rate))
    found = [
        await named(skewed, f"{side}_butterfly", 590, 600, 610, symbol="SPX", trading_class="SPXW")
        for side in ("call", "put", "iron")
    ]
    regions = [digital(skewed, float(d.analysis.breakevens[0])) for d in found]
    upper = [digital(skewed, float(d.analysis.breakevens[1])) for d in found]
    for draft, low, high in zip(found, regions, upper, strict=True):
        assert chance(draft) == pytest.approx(low - high, abs=0.012)
    assert max(map(chance, found)) - min(map(chance, found)) < 0.012


async def test_a_named_strike_and_a_chosen_one_have_the_same_chance(skewed: Bench) -> None:
    """A single option has no slope of its own: its neighbours are looked at in both ways of asking."""
    chosen = await skewed.build("long_call", deltas=[0.4], dte=30)
    (option,) = chosen.combo.options
    again = await named(skewed, "long_call", int(option.strike))
    assert chance(again) == pytest.approx(chance(chosen), abs=0.005)
    assert chance(again) == pytest.approx(digital(skewed, float(again.analysis.breakevens[0])), abs=0.015)
    assert "the smile through" in again.analysis.probability_note


async def test_without_neighbours_the_chance_says_that_the_skew_is_missing(skewed: Bench) -> None:
    """Only the leg has a market: flat at its volatility, and said so."""
    only = make_option(SPY, MONTH, 600, Right.CALL)
    everything = await skewed.directory.options(SPY, MONTH)
    skewed.market.missing = {each.con_id for each in everything if each.con_id != only.con_id}
    draft = await named(skewed, "long_call", 600)
    assert draft.analysis.probability_note.endswith("no neighbour tells the skew.")


async def test_a_refresh_and_another_premium_keep_the_neighbours(skewed: Bench) -> None:
    """The slope is there again on fresh quotes, in the same number of batches as before."""
    draft = await named(skewed, "long_call", 620)
    skewed.market.asked.clear()
    fresh = await skewed.service.refresh(draft)
    assert [len(batch) for batch in skewed.market.asked] == [2, 8]
    assert chance(fresh) == pytest.approx(chance(draft), abs=1e-9)
    dearer = await skewed.service.at_premium(fresh, fresh.net_premium + Premium(D("0.01")))
    assert dearer.probability_note == fresh.analysis.probability_note
    assert dearer.probability_of_profit == pytest.approx(chance(fresh), abs=1e-3)


async def test_a_calendars_chance_takes_its_smile_from_the_first_expiry(skewed: Bench) -> None:
    """The later leg and its neighbours, which tell the later forward, say nothing about the nearer date."""
    draft = await named(skewed, "calendar_call", 600)
    near = closes(MONTH)
    moments = {quote.instrument.last_trade for quote in draft.neighbours}  # type: ignore[union-attr]
    assert len(moments) == 2
    assert min(moments) == near
    low, high = (digital(skewed, float(zero)) for zero in draft.analysis.breakevens)
    assert chance(draft) == pytest.approx(low - high, abs=0.02)


async def test_on_the_last_day_the_skew_of_hours_counts_too(skewed: Bench) -> None:
    """0DTE, twenty minutes before the close: a probability, no division by a vega that is nearly nothing."""
    skewed.clock.at = closes(skewed.clock.at.date()) - timedelta(minutes=20)
    draft = await skewed.build("iron_condor", strikes=[598, 599, 601, 602], dte=0)
    assert 0.8 < chance(draft) < 1.0


async def test_two_measures_stand_beside_each_other_and_say_which_they_are(skewed: Bench) -> None:
    """A lognormal at the money knows no skew: it thinks a crash less likely than the smile does."""
    analysis = (await named(skewed, "bull_put_spread", 510, 520)).analysis
    assert analysis.odds is not None
    assert analysis.lognormal is not None
    assert (analysis.odds.measure, analysis.lognormal.measure) == ("smile density", "lognormal at the money")
    assert analysis.lognormal.profit > analysis.odds.profit + 0.005
    assert analysis.lognormal.vol == pytest.approx(0.18, abs=0.01)
    (low, *_) = analysis.touches
    assert low.lognormal < low.probability


async def test_the_smile_expects_nothing_of_a_fair_price_and_a_lognormal_does(skewed: Bench) -> None:
    """At the mid the market's own distribution gives about zero; one without the skew sees a gain."""
    analysis = (await named(skewed, "bull_put_spread", 510, 520)).analysis
    assert analysis.odds is not None
    assert analysis.lognormal is not None
    assert abs(float(analysis.odds.expected_value.amount)) < 3.0
    assert float(analysis.lognormal.expected_value.amount) > 5.0


async def test_the_expected_shortfall_lies_between_the_mean_and_the_worst(skewed: Bench) -> None:
    analysis = (await named(skewed, "bull_put_spread", 560, 570, quantity="3")).analysis
    assert analysis.odds is not None
    worst = float(analysis.max_loss.amount)  # type: ignore[union-attr]
    assert 0.5 * worst < float(analysis.odds.expected_shortfall.amount) <= worst


async def test_a_calendars_shortfall_is_by_reprice_at_its_first_expiry(skewed: Bench) -> None:
    """The worst twentieth costs at most what it can lose; a model's mean stands beside, as that."""
    analysis = (await named(skewed, "calendar_call", 600)).analysis
    assert analysis.odds is not None
    assert "at the first expiry at today's volatilities" in analysis.expected_value_note
    worst = float(analysis.max_loss.amount)  # type: ignore[union-attr]
    assert 0 < float(analysis.odds.expected_shortfall.amount) <= worst + 0.01


async def test_by_the_markets_own_odds_a_calendar_gains_nothing_either(skewed: Bench) -> None:
    """Its later leg is worth its price on average; a reprice at unchanged volatilities would see a gain."""
    for kind in ("calendar_call", "calendar_put", "diagonal_call"):
        odds = (await skewed.build(kind, dte=30)).analysis.odds
        assert odds is not None
        assert abs(odds.expected_value.amount) <= D("2.00")


async def test_the_last_day_is_counted_in_minutes(skewed: Bench) -> None:
    skewed.clock.at = closes(skewed.clock.at.date()) - timedelta(minutes=20)
    draft = await skewed.build("iron_condor", strikes=[598, 599, 601, 602], dte=0)
    assert draft.analysis.probability_note.endswith(" 20 minutes are left.")
