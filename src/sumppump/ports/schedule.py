"""The broker's memory of trading hours, for days that a contract's own hours do not name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sumppump.domain.instruments import Instrument
from sumppump.domain.schedule import PastSession


class TradingSchedule(Protocol):
    """Past trading days."""

    async def past_sessions(self, instrument: Instrument, *, days: int) -> Sequence[PastSession]:
        """Regular sessions of the last `days` trade dates, oldest first; one that is on is among them.

        Raises:
            MarketDataError, NotSubscribed, InvalidRequest: the broker gives none for this contract.
            GatewayUnavailable: no connection or no answer.
        """
        ...
