"""Trades that came to an end, by what is really known of them. Pure.

Our own entries and exits give a result by their executions and commissions. Where other hands opened the
position, the broker's own realised P&L of the closing executions stands in, by its average cost. What expired
or was offset has a result where that is certain (see `trade_endings`), and a reason where it is not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sumppump.domain.combo import Combo
from sumppump.domain.expiry_close import Closes, told_by_closes
from sumppump.domain.instruments import OptionContract
from sumppump.domain.journal import Book, TradeRecord
from sumppump.domain.order_record import OrderRecord
from sumppump.domain.orders import Fill, Purpose
from sumppump.domain.trade_endings import TradeEnding, ending_of, settled_in
from sumppump.domain.trade_results import result_after_fees
from sumppump.kernel.money import Money, Premium, whole_sum

NOT_TOLD = "a price or a commission has not been reported"
OTHERS = "opened by other hands, and the broker has not told its result"


class Kind(StrEnum):
    """What was traded; options with shares count as options."""

    OPTIONS = "options"
    STOCKS = "stocks"


class Source(StrEnum):
    """Where a result comes from: our executions and commissions, or the broker's realised P&L.

    Of options whose end the broker did not tell it comes from the close of their last day.
    """

    EXECUTIONS = "executions"
    CLOSE = "closing price"
    BROKER = "broker"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundTrip:
    """One trade, as far as it is closed.

    Attributes:
        trade_id: the strategy_id, `perm N` of an order of other hands, `exec ID` of the clearing house.
        quantity: combos closed; of other hands' orders contracts or shares.
        left: combos that are still held.
        closed_at: the exchange's time: of the last exit, or at which the last of it left by another door.
        opened_at: None where other hands opened it.
        entry, exit: average signed premium per share, debit positive; None where unknown.
        pnl: after commissions; None with `reason`.
        exits: what closed it, for example `close`, `stop`.
        audit_ids: rows of the journal that sent its orders.
    """

    trade_id: str
    symbol: str
    title: str
    kind: Kind
    quantity: Decimal
    closed_at: datetime
    left: int = 0
    opened_at: datetime | None = None
    entry: Premium | None = None
    exit: Premium | None = None
    pnl: Money | None = None
    source: Source | None = None
    reason: str = ""
    exits: tuple[str, ...] = ()
    audit_ids: tuple[int, ...] = ()


def round_trips(book: Book, closes: Closes | None = None) -> tuple[RoundTrip, ...]:
    """Every trade of the journal that closed something, newest first.

    Args:
        book: the journal's.
        closes: of days on which options ended, where the broker did not say how.
    """
    found = [trip for trade in book.trades.values() if (trip := _trip(book, trade, closes or {})) is not None]
    return tuple(sorted(found, key=lambda trip: trip.closed_at, reverse=True))


def trips_of_others(book: Book, fills: Iterable[Fill]) -> tuple[RoundTrip, ...]:
    """Closing orders of other hands among today's executions, by the broker's realised P&L, newest first.

    An execution that opens realises exactly 0 and is no trip. What the clearing house did is a trip of its
    own, contract by contract, where it is not part of what a trade of ours made.
    """
    orders: dict[str, list[Fill]] = defaultdict(list)
    for fill in fills:
        is_ours = fill.order_ref in book.orders or book.by_execution(fill.exec_base) is not None
        is_ours = is_ours or (fill.is_clearing and settled_in(book, fill))
        if not is_ours and fill.realized_pnl is not None and fill.realized_pnl.amount:
            orders[f"exec {fill.exec_base}" if fill.is_clearing else f"perm {fill.perm_id}"].append(fill)
    trips = [_trip_of_others(name, rows) for name, rows in orders.items()]
    return tuple(sorted(trips, key=lambda trip: trip.closed_at, reverse=True))


def _trip(book: Book, journaled: TradeRecord, closes: Closes) -> RoundTrip | None:
    trade = told_by_closes(book, journaled, closes)
    orders = [record for record in book.orders_of_trade(trade.strategy_id) if record.filled]
    exits = [record for record in orders if record.order.purpose is not Purpose.OPEN]
    ending = ending_of(book, trade) if orders else None
    if not exits and ending is None:
        return None
    entries = [record for record in orders if record.order.purpose is Purpose.OPEN]
    pnl, source, reason = _outcome(book, entries, exits, ending)
    return RoundTrip(
        trade_id=trade.strategy_id,
        symbol=trade.symbol,
        title=trade.title,
        kind=_kind((exits or orders)[0]),
        quantity=sum((record.filled for record in exits), Decimal(ending.combos if ending else 0)),
        left=book.held(trade.strategy_id),
        opened_at=min((at for record in entries if (at := _first(record))), default=None),
        closed_at=max(_closings(trade, orders, ending)),
        entry=_average(entries),
        exit=_exit(exits, ending),
        pnl=pnl,
        source=source if trade is journaled or pnl is None else Source.CLOSE,
        reason=reason,
        exits=tuple(dict.fromkeys(_ways_out(exits, ending))),
        audit_ids=tuple(record.sent_seq for record in orders),
    )


def _outcome(
    book: Book, entries: Sequence[OrderRecord], exits: Sequence[OrderRecord], ending: TradeEnding | None
) -> tuple[Money | None, Source | None, str]:
    """The result of our exits and of what left without one; with a part unknown there is none."""
    pnl, source = _result(book, exits) if exits else (None, None)
    if ending is None:
        return pnl, source, "" if pnl is not None else NOT_TOLD if entries else OTHERS
    if ending.pnl is None:
        return None, None, ending.reason
    if not exits:
        return ending.pnl, Source.EXECUTIONS, ""
    return (None, None, NOT_TOLD) if pnl is None else (pnl + ending.pnl, source, "")


def _closings(
    trade: TradeRecord, orders: Sequence[OrderRecord], ending: TradeEnding | None
) -> Iterator[datetime]:
    """Moments at which something of a trade was closed, by the exchange's clock."""
    yield from (_last(record) for record in orders if record.order.purpose is not Purpose.OPEN)
    if ending is not None:
        yield _left_at(trade, orders[0].order.combo) or _last(orders[-1])


def _left_at(trade: TradeRecord, combo: Combo) -> datetime | None:
    """When it was seen to have left, or when its options had ended if that was earlier."""
    settled = max((option.settles for option in combo.options), default=None)
    known = [at for at in (trade.left_at, settled) if at is not None]
    return min(known, default=None)


def _exit(exits: Sequence[OrderRecord], ending: TradeEnding | None) -> Premium | None:
    """The average of all that left; of a mix of both ways it is not told."""
    if ending is None:
        return _average(exits)
    return None if exits else ending.exit


def _ways_out(exits: Sequence[OrderRecord], ending: TradeEnding | None) -> Iterator[str]:
    yield from (record.order.purpose.value for record in exits)
    yield from ending.how if ending is not None else ()


def _result(book: Book, exits: Sequence[OrderRecord]) -> tuple[Money | None, Source | None]:
    own = whole_sum([result_after_fees(book, record) for record in exits])
    if own is not None:
        return own, Source.EXECUTIONS
    told = whole_sum([_realized(book, record) for record in exits])
    return told, None if told is None else Source.BROKER


def _realized(book: Book, record: OrderRecord) -> Money | None:
    """The broker's realised P&L of all executions of an order."""
    charges = [book.charges.get(fill.exec_base) for fill in record.charged_fills]
    return whole_sum([None if charge is None else charge.realized_pnl for charge in charges])


def _average(records: Sequence[OrderRecord]) -> Premium | None:
    """By combos filled; None as soon as one price is not known."""
    prices = [record.avg_fill_price for record in records]
    filled = sum((record.filled for record in records), Decimal(0))
    if not filled or any(price is None for price in prices):
        return None
    pairs = zip(records, prices, strict=True)
    return Premium(sum((price.amount * each.filled for each, price in pairs if price), Decimal(0)) / filled)


def _kind(record: OrderRecord) -> Kind:
    legs = record.order.combo.legs
    return Kind.OPTIONS if any(isinstance(leg.contract, OptionContract) for leg in legs) else Kind.STOCKS


def _first(record: OrderRecord) -> datetime:
    return min((fill.at for fill in record.fills), default=record.sent_at)


def _last(record: OrderRecord) -> datetime:
    return max((fill.at for fill in record.fills), default=record.sent_at)


def _trip_of_others(name: str, fills: Sequence[Fill]) -> RoundTrip:
    newest = max(fills, key=lambda fill: fill.at)
    pnl = whole_sum([fill.realized_pnl for fill in fills])
    return RoundTrip(
        trade_id=name,
        symbol=newest.symbol,
        title=f"{_whose(newest)} · {newest.symbol}",
        kind=Kind.OPTIONS if any(fill.sec_type == "OPT" for fill in fills) else Kind.STOCKS,
        quantity=sum((fill.quantity for fill in fills), Decimal(0)),
        closed_at=newest.at,
        pnl=pnl,
        source=Source.BROKER,
        exits=("expiry, exercise or assignment" if newest.is_clearing else "other hands",),
    )


def _whose(fill: Fill) -> str:
    return "ended by the clearing house" if fill.is_clearing else "closed by other hands"
