"""Faults of market data: competing sessions, lost permissions, numbers that are none, halts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sumppump.exchange.desks.line import NOBODY, Line
from sumppump.exchange.instruments import Instrument
from sumppump.exchange.ticks import HALTED
from sumppump.exchange.translate.contracts import query_of
from sumppump.exchange.trouble.effect import Effect, Message, Scene
from sumppump.exchange.trouble.parameters import Count, Seconds
from sumppump.exchange.trouble.streams import is_streamed
from sumppump.exchange.wire import market_requests as want
from sumppump.exchange.wire.account_answers import ErrorMessage
from sumppump.exchange.wire.market_answers import TickGeneric, TickOptionComputation, TickPrice
from sumppump.exchange.wire.order_answers import OpenOrder
from sumppump.exchange.wire.scalars import MAX_DOUBLE, MAX_DOUBLE_TEXT

if TYPE_CHECKING:
    from sumppump.exchange.session import ClientSession

COMPETING = "No market data during competing live session"
NOT_SUBSCRIBED = (
    "Requested market data is not subscribed.Delayed market data is available.Error&BEST/STK/Top&BEST/STK/Top"
)


@dataclass(kw_only=True)
class CompetingSession(Effect):
    """The same user has logged in elsewhere: 10197 in bursts, and no ticks.

    Attributes:
        burst: how many 10197 at once.
        seconds: until the other session ends.
        every: seconds between two bursts.
    """

    burst: Count = 20
    seconds: Seconds = 120.0
    every: Seconds = 30.0

    def begin(self, scene: Scene) -> None:
        self._burst(scene)
        if self.seconds:
            scene.after(self.seconds, scene.over)

    def _burst(self, scene: Scene) -> None:
        for session in scene.sessions:
            ids = session.streams.data_ids() or (NOBODY,)
            for number in range(self.burst):
                session.line.put(ErrorMessage(id=ids[number % len(ids)], code=10197, text=COMPETING))
        if self.every:
            scene.after(self.every, lambda: self._burst(scene))

    def incoming(self, scene: Scene, session: ClientSession, message: Message) -> Message | None:
        if not isinstance(message, want.ReqMktData):
            return message
        session.line.put(ErrorMessage(id=message.req_id, code=10197, text=COMPETING))
        return None

    def outgoing(self, scene: Scene, line: Line, message: Message) -> Iterable[Message]:
        return () if is_streamed(message) else (message,)

    def flows(self, scene: Scene, instrument: Instrument) -> bool:
        return False


@dataclass(kw_only=True)
class PermissionsLost(Effect):
    """The market data subscription has lapsed: every stream ends with an error, new ones are refused.

    Attributes:
        code: 354, 10089, 10168 or whatever else is to be said.
    """

    code: Count = 354

    def begin(self, scene: Scene) -> None:
        for session in scene.sessions:
            ids = session.streams.data_ids()
            session.forget_streams()
            for req_id in ids:
                session.line.put(ErrorMessage(id=req_id, code=self.code, text=NOT_SUBSCRIBED))

    def incoming(self, scene: Scene, session: ClientSession, message: Message) -> Message | None:
        if not isinstance(message, want.ReqMktData):
            return message
        session.line.put(ErrorMessage(id=message.req_id, code=self.code, text=NOT_SUBSCRIBED))
        return None


class NoNumber(StrEnum):
    """What stands where a number should be."""

    NAN = "nan"
    MINUS_ONE = "-1"
    ZERO = "0"
    HUGE = "max"


_NUMBERS = {
    NoNumber.NAN: math.nan,
    NoNumber.MINUS_ONE: -1.0,
    NoNumber.ZERO: 0.0,
    NoNumber.HUGE: MAX_DOUBLE,
}
_GREEKS = ("implied_vol", "delta", "option_price", "pv_dividend", "gamma", "vega", "theta", "under_price")
_MARGINS = (
    "init_margin_before",
    "maint_margin_before",
    "equity_with_loan_before",
    "init_margin_change",
    "maint_margin_change",
    "equity_with_loan_change",
    "init_margin_after",
    "maint_margin_after",
    "equity_with_loan_after",
)


@dataclass(kw_only=True)
class OddNumbers(Effect):
    """Prices, Greeks and margins that are no numbers.

    Attributes:
        value: what stands in their place.
        prices: whether it hits prices.
        greeks: whether it hits Greeks.
        margins: whether it hits the margins of a what-if.
        one_in: one of so many messages is hit.
    """

    value: NoNumber = NoNumber.NAN
    prices: bool = True
    greeks: bool = True
    margins: bool = True
    one_in: Count = 1
    _seen: int = field(default=0, init=False)

    def outgoing(self, scene: Scene, line: Line, message: Message) -> Iterable[Message]:
        number = _NUMBERS[self.value]
        if self.prices and isinstance(message, TickPrice) and self._strikes():
            return (replace(message, price=number),)
        if self.greeks and isinstance(message, TickOptionComputation) and self._strikes():
            return (_with(message, dict.fromkeys(_GREEKS, number)),)
        if self.margins and isinstance(message, OpenOrder) and message.what_if and self._strikes():
            return (with_margins(message, MAX_DOUBLE_TEXT if self.value is NoNumber.HUGE else repr(number)),)
        return (message,)

    def _strikes(self) -> bool:
        self._seen += 1
        return self._seen % self.one_in == 0


def with_margins(message: Message, text: str) -> Message:
    """A what-if's answer with one text for every margin, and no commission."""
    return _with(message, {**dict.fromkeys(_MARGINS, text), "commission": None})


def _with(message: Message, changed: Mapping[str, Any]) -> Message:
    return replace(message, **changed)


@dataclass(kw_only=True)
class Halt(Effect):
    """An underlying is halted: tick 49 says so, and its quotes and its options' stand still.

    Attributes:
        symbol: whose; "" for everything.
        kind: 1 a regulatory halt, 2 a pause for volatility.
    """

    symbol: str = ""
    kind: Count = 1

    def begin(self, scene: Scene) -> None:
        self._tell(scene, float(self.kind))

    def end(self, scene: Scene) -> None:
        self._tell(scene, 0.0)

    def _tell(self, scene: Scene, value: float) -> None:
        for session in scene.sessions:
            for asked in session.streams.asked():
                found = scene.venue.resolve(query_of(asked.contract, asked.legs))
                if self.symbol in ("", getattr(found, "symbol", "")):
                    session.line.put(TickGeneric(req_id=asked.req_id, tick_type=HALTED, value=value))

    def outgoing(self, scene: Scene, line: Line, message: Message) -> Iterable[Message]:
        if isinstance(message, TickGeneric) and message.tick_type == HALTED and not self.symbol:
            return (replace(message, value=float(self.kind)),)
        return (message,)

    def flows(self, scene: Scene, instrument: Instrument) -> bool:
        return self.symbol not in ("", instrument.symbol)
