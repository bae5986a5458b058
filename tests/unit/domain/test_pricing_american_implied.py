"""American implied volatility, alone and for chains: the number that made the price, or a reason."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scripts.bench.market.quantlib_american import qdfp_prices

from sumppump.domain.pricing import (
    VolStatus,
    american,
    american_implied_vol,
    american_implied_vols,
    american_many,
    american_prices,
    implied_vol,
)

QUARTERLY = [((20 + 91 * quarter) / 365, 1.80) for quarter in range(4)]


def _chain() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Strikes, years, volatilities, calls: six expiries of half a day to a year and a half, 13 strikes."""
    years = np.repeat(np.array([0.5, 3, 20, 90, 270, 540]) / 365, 26)
    away = np.tile(np.repeat(np.linspace(-3, 3, 13), 2), 6)
    vol = 0.20 - 0.02 * away
    return 600 * np.exp(away * vol * np.sqrt(years)), years, vol, np.tile([True, False], 78)


@pytest.mark.parametrize(("carry", "dividends"), [(0.0, ()), (0.03, ()), (0.0, QUARTERLY)])
def test_a_chain_gives_back_its_volatilities_or_says_at_intrinsic(
    carry: float, dividends: list[tuple[float, float]]
) -> None:
    """Round trip of calls and puts, yields and cash dividends; no answer only where a price is mute."""
    strike, years, vol, call = _chain()
    inputs = (600.0, strike, years, 0.045, carry)
    price = american_prices(*inputs, vol, call, dividends=dividends)
    found = american_implied_vols(price, *inputs, call, dividends=dividends)
    answered = found.status == VolStatus.OK
    assert found.vol[answered] == pytest.approx(vol[answered], abs=1e-6)
    assert set(found.status[~answered]) <= {VolStatus.AT_INTRINSIC, VolStatus.NO_TIME_VALUE}
    vega = american_many(*inputs, vol, call, dividends=dividends).vega
    assert answered[vega > 0.05].all()


def test_volatilities_of_quantlibs_prices_are_right_to_the_worth_of_a_cent() -> None:
    """A quarter of a point and what a cent of price is worth in points; half of them to a few thousandths."""
    strike, years, vol, call = _chain()
    rows = [
        ("c" if each else "p", 600.0, k, t, 0.045, sigma, 0.012)
        for each, k, t, sigma in zip(call, strike, years, vol, strict=True)
    ]
    intrinsic = np.maximum(np.where(call, 600.0 - strike, strike - 600.0), 0.0)
    price = np.maximum(qdfp_prices(rows, accurate=True), intrinsic)
    found = american_implied_vols(price, 600.0, strike, years, 0.045, 0.012, call)
    answered = found.status == VolStatus.OK
    vega = american_many(600.0, strike, years, 0.045, 0.012, vol, call).vega
    points = 100 * np.abs(found.vol - vol)[answered]
    assert (points <= 0.25 + 0.01 / np.maximum(vega[answered], 1e-9)).all()
    assert np.median(points) < 0.003
    assert answered[vega > 0.05].all()


def test_a_contract_in_the_money_starts_from_its_pair() -> None:
    """Alone, with a seed or in a chain, the answer is one."""
    strike, years = np.array([640.0, 640.0]), np.full(2, 0.25)
    call = np.array([True, False])
    price = american_prices(600.0, strike, years, 0.045, 0.0, 0.18, call)
    together = american_implied_vols(price, 600.0, strike, years, 0.045, 0.0, call)
    alone = american_implied_vols(price[1], 600.0, 640.0, 0.25, 0.045, 0.0, False)
    seeded = american_implied_vols(price[1], 600.0, 640.0, 0.25, 0.045, 0.0, False, seeds=0.9)
    for found in (together.vol[1], alone.vol[0], seeded.vol[0]):
        assert found == pytest.approx(0.18, abs=1e-6)


@pytest.mark.parametrize(("k", "right"), [(90, "P"), (100, "P"), (106, "P"), (110, "C"), (95, "C")])
def test_american_prices_give_back_their_volatility(k: float, right: str) -> None:
    """Round trip through the tree, with a dividend yield so that calls need it too."""
    price = american(100, k, 0.4, 0.04, 0.03, 0.27, right).price
    assert american_implied_vol(price, 100, k, 0.4, 0.04, 0.03, right) == pytest.approx(0.27, abs=2e-6)


# price, K, T, right, what is said; S 100, r 5 %, a dividend of 1 after a month
REASONS = [
    (20.0, 120, 0.05, "P", VolStatus.AT_INTRINSIC),
    (19.0, 120, 0.05, "P", VolStatus.AT_INTRINSIC),  # below what exercising brings
    (0.0, 90, 0.5, "P", VolStatus.NO_TIME_VALUE),
    (120.0, 120, 0.5, "P", VolStatus.ABOVE_MAX),
    (100.0, 80, 0.5, "C", VolStatus.ABOVE_MAX),
    (math.nan, 100, 0.5, "P", VolStatus.BAD_INPUT),
    (5.0, 100, 0.0, "P", VolStatus.BAD_INPUT),
    (5.0, math.nan, 0.5, "P", VolStatus.BAD_INPUT),
]


def test_every_price_without_a_volatility_has_its_reason() -> None:
    """All of them in one batch with a sound row."""
    sound = american(100, 105, 0.5, 0.05, 0.0, 0.25, "P", [(1 / 12, 1.0)]).price
    price, k, t, right, expected = zip(*REASONS, (sound, 105, 0.5, "P", VolStatus.OK), strict=True)
    calls = [each == "C" for each in right]
    found = american_implied_vols(price, 100.0, k, t, 0.05, 0.0, calls, dividends=[(1 / 12, 1.0)])
    assert [VolStatus(status) for status in found.status] == list(expected)
    assert found.at(len(REASONS)) == pytest.approx(0.25, abs=1e-6)
    assert [found.at(place) for place in range(len(REASONS))] == [None] * len(REASONS)


def test_a_put_worth_its_exercise_after_the_dividend_has_no_volatility() -> None:
    """Held only until the share goes ex, its price is the same for every small volatility."""
    soon = [(10 / 365, 1.80)]
    price = american(600, 765, 200 / 365, 0.043, 0.0, 0.05, "P", soon).price
    assert price == pytest.approx(
        765 * math.exp(-0.043 * 10 / 365) - 600 + 1.80 * math.exp(-0.043 * 10 / 365)
    )
    found = american_implied_vols(price, 600, 765, 200 / 365, 0.043, 0.0, False, dividends=soon)
    assert found.status[0] == VolStatus.AT_INTRINSIC


def test_the_european_formula_would_be_wrong_for_a_deep_american_put() -> None:
    """The reason for the tree: one standard deviation in the money the error is several points."""
    price = american(100, 116, 1.0, 0.04, 0.0, 0.16, "P").price
    assert american_implied_vol(price, 100, 116, 1.0, 0.04, 0.0, "P") == pytest.approx(0.16, abs=1e-5)
    european_vol = implied_vol(price, 100, 116, 1.0, 0.04, 0.0, "P")
    assert european_vol is not None
    assert european_vol > 0.19


@pytest.mark.parametrize("price", [math.nan, math.inf, -math.inf])
def test_a_price_that_is_no_number_has_no_volatility(price: float) -> None:
    """A missing number in, None out; calls and puts."""
    assert [american_implied_vol(price, 100, 105, 0.5, 0.04, 0.0, right) for right in "CP"] == [None, None]
