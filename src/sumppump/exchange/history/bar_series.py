"""What bars are made of: prices, quotes or volatilities along one stretch of trading, as arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sumppump.exchange.calendar.trading_days import STEPS_PER_SECOND
from sumppump.exchange.calendar.trading_spans import Stretch
from sumppump.exchange.listing.instruments import Listing
from sumppump.exchange.listing.symbols import BY_SYMBOL
from sumppump.exchange.market.quotes import Quoter
from sumppump.exchange.market.stock_data import StockData
from sumppump.exchange.market.tape import PRINT_STEPS, Prints
from sumppump.exchange.market.tick_arrays import TickArrays

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Series:
    """Values in the order of time.

    Attributes:
        at_s: the second that each belongs to, since the epoch; several may share one.
        values: prices or volatilities.
        volumes: traded at each value, None where the kind has none.
    """

    at_s: Ints
    values: Floats
    volumes: Ints | None = None

    @classmethod
    def joined(cls, parts: list[Series]) -> Series:
        """Several one after the other."""
        if not parts:
            return cls(np.zeros(0, dtype=np.int64), np.zeros(0))
        if len(parts) == 1:
            return parts[0]
        volumes = [one.volumes for one in parts if one.volumes is not None]
        return cls(
            np.concatenate([one.at_s for one in parts]),
            np.concatenate([one.values for one in parts]),
            np.concatenate(volumes) if volumes else None,
        )

    def __len__(self) -> int:
        return len(self.values)


_SIDES: dict[str, Callable[[Ints, Ints], Ints]] = {
    "BID": lambda bid, ask: 2 * bid,
    "ASK": lambda bid, ask: 2 * ask,
    "MIDPOINT": lambda bid, ask: bid + ask,
}


class BarSeries:
    """Makes series; `what` is a kind of bar in TWS's words."""

    def __init__(self, quoter: Quoter, stocks: StockData, arrays: TickArrays) -> None:
        self._quoter = quoter
        self._stocks = stocks
        self._arrays = arrays

    def of(self, listing: Listing, what: str, part: Stretch, *, per_step: bool) -> Series:
        """The values of a stretch; `per_step` for bars shorter than a minute."""
        if part.end <= part.first:
            return Series(np.zeros(0, dtype=np.int64), np.zeros(0))
        if what == "TRADES":
            return self._trades(listing, part)
        if what.endswith("_VOLATILITY"):
            return self._volatility(listing, what, part)
        return self._quotes(listing, what, part, per_step=per_step)

    def _trades(self, listing: Listing, part: Stretch) -> Series:
        found = self._arrays.prints_by_second(listing, part.session, part.first, part.end)
        return Series.joined([_printed(listing, part, prints) for prints in found])

    def _quotes(self, listing: Listing, what: str, part: Stretch, *, per_step: bool) -> Series:
        if listing.is_option:
            first, end = (-(-step // PRINT_STEPS) for step in (part.first, part.end))
            steps = np.arange(first, end, dtype=np.int64) * PRINT_STEPS
            seconds = steps // STEPS_PER_SECOND
        else:
            steps = _looks(part, per_step=per_step)
            symbol = BY_SYMBOL[listing.underlying].symbol
            seen = self._quoter.market.seconds_seen(symbol, part.session, steps)
            seconds = steps // STEPS_PER_SECOND if per_step else seen
        bid, ask = self._arrays.sides(listing, part.session, steps)
        return Series(_seconds(part, seconds), _SIDES[what](bid, ask) / (2.0 * listing.price_units))

    def _volatility(self, listing: Listing, what: str, part: Stretch) -> Series:
        under = BY_SYMBOL[listing.underlying]
        steps = _looks(part, per_step=False)
        if what == "HISTORICAL_VOLATILITY":
            values = np.full(len(steps), self._stocks.past_vol(under, part.session.day))
        else:
            values = self._stocks.month_vols(under, part.session, steps)
        return Series(_seconds(part, steps // STEPS_PER_SECOND), values)


def _printed(listing: Listing, part: Stretch, prints: Prints) -> Series:
    return Series(
        _seconds(part, prints.steps // STEPS_PER_SECOND),
        prints.price[:, 0] / listing.price_units,
        prints.size[:, 0],
    )


def _looks(part: Stretch, *, per_step: bool) -> Ints:
    """All steps; or the last quarter of each second, in which its price shows, and the newest step."""
    if per_step:
        return np.arange(part.first, part.end, dtype=np.int64)
    first = part.first + (STEPS_PER_SECOND - 1 - part.first) % STEPS_PER_SECOND
    steps = np.arange(first, part.end, STEPS_PER_SECOND, dtype=np.int64)
    return steps if len(steps) and steps[-1] == part.end - 1 else np.append(steps, part.end - 1)


def _seconds(part: Stretch, seconds: Ints) -> Ints:
    """Seconds since the epoch; those of a regular close belong to the second before it."""
    inside = np.minimum(seconds, part.session.seconds - 1) if part.ends_with_auction else seconds
    since_epoch: Ints = part.session.open_ms // 1000 + inside
    return since_epoch
