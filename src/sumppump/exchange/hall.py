"""The hall: one venue, its clients, and the passing of time; no input, no output.

Whoever owns a hall feeds it bytes and moments and fetches frames. Nothing here reads a clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sumppump.exchange.calendar.trading_days import STEP_MS
from sumppump.exchange.desks.line import Hall, Line, Rules
from sumppump.exchange.events import Event
from sumppump.exchange.session import ClientSession
from sumppump.exchange.trouble.trouble import Trouble
from sumppump.exchange.venue import Venue

STOCK_TICK = timedelta(milliseconds=250)
OPTION_TICK = timedelta(milliseconds=STEP_MS)
"""How often quotes reach clients, in the exchange's time. TWS samples options every 100 ms, but this market
moves on its own grid: looks between its steps would cost as much and show nothing."""

LOOK = timedelta(seconds=1)
"""How far the market moves at most before faults that wait for its events are asked."""

DEFAULT_RULES = Rules()


class TradingHall:
    """Everything between the venue and the bytes of its clients."""

    def __init__(self, venue: Venue, rules: Rules = DEFAULT_RULES) -> None:
        self.venue = venue
        self.rules = rules
        self.events_seen = 0
        self.shared = Hall(venue, rules, self.publish)
        self._sessions: list[ClientSession] = []
        self._stock_at = venue.now
        self._option_at = venue.now
        self.trouble = Trouble(self)

    # -- clients ------------------------------------------------------------------------------
    @property
    def sessions(self) -> Sequence[ClientSession]:
        """The clients that are connected."""
        return self._sessions

    @property
    def lines_in_use(self) -> int:
        """Market-data lines of all clients."""
        return self.shared.lines_in_use

    def connect(self, at: float) -> ClientSession:
        """A new client at this monotonic moment; beyond the limit it is closed at once."""
        session = ClientSession(Line(self.shared), at=at, is_taken=self._is_taken, trouble=self.trouble)
        if len(self._sessions) >= self.rules.clients:
            session.end(f"{self.rules.clients} clients are connected, which is the limit")
        elif not self.trouble.admits():
            session.cut()
        else:
            self._sessions.append(session)
        return session

    def leave(self, session: ClientSession) -> None:
        """The client's connection is gone; its subscriptions end, its orders stay."""
        if session in self._sessions:
            self._sessions.remove(session)
            session.release()

    def _is_taken(self, client_id: int, by: ClientSession) -> bool:
        return any(s.client_id == client_id and s is not by and s.is_open for s in self._sessions)

    # -- what happens -------------------------------------------------------------------------
    def publish(self, events: Sequence[Event]) -> None:
        """Tell every client what concerns it, in order."""
        self.events_seen += len(events)
        for event in events:
            if self.trouble.note(event):
                for session in self._sessions:
                    session.hear(event)

    def receive(self, session: ClientSession, data: bytes, at: float) -> None:
        """Bytes from a client; the answers wait in the sessions' outboxes."""
        session.receive(data, at)
        self._settle()

    def turn(self, now: datetime, at: float) -> None:
        """Time has passed: to `now` on the exchange's clock, to `at` on the monotonic one."""
        while (stop := self._next_stop(now)) is not None:
            self._move(stop)
            self.trouble.act_until(stop)
        self._move(now)
        self._tick()
        for session in self._sessions:
            session.wake(at)
            session.tick(self.venue.now)
        self._settle()

    def _next_stop(self, until: datetime) -> datetime | None:
        """Where trouble wants to act on the way: at its own moments, and while it waits for events."""
        stops = [] if self.trouble.next_at is None else [self.trouble.next_at]
        if self.trouble.waits and self.venue.is_open():
            # Whoever waits for an event has to act on it before the market runs away.
            stops.append(next_on_grid(self.venue.now, LOOK))
        return min((stop for stop in stops if stop <= until), default=None)

    def _move(self, until: datetime) -> None:
        if until > self.venue.now:
            self.publish(self.venue.advance(until))
            self.trouble.settle()

    def filter_answers(self, filter_: Callable[[Line, Any], Iterable[Any]] | None) -> None:
        """Put something between desks and clients, or take it away."""
        self.shared.filter_answers = filter_

    def _settle(self) -> None:
        self.trouble.settle()
        for session in self._sessions:
            session.settle()
        for session in [one for one in self._sessions if one.is_closed]:
            self.leave(session)

    def _tick(self) -> None:
        now = self.venue.now
        stocks, options = now >= self._stock_at, now >= self._option_at
        if stocks:
            self._stock_at = next_on_grid(now, STOCK_TICK)
        if options:
            self._option_at = next_on_grid(now, OPTION_TICK)
        if not (stocks or options):
            return
        due: dict[int, None] = {}
        for session in self._sessions:
            due.update(dict.fromkeys(session.market.watched(options=options, stocks=stocks)))
        wanted = self._flowing(due)
        books = dict(zip(wanted, self.venue.quotes(wanted), strict=True)) if wanted else {}
        flows = self.trouble.flows if self.trouble.stops_quotes else None
        for session in self._sessions:
            session.market.show(books, options=options, stocks=stocks, flows=flows)

    def _flowing(self, con_ids: Iterable[int]) -> tuple[int, ...]:
        """The contracts whose quotes nothing keeps from clients."""
        if not self.trouble.stops_quotes:
            return tuple(con_ids)
        listings = ((con_id, self.venue.listing(con_id)) for con_id in con_ids)
        return tuple(con_id for con_id, one in listings if one is not None and self.trouble.flows(one))


def next_on_grid(now: datetime, step: timedelta) -> datetime:
    """The first multiple of `step` after `now`; a grid, so that ticks do not drift with the caller's pace."""
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return day + ((now - day) // step + 1) * step
