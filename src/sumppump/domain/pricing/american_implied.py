"""American implied volatilities of single contracts or whole chains: the right number, or a reason.

A secant inside a bracket that only shrinks. What matters is where it starts: deep in the money a price says
little about volatility, so such a contract starts from the volatility of the out-of-the-money contract at the
same strike and expiry, wherever the chain holds one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sumppump.domain.instruments import Right
from sumppump.domain.pricing.american import STEPS, prices_of
from sumppump.domain.pricing.american_contracts import AmericanContracts, american_contracts
from sumppump.domain.pricing.contracts import Rows
from sumppump.domain.pricing.dividends import Dividends
from sumppump.domain.pricing.european import check_numbers, european_many, is_call
from sumppump.domain.pricing.implied import ImpliedVols, VolStatus, implied_vols
from sumppump.domain.pricing.normal import Array

# Below this part of the stock an out-of-the-money price is nothing; below the second, what stands above the
# certain gain of an exercise is nothing that a tree resolves or a market quotes.
_LEAST, _LEAST_INSIDE = 1e-7, 5e-6
# A price met as well as this part of the stock is met; the second is as good as rounding allows.
_MET, _EXACT = 1e-6, 1e-13
_LOWEST, _HIGHEST = 1e-3, 10.0
_ROUNDS = 60
# A step as small as this, in volatility, needs no price to prove it; the next would be far smaller.
_STRAIGHT = 2e-6
_NO_SEED = 0.3

_Statuses = NDArray[np.int8]


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
    """Volatility at which an American option has this price; None where there is none.

    Arguments and errors as `implied_vol`, dividends as `american`; `american_implied_vols` says why not.
    """
    check_numbers(S, K, T, r, q, 0.0)
    return american_implied_vols(price, S, K, T, r, q, is_call(right), dividends=dividends).at(0)


def american_implied_vols(
    price: ArrayLike,
    S: ArrayLike,
    K: ArrayLike,
    T: ArrayLike,
    r: ArrayLike,
    q: ArrayLike,
    call: ArrayLike,
    *,
    dividends: Dividends = (),
    seeds: ArrayLike | None = None,
    steps: int = STEPS,
) -> ImpliedVols:
    """`american_implied_vol` on arrays that broadcast together; `call` is True for calls.

    `dividends` are as in `american_many`. Near `seeds` (volatilities, NaN for none) is looked first; without
    them a contract in the money is looked for near the answer of the one out of the money with its strike
    and expiry, if the arrays hold it. `steps` are those of the tree.

    Returns:
        Arrays of the arguments' shape. The status is as in `implied_vols`; AT_INTRINSIC besides: the price
        is not above what exercising now brings, where a sound holder does so at once, and where
        the price is the same for every volatility below some bound.
    """
    # Volatilities are what is looked for; prices lend them their shape.
    options, shape = american_contracts(S, K, T, r, q, np.full(np.shape(price), np.nan), call, dividends)
    market = np.broadcast_to(np.asarray(price, dtype=np.float64), shape).reshape(-1)
    each, escrow = options.contracts, options.escrow
    european = implied_vols(market, escrow, each.strike, each.years, each.rate, each.carry, each.call)
    vol, status = european.vol.copy(), european.status.copy()
    early = options.may_be_early & np.isfinite(market)
    status[early] = _bounds(market, options)[early]
    vol[early & (status != VolStatus.OK)] = np.nan
    start = (
        vol.copy()
        if seeds is None
        else np.broadcast_to(np.asarray(seeds, dtype=np.float64), shape).reshape(-1)
    )
    is_open = early & (status == VolStatus.OK)
    inside = options.exercised > 0
    for rows in (np.flatnonzero(is_open & ~inside), np.flatnonzero(is_open & inside)):
        guess, known = start[rows], ~inside & (status == VolStatus.OK)
        if seeds is None:
            guess = np.where(np.isfinite(pair := _of_the_pair(options, vol, known)[rows]), pair, guess)
        vol[rows], status[rows] = _search(options.rows(rows), market[rows], guess, steps)
    return ImpliedVols(vol.reshape(shape), status.reshape(shape))


def _bounds(market: Array, options: AmericanContracts) -> _Statuses:
    """Which prices a volatility could make."""
    each, inside = options.contracts, options.certain
    status = np.full(len(market), VolStatus.OK, dtype=np.int8)
    status[market >= np.where(each.call, each.spot, each.strike)] = VolStatus.ABOVE_MAX
    least = np.where(inside > 0, _LEAST_INSIDE, _LEAST) * each.spot
    worthless = market - inside <= least
    status[worthless] = np.where(inside > 0, VolStatus.AT_INTRINSIC, VolStatus.NO_TIME_VALUE)[worthless]
    return status


def _of_the_pair(options: AmericanContracts, vol: Array, is_known: NDArray[np.bool_]) -> Array:
    """For every contract the known volatility at its strike and expiry, or NaN."""
    key = options.contracts.strike + 1j * options.contracts.years
    known = np.flatnonzero(is_known)
    if not len(known):
        return np.full(len(key), np.nan)
    known = known[np.argsort(key[known])]
    place = known[np.minimum(np.searchsorted(key[known], key), len(known) - 1)]
    return np.where(key[place] == key, vol[place], np.nan)


@dataclass(frozen=True, slots=True)
class _Search:
    """Where each contract's search stands: a volatility, what its price exceeds the market by, a bracket."""

    here: Array
    excess: Array
    slope: Array
    low: Array
    high: Array

    def rows(self, rows: Rows) -> _Search:
        return _Search(self.here[rows], self.excess[rows], self.slope[rows], self.low[rows], self.high[rows])

    @property
    def narrowed(self) -> _Search:
        """The bracket drawn up to where the search stands."""
        below = self.excess < 0
        low, high = np.where(below, self.here, self.low), np.where(below, self.high, self.here)
        return replace(self, low=low, high=high)

    @property
    def there(self) -> Array:
        """By the secant, at most double or half; by the middle of the bracket where that would leave it."""
        with np.errstate(all="ignore"):
            there = self.here - self.excess / self.slope
        there = np.clip(there, 0.5 * self.here, 2.0 * self.here)
        return np.where((there > self.low) & (there < self.high), there, np.sqrt(self.low * self.high))

    def at(self, there: Array, excess: Array) -> _Search:
        """The search after one more price."""
        with np.errstate(all="ignore"):
            slope = (excess - self.excess) / (there - self.here)
        return replace(self, here=there, excess=excess, slope=slope)


def _search(options: AmericanContracts, market: Array, guess: Array, steps: int) -> tuple[Array, _Statuses]:
    each = options.contracts
    here = np.clip(np.where(np.isfinite(guess), guess, _NO_SEED), _LOWEST, _HIGHEST)
    vega = european_many(options.escrow, each.strike, each.years, each.rate, each.carry, here, each.call).vega
    low, high = np.full(len(here), _LOWEST), np.full(len(here), _HIGHEST)
    search = _Search(here, prices_of(options.at(here), steps) - market, 100.0 * vega, low, high)
    found, missed = here.copy(), search.excess.copy()
    rows, exact = np.arange(len(here)), _EXACT * each.spot
    for _ in range(_ROUNDS):
        search = search.narrowed
        there, is_met = search.there, np.abs(search.excess) <= exact[rows]
        # The last step is taken on trust: what is left after it is of the order of its square.
        found[rows], missed[rows] = np.where(is_met, search.here, there), search.excess
        is_open = ~is_met & (np.abs(there - search.here) > _STRAIGHT)
        rows, search, there = rows[is_open], search.rows(is_open), there[is_open]
        if not len(rows):
            break
        search = search.at(there, prices_of(options.rows(rows).at(there), steps) - market[rows])
    return _judged(options, found, missed)


def _judged(options: AmericanContracts, found: Array, missed: Array) -> tuple[Array, _Statuses]:
    """The volatilities whose prices meet the market, and why the others do not."""
    lowest = np.where(options.certain > 0, VolStatus.AT_INTRINSIC, VolStatus.NO_TIME_VALUE)
    reason = np.where(found < 0.99 * _HIGHEST, lowest, VolStatus.ABOVE_MAX)
    is_met = np.abs(missed) <= _MET * options.contracts.spot
    return np.where(is_met, found, np.nan), np.where(is_met, VolStatus.OK, reason).astype(np.int8)
