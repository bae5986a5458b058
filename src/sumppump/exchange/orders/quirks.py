"""How the exchange tells of orders, and what may go wrong with one: a value for all or for a single one.

TWS repeats itself, leaves things out and is late; which of it a session shows differs from day to day. The
defaults are what the recordings of a live account show most often. Every delay is exchange time in
milliseconds and drawn from the seed, so that the same day goes wrong in the same way again.

Two sides: how things are told (`desks/delivery.py` acts on it; the exchange itself is not concerned) and what
happens to the order (`life.py` and `intake.py` act on it).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from sumppump.exchange.reports import Refusal

Span = tuple[int, int]
"""The least and the most that a delay takes, milliseconds."""
AT_ONCE: Span = (0, 0)


class Rejection(StrEnum):
    """How a client hears that its order was rejected."""

    STATUS_THEN_CODE = "status then code"
    CODE_ONLY = "code only"
    STATUS_ONLY = "status only"


class Commission(StrEnum):
    """What a commission report says, if it comes at all."""

    TOLD = "told"
    NEVER = "never"
    MINUS_ONE = "minus one"
    UNSET = "unset"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """What an order's client goes through.

    How it is told:
        is_silent: nothing at all is told about the order; lists of orders still have it.
        status_ms, execution_ms, commission_ms, notice_ms: how late openOrder with orderStatus, execDetails,
            commissionReport and codes are. Executions before any status: a `status_ms` above `execution_ms`.
        fill_repeats, change_repeats: further pairs of openOrder and orderStatus after Filled, after a change.
        late_statuses: Submitted is said so many times after Filled.
        skips_pre_submitted: PreSubmitted is left out where Submitted follows at once.
        pending_cancel: whether a cancel is PendingCancel first.
        seems_inactive: Inactive is said once of an order that goes on working.
        rejection, commission: which part of them is told.
        blank_what_if: a what-if never shows its margins.

    What happens to it:
        hold_ms: so long nothing is known of the order (a dialog in TWS holds it), then it goes on as if new.
        vanishes: the order never arrives.
        reject, reject_ms: the order is rejected so, this long after it was accepted.
        ignores_changes, ignores_cancels: such requests have no effect and no answer.
        doubles_on_change: a change makes a second order with another perm id; the first one stays as it was.
        fills_first: a change or a cancel comes too late, because the order is filled just before it.
        cancel_ms: how long a cancel takes.
        cancel_waits_for_open: cancels outside the instrument's hours are acknowledged at the open only.
        submits_before_fill: Submitted is said before a fill that comes at once.
        uneven_legs: a combo's legs fill unevenly: of five, three of the first leg and one of each other at
            once, the rest and the combo's own execution `legs_ms` later. If it ends before, the account keeps
            the legs.
    """

    is_silent: bool = False
    status_ms: Span = AT_ONCE
    execution_ms: Span = AT_ONCE
    commission_ms: Span = AT_ONCE
    notice_ms: Span = AT_ONCE
    fill_repeats: int = 1
    change_repeats: int = 1
    late_statuses: int = 0
    skips_pre_submitted: bool = False
    pending_cancel: bool = True
    seems_inactive: bool = False
    rejection: Rejection = Rejection.STATUS_THEN_CODE
    commission: Commission = Commission.TOLD
    blank_what_if: bool = False
    hold_ms: int = 0
    vanishes: bool = False
    reject: Refusal | None = None
    reject_ms: int = 0
    ignores_changes: bool = False
    ignores_cancels: bool = False
    doubles_on_change: bool = False
    fills_first: bool = False
    cancel_ms: int = 0
    cancel_waits_for_open: bool = False
    submits_before_fill: bool = False
    uneven_legs: bool = False
    legs_ms: int = 40_000


AS_RECORDED = Quirks()


@dataclass(slots=True)
class QuirkBook:
    """Which quirks an order gets: those that were laid out for the next ones, else the usual ones.

    Replace `usual` at any time; it holds for orders that come after. `upcoming` is used up from the left, one
    for each new order or what-if. An order keeps what it got and is saved with it; what is laid out is not.
    """

    usual: Quirks = AS_RECORDED
    upcoming: deque[Quirks] = field(default_factory=deque)

    def lay_out(self, *quirks: Quirks) -> None:
        """These are for the next orders, in this order."""
        self.upcoming.extend(quirks)

    def take(self) -> Quirks:
        """The quirks of an order that arrives now."""
        return self.upcoming.popleft() if self.upcoming else self.usual


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """Moments at which time alone does something to an order, milliseconds since the epoch; None for never.

    Attributes:
        arrives: a held order reaches the exchange.
        rejected: the exchange rejects it after all.
        cancelled: a cancel takes effect.
        ends: good till.
        starts: good after; also when shares for a short sale are located.
        looks: a condition about time is looked at outside regular hours.
        legs: the missing legs of a combo's fill come.
    """

    arrives: int | None = None
    rejected: int | None = None
    cancelled: int | None = None
    ends: int | None = None
    starts: int | None = None
    looks: int | None = None
    legs: int | None = None

    @property
    def next(self) -> int | None:
        """The earliest of them."""
        return min(self._given(), default=None)

    def _given(self) -> Iterator[int]:
        first = (self.arrives, self.rejected, self.cancelled, self.ends)
        return (one for one in (*first, self.starts, self.looks, self.legs) if one is not None)


NOTHING_PLANNED = Timetable()
