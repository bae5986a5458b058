"""European implied volatility: the number that made the price, or a reason; never another number."""

from __future__ import annotations

import math
from collections.abc import Iterable

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripts.bench.market.wing_fuzz import wrong_vols

from sumppump.domain.pricing import VolStatus, european, implied_vol, implied_vols

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
    assert implied_vol(scaled, 1.0, strike, 1.0, 0.0, 0.0, "C") == pytest.approx(s, rel=1e-12)


def _grid() -> Iterable[tuple[float, float, float, bool]]:
    for years in (0.5 / 365, 2 / 365, 7 / 365, 0.25, 1.0, 3.0):
        for vol in (0.01, 0.03, 0.08, 0.15, 0.3, 0.7, 1.5, 3.0):
            for k in np.linspace(-2, 2, 17):
                yield from ((years, vol, float(k), call) for call in (True, False))


def test_no_price_on_the_wing_grid_gives_a_wrong_volatility() -> None:
    """T half a day to three years, 1 % to 300 %, |ln K/F| to 2; prices with 60 digits by mpmath.

    Wrong means further off than 1e-6 and than twenty times what the rounding of the price allows.
    """
    years, vol, k, call = (np.array(column) for column in zip(*_grid(), strict=True))
    strike = 100 * np.exp(k)
    exact = [_exact_price(*row) for row in zip(strike, years, vol, call, strict=True)]
    price = np.array([float(value) for value, _ in exact])
    found = implied_vols(price, 100.0, strike, years, 0.0, 0.0, call)
    answered = found.status == VolStatus.OK
    vega = np.array([max(float(each), 1e-300) for _, each in exact])
    with np.errstate(over="ignore"):
        allowed = np.maximum(1e-6, 20 * 2.3e-16 * price / vega)
    assert np.flatnonzero(answered & ~(np.abs(found.vol - vol) <= allowed)).size == 0
    assert answered.sum() > 700
    # What is out of the money and holds in a double has an answer.
    outside = (strike >= 100) == call
    assert answered[outside & (price > 1e-290)].all()


def _exact_price(strike: float, years: float, vol: float, call: bool) -> tuple[mpmath.mpf, mpmath.mpf]:
    with mpmath.workdps(60):
        forward, k, s = (
            mpmath.mpf(100),
            mpmath.mpf(float(strike)),
            mpmath.mpf(float(vol)) * mpmath.sqrt(years),
        )
        d1 = mpmath.log(forward / k) / s + s / 2
        sign = 1 if call else -1
        shares, cash = (mpmath.erfc(-sign * d / mpmath.sqrt(2)) / 2 for d in (d1, d1 - s))
        vega = forward * mpmath.npdf(d1) * mpmath.sqrt(years)
        return sign * (forward * shares - k * cash), vega


def test_no_random_price_gives_a_wrong_volatility() -> None:
    """The fuzz of the bench with fewer draws: |ln K/F| to 16, sigma sqrt(T) from 1e-4 to 12, both sides."""
    assert wrong_vols(60_000).value == 0


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


# price, S, K, T, right, what is said; r 4 %, q 0
REASONS = [
    (9.99, 100, 90, 0.5, "C", VolStatus.NO_TIME_VALUE),  # below the discounted intrinsic value
    (0.0, 100, 100, 0.5, "C", VolStatus.NO_TIME_VALUE),
    (-0.5, 100, 100, 0.5, "P", VolStatus.NO_TIME_VALUE),
    (10.0 + 1e-12, 100, 90, 1e-9, "C", VolStatus.NO_TIME_VALUE),  # time value lost in rounding
    (100.0, 100, 90, 0.5, "C", VolStatus.ABOVE_MAX),  # as dear as the share
    (99.9, 100, 100, 0.5, "P", VolStatus.ABOVE_MAX),  # above the discounted strike
    (5.0, 100, 100, 0.0, "C", VolStatus.BAD_INPUT),  # no time left
    (5.0, 100, 100, -1.0, "C", VolStatus.BAD_INPUT),
    (math.nan, 100, 105, 0.5, "C", VolStatus.BAD_INPUT),
    (math.inf, 100, 105, 0.5, "P", VolStatus.BAD_INPUT),
    (5.0, 0.0, 105, 0.5, "C", VolStatus.BAD_INPUT),
    (5.0, 100, -105, 0.5, "P", VolStatus.BAD_INPUT),
    (5.0, 100, math.nan, 0.5, "P", VolStatus.BAD_INPUT),
    (5.0, 100, math.inf, 0.5, "C", VolStatus.BAD_INPUT),
]


def test_every_price_without_a_volatility_has_its_reason() -> None:
    """All of them in one batch, with a sound row between: none disturbs another, none raises or warns."""
    rows = [*REASONS, (4.0, 100, 100, 0.25, "C", VolStatus.OK)]
    price, s, k, t, right, expected = zip(*rows, strict=True)
    found = implied_vols(price, s, k, t, 0.04, 0.0, [each == "C" for each in right])
    assert [VolStatus(status) for status in found.status] == list(expected)
    assert np.isnan(found.vol).tolist() == [status != VolStatus.OK for status in expected]


@pytest.mark.parametrize(("price", "k", "t", "right"), [(9.99, 90, 0.5, "C"), (100.0, 90, 0.5, "C")])
def test_a_price_that_no_volatility_makes_is_none_for_one_contract(
    price: float, k: float, t: float, right: str
) -> None:
    """None, never 0 and never the end of a search interval."""
    assert implied_vol(price, 100, k, t, 0.04, 0.0, right) is None


def test_deep_in_the_money_rounding_is_never_read_as_volatility() -> None:
    """What is left over the intrinsic value there is noise of the last bits: none, or the truth."""
    strikes = np.linspace(30, 92, 200)
    prices = [european(100, strike, 0.02, 0.05, 0.0, 0.2, "C").price for strike in strikes]
    found = implied_vols(prices, 100, strikes, 0.02, 0.05, 0.0, True)
    answered = found.status == VolStatus.OK
    assert found.vol[answered] == pytest.approx(0.2, rel=1e-4)
    assert (found.status[~answered] == VolStatus.NO_TIME_VALUE).all()


@given(st.integers(1, 3), st.integers(1, 4))
def test_answers_have_the_shape_of_what_was_asked(rows: int, columns: int) -> None:
    """Strikes across, expiries down; each cell as if it had been asked alone."""
    strikes, years = np.linspace(95, 115, columns), np.linspace(0.1, 0.9, rows)[:, None]
    found = implied_vols(5.0, 100, strikes, years, 0.04, 0.0, True)
    assert found.vol.shape == found.status.shape == (rows, columns)
    alone = implied_vol(5.0, 100, float(strikes[-1]), float(years[-1, 0]), 0.04, 0.0, "C")
    assert found.at(rows * columns - 1) == (None if alone is None else pytest.approx(alone, rel=1e-12))
