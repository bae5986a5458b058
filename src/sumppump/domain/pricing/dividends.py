"""Cash dividends of many contracts, one row a dividend and one column a contract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sumppump.domain.pricing.contracts import Bools, Rows
from sumppump.domain.pricing.normal import Array

# Pairs of years from now and cash per share: numbers for all contracts, or arrays with one for each.
Dividends = Sequence[tuple[ArrayLike, ArrayLike]]

# Moments nearer than this, in years, are one moment.
INSTANT = 1e-8


@dataclass(frozen=True, slots=True)
class CashDividends:
    """`when` in years from now, earlier rows first; `cash` per share, 0 where it is not paid in a life."""

    when: Array
    cash: Array

    def __bool__(self) -> bool:
        return bool(self.cash.any())

    def rows(self, rows: Rows) -> CashDividends:
        """Of some of the contracts, without those that none of them gets."""
        when, cash = self.when[:, rows], self.cash[:, rows]
        paid = cash.any(axis=1)
        return CashDividends(when[paid], cash[paid])

    def repeated(self, times: int) -> CashDividends:
        """Of all contracts one after the other, several times."""
        return CashDividends(np.tile(self.when, times), np.tile(self.cash, times))

    def worth(self, rate: Array, moment: Array | float, *, with_this: Bools | bool = False) -> Array:
        """Value at `moment` of those paid later, or at that very moment too; moments may be many rows."""
        total = np.zeros(np.broadcast_shapes(np.shape(moment), rate.shape))
        least = moment + np.where(with_this, -INSTANT, INSTANT)
        for when, cash in zip(self.when, self.cash, strict=True):
            total += (when > least) * self._today(when, cash, rate)
        total *= np.exp(rate * moment)
        return total

    def rate_slope(self, rate: Array) -> Array:
        """By how much today's worth falls per 1 of interest."""
        total = np.zeros_like(rate)
        for when, cash in zip(self.when, self.cash, strict=True):
            total += when * self._today(when, cash, rate)
        return total

    @staticmethod
    def _today(when: Array, cash: Array, rate: Array) -> Array:
        # What is not paid may be dated anywhere, out of the reach of the exponential too.
        paid = cash != 0
        return np.where(paid, cash, 0.0) * np.exp(-rate * np.where(paid, when, 0.0))

    def may_tempt(self, strike: Array, rate: Array, years: Array) -> Bools:
        """Where a call may be exercised for a dividend.

        R. C. Merton (1973): not for one that is less than what the strike earns until the next, or expiry.
        """
        tempted = np.zeros(len(years), dtype=np.bool_)
        next_time = years
        for when, cash in zip(self.when[::-1], self.cash[::-1], strict=True):
            tempted |= (cash > 0) & (cash > -strike * np.expm1(-rate * (next_time - when)))
            next_time = np.where(cash > 0, when, next_time)
        return tempted


def cash_dividends(dividends: Dividends, years: Array, shape: tuple[int, ...]) -> CashDividends:
    """Dividends for contracts of this shape; those outside a contract's life pay it nothing."""
    spread = [[np.broadcast_to(part, shape).reshape(-1) for part in pair] for pair in dividends]
    table: NDArray[np.float64] = np.array(spread, dtype=np.float64).reshape(len(spread), 2, len(years))
    when, cash = table[:, 0], table[:, 1]
    order = np.argsort(when, axis=0, kind="stable")
    when, cash = np.take_along_axis(when, order, axis=0), np.take_along_axis(cash, order, axis=0)
    return CashDividends(when, np.where((when > INSTANT) & (when <= years), cash, 0.0))
