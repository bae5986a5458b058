"""Orders and facts for the policy's tests: a sound case, and ways to spoil one thing of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import settings

from sumppump.data.sessions import SessionStatus
from sumppump.domain.account import AccountFigures, Position
from sumppump.domain.combo import Combo, Leg
from sumppump.domain.instruments import Instrument, OptionContract, Right, Underlying
from sumppump.domain.orders import Environment, MarginPreview, Order, OrderState, OrderType, Purpose
from sumppump.domain.quotes import Quote
from sumppump.kernel.errors import Breach
from sumppump.kernel.money import Money, Premium
from sumppump.risk.facts import OrderFacts, RecentOrder
from sumppump.risk.limits import Limits
from sumppump.risk.modes import WriteGate
from sumppump.risk.policy import RiskPolicy

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
MONOTONIC = 1_000.0
ACCOUNT = "SIM1234567"
EXPIRY = date(2026, 12, 18)
LIMITS = Limits()
STEADY = settings(deadline=None, derandomize=True)

SPY = Underlying(con_id=1, symbol="SPY", primary_exchange="ARCA")


def option(
    strike: str, right: Right = Right.CALL, *, expiry: date = EXPIRY, **changes: Any
) -> OptionContract:
    """A listed SPY option; its con_id follows from right, strike and expiry."""
    con_id = int(Decimal(strike) * 100) * 10 + (1 if right is Right.CALL else 2) + expiry.toordinal() * 10**6
    base = OptionContract(
        con_id=con_id,
        symbol="SPY",
        right=right,
        strike=Decimal(strike),
        expiry=expiry,
        last_trade=datetime(expiry.year, expiry.month, expiry.day, 21, tzinfo=UTC),
        multiplier=100,
        trading_class="SPY",
    )
    return replace(base, **changes)


def quote(instrument: Instrument, bid: str | None, ask: str | None, **changes: Any) -> Quote:
    """A fresh live quote."""
    base = Quote(
        instrument=instrument,
        as_of=NOW,
        taken=MONOTONIC - 1,
        bid=None if bid is None else Premium.of(bid),
        ask=None if ask is None else Premium.of(ask),
    )
    return replace(base, **changes)


def combo(*legs: tuple[int, Instrument]) -> Combo:
    """A combo of (ratio, contract)."""
    return Combo(tuple(Leg(contract=contract, ratio=ratio) for ratio, contract in legs))


CALL_600 = option("600")
CALL_605 = option("605")
LONG_CALL = combo((1, CALL_600))
CALL_SPREAD = combo((1, CALL_600), (-1, CALL_605))
SHARES = combo((1, SPY))

QUOTES = {
    SPY.con_id: quote(SPY, "599.98", "600.00"),
    CALL_600.con_id: quote(CALL_600, "4.90", "5.00"),
    CALL_605.con_id: quote(CALL_605, "2.90", "3.00"),
}


def order(legs: Combo = CALL_SPREAD, limit: str | None = "2.05", **changes: Any) -> Order:
    """An opening LMT DAY order."""
    base = Order(
        combo=legs,
        quantity=1,
        order_type=OrderType.LMT,
        limit=None if limit is None else Premium.of(limit),
        account=ACCOUNT,
        environment=Environment.SIM,
        order_ref="SP1-00000000000000000000000001",
    )
    return replace(base, **changes)


def stop(legs: Combo, trigger: str, limit: str, **changes: Any) -> Order:
    """A protective STP LMT."""
    return order(
        legs, limit, order_type=OrderType.STP_LMT, stop=Premium.of(trigger), purpose=Purpose.STOP, **changes
    )


def margin(initial_after: str, *, currency: str = "USD") -> MarginPreview:
    """The broker's what-if; only the initial margin after matters here."""
    zero = Money.of(0, currency)
    return MarginPreview(
        initial_before=zero,
        initial_after=Money.of(initial_after, currency),
        maintenance_before=zero,
        maintenance_after=zero,
        equity_with_loan_after=zero,
    )


FIGURES = AccountFigures(
    account=ACCOUNT,
    as_of=NOW,
    taken=MONOTONIC,
    nlv=Money.of(250_000),
    excess_liquidity=Money.of(250_000),
    daily_pnl=Money.of(0),
    daily_pnl_taken=MONOTONIC,
)

FACTS = OrderFacts(
    monotonic=MONOTONIC,
    now=NOW,
    environment=Environment.SIM,
    account=ACCOUNT,
    gate=WriteGate(allowed=True),
    kill_set=False,
    quotes=QUOTES,
    figures=FIGURES,
    positions=(),
    margin=margin("205"),
    reserved_margin=Money.of(0),
    max_loss=Money.of(205),
    permission_level=2,
    recent=(),
    session=SessionStatus(is_open=True, closes=NOW + timedelta(hours=6), next_open=None),
)


def facts(**changes: Any) -> OrderFacts:
    """The sound facts with some of them changed."""
    return replace(FACTS, **changes)


def figures(**changes: Any) -> OrderFacts:
    """The sound facts with some account figures changed."""
    return facts(figures=replace(FIGURES, **changes))


def held(*rows: tuple[int, Instrument]) -> tuple[Position, ...]:
    """Positions of (quantity, contract)."""
    return tuple(
        Position(account=ACCOUNT, instrument=each, quantity=quantity, avg_cost=Decimal(1))
        for quantity, each in rows
    )


def recent(
    of: Order, state: OrderState = OrderState.LIVE, *, seconds_ago: float = 10, filled: int = 0
) -> RecentOrder:
    """One of our orders of a short while ago, with a reference of its own."""
    other = replace(of, order_ref="SP1-00000000000000000000000009") if of.order_ref.endswith("1") else of
    return RecentOrder(order=other, state=state, sent_at=MONOTONIC - seconds_ago, filled=filled)


CLOSING = CALL_SPREAD.reversed
OWNED = held((1, CALL_600), (-1, CALL_605))


def judge(of: Order, given: OrderFacts = FACTS, limits: Limits = LIMITS) -> tuple[Breach, ...]:
    """What the policy says."""
    return RiskPolicy(limits).judge(of, given)


def codes(of: Order, given: OrderFacts = FACTS, limits: Limits = LIMITS) -> set[str]:
    """The codes of every breach."""
    return {breach.code for breach in judge(of, given, limits)}
