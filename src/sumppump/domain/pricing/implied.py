"""Implied volatility: the right number or None, never a wrong one.

The search works on the out-of-the-money side of put-call parity, on the normalised price
b = undiscounted price / sqrt(forward * strike) as a function of the total deviation s = sigma * sqrt(T)
(P. Jaeckel, "Let's Be Rational", 2013, for these variables). Its logarithm is steep and smooth in the wings,
where the price itself is flat. A bracket is never left, so the answer is never a stray root.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from sumppump.domain.instruments import Right
from sumppump.domain.pricing.american import Dividends, american_prices
from sumppump.domain.pricing.european import check_numbers, is_call
from sumppump.domain.pricing.normal import Array

# A price in the money holds its time value only up to rounding; below this part of the forward it has none.
LEAST_TIME_VALUE = 1e-9
_LOWEST_DEVIATION, _HIGHEST_DEVIATION = 1e-7, 60.0
_TOLERANCE = 1e-14
_ALL_VOLS, _FAR_ROUNDS, _NEAR_ROUNDS, _GRID = (1e-3, 10.0), 4, 2, 17
_LEAST_AMERICAN = 1e-7


def implied_vol(
    price: float, S: float, K: float, T: float, r: float, q: float, right: Right | str
) -> float | None:
    """Volatility at which a European option has this price.

    Args:
        price: per share, as S (underlying) and K (strike).
        S: underlying's price, > 0.
        K: strike, > 0.
        T: years to expiry.
        r: interest rate per year, continuous.
        q: dividend yield per year, continuous.
        right: call or put (`C`, `P`).

    Returns:
        Per year, 0.23 is 23 %. None where no volatility gives this price: it is NaN, no time left, below the
        intrinsic value, at or above the most that an option can cost, or so deep in the money
        that the time value is lost in rounding. Then ask the other side of the same strike.

    Raises:
        ValueError: another number is NaN or infinite, or S or K is not above 0.

    Example:
        >>> implied_vol(4.759422392871536, 42, 40, 0.5, 0.10, 0.0, "C")  # doctest: +ELLIPSIS
        0.2000000...
    """
    check_numbers(S, K, T, r, q, 0.0)
    if T <= 0 or not 0 < price < math.inf:
        return None
    forward, undiscounted = S * math.exp((r - q) * T), price * math.exp(r * T)
    inside = max(0.0, forward - K if is_call(right) else K - forward)
    outside = undiscounted - inside
    if outside <= (LEAST_TIME_VALUE * max(forward, K) if inside > 0 else 0.0):
        return None
    moneyness = -abs(math.log(forward / K))
    deviation = _deviation(moneyness, outside / math.sqrt(forward * K))
    return None if deviation is None else deviation / math.sqrt(T)


def american_implied_vol(
    price: float,
    S: float,
    K: float,
    T: float,
    r: float,
    q: float,
    right: Right | str,
    dividends: Dividends = (),
) -> float | None:
    """Volatility at which an American option has this price; None as `implied_vol`, and at intrinsic value.

    Where a sound holder would exercise at once the price is the intrinsic value for every volatility
    below some bound, so there is none to report.
    """
    check_numbers(S, K, T, r, q, 0.0)
    call = is_call(right)
    intrinsic = max(0.0, S - K if call else K - S)
    if T <= 0 or not price - intrinsic > _LEAST_AMERICAN * S or not price < (S if call else K):
        return None
    if not dividends and (r >= 0 >= q if call else q >= 0 >= r):
        return implied_vol(price, S, K, T, r, q, right)

    def prices(vols: Array) -> Array:
        return american_prices(S, K, T, r, q, vols, call, dividends=dividends)

    # The right to exercise early adds to the price, so the European volatility bounds the answer above.
    bound = None if dividends else implied_vol(price, S, K, T, r, q, right)
    near = None if bound is None else _grid_search(prices, price, 0.4 * bound, 1.01 * bound, _NEAR_ROUNDS)
    return _grid_search(prices, price, *_ALL_VOLS, _FAR_ROUNDS) if near is None else near


def _grid_search(
    prices: Callable[[Array], Array], price: float, low: float, high: float, rounds: int
) -> float | None:
    """The volatility between two others, found by ever finer grids; one tree serves a whole grid."""
    at_low, at_high = 0.0, 0.0
    for _ in range(rounds):
        grid = np.geomspace(low, high, _GRID)
        found = prices(grid)
        if found[0] >= price or found[-1] <= price:
            return None
        above = int(np.argmax(found > price))
        low, high = float(grid[above - 1]), float(grid[above])
        at_low, at_high = float(found[above - 1]), float(found[above])
    # The last bracket is so narrow that the price is straight within it.
    return low + (high - low) * (price - at_low) / (at_high - at_low)


def _black(x: float, s: float) -> float:
    """Normalised out-of-the-money price, x <= 0, s > 0."""
    return math.exp(0.5 * x) * _below(x / s + 0.5 * s) - math.exp(-0.5 * x) * _below(x / s - 0.5 * s)


def _missing(x: float, s: float) -> float:
    """What the price lacks to its upper bound exp(x / 2); exact where the price itself has rounded to it."""
    return math.exp(0.5 * x) * _below(-x / s - 0.5 * s) + math.exp(-0.5 * x) * _below(x / s - 0.5 * s)


def _below(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


def _deviation(x: float, price: float) -> float | None:
    """The s at which the normalised price is `price`, or None above the bound."""
    bound = math.exp(0.5 * x)
    if price >= bound:
        return None
    if price > 0.5 * bound:
        target = math.log(bound - price)
        return _root(lambda s: target - math.log(max(_missing(x, s), 1e-300)))
    target = math.log(price)
    return _root(lambda s: math.log(max(_black(x, s), 1e-300)) - target)


def _root(rises: Callable[[float], float]) -> float | None:
    """Zero of a rising function by Ridders' rule inside a bracket that only shrinks."""
    low, high = _LOWEST_DEVIATION, _HIGHEST_DEVIATION
    at_low, at_high = rises(low), rises(high)
    if at_low >= 0 or at_high <= 0:
        return None
    # Ridders halves badly over many decades; a few halvings in the logarithm come first.
    while high > 2.0 * low:
        middle = math.sqrt(low * high)
        at = rises(middle)
        low, at_low, high, at_high = (low, at_low, middle, at) if at > 0 else (middle, at, high, at_high)
    return _ridders(rises, low, at_low, high, at_high)


def _ridders(
    rises: Callable[[float], float], low: float, at_low: float, high: float, at_high: float
) -> float:
    guess = 0.5 * (low + high)
    for _ in range(80):
        middle = 0.5 * (low + high)
        at = rises(middle)
        slope = math.sqrt(at * at - at_low * at_high)
        previous, guess = guess, middle - (middle - low) * at / slope if slope > 0 else middle
        if abs(guess - previous) <= _TOLERANCE * guess or high - low <= _TOLERANCE * high:
            break
        ends = sorted(((low, at_low), (middle, at), (guess, rises(guess)), (high, at_high)))
        low, at_low = [end for end in ends if end[1] <= 0][-1]
        high, at_high = next(end for end in ends if end[1] >= 0)
    return guess
