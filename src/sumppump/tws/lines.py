"""The market data lines as one budget: taken by need, shared, left open a moment, given back.

TWS counts the lines of all clients together, in the order of messages, so a cancel leaves before the
subscription that needs its place. Who is subscribed next is decided when a message may leave, not before: the
most urgent need first, then who has waited longest. A need takes the place of an idle line, else of the least
urgent one that was used longest ago; that one waits, stale, and is subscribed again when there is room.
"""

from __future__ import annotations

import contextlib
import heapq
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from itertools import count

from ib_async.contract import Contract

from sumppump.domain.instruments import Instrument, SecType
from sumppump.kernel.errors import GatewayUnavailable
from sumppump.ports.market import Need
from sumppump.tws.allowance import Allowance
from sumppump.tws.line import Line
from sumppump.tws.notices import MAY_BE_DELAYED, OnLine, SparingLog
from sumppump.tws.pacing import Lane, Ticket
from sumppump.tws.requests import next_request_id
from sumppump.tws.session import Session
from sumppump.tws.settings import TwsSettings
from sumppump.tws.tick_router import TickRouter
from sumppump.tws.timers import Timers

GENERICS = {SecType.OPT: "101", SecType.FUT: "588"}
"""What is asked for with the prices: open interest."""
TAKEN = "its market data line was needed for something more urgent"
DATA_LOST = "TWS has lost its subscriptions (TWS 1101)"
NEW_CONNECTION = "the connection to TWS was lost and is new"
KEPT_FOR_LOOKUPS = 10
"""One line in so many is never given to pinned contracts."""
DELAYED_KINDS = (3, 4)

Job = tuple[Lane, float, Callable[[Session], None]]
"""A message to send: how urgent, waiting since when (monotonic), and what writes it."""


class LineBudget:
    """All lines of this process.

    Attributes:
        router: the inbox's `TickSink`.
        timers: of everything that happens to lines after a while.
    """

    def __init__(
        self,
        settings: TwsSettings,
        session: Callable[[], Session],
        is_online: Callable[[], bool],
        share: Callable[[], int] | None = None,
    ) -> None:
        """`share` says how many lines are ours where processes divide them; the settings without it."""
        self._settings, self._session, self._is_online = settings, session, is_online
        self._is_shared = share is not None
        self._allowance = Allowance(share or (lambda: settings.line_limit))
        self.router, self.timers, self._log = TickRouter(self._failed), Timers(), SparingLog()
        self._lines: dict[tuple[int, str], Line] = {}
        self._idle: OrderedDict[tuple[int, str], Line] = OrderedDict()
        self._cancels: deque[tuple[int, float]] = deque()
        self._wanting: list[tuple[Need, float, int, Line]] = []
        self._order = count()
        self._ticket: Ticket | None = None
        self._place: tuple[Lane, float] | None = None

    @property
    def limit(self) -> int:
        """Lines that we may use now."""
        return self._allowance.limit

    @property
    def used(self) -> int:
        """Lines that TWS counts against us now."""
        return len(self.router.open) + len(self._cancels)

    def admitted(self, instruments: Sequence[Instrument], need: Need) -> Sequence[Instrument]:
        """The first of these for which there are lines if all that is less urgent gives way.

        What is held for as urgent a need already takes no further line.
        """
        self._allowance.look()
        held = {key for key, line in self._lines.items() if line.is_held and line.need <= need}
        room = (self._most_pinned if need is Need.PINNED else self.limit) - len(held)
        for number, instrument in enumerate(instruments):
            room -= _key(instrument) not in held
            held.add(_key(instrument))
            if room < 0:
                return instruments[:number]
        return instruments

    @property
    def _most_pinned(self) -> int:
        return self.limit - self.limit // KEPT_FOR_LOOKUPS

    @property
    def _pinned(self) -> int:
        return sum(line.need == Need.PINNED for line in self.router.open.values())

    # --- taking and giving back ---------------------------------------------------------------

    def acquire(self, instrument: Instrument, need: Need, generics: str | None = None) -> Line:
        """The line of this contract, shared with whoever has it; it may still have to wait for its place.

        Raises:
            GatewayUnavailable: no connection.
        """
        self._session()
        key = _key(instrument, generics)
        line = self._lines.get(key)
        if line is None:
            line = self._lines[key] = Line(instrument, key[1])
        had_place_or_need = line.is_open or (line.is_held and line.need <= need)
        line.hold(need, 1)
        self._idle.pop(key, None)
        if not had_place_or_need:
            self._want(line)
        return line

    def release(self, line: Line, need: Need) -> None:
        """This holder needs it no more; it stays open for a moment."""
        line.hold(need, -1)
        if line.is_held or self._lines.get(line.key) is not line:
            return
        if line.is_open:
            self._idle[line.key] = line
        else:
            self._forget(line)
        self._pump()

    def give_way(self, line: Line) -> None:
        """If it has had its time, others as urgent may take its place from now on, and it theirs later."""
        if line.is_open and time.monotonic() - line.since >= self._settings.line_turn_s:
            line.gives_way = True
            self._pump()

    def _want(self, line: Line) -> None:
        heapq.heappush(self._wanting, (line.need, line.since, next(self._order), line))
        if self._is_shared:
            self.timers.after(self._settings.share_check_s, "share", self._look_at_share)
        self._pump()

    def _forget(self, line: Line) -> None:
        self.router.open.pop(line.request_id, None)
        self._idle.pop(line.key, None)
        if self._lines.get(line.key) is line:
            del self._lines[line.key]

    # --- one message at a time ----------------------------------------------------------------

    def _pump(self) -> None:
        """Stand in the queue for the message that matters most now, and for no other."""
        job = self._next()
        place = None if job is None else job[:2]
        if self._ticket is not None and self._ticket.act is not None:
            if place == self._place:
                return
            self._ticket.give_up()
        self._ticket, self._place = None, place
        if job is not None:
            with contextlib.suppress(GatewayUnavailable):
                pacer = self._session().pacer
                self._ticket = pacer.book(self._send, job[0], lambda _: None, since=job[1])

    def _send(self) -> None:
        """A message may leave: what matters most by now."""
        self._ticket = None
        job = self._next()
        if job is not None:
            with contextlib.suppress(GatewayUnavailable):
                job[2](self._session())
                self._pump()

    def _next(self) -> Job | None:
        if self._cancels:
            return Lane.URGENT, self._cancels[0][1], self._cancel
        wanted = self._first_wanted()
        if wanted is not None and self._is_online():
            lane = Lane.URGENT if wanted.need is Need.ORDERS else Lane.REQUEST
            if self.used < self.limit:
                return lane, wanted.since, self._subscribe
            victim = self._victim(wanted.need)
            if victim is not None:
                return lane, wanted.since, lambda session: self._displace(session, victim)
        return self._surplus()

    def _first_wanted(self) -> Line | None:
        while self._wanting and not self._wanting[0][-1].wants_place:
            heapq.heappop(self._wanting)
        if not self._wanting or self._wanting[0][0] != Need.PINNED or self._pinned < self._most_pinned:
            return self._wanting[0][-1] if self._wanting else None
        # What was admitted when there were more lines may not take those that are kept for lookups.
        others = (each for each in self._wanting if each[0] > Need.PINNED and each[-1].wants_place)
        return min(others, default=(None,))[-1]

    def _victim(self, need: Need) -> Line | None:
        """Whose place this need may take: the longest idle, else the least urgent, least recently used."""
        if self._idle:
            return next(iter(self._idle.values()))
        open_lines = self.router.open.values()
        too_many = self._pinned > self._most_pinned
        below = [
            line
            for line in open_lines
            if line.need > need
            or (line.gives_way and line.need == need)
            or (too_many and line.need == Need.PINNED)
        ]
        return max(below, key=_least_needed, default=None)

    def _surplus(self) -> Job | None:
        """A line to give back: above our share, or idle for long enough."""
        line = next(iter(self._idle.values()), None)
        if self.used > self.limit:
            least = line or max(self.router.open.values(), key=_least_needed, default=None)
            if least is not None:
                return Lane.URGENT, least.since, lambda session: self._displace(session, least)
        if line is None:
            return None
        due = line.used_at + self._settings.linger_s
        wait_s = due - time.monotonic()
        if wait_s > 0:
            self.timers.after(wait_s, "idle", self._pump)
            return None
        return Lane.RELEASE, due, lambda session: self._displace(session, line)

    def _subscribe(self, session: Session) -> None:
        line = self._first_wanted()
        assert line is not None
        if self._wanting[0][-1] is line:
            heapq.heappop(self._wanting)
        else:
            self._wanting = [each for each in self._wanting if each[-1] is not line]
            heapq.heapify(self._wanting)
        request_id = next_request_id()
        contract = wire_contract(line.instrument)
        session.write_now(
            lambda client: client.reqMktData(request_id, contract, line.generics, False, False, [])
        )
        line.request_id, line.since = request_id, time.monotonic()
        self.router.open[request_id] = line

    def _displace(self, session: Session, line: Line) -> None:
        """Cancel a line; who still holds it waits for another place."""
        request_id = line.request_id
        session.write_now(lambda client: client.cancelMktData(request_id))
        self._close(line, TAKEN)

    def _close(self, line: Line, reason: str) -> None:
        """Its subscription is no more; who still holds it waits for another place."""
        self.router.open.pop(line.request_id, None)
        if line.is_held:
            line.renew(reason)
            self.router.changed(line)
            self._want(line)
        else:
            self._forget(line)

    def _cancel(self, session: Session) -> None:
        request_id = self._cancels[0][0]
        session.write_now(lambda client: client.cancelMktData(request_id))
        self._cancels.popleft()

    def _ask_again(self, line: Line, reason: str) -> None:
        self._cancels.append((line.request_id, time.monotonic()))
        self._close(line, reason)

    # --- how many there are -------------------------------------------------------------------

    def _look_at_share(self) -> None:
        self._allowance.look()
        if self._lines:
            self.timers.after(self._settings.share_check_s, "share", self._look_at_share)
        self._pump()

    def _grow(self) -> None:
        if not self._allowance.grow():
            self.timers.after(self._settings.line_retry_s, "grow", self._grow)
        self._pump()

    # --- what happens to the connection -------------------------------------------------------

    def may_be_stale(self, reason: str, is_announced: bool) -> None:
        """Ticks may have stopped: what is held is stale until they resume, what lies idle is closed.

        Args:
            reason: why, in words.
            is_announced: whether TWS will say when they should flow again; else it is tried now and then.
        """
        long_ago = time.monotonic() - self._settings.linger_s
        for line in self.router.open.values():
            line.stale = line.stale or reason
            line.used_at = line.used_at if line.is_held else long_ago
            self.router.changed(line)
        if not is_announced:
            self._ask_silent_later()
        self._pump()

    def _ask_silent_later(self) -> None:
        """Nobody will say that the data flow again."""
        self.timers.after(self._settings.pause_retry_s, "paused", self._ask_silent_again)

    def expect_ticks(self) -> None:
        """Ticks should resume: whatever is still silent after a while is asked for once more."""
        self.timers.after(self._settings.resume_s, "resume", self._ask_silent_again)
        self._pump()

    def _ask_silent_again(self) -> None:
        if self._is_online():
            for line in tuple(self.router.open.values()):
                if line.stale or not line.book.touched:
                    self._ask_again(line, line.stale)
        self._pump()

    def connection_ended(self, reason: str) -> None:
        """Who waits hears it; what is followed waits for the next connection."""
        self.timers.stop()
        self._allowance.reset()
        self._drop_subscriptions()
        for line in tuple(self._lines.values()):
            if line.listeners:
                line.interrupt(reason, f"there is no connection to TWS: {reason}")
            else:
                self._forget(line)
                line.lose(reason)

    def subscribe_again(self, reason: str) -> None:
        """A new connection, or TWS has forgotten us (1101): all that is held is asked for anew."""
        self._drop_subscriptions()
        for line in tuple(self._lines.values()):
            self._close(line, reason)

    def _drop_subscriptions(self) -> None:
        self.router.open.clear()
        self._cancels.clear()
        self._wanting.clear()
        self._idle.clear()

    # --- errors of a line ---------------------------------------------------------------------

    def _failed(self, line: Line, code: int, text: str) -> None:
        effect, words = line.incoming.failed(line.instrument, code, text)
        if effect is OnLine.NO_PLACE:
            self._no_place(line, words)
        elif effect is OnLine.ENDS:
            self._refused(line, code, text, words)
        elif effect is OnLine.PAUSES:
            self._log.says(code, words, level="WARNING")
            self._paused(line, words)
        self._pump()

    def _no_place(self, line: Line, words: str) -> None:
        self.router.open.pop(line.request_id)
        self._allowance.refused(self.used)
        self.timers.after(self._settings.line_retry_s, "grow", self._grow)
        self._close(line, words)

    def _refused(self, line: Line, code: int, text: str, words: str) -> None:
        """Nothing will come; delayed data is asked for once where TWS offers it and the settings allow it."""
        may_retry = code in MAY_BE_DELAYED and self._settings.market_data_type in DELAYED_KINDS
        if may_retry and "elayed market data is available" in text and not line.asked_delayed:
            line.asked_delayed = True
            self._close(line, words)
        else:
            self._forget(line)
            line.end(words)

    def _paused(self, line: Line, words: str) -> None:
        """Somebody else has the data: who asked gets what there is, who follows is served again later."""
        line.pause(words)
        if line.listeners:
            self._ask_silent_later()
            return
        if line.book.touched:  # it was granted once, so TWS still counts it
            self._cancels.append((line.request_id, time.monotonic()))
        self._forget(line)
        line.end(words)


def _key(instrument: Instrument, generics: str | None = None) -> tuple[int, str]:
    return instrument.con_id, GENERICS.get(instrument.sec_type, "") if generics is None else generics


def _least_needed(line: Line) -> tuple[Need, float]:
    return line.need, -line.used_at


def wire_contract(instrument: Instrument) -> Contract:
    """A contract as market data and history are asked for it: by its id."""
    return Contract(
        conId=instrument.con_id, symbol=instrument.symbol, secType=instrument.sec_type.value,
        exchange=instrument.exchange, currency=instrument.currency,
    )  # fmt: skip
