"""First pictures as TWS sends them, and a TWS that counts its lines as TWS does."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.protocol.gateway.scripted import Peer, ScriptedTws

from sumppump.exchange.wire.market_answers import (
    MarketDataType,
    TickOptionComputation,
    TickPrice,
    TickSize,
)

MODEL: dict[str, Any] = {
    "implied_vol": 0.2, "delta": 0.5, "option_price": 2.0, "pv_dividend": 0.0, "gamma": 0.01, "vega": 0.3,
    "theta": -0.1, "under_price": 681.0,
}  # fmt: skip


def picture(req_id: int, *, delayed: bool = False, bid: float = 1.5) -> list[Any]:
    """A first full set as TWS sends it, live or delayed; the ask is ten cents above the bid."""
    kinds = (66, 67, 68, 75, 74, 83) if delayed else (1, 2, 4, 9, 8, 13)
    bid_tick, ask, last, close, volume, model = kinds
    return [
        MarketDataType(req_id=req_id, kind=3 if delayed else 1),
        TickPrice(req_id=req_id, tick_type=bid_tick, price=bid, size=Decimal(10)),
        TickPrice(req_id=req_id, tick_type=ask, price=bid + 0.1, size=Decimal(20)),
        TickPrice(req_id=req_id, tick_type=last, price=1.55, size=Decimal(3)),
        TickSize(req_id=req_id, tick_type=volume, size=Decimal(1234)),
        TickSize(req_id=req_id, tick_type=27, size=Decimal(777)),
        TickOptionComputation(req_id=req_id, tick_type=10, **MODEL),
        TickOptionComputation(req_id=req_id, tick_type=model, **MODEL),
        TickPrice(req_id=req_id, tick_type=close, price=1.4, size=Decimal(0)),
    ]


def full(peer: Peer, request: Any) -> None:
    """Answer with a full set at once."""
    peer.say(*picture(request.req_id))


class LineCounter:
    """TWS's own count of lines, in the order of messages; beyond `limit` it says 101.

    Attributes:
        open: the con_id of every open subscription, by request id.
        highest: the most that were open at once.
        refused: how often it said 101.
        answer: what it says to a subscription that it granted.
    """

    def __init__(self, tws: ScriptedTws, *, limit: int = 100) -> None:
        self.open: dict[int, int] = {}
        self.limit, self.highest, self.refused = limit, 0, 0
        self.answer = full
        tws.on("ReqMktData", self._subscribed)
        tws.on("CancelMktData", lambda peer, request: self.open.pop(request.req_id, None))

    def _subscribed(self, peer: Peer, request: Any) -> None:
        if len(self.open) >= self.limit:
            self.refused += 1
            peer.error(request.req_id, 101, "Max number of tickers has been reached")
            return
        self.open[request.req_id] = request.contract.con_id
        self.highest = max(self.highest, len(self.open))
        self.answer(peer, request)

    def request_of(self, con_id: int) -> int:
        """The request id under which a contract is open."""
        return next(request for request, each in self.open.items() if each == con_id)
