"""Implied volatility: the number that made the price, or None; never another number."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sumppump.domain.pricing import american, american_implied_vol, european, implied_vol

# Normalised prices b(x, s) computed with 60 digits: P. Jaeckel's variables, extremes of his tests.
EXTREMES = [
    (0, 0.2, 0.079655674554057962),
    (-0.01, 0.001, 7.4745593377628342e-28),
    (-1, 0.03, 5.7061602972737865e-247),
    (-2, 0.1, 1.3683094548416367e-91),
    (-16, 0.5, 8.2412289431627633e-227),
    (-16, 8, 3.2488983253365494e-4),
    (-64, 2, 2.0647693766472488e-226),
    (-500, 30, 1.191849278662039e-110),
    (0, 6, 0.99730020393673979),
]


@pytest.mark.parametrize(("x", "s", "price"), EXTREMES)
def test_extreme_prices_give_back_their_deviation(x: float, s: float, price: float) -> None:
    """Forward 1, strike exp(-x), one year: the deviation is the volatility."""
    strike = math.exp(-x)
    scaled = price * math.sqrt(strike)
    assert implied_vol(scaled, 1.0, strike, 1.0, 0.0, 0.0, "C") == pytest.approx(s, rel=1e-10)


def test_no_price_on_the_wing_grid_gives_a_wrong_volatility() -> None:
    """T half a day to three years, 1 % to 300 %, |ln K/F| to 2: right or None.

    Prices by vollib's rational approximation. Wrong means further off than 1e-6 and than twenty times what
    the rounding of the price allows.
    """
    black = pytest.importorskip("vollib.black").undiscounted_black
    wrong, answered = [], 0
    for years in (0.5 / 365, 7 / 365, 0.25, 1.0, 3.0):
        for vol in (0.01, 0.05, 0.12, 0.3, 0.8, 1.5, 3.0):
            for k in np.linspace(-2, 2, 17):
                strike = 100 * math.exp(k)
                for right in "CP":
                    price = black(100.0, strike, vol, years, right.lower())
                    found = implied_vol(price, 100.0, strike, years, 0.0, 0.0, right) if price > 0 else None
                    if found is None:
                        continue
                    answered += 1
                    vega = european(100, strike, years, 0, 0, vol, right).vega * 100
                    allowed = max(1e-6, 20 * 2.3e-16 * max(price, 1e-300) / max(vega, 1e-300))
                    if abs(found - vol) > allowed:
                        wrong.append((years, vol, k, right, found))
    assert wrong == []
    assert answered > 400


@given(
    k=st.floats(60, 160),
    t=st.floats(0.001, 2),
    sigma=st.floats(0.05, 1.5),
    right=st.sampled_from("CP"),
)
def test_a_price_with_time_value_gives_back_its_volatility(
    k: float, t: float, sigma: float, right: str
) -> None:
    """Round trip with rates and dividends wherever a tenth of a cent of time value is there."""
    value = european(100, k, t, 0.04, 0.015, sigma, right)
    floor = max(0.0, (1 if right == "C" else -1) * (100 * math.exp(-0.015 * t) - k * math.exp(-0.04 * t)))
    if value.price - floor > 0.001:
        assert implied_vol(value.price, 100, k, t, 0.04, 0.015, right) == pytest.approx(sigma, rel=1e-6)


@pytest.mark.parametrize(
    ("price", "k", "t", "right"),
    [
        (9.99, 90, 0.5, "C"),  # below the discounted intrinsic value
        (100.0, 90, 0.5, "C"),  # as dear as the share
        (99.9, 100, 0.5, "P"),  # above the discounted strike
        (5.0, 100, 0.0, "C"),  # no time left
        (0.0, 100, 0.5, "C"),  # no price
        (10.0 + 1e-12, 90, 1e-9, "C"),  # time value lost in rounding
    ],
)
def test_a_price_that_no_volatility_makes_has_none(price: float, k: float, t: float, right: str) -> None:
    """None, never 0 and never the end of a search interval."""
    assert implied_vol(price, 100, k, t, 0.04, 0.0, right) is None


@pytest.mark.parametrize(("k", "right"), [(90, "P"), (100, "P"), (106, "P"), (110, "C"), (95, "C")])
def test_american_prices_give_back_their_volatility(k: float, right: str) -> None:
    """Round trip through the tree, with a dividend yield so that calls need it too."""
    price = american(100, k, 0.4, 0.04, 0.03, 0.27, right).price
    assert american_implied_vol(price, 100, k, 0.4, 0.04, 0.03, right) == pytest.approx(0.27, abs=2e-6)


def test_an_american_put_at_its_intrinsic_value_has_no_volatility() -> None:
    """In the exercise region the price is the same for every volatility below some bound."""
    assert american_implied_vol(20.0, 80, 100, 0.1, 0.05, 0.0, "P") is None


def test_the_european_formula_would_be_wrong_for_a_deep_american_put() -> None:
    """The reason for the tree: one standard deviation in the money the error is several points."""
    price = american(100, 116, 1.0, 0.04, 0.0, 0.16, "P").price
    assert american_implied_vol(price, 100, 116, 1.0, 0.04, 0.0, "P") == pytest.approx(0.16, abs=1e-5)
    european_vol = implied_vol(price, 100, 116, 1.0, 0.04, 0.0, "P")
    assert european_vol is not None
    assert european_vol > 0.19


def test_deep_in_the_money_rounding_is_never_read_as_volatility() -> None:
    """What is left over the intrinsic value there is noise of the last bits: None, or the truth."""
    for strike in np.linspace(30, 92, 200):
        price = european(100, strike, 0.02, 0.05, 0.0, 0.2, "C").price
        found = implied_vol(price, 100, strike, 0.02, 0.05, 0.0, "C")
        assert found is None or found == pytest.approx(0.2, rel=1e-4)


@pytest.mark.parametrize("solve", [implied_vol, american_implied_vol])
@pytest.mark.parametrize("price", [math.nan, math.inf, -math.inf])
def test_a_price_that_is_no_number_has_no_volatility(
    solve: Callable[..., float | None], price: float
) -> None:
    """A missing number in, None out; for the European and the American solver, calls and puts."""
    assert [solve(price, 100, 105, 0.5, 0.04, 0.0, right) for right in "CP"] == [None, None]
