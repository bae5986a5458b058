"""Faults between TWS and IB: lost connectivity, broken farms, and what each means for orders and data.

While connectivity is lost the exchange trades on. TWS hears nothing of it: fills and cancels of that time
reach clients later, or only through executions and completed orders. What a request of a client gets
meanwhile is our decision: orders and cancels wait in TWS (or are lost), questions about data end with an
error, and questions about account and orders wait, so that nobody is told an account is flat that is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sumppump.exchange.desks.line import NOBODY, Line
from sumppump.exchange.events import AccountChanged, Event, OptionSettled, PositionChanged
from sumppump.exchange.listing.instruments import Instrument
from sumppump.exchange.trouble.effect import Effect, Message, Scene
from sumppump.exchange.trouble.parameters import Count, Seconds
from sumppump.exchange.trouble.streams import is_streamed
from sumppump.exchange.wire import account_requests as ask
from sumppump.exchange.wire import market_requests as want
from sumppump.exchange.wire.account_answers import ErrorMessage, PnL, PnLSingle
from sumppump.exchange.wire.order_answers import CommissionReport, ExecDetails, OpenOrder, OrderStatus
from sumppump.exchange.wire.place_order import PlaceOrder

if TYPE_CHECKING:
    from sumppump.exchange.session import ClientSession

LOST = "Connectivity between IB and Trader Workstation has been lost."
RESTORED_LOST = "Connectivity between IB and Trader Workstation has been restored - data lost."
RESTORED_KEPT = (
    "Connectivity between IB and Trader Workstation has been restored - data maintained. "
    "The following farms are connected: usfarm; secdefil; ushmds."
)
BROKEN = "Connectivity between Trader Workstation and server is broken. It will be restored automatically."
HMDS_GONE = (
    "Historical Market Data Service error message:"
    "HMDS server disconnect occurred.  Attempting reconnection..."
)
NOT_CONNECTED = (
    "Error processing request.-'bZ' : cause - Connectivity between IB and Trader Workstation has been lost."
)
"""Unverified."""

ORDERS: tuple[type[Any], ...] = (PlaceOrder, ask.CancelOrder, ask.ReqGlobalCancel, ask.ExerciseOptions)
OF_HISTORY: tuple[type[Any], ...] = (
    want.ReqHistoricalData,
    want.ReqHeadTimestamp,
    want.ReqHistogramData,
    want.ReqHistoricalTicks,
    want.ReqScannerSubscription,
)
OF_DEFINITIONS: tuple[type[Any], ...] = (
    want.ReqContractDetails,
    want.ReqSecDefOptParams,
    want.ReqMatchingSymbols,
)
OF_MARKET: tuple[type[Any], ...] = (
    want.ReqMktData,
    want.ReqMktDepth,
    want.ReqRealTimeBars,
    want.ReqTickByTick,
)
CANCELS: Mapping[type[Any], type[Any]] = {
    want.CancelMktData: want.ReqMktData,
    want.CancelMktDepth: want.ReqMktDepth,
    want.CancelRealTimeBars: want.ReqRealTimeBars,
    want.CancelTickByTick: want.ReqTickByTick,
}
OF_ACCOUNT: tuple[type[Any], ...] = (
    ask.ReqPositions,
    ask.ReqPositionsMulti,
    ask.ReqOpenOrders,
    ask.ReqAllOpenOrders,
    ask.ReqCompletedOrders,
    ask.ReqExecutions,
    ask.ReqAccountUpdates,
    ask.ReqAccountUpdatesMulti,
    ask.ReqAccountSummary,
)


FIGURES = (PnL, PnLSingle)
NEWS_OF_ORDERS = (OpenOrder, OrderStatus, ExecDetails, CommissionReport)


class Restored(StrEnum):
    """How connectivity comes back."""

    KEPT = "1102"
    LOST = "1101"


class Told(StrEnum):
    """When clients hear what happened to their orders meanwhile."""

    AFTER = "after"
    ASKED = "asked"


class Meanwhile(StrEnum):
    """What becomes of orders that are sent meanwhile."""

    WAIT = "wait"
    LOST = "lost"


@dataclass(kw_only=True)
class Outage(Effect):
    """1100: TWS has lost IB. The sockets stay up, nothing moves.

    Attributes:
        seconds: until it is restored; 0 until it is healed.
        restored: 1102 keeps subscriptions, with 1101 they are gone.
        orders_told: what happened meanwhile is told afterwards, or only to who asks for executions.
        orders: orders sent meanwhile wait in TWS, or are lost.
        repeats: how often 1100 is said, evenly over the time.
        until_asked: it is restored in the middle of the next question about positions or executions.
    """

    seconds: Seconds = 60.0
    restored: Restored = Restored.KEPT
    orders_told: Told = Told.ASKED
    orders: Meanwhile = Meanwhile.WAIT
    repeats: Count = 1
    until_asked: bool = False
    _waiting: list[tuple[ClientSession, Message]] = field(default_factory=list, init=False)
    _untold: list[Event] = field(default_factory=list, init=False)
    _late: list[tuple[Line, Message]] = field(default_factory=list, init=False)

    def begin(self, scene: Scene) -> None:
        for number in range(self.repeats):
            scene.after(number * self.seconds / self.repeats, lambda: scene.notify(1100, LOST))
        if self.seconds:
            scene.after(self.seconds, scene.over)

    def incoming(self, scene: Scene, session: ClientSession, message: Message) -> Message | None:
        kind = type(message)
        if kind in ORDERS:
            if self.orders is Meanwhile.WAIT:
                self._waiting.append((session, message))
            return None
        if kind in OF_ACCOUNT:
            if self.until_asked:
                scene.after(0.0, scene.over)
                return message
            self._waiting.append((session, message))
            return None
        if kind in (*OF_HISTORY, *OF_DEFINITIONS, *OF_MARKET):
            code, text = (162, HMDS_GONE) if kind in OF_HISTORY else (322, NOT_CONNECTED)
            session.line.put(ErrorMessage(id=message.req_id, code=code, text=text))
            return None
        return message

    def outgoing(self, scene: Scene, line: Line, message: Message) -> Iterable[Message]:
        if is_streamed(message) or isinstance(message, FIGURES):
            return ()
        if isinstance(message, NEWS_OF_ORDERS) and not self.until_asked:
            # It was on its way before; nobody asks for it now.
            self._late.append((line, message))
            return ()
        return (message,)

    def tells(self, scene: Scene, event: Event) -> bool:
        is_account = isinstance(event, PositionChanged | AccountChanged | OptionSettled)
        if is_account or self.orders_told is Told.AFTER:
            self._untold.append(event)
        return False

    def flows(self, scene: Scene, instrument: Instrument) -> bool:
        return False

    def greets(self, scene: Scene, session: ClientSession) -> bool:
        scene.after(0.0, lambda: _say_broken(session))
        return True

    def end(self, scene: Scene) -> None:
        is_kept = self.restored is Restored.KEPT
        scene.notify(int(self.restored), RESTORED_KEPT if is_kept else RESTORED_LOST)
        if not is_kept:
            for session in scene.sessions:
                session.forget_streams()
        if self.orders_told is Told.AFTER:
            for line, message in self._late:
                line.put(message)
        scene.hall.publish(self._untold)
        _serve(self._waiting)


def _say_broken(session: ClientSession) -> None:
    if session.is_open:
        session.line.error(NOBODY, 2110, BROKEN)


def _serve(waiting: list[tuple[ClientSession, Message]]) -> None:
    """Let requests that were held back go to their desks."""
    for session, message in waiting:
        if session.is_open:
            session.serve(message)


class FarmKind(StrEnum):
    """What a farm is for."""

    MARKET = "market"
    HISTORY = "history"
    DEFINITIONS = "definitions"


@dataclass(frozen=True, slots=True)
class Farm:
    """Codes and texts of one kind of farm, and the requests that need it."""

    name: str
    broken: tuple[int, str]
    restored: tuple[int, str]
    idle: tuple[int, str]
    requests: tuple[type[Any], ...]


FARMS = {
    FarmKind.MARKET: Farm(
        "usfarm",
        (2103, "Market data farm connection is broken:{}"),
        (2104, "Market data farm connection is OK:{}"),
        (2108, "Market data farm connection is inactive but should be available upon demand.{}"),
        OF_MARKET,
    ),
    FarmKind.HISTORY: Farm(
        "ushmds",
        (2105, "HMDS data farm connection is broken:{}"),
        (2106, "HMDS data farm connection is OK:{}"),
        (2107, "HMDS data farm connection is inactive but should be available upon demand.{}"),
        OF_HISTORY,
    ),
    FarmKind.DEFINITIONS: Farm(
        "secdefil",
        (2157, "Sec-def data farm connection is broken:{}"),
        (2158, "Sec-def data farm connection is OK:{}"),
        (2158, "Sec-def data farm connection is OK:{}"),
        OF_DEFINITIONS,
    ),
}
CONNECTING = (2119, "Market data farm is connecting:{}")


class Streams(StrEnum):
    """What becomes of the streams when a farm is back."""

    RESUME = "resume"
    DEAD = "dead"


@dataclass(kw_only=True)
class FarmOutage(Effect):
    """A data farm breaks: its ticks stop without a word; orders are not concerned.

    There is one farm of each kind, and every market's data come over it (our decision; IB has several).

    Attributes:
        farm: which kind.
        seconds: until it is back; 0 until it is healed.
        streams: whether ticks resume, or stay dead although the farm says OK.
        connecting: whether 2119 is said on the way.
        flaps: how often it breaks, each time for as long as it was back.
        idle: whether it ends inactive (2107, 2108) instead of OK.
    """

    farm: FarmKind = FarmKind.MARKET
    seconds: Seconds = 180.0
    streams: Streams = Streams.RESUME
    connecting: bool = False
    flaps: Count = 1
    idle: bool = False
    _is_broken: bool = field(default=False, init=False)
    _done: int = field(default=0, init=False)
    _waiting: list[tuple[ClientSession, Message]] = field(default_factory=list, init=False)

    def begin(self, scene: Scene) -> None:
        self._break(scene)

    def _say(self, scene: Scene, words: tuple[int, str]) -> None:
        scene.notify(words[0], words[1].format(FARMS[self.farm].name))

    def _break(self, scene: Scene) -> None:
        self._is_broken = True
        self._done += 1
        self._say(scene, FARMS[self.farm].broken)
        if self.connecting:
            scene.after(self.seconds / 2, lambda: self._say(scene, CONNECTING))
        if self.seconds:
            scene.after(self.seconds, lambda: self._mend(scene))

    def _mend(self, scene: Scene) -> None:
        if self._done >= self.flaps:
            scene.over()
            return
        self._restore(scene)
        scene.after(self.seconds, lambda: self._break(scene))

    def _restore(self, scene: Scene) -> None:
        self._is_broken = False
        farm = FARMS[self.farm]
        self._say(scene, farm.idle if self.idle else farm.restored)
        if self.streams is Streams.DEAD:
            for session in scene.sessions:
                session.forget_streams()
            self._waiting.clear()
        waiting, self._waiting = self._waiting, []
        _serve(waiting)

    def end(self, scene: Scene) -> None:
        if self._is_broken:
            self._restore(scene)

    def incoming(self, scene: Scene, session: ClientSession, message: Message) -> Message | None:
        if self._withdrawn(session, message):
            return None
        if not self._is_broken or type(message) not in FARMS[self.farm].requests:
            return message
        if self.farm is FarmKind.HISTORY:
            session.line.put(ErrorMessage(id=message.req_id, code=162, text=HMDS_GONE))
        else:
            self._waiting.append((session, message))
        return None

    def _withdrawn(self, session: ClientSession, message: Message) -> bool:
        """Whether this cancels a request that waits for its farm."""
        asked = CANCELS.get(type(message))
        kept = [
            (whose, one)
            for whose, one in self._waiting
            if asked is None or whose is not session or type(one) is not asked or one.req_id != message.req_id
        ]
        found, self._waiting = len(kept) < len(self._waiting), kept
        return found

    def outgoing(self, scene: Scene, line: Line, message: Message) -> Iterable[Message]:
        is_stopped = self._is_broken and self.farm is FarmKind.MARKET and is_streamed(message)
        return () if is_stopped else (message,)

    def flows(self, scene: Scene, instrument: Instrument) -> bool:
        return not (self._is_broken and self.farm is FarmKind.MARKET)
