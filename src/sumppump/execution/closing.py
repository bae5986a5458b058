"""A close that first removes the stop: which step is due, read off the journal alone.

Cancel the stops, see them gone, send the close; if it is not filled in time cancel it, see it gone, and put
the stop back at its old price, for what is still held. No step is remembered anywhere else, so a crash
between two of them changes nothing: the next writer asks the same question and gets the same answer. What is
unknown is waited for; a second exit beside one that may still be working would turn the position round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sumppump.domain.journal import Book, TicketRecord
from sumppump.domain.order_record import OrderRecord, Pending
from sumppump.domain.orders import Order, OrderState, Purpose
from sumppump.domain.tickets import TicketKind

OVERDUE = "the close was not filled in time"
"""Why SumpPump itself cancels a close that had exits to remove."""


class Act(StrEnum):
    """What to do next."""

    DONE = "done"
    WAIT = "wait"
    REMOVE = "remove"
    CLOSE = "close"
    GIVE_UP = "give_up"
    REARM = "rearm"


@dataclass(frozen=True, slots=True)
class ClosingStep:
    """The step that is due.

    Attributes:
        orders: to send, quantities reduced by what was closed already. records: to cancel.
    """

    act: Act
    why: str
    orders: tuple[Order, ...] = ()
    records: tuple[OrderRecord, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingClock:
    """What time has done: `may_close` while the approval is fresh, `close_overdue` when it should be over."""

    may_close: bool
    close_overdue: bool


def removes_stops(found: TicketRecord) -> bool:
    """Whether a ticket is an approved close that has stops to remove first."""
    ticket = found.ticket
    return ticket.kind is TicketKind.CLOSE and bool(ticket.removes) and found.state is OrderState.APPROVED


def given_up(book: Book, found: TicketRecord) -> tuple[OrderState, str] | None:
    """How a close ended that was approved and never sent; None while it may still go, or did."""
    main = found.ticket.main
    if main is None or main.order_ref in book.orders:
        return None
    if any(order.order_ref in book.orders for order in found.ticket.rearms):
        return OrderState.CANCELLED, "the close was not sent in time; the stop was set again"
    stops = [book.orders[ref] for ref in found.ticket.removes if ref in book.orders]
    if _left(found, stops) <= 0:
        return OrderState.CANCELLED, "the stop was filled first; there was nothing left to close"
    return None


def being_closed(book: Book, strategy_id: str) -> bool:
    """Whether an approved close of this trade is not over: it works, or its stops are being removed."""
    if any(r.is_working and r.order.purpose is Purpose.CLOSE for r in book.orders_of_trade(strategy_id)):
        return True
    patient = ClosingClock(may_close=True, close_overdue=False)
    return any(
        removes_stops(found) and next_step(book, found, patient).act is not Act.DONE
        for found in book.tickets.values()
        if found.ticket.strategy_id == strategy_id
    )


def without_stop(book: Book) -> tuple[str, ...]:
    """Underlyings of positions whose stop was removed for a close that is not over."""
    return tuple(
        trade.symbol
        for trade in book.trades.values()
        if book.held(trade.strategy_id) > 0
        and being_closed(book, trade.strategy_id)
        and not book.guarded(trade.strategy_id)
    )


def next_step(book: Book, found: TicketRecord, clock: ClosingClock) -> ClosingStep:
    """The one step that is due for an approved close with stops to remove."""
    ticket = found.ticket
    stops = [book.orders[ref] for ref in ticket.removes if ref in book.orders]
    close = book.orders.get(ticket.main.order_ref) if ticket.main else None
    if any(order.order_ref in book.orders for order in ticket.rearms):
        return ClosingStep(Act.DONE, "the stop is back")
    if close is None:
        return _before_close(found, stops, clock)
    return _after_close(found, stops, close, clock)


def _before_close(found: TicketRecord, stops: Sequence[OrderRecord], clock: ClosingClock) -> ClosingStep:
    working = tuple(record for record in stops if record.is_working)
    if working:
        waiting = tuple(r for r in working if r.pending is not Pending.CANCEL and not r.awaits_proof_of_end)
        if waiting and clock.may_close:
            return ClosingStep(Act.REMOVE, "the stop goes first", records=waiting)
        return ClosingStep(Act.WAIT, "until the stop is confirmed gone")
    if any(record.state is OrderState.NOT_FOUND for record in stops):
        return ClosingStep(Act.WAIT, "the stop was not found: a person looks into TWS")
    left = _left(found, stops)
    main = found.ticket.main
    if left > 0 and clock.may_close and main is not None:
        return ClosingStep(Act.CLOSE, "the stop is gone", orders=(replace(main, quantity=left),))
    why = "the close was not sent in time" if left > 0 else "the stop was filled first"
    return _end(found, stops, why)


def _after_close(
    found: TicketRecord, stops: Sequence[OrderRecord], close: OrderRecord, clock: ClosingClock
) -> ClosingStep:
    if close.is_unknown or close.state is OrderState.NOT_FOUND:
        return ClosingStep(Act.WAIT, "nobody knows what became of the close")
    if close.is_working:
        overdue = clock.close_overdue and close.pending is not Pending.CANCEL
        if overdue and not close.awaits_proof_of_end:
            return ClosingStep(Act.GIVE_UP, OVERDUE, records=(close,))
        return ClosingStep(Act.WAIT, "the close is working")
    return _end(found, [*stops, close], f"the close is {close.state}")


def _left(found: TicketRecord, exits: Sequence[OrderRecord]) -> int:
    main = found.ticket.main
    return 0 if main is None else main.quantity - _closed(found, exits)


def _closed(found: TicketRecord, exits: Sequence[OrderRecord]) -> int:
    """Combos that these exits have closed since the ticket was made: what went before was not held then."""
    before = sum(found.ticket.filled_before)
    return sum(int(record.filled) for record in exits) - before


def _end(found: TicketRecord, exits: Sequence[OrderRecord], why: str) -> ClosingStep:
    """Put the stops back for what is still held; a partial close leaves something to guard as well."""
    orders = tuple(
        replace(stop, quantity=stop.quantity - _closed(found, exits))
        for stop in found.ticket.rearms
        if stop.quantity > _closed(found, exits)
    )
    return ClosingStep(Act.REARM, why, orders=orders) if orders else ClosingStep(Act.DONE, why)
