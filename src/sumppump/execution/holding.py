"""What a caller means by a position: a trade of ours, a held strategy, or a symbol with only one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sumppump.domain.combo import Combo
from sumppump.domain.journal import Book, TradeRecord
from sumppump.domain.order_record import OrderRecord
from sumppump.domain.orders import Purpose
from sumppump.domain.trade import TradeState
from sumppump.execution.desk import TradingDesk
from sumppump.kernel.errors import InvalidRequest, OutOfStep
from sumppump.kernel.money import Premium
from sumppump.portfolio.holdings import HeldStrategy


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """Something held that can be protected or closed.

    Attributes:
        strategy_id: of the trade that opened it; the position_id where another hand did.
        combo: what is held; leaving buys `combo.reversed`. quantity: combos held, > 0.
        entry: signed premium of one combo per share.
        trade: None until a position of another hand is adopted.
        notes: what else the person should know.
    """

    strategy_id: str
    position_id: str
    title: str
    combo: Combo
    quantity: int
    entry: Premium
    trade: TradeRecord | None
    notes: tuple[str, ...] = ()

    @property
    def exit(self) -> Combo:
        """What buying out of it takes."""
        return self.combo.reversed

    @property
    def state(self) -> TradeState:
        """Where its trade stands; a position of another hand counts as filled and unprotected."""
        return self.trade.state if self.trade else TradeState.FILLS_CONFIRMED


async def find_holding(desk: TradingDesk, key: str) -> Holding:
    """The holding that `key` names.

    Raises:
        UnknownContract, InvalidRequest: nothing, or several things, are held under this name.
        OutOfStep: the trade exists and holds nothing (yet).
    """
    book = desk.engine.ledger.book
    if key in book.trades:
        return await _of_trade(desk, book.trades[key])
    if key.startswith("pos_"):
        return _of_position(book, await desk.portfolio.find(key))
    held = (await desk.portfolio.positions(key)).strategies
    if len(held) == 1:
        return _of_position(book, held[0])
    raise InvalidRequest(
        f"{len(held)} positions are held in {key[:20]}",
        expected="position_id: of one position",
        found=", ".join(each.position_id for each in held) or "none",
        next_steps=["Look at trade_get_positions and name one position_id."],
    )


async def _of_trade(desk: TradingDesk, trade: TradeRecord) -> Holding:
    book = desk.engine.ledger.book
    entry = book.entry(trade.strategy_id)
    if entry is None:
        return _of_position(book, await desk.portfolio.find(trade.strategy_id))
    quantity = book.held(trade.strategy_id)
    price = entry.avg_fill_price
    if quantity < 1 or price is None:
        raise OutOfStep(
            f"the trade is {trade.state} and holds nothing",
            expected="a filled trade",
            found=trade.state.value,
            next_steps=["See trade_get_session_status for the step that is due."],
        )
    return Holding(
        strategy_id=trade.strategy_id,
        position_id=trade.strategy_id,
        title=trade.title,
        combo=entry.order.combo,
        quantity=quantity,
        entry=price,
        trade=trade,
    )


def _of_position(book: Book, held: HeldStrategy) -> Holding:
    trades = _trades_with(book, held)
    trade = trades[-1] if trades else None
    own = book.held(trade.strategy_id) if trade else 0
    entry = book.entry(trade.strategy_id) if trade else None
    price = entry.avg_fill_price if entry and entry.avg_fill_price is not None else held.entry_premium
    notes: tuple[str, ...] = ()
    if trade and own and held.quantity > own:
        notes = (f"{held.quantity - own} more of the same legs are held by another trade and stay.",)
    return Holding(
        strategy_id=trade.strategy_id if trade else held.position_id,
        position_id=held.position_id,
        title=trade.title if trade else f"{held.strategy.replace('_', ' ')} · {held.symbol}",
        combo=held.combo,
        quantity=min(held.quantity, own) if own else held.quantity,
        entry=price,
        trade=trade,
        notes=notes,
    )


def _trades_with(book: Book, held: HeldStrategy) -> list[TradeRecord]:
    """Trades of ours that hold these legs, oldest first."""
    return [
        trade
        for trade in book.trades.values()
        if trade.state.holds_position
        and (trade.strategy_id == held.position_id or _holds(book.entry(trade.strategy_id), held.combo))
    ]


def _holds(entry: OrderRecord | None, combo: Combo) -> bool:
    return entry is not None and _legs(entry.order.combo) == _legs(combo)


def _legs(combo: Combo) -> frozenset[tuple[int, int]]:
    return frozenset((leg.contract.con_id, leg.ratio) for leg in combo.legs)


def entry_price(book: Book, strategy_id: str) -> Premium | None:
    """Signed premium at which a trade of ours was entered; None where another hand did."""
    trade = book.trades.get(strategy_id)
    entry = None if trade is None else book.entry(trade.strategy_id)
    return None if entry is None else entry.avg_fill_price


def working_exits(book: Book, strategy_id: str) -> Sequence[OrderRecord]:
    """Stops and targets of a trade that may still fill."""
    return [
        record
        for record in book.orders_of_trade(strategy_id)
        if record.is_working and record.order.purpose in (Purpose.STOP, Purpose.TARGET)
    ]


def working_closes(book: Book, strategy_id: str) -> Sequence[OrderRecord]:
    """Closing orders of a trade that may still fill."""
    return [
        record
        for record in book.orders_of_trade(strategy_id)
        if record.is_working and record.order.purpose is Purpose.CLOSE
    ]
