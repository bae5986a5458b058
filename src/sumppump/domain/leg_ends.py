"""How the legs of a trade left it where no order of that trade closed them: expiry, exercise, another trade.

Each leg says what it was worth when it left, so that a result can be figured: the sum of quantity, price and
multiplier, less what the entry cost. Shares that came by exercise or assignment are a position of their own
at the strike.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class LegFate(StrEnum):
    """What became of a leg."""

    EXPIRED = "worthless"
    CASH_SETTLED = "settled in cash"
    EXERCISED = "exercised"
    ASSIGNED = "assigned"
    DELIVERED = "delivered"
    OFFSET = "offset by another trade"
    KEPT = "still held"
    UNTOLD = "gone, the broker did not say how"


@dataclass(frozen=True, slots=True, kw_only=True)
class LegEnd:
    """One leg of a trade at its end.

    Attributes:
        con_id, label, symbol: of the contract; symbol is the underlying's.
        quantity: contracts or shares of the trade, signed.
        price: per share at which it left, or at which it was entered where it is still held; 0 for what was
            exercised or assigned; None where nobody told.
        shares: signed shares that came (+) or went (-) at `strike`; 0 for most.
        multiplier: shares per contract.
    """

    con_id: int
    label: str
    symbol: str
    quantity: int
    fate: LegFate
    multiplier: int
    price: Decimal | None = None
    shares: int = 0
    strike: Decimal | None = None

    def words(self) -> str:
        """For example `+1 SPX 2026-11-27 6755P settled in cash at 3.35`."""
        at = f" at {self.price:f}" if self.fate is LegFate.CASH_SETTLED else ""
        return f"{self.quantity:+d} {self.label} {self.fate}{at}"


def kept(legs: Iterable[LegEnd]) -> tuple[LegEnd, ...]:
    """The legs that are a position of their own now."""
    return tuple(leg for leg in legs if leg.fate is LegFate.KEPT)


def shares_moved(legs: Iterable[LegEnd]) -> int:
    """Shares that came (+) or went (-) by exercise and assignment."""
    return sum(leg.shares for leg in legs)


def expiry_words(legs: Sequence[LegEnd], when: str = "expired") -> str:
    """What expiry, or an exercise before it, made of a trade: one sentence without its full stop."""
    gone = [leg for leg in legs if leg.fate is not LegFate.KEPT]
    if all(leg.fate is LegFate.EXPIRED for leg in gone):
        return f"expired worthless{kept_words(legs)}"
    return f"{when}: {', '.join(leg.words() for leg in gone)}{_share_words(legs)}{kept_words(legs)}"


def kept_words(legs: Sequence[LegEnd]) -> str:
    """What is a position of its own now, as the tail of a sentence; "" where nothing is."""
    left = ", ".join(f"{leg.quantity:+d} {leg.label}" for leg in kept(legs))
    return f"; still held: {left}, a position of its own now (trade_get_positions)" if left else ""


def _share_words(legs: Sequence[LegEnd]) -> str:
    moved = shares_moved(legs)
    if not moved:
        return ""
    symbol = next(leg.symbol for leg in legs if leg.shares)
    way = "are now held" if moved > 0 else "were delivered"
    return f"; {abs(moved)} shares of {symbol} {way} by it"
