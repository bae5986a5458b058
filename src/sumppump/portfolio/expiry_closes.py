"""Closes of days on which options of ours ended and the broker did not say how: from its own daily bars."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from sumppump.domain.expiry_close import Closes, DayClose, untold
from sumppump.domain.instruments import SecType
from sumppump.domain.journal import Book
from sumppump.kernel.clock import NEW_YORK, Clock
from sumppump.kernel.errors import SumpPumpError
from sumppump.ports.market import ContractDirectory, MarketData

SPAN, BAR, PATIENCE_S = "1 Y", "1 day", 8.0
_REACH = timedelta(days=365)


@dataclass(slots=True, kw_only=True)
class ExpiryCloses:
    """What has been closed at does not change: every day is asked for once."""

    directory: ContractDirectory
    market: MarketData
    clock: Clock
    _known: dict[tuple[str, date], DayClose] = field(default_factory=dict)

    async def of(self, book: Book) -> Closes:
        """The closes that the journal lacks, as far as the broker tells them; never an error."""
        today = self.clock.now().astimezone(NEW_YORK).date()
        lacking: dict[str, set[date]] = defaultdict(set)
        for option in untold(book):
            is_past = today - _REACH <= option.expiry < today
            if is_past and (option.symbol, option.expiry) not in self._known:
                lacking[option.symbol].add(option.expiry)
        await asyncio.gather(*(self._ask(symbol, days) for symbol, days in lacking.items()))
        return self._known

    async def _ask(self, symbol: str, days: Iterable[date]) -> None:
        try:
            beneath = await self.directory.underlying(symbol)
            bars = await self.market.bars(beneath, duration=SPAN, bar_size=BAR, deadline_s=PATIENCE_S)
        except SumpPumpError:
            return  # The trade stays without a result, and says that nobody told it.
        closed = {bar.start.astimezone(NEW_YORK).date(): bar.close for bar in bars}
        is_cash = beneath.sec_type is SecType.IND
        self._known |= {(symbol, day): DayClose(closed[day], is_cash) for day in days if day in closed}
