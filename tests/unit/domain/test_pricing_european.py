"""European prices and Greeks against books, another library and arithmetic."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sumppump.domain.instruments import Right
from sumppump.domain.pricing import OptionValue, european, european_many, european_prices

GREEKS = ("price", "delta", "gamma", "theta", "vega", "rho")

# J. Hull, "Options, Futures, and Other Derivatives", and E. G. Haug, "The Complete Guide to Option Pricing
# Formulas": S, K, T, r, q, sigma, right, which figure, its value in our units, tolerance.
BOOKS = [
    (42, 40, 0.5, 0.10, 0, 0.20, "C", "price", 4.7594224, 1e-6),
    (42, 40, 0.5, 0.10, 0, 0.20, "P", "price", 0.8085994, 1e-6),
    (930, 900, 2 / 12, 0.08, 0.03, 0.20, "C", "price", 51.832957, 1e-5),
    (49, 50, 0.3846, 0.05, 0, 0.20, "C", "price", 2.40, 5e-3),
    (49, 50, 0.3846, 0.05, 0, 0.20, "C", "delta", 0.522, 5e-4),
    (49, 50, 0.3846, 0.05, 0, 0.20, "C", "gamma", 0.066, 5e-4),
    (49, 50, 0.3846, 0.05, 0, 0.20, "C", "vega", 0.121, 5e-4),
    (49, 50, 0.3846, 0.05, 0, 0.20, "C", "theta", -4.31 / 365, 2e-5),
    (49, 50, 0.3846, 0.05, 0, 0.20, "C", "rho", 0.0891, 5e-5),
    (105, 100, 0.5, 0.10, 0.10, 0.36, "C", "delta", 0.5946, 5e-5),
    (55, 60, 0.75, 0.10, 0, 0.30, "C", "gamma", 0.0278, 5e-5),
    (55, 60, 0.75, 0.10, 0, 0.30, "C", "vega", 0.189358, 5e-7),
    (430, 405, 1 / 12, 0.07, 0.05, 0.20, "P", "theta", -31.1924 / 365, 5e-7),
    (72, 75, 1, 0.09, 0, 0.19, "C", "rho", 0.387325, 5e-7),
]


@pytest.mark.parametrize("row", BOOKS)
def test_figures_printed_in_text_books_are_reproduced(row: tuple[float | str, ...]) -> None:
    """Hull's and Haug's worked examples; theta per calendar day, vega per point, rho per 1 %."""
    *inputs, name, value, tolerance = row
    assert getattr(european(*inputs), name) == pytest.approx(value, abs=tolerance)  # type: ignore[arg-type]


def test_every_figure_agrees_with_vollib() -> None:
    """vollib's analytical Greeks are an independent implementation with the same units."""
    bsm = pytest.importorskip("vollib.black_scholes_merton")
    greeks = pytest.importorskip("vollib.black_scholes_merton.greeks.analytical")
    random = np.random.default_rng(1)
    for _ in range(150):
        s, k = random.uniform(50, 150, 2)
        t, r, q, sigma = random.uniform((0.003, 0.0, 0.0, 0.05), (2.0, 0.08, 0.06, 1.2))
        right = str(random.choice(["C", "P"]))
        theirs = [bsm.black_scholes_merton(right.lower(), s, k, t, r, sigma, q)]
        theirs += [getattr(greeks, name)(right.lower(), s, k, t, r, sigma, q) for name in GREEKS[1:]]
        ours = european(s, k, t, r, q, sigma, right)
        assert [getattr(ours, name) for name in GREEKS] == pytest.approx(theirs, rel=1e-8, abs=1e-10)


@given(
    k=st.floats(50, 200),
    t=st.floats(0, 3),
    r=st.floats(-0.02, 0.1),
    q=st.floats(0, 0.1),
    sigma=st.floats(0, 2),
)
def test_call_minus_put_is_forward_minus_strike(k: float, t: float, r: float, q: float, sigma: float) -> None:
    """Put-call parity holds for every input, also without time or volatility."""
    call, put = european(100, k, t, r, q, sigma, "C"), european(100, k, t, r, q, sigma, "P")
    assert call.price - put.price == pytest.approx(100 * math.exp(-q * t) - k * math.exp(-r * t), abs=1e-9)
    assert min(call.price, put.price) >= 0


@pytest.mark.parametrize(
    ("spot", "right", "price", "delta"),
    [
        (110, "C", 10, 1),
        (90, "C", 0, 0),
        (100, "C", 0, 0.5),
        (90, "P", 10, -1),
        (110, "P", 0, 0),
        (100, "P", 0, -0.5),
    ],
)
@pytest.mark.parametrize("years", [0.0, -0.5])
def test_at_expiry_only_the_intrinsic_value_is_left(
    spot: float, right: str, price: float, delta: float, years: float
) -> None:
    """No time left: intrinsic value, delta of a step, every other Greek 0 and never NaN."""
    expected = OptionValue(price=price, delta=delta, gamma=0, theta=0, vega=0, rho=0)
    assert european(spot, 100, years, 0.05, 0.02, 0.3, right) == expected


def test_without_volatility_the_forward_decides() -> None:
    """sigma 0: the discounted certain payoff, with its own theta."""
    value = european(100, 100, 1, 0.05, 0, 0, "C")
    assert value.price == pytest.approx(100 - 100 * math.exp(-0.05))
    assert (value.delta, value.gamma, value.vega) == (1, 0, 0)


def test_an_option_of_one_minute_has_a_finite_price_and_greeks() -> None:
    """0DTE: a minute is a time like any other."""
    value = european(600, 600, 1 / (365 * 24 * 60), 0.04, 0, 0.2, Right.CALL)
    assert 0 < value.price < 0.1
    assert all(math.isfinite(getattr(value, name)) for name in GREEKS)


def test_arrays_hold_the_same_numbers_as_scalars() -> None:
    """The vectorised kernel and the scalar are one formula."""
    strikes = np.linspace(60, 140, 9)
    values = european_many(100, strikes, 0.3, 0.04, 0.01, 0.25, strikes > 100)
    for place, strike in enumerate(strikes):
        assert values.at(place) == european(100, strike, 0.3, 0.04, 0.01, 0.25, "C" if strike > 100 else "P")
    assert european_prices(100, strikes, 0.3, 0.04, 0.01, 0.25, strikes > 100) == pytest.approx(values.price)


def test_a_missing_number_in_an_array_stays_missing() -> None:
    """NaN goes in and out of its own row alone."""
    values = european_many(100, [90, math.nan], 0.3, 0.04, 0, 0.25, True)
    assert math.isfinite(values.price[0])
    assert math.isnan(values.price[1])


@pytest.mark.parametrize(
    "inputs",
    [
        (0, 100, 1, 0, 0, 0.2),
        (100, -1, 1, 0, 0, 0.2),
        (100, 100, 1, 0, 0, -0.1),
        (math.nan, 100, 1, 0, 0, 0.2),
    ],
)
def test_impossible_numbers_are_refused(inputs: tuple[float, ...]) -> None:
    """No price is better than a NaN that looks like one."""
    with pytest.raises(ValueError, match=r"needed|above 0"):
        european(*inputs, "C")  # type: ignore[arg-type, call-arg]


def test_a_right_may_be_spelled_out_but_not_guessed() -> None:
    """`call`, `C` and Right.CALL are the same; anything else is an error."""
    assert european(100, 95, 1, 0, 0, 0.2, "call") == european(100, 95, 1, 0, 0, 0.2, Right.CALL)
    with pytest.raises(ValueError, match="C or P"):
        european(100, 95, 1, 0, 0, 0.2, "X")
