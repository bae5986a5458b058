"""What is held, as values: legs, strategies, and what they come to. Pure.

Costs are the broker's average costs, which hold the commissions paid, so a P&L here is after them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from sumppump.domain.account import Position
from sumppump.domain.combo import Combo
from sumppump.domain.instruments import Instrument
from sumppump.domain.payoff import Bound
from sumppump.domain.quotes import Feed, Greeks, Quote
from sumppump.kernel.ids import base32
from sumppump.kernel.money import Money, Premium
from sumppump.portfolio.carries import Carries
from sumppump.portfolio.next_events import NextEvent
from sumppump.strategies.drafts import OrderGreeks


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLeg:
    """One contract of a held strategy.

    Attributes:
        quantity: contracts or shares of this strategy, signed.
        avg_cost: per share, commission included.
        price: per share: the live mid, else the broker's mark; None without either.
        price_source: `mid`, `broker` or "".
        market_value: cash, signed. unrealized_pnl: cash.
        quote: None where there was none.
    """

    instrument: Instrument
    quantity: int
    avg_cost: Decimal
    price: Premium | None = None
    price_source: str = ""
    market_value: Money | None = None
    unrealized_pnl: Money | None = None
    quote: Quote | None = None

    @property
    def greeks(self) -> Greeks | None:
        """Per share of the contract itself, None for shares and where nobody knows."""
        return None if self.quote is None else self.quote.greeks


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldStrategy:
    """Legs that belong together, seen from the one who holds them.

    Attributes:
        position_id: the same as long as the same legs are held in the same proportion.
        strategy: the catalogue's word, or what a single leg is.
        combo: what is held; closing buys `combo.reversed`.
        quantity: combos, > 0.
        entry_premium: per share of one combo, debit positive, commissions included.
        cost: cash paid (+) or received (-) for all of it.
        market_value: what closing at the mid brings (+) or costs (-); unrealized_pnl is that minus cost.
        greeks: sums for the position; delta in shares, theta cash a day, vega cash a point.
        dte: calendar days to the first expiry, None for shares.
        max_profit, max_loss: cash from entry to the first expiry, >= 0, Unlimited, or None with a reason.
        pct_of_max_profit: unrealized P&L in percent of max profit; None where that is not bounded.
        next_event: None where none is known, or where it was not asked for.
        trades: strategy_ids of our own orders behind it, oldest first; more than one after a roll.
        opened_at: when the first of them was sent; None where other hands opened it.
        missing: (name, reason) of figures that are None.
    """

    position_id: str
    symbol: str
    strategy: str
    combo: Combo
    quantity: int
    legs: tuple[HeldLeg, ...]
    entry_premium: Premium
    cost: Money
    greeks: OrderGreeks
    market_value: Money | None = None
    unrealized_pnl: Money | None = None
    dte: int | None = None
    expiry: date | None = None
    spot: Decimal | None = None
    max_profit: Bound | None = None
    max_loss: Bound | None = None
    pct_of_max_profit: float | None = None
    next_event: NextEvent | None = None
    trades: tuple[str, ...] = ()
    opened_at: datetime | None = None
    missing: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """Everything held, or everything of one symbol.

    Attributes:
        strategies: by symbol and first expiry.
        positions: the broker's own rows they were made of.
        unrealized_pnl, market_value: sums in the account's currency; None where a part is missing.
        as_of: exchange time. oldest_s: age of the oldest quote, None without quotes.
        feed: the worst feed among the quotes.
        carries: by symbol what options are priced with; empty where nothing was quoted.
    """

    strategies: tuple[HeldStrategy, ...]
    positions: tuple[Position, ...]
    unrealized_pnl: Money | None
    market_value: Money | None
    as_of: datetime
    oldest_s: float | None = None
    feed: Feed = Feed.NONE
    warnings: tuple[str, ...] = ()
    carries: Carries = field(default_factory=dict)

    @property
    def spots(self) -> dict[str, Decimal | None]:
        """Prices of what the strategies stand on, by symbol; None where there is none."""
        return {each.symbol: each.spot for each in self.strategies}


def position_id(combo: Combo) -> str:
    """A name made from the symbol and the legs alone, for example `pos_SPY_4F7KQ2M9`."""
    legs = sorted((leg.contract.con_id, leg.ratio) for leg in combo.legs)
    text = ",".join(f"{con_id}x{ratio}" for con_id, ratio in legs)
    digest = hashlib.sha256(f"{combo.symbol}:{text}".encode()).digest()
    return f"pos_{combo.symbol.replace(' ', '_')}_{base32(int.from_bytes(digest[:5], 'big'), 8)}"
