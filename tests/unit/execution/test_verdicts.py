"""Steps of a look at one trade: a broken threshold fails, a missing figure is unknown, neither passes."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.support.fake_market import FakeClock, FakeDirectory, FakeMarket

from sumppump.domain.orders import Environment, Order, OrderType
from sumppump.domain.quotes import Feed
from sumppump.execution.dry_run import DryRun
from sumppump.execution.opportunity import Opportunity
from sumppump.execution.verdicts import Verdict, chain_step, risk_step, skipped, strategy_step, unknown
from sumppump.kernel.errors import Breach
from sumppump.kernel.money import Money, Premium
from sumppump.strategies.drafts import Draft, DraftBook
from sumppump.strategies.request import StrategyRequest
from sumppump.strategies.service import StrategyService

HELD = {"open_interest": 900, "volume": 50}


async def drafted(kind: str = "bull_put_spread") -> Draft:
    clock = FakeClock()
    service = StrategyService(
        directory=FakeDirectory(),
        market=FakeMarket(clock=clock),
        clock=clock,
        drafts=DraftBook(clock.monotonic),
    )
    return await service.build(StrategyRequest.read(strategy_type=kind, symbol="SPY", dte=30))


def told(draft: Draft, **facts: object) -> Draft:
    """The draft with other facts in the quote of each leg."""
    legs = tuple(
        replace(leg, quote=replace(leg.quote, **facts))  # type: ignore[arg-type]
        for leg in draft.analysis.legs
    )
    return replace(draft, analysis=replace(draft.analysis, legs=legs))


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        (HELD, Verdict.PASS),
        (HELD | {"open_interest": 49}, Verdict.FAIL),
        (HELD | {"open_interest": None}, Verdict.UNKNOWN),
        (HELD | {"feed": Feed.DELAYED}, Verdict.UNKNOWN),
        (HELD | {"bid": Premium(Decimal("0.10")), "ask": Premium(Decimal("9.00"))}, Verdict.FAIL),
        (HELD | {"bid": None, "open_interest": None}, Verdict.UNKNOWN),
    ],
)
async def test_the_chain_s_step(facts: dict[str, object], verdict: Verdict) -> None:
    assert chain_step(told(await drafted(), **facts)).verdict is verdict


@pytest.mark.parametrize(
    ("kind", "level", "verdict"),
    [
        ("bull_put_spread", 3, Verdict.PASS),
        ("bull_put_spread", 2, Verdict.FAIL),
        ("short_straddle", 4, Verdict.FAIL),
    ],
)
async def test_the_strategy_s_step(kind: str, level: int, verdict: Verdict) -> None:
    found = strategy_step(await drafted(kind), level)
    assert found.verdict is verdict
    assert f"level {level} or less" in found.threshold


async def test_a_strategy_without_odds_is_unknown() -> None:
    draft = await drafted()
    found = strategy_step(replace(draft, analysis=replace(draft.analysis, odds=None)), 4)
    assert found.verdict is Verdict.UNKNOWN


def breach(code: str, *, hard: bool = True) -> Breach:
    return Breach(control="C-15", code=code, message="m", expected="e", found="f", hard=hard)


@pytest.mark.parametrize(
    ("breaches", "verdict"),
    [
        ((breach("margin_too_large"),), Verdict.FAIL),
        ((breach("margin_too_large"), breach("c15_missing_margin")), Verdict.FAIL),
        ((breach("c15_missing_margin"),), Verdict.UNKNOWN),
        ((breach("market_closed", hard=False),), Verdict.UNKNOWN),
    ],
)
async def test_the_risk_s_step_without_a_what_if(breaches: tuple[Breach, ...], verdict: Verdict) -> None:
    """Warnings do not fail it, but without the broker's answer nothing passes."""
    draft = await drafted()
    order = Order(
        combo=draft.combo,
        quantity=1,
        order_type=OrderType.LMT,
        limit=draft.limit_price,
        account="SIM0000417",
        environment=Environment.SIM,
        order_ref="SP1-00000000000000000000000001",
    )
    assert risk_step(DryRun(order=order, breaches=breaches, margin=None, figures=None)).verdict is verdict


def test_one_unknown_step_keeps_the_whole_from_passing() -> None:
    request = StrategyRequest.read(strategy_type="long_call", symbol="SPY")
    whole = Opportunity(request=request, steps=(skipped("news", "x"), unknown("risk", "y")), draft=None)
    assert whole.verdict is Verdict.UNKNOWN


async def test_a_crossing_that_eats_the_gain_fails_however_small_it_is_beside_the_loss() -> None:
    """A credit of 12 against a loss of 988: to cross for 3 is a quarter of the gain."""
    draft = await drafted()
    gain = draft.analysis.max_profit
    assert isinstance(gain, Money)
    for part, verdict in (("0.05", Verdict.PASS), ("0.25", Verdict.FAIL)):
        crossing = Money(gain.amount * Decimal(part), gain.currency)
        dear = replace(draft, analysis=replace(draft.analysis, crossing_cost=crossing))
        assert strategy_step(dear, 4).verdict is verdict
