"""One client: from its first byte to the desk that serves it. Bytes in, frames out, no input or output.

A session goes through the stages HELLO, START (greeted, silent until the client has said its id), OPEN
and CLOSED; where a fault keeps the greeting back it stays MUTE. Nothing is sent between greeting and start:
ibapi 9.81 throws away whatever it reads together with the greeting.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

from sumppump.exchange.desks.account import AccountDesk
from sumppump.exchange.desks.calculations import CalculationDesk
from sumppump.exchange.desks.depth import DepthDesk
from sumppump.exchange.desks.display_groups import DisplayGroupDesk
from sumppump.exchange.desks.exercise import ExerciseDesk
from sumppump.exchange.desks.formalities import FormalitiesDesk
from sumppump.exchange.desks.historical_ticks import HistoricalTickDesk
from sumppump.exchange.desks.history import HistoryDesk
from sumppump.exchange.desks.line import NOBODY, Desk, Line, Services
from sumppump.exchange.desks.market import MarketDesk
from sumppump.exchange.desks.news import NewsDesk
from sumppump.exchange.desks.orders import OrderDesk
from sumppump.exchange.desks.real_time_bars import RealTimeBarDesk
from sumppump.exchange.desks.reference import ReferenceDesk
from sumppump.exchange.desks.scanner import ScannerDesk
from sumppump.exchange.desks.tick_by_tick import TickByTickDesk
from sumppump.exchange.events import Event
from sumppump.exchange.pacing import TokenBucket
from sumppump.exchange.trouble.streams import OpenStreams
from sumppump.exchange.trouble.zones import zone_named
from sumppump.exchange.wire import account_requests as ask
from sumppump.exchange.wire.codec import Unknown, decode_request
from sumppump.exchange.wire.framing import PRELUDE, FrameReader, split_fields
from sumppump.exchange.wire.handshake import greeting, negotiated, read_hello
from sumppump.exchange.wire.layout import HEADERS, REQUESTS, record
from sumppump.kernel.errors import ProtocolError

if TYPE_CHECKING:
    from sumppump.exchange.trouble.trouble import Trouble

FARM_NOTICES = (
    (2104, "Market data farm connection is OK:usfarm"),
    (2106, "HMDS data farm connection is OK:ushmds"),
    (2158, "Sec-def data farm connection is OK:secdefil"),
)
GREETING_S = 30.0
"""Monotonic seconds after which a connection that has not said who it is loses its place (our decision)."""
ID_IN_USE = "Unable to connect as the client id is already in use. Retry with a unique client id."


class Stage(Enum):
    """How far a connection has come."""

    HELLO = "hello"
    MUTE = "mute"
    START = "start"
    OPEN = "open"
    CLOSED = "closed"


class ClientSession:
    """What one client may do, has asked for and is owed.

    Args:
        line: the way to the client.
        at: monotonic seconds.
        is_taken: whether another client has this id.
        trouble: what is wrong at the exchange.

    Attributes:
        line: the way to the client.
        streams: what it has asked for and not ended.
        piece: bytes of one write, 0 for no limit.
        is_reset: whether the connection ends with RST.
        ended: why the exchange ends the connection, for the log; empty where a fault or the client does.
    """

    def __init__(
        self, line: Line, *, at: float, is_taken: Callable[[int, ClientSession], bool], trouble: Trouble
    ) -> None:
        rules = line.hall.rules
        self.stage = Stage.HELLO
        self.unknown_messages = 0
        self.refused_messages = 0
        self.line = line
        self.streams = OpenStreams()
        self.piece = 0
        self.is_reset = False
        self.ended = ""
        self._since = at
        self._trouble = trouble
        self._ready: list[bytes] = []
        self.market = MarketDesk(line)
        self._orders = OrderDesk(line)
        self._formalities = FormalitiesDesk(line)
        # Whoever stands further ahead hears of an event first: an order's news before the account's.
        self._desks: tuple[Desk, ...] = (
            self._orders,
            AccountDesk(line),
            ExerciseDesk(line),
            self.market,
            DepthDesk(line),
            TickByTickDesk(line),
            RealTimeBarDesk(line),
            CalculationDesk(line),
            HistoryDesk(line),
            HistoricalTickDesk(line),
            ReferenceDesk(line),
            self._formalities,
            DisplayGroupDesk(line),
            NewsDesk(line, self.market),
            ScannerDesk(line),
        )
        self._hears = _own(Desk.hear, self._desks)
        self._ticks = _own(Desk.tick, self._desks)
        self._settles = _own(Desk.settle, self._desks)
        self._workers = tuple(desk for desk in self._desks if type(desk).work is not Desk.work)
        self._line = line
        line.at = at
        self._is_taken = is_taken
        self._frames = FrameReader(PRELUDE)
        self._bucket = TokenBucket(rate=rules.rate, capacity=rules.rate, at=at)
        self._waits = False
        self._waiting: deque[bytes] = deque()
        self._serves: Services = {
            kind: serve for desk in self._desks for kind, serve in desk.serves().items()
        }

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

    @property
    def owed(self) -> int:
        """How many frames wait for the client."""
        return len(self._line.outbox)

    @property
    def is_unfinished(self) -> bool:
        """Whether a long answer goes on."""
        return self.is_open and bool(self._line.unfinished)

    @property
    def is_at_work(self) -> bool:
        """Whether something that takes long is being made for the client."""
        return self.is_open and any(desk.is_at_work for desk in self._workers)

    def work(self) -> None:
        """Do a slice of what takes long."""
        if self.is_open:
            for desk in self._workers:
                desk.work()

    def go_on(self, most: int | None = None) -> None:
        """Make so many further messages of long answers, or all of them."""
        if self.is_open:
            self._line.go_on(most)

    def take(self, *, whole: bool = True) -> bytes:
        """Everything that is owed to the client now; with `whole` to the end of every long answer."""
        if whole:
            self.go_on()
        outbox = self._line.outbox
        if outbox:
            self._ready += self._trouble.frames(self, outbox)
            outbox.clear()
        data = b"".join(self._ready)
        self._ready.clear()
        return data

    def write(self, frames: Iterable[bytes]) -> None:
        """Owe the client frames that were held back before."""
        if self.stage is not Stage.CLOSED:
            self._ready += frames

    def cut(self, *, reset: bool = False) -> None:
        """End the connection; what is owed by now still goes out, unless it is reset."""
        self.stage = Stage.CLOSED
        self.is_reset = reset

    def end(self, why: str) -> None:
        """End the connection by the exchange's own rules."""
        self.ended = why
        self.cut()

    def release(self) -> None:
        """Give back what the client shared with others."""
        self.stage = Stage.CLOSED
        for desk in self._desks:
            desk.close()

    # -- bytes --------------------------------------------------------------------------------
    def receive(self, data: bytes, at: float) -> None:
        """Bytes from the client at a monotonic moment; nonsense ends the connection, never the server."""
        if self.stage is Stage.CLOSED or not self._trouble.listens(self):
            return
        self._line.at = at
        try:
            for body in self._frames.feed(data):
                self._frame(body, at)
        except ProtocolError as error:
            self.end(f"{error.message}; expected {error.expected}, found {error.found}")

    def wake(self, at: float) -> None:
        """Serve messages of a client that asked to be paced, as the rate allows; end who says nothing."""
        self._line.at = at
        if self.stage in (Stage.HELLO, Stage.START) and at - self._since >= GREETING_S:
            self.end(f"it has not said who it is for {GREETING_S:g} s")
        while self._waiting and self.stage is Stage.OPEN and self._bucket.take(at):
            self._message(self._waiting.popleft())

    def _frame(self, body: bytes, at: float) -> None:
        if self.stage is Stage.HELLO:
            self._greet(body)
        elif self.stage is Stage.START:
            self._start(decode_request(body, self._line.version))
        elif self.stage is Stage.OPEN:
            self._paced(body, at)

    def _greet(self, body: bytes) -> None:
        hello = read_hello(body)
        version = negotiated(hello, newest=self._line.hall.rules.newest)
        self._line.version = version
        self._waits = hello.wants_pacing
        self.stage = Stage.MUTE
        if self._trouble.greets(self):
            named = self._trouble.announces() or version
            name = self._trouble.zone()
            self._line.outbox.append(greeting(named, self._line.venue.now, zone=zone_named(name), name=name))
            self.stage = Stage.START

    def _start(self, message: Any) -> None:  # noqa: ANN401 - any declared request
        if not isinstance(message, ask.StartApi):
            self.unknown_messages += 1
            return
        is_refused = self._trouble.refuses_id(message.client_id)
        if is_refused or self._is_taken(message.client_id, self):
            self._line.error(NOBODY, 326, ID_IN_USE)
            self.stage = Stage.CLOSED
            return
        self._line.client_id = message.client_id
        self.stage = Stage.OPEN
        self._formalities.accounts()
        self._orders.next_id()
        for code, text in FARM_NOTICES:
            self._line.error(NOBODY, code, text)
        self._trouble.arrived(self)

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
            self.end(f"client {self.client_id} sends too fast: {self.refused_messages} messages were refused")

    def _message(self, body: bytes) -> None:
        try:
            message = decode_request(body, self._line.version)
        except ProtocolError as error:
            self._line.error(*_unreadable(body, self._line.version, error))
            return
        if isinstance(message, Unknown):
            self.unknown_messages += 1
        elif (passed := self._trouble.incoming(self, message)) is not None:
            self.serve(passed)

    def serve(self, message: Any) -> None:  # noqa: ANN401 - any declared request
        """Let the desk that serves it answer a request."""
        self.streams.note(message)
        if (serve := self._serves.get(type(message))) is not None:
            serve(message)

    def forget_streams(self) -> None:
        """IB has lost this client's subscriptions: they are gone without a word."""
        told = len(self._line.outbox)
        for end in self.streams.taken():
            self.serve(end)
        del self._line.outbox[told:]

    # -- the venue ----------------------------------------------------------------------------
    def hear(self, event: Event) -> None:
        """Something happened at the venue."""
        if self.stage is Stage.OPEN:
            for hear in self._hears:
                hear(event)

    def tick(self, now: datetime) -> None:
        """The exchange's time has moved."""
        if self.stage is Stage.OPEN:
            for tick in self._ticks:
                tick(now)

    def settle(self) -> None:
        """Send what was put off until the end of a batch."""
        if self.stage is Stage.OPEN:
            for settle in self._settles:
                settle()


def _own(method: Callable[..., None], desks: Iterable[Desk]) -> tuple[Callable[..., None], ...]:
    """What these desks do in place of a method of `Desk`; those that do nothing need not be asked."""
    name = method.__name__
    return tuple(getattr(desk, name) for desk in desks if getattr(type(desk), name) is not method)


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
