"""When a client is told about its orders: at once, or as late as the order's quirks say.

Delays are exchange time and drawn from the seed and the order, so the same day is late in the same way. What
one order has to say by one kind of message keeps its order.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sumppump.exchange.calendar.trading_days import to_ms
from sumppump.exchange.desks.line import Line
from sumppump.exchange.market.randomness import key_of, uniform
from sumppump.exchange.orders.quirks import AT_ONCE, Span


@dataclass(frozen=True, slots=True, order=True)
class _Parcel:
    due: int
    number: int
    message: Any = field(compare=False)


class Delivery:
    """The messages of one client that are not due yet."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._key = key_of(line.venue.seed, "delivery")
        self._waiting: list[_Parcel] = []
        self._latest: dict[tuple[int, type[Any]], int] = {}
        self._count = 0

    def send(self, message: Any, order_id: int, at: datetime, span: Span) -> None:  # noqa: ANN401
        """Send a message about an order that something happened to at a moment."""
        channel = (order_id, type(message))
        if span == AT_ONCE and channel not in self._latest:
            self._line.send(message)
            return
        moment = to_ms(at)
        least, most = span
        late = least + int((most - least) * uniform(self._key, order_id & 0xFFFFFFFF, moment))
        due = max(moment + late, self._latest.get(channel, 0))
        self._latest[channel] = due
        self._count += 1
        heapq.heappush(self._waiting, _Parcel(due, self._count, message))

    def flush(self, now: datetime) -> None:
        """Send what is due by now."""
        if not self._waiting:
            return
        moment = to_ms(now)
        while self._waiting and self._waiting[0].due <= moment:
            self._line.send(heapq.heappop(self._waiting).message)
        if not self._waiting:
            self._latest.clear()
