"""What flows without being asked for again: streamed answers, and the requests that make and end them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sumppump.exchange.wire import market_requests as want
from sumppump.exchange.wire.layout import HEADERS

Message = Any
"""One of the declared requests or answers."""

_STREAMED = frozenset({1, 2, 12, 13, 21, 45, 46, 47, 50, 84, 90, 99})
"""Message ids: ticks, depth, real-time bars, news, bars that stay up to date, tick by tick."""


def is_streamed(message: Message) -> bool:
    """Whether an answer is part of a stream of market data."""
    return HEADERS[type(message)].number in _STREAMED


def _by_id(cls: type[Any]) -> Callable[[Message], Message]:
    return lambda message: cls(req_id=message.req_id)


def _depth(message: want.ReqMktDepth) -> want.CancelMktDepth:
    return want.CancelMktDepth(req_id=message.req_id, is_smart_depth=message.is_smart_depth)


ENDS: dict[type[Any], Callable[[Message], Message]] = {
    want.ReqMktData: _by_id(want.CancelMktData),
    want.ReqMktDepth: _depth,
    want.ReqRealTimeBars: _by_id(want.CancelRealTimeBars),
    want.ReqTickByTick: _by_id(want.CancelTickByTick),
    want.ReqHistoricalData: _by_id(want.CancelHistoricalData),
    want.ReqScannerSubscription: _by_id(want.CancelScannerSubscription),
}
"""The request that ends what this one began."""
CANCELS = frozenset(
    {
        want.CancelMktData,
        want.CancelMktDepth,
        want.CancelRealTimeBars,
        want.CancelTickByTick,
        want.CancelHistoricalData,
        want.CancelScannerSubscription,
    }
)


class OpenStreams:
    """The streams that one client has asked for and not ended."""

    def __init__(self) -> None:
        self._open: dict[tuple[type[Any], int], tuple[Message, Message]] = {}

    def note(self, message: Message) -> None:
        """A request has been served."""
        kind = type(message)
        if kind in ENDS:
            if getattr(message, "snapshot", False) or not getattr(message, "keep_up_to_date", True):
                return
            end = ENDS[kind](message)
            self._open.setdefault((type(end), message.req_id), (message, end))
        elif kind in CANCELS:
            self._open.pop((kind, message.req_id), None)

    def data_ids(self) -> tuple[int, ...]:
        """The request ids of streams of top-of-book data."""
        return tuple(req_id for kind, req_id in self._open if kind is want.CancelMktData)

    def asked(self) -> tuple[want.ReqMktData, ...]:
        """The requests for top-of-book data that still run."""
        return tuple(ask for ask, _ in self._open.values() if isinstance(ask, want.ReqMktData))

    def taken(self) -> tuple[Message, ...]:
        """The cancels that end them all; afterwards there are none."""
        ends = tuple(end for _, end in self._open.values())
        self._open.clear()
        return ends
