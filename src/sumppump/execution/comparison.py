"""What the journal says is held against what the broker says: the door that we did not watch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sumppump.domain.account import Position
from sumppump.domain.combo import Combo
from sumppump.domain.journal import Book, TradeRecord
from sumppump.domain.order_record import OrderRecord
from sumppump.domain.orders import Purpose
from sumppump.domain.trade import TradeState


def differences(book: Book, positions: Sequence[Position]) -> tuple[str, ...]:
    """Sentences about what is held less than our trades hold, the gravest first; empty when nothing is.

    Sold or closed by hand in TWS, assigned, or expired: a working exit of ours would then open a position.
    More than we hold is no finding: other hands may trade the same account.
    """
    account = _counted(positions)
    short = _short_of(book, account)
    return (*_exits_beyond(book, account, short), *short.values(), *_bared(book))


def _bared(book: Book) -> list[str]:
    """Trades that lost a part by another door, and their exits with it."""
    return [
        f"NO STOP: {trade.title} still holds {book.held(trade.strategy_id)}; what guarded more was called off"
        for trade in book.trades.values()
        if trade.adopted < 0
        and trade.state is TradeState.FILLS_CONFIRMED
        and book.guarded(trade.strategy_id) < book.held(trade.strategy_id)
    ]


@dataclass(frozen=True, slots=True)
class Loss:
    """A trade of which the account holds `held` combos, fewer than its orders say.

    Attributes:
        is_broken: some of its legs are still there without the others, so it is not over.
    """

    strategy_id: str
    held: int
    is_broken: bool = False


def losses(book: Book, positions: Sequence[Position]) -> tuple[Loss, ...]:
    """Trades that the account covers only in part, where it is certain which trade that is.

    A contract that two trades hold is left out: nobody can say which of them it went from.
    """
    account = _counted(positions)
    held = _holding(book)
    holders = Counter(leg.contract.con_id for _, combo in held for leg in combo.legs)
    return tuple(
        Loss(trade.strategy_id, covered, _is_broken(combo, account, covered))
        for trade, combo in held
        if all(holders[leg.contract.con_id] == 1 for leg in combo.legs)
        and (covered := _covered(combo, account)) < book.held(trade.strategy_id)
    )


def _counted(positions: Sequence[Position]) -> Counter[int]:
    """Contracts of the account by con_id, signed."""
    account = Counter[int]()
    for position in positions:
        account[position.instrument.con_id] += position.quantity
    return account


def _holding(book: Book) -> list[tuple[TradeRecord, Combo]]:
    """Trades that hold something, and what."""
    return [(trade, combo) for trade in book.trades.values() if (combo := _held_combo(book, trade))]


def _covered(combo: Combo, account: Counter[int]) -> int:
    """Whole combos that the account still holds; a leg of the other kind is none."""
    return max(0, min(account[leg.contract.con_id] // leg.ratio for leg in combo.legs))


def _is_broken(combo: Combo, account: Counter[int], covered: int) -> bool:
    return any((account[leg.contract.con_id] - covered * leg.ratio) * leg.ratio > 0 for leg in combo.legs)


def _short_of(book: Book, account: Counter[int]) -> dict[str, str]:
    """By strategy_id, the trades that the account does not cover."""
    needed, labels = Counter[int](), dict[int, str]()
    holding = _holding(book)
    for trade, combo in holding:
        for leg in combo.legs:
            needed[leg.contract.con_id] += leg.ratio * book.held(trade.strategy_id)
            labels[leg.contract.con_id] = leg.contract.label
    missing = {con_id for con_id, count in needed.items() if _is_less(account[con_id], count)}
    return {
        trade.strategy_id: f"the account holds less than the journal for {trade.title}: "
        + ", ".join(
            f"{account[leg.contract.con_id]:+d} {labels[leg.contract.con_id]}"
            for leg in combo.legs
            if leg.contract.con_id in missing
        )
        for trade, combo in holding
        if any(leg.contract.con_id in missing for leg in combo.legs)
    }


def _exits_beyond(book: Book, account: Counter[int], short: dict[str, str]) -> list[str]:
    return [
        f"order {record.order_id} ({record.order.purpose}) would OPEN a position: cancel it"
        for record in book.working()
        if (record.strategy_id in short or book.trades[record.strategy_id].state is TradeState.CLOSED)
        and record.status is not None
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


def _held_combo(book: Book, trade: TradeRecord) -> Combo | None:
    """What a trade holds now; None where nothing is held, or nobody has named its legs yet."""
    if book.held(trade.strategy_id) <= 0:
        return None
    orders = book.orders_of_trade(trade.strategy_id)
    if not orders:
        return None
    entry = next((record for record in orders if record.order.purpose is Purpose.OPEN), None)
    return entry.order.combo if entry else orders[-1].order.combo.reversed
