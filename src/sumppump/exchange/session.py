"""One client: from its first byte to the desk that serves it. Bytes in, frames out, no input or output.

A session goes through the stages HELLO, START (greeted, silent until the client has said its id), OPEN
and CLOSED. Nothing is sent between greeting and start: ibapi 9.81 throws away whatever it reads together
with the greeting.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime
from enum import Enum
from typing import Any

from sumppump.exchange.desks.account import AccountDesk
from sumppump.exchange.desks.history import HistoryDesk
from sumppump.exchange.desks.line import NOBODY, Line
from sumppump.exchange.desks.market import MarketDesk
from sumppump.exchange.desks.orders import OrderDesk
from sumppump.exchange.desks.reference import ReferenceDesk
from sumppump.exchange.desks.unserved import REFUSED, SILENT
from sumppump.exchange.events import Event
from sumppump.exchange.pacing import TokenBucket
from sumppump.exchange.wire import account_answers as say
from sumppump.exchange.wire import account_requests as ask
from sumppump.exchange.wire import market_answers as show
from sumppump.exchange.wire import market_requests as want
from sumppump.exchange.wire.codec import Unknown, decode_request
from sumppump.exchange.wire.contracts import Tag
from sumppump.exchange.wire.framing import PRELUDE, FrameReader, split_fields
from sumppump.exchange.wire.handshake import greeting, negotiated, read_hello
from sumppump.exchange.wire.layout import HEADERS, REQUESTS, record
from sumppump.exchange.wire.place_order import PlaceOrder
from sumppump.kernel.errors import ProtocolError

FARM_NOTICES = (
    (2104, "Market data farm connection is OK:usfarm"),
    (2106, "HMDS data farm connection is OK:ushmds"),
    (2158, "Sec-def data farm connection is OK:secdefil"),
)
ID_IN_USE = "Unable to connect as the client id is already in use. Retry with a unique client id."
NO_ADVISOR = "Error validating request.-'bL' : cause - FA data operations ignored for non FA customers."
NO_SCANS = '<?xml version="1.0" encoding="UTF-8"?><ScanParameterResponse></ScanParameterResponse>'


class Stage(Enum):
    """How far a connection has come."""

    HELLO = "hello"
    START = "start"
    OPEN = "open"
    CLOSED = "closed"


class ClientSession:
    """What one client may do, has asked for and is owed.

    Args:
        line: the way to the client.
        at: monotonic seconds.
        is_taken: whether another client has this id.
    """

    def __init__(self, line: Line, *, at: float, is_taken: Callable[[int, ClientSession], bool]) -> None:
        rules = line.hall.rules
        self.stage = Stage.HELLO
        self.unknown_messages = 0
        self.refused_messages = 0
        self.market = MarketDesk(line)
        self.history = HistoryDesk(line)
        self.account = AccountDesk(line)
        self.orders = OrderDesk(line)
        self.reference = ReferenceDesk(line)
        self._line = line
        self._is_taken = is_taken
        self._frames = FrameReader(PRELUDE)
        self._bucket = TokenBucket(rate=rules.rate, capacity=rules.rate, at=at)
        self._waits = False
        self._waiting: deque[bytes] = deque()
        self._serves = self._services()

    # -- state --------------------------------------------------------------------------------
    @property
    def client_id(self) -> int:
        """The client's id, NOBODY until it has said it."""
        return self._line.client_id

    @property
    def version(self) -> int:
        """The negotiated server version."""
        return self._line.version

    @property
    def is_open(self) -> bool:
        """Whether the client is being served."""
        return self.stage is Stage.OPEN

    @property
    def is_closed(self) -> bool:
        """Whether the connection has to be closed once the outbox is out."""
        return self.stage is Stage.CLOSED

    def take(self) -> bytes:
        """Everything that is owed to the client now."""
        outbox = self._line.outbox
        data = b"".join(outbox)
        outbox.clear()
        return data

    def release(self) -> None:
        """Give back what the client shared with others."""
        self.stage = Stage.CLOSED
        self.market.close()
        self.account.stop_updates()

    # -- bytes --------------------------------------------------------------------------------
    def receive(self, data: bytes, at: float) -> None:
        """Bytes from the client at a monotonic moment; nonsense ends the connection, never the server."""
        if self.stage is Stage.CLOSED:
            return
        try:
            for body in self._frames.feed(data):
                self._frame(body, at)
        except ProtocolError:
            self.stage = Stage.CLOSED

    def wake(self, at: float) -> None:
        """Serve messages of a client that asked to be paced, as far as the rate allows."""
        while self._waiting and self.stage is Stage.OPEN and self._bucket.take(at):
            self._message(self._waiting.popleft())

    def _frame(self, body: bytes, at: float) -> None:
        if self.stage is Stage.HELLO:
            hello = read_hello(body)
            self._line.version = negotiated(hello, newest=self._line.hall.rules.newest)
            self._waits = hello.wants_pacing
            self._line.outbox.append(greeting(self._line.version, self._line.venue.now))
            self.stage = Stage.START
        elif self.stage is Stage.START:
            self._start(decode_request(body, self._line.version))
        elif self.stage is Stage.OPEN:
            self._paced(body, at)

    def _start(self, message: Any) -> None:  # noqa: ANN401 - any declared request
        if not isinstance(message, ask.StartApi):
            self.unknown_messages += 1
            return
        if self._is_taken(message.client_id, self):
            self._line.error(NOBODY, 326, ID_IN_USE)
            self.stage = Stage.CLOSED
            return
        self._line.client_id = message.client_id
        self.stage = Stage.OPEN
        self._accounts()
        self.orders.next_id()
        for code, text in FARM_NOTICES:
            self._line.error(NOBODY, code, text)

    def _paced(self, body: bytes, at: float) -> None:
        if not self._waiting and self._bucket.take(at):
            self._message(body)
        elif self._waits and len(self._waiting) < self._line.hall.rules.waiting:
            self._waiting.append(body)
        else:
            self._refuse_rate()

    def _refuse_rate(self) -> None:
        rate = self._line.hall.rules.rate
        self.refused_messages += 1
        self._line.error(
            NOBODY,
            100,
            f"Max rate of messages per second has been exceeded:max={rate} rec={rate + 1}"
            f" ({self.refused_messages})",
        )
        if self.refused_messages >= self._line.hall.rules.patience:
            self.stage = Stage.CLOSED

    def _message(self, body: bytes) -> None:
        try:
            message = decode_request(body, self._line.version)
        except ProtocolError as error:
            self._line.error(*_unreadable(body, self._line.version, error))
            return
        if isinstance(message, Unknown):
            self.unknown_messages += 1
        elif (serve := self._serves.get(type(message))) is not None:
            serve(message)
        elif (refusal := REFUSED.get(type(message))) is not None:
            self._line.error(message.req_id, *refusal)

    # -- the venue ----------------------------------------------------------------------------
    def hear(self, event: Event) -> None:
        """Something happened at the venue."""
        if self.stage is Stage.OPEN:
            self.orders.hear(event)
            self.account.hear(event)

    def tick(self, now: datetime) -> None:
        """The exchange's time has moved."""
        if self.stage is Stage.OPEN:
            self.account.tick(now)
            self.history.tick(now)

    def settle(self) -> None:
        """Send what was put off until the end of a batch."""
        if self.stage is Stage.OPEN:
            self.market.settle()
            self.account.settle()

    # -- small answers ------------------------------------------------------------------------
    def _accounts(self, _: object = None) -> None:
        self._line.send(say.ManagedAccounts(accounts=self._line.venue.account))

    def _time(self, _: object) -> None:
        self._line.send(say.CurrentTime(epoch_s=int(self._line.venue.now.timestamp())))

    def _services(self) -> dict[type[Any], Callable[[Any], None]]:
        line = self._line
        account = line.venue.account
        return {
            ask.StartApi: _ignore,
            ask.ReqIds: self.orders.next_id,
            ask.ReqManagedAccts: self._accounts,
            ask.ReqCurrentTime: self._time,
            PlaceOrder: self.orders.place,
            ask.CancelOrder: self.orders.cancel,
            ask.ReqGlobalCancel: self.orders.cancel_all,
            ask.ReqOpenOrders: self.orders.open_orders,
            ask.ReqAllOpenOrders: self.orders.all_open_orders,
            ask.ReqAutoOpenOrders: self.orders.auto_open_orders,
            ask.ReqCompletedOrders: self.orders.completed_orders,
            ask.ReqExecutions: self.orders.executions,
            ask.ReqAccountUpdates: self.account.updates,
            ask.ReqAccountUpdatesMulti: self.account.updates_multi,
            ask.CancelAccountUpdatesMulti: self.account.cancel_updates_multi,
            ask.ReqAccountSummary: self.account.summary,
            ask.CancelAccountSummary: self.account.cancel_summary,
            ask.ReqPositions: self.account.positions,
            ask.CancelPositions: self.account.cancel_positions,
            ask.ReqPositionsMulti: self.account.positions_multi,
            ask.CancelPositionsMulti: self.account.cancel_positions_multi,
            ask.ReqPnL: self.account.pnl,
            ask.CancelPnL: self.account.cancel_pnl,
            ask.ReqPnLSingle: self.account.pnl_single,
            ask.CancelPnLSingle: self.account.cancel_pnl_single,
            want.ReqMktData: self.market.subscribe,
            want.CancelMktData: self.market.cancel,
            want.ReqMarketDataType: lambda message: self.market.set_kind(message.kind),
            want.ReqContractDetails: self.reference.details,
            want.ReqMatchingSymbols: self.reference.symbols,
            want.ReqSecDefOptParams: self.reference.option_params,
            want.ReqMarketRule: self.reference.market_rule,
            want.ReqSmartComponents: self.reference.components,
            want.ReqHeadTimestamp: self.reference.head_timestamp,
            want.ReqHistoricalData: self.history.request,
            want.CancelHistoricalData: self.history.cancel,
            want.ReqNewsProviders: lambda _: line.send(show.NewsProviders(providers=())),
            want.ReqMktDepthExchanges: lambda _: line.send(show.MktDepthExchanges(exchanges=())),
            want.ReqScannerParameters: lambda _: line.send(show.ScannerParameters(xml=NO_SCANS)),
            ask.RequestFA: lambda _: line.error(NOBODY, 321, NO_ADVISOR),
            ask.ReqSoftDollarTiers: lambda m: line.send(show.SoftDollarTiers(req_id=m.req_id, tiers=())),
            ask.ReqFamilyCodes: lambda _: line.send(say.FamilyCodes(codes=(Tag(tag=account),))),
            ask.ReqUserInfo: lambda m: line.send(say.UserInfo(req_id=m.req_id)),
            ask.QueryDisplayGroups: lambda m: line.send(show.DisplayGroupList(req_id=m.req_id, groups="")),
            **dict.fromkeys(SILENT, _ignore),
        }


def _ignore(_: object) -> None:
    """A message to which TWS says nothing."""


def _unreadable(body: bytes, version: int, error: ProtocolError) -> tuple[int, int, str]:
    """Message 4 for a frame that cannot be read: under the id it seems to belong to, in TWS's words."""
    try:
        texts = split_fields(body, ascii7=False)
        cls = REQUESTS[int(texts[0])]
        own = len(HEADERS[cls].texts(version))
        is_first = record(cls, version).steps[0].name in ("req_id", "order_id")
        id_ = int(texts[own]) if is_first else NOBODY
        number = texts[0]
    except (ProtocolError, ValueError, LookupError):
        id_, number = NOBODY, "?"
    return id_, 320, f"Error reading request:Message id {number}.  Unable to parse data. {error.found}"
