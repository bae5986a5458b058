"""From the book to what callers read. Pure: the same book gives the same report, in any process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from sumppump.domain.journal import Book, TicketRecord, TradeRecord
from sumppump.domain.leg_ends import kept
from sumppump.domain.order_record import OrderRecord
from sumppump.domain.orders import OrderState, Purpose
from sumppump.domain.tickets import TicketKind
from sumppump.domain.trade import DUE, TradeState
from sumppump.domain.trade_results import result_after_fees
from sumppump.execution.closing import being_closed, given_up, removes_stops
from sumppump.execution.closing_words import (
    exits_due,
    given_up_evidence,
    guards_again,
    was_given_up,
    works_for,
)
from sumppump.execution.reports import OrderReport, TicketView

_UNKNOWN_STEPS = (
    "NOT CONFIRMED: it may or may not be at the broker. Nothing is sent again by itself.",
    "The reconcile is running; ask again in a few seconds, or look into TWS.",
)
_STATE_STEPS: dict[OrderState, tuple[str, ...]] = {
    OrderState.AWAIT_HUMAN: (
        "A person approves or declines it on the approval page or with `sumppump approve`; or types the code"
        " in the chat, to be passed on as confirm_token.",
    ),
    OrderState.SENDING: ("NOT CONFIRMED: wait for the broker's first word.",),
    OrderState.UNKNOWN: _UNKNOWN_STEPS,
    OrderState.CANCEL_UNKNOWN: _UNKNOWN_STEPS,
    OrderState.MODIFY_UNKNOWN: _UNKNOWN_STEPS,
    OrderState.NOT_FOUND: (
        "The broker does not show it. A person looks into TWS; if it is wanted again, make a new ticket.",
    ),
    OrderState.LIVE: ("Wait for the fill; change it or cancel it (trade_modify_order, trade_cancel_order).",),
    OrderState.PARTIAL: ("Wait for the rest, or cancel it with trade_cancel_order.",),
    OrderState.REJECTED: ("Read why, change the order, and make a new ticket.",),
    OrderState.EXPIRED: ("Make a new ticket; the figures were too old.",),
    OrderState.DECLINED: ("Nothing was sent.",),
    OrderState.CANCELLED: ("Nothing is working; make a new ticket if it is still wanted.",),
}

_STOP_WORKS = (
    "A protective stop waits for its trigger. It can be moved (trade_modify_order) or, with a person's"
    " approval, cancelled (trade_cancel_order)."
)
_NO_STOP_WANTED = (
    "Is no stop wanted at all? Then have that noted, so that it is not asked for again"
    " (trade_set_stop_loss with decline=true and the reason)."
)
_OVER = "The trade is over; trade_get_history has its result among the others."
_LEFT = (
    "The trade is over; what is left of it is a position of its own: protect it or close it"
    " (trade_get_positions, trade_set_stop_loss, trade_close)."
)
_UNTOUCHED = {
    TicketKind.CANCEL_STOP: "The stop was not touched: order {0} still works.",
    TicketKind.MODIFY: "Nothing was changed: order {0} goes on as it was.",
}


def order_report(book: Book, record: OrderRecord) -> OrderReport:
    """One order's life."""
    children = tuple(
        order_report(book, each)
        for each in book.orders_of_ticket(record.ticket_id)
        if each.order.parent_ref == record.ref
    )
    return OrderReport(
        state=record.state,
        evidence=_evidence(book, record),
        ticket_id=record.ticket_id,
        strategy_id=record.strategy_id,
        order_ref=record.ref,
        order_id=record.order_id,
        perm_ids=record.perm_ids,
        quantity=record.order.quantity,
        filled=record.filled,
        avg_fill_price=record.avg_fill_price,
        commission=book.commission(record),
        result=result_after_fees(book, record),
        fills=record.fills,
        order=record.order,
        children=children,
        why_held=record.told.why_held if record.told else "",
        broker_says=tuple(f"{code}: {text}" for code, text in record.notices),
        updated_at=record.changed_at,
        journal_seq=record.seq,
        next_steps=_next_steps(book, record),
        is_protective=record.order.purpose is Purpose.STOP,
    )


def ticket_report(book: Book, found: TicketRecord) -> OrderReport:
    """What became of a ticket: its order's life, or its own where nothing was sent."""
    record = main_record(book, found)
    if record is not None:
        return replace(order_report(book, record), ticket_id=found.ticket.ticket_id)
    if removes_stops(found) and (end := given_up(book, found)) is not None:
        found = replace(found, state=end[0], reason=end[1])
    main = found.ticket.main
    steps = _unsent_steps(book, found)
    if found.replaced_by:
        steps = (f"Ticket {found.replaced_by} replaced it and waits for the person.",)
    return OrderReport(
        state=found.state,
        evidence=found.reason or _TICKET_WORDS.get(found.state, "ticket"),
        ticket_id=found.ticket.ticket_id,
        strategy_id=found.ticket.strategy_id,
        order_ref=main.order_ref if main else found.ticket.target_ref,
        quantity=main.quantity if main else 0,
        order=main,
        updated_at=found.staged_at,
        journal_seq=found.seq,
        next_steps=steps,
        is_protective=main is not None and main.purpose is Purpose.STOP,
    )


def _unsent_steps(book: Book, found: TicketRecord) -> tuple[str, ...]:
    """What is due where nothing was sent; a change or cancel that did not come about leaves its order."""
    steps, untouched = _STATE_STEPS.get(found.state, ()), _UNTOUCHED.get(found.ticket.kind)
    target = book.orders.get(found.ticket.target_ref)
    if found.ticket.kind is TicketKind.STOP and found.state is OrderState.DECLINED:
        return (*steps, _NO_STOP_WANTED)
    if target is not None and not target.is_working and found.state is OrderState.EXPIRED:
        return (f"Order {target.order_id} is over. See what works now (trade_get_open_orders).",)
    if untouched is None or target is None or not target.is_working or not found.state.is_terminal:
        return steps
    return (untouched.format(target.order_id),)


def main_record(book: Book, found: TicketRecord) -> OrderRecord | None:
    """The order that a decided ticket is about; None where none was sent."""
    ticket = found.ticket
    if found.state is not OrderState.APPROVED:
        return None
    if ticket.kind in (TicketKind.MODIFY, TicketKind.CANCEL_STOP):
        return book.orders.get(ticket.target_ref)
    return None if ticket.main is None else book.orders.get(ticket.main.order_ref)


def ticket_view(book: Book, found: TicketRecord, *, seconds_left: float) -> TicketView:
    """A ticket and where it stands; `seconds_left` counts only while it waits."""
    waits = found.state is OrderState.AWAIT_HUMAN
    if waits and seconds_left <= 0:  # over, and not written down yet
        found = replace(found, state=OrderState.EXPIRED)
    report = ticket_report(book, found)
    return TicketView(
        ticket=found.ticket,
        state=report.state,
        digest=found.digest,
        seconds_left=max(0.0, seconds_left) if waits else 0.0,
        report=report,
    )


def ticket_views(book: Book, seconds_left: Callable[[TicketRecord], float]) -> Sequence[TicketView]:
    """All tickets, newest first. A ticket whose time is over is shown EXPIRED even before that is written."""
    return tuple(
        ticket_view(book, found, seconds_left=seconds_left(found))
        for found in reversed(book.tickets.values())
    )


def due_step(book: Book, trade: TradeRecord, now: datetime | None = None) -> str:
    """The step that is due for a trade, in words; a close on its way comes before the stop it removed.

    Nothing can be done any more about options that have reached their settlement by `now`, the exchange's
    time; a broker may show them for hours.
    """
    if now is not None and trade.state.holds_position and _is_settling(book, trade, now):
        return "wait for the broker's settlement: its options have expired"
    if trade.state.holds_position and being_closed(book, trade.strategy_id):
        life = max((works_for(book.tickets.get(r.ticket_id), r) for r in _closes(book, trade)), default=0.0)
        bound = f"; after {life:g} s it is cancelled and its exits come back" if life else ""
        return f"wait for the close (trade_get_order_status), or cancel it (trade_cancel_order){bound}"
    return DUE[trade.state]


def _is_settling(book: Book, trade: TradeRecord, now: datetime) -> bool:
    entry = book.entry(trade.strategy_id)
    options = () if entry is None else entry.order.combo.options
    return bool(options) and all(option.settles <= now for option in options)


def _closes(book: Book, trade: TradeRecord) -> Sequence[OrderRecord]:
    return [r for r in book.orders_of_trade(trade.strategy_id) if r.is_working]


def _evidence(book: Book, record: OrderRecord) -> str:
    found = book.tickets.get(record.ticket_id)
    return given_up_evidence(found) if found and was_given_up(found, record) else record.evidence


def _after_a_close(book: Book, record: OrderRecord) -> tuple[str, ...]:
    """What is due for a close that had exits to remove; nothing for every other order."""
    found = book.tickets.get(record.ticket_id)
    if found is None or not (life := works_for(found, record)):
        return ()
    if record.state in (OrderState.LIVE, OrderState.PARTIAL):
        ends = f"Not filled after {life:g} s it is cancelled and the exits are set again for what is left."
        return (f"Wait for the fill, or cancel it (trade_cancel_order). {ends}",)
    if not record.state.is_terminal:
        return ()
    guards = guards_again(book, found) or exits_due(book, found)
    rejected = _STATE_STEPS[record.state] if record.state is OrderState.REJECTED else ()
    return (*rejected, *guards) if guards else ()


def _next_steps(book: Book, record: OrderRecord) -> tuple[str, ...]:
    if steps := _after_a_close(book, record):
        return steps
    trade = book.trades.get(record.strategy_id)
    if record.state is OrderState.FILLED and trade is not None:
        due = due_step(book, trade)
        over = _LEFT if kept(trade.leg_ends) else _OVER
        return (over,) if trade.state is TradeState.CLOSED else (f"{due[0].upper()}{due[1:]}.",)
    if record.state is OrderState.CANCELLED and record.filled and trade is not None:
        return (f"{record.filled} were filled: {due_step(book, trade)}.",)
    if record.state is OrderState.LIVE and record.order.purpose is Purpose.STOP:
        return (_STOP_WORKS,)
    return _STATE_STEPS.get(record.state, ())


_TICKET_WORDS = {
    OrderState.AWAIT_HUMAN: "waits for a person",
    OrderState.APPROVED: "approved; its order has not been sent yet",
    OrderState.DECLINED: "declined by a person",
    OrderState.EXPIRED: "not approved in time",
    OrderState.SUPERSEDED: "replaced by a newer ticket",
}
