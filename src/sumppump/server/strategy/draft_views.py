"""Answers about drafted strategies. Cash is for the whole order, prices are per share and signed."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from sumppump.domain.instruments import OptionContract
from sumppump.domain.payoff import Bound, PayoffPoint, Unlimited
from sumppump.kernel.money import Money
from sumppump.server.views import Answer, View, cash, num, quality_of
from sumppump.strategies.catalogue import SHAPES
from sumppump.strategies.drafts import Analysis, Draft, LegAnalysis, Odds, OrderGreeks, Touch

GREEK_UNITS = "delta shares, gamma shares per $1, theta $ a day, vega $ a vol point, rho $ per 1 % of rate"


class DraftLegView(View):
    """One leg: ratio per single combination (shares for stock); prices and Greeks per share."""

    con_id: int
    label: str
    side: str
    ratio: int
    right: str | None
    strike: float | None
    expiry: str | None
    bid: float | None
    ask: float | None
    mid: float | None
    iv: float | None
    delta: float | None
    gamma: float | None
    theta: float | None
    vega: float | None
    source: str | None
    greeks_missing: str


class DraftGreeksView(View):
    """Sums for the order; `units` says in what."""

    delta: float | None
    gamma: float | None
    theta: float | None
    vega: float | None
    rho: float | None
    delta_dollars: float | None
    units: str = GREEK_UNITS


class TouchView(View):
    """How likely the underlying trades at a level before the first expiry."""

    level: float | None
    what: str
    probability: float | None
    lognormal: float | None


class OddsView(View):
    """By a lognormal with one volatility at the first expiry; cash for the order, the shortfall is a loss."""

    iv: float | None
    probability_of_profit: float | None
    expected_value: float | None
    expected_shortfall: float | None


class PayoffPointView(View):
    """Profit (+) or loss (-) in cash at a price of the underlying, at the first expiry and before it."""

    price: float | None
    pnl: float | None
    pnl_half_way: float | None
    pnl_today: float | None
    mark: str


class StrategyAnswer(Answer):
    """A draft: what it costs, what it can bring and lose, and how likely that is."""

    strategy_id: str
    strategy_type: str
    symbol: str
    quantity: int
    explanation: str
    premium_words: str
    net_premium: float | None
    net_bid: float | None
    net_mid: float | None
    net_ask: float | None
    cash: float | None
    max_loss: float | None
    max_loss_reason: str
    max_profit: float | None
    max_profit_reason: str
    breakevens: list[float | None]
    probability_of_profit: float | None
    probability_reason: str
    probability_note: str
    expected_value: float | None
    early_exercise_value: float | None
    expected_value_note: str
    expected_shortfall: float | None
    lognormal: OddsView | None
    required_capital: float | None
    capital_note: str
    margin: float | None
    permission_level: int
    dte: int | None
    minutes_to_expiry: int | None
    events: list[str]
    spot: float | None
    crossing_cost: float | None
    greeks: DraftGreeksView
    legs: list[DraftLegView]
    probability_of_touch: list[TouchView]
    payoff: list[PayoffPointView]
    is_modelled: bool
    rate: float
    dividend_yield: float
    assumed: str
    chart: str | None = None
    valid_for_s: float | None = None
    refused_by: list[str] = Field(default_factory=list)
    next_steps: list[str] = Field(default_factory=list)


_STAGE = "Show the figures; trade_execute with this strategy_id stages it."
_REFUSED = "Show the person the figures; trade_execute would refuse it now, refused_by says why."
_TOO_HIGH = "Show the person the figures; only a person can raise OPTIONS_LEVEL, outside this conversation."


def strategy_answer(
    draft: Draft, *, monotonic: float, options_level: int, refused_by: Sequence[str] = ()
) -> StrategyAnswer:
    """A draft in full; one that a limit refuses, or above the level that a person has set, says so."""
    analysis, shape = draft.analysis, SHAPES[draft.strategy_type]
    too_high = [
        f"It needs options level {analysis.permission_level} and OPTIONS_LEVEL is {options_level}: "
        "trade_execute would refuse it."
    ] * (analysis.permission_level > options_level)
    return StrategyAnswer(
        summary=_summary(draft),
        warnings=[*analysis.warnings, *too_high],
        data_quality=quality_of([leg.quote for leg in analysis.legs], monotonic),
        read_as=list(draft.notes),
        strategy_id=draft.strategy_id,
        strategy_type=draft.strategy_type.value,
        symbol=draft.combo.symbol,
        quantity=draft.quantity,
        explanation=f"{shape.about} {shape.vega.words}",
        premium_words=analysis.premium_words,
        net_premium=num(analysis.net_premium),
        net_bid=num(draft.net_bid),
        net_mid=num(draft.net_mid),
        net_ask=num(draft.net_ask),
        cash=cash(analysis.cash),
        max_loss=_amount(analysis.max_loss),
        max_loss_reason=_reason(analysis.max_loss, analysis),
        max_profit=_amount(analysis.max_profit),
        max_profit_reason=_reason(analysis.max_profit, analysis),
        breakevens=[num(price, 4) for price in analysis.breakevens],
        probability_of_profit=num(analysis.probability_of_profit, 4),
        probability_reason=analysis.probability_missing,
        probability_note=analysis.probability_note,
        expected_value=cash(analysis.expected_value),
        early_exercise_value=cash(analysis.odds.early_exercise) if analysis.odds else None,
        expected_value_note=analysis.expected_value_note,
        expected_shortfall=cash(analysis.odds.expected_shortfall) if analysis.odds else None,
        lognormal=_odds(analysis.lognormal),
        required_capital=cash(analysis.required_capital),
        capital_note=analysis.capital_note,
        margin=cash(analysis.margin),
        permission_level=analysis.permission_level,
        dte=analysis.dte,
        minutes_to_expiry=analysis.minutes_to_expiry,
        events=list(draft.events),
        spot=num(draft.spot),
        crossing_cost=cash(analysis.crossing_cost),
        greeks=_greeks(analysis.greeks),
        legs=[_leg(leg) for leg in analysis.legs],
        probability_of_touch=[_touch(touch) for touch in analysis.touches],
        payoff=[_point(point) for point in analysis.payoff.table],
        is_modelled=analysis.payoff.is_modelled,
        rate=round(analysis.rate, 5),
        dividend_yield=round(analysis.dividend_yield, 5),
        assumed=analysis.assumed,
        valid_for_s=num(draft.expires - monotonic, 0),
        refused_by=list(refused_by),
        next_steps=[_TOO_HIGH if too_high else _REFUSED if refused_by else _STAGE],
    )


def _summary(draft: Draft) -> str:
    analysis = draft.analysis
    chance = analysis.probability_of_profit
    likely = "unknown" if chance is None else f"{chance:.0%}"
    zeros = ", ".join(f"{price:f}" for price in analysis.breakevens) or "none"
    return (
        f"{draft.strategy_type.words.capitalize()} on {draft.combo.symbol}, {draft.quantity}x: "
        f"{analysis.premium_words}. Max loss {_bound_words(analysis.max_loss)}, max profit "
        f"{_bound_words(analysis.max_profit)}, breakeven {zeros}, probability of profit {likely}."
    )


def _bound_words(bound: Bound | None) -> str:
    return "unknown" if bound is None else str(bound)


def _amount(bound: Bound | None) -> float | None:
    return cash(bound) if isinstance(bound, Money) else None


def _reason(bound: Bound | None, analysis: Analysis) -> str:
    if isinstance(bound, Unlimited):
        return bound.reason
    return analysis.payoff.reason if bound is None else ""


def _greeks(greeks: OrderGreeks) -> DraftGreeksView:
    return DraftGreeksView(
        delta=num(greeks.delta, 2),
        gamma=num(greeks.gamma, 4),
        theta=num(greeks.theta, 2),
        vega=num(greeks.vega, 2),
        rho=num(greeks.rho, 2),
        delta_dollars=num(greeks.delta_dollars, 2),
    )


def _leg(row: LegAnalysis) -> DraftLegView:
    contract, greeks = row.leg.contract, row.greeks
    option = contract if isinstance(contract, OptionContract) else None
    return DraftLegView(
        con_id=contract.con_id,
        label=contract.label,
        side="BUY" if row.leg.ratio > 0 else "SELL",
        ratio=abs(row.leg.ratio),
        right=option.right.value if option else None,
        strike=num(option.strike) if option else None,
        expiry=option.expiry.isoformat() if option else None,
        bid=num(row.quote.bid),
        ask=num(row.quote.ask),
        mid=num(row.quote.mid),
        # Of the same source as the Greeks beside it; our own repricing volatility stays inside.
        iv=num(greeks.iv, 4) if greeks else None,
        delta=num(greeks.delta, 4) if greeks else None,
        gamma=num(greeks.gamma) if greeks else None,
        theta=num(greeks.theta, 4) if greeks else None,
        vega=num(greeks.vega, 4) if greeks else None,
        source=greeks.source.value if greeks else None,
        greeks_missing=row.greeks_missing,
    )


def _touch(touch: Touch) -> TouchView:
    return TouchView(
        level=num(touch.level, 4),
        what=touch.what,
        probability=num(touch.probability, 4),
        lognormal=num(touch.lognormal, 4),
    )


def _odds(odds: Odds | None) -> OddsView | None:
    if odds is None:
        return None
    return OddsView(
        iv=num(odds.vol, 4),
        probability_of_profit=num(odds.profit, 4),
        expected_value=cash(odds.expected_value),
        expected_shortfall=cash(odds.expected_shortfall),
    )


def _point(point: PayoffPoint) -> PayoffPointView:
    return PayoffPointView(
        price=num(point.price, 4),
        pnl=cash(point.pnl),
        pnl_half_way=cash(point.half_way),
        pnl_today=cash(point.today),
        mark=point.mark,
    )
