"""How a close that first removes the exits reads: before it is approved, while it works, and afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sumppump.domain.journal import Book, TicketRecord
from sumppump.domain.order_record import OrderRecord
from sumppump.domain.orders import Order, OrderState, Purpose
from sumppump.domain.tickets import TicketFacts
from sumppump.execution.changes import priced
from sumppump.execution.closing import OVERDUE, Act, ClosingClock, next_step

NAMES = {Purpose.STOP: "stop", Purpose.TARGET: "take profit"}


def exit_name(order: Order) -> str:
    """`stop` or `take profit`."""
    return NAMES.get(order.purpose, "exit")


def held_title(title: str) -> str:
    """The title of a trade without the count that it was opened with, which need not be held any more."""
    name, _, count = title.rpartition(" · ")
    return name if name and count.endswith("×") and count[:-1].isdecimal() else title


def change_title(book: Book, record: OrderRecord) -> str:
    """What a change is about: `Change the stop · Iron condor · QQQ`, or the order where it opens."""
    name = "order" if record.order.purpose.adds_risk else NAMES.get(record.order.purpose, "close")
    trade = book.trades.get(record.strategy_id)
    about = record.order.combo.symbol if trade is None else held_title(trade.title)
    return f"Change the {name} · {about} · {record.order.quantity}×"


def stop_notes(exits: Sequence[OrderRecord], closing: int, life_s: float) -> tuple[str, ...]:
    """What approving a close means for the exits that work now; nothing where there are none.

    Args:
        exits: the working orders that are cancelled first.
        closing: combos that the close sells or buys back.
        life_s: seconds that the close may work.
    """
    if not exits:
        return ()
    named = ", ".join(f"order {record.order_id} ({exit_name(record.order)})" for record in exits)
    after = "; ".join(dict.fromkeys(_afterwards(record, closing) for record in exits))
    return (
        f"Cancelled first: {named}. The close then works for {life_s:g} seconds only; what is not filled by"
        " then is cancelled.",
        f"Afterwards the exits are set again at their old prices for what is left: {after}."
        " This approval covers that.",
    )


def _afterwards(record: OrderRecord, closing: int) -> str:
    now = record.order.quantity - int(record.filled)
    return f"{now - closing if now > closing else 'none'} when the close is filled, {now} when it is not"


def for_seconds(facts: TicketFacts, life_s: float) -> TicketFacts:
    """The same facts, with how long the order may work beside its price; unchanged for 0."""
    if not life_s:
        return facts
    return replace(facts, price_words=f"{facts.price_words}, for {life_s:g} seconds")


def works_for(found: TicketRecord | None, record: OrderRecord) -> float:
    """Seconds that a close may work; 0 for every order that may go on."""
    if found is None or record.order.purpose is not Purpose.CLOSE:
        return 0.0
    return found.ticket.works_for_s


def was_given_up(found: TicketRecord | None, record: OrderRecord) -> bool:
    """Whether SumpPump itself ended this close because its time was over."""
    ended = record.state is OrderState.CANCELLED and record.cancel_reason == OVERDUE
    return ended and works_for(found, record) > 0


def given_up_evidence(found: TicketRecord) -> str:
    """Who cancelled the close, and why."""
    return f"not filled within {found.ticket.works_for_s:g} s; SumpPump cancelled it"


def guards_again(book: Book, found: TicketRecord) -> tuple[str, ...]:
    """The exits that came back after a close, each a sentence with its order and price."""
    back = [book.orders[order.order_ref] for order in found.ticket.rearms if order.order_ref in book.orders]
    return tuple(_guards(record) for record in back)


def exits_due(book: Book, found: TicketRecord) -> tuple[str, ...]:
    """One sentence while exits have to be set again and are not yet; nothing otherwise."""
    due = next_step(book, found, ClosingClock(may_close=False, close_overdue=False))
    if due.act is not Act.REARM:
        return ()
    return ("Its exits are not working yet: SumpPump sets them again as soon as it may send.",)


def _guards(record: OrderRecord) -> str:
    name = exit_name(record.order)
    if not record.is_working:
        return f"The {name} that was set again (order {record.order_id}) is {record.state}."
    word = "works again" if record.state in (OrderState.LIVE, OrderState.PARTIAL) else "is being set again"
    price = record.order.stop if record.order.stop is not None else record.order.limit
    at = "" if price is None else f" at {priced(price)}"
    return f"The {name} {word}: order {record.order_id}, for {record.order.quantity}{at}."
