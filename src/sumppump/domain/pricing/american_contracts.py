"""American contracts with their dividends, and which of them somebody may exercise early."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from sumppump.domain.pricing.contracts import Bools, Contracts, Rows, contracts
from sumppump.domain.pricing.dividends import INSTANT, CashDividends, Dividends, cash_dividends
from sumppump.domain.pricing.normal import Array

# With less than the first to happen until expiry the outcome is certain to a hundredth of a cent; beyond
# the second every call costs its stock and every put its strike.
_DEVIATIONS = (1e-6, 40.0)


@dataclass(frozen=True, slots=True)
class AmericanContracts:
    """Contracts as columns, and the cash dividends of each."""

    contracts: Contracts
    dividends: CashDividends

    def __len__(self) -> int:
        return len(self.contracts)

    @property
    def escrow(self) -> Array:
        """The stock less the present value of its dividends, which alone moves."""
        # A dividend as large as the stock would leave nothing to move.
        return np.maximum(self.contracts.spot - self.dividends.worth(self.contracts.rate, 0.0), 1e-9)

    @property
    def exercised(self) -> Array:
        """What exercising now brings, per share."""
        return np.maximum(self.contracts.sign * (self.contracts.spot - self.contracts.strike), 0.0)

    @property
    def certain(self) -> Array:
        """What exercising brings without volatility at the best moment: now, at a dividend or at expiry."""
        best = self.exercised
        for when in (*self.dividends.when, self.contracts.years):
            best = np.maximum(best, self._exercised_at(np.clip(when, 0.0, self.contracts.years)))
        return best

    def _exercised_at(self, moment: Array) -> Array:
        """Today's value of an exercise then: before a dividend for a call, after it for a put."""
        each = self.contracts
        owed = each.strike - self.dividends.worth(each.rate, moment, with_this=each.call)
        gain = self.escrow * np.exp(-each.carry * moment) - owed * np.exp(-each.rate * moment)
        return each.sign * gain

    @property
    def may_be_early(self) -> Bools:
        """Where waiting is not always better, so that the European price is not the price."""
        each = self.contracts
        sound = (each.spot > 0) & (each.strike > 0) & (each.years > INSTANT)
        sound &= np.isfinite(self.escrow + each.strike + each.years + each.carry)
        call_waits = (each.rate >= 0) & (each.carry <= 0)
        call_waits &= ~self.dividends.may_tempt(each.strike, each.rate, each.years)
        put_waits = (each.rate <= 0) & (each.carry >= 0) & ~self.dividends.cash.any(axis=0)
        return sound & ~np.where(each.call, call_waits, put_waits)

    def at(self, vol: Array) -> AmericanContracts:
        """The same contracts at other volatilities."""
        return replace(self, contracts=replace(self.contracts, vol=vol))

    def rows(self, rows: Rows) -> AmericanContracts:
        """Some of the contracts."""
        return AmericanContracts(self.contracts.rows(rows), self.dividends.rows(rows))

    def repeated(self, times: int) -> AmericanContracts:
        """All contracts one after the other, several times."""
        columns = self.contracts.changed(lambda column: np.tile(column, times))
        return AmericanContracts(columns, self.dividends.repeated(times))

    def clamped(self) -> AmericanContracts:
        """The same with volatilities for which a tree can stand."""
        low, high = (limit / np.sqrt(self.contracts.years) for limit in _DEVIATIONS)
        return self.at(np.clip(self.contracts.vol, low, high))


def american_contracts(
    S: ArrayLike,
    K: ArrayLike,
    T: ArrayLike,
    r: ArrayLike,
    q: ArrayLike,
    sigma: ArrayLike,
    call: ArrayLike,
    dividends: Dividends,
) -> tuple[AmericanContracts, tuple[int, ...]]:
    """Arguments as contracts, and the shape that answers must have."""
    paid = np.broadcast_shapes(*(np.shape(part) for pair in dividends for part in pair))
    spots = np.asarray(S, dtype=np.float64)
    spots = np.broadcast_to(spots, np.broadcast_shapes(spots.shape, paid))
    columns, shape = contracts(spots, K, T, r, q, sigma, call)
    return AmericanContracts(columns, cash_dividends(dividends, columns.years, shape)), shape
