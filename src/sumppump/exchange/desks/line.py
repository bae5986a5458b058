"""What the desks of one client share: the way to the client, and the way to the venue."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from sumppump.exchange.display_groups import DisplayGroups
from sumppump.exchange.entitlements import EVERYTHING, Entitlements, Feed
from sumppump.exchange.events import Event
from sumppump.exchange.listing.instruments import Instrument
from sumppump.exchange.reports import Refusal
from sumppump.exchange.venue import Venue
from sumppump.exchange.wire.account_answers import ErrorMessage
from sumppump.exchange.wire.codec import encode_answer
from sumppump.exchange.wire.handshake import NEWEST

NOBODY = -1
"""The id of messages that belong to no request."""

SLICE = 100
"""Messages of a long answer that are made at once; making them takes a few milliseconds."""

LONG_ANSWERS = 50
"""Long answers that a client may be owed; one is made at a time (our decision)."""

Services = Mapping[type[Any], Callable[[Any], None]]
"""Who answers which kind of request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What this server allows; the defaults are TWS's but for `double_what_if`.

    Attributes:
        newest: newest layout spoken, 157 to 178.
        clients: most clients at once.
        rate: messages per second and client.
        patience: refused messages after which a client is dropped.
        waiting: messages that a client with `+PACEAPI` may have waiting.
        lines: market-data lines of all clients together.
        histories: historical requests that stay up to date, per client.
        summaries: account-summary subscriptions per client.
        read_only: whether every order is refused.
        depths: books of market depth of all clients together.
        tick_by_ticks: tick-by-tick streams of all clients together.
        real_time_bars: streams of real-time bars per client.
        master_client: the client that hears of every order and execution, None for nobody.
        presets_tif: whether an order without a time in force gets DAY by a preset of TWS, with code 10349.
        unsubscribed: the code under which data without a subscription are refused: 354, 10089 or 10168.
        percentage: how far beyond the market a limit may be before 163 refuses the order, in percent; None
            for any distance. An order may override it.
        double_what_if: whether a what-if is answered twice, first without its margins, as is recorded of
            TWS. Off by default, because ib_insync takes the first answer for the whole.
        paces_history: whether requests for small bars that come too fast are refused.
        drops_hasty_time: whether a second question for the time within a second is dropped (Gateway 10.45).
        scans: scanner subscriptions per client.
        history_slice: how many sessions the history of one client may walk through before others are
            served, so that nobody waits for it; None for all at once.
    """

    newest: int = NEWEST
    clients: int = 32
    rate: int = 50
    patience: int = 100
    waiting: int = 10_000
    lines: int = 100
    histories: int = 50
    summaries: int = 2
    read_only: bool = False
    depths: int = 3
    tick_by_ticks: int = 3
    real_time_bars: int = 50
    master_client: int | None = None
    presets_tif: bool = False
    unsubscribed: int = 354
    percentage: float | None = None
    double_what_if: bool = False
    paces_history: bool = True
    drops_hasty_time: bool = False
    scans: int = 10
    history_slice: float | None = None


@dataclass(slots=True)
class Hall:
    """What all clients share.

    Attributes:
        venue: the exchange.
        rules: the limits.
        publish: tells every client what happened.
        lines_in_use: market-data lines of all clients.
        depths_in_use, tick_by_ticks_in_use: the same of books and of streams tick by tick.
        account_reader: the client that has the one subscription to account updates, None for nobody.
        entitlements: the market data that the login has; whoever puts another value here takes or gives them.
        halts: instruments that do not trade by con id: 1 a halt, 2 one for volatility.
        filter_answers: what is sent to a client in place of an answer, None while every answer passes.
        groups: which contract each display group shows.
    """

    venue: Venue
    rules: Rules
    publish: Callable[[Sequence[Event]], None]
    lines_in_use: int = 0
    depths_in_use: int = 0
    tick_by_ticks_in_use: int = 0
    account_reader: Line | None = None
    entitlements: Entitlements = EVERYTHING
    halts: Mapping[int, int] = field(default_factory=dict)
    filter_answers: Callable[[Line, Any], Iterable[Any]] | None = None
    groups: DisplayGroups = field(default_factory=DisplayGroups)

    def has_live(self, instrument: Instrument) -> bool:
        """Whether there is a live subscription, which history needs whatever the market data type."""
        return self.entitlements.feed(instrument) is Feed.LIVE


@dataclass(slots=True, eq=False)
class Line:
    """The way to one client.

    Attributes:
        version: the negotiated server version.
        client_id: NOBODY until the client has said who it is.
        at: monotonic seconds of what the session is doing now; for paces, never for the market.
        outbox: frames that were not fetched yet.
        unfinished: long answers, each as far as it was not made yet; the first is being made.
    """

    hall: Hall
    version: int = NEWEST
    client_id: int = NOBODY
    at: float = 0.0
    outbox: list[bytes] = field(default_factory=list)
    unfinished: deque[Iterator[Any]] = field(default_factory=deque)

    @property
    def venue(self) -> Venue:
        """The exchange."""
        return self.hall.venue

    def send(self, message: Any) -> None:  # noqa: ANN401 - any declared answer
        """Queue an answer, or what is wrong about it."""
        if self.hall.filter_answers is None:
            self.put(message)
            return
        for one in self.hall.filter_answers(self, message):
            self.put(one)

    def put(self, message: Any) -> None:  # noqa: ANN401 - any declared answer
        """Queue an answer as it is."""
        self.outbox.append(encode_answer(message, self.version))

    def send_each(self, id_: int, messages: Iterator[Any]) -> None:
        """Queue an answer that may be long: its first slice now, the rest when the client has room for it."""
        if len(self.unfinished) >= LONG_ANSWERS:
            self.error(id_, 322, "Error processing request.-'bM' : cause - Too many requests are unanswered")
            return
        self.unfinished.append(messages)
        if len(self.unfinished) == 1:
            self.go_on(SLICE)

    def go_on(self, most: int | None = None) -> None:
        """Queue so many further messages of long answers, or all of them."""
        left = most
        while self.unfinished and left != 0:
            made = self._make(self.unfinished[0], left)
            if left is None or made < left:
                self.unfinished.popleft()
            left = None if left is None else left - made

    def _make(self, answer: Iterator[Any], most: int | None) -> int:
        made = 0
        for message in islice(answer, most):
            self.send(message)
            made += 1
        return made

    def error(self, id_: int, code: int, text: str) -> None:
        """Queue message 4 for a request or an order."""
        self.send(ErrorMessage(id=id_, code=code, text=text))

    def refuse(self, id_: int, refusal: Refusal) -> None:
        """Queue the venue's refusal."""
        self.error(id_, refusal.code, refusal.text)


class Desk:
    """One family of requests, for one client; a desk overrides what concerns it.

    The session asks for `serves` once, tells each event with `hear`, each move of the clock with `tick`, and
    the end of a batch with `settle`. While `is_at_work`, `work` does a slice of what takes long, as often as
    nobody else waits. `close` gives back what the client shared with others.
    """

    def __init__(self, line: Line) -> None:
        self._line = line

    def serves(self) -> Services:
        """The requests that this desk answers."""
        return {}

    def hear(self, event: Event) -> None:
        """Something happened at the venue."""

    def tick(self, now: datetime) -> None:
        """The exchange's time has moved."""

    def settle(self) -> None:
        """Send what was put off until the end of a batch."""

    @property
    def is_at_work(self) -> bool:
        """Whether something that takes long is not done yet."""
        return False

    def work(self) -> None:
        """Do a slice of what takes long."""

    def close(self) -> None:
        """Give back what is shared."""
