"""European prices and Greeks against books, another library and arithmetic."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sumppump.domain.instruments import Right
from sumppump.domain.pricing import OptionValue, european, european_many, european_prices

GREEKS = ("price", "delta", "gamma", "theta", "vega", "rho")


def same_figures(one: OptionValue, other: OptionValue) -> bool:
    """Up to the last digits: in a batch, a processor may add up a row's terms in another order."""
    pairs = [(getattr(one, name), getattr(other, name)) for name in GREEKS]
    return all(mine == pytest.approx(theirs, rel=1e-12, abs=1e-15) for mine, theirs in pairs)


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

# Haug, table of generalised Black-Scholes-Merton values as in QuantLib's europeanoption.cpp:
# S, K, T, r, q, sigma, right, price.
HAUG = [
    (60, 65, 0.25, 0.08, 0.0, 0.30, "C", 2.1334),
    (100, 95, 0.50, 0.10, 0.05, 0.20, "P", 2.4648),
    (19, 19, 0.75, 0.10, 0.10, 0.28, "P", 1.7011),
    (19, 19, 0.75, 0.10, 0.10, 0.28, "C", 1.7011),
    (1.56, 1.60, 0.50, 0.06, 0.08, 0.12, "C", 0.0291),
    (75, 70, 0.50, 0.10, 0.05, 0.35, "P", 4.0870),
]
# The same source, K 100, r and q 10 %: for each T and sigma the calls, then the puts, at S 90, 100 and 110.
HAUG_TABLE = {
    (0.10, 0.15): (0.0205, 1.8734, 9.9413, 9.9210, 1.8734, 0.0408),
    (0.10, 0.25): (0.3150, 3.1217, 10.3556, 10.2155, 3.1217, 0.4551),
    (0.10, 0.35): (0.9474, 4.3693, 11.1381, 10.8479, 4.3693, 1.2376),
    (0.50, 0.15): (0.8069, 4.0232, 10.5769, 10.3192, 4.0232, 1.0646),
    (0.50, 0.25): (2.7026, 6.6997, 12.7857, 12.2149, 6.6997, 3.2734),
    (0.50, 0.35): (4.9329, 9.3679, 15.3086, 14.4452, 9.3679, 5.7963),
}


@pytest.mark.parametrize("row", HAUG)
def test_haugs_prices_are_reproduced(row: tuple[Any, ...]) -> None:
    """Stocks, an index, futures and a currency."""
    *inputs, price = row
    assert european(*inputs).price == pytest.approx(price, abs=1e-4)


@pytest.mark.parametrize(("terms", "prices"), HAUG_TABLE.items())
def test_haugs_table_of_futures_options_is_reproduced(
    terms: tuple[float, float], prices: tuple[float, ...]
) -> None:
    """Six prices a row, calls and puts in one batch."""
    years, vol = terms
    found = european_prices([90, 100, 110], 100, years, 0.1, 0.1, vol, [[True], [False]])
    assert found.reshape(-1) == pytest.approx(prices, abs=1e-4)


def test_hulls_put_on_a_future_and_call_with_dividends_are_reproduced() -> None:
    """Black (1976): the yield is the rate. Cash dividends: the stock less their present value."""
    assert european(20, 20, 4 / 12, 0.09, 0.09, 0.25, "P").price == pytest.approx(1.1166415, abs=1e-6)
    worth = 0.5 * (math.exp(-0.09 * 2 / 12) + math.exp(-0.09 * 5 / 12))
    assert european(40 - worth, 40, 0.5, 0.09, 0.0, 0.30, "C").price == pytest.approx(3.6712332, abs=1e-6)


def test_recorded_model_tick_of_an_index_is_met_to_a_cent() -> None:
    """IBKR's own SPX 4500 call of 2023-08-04 (QuantConnect Lean, Tests/TestData/greeks), r 5.46 %.

    Dividends of 2.923 escrowed, time exact to 16:00 New York, theta analytic per calendar day.
    """
    ours = european(4528.83 - 2.923, 4500, 7.2635 / 365, 0.0546, 0.0, 0.118835, "C")
    assert ours.price == pytest.approx(48.0277, abs=0.01)
    assert ours.delta == pytest.approx(0.66114, abs=5e-5)
    assert ours.gamma == pytest.approx(0.004823, abs=2e-6)
    assert ours.vega == pytest.approx(2.33646, abs=5e-4)
    assert ours.theta == pytest.approx(-2.35193, abs=1e-3)


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
        alone = european(100, strike, 0.3, 0.04, 0.01, 0.25, "C" if strike > 100 else "P")
        assert same_figures(values.at(place), alone)
    assert european_prices(100, strikes, 0.3, 0.04, 0.01, 0.25, strikes > 100) == pytest.approx(values.price)


@pytest.mark.parametrize("column", range(6))
def test_a_missing_number_in_an_array_stays_missing(column: int) -> None:
    """NaN in any argument goes out of its own row alone, in every figure it touches."""
    sound = (100.0, 90.0, 0.3, 0.04, 0.01, 0.25)
    inputs = [np.array([value, math.nan if place == column else value]) for place, value in enumerate(sound)]
    values = european_many(*inputs, True)  # type: ignore[arg-type]
    assert np.isnan(values.price).tolist() == [False, True]
    assert same_figures(values.at(0), european(*sound, "C"))


# S, K, T, sigma and the price of call and put at r 5 %, q 0: nothing is left to chance.
CERTAIN = [
    (110, 100, 0.0, 0.3, 10, 0),
    (110, 100, -0.5, 0.3, 10, 0),
    (110, 100, 1e-300, 0.3, 10, 0),
    (100, 100, 0.0, 0.3, 0, 0),
    (100, 100, 1.0, 0.0, 100 - 100 * math.exp(-0.05), 0),
    (90, 100, 1.0, 0.0, 0, 100 * math.exp(-0.05) - 90),
    (100, 0, 1.0, 0.3, 100, 0),
    (0, 100, 1.0, 0.3, 0, 100 * math.exp(-0.05)),
    (100, 100, 1.0, -0.2, 100 - 100 * math.exp(-0.05), 0),
]


def test_what_no_chance_decides_has_its_certain_value_and_no_nan() -> None:
    """In one batch with a contract that lives: expired, without volatility, strike or stock."""
    s, k, t, sigma, call, put = (np.array(column, dtype=float) for column in zip(*CERTAIN, strict=True))
    for right, expected in ((True, call), (False, put)):
        values = european_many([*s, 100], [*k, 95], [*t, 0.5], 0.05, 0.0, [*sigma, 0.2], right)
        assert values.price[:-1] == pytest.approx(expected, abs=1e-9)
        assert all(np.isfinite(getattr(values, name)).all() for name in GREEKS)
        alive = european(100, 95, 0.5, 0.05, 0.0, 0.2, "C" if right else "P")
        assert same_figures(values.at(len(s)), alive)
        assert european_prices(s, k, t, 0.05, 0.0, sigma, right) == pytest.approx(values.price[:-1])


def test_a_surface_is_the_same_numbers_as_its_contracts_one_by_one() -> None:
    """Arguments on axes of their own: four strikes, three days, 2,000 spots, more than a block holds."""
    spots, years = np.linspace(60, 140, 2000), np.array([0.01, 0.1, 0.9])[:, None]
    strikes = np.array([90.0, 95, 105, 110])[:, None, None]
    values = european_many(spots, strikes, years, 0.04, 0.01, 0.2, strikes > 100)
    s, k, t = (np.broadcast_to(part, (4, 3, 2000)).reshape(-1) for part in (spots, strikes, years))
    one_by_one = european_many(s, k, t, 0.04, 0.01, 0.2, k > 100)
    for name in GREEKS:
        found, expected = getattr(values, name).reshape(-1), getattr(one_by_one, name)
        assert found == pytest.approx(expected, rel=1e-12, abs=1e-300)


@given(
    k=st.floats(50, 200),
    t=st.floats(0.001, 3),
    r=st.floats(-0.02, 0.1),
    q=st.floats(0, 0.1),
    sigma=st.floats(0.01, 2),
    scale=st.floats(1e-3, 1e3),
    right=st.sampled_from("CP"),
)
def test_prices_scale_stay_in_their_bounds_and_rise_with_volatility(
    k: float, t: float, r: float, q: float, sigma: float, scale: float, right: str
) -> None:
    """Merton (1973): homogeneous of degree one in stock and strike, and convex payoffs like risk."""
    call = right == "C"
    prices = european_prices(
        [100, 100 * scale, 100], [k, k * scale, k], t, r, q, [sigma, sigma, sigma * 1.1], call
    )
    prepaid, owed = 100 * math.exp(-q * t), k * math.exp(-r * t)
    assert prices[1] == pytest.approx(scale * prices[0], rel=1e-9, abs=1e-12 * scale)
    assert max(0.0, prepaid - owed if call else owed - prepaid) - 1e-9 <= prices[0]
    assert prices[0] <= (prepaid if call else owed) + 1e-9
    assert prices[2] >= prices[0] - 1e-9


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
