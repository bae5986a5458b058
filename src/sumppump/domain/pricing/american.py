"""American prices and Greeks by a binomial tree, with cash dividends as IBKR treats them (escrowed).

The tree is smoothed by Black-Scholes at its last step but one and extrapolated from two sizes
(M. Broadie, J. Detemple, "American Option Valuation", 1996). It starts two steps before now, so that
three of its prices stand at the present: their middle is the price, their differences delta and gamma.
Escrowed means: the stock less the present value of its dividends until expiry does the moving, and an
early exercise is paid in the whole stock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sumppump.domain.instruments import Right
from sumppump.domain.pricing.european import (
    DAYS_PER_YEAR,
    OptionValue,
    OptionValues,
    check_numbers,
    european_many,
    european_prices,
    is_call,
)
from sumppump.domain.pricing.normal import Array, normal_cdf, normal_density

Dividends = Sequence[tuple[float, float]]

STEPS = 100
_CHUNK = 300
_VOL_BUMP = 0.005
_RATE_BUMP = 0.0005
# With less than this to happen until expiry the outcome is certain to a hundredth of a cent.
_LEAST_DEVIATION = 1e-6


@dataclass(frozen=True, slots=True)
class _Batch:
    """Contracts as arrays of one shape; `spot` is the whole stock, `escrow` the part without dividends."""

    spot: Array
    strike: Array
    years: Array
    rate: Array
    carry: Array
    vol: Array
    call: NDArray[np.bool_]
    dividends: Dividends

    @property
    def sign(self) -> Array:
        return np.where(self.call, 1.0, -1.0)

    @property
    def escrow(self) -> Array:
        # A dividend as large as the stock would leave nothing to move.
        return np.maximum(self.spot - self.dividends_after(0.0, 0.0), 1e-9)

    @property
    def exercised(self) -> Array:
        """What exercising now brings."""
        return np.maximum(self.sign * (self.spot - self.strike), 0.0)

    def dividends_after(self, moment: Array | float, slack: Array | float) -> Array:
        """Value at `moment` (years) of the dividends to expiry; `slack` earlier ones still count."""
        total = np.zeros_like(self.years)
        for when, cash in self.dividends:
            counts = (when > moment - slack) & (when <= self.years) & (when > 0)
            total = total + np.where(counts, cash * np.exp(-self.rate * (when - moment)), 0.0)
        return total

    def never_early(self) -> NDArray[np.bool_]:
        """Where waiting is always better, so that the European price is the price."""
        pays = self.dividends_after(0.0, 0.0) > 0
        calls = self.call & (self.rate >= 0) & (self.carry <= 0) & ~pays
        puts = ~self.call & (self.rate <= 0) & (self.carry >= 0)
        certain = self.vol * np.sqrt(np.maximum(self.years, 0.0)) < _LEAST_DEVIATION
        return calls | puts | certain

    def reshaped(self, change: Callable[[NDArray[Any]], NDArray[Any]]) -> _Batch:
        """The same contracts with `change` applied to every column."""
        return _Batch(
            spot=change(self.spot),
            strike=change(self.strike),
            years=change(self.years),
            rate=change(self.rate),
            carry=change(self.carry),
            vol=change(self.vol),
            call=change(self.call),
            dividends=self.dividends,
        )


def american(
    S: float,
    K: float,
    T: float,
    r: float,
    q: float,
    sigma: float,
    right: Right | str,
    dividends: Dividends = (),
) -> OptionValue:
    """Price and Greeks of an American option.

    Args:
        S: underlying's price, > 0.
        K: strike, > 0.
        T: years to expiry; at or below 0 the intrinsic value is returned.
        r: interest rate per year, continuous.
        q: dividend yield per year, continuous.
        sigma: volatility per year, >= 0.
        right: call or put (`C`, `P`).
        dividends: (years from now, cash per share); those after T do not count.

    Raises:
        ValueError: an argument is not a usable number.

    Example:
        >>> round(american(50, 50, 5 / 12, 0.10, 0.0, 0.40, "P").price, 2)  # Hull
        4.28
    """
    check_numbers(S, K, T, r, q, sigma)
    return american_many(S, K, T, r, q, sigma, is_call(right), dividends=dividends).at(0)


def american_many(
    S: ArrayLike,
    K: ArrayLike,
    T: ArrayLike,
    r: ArrayLike,
    q: ArrayLike,
    sigma: ArrayLike,
    call: ArrayLike,
    *,
    dividends: Dividends = (),
    steps: int = STEPS,
) -> OptionValues:
    """`american` on arrays that broadcast together; all share the dividends."""
    batch = _batch(S, K, T, r, q, sigma, call, dividends)
    vol_down = np.minimum(_VOL_BUMP, 0.5 * batch.vol)
    price, delta, gamma = _tree(_bumped(batch, vol_down), steps)
    price, vol_up, vol_low, rate_up, rate_low = np.split(price, 5)
    delta, gamma = np.split(delta, 5)[0], np.split(gamma, 5)[0]
    is_exercised = (price <= batch.exercised) & (batch.exercised > 0)
    theta = batch.rate * price - (batch.rate - batch.carry) * batch.escrow * delta
    theta -= 0.5 * batch.vol**2 * batch.escrow**2 * gamma
    lives = (batch.years > 0) & ~is_exercised
    return OptionValues(
        price=price,
        delta=np.where(is_exercised, batch.sign, delta),
        gamma=np.where(lives, gamma, 0.0),
        theta=np.where(lives, theta, 0.0) / DAYS_PER_YEAR,
        vega=np.where(lives, (vol_up - vol_low) / (_VOL_BUMP + vol_down), 0.0) / 100.0,
        rho=np.where(lives, (rate_up - rate_low) / (2 * _RATE_BUMP), 0.0) / 100.0,
    )


def american_prices(
    S: ArrayLike,
    K: ArrayLike,
    T: ArrayLike,
    r: ArrayLike,
    q: ArrayLike,
    sigma: ArrayLike,
    call: ArrayLike,
    *,
    dividends: Dividends = (),
    steps: int = STEPS,
) -> Array:
    """Prices alone, at a fifth of the cost."""
    return _tree(_batch(S, K, T, r, q, sigma, call, dividends), steps)[0]


def _batch(
    S: ArrayLike,
    K: ArrayLike,
    T: ArrayLike,
    r: ArrayLike,
    q: ArrayLike,
    sigma: ArrayLike,
    call: ArrayLike,
    dividends: Dividends,
) -> _Batch:
    numbers = (np.atleast_1d(np.asarray(part, dtype=np.float64)) for part in (S, K, T, r, q, sigma))
    spot, strike, years, rate, carry, vol, calls = (
        np.ravel(column) for column in np.broadcast_arrays(*numbers, np.asarray(call, dtype=np.bool_))
    )
    return _Batch(spot, strike, years, rate, carry, vol, calls, tuple(dividends))


def _bumped(batch: _Batch, vol_down: Array) -> _Batch:
    """Five copies: as it is, volatility up and down, rate up and down; one tree serves them all."""
    copies = batch.reshaped(lambda column: np.tile(column, 5))
    here = np.zeros_like(batch.vol)
    vol = [here, here + _VOL_BUMP, -vol_down, here, here]
    rate = [here, here, here, here + _RATE_BUMP, here - _RATE_BUMP]
    return replace(copies, vol=copies.vol + np.concatenate(vol), rate=copies.rate + np.concatenate(rate))


def _tree(batch: _Batch, steps: int) -> tuple[Array, Array, Array]:
    """Price, delta and gamma: closed form where nobody exercises early, else extrapolated trees."""
    euro = european_many(
        batch.escrow, batch.strike, batch.years, batch.rate, batch.carry, batch.vol, batch.call
    )
    price, delta, gamma = np.maximum(euro.price, batch.exercised), euro.delta.copy(), euro.gamma.copy()
    for rows, size in _chunks(batch, steps):
        part = batch.reshaped(lambda column, rows=rows: column[rows][:, None])  # type: ignore[misc]
        fine, coarse = _roll_back(part, size), _roll_back(part, size // 2)
        value, delta[rows], gamma[rows] = (2.0 * a - b for a, b in zip(fine, coarse, strict=True))
        price[rows] = np.maximum(value, price[rows])
    return price, delta, gamma


def _chunks(batch: _Batch, steps: int) -> Iterator[tuple[NDArray[np.intp], int]]:
    """Rows that need a tree, in portions that fit the cache, each with its number of steps."""
    early = np.flatnonzero(~batch.never_early())
    groups = [early]
    if batch.dividends:
        groups = [early[batch.years[early] == years] for years in np.unique(batch.years[early])]
    for group in groups:
        size = _aligned(float(batch.years[group[0]]), batch.dividends, steps) if len(group) else steps
        for start in range(0, len(group), _CHUNK):
            yield group[start : start + _CHUNK], size


def _aligned(years: float, dividends: Dividends, steps: int) -> int:
    """An even number of steps, a little above `steps`, whose dates fall upon the dividends'.

    The best moment to exercise a call is just before a dividend; a date between two nodes would cost
    more than the extrapolation gains.
    """
    inside = [when / years for when, _ in dividends if 0 < when <= years]
    if not inside:
        return steps
    sizes = range(steps, steps + steps // 2, 2)
    return min(sizes, key=lambda size: sum(abs(part * size / 2 - round(part * size / 2)) for part in inside))


def _roll_back(part: _Batch, steps: int) -> tuple[Array, Array, Array]:
    step = part.years / steps
    jump = part.vol * np.sqrt(step)
    # Up and down carry the drift, so that the weight of "up" lies between 0 and 1 for every input.
    drift = (part.rate - part.carry) * step
    up = 1.0 / (1.0 + np.exp(jump))
    grown, lost = np.exp(-part.rate * step) * up, np.exp(-part.rate * step) * (1.0 - up)
    last = steps - 1
    nodes = part.escrow * np.exp(drift * last + jump * np.arange(-(last + 2), last + 3, 2))
    value = european_prices(nodes, part.strike, step, part.rate, part.carry, part.vol, part.call)
    value = np.maximum(value, _exercised(part, nodes, last * step, step))
    back, paid = np.exp(jump - drift), _payment_levels(part, steps)
    gain: Array | None = None
    for level in range(last - 1, -1, -1):
        value = grown * value[:, 1:] + lost * value[:, :-1]
        if gain is not None:
            value += np.exp(-part.rate * step) * _expected_gain(gain[:, :-1], gain[:, 1:], up)
        nodes = nodes[:, :-1] * back
        exercised = _exercised(part, nodes, level * step, step)
        gain = exercised - value if level in paid else None
        if gain is None:
            np.maximum(value, exercised, out=value)
    return _middle(nodes, value)


def _payment_levels(part: _Batch, steps: int) -> set[int]:
    """Numbers of the nodes, none of them now, that stand for dates of dividends."""
    if not part.dividends:
        return set()
    years = float(part.years.flat[0])
    return {round(when / years * steps) for when, _ in part.dividends if 0 < when <= years} - {0}


def _expected_gain(low: Array, high: Array, up: Array) -> Array:
    """What the choice to exercise just before a dividend is worth one node earlier.

    Unlike elsewhere the choice has a kink here, upon which two nodes are a coarse grid whose error
    the extrapolation would magnify; so the gain is taken as normal, with the mean and deviation of the two.
    """
    mean, deviation = up * high + (1.0 - up) * low, np.maximum(0.5 * np.abs(high - low), 1e-12)
    return mean * normal_cdf(mean / deviation) + deviation * normal_density(mean / deviation)


def _exercised(part: _Batch, nodes: Array, moment: Array, step: Array) -> Array:
    stock = nodes + part.dividends_after(moment, 0.5 * step) if part.dividends else nodes
    return part.sign * (stock - part.strike)


def _middle(nodes: Array, value: Array) -> tuple[Array, Array, Array]:
    """Value and its first two derivatives at the middle of three unevenly spaced nodes."""
    low, high = nodes[:, 1] - nodes[:, 0], nodes[:, 2] - nodes[:, 1]
    before, after = (value[:, 1] - value[:, 0]) / low, (value[:, 2] - value[:, 1]) / high
    delta = (low * after + high * before) / (low + high)
    return value[:, 1], delta, 2.0 * (after - before) / (low + high)
