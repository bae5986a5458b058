"""Answers about what is held. Cash is signed as the holder sees it; Greeks are sums for the position.

Few positions come with prices by leg; many come with their legs alone, and very many in pages.
"""

from __future__ import annotations

from typing import Any

from sumppump.domain.payoff import Bound, Unlimited
from sumppump.kernel.first_few import first_few
from sumppump.kernel.money import Money
from sumppump.portfolio.holdings import HeldLeg, HeldStrategy, Holdings
from sumppump.portfolio.next_events import NextEvent
from sumppump.server.room import fitting
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
from sumppump.strategies.words import counted

COST_NOTE = "entry_premium and cost are the broker's average cost, which includes commissions"
NO_EARNINGS = "next_event knows expiries and announced ex-dates; earnings dates are not known here"
BRIEF = "many positions: legs without their prices; name one symbol for those"
UNITS = f"greeks of a position: {GREEK_UNITS}; delta of a leg: per share of one contract bought"
ROOM = 6_300
"""Bytes that the positions of one answer may have, as JSON."""


class SumsView(View):
    """Greeks of a whole position; `greek_units` of the answer says in what."""

    delta: float | None
    gamma: float | None
    theta: float | None
    vega: float | None
    delta_dollars: float | None


class EventView(View):
    """What comes next: `expiry` or `ex_dividend` (amount per share), in `days` calendar days."""

    kind: str
    date: str
    days: int
    amount: float | None = None


class LegView(View):
    """One contract held, quantity signed."""

    con_id: int
    label: str
    quantity: int


class HeldLegView(LegView):
    """The same with cost, price and delta per share, value and profit or loss in cash."""

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
    next_event: EventView | None
    strategy_ids: list[str]
    missing: list[str]
    legs: list[HeldLegView] | list[LegView]


class PositionsAnswer(Answer):
    """Everything held, or everything of one underlying; the sums are over all pages."""

    unrealized_pnl: float | None
    market_value: float | None
    greek_units: str = UNITS
    cost_note: str = COST_NOTE
    events_note: str = NO_EARNINGS
    count: int
    positions: list[PositionView]
    next_cursor: int | None


def positions_answer(holdings: Holdings, offset: int = 0) -> PositionsAnswer:
    """What is held, as strategies, from the `offset`th on."""
    rest = holdings.strategies[offset:]
    shown = [_position(each, is_brief=False) for each in rest]
    is_brief = fitting(shown, ROOM) < len(shown)
    if is_brief:
        shown = [_position(each, is_brief=True) for each in rest]
    here = shown[: fitting(shown, ROOM)]
    end = offset + len(here)
    return PositionsAnswer(
        summary=_summary(holdings),
        warnings=list(holdings.warnings),
        as_of=moment(holdings.as_of),
        data_quality=quality(holdings),
        read_as=[BRIEF] if is_brief else [],
        unrealized_pnl=cash(holdings.unrealized_pnl),
        market_value=cash(holdings.market_value),
        count=len(holdings.strategies),
        positions=here,
        next_cursor=end if end < len(holdings.strategies) else None,
    )


def quality(holdings: Holdings) -> QualityView:
    """The worst feed among the quotes and the oldest age; the broker's word where there are none."""
    age = holdings.oldest_s
    state: QualityState = feed_state(holdings.feed) if holdings.strategies else "broker"
    is_stale = age is not None and age > STALE_AFTER_S
    return QualityView(state="stale" if is_stale else state, age_s=num(age, 1))


def _summary(holdings: Holdings) -> str:
    if not holdings.strategies:
        return "Nothing is held."
    pnl = holdings.unrealized_pnl
    words = "unknown" if pnl is None else f"{pnl.amount:+,.2f} {pnl.currency}"
    names = first_few([_held(each) for each in holdings.strategies], 5)
    return f"{names}; open profit or loss {words}."


def _held(each: HeldStrategy) -> str:
    """`2 iron condors on SPY`, `100 shares of AAPL`."""
    if each.strategy in _SHARES:
        return f"{counted(each.quantity, 'share')} of {each.symbol}{_SHARES[each.strategy]}"
    return f"{counted(each.quantity, each.strategy)} on {each.symbol}"


_SHARES = {"long_stock": "", "short_stock": " sold short"}


def _position(each: HeldStrategy, *, is_brief: bool) -> PositionView:
    return PositionView(
        position_id=each.position_id,
        symbol=each.symbol,
        strategy=each.strategy,
        quantity=each.quantity,
        dte=each.dte,
        underlying_price=num(each.spot),
        entry_premium=num(each.entry_premium, 4),
        cost=cash(each.cost),
        market_value=cash(each.market_value),
        unrealized_pnl=cash(each.unrealized_pnl),
        pct_of_max_profit=num(each.pct_of_max_profit, 1),
        max_profit=_amount(each.max_profit),
        max_loss=_amount(each.max_loss),
        unlimited=_unlimited(each),
        greeks=_sums(each),
        next_event=_event(each.next_event),
        strategy_ids=list(each.trades),
        missing=[f"{name}: {reason}" for name, reason in each.missing],
        legs=[_leg_alone(leg) for leg in each.legs] if is_brief else [_leg(leg) for leg in each.legs],
    )


def _sums(each: HeldStrategy) -> SumsView:
    greeks = each.greeks
    return SumsView(
        delta=num(greeks.delta, 2),
        gamma=num(greeks.gamma, 4),
        theta=num(greeks.theta, 2),
        vega=num(greeks.vega, 2),
        delta_dollars=num(greeks.delta_dollars, 0),
    )


def _event(event: NextEvent | None) -> EventView | None:
    if event is None:
        return None
    return EventView(
        kind=event.kind, date=event.day.isoformat(), days=event.days, amount=num(event.amount, 4)
    )


def _amount(bound: Bound | None) -> float | None:
    return cash(bound) if isinstance(bound, Money) else None


def _unlimited(each: HeldStrategy) -> str:
    bounds = (("loss", each.max_loss), ("profit", each.max_profit))
    return " and ".join(name for name, bound in bounds if isinstance(bound, Unlimited))


def _leg_alone(leg: HeldLeg) -> LegView:
    return LegView(**_names(leg))


def _leg(leg: HeldLeg) -> HeldLegView:
    return HeldLegView(
        **_names(leg),
        avg_cost=num(leg.avg_cost, 4),
        price=num(leg.price, 4),
        price_source=leg.price_source,
        market_value=cash(leg.market_value),
        unrealized_pnl=cash(leg.unrealized_pnl),
        delta=num(leg.greeks.delta, 4) if leg.greeks else None,
    )


def _names(leg: HeldLeg) -> dict[str, Any]:
    return {"con_id": leg.instrument.con_id, "label": leg.instrument.label, "quantity": leg.quantity}
