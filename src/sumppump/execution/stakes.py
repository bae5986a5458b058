"""What each trade of the journal holds, contract by contract, the oldest trade first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sumppump.domain.account import Position
from sumppump.domain.combo import Combo, Leg
from sumppump.domain.journal import Book
from sumppump.domain.leg_ends import LegEnd, LegFate
from sumppump.domain.order_record import OrderRecord
from sumppump.domain.orders import Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Stake:
    """What one trade holds by its orders.

    Attributes:
        combo: what is held; held: combos, > 0.
        entry: the order that opened it; None where other hands did.
    """

    strategy_id: str
    title: str
    combo: Combo
    held: int
    entry: OrderRecord | None = None

    def of(self, leg: Leg) -> int:
        """Contracts or shares of a leg, signed."""
        return leg.ratio * self.held

    def entered_at(self, con_id: int) -> Decimal | None:
        """The average price per share at which our entry traded a leg; None where it was not told."""
        fills = [fill for fill in self.entry.fills if fill.con_id == con_id] if self.entry else []
        count = sum((fill.quantity for fill in fills), Decimal(0))
        return sum((fill.price * fill.quantity for fill in fills), Decimal(0)) / count if count else None

    @property
    def filled_at(self) -> datetime | None:
        """The exchange's time of the entry's last execution."""
        return max((fill.at for fill in self.entry.fills), default=None) if self.entry else None

    def end(self, leg: Leg, fate: LegFate, price: Decimal | None, *, combos: int | None = None) -> LegEnd:
        """One leg's end, of as many combos as left; of all held where that is not said."""
        contract = leg.contract
        return LegEnd(
            con_id=contract.con_id,
            label=contract.label,
            symbol=contract.symbol,
            quantity=leg.ratio * (self.held if combos is None else combos),
            fate=fate,
            multiplier=contract.multiplier,
            price=price,
        )


def stakes(book: Book) -> tuple[Stake, ...]:
    """Every trade that holds something, in the order in which they were opened."""
    found = [stake for key in book.trades if (stake := _stake(book, key)) is not None]
    return tuple(sorted(found, key=lambda stake: _opened(book, stake)))


def adopted_exits(book: Book) -> tuple[Stake, ...]:
    """What our orders closed of positions that none of our trades had opened as they are, as what it offsets.

    Two trades that share a contract the opposite way are one position in the account; who closes that closes
    both, by an order that belongs to neither.
    """
    return tuple(
        Stake(
            strategy_id=key,
            title=trade.title,
            combo=record.order.combo,
            held=int(record.filled),
            entry=record,
        )
        for key, trade in book.trades.items()
        if book.entry(key) is None
        for record in book.orders_of_trade(key)
        if record.filled
    )


def _opened(book: Book, stake: Stake) -> int:
    return stake.entry.sent_seq if stake.entry else book.orders_of_trade(stake.strategy_id)[0].sent_seq


def _stake(book: Book, strategy_id: str) -> Stake | None:
    """What a trade holds now; None where nothing is held, or nobody has named its legs yet."""
    held, orders = book.held(strategy_id), book.orders_of_trade(strategy_id)
    if held <= 0 or not orders:
        return None
    entry = next((record for record in orders if record.order.purpose is Purpose.OPEN), None)
    return Stake(
        strategy_id=strategy_id,
        title=book.trades[strategy_id].title,
        combo=entry.order.combo if entry else orders[-1].order.combo.reversed,
        held=held,
        entry=book.entry(strategy_id),
    )


def counted(positions: Iterable[Position]) -> Counter[int]:
    """Contracts of the account by con_id, signed."""
    account = Counter[int]()
    for position in positions:
        account[position.instrument.con_id] += position.quantity
    return account


def needed(found: Sequence[Stake]) -> Counter[int]:
    """Contracts that all trades together hold, by con_id, signed."""
    total = Counter[int]()
    for stake in found:
        for leg in stake.combo.legs:
            total[leg.contract.con_id] += stake.of(leg)
    return total
