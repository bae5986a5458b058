"""Daily returns of several underlyings on the same days, and what they say of each other.

Returns are logarithms of one close by the close before it. Only days count on which everybody has a close, so
that a holiday of one makes one longer return for all and never a return against the wrong day.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from sumppump.domain.missing import Missing
from sumppump.domain.pricing.normal import Array

# Fewer returns than this say nothing of a beta or a correlation.
LEAST_RETURNS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Returns:
    """Aligned daily returns.

    Attributes:
        symbols: columns. days: of each row the later close.
        values: (days, symbols), logarithms.
        left_out: symbols without enough closes, with the reason.
    """

    symbols: tuple[str, ...]
    days: tuple[date, ...]
    values: Array
    left_out: Mapping[str, Missing]

    def __len__(self) -> int:
        return len(self.days)

    def of(self, symbol: str) -> Array:
        """One column.

        Raises:
            ValueError: the symbol has none.
        """
        return self.values[:, self.symbols.index(symbol)]

    def columns(self, symbols: Sequence[str]) -> Array:
        """(days, symbols) in this order; NaN columns for symbols that have no returns."""
        nothing = np.full(len(self), np.nan)
        known = [self.of(each) if each in self.symbols else nothing for each in symbols]
        return np.array(known).reshape(len(symbols), len(self)).T


def aligned_returns(
    closes: Mapping[str, Mapping[date, float]], *, least: int = LEAST_RETURNS, most: int | None = None
) -> Returns:
    """Returns between the closes that all symbols share.

    Args:
        closes: by symbol, by day, currency per share, adjusted for splits; one not above 0 does not count.
        least: symbols with fewer returns are left out, because they would shorten everybody's.
        most: the newest so many returns alone.
    """
    sound = {
        symbol: {day: close for day, close in each.items() if close > 0} for symbol, each in closes.items()
    }
    left_out = {
        symbol: Missing("too_few_closes", f"{max(0, len(each) - 1)} daily returns, {least} are needed")
        for symbol, each in sound.items()
        if len(each) <= least
    }
    kept = [symbol for symbol in sound if symbol not in left_out]
    days = sorted(set.intersection(*(set(sound[symbol]) for symbol in kept))) if kept else []
    days = days if most is None else days[-most - 1 :]
    prices = np.array([[sound[symbol][day] for symbol in kept] for day in days]).reshape(len(days), len(kept))
    values = np.diff(np.log(prices), axis=0)
    return Returns(symbols=tuple(kept), days=tuple(days[1:]), values=values, left_out=left_out)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beta:
    """How an underlying moves with a market, by ordinary least squares with an intercept.

    Attributes:
        beta: its return per return of the market. error: standard error of it, homoscedastic.
        alpha: intercept, per day. r_squared: share of its variance that the market explains.
        samples: returns that it rests on.
    """

    beta: float
    error: float
    alpha: float
    r_squared: float
    samples: int


def ols_beta(own: Array, market: Array, *, least: int = LEAST_RETURNS) -> Beta | Missing:
    """Beta of `own` returns to those of the market on the same days."""
    count = len(own)
    if count < max(3, least):
        return Missing("too_few_returns", f"{count} daily returns in common, {max(3, least)} are needed")
    x, y = market - market.mean(), own - own.mean()
    spread, total = float(x @ x), float(y @ y)
    if not spread > 0:
        return Missing("market_stands_still", "the market has not moved on these days")
    beta = float(x @ y) / spread
    missed = y - beta * x
    residual = float(missed @ missed)
    return Beta(
        beta=beta,
        error=math.sqrt(residual / (count - 2) / spread),
        alpha=float(own.mean() - beta * market.mean()),
        r_squared=1.0 - residual / total if total > 0 else 1.0,
        samples=count,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlations:
    """Pearson's correlations of daily returns.

    Attributes:
        symbols: rows and columns. values: (symbols, symbols), -1 to 1; NaN with what stands still.
        samples: returns that they rest on.
    """

    symbols: tuple[str, ...]
    values: Array
    samples: int

    def error(self, value: float) -> float:
        """Standard error of one of them, for returns that are normal: (1 - value^2) / sqrt(samples - 1)."""
        return (1.0 - value * value) / math.sqrt(self.samples - 1)


def correlations(returns: Returns, *, least: int = LEAST_RETURNS) -> Correlations | Missing:
    """Correlations of all symbols with each other."""
    count = len(returns)
    if count < max(3, least):
        return Missing("too_few_returns", f"{count} daily returns in common, {max(3, least)} are needed")
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.atleast_2d(np.corrcoef(returns.values, rowvar=False))
    return Correlations(symbols=returns.symbols, values=values, samples=count)
