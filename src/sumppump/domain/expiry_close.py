"""What the close of its last day says of an option whose end the broker did not tell. Pure.

An index option that is settled at the close pays by it. Options on shares are exercised by exception (OCC
Rule 805: in the money by a cent), unless their holders say otherwise, and who is short is assigned what
others exercise: near the strike nobody can say it from the close, far from it there is no doubt.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sumppump.domain.instruments import OptionContract, Right
from sumppump.domain.journal import Book, TradeRecord
from sumppump.domain.leg_ends import LegEnd, LegFate
from sumppump.kernel.clock import NEW_YORK

# Within this part of the strike holders may have decided against the close.
DOUBTFUL = Decimal("0.01")

Closes = Mapping[tuple[str, date], "DayClose"]
"""By symbol of the underlying and day."""


@dataclass(frozen=True, slots=True)
class DayClose:
    """An underlying's last price of a day.

    Attributes:
        price: currency per share, or index points.
        is_cash: its options are settled in cash.
    """

    price: Decimal
    is_cash: bool


def untold(book: Book) -> Iterator[OptionContract]:
    """Options of trades of which nobody told what became of them, and which a close can tell of."""
    for trade in book.trades.values():
        options = _options(book, trade)
        for leg in trade.leg_ends:
            if leg.fate is LegFate.UNTOLD and leg.con_id in options:
                yield options[leg.con_id]


def told_by_closes(book: Book, trade: TradeRecord, closes: Closes) -> TradeRecord:
    """The trade with the ends that closes tell, where the broker did not; itself where they tell none."""
    options = _options(book, trade)
    ends = tuple(_told(leg, options.get(leg.con_id), closes) for leg in trade.leg_ends)
    return trade if ends == trade.leg_ends else replace(trade, leg_ends=ends)


def _options(book: Book, trade: TradeRecord) -> Mapping[int, OptionContract]:
    """The trade's options that are settled at the close of their last day, by con_id."""
    orders = book.orders_of_trade(trade.strategy_id)
    options = (option for record in orders for option in record.order.combo.options)
    return {option.con_id: option for option in options if _ends_at_close(option)}


def _ends_at_close(option: OptionContract) -> bool:
    """Not by the opening prints of a day on which it does not trade any more."""
    return option.last_trade.astimezone(NEW_YORK).date() == option.expiry


def _told(leg: LegEnd, option: OptionContract | None, closes: Closes) -> LegEnd:
    close = None if option is None else closes.get((option.symbol, option.expiry))
    if leg.fate is not LegFate.UNTOLD or option is None or close is None:
        return leg
    away = close.price - option.strike
    beyond = away if option.right is Right.CALL else -away
    if close.is_cash:
        fate = LegFate.CASH_SETTLED if beyond > 0 else LegFate.EXPIRED
        return replace(leg, fate=fate, price=max(beyond, Decimal(0)))
    if abs(away) < DOUBTFUL * option.strike:
        return leg
    return _turned(leg, option) if beyond > 0 else replace(leg, fate=LegFate.EXPIRED, price=Decimal(0))


def _turned(leg: LegEnd, option: OptionContract) -> LegEnd:
    """The same leg, exercised or assigned in full: shares at its strike."""
    way = 1 if option.right is Right.CALL else -1
    return replace(
        leg,
        fate=LegFate.EXERCISED if leg.quantity > 0 else LegFate.ASSIGNED,
        price=Decimal(0),
        shares=way * leg.quantity * leg.multiplier,
        strike=option.strike,
    )
