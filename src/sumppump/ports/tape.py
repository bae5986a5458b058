"""The tape of single trades and quotes, seen from the use cases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from sumppump.domain.instruments import Instrument
from sumppump.domain.tape import BidAsk, Trade


class Tape(Protocol):
    """Ticks of the past, at the pace that the broker allows: who asks too fast waits."""

    async def trades(self, instrument: Instrument, *, until: datetime, count: int) -> Sequence[Trade]:
        """The last trades before a moment, oldest first, `count` or a few more; inside and outside hours.

        Raises:
            NotSubscribed: history needs a live subscription, and there is none.
            MarketDataError: the contract has no trades to tell of (`no_history`).
            GatewayUnavailable: no connection, no answer, or the broker's pace is used up.
        """
        ...

    async def quotes(self, instrument: Instrument, *, until: datetime, count: int) -> Sequence[BidAsk]:
        """The last changes of the best quote before a moment, as `trades`."""
        ...
