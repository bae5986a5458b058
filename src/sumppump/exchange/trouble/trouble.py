"""The faults that are on, and the places where they stand between clients, desks and the venue.

Pure: what happens depends on the seed, on the exchange's time and on what clients do, and on nothing else. As
long as no fault is on, every way is open and costs one look at an empty tuple.
"""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sumppump.exchange.orders.orders import legs_of
from sumppump.exchange.trouble.effect import Act, Effect, Scene
from sumppump.exchange.trouble.faults import Fault, fault_named
from sumppump.exchange.trouble.zones import USUAL_ZONE
from sumppump.kernel.clock import NEW_YORK
from sumppump.kernel.errors import SumpPumpError

if TYPE_CHECKING:
    from sumppump.exchange.desks.line import Line
    from sumppump.exchange.events import Event
    from sumppump.exchange.hall import TradingHall
    from sumppump.exchange.listing.instruments import Instrument
    from sumppump.exchange.session import ClientSession


TOLD = 500
"""So many lines are kept for whoever writes the log."""


@dataclass(frozen=True, slots=True, eq=False)
class Running:
    """A fault that is on."""

    fault: Fault
    effect: Effect
    scene: Scene


@dataclass(frozen=True, slots=True, order=True)
class _Due:
    at: datetime
    number: int
    act: Act
    owner: Scene | None
    words: str = ""


class Trouble:
    """What is wrong at one exchange right now, and what will be.

    Attributes:
        told: what a scenario did, or wanted and could not have; who writes the log empties it.
    """

    def __init__(self, hall: TradingHall) -> None:
        self._hall = hall
        self._running: tuple[Running, ...] = ()
        self._queue: list[_Due] = []
        self._numbers = itertools.count()
        self._caused = itertools.count()
        self._heard: list[Event] = []
        self.told: deque[str] = deque(maxlen=TOLD)
        self._watchers: list[Callable[[Event], None]] = []
        self._arrivals: list[Callable[[ClientSession], None]] = []
        self._sort()

    # -- switching ----------------------------------------------------------------------------
    @property
    def running(self) -> tuple[Running, ...]:
        """The faults that are on, in the order in which they began."""
        return self._running

    def cause(self, name: str, *, lasts: float | None = None, **parameters: Any) -> Running:  # noqa: ANN401
        """Switch a fault on.

        Args:
            name: its id, for example F-22.
            lasts: seconds of the exchange's time until it is healed; None until somebody heals it, or until
                it has run its course.
            parameters: of its effect, as values or as text.

        Raises:
            InvalidRequest: `unknown_fault`, `fault_not_ours` or `bad_parameter`.
        """
        fault = fault_named(name)
        return self.start(fault, fault.effect(**parameters), lasts)

    def start(self, fault: Fault, effect: Effect, lasts: float | None = None) -> Running:
        """As `cause`, with an effect that was made before."""
        scene = Scene(fault.name, next(self._caused), self._hall, self._put_off, self._over)
        running = Running(fault, effect, scene)
        self._running += (running,)
        self._sort()
        try:
            effect.begin(scene)
        except SumpPumpError:
            self._running = tuple(one for one in self._running if one is not running)
            self._sort()
            raise
        if lasts is not None:
            scene.after(lasts, scene.over)
        return running

    def join(self, name: str, effect: Effect) -> Running:
        """A further effect under the name of a fault that is on."""
        return self.start(fault_named(name), effect)

    def heal(self, name: str) -> int:
        """Switch every fault of this name off, or `all`; how many there were."""
        healed = [one for one in self._running if name in ("all", one.fault.name)]
        for one in healed:
            self._over(one.scene)
        return len(healed)

    def _over(self, scene: Scene) -> None:
        ended = [one for one in self._running if one.scene is scene]
        self._running = tuple(one for one in self._running if one.scene is not scene)
        self._queue = [due for due in self._queue if due.owner is not scene]
        heapq.heapify(self._queue)
        self._sort()
        for one in ended:
            one.effect.end(scene)

    def _sort(self) -> None:
        """Who stands where; most effects stand in one place only."""
        self._doors = self._with("admits", "greets", "refuses_id", "zone", "announces", "listens")
        self._incoming = self._with("incoming")
        self._outgoing = self._with("outgoing")
        self._frames = self._with("frames")
        self._tells = self._with("tells")
        self._flows = self._with("flows")
        self._listeners = self._with("heard")
        self._hall.filter_answers(self.outgoing if self._outgoing else None)

    def _with(self, *names: str) -> tuple[Running, ...]:
        return tuple(
            one
            for one in self._running
            if any(getattr(type(one.effect), name) is not getattr(Effect, name) for name in names)
        )

    def until(self, running: Running) -> datetime | None:
        """When a fault will be healed by itself, None where nobody has said."""
        ends = (due.at for due in self._queue if due.act == running.scene.over)
        return min(ends, default=None)

    # -- time ---------------------------------------------------------------------------------
    @property
    def next_at(self) -> datetime | None:
        """When something is due."""
        return self._queue[0].at if self._queue else None

    @property
    def next_words(self) -> str:
        """What a scenario does next, and when in New York; "" if nothing is set down."""
        due = min((one for one in self._queue if one.words), default=None)
        return "" if due is None else f"{_clock(due.at)} {due.words}"

    def at(self, moment: datetime, act: Act, words: str = "") -> None:
        """Do something at a moment of the exchange's time; with words, it is told when it is done."""
        self._push(moment, act, None, words)

    def _put_off(self, scene: Scene, moment: datetime, act: Act) -> None:
        self._push(moment, act, scene)

    def _push(self, moment: datetime, act: Act, owner: Scene | None, words: str = "") -> None:
        heapq.heappush(self._queue, _Due(moment, next(self._numbers), act, owner, words))

    def act_until(self, moment: datetime) -> None:
        """Do what is due by now."""
        while self._queue and self._queue[0].at <= moment:
            due = heapq.heappop(self._queue)
            if due.words:
                self.told.append(f"{_clock(due.at)} {due.words}")
            due.act()

    # -- what happens -------------------------------------------------------------------------
    def watch(self, watcher: Callable[[Event], None]) -> None:
        """Tell somebody of every event, after the batch in which it happened."""
        self._watchers.append(watcher)

    def unwatch(self, watcher: Callable[[Event], None]) -> None:
        """Nobody waits there any more."""
        if watcher in self._watchers:
            self._watchers.remove(watcher)

    def watch_arrivals(self, watcher: Callable[[ClientSession], None]) -> None:
        """Tell somebody of every client that is served from now on."""
        self._arrivals.append(watcher)

    def arrived(self, session: ClientSession) -> None:
        """A client is being served."""
        for watcher in self._arrivals:
            watcher(session)

    def note(self, event: Event) -> bool:
        """Remember an event for those who wait for it; whether clients hear of it."""
        if self._listeners or self._watchers:
            self._heard.append(event)
        return all(one.effect.tells(one.scene, event) for one in self._tells)

    def settle(self) -> None:
        """The batch is over: whoever waited for an event of it acts now."""
        while self._heard:
            heard, self._heard = self._heard, []
            for event in heard:
                for one in self._listeners:
                    one.effect.heard(one.scene, event)
                for watcher in tuple(self._watchers):
                    watcher(event)

    # -- the ways -----------------------------------------------------------------------------
    def admits(self) -> bool:
        """Whether a new connection is taken."""
        return all(one.effect.admits(one.scene) for one in self._doors)

    def greets(self, session: ClientSession) -> bool:
        """Whether a client's first frame is answered."""
        return all(one.effect.greets(one.scene, session) for one in self._doors)

    def refuses_id(self, client_id: int) -> bool:
        """Whether this client id counts as taken."""
        return any(one.effect.refuses_id(one.scene, client_id) for one in self._doors)

    def zone(self) -> str:
        """The login's time zone."""
        return next((zone for one in self._doors if (zone := one.effect.zone())), USUAL_ZONE)

    def announces(self) -> int:
        """The server version that greetings name, 0 for the negotiated one."""
        return next((version for one in self._doors if (version := one.effect.announces())), 0)

    def listens(self, session: ClientSession) -> bool:
        """Whether bytes of this client arrive."""
        return all(one.effect.listens(one.scene, session) for one in self._doors)

    def incoming(self, session: ClientSession, message: Any) -> Any | None:  # noqa: ANN401 - any request
        """The request that goes on to its desk, None for none."""
        for one in self._incoming:
            if message is not None:
                message = one.effect.incoming(one.scene, session, message)
        return message

    def outgoing(self, line: Line, message: Any) -> Iterable[Any]:  # noqa: ANN401 - any answer
        """What is sent in place of an answer."""
        messages = [message]
        for one in self._outgoing:
            messages = [new for old in messages for new in one.effect.outgoing(one.scene, line, old)]
        return messages

    def frames(self, session: ClientSession, frames: Sequence[bytes]) -> Sequence[bytes]:
        """What is written in place of frames."""
        for one in self._frames:
            frames = one.effect.frames(one.scene, session, frames)
        return frames

    def flows(self, instrument: Instrument) -> bool:
        """Whether quotes of an instrument reach clients; those of a combo need all its legs'."""
        listings = [leg.listing for leg in legs_of(instrument)]
        return all(one.effect.flows(one.scene, listing) for one in self._flows for listing in listings)

    @property
    def waits(self) -> bool:
        """Whether anybody waits for events."""
        return bool(self._listeners or self._watchers)

    @property
    def stops_quotes(self) -> bool:
        """Whether any fault has a say in which quotes flow."""
        return bool(self._flows)


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(NEW_YORK):%a %Y-%m-%d %H:%M:%S} New York:"
