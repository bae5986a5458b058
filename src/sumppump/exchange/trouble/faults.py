"""The faults by name. Whoever wants one names it; what it does is its effect, and how far, its parameters.

The names are those of the project's list of reliability goals; those that do not begin outside the program
under test are in `NOT_OURS`, each with its reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sumppump.exchange.orders.quirks import Rejection
from sumppump.exchange.trouble.answers import (
    AnswersLate,
    CancelsUnknown,
    EndMissing,
    ExecutionsRevised,
    ExecutionsTwice,
    NeverAnswered,
    OtherAccount,
    OtherContract,
    Question,
)
from sumppump.exchange.trouble.connections import (
    IdsRollBack,
    IdTaken,
    MuteHandshake,
    OtherVersion,
    OtherZone,
    ReadOnly,
    Restart,
    TooFast,
)
from sumppump.exchange.trouble.connectivity import FarmOutage, Outage, Restored, Told
from sumppump.exchange.trouble.data import CompetingSession, Halt, OddNumbers, PermissionsLost
from sumppump.exchange.trouble.effect import Effect
from sumppump.exchange.trouble.market import MarketMove
from sumppump.exchange.trouble.nights import NightlyReset, Region
from sumppump.exchange.trouble.orders import (
    By,
    ChangesRefused,
    GlobalCancelPartly,
    OrdersHeld,
    OrdersRefused,
    OrdersVanish,
    OrdersWarned,
    OtherHands,
    PreviewsFail,
)
from sumppump.exchange.trouble.parameters import made, meant, near
from sumppump.exchange.trouble.quirky import (
    CutOnFill,
    DoubledOnChange,
    ExecutionsFirst,
    FilledFirst,
    InactiveThenFilled,
    OddCommissions,
    RejectedLater,
    Silent,
    SubmittedAgain,
    UnevenLegs,
)
from sumppump.exchange.trouble.wire import (
    BadFrames,
    BlackHole,
    CutAfter,
    Damage,
    Fragments,
    ResetOnOrder,
    SlowLine,
)
from sumppump.kernel.errors import InvalidRequest


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault.

    Attributes:
        name: its id.
        words: what happens, in a sentence.
        kind: the effect behind it.
        preset: parameters that make this fault of the effect; they can be overridden.
        lasts: seconds it lasts when it is drawn by seed; 0 if it ends by itself.
    """

    name: str
    words: str
    kind: type[Effect]
    preset: Mapping[str, Any] = field(default_factory=dict)
    lasts: float = 0.0

    @property
    def group(self) -> str:
        """What it is about, for lists."""
        return GROUPS[self.kind.__module__.rpartition(".")[2]]

    def effect(self, **parameters: Any) -> Effect:  # noqa: ANN401 - text or values
        """A fresh effect with these parameters.

        Raises:
            InvalidRequest: `bad_parameter`.
        """
        return made(self.kind, {**self.preset, **parameters}, whose=self.name)


GROUPS: Mapping[str, str] = {
    "wire": "bytes",
    "connections": "connections",
    "connectivity": "connectivity and farms",
    "nights": "connectivity and farms",
    "data": "data",
    "market": "data",
    "orders": "orders and account",
    "quirky": "orders and account",
    "answers": "orders and account",
}
"""By the module of the effect, in the order of the list."""

FAULTS: tuple[Fault, ...] = (
    Fault("F-01", "An order gets no callback, ever.", OrdersVanish),
    Fault("F-02", "A dialog in TWS holds an order for 90 s, then it goes live.", OrdersHeld),
    Fault("F-03", "The connection is reset 30 ms after an order, which TWS never saw.", ResetOnOrder),
    Fault("F-04", "The next order id falls behind, and used ids are taken for new orders.", IdsRollBack),
    Fault(
        "F-05",
        "Connectivity is lost; what fills or is cancelled meanwhile is found by asking for executions only.",
        Outage,
        {"seconds": 60.0, "orders_told": Told.ASKED},
    ),
    Fault("F-06", "The night: TWS restarts at 23:45, servers are reset from 00:15 to 01:45.", NightlyReset),
    Fault("F-07", "An order is refused with 200 and no status.", OrdersRefused),
    Fault("F-08", "A cancel is answered 10147, although the order lives.", CancelsUnknown, {"times": 1}),
    Fault("F-09", "A change comes too late: the order was filled just before it (104).", FilledFirst),
    Fault("F-10", "After Filled comes Submitted again, and Filled five times more.", SubmittedAgain),
    Fault("F-12", "A combo fills leg by leg; its own execution is late or missing.", UnevenLegs),
    Fault("F-13", "Another program has an order in the same account.", OtherHands, {"client_id": 77}),
    Fault("F-14", "The same user logs in elsewhere: bursts of 10197, no ticks.", CompetingSession),
    Fault(
        "F-15",
        "The night, at the hours of another region.",
        NightlyReset,
        {"region": Region.EUROPE},
    ),
    Fault("F-16", "A change makes a second live order with another perm id.", DoubledOnChange),
    Fault(
        "F-17",
        "TWS restarts ten times with orders working.",
        Restart,
        {"times": 10, "seconds": 5.0},
    ),
    Fault("F-18", "The end of an answer is missing.", EndMissing, {"of": Question.POSITIONS, "times": 1}),
    Fault("F-19", "The commission is missing, -1, unset, or ten minutes late.", OddCommissions),
    Fault("F-20", "An order is accepted and turns Inactive later.", RejectedLater),
    Fault("F-21", "Somebody trades by hand in TWS.", OtherHands, {"does": By.TRADE}),
    Fault("F-22", "A market data farm breaks: ticks stop without a word.", FarmOutage, {"seconds": 3.0}),
    Fault("F-23", "A farm flaps for ten minutes.", FarmOutage, {"seconds": 15.0, "flaps": 20}),
    Fault("F-24", "The client id is in use: 326.", IdTaken, lasts=30.0),
    Fault("F-25", "An execution is told before open order and status.", ExecutionsFirst),
    Fault("F-26", "Five orders by hand, all with the id 0 and no reference.", OtherHands, {"orders": 5}),
    Fault(
        "F-29",
        "Completed orders arrive when nobody waits for them any more.",
        AnswersLate,
        {"of": Question.COMPLETED_ORDERS},
        lasts=60.0,
    ),
    Fault(
        "F-30",
        "The end of the executions never comes.",
        EndMissing,
        {"of": Question.EXECUTIONS, "times": 1},
    ),
    Fault("F-32", "An order gets a message that sounds like its end and is none.", OrdersWarned),
    Fault("F-33", "A change is refused; the order works on in its old terms.", ChangesRefused),
    Fault("F-34", "A what-if is not answered, or not with numbers.", PreviewsFail, lasts=60.0),
    Fault(
        "F-35",
        "A rejection without a status, or a status without its code.",
        RejectedLater,
        {"seconds": 0.0, "told": Rejection.CODE_ONLY},
    ),
    Fault("F-36", "An order seems Inactive; its cancel finds it filled.", InactiveThenFilled),
    Fault("F-37", "Connections are taken and never greeted.", MuteHandshake, lasts=30.0),
    Fault("F-38", "TWS runs in another time zone.", OtherZone, lasts=3600.0),
    Fault("F-39", "Prices, Greeks and margins are no numbers.", OddNumbers, {"one_in": 3}, lasts=60.0),
    Fault("F-41", "Contract details of a combo are never answered.", NeverAnswered, lasts=600.0),
    Fault("F-42", "One frame cannot be read.", BadFrames, {"damage": Damage.GARBLED}),
    Fault("F-43", "The gateway is down until somebody logs in.", Restart, {"seconds": 3600.0}),
    Fault("F-44", "Reports name another contract than was traded.", OtherContract, lasts=600.0),
    Fault("F-45", "A black hole: bytes vanish, nobody is told.", BlackHole, lasts=30.0),
    Fault("F-53", "An execution is corrected or busted afterwards.", ExecutionsRevised, lasts=600.0),
    Fault("F-54", "Executions are told twice.", ExecutionsTwice, lasts=600.0),
    Fault("F-55", "TCP delivers byte by byte, or many messages at once.", Fragments, lasts=30.0),
    Fault("F-56", "A frame's length is nonsense, or the frame is cut off.", BadFrames),
    Fault(
        "F-57",
        "A message of an unknown kind, or with a field more or less.",
        BadFrames,
        {"damage": Damage.UNKNOWN_ID},
    ),
    Fault("F-58", "A client reads too slowly and is dropped.", SlowLine, lasts=60.0),
    Fault("F-59", "Connectivity is lost for 20 minutes; the socket stays.", Outage, {"seconds": 1200.0}),
    Fault(
        "F-60",
        "Connectivity is lost and comes back without the subscriptions (1101).",
        Outage,
        {"seconds": 60.0, "restored": Restored.LOST},
    ),
    Fault(
        "F-61",
        "Connectivity comes back while somebody asks for positions.",
        Outage,
        {"seconds": 120.0, "until_asked": True},
    ),
    Fault("F-68", "A global cancel reaches one of two orders only.", GlobalCancelPartly),
    Fault("F-69", "The market drifts away.", MarketMove, {"percent": 2.0, "seconds": 5.0}),
    Fault("F-70", "The underlying is halted.", Halt, lasts=300.0),
    Fault("F-71", "After a new login the account is another one.", OtherAccount, lasts=600.0),
    Fault("F-72", "Connections end at a partial fill; the rest is cancelled at the close.", CutOnFill),
    Fault("X-01", "The connection is reset after some bytes.", CutAfter),
    Fault("X-02", "The API turns read-only.", ReadOnly, lasts=300.0),
    Fault("X-03", "The market data subscription has lapsed: 354.", PermissionsLost, lasts=600.0),
    Fault("X-04", "TWS restarts: connections end, orders work on.", Restart),
    Fault("X-05", "The greeting names a version that was not offered.", OtherVersion, lasts=30.0),
    Fault("X-06", "An order works, and its client hears nothing of it.", Silent),
    Fault("X-07", "Messages beyond a low rate get 100 and are lost.", TooFast, lasts=30.0),
)
"""Those that begin with X are further ones, without a number in the list of goals."""

_PROGRAM = "it begins inside the program under test: "
NOT_OURS: Mapping[str, str] = {
    "F-11": _PROGRAM + "it would have to change a combo by one leg",
    "F-27": "contracts are listed with their own cut-offs; reading them wrongly is " + _PROGRAM + "no fault",
    "F-28": _PROGRAM + "it exits right after a submit",
    "F-31": _PROGRAM + "a call from a foreign loop or thread",
    "F-40": _PROGRAM + "its loop is blocked",
    "F-46": _PROGRAM + "its host dispatches a call twice",
    "F-47": _PROGRAM + "its host times out",
    "F-48": _PROGRAM + "its host cancels",
    "F-49": _PROGRAM + "its host is killed",
    "F-50": _PROGRAM + "its own throttle holds the message when the connection ends",
    "F-51": _PROGRAM + "an exception after it has written",
    "F-52": _PROGRAM + "two of its own requests under one key",
    "F-62": _PROGRAM + "its disk",
    "F-63": _PROGRAM + "its journal",
    "F-64": _PROGRAM + "a second instance of it",
    "F-65": _PROGRAM + "its wall clock",
    "F-66": _PROGRAM + "its kill switch in a storm of its own",
    "F-67": _PROGRAM + "its kill switch while F-45 or X-04 is on",
}
"""Faults that an exchange cannot cause, and why."""

BY_NAME = {fault.name: fault for fault in FAULTS}


def fault_named(name: str) -> Fault:
    """The fault with this id, in any case.

    Raises:
        InvalidRequest: `unknown_fault`, or `fault_not_ours`.
    """
    found = BY_NAME.get(name.upper())
    if found is not None:
        return found
    why = NOT_OURS.get(name.upper())
    if why is not None:
        raise InvalidRequest(
            f"{name.upper()} is no fault of an exchange",
            code="fault_not_ours",
            expected="a fault that originates outside the program",
            found=why,
        )
    raise InvalidRequest(
        f"there is no fault {name!r}",
        code="unknown_fault",
        expected="a name of `sumppump sim ctl fault list`",
        found=name[:40],
        next_steps=meant(near(name.upper(), BY_NAME)),
    )
