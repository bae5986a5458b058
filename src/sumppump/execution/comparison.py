"""What the journal says is held against what the broker says: the door that we did not watch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sumppump.domain.account import Position
from sumppump.domain.combo import Combo
from sumppump.domain.instruments import Underlying
from sumppump.domain.journal import Book, TradeRecord
from sumppump.domain.leg_ends import kept, shares_moved
from sumppump.domain.order_record import OrderRecord, Pending
from sumppump.domain.orders import Fill, Purpose
from sumppump.domain.trade import TradeState
from sumppump.execution.departures import Loss
from sumppump.execution.expiry import expired
from sumppump.execution.netting import netted
from sumppump.execution.stakes import Stake, adopted_exits, counted, needed, stakes

_STOP_IT = "see trade_get_positions, then trade_set_stop_loss or trade_close with its position_id"
_TO_DO = "look at trade_get_positions, and close or protect what is left there"


def differences(
    book: Book, positions: Sequence[Position], *, told: frozenset[str] = frozenset()
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What endangers (exits that would open a position, lost stops), and what is held less than we think.

    Sold or closed by hand in TWS, or assigned: a working exit of ours would then open a position. More than
    we hold is no finding: other hands may trade the same account. Nor is what has been explained: trades of
    `told`, whose legs have expired or were closed by another trade.
    """
    account = counted(positions)
    found = [stake for stake in stakes(book) if stake.strategy_id not in told]
    short = _short_of(found, account)
    return (*_exits_beyond(book, account, short), *bared(book)), tuple(short.values())


def bared(book: Book) -> tuple[str, ...]:
    """Trades that lost a part by another door, and their exits with it."""
    return tuple(
        f"NO STOP: {trade.title} still holds {book.held(trade.strategy_id)}; what guarded more was called off"
        for trade in book.trades.values()
        if trade.adopted < 0
        and trade.state is TradeState.FILLS_CONFIRMED
        and book.guarded(trade.strategy_id) < book.held(trade.strategy_id)
    )


def leftovers(book: Book, positions: Sequence[Position]) -> tuple[str, ...]:
    """What trades that are over left in the account, and no trade looks after: legs, and shares that came."""
    free = counted(positions)
    free.subtract(needed(stakes(book)))
    ended = [trade for trade in book.trades.values() if trade.state is TradeState.CLOSED and trade.leg_ends]
    return tuple(
        f"{', '.join(left)}, left of {trade.title}, is looked after by no trade and has no stop; {_STOP_IT}"
        for trade in ended
        if not _is_adopted(book, trade) and (left := _left_of(trade, positions, free))
    )


def _left_of(trade: TradeRecord, positions: Sequence[Position], free: Counter[int]) -> list[str]:
    due = Counter({leg.con_id: leg.quantity for leg in kept(trade.leg_ends)})
    shares = shares_moved(trade.leg_ends)
    held = {each.instrument.con_id: each.instrument for each in positions}
    stocks = [each for each in held.values() if isinstance(each, Underlying) and each.symbol == trade.symbol]
    due.update({stock.con_id: shares for stock in stocks})
    counts = {con_id: min(count, free[con_id], key=abs) for con_id, count in due.items()}
    return [f"{n:+d} {held[con_id].label}" for con_id, n in counts.items() if n * free[con_id] > 0]


def _is_adopted(book: Book, ended: TradeRecord) -> bool:
    """Whether a position of the same underlying was taken over as a trade that has no order yet."""
    return any(
        trade.symbol == ended.symbol and trade.adopted > 0 and trade.state.holds_position
        for trade in book.trades.values()
    )


def losses(
    book: Book,
    positions: Sequence[Position],
    fills: Iterable[Fill] = (),
    now: datetime | None = None,
    before: Mapping[int, int] | None = None,
) -> tuple[Loss, ...]:
    """Trades that the account covers only in part, where it is certain which trade that is.

    First what has expired by `now` (the exchange's time; `before` as `expired` takes it), then what other
    trades of ours have closed. Of the rest a contract that two trades hold is left out: nobody can say which
    of them it went from.
    """
    account, found = counted(positions), stakes(book)
    over = () if now is None else expired(found, account, fills, now, before)
    alive = _without(found, over)
    closed = netted(alive, account, adopted_exits(book))
    return (*over, *closed, *_elsewhere(_without(alive, closed), account))


def exits_beyond(book: Book, loss: Loss) -> list[OrderRecord]:
    """Working exits of a trade that are larger than what is left of it."""
    return [
        record
        for record in book.orders_of_trade(loss.strategy_id)
        if record.is_working
        and record.order.purpose is not Purpose.OPEN
        and record.order.quantity - int(record.filled) > loss.held
    ]


def outlived(book: Book) -> list[OrderRecord]:
    """Working exits of trades that are over: what they guarded is gone."""
    return [
        record
        for record in book.working()
        if record.order.purpose is not Purpose.OPEN
        and record.strategy_id in book.trades
        and book.trades[record.strategy_id].state is TradeState.CLOSED
        and book.held(record.strategy_id) <= 0
    ]


def _without(found: Sequence[Stake], over: Sequence[Loss]) -> list[Stake]:
    gone = {loss.strategy_id for loss in over}
    return [stake for stake in found if stake.strategy_id not in gone]


def _elsewhere(found: Sequence[Stake], account: Counter[int]) -> tuple[Loss, ...]:
    holders = Counter(leg.contract.con_id for stake in found for leg in stake.combo.legs)
    return tuple(
        Loss(stake.strategy_id, covered, _is_broken(stake.combo, account, covered))
        for stake in found
        if all(holders[leg.contract.con_id] == 1 for leg in stake.combo.legs)
        and (covered := _covered(stake.combo, account)) < stake.held
    )


def _covered(combo: Combo, account: Counter[int]) -> int:
    """Whole combos that the account still holds; a leg of the other kind is none."""
    return max(0, min(account[leg.contract.con_id] // leg.ratio for leg in combo.legs))


def _is_broken(combo: Combo, account: Counter[int], covered: int) -> bool:
    return any((account[leg.contract.con_id] - covered * leg.ratio) * leg.ratio > 0 for leg in combo.legs)


def _short_of(found: Sequence[Stake], account: Counter[int]) -> dict[str, str]:
    """By strategy_id, the trades that the account does not cover, and what is missing."""
    total = needed(found)
    missing = {con_id: count - account[con_id] for con_id, count in total.items()}
    missing = {con_id: less for con_id, less in missing.items() if less * total[con_id] > 0}
    return {
        stake.strategy_id: f"the account holds less than the journal for {stake.title}: "
        f"{', '.join(_missing(stake, missing))} not there; {_TO_DO}"
        for stake in found
        if any(leg.contract.con_id in missing for leg in stake.combo.legs)
    }


def _missing(stake: Stake, missing: dict[int, int]) -> list[str]:
    return [
        f"{missing[leg.contract.con_id]:+d} {leg.contract.label}"
        for leg in stake.combo.legs
        if leg.contract.con_id in missing
    ]


def _exits_beyond(book: Book, account: Counter[int], short: dict[str, str]) -> list[str]:
    return [
        f"order {record.order_id} ({record.order.purpose}) would OPEN a position: cancel it"
        for record in book.working()
        if (record.strategy_id in short or book.trades[record.strategy_id].state is TradeState.CLOSED)
        and record.status is not None
        and record.pending is not Pending.CANCEL
        and _would_open(record, account)
    ]


def _would_open(record: OrderRecord, account: Counter[int]) -> bool:
    left = record.order.quantity - int(record.filled)
    return record.order.purpose is not Purpose.OPEN and any(
        _is_less(account[leg.contract.con_id], -leg.ratio * left) for leg in record.order.combo.legs
    )


def _is_less(found: int, wanted: int) -> bool:
    """Whether `found` is less of the same kind: fewer long, or fewer short."""
    return found < wanted if wanted > 0 else found > wanted
