"""Faults of orders inside the exchange, laid out beforehand: each is for the orders that come next.

What an order goes through is settled when it arrives and stays with it, also after the fault is healed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from sumppump.exchange.desks.line import Line
from sumppump.exchange.events import Event, Executed
from sumppump.exchange.listing.instruments import BAG_CON_ID
from sumppump.exchange.orders.quirks import AS_RECORDED, Commission, Quirks, Rejection
from sumppump.exchange.reports import Refusal
from sumppump.exchange.trouble.effect import Effect, Message, Scene
from sumppump.exchange.trouble.orders import text_of
from sumppump.exchange.trouble.parameters import Count, Often, Seconds
from sumppump.exchange.wire.order_answers import ExecDetails

MARGIN = (
    "Order rejected - reason:We are unable to accept your order. Your Available Funds are in sufficient to"
    " cover the change in the account's margin requirements if this order executes."
)


@dataclass(kw_only=True)
class Quirky(Effect):
    """A fault that goes with the next orders.

    Attributes:
        orders: how many; 0 for all until it is healed.
    """

    orders: Often = 1

    def quirks(self) -> Quirks:
        """What these orders go through."""
        return AS_RECORDED

    def begin(self, scene: Scene) -> None:
        book = scene.venue.books.quirks
        if self.orders:
            book.lay_out(*(self.quirks(),) * self.orders)
        else:
            book.usual = self.quirks()

    def end(self, scene: Scene) -> None:
        book = scene.venue.books.quirks
        mine = self.quirks()
        if self.orders:
            kept = [one for one in book.upcoming if one != mine]
            book.upcoming.clear()
            book.upcoming.extend(kept)
        elif book.usual == mine:
            lasting = [one for _, one in scene.others(Quirky) if not one.orders]
            book.usual = lasting[-1].quirks() if lasting else AS_RECORDED


@dataclass(kw_only=True)
class Silent(Quirky):
    """An order works, and its client is told nothing; lists of orders have it."""

    def quirks(self) -> Quirks:
        return Quirks(is_silent=True)


@dataclass(kw_only=True)
class FilledFirst(Quirky):
    """A change or a cancel comes too late: the order was filled just before it."""

    def quirks(self) -> Quirks:
        return Quirks(fills_first=True)


@dataclass(kw_only=True)
class SubmittedAgain(Quirky):
    """After Filled the same is said several times, and then Submitted.

    Attributes:
        late: how often Submitted is said after Filled.
        repeats: how many further pairs say Filled.
    """

    late: Count = 1
    repeats: Count = 5

    def quirks(self) -> Quirks:
        return Quirks(late_statuses=self.late, fill_repeats=self.repeats)


class ComboRow(StrEnum):
    """What becomes of a combo's own execution."""

    TOLD = "told"
    LATE = "late"
    MISSING = "missing"


@dataclass(kw_only=True)
class UnevenLegs(Quirky):
    """A combo fills leg by leg, unevenly: the rest of the legs, and its own execution, come later.

    Attributes:
        combo: whether its own execution is told with the last legs, still later or never.
        seconds: between the first legs and the last ones, and from these to an execution that is late.
    """

    combo: ComboRow = ComboRow.TOLD
    seconds: Seconds = 40.0

    def quirks(self) -> Quirks:
        return Quirks(uneven_legs=True, legs_ms=round(self.seconds * 1000))

    def outgoing(self, scene: Scene, line: Line, message: Message) -> Iterable[Message]:
        is_row = isinstance(message, ExecDetails) and message.instrument.con_id == BAG_CON_ID
        if not is_row or self.combo is ComboRow.TOLD:
            return (message,)
        if self.combo is ComboRow.LATE:
            scene.after(self.seconds, lambda: line.put(message))
        return ()


@dataclass(kw_only=True)
class DoubledOnChange(Quirky):
    """A change makes a second order with another perm id, and the first one stays live."""

    def quirks(self) -> Quirks:
        return Quirks(doubles_on_change=True)


@dataclass(kw_only=True)
class OddCommissions(Quirky):
    """The commission is missing, -1, unset, late, or told before its execution.

    Attributes:
        says: what the report says; never: it does not come.
        seconds: how late it is.
        before: whether it comes before the execution, by two seconds.
    """

    says: Commission = Commission.TOLD
    seconds: Seconds = 600.0
    before: bool = False

    def quirks(self) -> Quirks:
        late = 0 if self.before else round(self.seconds * 1000)
        execution = 2000 if self.before else 0
        return Quirks(commission=self.says, commission_ms=(late, late), execution_ms=(execution, execution))


@dataclass(kw_only=True)
class RejectedLater(Quirky):
    """An order is accepted, and turns Inactive some time later.

    Attributes:
        seconds: how much later.
        code: of the rejection.
        told: whether status and code come, or one of them alone.
    """

    seconds: Seconds = 1.0
    code: Count = 201
    told: Rejection = Rejection.STATUS_THEN_CODE

    def quirks(self) -> Quirks:
        text = MARGIN if self.code == 201 else text_of(self.code)
        return Quirks(
            reject=Refusal(self.code, text), reject_ms=round(self.seconds * 1000), rejection=self.told
        )


@dataclass(kw_only=True)
class ExecutionsFirst(Quirky):
    """Executions are told before any open order or status.

    Attributes:
        seconds: how long before.
    """

    seconds: Seconds = 2.0

    def quirks(self) -> Quirks:
        late = round(self.seconds * 1000)
        return Quirks(status_ms=(late, late))


@dataclass(kw_only=True)
class InactiveThenFilled(Quirky):
    """An order seems Inactive; whoever cancels it hears that it was filled."""

    def quirks(self) -> Quirks:
        return Quirks(seems_inactive=True, fills_first=True)


@dataclass(kw_only=True)
class CutOnFill(Effect):
    """Connections end at a fill, and what follows is told to nobody.

    Attributes:
        partial: at a fill that leaves something, or at any.
        times: at how many fills.
    """

    partial: bool = True
    times: Count = 1
    _done: int = field(default=0, init=False)

    def heard(self, scene: Scene, event: Event) -> None:
        if not isinstance(event, Executed) or self._done >= self.times:
            return
        one = event.execution
        order = scene.venue.books.find(one.client_id, one.order_id)
        if self.partial and (order is None or not order.is_live):
            return
        self._done += 1
        for session in scene.sessions:
            session.cut(reset=True)
        if self._done >= self.times:
            scene.over()
