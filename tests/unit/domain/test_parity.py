"""Parity tells the rate and the dividends that made the prices, or says why it cannot."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sumppump.domain.missing import Missing
from sumppump.domain.parity import Carry, Cash, Pair, implied_carry, vols_at
from sumppump.domain.pricing import american_prices, european_prices

SPOT = 600.0
DAYS = 2 / 365
RATES = st.floats(-0.01, 0.08)
YIELDS = st.floats(-0.02, 0.06)


def pairs(years: float, rate: float, carry: float, *, is_american: bool, count: int = 9) -> list[Pair]:
    """Prices about the money on a smile that falls with the strike."""
    strikes = SPOT * np.exp(np.linspace(-0.2, 0.2, count) * math.sqrt(years))
    vols = 0.2 - 0.15 * np.log(strikes / SPOT)
    prices = american_prices if is_american else european_prices
    calls, puts = (prices(SPOT, strikes, years, rate, carry, vols, call) for call in (True, False))
    return [Pair(float(k), float(c), float(p), 0.02) for k, c, p in zip(strikes, calls, puts, strict=True)]


@given(st.floats(0.1, 3.0), RATES, YIELDS)
def test_european_pairs_tell_rate_and_dividends_exactly(years: float, rate: float, carry: float) -> None:
    """Claim: exact prices give back what made them."""
    found = implied_carry(
        pairs(years, rate, carry, is_american=False), spot=SPOT, years=years, rate=0.03, is_american=False
    )
    assert isinstance(found, Carry)
    assert found.is_rate_implied
    assert (found.rate, found.dividend_yield) == pytest.approx((rate, carry), abs=1e-6)
    assert found.escrow == pytest.approx(SPOT * -math.expm1(-carry * years), abs=1e-3)


@settings(max_examples=15)
@given(st.floats(0.02, 0.5), st.floats(0.0, 0.06), st.floats(0.0, 0.05))
def test_american_pairs_tell_the_forward_without_the_premium_of_early_exercise(
    years: float, rate: float, carry: float
) -> None:
    """Claim: within 2 hundredths of a percent; half a year of untreated puts is wrong by ten times that."""
    found = implied_carry(
        pairs(years, rate, carry, is_american=True), spot=SPOT, years=years, rate=rate, is_american=True
    )
    assert isinstance(found, Carry)
    assert found.forward == pytest.approx(SPOT * math.exp((rate - carry) * years), rel=2e-4)


def test_two_pairs_are_a_reason_and_not_a_rate() -> None:
    """Claim: never a number from too few pairs."""
    found = implied_carry(
        pairs(0.5, 0.04, 0.01, is_american=False)[:2], spot=SPOT, years=0.5, rate=0.04, is_american=False
    )
    assert found == Missing("too_few_pairs", "2 strikes have a call and a put, 3 are needed")


def test_days_before_the_end_the_rate_is_the_assumed_one_and_the_forward_still_the_markets() -> None:
    """Claim: a slope known to 1e-4 says nothing of the rate of two days; the answer says which it is."""
    found = implied_carry(
        pairs(DAYS, 0.043, 0.012, is_american=False), spot=SPOT, years=DAYS, rate=0.03, is_american=False
    )
    assert isinstance(found, Carry)
    assert (found.rate, found.is_rate_implied) == (0.03, False)
    assert found.forward == pytest.approx(SPOT * math.exp(0.031 * DAYS), abs=1e-3)


def test_wide_quotes_count_less_than_narrow_ones() -> None:
    """Claim: one pair that is a dollar off and two dollars wide moves the forward by less than a cent."""
    good = pairs(0.25, 0.04, 0.01, is_american=False)
    bad = Pair(good[4].strike + 0.5, good[4].call + 1.0, good[4].put, 2.0)
    found = implied_carry([*good, bad], spot=SPOT, years=0.25, rate=0.04, is_american=False)
    assert isinstance(found, Carry)
    assert found.forward == pytest.approx(SPOT * math.exp(0.03 * 0.25), abs=0.01)


def test_the_error_of_the_forward_holds_the_truth() -> None:
    """Claim: mids off by a quarter of their width; within two errors about 95 times in 100."""
    random, held = np.random.default_rng(7), 0
    exact = pairs(0.25, 0.04, 0.01, is_american=False)
    for _ in range(200):
        noisy = [
            Pair(p.strike, p.call + off, p.put - off, 0.3)
            for p, off in zip(exact, random.normal(0, 0.035, len(exact)), strict=True)
        ]
        found = implied_carry(noisy, spot=SPOT, years=0.25, rate=0.04, is_american=False)
        assert isinstance(found, Carry)
        held += abs(found.forward - SPOT * math.exp(0.0075)) <= 2 * found.forward_error
    assert 180 <= held <= 200


@pytest.mark.parametrize("is_american", [True, False])
def test_a_call_and_its_put_have_one_volatility(is_american: bool) -> None:
    """Claim: at the implied carry both sides of a strike give back the volatility that made them."""
    years, rate, carry = 0.5, 0.045, 0.015
    made = pairs(years, rate, carry, is_american=is_american)
    found = implied_carry(made, spot=SPOT, years=years, rate=rate, is_american=is_american)
    assert isinstance(found, Carry)
    strikes = np.array([pair.strike for pair in made])
    expected = 0.2 - 0.15 * np.log(strikes / SPOT)
    for calls in (True, False):
        prices = np.array([pair.call if calls else pair.put for pair in made])
        vols = vols_at(prices, strikes, np.full(len(made), calls), found, is_american=is_american)
        near = np.abs(np.log(strikes / SPOT)) < 0.05
        assert vols[near] == pytest.approx(expected[near], abs=2e-3)


def paying(years: float, cash: Cash, *, rate: float = 0.04) -> list[Pair]:
    """What our own tree charges about the money where dividends are paid in cash; the smile of `pairs`."""
    strikes = np.arange(SPOT - 20, SPOT + 21, 5.0)
    vols = 0.2 - 0.15 * np.log(strikes / SPOT)
    calls, puts = (
        american_prices(SPOT, strikes, years, rate, 0.0, vols, call, dividends=cash) for call in (True, False)
    )
    return [Pair(float(k), float(c), float(p), 0.02) for k, c, p in zip(strikes, calls, puts, strict=True)]


@pytest.mark.parametrize("days_before", [0.3, 3.0, 12.0])
def test_a_dividend_in_cash_before_expiry_gives_back_the_volatility_and_the_forward(
    days_before: float,
) -> None:
    """Claim: within 0.05 points and 3 cents of 600, though calls escape the dividend by exercise."""
    years, rate = 19 / 365, 0.04
    when = years - days_before / 365
    made = paying(years, ((when, 1.8),))
    found = implied_carry(made, spot=SPOT, years=years, rate=rate, is_american=True, cash=((when, 1.8),))
    assert isinstance(found, Carry)
    forward = (SPOT - 1.8 * math.exp(-rate * when)) * math.exp(rate * years)
    assert found.forward == pytest.approx(forward, abs=0.03)
    strikes = np.array([pair.strike for pair in made])
    for calls in (True, False):
        prices = np.array([pair.call if calls else pair.put for pair in made])
        vols = vols_at(prices, strikes, np.full(len(made), calls), found, is_american=True)
        assert vols == pytest.approx(0.2 - 0.15 * np.log(strikes / SPOT), abs=5e-4)


def test_a_dividend_that_the_options_do_not_price_in_is_passed_over() -> None:
    """Claim: an announcement for another day does not bend the volatilities."""
    years = 19 / 365
    found = implied_carry(
        paying(years, ()), spot=SPOT, years=years, rate=0.04, is_american=True, cash=((years / 2, 1.8),)
    )
    assert isinstance(found, Carry)
    assert found.cash == ()
    assert found.forward == pytest.approx(SPOT * math.exp(0.04 * years), abs=0.02)
