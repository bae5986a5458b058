"""What a fault does while it lasts, and what it may reach.

An effect stands in the ways between clients, desks and the venue and overrides what concerns it; its public
fields are the fault's parameters. It keeps no clock: what is to happen later is put off with `Scene.after`,
in the exchange's time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from sumppump.exchange.desks.line import NOBODY, Line
from sumppump.exchange.market.randomness import key_of, uniform
from sumppump.exchange.wire.account_answers import ErrorMessage

if TYPE_CHECKING:
    from sumppump.exchange.events import Event
    from sumppump.exchange.hall import TradingHall
    from sumppump.exchange.listing.instruments import Instrument
    from sumppump.exchange.session import ClientSession
    from sumppump.exchange.venue import Venue

Message = Any
"""One of the declared requests or answers."""
Act = Callable[[], None]
Alike = TypeVar("Alike", bound="Effect")


class Effect:
    """One way of going wrong; everything passes unless an effect says otherwise."""

    def begin(self, scene: Scene) -> None:
        """It starts."""

    def end(self, scene: Scene) -> None:
        """It is healed: what was held back is let go."""

    def admits(self, scene: Scene) -> bool:
        """Whether a new connection is taken."""
        return True

    def greets(self, scene: Scene, session: ClientSession) -> bool:
        """Whether a client's first frame is answered."""
        return True

    def refuses_id(self, scene: Scene, client_id: int) -> bool:
        """Whether this client id counts as taken."""
        return False

    def zone(self) -> str:
        """The time zone of the login, if it is another one than usual."""
        return ""

    def announces(self) -> int:
        """The server version that the greeting names, if it is another one than was negotiated."""
        return 0

    def listens(self, scene: Scene, session: ClientSession) -> bool:
        """Whether bytes of this client arrive at all."""
        return True

    def incoming(self, scene: Scene, session: ClientSession, message: Message) -> Message | None:
        """The request that goes on to its desk, None for none."""
        return message

    def outgoing(self, scene: Scene, line: Line, message: Message) -> Iterable[Message]:
        """What is sent in place of an answer."""
        return (message,)

    def frames(self, scene: Scene, session: ClientSession, frames: Sequence[bytes]) -> Sequence[bytes]:
        """What is written in place of these frames."""
        return frames

    def tells(self, scene: Scene, event: Event) -> bool:
        """Whether clients hear of an event."""
        return True

    def flows(self, scene: Scene, instrument: Instrument) -> bool:
        """Whether quotes of an instrument reach clients."""
        return True

    def heard(self, scene: Scene, event: Event) -> None:
        """Something happened at the venue; the batch in which it did is over."""


@dataclass(frozen=True, eq=False)
class Scene:
    """What one running fault sees of the exchange.

    Attributes:
        name: of the fault.
        number: how many faults ran before it; makes its luck its own.
        put_off: calls something at a moment of the exchange's time, unless the fault was healed before.
        over: ends the fault.
    """

    name: str
    number: int
    hall: TradingHall
    put_off: Callable[[Scene, datetime, Act], None]
    over_now: Callable[[Scene], None]

    @property
    def venue(self) -> Venue:
        """The exchange itself."""
        return self.hall.venue

    @property
    def now(self) -> datetime:
        """The exchange's time."""
        return self.hall.venue.now

    @property
    def sessions(self) -> tuple[ClientSession, ...]:
        """The clients that are being served."""
        return tuple(session for session in self.hall.sessions if session.is_open)

    def after(self, seconds: float, act: Act) -> None:
        """Do something later in the exchange's time; it is forgotten if the fault ends before."""
        self.put_off(self, self.now + timedelta(seconds=seconds), act)

    def over(self) -> None:
        """The fault has run its course."""
        self.over_now(self)

    def join(self, effect: Effect) -> None:
        """Another effect begins, under the same fault; it ends by itself or is healed with it."""
        self.hall.trouble.join(self.name, effect)

    def others(self, kind: type[Alike]) -> list[tuple[int, Alike]]:
        """The other effects of a kind that are on, each with its fault's number, oldest first."""
        running = self.hall.trouble.running
        return [
            (one.scene.number, one.effect)
            for one in running
            if isinstance(one.effect, kind) and one.scene is not self
        ]

    def luck(self, number: int) -> float:
        """A number in [0, 1) that depends on the seed and the fault alone."""
        return uniform(key_of(self.venue.seed, "trouble", self.name), self.number, number)

    def notify(self, code: int, text: str) -> None:
        """A notice to every client."""
        for session in self.sessions:
            session.line.put(ErrorMessage(id=NOBODY, code=code, text=text))
