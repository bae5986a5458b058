"""What an order that left a position made of it, from our own executions and the broker's commissions."""

from __future__ import annotations

from decimal import Decimal

from sumppump.domain.journal import Book
from sumppump.domain.order_record import OrderRecord
from sumppump.domain.orders import Purpose
from sumppump.kernel.money import CENT, Money, whole_sum


def result_after_fees(book: Book, record: OrderRecord) -> Money | None:
    """Cash made (+) or lost (-) by what the order closed so far: entry, exit and the commissions of both.

    None for orders that open, and while a price or a commission is missing, or where the position is not
    wholly from orders of ours.
    """
    price, own_fees = record.avg_fill_price, book.commission(record)
    if record.order.purpose.adds_risk or not record.filled or price is None or own_fees is None:
        return None
    fees = entry_fees(book, record.strategy_id, record.filled)
    paid = entry_cash(book, record.strategy_id, record.filled)
    if fees is None or paid is None:
        return None
    combo = record.order.combo
    received = -price.amount * combo.multiplier * record.filled
    return _rounded(Money(received - paid, combo.currency) - own_fees - fees)


def entry_fees(book: Book, strategy_id: str, quantity: int | Decimal) -> Money | None:
    """The share of the entry's commissions that falls on `quantity` combos; None while not known."""
    entries, filled = _entries(book, strategy_id)
    total = whole_sum(book.commission(record) for record in entries)
    if total is None:
        return None
    return _rounded(Money(total.amount * quantity / filled, total.currency))


def entry_cash(book: Book, strategy_id: str, quantity: Decimal) -> Decimal | None:
    """What `quantity` combos of a trade cost to enter, cash, debit positive; None while not known."""
    entries, filled = _entries(book, strategy_id)
    moved = Decimal(0)
    for record in entries:
        if record.avg_fill_price is None:
            return None
        moved += record.avg_fill_price.amount * record.order.combo.multiplier * record.filled
    return moved * quantity / filled if entries else None


def _entries(book: Book, strategy_id: str) -> tuple[list[OrderRecord], Decimal]:
    """Our orders that opened the trade, and the combos they filled; none where others opened a part."""
    trade = book.trades.get(strategy_id)
    if trade is None or trade.adopted > 0:
        return [], Decimal(0)
    opened = [r for r in book.orders_of_trade(strategy_id) if r.order.purpose is Purpose.OPEN and r.filled]
    return opened, sum((r.filled for r in opened), Decimal(0))


def _rounded(amount: Money) -> Money:
    return Money(amount.amount.quantize(CENT), amount.currency)
