"""What one held strategy is worth, by its legs' quotes. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from sumppump.data.announced import ExDates
from sumppump.data.quotes import price_of
from sumppump.domain.account import Position
from sumppump.domain.combo import Combo, Leg
from sumppump.domain.missing import Missing
from sumppump.domain.payoff import Bound
from sumppump.domain.quotes import Quote
from sumppump.domain.revaluation import Assumptions, OrderValue, payoff_profile
from sumppump.kernel.clock import NEW_YORK
from sumppump.kernel.money import Money, Premium, whole_sum
from sumppump.portfolio.carries import Carries
from sumppump.portfolio.holdings import HeldLeg, HeldStrategy, position_id
from sumppump.portfolio.next_events import next_event
from sumppump.portfolio.openings import Opening, trades_behind
from sumppump.strategies.drafts import OrderGreeks
from sumppump.strategies.recognise import Recognised

NO_DATES = Missing("not_looked_up", "nothing is looked up for this kind of contract")


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """What everything is valued on.

    Attributes:
        quotes: by con_id, completed with Greeks. spots: price per share by symbol.
        carries: by symbol what options are priced with. now: exchange time.
    """

    quotes: Mapping[int, Quote]
    spots: Mapping[str, Decimal]
    now: datetime
    carries: Carries = field(default_factory=dict)


def valued(group: Recognised, held: Sequence[Position], market: Market) -> HeldStrategy:
    """One strategy with its value, P&L, Greeks and bounds."""
    rows = {each.instrument.con_id: each for each in held}
    combo, quantity = group.combo, group.quantity
    legs = tuple(held_leg(leg, quantity, rows[leg.contract.con_id], market) for leg in combo.legs)
    entry = entry_premium(combo, rows)
    profit, loss, reason = bounds(combo, quantity, entry, market)
    pnl = whole_sum([leg.unrealized_pnl for leg in legs])
    expiry = combo.expiries[0] if combo.expiries else None
    known = {con_id: quote.greeks for con_id, quote in market.quotes.items()}
    greeks = OrderGreeks.of(combo, quantity, known, market.spots.get(combo.symbol))
    return HeldStrategy(
        position_id=position_id(combo),
        symbol=combo.symbol,
        strategy=group.name,
        combo=combo,
        quantity=quantity,
        legs=legs,
        entry_premium=entry,
        cost=combo.cash(entry, quantity=quantity),
        market_value=whole_sum([leg.market_value for leg in legs]),
        unrealized_pnl=pnl,
        greeks=greeks,
        dte=None if expiry is None else (expiry - market.now.astimezone(NEW_YORK).date()).days,
        expiry=expiry,
        spot=market.spots.get(combo.symbol),
        max_profit=profit,
        max_loss=loss,
        pct_of_max_profit=_percent(pnl, profit),
        missing=_missing(pnl, greeks, reason, legs),
    )


def with_history(held: HeldStrategy, opened: Sequence[Opening]) -> HeldStrategy:
    """The same with the trades of ours that it comes from."""
    behind = trades_behind(held.combo, opened)
    return replace(
        held,
        trades=tuple(dict.fromkeys(trade for each in behind for trade in each.trades)),
        opened_at=min((each.opened_at for each in behind), default=None),
    )


def with_event(held: HeldStrategy, dates: ExDates, now: datetime) -> HeldStrategy:
    """The same with what comes next for it, or why nothing is known to."""
    dividends = dates.get(held.symbol, NO_DATES)
    event = next_event(held.combo, dividends, now.astimezone(NEW_YORK).date())
    if event is not None:
        return replace(held, next_event=event)
    reason = dividends.reason if isinstance(dividends, Missing) else "no ex-date is announced"
    return replace(held, missing=(*held.missing, ("next_event", reason)))


def held_leg(leg: Leg, quantity: int, row: Position, market: Market) -> HeldLeg:
    """The strategy's part of one position, priced at the mid, else at the broker's mark.

    What is foreign here has the broker's own value and P&L: its multiplier is not known.
    """
    quote = market.quotes.get(leg.contract.con_id)
    price, source = _price(quote, row)
    contracts = leg.ratio * quantity
    shares = contracts * leg.contract.multiplier
    currency = leg.contract.currency
    value = None if price is None else Money(price.amount * shares, currency)
    profit = None if price is None else Money((price.amount - row.avg_cost) * shares, currency)
    if leg.contract.sec_type.is_foreign:
        value, profit = row.market_value, row.unrealized_pnl
    return HeldLeg(
        instrument=leg.contract,
        quantity=contracts,
        avg_cost=row.avg_cost,
        price=price,
        price_source=source,
        market_value=value,
        unrealized_pnl=profit,
        quote=quote,
    )


def _price(quote: Quote | None, row: Position) -> tuple[Premium | None, str]:
    mid = None if quote is None or quote.is_crossed else quote.mid
    if mid is not None:
        return mid, "mid"
    if row.market_price is not None:
        return Premium(row.market_price), "broker"
    last = None if quote is None else price_of(quote)
    return (last, "last") if last is not None else (None, "")


def entry_premium(combo: Combo, rows: Mapping[int, Position]) -> Premium:
    """What one combo cost per share by the broker's average costs; a debit is positive."""
    total = sum((rows[leg.contract.con_id].avg_cost * leg.shares for leg in combo.legs), start=Decimal(0))
    return Premium(total / combo.multiplier)


def bounds(
    combo: Combo, quantity: int, entry: Premium, market: Market
) -> tuple[Bound | None, Bound | None, str]:
    """Largest profit and loss from entry, and the reason when they are not known."""
    if _is_foreign(combo):
        return None, None, "not figured for this kind of contract"
    spot = market.spots.get(combo.symbol)
    value = OrderValue(
        combo=combo,
        quantity=quantity,
        net_premium=entry,
        spot=spot if spot is not None else Decimal(1),
        vols={option.con_id: _vol(market.quotes.get(option.con_id)) for option in combo.options},
        now=market.now,
        assumptions=market.carries.get(combo.symbol, Assumptions()),
    )
    if len(value.settlements) <= 1:
        exact = value.at_expiry
        return exact.max_profit, exact.max_loss, ""
    if spot is None:
        return None, None, "the underlying has no price to value the later expiry at"
    profile = payoff_profile(value)
    return profile.max_profit, profile.max_loss, profile.reason


def _vol(quote: Quote | None) -> float | None:
    return None if quote is None or quote.greeks is None else quote.greeks.iv


def _is_foreign(combo: Combo) -> bool:
    return any(leg.contract.sec_type.is_foreign for leg in combo.legs)


def _percent(pnl: Money | None, profit: Bound | None) -> float | None:
    if pnl is None or not isinstance(profit, Money) or profit.amount <= 0:
        return None
    return float(pnl.amount / profit.amount * 100)


def _missing(
    pnl: Money | None, greeks: OrderGreeks, reason: str, legs: Sequence[HeldLeg]
) -> tuple[tuple[str, str], ...]:
    unpriced = [leg.instrument.label for leg in legs if leg.price is None]
    why = next(
        (leg.quote.greeks_missing for leg in legs if leg.quote and leg.quote.greeks_missing), "no quote"
    )
    rules = (
        ("unrealized_pnl", pnl is None, f"no price for {', '.join(unpriced)}"),
        ("greeks", greeks.delta is None, why),
        ("max_profit", bool(reason), reason),
    )
    return tuple((name, words) for name, holds, words in rules if holds)
