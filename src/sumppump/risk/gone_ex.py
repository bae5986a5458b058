"""Dividends that went ex this morning: the broker announces only the next ones, and its bars prove the last.

An adjusted close that differs from the close itself is a suspicion; plain and adjusted bars side by side are
the proof (`data.corporate`). The adjusted ones are asked for once a day, and only on suspicion.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sumppump.data.corporate import proved_dividends
from sumppump.domain.instruments import SecType, Underlying
from sumppump.domain.missing import Missing
from sumppump.domain.quotes import Bar
from sumppump.kernel.errors import SumpPumpError
from sumppump.ports.market import MarketData
from sumppump.risk.closes import Closes
from sumppump.risk.closing_prices import BAR, SPAN

# Half of the last decimal of an adjusted price.
LEAST = 0.005


@dataclass(slots=True, kw_only=True)
class GoneEx:
    """Cash per share by symbol, kept for the day."""

    market: MarketData
    _day: date = date.min
    _kept: dict[str, float] = field(default_factory=dict)

    async def on(self, today: date, suspects: Mapping[Underlying, Sequence[Bar]]) -> Mapping[str, float]:
        """What went ex today, of these alone, with their plain bars; what cannot be proved is left out."""
        if today != self._day:
            self._day, self._kept = today, {}
        asked = [each for each in suspects if each.symbol not in self._kept]
        found = await asyncio.gather(*(self._proved(each, suspects[each], today) for each in asked))
        self._kept |= {each.symbol: cash for each, cash in zip(asked, found, strict=True)}
        return {symbol: cash for symbol, cash in self._kept.items() if cash > 0}

    async def _proved(self, underlying: Underlying, trades: Sequence[Bar], today: date) -> float:
        try:
            adjusted = await self.market.bars(underlying, duration=SPAN, bar_size=BAR, what="ADJUSTED_LAST")
        except SumpPumpError:
            return 0.0
        proved, _ = proved_dividends(trades, adjusted)
        return sum(each.amount for each in proved or () if each.ex_date == today)


def is_suspect(
    underlying: Underlying, close: float | None, adjusted: Closes | Missing | None, day: date
) -> bool:
    """Whether the close of a share on a day is no longer its adjusted close."""
    if underlying.sec_type is not SecType.STK or close is None or not isinstance(adjusted, Closes):
        return False
    then = adjusted.by_day.get(day)
    return then is not None and close - then > LEAST
