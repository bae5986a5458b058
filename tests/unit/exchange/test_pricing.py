"""The exchange's own option prices against independent ones."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sumppump.exchange.listing.symbols import RISK_FREE_RATE
from sumppump.exchange.market.pricing import (
    ModelValues,
    OptionTerms,
    american_prices,
    american_values,
    normal_cdf,
)


def terms(spot: float, strike: float, years: float, sign: float, dividends: float) -> OptionTerms:
    return OptionTerms(*(np.array([value]) for value in (spot, strike, years, sign, dividends)))


def price(spot: float, strike: float, years: float, sign: float, dividends: float, vol: float) -> float:
    return float(american_prices(terms(spot, strike, years, sign, dividends), np.array([vol]))[0])


def tree_price(spot: float, strike: float, years: float, sign: float, dividends: float, vol: float) -> float:
    """Cox-Ross-Rubinstein with early exercise, 800 steps and their neighbour averaged."""
    return 0.5 * (
        _tree(800, spot, strike, years, sign, dividends, vol)
        + _tree(801, spot, strike, years, sign, dividends, vol)
    )


def _tree(
    n: int, spot: float, strike: float, years: float, sign: float, dividends: float, vol: float
) -> float:
    dt = years / n
    up = math.exp(vol * math.sqrt(dt))
    p = (math.exp((RISK_FREE_RATE - dividends) * dt) - 1 / up) / (up - 1 / up)
    levels = spot * up ** (2.0 * np.arange(n + 1) - n)
    values = np.maximum(sign * (levels - strike), 0.0)
    for step in range(n - 1, -1, -1):
        levels = spot * up ** (2.0 * np.arange(step + 1) - step)
        held = math.exp(-RISK_FREE_RATE * dt) * (p * values[1:] + (1 - p) * values[:-1])
        values = np.maximum(held, sign * (levels - strike))
    return float(values[0])


@pytest.mark.behaviour("SIM-WORLD-21")
@pytest.mark.parametrize("sign", [1.0, -1.0], ids=["call", "put"])
@pytest.mark.parametrize("strike", [85.0, 95.0, 100.0, 105.0, 115.0])
@pytest.mark.parametrize(
    ("years", "vol", "tolerance"), [(7 / 365, 0.2, 0.01), (30 / 365, 0.3, 0.01), (1.0, 0.25, 0.05)]
)
def test_american_prices_agree_with_a_binomial_tree(
    sign: float, strike: float, years: float, vol: float, tolerance: float
) -> None:
    """A tree knows nothing of our approximation; the tolerance is per 100 of spot."""
    ours = price(100.0, strike, years, sign, 0.012, vol)
    assert ours == pytest.approx(tree_price(100.0, strike, years, sign, 0.012, vol), abs=tolerance)


@pytest.mark.behaviour("SIM-WORLD-22")
def test_prices_are_those_of_quantlib_s_engine_of_the_same_paper() -> None:
    """QuantLib's Ju-Zhong engine is an independent programme of the formula that we use."""
    ql: Any = pytest.importorskip("QuantLib", reason="QuantLib is an optional reference")
    today = ql.Date(1, 1, 2026)
    ql.Settings.instance().evaluationDate = today
    day_count = ql.Actual365Fixed()

    def curve(rate: float) -> Any:
        return ql.YieldTermStructureHandle(ql.FlatForward(today, rate, day_count))

    vol = ql.BlackVolTermStructureHandle(ql.BlackConstantVol(today, ql.NullCalendar(), 0.25, day_count))
    process = ql.BlackScholesMertonProcess(
        ql.QuoteHandle(ql.SimpleQuote(100.0)), curve(0.0115), curve(RISK_FREE_RATE), vol
    )
    for days in (5, 30, 182, 730):
        for strike in (90.0, 100.0, 110.0):
            for sign, kind in ((1.0, ql.Option.Call), (-1.0, ql.Option.Put)):
                reference = ql.VanillaOption(
                    ql.PlainVanillaPayoff(kind, strike), ql.AmericanExercise(today, today + days)
                )
                reference.setPricingEngine(ql.JuQuadraticApproximationEngine(process))
                ours = price(100.0, strike, days / 365, sign, 0.0115, 0.25)
                assert ours == pytest.approx(reference.NPV(), abs=2e-4), (days, strike, sign)


option_terms = st.tuples(
    st.floats(20.0, 900.0),
    st.floats(0.5, 1.7),
    st.floats(1e-6, 2.5),
    st.sampled_from([1.0, -1.0]),
    st.sampled_from([0.0, 0.0002, 0.0052, 0.0115]),
    st.floats(0.08, 1.2),
)


@pytest.mark.behaviour("SIM-WORLD-23")
@settings(max_examples=300, deadline=None)
@given(option_terms)
def test_an_american_price_is_never_below_intrinsic_value_nor_absurd(
    case: tuple[float, float, float, float, float, float],
) -> None:
    spot, moneyness, years, sign, dividends, vol = case
    strike = spot * moneyness
    worth = price(spot, strike, years, sign, dividends, vol)
    assert worth >= max(sign * (spot - strike), 0.0)
    assert worth <= (spot if sign > 0 else strike)


@pytest.mark.behaviour("SIM-WORLD-24")
@settings(max_examples=200, deadline=None)
@given(option_terms)
def test_more_volatility_never_makes_an_option_cheaper(
    case: tuple[float, float, float, float, float, float],
) -> None:
    spot, moneyness, years, sign, dividends, vol = case
    low, high = (price(spot, spot * moneyness, years, sign, dividends, v) for v in (vol, vol * 1.05))
    assert high >= low - 1e-6 * spot


@pytest.mark.behaviour("SIM-WORLD-25")
@settings(max_examples=200, deadline=None)
@given(option_terms)
def test_greeks_keep_their_signs_and_bounds(case: tuple[float, float, float, float, float, float]) -> None:
    spot, moneyness, years, sign, dividends, vol = case
    values = american_values(terms(spot, spot * moneyness, years, sign, dividends), np.array([vol]))
    assert -0.02 <= sign * values.delta[0] <= 1.02
    assert values.vega[0] >= 0
    assert values.theta[0] <= 0
    assert -values.theta[0] <= max(values.price[0] - max(sign * spot * (1.0 - moneyness), 0.0), 0.0) + 1e-9
    assert all(np.isfinite(one[0]) for one in (values.gamma, values.delta, values.price))


@pytest.mark.behaviour("SIM-WORLD-26")
@pytest.mark.parametrize("sign", [1.0, -1.0], ids=["call", "put"])
@pytest.mark.parametrize("strike", [94.0, 100.0, 106.0])
def test_greeks_are_the_changes_of_the_price(sign: float, strike: float) -> None:
    """Finite differences of our own price, in the units that the wire wants: per day, per vol point."""
    case = (100.0, strike, 45 / 365, sign, 0.0115, 0.22)
    values: ModelValues = american_values(terms(*case[:5]), np.array([case[5]]))

    def moved(spot: float = 0.0, years: float = 0.0, vol: float = 0.0) -> float:
        return price(100.0 + spot, strike, 45 / 365 + years, sign, 0.0115, 0.22 + vol)

    h, day = 0.05, 1 / 365
    assert values.delta[0] == pytest.approx((moved(h) - moved(-h)) / (2 * h), abs=1e-4)
    assert values.gamma[0] == pytest.approx((moved(h) - 2 * moved() + moved(-h)) / h**2, abs=1e-3)
    assert values.vega[0] == pytest.approx((moved(vol=0.005) - moved(vol=-0.005)), rel=5e-3)
    assert values.theta[0] == pytest.approx((moved(years=-day / 2) - moved(years=day / 2)), rel=0.06)


@pytest.mark.behaviour("SIM-WORLD-27")
@pytest.mark.parametrize("vol", [0.1, 0.15, 0.2, 0.2886708393086024, 0.4, 0.6])
@pytest.mark.parametrize("days", [0.01, 0.25, 1.0, 3.0])
def test_early_exercise_is_worth_next_to_nothing_in_the_last_days(days: float, vol: float) -> None:
    """A regression: the correction of the premium was once singular close to expiry and added cents.

    The most that exercising a put early can save is interest on the strike until expiry.
    """
    spots = np.linspace(90.0, 110.0, 401)
    same = np.ones_like(spots)
    case = OptionTerms(spots, 100.0 * same, same * days / 365, -same, 0.0038 * same)
    values = american_values(case, vol * same)
    european = _black_scholes_put(spots, 100.0, days / 365, 0.0038, vol)
    interest = 100.0 * -math.expm1(-RISK_FREE_RATE * days / 365)
    assert np.all(values.price - european <= interest + 1e-9)
    assert np.all((values.delta > -1.02) & (values.delta <= 1e-9))
    assert np.all(np.diff(values.price) <= 1e-9)


def _black_scholes_put(
    spots: np.ndarray, strike: float, years: float, dividends: float, vol: float
) -> np.ndarray:
    deviation = vol * math.sqrt(years)
    d1 = (np.log(spots / strike) + (RISK_FREE_RATE - dividends) * years) / deviation + deviation / 2
    discount, growth = math.exp(-RISK_FREE_RATE * years), math.exp(-dividends * years)
    puts: np.ndarray = strike * discount * normal_cdf(deviation - d1) - spots * growth * normal_cdf(-d1)
    return puts


@pytest.mark.behaviour("SIM-WORLD-28")
def test_at_its_end_an_option_is_worth_its_intrinsic_value() -> None:
    assert price(100.0, 99.0, 0.0, 1.0, 0.01, 0.3) == 1.0
    assert price(100.0, 99.0, -0.001, -1.0, 0.01, 0.3) == 0.0


@pytest.mark.behaviour("SIM-WORLD-29")
@given(st.floats(-12.0, 12.0))
def test_the_normal_distribution_is_that_of_the_error_function(x: float) -> None:
    assert normal_cdf(np.array([x]))[0] == pytest.approx(0.5 * math.erfc(-x / math.sqrt(2)), abs=1e-11)
