"""Who plays a scenario at a hall: moments become acts in the exchange's time; so do faults drawn by seed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sumppump.exchange.calendar.trading_days import to_ms, upcoming_session
from sumppump.exchange.events import (
    Event,
    Executed,
    OrderCancelled,
    OrderOpened,
    OrderRejected,
)
from sumppump.exchange.market.randomness import key_of, uniform
from sumppump.exchange.moments import Moment
from sumppump.exchange.trouble.faults import FAULTS
from sumppump.exchange.trouble.scenario import Cue, Happening, Scenario, Upon
from sumppump.exchange.trouble.verbs import Clockwork
from sumppump.kernel.errors import SumpPumpError

if TYPE_CHECKING:
    from sumppump.exchange.hall import TradingHall
    from sumppump.exchange.session import ClientSession

MINUTE = timedelta(minutes=1)
NOT_DRAWN = ("F-06", "F-15", "F-17", "F-43", "F-71")
"""They last longer than an hour, or leave nothing to trade with."""
DRAWN = tuple(fault for fault in FAULTS if fault.name not in NOT_DRAWN)
LONGEST_S = 300.0
"""A drawn fault that would not end by itself is healed after so long."""


@dataclass
class Wishes:
    """What a scenario asks of the clock; whoever owns the clock takes it."""

    jumps: list[Moment] = field(default_factory=list)
    is_paused: bool = False

    def jump(self, moment: Moment) -> None:
        """Go to a moment as soon as may be."""
        self.jumps.append(moment)

    def pause(self) -> None:
        """Stand still."""
        self.is_paused = True


class Director:
    """Plays one scenario."""

    def __init__(self, hall: TradingHall, scenario: Scenario, clock: Clockwork) -> None:
        self._hall = hall
        self._clock = clock
        self._seen: set[int] = set()
        self._waiting: list[tuple[Upon, Cue, list[int]]] = []
        self.left_out = 0
        session = upcoming_session(to_ms(hall.venue.now))
        for cue in scenario.cues:  # all of them are looked at before any is set down
            if isinstance(cue.at, Moment):
                cue.at.check(session)
        for cue in scenario.cues:
            self._lay_out(cue)
        if any(upon.happening is not Happening.CONNECT for upon, _, _ in self._waiting):
            hall.trouble.watch(self._hear)
        if any(upon.happening is Happening.CONNECT for upon, _, _ in self._waiting):
            hall.trouble.watch_arrivals(self._arrived)

    def _lay_out(self, cue: Cue) -> None:
        if isinstance(cue.at, Upon):
            self._waiting.append((cue.at, cue, []))
            return
        venue = self._hall.venue
        moment = cue.at.within(upcoming_session(to_ms(venue.now)), venue)
        if moment < venue.now:
            self.left_out += 1
            self._hall.trouble.told.append(f"left out, it lies before the start: {cue.words}")
        else:
            self._hall.trouble.at(moment, self._act(cue), cue.words)

    def _act(self, cue: Cue) -> Callable[[], None]:
        def act() -> None:
            try:
                cue.verb.act(self._hall, self._clock)
            except SumpPumpError as error:
                # A day goes on without what could not be done; the exchange is other people's too.
                self._hall.trouble.told.append(f"left out: {error.message}; found {error.found}")

        return act

    # -- events -------------------------------------------------------------------------------
    def _arrived(self, session: ClientSession) -> None:
        self._happened({Happening.CONNECT}, self._hall.venue.now)

    def _hear(self, event: Event) -> None:
        found = set(self._happenings(event))
        if found:
            self._happened(found, event.at)

    def _happenings(self, event: Event) -> Iterable[Happening]:
        match event:
            case OrderOpened(order=order) if order.perm_id not in self._seen:
                self._seen.add(order.perm_id)
                yield Happening.ORDER
            case Executed(execution=one):
                yield Happening.FILL
                found = self._hall.venue.books.find(one.client_id, one.order_id)
                if found is not None and found.is_live:
                    yield Happening.PARTIAL
            case OrderCancelled():
                yield Happening.CANCEL
            case OrderRejected():
                yield Happening.REJECT
            case _:
                pass

    def _happened(self, what: set[Happening], at: datetime) -> None:
        for upon, cue, done in self._waiting:
            if upon.happening in what and (not upon.times or len(done) < upon.times):
                done.append(1)
                self._hall.trouble.at(at + timedelta(seconds=upon.offset_s), self._act(cue), cue.words)
        if all(upon.times and len(done) >= upon.times for upon, _, done in self._waiting):
            self._hall.trouble.unwatch(self._hear)


class Dice:
    """Faults by seed: each minute of the exchange's time is asked whether one begins, and which.

    Args:
        hall: where.
        seed: of the draws alone; the market has its own.
        per_hour: how many faults an hour on average.
    """

    def __init__(self, hall: TradingHall, seed: int, per_hour: float) -> None:
        self._hall = hall
        self._key = key_of(seed, "dice")
        self._chance = per_hour / 60.0
        self._throw_next()

    def _throw_next(self) -> None:
        now = self._hall.venue.now
        self._hall.trouble.at(now.replace(second=0, microsecond=0) + MINUTE, self._throw)

    def _throw(self) -> None:
        minute = int(self._hall.venue.now.timestamp()) // 60
        if uniform(self._key, minute, 0) < self._chance:
            fault = DRAWN[int(uniform(self._key, minute, 1) * len(DRAWN))]
            self._hall.trouble.start(fault, fault.effect(), fault.lasts or LONGEST_S)
        self._throw_next()
