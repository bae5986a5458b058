"""Faults of market data: competing sessions, lost permissions, numbers that are none, halts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sumppump.exchange.desks.line import NOBODY, Line, Rules
from sumppump.exchange.entitlements import Entitlements, Feed, access
from sumppump.exchange.listing.instruments import Instrument
from sumppump.exchange.reports import Refusal
from sumppump.exchange.ticks import HALTED, LIVE
from sumppump.exchange.translate.contracts import query_of
from sumppump.exchange.trouble.effect import Effect, Message, Scene
from sumppump.exchange.trouble.parameters import Count, Seconds, Symbol
from sumppump.exchange.trouble.streams import is_streamed
from sumppump.exchange.wire import market_requests as want
from sumppump.exchange.wire.account_answers import ErrorMessage
from sumppump.exchange.wire.market_answers import TickGeneric, TickOptionComputation, TickPrice
from sumppump.exchange.wire.order_answers import OpenOrder
from sumppump.exchange.wire.scalars import MAX_DOUBLE, MAX_DOUBLE_TEXT

if TYPE_CHECKING:
    from sumppump.exchange.session import ClientSession

COMPETING = "No market data during competing live session"


class Left(StrEnum):
    """What a login without a subscription has left."""

    DELAYED = "delayed"
    NONE = "none"


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
    """The market data subscription has lapsed: streams end with an error, new ones are judged without it.

    Attributes:
        feed: what is left: delayed data, or none.
        code: what live requests are refused with: 354, 10089 or 10168.
    """

    feed: Left = Left.DELAYED
    code: Count = 354
    _before: tuple[Entitlements, Rules] | None = field(default=None, init=False)

    def begin(self, scene: Scene) -> None:
        shared = scene.hall.shared
        self._before = shared.entitlements, shared.rules
        asked = [(session, session.streams.asked()) for session in scene.sessions]
        for session in scene.sessions:
            session.forget_streams()
        shared.entitlements = Entitlements(default=Feed[self.feed.name])
        shared.rules = replace(shared.rules, unsubscribed=self.code)
        for session, requests in asked:
            for one in requests:
                self._end(scene, session, one)

    def _end(self, scene: Scene, session: ClientSession, asked: want.ReqMktData) -> None:
        found = scene.venue.resolve(query_of(asked.contract, asked.legs))
        if isinstance(found, Refusal):
            return
        shared = scene.hall.shared
        refused = access(shared.entitlements, found, LIVE, code=self.code).notice
        if refused is not None:
            session.line.put(ErrorMessage(id=asked.req_id, code=refused.code, text=refused.text))

    def end(self, scene: Scene) -> None:
        if self._before is None:
            return
        later = [one for number, one in scene.others(PermissionsLost) if number > scene.number]
        if later:
            later[0]._before = self._before
        else:
            scene.hall.shared.entitlements, scene.hall.shared.rules = self._before


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
    """An underlying is halted: tick 49 says so, quotes stand still, and orders in it and its options wait.

    Attributes:
        symbol: whose; "" for everything.
        kind: 1 a regulatory halt, 2 a pause for volatility.
    """

    symbol: Symbol = ""
    kind: Count = 1
    _con_ids: set[int] = field(default_factory=set, init=False)

    def begin(self, scene: Scene) -> None:
        scene.venue.books.halted.add(self.symbol)
        self._tell(scene, self.kind)

    def end(self, scene: Scene) -> None:
        others = [one for _, one in scene.others(Halt) if one.symbol == self.symbol]
        if others:
            others[0]._con_ids |= self._con_ids
            return
        scene.venue.books.halted.discard(self.symbol)
        self._tell(scene, 0)
        halts = scene.hall.shared.halts
        scene.hall.shared.halts = {key: kind for key, kind in halts.items() if key not in self._con_ids}

    def _tell(self, scene: Scene, kind: int) -> None:
        for session in scene.sessions:
            for asked in session.streams.asked():
                found = self._halted(scene, asked)
                if found is not None:
                    self._note(scene, found)
                    session.line.put(TickGeneric(req_id=asked.req_id, tick_type=HALTED, value=float(kind)))

    def _note(self, scene: Scene, found: Instrument) -> None:
        """Whoever asks for this contract from now on hears that it is halted."""
        self._con_ids.add(found.con_id)
        scene.hall.shared.halts = {**scene.hall.shared.halts, found.con_id: self.kind}

    def _halted(self, scene: Scene, asked: want.ReqMktData) -> Instrument | None:
        found = scene.venue.resolve(query_of(asked.contract, asked.legs))
        is_ours = not isinstance(found, Refusal) and self.symbol in ("", found.symbol)
        return found if is_ours and not isinstance(found, Refusal) else None

    def incoming(self, scene: Scene, session: ClientSession, message: Message) -> Message | None:
        if isinstance(message, want.ReqMktData):
            found = self._halted(scene, message)
            if found is not None:
                self._note(scene, found)
        return message

    def flows(self, scene: Scene, instrument: Instrument) -> bool:
        return self.symbol not in ("", instrument.symbol)
