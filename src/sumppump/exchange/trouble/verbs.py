"""What a scenario can do: a closed list of verbs, each with its parameters.

A verb is a value; `act` carries it out at one hall. What moves the clock is asked of the clock's owner.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Protocol

from sumppump.exchange.commands import OrderAssignment
from sumppump.exchange.desks.line import NOBODY
from sumppump.exchange.moments import Moment, read_moment
from sumppump.exchange.trouble.connections import Restart
from sumppump.exchange.trouble.data import Halt
from sumppump.exchange.trouble.effect import Effect
from sumppump.exchange.trouble.faults import Fault, fault_named
from sumppump.exchange.trouble.hands import Hands
from sumppump.exchange.trouble.market import MarketMove
from sumppump.exchange.trouble.orders import OtherHands
from sumppump.exchange.trouble.parameters import Seconds, Span, bad_parameter, made, meant, near
from sumppump.exchange.wire.account_answers import ErrorMessage
from sumppump.kernel.errors import InvalidRequest

if TYPE_CHECKING:
    from sumppump.exchange.hall import TradingHall

Given = Mapping[str, Any]
"""The parameters of a verb as a scenario gives them."""


class Clockwork(Protocol):
    """Who owns the clock."""

    def jump(self, moment: Moment) -> None:
        """Go to a moment as soon as may be."""

    def pause(self) -> None:
        """Stand still."""


class Verb(Protocol):
    """Something that a scenario does."""

    def act(self, hall: TradingHall, clock: Clockwork) -> None:
        """Do it."""


@dataclass(frozen=True, slots=True)
class Begin:
    """A fault begins."""

    fault: Fault
    effect: Callable[[], Effect]
    lasts: float | None = None

    def act(self, hall: TradingHall, clock: Clockwork) -> None:
        hall.trouble.start(self.fault, self.effect(), self.lasts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heal:
    """A fault ends, or `all` of them.

    Attributes:
        fault: its name.
    """

    fault: str = "all"

    def act(self, hall: TradingHall, clock: Clockwork) -> None:
        hall.trouble.heal(self.fault)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Every client gets a message 4 that belongs to no request.

    Attributes:
        code, text: its own.
    """

    code: Annotated[int, Span(1, 99_999)]
    text: str

    def act(self, hall: TradingHall, clock: Clockwork) -> None:
        for session in hall.sessions:
            if session.is_open:
                session.line.put(ErrorMessage(id=NOBODY, code=self.code, text=self.text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Assign:
    """Short options are assigned at the next close, whether that pays their holders or not.

    Attributes:
        symbol: of the underlying; empty for all.
    """

    symbol: str = ""

    def act(self, hall: TradingHall, clock: Clockwork) -> None:
        short = [
            one.listing.con_id
            for one in hall.venue.positions()
            if one.quantity < 0 and one.listing.is_option and self.symbol in ("", one.listing.underlying)
        ]
        if not short:
            hall.trouble.told.append(f"no option of {self.symbol or 'any symbol'} is short: none is assigned")
        hall.publish(hall.venue.apply(OrderAssignment(tuple(short))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump:
    """The clock goes to a moment.

    Attributes:
        to: in the words of `moments`.
    """

    to: str

    def act(self, hall: TradingHall, clock: Clockwork) -> None:
        clock.jump(read_moment(self.to))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """The clock stands until a person lets it run."""

    def act(self, hall: TradingHall, clock: Clockwork) -> None:
        clock.pause()


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How long something lasts.

    Attributes:
        lasts: seconds, 0 for as long as nobody heals it; `for` in a file or at the control port.
    """

    lasts: Seconds = 0.0


EFFECTS: Mapping[str, tuple[str, type[Effect]]] = {
    "shock": ("F-69", MarketMove),
    "halt": ("F-70", Halt),
    "restart": ("X-04", Restart),
    "order": ("F-13", OtherHands),
    "trade": ("F-21", Hands),
}
"""Verbs that are a fault under a name of their own."""
OTHERS: Mapping[str, type[Heal | Notice | Assign | Jump | Pause]] = {
    "heal": Heal,
    "notice": Notice,
    "assign": Assign,
    "jump": Jump,
    "pause": Pause,
}
VERBS = ("fault", *EFFECTS, *OTHERS)


def verb_of(name: str, given: Given) -> Verb:
    """The verb with these parameters.

    Raises:
        InvalidRequest: `unknown_verb`, `unknown_fault`, `fault_not_ours`, `bad_parameter` or `bad_moment`.
    """
    if name == "fault":
        if "fault" not in given:
            wrong = near("fault", given) and ("fault",)
            raise bad_parameter(
                "the verb fault needs fault", 'fault = "F-22"', ", ".join(given) or "nothing", wrong
            )
        rest = dict(given)
        return _begin(fault_named(str(rest.pop("fault"))), None, rest)
    if name in EFFECTS:
        fault, kind = EFFECTS[name]
        return _begin(fault_named(fault), kind, dict(given))
    if name in OTHERS:
        verb = made(OTHERS[name], given, whose=name)
        if isinstance(verb, Jump):
            read_moment(verb.to)
        return verb
    raise InvalidRequest(
        f"there is no verb {name!r}",
        code="unknown_verb",
        expected=", ".join(VERBS),
        found=name[:40],
        next_steps=meant(near(name, VERBS)),
    )


def _begin(fault: Fault, kind: type[Effect] | None, given: dict[str, Any]) -> Begin:
    lasts = made(Waits, {"lasts": given.pop("for", given.pop("lasts", 0.0))}, whose=fault.name).lasts

    def effect() -> Effect:
        return fault.effect(**given) if kind is None else made(kind, given, whose=fault.name)

    effect()
    return Begin(fault, effect, lasts or None)
