"""American prices and Greeks, with cash dividends as IBKR treats them (escrowed).

Where nobody exercises early the closed form answers. Everywhere else two trees of different sizes are
extrapolated (Richardson), portion by portion.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from sumppump.domain.instruments import Right
from sumppump.domain.pricing.contracts import Bools, Contracts, Rows, contracts, portions
from sumppump.domain.pricing.european import (
    DAYS_PER_YEAR,
    OptionValue,
    OptionValues,
    check_numbers,
    european_many,
    european_prices,
    is_call,
)
from sumppump.domain.pricing.normal import Array
from sumppump.domain.pricing.tree import CashDividends, roll_back

Dividends = Sequence[tuple[ArrayLike, ArrayLike]]

STEPS = 100
_PORTION = 256
_VOL_BUMP = 0.005
_RATE_BUMP = 0.0005
# With less than the first to happen until expiry the outcome is certain to a hundredth of a cent; beyond
# the second every call costs its stock and every put its strike.
_DEVIATIONS = (1e-6, 40.0)
_ROUNDING = 1e-12
# A third of a second: with less time left only the exercise now is worth a look.
_INSTANT = 1e-8


@dataclass(frozen=True, slots=True)
class Book:
    """Contracts, their dividends, and the part of the stock that no dividend will take away."""

    contracts: Contracts
    dividends: CashDividends

    @property
    def escrow(self) -> Array:
        # A dividend as large as the stock would leave nothing to move.
        return np.maximum(self.contracts.spot - self.dividends.worth(self.contracts.rate, 0.0), 1e-9)

    @property
    def exercised(self) -> Array:
        """What exercising now brings."""
        return np.maximum(self.contracts.sign * (self.contracts.spot - self.contracts.strike), 0.0)

    def at(self, vol: Array) -> Book:
        """The same contracts at other volatilities."""
        return replace(self, contracts=replace(self.contracts, vol=vol))

    def rows(self, rows: Rows) -> Book:
        """Some of the contracts."""
        return Book(self.contracts.rows(rows), self.dividends.rows(rows))

    def may_be_early(self) -> Bools:
        """Where waiting is not always better, so that the European price is not the price."""
        each = self.contracts
        calls, puts = (each.rate >= 0) & (each.carry <= 0), (each.rate <= 0) & (each.carry >= 0)
        sound = (each.spot > 0) & (each.strike > 0) & (each.years > _INSTANT) & ~(each.vol < 0)
        finite = np.isfinite(each.spot + each.strike + each.years + each.rate + each.carry)
        return sound & finite & (~np.where(each.call, calls, puts) | (self.dividends.cash > 0).any(axis=0))

    def clamped(self) -> Book:
        """The same with volatilities for which a tree can stand."""
        low, high = (limit / np.sqrt(self.contracts.years) for limit in _DEVIATIONS)
        return self.at(np.clip(self.contracts.vol, low, high))


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
    """`american` on arrays that broadcast together; `call` is True for calls.

    `dividends` are pairs of years from now and cash per share, each a number for all contracts or an array
    with one for each (no cash where a contract has none). `steps` are those of the larger tree; 50 suffice
    for a screen.
    """
    book, shape = book_of(S, K, T, r, q, sigma, call, dividends)
    each, escrow, exercised = book.contracts, book.escrow, book.exercised
    value = european_many(escrow, each.strike, each.years, each.rate, each.carry, each.vol, each.call)
    price = np.maximum(value.price, exercised)
    early = np.flatnonzero(book.may_be_early())
    if len(early):
        found = _extrapolated(book.rows(early), steps)
        price[early] = np.maximum(price[early], found[0])
        value.delta[early], value.gamma[early] = found[1:]
        value.theta[early] = _theta(each.rows(early), escrow[early], price[early], *found[1:])
        value.vega[early], value.rho[early] = _bumped(book.rows(early), steps // 2)
    stop = (exercised > 0) & (price <= exercised + _ROUNDING * each.strike)
    for greek in (value.gamma, value.theta, value.vega, value.rho):
        greek[stop] = 0.0
    value.delta[stop] = each.sign[stop]
    columns = (price, value.delta, value.gamma, value.theta, value.vega, value.rho)
    return OptionValues(*(column.reshape(shape) for column in columns))


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
    """Prices alone, at half of the cost."""
    book, shape = book_of(S, K, T, r, q, sigma, call, dividends)
    return prices_of(book, steps).reshape(shape)


def book_of(
    S: ArrayLike,
    K: ArrayLike,
    T: ArrayLike,
    r: ArrayLike,
    q: ArrayLike,
    sigma: ArrayLike,
    call: ArrayLike,
    dividends: Dividends,
) -> tuple[Book, tuple[int, ...]]:
    columns, shape = contracts(S, K, T, r, q, sigma, call)
    return Book(columns, cash_dividends(dividends, columns.years, shape)), shape


def cash_dividends(dividends: Dividends, years: Array, shape: tuple[int, ...]) -> CashDividends:
    """Dividends as rows over the contracts; those that fall outside a contract's life pay it nothing."""
    spread = [[np.broadcast_to(part, shape).reshape(-1) for part in pair] for pair in dividends]
    table = np.array(spread, dtype=np.float64).reshape(len(spread), 2, len(years))
    when, cash = table[:, 0], table[:, 1]
    return CashDividends(when, np.where((when > 0) & (when <= years), cash, 0.0))


def prices_of(book: Book, steps: int) -> Array:
    """Prices of a book: closed form where nobody exercises early, else by trees."""
    each = book.contracts
    price = european_prices(book.escrow, each.strike, each.years, each.rate, each.carry, each.vol, each.call)
    price = np.maximum(price, book.exercised)
    early = np.flatnonzero(book.may_be_early())
    price[early] = np.maximum(price[early], _extrapolated(book.rows(early), steps)[0])
    return price


def _extrapolated(book: Book, steps: int) -> Array:
    """Price, delta and gamma as rows: the larger tree's, and its lead over one half as large once more."""
    book = book.clamped()
    figures = np.empty((3, len(book.contracts)))
    escrow = book.escrow
    for rows in _portions(book):
        part, dividends = book.contracts.rows(rows), book.dividends.rows(rows)
        coarse = roll_back(part, escrow[rows], dividends, steps // 2)
        figures[:, rows] = 2.0 * roll_back(part, escrow[rows], dividends, steps) - coarse
    return figures


def _portions(book: Book) -> Iterator[Rows]:
    """Contracts of like expiry together, so that a dividend falls on few levels of a portion."""
    count = len(book.contracts)
    if not book.dividends:
        return portions(count, _PORTION)
    order = np.argsort(book.contracts.years, kind="stable")
    return (order[rows] for rows in portions(count, _PORTION))


def _theta(each: Contracts, escrow: Array, price: Array, delta: Array, gamma: Array) -> Array:
    """Per calendar day, by the equation that price, delta and gamma obey; no drift of dividends, as IBKR."""
    drift = each.rate * price - (each.rate - each.carry) * escrow * delta
    return (drift - 0.5 * (each.vol * escrow) ** 2 * gamma) / DAYS_PER_YEAR


def _bumped(book: Book, steps: int) -> tuple[Array, Array]:
    """Vega and rho from prices beside these; a smaller tree is as far off on both sides."""
    count, vol = len(book.contracts), book.contracts.vol
    low = np.minimum(_VOL_BUMP, 0.5 * vol)
    beside = Book(
        book.contracts.changed(lambda column: np.tile(column, 4)),
        CashDividends(np.tile(book.dividends.when, 4), np.tile(book.dividends.cash, 4)),
    )
    still = np.zeros(count)
    vols = beside.contracts.vol + np.concatenate([still + _VOL_BUMP, -low, still, still])
    rates = beside.contracts.rate + _RATE_BUMP * np.repeat([0.0, 0.0, 1.0, -1.0], count)
    moved = replace(beside, contracts=replace(beside.contracts, vol=vols, rate=rates))
    up, down, dear, cheap = _extrapolated(moved, steps)[0].reshape(4, count)
    return (up - down) / (_VOL_BUMP + low) / 100.0, (dear - cheap) / (2.0 * _RATE_BUMP) / 100.0
