"""What a trade made of combos that left it without an order of its own: by expiry or another trade. Pure.

Certain is what has left for good at a known price: worthless, settled in cash, offset, and shares where as
many went as came, at the strikes of both. Shares that stay, and legs that live on as positions of their own,
leave the result open.
The clearing house charges nothing for expiry, exercise and assignment (IBKR's price list, unverified here).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sumppump.domain.instruments import SecType
from sumppump.domain.journal import Book, TradeRecord
from sumppump.domain.leg_ends import LegEnd, LegFate, kept_words
from sumppump.domain.orders import Fill
from sumppump.domain.trade_results import entry_cash, entry_fees
from sumppump.kernel.money import CENT, Money, Premium

ELSEWHERE = "left by other hands, or the broker did not say how: no execution tells the result"
ENTRY_NOT_TOLD = "a price or a commission of the entry has not been reported"
_WORTHLESS = "expired worthless"


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeEnding:
    """What became of combos of a trade.

    Attributes:
        combos: how many left so.
        pnl: after the entry's commissions; None with `reason`.
        exit: average premium per share at which they left, debit positive; None where that is not known.
        how: for example `expired worthless`, `settled in cash`.
    """

    combos: int
    pnl: Money | None = None
    exit: Premium | None = None
    reason: str = ""
    how: tuple[str, ...] = ()


def ending_of(book: Book, trade: TradeRecord) -> TradeEnding | None:
    """The end of what left a trade of ours without an order of it; None where nothing did."""
    combos, entry = max(0, -trade.adopted), book.entry(trade.strategy_id)
    if not combos or entry is None:
        return None
    ends, told = trade.leg_ends, TradeEnding(combos=combos, how=_how(trade.leg_ends))
    if not ends or any(leg.price is None for leg in ends):
        return _without(told, f"{ELSEWHERE} ({trade.reason})" if trade.reason else ELSEWHERE)
    fees = entry_fees(book, trade.strategy_id, combos)
    paid = entry_cash(book, trade.strategy_id, Decimal(combos))
    if paid is None or fees is None:
        return _without(told, ENTRY_NOT_TOLD)
    came, combo = _cash(ends), entry.order.combo
    pnl = Money((came - paid).quantize(CENT), combo.currency) - fees
    if open_words := _open_words(ends):
        return _without(told, f"{open_words}; what ended made {pnl.amount:+,.2f} {pnl.currency} alone")
    per_share = Premium((-came / (combo.multiplier * combos)).quantize(CENT * CENT))
    return TradeEnding(combos=combos, pnl=pnl, exit=per_share, how=told.how)


def settled_in(book: Book, fill: Fill) -> bool:
    """Whether what the clearing house did to a contract is part of what a trade of ours made."""
    return any(_is_part(leg, fill) for trade in book.trades.values() for leg in trade.leg_ends)


def _is_part(leg: LegEnd, fill: Fill) -> bool:
    """Its own end, or the shares that came or went for it."""
    moves = leg.shares != 0 and fill.sec_type == SecType.STK and fill.symbol == leg.symbol
    return leg.con_id == fill.con_id or (moves and fill.price == leg.strike)


def _without(told: TradeEnding, reason: str) -> TradeEnding:
    return TradeEnding(combos=told.combos, how=told.how, reason=reason)


def _how(ends: Sequence[LegEnd]) -> tuple[str, ...]:
    fates = dict.fromkeys(leg.fate for leg in ends if leg.fate is not LegFate.KEPT)
    return tuple(_WORTHLESS if fate is LegFate.EXPIRED else fate.value for fate in fates)


@dataclass(frozen=True, slots=True)
class _Lot:
    """Shares that came (+) or went (-) at a price each, by what became of a leg."""

    count: int
    price: Decimal
    leg: LegEnd


def _cash(ends: Sequence[LegEnd]) -> Decimal:
    """Cash that came in: what the legs left at, the strikes of shares, and at cost the shares that stay.

    What was delivered is paid for by the strike of the option that took it.
    """
    legs = (_left_at(leg) for leg in ends if leg.fate is not LegFate.DELIVERED)
    strikes = (-leg.shares * (leg.strike or Decimal(0)) for leg in ends)
    stay = (lot.count * lot.price for lot in _lots_left(ends))
    return sum((*legs, *strikes, *stay), start=Decimal(0))


def _left_at(leg: LegEnd) -> Decimal:
    return leg.quantity * (leg.price or Decimal(0)) * leg.multiplier


def _lots_left(ends: Sequence[LegEnd]) -> tuple[_Lot, ...]:
    """Shares held (+) or owed (-) now: those that came less those that went, the first leg's first."""
    lots = [_lot(leg) for leg in ends if leg.shares or leg.fate is LegFate.DELIVERED]
    net = sum(lot.count for lot in lots)
    same_way = [lot for lot in lots if lot.count * net > 0]
    matched = sum(abs(lot.count) for lot in same_way) - abs(net)
    left = []
    for lot in same_way:
        used = min(matched, abs(lot.count))
        matched -= used
        if count := abs(lot.count) - used:
            left.append(replace(lot, count=count if net > 0 else -count))
    return tuple(left)


def _lot(leg: LegEnd) -> _Lot:
    """Shares of the trade itself that went count as come: their cost is in the entry's."""
    if leg.fate is LegFate.DELIVERED:
        return _Lot(leg.quantity, leg.price or Decimal(0), leg)
    return _Lot(leg.shares, leg.strike or Decimal(0), leg)


def _open_words(ends: Sequence[LegEnd]) -> str:
    """What of the trade lives on, or ""."""
    said = [_stay_words(lot) for lot in _lots_left(ends)]
    if kept := kept_words(ends):
        said.append(kept.removeprefix("; "))
    return "; ".join(said)


def _stay_words(lot: _Lot) -> str:
    way = "came in" if lot.count > 0 else "are owed"
    return f"{lot.leg.fate}: {abs(lot.count)} shares of {lot.leg.symbol} {way} at {lot.price}"
