"""Variance that a strip of options is worth: the formula of the Cboe Volatility Index.

"Cboe Volatility Index Mathematics Methodology": a forward by parity at the strike where call and put cost
most nearly the same, puts below and calls above the first strike at or under it, outward past one strike
without a bid and stopping at the second in a row; widths are those of the strikes that are left.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sumppump.domain.missing import Missing

# Strikes in a row without a bid that end a side of the strip.
_LAST_BLANK = 2
_LEAST_STRIKES = 3


class Sides(NamedTuple):
    """Bid and ask, currency per share; a bid of 0 is no bid."""

    bid: float
    ask: float

    @property
    def mid(self) -> float:
        """Half-way between."""
        return 0.5 * (self.bid + self.ask)


@dataclass(frozen=True, slots=True)
class StripQuote:
    """Call and put at one strike."""

    strike: float
    call: Sides
    put: Sides

    @property
    def gap(self) -> float:
        """By how much the call is dearer than the put, mid by mid."""
        return self.call.mid - self.put.mid


@dataclass(frozen=True, slots=True)
class StripPoint:
    """One strike that counts: its price, and the width of strikes it stands for (delta K)."""

    strike: float
    price: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StripVariance:
    """What one expiry's strip is worth.

    Attributes:
        years: to settlement. forward: currency per share. k0: the first strike at or below it.
        points: the strip, rising. total: sum of width / strike^2 * e^(rate years) * price.
        variance: per year.
    """

    years: float
    forward: float
    k0: float
    points: tuple[StripPoint, ...]
    total: float
    variance: float


def strip_variance(quotes: Iterable[StripQuote], *, years: float, rate: float) -> StripVariance | Missing:
    """Variance per year of one expiry.

    Args:
        quotes: of one expiry, any order.
        years: to settlement, in minutes of a year of 525,600.
        rate: per year, continuous.
    """
    board = sorted(quotes, key=lambda quote: quote.strike)
    two_sided = [quote for quote in board if quote.call.bid > 0 and quote.put.bid > 0]
    if years <= 0 or not two_sided:
        return Missing("no_forward", "no strike has a call and a put with bids, or no time is left")
    growth = math.exp(rate * years)
    middle = min(two_sided, key=lambda quote: abs(quote.gap))
    forward = middle.strike + growth * middle.gap
    points = _strip(board, forward)
    if len(points) < _LEAST_STRIKES:
        return Missing("too_few_strikes", f"{len(points)} strikes have a bid, {_LEAST_STRIKES} are needed")
    k0 = _k0(board, forward)
    total = math.fsum(point.width / point.strike**2 * growth * point.price for point in points)
    return StripVariance(
        years=years,
        forward=forward,
        k0=k0,
        points=points,
        total=total,
        variance=(2.0 * total - (forward / k0 - 1.0) ** 2) / years,
    )


def thirty_day_index(near: StripVariance, far: StripVariance, *, days: float = 30.0) -> float | Missing:
    """One hundred times the volatility for `days`, straight in total variance between two expiries.

    Raises:
        ValueError: `near` does not end before `far`.
    """
    if not near.years < far.years:
        raise ValueError(f"{near.years} years are not before {far.years}")
    wanted = days / 365.0
    share = (far.years - wanted) / (far.years - near.years)
    total = near.years * near.variance * share + far.years * far.variance * (1.0 - share)
    if total <= 0:
        return Missing("no_variance", "the strips give a variance that is not above 0")
    return 100.0 * math.sqrt(total / wanted)


def _k0(board: Sequence[StripQuote], forward: float) -> float:
    """The first strike at or below the forward, the lowest where all lie above."""
    return max((quote.strike for quote in board if quote.strike <= forward), default=board[0].strike)


def _strip(board: Sequence[StripQuote], forward: float) -> tuple[StripPoint, ...]:
    k0 = _k0(board, forward)
    puts = _outward((quote.strike, quote.put) for quote in reversed(board) if quote.strike < k0)
    calls = _outward((quote.strike, quote.call) for quote in board if quote.strike > k0)
    middle = [(quote.strike, 0.5 * (quote.call.mid + quote.put.mid)) for quote in board if quote.strike == k0]
    return _widened([*reversed(puts), *middle, *calls])


def _outward(side: Iterable[tuple[float, Sides]]) -> list[tuple[float, float]]:
    """(strike, mid) from the money outward: those with a bid, up to the second blank in a row."""
    kept: list[tuple[float, float]] = []
    blank = 0
    for strike, sides in side:
        blank = 0 if sides.bid > 0 else blank + 1
        if blank == _LAST_BLANK:
            break
        if not blank:
            kept.append((strike, sides.mid))
    return kept


def _widened(prices: Sequence[tuple[float, float]]) -> tuple[StripPoint, ...]:
    """Each strike with half the distance between its neighbours, at an end the distance to the only one."""
    strikes = [strike for strike, _ in prices]
    last = len(strikes) - 1
    return tuple(
        StripPoint(strike, price, _width(strikes, place, last))
        for place, (strike, price) in enumerate(prices)
    )


def _width(strikes: Sequence[float], place: int, last: int) -> float:
    low, high = max(0, place - 1), min(last, place + 1)
    return (strikes[high] - strikes[low]) / max(1, high - low)
