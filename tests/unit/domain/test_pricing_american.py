"""American prices against published tables, QuantLib and recorded ticks of IBKR's own model."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripts.bench.market.quantlib_american import escrowed_price, qdfp_prices

from sumppump.domain.pricing import american, american_many, american_prices, european, european_many

# Longstaff and Schwartz (2001), table 1, K 40, r 6 %; values of continuous exercise by QuantLib's QdFp engine
# at high precision: S, sigma, years, price.
PUTS = [
    (36, 0.2, 1, 4.4867),
    (36, 0.2, 2, 4.8483),
    (36, 0.4, 1, 7.1090),
    (36, 0.4, 2, 8.5142),
    (38, 0.2, 1, 3.2572),
    (38, 0.2, 2, 3.7514),
    (38, 0.4, 1, 6.1546),
    (38, 0.4, 2, 7.6749),
    (40, 0.2, 1, 2.3196),
    (40, 0.2, 2, 2.8900),
    (40, 0.4, 1, 5.3183),
    (40, 0.4, 2, 6.9235),
    (42, 0.2, 1, 1.6212),
    (42, 0.2, 2, 2.2167),
    (42, 0.4, 1, 4.5882),
    (42, 0.4, 2, 6.2502),
    (44, 0.2, 1, 1.1130),
    (44, 0.2, 2, 1.6933),
    (44, 0.4, 1, 3.9528),
    (44, 0.4, 2, 5.6467),
]


@pytest.mark.parametrize(("spot", "sigma", "years", "price"), PUTS)
def test_puts_of_longstaff_and_schwartz_are_right_to_half_a_cent(
    spot: float, sigma: float, years: float, price: float
) -> None:
    """The tree's error stays under half a cent and half of a hundredth of the volatility's worth."""
    assert american(spot, 40, years, 0.06, 0, sigma, "P").price == pytest.approx(price, abs=5e-3)


@pytest.mark.parametrize(
    ("inputs", "dividends", "price", "tolerance"),
    [
        # Hull's put, 500 steps
        ((50, 50, 5 / 12, 0.10, 0, 0.40, "P"), (), 4.283, 3e-3),
        # Andersen, Lake and Offengenden: premium over the European price
        (
            (100, 100, 1, 0.05, 0.05, 0.25, "P"),
            (),
            european(100, 100, 1, 0.05, 0.05, 0.25, "P").price + 0.106952702747,
            3e-3,
        ),
        (
            (100, 100, 1, 0.075, 0.05, 0.25, "P"),
            (),
            european(100, 100, 1, 0.075, 0.05, 0.25, "P").price + 0.36711126,
            3e-3,
        ),
        # Hull's put with a dividend of 2.06 after 3.5 months, 100 steps of his tree
        ((52, 50, 5 / 12, 0.10, 0, 0.40, "P"), ((3.5 / 12, 2.06),), 4.214, 8e-3),
        # Haug's examples of Bjerksund and Stensland, whose approximations 5.2704 and 4.4531 are lower bounds:
        # true values by QuantLib's QdFp engine at high precision
        ((42, 40, 0.75, 0.04, 0.08, 0.35, "C"), (), 5.3091, 2e-3),
        ((36, 40, 1, 0.06, 0, 0.20, "P"), (), 4.4867, 5e-3),
        # Haug, the first of Barone-Adesi's and Whaley's approximations, up to 0.037 from the truth
        ((100, 100, 0.5, 0.10, 0.10, 0.25, "C"), (), 6.8015, 0.037),
        # without dividends a call is European
        ((100, 95, 0.7, 0.05, 0, 0.30, "C"), (), european(100, 95, 0.7, 0.05, 0, 0.30, "C").price, 1e-8),
        # Haug, Roll-Geske-Whaley: one dividend of 4 after a quarter
        ((80, 82, 0.3333, 0.06, 0, 0.30, "C"), ((0.25, 4.0),), 4.3860, 1e-3),
        # put-call symmetry pair of the same value
        ((100, 95, 1, 0.03, 0.07, 0.30, "P"), (), 10.539341345, 3e-3),
        ((95, 100, 1, 0.07, 0.03, 0.30, "C"), (), 10.539341345, 3e-3),
    ],
)
def test_published_american_values_are_reproduced(
    inputs: tuple[float | str, ...],
    dividends: tuple[tuple[float, float], ...],
    price: float,
    tolerance: float,
) -> None:
    """Figures from the literature, early exercise before a dividend among them."""
    assert american(*inputs, dividends).price == pytest.approx(price, abs=tolerance)  # type: ignore[arg-type, call-arg]


def test_a_call_is_worth_exercising_just_before_its_dividend() -> None:
    """Deep in the money two days before 1.80: exercise wins what Black-Scholes would lose."""
    value = american(600, 570, 10 / 365, 0.04, 0, 0.12, "C", [(2 / 365, 1.80)])
    assert value.price == pytest.approx(600 - 570 * math.exp(-0.04 * 2 / 365), abs=2e-3)
    assert value.price > european(600 - 1.80, 570, 10 / 365, 0.04, 0, 0.12, "C").price + 1.0


def test_a_dividend_after_expiry_changes_nothing() -> None:
    """Only dividends that are paid inside the option's life count."""
    with_it = american(100, 105, 0.2, 0.04, 0, 0.3, "P", [(0.3, 5.0)])
    assert with_it == american(100, 105, 0.2, 0.04, 0, 0.3, "P")


def test_prices_agree_with_quantlib_for_random_contracts() -> None:
    """600 contracts of a day to two years: 99 in 100 within 0.03 volatility points, all within a fifth."""
    random = np.random.default_rng(7)
    years = np.exp(random.uniform(np.log(1 / 365), np.log(2.0), 600))
    ranges = ((0.12, 0.60), (0.01, 0.06), (0.0, 0.06))
    vol, rate, carry = (random.uniform(low, high, 600) for low, high in ranges)
    strike = 100 * np.exp(random.normal(0, 1, 600) * vol * np.sqrt(years))
    call = random.random(600) < 0.5
    rows = [
        ("c" if each else "p", 100.0, k, t, r, v, q)
        for each, k, t, r, v, q in zip(call, strike, years, rate, vol, carry, strict=True)
    ]
    ours = american_prices(100, strike, years, rate, carry, vol, call)
    vega = np.maximum(european_many(100, strike, years, rate, carry, vol, call).vega, 5e-3)
    points = np.abs(ours - qdfp_prices(rows, accurate=True)) / vega
    assert np.percentile(points, 99) <= 0.03
    assert points.max() < 0.2


@pytest.mark.parametrize("days", [0.05, 0.27, 1.27, 7.27])
@pytest.mark.parametrize("strike", [590, 600, 606])
def test_expiries_within_a_day_are_priced_to_the_minute(days: float, strike: float) -> None:
    """Whole-day libraries price 0.27 days at 0; rates and variance per life make QuantLib the reference."""
    row = ("p", 600.0, float(strike), days / 365, 0.04, 0.38, 0.01)
    ours = american(600, strike, days / 365, 0.04, 0.01, 0.38, "P").price
    assert ours == pytest.approx(qdfp_prices([row], accurate=True)[0], abs=2e-3)


# S, K, days, rate, volatility, flag, dividends in (days, cash)
PAYING = [
    (600, 570, 10, 0.04, 0.15, "c", [(2, 1.80)]),
    (600, 590, 10, 0.04, 0.15, "c", [(2, 1.80)]),
    (600, 600, 45, 0.04, 0.16, "p", [(20, 1.80)]),
    (600, 640, 180, 0.04, 0.16, "p", [(60, 1.80), (150, 1.80)]),
    (40, 35, 20, 0.04, 0.20, "c", [(3, 0.68)]),
    (40, 40, 365, 0.04, 0.20, "p", [(45, 0.68), (136, 0.68), (227, 0.68), (318, 0.68)]),
    (100, 100, 365, 0.05, 0.30, "c", [(36, 1.0), (127, 1.0), (218, 1.0), (310, 1.0)]),
]


@pytest.mark.parametrize("row", PAYING)
def test_cash_dividends_agree_with_quantlibs_finite_differences(row: tuple[Any, ...]) -> None:
    """Escrowed, calls taken just before a dividend and puts just after it: within 0.03 points."""
    s, k, days, r, vol, flag, dividends = row
    paid = [(day / 365, cash) for day, cash in dividends]
    ours = american(s, k, days / 365, r, 0.0, vol, flag, paid)
    assert ours.price == pytest.approx(escrowed_price(*row), abs=0.03 * ours.vega + 2e-4)


def test_each_contract_of_a_batch_has_its_own_dividends() -> None:
    """Columns of dates and cash; none where a contract has none."""
    early, late = np.array([1.5, 0.0, 0.0]), np.array([0.0, 2.0, 0.0])
    many = american_many(100, 100, 0.4, 0.05, 0.0, 0.3, True, dividends=[(0.35, late), (0.3, early)])
    for place in range(3):
        paid = [(0.3, early[place]), (0.35, late[place])]
        alone = american(100, 100, 0.4, 0.05, 0.0, 0.3, "C", paid)
        assert many.at(place).price == pytest.approx(alone.price, abs=1e-9)
    assert (
        many.price[1] > european(100 - 2 * math.exp(-0.05 * 0.35), 100, 0.4, 0.05, 0.0, 0.3, "C").price + 0.05
    )
    assert many.price[2] == pytest.approx(european(100, 100, 0.4, 0.05, 0.0, 0.3, "C").price)


def test_a_dividend_smaller_than_the_interest_on_the_strike_tempts_nobody() -> None:
    """Merton (1973): then the call is the European one on the stock less the dividend, rho too."""
    dividend = [(0.2, 0.5)]
    value = american(100, 95, 0.9, 0.05, 0.0, 0.3, "C", dividend)
    escrow = 100 - 0.5 * math.exp(-0.05 * 0.2)
    assert value.price == pytest.approx(european(escrow, 95, 0.9, 0.05, 0.0, 0.3, "C").price, rel=1e-12)
    up, down = (american(100, 95, 0.9, 0.05 + bump, 0.0, 0.3, "C", dividend).price for bump in (1e-5, -1e-5))
    assert value.rho == pytest.approx((up - down) / 2e-5 / 100, rel=1e-6)


def test_impossible_rows_disturb_no_other() -> None:
    """No time, no volatility, no strike, NaN: what can be said, else NaN, and never a warning."""
    t = [0.0, 0.5, 0.5, 0.5, -1.0, 1e-12]
    sigma = [0.3, 0.0, math.nan, 0.3, 0.3, 0.3]
    k = [110, 110, 110, math.nan, 110, 110]
    values = american_many(100, [*k, 110], [*t, 0.5], 0.05, 0.0, [*sigma, 0.3], False)
    assert values.price[[0, 1, 4, 5]] == pytest.approx(10.0)
    assert np.isnan(values.price).tolist() == [False, False, True, True, False, False, False]
    assert values.price[6] == pytest.approx(american(100, 110, 0.5, 0.05, 0.0, 0.3, "P").price, abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(
    k=st.floats(70, 140),
    t=st.floats(0.01, 1.5),
    r=st.floats(0, 0.08),
    q=st.floats(0, 0.08),
    sigma=st.floats(0.1, 0.8),
    scale=st.floats(0.01, 50),
)
def test_calls_and_puts_are_mirror_images(
    k: float, t: float, r: float, q: float, sigma: float, scale: float
) -> None:
    """McDonald and Schroder (1998): P(S, K, r, q) = C(K, S, q, r); and twice the stock, twice the price."""
    put = american_prices(100, k, t, r, q, sigma, False)[0]
    call = american_prices(k, 100, t, q, r, sigma, True)[0]
    assert put == pytest.approx(call, abs=0.03 * european(100, k, t, r, q, sigma, "P").vega + 2e-3)
    assert american_prices(100 * scale, k * scale, t, r, q, sigma, False)[0] == pytest.approx(put * scale)


@settings(max_examples=25, deadline=None)
@given(t=st.floats(0.02, 1.5), r=st.floats(0, 0.08), q=st.floats(0, 0.08), right=st.sampled_from("CP"))
def test_more_volatility_and_more_time_are_never_worth_less(t: float, r: float, q: float, right: str) -> None:
    """Up to a hundredth of a point of the tree's own error."""
    vols, years = np.linspace(0.1, 0.9, 9), np.linspace(0.5, 1.5, 9) * t
    by_vol = american_prices(100, 103, t, r, q, vols, right == "C")
    by_time = american_prices(100, 103, years, r, q, 0.3, right == "C")
    assert (np.diff(by_vol) > -2e-3).all()
    assert (np.diff(by_time) > -2e-3).all()


# Model ticks of IBKR recorded on 2023-08-04 (QuantConnect Lean, Tests/TestData/greeks), r 5.46 %:
# S, K, days to 16:00 New York, right, IV, price, delta, gamma, theta
TICKS = [
    (451.56, 450, 7.2664, "C", 0.118000, 4.1255, 0.61098, 0.05131, -0.24024),
    (451.62, 470, 28.2657, "P", 0.118492, 18.4703, -0.94110, 0.02073, -0.01490),
]


@pytest.mark.parametrize(("s", "k", "days", "right", "vol", "price", "delta", "gamma", "theta"), TICKS)
def test_recorded_model_ticks_of_ibkr_are_met_within_two_cents(
    s: float,
    k: float,
    days: float,
    right: str,
    vol: float,
    price: float,
    delta: float,
    gamma: float,
    theta: float,
) -> None:
    """The same conventions as TWS shows: exact time, flat rate, theta per calendar day."""
    ours = american(s, k, days / 365, 0.0546, 0, vol, right)
    assert ours.price == pytest.approx(price, abs=0.016)
    assert ours.delta == pytest.approx(delta, abs=2e-3)
    assert ours.gamma == pytest.approx(gamma, abs=5e-4)
    assert ours.theta == pytest.approx(theta, abs=2e-3)


@settings(max_examples=40, deadline=None)
@given(
    k=st.floats(60, 160),
    t=st.floats(0, 2),
    r=st.floats(-0.02, 0.1),
    q=st.floats(0, 0.1),
    sigma=st.floats(0, 1.5),
    right=st.sampled_from("CP"),
)
def test_an_american_option_is_worth_at_least_its_exercise_and_its_european_twin(
    k: float, t: float, r: float, q: float, sigma: float, right: str
) -> None:
    """Lower bounds that no arbitrage allows to break, for every input."""
    price = american(100, k, t, r, q, sigma, right).price
    assert price >= max(0.0, 100 - k if right == "C" else k - 100)
    assert price >= european(100, k, t, r, q, sigma, right).price - 1e-9
    assert price <= max(100.0, k * math.exp(max(0.0, -r) * t))


def test_a_call_without_dividends_is_the_european_one() -> None:
    """Merton (1973): nobody exercises it early, so the closed form answers."""
    assert american(100, 95, 0.7, 0.05, 0, 0.3, "C").price == european(100, 95, 0.7, 0.05, 0, 0.3, "C").price


def test_greeks_are_slopes_of_the_price() -> None:
    """Bumped prices of a finer tree give the same delta, vega and rho."""
    here = american(100, 104, 0.5, 0.05, 0.01, 0.25, "P")

    def price(s: float = 100, r: float = 0.05, sigma: float = 0.25) -> float:
        return float(american_prices(s, 104, 0.5, r, 0.01, sigma, False, steps=800)[0])

    assert here.delta == pytest.approx((price(s=100.5) - price(s=99.5)) / 1.0, abs=1e-3)
    assert here.vega == pytest.approx((price(sigma=0.26) - price(sigma=0.24)) / 2, abs=2e-3)
    assert here.rho == pytest.approx((price(r=0.06) - price(r=0.04)) / 2, abs=3e-3)


def test_in_the_exercise_region_only_delta_is_left() -> None:
    """A put that should be exercised now is worth its intrinsic value and nothing decays."""
    value = american(60, 100, 0.5, 0.06, 0, 0.2, "P")
    assert (value.price, value.delta, value.gamma, value.theta, value.vega) == (40, -1, 0, 0, 0)


def test_arrays_hold_the_same_numbers_as_scalars() -> None:
    """Mixed rights and times in one batch, dividends shared."""
    strikes, years = np.array([90.0, 100, 110, 120]), np.array([0.1, 0.4, 0.4, 1.0])
    values = american_many(100, strikes, years, 0.04, 0.01, 0.3, strikes < 105, dividends=[(0.2, 1.0)])
    for place in range(4):
        right = "C" if strikes[place] < 105 else "P"
        alone = american(100, strikes[place], years[place], 0.04, 0.01, 0.3, right, [(0.2, 1.0)])
        assert values.at(place).price == pytest.approx(alone.price, abs=1e-9)


def test_contracts_that_are_paid_different_dividends_are_priced_as_each_alone() -> None:
    when, cash = (0.1, 0.2, 0.35), ((1.0, 0.0, 0.0), (1.0, 2.0, 0.0), (0.0, 1.0, 3.0))
    contracts, calls = np.array([90.0, 100.0, 105.0]), np.array([True, False, True])
    together = american_many(
        100.0,
        contracts,
        0.4,
        0.05,
        0.0,
        0.3,
        calls,
        dividends=[(np.full(3, moment), np.array(each)) for moment, each in zip(when, cash, strict=True)],
    )
    for place, (strike, call) in enumerate(zip(contracts, calls, strict=True)):
        paid = [(moment, each[place]) for moment, each in zip(when, cash, strict=True) if each[place]]
        alone = american(100.0, strike, 0.4, 0.05, 0.0, 0.3, "C" if call else "P", dividends=paid)
        assert together.price[place] == pytest.approx(alone.price, abs=1e-9)
        assert together.delta[place] == pytest.approx(alone.delta, abs=1e-9)
