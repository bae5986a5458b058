"""The embedded exchange's input and output: sockets, the passing of real time, files, signals."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from loguru import logger

from sumppump.exchange.account.endowment import Endowment, endow, listed_stock
from sumppump.exchange.calendar.clock import ExchangeClock
from sumppump.exchange.calendar.trading_days import default_start, to_datetime, to_ms, upcoming_session
from sumppump.exchange.control import Conductor, ControlCommand, Plain, Save
from sumppump.exchange.desks.line import SLICE, Rules
from sumppump.exchange.doors import ClientDoor, ControlDoor
from sumppump.exchange.hall import TradingHall
from sumppump.exchange.house_rules import HOUSE_RULES
from sumppump.exchange.listing.instruments import ContractQuery, Listing
from sumppump.exchange.place import Place, Running, StateLock, read_state, write_state
from sumppump.exchange.session import ClientSession
from sumppump.exchange.trouble.scenario import Scenario
from sumppump.exchange.venue import Venue
from sumppump.kernel.errors import InvalidRequest, StoreFailed, SumpPumpError


@dataclass(frozen=True, slots=True, kw_only=True)
class SimSettings:
    """How the exchange is run.

    Attributes:
        host, port: where TWS clients connect; port 0 takes a free one.
        seed: of the market; also names the saved state.
        start: exchange time at the start (aware); None takes the saved one, or 10:00 New York of the latest
            trading day.
        speed: exchange seconds per second.
        frozen: whether time stands still until it is moved.
        home: where port file and state go; None keeps nothing.
        state: the one file of the state, in place of the home's; it goes on exactly where it was saved.
        fresh: whether a saved state is ignored and replaced.
        idle_exit_s: seconds without a client after which it ends itself; None for never.
        save_every_s: how often the state is saved while things happen.
        account: the account's id; None draws SIM and seven digits from the seed.
        endowment: what a new account has; a saved one has what it had.
        read_only: whether every order is refused.
        scenario: a day with trouble in it.
        dice: seed of faults that come by themselves, and how many an hour; None for none.
        rules: limits of clients.
        max_output: unread bytes after which a client is dropped.
        turn_s: how often time is brought up to date, in real seconds.
    """

    host: str = "127.0.0.1"
    port: int = 0
    seed: int = 7
    start: datetime | None = None
    speed: float = 1.0
    frozen: bool = False
    home: Path | None = None
    state: Path | None = None
    fresh: bool = False
    idle_exit_s: float | None = 600.0
    save_every_s: float = 1.0
    account: str | None = None
    endowment: Endowment = field(default_factory=Endowment)
    read_only: bool = False
    scenario: Scenario | None = None
    dice: tuple[int, float] | None = None
    rules: Rules = HOUSE_RULES
    max_output: int = 32 * 1024 * 1024
    turn_s: float = 0.025


def open_venue(settings: SimSettings, *, wall: datetime) -> Venue:
    """The venue as it was saved, or a new one.

    Raises:
        InvalidRequest: the saved state is another account's, or a holding is no stock.
        StoreFailed: the saved state cannot be read.
    """
    saved = None
    if not settings.fresh:
        saved = _saved(settings)
    if saved is None:
        start = settings.start or _scene_start(settings, wall) or default_start(wall)
        return _new_venue(settings, start)
    venue = Venue.restore(saved)
    if settings.account not in (None, venue.account):
        raise InvalidRequest(
            "the saved exchange has another account",
            code="saved_account_differs",
            expected=f"{venue.account}, or nothing",
            found=str(settings.account),
            next_steps=("leave it out to go on with the saved exchange", "or start a fresh one"),
        )
    if settings.state is not None:
        return venue
    # The same command line again means the same market, gone on: a start that has passed is no way back.
    venue.advance(
        max(venue.now, settings.start) if settings.start else _resumed(venue.now, default_start(wall))
    )
    return venue


def _new_venue(settings: SimSettings, start: datetime) -> Venue:
    start_with = settings.endowment
    venue = Venue(seed=settings.seed, start=start, account=settings.account, cash=start_with.cash)
    shares = [(_stock(venue, symbol), quantity) for symbol, quantity in start_with.holdings]
    backoffice = venue.backoffice
    endow(backoffice.account, start_with.option_level, shares, backoffice.desk.marks(venue.moment()))
    return venue


def _stock(venue: Venue, symbol: str) -> Listing:
    return venue.contracts(ContractQuery(symbol=listed_stock(symbol), sec_type="STK"))[0]


def _scene_start(settings: SimSettings, wall: datetime) -> datetime | None:
    return None if settings.scenario is None else settings.scenario.starts(wall)


def _saved(settings: SimSettings) -> bytes | None:
    if settings.state is not None:
        return read_state(settings.state)
    return None if settings.home is None else Place(settings.home).load(settings.seed)


def _resumed(saved: datetime, today: datetime) -> datetime:
    """Where a saved market goes on: never back, never on an earlier day than today, never while closed."""
    now = max(saved, today)
    opens = to_datetime(upcoming_session(to_ms(now)).open_ms)
    return max(now, opens)


class EmbeddedServer:
    """The exchange with its doors open.

    Also usable inside a test's own loop: `venue` is the ground truth, `attach` lets a client in without a
    socket, and all time comes from the running loop's clock. With a home it has that home to itself from
    its making to `close`.

    Raises:
        InvalidRequest: another exchange serves this home, or the saved state does not fit.
        StoreFailed: the saved state cannot be read.
    """

    def __init__(self, settings: SimSettings, *, venue: Venue | None = None) -> None:
        self.settings = settings
        rules = replace(settings.rules, read_only=settings.read_only or settings.rules.read_only)
        # Before the saved state is read: whoever has the home may still be writing it.
        self._place = Place(settings.home) if settings.home is not None else None
        if self._place is not None:
            self._place.claim()
        self._state_lock = self._locked_state()
        self.venue = venue or open_venue(settings, wall=datetime.now(UTC))
        self.hall = TradingHall(self.venue, rules)
        self.is_holding = False
        self.port = 0
        self.stopped = asyncio.Event()
        self.failure: BaseException | None = None
        self._doors: list[ClientDoor] = []
        self._listeners: list[asyncio.Server] = []
        self._secret = secrets.token_urlsafe(24)
        self._timer: asyncio.TimerHandle | None = None
        self._saved_events = 0
        self._save_at = 0.0
        self._idle_since = 0.0
        self._conductor: Conductor | None = None

    def _locked_state(self) -> StateLock | None:
        try:
            return None if self.settings.state is None else StateLock(self.settings.state)
        except SumpPumpError:
            if self._place is not None:
                self._place.withdraw()
            raise

    # -- life ---------------------------------------------------------------------------------
    async def start(self, *, listen: bool = True) -> None:
        """Let time run and, unless `listen` is False, clients in.

        Raises:
            OSError: the port is taken.
        """
        self._loop = asyncio.get_running_loop()
        now = self._loop.time()
        clock = ExchangeClock(
            at=self.venue.now, since=now, speed=self.settings.speed, frozen=self.settings.frozen
        )
        self._conductor = Conductor(self.hall, clock)
        if self.settings.scenario is not None:
            self._conductor.play(self.settings.scenario)
        if self.settings.dice is not None:
            self._conductor.throw(*self.settings.dice)
        self._idle_since, self._save_at = now, now + self.settings.save_every_s
        if listen:
            await self._listen()
        self._schedule()

    async def _listen(self) -> None:
        listener = await self._loop.create_server(
            lambda: ClientDoor(self), self.settings.host, self.settings.port
        )
        self._listeners.append(listener)
        self.port = listener.sockets[0].getsockname()[1]
        control = await self._loop.create_server(lambda: ControlDoor(self._secret, self.run), "127.0.0.1", 0)
        self._listeners.append(control)
        if self._place is not None:
            self._place.announce(self._running(control))

    def _running(self, control: asyncio.Server) -> Running:
        return Running(
            host=self.settings.host,
            port=self.port,
            control_port=control.sockets[0].getsockname()[1],
            pid=os.getpid(),
            seed=self.venue.seed,
            account=self.venue.account,
            secret=self._secret,
        )

    async def close(self) -> None:
        """Save, let everybody go and free the ports."""
        if self._timer is not None:
            self._timer.cancel()
        if self.failure is None:
            self.save()
        for listener in self._listeners:
            listener.close()
        for door in list(self._doors):
            door.drop()
        for listener in self._listeners:
            await listener.wait_closed()
        self._listeners.clear()
        if self._place is not None:
            self._place.withdraw()
        if self._state_lock is not None:
            self._state_lock.release()
        self.stopped.set()

    # -- clients ------------------------------------------------------------------------------
    def attach(self, transport: asyncio.Transport) -> asyncio.Protocol:
        """A client without a socket: feed its bytes to the result's `data_received`."""
        door = ClientDoor(self)
        door.connection_made(transport)
        return door

    def enter(self, door: ClientDoor) -> ClientSession:
        """A client has connected."""
        self._doors.append(door)
        return self.hall.connect(self._loop.time())

    def left(self, door: ClientDoor) -> None:
        """A client is gone."""
        self._doors.remove(door)
        if door.session is not None:
            self.hall.leave(door.session)
        self._idle_since = self._loop.time()

    def receive(self, session: ClientSession, data: bytes) -> None:
        """Bytes from a client; everybody's answers go out at once."""
        with self._guarded():
            self.hall.receive(session, data, self._loop.time())
        self.flush()

    def go_on(self, session: ClientSession) -> None:
        """Make the next slice of a client's long answers, and of what takes long to be made."""
        with self._guarded():
            session.go_on(SLICE)
            session.work()

    def flush(self) -> None:
        """Write what is owed to every client."""
        for door in list(self._doors):
            door.flush()

    # -- time ---------------------------------------------------------------------------------
    @property
    def conductor(self) -> Conductor:
        """Who moves the clock; there once the server has started."""
        if self._conductor is None:
            raise RuntimeError("the exchange has not been started")
        return self._conductor

    def _schedule(self) -> None:
        self._timer = self._loop.call_later(self.settings.turn_s, self._turn)

    def _turn(self) -> None:
        now = self._loop.time()
        with self._guarded():
            self.conductor.turn(now)
        self.flush()
        self._tell()
        if now >= self._save_at:
            self._save_at = now + self.settings.save_every_s
            self._save_if_changed()
        if self._is_idle(now):
            logger.info("no client for {} s: the exchange ends", self.settings.idle_exit_s)
            self.stopped.set()
        if not self.stopped.is_set():
            self._schedule()

    def _tell(self) -> None:
        """One line of the log for each moment of a scenario that was carried out, or could not be."""
        told = self.hall.trouble.told
        while told:
            logger.warning("scenario: {}", told.popleft())  # seen at the level that the program logs at

    def _save_if_changed(self) -> None:
        if self.hall.events_seen == self._saved_events:
            return
        try:
            self.save()
        except StoreFailed as error:
            # The market goes on; a full disk is no reason to leave clients in the dark.
            logger.error("the exchange's state is not saved: {}", error)

    def _is_idle(self, now: float) -> bool:
        limit = self.settings.idle_exit_s
        return limit is not None and not self._doors and now - self._idle_since >= limit

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        # An exchange that stumbled must stop: going on with half a step done would be a guess.
        try:
            yield
        except Exception as error:
            self.failure = error
            self.stopped.set()
            logger.exception("the exchange stops")
            for door in list(self._doors):
                door.drop()
            raise

    # -- control ------------------------------------------------------------------------------
    def run(self, command: ControlCommand) -> str:
        """Carry a control command out and say how things stand.

        Raises:
            InvalidRequest: the moment cannot be reached.
        """
        did = self._serve(command)
        answer = self.conductor.apply(command, self._loop.time(), did=did, is_holding=self.is_holding)
        self.flush()
        return answer

    def _serve(self, command: ControlCommand) -> str:
        """What concerns files and connections, and what was done in words."""
        match command:
            case Plain.SAVE:
                self.save()
                return self._saved_where()
            case Save(file=file):
                write_state(file, self.venue.snapshot())
                return f"saved to {file}"
            case Plain.DROP:
                dropped = list(self._doors)
                for door in dropped:
                    door.drop()
                return f"{len(dropped)} connections cut; clients may come back"
            case Plain.HOLD:
                self.is_holding = True
                return "nothing is read from or written to clients until release"
            case Plain.RELEASE:
                self._release()
                return "clients are served again"
            case Plain.STOP:
                self.stopped.set()
                return "the exchange ends"
            case _:
                return ""

    def _release(self) -> None:
        self.is_holding = False
        for door in list(self._doors):
            door.release()

    def _saved_where(self) -> str:
        if self.settings.state is not None:
            return f"saved to {self.settings.state}"
        if self._place is not None:
            return f"saved to {self._place.state_file(self.settings.seed)}"
        return "not saved: there is neither a --state file nor a home"

    def save(self) -> None:
        """Write the state, if there is a file or a home for it.

        Raises:
            StoreFailed: it cannot be written.
        """
        if self.settings.state is not None:
            write_state(self.settings.state, self.venue.snapshot())
        elif self._place is not None:
            self._place.save(self.settings.seed, self.venue.snapshot())
        self._saved_events = self.hall.events_seen


async def serve(settings: SimSettings, *, on_ready: Callable[[int], None]) -> None:
    """Run an exchange until a signal, a control line or idleness ends it.

    Args:
        settings: how.
        on_ready: called with the port once clients can connect.

    Raises:
        InvalidRequest: another exchange serves this home, or the saved state does not fit.
        StoreFailed: the state cannot be read or written.
        OSError: the port is taken.
    """
    server = EmbeddedServer(settings)
    loop = asyncio.get_running_loop()
    with _ended_by_signals(loop, server.stopped):
        try:
            await server.start()
            on_ready(server.port)
            await server.stopped.wait()
        finally:
            await server.close()
    if server.failure is not None:
        raise server.failure


@contextlib.contextmanager
def _ended_by_signals(loop: asyncio.AbstractEventLoop, stopped: asyncio.Event) -> Iterator[None]:
    numbers = (signal.SIGINT, signal.SIGTERM)
    former = {}
    for number in numbers:
        try:
            loop.add_signal_handler(number, stopped.set)
        except (NotImplementedError, RuntimeError):  # Windows, or not the main thread
            with contextlib.suppress(ValueError):
                former[number] = signal.signal(number, lambda *_: loop.call_soon_threadsafe(stopped.set))
    try:
        yield
    finally:
        for number in numbers:
            if number in former:
                signal.signal(number, former[number])
            else:
                with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
                    loop.remove_signal_handler(number)
