"""Daily closes of what is held, from the broker's bars, kept for the day: betas and VaR rest on them.

Of shares the closes are adjusted for splits and dividends (ADJUSTED_LAST), so that an ex-date is no loss; an
index has plain ones. The day that is still on is no day yet.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from sumppump.domain.instruments import SecType, Underlying
from sumppump.domain.missing import Missing
from sumppump.domain.pricing.normal import Array
from sumppump.domain.quotes import Bar
from sumppump.domain.returns import Returns
from sumppump.kernel.clock import NEW_YORK, Clock
from sumppump.kernel.errors import SumpPumpError
from sumppump.ports.market import MarketData

SPAN, BAR = "1 Y", "1 day"
_WHAT = {SecType.STK: "ADJUSTED_LAST"}


@dataclass(frozen=True, slots=True)
class Closes:
    """Closes by day, oldest first; currency per share or index points."""

    symbol: str
    by_day: Mapping[date, float]


@dataclass(slots=True, kw_only=True)
class DailyCloses:
    """The closes of underlyings, asked for once a day."""

    market: MarketData
    clock: Clock
    _kept: dict[int, tuple[date, Closes]] = field(default_factory=dict)

    async def of(self, underlyings: Iterable[Underlying]) -> Mapping[str, Closes | Missing]:
        """By symbol the closes of a year, or why there are none."""
        wanted = list({each.con_id: each for each in underlyings}.values())
        found = await asyncio.gather(*(self._closes(each) for each in wanted))
        return {each.symbol: closes for each, closes in zip(wanted, found, strict=True)}

    async def _closes(self, underlying: Underlying) -> Closes | Missing:
        today = self.clock.now().astimezone(NEW_YORK).date()
        kept = self._kept.get(underlying.con_id)
        if kept is not None and kept[0] == today:
            return kept[1]
        try:
            what = _WHAT.get(underlying.sec_type, "TRADES")
            bars = await self.market.bars(underlying, duration=SPAN, bar_size=BAR, what=what)
        except SumpPumpError as error:
            return Missing(error.code, error.message)
        closes = Closes(underlying.symbol, _by_day(bars, today))
        if not closes.by_day:
            return Missing("no_history", f"{underlying.symbol} has no daily closes")
        self._kept[underlying.con_id] = today, closes
        return closes


def point_changes(levels: Closes, returns: Returns, name: str) -> Array:
    """Changes of an index from day to day, in its points, on the days of these returns.

    Args:
        levels: of the index.
        returns: logarithmic; the index is one of them.
        name: under which it stands among them.
    """
    after = np.array([levels.by_day[day] for day in returns.days])
    changes: Array = after - after / np.exp(returns.of(name))
    return changes


def _by_day(bars: Iterable[Bar], today: date) -> dict[date, float]:
    days = ((bar.start.astimezone(NEW_YORK).date(), float(bar.close)) for bar in bars)
    return {day: close for day, close in days if day < today and close > 0}
