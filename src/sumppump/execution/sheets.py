"""What a person reads on a ticket: built from a draft, or for an order that leaves or guards a position."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from sumppump.domain.combo import Combo, Leg, closing_quotes
from sumppump.domain.instruments import OptionContract
from sumppump.domain.missing import Missing
from sumppump.domain.orders import MarginPreview, Order, OrderType, Purpose
from sumppump.domain.payoff import Bound, Curve
from sumppump.domain.quotes import Quote, worst_feed
from sumppump.domain.tickets import EarlierCurve, ExitFacts, LegFacts, OrderGreeks, TicketFacts
from sumppump.execution.survey import Survey
from sumppump.kernel.errors import NoQuote
from sumppump.kernel.money import Money, Premium
from sumppump.risk.order_stress import OrderStress
from sumppump.strategies.drafts import Analysis, Draft
from sumppump.strategies.drafts import OrderGreeks as DraftGreeks
from sumppump.strategies.payoff_picture import likely_at_expiry
from sumppump.strategies.words import dollars, in_words, per_share

ZERO = Premium(Decimal(0))
OPENS_NOTHING = "this order opens nothing new"
_DRAWN_POINTS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The words of a ticket that no figure gives."""

    title: str
    action: str
    strategy: str


def opening_facts(
    draft: Draft, order: Order, analysis: Analysis, survey: Survey, warnings: tuple[str, ...]
) -> TicketFacts:
    """The whole truth about an order that opens a draft's combo at `order.limit`."""
    name = draft.strategy_type.value.replace("_", " ")
    wording = Wording(
        title=f"{name.capitalize()} · {draft.symbol} · {order.quantity}×",
        action=f"Open {order.quantity} {name} on {draft.symbol}: {order.combo.words()}.",
        strategy=draft.strategy_type.value,
    )
    loss, loss_reason = bounded(analysis.max_loss, analysis.payoff.reason)
    profit, profit_reason = bounded(analysis.max_profit, analysis.payoff.reason)
    return replace(
        order_facts(order, survey, wording, (*warnings, *analysis.warnings)),
        max_loss=loss,
        max_loss_reason=loss_reason,
        permission_level=analysis.permission_level,
        max_profit=profit,
        max_profit_reason=profit_reason,
        breakevens=analysis.breakevens,
        probability_of_profit=analysis.probability_of_profit,
        probability_reason=analysis.probability_missing,
        greeks=_greeks(analysis.greeks),
        payoff=analysis.payoff.points,
        earlier=tuple(_earlier(curve) for curve in analysis.payoff.curves[:-1]),
        likely=likely_at_expiry(analysis),
        events=draft.events,
    )


def _earlier(curve: Curve) -> EarlierCurve:
    return EarlierCurve(label=curve.label, points=curve.points(_DRAWN_POINTS))


def order_facts(order: Order, survey: Survey, wording: Wording, warnings: tuple[str, ...]) -> TicketFacts:
    """The truth about any order: its legs, its cash, the market it meets, what the broker would take."""
    quotes = closing_quotes(order.combo, survey.quotes) if not order.purpose.adds_risk else survey.quotes
    cash = order.cash()
    margin = survey.margin
    return TicketFacts(
        title=wording.title,
        action_words=wording.action,
        strategy=wording.strategy,
        symbol=order.combo.symbol,
        legs=tuple(_leg(leg, order, survey.quotes) for leg in order.combo.legs),
        cash_words=cash_words(order),
        price_words=price_words(order),
        cash=cash,
        net_bid=_net(order.combo, quotes, "bid"),
        net_mid=_net(order.combo, quotes, "mid"),
        net_ask=_net(order.combo, quotes, "ask"),
        spot=_spot(survey),
        max_loss_reason=OPENS_NOTHING,
        max_profit_reason=OPENS_NOTHING,
        probability_reason=OPENS_NOTHING,
        margin=margin,
        margin_reason="" if margin else survey.no_margin,
        fees=_fees(margin),
        account_warning=margin.warning if margin else "",
        quotes=tuple(survey.quotes.values()),
        quote_as_of=min((quote.as_of for quote in survey.quotes.values()), default=None),
        quote_taken=min((quote.taken for quote in survey.quotes.values()), default=None),
        feed=worst_feed(quote.feed for quote in survey.quotes.values()),
        warnings=tuple(dict.fromkeys(warnings)),
    )


def cancel_facts(order: Order, entry: Premium | None) -> TicketFacts:
    """The truth about taking a protective stop away."""
    return TicketFacts(
        title=f"Cancel the stop · {order.combo.symbol} · {order.quantity}×",
        action_words=f"Cancel the working stop on {order.combo.words()}.",
        strategy="cancel stop",
        symbol=order.combo.symbol,
        legs=tuple(_leg(leg, order, {}) for leg in order.combo.legs),
        cash_words="no cash moves",
        price_words=price_words(order),
        max_loss_reason="without its stop the position can lose its whole max loss",
        max_profit_reason="unchanged",
        probability_reason="unchanged",
        margin_reason="a cancel needs none",
        rule_margin_reason="a cancel needs none",
        stress_reason="a cancel fills nothing: the account stands as it is",
        warnings=("The position has NO STOP afterwards.",),
        entry=entry,
        exits=() if entry is None else exits_of(order, entry),
    )


def leaving_facts(
    order: Order, entry: Premium, survey: Survey, wording: Wording, warnings: tuple[str, ...]
) -> TicketFacts:
    """The truth about an order that leaves or guards what was entered at `entry`, per combo."""
    facts = order_facts(order, survey, wording, warnings)
    return replace(facts, entry=entry, exits=exits_of(order, entry, facts.net_mid))


def with_stress(facts: TicketFacts, stress: OrderStress) -> TicketFacts:
    """The facts with the account under a crash, its margin by rule, and what falls into the order's life."""
    margin = stress.margin
    return replace(
        facts,
        rule_margin=None if isinstance(margin, Missing) else margin,
        rule_margin_reason=margin.reason if isinstance(margin, Missing) else "",
        stress=stress.rows,
        stress_reason=stress.reason,
        stress_note=stress.note,
        events=tuple(dict.fromkeys((*stress.events, *facts.events))),
    )


def changed_facts(facts: TicketFacts, old: Order, new: Order, entry: Premium | None) -> TicketFacts:
    """The truth about moving the prices of an order that leaves or guards a position."""
    if entry is None or new.purpose.adds_risk:
        return facts
    facts = replace(facts, entry=entry, exits=exits_of(new, entry, facts.net_mid))
    before = exits_of(replace(old, quantity=new.quantity), entry)
    worse = before[-1].result - facts.exits[-1].result if before and facts.exits else None
    if new.purpose is not Purpose.STOP or worse is None or worse.amount <= 0:
        return facts
    more = f"The stop moves away: {dollars(worse)} more can be lost than with the old one."
    return replace(facts, max_loss_reason=more, warnings=(more, *facts.warnings))


def exits_of(order: Order, entry: Premium, mid: Premium | None = None) -> tuple[ExitFacts, ...]:
    """What the order's own prices make of the position, the worst last; empty where it has none."""
    if order.stop is None and order.limit is None:
        return ()
    prices = (("at the mid now", mid), ("at the trigger", order.stop), ("at the limit", order.limit))
    return tuple(_exit(order, entry, at, price) for at, price in prices if price is not None)


def _exit(order: Order, entry: Premium, at: str, price: Premium) -> ExitFacts:
    result = -order.combo.cash(entry + price, quantity=order.quantity)
    moved = abs(order.combo.cash(entry, quantity=order.quantity).amount)
    percent = float(result.amount / moved * 100) if moved else None
    return ExitFacts(at=at, price=price, result=result, percent=percent)


def cash_words(order: Order) -> str:
    """`you PAY at most $213.00 (2.13 per share)`: a limit bounds; for stops what triggers them."""
    cash = order.cash()
    if order.limit is None or cash is None:
        return "at the market price once it triggers"
    words = in_words(cash, order.limit, is_limit=True)
    return f"if it triggers, {words}" if order.stop is not None else words


def price_words(order: Order) -> str:
    """Type, prices and life in words."""
    parts = []
    if order.stop is not None:
        parts.append(f"stop {_signed(order.stop)}")
    if order.limit is not None:
        parts.append(f"limit {_signed(order.limit)}")
    if order.order_type is OrderType.TRAIL and order.trail is not None:
        parts.append(f"trailing by {per_share(order.trail)}")
    return f"{', '.join(parts)}, {order.order_type} {order.tif}"


def _signed(premium: Premium) -> str:
    return f"{per_share(premium)} {'credit' if premium.is_credit else 'debit'}"


def _net(combo: Combo, quotes: Mapping[int, Quote], side: str) -> Premium | None:
    price = {"bid": combo.net_bid, "mid": combo.net_mid, "ask": combo.net_ask}[side]
    try:
        return price(quotes)
    except NoQuote:
        return None


def _spot(survey: Survey) -> Decimal | None:
    quote = survey.quotes.get(survey.underlying.con_id)
    price = None if quote is None else quote.mid or quote.last or quote.close
    return None if price is None else price.amount


def _leg(leg: Leg, order: Order, quotes: Mapping[int, Quote]) -> LegFacts:
    contract, quote = leg.contract, quotes.get(leg.contract.con_id)
    option = contract if isinstance(contract, OptionContract) else None
    greeks = quote.greeks if quote else None
    return LegFacts(
        con_id=contract.con_id,
        label=contract.label,
        side="BUY" if leg.ratio > 0 else "SELL",
        ratio=abs(leg.ratio),
        quantity=abs(leg.ratio) * order.quantity,
        right=option.right if option else None,
        strike=option.strike if option else None,
        expiry=option.expiry if option else None,
        bid=quote.bid if quote else None,
        ask=quote.ask if quote else None,
        iv=greeks.iv if greeks else None,
        delta=greeks.delta if greeks else None,
    )


def bounded(bound: Bound | None, reason: str) -> tuple[Money | None, str]:
    """An amount, or None with the sentence that stands in its place."""
    if isinstance(bound, Money):
        return bound, ""
    return None, f"unlimited: {bound.reason}" if bound is not None else reason or "nobody can say"


def _greeks(greeks: DraftGreeks) -> OrderGreeks | None:
    found = (greeks.delta, greeks.gamma, greeks.theta, greeks.vega)
    delta, gamma, theta, vega = found
    if delta is None or gamma is None or theta is None or vega is None:
        return None
    return OrderGreeks(delta=delta, gamma=gamma, theta=theta, vega=vega)


def _fees(margin: MarginPreview | None) -> Money | None:
    if margin is None:
        return None
    return margin.commission if margin.commission is not None else margin.commission_max
