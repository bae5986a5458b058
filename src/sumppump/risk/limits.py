"""The limits, one field each, with the control it belongs to. A person alone changes them, never a tool."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, fields
from decimal import Decimal

from sumppump.domain.orders import OrderType
from sumppump.kernel.errors import InvalidRequest


@dataclass(frozen=True, slots=True)
class LimitRow:
    """One limit as a person reads it."""

    control: str
    name: str
    value: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Every limit of the policy; `ABOUT` has the control and the words of each.

    Names are those of the settings that fill them; what has no setting keeps its default. Fields that end
    in `_pct` are percent numbers (5 is 5 %), cash is in the account's base currency, times are seconds.

    Raises:
        InvalidRequest: a limit that is not a finite number above 0, or two that contradict each other.
    """

    max_contracts: int = 10
    max_premium: Decimal = Decimal(5000)
    max_premium_pct: Decimal = Decimal(5)
    max_stock_pct: Decimal = Decimal(25)
    max_loss_pct: Decimal = Decimal(10)
    max_assignment_pct: Decimal = Decimal(10)
    options_level: int = 2
    allow_naked_short: bool = False
    collar_pct: Decimal = Decimal(10)
    collar_ticks: int = 2
    stop_offset_pct: Decimal = Decimal(25)
    stop_offset_ticks: int = 5
    reprice_pct: Decimal = Decimal(15)
    reprice_window: float = 600.0
    max_quote_age: float = 5.0
    max_width_pct: Decimal = Decimal(30)
    max_width_ticks: int = 3
    duplicate_window: float = 60.0
    similar_window: float = 600.0
    duplicate_price_pct: Decimal = Decimal(2)
    unknown_blocks_all: float = 60.0
    daily_loss_reduce_pct: Decimal = Decimal(2)
    daily_loss_halt_pct: Decimal = Decimal(3)
    max_pnl_age: float = 60.0
    max_margin_pct: Decimal = Decimal(50)
    currency: str = "USD"
    shares_per_contract: int = 100
    exchanges: tuple[str, ...] = ("SMART",)
    allowed_symbols: tuple[str, ...] = ()
    refused_listings: tuple[str, ...] = ("PINK", "PINKC", "OTC", "OTCQB", "OTCQX", "OTCBB", "GREY", "VALUE")
    option_order_types: tuple[OrderType, ...] = (OrderType.LMT, OrderType.STP_LMT)
    stock_order_types: tuple[OrderType, ...] = tuple(OrderType)

    def __post_init__(self) -> None:
        for each in fields(self):
            _refuse_unusable(each.name, getattr(self, each.name))
        if self.daily_loss_halt_pct < self.daily_loss_reduce_pct:
            raise InvalidRequest(
                "daily_loss_halt_pct lies below daily_loss_reduce_pct",
                code="bad_setting",
                expected=f"daily_loss_halt_pct of at least {self.daily_loss_reduce_pct}",
                found=str(self.daily_loss_halt_pct),
            )

    def rows(self) -> tuple[LimitRow, ...]:
        """All limits with their words, for `sumppump limits`."""
        return tuple(
            LimitRow(ABOUT[each.name][0], each.name, _words(getattr(self, each.name)), ABOUT[each.name][1])
            for each in fields(self)
        )

    def digest(self) -> str:
        """SHA-256 over every name and value: written to the audit at start, so that a change shows."""
        text = "\n".join(f"{row.name}={row.value}" for row in self.rows())
        return hashlib.sha256(text.encode()).hexdigest()


def _refuse_unusable(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return
    if not math.isfinite(value) or not 0 < value < 10**9:
        raise InvalidRequest(
            f"{name} cannot be {value}",
            code="bad_setting",
            expected="a finite number above 0",
            found=str(value),
        )


def _words(value: object) -> str:
    return ",".join(str(item) for item in value) if isinstance(value, tuple) else str(value)


# Per limit: its control in the catalogue, and what it bounds, with the unit.
ABOUT: dict[str, tuple[str, str]] = {
    "max_contracts": ("C-01", "contracts or combos per order"),
    "max_premium": ("C-02", "premium per order, or max_premium_pct where that is more"),
    "max_premium_pct": ("C-02", "premium per order, % of net liquidation"),
    "max_stock_pct": ("C-02", "shares bought by one order, % of net liquidation"),
    "max_loss_pct": ("C-03", "largest loss of one order, % of net liquidation"),
    "max_assignment_pct": ("C-03", "assignment of uncovered shorts, % of net liquidation"),
    "options_level": ("C-03", "IBKR's permission level that may be used"),
    "allow_naked_short": ("C-03", "uncovered shorts; unlimited loss needs level 4 as well"),
    "collar_pct": ("C-04", "limit beyond the market, % of it, or the exchanges' obvious error if less"),
    "collar_ticks": ("C-04", "limit beyond the market, ticks that are always allowed"),
    "stop_offset_pct": ("C-04", "limit of a stop beyond its trigger, % of the trigger"),
    "stop_offset_ticks": ("C-04", "limit of a stop beyond its trigger, ticks that are always allowed"),
    "reprice_pct": ("C-05", "drift from the first approved price, % of it"),
    "reprice_window": ("C-05", "seconds over which the drift counts"),
    "max_quote_age": ("C-07", "seconds between reading a quote from its stream and judging on it"),
    "max_width_pct": ("C-07", "ask minus bid, % of the mid"),
    "max_width_ticks": ("C-07", "ask minus bid, ticks that are always allowed"),
    "duplicate_window": ("C-08", "seconds in which an identical order is refused"),
    "similar_window": ("C-08", "seconds in which a similar order is pointed out"),
    "duplicate_price_pct": ("C-08", "prices this near count as identical, %"),
    "unknown_blocks_all": ("C-08", "seconds after which an UNKNOWN order stops all new risk"),
    "daily_loss_reduce_pct": ("C-14", "daily loss at which only closing is allowed, % of net liquidation"),
    "daily_loss_halt_pct": ("C-14", "daily loss at which the day is over, % of net liquidation"),
    "max_pnl_age": ("C-14", "seconds the daily P&L may be old"),
    "max_margin_pct": ("C-15", "initial margin after the order, % of excess liquidity"),
    "currency": ("C-16", "currency of everything that trades"),
    "shares_per_contract": ("C-16", "the standard deliverable; adjusted options are refused"),
    "exchanges": ("C-16", "where orders are routed"),
    "allowed_symbols": ("C-16", "underlyings that may trade; empty is any"),
    "refused_listings": ("C-16", "primary exchanges that are refused"),
    "option_order_types": ("C-06", "order types of options and combos"),
    "stock_order_types": ("C-16", "order types of shares"),
}
