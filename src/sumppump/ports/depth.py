"""Order books, seen from the use cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sumppump.domain.depth import OrderBook
from sumppump.domain.instruments import Instrument


@dataclass(frozen=True, slots=True, kw_only=True)
class DepthPicture:
    """One book at one moment.

    Attributes:
        exchange: whose book; SMART stands for all exchanges together.
        as_of: exchange time of the newest row, aware UTC; of the answer where none came.
        missing: exchanges whose books the account does not see.
        broken: data farms that were broken while it was taken: what is not there may only not have come.
    """

    instrument: Instrument
    book: OrderBook
    exchange: str
    as_of: datetime
    missing: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()


class DepthOfMarket(Protocol):
    """Books behind the best quote; few may be open at once, so callers wait for their turn."""

    async def book(self, instrument: Instrument, *, deadline_s: float = 5.0) -> DepthPicture:
        """The first whole book: subscribed, taken and given back, also when the call is cancelled.

        A side that has no rows by the deadline is empty.

        Raises:
            NotSubscribed: the account has no depth of it; the code is named.
            MarketDataError: there are no books of this kind of contract (`no_depth`).
            GatewayUnavailable: no connection, or the books of all clients together are used up.
        """
        ...
