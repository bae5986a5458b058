"""P&L of many combos of several expiries at the first one, on a grid of prices; straight between them.

Figures are per share of one combo. The later legs' values come from a model, so the bounds are the grid's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sumppump.domain.distribution import Distribution
from sumppump.domain.pricing.normal import Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Profiles:
    """Curves of P&L.

    Attributes:
        prices: of the underlying, currency per share, rising, (prices,).
        pnl: (combos, prices). slope: (combos,), of the legs' payoffs per 1 beyond all prices.
    """

    prices: Array
    pnl: Array
    slope: Array

    @property
    def max_loss(self) -> Array:
        """The most that can be lost, >= 0; infinite where there is no bound."""
        return np.where(self.slope < 0, np.inf, np.maximum(0.0, -self.pnl.min(axis=1)))

    @property
    def max_profit(self) -> Array:
        """The most that can be gained, likewise."""
        return np.where(self.slope > 0, np.inf, np.maximum(0.0, self.pnl.max(axis=1)))

    def chance(self, cells: Array) -> Array:
        """Probability of a profit, 0 to 1, by the probability of each stretch between two prices."""
        low, high = self.pnl[:, :-1], self.pnl[:, 1:]
        total = np.abs(low) + np.abs(high)
        gains = np.maximum(low, 0.0) + np.maximum(high, 0.0)
        share = np.divide(gains, total, out=np.zeros_like(total), where=total > 0)
        found: Array = share @ cells
        return found

    def averages(self, cells: Array) -> Array:
        """Mean P&L in that day's money, (measures, combos), by such probabilities, (measures, cells)."""
        found: Array = cells @ (0.5 * (self.pnl[:, :-1] + self.pnl[:, 1:])).T
        return found


def cells_of(prices: Array, outcomes: Distribution) -> Array:
    """Probability of each stretch between two prices; the outermost two stand for all beyond them as well."""
    upto = outcomes.below(prices)
    upto[0], upto[-1] = 0.0, 1.0
    return np.diff(upto)
