"""Dividends as the broker announces them, asked once a day for each underlying."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from sumppump.domain.instruments import SecType, Underlying
from sumppump.domain.statistics import Dividends, Figure
from sumppump.ports.market import MarketData

# Nobody waits longer for a dividend; without it the market's forward still tells the yield.
DIVIDEND_WAIT_S = 2.0


@dataclass(slots=True)
class DividendShelf:
    """What was announced, by con_id."""

    _known: dict[int, tuple[date, Dividends | None]] = field(default_factory=dict)

    async def of(self, underlying: Underlying, market: MarketData, today: date) -> Dividends | None:
        """The next dividends; None where the broker says nothing, or for an index, which pays none itself.

        Raises:
            GatewayUnavailable: no connection.
        """
        if underlying.sec_type is not SecType.STK:
            return None
        day, found = self._known.get(underlying.con_id, (None, None))
        if day != today:
            only = frozenset({Figure.DIVIDENDS})
            (facts,) = await market.statistics([underlying], deadline_s=DIVIDEND_WAIT_S, figures=only)
            found = facts.dividends
            self._known[underlying.con_id] = (today, found)
        return found
