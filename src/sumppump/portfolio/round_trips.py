"""Trades that came to an end, by what is really known of them. Pure.

Our own entries and exits give a result by their executions and commissions. Where other hands opened the
position, the broker's own realised P&L of the closing executions stands in, by its average cost. What left by
another door (sold by hand, expired, assigned) has no result here, and says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sumppump.domain.instruments import OptionContract
from sumppump.domain.journal import Book, TradeRecord
from sumppump.domain.order_record import OrderRecord
from sumppump.domain.orders import Fill, Purpose
from sumppump.domain.trade import TradeState
from sumppump.domain.trade_results import result_after_fees
from sumppump.kernel.money import Money, Premium

ELSEWHERE = "left by other hands, expired or was assigned: no execution of ours tells the result"
NOT_TOLD = "a price or a commission has not been reported"
OTHERS = "opened by other hands, and the broker has not told its result"


class Kind(StrEnum):
    """What was traded; options with shares count as options."""

    OPTIONS = "options"
    STOCKS = "stocks"


class Source(StrEnum):
    """Where a result comes from: our executions and commissions, or the broker's realised P&L."""

    EXECUTIONS = "executions"
    BROKER = "broker"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundTrip:
    """One trade, as far as it is closed.

    Attributes:
        trade_id: the strategy_id, or `perm N` of an order of other hands.
        quantity: combos closed; of other hands' orders contracts or shares.
        left: combos that are still held.
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


def round_trips(book: Book) -> tuple[RoundTrip, ...]:
    """Every trade of the journal that closed something, newest first."""
    found = [trip for trade in book.trades.values() if (trip := _trip(book, trade)) is not None]
    return tuple(sorted(found, key=lambda trip: trip.closed_at, reverse=True))


def trips_of_others(book: Book, fills: Iterable[Fill]) -> tuple[RoundTrip, ...]:
    """Closing orders of other hands among today's executions, by the broker's realised P&L, newest first.

    An execution that opens realises exactly 0 and is no trip.
    """
    orders: dict[int, list[Fill]] = defaultdict(list)
    for fill in fills:
        is_ours = fill.order_ref in book.orders or book.by_execution(fill.exec_base) is not None
        if not is_ours and fill.realized_pnl is not None and fill.realized_pnl.amount:
            orders[fill.perm_id].append(fill)
    trips = [_trip_of_others(perm_id, rows) for perm_id, rows in orders.items()]
    return tuple(sorted(trips, key=lambda trip: trip.closed_at, reverse=True))


def _trip(book: Book, trade: TradeRecord) -> RoundTrip | None:
    orders = [record for record in book.orders_of_trade(trade.strategy_id) if record.filled]
    exits = [record for record in orders if record.order.purpose is not Purpose.OPEN]
    if not exits:
        return _gone_elsewhere(book, trade, orders)
    entries = [record for record in orders if record.order.purpose is Purpose.OPEN]
    pnl, source = _result(book, exits)
    return RoundTrip(
        trade_id=trade.strategy_id,
        symbol=trade.symbol,
        title=trade.title,
        kind=_kind(exits[0]),
        quantity=sum((record.filled for record in exits), Decimal(0)),
        left=book.held(trade.strategy_id),
        opened_at=min((at for record in entries if (at := _first(record))), default=None),
        closed_at=max(_last(record) for record in exits),
        entry=_average(entries),
        exit=_average(exits),
        pnl=pnl,
        source=source,
        reason="" if pnl is not None else NOT_TOLD if entries else OTHERS,
        exits=tuple(dict.fromkeys(record.order.purpose.value for record in exits)),
        audit_ids=tuple(record.sent_seq for record in orders),
    )


def _gone_elsewhere(book: Book, trade: TradeRecord, orders: Sequence[OrderRecord]) -> RoundTrip | None:
    """A trade that holds nothing any more though no order of ours closed it."""
    if trade.state is not TradeState.CLOSED or not orders:
        return None
    return RoundTrip(
        trade_id=trade.strategy_id,
        symbol=trade.symbol,
        title=trade.title,
        kind=_kind(orders[0]),
        quantity=sum((record.filled for record in orders), Decimal(0)),
        opened_at=_first(orders[0]),
        closed_at=orders[-1].changed_at or _last(orders[-1]),
        entry=_average(orders),
        reason=(trade.reason and f"{ELSEWHERE} ({trade.reason})") or ELSEWHERE,
        audit_ids=tuple(record.sent_seq for record in orders),
    )


def _result(book: Book, exits: Sequence[OrderRecord]) -> tuple[Money | None, Source | None]:
    own = _sum([result_after_fees(book, record) for record in exits])
    if own is not None:
        return own, Source.EXECUTIONS
    told = _sum([_realized(book, record) for record in exits])
    return told, None if told is None else Source.BROKER


def _realized(book: Book, record: OrderRecord) -> Money | None:
    """The broker's realised P&L of all executions of an order."""
    fills = [fill for fill in record.fills if record.is_leg(fill)] or list(record.fills)
    charges = [book.charges.get(fill.exec_base) for fill in fills]
    return _sum([None if charge is None else charge.realized_pnl for charge in charges])


def _sum(amounts: Sequence[Money | None]) -> Money | None:
    known = [amount for amount in amounts if amount is not None]
    if not known or len(known) < len(amounts):
        return None
    return sum(known[1:], start=known[0])


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


def _trip_of_others(perm_id: int, fills: Sequence[Fill]) -> RoundTrip:
    newest = max(fills, key=lambda fill: fill.at)
    pnl = _sum([fill.realized_pnl for fill in fills])
    return RoundTrip(
        trade_id=f"perm {perm_id}",
        symbol=newest.symbol,
        title=f"closed by other hands · {newest.symbol}",
        kind=Kind.OPTIONS if any(fill.sec_type == "OPT" for fill in fills) else Kind.STOCKS,
        quantity=sum((fill.quantity for fill in fills), Decimal(0)),
        closed_at=newest.at,
        pnl=pnl,
        source=Source.BROKER,
        exits=("other hands",),
    )
