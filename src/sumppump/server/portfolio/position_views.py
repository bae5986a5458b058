"""Answers about what is held. Cash is signed as the holder sees it; Greeks are sums for the position."""

from __future__ import annotations

from sumppump.domain.instruments import OptionContract
from sumppump.domain.payoff import Bound, Unlimited
from sumppump.kernel.money import Money
from sumppump.portfolio.holdings import HeldLeg, HeldStrategy, Holdings
from sumppump.server.strategy.draft_views import GREEK_UNITS
from sumppump.server.views import (
    STALE_AFTER_S,
    Answer,
    QualityState,
    QualityView,
    View,
    cash,
    feed_state,
    moment,
    num,
)

COST_NOTE = "entry_premium and cost are the broker's average cost, which includes commissions"


class SumsView(View):
    """Greeks of a whole position; `greek_units` of the answer says in what."""

    delta: float | None
    gamma: float | None
    theta: float | None
    vega: float | None
    rho: float | None
    delta_dollars: float | None


class HeldLegView(View):
    """One contract held: quantity signed, prices and Greeks per share."""

    con_id: int
    label: str
    quantity: int
    right: str | None
    strike: float | None
    expiry: str | None
    avg_cost: float | None
    price: float | None
    price_source: str
    market_value: float | None
    unrealized_pnl: float | None
    delta: float | None


class PositionView(View):
    """Legs that belong together. Cost and value: plus paid or worth, minus received or owed."""

    position_id: str
    symbol: str
    strategy: str
    quantity: int
    dte: int | None
    expiry: str | None
    underlying_price: float | None
    entry_premium: float | None
    cost: float | None
    market_value: float | None
    unrealized_pnl: float | None
    pct_of_max_profit: float | None
    max_profit: float | None
    max_loss: float | None
    unlimited: str
    greeks: SumsView
    missing: list[str]
    legs: list[HeldLegView]


class PositionsAnswer(Answer):
    """Everything held, or everything of one underlying."""

    unrealized_pnl: float | None
    market_value: float | None
    greek_units: str = GREEK_UNITS
    cost_note: str = COST_NOTE
    positions: list[PositionView]


def positions_answer(holdings: Holdings) -> PositionsAnswer:
    """What is held, as strategies."""
    age = holdings.oldest_s
    state: QualityState = feed_state(holdings.feed) if holdings.strategies else "broker"
    return PositionsAnswer(
        summary=_summary(holdings),
        warnings=list(holdings.warnings),
        as_of=moment(holdings.as_of),
        data_quality=QualityView(
            state="stale" if age is not None and age > STALE_AFTER_S else state, age_s=num(age, 1)
        ),
        unrealized_pnl=cash(holdings.unrealized_pnl),
        market_value=cash(holdings.market_value),
        positions=[_position(each) for each in holdings.strategies],
    )


def _summary(holdings: Holdings) -> str:
    if not holdings.strategies:
        return "Nothing is held."
    pnl = holdings.unrealized_pnl
    words = "unknown" if pnl is None else f"{pnl.amount:+,.2f} {pnl.currency}"
    names = ", ".join(f"{each.quantity}x {each.strategy} {each.symbol}" for each in holdings.strategies[:5])
    more = len(holdings.strategies) - 5
    return f"{names}{f' and {more} more' if more > 0 else ''}; open profit or loss {words}."


def _position(each: HeldStrategy) -> PositionView:
    greeks = each.greeks
    return PositionView(
        position_id=each.position_id,
        symbol=each.symbol,
        strategy=each.strategy,
        quantity=each.quantity,
        dte=each.dte,
        expiry=None if each.expiry is None else each.expiry.isoformat(),
        underlying_price=num(each.spot),
        entry_premium=num(each.entry_premium, 4),
        cost=cash(each.cost),
        market_value=cash(each.market_value),
        unrealized_pnl=cash(each.unrealized_pnl),
        pct_of_max_profit=num(each.pct_of_max_profit, 1),
        max_profit=_amount(each.max_profit),
        max_loss=_amount(each.max_loss),
        unlimited=_unlimited(each),
        greeks=SumsView(
            delta=num(greeks.delta, 2),
            gamma=num(greeks.gamma, 4),
            theta=num(greeks.theta, 2),
            vega=num(greeks.vega, 2),
            rho=num(greeks.rho, 2),
            delta_dollars=num(greeks.delta_dollars, 2),
        ),
        missing=[f"{name}: {reason}" for name, reason in each.missing],
        legs=[_leg(leg) for leg in each.legs],
    )


def _amount(bound: Bound | None) -> float | None:
    return cash(bound) if isinstance(bound, Money) else None


def _unlimited(each: HeldStrategy) -> str:
    bounds = (("loss", each.max_loss), ("profit", each.max_profit))
    return " and ".join(name for name, bound in bounds if isinstance(bound, Unlimited))


def _leg(leg: HeldLeg) -> HeldLegView:
    option = leg.instrument if isinstance(leg.instrument, OptionContract) else None
    return HeldLegView(
        con_id=leg.instrument.con_id,
        label=leg.instrument.label,
        quantity=leg.quantity,
        right=option.right.value if option else None,
        strike=num(option.strike) if option else None,
        expiry=option.expiry.isoformat() if option else None,
        avg_cost=num(leg.avg_cost, 4),
        price=num(leg.price, 4),
        price_source=leg.price_source,
        market_value=cash(leg.market_value),
        unrealized_pnl=cash(leg.unrealized_pnl),
        delta=num(leg.greeks.delta, 4) if leg.greeks else None,
    )
